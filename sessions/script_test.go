package sessions

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/emutest"
	"cwlab/emulator/lab"
)

func TestParseScript(t *testing.T) {
	s, err := ParseScript("x.console", `@title A story
@start 2022-01-02 03:04:05
@tape A toy number 1 = 7

@# nothing
@on A
$ say hello
hello

$- count 3
@wait /line \/ 1/ 30s
@wait /a/b/
@advance 250ms
$^C
...
$. sa\t
$
@lose 5% x
@lossy x 0.5
@delay 5ms x
@delay x 5ms
@set who you
@cut x
@mend x
@impair x loss 5% for arp
@heal x
@power off B
@capture a.pcapng x for arp
@capture off
@on B console
@take Word /^say ([a-z]+)/
$ say ${who} ${Word}
\$ dollar
/re/
`)
	if err != nil {
		t.Fatal(err)
	}
	if s.Title != "A story" || s.Start == nil || !s.Start.Equal(time.Date(2022, 1, 2, 3, 4, 5, 0, time.UTC)) || s.Tape["A toy number 1"] != "7" {
		t.Errorf("header is %q %v %v", s.Title, s.Start, s.Tape)
	}
	var got []string
	for _, st := range s.Steps {
		line := []string{[]string{"line", "on", "part", "key", "advance", "wait", "cut", "mend", "lose", "delay", "impair", "heal", "power", "capture", "take", "expect"}[st.Kind]}
		if st.Device != "" {
			line = append(line, st.Device)
		}
		if st.Text != "" {
			line = append(line, strings.NewReplacer("\t", "TAB", "\x03", "^C").Replace(st.Text))
		}
		if st.For != 0 {
			line = append(line, st.For.String())
		}
		if st.Link != "" {
			line = append(line, st.Link)
		}
		got = append(got, strings.Join(append(line, st.Want...), " "))
	}
	want := []string{
		"line A say hello", "expect A hello", "on A count 3", `wait A line \/ 1 30s`, "wait A a/b 1m0s", "advance A 250ms",
		"key A ^C", "expect A ...", "part A saTAB", "line A", "lose A x", "lose A x", "delay A 5ms x", "delay A 5ms x", "cut A x", "mend A x",
		"impair A loss 5% for arp x", "heal A x", "power B", "capture A a.pcapng x for arp", "capture A off",
		"take B ^say ([a-z]+)", "line B say ${who} ${Word}", `expect B \$ dollar /re/`,
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("steps are\n%s\nwant\n%s", g, w)
	}
}

func TestScriptErrors(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"$ x\n", "f:1: something is typed before any @on DEVICE"},
		{"@on A\nhello\n", "f:2: output is expected before anything was typed"},
		{"@wait /x/ 3s\n", "f:1: @wait stands before any @on DEVICE"},
		{"@on A\n@wait x\n", `f:2: @wait wants /regexp/, got "x"`},
		{"@on A\n@wait /(/ 3s\n", "f:2: @wait: error parsing regexp: missing closing ): `(`"},
		{"@on A\n@wait /x/ soon\n", `f:2: @wait wants a duration such as 30s after the pattern, got "soon"`},
		{"@on A\n$ x\n/(/\n", "f:3: pattern /(/: error parsing regexp: missing closing ): `(`"},
		{"@advance x\n", `f:1: @advance wants a duration such as 3s or 250ms, got "x"`},
		{"@jump\n", "f:1: verb is @jump, want title, start, tape, set, include, on, advance, wait, take, cut, mend, lossy, lose, delay, impair, heal, power, capture or #"},
		{"@on A B\n", "f:1: @on wants DEVICE, or DEVICE console: a device has one console"},
		{"@on A\n$x\n", "f:2: line begins with \"$x\", want `$ text`, `$- text`, `$. text` or `$^C` (`\\$` for output that begins with a dollar)"},
		{"@on A\n$^1\n", "f:2: key is $^1, want $^A to $^Z, $^[ or $^]"},
		{"@on A\n$ a\tb\n", "f:2: the text has a control character 0x09; a control key is $^C"},
		{"@on A\n$ x\n@start 2022-01-02 03:04:05\n", "f:3: @start stands before everything that is done"},
		{"@start tomorrow\n", `f:1: time is "tomorrow", want the form 2006-01-02 15:04:05`},
		{"@tape A b\n", "f:1: @tape wants DEVICE PURPOSE ORDINAL = VALUE"},
		{"@tape A b c = 1\n", `f:1: tape: key "A b c": the ordinal is "c", want 1 or more`},
		{"@tape A b 1 = 1\n@tape A  b 1 = 2\n", "f:2: tape: A b 1 is on the tape already"},
		{"@tape A b 3-2 = 1\n", `f:1: tape: key "A b 3-2": the ordinals are "3-2", want a range such as 1-40 of at most 10000`},
		{"@tape A b 1-4 = 1\n@tape A b 3 = 2\n", "f:2: tape: A b 3 is on the tape already"},
		{"@impair x\n", `f:1: @impair wants a LINK and a fault: fault "": it does nothing, want drop, loss, duplicate, corrupt, reorder, delay, jitter, rate or again`},
		{"@heal\n", "f:1: @heal wants one LINK"},
		{"@capture\n", "f:1: @capture: a capture wants a FILE.pcapng"},
		{"@capture ../x.pcapng\n", `f:1: @capture: file is "../x.pcapng", want a name below the working folder that ends in .pcapng`},
		{"@power up A\n", "f:1: @power wants on or off and a DEVICE"},
		{"@lose 200% x\n", `f:1: share of frames is "200%", want 0% to 100% or 0 to 1`},
		{"@cut\n", "f:1: @cut wants one LINK"},
		{"@title\n", "f:1: @title needs a text"},
	} {
		_, err := ParseScript("f", tc.text)
		if err == nil || err.Error() != tc.want {
			t.Errorf("%q: error is %v\nwant %s", tc.text, err, tc.want)
		}
	}
}

func FuzzParseScript(f *testing.F) {
	f.Add("@on A\n$ say x\nx\n...\n/re/\n$^C\n@wait /x/ 3s\n")
	f.Add("@tape A b 1 = 2\n@start 2022-01-02 03:04:05\n@lose 5% l\n$- \n\\...")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseScript("f", text)
		if err != nil {
			return
		}
		for _, st := range s.Steps {
			if st.Line < 1 || st.Line > len(s.lines["f"]) {
				t.Fatalf("step stands at line %d of %d", st.Line, len(s.lines["f"]))
			}
			if st.Kind == Expect { // a block matches itself, once quoted and shown
				var shown []string
				value := func(string) (string, bool) { return "x", true }
				for _, w := range parseWant(st.Want, value) {
					if w.any || w.re != nil {
						return
					}
					shown = append(shown, w.text)
				}
				if d := compare(parseWant(st.Want, value), shown); d != "" {
					t.Fatalf("%q does not match itself:\n%s", st.Want, d)
				}
				var quoted []string
				for _, l := range trimLines(shown) {
					quoted = append(quoted, quoteLine(l))
				}
				if d := compare(parseWant(quoted, nil), shown); d != "" {
					t.Fatalf("%q quoted does not match itself:\n%s", quoted, d)
				}
			}
		}
		again, err := ParseScript("f", strings.Join(s.lines["f"], "\n")+"\n")
		if err != nil || len(again.Steps) != len(s.Steps) {
			t.Fatalf("parsed again: %v, %d steps of %d", err, len(again.Steps), len(s.Steps))
		}
	})
}

func TestCompare(t *testing.T) {
	for _, tc := range []struct{ name, want, got, diff string }{
		{"equal", "a\nb", "a\nb", ""},
		{"trailing blanks", "a", "a  \r\n\n", ""},
		{"any lines", "a\n...\nd", "a\nb\nc\nd", ""},
		{"any lines, none", "a\n...\nd", "a\nd", ""},
		{"any is lazy enough", "...\nb\n...\nb", "b\nx\nb\nb", ""},
		{"pattern", "/^time=[0-9]+ ms$/", "time=12 ms", ""},
		{"escapes", "\\...\n\\/x/\n\\$ y\n\\\\z", "...\n/x/\n$ y\n\\z", ""},
		{"missing", "a\nb", "a", "  a\n- b\n"},
		{"more", "a", "a\nb", "  a\n+ b\n"},
		{"other", "a\nb\nc", "a\nx\nc", "  a\n- b\n+ x\n  c\n"},
		{"other after any", "...\nb", "a\nc", "  ...\n- b\n"},
		{"far away", "1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\n7", "  (2 lines)\n  3\n  4\n  5\n- 6\n+ 7\n"},
	} {
		got := compare(parseWant(strings.Split(tc.want, "\n"), nil), strings.Split(tc.got, "\n"))
		if got != tc.diff {
			t.Errorf("%s: diff is\n%s\nwant\n%s", tc.name, got, tc.diff)
		}
	}
}

// Every verb's example is a line that parses, and is written as its form says.
func TestVerbsHaveExamples(t *testing.T) {
	for _, v := range Verbs() {
		text := v.Example + "\n"
		if v.inside {
			text = "@on F1060\n" + text
		}
		if _, err := (Source{File: "f", Text: text, Parts: []lab.ScriptFile{{Name: "parts/login", File: "p"}}}).Parse(); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
		if !strings.HasPrefix(v.Example, "@"+v.Name) || !strings.HasPrefix(v.Form, v.Name) || v.Help == "" {
			t.Errorf("%q, %q: %q", v.Form, v.Example, v.Help)
		}
	}
}

func TestVariables(t *testing.T) {
	const text = `@set word hello
@on A
$ say ${word} 5
hello ${n}
/^${word} [0-9]$/
@take n /^hello ([0-9]+)/
$ say $${word} ${n}
\$${word} ${n}
@wait /\$\{word\} ${n}/ 1s
`
	s, err := Source{File: "f", Text: strings.Replace(text, "hello ${n}\n", "", 1)}.Parse()
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, s)
	if !r.OK() {
		t.Errorf("%v %v", r.Err, r.Diffs())
	}
	if s, err = (Source{File: "f", Text: "@set word hello\n@on A\n$ say ${word}\n/^bye$/\n", Set: map[string]string{"word": "bye"}}).Parse(); err != nil {
		t.Fatal(err)
	}
	if r := run(t, s); !r.OK() {
		t.Errorf("with a value given: %v %v", r.Err, r.Diffs())
	}
	for _, tc := range []struct{ text, want string }{
		{text, "f:4: ${n} has no value; want @set n VALUE or @take n /regexp/ before"},
		{"@set 1a b\n", `f:1: @set wants NAME VALUE, got "1a b": a name is letters, digits and _`},
		{"@set a b\n@set a c\n", "f:2: variable a is set already"},
		{"@on A\n@take a /x/\n@cut ${a}\n", "f:3: ${a} is what a console will show, which this verb cannot use"},
		{"@cut ${a}\n", "f:1: ${a} has no value; want @set a VALUE or @take a /regexp/ before"},
		{"@on A\n@take a x\n", `f:2: @take wants /regexp/, got "x"`},
	} {
		if _, err := ParseScript("f", tc.text); err == nil || err.Error() != tc.want {
			t.Errorf("%q: error is %v\nwant %s", tc.text, err, tc.want)
		}
	}
	if _, err := (Source{File: "f", Text: "@on A\n", Set: map[string]string{"x": "1"}}).Parse(); err == nil || err.Error() != "f: variable x is given, but no @set in the script names it" {
		t.Errorf("a value for nothing: %v", err)
	}
	s, _ = ParseScript("f", "@on A\n$ say a\n@take v /b/\n")
	if r := run(t, s); r.Err == nil || !strings.Contains(r.Err.Error(), "f:3: A has not shown /b/, which @take v wants") {
		t.Errorf("nothing to take: %v", r.Err)
	}
}

func TestInclude(t *testing.T) {
	parts := []lab.ScriptFile{
		{Name: "hello", File: "hello.console", Text: "@title Other\n$ say hello\nwrong\n"},
		{Name: "parts/cut", File: "parts/cut.console", Text: "@cut nowhere\n"},
		{Name: "round", File: "round.console", Text: "@include round\n"},
		{Name: "bad", File: "bad.console", Text: "\n@jump\n"},
	}
	s, err := Source{File: "f", Text: "@title Mine\n@on A\n@include hello\n@include hello.console\n$ say bye\nbye\n", Parts: parts}.Parse()
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, s)
	if s.Title != "Mine" || len(r.Checks) != 3 || len(r.Diffs()) != 2 || r.Diffs()[0].File != "hello.console" || r.Diffs()[0].Line != 3 {
		t.Errorf("%q: %v, %v", s.Title, r.Err, r.Diffs())
	}
	if got := r.Updated; len(got) != 1 || got["hello.console"] != "@title Other\n$ say hello\nhello\n" {
		t.Errorf("updated: %q", got)
	}
	for _, tc := range []struct{ text, want string }{
		{"@include nothing\n", `f:1: @include names "nothing", the lab has hello, parts/cut, round, bad`},
		{"@include bad\n", "bad.console:2: verb is @jump"},
		{"@include round\n", "round.console:1: @include: scripts include each other more than 8 deep"},
		{"@include hello\n", "hello.console:2: something is typed before any @on DEVICE"},
	} {
		if _, err := (Source{File: "f", Text: tc.text, Parts: parts}).Parse(); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%q: error is %v\nwant %s", tc.text, err, tc.want)
		}
	}
	if s, err = (Source{File: "f", Text: "@include parts/cut\n", Parts: parts}).Parse(); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(toys(t)); err == nil || err.Error() != `parts/cut.console:1: link is "nowhere", the lab has x` {
		t.Errorf("an included link: %v", err)
	}
}

func TestTolerance(t *testing.T) {
	for _, tc := range []struct {
		want, got string
		fits      bool
	}{
		{"~ SPI: 1234567 (0x12d687)", "SPI: 99 (0x63)", true},
		{"~ SPI: 1234567", "SPO: 1234567", false},
		{"~ cookie 1ad78437a8df7ff3", "cookie beefbeefbeefbeef", true},
		{"~ time=2.000 ms", "time=12.5 ms", true},
		{"~ a      7   EST", "a 12345 EST", true},
		{"~ a 7 EST", "a 7 NEG", false},
		{"~10% rate 100", "rate 110", true},
		{"~10% rate 100", "rate 111", false},
		{"~0.5 time=2.0 ms", "time=2.5 ms", true},
		{"~0.5 time=2.0 ms", "time=2.6 ms", false},
		{"~5 10.0.0.1 up", "10.0.0.1 up", true},
		{`\~ 7`, "~ 7", true},
		{`\~ 7`, "~ 8", false},
		{"~x 7", "~x 7", true},
	} {
		if got := compare(parseWant([]string{tc.want}, nil), []string{tc.got}) == ""; got != tc.fits {
			t.Errorf("%q fits %q: %v, want %v", tc.want, tc.got, got, tc.fits)
		}
	}
}

// What fits stays as it was written when the rest is updated.
func TestUpdateKeepsWhatFits(t *testing.T) {
	const text = "@on A\n$ count 3\n~ line 9\n/line 2/\nline 4\n"
	s, err := ParseScript("f", text)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := run(t, s).Updated["f"], strings.Replace(text, "line 4", "line 3", 1); got != want {
		t.Errorf("updated is\n%s\nwant\n%s", got, want)
	}
}

func TestJUnit(t *testing.T) {
	s, err := ParseScript("f", "@on A\n$ say <a>\n<a>\n$ say b\nc\n$- log 1s x\n@wait /never/ 2s\n")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := WriteJUnit(&out, []Suite{{Name: "toys/f", Result: run(t, s)}, {Name: "toys/g", Err: errStill}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<testsuite name="toys/f" tests="3" failures="1" errors="1">`,
		`<testcase name="3: say &lt;a&gt;" classname="toys/f.A" file="f" line="3"></testcase>`,
		`<failure message="A shows something else">`, `<error message="f:7: A did not show /never/ within 2s`,
		`<testsuite name="toys/g" tests="1" failures="0" errors="1">`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, &out)
		}
	}
}

// run replays a script on the toys and compares.
func run(t *testing.T, s *Script) *Result {
	t.Helper()
	r, err := Replay(toys(t), emutest.Make, s, ReplayOptions{Compare: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The script of the package's documentation parses, and so do all its forms.
func TestDocumentedScript(t *testing.T) {
	b, err := os.ReadFile("sessions.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(b), "//\t@title")
	text, _, ended := strings.Cut(text, "//\n")
	s, err := ParseScript("doc", strings.ReplaceAll("@title"+text, "\n//\t", "\n"))
	if !found || !ended || err != nil || len(s.Steps) != 9 || len(s.Steps[8].Want) != 4 {
		t.Errorf("%v, %+v", err, s)
	}
	for _, v := range Verbs() {
		if !regexp.MustCompile(`@` + regexp.QuoteMeta(v.Name) + `(?:[ ,:.]|$)`).Match(b) {
			t.Errorf("the documentation does not have @%s", v.Name)
		}
	}
}
