// Package ip is the IPv4 of the device as a person sees it: interfaces, their
// addresses and states, static routes, ARP, ICMP, ping and tracert. Command and
// output forms are those of the Comware 7 command references "Ethernet
// interfaces", "Loopback, null, and inloopback interfaces", "VLAN termination",
// "IP addressing", "IP performance optimization", "ARP", "IP routing basics",
// "IP forwarding basics", "Static routes", "Domain name resolution" and "System
// maintenance and debugging" (ping, tracert), and of their debugging references.
//
// Limitations: ports in bridge mode pass nothing; a subinterface terminates one
// VLAN; error counters of frames are zero because the links lose whole frames
// only; names of hosts are static; no VPN instances, no BFD with static routes.
// The refusals that begin with "Error:" are our own words.
package ip

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"cwlab/comware/feature"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

// Feature is interfaces, addresses, routes, ARP and ping.
var Feature = feature.Feature{
	Name: "ip",
	Views: []feature.View{
		{Name: "tunnel", Parent: "system", Title: "Tunnel interface"},
		{Name: "interface", Parent: "system", Title: "Gigabitethernet_l3 interface"},
		{Name: "loopback", Parent: "system", Title: "Loopback interface"},
		{Name: "null", Parent: "system", Title: "NULL interface"},
	},
	Commands: commands(),
	Install:  install,
}

func commands() []feature.Command {
	var all []feature.Command
	for _, part := range [][]feature.Command{
		interfaceCommands, rangeCommands, addressCommands, displayInterfaceCommands, ipInterfaceCommands, counterCommands, routeCommands,
		displayRouteCommands, icmpCommands, statisticsCommands, arpCommands, gratuitousCommands, debugCommands, hostCommands, pingCommands, tracertCommands,
	} {
		all = append(all, part...)
	}
	return all
}

// The interfaces that every device has besides its ports.
const (
	nullName   = "NULL0"
	inLoopName = stack.InLoop
)

// Places of the lines in interface view.
const (
	placeLinkMode     = 10
	placeDescription  = 20
	placeShutdown     = 30
	placeCombo        = 40
	placeDuplex       = 42
	placeSpeed        = 44
	placeBandwidth    = 46
	placeFlowInterval = 48
	placeMTU          = 50
	placeAddress      = 100
	placeSub          = 101
	placeAnnounce     = 105
	placeIPMTU        = 106
	placeForward      = 107
	placeVLANType     = 110
)

// Places of our lines in system view.
const (
	placeARP    = feature.PlaceVLAN + 5
	placeErrors = feature.PlaceVLAN + 10
	placeHosts  = feature.PlaceVLAN + 15
)

func install(b *feature.Box) {
	debug(b) // traces come before what a message leads to
	pings := &pings{}
	feature.Put(b, pings)
	b.Stack.OnICMP(pings.receive)
	traces := &traces{}
	feature.Put(b, traces)
	b.Stack.OnICMP(traces.receive)
	feature.Put(b, &routes{waits: map[string]func(){}})
	feature.Put(b, announcers{})
	watchConflicts(b)
	b.Stack.OnIface(func(i *stack.Iface, up bool) { logLink(b, i, up) })
	b.Stack.AddNull(nullName)
	b.Stack.AddLoopback(inLoopName)
	b.Conf.Root().Open(place(nullName), key(nullName), key(nullName))
	for n, name := range b.Model.Ports {
		b.Stack.AddEthernet(name, mac(b.Name, n), b.Net.Port(b.Name, name))
		node := b.Conf.Root().Open(place(name), key(name), key(name))
		node.Set(placeLinkMode, "port link-mode", "port link-mode route")
	}
}

// mac is the address of a device's port: a block of addresses of the vendor
// that depends on the device's name.
func mac(device string, port int) wire.MAC {
	sum := sha256.Sum256([]byte(device))
	return wire.MAC{0x3c, 0x8c, 0x40, sum[0], sum[1], sum[2] + byte(port)}
}

// key is the line of an interface in the configuration and its key.
func key(name string) string { return "interface " + name }

// place orders interfaces in the configuration: logical ones first.
func place(name string) int {
	rank := 50
	switch {
	case strings.HasPrefix(name, "NULL"):
		rank = 10
	case strings.HasPrefix(name, "LoopBack"):
		rank = 20
	}
	return feature.PlaceInterface + rank
}

// logLink words a change of an interface (System Log Messages Reference,
// IFNET).
func logLink(b *feature.Box, i *stack.Iface, up bool) {
	if i.Kind() == stack.Null || i.Name() == inLoopName {
		return
	}
	state := "down"
	if up {
		state = "up"
	}
	b.Log("IFNET", 3, "PHY_UPDOWN", fmt.Sprintf("Physical state on the interface %s changed to %s.", i.Name(), state))
	b.Log("IFNET", 5, "LINK_UPDOWN", fmt.Sprintf("Line protocol state on the interface %s changed to %s.", i.Name(), state))
}
