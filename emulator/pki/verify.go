package pki

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// A Reason is why a certificate is not trusted, with the texts that OpenSSL's
// X509_verify_cert_error_string has for them.
type Reason int

const (
	_ Reason = iota
	NoIssuer
	NoCRL
	BadSignature
	BadCRLSignature
	NotYetValid
	CRLNotYetValid
	HasExpired
	CRLHasExpired
	SelfSigned
	SelfSignedInChain
	ChainTooLong
	Revoked
	InvalidCA
	PathLength
	NoCertSign
	NoCRLSign
	NoDigitalSignature
	UnhandledCritical
)

var reasons = map[Reason]string{
	NoIssuer: "unable to get local issuer certificate", NoCRL: "unable to get certificate CRL",
	BadSignature: "certificate signature failure", BadCRLSignature: "CRL signature failure",
	NotYetValid: "certificate is not yet valid", CRLNotYetValid: "CRL is not yet valid",
	HasExpired: "certificate has expired", CRLHasExpired: "CRL has expired",
	SelfSigned: "self signed certificate", SelfSignedInChain: "self signed certificate in certificate chain",
	ChainTooLong: "certificate chain too long", Revoked: "certificate revoked",
	InvalidCA: "invalid CA certificate", PathLength: "path length constraint exceeded",
	NoCertSign: "key usage does not include certificate signing", NoCRLSign: "key usage does not include CRL signing",
	NoDigitalSignature: "key usage does not include digital signature", UnhandledCritical: "unhandled critical extension",
}

func (r Reason) String() string {
	if s, ok := reasons[r]; ok {
		return s
	}
	return fmt.Sprintf("Reason(%d)", int(r))
}

// An Error is a certificate that failed, and why.
type Error struct {
	Reason Reason
	Cert   *x509.Certificate // the one of the chain
}

func (e *Error) Error() string { return e.Reason.String() }

// maxChain is how many authorities may stand above a certificate.
const maxChain = 9

func selfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }

// issuerOf is the certificate that has the name of c's issuer, one with the
// key that c names or signed c with before others.
func issuerOf(c *x509.Certificate, from []*x509.Certificate) *x509.Certificate {
	var found *x509.Certificate
	for _, i := range from {
		if !bytes.Equal(i.RawSubject, c.RawIssuer) {
			continue
		}
		if i.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil {
			return i
		}
		if found == nil {
			found = i
		}
	}
	return found
}

// Verify follows a certificate up to a root of the domain, through the
// domain's authorities and the others that came with it, at a time. It fails
// with an *Error.
func (d *Domain) Verify(c *x509.Certificate, others []*x509.Certificate, now time.Time) error {
	return d.verify(c, others, now, false)
}

// VerifyCA is Verify for an authority.
func (d *Domain) VerifyCA(c *x509.Certificate, now time.Time) error {
	return d.verify(c, nil, now, true)
}

func (d *Domain) verify(leaf *x509.Certificate, others []*x509.Certificate, now time.Time, ca bool) error {
	chain := []*x509.Certificate{leaf}
	for c := leaf; !selfIssued(c); {
		i := issuerOf(c, d.CAs)
		if i == nil {
			i = issuerOf(c, others)
		}
		switch {
		case i == nil:
			return &Error{NoIssuer, c}
		case len(chain) > maxChain:
			return &Error{ChainTooLong, c}
		}
		chain = append(chain, i)
		c = i
	}
	root := chain[len(chain)-1]
	switch trusted := slices.ContainsFunc(d.CAs, root.Equal); {
	case trusted:
	case len(chain) == 1:
		return &Error{SelfSigned, root}
	default:
		return &Error{SelfSignedInChain, root}
	}
	for n, c := range chain {
		if len(c.UnhandledCriticalExtensions) > 0 {
			return &Error{UnhandledCritical, c}
		}
		if n > 0 || ca {
			if r := authority(c, n); r != 0 {
				return &Error{r, c}
			}
		} else if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageDigitalSignature == 0 && c.KeyUsage&x509.KeyUsageContentCommitment == 0 {
			return &Error{NoDigitalSignature, c}
		}
	}
	for n := len(chain) - 1; n >= 0; n-- {
		c, issuer := chain[n], chain[min(n+1, len(chain)-1)]
		switch {
		case issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil:
			return &Error{BadSignature, c}
		case now.Before(c.NotBefore):
			return &Error{NotYetValid, c}
		case now.After(c.NotAfter):
			return &Error{HasExpired, c}
		}
		if d.CheckCRL && n < len(chain)-1 {
			if r := d.revocation(c, issuer, now); r != 0 {
				return &Error{r, c}
			}
		}
	}
	return nil
}

// authority says what keeps a certificate from being an authority over a chain
// with below certificates under it; 0 for nothing. A version 1 certificate has
// no word of it.
func authority(c *x509.Certificate, below int) Reason {
	switch {
	case c.Version >= 3 && !(c.BasicConstraintsValid && c.IsCA):
		return InvalidCA
	case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return NoCertSign
	case (c.MaxPathLen > 0 || c.MaxPathLenZero) && below-1 > c.MaxPathLen:
		return PathLength
	}
	return 0
}

// revocation checks a certificate against the newest list of its issuer, RFC
// 5280 section 6.3; 0 for a good one.
func (d *Domain) revocation(c, issuer *x509.Certificate, now time.Time) Reason {
	var list *x509.RevocationList
	for _, l := range d.CRLs {
		if bytes.Equal(l.RawIssuer, c.RawIssuer) && (list == nil || l.ThisUpdate.After(list.ThisUpdate)) {
			list = l
		}
	}
	switch {
	case list == nil:
		return NoCRL
	case issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCRLSign == 0:
		return NoCRLSign
	case issuer.CheckSignature(list.SignatureAlgorithm, list.RawTBSRevocationList, list.Signature) != nil:
		return BadCRLSignature
	case now.Before(list.ThisUpdate):
		return CRLNotYetValid
	case !list.NextUpdate.IsZero() && now.After(list.NextUpdate):
		return CRLHasExpired
	}
	for _, e := range list.RevokedCertificateEntries {
		if e.SerialNumber.Cmp(c.SerialNumber) == 0 {
			return Revoked
		}
	}
	return 0
}

// Trusts verifies the certificate of a peer with the domains of those names,
// all for none: the first that trusts it decides, and the failure in the
// domain that went furthest is returned where none does.
func (s *Store) Trusts(domains []string, c *x509.Certificate, others []*x509.Certificate) error {
	var failed error = &Error{NoIssuer, c}
	for _, d := range s.Select(domains) {
		err := d.Verify(c, others, s.Now())
		if err == nil {
			return nil
		}
		if e, ok := err.(*Error); ok && e.Reason != NoIssuer && e.Reason != SelfSignedInChain {
			failed = err
		} else if f, ok := failed.(*Error); ok && f.Reason == NoIssuer {
			failed = err
		}
	}
	return failed
}
