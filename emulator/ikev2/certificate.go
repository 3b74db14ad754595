package ikev2

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"slices"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/pki"
)

// certRequest asks for certificates of the authorities that are trusted here,
// by the hashes of their keys (RFC 7296 section 3.7); nil where there is none.
func (c *Config) certRequest(domains []string) []wire.Payload {
	var hashes []byte
	for _, d := range c.PKI.Select(domains) {
		for _, ca := range d.CAs {
			if h := sha1.Sum(ca.RawSubjectPublicKeyInfo); !bytes.Contains(hashes, h[:]) {
				hashes = append(hashes, h[:]...)
			}
		}
	}
	if hashes == nil {
		return nil
	}
	return []wire.Payload{&wire.CertificateRequest{Encoding: wire.X509Signature, Authorities: hashes}}
}

// signs says that a profile proves the device by an RSA signature, and
// verifies that it takes such a proof.
func (p *Profile) signs() bool    { return p.LocalAuth == wire.RSASignature }
func (p *Profile) verifies() bool { return slices.Contains(p.RemoteAuth, wire.RSASignature) }

// takeRequests notes the names of our authorities that the peer asks for. What
// it asks for is a hint: without one that is ours any certificate will do.
func (s *SA) takeRequests(ps []wire.Payload) {
	for _, p := range ps {
		r, ok := p.(*wire.CertificateRequest)
		if !ok || r.Encoding != wire.X509Signature {
			continue
		}
		for _, d := range s.engine.Config.PKI.Select(nil) {
			for _, ca := range d.CAs {
				h := sha1.Sum(ca.RawSubjectPublicKeyInfo)
				if slices.ContainsFunc(slices.Collect(slices.Chunk(r.Authorities, sha1.Size)), func(b []byte) bool { return bytes.Equal(b, h[:]) }) {
					s.issuers = append(s.issuers, ca.RawSubject)
				}
			}
		}
	}
}

// signer is the certificate that we sign with.
func (s *SA) signer() (pki.Local, []*x509.Certificate, error) {
	l, above, err := s.engine.Config.PKI.Signer(s.profile.SignDomains, s.issuers)
	if err == pki.ErrNotAsked {
		return s.engine.Config.PKI.Signer(s.profile.SignDomains, nil)
	}
	return l, above, err
}

// prove is what proves our identity: AUTH, and the certificates for it.
func (s *SA) prove() ([]wire.Payload, error) {
	s.LocalAuth = s.profile.LocalAuth
	if !s.profile.signs() {
		return []wire.Payload{&wire.Authentication{Method: wire.SharedKey, Data: s.auth(s.Initiator, s.peer.Local.Key, s.LocalID)}}, nil
	}
	l, above, err := s.signer()
	if err != nil {
		return nil, err
	}
	var ps []wire.Payload
	for _, c := range append([]*x509.Certificate{l.Cert}, above...) {
		ps = append(ps, &wire.Certificate{Encoding: wire.X509Signature, Data: c.Raw})
	}
	h := sha1.Sum(s.octets(s.Initiator, s.LocalID))
	sig, err := rsa.SignPKCS1v15(nil, l.Key, crypto.SHA1, h[:])
	return append(ps, &wire.Authentication{Method: wire.RSASignature, Data: sig}), err
}

// octets are what is signed, RFC 7296 section 2.15.
func (s *SA) octets(initiator bool, id *wire.ID) []byte {
	body, _ := id.AppendBinary(nil) // never fails
	message, nonce, key := s.theirs, s.ni, s.keys.pr
	if initiator == s.Initiator {
		message = s.first
	}
	if initiator {
		nonce, key = s.nr, s.keys.pi
	}
	return slices.Concat(message, nonce, s.Suite.prf(key, body))
}

// certificates are those of a message, the peer's own first; what cannot be
// read is left out.
func certificates(ps []wire.Payload) []*x509.Certificate {
	var all []*x509.Certificate
	for _, p := range ps {
		if c, ok := p.(*wire.Certificate); ok && c.Encoding == wire.X509Signature {
			if x, err := x509.ParseCertificate(c.Data); err == nil {
				all = append(all, x)
			}
		}
	}
	return all
}

// signed says whether an RSA signature proves the peer's identity.
func (s *SA) signed(ps []wire.Payload, sig []byte) bool {
	certs := certificates(ps)
	if len(certs) == 0 {
		return false
	}
	c := certs[0]
	k, ok := c.PublicKey.(*rsa.PublicKey)
	if !ok || !pki.VouchesFor(c, pki.IDKind(s.RemoteID.Kind), s.RemoteID.Data) {
		return false
	}
	if err := s.engine.Config.PKI.Trusts(s.profile.VerifyDomains, c, certs[1:]); err != nil {
		s.engine.event(Event{Kind: Distrusted, SA: s, Err: err})
		return false
	}
	h := sha1.Sum(s.octets(!s.Initiator, s.RemoteID))
	return rsa.VerifyPKCS1v15(k, crypto.SHA1, h[:], sig) == nil
}
