package device

import (
	"strings"
	"testing"

	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// BenchmarkCommand is a command from its line to its end: parsed, recorded
// and run.
func BenchmarkCommand(b *testing.B) {
	d := benchDevice(b, "")
	s := d.con.shell
	s.Execute("system-view")
	for b.Loop() {
		s.Execute("interface LoopBack 7")
	}
}

// BenchmarkParse is a long command of the full grammar.
func BenchmarkParse(b *testing.B) {
	d := benchDevice(b, "")
	env := d.con.shell.Env()
	for b.Loop() {
		if _, err := d.image.Grammar.Read("interface", "dis cur int ge 1/0/1 | include address", env); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHelp is the longest list of the full grammar.
func BenchmarkHelp(b *testing.B) {
	d := benchDevice(b, "")
	env := d.con.shell.Env()
	for b.Loop() {
		if _, err := d.image.Grammar.Help("system", "", env); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHelpOfOperator is that list for a role that may run next to
// nothing there, so that the rules are asked for every command.
func BenchmarkHelpOfOperator(b *testing.B) {
	d := benchDevice(b, "")
	d.con.shell.Roles = []string{"network-operator"}
	env := d.con.shell.Env()
	for b.Loop() {
		if _, err := d.image.Grammar.Help("system", "", env); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBoot is a box that reads 5,000 lines.
func BenchmarkBoot(b *testing.B) {
	text := large()
	b.ReportMetric(float64(strings.Count(text, "\n")), "lines")
	for b.Loop() {
		d := benchDevice(b, text)
		if n := len(d.LoadErrors()); n > 0 {
			b.Fatalf("%d lines refused, the first is %s", n, d.LoadErrors()[0])
		}
	}
}

// BenchmarkPrint prints those lines.
func BenchmarkPrint(b *testing.B) {
	d := benchDevice(b, large())
	for b.Loop() {
		d.box.Conf.Lines()
	}
}

func benchDevice(b *testing.B, config string) *Device {
	b.Helper()
	w := sim.New(start, 1, nil)
	d, err := Make(w, link.NewNetwork(w), lab.DeviceSpec{Name: "A", Model: "F1060", Config: config, ConfigFile: "A.cfg"}, func([]byte) {})
	if err != nil {
		b.Fatal(err)
	}
	return d.(*Device)
}
