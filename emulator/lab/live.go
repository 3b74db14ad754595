package lab

import (
	"context"
	"time"
)

// A loop is the goroutine that owns a live lab.
type loop struct {
	lab   *Lab
	calls chan call
	bell  chan struct{} // something was typed, the pace changed
	gone  chan struct{} // closed when the loop has ended
	end   context.CancelFunc

	// Virtual time virt was wall time wall; since then it runs at the pace.
	wall time.Time
	virt time.Time
	hold time.Time // wall time until which virtual time stands still, zero if it does not
}

type call struct {
	f    func()
	done chan struct{}
}

// batch is how many events a loop runs before it looks for callers.
const batch = 256

// Start hands the world to a goroutine of its own, which keeps virtual time
// in step with the wall clock until ctx is done or Stop is called. While
// nothing is due it sleeps.
func (l *Lab) Start(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.live != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	lp := &loop{
		lab: l, calls: make(chan call), bell: make(chan struct{}, 1), gone: make(chan struct{}), end: cancel,
		wall: time.Now(), virt: l.world.Now(),
	}
	l.live = lp
	go lp.run(ctx)
}

// Stop ends the goroutine and waits for it. The caller then owns the world.
func (l *Lab) Stop() {
	l.mu.Lock()
	lp := l.live
	l.mu.Unlock()
	if lp == nil {
		return
	}
	lp.end()
	<-lp.gone
	l.mu.Lock()
	if l.live == lp {
		l.live = nil
	}
	l.mu.Unlock()
}

// Do runs f on the goroutine that owns the world and waits until it has run;
// virtual time is first brought up to the wall clock. On a lab that is not
// live the caller is the owner and f runs at once. Do must not be called from
// inside the world: not from f, not from a hook.
func (l *Lab) Do(f func()) {
	l.mu.Lock()
	lp := l.live
	l.mu.Unlock()
	if lp != nil {
		c := call{f, make(chan struct{})}
		select {
		case lp.calls <- c:
			<-c.done
			return
		case <-lp.gone:
		}
	}
	f()
	l.after()
}

// Pace is how virtual time passes.
func (l *Lab) Pace() Pace {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pace
}

// SetPace changes how virtual time passes from now on. A speed of zero or
// less counts as 1. It may be called from anywhere but inside the world.
func (l *Lab) SetPace(p Pace) {
	if p.Speed <= 0 {
		p.Speed = 1
	}
	l.Do(func() {
		l.mu.Lock()
		l.pace = p
		lp := l.live
		l.mu.Unlock()
		if lp != nil {
			lp.anchor()
		}
		l.signal()
	})
}

// StepOnce runs the next event, whatever the pace. It says false when there
// is none.
func (l *Lab) StepOnce() (ok bool) {
	l.Do(func() {
		ok = l.Step()
		l.mu.Lock()
		lp := l.live
		l.mu.Unlock()
		if lp != nil {
			lp.anchor()
		}
		l.signal()
	})
	return ok
}

func (lp *loop) wake() {
	select {
	case lp.bell <- struct{}{}:
	default:
	}
}

// anchor says that virtual time is now what the world says.
func (lp *loop) anchor() { lp.wall, lp.virt = time.Now(), lp.lab.world.Now() }

// target is the virtual time of this moment of the wall clock.
func (lp *loop) target(p Pace) time.Time {
	return lp.virt.Add(time.Duration(float64(time.Since(lp.wall)) * p.Speed))
}

func (lp *loop) run(ctx context.Context) {
	defer close(lp.gone)
	defer lp.end()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		wait, some := lp.advance()
		if lp.press() || lp.enter() { // what that set off may be due at once
			wait, some = 0, true
		}
		var due <-chan time.Time
		if some {
			if wait <= 0 { // more to do at once, but callers come first
				select {
				case <-ctx.Done():
					return
				case c := <-lp.calls:
					lp.serve(c)
				default:
				}
				continue
			}
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-ctx.Done():
			return
		case c := <-lp.calls:
			lp.advance()
			lp.serve(c)
		case <-lp.bell:
		case <-due:
		}
	}
}

// advance runs what is due, a batch at most. some is false when nothing will
// ever be due, else wait is how long until something is.
func (lp *loop) advance() (wait time.Duration, some bool) {
	l := lp.lab
	l.mu.Lock()
	p, broken := l.pace, l.err != nil
	l.mu.Unlock()
	if broken || p.Paused {
		return 0, false
	}
	if !lp.hold.IsZero() {
		if left := time.Until(lp.hold); left > 0 && !p.Free {
			return left, true
		}
		lp.hold, l.holding = time.Time{}, false
		lp.anchor()
		lp.poke()
	}
	moved := false
	for n := 0; n < batch; n++ {
		if l.linger > 0 {
			if p.Free {
				l.linger, l.holding = 0, false
				lp.poke()
				continue
			}
			lp.hold = time.Now().Add(time.Duration(float64(l.linger) / p.Speed))
			l.linger = 0
			break
		}
		next, ok := l.world.Next()
		if !ok {
			if moved {
				l.signal()
			}
			return 0, false
		}
		if !p.Free {
			target := lp.target(p)
			if next.After(target) {
				l.world.RunUntil(target)
				if moved {
					l.signal()
				}
				return time.Duration(float64(next.Sub(target))/p.Speed) + time.Microsecond, true
			}
		}
		if !l.Step() {
			break
		}
		moved = true
	}
	l.signal()
	return 0, true
}

// poke runs the hooks between two events.
func (lp *loop) poke() {
	lp.lab.guard(lp.lab.after)
}

// press presses what was typed. It says whether there was anything.
func (lp *loop) press() bool {
	l := lp.lab
	l.mu.Lock()
	typed := l.typed
	l.typed = nil
	l.mu.Unlock()
	for _, in := range typed {
		l.Press(in.Device, in.Bytes)
		l.after()
	}
	if len(typed) > 0 {
		l.signal()
	}
	return len(typed) > 0
}

func (lp *loop) serve(c call) {
	defer close(c.done)
	c.f()
	lp.lab.after()
}
