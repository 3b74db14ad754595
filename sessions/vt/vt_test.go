package vt

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// Text is the rows without blanks at their ends.
func (t *Terminal) text() string {
	var all []string
	for y := range t.rows {
		all = append(all, Text(t.Row(y)))
	}
	return strings.TrimRight(strings.Join(all, "\n"), "\n")
}

func TestControls(t *testing.T) {
	for in, want := range map[string]string{
		"ab\r\ncd":                                   "ab\ncd",
		"abc\rx":                                     "xbc",
		"abc\bx":                                     "abx",
		"a\tb":                                       "a       b",
		"0123456789ab":                               "0123456789\nab",
		"0123456789\r\nab":                           "0123456789\nab",
		"01234567中文":                                 "01234567中\n文",
		"012345678中":                                 "012345678\n中",
		"中\x1b[2Dx":                                  "x",
		"e\u0301x":                                   "e\u0301x",
		"1\n\r2\n\r3\n\r4\n\r5":                      "2\n3\n4\n5",
		"\x1b[3;4Hx\x1b[Hy":                          "y\n\n   x",
		"a\x1b[2Bb\x1b[Ac\x1b[5Dd":                   "a\nd c\n b",
		"abcdef\x1b[3G\x1b[K":                        "ab",
		"abcdef\x1b[3G\x1b[1K":                       "   def",
		"abcdef\x1b[3G\x1b[2P":                       "abef",
		"abcdef\x1b[3G\x1b[2@x":                      "abx cdef",
		"abcdef\x1b[3G\x1b[2X":                       "ab  ef",
		"abc\x1b[4hd\x1b[2Gx":                        "axbcd",
		"1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3H\nx":        "1\n3\nx\n4",
		"1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2H\x1bMx":     "1\nx\n2\n4",
		"1\r\n2\r\n3\x1b[2H\x1b[L":                   "1\n\n2\n3",
		"1\r\n2\r\n3\x1b[2H\x1b[M":                   "1\n3",
		"1\r\n2\r\n3\x1b[2H\x1b[J":                   "1",
		"a\x1b[3b":                                   "aaaa",
		"\x1b(0lqk\x1b(Bq":                           "┌─┐q",
		"ab\x1b7cd\x1b8x":                            "abxd",
		"main\x1b[?1049h\x1b[Halt":                   "alt",
		"main\x1b[?1049h\x1b[Halt\x1b[?1049l!":       "main!",
		"0123456789\x1b[?7lab":                       "012345678b",
		"\x1b[?7l0123456789ab":                       "012345678b",
		"\x1b]0;title\x07a\x1bP1;2q..\x1b\\b":        "ab",
		"a\xffb":                                     "ab",
		"\x1b[2;3r\x1b[?6h\x1b[1;1Hx\x1b[9;1Hy":      "\nx\ny",
		"\x1b[3g\ta":                                 "         a",
		"abc\x1bcx":                                  "x",
		"\x1b[38;5;1m\x1b[38:2::1:2:3;48;2;4;5;6mxx": "xx",
	} {
		term := New(10, 4)
		for i := range len(in) { // in pieces: a sequence may be broken off anywhere
			term.Write([]byte(in[i : i+1]))
		}
		if got := term.text(); got != want {
			t.Errorf("%q shows\n%s\nwant\n%s", in, got, want)
		}
	}
}

func TestStyles(t *testing.T) {
	for in, want := range map[string]Style{
		"":                            {},
		"\x1b[1;3;31;42m":             {Fore: 2, Back: 3, Attrs: Bold | Italic},
		"\x1b[1;2m\x1b[22m":           {},
		"\x1b[7;4m\x1b[24m":           {Attrs: Reverse},
		"\x1b[4:3m":                   {Attrs: Underline},
		"\x1b[4m\x1b[4:0m":            {},
		"\x1b[97;100m":                {Fore: 16, Back: 9},
		"\x1b[38;5;208;1m":            {Fore: 209, Attrs: Bold},
		"\x1b[38;2;1;2;3m":            {Fore: rgb | 0x010203},
		"\x1b[48:2::1:2:3;9m":         {Back: rgb | 0x010203, Attrs: Strike},
		"\x1b[48:5:7m":                {Back: 8},
		"\x1b[31m\x1b[0m":             {},
		"\x1b[31m\x1b[m":              {},
		"\x1b[31;41m\x1b[39m":         {Back: 2},
		"\x1b[58;5;9;31m":             {Fore: 2},
		"\x1b[38;5m\x1b[1m":           {Attrs: Bold},
		"\x1b[38;2;300;0;0m\x1b[49mx": {Fore: rgb | 0xff0000},
	} {
		term := New(10, 4)
		term.Write([]byte(in + "x"))
		if got := term.Row(0)[0].Style; got != want {
			t.Errorf("%q is %+v, want %+v", in, got, want)
		}
		again := New(10, 4)
		again.Write([]byte(want.SGR() + "x"))
		if got := again.Row(0)[0].Style; got != want {
			t.Errorf("%q writes %+v, want %+v", want.SGR(), got, want)
		}
	}
}

func TestRowsThatLeave(t *testing.T) {
	term := New(10, 2)
	var out []string
	term.OnScroll = func(r []Cell) { out = append(out, Text(r)) }
	term.Write([]byte("1\r\n2\r\n3\x1b[H\x1b[M\x1b[2H\n\x1b[?1049h\r\n\r\n\r\n\x1b[?1049l"))
	if want := []string{"1", "3"}; !reflect.DeepEqual(out, want) {
		t.Errorf("the rows that left are %q, want %q", out, want)
	}
	term.Resize(10, 1)
	if len(out) != 3 {
		t.Errorf("the rows that left are %q, want one more when the screen shrinks", out)
	}
}

// state is all that can be seen of a terminal, now or later.
func state(t *Terminal) string {
	var b strings.Builder
	for _, rows := range [][]*row{t.rows, t.other} {
		for _, r := range rows {
			fmt.Fprintf(&b, "%+v\n", r.cells)
		}
	}
	saved := t.saved
	fmt.Fprintf(&b, "%+v %+v %d-%d %v %v %v %v %v %q", t.cur, saved, t.top, t.bottom, t.tabs, t.noWrap, t.insert, t.hidden, t.alternate, t.last)
	return b.String()
}

// FuzzDump holds that a terminal survives everything, and that what it writes
// down of itself brings another to its state.
func FuzzDump(f *testing.F) {
	for _, s := range []string{"ab\x1b[1;31mc\x1b7\r\n中\x1b[5X", "0123456789", "中文中文中", "\x1b[?1049hx\x1b[2;3r\x1b[?6h\x1b[H", "a\x1b(0q\x0e\x1b[3g\x1b[5G\x1bH",
		"\x1b[4hab\x1b[41m\x1b[2J\x1b[10Gx", "e\u0301\x1b[?7l", "\x1b#8\x1b[2;2H中\x1b[3;3H\x1b[P\x1b[@", "012345678中\x1b[42m\x1b[1;9H\x1b[X"} {
		f.Add(s, 10, 4)
	}
	f.Fuzz(func(t *testing.T, in string, w, h int) {
		if w < 1 || h < 1 || w > 40 || h > 20 || len(in) > 4096 {
			return
		}
		term := New(h, w)
		term.Write([]byte(in[:len(in)/2]))
		term.Resize(w, h)
		term.Write([]byte(in[len(in)/2:]))
		if !term.Ground() {
			return
		}
		again := New(w, h)
		again.Write([]byte(term.Dump()))
		if got, want := state(again), state(term); got != want {
			t.Fatalf("%q at %dx%d gives\n%s\nits dump %q gives\n%s", in, w, h, want, term.Dump(), got)
		}
		if got, want := state(term.Clone()), state(term); got != want {
			t.Fatalf("a clone is\n%s\nwant\n%s", got, want)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	text := []byte(strings.Repeat("*Aug 23 10:00:00:135 2022 H3C IKE/7/EVENT: -Context=1; Info packet process started.\r\n", 1000))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	term := New(80, 24)
	for b.Loop() {
		term.Write(text)
	}
}
