package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"cwlab/emulator/sim"
)

// Why somebody who comes over the network does not get in.
var (
	ErrRefused = errors.New("access denied")
	ErrEnough  = fmt.Errorf("%w for the last time", ErrRefused) // no more tries
	ErrMore    = errors.New("that is half of it")               // the other method is asked for too
	ErrNoLine  = errors.New("all user interfaces are used")
	ErrDark    = errors.New("the device is switched off")
	ErrNoLines = errors.New("the device cannot be reached over the network")
)

// A Caller is somebody who comes to a device by SSH or Telnet.
type Caller struct {
	User   string
	Addr   netip.AddrPort
	Cipher string // from the device to the caller
	// Trusted callers are users of the lab: the device lets them in without a
	// look at its configuration, with every right.
	Trusted bool
}

// A Method is how a caller proves who he is.
type Method int

const (
	ByPassword Method = iota
	ByKey
)

// String is the name of RFC 4252.
func (m Method) String() string {
	if m == ByKey {
		return "publickey"
	}
	return "password"
}

// A Proof is what a caller proves who he is with.
type Proof struct {
	Method   Method
	Password string
	Key      []byte // a SubjectPublicKeyInfo; he holds the private key
	Second   bool   // he has passed by the other method already
}

// A Loss is why a caller who is not let in is gone.
type Loss string

const (
	LossClosed  Loss = ""             // he closed the connection
	LossTime    Loss = "time"         // authentication took too long
	LossVersion Loss = "version"      // he does not speak SSH version 2
	LossKex     Loss = "key exchange" // no algorithm is common, here and below
	LossHostKey Loss = "public key"
	LossCipher  Loss = "encryption"
	LossMAC     Loss = "MAC"
)

// A Screen is what a caller wants of a line.
type Screen struct {
	Width, Height int    // in cells, 0 for no terminal
	Command       string // to run in place of a shell, "" for a shell
	Subsystem     string // "netconf" for that in place of a shell, else ""
}

// A Host is a Device with lines for callers. Like those of a Device its
// methods and those of what it returns are called on the world's goroutine.
type Host interface {
	// Patience is how long a caller's authentication may take, 0 for no limit.
	Patience() time.Duration
	// Offer asks whether a caller may come with a public key, a
	// SubjectPublicKeyInfo, before he proves that it is his: nil, ErrRefused or
	// ErrEnough.
	Offer(c Caller, key []byte) error
	// Admit checks a caller by SSH: ErrRefused, ErrEnough, ErrMore, ErrDark, or
	// a visit that began.
	Admit(c Caller, p Proof) (HostVisit, error)
	// Receive takes a caller by Telnet, who is asked on his line who he is:
	// ErrRefused, ErrDark, or a visit that began.
	Receive(c Caller) (HostVisit, error)
	// Lost is told of callers by SSH who are gone without having been let in.
	Lost(c Caller, why Loss)
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

// Admit checks a caller of a device by SSH: ErrDevice, ErrNoLines, ErrRefused,
// ErrEnough, ErrMore, ErrDark, or a visit that began.
func (l *Lab) Admit(device string, c Caller, p Proof) (*Visit, error) {
	return l.visit(device, c, func(h Host) (HostVisit, error) { return h.Admit(c, p) })
}

// Receive takes a caller of a device by Telnet: the errors are those of Admit.
func (l *Lab) Receive(device string, c Caller) (*Visit, error) {
	return l.visit(device, c, func(h Host) (HostVisit, error) { return h.Receive(c) })
}

// Patience is how long authentication at a device may take, 0 for no limit.
func (l *Lab) Patience(device string) (d time.Duration) {
	if h, err := l.host(device); err == nil {
		_ = l.enter(func() { d = h.Patience() }) // who broke it hears of it at once
	}
	return d
}

// Offer asks whether a caller may come to a device with a public key, a
// SubjectPublicKeyInfo: nil, or ErrDevice, ErrNoLines, ErrRefused, ErrEnough.
func (l *Lab) Offer(device string, c Caller, key []byte) error {
	h, err := l.host(device)
	if err != nil {
		return err
	}
	bad := l.enter(func() {
		err = h.Offer(c, key)
		l.note(fmt.Sprintf("offer %s %s %q", device, c.Addr, c.User))
	})
	return errors.Join(bad, err)
}

func (l *Lab) host(device string) (Host, error) {
	h, ok := l.Device(device).(Host)
	switch {
	case l.index(device) < 0:
		return nil, fmt.Errorf("%w: %q", ErrDevice, device)
	case !ok:
		return nil, ErrNoLines
	}
	return h, nil
}

func (l *Lab) visit(device string, c Caller, admit func(Host) (HostVisit, error)) (v *Visit, err error) {
	h, err := l.host(device)
	if err != nil {
		return nil, err
	}
	v = &Visit{lab: l, device: device, from: c.Addr}
	bad := l.enter(func() {
		v.host, err = admit(h)
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

// Lost tells a device that a caller by SSH is gone without having been let in.
func (l *Lab) Lost(device string, c Caller, why Loss) error {
	h, err := l.host(device)
	if err != nil {
		return err
	}
	return l.enter(func() {
		l.note(strings.TrimRight(fmt.Sprintf("leave %s %s %s", device, c.Addr, why), " "))
		h.Lost(c, why)
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
	ring := terminalRing
	if s.Subsystem != "" {
		ring = subsystemRing
	}
	t = &Terminal{lab: v.lab, device: v.device, console: &Console{ring: ring}, over: make(chan struct{})}
	bad := v.lab.enter(func() {
		t.line, err = v.host.Open(s, func(b []byte) {
			if !t.ended() {
				t.console.write(b)
			}
		}, func(status int) { t.end(status, nil) })
		if err == nil {
			v.lab.note(fmt.Sprintf("open %s %s %s %d %d %q", v.device, t.line.Name(), v.from, s.Width, s.Height, s.Command+s.Subsystem))
			for _, f := range v.lab.opens {
				f(t, s)
			}
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

// subsystemRing is the same for a subsystem, whose replies are markup and must
// not lose a byte.
const subsystemRing = 32 << 20

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
	ends    []func()
}

// Console is what the session shows.
func (t *Terminal) Console() *Console { return t.console }

// Name is the name of the line, such as vty0.
func (t *Terminal) Name() string { return t.line.Name() }

// Lab and Device are where the session is.
func (t *Terminal) Lab() *Lab      { return t.lab }
func (t *Terminal) Device() string { return t.device }

// Masked says that what is typed is not shown. Only the world's owner may ask.
func (t *Terminal) Masked() bool {
	m, ok := t.line.(Masker)
	return ok && m.Masked()
}

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
		byLine(b, func(b []byte) {
			if !t.ended() {
				t.lab.keep(Input{Device: t.device, Line: t.line.Name(), Bytes: b})
				t.line.Input(b)
			}
		})
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
		for _, f := range t.ends {
			f()
		}
	}
}

// OnEnd has f called, inside the world, when the session has ended and shown
// all it will: before another begins on its line. Only the world's owner may
// call it.
func (t *Terminal) OnEnd(f func()) { t.ends = append(t.ends, f) }

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
