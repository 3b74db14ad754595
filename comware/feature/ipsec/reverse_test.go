package ipsec

import (
	"strings"
	"testing"
	"time"
)

// hub takes A's route to the far side away: reverse routes are to bring it.
func hub(t *testing.T) (a, b *desk) {
	a, b = two(t)
	a.do("system-view", "undo ip route-static 3.3.3.3 32", "return")
	return a, b
}

func routes(d *desk) string { return d.do("display ip routing-table 3.3.3.3 verbose") }

// A reverse route comes with the SAs and goes with them.
func TestReverseRoutes(t *testing.T) {
	a, b := hub(t)
	ping := func(want bool) {
		t.Helper()
		out := b.do("ping -a 3.3.3.3 -c 3 2.2.2.2")
		if got := strings.Contains(out, "icmp_seq=2 "); got != want {
			t.Errorf("answers: %v, want %v\n%s", got, want, out)
		}
	}
	ping(false)
	a.do("debugging ipsec event", "system-view", "ipsec policy map1 10", "reverse-route dynamic", "return")
	if n := len(tunnels(a)); n != 0 {
		t.Errorf("%d tunnels outlive the change", n)
	}
	b.do("reset ipsec sa")
	ping(true)
	if got := a.do("display ip routing-table 3.3.3.3"); !strings.Contains(got, "3.3.3.3/32         Static  60  0           1.1.1.2         GE1/0/1\n") {
		t.Errorf("the table is\n%s", got)
	}
	if got := a.Config(); strings.Contains(got, "ip route-static 3.3.3.3") {
		t.Error("the reverse route is in the configuration")
	}
	a.RoundTrip()
	for _, text := range []string{
		"Adding route: Dest/Mask: 3.3.3.3/32, Next hop: 1.1.1.2, Source vpn instance: , Destination vpn instance: , Tag: 0, Preference: 60",
		"Successfully added a static route.",
	} {
		if !strings.Contains(a.logs.String(), text) {
			t.Errorf("no %q among the traces", text)
		}
	}
	a.do("reset ipsec sa")
	if got := routes(a); strings.Contains(got, "3.3.3.3/32") || !strings.Contains(a.logs.String(), "Successfully deleted a static route.") {
		t.Errorf("after the reset the table is\n%s", got)
	}
	ping(true) // told of the delete, B asks anew
	a.do("system-view", "ipsec policy map1 10", "reverse-route preference 100", "reverse-route tag 50", "return")
	if strings.Contains(routes(a), "3.3.3.3/32") {
		t.Error("the route outlives a change of its preference")
	}
	b.do("reset ipsec sa")
	ping(true)
	if got := routes(a); !strings.Contains(got, "Preference: 100") || !strings.Contains(got, "Tag: 50") {
		t.Errorf("the route is\n%s", got)
	}
	a.RoundTrip()
	a.do("system-view", "ipsec policy map1 10", "undo reverse-route preference", "undo reverse-route tag", "undo reverse-route dynamic", "return")
	if strings.Contains(a.Config(), "reverse-route") || strings.Contains(routes(a), "3.3.3.3/32") {
		t.Error("reverse routes are not off")
	}
}

// A route of the configuration is another than a reverse route of the same
// way, and `delete static-routes all` leaves the latter.
func TestReverseRoutesBesideStaticOnes(t *testing.T) {
	a, b := two(t)
	a.do("system-view", "ipsec policy map1 10", "reverse-route dynamic", "return")
	b.do("ping -a 3.3.3.3 -c 3 2.2.2.2")
	a.do("reset ipsec sa")
	if got := routes(a); !strings.Contains(got, "3.3.3.3/32") {
		t.Errorf("the static route has gone with the reverse route:\n%s", got)
	}
	b.do("ping -a 3.3.3.3 -c 3 2.2.2.2")
	a.Answer("Y")
	a.do("system-view", "delete static-routes all", "return")
	if got := routes(a); !strings.Contains(got, "3.3.3.3/32") || strings.Contains(a.Config(), "ip route-static") {
		t.Errorf("after the delete the table is\n%s", got)
	}
}

// The hub knows its peer from a template alone.
func TestReverseRouteOfATemplate(t *testing.T) {
	a, b := hub(t)
	a.do("system-view", "undo ipsec policy map1", "ipsec policy-template temp 7", "transform-set tran1", "ike-profile p1", "reverse-route dynamic", "quit",
		"ipsec policy map1 10 isakmp template temp", "return")
	b.do("ping -a 3.3.3.3 -c 3 2.2.2.2")
	if got := routes(a); !strings.Contains(got, "3.3.3.3/32") || !strings.Contains(got, "1.1.1.2") {
		t.Errorf("the route is\n%s", got)
	}
	a.do("system-view", "ipsec policy-template temp 7", "undo reverse-route dynamic", "return")
	if n := len(tunnels(a)); n != 0 || strings.Contains(routes(a), "3.3.3.3/32") {
		t.Errorf("%d tunnels outlive the change of the template", n)
	}
	b.do("reset ipsec sa")
	a.do("system-view", "ipsec sa idle-time 86400", "ipsec policy-template temp 7", "sa idle-time 60", "return")
	b.do("ping -a 3.3.3.3 -c 3 2.2.2.2")
	if len(tunnels(a)) != 1 {
		t.Fatal("no tunnel")
	}
	a.Run(2 * time.Minute)
	if len(tunnels(a))+len(tunnels(b)) != 0 {
		t.Error("the idle time of a template does nothing, or the peer is not told")
	}
}
