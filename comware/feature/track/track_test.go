package track

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/track"
)

// two are desks at two boxes with a cable between their ports 1/0/1.
func two(t *testing.T) (a, b *featuretest.Desk) {
	t.Helper()
	w := sim.New(featuretest.Start, 1, nil)
	n := link.NewNetwork(w)
	a = featuretest.At(t, w, n, "A", ip.Feature, Feature)
	b = featuretest.At(t, w, n, "B", ip.Feature, Feature)
	featuretest.Cable(a, "GigabitEthernet1/0/1", b, "GigabitEthernet1/0/1")
	return a, b
}

func has(t *testing.T, why, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("%s: %q is missing in\n%s", why, p, got)
		}
	}
}

func TestInterface(t *testing.T) {
	a, b := two(t)
	a.ShowLogs()
	got := a.Do("debugging track", "system-view", "track 1 interface GigabitEthernet1/0/1", "delay negative 30 positive 20")
	has(t, "creation", got, "TRACK/6/TRACK_STATE_CHANGE: -Context=1; The state of track entry 1 changed from NotReady to Positive.",
		"TRACK/7/debug: -Context=1; The state of track entry 1 changed from NotReady to Positive.")
	if p := a.Shell.Prompt(); p != "[H3C-track-1]" {
		t.Errorf("the view is %s", p)
	}
	b.Do("system-view", "interface GigabitEthernet1/0/1", "shutdown")
	a.Run(32 * time.Second)
	has(t, "shutdown there", a.Seen(), "changed from Positive to Negative.", "Created delay timer for track entry 1. Delay time: 30, State: Negative",
		"Delay timer for track entry 1 expired.")
	a.Want("display track 1", "Track ID: 1\n  State: Negative\n  Duration: 0 days 0 hours 0 minutes 32 seconds\n"+
		"  Notification delay: Positive 20, Negative 30 (in seconds)\n  Tracked object:\n    Interface: GigabitEthernet1/0/1\n    Protocol: None\n")
	a.Want("display track all brief", "ID      Status    Type       Object\n1       Negative  Interface  GigabitEthernet1/0/1\n")
	a.Want("display track all positive", "")
	a.Want("display track 2", "The track entry does not exist.\n")
	a.Do("undo delay", "quit")
	a.Want("track 1 interface GigabitEthernet1/0/2", "The track entry already exists with another object.\n")
	a.Do("track 1 interface GigabitEthernet1/0/1 delay positive 5", "quit")
	has(t, "configuration", a.Config(), "#\ntrack 1 interface GigabitEthernet1/0/1\n delay positive 5\n#\n")
	a.Do("undo track 1")
	a.Want("undo track 1", "The track entry does not exist.\n")
	if strings.Contains(a.Config(), "track") {
		t.Errorf("a removed entry is configured:\n%s", a.Config())
	}
	a.Do("return", "undo debugging track")
}

func TestProtocolAndRoute(t *testing.T) {
	a, _ := two(t)
	state := func(id int, want track.State) {
		t.Helper()
		if got := engineOf(a).State(id); got != want {
			t.Errorf("entry %d is %v, want %v", id, got, want)
		}
	}
	a.Do("system-view", "track 1 interface GigabitEthernet1/0/1 protocol ipv4", "quit", "track 2 ip route 198.51.100.0 24 reachability", "quit",
		"track 3 interface GigabitEthernet1/0/1 physical", "quit")
	state(1, track.Negative)
	state(2, track.Negative)
	state(3, track.Positive)
	a.Do("interface GigabitEthernet1/0/1", "ip address 192.0.2.1 24", "quit", "ip route-static 198.51.100.0 24 192.0.2.2")
	state(1, track.Positive)
	state(2, track.Positive)
	has(t, "display", a.Do("display track 2"), "    IP route: 198.51.100.0/24\n")
	a.Do("undo ip route-static 198.51.100.0 24")
	state(2, track.Negative)
	a.RoundTrip()
}

func engineOf(d *featuretest.Desk) *track.Engine {
	return feature.Get[*track.Engine](d.Box)
}

func TestStaticRouteFollowsItsEntry(t *testing.T) {
	a, b := two(t)
	a.Do("system-view", "interface GigabitEthernet1/0/2", "quit", "interface LoopBack0", "ip address 192.0.2.1 32", "quit",
		"track 1 interface GigabitEthernet1/0/1", "quit", "ip route-static 198.51.100.0 24 NULL 0 track 1")
	there := func() bool { return strings.Contains(a.Do("display ip routing-table"), "198.51.100.0/24") }
	if !there() {
		t.Error("the route of a positive entry is not used")
	}
	b.Do("system-view", "interface GigabitEthernet1/0/1", "shutdown")
	a.Run(time.Second)
	if there() {
		t.Error("the route of a negative entry is used")
	}
	a.RoundTrip()
}

func TestTracker(t *testing.T) {
	a, b := two(t)
	tr := feature.Get[feature.Tracker](a.Box)
	calls := 0
	stop := tr.OnChange(1, func() { calls++ })
	if _, known := tr.Up(1); known || calls != 0 {
		t.Errorf("an entry that is not there is known, %d calls", calls)
	}
	a.Do("system-view", "track 1 interface GigabitEthernet1/0/1")
	if up, known := tr.Up(1); !up || !known || calls != 1 {
		t.Errorf("up %v, known %v, %d calls; want a positive entry after one call", up, known, calls)
	}
	b.Do("system-view", "interface GigabitEthernet1/0/1", "shutdown")
	a.Run(time.Second)
	if up, known := tr.Up(1); up || !known || calls != 2 {
		t.Errorf("up %v, known %v, %d calls; want a negative entry after two calls", up, known, calls)
	}
	stop()
	a.Do("quit", "undo track 1")
	if calls != 2 {
		t.Error("called after stop")
	}
}

func TestList(t *testing.T) {
	a, b := two(t)
	a.Do("system-view", "track 1 interface GigabitEthernet1/0/1", "quit", "track 2 interface GigabitEthernet1/0/2", "quit",
		"track 3 list boolean and", "object 1", "object 2 not", "quit", "track 4 list boolean or", "object 3")
	a.Want("display track 3", "Track ID: 3\n  State: Positive\n  Duration: 0 days 0 hours 0 minutes 0 seconds\n"+
		"  Notification delay: Positive 0, Negative 0 (in seconds)\n  Tracked object:\n    List type: Boolean AND\n"+
		"    Object 1: Positive\n    Object 2 not: Negative\n")
	b.Do("system-view", "interface GigabitEthernet1/0/1", "shutdown")
	a.Run(time.Second)
	has(t, "list of a list", a.Do("display track all brief"), "4       Negative  List       Boolean OR\n")
	a.Do("track 3 list boolean and")
	a.Want("object 4", "A list cannot follow from itself.\n")
	a.Do("undo object 1")
	a.Want("undo object 1", "The track entry is not an object of the list.\n")
	has(t, "after undo", a.Do("display track 4"), "State: Positive")
	a.Do("track 1 interface GigabitEthernet1/0/1")
	a.Want("object 2", "The track entry is not a list.\n")
	a.RoundTrip()
}

func TestThresholds(t *testing.T) {
	a, b := two(t)
	a.Do("system-view", "track 1 interface GigabitEthernet1/0/1", "quit", "track 2 interface GigabitEthernet1/0/2", "quit",
		"track 3 list threshold percentage", "threshold percentage negative 49 positive 50", "object 1", "object 2", "quit",
		"track 4 list threshold weight", "object 1 weight 30", "object 2", "threshold weight positive 40 negative 20")
	has(t, "percentage", a.Do("display track 3"), "State: Positive", "    List type: Threshold percentage\n    Threshold: Positive 50, Negative 49\n    Object 1: Positive\n")
	has(t, "weight", a.Do("display track 4"), "State: Positive", "    Object 1 weight 30: Positive\n    Object 2 weight 10: Negative\n")
	has(t, "configuration", a.Config(), "#\ntrack 3 list threshold percentage\n threshold percentage negative 49 positive 50\n object 1\n object 2\n#\n",
		"#\ntrack 4 list threshold weight\n threshold weight negative 20 positive 40\n object 1 weight 30\n object 2\n#\n")
	a.RoundTrip()
	b.Do("system-view", "interface GigabitEthernet1/0/1", "shutdown")
	a.Run(time.Second)
	if got := a.Do("display track all negative brief"); strings.Count(got, "Negative") != 4 {
		t.Errorf("without either interface\n%s", got)
	}
	a.Want("object 1 not", "The list does not support that parameter.\n")
	a.Want("threshold percentage positive 5", "The track entry is not a list with that kind of thresholds.\n")
	a.Want("threshold weight positive 5 negative 5", "The negative threshold must be smaller than the positive threshold.\n")
	a.Do("undo threshold weight")
	has(t, "after undo", a.Do("display track 4"), "Threshold: Positive 1, Negative 0\n")
}

func TestKeptEntriesStayNotReady(t *testing.T) {
	a, _ := two(t)
	a.Do("system-view", "track 1 bfd echo interface GigabitEthernet1/0/1 remote ip 192.0.2.1 local ip 192.0.2.2 delay negative 3", "quit",
		"track 2 cfd cc service-instance 2 mep 3", "quit", "track 3 interface GigabitEthernet1/0/1 protocol ipv6", "quit")
	got := a.Do("display track all")
	has(t, "display", got, "    BFD session mode: Echo\n    Outgoing interface: GigabitEthernet1/0/1\n    VPN instance name: -\n    Remote IP: 192.0.2.1\n    Local IP: 192.0.2.2\n",
		"    CFD service instance: 2, MEP ID: 3\n", "    Protocol: IPv6\n")
	if strings.Count(got, "State: NotReady") != 3 {
		t.Errorf("an entry that nothing tells of is ready:\n%s", got)
	}
	has(t, "brief", a.Do("display track all brief"), "1       NotReady  BFD        BFD session mode: Echo")
	a.RoundTrip()
}
