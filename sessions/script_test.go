package sessions

import (
	"strings"
	"testing"
	"time"
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
@lose 0.5 x
@delay 5ms x
@cut x
@mend x
@impair x loss 5% for arp
@heal x
@power off B
@capture a.pcapng x for arp
@capture off
@on B console
$ say x
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
		line := []string{[]string{"line", "on", "part", "key", "advance", "wait", "cut", "mend", "lose", "delay", "impair", "heal", "power", "capture", "expect"}[st.Kind]}
		if st.Device != "" {
			line = append(line, st.Device)
		}
		if st.Text != "" {
			line = append(line, strings.NewReplacer("\t", "TAB", "\x03", "^C").Replace(st.Text))
		}
		if st.Re != nil {
			line = append(line, st.Re.String())
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
		"key A ^C", "expect A ...", "part A saTAB", "line A", "lose A x", "lose A x", "delay A 5ms x", "cut A x", "mend A x",
		"impair A loss 5% for arp x", "heal A x", "power B", "capture A a.pcapng x for arp", "capture A off",
		"line B say x", `expect B \$ dollar /re/`,
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
		{"@on A\n@wait x\n", `f:2: @wait wants /regexp/ and a duration, got "x"`},
		{"@on A\n@wait /(/ 3s\n", "f:2: @wait: error parsing regexp: missing closing ): `(`"},
		{"@on A\n@wait /x/ soon\n", `f:2: @wait wants a duration such as 30s after the pattern, got "soon"`},
		{"@on A\n$ x\n/(/\n", "f:3: pattern /(/: error parsing regexp: missing closing ): `(`"},
		{"@advance x\n", `f:1: @advance wants a duration such as 3s or 250ms, got "x"`},
		{"@jump\n", "f:1: verb is @jump, want title, start, tape, on, advance, wait, cut, mend, lose, delay, impair, heal, power, capture or #"},
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
			if st.Line < 1 || st.Line > len(s.lines) {
				t.Fatalf("step stands at line %d of %d", st.Line, len(s.lines))
			}
			if st.Kind == Expect { // a block matches itself, once quoted and shown
				var shown []string
				for _, w := range parseWant(st.Want) {
					if w.any || w.re != nil {
						return
					}
					shown = append(shown, w.text)
				}
				if d := compare(st.Want, shown); d != "" {
					t.Fatalf("%q does not match itself:\n%s", st.Want, d)
				}
				var quoted []string
				for _, l := range trimLines(shown) {
					quoted = append(quoted, quoteLine(l))
				}
				if d := compare(quoted, shown); d != "" {
					t.Fatalf("%q quoted does not match itself:\n%s", quoted, d)
				}
			}
		}
		again, err := ParseScript("f", strings.Join(s.lines, "\n")+"\n")
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
		got := compare(strings.Split(tc.want, "\n"), strings.Split(tc.got, "\n"))
		if got != tc.diff {
			t.Errorf("%s: diff is\n%s\nwant\n%s", tc.name, got, tc.diff)
		}
	}
}
