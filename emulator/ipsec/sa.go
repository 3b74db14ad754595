package ipsec

import (
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/sim"
)

// An SA is one direction of a pair.
type SA struct {
	Proto   uint8 // ProtoESP or ProtoAH
	SPI     uint32
	Inbound bool
	Index   uint32 // position in the database
	Serial  uint32 // of the pair, from 1

	pair   *pair
	suite  *suite         // of ESP
	auth   *authenticator // of AH
	window *window        // inbound
	seq    uint64         // last sequence number sent
	told   uint64         // Sequence, as a backup knows it
	bytes  uint64
}

// ConnID is the connection ID that displays print.
func (s *SA) ConnID() uint64 { return uint64(s.Serial)<<32 | uint64(s.Index) }

// Transform is what the SA protects with.
func (s *SA) Transform() Transform { return s.pair.Transform }

// Pair is what IKE has negotiated.
func (s *SA) Pair() Pair { return s.pair.Pair }

// Sequence is the highest sequence number sent or accepted.
func (s *SA) Sequence() uint64 {
	if s.Inbound {
		return s.window.top
	}
	return s.seq
}

// Window is the size of the anti-replay window, 0 when it is not checked.
func (s *SA) Window() int { return int(s.window.size) }

// Remaining is what is left of the lifetimes. Kilobytes are rounded down as
// soon as a byte is used.
func (s *SA) Remaining(now time.Time) (kilobytes, seconds uint32) {
	p := s.pair
	used := uint32(min(uint64(p.Kilobytes), (s.bytes+1023)/1024))
	left := max(p.made.Add(time.Duration(p.Seconds)*time.Second).Sub(now), 0)
	return p.Kilobytes - used, uint32(left / time.Second)
}

// A pair is both directions of one quick mode.
type pair struct {
	Pair
	in, out []*SA // AH before ESP: as a packet that comes in meets them
	tunnel  *TunnelState
	made    time.Time
	soft    *sim.Timer
	hard    *sim.Timer
	idle    *sim.Timer
	asked   bool // IKE was told of the soft expiry
	standby bool // a copy: another device has the local address
	lastUse time.Time
}

// A TunnelState is one tunnel. It carries a flow between two addresses; rekeying changes its pairs
// and not the tunnel.
type TunnelState struct {
	ID            int
	Serial        uint32
	Iface         string
	Policy        string
	Seq           int
	Template      bool
	Local, Remote netip.Addr
	Flow          Selector
	ACL           string // whose rules it carries: of a manual tunnel, which has no Flow, or with aggregation
	Manual        bool
	Guard         string // the tunnel interface of a profile
	Mode          Mode
	Stats         Stats

	pairs           []*pair // oldest first; the last one sends
	routes          []*injected
	learnt          int // MTU of the path that a router told, 0 for none
	learntTimer     *sim.Timer
	lastIn, lastOut time.Time
}

// Inbound lists the SAs that are accepted, the newest first, AH before ESP.
func (t *TunnelState) Inbound() []*SA {
	out := make([]*SA, 0, len(t.pairs))
	for i := len(t.pairs) - 1; i >= 0; i-- {
		out = append(out, t.pairs[i].in...)
	}
	return out
}

// Outbound is the SA that packets leave by: that of ESP where there is one.
func (t *TunnelState) Outbound() *SA {
	out := t.last().out
	return out[len(out)-1]
}

// OutboundSAs are all the SAs that packets leave by, AH before ESP.
func (t *TunnelState) OutboundSAs() []*SA { return slices.Clone(t.last().out) }

// last is the pair in use.
func (t *TunnelState) last() *pair { return t.pairs[len(t.pairs)-1] }

// Initiator says whether this side began the quick mode of the SAs in use.
func (t *TunnelState) Initiator() bool { return t.last().Initiator }

// Transform is that of the SAs in use.
func (t *TunnelState) Transform() Transform { return t.last().Transform }

// Stats counts packets. Bytes are those of the packets in the clear.
type Stats struct {
	ReceivedPackets, SentPackets uint64
	ReceivedBytes, SentBytes     uint64
	ReceivedDrops, SentDrops     uint64

	NoSA          uint64
	WrongSA       uint64
	InvalidLength uint64
	AuthFailure   uint64
	EncapFailure  uint64
	DecapFailure  uint64
	Replayed      uint64
	ACLCheck      uint64
	MTUCheck      uint64
	LoopLimit     uint64
	CryptoLimit   uint64
}

func (s *Stats) drop(why Reason, inbound bool) {
	if inbound {
		s.ReceivedDrops++
	} else {
		s.SentDrops++
	}
	switch why {
	case InvalidSPI, NoAvailableSA, NotLocal, FlowIsBlocked, TunnelLimit:
		s.NoSA++
	case AddressMismatch, ModeMismatch:
		s.WrongSA++
	case WrongLength:
		s.InvalidLength++
	case AuthenticationFailed:
		s.AuthFailure++
	case EncryptionFailed, SequenceExhausted:
		s.EncapFailure++
	case DecryptionFailed, DummyPacket:
		s.DecapFailure++
	case Replayed:
		s.Replayed++
	case ACLCheck, Unprotected:
		s.ACLCheck++
	case TooLong:
		s.MTUCheck++
	}
}
