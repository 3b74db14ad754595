package tui

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"cwlab/tui/words"
)

// A Reel is a recording that can be played from any position.
type Reel interface {
	Title() string
	// Rows are what is shown, w cells wide at most and h rows, the cursor
	// among them where there is no room for all, and where it is; y is -1
	// where it is not shown.
	Rows(w, h int) (rows []string, x, y int)

	Now() time.Duration
	Duration() time.Duration
	Paused() bool
	Pause(on bool)
	Speed() float64
	SetSpeed(s float64)
	// Idle is how long a pause is at most, 0 for any.
	Idle() time.Duration
	SetIdle(d time.Duration)

	// Advance lets wall time pass, Wait says how much of it passes before
	// something happens; ok is false if nothing will.
	Advance(d time.Duration) bool
	Wait() (d time.Duration, ok bool)

	Seek(at time.Duration)
	// Step goes n events on or back.
	Step(n int)
	// Jump goes n markers on or back, if there are so many.
	Jump(n int) bool
	// Marker is the last one that was passed, from 1, and of how many.
	Marker() (n, of int, text string)
	// Find goes to where something that matches is shown next, or was before.
	Find(re *regexp.Regexp, forward bool) bool
	// Markers are all of them, each behind its time.
	Markers() (at []time.Duration, text []string)
}

// A theatre plays a reel on the whole screen.
type theatre struct {
	reel  Reel
	keys  theatreKeys
	alone bool   // there is no lab behind it
	note  string // until the next key

	generation int // of the ticks that count
	last       time.Time
	find       *regexp.Regexp
	forward    bool
}

type theatreKeys struct {
	Pause, StepBack, Step, Back, On, PageBack, PageOn, Home, End key.Binding
	Slower, Faster, Search, SearchBack, Next, Previous           key.Binding
	MarkBack, Mark, Marks, Time, Idle, Leave                     key.Binding
}

func newTheatreKeys(lang words.Lang) theatreKeys {
	b := func(shown, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, lang.Say(what)))
	}
	return theatreKeys{
		Pause:      b("Space", "play", " ", "p"),
		StepBack:   b(",", "step back", ","),
		Step:       b(",.", "step", "."),
		Back:       b("Left", "5 s back", "left"),
		On:         b("←→", "5s", "right"),
		PageBack:   b("PgUp", "a minute back", "pgup"),
		PageOn:     b("PgDn", "a minute on", "pgdown"),
		Home:       b("Home", "to the begin", "home"),
		End:        b("End", "to the end", "end"),
		Slower:     b("-", "slower", "-"),
		Faster:     b("+-", "speed", "+", "="),
		Search:     b("/?", "find", "/"),
		SearchBack: b("?", "find backwards", "?"),
		Next:       b("n", "next", "n"),
		Previous:   b("N", "the other way", "N"),
		MarkBack:   b("[", "marker before", "["),
		Mark:       b("[]m", "mark", "]"),
		Marks:      b("m", "all markers", "m"),
		Time:       b("g", "time", "g"),
		Idle:       b("i", "idle", "i"),
		Leave:      b("q", "quit", "q", "esc", "ctrl+c", `ctrl+\`),
	}
}

// reelSpeeds are the steps of the faster and slower keys.
var reelSpeeds = []float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100}

// idleCut is how long pauses are when they are cut.
const idleCut = 2 * time.Second

// How often a reel that plays is looked at, at least and at most.
const (
	lookOften  = 16 * time.Millisecond
	lookSeldom = 250 * time.Millisecond
)

// A played is a look at a reel that plays.
type played struct {
	theatre    *theatre
	generation int
	at         time.Time
}

// A reeled is a recording that was opened.
type reeled struct {
	reel Reel
	err  error
}

// enterTheatre shows a reel that begins to play.
func (m *Model) enterTheatre(r Reel, alone bool) tea.Cmd {
	t := &theatre{reel: r, keys: newTheatreKeys(m.lang), alone: alone}
	m.dialogs = append(m.dialogs, t)
	m.dirty = true
	r.Pause(false)
	return t.roll()
}

// roll begins to let time pass, if it does.
func (t *theatre) roll() tea.Cmd {
	t.generation++
	t.last = time.Now()
	return t.tick()
}

func (t *theatre) tick() tea.Cmd {
	wait, ok := t.reel.Wait()
	if !ok {
		return nil
	}
	generation := t.generation
	return tea.Tick(min(max(wait, lookOften), lookSeldom), func(now time.Time) tea.Msg { return played{t, generation, now} })
}

// look lets the time pass that has.
func (m *Model) look(p played) tea.Cmd {
	t := p.theatre
	if p.generation != t.generation || !slices.ContainsFunc(m.dialogs, func(d dialog) bool { return d == dialog(t) }) {
		return nil
	}
	t.reel.Advance(p.at.Sub(t.last))
	t.last = p.at
	m.dirty = true
	return t.tick()
}

// key handles a key of the player.
func (t *theatre) key(m *Model, k tea.KeyMsg) (tea.Cmd, bool) {
	if k.Type == tea.KeyRunes && len(k.Runes) > 1 { // pressed faster than they were read
		var cmd tea.Cmd
		stay := true
		for i := 0; i < len(k.Runes) && stay; i++ {
			cmd, stay = t.key(m, tea.KeyMsg{Type: tea.KeyRunes, Runes: k.Runes[i : i+1]})
		}
		return cmd, stay
	}
	r := t.reel
	t.note = ""
	ks := &t.keys
	switch {
	case key.Matches(k, ks.Leave):
		if t.alone {
			m.leaving = true
			return tea.Quit, false
		}
		return nil, false
	case key.Matches(k, ks.Pause):
		if r.Now() == r.Duration() && r.Paused() {
			r.Seek(0)
			r.Pause(false)
		} else {
			r.Pause(!r.Paused())
		}
	case key.Matches(k, ks.Step):
		r.Step(1)
	case key.Matches(k, ks.StepBack):
		r.Step(-1)
	case key.Matches(k, ks.On):
		r.Seek(r.Now() + 5*time.Second)
	case key.Matches(k, ks.Back):
		r.Seek(r.Now() - 5*time.Second)
	case key.Matches(k, ks.PageOn):
		r.Seek(r.Now() + time.Minute)
	case key.Matches(k, ks.PageBack):
		r.Seek(r.Now() - time.Minute)
	case key.Matches(k, ks.Home):
		r.Seek(0)
	case key.Matches(k, ks.End):
		r.Seek(r.Duration())
	case key.Matches(k, ks.Faster):
		t.faster(1)
	case key.Matches(k, ks.Slower):
		t.faster(-1)
	case key.Matches(k, ks.Idle):
		if r.Idle() > 0 {
			r.SetIdle(0)
			t.note = m.lang.Say("pauses last as long as they did")
		} else {
			r.SetIdle(idleCut)
			t.note = m.lang.Say("pauses last %s at most", idleCut)
		}
	case key.Matches(k, ks.Mark):
		t.jump(m, 1)
	case key.Matches(k, ks.MarkBack):
		t.jump(m, -1)
	case key.Matches(k, ks.Marks):
		return t.after(m, func() { t.pickMarker(m) })
	case key.Matches(k, ks.Search):
		return t.after(m, func() { t.ask(m, true) })
	case key.Matches(k, ks.SearchBack):
		return t.after(m, func() { t.ask(m, false) })
	case key.Matches(k, ks.Next):
		t.search(m, t.forward)
	case key.Matches(k, ks.Previous):
		t.search(m, !t.forward)
	case key.Matches(k, ks.Time):
		return t.after(m, func() { t.askTime(m) })
	default:
		return nil, true
	}
	return t.roll(), true
}

// after has a dialog opened in front: the player itself is put back first.
func (t *theatre) after(m *Model, open func()) (tea.Cmd, bool) {
	m.dialogs = append(m.dialogs, t)
	open()
	return nil, false
}

func (t *theatre) faster(by int) {
	at, found := slices.BinarySearch(reelSpeeds, t.reel.Speed())
	if !found && by > 0 {
		by-- // to the next above
	}
	t.reel.SetSpeed(reelSpeeds[min(max(at+by, 0), len(reelSpeeds)-1)])
}

func (t *theatre) jump(m *Model, n int) {
	if !t.reel.Jump(n) {
		t.note = m.lang.Say("there is no marker there")
	}
}

func (t *theatre) search(m *Model, forward bool) {
	switch {
	case t.find == nil:
		t.note = m.lang.Say("nothing is searched for: / does")
	case t.reel.Find(t.find, forward):
		t.reel.Pause(true)
	default:
		t.note = m.lang.Say("%s is not there", t.find)
	}
}

// ask asks what to search for.
func (t *theatre) ask(m *Model, forward bool) {
	title := "Find"
	if !forward {
		title = "Find backwards"
	}
	p := &prompt{title: m.lang.Say(title), hint: m.lang.Say("a regular expression, in any case with (?i) before it"),
		done: func(m *Model, text string) tea.Cmd {
			re, err := regexp.Compile(text)
			if err != nil {
				t.note = strings.TrimPrefix(err.Error(), "error parsing regexp: ")
				return nil
			}
			t.find, t.forward = re, forward
			t.search(m, forward)
			return t.roll()
		}}
	if t.find != nil {
		p.text = t.find.String()
	}
	m.dialogs = append(m.dialogs, p)
}

func (t *theatre) askTime(m *Model) {
	m.dialogs = append(m.dialogs, &prompt{title: m.lang.Say("Go to"), hint: m.lang.Say("a time as 90, 1:30, 1:02:03.5 or 1h2m"),
		done: func(m *Model, text string) tea.Cmd {
			at, err := ParseTime(text)
			if err != nil {
				t.note = m.lang.Error(err)
				return nil
			}
			t.reel.Seek(at)
			return t.roll()
		}})
}

func (t *theatre) pickMarker(m *Model) {
	p := &picker{title: m.lang.Say("Go to a marker")}
	at, text := t.reel.Markers()
	for i := range at {
		p.choices = append(p.choices, choice{reelClock(at[i]), text[i], func(*Model) tea.Cmd {
			t.reel.Seek(at[i])
			return t.roll()
		}})
	}
	if n, _, _ := t.reel.Marker(); n > 0 {
		p.at = n - 1
	}
	m.dialogs = append(m.dialogs, p)
}

// ParseTime reads a time in a recording: seconds, hours, minutes and seconds
// with colons between them, or a duration as 1h2m3s.
func ParseTime(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	total, parts := 0.0, strings.Split(text, ":")
	for _, part := range parts {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil || !(v >= 0) || v > 1e9 || len(parts) > 3 {
			return 0, words.Errorf("time is %q, want one as 90, 1:30, 1:02:03.5 or 1h2m", text)
		}
		total = total*60 + v
	}
	if total > 1e9 {
		return 0, words.Errorf("time is %q, want one as 90, 1:30, 1:02:03.5 or 1h2m", text)
	}
	return time.Duration(total * float64(time.Second)), nil
}

// reelClock is a time in a recording.
func reelClock(d time.Duration) string {
	s := fmt.Sprintf("%02d:%02d", d/time.Minute%60, d/time.Second%60)
	if d >= time.Hour {
		s = fmt.Sprintf("%d:%s", d/time.Hour, s)
	}
	return fmt.Sprintf("%s.%d", s, d/(100*time.Millisecond)%10)
}

// draw fills the screen: what the recording shows, where it stands, the keys.
// A low screen gives up the keys first.
func (t *theatre) draw(m *Model, w, h int) []string {
	room := h
	if h >= 2 {
		room--
	}
	if h >= 4 {
		room--
	}
	rows, x, y := t.reel.Rows(w, room)
	out := make([]string, 0, h)
	for i := range room {
		row := ""
		if i < len(rows) {
			row = rows[i]
		}
		out = append(out, fit(row, w))
	}
	if m.dialogs[len(m.dialogs)-1] == dialog(t) && y >= 0 && y < room && x < w {
		m.at = cursor{x, y, true}
	}
	if h >= 2 {
		out = append(out, t.position(m, w))
	}
	if h >= 4 {
		k := t.keys
		m.help.Width = w
		out = append(out, fit(m.help.ShortHelpView([]key.Binding{k.Pause, k.Step, k.On, k.Faster, k.Mark, k.Search, k.Time, k.Idle, k.Leave}), w))
	}
	return out
}

// position is where the recording stands.
func (t *theatre) position(m *Model, w int) string {
	r := t.reel
	state := "▶"
	if r.Paused() {
		state = "‖"
	}
	left := fmt.Sprintf("%s %s/%s x%g", state, reelClock(r.Now()), reelClock(r.Duration()), r.Speed())
	if d := r.Idle(); d > 0 {
		left += " " + m.lang.Say("idle ≤%s", d)
	}
	n, of, text := r.Marker()
	right := ""
	if of > 0 {
		right = fmt.Sprintf("%d/%d %s", n, of, text)
	}
	switch {
	case t.note != "":
		right = t.note
	case of == 0:
		right = r.Title()
	}
	bar := ""
	if width := w/4 - 2; width >= 5 && r.Duration() > 0 {
		done := int(float64(width) * float64(r.Now()) / float64(r.Duration()))
		bar = " " + strings.Repeat("━", done) + strings.Repeat("─", width-done)
	}
	line := m.styles.Leader.Render(left) + m.styles.Rule.Render(bar) + " "
	rest := max(w-ansi.StringWidth(line), 0)
	return fit(line+m.styles.Changed.Render(ansi.Truncate(right, rest, "…")), w)
}

// askReel asks for a recording to play.
func (m *Model) askReel() {
	m.dialogs = append(m.dialogs, &prompt{title: m.lang.Say("Play a recording"), text: m.name + ".cast",
		hint: m.lang.Say("FILE.cast of cwlab or of another program that writes asciicasts"),
		done: func(m *Model, text string) tea.Cmd {
			return func() tea.Msg {
				r, err := m.cat.Reel(text)
				return reeled{r, err}
			}
		}})
}

// unreel shows what was opened.
func (m *Model) unreel(r reeled) tea.Cmd {
	m.dirty = true
	if r.err != nil {
		m.dialogs = append(m.dialogs, &notice{m.lang.Say("This did not work"), m.lang.Error(r.err)})
		return nil
	}
	return m.enterTheatre(r.reel, false)
}

// PlayReel plays a recording on the terminal until its user leaves.
func PlayReel(ctx context.Context, r Reel, lang words.Lang) error {
	if !term.IsTerminal(os.Stdin.Fd()) || !term.IsTerminal(os.Stdout.Fd()) {
		return words.Errorf("%w: for a pipe use `cwlab play --export text FILE.cast`", ErrNoTerminal)
	}
	m := New(ctx, nil, newStyles(os.Getenv("NO_COLOR") == ""), lang)
	m.begin = m.enterTheatre(r, true)
	return m.run(ctx)
}
