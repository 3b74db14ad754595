package isakmp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// KeyExchange is RFC 2408 section 3.7: a public value.
type KeyExchange struct{ Data []byte }

func (*KeyExchange) Type() PayloadType                       { return TypeKE }
func (p *KeyExchange) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

// HashData is RFC 2408 section 3.11.
type HashData struct{ Data []byte }

func (*HashData) Type() PayloadType                       { return TypeHash }
func (p *HashData) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

// Nonce is RFC 2408 section 3.13.
type Nonce struct{ Data []byte }

func (*Nonce) Type() PayloadType                       { return TypeNonce }
func (p *Nonce) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

// VendorID is RFC 2408 section 3.16.
type VendorID struct{ Data []byte }

func (*VendorID) Type() PayloadType                       { return TypeVendorID }
func (p *VendorID) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

// NATD is RFC 3947 section 3.2: the hash of an address and port.
type NATD struct{ Data []byte }

func (*NATD) Type() PayloadType                       { return TypeNATD }
func (p *NATD) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

// SignatureData is RFC 2408 section 3.12.
type SignatureData struct{ Data []byte }

func (*SignatureData) Type() PayloadType                       { return TypeSig }
func (p *SignatureData) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

// A CertEncoding is RFC 2408 section 3.9.
type CertEncoding uint8

// CertX509Signature is an X.509 certificate for signatures.
const CertX509Signature CertEncoding = 4

// Certificate is RFC 2408 section 3.9.
type Certificate struct {
	Encoding CertEncoding
	Data     []byte
}

func (*Certificate) Type() PayloadType { return TypeCert }

func (p *Certificate) AppendBinary(b []byte) ([]byte, error) {
	return append(append(b, byte(p.Encoding)), p.Data...), nil
}

// CertificateRequest is RFC 2408 section 3.10. Authority is the DER name of the
// authority wanted, empty for any.
type CertificateRequest struct {
	Encoding  CertEncoding
	Authority []byte
}

func (*CertificateRequest) Type() PayloadType { return TypeCertReq }

func (p *CertificateRequest) AppendBinary(b []byte) ([]byte, error) {
	return append(append(b, byte(p.Encoding)), p.Authority...), nil
}

// Raw is a payload that this package does not look into.
type Raw struct {
	Kind PayloadType
	Data []byte
}

func (p *Raw) Type() PayloadType                     { return p.Kind }
func (p *Raw) AppendBinary(b []byte) ([]byte, error) { return append(b, p.Data...), nil }

// ID is RFC 2407 section 4.6.2.
type ID struct {
	Kind     IDType
	Protocol uint8
	Port     uint16
	Data     []byte
}

func (*ID) Type() PayloadType { return TypeID }

func (p *ID) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, byte(p.Kind), p.Protocol)
	b = binary.BigEndian.AppendUint16(b, p.Port)
	return append(b, p.Data...), nil
}

func parseID(b []byte) (Payload, error) {
	if len(b) < 4 {
		return nil, bad(PayloadMalformed, "ID payload", "body is %d bytes, need 4", len(b))
	}
	p := &ID{IDType(b[0]), b[1], binary.BigEndian.Uint16(b[2:]), b[4:]}
	want := -1
	switch p.Kind {
	case IDIPv4Addr:
		want = 4
	case IDIPv4AddrSubnet, IDIPv4AddrRange:
		want = 8
	default:
	}
	if want >= 0 && len(p.Data) != want {
		return nil, bad(InvalidIDInformation, "ID payload", "%v is %d bytes, want %d", p.Kind, len(p.Data), want)
	}
	return p, nil
}

// Address is the address of an ID_IPV4_ADDR.
func (p *ID) Address() (netip.Addr, bool) {
	if p.Kind != IDIPv4Addr || len(p.Data) != 4 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte(p.Data)), true
}

// Prefix is the flow of an ID_IPV4_ADDR or ID_IPV4_ADDR_SUBNET; a mask with
// holes has none.
func (p *ID) Prefix() (netip.Prefix, bool) {
	if a, ok := p.Address(); ok {
		return netip.PrefixFrom(a, 32), true
	}
	if p.Kind != IDIPv4AddrSubnet || len(p.Data) != 8 {
		return netip.Prefix{}, false
	}
	mask := binary.BigEndian.Uint32(p.Data[4:])
	bits := 0
	for mask<<bits != 0 {
		bits++
	}
	if bits > 0 && mask != ^uint32(0)<<(32-bits) {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(netip.AddrFrom4([4]byte(p.Data[:4])), bits), true
}

// AddressID makes an ID_IPV4_ADDR.
func AddressID(a netip.Addr, protocol uint8, port uint16) *ID {
	return &ID{IDIPv4Addr, protocol, port, a.AsSlice()}
}

// PrefixID makes an ID_IPV4_ADDR of a single address and an
// ID_IPV4_ADDR_SUBNET of anything wider.
func PrefixID(p netip.Prefix, protocol uint8, port uint16) *ID {
	if p.Bits() == 32 {
		return AddressID(p.Addr(), protocol, port)
	}
	data := binary.BigEndian.AppendUint32(p.Masked().Addr().AsSlice(), ^uint32(0)<<(32-p.Bits()))
	return &ID{IDIPv4AddrSubnet, protocol, port, data}
}

// Notification is RFC 2408 section 3.14.
type Notification struct {
	DOI      uint32
	Protocol Protocol
	Notify   NotifyType
	SPI      []byte
	Data     []byte
}

func (*Notification) Type() PayloadType { return TypeNotify }

func (p *Notification) AppendBinary(b []byte) ([]byte, error) {
	if len(p.SPI) > 255 {
		return b, fmt.Errorf("isakmp: SPI is %d bytes, at most 255", len(p.SPI))
	}
	b = binary.BigEndian.AppendUint32(b, p.DOI)
	b = append(b, byte(p.Protocol), byte(len(p.SPI)))
	b = binary.BigEndian.AppendUint16(b, uint16(p.Notify))
	b = append(b, p.SPI...)
	return append(b, p.Data...), nil
}

func parseNotify(b []byte) (Payload, error) {
	if len(b) < 8 {
		return nil, bad(PayloadMalformed, "N payload", "body is %d bytes, need 8", len(b))
	}
	p := &Notification{DOI: binary.BigEndian.Uint32(b), Protocol: Protocol(b[4]), Notify: NotifyType(binary.BigEndian.Uint16(b[6:]))}
	n := int(b[5])
	if len(b)-8 < n {
		return nil, bad(PayloadMalformed, "N payload", "SPI size is %d, %d bytes are left", n, len(b)-8)
	}
	p.SPI, p.Data = b[8:8+n], b[8+n:]
	return p, nil
}

// Delete is RFC 2408 section 3.15. All SPIs have one size.
type Delete struct {
	DOI      uint32
	Protocol Protocol
	SPISize  uint8
	SPIs     [][]byte
}

func (*Delete) Type() PayloadType { return TypeDelete }

func (p *Delete) AppendBinary(b []byte) ([]byte, error) {
	if len(p.SPIs) > 0xffff {
		return b, fmt.Errorf("isakmp: %d SPIs, at most %d", len(p.SPIs), 0xffff)
	}
	b = binary.BigEndian.AppendUint32(b, p.DOI)
	b = append(b, byte(p.Protocol), p.SPISize)
	b = binary.BigEndian.AppendUint16(b, uint16(len(p.SPIs)))
	for _, s := range p.SPIs {
		if len(s) != int(p.SPISize) {
			return b, fmt.Errorf("isakmp: SPI is %d bytes, the payload says %d", len(s), p.SPISize)
		}
		b = append(b, s...)
	}
	return b, nil
}

func parseDelete(b []byte) (Payload, error) {
	if len(b) < 8 {
		return nil, bad(PayloadMalformed, "D payload", "body is %d bytes, need 8", len(b))
	}
	p := &Delete{DOI: binary.BigEndian.Uint32(b), Protocol: Protocol(b[4]), SPISize: b[5]}
	n, size := int(binary.BigEndian.Uint16(b[6:])), int(b[5])
	b = b[8:]
	if n*size != len(b) || (size == 0 && n > 0) {
		return nil, bad(PayloadMalformed, "D payload", "%d SPIs of %d bytes in %d bytes", n, size, len(b))
	}
	for ; n > 0; n-- {
		p.SPIs, b = append(p.SPIs, b[:size]), b[size:]
	}
	return p, nil
}
