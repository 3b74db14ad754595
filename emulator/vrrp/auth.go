package vrrp

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/binary"
	"net/netip"
)

// An AuthMode is how advertisements of version 2 are authenticated; the values
// are those of the wire (RFC 2338 section 5.3.6). Version 3 has none.
type AuthMode uint8

const (
	AuthNone   AuthMode = iota
	AuthSimple          // the key stands in every message
	AuthMD5             // HMAC-MD5-96 in an IP Authentication Header
)

// ProtocolAH is the IP protocol number of the Authentication Header.
const ProtocolAH = 51

// The Authentication Header of RFC 2402 with a value of 96 bits.
const (
	ahLen  = 24
	ahFill = 12 // where the value stands
	ahSPI  = 256
)

// An envelope is what the value of an Authentication Header covers of the IP
// header; fields that change on the way count as 0 (RFC 2402 section 3.3.3.1).
type envelope struct {
	src, dst netip.Addr
	id       uint16
}

// wrap puts an Authentication Header before a message.
func (v envelope) wrap(key string, seq uint32, message []byte) []byte {
	b := []byte{Protocol, ahLen/4 - 2, 0, 0}
	b = binary.BigEndian.AppendUint32(b, ahSPI)
	b = binary.BigEndian.AppendUint32(b, seq)
	b = append(b, make([]byte, ahLen-ahFill)...)
	b = append(b, message...)
	copy(b[ahFill:ahLen], v.value(key, b))
	return b
}

// value is what the header b[:ahLen] should carry.
func (v envelope) value(key string, b []byte) []byte {
	m := hmac.New(md5.New, []byte(key))
	h := make([]byte, 20)
	h[0] = 0x45
	binary.BigEndian.PutUint16(h[2:], uint16(len(h)+len(b)))
	binary.BigEndian.PutUint16(h[4:], v.id)
	h[9] = ProtocolAH
	src, dst := v.src.As4(), v.dst.As4()
	copy(h[12:], src[:])
	copy(h[16:], dst[:])
	m.Write(h)
	m.Write(b[:ahFill])
	m.Write(make([]byte, ahLen-ahFill))
	m.Write(b[ahLen:])
	return m.Sum(nil)[:ahLen-ahFill]
}

// unwrap splits what came with protocol 51; ok is false for what is no VRRP
// message behind a header of ours.
func unwrap(b []byte) (message []byte, ok bool) {
	if len(b) < ahLen || b[0] != Protocol || b[1] != ahLen/4-2 {
		return nil, false
	}
	return b[ahLen:], true
}
