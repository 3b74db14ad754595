// Package vt is a terminal without a screen: bytes that a program writes go
// in, and out comes what a person would see. It does what xterm does with the
// controls of ECMA-48 and DEC that full-screen programs use, so that
// recordings of anything can be shown, and its state can be copied and
// written down, so that they can be shown from any point on.
//
// Limitations: mouse, keyboard and window reports are not answered, sixel and
// other pictures not shown, left and right margins not kept. Lines do not wrap
// anew when the size changes: rows are cut or added, as in most terminals'
// alternate screens.
package vt

import (
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/parser"
	"github.com/mattn/go-runewidth"
)

// runes measures runes the same way on every machine: what is ambiguous is
// one cell wide.
var runes = &runewidth.Condition{}

// A Cell is one column of a row. The second column of a wide character is
// empty: it has no text and no width.
type Cell struct {
	R     rune   // 0 for a blank
	More  string // characters that combine with it
	Width int8
	Style Style
}

// A row is a row of cells.
type row struct {
	cells []Cell
	dirty bool   // written to since it was last told
	tag   string // the reader's, moves with the row
}

// A cursor is a position with what is written there.
type cursor struct {
	x, y   int
	style  Style
	wrap   bool // at the margin: the next character goes to the next row
	origin bool // positions count from the top margin
	charset
}

// A charset is which of the two sets of characters is in use, and which of
// them draw lines.
type charset struct {
	shift int
	lines [2]bool
}

// A Terminal is a terminal. The zero value is of no use: see New.
type Terminal struct {
	// OnScroll is called with each row that leaves at the top of the main
	// screen, before it is gone. It must not keep the cells.
	OnScroll func(row []Cell)
	// OnRow is called before a row that was written to goes, as Touched would.
	OnRow func(y int, tag *string)

	w, h        int
	rows        []*row
	other       []*row // the main screen while the alternate one is shown
	alternate   bool
	cur, saved  cursor
	top, bottom int // the rows that scroll, from top up to bottom
	tabs        []bool
	noWrap      bool
	insert      bool
	hidden      bool // the cursor
	last        rune // printed, 0 after anything else

	parser *ansi.Parser
}

// New is an empty terminal of w by h cells, each 1 to 1000.
func New(w, h int) *Terminal {
	t := &Terminal{w: bound(w), h: bound(h)}
	t.parse()
	t.reset()
	return t
}

func bound(n int) int { return min(max(n, 1), 1000) }

func (t *Terminal) parse() {
	t.parser = ansi.NewParser()
	t.parser.SetDataSize(64) // titles and the like are not kept
	t.parser.SetHandler(ansi.Handler{Print: t.print, Execute: t.execute, HandleCsi: t.csi, HandleEsc: t.escape})
}

func (t *Terminal) reset() {
	t.rows, t.other = blank(t.w, t.h), nil
	t.alternate, t.noWrap, t.insert, t.hidden = false, false, false, false
	t.cur, t.saved = cursor{}, cursor{}
	t.top, t.bottom, t.last = 0, t.h, 0
	t.resetTabs()
}

func (t *Terminal) resetTabs() {
	t.tabs = make([]bool, t.w)
	for i := 8; i < t.w; i += 8 {
		t.tabs[i] = true
	}
}

func blank(w, h int) []*row {
	rows := make([]*row, h)
	for i := range rows {
		rows[i] = &row{cells: make([]Cell, w)}
	}
	return rows
}

// Size is the width and height in cells.
func (t *Terminal) Size() (w, h int) { return t.w, t.h }

// Cursor is where the cursor is, and whether it is shown.
func (t *Terminal) Cursor() (x, y int, shown bool) { return t.cur.x, t.cur.y, !t.hidden }

// Row is the cells of a row, 0 to height-1. They must not be changed, and are
// good until the next write.
func (t *Terminal) Row(y int) []Cell { return t.rows[y].cells }

// Ground says that the terminal stands between two characters or sequences.
func (t *Terminal) Ground() bool { return t.parser.State() == parser.GroundState }

// Write shows what a program writes.
func (t *Terminal) Write(b []byte) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c >= ' ' && c < 0x7f && t.parser.State() == parser.GroundState {
			i += t.plain(b[i:]) - 1 // what nearly all of it is
			continue
		}
		if c >= 0x80 && c < 0xa0 && t.parser.State() == parser.GroundState {
			continue // C1 controls are for terminals without UTF-8
		}
		t.parser.Advance(c)
	}
}

// Clone is a copy that shares nothing. It must be at Ground.
func (t *Terminal) Clone() *Terminal {
	c := *t
	c.OnScroll, c.OnRow = nil, nil
	c.rows, c.other = copyRows(t.rows), copyRows(t.other)
	c.tabs = append([]bool(nil), t.tabs...)
	c.parse()
	return &c
}

func copyRows(rows []*row) []*row {
	if rows == nil {
		return nil
	}
	out := make([]*row, len(rows))
	for i, r := range rows {
		out[i] = &row{cells: append([]Cell(nil), r.cells...)}
	}
	return out
}

// Resize sets the size. Rows go at the bottom, or at the top where the cursor
// would be lost; new ones come at the bottom.
func (t *Terminal) Resize(w, h int) {
	w, h = bound(w), bound(h)
	if w == t.w && h == t.h {
		return
	}
	for y := range t.rows {
		t.leaves(y)
	}
	t.rows = t.fit(t.rows, w, h, &t.cur)
	if t.other != nil {
		t.other = t.fit(t.other, w, h, &cursor{})
	}
	t.w, t.h, t.last = w, h, 0
	t.top, t.bottom = 0, h
	old := t.tabs
	t.resetTabs()
	copy(t.tabs, old)
	t.clamp(&t.saved)
}

func (t *Terminal) fit(rows []*row, w, h int, c *cursor) []*row {
	if cut := len(rows) - h; cut > 0 {
		above := max(c.y-h+1, 0)
		if !t.alternate && t.OnScroll != nil {
			for _, r := range rows[:above] {
				t.OnScroll(r.cells)
			}
		}
		rows, c.y = rows[above:above+h], c.y-above
	}
	for len(rows) < h {
		rows = append(rows, &row{cells: make([]Cell, w)})
	}
	for _, r := range rows {
		if n := len(r.cells); n < w {
			r.cells = append(r.cells, make([]Cell, w-n)...)
		} else if n > w {
			if r.cells[w].Width == 0 && r.cells[w-1].Width == 2 {
				r.cells[w-1] = Cell{}
			}
			r.cells = append([]Cell(nil), r.cells[:w]...)
		}
	}
	c.x, c.y, c.wrap = min(c.x, w-1), min(c.y, h-1), false
	return rows
}

func (t *Terminal) clamp(c *cursor) {
	c.x, c.y = min(max(c.x, 0), t.w-1), min(max(c.y, 0), t.h-1)
}

// leaves tells of a row that is about to go.
func (t *Terminal) leaves(y int) {
	if r := t.rows[y]; r.dirty {
		if t.OnRow != nil {
			t.OnRow(y, &r.tag)
		}
		r.dirty = false
	}
}

// Touched calls f with the number of each row that was written to since it
// was last told, and with a text that f may keep at the row, wherever it
// moves; that of a new row is empty.
func (t *Terminal) Touched(f func(y int, tag *string)) {
	for y, r := range t.rows {
		if r.dirty {
			r.dirty = false
			f(y, &r.tag)
		}
	}
}

// print shows a character.
func (t *Terminal) print(r rune) {
	if t.cur.lines[t.cur.shift] && r >= '`' && r <= '~' {
		r = lineDrawing[r-'`']
	}
	w := 1
	if r >= 0x300 {
		w = runes.RuneWidth(r)
	}
	if w > t.w {
		return
	}
	if w == 0 {
		t.combine(r)
		return
	}
	if t.last = r; t.insert {
		t.last = 0
	}
	c := &t.cur
	if c.wrap || c.x+w > t.w {
		if t.noWrap {
			c.x = t.w - w
		} else {
			c.x = 0
			t.index()
		}
		c.wrap = false
	}
	line := t.rows[c.y]
	line.dirty = true
	if t.insert {
		copy(line.cells[c.x+w:], line.cells[c.x:])
		t.mend(line, c.x+w)
		t.mend(line, t.w)
	}
	t.mend(line, c.x)
	t.mend(line, c.x+w)
	line.cells[c.x] = Cell{R: r, Width: int8(w), Style: c.style}
	if w == 2 {
		line.cells[c.x+1] = Cell{Style: c.style}
	}
	if c.x += w; c.x >= t.w {
		c.x, c.wrap = t.w-1, true
	}
}

// plain shows the ASCII characters that b begins with, as many as fit in the
// row, and says how many they are, at least one.
func (t *Terminal) plain(b []byte) int {
	c := &t.cur
	if c.wrap || t.insert || c.lines[c.shift] {
		t.print(rune(b[0]))
		return 1
	}
	n, room := 0, t.w-c.x
	for n < len(b) && n < room && b[n] >= ' ' && b[n] < 0x7f {
		n++
	}
	line := t.rows[c.y]
	line.dirty = true
	t.mend(line, c.x)
	t.mend(line, c.x+n)
	cells := line.cells[c.x : c.x+n]
	for i := range cells {
		cell := &cells[i]
		cell.R, cell.Width, cell.Style = rune(b[i]), 1, c.style
		if cell.More != "" {
			cell.More = ""
		}
	}
	t.last = rune(b[n-1])
	if c.x += n; c.x >= t.w {
		c.x, c.wrap = t.w-1, true
	}
	return n
}

// mend blanks a wide character that is cut at column x.
func (t *Terminal) mend(line *row, x int) {
	if x > 0 && x <= t.w && line.cells[x-1].Width == 2 {
		if x == t.w {
			line.cells[x-1] = empty(line.cells[x-1].Style)
			return
		}
		c := empty(line.cells[x-1].Style)
		line.cells[x-1], line.cells[x] = c, c
	}
}

func (t *Terminal) combine(r rune) {
	x := t.cur.x
	if !t.cur.wrap {
		x--
	}
	line := t.rows[t.cur.y]
	if x > 0 && line.cells[x].Width == 0 && line.cells[x-1].Width == 2 {
		x--
	}
	if x >= 0 && line.cells[x].Width > 0 && len(line.cells[x].More) < 32 {
		line.cells[x].More += string(r)
		line.dirty = true
	}
}

// lineDrawing is the DEC Special Graphics set from ` on (VT220 manual, table
// 2-4).
var lineDrawing = []rune("◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")

// execute does a control character.
func (t *Terminal) execute(b byte) {
	c := &t.cur
	t.last = 0
	switch b {
	case '\b':
		if c.wrap {
			c.wrap = false
		}
		c.x = max(c.x-1, 0)
	case '\t':
		t.tab(1)
	case '\n', '\v', '\f':
		c.wrap = false
		t.index()
	case '\r':
		c.x, c.wrap = 0, false
	case 0x0e, 0x0f:
		c.shift = int(0x0f - b)
	}
}

func (t *Terminal) tab(n int) {
	c := &t.cur
	for ; n > 0 && c.x < t.w-1; n-- {
		for c.x++; c.x < t.w-1 && !t.tabs[c.x]; c.x++ {
		}
	}
}

// index moves down a row and scrolls at the bottom margin.
func (t *Terminal) index() {
	switch {
	case t.cur.y == t.bottom-1:
		t.scroll(1)
	case t.cur.y < t.h-1:
		t.cur.y++
	}
}

// scroll moves the rows between the margins n up, or down if n is negative.
func (t *Terminal) scroll(n int) { t.shift(t.top, n) }

// shift moves the rows from one to the bottom margin n up, or down if n is
// negative, and blanks those that come in.
func (t *Terminal) shift(from, n int) {
	part := t.rows[from:t.bottom]
	n = min(max(n, -len(part)), len(part))
	for i := range max(n, -n) {
		y := from + i
		if n < 0 {
			y = t.bottom - 1 - i
		}
		t.leaves(y)
		if n > 0 && from == 0 && !t.alternate && t.OnScroll != nil {
			t.OnScroll(t.rows[y].cells)
		}
	}
	gone := make([]*row, 0, 4)
	if n > 0 {
		gone = append(gone, part[:n]...)
		copy(part, part[n:])
		copy(part[len(part)-n:], gone)
	} else {
		gone = append(gone, part[len(part)+n:]...)
		copy(part[-n:], part)
		copy(part, gone)
	}
	for _, r := range gone {
		t.erase(r, 0, t.w)
		r.tag = ""
	}
}

// empty is a blank with the background of a style.
func empty(s Style) Cell { return Cell{Style: Style{Back: s.Back}} }

// erase blanks cells of a row, in the background colour in use.
func (t *Terminal) erase(line *row, from, to int) {
	t.mend(line, from)
	t.mend(line, to)
	clear(line.cells[from:to])
	if c := empty(t.cur.style); c != (Cell{}) {
		for i := from; i < to; i++ {
			line.cells[i] = c
		}
	}
	line.dirty = true
}
