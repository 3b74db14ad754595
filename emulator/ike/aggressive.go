package ike

import (
	"cwlab/emulator/isakmp"
)

// aggressiveMode is RFC 2409 section 5.4 with a pre-shared key, and with the
// NAT-D payloads of RFC 3947 section 3.2. The last message may come in clear.
// The first two messages say which method it is: with signatures there is a
// SIG in place of the HASH, and certificates and requests for them.
var aggressiveMode = []step[*SA]{
	// HDR, SA, KE, Ni, IDii --> HDR, SA, KE, Nr, IDir, HASH_R, NAT-D, NAT-D
	{Init, false, false, isakmp.TypeSA, types(isakmp.TypeSA, isakmp.TypeKE, isakmp.TypeNonce, isakmp.TypeID), types(isakmp.TypeCertReq, isakmp.TypeVendorID), Sent2, retransmit, (*SA).gotAggressiveOffer},
	// HDR, SA, KE, Nr, IDir, HASH_R, NAT-D, NAT-D --> HDR*, HASH_I, NAT-D, NAT-D
	{Sent1, true, false, isakmp.TypeSA, types(isakmp.TypeSA, isakmp.TypeKE, isakmp.TypeNonce, isakmp.TypeID), types(isakmp.TypeHash, isakmp.TypeCert, isakmp.TypeCertReq, isakmp.TypeSig, isakmp.TypeNATD, isakmp.TypeVendorID), Established, none, (*SA).gotAggressiveAnswer},
	// HDR*, HASH_I, NAT-D, NAT-D -->
	{Sent2, false, true, isakmp.TypeNone, types(isakmp.TypeHash), types(isakmp.TypeNATD, isakmp.TypeNotify, isakmp.TypeVendorID), Established, none, (*SA).gotAggressiveProof},
}

// table is the exchange of phase 1.
func (s *SA) table() []step[*SA] {
	aggressive, early := s.Exchange == isakmp.ExchangeAggressive, s.State == Init || s.State == Sent1
	switch {
	case aggressive && s.signs() && !early:
		return aggressiveSignatures
	case aggressive:
		return aggressiveMode
	case s.signs() && !early:
		return mainModeSignatures
	}
	return mainMode
}

// sendAggressive is the first message of aggressive mode. There is one
// Diffie-Hellman group to choose from, that of the proposal preferred.
func (s *SA) sendAggressive(sa *isakmp.SA) *failure {
	s.Proposal = s.offered[0]
	s.generate()
	s.gxi, s.ni = s.engine.public(s.Proposal.Group, s.secret), s.nonce()
	ps := []isakmp.Payload{s.built(sa, 1),
		s.built(&isakmp.KeyExchange{Data: s.gxi}, 1),
		s.built(&isakmp.Nonce{Data: s.ni}, 1)}
	id, f := s.localID()
	if f != nil {
		return f
	}
	ps = append(ps, id)
	if s.signs() {
		ps = append(ps, s.certRequests()...)
	}
	for _, v := range vendorsNATT {
		ps = append(ps, s.vendor(v))
	}
	s.send(nil, false, append(ps, s.vendor(vendorDPD))...)
	return nil
}

// sameGroup is the proposals of the first one's group and method of
// authentication, which the identity depends on.
func sameGroup(ps []Proposal) []Proposal {
	var same []Proposal
	for _, p := range ps {
		if p.Group == ps[0].Group && p.Auth == ps[0].Auth {
			same = append(same, p)
		}
	}
	return same
}

// gotAggressiveOffer is message 1: the responder chooses, and proves who it
// is.
func (s *SA) gotAggressiveOffer(in *inbound) *failure {
	reply, natt, f := s.accept(in)
	if f != nil {
		return f
	}
	public, nonce, f := s.takeKE(in)
	if f != nil {
		return f
	}
	if f := s.takeID(in); f != nil {
		return f
	}
	s.takeRequests(in)
	if !s.signs() && !s.findKey() {
		return &failure{cause: CauseNoKey, notify: isakmp.AuthenticationFailed}
	}
	s.gxi, s.ni = public, nonce
	s.generate()
	s.gxr, s.nr = s.engine.public(s.Proposal.Group, s.secret), s.nonce()
	ps := []isakmp.Payload{s.built(reply, 1),
		s.built(&isakmp.KeyExchange{Data: s.gxr}, 1),
		s.built(&isakmp.Nonce{Data: s.nr}, 1)}
	if f := s.material(s.gxi); f != nil {
		return f
	}
	proof, f := s.authMessage()
	if f != nil {
		return f
	}
	if s.signs() {
		ps = append(ps, s.certRequests()...)
	}
	ps = append(ps, proof...)
	if natt {
		ps = append(append(ps, s.vendor(vendorRFC3947)), s.natPayloads()...)
	}
	s.send(in, false, append(ps, s.vendor(vendorDPD))...)
	return nil
}

// gotAggressiveAnswer is message 2: the initiator checks the choice and the
// proof, and gives its own.
func (s *SA) gotAggressiveAnswer(in *inbound) *failure {
	if f := s.takeChoice(in); f != nil {
		return f
	}
	public, nonce, f := s.takeKE(in)
	if f != nil {
		return f
	}
	if f := s.takeCerts(in); f != nil {
		return f
	}
	if f := s.takeID(in); f != nil {
		return f
	}
	s.takeRequests(in)
	s.gxr, s.nr = public, nonce
	if f := s.material(s.gxr); f != nil {
		return f
	}
	if f := s.takeProof(in); f != nil {
		return f
	}
	s.natDetect(in)
	s.float()
	ps, f := s.proof(s.LocalID)
	if f != nil {
		return f
	}
	if _, _, ok := isakmp.Find[*isakmp.NATD](in.items); ok {
		ps = append(ps, s.natPayloads()...)
	}
	if s.engine.usable(s.Local.Addr(), s.Remote.Addr()) == nil {
		ps = append(ps, s.contact())
	}
	s.send(in, true, ps...)
	return nil
}

// gotAggressiveProof is message 3.
func (s *SA) gotAggressiveProof(in *inbound) *failure {
	if f := s.takeCerts(in); f != nil {
		return f
	}
	if f := s.takeProof(in); f != nil {
		return f
	}
	s.natDetect(in)
	s.follow(in)
	s.takeContact(in)
	return nil
}
