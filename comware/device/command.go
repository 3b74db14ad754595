package device

import (
	"strings"
	"unicode"

	"cwlab/comware/feature"
	"cwlab/comware/feature/login"
	"cwlab/comware/line"
)

// A command is one line that is run in place of a session, as `ssh host
// command` asks: without echo, prompt, banner and pages. It is the terminal of
// its shell. Several lines run one after the other.
type command struct {
	*vty
	lines     []string
	shell     *feature.Shell
	interrupt func() // of the command that runs
	held      bool
	running   bool
	question  func(string)
	typed     []byte // not yet taken
	eof       bool
	status    int
}

// newCommand takes the text of a command as an editor would: without control
// characters, and cut at the length of a line.
func newCommand(y *vty, text string) *command {
	c := &command{vty: y}
	for l := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		l = strings.Map(func(r rune) rune {
			switch {
			case r == '\t':
				return ' '
			case unicode.IsControl(r):
				return -1
			}
			return r
		}, l)
		c.lines = append(c.lines, l[:min(len(l), line.MaxInput)])
	}
	return c
}

func (c *command) start() {
	b := c.visit.box
	c.shell = feature.NewShell(b, c, c.name)
	c.shell.User, c.shell.From, c.shell.Roles = c.visit.entry.User, c.visit.from(), c.visit.entry.Roles
	c.shell.Monitor = false
	b.Shells = append(b.Shells, c.shell)
	c.admit(c.shell)
	c.run()
}

// run runs the lines that are left, up to one that goes on or asks.
func (c *command) run() {
	if c.running || c.shell == nil {
		return
	}
	c.running = true
	for c.shell != nil && !c.held && c.question == nil {
		if c.shell.Failed() {
			c.status = 1
		}
		if len(c.lines) == 0 {
			c.finish()
			break
		}
		next := c.lines[0]
		c.lines = c.lines[1:]
		if !c.shell.Execute(next) {
			c.status = 1
		}
	}
	c.running = false
	c.pump()
}

// finish ends the session.
func (c *command) finish() {
	shell := c.shell
	c.drop()
	if shell != nil {
		login.LoggedOut(shell)
	}
	c.done(c.status)
}

func (c *command) drop() {
	c.shell.Close()
	stop := c.interrupt
	c.shell, c.interrupt, c.question = nil, nil, nil
	if stop != nil {
		stop()
	}
}

// Input is keys: the answers to questions, and Ctrl+C.
func (c *command) Input(b []byte) {
	for _, k := range b {
		switch {
		case k == 0x03:
			c.typed = nil
			c.stop()
		case len(c.typed) < maxTyped:
			c.typed = append(c.typed, k)
		}
	}
	c.pump()
}

// maxTyped is how many keys wait for a question.
const maxTyped = 4096

// stop is Ctrl+C.
func (c *command) stop() {
	c.lines, c.status = nil, 1
	switch {
	case c.interrupt != nil:
		c.interrupt()
	case c.question != nil:
		c.finish()
	}
}

// pump answers an open question with a line that was typed.
func (c *command) pump() {
	if c.question == nil || c.running {
		return
	}
	i := strings.IndexAny(string(c.typed), "\r\n")
	if i < 0 {
		if c.eof {
			c.stop()
		}
		return
	}
	answer, f := string(c.typed[:i]), c.question
	c.typed, c.question = c.typed[i+1:], nil
	c.Print("\n")
	c.running = true
	f(answer)
	c.running = false
	c.run()
}

// EOF says that no answers come.
func (c *command) EOF() {
	c.eof = true
	c.pump()
}

// Resize does nothing: there are no pages.
func (c *command) Resize(int, int) {}

// Close ends the session.
func (c *command) Close() {
	if !c.visit.over {
		c.finish()
	}
}

// Print prints output of the command.
func (c *command) Print(text string) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	c.out([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
}

// Hold marks the command as running.
func (c *command) Hold(interrupt func()) { c.held, c.interrupt = true, interrupt }

// Release ends it, and the next line follows.
func (c *command) Release() {
	c.held, c.interrupt = false, nil
	c.visit.box.After(0, c.run)
}

// Ask prints a question.
func (c *command) Ask(prompt string, _ bool, f func(string)) {
	c.Print(prompt)
	c.question = f
	c.visit.box.After(0, c.pump)
}

// Dismiss takes a question back.
func (c *command) Dismiss(f func()) {
	if c.question != nil {
		c.question = nil
		c.Print("\n")
		f()
		c.visit.box.After(0, c.run)
	}
}

// Logout ends the session.
func (c *command) Logout() {
	if c.shell != nil {
		c.finish()
	}
}

// History is empty.
func (*command) History() []string { return nil }

// SetPageLength does nothing.
func (*command) SetPageLength(int) {}

// SetHistorySize does nothing.
func (*command) SetHistorySize(int) {}
