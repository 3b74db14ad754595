package device

import (
	"cwlab/comware/feature"
	"cwlab/emulator/ike"
)

type flaws = ike.Flaws // of the engine, not of the feature of that name

// SetFlaws has the box make mistakes, now and after every boot.
func (d *Device) SetFlaws(f flaws) {
	d.flaws = f
	if d.box != nil {
		d.makeFlaws()
	}
}

func (d *Device) makeFlaws() {
	if e := feature.Get[*ike.Engine](d.box); e != nil {
		e.Flaws = d.flaws
	}
}
