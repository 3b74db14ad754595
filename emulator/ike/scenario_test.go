package ike

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

// A scenario is what happens to a tunnel that one end has begun, in either
// mode; x is the end that acts.
type scenario struct {
	name  string
	set   func(x, y *node) // before the tunnel
	act   func(x, y *node)
	after time.Duration
	ike   [2]int // SAs of x and y in the end
	pairs [2]int
	sees  Kind // of y, 0 for nothing
}

var watchful = &DPD{Interval: 10 * time.Second, Retry: 3 * time.Second}

func short(x, y *node) {
	for _, n := range []*node{x, y} {
		n.Config.Proposals = []Proposal{DefaultProposal(1)}
		n.Config.Proposals[0].Seconds = 600
	}
}

var scenarios = []scenario{
	{"nothing", nil, func(x, y *node) {}, time.Minute, [2]int{1, 1}, [2]int{1, 1}, 0},
	{"DPD, the peer answers", func(x, y *node) { x.Config.DPD = watchful }, func(x, y *node) {}, time.Minute, [2]int{1, 1}, [2]int{1, 1}, DPDReceived},
	{"DPD, the peer is gone", func(x, y *node) { x.Config.DPD = watchful }, func(x, y *node) { y.down = true }, 30 * time.Second, [2]int{0, 1}, [2]int{0, 1}, SendFailed},
	{"DPD of both, the line is cut", func(x, y *node) { x.Config.DPD, y.Config.DPD = watchful, watchful }, func(x, y *node) {
		x.drop = func(int, []byte) bool { return true }
		y.drop = x.drop
	}, 30 * time.Second, [2]int{0, 0}, [2]int{0, 0}, DPDTimeout},
	{"DPD of both, one way is cut", func(x, y *node) { x.Config.DPD, y.Config.DPD = watchful, watchful }, func(x, y *node) {
		x.drop = func(int, []byte) bool { return true }
	}, 30 * time.Second, [2]int{0, 0}, [2]int{0, 0}, DPDTimeout},
	{"delete of the IKE SA", nil, func(x, y *node) { x.Reset(0) }, time.Second, [2]int{0, 0}, [2]int{1, 1}, DeleteSAReceived},
	{"delete of the pair", nil, func(x, y *node) {
		x.DeleteNotify(x.pairs)
		x.pairs = nil
	}, time.Second, [2]int{1, 1}, [2]int{0, 0}, DeleteReceived},
	{"delete of both", nil, func(x, y *node) {
		x.DeleteNotify(x.pairs)
		x.pairs = nil
		x.Reset(0)
	}, time.Second, [2]int{0, 0}, [2]int{0, 0}, DeleteSAReceived},
	{"quick mode anew", nil, func(x, y *node) { x.SoftExpire(x.pairs[0]) }, time.Second, [2]int{1, 1}, [2]int{2, 2}, 0},
	{"phase 1 anew by its lifetime", short, func(x, y *node) {}, 580 * time.Second, [2]int{2, 2}, [2]int{1, 1}, 0},
	{"phase 1 anew, the old one gone", short, func(x, y *node) {}, 700 * time.Second, [2]int{1, 1}, [2]int{1, 1}, 0},
	{"phase 1 anew, begun by this end", short, func(x, y *node) { x.SAs()[0].softExpire() }, time.Second, [2]int{2, 2}, [2]int{1, 1}, 0},
	{"an SPI that is lost", nil, func(x, y *node) { x.InvalidSPI(x.addr, y.addr, ipsec.ProtoESP, x.pairs[0].InSPI) }, time.Second, [2]int{1, 1}, [2]int{1, 0}, NotifyReceived},
	{"both phases anew at once from both ends", nil, func(x, y *node) {
		x.SoftExpire(x.pairs[0])
		y.SoftExpire(y.pairs[0])
		x.SAs()[0].softExpire()
		y.SAs()[0].softExpire()
	}, time.Minute, [2]int{3, 3}, [2]int{3, 3}, 0},
}

// Each scenario from both ends of a tunnel that either of them has begun, in
// both modes.
func TestScenarios(t *testing.T) {
	for _, c := range scenarios {
		for i := range 4 {
			fast, back := i&1 != 0, i&2 != 0
			a, b := pair(t)
			if fast {
				a, b = aggressive(t)
				b.Config.Profiles = []*Profile{{Name: "y", Priority: 100, Aggressive: true, Keychains: []string{"k"}, Matches: []Match{{Kind: isakmp.IDIPv4Addr, Low: addrA, High: addrA}}}}
			}
			x, y := a, b
			if back {
				x, y = b, a
			}
			if c.set != nil {
				c.set(x, y)
			}
			up(t, a, b)
			before := y.count(c.sees)
			c.act(x, y)
			a.run(c.after)
			why := fmt.Sprintf("%s, aggressive %v, by the responder %v", c.name, fast, back)
			x.wantSAs(c.ike[0], why)
			y.wantSAs(c.ike[1], why)
			x.wantPairs(c.pairs[0], why)
			y.wantPairs(c.pairs[1], why)
			if c.sees != 0 && y.count(c.sees) == before {
				t.Errorf("%s: %s has no event of kind %d", why, y.name, c.sees)
			}
			if len(x.pairs) > 0 && len(y.pairs) > 0 && c.pairs[0] == c.pairs[1] && c.pairs[0] < 3 {
				agree(t, a, b)
			}
			x.down, y.down, x.drop, y.drop = false, false, nil, nil
			n := len(a.pairs)
			y.Reset(0) // where x has none any more
			a.run(time.Second)
			a.Acquire(a.policy)
			a.run(20 * time.Second)
			if len(a.pairs) != n+1 || !slices.ContainsFunc(b.pairs, func(p ipsec.Pair) bool { return p.InSPI == a.pairs[n].OutSPI }) {
				t.Errorf("%s: no tunnel afterwards", why)
			}
		}
	}
}

// What does not fit is refused with the notification that fits, whichever end
// begins: RFC 2408 section 3.14.1, RFC 2409 sections 5 and 5.7. The
// negotiation ends on both sides.
func TestRefusals(t *testing.T) {
	other := []Proposal{{1, isakmp.AESCBC, 256, isakmp.SHA1, isakmp.PreSharedKey, 2, 86400}}
	only := func(x *node) {
		x.Config.Proposals = other
		x.Config.Profiles = []*Profile{{Name: "only", Proposals: []int{1}, Keychains: []string{"k"}, Aggressive: len(x.Config.Profiles) > 0 && x.Config.Profiles[0].Aggressive,
			Matches: []Match{{Kind: isakmp.IDIPv4Addr, Low: x.peer.addr, High: x.peer.addr}}}}
		x.policy.Profile = "only"
	}
	for _, c := range []struct {
		name       string
		set        func(x, y *node) // x begins
		main, fast isakmp.NotifyType
		by         func(x, y *node) *node // who refuses in main mode
		byFast     func(x, y *node) *node
		phase1     bool // and so there is no IKE SA
		late       bool // but for the responder of main mode, which had seen enough and heeds nothing in clear
	}{
		{"key", func(x, y *node) { y.Config.Keychains[0].Keys[0].Secret = []byte("another") }, isakmp.PayloadMalformed, isakmp.AuthenticationFailed, second, first, true, false},
		{"no key", func(x, y *node) { y.Config.Keychains = nil }, isakmp.AuthenticationFailed, isakmp.AuthenticationFailed, second, second, true, false},
		{"proposal of phase 1", func(x, y *node) { only(x) }, isakmp.NoProposalChosen, isakmp.NoProposalChosen, second, second, true, false},
		{"identity of the initiator", func(x, y *node) { x.Config.Identity = &Identity{Kind: isakmp.IDFQDN, Name: "x"} }, isakmp.InvalidIDInformation, isakmp.InvalidIDInformation, second, second, true, false},
		{"identity of the responder", func(x, y *node) { y.Config.Identity = &Identity{Kind: isakmp.IDFQDN, Name: "y"} }, isakmp.InvalidIDInformation, isakmp.InvalidIDInformation, first, first, true, true},
		{"proposal of phase 2", func(x, y *node) {
			y.policy.Transforms = []ipsec.Transform{{Mode: ipsec.Tunnel, Encr: ipsec.DES3, Auth: ipsec.HMACSHA1}}
		}, isakmp.NoProposalChosen, isakmp.NoProposalChosen, second, second, false, false},
		{"mode of phase 2", func(x, y *node) {
			y.policy.Transforms = []ipsec.Transform{{Mode: ipsec.Transport, Encr: ipsec.DES, Auth: ipsec.HMACSHA1}}
		}, isakmp.NoProposalChosen, isakmp.NoProposalChosen, second, second, false, false},
		{"weaker PFS", func(x, y *node) {
			y.policy.Transforms = slices.Clone(y.policy.Transforms)
			y.policy.Transforms[0].PFS = 14
		}, isakmp.NoProposalChosen, isakmp.NoProposalChosen, second, second, false, false},
		{"flow", func(x, y *node) { y.noPol = true }, isakmp.InvalidIDInformation, isakmp.InvalidIDInformation, second, second, false, false},
	} {
		for i := range 4 {
			fast, back := i&1 != 0, i&2 != 0
			a, b := pair(t)
			x, y := a, b
			if back {
				x, y = b, a
			}
			want, by := c.main, c.by
			if fast {
				want, by = c.fast, c.byFast
				x.Config.Profiles = []*Profile{{Name: "f", Priority: 100, Aggressive: true, Keychains: []string{"k"}, Matches: []Match{{Kind: isakmp.IDIPv4Addr, Low: y.addr, High: y.addr}}}}
				x.policy.Profile = "f"
			}
			c.set(x, y)
			x.Acquire(x.policy)
			x.run(time.Minute)
			why := fmt.Sprintf("%s, aggressive %v, begun by %s", c.name, fast, x.name)
			ike := 1
			if c.phase1 {
				ike = 0
			}
			x.wantSAs(ike, why)
			if c.late && !fast {
				ike = 1
			}
			y.wantSAs(ike, why)
			x.wantPairs(0, why)
			y.wantPairs(0, why)
			if len(x.failed) != 1 {
				t.Errorf("%s: failures are %v, want one", why, x.failed)
			}
			built := 0
			for _, e := range by(x, y).events {
				if e.Kind == NotifyBuilt && e.Notify == want {
					built++
				}
			}
			if built == 0 || by(x, y).Engine.Stats.Notify[want] == 0 {
				t.Errorf("%s: %s has sent %v %d times and counted it %d times", why, by(x, y).name, want, built, by(x, y).Engine.Stats.Notify[want])
			}
			if c.phase1 && !c.late && x.w.Step() {
				t.Errorf("%s: an event is left over", why)
			}
		}
	}
}

func first(x, _ *node) *node  { return x }
func second(_, y *node) *node { return y }
