package stack

import (
	"net/netip"
	"time"

	"cwlab/emulator/wire"
)

// receiveIPv4 takes a packet that came in a frame.
func (h *Host) receiveIPv4(i *Iface, v *wire.IPv4, group bool) {
	if v.Src.IsMulticast() || v.Src == limited || v.Src.IsLoopback() || v.Dst.IsLoopback() || i.broadcast(v.Src) ||
		h.IsLocal(v.Src) { // RFC 1812 section 5.3.7
		h.Stats.BadPacket++
		i.count.InDrops++
		return
	}
	if group && !v.Dst.IsMulticast() && !i.broadcast(v.Dst) { // RFC 1122 section 3.3.6
		h.Stats.BadPacket++
		return
	}
	if v.MF || v.Offset > 0 {
		whole, ok := h.frags.add(h, i, v)
		if !ok {
			return
		}
		v = whole
	}
	p := packet(v)
	p.In = i
	h.input(p)
}

// Inject puts a packet on the inbound path as if it had just been received,
// such as one that came out of a tunnel.
func (h *Host) Inject(p *Packet) {
	if !h.closed {
		h.input(p)
	}
}

func (h *Host) input(p *Packet) {
	if h.run(In, p) != Accept {
		return
	}
	if p.Dst.IsMulticast() || p.Dst == limited || p.In != nil && p.In.broadcast(p.Dst) || h.IsLocal(p.Dst) {
		h.deliver(p)
		return
	}
	h.forward(p)
}

func (h *Host) forward(p *Packet) {
	if p.TTL <= 1 {
		h.Stats.TTLExpired++
		h.icmpError(p, wire.TimeExceeded, 0, 0)
		return
	}
	if err := h.route(p); err != nil {
		h.Stats.NoRoute++
		h.icmpError(p, wire.Unreachable, wire.NetUnreachable, 0)
		return
	}
	p.TTL--
	if h.run(Forward, p) != Accept {
		return
	}
	_ = h.output(p)
}

// route finds the way of a packet.
func (h *Host) route(p *Packet) error {
	if p.Out != nil {
		if p.Next.IsValid() {
			return nil
		}
		p.Next = p.Dst
		if p.Dst.IsMulticast() || p.Dst == limited {
			return nil
		}
		if e := h.lookup(p.Dst); e != nil && e.out == p.Out && !e.direct {
			p.Next = e.NextHop
		}
		return nil
	}
	e := h.lookup(p.Dst)
	if e == nil || e.out == nil {
		return ErrNoRoute
	}
	p.Out, p.Next = e.out, e.NextHop
	if e.direct {
		p.Next = p.Dst
	}
	return nil
}

// SendIP sends a packet of this host. Without a source it gets the address of
// the interface it leaves by; without a TTL 255; without an ID the next one.
// Out may be given, as it must for a group or the limited broadcast.
func (h *Host) SendIP(p *Packet) error {
	if h.closed {
		return ErrClosed
	}
	p.Local = true
	if p.TTL == 0 {
		p.TTL = 255
	}
	if p.ID == 0 {
		h.ipID++
		p.ID = h.ipID
	}
	if p.Src.IsValid() && !p.Src.IsUnspecified() && !h.IsLocal(p.Src) {
		return ErrNotLocal
	}
	if h.IsLocal(p.Dst) {
		if !p.Src.IsValid() {
			p.Src = p.Dst
		}
		p.In = h.owner(p.Dst)
		h.w.After(0, func() {
			if !h.closed {
				h.deliver(p)
			}
		})
		return nil
	}
	if p.Out == nil && (p.Dst == limited || p.Dst.IsMulticast()) {
		return ErrNoRoute
	}
	if err := h.route(p); err != nil {
		h.Stats.NoRoute++
		return err
	}
	if !p.Src.IsValid() {
		src := p.Out.addr
		for _, i := range h.ifaces {
			if src.IsValid() {
				break
			}
			if i.up { // an interface without an address borrows one
				src = i.addr
			}
		}
		if !src.IsValid() {
			return ErrNoRoute
		}
		p.Src = src.Addr()
	}
	return h.output(p)
}

// output is the way out of a packet that has its interface and next hop.
func (h *Host) output(p *Packet) error {
	switch h.run(Out, p) {
	case Refuse:
		return ErrRefused
	case Drop, Stolen:
		return nil
	default:
	}
	if !p.Out.up {
		p.Out.count.OutDrops++
		return nil
	}
	if p.Out.kind != Ethernet {
		return nil
	}
	if 20+len(p.Payload) > p.Out.mtu && p.DF {
		p.Out.count.OutDrops++
		h.icmpError(p, wire.Unreachable, wire.FragmentationNeeded, uint16(p.Out.mtu))
		return ErrTooBig
	}
	switch {
	case p.Dst.IsMulticast():
		h.transmit(p, wire.MulticastMAC(p.Dst))
	case p.Out.broadcast(p.Dst) || p.Out.broadcast(p.Next):
		h.transmit(p, wire.Broadcast)
	default:
		h.resolve(p)
	}
	return nil
}

// transmit puts a packet on the wire, in fragments when it is too long.
func (h *Host) transmit(p *Packet, to wire.MAC) {
	from := p.SrcMAC
	if from.IsZero() {
		from = p.Out.macOf(p.Src)
	}
	v := p.ipv4()
	room := (p.Out.mtu - 20) &^ 7
	rest := p.Payload
	for len(rest) > p.Out.mtu-20 {
		v.Payload, v.MF = rest[:room], true
		p.Out.send(h.codec.IPv4Frame(to, from, &v))
		rest, v.Offset = rest[room:], v.Offset+room
	}
	v.Payload, v.MF = rest, false
	p.Out.send(h.codec.IPv4Frame(to, from, &v))
}

// deliver gives a packet to this host.
func (h *Host) deliver(p *Packet) {
	if h.run(LocalIn, p) != Accept {
		return
	}
	if f := h.protos[p.Proto]; f != nil {
		f(p)
		return
	}
	switch p.Proto {
	case wire.ProtoICMP:
		h.deliverICMP(p)
	case wire.ProtoUDP:
		h.deliverUDP(p)
	default:
		h.Stats.NoHandler++
		h.icmpError(p, wire.Unreachable, wire.ProtocolUnreachable, 0)
	}
}

func (h *Host) deliverUDP(p *Packet) {
	u, err := h.codec.UDP(p.Src, p.Dst, p.Payload)
	if err != nil {
		h.Stats.BadPacket++
		return
	}
	f := h.udp[u.Dst]
	if f == nil {
		h.Stats.NoHandler++
		h.icmpError(p, wire.Unreachable, wire.PortUnreachable, 0)
		return
	}
	f(netip.AddrPortFrom(p.Src, u.Src), netip.AddrPortFrom(p.Dst, u.Dst), u.Payload, p.In)
}

// SendUDP sends a datagram. The source address may be the zero Addr.
func (h *Host) SendUDP(src, dst netip.AddrPort, payload []byte) error {
	from := src.Addr()
	if !from.IsValid() {
		if h.IsLocal(dst.Addr()) {
			from = dst.Addr()
		} else if e := h.lookup(dst.Addr()); e == nil || e.out == nil || !e.out.addr.IsValid() {
			return ErrNoRoute
		} else {
			from = e.out.addr.Addr()
		}
	}
	b := h.codec.AppendUDP(from, dst.Addr(), wire.UDP{Src: src.Port(), Dst: dst.Port(), Payload: payload})
	return h.SendIP(&Packet{Src: from, Dst: dst.Addr(), Proto: wire.ProtoUDP, Payload: b})
}

func (h *Host) deliverICMP(p *Packet) {
	m, err := h.codec.ICMP(p.Payload)
	if err != nil {
		h.Stats.BadPacket++
		return
	}
	for _, f := range h.onICMP {
		f(p, m)
	}
	if m.Type != wire.EchoRequest || m.Code != 0 || p.Dst.IsMulticast() || !h.IsLocal(p.Dst) {
		return
	}
	m.Type = wire.EchoReply
	r := &Packet{Src: p.Dst, Dst: p.Src, Proto: wire.ProtoICMP, TOS: p.TOS, Payload: h.codec.AppendICMP(m)}
	h.w.After(h.w.Stream(h.name, "icmp turnaround").Duration(0, 2*time.Millisecond), func() {
		_ = h.SendIP(r) // an answer that finds no way back is lost, as on any host
	})
}

// icmpError tells the sender of p what became of it, under the rules of RFC
// 1122 section 3.2.2 and the switches of the host. Errors about packets of
// this host go to those who listen for ICMP here.
func (h *Host) icmpError(p *Packet, kind, code uint8, word uint16) {
	if kind == wire.Unreachable && !h.IPUnreachables || kind == wire.TimeExceeded && !h.TTLExpires {
		return
	}
	if p.Local || p.Dst.IsMulticast() || p.Dst == limited || p.In != nil && p.In.broadcast(p.Dst) || p.Src.IsUnspecified() {
		return
	}
	if p.Proto == wire.ProtoICMP && (len(p.Payload) == 0 || p.Payload[0] != wire.EchoRequest) {
		return
	}
	whole := p.Append()
	m := wire.ICMP{Type: kind, Code: code, Seq: word, Payload: whole[:min(len(whole), 28)]}
	r := &Packet{Dst: p.Src, Proto: wire.ProtoICMP, Payload: h.codec.AppendICMP(m)}
	if h.IsLocal(p.Dst) {
		r.Src = p.Dst
	} else if p.In != nil && p.In.addr.IsValid() {
		r.Src = p.In.addr.Addr()
	}
	_ = h.SendIP(r)
}
