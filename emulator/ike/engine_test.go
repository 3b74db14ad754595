package ike

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/modp"
	"cwlab/emulator/sim"
)

var (
	start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	addrA = netip.MustParseAddr("192.0.2.1")
	addrB = netip.MustParseAddr("192.0.2.2")
	flow  = ipsec.Selector{Src: netip.MustParsePrefix("198.51.100.1/32"), Dst: netip.MustParsePrefix("203.0.113.1/32")}
	espDS = ipsec.Transform{Name: "t", Mode: ipsec.Tunnel, Encr: ipsec.DES, Auth: ipsec.HMACSHA1}
)

// A node is one device of the tests: an engine and a host that records.
type node struct {
	*Engine
	t      *testing.T
	w      *sim.World
	name   string
	addr   netip.Addr
	peer   *node
	policy ipsec.Request
	noPol  bool
	down   bool   // owns its address no more
	deaf   bool   // records nothing
	spi    uint32 // the next one, 0 to draw
	drop   func(n int, b []byte) bool
	nat    func(from, to netip.AddrPort) (netip.AddrPort, netip.AddrPort) // what a NAT makes of what it sends
	sent   [][]byte
	events []Event
	pairs  []ipsec.Pair
	failed []Cause
}

func (n *node) Now() time.Time                             { return n.w.Now() }
func (n *node) After(d time.Duration, f func()) *sim.Timer { return n.w.After(d, f) }
func (n *node) Stream(p string) *sim.Stream                { return n.w.Stream(n.name, p) }

func (n *node) Emit(e Event) {
	if !n.deaf {
		n.events = append(n.events, e)
	}
}

func (n *node) Send(local, remote netip.AddrPort, b []byte) error {
	if n.down {
		return errors.New("address is not local")
	}
	if !n.deaf {
		n.sent = append(n.sent, b)
	}
	if n.drop != nil && n.drop(len(n.sent), b) {
		return nil
	}
	from, to := local, remote
	if n.nat != nil {
		from, to = n.nat(from, to)
	}
	n.w.After(time.Millisecond, func() { n.peer.Receive(to, from, b) })
	return nil
}

func (n *node) LarvalSPI(netip.Addr) uint32 {
	if n.spi != 0 {
		return n.spi
	}
	return n.w.Stream(n.name, "ipsec spi").Uint32() | 0x100
}

func (n *node) PolicyFor(local, remote netip.Addr, f ipsec.Selector, profile string) (ipsec.Request, bool) {
	if n.noPol || f != n.policy.Flow {
		return ipsec.Request{}, false
	}
	return n.policy, true
}

func (n *node) AddPair(p ipsec.Pair) error {
	n.pairs = append(n.pairs, p)
	return nil
}

func (n *node) DeletePairs(local, remote netip.Addr, conn uint32) {
	n.pairs = slices.DeleteFunc(n.pairs, func(p ipsec.Pair) bool { return p.IKE == conn })
}

func (n *node) DeleteSPI(remote netip.Addr, spi uint32) {
	n.pairs = slices.DeleteFunc(n.pairs, func(p ipsec.Pair) bool { return p.OutSPI == spi || p.OutAH == spi })
}

func (n *node) count(k Kind) int {
	c := 0
	for _, e := range n.events {
		if e.Kind == k {
			c++
		}
	}
	return c
}

func pair(t *testing.T) (a, b *node) {
	w := sim.New(start, 1, nil)
	mk := func(name string, local, remote netip.Addr, f ipsec.Selector) *node {
		n := &node{t: t, w: w, name: name, addr: local}
		n.Engine = New(n)
		n.OnFailed = func(r ipsec.Request, c Cause) { n.failed = append(n.failed, c) }
		n.policy = ipsec.Request{Policy: "p", Seq: 1, Local: local, Remote: remote, Flow: f, Transforms: []ipsec.Transform{espDS}, Seconds: 3600, Kilobytes: 1843200}
		n.Config.Keychains = []*Keychain{{Name: "k", Priority: 100, Keys: []Key{{Prefix: netip.PrefixFrom(remote, 32), Secret: []byte("secret")}}}}
		return n
	}
	a, b = mk("A", addrA, addrB, flow), mk("B", addrB, addrA, flow.Reverse())
	a.peer, b.peer = b, a
	return a, b
}

func (n *node) run(d time.Duration) { n.w.RunUntil(n.w.Now().Add(d)) }

func (n *node) wantSAs(count int, why string) {
	n.t.Helper()
	if len(n.SAs()) != count {
		n.t.Fatalf("%s: %s has %d IKE SAs, want %d", why, n.name, len(n.SAs()), count)
	}
}

func (n *node) wantPairs(count int, why string) {
	n.t.Helper()
	if len(n.pairs) != count {
		n.t.Fatalf("%s: %s has %d pairs, want %d", why, n.name, len(n.pairs), count)
	}
}

func (n *node) wantEvent(k Kind, why string) {
	n.t.Helper()
	if n.count(k) == 0 {
		n.t.Errorf("%s: %s has no event of kind %d", why, n.name, k)
	}
}

// up negotiates a pair and checks that both sides agree on it.
func up(t *testing.T, a, b *node) {
	t.Helper()
	a.Acquire(a.policy)
	a.run(time.Second)
	for _, n := range []*node{a, b} {
		n.wantSAs(1, "after the negotiation")
		n.wantPairs(1, "after the negotiation")
	}
	agree(t, a, b)
}

func agree(t *testing.T, a, b *node) {
	t.Helper()
	p, q := a.pairs[len(a.pairs)-1], b.pairs[len(b.pairs)-1]
	if p.InSPI != q.OutSPI || p.OutSPI != q.InSPI || p.InAH != q.OutAH || p.OutAH != q.InAH || !reflect.DeepEqual(p.In, q.Out) || !reflect.DeepEqual(p.Out, q.In) {
		t.Fatalf("the pairs do not fit:\n%+v\n%+v", p, q)
	}
	if (p.InSPI != 0) != p.Transform.HasESP() || (p.InAH != 0) != p.Transform.HasAH() {
		t.Fatalf("SPIs of %+v", p)
	}
	if len(p.In.Encr) != p.Transform.EncrKeyLen() || len(p.In.Auth) != p.Transform.AuthKeyLen() || len(p.In.AH) != p.Transform.AH.KeyLen() || reflect.DeepEqual(p.In, p.Out) {
		t.Fatalf("keys of the pair: %+v", p)
	}
	if p.Flow != q.Flow.Reverse() {
		t.Fatalf("flows are %v and %v", p.Flow, q.Flow)
	}
}

func TestTables(t *testing.T) {
	checkTable(t, "main mode", mainMode, []State{Init, Sent1, Sent2, Sent3, Sent4, Sent5})
	checkTable(t, "aggressive mode", aggressiveMode, []State{Init, Sent1, Sent2})
	checkTable(t, "quick mode", quickMode, []State{Init, Sent1, Sent2})
}

func checkTable[X any](t *testing.T, name string, table []step[X], want []State) {
	var states []State
	seen := map[string]bool{}
	for _, s := range table {
		key := fmt.Sprint(s.state, s.initiator)
		if seen[key] {
			t.Errorf("%s: two steps for %s", name, key)
		}
		seen[key] = true
		states = append(states, s.state)
		if s.run == nil || s.need == 0 || s.need&s.allow != 0 || s.next <= s.state {
			t.Errorf("%s: bad step in %v", name, s.state)
		}
		if s.first != isakmp.TypeNone && !s.need.has(s.first) {
			t.Errorf("%s: %v begins with a payload that it does not need", name, s.state)
		}
		if (s.next == Established) != (s.timer == none) {
			t.Errorf("%s: %v goes to %v with timer %d", name, s.state, s.next, s.timer)
		}
		if s.next != Established && find(table, s.next, s.initiator) == nil {
			t.Errorf("%s: nothing leads on from %v", name, s.next)
		}
		if (s.state == Sent1 || s.state == Sent3 || s.state == Sent5) != s.initiator {
			t.Errorf("%s: %v with the wrong role", name, s.state)
		}
	}
	slices.Sort(states)
	if !slices.Equal(states, want) {
		t.Errorf("%s has steps for %v, want %v", name, states, want)
	}
}

func TestNegotiation(t *testing.T) {
	for _, c := range []struct {
		name string
		p1   Proposal
		p2   ipsec.Transform
		flow ipsec.Selector
		a, b []int // lengths of what each side sends
	}{
		{"3DES MD5 group 1", Proposal{1, isakmp.DES3CBC, 0, isakmp.MD5, isakmp.PreSharedKey, 1, 86400}, espDS, flow,
			[]int{164, 208, 92, 156, 52}, []int{104, 208, 60, 156}},
		{"defaults, AES, subnets", DefaultProposal(1), ipsec.Transform{Mode: ipsec.Tunnel, Encr: ipsec.AES, KeyBits: 128, Auth: ipsec.HMACSHA1}, nets,
			[]int{164, 216, 92, 172, 52}, []int{104, 216, 68, 172}},
		{"AES128 SHA1 group 2", Proposal{1, isakmp.AESCBC, 128, isakmp.SHA1, isakmp.PreSharedKey, 2, 86400},
			ipsec.Transform{Mode: ipsec.Tunnel, Encr: ipsec.AES, KeyBits: 128, Auth: ipsec.HMACSHA1}, nets,
			[]int{168, 248, 92, 172, 60}, []int{108, 248, 76, 172}},
		{"AES256 SHA256 group 14", Proposal{1, isakmp.AESCBC, 256, isakmp.SHA256, isakmp.PreSharedKey, 14, 86400}, espDS, flow,
			[]int{168, 400, 108, 172, 76}, []int{108, 400, 76, 172}},
		{"3DES SHA256 group 5, PFS", Proposal{1, isakmp.DES3CBC, 0, isakmp.SHA256, isakmp.PreSharedKey, 5, 3600},
			ipsec.Transform{Mode: ipsec.Tunnel, Encr: ipsec.DES3, Auth: ipsec.HMACSHA256, PFS: 2}, flow,
			nil, nil},
		{"AES192, null", Proposal{1, isakmp.AESCBC, 192, isakmp.MD5, isakmp.PreSharedKey, 1, 3600},
			ipsec.Transform{Mode: ipsec.Transport, Encr: ipsec.Null, Auth: ipsec.HMACMD5}, flow, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := pair(t)
			for _, n := range []*node{a, b} {
				n.Config.Proposals = []Proposal{c.p1}
				n.Config.Profiles = []*Profile{{Name: "x", Priority: 100, Proposals: []int{1}, Keychains: []string{"k"},
					Matches: []Match{{Kind: isakmp.IDIPv4Addr, Low: n.policy.Remote, High: n.policy.Remote}}}}
				n.policy.Profile = "x"
				n.policy.Transforms = []ipsec.Transform{c.p2}
			}
			a.policy.Flow, b.policy.Flow = c.flow, c.flow.Reverse()
			up(t, a, b)
			for _, x := range []struct {
				n    *node
				want []int
			}{{a, c.a}, {b, c.b}} {
				var got []int
				for _, m := range x.n.sent {
					got = append(got, len(m))
				}
				if x.want != nil && !slices.Equal(got, x.want) {
					t.Errorf("%s sent messages of %v bytes, want %v", x.n.name, got, x.want)
				}
			}
			if s := b.SAs()[0]; s.Profile != "x" || s.Proposal.Number != 1 || s.Initiator {
				t.Errorf("the responder's SA is %+v", s)
			}
			if a.pairs[0].Transform.PFS != c.p2.PFS {
				t.Errorf("PFS group is %d, want %d", a.pairs[0].Transform.PFS, c.p2.PFS)
			}
		})
	}
}

var nets = ipsec.Selector{Src: netip.MustParsePrefix("198.51.100.0/24"), Dst: netip.MustParsePrefix("203.0.113.0/24")}

// Informational messages under the same padding.
func TestInformationalLengths(t *testing.T) {
	for _, c := range []struct {
		p                      Proposal
		dpd, deleteSA, deleteP int
	}{
		{DefaultProposal(1), 84, 84, 68},
		{Proposal{1, isakmp.DES3CBC, 0, isakmp.MD5, isakmp.PreSharedKey, 1, 86400}, 84, 76, 68},
		{Proposal{1, isakmp.AESCBC, 128, isakmp.SHA1, isakmp.PreSharedKey, 1, 86400}, 92, 92, 76},
		{Proposal{1, isakmp.AESCBC, 256, isakmp.SHA256, isakmp.PreSharedKey, 1, 86400}, 108, 92, 92},
	} {
		a, b := pair(t)
		a.Config.Proposals, b.Config.Proposals = []Proposal{c.p}, []Proposal{c.p}
		a.Config.DPD = &DPD{Interval: 10 * time.Second, Retry: 3 * time.Second}
		up(t, a, b)
		last := func() int { return len(a.sent[len(a.sent)-1]) }
		a.run(11 * time.Second)
		if last() != c.dpd || len(b.sent[len(b.sent)-1]) != c.dpd {
			t.Errorf("%v: R-U-THERE is %d bytes, want %d", c.p, last(), c.dpd)
		}
		a.DeleteNotify(a.pairs)
		if last() != c.deleteP {
			t.Errorf("%v: delete of a pair is %d bytes, want %d", c.p, last(), c.deleteP)
		}
		a.Reset(0)
		if last() != c.deleteSA {
			t.Errorf("%v: delete of the IKE SA is %d bytes, want %d", c.p, last(), c.deleteSA)
		}
		a.run(time.Second)
		b.wantSAs(0, "after the delete")
		b.wantPairs(0, "after the delete")
	}
}

func TestRequestsWaitForPhase1(t *testing.T) {
	a, b := pair(t)
	a.Acquire(a.policy)
	a.Acquire(a.policy)
	a.wantEvent(BeingNegotiated, "a second request for the flow")
	a.run(time.Second)
	a.wantPairs(1, "one flow asked for twice")
	b.wantSAs(1, "one flow asked for twice")
	a.Acquire(a.policy)
	a.run(time.Second)
	a.wantPairs(2, "under the existing IKE SA")
	a.wantSAs(1, "under the existing IKE SA")
	agree(t, a, b)
}

func TestLostMessagesAreRepeated(t *testing.T) {
	for i := 1; i <= 5; i++ {
		for _, initiator := range []bool{true, false} {
			a, b := pair(t)
			n := b
			if initiator {
				n = a
			}
			n.drop = func(k int, _ []byte) bool { return k == i }
			if !initiator && i == 5 {
				continue
			}
			a.Acquire(a.policy)
			a.run(3900 * time.Millisecond)
			done := len(a.pairs) == 1 && len(b.pairs) == 1
			if done {
				t.Errorf("message %d of %s was lost and nobody noticed", i, n.name)
			}
			a.run(200 * time.Millisecond)
			a.wantPairs(1, fmt.Sprintf("message %d of %s lost", i, n.name))
			b.wantPairs(1, fmt.Sprintf("message %d of %s lost", i, n.name))
			agree(t, a, b)
			// Both sides repeat when the responder's quick mode message is lost.
			if n := a.count(Retransmit) + b.count(Retransmit); n != 1 && (n != 2 || i != 4 || initiator) {
				t.Errorf("message %d lost: %d and %d retransmissions", i, a.count(Retransmit), b.count(Retransmit))
			}
		}
	}
}

func TestSilentPeer(t *testing.T) {
	a, b := pair(t)
	a.drop = func(int, []byte) bool { return true }
	a.Acquire(a.policy)
	a.run(15900 * time.Millisecond)
	a.wantSAs(1, "before the last timer")
	a.run(200 * time.Millisecond)
	a.wantSAs(0, "after three repetitions")
	b.wantSAs(0, "nothing arrived")
	if len(a.sent) != 4 || a.Stats.Timeout != 1 || !slices.Equal(a.failed, []Cause{CauseTimeout}) {
		t.Errorf("%d messages, %d time-outs, failures %v; want 4, 1 and a time-out", len(a.sent), a.Stats.Timeout, a.failed)
	}
	if a.w.Step() {
		t.Error("an event is left over")
	}
}

func TestWrongKey(t *testing.T) {
	a, b := pair(t)
	b.Config.Keychains[0].Keys[0].Secret = []byte("another")
	a.Acquire(a.policy)
	a.run(20 * time.Second)
	a.wantSAs(0, "keys differ")
	b.wantSAs(0, "keys differ")
	b.wantEvent(ParseFailed, "keys differ")
	a.wantEvent(DeletedByNotify, "keys differ")
	if !slices.Equal(a.failed, []Cause{CauseNotified}) {
		t.Errorf("failures are %v", a.failed)
	}
}

// Both ends tell the same secrets, of PFS too; where the pre-shared keys
// differ, each tells its own.
func TestSecretsAreTold(t *testing.T) {
	for _, same := range []bool{true, false} {
		a, b := pair(t)
		keys, secrets := map[string][]Keys{}, map[string][]string{}
		for _, n := range []*node{a, b} {
			n.policy.Transforms = []ipsec.Transform{{Mode: ipsec.Tunnel, Encr: ipsec.DES3, Auth: ipsec.HMACSHA1, PFS: 2}}
			n.OnKeys = func(k Keys) { keys[n.name] = append(keys[n.name], k) }
			n.OnSecret = func(gxy []byte) { secrets[n.name] = append(secrets[n.name], string(gxy)) }
		}
		lengths := []int{modp.Find(1).Len}
		if same {
			up(t, a, b)
			lengths = append(lengths, modp.Find(2).Len)
		} else {
			b.Config.Keychains[0].Keys[0].Secret = []byte("another")
			a.Acquire(a.policy)
			a.run(20 * time.Second)
		}
		var got []int
		for _, s := range secrets["A"] {
			got = append(got, len(s))
		}
		if !slices.Equal(got, lengths) || !slices.Equal(secrets["A"], secrets["B"]) {
			t.Errorf("g^xy are of %v bytes, want %v on both sides: %x", got, lengths, secrets)
		}
		if len(keys["A"]) != 1 || len(keys["B"]) != 1 {
			t.Fatalf("keys are %v, want one on each side", keys)
		}
		p, q := keys["A"][0], keys["B"][0]
		if p.Initiator != q.Initiator || string(p.PSK) != "secret" || reflect.DeepEqual(p, q) != same {
			t.Errorf("pre-shared keys the same: %v; the sides tell %+v and %+v", same, p, q)
		}
	}
}

func TestNoKey(t *testing.T) {
	a, _ := pair(t)
	a.Config.Keychains = nil
	a.Acquire(a.policy)
	a.wantSAs(0, "no key")
	a.wantEvent(KeyMissing, "no key")
	if len(a.sent) != 0 {
		t.Error("something was sent without a key")
	}
}

func TestPhase1Mismatch(t *testing.T) {
	a, b := pair(t)
	a.Config.Proposals = []Proposal{{1, isakmp.AESCBC, 256, isakmp.SHA1, isakmp.PreSharedKey, 2, 86400}}
	a.Config.Profiles = []*Profile{{Name: "x", Proposals: []int{1}, Matches: []Match{{Kind: isakmp.IDIPv4Addr, Low: addrB, High: addrB}}}}
	a.policy.Profile = "x"
	a.Acquire(a.policy)
	a.run(5 * time.Second)
	a.wantSAs(0, "proposals differ")
	b.wantSAs(0, "proposals differ")
	b.wantEvent(NoTransform, "proposals differ")
	if a.Engine.Stats.Notify[isakmp.NoProposalChosen] != 1 || b.Engine.Stats.Notify[isakmp.NoProposalChosen] != 1 {
		t.Error("NO-PROPOSAL-CHOSEN was not counted once on each side")
	}
	// The responder takes the first of the initiator's that it knows, the
	// default last of all.
	a, b = pair(t)
	a.Config.Proposals = []Proposal{{7, isakmp.AESCBC, 256, isakmp.SHA1, isakmp.PreSharedKey, 2, 86400}, {9, isakmp.DES3CBC, 0, isakmp.MD5, isakmp.PreSharedKey, 2, 600}}
	b.Config.Proposals = []Proposal{{3, isakmp.DES3CBC, 0, isakmp.MD5, isakmp.PreSharedKey, 2, 1200}}
	up(t, a, b)
	if p := b.SAs()[0].Proposal; p.Number != 3 || p.Seconds != 600 {
		t.Errorf("the responder took proposal %d for %d s, want 3 and the shorter 600 s", p.Number, p.Seconds)
	}
}

func TestPhase2Refusals(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(a, b *node)
		want isakmp.NotifyType
	}{
		{"no policy", func(a, b *node) { b.noPol = true }, isakmp.InvalidIDInformation},
		{"other transform", func(a, b *node) {
			b.policy.Transforms = []ipsec.Transform{{Mode: ipsec.Tunnel, Encr: ipsec.DES3, Auth: ipsec.HMACSHA1}}
		}, isakmp.NoProposalChosen},
		{"weaker PFS", func(a, b *node) { b.policy.Transforms[0].PFS = 14 }, isakmp.NoProposalChosen},
	} {
		a, b := pair(t)
		b.policy.Transforms = slices.Clone(b.policy.Transforms)
		c.set(a, b)
		a.Acquire(a.policy)
		a.run(time.Second)
		a.wantSAs(1, c.name)
		a.wantPairs(0, c.name)
		b.wantPairs(0, c.name)
		if a.Engine.Stats.Notify[c.want] != 1 || !slices.Equal(a.failed, []Cause{CauseNotified}) {
			t.Errorf("%s: %v was not received, failures are %v", c.name, c.want, a.failed)
		}
	}
}

func TestShorterLifetimeOfResponder(t *testing.T) {
	a, b := pair(t)
	b.policy.Seconds = 600
	up(t, a, b)
	if a.pairs[0].Seconds != 600 || b.pairs[0].Seconds != 600 {
		t.Errorf("lifetimes are %d and %d, want 600", a.pairs[0].Seconds, b.pairs[0].Seconds)
	}
}

func TestDPDDeath(t *testing.T) {
	a, b := pair(t)
	a.Config.DPD = &DPD{Interval: 10 * time.Second, Retry: 3 * time.Second}
	up(t, a, b)
	slack := a.SAs()[0].slack
	a.run(60 * time.Second)
	a.wantSAs(1, "the peer answers")
	if b.count(DPDReceived) < 5 || b.count(DPDSending) != b.count(DPDReceived) {
		t.Errorf("the peer saw %d requests and answered %d", b.count(DPDReceived), b.count(DPDSending))
	}
	b.down = true
	n := len(a.sent)
	for len(a.sent) == n {
		a.w.Step()
	}
	first := a.w.Now()
	for len(a.SAs()) == 1 {
		a.w.Step()
	}
	if got, want := a.w.Now().Sub(first), 3*(3*time.Second+slack); got != want {
		t.Errorf("died %v after the first unanswered request, want %v", got, want)
	}
	if len(a.sent)-n != 3 {
		t.Errorf("%d requests, want 3", len(a.sent)-n)
	}
	a.wantPairs(0, "the peer is dead")
	b.wantEvent(SendFailed, "the peer does not own its address")
}

func TestDPDOnDemand(t *testing.T) {
	a, b := pair(t)
	a.Config.DPD = &DPD{Interval: 5 * time.Second, Retry: 2 * time.Second, OnDemand: true}
	var received, sent time.Time
	a.LastUse = func(netip.Addr, netip.Addr) (time.Time, time.Time) { return received, sent }
	up(t, a, b)
	a.run(time.Minute)
	if a.count(DPDSending) != 0 {
		t.Error("a request without traffic")
	}
	sent = a.w.Now()
	received = sent.Add(-time.Second)
	a.run(3 * time.Second)
	if a.count(DPDSending) != 0 {
		t.Error("a request although the peer was heard a moment ago")
	}
	sent = a.w.Now()
	a.run(5 * time.Second)
	if a.count(DPDSending) != 1 {
		t.Errorf("%d requests after unanswered traffic, want 1", a.count(DPDSending))
	}
}

func TestDPDFollowsConfiguration(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	a.Config.DPD = &DPD{Interval: 2 * time.Second, Retry: time.Second}
	a.Changed()
	a.wantEvent(DPDAdded, "DPD configured later")
	a.run(3 * time.Second)
	if a.count(DPDSending) != 1 {
		t.Errorf("%d requests, want 1", a.count(DPDSending))
	}
	a.Config.DPD = nil
	a.Changed()
	a.run(time.Minute)
	if a.count(DPDSending) != 1 || a.count(DPDRemoved) != 1 {
		t.Error("DPD went on after its configuration was removed")
	}
}

func TestIKERekey(t *testing.T) {
	a, b := pair(t)
	a.Config.Proposals = []Proposal{DefaultProposal(1)}
	a.Config.Proposals[0].Seconds = 100
	a.Config.DPD = &DPD{Interval: 10 * time.Second, Retry: 3 * time.Second}
	up(t, a, b)
	a.run(91 * time.Second)
	a.wantSAs(2, "before the end of the lifetime")
	b.wantSAs(2, "before the end of the lifetime")
	if !a.SAs()[0].Replaced || a.SAs()[1].Replaced || !b.SAs()[0].Replaced {
		t.Error("the old SA is not marked as replaced on both sides, or the new one is")
	}
	a.run(10 * time.Second)
	a.wantSAs(1, "after the end of the lifetime")
	b.wantSAs(1, "after the end of the lifetime")
	a.wantPairs(1, "the pair survives")
	b.down = true
	a.run(30 * time.Second)
	a.wantPairs(0, "the new SA watches over pairs of the old one")
}

func TestPairRekey(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	a.SoftExpire(a.pairs[0])
	a.run(time.Second)
	a.wantPairs(2, "renewed")
	b.wantPairs(2, "renewed")
	agree(t, a, b)
	a.wantSAs(1, "renewed")
}

func TestInitialContact(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	a.Stop()
	a.pairs = nil
	cfg := a.Config
	a.Engine = New(a)
	a.Config = cfg
	a.Acquire(a.policy)
	a.run(time.Second)
	b.wantSAs(1, "after a restart of the peer")
	b.wantPairs(1, "after a restart of the peer")
	agree(t, a, b)
}

func TestInvalidSPI(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	// With an IKE SA the sender is told and drops its pair.
	b.InvalidSPI(addrB, addrA, ipsec.ProtoESP, a.pairs[0].OutSPI)
	a.run(time.Second)
	a.wantPairs(0, "told of the invalid SPI")

	// Without one, nothing is sent...
	a, b = pair(t)
	b.InvalidSPI(addrB, addrA, ipsec.ProtoESP, 0x12345678)
	b.run(time.Minute)
	b.wantEvent(InvalidSPINoSA, "no IKE SA")
	if len(b.sent) != 0 {
		t.Error("something was sent")
	}
	// ...unless recovery is on.
	b.Config.InvalidSPIRecovery = true
	b.InvalidSPI(addrB, addrA, ipsec.ProtoESP, 0x12345678)
	b.run(time.Second)
	b.wantSAs(1, "recovery")
	if a.count(NotifyReceived) != 2 || a.events[len(a.events)-1].Kind != PairDeleted {
		t.Errorf("the peer was not told after the negotiation: %d notifications", a.count(NotifyReceived))
	}
}

func TestUnknownSAIsNotAnswered(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	b.Stop()
	b.Engine = New(b)
	b.events, b.sent = nil, nil
	a.DeleteNotify(a.pairs)
	a.run(time.Second)
	var kinds []Kind
	for _, e := range b.events {
		kinds = append(kinds, e.Kind)
	}
	if want := []Kind{PacketReceived, PacketFrom, Header, Job, InfoStarted, InfoWithoutSA}; !slices.Equal(kinds, want) {
		t.Errorf("events are %v, want %v", kinds, want)
	}
	if len(b.sent) != 0 {
		t.Error("it was answered")
	}
}

func TestRoleAndMessages(t *testing.T) {
	a, _ := pair(t)
	a.RoleChanged()
	a.InvalidSPI(addrA, addrB, ipsec.ProtoESP, 300)
	if a.events[0].Kind != FromIPsec || a.events[0].Number != 8 || a.events[1].Number != 6 || a.events[2].Kind != InvalidSPINoSA {
		t.Errorf("events are %+v", a.events)
	}
}

func TestFQDN(t *testing.T) {
	a, b := pair(t)
	a.Config.Hostname = func() string { return "west" }
	a.Config.Identity = &Identity{Kind: isakmp.IDFQDN}
	b.Config.Profiles = []*Profile{{Name: "w", Matches: []Match{{Kind: isakmp.IDFQDN, Name: "west"}}}}
	up(t, a, b)
	if s := b.SAs()[0]; s.Profile != "w" || string(s.RemoteID.Data) != "west" {
		t.Errorf("the responder's SA is %+v", s)
	}
}

func TestKeySelection(t *testing.T) {
	c := Config{Keychains: []*Keychain{
		{Name: "wide", Priority: 50, Keys: []Key{{Prefix: netip.MustParsePrefix("192.0.2.0/24"), Secret: []byte("w")}, {Prefix: netip.MustParsePrefix("192.0.2.2/32"), Secret: []byte("n")}}},
		{Name: "local", Priority: 100, Local: Scope{Addr: addrA}, Keys: []Key{{Prefix: netip.MustParsePrefix("192.0.2.2/32"), Secret: []byte("l")}}},
	}}
	for _, x := range []struct {
		local, remote netip.Addr
		want          string
	}{{addrA, addrB, "l"}, {addrB, addrB, "n"}, {addrB, addrA, "w"}} {
		if k, _, _ := c.key(nil, x.local, x.remote, nil); k == nil || string(k.Secret) != x.want {
			t.Errorf("key from %v to %v is %+v, want %s", x.local, x.remote, k, x.want)
		}
	}
	if k, _, missing := c.key(&Profile{Keychains: []string{"none"}}, addrA, addrB, nil); k != nil || missing != "none" {
		t.Errorf("a missing keychain gave %+v, %q", k, missing)
	}
}

// FuzzReceive throws datagrams at a responder, at an initiator that waits and
// at an established SA, also with their cookies patched in and their bytes
// encrypted with the right key.
func FuzzReceive(f *testing.F) {
	seedA, seedB := pair(&testing.T{})
	seedA.Acquire(seedA.policy)
	seedA.run(time.Second)
	for _, m := range append(seedA.sent, seedB.sent...) {
		f.Add(m, uint8(0))
		f.Add(m, uint8(3))
	}
	f.Add([]byte{0xff}, uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, mode uint8) {
		if len(b) > 2000 {
			return
		}
		x, y := pair(t)
		from, to := netip.AddrPortFrom(addrA, Port), netip.AddrPortFrom(addrB, Port)
		switch mode % 4 {
		case 1:
			y.Acquire(y.policy)
		case 2, 3:
			x.Acquire(x.policy)
			x.run(time.Second)
		}
		if ss := y.SAs(); mode%4 != 0 && len(ss) == 1 && len(b) >= isakmp.HeaderLen {
			b = slices.Clone(b)
			copy(b, ss[0].ICookie[:])
			if mode%4 != 1 {
				copy(b[8:], ss[0].RCookie[:])
			}
			if mode%4 == 3 && len(b) > isakmp.HeaderLen {
				b[19] = byte(isakmp.FlagEncryption)
				mid := uint32(b[20])<<24 | uint32(b[21])<<16 | uint32(b[22])<<8 | uint32(b[23])
				c, _ := encrypt(ss[0].cipher, ss[0].Proposal.suite().nextIV(ss[0].iv, mid), b[isakmp.HeaderLen:])
				b = append(b[:isakmp.HeaderLen], c...)
			}
			copy(b[24:], u32(uint32(len(b))))
		}
		y.Receive(to, from, b)
		y.run(time.Minute)
	})
}

func BenchmarkNegotiation(b *testing.B) {
	for b.Loop() {
		x, y := pair(nil)
		x.Acquire(x.policy)
		x.run(time.Second)
		if len(y.pairs) != 1 {
			b.Fatal("no pair")
		}
	}
}

// BenchmarkDPDDay is a day of two devices that probe each other every 3 s.
func BenchmarkDPDDay(b *testing.B) {
	x, y := pair(nil)
	x.Config.DPD = &DPD{Interval: 3 * time.Second, Retry: 3 * time.Second}
	y.Config.DPD = x.Config.DPD
	x.Acquire(x.policy)
	x.run(time.Second)
	x.deaf, y.deaf = true, true
	for b.Loop() {
		x.run(24 * time.Hour)
	}
}

// A renewal that fails is tried again while the old SA lasts.
func TestFailedRenewalIsRepeated(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	life := time.Duration(a.SAs()[0].Proposal.Seconds) * time.Second
	b.down = true
	a.run(life - life/10 + 17*time.Second - a.w.Now().Sub(start))
	a.wantSAs(1, "the first renewal came to nothing")
	b.down = false
	a.run(2 * time.Minute)
	if n := len(a.SAs()); n != 2 || a.SAs()[1].State != Established {
		t.Errorf("%d IKE SAs two minutes after the peer is back, want the renewed one as well", n)
	}
}
