// Package nat gives the console network address translation. The engine is
// emulator/nat.
//
// Source: the NAT command and debugging references of the Comware 7 devices;
// `vrrp` on mappings, `disable` and the names of rules are those of the later
// releases of the firewalls.
//
// Limitations: those of the engine; words of refusals are our own. Commands
// for logs of translation, application layer gateways, mapping behaviour,
// hairpins, DNS maps, server groups and port blocks are kept, as is the priority
// of a rule: the order stays that of the lists.
package nat

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	featurevrrp "cwlab/comware/feature/vrrp"
	"cwlab/emulator/nat"
	"cwlab/emulator/stack"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/wire"
	"cwlab/emulator/zone"
)

// Feature is address translation.
var Feature = feature.Feature{
	Name: "nat",
	Views: []feature.View{
		{Name: "nat-address-group", Parent: "system", Title: "Nat-address-group"},
		{Name: "nat-server-group", Parent: "system", Title: "Nat-server-group"},
		{Name: "nat-port-block-group", Parent: "system", Title: "Nat-port-block-group"},
	},
	Commands: slices.Concat(commands, displayCommands, keptCommands),
	Install:  install,
}

// A host is the box behind the engine.
type host struct {
	box   *feature.Box
	only  string // access list that packet traces are limited to
	trace *feature.Switch
	event *feature.Switch
}

func (h *host) Now() time.Time { return h.box.Now() }

func (h *host) Addr(iface string) netip.Addr {
	if i := h.box.Stack.Iface(iface); i != nil && i.Addr().IsValid() {
		return i.Addr().Addr()
	}
	return netip.Addr{}
}

func (h *host) Permits(name string, p *stack.Packet) (permit, exists bool) {
	l := feature.Get[*acl.Lists](h.box).Lookup(name)
	if l == nil {
		return false, false
	}
	r := l.Packet(p)
	if r == nil {
		return false, true
	}
	r.Matched++
	return r.Permit, true
}

func (h *host) Master(iface string, vrid uint8) bool {
	e := feature.Get[*vrrp.Engine](h.box)
	if e == nil {
		return false
	}
	r := e.Router(iface, vrid)
	return r != nil && r.State() == vrrp.Master
}

func (h *host) Draw(n uint32) uint32 { return h.box.Stream("nat port").Uint32() % n }

// Emit words what became of packets and sessions.
func (h *host) Emit(ev nat.Event) {
	switch ev.Kind {
	case nat.Translated:
		if h.trace.On && (h.only == "" || h.selected(ev.Original)) {
			h.box.Debug(h.trace, "NAT", "COMMON", packetText(ev))
		}
	case nat.OutChanged:
		h.box.Debug(h.event, "NAT", "COMMON", "\n EVENT: Deleted NAT session entry for out interface changed!")
	case nat.ConfigChange:
		h.box.Debug(h.event, "NAT", "COMMON", "\n EVENT: Deleted NAT session entry for configuration sequence changed!")
	case nat.Exhausted:
	}
}

func (h *host) selected(p *stack.Packet) bool {
	permit, _ := h.Permits(h.only, p)
	return permit
}

func packetText(ev nat.Event) string {
	dir := "in"
	if ev.Out {
		dir = "out"
	}
	port := func(a netip.AddrPort, src bool) uint16 {
		if ev.Proto == wire.ProtoICMP && !src {
			return 0
		}
		return a.Port()
	}
	ends := func(src, dst netip.AddrPort) string {
		return fmt.Sprintf("%16s:%5d - %15s:%5d(VPN:%5d)", src.Addr(), port(src, true), dst.Addr(), port(dst, false), 0)
	}
	return fmt.Sprintf("\n PACKET: (%s-%s) Protocol: %s\n%s ------>\n%s", ev.Iface, dir, strings.ToUpper(acl.ProtoText(int(ev.Proto))),
		ends(ev.OldSrc, ev.OldDst), ends(ev.NewSrc, ev.NewDst))
}

func install(b *feature.Box) {
	h := &host{box: b, trace: b.Switch("NAT packet"), event: b.Switch("NAT event")}
	e := nat.New(h, feature.Get[*zone.Engine](b))
	feature.Put(b, e)
	feature.Put(b, h)
	b.Stack.Hook(stack.In, "nat", e.In)
	b.Stack.HookBefore(stack.Out, "ipsec", "nat", e.Out)
	b.Stack.AnswerARP(e.ARP)
	b.After(0, func() {
		if feature.Get[*vrrp.Engine](b) != nil {
			featurevrrp.OnChange(b, func(iface string, vip netip.Addr, _, to vrrp.State) { announce(b, e, iface, vip, to) })
		}
	})
}

// announce tells the neighbours of a new master where its translated
// addresses are now.
func announce(b *feature.Box, e *nat.Engine, iface string, vip netip.Addr, to vrrp.State) {
	if to != vrrp.Master {
		return
	}
	i := b.Stack.Iface(iface)
	for _, r := range feature.Get[*vrrp.Engine](b).Routers() {
		if i == nil || r.Iface() != iface || len(r.VIPs()) == 0 || r.VIPs()[0] != vip {
			continue
		}
		for _, a := range e.Addresses(iface, r.VRID()) {
			i.GratuitousARP(a, wire.MAC(vrrp.MAC(r.VRID())))
		}
	}
}

func engine(x *feature.Exec) *nat.Engine { return feature.Get[*nat.Engine](x.Box) }
