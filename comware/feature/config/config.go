// Package config is the configuration of the device as a person handles it:
// how it is displayed, compared, saved, archived, replaced and started from,
// and the files of the flash. Command and output forms are those of the
// Comware 7 command references "Configuration file management" and "File
// system management"; comparison and the commit delay are those of the
// configuration guide of later releases.
//
// Limitations: there is one storage medium, flash:. Files are not copied from
// or to servers. A saved configuration is not encrypted. What is said where
// the references do not document a failure is worded here.
package config

import (
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// Feature is the handling of the configuration and of files.
var Feature = feature.Feature{
	Name: "config",
	Commands: slices.Concat(displayCommands, diffCommands, saveCommands, archiveCommands, replaceCommands,
		startupCommands, rebootCommands, fileCommands, recycleCommands, packCommands),
	Install: install,
}

// print prints lines.
func print(x *feature.Exec, lines []string) { x.Print(strings.Join(lines, "\n") + "\n") }

var displayCommands = []feature.Command{
	{Views: "any", Syntax: "display current-configuration", Help: "current-configuration=Current configuration",
		Run: func(x *feature.Exec, _ *cli.Args) { print(x, x.Box.Conf.Lines()) }},
	{Views: "any", Syntax: "display current-configuration interface [ <name:interface> | <type:iftype> ]",
		Help: "interface=Display interface configuration;<name>=Interface;<type>=Type of interfaces",
		Run: func(x *feature.Exec, a *cli.Args) {
			print(x, x.Box.Conf.Section(func(n *conf.Node) bool {
				name, ok := strings.CutPrefix(n.Text, "interface ")
				switch {
				case a.Has("name"):
					return ok && name == a.Str("name")
				case a.Has("type"):
					t, _, known := cli.TypeOf(name)
					return ok && known && t.Name == a.Str("type")
				}
				return ok
			}))
		}},
	{Views: "any", Syntax: "display current-configuration configuration [ <module:string:1-63> ]",
		Help: "configuration=Display configuration of a module;<module>=Name of the module, such as ike-profile",
		Run: func(x *feature.Exec, a *cli.Args) {
			print(x, x.Box.Conf.Section(func(n *conf.Node) bool { return ofModule(n, a.Str("module")) }))
		}},
	{Views: "any", Syntax: "display this", Help: "this=Display the configuration of the current view",
		Run: func(x *feature.Exec, _ *cli.Args) { print(x, this(x)) }},
}

// ofModule says whether a line belongs to a module: its words joined by hyphens
// begin with the module's name. Without a name all but the interfaces do.
func ofModule(n *conf.Node, module string) bool {
	words := strings.ReplaceAll(n.Text, " ", "-")
	if module == "" {
		return !strings.HasPrefix(n.Text, "interface ")
	}
	return words == module || strings.HasPrefix(words, module+"-")
}

// this is `display this`; in a line view that is the configuration of all lines.
func this(x *feature.Exec) []string {
	if v := x.View().Name; v == "line" || v == "line-class" {
		return x.Box.Conf.Section(func(n *conf.Node) bool { return strings.HasPrefix(n.Text, "line ") })
	}
	return x.Node().This()
}

// box is what the feature remembers of a box that runs.
type box struct {
	startup string // the file it booted from, "" for none
	quiet   bool   // file prompt quiet
	archive archive
	commit  *deadline // nil for none
}

// of is what the feature remembers of that box.
func of(b *feature.Box) *box { return feature.Get[*box](b) }

func install(b *feature.Box) {
	st := &box{}
	if f, ok := StartupFile(b.Flash); ok {
		st.startup = f.Name
	}
	feature.Put(b, st)
}
