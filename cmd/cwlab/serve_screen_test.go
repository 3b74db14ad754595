package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	xssh "golang.org/x/crypto/ssh"

	"cwlab/sessions"
	"cwlab/sessions/ssh"
)

// screenOf opens the full screen in a terminal of that size.
func (x *outside) screenOf(user string, w, h int, env ...string) *seat {
	x.t.Helper()
	c := x.client(user, labPassword)
	s, err := c.NewSession()
	if err != nil {
		x.t.Fatal(err)
	}
	p := &seat{t: x.t, client: c, Session: s}
	p.in, _ = s.StdinPipe()
	p.out, _ = s.StdoutPipe()
	for i := 0; i < len(env); i += 2 {
		if err := s.Setenv(env[i], env[i+1]); err != nil {
			x.t.Fatal(err)
		}
	}
	if err := s.RequestPty("xterm-256color", h, w, xssh.TerminalModes{}); err != nil {
		x.t.Fatal(err)
	}
	if err := s.Shell(); err != nil {
		x.t.Fatal(err)
	}
	return p
}

// see waits until the screen has shown texts, however they are dressed up and
// whichever came first, and returns all that came since the last time.
func (p *seat) see(texts ...string) string {
	p.t.Helper()
	buf := make([]byte, 4096)
	for {
		got := string(p.seen[p.at:])
		plain := ansi.Strip(got)
		missing := slices.IndexFunc(texts, func(text string) bool { return !strings.Contains(plain, text) })
		if missing < 0 {
			p.at = len(p.seen)
			return got
		}
		n, err := p.out.Read(buf)
		p.seen = append(p.seen, buf[:n]...)
		if err != nil {
			p.t.Fatalf("waiting for %q: %v after\n%s", texts[missing], err, plain)
		}
	}
}

// again types until a text is shown, for what takes effect soon.
func (p *seat) again(line, text string) {
	p.t.Helper()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				io.WriteString(p.in, line)
			case <-stop:
				return
			}
		}
	}()
	p.until(text)
}

func TestServeFullScreen(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{Turn: time.Hour})
	a, b := x.screenOf("lab", 80, 24), x.screenOf("lab+B", 100, 30, "LANG", "zh_CN.UTF-8", "NO_COLOR", "1")
	if got := a.see("Ctrl+\\ ? keys"); !strings.Contains(got, "\x1b[?1049h") || !strings.Contains(got, "\x1b[24H") || !strings.Contains(got, "[1 A]") {
		t.Errorf("the screen begins with %q", got)
	}
	if got := b.see("Ctrl+\\ ? 按键"); !strings.Contains(got, "\x1b[30H") || !strings.Contains(got, "[2 B]") || regexp.MustCompile(`\x1b\[[0-9;]*3[0-7]m`).MatchString(got) {
		t.Errorf("the screen of one who looks at B without colours begins with %q", got)
	}
	b.keys("\x1c1") // to the console of A
	b.see("[1 A]")
	a.keys("display clock\r")
	a.see("UTC Tue 01/02/2024")
	b.see("UTC Tue 01/02/2024", " 正在输入") // the title of a console says who types
	b.keys("x")
	b.see(" 正在 A 上输入")
	b.keys("\x1c ")
	b.see("此实验由多人共用")
	if p := x.lab.Pace(); p.Paused {
		t.Error("a guest has paused the lab of all")
	}
	b.keys("\x1c2")
	b.see("[2 B]")
	b.keys("display version\r") // nobody types at B
	b.see("F1090")
	a.WindowChange(40, 120)
	a.until("\x1b[40H")
	b.keys("\x1c2\x1cw") // watches packets, until he leaves
	b.see("报文")
	b.keys("\x1cq")
	if got := b.rest(); !strings.HasSuffix(got, "\x1b[?25h\x1b[?1049l") {
		t.Errorf("the terminal is not given back: %q", got)
	}
	if err := b.Wait(); err != nil {
		t.Errorf("who leaves the screen gets %v", err)
	}
	a.keys("display history-command\r")
	a.see("display history-command")
	// At the console the lock is the same.
	c := x.shell("A", labPassword, true)
	c.keys("y")
	c.until(" is typing at A;")
	a.client.Close()
	d := x.screenOf("lab", 80, 24)
	d.see("Ctrl+\\ ? keys")
	c.again("display clock\r", "UTC") // the turn is given back
	x.shutdown()
	d.rest()
	if err := d.Wait(); err != nil {
		t.Errorf("at the end of the server the screen ends with %v", err)
	}
}

func TestServeFullScreenNeedsATerminal(t *testing.T) {
	x := outsideOf(t, sshConfig, ssh.Options{})
	for _, command := range []string{"", "display clock"} {
		s, err := x.client("lab", labPassword).NewSession()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		s.Stdout = &out
		if command == "" {
			s.Shell()
			err = s.Wait()
		} else {
			err = s.Run(command)
		}
		if e := (*xssh.ExitError)(nil); !errors.As(err, &e) || e.ExitStatus() != 1 || !strings.Contains(out.String(), "[cwlab]") {
			t.Errorf("%q on the screen shows %q and ends with %v", command, out.String(), err)
		}
	}
}

var saidPassword = regexp.MustCompile(`The password of cwlab is (\S+)\n`)

// served runs the verb, and returns what it announces and how to end it.
func served(t *testing.T, args ...string) (text string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0", "--host-key", t.TempDir() + "/keys/host_key"}, args...), streams{nil, io.Discard, w, 0})
		w.Close()
	}()
	b := make([]byte, 64<<10)
	for !saidPassword.MatchString(text) {
		n, err := r.Read(b)
		if text += string(b[:n]); err != nil {
			t.Fatal(text)
		}
	}
	go io.Copy(io.Discard, r)
	return text, func() int {
		cancel()
		return <-done
	}
}

// A fleet opens a device when somebody comes to it, and that one alone.
func TestServeDevices(t *testing.T) {
	text, stop := served(t, "--devices", "200", "--port-per-device")
	password := saidPassword.FindStringSubmatch(text)[1]
	ports := regexp.MustCompile(`(\S+) is at (\S+)\n`).FindAllStringSubmatch(text, -1)
	if len(ports) != 201 || ports[200][1] != "F1060-200" {
		t.Fatalf("it announces %q", text)
	}
	for _, who := range [][2]string{{ports[0][2], "cwlab+F1060-7"}, {ports[7][2], "cwlab"}} {
		c, err := xssh.Dial("tcp", who[0], clientConfig(who[1], password))
		if err != nil {
			t.Fatal(err)
		}
		s, _ := c.NewSession()
		if out, err := s.Output("display current-configuration | include sysname"); err != nil || !strings.Contains(string(out), "sysname F1060-7\r\n") {
			t.Errorf("%v: %v: %q", who, err, out)
		}
		c.Close()
	}
	for _, user := range []string{"lab", "cwlab+F1060-201", "cwlab+F1060-07", "cwlab+F1060-0"} {
		if _, err := xssh.Dial("tcp", ports[0][2], clientConfig(user, password)); err == nil {
			t.Errorf("%s gets in", user)
		}
	}
	if code := stop(); code != exitOK {
		t.Errorf("exit %d", code)
	}
	if _, err := net.Dial("tcp", ports[3][2]); err == nil {
		t.Error("a listener is still there")
	}
}

func TestFleetSize(t *testing.T) {
	for _, n := range []int{-1, 0, sessions.MaxFleet + 1} {
		if _, err := sessions.NewFleet(t.Context(), "F1060", n, time.Time{}, nil, nil); err == nil {
			t.Errorf("a fleet of %d is made", n)
		}
	}
}
