package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/impair"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
)

// A pairLab is two firewalls on one cable with a virtual router, of which the
// F1060 is the master.
func pairLab(t *testing.T) *lab.Lab {
	t.Helper()
	l := labOf(t, "first-steps", lab.Options{})
	for i, d := range []string{"F1060", "F1090"} {
		enter(l, d, "system-view", "security-policy ip", "rule 0 name all", "action pass", "quit", "quit",
			"interface gigabitethernet 1/0/1", fmt.Sprintf("ip address 192.0.2.%d 24", i+1), "quit",
			"security-zone name Trust", "import interface gigabitethernet 1/0/1", "quit",
			"interface gigabitethernet 1/0/1", "vrrp vrid 1 virtual-ip 192.0.2.100", fmt.Sprintf("vrrp vrid 1 priority %d", 120-20*i), "return")
	}
	l.RunFor(10 * time.Second)
	return l
}

// enter types lines, each when the one before is done.
func enter(l *lab.Lab, device string, lines ...string) {
	for _, line := range lines {
		l.Type(device, []byte(line+"\r"))
		for range 1200 {
			l.RunFor(100 * time.Millisecond)
			if l.Device(device).Idle() {
				break
			}
		}
	}
}

// A row is what one fault does: what both consoles show, which counters move,
// how the world stands a minute later and how soon it is well again.
type row struct {
	fault  string        // as lab.Impair reads it, or cut
	cable  string        // where it is, "" for the usual one
	setup  []string      // "DEVICE line" typed before
	do     []string      // "DEVICE line" typed under it, after the ping
	lasts  time.Duration // of the fault, 0 for a minute
	a, b   []string      // what the consoles of both ends show, in this order
	absent []string      // "DEVICE text" that must not be shown
	moves  string        // the counters of failures that grow, "" for none
	state  string        // at its end, "" for any
	back   time.Duration // the ping works this soon after it, 0 for a quarter of a minute
	pings  string        // "N received" of the ping under it, "" for one that may go on
}

// A bench is where rows are tried: a lab with two ends, and how to see that
// they are well.
type bench struct {
	open     func(t *testing.T) *lab.Lab
	a, b     string
	cable    string
	ping     string   // on a
	trace    []string // the debugging of both ends
	displays []string // of counters
	state    func(l *lab.Lab) string
	well     string // the state when there is no fault and a ping has passed
	always   string // the counter that moves whenever one does
}

// watched collects what a console shows.
type watched struct{ strings.Builder }

func watch(l *lab.Lab, device string) *watched {
	w := &watched{}
	l.Console(device).Tap(func(b []byte) { w.Write(b) })
	return w
}

// since is what was shown from an offset on, the line breaks of a terminal
// taken out.
func (w *watched) since(at int) string { return strings.ReplaceAll(w.String()[at:], "\r\n", "\n") }

var counter = regexp.MustCompile(`([A-Z][A-Za-z /-]*[A-Za-z]) *: (\d+)`)

// failures are the counters of a device by the protocol of their display,
// without those of what goes well.
func failures(l *lab.Lab, w *watched, device string, displays []string) (names []string, values map[string]string) {
	values = map[string]string{}
	for _, d := range displays {
		at := w.Len()
		enter(l, device, d)
		protocol := strings.Fields(d)[1]
		shown := w.since(at)
		begin := strings.Index(shown, "tatistics") // debugging may stand around it
		for _, m := range counter.FindAllStringSubmatch(shown[max(0, begin):], -1) {
			name := protocol + " " + m[1]
			if !slices.ContainsFunc(failing, func(s string) bool { return strings.Contains(m[1], s) }) {
				continue
			}
			if _, ok := values[name]; !ok {
				names = append(names, name)
			}
			values[name] = m[2]
		}
	}
	return names, values
}

// failing are parts of the names of counters of what goes wrong, and of what a
// sound world does not count up.
var failing = []string{"rror", "nvalid", "atching", "vailable", "nsupported", "ailure", "exceeded", "eplayed", "alformed", "timeout", "Mismatch", "Wrong", "Priority Zero", "Become Master", "proposal chosen", "failed", "No IKEv2 SA"}

// follows looks for texts in the order given and says which is missing.
func follows(shown string, texts []string) (missing string) {
	for _, s := range texts {
		at := strings.Index(shown, s)
		if at < 0 {
			return s
		}
		shown = shown[at+len(s):]
	}
	return ""
}

// typeAll types "DEVICE line" each.
func typeAll(l *lab.Lab, lines []string) {
	for _, x := range lines {
		d, line, _ := strings.Cut(x, " ")
		enter(l, d, line)
	}
}

func cableOf(l *lab.Lab, name string) *link.Cable {
	for _, c := range l.Network().Cables() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// try runs a row.
func (x *bench) try(t *testing.T, r row) {
	l := x.open(t)
	cable := x.cable
	if r.cable != "" {
		cable = r.cable
	}
	ends := []string{x.a, x.b}
	consoles := map[string]*watched{}
	for _, d := range ends {
		consoles[d] = watch(l, d)
		enter(l, d, append([]string{"screen-length disable", "terminal monitor", "terminal debugging"}, x.trace...)...)
	}
	typeAll(l, r.setup)
	before, from := map[string]map[string]string{}, map[string]int{}
	for _, d := range ends {
		_, before[d] = failures(l, consoles[d], d, x.displays)
		from[d] = consoles[d].Len()
	}
	begin := func() error { return l.Impair(cable, r.fault) }
	end := func() error { return l.Heal(cable) }
	if r.fault == "cut" {
		begin, end = func() error { return l.Cut(cable) }, func() error { return l.Mend(cable) }
	}
	if err := begin(); err != nil {
		t.Fatal(err)
	}
	at := l.World().Now()
	enter(l, x.a, x.ping)
	pinged := consoles[x.a].since(from[x.a])
	lasts := time.Minute
	if r.lasts > 0 {
		lasts = r.lasts
	}
	l.RunFor(at.Add(lasts).Sub(l.World().Now()))
	typeAll(l, r.do)
	text := map[string]string{}
	for _, d := range ends {
		text[d] = consoles[d].since(from[d])
	}
	var moved []string
	for _, d := range ends {
		names, after := failures(l, consoles[d], d, x.displays)
		for _, n := range names {
			if after[n] != before[d][n] && d+" "+n != x.always {
				moved = append(moved, d+" "+n)
			}
		}
	}
	state := x.state(l)
	struck := cableOf(l, cable).Struck()

	if r.pings != "" && !strings.Contains(pinged, " "+r.pings+" packet(s) received") {
		t.Errorf("the ping under it, want %s received:\n%s", r.pings, pinged[max(0, len(pinged)-300):])
	}
	for i, want := range [][]string{r.a, r.b} {
		if m := follows(text[ends[i]], want); m != "" {
			t.Errorf("the console of %s lacks %q behind what comes before it in the row:\n%s", ends[i], m, text[ends[i]])
		}
	}
	for _, no := range r.absent {
		d, s, _ := strings.Cut(no, " ")
		if strings.Contains(text[d], s) {
			t.Errorf("the console of %s shows %q", d, s)
		}
	}
	if got := strings.Join(moved, ", "); got != r.moves {
		t.Errorf("these counters moved:\n%s\nwant\n%s", got, r.moves)
	}
	if r.state != "" && state != r.state {
		t.Errorf("the state is %s, want %s", state, r.state)
	}
	if flaw := impairment(r.fault).Flaw(); !flaw && struck == 0 && r.fault != "cut" {
		t.Error("it struck no frame")
	}

	if err := end(); err != nil {
		t.Fatal(err)
	}
	back := 15 * time.Second
	if r.back > 0 {
		back = r.back
	}
	healed := l.World().Now()
	for {
		at := consoles[x.a].Len()
		enter(l, x.a, x.ping)
		if strings.Contains(consoles[x.a].since(at), ", 0.0% packet loss") {
			break
		}
		if l.World().Now().Sub(healed) > back {
			t.Errorf("%v after it ended the ping does not pass", back)
			break
		}
	}
	l.RunFor(10 * time.Minute)
	enter(l, x.a, "", x.ping)
	if got := x.state(l); got != x.well {
		t.Errorf("ten minutes after it ended the state is %s, want %s", got, x.well)
	}
	if cableOf(l, cable).Impaired() {
		t.Error("it is still there")
	}
	for _, w := range consoles {
		w.Reset()
	}
}

func impairment(fault string) impair.Impairment {
	name, _, _ := strings.Cut(fault, " ")
	for _, i := range impair.All() {
		if i.Name == name {
			return i
		}
	}
	return impair.Impairment{}
}

var tunnelBench = bench{
	open: func(t *testing.T) *lab.Lab { return caseLab(t, lab.Options{}) },
	a:    "F1060", b: "F1090-1", cable: "f1060",
	ping:     "ping -a 2.2.2.2 -c 4 3.3.3.3",
	trace:    []string{"debugging ike all", "debugging ipsec all"},
	displays: []string{"display ike statistics", "display ipsec statistics"},
	state: func(l *lab.Lab) string {
		a, b := l.Device("F1060").Snapshot(), l.Device("F1090-1").Snapshot()
		return fmt.Sprintf("%d/%d %d/%d", len(a.IKE), len(a.IPsec), len(b.IKE), len(b.IPsec))
	},
	well:   "1/1 1/1",
	always: "F1060 ipsec No available SA", // the first packet asks for it
}

var vrrpBench = bench{
	open: pairLab,
	a:    "F1060", b: "F1090", cable: "cable",
	ping:     "ping -c 4 192.0.2.2",
	trace:    []string{"debugging vrrp all"},
	displays: []string{"display vrrp statistics"},
	state: func(l *lab.Lab) string {
		return l.Device("F1060").Snapshot().VRRP[0].State + " " + l.Device("F1090").Snapshot().VRRP[0].State
	},
	well: "Master Backup",
}

var rbmBench = bench{
	open: func(t *testing.T) *lab.Lab { return caseLab(t, lab.Options{}) },
	a:    "F1090-1", b: "F1090-2", cable: "rbm",
	ping: "ping -c 4 10.2.1.2",
	state: func(l *lab.Lab) string {
		a, b := l.Device("F1090-1").Snapshot(), l.Device("F1090-2").Snapshot()
		return fmt.Sprintf("%s %s, %s %s", a.RBMState, a.RBMChannel, b.RBMState, b.RBMChannel)
	},
	well: "Active Connected, Standby Connected",
}
