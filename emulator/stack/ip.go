package stack

import (
	"net/netip"

	"cwlab/emulator/wire"
)

// receiveIPv4 takes a packet that came in a frame.
func (h *Host) receiveIPv4(i *Iface, v *wire.IPv4, group bool) {
	h.Stats.Input++
	i.ip.InPackets++
	i.ip.InBytes += uint64(v.HeaderLen() + len(v.Payload))
	if v.Dst.IsMulticast() {
		i.ip.InMulticast++
	}
	h.trace(Receiving, i, v)
	if v.Src.IsMulticast() || v.Src == limited || v.Src.IsLoopback() || v.Dst.IsLoopback() || i.broadcast(v.Src) ||
		h.IsLocal(v.Src) { // RFC 1812 section 5.3.7
		h.Stats.BadSource++
		i.count.InDrops++
		return
	}
	if group && !v.Dst.IsMulticast() && !i.broadcast(v.Dst) { // RFC 1122 section 3.3.6
		h.Stats.BadSource++
		return
	}
	if v.MF || v.Offset > 0 {
		h.Stats.FragmentsIn++
		whole, ok := h.frags.add(h, i, 0, v)
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
		if p.In != nil {
			p.In.ip.TTLExpired++
		}
		h.icmpError(p, wire.TimeExceeded, 0, 0)
		return
	}
	if err := h.route(p); err != nil {
		h.Stats.NoRoute++
		h.icmpError(p, wire.Unreachable, wire.NetUnreachable, 0)
		return
	}
	if !p.Out.forwardBroadcast && p.Out.broadcast(p.Dst) { // RFC 2644
		h.fault(FaultBroadcast)
		return
	}
	p.TTL--
	if h.run(Forward, p) != Accept {
		return
	}
	h.redirect(p)
	if p.Record != nil {
		p.Record = wire.Record(p.Record, p.Out.addr.Addr())
	}
	if h.output(p) == nil {
		h.Stats.Forwarded++
	}
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
		for _, e := range h.lookup(p.Dst) {
			if e.out == p.Out && !e.direct {
				p.Next = e.NextHop
				break
			}
		}
		return nil
	}
	e := h.choose(p.Dst, p.Src)
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
		p.ID = h.NextID()
	}
	if p.Src.IsValid() && !p.Src.IsUnspecified() && !h.IsLocal(p.Src) {
		return ErrNotLocal
	}
	if h.IsLocal(p.Dst) {
		if !p.Src.IsValid() {
			p.Src = p.Dst
		}
		p.In = h.owner(p.Dst)
		h.sent(p)
		h.w.After(0, func() {
			if !h.closed {
				h.deliver(p)
			}
		}).Goes()
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
		if p.Src = h.sourceBy(p.Out); !p.Src.IsValid() {
			return ErrNoRoute
		}
	}
	h.sent(p)
	return h.output(p)
}

// sent counts a packet of this host that has found its way.
func (h *Host) sent(p *Packet) {
	h.Stats.OutLocal++
	if p.Proto == wire.ProtoICMP && len(p.Payload) > 1 {
		h.icmp.Out.add(p.Payload[0])
	}
	for _, f := range h.onSent {
		f(p)
	}
}

// sourceBy is the source of a packet that leaves by an interface: its primary
// address, or that of the first interface that is up and has one. It is the
// zero Addr if there is none.
func (h *Host) sourceBy(out *Iface) netip.Addr {
	src := out.addr
	for _, i := range h.ifaces {
		if src.IsValid() {
			break
		}
		if i.up {
			src = i.addr
		}
	}
	return src.Addr()
}

// Source is the source that a packet of this host to an address gets.
func (h *Host) Source(dst netip.Addr) (netip.Addr, error) {
	if h.IsLocal(dst) {
		return dst, nil
	}
	e := h.choose(dst, netip.Addr{})
	if e == nil || e.out == nil {
		return netip.Addr{}, ErrNoRoute
	}
	src := h.sourceBy(e.out)
	if !src.IsValid() {
		return src, ErrNoRoute
	}
	return src, nil
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
		h.Stats.Dropped++
		return nil
	}
	if p.Out.kind != Ethernet && p.Out.kind != Tunnel {
		return nil
	}
	if wire.HeaderLen(p.Record)+len(p.Payload) > p.Out.IPMTU() && p.DF {
		p.Out.count.OutDrops++
		h.Stats.Dropped++
		h.Stats.CannotFragment++
		h.icmpError(p, wire.Unreachable, wire.FragmentationNeeded, uint16(p.Out.IPMTU()))
		return ErrTooBig
	}
	switch {
	case p.Out.kind == Tunnel:
		h.enter(p)
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
	h.pieces(p, func(v *wire.IPv4) { h.put(p.Out, to, from, v) })
}

// pieces cuts a packet into fragments that fit its interface; one that fits is
// a piece of its own.
func (h *Host) pieces(p *Packet, f func(*wire.IPv4)) {
	if wire.HeaderLen(p.Record)+len(p.Payload) > p.Out.IPMTU() {
		h.Stats.Fragmented++
	}
	cut(p, p.Out.IPMTU(), f)
}

// cut calls f with a packet in pieces none longer than mtu.
func cut(p *Packet, mtu int, f func(*wire.IPv4)) {
	v := p.ipv4()
	head, rest := v.HeaderLen(), p.Payload
	for head+len(rest) > mtu {
		room := (mtu - head) &^ 7
		v.Payload, v.MF = rest[:room], true
		f(&v)
		rest, v.Offset = rest[room:], v.Offset+room
		v.Record, head = nil, 20 // the first fragment alone has it
	}
	v.Payload, v.MF = rest, false
	f(&v)
}

// put sends one packet or fragment in a frame.
func (h *Host) put(out *Iface, to, from wire.MAC, v *wire.IPv4) {
	out.ip.OutPackets++
	out.ip.OutBytes += uint64(v.HeaderLen() + len(v.Payload))
	if v.Dst.IsMulticast() {
		out.ip.OutMulticast++
	}
	if v.MF || v.Offset > 0 {
		h.Stats.FragmentsOut++
	}
	h.trace(Sending, out, v)
	out.send(h.codec.IPv4Frame(to, from, v))
}

// deliver gives a packet to this host.
func (h *Host) deliver(p *Packet) {
	if h.run(LocalIn, p) != Accept {
		return
	}
	h.Stats.InLocal++
	if p.Record != nil && !p.Local {
		p.Record = wire.Record(p.Record, p.Dst)
	}
	if p.In != nil && len(h.onPacket) > 0 {
		v := p.ipv4()
		h.trace(Delivering, p.In, &v)
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
		h.Stats.BadProtocol++
		h.icmpError(p, wire.Unreachable, wire.ProtocolUnreachable, 0)
	}
}

func (h *Host) deliverUDP(p *Packet) {
	u, err := h.codec.UDP(p.Src, p.Dst, p.Payload)
	if err != nil {
		h.Stats.BadTransport++
		return
	}
	f := h.udp[u.Dst]
	if f == nil {
		h.Stats.NoPort++
		h.icmpError(p, wire.Unreachable, wire.PortUnreachable, 0)
		return
	}
	f(p, u)
}

// SendUDP sends a datagram. The source address may be the zero Addr.
func (h *Host) SendUDP(src, dst netip.AddrPort, payload []byte) error {
	from := src.Addr()
	if !from.IsValid() {
		var err error
		if from, err = h.Source(dst.Addr()); err != nil {
			return err
		}
	}
	b := h.codec.AppendUDP(from, dst.Addr(), wire.UDP{Src: src.Port(), Dst: dst.Port(), Payload: payload})
	return h.SendIP(&Packet{Src: from, Dst: dst.Addr(), Proto: wire.ProtoUDP, Payload: b})
}
