package link

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Fault is what a cable does to some of its frames. Probabilities are 0 to 1
// and drawn from streams of the sending device, `link loss`, `link duplicate`,
// `link corrupt` and `link reorder`; nothing is drawn where one is zero.
type Fault struct {
	// From is the sending port of the frames it is about, nil for both
	// directions; Filter picks among them.
	From   *Port
	Filter Filter
	// Pick, if set, picks among those that Filter lets through. It is shown
	// all of them, in both directions and in their order.
	Pick func(frame []byte) bool
	// Nth, if it is not 0, has the fault strike the nth frame alone that it is
	// about, counted from 1.
	Nth int

	Drop      bool          // all of them: a one-way cut without loss of link
	Loss      float64       // a share of them
	Duplicate float64       // sent twice
	Corrupt   float64       // one bit of it turned
	Delay     time.Duration // this much longer
	Jitter    time.Duration // up to this much longer, drawn for each frame
	Reorder   float64       // does not keep its place: those behind it may overtake it
	Rate      int           // bits per second; a frame waits for those before it; 0 for no limit
	Queue     time.Duration // the longest wait that Rate causes, what would wait longer is lost; 0 for no limit
	Again     time.Duration // a copy comes this much later; 0 for none

	// Change, if set, gives what goes on in place of the frame, whose bytes it
	// must not touch; nil for nothing.
	Change func(frame []byte) []byte

	// Where Burst is not 0 the fault strikes during that time, rests during
	// Pause, and so on.
	Burst, Pause time.Duration

	// Where Every is not 0 what Make gives is sent in the place of From as
	// often; nil is nothing.
	Every time.Duration
	Make  func() []byte

	seen  int
	since time.Time
	free  [2]time.Time // when the line is free again, in each direction
}

// Impair puts a fault on the cable and returns what takes it away. Faults
// strike in the order in which they were put.
func (c *Cable) Impair(f Fault) (remove func()) {
	p := &f
	p.since = c.net.world.Now()
	c.faults = append(c.faults, p)
	if p.Every > 0 {
		c.forge(p)
	}
	return func() {
		c.faults = slices.DeleteFunc(c.faults, func(x *Fault) bool { return x == p })
	}
}

// forge sends what a fault makes for as long as it is on the cable.
func (c *Cable) forge(f *Fault) {
	c.net.world.After(f.Every, func() {
		if !slices.Contains(c.faults, f) {
			return
		}
		if frame := f.Make(); frame != nil && f.From.up {
			c.struck++
			c.net.frames++ // a number that no tap hears of
			c.deliver(c.ends[1-c.dir(f.From)], c.net.world.Now().Add(c.Latency), frame, c.net.frames)
		}
		c.forge(f)
	})
}

// resting says whether a fault that comes and goes has gone.
func (f *Fault) resting(now time.Time) bool {
	return f.Burst > 0 && f.Pause > 0 && now.Sub(f.since)%(f.Burst+f.Pause) >= f.Burst
}

// Impaired says whether there are faults on the cable.
func (c *Cable) Impaired() bool { return len(c.faults) > 0 }

// Struck is how many frames faults have lost, delayed, repeated, changed or
// made since the cable was laid.
func (c *Cable) Struck() int { return c.struck }

// Heal takes all faults away.
func (c *Cable) Heal() { c.faults = nil }

// A transit is what becomes of one frame on the cable.
type transit struct {
	frame   []byte
	more    time.Duration // beyond the latency
	copies  int
	outside bool // of the order of frames
}

// strike applies the faults to a frame.
func (c *Cable) strike(from *Port, dir int, frame []byte, n uint64) transit {
	t := transit{frame: frame, copies: 1}
	for _, f := range c.faults {
		if t.copies == 0 {
			break
		}
		was := t
		if !f.Filter.Match(t.frame) || f.Pick != nil && !f.Pick(t.frame) || f.From != nil && f.From != from || f.resting(c.net.world.Now()) {
			continue
		}
		f.seen++
		if f.Nth == 0 || f.seen == f.Nth {
			f.apply(c, from, dir, &t, n)
			if f.Again > 0 || t.copies != was.copies || t.more != was.more || t.outside != was.outside || !bytes.Equal(t.frame, was.frame) {
				c.struck++
			}
		}
	}
	return t
}

func (f *Fault) apply(c *Cable, from *Port, dir int, t *transit, n uint64) {
	w := c.net.world
	chance := func(purpose string, p float64) bool {
		return p > 0 && w.Stream(from.Device, purpose).Chance(p)
	}
	if f.Drop || chance("link loss", f.Loss) {
		t.copies = 0
		return
	}
	if f.Change != nil {
		if t.frame = f.Change(t.frame); t.frame == nil {
			t.copies = 0
			return
		}
	}
	if f.Again > 0 {
		c.deliver(c.ends[1-dir], w.Now().Add(c.Latency+f.Again), t.frame, n)
	}
	if chance("link duplicate", f.Duplicate) {
		t.copies++
	}
	if chance("link corrupt", f.Corrupt) {
		t.frame = slices.Clone(t.frame)
		bit := int(w.Stream(from.Device, "link corrupt").Uint32() % uint32(8*len(t.frame)))
		t.frame[bit/8] ^= 1 << (bit % 8)
	}
	t.more += f.Delay
	if f.Jitter > 0 {
		t.more += w.Stream(from.Device, "link latency").Duration(0, f.Jitter)
	}
	t.outside = t.outside || chance("link reorder", f.Reorder)
	if f.Rate > 0 {
		at := w.Now()
		if f.free[dir].After(at) {
			at = f.free[dir]
		}
		wait := at.Sub(w.Now())
		if f.Queue > 0 && wait > f.Queue {
			t.copies = 0
			return
		}
		takes := time.Duration(int64(len(t.frame)) * 8 * int64(time.Second) / int64(f.Rate))
		f.free[dir] = at.Add(takes)
		t.more += wait + takes
	}
}

// ParseFault reads a fault as scripts write it, and the device that sends the
// frames it is about ("" for both):
//
//	drop | loss 5% | duplicate 5% | corrupt 5% | reorder 5%
//	delay 20ms | jitter 5ms | rate 64k | queue 100ms | again 5s
//	burst 10s | pause 20s
//	from DEVICE | nth 3 | for FILTER
//
// Any of them in any order, `for` last.
func ParseFault(text string) (f Fault, from string, err error) {
	words := strings.Fields(text)
	acts := false
	for i := 0; i < len(words); i++ {
		name := words[i]
		if name == "drop" {
			f.Drop, acts = true, true
			continue
		}
		if name == "for" {
			f.Filter, err = ParseFilter(strings.Join(words[i+1:], " "))
			if err == nil && i+1 == len(words) {
				err = errors.New("for wants a filter, as isakmp")
			}
			break
		}
		if i+1 == len(words) {
			return f, "", fmt.Errorf("fault %q: %s is unknown or wants a value", text, name)
		}
		i++
		value := words[i]
		acts = acts || !slices.Contains([]string{"from", "nth", "queue", "burst", "pause"}, name)
		switch name {
		case "loss":
			f.Loss, err = ParseShare(value)
		case "duplicate":
			f.Duplicate, err = ParseShare(value)
		case "corrupt":
			f.Corrupt, err = ParseShare(value)
		case "reorder":
			f.Reorder, err = ParseShare(value)
		case "delay":
			f.Delay, err = parseTime(value)
		case "jitter":
			f.Jitter, err = parseTime(value)
		case "queue":
			f.Queue, err = parseTime(value)
		case "again":
			f.Again, err = parseTime(value)
		case "burst":
			f.Burst, err = parseTime(value)
		case "pause":
			f.Pause, err = parseTime(value)
		case "rate":
			f.Rate, err = parseRate(value)
		case "from":
			from = value
		case "nth":
			f.Nth, err = strconv.Atoi(value)
			if err != nil || f.Nth < 1 {
				err = fmt.Errorf("nth is %q, want 1 or more", value)
			}
		default:
			err = fmt.Errorf("unknown word %q, want drop, loss, duplicate, corrupt, reorder, delay, jitter, rate, queue, again, burst, pause, from, nth or for", name)
		}
		if err != nil {
			break
		}
	}
	if err == nil && !acts {
		err = errors.New("it does nothing, want drop, loss, duplicate, corrupt, reorder, delay, jitter, rate or again")
	}
	if err != nil {
		return Fault{}, "", fmt.Errorf("fault %q: %w", text, err)
	}
	return f, from, nil
}

// ParseShare reads 0.05 or 5%.
func ParseShare(s string) (float64, error) {
	num, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(num, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf("share of frames is %q, want 0%% to 100%% or 0 to 1", s)
	}
	return v, nil
}

func parseTime(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("time is %q, want as 20ms", s)
	}
	return d, nil
}

func parseRate(s string) (int, error) {
	num, unit := s, 1
	switch {
	case strings.HasSuffix(s, "k"):
		num, unit = s[:len(s)-1], 1e3
	case strings.HasSuffix(s, "M"):
		num, unit = s[:len(s)-1], 1e6
	}
	n, err := strconv.Atoi(num)
	if err != nil || n < 1 || n > 1e6 && unit == 1e6 {
		return 0, fmt.Errorf("rate is %q, want bits per second, as 64k or 10M", s)
	}
	return n * unit, nil
}
