// Package system is what every Comware 7 device has without any protocol:
// views and how to leave them, the device name and clock, and the displays of
// the hardware. Command and output forms are those of the Comware 7 command
// references "CLI" and "Device management", and of captures of 7.1.064
// firewalls.
//
// Limitations:
//   - The hardware is a description: its tables show the product's parts as
//     present and in order, serial numbers and dates are drawn from the lab's
//     streams, the MAC address is that of the first port.
//   - The CPU usage is a model. Every IPv4 packet that comes in or goes out is
//     taken to cost 20 us, a timer of a protocol 10 us, a command 30 ms; what
//     the daemons take at rest belongs to the model of the product. The three
//     periods follow one another from the boot on, and the last complete one
//     is shown.
//   - The memory is a model: what the software takes belongs to the product,
//     and sessions, routes, ARP entries, rules, SAs, sessions of persons and
//     lines of the configuration are taken to need a fixed amount each.
//   - A temperature is what a sensor reads at rest and some degrees more with
//     the usage of the CPU; nothing happens beyond a limit but the alarm.
//   - No license can be installed, no transceiver plugged in.
//   - The time of the world is the local time of a device that boots for the
//     first time; a time zone given later moves the shown time. The time is
//     the device's own, whatever `clock protocol` says, and begins with that of
//     the world again when a lab is opened.
//   - The log file of the scheduler is lost with a reboot. How a schedule's
//     type is worded other than for a delay is not documented.
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
	Name:  "system",
	Views: schedulerViews,
	Commands: slices.Concat(viewCommands, nameCommands, clockCommands, versionCommands, hardwareCommands, cpuCommands, memoryCommands,
		schedulerCommands, diagnosticCommands, restoreCommands),
	Install: install,
}

func install(b *feature.Box) {
	root := b.Conf.Root()
	root.Set(feature.PlaceVersion, "version", "version "+Version+", "+b.Model.Release)
	root.Set(feature.PlaceSysname, "sysname", "sysname H3C")
	newLoad(b)
	newClock(b)
	feature.Put(b, &scheduler{box: b})
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
			x.Box.Conf.Root().Set(feature.PlaceSysname, "sysname", a.Line())
		}},
	{Views: "system", Syntax: "undo sysname", Help: "sysname=Specify the host name",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Box.Conf.Root().Set(feature.PlaceSysname, "sysname", "sysname H3C")
		}},
}
