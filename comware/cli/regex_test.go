package cli

import (
	"strings"
	"testing"
)

// TestRegularExpressions holds the examples of the guide's table of special
// characters, and the expressions that are none.
func TestRegularExpressions(t *testing.T) {
	for _, tt := range []struct{ expr, yes, no string }{
		{"^u", "user", "Au"},
		{"u$", "Au", "uA"},
		{".s", "as,bs", "s"},
		{"zo*$", "z,zoo", "zob"},
		{"(zo)*x", "x,zozox", "y"},
		{"zo+", "zo,zoo", "z"},
		{"def|int", "a def,int x", "de"},
		{"408(12)+", "40812,4081212", "408"},
		{`(string)\1`, "stringstring", "string,string1"},
		{`(a1)(b2)\2\1`, "a1b2b2a1", "a1b2a1b2"},
		{"[16A]", "1,6,A", "5"},
		{"[1-36A]", "1,2,3,6,A", "45"},
		{"[^16A]", "b", "1,6A"},
		{"[]a]", "],a", "b"},
		{"[a]b]", "ab]", "a"},
		{`[\w]`, `\,w`, "a"},
		{"o{2}", "food", "Bob"},
		{"o{2,}", "foooood", "Bob"},
		{"^o{1,3}$", "o,oo,ooo", "oooo"},
		{`\<do`, "domain,a domain", "undo"},
		{`do\>`, "undo,undo it", "domain"},
		{`\bexample\b`, "an example", "examples"},
		{`er\B`, "verb", "never"},
		{`v\w`, "service", "v-x"},
		{`\Wa`, "-a,a a", "aa"},
		{`\\`, `a\b`, "ab"},
		{`1\.1`, "1.1", "1x1"},
		{`\$`, "a$", "a"},
		{"a?", "a?", "a"},
		{"中+", "中中", "国"},
	} {
		re, err := CompileFilter(tt.expr)
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		for _, s := range strings.Split(tt.yes, ",") {
			if !re.MatchString(s) {
				t.Errorf("%s does not match %q", tt.expr, s)
			}
		}
		for _, s := range strings.Split(tt.no, ",") {
			if re.MatchString(s) {
				t.Errorf("%s matches %q", tt.expr, s)
			}
		}
	}
	for _, expr := range []string{"", "(", ")", "a)", "[", "[^]", "*", "+a", `a\`, `\1`, `(a.)\1`, `(a)\2`, "a{2,1}", strings.Repeat("x", 257)} {
		if re, err := CompileFilter(expr); err == nil {
			t.Errorf("%q is read as %v, want an error", expr, re)
		}
	}
}

// FuzzFilter reads any expression: an error or one that can be used, also at
// the end of a command line.
func FuzzFilter(f *testing.F) {
	g := product(f)
	for _, s := range []string{`(a)\1`, `[^a-z]*\<x`, "a{1,3}|b", `\`, "[]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		re, err := CompileFilter(expr)
		if err != nil {
			return
		}
		re.MatchString("some text (of any kind)")
		if strings.ContainsAny(expr, "\r\n\t\"| >") || len(expr) > 200 {
			return
		}
		r, perr := g.Read("user", "display version | include "+expr, env{})
		if perr != nil || r.Pipe == nil || len(r.Pipe.Filters) != 1 {
			t.Fatalf("%q is an expression, but the command with it is %v", expr, perr)
		}
	})
}
