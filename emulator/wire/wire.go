// Package wire turns frames and packets of the ordinary layers into structs
// and back: Ethernet II (RFC 894), VLAN tags (IEEE 802.1Q), ARP (RFC 826),
// IPv4 (RFC 791), ICMP (RFC 792) and UDP (RFC 768). The bytes are read and written by gopacket;
// this package gives values with comparable addresses, checks what a host
// checks before it accepts a packet, and keeps gopacket's structs for reuse.
//
// A decoded value points into the bytes it was read from. Frames are shared
// between receivers, so nobody may change them.
//
// Limitations: one 802.1Q tag, whose priority is not kept; no LLC; of the IPv4
// options only a single record route is kept, the others are skipped on
// reading and never written.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// EtherTypes.
const (
	TypeIPv4 uint16 = 0x0800
	TypeARP  uint16 = 0x0806
	TypeVLAN uint16 = 0x8100
)

// IP protocol numbers.
const (
	ProtoICMP uint8 = 1
	ProtoTCP  uint8 = 6
	ProtoUDP  uint8 = 17
	ProtoESP  uint8 = 50
	ProtoVRRP uint8 = 112
)

var (
	// ErrChecksum means the bytes were damaged on the way.
	ErrChecksum = errors.New("wire: wrong checksum")
	// ErrMalformed means the bytes are not what they claim to be.
	ErrMalformed = errors.New("wire: malformed")
)

func malformed(layer string, why any) error {
	return fmt.Errorf("%w %s: %v", ErrMalformed, layer, why)
}

// A Frame is an Ethernet II frame without its frame check sequence. Payload
// may carry the padding of a short frame. VLAN is that of an IEEE 802.1Q tag, 0
// for none and for a tag that has a priority only.
type Frame struct {
	Dst, Src MAC
	VLAN     uint16
	Type     uint16
	Payload  []byte
}

// ARP operations.
const (
	ARPRequest uint16 = 1
	ARPReply   uint16 = 2
)

// An ARP is an ARP packet for IPv4 over Ethernet.
type ARP struct {
	Op             uint16
	SrcMAC, DstMAC MAC
	Src, Dst       netip.Addr
}

// An IPv4 is an IPv4 packet.
type IPv4 struct {
	TOS, TTL, Proto uint8
	ID              uint16
	DF, MF          bool
	Offset          int // of this fragment in bytes, a multiple of 8
	Src, Dst        netip.Addr
	Record          []byte // a record route option (RFC 791, page 20), nil for none
	Payload         []byte
}

// HeaderLen is the length of the header in bytes.
func (p *IPv4) HeaderLen() int { return HeaderLen(p.Record) }

// HeaderLen is the length in bytes of an IPv4 header with a record route
// option or nil.
func HeaderLen(record []byte) int { return 20 + (len(record)+3)&^3 }

// A UDP is a UDP datagram.
type UDP struct {
	Src, Dst uint16
	Payload  []byte
}

// ICMP types and codes of RFC 792.
const (
	EchoReply    uint8 = 0
	Unreachable  uint8 = 3
	Redirect     uint8 = 5
	EchoRequest  uint8 = 8
	TimeExceeded uint8 = 11

	ReassemblyTimeout uint8 = 1 // a code of time exceeded
	RedirectHost      uint8 = 1 // a code of redirect

	NetUnreachable      uint8 = 0
	HostUnreachable     uint8 = 1
	ProtocolUnreachable uint8 = 2
	PortUnreachable     uint8 = 3
	FragmentationNeeded uint8 = 4
)

// An ICMP is an ICMP message. ID and Seq are the two halves of the second
// word: identifier and sequence number in an echo, else as the type has them.
type ICMP struct {
	Type, Code uint8
	ID, Seq    uint16
	Payload    []byte
}

// A Codec reads and writes with structs it keeps. It is for one goroutine.
// The zero value is ready.
type Codec struct {
	eth  layers.Ethernet
	tag  layers.Dot1Q
	arp  layers.ARP
	ip   layers.IPv4
	udp  layers.UDP
	icmp layers.ICMPv4
	buf  gopacket.SerializeBuffer
	src  [4]byte
	dst  [4]byte
}

var fix = gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}

// Frame reads an Ethernet II frame.
func (c *Codec) Frame(b []byte) (Frame, error) {
	if err := c.eth.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return Frame{}, malformed("Ethernet", err)
	}
	if c.eth.EthernetType == layers.EthernetTypeLLC {
		return Frame{}, malformed("Ethernet", "802.3 length instead of a type")
	}
	f := Frame{
		Dst: MAC(c.eth.DstMAC), Src: MAC(c.eth.SrcMAC),
		Type: uint16(c.eth.EthernetType), Payload: c.eth.Payload,
	}
	if f.Type == TypeVLAN {
		if err := c.tag.DecodeFromBytes(f.Payload, gopacket.NilDecodeFeedback); err != nil {
			return Frame{}, malformed("802.1Q", err)
		}
		f.VLAN, f.Type, f.Payload = c.tag.VLANIdentifier, uint16(c.tag.Type), c.tag.Payload
		if f.Type < 0x600 || f.Type == TypeVLAN {
			return Frame{}, malformed("802.1Q", fmt.Sprintf("type behind the tag is %#x", f.Type))
		}
	}
	return f, nil
}

// ARP reads an ARP packet for IPv4 over Ethernet.
func (c *Codec) ARP(b []byte) (ARP, error) {
	if err := c.arp.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return ARP{}, malformed("ARP", err)
	}
	if c.arp.AddrType != layers.LinkTypeEthernet || c.arp.Protocol != layers.EthernetTypeIPv4 ||
		c.arp.HwAddressSize != 6 || c.arp.ProtAddressSize != 4 {
		return ARP{}, malformed("ARP", "not IPv4 over Ethernet")
	}
	return ARP{
		Op:     c.arp.Operation,
		SrcMAC: MAC(c.arp.SourceHwAddress), DstMAC: MAC(c.arp.DstHwAddress),
		Src: addr4(c.arp.SourceProtAddress), Dst: addr4(c.arp.DstProtAddress),
	}, nil
}

// IPv4 reads an IPv4 packet and verifies its header checksum. Bytes behind
// the total length, such as the padding of a frame, are left out.
func (c *Codec) IPv4(b []byte) (IPv4, error) {
	if len(b) < 20 {
		return IPv4{}, malformed("IPv4", fmt.Sprintf("header is %d bytes, need 20", len(b)))
	}
	if b[0]>>4 != 4 {
		return IPv4{}, malformed("IPv4", fmt.Sprintf("version is %d, want 4", b[0]>>4))
	}
	if n := int(binary.BigEndian.Uint16(b[2:])); n < 20 || n > len(b) {
		return IPv4{}, malformed("IPv4", fmt.Sprintf("total length is %d, packet is %d bytes", n, len(b)))
	}
	if err := c.ip.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return IPv4{}, malformed("IPv4", err)
	}
	if gopacket.FoldChecksum(gopacket.ComputeChecksum(c.ip.Contents, 0)) != 0 {
		return IPv4{}, fmt.Errorf("IPv4 header: %w", ErrChecksum)
	}
	return IPv4{
		TOS: c.ip.TOS, TTL: c.ip.TTL, Proto: uint8(c.ip.Protocol), ID: c.ip.Id,
		DF: c.ip.Flags&layers.IPv4DontFragment != 0, MF: c.ip.Flags&layers.IPv4MoreFragments != 0,
		Offset: int(c.ip.FragOffset) * 8,
		Src:    addr4(c.ip.SrcIP), Dst: addr4(c.ip.DstIP), Record: record(c.ip.Contents[20:]), Payload: c.ip.Payload,
	}, nil
}

// UDP reads a datagram that travels from src to dst and verifies its
// checksum; zero means that the sender made none.
func (c *Codec) UDP(src, dst netip.Addr, b []byte) (UDP, error) {
	if err := c.udp.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return UDP{}, malformed("UDP", err)
	}
	n := int(c.udp.Length)
	if n < 8 || n > len(b) {
		return UDP{}, malformed("UDP", fmt.Sprintf("length is %d, datagram is %d bytes", n, len(b)))
	}
	if c.udp.Checksum != 0 {
		sum := gopacket.ComputeChecksum(b[:n], pseudo(src, dst, ProtoUDP, n))
		if gopacket.FoldChecksum(sum) != 0 {
			return UDP{}, fmt.Errorf("UDP: %w", ErrChecksum)
		}
	}
	return UDP{Src: uint16(c.udp.SrcPort), Dst: uint16(c.udp.DstPort), Payload: b[8:n]}, nil
}

// ICMP reads an ICMP message and verifies its checksum.
func (c *Codec) ICMP(b []byte) (ICMP, error) {
	if err := c.icmp.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return ICMP{}, malformed("ICMP", err)
	}
	if gopacket.FoldChecksum(gopacket.ComputeChecksum(b, 0)) != 0 {
		return ICMP{}, fmt.Errorf("ICMP: %w", ErrChecksum)
	}
	return ICMP{
		Type: c.icmp.TypeCode.Type(), Code: c.icmp.TypeCode.Code(),
		ID: c.icmp.Id, Seq: c.icmp.Seq, Payload: c.icmp.Payload,
	}, nil
}

// start empties the buffer and puts the innermost payload into it.
func (c *Codec) start(payload []byte) {
	if c.buf == nil {
		c.buf = gopacket.NewSerializeBufferExpectedSize(64, 2048)
	}
	if err := c.buf.Clear(); err != nil {
		panic(err)
	}
	b, err := c.buf.AppendBytes(len(payload))
	if err != nil {
		panic(err)
	}
	copy(b, payload)
}

func (c *Codec) put(l gopacket.SerializableLayer) {
	if err := l.SerializeTo(c.buf, fix); err != nil {
		panic(fmt.Sprintf("wire: %v", err)) // an address that is not IPv4, a programmer's mistake
	}
}

func (c *Codec) take() []byte { return append([]byte(nil), c.buf.Bytes()...) }

func (c *Codec) putIPv4(p *IPv4) {
	c.src, c.dst = p.Src.As4(), p.Dst.As4()
	c.ip = layers.IPv4{
		Version: 4, TOS: p.TOS, Id: p.ID, FragOffset: uint16(p.Offset / 8), TTL: p.TTL,
		Protocol: layers.IPProtocol(p.Proto), SrcIP: c.src[:], DstIP: c.dst[:], Options: c.ip.Options[:0],
	}
	if p.Record != nil {
		c.ip.Options = append(c.ip.Options, layers.IPv4Option{OptionType: optionRecord, OptionLength: uint8(len(p.Record)), OptionData: p.Record[2:]})
	}
	if p.DF {
		c.ip.Flags |= layers.IPv4DontFragment
	}
	if p.MF {
		c.ip.Flags |= layers.IPv4MoreFragments
	}
	c.put(&c.ip)
}

func (c *Codec) putEthernet(dst, src MAC, kind uint16) {
	c.eth = layers.Ethernet{DstMAC: dst[:], SrcMAC: src[:], EthernetType: layers.EthernetType(kind)}
	c.put(&c.eth)
}

// AppendFrame makes a frame, padded to 60 bytes.
func (c *Codec) AppendFrame(f Frame) []byte {
	c.start(f.Payload)
	c.putEthernet(f.Dst, f.Src, f.Type)
	if f.VLAN != 0 {
		return Tag(c.take(), f.VLAN)
	}
	return c.take()
}

// IPv4Frame makes the frame that carries an IPv4 packet.
func (c *Codec) IPv4Frame(dst, src MAC, p *IPv4) []byte {
	c.start(p.Payload)
	c.putIPv4(p)
	c.putEthernet(dst, src, TypeIPv4)
	return c.take()
}

// AppendIPv4 makes the bytes of an IPv4 packet.
func (c *Codec) AppendIPv4(p *IPv4) []byte {
	c.start(p.Payload)
	c.putIPv4(p)
	return c.take()
}

// ARPFrame makes the frame that carries an ARP packet.
func (c *Codec) ARPFrame(dst, src MAC, a ARP) []byte {
	from, to := a.Src.As4(), a.Dst.As4()
	c.start(nil)
	c.arp = layers.ARP{
		AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, Operation: a.Op,
		SourceHwAddress: a.SrcMAC[:], SourceProtAddress: from[:], DstHwAddress: a.DstMAC[:], DstProtAddress: to[:],
	}
	c.put(&c.arp)
	c.putEthernet(dst, src, TypeARP)
	return c.take()
}

// AppendUDP makes the bytes of a datagram from src to dst, checksum included.
func (c *Codec) AppendUDP(src, dst netip.Addr, u UDP) []byte {
	c.start(u.Payload)
	c.src, c.dst = src.As4(), dst.As4()
	c.ip = layers.IPv4{Version: 4, Protocol: layers.IPProtocolUDP, SrcIP: c.src[:], DstIP: c.dst[:], Options: c.ip.Options[:0]}
	c.udp = layers.UDP{SrcPort: layers.UDPPort(u.Src), DstPort: layers.UDPPort(u.Dst)}
	if err := c.udp.SetNetworkLayerForChecksum(&c.ip); err != nil {
		panic(err)
	}
	c.put(&c.udp)
	return c.take()
}

// AppendICMP makes the bytes of an ICMP message, checksum included.
func (c *Codec) AppendICMP(m ICMP) []byte {
	c.start(m.Payload)
	c.icmp = layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(m.Type, m.Code), Id: m.ID, Seq: m.Seq}
	c.put(&c.icmp)
	return c.take()
}

// ParseIPv4 is Codec.IPv4 for a caller without a codec.
func ParseIPv4(b []byte) (IPv4, error) { return new(Codec).IPv4(b) }

// ParseICMP is Codec.ICMP for a caller without a codec.
func ParseICMP(b []byte) (ICMP, error) { return new(Codec).ICMP(b) }

func addr4(b []byte) netip.Addr { return netip.AddrFrom4([4]byte(b)) }

// pseudo is the sum over the pseudo header of RFC 768.
func pseudo(src, dst netip.Addr, proto uint8, n int) uint32 {
	s, d := src.As4(), dst.As4()
	sum := uint32(proto) + uint32(n)
	for i := 0; i < 4; i += 2 {
		sum += uint32(s[i])<<8 + uint32(s[i+1]) + uint32(d[i])<<8 + uint32(d[i+1])
	}
	return sum
}
