package main

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"cwlab/emulator/lab"
	"cwlab/sessions/cast"
)

// A camera records the full screen: what is painted, and of the labs that are
// opened on it what is typed and the markers. Time is that of the lab on the
// screen; a second lab goes on where the one before stood.
type camera struct {
	file    *os.File
	version int

	mu     sync.Mutex
	w      *cast.Writer // nil before the first picture
	cols   int
	rows   int
	last   time.Duration
	before string                     // shown before there was a lab
	base   map[*lab.Lab]time.Duration // when they were opened
	err    error
}

func newCamera(f *castFlags) (*camera, error) {
	file, err := os.Create(f.file)
	if err != nil {
		return nil, misuse{err}
	}
	return &camera{file: file, version: f.version, base: map[*lab.Lab]time.Duration{}}, nil
}

// follow takes notice of a lab that was opened and is not live yet.
func (c *camera) follow(l *lab.Lab) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base[l] = c.last
	cast.NewRecorder(l, "", footage{c, l}, nil)
}

// footage is the events of a lab that go into the recording of a screen.
type footage struct {
	*camera
	l *lab.Lab
}

func (f footage) Write(e cast.Event) error {
	if e.Code == cast.Input || e.Code == cast.Marker {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.write(f.l, e)
	}
	return nil
}

// write writes an event of a lab, whose time does not go back: pictures come a
// little later than what they show.
func (c *camera) write(l *lab.Lab, e cast.Event) {
	if c.w == nil || c.err != nil {
		return
	}
	c.last = max(c.last, c.base[l]+e.At)
	e.At = c.last
	c.err = c.w.Write(e)
}

// Show takes a picture.
func (c *camera) Show(l *lab.Lab, at time.Duration, w, h int, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.w == nil && l == nil {
		c.before += text // an empty screen
		return
	}
	if c.w == nil && c.err == nil {
		head := cast.HeaderOf(l, c.version, &cast.Run{Version: version(), Lab: l.Definition().Name, Style: l.Style().String(), Start: l.StartTime(),
			Only: "it has the pictures of a screen; cwlab record keeps what the consoles showed"})
		head.Width, head.Height = w, h
		c.w, c.err = cast.NewWriter(c.file, head)
		c.cols, c.rows = w, h
		text = c.before + text
	}
	if c.cols != w || c.rows != h {
		c.cols, c.rows = w, h
		c.write(l, cast.Event{At: at, Code: cast.Resize, Data: fmt.Sprintf("%dx%d", w, h)})
	}
	c.write(l, cast.Event{At: at, Code: cast.Output, Data: text})
}

// Redact hides the secrets of a console.
func (c *camera) Redact() func([]byte) []byte { return new(cast.Redactor).Redact }

// close ends the recording.
func (c *camera) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.w != nil {
		c.err = errors.Join(c.err, c.w.End(exitOK))
	}
	if err := errors.Join(c.err, c.file.Close()); err != nil {
		return fmt.Errorf("%s: %w", c.file.Name(), err)
	}
	return nil
}
