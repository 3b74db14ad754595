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
