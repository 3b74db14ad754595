package system

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// paper is a terminal that keeps what it is told and answers from a list.
type paper struct {
	out     strings.Builder
	answers []string
	history []string
	page    int
	gone    bool
}

func (p *paper) Print(s string)      { p.out.WriteString(s) }
func (p *paper) Hold(func())         {}
func (p *paper) Release()            {}
func (p *paper) Logout()             { p.gone = true }
func (p *paper) History() []string   { return p.history }
func (p *paper) SetPageLength(n int) { p.page = n }
func (p *paper) Ask(prompt string, masked bool, f func(string)) {
	p.out.WriteString(prompt)
	if len(p.answers) == 0 {
		p.out.WriteString("<no answer>")
		return
	}
	a := p.answers[0]
	p.answers = p.answers[1:]
	if !masked {
		p.out.WriteString(a)
	}
	p.out.WriteString("\n")
	f(a)
}

type bench struct {
	t *testing.T
	b *feature.Box
	s *feature.Shell
	p *paper
	w *sim.World
}

func newBench(t *testing.T) *bench {
	t.Helper()
	img, err := feature.NewImage(Feature)
	if err != nil {
		t.Fatal(err)
	}
	w := sim.New(time.Date(2022, 4, 25, 8, 11, 36, 223e6, time.UTC), 1, nil)
	m := &feature.Model{Name: "F1", Product: "SecPath F1", Release: "Release 1P2", Ports: []string{"GigabitEthernet1/0/0"}, RAM: "4.00G", Compiled: "Mar 02 2021 15:00:00"}
	b := feature.NewBox("A", m, img, w, link.NewNetwork(w), feature.NewFlash())
	install(b)
	p := &paper{page: 24}
	s := feature.NewShell(b, p, "con0")
	b.Shells = append(b.Shells, s)
	return &bench{t, b, s, p, w}
}

// do runs lines and returns what they printed.
func (b *bench) do(lines ...string) string {
	b.p.out.Reset()
	for _, l := range lines {
		b.s.Execute(l)
	}
	return b.p.out.String()
}

func (b *bench) want(line, want string) {
	b.t.Helper()
	if got := b.do(line); got != want {
		b.t.Errorf("%s%s printed\n%s\nwant\n%s", b.s.Prompt(), line, got, want)
	}
}

func TestGrammar(t *testing.T) {
	img, err := feature.NewImage(Feature)
	if err != nil {
		t.Fatal(err)
	}
	if err := img.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestViews(t *testing.T) {
	b := newBench(t)
	b.want("system-view", "System View: return to User View with Ctrl+Z.\n")
	b.want("system-view", "     ^\n % Unrecognized command found at '^' position.\n")
	b.want("reboot", "     ^\n % Unrecognized command found at '^' position.\n")
	b.want("sysname FW", "")
	b.want("line vty 0 63", "")
	if got := b.s.Prompt(); got != "[FW-line-vty0-63]" {
		t.Errorf("prompt %q in a line view", got)
	}
	b.want("user-role network-operator", "")
	b.want("display this", "#\nline vty 0 63\n user-role network-operator\n#\nreturn\n")
	b.want("local-user x", "New local user added.\n") // from the view above
	if got := b.s.Prompt(); got != "[FW-luser-manage-x]" {
		t.Errorf("prompt %q in a user view", got)
	}
	b.want("return", "")
	b.want("return", "    ^\n % Unrecognized command found at '^' position.\n")
	b.want("quit", "")
	if !b.p.gone {
		t.Error("quit in user view did not end the session")
	}
}

func TestClock(t *testing.T) {
	b := newBench(t)
	b.want("display clock", "08:11:36.223 UTC Mon 04/25/2022\n")
	b.want("clock datetime 15:42:00 2022/08/23", "")
	b.want("display clock", "15:42:00.000 UTC Tue 08/23/2022\n")
	b.do("system-view")
	b.want("clock timezone BJ add 8:0:0", "")
	b.want("display clock", "15:42:00.000 BJ Tue 08/23/2022\nTime Zone : BJ add 08:00:00\n")
	b.want("clock timezone BJ add 25:0:0", "                           ^\n % Wrong parameter found at '^' position.\n")
}

func TestUptime(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0 weeks, 0 days, 0 hours, 0 minutes"},
		{9*24*time.Hour + 21*time.Hour, "1 week, 2 days, 21 hours, 0 minutes"},
		{25*time.Hour + 61*time.Minute, "0 weeks, 1 day, 2 hours, 1 minute"},
	} {
		if got := uptime(tt.d); got != tt.want {
			t.Errorf("%v is %q, want %q", tt.d, got, tt.want)
		}
	}
}

func TestVersionFitsTheClients(t *testing.T) {
	out := newBench(t).do("display version")
	// netmiko, Ansible and NAPALM look for these
	for _, re := range []string{`(?m)^H3C Comware Software, Version 7\.1\.064, Release 1P2$`, `(?m)^H3C SecPath F1 uptime is 0 weeks, 0 days, 0 hours, 0 minutes$`,
		`(?m)^Boot image version: 7\.1\.064, Release 1P2$`, `(?m)^Last reboot reason : Power on$`} {
		if !regexp.MustCompile(re).MatchString(out) {
			t.Errorf("no match for %s in\n%s", re, out)
		}
	}
}

func TestSave(t *testing.T) {
	const dialog = "The current configuration will be written to the device. Are you sure? [Y/N]:y\n" +
		"Please input the file name(*.cfg)[flash:/startup.cfg]\n(To leave the existing filename unchanged, press the enter key):"
	b := newBench(t)
	b.p.answers = []string{"y", ""}
	b.want("save", dialog+"\nValidating file. Please wait...\nConfiguration is saved to device successfully.\n")
	b.p.answers = []string{"y", "", "y"}
	b.want("save", dialog+"\nflash:/startup.cfg exists, overwrite? [Y/N]:y\nValidating file. Please wait...\nConfiguration is saved to device successfully.\n")
	b.p.answers = []string{"y", "x.txt"}
	b.want("save", dialog+"x.txt\nThe file name is invalid(does not end with .cfg)!\n")
	b.want("save force", "Validating file. Please wait...\nConfiguration is saved to device successfully.\n")
	b.p.answers = []string{"y"}
	b.want("save x.cfg", "The current configuration will be saved to flash:/x.cfg. Continue? [Y/N]:y\nNow saving current configuration to the device.\n"+
		"Saving configuration flash:/x.cfg. Please wait...\nConfiguration is saved to device successfully.\n")
	b.want("display saved-configuration", b.do("display current-configuration"))
	b.want("display startup", " Current startup saved-configuration file: NULL\n Next main startup saved-configuration file: flash:/startup.cfg\n"+
		" Next backup startup saved-configuration file: NULL\n")
	b.p.answers = []string{"y"}
	b.want("reset saved-configuration", "The saved configuration file will be erased. Are you sure? [Y/N]:y\nConfiguration file in flash: is being cleared.\n"+
		"Please wait ...\nConfiguration file is cleared.\n")
	if _, ok := b.b.Flash.Read("startup.cfg"); ok {
		t.Error("the saved configuration is still there")
	}
}

func TestReboot(t *testing.T) {
	const check = "Start to check configuration with next startup configuration file, please wait.........DONE!\n"
	const sure = "This command will reboot the device. Continue? [Y/N]:"
	b := newBench(t)
	reason := ""
	b.b.Restart = func(r string) { reason = r }
	b.p.answers = []string{"n", "n"}
	b.want("reboot", check+"Current configuration may be lost after the reboot, save current configuration? [Y/N]:n\n"+sure+"n\n")
	b.do("save force")
	b.p.answers = []string{"y"}
	b.want("reboot", check+sure+"y\nNow rebooting, please wait...\n")
	if reason != "User reboot" {
		t.Errorf("rebooted because of %q", reason)
	}
	b.p.answers = []string{"n"}
	b.want("reboot force", "A forced reboot might cause the storage medium to be corrupted. Continue? [Y/N]:n\n")
}

func TestTerminal(t *testing.T) {
	b := newBench(t)
	b.want("undo terminal monitor", "The current terminal is disabled to display logs.\n")
	b.want("terminal monitor", "The current terminal is enabled to display logs.\n")
	b.want("terminal debugging", "The current terminal is enabled to display debugging logs.\n")
	b.want("terminal logging level 4", "")
	if !b.s.Monitor || !b.s.Debugging || b.s.Level != 4 {
		t.Errorf("switches are %v %v %d", b.s.Monitor, b.s.Debugging, b.s.Level)
	}
	b.want("screen-length disable", "")
	if b.p.page != 0 {
		t.Errorf("page length %d, want 0", b.p.page)
	}
	b.want("undo screen-length disable", "")
	if b.p.page != 24 {
		t.Errorf("page length %d, want 24", b.p.page)
	}
	b.b.Switch("IKE event")
	b.b.Switch("IKE error")
	b.want("debugging all", "")
	b.want("display debugging", "IKE event debugging switch is on\nIKE error debugging switch is on\n")
	b.want("undo debugging all", "")
	b.want("display debugging", "")
	b.p.history = []string{"a", "b"}
	b.want("display history-command", "  a\n  b\n")
	if got := b.do("show alias"); !strings.Contains(got, "\n8         show                 display\n") {
		t.Errorf("aliases are\n%s", got)
	}
}

func TestLogbuffer(t *testing.T) {
	b := newBench(t)
	b.b.Info.Clear()
	b.do("system-view")
	b.want("info-center logbuffer size 3", "")
	got := b.do("display logbuffer level 6")
	for _, want := range []string{"Log buffer: Enabled\nMax buffer size: 1024\nActual buffer size: 3\n", "Current messages: 3\n",
		"%Apr 25 08:11:36:223 2022 H3C SHELL/6/SHELL_CMD: -Line=con0-IPAddr=**-User=**; Command is display logbuffer level 6\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log buffer is\n%s\nwant in it %q", got, want)
		}
	}
	b.want("info-center synchronous", "Info-center synchronous output is on\n")
	b.want("undo info-center enable", "Information center is disabled.\n")
	want := "#\n undo info-center enable\n info-center logbuffer size 3\n info-center synchronous\n#\nreturn\n"
	if got := strings.Join(b.b.Conf.Section(infoLine), "\n") + "\n"; got != want {
		t.Errorf("configuration\n%s\nwant\n%s", got, want)
	}
}

func TestUserAndLine(t *testing.T) {
	b := newBench(t)
	b.do("system-view", "local-user admin class manage", "password simple Secret 1", "password simple Secret", "service-type https ssh", "service-type http")
	got := b.do("display this")
	re := `^#\nlocal-user admin class manage\n password hash \$h\$6\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==\n` +
		` service-type ssh http https\n authorization-attribute user-role network-operator\n#\nreturn\n$`
	if !regexp.MustCompile(re).MatchString(got) {
		t.Errorf("the user is\n%s\nwant %s", got, re)
	}
	for _, r := range b.b.Info.Buffer() {
		if strings.Contains(r.Text, "SHELL_CMD:") && strings.Contains(r.Text, "Secret") {
			t.Errorf("the password is in the log buffer: %s", r.Text)
		}
	}
	b.p.answers = []string{"one", "two"}
	b.want("password", "Password:\nConfirm :\nThe two passwords are different.\n")
	b.do("line console 0", "idle-timeout 0 30")
	if got := b.b.IdleTimeout(); got != 30*time.Second {
		t.Errorf("idle time-out %v, want 30s", got)
	}
	b.do("idle-timeout 10")
	b.want("display this", "#\nline con 0\n#\nreturn\n")
}

// TestConfigurationRoundTrip reads a configuration and prints it again.
func TestConfigurationRoundTrip(t *testing.T) {
	const text = `#
 version 7.1.064, Release 1P2
#
 sysname FW
#
 clock protocol none
 clock timezone BJ add 08:00:00
#
 telnet server enable
#
 password-recovery enable
#
vlan 1
#
 scheduler logfile size 16
#
line class console
 user-role network-admin
#
line class vty
 user-role network-operator
#
line con 0
 user-role network-admin
 idle-timeout 0 0
#
line vty 0 63
 authentication-mode scheme
 user-role network-operator
 protocol inbound ssh
#
 info-center loghost 10.1.1.1
 info-center synchronous
#
 ssh server enable
 ssh user admin service-type all authentication-type any
#
domain system
#
 domain default enable system
#
role name level-0
 description Predefined level-0 role
#
user-group system
#
local-user admin class manage
 password hash $h$6$abc$def==
 service-type ssh terminal http https
 authorization-attribute user-role level-15
 authorization-attribute user-role network-admin
#
 ip http enable
 ip https enable
#
return
`
	b := newBench(t)
	for _, r := range b.b.Load(text) {
		t.Errorf("line %d %q is refused: %s", r.Line, r.Text, r.Reason)
	}
	got := running(b.b)
	gl, wl := strings.Split(got, "\n"), strings.Split(text, "\n")
	for i := range min(len(gl), len(wl)) {
		if gl[i] != wl[i] {
			t.Fatalf("line %d is %q, want %q in\n%s", i+1, gl[i], wl[i], got)
		}
	}
	if len(gl) != len(wl) {
		t.Errorf("%d lines, want %d:\n%s", len(gl), len(wl), got)
	}
}

func TestSections(t *testing.T) {
	b := newBench(t)
	b.do("system-view", "local-user a", "quit", "vlan 7", "return")
	b.want("display current-configuration configuration local-user",
		"#\nlocal-user a class manage\n authorization-attribute user-role network-operator\n#\nreturn\n")
	b.want("display current-configuration configuration vlan | include vlan", "vlan 7\n")
	b.want("display current-configuration > flash:/c.cfg", "")
	if f, _ := b.b.Flash.Read("c.cfg"); f.Data != running(b.b) {
		t.Errorf("the redirected configuration is %q", f.Data)
	}
}

func infoLine(n *conf.Node) bool {
	return strings.HasPrefix(strings.TrimPrefix(n.Text, "undo "), "info-center")
}
