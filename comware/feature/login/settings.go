package login

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// Lines of a device: the console and 64 virtual ones. Index 1 to 9 are those
// that a model of this family has no ports for.
const (
	vtyLines = 64
	vtyIndex = 10
)

// VTY is the name of virtual line n, "" if there is none.
func VTY(n int) string {
	if n < 0 || n >= vtyLines {
		return ""
	}
	return LineID{"vty", n}.String()
}

// A LineID is one line.
type LineID struct {
	Kind string // "con" or "vty"
	N    int
}

// Index is the absolute index of the line.
func (l LineID) Index() int {
	if l.Kind == "vty" {
		return vtyIndex + l.N
	}
	return 0
}

// String is the name of the line: con0.
func (l LineID) String() string { return l.Kind + itoa(l.N) }

// Title is how displays write it: CON 0.
func (l LineID) Title() string { return strings.ToUpper(l.Kind) + " " + itoa(l.N) }

// class is what the line's class is called.
func (l LineID) class() string {
	if l.Kind == "con" {
		return "console"
	}
	return l.Kind
}

// allLines are the lines of a device in order of their indexes.
func allLines() []LineID {
	all := []LineID{{"con", 0}}
	for n := range vtyLines {
		all = append(all, LineID{"vty", n})
	}
	return all
}

// lineOf is the line of that name.
func lineOf(name string) (LineID, bool) {
	i := slices.IndexFunc(allLines(), func(l LineID) bool { return l.String() == name })
	if i < 0 {
		return LineID{}, false
	}
	return allLines()[i], true
}

// Settings are what the configuration says of one line, its class and the
// defaults included.
type Settings struct {
	Auth        string // "none", "password" or "scheme"
	Secret      string // hash of the line's password, "" for none
	Roles       []string
	Idle        time.Duration // 0 for never
	Screen      int           // lines of a page, 0 for no paging
	History     int           // commands
	Inbound     string        // "all", "ssh", "telnet" or "pad"
	Activation  byte          // key that starts a session
	Escape      byte          // key that stops a command, 0 for none
	Terminal    string        // "ansi" or "vt100"
	AutoExecute string        // command that is run after login, "" for none
	Shell       bool          // terminal service
}

// Defaults of a line.
const (
	defaultIdle       = 10 // minutes
	defaultScreen     = 24
	defaultHistory    = 10 // commands
	defaultActivation = '\r'
	defaultEscape     = 3 // Ctrl+C
)

// LineSettings is what the line of that name, such as con0 or vty3, is
// configured with.
func LineSettings(b *feature.Box, name string) Settings {
	l, _ := lineOf(name)
	get := func(key string) []string { return lineSetting(b, l, key) }
	number := func(f []string, or int) int {
		if len(f) == 0 {
			return or
		}
		n, _ := strconv.Atoi(f[len(f)-1])
		return n
	}
	word := func(f []string, or string) string {
		if len(f) == 0 {
			return or
		}
		return f[len(f)-1]
	}
	s := Settings{Secret: word(get("set authentication password"), ""), Roles: lineRoles(b, l),
		Screen: number(get("screen-length"), defaultScreen), History: number(get("history-command max-size"), defaultHistory),
		Activation: keyOf(word(get("activation-key"), ""), defaultActivation), Escape: keyOf(word(get("escape-key"), ""), defaultEscape),
		Terminal: word(get("terminal type"), "ansi"), Shell: len(get("shell")) == 0, Idle: defaultIdle * time.Minute}
	s.Auth, s.Inbound = admission(b, l)
	if f := get("idle-timeout"); len(f) == 3 {
		s.Idle = time.Duration(number(f[:2], 0))*time.Minute + time.Duration(number(f, 0))*time.Second
	}
	if f := get("auto-execute command"); len(f) > 2 {
		s.AutoExecute = strings.Join(f[2:], " ")
	}
	if f := get("escape-key"); len(f) > 0 && f[0] == "undo" {
		s.Escape = 0
	}
	return s
}

// keyOf reads a key: a character, or its code.
func keyOf(s string, or byte) byte {
	if n, err := strconv.Atoi(s); err == nil && len(s) > 1 && n < 128 {
		return byte(n)
	}
	if len(s) == 1 {
		return s[0]
	}
	return or
}

// holds says whether a line of the configuration is for the device's line.
func holds(n *conf.Node, l LineID) bool {
	f := strings.Fields(n.Text)
	if len(f) < 3 || f[0] != "line" || f[1] != l.Kind {
		return false
	}
	first, last := span(n)
	return first <= l.N && l.N <= last
}

// span is the numbers of the lines of a view of lines.
func span(n *conf.Node) (first, last int) {
	f := strings.Fields(n.Text)
	first, _ = strconv.Atoi(f[2])
	last, _ = strconv.Atoi(f[len(f)-1])
	return first, last
}

// viewsOf are the views that a line's settings come from, the first that says
// something counts: the line's own, its class's.
func viewsOf(b *feature.Box, l LineID) (own, class *conf.Node) {
	root := b.Conf.Root()
	if i := slices.IndexFunc(root.Kids(), func(n *conf.Node) bool { return holds(n, l) }); i >= 0 {
		own = root.Kids()[i]
	}
	return own, root.Child("line class " + l.class())
}

// lineSetting is the words of a setting of a line, nil for the default.
func lineSetting(b *feature.Box, l LineID, key string) []string {
	own, class := viewsOf(b, l)
	for _, n := range []*conf.Node{own, class} {
		if n != nil {
			if c := n.Child(key); c != nil {
				return strings.Fields(c.Text)
			}
		}
	}
	return nil
}

// admission is the authentication mode and the protocols of a line. They
// belong together: a line that sets one of them takes none from its class.
func admission(b *feature.Box, l LineID) (auth, inbound string) {
	auth, inbound = lineDefault("line "+l.Kind), "all"
	own, class := viewsOf(b, l)
	for _, n := range []*conf.Node{own, class} {
		if n == nil {
			continue
		}
		a, p := n.Child("authentication-mode"), n.Child("protocol inbound")
		if a != nil {
			auth = strings.Fields(a.Text)[1]
		}
		if p != nil {
			inbound = strings.Fields(p.Text)[2]
		}
		if a != nil || p != nil {
			break
		}
	}
	return auth, inbound
}

// lineDefault is the authentication mode that a line has by itself.
func lineDefault(view string) string {
	if strings.HasPrefix(view, "line vty") || view == "line class vty" {
		return "password"
	}
	return "none"
}

// lineRoles are the roles of those who log in without a user of their own.
func lineRoles(b *feature.Box, l LineID) []string {
	own, class := viewsOf(b, l)
	for _, n := range []*conf.Node{own, class} {
		if roles := rolesIn(n, "user-role "); len(roles) > 0 {
			return roles
		}
	}
	if l.Kind == "con" {
		return []string{"network-admin"}
	}
	return []string{"network-operator"}
}

// rolesIn are what the lines of a view that begin with the prefix go on with.
func rolesIn(n *conf.Node, prefix string) []string {
	var roles []string
	if n != nil {
		for _, c := range n.Kids() {
			if r, ok := strings.CutPrefix(c.Text, prefix); ok {
				roles = append(roles, r)
			}
		}
	}
	return roles
}

// applyLines gives the sessions that are open the page length and the history
// of their lines.
func applyLines(b *feature.Box) {
	for _, s := range b.Shells {
		if _, ok := lineOf(s.Name); ok {
			set := LineSettings(b, s.Name)
			s.Term.SetPageLength(set.Screen)
			s.Term.SetHistorySize(set.History)
		}
	}
}
