package ipsec

import (
	"net/netip"
	"slices"
	"testing"
)

// Tunnels to one network behind one peer share a route, which goes with the
// last of them.
func TestReverseRoutesAreShared(t *testing.T) {
	_, a, b := twoSides(t)
	x := a.e.Policy("map").Entry(10)
	x.ReverseRoute, x.RoutePref, x.RouteTag = true, 70, 9
	for _, port := range []uint16{80, 443} {
		connect(t, a, b, Transform{Encr: DES, Auth: HMACSHA1}, func(p *Pair) { p.Flow = Selector{Src: netA, Dst: netB, Proto: 6, DstPort: port} })
	}
	want := []ReverseRoute{{Dst: netB, Next: addrB, Pref: 70, Tag: 9}}
	if !slices.Equal(a.routes, want) || len(b.routes) != 0 {
		t.Errorf("routes are %v and %v, want %v at A alone", a.routes, b.routes, want)
	}
	var refs []int
	first := a.e.Tunnels(Filter{})[0].Outbound().SPI
	a.e.DeleteSPI(addrB, first)
	if !slices.Equal(a.routes, want) {
		t.Errorf("routes are %v with one tunnel left", a.routes)
	}
	a.e.Reset(Filter{})
	for _, e := range a.events {
		if e.Kind == RouteAdded || e.Kind == RouteRemoved {
			refs = append(refs, e.Refs)
		}
	}
	if len(a.routes) != 0 || !slices.Equal(refs, []int{1, 2, 1, 0}) {
		t.Errorf("routes are %v in the end, counts %v", a.routes, refs)
	}
}

// With aggregation one tunnel carries all that the list permits, and there is a
// route to each of its destinations.
func TestAggregation(t *testing.T) {
	_, a, b := twoSides(t)
	far := netip.MustParsePrefix("10.0.3.0/24")
	for s, l := range map[*side]rules{
		a: {{Permit: true, Flow: Selector{Src: netA, Dst: netB}}, {Permit: true, Flow: Selector{Src: netA, Dst: far}}},
		b: {{Permit: true, Flow: Selector{Src: netB, Dst: netA}}, {Permit: true, Flow: Selector{Src: far, Dst: netA}}},
	} {
		s.acls["3000"] = l
		x := s.e.Policy("map").Entry(10)
		x.Grouping, x.ReverseRoute = Aggregation, true
	}
	other := netip.MustParseAddr("10.0.3.9")
	a.e.Out(a.packet(hostA, other, false))
	a.w.RunUntil(start.Add(2 * ipcMax))
	if len(a.asked) != 1 || a.asked[0].Flow.Dst != netB || a.asked[0].ACL != "3000" {
		t.Fatalf("asked for %+v, want the first rule's flow", a.asked)
	}
	connect(t, a, b, Transform{Encr: DES, Auth: HMACSHA1}, func(p *Pair) { p.ACL = "3000" })
	for _, dst := range []netip.Addr{hostB, other} {
		if a.e.Out(a.packet(hostA, dst, false)) == 0 {
			t.Errorf("a packet to %v left in the clear", dst)
		}
		b.e.ESP(a.last(b))
		if n := len(b.got); n == 0 || b.got[n-1].Dst != dst {
			t.Errorf("B did not get the packet to %v", dst)
		}
	}
	if len(a.e.Tunnels(Filter{})) != 1 || len(a.ike) != 1 {
		t.Errorf("%d tunnels, messages %q", len(a.e.Tunnels(Filter{})), a.ike)
	}
	if len(a.routes) != 2 || a.routes[0].Dst != netB || a.routes[1].Dst != far {
		t.Errorf("routes are %v", a.routes)
	}
}
