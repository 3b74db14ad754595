package ikev2

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // as deployed
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // RFC 2403
	"crypto/sha1" //nolint:gosec // RFC 2404
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"hash"
	"net/netip"
	"slices"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/modp"
)

// A Suite is the algorithms of an IKE SA.
type Suite struct {
	Encr       Cipher
	Integ, PRF uint16
	Group      int
}

var prfs = map[uint16]func() hash.Hash{
	wire.PRFMD5: md5.New, wire.PRFSHA1: sha1.New, wire.PRFSHA256: sha256.New, wire.PRFSHA384: sha512.New384, wire.PRFSHA512: sha512.New,
}

// A macKind is an integrity algorithm: its hash and the bytes of its checksum.
type macKind struct {
	hash func() hash.Hash
	icv  int
}

var macs = map[uint16]macKind{
	wire.IntegMD5: {md5.New, 12}, wire.IntegSHA1: {sha1.New, 12}, wire.IntegSHA256: {sha256.New, 16},
	wire.IntegSHA384: {sha512.New384, 24}, wire.IntegSHA512: {sha512.New, 32},
}

// cipherKey is the bytes of the key of a cipher, 0 for an unknown one. Those of
// counter mode and GCM have a nonce of 4 bytes behind them (RFC 5930 section 3,
// RFC 5282 section 7.1).
func (c Cipher) cipherKey() int {
	switch c.ID {
	case wire.EncrDES:
		return 8
	case wire.Encr3DES:
		return 24
	case wire.EncrAES:
		return c.KeyBits / 8
	case wire.EncrCTR, wire.EncrGCM:
		return c.KeyBits/8 + ctrNonce
	}
	return 0
}

const ctrNonce = 4

// known says whether every algorithm of the suite can be done.
func (s Suite) known() bool {
	return s.Encr.known() && prfs[s.PRF] != nil && (macs[s.Integ].hash != nil) != s.Encr.Combined() && modp.Find(s.Group) != nil
}

func (s Suite) prf(key []byte, parts ...[]byte) []byte {
	h := hmac.New(prfs[s.PRF], key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// prfPlus is prf+ of RFC 7296 section 2.13, n bytes of it.
func (s Suite) prfPlus(n int, key []byte, seed ...[]byte) []byte {
	all := slices.Concat(seed...)
	var out, part []byte
	for i := byte(1); len(out) < n; i++ {
		part = s.prf(key, part, all, []byte{i})
		out = append(out, part...)
	}
	return out[:n:n]
}

// secrets are the keys of RFC 7296 section 2.14.
type secrets struct{ d, ai, ar, ei, er, pi, pr []byte }

// derive cuts the keys out of what a seed gives. A cipher that authenticates
// has no SK_a (RFC 5282 section 7).
func (s Suite) derive(seed, ni, nr []byte, spi, spr wire.SPI) (k secrets) {
	p, a, e := prfs[s.PRF]().Size(), 0, s.Encr.cipherKey()
	if !s.Encr.Combined() {
		a = macs[s.Integ].hash().Size()
	}
	b := s.prfPlus(3*p+2*a+2*e, seed, ni, nr, spi[:], spr[:])
	for _, x := range []struct {
		key *[]byte
		n   int
	}{{&k.d, p}, {&k.ai, a}, {&k.ar, a}, {&k.ei, e}, {&k.er, e}, {&k.pi, p}, {&k.pr, p}} {
		*x.key, b = b[:x.n:x.n], b[x.n:]
	}
	return k
}

// sharedKeyAuth is the AUTH of a pre-shared key, RFC 7296 section 2.15: over
// the first message of its sender, the nonce of the other side and the body of
// the ID payload.
func (s Suite) sharedKeyAuth(psk, message, nonce, skp, id []byte) []byte {
	return s.prf(s.prf(psk, []byte("Key Pad for IKEv2")), message, nonce, s.prf(skp, id))
}

var (
	errIntegrity = errors.New("ikev2: the integrity check failed")
	errPadding   = errors.New("ikev2: ciphertext or padding is of the wrong length")
)

func (c Cipher) ivLen() int {
	switch c.ID {
	case wire.EncrAES:
		return aes.BlockSize
	}
	return des.BlockSize // of counter mode and GCM too, RFC 5930 section 2, RFC 5282 section 3.1
}

// padTo is what the plaintext is padded to a multiple of.
func (c Cipher) padTo() int {
	switch c.ID {
	case wire.EncrCTR:
		return 4
	case wire.EncrGCM:
		return 1
	}
	return c.ivLen()
}

// crypt encrypts or decrypts b in place; key and b are of the right lengths.
func (c Cipher) crypt(key, iv, b []byte, seal bool) {
	if c.ID == wire.EncrCTR {
		cut := len(key) - ctrNonce
		block, _ := aes.NewCipher(key[:cut]) // only lengths can be wrong
		counter := slices.Concat(key[cut:], iv, []byte{0, 0, 0, 1})
		cipher.NewCTR(block, counter).XORKeyStream(b, b)
		return
	}
	var block cipher.Block
	switch c.ID {
	case wire.EncrDES:
		block, _ = des.NewCipher(key)
	case wire.Encr3DES:
		block, _ = des.NewTripleDESCipher(key)
	default:
		block, _ = aes.NewCipher(key)
	}
	if seal {
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(b, b)
	} else {
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(b, b)
	}
}

// seal makes the message whose payloads are encrypted, RFC 7296 section 3.14.
func (s Suite) seal(h wire.Header, encr, integ, iv []byte, ps []wire.Payload) ([]byte, error) {
	body, err := wire.AppendPayloads(nil, ps)
	if err != nil {
		return nil, err
	}
	pad := (s.Encr.padTo() - (len(body)+1)%s.Encr.padTo()) % s.Encr.padTo()
	body = append(append(body, make([]byte, pad)...), byte(pad))
	if s.Encr.Combined() {
		return s.sealCombined(h, encr, iv, wire.First(ps), body)
	}
	s.Encr.crypt(encr, iv, body, true)
	mac := macs[s.Integ]
	m := wire.Message{Header: h, Payloads: []wire.Payload{
		&wire.Encrypted{First: wire.First(ps), Data: slices.Concat(iv, body, make([]byte, mac.icv))}}}
	b, err := m.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	copy(b[len(b)-mac.icv:], mac.sum(integ, b[:len(b)-mac.icv]))
	return b, nil
}

func (m macKind) sum(key, b []byte) []byte {
	h := hmac.New(m.hash, key)
	h.Write(b)
	return h.Sum(nil)[:m.icv]
}

// open checks and decrypts the Encrypted payload that ends message raw. What it
// gives is payloads without padding.
func (s Suite) open(raw []byte, p *wire.Encrypted, encr, integ []byte) ([]byte, error) {
	if s.Encr.Combined() {
		return s.openCombined(raw, p, encr)
	}
	mac, iv := macs[s.Integ], s.Encr.ivLen()
	n := len(p.Data) - iv - mac.icv
	if n < 1 || s.Encr.ID != wire.EncrCTR && n%s.Encr.padTo() != 0 {
		return nil, errPadding
	}
	cut := len(raw) - mac.icv
	if !hmac.Equal(mac.sum(integ, raw[:cut]), raw[cut:]) {
		return nil, errIntegrity
	}
	body := slices.Clone(p.Data[iv : iv+n])
	s.Encr.crypt(encr, p.Data[:iv], body, false)
	return unpad(body)
}

// unpad cuts padding and pad length off.
func unpad(body []byte) ([]byte, error) {
	n := len(body)
	if n == 0 || int(body[n-1])+1 > n {
		return nil, errPadding
	}
	return body[:n-1-int(body[n-1])], nil
}

// Open decrypts a message of the IKE SA; first is the type of the first
// payload inside. It fails for one that is not of the SA or not encrypted.
func (k Keys) Open(raw []byte) (plain []byte, first wire.PayloadType, err error) {
	var m wire.Message
	if err := m.UnmarshalBinary(raw); err != nil {
		return nil, 0, err
	}
	p, ok := wire.Find[*wire.Encrypted](m.Payloads)
	if !ok || m.Initiator != k.Initiator || m.Responder != k.Responder {
		return nil, 0, errIntegrity
	}
	encr, integ := k.EncrR, k.IntegR
	if m.Flags&wire.FlagInitiator != 0 {
		encr, integ = k.EncrI, k.IntegI
	}
	plain, err = k.Suite.open(raw, p, encr, integ)
	return plain, p.First, err
}

// natHash is the data of a NAT detection notification, RFC 7296 section 2.23.
func natHash(i, r wire.SPI, a netip.AddrPort) []byte {
	h := sha1.New() //nolint:gosec // as the RFC says
	h.Write(i[:])
	h.Write(r[:])
	h.Write(a.Addr().AsSlice())
	h.Write(binary.BigEndian.AppendUint16(nil, a.Port()))
	return h.Sum(nil)
}
