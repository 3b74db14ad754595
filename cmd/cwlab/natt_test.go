package main

import (
	"strings"
	"testing"
	"time"

	"cwlab/emulator/lab"
)

// A peer behind our own NAT device is reached for as long as its keepalives
// keep the NAT's session, whatever is renewed meanwhile.
func TestKeepalivesThroughNAT(t *testing.T) {
	const back = "ping -a 10.0.0.1 -c 3 10.1.0.1"
	for _, tt := range []struct {
		name    string
		setup   []string
		quiet   time.Duration
		reached bool
		renewed bool // the SAs of phase 2
	}{
		{"every 20 seconds, for five minutes", nil, 5 * time.Minute, true, false},
		{"every 20 seconds, for three hours", nil, 3 * time.Hour, true, true},
		{"every 300 seconds, for 200", []string{"Branch system-view", "Branch ike nat-keepalive 300", "Branch return"}, 200 * time.Second, false, false},
	} {
		l := labOf(t, "branch-nat", lab.Options{})
		typeAll(l, tt.setup)
		enter(l, "Branch", "ping -a 10.1.0.1 -c 3 10.0.0.1")
		before := l.Device("Centre").Snapshot()
		if len(before.IPsec) != 1 {
			t.Fatalf("%s: the centre has %d tunnels, want one", tt.name, len(before.IPsec))
		}
		l.RunFor(tt.quiet)
		w := watch(l, "Centre")
		enter(l, "Centre", "", back)
		if got := strings.Contains(w.String(), " 3 packet(s) received"); got != tt.reached {
			t.Errorf("%s: the branch is reached: %v, want %v\n%s", tt.name, got, tt.reached, w.String())
		}
		after := l.Device("Centre").Snapshot()
		if got := len(after.IPsec) == 1 && after.IPsec[0].InSPI != before.IPsec[0].InSPI; got != tt.renewed {
			t.Errorf("%s: phase 2 is renewed: %v, want %v; it was %+v and is %+v", tt.name, got, tt.renewed, before.IPsec, after.IPsec)
		}
	}
}
