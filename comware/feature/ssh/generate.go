package ssh

import (
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"math/big"
	"strings"

	"cwlab/emulator/sim"
)

// rounds is how many Miller-Rabin tests a prime of that many bits has to stand;
// the progress of a generation shows them.
func rounds(bits int) int {
	for _, r := range []struct{ bits, n int }{{1300, 2}, {850, 3}, {650, 4}, {550, 5}, {450, 6}, {400, 7}, {350, 8}, {300, 9}, {250, 12}} {
		if bits >= r.bits {
			return r.n
		}
	}
	return 15
}

// number is a random odd number of that many bits, its two highest set.
func number(s *sim.Stream, bits int) *big.Int {
	n := new(big.Int).SetBytes(s.Bytes((bits + 7) / 8))
	n.Rsh(n, uint((8-bits%8)%8))
	n.SetBit(n, bits-1, 1)
	n.SetBit(n, bits-2, 1)
	return n.SetBit(n, 0, 1)
}

var small = func() []*big.Int {
	var all []*big.Int
	for n := int64(3); n < 2000; n += 2 {
		if b := big.NewInt(n); b.ProbablyPrime(0) {
			all = append(all, b)
		}
	}
	return all
}()

// divisible says whether a small prime divides n.
func divisible(n *big.Int) bool {
	m := new(big.Int)
	for _, p := range small {
		if m.Mod(n, p).Sign() == 0 && n.Cmp(p) != 0 {
			return true
		}
	}
	return false
}

// prime is a prime of that many bits that fits, and the progress of looking
// for it: a dot for every number that was not, a plus for every test that it
// stood.
func prime(s *sim.Stream, bits int, fits func(*big.Int) bool) (*big.Int, string) {
	var progress strings.Builder
	two := big.NewInt(2)
	for n := number(s, bits); ; n.Add(n, two) {
		switch {
		case n.BitLen() > bits:
			n = number(s, bits)
			continue
		case divisible(n) || !fits(n):
			continue
		case n.ProbablyPrime(rounds(bits)):
			progress.WriteString(strings.Repeat("+", rounds(bits)) + "\n")
			return n, progress.String()
		}
		progress.WriteByte('.')
	}
}

// newRSA makes an RSA key pair (RFC 8017 section 3) of that many bits.
func newRSA(s *sim.Stream, bits int) (*Key, string) {
	e, one := big.NewInt(65537), big.NewInt(1)
	coprime := func(n *big.Int) bool {
		m := new(big.Int).Sub(n, one)
		return m.Mod(m, e).Sign() != 0
	}
	p, first := prime(s, bits-bits/2, coprime)
	q, second := prime(s, bits/2, func(n *big.Int) bool { return n.Cmp(p) != 0 && coprime(n) })
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	return &Key{Type: "rsa", N: new(big.Int).Mul(p, q), E: e, D: new(big.Int).ModInverse(e, phi), P: p, Q: q}, first + second
}

// RSA is the key pair for package rsa; nil if it is of another type.
func (k *Key) RSA() *rsa.PrivateKey {
	if k.Type != "rsa" {
		return nil
	}
	r := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: k.N, E: int(k.E.Int64())}, D: k.D, Primes: []*big.Int{k.P, k.Q}}
	r.Precompute()
	return r
}

// newDSA makes a DSA key pair (FIPS 186-4 section 4) with a modulus of that
// many bits and a subgroup of 160.
func newDSA(s *sim.Stream, bits int) (*Key, string) {
	one := big.NewInt(1)
	q, first := prime(s, 160, func(*big.Int) bool { return true })
	twice := new(big.Int).Lsh(q, 1)
	var p *big.Int
	var progress strings.Builder
	for p == nil {
		n := number(s, bits)
		n.Sub(n, new(big.Int).Sub(new(big.Int).Mod(n, twice), one)) // 1 modulo 2q
		switch {
		case n.BitLen() != bits || divisible(n):
		case n.ProbablyPrime(rounds(bits)):
			p = n
			progress.WriteString(strings.Repeat("+", rounds(bits)) + "*\n")
		default:
			progress.WriteByte('.')
		}
	}
	power := new(big.Int).Div(new(big.Int).Sub(p, one), q)
	g := new(big.Int)
	for h := int64(2); g.Cmp(one) <= 0; h++ {
		g.Exp(big.NewInt(h), power, p)
	}
	d := new(big.Int).Mod(new(big.Int).SetBytes(s.Bytes(32)), new(big.Int).Sub(q, one))
	d.Add(d, one)
	return &Key{Type: "dsa", P: p, Q: q, G: g, D: d, E: new(big.Int).Exp(g, d, p)}, strings.TrimSuffix(first, "\n") + "*\n" + progress.String()
}

// A curve is y² = x³ - 3x + B over the integers modulo P.
type curve struct {
	*elliptic.CurveParams
	oid asn1.ObjectIdentifier
}

func hexadecimal(s string) *big.Int {
	n, _ := new(big.Int).SetString(s, 16)
	return n
}

// curves are those of SEC 2 that the device offers.
var curves = map[string]curve{
	"secp192r1": {&elliptic.CurveParams{BitSize: 192,
		P:  hexadecimal("fffffffffffffffffffffffffffffffeffffffffffffffff"),
		N:  hexadecimal("ffffffffffffffffffffffff99def836146bc9b1b4d22831"),
		B:  hexadecimal("64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1"),
		Gx: hexadecimal("188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012"),
		Gy: hexadecimal("07192b95ffc8da78631011ed6b24cdd573f977a11e794811")}, asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 1}},
	"secp256r1": {elliptic.P256().Params(), asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}},
	"secp384r1": {elliptic.P384().Params(), asn1.ObjectIdentifier{1, 3, 132, 0, 34}},
}

// newECDSA makes an ECDSA key pair (FIPS 186-4 section 6) on a curve.
func newECDSA(s *sim.Stream, name string) *Key {
	c, one := curves[name], big.NewInt(1)
	d := new(big.Int).Mod(new(big.Int).SetBytes(s.Bytes(c.BitSize/8+8)), new(big.Int).Sub(c.N, one))
	d.Add(d, one)
	x, y := c.multiple(d)
	return &Key{Type: "ecdsa", Curve: name, D: d, X: x, Y: y}
}

// multiple is d times the base point, d below the order and not 0.
func (c curve) multiple(d *big.Int) (x, y *big.Int) {
	for i := d.BitLen() - 1; i >= 0; i-- {
		if x != nil {
			x, y = c.add(x, y, x, y)
		}
		if d.Bit(i) == 1 {
			if x == nil {
				x, y = c.Gx, c.Gy
			} else {
				x, y = c.add(x, y, c.Gx, c.Gy)
			}
		}
	}
	return x, y
}

// add adds two points that are not each other's negatives.
func (c curve) add(x1, y1, x2, y2 *big.Int) (x, y *big.Int) {
	rise, run := new(big.Int).Sub(y2, y1), new(big.Int).Sub(x2, x1)
	if run.Sign() == 0 {
		rise.Mul(x1, x1)
		rise.Mul(rise, big.NewInt(3))
		rise.Sub(rise, big.NewInt(3))
		run.Lsh(y1, 1)
	}
	run.Mod(run, c.P)
	slope := rise.Mul(rise, run.ModInverse(run, c.P))
	slope.Mod(slope, c.P)
	x = new(big.Int).Mul(slope, slope)
	x.Sub(x, x1).Sub(x, x2).Mod(x, c.P)
	y = new(big.Int).Sub(x1, x)
	y.Mul(y, slope).Sub(y, y1).Mod(y, c.P)
	return x, y
}
