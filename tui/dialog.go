package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// A dialog stands over the consoles and sees keys first.
type dialog interface {
	// key handles a key and says whether the dialog stays.
	key(m *Model, k tea.KeyMsg) (cmd tea.Cmd, stay bool)
	// draw gives its lines for a screen of w by h cells.
	draw(m *Model, w, h int) []string
}

// dialogKeys are the keys of every dialog.
var dialogKeys = struct{ Up, Down, PageUp, PageDown, Accept, Close key.Binding }{
	Up:       key.NewBinding(key.WithKeys("up", "k", "ctrl+p")),
	Down:     key.NewBinding(key.WithKeys("down", "j", "ctrl+n", "tab")),
	PageUp:   key.NewBinding(key.WithKeys("pgup")),
	PageDown: key.NewBinding(key.WithKeys("pgdown")),
	Accept:   key.NewBinding(key.WithKeys("enter", " ")),
	Close:    key.NewBinding(key.WithKeys("esc", "q", "ctrl+c", `ctrl+\`)),
}

// frame draws a box around lines, no larger than w by h.
func (m *Model) frame(title string, lines []string, w, h int) []string {
	inner := ansi.StringWidth(title) + 2
	for _, l := range lines {
		inner = max(inner, ansi.StringWidth(l))
	}
	inner = min(inner, w-4)
	if inner < 1 || h < 3 {
		return nil
	}
	rule := func(s string) string { return m.styles.Rule.Render(s) }
	head := ansi.Truncate(" "+title+" ", inner, "")
	out := []string{rule("┌─") + m.styles.Key.Render(head) + rule(strings.Repeat("─", inner-ansi.StringWidth(head))+"─┐")}
	for i, l := range lines {
		if i == h-2 {
			break
		}
		out = append(out, rule("│")+" "+fit(l, inner)+" "+rule("│"))
	}
	return append(out, rule("└"+strings.Repeat("─", inner+2)+"┘"))
}

// over lays lines over the middle of a screen.
func over(screen []string, w, h int, lines []string) {
	if len(lines) == 0 {
		return
	}
	bw := ansi.StringWidth(lines[0])
	x, y := max((w-bw)/2, 0), max((h-len(lines))/2, 0)
	for i, l := range lines {
		if y+i >= len(screen) {
			return
		}
		base := screen[y+i]
		screen[y+i] = fit(ansi.Cut(base, 0, x), x) + l + ansi.Cut(base, x+bw, w)
	}
}

// A helpBox shows every key.
type helpBox struct{ from int }

func (b *helpBox) key(m *Model, k tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(k, dialogKeys.Down, dialogKeys.PageDown):
		b.from++
		return nil, true
	case key.Matches(k, dialogKeys.Up, dialogKeys.PageUp):
		b.from = max(b.from-1, 0)
		return nil, true
	}
	return nil, false
}

func (b *helpBox) draw(m *Model, w, h int) []string {
	groups := m.keys.FullHelp()
	m.help.Width = 0
	body := m.help.FullHelpView(groups)
	if ansi.StringWidth(firstLine(body)) > w-4 { // no room for columns
		body = ""
		for _, g := range groups {
			body += m.help.FullHelpView([][]key.Binding{g}) + "\n"
		}
	}
	lines := strings.Split(strings.TrimRight(body, "\n"), "\n")
	lines = append(lines, "", "All other keys go to the console. Click for focus, wheel to scroll back.")
	b.from = min(b.from, max(len(lines)-(h-2), 0))
	return m.frame("Press "+m.keys.Leader.Help().Key+", then", lines[b.from:], w, h)
}

// A notice says something at length.
type notice struct{ title, text string }

func (n *notice) key(*Model, tea.KeyMsg) (tea.Cmd, bool) { return nil, false }

func (n *notice) draw(m *Model, w, h int) []string {
	text := ansi.Wrap(n.text, max(min(w-4, 100), 1), "")
	return m.frame(n.title, strings.Split(text, "\n"), w, h)
}

// A choice is a row of a picker.
type choice struct {
	name, text string
	pick       func(m *Model) tea.Cmd
}

// A picker lets one of several things be chosen.
type picker struct {
	title   string
	choices []choice
	at      int
}

func (p *picker) key(m *Model, k tea.KeyMsg) (tea.Cmd, bool) {
	last := len(p.choices) - 1
	switch {
	case key.Matches(k, dialogKeys.Close):
		return nil, false
	case key.Matches(k, dialogKeys.Up):
		p.at = max(p.at-1, 0)
	case key.Matches(k, dialogKeys.Down):
		p.at = min(p.at+1, max(last, 0))
	case key.Matches(k, dialogKeys.PageUp):
		p.at = 0
	case key.Matches(k, dialogKeys.PageDown):
		p.at = max(last, 0)
	case key.Matches(k, dialogKeys.Accept):
		if last < 0 {
			return nil, false
		}
		return p.choices[p.at].pick(m), false
	case len(k.Runes) == 1 && k.Runes[0] >= '1' && int(k.Runes[0]-'1') <= last:
		return p.choices[k.Runes[0]-'1'].pick(m), false
	}
	return nil, true
}

func (p *picker) draw(m *Model, w, h int) []string {
	names := 0
	for _, c := range p.choices {
		names = max(names, ansi.StringWidth(c.name))
	}
	var rows []string
	for i, c := range p.choices {
		mark := "  "
		if i == p.at {
			mark = "> "
		}
		row := fmt.Sprintf("%s%d  %s  %s", mark, i+1, fit(c.name, names), c.text)
		if i == p.at {
			row = m.styles.Chosen.Render(ansi.Truncate(row, max(w-4, 1), "…"))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		rows = []string{"There is nothing to choose."}
	}
	room := max(h-4, 1)
	first := min(max(p.at-room/2, 0), max(len(rows)-room, 0))
	rows = rows[first:min(first+room, len(rows))]
	rows = append(rows, "", m.styles.Label.Render("Up Down Enter, Esc to leave"))
	return m.frame(p.title, rows, w, h)
}
