package rbm

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/rbm"
)

// Places of the lines in RBM view.
const (
	placeData = iota
	placeMode
	placeKeepalive
	placeSync
	placeHot
	placeDelay
	placeCost
	placeTrack
	placeLocal
	placeRemote
	placeRole
)

// placePortAlloc is where the line of the system view stands that is about RBM.
const placePortAlloc = feature.PlaceRBM - 10

// viewName is RBM view.
const viewName = "remote-backup-group"

var texts = feature.Texts{
	"remote-backup": "Remote backup", "group": "Remote backup group", "remote-backup-group": "Remote backup group",
	"device-role": "Set the role of the device", "primary": "Primary device", "secondary": "Secondary device", "backup-mode": "Set the backup mode",
	"dual-active": "Dual-active mode", "local-ip": "Local address of the control channel", "remote-ip": "Peer address of the control channel",
	"<address>": "IPv4 address", "port": "Port of the control channel", "<port>": "Port number", "keepalive": "Keepalives of the control channel",
	"<interval>": "Interval", "count": "Set the number of missing keepalives", "<count>": "Number", "delay-time": "Delay of the switch back to a recovered device",
	"<delay>": "Delay in minutes", "track": "Monitor objects", "interface": "Specify an interface", "<interface>": "Interface name", "<track>": "Track entry",
	"vlan": "Specify a VLAN", "<vlan>": "VLAN ID", "configuration": "Configuration synchronization", "auto-sync": "Automatic synchronization", "enable": "Enable it",
	"route-static": "Static routes", "manual-sync": "Synchronize the configuration once", "manual-sync-check": "Check the consistency once",
	"sync-check": "Consistency check", "interval": "Set the interval", "hot-backup": "Back up service entries", "protocol": "Of a protocol", "dns": "DNS", "http": "HTTP",
	"switchover": "Switch over", "request": "Hand the traffic over to the peer", "data-channel": "Data channel", "adjust-cost": "Adjust the link cost on the standby device",
	"bgp": "BGP", "isis": "IS-IS", "ospf": "OSPF", "ospfv3": "OSPFv3", "absolute": "Absolute cost", "<cost>": "Cost", "increment": "Increment", "<step>": "Increment",
	"nat": "Network address translation", "port-alloc": "Use one half of the port blocks",
	"transparent-transmit": "Pass traffic through between the members", "status": "Status",
	"display": "Display current system information", "undo": "Cancel current setting",
}

func view(syntax string, run func(*feature.Exec, *cli.Args)) feature.Command {
	return texts.Command(viewName, syntax, run)
}

// set keeps a line of RBM view; "" takes it out.
func set(x *feature.Exec, place int, key, text string) {
	if text == "" {
		x.Node().Remove(key)
		return
	}
	x.Node().Set(place, key, text)
}

// A setting is a line of RBM view that stands for one value of the engine's
// configuration: what it makes of the arguments, and without them of the
// default.
type setting struct {
	place        int
	syntax, undo string
	standard     string // the line that says the default
	edit         func(c *rbm.Config, a *cli.Args)
}

var settings = []setting{
	{placeMode, "backup-mode dual-active", "backup-mode", "", func(c *rbm.Config, a *cli.Args) { c.DualActive = a != nil }},
	{placeLocal, "local-ip <address:ip>", "local-ip", "", func(c *rbm.Config, a *cli.Args) {
		c.Local = netip.Addr{}
		if a != nil {
			c.Local = a.Addr("address")
		}
	}},
	{placeRemote, "remote-ip <address:ip> [ port <port:1024-65535> ]", "remote-ip", "", func(c *rbm.Config, a *cli.Args) {
		c.Remote, c.Port = netip.Addr{}, 0
		if a != nil {
			c.Remote, c.Port = a.Addr("address"), uint16(a.Int("port"))
		}
	}},
	{placeKeepalive, "keepalive interval <interval:1-60>", "keepalive interval", "keepalive interval 1", func(c *rbm.Config, a *cli.Args) {
		c.Interval = 0
		if a != nil {
			c.Interval = time.Duration(a.Int("interval")) * time.Second
		}
	}},
	{placeKeepalive, "keepalive count <count:1-255>", "keepalive count", "keepalive count 10", func(c *rbm.Config, a *cli.Args) {
		c.Count = 0
		if a != nil {
			c.Count = a.Int("count")
		}
	}},
	{placeDelay, "delay-time <delay:1-1440>", "delay-time", "", func(c *rbm.Config, a *cli.Args) {
		c.Delay = 0
		if a != nil {
			c.Delay = time.Duration(a.Int("delay")) * time.Minute
		}
	}},
}

// portSuffix is how a line says the default port.
var portSuffix = fmt.Sprintf(" port %d", rbm.DefaultPort)

func settingCommands() []feature.Command {
	var all []feature.Command
	for _, s := range settings {
		all = append(all, view(s.syntax, func(x *feature.Exec, a *cli.Args) {
			line := strings.TrimSuffix(a.Line(), portSuffix)
			if line == s.standard {
				line = ""
			}
			set(x, s.place, s.undo, line)
			apply(x, func(c *rbm.Config) { s.edit(c, a) })
		}), view("undo "+s.undo, func(x *feature.Exec, _ *cli.Args) {
			set(x, s.place, s.undo, "")
			apply(x, func(c *rbm.Config) { s.edit(c, nil) })
		}))
	}
	return all
}

// onOff is a command that is the default and its undo, which is kept.
func onOff(place int, syntax string, run func(x *feature.Exec, on bool)) []feature.Command {
	return []feature.Command{
		view(syntax, func(x *feature.Exec, _ *cli.Args) { set(x, place, syntax, ""); run(x, true) }),
		view("undo "+syntax, func(x *feature.Exec, _ *cli.Args) { set(x, place, syntax, "undo "+syntax); run(x, false) }),
	}
}

// member is a command that adds a line of its own and the undo that removes it;
// what it means is read from the configuration after every command.
func member(place int, syntax string) []feature.Command {
	return []feature.Command{
		view(syntax, func(x *feature.Exec, a *cli.Args) { set(x, place, a.Line(), a.Line()) }),
		view("undo "+syntax, func(x *feature.Exec, a *cli.Args) {
			line := strings.TrimPrefix(a.Line(), "undo ")
			if !x.Node().Remove(line) {
				x.Error("The setting does not exist.")
			}
		}),
	}
}

func commands() []feature.Command {
	all := []feature.Command{
		texts.Command("system", group, func(x *feature.Exec, _ *cli.Args) {
			n := x.Box.Conf.Root().Open(feature.PlaceRBM, group, group)
			x.Enter(feature.ViewState{Name: viewName, Suffix: viewName, Node: n})
		}),
		texts.Command("system", "undo "+group, removeGroup),
		view("device-role { primary | secondary }", func(x *feature.Exec, a *cli.Args) {
			role := rbm.Primary
			if a.Has("secondary") {
				role = rbm.Secondary
			}
			set(x, placeRole, "device-role", a.Line())
			apply(x, func(c *rbm.Config) { c.Role = role; checkEvery(x.Node(), c) })
		}),
		view("undo device-role", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeRole, "device-role", "")
			apply(x, func(c *rbm.Config) { c.Role = rbm.NoRole })
		}),
		view("configuration manual-sync", func(x *feature.Exec, _ *cli.Args) { complain(x, engine(x).ManualSync()) }),
		view("configuration manual-sync-check", func(x *feature.Exec, _ *cli.Args) { complain(x, engine(x).ManualCheck()) }),
		view("configuration sync-check [ interval <interval:1-168> ]", func(x *feature.Exec, a *cli.Args) {
			line := ""
			if n := a.Int("interval"); n != 0 && n != int(rbm.DefaultCheck/time.Hour) {
				line = a.Line()
			}
			set(x, placeSync, "configuration sync-check", line)
			apply(x, func(c *rbm.Config) { checkEvery(x.Node(), c) })
		}),
		view("undo configuration sync-check", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeSync, "configuration sync-check", "undo configuration sync-check")
			apply(x, func(c *rbm.Config) { checkEvery(x.Node(), c) })
		}),
		view("configuration auto-sync enable route-static", func(x *feature.Exec, a *cli.Args) { set(x, placeSync, routeStatic, a.Line()) }),
		view("undo configuration auto-sync enable route-static", func(x *feature.Exec, _ *cli.Args) { set(x, placeSync, routeStatic, "") }),
		view("data-channel interface <interface:interface>", func(x *feature.Exec, a *cli.Args) {
			set(x, placeData, "data-channel", a.Line())
			here(x).dataChannel(a.Str("interface"))
		}),
		view("undo data-channel [ interface ]", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeData, "data-channel", "")
			here(x).dataChannel("")
		}),
		view("switchover request", func(x *feature.Exec, _ *cli.Args) { complain(x, engine(x).Switchover()) }),
		texts.Command("any", "display remote-backup-group status", displayStatus),
		texts.Command("any", "display remote-backup-group sync-check", displayCheck),
		texts.Keep("system", "nat remote-backup port-alloc { primary | secondary }", feature.Keep{Place: placePortAlloc, Undo: "nat remote-backup port-alloc"}),
		texts.Keep(viewName, "track vlan <vlan:1-4094>", feature.Keep{Place: placeTrack, Undo: "track vlan <vlan>"}),
		texts.Keep(viewName, "hot-backup protocol { dns | http } * enable", feature.Keep{Place: placeHot, Undo: "hot-backup protocol { dns | http } * enable"}),
		texts.Keep(viewName, "adjust-cost { bgp | isis | ospf | ospfv3 } enable { absolute [ <cost:1-65535> ] | increment [ <step:1-65535> ] }",
			feature.Keep{Place: placeCost, Undo: "adjust-cost { bgp | isis | ospf | ospfv3 } enable"}),
		texts.Keep(viewName, "transparent-transmit enable", feature.Keep{Place: placeHot}),
	}
	all = append(all, settingCommands()...)
	all = append(all, onOff(placeSync, "configuration auto-sync enable", func(x *feature.Exec, on bool) {
		apply(x, func(c *rbm.Config) { c.NoAutoSync = !on })
	})...)
	all = append(all, onOff(placeHot, "hot-backup enable", func(x *feature.Exec, on bool) {
		apply(x, func(c *rbm.Config) { c.NoEntries = !on })
	})...)
	// Of what is monitored the monitor learns after the command.
	all = append(all, member(placeTrack, "track interface <interface:interface>")...)
	return append(all, member(placeTrack, "track <track:1-1024>")...)
}

// routeStatic is the key of the line that has static routes synchronised.
const routeStatic = "configuration auto-sync enable route-static"

func here(x *feature.Exec) *host { return feature.Get[*host](x.Box) }

func removeGroup(x *feature.Exec, _ *cli.Args) {
	n := x.Box.Conf.Root().Child(group)
	if n == nil {
		x.Error("The remote backup group is not configured.")
		return
	}
	x.Box.Drop(n)
	x.Box.Conf.Root().Remove(group)
	here(x).dataChannel("")
	reconfigure(x.Box, rbm.Config{})
}

// checkEvery reads the interval of the consistency check.
func checkEvery(n *conf.Node, c *rbm.Config) {
	c.CheckEvery = rbm.DefaultCheck
	line := n.Child("configuration sync-check")
	if line == nil {
		return
	}
	var hours int
	if _, err := fmt.Sscanf(line.Text, "configuration sync-check interval %d", &hours); err != nil {
		hours = 0 // switched off
	}
	c.CheckEvery = time.Duration(hours) * time.Hour
}

// complain words why the engine refused.
func complain(x *feature.Exec, err error) {
	for _, r := range []struct {
		err  error
		text string
	}{
		{rbm.ErrNotActive, "This operation can be performed only on the active device."},
		{rbm.ErrNoChannel, "The control channel is not connected."},
		{rbm.ErrPeerUnhealthy, "The peer device cannot take over."},
		{rbm.ErrDualActive, "This operation is not supported in dual-active mode."},
		{rbm.ErrNotPrimary, "This operation can be performed only on the primary device."},
		{rbm.ErrBusy, "A switchover is in progress."},
	} {
		if errors.Is(err, r.err) {
			x.Error(r.text)
			return
		}
	}
}
