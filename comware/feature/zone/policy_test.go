package zone

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/zone"
)

// pair2 is two boxes on one cable; a may ping b, whose zone is Untrust.
func pair2(t *testing.T) (a, b *desk, ping func(why string, want bool)) {
	w := sim.New(featuretest.Start, 1, nil)
	n := link.NewNetwork(w)
	a, b = seat(t, w, n, "A"), seat(t, w, n, "B")
	featuretest.Cable(a.Desk, "GigabitEthernet1/0/1", b.Desk, "GigabitEthernet1/0/1")
	a.do("interface g1/0/1", "ip address 192.0.2.1 24", "quit", "security-zone name Untrust", "import interface g1/0/1", "quit",
		"security-policy ip", "rule name all", "action pass", "quit", "quit")
	b.do("interface g1/0/1", "ip address 192.0.2.2 24", "quit", "security-zone name Untrust", "import interface g1/0/1", "quit")
	return a, b, func(why string, want bool) {
		t.Helper()
		a.do("ping -c 1 192.0.2.2")
		a.Run(5 * time.Second)
		if got := strings.Contains(a.Seen(), "1 packet(s) received"); got != want {
			t.Errorf("%s: answered %v, want %v", why, got, want)
		}
	}
}

func TestObjectGroupsInPolicy(t *testing.T) {
	_, b, ping := pair2(t)
	b.do("object-group ip address peers", "network subnet 192.0.2.0 24", "network exclude 192.0.2.9", "quit", "object-group service diag", "service icmp 8 0", "quit",
		"security-policy ip", "rule 7 name in", "action pass", "source-zone untrust", "destination-zone local", "source-ip peers", "destination-ip any", "service diag", "service telnet",
		"time-range office", "counting enable", "session aging-time 100")
	ping("a time range that is not there", false)
	b.do("time-range office 03:00 to 04:00 daily")
	ping("all conditions hold", true)
	if got := b.do("display security-policy statistics ip rule in"); got != "rule 7 name in\n  action: pass (2 packets, 168 bytes)\n" {
		t.Errorf("statistics print %q", got)
	}
	b.Want("undo object-group ip address peers", "The object group is in use.\n")
	if got := b.do("display object-group name peers"); !strings.Contains(got, "(in use)") {
		t.Errorf("the group prints\n%s", got)
	}
	b.do("object-group ip address peers", "network exclude 192.0.2.1", "quit")
	ping("the group excludes the peer", false)
	b.do("object-group ip address peers", "undo network exclude 192.0.2.1", "quit")
	ping("no more", true)
	b.Run(time.Hour)
	ping("the time is over", false)
	b.RoundTrip()
	b.do("security-policy ip", "rule 7", "undo time-range", "undo source-ip peers", "undo destination-ip", "undo service diag", "undo service", "undo session aging-time", "undo counting enable")
	ping("conditions are taken off", true)
	for _, row := range [][2]string{
		{"source-ip nothing", "The address object group doesn't exist.\n"}, {"service nothing", "The service object group doesn't exist.\n"},
	} {
		b.Want(row[0], row[1])
	}
	b.do("vrf red")
	ping("another VRF", false)
	b.do("undo vrf", "service-port icmp 8 0", "quit", "quit", "quit", "reset security-policy statistics", "system-view", "undo object-group ip address peers")
	ping("an ICMP type", true)
}

func TestRulesAreRenamedCopiedAndMoved(t *testing.T) {
	d := alone(t)
	d.do("security-policy ip", "rule name a", "action pass", "service ssh", "quit", "rule name b", "quit", "rule rename b c", "rule copy a d", "move rule name d top")
	const want = `security-policy ip
 rule 2 name d
  action pass
  service ssh
 rule 0 name a
  action pass
  service ssh
 rule 1 name c`
	d.want("configuration", d.block("security-policy ip"), want)
	d.do("move rule name d down", "move rule name c up", "move rule name a bottom", "move rule name d before name c")
	order := func() string {
		s := ""
		for _, r := range engineOf(d).Rules() {
			s += r.Name
		}
		return s
	}
	d.want("order", order(), "dca")
	for _, row := range [][2]string{
		{"rule rename nothing x", "The rule does not exist.\n"}, {"rule rename a c", "The rule name already exists.\n"},
		{"rule copy a c", "The rule name already exists.\n"}, {"rule copy nothing x", "The rule does not exist.\n"},
		{"move rule name nothing top", "The rule does not exist.\n"}, {"move rule name a before name a", "The rule does not exist.\n"},
		{"display security-policy statistics ip rule nothing", "The rule does not exist.\n"},
	} {
		d.Want(row[0], row[1])
	}
	d.do("default rule action pass")
	d.RoundTrip()
	if got := d.block("security-policy ip"); !strings.HasPrefix(got, "security-policy ip\n default rule action pass\n rule 2") {
		t.Errorf("configuration is\n%s", got)
	}
	if got := d.do("display security-policy ip"); !strings.Contains(got, " rule 0 name a\n") {
		t.Errorf("display prints\n%s", got)
	}
	d.do("undo default rule action", "quit", "undo security-policy ip")
}

func TestDefaultAndDisabledPolicy(t *testing.T) {
	_, b, ping := pair2(t)
	b.do("security-policy ip", "default rule action pass")
	ping("the default passes", true)
	b.do("undo default rule action", "rule name all", "action pass", "quit", "quit")
	ping("a rule passes", true)
	b.do("security-policy disable")
	ping("rules do not count", false)
	b.do("undo security-policy disable")
	ping("they do again", true)
}

func TestZonePairs(t *testing.T) {
	_, b, ping := pair2(t)
	b.do("zone-pair security source untrust destination local")
	b.want("prompt", b.Shell.Prompt(), "[H3C-zone-pair-security-Untrust-Local]")
	ping("an empty pair", false)
	b.do("packet-filter 3000", "quit", "acl advanced 3000", "rule permit icmp icmp-type echo")
	ping("a packet filter", true)
	b.do("object-policy ip web", "description nothing but the web", "rule drop service ping", "rule 5 pass source-ip any logging", "rule 5 comment the rest", "quit",
		"zone-pair security source Untrust destination Local", "object-policy apply ip web")
	ping("the object policy goes first", false)
	b.do("object-policy ip web", "move rule 5 before 0", "rule 0 drop counting", "return", "debugging object-policy packet ip")
	ping("its rules in another order", true)
	if want := "pflt/7/Event: -Context=1; The packet is permitted. Src-Zone=Untrust, Dst-Zone=Local; If-In=GigabitEthernet1/0/1, If-Out=InLoopBack0; Packet Info: Src-IP=192.0.2.1, Dst-IP=192.0.2.2, VPN-Instance=none, Src-Port=0, Dst-Port=0, Protocol=icmp(1), ObjectPolicy=web."; !strings.Contains(b.Seen(), want) {
		t.Errorf("trace is %q, want %q in it", b.Seen(), want)
	}
	b.do("undo debugging object-policy packet ip", "system-view", "object-policy ip web")
	b.do("move rule 5 before 65535")
	ping("and back", false)
	b.Want("display object-policy ip web", "Object-policy ip web\nnothing but the web\n rule 0 drop service ping counting\n rule 5 pass source-ip any logging\n rule 5 comment the rest\n")
	b.Want("display object-policy zone-pair security", "Zone-pair source Untrust destination Local\nobject-policy apply ip web\n")
	b.Want("display object-policy statistics zone-pair security source Untrust destination Local", "Object-policy apply ip web\n rule 0 drop service ping counting (2 times matched)\n rule 5 pass source-ip any logging\n")
	b.Want("display zone-pair security", " Source zone                     Destination zone\n Untrust                         Local\n")
	b.Want("display packet-filter zone-pair security", "Zone-pair: source Untrust destination Local\n  IPv4 ACL 3000\n")
	b.want("configuration", b.block("zone-pair untrust local"), "zone-pair security source Untrust destination Local\n packet-filter 3000\n object-policy apply ip web")
	b.RoundTrip()
	for _, row := range [][2]string{
		{"undo object-policy ip web", "The object policy is in use.\n"},
		{"undo object-policy ip nothing", "The object policy does not exist.\n"},
		{"zone-pair security source nowhere destination Local", "The security zone does not exist.\n"},
		{"undo zone-pair security source Trust destination Local", "The zone pair does not exist.\n"},
		{"object-policy ip web", ""}, {"undo rule 7", "The rule does not exist.\n"}, {"undo rule 5 logging", ""}, {"undo rule 5 comment", ""}, {"undo description", ""}, {"undo rule 5", ""},
		{"quit", ""}, {"zone-pair security source Untrust destination Local", ""}, {"undo packet-filter 2999", "The ACL is not applied to the zone pair.\n"},
		{"aspf apply policy 1", ""}, {"undo aspf apply policy 1", ""},
		{"undo packet-filter 3000", ""}, {"undo object-policy apply ip web", ""},
		{"quit", ""}, {"zone-pair security source any destination Local", ""}, {"packet-filter 3000", ""}, {"quit", ""},
		{"undo zone-pair security source Untrust destination Local", ""},
		{"undo object-policy ip web", ""},
	} {
		b.Want(row[0], row[1])
	}
	ping("the pair of any zone", true)
	b.do("security-zone name office", "quit", "zone-pair security source office destination Trust", "quit", "undo security-zone name office",
		"undo zone-pair security source any destination Local")
	if got := b.Config(); strings.Contains(got, "zone-pair") {
		t.Errorf("left is\n%s", got)
	}
	ping("no pair", false)
	b.do("return", "reset object-policy statistics zone-pair security", "system-view")
}

func TestAgeing(t *testing.T) {
	_, b, ping := pair2(t)
	b.do("security-policy ip", "rule name all", "action pass", "quit", "quit", "session aging-time state icmp-reply 7", "session aging-time application dns 90", "session aging-time state syn 30")
	ping("all pass", true)
	if got := b.do("display session table ipv4"); !strings.Contains(got, "Total sessions found: 1\n") {
		t.Errorf("sessions print\n%s", got)
	}
	b.Want("display session statistics ipv4 protocol icmp destination-ip 192.0.2.2", "Slot 1:\nCurrent sessions: 1\n           TCP sessions:                    0\n           UDP sessions:                    0\n          ICMP sessions:                    1\n         RAWIP sessions:                    0\n")
	b.Run(5 * time.Second)
	b.Want("display session table ipv4 source-ip 192.0.2.1 192.0.2.9 destination-port 2048", "Slot 1:\nTotal sessions found: 0\n")
	if got := b.do("display session aging-time state"); !strings.Contains(got, "SYN                       30\n") || !strings.Contains(got, "ICMP-REPLY                7\n") {
		t.Errorf("times print\n%s", got)
	}
	if got := b.do("display session aging-time application"); !strings.HasPrefix(got, "Application         Aging Time(s)\nDNS                 90\nFTP                 3600\n") {
		t.Errorf("times print\n%s", got)
	}
	if got := b.Config(); !strings.Contains(got, " session aging-time state icmp-reply 7\n") || strings.Contains(got, "syn") {
		t.Errorf("configuration is\n%s", got)
	}
	b.RoundTrip()
	b.do("undo session aging-time state", "undo session aging-time application dns")
	if got := b.Config(); strings.Contains(got, "session aging") {
		t.Errorf("left is\n%s", got)
	}
	if got := b.do("display session statistics summary"); got != "Slot Sessions  TCP       UDP       Rate      TCP rate  UDP rate\n1    0         0         0         0/s       0/s       0/s\n" {
		t.Errorf("summary prints\n%s", got)
	}
	if got := b.do("display session statistics"); !strings.Contains(got, "Received ICMP     :                   2 packets                  168 bytes\n") {
		t.Errorf("statistics print\n%s", got)
	}
	b.do("return", "reset session statistics", "reset session table")
}

func TestDebugging(t *testing.T) {
	_, b, ping := pair2(t)
	b.do("acl basic 2000", "rule permit source 192.0.2.1 0", "security-policy ip", "rule name all", "action pass", "return",
		"debugging session session-table all acl 2000", "debugging security-policy packet ip acl 2000")
	ping("all pass", true)
	b.do("reset session table ipv4")
	seen := b.Seen()
	ping("once more", true)
	for _, want := range []string{"Session entry was deleted."} {
		if !strings.Contains(seen, want) {
			t.Errorf("traces are\n%s\nwant %q", seen, want)
		}
	}
	for _, want := range []string{
		"SESSION/7/TABLE: -Context=1;\n Tuple5(EVENT): 192.0.2.1/", "-->192.0.2.2/2048(icmp(1))\n Session entry was created.",
		"FSM:NONE-->ICMP_REQUEST, dir:ORIGIN, PacketType:REQUEST(8)", "FSM:ICMP_REQUEST-->ICMP_REPLY, dir:REPLY, PacketType:REPLY(0)",
		"FILTER/7/PACKET: -Context=1; The packet is permitted. Src-Zone=Untrust, Dst-Zone=Local; If-In=GigabitEthernet1/0/1, If-Out=InLoopBack0; Packet Info: Src-IP=192.0.2.1, Dst-IP=192.0.2.2, VPN-Instance=none,",
		"Protocol=ICMP(1), SecurityPolicy=all, Rule-ID=0.",
	} {
		if !strings.Contains(b.Seen(), want) {
			t.Errorf("traces are\n%s\nwant %q in them", b.Seen(), want)
		}
	}
	b.do("undo debugging session session-table all", "undo debugging security-policy packet ip")
}

func engineOf(d *desk) *zone.Engine { return feature.Get[*zone.Engine](d.Box) }

func TestKeptLines(t *testing.T) {
	d := alone(t)
	d.do("security-policy ipv6", "rule 3 name six", "action pass", "source-zone Trust", "service ssh", "quit", "quit",
		"security-policy ip", "rule name web", "profile basic", "session persistent aging-time 24", "application http", "quit", "quit",
		"security-zone name DMZ", "import ip 10.0.0.0 24", "import vlan 3 to 5", "quit",
		"object-policy ipv6 six", "rule 0 pass source-ip hosts", "accelerate", "description x", "quit", "zone-pair security source Trust destination Local", "object-policy apply ipv6 six", "quit")
	d.want("policy of IPv6", d.block("security-policy ipv6"), "security-policy ipv6\n rule 3 name six\n  action pass\n  source-zone Trust\n  service ssh")
	d.RoundTrip()
	d.do("security-policy ip", "rule 0", "undo profile", "undo session persistent aging-time", "undo application http", "quit", "quit", "undo security-policy ipv6",
		"security-zone name DMZ", "undo import ip 10.0.0.0 24", "undo import vlan 3 to 5", "quit", "undo object-policy ipv6 six", "undo zone-pair security source Trust destination Local")
	d.want("after undo", d.block("security-policy ip"), "security-policy ip\n rule 0 name web")
}

func TestIncompleteDisplays(t *testing.T) {
	d := alone(t)
	for _, line := range []string{"display zone", "display security-policy statistics", "display session", "display zone-pair"} {
		if got := d.Try(line); !strings.Contains(got, "Incomplete command found") {
			t.Errorf("%q prints %q, want it incomplete", line, got)
		}
	}
}

func TestAddressesInRules(t *testing.T) {
	_, b, ping := pair2(t)
	b.do("security-policy ip", "rule name in", "action pass", "source-ip-host 203.0.113.1")
	ping("another host", false)
	b.do("source-ip-subnet 192.0.2.77 24", "destination-ip-host 192.0.2.2", "destination-ip-range 192.0.2.3 192.0.2.9")
	ping("a subnet to a host", true)
	b.do("undo destination-ip-host 192.0.2.2")
	ping("a range without the address", false)
	b.do("undo destination-ip-range 192.0.2.3 192.0.2.9", "source-ip-range 192.0.2.1 192.0.2.1", "undo source-ip-subnet 192.0.2.0 24")
	ping("a range of one", true)
	b.do("undo source-ip-range 192.0.2.1 192.0.2.1")
	ping("the host is left", false)
	b.do("source-ip-host 203.0.113.2", "undo source-ip-host", "undo source-ip-subnet", "undo source-ip-range", "undo destination-ip-host", "undo destination-ip-subnet", "undo destination-ip-range", "destination-ip any", "undo destination-ip any", "source-ip any", "undo source-ip", "service-port 47", "undo service-port")
	ping("undo without a value takes all", true)
	b.want("configuration", b.block("security-policy ip"), "security-policy ip\n rule 0 name in\n  action pass")
}

func TestIntraZone(t *testing.T) {
	d := alone(t)
	d.do("security-zone intra-zone default permit")
	if !engineOf(d).IntraZone || !strings.Contains(d.Config(), "\n security-zone intra-zone default permit\n") {
		t.Error("packets within a zone do not pass")
	}
	d.RoundTrip()
	d.do("undo security-zone intra-zone default permit")
	if engineOf(d).IntraZone || strings.Contains(d.Config(), "intra-zone") {
		t.Error("packets within a zone still pass")
	}
}

func TestRulesFollowTrackEntries(t *testing.T) {
	_, b, ping := pair2(t)
	b.do("security-policy ip", "rule name in", "action pass", "track positive 1")
	ping("an entry that is not there", false)
	b.do("interface LoopBack 1", "quit", "track 1 interface LoopBack 1", "quit")
	ping("a positive entry", true)
	b.do("interface LoopBack 1", "shutdown", "quit")
	ping("a negative entry", false)
	b.do("security-policy ip", "rule 0", "track negative 1")
	ping("as it is asked for", true)
	b.do("quit", "rule copy in again", "rule 0", "undo track", "disable", "return", "system-view", "interface LoopBack 1", "undo shutdown", "quit")
	ping("the copy follows too", false)
	b.RoundTrip()
	b.do("security-policy ip", "undo rule 1", "undo rule 0")
	if n := len(feature.Get[*tracks](b.Box).stop); n != 0 {
		t.Errorf("%d watches are left, want none", n)
	}
}
