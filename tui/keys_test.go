package tui

import (
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"cwlab/tui/words"
)

// consoleKeys are keys and the bytes that they are on a console.
var consoleKeys = []struct {
	name string
	key  tea.KeyMsg
	want string
}{
	{"letter", tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("d")}, "d"},
	{"typed fast", tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("display")}, "display"},
	{"question mark", tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("?")}, "?"},
	{"Chinese", tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("防火墙")}, "防火墙"},
	{"blank", tea.KeyMsg{Type: tea.KeySpace, Runes: []rune(" ")}, " "},
	{"Enter", tea.KeyMsg{Type: tea.KeyEnter}, "\r"},
	{"Tab", tea.KeyMsg{Type: tea.KeyTab}, "\t"},
	{"Backspace as DEL", tea.KeyMsg{Type: tea.KeyBackspace}, "\x7f"},
	{"Backspace as BS", tea.KeyMsg{Type: tea.KeyCtrlH}, "\b"},
	{"Ctrl+@", tea.KeyMsg{Type: tea.KeyCtrlAt}, "\x00"},
	{"Ctrl+A", tea.KeyMsg{Type: tea.KeyCtrlA}, "\x01"},
	{"Ctrl+C", tea.KeyMsg{Type: tea.KeyCtrlC}, "\x03"},
	{"Ctrl+G", tea.KeyMsg{Type: tea.KeyCtrlG}, "\x07"},
	{"Ctrl+Z", tea.KeyMsg{Type: tea.KeyCtrlZ}, "\x1a"},
	{"Ctrl+]", tea.KeyMsg{Type: tea.KeyCtrlCloseBracket}, "\x1d"},
	{"Esc", tea.KeyMsg{Type: tea.KeyEsc}, "\x1b"},
	{"up", tea.KeyMsg{Type: tea.KeyUp}, "\x1b[A"},
	{"down", tea.KeyMsg{Type: tea.KeyDown}, "\x1b[B"},
	{"right", tea.KeyMsg{Type: tea.KeyRight}, "\x1b[C"},
	{"left", tea.KeyMsg{Type: tea.KeyLeft}, "\x1b[D"},
	{"Home", tea.KeyMsg{Type: tea.KeyHome}, "\x1b[H"},
	{"End", tea.KeyMsg{Type: tea.KeyEnd}, "\x1b[F"},
	{"Delete", tea.KeyMsg{Type: tea.KeyDelete}, "\x1b[3~"},
	{"PageUp", tea.KeyMsg{Type: tea.KeyPgUp}, "\x1b[5~"},
	{"Alt+b", tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("b"), Alt: true}, "\x1bb"},
	{"paste", tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("a\nb\r\nc\x1c"), Paste: true}, "a\rb\rc\x1c"},
}

func TestBytesOfKeys(t *testing.T) {
	for _, c := range consoleKeys {
		if got := string(bytesOf(c.key)); got != c.want {
			t.Errorf("%s is %q on a console, want %q", c.name, got, c.want)
		}
	}
}

// No two keys after the leader are the same, and the help has them all.
func TestKeyMap(t *testing.T) {
	k := newKeyMap(words.English)
	taken := map[string]string{}
	n := 0
	for _, group := range k.FullHelp() {
		for _, b := range group {
			n++
			if b.Help().Key == "" || b.Help().Desc == "" {
				t.Errorf("%v has no help", b.Keys())
			}
			for _, name := range b.Keys() {
				if other, ok := taken[name]; ok {
					t.Errorf("key %q is for %q and for %q", name, other, b.Help().Desc)
				}
				taken[name] = b.Help().Desc
			}
		}
	}
	if n != 28 {
		t.Errorf("the help has %d keys, want 28", n)
	}
	for _, b := range k.ShortHelp() {
		if taken[b.Keys()[0]] != b.Help().Desc {
			t.Errorf("%q stands in the short help alone", b.Help().Desc)
		}
	}
	paste := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("\x1c"), Paste: true}
	if key.Matches(paste, k.Leader) {
		t.Error("a pasted leader is taken for the leader")
	}
}
