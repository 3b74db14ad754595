package zone

import (
	"testing"

	"cwlab/emulator/stack"
)

// An ICMP error that the device sends about a packet that it did not forward
// has no session to follow: the policy decides, and no session begins.
func TestErrorsOfTheDeviceFollowThePolicy(t *testing.T) {
	about := func() *stack.Packet {
		return ip(1, inside, outside, append([]byte{11, 0, 0, 0, 0, 0, 0, 0}, udp(outside, inside, 9, 33434).Append()...)...)
	}
	f := newFirewall(t, &Rule{Action: Pass, From: []string{Local}, To: []string{"Trust"}})
	f.want("without a rule", f.send("", "if2", about()), stack.Drop)
	f = newFirewall(t, &Rule{Action: Pass, From: []string{Local}, To: []string{"Untrust"}})
	f.want("with a rule", f.send("", "if2", about()), stack.Accept)
	f.wantState()
	f.want("the same error of another device", f.send("if1", "if2", about()), stack.Drop)
}
