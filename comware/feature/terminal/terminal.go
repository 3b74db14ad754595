// Package terminal is what a session at a console has around its commands:
// pages, history, hotkeys and aliases, as in the Comware 7 command reference
// "CLI" and the "Using the CLI" configuration guide.
//
// Limitations: what the device answers to an alias that it does not take is
// not documented; the wording is ours. A repeated command's output is not
// paged.
package terminal

import (
	"slices"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/login"
	"cwlab/comware/line"
)

// Feature is the terminal of a session.
var Feature = feature.Feature{
	Name:     "terminal",
	Commands: slices.Concat(pageCommands, historyCommands, aliasCommands, hotkeyCommands()),
	Install: func(b *feature.Box) {
		st := &terminals{}
		feature.Put(b, st)
		b.Aliases = func() []cli.Alias { return st.aliases }
		b.OnCommand = st.remember
	},
}

// terminals is what the sessions of a box share.
type terminals struct {
	keys    line.Keymap
	aliases []cli.Alias // of users, by name
	history []entry     // of all sessions, oldest first
}

func state(b *feature.Box) *terminals { return feature.Get[*terminals](b) }

var pageCommands = []feature.Command{
	{Views: "user", Syntax: "screen-length disable", Help: "screen-length=Specify the lines displayed on one screen;disable=Display all lines at once",
		Run: func(x *feature.Exec, _ *cli.Args) { x.Shell.Term.SetPageLength(0) }},
	{Views: "user", Syntax: "undo screen-length disable",
		Help: "screen-length=Specify the lines displayed on one screen;disable=Display all lines at once",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Shell.Term.SetPageLength(login.LineSettings(x.Box, x.Shell.Name).Screen)
		}},
}
