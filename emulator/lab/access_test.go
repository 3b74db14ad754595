package lab_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/emutest"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// A host is a toy with one line, which echoes what is typed.
type host struct {
	lab.Device
	world *sim.World
	busy  bool
	lost  int
}

func makeHost(w *sim.World, net *link.Network, spec lab.DeviceSpec, out func([]byte)) (lab.Device, error) {
	d, err := emutest.Make(w, net, spec, out)
	if spec.Name == "B" {
		return d, err
	}
	return &host{Device: d, world: w}, err
}

func (*host) Patience() time.Duration { return 7 * time.Second }

func (*host) Offer(_ lab.Caller, key []byte) error {
	if string(key) != "right" {
		return lab.ErrEnough
	}
	return nil
}

func (h *host) Receive(c lab.Caller) (lab.HostVisit, error) { return &hostVisit{h: h}, nil }

func (h *host) Admit(c lab.Caller, p lab.Proof) (lab.HostVisit, error) {
	if p.Password != "right" {
		return nil, lab.ErrRefused
	}
	return &hostVisit{h: h}, nil
}

func (h *host) Lost(lab.Caller, lab.Loss) { h.lost++ }

type hostVisit struct {
	h    *host
	line *hostLine
}

func (v *hostVisit) Open(_ lab.Screen, out func([]byte), end func(int)) (lab.HostLine, error) {
	if v.h.busy {
		return nil, lab.ErrNoLine
	}
	v.h.busy = true
	v.line = &hostLine{h: v.h, out: out, end: end}
	return v.line, nil
}

func (v *hostVisit) Leave(bool) {
	if v.line != nil {
		v.line.Close()
	}
}

type hostLine struct {
	h   *host
	out func([]byte)
	end func(int)
}

func (*hostLine) Name() string { return "vty0" }

func (l *hostLine) Input(b []byte) {
	if b[0] == '!' {
		panic("a mistake")
	}
	l.out(b)
}

func (*hostLine) Resize(int, int) {}
func (l *hostLine) EOF()          { l.end(1) }

func (l *hostLine) Close() {
	l.h.busy = false
	l.out([]byte("bye"))
	l.end(0)
}

var caller = lab.Caller{User: "ann", Addr: netip.MustParseAddrPort("192.0.2.1:5000")}

func hosts(t *testing.T) *lab.Lab {
	t.Helper()
	l, err := lab.Open(toys(), makeHost, lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func visit(t *testing.T, l *lab.Lab) (*lab.Visit, *lab.Terminal) {
	t.Helper()
	v, err := l.Admit("A", caller, lab.Proof{Password: "right"})
	if err != nil {
		t.Fatal(err)
	}
	term, err := v.Open(lab.Screen{Width: 80, Height: 24})
	if err != nil {
		t.Fatal(err)
	}
	return v, term
}

func wantTerminal(t *testing.T, term *lab.Terminal, want string) {
	t.Helper()
	if b, _, _ := term.Console().Read(0, -1); string(b) != want {
		t.Errorf("the terminal shows %q, want %q", b, want)
	}
}

func TestVisit(t *testing.T) {
	l := hosts(t)
	for _, row := range []struct {
		device, password string
		want             error
	}{{"C", "right", lab.ErrDevice}, {"B", "right", lab.ErrNoLines}, {"A", "wrong", lab.ErrRefused}} {
		if _, err := l.Admit(row.device, caller, lab.Proof{Password: row.password}); !errors.Is(err, row.want) {
			t.Errorf("%s with %s: %v, want %v", row.device, row.password, err, row.want)
		}
	}
	if err := l.Lost("A", caller, lab.LossClosed); err != nil || l.Device("A").(*host).lost != 1 {
		t.Errorf("the device did not hear who was lost: %v", err)
	}
	if err := l.Lost("B", caller, lab.LossClosed); !errors.Is(err, lab.ErrNoLines) {
		t.Error(err)
	}
	v, term := visit(t, l)
	other, err := l.Admit("A", caller, lab.Proof{Password: "right"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(lab.Screen{}); !errors.Is(err, lab.ErrNoLine) {
		t.Errorf("a line that is taken: %v", err)
	}
	term.Type([]byte("x"))
	term.Resize(90, 30)
	select {
	case <-term.Over():
		t.Fatal("the session is over")
	default:
	}
	term.Close()
	term.Type([]byte("y"))
	wantTerminal(t, term, "xbye")
	if term.Status() != 0 || term.Err() != nil || term.Name() != "vty0" {
		t.Errorf("%s ended with %d, %v", term.Name(), term.Status(), term.Err())
	}
	for range 2 {
		if err := v.Leave(true); err != nil {
			t.Error(err)
		}
	}
	_, term = visit(t, l)
	term.EOF()
	if term.Status() != 1 {
		t.Errorf("the status is %d, want 1", term.Status())
	}
	var got []string
	for _, in := range l.Journal() {
		got = append(got, fmt.Sprintf("%s%s%s%s", in.Action, in.Device, in.Line, in.Bytes))
	}
	want := []string{
		`visit A 192.0.2.1:5000 refused "ann"`, `leave A 192.0.2.1:5000`,
		`visit A 192.0.2.1:5000 accepted "ann"`, `open A vty0 192.0.2.1:5000 80 24 ""`, `visit A 192.0.2.1:5000 accepted "ann"`,
		`Avty0x`, `resize A vty0 90 30`, `close A vty0`, `leave A 192.0.2.1:5000`,
		`visit A 192.0.2.1:5000 accepted "ann"`, `open A vty0 192.0.2.1:5000 80 24 ""`, `eof A vty0`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the journal is %q, want %q", got, want)
	}
}

func TestEndlessRunKeepsNoJournal(t *testing.T) {
	l, err := lab.Open(toys(), makeHost, lab.Options{Endless: true})
	if err != nil {
		t.Fatal(err)
	}
	_, term := visit(t, l)
	term.Type([]byte("x"))
	l.Press("A", []byte("y"))
	l.Resize("A", 80, 24)
	if n := len(l.Journal()); n != 0 {
		t.Errorf("the journal has %d entries", n)
	}
}

// A panic ends the session in which it happens; a world that has stopped ends
// them all.
func TestMistakesOfASession(t *testing.T) {
	l := hosts(t)
	_, term := visit(t, l)
	term.Type([]byte("!"))
	if f := (*lab.Fault)(nil); !errors.As(term.Err(), &f) || f.Value != "a mistake" || term.Status() != 1 {
		t.Errorf("the session ended with %v, status %d", term.Err(), term.Status())
	}
	wantTerminal(t, term, "")
	if l.Err() != nil {
		t.Errorf("the world stopped: %v", l.Err())
	}
	_, term = visit(t, l) // the line is free again
	l.Do(func() { l.World().After(0, func() { panic("stop") }) })
	l.Step()
	term.Type([]byte("x"))
	if term.Status() != 1 || l.Err() == nil {
		t.Errorf("in a world that has stopped the session ends with %d", term.Status())
	}
	if _, err := l.Admit("A", caller, lab.Proof{Password: "right"}); err == nil {
		t.Error("a world that has stopped admits somebody")
	}
}

// A console forgets what its one reader has read, and nothing else.
func TestForget(t *testing.T) {
	l := hosts(t)
	_, term := visit(t, l)
	term.Type([]byte("0123456789"))
	c := term.Console()
	for _, row := range []struct {
		to   int64
		want string
		lost int64
	}{{3, "3456789", 3}, {2, "3456789", 3}, {9, "9", 9}, {10, "", 10}, {99, "", 10}} {
		c.Forget(row.to)
		if b, next, lost := c.Read(0, -1); string(b) != row.want || next != 10 || lost != row.lost {
			t.Errorf("after forgetting to %d it reads %q to %d with %d lost, want %q with %d", row.to, b, next, lost, row.want, row.lost)
		}
	}
	term.Type([]byte("x"))
	if b, _, _ := c.Read(10, -1); string(b) != "x" {
		t.Errorf("then comes %q", b)
	}
}

func TestHostIsAsked(t *testing.T) {
	def := &lab.Definition{Name: "hosts", Devices: []lab.DeviceSpec{{Name: "A", Model: "toy"}, {Name: "B", Model: "toy"}}}
	l, err := lab.Open(def, makeHost, lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := lab.Caller{User: "x", Addr: netip.MustParseAddrPort("192.0.2.1:1")}
	for device, want := range map[string]time.Duration{"A": 7 * time.Second, "B": 0, "C": 0} {
		if got := l.Patience(device); got != want {
			t.Errorf("%s waits for %v, want %v", device, got, want)
		}
	}
	for _, row := range []struct {
		device, key string
		want        error
	}{{"A", "right", nil}, {"A", "wrong", lab.ErrEnough}, {"A", "wrong", lab.ErrRefused}, {"B", "right", lab.ErrNoLines}, {"C", "right", lab.ErrDevice}} {
		if err := l.Offer(row.device, c, []byte(row.key)); !errors.Is(err, row.want) {
			t.Errorf("%s is offered a %s key: %v, want %v", row.device, row.key, err, row.want)
		}
	}
	v, err := l.Receive("A", c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Open(lab.Screen{}); err != nil {
		t.Error(err)
	}
	if _, err := l.Receive("B", c); !errors.Is(err, lab.ErrNoLines) {
		t.Errorf("B receives somebody: %v", err)
	}
	var journal []string
	for _, in := range l.Journal() {
		journal = append(journal, in.Action)
	}
	for _, want := range []string{`offer A 192.0.2.1:1 "x"`, `visit A 192.0.2.1:1 accepted "x"`} {
		if !slices.Contains(journal, want) {
			t.Errorf("the journal lacks %q: %q", want, journal)
		}
	}
}

// Every watcher is told of what happens, until he does not watch any more.
func TestWatch(t *testing.T) {
	l, err := lab.Open(&lab.Definition{Name: "hosts", Devices: []lab.DeviceSpec{{Name: "A", Model: "toy"}}}, makeHost, lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	one, two := make(chan struct{}, 1), make(chan struct{}, 1)
	stop := l.Watch(one)
	defer l.Watch(two)()
	told := func() string {
		s := ""
		for i, ch := range []chan struct{}{one, two} {
			select {
			case <-ch:
				s += fmt.Sprint(i + 1)
			default:
			}
		}
		return s
	}
	l.Type("A", []byte("x"))
	if got := told(); got != "12" {
		t.Errorf("told are %q, want both", got)
	}
	stop()
	l.Type("A", []byte("x"))
	if got := told(); got != "2" {
		t.Errorf("told are %q, want the second", got)
	}
}
