package device

import (
	"strings"
	"time"

	"cwlab/comware/feature/login"
	"cwlab/emulator/lab"
)

// A vtyShell is a session on a virtual line.
type vtyShell struct {
	*vty
	s *session
}

func newVTYShell(y *vty, screen lab.Screen) *vtyShell {
	v := &vtyShell{vty: y}
	v.s = newSession(y.name, y.out, v.left)
	v.Resize(screen.Width, screen.Height)
	return v
}

// start shows the banners and opens the session.
func (v *vtyShell) start() {
	b := v.visit.box
	if login.Copyright(b) {
		v.out([]byte(strings.ReplaceAll(copyright+"\n", "\n", "\r\n")))
	}
	v.s.line.Hold()
	v.s.line.Start()
	ask := func(done func(*login.Entry)) { v.s.greet(b, v.visit.entry, done) }
	if v.visit.telnet {
		ask = func(done func(*login.Entry)) { v.s.admit(b, "telnet", v.visit.from(), done) }
	}
	ask(func(e *login.Entry) {
		if e == nil {
			v.left()
			return
		}
		v.s.open(b, e, v.visit.from())
		v.admit(v.s.shell)
	})
	if v.s.shell == nil && !v.visit.over {
		b.After(consentTime, func() {
			if v.s.shell == nil && !v.visit.over {
				v.left()
			}
		})
	}
}

// consentTime is how long somebody may look at a legal notice, or think of his
// password.
const consentTime = time.Minute

// left is what follows when the person has gone.
func (v *vtyShell) left() {
	if v.visit.over {
		return
	}
	shell := v.s.shell
	v.drop()
	if shell != nil {
		login.LoggedOut(shell)
	}
	v.done(0)
}

func (v *vtyShell) drop() {
	if stop := v.s.stop; stop != nil {
		stop()
	}
	v.s.close()
}

// Input is keystrokes.
func (v *vtyShell) Input(b []byte) { v.s.input(b) }

// Masked says that what is typed is not shown.
func (v *vtyShell) Masked() bool { return v.s.line.Masked() }

// Resize tells the terminal's size.
func (v *vtyShell) Resize(w, h int) { v.s.line.SetSize(w, h) }

// Close ends the session.
func (v *vtyShell) Close() { v.left() }

// eofPause is how often a session looks whether what was typed is done with.
const eofPause = 20 * time.Millisecond

// EOF ends the session when it has done what was typed, or waits for more of
// it.
func (v *vtyShell) EOF() {
	if v.visit.over {
		return
	}
	if l := v.s.line; v.s.shell != nil && (l.Idle() || l.Asking()) || v.s.guest != nil && v.s.guest.asked {
		v.left()
		return
	}
	v.visit.box.After(eofPause, v.EOF)
}
