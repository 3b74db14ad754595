package ipsec

import "net/netip"

// A Kind says what has happened.
type Kind int

const (
	// Policies.
	SPAdded   Kind = iota + 1 // a policy entry is in force on an interface
	SPDeleted                 // it no longer is

	// Messages to IKE; each is emitted when it is sent, and IKE has it a
	// little later.
	AcquireSent
	ExpireSent
	InvalidSPISent
	RoleSent

	// Security associations.
	TunnelAdded
	TunnelDeleted
	SAAdded         // Inbound tells the direction
	OutboundUpdated // the new outbound SA has replaced the one in use
	PairAdded       // both are in; SAs are the indices
	SADeleted

	// The block-flow table.
	FlowBlocked
	FlowUnblocked

	// Routes to what is behind a peer. Route says which; Refs how many tunnels
	// share it.
	RouteAdded
	RouteRemoved

	// What routers on the way told.
	PathMTUChanged // MTU is that of the way of a tunnel
	PathMTUUnknown // the packet that was too big is of no SA

	// Packets.
	Outbound  // a packet is to be protected by SPI
	Encrypted // and has been; More says that AH goes around it
	Inbound   // an IPsec packet has come
	SAFound
	Decrypted     // the packet inside is whole
	NextSA        // the packet goes on to SA, of the other protocol of a bundle
	Authenticated // AH was made, or found right; More says that ESP is inside
	NoSA          // no SA for the entry that an outbound packet matches
	Clear         // a packet came in the clear that must be protected
	Dropped       // Reason says why
)

// A Reason says why a packet was dropped.
type Reason int

const (
	InvalidSPI Reason = iota + 1
	NoAvailableSA
	EncryptionFailed
	DecryptionFailed
	ACLCheck
	AddressMismatch
	SequenceExhausted
	ModeMismatch
	DummyPacket
	WrongLength
	TooLong
	Replayed
	AuthenticationFailed
	Unprotected // in the clear
	NotLocal    // the policy's local address belongs to another router now
	FlowIsBlocked
	TunnelLimit // one more tunnel than may be
)

// A Cause says why security associations went.
type Cause int

const (
	ByExpiry   Cause = iota + 1 // hard lifetime
	ByIdle                      // nothing used it for the idle time
	ByPeer                      // a delete notification
	ByIKE                       // IKE: dead peer, initial contact, its own delete
	ByReset                     // an administrator
	ByConfig                    // the policy was changed or taken off
	ByReplaced                  // a newer pair with the same SPIs
)

// An Event is one occurrence. Which fields are set depends on Kind.
type Event struct {
	Kind      Kind
	Reason    Reason
	Cause     Cause
	Iface     string
	Policy    string
	Seq       int // of the policy entry
	SP        int // number of the security policy in force
	Tunnel    int
	TunnelSeq uint32
	SA        *SA
	SAs       []*SA
	SPI       uint32
	Proto     uint8      // of an inbound packet: ProtoESP or ProtoAH
	Sequence  uint64     // anti-replay number
	Src, Dst  netip.Addr // of the outer packet, or of the pair
	Flow      Flow       // the packet's own
	Length    int
	MTU       int
	Route     ReverseRoute
	Refs      int
	Inbound   bool
	More      bool
	Manual    bool // of a pair that was set up by hand
}
