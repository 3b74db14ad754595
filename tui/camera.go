package tui

import (
	"time"

	"cwlab/emulator/lab"
)

// A Camera records the screen.
type Camera interface {
	// Show is what was written to a terminal of w by h cells, at a virtual time
	// since the lab on it was opened; there may be none.
	Show(l *lab.Lab, at time.Duration, w, h int, text string)
	// Redact is what hides the secrets of one console. While a camera looks,
	// they are not on the screen either.
	Redact() func(b []byte) []byte
}

// film gives the camera what was painted.
func (m *Model) film(text string) {
	if m.camera == nil || text == "" {
		return
	}
	var l *lab.Lab
	at := time.Duration(0)
	if m.session != nil {
		l = m.session.lab
		at = max(m.state.now.Sub(l.StartTime()), 0)
	}
	m.camera.Show(l, at, m.w, m.h, text)
}
