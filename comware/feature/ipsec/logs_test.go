package ipsec

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/stack"
)

func (d *desk) logged(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(d.logs.String(), w) {
			t.Errorf("nothing logged like %q", w)
		}
	}
}

// What a tunnel goes through, as `ipsec logging negotiation enable` tells it.
func TestNegotiationLogs(t *testing.T) {
	a, b := two(t)
	a.do("system-view", "ipsec logging negotiation enable", "ipsec sa idle-time 60", "return")
	a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
	tunnel := tunnels(a)[0]
	in, out := tunnel.Inbound()[0].SPI, tunnel.Outbound().SPI
	ends := "The SA's source address is 1.1.1.1, destination address is 1.1.1.2, protocol is ESP, and SPI is "
	a.logged(t, "IPSEC/6/IPSEC_SA_INITINATE", "Began to establish IPsec SA. The SA's source address is 1.1.1.1, and its destination address is 1.1.1.2.",
		fmt.Sprintf("IPSEC/6/IPSEC_SA_ESTABLISH: -Context=1; Established IPsec SA. %s%d.", ends, in), fmt.Sprintf("%s%d.", ends, out))
	a.Run(2 * time.Minute)
	a.logged(t, fmt.Sprintf("IPSEC/6/IPSEC_SA_TERMINATE: -Context=1; The IPsec SA was deleted for the reason of SA idle timeout. %s%d.", ends, out))
	for _, tt := range []struct {
		end    func()
		reason string
	}{
		{func() { a.do("reset ipsec sa") }, "reset command executed"},
		{func() { b.do("reset ipsec sa"); a.Run(time.Second) }, "Delete message received"},
		{func() { a.do("system-view", "ipsec policy map1 10", "security acl 3000 per-host", "return") }, "configuration change"},
	} {
		a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
		a.logs.Reset()
		tt.end()
		a.logged(t, "for the reason of "+tt.reason+". ")
	}
	a.do("system-view", "undo ipsec logging negotiation enable", "return")
	a.logs.Reset()
	a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
	if strings.Contains(a.logs.String(), "IPSEC_SA") {
		t.Errorf("logged without being asked:\n%s", a.logs.String())
	}
}

// What becomes of packets, as `ipsec logging packet enable` tells it.
func TestPacketLogs(t *testing.T) {
	a, b := two(t)
	b.do("system-view", "ipsec logging packet enable", "return")
	a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
	var seen []*stack.Packet
	take := b.Box.Stack.Handler(50)
	b.Box.Stack.HandleProto(50, func(p *stack.Packet) { seen = append(seen, p); take(p) })
	a.do("ping -a 2.2.2.2 -c 1 3.3.3.3")
	if len(seen) == 0 {
		t.Fatal("B saw no ESP")
	}
	spi := tunnels(a)[0].Outbound().SPI
	send := func(change func(p *stack.Packet)) {
		p := *seen[0]
		p.Payload = append([]byte(nil), p.Payload...)
		change(&p)
		take(&p)
	}
	send(func(*stack.Packet) {})
	send(func(p *stack.Packet) { p.Payload[7] = 99 })
	send(func(p *stack.Packet) { p.Payload[3]++; p.Payload[7] = 7 })
	send(func(p *stack.Packet) { p.Src = p.Dst })
	head := "IPSEC/6/IPSEC_PACKET_DISCARDED: -Context=1; IPsec packet discarded, Src IP:1.1.1.1, Dst IP:1.1.1.2, "
	b.logged(t,
		fmt.Sprintf("%sSPI:%d, SN:2, Cause:Anti-replay checking failed.", head, spi),
		fmt.Sprintf("%sSPI:%d, SN:99, Cause:ESP authentication failed.", head, spi),
		fmt.Sprintf("SPI:%d, SN:7, Cause:Invalid SA.", spi&^0xff|(spi+1)&0xff),
		"Src IP:1.1.1.2, Dst IP:1.1.1.2, ", "Cause:Source address of packet does not match the SA.")
	if got := b.do("display ipsec statistics"); !strings.Contains(got, "Dropped packets (received/sent): 4/0\n") || !strings.Contains(got, "Replayed packets: 1\n") {
		t.Errorf("display ipsec statistics printed\n%s", got)
	}
	b.do("reset ipsec statistics")
	if got := b.do("display ipsec statistics"); !strings.Contains(got, "Dropped packets (received/sent): 0/0\n") {
		t.Errorf("after the reset\n%s", got)
	}
}

// The lifetime in kilobytes: at the soft limit the next pair is made, and the
// tunnel goes on.
func TestLifetimeInKilobytes(t *testing.T) {
	a, b := two(t)
	a.do("system-view", "ipsec sa global-duration traffic-based 2560", "return")
	a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
	first := tunnels(a)[0].Outbound().SPI
	if got := a.do("display ipsec sa"); !strings.Contains(got, "SA duration (kilobytes/sec): 2560/3600\n") || !strings.Contains(b.do("display ipsec sa"), "SA duration (kilobytes/sec): 2560/3600\n") {
		t.Errorf("display ipsec sa printed\n%s", got)
	}
	carry := func(kilobytes int) string {
		return a.do(fmt.Sprintf("ping -a 2.2.2.2 -s 8000 -m 1 -c %d 3.3.3.3", kilobytes*1024/8028))
	}
	carry(2200)
	if out := tunnels(a)[0].Outbound(); out.SPI != first {
		t.Error("a new pair came before the soft limit of 2304 kilobytes")
	}
	if out := carry(200); !strings.Contains(out, " 0.0% packet loss") {
		t.Errorf("packets were lost:\n%s", out)
	}
	if tunnels(a)[0].Outbound().SPI == first {
		t.Error("no new pair at the soft limit")
	}
}

// A host name stands for the address that it has when it is typed.
func TestRemoteHostName(t *testing.T) {
	a, _ := two(t)
	a.do("system-view", "ip host peer.example 1.1.1.2", "ipsec policy map1 10", "remote-address peer.example", "return")
	if got := a.do("display ipsec policy map1 10"); !strings.Contains(got, "  Remote address: peer.example\n") {
		t.Errorf("display ipsec policy printed\n%s", got)
	}
	a.RoundTrip()
	if got := a.do("ping -a 2.2.2.2 -c 3 3.3.3.3"); !strings.Contains(got, "icmp_seq=2 ") {
		t.Errorf("ping printed %s", got)
	}
	a.do("system-view", "undo ip host peer.example 1.1.1.2", "ip host peer.example 1.1.1.3", "return", "reset ipsec sa")
	if got := a.do("ping -a 2.2.2.2 -c 3 3.3.3.3"); !strings.Contains(got, "icmp_seq=2 ") {
		t.Errorf("another address is used before the name is typed again: %s", got)
	}
	a.do("system-view", "ipsec policy map1 10", "remote-address peer.example", "return")
	if got := a.do("ping -a 2.2.2.2 -c 2 3.3.3.3"); strings.Contains(got, "icmp_seq=1 ") {
		t.Errorf("the old address is used on: %s", got)
	}
	a.do("system-view", "ipsec policy map1 10", "remote-address nobody", "return")
	if got := a.do("display ipsec policy map1 10"); !strings.Contains(got, "Remote-address not set\n") {
		t.Errorf("with a name that nobody knows\n%s", got)
	}
	a.do("system-view", "ipsec policy map1 10", "undo remote-address", "return")
	if strings.Contains(a.Config(), "remote-address") {
		t.Error("the remote address is still configured")
	}
}

// A profile by hand: kept, shown, and none for a tunnel interface.
func TestManualProfile(t *testing.T) {
	a, _ := two(t)
	a.do("system-view", "ipsec profile hand manual", "transform-set tran1", "description of OSPF", "sa spi inbound esp 23456", "sa spi outbound esp 23456",
		"sa hex-key encryption inbound esp simple 00112233445566778899aabbccddeeff", "sa string-key outbound esp simple abc")
	if got := a.Shell.Prompt(); !strings.HasSuffix(got, "-ipsec-profile-manual-hand]") {
		t.Errorf("prompt %q", got)
	}
	want := `-----------------------------------------------
IPsec profile: hand
Mode: manual
-----------------------------------------------
  Description: of OSPF
  Transform set: tran1
  Inbound AH setting:
    AH SPI:
    AH string-key:
    AH authentication hex key:
  Inbound ESP setting:
    ESP SPI: 23456 (0x00005ba0)
    ESP string-key:
    ESP encryption hex key: ******
    ESP authentication hex key:
  Outbound AH setting:
    AH SPI:
    AH string-key:
    AH authentication hex key:
  Outbound ESP setting:
    ESP SPI: 23456 (0x00005ba0)
    ESP string-key: ******
    ESP encryption hex key:
    ESP authentication hex key:
`
	if got := a.do("display ipsec profile hand"); got != want {
		t.Errorf("display ipsec profile printed\n%s", got)
	}
	a.RoundTrip()
	if got := a.do("ipsec profile hand isakmp"); got != "The mode of the profile cannot be changed.\n" {
		t.Errorf("another mode: %q", got)
	}
	a.do("ipsec profile hand")
	a.do("undo transform-set", "undo description", "undo sa spi inbound esp", "undo sa spi outbound esp", "undo sa hex-key encryption inbound esp", "undo sa string-key outbound esp")
	if got := a.do("display ipsec profile hand"); strings.Contains(got, "*") || strings.Contains(got, "23456") || strings.Contains(got, "OSPF") {
		t.Errorf("after undo\n%s", got)
	}
}
