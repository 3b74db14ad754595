package tunnel

import (
	"cmp"
	"net/netip"

	"cwlab/comware/feature"
	"cwlab/emulator/gre"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/stack"
)

// defaultMTU is that of the mode over IPv4 on Ethernet.
func (t *tunnel) defaultMTU() int {
	if t.mode == "ipsec" {
		return 1444
	}
	return 1476
}

func protector(b *feature.Box) *ipsec.Engine { return feature.Get[*ipsec.Engine](b) }

// protect puts the IPsec profile on the interface, or takes it off. In GRE mode
// it protects the GRE packets between the ends, in IPsec mode all that routes
// send into the tunnel.
func (t *tunnel) protect(b *feature.Box) {
	e, i := protector(b), t.Iface
	t.Send, t.Carry, t.Protected = nil, nil, t.protection != ""
	if t.mode == "ipsec" {
		t.Carry = func(p *stack.Packet) { e.Shield(p) }
	}
	if t.protection == "" || !t.Local.IsValid() || !t.Remote.IsValid() {
		e.Unprotect(i.Name())
		return
	}
	g := ipsec.Guard{Iface: i.Name(), Profile: t.protection, Local: t.Local, Remote: t.Remote}
	if t.mode == "ipsec" {
		all := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
		g.Flow = ipsec.Selector{Src: all, Dst: all}
		g.Take = func(p *stack.Packet) { b.Stack.FromTunnel(i, p.Append()) }
	} else {
		g.Flow = ipsec.Selector{Src: netip.PrefixFrom(t.Local, 32), Dst: netip.PrefixFrom(t.Remote, 32), Proto: gre.Proto}
		t.Send = func(p *stack.Packet) error {
			p.Out, p.ID, p.TTL = i, b.Stack.NextID(), cmp.Or(p.TTL, 255)
			e.Shield(p)
			return nil
		}
	}
	e.Protect(g)
}
