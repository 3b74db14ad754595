package link

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"
)

// ipFrame is an IPv4 packet of a protocol between 192.0.2.1 and 192.0.2.2.
func ipFrame(proto byte, data ...byte) []byte {
	f := frame('B', 'A')[:14]
	binary.BigEndian.PutUint16(f[12:], 0x0800)
	f = append(f, 0x45, 0, 0, byte(20+len(data)), 0, 1, 0, 0, 64, proto, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2)
	return append(f, data...)
}

func arpFrame() []byte {
	f := append(frame('B', 'A')[:12], 8, 6)
	f = append(f, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 'A', 192, 0, 2, 1)
	return append(f, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2)
}

func tagged(f []byte) []byte {
	return slices.Concat(f[:12], []byte{0x81, 0, 0, 7}, f[12:])
}

func TestFilter(t *testing.T) {
	ike := ipFrame(17, 1, 244, 1, 244, 0, 8, 0, 0)
	esp := ipFrame(50, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1)
	msg := ipFrame(17, append([]byte{1, 244, 1, 244, 0, 36, 0, 0, 0xa1, 0xb2}, make([]byte, 26)...)...)
	natt := ipFrame(17, append([]byte{0x11, 0x94, 0x11, 0x94, 0, 40, 0, 0, 0, 0, 0, 0, 0xa1, 0xb2}, make([]byte, 26)...)...)
	ah := ipFrame(51, 50, 4, 0, 0, 0, 0, 0, 9)
	fragment := slices.Clone(ike)
	fragment[14+7] = 1
	for _, row := range []struct {
		filter string
		frame  []byte
		want   bool
	}{
		{"", ike, true},
		{"arp", arpFrame(), true},
		{"arp", ike, false},
		{"arp host 192.0.2.2", arpFrame(), true},
		{"isakmp", ike, true},
		{"isakmp", tagged(ike), true},
		{"isakmp", fragment, false},
		{"udp", fragment, true},
		{"udp and port 500", ike, true},
		{"port 501", ike, false},
		{"not udp", ike, false},
		{"not not udp", ike, true},
		{"esp", esp, true},
		{"spi 0xdeadbeef", esp, true},
		{"spi deadbee0", esp, false},
		{"ah spi 9", ah, true},
		{"cookie a1b2", msg, true},
		{"cookie 0xA1B2", natt, true},
		{"cookie b2", msg, false},
		{"cookie a1", esp, false},
		{"greater 42", esp, true},
		{"greater 43", esp, false},
		{"proto 51", ah, true},
		{"src 192.0.2.1 dst 192.0.2.2", esp, true},
		{"src 192.0.2.2", esp, false},
		{"host 192.0.2.2", esp, true},
		{"icmp or esp", esp, true},
		{"icmp or esp dst 192.0.2.1", esp, false},
		{"ip", esp[:20], false},
		{"icmp", nil, false},
	} {
		f, err := ParseFilter(row.filter)
		if err != nil {
			t.Errorf("%q: %v", row.filter, err)
			continue
		}
		if got := f.Match(row.frame); got != row.want {
			t.Errorf("%q of %x is %v, want %v", row.filter, row.frame, got, row.want)
		}
	}
}

func TestBadFilters(t *testing.T) {
	for _, text := range []string{"udp and", "or udp", "and", "not", "port", "port x", "port 70000", "host ::1", "host x", "spi xyz", "cookie x", "cookie 00112233445566778", "greater x", "proto 256", "ikev1"} {
		if _, err := ParseFilter(text); err == nil {
			t.Errorf("filter %q is taken", text)
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("not udp or esp spi 1", ipFrame(50, 0, 0, 0, 1))
	f.Add("arp host 192.0.2.2", arpFrame())
	f.Fuzz(func(t *testing.T, text string, frame []byte) {
		a, err := ParseFilter(text)
		if err != nil {
			return
		}
		b, err := ParseFilter(a.String())
		if err != nil || a.Match(frame) != b.Match(frame) {
			t.Errorf("filter %q is not read back the same: %v", text, err)
		}
	})
}

func mustFilter(t *testing.T, text string) Filter {
	t.Helper()
	f, err := ParseFilter(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFaultsOfACable(t *testing.T) {
	b := newBench(2, 1)
	c := b.port[0].Cable()
	udp, icmp := ipFrame(17, 1, 244, 1, 244), ipFrame(1, 8, 0)
	one := func(why string, f Fault, frames [][]byte, want int) {
		t.Helper()
		remove := c.Impair(f)
		for _, f := range frames {
			b.port[0].Send(f)
		}
		b.w.RunUntil(b.w.Now().Add(time.Second))
		if len(b.got) != want {
			t.Errorf("%s: %d frames arrived, want %d", why, len(b.got), want)
		}
		b.got = nil
		remove()
		if c.Impaired() {
			t.Errorf("%s: the fault stays", why)
		}
	}
	pair := [][]byte{udp, icmp}
	one("a one-way cut", Fault{Drop: true, From: b.port[0]}, pair, 0)
	one("a one-way cut the other way", Fault{Drop: true, From: b.port[0].peer()}, pair, 2)
	one("one protocol is cut", Fault{Drop: true, Filter: mustFilter(t, "isakmp")}, pair, 1)
	one("the second ISAKMP message is lost", Fault{Drop: true, Nth: 2, Filter: mustFilter(t, "isakmp")}, [][]byte{udp, icmp, udp, udp}, 3)
	one("all are doubled", Fault{Duplicate: 1}, pair, 4)
	one("a line that queues for 10 ms", Fault{Rate: 8000, Queue: 80 * time.Millisecond}, [][]byte{udp, udp, udp, udp}, 3)
	many := slices.Repeat([][]byte{udp}, 1000)
	c.Impair(Fault{Loss: 0.3})
	for _, f := range many {
		b.port[0].Send(f)
	}
	b.w.RunUntil(b.w.Now().Add(time.Second))
	if n := len(b.got); n < 630 || n > 770 {
		t.Errorf("of 1000 frames %d arrive at a loss of 30%%", n)
	}
	c.Heal()
	if c.Impaired() {
		t.Error("a healed cable is impaired")
	}
}

// peer is the other end of the cable.
func (p *Port) peer() *Port {
	a, b := p.cable.Ends()
	if a == p {
		return b
	}
	return a
}

func TestCorruptReorderAndRate(t *testing.T) {
	b := newBench(2, 3)
	c := b.port[0].Cable()
	var got [][]byte
	var at []time.Duration
	b.port[1].OnReceive = func(f []byte) { got, at = append(got, f), append(at, b.w.Now().Sub(start)) }
	send := func(frames ...[]byte) {
		got, at = nil, nil
		for _, f := range frames {
			b.port[0].Send(f)
		}
		b.w.RunUntil(b.w.Now().Add(time.Second))
	}
	f := ipFrame(17, 1, 244, 1, 244)
	sent := slices.Clone(f)
	remove := c.Impair(Fault{Corrupt: 1})
	send(f)
	bits := 0
	for i := range f {
		for x := f[i] ^ got[0][i]; x != 0; x &= x - 1 {
			bits++
		}
	}
	if bits != 1 || !slices.Equal(f, sent) {
		t.Errorf("%d bits of the copy are turned, want 1, and the sender's frame untouched", bits)
	}
	remove()

	// Only the first frame is slow and outside the order.
	remove = c.Impair(Fault{Nth: 1, Delay: 5 * time.Millisecond, Reorder: 1})
	first, second := ipFrame(17, 0, 1, 0, 1), ipFrame(17, 0, 2, 0, 2)
	send(first, second)
	if len(got) != 2 || !slices.Equal(got[0], second) {
		t.Errorf("frames arrived as %x, want the second one first", got)
	}
	remove()

	// 38 bytes at 8 kbit/s take 38 ms on the line.
	remove = c.Impair(Fault{Rate: 8000})
	send(f, f)
	if d := at[1] - at[0]; d != 38*time.Millisecond {
		t.Errorf("the second frame is %v behind, want 38ms", d)
	}
	remove()
}

// A fault may come and go, change frames, repeat them later and send its own.
func TestFaultsThatDoMore(t *testing.T) {
	b := newBench(2, 1)
	c := b.port[0].Cable()
	run := func(d time.Duration) { b.w.RunUntil(b.w.Now().Add(d)) }
	udp := ipFrame(17, 1, 244, 1, 244)
	want := func(why string, n int) {
		t.Helper()
		if len(b.got) != n {
			t.Errorf("%s: %d frames arrived, want %d", why, len(b.got), n)
		}
		b.got = nil
	}

	c.Impair(Fault{Drop: true, Burst: 2 * time.Second, Pause: 3 * time.Second})
	for range 10 {
		b.port[0].Send(udp)
		run(time.Second)
	}
	want("a fault that strikes for 2 s in 5", 6)
	c.Heal()

	c.Impair(Fault{Again: 5 * time.Second})
	b.port[0].Send(udp)
	run(4 * time.Second)
	want("before the copy", 1)
	run(2 * time.Second)
	want("the copy", 1)
	c.Heal()

	sent := slices.Clone(udp)
	c.Impair(Fault{Change: func(f []byte) []byte { f = slices.Clone(f); f[14] = 0; return f }})
	b.port[0].Send(udp)
	run(time.Second)
	if !slices.Equal(udp, sent) {
		t.Error("the sender's frame is changed")
	}
	want("a changed frame", 1)
	c.Heal()
	c.Impair(Fault{Change: func([]byte) []byte { return nil }})
	b.port[0].Send(udp)
	run(time.Second)
	want("a frame changed to nothing", 0)
	c.Heal()

	other := 0
	c.Impair(Fault{Drop: true, From: b.port[0], Pick: func([]byte) bool { other++; return other == 2 }})
	for range 3 {
		b.port[0].Send(udp)
	}
	run(time.Second)
	want("the second is picked", 2)
	c.Heal()

	remove := c.Impair(Fault{From: b.port[0], Every: time.Second, Make: func() []byte { return udp }})
	run(3500 * time.Millisecond)
	want("forged frames", 3)
	remove()
	run(5 * time.Second)
	want("a forger that was taken away", 0)
}

func TestParseFault(t *testing.T) {
	f, from, err := ParseFault("loss 5% delay 20ms jitter 1ms rate 64k queue 1s nth 3 from A for isakmp and src 192.0.2.1")
	if err != nil || from != "A" || f.Loss != 0.05 || f.Delay != 20*time.Millisecond || f.Rate != 64000 || f.Queue != time.Second || f.Nth != 3 ||
		f.Filter.String() != "isakmp and src 192.0.2.1" {
		t.Errorf("read as %+v from %q, %v", f, from, err)
	}
	if f, _, err := ParseFault("drop corrupt 1 duplicate 0.5 reorder 10%"); err != nil || !f.Drop || f.Corrupt != 1 || f.Duplicate != 0.5 || f.Reorder != 0.1 {
		t.Errorf("read as %+v, %v", f, err)
	}
	for _, bad := range []string{"", "for isakmp", "drop for", "drop for x", "nth 2", "nth 0 drop", "loss", "loss 200%", "delay 5", "jitter -1ms", "rate 0", "rate 5G", "drop sideways 3", "queue 1s"} {
		if _, _, err := ParseFault(bad); err == nil {
			t.Errorf("fault %q is taken", bad)
		}
	}
}
