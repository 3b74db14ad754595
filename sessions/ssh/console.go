package ssh

import (
	"bytes"
	"sync"
	"time"

	"cwlab/emulator/lab"
)

// A console is the console line of a device, which any number of people watch
// and one of them types at.
type console struct {
	lab    *lab.Lab
	device string
	turn   time.Duration

	mu     sync.Mutex // of what follows and the sizes of seats
	typist *seat
	last   time.Time // when he typed last
}

// A seat is a place at a console.
type seat struct {
	*console
	who  string // as others see him
	w, h int
}

// press types, or says whose turn it is.
func (p *seat) press(b []byte) (who string) {
	who, begins := p.take(time.Now())
	if who != "" {
		return who
	}
	if begins {
		p.size()
	}
	p.lab.Type(p.device, b)
	return ""
}

// take takes the turn to type, or goes on with it, or says whose it is.
func (p *seat) take(now time.Time) (who string, begins bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.typist != nil && p.typist != p && now.Before(p.last.Add(p.turn)) {
		return p.typist.who, false
	}
	begins = p.typist != p
	p.typist, p.last = p, now
	return "", begins
}

// other is who else types now, "" for nobody.
func (p *seat) other(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.typist == nil || p.typist == p || !now.Before(p.last.Add(p.turn)) {
		return ""
	}
	return p.typist.who
}

// resize tells the size of a person's terminal, which counts when it is his
// turn.
func (p *seat) resize(width, height int) {
	p.mu.Lock()
	p.w, p.h = width, height
	mine := p.typist == p
	p.mu.Unlock()
	if mine {
		p.size()
	}
}

func (p *seat) size() {
	p.mu.Lock()
	width, height := p.w, p.h
	p.mu.Unlock()
	p.lab.Do(func() { p.lab.Resize(p.device, width, height) })
}

// leave gives the turn back.
func (p *seat) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.typist == p {
		p.typist = nil
	}
}

// A watcher is somebody at a console. Ctrl+] takes him away.
type watcher struct {
	seat
	s    *session
	from int64 // where he began to look
	over chan struct{}
	once sync.Once
	told bool // that somebody else types
}

const detachKey = 0x1d // Ctrl+]

// recent is how much of what the console has shown a newcomer is shown.
const recent = 2 << 10

// join brings a session to the console.
func (c *console) join(s *session) *watcher {
	ring := c.lab.Console(c.device)
	end := ring.End()
	w := &watcher{seat: seat{console: c, who: s.conn.who(), w: s.screen.Width, h: s.screen.Height}, s: s, from: end, over: make(chan struct{})}
	if tail, _, _ := ring.Read(max(end-recent, 0), recent); len(tail) > 0 {
		w.from = end - int64(len(tail)) + int64(bytes.LastIndexByte(tail, '\n')+1)
	}
	return w
}

// Console is what the console shows.
func (w *watcher) Console() *lab.Console { return w.lab.Console(w.device) }

// Over is closed when the watcher leaves.
func (w *watcher) Over() <-chan struct{} { return w.over }

// Type types, unless it is another's turn.
func (w *watcher) Type(b []byte) {
	i := bytes.IndexByte(b, detachKey)
	if i >= 0 {
		b = b[:i]
	}
	if len(b) > 0 {
		switch who := w.press(b); {
		case who == "":
			w.told = false
		case !w.told:
			w.told = true
			w.s.notice("%s is typing at %s; your keys count when he has paused for %s", who, w.device, w.turn)
		}
	}
	if i >= 0 {
		w.Close()
	}
}

// Resize tells the size of the watcher's terminal.
func (w *watcher) Resize(width, height int) { w.resize(width, height) }

// eofPause is how often a watcher without keys looks whether the device is
// done with those he typed.
const eofPause = 20 * time.Millisecond

// EOF is no more keys: the watcher leaves when the device is done with them.
func (w *watcher) EOF() {
	tick := time.NewTicker(eofPause)
	defer tick.Stop()
	for idle := false; !idle; {
		select {
		case <-tick.C:
		case <-w.over:
			return
		}
		w.lab.Do(func() { d := w.lab.Device(w.device); idle = d.Idle() || lab.Asking(d) || w.lab.Err() != nil })
	}
	w.Close()
}

// Close takes the watcher away.
func (w *watcher) Close() {
	w.once.Do(func() {
		w.leave()
		close(w.over)
	})
}
