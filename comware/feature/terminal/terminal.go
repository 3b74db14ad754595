// Package terminal is what a session at a console has around its commands:
// pages, history, hotkeys and aliases, as in the Comware 7 command reference
// "CLI".
package terminal

import (
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/login"
)

// Feature is the terminal of a session.
var Feature = feature.Feature{Name: "terminal", Commands: commands}

var commands = []feature.Command{
	{Views: "user", Syntax: "screen-length disable", Help: "screen-length=Specify the lines displayed on one screen;disable=Display all lines at once",
		Run: func(x *feature.Exec, _ *cli.Args) { x.Shell.Term.SetPageLength(0) }},
	{Views: "user", Syntax: "undo screen-length disable",
		Help: "screen-length=Specify the lines displayed on one screen;disable=Display all lines at once",
		Run:  func(x *feature.Exec, _ *cli.Args) { x.Shell.Term.SetPageLength(login.ScreenLength(x.Box)) }},
	{Views: "any", Syntax: "display history-command", Help: "history-command=Commands typed in this session",
		Run: func(x *feature.Exec, _ *cli.Args) {
			for _, c := range x.Shell.Term.History() {
				x.Print("  " + c + "\n")
			}
		}},
	{Views: "any", Syntax: "display hotkey", Help: "hotkey=Hotkeys",
		Run: func(x *feature.Exec, _ *cli.Args) { x.Print(hotkeys) }},
	{Views: "any", Syntax: "display alias", Help: "alias=Command aliases", Run: displayAlias},
}

func displayAlias(x *feature.Exec, _ *cli.Args) {
	x.Print("Index     Alias                Command key\n")
	for i, a := range x.Box.Image.Grammar.Aliases() {
		x.Print(strings.TrimRight(fmt.Sprintf("%-10d%-21s%s", i+1, a.Name, a.Command), " ") + "\n")
	}
}

// hotkeys is the table of `display hotkey` (Comware 7 command reference "CLI").
const hotkeys = `----------------- Hotkeys -----------------
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
