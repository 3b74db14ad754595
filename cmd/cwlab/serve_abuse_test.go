package main

import (
	"io"
	"math"
	"net"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/sessions/ssh"
)

// Nothing but one session is served on a connection.
func TestServeRejectsOtherChannels(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	c := x.client("ann+A", "ann-pass-1")
	for _, kind := range []string{"direct-tcpip", "direct-streamlocal@openssh.com", "x11", "forwarded-tcpip", "tun@openssh.com", "", strings.Repeat("x", 1000)} {
		_, _, err := c.OpenChannel(kind, make([]byte, 64))
		if e, ok := err.(*xssh.OpenChannelError); !ok || e.Reason != xssh.Prohibited {
			t.Errorf("channel %.20q: %v, want prohibited", kind, err)
		}
	}
	for _, kind := range []string{"tcpip-forward", "streamlocal-forward@openssh.com", "hostkeys-prove-00@openssh.com", "x"} {
		if ok, _, err := c.SendRequest(kind, true, make([]byte, 8)); ok || err != nil {
			t.Errorf("global request %s: %v, %v", kind, ok, err)
		}
	}
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"subsystem", "auth-agent-req@openssh.com", "x11-req", "break", "exec", "pty-req", "env", "x"} {
		if ok, err := s.SendRequest(kind, true, []byte{0, 0, 0, 9, 'x'}); ok || err != nil { // cut short
			t.Errorf("request %s: %v, %v", kind, ok, err)
		}
	}
	if b, err := s.Output("display clock"); err != nil || !strings.Contains(string(b), "UTC") {
		t.Errorf("after all that: %v, %q", err, b)
	}
	_, _, err = c.OpenChannel("session", nil)
	if e, ok := err.(*xssh.OpenChannelError); !ok || e.Reason != xssh.ResourceShortage {
		t.Errorf("a second session: %v", err)
	}
}

// A drip is a connection whose client sends a byte at a time.
type drip struct {
	net.Conn
	every time.Duration
}

func (d drip) Write(b []byte) (int, error) {
	tick := time.NewTicker(d.every)
	defer tick.Stop()
	for i := range b {
		<-tick.C
		if _, err := d.Conn.Write(b[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(b), nil
}

// A client who takes his time with the key exchange is served, if it is not
// too long, and others do not wait for him.
func TestServeSlowKeyExchange(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{Handshake: 3 * time.Second})
	slow := func(every time.Duration) error {
		nc, err := net.Dial("tcp", x.addr)
		if err != nil {
			return err
		}
		defer nc.Close()
		c, channels, requests, err := xssh.NewClientConn(drip{nc, every}, x.addr, clientConfig("ann+A", "ann-pass-1"))
		if err == nil {
			xssh.NewClient(c, channels, requests).Close()
		}
		return err
	}
	stuck := make(chan error)
	go func() { stuck <- slow(100 * time.Millisecond) }()
	if err := slow(10 * time.Microsecond); err != nil {
		t.Errorf("a slow client does not get in: %v", err)
	}
	x.client("ann+A", "ann-pass-1")
	if err := <-stuck; err == nil {
		t.Error("a client who takes for ever gets in")
	}
}

// A client who is gone in the middle of a flood that he does not read leaves
// nothing behind.
func TestServeGoneInAFlood(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	x.client("root+A", labPassword).Close()
	before := x.settled(math.MaxInt)
	for _, user := range []string{"root+A", "A", "lab"} {
		nc, err := net.Dial("tcp", x.addr)
		if err != nil {
			t.Fatal(err)
		}
		conn, channels, requests, err := xssh.NewClientConn(nc, x.addr, clientConfig(user, labPassword))
		if err != nil {
			t.Fatal(err)
		}
		c := xssh.NewClient(conn, channels, requests)
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		in, _ := s.StdinPipe()
		s.StdoutPipe() // which nobody reads
		s.RequestPty("xterm", 50, 200, nil)
		if err := s.Shell(); err != nil {
			t.Fatal(err)
		}
		io.WriteString(in, "screen-length disable\r")
		for range 50 {
			io.WriteString(in, "display current-configuration all\r")
		}
		nc.(*net.TCPConn).SetLinger(0) // a reset in place of a farewell
		nc.Close()
		c.Wait()
	}
	if after := x.settled(before + 5); after > before+5 {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
	if err := x.once(); err != nil {
		t.Error(err)
	}
}

// A window that is dragged about ends at its last size.
func TestServeResizeStorm(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	p, q := x.shell("A", labPassword, true), x.screenOf("lab+B", 80, 24)
	p.until("<A>")
	q.see("Ctrl+\\ ? keys")
	for i := range 1000 {
		p.WindowChange(1+i%80, 1+i%300)
		q.WindowChange(i%60, i%200)
	}
	q.WindowChange(33, 111)
	q.until("\x1b[33H")
	q.keys("\x1cq")
	q.rest()
	p.do("display clock", "<A>")
}

// Who looks on for too long, and a session that lasts for too long, is ended.
func TestServeEndsTheOverdue(t *testing.T) {
	for _, tc := range []struct {
		user string
		o    ssh.Options
		want string
	}{
		{"A", ssh.Options{KeepAlive: 20 * time.Millisecond, Idle: 100 * time.Millisecond}, "nobody has typed here for 100ms"},
		{"root+A", ssh.Options{KeepAlive: 20 * time.Millisecond, Total: 300 * time.Millisecond}, "this session has lasted for 300ms"},
		{"lab", ssh.Options{KeepAlive: 20 * time.Millisecond, Idle: 100 * time.Millisecond}, "nobody has typed here for 100ms"},
	} {
		x := outsideOf(t, sshConfig, tc.o)
		p := x.shell(tc.user, labPassword, true)
		if got := p.rest(); !strings.Contains(got, tc.want) {
			t.Errorf("%s ends with %q, want in it %q", tc.user, got, tc.want)
		}
		if err := p.Wait(); err != nil {
			t.Errorf("%s ends with %v", tc.user, err)
		}
	}
}

// At SIGTERM the program ends its sessions, lets clients read what is left,
// and exits with 0.
func TestServeDrainsAtSIGTERM(t *testing.T) {
	c := command("serve", "first-steps", "--listen", "127.0.0.1:0", "--host-key", t.TempDir()+"/key", "--lang", "en")
	errs, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() }) // it may have gone
	text, b := "", make([]byte, 4096)
	said := regexp.MustCompile(`(?s) is at (\S+)\n.*The password of cwlab is (\S+)\n`)
	for !said.MatchString(text) {
		n, err := errs.Read(b)
		if text += string(b[:n]); err != nil {
			t.Fatal(text)
		}
	}
	m := said.FindStringSubmatch(text)
	x := &outside{t: t, addr: m[1]}
	p := x.shell("cwlab+F1060", m[2], true)
	p.until("<H3C>")
	p.keys("screen-length disable\rdisplay current-configuration\r")
	p.until("return")
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.rest()
	if err := p.Wait(); err != nil {
		t.Errorf("the session ends with %v", err)
	}
	io.Copy(io.Discard, errs)
	if err := c.Wait(); err != nil {
		t.Errorf("the program ends with %v", err)
	}
}
