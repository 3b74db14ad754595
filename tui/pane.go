package tui

import (
	"fmt"
	"strings"

	"cwlab/emulator/lab"
	"cwlab/tui/words"
)

// A pane is a console on the screen: a reader of its bytes.
type pane struct {
	device  string
	console *lab.Console
	screen  *screen
	offset  int64
	lang    words.Lang
	unseen  bool                  // something came while it was not in view
	w, h    int                   // told to the device
	redact  func(b []byte) []byte // nil where all is shown
}

func newPane(device string, c *lab.Console, lang words.Lang) *pane {
	return &pane{lang: lang, device: device, console: c, screen: newScreen()}
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
		p.screen.write(fmt.Appendf(nil, "\r\n[%s]\r\n", p.lang.Say("%d bytes were too fast for the screen", lost)))
	}
	p.screen.at = next - int64(len(data))
	if p.redact != nil {
		data = p.redact(data)
	}
	p.screen.write(data)
	return true
}

// draw gives the rows of the console, h of them, each w cells wide, and the
// cell of the cursor; y is -1 when it is not in view.
func (p *pane) draw(w, h int) (out []string, x, y int) {
	rows, x, y := p.screen.view()
	out = make([]string, h)
	for i := range out {
		row := ""
		if i < len(rows) {
			row = rows[i]
		}
		out[i] = row + strings.Repeat(" ", max(w-runes.StringWidth(row), 0))
	}
	return out, x, y
}
