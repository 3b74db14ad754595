// Package cli is the command grammar engine of a Comware V7 device: commands
// written in the notation of the command reference are compiled into a token
// graph, and lines are matched against it as Comware matches them, with
// abbreviations, the five errors and their caret column, `?` lists and Tab.
//
// It knows no command and no terminal: what a line means is up to the owner of
// the matched Command, what is printed is up to the session.
//
// The rules are those of the H3C "Using the CLI" configuration guide: keywords
// are case-insensitive and may be cut to a unique prefix, an exact keyword
// beats a longer one, arguments are case-sensitive, strings with blanks stand
// in double quotes.
//
// A Grammar is built once and then only read, so any number of devices may
// share one.
//
// # Notation
//
//	keyword            a keyword
//	{ a | b }          one of them
//	[ a | b ]          one of them or none
//	{ a | b } *        at least one of them, each at most once, in any order
//	[ a | b ] *        any of them, each at most once, in any order
//	x &<1-8>           x, one to eight times
//	<n:1-300>          an integer in a range
//	<s:string:1-63>    one word, or a quoted string, of 1 to 63 characters
//	<t:text:1-255>     the rest of the line, 1 to 255 characters
//	<a:ip>             a dotted IPv4 address
//	<a:ipv6>           an IPv6 address
//	<m:mask>           a dotted mask, or its length 0-32
//	<w:wildcard>       a dotted wildcard mask, or 0
//	<i:interface>      an interface in any spelling; Env says whether it may be
//	<t:iftype>         a type of interfaces, beside an interface
//	<h:hex:1-8>        hexadecimal digits
//	<m:mac>            a MAC address H-H-H
//	<t:time>           hh:mm:ss
//	<t:minute>         hh:mm, up to 24:00
//	<d:date>           MM/DD/YYYY or YYYY/MM/DD
package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Command is one command of the grammar.
type Command struct {
	Views  string // names of the views it belongs to, or "any"
	Syntax string // in the manual's notation, see the package comment
	Help   string // "token=text; token=text; <arg>=text"
	Data   any    // whatever the owner wants back from Parse
	Hidden bool   // accepted, but not offered by `?` and Tab

	seq   []node
	views []string
	order int
}

// Any is the view name of a command that every view has.
const Any = "any"

// An Env is what parsing has to know about the device and the session. It may
// have these methods as well:
//
//	InterfaceTypes() []string                the interface types that `?` lists
//	InterfaceNumbers(typ string) []string    the numbers of that type that there are
//	Permits(*Command) bool                   what the user may run: `?` and Tab offer no other
//	Aliases() []Alias                        those that users defined
type Env interface {
	// Interface judges an interface name spelled canonically, such as
	// GigabitEthernet1/0/1. It returns the name as the device writes it, and
	// whether the device has, or could have, such an interface.
	Interface(name string) (canonical string, ok bool)
}

// A Grammar holds the views and commands of a product.
type Grammar struct {
	views    map[string]*view
	names    []string // of views, in order of AddView
	commands []*Command
	common   map[string]string // help texts shared by all commands
	aliases  []Alias
	any      tree      // of the commands that every view has
	once     sync.Once // of the help texts
	bad      error     // in help texts
}

// A view is a named set of commands, besides those that every view has.
type view struct {
	name, title string
	parent      *view
	tree        tree
}

// A tree is the token graph of a set of commands, built at its first use.
type tree struct {
	commands []*Command
	once     sync.Once
	root     fork
}

func (t *tree) fork() *fork {
	t.once.Do(func() {
		for _, c := range t.commands {
			t.root.add(c, c.seq)
		}
	})
	return &t.root
}

// A fork is a place of the token graph that only keywords lead to. Commands
// that begin with the same keywords share it.
type fork struct {
	kids []*kid // by keyword
	// what hangs on here: the tails of commands that go on with something
	// else than a keyword, or end here
	edges   []edge
	accepts []*Command
}

type kid struct {
	leaf *leaf
	to   *fork
}

// New returns a grammar without views and commands, with the system aliases
// of Comware (display alias).
func New() *Grammar {
	return &Grammar{
		views:  map[string]*view{},
		common: map[string]string{},
		aliases: []Alias{
			{"access-list", "acl"}, {"end", "return"}, {"erase", "delete"}, {"exit", "quit"},
			{"hostname", "sysname"}, {"logging", "info-center"}, {"no", "undo"},
			{"show", "display"}, {"write", "save"},
		},
	}
}

// AddView adds a view. The parent is the view that `quit` leads to; "" marks
// the user view. The title is the first line of its `?` list, such as
// "Interface view commands:".
func (g *Grammar) AddView(name, parent, title string) error {
	if g.views[name] != nil {
		return fmt.Errorf("cli: view %q is there already", name)
	}
	v := &view{name: name, title: title}
	if parent != "" {
		if v.parent = g.views[parent]; v.parent == nil {
			return fmt.Errorf("cli: view %q: no parent view %q", name, parent)
		}
	}
	g.views[name] = v
	g.names = append(g.names, name)
	return nil
}

// HasView says whether there is such a view.
func (g *Grammar) HasView(name string) bool { return g.views[name] != nil }

// Parent returns the view that `quit` leads to from a view, "" from the user view.
func (g *Grammar) Parent(name string) string {
	if v := g.views[name]; v != nil && v.parent != nil {
		return v.parent.name
	}
	return ""
}

// Common sets help texts, in the form of Command.Help, for tokens of commands
// that bring no text of their own for them.
func (g *Grammar) Common(help string) error {
	m, err := parseHelp(help)
	if err != nil {
		return err
	}
	for k, t := range m {
		g.common[k] = t
	}
	return nil
}

// Add adds a command. It fails on a syntax that cannot be read or a view that
// is not there (views come before their commands); Check reports help texts
// that cannot be read.
func (g *Grammar) Add(c Command) error {
	seq, err := compile(c.Syntax)
	if err != nil {
		return fmt.Errorf("cli: command %q: %w", c.Syntax, err)
	}
	vs := strings.Fields(c.Views)
	if len(vs) == 0 {
		return fmt.Errorf("cli: command %q has no view", c.Syntax)
	}
	for _, name := range vs {
		if name != Any && g.views[name] == nil {
			return fmt.Errorf("cli: command %q: no view %q", c.Syntax, name)
		}
	}
	c.seq = seq
	c.views = vs
	c.order = len(g.commands)
	own := &c
	g.commands = append(g.commands, own)
	if slices.Contains(vs, Any) {
		g.any.commands = append(g.any.commands, own)
	} else {
		for _, name := range vs {
			t := &g.views[name].tree
			t.commands = append(t.commands, own)
		}
	}
	return nil
}

// Commands returns all commands in order of Add.
func (g *Grammar) Commands() []*Command { return g.commands }

// texts gives every token its help text. It runs at the first `?`; to parse a
// line no text is needed.
func (g *Grammar) texts() error {
	g.once.Do(func() {
		paths := map[string]string{}
		help := make([]map[string]string, len(g.commands))
		for i, c := range g.commands {
			var err error
			if help[i], err = parseHelp(c.Help); err != nil {
				g.bad = errors.Join(g.bad, fmt.Errorf("cli: command %q: %w", c.Syntax, err))
			}
			walkTexts(c.seq, func(path string, l *leaf) {
				if t := help[i][l.helpKey()]; t != "" && paths[path] == "" {
					paths[path] = t
				}
			})
		}
		for i, c := range g.commands {
			walkTexts(c.seq, func(path string, l *leaf) {
				// its own text, else that of another command for the same token
				// behind the same keywords, with or without undo, else the common one
				l.text = cmp.Or(help[i][l.helpKey()], paths[path], paths[strings.TrimPrefix(path, " undo")], g.common[l.helpKey()])
			})
		}
	})
	return g.bad
}

// In says whether the command belongs to a view.
func (c *Command) In(view string) bool {
	return slices.Contains(c.views, view) || slices.Contains(c.views, Any)
}

// walkTexts calls f for every token with the keywords that lead there: those
// that the command begins with, and the token itself.
func walkTexts(seq []node, f func(path string, l *leaf)) {
	path := ""
	straight := true
	for _, n := range seq {
		if l, ok := n.(*leaf); ok && l.kind == keyword && straight {
			path += " " + l.token
			f(path, l)
			continue
		}
		straight = false
		n.leaves(func(l *leaf) { f(path+" "+l.helpKey(), l) })
	}
}

// add hangs a command's remaining nodes on a fork.
func (f *fork) add(c *Command, seq []node) {
	if len(seq) > 0 {
		if l, ok := seq[0].(*leaf); ok && l.kind == keyword {
			i, found := slices.BinarySearchFunc(f.kids, l.lower, func(k *kid, s string) int { return strings.Compare(k.leaf.lower, s) })
			if !found {
				f.kids = slices.Insert(f.kids, i, &kid{leaf: l, to: &fork{}})
			}
			f.kids[i].to.add(c, seq[1:])
			return
		}
	}
	var x expansion
	x.expand(push(seq, nil))
	for _, e := range x.edges {
		e.cmd = c
		f.edges = append(f.edges, e)
	}
	if x.accept {
		f.accepts = append(f.accepts, c)
	}
}

// find returns the kids whose keyword begins with a word in lower case.
func (f *fork) find(lower string) []*kid {
	i, _ := slices.BinarySearchFunc(f.kids, lower, func(k *kid, s string) int { return strings.Compare(k.leaf.lower, s) })
	j := i
	for j < len(f.kids) && strings.HasPrefix(f.kids[j].leaf.lower, lower) {
		j++
	}
	return f.kids[i:j]
}

// offers says whether `?` shows a way that leads here: there is a command
// behind it that is not hidden and that the user may run.
func (f *fork) offers(show func(*Command) bool) bool {
	var asked *Command
	for _, e := range f.edges { // those of one command follow each other
		if e.cmd != asked && show(e.cmd) {
			return true
		}
		asked = e.cmd
	}
	return slices.ContainsFunc(f.accepts, func(c *Command) bool { return c != asked && show(c) }) ||
		slices.ContainsFunc(f.kids, func(k *kid) bool { return k.to.offers(show) })
}

// permitted is what the user may run.
func permitted(env Env) func(*Command) bool {
	if p, ok := env.(interface{ Permits(*Command) bool }); ok {
		return p.Permits
	}
	return func(*Command) bool { return true }
}

// shown is what `?` and Tab offer.
func shown(env Env) func(*Command) bool {
	may := permitted(env)
	return func(c *Command) bool { return !c.Hidden && may(c) }
}

// parseHelp reads "token=text; token=text". A semicolon inside a text is
// allowed as long as what follows does not look like the next token.
func parseHelp(s string) (map[string]string, error) {
	m := map[string]string{}
	last := ""
	for _, part := range strings.Split(s, ";") {
		trimmed := strings.TrimSpace(part)
		if trimmed == "" {
			continue
		}
		key, text, ok := strings.Cut(trimmed, "=")
		key = strings.TrimSpace(key)
		if !ok || strings.ContainsAny(key, " \t") {
			if last == "" {
				return nil, fmt.Errorf("help %q: want token=text", trimmed)
			}
			m[last] += ";" + part
			continue
		}
		m[key] = strings.TrimSpace(text)
		last = key
	}
	return m, nil
}
