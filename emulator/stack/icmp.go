package stack

import (
	"errors"
	"net/netip"
	"time"

	"cwlab/emulator/wire"
)

func (h *Host) deliverICMP(p *Packet) {
	m, err := h.codec.ICMP(p.Payload)
	switch {
	case errors.Is(err, wire.ErrChecksum):
		h.icmp.BadChecksum++
		return
	case err != nil:
		h.icmp.BadFormat++
		return
	}
	h.icmp.In.add(m.Type)
	if p.In != nil {
		p.In.ip.ICMP.add(m.Type)
	}
	for _, f := range h.onICMP {
		f(p, m)
	}
	if m.Type != wire.EchoRequest || m.Code != 0 {
		return
	}
	if p.Dst.IsMulticast() || !h.IsLocal(p.Dst) {
		h.icmp.EchoToGroup++
		return
	}
	m.Type = wire.EchoReply
	r := &Packet{Src: p.Dst, Dst: p.Src, Proto: wire.ProtoICMP, TOS: p.TOS, Record: p.Record, Payload: h.codec.AppendICMP(m)}
	h.w.After(h.w.Stream(h.name, "icmp turnaround").Duration(0, 2*time.Millisecond), func() {
		if h.SendIP(r) != nil { // an answer that finds no way back is lost, as on any host
			h.icmp.OutErrors++
		}
	}).Goes()
}

// Limits of ICMP errors (command reference, ip icmp error-interval).
const (
	ErrorInterval = 100 * time.Millisecond
	ErrorBurst    = 10
)

// SetErrorRate bounds the ICMP errors of the host by a bucket of burst tokens
// that gets one back every interval; an interval of 0 lifts the bound.
func (h *Host) SetErrorRate(interval time.Duration, burst int) {
	h.errors = bucket{interval: interval, burst: burst, tokens: burst, at: h.w.Now()}
}

// A bucket counts its tokens when somebody asks for one.
type bucket struct {
	interval      time.Duration
	burst, tokens int
	at            time.Time // of the last token that came back
}

func (b *bucket) take(now time.Time) bool {
	if b.interval <= 0 {
		return true
	}
	if n := int64(now.Sub(b.at) / b.interval); n > 0 {
		b.tokens = int(min(int64(b.burst), int64(b.tokens)+n))
		b.at = b.at.Add(time.Duration(n) * b.interval)
	}
	if b.tokens == 0 {
		return false
	}
	b.tokens--
	return true
}

// icmpError tells the sender of p what became of it, if the switches of the
// host say so.
func (h *Host) icmpError(p *Packet, kind, code uint8, word uint16) {
	if kind == wire.Unreachable && !h.IPUnreachables || kind == wire.TimeExceeded && !h.TTLExpires {
		return
	}
	h.sendError(p, kind, code, word)
}

// sendError sends an ICMP error about p under the rules of RFC 1122 section
// 3.2.2 and the rate of the host. Of a packet that leaves, an own sender is
// told by the error that SendIP returns.
func (h *Host) sendError(p *Packet, kind, code uint8, word uint16) {
	h.sendICMP(p, wire.ICMP{Type: kind, Code: code, Seq: word})
}

func (h *Host) sendICMP(p *Packet, m wire.ICMP) {
	if p.Local && !h.IsLocal(p.Dst) || p.Dst.IsMulticast() || p.Dst == limited || p.In != nil && p.In.broadcast(p.Dst) || p.Src.IsUnspecified() {
		return
	}
	if p.Proto == wire.ProtoICMP && (len(p.Payload) == 0 || p.Payload[0] != wire.EchoRequest) {
		return
	}
	if !h.errors.take(h.w.Now()) {
		h.Stats.RateLimited++
		return
	}
	whole := p.Append()
	m.Payload = whole[:min(len(whole), wire.HeaderLen(p.Record)+8)]
	r := &Packet{Src: h.ICMPFrom(), Dst: p.Src, Proto: wire.ProtoICMP, Payload: h.codec.AppendICMP(m)}
	switch {
	case r.Src.IsValid():
	case h.IsLocal(p.Dst):
		r.Src = p.Dst
	case p.In != nil && p.In.addr.IsValid():
		if r.Src = p.In.sourceOnLink(p.Src); !r.Src.IsValid() {
			r.Src = p.In.addr.Addr()
		}
	}
	if h.SendIP(r) != nil {
		h.icmp.OutErrors++
	}
}

// redirect tells the sender of p that another router of its own network is
// the next hop (RFC 1812 section 5.2.7.2), unless the way is the default route.
func (h *Host) redirect(p *Packet) {
	if !h.Redirects || p.In != p.Out || p.Decrypted || !p.In.onLink(p.Src) || !p.In.onLink(p.Next) || p.In.Owns(p.Next) {
		return
	}
	if e := h.lookup(p.Dst); len(e) == 0 || e[0].Dst.Bits() == 0 {
		return
	}
	n := p.Next.As4()
	h.sendICMP(p, wire.ICMP{Type: wire.Redirect, Code: wire.RedirectHost, ID: uint16(n[0])<<8 | uint16(n[1]), Seq: uint16(n[2])<<8 | uint16(n[3])})
}

// ICMPFrom is the source of ICMP errors and echo requests: ICMPSource if the
// host has that address, the zero Addr for the usual one.
func (h *Host) ICMPFrom() netip.Addr {
	if h.ICMPSource.IsValid() && h.IsLocal(h.ICMPSource) {
		return h.ICMPSource
	}
	return netip.Addr{}
}
