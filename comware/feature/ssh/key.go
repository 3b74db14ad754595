package ssh

import (
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"cwlab/comware/feature"
)

// A Key is a key pair of the device. Which of the numbers it has depends on
// its type.
type Key struct {
	Type    string // "rsa", "dsa" or "ecdsa"
	Name    string // "hostkey"
	Default bool   // made without a name
	Time    time.Time

	N, E, D, P, Q *big.Int // RSA: modulus, exponents, primes; DSA: D private, E public, P and Q
	G             *big.Int // DSA
	Curve         string   // ECDSA: "secp256r1"; D private
	X, Y          *big.Int // ECDSA: the public point
}

// Keys are the key pairs of a type, the default ones before others, in the
// order in which they were made.
func Keys(b *feature.Box, kind string) []*Key {
	var all []*Key
	for _, byDefault := range []bool{true, false} {
		for _, k := range of(b).keys {
			if k.Type == kind && k.Default == byDefault {
				all = append(all, k)
			}
		}
	}
	return all
}

// directory is where the flash keeps key pairs.
const directory = "pkey"

// file is where a key pair is kept.
func (k *Key) file() string {
	name := strings.ToLower(k.Name)
	if !k.Default {
		name = k.Type + "_" + name
	}
	return directory + "/" + name
}

// read takes the key pairs from the flash.
func (st *state) read() {
	for _, f := range st.box.Flash.List(directory) {
		var k Key
		if !f.Dir && json.Unmarshal([]byte(f.Data), &k) == nil && k.D != nil {
			st.keys = append(st.keys, &k)
		}
	}
	slices.SortStableFunc(st.keys, func(a, b *Key) int { return a.Time.Compare(b.Time) })
}

// keep puts a key pair in place of one of the same type and name.
func (st *state) keep(k *Key) error {
	flash := st.box.Flash
	if _, ok := flash.Stat(directory); !ok {
		if err := flash.Mkdir(directory, st.box.Clock()); err != nil {
			return err
		}
	}
	data, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("ssh: %w", err)
	}
	if err := flash.Write(k.file(), string(data), st.box.Clock()); err != nil {
		return err
	}
	st.keys = append(slices.DeleteFunc(st.keys, k.same), k)
	return nil
}

func (k *Key) same(x *Key) bool { return x.file() == k.file() }

// drop destroys a key pair and says whether it was there.
func (st *state) drop(k *Key) bool {
	n := len(st.keys)
	st.keys = slices.DeleteFunc(st.keys, k.same)
	return len(st.keys) < n && st.box.Flash.Remove(k.file()) == nil
}

// Object identifiers of public keys.
var (
	oidRSA   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidDSA   = asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}
	oidECDSA = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
)

type algorithm struct {
	ID     asn1.ObjectIdentifier
	Params asn1.RawValue
}

type publicKey struct {
	Algorithm algorithm
	Key       asn1.BitString
}

type rsaKey struct{ N, E *big.Int }

type dsaParams struct{ P, Q, G *big.Int }

// Public is the public key as a SubjectPublicKeyInfo (RFC 5280 section 4.1).
func (k *Key) Public() []byte {
	var p publicKey
	switch k.Type {
	case "rsa":
		p.Algorithm = algorithm{oidRSA, asn1.NullRawValue}
		p.Key.Bytes = der(rsaKey{k.N, k.E})
	case "dsa":
		p.Algorithm = algorithm{oidDSA, asn1.RawValue{FullBytes: der(dsaParams{k.P, k.Q, k.G})}}
		p.Key.Bytes = der(k.E)
	default:
		c := curves[k.Curve]
		p.Algorithm = algorithm{oidECDSA, asn1.RawValue{FullBytes: der(c.oid)}}
		size := (c.P.BitLen() + 7) / 8
		point := append([]byte{4}, k.X.FillBytes(make([]byte, size))...)
		p.Key.Bytes = append(point, k.Y.FillBytes(make([]byte, size))...)
	}
	p.Key.BitLength = 8 * len(p.Key.Bytes)
	return der(p)
}

// der encodes what always can be.
func der(v any) []byte {
	b, err := asn1.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("ssh: %v", err))
	}
	return b
}

// code is bytes as displays write them, 37 to a line.
func code(b []byte) string {
	var out strings.Builder
	for part := range slices.Chunk(b, 37) {
		fmt.Fprintf(&out, "   %X\n", part)
	}
	return out.String()
}

// parsePublic reads a SubjectPublicKeyInfo: its type and the bits of its
// modulus.
func parsePublic(b []byte) (kind string, bits int, err error) {
	var p publicKey
	if rest, err := asn1.Unmarshal(b, &p); err != nil || len(rest) > 0 {
		return "", 0, fmt.Errorf("ssh: no public key: %w", err)
	}
	switch {
	case p.Algorithm.ID.Equal(oidRSA):
		var k rsaKey
		if _, err := asn1.Unmarshal(p.Key.Bytes, &k); err != nil {
			return "", 0, fmt.Errorf("ssh: no RSA key: %w", err)
		}
		return "RSA", k.N.BitLen(), nil
	case p.Algorithm.ID.Equal(oidDSA):
		var k dsaParams
		if _, err := asn1.Unmarshal(p.Algorithm.Params.FullBytes, &k); err != nil {
			return "", 0, fmt.Errorf("ssh: no DSA key: %w", err)
		}
		return "DSA", k.P.BitLen(), nil
	case p.Algorithm.ID.Equal(oidECDSA) && len(p.Key.Bytes) > 1:
		return "ECDSA", (len(p.Key.Bytes) - 1) / 2 * 8, nil
	}
	return "", 0, fmt.Errorf("ssh: public key of an unknown kind %v", p.Algorithm.ID)
}
