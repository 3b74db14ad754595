// Package system is what every Comware 7 device has without any protocol:
// views and how to leave them, the device name and clock, the terminal, the
// information center, saving, reboot, and what is kept of lines, users and
// roles. Command and output forms are those of the Comware 7 command
// references "CLI", "Login management", "Device management", "Configuration
// file management", "Information center" and "AAA", and of captures of
// 7.1.064 firewalls.
//
// Limitations: the time of the world is the local time of the device, so a
// time zone is kept and shown but moves no clock. Passwords are kept as the
// device keeps them, nobody logs in with them. The share of the CPU is modelled
// on the packets that pass.
package system

import (
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// Version is the version of the operating system.
const Version = "7.1.064"

// Feature is the system itself.
var Feature = feature.Feature{
	Name: "system",
	Views: []feature.View{
		{Name: "line", Parent: "system", Title: "Line"},
		{Name: "line-class", Parent: "system", Title: "Line class"},
		{Name: "luser-manage", Parent: "system", Title: "Local-user"},
		{Name: "luser-network", Parent: "system", Title: "Local-user"},
		{Name: "user-group", Parent: "system", Title: "User-group"},
		{Name: "role", Parent: "system", Title: "Role"},
		{Name: "isp", Parent: "system", Title: "ISP domain"},
		{Name: "vlan", Parent: "system", Title: "VLAN"},
	},
	Commands: slices.Concat(viewCommands, nameCommands, clockCommands, deviceCommands, configCommands, fileCommands,
		terminalCommands, infoCommands, debugCommands, lineCommands, userCommands, keptCommands),
	Install: install,
}

// box is what the feature remembers of a box that runs.
type box struct {
	startup string // the file it booted from, "" for none
}

func install(b *feature.Box) {
	st := &box{}
	if _, ok := b.Flash.Read(b.Flash.Startup); ok {
		st.startup = b.Flash.Startup
	}
	feature.Put(b, st)
	root := b.Conf.Root()
	root.Set(feature.PlaceVersion, "version", "version "+Version+", "+b.Model.Release)
	root.Set(feature.PlaceSysname, "sysname", "sysname H3C")
	b.IdleTimeout = func() time.Duration { return idleTimeout(b) }
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
	{Views: "system", Syntax: "undo sysname", Help: "undo=Cancel current setting;sysname=Specify the host name",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Box.Conf.Root().Set(feature.PlaceSysname, "sysname", "sysname H3C")
		}},
}

// print prints lines.
func print(x *feature.Exec, lines []string) { x.Print(strings.Join(lines, "\n") + "\n") }

var configCommands = []feature.Command{
	{Views: "any", Syntax: "display current-configuration", Help: "display=Display current system information;current-configuration=Current configuration",
		Run: func(x *feature.Exec, _ *cli.Args) { print(x, x.Box.Conf.Lines()) }},
	{Views: "any", Syntax: "display current-configuration interface [ <name:interface> ]",
		Help: "interface=Display interface configuration;<name>=Interface",
		Run: func(x *feature.Exec, a *cli.Args) {
			want := "interface"
			if a.Has("name") {
				want += " " + a.Str("name")
			}
			print(x, x.Box.Conf.Section(func(n *conf.Node) bool {
				return n.Text == want || !a.Has("name") && strings.HasPrefix(n.Text, want+" ")
			}))
		}},
	{Views: "any", Syntax: "display current-configuration configuration [ <module:string:1-63> ]",
		Help: "configuration=Display configuration of a module;<module>=Name of the module, such as ike-profile",
		Run: func(x *feature.Exec, a *cli.Args) {
			print(x, x.Box.Conf.Section(func(n *conf.Node) bool { return ofModule(n, a.Str("module")) }))
		}},
	{Views: "any", Syntax: "display this", Help: "this=Display the configuration of the current view",
		Run: func(x *feature.Exec, _ *cli.Args) { print(x, this(x)) }},
	{Views: "any", Syntax: "display saved-configuration", Help: "saved-configuration=Saved configuration",
		Run: func(x *feature.Exec, _ *cli.Args) {
			if f, ok := x.Box.Flash.Read(x.Box.Flash.Startup); ok {
				x.Print(strings.TrimRight(f.Data, "\r\n") + "\n")
			}
		}},
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
