package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"cwlab/emulator/isakmp"
)

// SA is RFC 7296 section 3.3.
type SA struct{ Proposals []Proposal }

// Proposal is RFC 7296 section 3.3.1: one transform of each type is to be
// chosen.
type Proposal struct {
	Number     uint8
	Protocol   Protocol
	SPI        []byte
	Transforms []Transform
}

// Transform is RFC 7296 section 3.3.2. Its attributes have the form that those
// of version 1 have.
type Transform struct {
	Kind       TransformType
	ID         uint16
	Attributes []isakmp.Attribute
}

// NewTransform makes a transform, with a key length in bits unless it is 0.
func NewTransform(kind TransformType, id uint16, keyBits int) Transform {
	t := Transform{Kind: kind, ID: id}
	if keyBits > 0 {
		t.Attributes = []isakmp.Attribute{isakmp.Attr(KeyLength, uint64(keyBits))}
	}
	return t
}

// KeyBits is the key length, 0 for none. ok is false for a transform with
// attributes that nobody knows: RFC 7296 section 3.3.6 has it passed over.
func (t Transform) KeyBits() (bits int, ok bool) {
	for _, a := range t.Attributes {
		v, fits := a.Uint()
		if a.Type != KeyLength || !fits || v > 0xffff {
			return 0, false
		}
		bits = int(v)
	}
	return bits, true
}

// Equal says whether two transforms mean the same and both are understood.
func (t Transform) Equal(o Transform) bool {
	a, ok1 := t.KeyBits()
	b, ok2 := o.KeyBits()
	return ok1 && ok2 && t.Kind == o.Kind && t.ID == o.ID && a == b
}

func (*SA) Type() PayloadType { return TypeSA }

// What the first byte of a proposal and of a transform is when another
// follows.
const (
	moreProposals  = 2
	moreTransforms = 3
)

func (p *SA) AppendBinary(b []byte) ([]byte, error) {
	for i, q := range p.Proposals {
		if len(q.SPI) > 255 || len(q.Transforms) > 255 {
			return b, fmt.Errorf("ikev2: proposal %d: SPI of %d bytes and %d transforms, at most 255 each", q.Number, len(q.SPI), len(q.Transforms))
		}
		more := byte(0)
		if i < len(p.Proposals)-1 {
			more = moreProposals
		}
		at := len(b)
		b = append(b, more, 0, 0, 0, q.Number, byte(q.Protocol), byte(len(q.SPI)), byte(len(q.Transforms)))
		b = append(b, q.SPI...)
		for j, t := range q.Transforms {
			more := byte(0)
			if j < len(q.Transforms)-1 {
				more = moreTransforms
			}
			at := len(b)
			b = append(b, more, 0, 0, 0, byte(t.Kind), 0)
			b = binary.BigEndian.AppendUint16(b, t.ID)
			var err error
			if b, err = isakmp.AppendAttributes(b, t.Attributes); err != nil {
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

func (p *SA) UnmarshalBinary(b []byte) error {
	var s SA
	for more := true; more; {
		part, rest, next, err := cut(b, moreProposals, "proposal")
		if err != nil {
			return err
		}
		q, err := parseProposal(part)
		if err != nil {
			return err
		}
		s.Proposals, b, more = append(s.Proposals, q), rest, next
	}
	if len(b) != 0 {
		return bad("SA payload", "%d bytes after the last proposal", len(b))
	}
	*p = s
	return nil
}

// cut takes one proposal or transform, without its first four bytes, off b.
func cut(b []byte, more byte, what string) (part, rest []byte, next bool, err error) {
	if len(b) < 8 {
		return nil, nil, false, bad(what, "%d bytes left, need 8", len(b))
	}
	if b[0] != 0 && b[0] != more {
		return nil, nil, false, bad(what, "its first byte is %d, want 0 or %d", b[0], more)
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	if n < 8 || n > len(b) {
		return nil, nil, false, bad(what, "length is %d, %d bytes are left", n, len(b))
	}
	return b[4:n], b[n:], b[0] != 0, nil
}

func parseProposal(b []byte) (Proposal, error) {
	q := Proposal{Number: b[0], Protocol: Protocol(b[1])}
	size, count := int(b[2]), int(b[3])
	if len(b)-4 < size {
		return q, bad("proposal", "SPI size is %d, %d bytes are left", size, len(b)-4)
	}
	q.SPI, b = bytes.Clone(b[4:4+size]), b[4+size:]
	for more := count > 0; more; {
		part, rest, next, err := cut(b, moreTransforms, "transform")
		if err != nil {
			return q, err
		}
		as, err := isakmp.ParseAttributes(bytes.Clone(part[4:]))
		if err != nil {
			return q, fmt.Errorf("%w transform: %w", ErrMalformed, err)
		}
		q.Transforms = append(q.Transforms, Transform{TransformType(part[0]), binary.BigEndian.Uint16(part[2:]), as})
		b, more = rest, next
	}
	if len(q.Transforms) != count || len(b) != 0 {
		return q, bad("proposal", "%d transforms announced, %d found, %d bytes left", count, len(q.Transforms), len(b))
	}
	return q, nil
}
