package stack

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/wire"
)

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

func ip(s string) netip.Addr       { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// A lan is some hosts on one switch, host n with 10.0.0.n/24 on its eth0.
type lan struct {
	t     testing.TB
	w     *sim.World
	net   *link.Network
	hosts []*Host
	cable []*link.Cable
}

func newLAN(t testing.TB, n int) *lan {
	l := &lan{t: t, w: sim.New(start, 1, nil)}
	l.net = link.NewNetwork(l.w)
	for k := 1; k <= n; k++ {
		name := string(rune('A' + k - 1))
		h := New(l.w, name)
		i := h.AddEthernet("eth0", wire.MAC{2, 0, 0, 0, 0, byte(k)}, l.net.Port(name, "eth0"))
		l.cable = append(l.cable, l.net.Connect(i.Port(), l.net.Switch("SW").Port(), link.Options{Latency: 100 * time.Microsecond}))
		i.SetAddr(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(k)}), 24))
		l.hosts = append(l.hosts, h)
	}
	l.run(time.Second)
	return l
}

func (l *lan) run(d time.Duration) { l.w.RunUntil(l.w.Now().Add(d)) }

// echo sends one echo request and collects the ICMP messages that come back
// within a second.
func (l *lan) echo(h *Host, src, dst string, size int) ([]wire.ICMP, error) {
	l.t.Helper()
	var got []wire.ICMP
	h.onICMP = nil
	h.OnICMP(func(_ *Packet, m wire.ICMP) {
		m.Payload = bytes.Clone(m.Payload)
		got = append(got, m)
	})
	p := &Packet{Dst: ip(dst), Proto: wire.ProtoICMP, Payload: new(wire.Codec).AppendICMP(wire.ICMP{
		Type: wire.EchoRequest, ID: 7, Seq: 9, Payload: bytes.Repeat([]byte{0x5a}, size),
	})}
	if src != "" {
		p.Src = ip(src)
	}
	err := h.SendIP(p)
	l.run(time.Second)
	return got, err
}

func (l *lan) wantEcho(why string, h *Host, src, dst string, size int) {
	l.t.Helper()
	got, err := l.echo(h, src, dst, size)
	if err != nil {
		l.t.Fatalf("%s: %v", why, err)
	}
	for _, m := range got {
		if m.Type == wire.EchoReply && m.ID == 7 && m.Seq == 9 && len(m.Payload) == size {
			return
		}
	}
	l.t.Fatalf("%s: no echo reply, got %v", why, got)
}

func (l *lan) wantSilence(why string, h *Host, src, dst string) {
	l.t.Helper()
	if got, err := l.echo(h, src, dst, 56); err != nil || len(got) != 0 {
		l.t.Fatalf("%s: want no answer, got %v and error %v", why, got, err)
	}
}

func TestTwoHostsPing(t *testing.T) {
	l := newLAN(t, 2)
	a := l.hosts[0]
	a.ClearARP(nil)
	l.wantEcho("on one network", a, "", "10.0.0.2", 56)
	e := a.ARP()
	if len(e) != 1 || e[0].Addr != ip("10.0.0.2") || e[0].MAC != (wire.MAC{2, 0, 0, 0, 0, 2}) {
		t.Errorf("ARP table is %v, want 10.0.0.2", e)
	}
	l.wantEcho("to itself", a, "", "10.0.0.1", 56)
	l.wantEcho("in fragments", a, "", "10.0.0.2", 5000)
}

func TestARPAges(t *testing.T) {
	l := newLAN(t, 2)
	a := l.hosts[0]
	l.wantEcho("before", a, "", "10.0.0.2", 56)
	l.run(21 * time.Minute)
	if len(a.ARP()) != 1 {
		t.Error("a neighbour that answers the probes was forgotten")
	}
	l.cable[1].Cut()
	l.run(21 * time.Minute)
	if e := a.ARP(); len(e) != 0 {
		t.Errorf("a neighbour that is gone stayed: %v", e)
	}
	l.wantSilence("nobody there", a, "", "10.0.0.2")
	l.cable[1].Mend()
	l.wantEcho("after mending", a, "", "10.0.0.2", 56)
}

func TestSourceMustBeLocal(t *testing.T) {
	l := newLAN(t, 2)
	if _, err := l.echo(l.hosts[0], "10.0.0.9", "10.0.0.2", 56); !errors.Is(err, ErrNotLocal) {
		t.Errorf("a foreign source gave %v, want %v", err, ErrNotLocal)
	}
	if _, err := l.echo(l.hosts[0], "", "99.0.0.1", 56); !errors.Is(err, ErrNoRoute) {
		t.Errorf("an unknown network gave %v, want %v", err, ErrNoRoute)
	}
}

func TestStaticRoutesAndForwarding(t *testing.T) {
	l := newLAN(t, 3) // A - B - C, loopbacks on A and C
	a, b, c := l.hosts[0], l.hosts[1], l.hosts[2]
	a.AddLoopback("LoopBack0").SetAddr(prefix("1.1.1.1/32"))
	c.AddLoopback("LoopBack0").SetAddr(prefix("3.3.3.3/32"))
	a.AddRoute(Route{Dst: prefix("3.3.3.3/32"), Next: ip("2.2.2.2")}) // recursive
	a.AddRoute(Route{Dst: prefix("2.2.2.2/32"), Next: ip("10.0.0.2")})
	b.AddRoute(Route{Dst: prefix("3.3.3.0/24"), Next: ip("10.0.0.3")})
	b.AddRoute(Route{Dst: prefix("1.1.1.1/32"), Next: ip("10.0.0.1"), Iface: "eth0"})
	c.AddRoute(Route{Dst: prefix("0.0.0.0/0"), Next: ip("10.0.0.2")})
	l.wantEcho("by way of B", a, "1.1.1.1", "3.3.3.3", 56)

	b.AddRoute(Route{Dst: prefix("3.3.3.3/32"), Iface: "NULL0"})
	l.wantSilence("into the black hole", a, "1.1.1.1", "3.3.3.3")
	b.IPUnreachables = true
	if got, _ := l.echo(a, "1.1.1.1", "3.3.3.3", 56); len(got) != 1 || got[0].Type != wire.Unreachable {
		t.Errorf("got %v, want destination unreachable", got)
	}
	b.RemoveRoute(Route{Dst: prefix("3.3.3.3/32")})
	l.wantEcho("again by way of B", a, "1.1.1.1", "3.3.3.3", 56)

	b.TTLExpires = true
	var got []wire.ICMP
	a.onICMP = nil
	a.OnICMP(func(_ *Packet, m wire.ICMP) { got = append(got, m) })
	err := a.SendIP(&Packet{Dst: ip("3.3.3.3"), TTL: 1, Proto: wire.ProtoUDP, Payload: make([]byte, 8)})
	l.run(time.Second)
	if err != nil || len(got) != 1 || got[0].Type != wire.TimeExceeded {
		t.Errorf("TTL 1 gave %v and %v, want time exceeded", got, err)
	}
}

func TestRoutesListed(t *testing.T) {
	l := newLAN(t, 1)
	h := l.hosts[0]
	h.AddRoute(Route{Dst: prefix("9.0.0.0/8"), Next: ip("10.0.0.7"), Pref: 80})
	h.AddRoute(Route{Dst: prefix("9.0.0.0/8"), Next: ip("10.0.0.8")})
	h.AddRoute(Route{Dst: prefix("8.0.0.0/8"), Next: ip("77.0.0.8")})
	var got []string
	for _, r := range h.Routes() {
		got = append(got, r.Dst.String()+" "+r.Proto+" "+r.NextHop.String()+" "+r.Interface)
	}
	want := []string{
		"0.0.0.0/32 Direct 127.0.0.1 InLoopBack0",
		"9.0.0.0/8 Static 10.0.0.8 eth0",
		"10.0.0.0/24 Direct 10.0.0.1 eth0",
		"10.0.0.0/32 Direct 10.0.0.1 eth0",
		"10.0.0.1/32 Direct 127.0.0.1 InLoopBack0",
		"10.0.0.255/32 Direct 10.0.0.1 eth0",
		"127.0.0.0/8 Direct 127.0.0.1 InLoopBack0",
		"127.0.0.0/32 Direct 127.0.0.1 InLoopBack0",
		"127.0.0.1/32 Direct 127.0.0.1 InLoopBack0",
		"127.255.255.255/32 Direct 127.0.0.1 InLoopBack0",
		"224.0.0.0/4 Direct 0.0.0.0 NULL0",
		"224.0.0.0/24 Direct 0.0.0.0 NULL0",
		"255.255.255.255/32 Direct 127.0.0.1 InLoopBack0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("routes are\n%v, want\n%v", got, want)
	}
	l.cable[0].Cut()
	if n := len(h.Routes()); n != 8 {
		t.Errorf("%d routes without a link, want 8", n)
	}
}

func TestUDP(t *testing.T) {
	l := newLAN(t, 2)
	a, b := l.hosts[0], l.hosts[1]
	var got string
	b.HandleUDP(500, func(src, dst netip.AddrPort, payload []byte, in *Iface) {
		got = src.String() + " " + dst.String() + " " + string(payload) + " " + in.Name()
	})
	if err := a.SendUDP(netip.AddrPortFrom(netip.Addr{}, 4500), netip.MustParseAddrPort("10.0.0.2:500"), []byte("hello")); err != nil {
		t.Fatal(err)
	}
	l.run(time.Second)
	if want := "10.0.0.1:4500 10.0.0.2:500 hello eth0"; got != want {
		t.Errorf("received %q, want %q", got, want)
	}
}

func TestVirtualAddress(t *testing.T) {
	l := newLAN(t, 3)
	a, b, c := l.hosts[0], l.hosts[1], l.hosts[2]
	vip, vmac := ip("10.0.0.100"), wire.MAC{0, 0, 0x5e, 0, 1, 1}
	take := func(h *Host) {
		i := h.Iface("eth0")
		i.AddVirtual(vip, vmac)
		i.GratuitousARP(vip, vmac)
		l.run(time.Second)
	}
	take(b)
	var from wire.MAC
	l.net.Tap(func(p *link.Port, _ time.Time, frame []byte) {
		if p.Device != "A" {
			from = wire.MAC(frame[6:])
		}
	})
	l.wantEcho("the first owner", a, "", "10.0.0.100", 56)
	if from != vmac {
		t.Errorf("the answer came from %v, want the virtual %v", from, vmac)
	}
	b.Iface("eth0").RemoveVirtual(vip)
	l.wantSilence("no owner", a, "", "10.0.0.100")
	take(c)
	l.wantEcho("the second owner", a, "", "10.0.0.100", 56)
	if e := a.ARP(); e[len(e)-1].MAC != vmac {
		t.Errorf("A has %v for the virtual address", e)
	}
}

func TestHooks(t *testing.T) {
	l := newLAN(t, 2)
	a := l.hosts[0]
	verdict := Accept
	var seen []HookPoint
	for at := In; at < hookPoints; at++ {
		a.Hook(at, "watch", func(*Packet) Verdict { seen = append(seen, at); return Accept })
	}
	a.Hook(Out, "judge", func(*Packet) Verdict { return verdict })
	l.wantEcho("accepted", a, "", "10.0.0.2", 56)
	if want := []HookPoint{Out, In, LocalIn}; !slices.Equal(seen, want) {
		t.Errorf("hooks ran as %v, want %v", seen, want)
	}
	verdict = Drop
	l.wantSilence("dropped", a, "", "10.0.0.2")
	verdict = Refuse
	if _, err := l.echo(a, "", "10.0.0.2", 56); !errors.Is(err, ErrRefused) {
		t.Errorf("refused packet gave %v, want %v", err, ErrRefused)
	}
}

func TestShutdownAndClose(t *testing.T) {
	l := newLAN(t, 2)
	a, b := l.hosts[0], l.hosts[1]
	var told []bool
	a.OnIface(func(_ *Iface, up bool) { told = append(told, up) })
	i := a.Iface("eth0")
	i.SetAdmin(false)
	l.wantSilence("shut down", b, "", "10.0.0.1")
	i.SetAdmin(true)
	l.wantEcho("up again", b, "", "10.0.0.1", 56)
	if !slices.Equal(told, []bool{false, true}) {
		t.Errorf("told %v, want down and up", told)
	}
	a.Close()
	l.wantSilence("off", b, "", "10.0.0.1")
	if err := a.SendIP(&Packet{Dst: ip("10.0.0.2"), Proto: 99}); !errors.Is(err, ErrClosed) {
		t.Errorf("a host that is off said %v", err)
	}
}

func TestMulticastAndCounters(t *testing.T) {
	l := newLAN(t, 3)
	a, b, c := l.hosts[0], l.hosts[1], l.hosts[2]
	group := ip("224.0.0.18")
	got := 0
	for _, h := range []*Host{b, c} {
		h.HandleProto(wire.ProtoVRRP, func(p *Packet) { got++ })
	}
	b.JoinMulticast(b.Iface("eth0"), group)
	before := b.Iface("eth0").Counters()
	if err := a.SendIP(&Packet{Dst: group, Out: a.Iface("eth0"), Proto: wire.ProtoVRRP, Payload: make([]byte, 12)}); err != nil {
		t.Fatal(err)
	}
	l.run(time.Second)
	after := b.Iface("eth0").Counters()
	if got != 1 || after.InMulticast != before.InMulticast+1 || after.InBytes != before.InBytes+60 {
		t.Errorf("%d received, counters %+v then %+v; want one multicast of 60 bytes at B only", got, before, after)
	}
}

func TestNamesInOrder(t *testing.T) {
	h := New(sim.New(start, 1, nil), "X")
	for _, n := range []string{"NULL0", "LoopBack10", "LoopBack2", "GigabitEthernet1/0/11", "GigabitEthernet1/0/2"} {
		h.AddLoopback(n)
	}
	var got []string
	for _, i := range h.Ifaces() {
		got = append(got, i.Name())
	}
	want := []string{"GigabitEthernet1/0/2", "GigabitEthernet1/0/11", "LoopBack2", "LoopBack10", "NULL0"}
	if !slices.Equal(got, want) {
		t.Errorf("interfaces are %v, want %v", got, want)
	}
}

func FuzzReceive(f *testing.F) {
	c := new(wire.Codec)
	dst, src := wire.MAC{2, 0, 0, 0, 0, 1}, wire.MAC{2, 0, 0, 0, 0, 2}
	f.Add(c.IPv4Frame(dst, src, &wire.IPv4{TTL: 9, Proto: wire.ProtoUDP, Src: ip("10.0.0.2"), Dst: ip("10.0.0.1"), MF: true, Payload: make([]byte, 24)}))
	f.Add(c.ARPFrame(dst, src, wire.ARP{Op: 1, SrcMAC: src, Src: ip("10.0.0.2"), Dst: ip("10.0.0.1")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := newLAN(t, 1)
		h := l.hosts[0]
		h.IPUnreachables, h.TTLExpires = true, true
		for range 2 {
			h.Iface("eth0").receive(b)
		}
		l.run(time.Minute)
	})
}

// One VRRP advertisement from a host through a switch to two others.
func BenchmarkMulticastThroughSwitch(b *testing.B) {
	l := newLAN(b, 3)
	a, group, got := l.hosts[0], ip("224.0.0.18"), 0
	for _, h := range l.hosts[1:] {
		h.JoinMulticast(h.Iface("eth0"), group)
		h.HandleProto(wire.ProtoVRRP, func(*Packet) { got++ })
	}
	payload := make([]byte, 12)
	b.ReportAllocs()
	for b.Loop() {
		if err := a.SendIP(&Packet{Dst: group, Out: a.Iface("eth0"), Proto: wire.ProtoVRRP, Payload: payload}); err != nil {
			b.Fatal(err)
		}
		l.run(time.Millisecond)
	}
	if got != 2*b.N {
		b.Fatalf("%d advertisements arrived, want %d", got, 2*b.N)
	}
}
