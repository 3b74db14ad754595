package main

import (
	"bytes"
	"context"
	"strings"
	"sync"

	"cwlab/emulator/lab"
	kernel "cwlab/emulator/tap"
)

// An outlet is a TAP interface that the labs of this process use one after
// the other: what comes in goes to the one that was opened last.
type outlet struct {
	file  *kernel.File
	begin sync.Once

	mu     sync.Mutex
	arrive func(frame []byte)
}

// open fits lab.Bridge.
func (o *outlet) open(arrive func(frame []byte)) (send func(frame []byte)) {
	o.mu.Lock()
	o.arrive = arrive
	o.mu.Unlock()
	o.begin.Do(func() {
		go o.file.Receive(func(frame []byte) {
			o.mu.Lock()
			arrive := o.arrive
			o.mu.Unlock()
			arrive(frame)
		})
	})
	return o.file.Send
}

// parseBridge reads DEVICE:PORT=tap:NAME.
func parseBridge(text string) (at lab.Endpoint, name string, err error) {
	from, to, ok := strings.Cut(text, "=")
	node, port, _ := strings.Cut(from, ":")
	name, isTap := strings.CutPrefix(to, "tap:")
	if !ok || !isTap || node == "" || port == "" || name == "" {
		return at, "", misusef("bridge is %q, want DEVICE:PORT=tap:NAME, as F1060:GigabitEthernet1/0/2=tap:cw0", text)
	}
	return lab.Endpoint{Node: node, Port: port}, name, nil
}

// bridges opens the TAP interfaces that --bridge names. They stay open until
// the program ends.
func (f *labFlags) bridges() (all []lab.Bridge, err error) {
	for _, text := range f.bridge {
		at, name, err := parseBridge(text)
		if err != nil {
			return nil, err
		}
		file, err := kernel.Open(name)
		if err != nil {
			return nil, err
		}
		o := &outlet{file: file}
		all = append(all, lab.Bridge{Port: at, Name: name, Open: o.open})
	}
	return all, nil
}

// livePipe is pipe for a lab that is bridged: the world goes on in step with
// the wall clock, also while the prompt waits.
func livePipe(ctx context.Context, l *lab.Lab, name string, s streams) error {
	d, c := l.Device(name), l.Console(name)
	l.Start(ctx)
	defer l.Stop()
	in := newPump(s.in).chunks
	var typed []byte
	var from int64
	last := byte('\n') // the last byte typed
	for ctx.Err() == nil {
		for {
			data, next, _ := c.Read(from, -1)
			if from = next; len(data) == 0 {
				break
			}
			if _, err := s.out.Write(data); err != nil {
				return err
			}
		}
		if err := l.Err(); err != nil {
			return err
		}
		if in == nil && len(typed) == 0 && last != '\n' && last != '\r' {
			typed = []byte{'\n'}
		}
		pressed, ready := false, false
		l.Do(func() {
			ready = !l.Due() && (d.Idle() || lab.Asking(d))
			var keys []byte
			switch {
			case lab.Paging(d): // a pipe has no pages
				keys = []byte{' '}
			case len(typed) > 0 && (ready || typed[0] == ctrlC):
				keys, typed = line(typed)
				last = keys[len(keys)-1]
			default:
				return
			}
			pressed = true
			l.Press(name, bytes.ReplaceAll(bytes.ReplaceAll(keys, []byte("\r\n"), []byte{'\r'}), []byte{'\n'}, []byte{'\r'}))
		})
		switch {
		case pressed:
			continue
		case ready && in == nil:
			return nil
		}
		select {
		case <-ctx.Done():
		case b, ok := <-in:
			if !ok {
				in = nil
			}
			typed = append(typed, b...)
		case <-l.Changed():
		}
	}
	return nil
}
