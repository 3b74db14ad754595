package nat

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/objgroup"
	"cwlab/comware/feature/vrrp"
	"cwlab/comware/feature/zone"
	natengine "cwlab/emulator/nat"
)

var features = []feature.Feature{ip.Feature, objgroup.Feature, zone.Feature, acl.Feature, vrrp.Feature, Feature}

const (
	inside  = "GigabitEthernet1/0/1"
	outside = "GigabitEthernet1/0/2"
)

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, features...).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

// A site is a host inside, a firewall and a host outside.
type site struct{ in, fw, out *featuretest.Desk }

func newSite(t *testing.T) *site {
	s := &site{fw: featuretest.New(t, features...)}
	s.in = featuretest.At(t, s.fw.World, s.fw.Net, "IN", ip.Feature)
	s.out = featuretest.At(t, s.fw.World, s.fw.Net, "OUT", ip.Feature)
	featuretest.Cable(s.fw, inside, s.in, inside)
	featuretest.Cable(s.fw, outside, s.out, outside)
	s.in.Do("system-view", "interface "+inside, "ip address 10.0.0.2 24", "quit", "ip route-static 0.0.0.0 0 10.0.0.1")
	s.out.Do("system-view", "interface "+outside, "ip address 203.0.113.9 24")
	s.fw.Do("system-view", "interface "+inside, "ip address 10.0.0.1 24", "interface "+outside, "ip address 203.0.113.1 24",
		"security-zone name Trust", "import interface "+inside, "security-zone name Untrust", "import interface "+outside,
		"security-policy ip", "rule name all", "action pass", "quit", "quit")
	return s
}

func (s *site) ping(from *featuretest.Desk, to, why string, want bool) {
	from.T.Helper()
	from.Do("ping -c 1 " + to)
	from.Run(5 * time.Second)
	if got := strings.Contains(from.Seen(), "1 packet(s) received"); got != want {
		from.T.Errorf("%s: answered %v, want %v:\n%s", why, got, want, from.Seen())
	}
}

func TestEasyIP(t *testing.T) {
	s := newSite(t)
	s.ping(s.in, "203.0.113.9", "no translation", false)
	s.fw.Do("interface "+outside, "nat outbound 2000", "quit")
	if got, want := s.fw.Do("display nat outbound"), `NAT outbound information:
  Totally 1 NAT outbound rules.
  Interface: GigabitEthernet1/0/2
    ACL: 2000         Address group: ---    Port-preserved: N
    NO-PAT: N         Reversible: N
    Config status: Inactive
    Reasons for inactive status:
      The following items don't exist or aren't effective: ACL.

`; got != want {
		t.Errorf("outbound prints\n%swant\n%s", got, want)
	}
	s.fw.Do("acl basic 2000", "rule permit source 10.0.0.0 0.0.0.255", "quit", "quit", "reset session table", "system-view")
	s.ping(s.in, "203.0.113.9", "Easy IP", true)
	got := s.fw.Do("display nat session verbose")
	for _, want := range []string{"Slot 1:\nInitiator:\n  Source      IP/port: 10.0.0.2/", "  Destination IP/port: 203.0.113.9/2048\n", "Responder:\n  Source      IP/port: 203.0.113.9/",
		"  Destination IP/port: 203.0.113.1/0\n", "State: ICMP_REPLY\n", "Total sessions found: 1\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("sessions print\n%s\nwant %q in it", got, want)
		}
	}
	s.fw.Want("display nat session source-ip 10.0.0.3", "Slot 1:\nTotal sessions found: 0\n")
	if got := s.fw.Do("display nat statistics"); !strings.Contains(got, "  Total session entries: 1\n") {
		t.Errorf("statistics print\n%s", got)
	}
	if got := s.fw.Do("display acl 2000"); !strings.Contains(got, "(1 times matched)") {
		t.Errorf("the list prints\n%s", got)
	}
	s.fw.Do("quit", "reset nat session", "system-view")
	s.fw.Want("display nat session", "Slot 1:\nTotal sessions found: 0\n")
	s.fw.Do("interface "+outside, "undo nat outbound 2000", "quit")
	s.ping(s.in, "203.0.113.9", "undone", false)
}

func TestDebugging(t *testing.T) {
	s := newSite(t)
	s.fw.ShowLogs()
	s.fw.Do("interface "+outside, "nat outbound", "return", "debugging nat packet", "debugging nat event")
	s.ping(s.in, "203.0.113.9", "Easy IP", true)
	for _, want := range []string{" NAT/7/COMMON: -Context=1;\n PACKET: (GigabitEthernet1/0/2-out) Protocol: ICMP\n        10.0.0.2:", " -     203.0.113.9:    0(VPN:    0) ------>\n     203.0.113.1:",
		" PACKET: (GigabitEthernet1/0/2-in) Protocol: ICMP\n     203.0.113.9:"} {
		if !strings.Contains(s.fw.Seen(), want) {
			t.Errorf("traces are\n%s\nwant %q in them", s.fw.Seen(), want)
		}
	}
	s.fw.Do("undo debugging nat packet", "debugging nat packet acl 2000")
	if got := s.fw.Do("system-view", "interface "+outside, "undo nat outbound"); !strings.Contains(got, " EVENT: Deleted NAT session entry for configuration sequence changed!") {
		t.Errorf("after the change %q", got)
	}
	s.fw.Do("return", "undo debugging nat event", "undo debugging nat packet")
}

func TestGroups(t *testing.T) {
	s := newSite(t)
	s.fw.Do("nat address-group 1", "address 203.0.113.10 203.0.113.11", "port-range 2000 3000", "vrrp vrid 7", "nat address-group 0", "quit")
	s.fw.Want("display nat address-group", `NAT address group information:
  Totally 2 NAT address groups.
  Address group 0:
    Port range: 1-65535
    Address information:
      Start address         End address
      ---                   ---

  Address group 1:
    Port range: 2000-3000
    VRID      : 7
    Address information:
      Start address         End address
      203.0.113.10          203.0.113.11

`)
	s.fw.Do("nat address-group 1")
	for _, row := range [][2]string{
		{"address 203.0.113.11 203.0.113.12", "The address range overlaps with another one.\n"},
		{"address 203.0.113.30 203.0.113.20", "The end address must not be lower than the start address.\n"},
		{"address 10.9.0.0 10.9.1.0", "An address range can include up to 256 addresses.\n"},
		{"port-range 20 10", "The end port must not be lower than the start port.\n"},
		{"undo address 1.1.1.1 1.1.1.1", "The address range does not exist.\n"},
		{"undo nat address-group 9", "The NAT address group does not exist.\n"},
	} {
		s.fw.Want(row[0], row[1])
	}
	s.fw.Do("undo vrrp vrid", "interface "+outside, "nat outbound address-group 1")
	s.ping(s.in, "203.0.113.9", "a group, whose addresses the firewall answers for", true)
	s.fw.Do("undo nat outbound", "nat outbound address-group 1 no-pat reversible")
	s.ping(s.in, "203.0.113.9", "without ports", true)
	s.ping(s.out, "203.0.113.10", "back to the lent address", true)
	s.fw.Want("display nat no-pat", "Slot 1:\nLocal   IP: 10.0.0.2\nGlobal  IP: 203.0.113.10\nReversible: Y\nType      : Outbound\n\nTotal entries found: 1\n")
	s.fw.Want("nat outbound 2001 address-group 1", "The address group is already used in another mode.\n")
	s.fw.Want("nat outbound 2001 no-pat", "The no-pat keyword requires an address group.\n")
	s.fw.RoundTrip()
	s.fw.Do("undo nat outbound", "quit", "nat address-group 1", "undo port-range", "undo address 203.0.113.10 203.0.113.11", "undo nat address-group 1", "undo nat address-group 0")
	if got := s.fw.Config(); strings.Contains(got, "nat ") {
		t.Errorf("left is\n%s", got)
	}
}

func TestServers(t *testing.T) {
	s := newSite(t)
	s.fw.Do("interface "+outside, "nat server protocol icmp global 203.0.113.50 inside 10.0.0.2", "nat server protocol tcp global 203.0.113.50 8080 inside 10.0.0.2 http",
		"nat server protocol tcp global 203.0.113.50 1001 1003 inside 10.0.0.2 10.0.0.4 telnet", "nat server protocol udp global current-interface 53 inside 10.0.0.2 acl 2000")
	s.ping(s.out, "203.0.113.50", "the server", true)
	got := s.fw.Do("display session table ipv4 verbose")
	for _, want := range []string{"  Destination IP/port: 203.0.113.50/2048\n", "Responder:\n  Source      IP/port: 10.0.0.2/"} {
		if !strings.Contains(got, want) {
			t.Errorf("sessions print\n%s\nwant %q in it", got, want)
		}
	}
	if got, want := s.fw.Do("display nat server"), `NAT internal server information:
  Totally 4 internal servers.
  Interface: GigabitEthernet1/0/2
    Protocol: 1(ICMP)
    Global IP/port: 203.0.113.50/---
    Local IP/port : 10.0.0.2/---
    Config status : Active

  Interface: GigabitEthernet1/0/2
    Protocol: 6(TCP)
    Global IP/port: 203.0.113.50/8080
    Local IP/port : 10.0.0.2/80
    Config status : Active

  Interface: GigabitEthernet1/0/2
    Protocol: 6(TCP)
    Global IP/port: 203.0.113.50/1001-1003
    Local IP/port : 10.0.0.2-10.0.0.4/23
    Config status : Active

  Interface: GigabitEthernet1/0/2
    Protocol: 17(UDP)
    Global IP/port: 203.0.113.1/53
    Local IP/port : 10.0.0.2/53
    ACL           : 2000
    Config status : Inactive
    Reasons for inactive status:
      The following items don't exist or aren't effective: ACL.

`; got != want {
		t.Errorf("servers print\n%swant\n%s", got, want)
	}
	for _, row := range [][2]string{
		{"nat server protocol tcp global 203.0.113.50 8080 inside 10.0.0.9 80", "The internal server already exists.\n"},
		{"nat server protocol icmp global 203.0.113.51 80 inside 10.0.0.9", "Ports can be specified for TCP and UDP only.\n"},
		{"nat server protocol tcp global 203.0.113.51 1 5 inside 10.0.0.1 10.0.0.3 80", "The numbers of global and local addresses or ports do not match.\n"},
		{"nat server protocol tcp global 203.0.113.51 nothing inside 10.0.0.1", "Invalid port range.\n"},
		{"undo nat server protocol tcp global 203.0.113.50 8081", "The internal server does not exist.\n"},
	} {
		s.fw.Want(row[0], row[1])
	}
	s.fw.RoundTrip()
	s.fw.Do("undo nat server protocol icmp global 203.0.113.50", "undo nat server protocol tcp global 203.0.113.50 8080",
		"undo nat server protocol tcp global 203.0.113.50 1001 1003", "undo nat server protocol udp global current-interface 53")
	s.ping(s.out, "203.0.113.50", "undone", false)
	s.fw.Want("display nat server", "NAT internal server information:\n  Totally 0 internal servers.\n")
}

func TestStatic(t *testing.T) {
	s := newSite(t)
	s.fw.Do("nat static outbound 10.0.0.2 203.0.113.60", "nat static outbound net-to-net 10.0.0.8 10.0.0.15 global 203.0.113.128 24", "interface "+outside, "nat static enable", "quit")
	s.ping(s.in, "203.0.113.9", "static outwards", true)
	s.ping(s.out, "203.0.113.60", "static inwards", true)
	s.fw.Want("display nat static", `Static NAT mappings:
  Totally 2 outbound static NAT mappings.
  IP-to-IP:
    Local IP     : 10.0.0.2
    Global IP    : 203.0.113.60
    Config status: Active

  Net-to-net:
    Local IP     : 10.0.0.8 - 10.0.0.15
    Global IP    : 203.0.113.8 - 203.0.113.15
    Config status: Active

Interfaces enabled with static NAT:
  Totally 1 interfaces enabled with static NAT.
  Interface: GigabitEthernet1/0/2
    Config status: Active

`)
	if got := s.fw.Do("display nat all"); !strings.Contains(got, "Totally 0 NAT outbound rules.") || !strings.Contains(got, "Static NAT mappings:") {
		t.Errorf("all prints\n%s", got)
	}
	s.fw.RoundTrip()
	s.fw.Do("undo nat static outbound 10.0.0.2", "undo nat static outbound net-to-net 10.0.0.8 10.0.0.15", "interface "+outside, "undo nat static enable", "quit")
	s.fw.Want("undo nat static outbound 10.0.0.2", "The static mapping does not exist.\n")
	s.ping(s.out, "203.0.113.60", "undone", false)
}

// A translated address of a virtual router is answered for by the master, with
// the virtual router's Ethernet address.
func TestVirtualRouter(t *testing.T) {
	s := newSite(t)
	s.fw.Do("interface "+outside, "nat server protocol icmp global 203.0.113.50 inside 10.0.0.2 vrrp 7")
	s.ping(s.out, "203.0.113.50", "no virtual router", false)
	s.fw.Do("vrrp vrid 7 virtual-ip 203.0.113.100")
	s.fw.Run(10 * time.Second)
	if got := s.out.Do("display arp"); !strings.Contains(got, "203.0.113.50    0000-5e00-0107") {
		t.Errorf("told by the new master, the neighbour knows\n%s", got)
	}
	s.out.Do("quit", "quit", "reset arp all", "system-view")
	s.ping(s.out, "203.0.113.50", "as master", true)
	if got := s.out.Do("display arp"); !strings.Contains(got, "203.0.113.50    0000-5e00-0107") {
		t.Errorf("after an answer the neighbour knows\n%s", got)
	}
}

func TestServerAtALoopback(t *testing.T) {
	s := newSite(t)
	s.out.Do("quit", "ip route-static 198.51.100.7 32 203.0.113.1")
	s.fw.Do("interface LoopBack3", "ip address 198.51.100.7 32", "interface "+outside, "nat server protocol icmp global interface LoopBack 3 inside 10.0.0.2")
	s.ping(s.out, "198.51.100.7", "the server at the address of a loopback", true)
	if got := s.fw.Do("display nat session verbose"); !strings.Contains(got, "Destination IP/port: 198.51.100.7/2048\n") || !strings.Contains(got, "Total sessions found: 1\n") {
		t.Errorf("sessions print\n%s", got)
	}
	s.fw.Want("nat server protocol icmp global interface GigabitEthernet1/0/1 inside 10.0.0.2", "The operation is not supported on the specified interface.\n")
	s.fw.RoundTrip()
	s.fw.Do("undo nat server protocol icmp global interface LoopBack3")
	if got := s.fw.Config(); strings.Contains(got, "nat ") {
		t.Errorf("left is\n%s", got)
	}
}

// Forms of later releases: names, priorities and descriptions of mappings, a
// server for every protocol, a group with a name.
func TestNamedMappings(t *testing.T) {
	s := newSite(t)
	s.fw.Do("nat address-group 3 name pool", "address 203.0.113.30 203.0.113.30", "interface "+outside,
		"nat outbound name all address-group 3 rule r1 priority 5 description the way out", "nat server global 203.0.113.50 inside 10.0.0.2 rule ServerRule_1", "quit", "acl basic name all", "rule permit", "quit")
	s.ping(s.in, "203.0.113.9", "a named list", true)
	s.ping(s.out, "203.0.113.50", "a server for all protocols", true)
	if got := s.fw.Config(); !strings.Contains(got, " nat server global 203.0.113.50 inside 10.0.0.2 rule ServerRule_1\n") || !strings.Contains(got, "\nnat address-group 3 name pool\n") {
		t.Errorf("configuration is\n%s", got)
	}
	s.fw.RoundTrip()
	s.fw.Do("interface "+outside, "undo nat server global 203.0.113.50", "undo nat outbound name all", "nat hairpin enable", "undo nat hairpin enable", "quit",
		"nat log enable acl 2000", "undo nat log enable", "nat alg ftp", "undo nat alg ftp", "undo nat address-group 3")
	if got := s.fw.Config(); strings.Contains(got, "nat ") {
		t.Errorf("left is\n%s", got)
	}
}

func TestDescriptionAloneIsChanged(t *testing.T) {
	d := featuretest.New(t, features...)
	d.Do("system-view", "nat static outbound 10.0.0.5 203.0.113.5", "nat static outbound 10.0.0.5 203.0.113.5 description mail",
		"interface "+outside, "nat outbound 2000", "nat outbound 2000 description office",
		"nat server protocol tcp global 203.0.113.8 80 inside 10.0.0.8", "nat server protocol tcp global 203.0.113.8 80 inside 10.0.0.8 description shop")
	for _, want := range []string{"\n nat static outbound 10.0.0.5 203.0.113.5 description mail\n", "\n nat outbound 2000 description office\n",
		"\n nat server protocol tcp global 203.0.113.8 80 inside 10.0.0.8 description shop\n"} {
		if got := d.Config(); !strings.Contains(got, want) {
			t.Errorf("configuration\n%s\nwant %q in it", got, want)
		}
	}
}

func TestKeptLines(t *testing.T) {
	s := newSite(t)
	s.fw.Do("nat server-group 1", "inside ip 10.0.0.5 port 80 weight 10", "nat port-block-group 2", "block-size 500", "local-ip-address 10.0.0.1 10.0.0.9", "quit",
		"nat dns-map domain www.example.com protocol tcp ip 203.0.113.5 port 80", "nat static inbound 1.1.1.1 2.2.2.2", "nat address-group 1", "port-block block-size 500", "interface "+outside, "nat inbound 2000 address-group 1", "nat outbound port-block-group 2", "quit")
	s.fw.RoundTrip()
	s.fw.Do("undo nat server-group 1", "undo nat port-block-group 2", "undo nat dns-map domain www.example.com", "undo nat static inbound 1.1.1.1 2.2.2.2", "undo nat address-group 1",
		"interface "+outside, "undo nat inbound 2000", "undo nat outbound port-block-group 2")
	if got := s.fw.Config(); strings.Contains(got, "nat ") {
		t.Errorf("left is\n%s", got)
	}
}

// An interface with its default settings translates nothing.
func TestDefaultSettings(t *testing.T) {
	s := newSite(t)
	s.fw.Do("interface "+outside, "nat outbound 2000 port-preserved", "nat outbound", "nat server protocol tcp global 203.0.113.50 1001 1003 inside 10.0.0.2 10.0.0.4 telnet",
		"nat server protocol icmp global current-interface inside 10.0.0.2", "nat static enable", "packet-filter 3000 inbound hardware-count")
	s.fw.Answer("y")
	s.fw.Do("default")
	e := feature.Get[*natengine.Engine](s.fw.Box)
	if n := len(e.Outbounds()) + len(e.Servers()) + len(e.Enabled()); n != 0 {
		t.Errorf("%d mappings are left, want none", n)
	}
	s.fw.Want("display packet-filter interface "+outside, "")
}
