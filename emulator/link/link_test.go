package link

import (
	"slices"
	"testing"
	"time"

	"cwlab/emulator/sim"
)

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

func frame(dst, src byte) []byte {
	b := make([]byte, 60)
	b[0], b[5], b[6], b[11] = 2, dst, 2, src
	if dst == 0xff {
		copy(b, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	}
	return b
}

// A bench is n devices on one switch that write down what arrives.
type bench struct {
	w    *sim.World
	net  *Network
	port []*Port
	got  []string
}

func newBench(n int, seed uint64) *bench {
	b := &bench{w: sim.New(start, seed, nil)}
	b.net = NewNetwork(b.w)
	for k := range n {
		name := string(rune('A' + k))
		p := b.net.Port(name, "eth0")
		p.OnReceive = func(f []byte) { b.got = append(b.got, name) }
		p.Enable(true)
		b.net.Connect(p, b.net.Switch("SW").Port(), Options{Latency: time.Millisecond})
		b.port = append(b.port, p)
	}
	return b
}

func (b *bench) want(t *testing.T, why string, want ...string) {
	t.Helper()
	b.w.RunUntil(b.w.Now().Add(time.Second))
	if !slices.Equal(b.got, want) {
		t.Errorf("%s: frames arrived at %v, want %v", why, b.got, want)
	}
	b.got = nil
}

func TestSwitchLearns(t *testing.T) {
	b := newBench(3, 1)
	b.port[0].Send(frame('C', 'A'))
	b.want(t, "an unknown station is flooded", "B", "C")
	b.port[2].Send(frame('A', 'C'))
	b.want(t, "a known one is not", "A")
	b.port[0].Send(frame(0xff, 'A'))
	b.want(t, "a broadcast goes to all others", "B", "C")
	b.port[1].Send(frame(0xff, 'A')) // the station moved, as a gratuitous ARP tells
	b.want(t, "its first frame from there", "A", "C")
	b.port[2].Send(frame('A', 'C'))
	b.want(t, "the new place is used", "B")
	b.w.RunUntil(b.w.Now().Add(ageing))
	b.port[2].Send(frame('A', 'C'))
	b.want(t, "an old entry is forgotten", "A", "B")
}

func TestFaults(t *testing.T) {
	b := newBench(2, 1)
	var changes []bool
	b.port[1].OnChange = func(up bool) { changes = append(changes, up) }
	c := b.port[1].Cable()
	b.port[0].Send(frame('B', 'A'))
	b.w.RunUntil(b.w.Now().Add(1500 * time.Microsecond))
	c.Cut()
	b.want(t, "a frame on the way is lost with the cable")
	c.Mend()
	b.port[0].Send(frame('B', 'A'))
	b.want(t, "after mending", "B")
	b.port[0].Cable().SetLoss(1)
	b.port[0].Send(frame('B', 'A'))
	b.want(t, "all is lost")
	b.port[0].Cable().SetLoss(0)
	b.port[1].Enable(false)
	b.port[0].Send(frame('B', 'A'))
	b.want(t, "the other side is off")
	if want := []bool{false, true, false}; !slices.Equal(changes, want) {
		t.Errorf("B was told %v, want %v", changes, want)
	}
}

func TestJitterKeepsOrderAndIsRepeatable(t *testing.T) {
	times := func() (all []time.Duration) {
		b := newBench(2, 5)
		var order []byte
		b.port[1].OnReceive = func(f []byte) {
			order = append(order, f[20])
			all = append(all, b.w.Now().Sub(start))
		}
		b.port[0].Cable().SetJitter(10 * time.Millisecond)
		for k := range byte(50) {
			f := frame('B', 'A')
			f[20] = k
			b.port[0].Send(f)
			b.w.RunUntil(b.w.Now().Add(time.Millisecond))
		}
		b.w.RunUntil(b.w.Now().Add(time.Second))
		if len(order) != 50 || !slices.IsSorted(order) {
			t.Fatalf("frames arrived as %v, want 50 in order", order)
		}
		return all
	}
	if a, b := times(), times(); !slices.Equal(a, b) {
		t.Error("two runs with one seed differ")
	}
}

func TestTapSeesWhatDevicesSend(t *testing.T) {
	b := newBench(3, 1)
	var seen []string
	b.net.Tap(func(p *Port, _ time.Time, _ []byte) { seen = append(seen, p.String()) })
	b.port[0].Send(frame(0xff, 'A'))
	b.want(t, "broadcast", "B", "C")
	if want := []string{"A:eth0"}; !slices.Equal(seen, want) {
		t.Errorf("the tap saw %v, want %v", seen, want)
	}
}
