package ipsec

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // RFC 2405 and RFC 2451, as deployed
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
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
	default:
	}
	return 0
}

func (t Transform) BlockLen() int { return max(t.IVLen(), 1) }

func (t Transform) ICVLen() int { return t.Auth.ICVLen() }

// A suite is a transform with keys: it seals or opens the packets of one SA.
type suite struct {
	t     Transform
	block cipher.Block   // nil for ESP_NULL
	mac   *authenticator // nil without authentication
}

func newSuite(t Transform, k Keys) (*suite, error) {
	if len(k.Encr) != t.EncrKeyLen() || len(k.Auth) != t.AuthKeyLen() {
		return nil, fmt.Errorf("ipsec: keys of %v/%v are %d and %d bytes, want %d and %d",
			t.Encr, t.Auth, len(k.Encr), len(k.Auth), t.EncrKeyLen(), t.AuthKeyLen())
	}
	s := &suite{t: t}
	var err error
	switch t.Encr {
	case DES:
		s.block, err = des.NewCipher(k.Encr)
	case DES3:
		s.block, err = des.NewTripleDESCipher(k.Encr)
	case AES:
		s.block, err = aes.NewCipher(k.Encr)
	case Null:
	default:
		err = fmt.Errorf("ipsec: %v is not supported", t.Encr)
	}
	if err != nil {
		return nil, err
	}
	s.mac, err = newAuthenticator(t.Auth, k.Auth)
	return s, err
}

// icv is the truncated authenticator over SPI, sequence number and the
// encrypted part, RFC 4303 section 2.8. It is valid until the next call.
func (s *suite) icv(spi, seq uint32, data []byte) []byte {
	var head [espHeaderLen]byte
	binary.BigEndian.PutUint32(head[:], spi)
	binary.BigEndian.PutUint32(head[4:], seq)
	return s.mac.icv(head[:], data)
}

// seal makes the packet that carries payload. iv has the length IVLen.
func (s *suite) seal(spi, seq uint32, iv, payload []byte, next uint8) *ESP {
	room := len(iv) + len(payload) + 2 + s.t.BlockLen() + 4 + s.t.ICVLen()
	data := append(make([]byte, 0, room), iv...)
	data = append(data, appendTrailer(append(make([]byte, 0, room), payload...), s.t.BlockLen(), next)...)
	if s.block != nil {
		body := data[len(iv):]
		cipher.NewCBCEncrypter(s.block, iv).CryptBlocks(body, body)
	}
	if s.mac != nil {
		data = append(data, s.icv(spi, seq, data)...)
	}
	return &ESP{SPI: spi, Sequence: seq, Data: data}
}

// verify checks length and authenticator.
func (s *suite) verify(p *ESP) error {
	body := len(p.Data) - s.t.IVLen() - s.t.ICVLen()
	if body < 2 || s.block != nil && body%s.block.BlockSize() != 0 {
		return errLength
	}
	if s.mac == nil {
		return nil
	}
	cut := len(p.Data) - s.t.ICVLen()
	if !hmac.Equal(s.icv(p.SPI, p.Sequence, p.Data[:cut]), p.Data[cut:]) {
		return errAuth
	}
	return nil
}

// open decrypts a packet that verify has passed.
func (s *suite) open(p *ESP) (payload []byte, next uint8, err error) {
	iv := p.Data[:s.t.IVLen()]
	plain := append([]byte(nil), p.Data[len(iv):len(p.Data)-s.t.ICVLen()]...)
	if s.block != nil {
		cipher.NewCBCDecrypter(s.block, iv).CryptBlocks(plain, plain)
	}
	payload, next, err = cutTrailer(plain)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", errCrypt, err)
	}
	return payload, next, nil
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
