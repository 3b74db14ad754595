package system

import (
	"time"

	"cwlab/comware/feature"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

// What a device's processor is taken to spend on its work. The figures are a
// model: of the size that makes a firewall of this class busy at some tens of
// thousands of packets a second through the processor.
const (
	packetCost  = 20 * time.Microsecond // an IPv4 packet or fragment that comes in or goes out
	timerCost   = 10 * time.Microsecond // a timer of a protocol
	commandCost = 30 * time.Millisecond // a command
)

// Periods of the processor's usage, which follow one another from the boot on.
var periods = [...]struct {
	length     time.Duration
	name, unit string
}{
	{5 * time.Second, "5Sec", "5 seconds"},
	{time.Minute, "1Min", "1 minute"},
	{5 * time.Minute, "5Min", "5 minutes"},
}

// history is how many complete periods are remembered.
const history = 60

// A ring is the time spent in the last periods of one length. Nothing ticks:
// periods that are over are seen when work is done or somebody looks.
type ring struct {
	length time.Duration
	now    int64 // number of the period that runs
	spent  [history + 1]time.Duration
}

func (r *ring) turn(up time.Duration) {
	n := int64(up / r.length)
	for p := max(r.now+1, n-history); p <= n; p++ {
		r.spent[p%int64(len(r.spent))] = 0
	}
	r.now = n
}

func (r *ring) add(up, cost time.Duration) {
	r.turn(up)
	r.spent[r.now%int64(len(r.spent))] += cost
}

// share is what part of the period that ended back periods ago was spent, from
// 0 to 1; ok is false for one before the boot. The first period stands for the
// one before it.
func (r *ring) share(up time.Duration, back int) (part float64, ok bool) {
	r.turn(up)
	p := r.now - 1 - int64(back)
	if r.now == 0 && back == 0 {
		p = 0
	}
	if p < 0 || back >= history {
		return 0, false
	}
	return min(float64(r.spent[p%int64(len(r.spent))])/float64(r.length), 1), true
}

// A load is how busy the processor of a box is.
type load struct {
	box   *feature.Box
	rings [len(periods)]ring
}

func newLoad(b *feature.Box) *load {
	l := &load{box: b}
	for i, p := range periods {
		l.rings[i].length = p.length
	}
	b.Stack.OnPacket(func(at stack.Passage, _ *stack.Iface, _ *wire.IPv4) {
		if at != stack.Delivering { // counted when it came in
			l.add(packetCost)
		}
	})
	b.OnWork(func(w feature.Work) {
		if w == feature.CommandWork {
			l.add(commandCost)
		} else {
			l.add(timerCost)
		}
	})
	feature.Put(b, l)
	return l
}

func (l *load) up() time.Duration { return l.box.Now().Sub(l.box.Boot) }

func (l *load) add(cost time.Duration) {
	for i := range l.rings {
		l.rings[i].add(l.up(), cost)
	}
}

// usage is the whole per cent of a period, with what the daemons take.
func (l *load) usage(period, back int) (percent int, ok bool) {
	part, ok := l.rings[period].share(l.up(), back)
	return min(l.box.Model.Hardware.IdleCPU+int(part*100+0.5), 100), ok
}
