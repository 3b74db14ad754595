package system_test

import (
	"regexp"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/config"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/system"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
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
	d.Want("display clock", "03:04:05 UTC Thu 01/02/2020\n")
	d.Want("clock datetime 15:42 2022/08/23", "")
	d.Want("display clock", "15:42:00 UTC Tue 08/23/2022\n")
	d.Do("system-view")
	d.Want("clock timezone BJ add 8", "")
	d.Want("display clock", "23:42:00 BJ Tue 08/23/2022\nTime Zone : BJ add 08:00:00\n")
	d.Want("clock timezone BJ add 25:0:0", "                           ^\n % Wrong parameter found at '^' position.\n")
	d.Want("clock summer-time PDT 6 8/1 6 9/1 1", "")
	d.Want("display clock", "00:42:00 PDT Wed 08/24/2022\nTime Zone : BJ add 08:00:00\nSummer Time : PDT 06:00:00 08/01 06:00:00 09/01 01:00:00\n")
	d.Want("clock summer-time PDT 6 13/1 6 9/1 1", "Invalid date.\n")
	d.RoundTrip()
	d.Want("clock datetime 12:0:0 2022/12/24", "")
	d.Want("undo clock timezone", "")
	d.Want("display clock", "12:00:00 UTC Sat 12/24/2022\nSummer Time : PDT 06:00:00 08/01 06:00:00 09/01 01:00:00\n")
	d.Want("undo clock summer-time", "")
	d.Want("display clock", "12:00:00 UTC Sat 12/24/2022\n")
}

// The time of the world is the local time of the first boot, and the battery
// keeps UTC from then on.
func TestClockOverReboots(t *testing.T) {
	w := sim.New(featuretest.Start, 1, nil)
	net := link.NewNetwork(w)
	img := featuretest.Image(t, system.Feature)
	flash := feature.NewFlash()
	boot := func(config string) *feature.Box {
		b := feature.NewBox("A", featuretest.Model, img, w, net, flash)
		for _, f := range img.Features {
			if f.Install != nil {
				f.Install(b)
			}
		}
		if r := b.Load(config); len(r) > 0 {
			t.Fatal(r)
		}
		w.RunUntil(w.Now().Add(time.Second))
		return b
	}
	for i, tt := range []struct {
		config string
		ahead  time.Duration
	}{
		{"clock timezone BJ add 08:00:00", 0},
		{"clock timezone BJ add 09:00:00", time.Hour},
		{"clock timezone BJ add 08:00:00", 0},
		{"", -8 * time.Hour},
	} {
		b := boot(tt.config)
		if got := b.Clock().Sub(w.Now()); got != tt.ahead {
			t.Errorf("boot %d with %q: %v ahead of the world, want %v", i+1, tt.config, got, tt.ahead)
		}
		b.Stop()
	}
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
