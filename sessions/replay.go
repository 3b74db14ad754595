package sessions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"cwlab/emulator/lab"
)

// ReplayOptions choose how a script is replayed.
type ReplayOptions struct {
	lab.Options
	Compare bool
	Opened  func(*lab.Lab)  // called before the script begins
	Create  Create          // for @capture
	Quit    <-chan struct{} // closed to end the replay early
}

// A Result is what a replay came to.
type Result struct {
	Lab      *lab.Lab // as the script left it
	Segments []Segment
	Checks   []Check           // the expectations that were compared
	Err      error             // why the script could not be run to its end
	Updated  map[string]string // text by file, of those that differ
}

// Diffs are the expectations that were not met.
func (r *Result) Diffs() []Diff { return unmet(r.Checks) }

// OK says whether the script ran to its end and nothing differed.
func (r *Result) OK() bool { return r.Err == nil && len(r.Diffs()) == 0 }

// errStill is a world in which nothing more will happen.
var errStill = errors.New("nothing more happens in the lab, but the script waits")

// ErrQuit is a replay that somebody has ended.
var ErrQuit = errors.New("the replay was ended before the script was")

func (r *Runner) quit() {
	r.finish(fmt.Errorf("%s:%d: %w", r.script.File, r.Line(), ErrQuit))
}

// Replay runs a script as fast as the machine can. The error is a lab that
// does not open or a script that does not fit it; what went wrong while the
// script ran is in the result.
func Replay(def *lab.Definition, mk lab.Maker, s *Script, o ReplayOptions) (*Result, error) {
	return replayBy(def, mk, s, o, func(l *lab.Lab, r *Runner) {
		l.Poke()
		for !r.Done() {
			select {
			case <-o.Quit:
				r.quit()
				return
			default:
			}
			if !l.Step() {
				r.Poke() // it sees why
				if !r.Done() {
					r.finish(&FileError{File: s.File, Line: r.Line(), Text: errStill.Error()})
				}
			}
		}
	})
}

// ReplayLive is Replay in step with the wall clock, for a lab that is bridged
// to something outside. It ends early when ctx does.
func ReplayLive(ctx context.Context, def *lab.Definition, mk lab.Maker, s *Script, o ReplayOptions) (*Result, error) {
	return replayBy(def, mk, s, o, func(l *lab.Lab, r *Runner) {
		over := make(chan struct{}, 1)
		l.AfterEvent(func() {
			if r.Done() {
				select {
				case over <- struct{}{}:
				default:
				}
			}
		})
		l.Poke()
		l.Start(ctx)
		for going := true; going && l.Err() == nil; {
			select {
			case <-over:
				going = false
			case <-ctx.Done():
				going = false
			case <-l.Changed():
			}
		}
		l.Stop()
		if r.Poke(); !r.Done() {
			r.quit()
		}
	})
}

func replayBy(def *lab.Definition, mk lab.Maker, s *Script, o ReplayOptions, run func(*lab.Lab, *Runner)) (*Result, error) {
	if err := s.Check(def); err != nil {
		return nil, err
	}
	l, err := lab.Open(def, mk, s.Options(o.Options))
	if err != nil {
		return nil, err
	}
	if o.Opened != nil {
		o.Opened(l)
	}
	r := NewRunner(l, s, RunnerOptions{Compare: o.Compare, Create: o.Create})
	run(l, r)
	return &Result{Lab: l, Segments: r.Segments(), Checks: r.Checks(), Err: r.Err(), Updated: r.Updated()}, nil
}

// Console is every byte that one console showed.
func (r *Result) Console(device string) []byte {
	var out []byte
	for _, s := range r.Segments {
		if s.Device == device {
			out = append(out, s.Bytes...)
		}
	}
	return out
}

// WriteTranscript writes what all consoles showed, in blocks that begin with
// a line `==== DEVICE` whenever another device speaks. A block takes up the
// line at which the console stood.
func (r *Result) WriteTranscript(w io.Writer) error {
	var out bytes.Buffer
	open := map[string][]byte{} // the unfinished line of each console
	for i, s := range r.Segments {
		if i > 0 && out.Bytes()[out.Len()-1] != '\n' {
			out.WriteByte('\n')
		}
		out.WriteString("==== " + s.Device + "\n")
		out.Write(open[s.Device])
		b := bytes.ReplaceAll(s.Bytes, []byte{'\r'}, nil)
		out.Write(b)
		line := append(open[s.Device], b...)
		open[s.Device] = bytes.Clone(line[bytes.LastIndexByte(line, '\n')+1:])
	}
	if n := out.Len(); n > 0 && out.Bytes()[n-1] != '\n' {
		out.WriteByte('\n')
	}
	_, err := w.Write(out.Bytes())
	return err
}
