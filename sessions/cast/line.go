package cast

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"cwlab/emulator/lab"
)

// A LineRecorder records a session on a virtual line of a device, to be
// played: what it shows, what is typed there, its commands. Its methods are
// called by the world's owner.
type LineRecorder struct {
	stream
	w    *watched
	t    *lab.Terminal
	stop func()
}

// NewLineRecorder records a session that has just begun on a screen, until it
// ends: what is typed on the line after that is another's.
func NewLineRecorder(t *lab.Terminal, s lab.Screen, sink Sink) *LineRecorder {
	r := &LineRecorder{stream: newStream(t.Lab(), sink), t: t, w: &watched{Redactor: &Redactor{}}}
	name := t.Device() + " " + t.Name()
	r.w.OnLine = func(line string) { r.w.finished(name, line) }
	r.write(Marker, name+" begins")
	r.resize(s.Width, s.Height)
	first, _, _ := t.Console().Read(0, -1)
	r.show(first)
	t.Console().Tap(r.show)
	r.stop = t.Lab().OnInput(r.input)
	t.OnEnd(func() { _ = r.Close() }) // who closes it again gets the error
	return r
}

// Close ends the recording.
func (r *LineRecorder) Close() error {
	if !r.closed {
		r.flush()
		r.write(Marker, r.t.Device()+" "+r.t.Name()+" ends")
		r.closed = true
		r.stop()
	}
	return r.err
}

func (r *LineRecorder) show(b []byte) {
	if len(b) > 0 && !r.closed {
		r.moment()
		r.add(r.w, b)
	}
}

func (r *LineRecorder) resize(w, h int) {
	if w < 1 || h < 1 || w > maxCells || h > maxCells { // no terminal
		return
	}
	r.w.SetWidth(w)
	r.flush()
	r.write(Resize, fmt.Sprintf("%dx%d", w, h))
}

func (r *LineRecorder) input(in lab.Input) {
	switch {
	case in.Action != "":
		if size, ok := strings.CutPrefix(in.Action, fmt.Sprintf("resize %s %s ", r.t.Device(), r.t.Name())); ok {
			w, h, _ := strings.Cut(size, " ")
			r.resize(atoi(w), atoi(h))
		}
	case in.Device == r.t.Device() && in.Line == r.t.Name():
		r.flush()
		keys, _ := r.w.redact(in.Bytes, r.t.Masked(), promptLen(r.w.Line()) > 0, nil)
		r.write(Input, strings.ToValidUTF8(string(keys), string(utf8.RuneError)))
	}
}
