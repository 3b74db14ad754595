// Package kept holds the commands that configurations of real firewalls hold
// and that nothing here acts on: they are understood, kept in order and printed
// back.
package kept

import (
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// A kept line is a command of the system view that configurations of real
// devices hold and that nothing here acts on.
type kept struct {
	place  int
	syntax string
	key    int // number of words that say what it replaces; 0 for the whole line
	help   string
}

var keptLines = []kept{
	{feature.PlaceTelnet, "telnet server enable", 0, "telnet=Telnet;server=Server;enable=Enable the server"},
	{feature.PlacePasswordRecovery, "password-recovery enable", 0, "password-recovery=Password recovery;enable=Enable"},
	{feature.PlaceScheduler, "scheduler logfile size <size:16-1024>", 3, "scheduler=Scheduled tasks;logfile=Log file;size=Size of the file;<size>=Size in KB"},
	{feature.PlaceClock, "clock protocol { none | ntp }", 2, "clock=Specify the system clock;protocol=Source of the time;none=The device itself;ntp=Network Time Protocol"},
	{feature.PlaceSSH, "ssh server enable", 0, "ssh=Secure Shell;server=Server;enable=Enable the server"},
	{feature.PlaceSSH, "sftp server enable", 0, "sftp=Secure FTP;server=Server;enable=Enable the server"},
	{feature.PlaceSSH, "ssh user <name:string:1-80> service-type { all | netconf | scp | sftp | stelnet } authentication-type { any | password | publickey }", 3,
		"ssh=Secure Shell;user=SSH user;<name>=User name;service-type=Service;all=All services;netconf=NETCONF;scp=SCP;sftp=SFTP;stelnet=Stelnet;" +
			"authentication-type=Authentication;any=Password or key;password=Password;publickey=Key"},
	{feature.PlaceDomain + 10, "domain default enable <name:string:1-255>", 3, "domain=ISP domain;default=Default domain;enable=Set the default domain;<name>=Domain name"},
	{feature.PlaceHTTP, "ip http enable", 0, "ip=Internet Protocol;http=HTTP service;enable=Enable the service"},
	{feature.PlaceHTTP, "ip https enable", 0, "ip=Internet Protocol;https=HTTPS service;enable=Enable the service"},
}

// keptViews are views of real configurations in which lines are only kept.
var keptViews = []struct {
	place               int
	syntax, view, label string
	help                string
}{
	{feature.PlaceVLAN, "vlan <id:1-4094>", "vlan", "vlan", "vlan=VLAN;<id>=VLAN number"},
	{feature.PlaceDomain, "domain <id:string:1-255>", "isp", "isp-", "domain=ISP domain;<id>=Domain name"},
	{feature.PlaceRole, "role name <id:string:1-63>", "role", "role-", "role=User role;name=Name of the role;<id>=Role name"},
	{feature.PlaceUserGroup, "user-group <id:string:1-32>", "user-group", "ugroup-", "user-group=User group;<id>=Group name"},
}

// Feature is what is only kept.
var Feature = feature.Feature{
	Name: "kept",
	Views: []feature.View{
		{Name: "role", Parent: "system", Title: "Role"},
		{Name: "isp", Parent: "system", Title: "ISP domain"},
		{Name: "vlan", Parent: "system", Title: "VLAN"},
	},
	Commands: keep(),
}

func keep() []feature.Command {
	var all []feature.Command
	for _, k := range keptLines {
		all = append(all, feature.Command{Views: "system", Syntax: k.syntax, Help: k.help, Kept: true,
			Run: func(x *feature.Exec, a *cli.Args) {
				text := a.Line()
				x.Box.Conf.Root().Set(k.place, keptKey(text, k.key), text)
			}})
		all = append(all, feature.Command{Views: "system", Syntax: "undo " + undoOf(k), Help: k.help, Kept: true,
			Run: func(x *feature.Exec, a *cli.Args) {
				x.Box.Conf.Root().Remove(strings.TrimPrefix(a.Line(), "undo "))
			}})
	}
	for _, v := range keptViews {
		enter := func(x *feature.Exec, a *cli.Args) {
			text := a.Line()
			x.Enter(feature.ViewState{Name: v.view, Suffix: v.label + a.Str("id"), Node: x.Box.Conf.Root().Open(v.place, text, text)})
		}
		all = append(all, feature.Command{Views: "system", Syntax: v.syntax, Help: v.help, Kept: true, Run: enter},
			feature.Command{Views: "system", Syntax: "undo " + v.syntax, Help: v.help, Kept: true,
				Run: func(x *feature.Exec, a *cli.Args) {
					root, text := x.Box.Conf.Root(), strings.TrimPrefix(a.Line(), "undo ")
					if n := root.Child(text); n != nil {
						x.Box.Drop(n)
						root.Remove(text)
					}
				}})
	}
	return append(all, feature.Command{Views: "role vlan", Syntax: "description <text:text:1-128>", Help: "description=Description;<text>=Text", Kept: true,
		Run: func(x *feature.Exec, a *cli.Args) { x.Node().Set(10, "description", "description "+a.Str("text")) }},
		feature.Command{Views: "role vlan", Syntax: "undo description", Help: "description=Description", Kept: true,
			Run: func(x *feature.Exec, _ *cli.Args) { x.Node().Remove("description") }})
}

func keptKey(text string, words int) string {
	f := strings.Fields(text)
	if words > 0 && words < len(f) {
		f = f[:words]
	}
	return strings.Join(f, " ")
}

// undoOf is the undo form of a line: what says which line it is.
func undoOf(k kept) string {
	if k.key == 0 {
		return k.syntax
	}
	var out []string
	n, depth := 0, 0
	for _, w := range strings.Fields(k.syntax) {
		if depth == 0 && n == k.key {
			break
		}
		out = append(out, w)
		switch w {
		case "{", "[":
			depth++
		case "}", "]":
			depth--
			n++
		case "|", "*":
		default:
			if depth == 0 {
				n++
			}
		}
	}
	return strings.Join(out, " ")
}
