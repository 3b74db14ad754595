package ipsec

import (
	"crypto/hmac"
	"encoding/binary"
	"fmt"
	"hash"

	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

const ahHeaderLen = 12 // without the ICV

// An AH is one authentication header with what follows it, RFC 4302 section
// 2, the IP header left out.
type AH struct {
	Next     uint8 // IP protocol of the payload
	SPI      uint32
	Sequence uint32
	ICV      []byte // a multiple of 4 bytes
	Payload  []byte
}

// AppendBinary appends the packet to b. The error is always nil.
func (p *AH) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, p.Next, byte((ahHeaderLen+len(p.ICV))/4-2), 0, 0)
	b = binary.BigEndian.AppendUint32(b, p.SPI)
	b = binary.BigEndian.AppendUint32(b, p.Sequence)
	return append(append(b, p.ICV...), p.Payload...), nil
}

// UnmarshalBinary reads a packet. ICV and Payload are copies.
func (p *AH) UnmarshalBinary(b []byte) error {
	if len(b) < ahHeaderLen {
		return fmt.Errorf("ipsec: AH packet is %d bytes, need %d: %w", len(b), ahHeaderLen, ErrTruncated)
	}
	n := (int(b[1]) + 2) * 4
	if n < ahHeaderLen || len(b) < n {
		return fmt.Errorf("ipsec: AH packet is %d bytes with a header of %d: %w", len(b), n, ErrTruncated)
	}
	*p = AH{
		Next:     b[0],
		SPI:      binary.BigEndian.Uint32(b[4:]),
		Sequence: binary.BigEndian.Uint32(b[8:]),
		ICV:      append([]byte(nil), b[ahHeaderLen:n]...),
		Payload:  append([]byte(nil), b[n:]...),
	}
	return nil
}

// An authenticator makes integrity check values with one key.
type authenticator struct {
	icvLen int // bytes
	mac    hash.Hash
	sum    []byte
}

// newAuthenticator is nil for no algorithm.
func newAuthenticator(alg Authentication, key []byte) (*authenticator, error) {
	if len(key) != alg.KeyLen() {
		return nil, fmt.Errorf("ipsec: key of %v is %d bytes, want %d", alg, len(key), alg.KeyLen())
	}
	if alg == 0 {
		return nil, nil
	}
	k := alg.kind()
	if k.hash == nil {
		return nil, fmt.Errorf("ipsec: %v is not supported", alg)
	}
	return &authenticator{icvLen: k.icv, mac: hmac.New(k.hash, key)}, nil
}

// icv is the truncated authenticator over the parts. It is valid until the
// next call.
func (a *authenticator) icv(parts ...[]byte) []byte {
	a.mac.Reset()
	for _, b := range parts {
		a.mac.Write(b)
	}
	a.sum = a.mac.Sum(a.sum[:0])
	return a.sum[:a.icvLen]
}

// headerICV is the ICV of a packet whose payload is h: over the IP header with
// what changes on the way zeroed (RFC 4302 section 3.3.3.1: type of service,
// flags, fragment offset, TTL, checksum and the record route option), AH with
// a zero ICV, the payload, and the upper half of an extended sequence number.
func (a *authenticator) headerICV(p *stack.Packet, h *AH, high []byte) []byte {
	zero := *h
	zero.ICV = make([]byte, a.icvLen)
	ip := make([]byte, wire.HeaderLen(p.Record))
	ah, _ := zero.AppendBinary(nil)
	ip[0] = 4<<4 | byte(len(ip)/4)
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)+len(ah)))
	binary.BigEndian.PutUint16(ip[4:], p.ID)
	ip[9] = ProtoAH
	src, dst := p.Src.As4(), p.Dst.As4()
	copy(ip[12:], src[:])
	copy(ip[16:], dst[:])
	return a.icv(ip, ah, high)
}

// sign puts AH before the payload of p, which must have its ID and addresses.
func (a *authenticator) sign(p *stack.Packet, spi, seq uint32, high []byte) {
	h := &AH{Next: p.Proto, SPI: spi, Sequence: seq, Payload: p.Payload}
	h.ICV = append([]byte(nil), a.headerICV(p, h, high)...)
	p.Proto = ProtoAH
	p.Payload, _ = h.AppendBinary(make([]byte, 0, ahHeaderLen+len(h.ICV)+len(h.Payload)))
}

// verify checks length and authenticator of a packet whose payload is h.
func (a *authenticator) verify(p *stack.Packet, h *AH, high []byte) error {
	if len(h.ICV) != a.icvLen {
		return errLength
	}
	if !hmac.Equal(a.headerICV(p, h, high), h.ICV) {
		return errAuth
	}
	return nil
}
