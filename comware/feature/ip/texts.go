package ip

import (
	"maps"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// words are the help texts of tokens that mean the same in most commands.
var words = feature.Texts{
	"display": "Display current system information", "undo": "Cancel current setting", "reset": "Reset operation",
	"debugging": "Enable system debugging functions",
	"interface": "Specify an interface", "<interface>": "Interface name", "<type>": "Interface type",
	"ip": "Specify IP configurations for the system", "arp": "Address Resolution Protocol (ARP) module",
	"<address>": "IP address", "<mask>": "Mask or mask length of the IP address",
	"all": "All entries", "dynamic": "Dynamic entries", "static": "Static entries", "count": "Number of entries",
	"verbose": "Detailed information", "brief": "Brief information", "description": "Description of the interface",
	"enable": "Enable the function", "statistics": "Statistics", "<host>": "IP address or host name of the destination",
	"inbound": "Received packets", "outbound": "Sent packets", "counters": "Counters of interfaces",
	"acl": "Only packets that an ACL permits", "<acl>": "ACL number", "packet": "Packets", "icmp": "Internet Control Message Protocol",
}

// command is a command whose texts are words, but for those of more.
func command(views, syntax string, more feature.Texts, run func(x *feature.Exec, a *cli.Args)) feature.Command {
	return with(more).Command(views, syntax, run)
}

func with(more feature.Texts) feature.Texts {
	t := maps.Clone(words)
	maps.Copy(t, more)
	return t
}

// both is a command and its undo form, told apart by on.
func both(views, syntax, undo string, more feature.Texts, run func(x *feature.Exec, a *cli.Args, on bool)) []feature.Command {
	return []feature.Command{
		command(views, syntax, more, func(x *feature.Exec, a *cli.Args) { run(x, a, true) }),
		command(views, "undo "+undo, more, func(x *feature.Exec, a *cli.Args) { run(x, a, false) }),
	}
}

// flag is a one-line command of the system view that is there or not.
func flag(place int, line string, more feature.Texts, set func(b *feature.Box, on bool)) []feature.Command {
	return both("system", line, line, more, func(x *feature.Exec, _ *cli.Args, on bool) {
		set(x.Box, on)
		put(x, place, line, line, on)
	})
}

// put sets a line of the view or removes it.
func put(x *feature.Exec, place int, key, line string, on bool) {
	if on {
		x.Node().Set(place, key, line)
	} else {
		x.Node().Remove(key)
	}
}
