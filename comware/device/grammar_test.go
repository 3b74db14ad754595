package device

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"cwlab/comware/cli"
)

// samples are words for what `?` writes as a type, of which one fits.
func samples(token string) []string {
	lo, _, _ := strings.Cut(strings.TrimSuffix(token[strings.IndexByte(token, '<')+1:], ">"), "-")
	switch {
	case token == "X.X.X.X":
		return []string{"255.0.0.0"}
	case token == "X:X::X:X":
		return []string{"2001:DB8::1"}
	case token == "NUMBER":
		return []string{"0"}
	case token == "H-H-H":
		return []string{"0-0-1"}
	case token == "TIME":
		return []string{"00:00:00", "00:00"}
	case token == "DATE":
		return []string{"2020/01/01"}
	case strings.HasPrefix(token, "<"):
		return []string{lo}
	case strings.HasPrefix(token, "STRING"), strings.HasPrefix(token, "TEXT"), strings.HasPrefix(token, "HEX"):
		n, _ := strconv.Atoi(lo)
		return []string{strings.Repeat("e", max(n, 1))}
	}
	return []string{token}
}

// owner is a session that may run everything.
type owner struct{ cli.Env }

func (o owner) InterfaceTypes() []string {
	return o.Env.(interface{ InterfaceTypes() []string }).InterfaceTypes()
}

func (o owner) InterfaceNumbers(typ string) []string {
	return o.Env.(interface{ InterfaceNumbers(string) []string }).InterfaceNumbers(typ)
}

// TestHelpIsAccepted goes down the ways that `?` offers in every view of a
// device: what is offered is accepted, and <cr> ends a command.
func TestHelpIsAccepted(t *testing.T) {
	d := sit(t, "F1060", "")
	g, err := Grammar()
	if err != nil {
		t.Fatal(err)
	}
	env := owner{d.con.shell.Env()}
	budget, ended := 0, 0
	var walk func(view, line string, depth int)
	walk = func(view, line string, depth int) {
		if depth <= 2 {
			budget = 4 // options in any order have more ways than one can go
		}
		if budget--; budget < 0 || t.Failed() {
			return
		}
		h, herr := g.Help(view, line, env)
		if herr != nil {
			t.Errorf("view %s: %q? gives %v", view, line, herr)
			return
		}
		for _, r := range h.Rows {
			switch {
			case r.Token == ">" || r.Token == ">>" || r.Token == "|" || strings.HasPrefix(r.Text, "Alias for"):
			case r.Token == "<cr>":
				ended++
				if _, perr := g.Parse(view, line, env); perr != nil {
					t.Errorf("view %s: <cr> is offered after %q: %v", view, line, perr)
				}
			case strings.HasSuffix(r.Text, " interface"): // a type, whose number is the next word
				if depth < 3 {
					walk(view, line+r.Token+" ", depth+1)
				}
			case strings.HasSuffix(r.Text, " interface number"):
			default:
				for i, word := range samples(r.Token) {
					if _, herr := g.Help(view, line+word+" ", env); herr == nil || i == len(samples(r.Token))-1 {
						walk(view, line+word+" ", depth+1)
						break
					}
				}
			}
		}
	}
	views := map[string]bool{}
	for _, c := range g.Commands() {
		for _, v := range strings.Fields(c.Views) {
			if v != cli.Any && !views[v] {
				views[v] = true
				walk(v, "", 0)
			}
		}
	}
	if ended < 100 {
		t.Errorf("%d commands were reached, want a hundred at least", ended)
	}
}

// explains says whether a line of `?` is about a word: the keyword itself, or
// a type with what it is for.
func explains(r cli.Row, word string, keyword bool) bool {
	switch {
	case strings.TrimSpace(r.Text) == "":
		return false
	case keyword:
		return r.Token == word
	case strings.HasSuffix(r.Text, " interface"), strings.HasSuffix(r.Text, " interface number"):
		return true
	}
	return r.Token != "<cr>" && strings.ToUpper(r.Token) == r.Token
}

// TestEveryBranchOfEveryCommand types every alternative and option of every
// command, written out and abbreviated: both mean that command and the same
// line, `?` lists every word on the way, with what it is for, and <cr> at the
// end.
func TestEveryBranchOfEveryCommand(t *testing.T) {
	g, err := Grammar()
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	asked := map[string]bool{}
	for _, c := range g.Commands() {
		for _, s := range g.Samples(c) {
			lines++
			full, perr := g.Parse(s.View, s.Line, nil)
			if perr != nil || full.Command != c {
				t.Errorf("view %s: %q is not understood as %q: %v", s.View, s.Line, c.Syntax, perr)
				continue
			}
			short, perr := g.Parse(s.View, s.Short, nil)
			if perr != nil || short.Command != c || short.Canonical() != full.Canonical() {
				t.Errorf("view %s: %q does not mean %q: %v", s.View, s.Short, full.Canonical(), perr)
			}
			words := strings.Fields(s.Line)
			args := full.Args.All()
			for i, word := range words {
				before := strings.TrimPrefix(strings.Join(words[:i], " ")+" ", " ")
				if c.Hidden || len(args) != len(words) || asked[s.View+before+word] {
					continue
				}
				asked[s.View+before+word] = true
				for _, ask := range []string{before, before + word} {
					h, herr := g.Help(s.View, ask, nil)
					if herr != nil || !slices.ContainsFunc(h.Rows, func(r cli.Row) bool { return explains(r, word, args[i].Keyword) }) {
						t.Errorf("view %s: %q? does not list %s: %v, %v", s.View, ask, word, herr, h.Rows)
					}
				}
			}
			if h, herr := g.Help(s.View, s.Line+" ", nil); !c.Hidden && (herr != nil || h.Rows[len(h.Rows)-1].Token != "<cr>") {
				t.Errorf("view %s: %q? does not end with <cr>: %v, %v", s.View, s.Line+" ", herr, h.Rows)
			}
		}
		if t.Failed() && lines > 100 {
			break
		}
	}
	t.Logf("%d lines of %d commands", lines, len(g.Commands()))
}
