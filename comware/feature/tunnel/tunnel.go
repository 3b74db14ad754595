// Package tunnel is tunnel interfaces as a person at the device sees them: the
// commands of the Comware 7 "Tunneling Command Reference" and "GRE Command
// Reference", and what `display interface` says of them. The engine is package
// emulator/gre.
//
// Limitations: GRE over IPv4 only; interfaces of the other modes are there and
// stay down. Traffic alone starts the negotiation of a protected tunnel, and
// its interface is up before. A tunnel counts packets inside it, without the headers around.
package tunnel

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/ip"
	"cwlab/emulator/gre"
	"cwlab/emulator/stack"
)

// Feature is tunnel interfaces. Their view is that of package ip;
// package kept keeps what does not act.
var Feature = feature.Feature{Name: "tunnel", Commands: commands, Install: install}

// Places of the lines, behind those of package ip.
const (
	placeMTU         = 50
	placeSource      = 140
	placeDestination = 141
	placeTOS         = 142
	placeTTL         = 143
	placeDF          = 144
	placeChecksum    = 145
	placeKey         = 146
	placeKeepalive   = 147
	placeProtection  = 148
)

const (
	defaultInterval = 10
	defaultTimes    = 3
)

var texts = feature.Texts{
	"interface": "Specify the interface configuration view", "<interface>": "Interface name", "mode": "Specify the mode of a tunnel interface",
	"advpn": "Auto discovery VPN", "udp": "UDP encapsulation", "ds-lite-aftr": "Dual stack lite, at the AFTR", "gre": "Generic routing encapsulation (GRE)",
	"ipsec": "IPsec encapsulation", "ipv4-ipv4": "IPv4 in IPv4", "ipv6": "IPv6", "ipv6-ipv4": "IPv6 in IPv4", "6to4": "6to4 tunnel",
	"auto-tunnel": "IPv4-compatible addresses", "isatap": "ISATAP tunnel", "ipv6-ipv6": "IPv6 in IPv6", "mpls-te": "MPLS traffic engineering", "vxlan": "VXLAN",
	"source": "Source of the tunnel", "destination": "Destination of the tunnel", "<address>": "IPv4 address", "<six>": "IPv6 address",
	"dhcp-alloc": "The server that gave an interface its address",
	"checksum":   "Send checksums", "key": "Key of the packets", "<key>": "Key", "keepalive": "Detect a tunnel that is broken",
	"<interval>": "Interval in seconds", "<times>": "Keepalives without an answer after which the tunnel is down",
	"mtu": "Specify Maximum Transmission Unit(MTU) of the interface", "<size>": "MTU in bytes",
	"tunnel": "Outer header", "dfbit": "DF bit", "enable": "Set the DF bit", "tos": "Type of service", "<tos>": "Type of service", "protection": "Protect what the tunnel carries", "profile": "IPsec profile", "<profile>": "IPsec profile name", "ttl": "Time to live", "<ttl>": "Time to live",
}

func command(views, syntax string, run func(x *feature.Exec, a *cli.Args)) feature.Command {
	return texts.Command(views, syntax, run)
}

// both are a command of a tunnel and its undo form. set gets the tunnel.
func both(syntax, undo string, place int, set func(x *feature.Exec, a *cli.Args, t *tunnel, on bool)) []feature.Command {
	run := func(on bool) func(x *feature.Exec, a *cli.Args) {
		return func(x *feature.Exec, a *cli.Args) {
			t := of(x)
			if t == nil {
				return
			}
			if on {
				x.Node().Set(place, undo, a.Line())
			} else {
				x.Node().Remove(undo)
			}
			set(x, a, t, on)
			t.refresh(x.Box)
		}
	}
	return []feature.Command{command("tunnel", syntax, run(true)), command("tunnel", "undo "+undo, run(false))}
}

var commands = slices.Concat(
	[]feature.Command{command("system", "interface <interface:interface> mode { advpn { gre | udp } [ ipv6 ] | ds-lite-aftr | gre [ ipv6 ] | ipsec [ ipv6 ] | ipv4-ipv4 | ipv6 | ipv6-ipv4 [ 6to4 | auto-tunnel | isatap ] | ipv6-ipv6 | mpls-te | vxlan }", enter)},
	both("source { <address:ip> | <six:ipv6> | <interface:interface> }", "source", placeSource, func(_ *feature.Exec, a *cli.Args, t *tunnel, _ bool) {
		t.source, t.sourceIface = a.Addr("address"), a.Str("interface")
	}),
	both("destination { <address:ip> | <six:ipv6> | dhcp-alloc <interface:interface> }", "destination", placeDestination, func(_ *feature.Exec, a *cli.Args, t *tunnel, _ bool) {
		t.Remote = a.Addr("address")
	}),
	both("gre checksum", "gre checksum", placeChecksum, func(_ *feature.Exec, _ *cli.Args, t *tunnel, on bool) { t.Checksum = on }),
	both("gre key <key:0-4294967295>", "gre key", placeKey, func(_ *feature.Exec, a *cli.Args, t *tunnel, on bool) {
		t.Keyed, t.Key = on, a.Uint32("key")
	}),
	both("keepalive [ <interval:1-32767> [ <times:1-255> ] ]", "keepalive", placeKeepalive, setKeepalive),
	both("mtu <size:100-64000>", "mtu", placeMTU, func(x *feature.Exec, a *cli.Args, t *tunnel, on bool) {
		size := t.defaultMTU()
		if on {
			size = a.Int("size")
		}
		t.Iface.SetMTU(size)
	}),
	both("tunnel dfbit enable", "tunnel dfbit enable", placeDF, func(_ *feature.Exec, _ *cli.Args, t *tunnel, on bool) { t.DF = on }),
	both("tunnel tos <tos:0-255>", "tunnel tos", placeTOS, func(_ *feature.Exec, a *cli.Args, t *tunnel, on bool) {
		t.FixedTOS, t.TOS = on, uint8(a.Int("tos"))
	}),
	both("tunnel protection ipsec profile <profile:string:1-63>", "tunnel protection ipsec profile", placeProtection, func(_ *feature.Exec, a *cli.Args, t *tunnel, _ bool) {
		t.protection = a.Str("profile")
	}),
	both("tunnel ttl <ttl:1-255>", "tunnel ttl", placeTTL, func(_ *feature.Exec, a *cli.Args, t *tunnel, _ bool) { t.TTL = uint8(a.Int("ttl")) }),
)

// A tunnel is a tunnel interface and what was said of its ends.
type tunnel struct {
	*gre.Tunnel
	mode        string
	source      netip.Addr
	sourceIface string
	protection  string // IPsec profile, "" for none
}

// Tunnels are those of a box by the name of their interface.
type tunnels struct {
	engine *gre.Engine
	list   []*tunnel
}

func of(x *feature.Exec) *tunnel { return feature.Get[*tunnels](x.Box).find(x.View().Suffix) }

func (s *tunnels) find(name string) *tunnel {
	for _, t := range s.list {
		if t.Iface.Name() == name {
			return t
		}
	}
	return nil
}

// enter makes a tunnel interface where it is new.
func enter(x *feature.Exec, a *cli.Args) {
	name := a.Str("interface")
	if !strings.HasPrefix(name, "Tunnel") {
		x.Error("The operation is not supported on the specified interface.")
		return
	}
	key, line := "interface "+name, a.Line()
	mode := line[strings.Index(line, " mode ")+len(" mode "):]
	s := feature.Get[*tunnels](x.Box)
	t := s.find(name)
	switch {
	case t == nil:
		t = &tunnel{Tunnel: s.engine.Add(name), mode: mode}
		t.Iface.SetMTU(t.defaultMTU())
		if mode == "ipsec" {
			t.Iface.SendWhole()
		}
		s.list = append(s.list, t)
	case t.mode != mode:
		x.Error("Error: The mode of the tunnel interface cannot be changed.")
		return
	}
	n := x.Box.Conf.Root().Open(feature.PlaceInterface+60, key, line)
	x.Enter(feature.ViewState{Name: "tunnel", Suffix: name, Node: n})
}

func setKeepalive(_ *feature.Exec, a *cli.Args, t *tunnel, on bool) {
	t.Period, t.Retries = 0, 0
	if !on {
		return
	}
	interval, times := defaultInterval, defaultTimes
	if a.Has("interval") {
		interval = a.Int("interval")
	}
	if a.Has("times") {
		times = a.Int("times")
	}
	t.Period, t.Retries = time.Duration(interval)*time.Second, times
}

// refresh looks at the ends of a tunnel again.
func (t *tunnel) refresh(b *feature.Box) {
	t.Local = netip.Addr{}
	if t.mode != "gre" && t.mode != "ipsec" {
		t.Refresh()
		return
	}
	t.Local = t.source
	if i := b.Stack.Iface(t.sourceIface); i != nil {
		t.Local = i.Addr().Addr()
	}
	t.protect(b)
	t.Refresh()
}

// sync follows the configuration: interfaces that are gone, addresses and
// routes.
func (s *tunnels) sync(b *feature.Box) {
	s.list = slices.DeleteFunc(s.list, func(t *tunnel) bool {
		gone := b.Stack.Iface(t.Iface.Name()) != t.Iface
		if gone {
			s.engine.Remove(t.Tunnel)
			protector(b).Unprotect(t.Iface.Name())
		}
		return gone
	})
	for _, t := range s.list {
		t.refresh(b)
	}
}

// text is the part of `display interface` that only tunnels have.
func (s *tunnels) text(i *stack.Iface) string {
	t := s.find(i.Name())
	if t == nil {
		return ""
	}
	var o strings.Builder
	source := "unknown"
	if t.Local.IsValid() {
		source = t.Local.String()
	}
	if t.sourceIface != "" {
		source += " (" + t.sourceIface + ")"
	}
	destination := "unknown"
	if t.Remote.IsValid() {
		destination = t.Remote.String()
	}
	fmt.Fprintf(&o, "Tunnel source %s, destination %s\n", source, destination)
	if t.Period > 0 {
		fmt.Fprintf(&o, "Tunnel keepalive enabled, Period(%d s), Retries(%d)\n", t.Period/time.Second, t.Retries)
	} else {
		o.WriteString("Tunnel keepalive disabled\n")
	}
	ttl := int(t.TTL)
	if ttl == 0 {
		ttl = 255
	}
	if t.FixedTOS {
		fmt.Fprintf(&o, "Tunnel TOS 0x%02X, ", t.TOS)
	}
	fmt.Fprintf(&o, "Tunnel TTL %d\n", ttl)
	switch t.mode {
	case "gre":
	case "ipsec":
		return o.String() + "Tunnel protocol/transport IPsec/IP\n"
	default:
		return o.String()
	}
	o.WriteString("Tunnel protocol/transport GRE/IP\n")
	if t.Keyed {
		fmt.Fprintf(&o, "    GRE key value is %d\n", t.Key)
	} else {
		o.WriteString("    GRE key disabled\n")
	}
	state := "disabled"
	if t.Checksum {
		state = "enabled"
	}
	fmt.Fprintf(&o, "    Checksumming of GRE packets %s\n", state)
	return o.String()
}

func install(b *feature.Box) {
	s := &tunnels{engine: gre.New(b.Stack)}
	feature.Put(b, s)
	// What may be named; package kept, later in the image, knows these and more.
	b.KeptInterface = func(name string) (view string, rank int, ok bool) {
		return "tunnel", feature.PlaceInterface + 60, strings.HasPrefix(name, "Tunnel")
	}
	feature.Put(b, ip.TunnelText(s.text))
	b.OnConfig(func(feature.ConfigEvent) { s.sync(b) })
	b.Stack.OnIface(func(i *stack.Iface, _ bool) {
		if i.Kind() != stack.Tunnel {
			s.sync(b)
		}
	})
	b.OnStop(s.engine.Stop)
}
