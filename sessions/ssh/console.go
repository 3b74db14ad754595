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

	mu     sync.Mutex // of what follows and the watchers' sizes
	typist *watcher
	last   time.Time // when he typed last
}

// A watcher is somebody at a console. Ctrl+] takes him away.
type watcher struct {
	*console
	s    *session
	from int64 // where he began to look
	over chan struct{}
	once sync.Once
	told bool // that somebody else types
	w, h int
}

const detachKey = 0x1d // Ctrl+]

// recent is how much of what the console has shown a newcomer is shown.
const recent = 2 << 10

// join brings a session to the console.
func (c *console) join(s *session) *watcher {
	ring := c.lab.Console(c.device)
	end := ring.End()
	w := &watcher{console: c, s: s, from: end, over: make(chan struct{}), w: s.screen.Width, h: s.screen.Height}
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
		w.press(b)
	}
	if i >= 0 {
		w.Close()
	}
}

func (w *watcher) press(b []byte) {
	mine, begins := w.take(time.Now())
	if !mine {
		if !w.told {
			w.told = true
			w.s.notice("somebody else is typing at %s; your keys count when he has paused for %s", w.device, w.turn)
		}
		return
	}
	w.told = false
	if begins {
		w.size()
	}
	w.lab.Do(func() { w.lab.Press(w.device, b) })
}

// take takes the turn to type, or goes on with it.
func (w *watcher) take(now time.Time) (mine, begins bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.typist != nil && w.typist != w && now.Before(w.last.Add(w.turn)) {
		return false, false
	}
	begins = w.typist != w
	w.typist, w.last = w, now
	return true, begins
}

// Resize tells the size of the watcher's terminal, which counts when it is his
// turn.
func (w *watcher) Resize(width, height int) {
	w.mu.Lock()
	w.w, w.h = width, height
	mine := w.typist == w
	w.mu.Unlock()
	if mine {
		w.size()
	}
}

func (w *watcher) size() {
	w.mu.Lock()
	width, height := w.w, w.h
	w.mu.Unlock()
	w.lab.Do(func() { w.lab.Resize(w.device, width, height) })
}

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
		w.mu.Lock()
		if w.typist == w {
			w.typist = nil
		}
		w.mu.Unlock()
		close(w.over)
	})
}
