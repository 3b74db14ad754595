package vt

import (
	"fmt"
	"strings"
)

// Dump is what brings an empty terminal of the same size to this one's state,
// which must be at Ground.
func (t *Terminal) Dump() string {
	var b strings.Builder
	if t.alternate {
		draw(&b, t.other)
		b.WriteString("\x1b[0m\x1b[?1047h")
	}
	draw(&b, t.rows)
	t.place(&b, t.saved, 0)
	b.WriteString("\x1b7\x1b[?6l\x1b(B\x1b)B\x0f\x1b[0m")
	for x := range t.tabs {
		if t.tabs[x] != (x > 0 && x%8 == 0) {
			fmt.Fprintf(&b, "\x1b[%dG", x+1)
			if t.tabs[x] {
				b.WriteString("\x1bH")
			} else {
				b.WriteString("\x1b[g")
			}
		}
	}
	if t.top != 0 || t.bottom != t.h {
		fmt.Fprintf(&b, "\x1b[%d;%dr", t.top+1, t.bottom)
	}
	if t.noWrap {
		b.WriteString("\x1b[?7l")
	}
	if t.hidden {
		b.WriteString("\x1b[?25l")
	}
	t.place(&b, t.cur, t.top)
	if t.insert {
		b.WriteString("\x1b[4h")
	}
	return b.String()
}

// place moves the cursor. The character that it stands behind, where it
// matters, is written again: it waits at the margin, or may be repeated.
func (t *Terminal) place(b *strings.Builder, c cursor, top int) {
	x, y := c.x, c.y
	if c.origin {
		b.WriteString("\x1b[?6h")
		y -= top
	}
	again := c.wrap || t.last != 0 && c == t.cur
	if again {
		if !c.wrap {
			x--
		}
		for x > 0 && t.rows[c.y].cells[x].Width == 0 {
			x--
		}
	}
	fmt.Fprintf(b, "\x1b[%d;%dH", y+1, x+1)
	cell := Cell{}
	if again {
		cell = t.rows[c.y].cells[x]
	}
	written := func() {
		b.WriteRune(cell.R)
		b.WriteString(cell.More)
	}
	if again && (t.last == 0 || cell.Style != c.style) {
		b.WriteString(cell.Style.SGR())
		written()
		again = false
	}
	for i, lines := range c.lines {
		if lines {
			b.WriteString("\x1b" + "()"[i:i+1] + "0")
		}
	}
	if c.shift == 1 {
		b.WriteByte(0x0e)
	}
	b.WriteString(c.style.SGR())
	if again {
		written()
	}
}

// draw writes rows into an empty screen.
func draw(b *strings.Builder, rows []*row) {
	style := Style{}
	for y, r := range rows {
		at := -1 // column of the cursor, -1 when it is elsewhere
		for x := 0; x < len(r.cells); {
			c := r.cells[x]
			if c == (Cell{}) {
				x++
				continue
			}
			if at != x {
				fmt.Fprintf(b, "\x1b[%d;%dH", y+1, x+1)
			}
			if c.Style != style {
				style = c.Style
				b.WriteString(style.SGR())
			}
			if c.Width == 0 {
				n := 1
				for x+n < len(r.cells) && r.cells[x+n] == c {
					n++
				}
				fmt.Fprintf(b, "\x1b[%dX", n)
				x, at = x+n, -1
				continue
			}
			b.WriteRune(c.R)
			b.WriteString(c.More)
			x += int(c.Width)
			if at = x; x >= len(r.cells) {
				at = -1
			}
		}
	}
}
