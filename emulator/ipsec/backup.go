package ipsec

import (
	"cmp"
	"errors"
	"math"
	"net/netip"
	"slices"
	"time"
)

// Redundancy is after how many packets a backup hears of the sequence numbers
// of a pair: of the window of those received (0 for never), and of those sent.
type Redundancy struct{ In, Out uint32 }

// DefaultRedundancy is that of the command reference.
var DefaultRedundancy = Redundancy{In: 1000, Out: 100000}

// A Counter is how far an SA has got.
type Counter struct {
	Sequence uint64
	Bytes    uint64
}

// A Backup is a pair as another device needs it to go on with it under the
// same local address.
type Backup struct {
	Pair
	Age     time.Duration
	In, Out []Counter // one for each SA, AH before ESP
}

// A Change is what a holder of backups hears of a pair.
type Change int

const (
	PairMade  Change = iota + 1
	PairMoved        // its sequence numbers, by the Redundancy of its policy
	PairGone
)

// Standby says that the SA is a copy: another device has the local address.
func (s *SA) Standby() bool { return s.pair.standby }

// Standby says so of the SAs in use.
func (t *TunnelState) Standby() bool { return t.last().standby }

func (p *pair) backup(now time.Time) Backup {
	b := Backup{Pair: p.Pair, Age: now.Sub(p.made)}
	for _, sa := range p.in {
		b.In = append(b.In, Counter{sa.window.top, sa.bytes})
	}
	for _, sa := range p.out {
		b.Out = append(b.Out, Counter{sa.seq, sa.bytes})
	}
	return b
}

// Backups are those of all negotiated pairs of a local address, the oldest
// of a tunnel first; standby ones only if asked for.
func (e *Engine) Backups(local netip.Addr, standby bool) []Backup {
	var all []Backup
	for _, t := range e.tunnels {
		for _, p := range t.pairs {
			if p.Local == local && !p.Manual && p.standby == standby {
				all = append(all, p.backup(e.h.Now()))
			}
		}
	}
	return all
}

// tell is for who keeps backups.
func (e *Engine) tell(p *pair, what Change) {
	for _, sa := range append(slices.Clone(p.in), p.out...) {
		sa.told = sa.Sequence()
	}
	if e.OnPair != nil && !p.Manual {
		e.OnPair(p.backup(e.h.Now()), what, p.standby)
	}
}

// moved tells when enough packets have passed since the last time.
func (e *Engine) moved(sas []*SA) {
	for _, sa := range sas {
		every := sa.pair.Redundancy.Out
		if sa.Inbound {
			every = sa.pair.Redundancy.In
		}
		if every != 0 && sa.Sequence()-sa.told >= uint64(every) {
			e.tell(sa.pair, PairMoved)
			return
		}
	}
}

func (b *Backup) same(p *pair) bool {
	return p.InSPI == b.InSPI && p.InAH == b.InAH && p.OutSPI == b.OutSPI && p.OutAH == b.OutAH && p.Local == b.Local && p.Remote == b.Remote
}

// Same says whether two backups are of one pair.
func (b *Backup) Same(o *Backup) bool { return b.same(&pair{Pair: o.Pair}) }

// pairOf is the pair that a backup is of, nil for none.
func (e *Engine) pairOf(b *Backup) *pair {
	for _, t := range e.tunnels {
		if i := slices.IndexFunc(t.pairs, b.same); i >= 0 {
			return t.pairs[i]
		}
	}
	return nil
}

// Adopt takes the backup of a pair, whose IKE is a connection ID of this
// device, as a standby pair: it sends nothing, asks for no successor, and ends
// with its lifetime. Of one that is standby already the numbers are taken
// over where they are ahead; one in use stays as it is.
func (e *Engine) Adopt(b Backup) error {
	p := e.pairOf(&b)
	if p == nil {
		if b.Age < 0 || b.Age >= time.Duration(b.Seconds)*time.Second {
			return errors.New("ipsec: the lifetime of the backup is over")
		}
		var err error
		if p, err = e.add(b.Pair, b.Age, true); err != nil {
			return err
		}
	}
	if !p.standby {
		return nil
	}
	for i, sa := range p.in {
		if i < len(b.In) {
			sa.window.advance(b.In[i].Sequence)
			sa.bytes = max(sa.bytes, b.In[i].Bytes)
		}
	}
	for i, sa := range p.out {
		if i < len(b.Out) {
			sa.seq = max(sa.seq, b.Out[i].Sequence)
			sa.bytes = max(sa.bytes, b.Out[i].Bytes)
		}
	}
	return nil
}

// Forget removes a standby pair: the device that uses it has none any more.
func (e *Engine) Forget(b Backup) {
	e.removePairs(ByPeer, func(p *pair) bool { return p.standby && b.same(p) })
}

// SetStandby says whether another device has the local address now. When the
// address comes the pairs go on: what they send begins far enough ahead of the
// last number known not to repeat one that the other device has used since.
func (e *Engine) SetStandby(local netip.Addr, standby bool) {
	for _, t := range e.tunnels {
		for _, p := range slices.Clone(t.pairs) {
			if p.Local != local || p.Manual || p.standby == standby {
				continue
			}
			p.standby, p.asked = standby, false
			p.soft.Stop()
			p.idle.Stop()
			if !standby {
				e.resume(p)
			}
		}
	}
}

func (e *Engine) resume(p *pair) {
	age := e.h.Now().Sub(p.made)
	// Of two devices that take over from each other without a word in between
	// the later one is ahead, up to a thousand packets in a second.
	ahead := 2 * uint64(p.Redundancy.Out)
	for _, sa := range p.out {
		if sa.seq = max(sa.seq+ahead, ahead+uint64(age.Milliseconds())); !p.Transform.ESN {
			sa.seq = min(sa.seq, math.MaxUint32)
		}
	}
	p.lastUse = e.h.Now()
	e.startSoft(p, age)
	e.tell(p, PairMoved)
}

// advance takes all numbers up to top as seen.
func (w *window) advance(top uint64) {
	if top <= w.top {
		return
	}
	w.top = top
	for i := range w.seen {
		w.seen[i] = math.MaxUint64
	}
}

// redundancy is what an entry says, else the default.
func (x *Entry) redundancy() Redundancy { return cmp.Or(x.Redundancy, DefaultRedundancy) }
