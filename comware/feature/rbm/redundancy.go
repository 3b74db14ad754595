package rbm

import (
	"net/netip"
	"slices"

	"cwlab/comware/feature"
	featurevrrp "cwlab/comware/feature/vrrp"
	"cwlab/emulator/ike"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/rbm"
	"cwlab/emulator/vrrp"
)

// A vault is the backup of security associations. Those under a virtual address
// belong to the device that has the address; the other one keeps copies.
type vault struct {
	*feature.Box
	host  *host
	ike   *ike.Engine
	ipsec *ipsec.Engine
	on    bool
	// conns are the connection IDs here of those that the peer names. Looked up
	// only, never ranged over.
	conns    map[uint32]uint32
	applying bool
	ask      bool
	records  []rbm.SARecord // to be sent together
}

// installVault has IKE and IPsec tell of their SAs.
func (h *host) installVault() {
	v := &vault{Box: h.Box, host: h, ike: feature.Get[*ike.Engine](h.Box), ipsec: feature.Get[*ipsec.Engine](h.Box), conns: map[uint32]uint32{}}
	if v.ike == nil || v.ipsec == nil || feature.Get[*vrrp.Engine](h.Box) == nil {
		return
	}
	h.vault = v
	v.ike.OnSA = func(s *ike.SA, gone bool) {
		switch {
		case !v.watches(s.Local.Addr()):
		case s.Standby:
			v.missing(gone)
		default:
			kind := rbm.SAIKE
			if gone {
				kind = rbm.SAIKEGone
			}
			b := s.Backup()
			v.tell(rbm.SARecord{Kind: kind, IKE: &b})
		}
	}
	v.ipsec.OnPair = func(b ipsec.Backup, what ipsec.Change, standby bool) {
		switch {
		case b.IKEv2 != "" || !v.watches(b.Local):
		case standby:
			v.missing(what == ipsec.PairGone)
		default:
			kind := rbm.SAPair
			if what == ipsec.PairGone {
				kind = rbm.SAPairGone
			}
			v.tell(rbm.SARecord{Kind: kind, Pair: &b})
		}
	}
	featurevrrp.OnChange(h.Box, func(_ string, vip netip.Addr, from, to vrrp.State) {
		if !v.on {
			return
		}
		v.settle(vip, to == vrrp.Master)
		if to == vrrp.Master {
			v.tellAll()
		}
	})
	v.follow()
}

// follow obeys the setting.
func (v *vault) follow() {
	on := v.ipsec.Redundant && !feature.Get[*rbm.Engine](v.Box).Config().NoEntries
	if on == v.on {
		return
	}
	v.on = on
	for _, a := range v.addresses() {
		v.settle(a.addr, a.mine)
		if !on {
			v.sweep(a.addr, nil)
		}
	}
	if on {
		v.tellAll()
		v.missing(true)
	}
}

// A virtual is a virtual address of this device, and whether it has it now.
type virtual struct {
	addr netip.Addr
	mine bool
}

func (v *vault) addresses() []virtual {
	var all []virtual
	for _, r := range feature.Get[*vrrp.Engine](v.Box).Routers() {
		for _, a := range r.VIPs() {
			all = append(all, virtual{a, r.State() == vrrp.Master})
		}
	}
	return all
}

// watches says whether SAs of a local address are backed up.
func (v *vault) watches(local netip.Addr) bool {
	return v.on && !v.applying && slices.ContainsFunc(v.addresses(), func(a virtual) bool { return a.addr == local })
}

func (v *vault) settle(addr netip.Addr, mine bool) {
	v.ike.SetStandby(addr, !mine)
	v.ipsec.SetStandby(addr, !mine)
}

// tell sends a record, together with what follows from the same event.
func (v *vault) tell(r rbm.SARecord) {
	if v.records == nil {
		v.After(0, v.flush)
	}
	v.records = append(v.records, r)
}

func (v *vault) flush() {
	records := v.records
	v.records = nil
	for _, r := range records {
		if r.Kind == rbm.SAIKE { // as it is after all of the event
			if s := v.same(r.IKE); s != nil {
				*r.IKE = s.Backup()
			}
		}
	}
	feature.Get[*rbm.Engine](v.Box).SendSAs(records)
}

// missing asks the peer for all, once, when a copy is gone.
func (v *vault) missing(gone bool) {
	if gone && !v.ask {
		v.ask = true
		v.After(0, func() {
			v.ask = false
			v.tell(rbm.SARecord{Kind: rbm.SAAsk})
		})
	}
}

// tellAll tells the peer of all SAs under the addresses that this device has.
func (v *vault) tellAll() {
	for _, a := range v.addresses() {
		if !v.on || !a.mine {
			continue
		}
		v.tell(rbm.SARecord{Kind: rbm.SAAll, Local: a.addr})
		for _, s := range v.ike.SAs() {
			if s.State == ike.Established && !s.Standby && s.Local.Addr() == a.addr {
				b := s.Backup()
				v.tell(rbm.SARecord{Kind: rbm.SAIKE, IKE: &b})
			}
		}
		for _, b := range v.ipsec.Backups(a.addr, false) {
			if b.IKEv2 == "" {
				v.tell(rbm.SARecord{Kind: rbm.SAPair, Pair: &b})
			}
		}
	}
}

// connected begins anew with a peer whose numbers may be others now.
func (v *vault) connected() {
	clear(v.conns)
	v.tellAll()
}

// conn is the connection ID here of one of the peer's.
func (v *vault) conn(theirs uint32) uint32 {
	if _, ok := v.conns[theirs]; !ok {
		v.conns[theirs] = v.ike.ReserveConn()
	}
	return v.conns[theirs]
}

// apply takes what the peer tells.
func (v *vault) apply(records []rbm.SARecord) {
	if !v.on {
		return
	}
	v.applying = true
	defer func() { v.applying = false }()
	var whole []netip.Addr
	for _, r := range records {
		switch r.Kind {
		case rbm.SAAll:
			whole = append(whole, r.Local)
		case rbm.SAAsk:
			v.tellAll()
		case rbm.SAIKE:
			v.adoptIKE(*r.IKE)
		case rbm.SAIKEGone:
			if s := v.same(r.IKE); s != nil {
				v.ike.Forget(s)
			}
		case rbm.SAPair:
			v.adoptPair(*r.Pair)
		case rbm.SAPairGone:
			v.ipsec.Forget(*r.Pair)
		}
	}
	for _, local := range whole {
		v.sweep(local, records)
	}
}

// same is the SA that a backup is of, nil for none.
func (v *vault) same(b *ike.Backup) *ike.SA {
	if i := slices.IndexFunc(v.ike.SAs(), b.Same); i >= 0 {
		return v.ike.SAs()[i]
	}
	return nil
}

func (v *vault) adoptIKE(b ike.Backup) {
	if !v.copies(b.Local.Addr()) {
		return
	}
	if s := v.same(&b); s != nil {
		v.conns[b.Conn] = s.Conn
	}
	b.Conn = v.conn(b.Conn)
	for i, n := range b.Ancestors {
		b.Ancestors[i] = v.conn(n)
	}
	v.ike.Adopt(b)
}

func (v *vault) adoptPair(b ipsec.Backup) {
	if !v.copies(b.Local) {
		return
	}
	b.IKE = v.conn(b.IKE)
	// One that does not fit here, as its SPI is in use, is not backed up.
	_ = v.ipsec.Adopt(b)
}

// copies says whether this device keeps copies of SAs of a local address: it is
// one of its virtual addresses, and the other device has it.
func (v *vault) copies(local netip.Addr) bool {
	return slices.Contains(v.addresses(), virtual{local, false})
}

// sweep removes copies of a local address that are not among the records.
func (v *vault) sweep(local netip.Addr, records []rbm.SARecord) {
	for _, s := range slices.Clone(v.ike.SAs()) {
		if s.Standby && s.Local.Addr() == local && !slices.ContainsFunc(records, func(r rbm.SARecord) bool { return r.Kind == rbm.SAIKE && r.IKE.Same(s) }) {
			v.ike.Forget(s)
		}
	}
	for _, b := range v.ipsec.Backups(local, true) {
		if !slices.ContainsFunc(records, func(r rbm.SARecord) bool { return r.Kind == rbm.SAPair && r.Pair.Same(&b) }) {
			v.ipsec.Forget(b)
		}
	}
}

// ApplySAs takes security associations of the peer.
func (h *host) ApplySAs(records []rbm.SARecord) {
	if h.vault != nil {
		h.vault.apply(records)
	}
}
