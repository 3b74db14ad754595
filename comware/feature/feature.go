// Package feature is what the features of the operating system are made of:
// the box they act on, the shell that runs their commands, and the places of
// their lines in the configuration.
//
// A feature is a folder below this one. It declares its views and its commands
// in the manuals' notation, puts its engine on the box in Install, words the
// engine's events and prints its state. A feature knows the box and the
// engines, never a terminal.
package feature

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"cwlab/comware/cli"
)

// A View is one command view.
type View struct {
	Name   string // "interface"
	Parent string // "system"; "user" for the system view
	Title  string // "Interface", printed as "Interface view commands:"
}

// A Command is one line of the manual with what it does.
type Command struct {
	Views  string // the views that have it, separated by blanks; "any" for all
	Syntax string // the manual's notation, see package cli
	Help   string // "token=text; ..." for every token of the syntax
	Run    func(x *Exec, a *cli.Args)

	// Keep is set instead of Run for a command that is understood and kept in
	// the configuration, but that nothing acts on.
	Keep *Keep
	// Package is what roles call the feature of the command, "" for the name of
	// the Feature that has it.
	Package string
	// Kept marks the two commands that a Keep makes, and a command with a Run
	// of its own that does no more than a Keep: it shares its key or its view
	// with one that acts.
	Kept bool
	// Hidden commands are not offered by `?` and Tab.
	Hidden bool

	words, views []string // once it is in an image
}

// Words are the keywords that a command of an image begins with, undo left
// out; do not change the slice.
func (c *Command) Words() []string { return c.words }

// ViewNames are the views that have a command of an image; do not change the
// slice.
func (c *Command) ViewNames() []string { return c.views }

// A Feature is a part of the operating system.
type Feature struct {
	Name     string
	Views    []View
	Commands []Command
	// Install puts the feature's state on a box that boots. Features are
	// installed in the order of the image.
	Install func(b *Box)
}

// An Image is the software of a device: its grammar and features. It is
// immutable and shared by all boxes.
type Image struct {
	Grammar  *cli.Grammar
	Features []Feature

	owners map[*Command]string
}

// common are the help texts of the keywords that begin commands of many features.
const common = "display=Display current system information;undo=Cancel current setting;reset=Reset operation;debugging=Enable system debugging functions"

// A Tag says what a command is good for, see the coverage ledger.
type Tag int

// The tags.
const (
	Acts        Tag = iota // an engine or the session does what it says
	ConfigOnly             // kept in the configuration and printed back
	DisplayOnly            // shows state
)

func (t Tag) String() string { return [...]string{"acts", "config-only", "display-only"}[t] }

// Tag is what the command is good for. It follows from what the command is
// made of: nothing can act behind a Keep, and a display only shows.
func (c *Command) Tag() Tag {
	switch {
	case c.Kept || c.Keep != nil:
		return ConfigOnly
	case strings.HasPrefix(c.Syntax, "display "):
		return DisplayOnly
	}
	return Acts
}

// Keywords is the words that the command always begins with.
func (c *Command) Keywords() string { return leading(c.Syntax) }

// FeatureOf is the name of the feature that has the command.
func (img *Image) FeatureOf(c *Command) string { return img.owners[c] }

// NewImage builds the grammar of the features. An inconsistent grammar is a
// programmer's mistake and is returned as an error for the tests to print.
func NewImage(features ...Feature) (*Image, error) {
	img := &Image{Grammar: cli.New(), Features: features, owners: map[*Command]string{}}
	if err := errors.Join(img.Grammar.AddView("user", "", "User view commands:"),
		img.Grammar.AddView("system", "user", "System view commands:"),
		img.Grammar.Common(common)); err != nil {
		return nil, err
	}
	for _, f := range features {
		for _, v := range f.Views {
			if err := img.Grammar.AddView(v.Name, v.Parent, v.Title+" view commands:"); err != nil {
				return nil, fmt.Errorf("feature %s: %w", f.Name, err)
			}
		}
	}
	for _, f := range features {
		commands, err := expand(f.Commands)
		if err != nil {
			return nil, fmt.Errorf("feature %s: %w", f.Name, err)
		}
		for i := range commands {
			c := &commands[i]
			img.owners[c] = cmp.Or(c.Package, f.Name)
			c.words, c.views = strings.Fields(strings.TrimPrefix(c.Keywords(), "undo ")), strings.Fields(c.Views)
			if err := img.Grammar.Add(cli.Command{Views: c.Views, Syntax: c.Syntax, Help: c.Help, Data: c, Hidden: c.Hidden}); err != nil {
				return nil, fmt.Errorf("feature %s: %q: %w", f.Name, c.Syntax, err)
			}
		}
	}
	return img, nil
}
