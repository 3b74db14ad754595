// Package vrrp gives the console virtual routers: the commands of interface
// view, the displays, the logs and the debugging traces. The engine is
// emulator/vrrp.
//
// Source: "VRRP commands" of the Comware 7 command references and the log
// message reference. `vrrp vrid virtual-ip ... active | standby` is of the
// remote backup group command reference.
//
// Limitations: IPv4 standard mode; track entries and source interfaces are
// kept in the configuration and not acted on, authentication, DSCP and
// periodic gratuitous ARP are not known. A group that is shut down gives the reason of an interface
// event, as no reason of its own is known.
package vrrp

import (
	"fmt"
	"net/netip"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/wire"
)

// Feature is VRRP.
var Feature = feature.Feature{Name: "vrrp", Commands: commands(), Install: install}

// tos is the type of service of an advertisement: DSCP 48 (vrrp dscp).
const tos = 48 << 2

// A host is the box as the engine sees it.
type host struct {
	*feature.Box
	listeners []func(iface string, vip netip.Addr, from, to vrrp.State)
	debug     map[vrrp.Kind]*feature.Switch
	errors    *feature.Switch
	onlyIface string // of packet debugging, "" for all
	onlyVRID  int    // 0 for all
}

func install(b *feature.Box) {
	event, packet := b.Switch("VRRP event"), b.Switch("VRRP packet")
	h := &host{Box: b, errors: b.Switch("VRRP error"), debug: map[vrrp.Kind]*feature.Switch{
		vrrp.StateChanged: b.Switch("VRRP fsm"), vrrp.Sent: packet, vrrp.Received: packet,
		vrrp.TimerCreated: event, vrrp.TimerDeleted: event, vrrp.TimerExpired: event,
	}}
	e := vrrp.New(h)
	feature.Put(b, e)
	feature.Put(b, h)
	b.Stack.HandleProto(vrrp.Protocol, func(p *stack.Packet) {
		if p.In != nil && p.Dst == vrrp.Group {
			e.Receive(p.In.Name(), p.Src, p.Dst, p.TTL, p.Payload)
		}
	})
	b.Stack.OnIface(func(i *stack.Iface, _ bool) { e.InterfaceChanged(i.Name()) })
	b.OnConfig(func(ev feature.ConfigEvent) {
		if len(ev.Path) == 1 && strings.HasPrefix(ev.Path[0], "interface ") {
			e.InterfaceChanged(strings.TrimPrefix(ev.Path[0], "interface "))
		}
	})
	// The lines of a startup file may stand in any order.
	b.After(0, func() {
		for _, r := range e.Routers() {
			e.InterfaceChanged(r.Iface())
		}
	})
	b.OnStop(e.Stop)
}

// OnChange calls f after every change of a virtual router's state, once for
// each of its virtual addresses.
func OnChange(b *feature.Box, f func(iface string, vip netip.Addr, from, to vrrp.State)) {
	h := feature.Get[*host](b)
	h.listeners = append(h.listeners, f)
}

func engine(x *feature.Exec) *vrrp.Engine { return feature.Get[*vrrp.Engine](x.Box) }

func (h *host) Interface(name string) (netip.Addr, bool) {
	i := h.Stack.Iface(name)
	if i == nil {
		return netip.Addr{}, false
	}
	return i.Addr().Addr(), i.Up()
}

func (h *host) Join(name string, group netip.Addr) {
	if i := h.Stack.Iface(name); i != nil {
		h.Stack.JoinMulticast(i, group)
	}
}

func (h *host) Leave(name string, group netip.Addr) {
	if i := h.Stack.Iface(name); i != nil {
		h.Stack.LeaveMulticast(i, group)
	}
}

func (h *host) SendAdvert(name string, src, dst netip.Addr, vrid uint8, message []byte) {
	i := h.Stack.Iface(name)
	if i == nil {
		return
	}
	// An advertisement that cannot be sent is lost, as on any link.
	_ = h.Stack.SendIP(&stack.Packet{Out: i, Src: src, Dst: dst, Proto: vrrp.Protocol, TTL: vrrp.TTL, TOS: tos,
		SrcMAC: wire.MAC(vrrp.MAC(vrid)), Payload: message})
}

func (h *host) AddVirtual(name string, a netip.Addr, vrid uint8) {
	if i := h.Stack.Iface(name); i != nil {
		i.AddVirtual(a, wire.MAC(vrrp.MAC(vrid)))
	}
}

func (h *host) RemoveVirtual(name string, a netip.Addr) {
	if i := h.Stack.Iface(name); i != nil {
		i.RemoveVirtual(a)
	}
}

func (h *host) Announce(name string, a netip.Addr, vrid uint8) {
	if i := h.Stack.Iface(name); i != nil {
		i.GratuitousARP(a, wire.MAC(vrrp.MAC(vrid)))
	}
}

// reasons are the words of the log message reference.
var reasons = map[vrrp.Cause]string{
	vrrp.CauseConfig:     "IP address deleted",
	vrrp.CauseInterface:  "Interface event received",
	vrrp.CauseShutdown:   "Interface event received",
	vrrp.CauseMasterDown: "Master-down-timer expired",
	vrrp.CausePreempt:    "Preempt",
	vrrp.CauseZero:       "Zero priority packet received",
	vrrp.CausePacket:     "VRRP packet received",
	vrrp.CauseOwner:      "Current device has changed to IP address owner",
	vrrp.CauseTrack:      "The status of the tracked object changed",
	vrrp.CauseRBM:        "Controlled by RBM",
}

var timers = map[vrrp.Timer]string{vrrp.AdverTimer: "Adver timer", vrrp.HoldTimer: "Hold timer", vrrp.MasterDownTimer: "Master down timer"}

// Emit words what a virtual router did.
func (h *host) Emit(ev vrrp.Event) {
	if ev.Kind == vrrp.StateChanged {
		h.changed(ev)
		return
	}
	if ev.Kind == vrrp.Bad {
		if h.errors.On {
			h.Debug(h.errors, "VRRP4", "Error", "\n"+fault(ev))
		}
		return
	}
	sw := h.debug[ev.Kind]
	if !sw.On {
		return
	}
	group := fmt.Sprintf("\n IPv4 %s | Virtual Router %d : ", ev.Iface, ev.VRID)
	switch ev.Kind {
	case vrrp.Sent, vrrp.Received:
		if h.onlyIface != "" && h.onlyIface != ev.Iface || h.onlyVRID != 0 && h.onlyVRID != int(ev.VRID) {
			return
		}
		how := "Sent Advertisement message from " + ev.Iface
		if ev.Kind == vrrp.Received {
			how = fmt.Sprintf("Received Advertisement message from %s on %s", ev.Peer, ev.Iface)
		}
		h.Debug(sw, "VRRP4", "Packet", fmt.Sprintf("\n %s\n VRID: %d  Pri: %d  Adver timer: %d centisecs", how, ev.VRID, ev.Priority, ev.Interval.Milliseconds()/10))
	case vrrp.TimerCreated:
		h.Debug(sw, "VRRP4", "Event", group+timers[ev.Timer]+" created")
	case vrrp.TimerDeleted:
		h.Debug(sw, "VRRP4", "Event", group+timers[ev.Timer]+" deleted")
	case vrrp.TimerExpired:
		h.Debug(sw, "VRRP4", "Event", group+timers[ev.Timer]+" expired")
	case vrrp.StateChanged, vrrp.Bad:
	}
}

// changed logs a change of state. Leaving and reaching Inactive, and the start
// as a backup, are not logged on a device.
func (h *host) changed(ev vrrp.Event) {
	if ev.From != vrrp.Inactive && ev.To != vrrp.Inactive && (ev.From != vrrp.Initialize || ev.To != vrrp.Backup) {
		// This release breaks the log after its context and ends it with an empty line.
		h.Log("VRRP4", 6, "VRRP_STATUS_CHANGE", fmt.Sprintf("\nThe status of IPv4 virtual router %d (configured on %s) changed from %s to %s: %s.\n",
			ev.VRID, ev.Iface, ev.From, ev.To, reasons[ev.Why]))
	}
	if sw := h.debug[vrrp.StateChanged]; sw.On {
		why := ""
		if ev.To == vrrp.Master || ev.From == vrrp.Master {
			why = "   reason: " + reasons[ev.Why]
		}
		h.Debug(sw, "VRRP4", "FSM", fmt.Sprintf("\n IPv4 %s | Virtual Router %d : %s --> %s%s", ev.Iface, ev.VRID, ev.From, ev.To, why))
	}
	r := feature.Get[*vrrp.Engine](h.Box).Router(ev.Iface, ev.VRID)
	if r == nil {
		return
	}
	for _, vip := range r.VIPs() {
		for _, f := range h.listeners {
			f(ev.Iface, vip, ev.From, ev.To)
		}
	}
}

func fault(ev vrrp.Event) string {
	switch ev.Fault {
	case vrrp.FaultVRID:
		return fmt.Sprintf("The VRID %d in the packet from %s does not exist on interface %s", ev.VRID, ev.Peer, ev.Iface)
	case vrrp.NoFault, vrrp.FaultChecksum, vrrp.FaultVersion, vrrp.FaultTTL, vrrp.FaultLength, vrrp.FaultType, vrrp.FaultAuthType,
		vrrp.FaultInterval, vrrp.FaultAddresses:
	}
	return "The VRRP packet is illegal"
}

const (
	helpUndo  = "undo=Cancel current setting; "
	helpGroup = "vrrp=Virtual Router Redundancy Protocol (VRRP); vrid=Specify a VRRP group; <vrid>=Virtual router identifier; "
	helpIf    = "interface=Specify an interface; <interface>=Interface name; vrid=Specify a VRRP group; <vrid>=Virtual router identifier; "
	helpDebug = "vrrp=Virtual Router Redundancy Protocol (VRRP); error=VRRP errors; event=VRRP events; fsm=VRRP state machine; packet=VRRP packets; " + helpIf
	helpShow  = "display=Display current system information; vrrp=Virtual Router Redundancy Protocol (VRRP); "
)

func commands() []feature.Command {
	group := func(syntax, help string, run func(*feature.Exec, *cli.Args, *vrrp.Router)) feature.Command {
		if strings.HasPrefix(syntax, "undo ") {
			help = helpUndo + help
		}
		return feature.Command{Views: "interface", Syntax: strings.Replace(syntax, "GROUP", "vrrp vrid <vrid:1-255>", 1), Help: helpGroup + help,
			Run: func(x *feature.Exec, a *cli.Args) {
				e, name, vrid := engine(x), x.View().Suffix, uint8(a.Int("vrid"))
				r := e.Router(name, vrid)
				if r == nil {
					if a.Has("undo") {
						x.Error("The VRRP group does not exist.")
						return
					}
					r = e.Ensure(name, vrid)
				}
				run(x, a, r)
			}}
	}
	return []feature.Command{
		group("GROUP virtual-ip <address:ip> [ <mask:mask> ] [ active | standby ]",
			"virtual-ip=Specify a virtual IP address; <address>=Virtual IP address; <mask>=Mask or mask length; active=Associate with the VRRP active group of RBM; standby=Associate with the VRRP standby group of RBM",
			setVIP),
		group("undo GROUP [ virtual-ip [ <address:ip> ] ]", "virtual-ip=Specify a virtual IP address; <address>=Virtual IP address", undoGroup),
		group("GROUP priority <priority:1-254>", "priority=Set the priority; <priority>=Priority value", func(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
			p := a.Int("priority")
			r.SetPriority(uint8(p))
			keep(x, r, 1, "priority", fmt.Sprintf("priority %d", p), p == vrrp.PriorityDefault)
		}),
		group("undo GROUP priority", "priority=Set the priority", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) {
			r.SetPriority(vrrp.PriorityDefault)
			keep(x, r, 1, "priority", "", true)
		}),
		group("GROUP preempt-mode [ delay <delay:0-180000> ]", "preempt-mode=Set the preemptive mode; delay=Set the preemption delay; <delay>=Delay in centiseconds",
			func(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
				d := a.Int("delay")
				r.SetPreempt(true, centiseconds(d))
				keep(x, r, 2, "preempt-mode", fmt.Sprintf("preempt-mode delay %d", d), d == 0)
			}),
		group("undo GROUP preempt-mode [ delay ]", "preempt-mode=Set the preemptive mode; delay=Set the preemption delay",
			func(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
				if a.Has("delay") {
					r.SetPreempt(r.Preempt(), 0)
					if r.Preempt() {
						keep(x, r, 2, "preempt-mode", "", true)
					}
					return
				}
				r.SetPreempt(false, 0)
				x.Node().Set(place, key(r, 2, "preempt-mode"), fmt.Sprintf("undo vrrp vrid %d preempt-mode", r.VRID()))
			}),
		group("GROUP timer advertise <interval:10-4095>", "timer=Set a timer; advertise=Interval of advertisements; <interval>=Interval in centiseconds",
			func(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
				n := a.Int("interval")
				r.SetInterval(centiseconds(n))
				keep(x, r, 3, "timer", fmt.Sprintf("timer advertise %d", n), n == 100)
			}),
		group("undo GROUP timer advertise", "timer=Set a timer; advertise=Interval of advertisements", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) {
			r.SetInterval(centiseconds(100))
			keep(x, r, 3, "timer", "", true)
		}),
		group("GROUP shutdown", "shutdown=Shut down the VRRP group", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) { setShutdown(x, r, true) }),
		group("undo GROUP shutdown", "shutdown=Shut down the VRRP group", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) { setShutdown(x, r, false) }),
		kept(group("GROUP track <track:1-1024> { priority reduced [ <reduced:1-255> ] | switchover }",
			"track=Associate with a track entry; <track>=Track entry; priority=Priority of the group; reduced=Decrease the priority; <reduced>=Value; switchover=Take over at once",
			func(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
				what := "switchover"
				if a.Has("priority") {
					what = strings.TrimSpace("priority reduced " + a.Str("reduced"))
				}
				keep(x, r, 5, fmt.Sprintf("track %d", a.Int("track")), fmt.Sprintf("track %d %s", a.Int("track"), what), false)
			})),
		kept(group("undo GROUP track <track:1-1024>", "track=Associate with a track entry; <track>=Track entry", func(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
			keep(x, r, 5, fmt.Sprintf("track %d", a.Int("track")), "", true)
		})),
		kept(group("GROUP source-interface <interface:interface>", "source-interface=Specify the source interface; <interface>=Interface name",
			func(x *feature.Exec, a *cli.Args, r *vrrp.Router) {
				keep(x, r, 6, "source-interface", "source-interface "+a.Str("interface"), false)
			})),
		kept(group("undo GROUP source-interface", "source-interface=Specify the source interface", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) {
			keep(x, r, 6, "source-interface", "", true)
		})),
		{Views: "interface", Syntax: "vrrp version { 2 | 3 }", Help: helpGroup + "version=Specify the version of VRRP; 2=VRRPv2; 3=VRRPv3",
			Run: func(x *feature.Exec, a *cli.Args) {
				v := uint8(3)
				if a.Has("2") {
					v = 2
				}
				setVersion(x, v)
			}},
		{Views: "interface", Syntax: "undo vrrp version", Help: helpUndo + helpGroup + "version=Specify the version of VRRP",
			Run: func(x *feature.Exec, _ *cli.Args) { setVersion(x, 3) }},
		{Views: "interface", Syntax: "vrrp check-ttl enable", Help: helpGroup + "check-ttl=Check the TTL of VRRP packets; enable=Enable the check",
			Run: func(x *feature.Exec, _ *cli.Args) {
				engine(x).SetCheckTTL(x.View().Suffix, true)
				x.Node().Remove("vrrp check-ttl")
			}},
		{Views: "interface", Syntax: "undo vrrp check-ttl enable", Help: helpUndo + helpGroup + "check-ttl=Check the TTL of VRRP packets; enable=Enable the check",
			Run: func(x *feature.Exec, _ *cli.Args) {
				engine(x).SetCheckTTL(x.View().Suffix, false)
				x.Node().Set(placeVersion, "vrrp check-ttl", "undo vrrp check-ttl enable")
			}},
		{Views: "any", Syntax: "display vrrp [ interface <interface:interface> [ vrid <vrid:1-255> ] ] [ verbose ]",
			Help: helpShow + helpIf + "verbose=Detailed information", Run: display},
		{Views: "any", Syntax: "display vrrp statistics [ interface <interface:interface> [ vrid <vrid:1-255> ] ]",
			Help: helpShow + helpIf + "statistics=Statistics", Run: displayStatistics},
		{Views: "user", Syntax: "reset vrrp statistics [ interface <interface:interface> [ vrid <vrid:1-255> ] ]",
			Help: "reset=Reset operation; vrrp=Virtual Router Redundancy Protocol (VRRP); statistics=Statistics; " + helpIf,
			Run: func(x *feature.Exec, a *cli.Args) {
				engine(x).ResetStats(a.Str("interface"), uint8(a.Int("vrid")))
			}},
		{Views: "user", Syntax: "debugging vrrp { error | event | fsm | packet [ interface <interface:interface> [ vrid <vrid:1-255> ] ] }",
			Help: "debugging=Enable system debugging functions; " + helpDebug,
			Run:  func(x *feature.Exec, a *cli.Args) { setDebug(x, a, true) }},
		{Views: "user", Syntax: "undo debugging vrrp { error | event | fsm | packet [ interface <interface:interface> [ vrid <vrid:1-255> ] ] }",
			Help: helpUndo + "debugging=Enable system debugging functions; " + helpDebug,
			Run:  func(x *feature.Exec, a *cli.Args) { setDebug(x, a, false) }},
	}
}

func kept(c feature.Command) feature.Command { c.Kept = true; return c }

func setDebug(x *feature.Exec, a *cli.Args, on bool) {
	for _, name := range []string{"error", "event", "fsm", "packet"} {
		if a.Has(name) {
			x.Box.Switch("VRRP " + name).On = on
		}
	}
	if a.Has("packet") {
		h := feature.Get[*host](x.Box)
		h.onlyIface, h.onlyVRID = a.Str("interface"), a.Int("vrid")
	}
}
