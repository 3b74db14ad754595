package ikev2

import (
	"cmp"
	"encoding/binary"
	"slices"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/modp"
)

// A childOffer is a child SA that we have proposed.
type childOffer struct {
	req    ipsec.Request
	in     uint32 // our SPI
	renews *child // nil for a new one
	ni     []byte
	group  int // of the key exchange, 0 without
	secret []byte
	sent   bool
	busy   int    // answers of a peer that was busy
	rival  *rival // what the peer has made in place of the same child meanwhile
}

// payloads is SA, the nonce and key of CREATE_CHILD_SA, and traffic selectors.
func (n *childOffer) payloads(create bool) []wire.Payload {
	ps := []wire.Payload{childProposals(offerable(n.req.Transforms), n.in, create)}
	if create {
		ps = append(ps, &wire.Nonce{Data: n.ni})
	}
	if n.group != 0 {
		ps = append(ps, &wire.KeyExchange{Group: uint16(n.group), Data: modp.Find(n.group).Public(n.secret)})
	}
	ps = append(ps, selectors(n.req.Flow, true)...)
	if offerable(n.req.Transforms)[0].Mode == ipsec.Transport {
		ps = append(ps, &wire.Notification{Notify: wire.UseTransportMode})
	}
	return ps
}

// The transforms of ESP by their names in IPsec.
var (
	espEncr = map[ipsec.Encryption]uint16{ipsec.DES: wire.EncrDES, ipsec.DES3: wire.Encr3DES, ipsec.AES: wire.EncrAES, ipsec.Null: wire.EncrNull,
		ipsec.AESCTR: wire.EncrCTR, ipsec.AESGCM: wire.EncrGCM, ipsec.AESGMAC: wire.EncrGMAC}
	integ = map[ipsec.Authentication]uint16{ipsec.HMACMD5: wire.IntegMD5, ipsec.HMACSHA1: wire.IntegSHA1, ipsec.HMACSHA256: wire.IntegSHA256,
		ipsec.HMACSHA384: wire.IntegSHA384, ipsec.HMACSHA512: wire.IntegSHA512}
)

// protocol is what a transform is negotiated for, 0 for ESP and AH at once: a
// child SA is of one of them, RFC 7296 section 3.3.
func protocol(t ipsec.Transform) wire.Protocol {
	switch {
	case t.HasESP() && t.HasAH():
		return 0
	case t.HasAH():
		return wire.ProtoAH
	}
	return wire.ProtoESP
}

// offerable leaves out transforms that no child SA can have.
func offerable(ts []ipsec.Transform) []ipsec.Transform {
	return slices.DeleteFunc(slices.Clone(ts), func(t ipsec.Transform) bool { return protocol(t) == 0 })
}

// maxProposals is how many have a number.
const maxProposals = 255

// childProposals offers transforms: those of one set in one proposal, since a
// set stands for all combinations of its algorithms. Ciphers that authenticate
// go apart, where no integrity algorithm is offered (RFC 7296 section 3.3).
func childProposals(ts []ipsec.Transform, spi uint32, create bool) *wire.SA {
	type class struct {
		set      string
		proto    wire.Protocol
		combined bool
		pfs      int
	}
	sa := &wire.SA{}
	at := map[class]int{}
	for _, t := range ts {
		c := class{t.Name, protocol(t), t.Encr.Combined(), t.PFS}
		i, ok := at[c]
		if !ok {
			if i = len(sa.Proposals); i == maxProposals {
				break
			}
			at[c] = i
			sa.Proposals = append(sa.Proposals, wire.Proposal{Number: uint8(i + 1), Protocol: c.proto, SPI: u32(spi)})
		}
		q := &sa.Proposals[i]
		for _, w := range childTransforms(t, create) {
			if !slices.ContainsFunc(q.Transforms, w.Equal) {
				q.Transforms = append(q.Transforms, w)
			}
		}
	}
	for _, q := range sa.Proposals {
		slices.SortStableFunc(q.Transforms, func(a, b wire.Transform) int { return cmp.Compare(a.Kind, b.Kind) })
	}
	return sa
}

func childTransforms(t ipsec.Transform, create bool) []wire.Transform {
	var out []wire.Transform
	if t.HasESP() {
		out = append(out, wire.NewTransform(wire.Encr, espEncr[t.Encr], t.KeyBits))
	}
	if a := max(t.Auth, t.AH); a != 0 {
		out = append(out, wire.NewTransform(wire.Integ, integ[a], 0))
	}
	if create && t.PFS != 0 {
		out = append(out, wire.NewTransform(wire.DH, uint16(t.PFS), 0))
	}
	esn := wire.NoESN
	if t.ESN {
		esn = wire.UsesESN
	}
	return append(out, wire.NewTransform(wire.ESN, esn, 0))
}

// chooseTransform finds the first proposal that is one of ours. The group of
// the transform is the peer's where we ask for none.
func chooseTransform(ours []ipsec.Transform, sa *wire.SA, create bool) (t ipsec.Transform, chosen *wire.Proposal) {
	for _, q := range sa.Proposals {
		if len(q.SPI) != 4 {
			continue
		}
		for _, t := range ours {
			if protocol(t) != q.Protocol {
				continue
			}
			if create && t.PFS == 0 {
				t.PFS = offeredGroup(q)
			}
			want := childTransforms(t, create)
			if covers(q.Transforms, want) {
				return t, &wire.Proposal{Number: q.Number, Protocol: q.Protocol, SPI: q.SPI, Transforms: want}
			}
		}
	}
	return t, nil
}

// offeredGroup is the first group of a proposal that is known, 0 for none.
func offeredGroup(q wire.Proposal) int {
	for _, t := range q.Transforms {
		if t.Kind == wire.DH && modp.Find(int(t.ID)) != nil {
			return int(t.ID)
		}
	}
	return 0
}

// covers says whether every kind of transform of want, and no other kind, is
// among the offered with its ID and key length.
func covers(offered, want []wire.Transform) bool {
	has := func(ts []wire.Transform, f func(wire.Transform) bool) bool { return slices.ContainsFunc(ts, f) }
	for _, w := range want {
		if !has(offered, w.Equal) {
			return false
		}
	}
	for _, o := range offered {
		none := (o.Kind == wire.DH || o.Kind == wire.Integ) && o.ID == wire.NoneOfKind
		if !none && !has(want, func(w wire.Transform) bool { return w.Kind == o.Kind }) {
			return false
		}
	}
	return true
}

// newChild asks for another child SA, RFC 7296 section 1.3.1, or for one in
// place of old, section 1.3.3.
func (s *SA) newChild(r ipsec.Request, old *child) { s.offerChild(&childOffer{req: r, renews: old}) }

func (s *SA) offerChild(n *childOffer) {
	e := s.engine
	n.in, n.ni, n.group = e.host.LarvalSPI(s.Remote.Addr()), e.nonce(), offerable(n.req.Transforms)[0].PFS
	if n.group != 0 {
		n.secret = e.secret(n.group)
	}
	s.open = append(s.open, n)
	s.create(n, true)
}

func (s *SA) create(n *childOffer, again bool) {
	s.ask(&request{exchange: wire.CreateChild, task: makeChild, build: func() []wire.Payload {
		if !slices.Contains(s.open, n) { // another IKE SA asks for it now
			return nil
		}
		var ps []wire.Payload
		if old := n.renews; old != nil {
			if old.replaced || !slices.Contains(s.children, old) {
				s.withdraw(n)
				return nil
			}
			s.engine.event(Event{Kind: Renewing, SA: s, SPI: old.in, OutSPI: old.out})
			ps = append(ps, &wire.Notification{Protocol: old.proto, Notify: wire.RekeySA, SPI: u32(old.in)})
		}
		n.sent = true
		return append(ps, n.payloads(true)...)
	}, reply: func(in *inbound) { s.gotCreated(in, n, again) }})
}

// withdraw forgets an offer.
func (s *SA) withdraw(n *childOffer) {
	s.open = slices.DeleteFunc(s.open, func(o *childOffer) bool { return o == n })
}

func (s *SA) gotCreated(in *inbound, n *childOffer, again bool) {
	e := s.engine
	r := refusal(in.payloads)
	if r != nil && r.Notify == wire.InvalidKEPayload && again {
		g := asked(r)
		if modp.Find(g) != nil && slices.ContainsFunc(n.req.Transforms, func(t ipsec.Transform) bool { return t.PFS == g }) {
			e.count(r.Notify)
			n.group, n.secret = g, e.secret(g)
			s.create(n, false)
			return
		}
	}
	s.withdraw(n)
	if r != nil && s.putOff(n, r) {
		return
	}
	made, c := s.gotChild(in.payloads, n, wire.CreateChild)
	if c != 0 {
		e.failed(n.req, c)
		return
	}
	old := n.renews
	if old == nil {
		return
	}
	if n.rival != nil && lowest(n.ni, made.nr, n.rival.ni, n.rival.nr) { // section 2.8.1: ours has the lowest nonce
		e.event(Event{Kind: Collided, SA: s, Lost: true, SPI: made.child.in})
		old.replaced = true
		s.closeChild(made.child)
		return
	}
	if n.rival != nil {
		e.event(Event{Kind: Collided, SA: s, SPI: made.child.in})
	}
	if slices.Contains(s.children, old) {
		s.closeChild(old)
	}
}

// closeChild deletes a child SA on both sides.
func (s *SA) closeChild(c *child) {
	s.deleteChildren(c)
	s.engine.host.DeleteSPI(s.Remote.Addr(), c.out)
}

// made is a child SA with the nonce that the peer has given for it.
type made struct {
	child *child
	nr    []byte
}

// gotChild takes the peer's answer to an offer; the cause is 0 when the pair is
// up.
func (s *SA) gotChild(ps []wire.Payload, n *childOffer, x wire.ExchangeType) (m made, _ Cause) {
	e := s.engine
	create := x == wire.CreateChild
	if r := refusal(ps); r != nil {
		e.refused(s, r.Notify, true)
		return m, CauseNotified
	}
	sa, ok := wire.Find[*wire.SA](ps)
	if !ok {
		e.count(wire.InvalidSyntax)
		return m, CauseSyntax
	}
	t, chosen := chooseTransform(n.req.Transforms, sa, create)
	if chosen == nil || create && t.PFS != n.group {
		e.count(wire.NoProposalChosen)
		return m, CauseProposal
	}
	ni, nr, gxy := s.ni, s.nr, []byte(nil)
	if create {
		nonce, ok := wire.Find[*wire.Nonce](ps)
		if !ok {
			e.count(wire.InvalidSyntax)
			return m, CauseSyntax
		}
		ni, nr = n.ni, nonce.Data
		if n.group != 0 {
			ke, ok := wire.Find[*wire.KeyExchange](ps)
			if ok {
				gxy, ok = e.shared(n.group, ke.Data, n.secret)
			}
			if !ok {
				e.count(wire.InvalidKEPayload)
				return m, CauseSyntax
			}
		}
	}
	ours, theirs := traffic(ps)
	flow, ok := narrow(n.req.Flow, ours, theirs)
	if !ok || transport(ps) != (t.Mode == ipsec.Transport) {
		e.count(wire.TSUnacceptable)
		return m, CauseTraffic
	}
	r := n.req
	r.Flow = flow
	fromI, fromR := s.Suite.childKeys(s.keys.d, t, gxy, ni, nr)
	c, err := s.install(r, t, n.in, binary.BigEndian.Uint32(chosen.SPI), true, fromI, fromR)
	if err != nil {
		return m, CauseInstall
	}
	return made{c, nr}, 0
}

func transport(ps []wire.Payload) bool { return wire.FindNotify(ps, wire.UseTransportMode) != nil }

// childKeys is the key material of RFC 7296 section 2.17.
func (s Suite) childKeys(d []byte, t ipsec.Transform, gxy, ni, nr []byte) (fromInitiator, fromResponder ipsec.Keys) {
	e, a, h := t.EncrKeyLen(), t.AuthKeyLen(), t.AH.KeyLen()
	b := s.prfPlus(2*(e+a+h), d, gxy, ni, nr)
	cut := func(n int) []byte {
		part := b[:n:n]
		b = b[n:]
		return part
	}
	return ipsec.Keys{Encr: cut(e), Auth: cut(a), AH: cut(h)}, ipsec.Keys{Encr: cut(e), Auth: cut(a), AH: cut(h)}
}

func (s *SA) install(r ipsec.Request, t ipsec.Transform, in, out uint32, initiator bool, fromInitiator, fromResponder ipsec.Keys) (*child, error) {
	p := ipsec.Pair{Request: r, Initiator: initiator, Transform: t, In: fromResponder, Out: fromInitiator, IKE: s.Tunnel}
	proto := protocol(t)
	if proto == wire.ProtoAH {
		p.InAH, p.OutAH = in, out
	} else {
		p.InSPI, p.OutSPI = in, out
	}
	if !initiator {
		p.In, p.Out = p.Out, p.In
	}
	if s.NAT || s.PeerNAT {
		p.LocalPort, p.RemotePort = s.Local.Port(), s.Remote.Port()
	}
	if err := s.engine.host.AddPair(p); err != nil {
		return nil, err
	}
	c := &child{proto: proto, in: in, out: out}
	s.children = append(s.children, c)
	s.engine.event(Event{Kind: ChildMade, SA: s, SPI: in, OutSPI: out, Transform: t})
	return c, nil
}

// answerChild answers a proposal of the peer, for a child SA in place of old if
// that is not nil. install is nil when it is refused; it is to be called when
// the answer is out.
func (s *SA) answerChild(ps []wire.Payload, x wire.ExchangeType, old *child) (answer []wire.Payload, install func()) {
	e := s.engine
	create := x == wire.CreateChild
	refuse := func(n wire.NotifyType, data []byte) ([]wire.Payload, func()) { return e.refuse(s, n, data), nil }
	sa, ok := wire.Find[*wire.SA](ps)
	if !ok {
		return refuse(wire.InvalidSyntax, nil)
	}
	theirs, ours := traffic(ps)
	r, ok := s.policyFor(ours, theirs)
	if !ok {
		return refuse(wire.TSUnacceptable, nil)
	}
	t, chosen := chooseTransform(r.Transforms, sa, create)
	if chosen == nil || transport(ps) != (t.Mode == ipsec.Transport) {
		return refuse(wire.NoProposalChosen, nil)
	}
	peer := binary.BigEndian.Uint32(chosen.SPI)
	in := e.host.LarvalSPI(s.Remote.Addr())
	chosen.SPI = u32(in)
	answer = []wire.Payload{&wire.SA{Proposals: []wire.Proposal{*chosen}}}
	ni, nr, gxy := s.ni, s.nr, []byte(nil)
	if create {
		nonce, ok := wire.Find[*wire.Nonce](ps)
		if !ok {
			return refuse(wire.InvalidSyntax, nil)
		}
		ni, nr = nonce.Data, e.nonce()
		answer = append(answer, &wire.Nonce{Data: nr})
		if t.PFS != 0 {
			ke, ok := wire.Find[*wire.KeyExchange](ps)
			if !ok || int(ke.Group) != t.PFS {
				return refuse(wire.InvalidKEPayload, binary.BigEndian.AppendUint16(nil, uint16(t.PFS)))
			}
			secret := e.secret(t.PFS)
			if gxy, ok = e.shared(t.PFS, ke.Data, secret); !ok {
				return refuse(wire.InvalidSyntax, nil)
			}
			answer = append(answer, &wire.KeyExchange{Group: ke.Group, Data: modp.Find(t.PFS).Public(secret)})
		}
	}
	answer = append(answer, selectors(r.Flow, false)...)
	if t.Mode == ipsec.Transport {
		answer = append(answer, &wire.Notification{Notify: wire.UseTransportMode})
	}
	return answer, func() {
		fromI, fromR := s.Suite.childKeys(s.keys.d, t, gxy, ni, nr)
		c, err := s.install(r, t, in, peer, false, fromI, fromR)
		if err != nil {
			s.tell(&wire.Delete{Protocol: protocol(t), SPIs: []uint32{in}})
			return
		}
		if old != nil {
			s.supersede(old, &rival{c, ni, nr})
		}
	}
}
