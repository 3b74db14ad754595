package nat

import (
	"net/netip"
	"testing"
	"time"

	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
	"cwlab/emulator/zone"
)

// A session from 10.0.0.2 port 4000 to 203.0.113.9 port 53, or back to an
// inside server, as another device has it.
func carried(n *net, inward bool) *zone.Session {
	in, out := netip.MustParseAddrPort("10.0.0.2:4000"), netip.MustParseAddrPort("203.0.113.9:53")
	b := zone.Backup{Proto: wire.ProtoUDP, State: zone.UDPOpen, Src: in, Dst: out, ReplySrc: out, ReplyDst: in,
		FromIf: "if1", ToIf: "if2", FromZone: "Trust", ToZone: "Untrust", Start: start, Life: time.Minute}
	if inward {
		b.Src, b.Dst, b.ReplySrc, b.ReplyDst, b.FromIf, b.ToIf, b.FromZone, b.ToZone = out, in, in, out, "if2", "if1", "Untrust", "Trust"
	}
	return n.zones.Adopt(b)
}

func TestTranslationsAreCarriedOn(t *testing.T) {
	port := netip.MustParseAddrPort
	none := netip.AddrPort{}
	group := func(n *net) *Group {
		g := n.e.AddGroup(1)
		g.Spans = []Span{span("203.0.113.50", "203.0.113.51")}
		return g
	}
	for _, row := range []struct {
		name     string
		set      func(n *net)
		inward   bool
		src, dst netip.AddrPort
		want     bool
	}{
		{"ports of a group", func(n *net) { group(n); n.e.AddOutbound(&Outbound{Iface: "if2", Group: 1}) }, false, port("203.0.113.51:2000"), none, true},
		{"another address", func(n *net) { group(n); n.e.AddOutbound(&Outbound{Iface: "if2", Group: 1}) }, false, port("203.0.113.52:2000"), none, false},
		{"another interface", func(n *net) { group(n); n.e.AddOutbound(&Outbound{Iface: "if1", Group: 1}) }, false, port("203.0.113.51:2000"), none, false},
		{"without a group that is named", func(n *net) { n.e.AddOutbound(&Outbound{Iface: "if2", Group: 1}) }, false, port("203.0.113.51:2000"), none, false},
		{"the interface's own address", func(n *net) { n.e.AddOutbound(&Outbound{Iface: "if2", Group: -1}) }, false, port("203.0.113.1:2000"), none, true},
		{"that of another device's interface", func(n *net) { n.e.AddOutbound(&Outbound{Iface: "if2", Group: -1}) }, false, port("203.0.113.2:2000"), none, false},
		{"a whole address", func(n *net) { group(n); n.e.AddOutbound(&Outbound{Iface: "if2", Group: 1, NoPAT: true}) }, false, port("203.0.113.51:4000"), none, true},
		{"a whole address that is lent", func(n *net) {
			n.e.lend(group(n), ip("10.0.0.77"))
			n.e.AddOutbound(&Outbound{Iface: "if2", Group: 1, NoPAT: true})
		}, false, port("203.0.113.50:4000"), none, false},
		{"a static mapping", func(n *net) {
			n.e.statics, n.e.enabled = []*Static{{Local: span("10.0.0.2", "10.0.0.2"), Global: span("203.0.113.60", "203.0.113.60")}}, []string{"if2"}
		}, false, port("203.0.113.60:4000"), none, true},
		{"a static mapping from outside", func(n *net) {
			n.e.statics, n.e.enabled = []*Static{{Local: span("10.0.0.2", "10.0.0.2"), Global: span("203.0.113.60", "203.0.113.60")}}, []string{"if2"}
		}, true, none, port("203.0.113.60:4000"), true},
		{"a server", func(n *net) {
			n.e.servers = []*Server{{Iface: "if2", Proto: wire.ProtoUDP, Global: span("203.0.113.61", "203.0.113.61"), GlobalPorts: zone.Range[uint16]{From: 80, To: 80},
				Local: span("10.0.0.2", "10.0.0.2"), LocalPorts: zone.Range[uint16]{From: 4000, To: 4000}}}
		}, true, none, port("203.0.113.61:80"), true},
		{"no server", func(*net) {}, true, none, port("203.0.113.61:80"), false},
	} {
		n := newNet(t)
		row.set(n)
		s := carried(n, row.inward)
		if got := n.e.Adopt(s, row.src, row.dst); got != row.want {
			t.Errorf("%s: adopted %v, want %v", row.name, got, row.want)
			continue
		}
		if !row.want {
			if s.NAT != (zone.Translation{}) || len(n.e.ports) != 0 {
				t.Errorf("%s: something was done: %+v", row.name, s.NAT)
			}
			continue
		}
		if !row.inward { // the answer finds its way in
			heard := false
			n.in.HandleUDP(4000, func(netip.AddrPort, netip.AddrPort, []byte, *stack.Iface) { heard = true })
			if err := n.out.SendUDP(port("203.0.113.9:53"), row.src, []byte("x")); err != nil {
				t.Fatal(err)
			}
			n.run()
			if !heard {
				t.Errorf("%s: the answer did not come in", row.name)
			}
		}
		n.zones.End(s)
		if len(n.e.arriving) != 0 || len(n.e.ports) != 0 {
			t.Errorf("%s: after the end %d ways in and %d ports are left", row.name, len(n.e.arriving), len(n.e.ports))
		}
	}
}

func TestAdoptedPortIsInUse(t *testing.T) {
	n := newNet(t)
	n.e.AddOutbound(&Outbound{Iface: "if2", Group: -1, Preserve: true})
	if !n.e.Adopt(carried(n, false), netip.MustParseAddrPort("203.0.113.1:4000"), netip.AddrPort{}) {
		t.Fatal("not adopted")
	}
	heard, _ := n.udp(n.in, n.out, "203.0.113.9", 5353, 5353) // from port 4000
	if !heard.IsValid() || heard.Port() == 4000 {
		t.Errorf("a new session leaves as %v, want another port than 4000", heard)
	}
}
