package ipsec

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // RFC 2405 and RFC 2451, as deployed
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Failures of one packet, told apart because each has a counter of its own.
var (
	errLength = errors.New("ipsec: wrong packet length")
	errAuth   = errors.New("ipsec: integrity check failed")
	errCrypt  = errors.New("ipsec: decryption failed")
)

// IVLen and BlockLen are those of the cipher, ICVLen that of the truncated
// authenticator, all in bytes.
func (t Transform) IVLen() int {
	switch t.Encr {
	case DES, DES3:
		return des.BlockSize
	case AES:
		return aes.BlockSize
	case AESCTR, AESGCM, AESGMAC:
		return counterIV
	default:
	}
	return 0
}

func (t Transform) BlockLen() int {
	if t.Encr.Counted() {
		return 4 // what every packet is padded to, RFC 4303 section 2.4
	}
	return max(t.IVLen(), 1)
}

func (t Transform) ICVLen() int {
	if t.Encr.Combined() {
		return tagLen
	}
	return t.Auth.ICVLen()
}

// A suite is a transform with keys: it seals or opens the packets of one SA.
// Its state is made once, so that a packet costs what its cipher and hash cost.
type suite struct {
	t        Transform
	enc, dec chain          // of CBC mode, else nil
	counter  *counter       // of ciphers that count, else nil
	mac      *authenticator // nil without authentication
	head     [espHeaderLen]byte
	upper    [4]byte
}

// A chain is a cipher in CBC mode, ready for the next packet.
type chain interface {
	cipher.BlockMode
	SetIV(iv []byte)
}

func newSuite(t Transform, k Keys) (*suite, error) {
	if len(k.Encr) != t.EncrKeyLen() || len(k.Auth) != t.AuthKeyLen() {
		return nil, fmt.Errorf("ipsec: keys of %v/%v are %d and %d bytes, want %d and %d",
			t.Encr, t.Auth, len(k.Encr), len(k.Auth), t.EncrKeyLen(), t.AuthKeyLen())
	}
	s := &suite{t: t}
	var block cipher.Block
	var err error
	switch t.Encr {
	case DES:
		block, err = des.NewCipher(k.Encr)
	case DES3:
		block, err = des.NewTripleDESCipher(k.Encr)
	case AES:
		block, err = aes.NewCipher(k.Encr)
	case AESCTR, AESGCM, AESGMAC:
		s.counter, err = newCounter(t, k.Encr)
	case Null:
	default:
		err = fmt.Errorf("ipsec: %v is not supported", t.Encr)
	}
	if err != nil {
		return nil, err
	}
	if block != nil {
		iv := make([]byte, t.IVLen())
		s.enc, s.dec = cipher.NewCBCEncrypter(block, iv).(chain), cipher.NewCBCDecrypter(block, iv).(chain)
	}
	s.mac, err = newAuthenticator(t.Auth, k.Auth)
	return s, err
}

// seal appends the packet that carries payload to b: header, initialization
// vector, encrypted payload and trailer, ICV. iv has the length IVLen. The
// packet has the lower half of seq.
func (s *suite) seal(b []byte, spi uint32, seq uint64, iv, payload []byte, next uint8) []byte {
	at := len(b)
	b = slices.Grow(b, espHeaderLen+len(iv)+len(payload)+2+s.t.BlockLen()+4+s.t.ICVLen())
	b = binary.BigEndian.AppendUint32(b, spi)
	b = binary.BigEndian.AppendUint32(b, uint32(seq))
	b = append(b, iv...)
	body := len(b)
	b = appendTrailer(append(b, payload...), len(payload), s.t.BlockLen(), next)
	switch {
	case s.enc != nil:
		s.enc.SetIV(iv)
		s.enc.CryptBlocks(b[body:], b[body:])
	case s.t.Encr.Combined():
		return s.counter.combine(b, at, body, spi, seq)
	case s.counter != nil:
		s.counter.xor(iv, b[body:], b[body:])
	}
	if s.mac != nil { // RFC 4303 section 2.8
		b = append(b, s.mac.icv(b[at:], s.t.high(s.upper[:0], seq))...)
	}
	return b
}

// verify checks length and authenticator of a packet of which seq is the whole
// sequence number.
func (s *suite) verify(p *ESP, seq uint64) error {
	body := len(p.Data) - s.t.IVLen() - s.t.ICVLen()
	if body < 2 || s.dec != nil && body%s.dec.BlockSize() != 0 {
		return errLength
	}
	if s.t.Encr.Combined() {
		return s.counter.verify(p, seq)
	}
	if s.mac == nil {
		return nil
	}
	cut := len(p.Data) - s.t.ICVLen()
	binary.BigEndian.PutUint32(s.head[:], p.SPI)
	binary.BigEndian.PutUint32(s.head[4:], p.Sequence)
	if !hmac.Equal(s.mac.icv(s.head[:], p.Data[:cut], s.t.high(s.upper[:0], seq)), p.Data[cut:]) {
		return errAuth
	}
	return nil
}

// open appends what a packet that verify has passed carries to b.
func (s *suite) open(b []byte, p *ESP) (payload []byte, next uint8, err error) {
	iv := p.Data[:s.t.IVLen()]
	sealed := p.Data[len(iv) : len(p.Data)-s.t.ICVLen()]
	at := len(b)
	b = slices.Grow(b, len(sealed))[:at+len(sealed)]
	plain := b[at:]
	switch {
	case s.dec != nil:
		s.dec.SetIV(iv)
		s.dec.CryptBlocks(plain, sealed)
	case s.t.Encr == AESGCM:
		copy(plain, s.counter.opened)
	case s.t.Encr == AESCTR:
		s.counter.xor(iv, plain, sealed)
	default:
		copy(plain, sealed)
	}
	plain, next, err = cutTrailer(plain)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", errCrypt, err)
	}
	return b[:at+len(plain)], next, nil
}

// PathMTU is the biggest packet that fits into one protected packet on a link of
// the given MTU, reckoned as the devices do: a whole block is set aside for
// padding and trailer.
func (t Transform) PathMTU(mtu int) int {
	mtu -= ipHeaderLen
	if t.HasAH() {
		mtu -= ahHeaderLen + t.AH.ICVLen()
	}
	if t.HasESP() {
		mtu -= espHeaderLen + t.IVLen() + t.BlockLen() + t.ICVLen()
	}
	return mtu
}
