package nqa

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// An Engine holds the operations of one device. Names of operations do not
// tell capital letters from small ones.
type Engine struct {
	host    Host
	agent   bool
	ops     []*Operation // by name
	watches []*watch
}

type watch struct {
	name Name
	item int
	f    func(Status)
}

// New makes an engine without operations; the client is enabled.
func New(h Host) *Engine { return &Engine{host: h, agent: true} }

func compare(a, b Name) int {
	return cmp.Or(strings.Compare(strings.ToLower(a.Admin), strings.ToLower(b.Admin)), strings.Compare(strings.ToLower(a.Tag), strings.ToLower(b.Tag)))
}

func (e *Engine) find(n Name) (int, bool) {
	return slices.BinarySearchFunc(e.ops, n, func(o *Operation, n Name) int { return compare(o.name, n) })
}

// Operations are all operations by name.
func (e *Engine) Operations() []*Operation { return slices.Clone(e.ops) }

// Operation is the one of that name, or nil.
func (e *Engine) Operation(n Name) *Operation {
	if i, ok := e.find(n); ok {
		return e.ops[i]
	}
	return nil
}

// Add makes an operation that sends with the identifier id; one that is there
// stays as it is.
func (e *Engine) Add(n Name, id uint16) *Operation {
	i, ok := e.find(n)
	if !ok {
		e.ops = slices.Insert(e.ops, i, &Operation{engine: e, name: n, c: Default, id: id})
	}
	return e.ops[i]
}

// Remove stops an operation and forgets it.
func (e *Engine) Remove(n Name) {
	i, ok := e.find(n)
	if !ok {
		return
	}
	o := e.ops[i]
	o.Unschedule()
	for _, r := range slices.Clone(o.reactions) {
		o.DropReaction(r.Item)
	}
	o.aging.Stop()
	e.ops = slices.Delete(e.ops, i, i+1)
}

// Agent says whether the client is enabled.
func (e *Engine) Agent() bool { return e.agent }

// SetAgent enables the client, or disables it and stops all operations.
func (e *Engine) SetAgent(on bool) {
	if e.agent == on {
		return
	}
	e.agent = on
	for _, o := range e.Operations() {
		if o.schedule == nil {
			continue
		}
		if on {
			o.arm()
		} else {
			o.halt(Waiting)
		}
	}
}

// Receive handles an echo reply that came to this device.
func (e *Engine) Receive(from netip.Addr, id, seq uint16) {
	for _, o := range e.Operations() {
		if o.id == id && o.c.Destination == from {
			o.reply(seq)
		}
	}
}

// Watch calls f with the status of a reaction whose action is TriggerOnly,
// at once and whenever it changes, until stop is called. The operation need
// not be there yet: its reaction is Invalid until then.
func (e *Engine) Watch(n Name, item int, f func(Status)) (stop func()) {
	w := &watch{n, item, f}
	e.watches = append(e.watches, w)
	f(e.status(n, item))
	return func() {
		e.watches = slices.DeleteFunc(e.watches, func(o *watch) bool { return o == w })
	}
}

func (e *Engine) status(n Name, item int) Status {
	if o := e.Operation(n); o != nil {
		for _, r := range o.reactions {
			if r.Item == item && r.Action == TriggerOnly {
				return r.Status
			}
		}
	}
	return Invalid
}

func (e *Engine) trigger(n Name, item int, s Status) {
	for _, w := range slices.Clone(e.watches) {
		if w.item == item && compare(w.name, n) == 0 && slices.Contains(e.watches, w) {
			w.f(s)
		}
	}
}

// Stop ends all timers, as pulling the plug does.
func (e *Engine) Stop() {
	for _, o := range e.ops {
		o.start.Stop()
		o.life.Stop()
		o.next.Stop()
		o.probe.Stop()
		o.aging.Stop()
	}
}
