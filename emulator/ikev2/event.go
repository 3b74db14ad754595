package ikev2

import (
	"net/netip"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
)

// Cause says why something ended.
type Cause int

const (
	CauseTimeout  Cause = iota + 1
	CauseConfig         // no usable profile, key or proposal here
	CauseNotified       // the peer said so
	CauseSyntax         // a message lacks something
	CauseProposal
	CauseAuth
	CauseTraffic // no traffic selectors in common
	CauseInstall
	CauseDeleted // the peer deleted it
	CauseReset   // an operator
	CauseRenewed
	CauseExpired
	CauseRedundant // INITIAL_CONTACT, or two ends have renewed at once
	CauseIntegrity // a checksum is wrong
	CauseNoSA      // no IKE SA has the SPIs
	CauseVersion   // a later one
	CauseMessageID // neither the next one nor the last
)

// Kind is what an Event tells.
type Kind int

const (
	Established   Kind = iota + 1 // an IKE SA
	Deleted                       // an IKE SA, negotiated or not
	RequestFailed                 // of IPsec

	// Messages, as they are once the Encrypted payload is open.
	Sent
	Repeated // a message of ours, by its header
	Received
	Discarded // for Cause

	Failure    // a failure is told: Notify, Inbound says by the peer
	Began      // an IKE SA
	Keyed      // an IKE SA has its keys
	ChildMade  // SPI, OutSPI, Transform
	ChildGone  // SPI, OutSPI
	Renewing   // an IKE SA, or the child SA with the SPI
	Collided   // with a renewal of the peer; Lost says that ours is given up
	Asked      // for a sign of life
	Challenged // an initiator, for a cookie
	Unsigned   // there is no certificate to sign with: Err
	Distrusted // the certificate of the peer: Err
)

// An Event is what happened. Which fields are set depends on Kind.
type Event struct {
	Kind          Kind
	SA            *SA // nil where there is none
	Request       ipsec.Request
	Cause         Cause
	Local, Remote netip.AddrPort
	Header        wire.Header
	Payloads      []wire.Payload
	Notify        wire.NotifyType
	Inbound       bool
	Lost          bool
	SPI, OutSPI   uint32 // of a child SA, 0 for an IKE SA
	Transform     ipsec.Transform
	Err           error
}

// event tells the host; the addresses of an SA come with it.
func (e *Engine) event(v Event) {
	if v.SA != nil && !v.Local.IsValid() {
		v.Local, v.Remote = v.SA.Local, v.SA.Remote
	}
	e.host.Emit(v)
}

func (e *Engine) count(n wire.NotifyType) {
	if int(n) < len(e.Stats.Notify) {
		e.Stats.Notify[n]++
	}
}

// refused counts and tells a failure that one end has told the other.
func (e *Engine) refused(s *SA, n wire.NotifyType, inbound bool) {
	e.count(n)
	e.event(Event{Kind: Failure, SA: s, Notify: n, Inbound: inbound})
}

// refuse is the answer that says so.
func (e *Engine) refuse(s *SA, n wire.NotifyType, data []byte) []wire.Payload {
	e.refused(s, n, false)
	return notify(n, data)
}

// discard tells of a message that is not looked at.
func (e *Engine) discard(in *inbound, c Cause) {
	e.event(Event{Kind: Discarded, Local: in.local, Remote: in.remote, Header: in.Header, Cause: c})
}

func (e *Engine) failed(r ipsec.Request, c Cause) {
	e.event(Event{Kind: RequestFailed, Request: r, Cause: c, Local: netip.AddrPortFrom(r.Local, 0), Remote: netip.AddrPortFrom(r.Remote, 0)})
}
