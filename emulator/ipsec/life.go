package ipsec

import "time"

// startLifetime arms both expiries of RFC 4301 section 4.4.2.1. The side that
// began the negotiation asks first, so that the two do not collide.
func (e *Engine) startLifetime(p *pair) {
	if p.Manual {
		return
	}
	age := e.h.Now().Sub(p.made)
	if !p.standby {
		e.startSoft(p, age)
	}
	p.hard = e.h.After(time.Duration(p.Seconds)*time.Second-age, func() {
		e.removePairs(ByExpiry, func(o *pair) bool { return o == p })
	})
}

// startSoft watches over a pair that is in use.
func (e *Engine) startSoft(p *pair, age time.Duration) {
	life := time.Duration(p.Seconds) * time.Second
	p.soft = e.h.After(max(0, softShare(life, p.Initiator)-age), func() { e.softExpire(p) })
	e.watchIdle(p)
}

func (p *pair) stopTimers() {
	p.soft.Stop()
	p.hard.Stop()
	p.idle.Stop()
}

func softShare[T ~int64 | ~uint64](life T, initiator bool) T {
	if initiator {
		return life / 100 * 90
	}
	return life / 100 * 95
}

// softExpire asks IKE for a new pair, once, and for the pair in use only.
func (e *Engine) softExpire(p *pair) {
	if p.asked || p.tunnel.last() != p {
		return
	}
	p.asked = true
	e.h.Emit(Event{Kind: ExpireSent, SP: e.spOf(p.Policy, p.Seq), Tunnel: p.tunnel.ID, Src: p.Local, Dst: p.Remote, SPI: p.in[len(p.in)-1].SPI})
	e.toIKE(func() { e.h.SoftExpire(p.Pair) })
}

// spend counts bytes of the SAs of one direction of a pair against the
// lifetime in kilobytes. It says false when the hard limit is reached, and
// then the pair is gone.
func (e *Engine) spend(p *pair, sas []*SA, n int) bool {
	for _, sa := range sas {
		sa.bytes += uint64(n)
	}
	bytes := sas[0].bytes
	p.lastUse = e.h.Now()
	limit := uint64(p.Kilobytes) * 1024
	if p.Manual {
		return true
	}
	if bytes > limit {
		e.removePairs(ByExpiry, func(o *pair) bool { return o == p })
		return false
	}
	if bytes > softShare(limit, p.Initiator) {
		e.softExpire(p)
	}
	return true
}
