package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"cwlab/emulator/lab"
)

func (m *Model) pickLab() {
	p := &picker{title: m.lang.Say("Open a lab")}
	for i, e := range m.cat.Labs() {
		text := e.Title
		if e.Level != "" {
			text += " (" + e.Level + ")"
		}
		if e.Name == m.name {
			p.at = i
		}
		p.choices = append(p.choices, choice{e.Name, text, func(m *Model) tea.Cmd { return m.open(e.Name, "") }})
	}
	m.dialogs = append(m.dialogs, p)
}

func (m *Model) pickScript() {
	p := &picker{title: m.lang.Say("Play a script of %s, from its start", m.name)}
	for i, s := range m.session.lab.Definition().Scripts {
		if s.Name == m.script {
			p.at = i
		}
		p.choices = append(p.choices, choice{s.Name, s.Title, func(m *Model) tea.Cmd { return m.open(m.name, s.Name) }})
	}
	m.dialogs = append(m.dialogs, p)
}

func (m *Model) pickLink() {
	p := &picker{title: m.lang.Say("Cut or mend a link")}
	for _, l := range m.state.links {
		state, act := "is in ", (*lab.Lab).Cut
		if l.Cut {
			state, act = "is cut", (*lab.Lab).Mend
		}
		text := m.lang.Say("%s  %s to %s", m.lang.Say(state), l.A, l.B)
		p.choices = append(p.choices, choice{l.Name, text, func(m *Model) tea.Cmd {
			return m.do(func(on *lab.Lab) (err error) {
				on.Do(func() { err = act(on, l.Name) })
				return err
			})
		}})
	}
	m.dialogs = append(m.dialogs, p)
}

// mouse handles a click, which moves the focus, and the wheel, which scrolls
// the console under it.
func (m *Model) mouse(e tea.MouseEvent) tea.Cmd {
	if e.Action != tea.MouseActionPress {
		return nil
	}
	if n := len(m.dialogs); n > 0 {
		return m.mouseOn(m.dialogs[n-1], e)
	}
	if m.session == nil {
		return nil
	}
	if m.inPackets {
		m.packets.mouse(m, e)
		return nil
	}
	l := m.layout()
	if l.tabs.holds(e.X, e.Y) && e.Button == tea.MouseButtonLeft {
		_, spans := m.tabBar(l.tabs.w)
		for _, s := range spans {
			if e.X >= s.from && e.X < s.to {
				return m.focusOn(s.pane)
			}
		}
		return nil
	}
	for _, b := range l.boxes {
		if !b.body.holds(e.X, e.Y) && !b.title.holds(e.X, e.Y) {
			continue
		}
		m.dirty = true
		switch e.Button {
		case tea.MouseButtonLeft:
			if b.pane != m.focus {
				return m.focusOn(b.pane)
			}
		case tea.MouseButtonWheelUp:
			m.panes[b.pane].screen.scroll(wheel)
		case tea.MouseButtonWheelDown:
			if s := m.panes[b.pane].screen; s.back {
				s.scroll(-wheel)
			}
		default:
		}
	}
	return nil
}
