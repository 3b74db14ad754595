// Package dissect says in words what is in an Ethernet frame: one line for a
// list, and a tree of layers with the bytes that each stands for. It knows
// Ethernet, 802.1Q, ARP, IPv4, ICMP, UDP, TCP and GRE, and of the laboratory's
// own protocols ISAKMP (RFC 2408 and 2409), IKEv2 (RFC 7296), ESP and AH (RFC
// 4303, 4302), VRRP (RFC 5798, 3768) and the messages of hot backup. For filters
// it gives the fields of a frame under the names of tshark.
//
// A Dissector that was told the keys decrypts ISAKMP messages, IKEv2 and ESP.
// Of IKEv1 it has to have seen an SA from its first message on, since every
// message is the initialization vector of the next.
//
// Limitations: IPv6 is named and not looked into; fragments are not put
// together.
package dissect

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"cwlab/emulator/gre"
	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

// A Node is a line of the tree.
type Node struct {
	Text     string
	Of       []byte // the bytes that From and To count in, nil for the frame
	From, To int    // equal for none
	Kids     []Node
}

// A Packet is what there is to say of a frame.
type Packet struct {
	Src, Dst string // addresses of the innermost layer that has any
	Protocol string // of the innermost layer, "ISAKMP"
	Summary  string // one line
	Layers   []Node
}

// Bounds of what a Dissector remembers.
const (
	maxSAs       = 256
	maxExchanges = 4096
	maxESP       = 4096
	maxMessages  = 16 // of an exchange
)

// A Dissector reads frames and remembers keys. It may be used from any
// goroutine. What it remembers is bounded: the oldest goes first.
type Dissector struct {
	mu        sync.Mutex
	keys      map[isakmp.Cookie][][]byte
	keyOrder  []isakmp.Cookie
	sas       map[isakmp.Cookie]*ikeSA
	saOrder   []isakmp.Cookie
	exchanges []*exchange
	ikev2     []ikev2.Keys
	esp       map[espID]espKeys
	espOrder  []espID
}

type espID struct {
	dst netip.Addr
	spi uint32
}

type espKeys struct {
	t ipsec.Transform
	k ipsec.Keys
}

// New is a dissector without keys.
func New() *Dissector {
	return &Dissector{keys: map[isakmp.Cookie][][]byte{}, sas: map[isakmp.Cookie]*ikeSA{}, esp: map[espID]espKeys{}}
}

// IKEKeys takes the keys of an IKE SA.
func (d *Dissector) IKEKeys(k ike.Keys) {
	d.mu.Lock()
	defer d.mu.Unlock()
	have := d.keys[k.Initiator]
	for _, h := range have {
		if string(h) == string(k.Cipher) {
			return
		}
	}
	if len(have) == 0 {
		d.keyOrder = append(d.keyOrder, k.Initiator)
		if len(d.keyOrder) > maxSAs {
			delete(d.keys, d.keyOrder[0])
			d.keyOrder = d.keyOrder[1:]
		}
	}
	if len(have) < 4 {
		d.keys[k.Initiator] = append(have, append([]byte(nil), k.Cipher...))
	}
}

// IKEv2Keys takes the keys of an IKE SA of version 2.
func (d *Dissector) IKEv2Keys(k ikev2.Keys) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if slices.ContainsFunc(d.ikev2, func(o ikev2.Keys) bool { return o.Initiator == k.Initiator && o.Responder == k.Responder }) {
		return // the other end has told
	}
	if d.ikev2 = append(d.ikev2, k); len(d.ikev2) > maxSAs {
		d.ikev2 = d.ikev2[1:]
	}
}

// DHSecret takes the result of a Diffie-Hellman exchange, which is not needed.
func (d *Dissector) DHSecret([]byte) {}

// ESPKeys takes the keys of one direction of ESP.
func (d *Dissector) ESPKeys(_, dst netip.Addr, spi uint32, t ipsec.Transform, k ipsec.Keys) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := espID{dst, spi}
	if _, ok := d.esp[id]; !ok {
		d.espOrder = append(d.espOrder, id)
		if len(d.espOrder) > maxESP {
			delete(d.esp, d.espOrder[0])
			d.espOrder = d.espOrder[1:]
		}
	}
	d.esp[id] = espKeys{t, k}
}

// Learn looks at a frame as it is sent, in order, so that later ones can be
// decrypted. It keeps nothing of a frame that is no ISAKMP.
func (d *Dissector) Learn(frame []byte) {
	proto, b := packetIn(frame)
	for depth := 0; proto == gre.Proto && depth < maxDepth; depth++ {
		proto, b = carried(b)
	}
	if m := message(proto, b); m != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.learn(m)
	}
}

// Message finds the ISAKMP message in a frame without decoding it, nil for
// none. It does not look into tunnels.
func Message(f []byte) []byte { return message(packetIn(f)) }

// packetIn is the protocol and payload of the IPv4 packet in a frame, nil for
// none and for a later fragment.
func packetIn(f []byte) (proto uint8, payload []byte) {
	at := 14
	if len(f) >= 18 && binary.BigEndian.Uint16(f[12:]) == 0x8100 {
		at = 18
	}
	if len(f) < at || binary.BigEndian.Uint16(f[at-2:]) != 0x0800 {
		return 0, nil
	}
	return payloadOf(f[at:])
}

func payloadOf(ip []byte) (proto uint8, payload []byte) {
	if len(ip) < 20 {
		return 0, nil
	}
	size := int(ip[0]&15) * 4
	if size < 20 || len(ip) < size || binary.BigEndian.Uint16(ip[6:])&0x1fff != 0 {
		return 0, nil
	}
	return ip[9], ip[size:]
}

// carried is what a GRE packet has inside.
func carried(b []byte) (proto uint8, payload []byte) {
	var g gre.Packet
	if g.UnmarshalBinary(b) != nil || g.Type != gre.TypeIPv4 {
		return 0, nil
	}
	return payloadOf(g.Payload)
}

// message is the ISAKMP message in a datagram, nil for none.
func message(proto uint8, udp []byte) []byte {
	if proto != protoUDP || len(udp) < 8+isakmp.HeaderLen {
		return nil
	}
	end := int(binary.BigEndian.Uint16(udp[4:]))
	if end < 8 || end > len(udp) {
		return nil
	}
	src, dst, b := binary.BigEndian.Uint16(udp), binary.BigEndian.Uint16(udp[2:]), udp[8:end]
	if src != portIKE && dst != portIKE {
		if src != portNATT && dst != portNATT || len(b) < 4 || binary.BigEndian.Uint32(b) != 0 {
			return nil
		}
		b = b[4:]
	}
	if len(b) < isakmp.HeaderLen {
		return nil
	}
	return b
}

// Packet reads a frame. A frame that breaks off is read as far as it goes.
func (d *Dissector) Packet(frame []byte) Packet {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := reading{d: d, b: frame}
	r.ethernet(0, len(frame))
	r.p.Layers = r.layers
	return r.p
}

// A reading is a frame that is being read.
type reading struct {
	d      *Dissector
	b      []byte // the frame, or what was decrypted of it
	of     []byte // as Node.Of
	p      Packet
	layers []Node
	fields *[]Field // nil where nobody wants them
	depth  int
}

// add makes a layer of the bytes from..to.
func (r *reading) add(from, to int, format string, args ...any) *Node {
	r.layers = append(r.layers, Node{Text: fmt.Sprintf(format, args...), Of: r.of, From: from, To: to})
	return &r.layers[len(r.layers)-1]
}

// field makes a line below a layer.
func (n *Node) field(from, to int, format string, args ...any) *Node {
	n.Kids = append(n.Kids, Node{Text: fmt.Sprintf(format, args...), Of: n.Of, From: from, To: to})
	return &n.Kids[len(n.Kids)-1]
}

// say is the line of the list.
func (r *reading) say(protocol, format string, args ...any) {
	r.p.Protocol, r.p.Summary = protocol, fmt.Sprintf(format, args...)
}

// short says that a layer breaks off.
func (r *reading) short(protocol string, at, end, need int) {
	r.add(at, end, "%s: %d bytes, need %d", protocol, end-at, need)
	r.say(protocol, "%d bytes, need %d", end-at, need)
}

// Lines are the lines of the tree, indented by two columns a level.
func (p *Packet) Lines() []string {
	var out []string
	var walk func(nodes []Node, depth int)
	walk = func(nodes []Node, depth int) {
		for _, n := range nodes {
			out = append(out, strings.Repeat("  ", depth)+n.Text)
			walk(n.Kids, depth+1)
		}
	}
	walk(p.Layers, 0)
	return out
}
