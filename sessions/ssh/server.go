// Package ssh lets people and programs in to the devices of a lab by SSH
// (RFC 4251 to 4254), and where asked to by Telnet (RFC 854), as the boxes let them in: by the user name on one
// listener, or on a listener of one device.
//
// DEVICE is the console of that device and wants the password of the lab.
// USER+DEVICE is a virtual line of the device; USER is the lab's own user, who
// may do everything everywhere, or one of the device's own configuration. On
// the listener of one device the user name stands alone. `lab`, or lab+DEVICE,
// is the full screen, with the password of the lab. Telnet has listeners of one
// device each, on which the device itself asks who one is.
//
// A connection carries one session, as it does at the device: a shell with or
// without a terminal, or one command. What a device shows is kept in a ring, so
// that a client who reads slowly keeps nobody waiting; bytes that he is too
// slow for are lost, and he is told how many.
//
// The subsystem netconf of a virtual line is the device's NETCONF (RFC 6242).
//
// Limitations: no SFTP, no forwarding, no agent. Of Telnet
// the options are echo, suppress go ahead and window size; of the commands of
// RFC 854 AYT, AO and EL do nothing.
// The server key is of ECDSA, which the devices have; algorithms are those that
// package x/crypto holds to be safe, not the old ones of the devices.
package ssh

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/emulator/lab"
)

// Version is the identification string, that of 7.1.064.
const Version = "SSH-2.0-Comware-7.1.064"

// Options are how a server runs. Zero values take the defaults.
type Options struct {
	User     string // of the lab; "" for none
	Password string // his
	Key      xssh.Signer

	Screen Screen // the full screen, nil for none

	PerAddress int           // connections from one address, 2048 by default
	HalfOpen   int           // connections that are not authenticated, 64
	Handshake  time.Duration // key exchange and authentication together, 60 s
	KeepAlive  time.Duration // between questions whether a client is there, 30 s
	Turn       time.Duration // without a key after which another may type at a console, 20 s
	Idle       time.Duration // without a key at a console or a screen, 1 h; a line's is the device's
	Total      time.Duration // that a session may last, 24 h
	Say        func(english string, args ...any) string
	Report     io.Writer // what goes wrong, nil for nowhere
}

// Labs are the devices that a server serves, each in a lab that is live.
type Labs interface {
	// Has says whether there is a device of that name.
	Has(device string) bool
	// Lab is the lab of a device that there is. It may have to be opened first.
	Lab(device string) (*lab.Lab, error)
	// Main is the lab that `lab` stands for, nil if there is none of that kind.
	Main() *lab.Lab
}

// One is a single lab.
func One(l *lab.Lab) Labs { return one{l} }

type one struct{ lab *lab.Lab }

func (o one) Has(device string) bool       { return o.lab.Device(device) != nil }
func (o one) Lab(string) (*lab.Lab, error) { return o.lab, nil }
func (o one) Main() *lab.Lab               { return o.lab }

// A Server serves the devices of labs.
type Server struct {
	labs   Labs
	o      Options
	config xssh.ServerConfig
	secret [sha256.Size]byte

	mu        sync.Mutex
	listeners []net.Listener
	conns     map[*conn]struct{}
	from      map[netip.Addr]int
	half      int
	closing   bool
	consoles  map[string]*console
	running   sync.WaitGroup
}

// New is a server without listeners.
func New(labs Labs, o Options) (*Server, error) {
	if o.Key == nil {
		return nil, errors.New("ssh: no host key")
	}
	if o.User != "" && o.Password == "" {
		return nil, errors.New("ssh: the user of the lab has no password")
	}
	o.PerAddress = orElse(o.PerAddress, 2048)
	o.HalfOpen = orElse(o.HalfOpen, 64)
	o.Handshake = orElse(o.Handshake, time.Minute)
	o.KeepAlive = orElse(o.KeepAlive, 30*time.Second)
	o.Turn = orElse(o.Turn, 20*time.Second)
	o.Idle = orElse(o.Idle, time.Hour)
	o.Total = orElse(o.Total, 24*time.Hour)
	if o.Say == nil {
		o.Say = fmt.Sprintf
	}
	if o.Report == nil {
		o.Report = io.Discard
	}
	s := &Server{labs: labs, o: o, secret: sha256.Sum256([]byte(o.Password)), conns: map[*conn]struct{}{}, from: map[netip.Addr]int{}, consoles: map[string]*console{}}
	s.config = xssh.ServerConfig{ServerVersion: Version}
	s.config.AddHostKey(o.Key)
	return s, nil
}

func orElse[T int | time.Duration](v, or T) T {
	if v == 0 {
		return or
	}
	return v
}

// ErrClosed is the error of a server that was shut down.
var ErrClosed = errors.New("ssh: server closed")

// Serve takes connections until the listener fails or the server is shut
// down, which is ErrClosed. device is the one that all of them go to, "" for
// the one that the user name says.
func (s *Server) Serve(ln net.Listener, device string) error {
	return s.listen(ln, device, (*conn).serve)
}

// ServeTelnet is Serve for Telnet clients of one device: who they are is asked
// on its lines, if `telnet server enable` lets them that far.
func (s *Server) ServeTelnet(ln net.Listener, device string) error {
	if !s.labs.Has(device) {
		return fmt.Errorf("%w: %q", lab.ErrDevice, device)
	}
	return s.listen(ln, device, (*conn).serveTelnet)
}

func (s *Server) listen(ln net.Listener, device string, serve func(*conn)) error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		_ = ln.Close() // it takes nothing any more
		return ErrClosed
	}
	s.listeners = append(s.listeners, ln)
	s.mu.Unlock()
	pause := time.Duration(0)
	for {
		nc, err := ln.Accept()
		switch {
		case err == nil:
			pause = 0
			s.take(nc, device, serve)
		case s.isClosing():
			return ErrClosed
		case errors.Is(err, net.ErrClosed):
			return err
		default: // out of files, or a client that was gone at once
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			<-time.After(pause)
		}
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// take begins a connection, unless there are too many.
func (s *Server) take(nc net.Conn, device string, serve func(*conn)) {
	addr, _ := netip.ParseAddrPort(nc.RemoteAddr().String())
	ip := addr.Addr().Unmap()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.half >= s.o.HalfOpen || s.from[ip] >= s.o.PerAddress {
		_ = nc.Close() // there is nobody to tell
		return
	}
	c := &conn{server: s, nc: nc, addr: netip.AddrPortFrom(ip, addr.Port()), only: device, gone: make(chan struct{}), begun: time.Now(), wire: wire{Conn: nc}, halfOpen: true}
	s.conns[c] = struct{}{}
	s.from[ip]++
	s.half++
	s.running.Add(1)
	go serve(c)
}

// authenticated takes a connection out of those that are half open.
func (s *Server) authenticated(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.halfOpen {
		c.halfOpen = false
		s.half--
	}
}

// ended forgets a connection.
func (s *Server) ended(c *conn) {
	s.authenticated(c)
	s.mu.Lock()
	delete(s.conns, c)
	if s.from[c.addr.Addr()]--; s.from[c.addr.Addr()] == 0 {
		delete(s.from, c.addr.Addr())
	}
	s.mu.Unlock()
	s.running.Done()
}

// Connections is how many there are, and how many of them are not
// authenticated yet.
func (s *Server) Connections() (all, half int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns), s.half
}

// Shutdown closes the listeners, ends all sessions, lets clients read what
// they have not read, and returns when they are gone; when ctx is done it cuts
// off those that are left. The lab must be live until then.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	s.closing = true
	var all []*conn
	for c := range s.conns {
		all = append(all, c)
	}
	for _, ln := range s.listeners {
		_ = ln.Close() // it takes nothing any more
	}
	s.mu.Unlock()
	for _, c := range all {
		s.spawn(c, c.hangUp)
	}
	idle := make(chan struct{})
	go func() {
		s.running.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-ctx.Done():
		for _, c := range all {
			c.cut()
		}
		<-idle
	}
}

// A target is what a user name stands for.
type target struct {
	device string // "" on the full screen for the first
	user   string // "" for the console or the full screen
	screen bool
}

// screenUser is the user name of the full screen.
const screenUser = "lab"

// maxName is the length of a user name in bytes.
const maxName = 255

// find reads a user name. One that no screen can show is none: devices put it
// into their logs.
func (s *Server) find(name, only string) (t target, ok bool) {
	if len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return target{}, false
	}
	switch {
	case only != "" && name == only:
		return target{device: only}, true
	case only != "":
		return target{device: only, user: name}, name != ""
	case s.labs.Has(name):
		return target{device: name}, true
	case name == screenUser:
		return target{screen: true}, s.o.Screen != nil && s.labs.Main() != nil
	}
	for i, r := range name { // the first + that a device follows: its name may have some
		if user, device := name[:i], name[i:]; r == '+' && user != "" && s.labs.Has(device[1:]) {
			if user == screenUser && s.o.Screen != nil {
				return target{device: device[1:], screen: true}, true
			}
			return target{device: device[1:], user: user}, true
		}
	}
	return target{}, false
}

// labOf is the lab that a target is in.
func (s *Server) labOf(t target) (*lab.Lab, error) {
	if t.device == "" {
		return s.labs.Main(), nil
	}
	return s.labs.Lab(t.device)
}

// console is the console of a device that there is.
func (s *Server) console(l *lab.Lab, device string) *console {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.consoles[device]
	if c == nil {
		c = &console{lab: l, device: device, turn: s.o.Turn}
		s.consoles[device] = c
	}
	return c
}

// trusts says whether a password is that of the lab's user.
func (s *Server) trusts(password string) bool {
	sum := sha256.Sum256([]byte(password))
	return s.o.User != "" && subtle.ConstantTimeCompare(sum[:], s.secret[:]) == 1
}

// report tells of a mistake of the program.
func (s *Server) report(c *conn, what any, stack []byte) {
	fmt.Fprintf(s.o.Report, "ssh: %s: %v\n%s", c.addr, what, stack)
}

// spawn runs a part of a connection that Shutdown waits for: the lab may be
// gone afterwards.
func (s *Server) spawn(c *conn, f func()) {
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		defer s.guard(c)
		f()
	}()
}

// guard keeps a panic within its connection, which it closes.
func (s *Server) guard(c *conn) {
	if r := recover(); r != nil {
		s.report(c, r, debug.Stack())
		c.cut()
	}
}
