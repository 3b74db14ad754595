package stack

import (
	"slices"

	"cwlab/emulator/wire"
)

// AddSub adds a subinterface of an Ethernet interface, with its Ethernet
// address. It terminates IEEE 802.1Q frames of one VLAN and is down until it
// has one. The name is that of the main interface, a dot and a number.
func (h *Host) AddSub(main *Iface, name string) *Iface {
	i := h.add(name, Ethernet)
	i.mac, i.main = main.mac, main
	i.groups = map[wire.MAC]int{}
	main.below = append(main.below, i)
	slices.SortFunc(main.below, func(a, b *Iface) int { return compareNames(a.name, b.name) })
	i.refresh()
	return i
}

// Main is the interface that a subinterface belongs to, nil for others.
func (i *Iface) Main() *Iface { return i.main }

// Below are the subinterfaces by name.
func (i *Iface) Below() []*Iface { return slices.Clone(i.below) }

// VLAN is the VLAN that a subinterface terminates, 0 for none.
func (i *Iface) VLAN() uint16 { return i.vlan }

// SetVLAN has a subinterface terminate a VLAN, 1 to 4094; 0 ends it. Two
// subinterfaces of one main interface cannot share a VLAN: false means that
// another has it and nothing was changed.
func (i *Iface) SetVLAN(vlan uint16) bool {
	if i.vlan == vlan {
		return true
	}
	if vlan != 0 && i.main.terminates(vlan) != nil {
		return false
	}
	if i.vlan != 0 && vlan != 0 { // the link is another one now
		i.vlan = 0
		i.refresh()
	}
	i.vlan = vlan
	i.refresh()
	return true
}

// terminates is the subinterface of a VLAN, nil if there is none.
func (i *Iface) terminates(vlan uint16) *Iface {
	for _, s := range i.below {
		if s.vlan == vlan {
			return s
		}
	}
	return nil
}
