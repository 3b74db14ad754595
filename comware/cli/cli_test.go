package cli

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// env is a box with two ports and any loopback.
type env struct{}

func (env) Interface(name string) (string, bool) {
	switch {
	case name == "GigabitEthernet1/0/1", name == "GigabitEthernet1/0/2", strings.HasPrefix(name, "LoopBack"), name == "Tunnel1":
		return name, true
	}
	return "", false
}

func (env) InterfaceTypes() []string { return []string{"GigabitEthernet", "LoopBack", "Tunnel"} }

const common = "display=Display;undo=Undo;ike=IKE;ip=IP;interface=Interface;<name>=Name;<addr>=Address;<mask>=Mask"

// product is a small product with the forms of the notation.
func product(t testing.TB) *Grammar {
	t.Helper()
	g := New()
	for _, v := range [][3]string{{"user", "", "User view commands:"}, {"system", "user", "System view commands:"},
		{"interface", "system", "Interface view commands:"}, {"profile", "system", "Profile view commands:"}} {
		if err := g.AddView(v[0], v[1], v[2]); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Common(common); err != nil {
		t.Fatal(err)
	}
	for _, c := range []Command{
		{Views: "any", Syntax: "quit", Help: "quit=Exit"},
		{Views: "any", Syntax: "display version", Help: "version=Version"},
		{Views: "any", Syntax: "display alarm [ slot <n:1-2> ]", Help: "alarm=Alarms;slot=Slot;<n>=Slot number"},
		{Views: "any", Syntax: "display ike sa [ verbose [ connection-id <id:1-2000000000> ] ]", Help: "sa=SAs;verbose=More;connection-id=Connection;<id>=Number"},
		{Views: "any", Syntax: "display ip interface [ brief | <name:interface> ]", Help: "brief=Brief"},
		{Views: "any", Syntax: "display ip routing-table", Help: "routing-table=Routes"},
		{Views: "any", Syntax: "display ipsec sa", Help: "ipsec=IPsec;sa=SAs"},
		{Views: "user", Syntax: "system-view", Help: "system-view=System view"},
		{Views: "user", Syntax: "reboot", Help: "reboot=Reboot"},
		{Views: "user", Syntax: "debugging { ike | ipsec } { all | error | packet } *", Help: "debugging=Debug;ipsec=IPsec;all=All;error=Errors;packet=Packets"},
		{Views: "system", Syntax: "sysname <name:string:1-10>", Help: "sysname=Name"},
		{Views: "any", Syntax: "display counters [ <name:interface> | <type:iftype> ] [ down ]", Help: "counters=Counters;<type>=Type;down=Down"},
		{Views: "system", Syntax: "interface <name:interface>"},
		{Views: "system", Syntax: "undo interface <name:interface>"},
		{Views: "system", Syntax: "ip route-static <addr:ip> <mask:mask> <next:ip> [ preference <p:1-255> ]", Help: "route-static=Route;<next>=Next hop;preference=Preference;<p>=Value"},
		{Views: "system", Syntax: "ike dpd interval <interval:1-300> [ retry <seconds:1-60> ] { on-demand | periodic }",
			Help: "dpd=DPD;interval=Interval;<interval>=Seconds;retry=Retry;<seconds>=Seconds;on-demand=On demand;periodic=Periodic"},
		{Views: "system", Syntax: "ike profile <name:string:1-63>", Help: "profile=Profile"},
		{Views: "system", Syntax: "ntp server <addr:ip> [ priority | key <k:1-9> | source <name:interface> ] *", Help: "ntp=NTP;server=Server;priority=Preferred;key=Key;<k>=Key number;source=Source"},
		{Views: "system", Syntax: "vlan { <id:1-4094> } &<1-3>", Help: "vlan=VLAN;<id>=VLAN number"},
		{Views: "interface", Syntax: "ip address <addr:ip> <mask:mask>", Help: "address=Address"},
		{Views: "interface", Syntax: "description <text:text:1-20>", Help: "description=Description;<text>=Text"},
		{Views: "interface", Syntax: "shutdown", Help: "shutdown=Shut down"},
		{Views: "profile", Syntax: "proposal { <n:1-65535> } &<1-6>", Help: "proposal=Proposals;<n>=Number"},
		{Views: "system", Syntax: "secret-command", Hidden: true},
	} {
		c.Data = c.Syntax
		if err := g.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func TestParse(t *testing.T) {
	g := product(t)
	tests := []struct {
		view, line string
		syntax     string // begin of the command found
		canonical  string
		found      string // view
	}{
		{"user", "display version", "display version", "display version", "user"},
		{"user", "DIS VER", "display version", "display version", "user"},
		{"user", "show version", "display version", "display version", "user"},
		{"user", "exit", "quit", "quit", "user"},
		{"system", "dis ip int br", "display ip interface", "display ip interface brief", "system"},
		{"system", "dis ip rou", "display ip routing", "display ip routing-table", "system"}, // ip is exact, ipsec longer
		{"system", "dis counters g 1/0/1 down", "display counters", "display counters GigabitEthernet1/0/1 down", "system"},
		{"system", "dis counters gig down", "display counters", "display counters GigabitEthernet down", "system"},
		{"system", "dis counters loop", "display counters", "display counters LoopBack", "system"},
		{"interface", "quit", "quit", "quit", "interface"},
		{"system", "int g1/0/1", "interface", "interface GigabitEthernet1/0/1", "system"},
		{"system", "interface GE 1/0/2", "interface", "interface GigabitEthernet1/0/2", "system"},
		{"system", "interface gigabitethernet 1/0/2", "interface", "interface GigabitEthernet1/0/2", "system"},
		{"system", "no int loop0", "undo interface", "undo interface LoopBack0", "system"},
		{"system", "int t1", "interface", "interface Tunnel1", "system"},
		{"interface", "int lo 5", "interface", "interface LoopBack5", "system"},
		{"interface", "ip address 10.0.0.1 24", "ip address", "ip address 10.0.0.1 24", "interface"},
		{"interface", "ip route-static 0.0.0.0 0 10.0.0.1", "ip route-static", "ip route-static 0.0.0.0 0 10.0.0.1", "system"},
		{"interface", "description to the  core ", "description", "description to the  core", "interface"},
		{"system", `sysname "a b"`, "sysname", `sysname "a b"`, "system"},
		{"system", `sysname "a\"b\\"`, "sysname", `sysname "a\"b\\"`, "system"},
		{"system", "ike dpd interval 3 retry 3 periodic", "ike dpd", "ike dpd interval 3 retry 3 periodic", "system"},
		{"system", "ike dpd int 3 on", "ike dpd", "ike dpd interval 3 on-demand", "system"},
		{"system", "ntp server 1.1.1.1", "ntp", "ntp server 1.1.1.1", "system"},
		{"system", "ntp server 1.1.1.1 source ge 1/0/1 pri key 3", "ntp", "ntp server 1.1.1.1 source GigabitEthernet1/0/1 priority key 3", "system"},
		{"user", "debugging ike packet error", "debugging", "debugging ike packet error", "user"},
		{"profile", "proposal 1 2 3 4 5 6", "proposal", "proposal 1 2 3 4 5 6", "profile"},
		{"system", "vlan 0010", "vlan", "vlan 10", "system"},
		{"system", "secret-command", "secret", "secret-command", "system"},
		{"user", "dis ike sa verbose connection-id 7", "display ike", "display ike sa verbose connection-id 7", "user"},
	}
	for _, tt := range tests {
		m, err := g.Parse(tt.view, tt.line, env{})
		if err != nil {
			t.Errorf("%s: %q: %v in column %d", tt.view, tt.line, err, err.Col)
			continue
		}
		if !strings.HasPrefix(m.Command.Syntax, tt.syntax) || m.Canonical() != tt.canonical || m.View != tt.found {
			t.Errorf("%s: %q: found %q as %q in view %s; want %q, %q, %s", tt.view, tt.line, m.Command.Syntax, m.Canonical(), m.View, tt.syntax, tt.canonical, tt.found)
		}
	}
}

func TestErrors(t *testing.T) {
	g := product(t)
	tests := []struct {
		view, line string
		kind       Kind
		word       string // at which the caret stands; "" for the end of the line
	}{
		{"user", "display environment", Unrecognized, "environment"},
		{"user", "display alarm urgent", WrongParameter, ""},
		{"user", "frobnicate", Unrecognized, "frobnicate"},
		{"user", "display", Incomplete, ""},
		{"user", "display ", Incomplete, ""},
		{"user", "display i sa", Ambiguous, "i"},
		{"user", "display version x", TooManyParameters, "x"},
		{"user", "display ike sa foo", TooManyParameters, "foo"},
		{"user", "sysname x", Unrecognized, "sysname"},
		{"system", "reboot", Unrecognized, "reboot"},
		{"interface", "system-view", Unrecognized, "system-view"},
		{"interface", "ip route-static 0.0.0.0 0 foo", WrongParameter, "foo"},
		{"system", "vlan 4095", WrongParameter, "4095"},
		{"system", "vlan 1 2 3 4", TooManyParameters, "4"},
		{"system", "vlan abc", WrongParameter, "abc"},
		{"system", "interface GigabitEthernet 1/0/9", WrongParameter, "1/0/9"},
		{"system", "interface GigabitEthernet1/0/9", WrongParameter, "1/0/9"},
		{"system", "interface GigabitEthernet", Incomplete, ""},
		{"system", "sysname 12345678901", WrongParameter, "12345678901"},
		{"system", "ike dpd interval 3", Incomplete, ""},
		{"system", "ike dpd interval 3 retry 3 retry 3 periodic", Unrecognized, "retry 3 periodic"},
		{"system", "ike dpd interval 301 periodic", WrongParameter, "301"},
		{"system", "ntp server 1.1.1.1 priority priority", WrongParameter, ""},
		{"user", "debugging ike", Incomplete, ""},
		{"interface", "ip address 10.0.0.1 255.0.255.0", WrongParameter, "255.0.255.0"},
		{"interface", "ip address 10.0.0.256 24", WrongParameter, "10.0.0.256"},
		{"interface", "description 123456789012345678901", WrongParameter, "123456789012345678901"},
		{"interface", "  shutdown now", TooManyParameters, "now"},
		{"user", "", Incomplete, ""},
	}
	for _, tt := range tests {
		m, err := g.Parse(tt.view, tt.line, env{})
		if err == nil {
			t.Errorf("%s: %q is accepted as %q", tt.view, tt.line, m.Command.Syntax)
			continue
		}
		switch tt.line {
		case "display alarm urgent", "ntp server 1.1.1.1 priority priority":
			// a keyword may follow, or nothing
			if err.Kind != TooManyParameters {
				t.Errorf("%q: %v, want too many parameters", tt.line, err)
			}
			continue
		}
		col := len(strings.TrimRight(tt.line, " ")) + 1
		if tt.word != "" {
			col = strings.LastIndex(tt.line, tt.word)
		}
		if err.Kind != tt.kind || err.Col != col {
			t.Errorf("%s: %q: %s in column %d; want %s in column %d", tt.view, tt.line, err.Kind, err.Col, tt.kind, col)
		}
	}
}

// TestCaret holds the columns of captures of real devices.
func TestCaret(t *testing.T) {
	for _, tt := range []struct {
		prompt, line string
		err          Error
		want         int
	}{
		{"<H3Cvfw>", "display environment", Error{Unrecognized, 8}, 16},
		{"<XAYH_S10508X_SW01_DEMO_CSWZ>", "display alarm urgent", Error{TooManyParameters, 14}, 43},
		{"<HP1>", "display current-configuration interface Tunnel 20", Error{WrongParameter, 47}, 52},
		{"[防火墙]", "x", Error{Unrecognized, 0}, 8},
	} {
		lines := tt.err.Lines(tt.prompt, tt.line)
		if got := strings.IndexByte(lines[0], '^'); got != tt.want {
			t.Errorf("%s%s: caret in column %d, want %d", tt.prompt, tt.line, got, tt.want)
		}
	}
	e := Error{Kind: Unrecognized}
	if want := " % Unrecognized command found at '^' position."; e.Error() != want {
		t.Errorf("message %q, want %q", e.Error(), want)
	}
}

func TestArgs(t *testing.T) {
	g := product(t)
	m, err := g.Parse("system", "ip route-static 10.1.0.0 255.255.0.0 10.0.0.2 preference 80", env{})
	if err != nil {
		t.Fatal(err)
	}
	a := m.Args
	if a.Addr("next") != netip.MustParseAddr("10.0.0.2") || a.Int("p") != 80 || a.Uint32("p") != 80 || !a.Has("preference") || a.Has("priority") {
		t.Errorf("arguments are %+v", a.All())
	}
	if got, want := a.Prefix("addr", "mask"), netip.MustParsePrefix("10.1.0.0/16"); got != want {
		t.Errorf("prefix %v, want %v", got, want)
	}
	if a.Str("none") != "" || a.Int("none") != 0 || a.Addr("none").IsValid() || a.Prefix("addr", "none").IsValid() {
		t.Error("an argument that was not typed has a value")
	}
	m, _ = g.Parse("profile", "proposal 3 1 2", env{})
	if got := m.Args.Strs("n"); !slices.Equal(got, []string{"3", "1", "2"}) {
		t.Errorf("repeated argument is %q", got)
	}
}

func TestHelp(t *testing.T) {
	g := product(t)
	tests := []struct{ view, line, want string }{
		{"system", "ike ", "  dpd      DPD\n  profile  Profile"},
		{"system", "ike p", "  profile  Profile"},
		{"system", "ike dpd interval ", "  <1-300>  Seconds"},
		{"system", "ike dpd interval 3 ", "  on-demand  On demand\n  periodic   Periodic\n  retry      Retry"},
		{"user", "debugging ike ", "  all     All\n  error   Errors\n  packet  Packets"},
		{"user", "debugging ike all ", "  error   Errors\n  packet  Packets\n  <cr>"},
		{"user", "display version ", "  >     Redirect it to a file\n  >>    Redirect it to a file in append mode\n  |     Matching output\n  <cr>"},
		{"user", "display i", "  ike    IKE\n  ip     IP\n  ipsec  IPsec"},
		{"interface", "ip address ", "  X.X.X.X  Address"},
		{"interface", "ip address 1.1.1.1 ", "  <0-32>   Mask\n  X.X.X.X  Mask"},
		{"interface", "ip route-static ", "  X.X.X.X  Address"},
		{"interface", "description ", "  TEXT<1-20>  Text"},
		{"system", "sysname ", "  STRING<1-10>  Name"},
		{"system", "interface ", "  GigabitEthernet  GigabitEthernet interface\n  LoopBack         LoopBack interface\n  Tunnel           Tunnel interface"},
		{"system", "interface g", "  GigabitEthernet  GigabitEthernet interface"},
		{"system", "vlan 1", "  <1-4094>  VLAN number"},
		{"system", "vlan 1 ", "  <1-4094>  VLAN number\n  <cr>"},
		{"user", "display version | ", "  begin       Begin with the line that matches\n  by-linenum  Display line numbers\n" +
			"  exclude     Match the character strings excluding from the output lines\n  include     Match the character strings including in the output lines"},
		{"user", "display version | include ", "  TEXT<1-256>  Regular expression"},
	}
	for _, tt := range tests {
		h, err := g.Help(tt.view, tt.line, env{})
		if err != nil {
			t.Errorf("%s: %q?: %v", tt.view, tt.line, err)
			continue
		}
		if got := strings.Join(h.Lines(), "\n"); got != tt.want {
			t.Errorf("%s: %q?:\n%s\nwant\n%s", tt.view, tt.line, got, tt.want)
		}
	}
	h, _ := g.Help("interface", "", env{})
	want := "Interface view commands:\n  description  Description\n  display      Display\n  exit         Alias for 'quit'\n  ip           IP\n" +
		"  quit         Exit\n  show         Alias for 'display'\n  shutdown     Shut down"
	if got := strings.Join(h.Lines(), "\n"); got != want {
		t.Errorf("empty line:\n%s\nwant\n%s", got, want)
	}
	if h, err := g.Help("user", "display x", env{}); err == nil || err.Kind != Unrecognized || err.Col != 8 {
		t.Errorf("unknown word: %v, %v", h, err)
	}
	if h, _ := g.Help("system", "s", env{}); len(h.Rows) != 2 || h.Rows[0].Token != "show" || h.Rows[1].Token != "sysname" {
		t.Errorf("hidden commands are offered: %v", h.Rows)
	}
}

func TestComplete(t *testing.T) {
	g := product(t)
	for _, tt := range []struct {
		view, line string
		want       []string
	}{
		{"user", "dis", []string{"display"}},
		{"user", "display i", []string{"ike", "ip", "ipsec"}},
		{"user", "display version ", nil},
		{"user", "", nil},
		{"system", "ntp ", []string{"server"}},
		{"interface", "ip r", []string{"route-static"}},
		{"interface", "int", []string{"interface"}},
		{"system", "int gi", []string{"GigabitEthernet"}},
		{"user", "display ip interface b", []string{"brief"}},
		{"user", "display ip interface ", nil},
		{"system", "interface T", []string{"Tunnel"}},
		{"user", "xyz", nil},
		{"user", `"dis`, nil},
		{"system", "secret", nil},
	} {
		if got := g.Complete(tt.view, tt.line, env{}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q Tab: %q, want %q", tt.view, tt.line, got, tt.want)
		}
	}
}

func TestInterfaceSpellings(t *testing.T) {
	for in, want := range map[string]string{
		"GigabitEthernet1/0/1": "GigabitEthernet1/0/1", "gi1/0/1": "GigabitEthernet1/0/1", "ge1/0/1": "GigabitEthernet1/0/1",
		"loop0": "LoopBack0", "lo12": "LoopBack12", "inloop0": "InLoopBack0", "null0": "NULL0", "tun1": "Tunnel1", "vlan-int10": "Vlan-interface10",
		"ge1/0/1.100": "GigabitEthernet1/0/1.100", "bagg2": "Bridge-Aggregation2", "reth1": "Reth1",
	} {
		if got, ok := InterfaceName(in); !ok || got != want {
			t.Errorf("%s is %q, %v; want %s", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "ge", "t1", "foo1", "ge1/0/", "ge1//1", "ge1/0/1.", "1/0/1", "ge1/0/99999999999"} {
		if got, ok := InterfaceName(in); ok {
			t.Errorf("%q is %q, want it refused", in, got)
		}
	}
	if got := ShortInterface("GigabitEthernet1/0/1"); got != "GE1/0/1" {
		t.Errorf("short form %q", got)
	}
}

func TestCheck(t *testing.T) {
	if err := product(t).Check(); err != nil {
		t.Errorf("a sound grammar: %v", err)
	}
	for _, tt := range []struct {
		commands []Command
		want     string
	}{
		{[]Command{{Views: "user", Syntax: "ping <h:ip>", Help: "ping=Ping"}}, "no help text for <h>"},
		{[]Command{{Views: "user", Syntax: "a <x:1-9>", Help: "a=A;<x>=X"}, {Views: "user", Syntax: "a <y:5-20>", Help: "<y>=Y"}}, "a word may be <x>"},
		{[]Command{{Views: "user", Syntax: "a b", Help: "a=A;b=B"}, {Views: "user", Syntax: "a { b | c }", Help: "c=C;b=B"}}, "is hidden in view user"},
		{[]Command{{Views: "user", Syntax: "a <x:string:1-5>", Help: "a=A;<x>=X"}, {Views: "user", Syntax: "a <y:text:1-9>", Help: "<y>=Y"}}, "a word may be <x>"},
		{[]Command{{Views: "user", Syntax: "a 5", Help: "a=A;5=Five"}, {Views: "user", Syntax: "a <y:1-9>", Help: "<y>=Y"}}, "the keyword 5 fits"},
		{[]Command{{Views: "user", Syntax: "a [ b | c ] e", Help: "a=A;b=B;c=C;e=E"}, {Views: "any", Syntax: "a c e", Help: "c=C;e=E"}, {Views: "any", Syntax: "a c", Help: "c=C"}}, "is hidden in view user"},
		{[]Command{{Views: "user", Syntax: "a { all | <h:hex:1-8> }", Help: "a=A;all=All;<h>=Hex"}}, `the keyword all fits <h> of "a { all | <h:hex:1-8> }" as well, typed as "a"`},
		{[]Command{{Views: "any", Syntax: "a { gear | <i:interface> }", Help: "a=A;gear=G;<i>=I"}}, "the keyword gear fits <i>"},
		{[]Command{{Views: "user", Syntax: "a bc", Help: "a=A;bc=B"}, {Views: "any", Syntax: "a Bc", Help: "Bc=B"}}, "differ in case only"},
		{[]Command{{Views: "any", Syntax: "a <x:1-9>", Help: "a=A;<x>=X"}, {Views: "user", Syntax: "a <y:5-20>", Help: "<y>=Y"}}, "a word may be"},
	} {
		g := New()
		if err := g.AddView("user", "", "User view commands:"); err != nil {
			t.Fatal(err)
		}
		for _, c := range tt.commands {
			if err := g.Add(c); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.Check(); err == nil && tt.want != "" || err != nil && (tt.want == "" || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("Check of %q says %v, want %q", tt.commands[0].Syntax, err, tt.want)
		}
	}
}

func TestBadSyntax(t *testing.T) {
	for _, s := range []string{"", "a {", "a { b", "a }", "a ]", "a [ b }", "a | b", "{ | b }", "&<1-2>", "a <b>", "a <b:what>", "a <b:9-1>",
		"a <b:string:x>", "a <b:ip:1-2>", "a <t:text:1-9> b", "a &<0-2>"} {
		g := New()
		if err := g.AddView("user", "", ""); err != nil {
			t.Fatal(err)
		}
		if err := g.Add(Command{Views: "user", Syntax: s}); err == nil {
			t.Errorf("%q is accepted", s)
		}
	}
	g := New()
	if err := g.Add(Command{Views: "nowhere", Syntax: "a"}); err == nil {
		t.Error("a command of an unknown view is accepted")
	}
	if err := g.AddView("a", "b", ""); err == nil {
		t.Error("a view with an unknown parent is accepted")
	}
}

// A whole keyword of the system view is none of the abbreviations of a view's own.
func TestWholeKeywordFurtherOut(t *testing.T) {
	g := New()
	for _, v := range [][3]string{{"user", "", "U"}, {"system", "user", "S"}, {"policy", "system", "P"}} {
		if err := g.AddView(v[0], v[1], v[2]); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []Command{{Views: "system", Syntax: "ike profile <n:string:1-9>", Help: "ike=I;profile=P;<n>=N"},
		{Views: "policy", Syntax: "ike-profile <n:string:1-9>", Help: "ike-profile=P;<n>=N"}, {Views: "policy", Syntax: "ikev2-profile <n:string:1-9>", Help: "ikev2-profile=P;<n>=N"}} {
		if err := g.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	if m, err := g.Parse("policy", "ike profile p1", nil); err != nil || m.View != "system" {
		t.Errorf("ike profile p1 is %v, %v", m, err)
	}
	if _, err := g.Parse("policy", "ik p1", nil); err == nil || err.Kind != Ambiguous {
		t.Errorf("ik p1 gives %v", err)
	}
	if h, err := g.Help("policy", "ike ", nil); err != nil || len(h.Rows) != 1 || h.Rows[0].Token != "profile" {
		t.Errorf("ike ? gives %+v, %v", h, err)
	}
}

func TestFilters(t *testing.T) {
	g := product(t)
	const out = "one\ntwo\nthree\nfour\n"
	for _, tt := range []struct{ line, command, want string }{
		{"display version | include t", "display version", "two\nthree\n"},
		{"dis ver | exc t", "dis ver", "one\nfour\n"},
		{"show version | begin thr", "show version", "three\nfour\n"},
		{"display version | by-linenum include o", "display version", "    1:  one\n    2:  two\n    4:  four\n"},
		{"display version | by begin two", "display version", "    2:  two\n    3-  three\n    4-  four\n"},
		{"display version | include o|th", "display version", "one\ntwo\nthree\nfour\n"},
		{"display version |include t | exclude w", "display version", "three\n"},
		{"display version | include ^o.e$", "display version", "one\n"},
		{`display version | include "four"`, "display version", "four\n"},
		{"display version | include TWO", "display version", ""},
		{"display version | by-linenum", "display version", "    1:  one\n    2:  two\n    3:  three\n    4:  four\n"},
		{"display version | by | include t", "display version", "    2:  two\n    3:  three\n"},
		{"display version | exclude two | by-linenum", "display version", "    1:  one\n    2:  three\n    3:  four\n"},
	} {
		cmd, o, err := g.SplitFilter(tt.line)
		if err != nil {
			t.Errorf("%q: %v in column %d", tt.line, err, err.Col)
			continue
		}
		if cmd != tt.command {
			t.Errorf("%q: command %q, want %q", tt.line, cmd, tt.command)
		}
		if got := o.Apply(out); got != tt.want {
			t.Errorf("%q:\n%s\nwant\n%s", tt.line, got, tt.want)
		}
	}
	for _, tt := range []struct {
		line string
		kind Kind
		col  int
	}{
		{"display version |", Incomplete, 18},
		{"display version | inc", Incomplete, 22},
		{"display version | count x", Unrecognized, 18},
		{"display version | b x", Ambiguous, 18},
		{"display version | include (", WrongParameter, 26},
		{"display version >", Incomplete, 18},
		{"display version > a b", TooManyParameters, 20},
		{"display version >> " + strings.Repeat("f", 64), WrongParameter, 19},
		{`display version > ""`, WrongParameter, 18},
		{"display version" + strings.Repeat(" | include a", 129), TooManyParameters, 1552},
	} {
		if _, _, err := g.SplitFilter(tt.line); err == nil || err.Kind != tt.kind || err.Col != tt.col {
			t.Errorf("%q: %v, want %s in column %d", tt.line, err, tt.kind, tt.col)
		}
	}
	if cmd, o, _ := g.SplitFilter("description a | b"); o != nil || cmd != "description a | b" {
		t.Errorf("a pipe is split off %q", cmd)
	}
	_, o, _ := g.SplitFilter("display version | include t >> flash:/x")
	if o.File != "flash:/x" || !o.Append || len(o.Filters) != 1 {
		t.Errorf("redirection is %+v", o)
	}
}

// FuzzParse types anything in every view: no panic, and what `?` offers is
// accepted.
func FuzzParse(f *testing.F) {
	g := product(f)
	for _, s := range []string{"display ip interface ge 1/0/1", `sysname "a\"b`, "ntp server 1.1.1.1 key 2 source lo 0", "display version | include x > y", "中 文", "vlan 1 2 ?", "shinc routing-table Static", "rt 1.1.1.1 10.0.0.0 8", "sv | begin a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if len(line) > 511 {
			return
		}
		for _, view := range g.names {
			if m, err := g.Parse(view, line, env{}); err == nil {
				again, err := g.Parse(view, m.Canonical(), env{})
				if err != nil || again.Command != m.Command || again.Canonical() != m.Canonical() {
					t.Fatalf("view %s: %q is canonically %q, which is not the same command", view, line, m.Canonical())
				}
			} else if err.Col < 0 || err.Col > len(line)+1 {
				t.Fatalf("view %s: %q: column %d", view, line, err.Col)
			} else {
				err.Lines("<H3C>", line)
			}
			g.SplitFilter(line)
			g.Complete(view, line, env{})
			if r, err := g.Read(view, line, aliased{}); err == nil {
				if again, err := g.Read(view, r.Text, env{}); err != nil || again.Canonical() != r.Canonical() {
					t.Fatalf("view %s: %q stands for %q, which is not the same command: %v", view, line, r.Text, err)
				}
			} else if err.Col < 0 || err.Col > len(line)+1 {
				t.Fatalf("view %s: %q with aliases: column %d", view, line, err.Col)
			}
			g.Help(view, line, aliased{})
			h, err := g.Help(view, line, env{})
			if err != nil || g.pipeAt(line) >= 0 {
				continue
			}
			text := g.expand(g.views[view], line, env{}, true).text
			_, partial := cut(text)
			for _, r := range h.Rows {
				next := text[:partial.at] + r.Token
				switch {
				case r.Token == "<cr>":
					if _, err := g.Parse(view, line, env{}); err != nil {
						t.Fatalf("view %s: after %q <cr> is offered: %v", view, line, err)
					}
					continue
				case strings.ContainsAny(r.Token, "<>|.") || strings.ToUpper(r.Token) == r.Token || len(h.Title) > 0:
					continue
				}
				if m, err := g.Parse(view, next, env{}); m == nil && err.Kind != Incomplete {
					t.Fatalf("view %s: %q is offered after %q: %v", view, r.Token, line, err)
				}
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	g := product(b)
	for b.Loop() {
		if _, err := g.Parse("system", "ike dpd interval 3 retry 3 periodic", env{}); err != nil {
			b.Fatal(err)
		}
	}
}
