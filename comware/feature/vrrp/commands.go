package vrrp

import (
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/vrrp"
)

var texts = feature.Texts{
	"vrrp": "Virtual Router Redundancy Protocol (VRRP)", "vrid": "Specify a VRRP group", "<vrid>": "Virtual router identifier",
	"virtual-ip": "Specify a virtual IP address", "<address>": "Virtual IP address", "<mask>": "Mask or mask length",
	"active": "Associate with the VRRP active group of RBM", "standby": "Associate with the VRRP standby group of RBM",
	"priority": "Set the priority", "<priority>": "Priority value", "preempt-mode": "Set the preemptive mode", "delay": "Set the preemption delay",
	"<delay>": "Delay in centiseconds", "timer": "Set a timer", "advertise": "Interval of advertisements", "<interval>": "Interval in centiseconds",
	"shutdown": "Shut down the VRRP group", "track": "Associate with a track entry", "<track>": "Track entry", "reduced": "Decrease the priority",
	"<reduced>": "Value", "<version>": "Version number", "switchover": "Take over at once", "forwarder-switchover": "Let a virtual forwarder take over at once",
	"member-ip": "Specify a member of the group", "<member>": "IP address of the member", "weight": "Weight of the virtual forwarders",
	"source-interface": "Specify the source interface", "<interface>": "Interface name", "authentication-mode": "Set the authentication mode",
	"simple": "Simple text authentication", "md5": "MD5 authentication", "cipher": "Ciphertext form", "plain": "Plaintext form",
	"<key>": "Authentication key", "version": "Specify the version of VRRP", "check-ttl": "Check the TTL of VRRP packets", "enable": "Enable the function",
	"dscp": "Set the DSCP value of VRRP packets", "<dscp>": "DSCP value", "send-gratuitous-arp": "Send gratuitous ARP packets periodically",
	"interval": "Set the interval", "<seconds>": "Interval in seconds", "interface": "Specify an interface", "verbose": "Detailed information",
	"statistics": "Statistics", "all": "All VRRP debugging", "error": "VRRP errors", "event": "VRRP events", "fsm": "VRRP state machine", "packet": "VRRP packets",
	"mode": "Set the operating mode", "load-balance": "Load balancing mode", "version-8": "Version 8 in the packets", "snmp-agent": "SNMP agent",
	"trap": "Traps", "auth-failure": "Authentication failures", "new-master": "New masters", "dot1q": "Control VLAN", "vid": "Outer VLAN",
	"<outer>": "VLAN ID", "secondary-dot1q": "Inner VLAN", "<inner>": "VLAN ID", "ipv6": "IPv6 VRRP", "<address6>": "Virtual IPv6 address",
	"link-local": "Link-local address", "display": "Display current system information", "undo": "Cancel current setting", "reset": "Reset operation",
	"debugging": "Enable system debugging functions",
	"name":      "Name the group", "<name>": "Group name", "follow": "Follow a master group",
	"vrrpv3-send-packet": "Set the version of packets that are sent", "v2-only": "Version 2", "v2v3-both": "Versions 2 and 3",
}

// group is a command about one group. A configuring command makes a group that
// is not there.
func group(syntax string, run func(*feature.Exec, *cli.Args, *vrrp.Router)) feature.Command {
	syntax = strings.Replace(syntax, "GROUP", "vrrp vrid <vrid:1-255>", 1)
	return texts.Command("interface", syntax, func(x *feature.Exec, a *cli.Args) {
		e, name, vrid := engine(x), x.View().Suffix, uint8(a.Int("vrid"))
		r := e.Router(name, vrid)
		if r == nil {
			// A configuration may begin with what is off.
			if a.Has("undo") && (!x.Quiet() || a.Line() != fmt.Sprintf("undo vrrp vrid %d preempt-mode", vrid)) {
				x.Error("The VRRP group does not exist.")
				return
			}
			r = e.Ensure(name, vrid)
		}
		run(x, a, r)
		feature.Get[*host](x.Box).follow()
	})
}

func commands() []feature.Command {
	const (
		which = "[ interface <interface:interface> [ vrid <vrid:1-255> ] ]"
		trace = "debugging vrrp { all | error | event | fsm | packet " + which + " }"
	)
	all := []feature.Command{
		group("GROUP virtual-ip <address:ip> [ <mask:mask> ] [ active | standby ]", setVIP),
		group("undo GROUP [ virtual-ip [ <address:ip> ] ]", undoGroup),
		group("GROUP priority <priority:1-254>", func(x *feature.Exec, a *cli.Args, r *vrrp.Router) { setPriority(x, r, a.Int("priority")) }),
		group("undo GROUP priority", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) { setPriority(x, r, vrrp.PriorityDefault) }),
		group("GROUP preempt-mode [ delay <delay:0-180000> ]", func(x *feature.Exec, a *cli.Args, r *vrrp.Router) { setPreempt(x, r, a.Int("delay")) }),
		group("undo GROUP preempt-mode [ delay ]", undoPreempt),
		group("GROUP timer advertise <interval:10-4095>", func(x *feature.Exec, a *cli.Args, r *vrrp.Router) { setTimer(x, r, a.Int("interval")) }),
		group("undo GROUP timer advertise", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) { setTimer(x, r, defaultTimer) }),
		group("GROUP shutdown", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) { setShutdown(x, r, true) }),
		group("undo GROUP shutdown", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) { setShutdown(x, r, false) }),
		group("GROUP track <track:1-1024> { forwarder-switchover member-ip <member:ip> | priority reduced [ <reduced:1-255> ] | switchover | weight reduced [ <reduced:1-255> ] }", setTrack),
		group("undo GROUP track [ <track:1-1024> [ forwarder-switchover | priority reduced | switchover | weight reduced ] ]", undoTrack),
		group("GROUP source-interface <interface:interface>", func(x *feature.Exec, a *cli.Args, r *vrrp.Router) { setSource(x, r, a.Str("interface")) }),
		group("undo GROUP source-interface", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) { setSource(x, r, "") }),
		group("GROUP authentication-mode { md5 | simple } { cipher | plain } <key:string:1-41>", setAuth),
		group("undo GROUP authentication-mode", func(x *feature.Exec, _ *cli.Args, r *vrrp.Router) {
			r.SetAuth(vrrp.AuthNone, "")
			keep(x, r, rankAuth, "authentication-mode", "", true)
			forget(x, r)
		}),
		texts.Command("interface", "vrrp version <version:2-3>", func(x *feature.Exec, a *cli.Args) { setVersion(x, uint8(a.Int("version"))) }),
		texts.Command("interface", "undo vrrp version", func(x *feature.Exec, _ *cli.Args) { setVersion(x, 3) }),
		texts.Command("interface", "vrrp check-ttl enable", func(x *feature.Exec, _ *cli.Args) {
			engine(x).SetCheckTTL(x.View().Suffix, true)
			x.Node().Remove("vrrp check-ttl")
		}),
		texts.Command("interface", "undo vrrp check-ttl enable", func(x *feature.Exec, _ *cli.Args) {
			engine(x).SetCheckTTL(x.View().Suffix, false)
			x.Node().Set(placeVersion, "vrrp check-ttl", "undo vrrp check-ttl enable")
		}),
		texts.Command("system", "vrrp dscp <dscp:0-63>", func(x *feature.Exec, a *cli.Args) { setDSCP(x, a.Int("dscp")) }),
		texts.Command("system", "undo vrrp dscp", func(x *feature.Exec, _ *cli.Args) { setDSCP(x, defaultDSCP) }),
		texts.Command("system", "vrrp send-gratuitous-arp [ interval <seconds:30-1200> ]", setAnnounce),
		texts.Command("system", "undo vrrp send-gratuitous-arp", func(x *feature.Exec, _ *cli.Args) {
			x.Node().Remove("vrrp send-gratuitous-arp")
			feature.Get[*host](x.Box).announceEvery(0)
		}),
		texts.Command("any", "display vrrp "+which+" [ verbose ]", display),
		texts.Command("any", "display vrrp statistics "+which, displayStatistics),
		texts.Command("user", "reset vrrp statistics "+which, func(x *feature.Exec, a *cli.Args) {
			engine(x).ResetStats(a.Str("interface"), uint8(a.Int("vrid")))
		}),
		texts.Command("user", trace, func(x *feature.Exec, a *cli.Args) { setDebug(x, a, true) }),
		texts.Command("user", "undo "+trace, func(x *feature.Exec, a *cli.Args) { setDebug(x, a, false) }),
	}
	return append(all, keptCommands()...)
}

func setDebug(x *feature.Exec, a *cli.Args, on bool) {
	h := feature.Get[*host](x.Box)
	for _, name := range []string{"error", "event", "fsm"} {
		if a.Has(name) || a.Has("all") {
			x.Box.Switch("VRRP " + name).On = on
		}
	}
	if !a.Has("packet") && !a.Has("all") {
		return
	}
	sw, f := x.Box.Switch("VRRP packet"), filter{a.Str("interface"), a.Int("vrid")}
	if !sw.On { // switched off by another command since
		h.packets = nil
	}
	h.packets = slices.DeleteFunc(h.packets, func(o filter) bool { return o == f || a.Has("all") })
	if on {
		h.packets = append(h.packets, f)
	}
	sw.On = len(h.packets) > 0
}

// keptCommands are those of which only the configuration knows.
func keptCommands() []feature.Command {
	const global = feature.PlaceVRRPGlobal
	all := []feature.Command{
		texts.Keep("system", "vrrp mode load-balance [ version-8 ]", feature.Keep{Place: global, Undo: "vrrp mode"}),
		texts.Keep("system", "snmp-agent trap enable vrrp [ auth-failure | new-master ]",
			feature.Keep{Place: global, Undo: "snmp-agent trap enable vrrp [ auth-failure | new-master ]", On: true}),
		texts.Keep("interface", "vrrp dot1q vid <outer:1-4094> [ secondary-dot1q <inner:1-4094> ]", feature.Keep{Place: placeVersion, Undo: "vrrp dot1q"}),
		texts.Keep("system", "vrrp ipv6 dscp <dscp:0-63>", feature.Keep{Place: global, Undo: "vrrp ipv6 dscp", Default: "vrrp ipv6 dscp 56"}),
		texts.Keep("system", "vrrp ipv6 mode load-balance", feature.Keep{Place: global, Undo: "vrrp ipv6 mode"}),
		texts.Keep("interface", "vrrp ipv6 dot1q vid <outer:1-4094> [ secondary-dot1q <inner:1-4094> ]", feature.Keep{Place: placeVersion, Undo: "vrrp ipv6 dot1q"}),
	}
	for _, row := range []struct{ syntax, undo string }{
		{"name <name:string:1-20>", "name"},
		{"follow <name:string:1-20>", "follow"},
		{"vrrpv3-send-packet { v2-only | v2v3-both }", "vrrpv3-send-packet"},
	} {
		all = append(all, texts.Keep("interface", "vrrp vrid <vrid:1-255> "+row.syntax, feature.Keep{Place: place, Undo: "vrrp vrid <vrid> " + row.undo}))
	}
	for _, row := range []struct{ syntax, undo string }{
		{"virtual-ip <address6:ipv6> [ link-local ] [ active | standby ]", "virtual-ip <address6>"},
		{"priority <priority:1-254>", "priority"},
		{"preempt-mode delay <delay:0-180000>", "preempt-mode delay"},
		{"timer advertise <interval:100-4095>", "timer advertise"},
		{"shutdown", "shutdown"},
		{"track <track:1-1024> { priority reduced [ <reduced:1-255> ] | switchover | weight reduced [ <reduced:1-255> ] }", "track <track>"},
	} {
		all = append(all, texts.Keep("interface", "vrrp ipv6 vrid <vrid:1-255> "+row.syntax, feature.Keep{Place: place + 1, Undo: "vrrp ipv6 vrid <vrid> " + row.undo}))
	}
	return all
}

// setDSCP takes the DSCP value of what is sent from now on.
func setDSCP(x *feature.Exec, n int) {
	feature.Get[*host](x.Box).dscp = uint8(n)
	if n == defaultDSCP {
		x.Node().Remove("vrrp dscp")
		return
	}
	x.Node().Set(feature.PlaceVRRPGlobal, "vrrp dscp", fmt.Sprintf("vrrp dscp %d", n))
}
