package ikev2

import (
	"cmp"
	"crypto/hmac"
	"slices"

	"cwlab/emulator/ikev2/wire"
)

// localID is what we call ourselves under the profile.
func (s *SA) localID() *wire.ID {
	if i := s.profile.Identity; i != nil && i.Kind == wire.IDDN {
		if l, _, err := s.signer(); err == nil {
			return &wire.ID{Responder: !s.Initiator, Kind: wire.IDDN, Data: l.Cert.RawSubject}
		}
	}
	id := &wire.ID{Responder: !s.Initiator, Kind: wire.IDIPv4}
	addr := s.Local.Addr()
	switch i := s.profile.Identity; {
	case i == nil:
	case i.Kind == wire.IDIPv4:
		if i.Addr.IsValid() {
			addr = i.Addr
		}
	default:
		name := i.Name
		if s.engine.Config.Hostname != nil {
			name = cmp.Or(name, s.engine.Config.Hostname())
		}
		id.Kind, id.Data = i.Kind, []byte(name)
		return id
	}
	id.Data = addr.AsSlice()
	return id
}

// auth is the data of AUTH that the initiator or the responder of the SA
// proves its identity with.
func (s *SA) auth(initiator bool, psk []byte, id *wire.ID) []byte {
	body, _ := id.AppendBinary(nil) // never fails
	message := s.theirs
	if initiator == s.Initiator {
		message = s.first
	}
	if initiator {
		return s.Suite.sharedKeyAuth(psk, message, s.nr, s.keys.pi, body)
	}
	return s.Suite.sharedKeyAuth(psk, message, s.ni, s.keys.pr, body)
}

// proven says whether the AUTH of a message proves the peer's identity.
func (s *SA) proven(ps []wire.Payload) bool {
	a, ok := wire.Find[*wire.Authentication](ps)
	switch {
	case !ok || !slices.Contains(s.profile.RemoteAuth, a.Method):
		return false
	case a.Method == wire.RSASignature:
		ok = s.signed(ps, a.Data)
	default:
		ok = a.Method == wire.SharedKey && s.peer != nil && s.peer.Remote != nil && hmac.Equal(a.Data, s.auth(!s.Initiator, s.peer.Remote.Key, s.RemoteID))
	}
	s.RemoteAuth = a.Method
	return ok
}

// identify takes the peer's identity from a message.
func (s *SA) identify(ps []wire.Payload) bool {
	for _, p := range ps {
		if id, ok := p.(*wire.ID); ok && id.Responder == s.Initiator {
			s.RemoteID = id
			return true
		}
	}
	return false
}

// sendAuth is the request of IKE_AUTH, RFC 7296 section 1.2. The child SA that
// it asks for is that of the request that the SA was made for.
func (s *SA) sendAuth() {
	e := s.engine
	s.LocalID = s.localID()
	r := s.waiting[0]
	n := &childOffer{req: r, in: e.host.LarvalSPI(s.Remote.Addr())}
	ps := []wire.Payload{s.LocalID}
	proof, err := s.prove()
	if err != nil {
		e.event(Event{Kind: Unsigned, SA: s, Err: err})
		s.remove(CauseConfig)
		return
	}
	if s.profile.verifies() {
		ps = append(ps, e.Config.certRequest(s.profile.VerifyDomains)...)
	}
	if e.to(s.Local.Addr(), s.Remote.Addr(), func(o *SA) bool { return o != s }) == nil {
		ps = append(ps, &wire.Notification{Notify: wire.InitialContact})
	}
	ps = append(append(ps, proof...), n.payloads(false)...)
	s.ask(&request{exchange: wire.Auth, build: func() []wire.Payload { return ps }, reply: func(in *inbound) { s.gotAuthReply(in, n) }})
}

func (s *SA) gotAuthReply(in *inbound, n *childOffer) {
	e := s.engine
	fail := func(c Cause) { s.remove(c) }
	if critical(in.payloads) != nil {
		e.count(wire.UnsupportedCriticalPayload)
		fail(CauseSyntax)
		return
	}
	if _, ok := wire.Find[*wire.Authentication](in.payloads); !ok {
		if r := refusal(in.payloads); r != nil {
			e.refused(s, r.Notify, true)
			fail(CauseNotified)
			return
		}
		e.count(wire.InvalidSyntax)
		fail(CauseSyntax)
		return
	}
	if !s.identify(in.payloads) || !e.Config.fits(s.profile, s.RemoteID, certificates(in.payloads)) || !s.proven(in.payloads) {
		e.refused(s, wire.AuthenticationFailed, false)
		// RFC 7296 section 2.21.2: the responder believes in the SA and is told.
		s.State = Ready
		s.transmit(s.sealed(wire.Informational, 0, s.NextOut, notify(wire.AuthenticationFailed, nil)))
		fail(CauseAuth)
		return
	}
	s.waiting = s.waiting[1:]
	_, c := s.gotChild(in.payloads, n, wire.Auth)
	s.ready()
	if c != 0 {
		e.failed(n.req, c)
	}
}

// gotAuth is the request of IKE_AUTH.
func (s *SA) gotAuth(in *inbound) (ps []wire.Payload, then func()) {
	e := s.engine
	refuse := func(n wire.NotifyType, c Cause) ([]wire.Payload, func()) {
		return e.refuse(s, n, nil), func() { s.remove(c) }
	}
	if !s.identify(in.payloads) {
		return refuse(wire.InvalidSyntax, CauseSyntax)
	}
	if s.profile = e.Config.profileFor(s.Local.Addr(), s.RemoteID, certificates(in.payloads)); s.profile == nil {
		return refuse(wire.AuthenticationFailed, CauseConfig)
	}
	s.Profile = s.profile.Name
	s.peer = e.Config.peer(s.profile, s.Remote.Addr(), s.RemoteID)
	if !usable(s.profile, s.peer) {
		return refuse(wire.AuthenticationFailed, CauseConfig)
	}
	if !s.proven(in.payloads) {
		return refuse(wire.AuthenticationFailed, CauseAuth)
	}
	if wire.FindNotify(in.payloads, wire.InitialContact) != nil {
		for _, o := range slices.Clone(e.sas) {
			if o != s && o.RemoteID != nil && o.State != Negotiating && o.RemoteID.Kind == s.RemoteID.Kind && string(o.RemoteID.Data) == string(s.RemoteID.Data) {
				o.remove(CauseRedundant)
			}
		}
	}
	s.takeRequests(in.payloads)
	s.LocalID = s.localID()
	proof, err := s.prove()
	if err != nil {
		e.event(Event{Kind: Unsigned, SA: s, Err: err})
		return refuse(wire.AuthenticationFailed, CauseConfig)
	}
	ps = append([]wire.Payload{s.LocalID}, proof...)
	more, install := s.answerChild(in.payloads, wire.Auth, nil)
	return append(ps, more...), func() {
		s.ready()
		if install != nil {
			install()
		}
	}
}
