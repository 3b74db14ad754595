package ssh

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"

	"cwlab/emulator/lab"
)

// Telnet commands (RFC 854) and options: echo (RFC 857), suppress go ahead
// (RFC 858), window size (RFC 1073).
const (
	telSE   = 240
	telBRK  = 243
	telIP   = 244
	telEC   = 247
	telSB   = 250
	telWILL = 251
	telWONT = 252
	telDO   = 253
	telDONT = 254
	telIAC  = 255

	optEcho = 1
	optSGA  = 3
	optNAWS = 31
)

// A telnet is the stream of a Telnet client as a session's channel: what he
// types without the protocol, which is answered on the way. An option is
// agreed to when it was offered or is suppress go ahead, and refused else;
// what is agreed already gets no answer, so that no two ends can go on for ever
// (RFC 854, RFC 1143).
type telnet struct {
	net.Conn
	resize func(w, h uint32)

	ours, theirs map[byte]bool // options that are on, or offered
	state        telState
	verb         byte
	sub          []byte // of a subnegotiation, as much as counts
	inIAC        bool   // in it
	afterCR      bool   // in what the client sends

	mu      sync.Mutex // of what is written
	wroteCR bool
}

// A telState is where the reader stands.
type telState int

const (
	telData telState = iota
	telCommand
	telOption
	telSub
)

// subMax is how much of a subnegotiation is kept: more than a window size.
const subMax = 16

func newTelnet(nc net.Conn, resize func(w, h uint32)) *telnet {
	return &telnet{Conn: nc, resize: resize, ours: map[byte]bool{optEcho: true, optSGA: true}, theirs: map[byte]bool{optNAWS: true}}
}

// offer begins the negotiation.
func (t *telnet) offer() error {
	_, err := t.raw([]byte{telIAC, telWILL, optEcho, telIAC, telWILL, optSGA, telIAC, telDO, optNAWS})
	return err
}

func (t *telnet) raw(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Conn.Write(b)
}

// Read reads what is typed.
func (t *telnet) Read(b []byte) (n int, err error) {
	for n == 0 && err == nil {
		var m int
		if m, err = t.Conn.Read(b); m > 0 {
			typed, answer := t.parse(b[:m])
			n = copy(b, typed) // never more than was read
			if len(answer) > 0 {
				if _, werr := t.raw(answer); werr != nil {
					err = werr
				}
			}
		}
	}
	return n, err
}

// parse takes the protocol out of what the client sends, and says what is to be
// answered.
func (t *telnet) parse(b []byte) (typed, answer []byte) {
	typed = b[:0]
	for _, c := range b {
		switch t.state {
		case telData:
			switch {
			case c == telIAC:
				t.state = telCommand
			case t.afterCR && (c == 0 || c == '\n'): // the rest of an end of line
				t.afterCR = false
			default:
				typed, t.afterCR = append(typed, c), c == '\r'
			}
		case telCommand:
			t.state = telData
			switch c {
			case telIAC:
				typed = append(typed, c)
			case telBRK, telIP:
				typed = append(typed, 3) // Ctrl+C
			case telEC:
				typed = append(typed, '\b')
			case telSB:
				t.state, t.sub, t.inIAC = telSub, t.sub[:0], false
			case telWILL, telWONT, telDO, telDONT:
				t.state, t.verb = telOption, c
			}
		case telOption:
			t.state = telData
			answer = append(answer, t.negotiate(t.verb, c)...)
		case telSub:
			switch {
			case t.inIAC && c == telSE:
				t.state = telData
				t.told()
			case t.inIAC && c != telIAC: // broken; what follows is data again
				t.state = telData
			case !t.inIAC && c == telIAC:
				t.inIAC = true
				continue
			case len(t.sub) < subMax:
				t.sub = append(t.sub, c)
			}
			t.inIAC = false
		}
	}
	return typed, answer
}

// negotiate is the answer to a request, nil for none.
func (t *telnet) negotiate(verb, option byte) []byte {
	side, yes, no := t.ours, byte(telWILL), byte(telWONT)
	if verb == telWILL || verb == telWONT {
		side, yes, no = t.theirs, telDO, telDONT
	}
	switch on := side[option]; {
	case verb == telDO || verb == telWILL:
		switch {
		case on:
			return nil
		case option == optSGA:
			side[option] = true
			return []byte{telIAC, yes, option}
		}
		return []byte{telIAC, no, option}
	case on:
		delete(side, option)
		return []byte{telIAC, no, option}
	}
	return nil
}

// told takes a subnegotiation: a window size that was agreed on.
func (t *telnet) told() {
	if len(t.sub) == 5 && t.sub[0] == optNAWS && t.theirs[optNAWS] {
		t.resize(uint32(binary.BigEndian.Uint16(t.sub[1:])), uint32(binary.BigEndian.Uint16(t.sub[3:])))
	}
}

// Write shows text: a CR without LF is followed by NUL, a byte 255 is doubled
// (RFC 854).
func (t *telnet) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]byte, 0, len(b)+8)
	for _, c := range b {
		if t.wroteCR && c != '\n' {
			out = append(out, 0)
		}
		t.wroteCR = c == '\r'
		if out = append(out, c); c == telIAC {
			out = append(out, c)
		}
	}
	if _, err := t.Conn.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}

// SendRequest is nothing: Telnet has no status of a session.
func (t *telnet) SendRequest(string, bool, []byte) (bool, error) { return false, nil }

// Close says that nothing more comes. The client then has a moment to close the
// connection: one that is closed with bytes unread takes the last words along.
func (t *telnet) Close() error {
	_ = t.SetReadDeadline(time.Now().Add(linger)) // a connection that is gone needs none
	if h, ok := t.Conn.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return nil
}

// serveTelnet runs a Telnet connection to its end. The device asks on the line
// who it is.
func (c *conn) serveTelnet() {
	s := c.server
	defer s.ended(c)
	defer c.cut()
	defer s.guard(c)
	l, err := s.labs.Lab(c.only)
	if err != nil {
		s.report(c, err, nil)
		return
	}
	c.lab, c.target = l, target{device: c.only, user: telnetUser}
	visit, err := l.Receive(c.only, lab.Caller{Addr: c.addr})
	if err != nil {
		c.failed(err) // a device without the server is as one without the port
		return
	}
	c.visit = visit
	defer c.leave()
	s.authenticated(c) // the device's lines and their time limit hold from here on
	go c.keepAlive(nil)
	if !c.claim() {
		return
	}
	t := newTelnet(c.nc, c.session.resize)
	if t.offer() != nil {
		return
	}
	c.session.ch = t
	over := make(chan struct{})
	c.session.work(over)
	_, _ = io.Copy(io.Discard, c.nc) // until he has closed it, or the moment is over
}

// telnetUser stands for whoever the device will find out.
const telnetUser = "telnet"
