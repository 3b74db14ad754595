package stack

import "cwlab/emulator/wire"

// NextID is the next identification of a packet of this host, for one that is
// signed before it is sent. It is never 0.
func (h *Host) NextID() uint16 {
	h.ipID++
	if h.ipID == 0 {
		h.ipID++
	}
	return h.ipID
}

// TooBig tells the sender of a packet that may not be fragmented how long one
// may be (RFC 1191), if IPUnreachables is set. A hook that drops such a packet
// calls it.
func (h *Host) TooBig(p *Packet, mtu int) {
	h.icmpError(p, wire.Unreachable, wire.FragmentationNeeded, uint16(mtu))
}
