package zone

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
)

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

type host struct {
	*sim.World
	events []Event
}

func (h *host) Emit(ev Event) { h.events = append(h.events, ev) }

// firewall has if1 in Trust, if2 in Untrust, if3 in Trust and if0 in Management; if9 is in no zone.
type firewall struct {
	*testing.T
	h  *host
	e  *Engine
	st *stack.Host
}

func newFirewall(t *testing.T, rules ...*Rule) *firewall {
	h := &host{World: sim.New(start, 1, nil)}
	f := &firewall{T: t, h: h, e: New(h), st: stack.New(h.World, "x")}
	for _, name := range []string{"if0", "if1", "if2", "if3", "if9"} {
		f.st.AddNull(name)
	}
	f.e.Import("management", "if0")
	f.e.Import("Trust", "if1")
	f.e.Import("Untrust", "if2")
	f.e.Import("Trust", "if3")
	for i, r := range rules {
		r.ID = i
		f.e.AddRule(r)
	}
	return f
}

// send passes a packet from in to out, "" being the device itself.
func (f *firewall) send(in, out string, p *stack.Packet) stack.Verdict {
	switch {
	case in == "":
		p.Local, p.Out = true, f.st.Iface(out)
		return f.e.Out(p)
	case out == "":
		p.In = f.st.Iface(in)
		return f.e.LocalIn(p)
	}
	p.In, p.Out = f.st.Iface(in), f.st.Iface(out)
	return f.e.Forward(p)
}

func (f *firewall) want(what string, got, want stack.Verdict) {
	f.Helper()
	if got != want {
		f.Errorf("%s: verdict %v, want %v", what, got, want)
	}
}

func (f *firewall) wantState(want ...State) {
	f.Helper()
	got := f.e.Sessions()
	if len(got) != len(want) {
		f.Errorf("%d sessions, want %d", len(got), len(want))
		return
	}
	for i := range want {
		if got[i].State != want[i] {
			f.Errorf("session %d is %v, want %v", i, got[i].State, want[i])
		}
	}
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func ip(proto uint8, src, dst string, payload ...byte) *stack.Packet {
	return &stack.Packet{Src: addr(src), Dst: addr(dst), Proto: proto, Payload: payload, TTL: 64}
}

func udp(src, dst string, sport, dport uint16) *stack.Packet {
	b := binary.BigEndian.AppendUint16(nil, sport)
	return ip(17, src, dst, append(binary.BigEndian.AppendUint16(b, dport), 0, 8, 0, 0)...)
}

func tcp(src, dst string, sport, dport uint16, flags byte) *stack.Packet {
	b := binary.BigEndian.AppendUint16(nil, sport)
	b = binary.BigEndian.AppendUint16(b, dport)
	return ip(6, src, dst, append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0)...)
}

func echo(kind byte, src, dst string) *stack.Packet {
	return ip(1, src, dst, kind, 0, 0, 0, 0x12, 0x34, 0, 1)
}

const (
	inside  = "192.0.2.1"
	outside = "198.51.100.1"
)

func one(a string) []Range[netip.Addr] { return []Range[netip.Addr]{{addr(a), addr(a)}} }

func TestPolicy(t *testing.T) {
	rule := func(r Rule) *Rule { r.Action = Pass; return &r }
	icmp := []Service{{Proto: 1, ICMPType: 8}}
	ike := []Service{{Proto: 17, Ports: Range[uint16]{500, 500}}}
	for _, row := range []struct {
		name    string
		rules   []*Rule
		in, out string
		p       *stack.Packet
		want    stack.Verdict
		why     Reason
	}{
		{"no rule", nil, "if1", "if2", echo(8, inside, outside), stack.Drop, ReasonDefault},
		{"any passes", []*Rule{rule(Rule{})}, "if1", "if2", echo(8, inside, outside), stack.Accept, ReasonNone},
		{"zones match whatever their case", []*Rule{rule(Rule{From: []string{"trust"}, To: []string{"UNTRUST"}})}, "if1", "if2", echo(8, inside, outside), stack.Accept, ReasonNone},
		{"other direction", []*Rule{rule(Rule{From: []string{"Trust"}})}, "if2", "if1", echo(8, outside, inside), stack.Drop, ReasonDefault},
		{"a drop before a pass", []*Rule{{}, rule(Rule{})}, "if1", "if2", echo(8, inside, outside), stack.Drop, ReasonRule},
		{"a disabled drop before a pass", []*Rule{{Disabled: true}, rule(Rule{})}, "if1", "if2", echo(8, inside, outside), stack.Accept, ReasonNone},
		{"source", []*Rule{rule(Rule{Src: one(inside)})}, "if1", "if2", echo(8, inside, outside), stack.Accept, ReasonNone},
		{"another source", []*Rule{rule(Rule{Src: one(outside)})}, "if1", "if2", echo(8, inside, outside), stack.Drop, ReasonDefault},
		{"destination prefix", []*Rule{rule(Rule{Dst: []Range[netip.Addr]{Prefix(netip.MustParsePrefix("198.51.100.0/24"))}})}, "if1", "if2", echo(8, inside, outside), stack.Accept, ReasonNone},
		{"service", []*Rule{rule(Rule{Services: icmp})}, "if1", "if2", echo(8, inside, outside), stack.Accept, ReasonNone},
		{"another service", []*Rule{rule(Rule{Services: ike})}, "if1", "if2", echo(8, inside, outside), stack.Drop, ReasonDefault},
		{"IKE to the device", []*Rule{rule(Rule{From: []string{"Untrust"}, To: []string{Local}, Services: ike})}, "if2", "", udp(outside, inside, 500, 500), stack.Accept, ReasonNone},
		{"IKE to the device without a rule", nil, "if2", "", udp(outside, inside, 500, 500), stack.Drop, ReasonDefault},
		{"from the device without a rule", nil, "", "if2", udp(inside, outside, 500, 500), stack.Drop, ReasonDefault},
		{"ESP from the device", []*Rule{rule(Rule{From: []string{Local}, Services: []Service{{Proto: 50}}})}, "", "if2", ip(50, inside, outside), stack.Accept, ReasonNone},
		{"VRRP needs no rule", nil, "if2", "", ip(112, outside, "224.0.0.18"), stack.Accept, ReasonNone},
		{"the control channel needs no rule", nil, "if2", "", udp(outside, inside, 60064, 60064), stack.Accept, ReasonNone},
		{"VRRP is not forwarded without one", nil, "if2", "if1", ip(112, outside, inside), stack.Drop, ReasonDefault},
		{"within a zone", nil, "if1", "if3", echo(8, inside, outside), stack.Drop, ReasonDefault},
		{"management to the device", nil, "if0", "", echo(8, outside, inside), stack.Accept, ReasonNone},
		{"management to others", nil, "if0", "if1", echo(8, outside, inside), stack.Drop, ReasonDefault},
		{"from no zone", []*Rule{rule(Rule{})}, "if9", "", echo(8, outside, inside), stack.Drop, ReasonNoZone},
		{"to no zone", []*Rule{rule(Rule{})}, "", "if9", echo(8, outside, inside), stack.Drop, ReasonNoZone},
		{"echo reply nobody asked for", []*Rule{rule(Rule{})}, "if2", "if1", echo(0, outside, inside), stack.Drop, ReasonState},
		{"TCP without SYN", []*Rule{rule(Rule{})}, "if1", "if2", tcp(inside, outside, 1, 80, tcpACK), stack.Drop, ReasonState},
	} {
		f := newFirewall(t, row.rules...)
		f.e.ControlPort = 60064
		f.want(row.name, f.send(row.in, row.out, row.p), row.want)
		if n := len(f.h.events); row.why != ReasonNone && (n != 1 || f.h.events[0].Why != row.why) {
			t.Errorf("%s: events %+v, want one with reason %d", row.name, f.h.events, row.why)
		}
	}
}

func TestIntraZone(t *testing.T) {
	f := newFirewall(t)
	f.e.IntraZone = true
	f.want("within a zone", f.send("if1", "if3", echo(8, inside, outside)), stack.Accept)
	f.want("between zones", f.send("if1", "if2", echo(8, inside, "203.0.113.1")), stack.Drop)
}

// Each row sends packets of one flow, > out and < back, and the state after each.
func TestSessionStates(t *testing.T) {
	type step struct {
		p     *stack.Packet
		back  bool
		state State
	}
	out := func(flags byte, s State) step { return step{tcp(inside, outside, 1000, 80, flags), false, s} }
	back := func(flags byte, s State) step { return step{tcp(outside, inside, 80, 1000, flags), true, s} }
	for _, row := range []struct {
		name  string
		steps []step
		ttl   time.Duration
	}{
		{"UDP", []step{{udp(inside, outside, 9, 53), false, UDPOpen}, {udp(inside, outside, 9, 53), false, UDPOpen}, {udp(outside, inside, 53, 9), true, UDPReady}}, time.Minute},
		{"ICMP", []step{{echo(8, inside, outside), false, ICMPRequest}, {echo(0, outside, inside), true, ICMPReply}}, 30 * time.Second},
		{"ESP", []step{{ip(50, inside, outside), false, RawOpen}, {ip(50, outside, inside), true, RawReady}}, time.Minute},
		{"TCP to its end", []step{out(tcpSYN, TCPSynSent), back(tcpSYN|tcpACK, TCPSynReceived), out(tcpACK, TCPEstablished),
			out(tcpFIN|tcpACK, TCPFinWait), back(tcpFIN|tcpACK, TCPTimeWait), out(tcpACK, TCPTimeWait)}, 2 * time.Second},
		{"TCP reset", []step{out(tcpSYN, TCPSynSent), back(tcpRST|tcpACK, TCPClosed)}, 2 * time.Second},
		{"TCP open", []step{out(tcpSYN, TCPSynSent), back(tcpSYN|tcpACK, TCPSynReceived), out(tcpACK, TCPEstablished)}, time.Hour},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := newFirewall(t, &Rule{Action: Pass, From: []string{"Trust"}})
			for _, s := range row.steps {
				in, to := "if1", "if2"
				if s.back {
					in, to = to, in
				}
				f.want(s.state.String(), f.send(in, to, s.p), stack.Accept)
				f.wantState(s.state)
			}
			s := f.e.Sessions()[0]
			if got := s.TTL(f.h.Now()); got != row.ttl {
				t.Errorf("lives %v on, want %v", got, row.ttl)
			}
			if got, want := int(s.Forward.Packets+s.Back.Packets), len(row.steps); got != want {
				t.Errorf("%d packets counted, want %d", got, want)
			}
			f.h.RunUntil(f.h.Now().Add(row.ttl))
			f.wantState()
		})
	}
}

func TestSessionFollowsThePolicy(t *testing.T) {
	r := &Rule{Action: Pass, From: []string{"Trust"}}
	f := newFirewall(t, r)
	f.want("first", f.send("if1", "if2", udp(inside, outside, 9, 53)), stack.Accept)
	f.want("answer", f.send("if2", "if1", udp(outside, inside, 53, 9)), stack.Accept)
	if r.Hits != 1 {
		t.Errorf("rule counts %d hits, want 1 for the flow", r.Hits)
	}
	r.Action = Drop
	f.e.Changed()
	f.want("answer after the rule became drop", f.send("if2", "if1", udp(outside, inside, 53, 9)), stack.Drop)
	f.wantState()
}

func TestICMPErrorsFollowTheSession(t *testing.T) {
	f := newFirewall(t, &Rule{Action: Pass, From: []string{"Trust"}})
	about := func(p *stack.Packet) *stack.Packet {
		return ip(1, "203.0.113.9", inside, append([]byte{3, 1, 0, 0, 0, 0, 0, 0}, p.Append()...)...)
	}
	sent := udp(inside, outside, 9, 53)
	f.want("about an unknown flow", f.send("if2", "if1", about(sent)), stack.Drop)
	f.want("the flow", f.send("if1", "if2", sent), stack.Accept)
	f.want("about the flow", f.send("if2", "if1", about(sent)), stack.Accept)
}

func TestTableIsBounded(t *testing.T) {
	f := newFirewall(t, &Rule{Action: Pass})
	for i := range maxSessions {
		f.send("if1", "if2", udp(inside, outside, uint16(i), 53))
	}
	f.want("one too many", f.send("if1", "if2", udp(inside, outside, 60000, 53)), stack.Drop)
	f.h.RunUntil(f.h.Now().Add(time.Minute))
	f.want("after the others aged out", f.send("if1", "if2", udp(inside, outside, 60000, 53)), stack.Accept)
}

func TestZonesAndRulesKeepTheirOrder(t *testing.T) {
	f := newFirewall(t, &Rule{Name: "a"}, &Rule{Name: "b"}, &Rule{Name: "c"})
	f.e.AddZone("zulu")
	f.e.AddZone("Alpha")
	var zones, rules string
	for _, z := range f.e.Zones() {
		zones += z.Name + " "
	}
	if want := "Local Trust DMZ Untrust Management Alpha zulu "; zones != want {
		t.Errorf("zones are %q, want %q", zones, want)
	}
	f.e.MoveRule(2, 0, false)
	f.e.MoveRule(0, 1, true)
	for _, r := range f.e.Rules() {
		rules += r.Name
	}
	if rules != "cba" {
		t.Errorf("rules are %q, want cba", rules)
	}
	if f.e.RemoveZone("Trust") || !f.e.RemoveZone("alpha") {
		t.Error("a default zone can be removed, or another cannot")
	}
}

func FuzzPacket(f *testing.F) {
	f.Add(uint8(1), []byte{3, 1, 0, 0, 0, 0, 0, 0, 0x45})
	f.Add(uint8(6), tcp(inside, outside, 1, 2, tcpSYN).Payload)
	f.Fuzz(func(t *testing.T, proto uint8, payload []byte) {
		fw := newFirewall(t, &Rule{Action: Pass})
		if fw.send("if1", "if2", ip(proto, inside, outside, payload...)) == stack.Accept && proto != protoVRRP && len(fw.e.Sessions()) != 1 {
			t.Errorf("protocol %d passes without a session", proto)
		}
	})
}
