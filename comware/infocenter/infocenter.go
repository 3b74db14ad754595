// Package infocenter is the information center of Comware 7: it takes logs and
// debugging traces, words their prefix and hands them to its outputs, the log
// buffer and the terminals.
//
// A log of a firewall carries the context it comes from right after its
// mnemonic (`-Context=1;`); which tag a model prints is a property of the
// Center.
package infocenter

import (
	"fmt"
	"strings"
	"time"
)

// Debugging is the severity of debugging traces; logs have 0 to 6.
const Debugging = 7

// A Record is one log or debugging trace.
type Record struct {
	Time     time.Time
	Sysname  string
	Module   string
	Severity int
	Mnemonic string
	Tag      string // "-Context=1;", empty on models without one
	// Text may span lines. A text that begins with a newline stands on the
	// lines after the prefix.
	Text string
}

// Stamp is the time as the information center prints it.
func Stamp(t time.Time) string {
	return fmt.Sprintf("%s %2d %s:%03d %d", t.Format("Jan"), t.Day(), t.Format("15:04:05"), t.Nanosecond()/1e6, t.Year())
}

// Body is the record without the character that tells logs from traces.
func (r Record) Body() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s/%d/%s:", Stamp(r.Time), r.Sysname, r.Module, r.Severity, r.Mnemonic)
	if r.Tag != "" {
		b.WriteString(" " + r.Tag)
	}
	if !strings.HasPrefix(r.Text, "\n") {
		b.WriteByte(' ')
	}
	b.WriteString(r.Text)
	b.WriteByte('\n')
	return b.String()
}

// String is the record as a terminal prints it, with its last newline.
func (r Record) String() string {
	if r.Severity == Debugging {
		return "*" + r.Body()
	}
	return "%" + r.Body()
}

// Limits of the log buffer: `info-center logbuffer size`.
const (
	DefaultBuffer = 512
	MaxBuffer     = 1024
)

// A Center is the information center of one device.
type Center struct {
	Enabled     bool
	Synchronous bool
	Tag         string
	Sysname     func() string
	Now         func() time.Time

	Size        int // of the log buffer
	Dropped     int
	Overwritten int
	buffer      []Record
	outputs     []*Output
}

// An Output is one terminal that listens.
type Output struct {
	Write func(Record)
	from  *Center
}

// New is an information center as it is after boot: enabled, with an empty
// buffer.
func New(now func() time.Time, sysname func() string, tag string) *Center {
	return &Center{Enabled: true, Now: now, Sysname: sysname, Tag: tag, Size: DefaultBuffer}
}

// Subscribe adds an output; outputs are written in the order they came.
func (c *Center) Subscribe(write func(Record)) *Output {
	o := &Output{Write: write, from: c}
	c.outputs = append(c.outputs, o)
	return o
}

// Close takes the output out.
func (o *Output) Close() {
	for i, x := range o.from.outputs {
		if x == o {
			o.from.outputs = append(o.from.outputs[:i:i], o.from.outputs[i+1:]...)
			return
		}
	}
}

// Log takes a log of the given module, severity 0 to 6 and mnemonic.
func (c *Center) Log(module string, severity int, mnemonic, text string) {
	c.emit(c.record(module, severity, mnemonic, text), true)
}

// Record keeps a log in the buffer without showing it on terminals, as the
// records of commands are.
func (c *Center) Record(module string, severity int, mnemonic, text string) {
	if c.Enabled {
		c.keep(c.record(module, severity, mnemonic, text))
	}
}

// Debug takes a debugging trace. Traces do not enter the buffer.
func (c *Center) Debug(module, class, text string) {
	c.emit(c.record(module, Debugging, class, text), false)
}

func (c *Center) record(module string, severity int, mnemonic, text string) Record {
	return Record{Time: c.Now(), Sysname: c.Sysname(), Module: module, Severity: severity, Mnemonic: mnemonic, Tag: c.Tag, Text: text}
}

func (c *Center) emit(r Record, buffer bool) {
	if !c.Enabled {
		return
	}
	if buffer {
		c.keep(r)
	}
	for _, o := range c.outputs {
		o.Write(r)
	}
}

func (c *Center) keep(r Record) {
	if c.Size <= 0 {
		c.Dropped++
		return
	}
	if over := len(c.buffer) + 1 - c.Size; over > 0 {
		c.buffer = append(c.buffer[:0], c.buffer[over:]...)
		c.Overwritten += over
	}
	c.buffer = append(c.buffer, r)
}

// Buffer is what the log buffer holds, oldest first.
func (c *Center) Buffer() []Record { return c.buffer }

// Resize sets the size of the log buffer. The newest logs stay; those that
// have no place any more are counted as overwritten.
func (c *Center) Resize(n int) {
	c.Size = n
	if over := len(c.buffer) - n; over > 0 {
		c.buffer = append([]Record(nil), c.buffer[over:]...)
		c.Overwritten += over
	}
}

// Clear empties the log buffer and its counters.
func (c *Center) Clear() { c.buffer, c.Dropped, c.Overwritten = nil, 0, 0 }
