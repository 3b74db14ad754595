package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Check looks for defects of the grammar itself and returns all of them
// joined: a token without help text, two arguments at one place that a word
// may fit alike, a keyword that looks like a number beside a number, and a
// command that no line reaches. Commands may share one list of help texts, so
// a text for a token that a command does not have is no defect.
func (g *Grammar) Check() error {
	g.freeze()
	var errs []error
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
	for _, name := range g.names {
		g.views[name].root.check(name, "", &errs)
	}
	return errors.Join(errs...)
}

// reach types the shortest line of a command in each of its views and looks
// whether the command is found.
func (g *Grammar) reach(c *Command) []error {
	var errs []error
	for _, name := range g.names {
		if !c.in(name) {
			continue
		}
		line := strings.Join(sample(push(c.seq, nil)), " ")
		m, err := g.Parse(name, line, nil)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("cli: command %q is not reached in view %s: %q: %s", c.Syntax, name, line, err.Kind))
		case m.Command != c:
			errs = append(errs, fmt.Errorf("cli: command %q is hidden in view %s by %q: both accept %q", c.Syntax, name, m.Command.Syntax, line))
		}
	}
	return errs
}

// sample returns the words of a short line: the first alternative of every
// choice, and the least of every repetition.
func sample(c *cont) []string {
	var words []string
	for c != nil {
		var x expansion
		x.expand(c)
		if x.accept || len(x.edges) == 0 {
			break
		}
		e := x.edges[0]
		words = append(words, e.leaf.sample())
		c = e.rest
	}
	return words
}

func (l *leaf) sample() string {
	switch l.kind {
	case keyword:
		return l.token
	case integer:
		return strconv.FormatInt(l.lo, 10)
	case str, text:
		// no keyword of Comware holds this character
		return strings.Repeat("~", int(max(l.lo, 1)))
	case ip, mask, wildcard:
		return "255.0.0.0"
	case hex:
		return strings.Repeat("a", int(l.lo))
	case mac:
		return "0-0-1"
	case clock:
		return "00:00:00"
	case date:
		return "2000/01/01"
	case iface:
		return "GigabitEthernet1/0/1"
	case ifNumber:
		return "1/0/1"
	}
	return "~"
}

// check compares the arguments that may come at one place, wherever the
// keywords of several commands, or the choices of one, lead to it.
func (f *fork) check(view, path string, errs *[]error) {
	var args []edge
	for _, e := range f.edges {
		if e.leaf.kind != keyword {
			args = append(args, e)
		}
	}
	for i, a := range args {
		for _, b := range args[i+1:] {
			if a.cmd != b.cmd && overlap(a.leaf, b.leaf) {
				*errs = append(*errs, fmt.Errorf("cli: view %s: after %q a word may be %s of %q or %s of %q",
					view, strings.TrimSpace(path), a.leaf.helpKey(), a.cmd.Syntax, b.leaf.helpKey(), b.cmd.Syntax))
			}
		}
		for _, k := range f.kids {
			if r, _ := a.leaf.fit(word{text: k.leaf.token}, k.leaf.token, nil); r == typed {
				*errs = append(*errs, fmt.Errorf("cli: view %s: after %q the keyword %s fits %s of %q as well",
					view, strings.TrimSpace(path), k.leaf.token, a.leaf.helpKey(), a.cmd.Syntax))
			}
		}
	}
	for _, k := range f.kids {
		k.to.check(view, path+" "+k.leaf.token, errs)
	}
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
