package cli

import (
	"slices"
	"strings"
	"testing"
)

// operator is a box with aliases and a user who may only look.
type operator struct{ env }

func (operator) Permits(c *Command) bool {
	return strings.HasPrefix(c.Syntax, "display") || c.Syntax == "quit" || c.Syntax == "system-view"
}

// aliased is a box with aliases.
type aliased struct{ env }

func (aliased) Aliases() []Alias {
	return []Alias{{"ship", "display ip"}, {"shinc", "display ip $1 | include $2"}, {"q2", "quit"}, {"sv", "show version"},
		{"rt", "ip route-static $2 $3 $1"}, {"display", "quit"}, {"Ver", "display version"}}
}

func TestAlias(t *testing.T) {
	g := product(t)
	for _, tt := range []struct{ line, text, canonical string }{
		{"ship routing-table", "display ip routing-table", "display ip routing-table"},
		{"ship int  ge 1/0/1", "display ip int  ge 1/0/1", "display ip interface GigabitEthernet1/0/1"},
		{"shinc routing-table Static", "display ip routing-table | include Static", "display ip routing-table"},
		{"sv", "display version", "display version"},
		{"sv | inc x", "display version | inc x", "display version"},
		{" rt 1.1.1.1 10.0.0.0 8 preference 9", "ip route-static 10.0.0.0 8 1.1.1.1 preference 9", "ip route-static 10.0.0.0 8 1.1.1.1 preference 9"},
		{"display version", "display version", "display version"}, // the keyword goes before
		{"show ip rou", "display ip rou", "display ip routing-table"},
	} {
		r, err := g.Read("system", tt.line, aliased{})
		if err != nil {
			t.Errorf("%q: %v", tt.line, err)
			continue
		}
		if r.Text != tt.text || r.Canonical() != tt.canonical {
			t.Errorf("%q is %q, canonically %q; want %q, %q", tt.line, r.Text, r.Canonical(), tt.text, tt.canonical)
		}
	}
	for _, tt := range []struct {
		line string
		kind Kind
		col  int
	}{
		{"ship bogus", Unrecognized, 5},
		{"ship", Incomplete, 5},
		{"shinc foo Static", Unrecognized, 6},
		{"shinc routing-table (", WrongParameter, 20},
		{"rt 1.1.1.1 10.0.0.0 99", WrongParameter, 20},
		{"rt 1.1.1.1 10.0.0.0 8 what", TooManyParameters, 22},
		{"show bogus", Unrecognized, 5},
		{"ver", Unrecognized, 0}, // names are case-sensitive
		{"sv x", TooManyParameters, 3},
	} {
		if r, err := g.Read("system", tt.line, aliased{}); err == nil || err.Kind != tt.kind || err.Col != tt.col {
			t.Errorf("%q: %v, %+v; want %s in column %d", tt.line, r, err, tt.kind, tt.col)
		}
	}
	for _, tt := range []struct{ line, want string }{
		{"ship ", "interface routing-table"},
		{"ship r", "routing-table"},
		{"shinc ", "interface routing-table"},
		{"shinc rou", "routing-table"},
		{"shinc routing-table ", "TEXT<1-256>"},
		{"sh", "shinc ship show"},
		{"sv ", "> >> | <cr>"},
	} {
		h, err := g.Help("system", tt.line, aliased{})
		var got []string
		for _, r := range h.Rows {
			got = append(got, r.Token)
		}
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("%q?: %q, %v; want %q", tt.line, got, err, tt.want)
		}
	}
	if got := g.Complete("system", "ship rou", aliased{}); !slices.Equal(got, []string{"routing-table"}) {
		t.Errorf("Tab behind an alias gives %q", got)
	}
	h, _ := g.Help("system", "", aliased{})
	if !slices.Contains(h.Rows, Row{"shinc", "Alias for 'display ip $1 | include $2'"}) {
		t.Errorf("the list has no alias: %v", h.Rows)
	}
}

func TestPermits(t *testing.T) {
	g := product(t)
	h, err := g.Help("user", "", operator{})
	var got []string
	for _, r := range h.Rows {
		got = append(got, r.Token)
	}
	if want := []string{"display", "exit", "quit", "show", "system-view"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("? offers %q, %v; want %q", got, err, want)
	}
	if h, err := g.Help("system", "ike ", operator{}); err == nil || err.Kind != Unrecognized {
		t.Errorf("behind a command that is not permitted ? gives %v, %v", h, err)
	}
	if got := g.Complete("system", "ip r", operator{}); got != nil {
		t.Errorf("Tab offers %q", got)
	}
	// what it is is still known: the session says that it is denied
	if m, err := g.Parse("user", "reboot", operator{}); err != nil || m.Command.Syntax != "reboot" {
		t.Errorf("reboot is %v, %v", m, err)
	}
}

func TestSamples(t *testing.T) {
	g := New()
	if err := g.AddView("user", "", ""); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"show x", "ping [ -a <a:ip> | -c <n:1-9> ] * { <h:ip> | name <s:string:2-4> } &<1-3>", "ping6", "pong"} {
		if err := g.Add(Command{Views: "user", Syntax: s}); err != nil {
			t.Fatal(err)
		}
	}
	var lines, short []string
	for _, s := range g.Samples(g.Commands()[1]) {
		lines = append(lines, s.Line)
		short = append(short, s.Short)
	}
	want := []string{
		"ping 255.0.0.0",
		"ping -a 255.0.0.0 255.0.0.0",
		"ping -c 1 255.0.0.0",
		"ping -a 255.0.0.0 -c 1 255.0.0.0",
		"ping -c 1 -a 255.0.0.0 255.0.0.0",
		"ping name ~~",
		"ping 255.0.0.0 255.0.0.0",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("samples:\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if short[5] != "ping n ~~" {
		t.Errorf("the short form is %q", short[5]) // ping itself: pin may be ping6
	}
}
