package ip

import (
	"fmt"
	"slices"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

var ofARP = feature.Texts{
	"static": "Static ARP entries", "dynamic": "Dynamic ARP entries", "all": "All ARP entries", "count": "The number of ARP entries",
	"interface": "ARP entries of an interface", "timer": "ARP timers", "aging": "Aging time of dynamic ARP entries", "<minutes>": "Aging time in minutes",
	"<mac>": "MAC address", "vlan": "ARP entries of a VLAN",
}

var arpCommands = slices.Concat(
	[]feature.Command{
		command("system", "arp static <address:ip> <mac:mac>", ofARP, addARP),
		command("system", "undo arp <address:ip>", ofARP, removeARP),
		command("any", "display arp [ all | dynamic | static | interface <interface:interface> ] [ count | verbose ]", ofARP, displayARP),
		command("any", "display arp <address:ip> [ verbose ]", ofARP, displayARP),
		command("any", "display arp timer aging", ofARP, func(x *feature.Exec, _ *cli.Args) {
			x.Printf("Current ARP aging time is %d minute(s)\n", x.Box.Stack.ARPAgeing()/time.Minute)
		}),
		command("user", "reset arp { all | dynamic | static | interface <interface:interface> }", ofARP, resetARP),
	},
	both("system", "arp timer aging <minutes:1-1440>", "arp timer aging", ofARP, func(x *feature.Exec, a *cli.Args, on bool) {
		d := time.Duration(a.Int("minutes")) * time.Minute
		x.Box.Stack.SetARPAgeing(d)
		put(x, placeARP, "arp timer aging", fmt.Sprintf("arp timer aging %d", a.Int("minutes")), on && d != stack.ARPAgeing)
	}),
)

func arpKey(address string) string { return "arp static " + address }

func addARP(x *feature.Exec, a *cli.Args) {
	addr := a.Addr("address")
	mac, err := wire.ParseMAC(a.Str("mac"))
	switch {
	case err != nil || mac.Group() || mac.IsZero():
		x.Error("Error: Invalid MAC address.")
	case addr.IsUnspecified() || addr.IsMulticast() || addr.IsLoopback():
		x.Error("Error: Invalid IP address.")
	case x.Box.Stack.IsLocal(addr):
		x.Error("Error: The IP address is an address of this device.")
	default:
		x.Box.Conf.Root().Set(placeARP, arpKey(addr.String()), arpKey(addr.String())+" "+a.Str("mac"))
		x.Box.Stack.SetARP(addr, mac)
	}
}

func removeARP(x *feature.Exec, a *cli.Args) {
	x.Box.Conf.Root().Remove(arpKey(a.Str("address")))
	if !x.Box.Stack.RemoveARP(a.Addr("address")) {
		x.Error("Error: The ARP entry does not exist.")
	}
}

func resetARP(x *feature.Exec, a *cli.Args) {
	if a.Has("all") || a.Has("static") {
		for _, e := range x.Box.Stack.ARP() {
			if e.Static {
				x.Box.Conf.Root().Remove(arpKey(e.Addr.String()))
				x.Box.Stack.RemoveARP(e.Addr)
			}
		}
	}
	switch {
	case a.Has("interface"):
		x.Box.Stack.ClearARP(x.Box.Stack.Iface(a.Str("interface")))
	case !a.Has("static"):
		x.Box.Stack.ClearARP(nil)
	}
}

func displayARP(x *feature.Exec, a *cli.Args) {
	all := slices.DeleteFunc(x.Box.Stack.ARP(), func(e stack.ARPEntry) bool {
		name := a.Str("interface")
		return a.Has("dynamic") && e.Static || a.Has("static") && !e.Static ||
			name != "" && (e.Iface == nil || e.Iface.Name() != name) || a.Has("address") && e.Addr != a.Addr("address")
	})
	if a.Has("count") {
		x.Printf(" Total number of entries : %d\n", len(all))
		return
	}
	x.Print("  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid\n")
	x.Printf("%-15s %-14s %-8s %-24s %-5s %s\n", "IP address", "MAC address", "VLAN", "Interface", "Aging", "Type")
	if a.Has("verbose") {
		x.Printf("%-30s %s\n", "Vpn Instance", "NickNameRb")
	}
	for _, e := range all {
		iface, aging, kind := "--", "--", "S"
		if e.Iface != nil {
			iface = cli.ShortInterface(e.Iface.Name())
		}
		if !e.Static {
			aging, kind = fmt.Sprint(int(e.Left/time.Second)), "D"
		}
		x.Printf("%-15s %-14s %-8s %-24s %-5s %s\n", e.Addr, e.MAC, "--", iface, aging, kind)
		if a.Has("verbose") {
			x.Printf("%-30s %s\n", "No Vrf", "0x0000")
		}
	}
}
