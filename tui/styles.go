package tui

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Styles are the looks of the screen by meaning. They use the terminal's own
// sixteen colours, and every distinction they make can be seen without any.
type Styles struct {
	Title   lipgloss.Style // of a console without the focus
	Focus   lipgloss.Style // of the focused one
	Bar     lipgloss.Style // strip and status line
	Label   lipgloss.Style // what a value in a bar is
	Good    lipgloss.Style
	Bad     lipgloss.Style
	Quiet   lipgloss.Style // nothing there, or not to be had
	Changed lipgloss.Style // a value that changed a moment ago
	Leader  lipgloss.Style // the status line once the leader key is pressed
	Rule    lipgloss.Style // between panes, around dialogs
	Key     lipgloss.Style // a key in the help
	Chosen  lipgloss.Style // the row a picker stands on
}

// newStyles makes the styles, without colours for NO_COLOR: bold, faint,
// underline and reverse remain.
func newStyles(colour bool) Styles {
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(termenv.ANSI))
	r.SetColorProfile(termenv.ANSI)
	r.SetHasDarkBackground(true)
	s := func() lipgloss.Style { return r.NewStyle() }
	fg := func(c string, st lipgloss.Style) lipgloss.Style {
		if colour {
			return st.Foreground(lipgloss.Color(c))
		}
		return st
	}
	return Styles{
		Title:   fg("6", s()),
		Focus:   s().Reverse(true).Bold(true),
		Bar:     s(),
		Label:   s().Faint(true),
		Good:    fg("2", s()),
		Bad:     fg("1", s().Bold(true)),
		Quiet:   s().Faint(true),
		Changed: fg("3", s().Bold(true).Underline(true)),
		Leader:  fg("3", s().Bold(true)),
		Rule:    s().Faint(true),
		Key:     fg("3", s().Bold(true)),
		Chosen:  s().Reverse(true),
	}
}
