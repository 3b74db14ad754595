// Package pki is the certificates of one device: PKI domains with their
// authorities, own certificates and revocation lists, the verification of a
// certificate along its chain (RFC 5280 section 6.1), what identities a
// certificate vouches for, and policies that permit or deny certificates by
// their names. It knows no product, command or file.
//
// Limitations: RSA only; name constraints and certificate policies are not
// checked, and a certificate with a critical extension that the standard
// library does not know is refused; MD5 and MD2 signatures are refused, SHA-1
// is not; lists are complete ones, no deltas and no indirect ones.
package pki

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"
)

// A Usage is what a key pair of a domain is for.
type Usage int

const (
	General    Usage = iota // signatures and encryption
	Signature               //
	Encryption              //
)

func (u Usage) String() string { return [...]string{"general", "signature", "encryption"}[u] }

// A Local is a certificate of the device. Key is its private key, nil where
// Store.Key has to be asked or there is none.
type Local struct {
	Usage Usage
	Cert  *x509.Certificate
	Key   *rsa.PrivateKey
}

// A Domain is a set of certificates that belong to one authority.
type Domain struct {
	Name     string
	CAs      []*x509.Certificate // root and intermediate authorities
	Locals   []Local
	Peers    []*x509.Certificate
	CRLs     []*x509.RevocationList
	CheckCRL bool
}

// A Store is the domains and policies of a device.
type Store struct {
	Domains  []*Domain // in the order of the configuration
	Groups   []*Group
	Policies []*Policy
	Now      func() time.Time // UTC by the device's clock
	// Key, if set, finds the private key of a certificate that has none beside
	// it; nil for none.
	Key func(*Domain, Local) *rsa.PrivateKey
}

// Domain finds a domain by name, in any case.
func (s *Store) Domain(name string) *Domain {
	for _, d := range s.Domains {
		if strings.EqualFold(d.Name, name) {
			return d
		}
	}
	return nil
}

// Select is the domains of those names that exist; all for no name. A nil
// store has none.
func (s *Store) Select(names []string) []*Domain {
	if s == nil {
		return nil
	}
	if len(names) == 0 {
		return s.Domains
	}
	var ds []*Domain
	for _, n := range names {
		if d := s.Domain(n); d != nil {
			ds = append(ds, d)
		}
	}
	return ds
}

// Authorities are the DER subjects of the authorities of domains, each once.
func (s *Store) Authorities(domains []string) [][]byte {
	var all [][]byte
	for _, d := range s.Select(domains) {
		for _, ca := range d.CAs {
			if !slices.ContainsFunc(all, func(b []byte) bool { return bytes.Equal(b, ca.RawSubject) }) {
				all = append(all, ca.RawSubject)
			}
		}
	}
	return all
}

// ErrNoLocal is a search for a certificate to sign with that found none.
var ErrNoLocal = errors.New("pki: no local certificate with its private key")

// ErrNotAsked is a search that found certificates, but none under an authority
// that was asked for.
var ErrNotAsked = errors.New("pki: no local certificate of a requested authority")

// Signer is a local certificate of the domains that can sign, with the
// intermediate authorities above it. With issuers it has to be under one of
// them; an empty issuer is any.
func (s *Store) Signer(domains []string, issuers [][]byte) (l Local, above []*x509.Certificate, err error) {
	err = ErrNoLocal
	for _, d := range s.Select(domains) {
		for _, l := range d.Locals {
			if l.Key == nil && s.Key != nil {
				l.Key = s.Key(d, l)
			}
			if l.Usage == Encryption || l.Key == nil {
				continue
			}
			above := d.above(l.Cert)
			if asked(l.Cert, above, issuers) {
				return l, slices.DeleteFunc(above, selfIssued), nil
			}
			err = ErrNotAsked
		}
	}
	return Local{}, nil, err
}

// asked says whether one of the issuers stands in a chain.
func asked(c *x509.Certificate, above []*x509.Certificate, issuers [][]byte) bool {
	if len(issuers) == 0 {
		return true
	}
	for _, i := range issuers {
		if len(i) == 0 || bytes.Equal(i, c.RawIssuer) || slices.ContainsFunc(above, func(a *x509.Certificate) bool { return bytes.Equal(i, a.RawIssuer) }) {
			return true
		}
	}
	return false
}

// above is the authorities over a certificate as far as the domain has them,
// the root last.
func (d *Domain) above(c *x509.Certificate) []*x509.Certificate {
	var chain []*x509.Certificate
	for len(chain) < maxChain && !selfIssued(c) {
		i := issuerOf(c, d.CAs)
		if i == nil {
			break
		}
		chain = append(chain, i)
		c = i
	}
	return chain
}

// Sign is the private key operation of RFC 2409 section 5.1: PKCS #1 padding
// over the hash alone, without the identifier of its algorithm.
func Sign(k *rsa.PrivateKey, hash []byte) ([]byte, error) {
	return rsa.SignPKCS1v15(nil, k, crypto.Hash(0), hash)
}

// VerifySignature is the reverse of Sign with the key of a certificate.
func VerifySignature(c *x509.Certificate, hash, sig []byte) error {
	k, ok := c.PublicKey.(*rsa.PublicKey)
	if !ok {
		return errors.New("pki: the certificate has no RSA key")
	}
	return rsa.VerifyPKCS1v15(k, crypto.Hash(0), hash, sig)
}
