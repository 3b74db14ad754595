package stack

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/sim"
	"cwlab/emulator/wire"
)

// Timers of ARP. Ageing, probes and their interval are the defaults of the
// Comware command reference (arp timer aging, arp timer aging probe-count);
// RFC 1122 section 2.3.2.1 limits requests to one a second.
const (
	// ARPAgeing is how long a neighbour stays unless SetARPAgeing said otherwise.
	ARPAgeing = 20 * time.Minute

	arpProbes    = 3
	arpProbeWait = 5 * time.Second
	arpTries     = 3
	arpTryWait   = time.Second
	arpQueue     = 8    // packets that wait for one answer
	arpTableSize = 4096 // entries that are learnt
)

// An ARPFault says why an ARP packet was dropped.
type ARPFault int

const (
	ARPMalformed   ARPFault = iota
	ARPGroupSender          // the sender's Ethernet address is that of a group
	ARPNoAddress            // the interface has no address
	ARPOwnSender            // the sender claims an address of this host
	ARPStatic               // the sender differs from a static entry
	ARPTableFull
)

// A NeighbourState is what an entry of the ARP table is about.
type NeighbourState int

const (
	Initialize NeighbourState = iota // has no Ethernet address yet
	NoAge                            // known
	Aging                            // asked whether it is still there
	Aged                             // to be removed
)

// String is the name of the ARP debugging reference.
func (s NeighbourState) String() string {
	switch s {
	case Initialize:
		return "INITIALIZE"
	case NoAge:
		return "NO_AGE"
	case Aging:
		return "AGING"
	case Aged:
		return "AGED"
	}
	return fmt.Sprintf("NeighbourState(%d)", int(s))
}

// A neighbour is one line of the ARP table. Without an Ethernet address yet it
// keeps the packets that wait for it. A static one has no interface.
type neighbour struct {
	addr    netip.Addr
	mac     wire.MAC
	iface   *Iface
	known   bool
	static  bool
	state   NeighbourState
	expires time.Time
	tries   int
	timer   *sim.Timer
	waiting []*Packet
}

// An ARPEntry is a known neighbour. A static one that no network of an
// interface that is up contains has no interface.
type ARPEntry struct {
	Addr   netip.Addr
	MAC    wire.MAC
	Iface  *Iface
	Static bool
	Left   time.Duration // until it ages out
}

// ARP lists the known neighbours by address.
func (h *Host) ARP() []ARPEntry {
	var all []ARPEntry
	for _, n := range h.sortedNeighbours() {
		switch {
		case n.static:
			all = append(all, ARPEntry{Addr: n.addr, MAC: n.mac, Iface: h.connected(n.addr), Static: true})
		case n.known:
			all = append(all, ARPEntry{Addr: n.addr, MAC: n.mac, Iface: n.iface, Left: max(n.expires.Sub(h.w.Now()), 0)})
		}
	}
	return all
}

// connected is the interface that is up and has a network with the address,
// nil if there is none.
func (h *Host) connected(a netip.Addr) *Iface {
	for _, i := range h.ifaces {
		if i.up && i.kind == Ethernet && i.onLink(a) {
			return i
		}
	}
	return nil
}

func (h *Host) sortedNeighbours() []*neighbour {
	all := make([]*neighbour, 0, len(h.arp))
	for _, n := range h.arp {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *neighbour) int { return a.addr.Compare(b.addr) })
	return all
}

// ClearARP forgets what was learnt on an interface, nil for all of them.
func (h *Host) ClearARP(i *Iface) {
	for _, n := range h.sortedNeighbours() {
		if !n.static && (i == nil || n.iface == i) {
			h.forget(n)
		}
	}
}

// SetARP makes a static entry, which no packet changes and no time removes.
func (h *Host) SetARP(addr netip.Addr, mac wire.MAC) {
	n := h.arp[addr]
	if n == nil {
		n = &neighbour{addr: addr}
		h.arp[addr] = n
	}
	n.timer.Stop()
	n.mac, n.static, n.known = mac, true, true
	h.become(n, NoAge)
	waiting := n.waiting
	n.waiting = nil
	for _, p := range waiting {
		h.transmit(p, mac)
	}
}

// RemoveARP removes the entry of an address, static or learnt, and says
// whether there was one.
func (h *Host) RemoveARP(addr netip.Addr) bool {
	n := h.arp[addr]
	if n == nil || !n.known {
		return false
	}
	h.forget(n)
	return true
}

// SetARPAgeing changes how long what is learnt from now on stays; 0 is the
// default.
func (h *Host) SetARPAgeing(d time.Duration) {
	if d == 0 {
		d = ARPAgeing
	}
	h.arpAgeing = d
}

// ARPAgeing is how long what is learnt stays.
func (h *Host) ARPAgeing() time.Duration { return h.arpAgeing }

func (h *Host) forget(n *neighbour) {
	n.timer.Stop()
	delete(h.arp, n.addr)
}

func (h *Host) forgetNeighbours(i *Iface) {
	for _, n := range h.sortedNeighbours() {
		if n.iface == i && !n.static {
			h.forget(n)
		}
	}
}

// sendARP sends an ARP packet.
func (i *Iface) sendARP(to, from wire.MAC, a wire.ARP) {
	for _, f := range i.h.onARP {
		f(i, a, true)
	}
	i.send(i.h.codec.ARPFrame(to, from, a))
}

func (i *Iface) dropARP(a wire.ARP, why ARPFault) {
	i.count.InDrops++
	for _, f := range i.h.onARPError {
		f(i, a, why)
	}
}

// Announce sends a gratuitous ARP for each address, virtual ones included.
func (i *Iface) Announce() { i.announce() }

// GratuitousARP tells the neighbours that addr is at mac (RFC 5227 section 3,
// in the form of a request).
func (i *Iface) GratuitousARP(addr netip.Addr, mac wire.MAC) {
	if i.kind != Ethernet || !i.up {
		return
	}
	i.sendARP(wire.Broadcast, mac, wire.ARP{Op: wire.ARPRequest, SrcMAC: mac, Src: addr, Dst: addr})
}

// receiveARP is the algorithm of RFC 826, page "Packet Reception".
func (i *Iface) receiveARP(f wire.Frame) {
	h := i.h
	a, err := h.codec.ARP(f.Payload)
	if err != nil {
		i.dropARP(a, ARPMalformed)
		return
	}
	for _, f := range h.onARP {
		f(i, a, false)
	}
	switch {
	case a.SrcMAC.Group():
		i.dropARP(a, ARPGroupSender)
		return
	case !i.addr.IsValid():
		i.dropARP(a, ARPNoAddress)
		return
	case i.Owns(a.Src):
		i.dropARP(a, ARPOwnSender)
		return
	}
	mac, mine := i.answerFor(a.Dst)
	gratuitous := a.Src == a.Dst
	n := h.arp[a.Src]
	if n != nil && n.iface == i || (mine || gratuitous && !h.IgnoreGratuitous) && i.onLink(a.Src) && !a.Src.IsUnspecified() {
		h.learn(i, a)
	}
	if h.AnswerOthers && a.Op == wire.ARPRequest && !gratuitous && !i.onLink(a.Src) {
		i.GratuitousARP(i.addr.Addr(), i.mac)
		return
	}
	if a.Op == wire.ARPRequest && mine && !gratuitous { // a neighbour that took an address over is not contradicted
		i.sendARP(a.SrcMAC, mac, wire.ARP{Op: wire.ARPReply, SrcMAC: mac, Src: a.Dst, DstMAC: a.SrcMAC, Dst: a.Src})
	}
}

// become enters a state and tells of it.
func (h *Host) become(n *neighbour, to NeighbourState) {
	from := n.state
	if n.state = to; from == to {
		return
	}
	for _, f := range h.onNeighbour {
		f(n.addr, n.mac, from, to)
	}
}

func (h *Host) learn(i *Iface, a wire.ARP) {
	n := h.arp[a.Src]
	if n == nil {
		if len(h.arp) >= arpTableSize {
			i.dropARP(a, ARPTableFull)
			return
		}
		n = &neighbour{addr: a.Src}
		h.arp[a.Src] = n
	}
	if n.static {
		if n.mac != a.SrcMAC {
			i.dropARP(a, ARPStatic)
		}
		return
	}
	n.iface, n.mac, n.known, n.tries = i, a.SrcMAC, true, 0
	h.become(n, NoAge)
	n.expires = h.w.Now().Add(h.arpAgeing)
	n.timer.Stop()
	n.timer = h.w.After(h.arpAgeing, func() { h.age(n) })
	waiting := n.waiting
	n.waiting = nil
	for _, p := range waiting {
		h.transmit(p, n.mac)
	}
}

// age asks a neighbour whose time is over whether it is still there.
func (h *Host) age(n *neighbour) {
	if n.tries == arpProbes {
		h.become(n, Aged)
		h.forget(n)
		return
	}
	n.tries++
	h.become(n, Aging)
	n.iface.request(n.addr, n.mac)
	n.timer = h.w.After(arpProbeWait, func() { h.age(n) })
}

// resolve sends a packet to its next hop, asking for it first when it must.
func (h *Host) resolve(p *Packet) {
	n := h.arp[p.Next]
	if n != nil && n.known && (n.static || n.iface == p.Out) {
		h.transmit(p, n.mac)
		return
	}
	if n == nil {
		if len(h.arp) >= arpTableSize {
			p.Out.count.OutDrops++
			return
		}
		n = &neighbour{addr: p.Next, iface: p.Out}
		h.arp[p.Next] = n
		h.ask(n)
	}
	if n.known || len(n.waiting) == arpQueue {
		p.Out.count.OutDrops++
		return
	}
	n.waiting = append(n.waiting, p)
}

// ask sends one more request, or gives up and tells the senders.
func (h *Host) ask(n *neighbour) {
	if n.tries == arpTries {
		h.forget(n)
		for _, p := range n.waiting {
			p.Out.count.OutDrops++
			h.icmpError(p, wire.Unreachable, wire.HostUnreachable, 0)
		}
		return
	}
	n.tries++
	n.iface.request(n.addr, wire.Broadcast)
	n.timer = h.w.After(arpTryWait, func() { h.ask(n) })
}

func (i *Iface) request(addr netip.Addr, to wire.MAC) {
	if !i.addr.IsValid() {
		return
	}
	src := i.sourceOnLink(addr)
	if !src.IsValid() {
		src = i.addr.Addr()
	}
	i.sendARP(to, i.mac, wire.ARP{Op: wire.ARPRequest, SrcMAC: i.mac, Src: src, Dst: addr})
}
