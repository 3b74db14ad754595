package netconf

import (
	"fmt"
	"strconv"
	"strings"

	"cwlab/comware/feature"
	"cwlab/comware/feature/config"
	"cwlab/emulator/netconf"
)

type element = netconf.Element

func denied(what string) error {
	return netconf.Failed("access-denied", "the roles of the user do not permit "+what)
}

// permits says whether the roles of somebody permit a command of user view.
func (h *host) permits(p *Peer, line string) bool {
	b := h.box
	s := feature.NewShell(b, nil, "")
	s.User, s.Roles = p.User, p.Roles
	m, err := b.Image.Grammar.Read("user", line, s.Env())
	return err == nil && (b.Permit == nil || b.Permit(s, m.Command.Data.(*feature.Command)))
}

// batch is commands that run as those of the person of a session.
func batch(s *netconf.Session, lines ...string) *feature.Batch {
	p := peerOf(s)
	return &feature.Batch{Roles: p.Roles, Lines: lines, Line: p.Line, User: p.User, From: p.From}
}

// silent is Echo for a batch of which only the messages are wanted.
func silent(string, string) string { return "" }

// one runs a batch up to the first command that is refused; done hears of that
// as of the step that it is for.
func (h *host) one(s *netconf.Session, b *feature.Batch, p step, done func(error)) {
	b.Strict, b.Echo = true, silent
	b.Done = func(said string, ok bool) {
		if ok {
			done(nil)
			return
		}
		done(p.refused(said))
	}
	h.start(s, b)
}

// start runs a batch, which ends with the session.
func (h *host) start(s *netconf.Session, b *feature.Batch) {
	s.Cancel = b.Stop
	b.Run(h.box)
}

// getSessions lists the sessions.
func (h *host) getSessions(*netconf.Session, *element) ([]*element, error) {
	const ns = netconf.Base
	list := netconf.Node(ns, "get-sessions")
	for _, s := range h.server.Sessions() {
		p := peerOf(s)
		list.Kids = append(list.Kids, netconf.Node(ns, "Session",
			netconf.Leaf(ns, "SessionID", strconv.FormatUint(uint64(s.ID()), 10)), netconf.Leaf(ns, "Line", p.Line), netconf.Leaf(ns, "UserName", p.User),
			netconf.Leaf(ns, "Since", p.Since.Format("2006-01-02T15:04:05")), netconf.Leaf(ns, "LockHeld", strconv.FormatBool(s.Locked()))))
	}
	return []*element{list}, nil
}

// maxLine is the length of a command in bytes, maxLines how many an operation
// may have.
const (
	maxLine  = 510
	maxLines = 5000
)

func tooMany(path, name string) error {
	return netconf.BadElement("too-big", path, name, fmt.Sprintf("these are more than %d commands", maxLines))
}

// cli runs commands: from user view, or as configuration from system view. What
// a screen would show is the reply, refusals included.
func (h *host) cli(s *netconf.Session, op *element, done func([]*element, error)) {
	if len(op.Kids) != 1 || op.Kids[0].Name != "Execution" && op.Kids[0].Name != "Configuration" {
		done(nil, netconf.BadElement("bad-element", "/rpc/CLI", "CLI", "CLI wants one Execution or one Configuration"))
		return
	}
	what := op.Kids[0]
	var lines []string
	for l := range strings.Lines(what.Text) {
		switch l = strings.TrimSpace(l); {
		case len(l) > maxLine:
			done(nil, netconf.BadElement("too-big", "/rpc/CLI/"+what.Name, what.Name, fmt.Sprintf("a command has %d bytes, at most %d fit", len(l), maxLine)))
			return
		case len(lines) == maxLines:
			done(nil, tooMany("/rpc/CLI/"+what.Name, what.Name))
			return
		case l != "":
			lines = append(lines, l)
		}
	}
	t := batch(s, lines...)
	t.Configure = what.Name == "Configuration"
	onError, _ := what.Attr("", "error-option")
	before := ""
	if t.Configure && onError == "rollback-on-error" {
		before = config.Running(h.box)
	}
	t.Strict = onError == "stop-on-error" || before != ""
	t.Done = func(said string, ok bool) {
		if !ok && before != "" && !config.Restore(h.box, before) {
			done(nil, errNotRestored)
			return
		}
		done([]*element{netconf.Node(netconf.Base, "CLI", netconf.Leaf(netconf.Base, what.Name, said))}, nil)
	}
	h.start(s, t)
}

var errNotRestored = netconf.Failed("rollback-failed", "the configuration from before could not be restored")

// fileOf is the file that an operation names, "" for none.
func fileOf(op *element) (string, error) {
	name := op.Value("file")
	if name == "" {
		return "", nil
	}
	if _, err := word("")(name); err != nil {
		return "", netconf.BadElement("invalid-value", "/rpc/"+op.Name+"/file", "file", err.Error())
	}
	return name, nil
}

// save saves the configuration: to the next startup file, or to the one that
// is named.
func (h *host) save(s *netconf.Session, op *element, done func([]*element, error)) {
	name, err := fileOf(op)
	if err != nil {
		done(nil, err)
		return
	}
	line := "save force"
	if name != "" {
		line = "save " + name
		over, _ := op.Attr("", "OverWrite")
		if path, err := h.box.Flash.Resolve("", name); err == nil && over == "false" {
			if _, there := h.box.Flash.Stat(path); there {
				done(nil, netconf.Failed("data-exists", "the file "+name+" exists"))
				return
			}
		}
	}
	h.one(s, batch(s, line), step{line: line}, func(err error) { done(nil, err) })
}

// textOf is the configuration in the file that an operation names, for somebody
// who may do everything: its commands are not looked at one by one.
func (h *host) textOf(s *netconf.Session, op *element) (string, error) {
	name, err := fileOf(op)
	if err != nil {
		return "", err
	}
	if !peerOf(s).master() {
		return "", denied(op.Name)
	}
	path, err := h.box.Flash.Resolve("", name)
	f, ok := h.box.Flash.Read(path)
	switch {
	case name == "":
		return "", netconf.BadElement("missing-element", "/rpc/"+op.Name, "file", op.Name+" wants a file")
	case err != nil || !ok || !strings.HasSuffix(strings.ToLower(path), ".cfg"):
		return "", netconf.Failed("operation-failed", "there is no configuration file "+name)
	}
	return f.Data, nil
}

// load enters what a file has and the configuration has not.
func (h *host) load(s *netconf.Session, op *element) ([]*element, error) {
	text, err := h.textOf(s, op)
	if err == nil && !config.Merge(h.box, text) {
		err = netconf.Failed("operation-failed", "some lines of the file did not take effect")
	}
	return nil, err
}

// rollback returns to the configuration of a file.
func (h *host) rollback(s *netconf.Session, op *element) ([]*element, error) {
	text, err := h.textOf(s, op)
	if err == nil && !config.Restore(h.box, text) {
		err = netconf.Failed("rollback-failed", "the configuration is not that of the file")
	}
	return nil, err
}

// action makes and removes logical interfaces, and gives interfaces their
// default settings.
func (h *host) action(s *netconf.Session, op *element, done func([]*element, error)) {
	plan := []step{}
	const path = "/rpc/action/top/Ifmgr"
	for _, top := range op.Kids {
		if top.Name != "top" || top.Space != actionSpace {
			done(nil, unexpected("/rpc/action", top, "top of "+actionSpace))
			return
		}
		for _, m := range top.Kids {
			for _, l := range m.Kids {
				for n, r := range l.Kids {
					p, err := step{}, error(nil)
					switch {
					case m.Name == "Ifmgr" && l.Name == "LogicInterfaces" && r.Name == "Interface":
						p, err = h.logical(r)
					case m.Name == "Ifmgr" && l.Name == "Interfaces" && r.Name == "Interface" && r.Child("Default") != nil:
						p, err = h.restore(r)
					default:
						err = unexpected("/rpc/action/top/"+m.Name+"/"+l.Name, r, "an action that the device has")
					}
					if err != nil {
						done(nil, err)
						return
					}
					p.path = fmt.Sprintf("%s/%s/%s[%d]", path, l.Name, r.Name, n+1)
					plan = append(plan, p)
				}
			}
		}
	}
	h.run(s, plan, "stop-on-error", done)
}

// logical makes or removes a LoopBack interface.
func (h *host) logical(r *element) (step, error) {
	number := r.Value("Number")
	_, err := strconv.ParseUint(number, 10, 16)
	switch {
	case r.Value("IfTypeExt") != loopBackType:
		return step{}, netconf.BadElement("invalid-value", "", "IfTypeExt", "the type is "+r.Value("IfTypeExt")+", want "+loopBackType+", a LoopBack")
	case err != nil:
		return step{}, netconf.BadElement("invalid-value", "", "Number", "want a number")
	}
	line := "interface LoopBack" + number
	if r.Child("Remove") != nil {
		line = "undo " + line
	}
	return step{line: line}, nil
}

// restore gives an interface its default settings.
func (h *host) restore(r *element) (step, error) {
	c := &change{h: h, el: r, path: "/rpc/action/top/Ifmgr/Interfaces/Interface"}
	i, err := c.iface()
	switch {
	case err != nil:
		return step{}, err
	case i == nil:
		return step{}, c.bad("IfIndex", "there is no such interface")
	}
	return step{views: []string{"interface " + i.Name()}, line: "default"}, nil
}
