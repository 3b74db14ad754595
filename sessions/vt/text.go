package vt

import "strings"

// Text is what cells show, without blanks at their end.
func Text(cells []Cell) string {
	var b strings.Builder
	blanks := 0
	for i, c := range cells {
		switch {
		case c.Width == 0 && i > 0 && cells[i-1].Width == 2:
		case c.Width == 0 || c.R == ' ' && c.More == "":
			blanks++
		default:
			for ; blanks > 0; blanks-- {
				b.WriteByte(' ')
			}
			b.WriteRune(c.R)
			b.WriteString(c.More)
		}
	}
	return b.String()
}

// Line is a row, as much of it as fits in w cells, for a terminal: what it
// shows with its styles, and the default style at its end.
func (t *Terminal) Line(y, w int) string {
	var b strings.Builder
	style := Style{}
	cells := t.Row(y)
	cells = cells[:min(w, len(cells))]
	for i, c := range cells {
		if c.Width == 0 && i > 0 && cells[i-1].Width == 2 {
			continue
		}
		if c.Style != style {
			style = c.Style
			b.WriteString(style.SGR())
		}
		switch {
		case c.Width == 0, i+int(c.Width) > len(cells):
			b.WriteByte(' ')
		default:
			b.WriteRune(c.R)
			b.WriteString(c.More)
		}
	}
	if style != (Style{}) {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}
