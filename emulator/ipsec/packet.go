package ipsec

import (
	"encoding/binary"
	"errors"
	"math"
	"net/netip"
	"strings"
	"time"

	"cwlab/emulator/stack"
)

const (
	ipHeaderLen = 20

	protoTCP = 6
	protoUDP = 17

	// ProtoESP and ProtoAH are the IP protocols of IPsec.
	ProtoESP = 50
	ProtoAH  = 51

	portIKE  = 500
	portNATT = 4500
)

// flowIn is the flow of a packet.
func flowIn(p *stack.Packet) Flow {
	f := Flow{Src: p.Src, Dst: p.Dst, Proto: p.Proto}
	if (p.Proto == protoTCP || p.Proto == protoUDP) && len(p.Payload) >= 4 {
		f.SrcPort, f.DstPort = binary.BigEndian.Uint16(p.Payload), binary.BigEndian.Uint16(p.Payload[2:])
	}
	return f
}

// bypasses says whether a packet is never a matter of policies: IPsec and IKE
// of this host itself, and groups.
func (e *Engine) bypasses(p *stack.Packet, f Flow) bool {
	if p.Dst.IsMulticast() {
		return true
	}
	if !p.Local && !e.h.IsLocal(p.Dst) {
		return false
	}
	switch p.Proto {
	case ProtoESP, ProtoAH:
		return true
	case protoUDP:
		port := f.DstPort
		if p.Local {
			port = f.SrcPort
		}
		return port == portIKE || port == portNATT
	}
	return false
}

func (e *Engine) dropped(t *TunnelState, why Reason, inbound bool, ev Event) {
	e.Stats.drop(why, inbound)
	if t != nil {
		t.Stats.drop(why, inbound)
		ev.Tunnel = t.ID
	}
	ev.Kind, ev.Reason, ev.Inbound = Dropped, why, inbound
	e.h.Emit(ev)
}

// Out is the hook for packets that leave: the first entry of the policy on
// the interface whose list permits the packet protects it.
func (e *Engine) Out(p *stack.Packet) stack.Verdict {
	if p.Encrypted || p.Out == nil || len(e.applied) == 0 {
		return stack.Accept
	}
	b := e.bindingOf(p.Out.Name())
	if b == nil {
		return stack.Accept
	}
	pol := e.Policy(b.policy)
	f := flowIn(p)
	if pol == nil || e.bypasses(p, f) {
		return stack.Accept
	}
	for _, x := range pol.Entries {
		if x.Template != "" {
			if t := e.find(pol.Name, x.Seq, f); t != nil {
				return e.protect(t, p, f)
			}
			continue
		}
		acl := e.acl(x)
		if acl == nil || !x.Remote.IsValid() {
			continue
		}
		r, ok := acl.Match(f, true)
		if !ok || !r.Permit {
			continue
		}
		if t := e.find(pol.Name, x.Seq, f); t != nil {
			if v := e.protect(t, p, f); v != stack.Accept {
				return v
			}
		}
		local := e.localOf(pol, x, b.iface)
		req := e.request(pol, x.Seq, x, local, x.Remote, flowOf(x, r, acl, f))
		if len(req.Transforms) == 0 {
			continue
		}
		return e.acquire(req, p, f)
	}
	return stack.Accept
}

func (e *Engine) find(policy string, seq int, f Flow) *TunnelState {
	for _, t := range e.tunnels {
		if t.Seq == seq && strings.EqualFold(t.Policy, policy) && t.Flow.Matches(f) {
			return t
		}
	}
	return nil
}

// acquire asks IKE for SAs. The packet that asks is lost; those that follow
// find their flow in the block-flow table until the negotiation is over.
func (e *Engine) acquire(r Request, p *stack.Packet, f Flow) stack.Verdict {
	ev := Event{Policy: r.Policy, Seq: r.Seq, SP: e.spOf(r.Policy, r.Seq), Src: r.Local, Dst: r.Remote, Flow: f, Iface: p.Out.Name()}
	if !r.Local.IsValid() || !e.h.IsLocal(r.Local) {
		e.dropped(nil, NotLocal, false, ev)
		return stack.Drop
	}
	if e.isBlocked(r) {
		e.dropped(nil, FlowIsBlocked, false, ev)
		if p.Local {
			return stack.Refuse
		}
		return stack.Drop
	}
	ev.Kind = NoSA
	e.h.Emit(ev)
	ev.Kind = AcquireSent
	e.h.Emit(ev)
	e.blockFlow(r)
	e.toIKE(func() { e.h.Acquire(r) })
	e.dropped(nil, NoAvailableSA, false, ev)
	return stack.Drop
}

// protect sends the packet through the tunnel in its place. It accepts, with
// nothing done, when the SA has just come to its end.
func (e *Engine) protect(t *TunnelState, p *stack.Packet, f Flow) stack.Verdict {
	sa := t.Outbound()
	tr := sa.pair.Transform
	ev := Event{Policy: t.Policy, Seq: t.Seq, SP: e.spOf(t.Policy, t.Seq), Tunnel: t.ID, SA: sa, SPI: sa.SPI, Src: t.Local, Dst: t.Remote, Flow: f}
	fail := func(why Reason) stack.Verdict {
		e.dropped(t, why, false, ev)
		return stack.Drop
	}
	transport := t.Mode == Transport
	size := ipHeaderLen + len(p.Payload)
	outer := &stack.Packet{Src: t.Local, Dst: t.Remote, Proto: ProtoESP, TOS: p.TOS, DF: e.outerDF(p), Encrypted: true}
	switch {
	case !e.h.IsLocal(t.Local):
		return fail(NotLocal)
	case transport && (p.Src != t.Local || p.Dst != t.Remote):
		return fail(AddressMismatch)
	case outer.DF && size > sa.pair.PathMTU(p.Out.MTU()):
		ev.Length, ev.MTU = size, sa.pair.PathMTU(p.Out.MTU())
		return fail(TooLong)
	case sa.seq == math.MaxUint32:
		return fail(SequenceExhausted)
	}
	ev.Kind, ev.Length = Outbound, size
	t.lastOut = e.h.Now()
	e.h.Emit(ev)
	if !e.spend(sa, size) {
		return stack.Accept
	}
	sa.seq++
	iv := e.h.Stream("ipsec iv").Bytes(tr.IVLen())
	var esp *ESP
	if transport {
		esp = sa.suite.seal(sa.SPI, sa.seq, iv, p.Payload, p.Proto)
	} else {
		esp = sa.suite.seal(sa.SPI, sa.seq, iv, p.Append(), nextIPv4)
	}
	outer.Payload, _ = esp.AppendBinary(nil)
	if sa.pair.Encapsulated() {
		outer.Proto, outer.Payload = protoUDP, encapsulate(sa.pair.LocalPort, sa.pair.RemotePort, outer.Payload)
	}
	ev.Kind, ev.Sequence = Encrypted, sa.seq
	e.h.Emit(ev)
	if err := e.h.SendIP(outer); err != nil {
		if errors.Is(err, stack.ErrTooBig) {
			return fail(TooLong)
		}
		return fail(EncryptionFailed)
	}
	for _, s := range []*Stats{&e.Stats, &t.Stats} {
		s.SentPackets++
		s.SentBytes += uint64(size)
	}
	return stack.Stolen
}

func (e *Engine) outerDF(p *stack.Packet) bool {
	mode, ok := e.IfaceDF[p.Out.Name()]
	if !ok {
		mode = e.DF
	}
	switch mode {
	case ClearDF:
		return false
	case SetDF:
		return true
	case CopyDF:
	}
	return p.DF
}

// In is the hook for packets that come: one in the clear that an entry would
// have protected is dropped.
func (e *Engine) In(p *stack.Packet) stack.Verdict {
	if p.Decrypted || p.In == nil || len(e.applied) == 0 {
		return stack.Accept
	}
	b := e.bindingOf(p.In.Name())
	if b == nil {
		return stack.Accept
	}
	pol := e.Policy(b.policy)
	f := flowIn(p)
	if pol == nil || e.bypasses(p, f) {
		return stack.Accept
	}
	for _, x := range pol.Entries {
		if x.Template != "" || !x.Remote.IsValid() {
			continue
		}
		acl := e.acl(x)
		if acl == nil {
			continue
		}
		if r, ok := acl.Match(f.Reverse(), false); !ok || !r.Permit || len(e.transforms(x)) == 0 {
			continue
		}
		ev := Event{Kind: Clear, Policy: pol.Name, Seq: x.Seq, SP: e.spOf(pol.Name, x.Seq), Src: p.Src, Dst: p.Dst, Flow: f}
		e.h.Emit(ev)
		e.dropped(nil, Unprotected, true, ev)
		return stack.Drop
	}
	return stack.Accept
}

// ESP takes a packet of protocol 50 for this host, RFC 4303 section 3.4.
func (e *Engine) ESP(p *stack.Packet) { e.esp(p, 0) }

// UDP takes ESP that came in a datagram, RFC 3948 section 2.1.
func (e *Engine) UDP(src, dst netip.AddrPort, payload []byte, in *stack.Iface) {
	e.esp(&stack.Packet{In: in, Src: src.Addr(), Dst: dst.Addr(), Proto: ProtoESP, Payload: payload}, src.Port())
}

// esp takes an ESP packet; port is that of the datagram it came in, 0 for
// none.
func (e *Engine) esp(p *stack.Packet, port uint16) {
	ev := Event{Kind: Inbound, Src: p.Src, Dst: p.Dst, Inbound: true, Length: ipHeaderLen + len(p.Payload)}
	var esp ESP
	if err := esp.UnmarshalBinary(p.Payload); err != nil {
		e.dropped(nil, WrongLength, true, ev)
		return
	}
	ev.SPI, ev.Sequence = esp.SPI, esp.Sequence
	e.h.Emit(ev)
	sa := e.inbound[esp.SPI]
	if sa == nil || sa.pair.Local != p.Dst {
		e.unknownSPI(p, ev)
		return
	}
	t := sa.pair.tunnel
	ev.Kind, ev.SA, ev.Tunnel, ev.Policy, ev.Seq = SAFound, sa, t.ID, t.Policy, t.Seq
	e.h.Emit(ev)
	if p.Src != t.Remote {
		e.dropped(t, AddressMismatch, true, ev)
		return
	}
	if !sa.window.fresh(esp.Sequence) {
		e.dropped(t, Replayed, true, ev)
		return
	}
	if err := sa.suite.verify(&esp); err != nil {
		why := AuthenticationFailed
		if errors.Is(err, errLength) {
			why = WrongLength
		}
		e.dropped(t, why, true, ev)
		return
	}
	sa.window.mark(esp.Sequence)
	if port != 0 && sa.pair.Encapsulated() {
		sa.pair.RemotePort = port // the NAT may have given it a new one
	}
	payload, next, err := sa.suite.open(&esp)
	if err != nil {
		e.dropped(t, DecryptionFailed, true, ev)
		return
	}
	inner, why := innerOf(t, p, payload, next)
	if inner == nil {
		e.dropped(t, why, true, ev)
		return
	}
	size := ipHeaderLen + len(inner.Payload)
	if !e.spend(sa, size) {
		e.dropped(nil, NoAvailableSA, true, ev)
		return
	}
	ev.Kind, ev.Flow = Decrypted, flowIn(inner)
	e.h.Emit(ev)
	if e.DecryptCheck && !t.Flow.Reverse().Matches(ev.Flow) {
		e.dropped(t, ACLCheck, true, ev)
		return
	}
	t.lastIn = e.h.Now()
	for _, s := range []*Stats{&e.Stats, &t.Stats} {
		s.ReceivedPackets++
		s.ReceivedBytes += uint64(size)
	}
	e.h.Inject(inner)
}

// innerOf is the packet that was protected, nil with the reason when there is
// none.
func innerOf(t *TunnelState, outer *stack.Packet, payload []byte, next uint8) (*stack.Packet, Reason) {
	switch {
	case next == nextDummy:
		return nil, DummyPacket
	case next == nextIPv4 && t.Mode == Tunnel:
		inner, err := stack.Parse(payload)
		if err != nil {
			return nil, WrongLength
		}
		inner.In, inner.Decrypted = outer.In, true
		return inner, 0
	case t.Mode == Transport:
		return &stack.Packet{
			In: outer.In, Src: outer.Src, Dst: outer.Dst, Proto: next, TTL: outer.TTL, TOS: outer.TOS,
			ID: outer.ID, DF: outer.DF, Payload: payload, Decrypted: true,
		}, 0
	}
	return nil, ModeMismatch
}

// unknownSPI drops a packet without an SA and tells IKE, once for an SPI until
// the report has aged. The SPI of a negotiation under way is not reported.
func (e *Engine) unknownSPI(p *stack.Packet, ev Event) {
	if e.larval[ev.SPI] != nil {
		e.dropped(nil, NoAvailableSA, true, ev)
		return
	}
	e.dropped(nil, InvalidSPI, true, ev)
	k := invalidKey{p.Dst, ev.SPI}
	if e.invalid[k] != nil || len(e.invalid) >= invalidSPITable {
		return
	}
	e.invalid[k] = e.h.After(invalidSPIAge, func() { delete(e.invalid, k) })
	ev.Kind = InvalidSPISent
	e.h.Emit(ev)
	local, remote := p.Dst, p.Src
	e.toIKE(func() { e.h.InvalidSPI(local, remote, ev.SPI) })
}

// LastUse says when the tunnels to a peer last received and last had
// something to send; zero times for never.
func (e *Engine) LastUse(local, remote netip.Addr) (received, sent time.Time) {
	for _, t := range e.tunnels {
		if t.Local != local || t.Remote != remote {
			continue
		}
		if t.lastIn.After(received) {
			received = t.lastIn
		}
		if t.lastOut.After(sent) {
			sent = t.lastOut
		}
	}
	return received, sent
}
