package ip

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

var ofTable = feature.Texts{
	"ip": "IP information", "routing-table": "Routing table information", "<address>": "Destination IP address",
	"<mask>": "Mask or mask length of the destination", "longer-match": "The route of the longest mask only", "to": "Specify the end of a range",
	"<last>": "Last destination IP address", "protocol": "Specify a routing protocol", "direct": "Direct routes", "static": "Static routes",
	"bgp": "BGP routes", "isis": "IS-IS routes", "ospf": "OSPF routes", "rip": "RIP routes", "inactive": "Inactive routes", "statistics": "Statistics of the routing table", "verbose": "Detailed information",
	"fib": "Forwarding Information Base (FIB) information", "all": "All routing protocols", "reset": "Reset operation",
}

var displayRouteCommands = []feature.Command{
	command("any", "display ip routing-table [ verbose ]", ofTable, displayRoutes),
	command("any", "display ip routing-table <address:ip> [ <mask:mask> ] [ longer-match ] [ verbose ]", ofTable, displayRoutes),
	command("any", "display ip routing-table <address:ip> to <last:ip> [ verbose ]", ofTable, displayRoutes),
	command("any", "display ip routing-table protocol { bgp | direct | isis | ospf | rip | static } [ inactive | verbose ]", ofTable, byProtocol),
	command("any", "display ip routing-table statistics", ofTable, routeStatistics),
	command("user", "reset ip routing-table statistics protocol { all | direct | static }", ofTable, func(x *feature.Exec, a *cli.Args) {
		for _, p := range protocols {
			if a.Has("all") || a.Has(strings.ToLower(p)) {
				x.Box.Stack.ClearChanges(p)
			}
		}
	}),
	command("any", "display fib [ <address:ip> [ <mask:mask> ] ]", ofTable, displayFIB),
}

// protocols are those that make routes here.
var protocols = []string{"Direct", "Static"}

// protocolNames are the names of protocols by keyword. Nothing runs the others:
// they have no routes.
var protocolNames = []struct{ keyword, name string }{
	{"bgp", "BGP"}, {"direct", "Direct"}, {"isis", "ISIS"}, {"ospf", "OSPF"}, {"rip", "RIP"}, {"static", "Static"},
}

// A row is one route of a display, in use or not.
type row struct {
	stack.RouteEntry
	active bool
}

// rows are the routes in use, and those that are not after the routes in use
// of the same destination.
func rows(x *feature.Exec) []row {
	s := x.Box.Stack
	var all []row
	for _, e := range s.Routes() {
		all = append(all, row{e, true})
	}
	for _, r := range s.Statics() {
		e, _ := s.Resolve(r)
		used := func(o row) bool {
			return o.active && o.Dst == e.Dst && o.Proto == e.Proto && o.Pre == e.Pre && o.NextHop == e.NextHop && o.Interface == e.Interface
		}
		if slices.ContainsFunc(all, used) {
			continue
		}
		if e.Interface == "" {
			e.Interface = r.Iface
		}
		all = append(all, row{e, false})
	}
	slices.SortStableFunc(all, func(a, b row) int {
		if c := a.Dst.Addr().Compare(b.Dst.Addr()); c != 0 {
			return c
		}
		return a.Dst.Bits() - b.Dst.Bits()
	})
	return all
}

func destinations(all []row) int {
	n := 0
	for i := range all {
		if i == 0 || all[i].Dst != all[i-1].Dst {
			n++
		}
	}
	return n
}

func table(x *feature.Exec, all []row) {
	x.Printf("%-18s %-7s %-3s %-11s %-15s %s\n", "Destination/Mask", "Proto", "Pre", "Cost", "NextHop", "Interface")
	for i, e := range all {
		if i > 0 && e.Dst == all[i-1].Dst && e.Proto == all[i-1].Proto && e.Pre == all[i-1].Pre {
			x.Printf("%42s %-15s %s\n", "", orZero(e.NextHop), cli.ShortInterface(e.Interface)) // of equal cost
			continue
		}
		x.Printf("%-18s %-7s %-3d %-11d %-15s %s\n", e.Dst, e.Proto, e.Pre, e.Cost, orZero(e.NextHop), cli.ShortInterface(e.Interface))
	}
}

func displayRoutes(x *feature.Exec, a *cli.Args) {
	all := rows(x)
	if !a.Has("verbose") {
		all = slices.DeleteFunc(all, func(e row) bool { return !e.active })
	}
	summary := a.Has("address")
	if summary {
		all = slices.DeleteFunc(all, func(e row) bool { return !asked(a, e.Dst) })
		if a.Has("longer-match") && len(all) > 0 {
			longest := all[len(all)-1].Dst.Bits()
			all = slices.DeleteFunc(all, func(e row) bool { return e.Dst.Bits() != longest })
		}
		x.Printf("\nSummary Count : %d\n", len(all))
	} else {
		x.Printf("\nDestinations : %-9d Routes : %d\n", destinations(all), len(all))
	}
	switch {
	case len(all) == 0:
	case a.Has("verbose"):
		details(x, all)
	default:
		x.Print("\n")
		table(x, all)
	}
}

// asked says whether the command asks for a destination.
func asked(a *cli.Args, dst netip.Prefix) bool {
	addr := a.Addr("address")
	switch {
	case a.Has("to"):
		return dst.Addr().Compare(addr) >= 0 && dst.Addr().Compare(a.Addr("last")) <= 0
	case a.Has("mask"):
		return dst.Bits() <= a.Int("mask") && dst.Contains(addr)
	}
	return dst.Contains(addr)
}

// details are the blocks of verbose. A NibID counts the next hops of the
// protocol in the order of the table; Flags are those that the command
// reference shows for a route of the kind.
func details(x *feature.Exec, all []row) {
	nibs := map[string]int{}
	for _, e := range rows(x) {
		if k := nibKey(e); nibs[k] == 0 {
			if e.Proto == "Direct" {
				nibs[k] = 0x10000000 + len(nibs)
			} else {
				nibs[k] = 0x11000000 + len(nibs)
			}
		}
	}
	for _, e := range all {
		original, state := e.Original, "Active Adv"
		if !original.IsValid() {
			original = e.NextHop
		}
		switch {
		case !e.active:
			state = "Inactive Adv"
		case e.Proto == "Direct" && (e.Dst.Bits() == 32 || strings.HasPrefix(e.Interface, "InLoop") || strings.HasPrefix(e.Interface, "NULL")):
			state = "Active NoAdv"
		}
		age := "N/A"
		if e.active {
			age = ageOf(x.Box.Now().Sub(e.Since))
		}
		out := e.Interface
		if out == "" {
			out = "N/A"
		}
		x.Printf("\n Destination: %s\n", e.Dst)
		for _, l := range [][4]string{
			{"Protocol", e.Proto, "Process ID", "0"},
			{"SubProtID", "0x0", "Age", age},
			{"Cost", fmt.Sprint(e.Cost), "Preference", fmt.Sprint(e.Pre)},
			{"IpPre", "N/A", "QosLocalID", "N/A"},
			{"Tag", fmt.Sprint(e.Tag), "State", state},
			{"OrigTblID", "0x0", "OrigVrf", "default-vrf"},
			{"TableID", "0x2", "OrigAs", "0"},
			{"NibID", fmt.Sprintf("%#x", nibs[nibKey(e)]), "LastAs", "0"},
			{"AttrID", "0xffffffff", "Neighbor", "0.0.0.0"},
			{"Flags", fmt.Sprintf("%#x", flagsOf(e)), "OrigNextHop", orZero(original).String()},
			{"Label", "NULL", "RealNextHop", orZero(e.NextHop).String()},
			{"BkLabel", "NULL", "BkNextHop", "N/A"},
			{"Tunnel ID", "Invalid", "Interface", out},
			{"BkTunnel ID", "Invalid", "BkInterface", "N/A"},
			{"FtnIndex", "0x0", "TrafficIndex", "N/A"},
		} {
			// The colons stand in columns 12 and 40.
			left := fmt.Sprintf("%12s: %s", l[0], l[1])
			x.Printf("%s%*s: %s\n", left, 40-len(left), l[2], l[3])
		}
		x.Printf("%12s: %s\n", "Connector", "N/A")
	}
}

func nibKey(e row) string { return e.Proto + " " + e.NextHop.String() + " " + e.Interface }

func flagsOf(e row) int {
	flags := 0x8c
	switch {
	case strings.HasPrefix(e.Interface, "InLoop"):
		flags = 0xc
	case e.Proto == "Direct" && e.Dst.Bits() < 32:
		flags = 0x80
	}
	if e.active {
		flags |= 0x10000
	}
	return flags
}

// ageOf is how long a route has been there: hours, minutes and seconds, days
// from the second on.
func ageOf(d time.Duration) string {
	s := int(d / time.Second)
	if days := s / 86400; days > 0 {
		return fmt.Sprintf("%02dd%02dh%02dm", days, s/3600%24, s/60%60)
	}
	return fmt.Sprintf("%02dh%02dm%02ds", s/3600, s/60%60, s%60)
}

func byProtocol(x *feature.Exec, a *cli.Args) {
	proto := ""
	for _, p := range protocolNames {
		if a.Has(p.keyword) {
			proto = p.name
		}
	}
	var parts [2][]row
	for _, e := range rows(x) {
		if e.Proto != proto {
			continue
		}
		if e.active {
			parts[0] = append(parts[0], e)
		} else {
			parts[1] = append(parts[1], e)
		}
	}
	if a.Has("inactive") {
		parts[0] = nil
	}
	x.Printf("\nSummary Count : %d\n", len(parts[0])+len(parts[1]))
	for n, name := range []string{"Active", "Inactive"} {
		if n == 0 && a.Has("inactive") {
			continue
		}
		x.Printf("\n%s Routing Table Status : <%s>\nSummary Count : %d\n", proto, name, len(parts[n]))
		switch {
		case len(parts[n]) == 0:
		case a.Has("verbose"):
			details(x, parts[n])
		default:
			x.Print("\n")
			table(x, parts[n])
		}
	}
}

func orZero(a netip.Addr) netip.Addr {
	if !a.IsValid() {
		return netip.IPv4Unspecified()
	}
	return a
}

func routeStatistics(x *feature.Exec, _ *cli.Args) {
	all := rows(x)
	line := func(name string, n [4]int) { x.Printf("%-10s %-11d %-11d %-11d %d\n", name, n[0], n[1], n[2], n[3]) }
	active := slices.DeleteFunc(slices.Clone(all), func(e row) bool { return !e.active })
	x.Printf("\nTotal prefixes: %-8d Active prefixes: %d\n\n", destinations(all), destinations(active))
	x.Printf("%-10s %-11s %-11s %-11s %s\n", "Proto", "route", "active", "added", "deleted")
	var total [4]int
	for _, p := range protocols {
		c := x.Box.Stack.Changes(p)
		n := [4]int{2: int(c.Added), 3: int(c.Deleted)}
		for _, e := range all {
			if e.Proto == p {
				n[0]++
				if e.active {
					n[1]++
				}
			}
		}
		line(strings.ToUpper(p), n)
		for i := range n {
			total[i] += n[i]
		}
	}
	for _, p := range []string{"RIP", "OSPF", "ISIS", "BGP"} { // nothing runs them: they have no routes
		line(p, [4]int{})
	}
	line("Total", total)
}

// displayFIB shows what the routes make of a packet; the flags are those of
// the command reference. An address alone asks for the longest match.
func displayFIB(x *feature.Exec, a *cli.Args) {
	all := rows(x)
	all = slices.DeleteFunc(all, func(e row) bool { return !e.active })
	if a.Has("address") {
		found, ok := x.Box.Stack.Lookup(a.Addr("address"))
		all = slices.DeleteFunc(all, func(e row) bool {
			if a.Has("mask") {
				return e.Dst != a.Prefix("address", "mask").Masked()
			}
			return !ok || e.Dst != found.Dst
		})
	}
	x.Printf("Destination count: %d FIB entry count: %d\n\n", destinations(all), len(all))
	x.Print("Flag:\n  U:Usable   G:Gateway   H:Host   B:Blackhole   D:Dynamic   S:Static\n  R:Relay    F:FRR\n")
	if len(all) == 0 {
		return
	}
	x.Printf("\n%-18s %-15s %-8s %-24s %s\n", "Destination/Mask", "Nexthop", "Flag", "OutInterface/Token", "Label")
	for i, e := range all {
		flag, dst := "U", e.Dst.String()
		if i > 0 && e.Dst == all[i-1].Dst {
			dst = ""
		}
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
		if e.Original.IsValid() && !e.Original.IsUnspecified() && e.Original != e.NextHop {
			flag += "R"
		}
		x.Printf("%-18s %-15s %-8s %-24s %s\n", dst, orZero(e.NextHop), flag, cli.ShortInterface(e.Interface), "Null")
	}
}
