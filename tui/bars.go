package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"cwlab/emulator/lab"
	"cwlab/tui/words"
)

// fit makes a line exactly w cells wide.
func fit(s string, w int) string {
	if ansi.StringWidth(s) > w {
		s = ansi.Truncate(s, w, "…") // a wide rune may leave a cell over
	}
	return s + strings.Repeat(" ", max(w-ansi.StringWidth(s), 0))
}

// between fits a left and a right text into w cells. When there is no room
// for both the right one stays.
func between(left, right string, w int) string {
	room := w - ansi.StringWidth(right)
	if room < 0 {
		return fit(left, w)
	}
	return fit(left, room) + right
}

// detail is how much a title says.
type detail int

const (
	detailName detail = iota
	detailShort
	detailFull
	details
)

// title is what a console is called: its number for the leader key, its
// device, the RBM role and state and the VRRP states of the device. The one
// with the focus is in brackets, so that it shows without attributes too.
func title(lang words.Lang, n int, d lab.Snapshot, typist string, focus bool, unseen bool, how detail) string {
	var parts []string
	if typist != "" {
		parts = append(parts, lang.Say("%s types", typist))
	}
	if !d.Powered {
		parts = append(parts, lang.Say("off"))
	} else if how > detailName {
		if d.RBMRole != "" {
			if how == detailFull {
				parts = append(parts, "RBM "+strings.TrimSpace(d.RBMRole+" "+d.RBMState))
			} else {
				parts = append(parts, strings.TrimSpace("RBM_"+strings.ToUpper(d.RBMRole[:1])+" "+d.RBMState))
			}
		}
		for _, g := range d.VRRP {
			if how == detailFull {
				parts = append(parts, fmt.Sprintf("VRRP %d %s", g.VRID, g.State))
			} else {
				parts = append(parts, g.State)
			}
		}
	}
	sep := " · "
	if how < detailFull {
		sep = " "
	}
	name := fmt.Sprintf("%d %s", n, d.Name)
	if unseen {
		name += "*" // something new stands there
	}
	s := strings.Join(append([]string{name}, parts...), sep)
	if focus {
		return "[" + s + "]"
	}
	return " " + s + " "
}

// A span is where a tab stands in its row.
type span struct{ pane, from, to int }

// tabBar draws the tabs with as much detail as they have room for: all of
// them alike, else the one with the focus more than the others.
func (m *Model) tabBar(w int) (string, []span) {
	type want struct{ focus, others detail }
	var titles []string
	for _, try := range []want{{detailFull, detailFull}, {detailFull, detailShort}, {detailShort, detailShort}, {detailShort, detailName}, {detailName, detailName}} {
		titles = titles[:0]
		total := 0
		for i, d := range m.state.devices {
			how := try.others
			if i == m.focus {
				how = try.focus
			}
			t := title(m.lang, i+1, d, m.state.typist(i), i == m.focus, m.panes[i].unseen, how)
			titles = append(titles, t)
			total += ansi.StringWidth(t)
		}
		if total <= w {
			break
		}
	}
	// Too many even so: begin with the one that has the focus in view.
	first, total := 0, 0
	for i := m.focus; i >= 0; i-- {
		if total += ansi.StringWidth(titles[i]); total > w {
			first = min(i+1, m.focus)
			break
		}
	}
	var b strings.Builder
	var spans []span
	x := 0
	for i := first; i < len(titles); i++ {
		st := m.styles.Title
		if i == m.focus {
			st = m.styles.Focus
		}
		b.WriteString(st.Render(titles[i]))
		spans = append(spans, span{i, x, x + ansi.StringWidth(titles[i])})
		x = spans[len(spans)-1].to
	}
	return fit(b.String(), w), spans
}

// paneTitle draws the title above one of several consoles.
func (m *Model) paneTitle(pane, w int) string {
	st := m.styles.Title
	if pane == m.focus {
		st = m.styles.Focus
	}
	var t string
	for how := details - 1; how >= detailName; how-- {
		if t = title(m.lang, pane+1, m.state.devices[pane], m.state.typist(pane), pane == m.focus, false, how); ansi.StringWidth(t) <= w {
			break
		}
	}
	return st.Render(fit(t, w))
}

// A part is a value of the strip. When it changes it is shown as changed for
// a moment of virtual time.
type part struct {
	key, text string
	style     lipgloss.Style
}

// fresh is for how much virtual time a change is shown as one.
const fresh = 3 * time.Second

// strip draws the state of the world: IKE and IPsec security associations a
// device, masters, links.
func (m *Model) strip(w int) string {
	for _, long := range []bool{true, false} {
		if s := m.stripParts(long); ansi.StringWidth(s) <= w || !long {
			return fit(s, w)
		}
	}
	return ""
}

func (m *Model) stripParts(long bool) string {
	var b strings.Builder
	show := func(p part) {
		st := p.style
		if at, ok := m.changed[p.key]; ok && m.state.now.Sub(at) < fresh {
			st = m.styles.Changed
		}
		b.WriteString(st.Render(p.text))
	}
	label := func(s string) { b.WriteString(m.styles.Label.Render(s)) }
	if long {
		label(m.lang.Say("IKE/IPsec SAs"))
	} else {
		label(m.lang.Say("SA"))
	}
	for _, p := range m.parts() {
		switch group, name, _ := strings.Cut(p.key, " "); group {
		case "sa":
			label(" " + name + " ")
		case "vrrp":
			label(" │ " + m.lang.Say("master") + " ")
		case "links":
			label(" │ " + m.lang.Say("links") + " ")
		default:
			label(" ")
		}
		show(p)
	}
	return b.String()
}

// parts are the values of the strip. The first word of a key is its group.
func (m *Model) parts() []part {
	var all []part
	for _, d := range m.state.devices {
		p := part{"sa " + d.Name, fmt.Sprintf("%d/%d", len(d.IKE), len(d.IPsec)), m.styles.Good}
		switch {
		case !d.Powered:
			p.text, p.style = m.lang.Say("off"), m.styles.Quiet
		case len(d.IKE) == 0 && len(d.IPsec) == 0:
			p.style = m.styles.Quiet
		}
		all = append(all, p)
	}
	if masters := m.state.masters(); len(masters) > 0 {
		p := part{"vrrp", "", m.styles.Good}
		for _, who := range masters {
			if who == "none" || strings.Contains(who, "+") {
				p.style = m.styles.Bad
			}
			p.text += m.lang.Say(who) + " "
		}
		p.text = strings.TrimRight(p.text, " ")
		all = append(all, p)
	}
	var down []string
	for _, l := range m.state.links {
		if !m.state.up(l) {
			down = append(down, l.Name)
		}
	}
	n := len(m.state.links)
	p := part{"links", m.lang.Say("%d up", n), m.styles.Good}
	if len(down) > 0 {
		p.text, p.style = m.lang.Say("%d up, %s down", n-len(down), strings.Join(down, " ")), m.styles.Bad
	}
	return append(all, p)
}

// noteChanges remembers when the values of the strip changed. It is called
// with the new state in place.
func (m *Model) noteChanges(before []part) {
	old := map[string]string{}
	for _, p := range before {
		old[p.key] = p.text
	}
	for _, p := range m.parts() {
		if t, ok := old[p.key]; ok && t != p.text {
			m.changed[p.key] = m.state.now
		}
	}
}

// status draws the last line: virtual time and pace, what plays, what there
// is to say, and the leader key.
func (m *Model) status(w int) string {
	if m.leading {
		m.help.Width = max(w-ansi.StringWidth(m.keys.Leader.Help().Key)-2, 1)
		return fit(m.styles.Leader.Render(m.keys.Leader.Help().Key)+"  "+m.help.ShortHelpView(m.keys.ShortHelp()), w)
	}
	pace := m.lang.Say(m.state.pace.String())
	if m.state.pace.Paused || m.state.pace.Free {
		pace = m.styles.Changed.Render(pace)
	}
	sep := m.styles.Label.Render(" │ ")
	name, play, say := m.name, "", ""
	if m.state.playing {
		play = m.playStatus()
	}
	if r := m.state.recording; r.file != "" {
		if play != "" {
			play += sep
		}
		play += m.styles.Changed.Render("● " + r.file + " " + strconv.Itoa(r.frames))
	}
	switch p := m.panes[m.focus]; {
	case m.note != "":
		say = m.styles.Changed.Render(m.note)
	case m.state.err != nil:
		say = m.styles.Bad.Render(m.lang.Say("stopped: %v", m.state.err))
	case p.screen.back:
		say = m.styles.Changed.Render(m.lang.Say("scrolled back: PgUp PgDn End"))
	}
	right := m.styles.Label.Render(" " + m.keys.Leader.Help().Key + " " + m.keys.Help.Help().Key + " " + m.lang.Say("keys"))
	// What there is to say goes before what is always there.
	var left string
	for _, parts := range [][]string{{m.state.clock(), pace, name, play, say}, {m.state.clock(), pace, play, say}, {m.state.clock(), pace, say}, {pace, say}, {say}} {
		parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
		if left = strings.Join(parts, sep); say == "" || ansi.StringWidth(left)+ansi.StringWidth(right) <= w {
			break
		}
	}
	return between(left, right, w)
}

func (m *Model) playStatus() string {
	p := m.state.play
	switch {
	case p.Err != nil:
		return m.styles.Bad.Render(m.script + ": " + firstLine(m.lang.Error(p.Err)))
	case p.Done:
		return m.styles.Good.Render(m.lang.Say("%s has played", m.script))
	}
	return m.styles.Leader.Render(m.lang.Say("playing %s %d/%d", m.script, p.Step, p.Total))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
