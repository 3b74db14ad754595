package pcap

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/link"
)

// Suffix is how the name of a capture file ends.
const Suffix = ".pcapng"

// KeysSuffix is how the name of the folder ends that has the keys of a capture.
const KeysSuffix = ".keys"

// A Request is what somebody wants captured.
type Request struct {
	File   string   // below the working folder
	Places []string // names of links and DEVICE:PORTs, none for all
	Filter link.Filter
}

// ParseRequest reads
//
//	FILE.pcapng [LINK,DEVICE:PORT...] [for FILTER]
//
// where FILTER has the words of link.ParseFilter. The file lies below the
// working folder, wherever a script comes from.
func ParseRequest(text string) (r Request, err error) {
	f := strings.Fields(text)
	if at := slices.Index(f, "for"); at >= 0 {
		if r.Filter, err = link.ParseFilter(strings.Join(f[at+1:], " ")); err != nil {
			return r, err
		}
		if at+1 == len(f) {
			return r, errors.New("for wants a filter, as isakmp")
		}
		f = f[:at]
	}
	switch {
	case len(f) == 0:
		return r, errors.New("a capture wants a FILE" + Suffix)
	case len(f) > 2:
		return r, fmt.Errorf("%q is too much, a capture wants FILE%s [LINKS] [for FILTER]", f[2], Suffix)
	case !strings.HasSuffix(f[0], Suffix) || !filepath.IsLocal(f[0]):
		return r, fmt.Errorf("file is %q, want a name below the working folder that ends in %s", f[0], Suffix)
	}
	r.File = f[0]
	if len(f) == 2 {
		r.Places = strings.Split(f[1], ",")
	}
	return r, nil
}

// Keys is the name of the folder for the keys of the capture: FILE.keys for
// FILE.pcapng.
func (r Request) Keys() string { return strings.TrimSuffix(r.File, Suffix) + KeysSuffix }

// listens says whether what a port sends is captured where it is sent: the
// port itself is not named, but all of them are, or its cable.
func (r Request) listens(p *link.Port) bool {
	return len(r.Places) == 0 || !r.named(p) && p.Cable() != nil && slices.Contains(r.Places, p.Cable().Name)
}

// named says whether the port is one of the places.
func (r Request) named(p *link.Port) bool { return slices.Contains(r.Places, p.String()) }

// A Capture is a file that is being written. Only the owner of the world may
// use it.
type Capture struct {
	Request
	Frames int // so far

	file    io.WriteCloser
	writer  *writer
	now     func() time.Time // of the world
	removes []func()
}

// Start writes to file what passes from now on. Where it fails the file is
// closed.
func Start(file io.WriteCloser, n *link.Network, r Request) (*Capture, error) {
	var ports, named []*link.Port
	for _, p := range n.Ports() {
		if r.named(p) {
			named = append(named, p)
		}
		if r.named(p) || r.listens(p) {
			ports = append(ports, p)
		}
	}
	w, err := newWriter(file, ports)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	c := &Capture{Request: r, file: file, writer: w, now: n.Now}
	take := func(p *link.Port, number uint64, frame []byte, out bool) {
		if r.Filter.Match(frame) {
			c.Frames++
			w.frame(p, number, n.Now(), frame, out)
		}
	}
	c.removes = []func(){n.OnNote(w.note), n.Tap(func(p *link.Port, _ time.Time, frame []byte) {
		if r.listens(p) {
			take(p, n.Frames(), frame, true)
		}
	})}
	for _, p := range named {
		c.removes = append(c.removes, p.Watch(func(frame []byte, number uint64, out bool) { take(p, number, frame, out) }))
	}
	return c, nil
}

// Flush writes the frames that have waited for a second, also when no other
// follows them.
func (c *Capture) Flush() { c.writer.release(c.now()) }

// Stop ends the capture and closes its file. The error is the first one of
// all that was written.
func (c *Capture) Stop() error {
	for _, f := range c.removes {
		f()
	}
	if err := errors.Join(c.writer.close(), c.file.Close()); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return nil
}
