package tui

import (
	"fmt"
	"strings"

	"cwlab/emulator/lab"
)

// A pane is a console on the screen: a reader of its bytes.
type pane struct {
	device  string
	console *lab.Console
	screen  *screen
	offset  int64
	unseen  bool // something came while it was not in view
	w, h    int  // told to the device
}

func newPane(device string, c *lab.Console) *pane {
	return &pane{device: device, console: c, screen: newScreen()}
}

// read takes what the console has shown since; it says whether that was
// anything.
func (p *pane) read() bool {
	data, next, lost := p.console.Read(p.offset, -1)
	if next == p.offset {
		return false
	}
	p.offset = next
	if lost > 0 {
		p.screen.write(fmt.Appendf(nil, "\r\n[%d bytes were too fast for the screen]\r\n", lost))
	}
	p.screen.write(data)
	return true
}

// draw gives the rows of the console, each w cells wide, h of them.
func (p *pane) draw(w, h int, focus bool, st Styles) []string {
	rows, x, y := p.screen.view()
	out := make([]string, h)
	for i := range out {
		row := ""
		if i < len(rows) {
			row = rows[i]
		}
		n := runes.StringWidth(row)
		if focus && i == y && x < w {
			row = withCursor(row, x, st)
			n = max(n, x+1)
		}
		if n < w {
			row += strings.Repeat(" ", w-n)
		}
		out[i] = row
	}
	return out
}

// withCursor draws the cursor in column x of a row.
func withCursor(row string, x int, st Styles) string {
	col := 0
	for i, r := range row {
		n := runes.RuneWidth(r)
		if col <= x && x < col+n {
			end := i + len(string(r))
			return row[:i] + st.Cursor.Render(row[i:end]) + row[end:]
		}
		col += n
	}
	return row + strings.Repeat(" ", x-col) + st.Cursor.Render(" ")
}
