package device

import (
	"fmt"
	"slices"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/ssh"
	"cwlab/emulator/lab"
)

// How long after the accepted password the SSH server reports a connection,
// and after that the shell a login (captures of 7.1.064).
const (
	connectDelay = 1010 * time.Millisecond
	shellDelay   = 130 * time.Millisecond
)

// A visit is somebody who came in by SSH, from his password on. It has one
// session, on a virtual line, which shows what devices print whatever the style
// of the consoles is. The logs of its end are in an order of ours.
type visit struct {
	dev    *Device
	box    *feature.Box
	caller lab.Caller
	entry  *login.Entry
	since  time.Time // when the password was accepted
	shown  ssh.Session
	listed func() // takes the session off the server's list
	line   *vty   // nil before Open
	over   bool
}

// Admit checks the password of somebody who comes by SSH. A user of the device
// needs the SSH server, an account with that service and, where there is an
// SSH user of his name, its leave to use a password for stelnet.
func (d *Device) Admit(c lab.Caller, password string) (lab.HostVisit, error) {
	b := d.box
	if b == nil {
		return nil, lab.ErrDark
	}
	e := &login.Entry{User: c.User, Roles: []string{"network-admin"}}
	v := &visit{dev: d, box: b, caller: c, entry: e, since: b.Now()}
	if !c.Trusted {
		if !ssh.Server(b).Stelnet {
			return nil, lab.ErrRefused
		}
		roles, err := login.Authenticate(b, c.User, password, "ssh", v.from())
		if err != nil || !ssh.Allows(b, c.User) {
			v.logf("Authentication failed for %s from %s port %d because of invalid username or wrong password .\n", c.User, v.from(), c.Addr.Port())
			d.failed[c.Addr]++
			return nil, lab.ErrRefused
		}
		e.Roles = roles
	}
	v.shown = ssh.Session{Version: "2.0", Cipher: c.Cipher, State: "Established", Retries: d.failed[c.Addr], Service: "Stelnet", User: c.User}
	delete(d.failed, c.Addr)
	v.logf("Accepted password for %s from %s port %d.\n", c.User, v.from(), c.Addr.Port())
	d.visits = append(d.visits, v)
	return v, nil
}

// Lost is told of callers who were refused and have closed the connection.
func (d *Device) Lost(c lab.Caller) {
	delete(d.failed, c.Addr)
	if d.box == nil || !ssh.Server(d.box).Stelnet {
		return
	}
	v := &visit{dev: d, box: d.box, caller: c}
	v.logf("Connection closed by %s.\n", v.from())
	v.box.Log("SSHS", 6, "SSHS_DISCONNECT", fmt.Sprintf("SSH user (null) (IP: %s) disconnected from the server.", v.from()))
}

func (v *visit) from() string { return v.caller.Addr.Addr().Unmap().String() }

func (v *visit) logf(format string, args ...any) {
	v.box.Log("SSHS", 6, "SSHS_LOG", fmt.Sprintf(format, args...))
}

// Open begins the session on the first line that is free.
func (v *visit) Open(s lab.Screen, out func([]byte), end func(int)) (lab.HostLine, error) {
	if v.over || v.box.Stopped() {
		return nil, lab.ErrDark
	}
	if v.line != nil {
		return nil, lab.ErrNoLine
	}
	name, err := v.free()
	if err != nil {
		return nil, err
	}
	y := &vty{name: name, visit: v, out: out, end: end}
	v.line = y
	var l starter
	if s.Command == "" {
		s.Command = login.LineSettings(v.box, name).AutoExecute
	}
	if s.Command != "" {
		l = newCommand(y, s.Command)
	} else {
		l = newVTYShell(y, s)
	}
	y.starter = l
	v.box.After(max(v.since.Add(connectDelay).Sub(v.box.Now()), 0), func() {
		if v.over {
			return
		}
		v.box.Log("SSHS", 6, "SSHS_CONNECT", fmt.Sprintf("SSH user %s (IP: %s) connected to the server successfully.", v.caller.User, v.from()))
		v.listed = ssh.Enter(v.box, &v.shown)
		v.box.After(shellDelay, func() {
			if !v.over {
				l.start()
			}
		})
	})
	return l, nil
}

// free is a line that lets the caller in: one with terminal service that asks
// AAA, as SSH needs, and takes its protocol.
func (v *visit) free() (string, error) {
	err := lab.ErrRefused
	for n := 0; login.VTY(n) != ""; n++ {
		name := login.VTY(n)
		set := login.LineSettings(v.box, name)
		if !set.Shell || !v.caller.Trusted && (set.Auth != "scheme" || set.Inbound != "all" && set.Inbound != "ssh") {
			continue
		}
		err = lab.ErrNoLine
		if !slices.ContainsFunc(v.dev.visits, func(x *visit) bool { return x.line != nil && x.line.name == name }) {
			return name, nil
		}
	}
	return "", err
}

// Leave ends the visit.
func (v *visit) Leave(gone bool) {
	if v.over {
		return
	}
	if gone {
		v.logf("Connection closed by %s.\n", v.from())
	}
	if v.line != nil {
		v.line.starter.Close()
	}
	v.end()
}

// end takes the visit off the device, with its logs.
func (v *visit) end() {
	if v.over {
		return
	}
	v.forget()
	v.logf("User %s logged out from %s port %d.", v.caller.User, v.from(), v.caller.Addr.Port())
	v.box.Log("SSHS", 6, "SSHS_DISCONNECT", fmt.Sprintf("SSH user %s (IP: %s) disconnected from the server.", v.caller.User, v.from()))
}

func (v *visit) forget() {
	v.over = true
	v.dev.visits = slices.DeleteFunc(v.dev.visits, func(x *visit) bool { return x == v })
	if v.listed != nil {
		v.listed()
	}
}

// dark ends the visit because the box has gone.
func (v *visit) dark() {
	v.forget()
	if v.line != nil {
		v.line.starter.drop()
		v.line.end(1)
	}
}

// A vty is a virtual line with a session.
type vty struct {
	name    string
	visit   *visit
	starter starter
	out     func([]byte)
	end     func(status int)
}

// A starter is what runs on a virtual line.
type starter interface {
	lab.HostLine
	start()
	drop() // ends it without a word
}

// Name is the name of the line.
func (y *vty) Name() string { return y.name }

// done ends the visit with its session.
func (y *vty) done(status int) {
	y.visit.end()
	y.end(status)
}

// admit makes the shell of the session one that came by SSH, and reports it.
func (y *vty) admit(s *feature.Shell) {
	s.SSH = true
	y.visit.shown.PID = login.PID(s)
	login.LoggedIn(s)
}
