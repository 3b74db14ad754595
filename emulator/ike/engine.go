// Package ike is an IKE version 1 engine: main mode, aggressive mode, quick
// mode and the informational exchange of RFC 2409 with pre-shared keys or RSA
// signatures and certificates (package emulator/pki), the IPsec domain of RFC
// 2407, NAT detection of RFC 3947 and dead peer detection of RFC 3706. It knows
// no product, command or log text; what happens goes to its host as
// typed events.
//
// Behind a NAT the exchange moves to port 4500 and ESP into UDP (RFC 3947, RFC
// 3948).
//
// Another device can go on with an established SA under the same address: see
// Backup.
//
// An error notification in clear proves nothing: phase 1 outlives it where the
// exchange goes on (RFC 2408 section 5.14 leaves the reaction to the receiver).
//
// Limitations: certificates travel as X.509 for signatures, in no other
// encoding; no DSA signatures and no encryption with RSA; no new group mode. A
// lifetime of phase 1 in kilobytes is taken note of and does not end an SA. A
// half-open responder of main mode does not repeat its messages; it answers
// repetitions of the initiator's (RFC 2408 section 5.1 leaves that open). The
// bytes of keepalives are this model's: no document gives the product's.
package ike

import (
	"bytes"
	"errors"
	"hash/fnv"
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/modp"
	"cwlab/emulator/sim"
)

// Port is the UDP port of IKE.
const Port = 500

// Times of the engine. RFC 2408 section 5.1 leaves retransmission to the
// implementation.
const (
	retransmitAfter = 4 * time.Second
	retransmissions = 3
	giveUpAfter     = (retransmissions + 1) * retransmitAfter
	rekeyAgain      = time.Minute // after a renewal that failed
	dpdRetries      = 2
	maxSlack        = 500 * time.Millisecond
	workers         = 8
	maxAnswers      = 8   // repetitions of one answer
	maxHalfOpen     = 256 // responder negotiations at one time
	maxInvalid      = 64  // SPIs to report when an IKE SA is there
	nonceLen        = 16
)

// A Host is what the engine needs of the device it runs on.
type Host interface {
	Now() time.Time
	After(d time.Duration, f func()) *sim.Timer
	Stream(purpose string) *sim.Stream
	// Send gives a UDP payload to the network. It fails when local is not
	// an address of the device now.
	Send(local, remote netip.AddrPort, b []byte) error
	Emit(Event)

	// LarvalSPI reserves an inbound SPI.
	LarvalSPI(remote netip.Addr) uint32
	// PolicyFor says what a flow that a peer proposes, seen outbound, is to
	// be protected with.
	PolicyFor(local, remote netip.Addr, flow ipsec.Selector, profile string) (ipsec.Request, bool)
	AddPair(ipsec.Pair) error
	// DeletePairs removes the pairs that one IKE SA negotiated.
	DeletePairs(local, remote netip.Addr, ikeConn uint32)
	// DeleteSPI removes the pair whose outbound SPI the peer gave up.
	DeleteSPI(remote netip.Addr, outSPI uint32)
}

// Keys are what a decoder needs to read the encrypted part of an IKE SA, and
// the pre-shared key that they were derived with.
type Keys struct {
	Initiator isakmp.Cookie
	Cipher    []byte
	PSK       []byte
}

// Stats count failures, by notification type where there is one.
type Stats struct {
	Notify  [31]uint64 // indexed by NotifyType 1 to 30
	NoSA    uint64
	Timeout uint64
}

// An Engine speaks IKE for one device. It has no goroutine and no lock.
type Engine struct {
	Config Config
	Stats  Stats
	// OnKeys, if set, sees the keys of every phase 1 as soon as it has any,
	// also of one that fails later.
	OnKeys func(Keys)
	// OnSecret, if set, sees g^xy of every Diffie-Hellman exchange, as long
	// as the prime of its group.
	OnSecret func(gxy []byte)
	// OnFailed, if set, hears of every request of IPsec that came to nothing.
	OnFailed func(ipsec.Request, Cause)
	// OnSA, if set, hears of every established SA that is new, has changed in
	// what its Backup tells, or is gone.
	OnSA func(s *SA, gone bool)
	// LastUse says when protected packets last came from a peer and went to
	// it; without it DPD on demand never finds a reason.
	LastUse func(local, remote netip.Addr) (received, sent time.Time)
	// Flaws are mistakes to make.
	Flaws Flaws

	host    Host
	sas     []*SA // by connection ID
	conns   uint32
	threads [workers]uint32
	drawn   [workers]bool
	control uint32
	ctlSet  bool
	jobs    uint32
	stopped bool
	quiet   bool   // while Stop tears down
	known   *known // in tests that replay a capture, else nil
}

// New makes an engine without configuration.
func New(h Host) *Engine { return &Engine{host: h} }

// SAs is all IKE SAs, also unfinished ones, by connection ID.
func (e *Engine) SAs() []*SA { return e.sas }

// shared completes a Diffie-Hellman exchange.
func (e *Engine) shared(g *modp.Group, theirs, secret []byte) (gxy []byte, ok bool) {
	gxy, ok = g.Shared(theirs, secret)
	if e.known != nil {
		gxy = e.known.gxy
	}
	if ok && e.OnSecret != nil {
		e.OnSecret(gxy)
	}
	return gxy, ok
}

func (e *Engine) emit(ev Event) {
	if !e.quiet {
		e.host.Emit(ev)
	}
}

// A known is what a capture of others tells of one side, in place of what is
// drawn here: nobody can draw the private values that they had. Tests that
// replay captures set it.
type known struct{ public, gxy, nonce []byte }

// public is our public value of a group for a private one.
func (e *Engine) public(group int, secret []byte) []byte {
	if e.known != nil {
		return e.known.public
	}
	return modp.Find(group).Public(secret)
}

// job says which worker takes the next piece of work about an SA.
func (e *Engine) job(local, remote netip.AddrPort, conn uint32, c isakmp.Cookie) {
	h := fnv.New32a()
	h.Write(c[:])
	i := (h.Sum32() + e.jobs) % workers
	e.jobs++
	if !e.drawn[i] {
		e.threads[i], e.drawn[i] = e.host.Stream("ike thread").Uint32(), true
	}
	e.emit(Event{Kind: Job, Local: local, Remote: remote, Conn: conn, Number: uint64(e.threads[i])})
}

// ctl is a message on the control queue, which one worker serves.
func (s *SA) ctl() {
	e := s.engine
	if !e.ctlSet {
		e.control, e.ctlSet = e.host.Stream("ike thread").Uint32(), true
	}
	s.emit(Event{Kind: Control, Number: uint64(e.control)})
}

func (e *Engine) fromIPsec(local, remote netip.Addr, message uint64) {
	e.emit(Event{Kind: FromIPsec, Local: netip.AddrPortFrom(local, Port), Remote: netip.AddrPortFrom(remote, Port), Number: message})
}

// usable finds the newest established IKE SA between two addresses.
func (e *Engine) usable(local, remote netip.Addr) *SA {
	for i := len(e.sas) - 1; i >= 0; i-- {
		s := e.sas[i]
		if s.State == Established && !s.Replaced && !s.Standby && s.Local.Addr() == local && s.Remote.Addr() == remote {
			return s
		}
	}
	return nil
}

// negotiating finds an unfinished IKE SA that we began.
func (e *Engine) negotiating(local, remote netip.Addr) *SA {
	for _, s := range e.sas {
		if s.State != Established && s.Initiator && s.Local.Addr() == local && s.Remote.Addr() == remote {
			return s
		}
	}
	return nil
}

// Acquire is IPsec's request for a pair of SAs. Without an IKE SA it waits
// for the phase 1 that it begins.
func (e *Engine) Acquire(r ipsec.Request) {
	if e.stopped {
		return
	}
	e.fromIPsec(r.Local, r.Remote, MessageAcquire)
	e.acquire(r, Event{Kind: AcquireReceived})
}

// SoftExpire is IPsec's request to renew a pair.
func (e *Engine) SoftExpire(p ipsec.Pair) {
	if e.stopped {
		return
	}
	e.fromIPsec(p.Local, p.Remote, MessageExpire)
	e.acquire(p.Request, Event{})
}

func (e *Engine) acquire(r ipsec.Request, first Event) {
	local, remote := netip.AddrPortFrom(r.Local, Port), netip.AddrPortFrom(r.Remote, Port)
	ev := func(v Event) {
		v.Local, v.Remote = local, remote
		e.emit(v)
	}
	if first.Kind != 0 {
		ev(first)
	}
	if len(r.Transforms) == 0 || !r.Remote.IsValid() || !r.Local.IsValid() {
		ev(Event{Kind: PolicyIncomplete})
		e.failed(r, CausePolicy)
		return
	}
	for _, s := range e.sas {
		for _, q := range s.quicks {
			if q.initiator && q.state != Established && q.req.Flow == r.Flow && q.req.Local == r.Local && q.req.Remote == r.Remote {
				ev(Event{Kind: BeingNegotiated})
				return
			}
		}
	}
	q := &quick{engine: e, initiator: true, req: r}
	ev(Event{Kind: StateSet, Phase: 2, To: Init})
	if s := e.usable(r.Local, r.Remote); s != nil {
		s.adopt(q)
		s.begin(q)
		return
	}
	if s := e.negotiating(r.Local, r.Remote); s != nil {
		s.adopt(q)
		return
	}
	ev(Event{Kind: SAMissing})
	if s := e.initiate(local, remote, r.Profile, nil); s != nil {
		s.adopt(q)
		s.sendProposals()
		return
	}
	e.failed(r, CauseProfile)
}

func (e *Engine) failed(r ipsec.Request, c Cause) {
	if e.OnFailed != nil && !e.quiet {
		e.OnFailed(r, c)
	}
}

// InvalidSPI is IPsec's report of an ESP packet with an SPI that it does not
// know. The sender is told when there is an IKE SA to tell it with, or when
// the configuration allows to negotiate one for that.
func (e *Engine) InvalidSPI(local, remote netip.Addr, proto uint8, spi uint32) {
	if e.stopped {
		return
	}
	e.fromIPsec(local, remote, MessageInvalidSPI)
	if s := e.usable(local, remote); s != nil {
		s.notifyInvalidSPI(unknownSPI{proto, spi})
		return
	}
	l, r := netip.AddrPortFrom(local, Port), netip.AddrPortFrom(remote, Port)
	if !e.Config.InvalidSPIRecovery {
		e.emit(Event{Kind: InvalidSPINoSA, Local: l, Remote: r, Number: uint64(spi)})
		return
	}
	s := e.negotiating(local, remote)
	if s == nil {
		profile := ""
		if p := e.Config.matchAddr(local, remote); p != nil {
			profile = p.Name
		}
		e.emit(Event{Kind: SAMissing, Local: l, Remote: r})
		if s = e.initiate(l, r, profile, nil); s == nil {
			return
		}
		s.invalid = append(s.invalid, unknownSPI{proto, spi})
		s.sendProposals()
		return
	}
	if u := (unknownSPI{proto, spi}); len(s.invalid) < maxInvalid && !slices.Contains(s.invalid, u) {
		s.invalid = append(s.invalid, u)
	}
}

// RoleChanged is IPsec's word that the device took over, or gave up, a local
// address of a policy.
func (e *Engine) RoleChanged() {
	if !e.stopped {
		e.emit(Event{Kind: FromIPsec, Number: MessageRole})
	}
}

// DeleteNotify tells the peers that pairs are gone here.
func (e *Engine) DeleteNotify(pairs []ipsec.Pair) {
	if e.stopped {
		return
	}
	done := make([]bool, len(pairs))
	for i, p := range pairs {
		if done[i] {
			continue
		}
		e.fromIPsec(p.Local, p.Remote, MessageDelete)
		var esp, ah [][]byte
		for j := i; j < len(pairs); j++ {
			q := pairs[j]
			if done[j] || q.Local != p.Local || q.Remote != p.Remote {
				continue
			}
			done[j] = true
			if q.InSPI != 0 {
				esp = append(esp, u32(q.InSPI))
			}
			if q.InAH != 0 {
				ah = append(ah, u32(q.InAH))
			}
		}
		s := e.usable(p.Local, p.Remote)
		if s == nil {
			e.emit(Event{Kind: DeleteNoSA, Local: netip.AddrPortFrom(p.Local, Port), Remote: netip.AddrPortFrom(p.Remote, Port)})
			continue
		}
		s.emit(Event{Kind: DeleteBegun})
		if len(esp) > 0 {
			s.sendInfo(&isakmp.Delete{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoESP, SPISize: 4, SPIs: esp})
		}
		if len(ah) > 0 {
			s.sendInfo(&isakmp.Delete{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoAH, SPISize: 4, SPIs: ah})
		}
	}
}

// Reset deletes one IKE SA, or all when conn is 0, and tells the peers. It
// says whether there was any. The IPsec SAs stay.
func (e *Engine) Reset(conn uint32) bool {
	found := false
	for _, s := range append([]*SA(nil), e.sas...) {
		if conn == 0 || s.Conn == conn {
			found = true
			s.end(CauseReset, !s.Standby)
		}
	}
	return found
}

// Changed makes a change of Config effective for existing IKE SAs.
func (e *Engine) Changed() {
	for _, s := range e.sas {
		if s.State == Established {
			s.armDPD(true)
			s.armKeepalive()
		}
	}
}

// Stop forgets everything without a word to anyone, as a power failure does.
func (e *Engine) Stop() {
	e.quiet, e.stopped = true, true
	for _, s := range e.sas {
		s.halt()
	}
	e.sas = nil
}

// An inbound is a datagram on its way through the engine.
type inbound struct {
	local, remote netip.AddrPort
	header        isakmp.Header
	raw           []byte
	items         []isakmp.Item
	iv            []byte // that the next message of the exchange begins with
}

// rest is the bytes of all payloads after the first, padding left out.
func (in *inbound) rest() []byte {
	var b []byte
	for _, it := range in.items[1:] {
		b = append(b, it.Raw...)
	}
	return b
}

// Receive handles a UDP payload that came for local from remote.
func (e *Engine) Receive(local, remote netip.AddrPort, b []byte) {
	if e.stopped {
		return
	}
	at := func(v Event) {
		v.Local, v.Remote = local, remote
		e.emit(v)
	}
	if isKeepalive(b) {
		at(Event{Kind: NATKeepaliveIgnored})
		return
	}
	if local.Port() == PortNATT {
		b = bytes.TrimPrefix(b, marker)
	}
	in := &inbound{local: local, remote: remote, raw: append([]byte(nil), b...)}
	if err := in.header.UnmarshalBinary(b); err != nil {
		at(Event{Kind: PacketTooShort, Number: uint64(len(b)), Err: err})
		return
	}
	at(Event{Kind: PacketReceived})
	at(Event{Kind: PacketFrom})
	at(Event{Kind: Header, Header: in.header, Received: true})
	h := in.header
	refuse := isakmp.NotifyType(0)
	switch {
	case int64(h.Length) != int64(len(b)):
		refuse = isakmp.UnequalPayloadLengths
	case h.Version>>4 != 1:
		refuse = isakmp.InvalidMajorVersion
	case h.Initiator.IsZero():
		refuse = isakmp.InvalidCookie
	}
	if refuse != 0 {
		e.count(refuse)
		at(Event{Kind: PacketInvalid, Notify: refuse, Header: h})
		return
	}
	s := e.find(in)
	conn := uint32(0)
	if s != nil {
		conn = s.Conn
	}
	e.job(local, remote, conn, h.Initiator)
	switch h.Exchange {
	case isakmp.ExchangeMain, isakmp.ExchangeAggressive:
		e.receivePhase1(s, in)
	case isakmp.ExchangeQuick:
		e.receiveQuick(s, in)
	case isakmp.ExchangeInformational:
		e.receiveInfo(s, in)
	default:
		e.count(isakmp.UnsupportedExchangeType)
		at(Event{Kind: PacketInvalid, Notify: isakmp.UnsupportedExchangeType, Header: h})
	}
}

func (e *Engine) count(n isakmp.NotifyType) {
	if int(n) < len(e.Stats.Notify) {
		e.Stats.Notify[n]++
	}
}

// find is the SA that a packet belongs to, by its cookies and the peer.
func (e *Engine) find(in *inbound) *SA {
	for i := len(e.sas) - 1; i >= 0; i-- {
		s := e.sas[i]
		if s.ICookie != in.header.Initiator || s.Remote.Addr() != in.remote.Addr() {
			continue
		}
		if s.RCookie == in.header.Responder || s.RCookie.IsZero() || (in.header.Responder.IsZero() && !s.Initiator) {
			return s
		}
	}
	return nil
}

func (e *Engine) receivePhase1(s *SA, in *inbound) {
	h := in.header
	at := func(v Event) {
		v.Local, v.Remote = in.local, in.remote
		e.emit(v)
	}
	if h.MessageID != 0 {
		e.count(isakmp.InvalidMessageID)
		at(Event{Kind: PacketInvalid, Phase: 1, Notify: isakmp.InvalidMessageID, Header: h})
		return
	}
	if s == nil {
		switch {
		case !h.Responder.IsZero():
			e.count(isakmp.InvalidCookie)
			at(Event{Kind: PacketInvalid, Phase: 1, Notify: isakmp.InvalidCookie, Header: h})
			return
		case h.Flags&isakmp.FlagEncryption != 0:
			e.count(isakmp.InvalidFlags)
			at(Event{Kind: PacketInvalid, Phase: 1, Notify: isakmp.InvalidFlags, Header: h})
			return
		}
		if s = e.respond(in); s == nil {
			return
		}
	}
	if s.Exchange != h.Exchange {
		e.count(isakmp.InvalidExchangeType)
		at(Event{Kind: PacketInvalid, Phase: 1, Notify: isakmp.InvalidExchangeType, Header: h})
		return
	}
	s.receive(in)
}

// parse turns a packet into payloads, through decryption where it has to be.
func (s *SA) parse(in *inbound, iv []byte, phase int) error {
	body := in.raw[isakmp.HeaderLen:]
	if in.header.Flags&isakmp.FlagEncryption != 0 {
		s.emit(Event{Kind: Decrypting})
		plain, next, ok := decrypt(s.cipher, iv, body)
		if !ok {
			s.emit(Event{Kind: DecryptFailed})
			return errCiphertext
		}
		s.emit(Event{Kind: DecryptIV, Data: iv})
		s.emit(Event{Kind: RemoteIV, Data: next})
		body, in.iv = plain, next
	}
	items, rest, err := isakmp.ParsePayloads(in.header.Next, body)
	if err == nil && in.iv == nil && len(rest) > 0 {
		err = &isakmp.ParseError{Notify: isakmp.UnequalPayloadLengths, Structure: "message", Detail: "bytes after the last payload"}
	}
	if err == nil && len(items) == 0 {
		err = &isakmp.ParseError{Notify: isakmp.InvalidPayloadType, Structure: "message", Detail: "no payload"}
	}
	if err != nil {
		s.parseFailed(err, phase)
		return err
	}
	in.items = items
	for _, it := range items {
		s.emit(Event{Kind: PayloadReceived, Payload: it.Type(), Phase: phase})
	}
	return nil
}

var errCiphertext = errors.New("ike: ciphertext is not whole blocks")

// notifyOf is the notification for a parse error.
func notifyOf(err error) isakmp.NotifyType {
	var p *isakmp.ParseError
	if errors.As(err, &p) {
		return p.Notify
	}
	return isakmp.PayloadMalformed
}

func (s *SA) parseFailed(err error, phase int) {
	n := notifyOf(err)
	s.engine.count(n)
	s.emit(Event{Kind: ParseFailed, Phase: phase, Notify: n, Err: err})
}
