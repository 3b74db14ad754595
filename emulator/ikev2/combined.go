package ikev2

import (
	"crypto/aes"
	"crypto/cipher"
	"slices"

	"cwlab/emulator/ikev2/wire"
)

const tagLen = 16 // bytes of a GCM tag

// Combined says whether the cipher authenticates too, RFC 5282: then there is
// no integrity algorithm, and proposals with one are apart (section 8).
func (c Cipher) Combined() bool { return c.ID == wire.EncrGCM }

// known says whether the cipher can be done with a key of its length.
func (c Cipher) known() bool {
	switch c.ID {
	case wire.EncrAES, wire.EncrCTR, wire.EncrGCM:
		return slices.Contains([]int{128, 192, 256}, c.KeyBits)
	}
	return c.cipherKey() > 0
}

// gcm is the cipher of a key with its salt, and the nonce for an initialization
// vector (RFC 5282 section 4).
func gcm(key, iv []byte) (a cipher.AEAD, nonce []byte) {
	cut := len(key) - ctrNonce
	block, _ := aes.NewCipher(key[:cut]) // only lengths can be wrong
	a, _ = cipher.NewGCM(block)
	return a, slices.Concat(key[cut:], iv)
}

// sealCombined makes the message around a padded body. Authenticated beside it
// is all in front of the initialization vector, RFC 5282 section 5.1.
func (s Suite) sealCombined(h wire.Header, key, iv []byte, first wire.PayloadType, body []byte) ([]byte, error) {
	m := wire.Message{Header: h, Payloads: []wire.Payload{
		&wire.Encrypted{First: first, Data: slices.Concat(iv, body, make([]byte, tagLen))}}}
	b, err := m.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	a, nonce := gcm(key, iv)
	at := len(b) - len(body) - tagLen
	a.Seal(b[at:at], nonce, b[at:at+len(body)], b[:at-len(iv)])
	return b, nil
}

func (s Suite) openCombined(raw []byte, p *wire.Encrypted, key []byte) ([]byte, error) {
	n := s.Encr.ivLen()
	if len(p.Data) < n+tagLen+1 {
		return nil, errPadding
	}
	a, nonce := gcm(key, p.Data[:n])
	body, err := a.Open(nil, nonce, p.Data[n:], raw[:len(raw)-len(p.Data)])
	if err != nil {
		return nil, errIntegrity
	}
	return unpad(body)
}
