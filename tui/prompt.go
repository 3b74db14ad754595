package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// A prompt asks for a line of text.
type prompt struct {
	title, text, hint string
	done              func(m *Model, text string) tea.Cmd
}

func (p *prompt) key(m *Model, k tea.KeyMsg) (tea.Cmd, bool) {
	switch {
	case k.Type == tea.KeyEnter:
		return p.done(m, p.text), false
	case k.Type == tea.KeyEsc, k.Type == tea.KeyCtrlC, key.Matches(k, m.keys.Leader):
		return nil, false
	case k.Type == tea.KeyBackspace || k.Type == tea.KeyCtrlH:
		if r := []rune(p.text); len(r) > 0 {
			p.text = string(r[:len(r)-1])
		}
	case k.Type == tea.KeyCtrlU:
		p.text = ""
	case k.Type == tea.KeyRunes && !k.Alt || k.Type == tea.KeySpace:
		for _, r := range k.Runes {
			if r >= ' ' && r != 0x7f {
				p.text += string(r)
			}
		}
		if k.Type == tea.KeySpace && len(k.Runes) == 0 {
			p.text += " "
		}
	}
	return nil, true
}

func (p *prompt) draw(m *Model, w, h int) []string {
	room := max(min(w-8, 72), 1)
	text := p.text
	if n := ansi.StringWidth(text) + 1; n > room {
		text = ansi.TruncateLeft(text, n-room, "")
	}
	lines := []string{fit("> "+text+"_", room+2)}
	if p.hint != "" {
		lines = append(lines, "")
		for _, l := range strings.Split(ansi.Wrap(p.hint, room+2, ""), "\n") {
			lines = append(lines, m.styles.Label.Render(l))
		}
	}
	return m.frame(p.title, lines, w, h)
}
