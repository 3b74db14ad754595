package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io"
	"math"
	"net"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/sessions/ssh"
)

// sshConfig is a device that lets its own users in.
const sshConfig = `#
 sysname A
#
line console 0
 idle-timeout 0 0
#
line vty 0 63
 authentication-mode scheme
 idle-timeout 0 0
#
 ssh server enable
#
local-user ann class manage
 password simple ann-pass-1
 service-type ssh
 authorization-attribute user-role network-admin
#
local-user bob class manage
 password simple bob-pass-1
 service-type ssh
 authorization-attribute user-role network-operator
#
local-user tim class manage
 password simple tim-pass-1
 service-type terminal
 authorization-attribute user-role network-admin
#
return
`

const labPassword = "a password of the lab"

// hurry is how much faster than the wall clock the labs of these tests run.
const hurry = 50

// An outside is a lab that is served, seen from its clients.
type outside struct {
	t      *testing.T
	lab    *lab.Lab
	server *ssh.Server
	addr   string
	report *bytes.Buffer

	patience time.Duration // of a client, 0 for what only a broken server needs
}

func outsideOf(t *testing.T, config string, o ssh.Options) *outside {
	t.Helper()
	def := &lab.Definition{Name: "out", Start: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
		Devices: []lab.DeviceSpec{{Name: "A", Model: "F1060", Config: config}, {Name: "B", Model: "F1090", Config: "#\nline console 0\n idle-timeout 0 0\n#\nline vty 0 63\n idle-timeout 0 0\n#\nreturn\n"}}}
	return serveDefinition(t, def, lab.Options{Endless: true}, o)
}

func serveDefinition(t *testing.T, def *lab.Definition, lo lab.Options, o ssh.Options) *outside {
	t.Helper()
	l, err := lab.Open(def, device.Make, lo)
	if err != nil {
		t.Fatal(err)
	}
	if e := l.LoadErrors(); len(e) > 0 {
		t.Fatal(e)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if o.Key, err = xssh.NewSignerFromKey(key); err != nil {
		t.Fatal(err)
	}
	x := &outside{t: t, lab: l, report: &bytes.Buffer{}}
	v := &views{}
	v.add(l)
	if o.User == "" {
		o.User = "root"
	}
	o.Password, o.Report, o.Screen = labPassword, x.report, v.show
	if x.server, err = ssh.New(ssh.One(l), o); err != nil {
		t.Fatal(err)
	}
	l.SetPace(lab.Pace{Speed: hurry})
	l.Start(context.Background())
	x.addr = x.listen("")
	t.Cleanup(func() {
		x.shutdown()
		l.Stop()
		if x.report.Len() > 0 {
			t.Errorf("the server reports %s", x.report)
		}
	})
	return x
}

// listen opens another listener.
func (x *outside) listen(device string) string {
	x.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		x.t.Fatal(err)
	}
	go x.server.Serve(ln, device)
	return ln.Addr().String()
}

func (x *outside) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	x.server.Shutdown(ctx)
}

func clientConfig(user, password string) *xssh.ClientConfig {
	return &xssh.ClientConfig{User: user, Auth: []xssh.AuthMethod{xssh.Password(password)}, HostKeyCallback: xssh.InsecureIgnoreHostKey()}
}

// dial logs in. The connection lasts as long as the client's patience.
func (x *outside) dial(user, password string) (*xssh.Client, error) {
	nc, err := net.Dial("tcp", x.addr)
	if err != nil {
		return nil, err
	}
	nc.SetDeadline(time.Now().Add(cmp.Or(x.patience, 30*time.Second)))
	c, channels, requests, err := xssh.NewClientConn(nc, x.addr, clientConfig(user, password))
	if err != nil {
		nc.Close()
		return nil, err
	}
	return xssh.NewClient(c, channels, requests), nil
}

func (x *outside) client(user, password string) *xssh.Client {
	x.t.Helper()
	c, err := x.dial(user, password)
	if err != nil {
		x.t.Fatalf("%s does not get in: %v", user, err)
	}
	x.t.Cleanup(func() { c.Close() })
	return c
}

// A seat is a shell seen by the person at it.
type seat struct {
	t      *testing.T
	client *xssh.Client
	*xssh.Session
	in   io.Writer
	out  io.Reader
	seen []byte
	at   int // what follows was not waited for yet
}

func (x *outside) shell(user, password string, pty bool) *seat {
	x.t.Helper()
	c := x.client(user, password)
	s, err := c.NewSession()
	if err != nil {
		x.t.Fatal(err)
	}
	p := &seat{t: x.t, client: c, Session: s}
	p.in, _ = s.StdinPipe()
	p.out, _ = s.StdoutPipe()
	if pty {
		if err := s.RequestPty("xterm", 24, 80, xssh.TerminalModes{}); err != nil {
			x.t.Fatal(err)
		}
	}
	if err := s.Shell(); err != nil {
		x.t.Fatal(err)
	}
	return p
}

// until waits for a text and returns what was shown up to its end since the
// last one.
func (p *seat) until(text string) string {
	p.t.Helper()
	buf := make([]byte, 4096)
	for {
		if i := bytes.Index(p.seen[p.at:], []byte(text)); i >= 0 {
			got := p.seen[p.at : p.at+i+len(text)]
			p.at += i + len(text)
			return string(got)
		}
		n, err := p.out.Read(buf)
		p.seen = append(p.seen, buf[:n]...)
		if err != nil && !bytes.Contains(p.seen[p.at:], []byte(text)) {
			p.t.Fatalf("waiting for %q: %v after\n%s", text, err, p.seen[p.at:])
		}
	}
}

// do types a line and returns what was shown up to the next prompt.
func (p *seat) do(line, prompt string) string {
	p.t.Helper()
	p.keys(line + "\r")
	p.until(line + "\r\n")
	return p.until(prompt)
}

func (p *seat) keys(s string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, s); err != nil {
		p.t.Fatal(err)
	}
}

// rest is what is shown up to the end of the session.
func (p *seat) rest() string {
	p.t.Helper()
	b, err := io.ReadAll(p.out)
	if err != nil {
		p.t.Errorf("the session ends with %v", err)
	}
	return string(p.seen[p.at:]) + string(b)
}

// log waits for a record of device A.
func (x *outside) log(text string) string {
	x.t.Helper()
	c := x.lab.Console("A")
	bell := make(chan struct{}, 1)
	defer c.Notify(bell)()
	limit := time.After(30 * time.Second)
	for {
		b, _, _ := c.Read(0, -1)
		if strings.Contains(string(b), text) {
			return string(b)
		}
		select {
		case <-bell:
		case <-limit:
			x.t.Fatalf("the console of A never shows %q, only\n%s", text, b)
		}
	}
}

func TestServeShowsTheBytesOfTheDevice(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	for _, pty := range []bool{true, false} {
		p := x.shell("ann+A", "ann-pass-1", pty)
		if v := string(p.client.ServerVersion()); v != "SSH-2.0-Comware-7.1.064" {
			t.Errorf("the server is %q", v)
		}
		want := strings.Repeat("*", 78) + "\r\n* Copyright (c) 2004-2021 New H3C Technologies Co., Ltd. All rights reserved.*\r\n" +
			"* Without the owner's prior written consent,                                 *\r\n" +
			"* no decompiling or reverse-engineering shall be allowed.                    *\r\n" +
			strings.Repeat("*", 78) + "\r\n\r\n<A>"
		if got := p.until("<A>"); got != want {
			t.Errorf("with a terminal %v the login shows %q, want %q", pty, got, want)
		}
		p.WindowChange(50, 200)
		p.keys("screen-length disable\r")
		if got := p.until("<A>"); got != "screen-length disable\r\n<A>" {
			t.Errorf("a command shows %q", got)
		}
		p.keys("quit\r")
		if got := p.rest(); got != "quit\r\n" {
			t.Errorf("quit shows %q", got)
		}
		if err := p.Wait(); err != nil {
			t.Errorf("quit ends with %v", err)
		}
	}
}

// The order and the delays of the records at a login are those of captures.
func TestServeLogsLoginAndLogout(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	if _, err := x.dial("ann+A", "wrong"); err == nil {
		t.Fatal("a wrong password gets in")
	}
	x.log("SSHS_DISCONNECT")
	p := x.shell("ann+A", "ann-pass-1", true)
	p.until("<A>")
	p.keys("quit\r")
	p.rest()
	x.log("SSHS_DISCONNECT: -Context=1; SSH user ann")
	shown := regexp.MustCompile(` port \d+`).ReplaceAllString(x.log("logged out"), " port N")
	var texts []string
	var times []time.Time
	for _, m := range regexp.MustCompile(`(?m)^(?:<A>)?%(.*? 2024) A (.*)\r$`).FindAllStringSubmatch(shown, -1) {
		at, err := time.Parse("Jan _2 15:04:05.000 2006", m[1][:15]+"."+m[1][16:])
		if err != nil {
			t.Fatal(err)
		}
		texts, times = append(texts, strings.Replace(m[2], " -Context=1;", "", 1)), append(times, at)
	}
	want := []string{
		"SSHS/6/SSHS_LOG: Authentication failed for ann from 127.0.0.1 port N because of invalid username or wrong password .",
		"SSHS/6/SSHS_LOG: Connection closed by 127.0.0.1.",
		"SSHS/6/SSHS_DISCONNECT: SSH user (null) (IP: 127.0.0.1) disconnected from the server.",
		"SSHS/6/SSHS_LOG: Accepted password for ann from 127.0.0.1 port N.",
		"SSHS/6/SSHS_CONNECT: SSH user ann (IP: 127.0.0.1) connected to the server successfully.",
		"SHELL/5/SHELL_LOGIN: ann logged in from 127.0.0.1.",
		"SHELL/5/SHELL_LOGOUT: ann logged out from 127.0.0.1.",
		"SSHS/6/SSHS_LOG: User ann logged out from 127.0.0.1 port N.",
		"SSHS/6/SSHS_DISCONNECT: SSH user ann (IP: 127.0.0.1) disconnected from the server.",
	}
	if got := strings.Join(texts, "\n"); got != strings.Join(want, "\n") {
		t.Fatalf("the console shows\n%s\nwant\n%s\nof\n%s", got, strings.Join(want, "\n"), shown)
	}
	if d := times[4].Sub(times[3]); d != 1010*time.Millisecond {
		t.Errorf("the connection is reported %v after the password", d)
	}
	if d := times[5].Sub(times[4]); d != 130*time.Millisecond {
		t.Errorf("the login is reported %v after the connection", d)
	}
	if !strings.Contains(shown, "port N.\r\n\r\n") {
		t.Error("no empty line follows an accepted password")
	}
}

func TestServeRefuses(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	for _, who := range [][2]string{
		{"ann+A", ""}, {"ann+A", labPassword}, {"nobody+A", "ann-pass-1"}, {"tim+A", "tim-pass-1"},
		{"ann+B", "ann-pass-1"}, // no SSH server there
		{"ann", "ann-pass-1"}, {"ann+C", "ann-pass-1"}, {"+A", labPassword}, {"", labPassword}, {"lab", "ann-pass-1"}, {"lab+C", labPassword},
		{"A", "ann-pass-1"}, {"root+A", "ann-pass-1"}, {"C", labPassword},
	} {
		if c, err := x.dial(who[0], who[1]); err == nil {
			c.Close()
			t.Errorf("%q gets in with %q", who[0], who[1])
		}
	}
	tries := 0
	config := clientConfig("ann+A", "")
	config.Auth = []xssh.AuthMethod{xssh.RetryableAuthMethod(xssh.PasswordCallback(func() (string, error) { tries++; return "wrong", nil }), 10)}
	if _, err := xssh.Dial("tcp", x.addr, config); err == nil || tries != 3 {
		t.Errorf("after %d tries: %v, want 3", tries, err)
	}
}

func TestServeExec(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	for _, tc := range []struct {
		who, password, command, want string
		status                       int
	}{
		{"ann+A", "ann-pass-1", "display sysname-nothing", " % Unrecognized command found at '^' position.\r\n", 1},
		{"ann+A", "ann-pass-1", "display clock", " UTC Tue 01/02/2024\r\n", 0},
		{"ann+A", "ann-pass-1", "display current-configuration", "\r\n#\r\nreturn\r\n", 0},
		{"bob+A", "bob-pass-1", "system-view\nsysname X", "Permission denied.\r\n", 1},
		{"ann+A", "ann-pass-1", "ping -c 2 127.0.0.1", "2 packet(s) transmitted, 2 packet(s) received, 0.0% packet loss", 0},
		{"root+B", labPassword, "display users", "User name: root\r\n", 0},
		{"ann+A", "ann-pass-1", "free line vty 63", "[Y/N]:", 1}, // nobody answers
		{"A", labPassword, "display clock", "a console runs no command", 1},
	} {
		s, err := x.client(tc.who, tc.password).NewSession()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		s.Stdout = &out
		s.Stdin = strings.NewReader("")
		err = s.Run(tc.command)
		status := 0
		if e := (*xssh.ExitError)(nil); errors.As(err, &e) {
			status = e.ExitStatus()
		} else if err != nil {
			t.Fatalf("%q: %v", tc.command, err)
		}
		if status != tc.status || !strings.Contains(out.String(), tc.want) {
			t.Errorf("%q: status %d, want %d; it shows %q, want in it %q", tc.command, status, tc.status, out.String(), tc.want)
		}
		if strings.Contains(out.String(), "<A>") || strings.Contains(out.String(), "More") {
			t.Errorf("%q shows a prompt or a page: %q", tc.command, out.String())
		}
	}
	s, _ := x.client("ann+A", "ann-pass-1").NewSession()
	out, _ := s.StdoutPipe()
	if err := s.Start("ping -c 100000 127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	io.ReadFull(out, make([]byte, 100))
	s.Signal(xssh.SIGINT)
	rest, _ := io.ReadAll(out)
	if e := (*xssh.ExitError)(nil); !errors.As(s.Wait(), &e) || e.ExitStatus() != 1 || !strings.Contains(string(rest), "statistics") {
		t.Errorf("a ping that is interrupted ends with %q", rest)
	}
}

func TestServeSeveralPeople(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	a, b := x.shell("ann+A", "ann-pass-1", true), x.shell("root+A", labPassword, true)
	a.until("<A>")
	b.until("<A>")
	a.do("system-view", "[A]")
	a.do("sysname Z", "[Z]")
	if got := b.do("display history-command", "<Z>"); strings.Contains(got, "sysname") {
		t.Errorf("the history of one is the other's: %q", got)
	}
	got := b.do("display users", "<Z>")
	for _, want := range []string{"CON 0", "VTY 0", "VTY 1", "User name: ann", "User name: root", "SSH\r\n", "Location: 127.0.0.1"} {
		if !strings.Contains(got, want) {
			t.Errorf("display users lacks %q:\n%s", want, got)
		}
	}
	if got := b.do("display ssh server session", "<Z>"); strings.Count(got, "Established") != 2 || !strings.Contains(got, " ann\r\n") ||
		!regexp.MustCompile(`(?m)^ [2-9]\d\d +\d+ +2\.0 .*Established +0 +Stelnet +ann\r$`).MatchString(got) {
		t.Errorf("display ssh server session shows\n%s", got)
	}
	other := "0"
	if regexp.MustCompile(`(?m)^\+ \d+ +VTY 0`).MatchString(b.do("display users", "<Z>")) {
		other = "1"
	}
	b.keys("free line vty " + other + "\r")
	b.until("[Y/N]:")
	b.keys("y\r")
	b.until(" [OK]\r\n<Z>")
	a.rest()
	if err := a.Wait(); err != nil {
		t.Errorf("the session that was freed ends with %v", err)
	}
	if got := b.do("display users", "<Z>"); strings.Contains(got, "ann") {
		t.Errorf("display users still shows\n%s", got)
	}
	b.keys("ping -c 100000 127.0.0.1\r")
	b.until("icmp_seq=3")
	b.keys("\x03")
	b.until("<Z>")
	x.lab.Do(func() {
		if err := x.lab.Power("A", false); err != nil {
			t.Error(err)
		}
	})
	b.rest()
	if _, err := x.dial("root+A", labPassword); err == nil {
		t.Error("a device without power lets somebody in")
	}
}

func TestServeLinesAndTimes(t *testing.T) {
	config := strings.Replace(sshConfig, "line vty 0 63\n authentication-mode scheme\n idle-timeout 0 0", "line vty 3\n authentication-mode scheme\n idle-timeout 9 0", 1)
	x := outsideOf(t, config, ssh.Options{})
	a := x.shell("ann+A", "ann-pass-1", true)
	a.until("<A>")
	b := x.shell("bob+A", "bob-pass-1", true)
	if got := b.rest(); !strings.Contains(got, "All user interfaces are used") {
		t.Errorf("with no line that is free one sees %q", got)
	}
	if e := (*xssh.ExitError)(nil); !errors.As(b.Wait(), &e) || e.ExitStatus() != 1 {
		t.Error("the status is not 1")
	}
	x.lab.SetPace(lab.Pace{Speed: 1000})
	if got := a.rest(); got != "" {
		t.Errorf("an idle session shows %q at its end", got)
	}
	x.lab.SetPace(lab.Pace{Speed: hurry})
	if err := a.Wait(); err != nil {
		t.Error(err)
	}
	c := x.shell("bob+A", "bob-pass-1", true)
	c.until("<A>")
	if got := c.do("display users", "<A>"); !strings.Contains(got, "VTY 3") {
		t.Errorf("the line is not the one that asks AAA:\n%s", got)
	}
	if _, err := c.client.NewSession(); err == nil {
		t.Error("a connection carries two sessions")
	}
	if _, err := c.client.Dial("tcp", "127.0.0.1:1"); err == nil {
		t.Error("connections are forwarded")
	}
}

func TestServeConsole(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{Turn: time.Hour})
	a, b := x.shell("A", labPassword, true), x.shell("A", labPassword, true)
	a.until("<A>")
	b.until("<A>")
	a.do("display clock", "<A>")
	b.until("display clock\r\n") // he watches
	b.until("<A>")
	b.keys("display version\r")
	if got := b.until("paused for 1h0m0s\r\n"); !regexp.MustCompile(`\[cwlab\] 127\.0\.0\.1:\d+ is typing at A;`).MatchString(got) {
		t.Errorf("who is not to type sees %q", got)
	}
	a.keys("\x1d") // leaves
	if got := a.rest(); strings.Contains(got, "display version") {
		t.Errorf("the keys of the other came through: %q", got)
	}
	b.do("display clock", "<A>")
	b.keys("quit\r")
	b.until("Press ENTER to get started.\r\n")
	b.keys("\r")
	b.until("<A>")
	c := x.shell("root+A", labPassword, false)
	c.until("<A>")
	if got := c.do("display users", "<A>"); !strings.Contains(got, "CON 0") {
		t.Errorf("display users shows\n%s", got)
	}
	x.addr = x.listen("B")
	d := x.shell("root", labPassword, true)
	d.until("<H3C>")
	e := x.shell("B", labPassword, true)
	e.keys("\r")
	e.until("<H3C>")
}

func TestServeClientsThatVanish(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	p := x.shell("ann+A", "ann-pass-1", true)
	p.until("<A>")
	p.keys("ping -c 100000 127.0.0.1\r")
	p.until("icmp_seq=2")
	p.client.Close()
	shown := x.log("SSH user ann (IP: 127.0.0.1) disconnected")
	if !strings.Contains(shown, "Connection closed by 127.0.0.1.") {
		t.Errorf("the console of A shows\n%s", shown)
	}
	q := x.shell("ann+A", "ann-pass-1", true)
	if got := q.until("<A>"); strings.Contains(got, "icmp") {
		t.Errorf("the next one sees %q", got)
	}
	if got := q.do("display users", "<A>"); !strings.Contains(got, "VTY 0") || strings.Contains(got, "VTY 1") {
		t.Errorf("display users shows\n%s", got)
	}
	// One who authenticates and is gone before he has a session.
	x.client("bob+A", "bob-pass-1").Close()
	x.log("SSH user bob (IP: 127.0.0.1) disconnected")
}

func TestServeGarbageAndLimits(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{HalfOpen: 4, PerAddress: 6, Handshake: 3 * time.Second})
	garbage, err := net.Dial("tcp", x.addr)
	if err != nil {
		t.Fatal(err)
	}
	garbage.Write(bytes.Repeat([]byte("GET / HTTP/1.0\x00\xff"), 1000))
	if b, _ := io.ReadAll(garbage); !bytes.HasPrefix(b, []byte(ssh.Version)) {
		t.Errorf("garbage gets %q", b)
	}
	garbage.Close()
	// Of those who say nothing only some are heard, and those not for long.
	var all []net.Conn
	heard := 0
	for range 10 {
		nc, err := net.Dial("tcp", x.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		all = append(all, nc)
	}
	for _, nc := range all {
		b, _ := io.ReadAll(nc) // until the server has enough
		if len(b) > 0 {
			heard++
		}
	}
	if heard == 0 || heard > 4 {
		t.Errorf("%d of 10 half-open connections were taken, want 4 at most", heard)
	}
	x.settled(math.MaxInt)
	for range 6 {
		x.client("root+A", labPassword)
	}
	if _, err := x.dial("root+A", labPassword); err == nil {
		t.Error("a seventh connection from one address gets in")
	}
}

// settled waits until the server has no connections and says how many
// goroutines are left. It waits for those that end with a connection, the
// client's among them, until there are no more than most.
func (x *outside) settled(most int) int {
	x.t.Helper()
	for limit := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
		all, half := x.server.Connections()
		n := runtime.NumGoroutine()
		if all == 0 && half == 0 && n <= most {
			return n
		}
		if time.Now().After(limit) {
			if all > 0 || half > 0 {
				x.t.Fatalf("%d connections are left, %d half open", all, half)
			}
			return n
		}
	}
}

// Many come, do something and go, not all of them politely.
func TestServeChurn(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	x.client("root+A", labPassword).Close()
	before := x.settled(math.MaxInt)
	acts := []func(c *xssh.Client){
		func(c *xssh.Client) { // a command
			if s, err := c.NewSession(); err == nil {
				if b, err := s.Output("display clock"); err == nil && !strings.Contains(string(b), "UTC") {
					t.Errorf("display clock shows %q", b)
				}
			}
		},
		func(c *xssh.Client) { // a session without anything in it
			c.NewSession()
		},
		func(c *xssh.Client) { // gone in the middle of output
			if s, err := c.NewSession(); err == nil {
				out, _ := s.StdoutPipe()
				s.Start("ping -c 100000 127.0.0.1")
				out.Read(make([]byte, 10))
			}
		},
		func(c *xssh.Client) { // gone before the login
			if s, err := c.NewSession(); err == nil {
				s.RequestPty("x", 1, 1, nil)
				s.Shell()
				s.WindowChange(0, 0)
			}
		},
		func(c *xssh.Client) { // quits, then is gone
			if s, err := c.NewSession(); err == nil {
				s.Stdin = strings.NewReader("quit\r")
				s.Shell()
				s.Wait()
			}
		},
	}
	var all sync.WaitGroup
	for person := range 20 {
		all.Go(func() {
			for round := range 10 {
				who := []string{"root+A", "ann+A", "bob+A", "A", "root+B"}[(person+round)%5]
				password := map[string]string{"ann+A": "ann-pass-1", "bob+A": "bob-pass-1"}[who]
				if password == "" {
					password = labPassword
				}
				if (person+3*round)%11 == 0 {
					password = "wrong"
				}
				c, err := x.dial(who, password)
				if err != nil {
					continue
				}
				acts[(person*3+round)%len(acts)](c)
				c.Close()
			}
		})
	}
	all.Wait()
	if after := x.settled(before + 5); after > before+5 {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
	p := x.shell("ann+A", "ann-pass-1", true)
	p.until("<A>")
	if got := p.do("display users", "<A>"); strings.Count(got, "VTY") != 2 || !strings.Contains(got, "VTY 0") {
		t.Errorf("display users shows\n%s", got)
	}
	if got := p.do("display ssh server session", "<A>"); strings.Count(got, "Established") != 1 {
		t.Errorf("display ssh server session shows\n%s", got)
	}
}

func TestServeDrains(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	p, q := x.shell("ann+A", "ann-pass-1", true), x.shell("B", labPassword, true)
	p.until("<A>")
	q.until("<H3C>")
	idle := x.client("root+A", labPassword)
	p.keys("screen-length disable\rdisplay current-configuration\r")
	p.until("local-user ann")
	x.shutdown()
	if got := p.rest(); !strings.Contains(got, "return") {
		t.Errorf("what was shown before the end is lost: %q", got)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
	q.rest()
	idle.Wait()
	if _, err := net.Dial("tcp", x.addr); err == nil {
		t.Error("the listener is still there")
	}
}

func TestServeArguments(t *testing.T) {
	for _, args := range [][]string{
		{}, {"nosuch"}, {"first-steps", "--listen", "2200"}, {"first-steps", "--listen", ":2200"}, {"first-steps", "--user", ""},
		{"first-steps", "--devices", "2"}, {"--devices", "-1"}, {"--devices", "10001"}, {"--devices", "2", "--bridge", "F1060-1:GigabitEthernet1/0/2=tap:x"},
		{"first-steps", "--password-file", "/nonexistent"}, {"first-steps", "--console", "odd"},
	} {
		if code, _, errs := typed(t, "", append([]string{"serve"}, args...)...); code != exitMisuse || errs == "" {
			t.Errorf("serve %v: exit %d, %q", args, code, errs)
		}
	}
}

// TestServeVerb runs the verb itself, to the signal.
func TestServeVerb(t *testing.T) {
	text, stop := served(t, "first-steps", "--port-per-device")
	password := saidPassword.FindStringSubmatch(text)[1]
	var addrs []string
	for _, m := range regexp.MustCompile(`(\S+) is at (\S+)\n`).FindAllStringSubmatch(text, -1) {
		addrs = append(addrs, m[1]+" "+m[2])
	}
	if len(addrs) != 3 || !strings.HasPrefix(addrs[1], "F1060 127.0.0.1:") || len(password) < 20 {
		t.Fatalf("it announces %q", text)
	}
	_, at, _ := strings.Cut(addrs[2], " ")
	c, err := xssh.Dial("tcp", at, clientConfig("cwlab", password))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := c.NewSession()
	if out, err := s.Output("display version"); err != nil || !strings.Contains(string(out), "F1090") {
		t.Errorf("%v: %s", err, out)
	}
	if code := stop(); code != exitOK {
		t.Errorf("exit %d", code)
	}
}
