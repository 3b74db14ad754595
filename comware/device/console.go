package device

import (
	"strings"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/login"
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

// login opens a session without the dialogue before it.
func (c *console) login() {
	c.begin(&login.Entry{Roles: login.LineSettings(c.dev.box, c.name).Roles})
}

func (c *console) begin(e *login.Entry) {
	c.open(c.dev.box, e, "")
	c.shell.Published = c.dev.spec.Style == lab.StylePublished
}

// cleanup is how long after a logout at the console the box switches debugging
// off by itself (captures of 7.1.064: 65 to 180 ms).
const cleanup = 100 * time.Millisecond

// left is what follows when the person at the console has gone.
func (c *console) left() {
	if c.shell != nil {
		login.LoggedOut(c.shell)
		b := c.box
		b.After(cleanup, func() {
			batch := feature.Batch{Lines: []string{"undo debugging all"}, Done: func(string, bool) {}}
			batch.Run(b)
		})
	}
	c.available()
}

// available prints what a console shows when nobody is logged in.
func (c *console) available() {
	c.close()
	text := "\nLine con0 is available.\n\n\nPress ENTER to get started.\n"
	if login.Copyright(c.dev.box) {
		text = "\n" + copyright + text
	}
	c.write(text)
	c.wait()
}

// wait waits for the key that starts a session.
func (c *console) wait() {
	activation := byte('\r')
	if b := c.dev.box; b != nil {
		activation = login.LineSettings(b, c.name).Activation
	}
	c.line.WaitKey(activation, c.enter)
}

// enter is the key that starts a session.
func (c *console) enter() {
	if c.dev.box == nil {
		c.wait()
		return
	}
	c.admit(c.dev.box, "terminal", "", func(e *login.Entry) {
		if e == nil {
			c.available()
			return
		}
		c.begin(e)
		login.LoggedIn(c.shell)
		c.write("\n")
	})
}

// dark ends the session because the box has gone.
func (c *console) dark() {
	c.close()
	c.write("\n")
	c.wait()
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
