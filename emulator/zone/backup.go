package zone

import (
	"net/netip"
	"time"
)

// A Backup is what another device needs to carry a session on.
type Backup struct {
	Proto              uint8
	State              State
	Src, Dst           netip.AddrPort // of the initiator
	ReplySrc, ReplyDst netip.AddrPort
	FromIf, ToIf       string
	FromZone, ToZone   string
	Start              time.Time
	Life               time.Duration // without a packet
	Forward, Back      Count
	NATSrc, NATDst     netip.AddrPort // of the translation, zero for none
}

// Save is the backup of a session; ok is false for one that another device
// could not carry on: to or from this device itself.
func (e *Engine) Save(s *Session) (b Backup, ok bool) {
	if s.FromIf == Local || s.ToIf == Local {
		return Backup{}, false
	}
	return Backup{Proto: s.Proto, State: s.State, Src: s.Src, Dst: s.Dst, ReplySrc: s.ReplySrc, ReplyDst: s.ReplyDst, FromIf: s.FromIf, ToIf: s.ToIf,
		FromZone: s.FromZone, ToZone: s.ToZone, Start: s.Start, Life: s.TTL(e.host.Now()), Forward: s.Forward, Back: s.Back,
		NATSrc: s.NAT.Src, NATDst: s.NAT.Dst}, true
}

// Adopt makes a session of a backup, or brings the one that is there up to
// date, and returns it; nil when the table is full. Nobody is told of a new
// one, and its translation is left to who translates. Its rule is the one that
// would let it pass here; the policy looks at it again with its next packet.
func (e *Engine) Adopt(b Backup) *Session {
	now := e.host.Now()
	k, reply := b.keys()
	s := e.table[k]
	if s == nil || s.key != k || s.reply != reply {
		if len(e.sessions) >= maxSessions {
			return nil
		}
		for _, k := range []key{k, reply} {
			if old := e.table[k]; old != nil {
				e.drop(old)
			}
		}
		s = &Session{Proto: b.Proto, Src: b.Src, Dst: b.Dst, ReplySrc: b.ReplySrc, ReplyDst: b.ReplyDst, FromIf: b.FromIf, ToIf: b.ToIf,
			Start: b.Start, key: k, reply: reply, generation: e.generation - 1,
			first: flow{proto: b.Proto, src: b.Src.Addr(), dst: b.Dst.Addr(), sport: b.Src.Port(), dport: b.Dst.Port(), opens: true, fromIf: b.FromIf, toIf: b.ToIf}}
		if b.Proto == protoICMP {
			s.first.icmpType, s.first.icmpCode = uint8(b.Dst.Port()>>8), uint8(b.Dst.Port())
		}
		e.table[reply], e.table[k] = s, s
		e.sessions = append(e.sessions, s)
	}
	s.State, s.FromZone, s.ToZone, s.Forward, s.Back, s.expires = b.State, b.FromZone, b.ToZone, b.Forward, b.Back, now.Add(b.Life)
	if s.generation != e.generation {
		f := s.first
		f.fromZone, f.toZone = b.FromZone, b.ToZone
		s.Rule = e.passing(&f)
	}
	return s
}

// passing is the rule that lets a flow pass, nil for none.
func (e *Engine) passing(f *flow) *Rule {
	if r := first(e.rules, f); r != nil && r.Action == Pass && !e.Off && !e.RulesOff {
		return r
	}
	return nil
}

// EndOf ends the session of a backup if it is there.
func (e *Engine) EndOf(b Backup) {
	k, _ := b.keys()
	if s := e.table[k]; s != nil && s.key == k {
		e.drop(s)
	}
}

func (b Backup) keys() (k, reply key) {
	k = key{b.Proto, b.Src.Addr(), b.Dst.Addr(), b.Src.Port(), b.Dst.Port()}
	return k, key{b.Proto, b.ReplySrc.Addr(), b.ReplyDst.Addr(), b.ReplySrc.Port(), b.ReplyDst.Port()}
}
