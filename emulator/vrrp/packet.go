package vrrp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// Protocol is the IP protocol number of VRRP (RFC 5798 section 5.1.1.4).
const Protocol = 112

// TTL is what an advertisement is sent with and must arrive with (RFC 5798
// section 5.1.1.3).
const TTL = 255

// Group is where advertisements go (RFC 5798 section 5.1.1.2).
var Group = netip.AddrFrom4([4]byte{224, 0, 0, 18})

// Priorities with a meaning of their own (RFC 5798 section 5.2.4).
const (
	PriorityLeave   = 0   // the master stops taking part
	PriorityDefault = 100 // a router backing up
	PriorityOwner   = 255 // the router owns the addresses
)

const typeAdvertisement = 1

// An Advertisement is the one VRRP message: RFC 5798 section 5.1 for version
// 3, RFC 3768 section 5.1 for version 2.
type Advertisement struct {
	Version  uint8
	VRID     uint8
	Priority uint8
	// Interval is the wire field: centiseconds, 12 bits, in version 3 (Max
	// Adver Int); seconds, 8 bits, in version 2 (Adver Int).
	Interval uint16
	AuthType uint8 // version 2
	Checksum uint16
	Addrs    []netip.Addr // IPv4
	AuthData [8]byte      // version 2
}

// What is wrong with a packet.
var (
	ErrLength   = errors.New("packet length")
	ErrVersion  = errors.New("version")
	ErrType     = errors.New("type")
	ErrChecksum = errors.New("checksum")
)

// AppendBinary appends the message to b, with the checksum as it stands.
func (a *Advertisement) AppendBinary(b []byte) ([]byte, error) {
	if a.Version != 2 && a.Version != 3 {
		return b, fmt.Errorf("vrrp: %w %d, want 2 or 3", ErrVersion, a.Version)
	}
	if len(a.Addrs) > 255 {
		return b, fmt.Errorf("vrrp: %d addresses, want at most 255", len(a.Addrs))
	}
	b = append(b, a.Version<<4|typeAdvertisement, a.VRID, a.Priority, uint8(len(a.Addrs)))
	if a.Version == 3 {
		if a.Interval > 0xfff {
			return b, fmt.Errorf("vrrp: interval of %d centiseconds, want at most 4095", a.Interval)
		}
		b = binary.BigEndian.AppendUint16(b, a.Interval)
	} else {
		if a.Interval > 0xff {
			return b, fmt.Errorf("vrrp: interval of %d seconds, want at most 255", a.Interval)
		}
		b = append(b, a.AuthType, uint8(a.Interval))
	}
	b = binary.BigEndian.AppendUint16(b, a.Checksum)
	for _, addr := range a.Addrs {
		if !addr.Is4() {
			return b, fmt.Errorf("vrrp: address %v is not IPv4", addr)
		}
		four := addr.As4()
		b = append(b, four[:]...)
	}
	if a.Version == 2 {
		b = append(b, a.AuthData[:]...)
	}
	return b, nil
}

// UnmarshalBinary reads a whole message. It checks lengths, version and type,
// not the checksum, for which see Verify. A failed read changes nothing.
func (a *Advertisement) UnmarshalBinary(b []byte) error {
	if len(b) < 8 {
		return fmt.Errorf("vrrp: %w: header is %d bytes, need 8", ErrLength, len(b))
	}
	v := Advertisement{Version: b[0] >> 4, VRID: b[1], Priority: b[2]}
	want := 8 + 4*int(b[3])
	switch v.Version {
	case 2:
		v.AuthType, v.Interval = b[4], uint16(b[5])
		want += 8
	case 3:
		v.Interval = binary.BigEndian.Uint16(b[4:]) & 0xfff
	default:
		return fmt.Errorf("vrrp: %w %d, want 2 or 3", ErrVersion, v.Version)
	}
	if t := b[0] & 0xf; t != typeAdvertisement {
		return fmt.Errorf("vrrp: %w %d, want 1", ErrType, t)
	}
	if len(b) != want {
		return fmt.Errorf("vrrp: %w: message is %d bytes, need %d", ErrLength, len(b), want)
	}
	v.Checksum = binary.BigEndian.Uint16(b[6:])
	for i := range int(b[3]) {
		v.Addrs = append(v.Addrs, netip.AddrFrom4([4]byte(b[8+4*i:])))
	}
	if v.Version == 2 {
		copy(v.AuthData[:], b[want-8:])
	}
	*a = v
	return nil
}

// Seal writes the checksum into the finished message b. Version 3 sums a
// pseudo header of source, destination, protocol and length too (RFC 5798
// section 5.2.8), version 2 the message alone (RFC 3768 section 5.3.8).
func Seal(b []byte, src, dst netip.Addr) {
	b[6], b[7] = 0, 0
	binary.BigEndian.PutUint16(b[6:], ^sum(b, src, dst))
}

// Verify says whether the checksum of the message b is right.
func Verify(b []byte, src, dst netip.Addr) bool {
	return len(b) >= 8 && sum(b, src, dst) == 0xffff
}

func sum(b []byte, src, dst netip.Addr) uint16 {
	var s uint32
	if b[0]>>4 == 3 && src.Is4() && dst.Is4() {
		for _, four := range [2][4]byte{src.As4(), dst.As4()} {
			s += uint32(binary.BigEndian.Uint16(four[:])) + uint32(binary.BigEndian.Uint16(four[2:]))
		}
		s += Protocol + uint32(len(b))
	}
	for ; len(b) >= 2; b = b[2:] {
		s += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
