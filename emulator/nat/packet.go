package nat

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

// A tuple is what translation reads of a packet. ICMP queries have their
// identifier as source port, and their type in the upper half of the
// destination port, as the session table has it.
type tuple struct {
	proto        uint8
	src, dst     netip.Addr
	sport, dport uint16
}

// shape says how much of a packet there is to translate.
type shape uint8

const (
	portless shape = iota // addresses only
	ported                // TCP, UDP, ICMP queries
	report                // an ICMP error; the tuple is of the packet inside
)

// ICMP types that are queries and answers (RFC 792), by the type of the other.
var queries = map[uint8]uint8{0: 8, 8: 0, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17}

func isError(t uint8) bool {
	return t == wire.Unreachable || t == wire.TimeExceeded || t == 12 || t == 4
}

func read(proto uint8, src, dst netip.Addr, b []byte) (tuple, shape) {
	t := tuple{proto: proto, src: src, dst: dst}
	switch {
	case (proto == wire.ProtoTCP || proto == wire.ProtoUDP) && len(b) >= 8:
		t.sport, t.dport = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
		return t, ported
	case proto == wire.ProtoICMP && len(b) >= 8:
		if _, ok := queries[b[0]]; ok {
			t.sport, t.dport = binary.BigEndian.Uint16(b[4:]), uint16(b[0])<<8
			return t, ported
		}
		if isError(b[0]) {
			if in, ok := inner(b); ok {
				return in, report
			}
		}
		t.dport = uint16(b[0])<<8 | uint16(b[1])
	}
	return t, portless
}

// inner is the packet that an ICMP error is about.
func inner(b []byte) (tuple, bool) {
	h, ok := header(b)
	if !ok {
		return tuple{}, false
	}
	t, kind := read(b[8+9], netip.AddrFrom4([4]byte(b[8+12:])), netip.AddrFrom4([4]byte(b[8+16:])), b[8+h:])
	return t, kind != report
}

// header is the length of the IP header inside an ICMP error.
func header(b []byte) (int, bool) {
	if len(b) < 8+20+8 || b[8]>>4 != 4 {
		return 0, false
	}
	h := int(b[8]&0xf) * 4
	return h, h >= 20 && len(b) >= 8+h+8
}

// reverse is the tuple of the answers.
func (t tuple) reverse() tuple {
	r := tuple{t.proto, t.dst, t.src, t.dport, t.sport}
	if t.proto == wire.ProtoICMP {
		r.sport, r.dport = t.sport, t.dport
		if other, ok := queries[uint8(t.dport>>8)]; ok {
			r.dport = uint16(other) << 8
		}
	}
	return r
}

// rewrite gives a packet other ends. The payload is copied: the frame it came
// in belongs to others too. Checksums are brought up to date (RFC 1624), one
// that was wrong stays wrong.
func rewrite(p *stack.Packet, from, to tuple) {
	b := slices.Clone(p.Payload)
	translate(p.Proto, b, from, to)
	p.Src, p.Dst, p.Payload = to.src, to.dst, b
}

// translate changes the ports in a transport header and its checksum.
func translate(proto uint8, b []byte, from, to tuple) {
	var old, new []byte
	if proto != wire.ProtoICMP {
		old, new = pseudo(from), pseudo(to)
	}
	at := 0
	switch proto {
	case wire.ProtoTCP:
		at = 16
	case wire.ProtoUDP:
		if at = 6; len(b) >= 8 && b[6] == 0 && b[7] == 0 { // no checksum
			at = len(b)
		}
	case wire.ProtoICMP:
		at = 2
	default:
		return
	}
	place := func(offset int, was, is uint16) {
		if was == is || len(b) < offset+2 {
			return
		}
		old, new = binary.BigEndian.AppendUint16(old, was), binary.BigEndian.AppendUint16(new, is)
		binary.BigEndian.PutUint16(b[offset:], is)
	}
	if proto == wire.ProtoICMP {
		place(4, from.sport, to.sport)
	} else {
		place(0, from.sport, to.sport)
		place(2, from.dport, to.dport)
	}
	if at+2 <= len(b) {
		sum := adjust(binary.BigEndian.Uint16(b[at:]), old, new)
		if proto == wire.ProtoUDP && sum == 0 {
			sum = 0xffff
		}
		binary.BigEndian.PutUint16(b[at:], sum)
	}
}

// rewriteReport gives an ICMP error and the packet inside other ends (RFC 5508
// section 4.2). The outer addresses are given, the inner ones by the tuples.
func rewriteReport(p *stack.Packet, src, dst netip.Addr, from, to tuple) {
	b := slices.Clone(p.Payload)
	h, ok := header(b)
	if !ok {
		return
	}
	ip := b[8 : 8+h]
	sum := adjust(binary.BigEndian.Uint16(ip[10:]), pseudo(from), pseudo(to))
	binary.BigEndian.PutUint16(ip[10:], sum)
	copy(ip[12:], to.src.AsSlice())
	copy(ip[16:], to.dst.AsSlice())
	translate(from.proto, b[8+h:], from, to)
	b[2], b[3] = 0, 0
	binary.BigEndian.PutUint16(b[2:], checksum(b))
	p.Src, p.Dst, p.Payload = src, dst, b
}

func pseudo(t tuple) []byte { return append(t.src.AsSlice(), t.dst.AsSlice()...) }

// adjust brings a checksum up to date after old became new (RFC 1624, eqn. 3).
// Both are of one, even length.
func adjust(sum uint16, old, new []byte) uint16 {
	v := uint32(^sum)
	for i := 0; i < len(old); i += 2 {
		v += uint32(^binary.BigEndian.Uint16(old[i:])) + uint32(binary.BigEndian.Uint16(new[i:]))
	}
	return ^fold(v)
}

func checksum(b []byte) uint16 {
	var v uint32
	for i := 0; i+1 < len(b); i += 2 {
		v += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 == 1 {
		v += uint32(b[len(b)-1]) << 8
	}
	return ^fold(v)
}

func fold(v uint32) uint16 {
	for v > 0xffff {
		v = v>>16 + v&0xffff
	}
	return uint16(v)
}
