package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime/debug"
	"strings"

	"cwlab/emulator/sim"
)

// Why somebody who comes over the network does not get in.
var (
	ErrRefused = errors.New("access denied")
	ErrNoLine  = errors.New("all user interfaces are used")
	ErrDark    = errors.New("the device is switched off")
	ErrNoLines = errors.New("the device cannot be reached over the network")
)

// A Caller is somebody who comes to a device by SSH.
type Caller struct {
	User   string
	Addr   netip.AddrPort
	Cipher string // from the device to the caller
	// Trusted callers are users of the lab: the device lets them in without a
	// look at its configuration, with every right.
	Trusted bool
}

// A Screen is what a caller wants of a line.
type Screen struct {
	Width, Height int    // in cells, 0 for no terminal
	Command       string // to run in place of a shell, "" for a shell
}

// A Host is a Device with lines for callers. Like those of a Device its
// methods and those of what it returns are called on the world's goroutine.
type Host interface {
	// Admit checks a caller: ErrRefused, ErrDark, or a visit that began.
	Admit(c Caller, password string) (HostVisit, error)
	// Lost is told of callers who were refused and have closed the connection.
	Lost(c Caller)
}

// A HostVisit is a caller who was let in.
type HostVisit interface {
	// Open takes a free line, or says ErrNoLine, ErrRefused or ErrDark. out
	// gets what the line shows, end is called once when the session is over,
	// with the status of its command.
	Open(s Screen, out func([]byte), end func(status int)) (HostLine, error)
	// Leave ends the visit. gone says that the caller closed the connection.
	Leave(gone bool)
}

// A HostLine is a session on a line.
type HostLine interface {
	Name() string // "vty0"
	Input(b []byte)
	Resize(w, h int)
	// EOF says that no more keys come: the session ends when it has taken
	// those there are.
	EOF()
	// Close ends the session.
	Close()
}

// A Visit is a caller who was let in to a device. It may be used from any
// goroutine but not inside the world.
type Visit struct {
	lab    *Lab
	device string
	from   netip.AddrPort
	host   HostVisit
	left   bool // inside the world
}

// Admit checks a caller of a device: ErrDevice, ErrNoLines, ErrRefused,
// ErrDark, or a visit that began.
func (l *Lab) Admit(device string, c Caller, password string) (v *Visit, err error) {
	h, ok := l.Device(device).(Host)
	switch {
	case l.index(device) < 0:
		return nil, fmt.Errorf("%w: %q", ErrDevice, device)
	case !ok:
		return nil, ErrNoLines
	}
	v = &Visit{lab: l, device: device, from: c.Addr}
	bad := l.enter(func() {
		v.host, err = h.Admit(c, password)
		outcome := "accepted"
		if err != nil {
			outcome = "refused"
		}
		l.note(fmt.Sprintf("visit %s %s %s %q", device, c.Addr, outcome, c.User))
	})
	if err = errors.Join(bad, err); err != nil {
		return nil, err
	}
	return v, nil
}

// Lost tells a device that a caller whom it refused has closed the connection.
func (l *Lab) Lost(device string, c Caller) error {
	h, ok := l.Device(device).(Host)
	if !ok {
		return ErrNoLines
	}
	return l.enter(func() {
		l.note(fmt.Sprintf("leave %s %s", device, c.Addr))
		h.Lost(c)
	})
}

// Leave ends the visit and its sessions. gone says that the caller closed the
// connection.
func (v *Visit) Leave(gone bool) error {
	return v.lab.enter(func() {
		if !v.left {
			v.left = true
			v.lab.note(fmt.Sprintf("leave %s %s", v.device, v.from))
		}
		v.host.Leave(gone)
	})
}

// Open takes a free line of the device: a session on a line, or ErrNoLine,
// ErrRefused or ErrDark.
func (v *Visit) Open(s Screen) (t *Terminal, err error) {
	t = &Terminal{lab: v.lab, device: v.device, console: &Console{ring: terminalRing}, over: make(chan struct{})}
	bad := v.lab.enter(func() {
		t.line, err = v.host.Open(s, func(b []byte) {
			if !t.ended() {
				t.console.write(b)
			}
		}, func(status int) { t.end(status, nil) })
		if err == nil {
			v.lab.note(fmt.Sprintf("open %s %s %s %d %d %q", v.device, t.line.Name(), v.from, s.Width, s.Height, s.Command))
		}
	})
	if err = errors.Join(bad, err); err != nil {
		return nil, err
	}
	return t, nil
}

// terminalRing is how many bytes a terminal keeps that its reader has not
// taken: more than the longest display prints at once.
const terminalRing = 1 << 20

// A Terminal is a session on a line of a device, seen from outside. It may be
// used from any goroutine but not inside the world. What it shows is kept like
// that of a console, so that a reader who is slow keeps nobody waiting.
type Terminal struct {
	lab     *Lab
	device  string
	line    HostLine
	console *Console
	over    chan struct{}
	status  int
	err     error
}

// Console is what the session shows.
func (t *Terminal) Console() *Console { return t.console }

// Name is the name of the line, such as vty0.
func (t *Terminal) Name() string { return t.line.Name() }

// Over is closed when the session has ended and shown all it will.
func (t *Terminal) Over() <-chan struct{} { return t.over }

// Status is that of the command that ran, 0 or 1, and of a session 0. Err is
// the mistake of the program that broke the session off, nil for none. Both
// are known when it is over.
func (t *Terminal) Status() int { <-t.over; return t.status }
func (t *Terminal) Err() error  { <-t.over; return t.err }

// Type types on the line and waits until the device has taken the keys.
func (t *Terminal) Type(b []byte) {
	t.do(func() {
		t.lab.keep(Input{Device: t.device, Line: t.line.Name(), Bytes: b})
		t.line.Input(b)
	})
}

// Resize tells the size of the terminal in cells.
func (t *Terminal) Resize(w, h int) {
	t.do(func() {
		t.note("resize", w, h)
		t.line.Resize(w, h)
	})
}

// note keeps what was done to the line in the journal.
func (t *Terminal) note(action string, args ...any) {
	t.lab.note(strings.TrimRight(fmt.Sprintln(append([]any{action, t.device, t.line.Name()}, args...)...), "\n"))
}

// EOF says that no more keys come: the session ends when it has taken those
// there are.
func (t *Terminal) EOF() {
	t.do(func() {
		t.note("eof")
		t.line.EOF()
	})
}

// Close ends the session.
func (t *Terminal) Close() {
	t.do(func() {
		t.note("close")
		t.line.Close()
		t.end(0, nil)
	})
}

// do runs f inside the world. A panic in it ends the session, and the session
// alone; a world that has stopped ends it too.
func (t *Terminal) do(f func()) {
	t.lab.Do(func() {
		if t.ended() {
			return
		}
		if t.lab.failed() {
			t.end(1, nil)
			return
		}
		if err := t.lab.try(f); err != nil {
			t.end(1, err)
			_ = t.lab.try(t.line.Close) // it may be as broken
		}
	})
}

func (t *Terminal) ended() bool {
	select {
	case <-t.over:
		return true
	default:
		return false
	}
}

func (t *Terminal) end(status int, err error) {
	if !t.ended() {
		t.status, t.err = status, err
		close(t.over)
	}
}

// enter runs f inside the world and returns the panic in it, if any.
func (l *Lab) enter(f func()) (err error) {
	l.Do(func() {
		if err = l.Err(); err == nil {
			err = l.try(f)
		}
	})
	return err
}

// try runs f and returns a panic in it as a Fault, for what is one caller's
// alone. A bad pin of the tape is the world's and stops it.
func (l *Lab) try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *sim.BadPin:
			l.guard(func() { panic(r) })
			err = l.Err()
		default:
			err = &Fault{Value: r, At: l.world.Now(), Stack: debug.Stack()}
		}
	}()
	f()
	return nil
}
