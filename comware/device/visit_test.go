package device

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/lab"
)

const visitConfig = `#
 sysname A
#
line vty 0 1
 authentication-mode scheme
#
 ssh server enable
 ssh user key service-type all authentication-type publickey
 ssh user files service-type sftp authentication-type password
 ssh user both service-type all authentication-type any
#
local-user ann class manage
 password simple ann-pass-1
 service-type ssh
 authorization-attribute user-role network-admin
#
local-user key class manage
 password simple key-pass-1
 service-type ssh
 authorization-attribute user-role network-admin
#
local-user files class manage
 password simple files-pass-1
 service-type ssh
 authorization-attribute user-role network-admin
#
local-user both class manage
 password simple both-pass-1
 service-type ssh
 authorization-attribute user-role network-admin
#
return
`

// A guest session, as the transport sees it.
type visited struct {
	t      *testing.T
	d      *desk
	visit  lab.HostVisit
	line   lab.HostLine
	out    strings.Builder
	ended  int
	status int
}

func (d *desk) visitor(t *testing.T, user, password string) (*visited, error) {
	t.Helper()
	v, err := d.Admit(lab.Caller{User: user, Addr: netip.MustParseAddrPort("192.0.2.9:4000"), Cipher: "aes128-ctr"}, lab.Proof{Password: password})
	return &visited{t: t, d: d, visit: v}, err
}

func (v *visited) open(s lab.Screen) error {
	var err error
	v.line, err = v.visit.Open(s, func(b []byte) { v.out.Write(b) }, func(status int) { v.ended++; v.status = status })
	v.d.w.RunUntil(v.d.w.Now().Add(connectDelay + shellDelay))
	return err
}

func (d *desk) ann(t *testing.T, s lab.Screen) *visited {
	t.Helper()
	v, err := d.visitor(t, "ann", "ann-pass-1")
	if err == nil {
		err = v.open(s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// enter types and returns what was shown since.
func (v *visited) enter(keys string) string {
	v.out.Reset()
	v.line.Input([]byte(keys))
	v.d.w.RunUntil(v.d.w.Now().Add(10 * time.Millisecond))
	return strings.ReplaceAll(v.out.String(), "\r", "")
}

func (v *visited) wantEnd(status int) {
	v.t.Helper()
	if v.ended != 1 || v.status != status {
		v.t.Errorf("the session ended %d times, with %d, want once with %d", v.ended, v.status, status)
	}
	if n := len(v.d.visits); n != 0 {
		v.t.Errorf("%d visits are left", n)
	}
	for _, s := range v.d.box.Shells {
		if s.Name != "con0" {
			v.t.Errorf("%s still has a session", s.Name)
		}
	}
}

func TestWhoIsAdmitted(t *testing.T) {
	d := sit(t, "F1060", visitConfig)
	for _, row := range []struct {
		user, password string
		want           error
	}{
		{"ann", "ann-pass-1", nil}, {"both", "both-pass-1", nil}, {"ann", "wrong", lab.ErrRefused}, {"nobody", "", lab.ErrRefused},
		{"key", "key-pass-1", lab.ErrRefused}, {"files", "files-pass-1", lab.ErrRefused},
	} {
		v, err := d.visitor(t, row.user, row.password)
		if !errors.Is(err, row.want) || err == nil && row.want != nil {
			t.Errorf("%s with %s: %v, want %v", row.user, row.password, err, row.want)
		}
		if err == nil {
			v.visit.Leave(true)
		}
	}
	d.enter("system-view", "undo ssh server enable", "return")
	if _, err := d.visitor(t, "ann", "ann-pass-1"); !errors.Is(err, lab.ErrRefused) {
		t.Errorf("without the server: %v", err)
	}
	d.Power(false)
	if _, err := d.visitor(t, "ann", "ann-pass-1"); !errors.Is(err, lab.ErrDark) {
		t.Errorf("without power: %v", err)
	}
}

// TestLockOut fails so often that password control locks the user.
func TestLockOut(t *testing.T) {
	d := sit(t, "F1060", strings.Replace(visitConfig, " ssh server enable\n", " ssh server enable\n#\n password-control enable\n", 1))
	for range 3 {
		d.visitor(t, "ann", "wrong")
	}
	if _, err := d.visitor(t, "ann", "ann-pass-1"); !errors.Is(err, lab.ErrRefused) {
		t.Errorf("a user who is locked: %v", err)
	}
	d.w.RunUntil(d.w.Now().Add(2 * time.Minute))
	if _, err := d.visitor(t, "ann", "ann-pass-1"); err != nil {
		t.Errorf("two minutes later: %v", err)
	}
}

func TestLinesRunOut(t *testing.T) {
	d := sit(t, "F1060", visitConfig)
	a := d.ann(t, lab.Screen{})
	if a.line.Name() != "vty0" || d.ann(t, lab.Screen{}).line.Name() != "vty1" {
		t.Error("the lines are not taken in their order")
	}
	v, err := d.visitor(t, "ann", "ann-pass-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := v.open(lab.Screen{}); !errors.Is(err, lab.ErrNoLine) {
		t.Errorf("without a free line: %v", err)
	}
	a.line.Close()
	if err := v.open(lab.Screen{}); err != nil || v.line.Name() != "vty0" {
		t.Errorf("a line that is free again is not taken: %v", err)
	}
	v.line.Close()
	d.enter("system-view", "line vty 0", "undo shell", "y", "return")
	v, _ = d.visitor(t, "ann", "ann-pass-1")
	if err := v.open(lab.Screen{}); !errors.Is(err, lab.ErrNoLine) {
		t.Errorf("a line without terminal service: %v", err)
	}
	d.enter("system-view", "line vty 0", "shell", "return")
	if err := v.open(lab.Screen{}); err != nil {
		t.Error(err)
	}
	d.enter("system-view", "line vty 0 1", "protocol inbound telnet", "return")
	v, _ = d.visitor(t, "ann", "ann-pass-1")
	if err := v.open(lab.Screen{}); !errors.Is(err, lab.ErrRefused) {
		t.Errorf("lines without SSH: %v", err)
	}
}

func TestBannersOverSSH(t *testing.T) {
	d := sit(t, "F1060", "#\n undo copyright-info enable\n header legal %legal%\n header motd %motd%\n header login %login%\n header shell %shell%\n"+visitConfig)
	a := d.ann(t, lab.Screen{Width: 80, Height: 24})
	want(t, "the login", strings.ReplaceAll(a.out.String(), "\r", ""), "legal\n Press Y or ENTER to continue, N to exit.")
	want(t, "consent", a.enter("y\r"), "y\nmotd\nshell\n<A>")
	a.enter("quit\r")
	a.wantEnd(0)
	b := d.ann(t, lab.Screen{})
	b.enter("n\r")
	b.wantEnd(0)
	c := d.ann(t, lab.Screen{})
	d.w.RunUntil(d.w.Now().Add(2 * consentTime))
	c.wantEnd(0)
	e := d.ann(t, lab.Screen{})
	e.enter("\x03")
	e.wantEnd(0)
}

func TestSessionsEnd(t *testing.T) {
	d := sit(t, "F1060", visitConfig)
	a := d.ann(t, lab.Screen{})
	if got := a.enter("terminal monitor\r"); !strings.HasSuffix(got, "<A>") {
		t.Errorf("the session shows %q", got)
	}
	a.enter("ping -c 1000 127.0.0.1\r")
	a.line.EOF() // waits for the ping
	d.w.RunUntil(d.w.Now().Add(time.Second))
	if a.ended > 0 {
		t.Error("the end of the keys breaks a command off")
	}
	a.line.Close()
	a.wantEnd(0)
	b := d.ann(t, lab.Screen{})
	d.w.RunUntil(d.w.Now().Add(10*time.Minute - time.Second))
	if b.ended > 0 {
		t.Error("a session ends before it is idle for ten minutes")
	}
	d.w.RunUntil(d.w.Now().Add(2 * time.Second))
	b.wantEnd(0)
	c := d.ann(t, lab.Screen{})
	c.line.Input([]byte("display clock\r"))
	c.line.EOF()
	if got := c.out.String(); !strings.Contains(got, "2020") {
		t.Errorf("what was typed before the end shows %q", got)
	}
	c.wantEnd(0)
	e, f := d.ann(t, lab.Screen{}), d.ann(t, lab.Screen{Command: "ping -c 1000 127.0.0.1"})
	d.Power(false)
	if e.ended != 1 || f.ended != 1 || len(d.visits) != 0 {
		t.Errorf("without power sessions ended %d and %d times, %d visits are left", e.ended, f.ended, len(d.visits))
	}
	d.Power(true)
	d.ann(t, lab.Screen{})
}

func TestCommandOverSSH(t *testing.T) {
	d := sit(t, "F1060", visitConfig)
	run := func(command string) *visited { return d.ann(t, lab.Screen{Command: command}) }
	a := run("system-view\nsysname Z\n")
	want(t, "a command", strings.ReplaceAll(a.out.String(), "\r", ""), "System View: return to User View with Ctrl+Z.\n")
	a.wantEnd(0)
	if got := d.enter(""); !strings.HasSuffix(got, "<Z>") {
		t.Errorf("the console shows %q", got)
	}
	b := run("save")
	if got := b.out.String(); !strings.HasSuffix(got, "[Y/N]:") {
		t.Errorf("save shows %q", got)
	}
	b.enter("n\r")
	b.wantEnd(0)
	c := run("save")
	c.line.EOF()
	c.wantEnd(1)
	e := run("ping -c 1000 127.0.0.1")
	d.w.RunUntil(d.w.Now().Add(3 * time.Second))
	if got := e.enter("\x03"); !strings.Contains(got, "packet loss") {
		t.Errorf("an interrupted ping shows %q", got)
	}
	e.wantEnd(1)
	h := run("\x1b[2Jdisplay \x07clock\x00")
	if got := h.out.String(); strings.ContainsAny(got, "\x1b\x07\x00") {
		t.Errorf("control characters come back in %q", got)
	}
	h.wantEnd(1)
	d.enter("system-view", "line vty 0", "auto-execute command display clock", "y", "return")
	i := d.ann(t, lab.Screen{Width: 80, Height: 24})
	if got := i.out.String(); !strings.Contains(got, "2020") || strings.Contains(got, "<Z>") {
		t.Errorf("a line with a command of its own shows %q", got)
	}
	i.wantEnd(0)
	d.enter("system-view", "line vty 0", "undo auto-execute command", "return")
	f := run("quit\ndisplay clock")
	f.wantEnd(0)
	g := run("ping -c 1000 127.0.0.1")
	g.visit.Leave(true)
	d.w.RunUntil(d.w.Now().Add(time.Second))
	g.wantEnd(0)
}
