package ikev2

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"slices"

	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/modp"
)

// initiate begins an IKE SA for a request: RFC 7296 section 1.2.
func (e *Engine) initiate(local, remote netip.AddrPort, p *Profile, r ipsec.Request) {
	offer := e.Config.offer(local.Addr())
	peer := e.Config.peer(p, remote.Addr(), nil)
	if len(offer) == 0 || !usable(p, peer) || !e.Config.inScope(p.Scopes, local.Addr()) {
		e.failed(r, CauseConfig)
		return
	}
	s := e.newSA(local, remote, true)
	s.profile, s.Profile, s.peer, s.offer = p, p.Name, peer, offer
	s.waiting = []ipsec.Request{r}
	s.SPIi, s.ni = e.spi(), e.nonce()
	s.sendInit(offer[0].Groups[0])
}

// usable says whether a profile and an entry of its keychain, nil for none, can
// authenticate both sides.
func usable(p *Profile, q *Peer) bool {
	ours := p.signs() || p.LocalAuth == wire.SharedKey && q != nil && q.Local != nil && !q.Local.Unusable
	theirs := p.verifies() || slices.Contains(p.RemoteAuth, wire.SharedKey) && q != nil && q.Remote != nil && !q.Remote.Unusable
	return ours && theirs
}

// sendInit sends the first message, also once more with a cookie or with
// another group.
func (s *SA) sendInit(group int) {
	if s.group != group {
		s.group, s.secret = group, s.engine.secret(group)
	}
	s.NextOut = 0
	var ps []wire.Payload
	if s.cookie != nil {
		ps = notify(wire.Cookie, s.cookie)
	}
	ps = append(ps, ikeProposals(s.offer, nil), &wire.KeyExchange{Group: uint16(group), Data: modp.Find(group).Public(s.secret)}, &wire.Nonce{Data: s.ni})
	s.first = s.clear(0, append(ps, s.natDetection()...))
	s.begin(&request{exchange: wire.SAInit, raw: s.first})
}

// clear is a message of IKE_SA_INIT.
func (s *SA) clear(flags wire.Flags, ps []wire.Payload) []byte {
	h := s.header(wire.SAInit, flags, 0)
	s.engine.event(Event{Kind: Sent, SA: s, Header: h, Payloads: ps})
	return encode(h, ps)
}

func encode(h wire.Header, ps []wire.Payload) []byte {
	m := wire.Message{Header: h, Payloads: ps}
	b, err := m.AppendBinary(nil)
	if err != nil {
		panic(err) // all payloads are built here
	}
	return b
}

func (s *SA) natDetection() []wire.Payload {
	return []wire.Payload{
		&wire.Notification{Notify: wire.NATDetectionSource, Data: natHash(s.SPIi, s.SPIr, s.Local)},
		&wire.Notification{Notify: wire.NATDetectionDest, Data: natHash(s.SPIi, s.SPIr, s.Remote)},
	}
}

// detectNAT reads the peer's notifications of a message. The initiator goes
// to port 4500 if there is a NAT, and the responder follows.
func (s *SA) detectNAT(in *inbound) {
	source, dest := false, false
	found := false
	for _, p := range in.payloads {
		n, ok := p.(*wire.Notification)
		switch {
		case !ok:
		case n.Notify == wire.NATDetectionSource:
			found = true
			source = source || bytes.Equal(n.Data, natHash(in.Initiator, in.Responder, in.remote))
		case n.Notify == wire.NATDetectionDest:
			dest = dest || bytes.Equal(n.Data, natHash(in.Initiator, in.Responder, in.local))
		}
	}
	if !found {
		return
	}
	s.PeerNAT, s.NAT = !source, !dest
	if s.Initiator && (s.NAT || s.PeerNAT) {
		s.Local, s.Remote = netip.AddrPortFrom(s.Local.Addr(), ike.PortNATT), netip.AddrPortFrom(s.Remote.Addr(), ike.PortNATT)
	}
}

// gotInit is the answer to the first message.
func (s *SA) gotInit(in *inbound) {
	if n := wire.FindNotify(in.payloads, wire.Cookie); n != nil && s.redone < maxRedo {
		s.redone++
		s.cookie = n.Data
		s.sendInit(s.group)
		return
	}
	if n := refusal(in.payloads); n != nil {
		s.engine.refused(s, n.Notify, true)
		if g := asked(n); n.Notify == wire.InvalidKEPayload && s.redone < maxRedo && offers(s.offer, g) {
			s.redone++
			s.sendInit(g)
			return
		}
		s.remove(CauseNotified)
		return
	}
	sa, ok1 := wire.Find[*wire.SA](in.payloads)
	ke, ok2 := wire.Find[*wire.KeyExchange](in.payloads)
	nonce, ok3 := wire.Find[*wire.Nonce](in.payloads)
	if !ok1 || !ok2 || !ok3 || in.Responder.IsZero() || critical(in.payloads) != nil {
		s.engine.count(wire.InvalidSyntax)
		s.remove(CauseSyntax)
		return
	}
	suite, chosen := chooseSuite(s.offer, sa)
	if chosen == nil || suite.Group != s.group || int(ke.Group) != s.group {
		s.engine.count(wire.NoProposalChosen)
		s.remove(CauseProposal)
		return
	}
	gxy, ok := s.engine.shared(s.group, ke.Data, s.secret)
	if !ok {
		s.engine.count(wire.InvalidKEPayload)
		s.remove(CauseSyntax)
		return
	}
	s.Suite, s.SPIr, s.nr, s.theirs = suite, in.Responder, nonce.Data, in.raw
	s.takeRequests(in.payloads)
	s.detectNAT(in)
	s.haveKeys(suite.prf(slices.Concat(s.ni, s.nr), gxy))
	s.sendAuth()
}

// asked is the group that an INVALID_KE_PAYLOAD asks for, 0 for none.
func asked(n *wire.Notification) int {
	if len(n.Data) != 2 {
		return 0
	}
	return int(binary.BigEndian.Uint16(n.Data))
}

func offers(ps []*Proposal, group int) bool {
	return modp.Find(group) != nil && slices.ContainsFunc(ps, func(p *Proposal) bool { return slices.Contains(p.Groups, group) })
}

// haveKeys derives the keys of the SA from SKEYSEED.
func (s *SA) haveKeys(seed []byte) {
	s.keys = s.Suite.derive(seed, s.ni, s.nr, s.SPIi, s.SPIr)
	s.engine.event(Event{Kind: Keyed, SA: s})
	if s.engine.OnKeys != nil {
		k := s.keys
		s.engine.OnKeys(Keys{s.SPIi, s.SPIr, s.Suite, k.ei, k.er, k.ai, k.ar})
	}
}

// receiveInit is the first message of an initiator.
func (e *Engine) receiveInit(in *inbound) {
	half := 0
	for _, s := range e.sas {
		if s.SPIi == in.Initiator && s.Remote.Addr() == in.remote.Addr() && !s.Initiator {
			if bytes.Equal(s.theirs, in.raw) {
				e.event(Event{Kind: Repeated, SA: s, Header: s.header(wire.SAInit, wire.FlagResponse, 0)})
				s.transmit(s.first)
			}
			return
		}
		if s.State == Negotiating && !s.Initiator {
			half++
		}
	}
	if in.MessageID != 0 || !in.Responder.IsZero() || in.Initiator.IsZero() || half >= maxHalfOpen {
		return
	}
	refuse := func(n wire.NotifyType, data []byte) {
		if n.Error() {
			e.refused(nil, n, false)
		}
		h := wire.Header{Initiator: in.Initiator, Version: wire.Version2, Exchange: wire.SAInit, Flags: wire.FlagResponse}
		ps := notify(n, data)
		e.event(Event{Kind: Sent, Local: in.local, Remote: in.remote, Header: h, Payloads: ps})
		e.send(in.local, in.remote, encode(h, ps))
	}
	if p := critical(in.payloads); p != nil {
		refuse(wire.UnsupportedCriticalPayload, p.(*wire.Notification).Data)
		return
	}
	sa, ok1 := wire.Find[*wire.SA](in.payloads)
	ke, ok2 := wire.Find[*wire.KeyExchange](in.payloads)
	nonce, ok3 := wire.Find[*wire.Nonce](in.payloads)
	if !ok1 || !ok2 || !ok3 {
		refuse(wire.InvalidSyntax, nil)
		return
	}
	if c := e.Config.CookieChallenge; c != nil && half >= *c {
		want := e.cookie(in, nonce)
		if n := wire.FindNotify(in.payloads, wire.Cookie); n == nil || !hmac.Equal(n.Data, want) {
			e.event(Event{Kind: Challenged, Local: in.local, Remote: in.remote})
			refuse(wire.Cookie, want)
			return
		}
	}
	suite, chosen := chooseSuite(e.Config.offer(in.local.Addr()), sa)
	if chosen == nil {
		refuse(wire.NoProposalChosen, nil)
		return
	}
	if int(ke.Group) != suite.Group {
		refuse(wire.InvalidKEPayload, binary.BigEndian.AppendUint16(nil, uint16(suite.Group)))
		return
	}
	secret := e.secret(suite.Group)
	gxy, ok := e.shared(suite.Group, ke.Data, secret)
	if !ok {
		refuse(wire.InvalidSyntax, nil)
		return
	}
	s := e.newSA(in.local, in.remote, false)
	s.Suite, s.SPIi, s.SPIr, s.ni, s.nr, s.theirs = suite, in.Initiator, e.spi(), nonce.Data, e.nonce(), in.raw
	s.NextIn = 1
	s.detectNAT(in)
	s.haveKeys(suite.prf(slices.Concat(s.ni, s.nr), gxy))
	ps := []wire.Payload{&wire.SA{Proposals: []wire.Proposal{*chosen}},
		&wire.KeyExchange{Group: ke.Group, Data: modp.Find(suite.Group).Public(secret)}, &wire.Nonce{Data: s.nr}}
	ps = append(ps, s.natDetection()...)
	if slices.ContainsFunc(e.Config.Profiles, (*Profile).verifies) {
		ps = append(ps, e.Config.certRequest(nil)...)
	}
	s.first = s.clear(wire.FlagResponse, ps)
	s.transmit(s.first)
	s.expiry = e.host.After(halfOpenAge, func() { s.remove(CauseTimeout) })
}

// cookie is a value that only one who hears us at its address can return, RFC
// 7296 section 2.6.
func (e *Engine) cookie(in *inbound, nonce *wire.Nonce) []byte {
	if e.cookies == nil {
		e.cookies = e.host.Stream("ikev2 cookie").Bytes(sha256.Size)
	}
	h := hmac.New(sha256.New, e.cookies)
	h.Write(nonce.Data)
	h.Write(in.remote.Addr().AsSlice())
	h.Write(in.Initiator[:])
	return h.Sum(nil)
}

// ikeProposals is the SA payload for an IKE SA; spi is that of a renewal.
func ikeProposals(ps []*Proposal, spi []byte) *wire.SA {
	sa := &wire.SA{}
	for _, p := range ps {
		for _, combined := range []bool{false, true} {
			q := wire.Proposal{Number: uint8(len(sa.Proposals) + 1), Protocol: wire.ProtoIKE, SPI: spi}
			for _, c := range p.Encr {
				if c.Combined() == combined {
					q.Transforms = append(q.Transforms, wire.NewTransform(wire.Encr, c.ID, c.KeyBits))
				}
			}
			if q.Transforms == nil {
				continue
			}
			for _, x := range p.PRFs() {
				q.Transforms = append(q.Transforms, wire.NewTransform(wire.PRF, x, 0))
			}
			for _, x := range p.Integ {
				if !combined {
					q.Transforms = append(q.Transforms, wire.NewTransform(wire.Integ, x, 0))
				}
			}
			for _, g := range p.Groups {
				q.Transforms = append(q.Transforms, wire.NewTransform(wire.DH, uint16(g), 0))
			}
			sa.Proposals = append(sa.Proposals, q)
		}
	}
	return sa
}

// chooseSuite takes the first proposal of sa that one of ours has all kinds of
// algorithms with, and of each kind the first that both have, in the order of
// sa. chosen is what to answer, nil for no proposal; its SPI is the peer's.
func chooseSuite(ours []*Proposal, sa *wire.SA) (s Suite, chosen *wire.Proposal) {
	for _, q := range sa.Proposals {
		for _, p := range ours {
			if s, ts := match(p, q); ts != nil {
				return s, &wire.Proposal{Number: q.Number, Protocol: wire.ProtoIKE, SPI: q.SPI, Transforms: ts}
			}
		}
	}
	return Suite{}, nil
}

func match(p *Proposal, q wire.Proposal) (s Suite, ts []wire.Transform) {
	if q.Protocol != wire.ProtoIKE {
		return Suite{}, nil
	}
	found := map[wire.TransformType]bool{}
	bare := !slices.ContainsFunc(q.Transforms, func(t wire.Transform) bool { return t.Kind == wire.Integ && t.ID != wire.NoneOfKind })
	for _, t := range q.Transforms {
		bits, ok := t.KeyBits()
		if !ok || found[t.Kind] {
			continue
		}
		take := false
		switch t.Kind {
		case wire.Encr:
			if c := (Cipher{t.ID, bits}); c.Combined() == bare && slices.Contains(p.Encr, c) {
				s.Encr, take = c, true
			}
		case wire.PRF:
			if slices.Contains(p.PRFs(), t.ID) {
				s.PRF, take = t.ID, true
			}
		case wire.Integ:
			if slices.Contains(p.Integ, t.ID) {
				s.Integ, take = t.ID, true
			}
		case wire.DH:
			if slices.Contains(p.Groups, int(t.ID)) {
				s.Group, take = int(t.ID), true
			}
		default:
		}
		if take {
			found[t.Kind] = true
			ts = append(ts, t)
		}
	}
	kinds := 4
	if s.Encr.Combined() {
		kinds = 3
	}
	if len(ts) != kinds || !s.known() {
		return Suite{}, nil
	}
	return s, ts
}
