package ipsec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrTruncated is wrapped by the errors of packets that end too early.
var ErrTruncated = errors.New("truncated")

const espHeaderLen = 8

// An ESP is one ESP packet, RFC 4303 section 2, the IP header left out. The
// lengths of the initialization vector and of the integrity check value are
// known to the security association alone, so what follows the sequence
// number is one field.
type ESP struct {
	SPI      uint32
	Sequence uint32
	Data     []byte // initialization vector, encrypted payload and trailer, ICV
}

// AppendBinary appends the packet to b. The error is always nil.
func (p *ESP) AppendBinary(b []byte) ([]byte, error) {
	b = binary.BigEndian.AppendUint32(b, p.SPI)
	b = binary.BigEndian.AppendUint32(b, p.Sequence)
	return append(b, p.Data...), nil
}

// UnmarshalBinary reads a packet. Data is a copy.
func (p *ESP) UnmarshalBinary(b []byte) error {
	v, err := readESP(b)
	if err != nil {
		return err
	}
	v.Data = slices.Clone(v.Data)
	*p = v
	return nil
}

// readESP reads a packet whose Data belongs to b.
func readESP(b []byte) (ESP, error) {
	if len(b) < espHeaderLen {
		return ESP{}, fmt.Errorf("ipsec: ESP packet is %d bytes, need %d: %w", len(b), espHeaderLen, ErrTruncated)
	}
	return ESP{SPI: binary.BigEndian.Uint32(b), Sequence: binary.BigEndian.Uint32(b[4:]), Data: b[espHeaderLen:]}, nil
}

// Values of the next header field.
const (
	nextIPv4  = 4  // tunnel mode
	nextDummy = 59 // RFC 4303 section 2.6: to be discarded without notice
)

// appendTrailer pads a payload of n bytes at the end of b with 1, 2, 3... (RFC
// 4303 section 2.4) so that it fills blocks of the given size together with pad
// length and next header.
func appendTrailer(b []byte, n, block int, next uint8) []byte {
	block = max(block, 4)
	pad := (block - (n+2)%block) % block
	for i := range pad {
		b = append(b, byte(i+1))
	}
	return append(b, byte(pad), next)
}

// cutTrailer takes the trailer off again and checks the padding.
func cutTrailer(plain []byte) (payload []byte, next uint8, err error) {
	if len(plain) < 2 {
		return nil, 0, fmt.Errorf("ipsec: ESP payload is %d bytes, need 2: %w", len(plain), ErrTruncated)
	}
	next = plain[len(plain)-1]
	pad := int(plain[len(plain)-2])
	plain = plain[:len(plain)-2]
	if pad > len(plain) {
		return nil, 0, fmt.Errorf("ipsec: ESP padding is %d bytes of a payload of %d: %w", pad, len(plain), ErrTruncated)
	}
	cut := len(plain) - pad
	for i, v := range plain[cut:] {
		if int(v) != (i+1)&0xff {
			return nil, 0, fmt.Errorf("ipsec: ESP padding byte %d is %d, want %d", i, v, i+1)
		}
	}
	return plain[:cut], next, nil
}
