package isakmp

import (
	"encoding/binary"
	"fmt"
)

// SA is RFC 2408 section 3.4 under the IPsec DOI, RFC 2407 section 4.6.1.
type SA struct {
	DOI, Situation uint32
	Proposals      []Proposal
}

// Proposal is RFC 2408 section 3.5.
type Proposal struct {
	Number     uint8
	Protocol   Protocol
	SPI        []byte
	Transforms []Transform
}

// Transform is RFC 2408 section 3.6.
type Transform struct {
	Number     uint8
	ID         uint8
	Attributes []Attribute
}

// Attribute is RFC 2408 section 3.3. Short ones carry two bytes of value
// without a length.
type Attribute struct {
	Type  AttributeType
	Short bool
	Value []byte
}

// Attr makes the shortest attribute that holds v: two bytes, else four.
func Attr(t AttributeType, v uint64) Attribute {
	if v <= 0xffff {
		return Attribute{t, true, binary.BigEndian.AppendUint16(nil, uint16(v))}
	}
	if v <= 0xffffffff {
		return Attribute{t, false, binary.BigEndian.AppendUint32(nil, uint32(v))}
	}
	return Attribute{t, false, binary.BigEndian.AppendUint64(nil, v)}
}

// Uint is the value as a number; ok is false when it has none or more than
// eight bytes.
func (a Attribute) Uint() (v uint64, ok bool) {
	if len(a.Value) == 0 || len(a.Value) > 8 {
		return 0, false
	}
	for _, c := range a.Value {
		v = v<<8 | uint64(c)
	}
	return v, true
}

func (*SA) Type() PayloadType { return TypeSA }

func (p *SA) AppendBinary(b []byte) ([]byte, error) {
	b = binary.BigEndian.AppendUint32(b, p.DOI)
	b = binary.BigEndian.AppendUint32(b, p.Situation)
	for i, q := range p.Proposals {
		next := TypeProposal
		if i == len(p.Proposals)-1 {
			next = TypeNone
		}
		if len(q.SPI) > 255 || len(q.Transforms) > 255 {
			return b, fmt.Errorf("isakmp: proposal %d: SPI of %d bytes and %d transforms, at most 255 each", q.Number, len(q.SPI), len(q.Transforms))
		}
		at := len(b)
		b = append(b, byte(next), 0, 0, 0, q.Number, byte(q.Protocol), byte(len(q.SPI)), byte(len(q.Transforms)))
		b = append(b, q.SPI...)
		for j, t := range q.Transforms {
			next := TypeTransform
			if j == len(q.Transforms)-1 {
				next = TypeNone
			}
			at := len(b)
			b = append(b, byte(next), 0, 0, 0, t.Number, t.ID, 0, 0)
			var err error
			if b, err = AppendAttributes(b, t.Attributes); err != nil {
				return b, err
			}
			if err = putLength(b, at); err != nil {
				return b, err
			}
		}
		if err := putLength(b, at); err != nil {
			return b, err
		}
	}
	return b, nil
}

func putLength(b []byte, at int) error {
	n := len(b) - at
	if n > 0xffff {
		return fmt.Errorf("isakmp: payload is %d bytes, at most %d", n, 0xffff)
	}
	binary.BigEndian.PutUint16(b[at+2:], uint16(n))
	return nil
}

// AppendAttributes adds data attributes.
func AppendAttributes(b []byte, as []Attribute) ([]byte, error) {
	for _, a := range as {
		if a.Type > 0x7fff || len(a.Value) > 0xffff || (a.Short && len(a.Value) != 2) {
			return b, fmt.Errorf("isakmp: attribute %d with %d bytes does not fit", a.Type, len(a.Value))
		}
		if a.Short {
			b = binary.BigEndian.AppendUint16(b, uint16(a.Type)|0x8000)
		} else {
			b = binary.BigEndian.AppendUint16(b, uint16(a.Type))
			b = binary.BigEndian.AppendUint16(b, uint16(len(a.Value)))
		}
		b = append(b, a.Value...)
	}
	return b, nil
}

// ParseAttributes decodes data attributes that fill b.
func ParseAttributes(b []byte) ([]Attribute, error) {
	var as []Attribute
	for len(b) > 0 {
		if len(b) < 4 {
			return nil, bad(PayloadMalformed, "attribute", "%d bytes left, need 4", len(b))
		}
		t, v := binary.BigEndian.Uint16(b), b[2:4]
		if t&0x8000 != 0 {
			as, b = append(as, Attribute{AttributeType(t &^ 0x8000), true, v}), b[4:]
			continue
		}
		n := int(binary.BigEndian.Uint16(v))
		if n > len(b)-4 {
			return nil, bad(PayloadMalformed, "attribute", "length is %d, %d bytes are left", n, len(b)-4)
		}
		as, b = append(as, Attribute{AttributeType(t), false, b[4 : 4+n]}), b[4+n:]
	}
	return as, nil
}

func parseSA(b []byte) (Payload, error) {
	if len(b) < 8 {
		return nil, bad(PayloadMalformed, "SA payload", "body is %d bytes, need 8", len(b))
	}
	p := &SA{DOI: binary.BigEndian.Uint32(b), Situation: binary.BigEndian.Uint32(b[4:])}
	if p.DOI != DOIIPsec {
		return nil, bad(DOINotSupported, "SA payload", "DOI is %d, want %d", p.DOI, DOIIPsec)
	}
	if p.Situation != SituationIdentityOnly {
		return nil, bad(SituationNotSupported, "SA payload", "situation is %d, want %d", p.Situation, SituationIdentityOnly)
	}
	for b, more := b[8:], true; more; {
		part, rest, next, err := sub(b, TypeProposal, "proposal")
		if err != nil {
			return nil, err
		}
		q, err := parseProposal(part)
		if err != nil {
			return nil, err
		}
		p.Proposals, b, more = append(p.Proposals, q), rest, next
		if !more && len(b) != 0 {
			return nil, bad(BadProposalSyntax, "SA payload", "%d bytes after the last proposal", len(b))
		}
	}
	return p, nil
}

// sub cuts one proposal or transform, without its generic header, off b.
func sub(b []byte, t PayloadType, what string) (part, rest []byte, more bool, err error) {
	if len(b) < 8 {
		return nil, nil, false, bad(BadProposalSyntax, what, "%d bytes left, need 8", len(b))
	}
	if next := PayloadType(b[0]); next != TypeNone && next != t {
		return nil, nil, false, bad(BadProposalSyntax, what, "next payload is %v", next)
	}
	if b[1] != 0 {
		return nil, nil, false, bad(PayloadMalformed, what, "reserved byte is %d, must be 0", b[1])
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	if n < 8 || n > len(b) {
		return nil, nil, false, bad(BadProposalSyntax, what, "length is %d, %d bytes are left", n, len(b))
	}
	return b[genericLen:n], b[n:], b[0] != 0, nil
}

func parseProposal(b []byte) (Proposal, error) {
	q := Proposal{Number: b[0], Protocol: Protocol(b[1])}
	size, count := int(b[2]), int(b[3])
	if len(b)-4 < size {
		return q, bad(BadProposalSyntax, "proposal", "SPI size is %d, %d bytes are left", size, len(b)-4)
	}
	q.SPI, b = b[4:4+size], b[4+size:]
	for more := count > 0; more; {
		part, rest, next, err := sub(b, TypeTransform, "transform")
		if err != nil {
			return q, err
		}
		if part[2] != 0 || part[3] != 0 {
			return q, bad(PayloadMalformed, "transform", "reserved bytes are not 0")
		}
		as, err := ParseAttributes(part[4:])
		if err != nil {
			return q, err
		}
		q.Transforms = append(q.Transforms, Transform{part[0], part[1], as})
		b, more = rest, next
	}
	if len(q.Transforms) != count || len(b) != 0 {
		return q, bad(BadProposalSyntax, "proposal", "%d transforms announced, %d found, %d bytes left", count, len(q.Transforms), len(b))
	}
	return q, nil
}
