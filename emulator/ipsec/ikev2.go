package ipsec

import (
	"net/netip"
	"strings"
)

// anyFlow is what an entry of a template without ACL protects.
var anyFlow = Selector{Src: netip.PrefixFrom(netip.IPv4Unspecified(), 0), Dst: netip.PrefixFrom(netip.IPv4Unspecified(), 0)}

// Flows is all that entries with an IKEv2 profile permit between two
// addresses, seen outbound, in the order in which entries and rules come.
// IKE version 2 narrows a peer's traffic to one of them.
func (e *Engine) Flows(local, remote netip.Addr, profile string) []Selector {
	var out []Selector
	e.bodies(local, remote, func(_ *Policy, x, body *Entry) bool {
		acl := e.acl(body)
		switch {
		case body.IKEv2 == "" || !strings.EqualFold(body.IKEv2, profile):
		case body.ACL == "" && x.Template != "":
			out = append(out, anyFlow)
		case acl != nil:
			out = append(out, permitted(acl)...)
		}
		return true
	})
	return out
}

// PolicyForIKEv2 is PolicyFor with an IKEv2 profile.
func (e *Engine) PolicyForIKEv2(local, remote netip.Addr, flow Selector, profile string) (r Request, ok bool) {
	e.bodies(local, remote, func(p *Policy, x, body *Entry) bool {
		if body.IKEv2 != "" && strings.EqualFold(body.IKEv2, profile) && e.serves(x, body, flow) {
			r, ok = e.request(p, x, body, local, remote, flow), true
		}
		return !ok
	})
	return r, ok
}
