package nat

import (
	"net/netip"
	"slices"

	"cwlab/emulator/zone"
)

// Adopt gives a session that another device had the translation that it had
// there, src and dst as in zone.Translation. It is false, and nothing is done,
// when nothing configured here makes that translation, or when what it needs
// is in use. Access lists are not asked again.
func (e *Engine) Adopt(s *zone.Session, src, dst netip.AddrPort) bool {
	b := &binding{}
	if dst.IsValid() {
		rule := e.serves(s, dst)
		if rule == nil {
			return false
		}
		b.rule, b.iface, b.vrid, b.rules = rule, s.FromIf, vridOf(rule), []any{rule}
	}
	if src.IsValid() && !e.leaves(s, src, b) {
		return false
	}
	s.NAT = zone.Translation{Src: src, Dst: dst, By: b, Decided: true}
	e.arrive(s, b)
	return true
}

// arrive has what comes for a translated session found.
func (e *Engine) arrive(s *zone.Session, b *binding) {
	if s.NAT.Dst.IsValid() {
		b.keys = append(b.keys, e.seen(s, forward(s)))
	}
	if s.NAT.Src.IsValid() {
		b.keys = append(b.keys, left(s).reverse())
	}
	for _, k := range b.keys {
		e.arriving[k] = s
	}
}

// serves is the server or static mapping that turns dst into the destination
// of a session.
func (e *Engine) serves(s *zone.Session, dst netip.AddrPort) any {
	fw := forward(s)
	came := fw
	came.dst, came.dport = dst.Addr(), dst.Port()
	for _, v := range e.servers {
		if v.Iface != s.FromIf || v.Disabled {
			continue
		}
		if to, ok := e.serve(v, came, ported); ok && to == fw {
			return v
		}
	}
	if slices.Contains(e.enabled, s.FromIf) {
		for _, v := range e.statics {
			if !v.Disabled && v.Global.Contains(dst.Addr()) && v.Local.At(int(number(dst.Addr())-number(v.Global.From))) == fw.dst {
				return v
			}
		}
	}
	return nil
}

// leaves takes the outside source of a session into use.
func (e *Engine) leaves(s *zone.Session, src netip.AddrPort, b *binding) bool {
	inside := s.Src.Addr()
	use := func(rule any, vrid uint8) {
		b.rule, b.iface, b.rules, b.vrid = rule, s.ToIf, append(b.rules, rule), first(vrid, b.vrid)
	}
	if slices.Contains(e.enabled, s.ToIf) {
		for _, v := range e.statics {
			if !v.Disabled && v.Local.Contains(inside) && v.Global.At(int(number(inside)-number(v.Local.From))) == src.Addr() {
				use(v, v.VRID)
				return true
			}
		}
	}
	for _, o := range e.outbound {
		if o.Iface != s.ToIf || o.Disabled {
			continue
		}
		g := e.Group(o.Group)
		switch {
		case g == nil && (o.Group >= 0 || e.h.Addr(o.Iface) != src.Addr()), g != nil && !g.Contains(src.Addr()):
			continue
		case g == nil:
			g = &Group{}
		}
		if o.NoPAT {
			if !g.relend(inside, src.Addr()) {
				continue
			}
			use(o, first(o.VRID, g.VRID))
			b.group, b.lent = g, inside
			return true
		}
		x := port{s.Proto, src.Addr(), src.Port()}
		if e.ports[x] {
			continue
		}
		e.ports[x] = true
		use(o, first(o.VRID, g.VRID))
		b.port = x
		return true
	}
	return false
}

// relend lends an inside address a certain outside one.
func (g *Group) relend(inside, outside netip.Addr) bool {
	if l := g.lent[inside]; l != nil {
		if l.outside == outside {
			l.sessions++
		}
		return l.outside == outside
	}
	for _, l := range g.lent {
		if l.outside == outside {
			return false
		}
	}
	if g.lent == nil {
		return false
	}
	g.lent[inside] = &loan{outside, 1}
	return true
}
