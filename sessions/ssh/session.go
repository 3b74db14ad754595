package ssh

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/emulator/lab"
)

// A session is the session channel of a connection.
type session struct {
	conn   *conn
	ch     channel
	closed chan struct{} // when the client has closed the channel
	hung   chan struct{} // when a full screen is to end

	mu      sync.Mutex
	screen  lab.Screen
	pty     bool
	term    string
	env     map[string]string
	sizes   chan [2]int // of the terminal, for a full screen
	looking bool        // it is one
	bye     func()      // what is said at its end, nil for nothing
	hanging sync.Once
	line    line // nil before shell or exec
}

// A channel is how a session is carried.
type channel interface {
	io.ReadWriteCloser
	SendRequest(name string, wantReply bool, payload []byte) (bool, error)
}

func newSession(c *conn) *session {
	return &session{conn: c, closed: make(chan struct{}), hung: make(chan struct{}), sizes: make(chan [2]int, 1)}
}

// What is kept of the environment that a client tells.
var kept = []string{"LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR"}

// A line is what the session is at: a terminal on a virtual line, or a place
// at a console.
type line interface {
	Console() *lab.Console
	Type(b []byte)
	Resize(w, h int)
	EOF()
	Close()
	Over() <-chan struct{}
}

// chunk is how much is read of a console at once, and the backlog that Ctrl+C
// leaves alone.
const chunk = 16 << 10

// ptyRequest is RFC 4254 section 6.2, windowChange 6.7, the others 6.5 to 6.10.
type ptyRequest struct {
	Term                        string
	Columns, Rows, Width, Depth uint32
	Modes                       string
}

type envRequest struct{ Name, Value string }

type windowChange struct{ Columns, Rows, Width, Depth uint32 }

type execRequest struct{ Command string }

type subsystemRequest struct{ Name string }

type signalRequest struct{ Name string }

type exitStatus struct{ Status uint32 }

// maxCells bounds the size that a client tells.
const maxCells = 4096

func cells(n uint32) int { return int(min(n, maxCells)) }

// maxCommand is the length of a command of exec, in bytes.
const maxCommand = 16 << 10

// run answers the requests of the channel. begun is closed when a shell or a
// command begins, over when it has ended.
func (s *session) run(ch xssh.Channel, requests <-chan *xssh.Request, begun, over chan<- struct{}) {
	s.ch = ch
	s.env = map[string]string{}
	started := false
	for r := range requests {
		ok := false
		switch r.Type {
		case "pty-req":
			var p ptyRequest
			if ok = xssh.Unmarshal(r.Payload, &p) == nil && !started; ok {
				s.pty, s.term = true, p.Term
				s.resize(p.Columns, p.Rows)
			}
		case "window-change":
			var w windowChange
			if ok = xssh.Unmarshal(r.Payload, &w) == nil; ok {
				s.resize(w.Columns, w.Rows)
			}
		case "env":
			var e envRequest // the device has none, the screen speaks a language
			if ok = xssh.Unmarshal(r.Payload, &e) == nil && !started; ok && slices.Contains(kept, e.Name) && len(e.Value) < maxName {
				s.env[e.Name] = e.Value
			}
		case "shell", "exec":
			var e execRequest
			if started || r.Type == "exec" && (xssh.Unmarshal(r.Payload, &e) != nil || len(e.Command) > maxCommand) {
				break
			}
			ok, started = true, true // from here on only the size may change
			s.screen.Command = e.Command
		case "subsystem":
			var q subsystemRequest
			if ok = xssh.Unmarshal(r.Payload, &q) == nil && !started && s.begin(q.Name); ok {
				started = true
			}
		case "signal":
			var g signalRequest
			if ok = xssh.Unmarshal(r.Payload, &g) == nil && g.Name == "INT"; ok {
				s.typed([]byte{3})
			}
		}
		if r.WantReply {
			_ = r.Reply(ok, nil) // a connection that is gone ends the loop
		}
		if started && begun != nil {
			close(begun)
			begun = nil
			s.conn.server.spawn(s.conn, func() { s.work(over) })
		}
	}
	close(s.closed)
	if v := s.conn.visit; v != nil {
		s.conn.failed(v.Leave(!s.conn.isHung()))
	} else if l := s.at(); l != nil {
		l.Close()
	}
}

// at is the line, nil before there is one.
func (s *session) at() line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line
}

func (s *session) resize(w, h uint32) {
	s.mu.Lock()
	s.screen.Width, s.screen.Height = cells(w), cells(h)
	l := s.line
	s.mu.Unlock()
	said(s.sizes, cells(w), cells(h))
	if l != nil {
		l.Resize(cells(w), cells(h))
	}
}

// typed is keys that did not come over the channel.
func (s *session) typed(b []byte) {
	if l := s.at(); l != nil {
		l.Type(b)
	}
}

// work is the session: its line shown and typed at until it is over.
func (s *session) work(over chan<- struct{}) {
	defer close(over)
	defer func() { _ = s.ch.Close() }() // the client may have
	if s.conn.target.screen {
		s.view()
		return
	}
	l, err := s.open()
	if err != nil {
		s.refuse(err)
		return
	}
	s.conn.active()
	var skip atomic.Int64
	s.conn.server.spawn(s.conn, func() { s.input(l, &skip) })
	s.show(l, &skip)
	status := uint32(0)
	if t, ok := l.(*lab.Terminal); ok {
		select {
		case <-t.Over():
			if err := t.Err(); err != nil {
				s.conn.failed(err)
				s.notice("this session met a mistake of the program and was closed")
			}
			status = uint32(t.Status())
		default: // the client has gone
		}
	}
	s.exit(status)
}

// begin begins a subsystem and says whether the device lets the client in to
// it: only virtual lines have one, NETCONF (RFC 6242 section 3).
func (s *session) begin(subsystem string) bool {
	if subsystem != "netconf" || s.conn.visit == nil {
		return false
	}
	s.mu.Lock()
	s.screen = lab.Screen{Subsystem: subsystem}
	s.mu.Unlock()
	_, err := s.open()
	if err != nil {
		s.conn.failed(err)
		s.screen.Subsystem = ""
	}
	return err == nil
}

// open takes the line, once.
func (s *session) open() (line, error) {
	c := s.conn
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != nil {
		return s.line, nil
	}
	if c.visit == nil && s.screen.Command != "" {
		return nil, errNoCommand
	}
	var l line
	if c.visit == nil {
		l = c.server.console(c.lab, c.target.device).join(s)
	} else {
		t, err := c.visit.Open(s.screen)
		if err != nil {
			return nil, err
		}
		l = t
	}
	s.line = l
	return l, nil
}

var (
	errNoCommand  = errors.New("ssh: a console runs no command")
	errNoTerminal = errors.New("ssh: the full screen needs a terminal")
)

// refuse says why there is no session.
func (s *session) refuse(err error) {
	s.conn.failed(err)
	switch {
	case errors.Is(err, lab.ErrNoLine):
		s.print("All user interfaces are used, please try later!\r\n")
	case errors.Is(err, lab.ErrRefused):
		s.notice("no line of the device lets SSH users in: it needs authentication-mode scheme")
	case errors.Is(err, lab.ErrDark):
		s.notice("the device is switched off")
	case errors.Is(err, errNoCommand):
		s.notice("a console runs no command: log in as USER+DEVICE")
	case errors.Is(err, errNoTerminal):
		s.notice("the full screen needs a terminal: ssh -t")
	default:
		s.notice("this session met a mistake of the program and was closed")
	}
	s.exit(1)
}

func (s *session) print(text string) {
	_, _ = s.ch.Write([]byte(text)) // a client that is gone does not read it
}

// notice is a line of the program's own, in its language. A subsystem has no
// place for one.
func (s *session) notice(english string, args ...any) {
	if s.screen.Subsystem != "" {
		return
	}
	s.print("\r\n[cwlab] " + s.conn.server.o.Say(english, args...) + "\r\n")
}

// farewell has said, when the session is over, why it had to end.
func (s *session) farewell(english string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bye = func() { s.notice(english, args...) }
}

// exit ends the session with a status.
func (s *session) exit(status uint32) {
	s.mu.Lock()
	bye := s.bye
	s.mu.Unlock()
	if bye != nil {
		bye()
	}
	_, _ = s.ch.SendRequest("exit-status", false, xssh.Marshal(exitStatus{status})) // if it is still there
}

// input types what the client sends.
func (s *session) input(l line, skip *atomic.Int64) {
	buf := make([]byte, 4096)
	for {
		n, err := s.ch.Read(buf)
		if n > 0 {
			s.conn.active()
			if s.screen.Subsystem == "" && bytes.IndexByte(buf[:n], 3) >= 0 { // who interrupts does not want the rest
				skip.Store(l.Console().End())
			}
			l.Type(buf[:n])
		}
		if err != nil {
			l.EOF()
			return
		}
	}
}

// show writes what the line shows until it is over or the client has gone.
func (s *session) show(l line, skip *atomic.Int64) {
	c := l.Console()
	from := int64(0)
	w, watching := l.(*watcher)
	if watching {
		from = w.from
	}
	bell := make(chan struct{}, 1)
	defer c.Notify(bell)()
	for {
		ended := false
		select {
		case <-l.Over():
			ended = true
		case <-s.closed:
			return
		default:
		}
		if to := skip.Swap(0); to-from > chunk {
			from = to
			s.print("\r\n")
		}
		data, next, lost := c.Read(from, chunk)
		if lost > 0 && s.screen.Subsystem != "" {
			return // what is left is no message
		}
		if lost > 0 {
			s.notice("%d bytes were too fast for the screen", lost)
		}
		if len(data) > 0 {
			if _, err := s.ch.Write(data); err != nil {
				return
			}
			if from = next; !watching {
				c.Forget(from)
			}
			continue
		}
		if ended {
			return
		}
		select {
		case <-bell:
		case <-l.Over():
		case <-s.closed:
			return
		case <-s.conn.gone:
			return
		}
	}
}

// hangUp ends the session and says whether there is one.
func (s *session) hangUp() bool {
	s.mu.Lock()
	l, looking := s.line, s.looking
	s.mu.Unlock()
	switch {
	case looking:
		s.hanging.Do(func() { close(s.hung) })
	case l != nil:
		l.Close()
	}
	return looking || l != nil
}
