package acl

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

var views = feature.Feature{Name: "views", Commands: []feature.Command{
	{Views: "user", Syntax: "system-view", Help: "system-view=Enter the system view", Run: func(x *feature.Exec, _ *cli.Args) {
		x.Enter(feature.ViewState{Name: "system"})
	}},
	{Views: "any", Syntax: "return", Help: "return=Exit to user view", Run: func(x *feature.Exec, _ *cli.Args) { x.Shell.Return() }},
}}

// A desk is a person at a device.
type desk struct{ out strings.Builder }

func (d *desk) Print(text string)                  { d.out.WriteString(text) }
func (*desk) Hold(func())                          {}
func (*desk) Release()                             {}
func (*desk) Ask(_ string, _ bool, f func(string)) { f("y") }
func (*desk) Logout()                              {}
func (*desk) History() []string                    { return nil }
func (*desk) SetPageLength(int)                    {}

func newBox(t *testing.T) (*feature.Box, func(lines ...string) string) {
	t.Helper()
	img, err := feature.NewImage(views, Feature)
	if err != nil {
		t.Fatal(err)
	}
	if err := img.Grammar.Check(); err != nil {
		t.Error(err)
	}
	w := sim.New(time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), 1, nil)
	b := feature.NewBox("A", &feature.Model{Name: "X"}, img, w, link.NewNetwork(w), feature.NewFlash())
	Feature.Install(b)
	d := &desk{}
	s := feature.NewShell(b, d, "con0")
	b.Shells = append(b.Shells, s)
	return b, func(lines ...string) string {
		t.Helper()
		d.out.Reset()
		for _, l := range lines {
			s.Execute(l)
		}
		return d.out.String()
	}
}

func TestRulesAreWrittenCanonically(t *testing.T) {
	b, do := newBox(t)
	if got := do("system-view", "acl advanced 3000",
		"rule permit ip source 2.2.2.2 0.0.0.0 destination 3.3.3.3 0",
		"rule deny ip source any destination any",
		"rule 3 permit tcp destination 10.1.2.3 0.0.0.255 destination-port eq 80 source-port range 1024 2000",
		"rule permit 89",
		"description to the branch",
		"rule 3 comment the web",
		"acl number 2001", "rule deny source 10.0.0.0 0.255.255.255", "rule permit counting",
		"acl advanced name Flow", "step 10", "rule permit udp source-port eq ntp", "rule permit icmp"); got != "" {
		t.Errorf("printed %q", got)
	}
	want := []string{"#",
		"acl basic 2001",
		" rule 0 deny source 10.0.0.0 0.255.255.255",
		" rule 5 permit counting",
		"#",
		"acl advanced 3000",
		" description to the branch",
		" rule 0 permit ip source 2.2.2.2 0 destination 3.3.3.3 0",
		" rule 3 permit tcp source-port range 1024 2000 destination 10.1.2.0 0.0.0.255 destination-port eq www",
		" rule 3 comment the web",
		" rule 5 deny ip",
		" rule 10 permit ospf",
		"#",
		"acl advanced name Flow",
		" step 10",
		" rule 0 permit udp source-port eq ntp",
		" rule 10 permit icmp",
		"#", "return"}
	got := b.Conf.Lines()
	if !slices.Equal(got, want) {
		t.Errorf("configuration is\n%s", strings.Join(got, "\n"))
	}
	again, _ := newBox(t)
	if refused := again.Load(strings.Join(got, "\n")); len(refused) > 0 {
		t.Errorf("refused %+v", refused)
	}
	if back := again.Conf.Lines(); !slices.Equal(back, want) {
		t.Errorf("a fresh device has\n%s", strings.Join(back, "\n"))
	}
}

func TestDisplay(t *testing.T) {
	b, do := newBox(t)
	do("system-view", "acl advanced 3000", "rule permit ip source 2.2.2.2 0 destination 3.3.3.3 0")
	a := netip.MustParseAddr
	l := feature.Get[*Lists](b).Lookup("3000")
	l.Find(a("2.2.2.2"), a("3.3.3.3"), 1, 0, 0).Matched += 2
	if r := l.Find(a("2.2.2.2"), a("3.3.3.4"), 1, 0, 0); r != nil {
		t.Errorf("rule %d matched another destination", r.ID)
	}
	want := "Advanced IPv4 ACL 3000, 1 rule,\nACL's step is 5, start ID is 0\n rule 0 permit ip source 2.2.2.2 0 destination 3.3.3.3 0 (2 times matched)\n"
	if got := do("display acl 3000"); got != want {
		t.Errorf("display is %q", got)
	}
	do("return", "reset acl counter all", "system-view")
	if got := do("display acl all"); strings.Contains(got, "matched") {
		t.Errorf("after the reset: %q", got)
	}
	for _, row := range []struct{ line, want string }{
		{"display acl 3001", "The specified ACL doesn't exist.\n"},
		{"undo acl basic 2000", "The specified ACL doesn't exist.\n"},
	} {
		if got := do(row.line); got != row.want {
			t.Errorf("%q printed %q, want %q", row.line, got, row.want)
		}
	}
	if got := do("acl advanced 3000", "undo rule 7", "rule permit ip source 2.2.2.2 0 destination 3.3.3.3 0.0.0.0", "rule permit icmp source-port eq 1"); got !=
		"The rule does not exist.\nThe rule already exists.\nPorts can be specified for TCP and UDP only.\n" {
		t.Errorf("printed %q", got)
	}
	do("undo rule 0", "undo acl advanced 3000")
	if got := b.Conf.Lines(); len(got) != 2 {
		t.Errorf("configuration is %q", got)
	}
}

func TestPrefix(t *testing.T) {
	a := netip.MustParseAddr
	for _, row := range []struct {
		m    Match
		want string
	}{
		{Match{}, "0.0.0.0/0"},
		{Match{a("1.2.3.4"), a("0.0.0.0")}, "1.2.3.4/32"},
		{Match{a("1.2.0.0"), a("0.0.255.255")}, "1.2.0.0/16"},
		{Match{a("1.2.0.0"), a("0.0.255.0")}, ""},
	} {
		p, ok := row.m.Prefix()
		if ok != (row.want != "") || ok && p.String() != row.want {
			t.Errorf("prefix of %v is %v, %v, want %q", row.m, p, ok, row.want)
		}
	}
}
