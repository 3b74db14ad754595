package device

import (
	"strings"

	"cwlab/emulator/lab"
)

// A console is the console line of a box, con0: a session that begins at
// "Press ENTER to get started." and ends there.
type console struct {
	*session
	dev *Device
	out func([]byte)
}

func newConsole(d *Device, out func([]byte)) *console {
	c := &console{dev: d, out: out}
	c.session = newSession("con0", out, c.left)
	return c
}

// login opens a session.
func (c *console) login() {
	c.open(c.dev.box, "", "")
	c.shell.Published = c.dev.spec.Style == lab.StylePublished
}

// left is what follows when the person at the console has gone: the box
// switches debugging off by itself.
func (c *console) left() {
	for _, s := range c.box.Switches() {
		s.On = false
	}
	c.box.Log("SHELL", 5, "SHELL_LOGOUT", "Console logged out from con0.")
	c.available()
}

// available prints what a console shows when nobody is logged in.
func (c *console) available() {
	c.close()
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
	c.close()
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

func (c *console) resize(w, h int) { c.line.SetSize(w, h) }

func (c *console) idle() bool {
	return c.dev.box == nil || c.shell == nil || c.line.Idle()
}
