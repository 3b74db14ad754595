// Package track is collaboration between modules that watch something and
// modules that act on it: numbered entries that are positive, negative or not
// ready, with delays between a change and its notification, and lists that
// follow from other entries.
//
// It follows the Track chapters of the Comware 7 configuration guides and
// command references. What an entry stands for, be it an interface, a route or
// the reaction of a test, is known to who calls Set; the engine itself knows
// only lists.
//
// Limitations: the guides do not say what an undecided member makes of a
// boolean list: here it leaves the list not ready unless another member
// decides. In a list with thresholds it counts as one that is not positive.
package track

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cwlab/emulator/sim"
)

// A State is what an entry says.
type State uint8

const (
	NotReady State = iota // nobody knows: the watched thing is not there yet
	Positive              // it works
	Negative              // it does not
)

func (s State) String() string {
	switch s {
	case NotReady:
		return "NotReady"
	case Positive:
		return "Positive"
	case Negative:
		return "Negative"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// A Host is what entries need of the device they are on.
type Host interface {
	Now() time.Time
	After(d time.Duration, f func()) *sim.Timer
	Emit(Event)
}

// A Kind says what an event is about.
type Kind uint8

const (
	StateChanged Kind = iota // From, To
	Registered               // App watches the entry
	Deregistered             // App no longer does
	Notified                 // App was told To
	TimerCreated             // To will be told after Delay
	TimerExpired
	TimerDeleted // the entry went back before its delay was over
)

// An Event tells what happened to an entry.
type Event struct {
	Kind     Kind
	ID       int
	From, To State
	App      string
	Delay    time.Duration
}

// A Member is one object of a list.
type Member struct {
	ID     int
	Not    bool // counts turned round, in a boolean list
	Weight int  // in a list with weights
}

// A ListKind is how a list follows from its members.
type ListKind uint8

const (
	And        ListKind = iota // positive when all are
	Or                         // positive when one is
	Percentage                 // by the share of those that are positive
	Weight                     // by the weights of those that are positive
)

// A List makes an entry follow from others. With thresholds it is positive from
// Positive up and negative from Negative down, and as it was between them.
type List struct {
	Kind               ListKind
	Members            []Member
	Positive, Negative int // of Percentage, 0 to 100, and of Weight
}

// An Entry is one numbered entry.
type Entry struct {
	id                 int
	state, told        State
	since              time.Time
	positive, negative time.Duration
	timer              *sim.Timer
	list               *List
	unwatch            []func()
}

// ID, State and the rest are what displays ask for.
func (e *Entry) ID() int          { return e.id }
func (e *Entry) State() State     { return e.state }
func (e *Entry) Since() time.Time { return e.since }

// Delays are how long a change to positive and to negative waits before it is
// told, 0 for not at all.
func (e *Entry) Delays() (positive, negative time.Duration) { return e.positive, e.negative }

type watch struct {
	id  int
	app string
	f   func(State)
}

// An Engine holds the entries of one device.
type Engine struct {
	host    Host
	entries []*Entry // by number
	watches []*watch // as they came
}

// New makes an engine without entries.
func New(h Host) *Engine { return &Engine{host: h} }

// Entries are all entries by number.
func (e *Engine) Entries() []*Entry { return slices.Clone(e.entries) }

// Entry is the one of that number, or nil.
func (e *Engine) Entry(id int) *Entry {
	if i, ok := e.find(id); ok {
		return e.entries[i]
	}
	return nil
}

func (e *Engine) find(id int) (int, bool) {
	return slices.BinarySearchFunc(e.entries, id, func(t *Entry, id int) int { return cmp.Compare(t.id, id) })
}

// Add makes an entry, not ready; one that is there stays as it is.
func (e *Engine) Add(id int) *Entry {
	i, ok := e.find(id)
	if !ok {
		e.entries = slices.Insert(e.entries, i, &Entry{id: id, since: e.host.Now()})
	}
	return e.entries[i]
}

// Remove takes an entry away; to those that watch it, it is not ready.
func (e *Engine) Remove(id int) {
	i, ok := e.find(id)
	if !ok {
		return
	}
	t := e.entries[i]
	t.timer.Stop()
	for _, f := range t.unwatch {
		f()
	}
	e.entries = slices.Delete(e.entries, i, i+1)
	if t.told != NotReady {
		e.notify(id, NotReady)
	}
}

// SetDelay says how long a change waits before it is told; it holds from the
// next change on.
func (e *Engine) SetDelay(id int, positive, negative time.Duration) {
	t := e.Add(id)
	t.positive, t.negative = positive, negative
}

// Set tells what became of the watched thing.
func (e *Engine) Set(id int, to State) {
	t := e.Entry(id)
	if t == nil || t.state == to {
		return
	}
	from := t.state
	t.state, t.since = to, e.host.Now()
	e.host.Emit(Event{Kind: StateChanged, ID: id, From: from, To: to})
	if t.timer.Stop() {
		e.host.Emit(Event{Kind: TimerDeleted, ID: id})
	}
	delay := map[State]time.Duration{Positive: t.positive, Negative: t.negative}[to]
	switch {
	case t.told == to:
	case delay == 0:
		e.tell(t)
	default:
		e.host.Emit(Event{Kind: TimerCreated, ID: id, To: to, Delay: delay})
		t.timer = e.host.After(delay, func() {
			e.host.Emit(Event{Kind: TimerExpired, ID: id})
			e.tell(t)
		})
	}
}

func (e *Engine) tell(t *Entry) {
	t.told = t.state
	e.notify(t.id, t.told)
}

func (e *Engine) notify(id int, s State) {
	for _, w := range slices.Clone(e.watches) {
		if w.id == id && slices.Contains(e.watches, w) {
			e.inform(w, s)
		}
	}
}

func (e *Engine) inform(w *watch, s State) {
	if w.app != "" {
		e.host.Emit(Event{Kind: Notified, ID: w.id, App: w.app, To: s})
	}
	w.f(s)
}

// State is what those who watch an entry were told last, NotReady when there
// is none of that number.
func (e *Engine) State(id int) State {
	if t := e.Entry(id); t != nil {
		return t.told
	}
	return NotReady
}

// Watch calls f at once with what the entry says, and again whenever it is
// told otherwise, until stop is called. The entry need not be there yet. app
// names who watches.
func (e *Engine) Watch(id int, app string, f func(State)) (stop func()) {
	w := &watch{id, app, f}
	e.watches = append(e.watches, w)
	if app != "" {
		e.host.Emit(Event{Kind: Registered, ID: id, App: app})
	}
	e.inform(w, e.State(id))
	return func() {
		i := slices.Index(e.watches, w)
		if i < 0 {
			return
		}
		e.watches = slices.Delete(e.watches, i, i+1)
		if app != "" {
			e.host.Emit(Event{Kind: Deregistered, ID: id, App: app})
		}
	}
}

// SetList makes an entry follow from its members, which Leads must not say of
// any of them.
func (e *Engine) SetList(id int, l List) {
	t := e.Add(id)
	for _, f := range t.unwatch {
		f()
	}
	t.unwatch, t.list = nil, &l
	for _, m := range l.Members {
		first := true
		t.unwatch = append(t.unwatch, e.Watch(m.ID, "", func(State) {
			if !first {
				e.Set(id, e.evaluate(t, l))
			}
		}))
		first = false
	}
	e.Set(id, e.evaluate(t, l))
}

// Leads says whether the entry from is, or follows from, the entry to.
func (e *Engine) Leads(from, to int) bool {
	if from == to {
		return true
	}
	t := e.Entry(from)
	return t != nil && t.list != nil && slices.ContainsFunc(t.list.Members, func(m Member) bool { return e.Leads(m.ID, to) })
}

func (e *Engine) evaluate(t *Entry, l List) State {
	if len(l.Members) == 0 {
		return NotReady
	}
	switch l.Kind {
	case Percentage, Weight:
		return e.measure(t, l)
	case And, Or:
	}
	decides, otherwise := Negative, Positive
	if l.Kind == Or {
		decides, otherwise = Positive, Negative
	}
	for _, m := range l.Members {
		s := e.State(m.ID)
		switch {
		case s == NotReady:
			otherwise = NotReady
			continue
		case m.Not && s == Positive:
			s = Negative
		case m.Not:
			s = Positive
		}
		if s == decides {
			return decides
		}
	}
	return otherwise
}

// measure compares what is positive of a list with its thresholds.
func (e *Engine) measure(t *Entry, l List) State {
	sum := 0
	for _, m := range l.Members {
		switch {
		case e.State(m.ID) != Positive:
		case l.Kind == Weight:
			sum += m.Weight
		default:
			sum += 100
		}
	}
	if l.Kind == Percentage {
		sum /= len(l.Members)
	}
	switch {
	case sum >= l.Positive:
		return Positive
	case sum <= l.Negative:
		return Negative
	}
	return t.state
}

// Stop ends all delays, as pulling the plug does.
func (e *Engine) Stop() {
	for _, t := range e.entries {
		t.timer.Stop()
	}
}
