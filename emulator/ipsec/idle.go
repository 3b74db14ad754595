package ipsec

import (
	"cmp"
	"time"
)

// watchIdle deletes a pair that nothing has used for the idle time, and has
// the peer told. The time of the entry comes before the global one, which
// switches the function on.
func (e *Engine) watchIdle(p *pair) {
	p.idle.Stop()
	p.idle = nil
	if e.IdleSeconds == 0 || p.Manual || p.standby {
		return
	}
	limit := e.IdleSeconds
	if x := e.settings(p.Request); x != nil {
		limit = cmp.Or(x.IdleSeconds, limit)
	}
	if left := p.lastUse.Add(time.Duration(limit) * time.Second).Sub(e.h.Now()); left > 0 {
		p.idle = e.h.After(left, func() { e.watchIdle(p) })
		return
	}
	e.h.Deleted(e.removePairs(ByIdle, func(o *pair) bool { return o == p }))
}

// IdleChanged says that idle times have changed: they are for SAs that are
// there, too.
func (e *Engine) IdleChanged() {
	var all []*pair
	for _, t := range e.tunnels {
		all = append(all, t.pairs...)
	}
	for _, p := range all {
		e.watchIdle(p)
	}
}
