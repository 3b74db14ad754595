// Package sim is the floor of the laboratory: virtual time, the event queue,
// named random streams and the tape that pins single draws of them.
//
// Everything above it that needs the time, a delay or a random number takes
// them from a World. A World has no goroutine and no lock: whoever owns it
// calls Step. Two worlds with the same start, seed and tape that are fed the
// same input at the same virtual instants do the same things in the same
// order, to the byte, on every machine.
package sim

import (
	"container/heap"
	"time"
)

// A World is one virtual clock with its queue of future events.
type World struct {
	now     time.Time
	seq     uint64
	queue   eventQueue
	seed    uint64
	tape    *Tape
	streams map[string]*Stream
	ran     uint64
	turn    uint64
	cause   uint64
}

// New makes a world that begins at start. The seed feeds every stream; the
// tape, which may be nil, fixes single draws.
func New(start time.Time, seed uint64, tape *Tape) *World {
	return &World{now: start, seed: seed, tape: tape, streams: map[string]*Stream{}}
}

// Now is the virtual time.
func (w *World) Now() time.Time { return w.now }

// Events is how many events have run since the world began. Alarms are not
// among them.
func (w *World) Events() uint64 { return w.ran }

// Turn numbers what happens together: each event has one of its own, and so
// has what comes in from outside between two events.
func (w *World) Turn() uint64 { return w.turn }

// Cause is what the event that runs goes back to, a number that Because gave;
// 0 for an event that nothing caused but time, and between events.
func (w *World) Cause() uint64 { return w.cause }

// Because gives the running event a cause.
func (w *World) Because(cause uint64) { w.cause = cause }

// A Timer is one event in the queue.
type Timer struct {
	world *World
	at    time.Time
	seq   uint64
	index int // in the queue, -1 when out of it
	cause uint64
	alarm bool
	f     func()
}

// After runs f once d of virtual time has passed. A negative d counts as
// zero. Events of one instant run in the order in which they were made.
func (w *World) After(d time.Duration, f func()) *Timer { return w.push(d, f, false) }

// Alarm is After for somebody outside who wants to be woken: the world is the
// same without him, and so is the number of its events.
func (w *World) Alarm(d time.Duration, f func()) *Timer { return w.push(d, f, true) }

func (w *World) push(d time.Duration, f func(), alarm bool) *Timer {
	if d < 0 {
		d = 0
	}
	w.seq++
	t := &Timer{world: w, at: w.now.Add(d), seq: w.seq, alarm: alarm, f: f}
	heap.Push(&w.queue, t)
	return t
}

// Goes says that the event goes on with what is being done, and so has its
// cause; any other has none of its own accord. It returns the timer.
func (t *Timer) Goes() *Timer {
	if t != nil {
		t.cause = t.world.cause
	}
	return t
}

// Stop takes the event out of the queue. It says whether the event was still
// to come. Stopping a nil timer is allowed and does nothing.
func (t *Timer) Stop() bool {
	if t == nil || t.index < 0 {
		return false
	}
	heap.Remove(&t.world.queue, t.index)
	return true
}

// Active says whether the event is still to come.
func (t *Timer) Active() bool { return t != nil && t.index >= 0 }

// At is the instant the event is due.
func (t *Timer) At() time.Time { return t.at }

// Next is the instant of the earliest event; ok is false when there is none.
func (w *World) Next() (at time.Time, ok bool) {
	if len(w.queue) == 0 {
		return time.Time{}, false
	}
	return w.queue[0].at, true
}

// Step moves the clock to the earliest event and runs it. It says false when
// the queue is empty.
func (w *World) Step() bool {
	if len(w.queue) == 0 {
		return false
	}
	t := heap.Pop(&w.queue).(*Timer)
	w.now = t.at
	if !t.alarm {
		w.ran++
	}
	w.turn++
	w.cause = t.cause
	t.f()
	w.turn++
	w.cause = 0
	return true
}

// RunUntil runs every event due up to and including at, those that they make
// too, and leaves the clock at that instant.
func (w *World) RunUntil(at time.Time) {
	for len(w.queue) > 0 && !w.queue[0].at.After(at) {
		w.Step()
	}
	if w.now.Before(at) {
		w.now = at
	}
}

type eventQueue []*Timer

func (q eventQueue) Len() int { return len(q) }

func (q eventQueue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].seq < q[j].seq
	}
	return q[i].at.Before(q[j].at)
}

func (q eventQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *eventQueue) Push(x any) {
	t := x.(*Timer)
	t.index = len(*q)
	*q = append(*q, t)
}

func (q *eventQueue) Pop() any {
	old := *q
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	t.index = -1
	return t
}
