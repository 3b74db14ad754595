package ikev2

import (
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/sim"
)

var (
	start  = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	addrA  = netip.MustParseAddr("192.0.2.1")
	addrB  = netip.MustParseAddr("192.0.2.2")
	flow   = ipsec.Selector{Src: netip.MustParsePrefix("198.51.100.0/24"), Dst: netip.MustParsePrefix("203.0.113.0/24")}
	aesSHA = ipsec.Transform{Name: "t", Mode: ipsec.Tunnel, Encr: ipsec.AES, KeyBits: 128, Auth: ipsec.HMACSHA1}
)

// A node is one device of the tests: an engine and a host that records.
type node struct {
	*Engine
	t       *testing.T
	w       *sim.World
	name    string
	peer    *node
	policy  ipsec.Request
	down    bool
	drop    func(n int, b []byte) bool
	nat     func(from, to netip.AddrPort) (netip.AddrPort, netip.AddrPort) // what a NAT makes of what it sends
	sent    [][]byte
	events  []Event
	pairs   []ipsec.Pair
	removed int // pairs
}

func (n *node) Now() time.Time                             { return n.w.Now() }
func (n *node) After(d time.Duration, f func()) *sim.Timer { return n.w.After(d, f) }
func (n *node) Stream(p string) *sim.Stream                { return n.w.Stream(n.name, p) }
func (n *node) Emit(e Event)                               { n.events = append(n.events, e) }

func (n *node) Send(local, remote netip.AddrPort, b []byte) error {
	if n.down {
		return errors.New("address is not local")
	}
	n.sent = append(n.sent, b)
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

func (n *node) LarvalSPI(netip.Addr) uint32 { return n.w.Stream(n.name, "ipsec spi").Uint32() | 0x100 }

func (n *node) Flows(_, _ netip.Addr, profile string) []ipsec.Selector {
	if profile != n.policy.IKEv2 {
		return nil
	}
	return []ipsec.Selector{n.policy.Flow}
}

func (n *node) PolicyFor(_, _ netip.Addr, f ipsec.Selector, profile string) (ipsec.Request, bool) {
	r := n.policy
	r.Flow = f
	return r, n.policy.Flow.Covers(f) && profile == n.policy.IKEv2
}

func (n *node) AddPair(p ipsec.Pair) error {
	n.pairs = append(n.pairs, p)
	return nil
}

func (n *node) DeleteSPI(_ netip.Addr, spi uint32) {
	was := len(n.pairs)
	n.pairs = slices.DeleteFunc(n.pairs, func(p ipsec.Pair) bool { return p.OutSPI == spi || p.OutAH == spi })
	n.removed += was - len(n.pairs)
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

// ends are the causes of events of a kind.
func (n *node) ends(k Kind) (causes []Cause) {
	for _, e := range n.events {
		if e.Kind == k {
			causes = append(causes, e.Cause)
		}
	}
	return causes
}

func (n *node) wantEnds(k Kind, why string, want ...Cause) {
	n.t.Helper()
	if got := n.ends(k); !slices.Equal(got, want) {
		n.t.Errorf("%s: %s has events of kind %d for %v, want %v", why, n.name, k, got, want)
	}
}

func pair(t *testing.T) (a, b *node) {
	w := sim.New(start, 1, nil)
	mk := func(name string, local, remote netip.Addr, f ipsec.Selector) *node {
		n := &node{t: t, w: w, name: name}
		n.Engine = New(n)
		n.policy = ipsec.Request{Policy: "p", Seq: 1, Local: local, Remote: remote, IKEv2: "x", Flow: f, Transforms: []ipsec.Transform{aesSHA}, Seconds: 3600, Kilobytes: 1843200}
		secret := &Secret{Key: []byte("secret")}
		n.Config.Keychains = []*Keychain{{Name: "k", Peers: []*Peer{{Name: "other", Prefix: netip.PrefixFrom(remote, 32), Local: secret, Remote: secret}}}}
		n.Config.Profiles = []*Profile{{Name: "x", Priority: DefaultPriority, Keychain: "k", LocalAuth: wire.SharedKey, RemoteAuth: []uint8{wire.SharedKey},
			Matches: []Match{{Kind: wire.IDIPv4, Low: remote, High: remote}}}}
		return n
	}
	a, b = mk("A", addrA, addrB, flow), mk("B", addrB, addrA, flow.Reverse())
	a.peer, b.peer = b, a
	return a, b
}

// up negotiates a pair and checks that both sides agree on it.
func up(t *testing.T, a, b *node) {
	t.Helper()
	a.Acquire(a.policy)
	a.run(time.Second)
	for _, n := range []*node{a, b} {
		n.wantSAs(1, "after the negotiation")
		n.wantPairs(1, "after the negotiation")
		if n.SAs()[0].State != Ready {
			t.Fatalf("%s is not ready", n.name)
		}
	}
	agree(t, a, b)
}

func agree(t *testing.T, a, b *node) {
	t.Helper()
	p, q := a.pairs[len(a.pairs)-1], b.pairs[len(b.pairs)-1]
	if p.InSPI != q.OutSPI || p.OutSPI != q.InSPI || p.InAH != q.OutAH || p.OutAH != q.InAH || p.InSPI == p.InAH || !reflect.DeepEqual(p.In, q.Out) || !reflect.DeepEqual(p.Out, q.In) {
		t.Fatalf("the pairs do not fit:\n%+v\n%+v", p, q)
	}
	if len(p.In.AH) != p.Transform.AH.KeyLen() || len(p.In.Encr) != p.Transform.EncrKeyLen() || len(p.In.Auth) != p.Transform.AuthKeyLen() || reflect.DeepEqual(p.In, p.Out) {
		t.Fatalf("keys of the pair: %+v", p)
	}
	if p.Flow != q.Flow.Reverse() {
		t.Fatalf("flows are %v and %v", p.Flow, q.Flow)
	}
}

func setProposals(p *Proposal, nodes ...*node) {
	for _, n := range nodes {
		n.Config.Proposals = []*Proposal{p}
		n.Config.Policies = []*Policy{{Name: "1", Priority: 1, Proposals: []string{p.Name}}}
	}
}

func TestNegotiation(t *testing.T) {
	for _, c := range []struct {
		name  string
		suite Suite
		t     ipsec.Transform
	}{
		{"DES MD5 group 1", Suite{Cipher{wire.EncrDES, 0}, wire.IntegMD5, wire.PRFMD5, 1}, ipsec.Transform{Mode: ipsec.Tunnel, Encr: ipsec.DES, Auth: ipsec.HMACMD5}},
		{"3DES SHA1 group 2", Suite{Cipher{wire.Encr3DES, 0}, wire.IntegSHA1, wire.PRFSHA1, 2}, ipsec.Transform{Mode: ipsec.Tunnel, Encr: ipsec.DES3, Auth: ipsec.HMACSHA256}},
		{"AES-256 SHA256 group 14", Suite{Cipher{wire.EncrAES, 256}, wire.IntegSHA256, wire.PRFSHA256, 14}, ipsec.Transform{Mode: ipsec.Transport, Encr: ipsec.AES, KeyBits: 256, Auth: ipsec.HMACSHA1}},
		{"AES-CTR SHA384 group 5", Suite{Cipher{wire.EncrCTR, 192}, wire.IntegSHA384, wire.PRFSHA384, 5}, ipsec.Transform{Mode: ipsec.Tunnel, Encr: ipsec.Null, Auth: ipsec.HMACSHA1}},
		{"AES-192 SHA512 group 24", Suite{Cipher{wire.EncrAES, 192}, wire.IntegSHA512, wire.PRFSHA512, 24}, ipsec.Transform{Mode: ipsec.Tunnel, Encr: ipsec.AES, KeyBits: 192, PFS: 2, Auth: ipsec.HMACMD5}},
		{"AES-256 SHA512 group 14, SHA384", Suite{Cipher{wire.EncrAES, 256}, wire.IntegSHA512, wire.PRFSHA512, 14}, ipsec.Transform{Mode: ipsec.Tunnel, Encr: ipsec.AES, KeyBits: 192, Auth: ipsec.HMACSHA384}},
		{"AES-256 SHA384 group 14, SHA512", Suite{Cipher{wire.EncrAES, 256}, wire.IntegSHA384, wire.PRFSHA384, 14}, ipsec.Transform{Mode: ipsec.Tunnel, Encr: ipsec.AES, KeyBits: 256, PFS: 14, Auth: ipsec.HMACSHA512}},
		{"AES-128 SHA256 group 2, AH of SHA512", Suite{Cipher{wire.EncrAES, 128}, wire.IntegSHA256, wire.PRFSHA256, 2}, ipsec.Transform{Mode: ipsec.Tunnel, AH: ipsec.HMACSHA512}},
		{"AES-128 MD5 group 2, AH", Suite{Cipher{wire.EncrAES, 128}, wire.IntegMD5, wire.PRFSHA1, 2}, ipsec.Transform{Mode: ipsec.Tunnel, AH: ipsec.HMACSHA1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := pair(t)
			setProposals(&Proposal{"p", []Cipher{c.suite.Encr}, []uint16{c.suite.Integ}, []uint16{c.suite.PRF}, []int{c.suite.Group}}, a, b)
			a.policy.Transforms, b.policy.Transforms = []ipsec.Transform{c.t}, []ipsec.Transform{c.t}
			up(t, a, b)
			if s := b.SAs()[0]; s.Suite != c.suite || s.Profile != "x" || s.Initiator || a.SAs()[0].Suite != c.suite {
				t.Errorf("the responder's SA is %+v", s)
			}
			if len(a.sent) != 2 || len(b.sent) != 2 {
				t.Errorf("%d and %d messages, want 2 and 2", len(a.sent), len(b.sent))
			}
			a.Acquire(a.policy) // CREATE_CHILD_SA, with the key exchange of the transform
			a.run(time.Second)
			a.wantPairs(2, "another child SA")
			agree(t, a, b)
			a.wantSAs(1, "another child SA")
		})
	}
}

func TestDefaultsNegotiate(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	if s := a.SAs()[0]; s.Suite != (Suite{Cipher{wire.EncrAES, 128}, wire.IntegSHA1, wire.PRFSHA1, 5}) || s.NextOut != 2 || s.NextIn != 0 {
		t.Errorf("SA is %+v", s)
	}
	if s := b.SAs()[0]; s.NextOut != 0 || s.NextIn != 2 {
		t.Errorf("the responder's message IDs are %d and %d", s.NextOut, s.NextIn)
	}
}

// Section 1.2: the responder asks for a group that the initiator offers.
func TestAnotherGroup(t *testing.T) {
	a, b := pair(t)
	d := DefaultProposal()
	d.Name = "p"
	setProposals(d, b)
	d.Groups = []int{2}
	up(t, a, b)
	if len(a.sent) != 3 || a.Stats.Notify[wire.InvalidKEPayload] != 1 || b.SAs()[0].Suite.Group != 2 {
		t.Errorf("%d messages, statistics %v", len(a.sent), a.Stats.Notify)
	}
}

// Section 2.6: half-open IKE SAs make the responder ask for a cookie.
func TestCookieChallenge(t *testing.T) {
	a, b := pair(t)
	zero := 0
	b.Config.CookieChallenge = &zero
	up(t, a, b)
	if len(a.sent) != 3 || len(b.sent) != 3 {
		t.Errorf("%d and %d messages, want 3 and 3", len(a.sent), len(b.sent))
	}
	one := 1
	a, b = pair(t)
	b.Config.CookieChallenge = &one
	up(t, a, b)
	if len(a.sent) != 2 {
		t.Errorf("a cookie below the threshold: %d messages", len(a.sent))
	}
}

// Section 2.1: requests are repeated, and answers to repetitions.
func TestLostMessagesAreRepeated(t *testing.T) {
	for i := 1; i <= 2; i++ {
		for _, initiator := range []bool{true, false} {
			a, b := pair(t)
			n := b
			if initiator {
				n = a
			}
			n.drop = func(k int, _ []byte) bool { return k == i }
			a.Acquire(a.policy)
			a.run(1900 * time.Millisecond)
			if len(a.pairs) > 0 {
				t.Errorf("message %d of %s was lost and nobody noticed", i, n.name)
			}
			a.run(200 * time.Millisecond)
			a.wantPairs(1, "after a repetition")
			b.wantPairs(1, "after a repetition")
			b.wantSAs(1, "after a repetition")
			agree(t, a, b)
		}
	}
}

func TestSilentPeer(t *testing.T) {
	a, b := pair(t)
	a.drop = func(int, []byte) bool { return true }
	a.Acquire(a.policy)
	a.run(61 * time.Second)
	a.wantSAs(1, "before the last timer")
	a.run(2 * time.Second)
	a.wantSAs(0, "after the repetitions")
	b.wantSAs(0, "nothing arrived")
	a.wantEnds(RequestFailed, "no answer", CauseTimeout)
	if len(a.sent) != 5 || a.Stats.Timeout != 1 {
		t.Errorf("%d messages, %d time-outs; want 5 and 1", len(a.sent), a.Stats.Timeout)
	}
	if a.w.Step() {
		t.Error("an event is left over")
	}
}

func TestRefusals(t *testing.T) {
	other := &Secret{Key: []byte("another")}
	for _, c := range []struct {
		name   string
		spoil  func(a, b *node)
		cause  Cause
		notify wire.NotifyType // that the initiator counts
		sas    int             // that stay
	}{
		{"keys differ", func(_, b *node) { b.Config.Keychains[0].Peers[0].Remote = other }, CauseNotified, wire.AuthenticationFailed, 0},
		{"the responder proves nothing", func(_, b *node) { b.Config.Keychains[0].Peers[0].Local = other }, CauseAuth, wire.AuthenticationFailed, 0},
		{"nobody knows the initiator", func(_, b *node) { b.Config.Profiles[0].Matches = nil }, CauseNotified, wire.AuthenticationFailed, 0},
		{"the responder is another", func(a, _ *node) { a.Config.Profiles[0].Matches[0] = Match{Kind: wire.IDFQDN, Name: "east"} }, CauseAuth, wire.AuthenticationFailed, 0},
		{"no proposal in common", func(a, _ *node) {
			setProposals(&Proposal{"p", []Cipher{{wire.EncrDES, 0}}, []uint16{1}, []uint16{1}, []int{1}}, a)
		}, CauseNotified, wire.NoProposalChosen, 0},
		{"no transform in common", func(_, b *node) { b.policy.Transforms = []ipsec.Transform{{Mode: ipsec.Tunnel, Encr: ipsec.DES}} }, CauseNotified, wire.NoProposalChosen, 1},
		{"no traffic in common", func(_, b *node) { b.policy.Flow.Src = netip.MustParsePrefix("10.0.0.0/8") }, CauseNotified, wire.TSUnacceptable, 1},
		{"no key", func(a, _ *node) { a.Config.Keychains = nil }, CauseConfig, 0, 0},
		{"no profile", func(a, _ *node) { a.Config.Profiles = nil }, CauseConfig, 0, 0},
		{"no method", func(a, _ *node) { a.Config.Profiles[0].LocalAuth = 0 }, CauseConfig, 0, 0},
	} {
		a, b := pair(t)
		c.spoil(a, b)
		a.Acquire(a.policy)
		a.run(3 * time.Second)
		a.wantEnds(RequestFailed, c.name, c.cause)
		a.wantPairs(0, c.name)
		b.wantPairs(0, c.name)
		a.wantSAs(c.sas, c.name)
		b.wantSAs(c.sas, c.name)
		if c.notify != 0 && a.Stats.Notify[c.notify] != 1 {
			t.Errorf("%s: %v is counted %d times", c.name, c.notify, a.Stats.Notify[c.notify])
		}
	}
}

// Section 2.9: the responder narrows to its policy.
func TestNarrowing(t *testing.T) {
	a, b := pair(t)
	b.policy.Flow = ipsec.Selector{Src: netip.MustParsePrefix("203.0.113.128/25"), Dst: netip.MustParsePrefix("198.51.0.0/16"), Proto: 6, SrcPort: 80}
	up(t, a, b)
	want := ipsec.Selector{Src: flow.Src, Dst: netip.MustParsePrefix("203.0.113.128/25"), Proto: 6, DstPort: 80}
	if a.pairs[0].Flow != want {
		t.Errorf("the flow is %v, want %v", a.pairs[0].Flow, want)
	}
}

func TestCommonPrefixes(t *testing.T) {
	for _, c := range []struct{ prefix, lo, hi, want string }{
		{"10.0.0.0/8", "10.1.0.0", "10.1.255.255", "10.1.0.0/16"},
		{"10.1.0.0/16", "0.0.0.0", "255.255.255.255", "10.1.0.0/16"},
		{"0.0.0.0/0", "0.0.0.0", "255.255.255.255", "0.0.0.0/0"},
		{"10.0.0.0/24", "10.0.0.1", "10.0.0.9", "10.0.0.1/32"},
		{"10.0.0.0/24", "10.0.0.2", "10.0.0.9", "10.0.0.2/31"},
		{"10.0.0.0/24", "10.0.1.0", "10.0.1.9", ""},
	} {
		got, ok := common(netip.MustParsePrefix(c.prefix), wire.Selector{Kind: wire.TSIPv4, Start: netip.MustParseAddr(c.lo), End: netip.MustParseAddr(c.hi)})
		if ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("%s and %s to %s have %v in common, want %q", c.prefix, c.lo, c.hi, got, c.want)
		}
	}
}

// A child SA is of one protocol; a transform of two is passed over.
func TestOneProtocolForAChild(t *testing.T) {
	a, b := pair(t)
	both := aesSHA
	both.AH = ipsec.HMACMD5
	a.policy.Transforms = []ipsec.Transform{both}
	a.Acquire(a.policy)
	a.wantEnds(RequestFailed, "ESP with AH around it", CauseConfig)
	a.policy.Transforms = []ipsec.Transform{both, aesSHA}
	up(t, a, b)
}

// Section 1.3.3: the new child SA takes the place of the old one.
func TestRenewalOfChild(t *testing.T) {
	for i, pfs := range []int{0, 14, 0} {
		a, b := pair(t)
		for _, n := range []*node{a, b} {
			n.policy.Transforms = []ipsec.Transform{aesSHA}
			n.policy.Transforms[0].PFS = pfs
			if i == 2 {
				n.policy.Transforms[0] = ipsec.Transform{Mode: ipsec.Tunnel, AH: ipsec.HMACSHA1}
			}
		}
		up(t, a, b)
		old := b.pairs[0]
		b.SoftExpire(old) // either side may
		a.run(time.Second)
		a.wantPairs(1, "after the renewal")
		b.wantPairs(1, "after the renewal")
		agree(t, a, b)
		if b.pairs[0].InSPI+b.pairs[0].InAH == old.InSPI+old.InAH || b.pairs[0].Transform.PFS != pfs {
			t.Errorf("the pair is %+v", b.pairs[0])
		}
	}
}

// Section 1.3.2: the new IKE SA has the children of the old one.
func TestRenewalOfIKESA(t *testing.T) {
	a, b := pair(t)
	a.Config.Profiles[0].Seconds, b.Config.Profiles[0].Seconds = 1000, 1000
	up(t, a, b)
	old := *a.SAs()[0]
	a.run(905 * time.Second)
	a.wantSAs(1, "after the renewal")
	b.wantSAs(1, "after the renewal")
	if s := a.SAs()[0]; s.SPIi == old.SPIi || s.Tunnel == old.Tunnel || !s.Initiator || s.RemoteID == nil {
		t.Errorf("the SA is %+v", s)
	}
	a.wantPairs(1, "after the renewal")
	a.wantEnds(Deleted, "after the renewal", CauseRenewed)
	b.Acquire(b.policy)
	a.run(time.Second)
	a.wantPairs(2, "under the new SA")
	agree(t, a, b)
	a.Reset(func(*SA) bool { return true }, false)
	a.run(time.Second)
	b.wantPairs(0, "the children have moved")
	b.wantSAs(0, "after the deletion")
}

func TestExpiry(t *testing.T) {
	a, b := pair(t)
	a.Config.Profiles[0].Seconds = 1000
	up(t, a, b)
	b.Config.Policies = []*Policy{{Name: "none"}} // no renewal is accepted
	a.run(1001 * time.Second)
	a.wantSAs(0, "at the end of the lifetime")
	b.wantSAs(0, "at the end of the lifetime")
	a.wantPairs(0, "at the end of the lifetime")
}

func TestDeletion(t *testing.T) {
	for _, fast := range []bool{true, false} {
		a, b := pair(t)
		up(t, a, b)
		if !a.Reset(func(s *SA) bool { return s.Tunnel == 1 }, fast) || a.Reset(func(s *SA) bool { return s.Tunnel == 7 }, fast) {
			t.Error("the wrong SAs are found")
		}
		if gone := len(a.SAs()) == 0; gone != fast {
			t.Errorf("fast %v: the SA is gone at once: %v", fast, gone)
		}
		a.run(time.Second)
		for _, n := range []*node{a, b} {
			n.wantSAs(0, "after the deletion")
			n.wantPairs(0, "after the deletion")
		}
		b.wantEnds(Deleted, "after the deletion", CauseDeleted)
	}
	a, b := pair(t)
	up(t, a, b)
	gone := a.pairs
	a.DeleteNotify(gone)
	a.run(time.Second)
	b.wantPairs(0, "a deleted pair")
	b.wantSAs(1, "a deleted pair")
	if a.Stats.DeletedForIPsec != 1 || b.Stats.DeletedByPeer != 1 {
		t.Errorf("statistics are %+v and %+v", a.Stats, b.Stats)
	}
}

func TestLiveness(t *testing.T) {
	a, b := pair(t)
	a.Config.DPD = &ike.DPD{Interval: 10 * time.Second, Retry: 2 * time.Second}
	up(t, a, b)
	a.run(35 * time.Second)
	if n := len(b.sent) - 2; n != 3 {
		t.Errorf("%d answers in 35 seconds, want 3", n)
	}
	b.Stop()
	a.run(20 * time.Second)
	a.wantSAs(0, "the peer is dead")
	a.wantPairs(0, "the peer is dead")
	if a.Stats.DPD != 1 {
		t.Errorf("%d dead peers", a.Stats.DPD)
	}
	// On demand nothing is sent without traffic.
	a, b = pair(t)
	a.Config.DPD = &ike.DPD{Interval: 10 * time.Second, Retry: 2 * time.Second, OnDemand: true}
	var sent time.Time
	a.LastUse = func(_, _ netip.Addr) (time.Time, time.Time) { return time.Time{}, sent }
	up(t, a, b)
	a.run(time.Minute)
	if len(a.sent) != 2 {
		t.Errorf("%d messages without traffic", len(a.sent))
	}
	sent = a.Now()
	a.run(2 * time.Second)
	if len(a.sent) != 3 {
		t.Errorf("%d messages after traffic, want 3", len(a.sent))
	}
}

// A change of the configuration counts for SAs that there are.
func TestLivenessIsSwitched(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	a.Config.Profiles[0].DPD = &ike.DPD{Interval: 5 * time.Second, Retry: time.Second}
	a.Changed()
	a.run(6 * time.Second)
	if len(a.sent) != 3 {
		t.Errorf("%d messages, want 3", len(a.sent))
	}
	a.Config.Profiles[0].DPD = nil
	a.Changed()
	a.run(time.Minute)
	if len(a.sent) != 3 || a.SAs()[0].DPD != nil {
		t.Errorf("%d messages, want 3", len(a.sent))
	}
}

// Section 2.23: behind a NAT all goes to port 4500.
func TestNAT(t *testing.T) {
	a, b := pair(t)
	outside := netip.MustParseAddr("192.0.2.99")
	b.policy.Remote = outside
	b.Config.Keychains[0].Peers[0].Prefix = netip.PrefixFrom(outside, 32)
	b.Config.NATKeepalive, a.Config.NATKeepalive = 20, 20
	a.nat = func(from, to netip.AddrPort) (netip.AddrPort, netip.AddrPort) {
		return netip.AddrPortFrom(outside, from.Port()+1000), to
	}
	b.nat = func(from, to netip.AddrPort) (netip.AddrPort, netip.AddrPort) {
		return from, netip.AddrPortFrom(addrA, to.Port()-1000)
	}
	up(t, a, b)
	s, r := a.SAs()[0], b.SAs()[0]
	if !s.NAT || s.PeerNAT || r.NAT || !r.PeerNAT || s.Local.Port() != ike.PortNATT || r.Remote.Port() != ike.PortNATT+1000 {
		t.Errorf("SAs are %+v and %+v", s, r)
	}
	if p := b.pairs[0]; p.LocalPort != ike.PortNATT || p.RemotePort != ike.PortNATT+1000 {
		t.Errorf("ports of the pair are %d and %d", p.LocalPort, p.RemotePort)
	}
	sent, quiet := len(a.sent), len(b.sent)
	a.run(time.Minute)
	if n := len(a.sent) - sent; n != 3 || len(a.sent[sent]) != 1 || len(b.sent) != quiet {
		t.Errorf("%d keepalives, %d from the other side", n, len(b.sent)-quiet)
	}
}

// Identities of all kinds, with keys found by them.
func TestIdentities(t *testing.T) {
	for _, kind := range []wire.IDType{wire.IDFQDN, wire.IDEmail, wire.IDKeyID} {
		a, b := pair(t)
		a.Config.Profiles[0].Identity = &Identity{Kind: kind, Name: "west"}
		b.Config.Profiles[0].Matches = []Match{{Kind: kind, Name: "west"}}
		b.Config.Keychains[0].Peers[0].Prefix = netip.Prefix{}
		b.Config.Keychains[0].Peers[0].Identity = &Match{Kind: kind, Name: "west"}
		up(t, a, b)
		if id := b.SAs()[0].RemoteID; id.Kind != kind || string(id.Data) != "west" {
			t.Errorf("the identity is %+v", id)
		}
	}
	a, b := pair(t)
	a.Config.Profiles[0].Identity = &Identity{Kind: wire.IDFQDN}
	a.Config.Hostname = func() string { return "system" }
	b.Config.Profiles[0].Matches = []Match{{Kind: wire.IDFQDN, Name: "system"}}
	b.Config.Keychains[0].Peers[0].Hostname = "system"
	b.Config.Keychains[0].Peers[0].Prefix = netip.Prefix{}
	up(t, a, b)
}

// A peer that has lost its SAs says so with INITIAL_CONTACT, section 2.4.
func TestInitialContact(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	a.Stop()
	c, _ := pair(t)
	c.w, c.name, c.peer, b.peer = a.w, "C", b, c
	c.pairs = nil
	c.Acquire(c.policy)
	c.run(time.Second)
	b.wantSAs(1, "after INITIAL_CONTACT")
	b.wantPairs(1, "after INITIAL_CONTACT")
	b.wantEnds(Deleted, "after INITIAL_CONTACT", CauseRedundant)
	agree(t, c, b)
}

func TestForgeriesChangeNothing(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	for _, m := range append(slices.Clone(a.sent), b.sent...) {
		for i := range m {
			x := slices.Clone(m)
			x[i] ^= 0x55
			b.Receive(netip.AddrPortFrom(addrB, ike.Port), netip.AddrPortFrom(addrA, ike.Port), x)
			a.Receive(netip.AddrPortFrom(addrA, ike.Port), netip.AddrPortFrom(addrB, ike.Port), x)
		}
	}
	a.run(2 * time.Minute)
	a.wantSAs(1, "after forgeries")
	a.wantPairs(1, "after forgeries")
	b.wantPairs(1, "after forgeries")
	b.wantSAs(1, "after forgeries")
}

// Section 2.5: a payload that is critical and unknown is refused.
func TestCriticalPayload(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	s := a.SAs()[0]
	s.ask(&request{exchange: wire.Informational, build: func() []wire.Payload { return []wire.Payload{&wire.Raw{Kind: 200, Critical: true}} },
		reply: func(in *inbound) {
			n := refusal(in.payloads)
			if n == nil || n.Notify != wire.UnsupportedCriticalPayload || !slices.Equal(n.Data, []byte{200}) {
				t.Errorf("the answer is %+v", n)
			}
		}})
	a.run(time.Second)
	if b.Stats.Notify[wire.UnsupportedCriticalPayload] != 1 {
		t.Error("nothing is counted")
	}
}

// FuzzReceive feeds both ends whatever comes; they must not panic.
func FuzzReceive(f *testing.F) {
	a, b := pair(&testing.T{})
	a.Acquire(a.policy)
	a.run(time.Second)
	for _, m := range append(slices.Clone(a.sent), b.sent...) {
		f.Add(m)
	}
	f.Fuzz(func(t *testing.T, m []byte) {
		a, b := pair(t)
		a.Acquire(a.policy)
		b.Receive(netip.AddrPortFrom(addrB, ike.Port), netip.AddrPortFrom(addrA, ike.Port), m)
		a.Receive(netip.AddrPortFrom(addrA, ike.Port), netip.AddrPortFrom(addrB, ike.Port), m)
		a.run(time.Second)
	})
}

// The secrets that a capture is read with are the same at both ends.
func TestKeysAreTold(t *testing.T) {
	a, b := pair(t)
	var ka, kb []Keys
	var xa, xb [][]byte
	a.OnKeys, b.OnKeys = func(k Keys) { ka = append(ka, k) }, func(k Keys) { kb = append(kb, k) }
	a.OnSecret, b.OnSecret = func(x []byte) { xa = append(xa, x) }, func(x []byte) { xb = append(xb, x) }
	up(t, a, b)
	if len(ka) != 1 || !reflect.DeepEqual(ka, kb) || len(xa) != 1 || !reflect.DeepEqual(xa, xb) {
		t.Errorf("told %d and %d keys, %d and %d secrets", len(ka), len(kb), len(xa), len(xb))
	}
}
