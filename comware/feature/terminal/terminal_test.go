package terminal_test

import (
	"strings"
	"testing"
	"time"

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

const hotkeyDefaults = `----------------- Hotkeys -----------------
           -Defined command hotkeys-
CTRL_G display current-configuration
CTRL_L display ip routing-table
CTRL_O undo debugging all

           -Undefined command hotkeys-
CTRL_T NULL
CTRL_U NULL

           -System-reserved hotkeys-
CTRL_A  Move the cursor to the beginning of the line.
CTRL_B  Move the cursor one character to the left.
CTRL_C  Stop the current command.
CTRL_D  Erase the character at the cursor.
CTRL_E  Move the cursor to the end of the line.
CTRL_F  Move the cursor one character to the right.
CTRL_H  Erase the character to the left of the cursor.
CTRL_K  Abort the connection request.
CTRL_N  Display the next command in the history buffer.
CTRL_P  Display the previous command in the history buffer.
CTRL_R  Redisplay the current line.
CTRL_V  Paste text from the clipboard.
CTRL_W  Delete the word to the left of the cursor.
CTRL_X  Delete all characters from the beginning of the line to the cursor.
CTRL_Y  Delete all characters from the cursor to the end of the line.
CTRL_Z  Return to the User View.
CTRL_]  Kill incoming connection or redirect connection.
ESC_B   Move the cursor back one word.
ESC_D   Delete all characters from the cursor to the end of the word.
ESC_F   Move the cursor forward one word.
`

// TestHotkeys compares the defaults with the command reference and binds keys
// to a command, a function and nothing.
func TestHotkeys(t *testing.T) {
	d := desk(t)
	d.Want("display hotkey", hotkeyDefaults)
	d.Do("system-view", "hotkey ctrl_t display clock | include UTC", "hotkey ctrl_l none", "hotkey ctrl_a function redisplay_the_current_line",
		"hotkey esc_b none", "hotkey ctrl_g display current-configuration")
	got := d.Do("display hotkey")
	for _, want := range []string{
		"hotkeys-\nCTRL_G display current-configuration\nCTRL_O undo debugging all\nCTRL_T display clock | include UTC\n\n",
		"hotkeys-\nCTRL_L NULL\nCTRL_U NULL\nESC_B NULL\n\n",
		"\nCTRL_A  Redisplay the current line.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the hotkeys have no %q:\n%s", want, got)
		}
	}
	for _, want := range []string{" hotkey ctrl_a function redisplay_the_current_line\n", " hotkey ctrl_t display clock | include UTC\n", " hotkey ctrl_l none\n"} {
		if !strings.Contains(d.Config(), want) {
			t.Errorf("the configuration has no %q:\n%s", want, d.Config())
		}
	}
	if strings.Contains(d.Config(), "ctrl_g") {
		t.Error("a default is printed")
	}
	d.RoundTrip()
	d.Do("undo hotkey ctrl_t", "undo hotkey ctrl_l", "undo hotkey ctrl_a", "hotkey esc_b function move_the_cursor_back_one_word")
	d.Want("display hotkey", hotkeyDefaults)
	if strings.Contains(d.Config(), "hotkey") {
		t.Errorf("after undo the configuration is\n%s", d.Config())
	}
	if got := d.Try("hotkey ctrl_] none"); !strings.Contains(got, "Unrecognized") && !strings.Contains(got, "Wrong") {
		t.Errorf("CTRL_] can be bound anew: %q", got)
	}
}

func TestAliases(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "alias shclk display clock", "alias shinc display $1 | include $2", "alias shclk display  version")
	d.Want("display alias shinc", "Alias                Command key\nshinc                display $1 | include $2\n")
	got := d.Do("display alias")
	if want := "8         shclk                display  version\n9         shinc                display $1 | include $2\n10        show                 display\n"; !strings.Contains(got, want) {
		t.Errorf("aliases are\n%s\nwant in them\n%s", got, want)
	}
	if got, want := d.Do("shinc version Comware"), "H3C Comware Software, Version 7.1.064, Release 1P2\n"; got != want {
		t.Errorf("the alias with parameters shows %q, want %q", got, want)
	}
	if want := " alias shclk display  version\n alias shinc display $1 | include $2\n"; !strings.Contains(d.Config(), want) {
		t.Errorf("the configuration is\n%s", d.Config())
	}
	d.RoundTrip()
	for _, line := range []string{"alias alias quit", "alias show quit", "undo alias show"} {
		d.Want(line, "The alias is invalid.\n")
	}
	d.Want("undo alias nobody", "The alias does not exist.\n")
	d.Do("undo alias shclk", "undo alias shinc")
	if got := d.Try("shinc version Comware"); !strings.Contains(got, "Unrecognized") {
		t.Errorf("after undo the alias shows %q", got)
	}
	if strings.Contains(d.Config(), "alias") {
		t.Errorf("after undo the configuration is\n%s", d.Config())
	}
}

// TestSharedHistory has two users on the box; the newest command comes first
// and the oldest of more than 1024 goes.
func TestSharedHistory(t *testing.T) {
	d := desk(t)
	d.Do("dis clo")
	d.Run(4 * time.Second)
	d.Shell.Name, d.Shell.From, d.Shell.User = "vty0", "192.168.1.26", "admin"
	d.Try("bogus")
	d.Do("system-view")
	want := "  Date       Time     Terminal   Ip              User\n" +
		"  01/02/2020 03:04:09 vty0       192.168.1.26    admin\n  Cmd:system-view\n\n" +
		"  01/02/2020 03:04:05 con0       **              **\n  Cmd:dis clo\n\n"
	d.Want("display history-command all", want)
	for range 1030 {
		d.Do("#", "display clock")
	}
	got := d.Do("display history-command all")
	if n := strings.Count(got, "Cmd:"); n != 1024 || strings.Contains(got, "dis clo\n") {
		t.Errorf("%d commands are kept, want the newest 1024", n)
	}
}
