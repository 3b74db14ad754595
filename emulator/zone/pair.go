package zone

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/stack"
)

// Any is the zone of a pair that stands for every zone.
const Any = "Any"

// A Pair is a zone pair: what hangs on it decides about flows from one zone to
// another that no rule of the security policy matches.
type Pair struct {
	From, To string
	// Judge decides about the first packet of a flow; decided is false when
	// nothing on the pair has a say. nil decides nothing.
	Judge func(p *stack.Packet) (pass, decided bool)
}

// Pairs are the zone pairs by their names.
func (e *Engine) Pairs() []*Pair { return slices.Clone(e.pairs) }

// Pair finds a zone pair, nil if there is none.
func (e *Engine) Pair(from, to string) *Pair {
	for _, p := range e.pairs {
		if strings.EqualFold(p.From, from) && strings.EqualFold(p.To, to) {
			return p
		}
	}
	return nil
}

// AddPair makes a zone pair, or finds it.
func (e *Engine) AddPair(from, to string) *Pair {
	if p := e.Pair(from, to); p != nil {
		return p
	}
	p := &Pair{From: from, To: to}
	e.pairs = append(e.pairs, p)
	slices.SortFunc(e.pairs, func(a, b *Pair) int {
		return strings.Compare(strings.ToLower(a.From+" "+a.To), strings.ToLower(b.From+" "+b.To))
	})
	e.Changed()
	return p
}

// RemovePair removes a zone pair.
func (e *Engine) RemovePair(from, to string) bool {
	p := e.Pair(from, to)
	e.pairs = slices.DeleteFunc(e.pairs, func(x *Pair) bool { return x == p })
	e.Changed()
	return p != nil
}

// pairOf is the pair that a flow belongs to: the one of its zones, else one
// with any zone on a side.
func (e *Engine) pairOf(from, to string) *Pair {
	for _, names := range [][2]string{{from, to}, {from, Any}, {Any, to}, {Any, Any}} {
		if p := e.Pair(names[0], names[1]); p != nil {
			return p
		}
	}
	return nil
}

// head is the begin of the payload that a flow was read from.
func (f *flow) head() []byte {
	b := make([]byte, 20)
	switch f.proto {
	case protoICMP:
		b[0], b[1] = f.icmpType, f.icmpCode
		binary.BigEndian.PutUint16(b[4:], f.sport)
	case protoTCP, protoUDP:
		binary.BigEndian.PutUint16(b, f.sport)
		binary.BigEndian.PutUint16(b[2:], f.dport)
		b[13] = f.flags
	}
	return b
}

// A Class is a kind of protocol that sessions are counted by.
type Class int

const (
	ClassTCP Class = iota
	ClassUDP
	ClassICMP
	ClassRaw
	Classes
)

// ClassOf is the class of an IP protocol.
func ClassOf(proto uint8) Class {
	switch proto {
	case protoTCP:
		return ClassTCP
	case protoUDP:
		return ClassUDP
	case protoICMP:
		return ClassICMP
	}
	return ClassRaw
}

// A rate counts what happened in this second and in the one before.
type rate struct {
	second    int64
	now, last int
}

func (r *rate) turn(now time.Time) {
	switch s := now.Unix(); {
	case s == r.second:
	case s == r.second+1:
		r.second, r.last, r.now = s, r.now, 0
	default:
		r.second, r.last, r.now = s, 0, 0
	}
}

func (r *rate) add(now time.Time) {
	r.turn(now)
	r.now++
}

// Rate is how many sessions of a class began in the last whole second.
func (e *Engine) Rate(c Class) int {
	e.rates[c].turn(e.host.Now())
	return e.rates[c].last
}
