package sessions

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"cwlab/emulator/emutest"
	"cwlab/emulator/lab"
)

const toyLab = `title: Two toys
start: 2022-01-02 03:04:05
devices:
  - name: A
    model: toy
  - name: B
    model: toy
links:
  - name: x
    between: [A:p1, B:p1]
`

func toys(t *testing.T) *lab.Definition {
	t.Helper()
	def, err := LoadFS(fstest.MapFS{"lab.yaml": {Data: []byte(toyLab)}}, "toys", func(f string) string { return "toys/" + f })
	if err != nil {
		t.Fatal(err)
	}
	return def
}

func replay(t *testing.T, text string) *Result {
	t.Helper()
	s, err := ParseScript("toys/s.console", text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Replay(toys(t), emutest.Make, s, ReplayOptions{Compare: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReplay(t *testing.T) {
	r := replay(t, `@tape A toy number 1 = 42
@on A
$ say hello
hello
$ draw
42
$- count 100
@on B
$ say while it counts
while it counts
@on A
@wait /line 3$/ 10s
line 1
line 2
line 3
@advance 1500ms
$^C
/stop+ed/
$ ask
$ y
got y
$. say ha
$ lf
half
$- log 2s a log line
@advance 3s
<A>a log line
@cut x
@mend x
`)
	if !r.OK() {
		t.Fatalf("replay: %v\n%v", r.Err, r.Diffs())
	}
	var out bytes.Buffer
	if err := r.WriteTranscript(&out); err != nil {
		t.Fatal(err)
	}
	want := `==== A
<A>
==== B
<B>
==== A
<A>say hello
hello
<A>draw
42
<A>count 100
==== B
<B>say while it counts
while it counts
<B>
==== A
line 1
line 2
line 3
line 4

stopped
<A>ask
sure? [Y/N]:y
got y
<A>say half
half
<A>log 2s a log line
<A>a log line
`
	if out.String() != want {
		t.Errorf("transcript is\n%s\nwant\n%s", out.String(), want)
	}
	if got, want := string(r.Console("B")), "<B>say while it counts\r\nwhile it counts\r\n<B>"; got != want {
		t.Errorf("console of B is %q, want %q", got, want)
	}
}

func TestReplayDiffers(t *testing.T) {
	r := replay(t, "@on A\n$ say a\nb\n$ say c\nc\n@advance 1s\n$ say d\ne\n")
	if r.Err != nil || len(r.Diffs()) != 2 {
		t.Fatalf("replay: %v, %d differences, want 2", r.Err, len(r.Diffs()))
	}
	want := "toys/s.console:8: A at 2022-01-02 03:04:06.000 shows something else (- expected, + shown):\n- e\n+ d\n"
	if got := r.Diffs()[1].String(); got != want {
		t.Errorf("difference is\n%s\nwant\n%s", got, want)
	}
}

func TestUpdate(t *testing.T) {
	const text = `@# comment
@on A
$ say a
wrong
and more

$ say b
...
$ say ...
x
$ say $ /x/
x
`
	want := strings.NewReplacer("wrong\nand more", "a", "x\n$ say $ /x/\nx", "\\...\n$ say $ /x/\n\\$ /x/").Replace(text)
	r := replay(t, text)
	if got := r.Updated["toys/s.console"]; got != want {
		t.Errorf("updated script is\n%s\nwant\n%s", got, want)
	}
	if got := replay(t, strings.ReplaceAll(text, "\n", "\r\n")).Updated["toys/s.console"]; got != strings.ReplaceAll(want, "\n", "\r\n") {
		t.Errorf("with CRLF updated to %q", got)
	}
	if r := replay(t, want); !r.OK() || len(r.Updated) != 0 {
		t.Errorf("the updated script differs: %v %v", r.Err, r.Diffs())
	}
}

func TestScriptsThatCannotGoOn(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"@on A\n$- log 1s a\n@wait /b/ 10s\n", "toys/s.console:3: A did not show /b/ within 10s (2022-01-02 03:04:15.000)"},
		{"@on A\n$ hang\n", "toys/s.console:2: A did not come back to its prompt within 6h0m0s after \"hang\" (2022-01-02 09:04:05.000)"},
		{"@tape A toy number 1 = x\n@on A\n$ draw\n", `tape: A toy number 1 is "x", want a number below 2^32`},
	} {
		if r := replay(t, tc.text); r.Err == nil || r.Err.Error() != tc.want {
			t.Errorf("error is %v\nwant %s", r.Err, tc.want)
		}
	}
}

func TestScriptsThatDoNotFit(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"@on C\n", `s:1: device is "C", the lab has A, B`},
		{"\n@cut y\n", `s:2: link is "y", the lab has x`},
	} {
		s, err := ParseScript("s", tc.text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Replay(toys(t), emutest.Make, s, ReplayOptions{}); err == nil || err.Error() != tc.want {
			t.Errorf("error is %v, want %s", err, tc.want)
		}
	}
}

// A script that is played types key by key and does everything at the same
// virtual times as a replay.
func TestPlayShowsWhatReplayShows(t *testing.T) {
	const text = "@on A\n$ say a\n$- count 5\n@wait /line 2/ 9s\n$^C\n@on B\n$ draw\n@advance 1s\n$. say x\n$ y\n"
	want := replay(t, text)
	s, err := ParseScript("s", text)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lab.Open(toys(t), emutest.Make, s.Options(lab.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	r := Play(l, s, nil)
	l.SetPace(lab.Pace{Free: true})
	over := make(chan struct{})
	l.AfterEvent(func() {
		if r.Done() {
			select {
			case <-over:
			default:
				close(over)
			}
		}
	})
	l.Start(t.Context())
	<-over
	l.Stop()
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	for _, d := range []string{"A", "B"} {
		got, _, _ := l.Console(d).Read(0, -1)
		if !bytes.Equal(got, want.Console(d)) {
			t.Errorf("console of %s, played, shows\n%s\nreplayed\n%s", d, got, want.Console(d))
		}
	}
}

// A script that is stopped in the middle of a line leaves an empty prompt.
func TestStopErasesAHalfTypedLine(t *testing.T) {
	s, err := ParseScript("s", "@on A\n$ say hello\n$ say more\n")
	if err != nil {
		t.Fatal(err)
	}
	l, err := lab.Open(toys(t), emutest.Make, s.Options(lab.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	r := Play(l, s, nil) // to its end, since nobody paces the lab
	before := len(l.Journal())
	r.done, r.next, r.state = false, 0, ""
	r.step(r.script.Steps[0]) // begins to type
	for range len("say h") {
		r.step(r.script.Steps[0])
	}
	r.Stop()
	r.Stop() // once more changes nothing
	var typed []byte
	for _, in := range l.Journal()[before:] {
		if in.Device == "A" {
			typed = append(typed, in.Bytes...)
		}
	}
	if want := "say h\x18"; string(typed) != want {
		t.Errorf("typed %q, want %q", typed, want)
	}
}

func TestLabFileErrors(t *testing.T) {
	for _, tc := range []struct{ change, to, want string }{
		{"title: Two toys\n", "", "toys/lab.yaml: a lab needs a title"},
		{"title:", "tilte:", `toys/lab.yaml:1:1: unknown field "tilte"`},
		{"model: toy", "modle: toy", `toys/lab.yaml:5:5: unknown field "modle"`},
		{"2022-01-02 03:04:05", "soon", `toys/lab.yaml:2:8: time is "soon", want the form 2006-01-02 15:04:05`},
		{"A:p1, B:p1", "A:p1, C:p1", `toys/lab.yaml:10:21: link x ends at "C:p1", which is no device or switch of the lab`},
		{"A:p1, B:p1", "A, B:p1", `toys/lab.yaml:10:15: link x needs a port of A, as A:GigabitEthernet1/0/1`},
		{"A:p1, B:p1", "A:p1", "toys/lab.yaml:9:11: link x needs two ends: between: [DEVICE:PORT, DEVICE:PORT]"},
		{"name: B", "name: A", "toys/lab.yaml:6:11: a second device is named A"},
		{"name: B", "name: a b", `toys/lab.yaml:6:11: name of a device is "a b", want letters, digits, dot, dash and underline`},
		{"links:", "console: blue\nlinks:", `toys/lab.yaml:8:10: console style is "blue", want published or device`},
		{"links:", "tape: {A x: 1}\nlinks:", `toys/lab.yaml:8:13: tape: key "A x": want DEVICE PURPOSE ORDINAL`},
		{"[A:p1, B:p1]", "[A:p1, B:p1]\n    latency: fast", `toys/lab.yaml:11:14: "fast" is no duration, want one such as 500us or 2ms`},
		{"[A:p1, B:p1]", "[A:p1, B:p1]\n    loss: 2", `toys/lab.yaml:11:11: share of frames is "2", want 0% to 100% or 0 to 1`},
		{"model: toy\n  - name: B", "model: [toy]\n  - name: B", "toys/lab.yaml:5:12: want a single value here"},
		{"model: toy\n  - name: B", "model: toy\n    config: gone.cfg\n  - name: B", "toys/lab.yaml:6:13: configuration of A: file does not exist"},
		{"model: toy\n  - name: B", "model: toy\n    config: ../x.cfg\n  - name: B", `toys/lab.yaml:6:13: configuration file is "../x.cfg", want a file of the lab's folder`},
	} {
		text := strings.Replace(toyLab, tc.change, tc.to, 1)
		_, err := LoadFS(fstest.MapFS{"lab.yaml": {Data: []byte(text)}}, "toys", func(f string) string { return "toys/" + f })
		if err == nil || err.Error() != tc.want {
			t.Errorf("%s for %s: error is %v\nwant %s", tc.to, tc.change, err, tc.want)
		}
	}
	if _, err := LoadFS(fstest.MapFS{}, "x", func(f string) string { return "x/" + f }); err == nil || err.Error() != "x/lab.yaml: a lab needs this file: file does not exist" {
		t.Errorf("a folder without lab.yaml says %v", err)
	}
	for _, text := range []string{"", "- a\n", "title: [", "title: x\ndevices: 3\n", "\t"} {
		_, _, err := parseLab("f", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), "f") {
			t.Errorf("%q: error is %v, want one that begins with the file", text, err)
		}
	}
}

func FuzzLabFile(f *testing.F) {
	f.Add([]byte(toyLab))
	f.Fuzz(func(t *testing.T, text []byte) {
		def, configs, err := parseLab("f", text)
		if err == nil && (def.Title == "" || len(def.Devices) == 0 || len(configs) != len(def.Devices)) {
			t.Fatalf("took %q as %+v", text, def)
		}
	})
}

func TestLoad(t *testing.T) {
	if _, err := Load("no-such"); !errors.Is(err, ErrNoLab) {
		t.Errorf("an unknown lab says %v", err)
	}
	if _, err := Load("./no-such"); !errors.Is(err, ErrNoLab) {
		t.Errorf("an unknown folder says %v", err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"lab.yaml": toyLab, "A.cfg": "#\n", "s.console": "@title S\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	def, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := def.Script("s"); !ok || s.Title != "S" || def.Devices[0].Config != "#\n" || def.Devices[0].ConfigFile != filepath.Join(dir, "A.cfg") {
		t.Errorf("loaded %+v", def)
	}
	if _, err := LoadFS(fstest.MapFS{"lab.yaml": {Data: []byte(toyLab)}, "flash/C/x": {}}, "toys", func(f string) string { return "toys/" + f }); err == nil ||
		err.Error() != "toys/flash/C: want a folder that is named for a device of the lab" {
		t.Errorf("files for a device that is none: %v", err)
	}
	def, err = LoadFS(fstest.MapFS{"lab.yaml": {Data: []byte(toyLab)}, "flash/B/pki/x": {Data: []byte("text")}, "flash/B/a": {}}, "toys", func(f string) string { return f })
	if want := []lab.KeptFile{{Name: "a"}, {Name: "pki", Dir: true}, {Name: "pki/x", Data: "text"}}; err != nil || !slices.Equal(def.Devices[1].Files, want) {
		t.Errorf("the flash has %+v, want %+v (%v)", def.Devices[1].Files, want, err)
	}
	for _, name := range names() {
		def, err := Load(name)
		if err != nil {
			t.Errorf("a lab that ships does not load: %v", err)
			continue
		}
		for _, f := range def.Scripts {
			s, err := ParseScript(f.File, f.Text)
			if err == nil {
				err = s.Check(def)
			}
			if err != nil {
				t.Errorf("a script that ships does not parse: %v", err)
			} else if s.Title == "" {
				t.Errorf("%s has no title", f.File)
			}
		}
	}
	if len(Labs()) == 0 {
		t.Error("no lab ships")
	}
}

// A script runs to the letter in step with the wall clock too, and ends when
// it is told to.
func TestReplayLive(t *testing.T) {
	s, err := ParseScript("toys/s.console", "@on A\n$ say hello\nhello\n@advance 20ms\n$ say there\nthere\n")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReplayLive(t.Context(), toys(t), emutest.Make, s, ReplayOptions{Compare: true})
	if err != nil || !r.OK() {
		t.Errorf("%v, %+v", err, r)
	}
	if s, err = ParseScript("toys/s.console", "@on A\n@advance 9h\n"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := ReplayLive(ctx, toys(t), emutest.Make, s, ReplayOptions{}); err != nil || !errors.Is(r.Err, ErrQuit) {
		t.Errorf("a replay that was ended says %v, %v", err, r.Err)
	}
	if r, err := Replay(toys(t), emutest.Make, s, ReplayOptions{Quit: ctx.Done()}); err != nil || !errors.Is(r.Err, ErrQuit) {
		t.Errorf("one as fast as can be that was ended says %v, %v", err, r.Err)
	}
}
