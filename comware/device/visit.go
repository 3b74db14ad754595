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

// A visit is somebody who came in by SSH, from his password on, or by Telnet. It
// has one session, on a virtual line, which shows what devices print whatever
// the style of the consoles is. The logs of its end are in an order of ours.
type visit struct {
	telnet bool
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

// Patience is how long authentication may take.
func (d *Device) Patience() time.Duration {
	if d.box == nil {
		return 0
	}
	return ssh.Server(d.box).Timeout
}

// listens says whether the SSH server takes callers, for a shell or for
// NETCONF.
func listens(b *feature.Box) bool {
	s := ssh.Server(b)
	return s.Stelnet || s.NETCONF
}

// Offer asks whether somebody may come by SSH with a public key. One that is
// not his is a try that failed, where he could have come with another.
func (d *Device) Offer(c lab.Caller, key []byte) error {
	if d.box == nil || !listens(d.box) {
		return lab.ErrRefused
	}
	m := ssh.MethodsOf(d.box, c.User)
	switch {
	case m.Holds(key):
		return nil
	case !m.Key:
		return lab.ErrRefused
	}
	return (&visit{dev: d, box: d.box, caller: c}).wrongKey()
}

// Admit checks somebody who comes by SSH. A user of the device needs the SSH
// server, an account with that service and, where there is an SSH user of his
// name, its leave to come so.
func (d *Device) Admit(c lab.Caller, p lab.Proof) (lab.HostVisit, error) {
	b := d.box
	if b == nil {
		return nil, lab.ErrDark
	}
	e := &login.Entry{User: c.User, Roles: []string{"network-admin"}}
	v := &visit{dev: d, box: b, caller: c, entry: e, since: b.Now()}
	if !c.Trusted {
		if !listens(b) {
			return nil, lab.ErrRefused
		}
		m := ssh.MethodsOf(b, c.User)
		if p.Method == lab.ByKey {
			roles, err := login.Authorize(b, c.User, "ssh", v.from())
			switch {
			case err != nil || !m.Holds(p.Key):
				return nil, v.wrongKey()
			case m.Both:
				return nil, lab.ErrMore
			}
			e.Roles = roles
		} else {
			roles, err := login.Authenticate(b, c.User, p.Password, "ssh", v.from())
			if err != nil || !m.Password || m.Both && !p.Second {
				v.logf("Authentication failed for %s from %s port %d because of invalid username or wrong password .\n", c.User, v.from(), c.Addr.Port())
				return nil, v.refused()
			}
			e.Roles = roles
		}
	}
	v.shown = ssh.Session{Version: "2.0", Cipher: c.Cipher, State: "Established", Retries: d.failed[c.Addr], Service: "Stelnet", User: c.User}
	delete(d.failed, c.Addr)
	v.logf("Accepted %s for %s from %s port %d.\n", p.Method, c.User, v.from(), c.Addr.Port())
	d.visits = append(d.visits, v)
	return v, nil
}

// wrongKey reports a key that does not let the caller in.
func (v *visit) wrongKey() error {
	v.report("SSHS_AUTH_FAIL", fmt.Sprintf("SSH user %s (IP: %s) didn't pass public key authentication for wrong public key.", v.caller.User, v.from()))
	return v.refused()
}

// refused counts a try that failed.
func (v *visit) refused() error {
	v.dev.failed[v.caller.Addr]++
	if v.dev.failed[v.caller.Addr] < ssh.Server(v.box).Retries {
		return lab.ErrRefused
	}
	v.report("SSHS_AUTH_EXCEED_RETRY_TIMES", fmt.Sprintf("SSH user %s (IP: %s) failed to log in, because the number of authentication attempts exceeded the upper limit.", v.caller.User, v.from()))
	return lab.ErrEnough
}

func (v *visit) report(mnemonic, text string) { v.box.Log("SSHS", 6, mnemonic, text) }

// Lost is told of callers by SSH who are gone without having been let in. One
// with a wrong version, and one who has no algorithm in common, is reported as
// such and no more.
func (d *Device) Lost(c lab.Caller, why lab.Loss) {
	delete(d.failed, c.Addr)
	if d.box == nil || !listens(d.box) {
		return
	}
	v := &visit{dev: d, box: d.box, caller: c}
	switch why {
	case lab.LossVersion:
		v.report("SSHS_VERSION_MISMATCH", fmt.Sprintf("SSH client %s failed to log in because of version mismatch.", v.from()))
		return
	case lab.LossKex, lab.LossHostKey, lab.LossCipher, lab.LossMAC:
		v.report("SSHS_ALGORITHM_MISMATCH", fmt.Sprintf("SSH client %s failed to log in because of %s mismatch.", v.from(), why))
		return
	case lab.LossTime:
		v.report("SSHS_AUTH_TIMEOUT", fmt.Sprintf("Authentication timed out for %s.", v.from()))
	case lab.LossClosed:
	}
	v.logf("Connection closed by %s.\n", v.from())
	v.report("SSHS_DISCONNECT", fmt.Sprintf("SSH user (null) (IP: %s) disconnected from the server.", v.from()))
}

func (v *visit) from() string { return v.caller.Addr.Addr().Unmap().String() }

func (v *visit) logf(format string, args ...any) {
	v.report("SSHS_LOG", fmt.Sprintf(format, args...))
}

// Receive takes somebody who comes by Telnet: the server has to be on.
func (d *Device) Receive(c lab.Caller) (lab.HostVisit, error) {
	switch {
	case d.box == nil:
		return nil, lab.ErrDark
	case d.box.Conf.Root().Child("telnet server enable") == nil:
		return nil, lab.ErrRefused
	}
	v := &visit{telnet: true, dev: d, box: d.box, caller: c, since: d.box.Now()}
	d.visits = append(d.visits, v)
	return v, nil
}

// Open begins the session on the first line that is free.
func (v *visit) Open(s lab.Screen, out func([]byte), end func(int)) (lab.HostLine, error) {
	if v.over || v.box.Stopped() {
		return nil, lab.ErrDark
	}
	if v.line != nil {
		return nil, lab.ErrNoLine
	}
	if !v.telnet && !v.caller.Trusted {
		if m := ssh.MethodsOf(v.box, v.caller.User); s.Subsystem == "" && !m.Stelnet || s.Subsystem != "" && !m.NETCONF {
			return nil, lab.ErrRefused
		}
	}
	name, err := v.free()
	if err != nil {
		return nil, err
	}
	y := &vty{name: name, visit: v, out: out, end: end}
	v.line = y
	var l starter
	if s.Command == "" && s.Subsystem == "" && !v.telnet { // who is asked for a password comes to it later
		s.Command = login.LineSettings(v.box, name).AutoExecute
	}
	switch {
	case s.Subsystem != "":
		v.shown.Service = "NETCONF"
		l = &subsystem{vty: y}
	case s.Command != "":
		l = newCommand(y, s.Command)
	default:
		l = newVTYShell(y, s)
	}
	y.starter = l
	if v.telnet {
		v.box.After(0, func() {
			if !v.over {
				l.start()
			}
		})
		return l, nil
	}
	v.box.After(max(v.since.Add(connectDelay).Sub(v.box.Now()), 0), func() {
		if v.over {
			return
		}
		v.report("SSHS_CONNECT", fmt.Sprintf("SSH user %s (IP: %s) connected to the server successfully.", v.caller.User, v.from()))
		v.listed = ssh.Enter(v.box, &v.shown)
		v.box.After(shellDelay, func() {
			if !v.over {
				l.start()
			}
		})
	})
	return l, nil
}

// free is a line that lets the caller in: one with terminal service that takes
// his protocol and, as SSH needs, asks AAA.
func (v *visit) free() (string, error) {
	err := lab.ErrRefused
	for n := 0; login.VTY(n) != ""; n++ {
		name := login.VTY(n)
		set := login.LineSettings(v.box, name)
		switch {
		case !set.Shell,
			v.telnet && set.Inbound != "all" && set.Inbound != "telnet",
			!v.telnet && !v.caller.Trusted && (set.Auth != "scheme" || set.Inbound != "all" && set.Inbound != "ssh"):
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
	if gone && !v.telnet {
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
	if v.telnet {
		return
	}
	v.logf("User %s logged out from %s port %d.", v.caller.User, v.from(), v.caller.Addr.Port())
	v.report("SSHS_DISCONNECT", fmt.Sprintf("SSH user %s (IP: %s) disconnected from the server.", v.caller.User, v.from()))
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

// admit makes the shell of the session one that came by SSH or Telnet, and
// reports it.
func (y *vty) admit(s *feature.Shell) {
	s.SSH = !y.visit.telnet
	y.visit.shown.PID = login.PID(s)
	login.LoggedIn(s)
}
