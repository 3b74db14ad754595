package ike

import (
	"crypto/cipher"
	"crypto/x509"
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/sim"
)

// An SA is an IKE SA, established or being negotiated. Its exported fields
// are for reading.
type SA struct {
	Conn             uint32
	Initiator        bool
	State            State
	Local, Remote    netip.AddrPort
	ICookie, RCookie isakmp.Cookie
	Exchange         isakmp.ExchangeType // Main or Aggressive
	Profile          string              // "" when none is matched
	LocalID          *isakmp.ID
	RemoteID         *isakmp.ID
	Proposal         Proposal // agreed, its lifetime the shorter of both
	Established      time.Time
	Replaced         bool // a newer SA does its work until this one ends
	Fading           bool // close to the end of its lifetime
	Rekeying         bool // its successor is being negotiated
	NAT, PeerNAT     bool
	Standby          bool // a copy: another device has the local address

	engine    *Engine
	offered   []Proposal
	profile   *Profile
	psk       []byte
	sai       []byte              // body of the initiator's SA payload
	peerID    []byte              // body of the peer's ID payload
	issuers   [][]byte            // authorities that the peer asks for
	certs     []*x509.Certificate // what the peer sent, its own first
	secret    []byte              // private value
	gxi, gxr  []byte
	ni, nr    []byte
	keys      secrets
	cipher    cipher.Block
	iv        []byte // phase 1; afterwards its last ciphertext block
	out       outbox
	rumour    bool // an error in clear came in this state: see clearInfo
	quicks    []*quick
	rekeys    *SA          // the SA that this one renews
	ancestors []uint32     // connection IDs whose pairs this SA watches over
	invalid   []unknownSPI // SPIs to report once established
	soft      *sim.Timer
	hard      *sim.Timer
	nat       *sim.Timer // NAT keepalives
	alive     keepalive
	slack     time.Duration
	peerDPD   bool
	dpd       dpd
}

// An outbox keeps the last message of an exchange for repetition.
type outbox struct {
	sent     []byte // our last message
	got      []byte // the peer's that it answers
	tries    int
	repeated int
	timer    *sim.Timer
}

func (s *SA) emit(v Event) {
	v.Local, v.Remote, v.Conn = s.Local, s.Remote, s.Conn
	s.engine.emit(v)
}

// Remaining is what is left of the lifetime.
func (s *SA) Remaining() time.Duration {
	if s.State != Established {
		return 0
	}
	return max(0, s.Established.Add(s.engine.lifetime(s.Proposal.Seconds)).Sub(s.engine.host.Now()))
}

func (e *Engine) newSA(local, remote netip.AddrPort, initiator bool) *SA {
	half, up := 0, 0
	for _, s := range e.sas {
		switch {
		case s.State != Established:
			half++
		case !s.Replaced && (s.Local.Addr() != local.Addr() || s.Remote.Addr() != remote.Addr()):
			up++ // what the new one is to replace does not count
		}
	}
	refused := ""
	switch c := e.Config; {
	case e.crowded() || !initiator && half >= maxHalfOpen:
		refused = "negotiating"
	case c.MaxSA > 0 && up >= c.MaxSA:
		refused = "established"
	}
	if refused != "" {
		e.emit(Event{Kind: Limit, Local: local, Remote: remote, Name: refused})
		return nil
	}
	e.conns++
	s := &SA{engine: e, Conn: e.conns, Initiator: initiator, Local: local, Remote: remote}
	e.sas = append(e.sas, s)
	return s
}

// crowded says whether as many SAs of both phases are being negotiated as are
// allowed at a time.
func (e *Engine) crowded() bool {
	limit := e.Config.MaxNegotiating
	if limit == 0 {
		return false
	}
	n := 0
	for _, s := range e.sas {
		if s.State != Established {
			n++
			continue
		}
		for _, q := range s.quicks {
			if q.state != Established && (q.begun || !q.initiator) {
				n++
			}
		}
	}
	return n >= limit
}

// cookie draws a cookie that is not zero.
func (e *Engine) cookie() isakmp.Cookie {
	for {
		if c := isakmp.Cookie(e.host.Stream("ike cookie").Bytes(8)); !c.IsZero() {
			return c
		}
	}
}

// initiate makes an SA as initiator, with what its first message needs, but
// sends nothing yet: see sendProposals. It is nil when the configuration
// does not allow it.
func (e *Engine) initiate(local, remote netip.AddrPort, profile string, rekeys *SA) *SA {
	at := func(v Event) {
		v.Local, v.Remote = local, remote
		e.emit(v)
	}
	var p *Profile
	if profile != "" {
		if p = e.Config.Profile(profile); p == nil {
			at(Event{Kind: ProfileMissing, Name: profile})
			at(Event{Kind: Negotiation, Phase: 1, Cause: CauseProfile})
			return nil
		}
		at(Event{Kind: ProfileTaken, Name: p.Name})
	}
	s := e.newSA(local, remote, true)
	if s == nil {
		return nil
	}
	s.profile, s.rekeys = p, rekeys
	s.Exchange = isakmp.ExchangeMain
	if p != nil {
		s.Profile = p.Name
		if p.Aggressive {
			s.Exchange = isakmp.ExchangeAggressive
		}
	}
	s.ICookie = e.cookie()
	s.emit(Event{Kind: Created, Initiator: true})
	s.emit(Event{Kind: StateSet, Phase: 1, To: Init})
	return s
}

// respond makes an SA as responder for the first message of phase 1.
func (e *Engine) respond(in *inbound) *SA {
	e.emit(Event{Kind: NewResponder, Local: in.local, Remote: in.remote})
	s := e.newSA(in.local, in.remote, false)
	if s == nil {
		return nil
	}
	s.ICookie, s.Exchange = in.header.Initiator, in.header.Exchange
	s.RCookie = e.cookie()
	s.emit(Event{Kind: Created})
	s.emit(Event{Kind: StateSet, Phase: 1, To: Init})
	s.emit(Event{Kind: RoleChosen, Phase: 1})
	s.emit(Event{Kind: Begin, Phase: 1, Header: isakmp.Header{Exchange: s.Exchange}})
	return s
}

// become enters a state: its event, its timer and what it brings with it.
func (s *SA) become(to State, t timing) {
	from := s.State
	s.State, s.rumour = to, false
	s.emit(Event{Kind: StateChanged, Phase: 1, From: from, To: to})
	s.out.timer.Stop()
	s.out.timer, s.out.tries, s.out.repeated = nil, 0, 0
	switch t {
	case retransmit:
		s.out.timer = s.engine.host.After(retransmitAfter, s.again)
	case expire:
		s.out.timer = s.engine.host.After(giveUpAfter, s.timeout)
	default:
	}
	if to == Established {
		s.established()
	}
}

func (s *SA) again() {
	if s.rumour || s.out.tries == retransmissions {
		s.timeout()
		return
	}
	s.out.tries++
	s.emit(Event{Kind: Retransmit, Phase: 1})
	s.transmit(s.out.sent)
	s.out.timer = s.engine.host.After(retransmitAfter, s.again)
}

// timeout ends a phase 1 that does not go on.
func (s *SA) timeout() {
	if s.rumour {
		s.emit(Event{Kind: DeletedByNotify})
		s.fail(CauseNotified)
		return
	}
	s.engine.Stats.Timeout++
	s.emit(Event{Kind: RetransmitTimeout, Phase: 1})
	s.fail(CauseTimeout)
}

// fail ends a negotiation of phase 1 and everything that waits for it.
func (s *SA) fail(c Cause) {
	s.emit(Event{Kind: Negotiation, Phase: 1, Cause: c, Initiator: s.Initiator})
	if old := s.rekeys; old != nil && slices.Contains(s.engine.sas, old) {
		old.Rekeying = false
		old.soft = s.engine.host.After(rekeyAgain, old.softExpire)
	}
	s.remove(c)
}

// halt stops all timers of the SA.
func (s *SA) halt() {
	for _, t := range []*sim.Timer{s.out.timer, s.soft, s.hard, s.nat, s.dpd.timer, s.alive.send, s.alive.expect} {
		t.Stop()
	}
	for _, q := range s.quicks {
		q.out.timer.Stop()
		q.gone = true
	}
}

// remove takes the SA out of the engine.
func (s *SA) remove(c Cause) {
	s.halt()
	e := s.engine
	for i, t := range e.sas {
		if t == s {
			e.sas = append(e.sas[:i:i], e.sas[i+1:]...)
			break
		}
	}
	s.emit(Event{Kind: Deleted, Cause: c})
	s.changed(true)
	for _, q := range s.quicks {
		if q.state != Established {
			s.emit(Event{Kind: Negotiation, Phase: 2, Cause: c})
			if q.initiator {
				e.failed(q.req, c)
			}
		}
	}
	s.quicks = nil
}

// end removes the SA, after a word to the peer if tell is set and there is a
// protected channel for it.
func (s *SA) end(c Cause, tell bool) {
	if tell && s.State == Established {
		s.sendInfo(&isakmp.Delete{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoISAKMP, SPISize: 16,
			SPIs: [][]byte{append(append([]byte(nil), s.ICookie[:]...), s.RCookie[:]...)}})
	}
	if s.dpd.added {
		s.dpd.added = false
		s.emit(Event{Kind: DPDRemoved})
	}
	s.remove(c)
}

// deletePairs removes all IPsec SAs that this SA and those it replaced have
// negotiated.
func (s *SA) deletePairs() {
	s.emit(Event{Kind: PairsDeleted})
	for _, conn := range append(s.ancestors, s.Conn) {
		s.engine.host.DeletePairs(s.Local.Addr(), s.Remote.Addr(), conn)
	}
}

// established is what entering Established brings.
func (s *SA) established() {
	e, h := s.engine, s.engine.host
	s.Established = h.Now()
	s.slack = h.Stream("ike slack").Duration(0, maxSlack)
	for _, o := range e.sas {
		if o != s && o.State == Established && !o.Replaced && o.Local.Addr() == s.Local.Addr() && o.Remote.Addr() == s.Remote.Addr() && o.Profile == s.Profile {
			o.Replaced, o.Rekeying = true, false
			o.stopDPD()
			o.stopKeepalive()
			o.changed(false)
			s.ancestors = append(append(s.ancestors, o.ancestors...), o.Conn)
		}
	}
	s.soft = h.After(s.softAge(), s.softExpire)
	s.hard = h.After(e.lifetime(s.Proposal.Seconds), s.hardExpire)
	s.armDPD(false)
	s.armKeepalive()
	s.changed(false)
	s.keepNAT()
	for _, u := range s.invalid {
		s.notifyInvalidSPI(u)
	}
	s.invalid = nil
	for _, q := range append([]*quick(nil), s.quicks...) {
		s.begin(q)
	}
}

// softAge is when an SA is renewed. The initiator is first, so that both do
// not begin at once.
func (s *SA) softAge() time.Duration {
	life := s.engine.lifetime(s.Proposal.Seconds)
	if s.Initiator {
		return life - life/10
	}
	return life - life/20
}

func (s *SA) softExpire() {
	if s.Replaced {
		return
	}
	s.Fading, s.Rekeying = true, true
	s.emit(Event{Kind: SAPreparing})
	if n := s.engine.initiate(s.Local, s.Remote, s.Profile, s); n != nil {
		n.sendProposals()
		return
	}
	s.Rekeying = false
}

func (s *SA) hardExpire() {
	s.emit(Event{Kind: SAExpired})
	s.end(CauseExpired, !s.Standby)
}

// send encodes payloads into a message of phase 1 and sends it.
func (s *SA) send(in *inbound, encrypted bool, ps ...isakmp.Payload) {
	m := isakmp.Message{Header: isakmp.Header{Initiator: s.ICookie, Responder: s.RCookie, Version: isakmp.Version1, Exchange: s.Exchange}, Payloads: ps}
	if encrypted {
		s.iv = s.seal(&m, s.iv)
	}
	s.out.sent = encode(&m)
	s.out.got = nil
	if in != nil {
		s.out.got = in.raw
	}
	s.transmit(s.out.sent)
}

// seal encrypts the payloads of m and returns the last ciphertext block.
func (s *SA) seal(m *isakmp.Message, iv []byte) (next []byte) {
	plain, err := isakmp.AppendPayloads(nil, m.Payloads)
	if err != nil {
		panic(err) // all payloads are built here
	}
	s.emit(Event{Kind: Encrypting})
	s.emit(Event{Kind: EncryptIV, Data: iv})
	m.Next, m.Flags = isakmp.First(m.Payloads), isakmp.FlagEncryption
	m.Ciphertext, next = encrypt(s.cipher, iv, plain)
	s.emit(Event{Kind: EncryptedIV, Data: next})
	return next
}

func encode(m *isakmp.Message) []byte {
	b, err := m.AppendBinary(nil)
	if err != nil {
		panic(err) // all payloads are built here
	}
	return b
}

// transmit gives a finished message to the network.
func (s *SA) transmit(b []byte) {
	var h isakmp.Header
	if err := h.UnmarshalBinary(b); err != nil {
		panic(err) // it has just been encoded
	}
	s.emit(Event{Kind: PacketTo})
	s.emit(Event{Kind: Header, Header: h})
	if s.Local.Port() == PortNATT {
		b = append(append([]byte(nil), marker...), b...)
	}
	if err := s.engine.host.Send(s.Local, s.Remote, b); err != nil {
		s.emit(Event{Kind: SendFailed, Err: err})
		return
	}
	s.emit(Event{Kind: PacketSent})
}
