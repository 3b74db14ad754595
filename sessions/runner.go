package sessions

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"strings"
	"time"

	"cwlab/emulator/lab"
	"cwlab/emulator/pcap"
	"cwlab/emulator/sim"
)

// promptLimit is the virtual time within which a prompt must come back.
const promptLimit = 6 * time.Hour

// Wall time of a script that is played for a reader.
const (
	playKey   = 40 * time.Millisecond
	playEnter = 300 * time.Millisecond
	playStep  = 900 * time.Millisecond
)

// RunnerOptions choose how a script is run.
type RunnerOptions struct {
	Compare bool // compare with what the script expects
	Play    bool // type at a readable speed; needs a live lab
	Create  Create
}

// A Create makes a file for a capture. One that is nil lets no script write.
type Create func(name string) (io.WriteCloser, error)

// ErrNoCapture is a script that captures where it may not.
var ErrNoCapture = errors.New("captures are not written here")

// A Runner runs a script inside a world. It is a state machine: Poke, called
// after each event, does every step that is due, at that instant of virtual
// time.
type Runner struct {
	lab    *lab.Lab
	script *Script
	o      RunnerOptions

	capture  *pcap.Capture // nil while none is written
	vars     map[string]string
	next     int            // step
	now      Step           // that step, with the values of its variables
	pattern  *regexp.Regexp // of now
	state    string         // what the step waits for, "" when it has not begun
	timer    *sim.Timer
	deadline bool   // the timer fired
	keys     []byte // still to type, when playing
	consoles map[string]*spoken
	segments []Segment
	checks   []Check
	shown    map[int][]string // by step: what the console showed at an Expect
	err      error
	done     bool
	busy     bool
}

// A Segment is what one console showed without another in between.
type Segment struct {
	Device string
	Bytes  []byte
}

// spoken is what one console showed since the last line typed.
type spoken struct {
	typed   string // that line, echoed first
	since   []byte
	scanned int // of since, by the wait at hand
	at      int // number of the step that typed it
}

// NewRunner attaches a script to a lab; the caller owns the world. The
// script has been checked against the lab.
func NewRunner(l *lab.Lab, s *Script, o RunnerOptions) *Runner {
	r := &Runner{lab: l, script: s, o: o, consoles: map[string]*spoken{}, shown: map[int][]string{}, vars: maps.Clone(s.vars)}
	for _, d := range l.Devices() {
		name, c := d.Name(), l.Console(d.Name())
		sp := &spoken{}
		r.consoles[name] = sp
		if first, _, _ := c.Read(0, -1); len(first) > 0 {
			r.segments = append(r.segments, Segment{name, first})
		}
		c.Tap(func(b []byte) {
			if r.done {
				return
			}
			sp.since = append(sp.since, b...)
			if n := len(r.segments); n > 0 && r.segments[n-1].Device == name {
				r.segments[n-1].Bytes = append(r.segments[n-1].Bytes, b...)
			} else {
				r.segments = append(r.segments, Segment{name, bytes.Clone(b)})
			}
		})
	}
	l.AfterEvent(r.Poke)
	return r
}

// Play runs a script on a lab at a readable speed: virtual time stands still
// while keys are typed. Called before the lab is started it begins at the
// lab's start time, as a replay does.
func Play(l *lab.Lab, s *Script, create Create) *Runner {
	var r *Runner
	l.Do(func() { r = NewRunner(l, s, RunnerOptions{Play: true, Create: create}) })
	return r
}

// Done says whether the script has ended. Only the world's owner may ask.
func (r *Runner) Done() bool { return r.done }

// Err is why the script could not go on, nil if it ran to its end.
func (r *Runner) Err() error { return r.err }

// Checks are the expectations that there were, in order.
func (r *Runner) Checks() []Check { return r.checks }

// Diffs are those that were not met.
func (r *Runner) Diffs() []Diff { return unmet(r.checks) }

// Segments are what the consoles showed, in order.
func (r *Runner) Segments() []Segment { return r.segments }

// Line is the line of the script that is being run, 0 when it has ended.
func (r *Runner) Line() int {
	if r.done || r.next >= len(r.script.Steps) {
		return 0
	}
	return r.script.Steps[r.next].Line
}

// Progress is how many steps are done, of how many, and the device at which
// the script is.
func (r *Runner) Progress() (done, of int, device string) {
	of = len(r.script.Steps)
	for i := min(r.next, of-1); i >= 0 && device == ""; i-- {
		device = r.script.Steps[i].Device
	}
	return r.next, of, device
}

// Stop ends the script where it is. A line that stands half typed at a prompt
// is erased with CTRL_X, as a person would.
func (r *Runner) Stop() {
	if r.done {
		return
	}
	r.finish(nil)
	if r.state != "play" {
		return
	}
	s := r.now
	d := r.lab.Device(s.Device)
	if typed := len(s.Text) + 1 - len(r.keys); (s.Kind == TypeLine || s.Kind == TypeOn) && typed > 0 && d.Idle() && !lab.Asking(d) {
		r.lab.Press(s.Device, []byte{0x18})
	}
}

func (r *Runner) finish(err error) {
	if r.done {
		return
	}
	if bad := r.stopCapture(); err == nil {
		err = bad
	}
	r.err, r.done = err, true
	r.timer.Stop()
}

func (r *Runner) fail(s Step, format string, args ...any) {
	at := r.lab.World().Now().Format("2006-01-02 15:04:05.000")
	r.finish(&FileError{File: s.File, Line: s.Line, Text: fmt.Sprintf(format, args...) + " (" + at + ")"})
}

// Poke does every step that is due now.
func (r *Runner) Poke() {
	if r.busy || r.o.Play && r.lab.Lingering() { // a step's own input comes back here
		return
	}
	r.busy = true
	defer func() { r.busy = false }()
	for !r.done {
		if err := r.lab.Err(); err != nil {
			r.finish(err)
			return
		}
		if r.next == len(r.script.Steps) {
			r.finish(nil)
			return
		}
		if r.state == "" && !r.resolve() || !r.step(r.now) {
			return
		}
		r.next++
		r.state, r.deadline = "", false
		r.timer.Stop()
		r.timer = nil
	}
}

// value is that of a variable.
func (r *Runner) value(name string) (string, bool) {
	v, ok := r.vars[name]
	return v, ok
}

// resolve gives the next step the values of its variables. It is false when
// one has none, which ends the script.
func (r *Runner) resolve() bool {
	s := r.script.Steps[r.next]
	var bad string
	var err error
	if s.Kind == TypeLine || s.Kind == TypeOn || s.Kind == TypePart {
		if s.Text, bad = expand(s.Text, r.value, nil); bad != "" {
			err = unset(bad)
		}
	} else if s.Kind == Wait || s.Kind == Take {
		r.pattern, err = compile(s.Text, r.value)
	}
	r.now = s
	if err != nil {
		r.fail(s, "%v", err)
	}
	return err == nil
}

// after sets the timer of the step.
func (r *Runner) after(d time.Duration) {
	r.deadline = false
	r.timer = r.lab.World().Alarm(d, func() { r.deadline = true })
}

// step goes on with a step. It says whether the step is over.
func (r *Runner) step(s Step) bool {
	switch s.Kind {
	case TypeLine, TypeOn, TypePart, TypeKey:
		return r.typing(s)
	case Advance:
		if r.state == "" {
			r.state = "time"
			r.after(s.For)
		}
		return r.deadline
	case Wait:
		if r.state == "" {
			r.state = "pattern"
			r.consoles[s.Device].scanned = 0
			r.after(s.For)
		}
		if r.scan(s) {
			r.check(s, "@wait /"+s.Text+"/", "")
			return true
		}
		if r.deadline {
			r.fail(s, "%s did not show /%s/ within %v", s.Device, s.Text, s.For)
		}
		return false
	case Take:
		return r.did(s, r.take(s))
	case Cut:
		return r.did(s, r.lab.Cut(s.Link))
	case Mend:
		return r.did(s, r.lab.Mend(s.Link))
	case Lose:
		return r.did(s, r.lab.SetLoss(s.Link, s.Share))
	case Delay:
		return r.did(s, r.lab.SetDelay(s.Link, s.For))
	case Impair:
		return r.did(s, r.lab.Impair(s.Link, s.Text))
	case Heal:
		return r.did(s, r.lab.Heal(s.Link))
	case Power:
		return r.did(s, r.lab.Power(s.Device, s.On))
	case Capture:
		return r.did(s, r.startCapture(s.Text))
	case Expect:
		r.expect(s)
	case none:
	}
	return true
}

// startCapture ends the capture there is and begins another, unless the text
// is "off".
func (r *Runner) startCapture(text string) error {
	if err := r.stopCapture(); err != nil || text == "off" {
		return err
	}
	q, err := pcap.ParseRequest(text)
	if err != nil {
		return err
	}
	if r.o.Create == nil {
		return ErrNoCapture
	}
	file, err := r.o.Create(q.File)
	if err != nil {
		return err
	}
	r.capture, err = pcap.Start(file, r.lab.Network(), q)
	return err
}

func (r *Runner) stopCapture() error {
	c := r.capture
	if c == nil {
		return nil
	}
	r.capture = nil
	return c.Stop()
}

func (r *Runner) did(s Step, err error) bool {
	if err != nil {
		r.fail(s, "%v", err)
		return false
	}
	return true
}

func (r *Runner) typing(s Step) bool {
	sp := r.consoles[s.Device]
	switch r.state {
	case "":
		keys := s.Text
		if s.Kind == TypeLine || s.Kind == TypeOn {
			keys += "\r"
		}
		if r.o.Play {
			r.state, r.keys = "play", []byte(keys)
			r.lab.Linger(playStep)
			return false
		}
		r.begin(sp, s)
		r.lab.Press(s.Device, []byte(keys))
		return r.typed(s)
	case "play":
		if len(r.keys) == len(s.Text) || s.Kind < TypePart && len(r.keys) == len(s.Text)+1 {
			r.begin(sp, s)
		}
		k := r.keys[:min(1, len(r.keys))]
		r.keys = r.keys[len(k):]
		r.lab.Press(s.Device, k)
		switch len(r.keys) {
		case 0:
			return r.typed(s)
		case 1:
			r.lab.Linger(playEnter)
		default:
			r.lab.Linger(playKey)
		}
		return false
	}
	// The prompt is awaited.
	if r.ready(s.Device) {
		return true
	}
	if r.deadline {
		r.fail(s, "%s did not come back to its prompt within %v after %q", s.Device, promptLimit, s.Text)
	}
	return false
}

// ready says whether a console takes the next line: its prompt is back, or
// its command asks something.
func (r *Runner) ready(device string) bool {
	d := r.lab.Device(device)
	return !r.lab.Due() && (d.Idle() || lab.Asking(d))
}

func (r *Runner) begin(sp *spoken, s Step) {
	*sp = spoken{typed: s.Text, at: r.next}
	if s.Kind == TypeKey {
		sp.typed = ""
	}
}

// typed says whether a step is over once its keys are pressed.
func (r *Runner) typed(s Step) bool {
	if s.Kind == TypeOn || s.Kind == TypePart || r.ready(s.Device) {
		return true
	}
	r.state = "prompt"
	r.after(promptLimit)
	return false
}

// output is what a console showed since the line typed before, its echo left
// out, with plain line ends.
func (sp *spoken) output() string {
	s := plain(sp.since)
	if sp.typed != "" {
		if rest, ok := strings.CutPrefix(s, sp.typed); ok {
			s = rest
		}
	}
	return strings.TrimPrefix(s, "\n")
}

// plain leaves out carriage returns and what backspaces rubbed out.
func plain(b []byte) string {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		switch c {
		case '\r', 0, 7:
		case '\b':
			if n := len(out); n > 0 && out[n-1] != '\n' {
				out = out[:n-1]
			}
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// scan looks for the pattern in what is new, line by line; the line that is
// not complete counts too.
func (r *Runner) scan(s Step) bool {
	sp := r.consoles[s.Device]
	if sp.scanned == len(sp.since) && sp.scanned > 0 {
		return false
	}
	rest := sp.since[sp.scanned:]
	if sp.scanned == 0 { // the echo is not output
		rest = []byte(sp.output())
	}
	for line := range strings.SplitSeq(plain(rest), "\n") {
		if line != "" && r.pattern.MatchString(line) {
			return true
		}
	}
	sp.scanned = bytes.LastIndexByte(sp.since, '\n') + 1
	return false
}

// take gives a variable what the console has shown since the line typed last.
func (r *Runner) take(s Step) error {
	for line := range strings.SplitSeq(r.consoles[s.Device].output(), "\n") {
		if m := r.pattern.FindStringSubmatch(line); m != nil {
			r.vars[s.Name] = m[min(1, len(m)-1)]
			return nil
		}
	}
	return fmt.Errorf("%s has not shown /%s/, which @take %s wants", s.Device, s.Text, s.Name)
}

// check notes what an expectation came to.
func (r *Runner) check(s Step, name, diff string) {
	r.checks = append(r.checks, Check{Diff{s.File, s.Line, s.Device, r.lab.World().Now(), diff}, name})
}

// expect compares a block of expected lines. What follows the last line end
// is the prompt, or a line being typed.
func (r *Runner) expect(s Step) {
	out := r.consoles[s.Device].output()
	lines := strings.Split(out, "\n")
	lines = lines[:len(lines)-1]
	r.shown[r.next] = lines
	if !r.o.Compare {
		return
	}
	name := r.consoles[s.Device].typed
	r.check(s, name, compare(r.wanted(s), lines))
}

// wanted are the lines that a step expects, with the values of variables.
func (r *Runner) wanted(s Step) []wantLine { return parseWant(s.Want, r.value) }

// Updated is the text of each file of the script with the expectations that
// were not met rewritten to what was shown. Lines that fit stay as they are.
func (r *Runner) Updated() map[string]string {
	out, from := map[string][]string{}, map[string]int{} // from is the next line of the file to copy
	for i, s := range r.script.Steps {
		got, ok := r.shown[i]
		if s.Kind != Expect || !ok {
			continue
		}
		want := r.wanted(s)
		edits := align(want, trimLines(got))
		if equal(edits) {
			continue
		}
		if s.Line-1 < from[s.File] { // included twice, and rewritten before
			continue
		}
		out[s.File] = append(out[s.File], r.script.lines[s.File][from[s.File]:s.Line-1]...)
		for _, e := range edits {
			switch e.op {
			case '=', '.':
				out[s.File] = append(out[s.File], want[e.want].raw)
			case '+':
				out[s.File] = append(out[s.File], quoteLine(e.got))
			}
		}
		from[s.File] = s.Line - 1 + len(s.Want)
	}
	texts := map[string]string{}
	for file, lines := range out {
		end := r.script.ends[file]
		texts[file] = strings.Join(append(lines, r.script.lines[file][from[file]:]...), end) + end
	}
	return texts
}
