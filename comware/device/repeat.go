package device

import (
	"slices"
	"time"

	"cwlab/emulator/sim"
)

// repeating is a `repeat` that runs: commands of the history one after the
// other, each behind its prompt as if it were typed, round after round. A
// command that goes on, or asks, is waited for. The command repeat itself is
// held all the time, so that output is not paged.
type repeating struct {
	s        *session
	commands []string
	rounds   uint32 // left, 0 for no end
	delay    time.Duration
	at       int // the next command
	running  bool
	ended    bool
	timer    *sim.Timer
}

// Repeat runs the last n commands of the history again, count times or, with
// 0, until it is interrupted, with a delay between the rounds.
func (s *session) Repeat(n int, count uint32, delay time.Duration) {
	h := s.line.History()
	h = h[max(len(h)-n, 0):]
	if len(h) == 0 || s.again != nil {
		return
	}
	s.again = &repeating{s: s, commands: slices.Clone(h), rounds: count, delay: delay}
	s.line.Hold()
	s.again.after(0)
}

// after goes on later, in any case not within what happens now.
func (r *repeating) after(d time.Duration) {
	if r != nil && !r.running {
		r.timer.Stop()
		r.timer = r.s.box.After(d, r.next)
	}
}

// cancel lets no further command begin.
func (r *repeating) cancel() {
	if r != nil {
		r.ended = true
		r.timer.Stop()
	}
}

// next runs what comes next, unless a command still runs or asks.
func (r *repeating) next() {
	s := r.s
	switch {
	case s.again != r || s.stop != nil || s.line.Questioned():
		return
	case !r.ended && r.at == len(r.commands) && r.rounds != 1:
		r.at = 0
		r.rounds -= min(r.rounds, 1)
		r.after(r.delay)
		return
	case r.ended || r.at == len(r.commands):
		s.again = nil
		s.line.Release()
		return
	}
	command := r.commands[r.at]
	r.at++
	s.line.Print(s.Prompt() + command + "\n")
	r.running = true
	s.shell.Execute(command)
	r.running = false
	if s.again == r { // the command has not ended the session
		r.after(0)
	}
}
