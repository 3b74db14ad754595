package ipsec

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
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
		if !ok {
			continue
		}
		if !r.Permit { // the entries that follow do not see it
			return stack.Accept
		}
		if x.Manual != nil {
			if t := e.manualTunnel(pol, x); t != nil {
				return e.protect(t, p, f)
			}
			continue
		}
		if t := e.find(pol.Name, x.Seq, f); t != nil {
			if v := e.protect(t, p, f); v != stack.Accept {
				return v
			}
		}
		local := e.localOf(pol, x, b.iface)
		req := e.request(pol, x, x, local, x.Remote, flowOf(x, r, acl, f))
		if len(req.Transforms) == 0 {
			continue
		}
		return e.acquire(req, p, f)
	}
	return stack.Accept
}

func (e *Engine) find(policy string, seq int, f Flow) *TunnelState {
	for _, t := range e.tunnels {
		if t.Guard == "" && t.Seq == seq && strings.EqualFold(t.Policy, policy) && e.carries(t, f) {
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
	if e.full(r) {
		e.dropped(nil, TunnelLimit, false, ev)
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
	pr, sa := t.last(), t.Outbound()
	ev := Event{Policy: t.Policy, Seq: t.Seq, SP: e.spOf(t.Policy, t.Seq), Tunnel: t.ID, SA: sa, SPI: sa.SPI, Src: t.Local, Dst: t.Remote, Flow: f}
	fail := func(why Reason) stack.Verdict {
		e.dropped(t, why, false, ev)
		return stack.Drop
	}
	size, mtu := len(p.Payload)+wire.HeaderLen(p.Record), pr.PathMTU(e.linkMTU(t, p.Out))
	if t.Mode == Transport {
		mtu += ipHeaderLen // no second header
	}
	switch {
	case !e.h.IsLocal(t.Local):
		return fail(NotLocal)
	case t.Mode == Transport && (p.Src != t.Local || p.Dst != t.Remote):
		return fail(AddressMismatch)
	case size > mtu && (p.DF && !e.FragmentAfter || e.FragmentAfter && e.outerDF(t, p)):
		ev.Length, ev.MTU = size, mtu
		if p.DF {
			e.h.TooBig(p, mtu)
		}
		return fail(TooLong)
	case slices.ContainsFunc(pr.out, func(sa *SA) bool { return pr.Transform.exhausted(sa.seq) && !pr.Manual }):
		return fail(SequenceExhausted)
	}
	t.lastOut = e.h.Now()
	outer := stack.Packet{Src: t.Local, Dst: t.Remote, Proto: p.Proto, TOS: p.TOS, DF: e.outerDF(t, p), Payload: p.Payload, Encrypted: true}
	if t.Mode == Transport { // of whole packets (RFC 4301 section 4.1)
		return e.protectOne(t, pr, &outer, size, ev)
	}
	if e.FragmentAfter {
		mtu = max(mtu, size)
	}
	outer.Proto = nextIPv4
	for i, b := range p.Fragments(mtu) {
		piece := outer
		piece.Payload = b
		if v := e.protectOne(t, pr, &piece, len(b), ev); v != stack.Stolen {
			if i > 0 && v == stack.Accept { // what is left of it has no SA any more
				return stack.Drop
			}
			return v
		}
	}
	return stack.Stolen
}

// protectOne protects one packet, or one fragment, of size bytes and sends it.
func (e *Engine) protectOne(t *TunnelState, pr *pair, outer *stack.Packet, size int, ev Event) stack.Verdict {
	ev.Kind, ev.Length = Outbound, size
	e.h.Emit(ev)
	if !e.spend(pr, pr.out, size) {
		return stack.Accept
	}
	for i, sa := range slices.Backward(pr.out) {
		e.wrap(sa, outer, ev, i > 0)
	}
	e.moved(pr.out)
	if err := e.h.SendIP(outer); err != nil {
		why := EncryptionFailed
		if errors.Is(err, stack.ErrTooBig) {
			why = TooLong
		}
		e.dropped(t, why, false, ev)
		return stack.Drop
	}
	for _, s := range []*Stats{&e.Stats, &t.Stats} {
		s.SentPackets++
		s.SentBytes += uint64(size)
	}
	return stack.Stolen
}

// wrap puts the payload of the outer packet into one protocol; more says that
// another goes around it.
func (e *Engine) wrap(sa *SA, outer *stack.Packet, ev Event, more bool) {
	pr := sa.pair
	sa.seq++
	ev.Sequence, ev.More = sa.seq, more
	if sa.Proto == ProtoAH {
		if ev.SA != sa {
			ev.Kind, ev.SA, ev.SPI = NextSA, sa, sa.SPI
			e.h.Emit(ev)
		}
		outer.ID = e.h.NextID()
		sa.auth.sign(outer, sa.SPI, uint32(sa.seq), pr.Transform.high(nil, sa.seq))
		ev.Kind = Authenticated
		e.h.Emit(ev)
		return
	}
	iv := e.h.Stream("ipsec iv").Bytes(pr.Transform.IVLen())
	outer.Payload = sa.suite.seal(nil, sa.SPI, sa.seq, iv, outer.Payload, outer.Proto)
	outer.Proto = ProtoESP
	if pr.Encapsulated() {
		outer.Proto, outer.Payload = protoUDP, encapsulate(pr.LocalPort, pr.RemotePort, outer.Payload)
	}
	ev.Kind = Encrypted
	e.h.Emit(ev)
}

// outerDF is the don't-fragment bit of the outer header. In transport mode the
// header is the packet's own.
func (e *Engine) outerDF(t *TunnelState, p *stack.Packet) bool {
	if t.Mode == Transport {
		return p.DF
	}
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
		r, ok := acl.Match(f.Reverse(), false)
		if ok && !r.Permit {
			return stack.Accept
		}
		if !ok || len(e.transforms(x)) == 0 || x.Manual != nil && e.manualTunnel(pol, x) == nil {
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
func (e *Engine) ESP(p *stack.Packet) { e.receive(p, 0) }

// AH takes a packet of protocol 51 for this host, RFC 4302 section 3.4.
func (e *Engine) AH(p *stack.Packet) { e.receive(p, 0) }

// UDP takes ESP that came in a datagram from a port, RFC 3948 section 2.1; p is
// the packet around it.
func (e *Engine) UDP(p *stack.Packet, from uint16, esp []byte) {
	inside := *p
	inside.Proto, inside.Payload = ProtoESP, esp
	e.receive(&inside, from)
}

// headOf reads SPI and sequence number of an IPsec payload.
func headOf(proto uint8, b []byte) (spi, seq uint32, ok bool) {
	if proto == ProtoAH {
		b = b[min(4, len(b)):]
	}
	if len(b) < espHeaderLen {
		return 0, 0, false
	}
	return binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), true
}

// receive takes a packet of ESP or AH; port is that of the datagram it came
// in, 0 for none.
func (e *Engine) receive(p *stack.Packet, port uint16) {
	ev := Event{Kind: Inbound, Src: p.Src, Dst: p.Dst, Inbound: true, Proto: p.Proto, Length: ipHeaderLen + len(p.Payload)}
	spi, low, ok := headOf(p.Proto, p.Payload)
	if !ok {
		e.dropped(nil, WrongLength, true, ev)
		return
	}
	ev.SPI, ev.Sequence = spi, uint64(low)
	e.h.Emit(ev)
	first := e.inbound[spiKey{p.Proto, ev.SPI}]
	if first == nil || first.pair.Local != p.Dst {
		e.unknownSPI(p, ev)
		return
	}
	pr := first.pair
	t := pr.tunnel
	ev.Kind, ev.SA, ev.Tunnel, ev.Policy, ev.Seq = SAFound, first, t.ID, t.Policy, t.Seq
	e.h.Emit(ev)
	switch {
	case p.Src != t.Remote:
		e.dropped(t, AddressMismatch, true, ev)
		return
	case first != pr.in[0]: // ESP without the AH that must be around it
		e.dropped(t, ModeMismatch, true, ev)
		return
	}
	payload, next := p.Payload, p.Proto
	for i, sa := range pr.in {
		var why Reason
		if payload, next, why = e.unwrap(sa, p, payload, next, &ev, i+1 < len(pr.in)); why != 0 {
			e.dropped(t, why, true, ev)
			return
		}
		if port != 0 && pr.Encapsulated() {
			pr.RemotePort = port // the NAT may have given it a new one
		}
	}
	e.moved(pr.in)
	inner, why := e.innerOf(t, pr.Original, p, payload, next)
	if why != 0 {
		e.dropped(t, why, true, ev)
		return
	}
	size := len(payload)
	if t.Mode == Transport {
		size += ipHeaderLen
	}
	if !e.spend(pr, pr.in, size) {
		e.dropped(nil, NoAvailableSA, true, ev)
		return
	}
	if inner != nil {
		ev.Kind, ev.Flow = Decrypted, flowIn(inner)
		e.h.Emit(ev)
		if e.DecryptCheck && !e.carries(t, ev.Flow.Reverse()) {
			e.dropped(t, ACLCheck, true, ev)
			return
		}
	}
	t.lastIn = e.h.Now()
	for _, s := range []*Stats{&e.Stats, &t.Stats} {
		s.ReceivedPackets++
		s.ReceivedBytes += uint64(size)
	}
	if inner != nil {
		e.inject(t, inner)
	}
}

// unwrap takes one protocol off: what is wrong with it, or what it protected;
// more says that another protocol must be inside.
func (e *Engine) unwrap(sa *SA, p *stack.Packet, b []byte, proto uint8, ev *Event, more bool) (payload []byte, next uint8, why Reason) {
	if ev.SA != sa {
		spi, seq, ok := headOf(proto, b)
		switch {
		case proto != sa.Proto:
			return nil, 0, ModeMismatch
		case !ok:
			return nil, 0, WrongLength
		case spi != sa.SPI:
			return nil, 0, InvalidSPI
		}
		ev.Kind, ev.SA, ev.SPI, ev.Sequence = NextSA, sa, spi, uint64(seq)
		e.h.Emit(*ev)
	}
	t := sa.pair.Transform
	if t.ESN {
		ev.Sequence = sa.window.whole(uint32(ev.Sequence))
	}
	if !sa.window.fresh(ev.Sequence) {
		return nil, 0, Replayed
	}
	if sa.Proto == ProtoAH {
		var h AH
		if h.UnmarshalBinary(b) != nil {
			return nil, 0, WrongLength
		}
		if err := sa.auth.verify(p, &h, t.high(nil, ev.Sequence)); err != nil {
			return nil, 0, reasonOf(err)
		}
		sa.window.mark(ev.Sequence)
		ev.Kind, ev.More = Authenticated, more
		e.h.Emit(*ev)
		return h.Payload, h.Next, 0
	}
	esp, err := readESP(b)
	if err != nil {
		return nil, 0, WrongLength
	}
	if err := sa.suite.verify(&esp, ev.Sequence); err != nil {
		return nil, 0, reasonOf(err)
	}
	sa.window.mark(ev.Sequence)
	if payload, next, err = sa.suite.open(nil, &esp); err != nil {
		return nil, 0, DecryptionFailed
	}
	return payload, next, 0
}

// reasonOf is why a packet whose verification failed is dropped.
func reasonOf(err error) Reason {
	if errors.Is(err, errLength) {
		return WrongLength
	}
	return AuthenticationFailed
}

// innerOf is the packet that was protected, or the reason why there is none.
// original are the ends as its sender knows them, zero for those of the packet.
// It is nil while other fragments of it are missing.
func (e *Engine) innerOf(t *TunnelState, original Ends, outer *stack.Packet, payload []byte, next uint8) (*stack.Packet, Reason) {
	switch {
	case next == nextDummy:
		return nil, DummyPacket
	case next == nextIPv4 && t.Mode == Tunnel:
		inner, err := e.h.Reassemble(outer.In, t.Serial, payload)
		if err != nil {
			return nil, WrongLength
		}
		if inner != nil {
			inner.Decrypted = true
		}
		return inner, 0
	case t.Mode == Transport:
		original.mend(next, payload, outer.Src, outer.Dst)
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
	k := invalidKey{p.Dst, p.Proto, ev.SPI}
	if e.invalid[k] != nil || len(e.invalid) >= invalidSPITable {
		return
	}
	e.invalid[k] = e.h.After(invalidSPIAge, func() { delete(e.invalid, k) })
	ev.Kind = InvalidSPISent
	e.h.Emit(ev)
	local, remote := p.Dst, p.Src
	e.toIKE(func() { e.h.InvalidSPI(local, remote, ev.Proto, ev.SPI) })
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
