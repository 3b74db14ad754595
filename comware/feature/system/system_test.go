package system_test

import (
	"regexp"
	"testing"

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

func TestViews(t *testing.T) {
	d := desk(t)
	d.Want("system-view", "System View: return to User View with Ctrl+Z.\n")
	d.Want("system-view", "     ^\n % Unrecognized command found at '^' position.\n")
	d.Want("reboot", "     ^\n % Unrecognized command found at '^' position.\n")
	d.Want("sysname FW", "")
	d.Want("line vty 0 63", "")
	if got := d.Shell.Prompt(); got != "[FW-line-vty0-63]" {
		t.Errorf("prompt %q in a line view", got)
	}
	d.Want("user-role network-operator", "")
	d.Want("display this", "#\nline vty 0 63\n user-role network-operator\n#\nreturn\n")
	d.Want("local-user x", "New local user added.\n") // from the view above
	if got := d.Shell.Prompt(); got != "[FW-luser-manage-x]" {
		t.Errorf("prompt %q in a user view", got)
	}
	d.Want("return", "")
	d.Want("return", "    ^\n % Unrecognized command found at '^' position.\n")
	d.Want("quit", "")
	if !d.Gone {
		t.Error("quit in user view did not end the session")
	}
}

func TestClock(t *testing.T) {
	d := desk(t)
	d.Want("display clock", "03:04:05.000 UTC Thu 01/02/2020\n")
	d.Want("clock datetime 15:42:00 2022/08/23", "")
	d.Want("display clock", "15:42:00.000 UTC Tue 08/23/2022\n")
	d.Do("system-view")
	d.Want("clock timezone BJ add 8:0:0", "")
	d.Want("display clock", "15:42:00.000 BJ Tue 08/23/2022\nTime Zone : BJ add 08:00:00\n")
	d.Want("clock timezone BJ add 25:0:0", "                           ^\n % Wrong parameter found at '^' position.\n")
}

func TestVersionFitsTheClients(t *testing.T) {
	out := desk(t).Do("display version")
	// netmiko, Ansible and NAPALM look for these
	for _, re := range []string{`(?m)^H3C Comware Software, Version 7\.1\.064, Release 1P2$`, `(?m)^H3C SecPath F1 uptime is 0 weeks, 0 days, 0 hours, 0 minutes$`,
		`(?m)^Boot image version: 7\.1\.064, Release 1P2$`, `(?m)^Last reboot reason : Power on$`} {
		if !regexp.MustCompile(re).MatchString(out) {
			t.Errorf("no match for %s in\n%s", re, out)
		}
	}
}
