package cast

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
)

// A Writer writes a recording, each event at once: what has happened before the
// program is killed is in it.
type Writer struct {
	out     io.Writer
	version int
	last    time.Duration
	line    bytes.Buffer
	err     error
}

// NewWriter writes the header of a recording; a version of 0 is 2.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	if h.Version == 0 {
		h.Version = 2
	}
	if h.Version != 2 && h.Version != 3 {
		return nil, fmt.Errorf("asciicast version is %d, want 2 or 3", h.Version)
	}
	x := wireHeader{Version: h.Version, Idle: h.Idle.Seconds(), Title: h.Title, Run: h.Run}
	if h.Version == 2 {
		x.Width, x.Height, x.Env = h.Width, h.Height, map[string]string{"TERM": "xterm-256color"}
	} else {
		x.Term = &wireTerm{h.Width, h.Height, "xterm-256color"}
	}
	if !h.Start.IsZero() {
		x.Timestamp = json.Number(strconv.FormatInt(h.Start.Unix(), 10))
	}
	c := &Writer{out: w, version: h.Version}
	c.json(x)
	c.line.WriteByte('\n')
	c.flushLine()
	return c, c.err
}

// json appends a value to the line.
func (c *Writer) json(v any) {
	e := json.NewEncoder(&c.line)
	e.SetEscapeHTML(false) // prompts have angle brackets
	if err := e.Encode(v); err != nil && c.err == nil {
		c.err = err
	}
	c.line.Truncate(c.line.Len() - 1) // its line end
}

func (c *Writer) flushLine() {
	if c.err == nil {
		_, c.err = c.out.Write(c.line.Bytes())
	}
	c.line.Reset()
}

// Write writes an event. Times must not go back. The first error stays.
func (c *Writer) Write(e Event) error {
	if c.err == nil && e.At < c.last {
		c.err = fmt.Errorf("an event at %v follows one at %v", e.At, c.last)
	}
	at := e.At
	if c.version == 3 {
		at -= c.last // intervals, to the nanosecond: they do not drift
	}
	c.last = e.At
	c.line.WriteByte('[')
	c.line.WriteString(seconds(at))
	c.line.WriteString(`, "`)
	c.line.WriteByte(e.Code)
	c.line.WriteString(`", `)
	c.json(e.Data)
	c.line.WriteString("]\n")
	c.flushLine()
	return c.err
}

// End ends a recording with the status of what was recorded, which version 3
// alone has a place for.
func (c *Writer) End(status int) error {
	if c.version == 3 {
		_ = c.Write(Event{c.last, Exit, strconv.Itoa(status)}) // the error stays
	}
	return c.err
}

// seconds is a time as a decimal, with as many digits as it needs and at least
// six.
func seconds(d time.Duration) string {
	s := fmt.Sprintf("%d.%09d", d/time.Second, d%time.Second)
	for i := 0; i < 3 && s[len(s)-1] == '0'; i++ {
		s = s[:len(s)-1]
	}
	return s
}
