package ike

import (
	"testing"
	"time"
)

// Each flaw is seen by the peer, and only that one.
func TestFlaws(t *testing.T) {
	watch := &DPD{Interval: 10 * time.Second, Retry: 2 * time.Second}
	for _, c := range []struct {
		name  string
		flaws Flaws
		after time.Duration
		reset bool // A deletes its SAs in the end
		want  Kind // what B notices, 0 for nothing
		sas   int  // of B in the end
	}{
		{"none", Flaws{}, 30 * time.Second, false, 0, 1},
		{"none, then a delete", Flaws{}, 5 * time.Second, true, DeleteSAReceived, 0},
		{"sequence number", Flaws{DPDSequence: true}, 30 * time.Second, false, DPDBadSequence, 0},
		{"hash", Flaws{InfoHash: true}, 30 * time.Second, false, HashInvalid, 0},
		{"hash of a delete", Flaws{InfoHash: true}, 5 * time.Second, true, HashInvalid, 1},
		{"no delete", Flaws{NoDelete: true}, 5 * time.Second, true, 0, 1},
	} {
		a, b := pair(t)
		b.Config.DPD = watch
		up(t, a, b)
		a.Flaws = c.flaws
		a.run(c.after)
		if c.reset {
			a.Reset(0)
			a.run(time.Second)
		}
		for _, k := range []Kind{DPDBadSequence, HashInvalid, DeleteSAReceived} {
			if got := b.count(k) > 0; got != (k == c.want) {
				t.Errorf("%s: event %d is seen: %v", c.name, k, got)
			}
		}
		b.wantSAs(c.sas, c.name)
	}

	a, b := pair(t)
	a.Flaws.QuickSPI = true
	a.Acquire(a.policy)
	a.run(time.Second)
	if p, q := a.pairs[0], b.pairs[0]; p.InSPI == q.OutSPI || p.OutSPI != q.InSPI {
		t.Errorf("SPIs are %x %x and %x %x, want the one that A has alone to differ", p.InSPI, p.OutSPI, q.InSPI, q.OutSPI)
	}

	a, b = pair(t)
	a.Flaws.Clock = 10
	a.Acquire(a.policy)
	a.run(time.Second)
	if p, q := a.pairs[0], b.pairs[0]; p.Seconds != 360 || q.Seconds != 3600 {
		t.Errorf("lifetimes are %d and %d s, want 360 and 3600", p.Seconds, q.Seconds)
	}
	a.run(8000 * time.Second)
	a.wantSAs(2, "its clock goes ten times as fast")
}
