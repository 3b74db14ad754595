package device

import (
	"fmt"
	"strings"
	"testing"
)

// large is a configuration of some 5,000 lines as a firewall of a data centre
// has it: addresses, routes, lists, users, policies.
func large() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("#\n sysname Large\n#")
	for i := range 125 {
		line("object-group ip address net%d\n 0 network subnet 10.%d.%d.0 255.255.255.0\n 10 network host address 192.0.2.%d\n#", i, i/100, i%100, i+1)
	}
	for i := range 100 {
		line("interface LoopBack%d\n ip address 172.16.%d.1 255.255.255.255\n#", i, i)
	}
	for i := range 1400 {
		line(" ip route-static 10.%d.%d.0 24 NULL0", i/250, i%250)
	}
	line("#")
	for i := range 10 {
		line("acl advanced %d", 3000+i)
		for j := range 125 {
			line(" rule %d permit tcp source 10.%d.%d.0 0.0.0.255 destination-port eq %d", 5*j, i, j, 1000+j)
		}
		line("#")
	}
	for i := range 50 {
		line("local-user user%d class manage\n service-type ssh terminal\n authorization-attribute user-role network-operator\n#", i)
	}
	line("security-policy ip")
	for i := range 250 {
		line(" rule %d name rule%d\n  action pass\n  source-zone Trust\n  destination-zone Untrust\n  source-ip net%d", i, i, i%125)
	}
	line("#\nreturn")
	return b.String()
}

// TestLargeConfiguration boots what the benchmarks boot: nothing of it is
// refused, it has the size that they claim, and it is printed as it was.
func TestLargeConfiguration(t *testing.T) {
	d := sit(t, "F1090", large())
	for i, e := range d.LoadErrors() {
		if i < 10 {
			t.Error(e)
		}
	}
	once := printed(d.Device)
	if n := strings.Count(once, "\n"); n < 5000 {
		t.Errorf("the configuration has %d lines, want 5,000", n)
	}
	if got := printed(sit(t, "F1090", once).Device); got != once {
		t.Errorf("booted from what it printed, the device prints other lines: %s", differing(once, got))
	}
}
