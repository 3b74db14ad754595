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
				then = func() { s.remove(CauseDeleted) }
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
				e.count(p.Notify)
			}
			if p.Notify == wire.AuthenticationFailed {
				then = func() { s.remove(CauseNotified) }
			}
		}
	}
	return ps, then
}

// gotCreateChild is a request for a child SA, or for another IKE SA in place of
// this one.
func (s *SA) gotCreateChild(in *inbound) ([]wire.Payload, func()) {
	e := s.engine
	if s.State != Ready {
		return notify(wire.TemporaryFailure, nil), nil
	}
	if sa, ok := wire.Find[*wire.SA](in.payloads); ok && len(sa.Proposals) > 0 && sa.Proposals[0].Protocol == wire.ProtoIKE {
		return s.answerRenewal(in, sa)
	}
	if n := wire.FindNotify(in.payloads, wire.RekeySA); n != nil {
		if !slices.ContainsFunc(s.children, func(c *child) bool { return c.proto == n.Protocol && string(u32(c.out)) == string(n.SPI) }) {
			e.count(wire.ChildSANotFound)
			return []wire.Payload{&wire.Notification{Protocol: n.Protocol, Notify: wire.ChildSANotFound, SPI: n.SPI}}, nil
		}
	}
	return s.answerChild(in.payloads, wire.CreateChild)
}

// renew puts another IKE SA in place of this one, RFC 7296 section 1.3.2.
func (s *SA) renew() {
	if s.State != Ready || s.renewing {
		return
	}
	e := s.engine
	offer := e.Config.offer(s.Local.Addr())
	if len(offer) == 0 {
		return
	}
	s.renewing = true
	n := &SA{engine: e, Initiator: true, SPIi: e.spi(), ni: e.nonce(), offer: offer}
	n.group = s.Suite.Group
	if !offers(offer, n.group) {
		n.group = offer[0].Groups[0]
	}
	n.secret = e.secret(n.group)
	s.askRenewal(n)
}

func (s *SA) askRenewal(n *SA) {
	s.ask(&request{exchange: wire.CreateChild, build: func() []wire.Payload {
		return []wire.Payload{ikeProposals(n.offer, n.SPIi[:]), &wire.Nonce{Data: n.ni},
			&wire.KeyExchange{Group: uint16(n.group), Data: modp.Find(n.group).Public(n.secret)}}
	}, reply: func(in *inbound) { s.gotRenewal(in, n) }})
}

func (s *SA) gotRenewal(in *inbound, n *SA) {
	e := s.engine
	if r := refusal(in.payloads); r != nil {
		e.count(r.Notify)
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
	s.replace(n, gxy)
	s.close(CauseRenewed, false)
}

func (s *SA) renewLater() {
	s.renewing = false
	s.soft = s.engine.host.After(rekeyAgain, s.renew)
}

// replace hands over to a new SA; what only the old one knows goes with it.
func (s *SA) replace(n *SA, gxy []byte) {
	e := s.engine
	e.tunnels++
	n.Tunnel, n.Local, n.Remote, n.NAT, n.PeerNAT = e.tunnels, s.Local, s.Remote, s.NAT, s.PeerNAT
	n.profile, n.Profile, n.peer, n.LocalID, n.RemoteID = s.profile, s.Profile, s.peer, s.LocalID, s.RemoteID
	n.haveKeys(s.Suite.prf(s.keys.d, gxy, n.ni, n.nr)) // RFC 7296 section 2.18
	n.children, s.children = s.children, nil
	e.sas = append(e.sas, n)
	n.ready()
}

func (s *SA) answerRenewal(in *inbound, sa *wire.SA) ([]wire.Payload, func()) {
	e := s.engine
	refuse := func(n wire.NotifyType, data []byte) ([]wire.Payload, func()) {
		e.count(n)
		return notify(n, data), nil
	}
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
		s.soft.Stop()
		s.replace(n, gxy)
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
	s.ask(&request{exchange: wire.Informational, every: s.DPD.Retry, tries: dpdRetries,
		build: func() []wire.Payload { return []wire.Payload{} },
		reply: func(*inbound) { s.rest() },
		lost:  func() { s.engine.Stats.DPD++ },
	})
}
