package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/chzyer/readline"

	"cwlab/emulator/lab"
	"cwlab/emulator/pcap"
	"cwlab/sessions"
	"cwlab/tui/words"
)

func runConsole(ctx context.Context, args []string, s streams) error {
	set := newFlags("console", s)
	set.args = "LAB [DEVICE]"
	var f labFlags
	f.add(set)
	var c castFlags
	c.add(set, "record the console in `FILE`, or all of them without a DEVICE, as an asciicast")
	var tf traceFlags
	tf.add(set)
	rest, err := set.parse(args, 1, 2)
	if err != nil {
		return err
	}
	def, err := sessions.Load(rest[0])
	if err != nil {
		return err
	}
	if err := tf.check(def); err != nil {
		return err
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	name := ""
	if len(rest) == 2 {
		name = rest[1]
	}
	return consoleOf(ctx, def, o, rest[0], name, &tapes{castFlags: &c, device: name}, &traces{traceFlags: tf}, s)
}

// consoleOf opens a lab and gives one of its consoles to this terminal or pipe,
// or the operator's prompt if no device is named.
func consoleOf(ctx context.Context, def *lab.Definition, o lab.Options, labName, name string, tapes *tapes, traces *traces, s streams) (err error) {
	if name != "" && !hasDevice(def, name) {
		return misusef("lab %s has no device %q, it has %s", def.Name, name, deviceNames(def))
	}
	keys := new(pcap.Keys)
	if name == "" {
		o.Keys = keys
	}
	defer func() { err = errors.Join(err, traces.close()) }()
	l, err := traces.open(def, o, s.err)
	if err != nil {
		return err
	}
	if err := tapes.begin(l, labName, o); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tapes.close()) }()
	terminal := readline.IsTerminal(int(s.in.Fd()))
	if name == "" {
		return operate(ctx, l, labName, o, keys, s, terminal, tapes, traces)
	}
	if terminal {
		l.Start(ctx)
		defer l.Stop()
		fmt.Fprintf(s.err, "%s\r\n", s.lang.Say("Console of %s. Ctrl+] detaches.", name))
		_, err := attach(ctx, l, name, 0, newPump(s.in), s)
		return err
	}
	if len(o.Bridges) > 0 {
		return livePipe(ctx, l, name, s)
	}
	return pipe(ctx, l, name, s)
}

func deviceNames(def *lab.Definition) string {
	var all []string
	for _, d := range def.Devices {
		all = append(all, d.Name)
	}
	return strings.Join(all, ", ")
}

const (
	ctrlC     = 0x03
	detachKey = 0x1d // Ctrl+]
)

// pipe types what comes in on a console, a line when the prompt is back, in
// free virtual time: while a command runs the world runs as fast as it can,
// while the prompt waits for input it stands still. Byte 0x03 is the device's
// Ctrl+C and does not wait. At the end of input it waits for the running
// command.
func pipe(ctx context.Context, l *lab.Lab, name string, s streams) error {
	d, c := l.Device(name), l.Console(name)
	var outErr error
	show := func(b []byte) {
		if outErr == nil && len(b) > 0 {
			_, outErr = s.out.Write(b)
		}
	}
	first, _, _ := c.Read(0, -1)
	show(first)
	c.Tap(show)

	in := newPump(s.in).chunks
	var typed []byte
	after := byte(0) // the last byte typed
	for outErr == nil && ctx.Err() == nil {
		if err := l.Err(); err != nil {
			return err
		}
		if lab.Paging(d) { // a pipe has no pages
			l.Press(name, []byte{' '})
			l.Poke()
			continue
		}
		ready := !l.Due() && (d.Idle() || lab.Asking(d))
		if len(typed) > 0 && (ready || typed[0] == ctrlC) {
			var keys []byte
			if keys, typed = line(typed); after == '\r' && keys[0] == '\n' {
				keys = keys[1:] // of a line end that came in two pieces
			}
			if len(keys) > 0 {
				if after != 0 {
					l.RunFor(typingTime) // what the line before began goes on
				}
				after = keys[len(keys)-1]
				l.Press(name, bytes.ReplaceAll(bytes.ReplaceAll(keys, []byte("\r\n"), []byte{'\r'}), []byte{'\n'}, []byte{'\r'}))
				l.Poke()
			} else {
				after = 0
			}
			continue
		}
		half := after >= ' ' || after == '\t' // a line without its end was typed
		switch {
		case ready && in == nil && half:
			typed = append(typed, '\n')
		case ready && in == nil:
			return nil
		case ready: // nothing moves until somebody types
			select {
			case <-ctx.Done():
			case b, ok := <-in:
				if !ok {
					in = nil
				}
				typed = append(typed, b...)
			}
		default:
			select {
			case b, ok := <-in:
				if !ok {
					in = nil
				}
				typed = append(typed, b...)
			default:
			}
			for range 64 {
				if !l.Step() || d.Idle() && !l.Due() {
					break
				}
			}
			if _, more := l.World().Next(); !more && in == nil && !d.Idle() {
				return words.Errorf("%s waits for something that does not come", name)
			}
		}
	}
	return outErr
}

// typingTime is the virtual time between two lines of a pipe.
const typingTime = 100 * time.Millisecond

// line cuts off what can be typed at once: up to and including a line end,
// or up to a Ctrl+C, which goes alone.
func line(b []byte) (keys, rest []byte) {
	if b[0] == ctrlC {
		return b[:1], b[1:]
	}
	i := bytes.IndexAny(b, "\r\n\x03")
	switch {
	case i < 0:
		return b, nil
	case b[i] == ctrlC:
		return b[:i], b[i:]
	case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
		i++
	}
	return b[:i+1], b[i+1:]
}

// attach puts a console of a live lab on this terminal until Ctrl+] or the
// end of input. It shows what the console has shown since offset from, and
// returns the offset it came to.
func attach(ctx context.Context, l *lab.Lab, name string, from int64, in *pump, s streams) (int64, error) {
	fd := int(s.in.Fd())
	state, err := readline.MakeRaw(fd)
	if err != nil {
		return from, fmt.Errorf("terminal: %w", err)
	}
	defer func() { _ = readline.Restore(fd, state) }()

	resize := func() {
		if w, h, err := readline.GetSize(fd); err == nil && w > 0 && h > 0 {
			l.Do(func() { l.Resize(name, w, h) })
		}
	}
	resize()
	sizes := make(chan struct{}, 1)
	readline.DefaultOnWidthChanged(func() {
		select {
		case sizes <- struct{}{}:
		default:
		}
	})

	c := l.Console(name)
	news := make(chan struct{}, 1)
	defer c.Notify(news)()
	keys := make(chan []byte)
	t := in.open()
	defer func() { _ = t.Close() }()
	go func() {
		defer close(keys)
		for {
			b := make([]byte, 1024)
			n, err := t.Read(b)
			if n > 0 {
				select {
				case keys <- b[:n]:
				case <-t.gone:
					in.unread(b[:n])
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()

	if from == c.End() { // nothing new: the line at which the console stands
		all, _, _ := c.Read(0, -1)
		_, _ = s.out.Write(all[bytes.LastIndexByte(all, '\n')+1:])
	}
	for {
		data, next, lost := c.Read(from, 32<<10)
		if lost > 0 {
			fmt.Fprintf(s.out, "\r\n(%s)\r\n", s.lang.Say("%d bytes lost", lost))
		}
		from = next
		if len(data) > 0 {
			if _, err := s.out.Write(data); err != nil {
				return from, err
			}
			continue
		}
		if err := l.Err(); err != nil {
			return from, err
		}
		select {
		case <-ctx.Done():
			return from, nil
		case <-news:
		case <-sizes:
			resize()
		case b, ok := <-keys:
			i := bytes.IndexByte(b, detachKey)
			if i >= 0 {
				in.unread(b[i+1:])
				b = b[:i]
			}
			l.Type(name, b)
			if i >= 0 || !ok {
				_, _ = io.WriteString(s.out, "\r\n")
				return from, nil
			}
		}
	}
}
