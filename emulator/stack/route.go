package stack

import (
	"net/netip"
	"slices"
	"strings"
)

// A Route is a static route. Next or Iface or both are given; a route with a
// next hop alone is used while the next hop is reached by another route.
type Route struct {
	Dst   netip.Prefix
	Next  netip.Addr
	Iface string
	Pref  int // 1 to 255, 0 for the default of 60
}

// A RouteEntry is a route in use. NextHop of a direct route is the address of
// the interface, 127.0.0.1 for the host's own addresses.
type RouteEntry struct {
	Dst       netip.Prefix
	Proto     string // Direct or Static
	Pre, Cost int
	NextHop   netip.Addr
	Interface string

	out    *Iface
	direct bool // the destination is the next hop
	local  bool
}

type routes struct {
	stale   bool
	built   bool
	entries []RouteEntry // longest prefix first, then lower preference
	cache   map[netip.Addr]*RouteEntry
}

// InLoop is the name of the interface under which the host's own addresses
// are routed.
const InLoop = "InLoopBack0"

// AddRoute adds a static route; the same route again changes its preference.
func (h *Host) AddRoute(r Route) {
	if r.Pref == 0 {
		r.Pref = 60
	}
	h.RemoveRoute(Route{Dst: r.Dst, Next: r.Next, Iface: r.Iface})
	r.Dst = r.Dst.Masked()
	h.static = append(h.static, r)
	h.rt.stale = true
}

// RemoveRoute removes the static routes to r.Dst; with a next hop or an
// interface given only those by them. It says how many there were.
func (h *Host) RemoveRoute(r Route) int {
	before := len(h.static)
	h.static = slices.DeleteFunc(h.static, func(o Route) bool {
		return o.Dst == r.Dst.Masked() && (!r.Next.IsValid() && r.Iface == "" || o.Next == r.Next && o.Iface == r.Iface)
	})
	h.rt.stale = true
	return before - len(h.static)
}

// Statics lists the static routes, in use or not, as they were added.
func (h *Host) Statics() []Route { return slices.Clone(h.static) }

// Routes lists the routes in use by destination, with the direct ones.
func (h *Host) Routes() []RouteEntry {
	h.build()
	all := slices.Clone(h.rt.entries)
	slices.SortStableFunc(all, func(a, b RouteEntry) int {
		if c := a.Dst.Addr().Compare(b.Dst.Addr()); c != 0 {
			return c
		}
		return a.Dst.Bits() - b.Dst.Bits()
	})
	return all
}

// Lookup finds the route to an address.
func (h *Host) Lookup(dst netip.Addr) (RouteEntry, bool) {
	if e := h.lookup(dst); e != nil {
		return *e, true
	}
	return RouteEntry{}, false
}

const routeCache = 1024

func (h *Host) lookup(dst netip.Addr) *RouteEntry {
	h.build()
	if e, ok := h.rt.cache[dst]; ok {
		return e
	}
	var found *RouteEntry
	for k := range h.rt.entries {
		if h.rt.entries[k].Dst.Contains(dst) {
			found = &h.rt.entries[k]
			break
		}
	}
	if len(h.rt.cache) >= routeCache {
		clear(h.rt.cache)
	}
	h.rt.cache[dst] = found
	return found
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
	h.rt.cache = map[netip.Addr]*RouteEntry{}
	h.rt.entries = nil
	add := func(e RouteEntry) {
		for k := range h.rt.entries {
			if o := &h.rt.entries[k]; o.Dst == e.Dst {
				if e.Pre < o.Pre {
					*o = e
				}
				return
			}
		}
		h.rt.entries = append(h.rt.entries, e)
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
		if i.addr.IsValid() {
			own(netip.PrefixFrom(i.addr.Addr(), 32))
			if n := i.addr.Masked(); n.Bits() < 32 {
				net := RouteEntry{Dst: n, Proto: "Direct", NextHop: i.addr.Addr(), Interface: i.name, out: i, direct: true}
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
	longest := func() {
		slices.SortStableFunc(h.rt.entries, func(a, b RouteEntry) int { return b.Dst.Bits() - a.Dst.Bits() })
	}
	// A static route may lean on another: go on until none is added.
	left := slices.Clone(h.static)
	slices.SortStableFunc(left, func(a, b Route) int {
		return a.Pref - b.Pref
	})
	for again := true; again; {
		again = false
		longest()
		left = slices.DeleteFunc(left, func(r Route) bool {
			e, ok := h.use(r)
			if ok {
				add(e)
				again = true
			}
			return ok
		})
	}
	longest()
}

// use turns a static route into an entry if its way is there now.
func (h *Host) use(r Route) (RouteEntry, bool) {
	e := RouteEntry{Dst: r.Dst, Proto: "Static", Pre: r.Pref, NextHop: r.Next}
	if r.Iface != "" {
		i := h.Iface(r.Iface)
		if i == nil && !strings.HasPrefix(r.Iface, "NULL") || i != nil && !i.up {
			return e, false
		}
		e.Interface, e.out = r.Iface, i
		if i != nil && i.kind == Null {
			e.out = nil
		}
		if !r.Next.IsValid() {
			e.NextHop, e.direct = zeroAddr, true
		}
		return e, true
	}
	for k := range h.rt.entries {
		via := &h.rt.entries[k]
		if !via.Dst.Contains(r.Next) {
			continue
		}
		if via.local || via.out == nil || via.Dst.Bits() == 0 {
			return e, false
		}
		e.Interface, e.out = via.Interface, via.out
		if !via.direct {
			e.NextHop = via.NextHop
		}
		return e, true
	}
	return e, false
}
