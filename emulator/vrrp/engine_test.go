package vrrp

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/sim"
)

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

// A lan joins recording hosts; everything sent reaches all others 1 ms later.
type lan struct {
	*sim.World
	hosts []*host
}

type host struct {
	*lan
	name    string
	addr    netip.Addr
	up      bool
	e       *Engine
	virtual []netip.Addr
	arps    int
	log     []string // state changes, with the time in ms
	faults  []Fault
	mute    bool
}

func newLAN() *lan { return &lan{World: sim.New(start, 1, nil)} }

func (l *lan) host(name string, addr netip.Addr) *host {
	h := &host{lan: l, name: name, addr: addr, up: true}
	h.e = New(h)
	l.hosts = append(l.hosts, h)
	return h
}

func (h *host) Interface(string) (netip.Addr, bool)        { return h.addr, h.up }
func (h *host) Leave(string, netip.Addr)                   {}
func (h *host) Join(string, netip.Addr)                    {}
func (h *host) AddVirtual(_ string, a netip.Addr, _ uint8) { h.virtual = append(h.virtual, a) }
func (h *host) Announce(string, netip.Addr, uint8)         { h.arps++ }
func (h *host) RemoveVirtual(_ string, a netip.Addr) {
	h.virtual = slices.DeleteFunc(h.virtual, func(b netip.Addr) bool { return a == b })
}

func (h *host) SendAdvert(name string, p Packet) {
	if h.mute {
		return
	}
	p.Payload = slices.Clone(p.Payload)
	for _, to := range h.hosts {
		if to != h && to.up {
			h.After(time.Millisecond, func() { to.e.Receive(name, p, TTL) })
		}
	}
}

func (h *host) Emit(ev Event) {
	switch ev.Kind {
	case StateChanged:
		h.log = append(h.log, fmt.Sprintf("%d %v>%v %v", h.Now().Sub(start).Milliseconds(), ev.From, ev.To, ev.Why))
	case Bad:
		h.faults = append(h.faults, ev.Fault)
	default:
	}
}

func (l *lan) run(d time.Duration) { l.RunUntil(l.Now().Add(d)) }

func (h *host) wantLog(t *testing.T, when string, want ...string) {
	t.Helper()
	if !slices.Equal(h.log, want) {
		t.Errorf("%s: %s logged %q, want %q", when, h.name, h.log, want)
	}
	h.log = nil
}

func (h *host) wantState(t *testing.T, when string, want State) {
	t.Helper()
	r := h.e.Router("if", 1)
	if r.State() != want {
		t.Errorf("%s: %s is %v, want %v", when, h.name, r.State(), want)
	}
	if owns := slices.Contains(h.virtual, vip); owns != (want == Master) {
		t.Errorf("%s: %s owns the virtual address: %v", when, h.name, owns)
	}
}

// pair is a master of priority 120 and its backup, settled.
func pair(t *testing.T) (l *lan, a, b *host, ra, rb *Router) {
	l = newLAN()
	a, b = l.host("a", srcA), l.host("b", srcB)
	ra, rb = a.e.Ensure("if", 1), b.e.Ensure("if", 1)
	ra.SetPriority(120)
	ra.AddVIP(vip)
	rb.AddVIP(vip)
	l.run(10 * time.Second)
	a.wantState(t, "settled", Master)
	b.wantState(t, "settled", Backup)
	a.log, b.log = nil, nil
	return l, a, b, ra, rb
}

func TestStartup(t *testing.T) {
	l := newLAN()
	a := l.host("a", srcA)
	r := a.e.Ensure("if", 1)
	l.run(time.Second)
	a.wantLog(t, "without a virtual address")
	r.AddVIP(vip)
	l.run(10 * time.Second)
	// Master_Down_Interval: 3 x 1000 + (256-100)/256 x 1000 = 3609 ms.
	a.wantLog(t, "alone", "1000 Inactive>Initialize configuration", "1000 Initialize>Backup configuration", "4609 Backup>Master master down")
	if a.arps != 1 {
		t.Errorf("%d gratuitous ARPs on becoming master, want 1", a.arps)
	}
	if got := r.Stats().AdverSent; got != 7 {
		t.Errorf("%d advertisements in 6.4 s, want 7", got)
	}
}

// Each row is one event in the settled pair and the transitions it causes.
func TestTransitions(t *testing.T) {
	for _, row := range []struct {
		name         string
		do           func(a, b *host, ra, rb *Router)
		wantA, wantB []string
	}{
		{"master falls silent", func(a, b *host, ra, rb *Router) { a.mute = true },
			nil, []string{"13609 Backup>Master master down"}},
		{"master shut down", func(a, b *host, ra, rb *Router) { ra.SetShutdown(true) },
			[]string{"10000 Master>Initialize shutdown"}, []string{"10610 Backup>Master priority zero"}},
		{"master's interface down", func(a, b *host, ra, rb *Router) { a.up = false; a.e.InterfaceChanged("if") },
			[]string{"10000 Master>Initialize interface"}, []string{"13141 Backup>Master master down"}},
		{"backup gets a higher priority", func(a, b *host, ra, rb *Router) { rb.SetPriority(200) },
			[]string{"10752 Master>Backup packet"}, []string{"10751 Backup>Master preempt"}},
		{"backup gets a higher priority and a delay", func(a, b *host, ra, rb *Router) { rb.SetPreempt(true, 2*time.Second); rb.SetPriority(200) },
			[]string{"12752 Master>Backup packet"}, []string{"12751 Backup>Master preempt"}},
		{"backup gets a higher priority but may not preempt", func(a, b *host, ra, rb *Router) { rb.SetPreempt(false, 0); rb.SetPriority(200) },
			nil, nil},
		{"backup gets the same priority", func(a, b *host, ra, rb *Router) { rb.SetPriority(120) }, nil, nil},
		{"virtual address removed", func(a, b *host, ra, rb *Router) { ra.RemoveVIP(vip) },
			[]string{"10000 Master>Inactive configuration"}, []string{"10610 Backup>Master priority zero"}},
		{"master's tracked object negative", func(a, b *host, ra, rb *Router) {
			ra.AddTrack(Track{Object: 1, Reduced: 50})
			a.e.SetTrack(1, true)
		}, []string{"10752 Master>Backup packet"}, []string{"10751 Backup>Master preempt"}},
		{"RBM takes the backup over", func(a, b *host, ra, rb *Router) {
			ra.SetRole(RoleActive)
			rb.SetRole(RoleStandby)
			b.e.SetRBM(true, Master, Master)
			a.e.SetRBM(true, Backup, Backup)
		}, []string{"10000 Master>Backup RBM"}, []string{"10000 Backup>Master RBM"}},
		{"RBM does not rule a group that is not associated", func(a, b *host, ra, rb *Router) { a.e.SetRBM(true, Backup, Backup) }, nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			l, a, b, ra, rb := pair(t)
			row.do(a, b, ra, rb)
			l.run(5 * time.Second)
			// Phase of the advertisements differs by the run before: compare without it.
			for i, got := range [][]string{a.log, b.log} {
				want := [][]string{row.wantA, row.wantB}[i]
				if !sameTransitions(got, want) {
					t.Errorf("host %d logged %q, want %q", i, got, want)
				}
			}
		})
	}
}

// sameTransitions compares the changes exactly and the instants within the
// second by which the phase of the master's advertisements may shift them.
func sameTransitions(got, want []string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		var g, w int
		var gt, wt string
		fmt.Sscanf(got[i], "%d %s", &g, &gt)
		fmt.Sscanf(want[i], "%d %s", &w, &wt)
		if got[i][len(fmt.Sprint(g)):] != want[i][len(fmt.Sprint(w)):] || g < w-1000 || g > w+1000 {
			return false
		}
	}
	return true
}

func TestOwner(t *testing.T) {
	l := newLAN()
	a := l.host("a", vip)
	r := a.e.Ensure("if", 1)
	r.AddVIP(vip)
	a.wantLog(t, "the owner starts", "0 Inactive>Initialize configuration", "0 Initialize>Master owner")
	if got := r.RunningPriority(); got != PriorityOwner {
		t.Errorf("the owner runs with priority %d, want 255", got)
	}
}

func TestTwoMastersHigherAddressWins(t *testing.T) {
	l, a, b, ra, rb := pair(t)
	rb.SetPriority(120)
	a.mute = true
	l.run(5 * time.Second)
	b.wantState(t, "a is not heard", Master)
	a.wantState(t, "equal priority, lower address", Backup)
	a.mute = false
	l.run(5 * time.Second)
	if ra.State() != Backup || rb.State() != Master {
		t.Errorf("a is %v and b %v, want the higher address to stay master", ra.State(), rb.State())
	}
}

func TestRBMDecidesAndElectionReturns(t *testing.T) {
	l, a, b, ra, rb := pair(t)
	ra.SetRole(RoleActive)
	rb.SetRole(RoleStandby)
	a.e.SetRBM(true, Backup, Backup)
	b.e.SetRBM(true, Master, Master)
	l.run(20 * time.Second)
	a.wantState(t, "RBM standby in spite of its priority", Backup)
	b.wantState(t, "RBM active", Master)
	if _, ok := ra.BecomeMaster(); ok {
		t.Error("a backup under RBM waits for its master, want no timer")
	}
	if ra.Master() != srcB {
		t.Errorf("a knows the master as %v, want %v", ra.Master(), srcB)
	}
	a.log, b.log = nil, nil
	a.e.SetRBM(false, Backup, Backup)
	b.e.SetRBM(false, Backup, Backup)
	a.wantLog(t, "at once without the channel")
	b.wantLog(t, "at once without the channel")
	l.run(5 * time.Second)
	a.wantState(t, "election: the higher priority preempts", Master)
	b.wantState(t, "election: the higher priority preempts", Backup)
}

func TestReceiveChecks(t *testing.T) {
	l, _, b, _, rb := pair(t)
	good := func(f func(*Advertisement)) []byte {
		a := Advertisement{Version: 3, VRID: 1, Priority: 120, Interval: 100, Addrs: []netip.Addr{vip}}
		f(&a)
		m, _ := a.AppendBinary(nil)
		Seal(m, srcA, Group)
		return m
	}
	same := func(*Advertisement) {}
	for _, row := range []struct {
		name  string
		ttl   uint8
		m     []byte
		fault Fault
		count func() int
	}{
		{"TTL 254", 254, good(same), FaultTTL, func() int { return rb.Stats().TTLErrors }},
		{"short", 255, good(same)[:9], FaultLength, func() int { return rb.Stats().LengthErrors }},
		{"type 2", 255, append([]byte{0x32}, good(same)[1:]...), FaultType, func() int { return rb.Stats().InvalidPackets }},
		{"checksum", 255, func() []byte { m := good(same); m[6]++; return m }(), FaultChecksum, func() int { return rb.Stats().ChecksumErrors }},
		{"another VRID", 255, good(func(a *Advertisement) { a.VRID = 9 }), FaultVRID, func() int { return b.e.GlobalStats().VRIDErrors }},
		{"version 2", 255, good(func(a *Advertisement) { a.Version, a.Interval = 2, 1 }), FaultVersion, func() int { return rb.Stats().VersionErrors }},
		{"interval 0", 255, good(func(a *Advertisement) { a.Interval = 0 }), FaultInterval, func() int { return rb.Stats().IntervalErrors }},
		{"another address", 255, good(func(a *Advertisement) { a.Addrs[0] = srcB }), FaultAddresses, func() int { return rb.Stats().AddressListErrors }},
	} {
		before := row.count()
		b.faults = nil
		b.e.Receive("if", Packet{Src: srcA, Dst: Group, Proto: Protocol, Payload: row.m}, row.ttl)
		if !slices.Equal(b.faults, []Fault{row.fault}) || row.count() != before+1 {
			t.Errorf("%s: faults %v, counted %d, want fault %d counted once", row.name, b.faults, row.count()-before, row.fault)
		}
	}
	l.run(time.Second)
	b.wantState(t, "after bad packets", Backup)
}

func TestAuthentication(t *testing.T) {
	for _, row := range []struct {
		name        string
		mode, other AuthMode
		key         string
		count       func(Stats) int
	}{
		{"simple", AuthSimple, AuthSimple, "secret", func(s Stats) int { return s.AuthFailures }},
		{"MD5", AuthMD5, AuthMD5, "secret", func(s Stats) int { return s.AuthFailures }},
		{"simple, another key", AuthSimple, AuthSimple, "other", func(s Stats) int { return s.AuthFailures }},
		{"MD5, another key", AuthMD5, AuthMD5, "other", func(s Stats) int { return s.AuthFailures }},
		{"simple here, MD5 there", AuthSimple, AuthMD5, "secret", func(s Stats) int { return s.AuthTypeMismatch }},
		{"MD5 here, none there", AuthMD5, AuthNone, "secret", func(s Stats) int { return s.AuthTypeMismatch }},
	} {
		l, a, b, ra, rb := pair(t)
		for _, h := range []*host{a, b} {
			h.e.SetVersion("if", 2)
		}
		ra.SetAuth(row.mode, "secret")
		rb.SetAuth(row.other, row.key)
		l.run(10 * time.Second)
		before := row.count(rb.Stats())
		l.run(5 * time.Second)
		agree := row.mode == row.other && row.key == "secret"
		if got := row.count(rb.Stats()) - before; agree != (got == 0) || !agree && got < 4 {
			t.Errorf("%s: counted %d in 5 s, faults %v", row.name, got, b.faults)
		}
		want := Master // each for itself
		if agree {
			want = Backup
		}
		b.wantState(t, row.name, want)
		a.e.SetVersion("if", 3)
		b.e.SetVersion("if", 3)
		l.run(10 * time.Second)
		b.wantState(t, row.name+", then version 3, which has no authentication", Backup)
		if ra.Auth() != AuthNone {
			t.Errorf("version 3 says it has authentication %d", ra.Auth())
		}
	}
}

func TestAlteredHeaderIsNotAuthentic(t *testing.T) {
	v := envelope{srcA, Group, 7}
	b := v.wrap("secret", 1, []byte{0x21, 1, 100, 0, 2, 1, 0, 0})
	if !slices.Equal(v.value("secret", b), b[ahFill:ahLen]) {
		t.Error("what was wrapped is not authentic")
	}
	for i := range b {
		if i >= ahFill && i < ahLen {
			continue
		}
		b[i] ^= 1
		if slices.Equal(v.value("secret", b), b[ahFill:ahLen]) {
			t.Errorf("altered at byte %d it is still authentic", i)
		}
		b[i] ^= 1
	}
	if _, ok := unwrap(b[:ahLen-1]); ok {
		t.Error("a short header is unwrapped")
	}
}

func TestTracksOfOneObject(t *testing.T) {
	_, a, _, ra, _ := pair(t)
	ra.AddTrack(Track{Object: 2, Reduced: 30})
	ra.AddTrack(Track{Object: 2, Switchover: true})
	ra.AddTrack(Track{Object: 1, Reduced: 5})
	ra.AddTrack(Track{Object: 2, Reduced: 20})
	a.e.SetTrack(2, true)
	if got := ra.RunningPriority(); got != ra.Priority()-20 || len(ra.Tracks()) != 3 {
		t.Errorf("priority %d with %v, want 20 less with three trackings", got, ra.Tracks())
	}
	ra.RemoveTracks(func(t Track) bool { return t.Object == 2 && !t.Switchover })
	if got := ra.RunningPriority(); got != ra.Priority() || len(ra.Tracks()) != 2 {
		t.Errorf("priority %d with %v, want it whole with two trackings", got, ra.Tracks())
	}
}

func TestSourceInterfaceStandsIn(t *testing.T) {
	l := newLAN()
	a := l.host("a", srcA)
	r := a.e.Ensure("if", 1)
	r.SetSource("other")
	r.AddVIP(vip)
	l.run(5 * time.Second)
	a.wantState(t, "alone", Master)
	good := Advertisement{Version: 3, VRID: 1, Priority: 200, Interval: 100, Addrs: []netip.Addr{vip}}
	m, _ := good.AppendBinary(nil)
	Seal(m, srcB, Group)
	a.e.Receive("if", Packet{Src: srcB, Dst: Group, Proto: Protocol, Payload: m}, TTL)
	a.wantState(t, "heard on the interface of the group", Master)
	a.e.Receive("other", Packet{Src: srcB, Dst: Group, Proto: Protocol, Payload: m}, TTL)
	a.wantState(t, "heard on the source interface", Backup)
}

func TestVersion2Timers(t *testing.T) {
	l := newLAN()
	a := l.host("a", srcA)
	r := a.e.Ensure("if", 1)
	a.e.SetVersion("if", 2)
	r.SetInterval(1500 * time.Millisecond)
	r.AddVIP(vip)
	l.run(10 * time.Second)
	// RFC 3768: 3 x 2 s + (256-100)/256 s.
	a.wantLog(t, "version 2", "0 Inactive>Initialize configuration", "0 Initialize>Backup configuration", "6609 Backup>Master master down")
}

func BenchmarkDayOfAdvertisements(b *testing.B) {
	for b.Loop() {
		l := newLAN()
		x, y := l.host("x", srcA), l.host("y", srcB)
		x.e.Ensure("if", 1).AddVIP(vip)
		y.e.Ensure("if", 1).AddVIP(vip)
		l.run(24 * time.Hour)
	}
}
