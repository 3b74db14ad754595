// Package zone is the stateful firewall of a device: security zones, the
// security policy between them, and the session table.
//
// A packet goes from the zone of the interface it came in by to the zone of
// the interface it leaves by. What is for the device itself or comes from it
// is to or from the zone Local, loopback addresses too. A packet that came out
// of an IPsec tunnel counts as coming from the zone of the interface on which
// its outer packet arrived. An interface in no zone passes nothing.
//
// The first packet of a flow is looked up in the policy: rules in order, the
// first match decides, and without one it is dropped, within a zone too unless
// IntraZone is set. A flow that passes makes a session, and further packets
// of it, both ways, and ICMP errors about it follow the session. A change of
// zones or policy has every session looked up again with its next packet.
//
// A flow that no rule matches goes to what hangs on the zone pair of its zones,
// if there is one. Address translation is not done here: before the policy a
// packet has its new destination and its old source already, and what it looks
// like elsewhere is kept with the session.
//
// As on the devices, no rule is needed for VRRP and for the control channel
// of hot backup, and Management and Local talk freely with each other. IKE,
// ESP and everything else of the device's own needs a rule with Local.
//
// Follows the security zone, security policy and session management chapters
// of the H3C security command references; session ageing times are their
// defaults. TCP states follow RFC 9293 as a bystander sees them.
//
// Limitations: IPv4; no application inspection, so no secondary sessions; no
// check of TCP sequence numbers; sessions are not backed up to a peer.
package zone

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/stack"
)

// Local is the zone of the device itself; Management may talk with it.
const (
	Local      = "Local"
	Management = "Management"
)

// Default are the zones that always exist, in order of display.
var Default = []string{Local, "Trust", "DMZ", "Untrust", Management}

// An Action is what a rule does.
type Action uint8

const (
	Drop Action = iota
	Pass
)

// IP protocol numbers the firewall knows more of.
const (
	protoICMP = 1
	protoTCP  = 6
	protoUDP  = 17
	protoAH   = 51
	protoVRRP = 112
)

// A Range is a span of ports or addresses, both ends included.
type Range[T any] struct{ From, To T }

// A Service is what a rule matches beside addresses: a protocol and, for TCP
// and UDP, ports; for ICMP a type, -1 for any, and its code. Protocol 0 is any.
type Service struct {
	Proto    uint8
	Ports    Range[uint16] // of the destination; zero: any
	SrcPorts Range[uint16] // zero: any
	ICMPType int
	ICMPCode int // counts when Coded
	Coded    bool
}

func (s Service) matches(f *flow) bool {
	switch {
	case s.Proto == 0:
		return true
	case s.Proto != f.proto:
		return false
	case f.proto == protoICMP:
		return s.ICMPType < 0 || s.ICMPType == int(f.icmpType) && (!s.Coded || s.ICMPCode == int(f.icmpCode))
	}
	return inPorts(s.Ports, f.dport) && inPorts(s.SrcPorts, f.sport)
}

func inPorts(r Range[uint16], port uint16) bool {
	return r == Range[uint16]{} || port >= r.From && port <= r.To
}

// An AddressSet is addresses that somebody else keeps, such as a group of
// address objects.
type AddressSet interface{ Contains(netip.Addr) bool }

// A ServiceSet is services that somebody else keeps.
type ServiceSet interface{ Services() []Service }

// A Rule of the security policy. An empty list of a condition matches all.
type Rule struct {
	ID          int
	Name        string
	Action      Action
	From, To    []string // zones
	Src, Dst    []Range[netip.Addr]
	Services    []Service
	SrcSets     []AddressSet // beside Src
	DstSets     []AddressSet
	ServiceSets []ServiceSet
	// Active says whether the rule's time has come; nil for always.
	Active func() bool
	// Tracked says whether what the rule waits for has come; nil for nothing.
	Tracked func() bool
	// VRF is a VPN instance; there are none here, so a rule with one matches
	// nothing.
	VRF string
	// Ageing is how long its open sessions live; 0 for the time of the state.
	Ageing      time.Duration
	Disabled    bool
	Logging     bool
	Counting    bool
	Description string
	Hits        uint64 // flows that it decided
	Packets     uint64 // what it decided, further packets of sessions too
	Bytes       uint64
}

// count counts a packet that the rule decided; a nil rule counts nothing.
func (r *Rule) count(f *flow) {
	if r != nil {
		r.Packets++
		r.Bytes += uint64(f.length)
	}
}

// First is the first of some rules that a packet matches, whatever its zones;
// nil for none.
func First(rules []*Rule, p *stack.Packet) *Rule {
	f := read(p)
	return first(rules, &f)
}

func first(rules []*Rule, f *flow) *Rule {
	for _, r := range rules {
		if r.matches(f, f.fromZone, f.toZone) {
			return r
		}
	}
	return nil
}

func (r *Rule) matches(f *flow, from, to string) bool {
	return !r.Disabled && r.VRF == "" && (r.Active == nil || r.Active()) && (r.Tracked == nil || r.Tracked()) &&
		named(r.From, from) && named(r.To, to) && within(r.Src, r.SrcSets, f.src) && within(r.Dst, r.DstSets, f.dst) && r.serves(f)
}

func (r *Rule) serves(f *flow) bool {
	if len(r.Services) == 0 && len(r.ServiceSets) == 0 {
		return true
	}
	fits := func(s Service) bool { return s.matches(f) }
	return slices.ContainsFunc(r.Services, fits) ||
		slices.ContainsFunc(r.ServiceSets, func(set ServiceSet) bool { return slices.ContainsFunc(set.Services(), fits) })
}

func named(list []string, zone string) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(z string) bool { return strings.EqualFold(z, zone) })
}

func within(list []Range[netip.Addr], sets []AddressSet, a netip.Addr) bool {
	if len(list) == 0 && len(sets) == 0 {
		return true
	}
	return slices.ContainsFunc(list, func(r Range[netip.Addr]) bool { return !a.Less(r.From) && !r.To.Less(a) }) ||
		slices.ContainsFunc(sets, func(s AddressSet) bool { return s.Contains(a) })
}

// Prefix is the addresses of a prefix as a range.
func Prefix(p netip.Prefix) Range[netip.Addr] {
	last := p.Masked().Addr().As4()
	for k := p.Bits(); k < 32; k++ {
		last[k/8] |= 0x80 >> (k % 8)
	}
	return Range[netip.Addr]{From: p.Masked().Addr(), To: netip.AddrFrom4(last)}
}
