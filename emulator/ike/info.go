package ike

import (
	"crypto/hmac"
	"encoding/binary"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

// sendInfo sends one payload in a protected informational exchange, RFC 2409
// section 5.7. Nothing answers or repeats it.
func (s *SA) sendInfo(p isakmp.Payload) {
	switch p := p.(type) {
	case *isakmp.Notification:
		s.emit(Event{Kind: NotifyBuilt, Notify: p.Notify})
	case *isakmp.Delete:
		s.emit(Event{Kind: DeleteBuilt})
	}
	mid := s.engine.messageID()
	u := s.Proposal.suite()
	rest, err := isakmp.AppendPayloads(nil, []isakmp.Payload{p})
	if err != nil {
		panic(err) // all payloads are built here
	}
	h := u.prf(s.keys.a, u32(mid), rest)
	if s.engine.Flaws.InfoHash {
		h[0] ^= wrong
	}
	if _, ok := p.(*isakmp.Delete); ok && s.engine.Flaws.NoDelete {
		return
	}
	m := isakmp.Message{
		Header:   isakmp.Header{Initiator: s.ICookie, Responder: s.RCookie, Version: isakmp.Version1, Exchange: isakmp.ExchangeInformational, MessageID: mid},
		Payloads: []isakmp.Payload{&isakmp.HashData{Data: h}, p},
	}
	s.seal(&m, u.nextIV(s.iv, mid))
	s.transmit(encode(&m))
}

// An unknownSPI is one that a peer uses and nobody here knows, of the IP
// protocol AH or ESP.
type unknownSPI struct {
	proto uint8
	spi   uint32
}

// notifyInvalidSPI tells the peer that it uses an SPI that is unknown here.
func (s *SA) notifyInvalidSPI(u unknownSPI) {
	proto := isakmp.ProtoESP
	if u.proto == ipsec.ProtoAH {
		proto = isakmp.ProtoAH
	}
	s.sendInfo(&isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: proto, Notify: isakmp.InvalidSPI, SPI: u32(u.spi)})
}

func (e *Engine) receiveInfo(s *SA, in *inbound) {
	at := func(v Event) {
		v.Local, v.Remote = in.local, in.remote
		e.emit(v)
	}
	at(Event{Kind: InfoStarted})
	encrypted := in.header.Flags&isakmp.FlagEncryption != 0
	switch {
	case s == nil || encrypted && s.State != Established:
		// RFC 2408 section 5.1: no answer to what is not understood.
		e.Stats.NoSA++
		at(Event{Kind: InfoWithoutSA})
	case encrypted:
		s.protectedInfo(in)
	case s.State == Established:
		s.emit(Event{Kind: NotEncrypted})
	default:
		s.clearInfo(in)
	}
}

// clearInfo takes an unprotected notification. Anybody who has seen the
// cookies can have sent an error, so it is no more than a rumour: it ends
// phase 1 when the exchange does not go on by the time of the next repetition
// (RFC 2408 section 5.14 leaves the reaction to the receiver). All else is
// ignored.
func (s *SA) clearInfo(in *inbound) {
	if s.parse(in, nil, 0) != nil {
		return
	}
	s.emit(Event{Kind: InfoParsed})
	for _, it := range in.items {
		switch p := it.Payload.(type) {
		case *isakmp.Notification:
			s.emit(Event{Kind: NotifyReceived, Notify: p.Notify})
			if p.Notify == isakmp.InitialContact {
				s.emit(Event{Kind: ContactInClear})
			}
			if p.Notify.Error() && p.Protocol != isakmp.ProtoESP && p.Protocol != isakmp.ProtoAH && !s.rumour {
				s.rumour = true
				s.engine.count(p.Notify)
			}
		case *isakmp.Delete:
			s.emit(Event{Kind: NotEncrypted})
		}
	}
}

func (s *SA) protectedInfo(in *inbound) {
	if in.header.MessageID == 0 {
		s.engine.count(isakmp.InvalidMessageID)
		s.emit(Event{Kind: PacketInvalid, Notify: isakmp.InvalidMessageID, Header: in.header})
		return
	}
	u := s.Proposal.suite()
	if s.parse(in, u.nextIV(s.iv, in.header.MessageID), 0) != nil {
		return
	}
	h, ok := in.items[0].Payload.(*isakmp.HashData)
	if !ok || !hmac.Equal(h.Data, u.prf(s.keys.a, u32(in.header.MessageID), in.rest())) {
		s.engine.count(isakmp.InvalidHashInformation)
		s.emit(Event{Kind: HashInvalid})
		return
	}
	s.follow(in)
	s.emit(Event{Kind: InfoParsed})
	for _, it := range in.items[1:] {
		switch p := it.Payload.(type) {
		case *isakmp.Notification:
			s.notified(p)
		case *isakmp.Delete:
			if s.deleted(p) {
				return
			}
		}
	}
}

// notified obeys a protected notification.
func (s *SA) notified(n *isakmp.Notification) {
	e := s.engine
	switch n.Notify {
	case isakmp.RUThere, isakmp.RUThereACK:
		s.dpdReceived(n)
		return
	case isakmp.Keepalive:
		s.keepaliveReceived(n)
		return
	default:
	}
	s.emit(Event{Kind: NotifyReceived, Notify: n.Notify})
	switch {
	case n.Notify == isakmp.InitialContact:
		s.initialContact()
	case n.Notify == isakmp.InvalidSPI && (n.Protocol == isakmp.ProtoESP || n.Protocol == isakmp.ProtoAH):
		spi := n.SPI
		if len(spi) == 0 {
			spi = n.Data
		}
		if len(spi) != 4 {
			s.emit(Event{Kind: NotifyLength, Number: uint64(len(spi))})
			return
		}
		e.host.DeleteSPI(s.Remote.Addr(), binary.BigEndian.Uint32(spi))
		s.emit(Event{Kind: PairDeleted})
	case n.Notify.Error():
		e.count(n.Notify)
		if q := s.refused(n.SPI); q != nil {
			q.fail(CauseNotified, 0)
		}
	}
}

// refused finds the quick mode that an error is about: that of the SPI, else
// the only one under way.
func (s *SA) refused(spi []byte) *quick {
	var only *quick
	n := 0
	for _, q := range s.quicks {
		if q.state != Sent1 && q.state != Sent2 {
			continue
		}
		if v := q.in; len(spi) == 4 && (binary.BigEndian.Uint32(spi) == v.esp || binary.BigEndian.Uint32(spi) == v.ah) {
			return q
		}
		only, n = q, n+1
	}
	if n == 1 {
		return only
	}
	return nil
}

// deleted obeys a protected delete; it says whether this very SA is gone.
func (s *SA) deleted(d *isakmp.Delete) bool {
	e := s.engine
	switch d.Protocol {
	case isakmp.ProtoISAKMP:
		s.emit(Event{Kind: DeleteSAReceived})
		s.emit(Event{Kind: DeleteProcessed})
		gone := false
		for _, spi := range d.SPIs {
			for _, o := range append([]*SA(nil), e.sas...) {
				if o.State == Established && o.Remote.Addr() == s.Remote.Addr() && string(o.cookies()) == string(spi) {
					gone = gone || o == s
					o.end(CauseDeleted, false)
				}
			}
		}
		return gone
	case isakmp.ProtoESP, isakmp.ProtoAH:
		s.emit(Event{Kind: DeleteReceived})
		s.emit(Event{Kind: DeleteProcessed})
		for _, spi := range d.SPIs {
			if len(spi) == 4 {
				e.host.DeleteSPI(s.Remote.Addr(), binary.BigEndian.Uint32(spi))
				s.emit(Event{Kind: PairDeleted})
			}
		}
	default:
		s.emit(Event{Kind: DeleteBadProtocol, Number: uint64(d.Protocol)})
	}
	return false
}
