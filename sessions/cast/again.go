package cast

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cwlab/emulator/lab"
)

// A Difference is the first thing that was not as a recording has it.
type Difference struct {
	File   string
	Line   int // of the recording
	Device string
	At     time.Time // virtual
	Before []string  // lines that the console showed before, alike in both
	Want   string    // in the recording, "" for nothing
	Got    string    // this time, "" for nothing
	Text   string    // what differs
}

func (d *Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: ", d.File, d.Line)
	if d.Device != "" {
		b.WriteString(d.Device + " ")
	}
	fmt.Fprintf(&b, "at %s: %s\n", d.At.Format("2006-01-02 15:04:05.000000000"), d.Text)
	for _, l := range d.Before {
		b.WriteString("  " + l + "\n")
	}
	for _, side := range []struct{ sign, text string }{{"- ", d.Want}, {"+ ", d.Got}} {
		if side.text != "" {
			b.WriteString(side.sign + strings.ReplaceAll(side.text, "\n", "\n"+side.sign) + "\n")
		}
	}
	return b.String()
}

// Why a recording cannot be executed.
var (
	// ErrForeign is a recording of another program.
	ErrForeign = errors.New("this recording does not say what was typed where, so it cannot be executed: cwlab record makes one that can")
	// ErrSecrets is a recording with secrets, without them.
	ErrSecrets = errors.New("secrets were typed that are not in the recording: --secrets FILE has them, one a line, in the order typed")
)

// An Again is a recording that is about to be executed.
type Again struct {
	rec     *Recording
	entries []planned
}

// A planned input.
type planned struct {
	entry
	at    time.Duration
	event int    // number of the "w" event
	code  byte   // of the event behind it
	data  string // of that event
}

// Complete says that the recording has its end: one whose program was killed
// breaks off somewhere, and is executed to there.
func (a *Again) Complete() bool { return len(a.entries) > 0 && a.entries[len(a.entries)-1].end }

// Plan reads what is to be done to execute a recording. Errors name the file,
// those in it are LineErrors.
func Plan(r *Recording, secrets []string) (*Again, error) {
	if r.Run == nil {
		return nil, fmt.Errorf("%s: %w", r.name, ErrForeign)
	}
	if r.Run.Only != "" {
		return nil, fmt.Errorf("%s: this recording is there to be played, it cannot be executed: %s", r.name, r.Run.Only)
	}
	a := &Again{rec: r}
	plain := map[string]*secretRun{}
	for i, e := range r.events {
		if e.code != World {
			continue
		}
		bad := func(format string, args ...any) (*Again, error) {
			return nil, &LineError{r.name, int(e.line), fmt.Sprintf(format, args...)}
		}
		p := planned{at: e.at, event: i}
		var err error
		if p.entry, err = parseEntry(r.decode(e)); err != nil {
			return bad("%v", err)
		}
		if p.end {
			a.entries = append(a.entries, p)
			break
		}
		if i+1 == len(r.events) || r.events[i+1].at != e.at {
			if i+1 == len(r.events) { // it breaks off
				break
			}
			return bad("nothing follows at the same time, want what enters the world")
		}
		next := r.Event(i + 1)
		p.code, p.data = next.Code, next.Data
		switch p.code {
		case Input:
			if p.device == "" || p.line != "" {
				return bad("keys were typed at %q, want the console of a device: what is typed over the network cannot be executed", strings.TrimSpace(p.device+" "+p.line))
			}
			if p.keys == nil {
				p.keys = []byte(p.data)
			}
			if plain[p.device] == nil {
				plain[p.device] = &secretRun{}
			}
			if err := plain[p.device].reveal(p.keys, p.hidden, &secrets); err != nil {
				if errors.Is(err, ErrSecrets) {
					return nil, fmt.Errorf("%s:%d: %w", r.name, e.line, err)
				}
				return bad("%v", err)
			}
		case Resize:
			if p.device == "" {
				return bad("a size concerns no device")
			}
		case Marker:
			if act(nil, p.data) != nil {
				return bad("%q cannot be executed again", p.data)
			}
		default:
			return bad("the event behind it is %q, want i, r or m", p.code)
		}
		a.entries = append(a.entries, p)
	}
	for device, run := range plain {
		if run.left != "" {
			return nil, fmt.Errorf("%s: a secret typed at %s is longer than it was: %d characters are left", r.name, device, len(run.left))
		}
	}
	if len(secrets) > 0 {
		return nil, fmt.Errorf("%s: there are %d secrets more than were typed", r.name, len(secrets))
	}
	return a, nil
}

// A secretRun is a secret that is being typed at a console, perhaps key by
// key.
type secretRun struct {
	in   bool
	left string
}

// reveal puts secrets back into keys.
func (s *secretRun) reveal(keys []byte, hidden []span, secrets *[]string) error {
	at := 0
	for _, h := range append(hidden, span{len(keys), len(keys)}) {
		if h.to > len(keys) || h.from < at {
			return fmt.Errorf("bytes %d-%d are hidden of %d", h.from, h.to, len(keys))
		}
		for ; at < h.from; at++ {
			if s.in && endsSecret(keys[at]) {
				if s.in = false; s.left != "" {
					return fmt.Errorf("the secret is longer than it was by %d characters", len(s.left))
				}
			}
		}
		for ; at < h.to; at++ {
			if !s.in {
				if len(*secrets) == 0 {
					return ErrSecrets
				}
				s.in, s.left, *secrets = true, (*secrets)[0], (*secrets)[1:]
			}
			if s.left == "" {
				return errors.New("the secret is shorter than it was")
			}
			keys[at], s.left = s.left[0], s.left[1:]
		}
	}
	return nil
}

// endsSecret says whether a key that was not hidden ends a secret.
func endsSecret(c byte) bool {
	switch c {
	case '\r', '\n', 0x03, 0x15, 0x18:
		return true
	}
	return c >= ' '
}

// act does what a marker says, or with no lab says whether it can be done.
func act(l *lab.Lab, action string) error {
	f := strings.SplitN(action, " ", 3)
	n := map[string]int{"cut": 2, "mend": 2, "heal": 2, "loss": 3, "delay": 3, "impair": 3, "power": 3}[f[0]]
	if n == 0 || len(f) != n {
		return fmt.Errorf("unknown action %q", action)
	}
	if l == nil {
		return nil
	}
	switch f[0] {
	case "cut":
		return l.Cut(f[1])
	case "mend":
		return l.Mend(f[1])
	case "heal":
		return l.Heal(f[1])
	case "impair":
		return l.Impair(f[1], f[2])
	case "power":
		return l.Power(f[1], f[2] == "true")
	case "loss":
		var p float64
		if _, err := fmt.Sscan(f[2], &p); err != nil {
			return err
		}
		return l.SetLoss(f[1], p)
	}
	d, err := time.ParseDuration(f[2])
	if err != nil {
		return err
	}
	return l.SetDelay(f[1], d)
}

// Execute does in a lab, which was opened as the recording's Run says and not
// touched since, what was done when it was recorded, each input between the
// same two events of the world, and compares all that comes of it. The first
// difference ends it; nil is none.
func (a *Again) Execute(l *lab.Lab) (*Difference, error) {
	c := &comparison{rec: a.rec, lab: l, open: !a.Complete()}
	c.recorder = NewRecorder(l, a.rec.Run.Device, c, nil)
	for _, p := range a.entries {
		if err := a.reach(l, c, p); err != nil || c.diff != nil {
			return c.diff, err
		}
		if p.end {
			break
		}
		var err error
		switch p.code {
		case Input:
			l.Press(p.device, p.keys)
		case Resize:
			w, h, _ := size(p.data) // the recording was looked at
			l.Resize(p.device, w, h)
		case Marker:
			err = act(l, p.data)
		}
		if err != nil {
			return nil, &LineError{a.rec.name, a.rec.Line(p.event), err.Error()}
		}
		if c.diff != nil {
			return c.diff, nil
		}
	}
	if c.open { // to where the recording breaks off
		l.RunFor(a.rec.Duration() - c.recorder.now())
		c.recorder.flush()
	} else if err := c.recorder.Close(); err != nil {
		return nil, err
	}
	last := a.rec.Len() - 1
	for c.next <= last && a.rec.events[c.next].code == Exit { // of whoever recorded
		c.next++
	}
	if c.open && c.next == last && a.rec.events[last].code == World { // what it speaks of has not come
		c.next++
	}
	if c.diff == nil && c.next <= last {
		e := a.rec.Event(c.next)
		c.differ(e, Event{}, "the recording goes on")
	}
	return c.diff, l.Err()
}

// reach brings the world to the point where an input enters it.
func (a *Again) reach(l *lab.Lab, c *comparison, p planned) error {
	at, w := l.StartTime().Add(p.at), l.World()
	early := func() bool {
		next, ok := w.Next()
		return ok && !next.After(at)
	}
	for w.Events() < p.events && early() && c.diff == nil {
		if !l.Step() {
			return l.Err()
		}
	}
	if c.diff == nil && w.Now().Before(at) && !early() {
		l.RunFor(at.Sub(w.Now()))
	}
	if c.diff == nil && (w.Events() != p.events || !w.Now().Equal(at)) {
		c.recorder.flush()
		if c.diff == nil {
			c.next = p.event
			c.differ(a.rec.Event(p.event), Event{}, fmt.Sprintf("the world has come to event %d at %s, it was event %d",
				w.Events(), w.Now().Format("15:04:05.000000000"), p.events))
		}
	}
	return l.Err()
}

// A comparison is the Sink that compares.
type comparison struct {
	rec      *Recording
	lab      *lab.Lab
	recorder *Recorder
	next     int  // event of the recording
	open     bool // the recording breaks off
	before   []string
	diff     *Difference
}

// context is how many lines before a difference are told.
const context = 3

// Write compares an event.
func (c *comparison) Write(e Event) error {
	if c.diff != nil || c.open && c.next >= c.rec.Len() {
		return nil
	}
	if c.next >= c.rec.Len() {
		c.differ(Event{}, e, "the recording has ended")
		return nil
	}
	want := c.rec.Event(c.next)
	switch {
	case want == e:
	case want.Code != e.Code:
		c.differ(want, e, "something else happens")
	case want.Data != e.Data:
		c.differ(want, e, map[byte]string{Output: "the console shows something else", World: "something enters at another point",
			Marker: "something else happens"}[e.Code])
	default:
		c.differ(want, e, fmt.Sprintf("the same happens at %s, it was %s", seconds(e.At), seconds(want.At)))
	}
	if e.Code == Output {
		c.remember(e.Data)
	}
	c.next++
	return nil
}

// remember keeps the last lines.
func (c *comparison) remember(text string) {
	lines := strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
	if n := len(c.before); n > 0 {
		lines[0] = c.before[n-1] + lines[0]
		c.before = c.before[:n-1]
	}
	c.before = append(c.before, lines...)
	c.before = c.before[max(len(c.before)-context-1, 0):]
}

func (c *comparison) differ(want, got Event, text string) {
	if text == "" {
		text = "another event"
	}
	at := want.At
	if want.Code == 0 {
		at = got.At
	}
	d := &Difference{File: c.rec.name, Line: c.rec.Line(min(c.next, c.rec.Len()-1)), At: c.lab.StartTime().Add(at), Text: text, Device: c.recorder.shown}
	if want.Code == Output && got.Code == Output {
		w, g := strings.Split(strings.ReplaceAll(want.Data, "\r", ""), "\n"), strings.Split(strings.ReplaceAll(got.Data, "\r", ""), "\n")
		n := 0
		for n < len(w) && n < len(g) && w[n] == g[n] {
			n++
		}
		last := ""
		if k := len(c.before); k > 0 {
			last = c.before[k-1]
		}
		if n > 0 {
			c.remember(strings.Join(w[:n], "\n") + "\n")
			last = ""
		}
		d.Before = append(d.Before, c.before[:max(len(c.before)-1, 0)]...)
		if n < len(w) {
			d.Want = last + w[n]
		}
		if n < len(g) {
			d.Got = last + g[n]
		}
		if d.Want == d.Got {
			d.Want, d.Got = fmt.Sprintf("%q", want.Data), fmt.Sprintf("%q", got.Data)
		}
	} else {
		d.Before = append(d.Before, c.before...)
		d.Want, d.Got = shownAs(want), shownAs(got)
	}
	c.diff = d
}

// shownAs is an event in a difference.
func shownAs(e Event) string {
	if e.Code == 0 {
		return ""
	}
	return fmt.Sprintf("%s %c %q", seconds(e.At), e.Code, e.Data)
}
