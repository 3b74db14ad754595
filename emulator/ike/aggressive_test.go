package ike

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/isakmp"
)

// aggressive is a pair whose A begins with aggressive mode.
func aggressive(t *testing.T) (a, b *node) {
	a, b = pair(t)
	a.Config.Profiles = []*Profile{{Name: "x", Priority: 100, Aggressive: true, Keychains: []string{"k"},
		Matches: []Match{{Kind: isakmp.IDIPv4Addr, Low: addrB, High: addrB}}}}
	a.policy.Profile = "x"
	return a, b
}

func TestAggressiveMode(t *testing.T) {
	a, b := aggressive(t)
	up(t, a, b)
	var kinds []isakmp.ExchangeType
	for _, m := range a.sent {
		var h isakmp.Header
		if err := h.UnmarshalBinary(m); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, h.Exchange)
	}
	want := []isakmp.ExchangeType{isakmp.ExchangeAggressive, isakmp.ExchangeAggressive, isakmp.ExchangeQuick, isakmp.ExchangeQuick}
	if !slices.Equal(kinds, want) {
		t.Errorf("the initiator sent %v, want %v", kinds, want)
	}
	for _, n := range []*node{a, b} {
		s := n.SAs()[0]
		if s.Exchange != isakmp.ExchangeAggressive || s.NAT || s.PeerNAT || !s.peerDPD {
			t.Errorf("the SA of %s is %+v", n.name, s)
		}
	}
	// Both keep on over the same SA.
	a.Acquire(a.policy)
	a.run(time.Second)
	a.wantPairs(2, "under the SA of aggressive mode")
	a.wantSAs(1, "under the SA of aggressive mode")
}

// Identities are what aggressive mode is for: the responder finds the key by
// the name of a peer whose address it does not know.
func TestAggressiveModeWithNames(t *testing.T) {
	a, b := aggressive(t)
	a.Config.Profiles[0].Identity = &Identity{Kind: isakmp.IDFQDN, Name: "branch"}
	a.Config.Profiles[0].Matches = []Match{{Kind: isakmp.IDFQDN, Name: "centre"}}
	b.Config.Identity = &Identity{Kind: isakmp.IDFQDN, Name: "centre"}
	b.Config.Profiles = []*Profile{{Name: "y", Priority: 100, Keychains: []string{"k"}, Matches: []Match{{Kind: isakmp.IDFQDN, Name: "branch"}}}}
	b.Config.Keychains[0].Keys = []Key{{Hostname: "branch", Secret: []byte("secret")}}
	up(t, a, b)
	if s := b.SAs()[0]; s.Profile != "y" || string(s.RemoteID.Data) != "branch" || string(s.LocalID.Data) != "centre" {
		t.Errorf("the responder's SA is of profile %q with %s and %s", s.Profile, s.RemoteID.Data, s.LocalID.Data)
	}

	a, b = aggressive(t)
	b.Config.Keychains[0].Keys = []Key{{Hostname: "other", Secret: []byte("secret")}}
	a.Acquire(a.policy)
	a.run(5 * time.Second)
	a.wantSAs(0, "no key for the peer")
	b.wantEvent(KeyMissing, "no key for the peer")
}

func TestAggressiveModeRefusals(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(a, b *node)
		at   func(a, b *node) *node // who notices
		want Kind
	}{
		{"another key", func(a, b *node) { b.Config.Keychains[0].Keys[0].Secret = []byte("other") }, func(a, _ *node) *node { return a }, HashBad},
		{"another proposal", func(a, b *node) {
			a.Config.Proposals = []Proposal{{1, isakmp.AESCBC, 256, isakmp.SHA1, isakmp.PreSharedKey, 2, 86400}}
			a.Config.Profiles[0].Proposals = []int{1}
		}, func(_, b *node) *node { return b }, NoTransform},
		{"another identity", func(a, b *node) { b.Config.Identity = &Identity{Kind: isakmp.IDFQDN, Name: "z"} },
			func(a, _ *node) *node { return a }, ProfileUnmatched},
	} {
		a, b := aggressive(t)
		c.set(a, b)
		a.Acquire(a.policy)
		a.run(30 * time.Second)
		a.wantSAs(0, c.name)
		b.wantSAs(0, c.name)
		if c.at(a, b).count(c.want) == 0 {
			t.Errorf("%s: nobody noticed", c.name)
		}
	}
}

func TestAggressiveModeRepeatsLostMessages(t *testing.T) {
	for i := 1; i <= 2; i++ {
		for _, initiator := range []bool{true, false} {
			a, b := aggressive(t)
			n := b
			if initiator {
				n = a
			}
			n.drop = func(k int, _ []byte) bool { return k == i }
			a.Acquire(a.policy)
			a.run(12 * time.Second)
			why := fmt.Sprintf("message %d of %s lost", i, n.name)
			a.wantPairs(1, why)
			b.wantPairs(1, why)
			agree(t, a, b)
		}
	}
}

// One group is all that a first message with a key can speak of.
func TestAggressiveModeOffersOneGroup(t *testing.T) {
	a, b := aggressive(t)
	ps := []Proposal{{1, isakmp.AESCBC, 128, isakmp.SHA1, isakmp.PreSharedKey, 14, 86400}, {2, isakmp.DES3CBC, 0, isakmp.SHA1, isakmp.PreSharedKey, 2, 86400},
		{3, isakmp.DES3CBC, 0, isakmp.MD5, isakmp.PreSharedKey, 14, 86400}}
	a.Config.Proposals, b.Config.Proposals = ps, ps[2:]
	up(t, a, b)
	if n := len(a.SAs()[0].offered); n != 2 || a.SAs()[0].Proposal.Number != 3 {
		t.Errorf("%d proposals were offered and %d taken, want the two of group 14 and number 3", n, a.SAs()[0].Proposal.Number)
	}
}

func TestGroup24(t *testing.T) {
	a, b := pair(t)
	p := []Proposal{{1, isakmp.AESCBC, 256, isakmp.SHA256, isakmp.PreSharedKey, 24, 86400}}
	a.Config.Proposals, b.Config.Proposals = p, p
	up(t, a, b)
}
