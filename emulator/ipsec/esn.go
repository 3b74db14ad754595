package ipsec

import (
	"encoding/binary"
	"math"
)

// whole makes the 64-bit sequence number of a packet, of which the wire has
// the lower half: the one that lies in the window or above it (RFC 4303
// appendix A2). A wrong guess shows in the integrity check.
func (w *window) whole(low uint32) uint64 {
	size := uint64(max(w.size, DefaultWindow))
	high, topLow := w.top>>32, w.top&math.MaxUint32
	bottom := uint32(topLow - size + 1) // modulo 2^32
	switch {
	case topLow >= size-1 && low < bottom:
		high++ // the window is in one subspace and the packet in the next
	case topLow < size-1 && low >= bottom && high > 0:
		high-- // the window begins in the subspace before
	}
	return high<<32 | uint64(low)
}

// high is the upper half of an extended sequence number, which the integrity
// check covers as if it stood behind the packet (RFC 4303 section 2.2.1, RFC
// 4302 section 2.5.1), appended to b; nothing for a number of 32 bits.
func (t Transform) high(b []byte, seq uint64) []byte {
	if !t.ESN {
		return b
	}
	return binary.BigEndian.AppendUint32(b, uint32(seq>>32))
}

// exhausted says whether seq is the last number of an SA, RFC 4303 section
// 3.3.3.
func (t Transform) exhausted(seq uint64) bool {
	if t.ESN {
		return seq == math.MaxUint64
	}
	return seq >= math.MaxUint32
}
