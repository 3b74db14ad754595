package ip

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

const (
	helpUndo  = "undo=Cancel current setting; "
	helpRoute = "ip=Specify IP configurations for the system; route-static=Establish a static route; " +
		"<destination>=Destination IP address; <mask>=Mask or mask length of the destination; " +
		"<next>=IP address of the next hop; <interface>=Outgoing interface; preference=Specify the preference of the route; "
	helpErrors = "ip=Specify IP configurations for the system; "
)

var routeCommands = []feature.Command{
	{
		Views:  "system",
		Syntax: "ip route-static <destination:ip> <mask:mask> { <next:ip> | <interface:interface> [ <next:ip> ] } [ preference <preference:1-255> ]",
		Help:   helpRoute + "<preference>=Preference value",
		Run:    addRoute,
	},
	{
		Views:  "system",
		Syntax: "undo ip route-static <destination:ip> <mask:mask> [ <next:ip> | <interface:interface> [ <next:ip> ] ] [ preference <preference:1-255> ]",
		Help:   helpUndo + helpRoute + "<preference>=Preference value",
		Run:    removeRoute,
	},
	{
		Views: "system", Syntax: "ip ttl-expires enable",
		Help: helpErrors + "ttl-expires=ICMP time exceeded messages; enable=Enable the sending",
		Run: func(x *feature.Exec, _ *cli.Args) {
			setErrors(x, "ip ttl-expires enable", &x.Box.Stack.TTLExpires, true)
		},
	},
	{
		Views: "system", Syntax: "undo ip ttl-expires enable",
		Help: helpUndo + helpErrors + "ttl-expires=ICMP time exceeded messages; enable=Enable the sending",
		Run: func(x *feature.Exec, _ *cli.Args) {
			setErrors(x, "ip ttl-expires enable", &x.Box.Stack.TTLExpires, false)
		},
	},
	{
		Views: "system", Syntax: "ip unreachables enable",
		Help: helpErrors + "unreachables=ICMP destination unreachable messages; enable=Enable the sending",
		Run: func(x *feature.Exec, _ *cli.Args) {
			setErrors(x, "ip unreachables enable", &x.Box.Stack.IPUnreachables, true)
		},
	},
	{
		Views: "system", Syntax: "undo ip unreachables enable",
		Help: helpUndo + helpErrors + "unreachables=ICMP destination unreachable messages; enable=Enable the sending",
		Run: func(x *feature.Exec, _ *cli.Args) {
			setErrors(x, "ip unreachables enable", &x.Box.Stack.IPUnreachables, false)
		},
	},
	{
		Views: "any", Syntax: "display ip routing-table [ <address:ip> [ <mask:mask> ] | protocol { direct | static } | statistics ]",
		Help: "display=Display current system information; ip=IP information; routing-table=Routing table information; " +
			"<address>=Destination IP address; <mask>=Mask or mask length of the destination; protocol=Specify a routing protocol; direct=Direct routes; " +
			"static=Static routes; statistics=Statistics of the routing table",
		Run: displayRoutes,
	},
	{
		Views: "any", Syntax: "display fib",
		Help: "display=Display current system information; fib=Forwarding Information Base (FIB) information",
		Run:  displayFIB,
	},
}

// placeErrors is where the switches of ICMP errors stand.
const placeErrors = feature.PlaceVLAN + 10

func setErrors(x *feature.Exec, line string, which *bool, on bool) {
	*which = on
	if on {
		x.Box.Conf.Root().Set(placeErrors, line, line)
	} else {
		x.Box.Conf.Root().Remove(line)
	}
}

func routeOf(a *cli.Args) stack.Route {
	return stack.Route{
		Dst: a.Prefix("destination", "mask").Masked(), Next: a.Addr("next"), Iface: a.Str("interface"), Pref: a.Int("preference"),
	}
}

// routeKey is the line of a route without its preference.
func routeKey(r stack.Route) string {
	s := fmt.Sprintf("ip route-static %s %d", r.Dst.Addr(), r.Dst.Bits())
	if r.Iface != "" {
		s += " " + r.Iface
	}
	if r.Next.IsValid() {
		s += " " + r.Next.String()
	}
	return s
}

const defaultPreference = 60

func addRoute(x *feature.Exec, a *cli.Args) {
	r := routeOf(a)
	switch {
	case r.Next.IsValid() && (r.Next.IsUnspecified() || r.Next.IsMulticast() || r.Next.IsLoopback()):
		x.Error("Error: Invalid next hop address.")
		return
	case r.Iface != "" && x.Box.Stack.Iface(r.Iface) == nil:
		x.Error("Error: The interface does not exist.")
		return
	}
	if r.Pref == 0 {
		r.Pref = defaultPreference
	}
	line := routeKey(r)
	if r.Pref != defaultPreference {
		line += fmt.Sprintf(" preference %d", r.Pref)
	}
	x.Box.Conf.Root().Set(feature.PlaceStaticRoute, routeKey(r), line)
	x.Box.Stack.AddRoute(r)
}

func removeRoute(x *feature.Exec, a *cli.Args) {
	r := routeOf(a)
	var gone []stack.Route
	for _, o := range x.Box.Stack.Statics() {
		if o.Dst == r.Dst && (r.Iface == "" && !r.Next.IsValid() || o.Iface == r.Iface && o.Next == r.Next) &&
			(r.Pref == 0 || o.Pref == r.Pref) {
			gone = append(gone, o)
		}
	}
	if len(gone) == 0 {
		x.Error("Error: The route does not exist.")
		return
	}
	for _, o := range gone {
		x.Box.Stack.RemoveRoute(o)
		x.Box.Conf.Root().Remove(routeKey(o))
	}
}

func tableHead(x *feature.Exec) {
	x.Printf("%-18s %-7s %-3s %-11s %-15s %s\n", "Destination/Mask", "Proto", "Pre", "Cost", "NextHop", "Interface")
}

func tableRow(x *feature.Exec, e stack.RouteEntry) {
	x.Printf("%-18s %-7s %-3d %-11d %-15s %s\n", e.Dst, e.Proto, e.Pre, e.Cost, e.NextHop, cli.ShortInterface(e.Interface))
}

func displayRoutes(x *feature.Exec, a *cli.Args) {
	all := x.Box.Stack.Routes()
	switch {
	case a.Has("statistics"):
		routeStatistics(x, all)
	case a.Has("protocol"):
		proto := "Direct"
		if a.Has("static") {
			proto = "Static"
		}
		byProtocol(x, all, proto)
	case a.Has("address"):
		addr := a.Addr("address")
		all = slices.DeleteFunc(all, func(e stack.RouteEntry) bool {
			return !e.Dst.Contains(addr) || a.Has("mask") && e.Dst.Bits() != a.Int("mask")
		})
		x.Printf("\nSummary Count : %d\n", len(all))
		if len(all) > 0 {
			x.Print("\n")
			tableHead(x)
			for _, e := range all {
				tableRow(x, e)
			}
		}
	default:
		x.Printf("\nDestinations : %-9d Routes : %d\n\n", len(all), len(all))
		tableHead(x)
		for _, e := range all {
			tableRow(x, e)
		}
	}
}

func byProtocol(x *feature.Exec, all []stack.RouteEntry, proto string) {
	var active []stack.RouteEntry
	used := map[netip.Prefix]bool{}
	for _, e := range all {
		if e.Proto == proto {
			active = append(active, e)
			used[e.Dst] = true
		}
	}
	var idle []stack.RouteEntry
	if proto == "Static" {
		for _, r := range x.Box.Stack.Statics() {
			if !used[r.Dst] {
				idle = append(idle, stack.RouteEntry{Dst: r.Dst, Proto: proto, Pre: r.Pref, NextHop: orZero(r.Next), Interface: r.Iface})
			}
		}
	}
	x.Printf("\nSummary Count : %d\n", len(active)+len(idle))
	for _, part := range []struct {
		name string
		rows []stack.RouteEntry
	}{{"Active", active}, {"Inactive", idle}} {
		x.Printf("\n%s Routing Table Status : <%s>\nSummary Count : %d\n", proto, part.name, len(part.rows))
		if len(part.rows) == 0 {
			continue
		}
		x.Print("\n")
		tableHead(x)
		for _, e := range part.rows {
			tableRow(x, e)
		}
	}
}

func orZero(a netip.Addr) netip.Addr {
	if !a.IsValid() {
		return netip.IPv4Unspecified()
	}
	return a
}

func routeStatistics(x *feature.Exec, all []stack.RouteEntry) {
	static := 0
	for _, e := range all {
		if e.Proto == "Static" {
			static++
		}
	}
	configured := len(x.Box.Stack.Statics())
	direct := len(all) - static
	x.Printf("\nTotal prefixes: %-8d Active prefixes: %d\n\n", direct+configured, len(all))
	x.Printf("%-10s %-11s %s\n", "Proto", "route", "active")
	x.Printf("%-10s %-11d %d\n", "DIRECT", direct, direct)
	x.Printf("%-10s %-11d %d\n", "STATIC", configured, static)
	x.Printf("%-10s %-11d %d\n", "Total", direct+configured, len(all))
}

// displayFIB shows what the routes make of a packet; the flags are those of
// the command reference.
func displayFIB(x *feature.Exec, _ *cli.Args) {
	all := x.Box.Stack.Routes()
	x.Printf("Destination count: %d FIB entry count: %d\n\n", len(all), len(all))
	x.Print("Flag:\n  U:Usable   G:Gateway   H:Host   B:Blackhole   D:Dynamic   S:Static\n  R:Relay    F:FRR\n\n")
	x.Printf("%-18s %-15s %-8s %-24s %s\n", "Destination/Mask", "Nexthop", "Flag", "OutInterface/Token", "Label")
	for _, e := range all {
		flag := "U"
		if e.Proto == "Static" && !e.NextHop.IsUnspecified() {
			flag += "G"
		}
		if e.Dst.Bits() == 32 {
			flag += "H"
		}
		if strings.HasPrefix(e.Interface, "NULL") {
			flag += "B"
		}
		if e.Proto == "Static" {
			flag += "S"
		}
		x.Printf("%-18s %-15s %-8s %-24s %s\n", e.Dst, e.NextHop, flag, cli.ShortInterface(e.Interface), "Null")
	}
}
