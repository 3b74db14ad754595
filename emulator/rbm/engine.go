package rbm

import (
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/sim"
)

// How long the active device waits for the answer to a handover before it
// asks again, and how many changes are remembered.
const (
	handoverRetry = 300 * time.Millisecond
	maxRecords    = 10
)

// An Engine is the hot backup of one device.
type Engine struct {
	host    Host
	c       Config
	healthy bool
	state   State
	since   time.Time
	records []Record // newest first

	session, seq    uint32
	entrySeq        uint32
	peerSession     uint32
	peerSeq         uint32
	peer            Peer
	connected       bool
	grace           bool // started, and the peer may still answer
	conflict        bool
	promoted        bool
	leaving         bool // handover under way
	leavingWhy      Cause
	recovering      bool // standby because of a failure, not of a request
	due             bool // the delay time is over: ask for the traffic
	hello, hold     *sim.Timer
	deaf            *sim.Timer // runs while anything is heard of the peer
	handover        *sim.Timer
	preempt         *sim.Timer
	check           *sim.Timer
	sync            sender
	in              receiver
	result          Result
	differ, missing []string // lines here only, lines there only
	buf             []byte
}

// New makes hot backup without a configuration; the device is healthy.
func New(h Host) *Engine { return &Engine{host: h, healthy: true, since: h.Now()} }

// Config, State and the rest are what displays ask for.
func (e *Engine) Config() Config    { return e.c }
func (e *Engine) State() State      { return e.state }
func (e *Engine) Connected() bool   { return e.connected }
func (e *Engine) Healthy() bool     { return e.healthy }
func (e *Engine) Records() []Record { return slices.Clone(e.records) }

// Peer is what the other device told last; ok is false without a channel.
func (e *Engine) Peer() (p Peer, ok bool) { return e.peer, e.connected }

// Uptime is how long the running status has not changed.
func (e *Engine) Uptime() time.Duration { return e.host.Now().Sub(e.since) }

// Check is the outcome of the last consistency check and the lines that only
// this and only the other device has.
func (e *Engine) Check() (r Result, here, there []string) { return e.result, e.differ, e.missing }

// Groups says what VRRP shall do: whether hot backup decides at all, and
// whether the groups associated as active and as standby are master here.
func (e *Engine) Groups() (established, activeGroup, standbyGroup bool) {
	active := e.state == Active
	if !e.c.DualActive {
		return e.connected, active, active
	}
	return e.connected, active, active && e.peer.State != Active
}

func (e *Engine) complete() bool {
	return e.c.Role != NoRole && e.c.Local.IsValid() && e.c.Remote.IsValid()
}

// SetConfig takes a new configuration. A change of role, mode or channel
// starts the channel anew.
func (e *Engine) SetConfig(c Config) {
	if c.Port == 0 {
		c.Port = DefaultPort
	}
	if c.Interval == 0 {
		c.Interval = DefaultInterval
	}
	if c.Count == 0 {
		c.Count = DefaultCount
	}
	old := e.c
	e.c = c
	if old.Role == c.Role && old.DualActive == c.DualActive && old.Local == c.Local && old.Remote == c.Remote && old.Port == c.Port {
		if old.Interval != c.Interval || old.Count != c.Count {
			e.tick()
			e.heldAgain()
		}
		e.armCheck(old.CheckEvery != c.CheckEvery)
		e.armPreempt()
		return
	}
	e.stopTimers()
	e.c = old
	e.lost() // tells of the channel that was, by its own addresses
	e.c = c
	if !e.complete() {
		e.session, e.grace = 0, false
		e.become(Initial, CauseConfig)
		return
	}
	e.session = e.host.Stream("rbm session").Uint32() | 1
	e.seq, e.peerSession, e.conflict = 0, 0, false
	e.grace = true
	e.become(Initial, CauseConfig)
	e.heldAgain()
	e.tick()
}

// SetHealth tells whether all monitored objects are up.
func (e *Engine) SetHealth(ok bool, why Cause) {
	if e.healthy == ok {
		return
	}
	e.healthy = ok
	if !e.complete() {
		return
	}
	e.decide(why)
	e.sayHello()
	e.armPreempt()
}

// Stop ends hot backup without a word, as pulling the plug does.
func (e *Engine) Stop() {
	e.stopTimers()
	e.session = 0
}

func (e *Engine) stopTimers() {
	for _, t := range []*sim.Timer{e.hello, e.hold, e.deaf, e.handover, e.preempt, e.check, e.sync.timer} {
		t.Stop()
	}
}

// tick sends a keepalive every interval.
func (e *Engine) tick() {
	e.hello.Stop()
	e.hello = e.host.After(e.c.Interval, e.tick)
	e.sayHello()
	if e.due && e.state == Standby && e.connected {
		e.send(Message{Type: TypeTakeover})
	}
}

// heldAgain gives the peer its full time to be heard again.
func (e *Engine) heldAgain() {
	e.hold.Stop()
	e.hold = e.host.After(time.Duration(e.c.Count)*e.c.Interval, e.silent)
}

// silent is what missing keepalives do (keepalive count).
func (e *Engine) silent() {
	e.grace = false
	e.peerSession = 0
	e.lost()
	e.decide(CauseChannelDown)
}

// lost forgets the peer.
func (e *Engine) lost() {
	e.leaving, e.due = false, false
	e.handover.Stop()
	e.preempt.Stop()
	e.check.Stop()
	e.sync.clear()
	e.in = receiver{}
	e.peer = Peer{}
	if e.connected {
		e.connected = false
		e.host.Emit(Event{Kind: ChannelDown, Local: e.c.Local, Remote: e.c.Remote})
	}
}

func (e *Engine) sayHello() { e.send(Message{Type: TypeHello}) }

func (e *Engine) send(m Message) {
	if e.session == 0 {
		return
	}
	e.seq++
	m.Role, m.State, m.Session, m.Echo, m.Seq = e.c.Role, e.state, e.session, e.peerSession, e.seq
	for _, f := range []struct {
		on   bool
		flag uint8
	}{{e.healthy, FlagHealthy}, {e.leaving, FlagLeaving}, {e.promoted, FlagPromoted}, {e.c.DualActive, FlagDual}} {
		if f.on {
			m.Flags |= f.flag
		}
	}
	b, err := m.AppendBinary(e.buf[:0])
	if err != nil {
		panic(err) // only our own fields went in, all of them in range
	}
	e.buf = b
	// An error is a message lost; keepalives and retransmissions follow.
	_ = e.host.Send(netip.AddrPortFrom(e.c.Local, e.c.Port), netip.AddrPortFrom(e.c.Remote, e.c.Port), b)
}

// Receive handles one datagram that came to the port of the control channel.
func (e *Engine) Receive(local, remote netip.AddrPort, b []byte) {
	if !e.complete() || e.session == 0 || remote.Addr() != e.c.Remote || local.Addr() != e.c.Local {
		return
	}
	var m Message
	if m.UnmarshalBinary(b) != nil || m.Type == TypeEntries {
		return
	}
	if m.Role == e.c.Role {
		if !e.conflict {
			e.conflict = true
			e.host.Emit(Event{Kind: RoleConflict, Local: e.c.Local, Remote: e.c.Remote})
		}
		return
	}
	e.conflict = false
	fresh := m.Session != e.peerSession
	if fresh {
		if e.peerSession != 0 && e.connected { // the peer started anew
			e.lost()
		}
		e.peerSession = m.Session
	} else if m.Seq <= e.peerSeq {
		return // overtaken by a later one
	}
	e.peerSeq = m.Seq
	// A session that is heard no more must not be echoed: the peer would take it
	// for being heard.
	e.deaf.Stop()
	e.deaf = e.host.After(time.Duration(e.c.Count)*e.c.Interval, func() { e.peerSession = 0 })
	if m.Echo != e.session {
		if fresh || m.Echo != 0 {
			e.sayHello()
		}
		return
	}
	e.heldAgain()
	before := e.peer
	e.peer = Peer{Role: m.Role, State: m.State, Healthy: m.Flags&FlagHealthy != 0,
		leaving: m.Flags&FlagLeaving != 0, promoted: m.Flags&FlagPromoted != 0}
	up := !e.connected
	e.connected = true
	switch m.Type {
	case TypeHandover:
		e.takeOver(m.Cause)
	case TypeHandoverAck:
		e.handedOver()
	case TypeTakeover:
		if e.state == Active && !e.leaving && e.peer.Healthy && !e.c.DualActive {
			e.startHandover(CauseRecovered)
		}
	case TypeData:
		e.received(&m)
	case TypeDataAck:
		e.acknowledged(&m)
	case TypeHello, TypeEntries:
	}
	why := CauseNegotiated
	if !up && before.Healthy != e.peer.Healthy {
		why = CauseInterface
	}
	e.grace = false
	e.decide(why)
	if up {
		e.host.Emit(Event{Kind: ChannelUp, Local: e.c.Local, Remote: e.c.Remote})
		e.sayHello()
		if e.c.Role == Primary && !e.c.NoAutoSync {
			e.batch()
		}
		e.armCheck(true)
	} else if before != e.peer {
		e.host.Emit(Event{Kind: PeerChanged, Local: e.c.Local, Remote: e.c.Remote})
	}
	e.armPreempt()
}

// decide brings the state in line with the channel, the health and the peer.
func (e *Engine) decide(why Cause) {
	switch {
	case !e.complete():
		e.become(Initial, CauseConfig)
	case !e.connected && e.grace:
	case !e.connected:
		if !e.healthy {
			e.become(Initial, why)
			return
		}
		if e.state != Active {
			e.promoted = true
		}
		e.become(Active, why)
	case e.c.DualActive:
		want := Standby
		if e.healthy {
			want = Active
		}
		e.become(want, why)
	case e.leaving:
		if e.peer.State == Active {
			e.handedOver()
		}
	default:
		want := elect(Peer{Role: e.c.Role, State: e.state, Healthy: e.healthy, promoted: e.promoted}, e.peer)
		if want == Standby && e.state == Active && (e.peer.State != Active || e.peer.leaving) {
			e.startHandover(why)
			return
		}
		if e.peer.State != Active {
			e.promoted = false
		}
		e.become(want, why)
	}
}

// elect is the state of the first device when both know each other. Both
// sides come to opposite results from the same two arguments.
func elect(me, peer Peer) State {
	active := me.State == Active
	other := peer.State == Active && !peer.leaving
	stays := func(mine bool) State {
		if mine {
			return Active
		}
		return Standby
	}
	switch {
	case me.Healthy != peer.Healthy:
		return stays(me.Healthy)
	case active && other && me.promoted != peer.promoted:
		return stays(peer.promoted)
	case active != other:
		return stays(active)
	case !me.Healthy && !active:
		return me.State // nobody can take over
	}
	return stays(me.Role == Primary)
}

// become does what entering a state does, so that no caller enters one half way.
func (e *Engine) become(to State, why Cause) {
	from := e.state
	if from == to {
		return
	}
	e.state = to
	e.leaving = false
	e.handover.Stop()
	e.preempt.Stop()
	e.due = false
	now := e.host.Now()
	e.since = now
	e.records = slices.Insert(e.records, 0, Record{At: now, From: from, To: to, Why: why})
	if len(e.records) > maxRecords {
		e.records = e.records[:maxRecords]
	}
	switch to {
	case Initial:
		e.promoted = false
	case Active:
		e.recovering = false
	case Standby:
		e.promoted = false
		e.recovering = why != CauseRequest
	}
	e.host.Emit(Event{Kind: StateChanged, From: from, To: to, Why: why, Local: e.c.Local, Remote: e.c.Remote})
	if e.connected {
		e.sayHello()
	}
}

// Switchover hands the traffic to the peer (switchover request).
func (e *Engine) Switchover() error {
	switch {
	case e.c.DualActive:
		return ErrDualActive
	case e.state != Active:
		return ErrNotActive
	case !e.connected:
		return ErrNoChannel
	case !e.peer.Healthy:
		return ErrPeerUnhealthy
	case e.leaving:
		return ErrBusy
	}
	e.startHandover(CauseRequest)
	return nil
}

// startHandover asks the peer to become active. This device stays active
// until the peer says that it is, so there is no time without one.
func (e *Engine) startHandover(why Cause) {
	e.leaving, e.leavingWhy = true, why
	e.askHandover()
}

func (e *Engine) askHandover() {
	e.handover.Stop()
	e.handover = e.host.After(handoverRetry, e.askHandover)
	e.send(Message{Type: TypeHandover, Cause: e.leavingWhy})
}

// takeOver is the peer's handover.
func (e *Engine) takeOver(why Cause) {
	if e.healthy && !e.c.DualActive {
		e.become(Active, why)
	}
	e.send(Message{Type: TypeHandoverAck})
}

// handedOver is the peer's answer.
func (e *Engine) handedOver() {
	if !e.leaving {
		return
	}
	if e.peer.State != Active {
		e.leaving = false
		e.handover.Stop()
		e.host.Emit(Event{Kind: Refused, Local: e.c.Local, Remote: e.c.Remote})
		return
	}
	e.become(Standby, e.leavingWhy)
}

// armPreempt runs the delay time while a recovered primary device waits for
// the traffic to come back (delay-time).
func (e *Engine) armPreempt() {
	ready := e.c.Role == Primary && e.state == Standby && e.healthy && e.connected && e.recovering && e.c.Delay > 0 && !e.c.DualActive
	switch {
	case !ready:
		e.preempt.Stop()
		e.due = false
	case !e.preempt.Active() && !e.due:
		e.preempt = e.host.After(e.c.Delay, func() {
			e.due = true
			e.send(Message{Type: TypeTakeover})
		})
	}
}
