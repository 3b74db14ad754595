package tui

import (
	"bytes"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestPainterWritesWhatChanged(t *testing.T) {
	var out bytes.Buffer
	p := &painter{out: &out}
	want := func(why, want string) {
		t.Helper()
		if got := out.String(); got != want {
			t.Errorf("%s wrote %q, want %q", why, got, want)
		}
		out.Reset()
	}
	p.leave()
	want("leaving what was not entered", "")
	p.paint("", 0, 0, cursor{}, true)
	want("no size", "")
	p.paint("ab\ncd", 2, 2, cursor{1, 0, true}, true)
	want("the first frame", enterScreen+"\x1b[0m\x1b[2J"+mouseOn+
		"\x1b[?25l\x1b[1H\x1b[0mab\x1b[2H\x1b[0mcd\x1b[0m\x1b[1;2H\x1b[?25h")
	p.paint("ab\ncd", 2, 2, cursor{1, 0, true}, true)
	want("the same frame", "")
	p.paint("ab\ncx", 2, 2, cursor{1, 0, true}, true)
	want("another second row", "\x1b[?25l\x1b[2H\x1b[0mcx\x1b[0m\x1b[1;2H\x1b[?25h")
	p.paint("ab\ncx", 2, 2, cursor{}, false)
	want("no cursor, no mouse", mouseOff+"\x1b[?25l")
	p.paint("abc", 3, 1, cursor{}, false)
	want("another size", "\x1b[0m\x1b[2J\x1b[?25l\x1b[1H\x1b[0mabc\x1b[?25l")
	p.leave()
	want("leaving", mouseOff+leaveScreen)
	p.leave()
	want("leaving again", "")
}

func TestPaintedModel(t *testing.T) {
	var out bytes.Buffer
	b := newBench(t, 80, 24)
	p := &painted{Model: b.m, painter: &painter{out: &out}}
	p.Update(tea.KeyMsg{Type: tea.KeyCtrlBackslash})
	if !strings.Contains(out.String(), "<West>") || !strings.Contains(out.String(), "\x1b[2;7H\x1b[?25h") {
		t.Errorf("the frame lacks the console or its cursor: %q", out.String())
	}
	out.Reset()
	if _, cmd := p.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q")}); cmd == nil || out.String() != mouseOff+leaveScreen {
		t.Errorf("leaving wrote %q", out.String())
	}
	p.panes = nil // a programmer's mistake
	_, cmd := p.Update(tea.KeyMsg{Type: tea.KeyTab})
	if p.broke == nil || cmd == nil {
		t.Fatal("a model that breaks does not end the program")
	}
	if _, ok := cmd().(tea.QuitMsg); !ok || !strings.Contains(p.broke.Error(), "model.go") {
		t.Errorf("it ends with %v", p.broke)
	}
}
