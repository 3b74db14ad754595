package ike

import (
	"net/netip"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

// natOriginals are the addresses of both ends as we know them, RFC 3947 section
// 5.2: with them the peer mends the checksums of packets in transport mode. One
// in tunnel mode needs none.
func (q *quick) natOriginals(ts ...ipsec.Transform) []isakmp.Payload {
	s := q.sa
	transport := false
	for _, t := range ts {
		transport = transport || t.Mode == ipsec.Transport
	}
	if !transport || s.encapsulation() == 0 {
		return nil
	}
	ends := []netip.Addr{s.Local.Addr(), s.Remote.Addr()} // the initiator's, the responder's
	if !q.initiator {
		ends[0], ends[1] = ends[1], ends[0]
	}
	return []isakmp.Payload{s.built(&isakmp.NATOA{Addr: ends[0]}, 2), s.built(&isakmp.NATOA{Addr: ends[1]}, 2)}
}

// takeOriginals reads the peer's.
func (q *quick) takeOriginals(in *inbound) *failure {
	var ends []netip.Addr
	for _, it := range in.items {
		if p, ok := it.Payload.(*isakmp.NATOA); ok {
			ends = append(ends, p.Addr)
		}
	}
	if len(ends) == 0 || q.sa.encapsulation() == 0 {
		return nil
	}
	q.emit(Event{Kind: NATOAReceived, Number: uint64(len(ends))})
	for _, a := range ends {
		q.emit(Event{Kind: NATOAProcessed, Name: a.String()})
	}
	if len(ends) != 2 {
		return &failure{cause: CauseMalformed, notify: isakmp.PayloadMalformed}
	}
	q.original = ipsec.Ends{Local: ends[0], Remote: ends[1]}
	if !q.initiator {
		q.original = ipsec.Ends{Local: ends[1], Remote: ends[0]}
	}
	return nil
}

// translated is a flow that the peer speaks of in its own addresses, in those
// that its packets have here.
func (q *quick) translated(f ipsec.Selector) ipsec.Selector {
	for _, end := range []struct {
		of        *netip.Prefix
		from, now netip.Addr
	}{{&f.Src, q.original.Local, q.sa.Local.Addr()}, {&f.Dst, q.original.Remote, q.sa.Remote.Addr()}} {
		if end.from.IsValid() && *end.of == netip.PrefixFrom(end.from, end.from.BitLen()) {
			*end.of = netip.PrefixFrom(end.now, end.now.BitLen())
		}
	}
	return f
}
