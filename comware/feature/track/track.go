// Package track gives the console track entries: the commands of the system
// view and of track view, the display, the log and the debugging traces. The
// engine is emulator/track; this package tells it of interfaces, routes and
// reactions of NQA.
//
// Source: "Track commands" of the Comware 7 command and debugging references,
// and the log message reference; track view, lists and routes are of the later
// references.
//
// Limitations: entries with BFD, CFD and IPv6 are kept and stay NotReady, as
// nothing tells of these. What the display prints of a route and of a list, and
// the refusals, are our own words. A route is looked at when an interface, the
// configuration or a track entry changes.
package track

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/comware/feature"
	"cwlab/emulator/nqa"
	"cwlab/emulator/stack"
	"cwlab/emulator/track"
)

// Feature is track entries.
var Feature = feature.Feature{
	Name:     "track",
	Views:    []feature.View{{Name: "track", Parent: "system", Title: "Track"}},
	Commands: commands(),
	Install:  install,
}

// A kind is what an entry is associated with.
type kind uint8

const (
	kindInterface kind = iota
	kindNQA
	kindRoute
	kindList
	kindOther // kept, and nothing tells of it
)

// An object is what an entry stands for.
type object struct {
	kind     kind
	line     string // behind `track N`, without delays
	iface    string
	protocol string // None, IPv4
	nqa      nqa.Name
	item     int
	prefix   netip.Prefix
	list     track.List
	show     []string // rows of the display, of kindOther
	stop     func()   // ends what was begun for it
}

// A host is the box as the engine sees it.
type host struct {
	*feature.Box
	engine  *track.Engine
	debug   *feature.Switch
	objects map[int]*object // looked up by number only
	pids    map[string]uint32
	looking bool
}

func install(b *feature.Box) {
	h := &host{Box: b, debug: b.Switch("Track"), objects: map[int]*object{}, pids: map[string]uint32{}}
	h.engine = track.New(h)
	feature.Put(b, h.engine)
	feature.Put(b, h)
	feature.Put[feature.Tracker](b, tracker{h.engine})
	b.Stack.OnIface(func(*stack.Iface, bool) { h.look() })
	b.OnConfig(func(feature.ConfigEvent) { h.look() })
	b.After(0, h.look)
	b.OnStop(h.engine.Stop)
}

// A tracker is what features that depend on entries see of them.
type tracker struct{ engine *track.Engine }

// Up says whether an entry is positive.
func (t tracker) Up(n int) (up, known bool) {
	s := t.engine.State(n)
	return s == track.Positive, s != track.NotReady
}

// OnChange calls f whenever the state of an entry changes.
func (t tracker) OnChange(n int, f func()) (stop func()) {
	first := true
	stop = t.engine.Watch(n, "static route", func(track.State) {
		if !first {
			f()
		}
	})
	first = false
	return stop
}

// look brings entries with interfaces and routes up to date, in their order.
func (h *host) look() {
	for _, t := range h.engine.Entries() {
		switch o := h.objects[t.ID()]; o.kind {
		case kindInterface:
			h.engine.Set(t.ID(), state(h.up(o)))
		case kindRoute:
			h.engine.Set(t.ID(), state(slices.ContainsFunc(h.Stack.Routes(), func(r stack.RouteEntry) bool { return r.Dst == o.prefix })))
		case kindNQA, kindList, kindOther:
		}
	}
}

func (h *host) up(o *object) bool {
	i := h.Stack.Iface(o.iface)
	return i != nil && i.Up() && (o.protocol != "IPv4" || i.Addr().IsValid())
}

func state(ok bool) track.State {
	if ok {
		return track.Positive
	}
	return track.Negative
}

// follow begins what an entry needs to be told of its object.
func (h *host) follow(id int, o *object) {
	switch o.kind {
	case kindNQA:
		e := feature.Get[*nqa.Engine](h.Box)
		if e == nil {
			return
		}
		what := fmt.Sprintf("NQA (%s-%s) reaction (%d)", o.nqa.Admin, o.nqa.Tag, o.item)
		h.trace(fmt.Sprintf("Track entry %d registered with the %s.", id, what))
		first := true
		stop := e.Watch(o.nqa, o.item, func(s nqa.Status) {
			to := map[nqa.Status]track.State{nqa.BelowThreshold: track.Positive, nqa.OverThreshold: track.Negative}[s]
			if !first {
				h.trace(fmt.Sprintf("Received the notification that the state of %s had changed to %s.", what, to))
			}
			h.engine.Set(id, to)
		})
		first = false
		o.stop = func() {
			stop()
			h.trace(fmt.Sprintf("Track entry %d deregistered with the %s.", id, what))
		}
	case kindList:
		l := o.list
		l.Members = slices.Clone(l.Members)
		h.engine.SetList(id, l)
	case kindInterface, kindRoute, kindOther:
		h.look()
	}
}

func (h *host) remove(id int) {
	if stop := h.objects[id].stop; stop != nil {
		stop()
	}
	h.engine.Remove(id)
	delete(h.objects, id)
}

func (h *host) trace(text string) { h.Debug(h.debug, "TRACK", "debug", text) }

// pid is the process number of an application, as traces show it.
func (h *host) pid(app string) uint32 {
	if _, ok := h.pids[app]; !ok {
		h.pids[app] = 200 + h.Stream("process "+strings.ToLower(app)).Uint32()%800
	}
	return h.pids[app]
}

// slot is where the processes run: the device itself.
const slot = 1

// Emit words what happened to an entry.
func (h *host) Emit(ev track.Event) {
	if ev.Kind == track.StateChanged {
		text := fmt.Sprintf("The state of track entry %d changed from %s to %s.", ev.ID, ev.From, ev.To)
		h.Log("TRACK", 6, "TRACK_STATE_CHANGE", text)
		h.trace(text)
		return
	}
	if ev.Kind == track.Notified && !h.looking { // a route may have gone or come with it
		h.looking = true
		h.After(0, func() { h.looking = false; h.look() })
	}
	if !h.debug.On {
		return
	}
	switch ev.Kind {
	case track.Registered:
		h.trace(fmt.Sprintf("Received the notification that application process %d in slot %d had registered with track entry %d.", h.pid(ev.App), slot, ev.ID))
	case track.Deregistered:
		h.trace(fmt.Sprintf("Received the notification that application process %d in slot %d had deregistered with track entry %d.", h.pid(ev.App), slot, ev.ID))
	case track.Notified:
		h.trace(fmt.Sprintf("Notified application process %d in slot %d that the state of track entry %d had changed to %s.", h.pid(ev.App), slot, ev.ID, ev.To))
	case track.TimerCreated:
		h.trace(fmt.Sprintf("Created delay timer for track entry %d. Delay time: %d, State: %s", ev.ID, ev.Delay/time.Second, ev.To))
	case track.TimerExpired:
		h.trace(fmt.Sprintf("Delay timer for track entry %d expired.", ev.ID))
	case track.TimerDeleted:
		h.trace(fmt.Sprintf("Deleted the delay timer for track entry %d.", ev.ID))
	case track.StateChanged:
	}
}
