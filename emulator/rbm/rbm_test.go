package rbm

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/sim"
)

var (
	start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	addrA = netip.MustParseAddr("192.0.2.1")
	addrB = netip.MustParseAddr("192.0.2.2")
)

type box struct {
	entries []Entry
	sas     []SARecord
	*sim.World
	name    string
	e       *Engine
	peer    *box
	cut     bool
	lose    func(m *Message) bool
	log     []string
	config  []string
	applied [][]string
	delay   time.Duration
}

func (b *box) Stream(purpose string) *sim.Stream { return b.World.Stream(b.name, purpose) }
func (b *box) RunningConfig() []string           { return b.config }
func (b *box) ApplyConfig(kind TransferKind, lines []string) {
	b.applied = append(b.applied, lines)
	if kind == Batch {
		b.config = lines
		return
	}
	b.config = append(b.config, lines...)
}

func (b *box) Send(local, remote netip.AddrPort, data []byte) error {
	var m Message
	if err := m.UnmarshalBinary(data); err != nil {
		panic(err)
	}
	if b.cut || b.lose != nil && b.lose(&m) {
		return nil
	}
	data = slices.Clone(data)
	b.After(b.delay, func() { b.peer.e.Receive(remote, local, data) })
	return nil
}

func (b *box) SendEntries(data []byte) {
	data = slices.Clone(data)
	b.After(b.delay, func() { b.peer.e.ReceiveEntries(data) })
}

func (b *box) ApplyEntries(all []Entry) { b.entries = append(b.entries, all...) }
func (b *box) ApplySAs(all []SARecord)  { b.sas = append(b.sas, all...) }

func (b *box) Emit(ev Event) {
	at := b.Now().Sub(start).Milliseconds()
	switch ev.Kind {
	case StateChanged:
		b.log = append(b.log, fmt.Sprintf("%d %v>%v %v", at, ev.From, ev.To, ev.Why))
	case ChannelUp:
		b.log = append(b.log, fmt.Sprintf("%d up", at))
	case ChannelDown:
		b.log = append(b.log, fmt.Sprintf("%d down", at))
	case RoleConflict:
		b.log = append(b.log, fmt.Sprintf("%d conflict", at))
	default:
	}
}

func (b *box) run(d time.Duration) { b.RunUntil(b.Now().Add(d)) }

func (b *box) wantLog(t *testing.T, when string, want ...string) {
	t.Helper()
	if !slices.Equal(b.log, want) {
		t.Errorf("%s: %s logged %q, want %q", when, b.name, b.log, want)
	}
	b.log = nil
}

func (b *box) want(t *testing.T, when string, want State) {
	t.Helper()
	if b.e.State() != want {
		t.Errorf("%s: %s is %v, want %v", when, b.name, b.e.State(), want)
	}
}

func boxes(t *testing.T) (a, b *box) {
	w := sim.New(start, 1, nil)
	a, b = &box{World: w, name: "a", delay: time.Millisecond}, &box{World: w, name: "b", delay: time.Millisecond}
	a.peer, b.peer = b, a
	a.e, b.e = New(a), New(b)
	t.Cleanup(func() {
		a.e.Stop()
		b.e.Stop()
		if at, ok := w.Next(); ok {
			w.RunUntil(at.Add(time.Second))
			if _, ok := w.Next(); ok {
				t.Error("a stopped pair still has events")
			}
		}
	})
	return a, b
}

func configs() (a, b Config) {
	return Config{Role: Primary, Local: addrA, Remote: addrB}, Config{Role: Secondary, Local: addrB, Remote: addrA}
}

// pair is settled: a primary and active, b secondary and standby.
func pair(t *testing.T, edit func(a, b *Config)) (a, b *box) {
	a, b = boxes(t)
	ca, cb := configs()
	if edit != nil {
		edit(&ca, &cb)
	}
	a.e.SetConfig(ca)
	b.e.SetConfig(cb)
	a.run(20 * time.Second)
	a.log, b.log = nil, nil
	return a, b
}

func TestChannelComesUp(t *testing.T) {
	a, b := boxes(t)
	ca, cb := configs()
	a.e.SetConfig(ca)
	b.e.SetConfig(cb)
	a.run(5 * time.Second)
	a.wantLog(t, "both start", "2 Initial>Active negotiated", "2 up")
	b.wantLog(t, "both start", "2 Initial>Standby negotiated", "2 up")
	if up, active, standby := a.e.Groups(); !up || !active || !standby {
		t.Errorf("VRRP of the active device: %v %v %v, want all true", up, active, standby)
	}
	if up, active, standby := b.e.Groups(); !up || active || standby {
		t.Errorf("VRRP of the standby device: %v %v %v, want true false false", up, active, standby)
	}
}

func TestAloneBecomesActive(t *testing.T) {
	a, b := boxes(t)
	ca, cb := configs()
	b.cut, a.cut = true, true
	b.e.SetConfig(cb)
	b.run(15 * time.Second)
	b.wantLog(t, "the peer is not there", "10000 Initial>Active channel down")
	a.e.SetConfig(ca)
	b.cut, a.cut = false, false
	a.run(5 * time.Second)
	a.want(t, "a device that boots beside an active one", Standby)
	b.want(t, "it is not disturbed", Active)
}

func TestSwitchover(t *testing.T) {
	a, b := pair(t, nil)
	if err := b.e.Switchover(); !errors.Is(err, ErrNotActive) {
		t.Errorf("on the standby device: %v, want %v", err, ErrNotActive)
	}
	if err := a.e.Switchover(); err != nil {
		t.Fatal(err)
	}
	a.run(time.Minute)
	a.wantLog(t, "request", "20002 Active>Standby request")
	b.wantLog(t, "request", "20001 Standby>Active request")
	if err := b.e.Switchover(); err != nil {
		t.Fatal(err)
	}
	a.run(time.Minute)
	a.want(t, "back", Active)
	b.want(t, "back", Standby)
	if got := a.e.Records(); len(got) != 3 || got[0].To != Active || got[0].Why != CauseRequest {
		t.Errorf("records are %v, want three with the last first", got)
	}
}

func TestSwitchoverSurvivesLoss(t *testing.T) {
	for _, lost := range []Type{TypeHandover, TypeHandoverAck, TypeHello} {
		a, b := pair(t, nil)
		n := 0
		f := func(m *Message) bool {
			if m.Type == lost && n < 2 {
				n++
				return true
			}
			return false
		}
		a.lose, b.lose = f, f
		if err := a.e.Switchover(); err != nil {
			t.Fatal(err)
		}
		a.run(5 * time.Second)
		a.want(t, fmt.Sprintf("two %v lost", lost), Standby)
		b.want(t, fmt.Sprintf("two %v lost", lost), Active)
	}
}

// Each row is one event in the settled pair and where it leads.
func TestTransitions(t *testing.T) {
	for _, row := range []struct {
		name         string
		edit         func(a, b *Config)
		do           func(a, b *box)
		wantA, wantB []string
	}{
		{"interface of the active device down", nil, func(a, b *box) { a.e.SetHealth(false, CauseInterface) },
			[]string{"20002 Active>Standby interface"}, []string{"20001 Standby>Active interface"}},
		{"and up again: no way back without a delay time", nil, func(a, b *box) {
			a.e.SetHealth(false, CauseInterface)
			a.run(time.Second)
			a.e.SetHealth(true, CauseInterface)
		}, []string{"20002 Active>Standby interface"}, []string{"20001 Standby>Active interface"}},
		{"and up again: back after the delay time", func(a, b *Config) { a.Delay = time.Minute }, func(a, b *box) {
			a.e.SetHealth(false, CauseInterface)
			a.run(10 * time.Second)
			a.e.SetHealth(true, CauseInterface)
		}, []string{"20002 Active>Standby interface", "90002 Standby>Active recovered"},
			[]string{"20001 Standby>Active interface", "90003 Active>Standby recovered"}},
		{"the delay time does not undo a request", func(a, b *Config) { a.Delay = time.Minute }, func(a, b *box) { _ = a.e.Switchover() },
			[]string{"20002 Active>Standby request"}, []string{"20001 Standby>Active request"}},
		{"interface of the standby device down", nil, func(a, b *box) { b.e.SetHealth(false, CauseInterface) }, nil, nil},
		{"interfaces of both down", nil, func(a, b *box) {
			b.e.SetHealth(false, CauseInterface)
			a.run(time.Second)
			a.e.SetHealth(false, CauseInterface)
		}, nil, nil},
		{"channel lost", nil, func(a, b *box) { a.cut, b.cut = true, true },
			[]string{"30001 down"}, []string{"30001 down", "30001 Standby>Active channel down"}},
		{"channel lost and found", nil, func(a, b *box) { a.cut, b.cut = true, true; a.run(20 * time.Second); a.cut, b.cut = false, false },
			[]string{"30001 down", "41002 up"}, []string{"30001 down", "30001 Standby>Active channel down", "41002 Active>Standby negotiated", "41002 up"}},
		{"channel lost one way", nil, func(a, b *box) { a.cut = true },
			[]string{"40001 down"}, []string{"30001 down", "30001 Standby>Active channel down"}},
		{"channel lost the other way as soon as it is found one way", nil, func(a, b *box) {
			b.cut = true
			a.run(2 * time.Minute)
			a.cut, b.cut = true, false
		}, []string{"30001 down", "141001 up", "160001 down"}, []string{"40001 down", "40001 Standby>Active channel down"}},
		{"unhealthy without a channel", nil, func(a, b *box) {
			a.cut, b.cut = true, true
			a.run(20 * time.Second)
			b.e.SetHealth(false, CauseInterface)
		}, []string{"30001 down"}, []string{"30001 down", "30001 Standby>Active channel down", "40000 Active>Initial interface"}},
		{"active device switched off and on", nil, func(a, b *box) {
			a.e.Stop()
			a.run(30 * time.Second)
			a.e = New(a)
			c, _ := configs()
			a.e.SetConfig(c)
		}, []string{"50002 Initial>Standby negotiated", "50002 up"}, []string{"30001 down", "30001 Standby>Active channel down", "50002 up"}},
		{"role removed", nil, func(a, b *box) { a.e.SetConfig(Config{Local: addrA, Remote: addrB}) },
			[]string{"20000 down", "20000 Active>Initial configuration"}, []string{"30001 down", "30001 Standby>Active channel down"}},
		{"both primary", nil, func(a, b *box) {
			b.e.SetConfig(Config{Role: Primary, Local: addrB, Remote: addrA})
		}, []string{"20001 conflict", "30001 down"}, []string{"20000 down", "20000 Standby>Initial configuration", "20001 conflict", "30000 Initial>Active channel down"}},
		{"dual-active: both are active, and a failed one is not", func(a, b *Config) { a.DualActive, b.DualActive = true, true },
			func(a, b *box) { a.e.SetHealth(false, CauseInterface) }, []string{"20000 Active>Standby interface"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, b := pair(t, row.edit)
			row.do(a, b)
			a.run(3 * time.Minute)
			for i, got := range [][]string{a.log, b.log} {
				if want := [][]string{row.wantA, row.wantB}[i]; !slices.Equal(got, want) {
					t.Errorf("%s logged\n%q, want\n%q", []string{"a", "b"}[i], got, want)
				}
			}
		})
	}
}

// elect gives one active device of two, whoever asks.
func TestElectAgrees(t *testing.T) {
	states := []State{Initial, Active, Standby}
	for _, sa := range states {
		for _, sb := range states {
			for bits := range 32 {
				on := func(k int) bool { return bits>>k&1 == 1 }
				a := Peer{Role: Primary, State: sa, Healthy: on(0), promoted: on(1)}
				b := Peer{Role: Secondary, State: sb, Healthy: on(2), promoted: on(3)}
				ra, rb := elect(a, b), elect(b, a)
				if (ra == Active) == (rb == Active) && (a.Healthy || b.Healthy) {
					t.Errorf("%+v and %+v become %v and %v, want one active", a, b, ra, rb)
				}
			}
		}
	}
}

func TestSync(t *testing.T) {
	var big []string
	for i := range 500 {
		big = append(big, fmt.Sprintf("rule %d of a long configuration", i))
	}
	for _, row := range []struct {
		name string
		loss float64
	}{{"clean", 0}, {"every third message lost", 0.33}} {
		a, b := boxes(t)
		a.config = big
		f := func(*Message) bool { return a.Stream("loss").Chance(row.loss) }
		a.lose, b.lose = f, f
		ca, cb := configs()
		a.e.SetConfig(ca)
		b.e.SetConfig(cb)
		a.run(2 * time.Minute)
		if len(b.applied) != 1 || !slices.Equal(b.applied[0], big) {
			t.Fatalf("%s: the batch was applied %d times", row.name, len(b.applied))
		}
		a.e.Sync([]string{"one", "two"})
		b.e.Sync([]string{"not from the secondary"})
		a.e.Sync([]string{strings.Repeat("x", 1200)})
		a.run(time.Minute)
		if len(b.applied) != 3 || !slices.Equal(b.applied[1], []string{"one", "two"}) || len(b.applied[2][0]) != 1200 {
			t.Errorf("%s: real-time lines arrived as %q", row.name, b.applied[1:])
		}
		if len(a.applied) != 0 {
			t.Errorf("%s: the primary was given %q", row.name, a.applied)
		}
	}
}

func TestConsistencyCheck(t *testing.T) {
	a, b := pair(t, nil)
	a.config, b.config = []string{"x", "y"}, []string{"x", "z"}
	if err := b.e.ManualCheck(); !errors.Is(err, ErrNotPrimary) {
		t.Errorf("on the secondary device: %v, want %v", err, ErrNotPrimary)
	}
	if err := a.e.ManualCheck(); err != nil {
		t.Fatal(err)
	}
	a.run(time.Second)
	if r, here, there := a.e.Check(); r != Inconsistent || !slices.Equal(here, []string{"y"}) || !slices.Equal(there, []string{"z"}) {
		t.Errorf("check says %v, here %q, there %q", r, here, there)
	}
	if err := a.e.ManualSync(); err != nil {
		t.Fatal(err)
	}
	a.run(time.Second)
	_ = a.e.ManualCheck()
	a.run(time.Second)
	if r, _, _ := a.e.Check(); r != Consistent {
		t.Errorf("after the synchronisation the check says %v", r)
	}
}

func TestStrangersAreIgnored(t *testing.T) {
	a, _ := pair(t, nil)
	m := Message{Type: TypeHandover, Role: Secondary, State: Active, Session: 7, Echo: a.e.session, Seq: 1 << 30}
	data, _ := m.AppendBinary(nil)
	other := netip.MustParseAddrPort("198.51.100.1:60064")
	a.e.Receive(netip.AddrPortFrom(addrA, DefaultPort), other, data)
	a.e.Receive(netip.AddrPortFrom(addrA, DefaultPort), netip.AddrPortFrom(addrB, DefaultPort), []byte("hello"))
	a.run(time.Minute)
	a.wantLog(t, "a stranger's handover and noise")
}

func TestMessageOnTheWire(t *testing.T) {
	m := Message{Type: TypeData, Role: Primary, State: Active, Flags: FlagHealthy | FlagLast, Session: 1, Echo: 2, Seq: 3,
		Transfer: 4, Fragment: 5, Kind: RealTime, Data: []byte("ab")}
	want := slices.Concat(
		[]byte{'R', 'B', 'M', 1},
		[]byte{5, 1, 1, 0x11},
		[]byte{0, 0, 0, 1},
		[]byte{0, 0, 0, 2},
		[]byte{0, 0, 0, 3},
		[]byte{0, 10, 0, 0},
		[]byte{0, 0, 0, 4},
		[]byte{0, 5, 2, 0},
		[]byte{'a', 'b'},
	)
	if got, err := m.AppendBinary(nil); err != nil || !bytes.Equal(got, want) {
		t.Errorf("message is % x (%v), want % x", got, err, want)
	}
}

func FuzzMessage(f *testing.F) {
	for _, m := range []Message{{Type: TypeHello, Role: Primary, Session: 1}, {Type: TypeData, Role: Secondary, Session: 1, Data: []byte("x")},
		{Type: TypeDataAck, Role: Primary, Session: 9, Transfer: 1}} {
		b, _ := m.AppendBinary(nil)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m, again Message
		if m.UnmarshalBinary(b) != nil {
			return
		}
		out, err := m.AppendBinary(nil)
		if err != nil || !bytes.Equal(out, b) {
			t.Fatalf("% x became % x: %v", b, out, err)
		}
		if err := again.UnmarshalBinary(out); err != nil || !reflect.DeepEqual(m, again) {
			t.Fatalf("% x is not read back: %v", out, err)
		}
	})
}
