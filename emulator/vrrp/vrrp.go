// Package vrrp is the Virtual Router Redundancy Protocol for IPv4: the
// advertisement on the wire and the virtual router that sends and hears it.
// Version 3 is RFC 5798, version 2 is RFC 3768.
//
// A virtual router may be associated with hot backup (RBM): while the RBM
// control channel is up, RBM says who is master and advertisements decide
// nothing, though a master goes on sending them; without the channel the
// router elects as the RFC says.
//
// The package knows interfaces by name only. What it needs of the device is
// in Host, what it does is told in events with typed causes.
//
// Version 2 has the authentication that RFC 2338 described: a key in the
// message, or HMAC-MD5-96 (RFC 2403) in an IP Authentication Header (RFC 2402).
//
// Limitations: IPv4 only; accept mode is always on, as a Comware master answers
// for its virtual addresses; the SPI of an Authentication Header is our own
// choice and its sequence number is not checked.
package vrrp

import (
	"fmt"
	"net/netip"
	"time"

	"cwlab/emulator/sim"
)

// A State is one of RFC 5798 section 6.4, and Inactive before it.
type State uint8

const (
	Inactive   State = iota // has no virtual address yet
	Initialize              // waits for a startup: interface down, no address, or shut down
	Backup                  // watches the master; the virtual addresses are not its own
	Master                  // owns the virtual addresses and sends advertisements
)

func (s State) String() string {
	switch s {
	case Inactive:
		return "Inactive"
	case Initialize:
		return "Initialize"
	case Backup:
		return "Backup"
	case Master:
		return "Master"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// A Cause is why a virtual router changed its state.
type Cause uint8

const (
	CauseConfig     Cause = iota // a virtual address came or went
	CauseInterface               // the interface went up or down, or its address changed
	CauseShutdown                // the group was shut down or brought back
	CauseMasterDown              // the master was not heard for the master down interval
	CausePreempt                 // the master has a lower priority
	CauseZero                    // the master left with priority 0
	CausePacket                  // a better master was heard
	CauseOwner                   // the device owns the address
	CauseTrack                   // a tracked object changed
	CauseRBM                     // hot backup decided
)

func (c Cause) String() string {
	switch c {
	case CauseConfig:
		return "configuration"
	case CauseInterface:
		return "interface"
	case CauseShutdown:
		return "shutdown"
	case CauseMasterDown:
		return "master down"
	case CausePreempt:
		return "preempt"
	case CauseZero:
		return "priority zero"
	case CausePacket:
		return "packet"
	case CauseOwner:
		return "owner"
	case CauseTrack:
		return "track"
	case CauseRBM:
		return "RBM"
	}
	return fmt.Sprintf("Cause(%d)", uint8(c))
}

// A Role is which of the two RBM groups a virtual router belongs to.
type Role uint8

const (
	NoRole      Role = iota // not associated with RBM
	RoleActive              // of the VRRP active group
	RoleStandby             // of the VRRP standby group
)

// A Packet is an advertisement as the host sends it.
type Packet struct {
	Src, Dst netip.Addr
	Proto    uint8  // Protocol, or ProtocolAH
	ID       uint16 // of the IP header, 0 for any
	VRID     uint8
	Payload  []byte
}

// A Host is what virtual routers need of the device they run on.
type Host interface {
	Now() time.Time
	After(d time.Duration, f func()) *sim.Timer
	// Interface is the primary address of an interface and whether it is up.
	Interface(name string) (addr netip.Addr, up bool)
	// Join makes the interface take frames for the group, Leave undoes one Join.
	Join(name string, group netip.Addr)
	Leave(name string, group netip.Addr)
	// SendAdvert sends a VRRP message with TTL 255 and the virtual router's
	// MAC address as its Ethernet source. The bytes are the callee's only
	// during the call.
	SendAdvert(name string, a Packet)
	// AddVirtual makes the address and the MAC the device's own until
	// RemoveVirtual; Announce sends a gratuitous ARP for it.
	AddVirtual(name string, addr netip.Addr, vrid uint8)
	RemoveVirtual(name string, addr netip.Addr)
	Announce(name string, addr netip.Addr, vrid uint8)
	Emit(Event)
}

// MAC is the virtual MAC address 00-00-5E-00-01-{VRID} (RFC 5798 section 7.3).
func MAC(vrid uint8) [6]byte { return [6]byte{0, 0, 0x5e, 0, 1, vrid} }

// A Kind says what an event is about.
type Kind uint8

const (
	StateChanged Kind = iota
	Sent              // an advertisement left
	Received          // an advertisement passed the checks
	Bad               // a packet did not: Fault says why
	TimerCreated
	TimerDeleted
	TimerExpired
)

// A Timer names one of a virtual router's timers.
type Timer uint8

const (
	AdverTimer Timer = iota
	MasterDownTimer
	HoldTimer // delays a preemption
)

// A Fault is what is wrong with a received packet.
type Fault uint8

const (
	NoFault Fault = iota
	FaultChecksum
	FaultVersion
	FaultVRID
	FaultTTL
	FaultLength
	FaultType
	FaultAuthType
	FaultAuthMismatch // another type of authentication than ours
	FaultAuthKey
	FaultInterval
	FaultAddresses
)

// An Event tells what a virtual router did or heard.
type Event struct {
	Kind     Kind
	Iface    string
	VRID     uint8
	From, To State // StateChanged
	Why      Cause // StateChanged
	Priority uint8 // Sent, Received
	Interval time.Duration
	Peer     netip.Addr // Received, Bad
	Timer    Timer
	Fault    Fault
}

// Stats count per virtual router, named as in the VRRP MIB (RFC 2787, RFC 6527).
type Stats struct {
	ChecksumErrors, VersionErrors, InvalidPackets, UnexpectedPackets int
	TTLErrors, IntervalErrors, InvalidAuthType, AuthFailures         int
	LengthErrors, AuthTypeMismatch, BecomeMaster, AddressListErrors  int
	AdverReceived, AdverSent, ZeroReceived, ZeroSent                 int
}

// GlobalStats count packets that no virtual router could be blamed for.
type GlobalStats struct{ ChecksumErrors, VersionErrors, VRIDErrors int }
