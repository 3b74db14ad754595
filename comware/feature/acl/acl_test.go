package acl

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/objgroup"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
)

// newBox is a box that a person sits at; do types lines, refused ones too.
func newBox(t *testing.T) (*feature.Box, func(lines ...string) string) {
	t.Helper()
	d := featuretest.New(t, ip.Feature, objgroup.Feature, Feature)
	return d.Box, d.Show
}

// own is the configuration without what the device has before anybody typed.
func own(b *feature.Box) []string {
	return b.Conf.Section(func(n *conf.Node) bool { return !strings.HasPrefix(n.Text, "interface ") })
}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, ip.Feature, objgroup.Feature, Feature).Grammar.Check(); err != nil {
		t.Error(err)
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
	got := own(b)
	if !slices.Equal(got, want) {
		t.Errorf("configuration is\n%s", strings.Join(got, "\n"))
	}
	again, _ := newBox(t)
	if refused := again.Load(strings.Join(got, "\n")); len(refused) > 0 {
		t.Errorf("refused %+v", refused)
	}
	if back := own(again); !slices.Equal(back, want) {
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
	if got := do("acl advanced 3000", "undo rule 7", "rule permit ip source 2.2.2.2 0 destination 3.3.3.3 0.0.0.0",
		"rule 90 permit ip", "rule 95 permit ip logging", "undo rule 95 logging"); got !=
		"The rule does not exist.\nThe rule already exists.\nThe rule already exists.\n" {
		t.Errorf("printed %q", got)
	}
	do("undo rule 90", "undo rule 95", "undo rule 0", "undo acl advanced 3000")
	if got := own(b); len(got) != 2 {
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

func packet(proto uint8, src, dst string, tos uint8, payload ...byte) *stack.Packet {
	return &stack.Packet{Proto: proto, Src: netip.MustParseAddr(src), Dst: netip.MustParseAddr(dst), TOS: tos, Payload: append(payload, make([]byte, 20)...)}
}

func segment(flags byte) []byte { return []byte{0, 1, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags} }

func TestConditions(t *testing.T) {
	for _, row := range []struct {
		rule string // after "rule 0 permit", as it is printed
		yes  *stack.Packet
		no   *stack.Packet
	}{
		{"tcp ack 1 syn 0", packet(6, "1.1.1.1", "2.2.2.2", 0, segment(0x10)...), packet(6, "1.1.1.1", "2.2.2.2", 0, segment(0x12)...)},
		{"tcp established", packet(6, "1.1.1.1", "2.2.2.2", 0, segment(0x04)...), packet(6, "1.1.1.1", "2.2.2.2", 0, segment(0x02)...)},
		{"icmp icmp-type echo", packet(1, "1.1.1.1", "2.2.2.2", 0, 8, 0), packet(1, "1.1.1.1", "2.2.2.2", 0, 0, 0)},
		{"icmp icmp-type 3", packet(1, "1.1.1.1", "2.2.2.2", 0, 3, 7), packet(1, "1.1.1.1", "2.2.2.2", 0, 4, 0)},
		{"icmp icmp-type 3 9", packet(1, "1.1.1.1", "2.2.2.2", 0, 3, 9), packet(1, "1.1.1.1", "2.2.2.2", 0, 3, 7)},
		{"ip dscp ef", packet(17, "1.1.1.1", "2.2.2.2", 46<<2), packet(17, "1.1.1.1", "2.2.2.2", 0)},
		{"ip precedence critical", packet(17, "1.1.1.1", "2.2.2.2", 5<<5), packet(17, "1.1.1.1", "2.2.2.2", 0)},
		{"ip tos min-delay", packet(17, "1.1.1.1", "2.2.2.2", 8<<1), packet(17, "1.1.1.1", "2.2.2.2", 0)},
		{"ip source object-group hosts", packet(17, "1.1.1.1", "2.2.2.2", 0), packet(17, "1.1.1.2", "2.2.2.2", 0)},
		{"ip destination object-group hosts", packet(17, "9.1.1.1", "1.1.1.1", 0), packet(17, "1.1.1.1", "2.2.2.2", 0)},
		{"tcp destination-port object-group web", packet(6, "1.1.1.1", "2.2.2.2", 0, segment(2)...), packet(6, "1.1.1.1", "2.2.2.2", 0, 0, 1, 0, 81)},
		{"tcp source-port neq echo destination-port range finger www", packet(6, "1.1.1.1", "2.2.2.2", 0, segment(2)...), packet(6, "1.1.1.1", "2.2.2.2", 0, 0, 7, 0, 80)},
		{"ip time-range now", packet(17, "1.1.1.1", "2.2.2.2", 0), nil},
		{"ip time-range later", nil, packet(17, "1.1.1.1", "2.2.2.2", 0)},
		{"ip fragment", nil, packet(17, "1.1.1.1", "2.2.2.2", 0)},
		{"ip vpn-instance red", nil, packet(17, "1.1.1.1", "2.2.2.2", 0)},
	} {
		b, do := newBox(t)
		if got := do("system-view", "object-group ip address hosts", "network host address 1.1.1.1", "object-group port web", "port eq 80",
			"time-range now 03:00 to 04:00 daily", "time-range later from 00:00 2021/01/01", "acl advanced 3000", "rule permit "+row.rule); got != "" {
			t.Errorf("%q: printed %s", row.rule, got)
			continue
		}
		l := feature.Get[*Lists](b).Lookup("3000")
		if got, want := l.Rules[0].Text(Advanced), "rule 0 permit "+row.rule; got != want {
			t.Errorf("%q is written, want %q", got, want)
		}
		if row.yes != nil && l.Packet(row.yes) == nil {
			t.Errorf("%q does not match", row.rule)
		}
		if row.no != nil && l.Packet(row.no) != nil {
			t.Errorf("%q matches what it must not", row.rule)
		}
	}
}

func TestConditionsAreTakenOff(t *testing.T) {
	b, do := newBox(t)
	do("system-view", "acl advanced 3000", "rule permit tcp source 1.1.1.1 0 source-port eq 5 destination-port eq 6 ack 1 logging counting dscp af11",
		"undo rule 0 source source-port ack counting dscp")
	if got := own(b); !slices.Contains(got, " rule 0 permit tcp destination-port eq 6 logging") {
		t.Errorf("after undo of parts %q", got)
	}
	if got := do("rule permit ip dscp 1 tos 1", "rule permit tcp source-port range 9 8"); got !=
		"DSCP cannot be specified together with precedence or ToS.\nThe source port is invalid.\n" {
		t.Errorf("printed %q", got)
	}
}

// What a protocol has not is refused where it stands.
func TestConditionsBelongToProtocols(t *testing.T) {
	_, do := newBox(t)
	do("system-view", "acl advanced 3000")
	for _, line := range []string{"rule permit udp ack 1", "rule permit tcp icmp-type echo", "rule permit ip destination-port eq 5", "rule permit icmp source-port eq 1", "rule permit ip dscp 64",
		"rule permit tcp source-port eq biff", "rule permit udp source-port eq www"} {
		if got := do(line); !strings.Contains(got, "found at '^' position") {
			t.Errorf("%q prints %q, want it refused with a caret", line, got)
		}
	}
	if got := do("rule permit 6 dscp ef", "rule permit tcp destination-port range ftp-da smtp"); got != "" {
		t.Errorf("printed %q", got)
	}
}

func TestMatchOrderAndCopy(t *testing.T) {
	b, do := newBox(t)
	do("system-view", "acl basic 2000 match-order auto", "rule permit source 10.0.0.0 0.255.255.255", "rule deny source 10.1.1.1 0", "acl copy 2000 to name twin")
	if got, want := do("display acl 2000"), "Basic IPv4 ACL 2000, 2 rules, match-order is auto,\nACL's step is 5, start ID is 0\n rule 5 deny source 10.1.1.1 0\n rule 0 permit source 10.0.0.0 0.255.255.255\n"; got != want {
		t.Errorf("display prints\n%swant\n%s", got, want)
	}
	if r := feature.Get[*Lists](b).Lookup("TWIN").Packet(packet(17, "10.1.1.1", "2.2.2.2", 0)); r == nil || r.Permit {
		t.Errorf("the copy matches %+v, want the rule for the host", r)
	}
	if got := do("acl basic 2000 match-order config"); got != "The match order of an ACL that has rules cannot be changed.\n" {
		t.Errorf("printed %q", got)
	}
	do("acl number 2001", "step 7", "undo step", "undo acl number 2001")
	do("acl mac 4000", "rule 0 permit source-mac 0001-0002-0003 ffff-ffff-ffff", "undo rule 0", "description x", "undo description", "undo acl mac 4000", "undo acl basic name twin")
	if got := own(b); len(got) != 6 {
		t.Errorf("left is %q", got)
	}
}

func TestTimeRanges(t *testing.T) {
	d := featuretest.New(t, ip.Feature, objgroup.Feature, Feature) // Thursday, 03:04:05 2020-01-02
	d.Do("system-view", "time-range t4 10:00 to 12:00 1", "time-range t4 14:00 to 16:00 3 sat", "time-range t4 from 00:00 1/1/2019 to 24:00 12/31/2020",
		"time-range t4 to 10:00 2021/5/6", "time-range w 3:00 to 24:00 working-day off-day from 00:00 1/1/2020", "time-range d 00:00 to 00:01 off-day")
	d.Want("display time-range t4", `Current time is 03:04:05 1/2/2020 Thursday

Time-range : t4 (Inactive)
 10:00 to 12:00 Mon
 14:00 to 16:00 Wed Sat
 from 00:00 1/1/2019 to 00:00 1/1/2021
 from 00:00 1/1/1970 to 10:00 5/6/2021
`)
	if got := d.Do("display time-range all"); !strings.Contains(got, "Time-range : w (Active)\n 03:00 to 24:00 daily\n") {
		t.Errorf("all prints\n%s", got)
	}
	flips := 0
	feature.Get[*Lists](d.Box).OnFlip(func() { flips++ })
	d.Run(24 * time.Hour)
	if flips != 2 { // w ends at midnight and begins at three
		t.Errorf("%d changes in a day, want 2", flips)
	}
	d.RoundTrip()
	for _, row := range [][2]string{
		{"time-range all 1:00 to 2:00 daily", "The time range name must begin with a letter.\n"},
		{"time-range x 2:00 to 1:00 daily", "The end time must be later than the start time.\n"},
		{"undo time-range nothing", "The time range does not exist.\n"},
		{"display time-range nothing", "The time range does not exist.\n"},
		{"undo time-range t4 10:00 to 12:00 mon", ""}, {"undo time-range t4", ""}, {"undo time-range w", ""}, {"undo time-range d", ""},
	} {
		d.Want(row[0], row[1])
	}
	if got := d.Config(); strings.Contains(got, "time-range") {
		t.Errorf("left is\n%s", got)
	}
}

func TestPacketFilter(t *testing.T) {
	a := featuretest.New(t, ip.Feature, objgroup.Feature, Feature)
	b := featuretest.At(t, a.World, a.Net, "B", ip.Feature, objgroup.Feature, Feature)
	const port = "GigabitEthernet1/0/1"
	featuretest.Cable(a, port, b, port)
	a.Do("system-view", "interface "+port, "ip address 192.0.2.1 24")
	b.Do("system-view", "interface "+port, "ip address 192.0.2.2 24")
	ping := func(why string, want bool) {
		t.Helper()
		a.Do("ping -c 1 192.0.2.2")
		a.Run(5 * time.Second)
		if got := strings.Contains(a.Seen(), "1 packet(s) received"); got != want {
			t.Errorf("%s: answered %v, want %v", why, got, want)
		}
	}
	ping("no filter", true)
	b.Do("packet-filter 3000 inbound hardware-count")
	ping("a list that is not there", true)
	b.Do("acl advanced 3000", "rule 5 deny icmp icmp-type echo counting")
	ping("denied", false)
	b.Do("acl advanced 3000", "rule 0 permit icmp source 192.0.2.1 0")
	ping("permitted", true)
	b.Want("display packet-filter interface "+port, "Interface: "+port+"\n In-bound policy:\n  IPv4 ACL 3000, Hardware-count\n  IPv4 default action: Permit\n")
	b.Want("display acl 3000", "Advanced IPv4 ACL 3000, 2 rules,\nACL's step is 5, start ID is 0\n rule 0 permit icmp source 192.0.2.1 0 (1 times matched)\n rule 5 deny icmp icmp-type echo counting (1 times matched)\n")
	if got := b.Do("display packet-filter statistics interface " + port + " inbound"); !strings.Contains(got, "   rule 5 deny icmp icmp-type echo counting (1 packets)\n   Totally 1 packets permitted, 1 packets denied\n   Totally 50% permitted, 50% denied\n") {
		t.Errorf("statistics print\n%s", got)
	}
	b.Want("display packet-filter statistics sum inbound 3000 brief", "Sum:\n In-bound policy:\n  IPv4 ACL 3000\n   Totally 1 packets permitted, 1 packets denied\n   Totally 50% permitted, 50% denied\n")
	b.Want("display packet-filter verbose interface "+port+" inbound", "Interface: "+port+"\n In-bound policy:\n  IPv4 ACL 3000, Hardware-count\n   rule 0 permit icmp source 192.0.2.1 0\n   rule 5 deny icmp icmp-type echo counting\n\n  IPv4 default action: Permit\n")
	b.Do("accelerate", "acl trap interval 5", "interface "+port, "packet-filter default inbound hardware-count", "acl advanced 3000")
	b.RoundTrip()
	b.Do("undo accelerate", "undo acl trap interval", "undo rule 0", "undo rule 5", "packet-filter default deny")
	ping("default deny", false)
	b.Do("undo packet-filter default deny", "interface "+port, "undo packet-filter 3000 inbound", "packet-filter name out outbound", "acl basic name out", "rule deny source 192.0.2.2 0")
	b.ShowLogs()
	b.Do("quit", "quit", "quit", "debugging packet-filter packet ip")
	ping("denied on the way out", false)
	if want := "The packet is denied. Interface=" + port + ", Direction=OUTBOUND; Packet Info: Src-IP=192.0.2.2, Dst-IP=192.0.2.1, VPN-Instance=none, Src-Port=0, Dst-Port=0, Protocol=icmp(1), ACL=out."; !strings.Contains(b.Seen(), want) {
		t.Errorf("trace is %q, want %q in it", b.Seen(), want)
	}
	b.Do("undo debugging packet-filter packet ip", "reset packet-filter statistics interface outbound", "reset acl counter all")
}

func TestLogging(t *testing.T) {
	a := featuretest.New(t, ip.Feature, objgroup.Feature, Feature)
	b := featuretest.At(t, a.World, a.Net, "B", ip.Feature, objgroup.Feature, Feature)
	const port = "GigabitEthernet1/0/1"
	featuretest.Cable(a, port, b, port)
	a.Do("system-view", "interface "+port, "ip address 192.0.2.1 24")
	b.ShowLogs()
	b.Do("system-view", "acl logging interval 5", "acl basic 2000", "rule permit source 192.0.2.1 0 logging", "interface "+port, "ip address 192.0.2.2 24", "packet-filter 2000 inbound")
	a.Do("ping -c 3 192.0.2.2")
	a.Run(20 * time.Minute)
	const want = "ACL/6/PFILTER_STATIS_INFO: -Context=1; GigabitEthernet1/0/1 (inbound): Packet-filter 2000 rule 0 permit source 192.0.2.1 0 logging "
	if got := b.Seen(); !strings.Contains(got, want+"1 packet(s).") || !strings.Contains(got, want+"2 packet(s).") || strings.Count(got, "PFILTER") != 2 {
		t.Errorf("logs are\n%s\nwant %q with 1 and 2 packets", got, want)
	}
	b.Want("acl logging interval 7", "The interval must be a multiple of 5.\n")
	b.RoundTrip()
	b.Do("undo acl logging interval")
}

func TestKeptLists(t *testing.T) {
	d := featuretest.New(t, ip.Feature, objgroup.Feature, Feature)
	d.Do("system-view", "acl ipv6 basic 2000", "rule 0 permit source 2001:db8::1 128", "description six", "acl ipv6 advanced name six", "rule 5 deny tcp", "quit")
	if got, want := d.Do("acl ipv6 advanced 3000"), ""; got != want || d.Shell.Prompt() != "[H3C-acl-ipv6-adv-3000]" {
		t.Errorf("printed %q, prompt %q", got, d.Shell.Prompt())
	}
	d.Do("rule permit ipv6 source any", "rule 12 deny tcp", "rule deny ipv6", "quit", "acl mac 4000", "rule deny", "quit")
	if want := " rule 0 permit ipv6 source any\n rule 12 deny tcp\n rule 15 deny ipv6\n#"; !strings.Contains(d.Config(), want) || !strings.Contains(d.Config(), "acl mac 4000\n rule 0 deny\n") {
		t.Errorf("numbered rules are\n%s", d.Config())
	}
	d.RoundTrip()
	d.Do("acl mac 4001", "rule 65534 permit")
	d.Want("rule deny", "The rule ID is out of range.\n")
	d.Do("quit", "undo acl mac 4001")
	d.Do("undo acl mac 4000", "undo acl ipv6 basic 2000", "undo acl ipv6 advanced 3000", "undo acl ipv6 advanced name six")
	if got := d.Config(); strings.Contains(got, "acl") {
		t.Errorf("left is\n%s", got)
	}
}

func BenchmarkLongList(b *testing.B) {
	var text strings.Builder
	text.WriteString("acl advanced 3000\n")
	for i := range 2000 {
		fmt.Fprintf(&text, " rule %d permit tcp source 10.%d.%d.0 0.0.0.255 destination-port eq %d\n", i, i/250, i%250, i+1)
	}
	img, err := feature.NewImage(ip.Feature, objgroup.Feature, Feature)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w := sim.New(featuretest.Start, 1, nil)
		box := feature.NewBox("A", featuretest.Model, img, w, link.NewNetwork(w), feature.NewFlash())
		for _, f := range img.Features {
			f.Install(box)
		}
		if refused := box.Load(text.String()); len(refused) > 0 {
			b.Fatal(refused[0])
		}
	}
}
