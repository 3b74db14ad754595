package cast

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"cwlab/emulator/lab"
)

// A Sink takes the events of a recording in order.
type Sink interface{ Write(Event) error }

// A Recorder turns what a lab shows and what enters it into the events of a
// recording. All consoles of a lab stand in one recording, each block under a
// line `==== DEVICE`, unless one is chosen. Its methods, like all that happens
// in a world, are called by the world's owner.
//
// The recording depends on the world alone: the same run gives the same
// events, to the byte.
type Recorder struct {
	lab    *lab.Lab
	only   string // the device shown, "" for all
	sink   Sink
	err    error
	closed bool

	watched map[string]*watched
	shown   string        // device that spoke last
	pend    []byte        // what it showed at the instant
	at      time.Duration // of pend
	column  bool          // what was written last does not end a line

	keys keyframes
	keep func(secret string) // nil: secrets are forgotten
}

// A watched console.
type watched struct {
	*Redactor
	typed  []rune // since the last Enter
	enters int    // pressed and not yet seen in a line with a prompt
	secret []byte // being typed
	mark   string // to be written behind the line that was finished
}

// finished makes a marker of a line that is a prompt and a command.
func (w *watched) finished(device, line string) {
	n := promptLen(line)
	if n == 0 || w.enters == 0 {
		return
	}
	command := strings.TrimSpace(line[n:])
	if logLine.MatchString(command) {
		return
	}
	if w.enters--; command != "" {
		w.mark = device + ": " + command
	}
}

// logLine is a log or a trace, which may stand behind a prompt.
var logLine = regexp.MustCompile(`^[%*]?[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d:\d{3} \d{4} `)

// NewRecorder records what a lab does from now on, and what its consoles show
// already, of one device or, if it is "", of all. keep is given each secret
// that is typed, once it is complete; nil for nobody.
func NewRecorder(l *lab.Lab, device string, sink Sink, keep func(secret string)) *Recorder {
	r := &Recorder{lab: l, only: device, sink: sink, watched: map[string]*watched{}, keep: keep, keys: newKeyframes()}
	for _, d := range l.Devices() {
		name := d.Name()
		w := &watched{Redactor: &Redactor{}}
		w.OnLine = func(line string) { w.finished(name, line) }
		r.watched[name] = w
		first, _, _ := l.Console(name).Read(0, -1)
		r.show(name, first)
		l.Console(name).Tap(func(b []byte) { r.show(name, b) })
	}
	l.OnInput(r.input)
	l.OnChange(func(c lab.Change) { r.mark(c.String()) })
	return r
}

// HeaderOf is the header of what a Recorder records.
func HeaderOf(l *lab.Lab, version int, run *Run) Header {
	return Header{Version: version, Width: beginWidth, Height: beginHeight, Start: l.StartTime(), Title: l.Definition().Title, Run: run}
}

// Err is the first error of the sink.
func (r *Recorder) Err() error { return r.err }

// Close ends the recording.
func (r *Recorder) Close() error {
	if !r.closed {
		for _, d := range r.lab.Devices() {
			r.watched[d.Name()].confide(r.keep)
		}
		r.flush()
		r.write(World, fmt.Sprintf("%d end", r.lab.World().Events()))
		r.closed = true
	}
	return r.err
}

func (r *Recorder) now() time.Duration { return r.lab.World().Now().Sub(r.lab.StartTime()) }

func (r *Recorder) write(code byte, data string) { r.writeAt(r.now(), code, data) }

func (r *Recorder) writeAt(at time.Duration, code byte, data string) {
	if r.err != nil || r.closed {
		return
	}
	r.err = r.sink.Write(Event{at, code, data})
	if k := r.keys.after(code, data); k != "" && r.err == nil {
		r.err = r.sink.Write(Event{at, Keyframe, k})
	}
}

// show takes what a console shows.
func (r *Recorder) show(device string, b []byte) {
	if r.closed || len(b) == 0 {
		return
	}
	w := r.watched[device]
	if r.only != "" && r.only != device { // its line is needed to judge what is typed
		w.Redact(b)
		return
	}
	if now := r.now(); now != r.at {
		r.flush()
		r.at = now
	}
	if r.shown != device {
		r.flush()
		if r.only == "" {
			if r.column {
				r.pend = append(r.pend, "\r\n"...)
			}
			r.pend = append(append(append(r.pend, "==== "+device...), "\r\n"...), w.Line()...)
		}
		r.shown = device
	}
	for len(b) > 0 { // line by line, for the markers
		n := strings.IndexByte(string(b), '\n') + 1
		if n == 0 {
			n = len(b)
		}
		at := len(r.pend)
		text := w.Redact(b[:n])
		r.pend = append(r.pend, text...)
		if b = b[n:]; len(r.pend) > at {
			r.column = r.pend[len(r.pend)-1] != '\n'
		}
		if w.mark != "" {
			r.mark(w.mark)
			w.mark = ""
		}
	}
}

// flush writes the output that was held back so that what one instant shows
// is one event.
func (r *Recorder) flush() {
	if len(r.pend) > 0 {
		r.writeAt(r.at, Output, string(r.pend))
		r.pend = r.pend[:0]
	}
}

// mark writes a marker.
func (r *Recorder) mark(text string) {
	r.flush()
	r.write(Marker, text)
}
