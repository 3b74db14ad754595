package device

import (
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/login"
	"cwlab/comware/infocenter"
	"cwlab/comware/line"
	"cwlab/emulator/lab"
	"cwlab/emulator/sim"
)

// A console is the console line of a box: con0. It is the host of a line
// editor and the terminal of a shell.
type console struct {
	dev    *Device
	out    func([]byte)
	line   *line.Line
	shell  *feature.Shell // nil between sessions
	logs   *infocenter.Output
	stop   func() // of the command that runs
	timer  *sim.Timer
	lastIn time.Time
}

func newConsole(d *Device, out func([]byte)) *console {
	c := &console{dev: d, out: out}
	c.line = line.New(out, c)
	return c
}

// login opens a session.
func (c *console) login() {
	b := c.dev.box
	c.shell = feature.NewShell(b, c, "con0")
	c.shell.Published = c.dev.spec.Style == lab.StylePublished
	b.Shells = append(b.Shells, c.shell)
	c.logs = b.Info.Subscribe(c.show)
	c.stop = nil
	c.line.SetPageLength(login.ScreenLength(b))
	c.touch()
}

// show prints a record of the information center where the session's switches
// let it.
func (c *console) show(r infocenter.Record) {
	s := c.shell
	if s == nil || !s.Monitor {
		return
	}
	switch {
	case r.Severity == infocenter.Debugging && !s.Debugging:
		return
	case r.Severity != infocenter.Debugging && r.Severity > s.Level:
		return
	}
	c.line.SetSynchronous(c.dev.box.Info.Synchronous)
	if s.Published && r.Severity != infocenter.Debugging {
		c.line.Async(r.Body())
		return
	}
	c.line.Async(r.String())
}

// end closes the session without a word.
func (c *console) end() {
	if c.shell == nil {
		return
	}
	b := c.dev.box
	for i, s := range b.Shells {
		if s == c.shell {
			b.Shells = append(b.Shells[:i:i], b.Shells[i+1:]...)
			break
		}
	}
	c.logs.Close()
	c.timer.Stop()
	c.shell, c.stop = nil, nil
	c.line.ClearHistory()
}

// available prints what a console shows when nobody is logged in.
func (c *console) available() {
	c.end()
	c.write("\n" + copyright + "\nLine con0 is available.\n\n\nPress ENTER to get started.\n")
	c.line.WaitEnter(c.enter)
}

// enter is the Enter that starts a session.
func (c *console) enter() {
	if c.dev.box == nil {
		c.line.WaitEnter(c.enter)
		return
	}
	c.login()
	c.dev.box.Log("SHELL", 5, "SHELL_LOGIN", "Console logged in from con0.")
	c.write("\n")
}

// dark ends the session because the box has gone.
func (c *console) dark() {
	c.end()
	c.write("\n")
	c.line.WaitEnter(c.enter)
}

func (c *console) write(text string) { c.out([]byte(strings.ReplaceAll(text, "\n", "\r\n"))) }

const copyright = `******************************************************************************
* Copyright (c) 2004-2021 New H3C Technologies Co., Ltd. All rights reserved.*
* Without the owner's prior written consent,                                 *
* no decompiling or reverse-engineering shall be allowed.                    *
******************************************************************************
`

func (c *console) input(b []byte) {
	if c.shell != nil {
		c.touch()
	}
	c.line.Feed(b)
}

// touch starts the idle timer anew. A command that runs keeps the session
// alive.
func (c *console) touch() {
	c.lastIn = c.dev.world.Now()
	if !c.timer.Active() {
		c.arm()
	}
}

func (c *console) arm() {
	d := c.dev.box.IdleTimeout()
	if d == 0 {
		return
	}
	c.timer = c.dev.box.After(c.lastIn.Add(d).Sub(c.dev.world.Now()), func() {
		switch {
		case c.shell == nil:
		case c.stop != nil:
			c.touch()
			c.lastIn = c.dev.world.Now()
			c.arm()
		case !c.dev.world.Now().Before(c.lastIn.Add(c.dev.box.IdleTimeout())):
			c.Logout()
		default:
			c.arm()
		}
	})
}

func (c *console) resize(w, h int) { c.line.SetSize(w, h) }

func (c *console) idle() bool {
	return c.dev.box == nil || c.shell == nil || c.line.Idle()
}

// Prompt is the prompt of the current view.
func (c *console) Prompt() string {
	if c.shell == nil {
		return ""
	}
	return c.shell.Prompt()
}

// Execute runs a line that was entered. The history keeps those that were
// understood.
func (c *console) Execute(text string) {
	if c.shell != nil && !c.shell.Execute(text) {
		c.line.Remember("")
	}
}

// Help answers `?`.
func (c *console) Help(text string) ([]string, bool) {
	if c.shell == nil {
		return nil, false
	}
	h, err := c.grammar().Help(c.shell.View().Name, text, c.shell.Env())
	if err != nil {
		return err.Lines(c.Prompt(), text), false
	}
	return h.Lines(), true
}

// Complete answers Tab.
func (c *console) Complete(text string) []string {
	if c.shell == nil {
		return nil
	}
	return c.grammar().Complete(c.shell.View().Name, text, c.shell.Env())
}

func (c *console) grammar() *cli.Grammar { return c.dev.image.Grammar }

// Interrupt is Ctrl+C while a command runs.
func (c *console) Interrupt() {
	if c.stop != nil {
		c.stop()
	}
}

// hotkeys are the commands of the system-defined hotkeys (`display hotkey`).
var hotkeys = map[byte]string{
	0x07: "display current-configuration", // CTRL_G
	0x0c: "display ip routing-table",      // CTRL_L
	0x0f: "undo debugging all",            // CTRL_O
}

// Key is a control key at the prompt that the editor does not use.
func (c *console) Key(k byte) bool {
	if c.shell == nil {
		return false
	}
	if k == 0x1a { // CTRL_Z
		c.shell.Return()
		return true
	}
	if command, ok := hotkeys[k]; ok {
		c.line.Run(command)
	}
	return false
}

// Print prints output of a command.
func (c *console) Print(text string) { c.line.Print(text) }

// Hold marks a command as running.
func (c *console) Hold(interrupt func()) {
	c.stop = interrupt
	c.line.Hold()
}

// Release ends the command that was held.
func (c *console) Release() {
	c.stop = nil
	c.lastIn = c.dev.world.Now()
	c.line.Release()
}

// Ask prints a question.
func (c *console) Ask(prompt string, masked bool, f func(string)) { c.line.Ask(prompt, masked, f) }

// Logout ends the session and shows the ENTER dialogue.
func (c *console) Logout() {
	if c.shell == nil {
		return
	}
	b := c.dev.box
	for _, s := range b.Switches() {
		s.On = false
	}
	b.Log("SHELL", 5, "SHELL_LOGOUT", "Console logged out from con0.")
	c.available()
}

// History is the commands typed.
func (c *console) History() []string { return c.line.History() }

// SetPageLength sets the lines of a page.
func (c *console) SetPageLength(n int) { c.line.SetPageLength(n) }
