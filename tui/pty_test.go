//go:build !windows

package tui

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// childMark has the test binary show the screen instead of testing.
const childMark = "CWLAB_TEST_SCREEN"

func TestMain(m *testing.M) {
	if os.Getenv(childMark) == "" {
		os.Exit(m.Run())
	}
	if err := Run(context.Background(), &bench{}, Options{Lab: os.Getenv(childMark)}); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A terminal is the other side of a pseudo terminal with the screen on it.
type terminal struct {
	t    *testing.T
	f    *os.File
	cmd  *exec.Cmd
	seen []byte
}

func newTerminal(t *testing.T, lab string) *terminal {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), childMark+"="+lab, "TERM=xterm-256color", "NO_COLOR=")
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return &terminal{t: t, f: f, cmd: cmd}
}

// wait reads until a text has come since the last wait, or to the end if it
// is empty.
func (p *terminal) wait(text string) string {
	p.t.Helper()
	defer time.AfterFunc(20*time.Second, func() { _ = p.cmd.Process.Kill() }).Stop()
	buf := make([]byte, 4096)
	for {
		if i := bytes.Index(p.seen, []byte(text)); i >= 0 && text != "" {
			got := string(p.seen[:i+len(text)])
			p.seen = p.seen[i+len(text):]
			return got
		}
		n, err := p.f.Read(buf)
		p.seen = append(p.seen, buf[:n]...)
		if n == 0 && err != nil {
			if text != "" {
				p.t.Fatalf("waiting for %q: %v; the terminal got %q", text, err, p.seen)
			}
			got := string(p.seen)
			p.seen = nil
			return got
		}
	}
}

func (p *terminal) send(keys string) {
	p.t.Helper()
	if _, err := p.f.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// The terminal here answers no question: the screen asks none, comes up, takes
// the first key as input of the console, and gives the terminal back.
func TestOnATerminal(t *testing.T) {
	p := newTerminal(t, "pair")
	begin := p.wait("<West>")
	for _, query := range []string{"\x1b]11", "\x1b]10", "\x1b[6n", "\x1b[c"} {
		if strings.Contains(begin, query) {
			t.Errorf("the terminal is asked %q", query)
		}
	}
	if !strings.HasPrefix(begin, enterScreen) {
		t.Errorf("it begins with %.60q, want the alternate screen", begin)
	}
	p.send("hello")
	p.wait("<West>hello")
	p.send("\x1c?")
	p.wait("All other keys")
	p.send("\x1b")
	p.wait("\x1b[2;12H\x1b[?25h") // the cursor is back
	p.send("x")
	p.wait("<West>hellox")
	if err := pty.Setsize(p.f, &pty.Winsize{Rows: 50, Cols: 200}); err != nil {
		t.Fatal(err)
	}
	p.wait("East-2 · RBM secondary Standby")
	p.send("\x1cq")
	if end := p.wait(""); !strings.HasSuffix(end, mouseOff+leaveScreen) {
		t.Errorf("it ends with %.80q, want the terminal given back", end[max(len(end)-80, 0):])
	}
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// An error of the first lab stands on an ordinary terminal.
func TestFirstLabDoesNotOpen(t *testing.T) {
	p := newTerminal(t, "broken")
	got := p.wait("")
	if want := "error: broken/lab.yaml:3: no such model\r\n"; got != want {
		t.Errorf("the terminal got %q, want %q", got, want)
	}
	if p.cmd.Wait() == nil {
		t.Error("it ends well")
	}
}
