package stack

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A Route is a static route. Next or Iface or both are given; a route with a
// next hop alone is used while the next hop is reached by another route.
type Route struct {
	Dst       netip.Prefix
	Next      netip.Addr
	Iface     string
	Pref      int    // 1 to 255, 0 for the default of 60
	Tag       uint32 // for those who read the table
	Permanent bool   // used even while its interface is down
	// Injected says that a protocol of the host has made it and nobody
	// configured it; its next hop may be reached by the default route.
	Injected bool
	// Ready, when given, says whether the route may be used; Reroute must be
	// called when that changes.
	Ready func() bool
}

// way says whether two routes lead to one destination the same way.
func (r *Route) way(o *Route) bool {
	return r.Dst == o.Dst && r.Next == o.Next && r.Iface == o.Iface && r.Injected == o.Injected
}

// A RouteEntry is a route in use. NextHop of a direct route is the address of
// the interface, 127.0.0.1 for the host's own addresses. Several static routes
// of one preference to one destination share the packets.
type RouteEntry struct {
	Dst       netip.Prefix
	Proto     string // Direct or Static
	Pre, Cost int
	Tag       uint32
	NextHop   netip.Addr // as the packets go
	Original  netip.Addr // as the route was given
	Interface string
	Since     time.Time // when it came into the table

	out    *Iface
	direct bool // the destination is the next hop
	local  bool
}

// RouteChanges count routes that came into the table and left it.
type RouteChanges struct{ Added, Deleted uint64 }

type routes struct {
	stale   bool
	built   bool
	changed time.Time    // since when it is stale
	entries []RouteEntry // longest prefix first, those of one destination together
	cache   map[netip.Addr][]RouteEntry
	changes map[string]*RouteChanges // by protocol
}

// reroute has the table built anew when somebody looks at it.
func (h *Host) reroute() {
	if !h.rt.stale {
		h.rt.stale, h.rt.changed = true, h.w.Now()
	}
}

// Reroute looks at the routes again: what a Route's Ready says has changed.
func (h *Host) Reroute() { h.reroute() }

// InLoop is the name of the interface under which the host's own addresses
// are routed.
const InLoop = "InLoopBack0"

// AddRoute adds a static route; the same way again takes the place of the
// route there was.
func (h *Host) AddRoute(r Route) {
	if r.Pref == 0 {
		r.Pref = 60
	}
	r.Dst = r.Dst.Masked()
	h.reroute()
	for k := range h.static {
		if h.static[k].way(&r) {
			h.static[k] = r
			return
		}
	}
	h.static = append(h.static, r)
}

// RemoveRoute removes the static routes to r.Dst, injected ones or those that
// are not, as r is; with a next hop or an interface given only those by them.
// It says how many there were.
func (h *Host) RemoveRoute(r Route) int {
	before := len(h.static)
	h.reroute()
	h.static = slices.DeleteFunc(h.static, func(o Route) bool {
		return o.Dst == r.Dst.Masked() && o.Injected == r.Injected && (!r.Next.IsValid() && r.Iface == "" || o.Next == r.Next && o.Iface == r.Iface)
	})
	return before - len(h.static)
}

// Statics lists the static routes, in use or not, as they were added.
func (h *Host) Statics() []Route { return slices.Clone(h.static) }

// Routes lists the routes in use by destination, with the direct ones.
func (h *Host) Routes() []RouteEntry {
	h.build()
	all := slices.Clone(h.rt.entries)
	slices.SortStableFunc(all, func(a, b RouteEntry) int {
		return cmp.Or(a.Dst.Addr().Compare(b.Dst.Addr()), a.Dst.Bits()-b.Dst.Bits())
	})
	return all
}

// Changes are the routes of a protocol, Direct or Static, that came and went
// since the host began or the counters were cleared.
func (h *Host) Changes(proto string) RouteChanges {
	h.build()
	if c := h.rt.changes[proto]; c != nil {
		return *c
	}
	return RouteChanges{}
}

// ClearChanges begins to count changes anew.
func (h *Host) ClearChanges(proto string) {
	h.build()
	delete(h.rt.changes, proto)
}

// Lookup finds the route to an address, the first of several.
func (h *Host) Lookup(dst netip.Addr) (RouteEntry, bool) {
	if e := h.lookup(dst); len(e) > 0 {
		return e[0], true
	}
	return RouteEntry{}, false
}

const routeCache = 1024

// lookup finds the routes to an address: one, or several of one destination
// and preference.
func (h *Host) lookup(dst netip.Addr) []RouteEntry {
	h.build()
	if e, ok := h.rt.cache[dst]; ok {
		return e
	}
	var found []RouteEntry
	for k := range h.rt.entries {
		if p := h.rt.entries[k].Dst; p.Contains(dst) {
			n := k + 1
			for n < len(h.rt.entries) && h.rt.entries[n].Dst == p {
				n++
			}
			found = h.rt.entries[k:n:n]
			break
		}
	}
	if len(h.rt.cache) >= routeCache {
		clear(h.rt.cache)
	}
	h.rt.cache[dst] = found
	return found
}

// choose picks one of the routes to an address by the flow.
func (h *Host) choose(dst, src netip.Addr) *RouteEntry {
	e := h.lookup(dst)
	switch len(e) {
	case 0:
		return nil
	case 1:
		return &e[0]
	}
	d, sum := dst.As4(), uint32(0)
	for _, b := range d {
		sum = sum*31 + uint32(b)
	}
	if src.Is4() {
		s := src.As4()
		for _, b := range s {
			sum = sum*31 + uint32(b)
		}
	}
	sum ^= sum >> 16
	return &e[sum%uint32(len(e))]
}

var (
	loopAddr = netip.MustParseAddr("127.0.0.1")
	zeroAddr = netip.MustParseAddr("0.0.0.0")
	loopNet  = netip.MustParsePrefix("127.0.0.0/8")
	mcastNet = netip.MustParsePrefix("224.0.0.0/4")
	mcastLoc = netip.MustParsePrefix("224.0.0.0/24")
)

// build makes the table anew after a change: the direct routes first, then the
// static ones, each as soon as its next hop is reachable.
func (h *Host) build() {
	if h.rt.built && !h.rt.stale {
		return
	}
	h.rt.built, h.rt.stale = true, false
	h.rt.cache = map[netip.Addr][]RouteEntry{}
	old := h.rt.entries
	h.rt.entries = nil
	defer func() { h.compare(old) }()
	add := func(e RouteEntry) {
		at, _ := slices.BinarySearchFunc(h.rt.entries, e, byLength)
		end := at
		for ; end < len(h.rt.entries) && h.rt.entries[end].Dst == e.Dst; end++ {
			o := &h.rt.entries[end]
			if e.Pre > o.Pre || e.Pre == o.Pre && (e.Proto != "Static" || e.Interface == o.Interface && e.NextHop == o.NextHop) {
				return
			}
		}
		if end > at && e.Pre < h.rt.entries[at].Pre {
			h.rt.entries = slices.Delete(h.rt.entries, at, end)
			end = at
		}
		h.rt.entries = slices.Insert(h.rt.entries, end, e)
	}
	own := func(p netip.Prefix) {
		add(RouteEntry{Dst: p, Proto: "Direct", NextHop: loopAddr, Interface: InLoop, local: true})
	}
	own(netip.PrefixFrom(zeroAddr, 32))
	own(loopNet)
	own(netip.PrefixFrom(loopNet.Addr(), 32))
	own(netip.PrefixFrom(loopAddr, 32))
	own(netip.PrefixFrom(lastOf(loopNet), 32))
	for _, p := range []netip.Prefix{mcastNet, mcastLoc} {
		add(RouteEntry{Dst: p, Proto: "Direct", NextHop: zeroAddr, Interface: "NULL0"})
	}
	own(netip.PrefixFrom(limited, 32))
	for _, i := range h.ifaces {
		if !i.up {
			continue
		}
		for _, p := range i.Addrs() {
			own(netip.PrefixFrom(p.Addr(), 32))
			if n := p.Masked(); n.Bits() < 32 {
				net := RouteEntry{Dst: n, Proto: "Direct", NextHop: p.Addr(), Interface: i.name, out: i, direct: true}
				add(net)
				if n.Bits() < 31 {
					net.Dst = netip.PrefixFrom(n.Addr(), 32)
					add(net)
					net.Dst = netip.PrefixFrom(lastOf(n), 32)
					add(net)
				}
			}
		}
		for _, v := range i.virtual {
			own(netip.PrefixFrom(v.addr, 32))
		}
	}
	// A static route may lean on another: go on until none is added.
	left := slices.DeleteFunc(slices.Clone(h.static), func(r Route) bool { return r.Ready != nil && !r.Ready() })
	slices.SortStableFunc(left, func(a, b Route) int {
		return a.Pref - b.Pref
	})
	for again := true; again; {
		again = false
		left = slices.DeleteFunc(left, func(r Route) bool {
			e, ok := h.use(r)
			if ok {
				add(e)
				again = true
			}
			return ok
		})
	}
}

// byLength puts longer prefixes first.
func byLength(a, b RouteEntry) int {
	return cmp.Or(b.Dst.Bits()-a.Dst.Bits(), a.Dst.Addr().Compare(b.Dst.Addr()))
}

// compare gives the new entries the age of those that were there before, and
// counts what came and went.
func (h *Host) compare(old []RouteEntry) {
	type key struct {
		dst   netip.Prefix
		proto string
		next  netip.Addr
		iface string
	}
	of := func(e *RouteEntry) key { return key{e.Dst, e.Proto, e.NextHop, e.Interface} }
	count := func(proto string) *RouteChanges {
		c := h.rt.changes[proto]
		if c == nil {
			c = &RouteChanges{}
			if h.rt.changes == nil {
				h.rt.changes = map[string]*RouteChanges{}
			}
			h.rt.changes[proto] = c
		}
		return c
	}
	before := make(map[key]time.Time, len(old))
	for k := range old {
		before[of(&old[k])] = old[k].Since
	}
	for k := range h.rt.entries {
		e := &h.rt.entries[k]
		since, ok := before[of(e)]
		if !ok {
			count(e.Proto).Added++
			e.Since = h.rt.changed
			continue
		}
		e.Since = since
		delete(before, of(e))
	}
	for k := range old {
		if _, gone := before[of(&old[k])]; gone {
			count(old[k].Proto).Deleted++
		}
	}
}

// Resolve says how a static route would go now, and whether it can.
func (h *Host) Resolve(r Route) (RouteEntry, bool) {
	h.build()
	e, ok := h.use(r)
	return e, ok && (r.Ready == nil || r.Ready())
}

// use turns a static route into an entry if its way is there now.
func (h *Host) use(r Route) (RouteEntry, bool) {
	e := RouteEntry{Dst: r.Dst, Proto: "Static", Pre: r.Pref, Tag: r.Tag, NextHop: r.Next, Original: r.Next}
	if !e.Original.IsValid() {
		e.Original = zeroAddr
	}
	if r.Iface != "" {
		i := h.Iface(r.Iface)
		e.Interface, e.out = r.Iface, i
		if !r.Next.IsValid() {
			e.NextHop, e.direct = zeroAddr, true
		}
		switch {
		case strings.HasPrefix(r.Iface, "NULL"):
			e.out = nil
			return e, true
		case i == nil || !i.up && !r.Permanent:
			return e, false
		}
		return e, true
	}
	for k := range h.rt.entries {
		via := &h.rt.entries[k]
		if !via.Dst.Contains(r.Next) {
			continue
		}
		if via.local || via.out == nil || via.Dst.Bits() == 0 && !r.Injected || via.Dst == r.Dst {
			break
		}
		e.Interface, e.out = via.Interface, via.out
		if !via.direct {
			e.NextHop = via.NextHop
		}
		return e, true
	}
	if r.Permanent {
		for _, i := range h.ifaces { // the way it would go if the interface were up
			if i.kind == Ethernet && i.onLink(r.Next) {
				e.Interface, e.out = i.name, i
				return e, true
			}
		}
	}
	return e, false
}
