// Package wire encodes and decodes the messages of IKE version 2, RFC 7296
// section 3. It knows bytes only: no exchange, key or timer; what stands in an
// Encrypted payload is ciphertext to it.
//
// Limitations: certificates, EAP and configuration payloads are kept raw, as
// payloads of unknown types are. Fragments of RFC 7383 are not read.
package wire

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

// HeaderLen is the length of the fixed header and GenericLen that of the
// header of each payload, both in bytes.
const (
	HeaderLen  = 28
	GenericLen = 4
)

// Version2 is major version 2, minor version 0.
const Version2 uint8 = 0x20

const criticalBit = 0x80

// ErrMalformed is wrapped by every decoding error. RFC 7296 section 3.10.1
// answers it with INVALID_SYNTAX.
var ErrMalformed = errors.New("ikev2: malformed")

func bad(what, format string, args ...any) error {
	return fmt.Errorf("%w %s: %s", ErrMalformed, what, fmt.Sprintf(format, args...))
}

// An SPI identifies one side of an IKE SA.
type SPI [8]byte

func (s SPI) IsZero() bool { return s == SPI{} }

func (s SPI) String() string { return hex.EncodeToString(s[:]) }

// A Header is RFC 7296 section 3.1.
type Header struct {
	Initiator, Responder SPI
	Next                 PayloadType
	Version              uint8
	Exchange             ExchangeType
	Flags                Flags
	MessageID            uint32
	Length               uint32 // of the whole message in bytes
}

// AppendBinary adds the 28 bytes of the header to b.
func (h Header) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, h.Initiator[:]...)
	b = append(b, h.Responder[:]...)
	b = append(b, byte(h.Next), h.Version, byte(h.Exchange), byte(h.Flags))
	b = binary.BigEndian.AppendUint32(b, h.MessageID)
	return binary.BigEndian.AppendUint32(b, h.Length), nil
}

// UnmarshalBinary reads the header at the start of b. It does not compare
// Length with len(b).
func (h *Header) UnmarshalBinary(b []byte) error {
	if len(b) < HeaderLen {
		return bad("header", "%d bytes, need %d", len(b), HeaderLen)
	}
	*h = Header{
		Initiator: SPI(b[0:8]), Responder: SPI(b[8:16]), Next: PayloadType(b[16]), Version: b[17],
		Exchange: ExchangeType(b[18]), Flags: Flags(b[19]),
		MessageID: binary.BigEndian.Uint32(b[20:]), Length: binary.BigEndian.Uint32(b[24:]),
	}
	return nil
}

// IsVersion2 says whether a datagram without non-ESP marker has the header of
// this major version.
func IsVersion2(b []byte) bool { return len(b) >= HeaderLen && b[17]>>4 == 2 }

// IsLater says whether such a datagram has the header of a later major version,
// with an exchange that this one knows.
func IsLater(b []byte) bool {
	return len(b) >= HeaderLen && b[17]>>4 > 2 && ExchangeType(b[18]) >= SAInit && ExchangeType(b[18]) <= Informational
}

// A Message is a header and the payloads that follow it. An Encrypted payload
// is the last one.
type Message struct {
	Header
	Payloads []Payload
}

// AppendBinary adds the message to b. It sets Next and Length itself.
func (m *Message) AppendBinary(b []byte) ([]byte, error) {
	start := len(b)
	h := m.Header
	h.Next = First(m.Payloads)
	body, err := AppendPayloads(nil, m.Payloads)
	if err != nil {
		return b[:start], err
	}
	h.Length = uint32(HeaderLen + len(body))
	b, err = h.AppendBinary(b)
	return append(b, body...), err
}

// UnmarshalBinary reads a whole datagram. A failed decode leaves m unchanged.
func (m *Message) UnmarshalBinary(b []byte) error {
	var n Message
	if err := n.Header.UnmarshalBinary(b); err != nil {
		return err
	}
	if int64(n.Length) != int64(len(b)) {
		return bad("header", "length is %d, the datagram has %d bytes", n.Length, len(b))
	}
	ps, err := ParsePayloads(n.Next, b[HeaderLen:])
	if err != nil {
		return err
	}
	n.Payloads = ps
	*m = n
	return nil
}

// A Payload is one payload of a message without its generic header.
type Payload interface {
	Type() PayloadType
	AppendBinary(b []byte) ([]byte, error) // the body
	UnmarshalBinary(b []byte) error        // a failed one changes nothing
}

// First is the next payload value that announces ps.
func First(ps []Payload) PayloadType {
	if len(ps) == 0 {
		return TypeNone
	}
	return ps[0].Type()
}

// AppendPayloads adds payloads with their generic headers, RFC 7296 section
// 3.2. Nothing may follow an Encrypted payload.
func AppendPayloads(b []byte, ps []Payload) ([]byte, error) {
	for i, p := range ps {
		at := len(b)
		next, flags := First(ps[i+1:]), byte(0)
		switch q := p.(type) {
		case *Encrypted:
			if i != len(ps)-1 {
				return b, fmt.Errorf("ikev2: %v payload after the Encrypted one", next)
			}
			next = q.First
		case *Raw:
			if q.Critical {
				flags = criticalBit
			}
		}
		b = append(b, byte(next), flags, 0, 0)
		var err error
		if b, err = p.AppendBinary(b); err != nil {
			return b[:at], err
		}
		n := len(b) - at
		if n > 0xffff {
			return b[:at], fmt.Errorf("ikev2: %v payload is %d bytes, at most %d", p.Type(), n, 0xffff)
		}
		binary.BigEndian.PutUint16(b[at+2:], uint16(n))
	}
	return b, nil
}

// ParsePayloads decodes a chain of payloads that begins with one of type first
// and fills b. It ends with an Encrypted payload, if there is one.
func ParsePayloads(first PayloadType, b []byte) ([]Payload, error) {
	var ps []Payload
	for next := first; next != TypeNone; {
		what := next.String() + " payload"
		if len(b) < GenericLen {
			return nil, bad(what, "%d bytes left, need %d", len(b), GenericLen)
		}
		n := int(binary.BigEndian.Uint16(b[2:]))
		if n < GenericLen || n > len(b) {
			return nil, bad(what, "length is %d, %d bytes are left", n, len(b))
		}
		p := empty(next, b[1]&criticalBit != 0, PayloadType(b[0]))
		if err := p.UnmarshalBinary(b[GenericLen:n]); err != nil {
			return nil, err
		}
		ps = append(ps, p)
		next, b = PayloadType(b[0]), b[n:]
		if p.Type() == TypeEncrypted {
			break
		}
	}
	if len(b) != 0 {
		return nil, bad("message", "%d bytes after the last payload", len(b))
	}
	return ps, nil
}

// empty is a payload of the type to be decoded into.
func empty(t PayloadType, critical bool, next PayloadType) Payload {
	switch t {
	case TypeSA:
		return new(SA)
	case TypeKE:
		return new(KeyExchange)
	case TypeIDi, TypeIDr:
		return &ID{Responder: t == TypeIDr}
	case TypeCert:
		return new(Certificate)
	case TypeCertReq:
		return new(CertificateRequest)
	case TypeAuth:
		return new(Authentication)
	case TypeNonce:
		return new(Nonce)
	case TypeNotify:
		return new(Notification)
	case TypeDelete:
		return new(Delete)
	case TypeVendor:
		return new(Vendor)
	case TypeTSi, TypeTSr:
		return &Selectors{Responder: t == TypeTSr}
	case TypeEncrypted:
		return &Encrypted{First: next}
	default:
	}
	// The bit is ignored in payloads that every implementation knows.
	return &Raw{Kind: t, Critical: critical && !t.Known()}
}

// Find is the first payload of a Go type, ok is false when there is none.
func Find[P Payload](ps []Payload) (p P, ok bool) {
	for _, i := range ps {
		if p, ok := i.(P); ok {
			return p, true
		}
	}
	return p, false
}

// FindNotify is the first notification of a type, nil when there is none.
func FindNotify(ps []Payload, t NotifyType) *Notification {
	for _, p := range ps {
		if n, ok := p.(*Notification); ok && n.Notify == t {
			return n
		}
	}
	return nil
}
