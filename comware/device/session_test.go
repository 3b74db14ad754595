package device

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
)

// run lets time pass and returns what the console showed in it.
func (d *desk) run(t time.Duration) string {
	d.out.Reset()
	d.w.RunUntil(d.w.Now().Add(t))
	return strings.ReplaceAll(d.out.String(), "\r", "")
}

// press types keys without Enter.
func (d *desk) press(keys string) string {
	d.out.Reset()
	d.Input([]byte(keys))
	return strings.ReplaceAll(d.out.String(), "\r", "")
}

// want compares what the console shows.
func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s shows\n%s\nwant\n%s", what, got, want)
	}
}

func TestQuestionMarkAndErrors(t *testing.T) {
	d := sit(t, "F1060", "")
	want(t, "a list", d.press("terminal ?"), "terminal ?\n"+
		"  debugging  Enable to display debugging logs on the current terminal\n"+
		"  logging    Display logs on the current terminal\n"+
		"  monitor    Enable to display logs on the current terminal\n\n<H3C>terminal ")
	want(t, "a word begun", d.press("mo?"), "mo?\n  monitor  Enable to display logs on the current terminal\n\n<H3C>terminal mo")
	want(t, "a wrong word", d.press("x?"), "x?\n              ^\n % Unrecognized command found at '^' position.\n<H3C>terminal mox")
	d.press("\x18")
	for _, row := range [][2]string{
		{"display bogus", "             ^\n % Unrecognized command found at '^' position.\n<H3C>"},
		{"display", "             ^\n % Incomplete command found at '^' position.\n<H3C>"},
		{"s", "     ^\n % Ambiguous command found at '^' position.\n<H3C>"},
		{"display clock x", "                   ^\n % Too many parameters found at '^' position.\n<H3C>"},
		{"display current-configuration interface GigabitEthernet 20", "                                                             ^\n % Wrong parameter found at '^' position.\n<H3C>"},
		{"display current-configuration interface ge20", "                                               ^\n % Wrong parameter found at '^' position.\n<H3C>"},
		{"display clock | include (", "                             ^\n % Wrong parameter found at '^' position.\n<H3C>"},
	} {
		want(t, row[0], d.enter(row[0]), row[0]+"\n"+row[1])
	}
}

func TestAliasAtTheConsole(t *testing.T) {
	d := sit(t, "F1060", "#\n alias now display clock\n alias shinc display $1 | include $2\n#\nreturn\n")
	if got := d.enter("now"); !strings.Contains(got, "2020\n") {
		t.Errorf("the alias shows %q", got)
	}
	want(t, "? with aliases", d.press("n?"), "n?\n  no   Alias for 'undo'\n  now  Alias for 'display clock'\n\n<H3C>n")
	d.press("\x18")
	if got := d.enter("display logbuffer reverse | include SHELL_CMD:"); !strings.Contains(got, "Command is display clock\n") {
		t.Errorf("the log is\n%s\nwant the command the alias stands for", got)
	}
	d.enter("#comment", "shinc clock UTC", "bogus")
	want(t, "the history", d.enter("display history-command"), "display history-command\n"+
		"  display clock\n  display logbuffer reverse | include SHELL_CMD:\n  display clock | include UTC\n<H3C>")
	want(t, "an error behind an alias", d.enter("shinc bogus x"), "shinc bogus x\n           ^\n % Unrecognized command found at '^' position.\n<H3C>")
}

func TestHotkeysAtTheConsole(t *testing.T) {
	d := sit(t, "F1060", "#\n hotkey ctrl_t display clock\n hotkey ctrl_k function stop_the_current_command\n#\nreturn\n")
	if got := d.press("half\x14"); !strings.Contains(got, "display clock\n") || !strings.Contains(got, "2020\n<H3C>") {
		t.Errorf("CTRL_T shows %q", got)
	}
	d.enter("system-view")
	want(t, "CTRL_Z", d.press("\x1a"), "\n<H3C>")
	d.press("ping -c 100 127.0.0.1\r")
	if got := d.press("\x0b"); !strings.Contains(got, "packet(s) transmitted") {
		t.Errorf("the key that stops commands shows %q", got)
	}
	if got := d.enter("system-view", "undo hotkey ctrl_k", "return"); d.press("x\x0by") != "xy" {
		t.Errorf("CTRL_K still does something: %q", got)
	}
}

func TestHistorySize(t *testing.T) {
	d := sit(t, "F1060", "#\nline con 0\n history-command max-size 2\n#\nreturn\n")
	d.enter("display clock", "display version | include no", "display alias show")
	want(t, "the history", d.enter("display history-command"), "display history-command\n  display version | include no\n  display alias show\n<H3C>")
	d.enter("system-view", "line console 0", "undo history-command max-size", "display clock", "return")
	if got := d.enter("display history-command"); strings.Count(got, "\n") != 6 {
		t.Errorf("with a larger history the console shows\n%s", got)
	}
	d.enter("quit", "")
	want(t, "the history of a new session", d.enter("display history-command"), "display history-command\n<H3C>")
}

// TestRepeat repeats commands that end at once, that go on and that ask.
func TestRepeat(t *testing.T) {
	d := sit(t, "F1060", "")
	d.enter("display alias show", "display alias no")
	d.out.Reset()
	show := "<H3C>display alias show\nAlias                Command key\nshow                 display\n"
	no := "<H3C>display alias no\nAlias                Command key\nno                   undo\n"
	got := d.enter("repeat 2 count 2 delay 10")
	want(t, "the first round", got, "repeat 2 count 2 delay 10\n"+show+no)
	want(t, "the time between rounds", d.run(9*time.Second), "")
	want(t, "the second round", d.run(2*time.Second), show+no+"<H3C>")
	if got := d.enter("display history-command"); strings.Count(got, "alias") != 2 {
		t.Errorf("repeated commands are in the history:\n%s", got)
	}

	d.enter("display alias no", "repeat")
	if got := d.run(3500 * time.Millisecond); strings.Count(got, no) != 3 {
		t.Errorf("in 3.5 seconds the console shows\n%s\nwant three rounds", got)
	}
	want(t, "CTRL_C", d.press("\x03")+d.run(time.Second), "<H3C>")
	if !d.Idle() {
		t.Error("the console is not idle after CTRL_C")
	}

	d.enter("ping -c 2 -m 1000 127.0.0.1")
	d.run(5 * time.Second)
	d.enter("repeat count 2")
	if got := d.run(10 * time.Second); strings.Count(got, "<H3C>ping -c 2") != 1 || strings.Count(got, "\n2 packet(s) transmitted") != 2 || !d.Idle() {
		t.Errorf("a command that goes on is repeated so:\n%s", got)
	}
	d.enter("repeat")
	d.run(300 * time.Millisecond)
	if got := d.press("\x03") + d.run(20*time.Second); strings.Count(got, "\n1 packet(s) transmitted") != 1 || !d.Idle() {
		t.Errorf("CTRL_C within a repeated command shows\n%s", got)
	}

	d.enter("reset saved-configuration", "n")
	got = d.enter("repeat 1 count 2")
	if !strings.HasSuffix(got, "Are you sure? [Y/N]:") {
		t.Errorf("a command that asks shows %q", got)
	}
	if got := d.enter("n") + d.run(2*time.Second) + d.enter("n"); strings.Count(got, "[Y/N]:n") != 1 || !strings.HasSuffix(got, "n\n<H3C>") {
		t.Errorf("answers to repeated questions show %q", got)
	}
	if got := d.enter("display clock"); !strings.Contains(got, "2020") {
		t.Errorf("after a repeat the console shows %q", got)
	}
}

func TestPagesAndRedirection(t *testing.T) {
	d := sit(t, "F1060", "")
	d.press("display hotkey\r")
	if got := d.press("+History\r"); !strings.HasPrefix(got, "               +History\n") || strings.Contains(got, "CTRL_X") {
		t.Errorf("a filter at the end of a page shows %q", got)
	}
	if !d.Idle() {
		t.Error("the output goes on")
	}
	d.enter("display hotkey | include history > flash:/h.txt", "display alias show >> h.txt")
	want(t, "the file", d.enter("more h.txt"), "more h.txt\n"+
		"CTRL_N  Display the next command in the history buffer.\nCTRL_P  Display the previous command in the history buffer.\n"+
		"Alias                Command key\nshow                 display\n<H3C>")
	want(t, "lines with numbers", d.enter("display alias | by-linenum begin show"), "display alias | by-linenum begin show\n"+
		"    9:  8         show                 display\n   10-  9         write                save\n<H3C>")
	d.enter("system-view", "line console 0", "screen-length 5", "return")
	if got := d.press("display alias\r"); strings.Count(got, "\n") != 6 || !strings.HasSuffix(got, "---- More ----") {
		t.Errorf("a page of five lines shows %q", got)
	}
	d.press("\x03")
	d.enter("screen-length disable")
	if got := d.press("display hotkey\r"); strings.Contains(got, "More") {
		t.Errorf("without pages the console shows %q", got)
	}
}

// TestPermissionDenied has a role that may only look.
func TestPermissionDenied(t *testing.T) {
	d := sit(t, "F1060", "")
	d.Box().Permit = func(s *feature.Shell, c *feature.Command) bool {
		return strings.HasPrefix(c.Syntax, "display") || c.Syntax == "quit" || c.Syntax == "system-view"
	}
	want(t, "a list", d.press("s?"), "s?\n  show         Alias for 'display'\n  system-view  Enter the System View\n\n<H3C>s")
	d.press("\x18")
	want(t, "a command that is not permitted", d.enter("save"), "save\nPermission denied.\n<H3C>")
	want(t, "Tab", d.press("sav\t"), "sav\n<H3C>sav")
}

// TestPaste pastes a configuration of two thousand lines in pieces, with
// questions and commands that go on between: not a byte is lost.
func TestPaste(t *testing.T) {
	d := sit(t, "F1060", "")
	d.enter("screen-length disable")
	var b strings.Builder
	b.WriteString("system-view\n")
	const n = 500
	for i := range n {
		fmt.Fprintf(&b, "alias a%d display clock | include %d\r\n", i, i)
		fmt.Fprintf(&b, "# comment %d\r", i)
		switch i % 50 {
		case 7:
			b.WriteString("return\nreset saved-configuration\nn\nsystem-view\n")
		case 9:
			b.WriteString("ping -c 1 127.0.0.1\n")
		default:
			b.WriteString("display alias show\n")
		}
		fmt.Fprintf(&b, "interface LoopBack %d\n description number %d of the loopbacks\n quit\n", i, i)
	}
	b.WriteString("return\n")
	text := b.String()
	for len(text) > 0 {
		k := min(len(text), 333)
		d.Input([]byte(text[:k]))
		text = text[k:]
		d.w.RunUntil(d.w.Now().Add(time.Millisecond))
	}
	d.w.RunUntil(d.w.Now().Add(time.Minute))
	if !d.Idle() {
		t.Fatal("the console is not idle")
	}
	if got := d.out.String(); strings.Contains(got, "^") {
		at := strings.Index(got, "^")
		t.Fatalf("a line was refused: %q", got[max(at-300, 0):at+60])
	}
	conf := strings.Join(d.Box().Conf.Lines(), "\n")
	for i := range n {
		for _, want := range []string{fmt.Sprintf("\n alias a%d display clock | include %d\n", i, i), fmt.Sprintf("interface LoopBack%d\n description number %d of the loopbacks\n", i, i)} {
			if !strings.Contains(conf, want) {
				t.Fatalf("the configuration lacks %q", want)
			}
		}
	}
}

// TestLongLine types more than the editor takes.
func TestLongLine(t *testing.T) {
	d := sit(t, "F1060", "")
	d.press(strings.Repeat("x", 600))
	if got := d.con.line.Text(); len(got) != 511 {
		t.Errorf("the line has %d characters, want 511", len(got))
	}
}

// TestLoginAtTheConsole is the dialogue before a session: a password, a user,
// a wrong answer, an answer that is broken off.
func TestLoginAtTheConsole(t *testing.T) {
	d := sit(t, "F1060", "")
	d.enter("system-view", "line console 0", "authentication-mode password", "set authentication password simple Secret-1", "return")
	d.enter("quit")
	want(t, "ENTER", d.press("\r"), "\nPassword: ")
	want(t, "a wrong password", d.press("no\r"), "\n")
	want(t, "a second later", d.run(2*time.Second), "Password: ")
	got := d.press("Secret-1\r")
	if strings.Contains(got, "Secret") || !strings.Contains(got, "Console logged in from con0.") || !strings.HasSuffix(got, "\n<H3C>") {
		t.Errorf("the password shows %q", got)
	}
	d.enter("quit")
	d.press("\r")
	if got := d.press("\x03"); !strings.HasSuffix(got, "Press ENTER to get started.\n") {
		t.Errorf("CTRL_C in the login shows %q", got)
	}
	d.press("\rSecret-1\r")
	d.enter("system-view", "local-user boss", "password simple Secret-22", "service-type terminal", "authorization-attribute user-role level-0", "quit",
		"line console 0", "authentication-mode scheme", "return", "quit")
	want(t, "ENTER", d.press("\r"), "\nlogin: ")
	want(t, "a user", d.press("boss\r"), "boss\nPassword: ")
	if got := d.press("Secret-22\r"); !strings.Contains(got, "boss logged in from con0.") {
		t.Errorf("the user's password shows %q", got)
	}
	if s := d.con.shell; s == nil || s.User != "boss" || s.Roles[0] != "level-0" {
		t.Errorf("the session is %+v", s)
	}
	if got := d.enter("save"); got != "save\nPermission denied.\n<H3C>" {
		t.Errorf("a command above the role shows %q", got)
	}
}

// TestKeysOfTheLine are the keys that start a session and stop a command.
func TestKeysOfTheLine(t *testing.T) {
	d := sit(t, "F1060", "#\nline con 0\n activation-key s\n escape-key q\n#\nreturn\n")
	d.enter("ping -c 100 127.0.0.1")
	want(t, "CTRL_C", d.press("\x03"), "")
	if got := d.press("q"); !strings.Contains(got, "packet(s) transmitted") {
		t.Errorf("the escape key shows %q", got)
	}
	d.run(time.Second)
	want(t, "the escape key in an answer", d.enter("save")+d.press("q"), "save\nThe current configuration will be written to the device. Are you sure? [Y/N]:q")
	d.enter("")
	d.enter("n", "system-view", "line console 0", "escape-key default", "return", "ping -c 100 127.0.0.1")
	if got := d.press("q") + d.press("\x03"); !strings.Contains(got, "packet(s) transmitted") {
		t.Errorf("CTRL_C shows %q after it was made the escape key again", got)
	}
	d.run(time.Second)
	d.press("\x18")
	d.enter("quit")
	want(t, "ENTER", d.press("\r"), "")
	if got := d.press("s"); !strings.HasSuffix(got, "<H3C>") {
		t.Errorf("the activation key shows %q", got)
	}
}

// TestQuestions are the re-ask, the end of the time that save gives, Ctrl+C,
// and what the log says of the answers.
func TestQuestions(t *testing.T) {
	d := sit(t, "F1060", "")
	const question = "The current configuration will be written to the device. Are you sure? [Y/N]:"
	want(t, "save", d.press("save\r"), "save\n"+question)
	want(t, "ENTER", d.press("\r"), "\nBefore pressing ENTER you must choose 'YES' or 'NO'[Y/N]:")
	want(t, "another answer", d.press("what\r"), "what\n"+question)
	want(t, "29 seconds", d.run(29*time.Second), "")
	want(t, "30 seconds", d.run(2*time.Second), "\n<H3C>")
	want(t, "no", d.enter("save", "n"), "save\n"+question+"n\n<H3C>")
	want(t, "CTRL_C", d.enter("save")+d.press("\x03"), "save\n"+question+"\n<H3C>")
	want(t, "31 seconds later", d.run(31*time.Second), "")
	d.enter("reset saved-configuration", "y")
	got := d.enter("display logbuffer reverse | include CONFIRM")
	if n := strings.Count(got, "Confirm option of command save is no.\n"); n != 2 || !strings.Contains(got, "Confirm option of command reset saved-configuration is yes.\n") {
		t.Errorf("the log has\n%s", got)
	}
}

// TestLongListsArePaged shows a list of `?` page by page and then the line.
func TestLongListsArePaged(t *testing.T) {
	d := sit(t, "F1060", "")
	d.enter("system-view")
	got := d.press("?")
	if strings.Count(got, "\n") != 25 || !strings.HasPrefix(got, "?\nSystem view commands:\n") || !strings.HasSuffix(got, "---- More ----") {
		t.Fatalf("the list begins with %q", got)
	}
	for d.Paging() {
		got = strings.TrimSuffix(got, "---- More ----") + strings.TrimPrefix(d.press(" "), strings.Repeat(" ", 15))
	}
	if strings.Contains(got, "More") || !strings.Contains(got, "\n  quit ") || !strings.Contains(got, "\n  vlan ") || !strings.HasSuffix(got, "\n\n[H3C]") {
		t.Errorf("the list ends with %q", got)
	}
}

// TestDebuggingEndsWithTheConsole leaves the console with a switch on: the box
// switches it off by itself and says so in the log.
func TestDebuggingEndsWithTheConsole(t *testing.T) {
	d := sit(t, "F1060", "")
	d.enter("debugging ike all")
	d.enter("quit")
	d.run(time.Second)
	if got := d.enter("", "display debugging"); strings.Contains(got, "IKE") {
		t.Errorf("after a new login the console shows %q", got)
	}
	if got := d.enter("display logbuffer reverse | include Line=-"); !strings.Contains(got, "SHELL/6/SHELL_CMD: -Context=1; -Line=-IPAddr=**-User=**; Command is undo debugging all\n") {
		t.Errorf("the log has %q", got)
	}
}
