package main

import (
	"runtime"
	"testing"
	"time"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/sessions"
)

// caseLab is the lab of the published case, opened.
func caseLab(tb testing.TB, o lab.Options) *lab.Lab {
	tb.Helper()
	return labOf(tb, "rbm-ipsec", o)
}

// BenchmarkOpen is a lab from its files to three prompts; the grammar, which
// a process builds once, is not in it.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		caseLab(b, lab.Options{})
	}
}

// BenchmarkGrammar is what a process does once before its first prompt.
func BenchmarkGrammar(b *testing.B) {
	for b.Loop() {
		if err := device.BuildImage(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDay is 86,400 virtual seconds of the healthy lab with its tunnel
// up, rekeys included. The metric says how much faster than real time it is.
func BenchmarkDay(b *testing.B) {
	const day = 24 * time.Hour
	for b.Loop() {
		l := caseLab(b, lab.Options{})
		l.Type("F1060", []byte("ping -a 2.2.2.2 -c 2 3.3.3.3\r"))
		l.RunFor(day)
	}
	b.ReportMetric(day.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
}

// BenchmarkScripts is the three scripts of the case, one after the other.
func BenchmarkScripts(b *testing.B) {
	def, err := sessions.Load("rbm-ipsec")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, f := range def.Scripts {
			s, err := sessions.ParseScript(f.File, f.Text)
			if err != nil {
				b.Fatal(err)
			}
			r, err := sessions.Replay(def, device.Make, s, sessions.ReplayOptions{})
			if err != nil || !r.OK() {
				b.Fatalf("%s: %v %v", f.Name, err, r)
			}
		}
	}
}

// BenchmarkWorld is the memory of one more world of three devices in a
// process that has the grammar already.
func BenchmarkWorld(b *testing.B) {
	caseLab(b, lab.Options{})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var keep []*lab.Lab
	for b.Loop() {
		keep = append(keep, caseLab(b, lab.Options{}))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(keep)), "B/world")
	runtime.KeepAlive(keep)
}
