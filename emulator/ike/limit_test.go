package ike

import (
	"net/netip"
	"testing"
	"time"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

func other(n int) ipsec.Selector {
	f := flow
	f.Src = netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(n)}), 32)
	return f
}

// The limit of negotiations counts SAs of both phases.
func TestLimitOfNegotiations(t *testing.T) {
	for _, c := range []struct {
		name    string
		limit   int
		flows   int
		limited int // refused
	}{{"no limit", 0, 5, 0}, {"enough", 5, 5, 0}, {"two of five", 2, 5, 3}, {"one of two", 1, 2, 1}} {
		a, b := pair(t)
		up(t, a, b)
		a.Config.MaxNegotiating = c.limit
		b.noPol = true // it never comes to an end
		b.drop = func(int, []byte) bool { return true }
		for i := range c.flows {
			r := a.policy
			r.Flow = other(10 + i)
			a.Acquire(r)
		}
		if got := a.count(Limit); got != c.limited || len(a.failed) != c.limited {
			t.Errorf("%s: %d refused and %d failed, want %d", c.name, got, len(a.failed), c.limited)
		}
		for _, why := range a.failed {
			if why != CauseLimit {
				t.Errorf("%s: failed because of %v", c.name, why)
			}
		}
		a.run(time.Minute) // all time out
		if r := a.policy; c.limit > 0 {
			n := a.count(Limit)
			a.Acquire(r)
			if a.count(Limit) != n {
				t.Errorf("%s: the limit is still reached when nothing is negotiated", c.name)
			}
		}
	}
	// A responder takes no more either.
	a, b := pair(t)
	b.Config.MaxNegotiating = 3
	flood(b, 10)
	b.wantSAs(3, "half-open")
	if b.count(Limit) != 7 {
		t.Errorf("%d refused, want 7", b.count(Limit))
	}
	b.run(20 * time.Second)
	b.wantSAs(0, "half-open ones time out")
	up(t, a, b)
}

// flood is n first messages with other cookies.
func flood(b *node, n int) {
	x := &SA{engine: New(b), Proposal: DefaultProposal(1)}
	for i := range n {
		offer := &isakmp.SA{DOI: isakmp.DOIIPsec, Situation: isakmp.SituationIdentityOnly, Proposals: []isakmp.Proposal{{Number: 1, Protocol: isakmp.ProtoISAKMP,
			Transforms: []isakmp.Transform{{Number: 1, ID: isakmp.KeyIKE, Attributes: x.attributes1(DefaultProposal(1))}}}}}
		b.Receive(netip.AddrPortFrom(addrB, Port), netip.AddrPortFrom(addrA, Port), encode(&isakmp.Message{
			Header:   isakmp.Header{Initiator: isakmp.Cookie{1, 2, byte(i >> 8), byte(i), 3}, Version: isakmp.Version1, Exchange: isakmp.ExchangeMain},
			Payloads: []isakmp.Payload{offer},
		}))
	}
}

// Half-open negotiations are bounded without any configuration.
func TestHalfOpenIsBounded(t *testing.T) {
	_, b := pair(t)
	flood(b, 5000)
	b.wantSAs(maxHalfOpen, "5000 first messages")
	b.run(20 * time.Second)
	b.wantSAs(0, "all of them timed out")
	if b.w.Step() {
		t.Error("an event is left over")
	}
}

// The limit of SAs counts peers' SAs; a renewal takes the place of the old one.
func TestLimitOfSAs(t *testing.T) {
	a, b := pair(t)
	a.Config.MaxSA, b.Config.MaxSA = 1, 1
	a.Config.Proposals = []Proposal{DefaultProposal(1)}
	a.Config.Proposals[0].Seconds = 100
	up(t, a, b)
	a.run(100 * time.Second)
	a.wantSAs(1, "renewed under the limit")
	if a.count(Limit) != 0 {
		t.Error("a renewal was refused")
	}
	third := netip.MustParseAddr("192.0.2.3")
	r := a.policy
	r.Remote = third
	a.Config.Keychains[0].Keys = append(a.Config.Keychains[0].Keys, Key{Prefix: netip.PrefixFrom(third, 32), Secret: []byte("x")})
	a.Acquire(r)
	a.wantSAs(1, "the limit is reached")
	a.wantEvent(Limit, "the limit is reached")
	a.Config.MaxSA = 2
	a.Acquire(r)
	a.wantSAs(2, "under a higher limit")
}
