package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"cwlab/emulator/impair"
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
	p := &picker{title: m.lang.Say("Cut, mend or impair a link")}
	for _, l := range m.state.links {
		state := "is in "
		if l.Cut {
			state = "is cut"
		}
		text := m.lang.Say("%s  %s to %s", m.lang.Say(state), l.A, l.B)
		if len(l.Faults) > 0 {
			text += "  " + strings.Join(l.Faults, ", ")
		}
		p.choices = append(p.choices, choice{l.Name, text, func(m *Model) tea.Cmd {
			m.pickFault(l)
			return nil
		}})
	}
	m.dialogs = append(m.dialogs, p)
}

// onLink is a command that does something with a lab.
func (m *Model) onLink(act func(l *lab.Lab) error) tea.Cmd {
	return m.do(func(on *lab.Lab) (err error) {
		on.Do(func() { err = act(on) })
		return err
	})
}

// pickFault asks what to do with a link.
func (m *Model) pickFault(l lab.LinkState) {
	p := &picker{title: m.lang.Say("Link %s", l.Name)}
	add := func(name, text string, act func(l *lab.Lab) error) {
		p.choices = append(p.choices, choice{m.lang.Say(name), m.lang.Say(text), func(m *Model) tea.Cmd { return m.onLink(act) }})
	}
	if l.Cut {
		add("mend", "put the cable back", func(on *lab.Lab) error { return on.Mend(l.Name) })
	} else {
		add("cut", "take the cable out", func(on *lab.Lab) error { return on.Cut(l.Name) })
	}
	if len(l.Faults) > 0 {
		add("heal", "end all impairments of the link", func(on *lab.Lab) error { return on.Heal(l.Name) })
	}
	for _, i := range impair.All() {
		p.choices = append(p.choices, choice{i.Name, m.lang.Say(i.Help), func(m *Model) tea.Cmd {
			m.pickDirection(l, i)
			return nil
		}})
	}
	m.dialogs = append(m.dialogs, p)
}

// pickDirection asks whose frames are impaired.
func (m *Model) pickDirection(l lab.LinkState, i impair.Impairment) {
	p := &picker{title: m.lang.Say("%s: whose frames", i.Name)}
	add := func(name, text, words string) {
		p.choices = append(p.choices, choice{name, text, func(m *Model) tea.Cmd {
			return m.onLink(func(on *lab.Lab) error { return on.Impair(l.Name, i.Name+words) })
		}})
	}
	if !i.OneWay {
		add(m.lang.Say("both"), m.lang.Say("in both directions"), "")
	}
	for _, e := range []lab.Endpoint{l.A, l.B} {
		add(e.Node, m.lang.Say("those that it sends"), " from "+e.Node)
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
