package ip

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

func TestGratuitousARP(t *testing.T) {
	a, b, _ := pair(t)
	sent := 0
	b.Box.Stack.OnARP(func(_ *stack.Iface, p wire.ARP, out bool) {
		if !out && p.Src == p.Dst {
			sent++
		}
	})
	a.Do("system-view", "interface g1/0/1", "arp send-gratuitous-arp interval 500", "ip address 10.1.0.1 24 sub")
	a.RoundTrip()
	a.Run(time.Millisecond)
	sent = 0
	a.Run(2 * time.Second)
	if sent != 8 {
		t.Errorf("%d gratuitous ARP packets in two seconds, want two each half second", sent)
	}
	a.Do("arp send-gratuitous-arp")
	a.Run(time.Second)
	sent = 0
	a.Run(4 * time.Second)
	if sent != 4 {
		t.Errorf("%d gratuitous ARP packets in four seconds, want two each two seconds", sent)
	}
	a.Do("undo arp send-gratuitous-arp")
	sent = 0
	a.Run(10 * time.Second)
	if s := a.Config(); sent != 0 || strings.Contains(s, "gratuitous") {
		t.Errorf("after undo %d gratuitous ARP packets and the configuration\n%s", sent, s)
	}
}

func TestLearningFromGratuitousARP(t *testing.T) {
	a, b, _ := pair(t)
	announce := func() {
		a.Do("system-view", "interface g1/0/1", "shutdown", "undo shutdown", "return")
		a.Run(time.Second)
	}
	b.Do("system-view", "undo gratuitous-arp-learning enable", "return", "reset arp all")
	b.RoundTrip()
	announce()
	b.Want("display arp count", " Total number of entries : 0\n")
	b.Do("system-view", "gratuitous-arp-learning enable", "return")
	announce()
	b.Want("display arp count", " Total number of entries : 1\n")
	if s := b.Config(); strings.Contains(s, "gratuitous") {
		t.Errorf("configuration is\n%s", s)
	}

	// A request of another network is answered with a gratuitous ARP.
	b.Do("system-view", "gratuitous-arp-sending enable", "return")
	var got []wire.ARP
	a.Box.Stack.OnARP(func(_ *stack.Iface, p wire.ARP, out bool) {
		if !out {
			got = append(got, p)
		}
	})
	a.Do("system-view", "interface g1/0/1", "ip address 77.0.0.1 24", "ip route-static 10.0.0.2 32 g1/0/1", "return")
	run(a, "ping -c 1 -t 10 10.0.0.2")
	if len(got) == 0 || got[0].Src != got[0].Dst {
		t.Errorf("answers are %v, want a gratuitous ARP", got)
	}
	b.Do("system-view", "undo gratuitous-arp-sending enable", "return")
	a.Do("reset arp all")
	got = nil
	run(a, "ping -c 1 -t 10 10.0.0.2")
	if len(got) == 0 || got[0].Src == got[0].Dst {
		t.Errorf("answers are %v, want a reply", got)
	}
}

func TestAddressConflict(t *testing.T) {
	a, b, _ := pair(t)
	clash := func() {
		a.Do("system-view", "interface g1/0/1", "ip address 10.0.0.2 24", "ip address 10.0.0.1 24", "return")
		a.Run(time.Second)
	}
	b.Do("system-view", "arp ip-conflict log prompt")
	clash()
	mac := a.Box.Stack.Iface("GigabitEthernet1/0/1").MAC().String()
	want(t, "conflict", b.Seen(), "%Jan  2 03:04:06:000 2020 H3C ARP/6/DUPIFIP: -Context=1; Duplicate address 10.0.0.2 on interface GigabitEthernet1/0/1, sourced from "+mac+".\n")
	b.Do("undo arp ip-conflict log prompt")
	clash()
	want(t, "switched off", b.Seen(), "")
}

// A toAddress permits what goes to one address.
type toAddress string

func (s toAddress) Permits(n int, p *stack.Packet) (permit, known bool) {
	return n == 3000 && p.Dst.String() == string(s), n == 3000
}

func TestMoreDebugging(t *testing.T) {
	a, b, c := pair(t)
	feature.Put[feature.ACLs](b.Box, toAddress("10.0.0.2"))
	b.Do("debugging arp entry", "debugging udp packet acl 3000", "debugging ip packet acl 3000", "reset arp all")
	a.Do("reset arp all")
	run(a, "tracert -q 1 -m 1 -w 10 10.0.0.2")
	mac := a.Box.Stack.Iface("GigabitEthernet1/0/1").MAC().String()
	for _, text := range []string{
		"ARP/7/ARP_ENTRY: -Context=1; ARP entry status changed: MAC address: " + mac + ", IP address: 10.0.0.1, INITIALIZE -> NO_AGE\n",
		"SOCKET/7/UDP: -Context=1;\nUDP Input:\n IN VRF = 0, IN IF = GigabitEthernet1/0/1\n UDP Packet: src = 10.0.0.1:",
		", dst = 10.0.0.2:33434\n             len = 20, checksum = 0x",
		"\nReceiving, interface = ",
	} {
		if seen := b.Seen(); !strings.Contains(seen, text) {
			t.Errorf("traces\n%s\nlack %q", seen, text)
		}
	}
	b.Do("undo debugging udp packet", "undo debugging ip packet", "debugging ip packet acl 3999", "debugging udp packet")
	c.Cut()
	c.Mend()
	b.Do("tracert -q 1 -m 1 -w 10 10.0.0.1")
	b.Run(time.Minute)
	if seen := b.Seen(); !strings.Contains(seen, "UDP Output:\n OUT VRF = 0\n UDP Packet: src = 10.0.0.2:") || strings.Contains(seen, "Sending") {
		t.Errorf("traces are\n%s", seen)
	}
	b.Do("undo debugging udp packet", "undo debugging ip packet")
	a.Do("system-view", "interface g1/0/1", "shutdown")
	a.Run(time.Second)
	b.Do("undo debugging arp entry")
	a.Do("undo shutdown")
	a.Run(time.Second)
	if seen := b.Seen(); strings.Contains(seen, "ARP_ENTRY") {
		t.Errorf("traces are\n%s", seen)
	}
}
