package ipsec

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

// hosts gives both devices two hosts behind them, 2.2.2.N and 3.3.3.N, and both
// lists a rule that covers all of them.
func hosts(a, b *desk) {
	a.do("system-view", "interface LoopBack1", "ip address 2.2.2.3 32", "quit", "ip route-static 3.3.3.0 24 1.1.1.2",
		"acl advanced 3000", "rule 0 permit ip source 2.2.2.0 0.0.0.255 destination 3.3.3.0 0.0.0.255", "return")
	b.do("system-view", "interface LoopBack1", "ip address 3.3.3.4 32", "quit", "ip route-static 2.2.2.0 24 1.1.1.1",
		"acl advanced 3000", "rule 0 permit ip source 3.3.3.0 0.0.0.255 destination 2.2.2.0 0.0.0.255", "return")
}

// flows are those of the tunnels, as `display ipsec tunnel` says.
func flows(d *desk) []string {
	var out []string
	for line := range strings.Lines(d.do("display ipsec tunnel")) {
		if f := strings.Fields(line); len(f) > 2 && f[0] == "dest" {
			out = append(out, f[2])
		}
	}
	return out
}

// One tunnel for a rule, for the whole list, or for each two hosts.
func TestFlowModes(t *testing.T) {
	for _, tt := range []struct {
		mode string
		want []string
	}{
		{"", []string{"3.3.3.0/255.255.255.0", "3.3.3.4/255.255.255.255"}},
		{" aggregation", []string{"3.3.3.0/255.255.255.0"}},
		{" per-host", []string{"3.3.3.3/255.255.255.255", "3.3.3.4/255.255.255.255"}},
	} {
		a, b := two(t)
		hosts(a, b)
		// A second rule, for what the first does not see.
		a.do("system-view", "acl advanced 3000", "rule 0 permit ip source 2.2.2.2 0 destination 3.3.3.0 0.0.0.255",
			"rule 5 permit ip source 2.2.2.3 0 destination 3.3.3.4 0", "ipsec policy map1 10", "security acl 3000"+tt.mode, "return")
		b.do("system-view", "acl advanced 3000", "rule 0 permit ip source 3.3.3.0 0.0.0.255 destination 2.2.2.2 0",
			"rule 5 permit ip source 3.3.3.4 0 destination 2.2.2.3 0", "ipsec policy map1 10", "security acl 3000"+tt.mode, "return")
		for _, line := range []string{"ping -a 2.2.2.2 -c 3 3.3.3.3", "ping -a 2.2.2.3 -c 3 3.3.3.4"} {
			if out := a.do(line); !strings.Contains(out, "icmp_seq=2 ") {
				t.Errorf("%q: %s printed %s", tt.mode, line, out)
			}
		}
		if got := flows(a); !slices.Equal(got, tt.want) {
			t.Errorf("%q: destinations are %q, want %q", tt.mode, got, tt.want)
		}
		if got := a.do("display ipsec policy map1"); !strings.Contains(got, "Selector mode: "+cmp.Or(strings.TrimSpace(tt.mode), "standard")+"\n") {
			t.Errorf("display ipsec policy printed\n%s", got)
		}
		if n := len(tunnels(b)); n != len(tt.want) {
			t.Errorf("%q: B has %d tunnels, want %d", tt.mode, n, len(tt.want))
		}
		a.RoundTrip()
	}
}

// The entries of a policy see a packet in the order of their numbers; the first
// whose list has a rule for it decides, and a rule that denies leaves it in the
// clear.
func TestEntriesInOrder(t *testing.T) {
	for _, tt := range []struct {
		name  string
		first string // the rule of entry 5, before that of entry 10
		seq   int    // of the tunnel, 0 for a packet in the clear
	}{
		{"no rule", "rule 0 permit ip source 2.2.2.2 0 destination 9.9.9.9 0", 10},
		{"permits", "rule 0 permit icmp source 2.2.2.2 0 destination 3.3.3.3 0", 5},
		{"denies", "rule 0 deny ip source 2.2.2.2 0 destination 3.3.3.3 0", 0},
		{"permits before it denies", "rule 0 permit icmp source 2.2.2.2 0 destination 3.3.3.3 0\nrule 5 deny ip", 5},
		{"denies another", "rule 0 deny udp", 10},
	} {
		a, b := two(t)
		lines := append([]string{"system-view", "acl advanced 3001"}, strings.Split(tt.first, "\n")...)
		a.do(append(lines, "ipsec policy map1 5 isakmp", "transform-set tran1", "security acl 3001", "remote-address 1.1.1.2", "ike-profile p1", "return")...)
		var got []uint8
		b.Box.Stack.OnPacket(func(at stack.Passage, _ *stack.Iface, v *wire.IPv4) {
			if at == stack.Receiving && (v.Proto == ipsec.ProtoESP || v.Proto == wire.ProtoICMP) {
				got = append(got, v.Proto)
			}
		})
		if tt.name == "permits before it denies" || tt.name == "permits" { // B must have the flow
			b.do("system-view", "acl advanced 3000", "undo rule 0", "rule 0 permit ip source 3.3.3.3 0", "return")
		}
		a.do("ping -a 2.2.2.2 -c 3 3.3.3.3")
		if tt.seq == 0 {
			if len(got) != 3 || got[0] != wire.ProtoICMP || len(tunnels(a)) != 0 {
				t.Errorf("%s: B received protocols %v, %d tunnels", tt.name, got, len(tunnels(a)))
			}
			if !strings.Contains(b.do("display ipsec statistics"), "ACL check failure: 3\n") {
				t.Errorf("%s: B did not drop what should have been protected", tt.name)
			}
			continue
		}
		if all := tunnels(a); len(all) != 1 || all[0].Seq != tt.seq {
			t.Errorf("%s: the tunnels are %+v, want one of entry %d", tt.name, all, tt.seq)
		}
	}
}

// A packet that comes in the clear is dropped by the first entry that has a
// rule for it, unless the rule denies.
func TestClearPacketsInOrder(t *testing.T) {
	a, b := two(t)
	b.do("system-view", "interface GigabitEthernet1/0/1", "undo ipsec apply policy", "return")
	if out := b.do("ping -a 3.3.3.3 -c 1 2.2.2.2"); strings.Contains(out, "icmp_seq=0 ") {
		t.Errorf("a packet in the clear was answered:\n%s", out)
	}
	a.do("system-view", "acl advanced 3001", "rule 0 deny ip source 2.2.2.2 0 destination 3.3.3.3 0", "ipsec policy map1 5 isakmp",
		"transform-set tran1", "security acl 3001", "remote-address 1.1.1.2", "return")
	if out := b.do("ping -a 3.3.3.3 -c 1 2.2.2.2"); !strings.Contains(out, "icmp_seq=0 ") {
		t.Errorf("a packet that an entry before denies was not answered:\n%s", out)
	}
}

// No more tunnels than may be; those that are there stay.
func TestTunnelLimit(t *testing.T) {
	a, b := two(t)
	hosts(a, b)
	a.do("debugging ipsec error", "system-view", "ipsec limit max-tunnel 1", "ipsec policy map1 10", "security acl 3000 per-host", "return")
	if out := a.do("ping -a 2.2.2.2 -c 3 3.3.3.3"); !strings.Contains(out, "icmp_seq=2 ") {
		t.Errorf("the first tunnel: %s", out)
	}
	if out := a.do("ping -a 2.2.2.2 -c 2 3.3.3.4"); strings.Contains(out, "icmp_seq=1 ") || len(tunnels(a)) != 1 {
		t.Errorf("%d tunnels with a limit of 1\n%s", len(tunnels(a)), out)
	}
	if !strings.Contains(a.logs.String(), "Number of SAs exceeded the limit.") {
		t.Error("no trace of it")
	}
	// What the peer asks for is refused, too.
	b.do("system-view", "ipsec policy map1 10", "security acl 3000 per-host", "return")
	if b.do("ping -a 3.3.3.4 -c 2 2.2.2.3"); len(tunnels(a)) != 1 {
		t.Errorf("%d tunnels after the peer asked", len(tunnels(a)))
	}
	a.do("reset ipsec sa")
	a.Run(time.Minute)
	if a.RoundTrip(); !strings.Contains(a.Config(), " ipsec limit max-tunnel 1\n") {
		t.Errorf("the limit is not in the configuration")
	}
	a.do("system-view", "undo ipsec limit max-tunnel", "return")
	a.do("ping -a 2.2.2.2 -c 3 3.3.3.3", "ping -a 2.2.2.2 -c 3 3.3.3.4")
	if len(tunnels(a)) != 2 || strings.Contains(a.Config(), "max-tunnel") {
		t.Errorf("%d tunnels without a limit", len(tunnels(a)))
	}
}

// A packet longer than the tunnel carries is cut before it is protected, or
// what was protected is.
func TestFragmentation(t *testing.T) {
	for _, tt := range []struct {
		line string
		want string // of the packets that B receives: fragment or whole, with the bytes of ESP
	}{
		{"ipsec fragmentation before-encryption", "whole fragment=false x2"},
		{"undo ipsec fragmentation", "whole fragment=false x2"},
		{"ipsec fragmentation after-encryption", "whole fragment=true x2"},
	} {
		a, b := two(t)
		a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
		a.do("system-view", tt.line, "return")
		if a.RoundTrip(); strings.Contains(a.Config(), "fragmentation") != strings.Contains(tt.line, "after") {
			t.Errorf("%s: the configuration is\n%s", tt.line, a.Config())
		}
		n, parts := 0, false
		b.Box.Stack.OnPacket(func(at stack.Passage, _ *stack.Iface, v *wire.IPv4) {
			if at == stack.Receiving && v.Proto == ipsec.ProtoESP {
				n++
				parts = parts || v.MF || v.Offset > 0
			}
		})
		if out := a.do("ping -a 2.2.2.2 -s 2000 -c 1 3.3.3.3"); !strings.Contains(out, "icmp_seq=0 ") {
			t.Errorf("%s: a long ping printed %s", tt.line, out)
		}
		if got := fmt.Sprintf("whole fragment=%v x%d", parts, n); got != tt.want {
			t.Errorf("%s: B received %s, want %s", tt.line, got, tt.want)
		}
	}
}

// A router in the way tells that a packet is too big; the tunnel learns it, its
// displays show it, and those who send into it are told less.
func TestPathMTU(t *testing.T) {
	a, _ := two(t)
	a.do("ping -a 2.2.2.2 -c 2 3.3.3.3", "debugging ipsec event", "debugging ipsec error", "system-view", "ip unreachables enable", "return")
	out := tunnels(a)[0].Outbound()
	tell := func(spi uint32) {
		quoted := (&stack.Packet{Src: netip.MustParseAddr("1.1.1.1"), Dst: netip.MustParseAddr("1.1.1.2"), Proto: ipsec.ProtoESP,
			Payload: []byte{byte(spi >> 24), byte(spi >> 16), byte(spi >> 8), byte(spi), 0, 0, 0, 9}}).Append()
		a.Box.Stack.Inject(&stack.Packet{Src: netip.MustParseAddr("1.1.1.77"), Dst: netip.MustParseAddr("1.1.1.1"), Proto: wire.ProtoICMP, TTL: 9,
			Payload: new(wire.Codec).AppendICMP(wire.ICMP{Type: wire.Unreachable, Code: wire.FragmentationNeeded, Seq: 1300, Payload: quoted})})
	}
	mtu := func(want int) {
		t.Helper()
		if got := a.do("display ipsec sa"); !strings.Contains(got, fmt.Sprintf("    Path MTU: %d\n", want)) {
			t.Errorf("want a path MTU of %d in\n%s", want, got)
		}
	}
	tell(out.SPI + 1)
	mtu(1428)
	if want := fmt.Sprintf("Can't find SA when processing ICMP too big packet: SPI = %d.", out.SPI+1); !strings.Contains(a.logs.String(), want) {
		t.Errorf("no %q", want)
	}
	tell(out.SPI)
	mtu(1228)
	if want := "Sent update MTU message to slot:1, message type is 24."; !strings.Contains(a.logs.String(), want) {
		t.Errorf("no %q", want)
	}
	var told []uint16
	a.Box.Stack.OnICMP(func(_ *stack.Packet, m wire.ICMP) {
		if m.Type == wire.Unreachable {
			told = append(told, m.Seq)
		}
	})
	s := a.Box.Stack
	s.Inject(&stack.Packet{In: s.Iface("GigabitEthernet1/0/1"), Src: netip.MustParseAddr("2.2.2.2"), Dst: netip.MustParseAddr("3.3.3.3"),
		Proto: wire.ProtoUDP, TTL: 9, DF: true, Decrypted: true, Payload: make([]byte, 1229-20)})
	a.Run(time.Second)
	if !slices.Equal(told, []uint16{1228}) {
		t.Errorf("the sender was told %v, want 1228", told)
	}
	a.Run(10 * time.Minute)
	mtu(1428) // nobody has said so for ten minutes
}
