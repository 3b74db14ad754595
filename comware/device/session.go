package device

import (
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/info"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/terminal"
	"cwlab/comware/infocenter"
	"cwlab/comware/line"
	"cwlab/emulator/sim"
)

// A session is what any line of a box gives to the person who is logged in: a
// line editor, a shell, the logs that its switches let through, the idle
// timer. It is the host of the editor and the terminal of the shell. How one
// logs in, and what is shown before and after, is the line's own.
type session struct {
	name   string // "con0"
	line   *line.Line
	leave  func()         // what follows when the session is to end
	box    *feature.Box   // of the last login
	shell  *feature.Shell // nil while nobody is logged in
	logs   *infocenter.Output
	stop   func() // of the command that runs
	again  *repeating
	guest  *guest // in the dialogue before a session
	timer  *sim.Timer
	lastIn time.Time
}

// newSession is a line of that name where nobody is logged in. leave is called
// when the person leaves, breaks the login off or is idle for too long; it has
// to call close.
func newSession(name string, out func([]byte), leave func()) *session {
	s := &session{name: name, leave: leave}
	s.line = line.New(out, s)
	return s
}

// A guest is somebody who is not logged in yet.
type guest struct {
	s     *session
	asked bool // a question is open
}

// Print writes text.
func (g *guest) Print(text string) { g.s.line.Print(text) }

// Ask prints a question.
func (g *guest) Ask(prompt string, masked bool, f func(string)) {
	g.asked = true
	g.s.line.Ask(prompt, masked, func(answer string) {
		g.asked = false
		f(answer)
	})
}

// admit holds the dialogue before a session, in which done may open one; it
// gets nil when nobody is let in.
func (s *session) admit(b *feature.Box, service, from string, done func(*login.Entry)) {
	g, done := s.receive(b, done)
	login.Admit(b, s.name, service, from, g, done)
}

// greet is admit for somebody who was authenticated on the way in.
func (s *session) greet(b *feature.Box, e *login.Entry, done func(*login.Entry)) {
	g, done := s.receive(b, done)
	login.Greet(b, e, g, done)
}

// receive begins the dialogue before a session: the visitor, and what is to be
// called when he is let in or not.
func (s *session) receive(b *feature.Box, done func(*login.Entry)) (*guest, func(*login.Entry)) {
	s.box = b
	g := &guest{s: s}
	s.guest = g
	s.line.Hold()
	return g, func(e *login.Entry) {
		if s.guest != g {
			return
		}
		s.guest = nil
		done(e)
		s.line.Release()
	}
}

// open logs somebody in; the address is "" on the console.
func (s *session) open(b *feature.Box, e *login.Entry, from string) {
	s.box = b
	s.shell = feature.NewShell(b, s, s.name)
	s.shell.User, s.shell.From, s.shell.Roles = e.User, from, e.Roles
	b.Shells = append(b.Shells, s.shell)
	channel := infocenter.Console
	if from != "" { // `terminal monitor` is off by default
		channel, s.shell.Monitor = infocenter.Monitor, false
	}
	s.logs = b.Info.Listen(channel, s.show)
	s.stop, s.again = nil, nil
	set := login.LineSettings(b, s.name)
	s.line.SetKeymap(terminal.Keymap(b))
	s.line.SetStopKey(set.Escape)
	s.line.SetPageLength(set.Screen)
	s.line.SetHistorySize(set.History)
	s.touch()
}

// close ends the session, or the dialogue before it, without a word.
func (s *session) close() {
	s.guest = nil
	if s.shell == nil {
		return
	}
	s.shell.Close()
	s.logs.Close()
	s.timer.Stop()
	s.again.cancel()
	s.shell, s.stop, s.again = nil, nil, nil
	s.line.ClearHistory()
}

// show prints a record of the information center where the session's switches
// let it.
func (s *session) show(r infocenter.Record) {
	sh := s.shell
	if sh == nil || !info.Shows(sh, r) {
		return
	}
	s.line.SetSynchronous(s.box.Info.Synchronous)
	if sh.Published && r.Severity != infocenter.Debugging {
		s.line.Async(r.Body())
		return
	}
	s.line.Async(r.String())
}

// input is keystrokes.
func (s *session) input(b []byte) {
	if s.shell != nil {
		s.touch()
	}
	s.line.Feed(b)
}

// touch starts the idle timer anew. A command that runs keeps the session
// alive.
func (s *session) touch() {
	s.lastIn = s.box.World.Now()
	if !s.timer.Active() {
		s.arm()
	}
}

func (s *session) arm() {
	d := s.idleTimeout()
	if d == 0 {
		return
	}
	s.timer = s.box.After(s.lastIn.Add(d).Sub(s.box.Now()), func() {
		switch {
		case s.shell == nil:
		case s.stop != nil || s.again != nil:
			s.lastIn = s.box.Now()
			s.arm()
		case s.idleTimeout() == 0:
		case !s.box.Now().Before(s.lastIn.Add(s.idleTimeout())):
			s.Logout()
		default:
			s.arm()
		}
	})
}

func (s *session) idleTimeout() time.Duration { return login.LineSettings(s.box, s.name).Idle }

// LastInput is when somebody typed last.
func (s *session) LastInput() time.Time { return s.lastIn }

// Notify shows a message where the cursor is.
func (s *session) Notify(text string) { s.line.Async(text) }

// Prompt is the prompt of the current view.
func (s *session) Prompt() string {
	if s.shell == nil {
		return ""
	}
	return s.shell.Prompt()
}

// Execute runs a line that was entered. The history keeps those that were
// understood, with their aliases written out, but not a repeat, which would
// only repeat itself.
func (s *session) Execute(text string) {
	if s.shell == nil {
		return
	}
	before := s.idleTimeout()
	understood := s.shell.Execute(text)
	if s.shell != nil && s.idleTimeout() != before { // it holds at once
		s.timer.Stop()
		s.arm()
	}
	switch {
	case s.shell == nil || !understood || s.again != nil:
		s.line.Remember("")
	default:
		s.line.Remember(s.shell.Typed())
	}
}

// Help answers `?`.
func (s *session) Help(text string) ([]string, bool) {
	if s.shell == nil {
		return nil, false
	}
	h, err := s.grammar().Help(s.shell.View().Name, text, s.shell.Env())
	if err != nil {
		return err.Lines(s.Prompt(), text), false
	}
	return h.Lines(), true
}

// Complete answers Tab.
func (s *session) Complete(text string) []string {
	if s.shell == nil {
		return nil
	}
	return s.grammar().Complete(s.shell.View().Name, text, s.shell.Env())
}

// Filter compiles an expression typed at the end of a page.
func (s *session) Filter(expr string) func(string) bool {
	re, err := cli.CompileFilter(expr)
	if err != nil {
		return nil
	}
	return re.MatchString
}

func (s *session) grammar() *cli.Grammar { return s.box.Image.Grammar }

// Interrupt is Ctrl+C while a command runs or a question is open.
func (s *session) Interrupt() {
	if g := s.guest; g != nil {
		if g.asked {
			s.leave()
		}
		return
	}
	s.again.cancel()
	if s.stop != nil {
		s.stop()
		return
	}
	s.again.after(0)
}

// Key is a function of a key that the editor does not have itself.
func (s *session) Key(f line.Function) bool {
	if s.shell == nil || f != line.ToUserView {
		return false
	}
	s.shell.Return()
	return true
}

// Print prints output of a command.
func (s *session) Print(text string) { s.line.Print(text) }

// Hold marks a command as running. The key that stops it is the one that the
// line has by now.
func (s *session) Hold(interrupt func()) {
	s.line.SetStopKey(login.LineSettings(s.box, s.name).Escape)
	s.stop = interrupt
	s.line.Hold()
}

// Release ends the command that was held.
func (s *session) Release() {
	s.stop = nil
	s.lastIn = s.box.Now()
	if s.again != nil {
		s.again.after(0)
		return
	}
	s.line.Release()
}

// Ask prints a question.
func (s *session) Ask(prompt string, masked bool, f func(string)) {
	s.line.Ask(prompt, masked, func(answer string) {
		f(answer)
		s.again.after(0)
	})
}

// Dismiss takes an open question back.
func (s *session) Dismiss(f func()) {
	s.line.Dismiss(func() {
		f()
		s.again.after(0)
	})
}

// Logout ends the session.
func (s *session) Logout() {
	if s.shell != nil {
		s.leave()
	}
}

// History is the commands typed.
func (s *session) History() []string { return s.line.History() }

// SetPageLength sets the lines of a page.
func (s *session) SetPageLength(n int) { s.line.SetPageLength(n) }

// SetHistorySize sets how many commands are kept.
func (s *session) SetHistorySize(n int) { s.line.SetHistorySize(n) }
