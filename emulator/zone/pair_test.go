package zone

import (
	"net/netip"
	"testing"
	"time"

	"cwlab/emulator/stack"
)

func judge(pass, decided bool) func(*stack.Packet) (bool, bool) {
	return func(*stack.Packet) (bool, bool) { return pass, decided }
}

func TestPairs(t *testing.T) {
	for _, row := range []struct {
		name  string
		rules []*Rule
		make  func(e *Engine)
		want  stack.Verdict
		why   Reason
	}{
		{"an empty pair", nil, func(e *Engine) { e.AddPair("Trust", "Untrust") }, stack.Drop, ReasonDefault},
		{"one that passes", nil, func(e *Engine) { e.AddPair("Trust", "Untrust").Judge = judge(true, true) }, stack.Accept, ReasonNone},
		{"one that drops", nil, func(e *Engine) { e.AddPair("Trust", "Untrust").Judge = judge(false, true) }, stack.Drop, ReasonFilter},
		{"one that says nothing", nil, func(e *Engine) { e.AddPair("Trust", "Untrust").Judge = judge(true, false) }, stack.Drop, ReasonDefault},
		{"of any zones", nil, func(e *Engine) { e.AddPair(Any, Any).Judge = judge(true, true) }, stack.Accept, ReasonNone},
		{"its own before that of any", nil, func(e *Engine) {
			e.AddPair(Any, Any).Judge = judge(true, true)
			e.AddPair("Trust", "Untrust").Judge = judge(false, true)
		}, stack.Drop, ReasonFilter},
		{"a rule before a pair", []*Rule{{Action: Pass}}, func(e *Engine) { e.AddPair("Trust", "Untrust").Judge = judge(false, true) }, stack.Accept, ReasonNone},
		{"rules that are off", []*Rule{{Action: Pass}}, func(e *Engine) { e.RulesOff = true }, stack.Drop, ReasonDefault},
		{"a default that passes", nil, func(e *Engine) { e.DefaultPass = true }, stack.Accept, ReasonNone},
		{"no policy at all", []*Rule{{}}, func(e *Engine) { e.Off = true }, stack.Accept, ReasonNone},
		{"a removed pair", nil, func(e *Engine) {
			e.AddPair("trust", "untrust").Judge = judge(true, true)
			e.RemovePair("Trust", "Untrust")
		}, stack.Drop, ReasonDefault},
	} {
		f := newFirewall(t, row.rules...)
		row.make(f.e)
		f.want(row.name, f.send("if1", "if2", echo(8, inside, outside)), row.want)
		if n := len(f.h.events); row.why != ReasonNone && (n != 1 || f.h.events[0].Why != row.why) {
			t.Errorf("%s: events %+v, want one with reason %d", row.name, f.h.events, row.why)
		}
		if got := len(f.e.Sessions()); (row.want == stack.Accept) != (got == 1) {
			t.Errorf("%s: %d sessions", row.name, got)
		}
	}
}

// A session that began before there was a pair is judged by it with its next
// packet, and its ports are known to the judge.
func TestSessionsMeetNewPairs(t *testing.T) {
	r := &Rule{Action: Pass}
	f := newFirewall(t, r)
	f.want("by a rule", f.send("if1", "if2", udp(inside, outside, 9, 53)), stack.Accept)
	var seen uint16
	f.e.AddPair("Trust", "Untrust").Judge = func(p *stack.Packet) (bool, bool) {
		q := read(p)
		seen = q.dport
		return true, true
	}
	r.Disabled = true
	f.e.Changed()
	f.want("by the pair", f.send("if2", "if1", udp(outside, inside, 53, 9)), stack.Accept)
	if seen != 53 {
		t.Errorf("the pair saw port %d, want 53", seen)
	}
}

type only netip.Addr

func (o only) Contains(a netip.Addr) bool { return a == netip.Addr(o) }

type list []Service

func (l list) Services() []Service { return l }

func TestSetsOfRules(t *testing.T) {
	held := false
	r := &Rule{Action: Pass, SrcSets: []AddressSet{only(addr(inside))}, DstSets: []AddressSet{only(addr(outside))},
		ServiceSets: []ServiceSet{list{{Proto: 17, ICMPType: -1, SrcPorts: Range[uint16]{From: 9, To: 9}, Ports: Range[uint16]{From: 50, To: 60}}}}, Active: func() bool { return held }}
	f := newFirewall(t, r)
	f.want("out of its time", f.send("if1", "if2", udp(inside, outside, 9, 53)), stack.Drop)
	held = true
	f.want("all match", f.send("if1", "if2", udp(inside, outside, 9, 53)), stack.Accept)
	f.want("another source port", f.send("if1", "if2", udp(inside, outside, 8, 53)), stack.Drop)
	f.want("another source", f.send("if1", "if2", udp("192.0.2.9", outside, 9, 53)), stack.Drop)
	f.want("another protocol", f.send("if1", "if2", echo(8, inside, outside)), stack.Drop)
	r.VRF = "red"
	f.want("another VRF", f.send("if1", "if2", udp(inside, outside, 9, 54)), stack.Drop)
}

func TestAgeingTimes(t *testing.T) {
	f := newFirewall(t, &Rule{Action: Pass})
	f.e.SetAgeing(UDPOpen, 7*time.Second)
	f.e.AppAgeing = func(s *Session) (time.Duration, bool) { return 3 * time.Minute, s.Dst.Port() == 53 }
	ttl := func(what string, want time.Duration) {
		t.Helper()
		if got := f.e.Sessions()[0].TTL(f.h.Now()); got != want {
			t.Errorf("%s: lives %v on, want %v", what, got, want)
		}
	}
	f.send("if1", "if2", udp(inside, outside, 9, 53))
	ttl("open", 7*time.Second)
	f.send("if2", "if1", udp(outside, inside, 53, 9))
	ttl("an application that is ready", 3*time.Minute)
	f.e.Rules()[0].Ageing = time.Minute + time.Second
	f.send("if1", "if2", udp(inside, outside, 9, 53))
	ttl("the rule goes first", time.Minute+time.Second)
	f.e.SetAgeing(UDPOpen, 0)
	if got := f.e.Ageing(UDPOpen); got != 30*time.Second {
		t.Errorf("the default is %v, want 30 seconds", got)
	}
	if n := f.e.Rate(ClassUDP); n != 0 {
		t.Errorf("%d sessions began in the last whole second, want 0", n)
	}
	f.h.RunUntil(f.h.Now().Add(time.Second))
	if n := f.e.Rate(ClassUDP); n != 1 {
		t.Errorf("%d sessions began in the last whole second, want 1", n)
	}
}

func TestSessionsAreWatched(t *testing.T) {
	f := newFirewall(t, &Rule{Action: Pass})
	var got []SessionKind
	f.e.Watch(func(ev SessionEvent) { got = append(got, ev.Kind) })
	f.send("if1", "if2", echo(8, inside, outside))
	f.send("if2", "if1", echo(0, outside, inside))
	f.e.Reset(func(*Session) bool { return true })
	want := []SessionKind{Created, Moved, Moved, Deleted}
	if len(got) != len(want) || got[0] != want[0] || got[2] != want[2] || got[3] != want[3] {
		t.Errorf("told %v, want %v", got, want)
	}
}
