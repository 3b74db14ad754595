package dissect

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strings"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/rbm"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/wire"
)

const (
	protoUDP = 17
	portIKE  = 500
	portNATT = 4500

	maxDepth = 8 // of packets within packets
)

// ethernet reads b[at:end].
func (r *reading) ethernet(at, end int) {
	var e layers.Ethernet
	if err := e.DecodeFromBytes(r.b[at:end], gopacket.NilDecodeFeedback); err != nil || len(e.Contents) != 14 {
		r.short("Ethernet", at, end, 14)
		return
	}
	src, dst := wire.MAC(e.SrcMAC), wire.MAC(e.DstMAC)
	r.p.Src, r.p.Dst = src.String(), dst.String()
	r.has("eth")
	r.put("eth.dst", "%v", colons(dst))
	r.put("eth.src", "%v", colons(src))
	r.put("eth.type", "0x%04x", uint16(e.EthernetType))
	n := r.add(at, at+14, "Ethernet, %v to %v", src, dst)
	n.field(at, at+6, "Destination: %v", dst)
	n.field(at+6, at+12, "Source: %v", src)
	n.field(at+12, at+14, "Type: 0x%04x", uint16(e.EthernetType))
	kind := uint16(e.EthernetType)
	if at += 14; kind == uint16(layers.EthernetTypeDot1Q) && end-at >= 4 {
		tag := binary.BigEndian.Uint16(r.b[at:])
		r.has("vlan")
		r.put("vlan.id", "%d", tag&0xfff)
		n := r.add(at, at+4, "802.1Q, VLAN %d", tag&0xfff)
		n.field(at, at+2, "Priority: %d, VLAN: %d", tag>>13, tag&0xfff)
		kind = binary.BigEndian.Uint16(r.b[at+2:])
		n.field(at+2, at+4, "Type: 0x%04x", kind)
		at += 4
	}
	r.inside(kind, at, end)
}

// inside reads what an EtherType announces.
func (r *reading) inside(kind uint16, at, end int) {
	switch kind {
	case uint16(layers.EthernetTypeARP):
		r.arp(at, end)
	case uint16(layers.EthernetTypeIPv4):
		r.ipv4(at, end)
	case uint16(layers.EthernetTypeIPv6):
		r.has("ipv6")
		r.add(at, end, "IPv6, %d bytes", end-at)
		r.say("IPv6", "%d bytes", end-at)
	default:
		r.data(at, end)
		r.say("Ethernet", "type 0x%04x, %d bytes", kind, end-at)
	}
}

func (r *reading) data(at, end int) {
	if end > at {
		r.add(at, end, "Data, %d bytes", end-at)
	}
}

func (r *reading) arp(at, end int) {
	var a layers.ARP
	if err := a.DecodeFromBytes(r.b[at:end], gopacket.NilDecodeFeedback); err != nil || a.HwAddressSize != 6 || a.ProtAddressSize != 4 {
		r.short("ARP", at, end, 28)
		return
	}
	r.has("arp")
	r.put("arp.opcode", "%d", a.Operation)
	from, to := ip4(a.SourceProtAddress), ip4(a.DstProtAddress)
	r.put("arp.src.proto_ipv4", "%v", from)
	r.put("arp.dst.proto_ipv4", "%v", to)
	who := wire.MAC(a.SourceHwAddress)
	r.p.Src, r.p.Dst = from.String(), to.String()
	op := "operation"
	switch {
	case a.Operation == wire.ARPRequest && from == to:
		op = "announcement"
		r.say("ARP", "%v is at %v (announcement)", from, who)
	case a.Operation == wire.ARPRequest:
		op = "request"
		r.say("ARP", "who has %v? tell %v", to, from)
	case a.Operation == wire.ARPReply:
		op = "reply"
		r.say("ARP", "%v is at %v", from, who)
	default:
		r.say("ARP", "operation %d", a.Operation)
	}
	n := r.add(at, at+28, "ARP, %s", op)
	n.field(at+6, at+8, "Operation: %d (%s)", a.Operation, op)
	n.field(at+8, at+14, "Sender MAC: %v", who)
	n.field(at+14, at+18, "Sender IP: %v", from)
	n.field(at+18, at+24, "Target MAC: %v", wire.MAC(a.DstHwAddress))
	n.field(at+24, at+28, "Target IP: %v", to)
}

func ip4(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

func (r *reading) ipv4(at, end int) {
	if r.depth++; r.depth > maxDepth {
		r.data(at, end)
		return
	}
	var p layers.IPv4
	if err := p.DecodeFromBytes(r.b[at:end], gopacket.NilDecodeFeedback); err != nil {
		r.short("IPv4", at, end, 20)
		return
	}
	src, dst := ip4(p.SrcIP), ip4(p.DstIP)
	r.p.Src, r.p.Dst = src.String(), dst.String()
	r.has("ip")
	r.put("ip.len", "%d", p.Length)
	r.put("ip.id", "0x%04x", p.Id)
	r.put("ip.ttl", "%d", p.TTL)
	r.put("ip.proto", "%d", uint8(p.Protocol))
	r.put("ip.checksum", "0x%04x", p.Checksum)
	r.put("ip.src", "%v", src)
	r.put("ip.dst", "%v", dst)
	head := len(p.Contents)
	n := r.add(at, at+head, "IPv4, %v to %v, %s", src, dst, protoName(uint8(p.Protocol)))
	n.field(at, at+1, "Version: 4, header: %d bytes", head)
	n.field(at+1, at+2, "Type of service: 0x%02x", p.TOS)
	n.field(at+2, at+4, "Total length: %d", p.Length)
	n.field(at+4, at+6, "Identification: %d", p.Id)
	var flags []string
	if p.Flags&layers.IPv4DontFragment != 0 {
		flags = append(flags, "DF")
	}
	if p.Flags&layers.IPv4MoreFragments != 0 {
		flags = append(flags, "MF")
	}
	n.field(at+6, at+8, "Flags: %s, fragment offset: %d", or(strings.Join(flags, " "), "none"), int(p.FragOffset)*8)
	n.field(at+8, at+9, "TTL: %d", p.TTL)
	n.field(at+9, at+10, "Protocol: %d (%s)", uint8(p.Protocol), protoName(uint8(p.Protocol)))
	n.field(at+10, at+12, "Checksum: 0x%04x", p.Checksum)
	n.field(at+12, at+16, "Source: %v", src)
	n.field(at+16, at+20, "Destination: %v", dst)
	if head > 20 {
		n.field(at+20, at+head, "Options: %x", p.Contents[20:])
	}
	at, end = at+head, min(end, at+head+len(p.Payload))
	if p.FragOffset != 0 {
		r.data(at, end)
		r.say("IPv4", "fragment at %d of %s, %d bytes", int(p.FragOffset)*8, protoName(uint8(p.Protocol)), end-at)
		return
	}
	if sealed := p.Protocol == ipsec.ProtoESP || p.Protocol == ipsec.ProtoAH; sealed && p.Flags&layers.IPv4MoreFragments != 0 {
		r.data(at, end)
		r.say("IPv4", "first fragment of %s, %d bytes", protoName(uint8(p.Protocol)), end-at)
		return
	}
	r.transport(uint8(p.Protocol), src, dst, at, end)
}

// transport reads what an IP protocol number announces.
func (r *reading) transport(proto uint8, src, dst netip.Addr, at, end int) {
	switch proto {
	case wire.ProtoICMP:
		r.icmp(at, end)
	case 4:
		r.ipv4(at, end)
	case uint8(layers.IPProtocolTCP):
		r.tcp(at, end)
	case protoUDP:
		r.udp(src, dst, at, end)
	case uint8(layers.IPProtocolGRE):
		r.gre(at, end)
	case ipsec.ProtoESP:
		r.esp(dst, at, end)
	case ipsec.ProtoAH:
		r.ah(src, dst, at, end)
	case vrrp.Protocol:
		r.vrrp(src, dst, at, end)
	default:
		r.data(at, end)
		r.say("IPv4", "protocol %d, %d bytes", proto, end-at)
	}
}

var protoNames = map[uint8]string{1: "ICMP", 4: "IPv4", 6: "TCP", 17: "UDP", 47: "GRE", 50: "ESP", 51: "AH", 112: "VRRP"}

func protoName(p uint8) string { return or(protoNames[p], "unknown") }

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (r *reading) icmp(at, end int) {
	var m layers.ICMPv4
	if err := m.DecodeFromBytes(r.b[at:end], gopacket.NilDecodeFeedback); err != nil {
		r.short("ICMP", at, end, 8)
		return
	}
	r.has("icmp")
	r.put("icmp.type", "%d", m.TypeCode.Type())
	r.put("icmp.code", "%d", m.TypeCode.Code())
	r.put("icmp.checksum", "0x%04x", m.Checksum)
	name := m.TypeCode.String()
	n := r.add(at, at+8, "ICMP, %s", name)
	n.field(at, at+1, "Type: %d", m.TypeCode.Type())
	n.field(at+1, at+2, "Code: %d", m.TypeCode.Code())
	n.field(at+2, at+4, "Checksum: 0x%04x", m.Checksum)
	switch m.TypeCode.Type() {
	case layers.ICMPv4TypeEchoRequest, layers.ICMPv4TypeEchoReply:
		r.put("icmp.seq", "%d", m.Seq)
		n.field(at+4, at+6, "Identifier: %d", m.Id)
		n.field(at+6, at+8, "Sequence: %d", m.Seq)
		name = "echo request"
		if m.TypeCode.Type() == layers.ICMPv4TypeEchoReply {
			name = "echo reply"
		}
		r.say("ICMP", "%s id %d seq %d, %d bytes", name, m.Id, m.Seq, end-at-8)
		r.data(at+8, end)
	default:
		n.field(at+4, at+8, "Rest of header: %x", r.b[at+4:at+8])
		outer := r.p
		if end-at > 28 {
			r.ipv4(at+8, end) // the packet it is about
		} else {
			r.data(at+8, end)
		}
		r.p.Src, r.p.Dst = outer.Src, outer.Dst
		r.say("ICMP", "%s", name)
	}
}

func (r *reading) tcp(at, end int) {
	var t layers.TCP
	if err := t.DecodeFromBytes(r.b[at:end], gopacket.NilDecodeFeedback); err != nil {
		r.short("TCP", at, end, 20)
		return
	}
	var flags []string
	for _, f := range []struct {
		on   bool
		name string
	}{{t.SYN, "SYN"}, {t.FIN, "FIN"}, {t.RST, "RST"}, {t.PSH, "PSH"}, {t.ACK, "ACK"}, {t.URG, "URG"}} {
		if f.on {
			flags = append(flags, f.name)
		}
	}
	r.has("tcp")
	r.put("tcp.srcport", "%d", uint16(t.SrcPort))
	r.put("tcp.dstport", "%d", uint16(t.DstPort))
	head := len(t.Contents)
	n := r.add(at, at+head, "TCP, %d to %d", uint16(t.SrcPort), uint16(t.DstPort))
	n.field(at, at+2, "Source port: %d", uint16(t.SrcPort))
	n.field(at+2, at+4, "Destination port: %d", uint16(t.DstPort))
	n.field(at+4, at+8, "Sequence: %d", t.Seq)
	n.field(at+8, at+12, "Acknowledgment: %d", t.Ack)
	n.field(at+12, at+14, "Header: %d bytes, flags: %s", head, strings.Join(flags, " "))
	n.field(at+14, at+16, "Window: %d", t.Window)
	r.say("TCP", "%d > %d %s, %d bytes", uint16(t.SrcPort), uint16(t.DstPort), strings.Join(flags, " "), end-at-head)
	r.data(at+head, end)
}

func (r *reading) udp(src, dst netip.Addr, at, end int) {
	if end-at < 8 {
		r.short("UDP", at, end, 8)
		return
	}
	b := r.b[at:end]
	from, to := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	r.has("udp")
	r.put("udp.srcport", "%d", from)
	r.put("udp.dstport", "%d", to)
	r.put("udp.length", "%d", binary.BigEndian.Uint16(b[4:]))
	r.put("udp.checksum", "0x%04x", binary.BigEndian.Uint16(b[6:]))
	n := r.add(at, at+8, "UDP, %d to %d", from, to)
	n.field(at, at+2, "Source port: %d", from)
	n.field(at+2, at+4, "Destination port: %d", to)
	n.field(at+4, at+6, "Length: %d", binary.BigEndian.Uint16(b[4:]))
	n.field(at+6, at+8, "Checksum: 0x%04x", binary.BigEndian.Uint16(b[6:]))
	size := int(binary.BigEndian.Uint16(b[4:]))
	if size < 8 || size > len(b) {
		n.field(at+4, at+6, "The length does not fit: %d bytes are there", len(b))
		size = len(b)
	}
	at, end = at+8, at+size
	body := r.b[at:end]
	var m rbm.Message
	natt := from == portNATT || to == portNATT
	switch {
	case from == portIKE || to == portIKE:
		r.isakmp(at, end)
	case natt && len(body) == 1 && body[0] == 0xff:
		r.add(at, end, "NAT keepalive")
		r.say("NAT-T", "keepalive")
	case natt && len(body) > 4 && binary.BigEndian.Uint32(body) == 0:
		r.add(at, at+4, "Non-ESP marker")
		r.isakmp(at+4, end)
	case natt:
		r.esp(dst, at, end)
	case m.UnmarshalBinary(body) == nil:
		r.rbm(&m, at, end)
	default:
		r.data(at, end)
		r.say("UDP", "%d > %d, %d bytes", from, to, len(body))
	}
}

func (r *reading) gre(at, end int) {
	var g layers.GRE
	if err := g.DecodeFromBytes(r.b[at:end], gopacket.NilDecodeFeedback); err != nil {
		r.short("GRE", at, end, 4)
		return
	}
	head := len(g.Contents)
	r.has("gre")
	r.put("gre.proto", "0x%04x", uint16(g.Protocol))
	n := r.add(at, at+head, "GRE, protocol 0x%04x", uint16(g.Protocol))
	if g.KeyPresent {
		n.field(at, at+head, "Key: %d", g.Key)
	}
	r.say("GRE", "protocol 0x%04x", uint16(g.Protocol))
	r.inside(uint16(g.Protocol), at+head, end)
}

// colons is a MAC address as tshark writes it.
func colons(m wire.MAC) string { return net.HardwareAddr(m[:]).String() }
