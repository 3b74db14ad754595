package gre

import (
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
)

// A Tunnel is one interface whose packets travel in GRE. Change it between
// events and call Refresh.
type Tunnel struct {
	Iface         *stack.Iface
	Local, Remote netip.Addr
	Keyed         bool
	Key           uint32
	Checksum      bool          // send checksums; received ones are always checked
	DF            bool          // of the outer header
	TTL           uint8         // of the outer header, 0 for 255
	TOS           uint8         // of the outer header, with FixedTOS
	FixedTOS      bool          // else that of the packet inside
	Period        time.Duration // of keepalives, 0 for none
	Retries       int           // unanswered keepalives after which the interface goes down

	// Send takes the outer packets in the place of the stack, for IPsec to
	// protect them; nil for the stack.
	Send func(*stack.Packet) error
	// Carry takes the packets of the interface whole, in the place of GRE.
	Carry func(*stack.Packet)
	// Protected refuses packets that IPsec did not protect.
	Protected bool

	engine     *Engine
	timer      *sim.Timer
	period     time.Duration // of the timer
	unanswered int
	dead       bool // the keepalives say
}

// An Engine is the GRE of one host.
type Engine struct {
	// Drops counts packets for no tunnel, with a wrong key or checksum, or
	// without the protection that the tunnel asks for.
	Drops uint64

	host    *stack.Host
	tunnels []*Tunnel
}

// New makes the GRE of a host, which gives it the packets of protocol 47.
func New(h *stack.Host) *Engine {
	e := &Engine{host: h}
	h.HandleProto(Proto, e.receive)
	h.OnIface(func(*stack.Iface, bool) { e.Refresh() })
	return e
}

// Add makes an interface with a tunnel that has no ends yet.
func (e *Engine) Add(name string) *Tunnel {
	t := &Tunnel{engine: e}
	t.Iface = e.host.AddTunnel(name, t.encapsulate)
	e.tunnels = append(e.tunnels, t)
	return t
}

// Remove takes a tunnel away; its interface stays.
func (e *Engine) Remove(t *Tunnel) {
	t.timer.Stop()
	e.tunnels = slices.DeleteFunc(e.tunnels, func(o *Tunnel) bool { return o == t })
}

// Refresh looks at all tunnels.
func (e *Engine) Refresh() {
	for _, t := range slices.Clone(e.tunnels) {
		t.Refresh()
	}
}

// Stop ends all timers.
func (e *Engine) Stop() {
	for _, t := range e.tunnels {
		t.timer.Stop()
	}
}

// Refresh looks at the ends and the keepalives after a change: the interface is
// up when the source is an address of this host, the destination has a route,
// and the keepalives are answered.
func (t *Tunnel) Refresh() {
	ends := t.Ends()
	if t.period != t.Period || !ends {
		t.timer.Stop()
		t.timer, t.period, t.unanswered, t.dead = nil, 0, 0, false
	}
	if ends && t.Period > 0 && t.timer == nil {
		t.period = t.Period
		t.timer = t.engine.host.World().After(t.Period, t.probe)
	}
	t.Iface.LinkTunnel(ends && !t.dead)
}

// Ends says whether packets can go from one end to the other.
func (t *Tunnel) Ends() bool {
	h := t.engine.host
	if !t.Local.IsValid() || !t.Remote.IsValid() || !h.IsLocal(t.Local) || h.IsLocal(t.Remote) {
		return false
	}
	_, err := h.Source(t.Remote)
	return err == nil
}

func (t *Tunnel) packet(typ uint16, payload []byte) []byte {
	b, _ := (&Packet{Checksum: t.Checksum, Keyed: t.Keyed, Key: t.Key, Type: typ, Payload: payload}).AppendBinary(nil)
	return b
}

func (t *Tunnel) encapsulate(p *stack.Packet) {
	if t.Carry != nil {
		t.Carry(p)
		return
	}
	tos := p.TOS
	if t.FixedTOS {
		tos = t.TOS
	}
	t.send(&stack.Packet{Src: t.Local, Dst: t.Remote, Proto: Proto, TOS: tos, TTL: t.TTL, DF: t.DF, Payload: t.packet(TypeIPv4, p.Payload)})
}

func (t *Tunnel) send(p *stack.Packet) {
	send := t.Send
	if send == nil {
		send = t.engine.host.SendIP
	}
	_ = send(p) // what cannot be sent is lost
}

// probe sends a keepalive: the answer, ready for the peer to send back.
func (t *Tunnel) probe() {
	t.timer = t.engine.host.World().After(t.Period, t.probe)
	if t.unanswered >= t.Retries && !t.dead {
		t.dead = true
		t.Refresh()
	}
	t.unanswered++
	answer := stack.Packet{Src: t.Remote, Dst: t.Local, Proto: Proto, TTL: 255, Payload: t.packet(TypeKeepalive, nil)}
	t.send(&stack.Packet{Src: t.Local, Dst: t.Remote, Proto: Proto, TTL: t.TTL, Payload: t.packet(TypeIPv4, answer.Append())})
}

func (e *Engine) receive(p *stack.Packet) {
	var g Packet
	if g.UnmarshalBinary(p.Payload) != nil {
		e.Drops++
		return
	}
	for _, t := range e.tunnels {
		if t.Carry != nil || t.Local != p.Dst || t.Remote != p.Src || t.Keyed != g.Keyed || t.Key != g.Key || t.Protected && !p.Decrypted {
			continue
		}
		t.take(&g)
		return
	}
	e.Drops++
}

func (t *Tunnel) take(g *Packet) {
	switch g.Type {
	case TypeKeepalive:
		t.unanswered = 0
		if t.dead {
			t.dead = false
			t.Refresh()
		}
	case TypeIPv4:
		// A keepalive of the peer goes back whether or not we send any.
		if in, err := stack.Parse(g.Payload); err == nil && in.Proto == Proto && in.Src == t.Local && in.Dst == t.Remote {
			in.ID = 0
			t.send(in)
			return
		}
		t.engine.host.FromTunnel(t.Iface, g.Payload)
	default:
		t.engine.Drops++
	}
}
