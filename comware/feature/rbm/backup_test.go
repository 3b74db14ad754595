package rbm

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/emulator/link"
	"cwlab/emulator/nat"
	"cwlab/emulator/rbm"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
	"cwlab/emulator/zone"
)

// A client is a host on one side of the pair.
type client struct {
	*stack.Host
	got  int // datagrams
	from netip.AddrPort
}

func newClient(w *sim.World, n *link.Network, name string, address, gateway string, mac byte) *client {
	c := &client{Host: stack.New(w, name)}
	i := c.AddEthernet("eth0", wire.MAC{2, 0, 0, 0, 0, mac}, n.Port(name, "eth0"))
	i.SetAddr(netip.MustParsePrefix(address))
	c.AddRoute(stack.Route{Dst: netip.MustParsePrefix("0.0.0.0/0"), Next: netip.MustParseAddr(gateway)})
	c.HandleUDP(5000, func(src, _ netip.AddrPort, _ []byte, _ *stack.Iface) { c.got++; c.from = src })
	return c
}

func (c *client) say(to string) {
	_ = c.SendUDP(netip.AddrPortFrom(netip.Addr{}, 5000), netip.AddrPortFrom(netip.MustParseAddr(to), 5000), []byte("x"))
}

// answer says something to who was heard last.
func (c *client) answer() {
	_ = c.SendUDP(netip.AddrPortFrom(netip.Addr{}, 5000), c.from, []byte("y"))
}

// between puts a client on each side of the pair, behind switches that the cable
// of the pair is part of.
func between(t *testing.T) (a, b *desk, inside, outside *client, w *sim.World) {
	t.Helper()
	a, b, w, _ = pair(t)
	n := a.Net
	lan := func(name, port string) *link.Switch {
		s := n.Switch(name)
		for _, d := range []*desk{a, b} {
			n.Connect(n.Port(d.Box.Name, port), s.Port(), link.Options{})
		}
		return s
	}
	in := lan("in", "GigabitEthernet1/0/1")
	for i, d := range []*desk{a, b} {
		d.Do("system-view", "interface GigabitEthernet1/0/1", "ip address 10.0.0."+[]string{"2", "3"}[i]+" 24",
			"vrrp vrid 2 virtual-ip 10.0.0.1 "+[]string{"active", "standby"}[i], "quit", "security-zone name Trust", "import interface GigabitEthernet1/0/1", "quit",
			"ip route-static 203.0.113.0 24 198.51.100.77")
	}
	out := n.Switch("out")
	for _, d := range []*desk{a, b} {
		n.Connect(n.Port(d.Box.Name, "GigabitEthernet1/0/0"), out.Port(), link.Options{})
	}
	for i, d := range []*desk{a, b} {
		d.Do("interface GigabitEthernet1/0/0", "ip address 203.0.113."+[]string{"2", "3"}[i]+" 24", "vrrp vrid 3 virtual-ip 203.0.113.1 "+[]string{"active", "standby"}[i],
			"quit", "security-zone name Untrust", "import interface GigabitEthernet1/0/0", "quit")
	}
	a.Do("security-policy ip", "rule name out", "action pass", "source-zone Trust", "destination-zone Untrust", "return")
	b.Do("return")
	inside, outside = newClient(w, n, "inside", "10.0.0.10/24", "10.0.0.1", 1), newClient(w, n, "outside", "203.0.113.10/24", "203.0.113.1", 2)
	n.Connect(n.Port("inside", "eth0"), in.Port(), link.Options{})
	n.Connect(n.Port("outside", "eth0"), out.Port(), link.Options{})
	a.Run(time.Minute)
	return a, b, inside, outside, w
}

func TestSessionsSurviveASwitchover(t *testing.T) {
	for _, row := range []struct {
		name   string
		before []string // in RBM view of both devices
		wait   time.Duration
		goesOn bool
	}{
		{"backed up", nil, 0, true},
		{"refreshed while it goes on", nil, 3 * time.Minute, true},
		{"without hot backup", []string{"undo hot-backup enable"}, 0, false},
		{"without a data channel", []string{"undo data-channel"}, 0, false},
		{"translated", []string{"quit", "nat address-group 1", "address 203.0.113.50 203.0.113.50", "vrrp vrid 3", "quit",
			"interface GigabitEthernet1/0/0", "nat outbound address-group 1", "quit"}, 0, true},
		{"translated, and refreshed while it goes on", []string{"quit", "nat address-group 1", "address 203.0.113.50 203.0.113.50", "vrrp vrid 3", "quit",
			"interface GigabitEthernet1/0/0", "nat outbound address-group 1", "quit"}, 3 * time.Minute, true},
		{"with hot backup again", []string{"undo hot-backup enable", "hot-backup enable"}, 0, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, b, inside, outside, w := between(t)
			for _, d := range []*desk{a, b} {
				d.Do(append([]string{"system-view", "remote-backup group"}, row.before...)...)
				d.Do("return")
			}
			inside.say("203.0.113.10")
			a.Run(time.Second)
			if outside.got != 1 {
				t.Fatalf("outside got %d datagrams before the switchover", outside.got)
			}
			for end := w.Now().Add(row.wait); w.Now().Before(end); {
				inside.say("203.0.113.10")
				a.Run(5 * time.Second)
			}
			a.Do("system-view", "remote-backup group", "switchover request", "return")
			a.Run(time.Second)
			b.state("after the request", rbm.Active)
			outside.answer()
			a.Run(time.Second)
			if got := inside.got == 1; got != row.goesOn {
				t.Errorf("the answer after the switchover: %d came, want it to pass: %v", inside.got, row.goesOn)
			}
			if row.goesOn { // and what B does now comes back to A
				b.Do("system-view", "remote-backup group", "switchover request", "return")
				a.Run(time.Second)
				inside.say("203.0.113.10")
				outside.answer()
				a.Run(time.Second)
				if inside.got != 2 {
					t.Errorf("back at A %d answers came, want 2", inside.got)
				}
			}
		})
	}
}

func TestSessionsEndTogether(t *testing.T) {
	a, b, inside, _, _ := between(t)
	count := func(d *desk) int {
		n := 0
		for _, s := range feature.Get[*zone.Engine](d.Box).Sessions() {
			if s.ToZone == "Untrust" && s.FromZone == "Trust" {
				n++
			}
		}
		return n
	}
	inside.say("203.0.113.10")
	a.Run(time.Second)
	if count(a) != 1 || count(b) != 1 {
		t.Errorf("A has %d, B has %d sessions, want 1 each", count(a), count(b))
	}
	feature.Get[*zone.Engine](a.Box).Reset(func(*zone.Session) bool { return true })
	a.Run(time.Second)
	if count(a) != 0 || count(b) != 0 {
		t.Errorf("after the end A has %d, B has %d sessions", count(a), count(b))
	}
}

func TestOnlyWhatThePeerCanTranslateIsBackedUp(t *testing.T) {
	a, b, inside, outside, _ := between(t)
	for _, d := range []*desk{a, b} {
		d.Do("system-view", "interface GigabitEthernet1/0/0", "nat outbound", "return") // to the address of each one's own interface
	}
	inside.say("203.0.113.10")
	a.Run(time.Second)
	outside.answer()
	a.Run(20 * time.Second)
	if inside.got != 1 {
		t.Errorf("%d answers came, want 1", inside.got)
	}
	for d, want := range map[*desk]int{a: 1, b: 0} {
		if got := len(feature.Get[*nat.Engine](d.Box).Sessions()); got != want {
			t.Errorf("%s has %d translated sessions, want %d", d.Box.Name, got, want)
		}
	}
}

func TestSessionsFollowTheConfiguration(t *testing.T) {
	a, b, inside, _, _ := between(t)
	a.Do("system-view", "nat address-group 1", "address 203.0.113.50 203.0.113.50", "quit", "interface GigabitEthernet1/0/0", "nat outbound address-group 1", "return")
	a.Run(time.Second)
	inside.say("203.0.113.10")
	a.Run(time.Second)
	count := func() int { return len(feature.Get[*nat.Engine](b.Box).Sessions()) }
	if count() != 1 {
		t.Fatalf("B has %d copies of the session, want 1", count())
	}
	b.Do("system-view", "interface GigabitEthernet1/0/0", "undo nat outbound", "return")
	if count() != 0 {
		t.Fatalf("without translation B has %d copies", count())
	}
	a.Do("system-view", "remote-backup group", "configuration manual-sync", "return")
	a.Run(time.Second)
	if count() != 1 {
		t.Errorf("after the synchronisation B has %d copies, want 1", count())
	}
}

func TestTrackEntry(t *testing.T) {
	a, b, _, _, _ := between(t)
	a.Do("system-view", "track 1 interface GigabitEthernet1/0/0", "quit", "track 2 interface GigabitEthernet1/0/3 delay negative 5", "quit",
		"remote-backup group", "track 1", "track 2")
	a.Run(time.Second)
	a.state("all is well", rbm.Active)
	a.has("configuration", a.Config(), " track 1\n track 2\n local-ip")
	a.RoundTrip()
	a.Do("quit", "track 3 list boolean and", "object 1 not", "quit", "remote-backup group", "track 3")
	a.Run(time.Second)
	a.state("a negative entry", rbm.Standby)
	b.state("a negative entry there", rbm.Active)
	a.has("cause", a.Do("display remote-backup-group status"), "Active to Standby       Track status changed\n")
	a.Do("undo track 3")
	a.Run(2 * time.Minute)
	a.state("after the delay time", rbm.Active)
	a.want("undo of none", a.Do("undo track 3"), "The setting does not exist.\n")
	a.Do("track interface GigabitEthernet1/0/3", "undo track interface GigabitEthernet1/0/3", "undo track 1", "undo track 2")
	if strings.Contains(a.Config(), " track 1\n") {
		t.Error("an entry is monitored after undo")
	}
}

func TestStaticRoutesAreSynchronisedIfAsked(t *testing.T) {
	a, b, _, _ := pair(t)
	route := "ip route-static 203.0.113.0 24 192.0.2.9"
	has := func() bool { return strings.Contains(b.Config(), route) }
	a.Do("system-view", route)
	a.Run(time.Second)
	if has() {
		t.Error("a route is synchronised unasked")
	}
	b.Do("system-view", "remote-backup group", "configuration auto-sync enable route-static")
	a.Do("remote-backup group", "configuration auto-sync enable route-static", "configuration manual-sync", "quit")
	a.Run(time.Second)
	if !has() {
		t.Errorf("a route is not synchronised:\n%s", b.Config())
	}
	a.Do("undo ip route-static 203.0.113.0 24 192.0.2.9")
	a.Run(time.Second)
	if has() {
		t.Error("an undo is not synchronised")
	}
	a.Do(route)
	a.Run(time.Second)
	a.Answer("y")
	a.Do("delete static-routes all")
	a.Run(time.Second)
	if has() {
		t.Error("what a question confirmed is not synchronised")
	}
	a.Do("remote-backup group", "undo configuration auto-sync enable route-static", "quit", route)
	a.Run(time.Second)
	if has() {
		t.Error("a route is synchronised after undo")
	}
}

func TestConsistencyCheckFindsWhatDiffers(t *testing.T) {
	a, b, _, _ := pair(t)
	a.Do("system-view", "remote-backup group", "configuration sync-check interval 1", "undo configuration auto-sync enable", "quit",
		"security-zone name left", "quit")
	b.Do("system-view", "security-zone name right")
	a.Run(61 * time.Minute)
	a.has("log", a.Seen(), "RBM/4/RBM_CFG_COMPARE: -Context=1; Finished the configuration consistency check. The result is inconsistent.")
	a.want("display", a.Do("display remote-backup-group sync-check"), "                 Inconsistent configuration\n"+
		"Local configuration                      Remote configuration\nsecurity-zone name left\n"+strings.Repeat(" ", 41)+"security-zone name right\n")
	a.has("status", a.Do("display remote-backup-group status"), "Configuration consistency check interval: 1 hour\n",
		"Configuration consistency check result: Inconsistent\n", "Configuration backup status: Auto sync disabled\n")
	a.Do("remote-backup group", "configuration manual-sync", "configuration manual-sync-check")
	a.Run(time.Second)
	a.has("after a manual synchronisation", a.Do("display remote-backup-group sync-check"), "Consistent\n")
	a.want("not on the secondary device", b.Do("remote-backup group", "configuration manual-sync"), "This operation can be performed only on the primary device.\n")
	a.Do("undo configuration sync-check", "configuration auto-sync enable")
	a.has("status", a.Do("display remote-backup-group status"), "Configuration consistency check interval: -\n")
	a.RoundTrip()
	a.Do("configuration sync-check")
	a.has("the default again", a.Do("display remote-backup-group status"), "Configuration consistency check interval: 24 hour\n")
}

func TestDualActive(t *testing.T) {
	a, b, w, _ := pair(t)
	for _, d := range []*desk{a, b} {
		d.Do("system-view", "remote-backup group", "backup-mode dual-active")
	}
	w.RunUntil(w.Now().Add(time.Minute))
	for _, d := range []*desk{a, b} {
		d.state("dual-active", rbm.Active)
		d.has("status", d.Do("display remote-backup-group status"), "Backup mode: Dual-active\n")
		d.has("VRRP", d.Do("display vrrp"), "VRRP active group status : Master\n   VRRP standby group status: Backup\n")
		d.want("no switchover", d.Do("switchover request"), "This operation is not supported in dual-active mode.\n")
	}
	a.Do("quit", "interface GigabitEthernet1/0/1", "quit", "remote-backup group", "track interface GigabitEthernet1/0/1")
	a.Run(time.Second)
	b.has("the other one is down", b.Do("display vrrp"), "VRRP standby group status: Master\n")
	a.Do("undo track interface GigabitEthernet1/0/1", "undo backup-mode")
	b.Do("undo backup-mode")
	a.Run(time.Minute)
	a.state("active/standby again", rbm.Active)
	b.state("active/standby again", rbm.Standby)
}

// TestEveryLineComesBack sets every line of RBM view to other than its default,
// boots what is printed and takes all back.
func TestEveryLineComesBack(t *testing.T) {
	a, _, _, _ := pair(t)
	a.Do("system-view", "remote-backup group")
	lines := []string{
		"data-channel interface GigabitEthernet1/0/2", "backup-mode dual-active", "keepalive count 5", "keepalive interval 2",
		"undo configuration auto-sync enable", "configuration auto-sync enable route-static", "configuration sync-check interval 12",
		"undo hot-backup enable", "hot-backup protocol dns http enable", "transparent-transmit enable", "delay-time 5",
		"adjust-cost bgp enable absolute 100", "adjust-cost ospf enable increment", "track 1", "track interface GigabitEthernet1/0/2", "track vlan 10",
		"local-ip 198.51.100.2", "remote-ip 198.51.100.3 port 5000", "device-role primary",
	}
	a.Do(lines...)
	for _, l := range lines {
		a.has("configuration", a.Config(), "\n "+l+"\n")
	}
	a.Do("quit", "nat remote-backup port-alloc primary", "remote-backup group")
	a.has("configuration", a.Config(), "\n nat remote-backup port-alloc primary\n")
	a.RoundTrip()
	a.Do("quit", "undo nat remote-backup port-alloc", "remote-backup group")
	a.has("status", a.Do("display remote-backup-group status"), "Data channel interface: GigabitEthernet1/0/2\n", "Destination port: 5000\n", "Keepalive interval: 2s\n",
		"Keepalive count: 5\n", "Session backup status: Hot backup disabled\n", "Delay-time: 5 min\n")
	a.Do("undo data-channel interface", "undo backup-mode", "undo keepalive count", "undo keepalive interval", "configuration auto-sync enable",
		"undo configuration auto-sync enable route-static", "undo configuration sync-check", "configuration sync-check", "hot-backup enable",
		"undo hot-backup protocol dns http enable", "undo transparent-transmit enable", "undo delay-time", "undo adjust-cost bgp enable", "undo adjust-cost ospf enable",
		"undo track 1", "undo track interface GigabitEthernet1/0/2", "undo track vlan 10", "undo local-ip", "undo remote-ip", "undo device-role")
	a.has("after every undo", a.Config(), "\nremote-backup group\n#\n")
	a.want("status without a group", a.Do("quit", "undo remote-backup group", "display remote-backup-group status"), "The remote backup group is not configured.\n")
	a.want("undo of none", a.Do("undo remote-backup group"), "The remote backup group is not configured.\n")
}
