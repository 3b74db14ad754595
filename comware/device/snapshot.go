package device

import (
	"cwlab/comware/feature"
	"cwlab/emulator/ike"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/lab"
	"cwlab/emulator/rbm"
	"cwlab/emulator/vrrp"
)

// Snapshot is what the engines of the box say of themselves.
func (d *Device) Snapshot() lab.Snapshot {
	s := lab.Snapshot{Name: d.spec.Name, Model: d.model.Name, Sysname: "", Powered: d.box != nil}
	if d.box == nil {
		return s
	}
	_ = feature.Get[*rbm.Engine](d.box)
	_ = feature.Get[*vrrp.Engine](d.box)
	_ = feature.Get[*ike.Engine](d.box)
	_ = feature.Get[*ipsec.Engine](d.box)
	return s
}
