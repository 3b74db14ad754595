package ip

import (
	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

var ofIPInterface = feature.Texts{
	"ip": "IP information", "interface": "IP interface status and configuration information", "brief": "Brief information about IP interfaces",
	"description": "Complete description",
}

var ipInterfaceCommands = []feature.Command{
	command("any", "display ip interface [ <interface:interface> | <type:iftype> ] brief [ description ]", ofIPInterface, ipBrief),
	command("any", "display ip interface [ <interface:interface> ]", ofIPInterface, displayIPInterface),
}

// layer3 are the interfaces of a command that handle IP: no port in bridge
// mode and not those of the device itself.
func layer3(x *feature.Exec, a *cli.Args) []*stack.Iface {
	var all []*stack.Iface
	for _, i := range chosen(x, a) {
		if i.Kind() != stack.Null && i.Name() != inLoopName && !bridged(x.Box, i.Name()) {
			all = append(all, i)
		}
	}
	return all
}

// A description longer than ipBriefText is cut to fourteen characters and
// three dots (command reference, display ip interface brief).
const (
	ipBriefText = 16
	ipBriefCut  = 14
)

func ipBrief(x *feature.Exec, a *cli.Args) {
	x.Print("*down: administratively down\n(s): spoofing  (l): loopback\n")
	x.Printf("%-24s %-8s %-8s %-15s %s\n", "Interface", "Physical", "Protocol", "IP Address", "Description")
	for _, i := range layer3(x, a) {
		physical, protocol := "up", "up"
		switch {
		case !i.AdminUp():
			physical, protocol = "*down", "down"
		case !i.Up():
			physical, protocol = "down", "down"
		case i.Loopback():
			protocol = "up(s)"
		}
		text := description(x.Box.Conf.Root(), i.Name())
		if text == "" {
			text = "--"
		}
		if r := []rune(text); len(r) > ipBriefText && !a.Has("description") {
			text = string(r[:ipBriefCut]) + "..."
		}
		x.Printf("%-24s %-8s %-8s %-15s %s\n", cli.ShortInterface(i.Name()), physical, protocol, address(i), text)
	}
}

func displayIPInterface(x *feature.Exec, a *cli.Args) {
	which := layer3(x, a)
	if len(which) == 0 {
		absent(x, a.Str("interface"))
		return
	}
	for n, i := range which {
		if n > 0 {
			x.Print("\n")
		}
		x.Print(ipLong(i))
	}
}

// icmpRows are the rows for ICMP messages that came in (RFC 792, 950, 1256).
var icmpRows = []struct {
	text string
	kind uint8
}{
	{"Echo reply", wire.EchoReply}, {"Unreachable", wire.Unreachable}, {"Source quench", 4}, {"Routing redirect", 5},
	{"Echo request", wire.EchoRequest}, {"Router advert", 9}, {"Router solicit", 10}, {"Time exceed", wire.TimeExceeded},
	{"IP header bad", 12}, {"Timestamp request", 13}, {"Timestamp reply", 14}, {"Information request", 15},
	{"Information reply", 16}, {"Netmask request", 17}, {"Netmask reply", 18},
}

func ipLong(i *stack.Iface) string {
	var o builder
	o.line("%s current state: %s", i.Name(), physicalState(i))
	o.line("Line protocol current state: %s", protocolState(i))
	if !i.Addr().IsValid() {
		return o.String()
	}
	for n, p := range i.Addrs() {
		kind := "Primary"
		if n > 0 {
			kind = "Sub"
		}
		o.line("Internet Address is %s %s", p, kind)
	}
	if last := stack.Broadcast(i.Addr()); last.IsValid() {
		o.line("Broadcast address: %s", last)
	}
	c := i.IP()
	mtu := i.IPMTU()
	if i.Loopback() {
		mtu = 1536
	}
	o.line("The Maximum Transmit Unit: %d bytes", mtu)
	o.line("input packets : %d, bytes : %d, multicasts : %d", c.InPackets-c.InMulticast, c.InBytes, c.InMulticast)
	o.line("output packets : %d, bytes : %d, multicasts : %d", c.OutPackets-c.OutMulticast, c.OutBytes, c.OutMulticast)
	o.line("TTL invalid packet number:%10d", c.TTLExpired)
	o.line("ICMP packet input number:%11d", c.ICMP.Sum())
	row := func(text string, n uint64) { o.line("  %s:%*d", text, 33-len(text), n) }
	for _, r := range icmpRows {
		row(r.text, c.ICMP.Of(r.kind))
	}
	row("Unknown type", c.ICMP.Unknown())
	return o.String()
}

func physicalState(i *stack.Iface) string {
	switch {
	case !i.AdminUp():
		return "Administratively DOWN"
	case !i.Up():
		return "DOWN"
	}
	return "UP"
}

func protocolState(i *stack.Iface) string {
	switch {
	case !i.Up():
		return "DOWN"
	case spoofing(i):
		return "UP(spoofing)"
	}
	return "UP"
}

// spoofing says whether an interface is up without anything below it.
func spoofing(i *stack.Iface) bool { return i.Kind() == stack.Loopback || i.Kind() == stack.Null }
