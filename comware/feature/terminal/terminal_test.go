package terminal_test

import (
	"strings"
	"testing"

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

func TestTerminal(t *testing.T) {
	d := desk(t)
	d.Want("undo terminal monitor", "The current terminal is disabled to display logs.\n")
	d.Want("terminal monitor", "The current terminal is enabled to display logs.\n")
	d.Want("terminal debugging", "The current terminal is enabled to display debugging logs.\n")
	d.Want("terminal logging level 4", "")
	if !d.Shell.Monitor || !d.Shell.Debugging || d.Shell.Level != 4 {
		t.Errorf("switches are %v %v %d", d.Shell.Monitor, d.Shell.Debugging, d.Shell.Level)
	}
	d.Want("screen-length disable", "")
	if d.Page != 0 {
		t.Errorf("page length %d, want 0", d.Page)
	}
	d.Want("undo screen-length disable", "")
	if d.Page != 24 {
		t.Errorf("page length %d, want 24", d.Page)
	}
	d.Box.Switch("IKE event")
	d.Box.Switch("IKE error")
	d.Want("debugging all", "")
	d.Want("display debugging", "IKE event debugging switch is on\nIKE error debugging switch is on\n")
	d.Want("undo debugging all", "")
	d.Want("display debugging", "")
	d.Past = []string{"a", "b"}
	d.Want("display history-command", "  a\n  b\n")
	if got := d.Do("show alias"); !strings.Contains(got, "\n8         show                 display\n") {
		t.Errorf("aliases are\n%s", got)
	}
}
