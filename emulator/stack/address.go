package stack

import (
	"net/netip"
	"slices"

	"cwlab/emulator/wire"
)

// A virtual is an address that the host owns for a while, with its own
// Ethernet address.
type virtual struct {
	addr netip.Addr
	mac  wire.MAC
}

// Addr is the primary address with its prefix length, the zero Prefix for
// none.
func (i *Iface) Addr() netip.Prefix { return i.addr }

// Subs are the secondary addresses in the order in which they were given.
func (i *Iface) Subs() []netip.Prefix { return slices.Clone(i.subs) }

// Addrs are all addresses, the primary one first.
func (i *Iface) Addrs() []netip.Prefix {
	if !i.addr.IsValid() {
		return nil
	}
	return append([]netip.Prefix{i.addr}, i.subs...)
}

// SetAddr gives it a primary address and tells the neighbours; the zero Prefix
// takes all addresses away.
func (i *Iface) SetAddr(p netip.Prefix) {
	if i.addr == p {
		return
	}
	i.addr = p
	if !p.IsValid() {
		i.subs = nil
	}
	i.h.forgetNeighbours(i)
	i.h.reroute()
	i.announce()
}

// AddSub gives it a secondary address; it has none without a primary one.
func (i *Iface) AddSub(p netip.Prefix) {
	if !i.addr.IsValid() || slices.Contains(i.subs, p) {
		return
	}
	i.subs = append(i.subs, p)
	i.h.reroute()
	if i.up {
		i.GratuitousARP(p.Addr(), i.mac)
	}
}

// RemoveSub takes a secondary address away.
func (i *Iface) RemoveSub(p netip.Prefix) {
	i.subs = slices.DeleteFunc(i.subs, func(o netip.Prefix) bool { return o == p })
	for _, n := range i.h.sortedNeighbours() {
		if n.iface == i && p.Contains(n.addr) && !i.onLink(n.addr) {
			i.h.forget(n)
		}
	}
	i.h.reroute()
}

func (i *Iface) announce() {
	if i.up {
		for _, p := range i.Addrs() {
			i.GratuitousARP(p.Addr(), i.mac)
		}
	}
	for _, v := range i.virtual {
		i.GratuitousARP(v.addr, v.mac)
	}
}

// AddVirtual makes the host own addr with an Ethernet address of its own:
// frames to mac are accepted, ARP answers with it, and packets from addr leave
// with it.
func (i *Iface) AddVirtual(addr netip.Addr, mac wire.MAC) {
	i.RemoveVirtual(addr)
	i.virtual = append(i.virtual, virtual{addr, mac})
	i.h.reroute()
}

// RemoveVirtual gives addr up.
func (i *Iface) RemoveVirtual(addr netip.Addr) {
	i.virtual = slices.DeleteFunc(i.virtual, func(v virtual) bool { return v.addr == addr })
	i.h.reroute()
}

// Virtuals lists the virtual addresses.
func (i *Iface) Virtuals() []netip.Addr {
	var all []netip.Addr
	for _, v := range i.virtual {
		all = append(all, v.addr)
	}
	return all
}

// Owns says whether an address, virtual ones included, is the interface's.
func (i *Iface) Owns(a netip.Addr) bool {
	if i.addr.IsValid() && i.addr.Addr() == a {
		return true
	}
	for k := range i.subs {
		if i.subs[k].Addr() == a {
			return true
		}
	}
	for k := range i.virtual {
		if i.virtual[k].addr == a {
			return true
		}
	}
	return false
}

// onLink says whether an address belongs to a network of the interface.
func (i *Iface) onLink(a netip.Addr) bool { return i.sourceOnLink(a).IsValid() }

// sourceOnLink is the interface's own address in the network of a neighbour,
// the zero Addr when it shares none with it.
func (i *Iface) sourceOnLink(a netip.Addr) netip.Addr {
	if i.addr.IsValid() && i.addr.Contains(a) {
		return i.addr.Addr()
	}
	for k := range i.subs {
		if i.subs[k].Contains(a) {
			return i.subs[k].Addr()
		}
	}
	return netip.Addr{}
}

// macOf is the Ethernet address that goes with an address of this interface.
func (i *Iface) macOf(a netip.Addr) wire.MAC {
	for k := range i.virtual {
		if i.virtual[k].addr == a {
			return i.virtual[k].mac
		}
	}
	return i.mac
}

// broadcast says whether a is the limited broadcast or that of a subnet.
func (i *Iface) broadcast(a netip.Addr) bool {
	if a == limited {
		return true
	}
	if !i.addr.IsValid() {
		return false
	}
	if i.addr.Bits() < 31 && a == lastOf(i.addr) {
		return true
	}
	for k := range i.subs {
		if i.subs[k].Bits() < 31 && a == lastOf(i.subs[k]) {
			return true
		}
	}
	return false
}

// Broadcast is the broadcast address of a network, the zero Addr if its prefix
// is longer than 30 bits.
func Broadcast(p netip.Prefix) netip.Addr {
	if p.Bits() > 30 {
		return netip.Addr{}
	}
	return lastOf(p)
}

var limited = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// lastOf is the highest address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	a := p.Masked().Addr().As4()
	for k := p.Bits(); k < 32; k++ {
		a[k/8] |= 0x80 >> (k % 8)
	}
	return netip.AddrFrom4(a)
}
