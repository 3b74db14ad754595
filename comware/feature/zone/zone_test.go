package zone

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/nqa"
	"cwlab/comware/feature/objgroup"
	"cwlab/comware/feature/track"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// A desk is a person at a device, whose logs show.
type desk struct{ *featuretest.Desk }

func (d *desk) do(lines ...string) string { d.T.Helper(); return d.Do(lines...) }

func (d *desk) want(why, got, want string) {
	d.T.Helper()
	if got != want {
		d.T.Errorf("%s:\n%s\nwant\n%s", why, got, want)
	}
}

// block is one section of the configuration.
func (d *desk) block(key string) string {
	n := d.Box.Conf.Root().Child(key)
	if n == nil {
		return ""
	}
	return strings.Join(n.Block(0), "\n")
}

var features = []feature.Feature{ip.Feature, objgroup.Feature, Feature, acl.Feature, nqa.Feature, track.Feature}

func seat(t *testing.T, w *sim.World, n *link.Network, name string) *desk {
	d := &desk{featuretest.At(t, w, n, name, features...)}
	d.ShowLogs()
	d.do("system-view")
	return d
}

func alone(t *testing.T) *desk {
	w := sim.New(featuretest.Start, 1, nil)
	return seat(t, w, link.NewNetwork(w), "A")
}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, features...).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestZones(t *testing.T) {
	d := alone(t)
	d.do("security-zone name trust", "import interface GigabitEthernet 1/0/2", "import interface g1/0/1")
	d.want("prompt", d.Shell.Prompt(), "[H3C-security-zone-Trust]")
	d.want("display", d.do("display security-zone name TRUST"), "Name: Trust\nMembers:\n  GigabitEthernet1/0/1\n  GigabitEthernet1/0/2\n")
	d.want("an empty zone", d.do("display security-zone name DMZ"), "Name: DMZ\nMembers:\n  None\n")
	d.do("quit", "security-zone name office")
	d.want("order", strings.Join(d.Box.Conf.Section(zones), "\n"), `#
security-zone name Local
#
security-zone name Trust
 import interface GigabitEthernet1/0/1
 import interface GigabitEthernet1/0/2
#
security-zone name DMZ
#
security-zone name Untrust
#
security-zone name Management
#
security-zone name office
#
return`)
	for _, row := range [][]string{
		{"security-zone name Untrust", "import interface GigabitEthernet1/0/1"},
		{"security-zone name Local", "import interface GigabitEthernet1/0/1"},
		{"undo security-zone name Trust"}, {"undo security-zone name nowhere"}, {"security-zone name a-b"},
	} {
		if d.do(row...); !d.Shell.Failed() {
			t.Errorf("%q is taken", row)
		}
	}
	d.do("undo security-zone name office", "security-zone name Trust", "undo import interface GigabitEthernet1/0/1", "undo import interface GigabitEthernet1/0/2")
	d.want("after undo", d.block("security-zone trust"), "security-zone name Trust")
}

func TestPolicyConfiguration(t *testing.T) {
	d := alone(t)
	d.do("security-policy ip", "rule 3 name web", "service https", "destination-ip-subnet 192.0.2.0 24", "destination-zone Untrust", "source-zone Trust",
		"source-ip-host 198.51.100.1", "action pass", "logging enable", "description from the inside", "disable")
	d.want("prompt", d.Shell.Prompt(), "[H3C-security-policy-ip-3-web]")
	d.do("quit", "rule name rest")
	d.want("prompt of the next rule", d.Shell.Prompt(), "[H3C-security-policy-ip-4-rest]")
	const rest = "\n rule 4 name rest"
	d.want("configuration", d.block("security-policy ip"), `security-policy ip
 rule 3 name web
  action pass
  description from the inside
  disable
  logging enable
  source-zone Trust
  destination-zone Untrust
  source-ip-host 198.51.100.1
  destination-ip-subnet 192.0.2.0 255.255.255.0
  service https`+rest)
	if got := d.do("display security-policy ip"); !strings.HasPrefix(got, "Security-policy ip\n\n rule 3 name web (Inactive)\n  action pass\n") {
		t.Errorf("display prints\n%s", got)
	}
	d.do("quit", "move rule 4 before 3")
	if got := d.block("security-policy ip"); !strings.HasPrefix(got, "security-policy ip"+rest) {
		t.Errorf("after move rule\n%s", got)
	}
	d.do("rule 3", "undo service https", "undo destination-ip-subnet 192.0.2.0 255.255.255.0", "undo destination-zone Untrust", "undo source-zone Trust",
		"undo source-ip-host 198.51.100.1", "undo action", "undo logging enable", "undo description", "undo disable")
	d.want("after undo of all", d.block("security-policy ip"), "security-policy ip"+rest+"\n rule 3 name web")
	d.do("action pass", "source-zone Trust", "source-zone DMZ", "destination-zone Local", "undo source-zone", "undo destination-zone", "undo action pass")
	d.want("after undo without a value", d.block("security-policy ip"), "security-policy ip"+rest+"\n rule 3 name web")
	d.do("service-port tcp destination range 20 21", "service-port 47")
	d.want("services by number", d.do("display security-policy ip rule name web"), "Security-policy ip\n\n rule 3 name web\n  service-port tcp destination range 20 21\n  service-port 47\n")
	d.do("undo service-port 47", "undo service-port tcp destination range 20 21")
	for _, row := range [][]string{{"service nothing"}, {"service-port tcp destination range 9 5"}, {"service-port udp destination lt 0"}, {"quit", "rule 3 name other"}, {"rule 9 name web"}, {"undo rule 7"}, {"display security-policy ip rule name nothing"}} {
		if d.do(row...); !d.Shell.Failed() {
			t.Errorf("%q is taken", row)
		}
	}
	if err := d.Shell.Run("display security-policy ip rule all"); err == nil || err.Kind != cli.Unrecognized {
		t.Errorf("rule all: %v, want it unrecognized", err)
	}
	d.do("undo rule name rest", "undo rule 3")
	d.want("without rules", d.block("security-policy ip"), "security-policy ip")
}

// TestTraffic pings over one cable: A has zones and rules, B too.
func TestTraffic(t *testing.T) {
	w := sim.New(featuretest.Start, 1, nil)
	n := link.NewNetwork(w)
	a, b := seat(t, w, n, "A"), seat(t, w, n, "B")
	n.Connect(n.Port("A", "GigabitEthernet1/0/1"), n.Port("B", "GigabitEthernet1/0/1"), link.Options{Latency: time.Millisecond})
	a.do("interface g1/0/1", "ip address 192.0.2.1 24", "quit")
	b.do("interface g1/0/1", "ip address 192.0.2.2 24", "quit")
	ping := func(why, want string) {
		t.Helper()
		a.do("ping -c 1 192.0.2.2")
		a.Run(5 * time.Second)
		if got := a.Seen(); !strings.Contains(got, want) {
			t.Errorf("%s: ping prints\n%s\nwant %q in it", why, got, want)
		}
	}
	const answered, lost = "1 packet(s) received", "0 packet(s) received"
	ping("no zone anywhere", lost)
	a.do("security-zone name Untrust", "import interface g1/0/1", "quit")
	b.do("security-zone name Untrust", "import interface g1/0/1", "quit")
	ping("zones without a policy", lost)
	a.do("security-policy ip", "rule name out", "action pass", "source-zone Local", "destination-zone Untrust", "service ping", "quit", "quit")
	ping("A may send, B does not take it", lost)
	b.do("security-policy ip", "rule 4 name in", "action pass", "source-zone Untrust", "destination-zone Local", "logging enable", "quit", "quit")
	b.do("display session statistics")
	ping("both may", answered)
	if want := "FILTER/6/FILTER_ZONE_IPV4_EXECUTION: -Context=1; SrcZoneName(1025)=Untrust;DstZoneName(1035)=Local;Type(1067)=ACL;SecurityPolicy(1072)=in;RuleID(1078)=4;"; !strings.Contains(b.Seen(), want) {
		t.Errorf("B logged %q, want %q in it", b.Seen(), want)
	}
	got := b.do("display session table ipv4 protocol icmp verbose")
	for _, want := range []string{
		"Slot 1:\nInitiator:\n  Source      IP/port: 192.0.2.1/", "  Destination IP/port: 192.0.2.2/2048\n", "  Protocol: ICMP(1)\n  Inbound interface: GigabitEthernet1/0/1\n  Source security zone: Untrust\n",
		"Responder:\n  Source      IP/port: 192.0.2.2/", "  Destination IP/port: 192.0.2.1/0\n", "  Inbound interface: InLoopBack0\n  Source security zone: Local\n",
		"State: ICMP_REPLY\nApplication: ICMP\nRule ID: 4\nRule name: in\n",
		"Initiator->Responder:            1 packets         84 bytes\nResponder->Initiator:            1 packets         84 bytes\n\nTotal sessions found: 1\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("session table prints\n%s\nwant %q in it", got, want)
		}
	}
	b.want("another protocol", b.do("display session table ipv4 protocol tcp"), "Slot 1:\nTotal sessions found: 0\n")
	if got := b.do("display session statistics"); !strings.Contains(got, "Current sessions: 1\n") {
		t.Errorf("statistics print\n%s", got)
	}
	b.do("return", "reset session table ipv4")
	b.want("after reset", b.do("display session table ipv4"), "Slot 1:\nTotal sessions found: 0\n")
	a.do("security-policy ip", "rule 0 name out", "disable")
	ping("the rule is disabled", lost)
}

// zones picks the security zones.
func zones(n *conf.Node) bool { return strings.HasPrefix(n.Text, "security-zone ") }
