package cli

import (
	"errors"
	"fmt"
	"strings"
)

// Check looks for defects of the grammar itself and returns all of them
// joined: a token without help text; two arguments at one place that a word
// may fit alike; a keyword that, whole or abbreviated, looks like an argument
// beside it; two keywords that differ in case only; and a branch that its own
// line, written out or abbreviated, does not reach. Commands may share one
// list of help texts, so a text for a token that a command does not have is no
// defect.
func (g *Grammar) Check() error {
	var errs []error
	if err := g.texts(); err != nil {
		errs = append(errs, err)
	}
	for _, c := range g.commands {
		for _, n := range c.seq {
			n.leaves(func(l *leaf) {
				if l.text == "" && !c.Hidden {
					errs = append(errs, fmt.Errorf("cli: command %q: no help text for %s", c.Syntax, l.helpKey()))
				}
			})
		}
		errs = append(errs, g.reach(c)...)
	}
	common := map[*fork]bool{}
	for _, k := range g.any.fork().kids {
		common[k.to] = true
	}
	for i, name := range g.names {
		x := checker{view: name, common: common, first: i == 0, errs: &errs}
		x.check(g.start(g.views[name]).at, "")
	}
	return errors.Join(errs...)
}

// reach types the samples of a command in its views and looks whether it is
// found.
func (g *Grammar) reach(c *Command) []error {
	var errs []error
	for _, s := range g.Samples(c) {
		for _, line := range []string{s.Line, s.Short} {
			m, err := g.Parse(s.View, line, nil)
			switch {
			case err != nil:
				errs = append(errs, fmt.Errorf("cli: command %q is not reached in view %s: %q: %s", c.Syntax, s.View, line, err.Kind))
			case m.Command != c:
				errs = append(errs, fmt.Errorf("cli: command %q is hidden in view %s by %q: both accept %q", c.Syntax, s.View, m.Command.Syntax, line))
			}
		}
		if len(errs) > 0 {
			break // one is enough to find it
		}
	}
	return errs
}

// A checker goes down the keywords of a view.
type checker struct {
	view   string
	common map[*fork]bool // places right behind the first keyword of commands of every view
	first  bool           // the view that those are checked in
	errs   *[]error
}

func (x *checker) errorf(path, format string, args ...any) {
	*x.errs = append(*x.errs, fmt.Errorf("cli: view %s: after %q "+format, append([]any{x.view, strings.TrimSpace(path)}, args...)...))
}

// check compares the tokens that may come at one place, wherever the keywords
// of several commands, or the choices of one, lead to it.
func (x *checker) check(at []spot, path string) {
	p := &place{at: at}
	for _, s := range at {
		p.inside = append(p.inside, s.fork.edges...)
	}
	var args, words []edge
	p.each("", func(e edge) {
		if e.leaf.kind == keyword {
			words = append(words, e)
		} else {
			args = append(args, e)
		}
	})
	for i, a := range args {
		for _, b := range args[i+1:] {
			if a.cmd != b.cmd && overlap(a.leaf, b.leaf) {
				x.errorf(path, "a word may be %s of %q or %s of %q", a.leaf.helpKey(), a.cmd.Syntax, b.leaf.helpKey(), b.cmd.Syntax)
			}
		}
		for _, k := range words {
			if n := mistaken(k.leaf.token, a.leaf); n > 0 {
				x.errorf(path, "the keyword %s fits %s of %q as well, typed as %q", k.leaf.token, a.leaf.helpKey(), a.cmd.Syntax, k.leaf.token[:n])
			}
		}
	}
	for i, a := range words {
		for _, b := range words[i+1:] {
			if a.leaf.lower == b.leaf.lower && a.leaf.token != b.leaf.token {
				x.errorf(path, "the keywords %s and %s differ in case only", a.leaf.token, b.leaf.token)
			}
		}
	}
	below := map[string][]spot{}
	var order []string
	for _, s := range at {
		for _, k := range s.fork.kids {
			if below[k.leaf.lower] == nil {
				order = append(order, k.leaf.lower)
			}
			below[k.leaf.lower] = append(below[k.leaf.lower], spot{fork: k.to})
		}
	}
	for _, token := range order {
		// what only the common commands have is the same in all views
		if next := below[token]; x.first || len(next) > 1 || !x.common[next[0].fork] {
			x.check(next, path+" "+token)
		}
	}
}

// mistaken is the length of the shortest beginning of a keyword that is taken
// for an argument, 0 for none.
func mistaken(token string, l *leaf) int {
	if l.kind == iface || l.kind == ifKind {
		for _, t := range interfaceTypes {
			for _, name := range []string{t.Short, t.Acronym} {
				if name != "" && begins(token, name) {
					return len(name)
				}
			}
		}
		return 0
	}
	for n := 1; n <= len(token); n++ {
		if r, _ := l.fit(word{text: token[:n], end: n}, token[:n], nil); r == typed {
			return n
		}
	}
	return 0
}

// overlap says whether a word can fit two arguments equally well. The same
// argument in two commands (same name and limits) is no conflict: what follows
// it tells them apart.
func overlap(a, b *leaf) bool {
	if a.token == b.token && a.kind == b.kind && a.lo == b.lo && a.hi == b.hi {
		return false
	}
	loose := func(k kind) bool { return k == str || k == text }
	switch {
	case loose(a.kind) && loose(b.kind):
		return true
	case a.kind == integer && b.kind == integer:
		return a.lo <= b.hi && b.lo <= a.hi
	case a.kind == b.kind:
		return true
	}
	dotted := func(k kind) bool { return k == ip || k == mask || k == wildcard }
	return dotted(a.kind) && dotted(b.kind)
}
