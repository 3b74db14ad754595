// Package featuretest sits a person at a device in tests of features: lines
// go in, what the console shows comes out, in virtual time.
//
// A Desk fails the test on a line that the grammar refuses, so that a test
// cannot pass because of a typing mistake; Try is for lines that are meant to
// be refused.
package featuretest

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/infocenter"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// Start is when the worlds of New begin.
var Start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

// Model is the product of every Desk: four ports and a context tag.
var Model = &feature.Model{
	Name: "F1", Product: "SecPath F1", Release: "Release 1P2", Tag: "-Context=1;", RAM: "4.00G", Compiled: "Mar 02 2021 15:00:00",
	Ports: []string{"GigabitEthernet1/0/0", "GigabitEthernet1/0/1", "GigabitEthernet1/0/2", "GigabitEthernet1/0/3"},
	Hardware: feature.Hardware{
		CPU: "Multi-core CPU", MemoryKB: 4000000, BaseKB: 1000000, ImageKB: 300000, IdleCPU: 1,
		ItemCode: "210235A000", PCB: "Ver.A", CPLD: "2.0", BootWare: "1.02", Slot: 1, MadeInYear: 2019, Fans: 2, FanSpeed: 5400,
		Powers:  []feature.Power{{Present: true, Mode: "AC"}, {Mode: "AC"}},
		Sensors: []feature.Sensor{{Place: "hotspot", Number: 1, Idle: 44, PerCPU: 100, Warning: 80, Alarm: 95, Shutdown: 105}},
	},
}

// views is what a person needs to get to commands, for images without the
// system's own feature.
var views = feature.Feature{Name: "views", Commands: []feature.Command{
	{Views: "user", Syntax: "system-view", Help: "system-view=Enter the System View", Run: func(x *feature.Exec, _ *cli.Args) {
		x.Enter(feature.ViewState{Name: "system"})
	}},
	{Views: "system", Syntax: "return", Help: "return=Exit to User View", Run: func(x *feature.Exec, _ *cli.Args) { x.Shell.Return() }},
	{Views: "any", Syntax: "quit", Help: "quit=Exit from current command view", Run: func(x *feature.Exec, _ *cli.Args) { x.Quit() }},
}}

// A Desk is a box, its console and the person before it.
type Desk struct {
	T     *testing.T
	Box   *feature.Box
	Shell *feature.Shell
	World *sim.World
	Net   *link.Network

	Past []string // what Terminal.History answers
	Page int      // the page length that was set last
	Kept int      // the size of the history that was set last
	Gone bool     // logged out

	out     strings.Builder
	answers []string
	stop    func()
	open    bool // a question that nobody answers
}

// Image is the software of the features, and what a person needs to get
// around if none of them is the system itself.
func Image(t *testing.T, features ...feature.Feature) *feature.Image {
	t.Helper()
	own := true
	for _, f := range features {
		own = own && f.Name != "system"
	}
	if own {
		features = append([]feature.Feature{views}, features...)
	}
	img, err := feature.NewImage(features...)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// New is a desk at a box of its own world, in user view.
func New(t *testing.T, features ...feature.Feature) *Desk {
	t.Helper()
	w := sim.New(Start, 1, nil)
	return At(t, w, link.NewNetwork(w), "A", features...)
}

// At is a desk at a box of that name in a world that others share.
func At(t *testing.T, w *sim.World, net *link.Network, name string, features ...feature.Feature) *Desk {
	t.Helper()
	img := Image(t, features...)
	d := &Desk{T: t, World: w, Net: net, Page: 24}
	d.Box = feature.NewBox(name, Model, img, w, net, feature.NewFlash())
	for _, f := range img.Features {
		if f.Install != nil {
			f.Install(d.Box)
		}
	}
	d.Shell = feature.NewShell(d.Box, d, "con0")
	d.Box.Shells = append(d.Box.Shells, d.Shell)
	return d
}

// Cable joins the ports of that name of two boxes, such as
// GigabitEthernet1/0/1, and lets the link come up.
func Cable(a *Desk, portA string, b *Desk, portB string) *link.Cable {
	c := a.Net.Connect(a.Net.Port(a.Box.Name, portA), a.Net.Port(b.Box.Name, portB), link.Options{})
	a.Run(time.Second)
	return c
}

// ShowLogs has the console show logs and debugging traces from now on.
func (d *Desk) ShowLogs() {
	d.Box.Info.Subscribe(func(r infocenter.Record) { d.out.WriteString(r.String()) })
}

// Do types lines and returns what the console shows of them. Events that are
// due at once run after each.
func (d *Desk) Do(lines ...string) string {
	d.T.Helper()
	d.out.Reset()
	for _, line := range lines {
		if err := d.Shell.Run(line); err != nil {
			d.T.Fatalf("%s: %q: %v", d.Shell.Prompt(), line, err)
		}
		d.Run(0)
	}
	return d.out.String()
}

// Try types a line that may be refused and returns what the console shows,
// the error with its caret included.
func (d *Desk) Try(line string) string {
	d.out.Reset()
	d.Shell.Execute(line)
	d.Run(0)
	return d.out.String()
}

// Show types lines that may be refused and returns all that the console
// shows.
func (d *Desk) Show(lines ...string) string {
	var all strings.Builder
	for _, l := range lines {
		all.WriteString(d.Try(l))
	}
	return all.String()
}

// Want types a line and compares what the console shows.
func (d *Desk) Want(line, want string) {
	d.T.Helper()
	prompt := d.Shell.Prompt()
	if got := d.Try(line); got != want {
		d.T.Errorf("%s%s shows\n%s\nwant\n%s", prompt, line, got, want)
	}
}

// Seen is what the console showed since the last line was typed.
func (d *Desk) Seen() string { return d.out.String() }

// Answer gives answers to the questions that will come.
func (d *Desk) Answer(answers ...string) { d.answers = append(d.answers, answers...) }

// Interrupt is Ctrl+C while a command runs.
func (d *Desk) Interrupt() {
	d.T.Helper()
	if d.stop == nil {
		d.T.Fatal("no command runs")
	}
	d.stop()
}

// Busy says whether a command runs.
func (d *Desk) Busy() bool { return d.stop != nil }

// Run lets virtual time pass.
func (d *Desk) Run(after time.Duration) { d.World.RunUntil(d.World.Now().Add(after)) }

// Config is the configuration as `display current-configuration` prints it.
func (d *Desk) Config() string { return strings.Join(d.Box.Conf.Lines(), "\n") + "\n" }

// RoundTrip boots the printed configuration on a fresh box of the same
// software and compares what that prints.
func (d *Desk) RoundTrip() {
	d.T.Helper()
	w := sim.New(Start, 1, nil)
	b := feature.NewBox(d.Box.Name, d.Box.Model, d.Box.Image, w, link.NewNetwork(w), feature.NewFlash())
	for _, f := range b.Image.Features {
		if f.Install != nil {
			f.Install(b)
		}
	}
	want := d.Config()
	for _, r := range b.Load(want) {
		d.T.Errorf("line %d of the printed configuration, %q, is refused: %s", r.Line, r.Text, r.Reason)
	}
	if got := strings.Join(b.Conf.Lines(), "\n") + "\n"; got != want {
		d.T.Errorf("booted from what it printed, the device prints\n%s\nwant\n%s", got, want)
	}
}

// Print is output of a command.
func (d *Desk) Print(text string) { d.out.WriteString(text) }

// Hold marks a command as running.
func (d *Desk) Hold(interrupt func()) { d.stop = interrupt }

// Release ends it.
func (d *Desk) Release() { d.stop = nil }

// Ask answers a question from the list of Answer.
func (d *Desk) Ask(prompt string, masked bool, f func(string)) {
	d.out.WriteString(prompt)
	if len(d.answers) == 0 {
		d.out.WriteString("<no answer>")
		d.open = true
		return
	}
	a := d.answers[0]
	d.answers = d.answers[1:]
	if !masked {
		d.out.WriteString(a)
	}
	d.out.WriteString("\n")
	f(a)
}

// Logout ends the session.
func (d *Desk) Logout() { d.Gone = true }

// History is Past.
func (d *Desk) History() []string { return d.Past }

// SetPageLength keeps the page length.
func (d *Desk) SetPageLength(n int) { d.Page = n }

// SetHistorySize keeps the size of the history.
func (d *Desk) SetHistorySize(n int) { d.Kept = n }

// Dismiss takes back the question that nobody answered.
func (d *Desk) Dismiss(f func()) {
	if d.open {
		d.open = false
		d.out.WriteString("\n")
		f()
	}
}
