package device

import (
	"cwlab/comware/feature"
	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/lab"
)

// TellKeys has the box, now and after every boot, tell one more listener the
// secrets that it negotiates.
func (d *Device) TellKeys(to lab.KeyListener) {
	d.keys = append(d.keys, to)
	if d.box != nil {
		d.tellKeys()
	}
}

func (d *Device) tellKeys() {
	if len(d.keys) == 0 {
		return
	}
	if e := feature.Get[*ike.Engine](d.box); e != nil {
		e.OnKeys, e.OnSecret = d.keys.IKEKeys, d.keys.DHSecret
	}
	if e := feature.Get[*ikev2.Engine](d.box); e != nil {
		e.OnKeys, e.OnSecret = d.keys.IKEv2Keys, d.keys.DHSecret
	}
	if e := feature.Get[*ipsec.Engine](d.box); e != nil {
		e.OnKeys = d.keys.ESPKeys
	}
}
