package ike

import (
	"time"

	"cwlab/emulator/isakmp"
)

// Flaws are mistakes that an engine makes on purpose, so that a failure can be
// studied which nobody can cause from outside: what they are about is
// encrypted, or never goes on the wire. The zero value makes none.
type Flaws struct {
	DPDSequence bool    // answers to R-U-THERE have another sequence number
	InfoHash    bool    // the HASH of informational messages is damaged
	QuickSPI    bool    // quick mode names an SPI that is not the one reserved
	NoDelete    bool    // deletes never leave the device
	Clock       float64 // lifetimes pass so many times as fast, 0 for once
}

// wrong is added to a number that is to be wrong.
const wrong = 0x55

// lifetime is how long seconds take by the engine's clock.
func (e *Engine) lifetime(seconds uint32) time.Duration {
	d := time.Duration(seconds) * time.Second
	if f := e.Flaws.Clock; f > 0 {
		d = time.Duration(float64(d) / f)
	}
	return d
}

// shown is an SPI of ours as quick mode names it.
func (q *quick) shown(p isakmp.Protocol) []byte {
	v := *q.in.of(p)
	if q.engine.Flaws.QuickSPI {
		v ^= wrong
	}
	return u32(v)
}
