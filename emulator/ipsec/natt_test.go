package ipsec

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
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
	b.e.UDP(&stack.Packet{In: b.out, Src: addrA, Dst: addrB, TTL: 50}, 1025, p.Payload[8:])
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
	b.e.UDP(&stack.Packet{In: b.out, Src: addrA, Dst: addrB, TTL: 50}, 9, forged)
	b.wantDrop(AuthenticationFailed)
	b.send(stack.Stolen, true)
	if got := binary.BigEndian.Uint16(b.last(a).Payload[2:]); got != 1025 {
		t.Errorf("after a forged datagram B answers to port %d, want 1025", got)
	}
}

// A NAT changes the addresses that checksums of transport mode cover (RFC 3948
// section 3.1.2): the receiver mends them.
func TestChecksumsOfTransportMode(t *testing.T) {
	public := netip.MustParseAddr("203.0.113.200")
	codec := new(wire.Codec)
	for size := range 5 {
		want := codec.AppendUDP(public, addrB, wire.UDP{Src: 7, Dst: 9, Payload: make([]byte, size)})
		got := codec.AppendUDP(addrA, addrB, wire.UDP{Src: 7, Dst: 9, Payload: make([]byte, size)})
		Ends{Local: addrB, Remote: addrA}.mend(protoUDP, got, public, addrB)
		if !bytes.Equal(got, want) {
			t.Errorf("a mended datagram is %x, want %x", got, want)
		}
		Ends{}.mend(protoUDP, got, public, addrA)
		if !bytes.Equal(got, want) {
			t.Error("a datagram was mended though no address is known")
		}
	}
	none := make([]byte, 8)
	Ends{Local: addrB, Remote: addrA}.mend(protoUDP, none, public, addrB)
	if !bytes.Equal(none, make([]byte, 8)) {
		t.Errorf("a datagram without a checksum became %x", none)
	}
	segment := make([]byte, 20)
	binary.BigEndian.PutUint16(segment[16:], 0x1234)
	Ends{Local: addrB, Remote: addrA}.mend(protoTCP, segment, public, addrB)
	Ends{Local: addrB, Remote: public}.mend(protoTCP, segment, addrA, addrB)
	if got := binary.BigEndian.Uint16(segment[16:]); got != 0x1234 {
		t.Errorf("there and back the checksum of TCP is %#x", got)
	}

	_, a, b := twoSides(t)
	one := func(x netip.Addr) netip.Prefix { return netip.PrefixFrom(x, 32) }
	a.acls["3000"] = rules{{Permit: true, Flow: Selector{Src: one(addrA), Dst: one(addrB)}}}
	connect(t, a, b, Transform{Mode: Transport, Encr: DES, Auth: HMACSHA1}, func(p *Pair) {
		p.Flow = Selector{Src: one(addrA), Dst: one(addrB)}
		p.LocalPort, p.RemotePort = 4500, 4500
	})
	b.e.tunnels[0].Flow.Dst = one(public)
	b.e.tunnels[0].Remote, b.e.tunnels[0].pairs[0].Original = public, Ends{Local: addrB, Remote: addrA} // as IKE does behind a NAT
	p := a.packet(addrA, addrB, true)
	p.Proto, p.Payload = protoUDP, codec.AppendUDP(addrA, addrB, wire.UDP{Src: 7, Dst: 9, Payload: []byte("data")})
	if a.e.Out(p) != stack.Stolen {
		t.Fatal("the packet was not protected")
	}
	b.e.UDP(&stack.Packet{In: b.out, Src: public, Dst: addrB, TTL: 50}, 4500, a.last(b).Payload[8:])
	if len(b.got) != 1 {
		t.Fatalf("B got %d packets", len(b.got))
	}
	if _, err := codec.UDP(b.got[0].Src, b.got[0].Dst, b.got[0].Payload); err != nil || b.got[0].Src != public || b.got[0].TTL != 50 {
		t.Errorf("B got %+v: %v", b.got[0], err)
	}
}
