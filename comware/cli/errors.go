package cli

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// Kind is one of the five errors of a command line.
type Kind uint8

const (
	Unrecognized      Kind = iota + 1 // a keyword is unknown
	Incomplete                        // more words are needed
	Ambiguous                         // an abbreviation means several keywords
	TooManyParameters                 // words after a complete command
	WrongParameter                    // an argument has a bad value
)

var kindTexts = [...]string{
	Unrecognized:      "Unrecognized command",
	Incomplete:        "Incomplete command",
	Ambiguous:         "Ambiguous command",
	TooManyParameters: "Too many parameters",
	WrongParameter:    "Wrong parameter",
}

func (k Kind) String() string { return kindTexts[k] }

// An Error says what is wrong with a line. Col is the byte offset of the word
// at fault; for Incomplete it is one past the end of the line.
type Error struct {
	Kind Kind
	Col  int
}

// Error is the message a device prints, with its leading blank.
func (e *Error) Error() string { return " % " + e.Kind.String() + " found at '^' position." }

// Lines returns what a device prints below a line typed at a prompt: the caret
// under the word at fault, and the message.
func (e *Error) Lines(prompt, line string) []string {
	col := runewidth.StringWidth(prompt)
	if e.Col <= len(line) {
		col += runewidth.StringWidth(line[:e.Col])
	} else {
		col += runewidth.StringWidth(line) + e.Col - len(line)
	}
	return []string{strings.Repeat(" ", col) + "^", e.Error()}
}

func incomplete(line string) *Error {
	return &Error{Incomplete, len(strings.TrimRight(line, " \t\r\n")) + 1}
}
