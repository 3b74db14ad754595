package ipsec

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

func tunnels(d *desk) []*ipsec.TunnelState {
	return feature.Get[*ipsec.Engine](d.Box).Tunnels(ipsec.Filter{})
}

// An SA that carries nothing for the idle time goes. The time of the policy
// comes before the global one, which switches the function on.
func TestIdleTime(t *testing.T) {
	for _, lines := range [][]string{
		{"system-view", "ipsec sa idle-time 3600", "ipsec policy map1 10", "sa idle-time 60", "return"},
		{"system-view", "ipsec sa idle-time 60", "return"},
	} {
		a, _ := two(t)
		a.do(lines...)
		a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
		if len(tunnels(a)) != 1 {
			t.Fatalf("%q: no tunnel", lines)
		}
		a.Run(50 * time.Second)
		if len(tunnels(a)) != 1 {
			t.Errorf("%q: the tunnel has gone after 50 seconds", lines)
		}
		a.Run(2 * time.Minute)
		if len(tunnels(a)) != 0 {
			t.Errorf("%q: the tunnel is there after minutes without a packet", lines)
		}
		if a.RoundTrip(); !strings.Contains(a.Config(), "sa idle-time 60\n") {
			t.Errorf("%q is not in the configuration", lines)
		}
		a.do("system-view", "undo ipsec sa idle-time", "ipsec policy map1 10", "undo sa idle-time", "return")
		a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
		a.Run(5 * time.Minute)
		if len(tunnels(a)) != 1 {
			t.Errorf("%q: the tunnel has gone though the time was taken off", lines)
		}
	}
}

// An idle time is for SAs that are there, too.
func TestIdleTimeOfSAsInUse(t *testing.T) {
	a, b := two(t)
	a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
	a.Run(5 * time.Minute)
	a.do("system-view", "ipsec sa idle-time 600", "ipsec policy map1 10", "sa idle-time 400", "return")
	if len(tunnels(a)) != 1 {
		t.Fatal("the tunnel has gone before its time")
	}
	a.Run(2 * time.Minute)
	if len(tunnels(a))+len(tunnels(b)) != 0 {
		t.Errorf("%d and %d tunnels after 400 seconds without a packet", len(tunnels(a)), len(tunnels(b)))
	}
}

func TestDFBitOfTheOuterHeader(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		flag  string // of ping, which sets DF
		want  bool
	}{
		{nil, "", false},
		{nil, " -f", true},
		{[]string{"interface GigabitEthernet1/0/1", "ipsec df-bit set"}, "", true},
		{[]string{"interface GigabitEthernet1/0/1", "ipsec df-bit clear"}, " -f", false},
		{[]string{"ipsec global-df-bit set"}, "", true},
		{[]string{"ipsec global-df-bit set", "interface GigabitEthernet1/0/1", "ipsec df-bit copy"}, "", false},
		{[]string{"interface GigabitEthernet1/0/1", "ipsec df-bit set", "undo ipsec df-bit"}, "", false},
	} {
		a, b := two(t)
		a.do(append(append([]string{"system-view"}, tt.lines...), "return")...)
		a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
		var df []bool
		b.Box.Stack.OnPacket(func(at stack.Passage, _ *stack.Iface, v *wire.IPv4) {
			if at == stack.Receiving && v.Proto == ipsec.ProtoESP {
				df = append(df, v.DF)
			}
		})
		a.do("ping" + tt.flag + " -a 2.2.2.2 -c 1 3.3.3.3")
		if len(df) != 1 || df[0] != tt.want {
			t.Errorf("%q, ping%s: DF is %v, want %v", tt.lines, tt.flag, df, tt.want)
		}
	}
}

// The source interface of a policy gives its tunnels their local address.
func TestSourceInterface(t *testing.T) {
	a, b := two(t)
	a.do("system-view", "interface LoopBack1", "ip address 9.9.9.9 32", "ipsec policy map1 local-address LoopBack1", "return")
	b.do("system-view", "ip route-static 9.9.9.9 32 1.1.1.1", "ipsec policy map1 10", "remote-address 9.9.9.9", "undo ike-profile",
		"ike keychain k1", "pre-shared-key address 9.9.9.9 key simple secret", "ike profile p1", "match remote identity address 9.9.9.9 32", "return")
	a.do("ping -a 2.2.2.2 -c 4 3.3.3.3")
	if got := tunnels(a); len(got) != 1 || got[0].Local.String() != "9.9.9.9" {
		t.Errorf("the tunnels are %+v", got)
	}
	a.RoundTrip()
	a.do("system-view", "undo ipsec policy map1 local-address")
	if strings.Contains(a.Config(), "local-address") {
		t.Error("the source interface is still configured")
	}
}

// ESP is the only protocol, and saying so changes nothing.
func TestProtocolIsESP(t *testing.T) {
	a, _ := two(t)
	before := a.Config()
	a.do("system-view", "ipsec transform-set tran1", "protocol esp", "undo protocol", "return")
	if got := a.Config(); got != before {
		t.Errorf("the configuration is\n%s", got)
	}
	if got := a.do("display ipsec transform-set tran1"); !strings.Contains(got, "  Transform: ESP\n") {
		t.Errorf("display ipsec transform-set printed\n%s", got)
	}
}

// The sender of a packet that may not be fragmented is told how long one may
// be that the tunnel carries in one piece.
func TestFragmentationNeeded(t *testing.T) {
	a, _ := two(t)
	a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
	var told []string
	a.Box.Stack.OnICMP(func(p *stack.Packet, m wire.ICMP) { told = append(told, fmt.Sprint(m.Type, m.Code, m.Seq)) })
	send := func(size int) {
		s := a.Box.Stack
		s.Inject(&stack.Packet{In: s.Iface("GigabitEthernet1/0/1"), Src: netip.MustParseAddr("2.2.2.2"), Dst: netip.MustParseAddr("3.3.3.3"),
			Proto: wire.ProtoUDP, TTL: 9, DF: true, Decrypted: true, Payload: make([]byte, size-20)})
		a.Run(time.Second)
	}
	send(1429)
	if len(told) != 0 {
		t.Errorf("without ip unreachables the sender was told %q", told)
	}
	a.do("system-view", "ip unreachables enable", "return")
	send(1428)
	send(1429)
	if got := strings.Join(told, ", "); got != "3 4 1428" {
		t.Errorf("the sender was told %q, want fragmentation needed once, with 1428", got)
	}
	if got := a.do("display ipsec statistics"); !strings.Contains(got, "MTU check failure: 2\n") {
		t.Errorf("display ipsec statistics printed\n%s", got)
	}
}
