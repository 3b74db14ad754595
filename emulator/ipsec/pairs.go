package ipsec

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// LarvalSPI draws an SPI for a negotiation.
func (e *Engine) LarvalSPI(netip.Addr) uint32 {
	for {
		spi := e.h.Stream("ipsec spi").Uint32()
		if spi < 256 || e.inbound[spiKey{ProtoESP, spi}] != nil || e.inbound[spiKey{ProtoAH, spi}] != nil || e.larval[spi] != nil { // RFC 4303 section 2.1: 1 to 255 are reserved
			continue
		}
		e.larval[spi] = e.h.After(larvalAge, func() { delete(e.larval, spi) })
		return spi
	}
}

// ErrDuplicate is the error of a pair whose SPI is in use, ErrLimit that of one
// whose tunnel would be one too many.
var (
	ErrDuplicate = errors.New("ipsec: SPI is in use")
	ErrLimit     = errors.New("ipsec: there are as many tunnels as may be")
)

// AddPair installs what IKE has negotiated. Outbound packets use it at once;
// an older pair of the same flow goes on receiving until it expires or is
// deleted.
func (e *Engine) AddPair(p Pair) error {
	x, err := e.add(p, 0, false)
	if err == nil {
		e.tell(x, PairMade)
	}
	return err
}

// add installs a pair that was negotiated some time ago.
func (e *Engine) add(p Pair, age time.Duration, standby bool) (*pair, error) {
	x := &pair{Pair: p, made: e.h.Now().Add(-age), lastUse: e.h.Now(), standby: standby}
	if err := e.check(p); err != nil {
		return nil, err
	}
	if e.full(p.Request) {
		e.dropped(nil, TunnelLimit, !p.Initiator, Event{Policy: p.Policy, Seq: p.Seq, Src: p.Local, Dst: p.Remote})
		return nil, ErrLimit
	}
	var err error
	if x.in, err = newSAs(p.Transform, p.InSPI, p.InAH, p.In); err != nil {
		return nil, err
	}
	if x.out, err = newSAs(p.Transform, p.OutSPI, p.OutAH, p.Out); err != nil {
		return nil, err
	}
	x.Seconds, x.Kilobytes = e.lifetimes(p)
	t := e.tunnelOf(p)
	x.tunnel = t
	e.serial++
	size := 0
	if e.AntiReplay && !p.Manual {
		size = e.Window
	}
	sas := append(slices.Clone(x.in), x.out...)
	for i, sa := range sas {
		sa.Index, sa.Serial, sa.pair, sa.window = e.index(), e.serial, x, newWindow(0)
		if i < len(x.in) {
			sa.Inbound, sa.window = true, newWindow(size)
			e.inbound[spiKey{sa.Proto, sa.SPI}] = sa
			e.larval[sa.SPI].Stop()
			delete(e.larval, sa.SPI)
		}
	}
	rekey := len(t.pairs) > 0
	t.pairs = append(t.pairs, x)
	t.Mode = p.Transform.Mode
	e.startLifetime(x)

	for _, sa := range sas {
		e.h.Emit(Event{Kind: SAAdded, SA: sa, SPI: sa.SPI, Inbound: sa.Inbound, Tunnel: t.ID, Src: p.Local, Dst: p.Remote})
	}
	for _, sa := range x.out {
		if rekey {
			e.h.Emit(Event{Kind: OutboundUpdated, SA: sa, SPI: sa.SPI, Tunnel: t.ID, Src: p.Local, Dst: p.Remote})
		}
	}
	e.h.Emit(Event{Kind: PairAdded, Manual: p.Manual, SAs: sas, Tunnel: t.ID, TunnelSeq: t.Serial, SP: e.spOf(p.Policy, p.Seq),
		Policy: p.Policy, Seq: p.Seq, Src: p.Local, Dst: p.Remote})
	if e.OnKeys != nil && p.Transform.HasESP() {
		e.OnKeys(p.Remote, p.Local, p.InSPI, p.Transform, p.In)
		e.OnKeys(p.Local, p.Remote, p.OutSPI, p.Transform, p.Out)
	}
	e.unblock(func(r Request) bool { return sameFlow(r, p.Request) || p.Flow.Covers(r.Flow) && r.Remote == p.Remote })
	return x, nil
}

// full says that a request needs one more tunnel than may be.
func (e *Engine) full(r Request) bool {
	return e.MaxTunnels > 0 && uint64(len(e.tunnels)) >= uint64(e.MaxTunnels) &&
		!slices.ContainsFunc(e.tunnels, func(t *TunnelState) bool { return sameFlow(t.pairs[0].Request, r) })
}

// check says whether the SPIs of a pair are free.
func (e *Engine) check(p Pair) error {
	for _, k := range []spiKey{{ProtoESP, p.InSPI}, {ProtoAH, p.InAH}} {
		if e.inbound[k] != nil {
			return fmt.Errorf("%w: inbound %d", ErrDuplicate, k.spi)
		}
	}
	for _, t := range e.tunnels {
		for _, o := range t.pairs {
			if o.Remote == p.Remote && (o.OutSPI == p.OutSPI && p.OutSPI != 0 || o.OutAH == p.OutAH && p.OutAH != 0) {
				return fmt.Errorf("%w: outbound %d to %v", ErrDuplicate, cmp.Or(p.OutSPI, p.OutAH), p.Remote)
			}
		}
	}
	return nil
}

// newSAs are the SAs of one direction, AH before ESP.
func newSAs(t Transform, esp, ah uint32, k Keys) ([]*SA, error) {
	var out []*SA
	if t.HasAH() {
		a, err := newAuthenticator(t.AH, k.AH)
		if err != nil {
			return nil, err
		}
		out = append(out, &SA{Proto: ProtoAH, SPI: ah, auth: a})
	}
	if t.HasESP() {
		s, err := newSuite(t, k)
		if err != nil {
			return nil, err
		}
		out = append(out, &SA{Proto: ProtoESP, SPI: esp, suite: s})
	}
	if len(out) == 0 {
		return nil, errors.New("ipsec: the transform has no protocol")
	}
	return out, nil
}

// sameFlow says whether two requests ask for one tunnel.
func sameFlow(a, b Request) bool {
	return a.Guard == b.Guard && strings.EqualFold(a.Policy, b.Policy) && a.Seq == b.Seq && a.Local == b.Local && a.Remote == b.Remote && a.Flow == b.Flow
}

func (e *Engine) tunnelOf(p Pair) *TunnelState {
	id := len(e.tunnels)
	for i, t := range e.tunnels {
		if sameFlow(t.pairs[0].Request, p.Request) {
			return t
		}
		if t.ID != i && i < id {
			id = i
		}
	}
	e.tunnelNo++
	t := &TunnelState{ID: id, Serial: e.tunnelNo, Policy: p.Policy, Seq: p.Seq, Local: p.Local, Remote: p.Remote,
		Flow: p.Flow, ACL: p.ACL, Manual: p.Manual, Mode: p.Transform.Mode,
		Guard: p.Guard, Iface: p.Guard}
	for _, b := range e.applied {
		if p.Guard != "" {
			break
		}
		pol := e.Policy(b.policy)
		if pol == nil || !strings.EqualFold(b.policy, p.Policy) {
			continue
		}
		if x := pol.Entry(p.Seq); x != nil {
			t.Template = x.Template != ""
			if t.Iface == "" || e.localOf(pol, x, b.iface) == p.Local {
				t.Iface = b.iface
			}
		}
	}
	e.tunnels = slices.Insert(e.tunnels, id, t)
	e.h.Emit(Event{Kind: TunnelAdded, Manual: p.Manual, Tunnel: id, TunnelSeq: t.Serial, Policy: p.Policy, Seq: p.Seq, Iface: t.Iface, Src: p.Local, Dst: p.Remote})
	e.addRoutes(t, p.Request)
	return t
}

func (e *Engine) index() uint32 {
	i := uint32(0)
	for e.indices[i] {
		i++
	}
	e.indices[i] = true
	return i
}

// removePairs deletes the pairs that f picks, tunnels left without one too,
// and returns them.
func (e *Engine) removePairs(why Cause, f func(*pair) bool) []Pair {
	var chosen []*pair
	for _, t := range e.tunnels {
		for _, p := range t.pairs {
			if f(p) {
				chosen = append(chosen, p)
			}
		}
	}
	var gone []Pair
	for _, p := range chosen {
		t := p.tunnel
		if !p.standby || why != ByReset {
			gone = append(gone, p.Pair)
		}
		p.stopTimers()
		t.pairs = slices.DeleteFunc(t.pairs, func(o *pair) bool { return o == p })
		for _, sa := range p.in {
			delete(e.inbound, spiKey{sa.Proto, sa.SPI})
		}
		for _, sa := range append(slices.Clone(p.in), p.out...) {
			delete(e.indices, sa.Index)
			e.h.Emit(Event{Kind: SADeleted, Cause: why, SA: sa, SPI: sa.SPI, Inbound: sa.Inbound, Tunnel: t.ID, Src: p.Local, Dst: p.Remote})
		}
		e.tell(p, PairGone)
		if len(t.pairs) == 0 {
			e.tunnels = slices.DeleteFunc(e.tunnels, func(o *TunnelState) bool { return o == t })
			t.learntTimer.Stop()
			e.removeRoutes(t)
			e.h.Emit(Event{Kind: TunnelDeleted, Cause: why, Tunnel: t.ID, TunnelSeq: t.Serial, Src: t.Local, Dst: t.Remote})
		}
	}
	return gone
}

// DeletePairs deletes what the IKE SA has negotiated, or all between the two
// addresses for an ikeConn of 0 (INITIAL-CONTACT, RFC 2407 section 4.6.3.3).
func (e *Engine) DeletePairs(local, remote netip.Addr, ikeConn uint32) {
	e.removePairs(ByIKE, func(p *pair) bool {
		return !p.Manual && p.Local == local && p.Remote == remote && p.IKEv2 == "" && (ikeConn == 0 || p.IKE == ikeConn)
	})
	if ikeConn == 0 {
		e.unblock(func(r Request) bool { return r.Local == local && r.Remote == remote })
	}
}

// DeleteSPI deletes the pair that sends with outSPI, of ESP or AH: the peer has
// deleted it.
func (e *Engine) DeleteSPI(remote netip.Addr, outSPI uint32) {
	e.removePairs(ByPeer, func(p *pair) bool {
		return !p.Manual && p.Remote == remote && (p.OutSPI == outSPI || p.OutAH == outSPI)
	})
}

// Failed says that the negotiation of a request has ended without a pair: its
// flow may trigger another.
func (e *Engine) Failed(local, remote netip.Addr) {
	e.unblock(func(r Request) bool { return r.Local == local && r.Remote == remote })
}
