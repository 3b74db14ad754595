// Package ikev2 is an IKE version 2 engine, RFC 7296, with pre-shared keys or
// RSA signatures and certificates (package emulator/pki): IKE_SA_INIT with
// cookies and NAT detection, IKE_AUTH, CREATE_CHILD_SA for new and renewed child
// SAs and for renewed IKE SAs, and INFORMATIONAL for deletion and liveness. It
// knows no product, command or text; what happens goes to its host as typed
// events.
//
// Limitations: IPv4 only. Of signatures those of RSA over SHA-1 (method 1),
// not those of RFC 7427 or of elliptic curves. No EAP, configuration payloads or
// fragments. A child SA is of ESP or of AH, never of both: a proposal
// is of one protocol (RFC 7296 section 3.3), so transforms with two are passed
// over. The window is one message.
package ikev2

import (
	"bytes"
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/modp"
	"cwlab/emulator/sim"
)

// Times of the engine: RFC 7296 section 2.1 leaves them to the implementation
// but asks for waits that grow.
const (
	retransmitAfter = 2 * time.Second // doubled every time
	retransmissions = 4
	halfOpenAge     = time.Minute
	redundantAge    = 5 * time.Second // after two renewals at once
	dpdRetries      = 2
	rekeyAgain      = time.Minute // after a renewal that failed
	busyLeast       = time.Second // a peer that was busy is asked again after a time that is drawn
	busyMost        = 5 * time.Second
	busyTries       = 20
	maxChildren     = 1024        // of an IKE SA
	strayEvery      = time.Second // between answers to messages without an SA
	maxHalfOpen     = 256
	nonceLen        = 32
	maxRedo         = 3 // an IKE_SA_INIT that is begun again
)

var marker = make([]byte, 4) // in front of messages on port 4500

// IsIKE says whether a datagram to port 500, or to 4500 behind the marker, is
// a message of this version, or of a later one with an exchange of this.
func IsIKE(port uint16, b []byte) bool {
	if port == ike.PortNATT {
		if len(b) < len(marker) || b[0]|b[1]|b[2]|b[3] != 0 {
			return false
		}
		b = b[len(marker):]
	}
	return wire.IsVersion2(b) || wire.IsLater(b)
}

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
	// Flows is all that may be protected with a peer under a profile, seen
	// outbound; PolicyFor says what a flow that lies in one of them is to be
	// protected with.
	Flows(local, remote netip.Addr, profile string) []ipsec.Selector
	PolicyFor(local, remote netip.Addr, flow ipsec.Selector, profile string) (ipsec.Request, bool)
	AddPair(ipsec.Pair) error
	// DeleteSPI removes the pair that sends with outSPI.
	DeleteSPI(remote netip.Addr, outSPI uint32)
}

// Keys are what a decoder needs to read what an IKE SA encrypts.
type Keys struct {
	Initiator, Responder wire.SPI
	Suite                Suite
	EncrI, EncrR         []byte
	IntegI, IntegR       []byte
}

// Stats count failures, by notification type where there is one, and ends.
type Stats struct {
	Notify  [64]uint64 // indexed by wire.NotifyType, sent or received
	Packet  uint64     // that could not be read
	NoSA    uint64
	Timeout uint64
	DPD     uint64
	// Child SAs deleted for IPsec, with their IKE SA, and by the peer.
	DeletedForIPsec, DeletedWithSA, DeletedByPeer uint64
}

// An Engine speaks IKE version 2 for one device. It has no goroutine and no
// lock.
type Engine struct {
	Config Config
	Stats  Stats
	// OnKeys, if set, sees the keys of every IKE SA as soon as it has any.
	OnKeys func(Keys)
	// OnSecret, if set, sees g^xy of every Diffie-Hellman exchange.
	OnSecret func(gxy []byte)
	// LastUse says when protected packets last came from a peer and went to
	// it; without it DPD on demand never finds a reason.
	LastUse func(local, remote netip.Addr) (received, sent time.Time)

	host    Host
	sas     []*SA // by tunnel number
	tunnels uint32
	cookies []byte // secret of the cookies
	stopped bool
	strayed time.Time // when a message without an SA was last answered
}

// New makes an engine without configuration.
func New(h Host) *Engine { return &Engine{host: h} }

// SAs is all IKE SAs, also unfinished ones, by tunnel number.
func (e *Engine) SAs() []*SA { return e.sas }

// secret draws a private value of a group.
func (e *Engine) secret(group int) []byte {
	return e.host.Stream("ikev2 dh").Bytes(modp.Find(group).Exp)
}

func (e *Engine) nonce() []byte { return e.host.Stream("ikev2 nonce").Bytes(nonceLen) }

func (e *Engine) spi() wire.SPI {
	for {
		if s := wire.SPI(e.host.Stream("ikev2 spi").Bytes(8)); !s.IsZero() {
			return s
		}
	}
}

// shared completes a Diffie-Hellman exchange.
func (e *Engine) shared(group int, theirs, secret []byte) (gxy []byte, ok bool) {
	gxy, ok = modp.Find(group).Shared(theirs, secret)
	if ok && e.OnSecret != nil {
		e.OnSecret(gxy)
	}
	return gxy, ok
}

// to finds the newest IKE SA between two addresses that f takes.
func (e *Engine) to(local, remote netip.Addr, f func(*SA) bool) *SA {
	for _, s := range slices.Backward(e.sas) {
		if s.Local.Addr() == local && s.Remote.Addr() == remote && f(s) {
			return s
		}
	}
	return nil
}

// Acquire is IPsec's request for a pair of SAs. Without an IKE SA it waits for
// the one that it begins.
func (e *Engine) Acquire(r ipsec.Request) {
	if e.stopped {
		return
	}
	p := e.Config.Profile(r.IKEv2)
	if p == nil || len(offerable(r.Transforms)) == 0 || !r.Remote.IsValid() {
		e.failed(r, CauseConfig)
		return
	}
	if s := e.to(r.Local, r.Remote, func(s *SA) bool { return s.State == Ready && s.Profile == p.Name }); s != nil {
		s.newChild(r, nil)
		return
	}
	if s := e.to(r.Local, r.Remote, func(s *SA) bool { return s.State == Negotiating && s.Initiator && s.Profile == p.Name }); s != nil {
		s.waiting = append(s.waiting, r)
		return
	}
	e.initiate(netip.AddrPortFrom(r.Local, ike.Port), netip.AddrPortFrom(r.Remote, ike.Port), p, r)
}

// SoftExpire is IPsec's request to renew a pair.
func (e *Engine) SoftExpire(p ipsec.Pair) {
	if e.stopped {
		return
	}
	s, c := e.childOf(p)
	switch {
	case c == nil || s.State != Ready:
		e.Acquire(p.Request)
	case !c.replaced:
		s.newChild(p.Request, c)
	}
}

func (e *Engine) childOf(p ipsec.Pair) (*SA, *child) {
	for _, s := range e.sas {
		for _, c := range s.children {
			if c.in == max(p.InSPI, p.InAH) && protocol(p.Transform) == c.proto {
				return s, c
			}
		}
	}
	return nil, nil
}

// DeleteNotify tells the peers that pairs are gone here.
func (e *Engine) DeleteNotify(pairs []ipsec.Pair) {
	type group struct {
		s     *SA
		proto wire.Protocol
	}
	var groups []group
	gone := map[group][]*child{}
	for _, p := range pairs {
		s, c := e.childOf(p)
		if c == nil {
			continue
		}
		g := group{s, c.proto}
		if gone[g] == nil {
			groups = append(groups, g)
		}
		gone[g] = append(gone[g], c)
		e.Stats.DeletedForIPsec++
	}
	for _, g := range groups {
		g.s.deleteChildren(gone[g]...)
	}
}

// Reset deletes the IKE SAs that pick takes, with their child SAs, and tells the peers. It
// says whether there was any. With fast set nobody waits for the peers' answers.
func (e *Engine) Reset(pick func(*SA) bool, fast bool) bool {
	found := false
	for _, s := range slices.Clone(e.sas) {
		if pick(s) {
			found = true
			s.close(CauseReset, fast)
		}
	}
	return found
}

// Changed makes a change of Config effective for existing IKE SAs.
func (e *Engine) Changed() {
	for _, s := range e.sas {
		if s.State == Ready {
			s.watch()
		}
	}
}

// Stop forgets everything without a word to anyone, as a power failure does.
func (e *Engine) Stop() {
	e.stopped = true
	for _, s := range e.sas {
		s.halt()
	}
	e.sas = nil
}

// An inbound is a message on its way through the engine.
type inbound struct {
	wire.Header
	local, remote netip.AddrPort
	raw           []byte
	payloads      []wire.Payload // those inside the Encrypted one once it is open
}

func (in *inbound) response() bool { return in.Flags&wire.FlagResponse != 0 }

// Receive handles a UDP payload that came for local from remote.
func (e *Engine) Receive(local, remote netip.AddrPort, b []byte) {
	if e.stopped {
		return
	}
	if local.Port() == ike.PortNATT {
		b = bytes.TrimPrefix(b, marker)
	}
	if wire.IsLater(b) {
		in := &inbound{local: local, remote: remote}
		_ = in.UnmarshalBinary(b) // it is long enough
		e.receiveLater(in)
		return
	}
	var m wire.Message
	if err := m.UnmarshalBinary(b); err != nil {
		e.Stats.Packet++
		e.count(wire.InvalidSyntax)
		e.event(Event{Kind: Discarded, Local: local, Remote: remote, Cause: CauseSyntax})
		return
	}
	in := &inbound{Header: m.Header, local: local, remote: remote, raw: bytes.Clone(b), payloads: m.Payloads}
	switch {
	case in.Exchange != wire.SAInit:
		e.receiveProtected(in)
	case !in.response():
		e.event(Event{Kind: Received, Local: local, Remote: remote, Header: in.Header, Payloads: in.payloads})
		e.receiveInit(in)
	default:
		for _, s := range e.sas {
			if s.Initiator && s.State == Negotiating && s.SPIi == in.Initiator && s.Remote.Addr() == remote.Addr() && s.answered(in) {
				e.event(Event{Kind: Received, SA: s, Local: local, Remote: remote, Header: in.Header, Payloads: in.payloads})
				s.gotInit(in)
				return
			}
		}
		e.Stats.NoSA++
		e.discard(in, CauseNoSA)
	}
}

// receiveLater answers a request of a version that we do not know with our own
// in the header, RFC 7296 section 2.5.
func (e *Engine) receiveLater(in *inbound) {
	e.discard(in, CauseVersion)
	if !in.response() {
		e.reject(in, wire.InvalidMajorVersion)
	}
}

// reject answers a request in clear: nobody is to believe it (section 2.21).
func (e *Engine) reject(in *inbound, n wire.NotifyType) {
	e.refused(nil, n, false)
	h := in.Header
	h.Version, h.Flags = wire.Version2, h.Flags&wire.FlagInitiator^wire.FlagInitiator|wire.FlagResponse
	ps := notify(n, nil)
	e.event(Event{Kind: Sent, Local: in.local, Remote: in.remote, Header: h, Payloads: ps})
	e.send(in.local, in.remote, encode(h, ps))
}

// receiveProtected finds the IKE SA of a message by the SPI that we gave it.
func (e *Engine) receiveProtected(in *inbound) {
	fromInitiator := in.Flags&wire.FlagInitiator != 0
	for _, s := range e.sas {
		if s.SPIi == in.Initiator && s.SPIr == in.Responder && s.Initiator != fromInitiator && !s.SPIr.IsZero() {
			s.receive(in)
			return
		}
	}
	e.count(wire.InvalidIKESPI)
	e.Stats.NoSA++
	e.discard(in, CauseNoSA)
	// Section 2.21.4: who asks may be told, now and then.
	if now := e.host.Now(); !in.response() && now.Sub(e.strayed) >= strayEvery {
		e.strayed = now
		e.reject(in, wire.InvalidIKESPI)
	}
}
