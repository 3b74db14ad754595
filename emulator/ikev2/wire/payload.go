package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
)

// KeyExchange is RFC 7296 section 3.4: a public value of a group.
type KeyExchange struct {
	Group uint16
	Data  []byte
}

func (*KeyExchange) Type() PayloadType { return TypeKE }

func (p *KeyExchange) AppendBinary(b []byte) ([]byte, error) {
	b = binary.BigEndian.AppendUint16(b, p.Group)
	return append(append(b, 0, 0), p.Data...), nil
}

func (p *KeyExchange) UnmarshalBinary(b []byte) error {
	if len(b) < 4 {
		return bad("KE payload", "body is %d bytes, need 4", len(b))
	}
	*p = KeyExchange{binary.BigEndian.Uint16(b), bytes.Clone(b[4:])}
	return nil
}

// ID is RFC 7296 section 3.5: who the initiator or the responder is.
type ID struct {
	Responder bool // IDr
	Kind      IDType
	Data      []byte
}

func (p *ID) Type() PayloadType {
	if p.Responder {
		return TypeIDr
	}
	return TypeIDi
}

func (p *ID) AppendBinary(b []byte) ([]byte, error) {
	return append(append(b, byte(p.Kind), 0, 0, 0), p.Data...), nil
}

func (p *ID) UnmarshalBinary(b []byte) error {
	if len(b) < 4 {
		return bad(p.Type().String()+" payload", "body is %d bytes, need 4", len(b))
	}
	if n := len(b) - 4; IDType(b[0]) == IDIPv4 && n != 4 {
		return bad(p.Type().String()+" payload", "IPv4 address is %d bytes, want 4", n)
	}
	*p = ID{p.Responder, IDType(b[0]), bytes.Clone(b[4:])}
	return nil
}

// Address is the address of an ID_IPV4_ADDR.
func (p *ID) Address() (netip.Addr, bool) {
	if p.Kind != IDIPv4 || len(p.Data) != 4 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte(p.Data)), true
}

// Authentication is RFC 7296 section 3.8.
type Authentication struct {
	Method uint8
	Data   []byte
}

func (*Authentication) Type() PayloadType { return TypeAuth }

func (p *Authentication) AppendBinary(b []byte) ([]byte, error) {
	return append(append(b, p.Method, 0, 0, 0), p.Data...), nil
}

func (p *Authentication) UnmarshalBinary(b []byte) error {
	if len(b) < 4 {
		return bad("AUTH payload", "body is %d bytes, need 4", len(b))
	}
	*p = Authentication{b[0], bytes.Clone(b[4:])}
	return nil
}

// Certificate is RFC 7296 section 3.6.
type Certificate struct {
	Encoding uint8
	Data     []byte
}

func (*Certificate) Type() PayloadType { return TypeCert }

func (p *Certificate) AppendBinary(b []byte) ([]byte, error) {
	return append(append(b, p.Encoding), p.Data...), nil
}

func (p *Certificate) UnmarshalBinary(b []byte) error {
	if len(b) < 1 {
		return bad("CERT payload", "no encoding")
	}
	*p = Certificate{b[0], bytes.Clone(b[1:])}
	return nil
}

// CertificateRequest is RFC 7296 section 3.7. Authorities are the SHA-1 hashes
// of the keys of authorities, one behind the other.
type CertificateRequest struct {
	Encoding    uint8
	Authorities []byte
}

func (*CertificateRequest) Type() PayloadType { return TypeCertReq }

func (p *CertificateRequest) AppendBinary(b []byte) ([]byte, error) {
	return append(append(b, p.Encoding), p.Authorities...), nil
}

func (p *CertificateRequest) UnmarshalBinary(b []byte) error {
	if len(b) < 1 {
		return bad("CERTREQ payload", "no encoding")
	}
	*p = CertificateRequest{b[0], bytes.Clone(b[1:])}
	return nil
}

// Nonce is RFC 7296 section 3.9: 16 to 256 bytes.
type Nonce struct{ Data []byte }

func (*Nonce) Type() PayloadType                       { return TypeNonce }
func (p *Nonce) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

func (p *Nonce) UnmarshalBinary(b []byte) error {
	if len(b) < 16 || len(b) > 256 {
		return bad("Nonce payload", "nonce is %d bytes, want 16 to 256", len(b))
	}
	p.Data = bytes.Clone(b)
	return nil
}

// Vendor is RFC 7296 section 3.12.
type Vendor struct{ Data []byte }

func (*Vendor) Type() PayloadType                       { return TypeVendor }
func (p *Vendor) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

func (p *Vendor) UnmarshalBinary(b []byte) error {
	p.Data = bytes.Clone(b)
	return nil
}

// Raw is a payload that this package does not look into. Critical is the bit of
// a type that RFC 7296 does not define.
type Raw struct {
	Kind     PayloadType
	Critical bool
	Data     []byte
}

func (p *Raw) Type() PayloadType                     { return p.Kind }
func (p *Raw) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

func (p *Raw) UnmarshalBinary(b []byte) error {
	p.Data = bytes.Clone(b)
	return nil
}

// Encrypted is RFC 7296 section 3.14. Data is initialization vector,
// ciphertext and checksum; First is the type of the first payload inside.
type Encrypted struct {
	First PayloadType
	Data  []byte
}

func (*Encrypted) Type() PayloadType                       { return TypeEncrypted }
func (p *Encrypted) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

func (p *Encrypted) UnmarshalBinary(b []byte) error {
	p.Data = bytes.Clone(b)
	return nil
}

// Notification is RFC 7296 section 3.10.
type Notification struct {
	Protocol Protocol // 0 where no SPI is meant
	Notify   NotifyType
	SPI      []byte
	Data     []byte
}

func (*Notification) Type() PayloadType { return TypeNotify }

func (p *Notification) AppendBinary(b []byte) ([]byte, error) {
	if len(p.SPI) > 255 {
		return b, fmt.Errorf("ikev2: SPI is %d bytes, at most 255", len(p.SPI))
	}
	b = append(b, byte(p.Protocol), byte(len(p.SPI)))
	b = binary.BigEndian.AppendUint16(b, uint16(p.Notify))
	return append(append(b, p.SPI...), p.Data...), nil
}

func (p *Notification) UnmarshalBinary(b []byte) error {
	if len(b) < 4 {
		return bad("N payload", "body is %d bytes, need 4", len(b))
	}
	n := int(b[1])
	if len(b)-4 < n {
		return bad("N payload", "SPI size is %d, %d bytes are left", n, len(b)-4)
	}
	*p = Notification{Protocol(b[0]), NotifyType(binary.BigEndian.Uint16(b[2:])), bytes.Clone(b[4 : 4+n]), bytes.Clone(b[4+n:])}
	return nil
}

// Delete is RFC 7296 section 3.11. The SPIs are those that the sender
// receives with, each of 4 bytes; a Delete of the IKE SA has none.
type Delete struct {
	Protocol Protocol
	SPIs     []uint32
}

func (*Delete) Type() PayloadType { return TypeDelete }

func (p *Delete) AppendBinary(b []byte) ([]byte, error) {
	if len(p.SPIs) > 0xffff {
		return b, fmt.Errorf("ikev2: %d SPIs, at most %d", len(p.SPIs), 0xffff)
	}
	size := byte(0)
	if len(p.SPIs) > 0 {
		size = 4
	}
	b = binary.BigEndian.AppendUint16(append(b, byte(p.Protocol), size), uint16(len(p.SPIs)))
	for _, s := range p.SPIs {
		b = binary.BigEndian.AppendUint32(b, s)
	}
	return b, nil
}

func (p *Delete) UnmarshalBinary(b []byte) error {
	if len(b) < 4 {
		return bad("D payload", "body is %d bytes, need 4", len(b))
	}
	n, size := int(binary.BigEndian.Uint16(b[2:])), int(b[1])
	rest := b[4:]
	if n*size != len(rest) || n > 0 && size != 4 {
		return bad("D payload", "%d SPIs of %d bytes in %d bytes", n, size, len(rest))
	}
	d := Delete{Protocol: Protocol(b[0])}
	for ; len(rest) > 0; rest = rest[4:] {
		d.SPIs = append(d.SPIs, binary.BigEndian.Uint32(rest))
	}
	*p = d
	return nil
}

// A Selector is one traffic selector, RFC 7296 section 3.13.1: a range of
// addresses and ports, both ends included, of a protocol or of any for 0.
type Selector struct {
	Kind               TSType
	Proto              uint8
	StartPort, EndPort uint16
	Start, End         netip.Addr
	Data               []byte // of a Kind without addresses, instead of all but Proto
}

// Selectors is RFC 7296 section 3.13.
type Selectors struct {
	Responder bool // TSr
	List      []Selector
}

func (p *Selectors) Type() PayloadType {
	if p.Responder {
		return TypeTSr
	}
	return TypeTSi
}

// addrLen is the length of an address of the kind, 0 for kinds without.
func (t TSType) addrLen() int {
	switch t {
	case TSIPv4:
		return 4
	case TSIPv6:
		return 16
	}
	return 0
}

func (p *Selectors) AppendBinary(b []byte) ([]byte, error) {
	if len(p.List) > 255 {
		return b, fmt.Errorf("ikev2: %d traffic selectors, at most 255", len(p.List))
	}
	b = append(b, byte(len(p.List)), 0, 0, 0)
	for _, s := range p.List {
		at, n := len(b), s.Kind.addrLen()
		b = append(b, byte(s.Kind), s.Proto, 0, 0)
		if n == 0 {
			b = append(b, s.Data...)
		} else {
			if len(s.Start.AsSlice()) != n || len(s.End.AsSlice()) != n {
				return b, fmt.Errorf("ikev2: traffic selector %d from %v to %v", s.Kind, s.Start, s.End)
			}
			b = binary.BigEndian.AppendUint16(b, s.StartPort)
			b = binary.BigEndian.AppendUint16(b, s.EndPort)
			b = append(append(b, s.Start.AsSlice()...), s.End.AsSlice()...)
		}
		if err := putLength(b, at); err != nil {
			return b, err
		}
	}
	return b, nil
}

func (p *Selectors) UnmarshalBinary(b []byte) error {
	what := p.Type().String() + " payload"
	if len(b) < 4 {
		return bad(what, "body is %d bytes, need 4", len(b))
	}
	s := Selectors{Responder: p.Responder}
	count, b := int(b[0]), b[4:]
	for range count {
		if len(b) < 4 {
			return bad(what, "%d bytes left, need 4", len(b))
		}
		n, x := int(binary.BigEndian.Uint16(b[2:])), Selector{Kind: TSType(b[0]), Proto: b[1]}
		a := x.Kind.addrLen()
		if n < 4 || n > len(b) || a > 0 && n != 8+2*a {
			return bad(what, "selector of type %d is %d bytes, %d are left", x.Kind, n, len(b))
		}
		body := b[4:n]
		if a == 0 {
			x.Data = bytes.Clone(body)
		} else {
			x.StartPort, x.EndPort = binary.BigEndian.Uint16(body), binary.BigEndian.Uint16(body[2:])
			x.Start, _ = netip.AddrFromSlice(body[4 : 4+a])
			x.End, _ = netip.AddrFromSlice(body[4+a:])
		}
		s.List, b = append(s.List, x), b[n:]
	}
	if len(b) != 0 {
		return bad(what, "%d bytes after the last selector", len(b))
	}
	*p = s
	return nil
}

func putLength(b []byte, at int) error {
	n := len(b) - at
	if n > 0xffff {
		return fmt.Errorf("ikev2: structure is %d bytes, at most %d", n, 0xffff)
	}
	binary.BigEndian.PutUint16(b[at+2:], uint16(n))
	return nil
}
