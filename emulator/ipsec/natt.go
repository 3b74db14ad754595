package ipsec

import "encoding/binary"

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
