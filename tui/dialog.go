package tui

import (
	"fmt"
	"slices"
	"strconv"
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
	x, y := corner(w, h, lines)
	for i, l := range lines {
		if y+i >= len(screen) {
			return
		}
		base := screen[y+i]
		right := ansi.Cut(base, x+bw, w)
		if ansi.StringWidth(right) > w-x-bw { // the box hides half of a wide rune
			right = " " + ansi.Cut(base, x+bw+1, w)
		}
		screen[y+i] = fit(ansi.Cut(base, 0, x), x) + l + right
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
	lines = append(lines, "", m.lang.Say("All other keys go to the console. Click for focus, wheel to scroll back."))
	b.from = min(b.from, max(len(lines)-(h-2), 0))
	return m.frame(m.lang.Say("Press %s, then", m.keys.Leader.Help().Key), lines[b.from:], w, h)
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
	digits, whole := len(strconv.Itoa(len(p.choices))), "" // the text of a row that has no room for it
	for i, c := range p.choices {
		mark := "  "
		if i == p.at {
			mark = "> "
		}
		row := fmt.Sprintf("%s%*d  %s  %s", mark, digits, i+1, fit(c.name, names), c.text)
		if i == p.at {
			if ansi.StringWidth(row) > w-4 {
				whole = c.text
			}
			row = m.styles.Chosen.Render(ansi.Truncate(row, max(w-4, 1), "…"))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		rows = []string{m.lang.Say("There is nothing to choose.")}
	}
	room := max(h-4, 1)
	first := p.first(h)
	rows = rows[first:min(first+room, len(rows))]
	rows = append(rows, whole, m.styles.Label.Render(m.lang.Say("Up Down Enter or click, Esc to leave")))
	return m.frame(p.title, rows, w, h)
}

// first is the choice in the first row on a screen of h rows.
func (p *picker) first(h int) int {
	room := max(h-4, 1)
	return min(max(p.at-room/2, 0), max(len(p.choices)-room, 0))
}

// A clickable dialog does something with the mouse.
type clickable interface {
	// mouse handles a button or the wheel at a row of what draw gave, and
	// says whether the dialog stays.
	mouse(m *Model, e tea.MouseEvent, row int) (cmd tea.Cmd, stay bool)
}

// mouseOn gives the mouse to the dialog in front. A click beside it closes it.
func (m *Model) mouseOn(d dialog, e tea.MouseEvent) tea.Cmd {
	m.dirty = true
	at := len(m.dialogs) - 1
	lines := d.draw(m, m.w, m.h)
	if len(lines) == 0 {
		return nil
	}
	x, y := corner(m.w, m.h, lines)
	inside := e.X >= x && e.X < x+ansi.StringWidth(lines[0]) && e.Y >= y && e.Y < y+len(lines)
	c, ok := d.(clickable)
	var cmd tea.Cmd
	stay := inside
	switch {
	case inside && ok:
		cmd, stay = c.mouse(m, e, e.Y-y)
	case e.Button != tea.MouseButtonLeft:
		stay = true
	}
	if !stay {
		m.dialogs = slices.Delete(m.dialogs, at, at+1) // it may have opened another
	}
	return cmd
}

// corner is where the upper left corner of lines over the middle is.
func corner(w, h int, lines []string) (x, y int) {
	return max((w-ansi.StringWidth(lines[0]))/2, 0), max((h-len(lines))/2, 0)
}

func (p *picker) mouse(m *Model, e tea.MouseEvent, row int) (tea.Cmd, bool) {
	switch e.Button {
	case tea.MouseButtonLeft:
		i := p.first(m.h) + row - 1 // below the frame
		if shown := min(max(m.h-4, 1), len(p.choices)); row >= 1 && row <= shown && i < len(p.choices) {
			return p.choices[i].pick(m), false
		}
	case tea.MouseButtonWheelUp:
		p.at = max(p.at-1, 0)
	case tea.MouseButtonWheelDown:
		p.at = min(p.at+1, max(len(p.choices)-1, 0))
	default:
	}
	return nil, true
}

func (b *helpBox) mouse(_ *Model, e tea.MouseEvent, _ int) (tea.Cmd, bool) {
	switch e.Button {
	case tea.MouseButtonWheelUp:
		b.from = max(b.from-1, 0)
	case tea.MouseButtonWheelDown:
		b.from++ // draw knows the end
	default:
	}
	return nil, true
}
