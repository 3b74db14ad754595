package isakmp

import "net/netip"

// NATOA is RFC 3947 section 5.2 with an IPv4 address, as its host has it,
// whatever translators make of it. One with another address is Raw.
type NATOA struct{ Addr netip.Addr }

func (*NATOA) Type() PayloadType { return TypeNATOA }

// AppendBinary appends the payload; the address must be one of IPv4.
func (p *NATOA) AppendBinary(b []byte) ([]byte, error) {
	return append(append(b, byte(IDIPv4Addr), 0, 0, 0), p.Addr.AsSlice()...), nil
}

func parseNATOA(b []byte) (Payload, error) {
	if len(b) < 4 || b[1]|b[2]|b[3] != 0 {
		return nil, bad(PayloadMalformed, "NAT-OA payload", "not 4 bytes of a head that ends in zeros")
	}
	if IDType(b[0]) != IDIPv4Addr {
		return &Raw{TypeNATOA, b}, nil
	}
	a, ok := netip.AddrFromSlice(b[4:])
	if !ok || !a.Is4() {
		return nil, bad(PayloadMalformed, "NAT-OA payload", "not an IPv4 address")
	}
	return &NATOA{a}, nil
}
