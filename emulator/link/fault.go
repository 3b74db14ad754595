package link

import (
	"slices"
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

	seen int
	free [2]time.Time // when the line is free again, in each direction
}

// Impair puts a fault on the cable and returns what takes it away. Faults
// strike in the order in which they were put.
func (c *Cable) Impair(f Fault) (remove func()) {
	p := &f
	c.faults = append(c.faults, p)
	return func() {
		c.faults = slices.DeleteFunc(c.faults, func(x *Fault) bool { return x == p })
	}
}

// Impaired says whether there are faults on the cable.
func (c *Cable) Impaired() bool { return len(c.faults) > 0 }

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
func (c *Cable) strike(from *Port, dir int, frame []byte) transit {
	t := transit{frame: frame, copies: 1}
	for _, f := range c.faults {
		if t.copies == 0 {
			break
		}
		if f.From != nil && f.From != from || !f.Filter.Match(t.frame) {
			continue
		}
		f.seen++
		if f.Nth == 0 || f.seen == f.Nth {
			f.apply(c, from, dir, &t)
		}
	}
	return t
}

func (f *Fault) apply(c *Cable, from *Port, dir int, t *transit) {
	w := c.net.world
	chance := func(purpose string, p float64) bool {
		return p > 0 && w.Stream(from.Device, purpose).Chance(p)
	}
	if f.Drop || chance("link loss", f.Loss) {
		t.copies = 0
		return
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
