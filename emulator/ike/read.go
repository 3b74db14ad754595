package ike

import (
	"crypto/cipher"
	"fmt"

	"cwlab/emulator/isakmp"
)

// A Reader decrypts what the two ends of an IKE SA say, for one who looks on
// and knows the key (RFC 2409 appendix B).
type Reader struct {
	suite suite
	block cipher.Block
	first []byte
}

// NewReader takes the transform that the responder chose, the two public
// values and the cipher key. It refuses a transform of other algorithms than
// an Engine has and a key that is not as long as the transform says.
func NewReader(t isakmp.Transform, gxi, gxr, key []byte) (*Reader, error) {
	var s suite
	for _, a := range t.Attributes {
		v, _ := a.Uint()
		switch a.Type {
		case isakmp.Phase1Encryption:
			s.encr = isakmp.Encryption(v)
		case isakmp.Phase1Hash:
			s.hash = isakmp.Hash(v)
		case isakmp.Phase1KeyLength:
			s.keyBits = int(min(v, 1<<16))
		default:
		}
	}
	if s.newHash() == nil || len(key) != s.keyLen() {
		return nil, fmt.Errorf("ike: %v with %v and a key of %d bytes cannot be read", s.encr, s.hash, len(key))
	}
	b, err := s.block(key)
	if err != nil {
		return nil, err
	}
	return &Reader{s, b, s.firstIV(gxi, gxr)}, nil
}

// FirstIV begins the encryption of phase 1.
func (r *Reader) FirstIV() []byte { return r.first }

// IV begins another exchange; last is the last block of phase 1.
func (r *Reader) IV(last []byte, message uint32) []byte { return r.suite.nextIV(last, message) }

// Decrypt reads the encrypted part of a message, padding left on. next is the
// initialization vector of the message that follows in the exchange. ok is
// false where b is not whole blocks.
func (r *Reader) Decrypt(iv, b []byte) (plain, next []byte, ok bool) { return decrypt(r.block, iv, b) }
