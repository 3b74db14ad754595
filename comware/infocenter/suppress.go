package infocenter

import (
	"fmt"
	"time"
)

// periods are how long a log is held back: the first time, the second time,
// and from then on.
var periods = []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute}

// A suppressor holds back logs that equal the one before
// (`info-center logging suppress duplicates`).
type suppressor struct {
	c     *Center
	out   func(Record)
	last  Record
	have  bool
	count int       // held back in this period
	since time.Time // when the period began
	turn  int       // which period it is
	stop  func()    // the end of the period
}

// SetSuppress holds duplicates back, or lets them pass. After must be set.
func (c *Center) SetSuppress(on bool) {
	switch {
	case on && c.shown == nil:
		c.shown, c.kept = &suppressor{c: c, out: c.show}, &suppressor{c: c, out: c.store}
	case !on && c.shown != nil:
		c.kept.flush()
		c.shown.flush()
		c.shown, c.kept = nil, nil
	}
}

func same(a, b Record) bool {
	return a.Module == b.Module && a.Severity == b.Severity && a.Mnemonic == b.Mnemonic && a.Tag == b.Tag && a.Text == b.Text
}

func (s *suppressor) take(r Record) {
	if s.have && same(s.last, r) {
		s.count++
		return
	}
	s.flush()
	s.out(r)
	s.last, s.have, s.turn = r, true, 0
	s.begin()
}

// begin starts a period.
func (s *suppressor) begin() {
	s.count, s.since = 0, s.c.Now()
	s.stop = s.c.After(periods[min(s.turn, len(periods)-1)], s.end)
}

// end is the end of a period: what was held back is told, and held back again;
// a log that was not repeated is forgotten.
func (s *suppressor) end() {
	if s.count == 0 {
		s.have = false
		return
	}
	s.tell()
	s.turn++
	s.begin()
}

// flush ends the run, telling what was held back.
func (s *suppressor) flush() {
	if !s.have {
		return
	}
	s.stop()
	s.have = false
	if s.count > 0 {
		s.tell()
	}
}

func (s *suppressor) tell() {
	r := s.last
	r.Time = s.c.Now()
	r.Repeats = fmt.Sprintf(" This message repeated %d times in last %s.", s.count, span(r.Time.Sub(s.since)))
	s.out(r)
}

// span words a period in whole seconds, or minutes where it is that many.
func span(d time.Duration) string {
	n, unit := max(1, int((d+time.Second-1)/time.Second)), "second"
	if n > 60 && n%60 == 0 {
		n, unit = n/60, "minute"
	}
	if n > 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}
