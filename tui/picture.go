package tui

import (
	"context"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"cwlab/emulator/lab"
	"cwlab/tui/words"
)

// Picture is one frame of a lab that is not live, as rows of w cells without
// attributes. The focus is on the device of that name.
func Picture(l *lab.Lab, focus string, w, h int) []string {
	m := New(context.Background(), nil, newStyles(false), words.English)
	m.w, m.h, m.name = w, h, l.Definition().Name
	m.session = &session{lab: l, ring: &ring{}, done: make(chan struct{})}
	for i, d := range l.Devices() {
		m.panes = append(m.panes, newPane(d.Name(), l.Console(d.Name()), m.lang))
		if d.Name() == focus {
			m.focus = i
		}
	}
	m.state = m.session.gather()
	m.arrange()
	m.read()
	return strings.Split(ansi.Strip(m.View()), "\n")
}

// ReelPicture is what the player shows of a recording that is paused, as rows
// of w cells without attributes.
func ReelPicture(r Reel, w, h int) []string {
	m := New(context.Background(), nil, newStyles(false), words.English)
	m.w, m.h = w, h
	m.enterTheatre(r, true)
	r.Pause(true)
	return strings.Split(ansi.Strip(m.View()), "\n")
}
