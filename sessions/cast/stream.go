package cast

import (
	"bytes"
	"time"

	"cwlab/emulator/lab"
)

// A Sink takes the events of a recording in order.
type Sink interface{ Write(Event) error }

// A stream is a recording that is being made in a world. What one instant
// shows is one event: output is held back until something else comes.
type stream struct {
	lab    *lab.Lab
	sink   Sink
	err    error
	closed bool
	pend   []byte        // shown at the instant
	at     time.Duration // of pend
	column bool          // what was shown last does not end a line
	keys   keyframes
}

func newStream(l *lab.Lab, sink Sink) stream { return stream{lab: l, sink: sink, keys: newKeyframes()} }

func (r *stream) now() time.Duration { return r.lab.World().Now().Sub(r.lab.StartTime()) }

func (r *stream) write(code byte, data string) { r.writeAt(r.now(), code, data) }

func (r *stream) writeAt(at time.Duration, code byte, data string) {
	if r.err != nil || r.closed {
		return
	}
	r.err = r.sink.Write(Event{at, code, data})
	if k := r.keys.after(code, data); k != "" && r.err == nil {
		r.err = r.sink.Write(Event{at, Keyframe, k})
	}
}

// moment ends the event of an earlier instant.
func (r *stream) moment() {
	if now := r.now(); now != r.at {
		r.flush()
		r.at = now
	}
}

// add shows what a console shows, its secrets hidden, line by line, for the
// markers.
func (r *stream) add(w *watched, b []byte) {
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n') + 1
		if n == 0 {
			n = len(b)
		}
		at := len(r.pend)
		r.pend = append(r.pend, w.Redact(b[:n])...)
		w.prompted = w.prompted || promptLen(w.Line()) > 0
		if b = b[n:]; len(r.pend) > at {
			r.column = r.pend[len(r.pend)-1] != '\n'
		}
		if w.mark != "" {
			r.mark(w.mark)
			w.mark = ""
		}
	}
}

// flush writes what was held back.
func (r *stream) flush() {
	if len(r.pend) > 0 {
		r.writeAt(r.at, Output, string(r.pend))
		r.pend = r.pend[:0]
	}
}

// mark writes a marker.
func (r *stream) mark(text string) {
	r.flush()
	r.write(Marker, text)
}
