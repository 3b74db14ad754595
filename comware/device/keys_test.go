package device

import (
	"testing"

	"cwlab/comware/feature"
	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/pcap"
)

func TestKeysAreToldAfterEveryBoot(t *testing.T) {
	d := sit(t, "F1060", "")
	tells := func() bool {
		i, p := feature.Get[*ike.Engine](d.Box()), feature.Get[*ipsec.Engine](d.Box())
		v := feature.Get[*ikev2.Engine](d.Box())
		return i.OnKeys != nil && i.OnSecret != nil && v.OnKeys != nil && v.OnSecret != nil && p.OnKeys != nil
	}
	if tells() {
		t.Error("secrets are told unasked")
	}
	d.TellKeys(new(pcap.Keys))
	if !tells() {
		t.Error("secrets are not told")
	}
	d.Power(false)
	d.Power(true)
	if !tells() {
		t.Error("after a boot secrets are not told")
	}
	d.Power(false)
	d.TellKeys(new(pcap.Keys)) // while it is off
}
