package ike

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"cwlab/emulator/isakmp"
)

// forge is a notification in clear by somebody who sees every message and
// keeps none back.
func forge(s *SA, n isakmp.NotifyType) []byte {
	return encode(&isakmp.Message{
		Header:   isakmp.Header{Initiator: s.ICookie, Responder: s.RCookie, Version: isakmp.Version1, Exchange: isakmp.ExchangeInformational, MessageID: 7},
		Payloads: []isakmp.Payload{&isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoISAKMP, Notify: n}},
	})
}

var errorsOfPhase1 = []isakmp.NotifyType{isakmp.NoProposalChosen, isakmp.InvalidIDInformation, isakmp.AuthenticationFailed,
	isakmp.PayloadMalformed, isakmp.InvalidKeyInformation, isakmp.InvalidHashInformation, isakmp.InvalidCookie}

// A forged error does not end a negotiation that the peer goes on with,
// whenever it comes and whoever gets it.
func TestForgedErrorIsOutlived(t *testing.T) {
	for _, mode := range []bool{false, true} {
		for _, n := range errorsOfPhase1 {
			for step := range 7 {
				a, b := pair(t)
				if mode {
					a, b = aggressive(t)
				}
				forged := 0
				inject := func(x *node) {
					for _, s := range x.SAs() {
						if s.State != Established {
							forged++
							x.Receive(s.Local, s.Remote, forge(s, n))
						}
					}
				}
				a.Acquire(a.policy)
				for i := range 30 {
					if i == step {
						inject(a)
						inject(b)
					}
					a.run(500 * time.Microsecond)
				}
				why := fmt.Sprintf("aggressive %v, %v after %d half milliseconds, %d forged", mode, n, step, forged)
				if step == 0 && forged == 0 {
					t.Fatalf("%s: nothing was forged", why)
				}
				a.run(time.Minute)
				a.wantSAs(1, why)
				b.wantSAs(1, why)
				a.wantPairs(1, why)
				agree(t, a, b)
			}
		}
	}
}

// Where the peer does not go on the error is believed, when the message would
// have been repeated: no repetition, and no time-out is counted.
func TestErrorInClearIsBelievedInTheEnd(t *testing.T) {
	for _, n := range errorsOfPhase1 {
		a, b := pair(t)
		b.down = true
		a.Acquire(a.policy)
		a.run(time.Second)
		s := a.SAs()[0]
		for range 5 {
			a.Receive(s.Local, s.Remote, forge(s, n))
		}
		a.run(2900 * time.Millisecond)
		a.wantSAs(1, "before the repetition is due")
		a.run(200 * time.Millisecond)
		a.wantSAs(0, "when the repetition is due")
		if len(a.sent) != 1 || a.Stats.Timeout != 0 || a.Engine.Stats.Notify[n] != 1 || a.count(DeletedByNotify) != 1 || len(a.failed) != 1 || a.failed[0] != CauseNotified {
			t.Errorf("%v: %d messages, %d time-outs, counted %d times, believed %d times, failures %v", n, len(a.sent), a.Stats.Timeout, a.Engine.Stats.Notify[n], a.count(DeletedByNotify), a.failed)
		}
	}
}

// What has no business in clear does nothing at all, and neither does an error
// with other cookies or from another address; an SA that is established has
// nothing to do with any.
func TestForgedMessagesWithoutEffect(t *testing.T) {
	clear := func(s *SA, p isakmp.Payload) []byte {
		return encode(&isakmp.Message{Header: isakmp.Header{Initiator: s.ICookie, Responder: s.RCookie, Version: isakmp.Version1, Exchange: isakmp.ExchangeInformational, MessageID: 9},
			Payloads: []isakmp.Payload{p}})
	}
	elsewhere := netip.AddrPortFrom(netip.MustParseAddr("192.0.2.99"), Port)
	for _, c := range []struct {
		name   string
		inject func(x *node, s *SA)
	}{
		{"delete of the SA", func(x *node, s *SA) {
			x.Receive(s.Local, s.Remote, clear(s, &isakmp.Delete{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoISAKMP, SPISize: 16, SPIs: [][]byte{s.cookies()}}))
		}},
		{"INITIAL-CONTACT", func(x *node, s *SA) { x.Receive(s.Local, s.Remote, forge(s, isakmp.InitialContact)) }},
		{"other initiator cookie", func(x *node, s *SA) {
			b := forge(s, isakmp.NoProposalChosen)
			b[0] ^= 1
			x.Receive(s.Local, s.Remote, b)
		}},
		{"other sender", func(x *node, s *SA) { x.Receive(s.Local, elsewhere, forge(s, isakmp.NoProposalChosen)) }},
		{"no SPI known", func(x *node, s *SA) {
			x.Receive(s.Local, s.Remote, clear(s, &isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoESP, Notify: isakmp.InvalidSPI, SPI: u32(1000)}))
		}},
	} {
		for _, half := range []bool{true, false} {
			a, b := pair(t)
			if half {
				b.down = true
				a.Acquire(a.policy)
				a.run(time.Millisecond)
				c.inject(a, a.SAs()[0])
				b.down = false
				a.run(8 * time.Second)
			} else {
				up(t, a, b)
				c.inject(a, a.SAs()[0])
				c.inject(b, b.SAs()[0])
				a.run(8 * time.Second)
			}
			a.wantSAs(1, c.name)
			b.wantSAs(1, c.name)
			a.wantPairs(1, c.name)
		}
	}
}
