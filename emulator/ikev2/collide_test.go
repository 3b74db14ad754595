package ikev2

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
)

// count is how many events f takes.
func (n *node) count(f func(Event) bool) (total int) {
	for _, e := range n.events {
		if f(e) {
			total++
		}
	}
	return total
}

// wantOne checks that both ends have one IKE SA and one pair, of the other's.
func wantOne(t *testing.T, why string, a, b *node) {
	t.Helper()
	for _, n := range []*node{a, b} {
		n.wantSAs(1, why)
		n.wantPairs(1, why)
		s := n.SAs()[0]
		if s.State != Ready || s.replaced || s.renewal != nil || s.rival != nil || len(s.children) != 1 || len(s.open)+len(s.closing)+len(s.queue) != 0 || s.pending != nil {
			t.Errorf("%s: %s is left with %+v", why, n.name, s)
		}
		if got, want := s.children[0].in, max(n.pairs[0].InSPI, n.pairs[0].InAH); got != want {
			t.Errorf("%s: the child SA of %s is %x, its pair %x", why, n.name, got, want)
		}
	}
	if a.SAs()[0].SPIi != b.SAs()[0].SPIi {
		t.Errorf("%s: the IKE SAs are not the same", why)
	}
	agree(t, a, b)
}

// hold keeps the next message of n back until it is let go.
func (n *node) hold() (release func()) {
	var held []byte
	n.drop = func(_ int, b []byte) bool {
		if held == nil {
			held = b
			return true
		}
		return false
	}
	s := n.SAs()[0]
	return func() {
		n.drop = nil
		n.peer.Receive(s.Remote, s.Local, held)
	}
}

// RFC 7296 section 2.8.1: both ends renew a child SA at once. Each answers, both
// have two new ones for a moment, and the one of the lowest nonce goes.
func TestBothRenewAChild(t *testing.T) {
	won := map[string]int{}
	for seed := range 8 {
		a, b := pair(t)
		for range seed { // other nonces
			a.nonce()
		}
		up(t, a, b)
		a.SoftExpire(a.pairs[0])
		b.SoftExpire(b.pairs[0])
		a.run(time.Second)
		wantOne(t, "after renewals at once", a, b)
		lost := func(n *node) int { return n.count(func(e Event) bool { return e.Kind == Collided && e.Lost }) }
		if lost(a)+lost(b) != 1 {
			t.Fatalf("%d and %d renewals are given up, want one", lost(a), lost(b))
		}
		won[fmt.Sprint(lost(a))]++
		if a.Stats.Notify[wire.ChildSANotFound]+b.Stats.Notify[wire.ChildSANotFound]+a.Stats.Notify[wire.TemporaryFailure] != 0 {
			t.Error("a failure was told though both noticed")
		}
	}
	if len(won) != 2 {
		t.Errorf("the same end wins always: %v", won)
	}
}

// The same with the request of one end so late that the other has finished and
// deletes the old child SA: only one end notices, section 2.25.1.
func TestLateRenewalOfAChild(t *testing.T) {
	for _, late := range []time.Duration{0, 1, 2, 3, 5, 100} {
		a, b := pair(t)
		up(t, a, b)
		release := a.hold()
		a.SoftExpire(a.pairs[0])
		b.SoftExpire(b.pairs[0])
		a.run(late * time.Millisecond)
		release()
		a.run(time.Minute)
		wantOne(t, fmt.Sprintf("a request %d ms late", late), a, b)
	}
}

// Section 2.8.2: both ends renew the IKE SA at once. The child SAs go to the one
// that stays, the old one and the other are deleted.
func TestBothRenewTheIKESA(t *testing.T) {
	won := map[int]bool{}
	for seed := range 8 {
		a, b := pair(t)
		for range seed {
			a.nonce()
		}
		up(t, a, b)
		a.SAs()[0].renew()
		b.SAs()[0].renew()
		a.run(time.Second)
		wantOne(t, "after renewals at once", a, b)
		lost := a.count(func(e Event) bool { return e.Kind == Collided && e.Lost })
		if lost+b.count(func(e Event) bool { return e.Kind == Collided && e.Lost }) != 1 {
			t.Error("not one renewal is given up")
		}
		if s := a.SAs()[0]; s.Initiator == (lost == 1) {
			t.Errorf("A has given up %d renewals and is the initiator of what stays: %v", lost, s.Initiator)
		}
		won[lost] = true
		if a.removed+b.removed != 0 {
			t.Errorf("%d and %d pairs were removed on the way", a.removed, b.removed)
		}
		b.SoftExpire(b.pairs[0]) // what stays works
		a.run(time.Second)
		wantOne(t, "a child under the new IKE SA", a, b)
	}
	if len(won) != 2 {
		t.Errorf("the same end wins always: %v", won)
	}
}

// A peer that takes its renewal for ended, because it saw the deletion of the old
// IKE SA first, closes nothing: the end whose renewal stays tidies up.
func TestRedundantIKESAThatNobodyCloses(t *testing.T) {
	tried := false
	for seed := range 8 {
		a, b := pair(t)
		for range seed {
			a.nonce()
		}
		up(t, a, b)
		old := a.SAs()[0].SPIi
		b.drop = func(_ int, m []byte) bool { // it asks nothing on its own new SA
			for _, s := range b.SAs() {
				if s.Initiator && s.SPIi != old && bytes.Equal(m[:8], s.SPIi[:]) && m[18] == byte(wire.Informational) && m[19]&0x20 == 0 {
					return true
				}
			}
			return false
		}
		a.SAs()[0].renew()
		b.SAs()[0].renew()
		a.run(time.Second)
		if b.count(func(e Event) bool { return e.Kind == Collided && e.Lost }) == 1 {
			tried = true
			a.wantSAs(2, "the redundant SA is the peer's to close")
		}
		a.run(time.Minute)
		wantOne(t, "a minute later", a, b)
	}
	if !tried {
		t.Error("the end that is silent has never lost")
	}
}

// Section 2.25.2: the request of one end comes when the other has an answer to
// its own and closes the old IKE SA. It is told to wait, and forgets it.
func TestLateRenewalOfTheIKESA(t *testing.T) {
	for _, late := range []time.Duration{0, 1, 2, 3, 5, 100} {
		a, b := pair(t)
		up(t, a, b)
		release := a.hold()
		a.SAs()[0].renew()
		b.SAs()[0].renew()
		a.run(late * time.Millisecond)
		release()
		a.run(time.Minute)
		wantOne(t, fmt.Sprintf("a request %d ms late", late), a, b)
	}
}

// Section 2.25: one end renews the IKE SA while the other is busy with a child.
// Both are told TEMPORARY_FAILURE and try again.
func TestRenewalOfTheIKESAMeetsAChild(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(b *node)
		want wire.NotifyType
	}{
		{"renewed", func(b *node) { b.SoftExpire(b.pairs[0]) }, wire.TemporaryFailure},
		{"made", func(b *node) { b.Acquire(b.policy) }, wire.TemporaryFailure},
		{"deleted", func(b *node) { gone := b.pairs; b.pairs = nil; b.DeleteNotify(gone) }, wire.TemporaryFailure},
	} {
		a, b := pair(t)
		up(t, a, b)
		a.SAs()[0].renew()
		c.do(b)
		old := a.SAs()[0].SPIi
		a.run(time.Minute)
		a.wantSAs(1, c.name)
		b.wantSAs(1, c.name)
		if a.SAs()[0].SPIi == old || a.SAs()[0].SPIi != b.SAs()[0].SPIi {
			t.Errorf("%s: the IKE SA is not the renewed one", c.name)
		}
		if a.Stats.Notify[c.want] == 0 {
			t.Errorf("%s: no %v", c.name, c.want)
		}
		want := map[string]int{"renewed": 1, "made": 2, "deleted": 0}[c.name]
		a.wantPairs(want, c.name)
		b.wantPairs(want, c.name)
		if len(a.SAs()[0].children) != want || len(b.SAs()[0].children) != want {
			t.Errorf("%s: %d and %d child SAs, want %d", c.name, len(a.SAs()[0].children), len(b.SAs()[0].children), want)
		}
	}
}

// Section 2.25.1: a child SA is deleted by one end and renewed by the other.
func TestRenewalOfAChildThatIsDeleted(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	a.SoftExpire(a.pairs[0])
	gone := b.pairs
	b.pairs = nil
	b.DeleteNotify(gone)
	a.run(time.Minute)
	if b.Stats.Notify[wire.TemporaryFailure] != 1 {
		t.Error("a child SA that is being deleted is not refused for a while")
	}
	a.wantPairs(0, "the peer has deleted it")
	b.wantPairs(0, "it was deleted")
}

// Section 2.25: a child SA that the peer does not know is made anew.
func TestRenewalOfAnUnknownChild(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	b.SAs()[0].children, b.pairs = nil, nil // lost without a word
	old := a.pairs[0]
	a.SoftExpire(old)
	a.run(time.Second)
	wantOne(t, "made anew", a, b)
	if a.Stats.Notify[wire.ChildSANotFound] != 1 || b.Stats.Notify[wire.ChildSANotFound] != 1 {
		t.Error("CHILD_SA_NOT_FOUND is not told")
	}
	if a.pairs[0].InSPI == old.InSPI {
		t.Error("the old pair is left")
	}
	if n := a.count(func(e Event) bool { return e.Kind == Failure && e.Notify == wire.ChildSANotFound && e.Inbound }); n != 1 {
		t.Errorf("%d events of the failure", n)
	}
}

// Section 1.3: a responder takes no more child SAs than it wants to.
func TestNoAdditionalSAs(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	s := b.SAs()[0]
	for len(s.children) < maxChildren {
		s.children = append(s.children, &child{proto: wire.ProtoESP})
	}
	a.Acquire(a.policy)
	a.run(time.Second)
	if a.Stats.Notify[wire.NoAdditionalSAs] != 1 {
		t.Error("no NO_ADDITIONAL_SAS")
	}
	a.wantEnds(RequestFailed, "refused", CauseNotified)
	a.SoftExpire(a.pairs[0]) // a renewal is no more
	a.run(time.Second)
	if a.Stats.Notify[wire.NoAdditionalSAs] != 1 || len(a.pairs) != 1 {
		t.Error("a renewal is refused")
	}
}

// A peer that is always busy is asked in vain, and not for ever.
func TestAlwaysBusy(t *testing.T) {
	a, b := pair(t)
	up(t, a, b)
	b.SAs()[0].replaced = true
	a.Acquire(a.policy)
	a.run(10 * time.Minute)
	a.wantEnds(RequestFailed, "always busy", CauseNotified)
	if n := a.Stats.Notify[wire.TemporaryFailure]; n != busyTries+1 {
		t.Errorf("%d refusals, want %d", n, busyTries+1)
	}
}

// Two lifetimes that end at once over a day of renewals: nothing is left over.
func TestADayOfRenewals(t *testing.T) {
	a, b := pair(t)
	for _, n := range []*node{a, b} {
		n.Config.Profiles[0].Seconds = 600
		n.policy.Transforms = []ipsec.Transform{aesSHA}
	}
	up(t, a, b)
	for range 100 {
		a.run(7 * time.Minute)
		a.SoftExpire(a.pairs[0])
		if s := a.SAs()[0]; s.State == Ready {
			s.renew()
		}
		b.SoftExpire(b.pairs[0])
		if s := b.SAs()[0]; s.State == Ready {
			s.renew()
		}
	}
	a.run(time.Minute)
	wantOne(t, "after a day", a, b)
	for _, n := range []*node{a, b} {
		if causes := n.ends(Deleted); slices.Contains(causes, CauseTimeout) || slices.Contains(causes, CauseExpired) || n.Stats.Timeout != 0 {
			t.Errorf("%s: IKE SAs ended for %v, %d time-outs", n.name, causes, n.Stats.Timeout)
		}
	}
}
