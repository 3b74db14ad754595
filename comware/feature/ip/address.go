package ip

import (
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

var addressCommands = append(both("interface loopback tunnel", "ip address <address:ip> <mask:mask> [ sub ]", "ip address [ <address:ip> <mask:mask> [ sub ] ]",
	feature.Texts{"ip": "Specify IP configurations for the interface", "address": "Set the IP address of an interface", "sub": "Indicate a subordinate address"},
	func(x *feature.Exec, a *cli.Args, on bool) {
		if on {
			setAddress(x, a)
		} else {
			removeAddress(x, a)
		}
	}), allocated()...)

// allocated are the ways to get an address from a server. No server is asked:
// the line takes the place of the addresses.
func allocated() []feature.Command {
	var all []feature.Command
	texts := feature.Texts{"ip": "Specify IP configurations for the interface", "address": "Set the IP address of an interface",
		"dhcp-alloc": "Get the address by DHCP", "bootp-alloc": "Get the address by BOOTP"}
	for _, c := range slices.Concat(both("interface", "ip address dhcp-alloc", "ip address dhcp-alloc", texts, setAllocated),
		both("interface", "ip address bootp-alloc", "ip address bootp-alloc", texts, setAllocated)) {
		all = append(all, kept(c))
	}
	return all
}

func setAllocated(x *feature.Exec, a *cli.Args, on bool) {
	line := "ip address dhcp-alloc"
	if a.Has("bootp-alloc") {
		line = "ip address bootp-alloc"
	}
	now := x.Node().Child(allocKey)
	switch {
	case on:
		if x.Node().Child(primaryKey) != nil {
			clearAddresses(x)
		}
		x.Node().Set(placeAddress, allocKey, line)
	case now != nil && now.Text == line:
		x.Node().Remove(allocKey)
	}
}

// clearAddresses removes whatever the interface has.
func clearAddresses(x *feature.Exec) {
	x.Node().RemoveAll(func(key string) bool { return strings.HasPrefix(key, primaryKey) })
	iface(x).SetAddr(netip.Prefix{})
}

// Keys of the lines of addresses.
const (
	primaryKey = "ip address"
	allocKey   = "ip address alloc"
)

// subKey is the key of the line of a secondary address.
func subKey(p netip.Prefix) string { return primaryKey + " " + p.Addr().String() + " sub" }

func setAddress(x *feature.Exec, a *cli.Args) {
	p := a.Prefix("address", "mask")
	if reason := badAddress(p); reason != "" {
		x.Error("Error: " + reason)
		return
	}
	me, sub := iface(x), a.Has("sub")
	if bridged(x.Box, me.Name()) {
		x.Error("Error: The interface is in bridge mode.")
		return
	}
	if sub && !me.Addr().IsValid() {
		x.Error("Error: The primary IP address is not configured.")
		return
	}
	if other := overlap(x.Box, me, p, sub); other != nil {
		x.Error("Error: The IP address overlaps with that of interface " + other.Name() + ".")
		return
	}
	line := primaryKey + " " + p.Addr().String() + " " + dotted(p.Bits())
	if sub {
		x.Node().Set(placeSub, subKey(p), line+" sub")
		me.AddSub(p)
		return
	}
	x.Node().Remove(allocKey)
	x.Node().Set(placeAddress, primaryKey, line)
	me.SetAddr(p)
}

// overlap is the interface whose network an address would overlap. A primary
// address may take the place of the interface's own; a secondary address may
// share its network, but not be the same.
func overlap(b *feature.Box, me *stack.Iface, p netip.Prefix, sub bool) *stack.Iface {
	for _, i := range b.Stack.Ifaces() {
		for n, o := range i.Addrs() {
			switch {
			case i != me && o.Overlaps(p):
				return i
			case i == me && o.Addr() == p.Addr() && (sub || n > 0):
				return i
			}
		}
	}
	return nil
}

// badAddress says why an interface cannot have the address, "" if it can.
func badAddress(p netip.Prefix) string {
	first := p.Addr().As4()[0]
	switch {
	case !p.IsValid(), p.Bits() == 0:
		return "Invalid mask."
	case first == 0, first == 127, first >= 224:
		return "Invalid IP address."
	case p.Bits() < 31 && p.Addr() == p.Masked().Addr():
		return "The IP address is a network address."
	}
	if p.Bits() < 31 {
		next := p.Addr().Next()
		if !p.Contains(next) {
			return "The IP address is a broadcast address."
		}
	}
	return ""
}

// removeAddress removes one address, or all of them. The primary one goes last.
func removeAddress(x *feature.Exec, a *cli.Args) {
	i, p := iface(x), a.Prefix("address", "mask")
	switch {
	case !p.IsValid():
		clearAddresses(x)
	case slices.Contains(i.Subs(), p):
		x.Node().Remove(subKey(p))
		i.RemoveSub(p)
	case i.Addr() != p || a.Has("sub"):
		x.Error("Error: The IP address does not exist.")
	case len(i.Subs()) > 0:
		x.Error("Error: The interface has secondary IP addresses.")
	default:
		x.Node().Remove(primaryKey)
		i.SetAddr(netip.Prefix{})
	}
}

// dotted is a mask of that length.
func dotted(bits int) string {
	v := ^uint32(0) << (32 - bits)
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}).String()
}
