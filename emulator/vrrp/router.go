package vrrp

import (
	"crypto/hmac"
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/sim"
)

// A Track lowers the priority of a virtual router, or makes a backup take
// over at once, while the object is negative.
type Track struct {
	Object     int
	Reduced    uint8
	Switchover bool
}

// A Router is one virtual router on one interface.
type Router struct {
	engine *Engine
	iface  string
	vrid   uint8

	vips         []netip.Addr
	priority     uint8
	preempt      bool
	preemptDelay time.Duration
	interval     time.Duration
	shutdown     bool
	role         Role
	tracks       []Track
	source       string // the interface that stands in for iface on the wire
	auth         AuthMode
	key          string

	state          State
	src            netip.Addr // our primary address while running
	master         netip.Addr
	masterInterval time.Duration // learned from the master in version 3
	masterDown     *sim.Timer
	downCause      Cause
	adver          *sim.Timer
	hold           *sim.Timer
	advert, leave  []byte
	seq            uint32 // of Authentication Headers
	stats          Stats
}

// Iface, VRID and the rest are what displays ask for.
func (r *Router) Iface() string               { return r.iface }
func (r *Router) VRID() uint8                 { return r.vrid }
func (r *Router) State() State                { return r.state }
func (r *Router) VIPs() []netip.Addr          { return slices.Clone(r.vips) }
func (r *Router) Priority() uint8             { return r.priority }
func (r *Router) Preempt() bool               { return r.preempt }
func (r *Router) PreemptDelay() time.Duration { return r.preemptDelay }
func (r *Router) Interval() time.Duration     { return r.interval }
func (r *Router) Shutdown() bool              { return r.shutdown }
func (r *Router) Role() Role                  { return r.role }
func (r *Router) Tracks() []Track             { return slices.Clone(r.tracks) }
func (r *Router) Version() uint8              { return r.engine.Version(r.iface) }
func (r *Router) Stats() Stats                { return r.stats }
func (r *Router) Source() string              { return r.source }

// Auth is how advertisements are authenticated, AuthNone in version 3.
func (r *Router) Auth() AuthMode {
	if r.Version() == 3 {
		return AuthNone
	}
	return r.auth
}

// Master is the primary address of the master as far as known, or the zero Addr.
func (r *Router) Master() netip.Addr {
	if r.state < Backup {
		return netip.Addr{}
	}
	return r.master
}

// BecomeMaster is how long a backup would still wait for its master; ok is
// false when it does not wait.
func (r *Router) BecomeMaster() (left time.Duration, ok bool) {
	t := r.masterDown
	if r.hold.Active() {
		t = r.hold
	}
	if r.state != Backup || !t.Active() {
		return 0, false
	}
	return t.At().Sub(r.engine.host.Now()), true
}

// RunningPriority is the priority that counts now: 255 for the owner of the
// address, else the configured one less what tracked objects take away.
func (r *Router) RunningPriority() uint8 {
	if r.owner() {
		return PriorityOwner
	}
	p := int(r.priority)
	for _, t := range r.tracks {
		if r.engine.negative[t.Object] {
			p -= int(t.Reduced)
		}
	}
	return uint8(max(p, 1))
}

func (r *Router) owner() bool {
	addr, _ := r.engine.host.Interface(r.iface)
	return addr.IsValid() && slices.Contains(r.vips, addr)
}

// controlled says whether RBM decides about this router now.
func (r *Router) controlled() bool { return r.role != NoRole && r.engine.established }

// AddVIP adds a virtual address; the group becomes active with its first.
func (r *Router) AddVIP(a netip.Addr) {
	if slices.Contains(r.vips, a) {
		return
	}
	r.vips = append(r.vips, a)
	if r.state == Master {
		r.engine.host.AddVirtual(r.iface, a, r.vrid)
		r.engine.host.Announce(r.iface, a, r.vrid)
	}
	r.refresh(CauseConfig)
}

// RemoveVIP takes a virtual address away.
func (r *Router) RemoveVIP(a netip.Addr) {
	i := slices.Index(r.vips, a)
	if i < 0 {
		return
	}
	if r.state == Master {
		r.engine.host.RemoveVirtual(r.iface, a)
	}
	r.vips = slices.Delete(r.vips, i, i+1)
	r.refresh(CauseConfig)
}

// SetPriority takes 1 to 254.
func (r *Router) SetPriority(p uint8) { r.priority = p; r.refresh(CauseConfig) }

// SetPreempt says whether, and after which further delay, this router takes
// over from a master of lower priority.
func (r *Router) SetPreempt(on bool, delay time.Duration) {
	r.preempt, r.preemptDelay = on, delay
	r.stop(&r.hold, HoldTimer)
}

// SetInterval takes 100 ms to 40.95 s; version 2 rounds up to whole seconds.
func (r *Router) SetInterval(d time.Duration) {
	r.interval = d
	r.refresh(CauseConfig)
	if r.state == Master {
		r.startAdver()
	}
}

// SetShutdown stops the router or lets it start.
func (r *Router) SetShutdown(down bool) { r.shutdown = down; r.refresh(CauseShutdown) }

// SetRole associates the router with an RBM group.
func (r *Router) SetRole(role Role) { r.role = role; r.refresh(CauseConfig) }

// AddTrack adds the tracking of one object, or changes by how much it lowers
// the priority.
func (r *Router) AddTrack(t Track) {
	r.tracks = slices.DeleteFunc(r.tracks, func(o Track) bool { return o.Object == t.Object && o.Switchover == t.Switchover })
	r.tracks = append(r.tracks, t)
	slices.SortStableFunc(r.tracks, func(a, b Track) int { return a.Object - b.Object })
	r.refresh(CauseTrack)
}

// RemoveTracks ends the trackings that satisfy f.
func (r *Router) RemoveTracks(f func(Track) bool) {
	r.tracks = slices.DeleteFunc(r.tracks, f)
	r.refresh(CauseTrack)
}

// SetAuth takes the authentication of version 2; the key has 1 to 8 bytes.
func (r *Router) SetAuth(mode AuthMode, key string) {
	r.auth, r.key = mode, key
	r.refresh(CauseConfig)
}

// SetSource names the interface that sends and hears in place of that of the
// group, "" for that one itself.
func (r *Router) SetSource(iface string) {
	r.engine.host.Leave(r.port(), Group)
	r.source = iface
	r.engine.host.Join(r.port(), Group)
	r.refresh(CauseConfig)
}

// port is the interface on whose link the router takes part.
func (r *Router) port() string {
	if r.source != "" {
		return r.source
	}
	return r.iface
}

// authentic says whether a message carries our key; its type is ours.
func (r *Router) authentic(a *Advertisement, p Packet) bool {
	switch r.auth {
	case AuthSimple:
		var want [8]byte
		copy(want[:], r.key)
		return a.AuthData == want
	case AuthMD5:
		return hmac.Equal(p.Payload[ahFill:ahLen], envelope{p.Src, p.Dst, p.ID}.value(r.key, p.Payload))
	case AuthNone:
	}
	return true
}

// adverInterval is the interval in use: whole seconds in version 2.
func (r *Router) adverInterval() time.Duration {
	if r.Version() == 2 {
		return (r.interval + time.Second - 1).Truncate(time.Second)
	}
	return r.interval
}

// skew is Skew_Time: RFC 5798 section 6.1 for version 3, RFC 3768 section
// 6.1 for version 2.
func (r *Router) skew() time.Duration {
	per := time.Second
	if r.Version() == 3 {
		per = r.masterInterval
	}
	return time.Duration(256-int(r.RunningPriority())) * per / 256
}

// masterDownInterval is RFC 5798 section 6.1.
func (r *Router) masterDownInterval() time.Duration {
	per := r.masterInterval
	if r.Version() == 2 {
		per = r.adverInterval()
	}
	return 3*per + r.skew()
}

// refresh brings the router in line with its configuration, its interface and
// RBM. It is the one place that starts and stops it.
func (r *Router) refresh(why Cause) {
	_, up := r.engine.host.Interface(r.iface)
	src, reachable := r.engine.host.Interface(r.port())
	up = up && reachable
	moved := r.src.IsValid() && r.src != src
	switch {
	case len(r.vips) == 0:
		r.become(Inactive, why)
		return
	case !up || !src.IsValid():
		r.become(Initialize, CauseInterface)
		return
	case r.shutdown:
		r.become(Initialize, CauseShutdown)
		return
	}
	if moved && r.state == Master {
		r.master = src
	}
	if r.state == Inactive {
		r.become(Initialize, why)
	}
	r.src = src
	r.build()
	if r.state == Initialize {
		r.masterInterval = r.adverInterval()
		if r.owner() && !r.controlled() {
			r.become(Master, CauseOwner)
			return
		}
		r.become(Backup, why)
	}
	switch {
	case r.controlled():
		want := r.engine.activeGroup
		if r.role == RoleStandby {
			want = r.engine.standbyGroup
		}
		r.stop(&r.masterDown, MasterDownTimer)
		r.stop(&r.hold, HoldTimer)
		r.become(want, CauseRBM)
	case r.state == Backup && r.owner():
		r.become(Master, CauseOwner)
	case r.state == Backup && r.switchover():
		r.become(Master, CauseTrack)
	case r.state == Backup && !r.masterDown.Active():
		r.startMasterDown(r.masterDownInterval(), CauseMasterDown)
	}
}

func (r *Router) switchover() bool {
	return slices.ContainsFunc(r.tracks, func(t Track) bool { return t.Switchover && r.engine.negative[t.Object] })
}

// build makes the two messages this router sends, so that sending one costs nothing.
func (r *Router) build() {
	a := Advertisement{Version: r.Version(), VRID: r.vrid, Priority: r.RunningPriority(), Addrs: r.vips}
	if a.Version == 3 {
		a.Interval = uint16(min(r.interval/(10*time.Millisecond), 0xfff))
	} else {
		a.Interval = uint16(min(r.adverInterval()/time.Second, 0xff))
		a.AuthType = uint8(r.auth)
		if r.auth == AuthSimple {
			copy(a.AuthData[:], r.key)
		}
	}
	r.advert = r.encode(a, r.advert)
	a.Priority = PriorityLeave
	r.leave = r.encode(a, r.leave)
}

func (r *Router) encode(a Advertisement, into []byte) []byte {
	b, err := a.AppendBinary(into[:0])
	if err != nil {
		panic(err) // only our own fields went in, all of them in range
	}
	Seal(b, r.src, Group)
	return b
}

// become does what entering a state does: every state's timers and output are
// here, so no caller can enter one half way.
func (r *Router) become(to State, why Cause) {
	from := r.state
	if from == to {
		return
	}
	r.stop(&r.adver, AdverTimer)
	r.stop(&r.masterDown, MasterDownTimer)
	r.stop(&r.hold, HoldTimer)
	r.state = to
	host := r.engine.host
	if from == Master {
		if _, up := host.Interface(r.port()); up && to < Backup {
			r.send(r.leave, PriorityLeave) // RFC 5798 section 6.4.3, shutdown
		}
		for _, a := range r.vips {
			host.RemoveVirtual(r.iface, a)
		}
	}
	switch to {
	case Inactive, Initialize:
		r.src, r.master = netip.Addr{}, netip.Addr{}
	case Backup:
		if from == Master {
			r.masterInterval = r.adverInterval()
		}
		if !r.controlled() {
			r.startMasterDown(r.masterDownInterval(), CauseMasterDown)
		}
	case Master:
		r.stats.BecomeMaster++
		r.master = r.src
		for _, a := range r.vips {
			host.AddVirtual(r.iface, a, r.vrid)
		}
		r.send(r.advert, r.RunningPriority())
		for _, a := range r.vips {
			host.Announce(r.iface, a, r.vrid)
		}
		r.startAdver()
	}
	host.Emit(Event{Kind: StateChanged, Iface: r.iface, VRID: r.vrid, From: from, To: to, Why: why})
}

func (r *Router) send(message []byte, priority uint8) {
	if priority == PriorityLeave {
		r.stats.ZeroSent++
	} else {
		r.stats.AdverSent++
	}
	p := Packet{Src: r.src, Dst: Group, Proto: Protocol, VRID: r.vrid, Payload: message}
	if r.Auth() == AuthMD5 {
		r.seq++
		p.Proto, p.ID = ProtocolAH, uint16(r.seq)|1
		p.Payload = envelope{p.Src, p.Dst, p.ID}.wrap(r.key, r.seq, message)
	}
	r.engine.host.SendAdvert(r.port(), p)
	r.engine.host.Emit(Event{Kind: Sent, Iface: r.iface, VRID: r.vrid, Priority: priority, Interval: r.adverInterval()})
}

func (r *Router) start(t **sim.Timer, name Timer, d time.Duration, f func()) {
	(*t).Stop()
	*t = r.engine.host.After(d, f)
	r.engine.host.Emit(Event{Kind: TimerCreated, Iface: r.iface, VRID: r.vrid, Timer: name})
}

func (r *Router) stop(t **sim.Timer, name Timer) {
	if (*t).Stop() {
		r.engine.host.Emit(Event{Kind: TimerDeleted, Iface: r.iface, VRID: r.vrid, Timer: name})
	}
	*t = nil
}

func (r *Router) startAdver() {
	r.start(&r.adver, AdverTimer, r.adverInterval(), r.adverExpired)
}

// adverExpired is the Adver_Timer of a master (RFC 5798 section 6.4.3).
func (r *Router) adverExpired() {
	r.send(r.advert, r.RunningPriority())
	r.adver = r.engine.host.After(r.adverInterval(), r.adverExpired)
}

func (r *Router) startMasterDown(d time.Duration, why Cause) {
	r.downCause = why
	r.masterDown.Stop()
	r.masterDown = r.engine.host.After(d, func() { r.become(Master, r.downCause) })
}

// heard handles an advertisement that passed the checks.
func (r *Router) heard(a *Advertisement, from netip.Addr) {
	r.stats.AdverReceived++
	if a.Priority == PriorityLeave {
		r.stats.ZeroReceived++
	}
	if r.controlled() {
		if r.state == Backup && a.Priority != PriorityLeave {
			r.master = from
		}
		return
	}
	switch r.state {
	case Inactive, Initialize:
		r.stats.UnexpectedPackets++
	case Backup: // RFC 5798 section 6.4.2
		if a.Version == 3 {
			r.masterInterval = time.Duration(a.Interval) * 10 * time.Millisecond
		}
		switch {
		case a.Priority == PriorityLeave:
			r.stop(&r.hold, HoldTimer)
			r.startMasterDown(r.skew(), CauseZero)
		case a.Priority >= r.RunningPriority() || !r.preempt:
			r.master = from
			r.stop(&r.hold, HoldTimer)
			r.startMasterDown(r.masterDownInterval(), CauseMasterDown)
		default:
			// Instead of letting the master down timer run out, as the RFC has
			// it, Comware waits the preemption delay and Skew_Time.
			r.master = from
			r.startMasterDown(r.masterDownInterval(), CauseMasterDown)
			if !r.hold.Active() {
				r.start(&r.hold, HoldTimer, r.preemptDelay+r.skew(), r.holdExpired)
			}
		}
	case Master: // RFC 5798 section 6.4.3
		switch {
		case a.Priority == PriorityLeave:
			r.send(r.advert, r.RunningPriority())
			r.startAdver()
		case a.Priority > r.RunningPriority() || a.Priority == r.RunningPriority() && r.src.Less(from):
			r.become(Backup, CausePacket)
			r.master = from
			if a.Version == 3 {
				r.masterInterval = time.Duration(a.Interval) * 10 * time.Millisecond
				r.startMasterDown(r.masterDownInterval(), CauseMasterDown)
			}
		}
	}
}

func (r *Router) holdExpired() {
	r.engine.host.Emit(Event{Kind: TimerExpired, Iface: r.iface, VRID: r.vrid, Timer: HoldTimer})
	r.become(Master, CausePreempt)
}
