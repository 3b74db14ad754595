package nqa

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/sim"
)

// A host answers echo requests after a while, or not at all.
type host struct {
	*sim.World
	e      *Engine
	after  time.Duration // 0: no answer
	refuse bool
	sent   []time.Duration // since the beginning
	echo   Echo            // the last one
	events []string
}

var (
	begin = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	far   = netip.MustParseAddr("192.0.2.9")
	name  = Name{"admin", "test"}
)

func (h *host) Echo(x Echo) error {
	if h.refuse {
		return errors.New("no route")
	}
	h.sent = append(h.sent, h.Now().Sub(begin))
	h.echo = x
	if h.after > 0 {
		h.After(h.after, func() { h.e.Receive(x.Destination, x.ID, x.Seq) })
	}
	return nil
}

func (h *host) Emit(ev Event) {
	h.events = append(h.events, fmt.Sprintf("%d %v %v %d %v-%v", ev.Kind, ev.Phase, ev.Interval, ev.Item, ev.From, ev.To))
}

func (h *host) run(d time.Duration) { h.RunUntil(h.Now().Add(d)) }

func bench(edit func(*Config)) (*Operation, *host) {
	h := &host{World: sim.New(begin, 1, nil), after: 4 * time.Millisecond}
	h.e = New(h)
	o := h.e.Add(name, 7)
	o.SetType()
	c := Default
	c.Destination = far
	if edit != nil {
		edit(&c)
	}
	o.SetConfig(c)
	return o, h
}

func now() Schedule { return Schedule{Start: begin} }

func TestOneTestOfSomeProbes(t *testing.T) {
	o, h := bench(func(c *Config) { c.Count, c.History, c.TTL, c.Fill = 3, true, 16, "ab" })
	o.SetSchedule(now())
	h.run(time.Minute)
	if want := []time.Duration{0, 4 * time.Millisecond, 8 * time.Millisecond}; !slices.Equal(h.sent, want) {
		t.Errorf("sent at %v, want each probe after the reply to the last one, %v", h.sent, want)
	}
	if h.echo.TTL != 16 || len(h.echo.Data) != 100 || string(h.echo.Data[:3]) != "aba" || h.echo.ID != 7 {
		t.Errorf("request is %+v", h.echo)
	}
	r, ok := o.Result()
	if !ok || r.Sent != 3 || r.Received != 3 || r.Min != 4*time.Millisecond || r.Average() != 4*time.Millisecond || r.Squares != 48 || r.Loss() != 0 {
		t.Errorf("result is %+v", r)
	}
	if hs := o.History(); len(hs) != 3 || hs[0].Index != 3 || hs[0].Response != 4*time.Millisecond || hs[0].Outcome != Succeeded {
		t.Errorf("history is %+v", hs)
	}
	if g := o.Groups(); len(g) != 0 {
		t.Errorf("a single test made statistics: %+v", g)
	}
	h.run(2 * time.Hour)
	if hs := o.History(); len(hs) != 0 {
		t.Errorf("history is %+v after its time", hs)
	}
}

func TestTestsRepeatUnlessOneIsUnderWay(t *testing.T) {
	o, h := bench(func(c *Config) { c.Frequency, c.Timeout = 2*time.Second, 3*time.Second })
	o.SetSchedule(now())
	h.run(3 * time.Second)
	h.after = 0
	h.run(9 * time.Second)
	want := []time.Duration{0, 2 * time.Second, 4 * time.Second, 8 * time.Second, 12 * time.Second}
	if !slices.Equal(h.sent, want) {
		t.Errorf("sent at %v, want %v", h.sent, want)
	}
	g := o.Groups()
	if len(g) != 1 || g[0].Sent != 4 || g[0].Timeouts != 2 || g[0].Loss() != 50 || !g[0].Finished.IsZero() {
		t.Errorf("statistics are %+v", g)
	}
}

func TestUnsendableProbesFailAtOnce(t *testing.T) {
	o, h := bench(func(c *Config) { c.Count = 5 })
	h.refuse = true
	o.SetReaction(Reaction{Item: 1, Times: 3, Action: TriggerOnly})
	o.SetSchedule(now())
	h.run(0)
	if r, _ := o.Result(); r.Errors != 5 || r.Loss() != 100 {
		t.Errorf("result is %+v, want 5 errors", r)
	}
	if s := o.Counters()[0]; s.Status != OverThreshold || s.Checked != 5 || s.Over != 5 {
		t.Errorf("reaction is %+v", s)
	}
}

func TestConsecutiveReactionTriggers(t *testing.T) {
	o, h := bench(func(c *Config) { c.Frequency, c.Timeout = time.Second, 100*time.Millisecond })
	var told []Status
	stop := h.e.Watch(Name{"ADMIN", "Test"}, 2, func(s Status) { told = append(told, s) })
	o.SetReaction(Reaction{Item: 2, Times: 3, Action: TriggerOnly})
	o.SetSchedule(now())
	h.run(1500 * time.Millisecond)
	h.after = 0
	h.run(2 * time.Second)
	if want := []Status{Invalid, BelowThreshold}; !slices.Equal(told, want) {
		t.Errorf("after two failures told %v, want %v", told, want)
	}
	h.run(time.Second)
	h.after = time.Millisecond
	h.run(time.Second)
	o.Unschedule()
	want := []Status{Invalid, BelowThreshold, OverThreshold, BelowThreshold, Invalid}
	if !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	stop()
	o.SetSchedule(Schedule{Start: h.Now()})
	h.run(time.Second)
	if len(told) != len(want) {
		t.Error("told after stop")
	}
}

func TestReactionsByThreshold(t *testing.T) {
	ms := time.Millisecond
	for _, row := range []struct {
		name  string
		r     Reaction
		trips []time.Duration // 0: lost
		want  Status
	}{
		{"two of three failed", Reaction{Threshold: Accumulate, Times: 2}, []time.Duration{0, 5 * ms, 0}, OverThreshold},
		{"one of three failed", Reaction{Threshold: Accumulate, Times: 2}, []time.Duration{0, 5 * ms, 5 * ms}, BelowThreshold},
		{"mean too long", Reaction{Element: ProbeDuration, Threshold: Average, Upper: 10 * ms}, []time.Duration{5 * ms, 50 * ms, 5 * ms}, OverThreshold},
		{"mean too short", Reaction{Element: ProbeDuration, Threshold: Average, Upper: 10 * ms, Lower: 6 * ms}, []time.Duration{5 * ms, 5 * ms, 5 * ms}, OverThreshold},
		{"mean right", Reaction{Element: ProbeDuration, Threshold: Average, Upper: 10 * ms, Lower: 5 * ms}, []time.Duration{5 * ms, 5 * ms, 5 * ms}, BelowThreshold},
		{"lost ones have no duration", Reaction{Element: ProbeDuration, Threshold: Consecutive, Times: 2, Upper: ms}, []time.Duration{5 * ms, 0, 5 * ms}, OverThreshold},
		{"nothing came back", Reaction{Element: ProbeDuration, Threshold: Average, Upper: ms}, []time.Duration{0, 0, 0}, Invalid},
	} {
		o, h := bench(func(c *Config) { c.Count, c.Timeout = 3, 100*ms })
		row.r.Item = 1
		o.SetReaction(row.r)
		h.after = row.trips[0]
		o.SetSchedule(now())
		for _, trip := range append(row.trips[1:], 0) {
			seq := h.echo.Seq
			h.after = trip
			for h.echo.Seq == seq && h.Step() {
				continue
			}
		}
		if got := o.Counters()[0].Status; got != row.want {
			t.Errorf("%s: reaction is %v, want %v", row.name, got, row.want)
		}
	}
}

func TestSchedule(t *testing.T) {
	o, h := bench(func(c *Config) { c.Frequency = 10 * time.Second })
	o.SetSchedule(Schedule{Start: begin.Add(time.Minute), Life: 25 * time.Second, Recurring: true})
	if o.Phase() != Waiting {
		t.Errorf("before its time it is %v", o.Phase())
	}
	h.run(70 * time.Second)
	if o.Phase() != Running {
		t.Errorf("at its time it is %v", o.Phase())
	}
	h.run(time.Hour)
	if len(h.sent) != 3 || o.Phase() != Waiting {
		t.Errorf("sent at %v and then is %v, want three and Waiting for the next day", h.sent, o.Phase())
	}
	h.run(24 * time.Hour)
	if len(h.sent) != 6 || h.sent[3] != 24*time.Hour+time.Minute {
		t.Errorf("on the second day sent at %v", h.sent[3:])
	}
	o.SetSchedule(Schedule{Start: begin, Life: time.Minute})
	if o.Phase() != Finished {
		t.Errorf("a schedule that is over is %v", o.Phase())
	}
}

func TestAgent(t *testing.T) {
	o, h := bench(func(c *Config) { c.Frequency = time.Second })
	o.SetSchedule(now())
	h.e.SetAgent(false)
	h.run(time.Minute)
	if len(h.sent) != 1 {
		t.Errorf("sent at %v while the client was off", h.sent)
	}
	h.e.SetAgent(true)
	h.run(time.Second)
	if len(h.sent) != 3 {
		t.Errorf("sent at %v, want two more", h.sent)
	}
	h.e.Remove(name)
	h.run(time.Minute)
	if len(h.sent) != 3 || h.e.Operation(name) != nil {
		t.Error("a removed operation goes on")
	}
}

func TestStatisticsGroups(t *testing.T) {
	o, h := bench(func(c *Config) { c.Frequency, c.StatInterval, c.StatGroups = 10*time.Second, time.Minute, 2 })
	o.SetReaction(Reaction{Item: 1, Times: 3})
	o.SetSchedule(now())
	h.run(125 * time.Second)
	g := o.Groups()
	if len(g) != 2 || g[0].Number != 2 || g[1].Number != 3 || g[0].Sent != 6 || g[1].Sent != 1 || g[0].Counted[0].Checked != 6 || g[1].Counted[0].Checked != 1 {
		t.Errorf("statistics are %+v", g)
	}
}

func TestEvents(t *testing.T) {
	o, h := bench(func(c *Config) { c.Timeout = time.Second })
	h.after = 0
	o.SetReaction(Reaction{Item: 1, Times: 1, Action: TriggerOnly})
	o.SetSchedule(Schedule{Start: begin.Add(5 * time.Second), Life: 3 * time.Second})
	h.run(time.Minute)
	o.Unschedule()
	want := []string{
		"7 Idle 0s 1 invalid-invalid",
		"2 Idle 5s 0 invalid-invalid", "0 Waiting 0s 0 invalid-invalid",
		"3 Idle 3s 0 invalid-invalid",
		"4 Idle 0s 0 invalid-invalid",
		"9 Idle 0s 1 invalid-over-threshold", "10 Idle 0s 1 invalid-over-threshold",
		"9 Idle 0s 1 over-threshold-invalid", "10 Idle 0s 1 invalid-invalid",
		"1 Finished 0s 0 invalid-invalid",
	}
	if !slices.Equal(h.events, want) {
		t.Errorf("events\n%q\nwant\n%q", h.events, want)
	}
}
