package ike

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
	"net/netip"

	"cwlab/emulator/isakmp"
)

// A suite is what phase 1 agreed on.
type suite struct {
	encr    isakmp.Encryption
	keyBits int // AES only
	hash    isakmp.Hash
	group   int
}

func (s suite) newHash() func() hash.Hash {
	switch s.hash {
	case isakmp.MD5:
		return md5.New
	case isakmp.SHA1:
		return sha1.New
	case isakmp.SHA256:
		return sha256.New
	case isakmp.SHA384:
		return sha512.New384
	case isakmp.SHA512:
		return sha512.New
	}
	return nil
}

func (s suite) keyLen() int {
	switch s.encr {
	case isakmp.DESCBC:
		return 8
	case isakmp.DES3CBC:
		return 24
	case isakmp.AESCBC:
		return s.keyBits / 8
	}
	return 0
}

func (s suite) block(key []byte) (cipher.Block, error) {
	switch s.encr {
	case isakmp.DESCBC:
		return des.NewCipher(key)
	case isakmp.DES3CBC:
		return des.NewTripleDESCipher(key)
	case isakmp.AESCBC:
		return aes.NewCipher(key)
	}
	return nil, fmt.Errorf("ike: no cipher for %v", s.encr)
}

func (s suite) blockSize() int {
	if s.encr == isakmp.AESCBC {
		return aes.BlockSize
	}
	return des.BlockSize
}

// digest is the negotiated hash over the parts.
func (s suite) digest(parts ...[]byte) []byte {
	h := s.newHash()()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// prf is the HMAC of the negotiated hash, RFC 2409 section 4.
func (s suite) prf(key []byte, parts ...[]byte) []byte {
	h := hmac.New(s.newHash(), key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// Secrets are the keys of RFC 2409 section 5 and the cipher key of appendix B.
type secrets struct{ skeyid, d, a, e, ka []byte }

// derive is RFC 2409 section 5 for pre-shared keys.
func (s suite) derive(psk, ni, nr, gxy []byte, ci, cr isakmp.Cookie) secrets {
	return s.expand(s.prf(psk, ni, nr), gxy, ci, cr)
}

// deriveSigned is RFC 2409 section 5 for signatures.
func (s suite) deriveSigned(ni, nr, gxy []byte, ci, cr isakmp.Cookie) secrets {
	return s.expand(s.prf(append(append([]byte(nil), ni...), nr...), gxy), gxy, ci, cr)
}

// expand is the rest of RFC 2409 section 5, with the expansion of appendix B.
func (s suite) expand(skeyid, gxy []byte, ci, cr isakmp.Cookie) secrets {
	k := secrets{skeyid: skeyid}
	k.d = s.prf(k.skeyid, gxy, ci[:], cr[:], []byte{0})
	k.a = s.prf(k.skeyid, k.d, gxy, ci[:], cr[:], []byte{1})
	k.e = s.prf(k.skeyid, k.a, gxy, ci[:], cr[:], []byte{2})
	k.ka = k.e
	if n := s.keyLen(); len(k.e) < n {
		part := s.prf(k.e, []byte{0})
		k.ka = part
		for len(k.ka) < n {
			part = s.prf(k.e, part)
			k.ka = append(k.ka[:len(k.ka):len(k.ka)], part...)
		}
	}
	k.ka = k.ka[:s.keyLen():s.keyLen()]
	return k
}

// firstIV begins phase 1 encryption, RFC 2409 appendix B.
func (s suite) firstIV(gxi, gxr []byte) []byte { return s.digest(gxi, gxr)[:s.blockSize()] }

// nextIV begins another exchange under the same IKE SA: last is the last
// ciphertext block of phase 1.
func (s suite) nextIV(last []byte, mid uint32) []byte {
	return s.digest(last, u32(mid))[:s.blockSize()]
}

// authHash is HASH_I, or HASH_R with the first two pairs exchanged, RFC 2409
// section 5.
func (s suite) authHash(skeyid, ours, theirs []byte, cOurs, cTheirs isakmp.Cookie, sai, id []byte) []byte {
	return s.prf(skeyid, ours, theirs, cOurs[:], cTheirs[:], sai, id)
}

// keymat is RFC 2409 section 5.5; gxy is empty without PFS.
func (s suite) keymat(d, gxy []byte, proto isakmp.Protocol, spi uint32, ni, nr []byte, n int) []byte {
	var out, part []byte
	for len(out) < n {
		part = s.prf(d, part, gxy, []byte{byte(proto)}, u32(spi), ni, nr)
		out = append(out, part...)
	}
	return out[:n:n]
}

// natHash is the content of a NAT-D payload, RFC 3947 section 3.2.
func (s suite) natHash(ci, cr isakmp.Cookie, a netip.AddrPort) []byte {
	return s.digest(ci[:], cr[:], a.Addr().AsSlice(), binary.BigEndian.AppendUint16(nil, a.Port()))
}

// encrypt pads b with zeros to whole blocks (none when it is aligned) and
// encrypts it. The last block is the IV of what follows.
func encrypt(c cipher.Block, iv, b []byte) (out, next []byte) {
	n := c.BlockSize()
	out = make([]byte, (len(b)+n-1)/n*n)
	copy(out, b)
	cipher.NewCBCEncrypter(c, iv).CryptBlocks(out, out)
	return out, out[len(out)-n:]
}

// decrypt is the reverse; ok is false when b is not whole blocks.
func decrypt(c cipher.Block, iv, b []byte) (out, next []byte, ok bool) {
	n := c.BlockSize()
	if len(b) == 0 || len(b)%n != 0 {
		return nil, nil, false
	}
	out = make([]byte, len(b))
	cipher.NewCBCDecrypter(c, iv).CryptBlocks(out, b)
	return out, append([]byte(nil), b[len(b)-n:]...), true
}

func u32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
