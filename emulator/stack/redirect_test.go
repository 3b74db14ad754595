package stack

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/wire"
)

func TestRedirects(t *testing.T) {
	l, a, b, _ := line(t)
	var got []wire.ICMP
	send := func() []wire.ICMP {
		got = nil
		if err := a.SendIP(&Packet{Src: ip("10.0.0.1"), Dst: ip("3.3.3.3"), Proto: wire.ProtoUDP, Payload: make([]byte, 8)}); err != nil {
			t.Fatal(err)
		}
		l.run(time.Second)
		return got
	}
	a.OnICMP(func(_ *Packet, m wire.ICMP) { got = append(got, m) })
	if m := send(); len(m) != 0 {
		t.Errorf("told %v without being asked", m)
	}
	b.Redirects = true
	m := send()
	if len(m) != 1 || m[0].Type != wire.Redirect || m[0].Code != wire.RedirectHost || m[0].ID != 10<<8 || m[0].Seq != 3 {
		t.Errorf("told %v, want a redirect to 10.0.0.3", m)
	}
	b.RemoveRoute(Route{Dst: prefix("3.3.3.3/32")})
	b.AddRoute(Route{Dst: prefix("0.0.0.0/0"), Next: ip("10.0.0.3")})
	if m := send(); len(m) != 0 {
		t.Errorf("told %v of the default route", m)
	}
}

func TestNeighbourStates(t *testing.T) {
	l := newLAN(t, 2)
	a := l.hosts[0]
	a.ClearARP(nil)
	var states []NeighbourState
	a.OnNeighbour(func(_ netip.Addr, _ wire.MAC, from, to NeighbourState) { states = append(states, from, to) })
	l.wantEcho("learn", a, "", "10.0.0.2", 56)
	l.cable[1].Cut()
	l.run(time.Hour)
	want := []NeighbourState{Initialize, NoAge, NoAge, Aging, Aging, Aged}
	if !slices.Equal(states, want) {
		t.Errorf("states are %v, want %v", states, want)
	}
}
