package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"cwlab/tui/words"
)

// A KeyMap is every key of ours. All but Leader and the scrolling keys of a
// console that is scrolled back count only right after the leader.
type KeyMap struct {
	Leader key.Binding
	Send   key.Binding // the leader itself, to the console

	Focus, Next, Previous, Zoom, Mouse key.Binding
	Up, Down, PageUp, PageDown         key.Binding
	Home, End                          key.Binding
	Pause, Step, Faster, Slower, Free  key.Binding
	Labs, Scripts, Links               key.Binding
	Packets, Cause, Capture, Reel      key.Binding
	Restart, Halt, Help, Quit          key.Binding
}

func newKeyMap(lang words.Lang) KeyMap {
	b := func(shown, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, lang.Say(what)))
	}
	return KeyMap{
		Leader:   b(`Ctrl+\`, "the leader key", `ctrl+\`),
		Send:     b(`Ctrl+\`, "send it to the console", `ctrl+\`),
		Focus:    b("1-9", "that console", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
		Next:     b("Tab", "next console", "tab"),
		Previous: b("Shift+Tab", "previous console", "shift+tab"),
		Zoom:     b("z", "zoom", "z"),
		Mouse:    b("m", "leave the mouse to the terminal", "m"),
		Up:       b("Up", "scroll back a row", "up"),
		Down:     b("Down", "a row forward", "down"),
		PageUp:   b("PgUp", "scroll back a page", "pgup"),
		PageDown: b("PgDn", "a page forward", "pgdown"),
		Home:     b("Home", "to the first row", "home"),
		End:      b("End", "to the newest row", "end"),
		Pause:    b("Space", "pause", " "),
		Step:     b("s", "one event", "s"),
		Faster:   b("+", "faster", "+", "="),
		Slower:   b("-", "slower", "-"),
		Free:     b("f", "as fast as it goes", "f"),
		Labs:     b("o", "open a lab", "o"),
		Scripts:  b("p", "play a script", "p"),
		Links:    b("l", "cut, mend, impair links", "l"),
		Packets:  b("w", "watch packets", "w"),
		Cause:    b("g", "packet of a line", "g"),
		Capture:  b("c", "capture to a file", "c"),
		Reel:     b("v", "view a recording", "v"),
		Restart:  b("r", "restart the lab", "r"),
		Halt:     b("h", "halt the script", "h"),
		Help:     b("?", "all keys", "?"),
		Quit:     b("q", "leave", "q"),
	}
}

// ShortHelp is what the status line shows once the leader is pressed.
func (k KeyMap) ShortHelp() []key.Binding {
	return []key.Binding{k.Help, k.Focus, k.Zoom, k.Packets, k.Scripts, k.Labs, k.Pause, k.Quit}
}

// FullHelp is the help overlay, a column a group.
func (k KeyMap) FullHelp() [][]key.Binding {
	return [][]key.Binding{
		{k.Focus, k.Next, k.Previous, k.Zoom, k.Mouse, k.PageUp, k.PageDown, k.Up, k.Down, k.Home, k.End, k.Send},
		{k.Pause, k.Step, k.Faster, k.Slower, k.Free, k.Scripts, k.Halt, k.Labs, k.Links, k.Packets, k.Cause, k.Capture, k.Reel, k.Restart, k.Help, k.Quit},
	}
}

// sequences are the bytes that a terminal of the xterm family sends for keys
// that are no character.
var sequences = map[tea.KeyType]string{
	tea.KeySpace:    " ",
	tea.KeyUp:       "\x1b[A",
	tea.KeyDown:     "\x1b[B",
	tea.KeyRight:    "\x1b[C",
	tea.KeyLeft:     "\x1b[D",
	tea.KeyEnd:      "\x1b[F",
	tea.KeyHome:     "\x1b[H",
	tea.KeyInsert:   "\x1b[2~",
	tea.KeyDelete:   "\x1b[3~",
	tea.KeyPgUp:     "\x1b[5~",
	tea.KeyPgDown:   "\x1b[6~",
	tea.KeyShiftTab: "\x1b[Z",

	tea.KeyShiftUp:        "\x1b[1;2A",
	tea.KeyShiftDown:      "\x1b[1;2B",
	tea.KeyShiftRight:     "\x1b[1;2C",
	tea.KeyShiftLeft:      "\x1b[1;2D",
	tea.KeyShiftEnd:       "\x1b[1;2F",
	tea.KeyShiftHome:      "\x1b[1;2H",
	tea.KeyCtrlUp:         "\x1b[1;5A",
	tea.KeyCtrlDown:       "\x1b[1;5B",
	tea.KeyCtrlRight:      "\x1b[1;5C",
	tea.KeyCtrlLeft:       "\x1b[1;5D",
	tea.KeyCtrlEnd:        "\x1b[1;5F",
	tea.KeyCtrlHome:       "\x1b[1;5H",
	tea.KeyCtrlPgUp:       "\x1b[5;5~",
	tea.KeyCtrlPgDown:     "\x1b[6;5~",
	tea.KeyCtrlShiftUp:    "\x1b[1;6A",
	tea.KeyCtrlShiftDown:  "\x1b[1;6B",
	tea.KeyCtrlShiftRight: "\x1b[1;6C",
	tea.KeyCtrlShiftLeft:  "\x1b[1;6D",
	tea.KeyCtrlShiftEnd:   "\x1b[1;6F",
	tea.KeyCtrlShiftHome:  "\x1b[1;6H",

	tea.KeyF1:  "\x1bOP",
	tea.KeyF2:  "\x1bOQ",
	tea.KeyF3:  "\x1bOR",
	tea.KeyF4:  "\x1bOS",
	tea.KeyF5:  "\x1b[15~",
	tea.KeyF6:  "\x1b[17~",
	tea.KeyF7:  "\x1b[18~",
	tea.KeyF8:  "\x1b[19~",
	tea.KeyF9:  "\x1b[20~",
	tea.KeyF10: "\x1b[21~",
	tea.KeyF11: "\x1b[23~",
	tea.KeyF12: "\x1b[24~",
}

// bytesOf is what a terminal sends for a key: Enter is CR, Backspace is DEL
// or BS as the terminal has it, a pasted line ends with CR. A key that no
// console knows gives nothing.
func bytesOf(k tea.KeyMsg) []byte {
	var s string
	switch {
	case k.Type == tea.KeyRunes && k.Paste:
		s = strings.NewReplacer("\r\n", "\r", "\n", "\r").Replace(string(k.Runes))
	case k.Type == tea.KeyRunes:
		s = string(k.Runes)
	case k.Type >= 0 && k.Type <= 0x1f || k.Type == tea.KeyBackspace:
		s = string(rune(k.Type))
	default:
		s = sequences[k.Type]
	}
	if s != "" && k.Alt && !k.Paste {
		s = "\x1b" + s
	}
	return []byte(s)
}
