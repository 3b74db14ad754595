package ike

import (
	"cwlab/emulator/isakmp"
)

// aggressiveMode is RFC 2409 section 5.4 with a pre-shared key, and with the
// NAT-D payloads of RFC 3947 section 3.2. The last message may come in clear.
var aggressiveMode = []step[*SA]{
	// HDR, SA, KE, Ni, IDii --> HDR, SA, KE, Nr, IDir, HASH_R, NAT-D, NAT-D
	{Init, false, false, isakmp.TypeSA, types(isakmp.TypeSA, isakmp.TypeKE, isakmp.TypeNonce, isakmp.TypeID), types(isakmp.TypeVendorID), Sent2, retransmit, (*SA).gotAggressiveOffer},
	// HDR, SA, KE, Nr, IDir, HASH_R, NAT-D, NAT-D --> HDR*, HASH_I, NAT-D, NAT-D
	{Sent1, true, false, isakmp.TypeSA, types(isakmp.TypeSA, isakmp.TypeKE, isakmp.TypeNonce, isakmp.TypeID, isakmp.TypeHash), types(isakmp.TypeNATD, isakmp.TypeVendorID), Established, none, (*SA).gotAggressiveAnswer},
	// HDR*, HASH_I, NAT-D, NAT-D -->
	{Sent2, false, true, isakmp.TypeNone, types(isakmp.TypeHash), types(isakmp.TypeNATD, isakmp.TypeNotify, isakmp.TypeVendorID), Established, none, (*SA).gotAggressiveProof},
}

// table is the exchange of phase 1.
func (s *SA) table() []step[*SA] {
	if s.Exchange == isakmp.ExchangeAggressive {
		return aggressiveMode
	}
	return mainMode
}

// sendAggressive is the first message of aggressive mode. There is one
// Diffie-Hellman group to choose from, that of the proposal preferred.
func (s *SA) sendAggressive(sa *isakmp.SA) {
	s.Proposal = s.offered[0]
	s.generate()
	s.gxi, s.ni = s.engine.public(s.Proposal.Group, s.secret), s.nonce()
	ps := []isakmp.Payload{s.built(sa, 1),
		s.built(&isakmp.KeyExchange{Data: s.gxi}, 1),
		s.built(&isakmp.Nonce{Data: s.ni}, 1),
		s.localID()}
	for _, v := range vendorsNATT {
		ps = append(ps, s.vendor(v))
	}
	s.send(nil, false, append(ps, s.vendor(vendorDPD))...)
}

// sameGroup is the proposals of the first one's group.
func sameGroup(ps []Proposal) []Proposal {
	var same []Proposal
	for _, p := range ps {
		if p.Group == ps[0].Group {
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
	if !s.findKey() {
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
	ps = append(ps, s.authMessage()...)
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
	if f := s.takeID(in); f != nil {
		return f
	}
	s.gxr, s.nr = public, nonce
	if f := s.material(s.gxr); f != nil {
		return f
	}
	if f := s.takeHash(in); f != nil {
		return f
	}
	s.natDetect(in)
	s.float()
	ps := []isakmp.Payload{s.proof(s.LocalID)}
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
	if f := s.takeHash(in); f != nil {
		return f
	}
	s.natDetect(in)
	s.follow(in)
	s.takeContact(in)
	return nil
}
