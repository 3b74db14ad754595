package ip

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

// The debugging switches.
const (
	switchPacket   = "IP packet"
	switchICMP     = "IP ICMP"
	switchARP      = "ARP packet"
	switchARPError = "ARP error"
	switchARPEntry = "ARP entry"
	switchUDP      = "UDP packet"
	switchIPError  = "IP error"
)

// A tracing is the ACLs of the switches that take one, 0 for every packet.
type tracing struct{ acl, udpACL int }

var ofDebug = feature.Texts{
	"ip": "IP module", "packet": "Packets", "icmp": "ICMP messages", "error": "ARP errors", "entry": "States of ARP entries", "udp": "User Datagram Protocol", "debugging": "Enable system debugging functions",
}

var debugCommands = slices.Concat(
	both("user", "debugging ip packet [ acl <acl:2000-3999> ]", "debugging ip packet", ofDebug, func(x *feature.Exec, a *cli.Args, on bool) {
		feature.Get[*tracing](x.Box).acl = a.Int("acl")
		x.Box.Switch(switchPacket).On = on
	}),
	both("user", "debugging ip error", "debugging ip error", feature.Texts{"error": "Errors of forwarding"}, onOff(switchIPError)),
	both("user", "debugging ip icmp", "debugging ip icmp", ofDebug, onOff(switchICMP)),
	both("user", "debugging arp packet", "debugging arp packet", ofDebug, onOff(switchARP)),
	both("user", "debugging arp error", "debugging arp error", ofDebug, onOff(switchARPError)),
	both("user", "debugging arp entry", "debugging arp entry", ofDebug, onOff(switchARPEntry)),
	both("user", "debugging udp packet [ acl <acl:2000-3999> ]", "debugging udp packet", ofDebug, func(x *feature.Exec, a *cli.Args, on bool) {
		feature.Get[*tracing](x.Box).udpACL = a.Int("acl")
		x.Box.Switch(switchUDP).On = on
	}),
)

func onOff(name string) func(x *feature.Exec, a *cli.Args, on bool) {
	return func(x *feature.Exec, _ *cli.Args, on bool) { x.Box.Switch(name).On = on }
}

// debug words what passes the stack (IP performance optimization and ARP
// debugging references).
func debug(b *feature.Box) {
	packet, icmp := b.Switch(switchPacket), b.Switch(switchICMP)
	only := &tracing{}
	feature.Put(b, only)
	b.Stack.OnPacket(func(at stack.Passage, i *stack.Iface, v *wire.IPv4) {
		if packet.On && permits(b, only.acl, packetOf(i, v)) {
			passage(b, packet, at, i, v)
		}
	})
	b.Stack.OnICMP(func(p *stack.Packet, m wire.ICMP) {
		if icmp.On {
			b.Debug(icmp, "SOCKET", "ICMP", "\nICMP Input:\n"+icmpText(p.Src, p.Dst, m.Type, m.Code))
		}
	})
	b.Stack.OnSent(func(p *stack.Packet) {
		if icmp.On && p.Proto == wire.ProtoICMP && len(p.Payload) > 1 {
			b.Debug(icmp, "SOCKET", "ICMP", "\nICMP Output:\n"+icmpText(p.Src, p.Dst, p.Payload[0], p.Payload[1]))
		}
	})
	debugUDP(b, only)
	broken := b.Switch(switchIPError)
	b.Stack.OnFault(func(why stack.Fault) {
		if broken.On { // a log, not a trace, as the reference shows it
			b.Log("IPFW", 3, "IPFW_ERROR", "\n"+brokenText(why))
		}
	})
	entry := b.Switch(switchARPEntry)
	b.Stack.OnNeighbour(func(addr netip.Addr, mac wire.MAC, from, to stack.NeighbourState) {
		if entry.On {
			b.Debug(entry, "ARP", "ARP_ENTRY", fmt.Sprintf("ARP entry status changed: MAC address: %s, IP address: %s, %s -> %s", mac, addr, from, to))
		}
	})
	arp, fault := b.Switch(switchARP), b.Switch(switchARPError)
	b.Stack.OnARP(func(i *stack.Iface, a wire.ARP, sent bool) {
		if !arp.On {
			return
		}
		class, verb := "ARP_RCV", "Received"
		if sent {
			class, verb = "ARP_SEND", "Sent"
		}
		b.Debug(arp, "ARP", class, fmt.Sprintf("%s an ARP message, operation: %d, sender MAC: %s, sender IP: %s, target MAC: %s, target IP: %s",
			verb, a.Op, a.SrcMAC, a.Src, a.DstMAC, a.Dst))
	})
	b.Stack.OnARPError(func(i *stack.Iface, a wire.ARP, why stack.ARPFault) {
		if fault.On {
			b.Debug(fault, "ARP", "ARP_ERROR", fmt.Sprintf("\nPacket discarded for %s. Interface: %s, sender IP: %s, target IP: %s.",
				faultText(why), cli.ShortInterface(i.Name()), orZero(a.Src), orZero(a.Dst)))
		}
	})
}

// permits says whether an ACL lets a packet be traced; 0 lets every one.
func permits(b *feature.Box, acl int, p *stack.Packet) bool {
	lists := feature.Get[feature.ACLs](b)
	if acl == 0 || lists == nil {
		return acl == 0
	}
	permit, _ := lists.Permits(acl, p)
	return permit
}

// packetOf is what an ACL looks at. Later fragments have no ports.
func packetOf(i *stack.Iface, v *wire.IPv4) *stack.Packet {
	p := &stack.Packet{In: i, Src: v.Src, Dst: v.Dst, Proto: v.Proto, TOS: v.TOS, TTL: v.TTL}
	if v.Offset == 0 {
		p.Payload = v.Payload
	}
	return p
}

// debugUDP traces datagrams of this device.
func debugUDP(b *feature.Box, only *tracing) {
	udp := b.Switch(switchUDP)
	text := func(src, dst netip.Addr, u []byte) string {
		return fmt.Sprintf(" UDP Packet: src = %s:%d, dst = %s:%d\n             len = %d, checksum = 0x%04x", src, binary.BigEndian.Uint16(u),
			dst, binary.BigEndian.Uint16(u[2:]), binary.BigEndian.Uint16(u[4:]), binary.BigEndian.Uint16(u[6:]))
	}
	b.Stack.OnPacket(func(at stack.Passage, i *stack.Iface, v *wire.IPv4) {
		if udp.On && at == stack.Delivering && v.Proto == wire.ProtoUDP && len(v.Payload) >= 8 && permits(b, only.udpACL, packetOf(i, v)) {
			b.Debug(udp, "SOCKET", "UDP", fmt.Sprintf("\nUDP Input:\n IN VRF = 0, IN IF = %s\n%s", i.Name(), text(v.Src, v.Dst, v.Payload)))
		}
	})
	b.Stack.OnSent(func(p *stack.Packet) {
		if udp.On && p.Proto == wire.ProtoUDP && len(p.Payload) >= 8 && permits(b, only.udpACL, p) {
			b.Debug(udp, "SOCKET", "UDP", "\nUDP Output:\n OUT VRF = 0\n"+text(p.Src, p.Dst, p.Payload))
		}
	})
}

func passage(b *feature.Box, sw *feature.Switch, at stack.Passage, i *stack.Iface, v *wire.IPv4) {
	verb, module, prompt := "Receiving", "IPFWD", "Receiving IP packet from "+i.Name()
	switch at {
	case stack.Receiving:
	case stack.Delivering:
		verb, module, prompt = "Delivering", "IPDBG", "IP packet is delivering up!"
	case stack.Sending:
		verb, prompt = "Sending", "Sending the packet from local at "+i.Name()
		if !b.Stack.IsLocal(v.Src) {
			prompt = "Sending the packet from " + i.Name()
		}
	}
	head := new(wire.Codec).AppendIPv4(v)
	b.Debug(sw, module, "IPFW_PACKET", fmt.Sprintf("\n%s, interface = %s, version = 4, headlen = %d, tos = %d,\n"+
		"pktlen = %d, pktid = %d, offset = %d, ttl = %d, protocol = %d,\nchecksum = %d, s = %s, d = %s\nprompt: %s",
		verb, i.Name(), v.HeaderLen(), v.TOS, len(head), v.ID, v.Offset, v.TTL, v.Proto,
		binary.BigEndian.Uint16(head[10:]), v.Src, v.Dst, prompt))
}

// icmpNames are the types as the device writes them; only those of the
// references are known.
var icmpNames = map[uint8]string{
	wire.EchoReply: "echo-reply", wire.Unreachable: "unreachable", 4: "source-quench", wire.Redirect: "redirect", wire.EchoRequest: "echo",
	wire.TimeExceeded: "time-exceeded", 12: "parameter-problem", 13: "timestamp", 14: "timestamp-reply",
}

func icmpText(src, dst netip.Addr, kind, code uint8) string {
	name := icmpNames[kind]
	if name == "" {
		name = "unknown"
	}
	return fmt.Sprintf(" ICMP Packet: src = %s, dst = %s\n              type = %d, code = %d (%s)", src, dst, kind, code, name)
}

// brokenText is the message of the debugging reference.
func brokenText(f stack.Fault) string {
	switch f {
	case stack.FaultBroadcast:
		return "Broadcast NOT allowed to be forwarded!"
	case stack.FaultSets:
		return "The number of queues of reassemble is MAX!"
	case stack.FaultParts:
		return "The queue of reassemble is full!"
	case stack.FaultReassembly:
	}
	return "Reassemble Failed!"
}

// faultText is the reason as the debugging reference has it.
func faultText(f stack.ARPFault) string {
	switch f {
	case stack.ARPMalformed:
		return "the ARP packet is error"
	case stack.ARPGroupSender:
		return "the source MAC is a multicast address"
	case stack.ARPNoAddress:
		return "the network state of receiving interface is down"
	case stack.ARPOwnSender:
		return "the sender IP is invalid"
	case stack.ARPStatic:
		return "conflict with static entry"
	case stack.ARPTableFull:
		return "the number of ARP entries reaches the limit"
	}
	return "the ARP packet is error"
}
