package cli

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestGeneratedLinesAreAccepted makes lines of a syntax of every form.
func TestGeneratedLinesAreAccepted(t *testing.T) {
	g := New()
	if err := g.AddView("user", "", "User view commands:"); err != nil {
		t.Fatal(err)
	}
	const syntax = "a { b <n:3-5> | c } [ d | e ] * { f | g <s:string:2-3> } * [ x ] <m:1-9> &<1-3>"
	if err := g.Add(Command{Views: "user", Syntax: syntax, Help: "a=;b=;c=;d=;e=;f=;g=;x=;<n>=;<s>=;<m>="}); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[string]bool{}
	for range 500 {
		line := g.Commands()[0].Generate(r.IntN, func(p Placeholder) string {
			if p.Type == "string" {
				return "zz"
			}
			return strconv.FormatInt(p.Lo, 10)
		})
		if _, err := g.Parse("user", line, nil); err != nil {
			t.Fatalf("%q is refused: %v", line, err)
		}
		seen[line] = true
	}
	if len(seen) < 100 {
		t.Errorf("500 lines are %d different ones", len(seen))
	}
}
