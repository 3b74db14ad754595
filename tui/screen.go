package tui

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// scrollback is how many lines a screen keeps above the one written to.
const scrollback = 5000

// runes measures runes the same way on every machine: what is ambiguous is
// one cell wide.
var runes = &runewidth.Condition{}

// A cell is one column of the line that is written to. The second column of
// a wide rune has width 0; a column left empty because a wide rune did not
// fit at the edge has neither.
type cell struct {
	r    rune
	more string // combining runes
	w    int8
}

// A place is a row of a screen: the row of a line once it is wrapped. Lines
// are counted from the first one ever written.
type place struct {
	line int
	row  int
}

func (p place) before(q place) bool {
	return p.line < q.line || p.line == q.line && p.row < q.row
}

// A screen is what a console shows: finished lines, and the line that is
// written to with a cursor in it. It does what a terminal does with CR, LF,
// BS, TAB, wide runes and the right margin, and with the two sequences by
// which a console line moves within its rows, cursor up and cursor forward
// (ECMA-48 sections 8.3.22 and 8.3.20). Other sequences and controls are
// ignored. Its lines wrap anew when it is resized.
type screen struct {
	w, h  int
	lines []string
	base  int     // number of lines[0]
	at    int64   // offset of the console after the last byte written
	ends  []int64 // of lines: the offset behind each

	cells []cell // the line that is written to
	start int    // first cell of the row with the cursor
	x     int    // column in that row; w when the next rune wraps
	part  []byte // of a rune
	esc   escape
	csi   []byte // parameters of the control sequence

	back bool // scrolled back: top says where, else the end is shown
	top  place
}

type escape int

const (
	escNone escape = iota
	escStart
	escCSI    // until a final byte
	escString // until BEL or ST
	escStringEnd
)

// newScreen is an empty screen of 80 by 24 cells.
func newScreen() *screen { return &screen{w: 80, h: 24} }

// resize sets the size in cells.
func (s *screen) resize(w, h int) {
	w, h = max(w, 1), max(h, 1)
	if w == s.w && h == s.h {
		return
	}
	at := s.start + s.x
	s.w, s.h = w, h
	s.start, s.x = at-at%w, at%w
	if s.x == 0 && at > 0 && at == len(s.cells) {
		s.start, s.x = at-w, w
	}
	if s.back {
		s.top.row = min(s.top.row, s.rows(s.top.line)-1)
		s.settle()
	}
}

// write shows bytes of a console.
func (s *screen) write(b []byte) {
	for _, c := range b {
		s.at++
		switch {
		case s.esc != escNone:
			s.escaped(c)
		case c < 0x20 || c == 0x7f:
			s.flush()
			s.control(c)
		case c < utf8.RuneSelf && len(s.part) == 0:
			s.put(rune(c), 1)
		default:
			s.part = append(s.part, c)
			for len(s.part) > 0 && utf8.FullRune(s.part) {
				r, n := utf8.DecodeRune(s.part)
				s.part = s.part[n:]
				s.put(r, runes.RuneWidth(r))
			}
		}
	}
}

// flush shows the bytes of a rune that will not be completed.
func (s *screen) flush() {
	for range s.part {
		s.put(utf8.RuneError, 1)
	}
	s.part = s.part[:0]
}

func (s *screen) escaped(c byte) {
	switch s.esc {
	case escStart:
		switch c {
		case '[':
			s.esc, s.csi = escCSI, s.csi[:0]
		case ']', 'P', 'X', '^', '_':
			s.esc = escString
		default:
			if c < 0x20 || c > 0x2f { // not an intermediate byte
				s.esc = escNone
			}
		}
	case escCSI:
		switch {
		case c >= 0x40 && c <= 0x7e:
			s.esc = escNone
			s.move(c)
		case len(s.csi) < 8:
			s.csi = append(s.csi, c)
		}
	case escString:
		switch c {
		case 0x07:
			s.esc = escNone
		case 0x1b:
			s.esc = escStringEnd
		}
	case escStringEnd:
		s.esc = escNone
	case escNone:
	}
}

// move does a control sequence that moves the cursor within its line.
func (s *screen) move(final byte) {
	n, err := strconv.Atoi(string(s.csi))
	if err != nil && len(s.csi) > 0 {
		return
	}
	n = min(max(n, 1), 1<<16)
	switch final {
	case 'A':
		s.start = max(s.start-n*s.w, 0)
		s.x = min(s.x, s.w-1)
	case 'C':
		s.x = min(s.x+n, s.w-1)
	}
}

func (s *screen) control(c byte) {
	switch c {
	case '\r':
		s.x = 0
	case '\n':
		s.newline()
	case '\b':
		s.x = max(min(s.x, s.w-1)-1, 0)
	case '\t':
		for next := min(s.x/8*8+8, s.w-1); s.x < next; {
			s.put(' ', 1)
		}
	case 0x1b:
		s.esc = escStart
	}
}

// newline goes to the next row in the same column. Below the last row of the
// line that finishes it and begins the next.
func (s *screen) newline() {
	x := min(s.x, s.w-1)
	if len(s.cells) > s.start+s.w {
		s.start, s.x = s.start+s.w, x
		return
	}
	s.lines, s.ends = append(s.lines, strings.TrimRight(s.current(), " ")), append(s.ends, s.at)
	if len(s.lines) > scrollback+scrollback/4 {
		cut := len(s.lines) - scrollback
		s.lines, s.ends = append(s.lines[:0], s.lines[cut:]...), append(s.ends[:0], s.ends[cut:]...)
		s.base += cut
		if s.back && s.top.line < s.base {
			s.top = place{s.base, 0}
		}
	}
	s.cells, s.start, s.x = s.cells[:0], 0, x
}

// put shows a rune at the cursor.
func (s *screen) put(r rune, w int) {
	w = min(w, s.w)
	if w == 0 {
		if at := s.start + s.x - 1; at >= 0 && at < len(s.cells) {
			for at > 0 && s.cells[at].w == 0 {
				at--
			}
			if len(s.cells[at].more) < 16 {
				s.cells[at].more += string(r)
			}
		}
		return
	}
	if s.x+w > s.w {
		for ; s.x < s.w; s.x++ {
			s.set(s.start+s.x, cell{})
		}
		s.start, s.x = s.start+s.w, 0
	}
	s.set(s.start+s.x, cell{r: r, w: int8(w)})
	if w == 2 {
		s.set(s.start+s.x+1, cell{})
	}
	s.x += w
}

// set writes one cell; the other half of a wide rune that it breaks turns
// into a blank.
func (s *screen) set(at int, c cell) {
	for len(s.cells) <= at {
		s.cells = append(s.cells, cell{r: ' ', w: 1})
	}
	if old := s.cells[at]; old.w == 0 && c.w != 0 && at > 0 && s.cells[at-1].w == 2 {
		s.cells[at-1] = cell{r: ' ', w: 1}
	}
	if s.cells[at].w == 2 && at+1 < len(s.cells) {
		s.cells[at+1] = cell{r: ' ', w: 1}
	}
	s.cells[at] = c
}

// text is what cells show.
func text(cells []cell) string {
	var b strings.Builder
	for _, c := range cells {
		if c.w > 0 {
			b.WriteRune(c.r)
			b.WriteString(c.more)
		}
	}
	return b.String()
}

// current is the line that is written to.
func (s *screen) current() string { return text(s.cells) }

// last is the number of the line that is written to.
func (s *screen) last() int { return s.base + len(s.lines) }

func (s *screen) line(n int) string {
	if n >= s.last() {
		return s.current()
	}
	return s.lines[n-s.base]
}

// rows is how many rows a line takes.
func (s *screen) rows(n int) int {
	if n >= s.last() {
		return max(len(wrap(s.current(), s.w)), s.start/s.w+1)
	}
	return len(wrap(s.lines[n-s.base], s.w))
}

// wrap cuts a line into rows of w cells. An empty line is one row.
func wrap(t string, w int) []string {
	if len(t) <= w {
		return []string{t}
	}
	var out []string
	from, x := 0, 0
	for i, r := range t {
		n := 1
		if r >= utf8.RuneSelf {
			n = runes.RuneWidth(r)
		}
		if x+n > w && i > from {
			out = append(out, t[from:i])
			from, x = i, 0
		}
		x += n
	}
	return append(out, t[from:])
}

// up is the place n rows above p, at most the first row there is.
func (s *screen) up(p place, n int) place {
	for n > 0 {
		if p.row >= n {
			p.row -= n
			return p
		}
		if p.line == s.base {
			return place{s.base, 0}
		}
		n -= p.row + 1
		p.line--
		p.row = s.rows(p.line) - 1
	}
	return p
}

// down is the place n rows below p, at most the last row there is.
func (s *screen) down(p place, n int) place {
	for n > 0 {
		left := s.rows(p.line) - 1 - p.row
		if left >= n {
			p.row += n
			return p
		}
		if p.line == s.last() {
			p.row += left
			return p
		}
		n -= left + 1
		p.line++
		p.row = 0
	}
	return p
}

// bottom is the top row when the end is shown: the last row is in view, or
// the one with the cursor where it has moved far up in a long line.
func (s *screen) bottom() place {
	top := s.up(place{s.last(), s.rows(s.last()) - 1}, s.h-1)
	if at := (place{s.last(), s.start / s.w}); at.before(top) {
		return at
	}
	return top
}

// settle ends scrolling back when it has come to the end.
func (s *screen) settle() {
	if s.back && !s.top.before(s.bottom()) {
		s.back = false
	}
}

// scroll moves what is shown n rows back, or forward if n is negative.
func (s *screen) scroll(n int) {
	if !s.back {
		s.top = s.bottom()
	}
	s.back = true
	if n >= 0 {
		s.top = s.up(s.top, n)
	} else {
		s.top = s.down(s.top, -n)
	}
	s.settle()
}

// show scrolls to the line that has the byte at that offset of the console:
// it is the topmost one, also where what follows does not fill the screen.
func (s *screen) show(offset int64) {
	n, _ := slices.BinarySearch(s.ends, offset+1)
	s.top, s.back = place{s.base + n, 0}, true
}

// shows is the offset at which the topmost line shown begins.
func (s *screen) shows() int64 {
	top := s.bottom()
	if s.back {
		top = s.top
	}
	if n := top.line - s.base; n > 0 {
		return s.ends[n-1]
	}
	return 0
}

// each calls f with the offsets of lines until it says false: of those in view
// from the top where it is scrolled back, else of all from the newest on.
func (s *screen) each(f func(from, to int64) bool) {
	span := func(n int) (from, to int64) {
		if i := n - s.base; i > 0 {
			from = s.ends[i-1]
		}
		if n >= s.last() {
			return from, s.at
		}
		return from, s.ends[n-s.base]
	}
	if !s.back {
		for n := s.last(); n >= s.base && f(span(n)); n-- {
			continue
		}
		return
	}
	for n, rows := s.top.line, 0; n <= s.last() && rows < s.h && f(span(n)); n++ {
		rows += s.rows(n)
	}
}

// follow shows the end again.
func (s *screen) follow() { s.back = false }

// view is the rows shown, at most the height, and the cell of the cursor;
// y is -1 when it is not in view.
func (s *screen) view() (rows []string, x, y int) {
	top := s.top
	if !s.back {
		top = s.bottom()
	}
	y = -1
	for n := top.line; n <= s.last() && len(rows) < s.h; n++ {
		part := wrap(s.line(n), s.w)
		for n == s.last() && len(part) <= s.start/s.w {
			part = append(part, "")
		}
		first := 0
		if n == top.line {
			first = min(top.row, len(part)-1)
		}
		if n == s.last() {
			x, y = min(s.x, s.w-1), len(rows)+s.start/s.w-first
		}
		rows = append(rows, part[first:]...)
	}
	if len(rows) > s.h {
		rows = rows[:s.h]
	}
	if y >= s.h || y < 0 {
		y = -1
	}
	return rows, x, y
}
