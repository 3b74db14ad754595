package device

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/cli"
	"cwlab/emulator/lab"
	"cwlab/emulator/sim"
)

// A bench is a small lab and a robot at its last device.
type bench struct {
	t    *testing.T
	def  lab.Definition
	work map[string][]string // lines typed at the consoles before the robot begins
	w    *sim.World
	d    *Device
	r    *robot
}

// file is a configuration of a file.
func file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wire(name, a, b string) lab.LinkSpec {
	return lab.LinkSpec{Name: name, A: end(a), B: end(b), Latency: time.Millisecond}
}

// end reads node:port.
func end(text string) lab.Endpoint {
	node, port, _ := strings.Cut(text, ":")
	return lab.Endpoint{Node: node, Port: port}
}

const neighbour = `#
interface GigabitEthernet1/0/1
 ip address 10.0.0.2 255.255.255.0
#
security-zone name Trust
 import interface GigabitEthernet1/0/1
#
security-policy ip
 rule 0 name all
  action pass
#
return
`

// pair is a device of that configuration with a neighbour.
func pair(t *testing.T, config string) *bench {
	return &bench{t: t, def: lab.Definition{Name: "pair", Start: start,
		Devices: []lab.DeviceSpec{{Name: "B", Model: "F1090", Config: neighbour},
			{Name: "A", Model: "F1060", Config: config}},
		Links: []lab.LinkSpec{wire("one", "A:GigabitEthernet1/0/1", "B:GigabitEthernet1/0/1"), wire("two", "A:GigabitEthernet1/0/2", "B:GigabitEthernet1/0/2")}}}
}

// shipped is a lab that comes with the program; devices are written as
// model/name/configuration, and the last is the robot's.
func shipped(t *testing.T, name string, devices []string, links ...lab.LinkSpec) *bench {
	b := &bench{t: t, def: lab.Definition{Name: name, Start: start, Links: links}, work: map[string][]string{}}
	for _, d := range devices {
		f := strings.Split(d, "/")
		b.def.Devices = append(b.def.Devices, lab.DeviceSpec{Name: f[1], Model: f[0], Config: file(t, "../../sessions/labs/"+name+"/"+f[2]+".cfg")})
	}
	return b
}

// redundant is a member of a pair in hot backup with a tunnel to a branch.
func redundant(t *testing.T) *bench {
	b := shipped(t, "rbm-ipsec", []string{"F1060/F1060/F1060", "F1090/F1090-2/F1090-2", "F1090/F1090-1/F1090-1"},
		wire("one", "F1060:GigabitEthernet1/0/1", "SW"), wire("two", "F1090-1:GigabitEthernet1/0/2", "SW"),
		wire("three", "F1090-2:GigabitEthernet1/0/2", "SW"), wire("four", "F1090-1:GigabitEthernet1/0/3", "F1090-2:GigabitEthernet1/0/3"))
	b.def.Switches = []string{"SW"}
	b.work["F1060"] = []string{"ping -a 2.2.2.2 -c 3 3.3.3.3"}
	return b
}

// translating is a firewall that translates a tunnel.
func translating(t *testing.T) *bench {
	b := shipped(t, "branch-nat", []string{"F1060/Branch/F1060-Branch", "F1090/Centre/F1090-Centre", "F1090/Provider/F1090-Provider"},
		wire("one", "Branch:GigabitEthernet1/0/1", "Provider:GigabitEthernet1/0/1"), wire("two", "Provider:GigabitEthernet1/0/2", "Centre:GigabitEthernet1/0/1"))
	b.work["Branch"] = []string{"ping -a 10.1.0.1 -c 3 10.0.0.1"}
	return b
}

// keyed is a firewall with a tunnel of IKE version 2.
func keyed(t *testing.T) *bench {
	b := shipped(t, "ikev2", []string{"F1090/East/F1090-East", "F1090/West/F1090-West"}, wire("one", "East:GigabitEthernet1/0/1", "West:GigabitEthernet1/0/1"))
	b.work["West"] = []string{"ping -a 10.1.0.1 -c 3 10.2.0.1"}
	return b
}

// build opens the lab anew and lets the devices work.
func (b *bench) build() {
	b.t.Helper()
	l, err := lab.Open(&b.def, Make, lab.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	if errs := l.LoadErrors(); len(errs) > 20 {
		b.t.Fatalf("the devices refuse %s", errs)
	}
	b.w = l.World()
	for _, spec := range b.def.Devices {
		b.d = l.Device(spec.Name).(*Device)
		for _, line := range b.work[spec.Name] {
			b.d.Input([]byte(line + "\r"))
		}
	}
	b.d.Box().Restart = func(string) {} // it would lose what makes it rich
	b.r = robotAt(b.d.Box())
	b.run(10 * time.Second)
}

func (b *bench) run(d time.Duration) { b.w.RunUntil(b.w.Now().Add(d)) }

// goTo goes to a view and says whether it got there.
func (b *bench) goTo(view string, way []string) bool {
	b.r.Return()
	if view != "user" {
		b.r.typ("system-view")
	}
	for _, l := range way {
		if b.r.View().Name != view {
			b.r.typ(l)
		}
	}
	return b.r.View().Name == view
}

// TestEveryCommandOnDevicesAtWork types every branch of every command in its
// view, with what the commands before it have left, on devices that have
// neighbours: the grammar refuses none, none shows more than a megabyte, none
// stops the world.
func TestEveryCommandOnDevicesAtWork(t *testing.T) {
	g, err := Grammar()
	if err != nil {
		t.Fatal(err)
	}
	samples := map[string][]string{}
	for _, c := range g.Commands() {
		for _, s := range g.Samples(c) {
			samples[s.View] = append(samples[s.View], s.Line)
		}
	}
	benches := map[string]*bench{"empty": pair(t, ""), "edge": pair(t, file(t, "testdata/edge.cfg")), "internal": pair(t, file(t, "testdata/internal.cfg")),
		"redundant": redundant(t), "translating": translating(t), "keyed": keyed(t)}
	for _, name := range slices.Sorted(maps.Keys(benches)) {
		t.Run(name, func(t *testing.T) {
			b := benches[name]
			b.t = t
			b.build()
			ways := maps.Clone(openers)
			ways["user"], ways["system"] = []string{}, []string{}
			done := map[string]bool{}
			lines := 0
			for len(done) < len(ways) {
				for _, v := range slices.Sorted(maps.Keys(ways)) {
					if !done[v] {
						done[v] = true
						lines += len(samples[v])
						b.everything(g, v, samples[v], ways)
					}
				}
			}
			for v := range samples {
				if !done[v] {
					t.Errorf("view %s was not entered", v)
				}
			}
			t.Logf("%d lines of %d views", lines, len(done))
		})
	}
}

// everything types lines in a view and learns the ways to those below.
func (b *bench) everything(g *cli.Grammar, view string, lines []string, ways map[string][]string) {
	const most = 1 << 20
	for _, line := range lines {
		if !b.goTo(view, ways[view]) {
			b.build()
			if !b.goTo(view, ways[view]) {
				b.t.Errorf("%q does not lead to view %s", ways[view], view)
				return
			}
		}
		depth := len(b.r.Views)
		if err := b.r.start(line); err != nil {
			b.t.Errorf("view %s: %q: %v", view, line, err)
		}
		b.run(20 * time.Millisecond)
		b.r.end()
		if n := b.r.out.Len(); n > most {
			b.t.Errorf("view %s: %q shows %d bytes", view, line, n)
		}
		if v := b.r.View().Name; len(b.r.Views) >= depth && ways[v] == nil {
			ways[v] = append(slices.Clone(ways[view]), line)
		}
	}
	b.run(3 * time.Second)
}
