package ike

import (
	"slices"
	"testing"
	"time"

	"cwlab/emulator/isakmp"
)

// An end that waits for keepalives lets both SAs go when none comes, and the
// peer that sends them goes on.
func TestKeepalive(t *testing.T) {
	for _, c := range []struct {
		name                   string
		interval, timeout      time.Duration // of A, of B
		lost                   func(n int) bool
		after                  time.Duration
		sent, received, resets int
		alive                  bool
	}{
		{"none is sent and none awaited", 0, 0, nil, time.Hour, 0, 0, 0, true},
		{"sent, not awaited", 20 * time.Second, 0, nil, 110 * time.Second, 5, 5, 0, true},
		{"sent and awaited", 20 * time.Second, 60 * time.Second, nil, 110 * time.Second, 5, 5, 5, true},
		{"awaited and not sent", 0, 60 * time.Second, nil, 61 * time.Second, 0, 0, 0, false},
		{"awaited, not yet too late", 0, 60 * time.Second, nil, 58 * time.Second, 0, 0, 0, true},
		{"two lost", 20 * time.Second, 65 * time.Second, func(n int) bool { return n <= 2 }, 119 * time.Second, 5, 3, 3, true},
		{"three lost", 20 * time.Second, 60 * time.Second, func(n int) bool { return n > 2 }, 101 * time.Second, 5, 2, 2, false},
	} {
		a, b := pair(t)
		a.Config.KeepaliveInterval, b.Config.KeepaliveTimeout = c.interval, c.timeout
		up(t, a, b)
		n := len(a.sent)
		if c.lost != nil {
			a.drop = func(k int, _ []byte) bool { return c.lost(k - n) }
		}
		a.run(c.after)
		if got := []int{a.count(KeepaliveSending), b.count(KeepaliveReceived), b.count(KeepaliveReset)}; !slices.Equal(got, []int{c.sent, c.received, c.resets}) {
			t.Errorf("%s: %v sent, received, waited for anew; want %d, %d, %d", c.name, got, c.sent, c.received, c.resets)
		}
		a.wantSAs(1, c.name)
		want := 0
		if c.alive {
			want = 1
		}
		b.wantSAs(want, c.name)
		b.wantPairs(want, c.name)
		if (b.count(KeepaliveTimeout) != 0) == c.alive {
			t.Errorf("%s: %d time-outs", c.name, b.count(KeepaliveTimeout))
		}
	}
}

// What was recorded on the way is no sign of life.
func TestKeepaliveIsNotReplayed(t *testing.T) {
	a, b := pair(t)
	a.Config.KeepaliveInterval, b.Config.KeepaliveTimeout = 20*time.Second, 60*time.Second
	up(t, a, b)
	a.run(20 * time.Second)
	old := a.sent[len(a.sent)-1]
	if b.count(KeepaliveReset) != 1 {
		t.Fatalf("%d keepalives came, want 1", b.count(KeepaliveReset))
	}
	a.drop = func(int, []byte) bool { return true }
	for range 4 {
		b.Receive(b.SAs()[0].Local, b.SAs()[0].Remote, old)
		a.run(14 * time.Second)
	}
	if b.count(KeepaliveReceived) != 5 || b.count(KeepaliveReset) != 1 {
		t.Errorf("%d came and %d counted, want 5 and 1", b.count(KeepaliveReceived), b.count(KeepaliveReset))
	}
	a.run(10 * time.Second)
	b.wantSAs(0, "nothing but repetitions")
}

// The configuration acts on SAs that are there, and a renewed SA is watched in
// place of the old one.
func TestKeepaliveFollowsConfigurationAndRenewal(t *testing.T) {
	a, b := pair(t)
	a.Config.Proposals = []Proposal{DefaultProposal(1)}
	a.Config.Proposals[0].Seconds = 300
	up(t, a, b)
	a.Config.KeepaliveInterval, b.Config.KeepaliveTimeout = 20*time.Second, 60*time.Second
	a.Changed()
	b.Changed()
	a.run(290 * time.Second)
	a.wantSAs(2, "renewed")
	if b.count(KeepaliveTimeout) != 0 {
		t.Error("the SA that was replaced is still waited for")
	}
	a.run(200 * time.Second)
	b.wantPairs(1, "renewed and alive")
	n := a.count(KeepaliveSending)
	a.Config.KeepaliveInterval, b.Config.KeepaliveTimeout = 0, 0
	a.Changed()
	b.Changed()
	a.run(90 * time.Second)
	if a.count(KeepaliveSending) != n || b.count(KeepaliveTimeout) != 0 {
		t.Error("keepalives go on after undo")
	}
	b.wantPairs(1, "no longer awaited")
}

// Bytes of another length are no keepalive.
func TestKeepaliveLength(t *testing.T) {
	a, b := pair(t)
	b.Config.KeepaliveTimeout = 60 * time.Second
	up(t, a, b)
	for _, n := range []int{0, 3, 5} {
		a.SAs()[0].sendInfo(&isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoISAKMP, Notify: isakmp.Keepalive, Data: make([]byte, n)})
	}
	a.run(time.Second)
	if b.count(KeepaliveBadLength) != 3 || b.count(KeepaliveReset) != 0 {
		t.Errorf("%d refused, %d taken; want 3 and none", b.count(KeepaliveBadLength), b.count(KeepaliveReset))
	}
}
