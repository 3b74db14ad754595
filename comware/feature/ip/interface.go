package ip

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

var ofInterface = feature.Texts{
	"interface": "Specify the interface configuration view", "description": "Describe the interface",
	"<text>": "Up to 255 characters for description of the interface", "shutdown": "Shut down the interface",
	"port": "Specify port characteristics", "link-mode": "Switch the specified interface to layer2 or layer3 ethernet",
	"route": "Switch to layer3 ethernet", "bridge": "Switch to layer2 ethernet",
	"combo": "Specify the port type of a combo port", "enable": "Enable the combo port", "auto": "Use the port that has a link",
	"copper": "Use the copper port", "fiber": "Use the fiber port",
	"mtu": "Specify Maximum Transmission Unit(MTU) of the interface", "<size>": "MTU in bytes",
	"bandwidth": "Specify the expected bandwidth", "<kbps>": "Expected bandwidth in kbit/s",
	"flow-interval": "Set the interval for collecting interface statistics", "<seconds>": "Interval in seconds, a multiple of 5",
	"default":   "Restore the default settings",
	"vlan-type": "Specify how the subinterface terminates VLAN frames", "dot1q": "Dot1q termination", "vid": "Specify a VLAN by its ID", "<vid>": "VLAN ID",
	"counters": "Clear counters",
}

var ofIPMTU = feature.Texts{"ip": "Specify IP configurations for the interface", "mtu": "Maximum length of IPv4 packets", "<size>": "MTU in bytes",
	"forward-broadcast": "Forward directed broadcasts to the networks of the interface"}

var ofLink = feature.Texts{
	"speed": "Specify the speed of the port", "10": "Specify the speed as 10 Mbps", "100": "Specify the speed as 100 Mbps",
	"1000": "Specify the speed as 1000 Mbps", "10000": "Specify the speed as 10000 Mbps", "auto": "Enable the port to negotiate with its peer",
	"duplex": "Specify the duplex mode", "full": "Full-duplex", "half": "Half-duplex",
}

var interfaceCommands = slices.Concat(
	[]feature.Command{
		command("system", "interface <interface:interface>", ofInterface, enterInterface),
		command("system", "undo interface <interface:interface>", ofInterface, removeInterface),
		command("interface", "port link-mode route", ofInterface, setLinkMode),
		kept(command("interface", "port link-mode bridge", ofInterface, setLinkMode)),
		command("interface", "undo port link-mode", ofInterface, func(x *feature.Exec, a *cli.Args) { setLinkMode(x, a) }),
		with(ofInterface).Keep("interface", "combo enable { auto | copper | fiber }", feature.Keep{Place: placeCombo, Undo: "combo enable"}),
		with(ofLink).Keep("interface", "speed { 10 | 100 | 1000 | 10000 | auto }", feature.Keep{Place: placeSpeed, Default: "speed auto"}),
		with(ofLink).Keep("interface", "duplex { auto | full | half }", feature.Keep{Place: placeDuplex, Default: "duplex auto"}),
		command("interface loopback null tunnel", "default", ofInterface, restoreDefault),
		command("user", "reset counters interface [ <interface:interface> | <type:iftype> ]", ofInterface, func(x *feature.Exec, a *cli.Args) {
			for _, i := range chosen(x, a) {
				i.ClearCounters()
			}
		}),
	},
	both("interface loopback tunnel", "shutdown", "shutdown", ofInterface, func(x *feature.Exec, _ *cli.Args, on bool) { setShutdown(x, on) }),
	both("interface loopback null tunnel", "description <text:text:1-255>", "description", ofInterface, func(x *feature.Exec, a *cli.Args, on bool) {
		put(x, placeDescription, "description", "description "+a.Str("text"), on)
	}),
	both("interface", "mtu <size:64-1600>", "mtu", ofInterface, func(x *feature.Exec, a *cli.Args, on bool) {
		size := defaultMTU
		if on {
			size = a.Int("size")
		}
		iface(x).SetMTU(size)
		put(x, placeMTU, "mtu", fmt.Sprintf("mtu %d", size), size != defaultMTU)
	}),
	both("interface", "ip forward-broadcast", "ip forward-broadcast", ofIPMTU, func(x *feature.Exec, _ *cli.Args, on bool) {
		iface(x).SetForwardBroadcast(on)
		put(x, placeForward, "ip forward-broadcast", "ip forward-broadcast", on)
	}),
	both("interface", "ip mtu <size:128-2000>", "ip mtu", ofIPMTU, func(x *feature.Exec, a *cli.Args, on bool) {
		iface(x).SetIPMTU(a.Int("size"))
		put(x, placeIPMTU, "ip mtu", fmt.Sprintf("ip mtu %d", a.Int("size")), on)
	}),
	both("interface loopback tunnel", "bandwidth <kbps:1-400000000>", "bandwidth", ofInterface, func(x *feature.Exec, a *cli.Args, on bool) {
		put(x, placeBandwidth, "bandwidth", fmt.Sprintf("bandwidth %d", a.Int("kbps")), on)
	}),
	both("interface", "flow-interval <seconds:5-300>", "flow-interval", ofInterface, func(x *feature.Exec, a *cli.Args, on bool) {
		span := stack.MaxInterval
		if on {
			if span = time.Duration(a.Int("seconds")) * time.Second; span%(5*time.Second) != 0 {
				x.Error("Error: The interval must be a multiple of 5 seconds.")
				return
			}
		}
		iface(x).SetInterval(span)
		put(x, placeFlowInterval, "flow-interval", fmt.Sprintf("flow-interval %d", span/time.Second), span != stack.MaxInterval)
	}),
	both("interface", "vlan-type dot1q vid <vid:1-4094>", "vlan-type dot1q vid <vid:1-4094>", ofInterface, setVLAN),
)

func kept(c feature.Command) feature.Command { c.Kept = true; return c }

const defaultMTU = 1500

// iface is the interface of the view.
func iface(x *feature.Exec) *stack.Iface { return x.Box.Stack.Iface(x.View().Suffix) }

// chosen are the interfaces that a command names: one, those of a type, or
// all.
func chosen(x *feature.Exec, a *cli.Args) []*stack.Iface {
	name, kind := a.Str("interface"), a.Str("type")
	return slices.DeleteFunc(x.Box.Stack.Ifaces(), func(i *stack.Iface) bool {
		t, _, _ := cli.TypeOf(i.Name())
		return name != "" && name != i.Name() || kind != "" && kind != t.Name
	})
}

// keptInterface says where the lines of an interface are kept that the stack
// does not have.
func keptInterface(b *feature.Box, name string) (view string, rank int, ok bool) {
	if b.KeptInterface == nil || strings.HasPrefix(name, "Tunnel") || b.Stack.Iface(name) != nil {
		return "", 0, false
	}
	return b.KeptInterface(name)
}

func enterInterface(x *feature.Exec, a *cli.Args) {
	name := a.Str("interface")
	s := x.Box.Stack
	if kept, rank, ok := keptInterface(x.Box, name); ok {
		node := x.Box.Conf.Root().Child(key(name))
		if node == nil {
			node = x.Box.Conf.Root().Open(feature.PlaceInterface+rank, key(name), key(name))
		}
		x.Enter(feature.ViewState{Name: kept, Suffix: name, Node: node})
		return
	}
	switch main, _, sub := strings.Cut(name, "."); {
	case strings.HasPrefix(name, "LoopBack"):
		if s.Iface(name) == nil {
			s.AddLoopback(name)
		}
	case name == nullName:
	case strings.HasPrefix(name, "Tunnel") && s.Iface(name) == nil: // it wants a mode
		x.Error("Error: The interface does not exist.")
		return
	case name == inLoopName:
		x.Error("Error: The interface cannot be created or configured.")
		return
	case s.Iface(name) == nil && sub && s.Iface(main) != nil && bridged(x.Box, main):
		x.Error("Error: The interface is in bridge mode.")
		return
	case s.Iface(name) == nil && sub && s.Iface(main) != nil:
		s.AddSub(s.Iface(main), name)
	case s.Iface(name) == nil:
		x.Error("Error: The interface cannot be created or configured.")
		return
	}
	x.Enter(viewOf(x.Box, name))
}

func removeInterface(x *feature.Exec, a *cli.Args) {
	name := a.Str("interface")
	root := x.Box.Conf.Root()
	node := root.Child(key(name))
	switch {
	case node == nil:
		x.Error("Error: The interface does not exist.")
		return
	case x.Box.Stack.Iface(name) == nil:
		x.Box.Drop(node)
		root.Remove(key(name))
		return
	case !strings.HasPrefix(name, "LoopBack") && !strings.HasPrefix(name, "Tunnel") && !strings.Contains(name, "."):
		x.Error("Error: The interface cannot be deleted.")
		return
	}
	undoLines(x, node, func(*conf.Node) bool { return true })
	for _, view := range slices.Clone(root.Kids()) { // security zones give it up
		line := "import " + key(name)
		if slices.ContainsFunc(view.Kids(), func(k *conf.Node) bool { return k.Text == line }) {
			x.Box.Apply([]string{view.Text}, "undo "+line)
		}
	}
	for _, r := range x.Box.Stack.Statics() {
		if r.Iface == name {
			dropRoute(x.Box, r)
		}
	}
	root.Remove(key(name))
	x.Box.Drop(node)
	x.Box.Stack.RemoveIface(name)
	forgetRanges(x.Box)
}

// undoLines runs the undo form of the lines of a view that satisfy f, last
// first: the whole line behind `undo`, or as much of it as the grammar takes.
func undoLines(x *feature.Exec, view *conf.Node, f func(*conf.Node) bool) {
	for _, k := range slices.Backward(slices.Clone(view.Kids())) {
		if !f(k) {
			continue
		}
		if line, ok := strings.CutPrefix(k.Text, "undo "); ok {
			x.Box.Apply([]string{view.Text}, line)
			continue
		}
		for w := strings.Fields(k.Text); len(w) > 0; w = w[:len(w)-1] {
			if len(x.Box.Apply([]string{view.Text}, "undo "+strings.Join(w, " "))) == 0 {
				break
			}
		}
	}
}

func restoreDefault(x *feature.Exec, _ *cli.Args) {
	node := x.Node()
	x.Confirm("This command will restore the default settings. Continue? [Y/N]:", func(yes bool) {
		if yes {
			undoLines(x, node, func(k *conf.Node) bool { return k.Key != "port link-mode" })
		}
	})
}

// setShutdown keeps the command and lets it act right after it has returned,
// so that what it causes comes after the prompt, as on the device.
func setShutdown(x *feature.Exec, down bool) {
	put(x, placeShutdown, "shutdown", "shutdown", down)
	i := iface(x)
	if x.Quiet() {
		i.SetAdmin(!down)
		return
	}
	x.Box.After(0, func() { i.SetAdmin(!down) })
}

// setLinkMode turns a port to the other mode. It then has its default
// settings, but for shutdown and the port type (command reference, port
// link-mode). Nothing bridges: a port in bridge mode passes no packets.
func setLinkMode(x *feature.Exec, a *cli.Args) {
	if iface(x).Port() == nil {
		x.Error("Error: The command is not supported on a subinterface.")
		return
	}
	mode := "route"
	if a.Has("bridge") {
		mode = "bridge"
	}
	line := "port link-mode " + mode
	if n := x.Node().Child("port link-mode"); n == nil || n.Text != line {
		if len(iface(x).Below()) > 0 {
			x.Error("Error: The interface has subinterfaces.")
			return
		}
		undoLines(x, x.Node(), func(k *conf.Node) bool {
			return k.Key != "port link-mode" && k.Key != "shutdown" && k.Key != "combo enable"
		})
	}
	x.Node().Set(placeLinkMode, "port link-mode", line)
}

// bridged says whether a port is in bridge mode.
func bridged(b *feature.Box, name string) bool {
	n := b.Conf.Root().Child(key(name))
	if n == nil {
		return false
	}
	mode := n.Child("port link-mode")
	return mode != nil && mode.Text == "port link-mode bridge"
}

func setVLAN(x *feature.Exec, a *cli.Args, on bool) {
	i := iface(x)
	vid := a.Int("vid")
	switch {
	case i.Main() == nil:
		x.Error("Error: The command is supported on subinterfaces only.")
	case on && !i.SetVLAN(uint16(vid)):
		x.Error("Error: Another subinterface terminates the VLAN.")
	case on:
		x.Node().Set(placeVLANType, "vlan-type dot1q", fmt.Sprintf("vlan-type dot1q vid %d", vid))
	case int(i.VLAN()) != vid:
		x.Error("Error: The subinterface does not terminate the VLAN.")
	default:
		i.SetVLAN(0)
		x.Node().Remove("vlan-type dot1q")
	}
}

// description is what the configuration says of an interface.
func description(root *conf.Node, name string) string { return setting(root, name, "description") }

// setting is what follows a keyword in the configuration of an interface, ""
// when the line is not there.
func setting(root *conf.Node, name, keyword string) string {
	if n := root.Child(key(name)); n != nil {
		if l := n.Child(keyword); l != nil {
			return strings.TrimPrefix(l.Text, keyword+" ")
		}
	}
	return ""
}
