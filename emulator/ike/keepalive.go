package ike

import (
	"encoding/binary"
	"time"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/sim"
)

// A keepalive is the product's own sign of life of one IKE SA, older than RFC
// 3706: each end that is told to sends one now and then, nobody answers, and an
// end that is told to wait for them lets the SA go without.
//
// On the wire it is this model's: a protected informational exchange with a
// notification of the private range that carries a sequence number. The
// debugging reference names these parts and no numbers.
type keepalive struct {
	interval, timeout time.Duration // that the timers run by
	send, expect      *sim.Timer
	sent, got         uint32 // sequence numbers
}

// armKeepalive takes the configuration over: when the SA is established, and
// when the configuration has changed.
func (s *SA) armKeepalive() {
	if s.Replaced || s.Standby {
		return
	}
	a, h, c := &s.alive, s.engine.host, &s.engine.Config
	if a.interval != c.KeepaliveInterval {
		a.send.Stop()
		if a.interval = c.KeepaliveInterval; a.interval > 0 {
			a.send = h.After(a.interval, s.sendKeepalive)
		}
	}
	if a.timeout != c.KeepaliveTimeout {
		a.expect.Stop()
		if a.timeout = c.KeepaliveTimeout; a.timeout > 0 {
			a.expect = h.After(a.timeout, s.silent)
		}
	}
}

func (s *SA) stopKeepalive() {
	s.alive.send.Stop()
	s.alive.expect.Stop()
	s.alive.interval, s.alive.timeout = 0, 0
}

func (s *SA) sendKeepalive() {
	s.alive.sent++
	s.changed(false)
	s.emit(Event{Kind: KeepaliveSending, Number: uint64(s.alive.sent)})
	s.sendInfo(&isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoISAKMP, Notify: isakmp.Keepalive, SPI: s.cookies(), Data: u32(s.alive.sent)})
	s.alive.send = s.engine.host.After(s.alive.interval, s.sendKeepalive)
}

// keepaliveReceived takes a sign of life. One that is not newer than the last
// is somebody's repetition and proves nothing.
func (s *SA) keepaliveReceived(n *isakmp.Notification) {
	if len(n.Data) != 4 {
		s.emit(Event{Kind: KeepaliveBadLength, Number: uint64(len(n.Data))})
		return
	}
	seq := binary.BigEndian.Uint32(n.Data)
	s.emit(Event{Kind: KeepaliveReceived, Number: uint64(seq)})
	if seq <= s.alive.got {
		return
	}
	s.alive.got = seq
	if s.alive.timeout == 0 {
		return
	}
	s.alive.expect.Stop()
	s.alive.expect = s.engine.host.After(s.alive.timeout, s.silent)
	s.emit(Event{Kind: KeepaliveReset, Number: uint64(s.alive.timeout.Seconds())})
}

// silent is the end of an SA whose peer was not heard in time, and of the
// IPsec SAs under it.
func (s *SA) silent() {
	s.emit(Event{Kind: KeepaliveTimeout})
	s.deletePairs()
	s.end(CauseDead, false)
}
