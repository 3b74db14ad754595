package modp

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"testing"
)

// TestGroups compares the ends of the primes with the RFCs and both sides of
// an exchange with each other.
func TestGroups(t *testing.T) {
	for n, tail := range map[int]string{
		1:  "f44c42e9a63a3620ffffffffffffffff",
		2:  "49286651ece65381ffffffffffffffff",
		5:  "f1746c08ca237327ffffffffffffffff",
		14: "15728e5a8aacaa68ffffffffffffffff",
	} {
		g := Find(n)
		p := g.p.Bytes()
		if got := hex.EncodeToString(p[len(p)-16:]); got != tail || len(p) != g.Len || !g.p.ProbablyPrime(1) {
			t.Errorf("group %d ends in %s, want %s", n, got, tail)
		}
		x, y := bytes.Repeat([]byte{7}, g.Exp), bytes.Repeat([]byte{9}, g.Exp)
		a, ok1 := g.Shared(g.Public(x), y)
		b, ok2 := g.Shared(g.Public(y), x)
		if !ok1 || !ok2 || !bytes.Equal(a, b) {
			t.Errorf("group %d: the two sides differ", n)
		}
		one := make([]byte, g.Len)
		one[g.Len-1] = 1
		if _, ok := g.Shared(one, x); ok {
			t.Errorf("group %d takes 1 for a public value", n)
		}
	}
}

// Group 24 has a subgroup of prime order, RFC 5114 section 2.3.
func TestGroup24(t *testing.T) {
	g := Find(24)
	q := number("8CF83642 A709A097 B4479976 40129DA2 99B1A47D 1EB3750B A308B0FE 64F5FBD3")
	one := big.NewInt(1)
	if !g.p.ProbablyPrime(20) || !q.ProbablyPrime(20) || g.p.BitLen() != 2048 {
		t.Error("p and q are not primes of the right length")
	}
	if new(big.Int).Exp(g.g, q, g.p).Cmp(one) != 0 || g.g.Cmp(one) == 0 {
		t.Error("the order of the generator is not q")
	}
}

func BenchmarkGroup1(b *testing.B) {
	g := Find(1)
	x := bytes.Repeat([]byte{0xa5}, g.Exp)
	for b.Loop() {
		g.Public(x)
	}
}
