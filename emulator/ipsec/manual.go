package ipsec

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"slices"
)

// ManualKeys are one SA that was set up by hand.
type ManualKeys struct {
	SPI        uint32 // 256 or more, 0 for none
	String     string // both keys are made of it; "" for keys of their own
	Encr, Auth []byte // nil for none
}

// A Manual is what an entry says of SAs that are set up by hand.
type Manual struct {
	InAH, InESP, OutAH, OutESP ManualKeys
}

// Of is the SA of a direction and a protocol.
func (m *Manual) Of(inbound bool, proto uint8) *ManualKeys {
	switch {
	case inbound && proto == ProtoAH:
		return &m.InAH
	case inbound:
		return &m.InESP
	case proto == ProtoAH:
		return &m.OutAH
	}
	return &m.OutESP
}

// keys are those of one direction for a transform; ok is false when one is
// missing or has another length than the algorithm's.
func (m *Manual) keys(t Transform, inbound bool) (k Keys, ok bool) {
	esp, ah := m.Of(inbound, ProtoESP), m.Of(inbound, ProtoAH)
	if t.HasESP() {
		k.Encr, k.Auth = esp.Encr, esp.Auth
		if esp.String != "" {
			k.Encr, k.Auth = keyOfString(esp.String, "encryption", t.EncrKeyLen()), keyOfString(esp.String, "authentication", t.AuthKeyLen())
		}
		if esp.SPI == 0 || len(k.Encr) != t.EncrKeyLen() && t.EncrKeyLen() > 0 || len(k.Auth) != t.AuthKeyLen() && t.AuthKeyLen() > 0 {
			return k, false
		}
		k.Encr, k.Auth = k.Encr[:t.EncrKeyLen()], k.Auth[:t.AuthKeyLen()]
	}
	if t.HasAH() {
		k.AH = ah.Auth
		if ah.String != "" {
			k.AH = keyOfString(ah.String, "authentication", t.AH.KeyLen())
		}
		if ah.SPI == 0 || len(k.AH) != t.AH.KeyLen() {
			return k, false
		}
	}
	return k, true
}

// keyOfString makes a key of n bytes of a string. How the product does it is
// not public; here it is SHA-256 of the use, a counter and the string, so that
// two devices of ours agree.
func keyOfString(s, use string, n int) []byte {
	var out []byte
	for i := uint32(0); len(out) < n; i++ {
		sum := sha256.Sum256(append(binary.BigEndian.AppendUint32([]byte(use), i), s...))
		out = append(out, sum[:]...)
	}
	return out[:n:n]
}

// ManualReady says whether the SPIs and keys of an entry fit the algorithms of
// its transform set.
func (e *Engine) ManualReady(x *Entry) bool {
	_, ok := e.manualPair(x)
	return ok
}

// manualPair is the pair of an entry, without its addresses.
func (e *Engine) manualPair(x *Entry) (p Pair, ok bool) {
	ts := e.transforms(x)
	if x.Manual == nil || len(ts) == 0 {
		return Pair{}, false
	}
	t, m := ts[0], x.Manual
	p = Pair{Manual: true, Transform: t}
	in, ok1 := m.keys(t, true)
	out, ok2 := m.keys(t, false)
	p.In, p.Out = in, out
	if t.HasESP() {
		p.InSPI, p.OutSPI = m.InESP.SPI, m.OutESP.SPI
	}
	if t.HasAH() {
		p.InAH, p.OutAH = m.InAH.SPI, m.OutAH.SPI
	}
	return p, ok1 && ok2
}

// manualPairs are those that the configuration asks for.
func (e *Engine) manualPairs() []Pair {
	var out []Pair
	for _, b := range e.applied {
		pol := e.Policy(b.policy)
		if pol == nil {
			continue
		}
		for _, x := range pol.Entries {
			p, ok := e.manualPair(x)
			if !ok || x.ACL == "" || !x.Remote.IsValid() {
				continue
			}
			p.Request = Request{Policy: pol.Name, Seq: x.Seq, Local: e.localOf(pol, x, b.iface), Remote: x.Remote, ACL: x.ACL}
			if p.Local.IsValid() {
				out = append(out, p)
			}
		}
	}
	return out
}

// Sync brings the SAs that are set up by hand in line with the configuration
// and the addresses of the interfaces: the tunnel is there as soon as both
// directions are complete.
func (e *Engine) Sync() {
	want := e.manualPairs()
	has := func(list []Pair, p Pair) bool {
		return slices.ContainsFunc(list, func(o Pair) bool { return reflect.DeepEqual(o, p) })
	}
	var have []Pair
	e.removePairs(ByConfig, func(p *pair) bool {
		if !p.Manual {
			return false
		}
		have = append(have, p.Pair)
		return !has(want, p.Pair)
	})
	for _, p := range want {
		if !has(have, p) {
			_ = e.AddPair(p) // one whose SPI is in use stays out, as the manual says
		}
	}
}

// manualTunnel is the tunnel of an entry whose SAs are set up by hand, nil for
// none.
func (e *Engine) manualTunnel(pol *Policy, x *Entry) *TunnelState {
	for _, t := range e.tunnels {
		if t.Manual && t.Seq == x.Seq && t.Policy == pol.Name {
			return t
		}
	}
	return nil
}

// carries says whether a tunnel protects a flow, seen outbound.
func (e *Engine) carries(t *TunnelState, f Flow) bool {
	if t.ACL == "" {
		return t.Flow.Matches(f)
	}
	acl := e.h.ACL(t.ACL)
	if acl == nil {
		return false
	}
	r, ok := acl.Match(f, false)
	return ok && r.Permit
}

// lifetimes are those of a negotiated pair; one that was set up by hand has
// none.
func (e *Engine) lifetimes(p Pair) (seconds, kilobytes uint32) {
	if p.Manual {
		return 0, 0
	}
	return cmp.Or(p.Seconds, e.Seconds), cmp.Or(p.Kilobytes, e.Kilobytes)
}
