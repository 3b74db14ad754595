package zone

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/stack"
)

// A Host is what the firewall needs of the device it runs on.
type Host interface {
	Now() time.Time
	Emit(Event)
}

// A Reason says why a packet was dropped.
type Reason uint8

const (
	ReasonNone    Reason = iota
	ReasonNoZone         // an interface in no zone
	ReasonRule           // a rule says drop
	ReasonDefault        // no rule says pass
	ReasonState          // cannot begin a flow, such as an echo reply nobody asked for
	ReasonFull           // the session table is full
	ReasonFilter         // what hangs on the zone pair says drop
)

// An Event is a packet that the policy decided, once a flow.
type Event struct {
	Src, Dst     netip.AddrPort
	Proto        uint8
	From, To     string // zones, "" for none
	FromIf, ToIf string
	Action       Action
	Why          Reason
	Rule         *Rule // nil when none matched
	Local        bool  // sent by this device
	Length       int
	Packet       *stack.Packet // that was decided, for the time of the call
}

// Stats count what the firewall did with packets.
type Stats struct {
	Passed, Dropped   uint64
	Created           uint64
	NoZone, ByRule    uint64
	ByDefault, ByFlow uint64
	Received          [Classes]Count // what the sessions passed
}

// An Engine is the firewall of one device.
type Engine struct {
	host      Host
	zones     []*Zone
	rules     []*Rule // in order of matching
	pairs     []*Pair
	IntraZone bool // pass within a zone when no rule matches
	// DefaultPass lets pass what no rule and no zone pair decides.
	DefaultPass bool
	// Off lets everything pass, as on a router; sessions are still followed.
	Off bool
	// RulesOff has no rule of the security policy match.
	RulesOff    bool
	ControlPort uint16 // UDP port of the hot backup control channel, 0 for none
	stats       Stats

	generation uint64
	table      map[key]*Session
	sessions   []*Session // in the order they began
	nextSweep  time.Time
	ageing     [len(states)]time.Duration
	rates      [Classes]rate
	watchers   []func(SessionEvent)

	// AppAgeing is how long a session of a known application lives once it is
	// open both ways; ok is false for the time of its state.
	AppAgeing func(*Session) (d time.Duration, ok bool)
}

// A Zone and its members, in the order they were imported.
type Zone struct {
	Name    string
	Members []string
}

// New makes a firewall with the default zones and no rule.
func New(h Host) *Engine {
	e := &Engine{host: h, table: map[key]*Session{}}
	for i := range states {
		e.ageing[i] = states[i].ageing
	}
	for _, name := range Default {
		e.zones = append(e.zones, &Zone{Name: name})
	}
	return e
}

// Zones are the default zones, then the others by name.
func (e *Engine) Zones() []*Zone { return slices.Clone(e.zones) }

// Zone finds a zone whatever the case of its name; nil if there is none.
func (e *Engine) Zone(name string) *Zone {
	for _, z := range e.zones {
		if strings.EqualFold(z.Name, name) {
			return z
		}
	}
	return nil
}

// AddZone makes a zone, or finds it.
func (e *Engine) AddZone(name string) *Zone {
	if z := e.Zone(name); z != nil {
		return z
	}
	z := &Zone{Name: name}
	e.zones = append(e.zones, z)
	slices.SortStableFunc(e.zones[len(Default):], func(a, b *Zone) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return z
}

// RemoveZone removes a zone that is not a default one.
func (e *Engine) RemoveZone(name string) bool {
	for i, z := range e.zones {
		if i >= len(Default) && strings.EqualFold(z.Name, name) {
			e.zones = slices.Delete(e.zones, i, i+1)
			e.pairs = slices.DeleteFunc(e.pairs, func(p *Pair) bool {
				return strings.EqualFold(p.From, name) || strings.EqualFold(p.To, name)
			})
			e.Changed()
			return true
		}
	}
	return false
}

// Import puts an interface into a zone; ZoneOf must be "".
func (e *Engine) Import(zone, iface string) {
	z := e.Zone(zone)
	if z == nil || slices.Contains(z.Members, iface) {
		return
	}
	z.Members = append(z.Members, iface)
	e.Changed()
}

// Remove takes an interface out of its zone.
func (e *Engine) Remove(zone, iface string) bool {
	z := e.Zone(zone)
	if z == nil {
		return false
	}
	i := slices.Index(z.Members, iface)
	if i < 0 {
		return false
	}
	z.Members = slices.Delete(z.Members, i, i+1)
	e.Changed()
	return true
}

// ZoneOf is the zone of an interface, "" for none.
func (e *Engine) ZoneOf(iface string) string {
	for _, z := range e.zones {
		if slices.Contains(z.Members, iface) {
			return z.Name
		}
	}
	return ""
}

// Rules are the rules in order of matching.
func (e *Engine) Rules() []*Rule { return slices.Clone(e.rules) }

// Rule finds a rule by its number, nil if there is none.
func (e *Engine) Rule(id int) *Rule {
	for _, r := range e.rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// AddRule puts a rule behind the others.
func (e *Engine) AddRule(r *Rule) { e.rules = append(e.rules, r); e.Changed() }

// RemoveRule removes a rule.
func (e *Engine) RemoveRule(id int) bool {
	n := len(e.rules)
	e.rules = slices.DeleteFunc(e.rules, func(r *Rule) bool { return r.ID == id })
	e.Changed()
	return len(e.rules) < n
}

// MoveRule puts a rule directly before or after another one; before a rule
// that is not there means last.
func (e *Engine) MoveRule(id, other int, after bool) bool {
	r := e.Rule(id)
	if r == nil || id == other {
		return false
	}
	e.rules = slices.DeleteFunc(e.rules, func(x *Rule) bool { return x == r })
	at := slices.IndexFunc(e.rules, func(x *Rule) bool { return x.ID == other })
	switch {
	case at < 0:
		at = len(e.rules)
	case after:
		at++
	}
	e.rules = slices.Insert(e.rules, at, r)
	e.Changed()
	return true
}

// Changed must be called after a rule was edited: sessions are looked up
// again with their next packet.
func (e *Engine) Changed() { e.generation++ }

// Stats are the counters since the firewall began, or since ResetStats.
func (e *Engine) Stats() Stats { return e.stats }

// ResetStats begins to count anew.
func (e *Engine) ResetStats() { e.stats = Stats{} }

// A flow is what the firewall reads of a packet.
type flow struct {
	proto            uint8
	src, dst         netip.Addr
	sport, dport     uint16 // ICMP: identifier; type and code
	icmpType         uint8
	icmpCode         uint8
	flags            uint8 // TCP
	opens            bool  // may begin a session
	length           int
	inner            *key // of the packet an ICMP error is about
	fromIf, toIf     string
	fromZone, toZone string
}

type key struct {
	proto        uint8
	src, dst     netip.Addr
	sport, dport uint16
}

// ICMP types (RFC 792).
const (
	echoReply      = 0
	unreachable    = 3
	echoRequest    = 8
	timeExceeded   = 11
	paramProblem   = 12
	timestamp      = 13
	timestampReply = 14
)

// read takes the ports out of a packet's payload.
func read(p *stack.Packet) flow {
	f := flow{proto: p.Proto, src: p.Src, dst: p.Dst, opens: true, length: 20 + len(p.Payload)}
	b := p.Payload
	switch {
	case p.Proto == protoICMP && len(b) >= 8:
		f.icmpType, f.icmpCode = b[0], b[1]
		switch b[0] {
		case echoRequest, timestamp:
			f.sport, f.dport = binary.BigEndian.Uint16(b[4:]), uint16(b[0])<<8
		case echoReply, timestampReply:
			f.sport, f.dport, f.opens = binary.BigEndian.Uint16(b[4:]), uint16(b[0])<<8, false
		case unreachable, timeExceeded, paramProblem:
			f.opens = false
			f.inner = embedded(b[8:])
		default:
			f.dport = uint16(b[0])<<8 | uint16(b[1])
		}
	case p.Proto == protoTCP && len(b) >= 14:
		f.sport, f.dport, f.flags = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]), b[13]
		f.opens = f.flags&(tcpSYN|tcpACK|tcpRST) == tcpSYN
	case p.Proto == protoUDP && len(b) >= 4:
		f.sport, f.dport = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	case p.Proto == protoICMP, p.Proto == protoTCP, p.Proto == protoUDP:
		f.opens = false // too short
	}
	return f
}

// embedded is the flow of the packet inside an ICMP error.
func embedded(b []byte) *key {
	if len(b) < 20 || b[0]>>4 != 4 {
		return nil
	}
	n := int(b[0]&0xf) * 4
	if n < 20 || len(b) < n+8 {
		return nil
	}
	f := read(&stack.Packet{Proto: b[9], Src: netip.AddrFrom4([4]byte(b[12:16])), Dst: netip.AddrFrom4([4]byte(b[16:20])), Payload: b[n:]})
	if b[9] == protoTCP { // only eight bytes of the header are certain
		f.sport, f.dport = binary.BigEndian.Uint16(b[n:]), binary.BigEndian.Uint16(b[n+2:])
	}
	k := f.key()
	return &k
}

func (f *flow) key() key { return key{f.proto, f.src, f.dst, f.sport, f.dport} }

// reply is the key of the flow's answers.
func (f *flow) reply() key {
	k := key{f.proto, f.dst, f.src, f.dport, f.sport}
	if f.proto == protoICMP {
		k.sport = f.sport
		switch f.icmpType {
		case echoRequest:
			k.dport = echoReply << 8
		case timestamp:
			k.dport = timestampReply << 8
		default:
			k.sport, k.dport = 0, f.dport
		}
	}
	return k
}

// vrrpGroup is where VRRP goes, in an Authentication Header where that of
// version 2 is authenticated.
var vrrpGroup = netip.AddrFrom4([4]byte{224, 0, 0, 18})

// exempt says whether a packet of the device's own control protocols needs no rule.
func (e *Engine) exempt(f *flow) bool {
	if f.proto == protoVRRP || f.proto == protoAH && f.dst == vrrpGroup {
		return true
	}
	return f.proto == protoUDP && e.ControlPort != 0 && f.sport == e.ControlPort && f.dport == e.ControlPort
}

// LocalIn is the hook for packets to this device.
func (e *Engine) LocalIn(p *stack.Packet) stack.Verdict {
	if p.Local || p.In == nil {
		return stack.Accept
	}
	f := read(p)
	if e.exempt(&f) {
		return stack.Accept
	}
	f.fromIf, f.fromZone, f.toIf, f.toZone = p.In.Name(), e.ZoneOf(p.In.Name()), Local, Local
	return e.judge(&f, p, false)
}

// Forward is the hook for packets from one interface to another.
func (e *Engine) Forward(p *stack.Packet) stack.Verdict {
	if p.Local || p.In == nil || p.Out == nil {
		return stack.Accept
	}
	f := read(p)
	f.fromIf, f.fromZone = p.In.Name(), e.ZoneOf(p.In.Name())
	f.toIf, f.toZone = p.Out.Name(), e.ZoneOf(p.Out.Name())
	return e.judge(&f, p, false)
}

// Out is the hook for packets from this device; those of others have been
// through Forward. It belongs before IPsec, which changes what leaves.
func (e *Engine) Out(p *stack.Packet) stack.Verdict {
	if !p.Local || p.Out == nil || p.Out.Loopback() {
		return stack.Accept
	}
	f := read(p)
	if e.exempt(&f) {
		return stack.Accept
	}
	f.fromIf, f.fromZone, f.toIf, f.toZone = Local, Local, p.Out.Name(), e.ZoneOf(p.Out.Name())
	return e.judge(&f, p, true)
}

func (e *Engine) judge(f *flow, p *stack.Packet, local bool) stack.Verdict {
	arrived, _ := p.Meta.(*Arrived)
	p.Meta = nil
	drop := func(why Reason, r *Rule) stack.Verdict {
		e.stats.Dropped++
		switch why {
		case ReasonNoZone:
			e.stats.NoZone++
		case ReasonRule, ReasonFilter:
			e.stats.ByRule++
		case ReasonDefault:
			e.stats.ByDefault++
		case ReasonState, ReasonFull:
			e.stats.ByFlow++
		case ReasonNone:
		}
		e.host.Emit(f.event(Drop, why, r, local, p))
		return stack.Drop
	}
	if (f.fromZone == "" || f.toZone == "") && !e.Off {
		return drop(ReasonNoZone, nil)
	}
	s, back := e.find(f)
	if s != nil && s.generation != e.generation && !e.again(s) {
		e.drop(s)
		s = nil
	}
	if s != nil {
		e.stats.Passed++
		p.Meta = s
		if f.inner == nil {
			e.packet(s, f, back)
		}
		return stack.Accept
	}
	if !f.opens {
		if e.Off && (f.inner == nil || local) {
			return stack.Accept
		}
		if !local || f.inner == nil {
			return drop(ReasonState, nil)
		}
		// An error of this device about a packet that went no further has no
		// session: the policy decides.
		pass, r, why := e.lookup(f, p)
		if r != nil {
			r.Hits++
			r.count(f)
		}
		if !pass {
			return drop(why, r)
		}
		e.stats.Passed++
		return stack.Accept
	}
	pass, r, why := e.lookup(f, p)
	if r != nil {
		r.Hits++
	}
	if !pass {
		r.count(f)
		return drop(why, r)
	}
	if s = e.begin(f, r, p, arrived); s == nil {
		return drop(ReasonFull, r)
	}
	e.stats.Passed++
	e.stats.Created++
	p.Meta = s
	e.host.Emit(f.event(Pass, ReasonNone, r, local, p))
	return stack.Accept
}

// lookup is the security policy, then what hangs on the zone pair.
func (e *Engine) lookup(f *flow, p *stack.Packet) (pass bool, r *Rule, why Reason) {
	if e.Off {
		return true, nil, ReasonNone
	}
	if r := first(e.rules, f); r != nil && !e.RulesOff {
		if r.Action == Pass {
			return true, r, ReasonNone
		}
		return false, r, ReasonRule
	}
	pair := e.pairOf(f.fromZone, f.toZone)
	if pair != nil && pair.Judge != nil {
		if pass, decided := pair.Judge(p); decided {
			if pass {
				return true, nil, ReasonNone
			}
			return false, nil, ReasonFilter
		}
	}
	switch {
	case f.fromZone == f.toZone && e.IntraZone && pair == nil:
		return true, nil, ReasonNone
	case f.fromZone == Management && f.toZone == Local, f.fromZone == Local && f.toZone == Management:
		return true, nil, ReasonNone
	case e.DefaultPass:
		return true, nil, ReasonNone
	}
	return false, nil, ReasonDefault
}

func (f *flow) event(a Action, why Reason, r *Rule, local bool, p *stack.Packet) Event {
	return Event{Src: netip.AddrPortFrom(f.src, f.sport), Dst: netip.AddrPortFrom(f.dst, f.dport), Proto: f.proto,
		From: f.fromZone, To: f.toZone, FromIf: f.fromIf, ToIf: f.toIf, Action: a, Why: why, Rule: r, Local: local, Length: f.length, Packet: p}
}
