package ssh

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/emulator/lab"
)

// A conn is one connection.
type conn struct {
	server   *Server
	nc       net.Conn
	addr     netip.AddrPort
	only     string // device of the listener, "" for all
	halfOpen bool   // under the server's lock
	gone     chan struct{}

	begun   time.Time
	typed   atomic.Int64 // when the client typed last or his session began, in nanoseconds since begun
	wire    wire
	lab     *lab.Lab // of the target
	target  target
	misses  int         // tries that the lab has refused, and keys that nobody has
	tried   *lab.Caller // whom the device has refused
	loss    lab.Loss    // why he was not let in
	visit   *lab.Visit  // nil at a console
	session *session    // nil before there is one
	mu      sync.Mutex  // of session and hung
	hung    bool
	once    sync.Once
}

// linger is how long a client may take to close a connection whose session is
// over, or was to end.
const linger = 2 * time.Second

// serve runs the connection to its end.
func (c *conn) serve() {
	s := c.server
	defer s.ended(c)
	defer c.cut()
	defer s.guard(c)
	_ = c.nc.SetDeadline(c.begun.Add(s.o.Handshake)) // a connection that is gone fails right below
	config := s.config
	c.admission(&config)
	defer c.leave()
	sc, channels, requests, err := xssh.NewServerConn(&c.wire, &config)
	s.authenticated(c)
	if err != nil {
		c.loss = c.lost(err)
		return
	}
	_ = c.nc.SetDeadline(time.Time{}) // as above
	go xssh.DiscardRequests(requests)
	go c.keepAlive(sc)
	c.channels(channels)
}

// failed reports an error that is a mistake of the program, but for one that
// has stopped the world, which is not this connection's.
func (c *conn) failed(err error) {
	if f := (*lab.Fault)(nil); errors.As(err, &f) && c.lab.Err() != error(f) {
		c.server.report(c, f.Value, f.Stack)
	}
}

// channels takes the one session, and ends the connection that has none for
// too long.
func (c *conn) channels(channels <-chan xssh.NewChannel) {
	wait := time.NewTimer(c.server.o.Handshake)
	defer wait.Stop()
	begun, over := make(chan struct{}), make(chan struct{})
	began, ended := begun, over
	for {
		select {
		case n, ok := <-channels:
			switch {
			case !ok:
				return
			case n.ChannelType() != "session":
				_ = n.Reject(xssh.Prohibited, "only sessions are served") // a connection that is gone ends the loop
			case !c.claim():
				_ = n.Reject(xssh.ResourceShortage, "a connection carries one session")
			default:
				ch, requests, err := n.Accept()
				if err != nil {
					return
				}
				c.server.spawn(c, func() { c.session.run(ch, requests, begun, over) })
			}
		case <-began:
			began = nil
			wait.Stop()
		case <-ended:
			ended = nil
			wait.Reset(linger)
		case <-wait.C:
			return
		case <-c.gone:
			return
		}
	}
}

// who is the client as others see him.
func (c *conn) who() string { return c.addr.String() }

// active notes that the client has typed.
func (c *conn) active() { c.typed.Store(int64(time.Since(c.begun))) }

// overdue says why the session is to end, and after which time: it lasts for
// too long, or nobody has typed at a console or a screen for too long. What has
// not begun is not overdue; Handshake bounds it.
func (c *conn) overdue() (why string, limit time.Duration) {
	age, o := time.Since(c.begun), &c.server.o
	switch {
	case c.typed.Load() == 0:
	case age > o.Total:
		return "this session has lasted for %s and was closed", o.Total
	case c.target.user == "" && age-time.Duration(c.typed.Load()) > o.Idle:
		return "nobody has typed here for %s: this session was closed", o.Idle
	}
	return "", 0
}

// claim makes the session, once.
func (c *conn) claim() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil || c.hung {
		return false
	}
	c.session = newSession(c)
	return true
}

func (c *conn) isHung() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hung
}

// hangUp ends the session, or the connection that has none.
func (c *conn) hangUp() {
	c.mu.Lock()
	s := c.session
	c.hung = true
	c.mu.Unlock()
	if s == nil || !s.hangUp() {
		c.cut()
	}
}

// expire ends a session that is overdue.
func (c *conn) expire(why string, limit time.Duration) {
	c.server.spawn(c, func() {
		if s := c.sessionNow(); s != nil {
			s.farewell(why, limit)
		}
		c.hangUp()
	})
}

func (c *conn) sessionNow() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// cut closes the connection without a word.
func (c *conn) cut() {
	c.once.Do(func() {
		close(c.gone)
		_ = c.nc.Close() // nothing is left to say
	})
}

// keepAlive asks now and then whether the client is there, and cuts the
// connection of one who does not answer; it ends a session that is overdue.
func (c *conn) keepAlive(sc *xssh.ServerConn) {
	every := c.server.o.KeepAlive
	tick := time.NewTicker(every)
	defer tick.Stop()
	var expired time.Time
	for {
		select {
		case <-c.gone:
			return
		case <-tick.C:
		}
		if why, limit := c.overdue(); why != "" {
			switch {
			case expired.IsZero():
				expired = time.Now()
				c.expire(why, limit)
			case time.Since(expired) > linger:
				c.cut() // he had the time to go
				return
			}
			continue
		}
		if sc == nil { // TCP asks by itself
			continue
		}
		answer := make(chan error, 1)
		go func() {
			_, _, err := sc.SendRequest("keepalive@openssh.com", true, nil)
			answer <- err
		}()
		patience := time.NewTimer(2 * every)
		select {
		case err := <-answer:
			patience.Stop()
			if err == nil {
				continue
			}
		case <-patience.C:
		case <-c.gone:
			patience.Stop()
			return
		}
		c.cut()
		return
	}
}
