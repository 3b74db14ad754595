package nat

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/nat"
	"cwlab/emulator/zone"
)

var texts = feature.Texts{
	"<a>":               "Start port number",
	"<acl>":             "ACL number",
	"<acl-name>":        "ACL name",
	"<b>":               "End port number",
	"<destination>":     "IPv4 address",
	"<first>":           "Start IPv4 address",
	"<global>":          "Global IPv4 address",
	"<global-end>":      "End global IPv4 address",
	"<global-port>":     "Global port number or name",
	"<global-port-end>": "End global port number",
	"<group>":           "NAT address group number",
	"<group-name>":      "NAT address group name",
	"<rule>":            "Rule name",
	"<priority>":        "Priority of the rule",
	"rule":              "Specify the rule name",
	"priority":          "Specify the priority of the rule",
	"description":       "Describe the mapping",
	"<last>":            "End IPv4 address",
	"<local>":           "Local IPv4 address",
	"<local-end>":       "End local IPv4 address",
	"<local-port>":      "Local port number or name",
	"<local-port-end>":  "End local port number",
	"<local-start>":     "Start local IPv4 address",
	"<mask>":            "Mask or mask length",
	"<number>":          "Number",
	"<protocol>":        "Protocol number",
	"<source>":          "IPv4 address",
	"<text>":            "Rest of the command",
	"<vrid>":            "Virtual router ID",
	"acl":               "Specify an ACL",
	"address":           "Specify a range of addresses",
	"address-group":     "Specify a NAT address group",
	"all":               "All NAT information",
	"current-interface": "Use the address of the current interface",
	"<interface>":       "Interface name",
	"interface":         "Use the address of an interface",
	"debugging":         "Enable system debugging functions",
	"destination-ip":    "Specify a destination address",
	"disable":           "Disable the mapping",
	"display":           "Display current system information",
	"enable":            "Enable static NAT",
	"event":             "NAT event debugging",
	"global":            "Specify global information",
	"icmp":              "Internet Control Message Protocol (1)",
	"inbound":           "Inbound address translation",
	"inside":            "Specify local information",
	"local":             "Specify a range of local addresses",
	"name":              "Specify an ACL by its name",
	"nat":               "Network address translation",
	"net-to-net":        "Specify a net-to-net mapping",
	"no-pat":            "Translate without ports",
	"outbound":          "Outbound address translation",
	"packet":            "NAT packet debugging",
	"port-preserved":    "Try to preserve the port number",
	"port-range":        "Specify the port range of the addresses",
	"protocol":          "Specify a protocol",
	"reset":             "Reset operation",
	"reversible":        "Allow reverse address translation",
	"server":            "Internal server",
	"session":           "NAT sessions",
	"slot":              "Specify the slot number",
	"source-ip":         "Specify a source address",
	"static":            "Static address translation",
	"statistics":        "NAT statistics",
	"summary":           "Summary information",
	"tcp":               "Transmission Control Protocol (6)",
	"udp":               "User Datagram Protocol (17)",
	"undo":              "Cancel current setting",
	"verbose":           "Detailed information",
	"vrrp":              "Bind the mapping to a VRRP group",
	"vrid":              "Specify the virtual router ID",
}

const (
	list    = "{ <acl:2000-3999> | name <acl-name:string:1-63> }"
	byACL   = "acl " + list
	router  = "vrrp <vrid:1-255>"
	port    = "<%[1]s-port:string:1-15>"
	globals = "nat server [ protocol { tcp | udp | icmp | <protocol:1-255> } ] global { <global:ip> [ <global-end:ip> ] | current-interface | interface <interface:interface> } " +
		"[ <global-port:string:1-15> [ <global-port-end:1-65535> ] ]"
	locals     = "inside <local:ip> [ <local-end:ip> ] [ <local-port:string:1-15> [ <local-port-end:1-65535> ] ]"
	static     = "nat static outbound <local:ip> <global:ip>"
	staticNet  = "nat static outbound net-to-net <local-start:ip> <local-end:ip> global <global:ip> <mask:mask>"
	staticTail = " [ " + byACL + " [ reversible ] ] [ " + router + " ] [ rule <rule:string:1-63> ] [ priority <priority:0-2147483647> ] [ disable ] [ description <text:text:1-63> ]"
)

var commands = []feature.Command{
	texts.Command("system", "nat address-group <group:0-65535> [ name <group-name:string:1-63> ]", enterGroup),
	texts.Command("system", "undo nat address-group <group:0-65535>", removeGroup),
	texts.Command("nat-address-group", "address <first:ip> <last:ip>", addSpan),
	texts.Command("nat-address-group", "undo address <first:ip> <last:ip>", removeSpan),
	texts.Command("nat-address-group", "port-range <a:1-65535> <b:1-65535>", func(x *feature.Exec, a *cli.Args) { portRange(x, a.Int("a"), a.Int("b")) }),
	texts.Command("nat-address-group", "undo port-range", func(x *feature.Exec, _ *cli.Args) { portRange(x, 1, 65535) }),
	texts.Command("nat-address-group", "vrrp vrid <vrid:1-255>", func(x *feature.Exec, a *cli.Args) { bind(x, a.Int("vrid")) }),
	texts.Command("nat-address-group", "undo vrrp vrid", func(x *feature.Exec, _ *cli.Args) { bind(x, 0) }),

	texts.Command("interface", "nat outbound [ <acl:2000-3999> | name <acl-name:string:1-63> ] [ address-group <group:0-65535> ] [ no-pat [ reversible ] | port-preserved ] [ "+router+" ] [ rule <rule:string:1-63> ] [ priority <priority:0-2147483647> ] [ disable ] [ description <text:text:1-63> ]", addOutbound),
	texts.Command("interface", "undo nat outbound [ <acl:2000-3999> | name <acl-name:string:1-63> ]", removeOutbound),
	texts.Command("interface", globals+" "+locals+" [ "+byACL+" ] [ reversible ] [ "+router+" ] [ rule <rule:string:1-63> ] [ priority <priority:0-2147483647> ] [ disable ] [ description <text:text:1-63> ]", addServer),
	texts.Command("interface", "undo "+globals, removeServer),
	texts.Command("interface", "nat static enable", func(x *feature.Exec, _ *cli.Args) { enableStatic(x, true) }),
	texts.Command("interface", "undo nat static enable", func(x *feature.Exec, _ *cli.Args) { enableStatic(x, false) }),
	texts.Command("system", static+staticTail, addStatic),
	texts.Command("system", staticNet+staticTail, addStatic),
	texts.Command("system", "undo nat static outbound <local:ip>", removeStatic),
	texts.Command("system", "undo nat static outbound net-to-net <local-start:ip> <local-end:ip>", removeStatic),
}

// Places of lines: of the system view, and of an interface.
const (
	placeGroup    = feature.PlaceIntraZone + 20
	placeStatic   = feature.PlaceIntraZone + 30
	placeOutbound = 710
	placeServer   = 720
	placeEnable   = 730
)

func group(x *feature.Exec) *nat.Group { return x.View().Obj.(*nat.Group) }

func groupKey(n int) string { return fmt.Sprintf("nat address-group %d", n) }

func enterGroup(x *feature.Exec, a *cli.Args) {
	g := engine(x).AddGroup(a.Int("group"))
	if a.Has("group-name") {
		g.Name = a.Str("group-name")
	}
	line := groupKey(g.Number)
	if g.Name != "" {
		line += " name " + cli.Quote(g.Name)
	}
	x.Enter(feature.ViewState{Name: "nat-address-group", Suffix: fmt.Sprintf("address-group-%d", g.Number),
		Node: x.Box.Conf.Root().Open(placeGroup, groupKey(g.Number), line), Obj: g})
}

func removeGroup(x *feature.Exec, a *cli.Args) {
	e, n := engine(x), a.Int("group")
	if e.Group(n) == nil {
		x.Error("The NAT address group does not exist.")
		return
	}
	e.RemoveGroup(n)
	x.Box.Drop(x.Box.Conf.Root().Child(groupKey(n)))
	x.Box.Conf.Root().Remove(groupKey(n))
}

func spanLine(s nat.Span) string { return fmt.Sprintf("address %s %s", s.From, s.To) }

func addSpan(x *feature.Exec, a *cli.Args) {
	s := nat.Span{From: a.Addr("first"), To: a.Addr("last")}
	switch {
	case s.To.Less(s.From):
		x.Error("The end address must not be lower than the start address.")
		return
	case s.Size() > 256:
		x.Error("An address range can include up to 256 addresses.")
		return
	}
	for _, g := range engine(x).Groups() {
		for _, o := range g.Spans {
			if o == s && g == group(x) {
				return
			}
			if !s.To.Less(o.From) && !o.To.Less(s.From) {
				x.Error("The address range overlaps with another one.")
				return
			}
		}
	}
	g := group(x)
	g.Spans = append(g.Spans, s)
	slices.SortFunc(g.Spans, func(a, b nat.Span) int { return a.From.Compare(b.From) })
	x.Node().Set(20, spanLine(s), spanLine(s))
}

func removeSpan(x *feature.Exec, a *cli.Args) {
	g, s := group(x), nat.Span{From: a.Addr("first"), To: a.Addr("last")}
	if !slices.Contains(g.Spans, s) {
		x.Error("The address range does not exist.")
		return
	}
	g.Spans = slices.DeleteFunc(g.Spans, func(o nat.Span) bool { return o == s })
	engine(x).GroupChanged(g)
	x.Node().Remove(spanLine(s))
}

func portRange(x *feature.Exec, from, to int) {
	if to < from {
		x.Error("The end port must not be lower than the start port.")
		return
	}
	g := group(x)
	g.PortLo, g.PortHi = uint16(from), uint16(to)
	if from == 1 && to == 65535 {
		x.Node().Remove("port-range")
		return
	}
	x.Node().Set(10, "port-range", fmt.Sprintf("port-range %d %d", from, to))
}

func bind(x *feature.Exec, vrid int) {
	group(x).VRID = uint8(vrid)
	if vrid == 0 {
		x.Node().Remove("vrrp vrid")
		return
	}
	x.Node().Set(30, "vrrp vrid", fmt.Sprintf("vrrp vrid %d", vrid))
}

// aclRef is the access list of a line, "" for none.
func aclRef(a *cli.Args) string {
	if a.Has("acl-name") {
		return a.Str("acl-name")
	}
	return a.Str("acl")
}

func iface(x *feature.Exec) string {
	_, name, _ := strings.Cut(x.Node().Text, " ")
	return name
}

func outboundKey(a *cli.Args) string { return "nat outbound " + strings.ToLower(aclRef(a)) }

func addOutbound(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	o := &nat.Outbound{Iface: iface(x), ACL: aclRef(a), Group: -1, NoPAT: a.Has("no-pat"), Reverse: a.Has("reversible"),
		Preserve: a.Has("port-preserved"), VRID: uint8(a.Int("vrid")), Disabled: a.Has("disable")}
	if a.Has("address-group") {
		o.Group = a.Int("group")
	}
	if o.NoPAT && o.Group < 0 {
		x.Error("The no-pat keyword requires an address group.")
		return
	}
	for _, old := range e.Outbounds() {
		if o.Group >= 0 && old.Group == o.Group && old.NoPAT != o.NoPAT {
			x.Error("The address group is already used in another mode.")
			return
		}
	}
	// A line that differs in its rule or description alone translates the same.
	if old := outboundOf(e, o.Iface, o.ACL); old == nil || *old != *o {
		if old != nil {
			e.RemoveOutbound(old)
		}
		e.AddOutbound(o)
	}
	x.Node().Set(placeOutbound, outboundKey(a), a.Line())
}

func outboundOf(e *nat.Engine, iface, list string) *nat.Outbound {
	for _, o := range e.Outbounds() {
		if o.Iface == iface && strings.EqualFold(o.ACL, list) {
			return o
		}
	}
	return nil
}

func removeOutbound(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	o := outboundOf(e, iface(x), aclRef(a))
	if o == nil {
		x.Error("The outbound address translation does not exist.")
		return
	}
	e.RemoveOutbound(o)
	x.Node().Remove(outboundKey(a))
}

// portNames are the ports that a server may be given by name.
var portNames = map[string]uint16{"bgp": 179, "dns": 53, "domain": 53, "ftp": 21, "ftp-data": 20, "http": 80, "https": 443, "imap": 143, "ntp": 123,
	"pop3": 110, "smtp": 25, "snmp": 161, "snmptrap": 162, "ssh": 22, "syslog": 514, "tacacs": 49, "telnet": 23, "tftp": 69, "www": 80}

func portOf(word string) (uint16, bool) {
	if n, ok := portNames[strings.ToLower(word)]; ok {
		return n, true
	}
	n, err := strconv.ParseUint(word, 10, 16)
	return uint16(n), err == nil && n > 0
}

// ports is a range of ports of a line; the zero range when it has none.
func ports(a *cli.Args, which string) (r zone.Range[uint16], ok bool) {
	if !a.Has(which + "-port") {
		return r, true
	}
	if r.From, ok = portOf(a.Str(which + "-port")); !ok {
		return r, false
	}
	r.To = r.From
	if a.Has(which + "-port-end") {
		r.To = uint16(a.Int(which + "-port-end"))
	}
	return r, r.To >= r.From && r.To-r.From < 256
}

func protocol(a *cli.Args) uint8 {
	for _, p := range []struct {
		name string
		n    uint8
	}{{"tcp", 6}, {"udp", 17}, {"icmp", 1}} {
		if a.Has(p.name) {
			return p.n
		}
	}
	return uint8(a.Int("protocol"))
}

// server is the internal server of a line; why is what is wrong with it.
func server(x *feature.Exec, a *cli.Args) (s *nat.Server, why string) {
	s = &nat.Server{Iface: iface(x), Proto: protocol(a), AddrOf: a.Str("interface"), ACL: aclRef(a), VRID: uint8(a.Int("vrid")), Disabled: a.Has("disable")}
	if a.Has("current-interface") {
		s.AddrOf = s.Iface
	} else if t, _, _ := cli.TypeOf(s.AddrOf); s.AddrOf != "" && t.Name != "LoopBack" {
		return nil, "The operation is not supported on the specified interface."
	}
	var ok1, ok2 bool
	s.GlobalPorts, ok1 = ports(a, "global")
	s.LocalPorts, ok2 = ports(a, "local")
	span := func(from, to string) nat.Span {
		v := nat.Span{From: a.Addr(from), To: a.Addr(from)}
		if a.Has(to) {
			v.To = a.Addr(to)
		}
		return v
	}
	s.Global, s.Local = span("global", "global-end"), span("local", "local-end")
	var zero zone.Range[uint16]
	switch {
	case !ok1 || !ok2:
		return nil, "Invalid port range."
	case s.Proto == 0 && s.LocalPorts == zero && s.GlobalPorts == zero:
	case s.Proto != 6 && s.Proto != 17 && (s.GlobalPorts != zero || s.LocalPorts != zero):
		return nil, "Ports can be specified for TCP and UDP only."
	case s.GlobalPorts == zero && s.LocalPorts != zero && a.Has("inside"):
		return nil, "The global port must be specified."
	case s.Global.From.IsValid() && (s.Global.To.Less(s.Global.From) || s.Global.Size() > 256),
		s.Local.From.IsValid() && (s.Local.To.Less(s.Local.From) || s.Local.Size() > 256):
		return nil, "Invalid address range."
	}
	if a.Has("inside") && !fits(s) {
		return nil, "The numbers of global and local addresses or ports do not match."
	}
	return s, ""
}

// fits says whether the outside and the inside of a server go together.
func fits(s *nat.Server) bool {
	count := func(r zone.Range[uint16]) int { return int(r.To-r.From) + 1 }
	outside := max(count(s.GlobalPorts), 1)
	if s.AddrOf == "" {
		if s.Global.Size() > 1 && count(s.GlobalPorts) > 1 {
			return false
		}
		outside = max(outside, s.Global.Size())
	}
	n, m := s.Local.Size(), count(s.LocalPorts)
	return (n == 1 || n == outside) && (m == 1 || m == outside) && (n == 1 || m == 1)
}

// serverOf is the server of an interface with the outside of s, nil for none.
func serverOf(e *nat.Engine, s *nat.Server) *nat.Server {
	for _, o := range e.Servers() {
		if o.Iface == s.Iface && o.Proto == s.Proto && o.AddrOf == s.AddrOf && o.Global == s.Global && o.GlobalPorts == s.GlobalPorts {
			return o
		}
	}
	return nil
}

func serverKey(s *nat.Server) string {
	return fmt.Sprintf("nat server %d %s %s %s %05d %05d", s.Proto, s.AddrOf, s.Global.From, s.Global.To, s.GlobalPorts.From, s.GlobalPorts.To)
}

func addServer(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	s, why := server(x, a)
	if why != "" {
		x.Error(why)
		return
	}
	old := serverOf(e, s)
	if old != nil && *old != *s {
		x.Error("The internal server already exists.")
		return
	}
	if old == nil {
		e.AddServer(s)
	}
	x.Node().Set(placeServer, serverKey(s), a.Line())
}

func removeServer(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	s, why := server(x, a)
	if why != "" {
		x.Error(why)
		return
	}
	old := serverOf(e, s)
	if old == nil {
		x.Error("The internal server does not exist.")
		return
	}
	e.RemoveServer(old)
	x.Node().Remove(serverKey(s))
}

func enableStatic(x *feature.Exec, on bool) {
	const line = "nat static enable"
	engine(x).Enable(iface(x), on)
	if on {
		x.Node().Set(placeEnable, line, line)
	} else {
		x.Node().Remove(line)
	}
}

// staticOf is the mapping of a line; ok is false when its ends do not fit.
func staticOf(a *cli.Args) (s *nat.Static, ok bool) {
	s = &nat.Static{ACL: aclRef(a), Reversible: a.Has("reversible"), VRID: uint8(a.Int("vrid")), Disabled: a.Has("disable")}
	if !a.Has("net-to-net") {
		s.Local = nat.Span{From: a.Addr("local"), To: a.Addr("local")}
		s.Global = nat.Span{From: a.Addr("global"), To: a.Addr("global")}
		return s, true
	}
	s.Local = nat.Span{From: a.Addr("local-start"), To: a.Addr("local-end")}
	if !a.Has("mask") {
		return s, true
	}
	n := a.Int("mask")
	net := zone.Prefix(a.Prefix("global", "mask").Masked())
	first := netip.PrefixFrom(s.Local.From, n)
	if s.Local.To.Less(s.Local.From) || !first.Contains(s.Local.To) {
		return s, false
	}
	skip := nat.Span{From: first.Masked().Addr(), To: s.Local.From}.Size() - 1
	all := nat.Span{From: net.From, To: net.To}
	s.Global = nat.Span{From: all.At(skip), To: all.At(skip + s.Local.Size() - 1)}
	return s, true
}

func staticKey(s *nat.Static) string {
	return fmt.Sprintf("nat static %s %s", s.Local.From, s.Local.To)
}

// staticWith is the mapping of inside addresses, nil for none.
func staticWith(e *nat.Engine, local nat.Span) *nat.Static {
	for _, o := range e.Statics() {
		if o.Local == local {
			return o
		}
	}
	return nil
}

func addStatic(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	s, ok := staticOf(a)
	if !ok {
		x.Error("Invalid address range.")
		return
	}
	if old := staticWith(e, s.Local); old == nil || *old != *s {
		if old != nil {
			e.RemoveStatic(old)
		}
		e.AddStatic(s)
	}
	x.Box.Conf.Root().Set(placeStatic, staticKey(s), a.Line())
}

func removeStatic(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	s, _ := staticOf(a)
	old := staticWith(e, s.Local)
	if old == nil {
		x.Error("The static mapping does not exist.")
		return
	}
	e.RemoveStatic(old)
	x.Box.Conf.Root().Remove(staticKey(s))
}
