package cast

import (
	"fmt"

	"cwlab/emulator/lab"
)

// A Recorder turns what a lab shows and what enters it into the events of a
// recording. All consoles of a lab stand in one recording, each block under a
// line `==== DEVICE`, unless one is chosen. Its methods, like all that happens
// in a world, are called by the world's owner.
//
// The recording depends on the world alone: the same run gives the same
// events, to the byte.
type Recorder struct {
	stream
	only    string // the device shown, "" for all
	watched map[string]*watched
	shown   string              // device that spoke last
	keep    func(secret string) // nil: secrets are forgotten
}

// NewRecorder records what a lab does from now on, and what its consoles show
// already, of one device or, if it is "", of all. keep is given each secret
// that is typed, once it is complete; nil for nobody.
func NewRecorder(l *lab.Lab, device string, sink Sink, keep func(secret string)) *Recorder {
	r := &Recorder{stream: newStream(l, sink), only: device, watched: map[string]*watched{}, keep: keep}
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
	r.moment()
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
	r.add(w, b)
}
