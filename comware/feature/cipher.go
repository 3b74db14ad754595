package feature

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Keys are printed in a reversible form so that a saved configuration works
// again: AES-256 in counter mode under a key of this product, with the start
// of an HMAC of the plain text as the counter (so the same key always looks
// the same) and as the check. The real devices' form is not public; their
// texts are kept but cannot be read.
const cipherPrefix = "$c$3$"

var productKey = sha256.Sum256([]byte("cwlab reversible ciphertext"))

func keystream(iv, b []byte) []byte {
	block, err := aes.NewCipher(productKey[:])
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	out := make([]byte, len(b))
	cipher.NewCTR(block, iv).XORKeyStream(out, b)
	return out
}

func checksum(plain []byte) []byte {
	m := hmac.New(sha256.New, productKey[:])
	m.Write(plain)
	return m.Sum(nil)[:aes.BlockSize]
}

// Encipher is the stored form of a plain key.
func Encipher(plain string) string {
	iv := checksum([]byte(plain))
	return cipherPrefix + base64.StdEncoding.EncodeToString(append(iv, keystream(iv, []byte(plain))...))
}

// Decipher reads a stored form; ok is false for one that is not ours.
func Decipher(text string) (plain string, ok bool) {
	body, found := strings.CutPrefix(text, cipherPrefix)
	b, err := base64.StdEncoding.DecodeString(body)
	if !found || err != nil || len(b) <= aes.BlockSize {
		return "", false
	}
	p := keystream(b[:aes.BlockSize], b[aes.BlockSize:])
	if !hmac.Equal(checksum(p), b[:aes.BlockSize]) {
		return "", false
	}
	return string(p), true
}
