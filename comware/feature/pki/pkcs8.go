package pki

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"

	"cwlab/emulator/sim"
)

// An encrypted private key is RFC 5958 section 3 with the scheme PBES2 of RFC
// 8018 section 6.2.
type encryptedKey struct {
	Algorithm struct {
		ID     asn1.ObjectIdentifier
		Params struct {
			Derivation struct {
				ID     asn1.ObjectIdentifier
				Params derivation
			}
			Scheme struct {
				ID asn1.ObjectIdentifier
				IV []byte
			}
		}
	}
	Data []byte
}

type derivation struct {
	Salt  []byte
	Count int
	Len   int                      `asn1:"optional"`
	PRF   pkix.AlgorithmIdentifier `asn1:"optional"`
}

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidSHA1   = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}
	oidSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
)

// A keyCipher encrypts private keys.
type keyCipher struct {
	word string // of the command
	id   asn1.ObjectIdentifier
	size int // of the key
	open func(key []byte) (cipher.Block, error)
}

var keyCiphers = []keyCipher{
	{"3des-cbc", asn1.ObjectIdentifier{1, 2, 840, 113549, 3, 7}, 24, des.NewTripleDESCipher},
	{"aes-128-cbc", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, 16, aes.NewCipher},
	{"aes-192-cbc", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 22}, 24, aes.NewCipher},
	{"aes-256-cbc", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, 32, aes.NewCipher},
	{"des-cbc", asn1.ObjectIdentifier{1, 3, 14, 3, 2, 7}, 8, des.NewCipher},
}

const iterations, maxIterations, saltLen = 2048, 1 << 22, 8

// encryptKey encrypts a private key in PKCS #8.
func encryptKey(s *sim.Stream, k keyCipher, password string, der []byte) ([]byte, error) {
	var e encryptedKey
	a := &e.Algorithm
	a.ID, a.Params.Derivation.ID, a.Params.Scheme.ID = oidPBES2, oidPBKDF2, k.id
	a.Params.Derivation.Params = derivation{Salt: s.Bytes(saltLen), Count: iterations, PRF: pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}}
	key, err := pbkdf2.Key(sha256.New, password, a.Params.Derivation.Params.Salt, iterations, k.size)
	if err != nil {
		return nil, err
	}
	block, err := k.open(key)
	if err != nil {
		return nil, err
	}
	n := block.BlockSize()
	a.Params.Scheme.IV = s.Bytes(n)
	pad := n - len(der)%n
	data := append([]byte(nil), der...)
	for range pad {
		data = append(data, byte(pad))
	}
	cipher.NewCBCEncrypter(block, a.Params.Scheme.IV).CryptBlocks(data, data)
	e.Data = data
	return asn1.Marshal(e)
}

var errPassword = errors.New("pki: the private key does not decrypt")

// decryptKey is the reverse of encryptKey.
func decryptKey(der, password []byte) ([]byte, error) {
	var e encryptedKey
	if _, err := asn1.Unmarshal(der, &e); err != nil {
		return nil, fmt.Errorf("pki: encrypted private key: %w", err)
	}
	p := e.Algorithm.Params
	d := p.Derivation.Params
	if !e.Algorithm.ID.Equal(oidPBES2) || !p.Derivation.ID.Equal(oidPBKDF2) || d.Count < 1 || d.Count > maxIterations {
		return nil, errPassword
	}
	var h func() hash.Hash
	switch {
	case len(d.PRF.Algorithm) == 0, d.PRF.Algorithm.Equal(oidSHA1):
		h = sha1.New
	case d.PRF.Algorithm.Equal(oidSHA256):
		h = sha256.New
	default:
		return nil, errPassword
	}
	for _, k := range keyCiphers {
		if !k.id.Equal(p.Scheme.ID) {
			continue
		}
		key, err := pbkdf2.Key(h, string(password), d.Salt, d.Count, k.size)
		if err != nil {
			return nil, err
		}
		block, err := k.open(key)
		if err != nil {
			return nil, err
		}
		n := block.BlockSize()
		if len(p.Scheme.IV) != n || len(e.Data) == 0 || len(e.Data)%n != 0 {
			return nil, errPassword
		}
		data := make([]byte, len(e.Data))
		cipher.NewCBCDecrypter(block, p.Scheme.IV).CryptBlocks(data, e.Data)
		pad := int(data[len(data)-1])
		if pad == 0 || pad > n {
			return nil, errPassword
		}
		return data[:len(data)-pad], nil
	}
	return nil, errPassword
}
