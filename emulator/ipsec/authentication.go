package ipsec

import (
	"crypto/md5"  //nolint:gosec // RFC 2403
	"crypto/sha1" //nolint:gosec // RFC 2404
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
)

// Authentication is an authentication algorithm of RFC 2407 section 4.5 and of
// the registry that it opened; zero means none.
type Authentication uint16

const (
	HMACMD5    Authentication = 1
	HMACSHA1   Authentication = 2
	HMACSHA256 Authentication = 5
	HMACSHA384 Authentication = 6
	HMACSHA512 Authentication = 7
)

// A macKind is what an authentication algorithm is made of.
type macKind struct {
	name     string
	hash     func() hash.Hash // nil for an algorithm that is not supported
	key, icv int              // bytes
	ah       uint8            // transform identifier
}

// macs are the algorithms: RFC 2403, RFC 2404, and RFC 4868 section 2, whose
// authenticators are half as long as their keys.
var macs = [...]macKind{
	HMACMD5:    {"HMAC-MD5", md5.New, 16, 12, 2},
	HMACSHA1:   {"HMAC-SHA", sha1.New, 20, 12, 3},
	HMACSHA256: {"HMAC-SHA2-256", sha256.New, 32, 16, 5},
	HMACSHA384: {"HMAC-SHA2-384", sha512.New384, 48, 24, 6},
	HMACSHA512: {"HMAC-SHA2-512", sha512.New, 64, 32, 7},
}

// kind is the zero value for what is not known.
func (a Authentication) kind() macKind {
	if int(a) < len(macs) {
		return macs[a]
	}
	return macKind{}
}

func (a Authentication) String() string {
	if k := a.kind(); k.hash != nil {
		return k.name
	}
	return fmt.Sprintf("Authentication(%d)", uint16(a))
}

// KeyLen is the length of the key and ICVLen that of the truncated
// authenticator, both in bytes.
func (a Authentication) KeyLen() int { return a.kind().key }
func (a Authentication) ICVLen() int { return a.kind().icv }

// AHTransform is the transform identifier of AH with the algorithm, RFC 2407
// section 4.4.3, 0 for none.
func (a Authentication) AHTransform() uint8 { return a.kind().ah }
