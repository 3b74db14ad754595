package gre

import (
	"net/netip"
	"testing"
	"time"

	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

// A node is one host with a tunnel; got is what it was given of ICMP.
type node struct {
	h   *stack.Host
	e   *Engine
	t   *Tunnel
	got []int // lengths
}

// two are hosts on one cable with a tunnel between them.
func two(t *testing.T) (w *sim.World, a, b *node) {
	t.Helper()
	w = sim.New(start, 1, nil)
	net := link.NewNetwork(w)
	nodes := map[string]*node{}
	for i, name := range []string{"A", "B"} {
		n := &node{h: stack.New(w, name)}
		eth := n.h.AddEthernet("G0", wire.MAC{2, 0, 0, 0, 0, byte(i + 1)}, net.Port(name, "G0"))
		eth.SetAddr(netip.MustParsePrefix([]string{"192.0.2.1/24", "192.0.2.2/24"}[i]))
		n.e = New(n.h)
		n.t = n.e.Add("Tunnel0")
		n.t.Iface.SetMTU(1476)
		n.t.Iface.SetAddr(netip.MustParsePrefix([]string{"10.0.0.1/24", "10.0.0.2/24"}[i]))
		n.t.Local, n.t.Remote = addr([]string{"192.0.2.1", "192.0.2.2"}[i]), addr([]string{"192.0.2.2", "192.0.2.1"}[i])
		n.h.OnICMP(func(p *stack.Packet, _ wire.ICMP) { n.got = append(n.got, len(p.Payload)) })
		nodes[name] = n
	}
	net.Connect(net.Port("A", "G0"), net.Port("B", "G0"), link.Options{Latency: time.Millisecond})
	run(w, time.Second)
	a, b = nodes["A"], nodes["B"]
	a.t.Refresh()
	b.t.Refresh()
	return w, a, b
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func run(w *sim.World, d time.Duration) { w.RunUntil(w.Now().Add(d)) }

// ping sends one echo through the tunnel and says how many messages came back.
func ping(w *sim.World, a *node, size int) int {
	before := len(a.got)
	echo := make([]byte, size)
	echo[0] = 8
	sum := checksum(echo)
	echo[2], echo[3] = byte(sum>>8), byte(sum)
	_ = a.h.SendIP(&stack.Packet{Dst: addr("10.0.0.2"), Proto: 1, Payload: echo})
	run(w, time.Second)
	return len(a.got) - before
}

func TestTunnelCarriesPackets(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(a, b *Tunnel)
		want   int
	}{
		{"plain", func(_, _ *Tunnel) {}, 1},
		{"key", func(a, b *Tunnel) { a.Keyed, b.Keyed, a.Key, b.Key = true, true, 7, 7 }, 1},
		{"key 0", func(a, b *Tunnel) { a.Keyed, b.Keyed = true, true }, 1},
		{"key on one side", func(a, _ *Tunnel) { a.Keyed = true }, 0},
		{"two keys", func(a, b *Tunnel) { a.Keyed, b.Keyed, a.Key, b.Key = true, true, 7, 8 }, 0},
		{"checksum", func(a, b *Tunnel) { a.Checksum, b.Checksum = true, true }, 1},
		{"checksum on one side", func(a, _ *Tunnel) { a.Checksum = true }, 1},
		{"another source", func(_, b *Tunnel) { b.Remote = addr("192.0.2.9") }, 0},
		{"protected on one side", func(_, b *Tunnel) { b.Protected = true }, 0},
	} {
		w, a, b := two(t)
		tt.change(a.t, b.t)
		if got := ping(w, a, 64); got != tt.want {
			t.Errorf("%s: %d answers, want %d", tt.name, got, tt.want)
		}
		if tt.want == 0 && b.e.Drops == 0 {
			t.Errorf("%s: B dropped nothing", tt.name)
		}
	}
}

// What is longer than the tunnel's MTU is cut before GRE goes around it, so
// that no outer packet is.
func TestFragments(t *testing.T) {
	w, a, b := two(t)
	var outer, fragments int
	b.h.OnPacket(func(at stack.Passage, _ *stack.Iface, v *wire.IPv4) {
		if at == stack.Receiving && v.Proto == Proto {
			outer++
			if v.MF || v.Offset > 0 {
				fragments++
			}
		}
	})
	if got := ping(w, a, 3000); got != 1 || outer != 3 || fragments != 0 {
		t.Errorf("%d answers, %d GRE packets, %d of them fragments; want 1, 3, 0", got, outer, fragments)
	}
	if c := a.t.Iface.Counters(); c.OutPackets != 3 || c.InPackets != 3 {
		t.Errorf("counters are %+v", c)
	}
}

func TestStateOfTheInterface(t *testing.T) {
	w, a, b := two(t)
	for _, tt := range []struct {
		name   string
		change func()
		want   bool
	}{
		{"both ends", func() {}, true},
		{"no destination", func() { a.t.Remote = netip.Addr{} }, false},
		{"no route", func() { a.t.Remote = addr("203.0.113.1") }, false},
		{"back", func() { a.t.Remote = addr("192.0.2.2") }, true},
		{"source of another", func() { a.t.Local = addr("192.0.2.3") }, false},
		{"back again", func() { a.t.Local = addr("192.0.2.1") }, true},
	} {
		tt.change()
		a.t.Refresh()
		if a.t.Iface.Up() != tt.want {
			t.Errorf("%s: up is %v", tt.name, a.t.Iface.Up())
		}
	}
	// Keepalives are answered by a peer that sends none.
	a.t.Period, a.t.Retries = 10*time.Second, 3
	a.t.Refresh()
	run(w, 5*time.Minute)
	if !a.t.Iface.Up() || b.t.timer != nil {
		t.Fatal("answered keepalives took the interface down")
	}
	b.h.HandleProto(Proto, nil)
	run(w, 25*time.Second)
	if !a.t.Iface.Up() {
		t.Error("the interface is down before the retries are over")
	}
	run(w, 20*time.Second)
	if a.t.Iface.Up() {
		t.Error("the interface is up without answers")
	}
	b.h.HandleProto(Proto, b.e.receive)
	run(w, 30*time.Second)
	if !a.t.Iface.Up() {
		t.Error("the interface stays down though the peer answers")
	}
	// The cable tells at once.
	a.h.Iface("G0").SetAdmin(false)
	if a.t.Iface.Up() {
		t.Error("the interface is up without its source")
	}
	a.h.Iface("G0").SetAdmin(true)
	run(w, time.Second)
	if !a.t.Iface.Up() {
		t.Error("the interface stays down though its source is back")
	}
	a.e.Remove(a.t)
	if ping(w, a, 64) != 0 {
		t.Error("a tunnel that was removed carries packets")
	}
}

// A tunnel through itself ends.
func TestTunnelThroughItself(t *testing.T) {
	w, a, _ := two(t)
	a.h.AddRoute(stack.Route{Dst: netip.MustParsePrefix("192.0.2.2/32"), Iface: "Tunnel0"})
	if got := ping(w, a, 64); got != 0 {
		t.Errorf("%d answers", got)
	}
}
