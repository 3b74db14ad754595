package cli

import (
	"fmt"
	"runtime"
	"testing"
)

// large is a grammar of 3,000 commands in 60 views, a third of them in all.
func large(tb testing.TB) *Grammar {
	tb.Helper()
	g := New()
	must := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	must(g.AddView("user", "", "User view commands:"))
	must(g.AddView("system", "user", "System view commands:"))
	for i := range 58 {
		must(g.AddView(fmt.Sprintf("view%d", i), "system", "View commands:"))
	}
	must(g.Common("display=Display;undo=Undo;<name>=Name"))
	for i := range 1000 {
		word := fmt.Sprintf("w%c%c%d", 'a'+i%26, 'a'+i/26%26, i)
		must(g.Add(Command{Views: "any", Syntax: "display " + word + " [ brief | interface <i:interface> | slot <n:1-9> ] *",
			Help: word + "=A word;brief=Brief;interface=Interface;<i>=Interface;slot=Slot;<n>=Number"}))
		must(g.Add(Command{Views: "system", Syntax: word + " { one <a:ip> <m:mask> | two <s:string:1-63> } [ preference <p:1-255> ]",
			Help: word + "=A word;one=One;<a>=Address;<m>=Mask;two=Two;<s>=Text;preference=Preference;<p>=Value"}))
		must(g.Add(Command{Views: fmt.Sprintf("view%d view%d", i%58, (i+1)%58), Syntax: word + " { <n:1-100> } &<1-8>", Help: word + "=A word;<n>=Number"}))
	}
	return g
}

// BenchmarkLargeGrammar builds it, up to the first list and line.
func BenchmarkLargeGrammar(b *testing.B) {
	for b.Loop() {
		g := large(b)
		if _, err := g.Help("view3", "", env{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLargeParse parses a line of it in a view below the system view.
func BenchmarkLargeParse(b *testing.B) {
	g := large(b)
	for b.Loop() {
		if _, err := g.Read("view3", "wzz51 one 10.0.0.1 24 preference 3", env{}); err == nil {
			b.Fatal("a word that there is not is understood")
		}
		if _, err := g.Read("view3", "waa0 one 10.0.0.1 24 preference 3", env{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLargeHelp lists the 1,000 commands of the system view.
func BenchmarkLargeHelp(b *testing.B) {
	g := large(b)
	for b.Loop() {
		if _, err := g.Help("system", "", operator{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLargeMemory is what the grammar takes, once for all devices.
func BenchmarkLargeMemory(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var keep []*Grammar
	for b.Loop() {
		g := large(b)
		for _, v := range g.names {
			g.Complete(v, "x", env{})
		}
		keep = append(keep, g)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(keep)), "B/grammar")
	runtime.KeepAlive(keep)
}
