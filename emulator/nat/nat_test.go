package nat

import (
	"net/netip"
	"testing"
	"time"

	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
	"cwlab/emulator/zone"
)

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func span(a, b string) Span { return Span{ip(a), ip(b)} }

// A net is a host inside, a firewall and a host outside.
type net struct {
	*testing.T
	w       *sim.World
	in, out *stack.Host
	fw      *stack.Host
	zones   *zone.Engine
	e       *Engine
	denied  map[string]bool // access lists that permit nothing
	master  bool
	events  []Event
	wire    []*stack.Packet // what reached the host outside
}

func (n *net) Now() time.Time     { return n.w.Now() }
func (n *net) Emit(ev Event)      { n.events = append(n.events, ev) }
func (n *net) Draw(uint32) uint32 { return 0 }
func (n *net) Addr(iface string) netip.Addr {
	return n.fw.Iface(iface).Addr().Addr()
}
func (n *net) Permits(acl string, p *stack.Packet) (bool, bool) {
	return !n.denied[acl] && p.Src == ip("10.0.0.2"), true
}
func (n *net) Master(string, uint8) bool { return n.master }

type quiet struct{ *sim.World }

func (quiet) Emit(zone.Event) {}

func newNet(t *testing.T) *net {
	n := &net{T: t, w: sim.New(start, 1, nil), denied: map[string]bool{}}
	cables := link.NewNetwork(n.w)
	add := func(h *stack.Host, name, prefix string, mac byte) *stack.Iface {
		i := h.AddEthernet(name, wire.MAC{2, 0, 0, 0, 0, mac}, cables.Port(h.Name(), name))
		i.SetAddr(netip.MustParsePrefix(prefix))
		return i
	}
	n.in, n.fw, n.out = stack.New(n.w, "in"), stack.New(n.w, "fw"), stack.New(n.w, "out")
	cables.Connect(add(n.in, "e0", "10.0.0.2/24", 1).Port(), add(n.fw, "if1", "10.0.0.1/24", 2).Port(), link.Options{})
	cables.Connect(add(n.out, "e0", "203.0.113.9/24", 3).Port(), add(n.fw, "if2", "203.0.113.1/24", 4).Port(), link.Options{})
	n.in.AddRoute(stack.Route{Dst: netip.MustParsePrefix("0.0.0.0/0"), Next: ip("10.0.0.1")})
	n.zones = zone.New(quiet{n.w})
	n.zones.Import("Trust", "if1")
	n.zones.Import("Untrust", "if2")
	n.zones.AddRule(&zone.Rule{Action: zone.Pass})
	n.e = New(n, n.zones)
	n.fw.Hook(stack.In, "nat", n.e.In)
	n.fw.Hook(stack.LocalIn, "zone", n.zones.LocalIn)
	n.fw.Hook(stack.Forward, "zone", n.zones.Forward)
	n.fw.Hook(stack.Out, "zone", n.zones.Out)
	n.fw.Hook(stack.Out, "nat", n.e.Out)
	n.fw.AnswerARP(func(i *stack.Iface, a netip.Addr) (wire.MAC, bool) { return n.e.ARP(i, a) })
	n.out.Hook(stack.In, "test", func(p *stack.Packet) stack.Verdict { n.wire = append(n.wire, p); return stack.Accept })
	n.run()
	return n
}

func (n *net) run() { n.w.RunUntil(n.w.Now().Add(3 * time.Second)) }

// ping sends an echo request and says from whom an answer came.
func (n *net) ping(from *stack.Host, dst string) netip.Addr {
	n.Helper()
	var got netip.Addr
	from.OnICMP(func(p *stack.Packet, m wire.ICMP) {
		if m.Type == wire.EchoReply && m.ID == 77 && m.Seq == 5 && string(m.Payload) == "hello" {
			got = p.Src
		}
	})
	b := new(wire.Codec).AppendICMP(wire.ICMP{Type: wire.EchoRequest, ID: 77, Seq: 5, Payload: []byte("hello")})
	if err := from.SendIP(&stack.Packet{Dst: ip(dst), Proto: wire.ProtoICMP, Payload: b}); err != nil {
		n.Errorf("ping: %v", err)
	}
	n.run()
	return got
}

// udp sends a datagram to a port where to listens and answers; it says whom
// the listener heard and whom the sender.
func (n *net) udp(from, to *stack.Host, dst string, port uint16, listen uint16) (heard, answered netip.AddrPort) {
	n.Helper()
	to.HandleUDP(listen, func(src, d netip.AddrPort, b []byte, _ *stack.Iface) {
		heard = src
		_ = to.SendUDP(d, src, append([]byte("re "), b...))
	})
	from.HandleUDP(4000, func(src, _ netip.AddrPort, b []byte, _ *stack.Iface) {
		if string(b) == "re hello" {
			answered = src
		}
	})
	if err := from.SendUDP(netip.AddrPortFrom(netip.Addr{}, 4000), netip.AddrPortFrom(ip(dst), port), []byte("hello")); err != nil {
		n.Error(err)
	}
	n.run()
	return heard, answered
}

func (n *net) want(what string, got, want any) {
	n.Helper()
	if got != want {
		n.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestEasyIP(t *testing.T) {
	n := newNet(t)
	n.want("without translation no way back", n.ping(n.in, "203.0.113.9"), netip.Addr{})
	n.zones.Reset(func(*zone.Session) bool { return true })
	n.e.AddOutbound(&Outbound{Iface: "if2", Group: -1})
	n.want("answer to a ping", n.ping(n.in, "203.0.113.9"), ip("203.0.113.9"))
	p := n.wire[len(n.wire)-1]
	n.want("source on the wire", p.Src, ip("203.0.113.1"))
	if id := uint16(p.Payload[4])<<8 | uint16(p.Payload[5]); id != 1024 {
		t.Errorf("identifier on the wire is %d, want 1024, the first port", id)
	}
	heard, answered := n.udp(n.in, n.out, "203.0.113.9", 5000, 5000)
	n.want("heard", heard, netip.MustParseAddrPort("203.0.113.1:1024"))
	n.want("answered", answered, netip.MustParseAddrPort("203.0.113.9:5000"))
	if got := len(n.e.Sessions()); got != 2 {
		t.Errorf("%d translated sessions, want 2", got)
	}
	if len(n.events) == 0 || n.events[0].NewSrc.Addr() != ip("203.0.113.1") || !n.events[0].Out {
		t.Errorf("events %+v", n.events)
	}
	n.want("the device itself keeps its address", n.ping(n.fw, "203.0.113.9"), ip("203.0.113.9"))
	n.w.RunUntil(n.w.Now().Add(2 * time.Hour))
	n.want("sessions left", len(n.e.Sessions()), 0)
	n.want("ports left", len(n.e.ports)+len(n.e.arriving), 0)
}

func TestPortsOfAGroup(t *testing.T) {
	n := newNet(t)
	g := n.e.AddGroup(1)
	g.Spans, g.PortLo, g.PortHi = []Span{span("203.0.113.10", "203.0.113.11")}, 2000, 2000
	o := &Outbound{Iface: "if2", ACL: "2000", Group: 1}
	n.e.AddOutbound(o)
	// The group's addresses are nobody's: the firewall answers for them.
	heard, answered := n.udp(n.in, n.out, "203.0.113.9", 5000, 5000)
	n.want("heard", heard, netip.MustParseAddrPort("203.0.113.10:2000"))
	n.want("answered", answered, netip.MustParseAddrPort("203.0.113.9:5000"))
	heard, _ = n.udp(n.in, n.out, "203.0.113.9", 5001, 5001)
	n.want("the next address", heard, netip.MustParseAddrPort("203.0.113.11:2000"))
	heard, _ = n.udp(n.in, n.out, "203.0.113.9", 5002, 5002)
	n.want("no port left", heard, netip.AddrPort{})
	n.want("said so", n.events[len(n.events)-1].Kind, Exhausted)
	n.e.RemoveOutbound(o)
	n.want("sessions after the mapping is gone", len(n.e.Sessions()), 0)
	n.denied["2000"] = true
	n.e.AddOutbound(o)
	heard, _ = n.udp(n.in, n.out, "203.0.113.9", 5003, 5003)
	n.want("not in the list", heard, netip.MustParseAddrPort("10.0.0.2:4000"))
}

func TestOrderOfOutbound(t *testing.T) {
	n := newNet(t)
	n.e.AddGroup(1).Spans = []Span{span("203.0.113.10", "203.0.113.10")}
	n.e.AddGroup(2).Spans = []Span{span("203.0.113.20", "203.0.113.20")}
	n.e.AddOutbound(&Outbound{Iface: "if2", Group: -1})
	n.e.AddOutbound(&Outbound{Iface: "if2", ACL: "2000", Group: 1, Preserve: true})
	n.e.AddOutbound(&Outbound{Iface: "if2", ACL: "3000", Group: 2, Preserve: true})
	heard, _ := n.udp(n.in, n.out, "203.0.113.9", 5000, 5000)
	n.want("highest list first, port kept", heard, netip.MustParseAddrPort("203.0.113.20:4000"))
	n.denied["3000"] = true
	heard, _ = n.udp(n.in, n.out, "203.0.113.9", 5001, 5001)
	n.want("then the other", heard, netip.MustParseAddrPort("203.0.113.10:4000"))
}

func TestNoPAT(t *testing.T) {
	n := newNet(t)
	n.e.AddGroup(1).Spans = []Span{span("203.0.113.10", "203.0.113.10")}
	n.e.AddOutbound(&Outbound{Iface: "if2", Group: 1, NoPAT: true, Reverse: true})
	heard, _ := n.udp(n.in, n.out, "203.0.113.9", 5000, 5000)
	n.want("same port", heard, netip.MustParseAddrPort("203.0.113.10:4000"))
	n.want("the lent address from outside", n.ping(n.out, "203.0.113.10"), ip("203.0.113.10"))
	n.want("loans", n.e.Group(1).Loans(), 1)
	n.e.Reset()
	n.want("loans after the sessions", n.e.Group(1).Loans(), 0)
	n.want("an address that is not lent", n.ping(n.out, "203.0.113.10"), netip.Addr{})
}

func TestServer(t *testing.T) {
	n := newNet(t)
	n.e.AddServer(&Server{Iface: "if2", Proto: wire.ProtoUDP, Global: span("203.0.113.50", "203.0.113.50"),
		GlobalPorts: zone.Range[uint16]{From: 8000, To: 8001}, Local: span("10.0.0.2", "10.0.0.2"), LocalPorts: zone.Range[uint16]{From: 80, To: 81}})
	n.e.AddServer(&Server{Iface: "if2", Proto: wire.ProtoICMP, AddrOf: "if2", Local: span("10.0.0.2", "10.0.0.2")})
	heard, answered := n.udp(n.out, n.in, "203.0.113.50", 8001, 81)
	n.want("the server hears the client", heard, netip.MustParseAddrPort("203.0.113.9:4000"))
	n.want("the client hears the global address", answered, netip.MustParseAddrPort("203.0.113.50:8001"))
	n.want("a ping to the interface is answered from inside", n.ping(n.out, "203.0.113.1"), ip("203.0.113.1"))
	if s := n.e.Sessions(); len(s) != 2 || s[0].NAT.Dst != netip.MustParseAddrPort("203.0.113.50:8001") || s[0].Dst != netip.MustParseAddrPort("10.0.0.2:81") {
		t.Errorf("sessions %+v", s)
	}
	heard, _ = n.udp(n.out, n.in, "203.0.113.50", 8002, 82)
	n.want("heard there", heard, netip.AddrPort{})
}

func TestStatic(t *testing.T) {
	n := newNet(t)
	n.e.AddStatic(&Static{Local: span("10.0.0.0", "10.0.0.255"), Global: span("203.0.113.0", "203.0.113.255")})
	heard, _ := n.udp(n.in, n.out, "203.0.113.9", 5000, 5000)
	n.want("not enabled", heard, netip.MustParseAddrPort("10.0.0.2:4000"))
	n.e.Enable("if2", true)
	heard, answered := n.udp(n.in, n.out, "203.0.113.9", 5001, 5001)
	n.want("heard", heard, netip.MustParseAddrPort("203.0.113.2:4000"))
	n.want("answered", answered, netip.MustParseAddrPort("203.0.113.9:5001"))
	n.want("from outside", n.ping(n.out, "203.0.113.2"), ip("203.0.113.2"))
}

// An error about a translated packet reaches the inside with the inside's
// own packet in it, and one from inside leaves with the outside's.
func TestICMPErrors(t *testing.T) {
	n := newNet(t)
	n.e.AddOutbound(&Outbound{Iface: "if2", Group: -1})
	n.out.IPUnreachables, n.in.IPUnreachables = true, true
	var got []*stack.Packet
	n.in.OnICMP(func(p *stack.Packet, _ wire.ICMP) { got = append(got, p) })
	if err := n.in.SendUDP(netip.MustParseAddrPort("10.0.0.2:4000"), netip.MustParseAddrPort("203.0.113.9:9"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	n.run()
	if len(got) != 1 || got[0].Payload[0] != wire.Unreachable {
		t.Fatalf("inside got %d messages, want one unreachable", len(got))
	}
	in, kind := read(got[0].Proto, got[0].Src, got[0].Dst, got[0].Payload)
	n.want("kind", kind, report)
	n.want("the packet inside", in, tuple{17, ip("10.0.0.2"), ip("203.0.113.9"), 4000, 9})
	if checksum(got[0].Payload) != 0 || checksum(got[0].Payload[8:28]) != 0 {
		t.Error("a checksum is wrong")
	}

	n.e.AddServer(&Server{Iface: "if2", Proto: wire.ProtoUDP, Global: span("203.0.113.50", "203.0.113.50"), Local: span("10.0.0.2", "10.0.0.2")})
	got = nil
	n.out.OnICMP(func(p *stack.Packet, _ wire.ICMP) { got = append(got, p) })
	if err := n.out.SendUDP(netip.MustParseAddrPort("203.0.113.9:4000"), netip.MustParseAddrPort("203.0.113.50:9"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	n.run()
	if len(got) != 1 {
		t.Fatalf("outside got %d messages, want one", len(got))
	}
	in, _ = read(got[0].Proto, got[0].Src, got[0].Dst, got[0].Payload)
	n.want("its source", got[0].Src, ip("203.0.113.50"))
	n.want("the packet inside", in, tuple{17, ip("203.0.113.9"), ip("203.0.113.50"), 4000, 9})
}

func TestVirtualRouter(t *testing.T) {
	n := newNet(t)
	n.e.AddGroup(1).Spans = []Span{span("203.0.113.10", "203.0.113.10")}
	n.e.AddOutbound(&Outbound{Iface: "if2", Group: 1, VRID: 7})
	fw := n.fw.Iface("if2")
	if _, ok := n.e.ARP(fw, ip("203.0.113.10")); ok {
		t.Error("a backup answers for the address")
	}
	n.master = true
	if mac, ok := n.e.ARP(fw, ip("203.0.113.10")); !ok || mac != (wire.MAC{0, 0, 0x5e, 0, 1, 7}) {
		t.Errorf("the master answers with %v, %v", mac, ok)
	}
	if got := n.e.Addresses("if2", 7); len(got) != 1 || got[0] != ip("203.0.113.10") {
		t.Errorf("addresses of the virtual router: %v", got)
	}
}

// Checksums are right however a packet is changed.
func TestChecksums(t *testing.T) {
	c := new(wire.Codec)
	a, b := ip("10.0.0.2"), ip("203.0.113.9")
	p := &stack.Packet{Src: a, Dst: b, Proto: wire.ProtoUDP, Payload: c.AppendUDP(a, b, wire.UDP{Src: 1, Dst: 2, Payload: []byte("odd")})}
	from, _ := read(p.Proto, p.Src, p.Dst, p.Payload)
	rewrite(p, from, tuple{17, ip("192.0.2.1"), ip("198.51.100.255"), 65535, 40000})
	if u, err := c.UDP(p.Src, p.Dst, p.Payload); err != nil || u.Src != 65535 || u.Dst != 40000 {
		t.Errorf("UDP is %+v, %v", u, err)
	}
}

// A TCP segment is right after translation, its data and all.
func TestTCPChecksum(t *testing.T) {
	seg := []byte{0x10, 0, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0, 'o', 'd', 'd'}
	sum := func(src, dst netip.Addr, b []byte) uint16 {
		whole := append(append(src.AsSlice(), dst.AsSlice()...), 0, 6, 0, byte(len(b)))
		return checksum(append(whole, b...))
	}
	a, b := ip("10.0.0.2"), ip("203.0.113.9")
	v := sum(a, b, seg)
	seg[16], seg[17] = byte(v>>8), byte(v)
	p := &stack.Packet{Src: a, Dst: b, Proto: wire.ProtoTCP, Payload: seg}
	from, _ := read(p.Proto, p.Src, p.Dst, p.Payload)
	rewrite(p, from, tuple{6, ip("192.0.2.255"), b, 0xfffe, 80})
	if got := sum(p.Src, p.Dst, p.Payload); got != 0 || p.Payload[0] != 0xff || seg[0] != 0x10 {
		t.Errorf("checksum over the segment is %#x, want 0; bytes % x", got, p.Payload)
	}
}

func FuzzTranslate(f *testing.F) {
	f.Add(uint8(1), []byte{3, 1, 0, 0, 0, 0, 0, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 1, 17, 0, 0, 10, 0, 0, 2, 203, 0, 113, 9, 0, 1, 0, 2, 0, 0, 0, 0})
	f.Add(uint8(6), make([]byte, 20))
	f.Fuzz(func(t *testing.T, proto uint8, payload []byte) {
		p := &stack.Packet{Src: ip("10.0.0.2"), Dst: ip("203.0.113.9"), Proto: proto, Payload: payload}
		from, kind := read(p.Proto, p.Src, p.Dst, p.Payload)
		to := from
		to.src, to.sport = ip("192.0.2.1"), 4444
		if kind == report {
			rewriteReport(p, p.Src, p.Dst, from, to)
		} else {
			rewrite(p, from, to)
		}
		if len(p.Payload) != len(payload) {
			t.Errorf("%d bytes became %d", len(payload), len(p.Payload))
		}
	})
}
