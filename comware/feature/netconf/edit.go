package netconf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cwlab/comware/feature/config"
	"cwlab/emulator/netconf"
)

// The operations of an edit (RFC 6241 section 7.2).
const (
	opMerge   = "merge"
	opReplace = "replace"
	opCreate  = "create"
	opDelete  = "delete"
	opRemove  = "remove"
	opNone    = "none"
)

// A step is a command of a plan: the views that it stands under and its line.
type step struct {
	views []string
	line  string
	path  string // of the element that asks for it
}

// A change is an edit of one row that is planned.
type change struct {
	h    *host
	t    *table
	el   *netconf.Element
	op   string
	path string
	plan *[]step
}

func (c *change) do(views []string, line string) {
	*c.plan = append(*c.plan, step{views, line, c.path})
}

// operationIn is what an element asks for, what holds above it if it does not
// say.
func operationIn(e *netconf.Element, path, above string) (string, error) {
	op, ok := e.Attr(netconf.Base, "operation")
	switch {
	case !ok:
		return above, nil
	case slices.Contains([]string{opMerge, opReplace, opCreate, opDelete, opRemove}, op):
		return op, nil
	}
	return "", netconf.BadElement("bad-attribute", path, e.Name, "the operation is "+op)
}

// planOf turns the config element of a request into commands. Nothing has
// changed when it fails: all values are looked at first.
func (h *host) planOf(cfg *netconf.Element, byDefault string) ([]step, error) {
	plan := []step{}
	const path = "/rpc/edit-config/config"
	for _, top := range cfg.Kids {
		if top.Name != "top" || top.Space != configSpace {
			return nil, unexpected(path, top, "top of "+configSpace)
		}
		op, err := operationIn(top, path+"/top", byDefault)
		if err != nil {
			return nil, err
		}
		for _, m := range top.Kids {
			if err := h.planModule(m, path+"/top", op, &plan); err != nil {
				return nil, err
			}
		}
	}
	return plan, nil
}

func (h *host) planModule(m *netconf.Element, path, op string, plan *[]step) error {
	if !hasModule(m.Name) {
		return unexpected(path, m, "a module that the device has")
	}
	path += "/" + m.Name
	op, err := operationIn(m, path, op)
	if err != nil {
		return err
	}
	for _, l := range m.Kids {
		t := find(m.Name, l.Name)
		if t == nil {
			return unexpected(path, l, "a table of the module")
		}
		path := path + "/" + l.Name
		op, err := operationIn(l, path, op)
		if err != nil {
			return err
		}
		rows := l.Kids
		if t.row == "" {
			rows = []*netconf.Element{l}
		}
		for n, r := range rows {
			path, op := path, op
			if t.row != "" {
				if r.Name != t.row {
					return unexpected(path, r, t.row)
				}
				path = fmt.Sprintf("%s/%s[%d]", path, r.Name, n+1)
				if op, err = operationIn(r, path, op); err != nil {
					return err
				}
			}
			if t.edit == nil {
				return netconf.BadElement("operation-not-supported", path, r.Name, "the table cannot be written")
			}
			if err := t.edit(&change{h, t, r, op, path, plan}); err != nil {
				return err
			}
		}
	}
	return nil
}

// bad refuses a value.
func (c *change) bad(column, message string) error {
	return netconf.BadElement("invalid-value", c.path+"/"+column, column, message)
}

// missing is a row or a column that should be there, exists one that should
// not.
func (c *change) missing() error {
	return netconf.BadElement("data-missing", c.path, c.el.Name, "the entry does not exist")
}

func (c *change) exists() error {
	return netconf.BadElement("data-exists", c.path, c.el.Name, "the entry exists")
}

// key is the value of a key column.
func (c *change) key(name string) (string, error) {
	k := c.el.Child(name)
	if k == nil || k.Text == "" {
		return "", netconf.BadElement("missing-element", c.path, name, "the entry wants its key "+name)
	}
	return k.Text, nil
}

// A column that is written has its lines: one for a value, and the one that
// takes it back.
type written struct {
	line func(value string) (string, error)
	undo string
}

// columns plans the columns of a row under its views. now is the row as it is.
func (c *change) columns(views []string, now row, all map[string]written) error {
	named := map[string]bool{}
	for _, k := range c.el.Kids {
		named[k.Name] = true
		w, ok := all[k.Name]
		switch {
		case c.t.isKey(k.Name), k.Name == "Name" || k.Name == "AbbreviatedName":
			continue
		case !ok && now.value(k.Name) != "":
			return netconf.BadElement("operation-not-supported", c.path+"/"+k.Name, k.Name, "the column cannot be written")
		case !ok:
			return unexpected(c.path, k, "a column of the table")
		}
		op, err := operationIn(k, c.path+"/"+k.Name, c.op)
		if err != nil {
			return err
		}
		there := now.configured(k.Name)
		switch {
		case op == opNone, op == opRemove && !there:
		case op == opDelete && !there:
			return netconf.BadElement("data-missing", c.path+"/"+k.Name, k.Name, "the value is not configured")
		case op == opDelete, op == opRemove:
			c.do(views, w.undo)
		case op == opCreate && there:
			return netconf.BadElement("data-exists", c.path+"/"+k.Name, k.Name, "the value is configured")
		case now.value(k.Name) == k.Text && there:
		default:
			line, err := w.line(k.Text)
			if err != nil {
				return c.bad(k.Name, err.Error())
			}
			c.do(views, line)
		}
	}
	if c.op == opReplace {
		for _, col := range now {
			if w, ok := all[col.name]; ok && col.config && !named[col.name] {
				c.do(views, w.undo)
			}
		}
	}
	return nil
}

// text is a line with words behind a keyword. What would be more than one line
// is refused; how long it may be the command says.
func text(keyword string) func(string) (string, error) {
	return func(v string) (string, error) {
		if v == "" || strings.ContainsFunc(v, unicode.IsControl) {
			return "", errors.New("want text of one line")
		}
		return keyword + " " + v, nil
	}
}

// word is the same for one word.
func word(keyword string) func(string) (string, error) {
	return func(v string) (string, error) {
		if strings.ContainsFunc(v, unicode.IsSpace) {
			return "", errors.New("want one word")
		}
		return text(keyword)(v)
	}
}

// coded is a line for each code.
func coded(lines map[string]string) func(string) (string, error) {
	return func(v string) (string, error) {
		if line, ok := lines[v]; ok {
			return line, nil
		}
		return "", fmt.Errorf("the code %q is not defined", v)
	}
}

// options are those of an edit-config or a validate.
type options struct {
	byDefault, test, onError string
}

func optionsOf(op *netconf.Element) (options, error) {
	o := options{opMerge, "test-then-set", "stop-on-error"}
	for _, p := range []struct {
		name  string
		value *string
		may   []string
	}{
		{"default-operation", &o.byDefault, []string{opMerge, opReplace, opNone}},
		{"test-option", &o.test, []string{"test-then-set", "set", "test-only"}},
		{"error-option", &o.onError, []string{"stop-on-error", "continue-on-error", "rollback-on-error"}},
	} {
		e := op.Child(p.name)
		if e == nil {
			continue
		}
		if !slices.Contains(p.may, e.Text) {
			return o, netconf.BadElement("invalid-value", "/rpc/edit-config/"+p.name, p.name, fmt.Sprintf("%s is %q, want one of %s", p.name, e.Text, strings.Join(p.may, ", ")))
		}
		*p.value = e.Text
	}
	return o, nil
}

// editConfig is RFC 6241 section 7.2. The values of all rows are looked at
// first, whatever the test-option is.
func (h *host) editConfig(s *netconf.Session, op *netconf.Element, done func([]*netconf.Element, error)) {
	err := netconf.RunningTarget(op, "target")
	o, oerr := optionsOf(op)
	cfg := op.Child("config")
	switch {
	case err != nil:
		done(nil, err)
		return
	case oerr != nil:
		done(nil, oerr)
		return
	case cfg == nil:
		done(nil, netconf.BadElement("missing-element", "/rpc/edit-config", "config", "edit-config wants a config"))
		return
	}
	plan, err := h.planOf(cfg, o.byDefault)
	if err == nil && len(plan) > maxLines {
		err = tooMany("/rpc/edit-config/config", "config")
	}
	if err != nil || o.test == "test-only" {
		done(nil, err)
		return
	}
	h.run(s, plan, o.onError, done)
}

// validate is RFC 6241 section 8.6.4.1.
func (h *host) validate(_ *netconf.Session, op *netconf.Element) ([]*netconf.Element, error) {
	if source := op.Child("source"); source != nil && source.Child("config") != nil {
		_, err := h.planOf(source.Child("config"), opMerge)
		return nil, err
	}
	return nil, netconf.RunningTarget(op, "source")
}

// run types the commands of a plan.
func (h *host) run(s *netconf.Session, plan []step, onError string, done func([]*netconf.Element, error)) {
	before := ""
	if onError == "rollback-on-error" {
		before = config.Running(h.box)
	}
	var errs []error
	i := 0
	var next func()
	next = func() {
		if i == len(plan) || len(errs) > 0 && onError != "continue-on-error" {
			if len(errs) > 0 && before != "" && !config.Restore(h.box, before) {
				errs = append(errs, errNotRestored)
			}
			done(nil, errors.Join(errs...))
			return
		}
		p := plan[i]
		b := batch(s, append(slices.Clone(p.views), p.line)...)
		b.Configure, b.Unlogged = true, true
		h.one(s, b, p, func(err error) {
			if err != nil {
				errs = append(errs, err)
			}
			i++
			next()
		})
	}
	next()
}

// refused is a command that was not done, with what the device said.
func (p step) refused(said string) error {
	said = strings.TrimSpace(said)
	tag := "operation-failed"
	if strings.HasPrefix(said, "Permission denied") {
		tag = "access-denied"
	}
	if _, after, caret := strings.Cut(said, "^\n"); caret {
		said = strings.TrimSpace(after)
	}
	return &netconf.Error{Type: "application", Tag: tag, Path: p.path, Message: p.line + ": " + said}
}
