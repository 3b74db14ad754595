package ipsec

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

const (
	saltLen   = 4  // at the end of the key of counter mode, GCM and GMAC
	counterIV = 8  // bytes of a packet's own initialization vector
	tagLen    = 16 // of GCM and GMAC: the only length that the product has
)

// Counted says whether the cipher counts: its key has a salt behind it, its
// initialization vectors must never come twice under one key, and so IKE
// version 2 alone negotiates it here.
func (e Encryption) Counted() bool { return e == AESCTR || e.Combined() }

// Combined says whether the cipher authenticates too (RFC 4106, RFC 4543), so
// that there is no authenticator beside it.
func (e Encryption) Combined() bool { return e == AESGCM || e == AESGMAC }

// A counter is a cipher that counts, with its key.
type counter struct {
	t      Transform
	block  cipher.Block
	aead   cipher.AEAD // nil for counter mode
	start  [aes.BlockSize]byte
	aad    []byte
	opened []byte // what the packet verified last carries
}

// newCounter takes a key with its salt.
func newCounter(t Transform, key []byte) (*counter, error) {
	c := &counter{t: t}
	cut := len(key) - saltLen
	copy(c.start[:], key[cut:])
	c.start[aes.BlockSize-1] = 1
	var err error
	if c.block, err = aes.NewCipher(key[:cut]); err == nil && t.Encr.Combined() {
		c.aead, err = cipher.NewGCM(c.block)
	}
	return c, err
}

// nonce is salt and initialization vector (RFC 4106 section 4).
func (c *counter) nonce(iv []byte) []byte {
	copy(c.start[saltLen:], iv)
	return c.start[:saltLen+counterIV]
}

// xor applies the key stream of counter mode to src, RFC 3686 section 4.
func (c *counter) xor(iv, dst, src []byte) {
	c.nonce(iv)
	cipher.NewCTR(c.block, c.start[:]).XORKeyStream(dst, src)
}

// associated is what is authenticated beside the payload: SPI and sequence
// number, which is whole if it is extended (RFC 4106 section 5). GMAC
// encrypts nothing and authenticates the rest of the packet in the same way,
// initialization vector included (RFC 4543 section 3.3).
func (c *counter) associated(spi uint32, seq uint64, rest []byte) []byte {
	b := binary.BigEndian.AppendUint32(c.aad[:0], spi)
	if c.t.ESN {
		b = binary.BigEndian.AppendUint64(b, seq)
	} else {
		b = binary.BigEndian.AppendUint32(b, uint32(seq))
	}
	if c.t.Encr == AESGMAC {
		b = append(b, rest...)
	}
	c.aad = b
	return b
}

// combine completes the packet that begins at a place in b: it encrypts what is
// behind body in its place and appends the tag.
func (c *counter) combine(b []byte, at, body int, spi uint32, seq uint64) []byte {
	aad, nonce := c.associated(spi, seq, b[at+espHeaderLen:]), c.nonce(b[body-counterIV:body])
	if c.t.Encr == AESGMAC {
		return c.aead.Seal(b, nonce, nil, aad)
	}
	sealed := c.aead.Seal(b[body:body], nonce, b[body:], aad)
	return b[:body+len(sealed)]
}

// verify checks the tag of a packet, and with GCM decrypts it.
func (c *counter) verify(p *ESP, seq uint64) (err error) {
	cut := len(p.Data) - tagLen
	aad, nonce := c.associated(p.SPI, seq, p.Data[:cut]), c.nonce(p.Data[:counterIV])
	if c.t.Encr == AESGMAC {
		_, err = c.aead.Open(nil, nonce, p.Data[cut:], aad)
	} else {
		c.opened, err = c.aead.Open(c.opened[:0], nonce, p.Data[counterIV:], aad)
	}
	if err != nil {
		return errAuth
	}
	return nil
}
