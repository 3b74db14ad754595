package ip

import (
	"fmt"
	"net/netip"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

var interfaceCommands = []feature.Command{
	{
		Views: "system", Syntax: "interface <interface:interface>",
		Help: "interface=Specify the interface configuration view; <interface>=Interface name",
		Run:  enterInterface,
	},
	{
		Views: "system", Syntax: "undo interface <interface:interface>",
		Help: "undo=Cancel current setting; interface=Specify the interface configuration view; <interface>=Interface name",
		Run:  removeInterface,
	},
	{
		Views: "interface loopback", Syntax: "ip address <address:ip> <mask:mask>",
		Help: "ip=Specify IP configurations for the interface; address=Set the IP address of an interface; <address>=IP address; <mask>=Mask or mask length of the IP address",
		Run:  setAddress,
	},
	{
		Views: "interface loopback", Syntax: "undo ip address [ <address:ip> <mask:mask> ]",
		Help: "undo=Cancel current setting; ip=Specify IP configurations for the interface; address=Set the IP address of an interface; <address>=IP address; <mask>=Mask or mask length of the IP address",
		Run:  removeAddress,
	},
	{
		Views: "interface loopback", Syntax: "shutdown", Help: "shutdown=Shut down the interface",
		Run: func(x *feature.Exec, _ *cli.Args) { setShutdown(x, true) },
	},
	{
		Views: "interface loopback", Syntax: "undo shutdown", Help: "undo=Cancel current setting; shutdown=Shut down the interface",
		Run: func(x *feature.Exec, _ *cli.Args) { setShutdown(x, false) },
	},
	{
		Views: "interface loopback null", Syntax: "description <text:text:1-255>",
		Help: "description=Describe the interface; <text>=Up to 255 characters for description of the interface",
		Run: func(x *feature.Exec, a *cli.Args) {
			x.Node().Set(placeDescription, "description", "description "+a.Str("text"))
		},
	},
	{
		Views: "interface loopback null", Syntax: "undo description", Help: "undo=Cancel current setting; description=Describe the interface",
		Run: func(x *feature.Exec, _ *cli.Args) { x.Node().Remove("description") },
	},
	{
		Views: "interface", Syntax: "port link-mode route",
		Help: "port=Specify port characteristics; link-mode=Switch the specified interface to layer2 or layer3 ethernet; route=Switch to layer3 ethernet",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Node().Set(placeLinkMode, "port link-mode", "port link-mode route")
		},
	},
	{
		Views: "interface", Syntax: "combo enable { auto | copper | fiber }",
		Help: "combo=Specify the port type of a combo port; enable=Enable the combo port; auto=Use the port that has a link; copper=Use the copper port; fiber=Use the fiber port",
		Run: func(x *feature.Exec, a *cli.Args) {
			for _, kind := range []string{"auto", "copper", "fiber"} {
				if a.Has(kind) {
					x.Node().Set(placeCombo, "combo enable", "combo enable "+kind)
				}
			}
		},
	},
	{
		Views: "interface", Syntax: "mtu <size:64-1600>",
		Help: "mtu=Specify Maximum Transmission Unit(MTU) of the interface; <size>=MTU in bytes",
		Run: func(x *feature.Exec, a *cli.Args) {
			size := a.Int("size")
			iface(x).SetMTU(size)
			if size == defaultMTU {
				x.Node().Remove("mtu")
				return
			}
			x.Node().Set(placeMTU, "mtu", fmt.Sprintf("mtu %d", size))
		},
	},
	{
		Views: "interface", Syntax: "undo mtu", Help: "undo=Cancel current setting; mtu=Specify Maximum Transmission Unit(MTU) of the interface",
		Run: func(x *feature.Exec, _ *cli.Args) {
			iface(x).SetMTU(defaultMTU)
			x.Node().Remove("mtu")
		},
	},
	{
		Views: "user", Syntax: "reset counters interface [ <interface:interface> ]",
		Help: "reset=Reset operation; counters=Clear counters; interface=Clear the statistics of the interface; <interface>=Interface name",
		Run: func(x *feature.Exec, a *cli.Args) {
			for _, i := range x.Box.Stack.Ifaces() {
				if !a.Has("interface") || a.Str("interface") == "" || a.Str("interface") == i.Name() {
					i.ClearCounters()
				}
			}
		},
	},
}

const defaultMTU = 1500

// iface is the interface of the view.
func iface(x *feature.Exec) *stack.Iface { return x.Box.Stack.Iface(x.View().Suffix) }

func enterInterface(x *feature.Exec, a *cli.Args) {
	name := a.Str("interface")
	view := "interface"
	switch {
	case strings.HasPrefix(name, "LoopBack"):
		view = "loopback"
		if x.Box.Stack.Iface(name) == nil {
			x.Box.Stack.AddLoopback(name)
		}
	case name == nullName:
		view = "null"
	case x.Box.Stack.Iface(name) == nil, name == inLoopName:
		x.Error("Error: The interface cannot be created or configured.")
		return
	}
	node := x.Box.Conf.Root().Open(place(name), key(name), key(name))
	x.Enter(feature.ViewState{Name: view, Suffix: name, Node: node})
}

func removeInterface(x *feature.Exec, a *cli.Args) {
	name := a.Str("interface")
	node := x.Box.Conf.Root().Child(key(name))
	switch {
	case node == nil:
		x.Error("Error: The interface does not exist.")
	case !strings.HasPrefix(name, "LoopBack"):
		x.Error("Error: The interface cannot be deleted.")
	default:
		x.Box.Conf.Root().Remove(key(name))
		x.Box.Drop(node)
		x.Box.Stack.RemoveIface(name)
	}
}

// setShutdown keeps the command and lets it act right after it has returned,
// so that what it causes comes after the prompt, as on the device.
func setShutdown(x *feature.Exec, down bool) {
	if down {
		x.Node().Set(placeShutdown, "shutdown", "shutdown")
	} else {
		x.Node().Remove("shutdown")
	}
	i := iface(x)
	if x.Quiet() {
		i.SetAdmin(!down)
		return
	}
	x.Box.After(0, func() { i.SetAdmin(!down) })
}

func setAddress(x *feature.Exec, a *cli.Args) {
	p := a.Prefix("address", "mask")
	if reason := badAddress(p); reason != "" {
		x.Error("Error: " + reason)
		return
	}
	me := iface(x)
	for _, i := range x.Box.Stack.Ifaces() {
		if o := i.Addr(); i != me && o.IsValid() && o.Overlaps(p) {
			x.Error("Error: The IP address overlaps with that of interface " + i.Name() + ".")
			return
		}
	}
	x.Node().Set(placeAddress, "ip address", "ip address "+p.Addr().String()+" "+dotted(p.Bits()))
	me.SetAddr(p)
}

// badAddress says why an interface cannot have the address, "" if it can.
func badAddress(p netip.Prefix) string {
	first := p.Addr().As4()[0]
	switch {
	case !p.IsValid(), p.Bits() == 0:
		return "Invalid mask."
	case first == 0, first == 127, first >= 224:
		return "Invalid IP address."
	case p.Bits() < 31 && p.Addr() == p.Masked().Addr():
		return "The IP address is a network address."
	}
	if p.Bits() < 31 {
		next := p.Addr().Next()
		if !p.Contains(next) {
			return "The IP address is a broadcast address."
		}
	}
	return ""
}

func removeAddress(x *feature.Exec, a *cli.Args) {
	i := iface(x)
	if a.Has("mask") && i.Addr() != a.Prefix("address", "mask") {
		x.Error("Error: The IP address does not exist.")
		return
	}
	x.Node().Remove("ip address")
	i.SetAddr(netip.Prefix{})
}

// dotted is a mask of that length.
func dotted(bits int) string {
	v := ^uint32(0) << (32 - bits)
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}).String()
}

// description is what the configuration says of an interface.
func description(root *conf.Node, name string) string {
	if n := root.Child(key(name)); n != nil {
		if d := n.Child("description"); d != nil {
			return strings.TrimPrefix(d.Text, "description ")
		}
	}
	return ""
}
