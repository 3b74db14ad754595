package tui

import (
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// What a terminal is told at the beginning and at the end: alternate screen,
// no wrapping at the margin, bracketed paste.
const (
	enterScreen = "\x1b[?1049h\x1b[?7l\x1b[?2004h"
	leaveScreen = "\x1b[?2004l\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1049l"
	mouseOn     = "\x1b[?1002h\x1b[?1006h"
	mouseOff    = "\x1b[?1006l\x1b[?1002l"
)

// A painter puts frames on a terminal: at once, and only the rows that
// changed. The renderer of bubbletea looks sixty times a second whether there
// is something to do; on an idle screen that alone can be seen in top. The
// cursor is the terminal's own, so that an input method opens where one
// types.
type painter struct {
	out   io.Writer
	in    bool // the screen was entered
	w, h  int
	rows  []string
	at    cursor
	mouse bool
}

// A cursor is where the terminal's cursor stands, if it is on.
type cursor struct {
	x, y int
	on   bool
}

// paint puts a frame on the terminal. It returns what it wrote.
func (p *painter) paint(frame string, w, h int, at cursor, mouse bool) string {
	if w <= 0 || h <= 0 {
		return "" // the size is not known yet
	}
	var b strings.Builder
	if !p.in {
		p.in = true
		b.WriteString(enterScreen)
	}
	if p.w != w || p.h != h {
		p.w, p.h, p.rows = w, h, nil
		b.WriteString("\x1b[0m\x1b[2J")
	}
	if p.mouse != mouse {
		p.mouse = mouse
		if mouse {
			b.WriteString(mouseOn)
		} else {
			b.WriteString(mouseOff)
		}
	}
	rows := strings.Split(frame, "\n")
	drawn := false
	for i, row := range rows {
		if i < len(p.rows) && p.rows[i] == row {
			continue
		}
		if !drawn {
			drawn = true
			b.WriteString("\x1b[?25l")
		}
		fmt.Fprintf(&b, "\x1b[%dH\x1b[0m%s", i+1, row)
	}
	p.rows = slices.Clone(rows)
	if drawn || at != p.at {
		p.at = at
		if at.on {
			fmt.Fprintf(&b, "\x1b[0m\x1b[%d;%dH\x1b[?25h", at.y+1, at.x+1)
		} else {
			b.WriteString("\x1b[?25l")
		}
	}
	if b.Len() > 0 {
		_, _ = io.WriteString(p.out, b.String()) // a terminal that is gone ends the program by its input
	}
	return b.String()
}

// leave gives the terminal back. It may be called again.
func (p *painter) leave() {
	if !p.in {
		return
	}
	p.in = false
	_, _ = io.WriteString(p.out, mouseOff+leaveScreen)
}

// A painted model is a model with its painter, for a program with a mute
// terminal. It keeps what broke in the model until the terminal can show it.
type painted struct {
	*Model
	painter *painter
	broke   error
}

// Update handles a message and paints what came of it.
func (p *painted) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	m, cmd = p, tea.Quit
	defer func() {
		if r := recover(); r != nil {
			p.broke = fmt.Errorf("the screen broke: %v\n%s", r, debug.Stack())
		}
	}()
	_, next := p.Model.Update(msg)
	if p.leaving {
		p.painter.leave()
	} else {
		p.film(p.painter.paint(p.Model.View(), p.w, p.h, p.at, !p.noMouse))
	}
	return p, next
}

// View has nothing left to do.
func (p *painted) View() string { return "" }
