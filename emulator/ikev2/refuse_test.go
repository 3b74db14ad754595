package ikev2

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
)

// last is the message that a node has sent last, decoded.
func (n *node) last() (m wire.Message) {
	n.t.Helper()
	if err := m.UnmarshalBinary(n.sent[len(n.sent)-1]); err != nil {
		n.t.Fatal(err)
	}
	return m
}

func (n *node) receive(from *node, b []byte) {
	ends := map[*node]netip.AddrPort{n: netip.AddrPortFrom(n.policy.Local, ike.Port), from: netip.AddrPortFrom(n.policy.Remote, ike.Port)}
	n.Receive(ends[n], ends[from], b)
}

// RFC 7296 section 2.5: a later version is answered with ours in the header,
// whatever the body is; its response is not.
func TestLaterVersion(t *testing.T) {
	a, b := pair(t)
	h := wire.Header{Initiator: wire.SPI{1}, Version: 0x31, Exchange: wire.SAInit, Flags: wire.FlagInitiator, MessageID: 7}
	raw, _ := h.AppendBinary(nil)
	raw = append(raw, "nobody knows"...)
	if !IsIKE(ike.Port, raw) {
		t.Error("it is taken for version 1")
	}
	b.receive(a, raw)
	m := b.last()
	if m.Version != wire.Version2 || m.Flags != wire.FlagResponse || m.MessageID != 7 || m.Initiator != h.Initiator || wire.FindNotify(m.Payloads, wire.InvalidMajorVersion) == nil {
		t.Errorf("the answer is %+v", m)
	}
	raw[19] |= byte(wire.FlagResponse)
	b.receive(a, raw)
	if len(b.sent) != 1 || b.Stats.Notify[wire.InvalidMajorVersion] != 1 {
		t.Error("a response was answered")
	}
	b.wantSAs(0, "a later version")

	// An initiator that is told so gives up.
	b.drop = func(int, []byte) bool { return true }
	a.Acquire(a.policy)
	first := a.last().Header
	refusal := encode(wire.Header{Initiator: first.Initiator, Version: wire.Version2, Exchange: wire.SAInit, Flags: wire.FlagResponse}, notify(wire.InvalidMajorVersion, nil))
	a.receive(b, refusal)
	a.wantEnds(RequestFailed, "another version", CauseNotified)
}

// Section 2.21.4: a request under an SA that nobody knows is answered in clear,
// now and then; who is told so does not believe it.
func TestUnknownIKESA(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	b.Engine.sas = nil // as after a restart
	b.pairs = nil
	s := a.SAs()[0]
	s.tell([]wire.Payload{}...)
	a.run(time.Second / 2)
	if m := b.last(); wire.FindNotify(m.Payloads, wire.InvalidIKESPI) == nil || m.Responder != s.SPIr || m.Flags != wire.FlagResponse {
		t.Errorf("the answer is %+v", m)
	}
	if a.Stats.Notify[wire.InvalidIKESPI] != 1 {
		t.Error("the initiator does not count it")
	}
	a.wantSAs(1, "a failure told in clear")
	n := len(b.sent)
	for range 5 {
		b.receive(a, a.sent[len(a.sent)-1])
	}
	if len(b.sent) != n {
		t.Error("every one of many is answered")
	}
	a.run(2 * time.Minute)
	a.wantSAs(0, "nobody answers")
	a.wantPairs(0, "nobody answers")
}

// garbled is a message that is encrypted well and whose payloads cannot be read.
func garbled(s *SA, x wire.ExchangeType, id uint32) []byte {
	encr, integ := s.own()
	bad := &wire.Raw{Kind: wire.TypeNonce, Data: []byte("short")}
	b, err := s.Suite.seal(s.header(x, 0, id), encr, integ, make([]byte, s.Suite.Encr.ivLen()), []wire.Payload{bad})
	if err != nil {
		panic(err)
	}
	return b
}

// Section 2.21.2 and 2.21.3: what cannot be read is answered with INVALID_SYNTAX,
// which ends an SA that is not established and no other.
func TestInvalidSyntax(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	s := a.SAs()[0]
	b.receive(a, garbled(s, wire.Informational, s.NextOut))
	if b.Stats.Notify[wire.InvalidSyntax] != 1 || len(b.sent) != 3 {
		t.Errorf("%d counted, %d messages", b.Stats.Notify[wire.InvalidSyntax], len(b.sent))
	}
	b.wantSAs(1, "a message that cannot be read")
	a.wantSAs(1, "a message that cannot be read")

	a, b = pair(t)
	a.drop = func(n int, _ []byte) bool { return n == 2 } // IKE_AUTH
	a.Acquire(a.policy)
	a.run(10 * time.Millisecond)
	b.receive(a, garbled(a.SAs()[0], wire.Auth, 1))
	a.run(time.Second)
	b.wantSAs(0, "IKE_AUTH that cannot be read")
	a.wantSAs(0, "INVALID_SYNTAX ends it")
	a.wantEnds(RequestFailed, "INVALID_SYNTAX", CauseNotified)
	if a.Stats.Notify[wire.InvalidSyntax] != 1 {
		t.Error("the initiator does not count it")
	}

	// In clear nothing is answered: it may be forged.
	a, b = pair(t)
	a.drop = func(int, []byte) bool { return true }
	a.Acquire(a.policy)
	raw := slices.Clone(a.sent[0])
	raw[wire.HeaderLen+2] = 0x7f // longer than the message
	b.receive(a, raw)
	if len(b.sent) != 0 || b.Stats.Packet != 1 {
		t.Errorf("%d answers, %d counted", len(b.sent), b.Stats.Packet)
	}
}

// Section 2.5: an unknown critical payload, in each exchange; one that is not
// critical is passed over.
func TestUnknownPayloads(t *testing.T) {
	withRaw := func(b []byte, critical bool) []byte { // of IKE_SA_INIT
		var m wire.Message
		if err := m.UnmarshalBinary(b); err != nil {
			panic(err)
		}
		m.Payloads = append(m.Payloads, &wire.Raw{Kind: 200, Critical: critical})
		out, _ := m.AppendBinary(nil)
		return out
	}
	for _, critical := range []bool{true, false} {
		a, b := pair(t)
		a.drop = func(n int, m []byte) bool {
			if n == 1 {
				b.receive(a, withRaw(m, critical))
			}
			return n == 1
		}
		a.Acquire(a.policy)
		a.run(time.Second)
		if got := a.Stats.Notify[wire.UnsupportedCriticalPayload]; (got == 1) != critical {
			t.Errorf("critical %v in IKE_SA_INIT: %d refusals", critical, got)
		}
		if critical {
			a.wantEnds(RequestFailed, "a critical payload", CauseNotified)
			b.wantSAs(0, "a critical payload")
		}
	}
	for _, x := range []wire.ExchangeType{wire.CreateChild, wire.Informational} {
		for _, critical := range []bool{true, false} {
			a, b := pair(t)
			up(t, a, b)
			var answer []wire.Payload
			a.SAs()[0].ask(&request{exchange: x, build: func() []wire.Payload { return []wire.Payload{&wire.Raw{Kind: 200, Critical: critical}} },
				reply: func(in *inbound) { answer = in.payloads }})
			a.run(time.Second)
			n := wire.FindNotify(answer, wire.UnsupportedCriticalPayload)
			if (n != nil) != critical || critical && !slices.Equal(n.Data, []byte{200}) {
				t.Errorf("%v, critical %v: the answer is %+v", x, critical, answer)
			}
			b.wantSAs(1, "an unknown payload")
		}
	}
}

// Section 1.3: the group that a renewal guesses is not the responder's, for a
// child SA and for the IKE SA.
func TestRenewalWithAnotherGroup(t *testing.T) {
	tr := func(pfs int) ipsec.Transform { t := aesSHA; t.Name, t.PFS = string(rune('a'+pfs)), pfs; return t }
	a, b := pair(t)
	a.policy.Transforms, b.policy.Transforms = []ipsec.Transform{tr(1), tr(2)}, []ipsec.Transform{tr(2)}
	up(t, a, b)
	a.SoftExpire(a.pairs[0])
	a.run(time.Second)
	wantOne(t, "the group that the responder wants", a, b)
	if a.Stats.Notify[wire.InvalidKEPayload] != 1 || a.pairs[0].Transform.PFS != 2 {
		t.Errorf("group %d after %d refusals", a.pairs[0].Transform.PFS, a.Stats.Notify[wire.InvalidKEPayload])
	}

	a, b = pair(t)
	up(t, a, b)
	d := DefaultProposal()
	d.Name, d.Groups = "p", []int{2}
	setProposals(d, b)
	a.SAs()[0].renew()
	a.run(time.Second)
	wantOne(t, "the IKE SA with another group", a, b)
	if a.Stats.Notify[wire.InvalidKEPayload] != 1 || a.SAs()[0].Suite.Group != 2 {
		t.Errorf("group %d after %d refusals", a.SAs()[0].Suite.Group, a.Stats.Notify[wire.InvalidKEPayload])
	}
}

// Sections 2.6.1 and 1.2: a cookie and another group in turn.
func TestCookieAndAnotherGroup(t *testing.T) {
	a, b := pair(t)
	zero := 0
	b.Config.CookieChallenge = &zero
	d := DefaultProposal()
	d.Name, d.Groups = "p", []int{2}
	setProposals(d, b)
	up(t, a, b)
	if len(a.sent) != 4 || a.SAs()[0].Suite.Group != 2 {
		t.Errorf("%d messages, group %d; want 4 and 2", len(a.sent), a.SAs()[0].Suite.Group)
	}
	if n := b.count(func(e Event) bool { return e.Kind == Challenged }); n != 1 {
		t.Errorf("%d cookies asked for", n)
	}
}
