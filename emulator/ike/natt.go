package ike

import (
	"bytes"
	"net/netip"

	"cwlab/emulator/isakmp"
)

// PortNATT is the UDP port of IKE and ESP behind a NAT, RFC 3947 section 4.
const PortNATT = 4500

// marker stands in front of IKE messages on PortNATT, RFC 3948 section 2.2.
var marker = make([]byte, 4)

// IsIKE says whether a datagram for PortNATT is one for the engine: a message
// behind the non-ESP marker, or a keepalive (RFC 3948 sections 2.2 and 2.3).
func IsIKE(b []byte) bool { return bytes.HasPrefix(b, marker) || isKeepalive(b) }

func isKeepalive(b []byte) bool { return len(b) == 1 && b[0] == 0xff }

// float moves the exchange to PortNATT once a NAT was found; the initiator
// does so, the responder follows.
func (s *SA) float() {
	if (s.NAT || s.PeerNAT) && s.Local.Port() == Port {
		s.Local = netip.AddrPortFrom(s.Local.Addr(), PortNATT)
		s.Remote = netip.AddrPortFrom(s.Remote.Addr(), PortNATT)
	}
}

// follow takes over the ports of a message that proved to be the peer's: a
// NAT may give it new ones at any time, RFC 3947 section 4.
func (s *SA) follow(in *inbound) {
	if moved := s.Local != in.local || s.Remote != in.remote; moved && (s.NAT || s.PeerNAT) {
		s.Local, s.Remote = in.local, in.remote
		s.changed(false)
	}
}

// keepNAT sends a keepalive now and then so that the NAT in front of us does
// not forget us, RFC 3948 section 4. Nothing is made of what else was sent.
func (s *SA) keepNAT() {
	d := s.engine.Config.NATKeepalive
	if !s.NAT || d <= 0 {
		return
	}
	s.nat = s.engine.host.After(d, func() {
		_ = s.engine.host.Send(s.Local, s.Remote, []byte{0xff}) // nobody is told, as nobody is of a lost one
		s.keepNAT()
	})
}

// encapsulation is what adding UDP makes of an encapsulation mode: RFC 3947
// section 5.1 counts UDP-Encapsulated-Tunnel and -Transport from 3.
func (s *SA) encapsulation() uint64 {
	if s.NAT || s.PeerNAT {
		return isakmp.UDPEncapsulated
	}
	return 0
}

// natPayloads are the hashes of the addresses, RFC 3947 section 3.2.
func (s *SA) natPayloads() []isakmp.Payload {
	u := s.Proposal.suite()
	s.emit(Event{Kind: PayloadConstructed, Payload: isakmp.TypeNATD, Phase: 1})
	return []isakmp.Payload{
		&isakmp.NATD{Data: u.natHash(s.ICookie, s.RCookie, s.Remote)},
		&isakmp.NATD{Data: u.natHash(s.ICookie, s.RCookie, s.Local)},
	}
}

// natDetect is RFC 3947 section 3.2: the first payload is about our address,
// the others about the peer's.
func (s *SA) natDetect(in *inbound) {
	u := s.Proposal.suite()
	n, ours, theirs := 0, false, false
	for _, it := range in.items {
		d, ok := it.Payload.(*isakmp.NATD)
		if !ok {
			continue
		}
		if n++; n == 1 {
			ours = bytes.Equal(d.Data, u.natHash(s.ICookie, s.RCookie, in.local))
		} else if bytes.Equal(d.Data, u.natHash(s.ICookie, s.RCookie, in.remote)) {
			theirs = true
		}
	}
	if n == 0 {
		return
	}
	s.emit(Event{Kind: NATDReceived, Number: uint64(n)})
	if s.NAT = !ours; s.NAT {
		s.emit(Event{Kind: BehindNAT})
	}
	if s.PeerNAT = n > 1 && !theirs; s.PeerNAT {
		s.emit(Event{Kind: PeerBehindNAT})
	}
}
