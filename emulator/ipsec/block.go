package ipsec

import "slices"

// Blocked lists the flows of the block-flow table, oldest first.
func (e *Engine) Blocked() []Request {
	out := make([]Request, len(e.blocked))
	for i, b := range e.blocked {
		out[i] = b.req
	}
	return out
}

func (e *Engine) isBlocked(r Request) bool {
	return slices.ContainsFunc(e.blocked, func(b *block) bool { return sameFlow(b.req, r) })
}

func (e *Engine) blockFlow(r Request) {
	b := &block{req: r}
	b.timer = e.h.After(blockAge, func() { e.unblock(func(o Request) bool { return sameFlow(o, r) }) })
	e.blocked = append(e.blocked, b)
	e.h.Emit(Event{Kind: FlowBlocked, Policy: r.Policy, Seq: r.Seq, Src: r.Local, Dst: r.Remote})
}

func (e *Engine) unblock(f func(Request) bool) {
	e.blocked = slices.DeleteFunc(e.blocked, func(b *block) bool {
		if !f(b.req) {
			return false
		}
		b.timer.Stop()
		e.h.Emit(Event{Kind: FlowUnblocked, Policy: b.req.Policy, Seq: b.req.Seq, Src: b.req.Local, Dst: b.req.Remote})
		return true
	})
}
