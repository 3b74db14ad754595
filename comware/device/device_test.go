package device

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

func TestGrammarIsConsistent(t *testing.T) {
	g, err := Grammar()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Check(); err != nil {
		t.Error(err)
	}
}

// A desk is one box without cables and what its console shows.
type desk struct {
	*Device
	w   *sim.World
	out strings.Builder
}

func sit(t *testing.T, model, config string) *desk {
	t.Helper()
	d := &desk{w: sim.New(start, 1, nil)}
	dev, err := Make(d.w, link.NewNetwork(d.w), lab.DeviceSpec{Name: "A", Model: model, Config: config, ConfigFile: "A.cfg"},
		func(b []byte) { d.out.Write(b) })
	if err != nil {
		t.Fatal(err)
	}
	d.Device = dev.(*Device)
	return d
}

// enter types lines and returns what the console showed since.
func (d *desk) enter(lines ...string) string {
	d.out.Reset()
	for _, l := range lines {
		d.Input([]byte(l + "\r"))
		d.w.RunUntil(d.w.Now().Add(10 * time.Millisecond))
	}
	return strings.ReplaceAll(d.out.String(), "\r", "")
}

func TestShippedConfigurationsPrintAsTheyAre(t *testing.T) {
	files, err := filepath.Glob("../../sessions/labs/*/*.cfg")
	if err != nil || len(files) == 0 {
		t.Fatalf("no configurations found: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		model := strings.SplitN(filepath.Base(file), "-", 2)[0]
		d := sit(t, strings.TrimSuffix(model, ".cfg"), string(text))
		for _, e := range d.LoadErrors() {
			t.Errorf("%s: %s", file, e)
		}
		got := strings.Join(d.Box().Conf.Lines(), "\n") + "\n"
		if want := strings.ReplaceAll(string(text), "\r", ""); got != want {
			t.Errorf("%s is printed as\n%s\nwant\n%s", file, got, want)
		}
	}
}

func TestConsoleEndsAndBeginsAnew(t *testing.T) {
	d := sit(t, "F1060", "")
	if got := d.enter(); got != "" && !strings.HasSuffix(got, "<H3C>") {
		t.Errorf("a lab opens with %q", got)
	}
	if got := d.enter("quit"); !strings.HasSuffix(got, "Line con0 is available.\n\n\nPress ENTER to get started.\n") {
		t.Errorf("quit in user view shows %q", got)
	}
	got := d.enter("")
	if !strings.Contains(got, "SHELL/5/SHELL_LOGIN: -Context=1; Console logged in from con0.") || !strings.HasSuffix(got, "\n<H3C>") {
		t.Errorf("ENTER shows %q", got)
	}
	d.out.Reset()
	d.w.RunUntil(d.w.Now().Add(11 * time.Minute))
	if got := d.out.String(); !strings.Contains(got, "Press ENTER") {
		t.Errorf("after ten idle minutes the console shows %q", got)
	}
}

func TestPowerAndReboot(t *testing.T) {
	d := sit(t, "F1090", "#\n sysname One\n#\nreturn\n")
	d.enter("system-view", "sysname Two")
	d.Power(false)
	if d.Powered() || d.Box() != nil {
		t.Error("the box is on after power-off")
	}
	d.enter("display version")
	d.Power(true)
	if got := d.enter(""); !strings.HasSuffix(got, "<One>") {
		t.Errorf("after power-on the console shows %q, want the saved name", got)
	}
	d.Box().Restart("User reboot")
	d.w.RunUntil(d.w.Now().Add(bootTime))
	if got := d.enter("", "display version"); !strings.Contains(got, "Last reboot reason : User reboot") {
		t.Errorf("after a reboot the console shows %q", got)
	}
}

func TestUnknownModel(t *testing.T) {
	if _, err := Check("F9", ""); err == nil || !strings.Contains(err.Error(), `"F9"`) {
		t.Errorf("Check of an unknown model says %v", err)
	}
}

func TestCheckNamesRefusedLines(t *testing.T) {
	refused, err := Check("F1060", "#\n sysname A\n#\n bogus command\n#\nreturn\n")
	if err != nil || len(refused) != 1 || refused[0].Line != 4 || !strings.Contains(refused[0].Reason, "Unrecognized") {
		t.Errorf("refused %+v, %v; want line 4", refused, err)
	}
}

func TestRebootShowsRefusedLines(t *testing.T) {
	d := sit(t, "F1060", "#\n sysname A\n bogus command\n#\ninterface GigabitEthernet1/0/99\n#\nreturn\n")
	d.out.Reset()
	d.Box().Restart("User reboot")
	d.w.RunUntil(d.w.Now().Add(bootTime))
	const want = "\n bogus command\n ^\n % Unrecognized command found at '^' position.\n" +
		"interface GigabitEthernet1/0/99\n                         ^\n % Wrong parameter found at '^' position.\n"
	if got := strings.ReplaceAll(d.out.String(), "\r", ""); !strings.Contains(got, want) || !strings.HasSuffix(got, "Press ENTER to get started.\n") {
		t.Errorf("while it boots the console shows\n%s\nwant in it\n%s", got, want)
	}
	if got := d.LoadErrors(); len(got) != 2 || !strings.HasPrefix(got[0], "A.cfg:3: bogus command: ") {
		t.Errorf("the refused lines are %q", got)
	}
}

func TestConfigurationOfInterfaces(t *testing.T) {
	d := sit(t, "F1060", "#\ninterface LoopBack1\n#\ninterface GigabitEthernet1/0/3\n port link-mode route\n description x\n#\nreturn\n")
	d.enter("screen-length disable")
	got := d.enter("display current-configuration interface gigabitethernet")
	if n := strings.Count(got, "\ninterface "); n != len(d.Ports()) || !strings.Contains(got, "interface GigabitEthernet1/0/3\n port link-mode route\n description x\n#\n") {
		t.Errorf("the configuration of a type has %d interfaces:\n%s", n, got)
	}
	const one = "#\ninterface LoopBack1\n#\nreturn\n"
	for _, line := range []string{"display current-configuration interface LoopBack 1", "dis cu int loop", "display current-configuration interface loopback1"} {
		if got := d.enter(line); got != line+"\n"+one+"<H3C>" {
			t.Errorf("%q shows\n%s", line, got)
		}
	}
	if got := d.enter("display current-configuration interface"); !strings.Contains(got, "interface NULL0\n") || strings.Contains(got, "sysname") {
		t.Errorf("the configuration of all interfaces is\n%s", got)
	}
}

func TestIdleTimeoutHoldsAtOnce(t *testing.T) {
	d := sit(t, "F1060", "")
	ended := func(after time.Duration) bool {
		d.out.Reset()
		d.w.RunUntil(d.w.Now().Add(after))
		return strings.Contains(d.out.String(), "Press ENTER")
	}
	d.enter("system-view", "line con 0", "idle-timeout 0 0")
	if ended(2 * time.Hour) {
		t.Fatal("a session without a limit has ended")
	}
	d.enter("idle-timeout 0 30")
	if ended(29*time.Second) || !ended(2*time.Second) {
		t.Error("the session does not end after 30 seconds")
	}
}

func TestBootIsLogged(t *testing.T) {
	d := sit(t, "F1060", "")
	if got := d.enter("display logbuffer"); !strings.Contains(got, "Context=1; System restarted --\nH3C Comware Software.\n%") {
		t.Errorf("the log buffer is\n%s", got)
	}
}

func TestRolesNameWhatIsKeptByModule(t *testing.T) {
	d := sit(t, "F1060", "")
	if got := d.enter("screen-length disable", "display role feature"); strings.Contains(got, "kept") || !strings.Contains(got, "Feature: ospf            (Open") {
		t.Errorf("the features are\n%s", got)
	}
	d.enter("system-view", "role name routing", "rule 1 permit read write feature ospf", "quit", "super password role routing simple a-secret",
		"quit", "super routing", "a-secret", "system-view")
	if got := d.enter("ospf 1"); !strings.HasSuffix(got, "[H3C-ospf-1]") {
		t.Errorf("ospf shows %q", got)
	}
	if got := d.enter("rip 1"); !strings.Contains(got, "Permission denied.") {
		t.Errorf("rip shows %q", got)
	}
}
