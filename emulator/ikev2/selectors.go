package ikev2

import (
	"encoding/binary"
	"net/netip"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
)

// policyFor finds what the peer's traffic is to be protected with: the first
// flow of ours that has something in common with it, narrowed to that (RFC
// 7296 section 2.9).
func (s *SA) policyFor(ours, theirs []wire.Selector) (ipsec.Request, bool) {
	h, local, remote := s.engine.host, s.Local.Addr(), s.Remote.Addr()
	for _, f := range h.Flows(local, remote, s.Profile) {
		if flow, ok := narrow(f, ours, theirs); ok {
			if r, ok := h.PolicyFor(local, remote, flow, s.Profile); ok {
				return r, true
			}
		}
	}
	return ipsec.Request{}, false
}

// traffic is the selectors of the initiator and of the responder.
func traffic(ps []wire.Payload) (tsi, tsr []wire.Selector) {
	for _, p := range ps {
		if s, ok := p.(*wire.Selectors); ok && s.Responder {
			tsr = s.List
		} else if ok {
			tsi = s.List
		}
	}
	return tsi, tsr
}

// selectors is a flow, seen outbound, as TSi and TSr; initiator says whether we
// begin the exchange.
func selectors(f ipsec.Selector, initiator bool) []wire.Payload {
	if !initiator {
		f = f.Reverse()
	}
	return []wire.Payload{
		&wire.Selectors{List: []wire.Selector{selector(f.Src, f.Proto, f.SrcPort)}},
		&wire.Selectors{Responder: true, List: []wire.Selector{selector(f.Dst, f.Proto, f.DstPort)}},
	}
}

func selector(p netip.Prefix, proto uint8, port uint16) wire.Selector {
	s := wire.Selector{Kind: wire.TSIPv4, Proto: proto, StartPort: port, EndPort: port, Start: p.Masked().Addr(), End: last(p)}
	if port == 0 {
		s.EndPort = 0xffff
	}
	return s
}

// last is the last address of a prefix.
func last(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	return fromUint(binary.BigEndian.Uint32(b[:]) | uint32(1<<(32-p.Bits())-1))
}

func toUint(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

func fromUint(v uint32) netip.Addr { return netip.AddrFrom4([4]byte(u32(v))) }

func u32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

// narrow is what a flow of ours has in common with the selectors of a message,
// those of our end and those of the other.
func narrow(f ipsec.Selector, ours, theirs []wire.Selector) (ipsec.Selector, bool) {
	for _, o := range ours {
		for _, t := range theirs {
			if o.Proto != t.Proto || f.Proto != 0 && o.Proto != 0 && f.Proto != o.Proto {
				continue
			}
			n := ipsec.Selector{Proto: max(f.Proto, o.Proto)}
			var ok1, ok2, ok3, ok4 bool
			n.Src, ok1 = common(f.Src, o)
			n.Dst, ok2 = common(f.Dst, t)
			n.SrcPort, ok3 = commonPort(f.SrcPort, o)
			n.DstPort, ok4 = commonPort(f.DstPort, t)
			if ok1 && ok2 && ok3 && ok4 {
				return n, true
			}
		}
	}
	return ipsec.Selector{}, false
}

// common is the biggest prefix that begins where p and the range of s begin to
// overlap and lies in both.
func common(p netip.Prefix, s wire.Selector) (netip.Prefix, bool) {
	if s.Kind != wire.TSIPv4 || !p.Addr().Is4() {
		return netip.Prefix{}, false
	}
	lo, hi := max(toUint(p.Masked().Addr()), toUint(s.Start)), min(toUint(last(p)), toUint(s.End))
	if lo > hi {
		return netip.Prefix{}, false
	}
	bits := 32
	for bits > 0 {
		size := uint64(1) << (33 - bits)
		if uint64(lo)%size != 0 || uint64(lo)+size-1 > uint64(hi) {
			break
		}
		bits--
	}
	return netip.PrefixFrom(fromUint(lo), bits), true
}

// commonPort is the port that a flow, 0 for any, and a range have in common. A
// range that is neither one port nor all has no form in a flow.
func commonPort(port uint16, s wire.Selector) (uint16, bool) {
	switch {
	case port != 0:
		return port, s.StartPort <= port && port <= s.EndPort
	case s.StartPort == s.EndPort:
		return s.StartPort, true
	}
	return 0, s.StartPort == 0 && s.EndPort == 0xffff
}
