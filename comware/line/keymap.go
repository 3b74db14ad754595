package line

import "strings"

// A Hotkey is a key that `hotkey` can bind: a control byte, or a letter behind
// ESC with the high bit of escHotkey set.
type Hotkey uint16

const escHotkey Hotkey = 0x100

// A Function is what a hotkey does at the prompt, 0 for nothing.
type Function uint8

// The functions, in the order of the keys that they are bound to by default.
const (
	ToBeginning Function = iota + 1
	Left
	Stop
	EraseAtCursor
	ToEnd
	Right
	EraseLeft
	AbortConnection
	NextCommand
	PreviousCommand
	Redisplay
	Paste
	DeleteWordLeft
	DeleteToBeginning
	DeleteToEnd
	ToUserView
	KillConnection
	WordLeft
	DeleteWord
	WordRight
)

// functions are the names that `hotkey` takes and the texts of
// `display hotkey` (H3C "Using the CLI" guide, default definitions for hotkeys).
var functions = [...]struct{ name, text string }{
	ToBeginning:       {"move_the_cursor_to_the_beginning_of_the_line", "Move the cursor to the beginning of the line."},
	Left:              {"move_the_cursor_one_character_to_the_left", "Move the cursor one character to the left."},
	Stop:              {"stop_the_current_command", "Stop the current command."},
	EraseAtCursor:     {"erase_the_character_at_the_cursor", "Erase the character at the cursor."},
	ToEnd:             {"move_the_cursor_to_the_end_of_the_line", "Move the cursor to the end of the line."},
	Right:             {"move_the_cursor_one_character_to_the_right", "Move the cursor one character to the right."},
	EraseLeft:         {"erase_the_character_to_the_left_of_the_cursor", "Erase the character to the left of the cursor."},
	AbortConnection:   {"abort_the_connection_request", "Abort the connection request."},
	NextCommand:       {"display_the_next_command_in_the_history_buffer", "Display the next command in the history buffer."},
	PreviousCommand:   {"display_the_previous_command_in_the_history_buffer", "Display the previous command in the history buffer."},
	Redisplay:         {"redisplay_the_current_line", "Redisplay the current line."},
	Paste:             {"paste_text_from_the_clipboard", "Paste text from the clipboard."},
	DeleteWordLeft:    {"delete_the_word_to_the_left_of_the_cursor", "Delete the word to the left of the cursor."},
	DeleteToBeginning: {"delete_all_characters_from_the_beginning_of_the_line_to_the_cursor", "Delete all characters from the beginning of the line to the cursor."},
	DeleteToEnd:       {"delete_all_characters_from_the_cursor_to_the_end_of_the_line", "Delete all characters from the cursor to the end of the line."},
	ToUserView:        {"return_to_the_User_View", "Return to the User View."},
	KillConnection:    {"kill_incoming_connection_or_redirect_connection", "Kill incoming connection or redirect connection."},
	WordLeft:          {"move_the_cursor_back_one_word", "Move the cursor back one word."},
	DeleteWord:        {"delete_all_characters_from_the_cursor_to_the_end_of_the_word", "Delete all characters from the cursor to the end of the word."},
	WordRight:         {"move_the_cursor_forward_one_word", "Move the cursor forward one word."},
}

// Functions returns all functions.
func Functions() []Function {
	var all []Function
	for f := ToBeginning; int(f) < len(functions); f++ {
		all = append(all, f)
	}
	return all
}

// String is the name of the function as `hotkey` takes it.
func (f Function) String() string { return functions[f].name }

// Text says what the function does, as `display hotkey` prints it.
func (f Function) Text() string { return functions[f].text }

// A Binding is what a hotkey does: a function, or a command, or nothing.
type Binding struct {
	Function Function
	Command  string
}

// hotkeys are the keys in order of display, with their defaults.
var hotkeys = []struct {
	key Hotkey
	is  Binding
}{
	{'A' & 0x1f, Binding{Function: ToBeginning}},
	{'B' & 0x1f, Binding{Function: Left}},
	{'C' & 0x1f, Binding{Function: Stop}},
	{'D' & 0x1f, Binding{Function: EraseAtCursor}},
	{'E' & 0x1f, Binding{Function: ToEnd}},
	{'F' & 0x1f, Binding{Function: Right}},
	{'G' & 0x1f, Binding{Command: "display current-configuration"}},
	{'H' & 0x1f, Binding{Function: EraseLeft}},
	{'K' & 0x1f, Binding{Function: AbortConnection}},
	{'L' & 0x1f, Binding{Command: "display ip routing-table"}},
	{'N' & 0x1f, Binding{Function: NextCommand}},
	{'O' & 0x1f, Binding{Command: "undo debugging all"}},
	{'P' & 0x1f, Binding{Function: PreviousCommand}},
	{'R' & 0x1f, Binding{Function: Redisplay}},
	{'T' & 0x1f, Binding{}},
	{'U' & 0x1f, Binding{}},
	{'V' & 0x1f, Binding{Function: Paste}},
	{'W' & 0x1f, Binding{Function: DeleteWordLeft}},
	{'X' & 0x1f, Binding{Function: DeleteToBeginning}},
	{'Y' & 0x1f, Binding{Function: DeleteToEnd}},
	{'Z' & 0x1f, Binding{Function: ToUserView}},
	{']' & 0x1f, Binding{Function: KillConnection}},
	{escHotkey | 'B', Binding{Function: WordLeft}},
	{escHotkey | 'D', Binding{Function: DeleteWord}},
	{escHotkey | 'F', Binding{Function: WordRight}},
}

// Hotkeys returns all keys in order of display.
func Hotkeys() []Hotkey {
	var all []Hotkey
	for _, h := range hotkeys {
		all = append(all, h.key)
	}
	return all
}

// String is the key as `display hotkey` writes it: CTRL_A, ESC_B.
func (k Hotkey) String() string {
	if k&escHotkey != 0 {
		return "ESC_" + string(rune(k&^escHotkey))
	}
	return "CTRL_" + string(rune(k|0x40))
}

// Token is the key as `hotkey` takes it: ctrl_a, esc_b.
func (k Hotkey) Token() string { return strings.ToLower(k.String()) }

// Fixed says whether the key cannot be bound anew: that is CTRL_].
func (k Hotkey) Fixed() bool { return k == ']'&0x1f }

// A Keymap is what the hotkeys of a device do. The nil Keymap has the
// defaults.
type Keymap struct{ bound map[Hotkey]Binding }

// Of is what a key does.
func (m *Keymap) Of(k Hotkey) Binding {
	if m != nil {
		if b, ok := m.bound[k]; ok {
			return b
		}
	}
	return DefaultBinding(k)
}

// DefaultBinding is what a key does if nobody bound it.
func DefaultBinding(k Hotkey) Binding {
	for _, h := range hotkeys {
		if h.key == k {
			return h.is
		}
	}
	return Binding{}
}

// Bind has a key do something else.
func (m *Keymap) Bind(k Hotkey, b Binding) {
	if m.bound == nil {
		m.bound = map[Hotkey]Binding{}
	}
	m.bound[k] = b
}

// Reset gives a key its default.
func (m *Keymap) Reset(k Hotkey) { delete(m.bound, k) }

// ofKey is what a key that was typed does; ok is false for keys that are no
// hotkeys.
func (m *Keymap) ofKey(k key) (b Binding, ok bool) {
	switch k.code {
	case keyCtrl:
		return m.Of(Hotkey(k.b)), true
	case keyEsc:
		return m.Of(escHotkey | Hotkey(k.b)), true
	default:
		return Binding{}, false
	}
}
