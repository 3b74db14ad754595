package rbm_test

import (
	"flag"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cwlab/comware/device"
	"cwlab/comware/feature"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/rbm"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/wire"
)

// A case that fails is shown; it is not left behind as a file. More cases are
// a matter of -rapid.checks.
func init() {
	_ = flag.Set("rapid.nofailfile", "true")
	_ = flag.Set("rapid.checks", "150")
	_ = flag.Set("rapid.seed", "1") // the same cases in every run; 0 on the command line gives new ones
}

// The walk of this file: a pair of firewalls with virtual routers inside and
// outside, of which generated faults take parts away and give them back.

const member = `interface GigabitEthernet1/0/1
 port link-mode route
 ip address 10.0.0.%[1]d 255.255.255.0
 vrrp vrid 1 virtual-ip 10.0.0.1 %[2]s
 vrrp vrid 2 virtual-ip 10.0.0.100 %[3]s
#
interface GigabitEthernet1/0/2
 port link-mode route
 ip address 203.0.113.%[1]d 255.255.255.0
 vrrp vrid 3 virtual-ip 203.0.113.1 %[2]s
#
interface GigabitEthernet1/0/3
 port link-mode route
 ip address 198.51.100.%[1]d 255.255.255.0
#
interface GigabitEthernet1/0/4
 port link-mode route
#
security-zone name Trust
 import interface GigabitEthernet1/0/1
 import interface GigabitEthernet1/0/3
 import interface GigabitEthernet1/0/4
#
security-zone name Untrust
 import interface GigabitEthernet1/0/2
#
nqa entry admin far
 type icmp-echo
  destination ip 203.0.113.10
  frequency 1000
  probe timeout 500
  reaction 1 checked-element probe-fail threshold-type consecutive 3 action-type trigger-only
#
 nqa schedule admin far start-time now lifetime forever
#
track 1 nqa entry admin far reaction 1
#
security-policy ip
 rule 0 name any
  action pass
#
remote-backup group
%[4]s local-ip 198.51.100.%[1]d
 remote-ip 198.51.100.%[5]d
 device-role %[6]s
#
return
`

// A walk is the world of one walk, and what has been taken from it.
type walk struct {
	t      *rapid.T
	world  *sim.World
	boxes  [2]*device.Device
	seen   [2]strings.Builder
	cables map[string]*link.Cable // looked up only
	far    *stack.Host
	lost   map[string]func() // one-way cuts by cable and member, and what heals them; looked up only
	asked  bool              // a switchover was asked for
	log    []string
}

func newWalk(t *rapid.T, group string) *walk {
	w := &walk{t: t, world: sim.New(time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), 1, nil), cables: map[string]*link.Cable{}, lost: map[string]func(){}}
	n := link.NewNetwork(w.world)
	for i := range w.boxes {
		role, other, kind := "active", "standby", "primary"
		if i == 1 {
			role, other, kind = other, role, "secondary"
		}
		if !strings.Contains(group, "dual-active") {
			other = role
		}
		config := fmt.Sprintf(member, 2+i, role, other, group, 3-i, kind)
		d, err := device.Make(w.world, n, lab.DeviceSpec{Name: string(rune('A' + i)), Model: "F1090", Config: config, ConfigFile: "start.cfg"},
			func(b []byte) { w.seen[i].Write(b) })
		if err != nil {
			t.Fatal(err)
		}
		w.boxes[i] = d.(*device.Device)
		if refused := w.boxes[i].LoadErrors(); len(refused) > 0 {
			t.Fatalf("refused: %q", refused)
		}
	}
	w.far = stack.New(w.world, "far")
	w.far.AddEthernet("eth0", wire.MAC{2, 0, 0, 0, 0, 9}, n.Port("far", "eth0")).SetAddr(netip.MustParsePrefix("203.0.113.10/24"))
	port := func(name string, k int) *link.Port { return n.Port(name, fmt.Sprintf("GigabitEthernet1/0/%d", k)) }
	for k, side := range []string{"lan", "wan"} {
		s := n.Switch(side)
		for _, name := range []string{"A", "B"} {
			w.cables[side+name] = n.Connect(port(name, 1+k), s.Port(), link.Options{Latency: 50 * time.Microsecond})
		}
		if side == "wan" {
			w.cables["far"] = n.Connect(n.Port("far", "eth0"), s.Port(), link.Options{Latency: time.Millisecond})
		}
	}
	w.cables["control"] = n.Connect(port("A", 3), port("B", 3), link.Options{Latency: 50 * time.Microsecond})
	w.cables["data"] = n.Connect(port("A", 4), port("B", 4), link.Options{Latency: 50 * time.Microsecond})
	return w
}

func (w *walk) run(d time.Duration) { w.world.RunUntil(w.world.Now().Add(d)) }

// broken is what is taken away, by the names of the cables: cut, or one way
// only from A or from B.
func (w *walk) broken(cable string) bool {
	return w.cables[cable].IsCut() || w.lost[cable+" A"] != nil || w.lost[cable+" B"] != nil
}

// oneWay loses what a member sends into a cable, or ends that.
func (w *walk) oneWay(cable string, from int) {
	name := fmt.Sprintf("%s %c", cable, 'A'+from)
	if heal := w.lost[name]; heal != nil {
		heal()
		w.lost[name] = nil
		return
	}
	c := w.cables[cable]
	end, _ := c.Ends() // of the control channel A's; of the others the member's
	if _, b := c.Ends(); cable == "control" && from == 1 {
		end = b
	}
	w.lost[name] = c.Impair(link.Fault{From: end, Drop: true})
}

// toggle cuts a cable or mends it.
func (w *walk) toggle(cable string) {
	if c := w.cables[cable]; c.IsCut() {
		c.Mend()
	} else {
		c.Cut()
	}
}

func (w *walk) engine(i int) *rbm.Engine { return feature.Get[*rbm.Engine](w.boxes[i].Box()) }

// A step is one thing that happens.
type step struct {
	name string
	do   func(w *walk)
}

func steps() []step {
	var all []step
	add := func(name string, do func(w *walk)) { all = append(all, step{name, do}) }
	for _, c := range []string{"control", "data", "lanA", "lanB", "wanA", "wanB", "far"} {
		add("cable "+c, func(w *walk) { w.toggle(c) })
	}
	for i := range 2 {
		member := string(rune('A' + i))
		for _, c := range []string{"control", "lan" + member, "wan" + member} {
			add("one way from "+member+" into "+c, func(w *walk) { w.oneWay(c, i) })
		}
		add("power of "+member, func(w *walk) { w.boxes[i].Power(!w.boxes[i].Powered()) })
		add("silent reboot of "+member, func(w *walk) {
			w.boxes[i].Power(false)
			w.boxes[i].Power(true)
		})
		add("switchover asked at "+member, func(w *walk) {
			if w.boxes[i].Powered() && w.engine(i).Switchover() == nil {
				w.asked = true
			}
		})
	}
	return all
}

// masters are the members that are master of a group.
func (w *walk) masters(vrid uint8) (all []int) {
	for i, d := range w.boxes {
		if !d.Powered() {
			continue
		}
		for _, r := range feature.Get[*vrrp.Engine](d.Box()).Routers() {
			if r.VRID() == vrid && r.State() == vrrp.Master {
				all = append(all, i)
			}
		}
	}
	return all
}

// check holds the settled world against what the channels allow.
func (w *walk) check(when string) {
	w.t.Helper()
	fail := func(format string, args ...any) {
		w.t.Helper()
		w.t.Fatalf("%s, after %q: %s\n%s", when, w.log, fmt.Sprintf(format, args...), w.describe())
	}
	on := [2]bool{w.boxes[0].Powered(), w.boxes[1].Powered()}
	both := on[0] && on[1]
	channel := both && !w.broken("control")
	healthy := [2]bool{}
	for i := range 2 {
		if !on[i] {
			continue
		}
		e := w.engine(i)
		healthy[i] = e.Healthy()
		if e.Connected() != channel {
			fail("%c says the channel is connected: %v, want %v", 'A'+i, e.Connected(), channel)
		}
		if e.Config().DualActive {
			if want := healthy[i]; (e.State() == rbm.Active) != want {
				fail("dual-active %c is %v, healthy %v", 'A'+i, e.State(), want)
			}
		}
	}
	if channel && (healthy[0] || healthy[1]) && !w.engine(0).Config().DualActive {
		a, b := w.engine(0).State(), w.engine(1).State()
		if (a == rbm.Active) == (b == rbm.Active) {
			fail("A is %v and B is %v", a, b)
		}
		if a == rbm.Active && !healthy[0] || b == rbm.Active && !healthy[1] {
			fail("the active one is not healthy: A %v %v, B %v %v", a, healthy[0], b, healthy[1])
		}
	}
	for vrid := range uint8(3) {
		vrid++
		side := "lan"
		if vrid == 3 {
			side = "wan"
		}
		up := 0 // members that could be master
		for i, name := range []string{"A", "B"} {
			if on[i] && !w.cables[side+name].IsCut() {
				up++
			}
		}
		got := w.masters(vrid)
		// Members that cannot hear each other may each be master; one of them
		// must. With the channel, or hearing each other, it is one.
		deaf := both && !channel && (w.broken(side+"A") || w.broken(side+"B"))
		// With the channel nobody who is not healthy becomes active: where both
		// are not, the one that was may lack just this port.
		nobody := channel && !healthy[0] && !healthy[1]
		switch {
		case up == 0 && len(got) != 0:
			fail("group %d has the masters %v with no port", vrid, got)
		case up == 0, nobody && len(got) <= 1:
		case deaf && len(got) == 0, !deaf && len(got) != 1:
			fail("group %d has the masters %v, want one (deaf %v)", vrid, got, deaf)
		}
	}
	w.consoles(fail)
}

// consoles wants the displays of both to say what the engines are.
func (w *walk) consoles(fail func(string, ...any)) {
	for i, d := range w.boxes {
		if !d.Powered() {
			continue
		}
		e := w.engine(i)
		want := []string{"Device running status: " + e.State().String(), "Control channel status: " + map[bool]string{true: "Connected", false: "Disconnected"}[e.Connected()]}
		out := w.typed(i, "display remote-backup-group status")
		for _, l := range want {
			if !strings.Contains(out, "  "+l+"\n") {
				fail("%c does not show %q:\n%s", 'A'+i, l, out)
			}
		}
		if records := e.Records(); len(records) > 0 && !strings.Contains(out, fmt.Sprintf("%s to %s", records[0].From, records[0].To)) {
			fail("%c does not show its last change:\n%s", 'A'+i, out)
		}
		v := feature.Get[*vrrp.Engine](d.Box())
		out = w.typed(i, "display vrrp")
		for _, r := range v.Routers() {
			row := fmt.Sprintf(" GE1/0/%-12s %-5d %-12s", strings.TrimPrefix(r.Iface(), "GigabitEthernet1/0/"), r.VRID(), r.State())
			if !strings.Contains(out, row) {
				fail("%c does not show %q:\n%s", 'A'+i, row, out)
			}
		}
		_, active, standby := e.Groups()
		word := map[bool]string{true: "Master", false: "Backup"}
		text := fmt.Sprintf(" RBM control channel is established\n   VRRP active group status : %s\n   VRRP standby group status: %s\n", word[active], word[standby])
		if !e.Connected() {
			text = " RBM control channel is not established\n"
		}
		if !strings.Contains(out, text) {
			fail("%c does not show %q:\n%s", 'A'+i, text, out)
		}
	}
}

// typed is what a command shows. A console that is at its start is entered.
func (w *walk) typed(i int, line string) string {
	d := w.boxes[i]
	for range 3 {
		w.seen[i].Reset()
		d.Input([]byte("\r"))
		w.run(10 * time.Millisecond)
		if out := w.seen[i].String(); strings.HasSuffix(strings.TrimRight(out, " "), ">") {
			break
		}
	}
	w.seen[i].Reset()
	d.Input([]byte(line + "\r"))
	w.run(10 * time.Millisecond)
	for range 5 {
		if !d.Paging() {
			break
		}
		d.Input([]byte(" "))
		w.run(10 * time.Millisecond)
	}
	out := strings.ReplaceAll(w.seen[i].String(), "\r", "")
	return strings.ReplaceAll(out, "---- More ----\x1b[16D                \x1b[16D", "")
}

func (w *walk) describe() string {
	var all strings.Builder
	for i, d := range w.boxes {
		if !d.Powered() {
			fmt.Fprintf(&all, "%c is off\n", 'A'+i)
			continue
		}
		e := w.engine(i)
		fmt.Fprintf(&all, "%c: %v, connected %v, healthy %v, groups", 'A'+i, e.State(), e.Connected(), e.Healthy())
		for _, r := range feature.Get[*vrrp.Engine](d.Box()).Routers() {
			fmt.Fprintf(&all, " %d %v", r.VRID(), r.State())
		}
		for _, r := range e.Records() {
			fmt.Fprintf(&all, "\n  %s %v to %v: %v", r.At.Format("15:04:05.000"), r.From, r.To, r.Why)
		}
		all.WriteString("\n")
	}
	return all.String()
}

// settle is longer than the channel and an election need to notice.
const settle = 40 * time.Second

// mend gives everything back.
func (w *walk) mend() {
	for _, name := range []string{"control", "data", "lanA", "lanB", "wanA", "wanB", "far"} {
		w.cables[name].Heal()
		if w.cables[name].IsCut() {
			w.cables[name].Mend()
		}
	}
	clear(w.lost)
	for _, d := range w.boxes {
		d.Power(true)
	}
}

// Whatever is taken away, and whenever: there is one master where the channels
// allow one, the displays say what is, and when all is back, so is the first
// state.
func TestWalks(t *testing.T) {
	all := steps()
	groups := []string{" data-channel interface GigabitEthernet1/0/4\n delay-time 1\n track 1\n", " data-channel interface GigabitEthernet1/0/4\n",
		" data-channel interface GigabitEthernet1/0/4\n keepalive count 3\n delay-time 1\n", " data-channel interface GigabitEthernet1/0/4\n backup-mode dual-active\n track 1\n"}
	// Short ones are in the midst of a switchover, long ones let it end.
	waits := []time.Duration{0, 60 * time.Microsecond, 130 * time.Microsecond, time.Millisecond, 400 * time.Millisecond, 3 * time.Second, 11 * time.Second, settle, 2 * time.Minute}
	rapid.Check(t, func(t *rapid.T) {
		group := rapid.SampledFrom(groups).Draw(t, "group")
		w := newWalk(t, group)
		w.run(settle)
		w.check("in the beginning")
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			s := rapid.SampledFrom(all).Draw(t, "step")
			wait := rapid.SampledFrom(waits).Draw(t, "wait")
			w.log = append(w.log, s.name, wait.String())
			s.do(w)
			w.run(wait)
			if wait >= settle {
				w.check("settled")
			}
		}
		w.run(settle)
		w.check("in the end")
		w.mend()
		w.log = append(w.log, "mended")
		w.run(settle)
		w.check("mended")
		w.run(3 * time.Minute) // the delay time
		if !strings.Contains(group, "delay-time") || w.asked {
			if w.engine(1).State() == rbm.Active && !w.engine(1).Config().DualActive {
				if err := w.engine(1).Switchover(); err != nil {
					t.Fatalf("after %q: %v\n%s", w.log, err, w.describe())
				}
				w.run(settle)
			}
		}
		w.check("healed")
		if got := w.masters(1); !slices.Equal(got, []int{0}) {
			t.Fatalf("after %q the masters of group 1 are %v, want A\n%s", w.log, got, w.describe())
		}
	})
}
