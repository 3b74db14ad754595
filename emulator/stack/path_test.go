package stack

import (
	"slices"
	"testing"
	"time"

	"cwlab/emulator/wire"
)

// line is A - B - C on one switch with routes over B, 1.1.1.1 at A and
// 3.3.3.3 at C.
func line(t *testing.T) (l *lan, a, b, c *Host) {
	l = newLAN(t, 3)
	a, b, c = l.hosts[0], l.hosts[1], l.hosts[2]
	a.AddLoopback("LoopBack0").SetAddr(prefix("1.1.1.1/32"))
	c.AddLoopback("LoopBack0").SetAddr(prefix("3.3.3.3/32"))
	a.AddRoute(Route{Dst: prefix("3.3.3.3/32"), Next: ip("10.0.0.2")})
	b.AddRoute(Route{Dst: prefix("3.3.3.3/32"), Next: ip("10.0.0.3")})
	b.AddRoute(Route{Dst: prefix("1.1.1.1/32"), Next: ip("10.0.0.1")})
	c.AddRoute(Route{Dst: prefix("1.1.1.1/32"), Next: ip("10.0.0.2")})
	return l, a, b, c
}

func TestRecordRoute(t *testing.T) {
	l, a, _, _ := line(t)
	var got []byte
	a.OnICMP(func(p *Packet, m wire.ICMP) {
		if m.Type == wire.EchoReply {
			got = slices.Clone(p.Record)
		}
	})
	err := a.SendIP(&Packet{Src: ip("1.1.1.1"), Dst: ip("3.3.3.3"), Proto: wire.ProtoICMP, Record: wire.NewRecord(),
		Payload: new(wire.Codec).AppendICMP(wire.ICMP{Type: wire.EchoRequest, Payload: make([]byte, 56)})})
	l.run(time.Second)
	want := "[10.0.0.2 3.3.3.3 10.0.0.2 1.1.1.1]"
	var text []string
	for _, r := range wire.Recorded(got) {
		text = append(text, r.String())
	}
	if s := "[" + join(text) + "]"; err != nil || s != want {
		t.Errorf("route recorded is %s and error %v, want %s", s, err, want)
	}
}

func join(s []string) string {
	out := ""
	for i, x := range s {
		if i > 0 {
			out += " "
		}
		out += x
	}
	return out
}

func TestICMPErrorsAreBounded(t *testing.T) {
	l, a, b, _ := line(t)
	b.TTLExpires = true
	l.wantSilence("ARP first", a, "", "10.0.0.9")
	got := 0
	a.OnICMP(func(*Packet, wire.ICMP) { got++ })
	flood := func() int {
		got = 0
		for range 50 {
			if err := a.SendIP(&Packet{Dst: ip("3.3.3.3"), TTL: 1, Proto: wire.ProtoUDP, Payload: make([]byte, 8)}); err != nil {
				t.Fatal(err)
			}
		}
		l.run(time.Second)
		return got
	}
	if n := flood(); n != ErrorBurst {
		t.Errorf("%d errors of 50, want %d", n, ErrorBurst)
	}
	b.SetErrorRate(0, 1)
	if n := flood(); n != 50 {
		t.Errorf("%d errors of 50 without a bound, want all", n)
	}
	if s := b.ICMPStats(); s.Out.Of(wire.TimeExceeded) != 60 || b.Stats.RateLimited != 40 || a.icmp.In.Of(wire.TimeExceeded) != 60 {
		t.Errorf("%d errors sent, %d held back; want 60 and 40", s.Out.Of(wire.TimeExceeded), b.Stats.RateLimited)
	}
}

func TestLostFragmentIsTold(t *testing.T) {
	l, a, b, _ := line(t)
	var got []wire.ICMP
	a.OnICMP(func(_ *Packet, m wire.ICMP) { got = append(got, m) })
	first := &wire.IPv4{TTL: 9, Proto: wire.ProtoUDP, ID: 5, MF: true, Src: ip("10.0.0.1"), Dst: ip("10.0.0.2"), Payload: make([]byte, 64)}
	a.Iface("eth0").send(a.codec.IPv4Frame(b.Iface("eth0").MAC(), a.Iface("eth0").MAC(), first))
	l.run(time.Minute)
	if len(got) != 1 || got[0].Type != wire.TimeExceeded || got[0].Code != wire.ReassemblyTimeout {
		t.Errorf("A was told %v, want that reassembly took too long", got)
	}
	if b.Stats.ReassemblyTimeouts != 1 || b.Stats.FragmentsIn != 1 {
		t.Errorf("statistics are %+v", b.Stats)
	}
}

func TestRoutesOfOneCost(t *testing.T) {
	l, a, b, c := line(t)
	a.AddRoute(Route{Dst: prefix("3.3.3.3/32"), Next: ip("10.0.0.3")})
	two := a.lookup(ip("3.3.3.3"))
	if len(two) != 2 {
		t.Fatalf("routes are %v, want two", two)
	}
	used := map[string]bool{}
	for k := range 40 {
		used[a.choose(ip("3.3.3.3"), ip("1.1.1."+string(rune('1'+k%9)))).NextHop.String()] = true
	}
	if len(used) != 2 {
		t.Errorf("next hops used are %v, want both", used)
	}
	a.AddRoute(Route{Dst: prefix("3.3.3.3/32"), Next: ip("10.0.0.2"), Pref: 70})
	if r := a.lookup(ip("3.3.3.3")); len(r) != 1 || r[0].NextHop != ip("10.0.0.3") {
		t.Errorf("routes are %v, want the one of lower preference", r)
	}
	_, _, _ = l, b, c
}

// What a protocol of the host injects is apart from what was configured, and
// may lean on the default route.
func TestInjectedRoutes(t *testing.T) {
	_, a, _, _ := line(t)
	a.AddRoute(Route{Dst: prefix("0.0.0.0/0"), Next: ip("10.0.0.2")})
	way := Route{Dst: prefix("5.0.0.0/8"), Next: ip("99.0.0.1")}
	a.AddRoute(way)
	if e, _ := a.Lookup(ip("5.0.0.1")); e.Dst.Bits() != 0 {
		t.Errorf("a configured route leans on the default route: %+v", e)
	}
	way.Injected = true
	a.AddRoute(way)
	if e, _ := a.Lookup(ip("5.0.0.1")); e.Dst != way.Dst || e.NextHop != ip("10.0.0.2") || e.Original != way.Next {
		t.Errorf("the injected route is %+v", e)
	}
	if n := a.RemoveRoute(way); n != 1 || len(a.Statics()) != 3 {
		t.Errorf("%d routes removed, left are %v", n, a.Statics())
	}
}

func TestRoutesThatWait(t *testing.T) {
	l, a, _, _ := line(t)
	ready := false
	a.AddRoute(Route{Dst: prefix("5.0.0.0/8"), Next: ip("10.0.0.2"), Ready: func() bool { return ready }})
	has := func(s string) bool { _, ok := a.Lookup(ip(s)); return ok }
	if has("5.0.0.1") {
		t.Error("a route that is not ready is used")
	}
	ready = true
	a.Reroute()
	l.run(90 * time.Second)
	e, ok := a.Lookup(ip("5.0.0.1"))
	if !ok || a.w.Now().Sub(e.Since) != 90*time.Second {
		t.Errorf("route is %+v, %v; want one of 90 seconds", e, ok)
	}
	a.AddRoute(Route{Dst: prefix("6.0.0.0/8"), Next: ip("10.0.0.2"), Iface: "eth0", Permanent: true})
	a.AddRoute(Route{Dst: prefix("7.0.0.0/8"), Next: ip("10.0.0.2"), Permanent: true})
	before := a.Changes("Static")
	l.cable[0].Cut()
	if has("5.0.0.1") || !has("6.0.0.1") || !has("7.0.0.1") {
		t.Errorf("without a link the routes are %v", a.Routes())
	}
	if got := a.Changes("Static"); got.Deleted != before.Deleted+2 {
		t.Errorf("changes went from %+v to %+v, want two more deleted", before, got)
	}
}

func TestRatesAndInterval(t *testing.T) {
	l := newLAN(t, 2)
	i := l.hosts[0].Iface("eth0")
	l.run(10 * time.Minute)
	for range 310 {
		l.wantEcho("once a second", l.hosts[0], "", "10.0.0.2", 56)
	}
	if _, out := i.Rates(); out.Packets != 1 || out.Bytes < 95 || out.Bytes > 100 {
		t.Errorf("rate over 300 seconds is %+v, want one packet of 98 bytes a second", out)
	}
	l.run(2 * time.Minute)
	if _, out := i.Rates(); out.Packets != 0 || out.Bytes < 55 || out.Bytes > 62 || out.PeakAt.IsZero() {
		t.Errorf("two minutes later it is %+v, want 180 packets in 300 seconds", out)
	}
	i.SetInterval(30 * time.Second)
	if _, out := i.Rates(); out.Bytes != 0 || i.Interval() != 30*time.Second {
		t.Errorf("over the last 30 seconds it is %+v, want none", out)
	}
}

func TestPassagesAndStatistics(t *testing.T) {
	l, a, b, _ := line(t)
	var at []Passage
	a.OnPacket(func(p Passage, _ *Iface, v *wire.IPv4) {
		if v.Proto == wire.ProtoICMP {
			at = append(at, p)
		}
	})
	l.wantEcho("there and back", a, "1.1.1.1", "3.3.3.3", 56)
	if want := []Passage{Sending, Receiving, Delivering}; !slices.Equal(at, want) {
		t.Errorf("passages are %v, want %v", at, want)
	}
	s, f := a.Stats, b.Stats
	if s.OutLocal != 1 || s.InLocal != 1 || f.Forwarded != 2 || f.InLocal != 0 {
		t.Errorf("A counts %+v, B %+v", s, f)
	}
	l.wantEcho("in fragments", a, "", "10.0.0.2", 3000)
	if s := a.Stats; s.Fragmented != 1 || s.FragmentsOut != 3 || s.FragmentsIn != 3 || s.Reassembled != 1 {
		t.Errorf("A counts %+v", s)
	}
	i := a.Iface("eth0").IP()
	if i.ICMP.Of(wire.EchoReply) != 2 || i.InPackets != 4 || i.InBytes != 84+3028+40 {
		t.Errorf("the interface counts %+v", i)
	}
	a.ClearStats()
	if a.Stats != (Stats{}) {
		t.Error("statistics were not cleared")
	}
}
