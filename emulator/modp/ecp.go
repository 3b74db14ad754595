package modp

import (
	"crypto/ecdh"
	"crypto/elliptic"
	"math/big"
)

// A curve is a group of RFC 5903: public values are both coordinates of a
// point, a shared secret is the first one (sections 7 and 9).
type curve struct {
	ecdh.Curve
	order *big.Int
}

var (
	p256 = &curve{ecdh.P256(), elliptic.P256().Params().N}
	p384 = &curve{ecdh.P384(), elliptic.P384().Params().N}
)

// OnCurve says whether a group is one of points on a curve.
func OnCurve(number int) bool { g := groups[number]; return g != nil && g.curve != nil }

// uncompressed is in front of the two coordinates of a point (SEC 1 section
// 2.3.3), which IKE leaves out.
const uncompressed = 4

// private is the private value that x stands for: 1 to the order of the curve
// less 1.
func (c *curve) private(x []byte) *ecdh.PrivateKey {
	less := new(big.Int).Sub(c.order, big.NewInt(1))
	n := new(big.Int).SetBytes(x)
	n.Mod(n.Sub(n, big.NewInt(1)), less).Add(n, big.NewInt(1))
	k, err := c.NewPrivateKey(n.FillBytes(make([]byte, (c.order.BitLen()+7)/8)))
	if err != nil {
		panic(err) // it is in range
	}
	return k
}

func (c *curve) public(x []byte) []byte { return c.private(x).PublicKey().Bytes()[1:] }

func (c *curve) shared(y, x []byte) (gxy []byte, ok bool) {
	k, err := c.NewPublicKey(append([]byte{uncompressed}, y...))
	if err != nil {
		return nil, false
	}
	gxy, err = c.private(x).ECDH(k)
	return gxy, err == nil
}
