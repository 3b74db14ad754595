package login_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature/config"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/system"
)

func desk(t *testing.T) *featuretest.Desk {
	t.Helper()
	return featuretest.New(t, system.Feature, login.Feature, config.Feature)
}

func TestGrammar(t *testing.T) {
	if err := desk(t).Box.Image.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestUserAndLine(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "local-user admin class manage", "password simple Secret", "service-type https ssh", "service-type http")
	got := d.Do("display this")
	re := `^#\nlocal-user admin class manage\n password hash \$h\$6\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==\n` +
		` service-type ssh http https\n authorization-attribute user-role network-operator\n#\nreturn\n$`
	if !regexp.MustCompile(re).MatchString(got) {
		t.Errorf("the user is\n%s\nwant %s", got, re)
	}
	for _, r := range d.Box.Info.Buffer() {
		if strings.Contains(r.Text, "SHELL_CMD:") && strings.Contains(r.Text, "Secret") {
			t.Errorf("the password is in the log buffer: %s", r.Text)
		}
	}
	d.Answer("one", "two")
	d.Want("password", "Password:\nConfirm :\nThe two passwords are different.\n")
	d.Do("line console 0", "idle-timeout 0 30")
	if got := d.Box.IdleTimeout(); got != 30*time.Second {
		t.Errorf("idle time-out %v, want 30s", got)
	}
	d.Do("idle-timeout 10")
	d.Want("display this", "#\nline con 0\n#\nreturn\n")
}
