package ike

import (
	"crypto/x509"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/pki"
)

// mainModeSignatures is RFC 2409 section 5.1 from the third message on.
var mainModeSignatures = []step[*SA]{
	// HDR, KE, Ni, CERTREQ, NAT-D, NAT-D --> HDR, KE, Nr, CERTREQ, NAT-D, NAT-D
	{Sent2, false, false, isakmp.TypeNone, types(isakmp.TypeKE, isakmp.TypeNonce), types(isakmp.TypeCertReq, isakmp.TypeNATD, isakmp.TypeVendorID), Sent4, expire, (*SA).gotInitiatorKE},
	// HDR, KE, Nr, CERTREQ, NAT-D, NAT-D --> HDR*, IDii, CERT, SIG_I
	{Sent3, true, false, isakmp.TypeNone, types(isakmp.TypeKE, isakmp.TypeNonce), types(isakmp.TypeCertReq, isakmp.TypeNATD, isakmp.TypeVendorID), Sent5, retransmit, (*SA).gotResponderKE},
	// HDR*, IDii, CERT, SIG_I --> HDR*, IDir, CERT, SIG_R
	{Sent4, false, true, isakmp.TypeNone, types(isakmp.TypeID, isakmp.TypeSig), types(isakmp.TypeCert, isakmp.TypeCertReq, isakmp.TypeNotify, isakmp.TypeVendorID), Established, none, (*SA).gotInitiatorAuth},
	// HDR*, IDir, CERT, SIG_R -->
	{Sent5, true, true, isakmp.TypeNone, types(isakmp.TypeID, isakmp.TypeSig), types(isakmp.TypeCert, isakmp.TypeNotify, isakmp.TypeVendorID), Established, none, (*SA).gotResponderAuth},
}

// aggressiveSignatures is RFC 2409 section 5.1 from the third message on.
var aggressiveSignatures = []step[*SA]{
	// HDR*, CERT, SIG_I, NAT-D, NAT-D -->
	{Sent2, false, true, isakmp.TypeNone, types(isakmp.TypeSig), types(isakmp.TypeCert, isakmp.TypeNATD, isakmp.TypeNotify, isakmp.TypeVendorID), Established, none, (*SA).gotAggressiveProof},
}

// signs says that signatures prove who the two are.
func (s *SA) signs() bool { return s.Proposal.Auth == isakmp.RSASignatures }

// domains are those of the profile, or of the one that the peer's address
// points to; none stands for all.
func (s *SA) domains() []string {
	p := s.profile
	if p == nil {
		p = s.engine.Config.matchAddr(s.Local.Addr(), s.Remote.Addr())
	}
	if p == nil {
		return nil
	}
	return p.Domains
}

// noCertificate ends a negotiation for want of a certificate.
var noCertificate = &failure{cause: CauseNoCertificate, notify: isakmp.CertificateUnavailable}

// certRequests ask for a certificate of each authority that is trusted here.
func (s *SA) certRequests() []isakmp.Payload {
	var ps []isakmp.Payload
	for _, name := range s.engine.Config.PKI.Authorities(s.domains()) {
		s.emit(Event{Kind: CertRequestAdded, Name: pki.Name(name, ", ")})
		ps = append(ps, s.built(&isakmp.CertificateRequest{Encoding: isakmp.CertX509Signature, Authority: name}, 1))
	}
	if ps == nil {
		s.emit(Event{Kind: CertRequestFailed})
	}
	return ps
}

// takeRequests notes which authorities the peer asks for.
func (s *SA) takeRequests(in *inbound) {
	for _, it := range in.items {
		r, ok := it.Payload.(*isakmp.CertificateRequest)
		if !ok {
			continue
		}
		s.processed(isakmp.TypeCertReq, 1)
		if r.Encoding != isakmp.CertX509Signature {
			s.emit(Event{Kind: CertRequestIgnored, Number: uint64(r.Encoding)})
			continue
		}
		s.emit(Event{Kind: CertRequested, Name: pki.Name(r.Authority, ", "), Data: r.Authority})
		s.issuers = append(s.issuers, r.Authority)
	}
}

// signer is the certificate that we sign with.
func (s *SA) signer() (pki.Local, []*x509.Certificate, *failure) {
	l, above, err := s.engine.Config.PKI.Signer(s.domains(), s.issuers)
	if err != nil {
		s.emit(Event{Kind: CertMissing, Err: err})
		return l, nil, noCertificate
	}
	return l, above, nil
}

// certificateID is our identity where it depends on our certificate: its
// subject, or in place of an address that it does not have, the system's name.
func (s *SA) certificateID(id *isakmp.ID) (*isakmp.ID, *failure) {
	c := &s.engine.Config
	want := id.Kind == isakmp.IDDN || c.SignatureIdentity
	switch {
	case id.Kind == isakmp.IDDN && !s.signs():
		s.emit(Event{Kind: NameMissing})
		return nil, noCertificate
	case !s.signs(), !want && id.Kind != isakmp.IDIPv4Addr:
		return id, nil
	}
	l, _, err := c.PKI.Signer(s.domains(), s.issuers)
	switch {
	case err != nil && want:
		s.emit(Event{Kind: NameMissing})
		return nil, noCertificate
	case want:
		return &isakmp.ID{Kind: isakmp.IDDN, Protocol: id.Protocol, Port: id.Port, Data: l.Cert.RawSubject}, nil
	case err == nil && !pki.VouchesFor(l.Cert, pki.IDAddress, id.Data) && c.Hostname != nil:
		return &isakmp.ID{Kind: isakmp.IDFQDN, Protocol: id.Protocol, Port: id.Port, Data: []byte(c.Hostname())}, nil
	}
	return id, nil
}

// signature is our certificate, those above it, and our hash signed.
func (s *SA) signature(id isakmp.Payload) ([]isakmp.Payload, *failure) {
	l, above, f := s.signer()
	if f != nil {
		return nil, f
	}
	var ps []isakmp.Payload
	for _, c := range append([]*x509.Certificate{l.Cert}, above...) {
		ps = append(ps, s.built(&isakmp.Certificate{Encoding: isakmp.CertX509Signature, Data: c.Raw}, 1))
	}
	h := s.hashOf(s.Initiator, body(id))
	s.emit(Event{Kind: HashComputed, Data: h})
	sig, err := pki.Sign(l.Key, h)
	if err != nil {
		s.emit(Event{Kind: CertMissing, Err: err})
		return nil, noCertificate
	}
	s.emit(Event{Kind: AuthSigned})
	return append(ps, &isakmp.SignatureData{Data: sig}), nil
}

// takeCerts reads the peer's certificates: the first is its own.
func (s *SA) takeCerts(in *inbound) *failure {
	s.certs = nil
	for _, it := range in.items {
		p, ok := it.Payload.(*isakmp.Certificate)
		if !ok {
			continue
		}
		s.processed(isakmp.TypeCert, 1)
		if p.Encoding != isakmp.CertX509Signature {
			if s.certs == nil {
				return &failure{cause: CauseCertificate, notify: isakmp.CertTypeUnsupported}
			}
			continue
		}
		c, err := x509.ParseCertificate(p.Data)
		if err != nil {
			return &failure{cause: CauseCertificate, notify: isakmp.InvalidCertEncoding, err: err}
		}
		s.certs = append(s.certs, c)
	}
	return nil
}

// certificate is the peer's certificate, nil for none: what it sent, or one
// that is here and vouches for its identity.
func (s *SA) certificate() *x509.Certificate {
	if len(s.certs) > 0 {
		return s.certs[0]
	}
	if s.RemoteID == nil || s.engine.Config.PKI == nil {
		return nil
	}
	for _, d := range s.engine.Config.PKI.Select(s.domains()) {
		for _, c := range d.Peers {
			if pki.VouchesFor(c, pki.IDKind(s.RemoteID.Kind), s.RemoteID.Data) {
				return c
			}
		}
	}
	return nil
}

// takeSignature checks the peer's certificate, that it is of the peer's
// identity, and the signature made with it.
func (s *SA) takeSignature(in *inbound) *failure {
	sig, _, ok := isakmp.Find[*isakmp.SignatureData](in.items)
	if !ok {
		s.emit(Event{Kind: SignatureMissing})
		return &failure{cause: CauseMalformed, notify: isakmp.PayloadMalformed}
	}
	c := s.certificate()
	if c == nil {
		s.emit(Event{Kind: PeerCertMissing})
		return noCertificate
	}
	if err := s.engine.Config.PKI.Trusts(s.domains(), c, s.certs[min(1, len(s.certs)):]); err != nil {
		s.emit(Event{Kind: PeerCertBad, Err: err})
		return &failure{cause: CauseCertificate, notify: refusal(err), err: err}
	}
	if !pki.VouchesFor(c, pki.IDKind(s.RemoteID.Kind), s.RemoteID.Data) {
		s.emit(Event{Kind: PeerIDInvalid, ID: s.RemoteID})
		return &failure{cause: CauseIdentity, notify: isakmp.InvalidIDInformation}
	}
	s.emit(Event{Kind: SignatureVerifying})
	want := s.hashOf(!s.Initiator, s.peerID)
	s.emit(Event{Kind: HashComputed, Data: want, Received: true})
	if err := pki.VerifySignature(c, want, sig.Data); err != nil {
		s.emit(Event{Kind: SignatureBad, Err: err})
		return &failure{cause: CauseBadHash, notify: isakmp.InvalidSignature, err: err}
	}
	s.emit(Event{Kind: SignatureGood})
	return nil
}

// refusal is the notification for a certificate that is not trusted.
func refusal(err error) isakmp.NotifyType {
	if e, ok := err.(*pki.Error); ok {
		switch e.Reason {
		case pki.NoIssuer, pki.SelfSigned, pki.SelfSignedInChain:
			return isakmp.InvalidCertAuthority
		default:
		}
	}
	return isakmp.InvalidCertificate
}
