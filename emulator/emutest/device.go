// Package emutest has what tests of the laboratory need: a device with a
// console that knows a handful of commands and no protocol.
package emutest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// A Device is a toy with a console. Its commands:
//
//	say TEXT       prints TEXT
//	count N        prints a line a second, N times; Ctrl+C stops it
//	draw           prints a random number of the stream `toy number`
//	log D TEXT     prints TEXT after the duration D, wherever the cursor is
//	ask            asks for y, prints what it got
//	hang           never ends; Ctrl+C stops it
type Device struct {
	spec   lab.DeviceSpec
	world  *sim.World
	out    func([]byte)
	text   []byte
	timer  *sim.Timer
	busy   bool
	asking bool
	w, h   int
}

// Make makes a toy. It fits lab.Maker.
func Make(w *sim.World, net *link.Network, spec lab.DeviceSpec, out func([]byte)) (lab.Device, error) {
	if spec.Model != "toy" {
		return nil, fmt.Errorf("unknown model %q, want toy", spec.Model)
	}
	d := &Device{spec: spec, world: w, out: out}
	for _, p := range d.Ports() {
		net.Port(spec.Name, p).Enable(true)
	}
	w.After(time.Second, func() { d.show("booted\n") })
	return d, nil
}

func (d *Device) show(s string) { d.out([]byte(strings.ReplaceAll(s, "\n", "\r\n"))) }

func (d *Device) prompt() { d.show("<" + d.spec.Name + ">") }

func (d *Device) Name() string         { return d.spec.Name }
func (d *Device) Model() string        { return d.spec.Model }
func (d *Device) Ports() []string      { return []string{"p1", "p2"} }
func (d *Device) Power(bool)           {}
func (d *Device) Powered() bool        { return true }
func (d *Device) Resize(w, h int)      { d.w, d.h = w, h }
func (d *Device) Idle() bool           { return !d.busy && !d.asking }
func (d *Device) Asking() bool         { return d.asking }
func (d *Device) Paging() bool         { return false }
func (d *Device) LoadErrors() []string { return nil }

// Snapshot tells the size of the terminal in place of a sysname.
func (d *Device) Snapshot() lab.Snapshot {
	return lab.Snapshot{Name: d.spec.Name, Model: d.spec.Model, Sysname: fmt.Sprintf("%dx%d", d.w, d.h), Powered: true}
}

// Input is keystrokes.
func (d *Device) Input(b []byte) {
	for _, c := range b {
		switch {
		case c == 3:
			d.timer.Stop()
			if d.busy {
				d.busy = false
				d.show("\nstopped\n")
			}
			d.text = nil
			d.prompt()
		case d.busy: // typed ahead and lost
		case c == '\r':
			text := string(d.text)
			d.text = nil
			d.show("\n")
			d.run(text)
		default:
			d.text = append(d.text, c)
			d.out([]byte{c})
		}
	}
}

func (d *Device) run(text string) {
	if d.asking {
		d.asking = false
		d.show("got " + text + "\n")
		d.prompt()
		return
	}
	verb, rest, _ := strings.Cut(text, " ")
	switch verb {
	case "":
	case "say":
		d.show(rest + "\n")
	case "draw":
		d.show(fmt.Sprintf("%d\n", d.world.Stream(d.spec.Name, "toy number").Uint32()))
	case "log":
		after, line, _ := strings.Cut(rest, " ")
		delay, err := time.ParseDuration(after)
		if err != nil {
			d.show("bad duration\n")
			break
		}
		d.world.After(delay, func() { d.show(line + "\n") })
	case "ask":
		d.asking = true
		d.show("sure? [Y/N]:")
		return
	case "hang":
		d.busy = true
		return
	case "count":
		n, _ := strconv.Atoi(rest)
		d.count(1, n)
		return
	default:
		d.show("unknown\n")
	}
	d.prompt()
}

func (d *Device) count(i, n int) {
	if i > n {
		d.busy = false
		d.prompt()
		return
	}
	d.busy = true
	d.timer = d.world.After(time.Second, func() {
		d.show(fmt.Sprintf("line %d\n", i))
		d.count(i+1, n)
	})
}
