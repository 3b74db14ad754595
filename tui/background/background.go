// Package background settles the question of the terminal's background
// colour before anybody asks it.
//
// The start-up code of bubbletea v1 has lipgloss query the terminal, and on a
// terminal that does not answer it waits seconds and swallows what was typed
// meanwhile, in every program that links it. The screen uses the terminal's
// own sixteen colours and needs no answer. Packages that are ready are
// initialised in the order of their paths, and this one sorts before
// github.com/charmbracelet/bubbletea, so it is enough to import it.
package background

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
