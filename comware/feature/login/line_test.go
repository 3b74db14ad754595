package login_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/login"
)

func TestLineSettings(t *testing.T) {
	d := desk(t)
	d.Answer("y")
	d.Do("system-view", "user-interface class vty", "idle-timeout 15", "authentication-mode scheme", "user-role level-1", "screen-length 30",
		"line vty 0 63", "history-command max-size 20", "terminal type vt100",
		"line vty 0 4", "authentication-mode none", "idle-timeout 0 20", "user-role level-15", "escape-key a", "auto-execute command display clock",
		"line console 0", "activation-key 65", "set authentication password simple hello", "undo escape-key", "screen-length 0")
	base := login.Settings{Auth: "none", Roles: []string{"network-admin"}, Idle: 10 * time.Minute, Screen: 24, History: 10, Inbound: "all",
		Activation: '\r', Escape: 3, Terminal: "ansi", Shell: true}
	con, low, high := base, base, base
	con.Activation, con.Escape, con.Screen = 'A', 0, 0
	low.Roles, low.Idle, low.Escape, low.AutoExecute = []string{"level-15"}, 20*time.Second, 'a', "display clock"
	high.Auth, high.Roles, high.Idle = "scheme", []string{"level-1"}, 15*time.Minute
	for _, s := range []*login.Settings{&low, &high} {
		s.Screen, s.History, s.Terminal = 30, 20, "vt100"
	}
	for name, want := range map[string]login.Settings{"con0": con, "vty4": low, "vty5": high} {
		got := login.LineSettings(d.Box, name)
		got.Secret = ""
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s has %+v, want %+v", name, got, want)
		}
	}
	d.Want("display line vty 4", d.Do("display line 14"))
	if got := d.Do("display current-configuration configuration line"); !strings.Contains(got, "line vty 0 4\n") || !strings.Contains(got, "line vty 5 63\n") {
		t.Errorf("the lines are\n%s", got)
	}
	d.RoundTrip()
	// Both pieces are one view again once they say the same.
	d.Do("line vty 0 4", "undo authentication-mode", "undo idle-timeout", "undo user-role level-15", "undo escape-key", "escape-key default", "undo auto-execute command",
		"line vty 0 63", "undo history-command max-size", "undo terminal type")
	if got := d.Config(); !strings.Contains(got, "#\nline vty 0 63\n#\n") {
		t.Errorf("the lines are\n%s", got)
	}
	d.Do("line vty 0")
	d.RoundTrip() // two pieces that say the same, while one of them is open
	d.Do("line class vty", "undo idle-timeout", "undo authentication-mode", "undo user-role", "undo screen-length",
		"line console 0", "undo activation-key", "undo set authentication password", "undo screen-length", "escape-key default")
	if got := login.LineSettings(d.Box, "con0"); !reflect.DeepEqual(got, base) {
		t.Errorf("after undo con0 has %+v, want %+v", got, base)
	}
}

func TestWhatALineRefuses(t *testing.T) {
	d := desk(t)
	d.Do("system-view")
	d.Want("line console 1", "Invalid line number.\n")
	d.Want("line vty 4 2", "Invalid line number.\n")
	d.Do("user-interface vty 0 4")
	d.Want("protocol inbound ssh", "Authentication mode must be scheme for SSH.\n")
	d.Do("authentication-mode scheme", "protocol inbound ssh")
	if got := login.LineSettings(d.Box, "vty2"); got.Inbound != "ssh" || got.Auth != "scheme" {
		t.Errorf("vty2 has %+v", got)
	}
	d.Do("undo protocol inbound")
	d.Want("set authentication password simple 12345678901234567", "The password must have 1 to 16 characters.\n")
	d.Want("user-role security-audit", "The user role does not exist.\n")
	d.Answer("y")
	d.Want("undo shell", "Disable line-vty0-4 , are you sure? [Y/N]:y\n")
	if login.LineSettings(d.Box, "vty0").Shell {
		t.Error("the line has terminal service")
	}
	d.Do("shell", "user-interface 10 14")
	if d.Shell.Prompt() != "[H3C-line-vty0-4]" {
		t.Errorf("lines 10 to 14 lead to %s", d.Shell.Prompt())
	}
	d.Do("line 0")
	if d.Shell.Prompt() != "[H3C-line-console0]" {
		t.Errorf("line 0 leads to %s", d.Shell.Prompt())
	}
	d.Want("undo shell", "The console line always has terminal service.\n")
	d.Do("speed 19200", "databits 7", "parity odd", "stopbits 2", "flow-control hardware", "stopbit-error intolerance", "command accounting", "command authorization")
	if got := d.Do("display line 0"); !strings.Contains(got, "+ 0    CON 0    19200      -     N     -           1/0\n") {
		t.Errorf("the console line is\n%s", got)
	}
	d.RoundTrip()
	d.Do("undo speed", "undo databits", "undo parity", "undo stopbits", "undo flow-control", "undo stopbit-error intolerance", "undo command accounting", "undo command authorization")
	if got := d.Config(); !strings.Contains(got, "#\nline con 0\n#\n") {
		t.Errorf("the lines are\n%s", got)
	}
}

func TestSettingsOfOpenSessionsActAtOnce(t *testing.T) {
	d := desk(t)
	_, p := visit(d, "vty1", "u", "1.1.1.1")
	d.Do("system-view", "line vty 1", "screen-length 7", "history-command max-size 3")
	if p.page != 7 || p.history != 3 || d.Page != 24 {
		t.Errorf("vty1 has pages of %d and a history of %d, the console pages of %d", p.page, p.history, d.Page)
	}
	d.Do("undo screen-length", "undo history-command max-size")
	if p.page != 24 || p.history != 10 {
		t.Errorf("after undo vty1 has pages of %d and a history of %d", p.page, p.history)
	}
}

func TestUsersOnLines(t *testing.T) {
	d := desk(t)
	s, p := visit(d, "vty1", "admin", "192.168.1.26")
	d.Shell.PID, s.PID = 320, 334
	d.Run(10*time.Minute + 49*time.Second)
	d.Want("display users", `  Idx  Line     Idle       Time              Pid     Type
+ 0    CON 0    00:00:00   Jan 02 03:04:05   320     
  11   VTY 1    00:10:49   Jan 02 03:04:05   334     TEL

Following are more details.
CON 0   :
VTY 1   :
        User name: admin
        Location: 192.168.1.26
 +    : Current operation user.
 F    : Current operation user works in async mode.
`)
	s.SSH = true
	d.Run(24 * time.Hour)
	if got := d.Do("display users all"); !strings.Contains(got, "  11   VTY 1    old        Jan 02 03:04:05   334     SSH\n  12   VTY 2\n") {
		t.Errorf("all lines are\n%s", got)
	}
	d.Want("display line summary", `  Line type : [CON]
           0:U
  Line type : [VTY]
          10:XUXX XXXX XXXX XXXX
          26:XXXX XXXX XXXX XXXX
          42:XXXX XXXX XXXX XXXX
          58:XXXX XXXX XXXX XXXX

   2 lines used.      (U)
  63 lines not used.  (X)
`)
	if d.Do("display user-interface summary") != d.Do("display line summary") || d.Do("display user-interface 0") != d.Do("display line console 0") {
		t.Error("the old names of the commands show something else")
	}
	d.Answer("Reboot at 3.", "y")
	d.Want("send vty 1", "Input message, end with Enter; abort with CTRL+C:\nReboot at 3.\nSend message? [Y/N]:y\n")
	if want := "\n***\n***\n***Message from con0 to vty1\n***\nReboot at 3.\n"; p.noted != want {
		t.Errorf("vty1 sees %q, want %q", p.noted, want)
	}
	d.Answer("no", "n")
	d.Do("send all")
	if strings.Contains(p.noted, "\nno\n") {
		t.Error("a message is sent that was not confirmed")
	}
	d.Want("free line 0", "The current line cannot be freed.\n")
	d.Answer("y")
	d.Want("free line vty 1", "Are you sure to free line vty1? [Y/N]:y\n [OK]\n")
	if !p.gone {
		t.Error("vty1 is there after free line")
	}
	d.Answer("n")
	d.Want("free user-interface vty 2", "Are you sure to free line vty2? [Y/N]:n\n")
}

func TestLock(t *testing.T) {
	d := desk(t)
	d.Answer("a", "b")
	d.Want("lock", "Please input password<1 to 16> to lock current line:\nPassword:\nAgain:\nThe two passwords are different.\n")
	d.Answer("pw", "pw", "", "bad", "", "pw")
	d.Want("lock", "Please input password<1 to 16> to lock current line:\nPassword:\nAgain:\n\n                   locked !\n\nPassword:\n\nPassword:\n")
	if d.Busy() {
		t.Error("the line is locked after the right password")
	}
	d.Answer("pw", "pw")
	d.Do("lock")
	if !d.Busy() {
		t.Error("the line is not locked")
	}
	d.Answer("", "pw")
	d.Interrupt() // asks again
	if d.Busy() {
		t.Error("the line is locked after the right password")
	}
}

func TestBanners(t *testing.T) {
	d := desk(t)
	d.Do("system-view")
	d.Answer("Line one", "Line two%")
	d.Want("header motd", "Please input banner content, and quit with the character '%'.\nLine one\nLine two%\n")
	d.Do("header legal %Private!%")
	d.Answer("two#")
	d.Want("header shell #one", "Please input banner content, and quit with the character '#'.\ntwo#\n")
	d.Do("header incoming %x%", "header login %y%", "undo header incoming", "undo copyright-info enable")
	want := "#\n undo copyright-info enable\n#\n header legal %Private!%\n header login %y%\n header motd %Line one\nLine two%\n header shell #one\ntwo#\n#\n"
	if got := d.Do("display current-configuration"); !strings.Contains(got, want) {
		t.Errorf("the configuration is\n%s\nwant in it\n%s", got, want)
	}
	d.RoundTrip()
	for kind, want := range map[string]string{"motd": "Line one\nLine two\n", "shell": "one\ntwo\n", "incoming": ""} {
		if got := login.Header(d.Box, kind); got != want {
			t.Errorf("header %s is %q, want %q", kind, got, want)
		}
	}
	if login.Copyright(d.Box) {
		t.Error("the copyright statement is shown")
	}
	d.Do("copyright-info enable", "undo header legal", "undo header login", "undo header motd", "undo header shell")
	if strings.Contains(d.Config(), "header") || !login.Copyright(d.Box) {
		t.Errorf("after undo the configuration is\n%s", d.Config())
	}
	// A banner of a startup file may begin on the line after its character.
	b := desk(t)
	text := "#\n header motd %\n  wide  \n\nlast\n%\n#\n sysname X\n#\nreturn\n"
	if refused := b.Box.Load(text); len(refused) != 0 || login.Header(b.Box, "motd") != "\n  wide  \n\nlast\n" || b.Box.Sysname() != "X" {
		t.Errorf("refused %v, the banner is %q", refused, login.Header(b.Box, "motd"))
	}
	if !strings.Contains(b.Config(), " header motd %\n  wide  \n\nlast\n%\n") {
		t.Errorf("the banner is printed as\n%s", b.Config())
	}
}

func admit(d *featuretest.Desk, answers ...string) (*login.Entry, bool, string) {
	p := &paper{answers: answers}
	var entry *login.Entry
	done := false
	login.Admit(d.Box, "con0", "terminal", "", p, func(e *login.Entry) { entry, done = e, true })
	for range 10 {
		d.Run(time.Second)
	}
	return entry, done, p.out.String()
}

func TestDialogue(t *testing.T) {
	d := desk(t)
	if e, done, out := admit(d); !done || e == nil || e.Roles[0] != "network-admin" || out != "" {
		t.Errorf("without authentication: %+v, %v, %q", e, done, out)
	}
	d.Do("system-view", "line console 0", "authentication-mode password", "set authentication password simple hello", "user-role level-3")
	if e, done, out := admit(d, "bad", "hello"); !done || e == nil || e.Roles[0] != "level-3" || out != "Password: Password: " {
		t.Errorf("with a password: %+v, %v, %q", e, done, out)
	}
	d.Box.Info.Clear()
	if e, done, out := admit(d, "1", "2", "3", "4"); !done || e != nil || strings.Count(out, "Password") != 3 {
		t.Errorf("three wrong passwords: %+v, %v, %q", e, done, out)
	}
	if got := logs(d, "LOGIN_INVALID_USERNAME_PWD"); len(got) != 3 || got[0] != "Invalid username or password from con0." {
		t.Errorf("wrong passwords are logged as %q", got)
	}
	if got := logs(d, "LOGIN_FAILED"); len(got) != 1 || got[0] != "TTY failed to log in from con0." {
		t.Errorf("the refusal is logged as %q", got)
	}
	d.Do("authentication-mode scheme", "local-user bob", "password simple secret", "service-type terminal",
		"header legal %L%", "header motd %M%", "header login %G%", "header shell %S%")
	e, _, out := admit(d, "x", "", "bob", "secret")
	if want := "L\n Press Y or ENTER to continue, N to exit. Press Y or ENTER to continue, N to exit.M\nG\nlogin: Password: S\n"; out != want ||
		e == nil || e.User != "bob" || e.Roles[0] != "network-operator" {
		t.Errorf("by user: %+v, %q, want %q", e, out, want)
	}
	if e, done, _ := admit(d, "n"); e != nil || !done {
		t.Error("who does not accept is let in")
	}
	s, _ := visit(d, "vty3", "bob", "1.2.3.4")
	login.LoggedIn(s)
	login.LoggedOut(d.Shell)
	if in, out := logs(d, "SHELL_LOGIN"), logs(d, "SHELL_LOGOUT"); in[0] != "bob logged in from 1.2.3.4." || out[0] != "Console logged out from con0." {
		t.Errorf("logged as %q and %q", in, out)
	}
}
