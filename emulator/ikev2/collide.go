package ikev2

import (
	"bytes"
	"slices"

	"cwlab/emulator/ikev2/wire"
)

// A rival is a child SA that the peer has made in place of one that we are
// renewing too, with the nonces of its exchange.
type rival struct {
	child  *child
	ni, nr []byte
}

// lowest says whether the lowest of four nonces is one of the first two: then
// theirs is the exchange whose outcome is given up, RFC 7296 section 2.8.1.
func lowest(ni, nr, otherNi, otherNr []byte) bool {
	least := func(a, b []byte) []byte {
		if bytes.Compare(a, b) < 0 {
			return a
		}
		return b
	}
	return bytes.Compare(least(ni, nr), least(otherNi, otherNr)) < 0
}

// supersede notes that the peer has another child SA in place of old. If we
// have asked for the same, the nonces decide when our answer comes; else the
// peer deletes old.
func (s *SA) supersede(old *child, r *rival) {
	i := slices.IndexFunc(s.open, func(n *childOffer) bool { return n.renews == old && n.sent })
	if i < 0 {
		old.replaced = true
		return
	}
	s.open[i].rival = r
}

// putOff handles refusals of a renewal that say to do it another way, section
// 2.25: later, or not as a renewal.
func (s *SA) putOff(n *childOffer, r *wire.Notification) bool {
	e, old := s.engine, n.renews
	switch {
	case r.Notify == wire.TemporaryFailure && n.rival != nil:
		// The peer has not noticed that both have asked, and closes old.
		old.replaced = true
	case r.Notify == wire.TemporaryFailure && n.busy < busyTries:
		n.busy++
		e.host.After(e.host.Stream("ikev2 busy").Duration(busyLeast, busyMost), func() { e.offerAgain(n) })
	case r.Notify == wire.ChildSANotFound && old != nil:
		if slices.Contains(s.children, old) { // section 2.25: forget it, and ask for a new one
			s.drop(old)
			e.host.DeleteSPI(s.Remote.Addr(), old.out)
			s.newChild(n.req, nil)
		}
	default:
		return false
	}
	e.refused(s, r.Notify, true)
	return true
}

// offerAgain repeats an offer to a peer that was busy, through the IKE SA that
// has the child by now.
func (e *Engine) offerAgain(n *childOffer) {
	again := &childOffer{req: n.req, renews: n.renews, busy: n.busy}
	for _, s := range e.sas {
		switch {
		case s.State != Ready || s.replaced:
		case n.renews != nil && slices.Contains(s.children, n.renews) && !n.renews.replaced,
			n.renews == nil && s.Local.Addr() == n.req.Local && s.Remote.Addr() == n.req.Remote:
			s.offerChild(again)
			return
		}
	}
	if n.renews == nil && !e.stopped {
		e.Acquire(n.req)
	}
}

// handOver gives to n what only this SA knows, and lets it be deleted.
func (s *SA) handOver(n *SA) {
	s.replaced, s.renewal, s.rival = true, nil, nil
	s.soft.Stop()
	n.children, s.children = append(n.children, s.children...), nil
	var kept []*childOffer
	for _, o := range s.open {
		if o.sent {
			kept = append(kept, o)
			continue
		}
		n.offerChild(&childOffer{req: o.req, renews: o.renews, busy: o.busy})
	}
	s.open = kept
	// The peer knows the child SAs under n now.
	s.queue = slices.DeleteFunc(s.queue, func(r *request) bool {
		if r.task == dropChild {
			n.tellDeleted(r.drops)
		}
		return r.task == dropChild
	})
}

// settle ends a renewal of ours that the peer has answered, when the peer has
// renewed the same SA: that of the lowest nonce is closed by who made it,
// section 2.8.2.
func (s *SA) settle(n *SA) {
	r := s.rival
	lost := lowest(n.ni, n.nr, r.ni, r.nr)
	s.engine.event(Event{Kind: Collided, SA: s, Lost: lost})
	if lost {
		s.handOver(r)
		n.close(CauseRedundant, false)
		return
	}
	s.handOver(n)
	s.close(CauseRenewed, false)
	// The peer closes the one that it made. It does not if it saw our deletion
	// before our answer, and took its renewal for ended (section 2.25.2).
	s.engine.host.After(redundantAge, func() {
		if r.State == Ready {
			r.close(CauseRedundant, false)
		}
	})
}
