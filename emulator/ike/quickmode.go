package ike

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"encoding/binary"
	"net/netip"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/modp"
)

// quickMode is RFC 2409 section 5.5.
var quickMode = []step[*quick]{
	// HDR*, HASH(1), SA, Ni [, KE] [, IDci, IDcr] --> HDR*, HASH(2), SA, Nr [, KE] [, IDci, IDcr]
	{Init, false, true, isakmp.TypeHash, types(isakmp.TypeHash, isakmp.TypeSA, isakmp.TypeNonce), types(isakmp.TypeKE, isakmp.TypeID, isakmp.TypeNATOA, isakmp.TypeNotify), Sent2, retransmit, (*quick).gotOffer},
	// HDR*, HASH(2), SA, Nr [, KE] [, IDci, IDcr] --> HDR*, HASH(3)
	{Sent1, true, true, isakmp.TypeHash, types(isakmp.TypeHash, isakmp.TypeSA, isakmp.TypeNonce), types(isakmp.TypeKE, isakmp.TypeID, isakmp.TypeNATOA, isakmp.TypeNotify), Established, none, (*quick).gotAnswer},
	// HDR*, HASH(3) -->
	{Sent2, false, true, isakmp.TypeHash, types(isakmp.TypeHash), types(isakmp.TypeNotify), Established, none, (*quick).gotConfirmation},
}

// A quick is one quick mode: a pair of IPsec SAs being negotiated. A finished
// one stays for a while to answer repetitions.
type quick struct {
	engine    *Engine
	sa        *SA // nil while it waits for phase 1
	initiator bool
	begun     bool
	gone      bool
	state     State
	mid       uint32
	iv        []byte
	out       outbox
	req       ipsec.Request
	in, peer  spis // ours are for inbound, the peer's for outbound
	ni, nr    []byte
	secret    []byte // private value with PFS
	gxy       []byte
	chosen    ipsec.Transform
	ids       []*isakmp.ID // initiator's and responder's, as proposed
	original  ipsec.Ends   // as the peer has them, with NAT-OA
}

// SPIs are those of one direction, 0 for a protocol that is not used.
type spis struct{ ah, esp uint32 }

func (v *spis) of(p isakmp.Protocol) *uint32 {
	if p == isakmp.ProtoAH {
		return &v.ah
	}
	return &v.esp
}

// main is the protocol that notifications are about: ESP where it is used.
func (v *spis) main() isakmp.Protocol {
	if v.esp == 0 && v.ah != 0 {
		return isakmp.ProtoAH
	}
	return isakmp.ProtoESP
}

// reserve draws an SPI for each protocol of the transforms.
func (q *quick) reserve(ts ...ipsec.Transform) {
	for _, t := range ts {
		for _, part := range split(t) {
			if v := q.in.of(protocol(part)); *v == 0 {
				*v = q.engine.host.LarvalSPI(q.sa.Remote.Addr())
			}
		}
	}
}

// split makes a transform of each protocol of t, AH before ESP.
func split(t ipsec.Transform) []ipsec.Transform {
	var parts []ipsec.Transform
	if t.HasAH() {
		parts = append(parts, ipsec.Transform{Name: t.Name, Mode: t.Mode, AH: t.AH, PFS: t.PFS})
	}
	if t.HasESP() {
		t.AH = 0
		parts = append(parts, t)
	}
	return parts
}

// protocol is that of a transform of one.
func protocol(t ipsec.Transform) isakmp.Protocol {
	if t.HasAH() {
		return isakmp.ProtoAH
	}
	return isakmp.ProtoESP
}

// messageID draws a message ID that is not zero.
func (e *Engine) messageID() uint32 {
	for {
		if v := e.host.Stream("ike mid").Uint32(); v != 0 {
			return v
		}
	}
}

// adopt puts a quick mode under an IKE SA; it begins when the SA is ready.
func (s *SA) adopt(q *quick) {
	q.sa = s
	s.quicks = append(s.quicks, q)
}

func (q *quick) emit(v Event) { q.sa.emit(v) }

// become enters a state with its timer.
func (q *quick) become(to State, t timing) {
	from := q.state
	q.state = to
	q.emit(Event{Kind: StateChanged, Phase: 2, From: from, To: to})
	q.out.timer.Stop()
	q.out.timer, q.out.tries, q.out.repeated = nil, 0, 0
	h := q.engine.host
	switch {
	case t == retransmit:
		q.out.timer = h.After(retransmitAfter, q.again)
	case to == Established:
		q.out.timer = h.After(2*giveUpAfter, q.forget)
	}
}

func (q *quick) again() {
	if q.out.tries == retransmissions {
		q.engine.Stats.Timeout++
		q.emit(Event{Kind: RetransmitTimeout, Phase: 2})
		q.fail(CauseTimeout, 0)
		return
	}
	q.out.tries++
	q.emit(Event{Kind: Retransmit, Phase: 2})
	q.sa.transmit(q.out.sent)
	q.out.timer = q.engine.host.After(retransmitAfter, q.again)
}

// forget drops a quick mode from its IKE SA.
func (q *quick) forget() {
	q.out.timer.Stop()
	q.gone = true
	for i, o := range q.sa.quicks {
		if o == q {
			q.sa.quicks = append(q.sa.quicks[:i:i], q.sa.quicks[i+1:]...)
			return
		}
	}
}

// fail ends the negotiation; the peer is told with notify unless it is 0.
func (q *quick) fail(c Cause, notify isakmp.NotifyType) {
	if notify != 0 {
		q.engine.count(notify)
		q.sa.sendInfo(&isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: q.peer.main(), Notify: notify, SPI: u32(*q.peer.of(q.peer.main()))})
	}
	q.emit(Event{Kind: Negotiation, Phase: 2, Cause: c, Initiator: q.initiator})
	q.emit(Event{Kind: PairDeleted})
	q.forget()
	if q.initiator {
		q.engine.failed(q.req, c)
	}
}

// begin sends the first message of quick mode.
func (s *SA) begin(q *quick) {
	if q.begun || !q.initiator {
		return
	}
	e := s.engine
	if e.crowded() {
		s.emit(Event{Kind: Limit, Name: "negotiating"})
		q.fail(CauseLimit, 0)
		return
	}
	q.begun = true
	e.job(s.Local, s.Remote, s.Conn, s.ICookie)
	s.emit(Event{Kind: Begin, Phase: 2, Header: isakmp.Header{Exchange: isakmp.ExchangeQuick}})
	s.ctl()
	q.mid = e.messageID()
	q.reserve(q.req.Transforms...)
	q.become(GetSPI, none)
	s.ctl()
	e.job(s.Local, s.Remote, s.Conn, s.ICookie)
	q.iv = s.Proposal.suite().nextIV(s.iv, q.mid)
	q.ni = s.nonce()
	pfs := q.req.Transforms[0].PFS
	if modp.Find(pfs) == nil {
		pfs = 0
	}
	sa := &isakmp.SA{DOI: isakmp.DOIIPsec, Situation: isakmp.SituationIdentityOnly}
	s.emit(Event{Kind: AttributesSet, Phase: 2})
	for i, t := range q.req.Transforms[:min(len(q.req.Transforms), 255)] {
		t.PFS = pfs
		for _, part := range split(t) { // protocols of one number belong together (RFC 2408 section 4.2)
			sa.Proposals = append(sa.Proposals, isakmp.Proposal{Number: uint8(i + 1), Protocol: protocol(part), SPI: q.shown(protocol(part)),
				Transforms: []isakmp.Transform{q.transform(part, 1)}})
			s.emit(Event{Kind: ProposalBuilt, Number: uint64(i + 1)})
		}
	}
	ps := []isakmp.Payload{s.built(sa, 2), s.built(&isakmp.Nonce{Data: q.ni}, 2)}
	if pfs != 0 {
		q.secret = e.host.Stream("ike dh").Bytes(modp.Find(pfs).Exp)
		ps = append(ps, s.built(&isakmp.KeyExchange{Data: e.public(pfs, q.secret)}, 2))
	}
	f := q.req.Flow
	q.ids = []*isakmp.ID{isakmp.PrefixID(f.Src, f.Proto, f.SrcPort), isakmp.PrefixID(f.Dst, f.Proto, f.DstPort)}
	ps = append(ps, s.built(q.ids[0], 2), s.built(q.ids[1], 2))
	ps = append(ps, q.natOriginals(q.req.Transforms...)...)
	q.send(nil, 1, ps...)
	q.become(Sent1, retransmit)
}

// transform is a way to protect packets with one protocol on the wire, RFC
// 2407 section 4.5.
func (q *quick) transform(t ipsec.Transform, number uint8) isakmp.Transform {
	as := []isakmp.Attribute{
		isakmp.Attr(isakmp.Phase2Encapsulation, uint64(t.Mode)+q.sa.encapsulation()),
		isakmp.Attr(isakmp.Phase2LifeType, isakmp.LifeSeconds),
		isakmp.Attr(isakmp.Phase2LifeDuration, uint64(q.req.Seconds)),
		isakmp.Attr(isakmp.Phase2LifeType, isakmp.LifeKilobytes),
		isakmp.Attr(isakmp.Phase2LifeDuration, uint64(q.req.Kilobytes)),
	}
	id := uint8(t.Encr)
	if t.HasAH() {
		id = t.AH.AHTransform()
	}
	if auth := cmp.Or(t.AH, t.Auth); auth != 0 {
		as = append(as, isakmp.Attr(isakmp.Phase2Auth, uint64(auth)))
	}
	if t.KeyBits != 0 {
		as = append(as, isakmp.Attr(isakmp.Phase2KeyLength, uint64(t.KeyBits)))
	}
	if t.PFS != 0 {
		as = append(as, isakmp.Attr(isakmp.Phase2Group, uint64(t.PFS)))
	}
	if t.ESN {
		as = append(as, isakmp.Attr(isakmp.Phase2ESN, isakmp.ESN64))
	}
	for _, a := range as {
		q.emit(Event{Kind: Attribute, Phase: 2, Attr: a})
	}
	q.emit(Event{Kind: TransformID, Phase: 2, Transform: t})
	q.emit(Event{Kind: TransformBuilt, Phase: 2, Number: uint64(number)})
	return isakmp.Transform{Number: number, ID: id, Attributes: as}
}

// A life is what attributes say about a lifetime, 0 for nothing.
type life struct{ seconds, kilobytes uint64 }

func readLife(kind uint64, v uint64, l *life) bool {
	switch kind {
	case isakmp.LifeSeconds:
		l.seconds = v
	case isakmp.LifeKilobytes:
		l.kilobytes = v
	default:
		return false
	}
	return true
}

// shorten takes over what is shorter than our own.
func (q *quick) shorten(l life) {
	if l.seconds != 0 && l.seconds < uint64(q.req.Seconds) {
		q.req.Seconds = uint32(l.seconds)
	}
	if l.kilobytes != 0 && l.kilobytes < uint64(q.req.Kilobytes) {
		q.req.Kilobytes = uint32(l.kilobytes)
	}
}

// readTransform is the reverse of transform; ok is false for what we do not
// speak.
func (q *quick) readTransform(p isakmp.Protocol, w isakmp.Transform) (t ipsec.Transform, l life, ok bool) {
	ok = true
	kind := isakmp.LifeSeconds
	for _, a := range w.Attributes {
		q.emit(Event{Kind: Attribute, Phase: 2, Attr: a, Received: true})
		v, good := a.Uint()
		ok = ok && good
		switch a.Type {
		case isakmp.Phase2Encapsulation:
			add := q.sa.encapsulation()
			ok = ok && v > add
			t.Mode = ipsec.Mode(v - add)
		case isakmp.Phase2LifeType:
			kind = v
		case isakmp.Phase2LifeDuration:
			ok = readLife(kind, v, &l) && ok
		case isakmp.Phase2Auth:
			t.Auth = ipsec.Authentication(v)
		case isakmp.Phase2KeyLength:
			t.KeyBits = int(min(v, 0xffff))
		case isakmp.Phase2Group:
			t.PFS = int(min(v, 0xffff))
		case isakmp.Phase2ESN:
			ok = ok && v == isakmp.ESN64
			t.ESN = true
		default:
			ok = false
		}
	}
	if p == isakmp.ProtoAH {
		ok = ok && t.KeyBits == 0 && t.Auth != 0 && t.Auth.AHTransform() == w.ID
		t.AH, t.Auth = t.Auth, 0
	} else {
		t.Encr = ipsec.Encryption(w.ID)
	}
	q.emit(Event{Kind: TransformID, Phase: 2, Transform: t, Received: true})
	if t.Encr == ipsec.AES && t.KeyBits == 0 {
		t.KeyBits = 128
	}
	return t, l, ok && (t.PFS == 0 || modp.Find(t.PFS) != nil)
}

// match finds a transform of ours that equals theirs. Of PFS it only asks
// that the initiator's group is not weaker than the responder's.
func (q *quick) match(theirs ipsec.Transform) (ipsec.Transform, bool) {
	for _, t := range q.req.Transforms {
		if t.Encr != theirs.Encr || t.KeyBits != theirs.KeyBits || t.Auth != theirs.Auth || t.AH != theirs.AH || t.Mode != theirs.Mode || t.ESN != theirs.ESN {
			continue
		}
		if t.HasAH() && q.sa.encapsulation() != 0 { // AH does not survive a NAT
			continue
		}
		if !q.initiator && t.PFS > theirs.PFS {
			q.emit(Event{Kind: KeyGroupMismatch})
			continue
		}
		t.PFS = theirs.PFS
		return t, true
	}
	return ipsec.Transform{}, false
}

// send puts HASH(n) in front of the payloads, encrypts and sends them.
func (q *quick) send(in *inbound, n int, ps ...isakmp.Payload) {
	s := q.sa
	rest, err := isakmp.AppendPayloads(nil, ps)
	if err != nil {
		panic(err) // all payloads are built here
	}
	s.emit(Event{Kind: PayloadConstructed, Payload: isakmp.TypeHash, Phase: 2, Number: uint64(n)})
	m := isakmp.Message{
		Header:   isakmp.Header{Initiator: s.ICookie, Responder: s.RCookie, Version: isakmp.Version1, Exchange: isakmp.ExchangeQuick, MessageID: q.mid},
		Payloads: append([]isakmp.Payload{&isakmp.HashData{Data: q.hash(n, rest)}}, ps...),
	}
	q.iv = s.seal(&m, q.iv)
	q.out.sent = encode(&m)
	q.out.got = nil
	if in != nil {
		q.out.got = in.raw
	}
	s.transmit(q.out.sent)
}

// hash is HASH(n) of RFC 2409 section 5.5.
func (q *quick) hash(n int, rest []byte) []byte {
	u, a := q.sa.Proposal.suite(), q.sa.keys.a
	switch n {
	case 1:
		return u.prf(a, u32(q.mid), rest)
	case 2:
		return u.prf(a, u32(q.mid), q.ni, rest)
	}
	return u.prf(a, []byte{0}, u32(q.mid), q.ni, q.nr)
}

func (q *quick) verify(in *inbound, n int) bool {
	h, _, _ := isakmp.Find[*isakmp.HashData](in.items)
	q.sa.processed(isakmp.TypeHash, 2)
	if !hmac.Equal(h.Data, q.hash(n, in.rest())) {
		q.engine.count(isakmp.InvalidHashInformation)
		q.emit(Event{Kind: HashInvalid, Phase: 2, Number: uint64(n)})
		return false
	}
	q.emit(Event{Kind: HashValidated, Phase: 2, Number: uint64(n)})
	q.sa.follow(in)
	return true
}

func (e *Engine) receiveQuick(s *SA, in *inbound) {
	at := func(v Event) {
		v.Local, v.Remote = in.local, in.remote
		e.emit(v)
	}
	switch {
	case s == nil:
		e.Stats.NoSA++
		at(Event{Kind: QuickWithoutSA})
		return
	case s.State != Established:
		at(Event{Kind: QuickIncompleteSA})
		return
	case in.header.Flags&isakmp.FlagEncryption == 0:
		s.emit(Event{Kind: NotEncrypted})
		return
	case in.header.MessageID == 0:
		e.count(isakmp.InvalidMessageID)
		at(Event{Kind: PacketInvalid, Phase: 2, Notify: isakmp.InvalidMessageID, Header: in.header})
		return
	}
	for _, q := range s.quicks {
		if q.mid == in.header.MessageID && (q.begun || !q.initiator) {
			q.receive(in)
			return
		}
	}
	if len(s.quicks) >= maxHalfOpen || e.crowded() {
		s.emit(Event{Kind: Limit, Name: "negotiating"})
		return
	}
	q := &quick{engine: e, mid: in.header.MessageID, iv: s.Proposal.suite().nextIV(s.iv, in.header.MessageID)}
	s.adopt(q)
	q.receive(in)
}

func (q *quick) receive(in *inbound) {
	s := q.sa
	if q.out.got != nil && bytes.Equal(q.out.got, in.raw) {
		s.duplicate(&q.out, 2)
		return
	}
	step := find(quickMode, q.state, q.initiator)
	if step == nil {
		s.emit(Event{Kind: DuplicateIgnored, Phase: 2})
		return
	}
	fresh := q.state == Init
	var f *failure
	if err := s.parse(in, q.iv, 2); err != nil {
		f = &failure{drop: true}
	} else if f = step.check(in.items); f != nil {
		f.drop = true
		s.parseFailed(&isakmp.ParseError{Notify: f.notify, Structure: "message", Detail: "payloads of another message"}, 2)
	} else {
		old := q.iv
		q.iv = in.iv
		if f = step.run(q, in); f != nil && f.drop {
			q.iv = old
		}
	}
	switch {
	case f == nil:
		if step.next == Established {
			q.become(SACreated, none)
			s.ctl()
			s.engine.job(s.Local, s.Remote, s.Conn, s.ICookie)
		}
		q.become(step.next, step.timer)
		if step.next != Established {
			s.ctl()
		}
	case f.drop && fresh:
		q.forget()
	case f.drop:
	default:
		q.fail(f.cause, f.notify)
	}
}

// gotOffer is message 1 of quick mode.
func (q *quick) gotOffer(in *inbound) *failure {
	s, e := q.sa, q.engine
	if !q.verify(in, 1) {
		return &failure{drop: true}
	}
	s.emit(Event{Kind: RoleChosen, Phase: 2})
	s.emit(Event{Kind: StateSet, Phase: 2, To: Init})
	s.emit(Event{Kind: Begin, Phase: 2, Header: isakmp.Header{Exchange: isakmp.ExchangeQuick}})
	sa, _, _ := isakmp.Find[*isakmp.SA](in.items)
	no, _, _ := isakmp.Find[*isakmp.Nonce](in.items)
	q.ni = append([]byte(nil), no.Data...)
	if f := q.takeNonce(q.ni); f != nil {
		return f
	}
	flow, f := q.takeIDs(in, nil)
	if f == nil {
		f = q.takeOriginals(in)
	}
	if f != nil {
		return f
	}
	flow = q.translated(flow)
	req, ok := e.host.PolicyFor(s.Local.Addr(), s.Remote.Addr(), flow, s.Profile)
	if !ok || len(req.Transforms) == 0 {
		s.emit(Event{Kind: PolicyMissing})
		return &failure{cause: CausePolicy, notify: isakmp.InvalidIDInformation}
	}
	q.req = req
	q.req.Local, q.req.Remote, q.req.Flow = s.Local.Addr(), s.Remote.Addr(), flow
	s.processed(isakmp.TypeSA, 2)
	offer, l, ok := q.choose(sa)
	if !ok {
		return &failure{cause: CauseNoProposal, notify: isakmp.NoProposalChosen}
	}
	var ke isakmp.Payload
	if g := q.chosen.PFS; g != 0 {
		q.secret = e.host.Stream("ike dh").Bytes(modp.Find(g).Exp)
		ke = &isakmp.KeyExchange{Data: e.public(g, q.secret)}
	}
	if f := q.takeKE(in); f != nil {
		return f
	}
	q.reserve(q.chosen)
	q.become(GetSPI, none)
	s.ctl()
	q.nr = s.nonce()
	reply := &isakmp.SA{DOI: sa.DOI, Situation: sa.Situation}
	for _, p := range offer {
		p.SPI = q.shown(p.Protocol)
		reply.Proposals = append(reply.Proposals, p)
	}
	ps := []isakmp.Payload{s.built(reply, 2), s.built(&isakmp.Nonce{Data: q.nr}, 2)}
	if ke != nil {
		ps = append(ps, s.built(ke, 2))
	}
	for _, id := range q.ids {
		ps = append(ps, s.built(id, 2))
	}
	ps = append(ps, q.natOriginals(q.chosen)...)
	q.shorten(l)
	if n := q.lifetimeNotice(l); n != nil {
		ps = append(ps, s.built(n, 2))
	}
	q.send(in, 2, ps...)
	return nil
}

// lifetimeNotice is RESPONDER-LIFETIME, RFC 2407 section 4.6.3.1, when ours
// is shorter than what the initiator proposed.
func (q *quick) lifetimeNotice(l life) isakmp.Payload {
	if (l.seconds == 0 || l.seconds <= uint64(q.req.Seconds)) && (l.kilobytes == 0 || l.kilobytes <= uint64(q.req.Kilobytes)) {
		return nil
	}
	data, err := isakmp.AppendAttributes(nil, []isakmp.Attribute{
		isakmp.Attr(isakmp.Phase2LifeType, isakmp.LifeSeconds), isakmp.Attr(isakmp.Phase2LifeDuration, uint64(q.req.Seconds)),
		isakmp.Attr(isakmp.Phase2LifeType, isakmp.LifeKilobytes), isakmp.Attr(isakmp.Phase2LifeDuration, uint64(q.req.Kilobytes)),
	})
	if err != nil {
		panic(err) // four small attributes
	}
	return &isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: q.in.main(), Notify: isakmp.ResponderLifetime, SPI: u32(*q.in.of(q.in.main())), Data: data}
}

func (q *quick) takeNonce(n []byte) *failure {
	q.sa.processed(isakmp.TypeNonce, 2)
	if len(n) < 8 || len(n) > 256 {
		return &failure{cause: CauseMalformed, notify: isakmp.PayloadMalformed}
	}
	return nil
}

// takeIDs reads the flow, seen outbound from here. Without IDs it is the
// traffic between the two ends (RFC 2409 section 5.5). want, if any, is what
// an answer must repeat.
func (q *quick) takeIDs(in *inbound, want []*isakmp.ID) (ipsec.Selector, *failure) {
	s := q.sa
	bad := &failure{cause: CauseIdentity, notify: isakmp.InvalidIDInformation}
	var ids []*isakmp.ID
	for _, it := range in.items {
		if id, ok := it.Payload.(*isakmp.ID); ok {
			s.processed(isakmp.TypeID, 2)
			ids = append(ids, id)
		}
	}
	if want != nil {
		if len(ids) != 2 || !bytes.Equal(body(ids[0]), body(want[0])) || !bytes.Equal(body(ids[1]), body(want[1])) {
			return ipsec.Selector{}, bad
		}
		return q.req.Flow, nil
	}
	switch len(ids) {
	case 0:
		return ipsec.Selector{Src: netip.PrefixFrom(s.Local.Addr(), 32), Dst: netip.PrefixFrom(s.Remote.Addr(), 32)}, nil
	case 2:
	default:
		return ipsec.Selector{}, bad
	}
	dst, ok1 := ids[0].Prefix()
	src, ok2 := ids[1].Prefix()
	if !ok1 || !ok2 || ids[0].Protocol != ids[1].Protocol {
		return ipsec.Selector{}, bad
	}
	q.ids = ids
	return ipsec.Selector{Src: src, Dst: dst, Proto: ids[0].Protocol, SrcPort: ids[1].Port, DstPort: ids[0].Port}, nil
}

// choose walks the initiator's proposals in order. Those that share a number
// belong together: AH and ESP, at most one of each (RFC 2408 section 4.2).
// What it returns is what is left of the chosen ones: one transform each.
func (q *quick) choose(sa *isakmp.SA) ([]isakmp.Proposal, life, bool) {
	for rest := sa.Proposals; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Number == rest[0].Number {
			n++
		}
		group := rest[:n]
		rest = rest[n:]
		q.emit(Event{Kind: ProposalCheck, Number: uint64(group[0].Number)})
		if !speaks(group) {
			q.emit(Event{Kind: Unacceptable, Phase: 2})
			continue
		}
		if t, chosen, l, ok := q.chooseOf(group, ipsec.Transform{}, life{}); ok {
			q.chosen, q.peer = t, spis{}
			for _, p := range group {
				*q.peer.of(p.Protocol) = binary.BigEndian.Uint32(p.SPI)
			}
			return chosen, l, true
		}
	}
	return nil, life{}, false
}

// speaks says whether proposals of one number are of protocols that we have,
// with proper SPIs.
func speaks(group []isakmp.Proposal) bool {
	for i, p := range group {
		if p.Protocol != isakmp.ProtoESP && p.Protocol != isakmp.ProtoAH || len(p.SPI) != 4 || binary.BigEndian.Uint32(p.SPI) < 256 {
			return false
		}
		for _, o := range group[:i] {
			if o.Protocol == p.Protocol {
				return false
			}
		}
	}
	return true
}

// chooseOf looks for a transform of each of the proposals that together equal
// one of ours; outer and l are what was chosen of those before.
func (q *quick) chooseOf(group []isakmp.Proposal, outer ipsec.Transform, l life) (ipsec.Transform, []isakmp.Proposal, life, bool) {
	p := group[0]
	for _, w := range p.Transforms {
		q.emit(Event{Kind: TransformCheck, Phase: 2, Number: uint64(w.Number)})
		theirs, m, ok := q.readTransform(p.Protocol, w)
		if outer.Mode != 0 { // RFC 2407 section 4.5: one mode and one group for all
			ok = ok && theirs.Mode == outer.Mode && theirs.PFS == outer.PFS
			theirs = merge(theirs, outer)
			m = life{shorter(l.seconds, m.seconds), shorter(l.kilobytes, m.kilobytes)}
		}
		mine := isakmp.Proposal{Number: p.Number, Protocol: p.Protocol, Transforms: []isakmp.Transform{w}}
		if ok && len(group) > 1 {
			if t, inner, m, ok := q.chooseOf(group[1:], theirs, m); ok {
				return t, append([]isakmp.Proposal{mine}, inner...), m, true
			}
			continue
		}
		if ok {
			if t, ok := q.match(theirs); ok {
				q.emit(Event{Kind: Acceptable, Phase: 2})
				return t, []isakmp.Proposal{mine}, m, true
			}
		}
		q.emit(Event{Kind: Unacceptable, Phase: 2})
	}
	return ipsec.Transform{}, nil, life{}, false
}

// merge puts the transforms of two protocols together.
func merge(a, b ipsec.Transform) ipsec.Transform {
	if a.HasESP() {
		a.AH = b.AH
		return a
	}
	b.AH = a.AH
	return b
}

// shorter is the shorter of two lifetimes, of which 0 is none.
func shorter(a, b uint64) uint64 {
	if a == 0 || b == 0 {
		return a + b
	}
	return min(a, b)
}

// takeKE completes PFS, if it was agreed on.
func (q *quick) takeKE(in *inbound) *failure {
	ke, _, ok := isakmp.Find[*isakmp.KeyExchange](in.items)
	g := modp.Find(q.chosen.PFS)
	if g == nil && !ok {
		return nil
	}
	bad := &failure{cause: CauseKeyExchange, notify: isakmp.InvalidKeyInformation}
	if g == nil || !ok {
		return bad
	}
	q.sa.processed(isakmp.TypeKE, 2)
	if q.gxy, ok = q.engine.shared(g, ke.Data, q.secret); !ok {
		q.emit(Event{Kind: KeyLength, Phase: 2, Number: uint64(len(ke.Data))})
		return bad
	}
	return nil
}

// gotAnswer is message 2 of quick mode: the initiator installs and confirms.
func (q *quick) gotAnswer(in *inbound) *failure {
	s := q.sa
	if !q.verify(in, 2) {
		return &failure{drop: true}
	}
	sa, _, _ := isakmp.Find[*isakmp.SA](in.items)
	no, _, _ := isakmp.Find[*isakmp.Nonce](in.items)
	s.processed(isakmp.TypeSA, 2)
	for _, p := range sa.Proposals {
		if p.Number != sa.Proposals[0].Number || len(p.Transforms) != 1 {
			return &failure{cause: CauseNoProposal, notify: isakmp.NoProposalChosen}
		}
	}
	_, l, ok := q.choose(sa)
	offered := q.secret != nil
	if !ok || offered != (q.chosen.PFS != 0) {
		return &failure{cause: CauseNoProposal, notify: isakmp.NoProposalChosen}
	}
	q.nr = append([]byte(nil), no.Data...)
	if f := q.takeNonce(q.nr); f != nil {
		return f
	}
	if f := q.takeKE(in); f != nil {
		return f
	}
	if _, f := q.takeIDs(in, q.ids); f != nil {
		return f
	}
	if f := q.takeOriginals(in); f != nil {
		return f
	}
	q.shorten(l)
	for _, it := range in.items {
		n, ok := it.Payload.(*isakmp.Notification)
		if !ok {
			continue
		}
		s.emit(Event{Kind: NotifyReceived, Notify: n.Notify})
		if n.Notify == isakmp.ResponderLifetime {
			q.responderLifetime(n.Data)
		}
	}
	if f := q.install(); f != nil {
		return f
	}
	q.send(in, 3)
	return nil
}

// responderLifetime takes the responder's shorter lifetime over.
func (q *quick) responderLifetime(b []byte) {
	as, err := isakmp.ParseAttributes(b)
	if err != nil {
		return
	}
	var l life
	kind := uint64(0)
	for _, a := range as {
		v, ok := a.Uint()
		switch {
		case !ok:
		case a.Type == isakmp.Phase2LifeType:
			kind = v
		case a.Type == isakmp.Phase2LifeDuration:
			readLife(kind, v, &l)
		}
	}
	q.shorten(l)
}

// gotConfirmation is message 3: the responder installs.
func (q *quick) gotConfirmation(in *inbound) *failure {
	if !q.verify(in, 3) {
		return &failure{drop: true}
	}
	q.out.sent, q.out.got = nil, in.raw
	return q.install()
}

// install makes the keys of both directions and gives the pair to IPsec.
func (q *quick) install() *failure {
	s, t := q.sa, q.chosen
	keymat := func(p isakmp.Protocol, spi uint32, n int) []byte {
		return s.Proposal.suite().keymat(s.keys.d, q.gxy, p, spi, q.ni, q.nr, n)
	}
	keys := func(v spis) (k ipsec.Keys) {
		if t.HasESP() {
			n := t.EncrKeyLen()
			m := keymat(isakmp.ProtoESP, v.esp, n+t.AuthKeyLen())
			k.Encr, k.Auth = m[:n:n], m[n:]
		}
		if t.HasAH() {
			k.AH = keymat(isakmp.ProtoAH, v.ah, t.AH.KeyLen())
		}
		return k
	}
	p := ipsec.Pair{Request: q.req, Initiator: q.initiator, Transform: t, InSPI: q.in.esp, OutSPI: q.peer.esp, InAH: q.in.ah, OutAH: q.peer.ah,
		In: keys(q.in), Out: keys(q.peer), IKE: s.Conn}
	if !t.HasESP() { // what was reserved for other proposals
		p.InSPI = 0
	}
	if !t.HasAH() {
		p.InAH = 0
	}
	if s.encapsulation() != 0 {
		p.LocalPort, p.RemotePort = s.Local.Port(), s.Remote.Port()
		if t.Mode == ipsec.Transport {
			p.Original = q.original
		}
	}
	p.Seconds = uint32(q.engine.lifetime(p.Seconds).Seconds())
	s.emit(Event{Kind: Installing, Pair: &p})
	if err := q.engine.host.AddPair(p); err != nil {
		s.emit(Event{Kind: InstallFailed, Err: err})
		return &failure{cause: CauseInstall, err: err}
	}
	return nil
}
