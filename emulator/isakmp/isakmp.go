// Package isakmp encodes and decodes ISAKMP messages: RFC 2408 with the IPsec
// domain of interpretation of RFC 2407, the attributes of RFC 2409 and the
// NAT-D and NAT-OA payloads of RFC 3947. It knows bytes only: no exchange, key or timer.
//
// Limitations: payloads of an unknown type are kept raw; an SA payload of another DOI is refused.
package isakmp

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

// HeaderLen is the length of the fixed header in bytes.
const HeaderLen = 28

const genericLen = 4

// Version1 is major version 1, minor version 0.
const Version1 uint8 = 0x10

// ErrMalformed is wrapped by every decoding error.
var ErrMalformed = errors.New("isakmp: malformed")

// A ParseError says what a decoder stumbled over and the notification that
// RFC 2408 section 5 answers it with.
type ParseError struct {
	Notify    NotifyType
	Structure string // as "SA payload"
	Detail    string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("isakmp: %s: %s (%v)", e.Structure, e.Detail, e.Notify)
}

func (e *ParseError) Unwrap() error { return ErrMalformed }

func bad(n NotifyType, structure, format string, args ...any) error {
	return &ParseError{n, structure, fmt.Sprintf(format, args...)}
}

// A Cookie identifies one side of an ISAKMP SA.
type Cookie [8]byte

func (c Cookie) IsZero() bool { return c == Cookie{} }

func (c Cookie) String() string { return hex.EncodeToString(c[:]) }

// Uint64 is the cookie as a big-endian number.
func (c Cookie) Uint64() uint64 { return binary.BigEndian.Uint64(c[:]) }

// A Header is RFC 2408 section 3.1.
type Header struct {
	Initiator, Responder Cookie
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
		return bad(UnequalPayloadLengths, "header", "%d bytes, need %d", len(b), HeaderLen)
	}
	*h = Header{
		Initiator: Cookie(b[0:8]), Responder: Cookie(b[8:16]), Next: PayloadType(b[16]), Version: b[17],
		Exchange: ExchangeType(b[18]), Flags: Flags(b[19]),
		MessageID: binary.BigEndian.Uint32(b[20:]), Length: binary.BigEndian.Uint32(b[24:]),
	}
	return nil
}

// A Message is a header and what follows it: payloads, or ciphertext when the
// encryption bit is set.
type Message struct {
	Header
	Payloads   []Payload
	Ciphertext []byte
}

// AppendBinary adds the message to b. It sets Next (unless the message is
// encrypted) and Length itself.
func (m *Message) AppendBinary(b []byte) ([]byte, error) {
	start := len(b)
	h := m.Header
	body := m.Ciphertext
	if h.Flags&FlagEncryption == 0 {
		h.Next = First(m.Payloads)
		var err error
		if body, err = AppendPayloads(nil, m.Payloads); err != nil {
			return b[:start], err
		}
	}
	h.Length = uint32(HeaderLen + len(body))
	b, err := h.AppendBinary(b)
	return append(b, body...), err
}

// UnmarshalBinary reads a whole datagram.
func (m *Message) UnmarshalBinary(b []byte) error {
	var n Message
	if err := n.Header.UnmarshalBinary(b); err != nil {
		return err
	}
	if int64(n.Length) != int64(len(b)) {
		return bad(UnequalPayloadLengths, "header", "length is %d, the datagram has %d bytes", n.Length, len(b))
	}
	if n.Flags&FlagEncryption != 0 {
		n.Ciphertext = append([]byte(nil), b[HeaderLen:]...)
		*m = n
		return nil
	}
	items, rest, err := ParsePayloads(n.Next, b[HeaderLen:])
	if err != nil {
		return err
	}
	if len(rest) != 0 {
		return bad(UnequalPayloadLengths, "message", "%d bytes after the last payload", len(rest))
	}
	for _, i := range items {
		n.Payloads = append(n.Payloads, i.Payload)
	}
	*m = n
	return nil
}

// A Payload is one payload of a message without its generic header.
type Payload interface {
	Type() PayloadType
	AppendBinary(b []byte) ([]byte, error) // the body
}

// First is the next payload value that announces ps.
func First(ps []Payload) PayloadType {
	if len(ps) == 0 {
		return TypeNone
	}
	return ps[0].Type()
}

// AppendPayloads adds payloads with their generic headers, RFC 2408
// section 3.2.
func AppendPayloads(b []byte, ps []Payload) ([]byte, error) {
	for i, p := range ps {
		at := len(b)
		b = append(b, byte(First(ps[i+1:])), 0, 0, 0)
		var err error
		if b, err = p.AppendBinary(b); err != nil {
			return b[:at], err
		}
		n := len(b) - at
		if n > 0xffff {
			return b[:at], fmt.Errorf("isakmp: %v payload is %d bytes, at most %d", p.Type(), n, 0xffff)
		}
		binary.BigEndian.PutUint16(b[at+2:], uint16(n))
	}
	return b, nil
}

// An Item is a decoded payload and its bytes, generic header included.
type Item struct {
	Payload
	Raw []byte
}

// Body is Raw without the generic header.
func (i Item) Body() []byte { return i.Raw[genericLen:] }

// ParsePayloads decodes a chain that begins with a payload of type first. What
// follows the last payload, padding as a rule, is returned as rest.
func ParsePayloads(first PayloadType, b []byte) (items []Item, rest []byte, err error) {
	next := first
	for next != TypeNone {
		what := next.String() + " payload"
		if len(b) < genericLen {
			return nil, nil, bad(PayloadMalformed, what, "%d bytes left, need %d", len(b), genericLen)
		}
		if b[1] != 0 {
			return nil, nil, bad(PayloadMalformed, what, "reserved byte is %d, must be 0", b[1])
		}
		n := int(binary.BigEndian.Uint16(b[2:]))
		if n < genericLen || n > len(b) {
			return nil, nil, bad(PayloadMalformed, what, "length is %d, %d bytes are left", n, len(b))
		}
		p, err := parseBody(next, b[genericLen:n])
		if err != nil {
			return nil, nil, err
		}
		items = append(items, Item{p, b[:n]})
		next, b = PayloadType(b[0]), b[n:]
	}
	return items, b, nil
}

func parseBody(t PayloadType, b []byte) (Payload, error) {
	b = append([]byte{}, b...)
	switch t {
	case TypeSA:
		return parseSA(b)
	case TypeProposal, TypeTransform:
		return nil, bad(InvalidPayloadType, t.String()+" payload", "outside an SA payload")
	case TypeKE:
		return &KeyExchange{b}, nil
	case TypeID:
		return parseID(b)
	case TypeCert, TypeCertReq:
		if len(b) == 0 {
			return nil, bad(PayloadMalformed, t.String()+" payload", "no encoding")
		}
		if t == TypeCert {
			return &Certificate{CertEncoding(b[0]), b[1:]}, nil
		}
		return &CertificateRequest{CertEncoding(b[0]), b[1:]}, nil
	case TypeHash:
		return &HashData{b}, nil
	case TypeSig:
		return &SignatureData{b}, nil
	case TypeNonce:
		return &Nonce{b}, nil
	case TypeNotify:
		return parseNotify(b)
	case TypeDelete:
		return parseDelete(b)
	case TypeVendorID:
		return &VendorID{b}, nil
	case TypeNATD:
		return &NATD{b}, nil
	case TypeNATOA:
		return parseNATOA(b)
	default:
	}
	return &Raw{t, b}, nil
}

// Find is the first payload of a type, ok is false when there is none.
func Find[P Payload](items []Item) (p P, raw Item, ok bool) {
	for _, i := range items {
		if p, ok := i.Payload.(P); ok {
			return p, i, true
		}
	}
	return p, Item{}, false
}
