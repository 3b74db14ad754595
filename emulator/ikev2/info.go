package ikev2

import (
	"encoding/binary"
	"slices"
	"time"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/modp"
)

// gotInformational is RFC 7296 section 1.4: deletions, failures, or nothing
// but a sign of life.
func (s *SA) gotInformational(in *inbound) (ps []wire.Payload, then func()) {
	e := s.engine
	for _, p := range in.payloads {
		switch p := p.(type) {
		case *wire.Delete:
			if p.Protocol == wire.ProtoIKE {
				then = s.deleted
				continue
			}
			mine := &wire.Delete{}
			for _, spi := range p.SPIs {
				i := slices.IndexFunc(s.children, func(c *child) bool { return c.out == spi && c.proto == p.Protocol })
				if i < 0 {
					continue
				}
				c := s.children[i]
				mine.Protocol, mine.SPIs = c.proto, append(mine.SPIs, c.in)
				s.drop(c)
				e.Stats.DeletedByPeer++
				e.host.DeleteSPI(s.Remote.Addr(), c.out)
			}
			if mine.SPIs != nil {
				ps = append(ps, mine)
			}
		case *wire.Notification:
			if p.Notify.Error() {
				e.refused(s, p.Notify, true)
			}
			if p.Notify == wire.AuthenticationFailed {
				then = func() { s.remove(CauseNotified) }
			}
		}
	}
	return ps, then
}

// deleted is the end of the SA that the peer wants. If it has renewed the SA
// while we were about to, ours is forgotten (RFC 7296 section 2.8.2).
func (s *SA) deleted() {
	if s.rival != nil {
		s.handOver(s.rival)
	}
	s.remove(CauseDeleted)
}

// gotCreateChild is a request for a child SA, or for another IKE SA in place of
// this one.
func (s *SA) gotCreateChild(in *inbound) ([]wire.Payload, func()) {
	e := s.engine
	busy := func() ([]wire.Payload, func()) { return e.refuse(s, wire.TemporaryFailure, nil), nil }
	if s.State != Ready || s.replaced {
		return busy()
	}
	if sa, ok := wire.Find[*wire.SA](in.payloads); ok && len(sa.Proposals) > 0 && sa.Proposals[0].Protocol == wire.ProtoIKE {
		if s.doing(makeChild) || s.doing(dropChild) { // section 2.25.1
			return busy()
		}
		return s.answerRenewal(in, sa)
	}
	if s.doing(renewSA) { // section 2.25.2
		return busy()
	}
	var old *child
	if n := wire.FindNotify(in.payloads, wire.RekeySA); n != nil {
		meant := func(c *child) bool { return c.proto == n.Protocol && string(u32(c.out)) == string(n.SPI) }
		i := slices.IndexFunc(s.children, meant)
		switch {
		case i >= 0:
			old = s.children[i]
		case slices.ContainsFunc(s.closing, meant):
			return busy()
		default:
			e.refused(s, wire.ChildSANotFound, false)
			return []wire.Payload{&wire.Notification{Protocol: n.Protocol, Notify: wire.ChildSANotFound, SPI: n.SPI}}, nil
		}
	} else if len(s.children) >= maxChildren {
		return e.refuse(s, wire.NoAdditionalSAs, nil), nil
	}
	return s.answerChild(in.payloads, wire.CreateChild, old)
}

// renew puts another IKE SA in place of this one, RFC 7296 section 1.3.2.
func (s *SA) renew() {
	if s.State != Ready || s.replaced || s.renewal != nil {
		return
	}
	e := s.engine
	offer := e.Config.offer(s.Local.Addr())
	if len(offer) == 0 {
		return
	}
	n := &SA{engine: e, Initiator: true, SPIi: e.spi(), ni: e.nonce(), offer: offer}
	s.renewal = n
	n.group = s.Suite.Group
	if !offers(offer, n.group) {
		n.group = offer[0].Groups[0]
	}
	n.secret = e.secret(n.group)
	e.event(Event{Kind: Renewing, SA: s})
	s.askRenewal(n)
}

func (s *SA) askRenewal(n *SA) {
	s.ask(&request{exchange: wire.CreateChild, task: renewSA, build: func() []wire.Payload {
		if s.replaced {
			return nil
		}
		return []wire.Payload{ikeProposals(n.offer, n.SPIi[:]), &wire.Nonce{Data: n.ni},
			&wire.KeyExchange{Group: uint16(n.group), Data: modp.Find(n.group).Public(n.secret)}}
	}, reply: func(in *inbound) { s.gotRenewal(in, n) }})
}

func (s *SA) gotRenewal(in *inbound, n *SA) {
	e := s.engine
	if r := refusal(in.payloads); r != nil {
		e.refused(s, r.Notify, true)
		if s.rival != nil || r.Notify == wire.TemporaryFailure {
			s.renewWhenFree()
			return
		}
		if g := asked(r); r.Notify == wire.InvalidKEPayload && g != n.group && offers(n.offer, g) {
			n.group, n.secret = g, e.secret(g)
			s.askRenewal(n)
			return
		}
		s.renewLater()
		return
	}
	sa, ok1 := wire.Find[*wire.SA](in.payloads)
	ke, ok2 := wire.Find[*wire.KeyExchange](in.payloads)
	nonce, ok3 := wire.Find[*wire.Nonce](in.payloads)
	if !ok1 || !ok2 || !ok3 {
		e.count(wire.InvalidSyntax)
		s.renewLater()
		return
	}
	suite, chosen := chooseSuite(n.offer, sa)
	if chosen == nil || len(chosen.SPI) != len(n.SPIr) || suite.Group != n.group {
		e.count(wire.NoProposalChosen)
		s.renewLater()
		return
	}
	gxy, ok := e.shared(n.group, ke.Data, n.secret)
	if !ok {
		e.count(wire.InvalidKEPayload)
		s.renewLater()
		return
	}
	n.SPIr, n.nr, n.Suite = wire.SPI(chosen.SPI), nonce.Data, suite
	s.succeed(n, gxy)
	if s.rival != nil {
		s.settle(n)
		return
	}
	s.handOver(n)
	s.close(CauseRenewed, false)
}

func (s *SA) renewLater() {
	s.renewal = nil
	s.soft = s.engine.host.After(rekeyAgain, s.renew)
}

// renewWhenFree is what becomes of a renewal that found the peer busy: either it
// has renewed the SA itself and does not know that we were about to, or we ask
// again soon.
func (s *SA) renewWhenFree() {
	s.renewal = nil
	if s.rival != nil {
		s.handOver(s.rival)
		return
	}
	h := s.engine.host
	s.soft = h.After(h.Stream("ikev2 busy").Duration(busyLeast, busyMost), s.renew)
}

// succeed makes a new SA of the same two ends known.
func (s *SA) succeed(n *SA, gxy []byte) {
	e := s.engine
	e.tunnels++
	n.Tunnel, n.Local, n.Remote, n.NAT, n.PeerNAT = e.tunnels, s.Local, s.Remote, s.NAT, s.PeerNAT
	n.profile, n.Profile, n.peer, n.LocalID, n.RemoteID = s.profile, s.Profile, s.peer, s.LocalID, s.RemoteID
	n.LocalAuth, n.RemoteAuth = s.LocalAuth, s.RemoteAuth
	n.haveKeys(s.Suite.prf(s.keys.d, gxy, n.ni, n.nr)) // RFC 7296 section 2.18
	e.sas = append(e.sas, n)
	n.ready()
}

func (s *SA) answerRenewal(in *inbound, sa *wire.SA) ([]wire.Payload, func()) {
	e := s.engine
	refuse := func(n wire.NotifyType, data []byte) ([]wire.Payload, func()) { return e.refuse(s, n, data), nil }
	ke, ok1 := wire.Find[*wire.KeyExchange](in.payloads)
	nonce, ok2 := wire.Find[*wire.Nonce](in.payloads)
	if !ok1 || !ok2 {
		return refuse(wire.InvalidSyntax, nil)
	}
	suite, chosen := chooseSuite(e.Config.offer(s.Local.Addr()), sa)
	if chosen == nil || len(chosen.SPI) != len(s.SPIi) {
		return refuse(wire.NoProposalChosen, nil)
	}
	if int(ke.Group) != suite.Group {
		return refuse(wire.InvalidKEPayload, binary.BigEndian.AppendUint16(nil, uint16(suite.Group)))
	}
	secret := e.secret(suite.Group)
	gxy, ok := e.shared(suite.Group, ke.Data, secret)
	if !ok {
		return refuse(wire.InvalidSyntax, nil)
	}
	n := &SA{engine: e, SPIi: wire.SPI(chosen.SPI), SPIr: e.spi(), ni: nonce.Data, nr: e.nonce(), Suite: suite}
	chosen.SPI = n.SPIr[:]
	ps := []wire.Payload{&wire.SA{Proposals: []wire.Proposal{*chosen}}, &wire.Nonce{Data: n.nr},
		&wire.KeyExchange{Group: ke.Group, Data: modp.Find(suite.Group).Public(secret)}}
	return ps, func() {
		s.succeed(n, gxy)
		if s.doing(renewSA) {
			s.rival = n
			return
		}
		s.handOver(n)
	}
}

// watch takes the configuration of dead peer detection over: when the SA is
// established, and when the configuration has changed.
func (s *SA) watch() {
	conf := s.engine.Config.DPD
	if s.profile != nil && s.profile.DPD != nil {
		conf = s.profile.DPD
	}
	if (conf == nil) == (s.DPD == nil) && (conf == nil || *conf == *s.DPD) {
		return
	}
	s.dpd.Stop()
	s.DPD = nil
	if conf != nil {
		c := *conf
		s.DPD = &c
		s.rest()
	}
}

// rest waits for the next detection: an interval after the last, or, on demand,
// looks once a second whether one is called for.
func (s *SA) rest() {
	if s.DPD == nil || s.State != Ready {
		return
	}
	h := s.engine.host
	if !s.DPD.OnDemand {
		s.dpd = h.After(s.DPD.Interval, s.detect)
		return
	}
	s.dpd = h.After(time.Second, func() {
		if s.demanded() {
			s.detect()
			return
		}
		s.rest()
	})
}

// demanded says whether packets have gone out since the peer was last heard
// and that is longer ago than the interval.
func (s *SA) demanded() bool {
	if s.engine.LastUse == nil {
		return false
	}
	received, sent := s.engine.LastUse(s.Local.Addr(), s.Remote.Addr())
	heard := s.heard
	if received.After(heard) {
		heard = received
	}
	return sent.After(heard) && s.engine.host.Now().Sub(heard) >= s.DPD.Interval
}

// detect asks for a sign of life, RFC 7296 section 2.4.
func (s *SA) detect() {
	s.engine.event(Event{Kind: Asked, SA: s})
	s.ask(&request{exchange: wire.Informational, every: s.DPD.Retry, tries: dpdRetries,
		build: func() []wire.Payload { return []wire.Payload{} },
		reply: func(*inbound) { s.rest() },
		lost:  func() { s.engine.Stats.DPD++ },
	})
}
