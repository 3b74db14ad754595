package ipsec

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/stack"
)

// learntAge is how long what a router told of a path is believed (RFC 1191
// section 6.3).
const learntAge = 10 * time.Minute

// smallestMTU is that of IPv4: nobody can tell less.
const smallestMTU = 68

// linkMTU is that of the interface by which the packets of a tunnel leave, or
// less when a router on the way said so.
func (e *Engine) linkMTU(t *TunnelState, out *stack.Iface) int {
	var mtu int
	switch {
	case t.Guard != "":
		mtu = e.h.RouteMTU(t.Remote)
	case out != nil:
		mtu = out.IPMTU()
	default:
		_, mtu = e.h.Interface(t.Iface)
	}
	if t.learnt > 0 {
		mtu = min(mtu, t.learnt)
	}
	return mtu
}

// PathMTU is the biggest packet that a tunnel carries in one piece.
func (e *Engine) PathMTU(t *TunnelState) int { return t.last().PathMTU(e.linkMTU(t, nil)) }

// FragmentationNeeded takes an ICMP message of this code (RFC 1191): the packet
// that it quotes and the MTU that it tells. The tunnel whose packet it was
// carries less from now on (RFC 4301 section 8.2.1).
func (e *Engine) FragmentationNeeded(quoted []byte, mtu int) {
	if len(quoted) < ipHeaderLen || mtu < smallestMTU {
		return
	}
	head := int(quoted[0]&15) * 4
	proto, body := quoted[9], quoted[min(head, len(quoted)):]
	src, dst := netip.AddrFrom4([4]byte(quoted[12:16])), netip.AddrFrom4([4]byte(quoted[16:20]))
	var mine func(p *pair) bool
	var spi uint32
	switch {
	case proto == ProtoESP && len(body) >= 4:
		spi = binary.BigEndian.Uint32(body)
		mine = func(p *pair) bool { return p.OutSPI == spi }
	case proto == ProtoAH && len(body) >= 8:
		spi = binary.BigEndian.Uint32(body[4:])
		mine = func(p *pair) bool { return p.OutAH == spi }
	case proto == protoUDP && len(body) >= 4: // the SPI is not quoted
		from, to := binary.BigEndian.Uint16(body), binary.BigEndian.Uint16(body[2:])
		mine = func(p *pair) bool { return p.Encapsulated() && p.LocalPort == from && p.RemotePort == to }
	default:
		return
	}
	found := false
	for _, t := range e.tunnels {
		if t.Local != src || t.Remote != dst || !slices.ContainsFunc(t.pairs, mine) {
			continue
		}
		found = true
		if mtu >= e.linkMTU(t, nil) {
			continue
		}
		t.learnt = mtu
		t.learntTimer.Stop()
		t.learntTimer = e.h.After(learntAge, func() { t.learnt = 0 })
		e.h.Emit(Event{Kind: PathMTUChanged, Tunnel: t.ID, Src: src, Dst: dst, SPI: spi, MTU: mtu})
	}
	if !found && spi != 0 {
		e.h.Emit(Event{Kind: PathMTUUnknown, Src: src, Dst: dst, SPI: spi, MTU: mtu})
	}
}
