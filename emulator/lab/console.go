package lab

import "sync"

// consoleRing is how many bytes of a console are kept for readers.
const consoleRing = 256 << 10

// A Console is the stream of bytes that one device's console has shown, with
// a growing offset. Any number of readers read it, from any goroutine; one
// that is slow loses the oldest bytes and is told how many.
type Console struct {
	mu     sync.Mutex
	ring   int    // bytes kept, 0 for consoleRing
	buf    []byte // the newest bytes, at most twice as many
	end    int64  // offset after the last byte of buf
	notify map[chan<- struct{}]struct{}
	taps   []func([]byte) // called on the world's goroutine
}

// Read copies up to max bytes from offset from. next is the offset to read
// from afterwards, lost how many bytes before the data are no longer there.
func (c *Console) Read(from int64, max int) (data []byte, next int64, lost int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if from < 0 {
		from = 0
	}
	if from > c.end {
		from = c.end
	}
	first := c.end - int64(len(c.buf))
	if from < first {
		lost = first - from
		from = first
	}
	b := c.buf[from-first:]
	if max >= 0 && len(b) > max {
		b = b[:max]
	}
	return append([]byte(nil), b...), from + int64(len(b)), lost
}

// Forget drops the bytes before offset to, for a console with one reader.
func (c *Console) Forget(to int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.buf) - int(max(c.end-to, 0))
	switch {
	case n <= 0:
	case n == len(c.buf):
		c.buf = nil
	default:
		c.buf = c.buf[n:]
	}
}

// End is the offset after the newest byte.
func (c *Console) End() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end
}

// Notify has ch told of new bytes, without waiting: it should have room for
// one element. cancel ends that.
func (c *Console) Notify(ch chan<- struct{}) (cancel func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.notify == nil {
		c.notify = map[chan<- struct{}]struct{}{}
	}
	c.notify[ch] = struct{}{}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.notify, ch)
	}
}

// Tap has f called with every byte from now on, inside the world, before
// anything else happens. f must not keep the slice.
func (c *Console) Tap(f func([]byte)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taps = append(c.taps, f)
}

func (c *Console) write(b []byte) {
	c.mu.Lock()
	c.buf = append(c.buf, b...)
	c.end += int64(len(b))
	ring := consoleRing
	if c.ring > 0 {
		ring = c.ring
	}
	if len(c.buf) > 2*ring {
		c.buf = append([]byte(nil), c.buf[len(c.buf)-ring:]...)
	}
	taps := c.taps
	for ch := range c.notify { // only wakes readers; the order shows nowhere
		select {
		case ch <- struct{}{}:
		default:
		}
	}
	c.mu.Unlock()
	for _, f := range taps {
		f(b)
	}
}

// trimStart drops the line break before the first prompt.
func (c *Console) trimStart() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.buf) > 0 && (c.buf[0] == '\r' || c.buf[0] == '\n') {
		c.buf = c.buf[1:]
		c.end--
	}
}
