package device

import (
	"strings"
	"testing"
	"time"
)

// TestLockAtTheConsole locks the line: neither ENTER nor Ctrl+C lets anybody
// in, and idling does not end it.
func TestLockAtTheConsole(t *testing.T) {
	d := sit(t, "F1060", "")
	got := d.enter("lock", "pw", "pw")
	if want := "Please input password<1 to 16> to lock current line:\nPassword:\nAgain:\n\n                   locked !\n"; !strings.Contains(got, want) {
		t.Errorf("lock shows %q, want in it %q", got, want)
	}
	if got := d.enter("\x03", "display clock", "bad"); strings.Contains(got, "<H3C>") || !strings.Contains(got, "Password:") {
		t.Errorf("the locked line shows %q", got)
	}
	d.w.RunUntil(d.w.Now().Add(time.Hour))
	if got := d.enter("x", "", "pw"); !strings.HasSuffix(got, "Password:\n<H3C>") {
		t.Errorf("the right password shows %q", got)
	}
	if got := d.enter("display users"); !strings.Contains(got, "+ 0    CON 0    00:00:00 ") {
		t.Errorf("display users shows\n%s", got)
	}
}

// TestHeaderIsTypedAndBooted types a banner of several lines, saves it and
// boots from it.
func TestHeaderIsTypedAndBooted(t *testing.T) {
	d := sit(t, "F1060", "")
	got := d.enter("system-view", "header shell", "one", "  two  %", "line console 0", "authentication-mode scheme",
		"local-user bob", "password simple secret", "service-type terminal", "return", "save force")
	if !strings.Contains(got, "Please input banner content, and quit with the character '%'.\none\n  two  %\n[H3C]") {
		t.Errorf("the dialogue is %q", got)
	}
	d.Power(false)
	d.Power(true)
	if got := d.enter("", "bob", "secret"); !strings.Contains(got, "login: bob\nPassword: \none\n  two  \n") || !strings.HasSuffix(got, "<H3C>") {
		t.Errorf("the login shows %q", got)
	}
	if got := d.enter("system-view"); !strings.Contains(got, "[H3C]") {
		t.Errorf("an operator in system view sees %q", got)
	}
	if got := d.enter("sysname X"); !strings.Contains(got, "Permission denied.\n") {
		t.Errorf("an operator who configures sees %q", got)
	}
	if got := d.enter("display logbuffer reverse | include SHELL_CMD:"); !strings.Contains(got, "-Line=con0-IPAddr=**-User=bob; Command is sysname X\n") {
		t.Errorf("the log buffer has\n%s", got)
	}
}
