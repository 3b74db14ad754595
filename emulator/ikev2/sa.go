package ikev2

import (
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/sim"
)

// State is that of an IKE SA.
type State int

const (
	Negotiating State = iota + 1
	Ready
	Closing // the peer has been told and has not answered
)

// An SA is an IKE SA, established or being negotiated. Its exported fields are
// for reading.
type SA struct {
	Tunnel        uint32
	Initiator     bool
	State         State
	Local, Remote netip.AddrPort
	SPIi, SPIr    wire.SPI
	Profile       string // "" while none is found
	LocalID       *wire.ID
	RemoteID      *wire.ID
	LocalAuth     uint8 // method that we proved ourselves by
	RemoteAuth    uint8 // and the peer
	Suite         Suite // agreed on
	Established   time.Time
	NAT, PeerNAT  bool
	DPD           *ike.DPD // what the SA is watched with, nil for nothing
	// Message IDs of the next requests, ours and the peer's.
	NextOut, NextIn uint32

	engine   *Engine
	issuers  [][]byte // authorities of ours that the peer asks for
	profile  *Profile
	peer     *Peer
	offer    []*Proposal
	group    int // that the first message guesses
	cookie   []byte
	redone   int
	secret   []byte // private value
	ni, nr   []byte
	first    []byte // our IKE_SA_INIT message
	theirs   []byte // and the peer's
	keys     secrets
	pending  *request
	queue    []*request
	answer   []byte          // to the last request of the peer
	waiting  []ipsec.Request // for the SA
	open     []*childOffer   // without an answer
	children []*child
	closing  []*child  // the peer has been told and has not answered
	heard    time.Time // last sign of life
	renewal  *SA       // that we ask for in place of this one
	rival    *SA       // that the peer has asked for meanwhile
	replaced bool      // another has taken over, and this one is to be deleted

	expiry, soft, dpd, nat *sim.Timer
}

// A child is a pair of IPsec SAs: what we receive and send with.
type child struct {
	proto    wire.Protocol
	in, out  uint32
	replaced bool // the peer has another in its place and is to delete it
}

// A task is what a request is for: what one end does makes the other wait, RFC
// 7296 section 2.25.
type task int

const (
	other task = iota
	makeChild
	dropChild
	renewSA
)

// A request is a message that waits for its answer, or for its turn.
type request struct {
	exchange wire.ExchangeType
	task     task
	drops    []*child              // of dropChild
	build    func() []wire.Payload // none for a request that has become pointless
	reply    func(in *inbound)
	every    time.Duration // between repetitions, 0 for waits that grow
	tries    int           // repetitions
	lost     func()        // when none is answered, nil for the end of the SA

	raw   []byte
	sent  int
	timer *sim.Timer
}

func (e *Engine) newSA(local, remote netip.AddrPort, initiator bool) *SA {
	e.tunnels++
	s := &SA{engine: e, Tunnel: e.tunnels, Initiator: initiator, State: Negotiating, Local: local, Remote: remote}
	e.sas = append(e.sas, s)
	e.event(Event{Kind: Began, SA: s})
	return s
}

// Remaining is what is left of the lifetime.
func (s *SA) Remaining() time.Duration {
	if s.State == Negotiating {
		return 0
	}
	return max(0, s.Established.Add(s.life()).Sub(s.engine.host.Now()))
}

// Life is the lifetime in seconds.
func (s *SA) Life() uint32 { return uint32(s.life() / time.Second) }

func (s *SA) life() time.Duration {
	if s.profile == nil || s.profile.Seconds == 0 {
		return DefaultSeconds * time.Second
	}
	return time.Duration(s.profile.Seconds) * time.Second
}

func (s *SA) gone() bool { return !slices.Contains(s.engine.sas, s) }

// ask sends a request when its turn has come: one at a time, RFC 7296 section
// 2.3.
func (s *SA) ask(r *request) {
	s.queue = append(s.queue, r)
	s.next()
}

// next begins requests that wait as long as none is under way.
func (s *SA) next() {
	for s.pending == nil && len(s.queue) > 0 && !s.gone() {
		r := s.queue[0]
		s.queue = s.queue[1:]
		if ps := r.build(); ps != nil {
			r.raw = s.sealed(r.exchange, 0, s.NextOut, ps)
			s.begin(r)
		}
	}
}

func (s *SA) begin(r *request) {
	s.pending = r
	if r.tries == 0 {
		r.tries = retransmissions
	}
	s.transmit(r.raw)
	s.arm(r)
}

func (s *SA) arm(r *request) {
	wait := r.every
	if wait == 0 {
		wait = retransmitAfter << r.sent
	}
	r.timer = s.engine.host.After(wait, func() {
		if r.sent < r.tries {
			r.sent++
			s.engine.event(Event{Kind: Repeated, SA: s, Header: s.header(r.exchange, 0, s.NextOut)})
			s.transmit(r.raw)
			s.arm(r)
			return
		}
		s.engine.Stats.Timeout++
		if r.lost != nil {
			r.lost()
		}
		s.remove(CauseTimeout)
	})
}

// answered takes the response that belongs to the request under way.
func (s *SA) answered(in *inbound) bool {
	r := s.pending
	if r == nil || in.MessageID != s.NextOut || in.Exchange != r.exchange {
		s.engine.count(wire.InvalidMessageID)
		s.engine.discard(in, CauseMessageID)
		return false
	}
	r.timer.Stop()
	s.pending = nil
	s.NextOut++
	return true
}

// own and other are the keys of what we and what the peer encrypts.
func (s *SA) own() (encr, integ []byte) {
	if s.Initiator {
		return s.keys.ei, s.keys.ai
	}
	return s.keys.er, s.keys.ar
}

func (s *SA) other() (encr, integ []byte) {
	if s.Initiator {
		return s.keys.er, s.keys.ar
	}
	return s.keys.ei, s.keys.ai
}

func (s *SA) header(x wire.ExchangeType, flags wire.Flags, id uint32) wire.Header {
	if s.Initiator {
		flags |= wire.FlagInitiator
	}
	return wire.Header{Initiator: s.SPIi, Responder: s.SPIr, Version: wire.Version2, Exchange: x, Flags: flags, MessageID: id}
}

func (s *SA) sealed(x wire.ExchangeType, flags wire.Flags, id uint32, ps []wire.Payload) []byte {
	encr, integ := s.own()
	iv := s.engine.host.Stream("ikev2 iv").Bytes(s.Suite.Encr.ivLen())
	h := s.header(x, flags, id)
	b, err := s.Suite.seal(h, encr, integ, iv, ps)
	if err != nil {
		panic(err) // all payloads are built here
	}
	s.engine.event(Event{Kind: Sent, SA: s, Header: h, Payloads: ps})
	return b
}

func (s *SA) transmit(b []byte) { s.engine.send(s.Local, s.Remote, b) }

func (e *Engine) send(local, remote netip.AddrPort, b []byte) {
	if local.Port() == ike.PortNATT {
		b = slices.Concat(marker, b)
	}
	_ = e.host.Send(local, remote, b) // as good as lost: the request is repeated
}

// receive handles a message that is protected by the SA.
func (s *SA) receive(in *inbound) {
	p, ok := wire.Find[*wire.Encrypted](in.payloads)
	if !ok || s.keys.d == nil {
		s.receiveClear(in)
		return
	}
	e := s.engine
	encr, integ := s.other()
	plain, err := s.Suite.open(in.raw, p, encr, integ)
	if err != nil {
		e.count(wire.InvalidSyntax)
		e.discard(in, CauseIntegrity)
		return
	}
	if in.payloads, err = wire.ParsePayloads(p.First, plain); err != nil {
		s.malformed(in)
		return
	}
	e.event(Event{Kind: Received, SA: s, Local: in.local, Remote: in.remote, Header: in.Header, Payloads: in.payloads})
	s.heard = e.host.Now()
	if s.NAT || s.PeerNAT { // RFC 7296 section 2.23: follow a NAT that gives new ports
		s.Local, s.Remote = in.local, in.remote
	}
	if in.response() {
		r := s.pending
		if s.answered(in) {
			r.reply(in)
			s.next()
		}
		return
	}
	switch {
	case in.MessageID == s.NextIn:
		s.serve(in)
	case in.MessageID+1 == s.NextIn && s.answer != nil:
		e.event(Event{Kind: Repeated, SA: s, Header: s.header(in.Exchange, wire.FlagResponse, in.MessageID)})
		s.transmit(s.answer)
	default:
		e.count(wire.InvalidMessageID)
		e.discard(in, CauseMessageID)
	}
}

// receiveClear is a message that should be encrypted. What it says may be forged
// (RFC 7296 section 2.21.4): a failure is counted and changes nothing.
func (s *SA) receiveClear(in *inbound) {
	e := s.engine
	if r := refusal(in.payloads); r != nil && in.response() {
		e.refused(s, r.Notify, true)
		return
	}
	e.count(wire.InvalidSyntax)
	e.discard(in, CauseSyntax)
}

// malformed is a message that the peer has encrypted and that cannot be read:
// its request is refused, and an SA that is not established ends (section
// 2.21.2).
func (s *SA) malformed(in *inbound) {
	e := s.engine
	e.discard(in, CauseSyntax)
	if in.response() || in.MessageID != s.NextIn {
		e.count(wire.InvalidSyntax)
		return
	}
	s.NextIn++
	s.answer = s.sealed(in.Exchange, wire.FlagResponse, in.MessageID, e.refuse(s, wire.InvalidSyntax, nil))
	s.transmit(s.answer)
	if s.State == Negotiating {
		s.remove(CauseSyntax)
	}
}

// serve answers a request of the peer.
func (s *SA) serve(in *inbound) {
	s.NextIn++
	var ps []wire.Payload
	var then func() // once the answer is out
	critical := critical(in.payloads)
	switch {
	case critical != nil:
		s.engine.refused(s, wire.UnsupportedCriticalPayload, false)
		ps = []wire.Payload{critical}
		if s.State == Negotiating { // RFC 7296 section 2.21.2
			then = func() { s.remove(CauseSyntax) }
		}
	case in.Exchange == wire.Auth && s.State == Negotiating && !s.Initiator:
		ps, then = s.gotAuth(in)
	case in.Exchange == wire.CreateChild && s.State != Negotiating:
		ps, then = s.gotCreateChild(in)
	case in.Exchange == wire.Informational && s.State != Negotiating:
		ps, then = s.gotInformational(in)
	default:
		ps = s.engine.refuse(s, wire.InvalidSyntax, nil)
	}
	s.answer = s.sealed(in.Exchange, wire.FlagResponse, in.MessageID, ps)
	s.transmit(s.answer)
	if then != nil {
		then()
	}
	s.next()
}

// critical is the notification for a payload that cannot be passed over, RFC
// 7296 section 2.5.
func critical(ps []wire.Payload) wire.Payload {
	for _, p := range ps {
		if r, ok := p.(*wire.Raw); ok && r.Critical {
			return &wire.Notification{Notify: wire.UnsupportedCriticalPayload, Data: []byte{byte(r.Kind)}}
		}
	}
	return nil
}

func notify(n wire.NotifyType, data []byte) []wire.Payload {
	return []wire.Payload{&wire.Notification{Notify: n, Data: data}}
}

// refusal is the first notification that reports a failure, nil for none.
func refusal(ps []wire.Payload) *wire.Notification {
	for _, p := range ps {
		if n, ok := p.(*wire.Notification); ok && n.Notify.Error() {
			return n
		}
	}
	return nil
}

// tell sends an INFORMATIONAL request whose answer says nothing.
func (s *SA) tell(ps ...wire.Payload) {
	s.ask(&request{exchange: wire.Informational, build: func() []wire.Payload { return ps }, reply: func(*inbound) {}})
}

// doing says whether a request for a task is on its way.
func (s *SA) doing(t task) bool { return s.pending != nil && s.pending.task == t }

// deleteChildren tells the peer that child SAs of one protocol are gone.
func (s *SA) deleteChildren(cs ...*child) {
	for _, c := range cs {
		s.drop(c)
	}
	s.tellDeleted(cs)
}

func (s *SA) tellDeleted(cs []*child) {
	del := &wire.Delete{Protocol: cs[0].proto}
	for _, c := range cs {
		del.SPIs = append(del.SPIs, c.in)
	}
	s.closing = append(s.closing, cs...)
	s.ask(&request{exchange: wire.Informational, task: dropChild, drops: cs, build: func() []wire.Payload { return []wire.Payload{del} }, reply: func(*inbound) {
		s.closing = slices.DeleteFunc(s.closing, func(c *child) bool { return slices.Contains(cs, c) })
	}})
}

// ready is what entering Ready brings.
func (s *SA) ready() {
	e, h := s.engine, s.engine.host
	s.State, s.Established, s.heard = Ready, h.Now(), h.Now()
	s.expiry.Stop()
	life := s.life()
	// The initiator renews first, so that both do not begin at once.
	margin := life / 10
	if !s.Initiator {
		margin = life / 20
	}
	s.soft = h.After(life-margin, s.renew)
	s.expiry = h.After(life, func() { s.close(CauseExpired, false) })
	s.watch()
	s.keepNAT()
	e.event(Event{Kind: Established, SA: s})
	waiting := s.waiting
	s.waiting = nil
	for _, r := range waiting {
		e.Acquire(r)
	}
}

// halt stops all timers of the SA.
func (s *SA) halt() {
	for _, t := range []*sim.Timer{s.expiry, s.soft, s.dpd, s.nat} {
		t.Stop()
	}
	if s.pending != nil {
		s.pending.timer.Stop()
	}
}

// remove takes the SA out of the engine, with its child SAs.
func (s *SA) remove(c Cause) {
	if s.gone() {
		return
	}
	e := s.engine
	s.halt()
	e.sas = slices.DeleteFunc(e.sas, func(o *SA) bool { return o == s })
	for _, k := range s.children {
		e.Stats.DeletedWithSA++
		e.event(Event{Kind: ChildGone, SA: s, SPI: k.in, OutSPI: k.out})
		e.host.DeleteSPI(s.Remote.Addr(), k.out)
	}
	s.children = nil
	e.event(Event{Kind: Deleted, SA: s, Cause: c})
	lost := s.waiting
	for _, n := range s.open {
		lost = append(lost, n.req)
	}
	s.waiting, s.open = nil, nil
	for _, r := range lost {
		e.failed(r, c)
	}
}

func (s *SA) drop(c *child) {
	s.engine.event(Event{Kind: ChildGone, SA: s, SPI: c.in, OutSPI: c.out})
	s.children = slices.DeleteFunc(s.children, func(o *child) bool { return o == c })
}

// close deletes the SA after a word to the peer: at once, or when the peer has
// answered.
func (s *SA) close(c Cause, fast bool) {
	if s.State != Ready {
		s.remove(c)
		return
	}
	s.State = Closing
	s.soft.Stop()
	s.dpd.Stop()
	del := []wire.Payload{&wire.Delete{Protocol: wire.ProtoIKE}}
	if fast {
		s.transmit(s.sealed(wire.Informational, 0, s.NextOut, del))
		s.remove(c)
		return
	}
	s.ask(&request{exchange: wire.Informational, build: func() []wire.Payload { return del }, reply: func(*inbound) { s.remove(c) }})
}

// keepNAT sends a keepalive now and then so that the NAT in front of us does
// not forget us, RFC 3948 section 4.
func (s *SA) keepNAT() {
	n := s.engine.Config.NATKeepalive
	if s.profile != nil && s.profile.NATKeepalive > 0 {
		n = s.profile.NATKeepalive
	}
	if !s.NAT || n <= 0 {
		return
	}
	s.nat = s.engine.host.After(time.Duration(n)*time.Second, func() {
		_ = s.engine.host.Send(s.Local, s.Remote, []byte{0xff}) // nobody is told, as nobody is of a lost one
		s.keepNAT()
	})
}
