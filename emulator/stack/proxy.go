package stack

import (
	"net/netip"
	"slices"

	"cwlab/emulator/wire"
)

// AnswerARP calls f for ARP requests for addresses that the host does not own:
// it says whether the host answers for one all the same, and with which
// Ethernet address. Translated addresses are of that kind.
func (h *Host) AnswerARP(f func(i *Iface, a netip.Addr) (wire.MAC, bool)) {
	h.answers = append(h.answers, f)
}

// answerFor is the Ethernet address that the host answers with for an address.
func (i *Iface) answerFor(a netip.Addr) (wire.MAC, bool) {
	if i.Owns(a) {
		return i.macOf(a), true
	}
	for _, f := range i.h.answers {
		if mac, ok := f(i, a); ok {
			return mac, true
		}
	}
	return wire.MAC{}, false
}

// HookBefore calls f at a point before the hook of that other name, or last
// when there is none.
func (h *Host) HookBefore(at HookPoint, other, name string, f func(*Packet) Verdict) {
	k := slices.IndexFunc(h.hooks[at], func(x hook) bool { return x.name == other })
	if k < 0 {
		h.Hook(at, name, f)
		return
	}
	h.hooks[at] = slices.Insert(h.hooks[at], k, hook{name, f})
}
