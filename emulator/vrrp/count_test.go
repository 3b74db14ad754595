package vrrp

import (
	"net/netip"
	"reflect"
	"testing"
	"time"
)

// message is an advertisement of a in the settled pair, with an edit.
func message(edit func(*Advertisement)) []byte {
	a := Advertisement{Version: 3, VRID: 1, Priority: 120, Interval: 100, Addrs: []netip.Addr{vip}}
	if edit != nil {
		edit(&a)
	}
	m, err := a.AppendBinary(nil)
	if err != nil {
		panic(err)
	}
	Seal(m, srcA, Group)
	return m
}

// Each event moves one counter of a virtual router and no other, and every
// counter is moved by one.
func TestCounters(t *testing.T) {
	hear := func(m []byte) func(b *host, r *Router) {
		return func(b *host, _ *Router) {
			b.e.Receive("if", Packet{Src: srcA, Dst: Group, Proto: Protocol, Payload: m}, TTL)
		}
	}
	v2 := func(edit func(*Advertisement)) func(b *host, r *Router) {
		return func(b *host, r *Router) {
			b.e.SetVersion("if", 2)
			r.SetAuth(AuthSimple, "secret")
			hear(message(func(a *Advertisement) {
				a.Version, a.Interval, a.AuthType = 2, 1, uint8(AuthSimple)
				copy(a.AuthData[:], "secret")
				edit(a)
			}))(b, r)
		}
	}
	rows := []struct {
		counter string
		do      func(b *host, r *Router)
		with    map[string]int // what else it moves, as it must
	}{
		{"ChecksumErrors", hear(func() []byte { m := message(nil); m[7]++; return m }()), nil},
		{"VersionErrors", hear(message(func(a *Advertisement) { a.Version, a.Interval = 2, 1 })), nil},
		{"InvalidPackets", hear(append([]byte{0x32}, message(nil)[1:]...)), nil},
		{"UnexpectedPackets", func(b *host, r *Router) {
			r.SetShutdown(true)
			hear(message(nil))(b, r)
		}, map[string]int{"AdverReceived": 1}},
		{"TTLErrors", func(b *host, _ *Router) {
			b.e.Receive("if", Packet{Src: srcA, Dst: Group, Proto: Protocol, Payload: message(nil)}, TTL-1)
		}, nil},
		{"IntervalErrors", v2(func(a *Advertisement) { a.Interval = 2 }), nil},
		{"InvalidAuthType", v2(func(a *Advertisement) { a.AuthType = 3 }), nil},
		{"AuthFailures", v2(func(a *Advertisement) { a.AuthData[0]++ }), nil},
		{"AuthTypeMismatch", v2(func(a *Advertisement) { a.AuthType = uint8(AuthNone) }), nil},
		{"LengthErrors", hear(message(nil)[:9]), nil},
		{"AddressListErrors", v2(func(a *Advertisement) { a.Addrs[0] = srcB }), nil},
		{"AdverReceived", hear(message(nil)), nil},
		{"ZeroReceived", hear(message(func(a *Advertisement) { a.Priority = PriorityLeave })), map[string]int{"AdverReceived": 1}},
		{"BecomeMaster", func(b *host, _ *Router) { b.e.SetTrack(1, true) }, map[string]int{"AdverSent": 1}},
		{"AdverSent", func(b *host, r *Router) { b.e.SetTrack(1, true) }, map[string]int{"BecomeMaster": 1}},
		{"ZeroSent", func(b *host, r *Router) {
			b.e.SetTrack(1, true)
			r.SetShutdown(true)
		}, map[string]int{"BecomeMaster": 1, "AdverSent": 1}},
	}
	moved := map[string]bool{}
	for _, row := range rows {
		_, a, b, _, rb := pair(t)
		a.mute = true
		rb.AddTrack(Track{Object: 1, Switchover: true})
		b.e.ResetStats("", 0)
		row.do(b, rb)
		got := reflect.ValueOf(rb.Stats())
		for i := range got.NumField() {
			name := got.Type().Field(i).Name
			want := row.with[name]
			if name == row.counter {
				want, moved[name] = 1, true
			}
			if n := got.Field(i).Int(); n != int64(want) {
				t.Errorf("the event of %s has %s at %d, want %d", row.counter, name, n, want)
			}
		}
	}
	all := reflect.TypeFor[Stats]()
	for i := range all.NumField() {
		if !moved[all.Field(i).Name] {
			t.Errorf("no event moves %s", all.Field(i).Name)
		}
	}
}

// A backup waits three intervals of its master and a share of one that its
// priority leaves: of the master's interval in version 3, of a second in
// version 2 (RFC 5798 and RFC 3768, section 6.1).
func TestMasterDownInterval(t *testing.T) {
	for _, row := range []struct {
		version  uint8
		interval uint16 // on the wire
		priority uint8
		want     time.Duration
	}{
		{3, 100, 100, 3*time.Second + 156*time.Second/256},
		{3, 20, 100, 600*time.Millisecond + 156*200*time.Millisecond/256},
		{3, 10, 254, 300*time.Millisecond + 2*100*time.Millisecond/256},
		{3, 4095, 1, 3*40950*time.Millisecond + 255*40950*time.Millisecond/256},
		{2, 1, 100, 3*time.Second + 156*time.Second/256},
		{2, 5, 100, 15*time.Second + 156*time.Second/256},
		{2, 5, 1, 15*time.Second + 255*time.Second/256},
	} {
		_, a, b, _, rb := pair(t)
		a.mute = true
		b.e.SetVersion("if", row.version)
		rb.SetPriority(row.priority)
		if row.version == 2 {
			rb.SetInterval(time.Duration(row.interval) * time.Second)
		}
		b.e.Receive("if", Packet{Src: srcA, Dst: Group, Proto: Protocol, Payload: message(func(m *Advertisement) {
			m.Version, m.Interval, m.Priority = row.version, row.interval, 254
		})}, TTL)
		if got, ok := rb.BecomeMaster(); !ok || got != row.want {
			t.Errorf("version %d, interval %d, priority %d: waits %v, want %v", row.version, row.interval, row.priority, got, row.want)
		}
	}
}

// Ten groups on one interface do not disturb each other: each has its master,
// and all go over and come back together.
func TestTenGroups(t *testing.T) {
	l := newLAN()
	a, b := l.host("a", srcA), l.host("b", srcB)
	const groups = 10
	for i := range uint8(groups) {
		for k, h := range []*host{a, b} {
			r := h.e.Ensure("if", i+1)
			if int(i)%2 == k {
				r.SetPriority(120)
			}
			r.AddVIP(netip.AddrFrom4([4]byte{192, 0, 2, 100 + i}))
		}
	}
	masters := func(when string, want func(i int) *host) {
		t.Helper()
		for i := range groups {
			for _, h := range []*host{a, b} {
				if got := h.e.Router("if", uint8(i+1)).State(); (got == Master) != (want(i) == h) {
					t.Errorf("%s: group %d of %s is %v", when, i+1, h.name, got)
				}
			}
		}
	}
	own := func(i int) *host { return []*host{a, b}[i%2] }
	l.run(10 * time.Second)
	masters("settled", own)
	before := b.e.Router("if", 1).Stats().AdverReceived
	l.run(10 * time.Second)
	if n := b.e.Router("if", 1).Stats().AdverReceived - before; n != 10 {
		t.Errorf("b heard %d advertisements of group 1 in 10 s", n)
	}
	a.up = false
	a.e.InterfaceChanged("if")
	l.run(10 * time.Second)
	masters("a down", func(int) *host { return b })
	a.up = true
	a.e.InterfaceChanged("if")
	l.run(10 * time.Second)
	masters("a up again", own)
}
