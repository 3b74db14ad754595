package stack

import (
	"time"

	"cwlab/emulator/wire"
)

// A Rate is a mean of whole packets and bytes a second; broadcasts and
// multicasts are packets too.
type Rate struct{ Packets, Bytes, Broadcasts, Multicasts uint64 }

// Rates of one direction. Peak is in bytes a second; PeakAt is the zero time
// while nothing has passed.
type Rates struct {
	Rate
	Peak   uint64
	PeakAt time.Time
}

// MaxInterval is the longest span over which an interface can tell its rates.
const MaxInterval = (slots - 1) * slotLength * time.Second

// Slots of a meter: sixty of 5 seconds, and the one that is not over yet.
const (
	slots      = 61
	slotLength = 5
)

// A meter counts what passes by slots. It needs no ticker: slots that are
// over are seen when something passes or somebody asks. Its slots are made
// with the first packet.
type meter struct {
	slot   int64 // the number of the newest one
	count  *[slots]Rate
	peak   uint64
	peakAt time.Time
}

func (m *meter) turn(now time.Time, interval time.Duration) {
	slot := now.Unix() / slotLength
	if slot == m.slot {
		return
	}
	if mean := m.mean(m.slot, interval); mean.Bytes > m.peak {
		m.peak, m.peakAt = mean.Bytes, time.Unix((m.slot+1)*slotLength, 0).In(now.Location())
	}
	for s := max(m.slot+1, slot-slots+1); s <= slot; s++ {
		m.count[s%slots] = Rate{}
	}
	m.slot = slot
}

func (m *meter) add(now time.Time, interval time.Duration, dst wire.MAC, bytes int) {
	if m.count == nil {
		m.count = new([slots]Rate)
	}
	m.turn(now, interval)
	c := &m.count[m.slot%slots]
	c.Packets++
	c.Bytes += uint64(bytes)
	switch {
	case dst == wire.Broadcast:
		c.Broadcasts++
	case dst.Group():
		c.Multicasts++
	}
}

// mean is that of the slots that make up the interval before and with the
// last one.
func (m *meter) mean(last int64, interval time.Duration) Rate {
	seconds := uint64(interval / time.Second)
	var sum Rate
	for s := last; s > last-int64(seconds/slotLength) && s >= 0; s-- {
		c := &m.count[s%slots]
		sum.Packets += c.Packets
		sum.Bytes += c.Bytes
		sum.Broadcasts += c.Broadcasts
		sum.Multicasts += c.Multicasts
	}
	return Rate{sum.Packets / seconds, sum.Bytes / seconds, sum.Broadcasts / seconds, sum.Multicasts / seconds}
}

func (m *meter) rates(now time.Time, interval time.Duration) Rates {
	if m.count == nil {
		return Rates{}
	}
	m.turn(now, interval)
	return Rates{m.mean(m.slot-1, interval), m.peak, m.peakAt}
}
