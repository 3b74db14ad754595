//go:build !windows

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"cwlab/emulator/pcap"
)

// A terminal is a person at a terminal that answers no query.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	f    *os.File
	mu   sync.Mutex
	cond *sync.Cond
	text []byte
	gone bool
	at   int // what was waited for so far
}

func sit(t *testing.T, cols, rows uint16, args ...string) *terminal {
	t.Helper()
	cmd := command(args...)
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: cols, Rows: rows})
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	s := &terminal{t: t, cmd: cmd, f: f}
	s.cond = sync.NewCond(&s.mu)
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := f.Read(b)
			s.mu.Lock()
			s.text = append(s.text, b[:n]...)
			s.gone = s.gone || err != nil
			s.cond.Broadcast()
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		f.Close()
	})
	return s
}

// want waits until the terminal shows the text, after what was wanted before.
func (s *terminal) want(text string) {
	s.t.Helper()
	guard := time.AfterFunc(20*time.Second, func() {
		s.mu.Lock()
		s.gone = true
		s.cond.Broadcast()
		s.mu.Unlock()
	})
	defer guard.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if i := bytes.Index(s.text[s.at:], []byte(text)); i >= 0 {
			s.at += i + len(text)
			return
		}
		if s.gone {
			s.t.Fatalf("the terminal does not show %q after\n%q\nbut\n%q", text, s.text[:s.at], s.text[s.at:])
		}
		s.cond.Wait()
	}
}

func (s *terminal) press(text string) { io.WriteString(s.f, text) }

// end waits for the command to end and returns what the terminal shows.
func (s *terminal) end() string {
	s.t.Helper()
	late := time.AfterFunc(30*time.Second, func() { _ = s.cmd.Process.Signal(syscall.SIGQUIT) }) // it says where it is stuck
	err := s.cmd.Wait()
	late.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.gone {
		s.cond.Wait()
	}
	if err != nil {
		s.t.Errorf("%v: %v\n%s", s.cmd.Args, err, s.text)
	}
	return string(s.text)
}

// The start-up of bubbletea v1 asks the terminal for its colours and waits
// five seconds for an answer, unless the package tui/background is quicker.
func TestNoVerbAsksTheTerminal(t *testing.T) {
	for _, verb := range []string{"version", "labs", "help"} {
		began := time.Now()
		got := sit(t, 80, 24, verb).end()
		if strings.Contains(got, "\x1b") {
			t.Errorf("%s writes an escape sequence: %q", verb, got)
		}
		if !strings.Contains(got, "cwlab") && !strings.Contains(got, defaultLab) {
			t.Errorf("%s shows %q", verb, got)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("%s takes %v", verb, took)
		}
	}
	screen := sit(t, 80, 24)
	screen.want("H3C")
	screen.mu.Lock()
	defer screen.mu.Unlock()
	if i := bytes.Index(screen.text, []byte("\x1b]11")); i >= 0 {
		t.Errorf("the full screen asks for the background colour: %q", screen.text[:i+8])
	}
}

func TestConsoleOnATerminal(t *testing.T) {
	s := sit(t, 100, 30, "console", defaultLab, "F1060")
	s.want("Ctrl+] detaches")
	s.want("<H3C>")
	s.press("display clo")
	s.press("ck\r")
	s.want("UTC")
	s.want("<H3C>")
	s.press("ping -c 100 127.0.0.1\r")
	s.want("icmp_seq=0 ")
	s.press("\x03")
	s.want("packet loss")
	s.want("<H3C>")
	s.press("\x1d")
	s.end()
}

func TestOperator(t *testing.T) {
	s := sit(t, 100, 30, "console", defaultLab)
	s.want("cwlab> ")
	s.press("list\r")
	s.want("link    rbm")
	s.want("cwlab> ")
	s.press("atta\tF1090-1\r")
	s.want("Console of F1090-1")
	s.want("RBM_P@H3C>")
	s.press("display clock\r")
	s.want("UTC")
	s.want("RBM_P@H3C>")
	s.press("\x1d")
	s.want("cwlab> ")
	s.press("attach F1090-1\r")
	s.want("RBM_P@H3C>")
	s.press("\x1d")
	s.want("cwlab> ")
	s.press("speed 8\r")
	s.want("x8")
	s.want("cwlab> ")
	s.press("pause\r")
	s.want("paused")
	s.want("cwlab> ")
	s.press("attach X\r")
	s.want(`device is "X", want F1060, F1090-1, F1090-2`)
	s.want("cwlab> ")
	s.press("quit\r")
	s.end()
}

// The packets of a negotiation are shown decrypted, with the keys of the lab.
func TestPacketsOnATerminal(t *testing.T) {
	s := sit(t, 160, 50, "tui", defaultLab)
	s.want("<H3C>")
	s.press("\x1cw")
	s.want("Packets: ")
	s.press("/")
	s.want("Show only")
	s.press("isakmp or esp")
	s.want("isakmp or esp_")
	s.press("\r")
	s.want("filter: isakmp or esp")
	s.press("\x1cw")
	s.want("<H3C>")
	s.press("ping -a 2.2.2.2 -c 4 3.3.3.3\r")
	s.want("packet loss")
	s.press("\x1c")
	s.want("watch packets")
	s.press("w")
	s.want("ISAKMP   = Main * ID HASH")
	s.want("ISAKMP   = Quick * HASH SA NONCE ID ID")
	s.want(" = F1090-1: begins Quick Mode; F1060: IP")
	s.want("2.2.2.2 > 3.3.3.3 ICMP echo request")
	s.press("\x1c")
	s.want("watch packets")
	s.press("q")
	s.end()
}

// grown waits until a file has more than some bytes.
func grown(t *testing.T, file string, than int64) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; <-time.After(10 * time.Millisecond) {
		if fi, err := os.Stat(file); err == nil && fi.Size() > than {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not grow beyond %d bytes", file, than)
		}
	}
}

// What is captured of a lab on a terminal is on disk while it runs, and whole
// when the program is told to leave.
func TestCaptureOnATerminal(t *testing.T) {
	for _, tt := range []struct {
		verb       string
		args       []string
		begin, end string
	}{
		{"tui", []string{"tui", defaultLab}, "", ""},
		{"record", []string{"record", defaultLab, "-o", filepath.Join(t.TempDir(), "x.cast")}, "", ""},
		{"console", []string{"console", defaultLab, "F1060"}, "", ""},
		{"operator", []string{"console", defaultLab}, "attach F1060\r", "\x1d"},
	} {
		dir := t.TempDir()
		capture, keys := filepath.Join(dir, "x.pcapng"), filepath.Join(dir, "keys")
		s := sit(t, 120, 40, append(tt.args, "--lang=en", "--pcap", capture, "--keys", keys)...)
		if tt.begin != "" {
			s.want("cwlab> ")
			s.press(tt.begin)
		}
		s.want("<H3C>")
		s.press("ping -a 2.2.2.2 -c 3 3.3.3.3\r")
		s.want("packet loss")
		grown(t, filepath.Join(keys, pcap.FileESP), 0)
		grown(t, capture, 5000)
		s.press(tt.end)
		if tt.end != "" {
			s.want("cwlab> ")
		}
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		s.end()
		if n := framesIn(t, capture); n < 10 {
			t.Errorf("%s: %d frames", tt.verb, n)
		}
		wantDecrypted(t, tt.verb, capture, keys)
	}
}

// A server writes its capture while it runs.
func TestServeCaptures(t *testing.T) {
	dir := t.TempDir()
	capture, keys := filepath.Join(dir, "x.pcapng"), filepath.Join(dir, "keys")
	text, stop := served(t, defaultLab, "--pcap", capture, "--keys", keys)
	host := regexp.MustCompile(defaultLab + ` is at (\S+)`).FindStringSubmatch(text)
	x := &outside{t: t, addr: host[1]}
	p := x.shell("F1060", saidPassword.FindStringSubmatch(text)[1], true)
	p.until("<H3C>")
	p.keys("ping -a 2.2.2.2 -c 3 3.3.3.3\r")
	p.until("packet loss")
	grown(t, filepath.Join(keys, pcap.FileESP), 0)
	grown(t, capture, 5000)
	if code := stop(); code != exitOK {
		t.Errorf("exit %d", code)
	}
	p.rest()
	wantDecrypted(t, "serve", capture, keys)
}
