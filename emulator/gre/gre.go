// Package gre is generic routing encapsulation: the header of RFC 2784 with
// the key of RFC 2890, and a tunnel between two IPv4 addresses that carries
// IPv4 packets.
//
// Keepalives are not of an RFC: a packet to oneself inside a packet to the
// peer, which the peer sends back without knowing of keepalives. The packet
// inside is a GRE header of protocol type 0.
//
// Limitations: IPv4 inside and outside; no sequence numbers (RFC 2890 section
// 2.2): packets that have one are accepted and it is not looked at.
package gre

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Proto is the IP protocol of GRE, TypeIPv4 the protocol type of IPv4 and
// TypeKeepalive that of the answer to a keepalive.
const (
	Proto         = 47
	TypeIPv4      = 0x0800
	TypeKeepalive = 0
)

// Bits of the first two bytes.
const (
	hasChecksum = 0x8000
	hasRouting  = 0x4000 // RFC 1701, to be refused
	hasKey      = 0x2000
	hasSequence = 0x1000
)

// Errors of packets.
var (
	ErrTruncated = errors.New("truncated")
	ErrChecksum  = errors.New("gre: wrong checksum")
	ErrHeader    = errors.New("gre: header is not of RFC 2784")
)

// A Packet is one GRE packet, the outer IP header left out.
type Packet struct {
	Checksum bool // carries one
	Keyed    bool // carries Key
	Key      uint32
	Type     uint16
	Payload  []byte
}

// HeaderLen is the length of the header in bytes.
func (p *Packet) HeaderLen() int {
	n := 4
	if p.Checksum {
		n += 4
	}
	if p.Keyed {
		n += 4
	}
	return n
}

// AppendBinary appends the packet to b. The error is always nil.
func (p *Packet) AppendBinary(b []byte) ([]byte, error) {
	at := len(b)
	var flags uint16
	if p.Checksum {
		flags |= hasChecksum
	}
	if p.Keyed {
		flags |= hasKey
	}
	b = binary.BigEndian.AppendUint16(b, flags)
	b = binary.BigEndian.AppendUint16(b, p.Type)
	if p.Checksum {
		b = append(b, 0, 0, 0, 0)
	}
	if p.Keyed {
		b = binary.BigEndian.AppendUint32(b, p.Key)
	}
	b = append(b, p.Payload...)
	if p.Checksum {
		binary.BigEndian.PutUint16(b[at+4:], checksum(b[at:]))
	}
	return b, nil
}

// UnmarshalBinary reads a packet and checks its checksum. Payload belongs to b.
func (p *Packet) UnmarshalBinary(b []byte) error {
	if len(b) < 4 {
		return fmt.Errorf("gre: packet is %d bytes, need 4: %w", len(b), ErrTruncated)
	}
	flags := binary.BigEndian.Uint16(b)
	if flags&(hasRouting|0x7) != 0 || flags&0x0800 != 0 { // routing, version, strict source route
		return ErrHeader
	}
	v := Packet{Type: binary.BigEndian.Uint16(b[2:]), Checksum: flags&hasChecksum != 0, Keyed: flags&hasKey != 0}
	n := v.HeaderLen()
	if flags&hasSequence != 0 {
		n += 4
	}
	if len(b) < n {
		return fmt.Errorf("gre: packet is %d bytes with a header of %d: %w", len(b), n, ErrTruncated)
	}
	at := 4
	if v.Checksum {
		if checksum(b) != 0 {
			return ErrChecksum
		}
		at += 4
	}
	if v.Keyed {
		v.Key = binary.BigEndian.Uint32(b[at:])
	}
	v.Payload = b[n:]
	*p = v
	return nil
}

// checksum is the ones' complement sum of RFC 1071.
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
