package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func shown(s *screen) []string {
	rows, _, _ := s.view()
	return rows
}

func TestScreenDoesWhatATerminalDoes(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
		x, y     int
	}{
		{"text", "abc", []string{"abc"}, 3, 0},
		{"lines", "a\r\nb\r\n", []string{"a", "b", ""}, 0, 2},
		{"LF keeps the column", "ab\nc", []string{"ab", "  c"}, 3, 1},
		{"CR goes to the start", "abc\rx", []string{"xbc"}, 1, 0},
		{"BS goes back and rubs nothing out", "abc\b\bx", []string{"axc"}, 2, 0},
		{"BS stays in the row", "\b\bx", []string{"x"}, 1, 0},
		{"BEL shows nothing", "a\ab", []string{"ab"}, 2, 0},
		{"TAB", "a\tb", []string{"a       b"}, 9, 0},
		{"wraps", "0123456789ab", []string{"0123456789", "ab"}, 2, 1},
		{"waits at the margin", "0123456789", []string{"0123456789"}, 9, 0},
		{"CR at the margin", "0123456789\rx", []string{"x123456789"}, 1, 0},
		{"LF at the margin", "0123456789\r\nx", []string{"0123456789", "x"}, 1, 1},
		{"leaves the margin by blank and CR", "0123456789 \rx", []string{"0123456789", "x"}, 1, 1},
		{"wide", "防火墙x", []string{"防火墙x"}, 7, 0},
		{"wide at the margin", "012345678防", []string{"012345678", "防"}, 2, 1},
		{"half a wide rune overwritten", "防x\rab", []string{"abx"}, 2, 0},
		{"the other half", "防x\r\x1b[Cb", []string{" bx"}, 2, 0},
		{"combining", "e\u0301x", []string{"e\u0301x"}, 2, 0},
		{"broken UTF-8", "a\xe9b\xffc", []string{"a\ufffdb\ufffdc"}, 5, 0},
		{"UTF-8 broken off by LF", "\xe9\r\nb", []string{"\ufffd", "b"}, 1, 1},
		{"colours ignored", "\x1b[1;31mred\x1b[0m", []string{"red"}, 3, 0},
		{"title ignored", "\x1b]0;title\aok\x1b]0;t\x1b\\!", []string{"ok!"}, 3, 0},
		{"charset ignored", "\x1b(Bok", []string{"ok"}, 2, 0},
		{"up within the line", "0123456789ab\x1b[1Ax", []string{"01x3456789", "ab"}, 3, 0},
		{"not above the line", "a\r\n\x1b[5Ax", []string{"a", "x"}, 1, 1},
		{"down within the line", "0123456789ab\x1b[A\r\nx", []string{"0123456789", "xb"}, 1, 1},
		{"more prompt rubbed out", "-- More --\r          \rnext", []string{"next      "}, 4, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, chunk := range []int{len(c.in), 1} {
				s := newScreen()
				s.resize(10, 5)
				for b := range slices.Chunk([]byte(c.in), chunk) {
					s.write(b)
				}
				rows, x, y := s.view()
				if !slices.Equal(rows, c.want) || x != c.x || y != c.y {
					t.Errorf("in chunks of %d: rows %q, cursor %d,%d; want %q, cursor %d,%d", chunk, rows, x, y, c.want, c.x, c.y)
				}
			}
		})
	}
}

func TestScreenWrapsAnewWhenResized(t *testing.T) {
	s := newScreen()
	s.resize(10, 6)
	s.write([]byte("0123456789abcdef\r\n<H3C>display"))
	s.resize(6, 6)
	if got, want := shown(s), []string{"012345", "6789ab", "cdef", "<H3C>d", "isplay"}; !slices.Equal(got, want) {
		t.Errorf("at 6 columns %q, want %q", got, want)
	}
	s.write([]byte(" ike"))
	s.resize(40, 6)
	if got, want := shown(s), []string{"0123456789abcdef", "<H3C>display ike"}; !slices.Equal(got, want) {
		t.Errorf("at 40 columns %q, want %q", got, want)
	}
	if _, x, y := s.view(); x != 16 || y != 1 {
		t.Errorf("the cursor is at %d,%d, want 16,1", x, y)
	}
}

func TestScreenScrollsBack(t *testing.T) {
	s := newScreen()
	s.resize(10, 3)
	for i := range 10 {
		s.write(fmt.Appendf(nil, "line %d\r\n", i))
	}
	s.scroll(2)
	want := []string{"line 6", "line 7", "line 8"}
	if got := shown(s); !slices.Equal(got, want) {
		t.Fatalf("two rows back %q, want %q", got, want)
	}
	s.write([]byte("more\r\n"))
	if got := shown(s); !slices.Equal(got, want) {
		t.Errorf("new output moved it to %q", got)
	}
	if _, _, y := s.view(); y != -1 {
		t.Errorf("the cursor shows in row %d of a console that is scrolled back", y)
	}
	s.scroll(100)
	if got := shown(s); got[0] != "line 0" {
		t.Errorf("far back begins with %q, want line 0", got[0])
	}
	s.scroll(-100)
	if got := shown(s); s.back || !slices.Equal(got, []string{"line 9", "more", ""}) {
		t.Errorf("back at the end %v %q", s.back, got)
	}
}

func TestScreenKeepsABoundedScrollback(t *testing.T) {
	s := newScreen()
	s.scroll(1)
	for i := range 3 * scrollback {
		s.write(fmt.Appendf(nil, "%d\r\n", i))
		if i == 100 {
			s.scroll(50)
		}
	}
	if n := len(s.lines); n < scrollback || n > scrollback+scrollback/4 {
		t.Errorf("%d lines kept, want about %d", n, scrollback)
	}
	if got := shown(s)[0]; got != s.lines[0] {
		t.Errorf("scrolled back past the oldest line shows %q, want %q", got, s.lines[0])
	}
}

// Whatever comes, a view has no more rows and columns than the screen and
// the cursor is in it.
func FuzzScreen(f *testing.F) {
	f.Add([]byte("<H3C>dis\x1b[1A\x1b[3C 防火墙\r\n\b\t\x1b]0;x\a"), uint8(10), uint8(3), uint8(4), uint8(9), uint8(5))
	f.Fuzz(func(t *testing.T, b []byte, w, h, w2, h2, back uint8) {
		s := newScreen()
		check := func() {
			t.Helper()
			rows, x, y := s.view()
			if len(rows) > s.h || x < 0 || x >= s.w || y >= s.h {
				t.Fatalf("%d rows, cursor %d,%d on %dx%d", len(rows), x, y, s.w, s.h)
			}
			for _, r := range rows {
				if n := runes.StringWidth(r); n > s.w && s.w > 1 {
					t.Fatalf("row %q is %d wide on %dx%d", r, n, s.w, s.h)
				}
				if strings.ContainsAny(r, "\x1b\r\n") {
					t.Fatalf("row %q holds a control", r)
				}
			}
			if !s.back && y < 0 {
				t.Fatalf("the cursor is out of view on %dx%d", s.w, s.h)
			}
		}
		s.resize(int(w), int(h))
		s.write(b[:len(b)/2])
		check()
		s.scroll(int(back))
		check()
		s.resize(int(w2), int(h2))
		check()
		s.write(b[len(b)/2:])
		check()
		s.follow()
		check()
	})
}

func BenchmarkScreen(b *testing.B) {
	s := newScreen()
	line := []byte("56 bytes from 192.0.2.1: icmp_seq=1 ttl=255 time=1.000 ms\r\n")
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		s.write(line)
	}
}
