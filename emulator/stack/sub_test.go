package stack

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/link"
	"cwlab/emulator/wire"
)

// subs gives hosts A and B a subinterface each in a VLAN, 10.1.0.n/24.
func subs(l *lan, vlans ...uint16) []*Iface {
	var all []*Iface
	for n, h := range l.hosts {
		i := h.AddSub(h.Iface("eth0"), "eth0.1")
		i.SetVLAN(vlans[n])
		i.SetAddr(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, 0, byte(n + 1)}), 24))
		all = append(all, i)
	}
	return all
}

func TestSubinterfacesCarryTags(t *testing.T) {
	l := newLAN(t, 2)
	var tags []uint16
	l.net.Tap(func(_ *link.Port, _ time.Time, frame []byte) {
		vlan, _ := wire.VLAN(frame)
		tags = append(tags, vlan)
	})
	i := subs(l, 100, 100)
	tags = nil
	l.wantEcho("in VLAN 100", l.hosts[0], "", "10.1.0.2", 56)
	if len(tags) == 0 || slices.ContainsFunc(tags, func(v uint16) bool { return v != 100 }) {
		t.Errorf("tags on the wire are %v, want 100 only", tags)
	}
	main := l.hosts[0].Iface("eth0")
	if c, m := i[0].Counters(), main.Counters(); c.OutPackets == 0 || m.OutPackets < c.OutPackets || c.InPackets == 0 {
		t.Errorf("the subinterface counts %+v, its main interface %+v", c, m)
	}
	tags = nil
	l.wantEcho("untagged beside it", l.hosts[0], "", "10.0.0.2", 56)
	if slices.Contains(tags, 100) {
		t.Errorf("tags on the wire are %v, want none", tags)
	}
	l.wantEcho("in fragments", l.hosts[0], "", "10.1.0.2", 4000)
}

func TestSubinterfaceStates(t *testing.T) {
	l := newLAN(t, 2)
	i := subs(l, 100, 200)
	l.wantSilence("another VLAN", l.hosts[0], "", "10.1.0.2")
	a := l.hosts[0]
	other := a.AddSub(a.Iface("eth0"), "eth0.2")
	if other.Up() {
		t.Error("a subinterface without a VLAN is up")
	}
	if other.SetVLAN(100) {
		t.Error("two subinterfaces got VLAN 100")
	}
	if !other.SetVLAN(101) || !other.Up() {
		t.Error("VLAN 101 was refused")
	}
	if !i[0].SetVLAN(200) {
		t.Error("VLAN 200 was refused")
	}
	l.wantEcho("the same VLAN", a, "", "10.1.0.2", 56)
	a.Iface("eth0").SetAdmin(false)
	if i[0].Up() {
		t.Error("a subinterface outlives its main interface")
	}
	a.Iface("eth0").SetAdmin(true)
	l.wantEcho("up again", a, "", "10.1.0.2", 56)
	a.RemoveIface("eth0.1")
	if a.Iface("eth0.1") != nil || len(a.Iface("eth0").Below()) != 1 {
		t.Error("the subinterface is still there")
	}
}

func TestSecondaryAddresses(t *testing.T) {
	l := newLAN(t, 2)
	a, b := l.hosts[0], l.hosts[1]
	i := a.Iface("eth0")
	i.AddSub(prefix("20.0.0.1/24"))
	b.Iface("eth0").AddSub(prefix("20.0.0.2/24"))
	a.ClearARP(nil)
	b.ClearARP(nil)
	l.wantEcho("by the secondary address", a, "20.0.0.1", "20.0.0.2", 56)
	for _, n := range b.ARP() {
		if n.Addr == ip("10.0.0.1") {
			t.Error("ARP asked for a neighbour of the second network from the first")
		}
	}
	i.RemoveSub(prefix("20.0.0.1/24"))
	l.wantSilence("removed", b, "", "20.0.0.1")
	i.AddSub(prefix("20.0.0.1/24"))
	i.SetAddr(netip.Prefix{})
	if len(i.Addrs()) != 0 {
		t.Errorf("addresses left are %v", i.Addrs())
	}
}

func TestStaticARP(t *testing.T) {
	l := newLAN(t, 2)
	a := l.hosts[0]
	wrong, right := wire.MAC{2, 9, 9, 9, 9, 9}, l.hosts[1].Iface("eth0").MAC()
	var faults []ARPFault
	a.OnARPError(func(_ *Iface, _ wire.ARP, why ARPFault) { faults = append(faults, why) })
	a.SetARP(ip("10.0.0.2"), wrong)
	a.SetARP(ip("99.0.0.2"), wrong)
	l.wantSilence("a wrong static entry", a, "", "10.0.0.2")
	l.hosts[1].Iface("eth0").GratuitousARP(ip("10.0.0.2"), right)
	l.run(time.Second)
	if !slices.Contains(faults, ARPStatic) {
		t.Errorf("faults are %v, want a conflict with the static entry", faults)
	}
	a.ClearARP(nil)
	e := a.ARP()
	if len(e) != 2 || e[0].MAC != wrong || e[0].Iface == nil || !e[0].Static || e[1].Iface != nil {
		t.Errorf("ARP table is %+v", e)
	}
	a.SetARP(ip("10.0.0.2"), right)
	l.wantEcho("the right one", a, "", "10.0.0.2", 56)
	if !a.RemoveARP(ip("10.0.0.2")) || a.RemoveARP(ip("10.0.0.2")) {
		t.Error("the entry was not removed, or twice")
	}
	a.SetARPAgeing(time.Minute)
	l.wantEcho("learnt again", a, "", "10.0.0.2", 56)
	l.cable[1].Cut()
	l.run(2 * time.Minute)
	if e := a.ARP(); len(e) != 1 {
		t.Errorf("after a minute and the probes the table is %+v", e)
	}
}
