package ssh

import (
	"context"
	"io"
	"time"

	"cwlab/emulator/lab"
)

// A Screen shows the full screen of a lab to a visitor until he leaves, his
// input ends or ctx is done. The error is a mistake of the program.
type Screen func(ctx context.Context, v *Visitor) error

// A Visitor is somebody on the full screen.
type Visitor struct {
	Lab    *lab.Lab
	Device string // with the focus, "" for the first
	In     io.Reader
	Out    io.Writer
	Sizes  <-chan [2]int       // width and height in cells, the first at once
	Term   string              // of the terminal
	Getenv func(string) string // what the client says of its environment

	seats map[string]*seat
}

// Type types at a console, or says whose turn it is.
func (v *Visitor) Type(device string, b []byte) (who string) { return v.seats[device].press(b) }

// Typist is who else types at a console, "" for nobody.
func (v *Visitor) Typist(device string) string { return v.seats[device].other(time.Now()) }

// Resize tells the size of a console on the visitor's screen.
func (v *Visitor) Resize(device string, w, h int) { v.seats[device].resize(w, h) }

// keys reads what is typed and notes when.
type keys struct{ s *session }

func (k keys) Read(b []byte) (int, error) {
	n, err := k.s.ch.Read(b)
	k.s.conn.active()
	return n, err
}

// view is the session of a visitor of the full screen.
func (s *session) view() {
	c := s.conn
	s.mu.Lock()
	s.looking = true
	s.mu.Unlock()
	c.active()
	switch {
	case c.isHung():
		return
	case s.screen.Command != "":
		s.refuse(errNoCommand)
		return
	case !s.pty:
		s.refuse(errNoTerminal)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.closed:
		case <-s.hung:
		case <-c.gone:
		case <-ctx.Done():
		}
		cancel()
	}()
	v := &Visitor{Lab: c.lab, Device: c.target.device, In: keys{s}, Out: s.ch, Sizes: s.sizes, Term: s.term, Getenv: func(name string) string { return s.env[name] },
		seats: map[string]*seat{}}
	for _, d := range c.lab.Devices() {
		v.seats[d.Name()] = &seat{console: c.server.console(c.lab, d.Name()), who: c.who()}
	}
	defer func() {
		for _, p := range v.seats { // the order shows nowhere
			p.leave()
		}
	}()
	if err := c.server.o.Screen(ctx, v); err != nil {
		c.server.report(c, err, nil)
		s.notice("this session met a mistake of the program and was closed")
	}
	s.exit(0)
}

// said is a size that a screen is to take, the newest in place of one that it
// has not taken.
func said(sizes chan [2]int, w, h int) {
	for {
		select {
		case sizes <- [2]int{w, h}:
			return
		default:
		}
		select {
		case <-sizes:
		default:
		}
	}
}
