package zone

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/stack"
)

// A State of a session, named as Comware prints it.
type State uint8

const (
	UDPOpen        State = iota // one way so far
	UDPReady                    // both ways
	ICMPRequest                 // asked
	ICMPReply                   // answered
	RawOpen                     // another protocol, one way so far
	RawReady                    // both ways
	TCPSynSent                  // SYN seen
	TCPSynReceived              // SYN and ACK seen
	TCPEstablished              // open
	TCPFinWait                  // one side has ended
	TCPTimeWait                 // both sides have
	TCPClosed                   // reset
)

var states = [...]struct {
	name   string
	ageing time.Duration
}{
	UDPOpen: {"UDP_OPEN", 30 * time.Second}, UDPReady: {"UDP_READY", time.Minute},
	ICMPRequest: {"ICMP_REQUEST", time.Minute}, ICMPReply: {"ICMP_REPLY", 30 * time.Second},
	RawOpen: {"RAWIP_OPEN", 30 * time.Second}, RawReady: {"RAWIP_READY", time.Minute},
	TCPSynSent: {"TCP_SYN_SENT", 30 * time.Second}, TCPSynReceived: {"TCP_SYN_RECV", 30 * time.Second},
	TCPEstablished: {"TCP_ESTABLISHED", time.Hour}, TCPFinWait: {"TCP_FIN_WAIT", 30 * time.Second},
	TCPTimeWait: {"TCP_TIME_WAIT", 2 * time.Second}, TCPClosed: {"TCP_CLOSE", 2 * time.Second},
}

func (s State) String() string {
	if int(s) < len(states) {
		return states[s].name
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// Ageing is how long a session lives without a packet by default.
func (s State) Ageing() time.Duration { return states[s].ageing }

// Ageing is how long a session of that state lives without a packet.
func (e *Engine) Ageing(s State) time.Duration { return e.ageing[s] }

// SetAgeing changes it for packets to come; 0 is the default.
func (e *Engine) SetAgeing(s State, d time.Duration) {
	if d == 0 {
		d = s.Ageing()
	}
	e.ageing[s] = d
}

// TCP flags (RFC 9293 section 3.1).
const (
	tcpFIN = 0x01
	tcpSYN = 0x02
	tcpRST = 0x04
	tcpACK = 0x10
)

// maxSessions bounds the table; how often dead ones are looked for.
const (
	maxSessions = 10000
	sweepEvery  = 30 * time.Second
)

// A Count is packets and bytes of IP.
type Count struct{ Packets, Bytes uint64 }

// A Session is one flow with its answers. Ports of ICMP are the identifier
// and type and code.
type Session struct {
	Proto            uint8
	Src, Dst         netip.AddrPort // of the initiator
	ReplySrc         netip.AddrPort
	ReplyDst         netip.AddrPort
	FromIf, ToIf     string
	FromZone, ToZone string
	State            State
	Rule             *Rule // nil without one
	Start            time.Time
	Forward, Back    Count
	NAT              Translation

	opening    *stack.Packet // the first packet as far as zone pairs read it
	expires    time.Time
	finFrom    [2]bool
	key, reply key
	first      flow
	generation uint64
}

// A Translation is what a flow is to those whose addresses are translated.
type Translation struct {
	Src netip.AddrPort // the source as the responder sees it; zero when it is not translated
	Dst netip.AddrPort // the destination as the initiator writes it; zero when it is not translated
	By  any            // what made it, nil for nobody
	// Decided says that the source has been looked at.
	Decided bool
}

// Arrived is put into a packet's Meta by who changed its destination before
// the policy sees it.
type Arrived struct {
	Dst netip.AddrPort // as it was
	By  any
}

// Wire is the answers of the session as they arrive: from the address the
// initiator wrote to the one the responder sees.
func (s *Session) Wire() (src, dst netip.AddrPort) {
	src, dst = s.ReplySrc, s.ReplyDst
	switch a := s.NAT.Src; {
	case !a.IsValid():
	case s.Proto == protoICMP:
		src, dst = netip.AddrPortFrom(src.Addr(), a.Port()), netip.AddrPortFrom(a.Addr(), dst.Port())
	default:
		dst = a
	}
	return src, dst
}

// A SessionEvent is a step in the life of a session.
type SessionEvent struct {
	Session *Session
	Kind    SessionKind
	From    State // of a move; a session's first move has Kind Created before it
	First   bool  // the move out of nothing
	Back    bool  // by a packet of the responder
	Proto   uint8
	Flags   uint8 // of TCP
	Type    uint8 // of ICMP
}

// A SessionKind is what happened to a session.
type SessionKind uint8

const (
	Created SessionKind = iota
	Deleted
	Moved
)

// Watch calls f with what happens to sessions.
func (e *Engine) Watch(f func(SessionEvent)) { e.watchers = append(e.watchers, f) }

func (e *Engine) tell(ev SessionEvent) {
	for _, f := range e.watchers {
		f(ev)
	}
}

// Alive says whether a session lives, and ends it when its time is over.
func (e *Engine) Alive(s *Session) bool {
	if e.table[s.key] != s {
		return false
	}
	if !s.expires.After(e.host.Now()) {
		e.drop(s)
		return false
	}
	return true
}

// End ends a session.
func (e *Engine) End(s *Session) { e.drop(s) }

// TTL is how long the session lives on without a packet.
func (s *Session) TTL(now time.Time) time.Duration { return max(s.expires.Sub(now), 0) }

// Sessions are those that live, in the order they began.
func (e *Engine) Sessions() []*Session {
	e.sweep()
	return slices.Clone(e.sessions)
}

// Reset ends the sessions that satisfy f and counts them.
func (e *Engine) Reset(f func(*Session) bool) int {
	n := 0
	for _, s := range e.Sessions() {
		if f(s) {
			e.drop(s)
			n++
		}
	}
	return n
}

// find is the session of a packet; back says that it is an answer.
func (e *Engine) find(f *flow) (s *Session, back bool) {
	k := f.key()
	if f.inner != nil {
		k = *f.inner
	}
	if s = e.table[k]; s == nil {
		return nil, false
	}
	if !s.expires.After(e.host.Now()) {
		e.drop(s)
		return nil, false
	}
	if f.proto == protoTCP && s.State >= TCPTimeWait && f.opens { // the ports are used again
		e.drop(s)
		return nil, false
	}
	back = k == s.reply && k != s.key
	return s, back
}

// begin makes the session of a flow that may pass; nil when the table is full.
func (e *Engine) begin(f *flow, r *Rule, p *stack.Packet, arrived *Arrived) *Session {
	now := e.host.Now()
	if len(e.sessions) >= maxSessions || !now.Before(e.nextSweep) {
		e.sweep()
		if len(e.sessions) >= maxSessions {
			return nil
		}
	}
	back := f.reply()
	s := &Session{Proto: f.proto, Src: netip.AddrPortFrom(f.src, f.sport), Dst: netip.AddrPortFrom(f.dst, f.dport),
		ReplySrc: netip.AddrPortFrom(back.src, back.sport), ReplyDst: netip.AddrPortFrom(back.dst, back.dport),
		FromIf: f.fromIf, ToIf: f.toIf, FromZone: f.fromZone, ToZone: f.toZone, Rule: r, Start: now,
		key: f.key(), reply: back, first: *f, generation: e.generation}
	if arrived != nil {
		s.NAT.Dst, s.NAT.By = arrived.Dst, arrived.By
	}
	if len(e.pairs) > 0 {
		o := *p
		o.Payload, o.Meta = slices.Clone(p.Payload[:min(len(p.Payload), 24)]), nil
		s.opening = &o
	}
	switch f.proto {
	case protoTCP:
		s.State = TCPSynSent
	case protoUDP:
		s.State = UDPOpen
	case protoICMP:
		s.State = ICMPRequest
	default:
		s.State = RawOpen
	}
	for _, k := range []key{s.key, s.reply} {
		if old := e.table[k]; old != nil {
			e.drop(old)
		}
	}
	e.table[s.reply] = s
	e.table[s.key] = s
	e.sessions = append(e.sessions, s)
	e.rates[ClassOf(s.Proto)].add(now)
	e.tell(SessionEvent{Session: s, Kind: Created, Proto: s.Proto})
	e.tell(SessionEvent{Session: s, Kind: Moved, First: true, Proto: f.proto, Flags: f.flags, Type: f.icmpType})
	e.packet(s, f, false)
	return s
}

// packet counts a packet of the session and follows its state.
func (e *Engine) packet(s *Session, f *flow, back bool) {
	now, before := e.host.Now(), s.State
	total := &e.stats.Received[ClassOf(s.Proto)]
	total.Packets++
	total.Bytes += uint64(f.length)
	s.Rule.count(f)
	c := &s.Forward
	if back {
		c = &s.Back
	}
	c.Packets++
	c.Bytes += uint64(f.length)
	switch s.State {
	case UDPOpen, ICMPRequest, RawOpen:
		if back {
			s.State++ // UDPReady, ICMPReply, RawReady
		}
	case UDPReady, ICMPReply, RawReady, TCPClosed:
	case TCPSynSent:
		if back && f.flags&(tcpSYN|tcpACK) == tcpSYN|tcpACK {
			s.State = TCPSynReceived
		}
	case TCPSynReceived:
		if !back && f.flags&(tcpSYN|tcpACK) == tcpACK {
			s.State = TCPEstablished
		}
	case TCPEstablished, TCPFinWait, TCPTimeWait:
	}
	if s.Proto == protoTCP {
		side := 0
		if back {
			side = 1
		}
		if f.flags&tcpFIN != 0 {
			s.finFrom[side] = true
		}
		switch {
		case f.flags&tcpRST != 0:
			s.State = TCPClosed
		case s.State >= TCPEstablished && s.State < TCPTimeWait && s.finFrom[0] && s.finFrom[1]:
			s.State = TCPTimeWait
		case s.State == TCPEstablished && (s.finFrom[0] || s.finFrom[1]):
			s.State = TCPFinWait
		}
	}
	if s.State < TCPTimeWait || f.flags&(tcpFIN|tcpRST) != 0 {
		s.expires = now.Add(e.life(s))
	}
	if s.State != before {
		e.tell(SessionEvent{Session: s, Kind: Moved, From: before, Back: back, Proto: f.proto, Flags: f.flags, Type: f.icmpType})
	}
}

// life is how long a session lives on after a packet.
func (e *Engine) life(s *Session) time.Duration {
	if s.State == TCPEstablished || s.State == UDPReady {
		if s.Rule != nil && s.Rule.Ageing > 0 {
			return s.Rule.Ageing
		}
		if e.AppAgeing != nil {
			if d, ok := e.AppAgeing(s); ok {
				return d
			}
		}
	}
	return e.ageing[s.State]
}

// again looks a session up once more after a change of the policy.
func (e *Engine) again(s *Session) bool {
	f := s.first
	if f.fromIf != Local {
		f.fromZone = e.ZoneOf(f.fromIf)
	}
	if f.toIf != Local {
		f.toZone = e.ZoneOf(f.toIf)
	}
	if (f.fromZone == "" || f.toZone == "") && !e.Off {
		return false
	}
	if s.opening == nil && len(e.pairs) > 0 { // it began before there were pairs
		s.opening = &stack.Packet{Src: f.src, Dst: f.dst, Proto: f.proto, Payload: f.head()}
	}
	pass, r, _ := e.lookup(&f, s.opening)
	s.Rule, s.generation, s.first, s.FromZone, s.ToZone = r, e.generation, f, f.fromZone, f.toZone
	return pass
}

func (e *Engine) drop(s *Session) {
	e.forget(s)
	e.sessions = slices.DeleteFunc(e.sessions, func(x *Session) bool { return x == s })
}

func (e *Engine) forget(s *Session) {
	for _, k := range []key{s.key, s.reply} {
		if e.table[k] == s {
			delete(e.table, k)
		}
	}
	e.tell(SessionEvent{Session: s, Kind: Deleted, Proto: s.Proto})
}

// sweep ends the sessions whose time is over.
func (e *Engine) sweep() {
	now := e.host.Now()
	e.nextSweep = now.Add(sweepEvery)
	e.sessions = slices.DeleteFunc(e.sessions, func(s *Session) bool {
		dead := !s.expires.After(now)
		if dead {
			e.forget(s)
		}
		return dead
	})
}
