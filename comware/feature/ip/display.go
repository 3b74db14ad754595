package ip

import (
	"fmt"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

var displayInterfaceCommands = []feature.Command{
	{
		Views: "any", Syntax: "display interface [ <interface:interface> ] [ brief [ description | down ] ]",
		Help: "display=Display current system information; interface=Interface status and configuration information; " +
			"<interface>=Interface name; brief=Brief information of status and configuration for interface(s); " +
			"description=Complete description; down=Interfaces in down state",
		Run: displayInterface,
	},
	{
		Views: "any", Syntax: "display ip interface brief",
		Help: "display=Display current system information; ip=IP information; interface=IP interface status and configuration information; brief=Brief information about IP interfaces",
		Run:  displayIPInterface,
	},
}

func displayInterface(x *feature.Exec, a *cli.Args) {
	var which []*stack.Iface
	for _, i := range x.Box.Stack.Ifaces() {
		if name := a.Str("interface"); name == "" || name == i.Name() {
			which = append(which, i)
		}
	}
	if len(which) == 0 {
		x.Error("Error: The interface does not exist.")
		return
	}
	switch {
	case a.Has("down"):
		briefDown(x, which)
	case a.Has("brief"):
		brief(x, which, a.Has("description"))
	default:
		for _, i := range which {
			x.Print(long(x.Box, i))
		}
	}
}

// briefText is how much of a description the table shows.
const briefText = 27

func brief(x *feature.Exec, which []*stack.Iface, whole bool) {
	x.Print("Brief information on interfaces in route mode:\nLink: ADM - administratively down; Stby - standby\nProtocol: (s) - spoofing\n")
	x.Printf("%-20s %-4s %-8s %-17s %-*s\n", "Interface", "Link", "Protocol", "Primary IP", briefText, "Description")
	for _, i := range which {
		link, protocol := "UP", "UP"
		switch {
		case !i.AdminUp():
			link, protocol = "ADM", "DOWN"
		case !i.Up():
			link, protocol = "DOWN", "DOWN"
		}
		if i.Up() && i.Kind() != stack.Ethernet {
			protocol = "UP(s)"
		}
		text := description(x.Box.Conf.Root(), i.Name())
		if r := []rune(text); len(r) > briefText && !whole {
			text = string(r[:briefText])
		}
		x.Printf("%-20s %-4s %-8s %-17s %s\n", cli.ShortInterface(i.Name()), link, protocol, address(i), text)
	}
	x.Print("\n")
}

func briefDown(x *feature.Exec, which []*stack.Iface) {
	x.Print("Brief information on interfaces in route mode:\nLink: ADM - administratively down; Stby - standby\n")
	x.Printf("%-20s %-4s %s\n", "Interface", "Link", "Cause")
	for _, i := range which {
		switch {
		case !i.AdminUp():
			x.Printf("%-20s %-4s %s\n", cli.ShortInterface(i.Name()), "ADM", "Administratively")
		case !i.Up():
			x.Printf("%-20s %-4s %s\n", cli.ShortInterface(i.Name()), "DOWN", "Not connected")
		}
	}
	x.Print("\n")
}

func address(i *stack.Iface) string {
	if !i.Addr().IsValid() {
		return "--"
	}
	return i.Addr().Addr().String()
}

func displayIPInterface(x *feature.Exec, _ *cli.Args) {
	const cut = 13
	x.Print("*down: administratively down\n(s): spoofing  (l): loopback\n")
	x.Printf("%-24s %-8s %-8s %-15s %s\n", "Interface", "Physical", "Protocol", "IP Address", "Description")
	for _, i := range x.Box.Stack.Ifaces() {
		if i.Kind() == stack.Null || i.Name() == inLoopName {
			continue
		}
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
		if r := []rune(text); len(r) > cut {
			text = string(r[:cut-3]) + "..."
		}
		x.Printf("%-24s %-8s %-8s %-15s %s\n", cli.ShortInterface(i.Name()), physical, protocol, address(i), text)
	}
}

// long is `display interface` of one interface, with the empty line after it.
func long(b *feature.Box, i *stack.Iface) string {
	if i.Kind() == stack.Ethernet {
		return longEthernet(b, i)
	}
	return longLogical(b, i)
}

// A builder collects lines.
type builder struct{ strings.Builder }

func (o *builder) line(format string, args ...any) { fmt.Fprintf(o, format+"\n", args...) }

func (o *builder) head(b *feature.Box, i *stack.Iface) {
	o.line("%s", i.Name())
	state, protocol := "UP", "UP"
	switch {
	case !i.AdminUp():
		state, protocol = "Administratively DOWN", "DOWN"
	case !i.Up():
		state, protocol = "DOWN", "DOWN"
	case i.Kind() != stack.Ethernet:
		protocol = "UP(spoofing)"
	}
	text := description(b.Conf.Root(), i.Name())
	if text == "" {
		text = i.Name() + " Interface"
	}
	o.line("Current state: %s", state)
	o.line("Line protocol state: %s", protocol)
	o.line("Description: %s", text)
}

func (o *builder) internet(i *stack.Iface) {
	if i.Addr().IsValid() {
		o.line("Internet address: %s (Primary)", i.Addr())
	} else {
		o.line("Internet protocol processing: Disabled")
	}
}

func (o *builder) cleared(i *stack.Iface) {
	when := "Never"
	if !i.Cleared().IsZero() {
		when = i.Cleared().Format("15:04:05  Mon 01/02/2006")
	}
	o.line("Last clearing of counters: %s", when)
}

func longLogical(b *feature.Box, i *stack.Iface) string {
	var o builder
	o.head(b, i)
	if i.Loopback() {
		o.line("Bandwidth: 8000000 kbps")
	} else {
		o.line("Bandwidth: 100000 kbps")
	}
	o.line("Maximum transmission unit: 1536")
	o.internet(i)
	if i.Loopback() {
		o.line("Physical: Loopback")
	} else {
		o.line("Physical: NULL DEV")
	}
	o.cleared(i)
	in, out := i.Rates()
	o.line("Last 300 seconds input rate: %d bytes/sec, %d bits/sec, %d packets/sec", in.Bytes, 8*in.Bytes, in.Packets)
	o.line("Last 300 seconds output rate: %d bytes/sec, %d bits/sec, %d packets/sec", out.Bytes, 8*out.Bytes, out.Packets)
	c := i.Counters()
	o.line("Input: %d packets, %d bytes, %d drops", c.InPackets, c.InBytes, c.InDrops)
	o.line("Output: %d packets, %d bytes, %d drops", c.OutPackets, c.OutBytes, c.OutDrops)
	o.line("")
	return o.String()
}

// portSpeed is that of a GigabitEthernet port in bytes a second.
const portSpeed = 1_000_000_000 / 8

func longEthernet(b *feature.Box, i *stack.Iface) string {
	var o builder
	o.head(b, i)
	o.line("Bandwidth: %d kbps", portSpeed*8/1000)
	o.line("Maximum transmission unit: %d", i.MTU())
	o.line("Allow jumbo frames to pass")
	o.line("Broadcast max-ratio: 100%%")
	o.line("Unknown-multicast max-ratio: 100%%")
	o.line("Unicast max-ratio: 100%%")
	o.internet(i)
	o.line("IP packet frame type: Ethernet II, hardware address: %s", i.MAC())
	o.line("IPv6 packet frame type: Ethernet II, hardware address: %s", i.MAC())
	o.line("Loopback is not set")
	o.line("Media type is twisted pair")
	o.line("Promiscuous mode is not set")
	if i.Up() {
		o.line("1000Mbps-speed mode, Full-duplex mode")
	} else {
		o.line("Unknown-speed mode, unknown-duplex mode")
	}
	o.line("Link speed type is autonegotiation, link duplex type is autonegotiation")
	o.line("Flow-control is not enabled")
	o.line("Maximum frame length:9664")
	o.line("Output queue - Urgent queuing: Size/Length/Discards 0/1024/0")
	o.line("Output queue - Protocol queuing: Size/Length/Discards 0/500/0")
	o.line("Output queue - FIFO queuing: Size/Length/Discards 0/75/0")
	o.line("Last link flapping: %s", since(b.Now().Sub(i.LastChange()), i.LastUp().IsZero() && i.LastDown().IsZero()))
	o.cleared(i)
	o.line("Current system time:%s", stamp(b.Now()))
	o.line("Last time when physical state changed to up:%s", stamp(i.LastUp()))
	o.line("Last time when physical state changed to down:%s", stamp(i.LastDown()))
	in, out := i.Rates()
	o.line(" Peak input rate: %d bytes/sec, at %s", in.Peak, peakStamp(in.PeakAt))
	o.line(" Peak output rate: %d bytes/sec, at %s", out.Peak, peakStamp(out.PeakAt))
	o.line(" Last 300 seconds input: %d packets/sec %d bytes/sec %d%%", in.Packets, in.Bytes, in.Bytes*100/portSpeed)
	o.line(" Last 300 seconds output: %d packets/sec %d bytes/sec %d%%", out.Packets, out.Bytes, out.Bytes*100/portSpeed)
	c := i.Counters()
	for _, kind := range []string{"(total):  ", "(normal):  "} {
		o.line(" Input %s%d packets, %d bytes", kind, c.InPackets, c.InBytes)
		o.line("         %d unicasts, %d broadcasts, %d multicasts, - pauses", c.InUnicast, c.InBroadcast, c.InMulticast)
	}
	o.line(" Input:  0 input errors, 0 runts, 0 giants, - throttles")
	o.line("         0 CRC, - frame, 0 overruns, - aborts")
	o.line("         - ignored, - parity errors")
	for _, kind := range []string{"(total): ", "(normal): "} {
		o.line(" Output %s%d packets, %d bytes", kind, c.OutPackets, c.OutBytes)
		o.line("         %d unicasts, %d broadcasts, %d multicasts, - pauses", c.OutUnicast, c.OutBroadcast, c.OutMulticast)
	}
	o.line(" Output: 0 output errors, 0 underruns, - buffer failures")
	o.line("         - aborts, 0 deferred, 0 collisions, 0 late collisions")
	o.line("         0 lost carrier, - no carrier")
	o.line("")
	return o.String()
}

// since is a time span in words, down to minutes or, below an hour, seconds.
func since(d time.Duration, never bool) string {
	if never {
		return "Never"
	}
	s := int(d / time.Second)
	weeks, days, hours, minutes, seconds := s/604800, s/86400%7, s/3600%24, s/60%60, s%60
	switch {
	case weeks > 0:
		return fmt.Sprintf("%d weeks %d days %d hours %d minutes", weeks, days, hours, minutes)
	case days > 0:
		return fmt.Sprintf("%d days %d hours %d minutes", days, hours, minutes)
	}
	return fmt.Sprintf("%d hours %d minutes %d seconds", hours, minutes, seconds)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateTime)
}

func peakStamp(t time.Time) string {
	if t.IsZero() {
		return "0000-00-00 00:00:00"
	}
	return t.Format(time.DateTime)
}
