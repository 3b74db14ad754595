package ike

import (
	"encoding/binary"
	"time"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/sim"
)

// A dpd is the dead peer detection of one IKE SA, RFC 3706.
type dpd struct {
	conf    *DPD
	timer   *sim.Timer
	added   bool
	seeded  bool
	seq     uint32
	waiting bool
	tries   int
	begun   time.Time // the detection under way, or the last one
	proof   time.Time // last sign of life
}

// dpdConfig is what applies to the SA: the profile's, else the global one.
func (s *SA) dpdConfig() *DPD {
	if s.profile != nil && s.profile.DPD != nil {
		return s.profile.DPD
	}
	return s.engine.Config.DPD
}

// DPD is what the SA is watched with, nil for nothing.
func (s *SA) DPD() *DPD { return s.dpd.conf }

// armDPD takes the configuration over: when the SA is established, and when
// the configuration has changed.
func (s *SA) armDPD(changed bool) {
	conf := s.dpdConfig()
	if !s.peerDPD || s.Replaced || s.Standby {
		conf = nil
	}
	if changed {
		if (conf == nil) == (s.dpd.conf == nil) && (conf == nil || *conf == *s.dpd.conf) {
			return
		}
	}
	was := s.dpd.added
	if conf == nil {
		s.stopDPD()
		if was {
			s.emit(Event{Kind: DPDRemoved})
		}
		return
	}
	c := *conf
	s.dpd.conf, s.dpd.added = &c, true
	if was {
		s.emit(Event{Kind: DPDUpdated})
	} else {
		s.emit(Event{Kind: DPDAdded})
	}
	s.dpd.waiting = false
	s.dpd.begun, s.dpd.proof = s.engine.host.Now(), s.engine.host.Now()
	s.rest()
}

func (s *SA) stopDPD() {
	s.dpd.timer.Stop()
	s.dpd.conf, s.dpd.added, s.dpd.waiting = nil, false, false
}

// rest waits for the next detection: one interval after the last began, or,
// on demand, looks once a second whether one is called for.
func (s *SA) rest() {
	d, h := &s.dpd, s.engine.host
	d.timer.Stop()
	if d.conf.OnDemand {
		d.timer = h.After(time.Second, s.demand)
		return
	}
	d.timer = h.After(d.begun.Add(d.conf.Interval+s.slack).Sub(h.Now()), s.detect)
}

// demand begins a detection when packets have gone out since the peer was
// last heard and that is longer ago than the interval.
func (s *SA) demand() {
	d, h := &s.dpd, s.engine.host
	if use := s.engine.LastUse; use != nil {
		received, sent := use(s.Local.Addr(), s.Remote.Addr())
		heard := d.proof
		if received.After(heard) {
			heard = received
		}
		if sent.After(heard) && h.Now().Sub(heard) >= d.conf.Interval+s.slack {
			s.engine.fromIPsec(s.Local.Addr(), s.Remote.Addr(), MessageDPD)
			s.detect()
			return
		}
	}
	s.rest()
}

// detect begins a detection: a request that is repeated twice, a retry time
// apart, before the peer counts as dead.
func (s *SA) detect() {
	d := &s.dpd
	if !d.seeded {
		d.seq, d.seeded = s.engine.host.Stream("ike dpd").Uint32()&0x7fffffff, true
	}
	d.seq++
	d.begun, d.waiting, d.tries = s.engine.host.Now(), true, 0
	s.changed(false)
	s.probe()
}

func (s *SA) probe() {
	d := &s.dpd
	d.timer.Stop()
	s.sendDPD(isakmp.RUThere, d.seq)
	d.timer = s.engine.host.After(d.conf.Retry+s.slack, s.unanswered)
}

func (s *SA) sendDPD(n isakmp.NotifyType, seq uint32) {
	s.emit(Event{Kind: DPDSending, Notify: n, Number: uint64(seq)})
	s.sendInfo(&isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoISAKMP, Notify: n, SPI: s.cookies(), Data: u32(seq)})
}

func (s *SA) unanswered() {
	if s.dpd.tries < dpdRetries {
		s.dpd.tries++
		s.emit(Event{Kind: DPDRetransmit, Number: uint64(s.dpd.tries)})
		s.probe()
		return
	}
	s.emit(Event{Kind: DPDTimeout})
	s.deletePairs()
	s.end(CauseDead, false)
}

// dpdReceived answers a request and takes an answer.
func (s *SA) dpdReceived(n *isakmp.Notification) {
	switch {
	case len(n.SPI) != 16:
		s.emit(Event{Kind: DPDBadLength, Number: uint64(len(n.SPI))})
		return
	case string(n.SPI[:8]) != string(s.ICookie[:]):
		s.emit(Event{Kind: DPDBadCookie, Initiator: true, Data: n.SPI[:8]})
		return
	case string(n.SPI[8:]) != string(s.RCookie[:]):
		s.emit(Event{Kind: DPDBadCookie, Data: n.SPI[8:]})
		return
	case len(n.Data) != 4:
		s.emit(Event{Kind: DPDBadLength, Number: uint64(len(n.Data)), Received: true})
		return
	}
	seq := binary.BigEndian.Uint32(n.Data)
	s.emit(Event{Kind: DPDReceived, Notify: n.Notify, Number: uint64(seq)})
	if n.Notify == isakmp.RUThere {
		if s.engine.Flaws.DPDSequence {
			seq += wrong
		}
		s.sendDPD(isakmp.RUThereACK, seq)
		return
	}
	if !s.dpd.waiting || seq != s.dpd.seq {
		s.emit(Event{Kind: DPDBadSequence, Number: uint64(seq)})
		return
	}
	s.dpd.waiting, s.dpd.proof = false, s.engine.host.Now()
	s.rest()
}
