package stack

import (
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/sim"
	"cwlab/emulator/wire"
)

// Limits of reassembly. The time is the lower bound of RFC 1122 section 3.3.2
// halved, as most hosts have it; the rest bounds what a flood can take.
const (
	fragmentWait  = 30 * time.Second
	fragmentSets  = 64
	fragmentParts = 128
	largestPacket = 65535
)

type fragmentKey struct {
	src, dst netip.Addr
	proto    uint8
	id       uint16
	via      uint32 // the tunnel that it came through, 0 for none
}

type fragmentSet struct {
	parts []wire.IPv4
	size  int // of the whole payload, 0 until the last part is here
	timer *sim.Timer
}

type reassembler struct {
	sets map[fragmentKey]*fragmentSet
}

func (r *reassembler) clear() {
	for _, s := range r.sets {
		s.timer.Stop()
	}
	r.sets = nil
}

// add keeps one fragment and returns the whole packet when it was the last
// that was missing. Fragments that overlap end the set (RFC 5722 has the
// reasons, for IPv6).
func (r *reassembler) add(h *Host, i *Iface, via uint32, v *wire.IPv4) (*wire.IPv4, bool) {
	k := fragmentKey{v.Src, v.Dst, v.Proto, v.ID, via}
	end := v.Offset + len(v.Payload)
	if end > largestPacket-20 || len(v.Payload) == 0 || v.MF && len(v.Payload)%8 != 0 {
		h.Stats.FragmentsDropped++
		h.fault(FaultReassembly)
		return nil, false
	}
	s := r.sets[k]
	if s == nil {
		if len(r.sets) >= fragmentSets {
			h.Stats.FragmentsDropped++
			h.fault(FaultSets)
			return nil, false
		}
		if r.sets == nil {
			r.sets = map[fragmentKey]*fragmentSet{}
		}
		s = &fragmentSet{}
		s.timer = h.w.After(fragmentWait, func() {
			delete(r.sets, k)
			h.Stats.ReassemblyTimeouts += uint64(len(s.parts))
			if first := s.parts[0]; first.Offset == 0 { // RFC 792, time exceeded
				p := packet(&first)
				p.In = i
				h.sendError(p, wire.TimeExceeded, wire.ReassemblyTimeout, 0)
			}
		})
		r.sets[k] = s
	}
	at, same := slices.BinarySearchFunc(s.parts, v.Offset, func(p wire.IPv4, off int) int { return p.Offset - off })
	overlap := same || at > 0 && s.parts[at-1].Offset+len(s.parts[at-1].Payload) > v.Offset ||
		at < len(s.parts) && end > s.parts[at].Offset || s.size > 0 && (end > s.size || !v.MF) ||
		!v.MF && len(s.parts) > at
	if overlap || len(s.parts) == fragmentParts {
		s.timer.Stop()
		delete(r.sets, k)
		h.Stats.FragmentsDropped += uint64(len(s.parts)) + 1
		if overlap {
			h.fault(FaultReassembly)
		} else {
			h.fault(FaultParts)
		}
		return nil, false
	}
	s.parts = slices.Insert(s.parts, at, *v)
	if !v.MF {
		s.size = end
	}
	have := 0
	for _, p := range s.parts {
		have += len(p.Payload)
	}
	if s.size == 0 || have < s.size {
		return nil, false
	}
	s.timer.Stop()
	delete(r.sets, k)
	h.Stats.Reassembled++
	whole := s.parts[0]
	whole.MF = false
	whole.Payload = make([]byte, 0, s.size)
	for _, p := range s.parts {
		whole.Payload = append(whole.Payload, p.Payload...)
	}
	return &whole, true
}

// Reassemble reads the bytes of a packet that came through a tunnel. It
// returns nil without an error while other parts of the packet are missing.
// via tells tunnels apart, and from 0, what came through none: parts of one
// never complete a packet of another, so that nobody can smuggle a part into
// what was protected (RFC 4301 section 7).
func (h *Host) Reassemble(in *Iface, via uint32, b []byte) (*Packet, error) {
	v, err := wire.ParseIPv4(b)
	if err != nil {
		return nil, err
	}
	whole := &v
	if v.MF || v.Offset > 0 {
		h.Stats.FragmentsIn++
		ok := false
		if whole, ok = h.frags.add(h, in, via, whole); !ok {
			return nil, nil
		}
	}
	p := packet(whole)
	p.In = in
	return p, nil
}
