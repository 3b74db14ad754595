package kept_test

import (
	"slices"
	"strings"
	"testing"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/kept"
)

// others are views of other features that this one has commands in.
var others = feature.Feature{Name: "others", Views: []feature.View{
	{Name: "interface", Parent: "system", Title: "Interface"},
	{Name: "loopback", Parent: "system", Title: "Loopback interface"},
	{Name: "tunnel", Parent: "system", Title: "Tunnel interface"},
	{Name: "security-zone", Parent: "system", Title: "Security-zone"},
	{Name: "security-policy-rule", Parent: "system", Title: "Security-policy-ip-rule"},
}}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, others, kept.Feature).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

// in puts the shell into a view, as if a line had opened it.
func in(d *featuretest.Desk, view string) {
	d.Shell.Views = []feature.ViewState{{Name: "user"}, {Name: "system"}}
	if view != "system" {
		n := d.Box.Conf.Root().Open(1, "view", "view")
		d.Shell.Views = append(d.Shell.Views, feature.ViewState{Name: view, Suffix: "view", Node: n})
	}
}

// TestEveryLineIsKeptAndUndone goes through every branch of every command: the
// line is kept once, stands for itself when it is read again, and is removed
// by the undo form that names it.
func TestEveryLineIsKeptAndUndone(t *testing.T) {
	d := featuretest.New(t, others, kept.Feature)
	known := d.Box.KeptInterface
	d.Box.KeptInterface = func(name string) (string, int, bool) {
		if name == "GigabitEthernet1/0/1" {
			return "interface", 50, true
		}
		return known(name)
	}
	g := d.Box.Image.Grammar
	root := d.Box.Conf.Root()
	tried := 0
	for _, c := range g.Commands() {
		if !c.Data.(*feature.Command).Kept || strings.HasPrefix(c.Syntax, "undo ") {
			continue
		}
		for _, s := range g.Samples(c) {
			tried++
			in(d, s.View)
			if c.Data.(*feature.Command).Views == "system" { // tunnels have a mode, ports have none
				s.Line = strings.Replace(s.Line, "interface GigabitEthernet1/0/1 mode", "interface Tunnel1 mode", 1)
			}
			if err := d.Shell.Run(s.Line); err != nil || d.Shell.Failed() {
				t.Errorf("view %s: %q is refused: %v", s.View, s.Line, err)
			}
			n := root
			if s.View != "system" {
				n = root.Child("view")
			}
			kids := slices.Clone(n.Kids())
			if len(kids) > 1 {
				t.Errorf("view %s: %q left %d lines", s.View, s.Line, len(kids))
			}
			for _, k := range kids { // none for the default
				in(d, s.View)
				text := k.Text
				if err := d.Shell.Run(text); err != nil {
					t.Errorf("view %s: %q is printed as %q, which is refused: %v", s.View, s.Line, text, err)
				} else if len(n.Kids()) != 1 || n.Kids()[0].Text != text {
					t.Errorf("view %s: %q is read again as something else", s.View, text)
				}
				in(d, s.View)
				undo := "undo " + k.Key
				if err := d.Shell.Run(undo); err == nil && n.Child(k.Key) != nil && n.Child(k.Key).Text != undo {
					t.Errorf("view %s: %q does not remove %q", s.View, undo, text)
				} else if err != nil && undoes(g, c) {
					t.Errorf("view %s: %q, to remove %q, is refused: %v", s.View, undo, text, err)
				}
				n.Remove(k.Key)
			}
			root.Remove("view")
		}
	}
	if tried < 3000 {
		t.Errorf("%d lines tried", tried)
	}
}

// undoes says whether a command has an undo form.
func undoes(g *cli.Grammar, c *cli.Command) bool {
	word, _, _ := strings.Cut(c.Syntax, " ")
	return slices.ContainsFunc(g.Commands(), func(u *cli.Command) bool {
		return u.Views == c.Views && u.Help == c.Help && strings.HasPrefix(u.Syntax, "undo "+word)
	})
}

// TestDefaultsAreNotPrinted says what of a command that is the default, and of
// one with secrets, the configuration has.
func TestDefaultsAreNotPrinted(t *testing.T) {
	for _, row := range []struct {
		view, line, want string
	}{
		{"system", "stp tc-protection", ""},
		{"system", "undo stp tc-protection", "undo stp tc-protection"},
		{"system", "undo irf link-delay", "undo irf link-delay"},
		{"system", "irf link-delay 100", "irf link-delay 100"},
		{"bagg", "port trunk permit vlan 1", ""},
		{"bagg", "undo port trunk permit vlan 1", "undo port trunk permit vlan 1"},
		{"bagg", "undo port hybrid vlan 1", "undo port hybrid vlan 1"},
		{"bagg", "port hybrid vlan 1 untagged", "port hybrid vlan 1 untagged"},
		{"isp", "state active", ""},
		{"isp", "state block", "state block"},
		{"system", "ospf", "ospf 1"},
		{"system", "ospf 7 vpn-instance a", "ospf 7 vpn-instance a"},
		{"ospf", "area 10", "area 0.0.0.10"},
		{"ospf", "area 4294967295", "area 255.255.255.255"},
		{"radius", "key authentication simple secret", "key authentication cipher " + feature.Encipher("secret")},
		{"radius", "key authentication cipher $c$3$x", "key authentication cipher $c$3$x"},
		{"url-category", `rule 1 host text "a b"`, `rule 1 host text "a b"`},
	} {
		d := featuretest.New(t, others, kept.Feature)
		in(d, row.view)
		if err := d.Shell.Run(row.line); err != nil {
			t.Errorf("view %s: %q is refused: %v", row.view, row.line, err)
		}
		n := d.Box.Conf.Root()
		if row.view != "system" {
			n = n.Child("view")
		}
		got := ""
		for _, k := range n.Kids() {
			got += k.Text
		}
		if got != row.want {
			t.Errorf("view %s: %q is kept as %q, want %q", row.view, row.line, got, row.want)
		}
	}
}

// TestPromptsOfKeptViews says what the prompt shows.
func TestPromptsOfKeptViews(t *testing.T) {
	d := featuretest.New(t, others, kept.Feature)
	d.Do("system-view")
	for _, row := range []struct{ line, prompt string }{
		{"ospf", "[H3C-ospf-1]"},
		{"area 0", "[H3C-ospf-1-area-0.0.0.0]"},
		{"domain corp", "[H3C-isp-corp]"},
		{"vlan 20", "[H3C-vlan20]"},
		{"bgp 65001", "[H3C-bgp-default]"},
		{"address-family ipv4 unicast", "[H3C-bgp-default-ipv4]"},
		{"radius scheme r", "[H3C-radius-r]"},
		{"attack-defense policy p", "[H3C-attack-defense-policy-p]"},
		{"policy-based-route p node 5", "[H3C-pbr-p-5]"},
		{"dhcp server ip-pool lan", "[H3C-dhcp-pool-lan]"},
	} {
		if row.line[:4] != "area" && row.line[:4] != "addr" {
			d.Do("return", "system-view")
		}
		d.Do(row.line)
		if got := d.Shell.Prompt(); got != row.prompt {
			t.Errorf("%q gives the prompt %s, want %s", row.line, got, row.prompt)
		}
	}
}

func TestAddressOfKeptInterface(t *testing.T) {
	d := featuretest.New(t, others, kept.Feature)
	in(d, "vlanif")
	for _, row := range []struct{ line, want string }{
		{"ip address 10.0.0.1 24", "ip address 10.0.0.1 255.255.255.0"},
		{"ip address 10.0.0.2 255.255.255.0", "ip address 10.0.0.2 255.255.255.0"},
		{"ip address 10.1.0.1 16 sub", "ip address 10.0.0.2 255.255.255.0/ip address 10.1.0.1 255.255.0.0 sub"},
		{"ip address 10.0.0.3 24", "ip address 10.0.0.3 255.255.255.0/ip address 10.1.0.1 255.255.0.0 sub"},
		{"undo ip address 10.1.0.1 16 sub", "ip address 10.0.0.3 255.255.255.0"},
		{"ip address dhcp-alloc", "ip address dhcp-alloc"},
		{"ip address 10.0.0.4 24", "ip address 10.0.0.4 255.255.255.0"},
		{"ip address 10.1.0.1 16 sub", "ip address 10.0.0.4 255.255.255.0/ip address 10.1.0.1 255.255.0.0 sub"},
		{"undo ip address", ""},
	} {
		d.Do(row.line)
		var got []string
		for _, k := range d.Box.Conf.Root().Child("view").Kids() {
			got = append(got, k.Text)
		}
		if s := strings.Join(got, "/"); s != row.want {
			t.Errorf("after %q the interface has %q, want %q", row.line, s, row.want)
		}
	}
}
