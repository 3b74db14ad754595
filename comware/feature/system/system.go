// Package system is what every Comware 7 device has without any protocol:
// views and how to leave them, the device name and clock, and the displays of
// the hardware. Command and output forms are those of the Comware 7 command
// references "CLI" and "Device management", and of captures of 7.1.064
// firewalls.
//
// Limitations: the time of the world is the local time of the device, so a
// time zone is kept and shown but moves no clock.
package system

import (
	"slices"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// Version is the version of the operating system.
const Version = "7.1.064"

// Feature is the system itself.
var Feature = feature.Feature{
	Name:     "system",
	Commands: slices.Concat(viewCommands, nameCommands, clockCommands, deviceCommands),
	Install:  install,
}

func install(b *feature.Box) {
	root := b.Conf.Root()
	root.Set(feature.PlaceVersion, "version", "version "+Version+", "+b.Model.Release)
	root.Set(feature.PlaceSysname, "sysname", "sysname H3C")
}

var viewCommands = []feature.Command{
	{Views: "user", Syntax: "system-view", Help: "system-view=Enter the System View",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Print("System View: return to User View with Ctrl+Z.\n")
			x.Enter(feature.ViewState{Name: "system"})
		}},
	{Views: "any", Syntax: "quit", Help: "quit=Exit from current command view",
		Run: func(x *feature.Exec, _ *cli.Args) { x.Quit() }},
	{Views: "system", Syntax: "return", Help: "return=Exit to User View",
		Run: func(x *feature.Exec, _ *cli.Args) { x.Shell.Return() }},
	{Views: "system", Syntax: "version <text:text:1-255>", Help: "version=Version of the configuration file;<text>=Version",
		Hidden: true, Run: func(*feature.Exec, *cli.Args) {}},
}

var nameCommands = []feature.Command{
	{Views: "system", Syntax: "sysname <name:string:1-64>", Help: "sysname=Specify the host name;<name>=Host name",
		Run: func(x *feature.Exec, a *cli.Args) {
			x.Box.Conf.Root().Set(feature.PlaceSysname, "sysname", "sysname "+a.Str("name"))
		}},
	{Views: "system", Syntax: "undo sysname", Help: "sysname=Specify the host name",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Box.Conf.Root().Set(feature.PlaceSysname, "sysname", "sysname H3C")
		}},
}
