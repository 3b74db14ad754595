package vrrp

import (
	"errors"
	"net/netip"
	"slices"
	"time"
)

// An Engine holds the virtual routers of one device.
type Engine struct {
	host     Host
	routers  []*Router // in the order in which they were made
	version  map[string]uint8
	laxTTL   map[string]bool
	negative map[int]bool // tracked objects
	global   GlobalStats

	established               bool
	activeGroup, standbyGroup State
}

// New makes an engine without virtual routers.
func New(h Host) *Engine {
	return &Engine{host: h, version: map[string]uint8{}, laxTTL: map[string]bool{}, negative: map[int]bool{},
		activeGroup: Backup, standbyGroup: Backup}
}

// Routers are all virtual routers in the order in which they were made.
func (e *Engine) Routers() []*Router { return slices.Clone(e.routers) }

// Router is one virtual router, or nil.
func (e *Engine) Router(iface string, vrid uint8) *Router {
	for _, r := range e.routers {
		if r.vrid == vrid && r.iface == iface {
			return r
		}
	}
	return nil
}

// Ensure is one virtual router, made with the defaults when it is not there.
func (e *Engine) Ensure(iface string, vrid uint8) *Router {
	if r := e.Router(iface, vrid); r != nil {
		return r
	}
	r := &Router{engine: e, iface: iface, vrid: vrid, priority: PriorityDefault, preempt: true, interval: time.Second,
		masterInterval: time.Second}
	e.routers = append(e.routers, r)
	e.host.Join(iface, Group)
	return r
}

// Remove ends a virtual router; a master says so with priority 0.
func (e *Engine) Remove(iface string, vrid uint8) {
	for i, r := range e.routers {
		if r.vrid == vrid && r.iface == iface {
			r.become(Inactive, CauseConfig)
			e.host.Leave(r.port(), Group)
			e.routers = slices.Delete(e.routers, i, i+1)
			return
		}
	}
}

// Version is the protocol version of the routers of an interface.
func (e *Engine) Version(iface string) uint8 {
	if v := e.version[iface]; v != 0 {
		return v
	}
	return 3
}

// SetVersion takes 2 or 3.
func (e *Engine) SetVersion(iface string, v uint8) {
	e.version[iface] = v
	e.on(iface, func(r *Router) {
		r.masterInterval = r.adverInterval()
		r.refresh(CauseConfig)
	})
}

// SetCheckTTL says whether advertisements must arrive with TTL 255.
func (e *Engine) SetCheckTTL(iface string, on bool) { e.laxTTL[iface] = !on }

// InterfaceChanged tells that an interface went up or down or got another address.
func (e *Engine) InterfaceChanged(iface string) {
	for _, r := range e.Routers() {
		if r.iface == iface || r.port() == iface {
			r.refresh(CauseInterface)
		}
	}
}

// SetTrack tells the state of a tracked object.
func (e *Engine) SetTrack(object int, negative bool) {
	if e.negative[object] == negative {
		return
	}
	e.negative[object] = negative
	for _, r := range e.Routers() {
		if slices.ContainsFunc(r.tracks, func(t Track) bool { return t.Object == object }) {
			r.refresh(CauseTrack)
		}
	}
}

// SetRBM tells whether the RBM control channel is up and, if so, which state
// the routers of the VRRP active group and of the VRRP standby group have.
func (e *Engine) SetRBM(established bool, activeGroup, standbyGroup State) {
	if e.established == established && e.activeGroup == activeGroup && e.standbyGroup == standbyGroup {
		return
	}
	e.established, e.activeGroup, e.standbyGroup = established, activeGroup, standbyGroup
	for _, r := range e.Routers() {
		if r.role != NoRole {
			r.refresh(CauseRBM)
		}
	}
}

// RBM is what SetRBM told last.
func (e *Engine) RBM() (established bool, activeGroup, standbyGroup State) {
	return e.established, e.activeGroup, e.standbyGroup
}

// GlobalStats are the counters of no virtual router.
func (e *Engine) GlobalStats() GlobalStats { return e.global }

// ResetStats clears the counters: of one router, of an interface (vrid 0), or
// all with the global ones (no interface).
func (e *Engine) ResetStats(iface string, vrid uint8) {
	for _, r := range e.routers {
		if (iface == "" || r.iface == iface) && (vrid == 0 || r.vrid == vrid) {
			r.stats = Stats{}
		}
	}
	if iface == "" {
		e.global = GlobalStats{}
	}
}

// Stop ends all timers, as pulling the plug does: nothing more is sent.
func (e *Engine) Stop() {
	for _, r := range e.routers {
		r.adver.Stop()
		r.masterDown.Stop()
		r.hold.Stop()
	}
}

func (e *Engine) on(iface string, f func(*Router)) {
	for _, r := range e.Routers() {
		if r.iface == iface {
			f(r)
		}
	}
}

// Receive handles one packet of VRRP that came in on an interface with that
// TTL; its payload is that of IP. The checks are those of RFC 5798 section 7.1,
// in its order.
func (e *Engine) Receive(iface string, p Packet, ttl uint8) {
	src, dst, message := p.Src, p.Dst, p.Payload
	if e.ours(iface, src) {
		return // looped back
	}
	if p.Proto == ProtocolAH {
		var ok bool
		if message, ok = unwrap(p.Payload); !ok {
			return
		}
	}
	var r *Router
	var vrid uint8
	if len(message) >= 2 {
		vrid = message[1]
		r = e.at(iface, vrid)
	}
	bad := func(vrid uint8, f Fault) {
		ev := Event{Kind: Bad, Iface: iface, VRID: vrid, Peer: src, Fault: f}
		if r != nil {
			ev.Iface = r.iface
		}
		e.host.Emit(ev)
	}
	if ttl != TTL && !e.laxTTL[iface] {
		if r != nil {
			r.stats.TTLErrors++
		}
		bad(vrid, FaultTTL)
		return
	}
	var a Advertisement
	if err := a.UnmarshalBinary(message); err != nil {
		f := FaultLength
		switch {
		case errors.Is(err, ErrVersion):
			f = FaultVersion
			e.global.VersionErrors++
		case errors.Is(err, ErrType):
			f = FaultType
			if r != nil {
				r.stats.InvalidPackets++
			}
		case r != nil:
			r.stats.LengthErrors++
		}
		bad(vrid, f)
		return
	}
	switch {
	case !Verify(message, src, dst):
		e.global.ChecksumErrors++
		if r != nil {
			r.stats.ChecksumErrors++
		}
		bad(vrid, FaultChecksum)
		return
	case r == nil:
		e.global.VRIDErrors++
		bad(vrid, FaultVRID)
		return
	case a.Version != r.Version():
		r.stats.VersionErrors++
		e.global.VersionErrors++
		bad(vrid, FaultVersion)
		return
	case a.Version == 2 && a.AuthType > 2:
		r.stats.InvalidAuthType++
		bad(vrid, FaultAuthType)
		return
	case a.Version == 2 && (AuthMode(a.AuthType) != r.auth || (r.auth == AuthMD5) != (p.Proto == ProtocolAH)):
		r.stats.AuthTypeMismatch++
		bad(vrid, FaultAuthMismatch)
		return
	case a.Version == 2 && !r.authentic(&a, p):
		r.stats.AuthFailures++
		bad(vrid, FaultAuthKey)
		return
	case a.Interval == 0, a.Version == 2 && time.Duration(a.Interval)*time.Second != r.adverInterval():
		// An interval of 0 would leave a backup no time to wait for its master.
		r.stats.IntervalErrors++
		bad(vrid, FaultInterval)
		return
	}
	if a.Priority != PriorityOwner && !sameAddrs(a.Addrs, r.vips) {
		r.stats.AddressListErrors++
		bad(vrid, FaultAddresses)
		if a.Version == 2 {
			return // RFC 3768 section 7.1: drop unless it comes from the owner
		}
	}
	unit := time.Second
	if a.Version == 3 {
		unit = 10 * time.Millisecond
	}
	e.host.Emit(Event{Kind: Received, Iface: r.iface, VRID: a.VRID, Priority: a.Priority, Peer: src,
		Interval: time.Duration(a.Interval) * unit})
	r.heard(&a, src)
}

// at is the router that sends and hears on an interface.
func (e *Engine) at(iface string, vrid uint8) *Router {
	for _, r := range e.routers {
		if r.vrid == vrid && r.port() == iface {
			return r
		}
	}
	return nil
}

func (e *Engine) ours(iface string, a netip.Addr) bool {
	own, _ := e.host.Interface(iface)
	return own == a
}

func sameAddrs(a, b []netip.Addr) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}
