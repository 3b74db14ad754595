package ipsec

import (
	"encoding/binary"
	"net/netip"
)

const udpHeaderLen = 8

// Encapsulated says whether ESP travels in UDP, RFC 3948.
func (p *Pair) Encapsulated() bool { return p.RemotePort != 0 }

// PathMTU is the largest packet that the pair brings through an interface of
// that MTU in one piece.
func (p *Pair) PathMTU(mtu int) int {
	if p.Encapsulated() {
		mtu -= udpHeaderLen
	}
	return p.Transform.PathMTU(mtu)
}

// encapsulate puts ESP into a datagram. Its checksum is zero (RFC 3948 section
// 2.1).
func encapsulate(from, to uint16, esp []byte) []byte {
	b := binary.BigEndian.AppendUint16(make([]byte, 0, udpHeaderLen+len(esp)), from)
	b = binary.BigEndian.AppendUint16(b, to)
	b = binary.BigEndian.AppendUint16(b, uint16(udpHeaderLen+len(esp)))
	b = binary.BigEndian.AppendUint16(b, 0)
	return append(b, esp...)
}

// mend makes the checksum of TCP or UDP fit the addresses that a packet in
// transport mode came with, instead of those that its sender knows (RFC 3948
// section 3.1.2). A UDP checksum of zero is none.
func (e Ends) mend(proto uint8, payload []byte, src, dst netip.Addr) {
	at := map[uint8]int{protoTCP: 16, protoUDP: 6}[proto]
	if at == 0 || len(payload) < at+2 || !e.Local.Is4() || !e.Remote.Is4() || !src.Is4() || !dst.Is4() {
		return
	}
	sum := binary.BigEndian.Uint16(payload[at:])
	if proto == protoUDP && sum == 0 {
		return
	}
	// RFC 1624: ~(~sum + ~old + new).
	acc := uint32(^sum)
	add := func(a netip.Addr, flip uint16) {
		b := a.As4()
		acc += uint32(binary.BigEndian.Uint16(b[:])^flip) + uint32(binary.BigEndian.Uint16(b[2:])^flip)
	}
	add(e.Remote, 0xffff)
	add(e.Local, 0xffff)
	add(src, 0)
	add(dst, 0)
	for acc > 0xffff {
		acc = acc>>16 + acc&0xffff
	}
	if sum = ^uint16(acc); sum == 0 && proto == protoUDP {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(payload[at:], sum)
}
