package ike

import (
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/sim"
)

// A Backup is an established IKE SA as another device needs it to go on with
// it under the same address. What is drawn anew for every message is left out.
type Backup struct {
	Conn             uint32 // connection ID at the device that has negotiated
	Initiator        bool
	Local, Remote    netip.AddrPort
	ICookie, RCookie isakmp.Cookie
	Exchange         isakmp.ExchangeType
	Profile          string
	LocalID          *isakmp.ID // nil for none
	RemoteID         *isakmp.ID
	Proposal         Proposal
	Age              time.Duration // since it was established
	Replaced         bool
	NAT, PeerNAT     bool
	PeerDPD          bool     // the peer answers DPD
	DPD              uint32   // number of the last request of ours, 0 for none
	Sent, Got        uint32   // numbers of the last keepalives
	Ancestors        []uint32 // connection IDs of those it has replaced
	D, A, Cipher     []byte   // SKEYID_d, SKEYID_a and the key of the cipher
	IV               []byte   // last block of phase 1
}

// Same says whether the backup is of the SA.
func (b *Backup) Same(s *SA) bool {
	return b.ICookie == s.ICookie && b.RCookie == s.RCookie && b.Remote.Addr() == s.Remote.Addr()
}

// Backup is what goes to another device of an established SA.
func (s *SA) Backup() Backup {
	return Backup{Conn: s.Conn, Initiator: s.Initiator, Local: s.Local, Remote: s.Remote, ICookie: s.ICookie, RCookie: s.RCookie, Exchange: s.Exchange,
		Profile: s.Profile, LocalID: s.LocalID, RemoteID: s.RemoteID, Proposal: s.Proposal, Age: s.engine.host.Now().Sub(s.Established),
		Replaced: s.Replaced, NAT: s.NAT, PeerNAT: s.PeerNAT, PeerDPD: s.peerDPD, DPD: s.dpd.seq, Sent: s.alive.sent, Got: s.alive.got, Ancestors: slices.Clone(s.ancestors),
		D: s.keys.d, A: s.keys.a, Cipher: s.keys.ka, IV: s.iv}
}

// changed tells who keeps a backup that there is something new about the SA.
func (s *SA) changed(gone bool) {
	if e := s.engine; e.OnSA != nil && !e.quiet && s.State == Established {
		e.OnSA(s, gone)
	}
}

// ReserveConn gives a connection ID that no SA of this device will have.
func (e *Engine) ReserveConn() uint32 {
	e.conns++
	return e.conns
}

// Adopt takes the backup of an SA, whose connection IDs must be those of this
// device, as a standby SA: it does nothing until SetStandby says that its
// address is here. One that is here and not standby stays as it is. The
// result is nil if the cipher is unknown here or the lifetime over.
func (e *Engine) Adopt(b Backup) *SA {
	life := e.lifetime(b.Proposal.Seconds)
	block, err := b.Proposal.suite().block(b.Cipher)
	if e.stopped || err != nil || len(b.IV) != block.BlockSize() || b.Age < 0 || b.Age >= life {
		return nil
	}
	var s *SA
	if i := slices.IndexFunc(e.sas, b.Same); i >= 0 {
		if s = e.sas[i]; !s.Standby {
			return s
		}
	} else {
		s = &SA{engine: e, Conn: b.Conn, State: Established, Standby: true, ICookie: b.ICookie, RCookie: b.RCookie,
			slack: e.host.Stream("ike slack").Duration(0, maxSlack)}
		e.sas = append(e.sas, s)
	}
	s.hard.Stop()
	s.Initiator, s.Local, s.Remote, s.Exchange, s.Profile = b.Initiator, b.Local, b.Remote, b.Exchange, b.Profile
	s.LocalID, s.RemoteID, s.Proposal, s.Replaced = b.LocalID, b.RemoteID, b.Proposal, b.Replaced
	s.NAT, s.PeerNAT, s.peerDPD, s.ancestors = b.NAT, b.PeerNAT, b.PeerDPD, b.Ancestors
	s.keys, s.cipher, s.iv = secrets{d: b.D, a: b.A, ka: b.Cipher}, block, b.IV
	s.dpd.seq, s.dpd.seeded = b.DPD, b.DPD != 0
	s.alive.sent, s.alive.got = b.Sent, b.Got
	s.profile = e.Config.Profile(b.Profile)
	s.Established = e.host.Now().Add(-b.Age)
	s.hard = e.host.After(life-b.Age, s.hardExpire)
	return s
}

// Forget removes a standby SA: the device that uses it has none any more.
func (e *Engine) Forget(s *SA) {
	if s.Standby {
		s.remove(CauseDeleted)
	}
}

// SetStandby says whether another device has the local address now. A standby
// SA keeps its lifetime and does nothing else: no DPD, no renewal, no
// keepalive. When the address comes, the SA goes on where it was.
func (e *Engine) SetStandby(local netip.Addr, standby bool) {
	for _, s := range slices.Clone(e.sas) {
		if s.State != Established || s.Local.Addr() != local || s.Standby == standby {
			continue
		}
		s.Standby = standby
		if standby {
			s.pause()
		} else {
			s.resume()
		}
	}
}

// pause stops what an SA does by itself; what it was negotiating is over.
func (s *SA) pause() {
	for _, t := range []*sim.Timer{s.out.timer, s.soft, s.nat} {
		t.Stop()
	}
	s.stopDPD()
	s.stopKeepalive()
	s.Rekeying = false
	for _, q := range slices.Clone(s.quicks) {
		if q.state == Established {
			q.forget()
		} else {
			q.fail(CauseStopped, 0)
		}
	}
}

func (s *SA) resume() {
	h := s.engine.host
	if !s.Replaced {
		s.soft = h.After(max(0, s.Established.Add(s.softAge()).Sub(h.Now())), s.softExpire)
	}
	s.armDPD(false)
	s.armKeepalive()
	s.keepNAT()
}
