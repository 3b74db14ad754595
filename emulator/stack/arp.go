package stack

import (
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
	arpAgeing    = 20 * time.Minute
	arpProbes    = 3
	arpProbeWait = 5 * time.Second
	arpTries     = 3
	arpTryWait   = time.Second
	arpQueue     = 8    // packets that wait for one answer
	arpTableSize = 4096 // entries that are learnt
)

// A neighbour is one line of the ARP table. Without an Ethernet address yet it
// keeps the packets that wait for it.
type neighbour struct {
	addr    netip.Addr
	mac     wire.MAC
	iface   *Iface
	known   bool
	expires time.Time
	tries   int
	timer   *sim.Timer
	waiting []*Packet
}

// An ARPEntry is a known neighbour.
type ARPEntry struct {
	Addr  netip.Addr
	MAC   wire.MAC
	Iface *Iface
	Left  time.Duration // until it ages out
}

// ARP lists the known neighbours by address.
func (h *Host) ARP() []ARPEntry {
	var all []ARPEntry
	for _, n := range h.sortedNeighbours() {
		if n.known {
			all = append(all, ARPEntry{n.addr, n.mac, n.iface, max(n.expires.Sub(h.w.Now()), 0)})
		}
	}
	return all
}

func (h *Host) sortedNeighbours() []*neighbour {
	all := make([]*neighbour, 0, len(h.arp))
	for _, n := range h.arp {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *neighbour) int { return a.addr.Compare(b.addr) })
	return all
}

// ClearARP forgets what was learnt.
func (h *Host) ClearARP() {
	for _, n := range h.sortedNeighbours() {
		h.forget(n)
	}
}

func (h *Host) forget(n *neighbour) {
	n.timer.Stop()
	delete(h.arp, n.addr)
}

func (h *Host) forgetNeighbours(i *Iface) {
	for _, n := range h.sortedNeighbours() {
		if n.iface == i {
			h.forget(n)
		}
	}
}

// GratuitousARP tells the neighbours that addr is at mac (RFC 5227 section 3,
// in the form of a request).
func (i *Iface) GratuitousARP(addr netip.Addr, mac wire.MAC) {
	if i.kind != Ethernet || !i.up {
		return
	}
	i.send(i.h.codec.ARPFrame(wire.Broadcast, mac, wire.ARP{Op: wire.ARPRequest, SrcMAC: mac, Src: addr, Dst: addr}))
}

// receiveARP is the algorithm of RFC 826, page "Packet Reception".
func (i *Iface) receiveARP(f wire.Frame) {
	h := i.h
	a, err := h.codec.ARP(f.Payload)
	if err != nil || a.SrcMAC.Group() || !i.addr.IsValid() || i.owns(a.Src) {
		i.count.InDrops++
		return
	}
	mine := i.owns(a.Dst)
	gratuitous := a.Src == a.Dst
	n := h.arp[a.Src]
	if n != nil && n.iface == i || (mine || gratuitous) && i.addr.Contains(a.Src) && !a.Src.IsUnspecified() {
		h.learn(i, a.Src, a.SrcMAC)
	}
	if a.Op == wire.ARPRequest && mine {
		mac := i.macOf(a.Dst)
		i.send(h.codec.ARPFrame(a.SrcMAC, mac, wire.ARP{
			Op: wire.ARPReply, SrcMAC: mac, Src: a.Dst, DstMAC: a.SrcMAC, Dst: a.Src,
		}))
	}
}

func (h *Host) learn(i *Iface, addr netip.Addr, mac wire.MAC) {
	n := h.arp[addr]
	if n == nil {
		if len(h.arp) >= arpTableSize {
			return
		}
		n = &neighbour{addr: addr}
		h.arp[addr] = n
	}
	n.iface, n.mac, n.known, n.tries = i, mac, true, 0
	n.expires = h.w.Now().Add(arpAgeing)
	n.timer.Stop()
	n.timer = h.w.After(arpAgeing, func() { h.age(n) })
	waiting := n.waiting
	n.waiting = nil
	for _, p := range waiting {
		h.transmit(p, mac)
	}
}

// age asks a neighbour whose time is over whether it is still there.
func (h *Host) age(n *neighbour) {
	if n.tries == arpProbes {
		h.forget(n)
		return
	}
	n.tries++
	n.iface.request(n.addr, n.mac)
	n.timer = h.w.After(arpProbeWait, func() { h.age(n) })
}

// resolve sends a packet to its next hop, asking for it first when it must.
func (h *Host) resolve(p *Packet) {
	n := h.arp[p.Next]
	if n != nil && n.known && n.iface == p.Out {
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
	i.send(i.h.codec.ARPFrame(to, i.mac, wire.ARP{Op: wire.ARPRequest, SrcMAC: i.mac, Src: i.addr.Addr(), Dst: addr}))
}
