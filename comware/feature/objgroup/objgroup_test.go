package objgroup

import (
	"net/netip"
	"strings"
	"testing"

	"cwlab/comware/feature/featuretest"
	"cwlab/emulator/zone"
)

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, Feature).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestAddresses(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "object-group ip address Obj2", "description servers", "security-zone Trust", "network host address 1.1.1.1", "network subnet 192.0.2.77 24",
		"network range 198.51.100.9 198.51.100.3", "network host name pc", "network group-object other", "network exclude 192.0.2.9", "7 network range 10.0.0.0 10.0.0.255")
	if got, want := d.Shell.Prompt(), "[H3C-obj-grp-ip-Obj2]"; got != want {
		t.Errorf("prompt %q, want %q", got, want)
	}
	d.Want("display object-group name obj2", `IP address object group Obj2: 7 objects(out of use)
0 network host address 1.1.1.1
7 network subnet 10.0.0.0 255.255.255.0
10 network subnet 192.0.2.0 255.255.255.0
20 network range 198.51.100.3 198.51.100.9
30 network host name pc
40 network group-object other
50 network exclude 192.0.2.9
`)
	d.Do("object-group ip address other", "network host address 203.0.113.5")
	d.Want("display object-group ip address", strings.Replace(d.Do("display object-group ip address name Obj2"), "", "", 1)+
		"IP address object group other: 1 object(in use)\n0 network host address 203.0.113.5\n")
	g := Of(d.Box).Find(IP, "OBJ2")
	for a, want := range map[string]bool{"1.1.1.1": true, "1.1.1.2": false, "192.0.2.200": true, "192.0.2.9": false, "198.51.100.5": true, "203.0.113.5": true, "10.0.1.0": false} {
		if got := g.Contains(netip.MustParseAddr(a)); got != want {
			t.Errorf("group contains %s: %v, want %v", a, got, want)
		}
	}
	for _, row := range [][2]string{
		{"undo object-group ip address other", "The object group is in use.\n"},
		{"object-group service other", "Object group with given name exists with different type.\n"},
		{"undo object-group service other", "Object group with given name exists with different type.\n"},
		{"undo object-group ip address nothing", ""},
		{"undo object-group service ping", "The default object group cannot be deleted.\n"},
		{"network group-object Obj2", "The object groups form a loop.\n"},
		{"network host address 203.0.113.5", "The object already exists.\n"},
		{"undo 3", "The object does not exist.\n"},
		{"display object-group name nothing", "The object group doesn't exist.\n"},
	} {
		d.Want(row[0], row[1])
	}
	d.RoundTrip()
	d.Do("object-group ip address Obj2", "undo network group-object other", "undo 7", "undo network exclude 192.0.2.9", "undo description", "undo security-zone", "quit", "undo object-group ip address other")
	if got := d.Config(); strings.Contains(got, "other") || strings.Contains(got, " 7 ") || strings.Contains(got, "Trust") {
		t.Errorf("after undo\n%s", got)
	}
}

func TestWildcards(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "object-group ip address w", "network subnet 10.0.7.0 wildcard 0.255.0.255")
	g := Of(d.Box).Find(IP, "w")
	for a, want := range map[string]bool{"10.9.7.200": true, "10.9.8.200": false} {
		if got := g.Contains(netip.MustParseAddr(a)); got != want {
			t.Errorf("group contains %s: %v, want %v", a, got, want)
		}
	}
	d.RoundTrip()
}

func TestNestingIsLimited(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "object-group ip address a", "network group-object b", "object-group ip address b", "network group-object c",
		"object-group ip address c", "network group-object d", "object-group ip address d", "network group-object e", "object-group ip address e")
	d.Want("network group-object f", "The object groups are nested too deeply.\n")
	if Of(d.Box).Find(IP, "f") != nil {
		t.Error("the refused group was made")
	}
	d.Do("object-group ip address x")
	d.Want("network group-object a", "The object groups are nested too deeply.\n")
	d.Do("network group-object b")
}

func TestServicesAndPorts(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "object-group service s", "0 service 200", "service tcp source lt 50 destination range 30 40", "service udp destination gt 65534", "service tcp destination range 0 999",
		"service icmp 8 0", "service icmpv6 1 2", "service group-object base", "object-group service base", "service tcp destination eq 12")
	d.Want("display object-group service name s", `Service object group s: 7 objects(out of use)
0 service 200
10 service tcp source lt 50 destination range 30 40
20 service udp destination eq 65535
30 service tcp destination lt 1000
40 service icmp 8 0
50 service icmpv6 1 2
60 service group-object base
`)
	if got := Of(d.Box).Find(Service, "s").Services(); len(got) != 6 || got[1] != (zone.Service{Proto: 6, ICMPType: -1, SrcPorts: Ports{From: 0, To: 49}, Ports: Ports{From: 30, To: 40}}) {
		t.Errorf("services are %+v", got)
	}
	d.Want("service tcp destination lt 0", "Invalid port range.\n")
	d.Do("undo service tcp destination eq 12")
	d.Do("object-group port p", "0 port lt 20", "port range 30 20", "port eq 5", "port group-object q", "undo port eq 5", "description ports")
	d.Want("display object-group port", "Port object group p: 3 objects(out of use)\n0 port lt 20\n10 port range 20 30\n30 port group-object q\nPort object group q: 0 object(in use)\n")
	if g := Of(d.Box).Find(Port, "p"); !g.HasPort(25) || g.HasPort(31) {
		t.Error("the ports of the group are wrong")
	}
	d.Do("object-group ipv6 address six", "network host address 1::1", "network subnet 2001:db8::1 64", "network range 1::1 1::9", "undo network range 1::1 1::9")
	d.Want("network host address 1.1.1.1", "Invalid IPv6 address.\n")
	d.Want("display object-group ipv6 address", "IPv6 address object group six: 2 objects(out of use)\n0 network host address 1::1\n10 network subnet 2001:db8::1 64\n")
	d.Want("display object-group service default name ssh", "Service object group ssh: 1 object(out of use)\n0 service tcp destination eq 22\n")
	d.RoundTrip()
	d.Do("undo object-group port p", "undo object-group service s", "undo object-group ipv6 address six")
}
