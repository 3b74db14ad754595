package ike

import (
	"cwlab/emulator/isakmp"
)

// mainMode is RFC 2409 section 5.4 with the NAT-D payloads of RFC 3947.
var mainMode = []step[*SA]{
	// HDR, SA --> HDR, SA
	{Init, false, false, isakmp.TypeSA, types(isakmp.TypeSA), types(isakmp.TypeVendorID), Sent2, expire, (*SA).gotProposals},
	// HDR, SA --> HDR, KE, Ni, NAT-D, NAT-D
	{Sent1, true, false, isakmp.TypeSA, types(isakmp.TypeSA), types(isakmp.TypeVendorID), Sent3, retransmit, (*SA).gotChoice},
	// HDR, KE, Ni, NAT-D, NAT-D --> HDR, KE, Nr, NAT-D, NAT-D
	{Sent2, false, false, isakmp.TypeNone, types(isakmp.TypeKE, isakmp.TypeNonce), types(isakmp.TypeNATD, isakmp.TypeVendorID), Sent4, expire, (*SA).gotInitiatorKE},
	// HDR, KE, Nr, NAT-D, NAT-D --> HDR*, IDii, HASH_I
	{Sent3, true, false, isakmp.TypeNone, types(isakmp.TypeKE, isakmp.TypeNonce), types(isakmp.TypeNATD, isakmp.TypeVendorID), Sent5, retransmit, (*SA).gotResponderKE},
	// HDR*, IDii, HASH_I --> HDR*, IDir, HASH_R
	{Sent4, false, true, isakmp.TypeNone, types(isakmp.TypeID, isakmp.TypeHash), types(isakmp.TypeNotify, isakmp.TypeVendorID), Established, none, (*SA).gotInitiatorAuth},
	// HDR*, IDir, HASH_R -->
	{Sent5, true, true, isakmp.TypeNone, types(isakmp.TypeID, isakmp.TypeHash), types(isakmp.TypeNotify, isakmp.TypeVendorID), Established, none, (*SA).gotResponderAuth},
}

// gotProposals is message 1: the responder chooses.
func (s *SA) gotProposals(in *inbound) *failure {
	reply, natt, f := s.accept(in)
	if f != nil {
		return f
	}
	ps := []isakmp.Payload{s.built(reply, 1)}
	if natt {
		ps = append(ps, s.vendor(vendorRFC3947))
	}
	s.send(in, false, ps...)
	return nil
}

// gotChoice is message 2: the initiator checks it and sends its key.
func (s *SA) gotChoice(in *inbound) *failure {
	if f := s.takeChoice(in); f != nil {
		return f
	}
	s.generate()
	s.gxi, s.ni = s.engine.public(s.Proposal.Group, s.secret), s.nonce()
	s.send(in, false, s.keyMessage(s.gxi, s.ni)...)
	return nil
}

// keyMessage is message 3 or 4.
func (s *SA) keyMessage(public, nonce []byte) []isakmp.Payload {
	ps := []isakmp.Payload{
		s.built(&isakmp.KeyExchange{Data: public}, 1),
		s.built(&isakmp.Nonce{Data: nonce}, 1),
	}
	if s.signs() {
		ps = append(ps, s.certRequests()...)
	}
	return append(append(ps, s.natPayloads()...), s.vendor(vendorDPD))
}

// gotInitiatorKE is message 3.
func (s *SA) gotInitiatorKE(in *inbound) *failure {
	public, nonce, f := s.takeKE(in)
	if f != nil {
		return f
	}
	if !s.signs() && !s.findKey() {
		return &failure{cause: CauseNoKey, notify: isakmp.AuthenticationFailed}
	}
	s.gxi, s.ni = public, nonce
	s.takeRequests(in)
	s.natDetect(in)
	s.vendors(in)
	s.generate()
	s.gxr, s.nr = s.engine.public(s.Proposal.Group, s.secret), s.nonce()
	ps := s.keyMessage(s.gxr, s.nr)
	if f := s.material(s.gxi); f != nil {
		return f
	}
	s.send(in, false, ps...)
	return nil
}

// gotResponderKE is message 4: the initiator proves who it is.
func (s *SA) gotResponderKE(in *inbound) *failure {
	public, nonce, f := s.takeKE(in)
	if f != nil {
		return f
	}
	s.gxr, s.nr = public, nonce
	if f := s.material(s.gxr); f != nil {
		return f
	}
	s.takeRequests(in)
	s.natDetect(in)
	s.float()
	ps, f := s.authMessage()
	if f != nil {
		return f
	}
	if s.engine.usable(s.Local.Addr(), s.Remote.Addr()) == nil {
		ps = append(ps, s.contact())
	}
	s.vendors(in)
	s.send(in, true, ps...)
	return nil
}

// gotInitiatorAuth is message 5.
func (s *SA) gotInitiatorAuth(in *inbound) *failure {
	if f := s.takeAuth(in); f != nil {
		return f
	}
	s.takeRequests(in)
	s.takeContact(in)
	ps, f := s.authMessage()
	if f != nil {
		return f
	}
	s.send(in, true, ps...)
	return nil
}

// gotResponderAuth is message 6.
func (s *SA) gotResponderAuth(in *inbound) *failure { return s.takeAuth(in) }
