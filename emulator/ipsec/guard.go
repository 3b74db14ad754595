package ipsec

import (
	"net/netip"
	"slices"
	"strings"

	"cwlab/emulator/stack"
)

// A Guard is an IPsec profile on a tunnel interface: it protects everything
// that goes from one end of the tunnel to the other.
type Guard struct {
	Iface, Profile string
	Local, Remote  netip.Addr
	Flow           Selector            // outbound
	Take           func(*stack.Packet) // gets what came out; nil for the host
}

// same says whether two guards protect the same.
func (g *Guard) same(o *Guard) bool {
	return strings.EqualFold(g.Profile, o.Profile) && g.Local == o.Local && g.Remote == o.Remote && g.Flow == o.Flow
}

// Profile is the one entry of a profile, nil if there is none of the name.
func (e *Engine) Profile(name string) *Entry {
	if p, ok := e.profiles.get(name); ok {
		return p.Entries[0]
	}
	return nil
}

// Profiles lists them by name; each has one entry, of the sequence number 0.
func (e *Engine) Profiles() []*Policy { return e.profiles.all() }

// AddProfile makes the profile where it is new.
func (e *Engine) AddProfile(name string) *Entry {
	x, _ := addEntry(&e.profiles, name, 0)
	return x
}

// RemoveProfile takes a profile away, and its SAs with it.
func (e *Engine) RemoveProfile(name string) {
	e.profiles.drop(name)
	for _, g := range e.guards {
		if strings.EqualFold(g.Profile, name) {
			e.forgetGuard(g.Iface)
		}
	}
}

// Protect puts a guard on its interface, in place of the one before. SAs go
// when it protects something else.
func (e *Engine) Protect(g Guard) {
	if old := e.guardOf(g.Iface); old != nil {
		if !old.same(&g) {
			e.forgetGuard(g.Iface)
		}
		*old = g
		return
	}
	e.guards = append(e.guards, &g)
}

// Unprotect takes the guard off an interface.
func (e *Engine) Unprotect(iface string) {
	if e.guardOf(iface) != nil {
		e.guards = slices.DeleteFunc(e.guards, func(g *Guard) bool { return g.Iface == iface })
		e.forgetGuard(iface)
	}
}

// forgetGuard deletes the SAs of a guard.
func (e *Engine) forgetGuard(iface string) {
	e.removePairs(ByConfig, func(p *pair) bool { return p.Guard == iface })
	e.unblock(func(r Request) bool { return r.Guard == iface })
}

func (e *Engine) guardOf(iface string) *Guard {
	for _, g := range e.guards {
		if g.Iface == iface {
			return g
		}
	}
	return nil
}

// guardRequest asks for the SAs of a guard; ok is false while its profile is
// incomplete.
func (e *Engine) guardRequest(g *Guard) (r Request, ok bool) {
	p, found := e.profiles.get(g.Profile)
	if !found {
		return Request{}, false
	}
	r = e.request(p, p.Entries[0], p.Entries[0], g.Local, g.Remote, g.Flow)
	r.Guard = g.Iface
	return r, len(r.Transforms) > 0 && p.Entries[0].Manual == nil
}

// guardFor answers a peer's quick mode for a guard.
func (e *Engine) guardFor(local, remote netip.Addr, flow Selector, profile string) (Request, bool) {
	for _, g := range e.guards {
		r, ok := e.guardRequest(g)
		if ok && g.Local == local && g.Remote == remote && g.Flow.Covers(flow) &&
			(r.Profile == "" || profile == "" || strings.EqualFold(r.Profile, profile)) {
			r.Flow = flow
			return r, true
		}
	}
	return Request{}, false
}

// Shield sends a packet of a guarded interface through its SAs: it is stolen,
// or dropped while there are none. An interface without a guard accepts it.
// p.Out must be the interface.
func (e *Engine) Shield(p *stack.Packet) stack.Verdict {
	g := e.guardOf(p.Out.Name())
	if g == nil {
		return stack.Accept
	}
	f := flowIn(p)
	for _, t := range e.tunnels {
		if t.Guard == g.Iface && t.Flow.Matches(f) {
			if v := e.protect(t, p, f); v != stack.Accept {
				return v
			}
		}
	}
	if r, ok := e.guardRequest(g); ok {
		return e.acquire(r, p, f)
	}
	e.dropped(nil, NoAvailableSA, false, Event{Src: g.Local, Dst: g.Remote, Flow: f, Iface: g.Iface})
	return stack.Drop
}

// inject gives a packet that came out of a tunnel to whom it is for.
func (e *Engine) inject(t *TunnelState, p *stack.Packet) {
	if g := e.guardOf(t.Guard); g != nil && g.Take != nil {
		g.Take(p)
		return
	}
	e.h.Inject(p)
}
