package login

import (
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// Places of the lines of a line view.
const (
	placeAuth    = 10
	placeRole    = 20
	placeIn      = 30
	placeIdle    = 40
	placeScreen  = 50
	placeHistory = 60
	placeSecret  = 70
	placeOther   = 80
)

var lineCommands = []feature.Command{
	command("line { aux | console | tty | vty } <first:0-63> [ <last:0-63> ]", enterLine),
	command("line <index:0-73> [ <last:0-73> ]", enterIndex),
	command("user-interface { aux | console | tty | vty } <first:0-63> [ <last:0-63> ]", enterLine),
	command("user-interface <index:0-73> [ <last:0-73> ]", enterIndex),
	command("line class { aux | console | tty | vty }", enterLineClass),
	command("user-interface class { aux | console | tty | vty }", enterLineClass),
}

func enterLine(x *feature.Exec, a *cli.Args) {
	last := a.Int("first")
	if a.Has("last") {
		last = a.Int("last")
	}
	openLines(x, a.Token(1), a.Int("first"), last)
}

func enterIndex(x *feature.Exec, a *cli.Args) {
	first := a.Int("index")
	last := first
	if a.Has("last") {
		last = a.Int("last")
	}
	switch {
	case first == 0 && last == 0:
		openLines(x, "console", 0, 0)
	case first >= vtyIndex:
		openLines(x, "vty", first-vtyIndex, last-vtyIndex)
	default:
		x.Error("Invalid line number.")
	}
}

// openLines goes to the view of lines of one kind. Lines that are configured
// together with others get a view of their own.
func openLines(x *feature.Exec, kind string, first, last int) {
	if kind != "vty" && (first != 0 || last != 0) || last < first {
		x.Error("Invalid line number.")
		return
	}
	suffix := fmt.Sprintf("line-%s%d", kind, first)
	if last > first {
		suffix += fmt.Sprintf("-%d", last)
	}
	root := x.Box.Conf.Root()
	short := strings.Replace(kind, "console", "con", 1)
	if !x.Shell.Booting { // the views of a startup file stay as they were printed
		join(root, short)
	}
	for _, n := range slices.Clone(root.Kids()) {
		if strings.HasPrefix(n.Text, "line "+short+" ") {
			cut(x.Box, n, short, first, last)
		}
	}
	var nodes []*conf.Node
	for _, n := range root.Kids() {
		if strings.HasPrefix(n.Text, "line "+short+" ") {
			if from, to := span(n); first <= from && to <= last {
				nodes = append(nodes, n)
			}
		}
	}
	if len(nodes) == 0 {
		nodes = append(nodes, openNode(root, short, first, last))
	}
	x.Enter(feature.ViewState{Name: "line", Suffix: suffix, Node: nodes[0], Obj: nodes})
}

func openNode(root *conf.Node, kind string, first, last int) *conf.Node {
	text := fmt.Sprintf("line %s %d", kind, first)
	if last > first {
		text += fmt.Sprintf(" %d", last)
	}
	return root.Open(feature.PlaceLine, text, text)
}

// copyNode makes a view of lines with the settings of another.
func copyNode(root, from *conf.Node, kind string, first, last int) {
	n := openNode(root, kind, first, last)
	for _, c := range from.Kids() {
		n.Set(c.Order, c.Key, c.Text)
	}
}

// cut makes several views of one that stands across the ends of first to last.
func cut(b *feature.Box, n *conf.Node, kind string, first, last int) {
	from, to := span(n)
	if to < first || last < from || first <= from && to <= last {
		return
	}
	root := n.Parent()
	b.Drop(n)
	root.Remove(n.Key)
	if from < first {
		copyNode(root, n, kind, from, first-1)
	}
	copyNode(root, n, kind, max(from, first), min(to, last))
	if last < to {
		copyNode(root, n, kind, last+1, to)
	}
}

// join makes one view of neighbours that say the same.
func join(root *conf.Node, kind string) {
	for again := true; again; {
		again = false
		var before *conf.Node
		for _, n := range root.Kids() {
			if !strings.HasPrefix(n.Text, "line "+kind+" ") {
				continue
			}
			if before != nil && slices.Equal(before.Block(0)[1:], n.Block(0)[1:]) {
				from, end := span(before)
				if next, to := span(n); next == end+1 {
					root.Remove(n.Key)
					root.Remove(before.Key)
					copyNode(root, n, kind, from, to)
					again = true
					break
				}
			}
			before = n
		}
	}
}

func enterLineClass(x *feature.Exec, a *cli.Args) {
	text := "line class " + a.Token(2)
	x.Enter(feature.ViewState{Name: "line-class", Suffix: "line-class-" + a.Token(2), Node: x.Node().Open(feature.PlaceLineClass, text, text)})
}

// lineNodes are the views that a command given in a line view acts on.
func lineNodes(x *feature.Exec) []*conf.Node {
	if nodes, ok := x.View().Obj.([]*conf.Node); ok {
		return nodes
	}
	return []*conf.Node{x.Node()}
}

// setLine sets a line in all views of a line view; a text that is the default
// is taken out.
func setLine(x *feature.Exec, place int, key, text, byDefault string) {
	for _, n := range lineNodes(x) {
		if text == byDefault {
			n.Remove(key)
		} else {
			n.Set(place, key, text)
		}
	}
}

func removeLine(x *feature.Exec, key string) {
	for _, n := range lineNodes(x) {
		n.Remove(key)
	}
}

// inLine is a command of the line views.
func inLine(syntax string, run func(x *feature.Exec, a *cli.Args)) feature.Command {
	return texts.Command("line line-class", syntax, run)
}

// settled is a setting of one line and its undo form.
func settled(place int, syntax, key, byDefault string) []feature.Command {
	return []feature.Command{
		inLine(syntax, func(x *feature.Exec, a *cli.Args) { setLine(x, place, key, a.Line(), byDefault) }),
		inLine("undo "+key, func(x *feature.Exec, _ *cli.Args) { removeLine(x, key) }),
	}
}

var settingCommands = slices.Concat(
	[]feature.Command{
		inLine("authentication-mode { none | password | scheme }", func(x *feature.Exec, a *cli.Args) {
			setLine(x, placeAuth, "authentication-mode", a.Line(), "authentication-mode "+lineDefault(x.Node().Text))
		}),
		inLine("undo authentication-mode", func(x *feature.Exec, _ *cli.Args) { removeLine(x, "authentication-mode") }),
		inLine("user-role <role:string:1-63>", func(x *feature.Exec, a *cli.Args) {
			role := a.Str("role")
			switch {
			case !plain(x, role):
			case !roleExists(x.Box, role) && !x.Quiet() || role == "security-audit":
				x.Error("The user role does not exist.")
			default:
				setLine(x, placeRole, a.Line(), a.Line(), "")
			}
		}),
		inLine("undo user-role [ <role:string:1-63> ]", func(x *feature.Exec, a *cli.Args) {
			for _, n := range lineNodes(x) {
				n.RemoveAll(func(key string) bool {
					return a.Has("role") && key == "user-role "+a.Str("role") || !a.Has("role") && strings.HasPrefix(key, "user-role ")
				})
			}
		}),
		inLine("protocol inbound { all | pad | ssh | telnet }", func(x *feature.Exec, a *cli.Args) {
			for _, n := range lineNodes(x) {
				if mode := n.Child("authentication-mode"); a.Has("ssh") && !x.Quiet() && (mode == nil || mode.Text != "authentication-mode scheme") {
					x.Error("Authentication mode must be scheme for SSH.")
					return
				}
			}
			setLine(x, placeIn, "protocol inbound", a.Line(), "protocol inbound all")
		}),
		inLine("undo protocol inbound", func(x *feature.Exec, _ *cli.Args) { removeLine(x, "protocol inbound") }),
		inLine("idle-timeout <minutes:0-35791> [ <seconds:0-59> ]", func(x *feature.Exec, a *cli.Args) {
			text := fmt.Sprintf("idle-timeout %d %d", a.Int("minutes"), a.Int("seconds"))
			setLine(x, placeIdle, "idle-timeout", text, fmt.Sprintf("idle-timeout %d 0", defaultIdle))
		}),
		inLine("undo idle-timeout", func(x *feature.Exec, _ *cli.Args) { removeLine(x, "idle-timeout") }),
		inLine("set authentication password { hash | simple } <password:string:1-110>", func(x *feature.Exec, a *cli.Args) {
			const max = 16
			if a.Has("simple") && len(a.Str("password")) > max {
				x.Error("The password must have 1 to 16 characters.")
				return
			}
			if a.Has("hash") && !plain(x, a.Str("password")) {
				return
			}
			setLine(x, placeSecret, "set authentication password", "set authentication password hash "+secret(x, a), "")
		}),
		inLine("undo set authentication password", func(x *feature.Exec, _ *cli.Args) { removeLine(x, "set authentication password") }),
		inLine("undo shell", func(x *feature.Exec, _ *cli.Args) {
			if name := x.View().Suffix; strings.Contains(name, "con") {
				x.Error("The console line always has terminal service.")
				return
			}
			nodes := lineNodes(x)
			x.Confirm("Disable "+x.View().Suffix+" , are you sure? [Y/N]:", func(yes bool) {
				for _, n := range nodes {
					if yes {
						n.Set(placeOther, "shell", "undo shell")
					}
				}
			})
		}),
		inLine("shell", func(x *feature.Exec, _ *cli.Args) { removeLine(x, "shell") }),
		inLine("auto-execute command <command:text:1-128>", func(x *feature.Exec, a *cli.Args) {
			if strings.Contains(x.View().Suffix, "con") {
				x.Error("The console line runs no command by itself.")
				return
			}
			nodes, text := lineNodes(x), a.Line()
			x.Confirm("This action will lead to configuration failure through "+x.View().Suffix+". Are you sure? [Y/N]:", func(yes bool) {
				for _, n := range nodes {
					if yes {
						n.Set(placeOther, "auto-execute command", text)
					}
				}
			})
		}),
		inLine("undo auto-execute command", func(x *feature.Exec, _ *cli.Args) { removeLine(x, "auto-execute command") }),
		inLine("escape-key { default | <key:string:1-3> }", func(x *feature.Exec, a *cli.Args) {
			setLine(x, placeOther, "escape-key", a.Line(), "escape-key default")
		}),
		inLine("undo escape-key", func(x *feature.Exec, a *cli.Args) { setLine(x, placeOther, "escape-key", a.Line(), "") }),
	},
	applied("screen-length <lines:0-512>", "screen-length", placeScreen, defaultScreen),
	applied("history-command max-size <size:0-256>", "history-command max-size", placeHistory, defaultHistory),
	settled(placeOther, "terminal type { ansi | vt100 }", "terminal type", "terminal type ansi"),
	settled(placeOther, "activation-key <key:string:1-3>", "activation-key", "activation-key 13"),
	keptSettings,
)

// applied is a number that the sessions on the line have at once, and its undo
// form.
func applied(syntax, key string, place, byDefault int) []feature.Command {
	return []feature.Command{
		inLine(syntax, func(x *feature.Exec, a *cli.Args) {
			setLine(x, place, key, a.Line(), key+" "+itoa(byDefault))
			applyLines(x.Box)
		}),
		inLine("undo "+key, func(x *feature.Exec, _ *cli.Args) {
			removeLine(x, key)
			applyLines(x.Box)
		}),
	}
}

// keptSettings are of a serial port, which the emulator's console is not, and
// of AAA servers.
var keptSettings = func() []feature.Command {
	var all []feature.Command
	for _, k := range []struct{ views, syntax, byDefault string }{
		{"line", "speed <bps:300-115200>", "speed 9600"},
		{"line", "databits { 5 | 6 | 7 | 8 }", "databits 8"},
		{"line", "parity { even | mark | none | odd | space }", "parity none"},
		{"line", "stopbits { 1 | 2 }", "stopbits 1"},
		{"line", "stopbit-error intolerance", ""},
		{"line", "flow-control { hardware | none | software }", "flow-control none"},
		{"line line-class", "command authorization", ""},
		{"line line-class", "command accounting", ""},
	} {
		c := texts.Command(k.views, k.syntax, nil)
		c.Keep = &feature.Keep{Place: placeOther, Default: k.byDefault}
		all = append(all, c)
	}
	return all
}()
