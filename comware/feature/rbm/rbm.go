// Package rbm gives the console the remote backup group: RBM view, its
// displays and logs, the prefix of the prompt, and the synchronisation of
// configuration between the two devices. The engine is emulator/rbm.
//
// Source: "RBM commands" of the H3C firewall command references; the status
// display is that of the 7.1.064 releases.
//
// Limitations: the data channel, backup of service entries, cost adjustment,
// Track entries and VLANs are kept in the configuration and not acted on.
// `switchover request` asks no question. The words of RBM's logs other than
// RBM_CHANNEL, of refusals and of the causes of a switchover other than an
// interface's are our own, since no public text has them.
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
	"cwlab/emulator/stack"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/zone"
)

// Feature is the remote backup group.
var Feature = feature.Feature{
	Name:     "rbm",
	Views:    []feature.View{{Name: "remote-backup-group", Parent: "system", Title: "Remote-backup-group"}},
	Commands: commands(),
	Install:  install,
}

// group is the line that opens RBM view.
const group = "remote-backup group"

// A host is the box as the engine sees it.
type host struct {
	*feature.Box
}

func install(b *feature.Box) {
	h := &host{Box: b}
	e := rbm.New(h)
	feature.Put(b, e)
	b.PromptPrefix = func() string {
		switch e.Config().Role {
		case rbm.Primary:
			return "RBM_P"
		case rbm.Secondary:
			return "RBM_S"
		case rbm.NoRole:
		}
		return ""
	}
	b.Stack.OnIface(func(*stack.Iface, bool) { h.monitor(e) })
	b.OnConfig(func(ev feature.ConfigEvent) {
		h.monitor(e)
		if !ev.Sync && synchronised(ev.Path, ev.Line) {
			e.Sync(append(append([]string{}, ev.Path...), ev.Line))
		}
	})
	b.After(0, func() { h.monitor(e) })
	b.OnStop(e.Stop)
}

func engine(x *feature.Exec) *rbm.Engine { return feature.Get[*rbm.Engine](x.Box) }

// Send sends a datagram of the control channel.
func (h *host) Send(local, remote netip.AddrPort, b []byte) error {
	return h.Stack.SendUDP(local, remote, b)
}

// monitor tells the engine whether every monitored interface is up: those of
// `track interface` and those with an associated VRRP group.
func (h *host) monitor(e *rbm.Engine) {
	ok := true
	down := func(name string) bool {
		i := h.Stack.Iface(name)
		return i == nil || !i.Up()
	}
	if n := h.Conf.Root().Child(group); n != nil {
		for _, line := range n.Kids() {
			if name, found := strings.CutPrefix(line.Text, "track interface "); found && down(name) {
				ok = false
			}
		}
	}
	if v := feature.Get[*vrrp.Engine](h.Box); v != nil {
		for _, r := range v.Routers() {
			if r.Role() != vrrp.NoRole && !r.Shutdown() && down(r.Iface()) {
				ok = false
			}
		}
	}
	e.SetHealth(ok, rbm.CauseInterface)
}

// Emit words what hot backup did and hands the decision to VRRP.
func (h *host) Emit(ev rbm.Event) {
	if v := feature.Get[*vrrp.Engine](h.Box); v != nil {
		state := func(master bool) vrrp.State {
			if master {
				return vrrp.Master
			}
			return vrrp.Backup
		}
		up, active, standby := feature.Get[*rbm.Engine](h.Box).Groups()
		v.SetRBM(up, state(active), state(standby))
	}
	channel := func(status string) {
		h.Log("RBM", 6, "RBM_CHANNEL", fmt.Sprintf("Local IP=%s, remote IP=%s, status=%s.", ev.Local, ev.Remote, status))
	}
	switch ev.Kind {
	case rbm.ChannelUp:
		channel("Connected")
	case rbm.ChannelDown:
		channel("Disconnected")
	case rbm.SyncStarted:
		h.Log("RBM", 4, "RBM_CFG_BATCH_SYNC", "Started batch synchronization of the configuration.")
	case rbm.SyncFinished:
		h.Log("RBM", 4, "RBM_CFG_BATCH_SYNC", "Finished batch synchronization of the configuration.")
	case rbm.CheckStarted:
		h.Log("RBM", 4, "RBM_CFG_COMPARE", "Started the configuration consistency check.")
	case rbm.CheckFinished:
		r, _, _ := feature.Get[*rbm.Engine](h.Box).Check()
		h.Log("RBM", 4, "RBM_CFG_COMPARE", "Finished the configuration consistency check. The result is "+strings.ToLower(results[r])+".")
	case rbm.RoleConflict:
		h.Log("RBM", 4, "RBM_ROLE_CONFLICT", "The two devices have the same device role.")
	case rbm.Refused:
		h.Log("RBM", 4, "RBM_SWITCHOVER_FAILED", "The peer device cannot take over.")
	case rbm.StateChanged, rbm.PeerChanged:
	}
}

// apply makes the engine's configuration out of the lines of RBM view.
func apply(x *feature.Exec, edit func(*rbm.Config)) {
	c := engine(x).Config()
	edit(&c)
	reconfigure(x.Box, c)
}

func reconfigure(b *feature.Box, c rbm.Config) {
	e := feature.Get[*rbm.Engine](b)
	old, port := e.Config().Port, c.Port
	if port == 0 {
		port = rbm.DefaultPort
	}
	if old != port || c.Role == rbm.NoRole {
		b.Stack.HandleUDP(old, nil)
	}
	z := feature.Get[*zone.Engine](b)
	if c.Role == rbm.NoRole {
		port = 0
	} else {
		b.Stack.HandleUDP(port, func(src, dst netip.AddrPort, payload []byte, _ *stack.Iface) { e.Receive(dst, src, payload) })
	}
	if z != nil {
		z.ControlPort = port
	}
	e.SetConfig(c)
}

const helpUndo = "undo=Cancel current setting; "

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

// set keeps a line of RBM view; "" takes it out.
func set(x *feature.Exec, place int, key, text string) {
	if text == "" {
		x.Node().Remove(key)
		return
	}
	x.Node().Set(place, key, text)
}

func view(syntax, help string, run func(*feature.Exec, *cli.Args)) feature.Command {
	if strings.HasPrefix(syntax, "undo ") {
		help = helpUndo + help
	}
	return feature.Command{Views: "remote-backup-group", Syntax: syntax, Help: help, Run: run}
}

// kept is a command and its undo of which only the configuration knows.
func kept(place int, key, syntax, undo, help string) []feature.Command {
	keyOf := func(a *cli.Args) string {
		if key != "" {
			return key
		}
		words := strings.Fields(strings.TrimPrefix(text(a), "undo "))
		return strings.Join(words[:min(len(words), 3)], " ")
	}
	on := view(syntax, help, func(x *feature.Exec, a *cli.Args) { set(x, place, keyOf(a), text(a)) })
	off := view("undo "+undo, help, func(x *feature.Exec, a *cli.Args) { set(x, place, keyOf(a), "") })
	on.Kept, off.Kept = true, true
	return []feature.Command{on, off}
}

func text(a *cli.Args) string {
	var words []string
	for _, arg := range a.All() {
		words = append(words, arg.Word)
	}
	return strings.Join(words, " ")
}

func commands() []feature.Command {
	const (
		helpConf  = "configuration=Configuration synchronization; "
		helpTrack = "track=Monitor objects; interface=Specify an interface; <interface>=Interface name; "
	)
	list := []feature.Command{
		{Views: "system", Syntax: group, Help: "remote-backup=Remote backup; group=Remote backup group",
			Run: func(x *feature.Exec, _ *cli.Args) {
				n := x.Box.Conf.Root().Open(feature.PlaceRBM, group, group)
				x.Enter(feature.ViewState{Name: "remote-backup-group", Suffix: "remote-backup-group", Node: n})
			}},
		{Views: "system", Syntax: "undo " + group, Help: helpUndo + "remote-backup=Remote backup; group=Remote backup group",
			Run: func(x *feature.Exec, _ *cli.Args) {
				n := x.Box.Conf.Root().Child(group)
				if n == nil {
					x.Error("The remote backup group is not configured.")
					return
				}
				x.Box.Drop(n)
				x.Box.Conf.Root().Remove(group)
				reconfigure(x.Box, rbm.Config{})
			}},
		view("device-role { primary | secondary }", "device-role=Set the role of the device; primary=Primary device; secondary=Secondary device",
			func(x *feature.Exec, a *cli.Args) {
				role, word := rbm.Primary, "primary"
				if a.Has("secondary") {
					role, word = rbm.Secondary, "secondary"
				}
				set(x, placeRole, "device-role", "device-role "+word)
				apply(x, func(c *rbm.Config) { c.Role = role; checkEvery(x.Node(), c) })
			}),
		view("undo device-role", "device-role=Set the role of the device", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeRole, "device-role", "")
			apply(x, func(c *rbm.Config) { c.Role = rbm.NoRole })
		}),
		view("backup-mode dual-active", "backup-mode=Set the backup mode; dual-active=Dual-active mode", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeMode, "backup-mode", "backup-mode dual-active")
			apply(x, func(c *rbm.Config) { c.DualActive = true })
		}),
		view("undo backup-mode", "backup-mode=Set the backup mode", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeMode, "backup-mode", "")
			apply(x, func(c *rbm.Config) { c.DualActive = false })
		}),
		view("local-ip <address:ip>", "local-ip=Local address of the control channel; <address>=IPv4 address", func(x *feature.Exec, a *cli.Args) {
			set(x, placeLocal, "local-ip", "local-ip "+a.Addr("address").String())
			apply(x, func(c *rbm.Config) { c.Local = a.Addr("address") })
		}),
		view("undo local-ip", "local-ip=Local address of the control channel", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeLocal, "local-ip", "")
			apply(x, func(c *rbm.Config) { c.Local = netip.Addr{} })
		}),
		view("remote-ip <address:ip> [ port <port:1024-65535> ]", "remote-ip=Peer address of the control channel; <address>=IPv4 address; port=Port of the control channel; <port>=Port number",
			func(x *feature.Exec, a *cli.Args) {
				line, port := "remote-ip "+a.Addr("address").String(), rbm.DefaultPort
				if a.Has("port") && a.Int("port") != port {
					port = a.Int("port")
					line += fmt.Sprintf(" port %d", port)
				}
				set(x, placeRemote, "remote-ip", line)
				apply(x, func(c *rbm.Config) { c.Remote, c.Port = a.Addr("address"), uint16(port) })
			}),
		view("undo remote-ip", "remote-ip=Peer address of the control channel", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeRemote, "remote-ip", "")
			apply(x, func(c *rbm.Config) { c.Remote, c.Port = netip.Addr{}, 0 })
		}),
		view("keepalive interval <interval:1-60>", "keepalive=Keepalives of the control channel; interval=Set the interval; <interval>=Interval in seconds",
			func(x *feature.Exec, a *cli.Args) { keepalive(x, a.Int("interval"), -1) }),
		view("undo keepalive interval", "keepalive=Keepalives of the control channel; interval=Set the interval", func(x *feature.Exec, _ *cli.Args) { keepalive(x, 0, -1) }),
		view("keepalive count <count:1-255>", "keepalive=Keepalives of the control channel; count=Set the number of missing keepalives; <count>=Number",
			func(x *feature.Exec, a *cli.Args) { keepalive(x, -1, a.Int("count")) }),
		view("undo keepalive count", "keepalive=Keepalives of the control channel; count=Set the number of missing keepalives", func(x *feature.Exec, _ *cli.Args) { keepalive(x, -1, 0) }),
		view("delay-time <delay:1-1440>", "delay-time=Delay of the switch back to a recovered device; <delay>=Delay in minutes", func(x *feature.Exec, a *cli.Args) {
			set(x, placeDelay, "delay-time", fmt.Sprintf("delay-time %d", a.Int("delay")))
			apply(x, func(c *rbm.Config) { c.Delay = time.Duration(a.Int("delay")) * time.Minute })
		}),
		view("undo delay-time", "delay-time=Delay of the switch back to a recovered device", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeDelay, "delay-time", "")
			apply(x, func(c *rbm.Config) { c.Delay = 0 })
		}),
		view("track interface <interface:interface>", helpTrack, func(x *feature.Exec, a *cli.Args) {
			line := "track interface " + a.Str("interface")
			set(x, placeTrack, line, line) // the monitor runs after the command
		}),
		view("undo track interface <interface:interface>", helpTrack, func(x *feature.Exec, a *cli.Args) {
			set(x, placeTrack, "track interface "+a.Str("interface"), "")
		}),
		view("configuration auto-sync enable", helpConf+"auto-sync=Automatic synchronization; enable=Enable it", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeSync, "configuration auto-sync", "")
			apply(x, func(c *rbm.Config) { c.NoAutoSync = false })
		}),
		view("undo configuration auto-sync enable", helpConf+"auto-sync=Automatic synchronization; enable=Enable it", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeSync, "configuration auto-sync", "undo configuration auto-sync enable")
			apply(x, func(c *rbm.Config) { c.NoAutoSync = true })
		}),
		view("configuration manual-sync", helpConf+"manual-sync=Synchronize the configuration once", func(x *feature.Exec, _ *cli.Args) { complain(x, engine(x).ManualSync()) }),
		view("configuration manual-sync-check", helpConf+"manual-sync-check=Check the consistency once", func(x *feature.Exec, _ *cli.Args) { complain(x, engine(x).ManualCheck()) }),
		view("configuration sync-check [ interval <interval:1-168> ]", helpConf+"sync-check=Periodic consistency check; interval=Set the interval; <interval>=Interval in hours",
			func(x *feature.Exec, a *cli.Args) {
				line := ""
				if n := a.Int("interval"); a.Has("interval") && n != int(rbm.DefaultCheck/time.Hour) {
					line = fmt.Sprintf("configuration sync-check interval %d", n)
				}
				set(x, placeSync, "configuration sync-check", line)
				apply(x, func(c *rbm.Config) { checkEvery(x.Node(), c) })
			}),
		view("undo configuration sync-check", helpConf+"sync-check=Periodic consistency check", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeSync, "configuration sync-check", "undo configuration sync-check")
			apply(x, func(c *rbm.Config) { checkEvery(x.Node(), c) })
		}),
		view("hot-backup enable", "hot-backup=Back up service entries; enable=Enable it", func(x *feature.Exec, _ *cli.Args) { set(x, placeHot, "hot-backup", "") }),
		view("undo hot-backup enable", "hot-backup=Back up service entries; enable=Enable it", func(x *feature.Exec, _ *cli.Args) {
			set(x, placeHot, "hot-backup", "undo hot-backup enable")
		}),
		view("switchover request", "switchover=Switch over; request=Hand the traffic over to the peer", func(x *feature.Exec, _ *cli.Args) { complain(x, engine(x).Switchover()) }),
		{Views: "any", Syntax: "display remote-backup-group status", Help: "display=Display current system information; remote-backup-group=Remote backup group; status=Status", Run: displayStatus},
		{Views: "any", Syntax: "display remote-backup-group sync-check", Help: "display=Display current system information; remote-backup-group=Remote backup group; sync-check=Result of the consistency check", Run: displayCheck},
	}
	for i := range list {
		if strings.Contains(list[i].Syntax, "hot-backup") {
			list[i].Kept = true
		}
	}
	list = append(list, kept(placeData, "data-channel", "data-channel interface <interface:interface>", "data-channel [ interface ]",
		"data-channel=Data channel; interface=Specify an interface; <interface>=Interface name")...)
	list = append(list, kept(placeHot, "hot-backup protocol", "hot-backup protocol { dns | http } * enable", "hot-backup protocol { dns | http } * enable",
		"hot-backup=Back up service entries; protocol=Of a protocol; dns=DNS; http=HTTP; enable=Enable it")...)
	list = append(list, kept(placeSync, "configuration route-static", "configuration auto-sync enable route-static", "configuration auto-sync enable route-static",
		helpConf+"auto-sync=Automatic synchronization; enable=Enable it; route-static=Static routes")...)
	list = append(list, kept(placeCost, "", "adjust-cost { bgp | isis | ospf | ospfv3 } enable { absolute [ <cost:1-65535> ] | increment [ <step:1-65535> ] }", "adjust-cost { bgp | isis | ospf | ospfv3 } enable",
		"adjust-cost=Adjust the link cost on the standby device; bgp=BGP; isis=IS-IS; ospf=OSPF; ospfv3=OSPFv3; enable=Enable it; absolute=Absolute cost; <cost>=Cost; increment=Increment; <step>=Increment")...)
	list = append(list, kept(placeTrack, "", "track <track:1-1024>", "track <track:1-1024>", "track=Monitor objects; <track>=Track entry")...)
	list = append(list, kept(placeTrack, "", "track vlan <vlan:1-4094>", "track vlan <vlan:1-4094>", "track=Monitor objects; vlan=Specify a VLAN; <vlan>=VLAN ID")...)
	list = append(list, kept(placeHot, "transparent-transmit", "transparent-transmit enable", "transparent-transmit enable", "transparent-transmit=Pass traffic through between the members; enable=Enable it")...)
	return list
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

// keepalive takes seconds and a count, 0 for the default and -1 to leave one.
func keepalive(x *feature.Exec, seconds, count int) {
	line := func(what string, n, standard int) {
		if n == 0 || n == standard {
			set(x, placeKeepalive, "keepalive "+what, "")
		} else if n > 0 {
			set(x, placeKeepalive, "keepalive "+what, fmt.Sprintf("keepalive %s %d", what, n))
		}
	}
	line("interval", seconds, int(rbm.DefaultInterval/time.Second))
	line("count", count, rbm.DefaultCount)
	apply(x, func(c *rbm.Config) {
		if seconds >= 0 {
			c.Interval = time.Duration(seconds) * time.Second
		}
		if count >= 0 {
			c.Count = count
		}
	})
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
