package stack

import "cwlab/emulator/wire"

// maxNesting is how many tunnels may lie inside each other: a tunnel whose
// destination is reached through itself has no end.
const maxNesting = 4

// AddTunnel adds an interface whose packets are given to send as the bytes of
// whole IPv4 packets, none longer than its MTU. It is down until LinkTunnel.
func (h *Host) AddTunnel(name string, send func(*Packet)) *Iface {
	i := h.add(name, Tunnel)
	i.tunnel = send
	i.refresh()
	return i
}

// LinkTunnel says whether the tunnel of an interface can carry packets.
func (i *Iface) LinkTunnel(up bool) {
	if i.linked != up {
		i.linked = up
		i.refresh()
	}
}

// SendWhole has a tunnel take packets of any length in one piece, with Payload
// as it is.
func (i *Iface) SendWhole() { i.whole = true }

// enter sends a packet into the tunnel of its interface, in fragments when it
// is too long.
func (h *Host) enter(p *Packet) {
	i := p.Out
	if h.nesting == maxNesting {
		i.count.OutDrops++
		h.Stats.Dropped++
		return
	}
	h.nesting++
	defer func() { h.nesting-- }()
	if i.whole {
		size := wire.HeaderLen(p.Record) + len(p.Payload)
		i.ip.OutPackets++
		i.ip.OutBytes += uint64(size)
		i.count.OutPackets++
		i.count.OutBytes += uint64(size)
		v := p.ipv4()
		h.trace(Sending, i, &v)
		i.tunnel(p)
		return
	}
	h.pieces(p, func(v *wire.IPv4) {
		size := v.HeaderLen() + len(v.Payload)
		i.ip.OutPackets++
		i.ip.OutBytes += uint64(size)
		i.count.OutPackets++
		i.count.OutBytes += uint64(size)
		h.trace(Sending, i, v)
		piece := *p
		piece.Payload = h.codec.AppendIPv4(v)
		i.tunnel(&piece)
	})
}

// FromTunnel takes the bytes of a packet that came out of the tunnel of an
// interface. It says false for one that is no IPv4 packet or that the
// interface cannot take.
func (h *Host) FromTunnel(i *Iface, b []byte) bool {
	if h.closed || !i.up {
		i.count.InDrops++
		return false
	}
	v, err := wire.ParseIPv4(b)
	if err != nil {
		i.count.InDrops++
		h.badIPv4(err)
		return false
	}
	i.count.InPackets++
	i.count.InBytes += uint64(len(b))
	h.receiveIPv4(i, &v, false)
	return true
}
