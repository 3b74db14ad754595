package tui

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/tui/words"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A fake is a device that echoes what is typed and gives its prompt back
// after Enter.
type fake struct {
	lab.Device
	out   func([]byte)
	snap  lab.Snapshot
	typed []byte
	w, h  int
}

func (f *fake) Name() string           { return f.snap.Name }
func (f *fake) Ports() []string        { return []string{"p1", "p2"} }
func (f *fake) Resize(w, h int)        { f.w, f.h = w, h }
func (f *fake) Idle() bool             { return true }
func (f *fake) LoadErrors() []string   { return nil }
func (f *fake) Snapshot() lab.Snapshot { return f.snap }
func (f *fake) Input(b []byte) {
	f.typed = append(f.typed, b...)
	for _, c := range b {
		if c == '\r' {
			f.out([]byte("\r\n<" + f.snap.Name + ">"))
		} else {
			f.out([]byte{c})
		}
	}
}

var start = time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)

// A bench is a catalogue of one lab of three fakes, and the screen on it.
// Nothing is due in its world, so that its clock stands unless a test moves
// it.
type bench struct {
	t     *testing.T
	m     *Model
	fakes []*fake
	play  *player
	quit  bool
	reel  Reel
}

type player struct{ p Progress }

func (p *player) Progress() Progress { return p.p }
func (p *player) Stop()              { p.p.Done = true }

func (b *bench) Labs() []Entry {
	return []Entry{{"pair", "Two in a pair and one alone", "basic"}, {"broken", "One that does not open", ""}}
}

func (b *bench) Open(name string) (*lab.Lab, error) {
	if name != "pair" {
		return nil, errors.New("broken/lab.yaml:3: no such model")
	}
	b.fakes = nil
	def := &lab.Definition{
		Name: "pair", Start: start, Switches: []string{"sw"},
		Scripts: []lab.ScriptFile{{Name: "tour", Title: "A look around"}, {Name: "fault", Title: "What breaks"}},
		Links: []lab.LinkSpec{
			{Name: "west", A: lab.Endpoint{Node: "West", Port: "p1"}, B: lab.Endpoint{Node: "sw"}},
			{Name: "pair", A: lab.Endpoint{Node: "East-1", Port: "p2"}, B: lab.Endpoint{Node: "East-2", Port: "p2"}},
		},
	}
	snaps := map[string]lab.Snapshot{
		"West": {IKE: make([]lab.IKESA, 1), IPsec: make([]lab.IPsecSA, 1)},
		"East-1": {RBMRole: "primary", RBMState: "Active", VRRP: []lab.VRRPGroup{{VRID: 1, State: "Master", VIP: "192.0.2.1"}},
			IKE: make([]lab.IKESA, 1), IPsec: make([]lab.IPsecSA, 1)},
		"East-2": {RBMRole: "secondary", RBMState: "Standby", VRRP: []lab.VRRPGroup{{VRID: 1, State: "Backup", VIP: "192.0.2.1"}}},
	}
	for _, n := range []string{"West", "East-1", "East-2"} {
		def.Devices = append(def.Devices, lab.DeviceSpec{Name: n})
	}
	return lab.Open(def, func(_ *sim.World, net *link.Network, spec lab.DeviceSpec, out func([]byte)) (lab.Device, error) {
		f := &fake{out: out, snap: snaps[spec.Name]}
		f.snap.Name, f.snap.Powered = spec.Name, true
		f.snap.Ports = []lab.PortState{{Name: "p1", Up: true}, {Name: "p2", Up: true}}
		for _, p := range f.Ports() {
			net.Port(spec.Name, p)
		}
		b.fakes = append(b.fakes, f)
		return f, nil
	}, lab.Options{})
}

func (b *bench) Reel(file string) (Reel, error) {
	if file != b.reel.Title() {
		return nil, errors.New("no such recording")
	}
	return b.reel, nil
}

func (b *bench) Play(name, script string) (*lab.Lab, Player, error) {
	l, err := b.Open(name)
	b.play = &player{Progress{Total: 9, Device: "West"}}
	return l, b.play, err
}

// newBench opens the lab on a screen of that size.
func newBench(t *testing.T, w, h int) *bench { return newBenchIn(t, words.English, w, h) }

func newBenchIn(t *testing.T, lang words.Lang, w, h int) *bench {
	b := &bench{t: t}
	b.m = New(t.Context(), b, newStyles(false), lang)
	b.send(tea.WindowSizeMsg{Width: w, Height: h})
	b.send(open(b, "pair", "")())
	t.Cleanup(b.m.close)
	for _, f := range b.fakes {
		f.typed = nil
	}
	return b
}

// send gives the model a message and runs the commands that come of it, but
// for the one that waits for the world.
func (b *bench) send(msg tea.Msg) {
	b.t.Helper()
	_, cmd := b.m.Update(msg)
	if _, ok := msg.(looked); ok {
		return
	}
	b.run(cmd)
}

func (b *bench) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			b.run(c)
		}
	case tea.QuitMsg:
		b.quit = true
	default:
		b.send(msg)
	}
}

// world runs f in the world, after all that was typed, and has the screen
// look at it.
func (b *bench) world(f func()) {
	b.t.Helper()
	l := b.m.session.lab
	l.Do(func() {}) // what was typed is pressed behind a call
	l.Do(f)
	b.send(b.m.session.look())
}

// keys presses keys: those of names are special, all else is typed.
func (b *bench) keys(names ...string) {
	b.t.Helper()
	special := map[string]tea.KeyType{
		"leader": tea.KeyCtrlBackslash, "tab": tea.KeyTab, "enter": tea.KeyEnter, "esc": tea.KeyEsc,
		"pgup": tea.KeyPgUp, "pgdn": tea.KeyPgDown, "up": tea.KeyUp, "down": tea.KeyDown, "home": tea.KeyHome, "end": tea.KeyEnd,
	}
	for _, n := range names {
		k := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(n)}
		if s, ok := special[n]; ok {
			k = tea.KeyMsg{Type: s}
		} else if n == " " {
			k.Type = tea.KeySpace
		}
		b.send(k)
	}
	b.world(func() {})
}

// screen is the frame without attributes. It checks that the frame has just
// the cells of the screen.
func (b *bench) screen() string {
	b.t.Helper()
	s := ansi.Strip(b.m.View())
	rows := strings.Split(s, "\n")
	if len(rows) != b.m.h {
		b.t.Errorf("the frame has %d rows, want %d", len(rows), b.m.h)
	}
	for i, r := range rows {
		if n := ansi.StringWidth(r); n != b.m.w {
			b.t.Errorf("row %d is %d cells wide, want %d: %q", i, n, b.m.w, r)
		}
	}
	return s
}

func (b *bench) golden(name string) {
	b.t.Helper()
	var trimmed strings.Builder
	for r := range strings.SplitSeq(b.screen(), "\n") {
		trimmed.WriteString(strings.TrimRight(r, " ") + "\n")
	}
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(trimmed.String()), 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		b.t.Fatal(err)
	}
	if got := trimmed.String(); got != string(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
		b.t.Errorf("frame %s\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

// has says that the frame shows a text, lacks that it does not.
func (b *bench) has(why, text string) {
	b.t.Helper()
	if s := b.screen(); !strings.Contains(s, text) {
		b.t.Errorf("%s: the frame lacks %q:\n%s", why, text, s)
	}
}

func (b *bench) lacks(why, text string) {
	b.t.Helper()
	if s := b.screen(); strings.Contains(s, text) {
		b.t.Errorf("%s: the frame shows %q:\n%s", why, text, s)
	}
}

func (b *bench) wantTyped(why, device, want string) {
	b.t.Helper()
	for _, f := range b.fakes {
		w := ""
		if f.snap.Name == device {
			w = want
		}
		b.world(func() {
			if string(f.typed) != w {
				b.t.Errorf("%s: %s got the keys %q, want %q", why, f.snap.Name, f.typed, w)
			}
			f.typed = nil
		})
	}
}

func TestFrames(t *testing.T) {
	for _, size := range []struct {
		w, h   int
		lang   words.Lang
		suffix string
	}{{80, 24, words.English, ""}, {200, 50, words.English, ""}, {80, 24, words.Chinese, "-zh"}} {
		suffix := fmt.Sprintf("-%dx%d%s", size.w, size.h, size.suffix)
		t.Run(suffix[1:], func(t *testing.T) {
			b := newBenchIn(t, size.lang, size.w, size.h)
			b.golden("start" + suffix)
			b.keys("display ike sa", "enter")
			b.keys("leader", "2", "sys")
			b.world(func() {
				b.fakes[2].out([]byte("\r\na log on a console that is not in front, longer than eighty columns, so that it wraps\r\n<East-2>"))
			})
			b.golden("typed" + suffix)
			b.keys("leader", "?")
			b.golden("help" + suffix)
			b.keys("esc", "leader", "p")
			b.golden("scripts" + suffix)
			b.keys("esc", "leader")
			b.golden("leader" + suffix)
		})
	}
}

func TestEverySizeHasAFrame(t *testing.T) {
	for _, lang := range []words.Lang{words.English, words.Chinese} {
		everySize(t, newBenchIn(t, lang, 80, 24))
	}
}

func everySize(t *testing.T, b *bench) {
	t.Helper()
	for _, size := range [][2]int{{1, 1}, {2, 2}, {20, 5}, {79, 10}, {160, 50}, {300, 100}, {5, 100}, {300, 1}} {
		b.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for _, keys := range [][]string{{"x"}, {"leader", "?"}, {"esc", "leader", "o"}, {"esc", "leader"}, {"esc"}} {
			b.keys(keys...)
			b.screen()
		}
	}
}

func TestKeysReachTheFocusedConsole(t *testing.T) {
	b := newBench(t, 80, 24)
	var want strings.Builder
	for _, c := range consoleKeys {
		b.send(c.key)
		want.WriteString(c.want)
	}
	b.wantTyped("from the start on", "West", want.String())
	b.keys("leader", "3", "x")
	b.wantTyped("after leader 3", "East-2", "x")
	b.keys("leader", "tab", "y")
	b.wantTyped("after leader Tab from the last", "West", "y")
}

func TestLeaderKeysDoNot(t *testing.T) {
	b := newBench(t, 80, 24)
	for _, k := range []string{"z", "z", " ", " ", "s", " ", "+", "-", "f", "f", "pgup", "end", "esc", "x", "m", "9", "h"} {
		b.keys("leader", k)
	}
	for _, k := range []string{"?", "o", "p", "l"} {
		b.keys("leader", k, "down", "esc")
	}
	b.wantTyped("leader keys", "", "")
	b.keys("leader", "leader")
	b.wantTyped("the leader twice", "West", "\x1c")
	if b.keys("leader", "q"); !b.quit {
		t.Error("leader q does not leave")
	}
}

func TestDevicesKnowTheirSize(t *testing.T) {
	b := newBench(t, 80, 24)
	want := func(why string, sizes ...[2]int) {
		t.Helper()
		b.world(func() {
			for i, f := range b.fakes {
				if got := [2]int{f.w, f.h}; got != sizes[i] {
					t.Errorf("%s: %s has %v, want %v", why, f.snap.Name, got, sizes[i])
				}
			}
		})
	}
	want("behind tabs", [2]int{80, 21}, [2]int{80, 21}, [2]int{80, 21})
	b.send(tea.WindowSizeMsg{Width: 200, Height: 50})
	want("side by side", [2]int{66, 47}, [2]int{66, 47}, [2]int{66, 47})
	b.keys("leader", "z")
	want("zoomed", [2]int{200, 47}, [2]int{200, 47}, [2]int{200, 47})
}

func TestPace(t *testing.T) {
	b := newBench(t, 80, 24)
	for _, c := range []struct{ key, want string }{
		{"+", "x2"}, {"+", "x5"}, {"+", "x10"}, {"+", "x20"}, {"+", "x20"}, {"f", "free"}, {"f", "x20"}, {"f", "free"}, {"-", "x10"},
		{"-", "x5"}, {"-", "x2"}, {"-", "x1"}, {"-", "x0.5"}, {"-", "x0.5"}, {" ", "paused"}, {"+", "paused"}, {" ", "x1"}, {"s", "paused"}, {" ", "x1"},
	} {
		b.keys("leader", c.key)
		b.has("after "+c.key, "│ "+c.want)
	}
}

func TestStepRunsOneEvent(t *testing.T) {
	b := newBench(t, 80, 24)
	b.keys("leader", " ")
	b.world(func() {
		w := b.m.session.lab.World()
		w.After(1500*time.Millisecond, func() { b.fakes[0].out([]byte("one ")) })
		w.After(2*time.Second, func() { b.fakes[0].out([]byte("two ")) })
	})
	b.lacks("nothing runs while paused", "one")
	b.keys("leader", "s")
	b.has("one event", "<West>one ")
	b.has("the clock", "04:05:07.500")
	b.lacks("one event only", "two")
}

func TestScrollback(t *testing.T) {
	b := newBench(t, 80, 24)
	b.world(func() {
		for i := range 100 {
			b.fakes[0].out(fmt.Appendf(nil, "\r\nrow %d.", i))
		}
	})
	b.has("the end", "row 99.")
	b.keys("leader", "pgup")
	b.lacks("a page back", "row 99.")
	b.has("a page back", "scrolled back")
	b.keys("home")
	b.has("the first row", "row 1.")
	b.keys("pgdn", "x")
	b.has("any other key goes back to the console", "row 99.x")
	b.wantTyped("the keys of a console that is scrolled back are ours", "West", "x")
	b.send(tea.MouseMsg{X: 5, Y: 5, Button: tea.MouseButtonWheelUp})
	b.has("the wheel", "scrolled back")
	b.m.name = "a lab with a long name"
	b.keys("pgup")
	b.has("the hint is whole at 80 columns", "scrolled back: PgUp PgDn End ")
}

func TestMouseChoosesInAPicker(t *testing.T) {
	b := newBench(t, 80, 24)
	at := func(text string) (x, y int) {
		for y, row := range strings.Split(b.screen(), "\n") {
			if i := strings.Index(row, text); i >= 0 {
				return ansi.StringWidth(row[:i]), y
			}
		}
		t.Fatalf("the frame lacks %q", text)
		return 0, 0
	}
	press := func(x, y int, button tea.MouseButton) { b.send(tea.MouseMsg{X: x, Y: y, Button: button}) }

	b.keys("leader", "p")
	x, y := at("What breaks")
	press(x, y, tea.MouseButtonLeft)
	b.has("a click on the second script", "playing fault 0/9")

	b.keys("leader", "o")
	press(x, y, tea.MouseButtonWheelDown)
	b.has("the wheel moves the choice", "> 2  broken")
	x, y = at("Open a lab")
	press(x, y, tea.MouseButtonLeft)
	b.has("a click on the frame chooses nothing", "> 2  broken")
	press(0, 0, tea.MouseButtonWheelDown)
	b.has("the wheel beside the picker does nothing", "> 2  broken")
	press(0, 0, tea.MouseButtonLeft)
	b.lacks("a click beside the picker closes it", "broken")

	b.send(tea.WindowSizeMsg{Width: 80, Height: 10})
	b.keys("leader", "?")
	press(40, 5, tea.MouseButtonWheelDown)
	b.lacks("the wheel scrolls the keys", "that console")
	press(40, 5, tea.MouseButtonWheelUp)
	b.has("and back", "that console")
}

func TestMouseMovesTheFocus(t *testing.T) {
	b := newBench(t, 200, 50)
	click := func(x, y int) { b.send(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft}) }
	click(100, 20)
	b.has("a click on the middle console", "[2 East-1")
	click(199, 0)
	b.has("a click on the last title", "[3 East-2")
	b.keys("leader", "z")
	click(2, 0)
	b.has("a click on the first tab", "[1 West")
}

func TestBarsShowTheWorld(t *testing.T) {
	b := newBench(t, 80, 24)
	b.has("at start", "SAs West 1/1 East-1 1/1 East-2 0/0 │ master East-1 │ links 2 up")
	b.world(func() {
		b.fakes[1].snap.VRRP = []lab.VRRPGroup{{VRID: 1, State: "Backup", VIP: "192.0.2.1"}}
		b.fakes[1].snap.IKE = nil
		b.fakes[1].snap.Ports = []lab.PortState{{Name: "p2", Up: false}}
	})
	b.has("without a master", "East-1 0/1 East-2 0/0 │ master none │ links 1 up, pair down")
	b.world(func() {
		b.fakes[1].snap.VRRP = []lab.VRRPGroup{{VRID: 1, State: "Master", VIP: "192.0.2.1"}}
		b.fakes[2].snap.VRRP = b.fakes[1].snap.VRRP
	})
	b.has("with two", "master East-1+East-2")
	b.world(func() { b.fakes[2].snap.Powered = false })
	b.has("powered off", "3 East-2 · off")
	b.keys("leader", "l", "1", "1")
	b.has("a link cut", "links 0 up, west pair down")
	b.keys("leader", "l", "1", "1")
	b.has("and mended", "links 1 up, pair down")
}

func TestPlayingAScript(t *testing.T) {
	b := newBench(t, 80, 24)
	old := b.m.session
	b.keys("leader", "p", "enter")
	if b.m.session == old || !old.ended {
		t.Error("the lab before it goes on")
	}
	b.has("it plays", "playing tour 0/9")
	b.world(func() { b.play.p.Step, b.play.p.Device = 3, "East-2" })
	b.has("the focus goes where it types", "[3 East-2")
	b.keys("leader", "1")
	b.world(func() { b.play.p.Device = "East-1" })
	b.has("the user has taken the focus", "[1 West")
	b.world(func() { b.play.p.Err = errors.New("tour.console:12: want this\ngot that") })
	b.has("it differs", "tour: tour.console:12: want this")
	b.keys("leader", "r")
	b.lacks("a new start", "tour")
	b.keys("leader", "p", "enter", "leader", "h")
	b.has("halted", "tour has played")
}

func TestALabThatDoesNotOpen(t *testing.T) {
	b := newBench(t, 80, 24)
	old := b.m.session
	b.keys("leader", "o", "down", "enter")
	b.has("the error", "broken/lab.yaml:3: no such model")
	b.keys("enter", "x")
	if b.m.session != old {
		t.Error("the lab that was there is gone")
	}
	b.wantTyped("the lab before it goes on", "West", "x")
}

// The command that waits for the world wakes for what happens in it, and the
// picture is drawn anew only if something on it changed.
func TestWatching(t *testing.T) {
	b := newBench(t, 80, 24)
	b.world(func() {})
	b.m.View()
	s := b.m.session
	select {
	case <-s.lab.Changed():
	default:
	}
	b.send(s.look())
	if b.m.dirty {
		t.Error("a look at a world where nothing happened draws a new picture")
	}
	s.lab.Type("West", []byte("x"))
	msg := s.watch()
	if b.send(msg); !b.m.dirty {
		t.Error("a key echoed draws no new picture")
	}
	b.has("the echo", "<West>x")
	s.end()
	b.m.session = nil
	if msg := s.watch(); msg != nil {
		t.Errorf("watching a session that ended gave %v", msg)
	}
}

func BenchmarkFrame(b *testing.B) {
	m := &bench{}
	m.m = New(b.Context(), m, newStyles(true), words.English)
	m.m.Update(tea.WindowSizeMsg{Width: 200, Height: 50})
	m.m.Update(open(m, "pair", "")())
	defer m.m.close()
	for b.Loop() {
		m.m.dirty = true
		m.m.View()
	}
}
