package ike

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/x509"
	"errors"
	"slices"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/modp"
)

// A vendorID announces a capability.
type vendorID struct {
	name string
	id   []byte
}

func hashed(name, text string) vendorID {
	sum := md5.Sum([]byte(text))
	return vendorID{name, sum[:]}
}

// The NAT-T vendor IDs of an initiator in the order they are sent (RFC 3947
// section 3.1 and its drafts), and the one of RFC 3706 section 5.1.
var (
	vendorRFC3947 = hashed("NAT-T rfc3947", "RFC 3947")
	vendorsNATT   = []vendorID{
		vendorRFC3947,
		hashed("NAT-T draft3", "draft-ietf-ipsec-nat-t-ike-03"),
		hashed("NAT-T draft2", "draft-ietf-ipsec-nat-t-ike-02\n"),
		hashed("NAT-T draft1", "draft-ietf-ipsec-nat-t-ike-01"),
	}
	vendorDPD = vendorID{"DPD", []byte{0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, 0x01, 0x00}}
)

// built tells of a payload of our own and returns it.
func (s *SA) built(p isakmp.Payload, phase int) isakmp.Payload {
	s.emit(Event{Kind: PayloadConstructed, Payload: p.Type(), Phase: phase})
	return p
}

func (s *SA) processed(t isakmp.PayloadType, phase int) {
	s.emit(Event{Kind: PayloadProcessed, Payload: t, Phase: phase})
}

func (s *SA) vendor(v vendorID) isakmp.Payload {
	s.emit(Event{Kind: PayloadConstructed, Payload: isakmp.TypeVendorID, Phase: 1, Name: v.name})
	return &isakmp.VendorID{Data: v.id}
}

// attributes1 is a proposal on the wire.
func (s *SA) attributes1(p Proposal) []isakmp.Attribute {
	as := []isakmp.Attribute{isakmp.Attr(isakmp.Phase1Encryption, uint64(p.Encr))}
	if p.Encr == isakmp.AESCBC {
		as = append(as, isakmp.Attr(isakmp.Phase1KeyLength, uint64(p.KeyBits)))
	}
	as = append(as,
		isakmp.Attr(isakmp.Phase1Hash, uint64(p.Hash)),
		isakmp.Attr(isakmp.Phase1Group, uint64(p.Group)),
		isakmp.Attr(isakmp.Phase1Auth, uint64(p.Auth)),
		isakmp.Attr(isakmp.Phase1LifeType, isakmp.LifeSeconds),
		isakmp.Attr(isakmp.Phase1LifeDuration, uint64(p.Seconds)))
	for _, a := range as {
		s.emit(Event{Kind: Attribute, Phase: 1, Attr: a})
	}
	return as
}

// readAttributes1 is the reverse; ok is false for anything that no proposal
// of ours can equal.
func (s *SA) readAttributes1(as []isakmp.Attribute) (p Proposal, ok bool) {
	ok = true
	kind := uint64(isakmp.LifeSeconds)
	for _, a := range as {
		s.emit(Event{Kind: Attribute, Phase: 1, Attr: a, Received: true})
		v, good := a.Uint()
		ok = ok && good
		switch a.Type {
		case isakmp.Phase1Encryption:
			p.Encr = isakmp.Encryption(v)
		case isakmp.Phase1KeyLength:
			p.KeyBits = int(min(v, 0xffff))
		case isakmp.Phase1Hash:
			p.Hash = isakmp.Hash(v)
		case isakmp.Phase1Group:
			p.Group = int(min(v, 0xffff))
		case isakmp.Phase1Auth:
			p.Auth = isakmp.AuthMethod(v)
		case isakmp.Phase1LifeType:
			kind = v
			ok = ok && (v == isakmp.LifeSeconds || v == isakmp.LifeKilobytes)
		case isakmp.Phase1LifeDuration:
			if kind == isakmp.LifeSeconds {
				p.Seconds = uint32(min(v, 0xffffffff))
			}
		default:
			ok = false
		}
	}
	if p.Encr == isakmp.AESCBC && p.KeyBits == 0 {
		p.KeyBits = 128
	}
	return p, ok && modp.Find(p.Group) != nil
}

func (p Proposal) equal(q Proposal) bool {
	return p.Encr == q.Encr && p.KeyBits == q.KeyBits && p.Hash == q.Hash && p.Auth == q.Auth && p.Group == q.Group
}

// sendProposals is the first message of phase 1.
func (s *SA) sendProposals() {
	e := s.engine
	e.job(s.Local, s.Remote, s.Conn, s.ICookie)
	s.emit(Event{Kind: Begin, Phase: 1, Header: isakmp.Header{Exchange: s.Exchange}})
	offered, missing := e.Config.offer(s.profile)
	shared := func(p Proposal) bool { return p.Auth == isakmp.PreSharedKey }
	if (missing != 0 || slices.ContainsFunc(offered, shared)) && !s.findKey() {
		if offered = slices.DeleteFunc(offered, shared); len(offered) == 0 {
			s.fail(CauseNoKey)
			return
		}
	}
	if missing != 0 {
		s.emit(Event{Kind: ProposalMissing, Number: uint64(missing), In: s.Profile})
		s.fail(CauseProfile)
		return
	}
	if offered = slices.DeleteFunc(offered, foreignMethod); len(offered) == 0 {
		s.emit(Event{Kind: CertMissing})
		s.fail(CauseNoCertificate)
		return
	}
	if s.Exchange == isakmp.ExchangeAggressive {
		offered = sameGroup(offered)
	}
	s.offered = offered
	q := isakmp.Proposal{Number: 1, Protocol: isakmp.ProtoISAKMP}
	for i, p := range offered[:min(len(offered), 255)] {
		q.Transforms = append(q.Transforms, isakmp.Transform{Number: uint8(i + 1), ID: isakmp.KeyIKE, Attributes: s.attributes1(p)})
		s.emit(Event{Kind: TransformBuilt, Phase: 1, Number: uint64(i + 1)})
	}
	sa := &isakmp.SA{DOI: isakmp.DOIIPsec, Situation: isakmp.SituationIdentityOnly, Proposals: []isakmp.Proposal{q}}
	s.sai = body(sa)
	if s.Exchange == isakmp.ExchangeAggressive {
		if f := s.sendAggressive(sa); f != nil {
			s.fail(f.cause)
			return
		}
	} else {
		ps := []isakmp.Payload{s.built(sa, 1)}
		for _, v := range vendorsNATT {
			ps = append(ps, s.vendor(v))
		}
		s.send(nil, false, ps...)
	}
	s.become(Sent1, retransmit)
}

// foreignMethod is a proposal whose method of authentication is not ours.
func foreignMethod(p Proposal) bool {
	return p.Auth != isakmp.PreSharedKey && p.Auth != isakmp.RSASignatures
}

// findKey looks the pre-shared key of the peer up.
func (s *SA) findKey() bool {
	e := s.engine
	p := s.profile
	if p == nil && !s.Initiator {
		p = e.Config.matchAddr(s.Local.Addr(), s.Remote.Addr())
	}
	k, chain, missing := e.Config.key(p, s.Local.Addr(), s.Remote.Addr(), s.RemoteID)
	if k == nil {
		if missing != "" {
			s.emit(Event{Kind: KeychainMissing, Name: missing, In: p.Name})
		}
		s.emit(Event{Kind: KeyMissing})
		return false
	}
	if k.Unusable {
		s.emit(Event{Kind: KeyUnusable, Name: chain.Name})
		return false
	}
	if p != nil && len(p.Keychains) > 0 {
		s.emit(Event{Kind: KeychainTaken, Name: chain.Name, In: p.Name})
	}
	s.emit(Event{Kind: KeyFound, Name: chain.Name})
	s.psk = k.Secret
	return true
}

// receive takes a message of phase 1.
func (s *SA) receive(in *inbound) {
	if s.out.got != nil && bytes.Equal(s.out.got, in.raw) {
		s.duplicate(&s.out, 1)
		return
	}
	step := find(s.table(), s.State, s.Initiator)
	if step == nil {
		s.emit(Event{Kind: DuplicateIgnored})
		return
	}
	clear := in.header.Flags&isakmp.FlagEncryption == 0
	if clear == step.encrypted && !(clear && s.Exchange == isakmp.ExchangeAggressive) {
		if step.encrypted {
			s.emit(Event{Kind: NotEncrypted})
		} else {
			s.parseFailed(&isakmp.ParseError{Notify: isakmp.InvalidFlags, Structure: "header", Detail: "encrypted too early"}, 1)
		}
		s.abandon()
		return
	}
	err := s.parse(in, s.iv, 1)
	var f *failure
	if err != nil {
		// What does not decrypt to payloads was made with another key.
		f = &failure{cause: CauseMalformed, notify: notifyOf(err), counted: !errors.Is(err, errCiphertext), drop: !step.encrypted || s.Initiator}
	} else if f = step.check(in.items); f != nil {
		f.drop, f.counted = !step.encrypted || s.Initiator, true
		s.parseFailed(&isakmp.ParseError{Notify: f.notify, Structure: "message", Detail: "payloads of another message"}, 1)
	} else {
		old := s.iv
		if in.iv != nil {
			s.iv = in.iv
			s.follow(in)
		}
		if f = step.run(s, in); f != nil {
			s.iv = old
		}
	}
	switch {
	case f == nil:
		s.become(step.next, step.timer)
		if step.next != Established {
			s.ctl()
		}
	case f.drop && s.State != Init:
	default:
		if f.notify != 0 {
			if !f.counted {
				s.engine.count(f.notify)
			}
			s.sendClear(f.notify)
		}
		s.fail(f.cause)
	}
}

// abandon removes a responder's SA that its first message did not even begin.
func (s *SA) abandon() {
	if s.State == Init && !s.Initiator {
		s.fail(CauseMalformed)
	}
}

// duplicate answers a message that came again with the same answer.
func (s *SA) duplicate(o *outbox, phase int) {
	switch {
	case o.sent == nil:
		s.emit(Event{Kind: DuplicateIgnored, Phase: phase})
	case o.repeated >= maxAnswers:
		s.emit(Event{Kind: DuplicateExhausted, Phase: phase})
	default:
		o.repeated++
		s.emit(Event{Kind: DuplicateAnswered, Phase: phase})
		s.transmit(o.sent)
	}
}

// sendClear tells the peer in clear why phase 1 ends.
func (s *SA) sendClear(n isakmp.NotifyType) {
	s.emit(Event{Kind: NotifyBuilt, Notify: n})
	m := isakmp.Message{
		Header:   isakmp.Header{Initiator: s.ICookie, Responder: s.RCookie, Version: isakmp.Version1, Exchange: isakmp.ExchangeInformational, MessageID: s.engine.messageID()},
		Payloads: []isakmp.Payload{&isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoISAKMP, Notify: n}},
	}
	s.transmit(encode(&m))
}

func (s *SA) vendors(in *inbound) {
	for _, it := range in.items {
		v, ok := it.Payload.(*isakmp.VendorID)
		if !ok {
			continue
		}
		switch {
		case bytes.Equal(v.Data, vendorDPD.id):
			s.processed(isakmp.TypeVendorID, 1)
			s.peerDPD = true
			s.emit(Event{Kind: VendorMatched, Name: vendorDPD.name})
		case bytes.Equal(v.Data, vendorRFC3947.id):
			s.processed(isakmp.TypeVendorID, 1)
			s.emit(Event{Kind: VendorMatched, Name: vendorRFC3947.name})
		}
	}
}

// accept reads the initiator's SA payload and makes the one that answers it;
// natt says that the initiator speaks RFC 3947.
func (s *SA) accept(in *inbound) (reply *isakmp.SA, natt bool, f *failure) {
	sa, item, _ := isakmp.Find[*isakmp.SA](in.items)
	s.sai = append([]byte(nil), item.Body()...)
	for _, it := range in.items {
		if v, ok := it.Payload.(*isakmp.VendorID); ok && bytes.Equal(v.Data, vendorRFC3947.id) {
			natt = true
		}
	}
	s.processed(isakmp.TypeSA, 1)
	t, p, ok := s.choose(sa)
	if !ok {
		s.emit(Event{Kind: NoTransform})
		s.emit(Event{Kind: SAPayloadFailed})
		return nil, false, &failure{cause: CauseNoProposal, notify: isakmp.NoProposalChosen}
	}
	s.emit(Event{Kind: TransformChosen, Number: uint64(t.Number)})
	s.Proposal = p
	s.vendors(in)
	q := sa.Proposals[0]
	s.emit(Event{Kind: TransformBuilt, Phase: 1, Number: uint64(t.Number)})
	return &isakmp.SA{DOI: sa.DOI, Situation: sa.Situation, Proposals: []isakmp.Proposal{{
		Number: q.Number, Protocol: q.Protocol, SPI: q.SPI, Transforms: []isakmp.Transform{t}}}}, natt, nil
}

// choose walks the initiator's transforms in its order of preference and
// takes the first that any proposal of ours equals, the default included.
func (s *SA) choose(sa *isakmp.SA) (isakmp.Transform, Proposal, bool) {
	if len(sa.Proposals) != 1 || sa.Proposals[0].Protocol != isakmp.ProtoISAKMP {
		return isakmp.Transform{}, Proposal{}, false
	}
	ours := s.engine.Config.SortedProposals()
	for _, t := range sa.Proposals[0].Transforms {
		s.emit(Event{Kind: TransformCheck, Phase: 1, Number: uint64(t.Number)})
		theirs, ok := s.readAttributes1(t.Attributes)
		for _, p := range ours {
			if ok && t.ID == isakmp.KeyIKE && p.equal(theirs) && !foreignMethod(p) {
				s.emit(Event{Kind: Acceptable, Phase: 1})
				if theirs.Seconds != 0 {
					p.Seconds = min(p.Seconds, theirs.Seconds)
				}
				return t, p, true
			}
		}
		s.emit(Event{Kind: Unacceptable, Phase: 1})
	}
	return isakmp.Transform{}, Proposal{}, false
}

// takeChoice checks what the responder chose.
func (s *SA) takeChoice(in *inbound) *failure {
	sa, _, _ := isakmp.Find[*isakmp.SA](in.items)
	if in.header.Responder.IsZero() {
		return &failure{cause: CauseMalformed, notify: isakmp.InvalidCookie, drop: true}
	}
	s.processed(isakmp.TypeSA, 1)
	bad := &failure{cause: CauseNoProposal, notify: isakmp.NoProposalChosen}
	if len(sa.Proposals) != 1 || len(sa.Proposals[0].Transforms) != 1 {
		s.emit(Event{Kind: SAPayloadFailed})
		return bad
	}
	t := sa.Proposals[0].Transforms[0]
	s.emit(Event{Kind: TransformCheck, Phase: 1, Number: uint64(t.Number)})
	theirs, ok := s.readAttributes1(t.Attributes)
	chosen := -1
	for i, p := range s.offered {
		if ok && p.equal(theirs) {
			chosen = i
			break
		}
	}
	if chosen < 0 {
		s.emit(Event{Kind: Unacceptable, Phase: 1})
		s.emit(Event{Kind: SAPayloadFailed})
		return bad
	}
	s.emit(Event{Kind: Acceptable, Phase: 1})
	s.emit(Event{Kind: TransformChosen, Number: uint64(t.Number)})
	s.RCookie = in.header.Responder
	s.Proposal = s.offered[chosen]
	s.vendors(in)
	return nil
}

// generate draws the private value of the Diffie-Hellman exchange.
func (s *SA) generate() {
	s.secret = s.engine.host.Stream("ike dh").Bytes(modp.Find(s.Proposal.Group).Exp)
}

func (s *SA) nonce() []byte {
	if k := s.engine.known; k != nil {
		return k.nonce
	}
	return s.engine.host.Stream("ike nonce").Bytes(nonceLen)
}

// takeKE reads message 3 or 4 up to the secrets that follow from it.
func (s *SA) takeKE(in *inbound) (public, nonce []byte, f *failure) {
	ke, _, _ := isakmp.Find[*isakmp.KeyExchange](in.items)
	no, _, _ := isakmp.Find[*isakmp.Nonce](in.items)
	s.processed(isakmp.TypeKE, 1)
	if len(ke.Data) != modp.Find(s.Proposal.Group).Len {
		s.emit(Event{Kind: KeyLength, Number: uint64(len(ke.Data))})
		return nil, nil, &failure{cause: CauseKeyExchange, notify: isakmp.InvalidKeyInformation}
	}
	s.processed(isakmp.TypeNonce, 1)
	if n := len(no.Data); n < 8 || n > 256 {
		return nil, nil, &failure{cause: CauseMalformed, notify: isakmp.PayloadMalformed}
	}
	return append([]byte(nil), ke.Data...), append([]byte(nil), no.Data...), nil
}

// material computes all keys once both public values are known.
func (s *SA) material(theirs []byte) *failure {
	u := s.Proposal.suite()
	gxy, ok := s.engine.shared(modp.Find(s.Proposal.Group), theirs, s.secret)
	if !ok {
		return &failure{cause: CauseKeyExchange, notify: isakmp.InvalidKeyInformation}
	}
	if s.signs() {
		s.psk = nil
		s.keys = u.deriveSigned(s.ni, s.nr, gxy, s.ICookie, s.RCookie)
	} else {
		s.keys = u.derive(s.psk, s.ni, s.nr, gxy, s.ICookie, s.RCookie)
	}
	block, err := u.block(s.keys.ka)
	if err != nil {
		return &failure{cause: CauseKeyExchange, err: err}
	}
	s.cipher = block
	if f := s.engine.OnKeys; f != nil {
		f(Keys{s.ICookie, s.keys.ka, s.psk})
	}
	s.iv = u.firstIV(s.gxi, s.gxr)
	for _, m := range []struct {
		name string
		data []byte
	}{{"SKEYID", s.keys.skeyid}, {"SKEYID_d", s.keys.d}, {"SKEYID_a", s.keys.a}, {"SKEYID_e", s.keys.e}} {
		s.emit(Event{Kind: Material, Name: m.name, Data: m.data})
	}
	if len(s.keys.ka) > len(s.keys.e) {
		s.emit(Event{Kind: Material, Name: "Extended SKEYID_e", Data: s.keys.ka})
	}
	s.emit(Event{Kind: Material, Name: "IV", Data: s.iv})
	return nil
}

// contact tells the peer that nothing is left here of an earlier life, RFC
// 2407 section 4.6.3.3.
func (s *SA) contact() isakmp.Payload {
	s.emit(Event{Kind: ContactBuilt})
	return &isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoISAKMP, Notify: isakmp.InitialContact, SPI: s.cookies()}
}

func (s *SA) cookies() []byte { return append(append([]byte(nil), s.ICookie[:]...), s.RCookie[:]...) }

// identity is what we call ourselves.
func (s *SA) identity() *isakmp.ID {
	id := s.engine.Config.Identity
	if s.profile != nil && s.profile.Identity != nil {
		id = s.profile.Identity
	}
	if id == nil || id.Kind == isakmp.IDIPv4Addr {
		a := s.Local.Addr()
		if id != nil && id.Addr.IsValid() {
			a = id.Addr
		}
		return isakmp.AddressID(a, 17, Port)
	}
	name := id.Name
	if f := s.engine.Config.Hostname; name == "" && f != nil {
		name = f()
	}
	return &isakmp.ID{Kind: id.Kind, Protocol: 17, Port: Port, Data: []byte(name)}
}

func body(p isakmp.Payload) []byte {
	b, err := p.AppendBinary(nil)
	if err != nil {
		panic(err) // payloads of ours pass no limit
	}
	return b
}

// hashOf is HASH_I or HASH_R over the identity of that side.
func (s *SA) hashOf(initiator bool, id []byte) []byte {
	u := s.Proposal.suite()
	if initiator {
		return u.authHash(s.keys.skeyid, s.gxi, s.gxr, s.ICookie, s.RCookie, s.sai, id)
	}
	return u.authHash(s.keys.skeyid, s.gxr, s.gxi, s.RCookie, s.ICookie, s.sai, id)
}

// localID is our identity as a payload.
func (s *SA) localID() (isakmp.Payload, *failure) {
	id, f := s.certificateID(s.identity())
	if f != nil {
		return nil, f
	}
	s.LocalID = id
	s.emit(Event{Kind: LocalID, ID: s.LocalID})
	return s.built(s.LocalID, 1), nil
}

// proof is our hash over our identity, or our signature over that with the
// certificates for it.
func (s *SA) proof(id isakmp.Payload) ([]isakmp.Payload, *failure) {
	if s.signs() {
		return s.signature(id)
	}
	h := s.hashOf(s.Initiator, body(id))
	s.emit(Event{Kind: HashComputed, Data: h})
	s.emit(Event{Kind: AuthBuilt})
	return []isakmp.Payload{&isakmp.HashData{Data: h}}, nil
}

// authMessage is our identity and its proof.
func (s *SA) authMessage() ([]isakmp.Payload, *failure) {
	id, f := s.localID()
	if f != nil {
		return nil, f
	}
	proof, f := s.proof(id)
	return append([]isakmp.Payload{id}, proof...), f
}

// takeAuth checks the identity and the proof of message 5 or 6.
func (s *SA) takeAuth(in *inbound) *failure {
	if f := s.takeCerts(in); f != nil {
		return f
	}
	if f := s.takeID(in); f != nil {
		return f
	}
	return s.takeProof(in)
}

// takeProof checks the peer's hash or signature.
func (s *SA) takeProof(in *inbound) *failure {
	if s.signs() {
		return s.takeSignature(in)
	}
	return s.takeHash(in)
}

// takeID checks the identity of the peer and finds the profile for it.
func (s *SA) takeID(in *inbound) *failure {
	id, item, _ := isakmp.Find[*isakmp.ID](in.items)
	s.peerID = append([]byte(nil), item.Body()...)
	s.processed(isakmp.TypeID, 1)
	s.emit(Event{Kind: PeerID, ID: id})
	s.RemoteID = id
	refused := &failure{cause: CauseIdentity, notify: isakmp.InvalidIDInformation}
	switch {
	case id.Protocol == 0 && id.Port == 0, id.Protocol == 17 && (id.Port == 0 || id.Port == 500 || id.Port == 4500):
	default:
		s.emit(Event{Kind: PeerIDInvalid, ID: id})
		return refused
	}
	c := &s.engine.Config
	var cert *x509.Certificate
	if s.signs() {
		cert = s.certificate()
	}
	if s.Initiator {
		if s.profile != nil {
			ok := false
			for _, m := range s.profile.Matches {
				ok = ok || c.fits(m, id, cert)
			}
			if !ok {
				s.emit(Event{Kind: ProfileUnmatched})
				return refused
			}
			s.emit(Event{Kind: ProfileMatched, Name: s.profile.Name})
		}
	} else if p, m := c.matchID(s.Local.Addr(), id, cert); p != nil {
		s.profile, s.Profile = p, p.Name
		s.emit(Event{Kind: ProfileMatched, Name: s.Profile, In: m.Policy})
		if !s.ownKey() {
			s.emit(Event{Kind: PeerIDInvalid, ID: id})
			return refused
		}
		if ns := s.profile.Proposals; len(ns) > 0 {
			ok := false
			for _, n := range ns {
				p := c.Proposal(n)
				ok = ok || p != nil && p.equal(s.Proposal)
			}
			if !ok {
				s.emit(Event{Kind: ProposalMissing, Number: uint64(s.Proposal.Number), In: s.Profile})
				return &failure{cause: CauseNoProposal, notify: isakmp.NoProposalChosen}
			}
		}
	} else {
		s.profile = nil
		s.emit(Event{Kind: ProfileUnmatched})
	}
	if s.profile != nil {
		return nil
	}
	// Without a profile the peer is who its key is for: an address, or, where
	// the name was known before the key was looked for, a host name.
	a, ok := id.Address()
	switch {
	case s.signs(): // or who its certificate is for
	case ok && (s.PeerNAT || a == s.Remote.Addr()):
	case !ok && s.psk == nil && s.keyedByName():
	default:
		s.emit(Event{Kind: PeerIDInvalid, ID: id})
		return refused
	}
	return nil
}

// keyedByName says whether the key for the peer is one for the name that it
// gives itself.
func (s *SA) keyedByName() bool {
	k, _, _ := s.engine.Config.key(nil, s.Local.Addr(), s.Remote.Addr(), s.RemoteID)
	return k != nil && k.Hostname != ""
}

// ownKey says whether the key in use is what the profile has for the peer: in
// main mode it was looked for before the peer said who it is.
func (s *SA) ownKey() bool {
	if s.psk == nil || s.Proposal.Auth != isakmp.PreSharedKey {
		return true
	}
	k, _, _ := s.engine.Config.key(s.profile, s.Local.Addr(), s.Remote.Addr(), s.RemoteID)
	return k != nil && bytes.Equal(k.Secret, s.psk)
}

// takeHash checks the peer's hash over its identity.
func (s *SA) takeHash(in *inbound) *failure {
	h, _, ok := isakmp.Find[*isakmp.HashData](in.items)
	if !ok {
		s.emit(Event{Kind: HashMissing})
		return &failure{cause: CauseMalformed, notify: isakmp.PayloadMalformed}
	}
	s.emit(Event{Kind: HashVerifying})
	want := s.hashOf(!s.Initiator, s.peerID)
	s.emit(Event{Kind: HashComputed, Data: want, Received: true})
	if !hmac.Equal(want, h.Data) {
		s.emit(Event{Kind: HashBad})
		return &failure{cause: CauseBadHash, notify: isakmp.AuthenticationFailed}
	}
	s.emit(Event{Kind: HashGood})
	return nil
}

func (s *SA) takeContact(in *inbound) {
	for _, it := range in.items {
		if n, ok := it.Payload.(*isakmp.Notification); ok && n.Notify == isakmp.InitialContact {
			s.emit(Event{Kind: NotifyReceived, Notify: n.Notify})
			s.initialContact()
		}
	}
}

// initialContact drops what an earlier life of the peer left here, RFC 2407
// section 4.6.3.3.
func (s *SA) initialContact() {
	var old []*SA
	for _, o := range s.engine.sas {
		if o != s && o.State == Established && o.Local.Addr() == s.Local.Addr() && o.Remote.Addr() == s.Remote.Addr() {
			old = append(old, o)
		}
	}
	for _, o := range old {
		o.emit(Event{Kind: RedundantDeleted})
		o.deletePairs()
		o.end(CauseRedundant, false)
	}
	// Pairs may have outlived the IKE SA that negotiated them.
	s.engine.host.DeletePairs(s.Local.Addr(), s.Remote.Addr(), 0)
}
