package ike

import (
	"fmt"

	"cwlab/emulator/isakmp"
)

// A State is where a negotiation stands. Sent n means that message n of the
// exchange has been sent and the next one is awaited.
type State int

const (
	Init        State = iota // nothing sent yet
	GetSPI                   // phase 2: an inbound SPI is being reserved
	Sent1                    // initiator
	Sent2                    // responder
	Sent3                    // initiator
	Sent4                    // responder
	Sent5                    // initiator
	SACreated                // phase 2: the pair is with IPsec
	Established              // done
)

var stateNames = []string{"Init", "GetSPI", "Sent1", "Sent2", "Sent3", "Sent4", "Sent5", "SACreated", "Established"}

func (s State) String() string {
	if s >= 0 && int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("State(%d)", int(s))
}

// A timing is what a state waits with.
type timing int

const (
	none       timing = iota
	retransmit        // our message again, three times, then failure
	expire            // the peer repeats; failure when it gives up
)

// set is a set of payload types.
type set uint32

func types(ts ...isakmp.PayloadType) set {
	var s set
	for _, t := range ts {
		s |= 1 << t
	}
	return s
}

func (s set) has(t isakmp.PayloadType) bool { return t < 32 && s&(1<<t) != 0 }

// A step is one message received: in which state and role it is expected,
// what it must and may carry, what handles it, and the state after it with
// its timer. Payloads outside need and allow make the message invalid.
type step[X any] struct {
	state       State
	initiator   bool
	encrypted   bool
	first       isakmp.PayloadType // must come first
	need, allow set
	next        State
	timer       timing
	run         func(X, *inbound) *failure
}

func find[X any](table []step[X], s State, initiator bool) *step[X] {
	for i := range table {
		if table[i].state == s && table[i].initiator == initiator {
			return &table[i]
		}
	}
	return nil
}

// check compares the payloads of a message with the step.
func (s *step[X]) check(items []isakmp.Item) *failure {
	var seen set
	for i, it := range items {
		t := it.Type()
		if i == 0 && s.first != isakmp.TypeNone && t != s.first || !(s.need | s.allow).has(t) {
			return &failure{cause: CauseMalformed, notify: isakmp.InvalidPayloadType}
		}
		if seen.has(t) && t != isakmp.TypeVendorID && t != isakmp.TypeNATD && t != isakmp.TypeNATOA && t != isakmp.TypeNotify && t != isakmp.TypeID &&
			t != isakmp.TypeCert && t != isakmp.TypeCertReq {
			return &failure{cause: CauseMalformed, notify: isakmp.InvalidPayloadType}
		}
		seen |= types(t)
	}
	if seen&s.need != s.need {
		return &failure{cause: CauseMalformed, notify: isakmp.PayloadMalformed}
	}
	return nil
}

// A failure ends a negotiation, or only drops the packet. It is what the
// peer did; notify is what the peer is told, if anything.
type failure struct {
	cause  Cause
	notify isakmp.NotifyType
	drop   bool // forget the packet, keep waiting
	// counted says that it is in the statistics already.
	counted bool
	err     error
}
