package ip

import (
	"slices"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

var ofDisplay = feature.Texts{
	"interface": "Interface status and configuration information", "brief": "Brief information of status and configuration for interface(s)",
	"description": "Complete description", "down": "Interfaces in down state",
}

var displayInterfaceCommands = []feature.Command{
	command("any", "display interface [ <interface:interface> | <type:iftype> ] [ brief [ description | down ] ]", ofDisplay, displayInterface),
}

func displayInterface(x *feature.Exec, a *cli.Args) {
	which := chosen(x, a)
	if len(which) == 0 {
		absent(x, a.Str("interface"))
		return
	}
	if !a.Has("brief") {
		for _, i := range which {
			x.Print(long(x.Box, i))
		}
		return
	}
	bridge := slices.DeleteFunc(slices.Clone(which), func(i *stack.Iface) bool { return !bridged(x.Box, i.Name()) })
	route := slices.DeleteFunc(which, func(i *stack.Iface) bool { return bridged(x.Box, i.Name()) })
	for _, part := range []struct {
		which []*stack.Iface
		mode  string
	}{{route, "route"}, {bridge, "bridge"}} {
		switch {
		case len(part.which) == 0:
		case a.Has("down"):
			briefDown(x, part.which, part.mode)
		case part.mode == "bridge":
			briefBridge(x, part.which, a.Has("description"))
		default:
			brief(x, part.which, a.Has("description"))
		}
	}
}

// briefText is how much of a description the table shows.
const briefText = 27

func brief(x *feature.Exec, which []*stack.Iface, whole bool) {
	x.Print("Brief information on interfaces in route mode:\nLink: ADM - administratively down; Stby - standby\nProtocol: (s) - spoofing\n")
	x.Printf("%-20s %-4s %-8s %-17s %-*s\n", "Interface", "Link", "Protocol", "Primary IP", briefText, "Description")
	for _, i := range which {
		protocol := "DOWN"
		if i.Up() {
			protocol = "UP"
			if spoofing(i) {
				protocol = "UP(s)"
			}
		}
		x.Printf("%-20s %-4s %-8s %-17s %s\n", cli.ShortInterface(i.Name()), linkState(i), protocol, address(i), shortText(x.Box, i, whole))
	}
	x.Print("\n")
}

// briefBridge is the part for ports in bridge mode.
func briefBridge(x *feature.Exec, which []*stack.Iface, whole bool) {
	x.Print("Brief information on interfaces in bridge mode:\nLink: ADM - administratively down; Stby - standby\nSpeed: (a) - auto\n" +
		"Duplex: (a)/A - auto; H - half; F - full\nType: A - access; T - trunk; H - hybrid\n")
	x.Printf("%-20s %-4s %-9s %-6s %-4s %-4s %-*s\n", "Interface", "Link", "Speed", "Duplex", "Type", "PVID", briefText, "Description")
	for _, i := range which {
		p := portOf(x.Box, i)
		speed, duplex, kind := p.brief(i.Up())
		x.Printf("%-20s %-4s %-9s %-6s %-4s %-4d %s\n", cli.ShortInterface(i.Name()), linkState(i), speed, duplex, kind, p.pvid, shortText(x.Box, i, whole))
	}
	x.Print("\n")
}

func linkState(i *stack.Iface) string {
	switch {
	case !i.AdminUp():
		return "ADM"
	case !i.Up():
		return "DOWN"
	}
	return "UP"
}

func shortText(b *feature.Box, i *stack.Iface, whole bool) string {
	text := description(b.Conf.Root(), i.Name())
	if r := []rune(text); len(r) > briefText && !whole {
		return string(r[:briefText])
	}
	return text
}

func briefDown(x *feature.Exec, which []*stack.Iface, mode string) {
	x.Printf("Brief information on interfaces in %s mode:\nLink: ADM - administratively down; Stby - standby\n", mode)
	x.Printf("%-20s %-4s %s\n", "Interface", "Link", "Cause")
	for _, i := range which {
		switch state := linkState(i); state {
		case "ADM":
			x.Printf("%-20s %-4s %s\n", cli.ShortInterface(i.Name()), state, "Administratively")
		case "DOWN":
			x.Printf("%-20s %-4s %s\n", cli.ShortInterface(i.Name()), state, downCause(i))
		}
	}
	x.Print("\n")
}

// downCause is why an interface that is not shut down is down.
func downCause(i *stack.Iface) string {
	if i.Main() != nil && i.Main().Up() {
		return "No VLAN termination"
	}
	return "Not connected"
}

func address(i *stack.Iface) string {
	if !i.Addr().IsValid() {
		return "--"
	}
	return i.Addr().Addr().String()
}
