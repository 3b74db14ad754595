package ipsec

import (
	"cmp"
	"net/netip"
	"slices"
)

// A ReverseRoute is a route to what a tunnel protects behind its peer
// (reverse route injection): by the peer's address.
type ReverseRoute struct {
	Dst  netip.Prefix
	Next netip.Addr
	Pref int
	Tag  uint32
}

// DefaultRoutePref is the preference of reverse routes.
const DefaultRoutePref = 60

// injected is a reverse route that is there, for as many tunnels as refs.
type injected struct {
	ReverseRoute
	refs int
}

// addRoutes adds the reverse routes of a new tunnel if its entry wants them.
func (e *Engine) addRoutes(t *TunnelState, r Request) {
	x := e.settings(r)
	if x == nil || !x.ReverseRoute || t.Manual {
		return
	}
	flows := []Selector{t.Flow}
	if acl := e.h.ACL(t.ACL); t.ACL != "" && acl != nil {
		flows = permitted(acl)
	}
	for _, f := range flows {
		want := ReverseRoute{Dst: f.Dst.Masked(), Next: t.Remote, Pref: cmp.Or(x.RoutePref, DefaultRoutePref), Tag: x.RouteTag}
		same := func(o *injected) bool { return o.Dst == want.Dst && o.Next == want.Next }
		if slices.ContainsFunc(t.routes, same) {
			continue
		}
		at := slices.IndexFunc(e.routes, same)
		if at < 0 {
			at = len(e.routes)
			e.routes = append(e.routes, &injected{ReverseRoute: want})
			e.h.AddRoute(want)
		}
		route := e.routes[at]
		route.refs++
		t.routes = append(t.routes, route)
		e.h.Emit(Event{Kind: RouteAdded, Tunnel: t.ID, Route: route.ReverseRoute, Refs: route.refs})
	}
}

// removeRoutes takes the reverse routes of a tunnel away, each with the last
// tunnel that shares it.
func (e *Engine) removeRoutes(t *TunnelState) {
	for _, r := range t.routes {
		if r.refs--; r.refs == 0 {
			e.routes = slices.DeleteFunc(e.routes, func(o *injected) bool { return o == r })
			e.h.RemoveRoute(r.ReverseRoute)
		}
		e.h.Emit(Event{Kind: RouteRemoved, Tunnel: t.ID, Route: r.ReverseRoute, Refs: r.refs})
	}
	t.routes = nil
}

// permitted are the flows that a list permits.
func permitted(l ACL) []Selector {
	var out []Selector
	for _, r := range l.Rules() {
		if r.Permit {
			out = append(out, r.Flow)
		}
	}
	return out
}
