package stack

import (
	"errors"
	"net/netip"

	"cwlab/emulator/wire"
)

// Stats are what a host did with IPv4 packets since it began or they were
// cleared, in packets.
type Stats struct {
	Input, InLocal                    uint64
	BadProtocol, BadFormat            uint64
	BadChecksum, BadSource            uint64
	Forwarded, OutLocal               uint64
	Dropped, NoRoute                  uint64
	FragmentsIn, FragmentsOut         uint64
	FragmentsDropped                  uint64
	Fragmented, CannotFragment        uint64
	Reassembled, ReassemblyTimeouts   uint64
	TTLExpired, Refused, Hooked       uint64
	RateLimited, NoPort, BadTransport uint64
}

// ICMPStats count ICMP messages by type (RFC 792).
type ICMPStats struct {
	In, Out     ICMPCounts
	BadFormat   uint64
	BadChecksum uint64
	EchoToGroup uint64 // echo requests to a group or broadcast, ignored
	OutErrors   uint64 // found no way
}

// ICMPCounts count messages by type: those of RFC 792, 950 and 1256, whose
// types are below 19, and the others together.
type ICMPCounts [20]uint64

func (c *ICMPCounts) add(kind uint8) { c[min(int(kind), len(c)-1)]++ }

// Of is how many messages of a type below 19 there were.
func (c *ICMPCounts) Of(kind uint8) uint64 { return c[kind] }

// Unknown is how many messages had no type of those RFCs.
func (c *ICMPCounts) Unknown() uint64 { return c[1] + c[2] + c[6] + c[7] + c[19] }

// Sum is how many messages there were.
func (c *ICMPCounts) Sum() uint64 {
	sum := uint64(0)
	for _, n := range c {
		sum += n
	}
	return sum
}

// IPCounters are what an interface passed of IPv4 since the host began, in
// packets and bytes of packets.
type IPCounters struct {
	InPackets, InBytes, InMulticast    uint64
	OutPackets, OutBytes, OutMulticast uint64
	TTLExpired                         uint64
	ICMP                               ICMPCounts // received
}

// IP is what the interface passed of IPv4.
func (i *Iface) IP() IPCounters { return i.ip }

// ClearStats begins to count packets anew; ICMP messages are counted on.
func (h *Host) ClearStats() { h.Stats = Stats{} }

// ICMPStats are the counters of ICMP messages.
func (h *Host) ICMPStats() ICMPStats { return h.icmp }

func (h *Host) badIPv4(err error) {
	h.Stats.Input++
	if errors.Is(err, wire.ErrChecksum) {
		h.Stats.BadChecksum++
	} else {
		h.Stats.BadFormat++
	}
}

// A Passage is a place on the way of a packet that is traced.
type Passage int

const (
	Receiving  Passage = iota // came in a frame
	Delivering                // goes to a protocol of this host
	Sending                   // leaves in a frame
)

// OnPacket calls f with every packet or fragment that passes an interface, and
// every packet that is delivered to this host. Nobody may change it.
func (h *Host) OnPacket(f func(at Passage, i *Iface, v *wire.IPv4)) {
	h.onPacket = append(h.onPacket, f)
}

func (h *Host) trace(at Passage, i *Iface, v *wire.IPv4) {
	for _, f := range h.onPacket {
		f(at, i, v)
	}
}

// OnARP calls f with every ARP packet that an interface sends or takes.
func (h *Host) OnARP(f func(i *Iface, a wire.ARP, sent bool)) { h.onARP = append(h.onARP, f) }

// OnARPError calls f with every ARP packet that is dropped, and why.
func (h *Host) OnARPError(f func(i *Iface, a wire.ARP, why ARPFault)) {
	h.onARPError = append(h.onARPError, f)
}

// A Fault is why a packet went no further, of those that are traced.
type Fault int

const (
	FaultBroadcast  Fault = iota // a directed broadcast that may not be forwarded
	FaultSets                    // too many packets in parts
	FaultParts                   // too many parts of a packet
	FaultReassembly              // parts that do not fit
)

// OnFault calls f with every fault.
func (h *Host) OnFault(f func(Fault)) { h.onFault = append(h.onFault, f) }

func (h *Host) fault(why Fault) {
	for _, f := range h.onFault {
		f(why)
	}
}

// OnSent calls f with every packet of this host that has found its way.
func (h *Host) OnSent(f func(*Packet)) { h.onSent = append(h.onSent, f) }

// OnNeighbour calls f when an entry of the ARP table goes from a state to
// another one.
func (h *Host) OnNeighbour(f func(addr netip.Addr, mac wire.MAC, from, to NeighbourState)) {
	h.onNeighbour = append(h.onNeighbour, f)
}
