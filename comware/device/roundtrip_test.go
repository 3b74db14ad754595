package device

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// A case that fails is shown; it is not left behind as a file. More cases are
// a matter of -rapid.checks.
func init() {
	_ = flag.Set("rapid.nofailfile", "true")
	_ = flag.Set("rapid.checks", "300")
	_ = flag.Set("rapid.seed", "1") // the same cases in every run; 0 on the command line gives new ones
}

// configuring are the commands of each view that configure something.
func configuring(t *testing.T) map[string][]*cli.Command {
	t.Helper()
	g, err := Grammar()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]*cli.Command{}
	for _, c := range g.Commands() {
		first, _, _ := strings.Cut(c.Syntax, " ")
		if c.Hidden || slices.Contains([]string{"display", "reset", "quit", "return", "save", "ping", "tracert"}, first) ||
			strings.HasPrefix(c.Syntax, "public-key local create") || // asks until it gets a number
			strings.HasPrefix(c.Syntax, "configuration replace") || strings.HasPrefix(c.Syntax, "configuration commit") {
			continue
		}
		for _, v := range strings.Fields(c.Views) {
			if v != "user" && v != cli.Any {
				all[v] = append(all[v], c)
			}
		}
	}
	return all
}

// even draws 12 bits, each as often set as not: numbers of rapid itself are
// small more often than large, and most commands would never be tried.
var even = rapid.Custom(func(t *rapid.T) int {
	n := 0
	for range 12 {
		n <<= 1
		if rapid.Bool().Draw(t, "bit") {
			n++
		}
	}
	return n
})

// pick draws a number below n.
func pick(t *rapid.T, what string, n int) int { return even.Draw(t, what) * n >> 12 }

// argument draws a value for an argument, often one that was used before, so
// that lines refer to each other.
func argument(t *rapid.T, p cli.Placeholder) string {
	of := func(values ...string) string { return values[pick(t, p.Name, len(values))] }
	number := func() string {
		return fmt.Sprint(rapid.OneOf(rapid.SampledFrom([]int64{p.Lo, min(p.Lo+1, p.Hi), p.Hi}), rapid.Int64Range(p.Lo, p.Hi)).Draw(t, p.Name))
	}
	fit := func(s string) string {
		for int64(len(s)) < p.Lo {
			s += s
		}
		return s[:min(int64(len(s)), p.Hi)]
	}
	switch p.Type {
	case "integer":
		return number()
	case "string":
		s := fit(of("a", "b2", "Trust", "c-3", "two words", `q"u\o`, "255"))
		if strings.ContainsAny(s, ` "`) {
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
		}
		return s
	case "text":
		return fit(of("a", "some text", `with "quotes"`))
	case "ip":
		return of("10.0.0.1", "10.0.0.2", "10.0.1.0", "192.0.2.7", "0.0.0.0", "255.255.255.255")
	case "ipv6":
		return of("2001:db8::1", "fe80::2", "::")
	case "mask":
		return of("24", "255.255.255.0", "32", "0")
	case "wildcard":
		return of("0", "0.0.0.255", "0.0.255.0")
	case "interface":
		return of("GigabitEthernet1/0/1", "GigabitEthernet1/0/2", "GigabitEthernet1/0/2.5", "LoopBack1", "LoopBack2", "NULL0")
	case "iftype":
		return "GigabitEthernet"
	case "hex":
		return fit(of("a", "0b", "123456789abcdef0"))
	case "mac":
		return of("0-0-1", "00e0-fc00-1234")
	case "time":
		return of("00:00:00", "08:30:05", "23:59:59")
	case "minute":
		return of("00:00", "08:30", "23:59")
	case "date":
		return of("2020/01/01", "12/31/2030")
	}
	t.Fatalf("no value for an argument of type %q", p.Type)
	return ""
}

// bare is a box without cables that has booted from a configuration.
func bare(t interface{ Fatal(...any) }, text string) *Device {
	w := sim.New(start, 1, nil)
	d, err := Make(w, link.NewNetwork(w), lab.DeviceSpec{Name: "A", Model: "F1060", Config: text, ConfigFile: "A.cfg"}, func([]byte) {})
	if err != nil {
		t.Fatal(err)
	}
	return d.(*Device)
}

func printed(d *Device) string { return strings.Join(d.Box().Conf.Lines(), "\n") + "\n" }

// type types a line on the console and answers what it asks.
func (d *Device) enter(text string) {
	d.Input([]byte(text + "\r"))
	d.world.RunUntil(d.world.Now())
	for range 5 {
		if !d.Asking() {
			return
		}
		d.Input([]byte("y\r"))
		d.world.RunUntil(d.world.Now())
	}
	d.Input([]byte{3})
}

// generate types random commands of the grammar in their views on a fresh
// device.
func generate(t *rapid.T, commands map[string][]*cli.Command) *Device {
	d := bare(t, "")
	d.enter("screen-length disable")
	d.enter("system-view")
	for range 1 + pick(t, "lines", 50) {
		s := d.con.shell
		if s == nil || len(s.Views) < 2 {
			t.Fatalf("a command led out of the system view")
		}
		view := s.View().Name
		if len(commands[view]) == 0 || len(s.Views) > 2 && pick(t, "quit", 6) == 5 {
			d.enter("quit")
			continue
		}
		c := commands[view][pick(t, "command", len(commands[view]))]
		line := c.Generate(func(n int) int { return pick(t, "way", n) }, func(p cli.Placeholder) string { return argument(t, p) })
		t.Logf("%s%s", s.Prompt(), line)
		d.enter(line)
		for _, v := range d.con.shell.Views {
			if !standing(v.Node) {
				t.Fatalf("the view of %q is still open, the line is not there any more", v.Node.Text)
			}
		}
		d.enter("display this")
	}
	return d
}

// standing says whether a line is in the configuration.
func standing(n *conf.Node) bool {
	for ; n != nil && n.Parent() != nil; n = n.Parent() {
		if n.Parent().Child(n.Key) != n {
			return false
		}
	}
	return true
}

// differing is what one text has and the other has not, or else where their
// order differs.
func differing(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out strings.Builder
	for i, l := range a {
		if !slices.Contains(b, l) || i < len(b) && len(a) == len(b) && b[i] != l {
			out.WriteString("\n-" + l)
		}
	}
	for i, l := range b {
		if !slices.Contains(a, l) || i < len(a) && len(a) == len(b) && a[i] != l {
			out.WriteString("\n+" + l)
		}
	}
	return out.String()
}

// same says that a device booted from what another printed prints the same
// and refuses nothing.
func same(t *rapid.T, text string) {
	again := bare(t, text)
	for _, e := range again.LoadErrors() {
		t.Errorf("refused: %s", e)
	}
	if got := printed(again); got != text {
		t.Errorf("booted from what it printed, the device prints other lines: %s", differing(text, got))
	}
}

// TestRoundTrip types random configurations: what is printed boots, and is
// printed again as it was.
func TestRoundTrip(t *testing.T) {
	commands := configuring(t)
	rapid.Check(t, func(t *rapid.T) { same(t, printed(generate(t, commands))) })
}

// TestRollBackToAnything replaces one random configuration by another: the
// result is what the file says. Where it is not the device says so, and there
// is no undo form of what is left over.
func TestRollBackToAnything(t *testing.T) {
	commands := configuring(t)
	g, _ := Grammar()
	rapid.Check(t, func(t *rapid.T) {
		want := printed(generate(t, commands))
		t.Log("--- replaced by that")
		d := generate(t, commands)
		if err := d.flash.Write("want.cfg", want, d.world.Now()); err != nil {
			t.Fatal(err)
		}
		d.enter("return")
		d.enter("system-view")
		d.Input([]byte("configuration replace file want.cfg\rn\r"))
		got := printed(d)
		if got == want {
			return
		}
		for _, l := range strings.Split(differing(want, got), "\n") {
			if text, extra := strings.CutPrefix(l, "+"); extra && !undoable(g, commands, d, text) {
				continue
			}
			if strings.TrimSpace(l) != "" {
				t.Errorf("after configuration replace file: %s", l)
			}
		}
	})
}

// TestRollBackOfLongLines takes out lines whose undo form leaves out words in
// two places.
func TestRollBackOfLongLines(t *testing.T) {
	d := bare(t, "")
	want := printed(d)
	if err := d.flash.Write("want.cfg", want, d.world.Now()); err != nil {
		t.Fatal(err)
	}
	d.enter("system-view")
	d.enter("snmp-agent target-host trap address udp-domain 10.0.0.1 udp-port 1 dscp 1 vpn-instance c params securityname b v2c")
	d.enter("snmp-agent target-host inform address udp-domain ipv6 :: udp-port 48189 vpn-instance b2 params securityname c v3 privacy")
	if got := printed(d); strings.Count(got, "\n") != strings.Count(want, "\n")+3 {
		t.Fatalf("the configuration is\n%s", got)
	}
	d.Input([]byte("configuration replace file want.cfg\rn\r"))
	if got := printed(d); got != want {
		t.Errorf("after the rollback the configuration differs: %s", differing(want, got))
	}
}

// undoable says whether some view has an undo form of a line.
func undoable(g *cli.Grammar, views map[string][]*cli.Command, d *Device, text string) bool {
	words := strings.Fields("undo " + text)
	for n := len(words); n > 1; n-- {
		for v := range views {
			if _, err := g.Parse(v, strings.Join(words[:n], " "), d.con.shell.Env()); err == nil {
				return true
			}
		}
	}
	return false
}
