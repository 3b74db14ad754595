package vrrp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/track"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/vrrp"
)

// A desk is one of two people in interface view.
type desk struct{ *featuretest.Desk }

func (d *desk) want(why, got, want string) {
	d.T.Helper()
	if got != want {
		d.T.Errorf("%s:\n%s\nwant\n%s", why, got, want)
	}
}

func (d *desk) has(why, got string, parts ...string) {
	d.T.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			d.T.Errorf("%s: %q is missing in\n%s", why, p, got)
		}
	}
}

// lines are those of the interface in the configuration.
func (d *desk) lines() string {
	var all []string
	for _, l := range d.Box.Conf.Root().Child("interface GigabitEthernet1/0/1").Kids() {
		if strings.Contains(l.Text, "vrrp") {
			all = append(all, l.Text)
		}
	}
	return strings.Join(all, "\n")
}

// pair is 192.0.2.2 and 192.0.2.3 on one cable, in interface view.
func pair(t *testing.T) (a, b *desk) {
	t.Helper()
	w := sim.New(featuretest.Start, 1, nil)
	n := link.NewNetwork(w)
	seat := func(name, address string) *desk {
		d := &desk{featuretest.At(t, w, n, name, ip.Feature, track.Feature, Feature)}
		d.Do("system-view", "interface GigabitEthernet 1/0/1", "ip address "+address+" 24")
		d.ShowLogs()
		return d
	}
	a, b = seat("A", "192.0.2.2"), seat("B", "192.0.2.3")
	featuretest.Cable(a.Desk, "GigabitEthernet1/0/1", b.Desk, "GigabitEthernet1/0/1")
	return a, b
}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, ip.Feature, track.Feature, Feature).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestConfiguration(t *testing.T) {
	a, _ := pair(t)
	for _, row := range []struct{ command, want string }{
		{"vrrp vrid 2 virtual-ip 192.0.2.250", "vrrp vrid 2 virtual-ip 192.0.2.250"},
		{"vrrp vrid 1 priority 120", "vrrp vrid 1 priority 120\nvrrp vrid 2 virtual-ip 192.0.2.250"},
		{"undo vrrp vrid 2", "vrrp vrid 1 priority 120"},
		{"vrrp vrid 1 virtual-ip 192.0.2.1 active", "vrrp vrid 1 virtual-ip 192.0.2.1 active\nvrrp vrid 1 priority 120"},
		{"vrrp vrid 1 virtual-ip 192.0.2.1 standby", "vrrp vrid 1 virtual-ip 192.0.2.1 standby\nvrrp vrid 1 priority 120"},
		{"vrrp vrid 1 virtual-ip 192.0.2.1", "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 priority 120"},
		{"undo vrrp vrid 1 priority", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"vrrp vrid 1 preempt-mode delay 500", "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 preempt-mode delay 500"},
		{"undo vrrp vrid 1 preempt-mode", "vrrp vrid 1 virtual-ip 192.0.2.1\nundo vrrp vrid 1 preempt-mode"},
		{"vrrp vrid 1 preempt-mode", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"vrrp vrid 1 timer advertise 200", "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 timer advertise 200"},
		{"undo vrrp vrid 1 timer advertise", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"vrrp vrid 1 shutdown", "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 shutdown"},
		{"undo vrrp vrid 1 shutdown", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"vrrp version 2", "vrrp version 2\nvrrp vrid 1 virtual-ip 192.0.2.1"},
		{"undo vrrp version", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"undo vrrp check-ttl enable", "undo vrrp check-ttl enable\nvrrp vrid 1 virtual-ip 192.0.2.1"},
		{"vrrp check-ttl enable", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"undo vrrp vrid 1 virtual-ip 192.0.2.1", ""},
	} {
		a.Do(row.command)
		a.want("after "+row.command, a.lines(), row.want)
	}
	if n := len(feature.Get[*vrrp.Engine](a.Box).Routers()); n != 0 {
		t.Errorf("%d groups are left, want none", n)
	}
	for _, bad := range []string{"vrrp vrid 1 virtual-ip 224.0.0.1", "undo vrrp vrid 9 priority"} {
		if a.Do(bad); !a.Shell.Failed() || a.lines() != "" {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestElection(t *testing.T) {
	a, b := pair(t)
	var told []string
	OnChange(b.Box, func(iface string, vip netip.Addr, from, to vrrp.State) {
		told = append(told, iface+" "+vip.String()+" "+from.String()+" "+to.String())
	})
	a.want("a device without groups", a.Do("display vrrp verbose"), "VRRP4 is not configured.\n")
	a.Do("vrrp vrid 1 virtual-ip 192.0.2.1", "vrrp vrid 1 priority 120")
	a.Run(time.Second)
	b.Do("vrrp vrid 1 virtual-ip 192.0.2.1")
	a.Run(10 * time.Second)
	b.want("the backup", b.Do("display vrrp interface GigabitEthernet 1/0/1 vrid 1"), `IPv4 Virtual Router Information:
 Running mode : Standard
 Total number of virtual routers on interface GigabitEthernet1/0/1 : 1
 Interface          VRID  State        Running Adver   Auth             Virtual
                                       Pri     Timer   Type                IP
 -----------------------------------------------------------------------------
 GE1/0/1            1     Backup       100     100     Not supported    192.0.2.1
`)
	b.Do()
	a.Do("vrrp vrid 1 shutdown")
	a.Run(2 * time.Second)
	if want := "VRRP4/6/VRRP_STATUS_CHANGE: -Context=1;\nThe status of IPv4 virtual router 1 (configured on GigabitEthernet1/0/1) changed from Backup to Master: Zero priority packet received.\n\n"; !strings.Contains(b.Seen(), want) {
		t.Errorf("the new master printed %q, want %q in it", b.Seen(), want)
	}
	a.Do("undo vrrp vrid 1 shutdown")
	a.Run(10 * time.Second)
	want := []string{"GigabitEthernet1/0/1 192.0.2.1 Inactive Initialize", "GigabitEthernet1/0/1 192.0.2.1 Initialize Backup",
		"GigabitEthernet1/0/1 192.0.2.1 Backup Master", "GigabitEthernet1/0/1 192.0.2.1 Master Backup"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestStatistics(t *testing.T) {
	a, b := pair(t)
	a.Do("vrrp vrid 1 virtual-ip 192.0.2.1")
	b.Do("vrrp vrid 1 virtual-ip 192.0.2.1", "vrrp vrid 1 priority 50", "return")
	a.Run(10 * time.Second)
	b.Do("reset vrrp statistics")
	a.Run(5 * time.Second)
	b.want("statistics", b.Do("display vrrp statistics"), ` Interface               : GigabitEthernet1/0/1
 VRID                    : 1
 CheckSum Errors         : 0          Version Errors                : 0
 Invalid Pkts Rcvd       : 0          Unexpected Pkts Rcvd          : 0
 IP TTL Errors           : 0          Advertisement Interval Errors : 0
 Invalid Auth Type       : 0          Auth Failures                 : 0
 Packet Length Errors    : 0          Auth Type Mismatch            : 0
 Become Master           : 0          Address List Errors           : 0
 Adver Rcvd              : 5          Priority Zero Pkts Rcvd       : 0
 Adver Sent              : 0          Priority Zero Pkts Sent       : 0

 Global statistics
 CheckSum Errors         : 0
 Version Errors          : 0
 VRID Errors             : 0
`)
}

func TestDebugging(t *testing.T) {
	a, b := pair(t)
	a.Do("return", "debugging vrrp fsm", "debugging vrrp packet", "system-view", "interface GigabitEthernet 1/0/1")
	b.Do("return", "debugging vrrp packet interface GigabitEthernet 1/0/1 vrid 1")
	b.Do()
	a.Do("vrrp vrid 1 virtual-ip 192.0.2.1")
	b.Do("system-view", "interface GigabitEthernet 1/0/1", "vrrp vrid 1 virtual-ip 192.0.2.1")
	a.Run(4 * time.Second)
	for _, want := range []string{
		"VRRP4/7/FSM: -Context=1;\n IPv4 GigabitEthernet1/0/1 | Virtual Router 1 : Initialize --> Backup\n",
		"VRRP4/7/FSM: -Context=1;\n IPv4 GigabitEthernet1/0/1 | Virtual Router 1 : Backup --> Master   reason: Master-down-timer expired\n",
		"VRRP4/7/Packet: -Context=1;\n Sent Advertisement message from GigabitEthernet1/0/1\n VRID: 1  Pri: 100  Adver timer: 100 centisecs\n",
	} {
		if !strings.Contains(a.Seen(), want) {
			t.Errorf("A printed %q, want %q in it", a.Seen(), want)
		}
	}
	if want := "VRRP4/7/Packet: -Context=1;\n Received Advertisement message from 192.0.2.2 on GigabitEthernet1/0/1\n VRID: 1  Pri: 100  Adver timer: 100 centisecs\n"; !strings.Contains(b.Seen(), want) {
		t.Errorf("B printed %q, want %q in it", b.Seen(), want)
	}
	b.Do("return", "undo debugging vrrp packet") // does not switch off what a group has
	b.Run(3 * time.Second)
	b.has("after undo debugging of all", b.Seen(), "Advertisement message")
	b.Do("undo debugging vrrp packet interface GigabitEthernet 1/0/1 vrid 1")
	b.Run(3 * time.Second)
	b.want("after undo debugging", b.Seen(), "")
}

func TestTrack(t *testing.T) {
	a, b := pair(t)
	a.Do("vrrp vrid 1 virtual-ip 192.0.2.1", "vrrp vrid 1 priority 120", "quit", "track 1 interface GigabitEthernet1/0/2", "quit",
		"track 2 interface GigabitEthernet1/0/1", "quit", "interface GigabitEthernet1/0/1")
	b.Do("vrrp vrid 1 virtual-ip 192.0.2.1")
	a.Run(10 * time.Second)
	a.Do("return", "debugging vrrp event", "system-view", "interface GigabitEthernet1/0/1")
	a.has("tracking", a.Do("vrrp vrid 1 track 2 priority reduced 40"), "VRRP4/7/Event: -Context=1;\n Created track object 2\n")
	a.has("display", a.Do("display vrrp verbose"), "     Config Pri       : 120                 Running Pri  : 120\n",
		"     Master IP        : 192.0.2.2\n   VRRP Track Information:\n     Track Object     : 2                   State : Positive   Pri Reduced : 40\n")
	a.Do("vrrp vrid 1 track 1 priority reduced 30")
	a.has("negative", a.Do("display vrrp verbose"), "Running Pri  : 90\n", "     Track Object     : 1                   State : Negative   Pri Reduced : 30\n")
	a.Run(10 * time.Second)
	b.has("the better one takes over", b.Do("display vrrp"), "1     Master       100")
	a.Do("vrrp vrid 1 track 1 switchover", "vrrp vrid 1 track 3 priority reduced 10", "vrrp vrid 1 track 3 weight reduced 20",
		"vrrp vrid 1 track 4 forwarder-switchover member-ip 192.0.2.3")
	a.want("configuration", a.lines(), "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 priority 120\nvrrp vrid 1 track 1 priority reduced 30\n"+
		"vrrp vrid 1 track 1 switchover\nvrrp vrid 1 track 2 priority reduced 40\nvrrp vrid 1 track 3 priority reduced\nvrrp vrid 1 track 3 weight reduced 20\n"+
		"vrrp vrid 1 track 4 forwarder-switchover member-ip 192.0.2.3")
	a.RoundTrip()
	a.Do("undo vrrp vrid 1 track 1 priority reduced", "undo vrrp vrid 1 track 3")
	a.has("undo of one kind", a.Do("display vrrp verbose"), "Running Pri  : 120\n", "State : Negative   Switchover\n")
	a.has("undo of all", a.Do("undo vrrp vrid 1 track"), "Deleted track object 1\n")
	a.want("undo of none", a.Do("undo vrrp vrid 1 track 1"), "The VRRP group does not track that entry.\n")
	a.want("after undo", a.lines(), "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 priority 120")
}

func TestBackupTakesOverWhenItsTrackIsNegative(t *testing.T) {
	a, b := pair(t)
	a.Do("vrrp vrid 1 virtual-ip 192.0.2.1", "vrrp vrid 1 priority 120")
	a.Run(5 * time.Second)
	b.Do("quit", "track 1 interface GigabitEthernet1/0/2", "quit", "interface GigabitEthernet1/0/1", "vrrp vrid 1 virtual-ip 192.0.2.1")
	a.Run(5 * time.Second)
	b.has("a backup", b.Do("vrrp vrid 1 track 1 switchover"), "changed from Backup to Master: The status of the tracked object changed.")
}

func TestAuthentication(t *testing.T) {
	a, b := pair(t)
	for _, d := range []*desk{a, b} {
		d.Do("vrrp version 2", "vrrp vrid 1 virtual-ip 192.0.2.1", "vrrp vrid 1 authentication-mode md5 plain secret")
	}
	a.Run(10 * time.Second)
	for _, d := range []*desk{a, b} {
		d.has("verbose", d.Do("display vrrp verbose"), "     Auth Type        : MD5                 Key          : ******\n     Version          : 2\n")
	}
	if got := a.Do("display vrrp") + b.Do("display vrrp"); strings.Count(got, "Master") != 1 || strings.Count(got, "Backup") != 1 {
		t.Errorf("with one key they disagree:\n%s", got)
	}
	b.Do("vrrp vrid 1 authentication-mode simple plain other")
	b.Run(10 * time.Second)
	b.has("another type", b.Seen(), "VRRP4/6/VRRP_AUTH_FAILED: -Context=1; Authentication failed in IPv4 virtual router 1 (configured on GigabitEthernet1/0/1): authentication type mismatch.")
	if n := strings.Count(b.Seen(), "VRRP_AUTH_FAILED"); n != 1 {
		t.Errorf("it is logged %d times, want once", n)
	}
	b.has("brief", b.Do("display vrrp"), "100     Simple           192.0.2.1\n")
	b.want("configuration", b.lines(), "vrrp version 2\nvrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 authentication-mode simple cipher "+feature.Encipher("other"))
	b.RoundTrip()
	a.Do("vrrp vrid 1 authentication-mode simple cipher " + feature.Encipher("other"))
	a.Run(10 * time.Second)
	if got := a.Do("display vrrp") + b.Do("display vrrp"); strings.Count(got, "Master") != 1 {
		t.Errorf("with the same cipher text they disagree:\n%s", got)
	}
	b.Do("undo vrrp vrid 1 authentication-mode")
	b.has("without", b.Do("display vrrp"), "100     None             192.0.2.1\n")
	a.want("a long key", a.Do("vrrp vrid 1 authentication-mode simple plain ninechars"), "The authentication key is too long.\n")
}

func TestGlobalCommands(t *testing.T) {
	a, b := pair(t)
	var tos []uint8
	b.Box.Stack.Hook(stack.In, "test", func(p *stack.Packet) stack.Verdict {
		if p.Proto == vrrp.Protocol {
			tos = append(tos, p.TOS)
		}
		return stack.Accept
	})
	a.Do("vrrp vrid 1 virtual-ip 192.0.2.1")
	a.Run(5 * time.Second)
	b.Do("vrrp vrid 1 virtual-ip 192.0.2.1")
	a.Run(5 * time.Second)
	a.Do("quit", "vrrp dscp 30")
	a.Run(2 * time.Second)
	if n := len(tos); n < 3 || tos[0] != 48<<2 || tos[n-1] != 30<<2 {
		t.Errorf("advertisements have the types of service %v, want %d then %d", tos, 48<<2, 30<<2)
	}
	count := func() int { return int(b.Box.Stack.Iface("GigabitEthernet1/0/1").Counters().InBroadcast) }
	arps := count()
	a.Do("vrrp send-gratuitous-arp interval 30")
	a.Run(65 * time.Second)
	if got := count() - arps; got != 2 {
		t.Errorf("%d gratuitous ARP packets in 65 s, want 2", got)
	}
	a.Do("undo vrrp send-gratuitous-arp")
	arps = count()
	a.Run(65 * time.Second)
	if got := count() - arps; got != 0 {
		t.Errorf("%d gratuitous ARP packets after undo", got)
	}
	lines := []string{"vrrp dscp 30", "vrrp ipv6 dscp 30", "vrrp ipv6 mode load-balance", "vrrp mode load-balance version-8", "vrrp send-gratuitous-arp"}
	a.Do("vrrp send-gratuitous-arp interval 120", "vrrp mode load-balance version-8", "undo snmp-agent trap enable vrrp new-master", "vrrp ipv6 mode load-balance", "vrrp ipv6 dscp 30",
		"interface GigabitEthernet1/0/1", "vrrp vrid 1 name one", "vrrp vrid 1 vrrpv3-send-packet v2v3-both", "vrrp vrid 2 follow one", "vrrp dot1q vid 5", "vrrp ipv6 vrid 2 virtual-ip FE80::1 link-local", "vrrp ipv6 vrid 2 priority 120")
	a.has("configuration", a.Config(), append(lines, "undo snmp-agent trap enable vrrp new-master", "vrrp ipv6 vrid 2 virtual-ip FE80::1 link-local")...)
	a.RoundTrip()
	a.Do("undo vrrp vrid 1 name", "undo vrrp vrid 1 vrrpv3-send-packet", "undo vrrp vrid 2 follow", "undo vrrp dot1q", "undo vrrp ipv6 vrid 2 virtual-ip FE80::1", "undo vrrp ipv6 vrid 2 priority", "quit", "undo vrrp dscp", "undo vrrp send-gratuitous-arp",
		"undo vrrp mode", "snmp-agent trap enable vrrp new-master", "undo vrrp ipv6 mode", "undo vrrp ipv6 dscp")
	for _, l := range strings.Split(a.Config(), "\n") {
		if strings.Contains(l, "vrrp") && !strings.Contains(l, "virtual-ip 192.0.2.1") {
			t.Errorf("%q is left", l)
		}
	}
}

func TestSourceInterface(t *testing.T) {
	a, b := pair(t)
	featuretest.Cable(a.Desk, "GigabitEthernet1/0/2", b.Desk, "GigabitEthernet1/0/2")
	for i, d := range []*desk{a, b} {
		d.Do("quit", "interface GigabitEthernet1/0/2", fmt.Sprintf("ip address 198.51.100.%d 24", i+1), "quit", "interface GigabitEthernet1/0/1",
			"vrrp vrid 1 virtual-ip 192.0.2.1", "vrrp vrid 1 source-interface GigabitEthernet1/0/2")
	}
	a.Run(10 * time.Second)
	a.has("the master's address is that of the source interface", a.Do("display vrrp verbose"), "State        : Backup", "Master IP        : 198.51.100.2\n")
	a.want("configuration", a.lines(), "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 source-interface GigabitEthernet1/0/2")
	a.RoundTrip()
	a.Do("undo vrrp vrid 1 source-interface")
	b.Do("undo vrrp vrid 1 source-interface")
	a.Run(10 * time.Second)
	a.has("without it", a.Do("display vrrp verbose"), "Master IP        : 192.0.2.3\n")
}

func TestGroupGoesWithItsInterface(t *testing.T) {
	a, _ := pair(t)
	a.Do("quit", "interface GigabitEthernet1/0/1.5", "vlan-type dot1q vid 5", "ip address 203.0.113.2 24", "vrrp vrid 5 virtual-ip 203.0.113.1")
	a.Run(5 * time.Second)
	a.has("on a subinterface", a.Do("display vrrp"), " GE1/0/1.5          5     Master")
	a.Do("quit", "undo interface GigabitEthernet1/0/1.5")
	a.want("without it", a.Do("display vrrp"), "VRRP4 is not configured.\n")
}

func TestDebuggingOfEverything(t *testing.T) {
	a, b := pair(t)
	a.Do("vrrp vrid 1 virtual-ip 192.0.2.1", "return")
	b.Do("vrrp vrid 2 virtual-ip 192.0.2.2")
	a.Do("debugging vrrp all")
	a.Run(5 * time.Second)
	a.has("all", a.Seen(), "VRRP4/7/FSM: ", "VRRP4/7/Event: ", "VRRP4/7/Packet: ", "VRRP4/7/Error: -Context=1;\nThe VRID 2 in the packet from 192.0.2.3 does not exist on interface GigabitEthernet1/0/1")
	a.Do("undo debugging vrrp all")
	a.Run(5 * time.Second)
	a.want("after undo", a.Seen(), "")
	a.Do("debugging vrrp error", "undo debugging vrrp error", "debugging vrrp fsm", "undo debugging vrrp fsm", "debugging vrrp event", "undo debugging vrrp event")
}
