// Package stack is the IPv4 of one host: interfaces, ARP (RFC 826), routes,
// ICMP (RFC 792), UDP (RFC 768), fragments (RFC 791, RFC 815) and forwarding
// (RFC 1812), with hooks where a firewall looks at packets. It follows the
// weak host model: an address is the host's, whichever interface a packet
// comes in by.
//
// Frames of IEEE 802.1Q VLANs belong to subinterfaces.
//
// A Host belongs to the goroutine of its world. Errors to others are silent
// unless IPUnreachables and TTLExpires are set, which a Comware device leaves
// off.
//
// Limitations: no TCP, of the IP options only the record route, no path MTU discovery; one VLAN a subinterface; changes of the
// routes between which nobody looked at them count as one.
package stack

import (
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/wire"
)

var (
	// ErrNotLocal means that the source is not an address of this host.
	ErrNotLocal = errors.New("stack: source address is not local")
	// ErrNoRoute means that there is no way to the destination.
	ErrNoRoute = errors.New("stack: no route to the destination")
	// ErrRefused means that a hook refused the packet.
	ErrRefused = errors.New("stack: refused")
	// ErrTooBig means that the packet may not be fragmented and is too long.
	ErrTooBig = errors.New("stack: packet is too long")
	// ErrClosed means that the host is off.
	ErrClosed = errors.New("stack: host is off")
)

// A Packet is an IPv4 packet on its way through a host. Payload may belong to
// a frame that others read too: replace it, do not change its bytes.
type Packet struct {
	In, Out         *Iface
	Src, Dst        netip.Addr
	Proto, TTL, TOS uint8
	ID              uint16
	DF              bool
	Record          []byte // record route option, nil for none
	Payload         []byte

	Next      netip.Addr // next hop, known after routing
	SrcMAC    wire.MAC   // Ethernet source on the way out; zero leaves it to the interface
	Local     bool       // made by this host
	Decrypted bool       // came out of a tunnel
	Encrypted bool       // has been through IPsec on the way out
	Meta      any        // for a hook
}

// codecs are for packets of no host in particular; labs of several goroutines
// share them.
var codecs = sync.Pool{New: func() any { return new(wire.Codec) }}

// Append makes the bytes of the packet.
func (p *Packet) Append() []byte {
	c := codecs.Get().(*wire.Codec)
	defer codecs.Put(c)
	v := p.ipv4()
	return c.AppendIPv4(&v)
}

// Fragments are the bytes of the packet as fragments none longer than mtu, 68
// bytes or more (RFC 791 section 2.3); one that fits stays whole.
func (p *Packet) Fragments(mtu int) [][]byte {
	c := codecs.Get().(*wire.Codec)
	defer codecs.Put(c)
	var out [][]byte
	cut(p, mtu, func(v *wire.IPv4) { out = append(out, c.AppendIPv4(v)) })
	return out
}

func (p *Packet) ipv4() wire.IPv4 {
	return wire.IPv4{TOS: p.TOS, TTL: p.TTL, Proto: p.Proto, ID: p.ID, DF: p.DF, Src: p.Src, Dst: p.Dst, Record: p.Record, Payload: p.Payload}
}

// Parse reads the bytes of a packet that is no fragment.
func Parse(b []byte) (*Packet, error) {
	v, err := wire.ParseIPv4(b)
	if err != nil {
		return nil, err
	}
	if v.MF || v.Offset > 0 {
		return nil, errors.New("stack: packet is a fragment")
	}
	return packet(&v), nil
}

func packet(v *wire.IPv4) *Packet {
	return &Packet{Src: v.Src, Dst: v.Dst, Proto: v.Proto, TTL: v.TTL, TOS: v.TOS, ID: v.ID, DF: v.DF, Record: v.Record, Payload: v.Payload}
}

// A Verdict is what a hook says of a packet.
type Verdict int

const (
	Accept Verdict = iota
	Drop           // gone without a word
	Refuse         // gone, and a local sender is told ErrRefused
	Stolen         // the hook keeps it and may send something else
)

// A HookPoint is a place where a hook sees packets.
type HookPoint int

const (
	In      HookPoint = iota // after the checks, before the route decision
	LocalIn                  // for this host
	Forward                  // for others, after the route decision
	Out                      // leaving, after routing, before fragments and ARP
	hookPoints
)

type hook struct {
	name string
	f    func(*Packet) Verdict
}

// A Host is one device's IPv4.
type Host struct {
	IPUnreachables bool // send destination unreachable
	TTLExpires     bool // send time exceeded
	Redirects      bool // send redirects
	// IgnoreGratuitous keeps gratuitous ARP from making entries; those that
	// are there follow it all the same. AnswerOthers answers ARP requests of
	// senders of other networks with a gratuitous ARP.
	IgnoreGratuitous, AnswerOthers bool
	ICMPSource                     netip.Addr // source of ICMP errors, the zero Addr for the usual one
	Stats                          Stats

	w       *sim.World
	name    string
	codec   wire.Codec
	ifaces  []*Iface
	static  []Route
	rt      routes
	arp     map[netip.Addr]*neighbour
	frags   reassembler
	ipID    uint16
	closed  bool
	nesting int // of tunnels that a packet is entering

	hooks   [hookPoints][]hook
	protos  map[uint8]func(*Packet)
	udp     map[uint16]func(*Packet, wire.UDP)
	onICMP  []func(*Packet, wire.ICMP)
	onIface []func(*Iface, bool)
	answers []func(*Iface, netip.Addr) (wire.MAC, bool)

	icmp       ICMPStats
	errors     bucket
	arpAgeing  time.Duration
	onPacket   []func(Passage, *Iface, *wire.IPv4)
	onSent     []func(*Packet)
	onFault    []func(Fault)
	onARP      []func(*Iface, wire.ARP, bool)
	onARPError []func(*Iface, wire.ARP, ARPFault)

	onNeighbour []func(netip.Addr, wire.MAC, NeighbourState, NeighbourState)
}

// New is a host without interfaces. Its random draws come from streams of
// that device name.
func New(w *sim.World, name string) *Host {
	return &Host{
		w: w, name: name, arp: map[netip.Addr]*neighbour{}, protos: map[uint8]func(*Packet){},
		udp:       map[uint16]func(*Packet, wire.UDP){},
		arpAgeing: ARPAgeing, errors: bucket{interval: ErrorInterval, burst: ErrorBurst, tokens: ErrorBurst, at: w.Now()},
	}
}

// Name is the device name.
func (h *Host) Name() string { return h.name }

// World is where the host lives.
func (h *Host) World() *sim.World { return h.w }

// Close turns the host off: its ports give no link and nothing is received,
// sent or answered any more.
func (h *Host) Close() {
	if h.closed {
		return
	}
	h.closed = true
	h.onIface = nil
	h.ClearARP(nil)
	h.frags.clear()
	for _, i := range h.ifaces {
		if i.port != nil {
			i.port.OnReceive, i.port.OnChange = nil, nil
			i.port.Enable(false)
		}
	}
}

// Hook calls f at a point, after those that were hooked there before. The
// first verdict other than Accept ends the walk.
func (h *Host) Hook(at HookPoint, name string, f func(*Packet) Verdict) {
	h.hooks[at] = append(h.hooks[at], hook{name, f})
}

func (h *Host) run(at HookPoint, p *Packet) Verdict {
	for i := range h.hooks[at] {
		if v := h.hooks[at][i].f(p); v != Accept {
			switch v {
			case Drop:
				h.Stats.Hooked++
			case Refuse:
				h.Stats.Refused++
			default:
			}
			return v
		}
	}
	return Accept
}

// HandleProto gives packets of a protocol for this host to f; nil ends it.
func (h *Host) HandleProto(proto uint8, f func(*Packet)) {
	if f == nil {
		delete(h.protos, proto)
		return
	}
	h.protos[proto] = f
}

// Handler is who takes packets of a protocol, nil for nobody: who takes its
// place gives it what it does not want.
func (h *Host) Handler(proto uint8) func(*Packet) { return h.protos[proto] }

// HandleUDP gives datagrams for a port to f; nil ends it.
func (h *Host) HandleUDP(port uint16, f func(src, dst netip.AddrPort, payload []byte, in *Iface)) {
	if f == nil {
		delete(h.udp, port)
		return
	}
	h.HandleDatagram(port, func(p *Packet, u wire.UDP) {
		f(netip.AddrPortFrom(p.Src, u.Src), netip.AddrPortFrom(p.Dst, u.Dst), u.Payload, p.In)
	})
}

// HandleDatagram is HandleUDP for one who needs the packet, too.
func (h *Host) HandleDatagram(port uint16, f func(p *Packet, u wire.UDP)) { h.udp[port] = f }

// OnICMP calls f with every ICMP message for this host, echo requests too.
func (h *Host) OnICMP(f func(*Packet, wire.ICMP)) { h.onICMP = append(h.onICMP, f) }

// OnIface calls f when an interface goes up or down.
func (h *Host) OnIface(f func(i *Iface, up bool)) { h.onIface = append(h.onIface, f) }

// IsLocal says whether the host owns an address: that of an interface that is
// up, a virtual one, or any of 127.0.0.0/8.
func (h *Host) IsLocal(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	for _, i := range h.ifaces {
		if i.up && i.Owns(a) {
			return true
		}
	}
	return false
}

// owner is the interface that has an address.
func (h *Host) owner(a netip.Addr) *Iface {
	for _, i := range h.ifaces {
		if i.up && i.Owns(a) {
			return i
		}
	}
	return nil
}

// AddEthernet adds an interface on a port and enables the port. The interface
// begins administratively up and without an address.
func (h *Host) AddEthernet(name string, mac wire.MAC, port *link.Port) *Iface {
	i := h.add(name, Ethernet)
	i.mac, i.port = mac, port
	i.groups = map[wire.MAC]int{}
	port.OnReceive = i.receive
	port.OnChange = func(bool) { i.refresh() }
	port.Enable(true)
	i.refresh()
	return i
}

// AddLoopback adds an interface that is up as long as it is not shut down.
func (h *Host) AddLoopback(name string) *Iface {
	i := h.add(name, Loopback)
	i.refresh()
	return i
}

// AddNull adds an interface that swallows what is sent to it.
func (h *Host) AddNull(name string) *Iface {
	i := h.add(name, Null)
	i.refresh()
	return i
}

func (h *Host) add(name string, kind Kind) *Iface {
	if h.Iface(name) != nil {
		panic("stack: interface " + name + " exists")
	}
	i := &Iface{h: h, name: name, kind: kind, admin: true, mtu: 1500, span: MaxInterval, changed: h.w.Now()}
	at, _ := slices.BinarySearchFunc(h.ifaces, i, func(a, b *Iface) int { return compareNames(a.name, b.name) })
	h.ifaces = slices.Insert(h.ifaces, at, i)
	return i
}

// RemoveIface takes an interface away after it went down.
func (h *Host) RemoveIface(name string) {
	i := h.Iface(name)
	if i == nil {
		return
	}
	for _, s := range slices.Clone(i.below) {
		h.RemoveIface(s.name)
	}
	i.SetAdmin(false)
	if i.main != nil {
		i.main.below = slices.DeleteFunc(i.main.below, func(o *Iface) bool { return o == i })
	}
	if i.port != nil {
		i.port.OnReceive, i.port.OnChange = nil, nil
	}
	h.ifaces = slices.DeleteFunc(h.ifaces, func(o *Iface) bool { return o == i })
	h.reroute()
}

// Iface is the interface of that name, nil when there is none.
func (h *Host) Iface(name string) *Iface {
	for _, i := range h.ifaces {
		if i.name == name {
			return i
		}
	}
	return nil
}

// Ifaces lists the interfaces by type name, then by number.
func (h *Host) Ifaces() []*Iface { return slices.Clone(h.ifaces) }

// compareNames orders letters by letter and numbers by value.
func compareNames(a, b string) int {
	for i, j := 0, 0; ; {
		switch {
		case i == len(a) || j == len(b):
			return (len(a) - i) - (len(b) - j)
		case digit(a[i]) && digit(b[j]):
			x, y := 0, 0
			for ; i < len(a) && digit(a[i]); i++ {
				x = x*10 + int(a[i]-'0')
			}
			for ; j < len(b) && digit(b[j]); j++ {
				y = y*10 + int(b[j]-'0')
			}
			if x != y {
				return x - y
			}
		case a[i] != b[j]:
			return int(a[i]) - int(b[j])
		default:
			i, j = i+1, j+1
		}
	}
}

func digit(c byte) bool { return '0' <= c && c <= '9' }
