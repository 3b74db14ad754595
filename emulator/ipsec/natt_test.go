package ipsec

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"cwlab/emulator/stack"
)

// ESP in UDP, RFC 3948: the datagram, the way back to a port that the NAT has
// changed, and the room that the header takes.
func TestESPInUDP(t *testing.T) {
	_, a, b := twoSides(t)
	connect(t, a, b, Transform{Encr: AES, KeyBits: 128, Auth: HMACSHA1}, func(p *Pair) { p.LocalPort, p.RemotePort = 4500, 4500 })
	pair := a.e.Tunnels(Filter{})[0].Outbound().Pair()
	if plain := pair.Transform.PathMTU(1500); pair.PathMTU(1500) != plain-8 {
		t.Errorf("path MTU is %d, want %d", pair.PathMTU(1500), plain-8)
	}
	a.send(stack.Stolen, true)
	p := a.last(b)
	if p.Proto != 17 || len(p.Payload) < 16 || binary.BigEndian.Uint16(p.Payload) != 4500 || binary.BigEndian.Uint16(p.Payload[2:]) != 4500 ||
		int(binary.BigEndian.Uint16(p.Payload[4:])) != len(p.Payload) || binary.BigEndian.Uint16(p.Payload[6:]) != 0 {
		t.Fatalf("A sent protocol %d, %x; want a datagram from port 4500 to 4500", p.Proto, p.Payload[:8])
	}
	b.e.UDP(netip.AddrPortFrom(addrA, 1025), netip.AddrPortFrom(addrB, 4500), p.Payload[8:], b.out)
	if len(b.got) != 1 {
		t.Fatalf("B got %d packets, want 1", len(b.got))
	}
	b.send(stack.Stolen, true)
	if got := binary.BigEndian.Uint16(b.last(a).Payload[2:]); got != 1025 {
		t.Errorf("B answers to port %d, want 1025", got)
	}
	// A forged datagram moves nothing.
	forged := append([]byte(nil), p.Payload[8:]...)
	forged[7]++ // another sequence number
	b.e.UDP(netip.AddrPortFrom(addrA, 9), netip.AddrPortFrom(addrB, 4500), forged, b.out)
	b.wantDrop(AuthenticationFailed)
	b.send(stack.Stolen, true)
	if got := binary.BigEndian.Uint16(b.last(a).Payload[2:]); got != 1025 {
		t.Errorf("after a forged datagram B answers to port %d, want 1025", got)
	}
}
