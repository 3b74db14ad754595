package tui

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"cwlab/emulator/lab"
	"cwlab/tui/words"
)

// speeds are the steps of the faster and slower keys.
var speeds = []float64{0.5, 1, 2, 5, 10, 20}

// calm is the least time between two looks at the world, so that one that
// runs fast does not take all of a processor for its pictures.
const calm = 15 * time.Millisecond

// wheel is how many rows a notch of the mouse wheel scrolls.
const wheel = 3

// A session is one lab on the screen. Opening another makes another, and
// what still comes from the old one is told by the pointer.
type session struct {
	lab      *lab.Lab
	player   Player // nil when nothing plays
	ring     *ring
	recorder recorder
	done     chan struct{}
	desk     Desk            // nil on a world of one's own
	changed  <-chan struct{} // when the world may have
	unwatch  func()          // ends that; nil on a world of one's own
	looked   time.Time       // by the command that watches

	mu    sync.Mutex // of those that enter the world
	ended bool
}

// A Model is the screen.
type Model struct {
	ctx    context.Context
	cat    Catalogue
	styles Styles
	lang   words.Lang
	keys   KeyMap
	help   help.Model

	w, h    int
	zoom    bool
	leading bool // the leader key was pressed
	noMouse bool
	note    string // said in the status line until the next key
	dialogs []dialog

	begin   tea.Cmd // shows what there is to see first
	camera  Camera  // nil for none
	session *session
	name    string // of the lab
	script  string // what plays or has played
	lead    bool   // the focus goes where the script types
	panes   []*pane
	focus   int
	state   state
	pace    lab.Pace
	changed map[string]time.Time // when a value of the strip did, virtual time

	packets   *packetView // nil while nobody wants any
	inPackets bool        // in place of the consoles

	frameText string
	at        cursor // of the frame
	dirty     bool
	leaving   bool
}

// An opened is the outcome of opening a lab.
type opened struct {
	lab          *lab.Lab
	player       Player
	name, script string
	err          error

	// Of a world that others are in too:
	shared *Shared
	desk   Desk
	focus  string // the device to begin with, "" for the first
}

// A looked is what a look at the world found.
type looked struct {
	session *session
	state   state
}

// New makes the screen; a lab is opened on it by Run or by the pickers.
func New(ctx context.Context, cat Catalogue, st Styles, lang words.Lang) *Model {
	h := help.New()
	h.Styles = help.Styles{
		Ellipsis: st.Label, ShortKey: st.Key, ShortDesc: st.Bar, ShortSeparator: st.Label,
		FullKey: st.Key, FullDesc: st.Bar, FullSeparator: st.Label,
	}
	h.ShortSeparator = "  "
	return &Model{
		ctx: ctx, cat: cat, styles: st, lang: lang, keys: newKeyMap(lang), help: h,
		pace: lab.Pace{Speed: 1}, changed: map[string]time.Time{}, dirty: true,
	}
}

// Init shows what there is to see first.
func (m *Model) Init() tea.Cmd { return m.begin }

// open is a command that opens a lab or has a script play.
func open(cat Catalogue, name, script string) func() opened {
	return func() opened {
		o := opened{name: name, script: script}
		if script == "" {
			o.lab, o.err = cat.Open(name)
		} else {
			o.lab, o.player, o.err = cat.Play(name, script)
		}
		return o
	}
}

func (m *Model) open(name, script string) tea.Cmd {
	m.note = m.lang.Say("opening %s", name)
	f := open(m.cat, name, script)
	return func() tea.Msg { return f() }
}

// show puts a lab on the screen in place of the one there.
func (m *Model) show(o opened) tea.Cmd {
	m.note = ""
	if o.err != nil {
		m.dialogs = append(m.dialogs, &notice{m.lang.Say("This did not work"), m.lang.Error(o.err)})
		return nil
	}
	old := m.session
	s := &session{lab: o.lab, player: o.player, done: make(chan struct{}), changed: o.lab.Changed()}
	if sh := o.shared; sh != nil {
		bell := make(chan struct{}, 1)
		s.ring, s.desk, s.changed, s.unwatch = sh.ring, o.desk, bell, o.lab.Watch(bell)
	} else {
		s.ring = newRing(o.lab)
	}
	s.recorder.keys = &s.ring.keys
	m.session, m.name, m.script, m.lead = s, o.name, o.script, true
	m.focus = 0
	m.panes = nil
	for _, d := range o.lab.Devices() {
		p := newPane(d.Name(), o.lab.Console(d.Name()), m.lang)
		if m.camera != nil {
			p.redact = m.camera.Redact()
		}
		m.panes = append(m.panes, p)
	}
	clear(m.changed)
	if m.packets = nil; m.inPackets {
		m.packets = newPacketView(s.ring)
	}
	if i := m.pane(o.focus); i >= 0 {
		m.focus = i
	}
	if s.desk == nil {
		m.pace.Paused = false
		s.lab.SetPace(m.pace) // not live yet: no waiting
	}
	m.state = s.gather()
	m.read()
	for _, p := range m.panes {
		p.unseen = false // the first prompt is no news
	}
	if s.desk == nil {
		s.lab.Start(m.ctx)
	}
	return tea.Batch(m.arrange(), s.look, func() tea.Msg {
		if old != nil {
			old.end()
		}
		return nil
	})
}

// enter runs f with the lab unless the session has ended: its world has then
// nobody that would own it.
func (s *session) enter(f func(l *lab.Lab)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		f(s.lab)
	}
}

// end stops a session's world.
func (s *session) end() {
	close(s.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if s.desk != nil {
		s.unwatch()
		return
	}
	s.lab.Stop()
	_ = s.recorder.stop(s.lab) // nobody is left to be told
}

// close ends what is on the screen.
func (m *Model) close() {
	if m.session != nil {
		m.session.end()
		m.session = nil
	}
}

// look takes the state of the world.
func (s *session) look() tea.Msg {
	s.looked = time.Now()
	return looked{s, s.gather()}
}

// watch waits until the world changes and looks at it.
func (s *session) watch() tea.Msg {
	select {
	case <-s.done:
		return nil
	case <-s.changed:
	}
	if rest := calm - time.Since(s.looked); rest > 0 {
		t := time.NewTimer(rest)
		defer t.Stop()
		select {
		case <-s.done:
			return nil
		case <-t.C:
		}
	}
	return s.look()
}

// A said is something to say in the status line.
type said string

// do is a command that has f done with the lab; Update never waits for a
// world.
func (m *Model) do(f func(l *lab.Lab) error) tea.Cmd {
	s, lang := m.session, m.lang
	return func() (msg tea.Msg) {
		s.enter(func(l *lab.Lab) {
			if err := f(l); err != nil {
				msg = said(lang.Error(err))
			}
		})
		return msg
	}
}

// Update handles a message.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		return m, m.arrange()
	case opened:
		return m, m.show(msg)
	case looked:
		return m, m.see(msg)
	case played:
		return m, m.look(msg)
	case reeled:
		return m, m.unreel(msg)
	case said:
		m.note, m.dirty = string(msg), true
	case tea.KeyMsg:
		m.dirty = true
		return m, m.key(msg)
	case tea.MouseMsg:
		return m, m.mouse(tea.MouseEvent(msg))
	}
	return m, nil
}

// see shows what a look at the world found.
func (m *Model) see(l looked) tea.Cmd {
	if l.session != m.session {
		return nil // of a lab that is gone
	}
	var cmd tea.Cmd
	m.read()
	if m.packets != nil {
		m.packets.read()
	}
	if !m.state.same(l.state) {
		before := m.parts()
		m.state = l.state
		m.noteChanges(before)
		m.dirty = true
		if p := l.state.play; m.lead && l.state.playing && !p.Done {
			if i := m.pane(p.Device); i >= 0 && i != m.focus {
				m.focus = i
				cmd = m.arrange()
			}
		}
	}
	return tea.Batch(cmd, m.session.watch)
}

// read takes what the consoles have shown.
func (m *Model) read() {
	l := m.layout()
	for i, p := range m.panes {
		if !p.read() {
			continue
		}
		m.dirty = true
		p.unseen = !slices.ContainsFunc(l.boxes, func(b box) bool { return b.pane == i })
	}
}

func (m *Model) pane(device string) int {
	return slices.IndexFunc(m.panes, func(p *pane) bool { return p.device == device })
}

func (m *Model) layout() layout { return lay(m.w, m.h, len(m.panes), m.focus, m.zoom) }

// arrange gives every console its size after something moved, and tells the
// devices.
func (m *Model) arrange() tea.Cmd {
	m.dirty = true
	if m.session == nil || m.w == 0 || m.h == 0 {
		return nil
	}
	l := m.layout()
	var told []*pane
	for i, p := range m.panes {
		b := l.boxes[0] // a console behind a tab would stand there
		if at := slices.IndexFunc(l.boxes, func(b box) bool { return b.pane == i }); at >= 0 {
			b = l.boxes[at]
			p.unseen = false
		}
		p.screen.resize(b.body.w, b.body.h)
		if p.w != b.body.w || p.h != b.body.h {
			p.w, p.h = b.body.w, b.body.h
			told = append(told, &pane{device: p.device, w: p.w, h: p.h})
		}
	}
	if len(told) == 0 {
		return nil
	}
	desk := m.session.desk
	return m.do(func(l *lab.Lab) error {
		if desk != nil {
			for _, p := range told {
				desk.Resize(p.device, p.w, p.h)
			}
			return nil
		}
		l.Do(func() {
			for _, p := range told {
				l.Resize(p.device, p.w, p.h)
			}
		})
		return nil
	})
}

// key handles a key: dialogs see it first, then the leader, then the
// console.
func (m *Model) key(k tea.KeyMsg) tea.Cmd {
	if n := len(m.dialogs); n > 0 {
		d := m.dialogs[n-1]
		m.dialogs = m.dialogs[:n-1]
		cmd, stay := d.key(m, k)
		if stay {
			m.dialogs = append(m.dialogs, d)
		}
		return cmd
	}
	if m.session == nil {
		if key.Matches(k, m.keys.Quit) || k.Type == tea.KeyCtrlC {
			m.leaving = true
			return tea.Quit
		}
		return nil
	}
	m.note = ""
	if m.leading {
		m.leading = false
		return m.command(k)
	}
	if key.Matches(k, m.keys.Leader) {
		m.leading = true
		return nil
	}
	if m.inPackets {
		return m.packets.key(m, k)
	}
	p := m.panes[m.focus]
	if p.screen.back && m.scroll(k) {
		return nil
	}
	p.screen.follow()
	m.press(p.device, bytesOf(k))
	return nil
}

// press types on a console, if it is not another's turn.
func (m *Model) press(device string, b []byte) {
	switch s := m.session; {
	case len(b) == 0:
	case s.desk == nil:
		s.lab.Type(device, b)
	default:
		if who := s.desk.Type(device, b); who != "" {
			m.note = m.lang.Say("%s is typing at %s", who, device)
		}
	}
}

// scroll moves the focused console if the key is one for that.
func (m *Model) scroll(k tea.KeyMsg) bool {
	s := m.panes[m.focus].screen
	switch {
	case key.Matches(k, m.keys.PageUp):
		s.scroll(max(s.h-1, 1))
	case key.Matches(k, m.keys.PageDown):
		s.scroll(-max(s.h-1, 1))
	case key.Matches(k, m.keys.Up):
		s.scroll(1)
	case key.Matches(k, m.keys.Down):
		s.scroll(-1)
	case key.Matches(k, m.keys.Home):
		s.scroll(1 << 30)
	case key.Matches(k, m.keys.End):
		s.follow()
	default:
		return false
	}
	return true
}

// command does what the key after the leader asks for.
func (m *Model) command(k tea.KeyMsg) tea.Cmd {
	if !m.inPackets && m.scroll(k) {
		return nil
	}
	if m.session.desk != nil && key.Matches(k, m.keys.Pause, m.keys.Step, m.keys.Faster, m.keys.Slower, m.keys.Free,
		m.keys.Labs, m.keys.Scripts, m.keys.Restart, m.keys.Capture, m.keys.Reel) {
		m.note = m.lang.Say("others are in this lab too: that key is its owner's")
		return nil
	}
	switch {
	case key.Matches(k, m.keys.Packets):
		m.toPackets()
		return m.arrange()
	case key.Matches(k, m.keys.Cause):
		m.toCause()
		return m.arrange()
	case key.Matches(k, m.keys.Send):
		m.press(m.panes[m.focus].device, bytesOf(k))
	case key.Matches(k, m.keys.Focus):
		return m.focusOn(int(k.Runes[0] - '1'))
	case key.Matches(k, m.keys.Next):
		return m.focusOn((m.focus + 1) % len(m.panes))
	case key.Matches(k, m.keys.Previous):
		return m.focusOn((m.focus + len(m.panes) - 1) % len(m.panes))
	case key.Matches(k, m.keys.Zoom):
		m.zoom = !m.zoom
		return m.arrange()
	case key.Matches(k, m.keys.Mouse):
		m.noMouse = !m.noMouse
		if m.noMouse {
			m.note = m.lang.Say("the mouse is the terminal's: select and copy")
		} else {
			m.note = m.lang.Say("the mouse is ours again")
		}
	case key.Matches(k, m.keys.Pause):
		return m.setPace(lab.Pace{Speed: m.pace.Speed, Free: m.pace.Free, Paused: !m.pace.Paused})
	case key.Matches(k, m.keys.Free):
		return m.setPace(lab.Pace{Speed: m.pace.Speed, Free: !m.pace.Free})
	case key.Matches(k, m.keys.Faster):
		return m.faster(1)
	case key.Matches(k, m.keys.Slower):
		return m.faster(-1)
	case key.Matches(k, m.keys.Step):
		return m.step()
	case key.Matches(k, m.keys.Labs):
		m.pickLab()
	case key.Matches(k, m.keys.Scripts):
		m.pickScript()
	case key.Matches(k, m.keys.Links):
		m.pickLink()
	case key.Matches(k, m.keys.Capture):
		return m.toggleCapture()
	case key.Matches(k, m.keys.Reel):
		m.askReel()
	case key.Matches(k, m.keys.Restart):
		return m.open(m.name, "")
	case key.Matches(k, m.keys.Halt):
		return m.halt()
	case key.Matches(k, m.keys.Help):
		m.dialogs = append(m.dialogs, &helpBox{})
	case key.Matches(k, m.keys.Quit):
		m.leaving = true
		return tea.Quit
	case k.Type != tea.KeyEsc:
		m.note = m.lang.Say("%s %s is no key of the screen", m.keys.Leader.Help().Key, k)
	}
	return nil
}

// focusOn gives a console the focus; the script no longer leads it.
func (m *Model) focusOn(n int) tea.Cmd {
	if n < 0 || n >= len(m.panes) {
		m.note = m.lang.Say("there are %d consoles", len(m.panes))
		return nil
	}
	m.focus, m.lead, m.inPackets = n, false, false
	return m.arrange()
}

func (m *Model) setPace(p lab.Pace) tea.Cmd {
	m.pace = p
	return m.do(func(l *lab.Lab) error {
		l.SetPace(p)
		return nil
	})
}

// faster goes one step up the speeds, or down. A world that is paused stays
// so, one that runs free gets a speed again.
func (m *Model) faster(by int) tea.Cmd {
	p := m.pace
	p.Free = false
	at, _ := slices.BinarySearch(speeds, p.Speed)
	p.Speed = speeds[min(max(at+by, 0), len(speeds)-1)]
	return m.setPace(p)
}

// step runs one event of a world that is paused for it.
func (m *Model) step() tea.Cmd {
	m.pace.Paused = true
	p := m.pace
	return m.do(func(l *lab.Lab) error {
		l.SetPace(p)
		if !l.StepOnce() {
			return words.Errorf("nothing will ever happen here")
		}
		return nil
	})
}

func (m *Model) halt() tea.Cmd {
	p := m.session.player
	if p == nil || m.state.play.Done {
		m.note = m.lang.Say("no script plays")
		return nil
	}
	return m.do(func(l *lab.Lab) error {
		l.Do(p.Stop)
		return nil
	})
}

// View draws the screen, anew only if something on it changed.
func (m *Model) View() string {
	if m.dirty {
		m.frameText = m.render()
		m.dirty = false
	}
	return m.frameText
}

func (m *Model) render() string {
	if m.w == 0 || m.h == 0 {
		return ""
	}
	m.at = cursor{}
	rows := make([]string, m.h)
	for i := range rows {
		rows[i] = strings.Repeat(" ", m.w)
	}
	if m.session != nil {
		m.drawLab(rows)
	} else if m.note != "" {
		rows[m.h-1] = fit(m.note, m.w)
	}
	for _, d := range m.dialogs {
		over(rows, m.w, m.h, d.draw(m, m.w, m.h))
	}
	return strings.Join(rows, "\n")
}

func (m *Model) drawLab(rows []string) {
	l := m.layout()
	if !l.strip.empty() {
		rows[l.strip.y] = m.strip(l.strip.w)
	}
	if !l.status.empty() {
		rows[l.status.y] = m.status(l.status.w)
	}
	if m.inPackets {
		m.packets.draw(m, rows)
		return
	}
	if !l.tabs.empty() {
		rows[l.tabs.y], _ = m.tabBar(l.tabs.w)
	}
	parts := make([][]string, m.h) // of the rows with consoles
	for _, b := range l.boxes {
		if !b.title.empty() {
			parts[b.title.y] = append(parts[b.title.y], m.paneTitle(b.pane, b.title.w))
		}
		rows, x, y := m.panes[b.pane].draw(b.body.w, b.body.h)
		for i, row := range rows {
			parts[b.body.y+i] = append(parts[b.body.y+i], row)
		}
		if b.pane == m.focus && y >= 0 && len(m.dialogs) == 0 {
			m.at = cursor{b.body.x + x, b.body.y + y, true}
		}
	}
	for y, p := range parts {
		if p != nil {
			rows[y] = strings.Join(p, m.styles.Rule.Render("│"))
		}
	}
}
