package rbm

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/featuretest"
	featureike "cwlab/comware/feature/ike"
	"cwlab/comware/feature/ip"
	featureipsec "cwlab/comware/feature/ipsec"
	"cwlab/comware/feature/track"
	featurevrrp "cwlab/comware/feature/vrrp"
	"cwlab/emulator/ike"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

const protected = `
acl advanced 3000
 rule 0 permit ip source LOOP 0 destination FAR 0
interface LoopBack0
 ip address LOOP 255.255.255.255
interface GigabitEthernet1/0/1
 ip address OWN 255.255.255.0
 VIRTUAL
 ipsec apply policy map1
ip route-static FAR 32 REMOTE
ike dpd interval 3 retry 3 periodic
ipsec sa global-duration time-based 180
ipsec transform-set tran1
 esp encryption-algorithm aes-cbc-128
 esp authentication-algorithm sha1
ipsec policy map1 10 isakmp
 transform-set tran1
 security acl 3000
 local-address LOCAL
 remote-address REMOTE
 ike-profile p1
ike profile p1
 keychain k1
 match remote identity address REMOTE 255.255.255.255
ike keychain k1
 pre-shared-key address REMOTE 255.255.255.255 key simple secret
`

const paired = `
ipsec redundancy enable
interface GigabitEthernet1/0/3
 ip address CHANNEL 255.255.255.0
remote-backup group
 data-channel interface GigabitEthernet1/0/3
 local-ip CHANNEL
 remote-ip PEER
 keepalive count 3
 device-role ROLE
`

// A tunnel is a branch c with IPsec to the virtual address of a and b.
type tunnel struct {
	a, b, c *desk
	channel *link.Cable
	lan     [2]*link.Cable // of a and of b
}

var virtualAddr = netip.MustParseAddr("1.1.1.2")

func newTunnel(t *testing.T) *tunnel {
	t.Helper()
	w := sim.New(featuretest.Start, 1, nil)
	n := link.NewNetwork(w)
	seat := func(name, config string, words ...string) *desk {
		d := &desk{featuretest.At(t, w, n, name, ip.Feature, acl.Feature, track.Feature, featureike.Feature, featureipsec.Feature, featurevrrp.Feature, Feature)}
		for _, r := range d.Box.Load(strings.NewReplacer(words...).Replace(config)) {
			t.Fatalf("%s refuses line %d %q: %s", name, r.Line, r.Text, r.Reason)
		}
		return d
	}
	x := &tunnel{
		a: seat("A", protected+paired, "LOOP", "3.3.3.3", "FAR", "2.2.2.2", "OWN", "1.1.1.3", "VIRTUAL", "vrrp vrid 1 virtual-ip 1.1.1.2 active", "LOCAL", "1.1.1.2", "REMOTE", "1.1.1.1",
			"CHANNEL", "10.2.1.1", "PEER", "10.2.1.2", "ROLE", "primary"),
		b: seat("B", protected+paired, "LOOP", "3.3.3.3", "FAR", "2.2.2.2", "OWN", "1.1.1.4", "VIRTUAL", "vrrp vrid 1 virtual-ip 1.1.1.2 standby", "LOCAL", "1.1.1.2", "REMOTE", "1.1.1.1",
			"CHANNEL", "10.2.1.2", "PEER", "10.2.1.1", "ROLE", "secondary"),
		c: seat("C", protected, "LOOP", "2.2.2.2", "FAR", "3.3.3.3", "OWN", "1.1.1.1", " VIRTUAL\n", "", "LOCAL", "1.1.1.1", "REMOTE", "1.1.1.2"),
	}
	s := n.Switch("lan")
	cable := func(name string) *link.Cable {
		return n.Connect(n.Port(name, "GigabitEthernet1/0/1"), s.Port(), link.Options{Latency: 100 * time.Microsecond})
	}
	x.lan = [2]*link.Cable{cable("A"), cable("B")}
	cable("C")
	x.channel = n.Connect(n.Port("A", "GigabitEthernet1/0/3"), n.Port("B", "GigabitEthernet1/0/3"), link.Options{Latency: 100 * time.Microsecond})
	x.a.Run(20 * time.Second)
	x.ping("the first one asks for the SAs", 3, 1)
	x.inStep("in the beginning", x.a, x.b)
	return x
}

// ping sends echoes a second apart; at most so many may be lost.
func (x *tunnel) ping(when string, count, lost int) {
	x.c.T.Helper()
	x.c.Do(fmt.Sprintf("ping -q -a 2.2.2.2 -m 1000 -t 900 -c %d 3.3.3.3", count))
	for x.c.Busy() && x.c.World.Step() {
	}
	var sent, received int
	out := x.c.Seen()
	if _, err := fmt.Sscanf(out[strings.LastIndex(out, "---\n")+4:], "%d packet(s) transmitted, %d packet(s) received", &sent, &received); err != nil || sent != count || received < sent-lost {
		x.c.T.Errorf("%s: %d of %d echoes answered, want %d at least (%v)\n%s", when, received, sent, count-lost, err, out)
	}
}

// held are the IPsec SAs of a device, and whether its IKE SAs and they are
// copies.
func held(d *desk) (pairs []string, cookies []string, active, standby int) {
	for _, s := range []bool{false, true} {
		for _, b := range feature.Get[*ipsec.Engine](d.Box).Backups(virtualAddr, s) {
			pairs = append(pairs, fmt.Sprint(b.InSPI, b.OutSPI, b.Pair.In, b.Pair.Out))
			if s {
				standby++
			} else {
				active++
			}
		}
	}
	for _, s := range feature.Get[*ike.Engine](d.Box).SAs() {
		if s.State != ike.Established {
			continue
		}
		cookies = append(cookies, fmt.Sprint(s.ICookie, s.RCookie, s.Replaced))
		if s.Standby {
			standby++
		} else {
			active++
		}
	}
	slices.Sort(pairs)
	slices.Sort(cookies)
	return pairs, cookies, active, standby
}

// inStep wants both members to have the same SAs: one in use, one as copies.
func (x *tunnel) inStep(when string, master, backup *desk) {
	x.c.T.Helper()
	pairs, cookies, active, standby := held(master)
	if active == 0 || standby != 0 {
		x.c.T.Errorf("%s: %s uses %d SAs and has %d copies, want some and none", when, master.Box.Name, active, standby)
	}
	copies, sas, active, standby := held(backup)
	if active != 0 || standby == 0 {
		x.c.T.Errorf("%s: %s uses %d SAs and has %d copies, want none and some", when, backup.Box.Name, active, standby)
	}
	if !slices.Equal(pairs, copies) || !slices.Equal(cookies, sas) {
		x.c.T.Errorf("%s: %s has\n%q %q, but %s\n%q %q", when, master.Box.Name, pairs, cookies, backup.Box.Name, copies, sas)
	}
}

// switchover has the active member hand over.
func (x *tunnel) switchover(from *desk) {
	from.Do("system-view", "remote-backup group", "switchover request", "quit", "quit")
	x.c.Run(100 * time.Millisecond)
}

// spis are what the branch sends and receives with.
func (x *tunnel) spis() string {
	all := ""
	for _, t := range feature.Get[*ipsec.Engine](x.c.Box).Tunnels(ipsec.Filter{}) {
		all += fmt.Sprint(t.Outbound().SPI, t.Inbound()[0].SPI, " ")
	}
	return all
}

func TestIPsecSurvivesASwitchover(t *testing.T) {
	x := newTunnel(t)
	before := x.spis()
	from, to := x.a, x.b
	for i := range 5 { // there and back again, and every time further on
		x.switchover(from)
		x.ping(fmt.Sprintf("switchover %d", i+1), 20, 0)
		from, to = to, from
		x.inStep(fmt.Sprintf("after switchover %d", i+1), from, to)
	}
	if got := x.spis(); got != before {
		t.Errorf("the branch had the SPIs %s and has %s now", before, got)
	}
	if n := feature.Get[*ipsec.Engine](x.c.Box).Stats.ReceivedDrops; n != 0 {
		t.Errorf("the branch dropped %d packets", n)
	}
	// Three hundred seconds on, with whoever is master, all has been renewed.
	x.ping("renewal", 300, 0)
	if got := x.spis(); got == before {
		t.Error("the SAs have not been renewed")
	}
	x.inStep("after a renewal", from, to)
	x.switchover(from)
	x.ping("after a renewal", 20, 0)
}

func TestSAsStayInStep(t *testing.T) {
	reset := []string{"reset ipsec sa", "reset ike sa"}
	for _, row := range []struct {
		name   string
		do     func(x *tunnel)
		master int // 0 for A, 1 for B
		lost   int // echoes of the first 20
	}{
		{"reset at the master", func(x *tunnel) { x.a.Do(reset...) }, 0, 2},
		{"reset at the standby device", func(x *tunnel) { x.b.Do(reset...) }, 0, 0},
		{"IPsec SAs reset at the standby device", func(x *tunnel) { x.b.Do("reset ipsec sa") }, 0, 0},
		{"reset at the branch", func(x *tunnel) { x.c.Do(reset...) }, 0, 2},
		{"IKE SA reset at the master, then a switchover", func(x *tunnel) {
			x.a.Do("reset ike sa")
			x.c.Run(time.Second)
			x.switchover(x.a)
			x.ping("without an IKE SA", 1, 0)
			x.c.Do("reset ipsec sa")
		}, 1, 2},
		{"the channel fails", func(x *tunnel) { x.channel.Cut(); x.c.Run(20 * time.Second); x.channel.Mend() }, 0, 0},
		{"renewed while the channel is down", func(x *tunnel) {
			x.channel.Cut()
			x.ping("with no channel", 200, 0)
			x.channel.Mend()
		}, 0, 0},
		{"the port of the master fails", func(x *tunnel) { x.lan[0].Cut(); x.c.Run(time.Second) }, 1, 0},
		{"and comes back", func(x *tunnel) { x.lan[0].Cut(); x.c.Run(20 * time.Second); x.lan[0].Mend() }, 1, 0},
		{"both fail one after the other", func(x *tunnel) {
			x.channel.Cut()
			x.c.Run(10 * time.Second)
			x.lan[0].Cut() // VRRP of its own accord
			x.c.Run(5 * time.Second)
			x.lan[0].Mend()
			x.channel.Mend()
		}, -1, 0},
		{"switched off and on again", func(x *tunnel) {
			x.a.Do("system-view", "undo ipsec redundancy enable")
			x.c.Run(time.Second)
			if pairs, cookies, _, _ := held(x.b); len(pairs) != 0 || len(cookies) != 0 {
				x.c.T.Errorf("switched off, B has copies: %q %q", pairs, cookies)
			}
			x.a.Do("ipsec redundancy enable", "quit")
		}, 0, 0},
		{"hot backup off and on again", func(x *tunnel) {
			x.b.Do("system-view", "remote-backup group", "undo hot-backup enable")
			x.a.Do("reset ipsec sa")
			x.ping("while hot backup is off", 3, 2)
			if pairs, _, _, _ := held(x.b); len(pairs) != 0 {
				x.c.T.Errorf("without hot backup B has copies: %q", pairs)
			}
			x.b.Do("hot-backup enable", "return")
		}, 0, 0},
		{"the policy changes", func(x *tunnel) {
			x.a.Do("system-view", "ipsec policy map1 10", "security acl name none", "security acl 3000", "return")
		}, 0, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			x := newTunnel(t)
			x.c.T, x.a.T, x.b.T = t, t, t
			row.do(x)
			x.ping("afterwards", 20, row.lost)
			x.c.Run(3 * time.Second)
			m, s := x.a, x.b
			if row.master == 1 || row.master < 0 && feature.Get[*host](x.b.Box).vault.addresses()[0].mine {
				m, s = s, m
			}
			x.inStep("afterwards", m, s)
			x.switchover(m)
			if row.name != "the port of the master fails" { // else nobody can take over
				x.ping("after a switchover", 20, 0)
			}
		})
	}
}

// Without the setting it is the case: nothing is backed up, and the branch
// sends on into nothing.
func TestIPsecDiesWithoutTheSetting(t *testing.T) {
	x := newTunnel(t)
	x.a.Do("system-view", "undo ipsec redundancy enable", "quit")
	x.c.Do("system-view", "undo ike dpd interval", "quit")
	x.c.Run(time.Second)
	x.switchover(x.a)
	x.c.Do("ping -q -a 2.2.2.2 -c 5 3.3.3.3")
	for x.c.Busy() && x.c.World.Step() {
	}
	if out := x.c.Seen(); !strings.Contains(out, "5 packet(s) transmitted, 0 packet(s) received, 100.0% packet loss") {
		t.Errorf("ping printed\n%s", out)
	}
	if pairs, cookies, _, _ := held(x.b); len(pairs) != 0 || len(cookies) != 0 {
		t.Errorf("B has %q %q", pairs, cookies)
	}
}

// The interval of the policy says how close the copies follow.
func TestReplayInterval(t *testing.T) {
	x := newTunnel(t)
	x.a.Do("system-view", "ipsec policy map1 10", "redundancy replay-interval inbound 10 outbound 1000", "return", "reset ipsec sa")
	x.a.has("configuration", x.a.Config(), "\n redundancy replay-interval inbound 10 outbound 1000\n")
	x.ping("new SAs", 36, 2)
	b := feature.Get[*ipsec.Engine](x.b.Box).Backups(virtualAddr, true)
	if len(b) != 1 || b[0].In[0].Sequence != 30 || b[0].Out[0].Sequence != 29 {
		t.Fatalf("the copies are %+v, want them at 30 received, of which 29 are answered", b)
	}
	x.b.has("display", x.b.Do("display ipsec sa"), "Max received sequence-number: 30\n", "Status: Standby\n")
	x.b.has("display", x.b.Do("display ipsec sa brief"), "ESP       Standby\n")
	x.b.has("display", x.b.Do("display ipsec tunnel brief"), "Standby\n")
	x.b.has("display", x.b.Do("display ipsec tunnel"), "Status: Standby\n")
	x.switchover(x.a)
	x.ping("afterwards", 1, 0)
	b = feature.Get[*ipsec.Engine](x.b.Box).Backups(virtualAddr, false)
	if len(b) != 1 || b[0].Out[0].Sequence < 2030 || b[0].Out[0].Sequence > 2060+36000 {
		t.Errorf("B goes on as %+v, want it ahead by twice the interval or by its age", b)
	}
	x.a.Do("system-view", "ipsec policy map1 10", "undo redundancy replay-interval", "return")
	if strings.Contains(x.a.Config(), "replay-interval") {
		t.Error("the interval is still there")
	}
}
