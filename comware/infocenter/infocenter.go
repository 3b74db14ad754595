// Package infocenter is the information center of Comware 7: it takes logs and
// debugging traces, words their prefix and hands them to its outputs: the
// terminals, the log buffer, the log file and the log hosts. Rules, formats and
// defaults are those of the Comware 7 command reference "Information center".
//
// A log of a firewall carries the context it comes from right after its
// mnemonic (`-Context=1;`); which tag a model prints is a property of the
// Center.
//
// Limitations: security and diagnostic logs, which have files of their own, are
// not told apart from the others.
package infocenter

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Debugging is the severity of debugging traces; logs have 0 to 6.
const Debugging = 7

// A Record is one log or debugging trace.
type Record struct {
	Time     time.Time
	Stamp    string // the time as it is printed, "" for none
	Sysname  string
	Module   string
	Severity int
	Mnemonic string
	Tag      string // "-Context=1;", empty on models without one
	// Text may span lines. A text that begins with a newline stands on the
	// lines after the prefix.
	Text string
	// Repeats is the line that a suppressed log ends with, "" for none.
	Repeats string
	// Hidden records enter buffer, file and hosts, never a terminal.
	Hidden bool
}

// Stamp is the time as the information center prints it.
func Stamp(t time.Time) string {
	return fmt.Sprintf("%s %2d %s:%03d %d", t.Format("Jan"), t.Day(), t.Format("15:04:05"), t.Nanosecond()/1e6, t.Year())
}

// Body is the record without the character that tells logs from traces.
func (r Record) Body() string {
	var b strings.Builder
	if r.Stamp != "" {
		b.WriteString(r.Stamp + " ")
	}
	fmt.Fprintf(&b, "%s %s", r.Sysname, r.Message())
	b.WriteByte('\n')
	return b.String()
}

// Message is the record from its module on, without its last newline.
func (r Record) Message() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%d/%s:", r.Module, r.Severity, r.Mnemonic)
	if r.Tag != "" {
		b.WriteString(" " + r.Tag)
	}
	if !strings.HasPrefix(r.Text, "\n") {
		b.WriteByte(' ')
	}
	b.WriteString(r.Text)
	if r.Repeats != "" {
		b.WriteString("\n" + r.Repeats)
	}
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
	// After runs f later; nil where nothing is ever suppressed.
	After func(d time.Duration, f func()) (stop func())
	// Format is how times are printed everywhere but at log hosts, Boot when
	// the device booted.
	Format Format
	Boot   time.Time

	Size        int  // of the log buffer
	Off         bool // `undo info-center logbuffer`
	Dropped     int
	Overwritten int
	buffer      []Record
	outputs     []*Output
	rules       map[rule]Level
	mute        []Mute
	shown, kept *suppressor // of terminals, and of all others; nil while duplicates pass
}

// An Output is a terminal, or another place records go to.
type Output struct {
	Write   func(Record)
	channel Channel
	from    *Center
}

// New is an information center as it is after boot: enabled, with an empty
// buffer.
func New(now func() time.Time, sysname func() string, tag string) *Center {
	return &Center{Enabled: true, Now: now, Sysname: sysname, Tag: tag, Size: DefaultBuffer, Boot: now(), rules: map[rule]Level{}}
}

// Subscribe adds a terminal at the console; outputs are written in the order
// they came.
func (c *Center) Subscribe(write func(Record)) *Output { return c.Listen(Console, write) }

// Listen adds an output that gets what the rules of a channel let pass.
func (c *Center) Listen(ch Channel, write func(Record)) *Output {
	o := &Output{Write: write, channel: ch, from: c}
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
	c.take(c.record(module, severity, mnemonic, text))
}

// Record takes a hidden log, as the records of commands are: no terminal shows
// it.
func (c *Center) Record(module string, severity int, mnemonic, text string) {
	r := c.record(module, severity, mnemonic, text)
	r.Hidden = true
	c.take(r)
}

// Debug takes a debugging trace.
func (c *Center) Debug(module, class, text string) {
	c.take(c.record(module, Debugging, class, text))
}

func (c *Center) record(module string, severity int, mnemonic, text string) Record {
	return Record{Time: c.Now(), Sysname: c.Sysname(), Module: module, Severity: severity, Mnemonic: mnemonic, Tag: c.Tag, Text: text}
}

func (c *Center) take(r Record) {
	if !c.Enabled || c.muted(r) {
		return
	}
	if r.Severity == Debugging || c.shown == nil {
		c.store(r)
		c.show(r)
		return
	}
	c.kept.take(r)
	if !r.Hidden {
		c.shown.take(r)
	}
}

// store hands a record to the buffer and all outputs that are no terminals.
func (c *Center) store(r Record) {
	r.Stamp = c.stamp(r.Time)
	if c.passes(Logbuffer, r) {
		c.keep(r)
	}
	for _, o := range slices.Clone(c.outputs) {
		if !o.channel.terminal() && c.passes(o.channel, r) {
			o.Write(r)
		}
	}
}

// show hands a record to the terminals.
func (c *Center) show(r Record) {
	if r.Hidden {
		return
	}
	r.Stamp = c.stamp(r.Time)
	for _, o := range slices.Clone(c.outputs) {
		if o.channel.terminal() && c.passes(o.channel, r) {
			o.Write(r)
		}
	}
}

func (c *Center) keep(r Record) {
	if c.Off {
		return
	}
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
