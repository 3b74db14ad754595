package zone

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
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
	TCPTimeWait: {"TCP_TIME_WAIT", 2 * time.Second}, TCPClosed: {"TCP_CLOSED", 2 * time.Second},
}

func (s State) String() string {
	if int(s) < len(states) {
		return states[s].name
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// Ageing is how long a session lives without a packet.
func (s State) Ageing() time.Duration { return states[s].ageing }

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

	expires    time.Time
	finFrom    [2]bool
	key, reply key
	first      flow
	generation uint64
}

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
func (e *Engine) begin(f *flow, r *Rule) *Session {
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
	s.packet(f, false, now)
	return s
}

// packet counts a packet of the session and follows its state.
func (s *Session) packet(f *flow, back bool, now time.Time) {
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
		s.expires = now.Add(s.State.Ageing())
	}
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
	if f.fromZone == "" || f.toZone == "" {
		return false
	}
	pass, r, _ := e.lookup(&f)
	s.Rule, s.generation, s.first, s.FromZone, s.ToZone = r, e.generation, f, f.fromZone, f.toZone
	return pass
}

func (e *Engine) drop(s *Session) {
	for _, k := range []key{s.key, s.reply} {
		if e.table[k] == s {
			delete(e.table, k)
		}
	}
	e.sessions = slices.DeleteFunc(e.sessions, func(x *Session) bool { return x == s })
}

// sweep ends the sessions whose time is over.
func (e *Engine) sweep() {
	now := e.host.Now()
	e.nextSweep = now.Add(sweepEvery)
	e.sessions = slices.DeleteFunc(e.sessions, func(s *Session) bool {
		dead := !s.expires.After(now)
		if dead {
			for _, k := range []key{s.key, s.reply} {
				if e.table[k] == s {
					delete(e.table, k)
				}
			}
		}
		return dead
	})
}
