// Package modp is the Diffie-Hellman groups of IKE: over prime fields groups 1
// and 2 of RFC 2409 section 6, 5 and 14 of RFC 3526, 24 of RFC 5114 section
// 2.3, and on elliptic curves groups 19 and 20 of RFC 5903. The numbers are
// those of IKE, the same in both of its versions.
package modp

import (
	"math/big"
	"strings"
)

// A Group is a MODP group, or one of points on a curve. The shared secret of a
// MODP group is as long as a public value, that of a curve half as long.
type Group struct {
	p, g  *big.Int
	curve *curve
	Len   int // of a public value in bytes
	Exp   int // of a private value in bytes
}

var groups = map[int]*Group{
	1:  newGroup(768, 149686, 32),
	2:  newGroup(1024, 129093, 32),
	5:  newGroup(1536, 741804, 40),
	14: newGroup(2048, 124476, 40),
	24: {p: number(`
		87A8E61D B4B6663C FFBBD19C 65195999 8CEEF608 660DD0F2 5D2CEED4 435E3B00
		E00DF8F1 D61957D4 FAF7DF45 61B2AA30 16C3D911 34096FAA 3BF4296D 830E9A7C
		209E0C64 97517ABD 5A8A9D30 6BCF67ED 91F9E672 5B4758C0 22E0B1EF 4275BF7B
		6C5BFC11 D45F9088 B941F54E B1E59BB8 BC39A0BF 12307F5C 4FDB70C5 81B23F76
		B63ACAE1 CAA6B790 2D525267 35488A0E F13C6D9A 51BFA4AB 3AD83477 96524D8E
		F6A167B5 A41825D9 67E144E5 14056425 1CCACB83 E6B486F6 B3CA3F79 71506026
		C0B857F6 89962856 DED4010A BD0BE621 C3A3960A 54E710C3 75F26375 D7014103
		A4B54330 C198AF12 6116D227 6E11715F 693877FA D7EF09CA DB094AE9 1E1A1597`),
		g: number(`
		3FB32C9B 73134D0B 2E775066 60EDBD48 4CA7B18F 21EF2054 07F4793A 1A0BA125
		10DBC150 77BE463F FF4FED4A AC0BB555 BE3A6C1B 0C6B47B1 BC3773BF 7E8C6F62
		901228F8 C28CBB18 A55AE313 41000A65 0196F931 C77A57F2 DDF463E5 E9EC144B
		777DE62A AAB8A862 8AC376D2 82D6ED38 64E67982 428EBC83 1D14348F 6F2F9193
		B5045AF2 767164E1 DFC967C1 FB3F2E55 A4BD1BFF E83B9C80 D052B985 D182EA0A
		DB2A3B73 13D3FE14 C8484B1E 052588B9 B7D2BBD2 DF016199 ECD06E15 57CD0915
		B3353BBB 64E0EC37 7FD02837 0DF92B52 C7891428 CDC67EB6 184B523D 1DB246C3
		2F630784 90F00EF8 D647D148 D4795451 5E2327CF EF98C582 664B4C0F 6CC41659`),
		Len: 256, Exp: 32},
	19: {curve: p256, Len: 64, Exp: 32},
	20: {curve: p384, Len: 96, Exp: 48},
}

// Find is the group of that number, nil for one that is not known.
func Find(number int) *Group { return groups[number] }

// number reads hexadecimal digits as the RFCs print them.
func number(digits string) *big.Int {
	n, ok := new(big.Int).SetString(strings.Join(strings.Fields(digits), ""), 16)
	if !ok {
		panic("modp: not a number: " + digits)
	}
	return n
}

// piBits is the first 2048 bits of the fraction of pi, enough for all groups.
var piBits = func() *big.Int {
	// Machin: pi = 16 arctan(1/5) - 4 arctan(1/239), with 64 guard bits.
	one := new(big.Int).Lsh(big.NewInt(1), 2048+64)
	arctan := func(n int64) *big.Int {
		sum, term, sq := new(big.Int), new(big.Int).Div(one, big.NewInt(n)), big.NewInt(n*n)
		for k, neg := int64(1), false; term.Sign() > 0; k, neg = k+2, !neg {
			t := new(big.Int).Div(term, big.NewInt(k))
			if neg {
				sum.Sub(sum, t)
			} else {
				sum.Add(sum, t)
			}
			term.Div(term, sq)
		}
		return sum
	}
	pi := new(big.Int).Mul(arctan(5), big.NewInt(16))
	pi.Sub(pi, new(big.Int).Mul(arctan(239), big.NewInt(4)))
	return pi.Rsh(pi, 64) // pi * 2^2048
}()

// newGroup computes 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + k), the
// form in which both RFCs give their primes.
func newGroup(n uint, k int64, exp int) *Group {
	one := big.NewInt(1)
	p := new(big.Int).Lsh(one, n)
	p.Sub(p, new(big.Int).Lsh(one, n-64))
	p.Sub(p, one)
	mid := new(big.Int).Rsh(piBits, 2048-(n-130))
	mid.Add(mid, big.NewInt(k))
	p.Add(p, mid.Lsh(mid, 64))
	return &Group{p: p, g: big.NewInt(2), Len: int(n / 8), Exp: exp}
}

// Public is g^x mod p, as long as the prime, or the coordinates of a point.
func (g *Group) Public(x []byte) []byte {
	if g.curve != nil {
		return g.curve.public(x)
	}
	return new(big.Int).Exp(g.g, new(big.Int).SetBytes(x), g.p).FillBytes(make([]byte, g.Len))
}

// Shared is y^x mod p, or the first coordinate of the common point; ok is false
// when y is no public value of the group.
func (g *Group) Shared(y, x []byte) (gxy []byte, ok bool) {
	if len(y) != g.Len {
		return nil, false
	}
	if g.curve != nil {
		return g.curve.shared(y, x)
	}
	v := new(big.Int).SetBytes(y)
	top := new(big.Int).Sub(g.p, big.NewInt(1))
	if v.Cmp(big.NewInt(1)) <= 0 || v.Cmp(top) >= 0 {
		return nil, false
	}
	return v.Exp(v, new(big.Int).SetBytes(x), g.p).FillBytes(make([]byte, g.Len)), true
}
