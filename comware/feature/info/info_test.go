package info_test

import (
	"strings"
	"testing"

	"cwlab/comware/conf"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/info"
	"cwlab/comware/feature/system"
	"cwlab/comware/feature/terminal"
)

func desk(t *testing.T) *featuretest.Desk {
	t.Helper()
	return featuretest.New(t, system.Feature, info.Feature, terminal.Feature)
}

func TestGrammar(t *testing.T) {
	if err := desk(t).Box.Image.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestLogbuffer(t *testing.T) {
	d := desk(t)
	d.Box.Info.Clear()
	d.Do("system-view")
	d.Want("info-center logbuffer size 3", "")
	got := d.Do("display logbuffer level 6")
	for _, want := range []string{"Log buffer: Enabled\nMax buffer size: 1024\nActual buffer size: 3\n", "Current messages: 3\n",
		"%Jan  2 03:04:05:000 2020 H3C SHELL/6/SHELL_CMD: -Context=1; -Line=con0-IPAddr=**-User=**; Command is display logbuffer level 6\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log buffer is\n%s\nwant in it %q", got, want)
		}
	}
	d.Want("info-center synchronous", "Info-center synchronous output is on\n")
	d.Want("undo info-center enable", "Information center is disabled.\n")
	want := "#\n undo info-center enable\n info-center logbuffer size 3\n info-center synchronous\n#\nreturn\n"
	if got := strings.Join(d.Box.Conf.Section(infoLine), "\n") + "\n"; got != want {
		t.Errorf("configuration\n%s\nwant\n%s", got, want)
	}
}

func infoLine(n *conf.Node) bool {
	return strings.HasPrefix(strings.TrimPrefix(n.Text, "undo "), "info-center")
}
