package nat

import (
	"net/netip"
	"slices"

	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
	"cwlab/emulator/zone"
)

// In is the hook for packets that arrive: it gives them their inside
// destination. It belongs behind IPsec.
func (e *Engine) In(p *stack.Packet) stack.Verdict {
	if p.In == nil {
		return stack.Accept
	}
	t, kind := read(p.Proto, p.Src, p.Dst, p.Payload)
	if kind == report {
		e.reportIn(p, t)
		return stack.Accept
	}
	if s := e.arriving[t]; s != nil && e.sessions.Alive(s) {
		to := t
		if fw := forward(s); t == e.seen(s, fw) {
			to.dst, to.dport = s.Dst.Addr(), s.Dst.Port()
		} else {
			to.dst = s.Src.Addr()
			if s.Proto == wire.ProtoICMP {
				to.sport = s.Src.Port()
			} else if kind == ported {
				to.dport = s.Src.Port()
			}
		}
		e.change(p, t, to, p.In.Name(), false)
		return stack.Accept
	}
	to, rule := e.destination(p, t, kind)
	if rule != nil {
		old := netip.AddrPortFrom(t.dst, t.dport)
		e.change(p, t, to, p.In.Name(), false)
		p.Meta = &zone.Arrived{Dst: old, By: &binding{rule: rule, iface: p.In.Name(), rules: []any{rule}, vrid: vridOf(rule)}}
	}
	return stack.Accept
}

func vridOf(rule any) uint8 {
	switch r := rule.(type) {
	case *Server:
		return r.VRID
	case *Static:
		return r.VRID
	}
	return 0
}

// forward is the flow of the initiator as the policy sees it.
func forward(s *zone.Session) tuple {
	return tuple{s.Proto, s.Src.Addr(), s.Dst.Addr(), s.Src.Port(), s.Dst.Port()}
}

// seen is that flow as the initiator sends it.
func (e *Engine) seen(s *zone.Session, t tuple) tuple {
	if s.NAT.Dst.IsValid() {
		t.dst, t.dport = s.NAT.Dst.Addr(), s.NAT.Dst.Port()
	}
	return t
}

// left is that flow as it leaves for the responder.
func left(s *zone.Session) tuple {
	t := forward(s)
	if s.NAT.Src.IsValid() {
		t.src, t.sport = s.NAT.Src.Addr(), s.NAT.Src.Port()
	}
	return t
}

func (e *Engine) change(p *stack.Packet, from, to tuple, iface string, out bool) {
	was := *p
	rewrite(p, from, to)
	e.h.Emit(Event{Kind: Translated, Iface: iface, Out: out, Proto: p.Proto, Packet: p, Original: &was,
		OldSrc: netip.AddrPortFrom(from.src, from.sport), OldDst: netip.AddrPortFrom(from.dst, from.dport),
		NewSrc: netip.AddrPortFrom(to.src, to.sport), NewDst: netip.AddrPortFrom(to.dst, to.dport)})
}

// destination looks a new flow up among the servers, the static mappings and
// the addresses that are lent.
func (e *Engine) destination(p *stack.Packet, t tuple, kind shape) (tuple, any) {
	name := p.In.Name()
	for _, s := range e.servers {
		if s.Iface == name && !s.Disabled {
			if to, ok := e.serve(s, t, kind); ok && e.permits(s.ACL, p) {
				return to, s
			}
		}
	}
	if slices.Contains(e.enabled, name) {
		for _, s := range e.statics {
			if !s.Disabled && s.Global.Contains(t.dst) {
				to := t
				to.dst = s.Local.At(int(number(t.dst) - number(s.Global.From)))
				if s.ACL != "" && !e.reversed(s.ACL, s.Reversible, p, t, to) {
					continue
				}
				return to, s
			}
		}
	}
	for _, o := range e.outbound {
		g := e.Group(o.Group)
		if o.Iface != name || o.Disabled || !o.NoPAT || !o.Reverse || g == nil || !g.Contains(t.dst) {
			continue
		}
		for _, inside := range insiders(g) {
			if g.lent[inside].outside == t.dst {
				to := t
				to.dst = inside
				if e.reversed(o.ACL, true, p, t, to) {
					return to, o
				}
			}
		}
	}
	return t, nil
}

func insiders(g *Group) []netip.Addr {
	var all []netip.Addr
	for a := range g.lent {
		all = append(all, a)
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return all
}

// reversed says whether the answers to a packet would be permitted: that is
// how a list that names the inside is asked about what comes from outside.
func (e *Engine) reversed(acl string, allowed bool, p *stack.Packet, from, to tuple) bool {
	if !allowed {
		return false
	}
	if acl == "" {
		return true
	}
	q := *p
	rewrite(&q, from, to.reverse())
	return e.permits(acl, &q)
}

func (e *Engine) permits(acl string, p *stack.Packet) bool {
	if acl == "" {
		return true
	}
	ok, exists := e.h.Permits(acl, p)
	return ok && exists
}

// serve is where an internal server wants a packet.
func (e *Engine) serve(s *Server, t tuple, kind shape) (tuple, bool) {
	global := s.Global
	if s.AddrOf != "" {
		a := e.h.Addr(s.AddrOf)
		global = Span{a, a}
	}
	if s.Proto != 0 && t.proto != s.Proto || !global.From.IsValid() || !global.Contains(t.dst) {
		return t, false
	}
	if s.Proto == wire.ProtoICMP && kind == ported && t.dport != uint16(wire.EchoRequest)<<8 {
		return t, false
	}
	to := t
	index := int(number(t.dst) - number(global.From))
	byPort := 0
	if s.GlobalPorts != (zone.Range[uint16]{}) {
		if t.dport < s.GlobalPorts.From || t.dport > s.GlobalPorts.To {
			return t, false
		}
		byPort = int(t.dport - s.GlobalPorts.From)
	}
	if global.Size() == 1 {
		index = byPort
	}
	to.dst = s.Local.From
	if s.Local.Size() > 1 {
		to.dst = s.Local.At(min(index, s.Local.Size()-1))
	}
	if s.LocalPorts != (zone.Range[uint16]{}) {
		to.dport = s.LocalPorts.From
		if s.LocalPorts.To > s.LocalPorts.From {
			to.dport += uint16(index)
		}
	}
	return to, true
}

// Out is the hook for packets that leave: it gives them their outside source.
// It belongs behind the security policy and before IPsec.
func (e *Engine) Out(p *stack.Packet) stack.Verdict {
	s, _ := p.Meta.(*zone.Session)
	if s == nil || p.Out == nil {
		return stack.Accept
	}
	t, kind := read(p.Proto, p.Src, p.Dst, p.Payload)
	if kind == report {
		e.reportOut(p, t, s)
		return stack.Accept
	}
	name := p.Out.Name()
	if t != forward(s) { // an answer
		if s.NAT.Dst.IsValid() {
			to := t
			to.src = s.NAT.Dst.Addr()
			if kind == ported && t.proto != wire.ProtoICMP {
				to.sport = s.NAT.Dst.Port()
			}
			e.change(p, t, to, name, true)
			e.face(p, s)
		}
		return stack.Accept
	}
	if !s.NAT.Decided {
		if !e.decide(p, s, t, kind) {
			e.sessions.End(s)
			return stack.Drop
		}
	}
	if !s.NAT.Src.IsValid() {
		return stack.Accept
	}
	if b := s.NAT.By.(*binding); b.iface != name {
		e.h.Emit(Event{Kind: OutChanged, Iface: name, Out: true, Proto: p.Proto})
		e.sessions.End(s)
		return stack.Drop
	}
	e.change(p, t, left(s), name, true)
	e.face(p, s)
	return stack.Accept
}

// face gives a packet of a virtual router's address its Ethernet address.
func (e *Engine) face(p *stack.Packet, s *zone.Session) {
	if b, ok := s.NAT.By.(*binding); ok && b.vrid != 0 && e.h.Master(p.Out.Name(), b.vrid) {
		p.SrcMAC = vmac(b.vrid)
	}
}

// decide finds the outside source of a new session; false when there is no
// address or port left.
func (e *Engine) decide(p *stack.Packet, s *zone.Session, t tuple, kind shape) bool {
	s.NAT.Decided = true
	b, _ := s.NAT.By.(*binding)
	defer func() {
		if !translated(s) {
			return
		}
		e.arrive(s, s.NAT.By.(*binding))
	}()
	if p.Local && p.Out.Owns(p.Src) {
		return true
	}
	name := p.Out.Name()
	make := func(rule any, src netip.Addr, sport uint16, vrid uint8) *binding {
		if b == nil {
			b = &binding{}
		}
		b.rule, b.iface, b.rules, b.vrid = rule, name, append(b.rules, rule), first(vrid, b.vrid)
		s.NAT.Src, s.NAT.By = netip.AddrPortFrom(src, sport), b
		return b
	}
	if slices.Contains(e.enabled, name) {
		for _, x := range e.statics {
			if !x.Disabled && x.Local.Contains(t.src) && e.permits(x.ACL, p) {
				make(x, x.Global.At(int(number(t.src)-number(x.Local.From))), t.sport, x.VRID)
				return true
			}
		}
	}
	for _, o := range e.outbound {
		if o.Iface != name || o.Disabled || !e.permits(o.ACL, p) || !o.NoPAT && kind != ported {
			continue
		}
		g := e.Group(o.Group)
		if g == nil {
			a := e.h.Addr(name)
			if o.Group >= 0 || !a.IsValid() {
				continue
			}
			g = &Group{Spans: []Span{{a, a}}, PortLo: 1, PortHi: 65535}
		}
		vrid := first(o.VRID, g.VRID)
		if o.NoPAT {
			l := e.lend(g, t.src)
			if l == nil {
				e.h.Emit(Event{Kind: Exhausted, Iface: name, Out: true, Proto: t.proto})
				return false
			}
			b := make(o, l.outside, t.sport, vrid)
			b.group, b.lent = g, t.src
			return true
		}
		used, ok := e.allocate(g, t, o.Preserve)
		if !ok {
			e.h.Emit(Event{Kind: Exhausted, Iface: name, Out: true, Proto: t.proto})
			return false
		}
		make(o, used.addr, used.port, vrid).port = used
		return true
	}
	return true
}

// lend gives an inside address an outside one for itself.
func (e *Engine) lend(g *Group, inside netip.Addr) *loan {
	if l := g.lent[inside]; l != nil {
		l.sessions++
		return l
	}
	taken := map[netip.Addr]bool{}
	for _, l := range g.lent {
		taken[l.outside] = true
	}
	for i := range g.size() {
		if a := g.at(i); !taken[a] {
			l := &loan{a, 1}
			g.lent[inside] = l
			return l
		}
	}
	return nil
}

// allocate picks an outside address, the same for an inside one as long as it
// has ports, and a port that is free on it.
func (e *Engine) allocate(g *Group, t tuple, preserve bool) (port, bool) {
	n := g.size()
	if n == 0 {
		return port{}, false
	}
	lo, hi := uint32(g.PortLo), uint32(g.PortHi)
	if hi >= 1024 && lo < 1024 {
		lo = 1024
	}
	for i := range n {
		x := port{proto: t.proto, addr: g.at((int(number(t.src)) + i) % n), port: t.sport}
		if preserve && t.sport >= g.PortLo && t.sport <= g.PortHi && !e.ports[x] {
			e.ports[x] = true
			return x, true
		}
		room := hi - lo + 1
		from := e.h.Draw(room)
		for k := range room {
			x.port = uint16(lo + (from+k)%room)
			if !e.ports[x] {
				e.ports[x] = true
				return x, true
			}
		}
	}
	return port{}, false
}

// reportIn gives an ICMP error from outside the ends of the inside.
func (e *Engine) reportIn(p *stack.Packet, in tuple) {
	s := e.arriving[in.reverse()]
	if s == nil || !e.sessions.Alive(s) {
		return
	}
	to := in
	if in == left(s) && s.NAT.Src.IsValid() { // about a packet of the initiator
		to.src, to.sport = s.Src.Addr(), s.Src.Port()
	} else { // about an answer
		to.src = s.Dst.Addr()
		if in.proto != wire.ProtoICMP {
			to.sport = s.Dst.Port()
		}
	}
	dst := p.Dst
	if dst == in.src {
		dst = to.src
	}
	rewriteReport(p, p.Src, dst, in, to)
}

// reportOut gives an ICMP error from the inside the ends of the outside.
func (e *Engine) reportOut(p *stack.Packet, in tuple, s *zone.Session) {
	to, src := in, p.Src
	switch in {
	case forward(s): // about a packet of the initiator, for it
		if !s.NAT.Dst.IsValid() {
			return
		}
		to.dst = s.NAT.Dst.Addr()
		if in.proto != wire.ProtoICMP {
			to.dport = s.NAT.Dst.Port()
		}
	case forward(s).reverse(): // about an answer, for the responder
		if !s.NAT.Src.IsValid() {
			return
		}
		to.dst = s.NAT.Src.Addr()
		if in.proto == wire.ProtoICMP {
			to.sport = s.NAT.Src.Port()
		} else {
			to.dport = s.NAT.Src.Port()
		}
	default:
		return
	}
	if src == in.dst {
		src = to.dst
	}
	rewriteReport(p, src, p.Dst, in, to)
}
