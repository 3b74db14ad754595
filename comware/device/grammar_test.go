package device

import (
	"strings"
	"testing"

	"cwlab/comware/cli"
)

// sample is a word for what `?` writes as a type.
func sample(token string) string {
	lo, _, _ := strings.Cut(strings.TrimSuffix(token[strings.IndexByte(token, '<')+1:], ">"), "-")
	switch {
	case token == "X.X.X.X":
		return "255.0.0.0"
	case token == "X:X::X:X":
		return "2001:DB8::1"
	case token == "NUMBER":
		return "0"
	case token == "H-H-H":
		return "0-0-1"
	case token == "TIME":
		return "00:00:00"
	case token == "DATE":
		return "2020/01/01"
	case strings.HasPrefix(token, "<"):
		return lo
	case strings.HasPrefix(token, "STRING"), strings.HasPrefix(token, "TEXT"):
		return strings.Repeat("z", 1+strings.Count(lo, "8")*7)
	case strings.HasPrefix(token, "HEX"):
		return "abcdef12"
	}
	return token
}

// TestHelpLeadsToCommands goes down every way that `?` offers in every view:
// what is offered is accepted, and every visible command is reached.
func TestHelpLeadsToCommands(t *testing.T) {
	d := sit(t, "F1060", "")
	g, err := Grammar()
	if err != nil {
		t.Fatal(err)
	}
	env := d.con.shell.Env()
	reached := map[*cli.Command]bool{}
	budget := 0
	var walk func(view, line string, depth int)
	walk = func(view, line string, depth int) {
		if depth <= 3 {
			budget = 20 // options in any order have more ways than one can go
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
			switch r.Token {
			case ">", ">>", "|":
			case "<cr>":
				m, perr := g.Parse(view, line, env)
				if perr != nil {
					t.Errorf("view %s: <cr> is offered after %q: %v", view, line, perr)
					continue
				}
				reached[m.Command] = true
			case "InLoopBack", "NULL", "GigabitEthernet", "LoopBack":
				next := line + r.Token
				if r.Token == "GigabitEthernet" {
					next += "1/0/"
				}
				if r.Token == "LoopBack" || depth < 3 {
					walk(view, next+"0 ", depth+1)
				}
			default:
				if strings.HasPrefix(r.Text, "Alias for") || r.Text == "" {
					continue
				}
				walk(view, line+sample(r.Token)+" ", depth+1)
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
	for _, c := range g.Commands() {
		if !c.Hidden && !reached[c] {
			t.Errorf("not reached by ?: %s: %s", c.Views, c.Syntax)
		}
	}
}

// TestEveryBranchOfEveryCommand types every alternative and option of every
// command, written out and abbreviated: both mean that command and the same
// line, and `?` works at every word on the way.
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
			for i := range words {
				for _, ask := range []string{strings.Join(words[:i], " ") + " ", strings.Join(words[:i+1], " ")} {
					ask = strings.TrimPrefix(ask, " ")
					if c.Hidden || asked[s.View+ask] {
						continue
					}
					asked[s.View+ask] = true
					if h, herr := g.Help(s.View, ask, nil); herr != nil || len(h.Rows) == 0 {
						t.Errorf("view %s: %q? lists nothing: %v", s.View, ask, herr)
					}
				}
			}
		}
		if t.Failed() && lines > 100 {
			break
		}
	}
	t.Logf("%d lines of %d commands", lines, len(g.Commands()))
}
