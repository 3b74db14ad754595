package tui

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"cwlab/tui/words"
)

// A counter is a reel that shows its second, with a marker every ten.
type counter struct {
	now, idle time.Duration
	speed     float64
	paused    bool
}

func (c *counter) Title() string { return "a counter" }
func (c *counter) Rows(w, h int) (rows []string, x, y int) {
	for i := range min(h, 20) {
		rows = append(rows, ansi.Truncate(fmt.Sprintf("\x1b[1mrow %d\x1b[0m second %d %s", i, c.now/time.Second, strings.Repeat("=", 100)), w, ""))
	}
	return rows, 3, 2
}
func (c *counter) Now() time.Duration          { return c.now }
func (c *counter) Duration() time.Duration     { return time.Minute }
func (c *counter) Paused() bool                { return c.paused || c.now == time.Minute }
func (c *counter) Pause(on bool)               { c.paused = on }
func (c *counter) Speed() float64              { return c.speed }
func (c *counter) SetSpeed(s float64)          { c.speed = s }
func (c *counter) Idle() time.Duration         { return c.idle }
func (c *counter) SetIdle(d time.Duration)     { c.idle = d }
func (c *counter) Wait() (time.Duration, bool) { return time.Second, !c.Paused() }
func (c *counter) Advance(d time.Duration) bool {
	c.Seek(c.now + time.Duration(float64(d)*c.speed))
	return true
}
func (c *counter) Seek(at time.Duration) { c.now = min(max(at, 0), time.Minute) }
func (c *counter) Step(n int)            { c.paused = true; c.Seek(c.now + time.Duration(n)*time.Second) }
func (c *counter) Jump(n int) bool {
	to := c.now/(10*time.Second) + time.Duration(n)
	if to < 0 || to > 6 {
		return false
	}
	c.now = to * 10 * time.Second
	return true
}
func (c *counter) Marker() (n, of int, text string) {
	n = int(c.now / (10 * time.Second))
	return n, 6, fmt.Sprintf("F1060: command %d", n)
}
func (c *counter) Find(re *regexp.Regexp, forward bool) bool {
	for at := c.now; at >= 0 && at <= time.Minute; {
		if forward {
			at += time.Second
		} else {
			at -= time.Second
		}
		if re.MatchString(fmt.Sprintf("second %d", at/time.Second)) {
			c.Seek(at)
			return true
		}
	}
	return false
}
func (c *counter) Markers() (at []time.Duration, text []string) {
	for i := range 6 {
		at, text = append(at, time.Duration(i+1)*10*time.Second), append(text, fmt.Sprintf("F1060: command %d", i+1))
	}
	return at, text
}

// theatreOf is a screen that plays a counter, and the counter.
func theatreOf(w, h int) (*Model, *counter) {
	c := &counter{speed: 1}
	m := New(context.Background(), nil, newStyles(false), words.English)
	m.enterTheatre(c, true)
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return m, c
}

func hit(m *Model, keys ...string) tea.Cmd {
	var cmd tea.Cmd
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		switch k {
		case " ":
			msg = tea.KeyMsg{Type: tea.KeySpace, Runes: []rune(" ")}
		case "enter":
			msg = tea.KeyMsg{Type: tea.KeyEnter}
		case "esc":
			msg = tea.KeyMsg{Type: tea.KeyEsc}
		case "left":
			msg = tea.KeyMsg{Type: tea.KeyLeft}
		case "right":
			msg = tea.KeyMsg{Type: tea.KeyRight}
		case "pgdown":
			msg = tea.KeyMsg{Type: tea.KeyPgDown}
		case "home":
			msg = tea.KeyMsg{Type: tea.KeyHome}
		case "end":
			msg = tea.KeyMsg{Type: tea.KeyEnd}
		}
		_, cmd = m.Update(msg)
	}
	return cmd
}

func TestTheatreKeys(t *testing.T) {
	for _, tc := range []struct {
		keys   []string
		at     int // seconds
		paused bool
		speed  float64
		shows  string
	}{
		{nil, 0, false, 1, "▶ 00:00.0/01:00.0 x1"},
		{[]string{" "}, 0, true, 1, "‖ 00:00.0/01:00.0 x1"},
		{[]string{"right", "right", "left"}, 5, false, 1, "00:05.0/"},
		{[]string{".", ".", ","}, 1, true, 1, "‖ 00:01.0"},
		{[]string{"+", "+"}, 0, false, 5, "x5"},
		{[]string{"-", "-", "-", "-"}, 0, false, 0.1, "x0.1"},
		{[]string{"]]"}, 20, false, 1, "2/6 F1060: command 2"},
		{[]string{"end", "["}, 50, false, 1, "5/6"},
		{[]string{"["}, 0, false, 1, "there is no marker there"},
		{[]string{"pgdown"}, 60, true, 1, "‖ 01:00.0"},
		{[]string{"end", " "}, 0, false, 1, "▶ 00:00.0"},
		{[]string{"i"}, 0, false, 1, "idle ≤2s"},
		{[]string{"i", "i"}, 0, false, 1, "pauses last as long as they did"},
		{[]string{"/", "second 3", "enter"}, 3, true, 1, "row 0 second 3"},
		{[]string{"/", "second .", "enter", "n", "N"}, 1, true, 1, ""},
		{[]string{"end", "?", "second 1", "enter"}, 19, true, 1, ""},
		{[]string{"/", "(", "enter"}, 0, false, 1, "missing closing )"},
		{[]string{"/", "x", "enter"}, 0, false, 1, "x is not there"},
		{[]string{"n"}, 0, false, 1, "nothing is searched for"},
		{[]string{"g", "0:42", "enter"}, 42, false, 1, "00:42.0"},
		{[]string{"g", "x", "enter"}, 0, false, 1, `time is "x"`},
		{[]string{"m", "3"}, 30, false, 1, "00:30.0"},
		{[]string{"m", "esc"}, 0, false, 1, ""},
	} {
		m, c := theatreOf(80, 24)
		hit(m, tc.keys...)
		frame := ansi.Strip(m.View())
		if c.now != time.Duration(tc.at)*time.Second || c.Paused() != tc.paused || c.speed != tc.speed || !strings.Contains(frame, tc.shows) {
			t.Errorf("%q: at %v, paused %v, speed %g\n%s\nwant %d s, %v, %g, %q", tc.keys, c.now, c.Paused(), c.speed, frame, tc.at, tc.paused, tc.speed, tc.shows)
		}
	}
}

// Time passes by the looks, those of a chain that was broken do not count.
func TestTheatreTime(t *testing.T) {
	m, c := theatreOf(80, 24)
	th := m.dialogs[0].(*theatre)
	begin := th.last
	if _, cmd := m.Update(played{th, th.generation, begin.Add(2 * time.Second)}); c.now != 2*time.Second || cmd == nil {
		t.Errorf("after two seconds it is at %v", c.now)
	}
	old := th.generation
	hit(m, "+")
	if _, cmd := m.Update(played{th, old, begin.Add(4 * time.Second)}); c.now != 2*time.Second || cmd != nil {
		t.Errorf("a look from before the key brought it to %v", c.now)
	}
	hit(m, " ")
	if _, cmd := m.Update(played{th, th.generation, th.last}); cmd != nil {
		t.Error("something runs while it is paused")
	}
	if hit(m, "q") == nil || !m.leaving {
		t.Error("q does not leave")
	}
}

func TestTheatreSizes(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {20, 5}, {80, 24}, {300, 100}} {
		m, _ := theatreOf(size[0], size[1])
		rows := strings.Split(m.View(), "\n")
		if len(rows) != size[1] {
			t.Errorf("%v: %d rows", size, len(rows))
		}
		for _, r := range rows {
			if n := ansi.StringWidth(r); n != size[0] {
				t.Errorf("%v: a row of %d cells, %q", size, n, r)
			}
		}
		if size[0] == 80 && !strings.Contains(ansi.Strip(rows[23]), "q quit") {
			t.Errorf("the keys are %q", ansi.Strip(rows[23]))
		}
		if size[0] == 80 && m.at != (cursor{3, 2, true}) {
			t.Errorf("the cursor is at %+v", m.at)
		}
	}
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]time.Duration{"90": 90 * time.Second, "1:30": 90 * time.Second, "1:02:03.5": 3723500 * time.Millisecond, "1h2m": 62 * time.Minute, " 0 ": 0} {
		if got, err := ParseTime(text); err != nil || got != want {
			t.Errorf("%q is %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "-1", "1:2:3:4", "-1s", "1e99", "NaN", "1:"} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
