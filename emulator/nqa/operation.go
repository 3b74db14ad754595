package nqa

import (
	"cmp"
	"slices"
	"time"

	"cwlab/emulator/sim"
)

// An Operation is one named operation.
type Operation struct {
	engine *Engine
	name   Name
	typed  bool
	c      Config

	schedule *Schedule
	phase    Phase
	start    *sim.Timer // until it starts
	life     *sim.Timer // until it ends
	next     *sim.Timer // until the next test
	probe    *sim.Timer // until the probe has timed out

	reactions []*reaction // by item
	id, seq   uint16
	waiting   bool // for the reply to seq
	at        time.Time
	testing   bool
	left      int // probes of the test that are still to be sent
	result    Result
	tested    bool
	history   []Record // newest first
	index     int
	aging     *sim.Timer
	groups    []Group // oldest first, the last one still open
	group     int
}

type reaction struct {
	Counter
	row        int // in a row
	test       int // in this test
	testChecks int
	before     [2]int // counted before this group of statistics
}

// Name, Config and the rest are what displays ask for.
func (o *Operation) Name() Name        { return o.name }
func (o *Operation) Typed() bool       { return o.typed }
func (o *Operation) Config() Config    { return o.c }
func (o *Operation) Phase() Phase      { return o.phase }
func (o *Operation) History() []Record { return slices.Clone(o.history) }

// Scheduled says whether a schedule is set.
func (o *Operation) Scheduled() bool { return o.schedule != nil }

// Result is that of the last test, as far as it is; ok is false before the
// first one.
func (o *Operation) Result() (r Result, ok bool) { return o.result, o.tested }

// Counters are what the reactions have counted, by item.
func (o *Operation) Counters() []Counter {
	var all []Counter
	for _, r := range o.reactions {
		all = append(all, r.Counter)
	}
	return all
}

// Groups are the statistics, oldest first; the last one is still open while
// the operation runs.
func (o *Operation) Groups() []Group {
	all := slices.Clone(o.groups)
	if n := len(all); n > 0 && all[n-1].Finished.IsZero() {
		all[n-1].Counted = o.counted()
	}
	return all
}

// SetType makes it an ICMP echo operation.
func (o *Operation) SetType() { o.typed = true }

// SetConfig takes a new configuration; it holds from the next test on.
func (o *Operation) SetConfig(c Config) {
	o.c = c
	if !c.History {
		o.history = nil
	}
	o.trim()
}

// SetReaction adds or replaces one reaction.
func (o *Operation) SetReaction(r Reaction) {
	o.DropReaction(r.Item)
	o.reactions = append(o.reactions, &reaction{Counter: Counter{Reaction: r}})
	slices.SortFunc(o.reactions, func(a, b *reaction) int { return cmp.Compare(a.Item, b.Item) })
	if r.Action == TriggerOnly {
		o.emit(Event{Kind: ReactionCreated, Item: r.Item})
	}
}

// DropReaction removes a reaction and says whether it was there.
func (o *Operation) DropReaction(item int) bool {
	for i, r := range o.reactions {
		if r.Item == item {
			o.become(r, Invalid)
			o.reactions = slices.Delete(o.reactions, i, i+1)
			if r.Action == TriggerOnly {
				o.emit(Event{Kind: ReactionDeleted, Item: item})
			}
			return true
		}
	}
	return false
}

func (o *Operation) emit(ev Event) {
	ev.Name = o.name
	o.engine.host.Emit(ev)
}

// SetSchedule has the operation run from s.Start on. A start that is past
// counts from there: what is left of the life time is run.
func (o *Operation) SetSchedule(s Schedule) {
	o.Unschedule()
	o.schedule = &s
	o.arm()
	o.emit(Event{Kind: Scheduled, Phase: o.phase})
}

// Unschedule stops the operation.
func (o *Operation) Unschedule() {
	if o.schedule == nil {
		return
	}
	o.emit(Event{Kind: Unscheduled, Phase: o.phase})
	o.schedule = nil
	o.halt(Idle)
}

const day = 24 * time.Hour

// arm waits for the start, starts, or finds that the time is over.
func (o *Operation) arm() {
	if o.schedule == nil || !o.engine.agent {
		return
	}
	s, now := *o.schedule, o.engine.host.Now()
	if s.Recurring {
		for s.Life > 0 && !now.Before(s.Start.Add(s.Life)) {
			s.Start = s.Start.Add(day)
		}
	}
	switch wait := s.Start.Sub(now); {
	case wait > 0:
		o.phase = Waiting
		o.start = o.engine.host.After(wait, o.run)
		o.emit(Event{Kind: StartTimer, Interval: wait})
	case s.Life > 0 && -wait >= s.Life:
		o.phase = Finished
	default:
		o.run()
	}
}

// run is the start time.
func (o *Operation) run() {
	s, now := *o.schedule, o.engine.host.Now()
	if !o.typed || !o.c.Destination.IsValid() {
		o.phase = Waiting
		o.emit(Event{Kind: Incomplete})
		return
	}
	o.phase = Running
	if s.Life > 0 {
		end := s.Start.Add(s.Life)
		for s.Recurring && !end.After(now) {
			end = end.Add(day)
		}
		o.life = o.engine.host.After(end.Sub(now), o.ended)
		o.emit(Event{Kind: LifeTimer, Interval: end.Sub(now)})
	}
	for _, r := range o.reactions {
		r.Checked, r.Over, r.row, r.before = 0, 0, 0, [2]int{}
	}
	o.groups, o.group = nil, 0
	o.begin()
}

// ended is the end of the life time.
func (o *Operation) ended() {
	o.halt(Finished)
	if o.schedule.Recurring {
		o.arm()
	}
}

func (o *Operation) halt(to Phase) {
	for _, t := range []*sim.Timer{o.start, o.life, o.next, o.probe} {
		t.Stop()
	}
	o.closeGroup()
	o.phase, o.waiting, o.testing = to, false, false
	for _, r := range o.reactions {
		o.become(r, Invalid)
	}
}

// begin starts a test, if the last one is over.
func (o *Operation) begin() {
	if o.c.Frequency > 0 {
		o.next = o.engine.host.After(o.c.Frequency, o.begin)
	}
	if o.testing {
		return
	}
	o.aging.Stop()
	o.openGroup()
	o.testing, o.tested, o.left = true, true, o.c.Count
	o.result = Result{}
	for _, r := range o.reactions {
		r.test, r.testChecks = 0, 0
	}
	o.send()
}

func (o *Operation) send() {
	o.left--
	o.seq++
	o.at = o.engine.host.Now()
	c := &o.c
	err := o.engine.host.Echo(Echo{Source: c.Source, Destination: c.Destination, NextHop: c.NextHop, SourceIface: c.SourceIface,
		OutIface: c.OutIface, TTL: c.TTL, TOS: c.TOS, Bypass: c.Bypass, ID: o.id, Seq: o.seq, Data: fill(c.Fill, c.DataSize)})
	if err != nil {
		o.emit(Event{Kind: SendFailed})
		o.done(InternalError, 0)
		return
	}
	o.waiting = true
	o.probe = o.engine.host.After(c.Timeout, func() {
		o.emit(Event{Kind: ProbeTimedOut})
		o.done(TimedOut, c.Timeout)
	})
}

// fill repeats a text, or 00 to 09, up to the size.
func fill(text string, size int) []byte {
	if text == "" {
		text = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09"
	}
	b := make([]byte, size)
	for i := range b {
		b[i] = text[i%len(text)]
	}
	return b
}

// done is the end of a probe.
func (o *Operation) done(how Outcome, trip time.Duration) {
	o.probe.Stop()
	o.waiting = false
	now := o.engine.host.Now()
	o.result.add(how, trip, now)
	if n := len(o.groups); n > 0 && o.groups[n-1].Finished.IsZero() {
		o.groups[n-1].add(how, trip, now)
	}
	if o.c.History && o.c.HistoryNumber > 0 {
		o.index++
		o.history = slices.Insert(o.history, 0, Record{Index: o.index, Response: trip, Outcome: how, At: now})
		o.trim()
	}
	for _, r := range o.reactions {
		o.count(r, how, trip)
	}
	if o.phase != Running { // a reaction has stopped it
		return
	}
	if o.left > 0 {
		// Not in this call: probes that all fail at once would nest.
		o.probe = o.engine.host.After(0, o.send)
		return
	}
	o.testing = false
	for _, r := range o.reactions {
		o.judge(r)
	}
	if o.c.HistoryKeep > 0 {
		o.aging = o.engine.host.After(o.c.HistoryKeep, func() { o.history = nil })
	}
}

func (o *Operation) trim() { o.history = o.history[:min(len(o.history), o.c.HistoryNumber)] }

// count takes one probe into a reaction.
func (o *Operation) count(r *reaction, how Outcome, trip time.Duration) {
	over := how != Succeeded
	if r.Element == ProbeDuration {
		if how != Succeeded { // only probes that succeeded have a duration
			return
		}
		over = trip > r.Upper || trip < r.Lower
	}
	r.Checked++
	r.testChecks++
	r.row++
	if over {
		r.Over++
		r.test++
	} else {
		r.row = 0
	}
	if r.Threshold == Consecutive {
		o.become(r, status(r.row >= r.Times))
	}
}

// judge is what a reaction that looks at whole tests says after one.
func (o *Operation) judge(r *reaction) {
	switch {
	case r.Threshold == Accumulate && (r.testChecks > 0 || r.Element == ProbeFail):
		o.become(r, status(r.test >= r.Times))
	case r.Threshold == Average && o.result.Received > 0:
		mean := o.result.Average()
		o.become(r, status(mean > r.Upper || mean < r.Lower))
	}
}

func status(over bool) Status {
	if over {
		return OverThreshold
	}
	return BelowThreshold
}

func (o *Operation) become(r *reaction, to Status) {
	from := r.Status
	if from == to {
		return
	}
	r.Status = to
	o.emit(Event{Kind: StatusChanged, Item: r.Item, From: from, To: to})
	if r.Action == TriggerOnly {
		o.emit(Event{Kind: Triggered, Item: r.Item, To: to})
		o.engine.trigger(o.name, r.Item, to)
	}
}

// openGroup begins a group of statistics when none is open or its interval is
// over. A single test makes none.
func (o *Operation) openGroup() {
	if o.c.Frequency == 0 || o.c.StatGroups == 0 {
		return
	}
	now := o.engine.host.Now()
	if n := len(o.groups); n > 0 && o.groups[n-1].Finished.IsZero() {
		if now.Before(o.groups[n-1].Started.Add(o.c.StatInterval)) {
			return
		}
		o.closeGroup()
	}
	o.groups = slices.DeleteFunc(o.groups, func(g Group) bool { return !now.Before(g.Finished.Add(o.c.StatHold)) })
	o.group++
	o.groups = append(o.groups, Group{Number: o.group, Result: Result{Started: now}})
	if over := len(o.groups) - o.c.StatGroups; over > 0 {
		o.groups = slices.Delete(o.groups, 0, over)
	}
}

func (o *Operation) closeGroup() {
	n := len(o.groups)
	if n == 0 || !o.groups[n-1].Finished.IsZero() {
		return
	}
	o.groups[n-1].Counted = o.counted()
	o.groups[n-1].Finished = o.engine.host.Now()
	for _, r := range o.reactions {
		r.before = [2]int{r.Checked, r.Over}
	}
}

// counted is the share of the open group in the counters.
func (o *Operation) counted() []Counter {
	all := o.Counters()
	for i, r := range o.reactions {
		all[i].Checked -= r.before[0]
		all[i].Over -= r.before[1]
	}
	return all
}

// reply is an echo reply.
func (o *Operation) reply(seq uint16) {
	if o.waiting && seq == o.seq {
		o.done(Succeeded, o.engine.host.Now().Sub(o.at).Truncate(time.Millisecond))
	}
}
