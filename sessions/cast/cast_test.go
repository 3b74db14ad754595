package cast

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// write is a recording of some events.
func write(t testing.TB, h Header, events ...Event) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, h)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func parse(t testing.TB, text string) *Recording {
	t.Helper()
	r, err := Parse("t.cast", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Recording) all() (all []Event) {
	for i := range r.Len() {
		all = append(all, r.Event(i))
	}
	return all
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	events := []Event{
		{0, Output, "<H3C>"},
		{1, Input, "d\t\x03"},
		{123456789012, Output, "中文 \"quoted\" \\ \x1b[1m\r\n\u2028\U0001f600"},
		{123456789012, Resize, "120x40"},
		{123456789013, Marker, "cut wan"},
		{24 * time.Hour, World, "7 end"},
	}
	for _, version := range []int{2, 3} {
		h := Header{Version: version, Width: 80, Height: 24, Start: time.Unix(1661269200, 0).UTC(), Title: "a <title>", Idle: 2 * time.Second,
			Run: &Run{Version: "v1", Lab: "l", Hash: "h", Seed: 1 << 63, Style: "device", Start: time.Unix(1661269200, 5).UTC(), Tape: map[string]string{"a b 1": "2"}}}
		text := write(t, h, events...)
		r := parse(t, string(text))
		if !reflect.DeepEqual(r.Header, h) {
			t.Errorf("version %d: the header is\n%+v\nwant\n%+v", version, r.Header, h)
		}
		if got := r.all(); !reflect.DeepEqual(got, events) {
			t.Errorf("version %d: the events are\n%q\nwant\n%q\nin\n%s", version, got, events, text)
		}
		for line := range strings.Lines(string(text)) {
			if !json.Valid([]byte(line)) {
				t.Errorf("version %d: %q is no JSON", version, line)
			}
		}
	}
}

func TestForeignRecordings(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want []Event
	}{
		"python's floats": {"{\"version\": 2, \"width\": 80, \"height\": 24}\n[1e-05, \"o\", \"a\"]\n[1.5E0,\"o\",\"\\u00e9\\ud83d\\ude00\\/\"]\n",
			[]Event{{10 * time.Microsecond, Output, "a"}, {1500 * time.Millisecond, Output, "é😀/"}}},
		"half a surrogate pair":  {"{\"version\":2,\"width\":1,\"height\":1}\n[0,\"o\",\"\\ud83d\\u0041\"]\n", []Event{{0, Output, "\ufffdA"}}},
		"a clock that goes back": {"{\"version\":2,\"width\":1,\"height\":1}\n[2,\"o\",\"a\"]\n[1.9,\"o\",\"b\"]\n", []Event{{2 * time.Second, Output, "a"}, {2 * time.Second, Output, "b"}}},
		"unknown codes":          {"{\"version\":2,\"width\":1,\"height\":1}\n[0,\"zz\",\"a\"]\n", []Event{{0, 0, "a"}}},
		"blank lines and CR":     {"{\"version\":2,\"width\":1,\"height\":1}\r\n\r\n [ 0 , \"o\" , \"a\" ] \r\n", []Event{{0, Output, "a"}}},
		"comments in version 3":  {"{\"version\":3,\"term\":{\"cols\":80,\"rows\":24}}\n# intro\n[0.1,\"o\",\"a\"]\n[0.2,\"x\",\"0\"]", []Event{{100 * time.Millisecond, Output, "a"}, {300 * time.Millisecond, Exit, "0"}}},
		"broken off":             {"{\"version\":2,\"width\":1,\"height\":1}\n[0,\"o\",\"a\"]\n[1,\"o\",\"b\\u00", []Event{{0, Output, "a"}}},
	} {
		if r := parse(t, tc.text); !reflect.DeepEqual(r.all(), tc.want) || r.Truncated != (name == "broken off") {
			t.Errorf("%s: %q, truncated %v, want %q", name, r.all(), r.Truncated, tc.want)
		}
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	const head = "{\"version\":2,\"width\":80,\"height\":24}\n"
	for text, want := range map[string]string{
		"":                  "f.cast:1: this is no header of an asciicast: unexpected end of JSON input",
		"hello\n":           "f.cast:1: this is no header of an asciicast: invalid character 'h' looking for beginning of value",
		"{\"version\":1}\n": "f.cast:1: asciicast version is 1, want 2 or 3",
		"{\"version\":2,\"width\":0,\"height\":9}": "f.cast:1: size is 0x9, want 1 to 1000",
		"{\"version\":3}\n":                        "f.cast:1: the header has no term, want one with cols and rows",
		head + "[0,\"o\",\"a\"]\nx\n":              "f.cast:3: there is 'x', want [ of an event [time, code, text]",
		head + "[-1,\"o\",\"a\"]\n":                "f.cast:2: time is \"-1\", want seconds from 0 on",
		head + "[1e99,\"o\",\"a\"]\n":              "f.cast:2: time is \"1e99\", want seconds from 0 on",
		head + "[1,\"o\",2]\n":                     "f.cast:2: text: there is '2', want \"",
		head + "[1,\"o\",\"\\q\"]\n":               "f.cast:2: text: escape is \\q, which there is none",
		head + "[1,\"o\",\"\\u12g4\"]\n":           "f.cast:2: text: escape is \\u12g4, want \\u and four hexadecimal digits",
		head + "[1,\"o\",\"a\tb\"]\n":              "f.cast:2: text: there is a bare control character '\\t', want an escape",
		head + "[1,\"o\",\"a\"\n":                  "f.cast:2: the line ends, want ]",
		head + "[1,\"o\",\"a\"] 1\n":               "f.cast:2: '1' follows the event",
		head + "[1,\"r\",\"80 24\"]\n":             "f.cast:2: size is \"80 24\", want COLUMNSxROWS of 1 to 1000",
		head + "[1,\"r\",\"80x0\"]\n":              "f.cast:2: size is \"80x0\", want COLUMNSxROWS of 1 to 1000",
		head + "# no comments in version 2\n":      "f.cast:2: there is '#', want [ of an event [time, code, text]",
	} {
		if _, err := Parse("f.cast", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: error is %v, want %s", text, err, want)
		}
	}
	if _, err := NewWriter(&bytes.Buffer{}, Header{Version: 4}); err == nil {
		t.Error("version 4 was written")
	}
	w, err := NewWriter(&bytes.Buffer{}, Header{Width: 1, Height: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Event{2, Output, ""}); err != nil {
		t.Error(err)
	}
	if err := w.Write(Event{1, Output, ""}); err == nil {
		t.Error("time went back")
	}
}

// What is read is what encoding/json reads, and can be written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte("{\"version\":2,\"width\":80,\"height\":24}\n[0.5, \"o\", \"\\u00e9\\ud83d\\ude00\\n\\\\\"]\n[1e-3,\"r\",\"1x1\"]\n"))
	f.Add([]byte("{\"version\":3,\"term\":{\"cols\":80,\"rows\":24}}\n# c\n[0.1,\"m\",\"a\"]\n[2,\"x\",\"0\"]"))
	f.Add([]byte("{\"version\":2,\"width\":80,\"height\":24}\n[0.5, \"w\", \"12 F1060 hidden 1-2\"]\n[0.5,\"i\",\"ab\"]\n"))
	f.Add([]byte("{\"version\":2,\"width\":80,\"height\":24,\"x-cwlab\":{\"lab\":\"l\"}}\n[0.5, \"w\", \"12 F1060 hidden 1-2\"]\n[0.5,\"i\",\"ab\"]\n[1,\"w\",\"13\"]\n[1,\"m\",\"cut a\"]\n[1,\"w\",\"13 end\"]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Parse("", text)
		if err != nil {
			return
		}
		lines := strings.Split(string(text), "\n")
		for i, e := range r.all() {
			var want []any
			if err := json.Unmarshal([]byte(lines[r.Line(i)-1]), &want); err != nil {
				t.Fatalf("line %d is no JSON: %v", r.Line(i), err)
			}
			if want[2] != e.Data {
				t.Fatalf("line %d has %q, want %q", r.Line(i), e.Data, want[2])
			}
			if e.Code == 0 {
				return // cannot be written
			}
		}
		if _, err := Plan(r, nil); err == nil && r.Run == nil {
			t.Fatal("a foreign recording can be executed")
		}
		again := parse(t, string(write(t, r.Header, r.all()...)))
		if !reflect.DeepEqual(again.all(), r.all()) {
			t.Fatalf("read again: %q, want %q", again.all(), r.all())
		}
	})
}
