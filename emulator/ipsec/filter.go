package ipsec

import (
	"net/netip"
	"slices"
	"strings"
)

// A Filter picks tunnels; zero fields stand for any.
type Filter struct {
	Policy string
	Seq    int
	// Profile is that of a tunnel interface.
	Profile string
	Remote  netip.Addr
	SPI     uint32
	Proto   uint8 // of the SPI: ProtoESP or ProtoAH
	Iface   string
}

// hasSPI says whether a pair has an SA of that SPI.
func (f Filter) hasSPI(p *pair) bool {
	return slices.ContainsFunc(append(slices.Clone(p.in), p.out...), func(sa *SA) bool {
		return sa.SPI == f.SPI && (f.Proto == 0 || f.Proto == sa.Proto)
	})
}

func (f Filter) matches(p *pair) bool {
	return (f.Profile == "" || p.Guard != "" && strings.EqualFold(f.Profile, p.Policy)) && (f.Policy == "" || p.Guard == "" && strings.EqualFold(f.Policy, p.Policy)) && (f.Seq == 0 || f.Seq == p.Seq) &&
		(!f.Remote.IsValid() || f.Remote == p.Remote) && (f.SPI == 0 || f.hasSPI(p)) &&
		(f.Iface == "" || f.Iface == p.tunnel.Iface)
}

// Reset deletes pairs as an administrator does; IKE tells the peers. Those that
// were set up by hand are made anew at once.
func (e *Engine) Reset(f Filter) {
	gone := slices.DeleteFunc(e.removePairs(ByReset, f.matches), func(p Pair) bool { return p.Manual })
	e.Sync()
	e.unblock(func(r Request) bool {
		return f.SPI == 0 && f.Iface == "" && (f.Policy == "" || strings.EqualFold(f.Policy, r.Policy)) &&
			(f.Seq == 0 || f.Seq == r.Seq) && (!f.Remote.IsValid() || f.Remote == r.Remote)
	})
	if len(gone) > 0 {
		e.h.Deleted(gone)
	}
}

// ResetStats clears the counters.
func (e *Engine) ResetStats() {
	e.Stats = Stats{}
	for _, t := range e.tunnels {
		t.Stats = Stats{}
	}
}

// Tunnels lists the tunnels by number; a filter picks among them.
func (e *Engine) Tunnels(f Filter) []*TunnelState {
	var out []*TunnelState
	for _, t := range e.tunnels {
		if slices.ContainsFunc(t.pairs, f.matches) {
			out = append(out, t)
		}
	}
	return out
}

// Tunnel is the tunnel of that number, or nil.
func (e *Engine) Tunnel(id int) *TunnelState {
	for _, t := range e.tunnels {
		if t.ID == id {
			return t
		}
	}
	return nil
}
