package lab_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/emutest"
	"cwlab/emulator/lab"
	"cwlab/emulator/sim"
)

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

func toys(links ...lab.LinkSpec) *lab.Definition {
	return &lab.Definition{
		Name: "toys", Start: start, Switches: []string{"SW"},
		Devices: []lab.DeviceSpec{{Name: "A", Model: "toy"}, {Name: "B", Model: "toy"}}, Links: links,
	}
}

func open(t *testing.T, def *lab.Definition, o lab.Options) *lab.Lab {
	t.Helper()
	l, err := lab.Open(def, emutest.Make, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func shown(l *lab.Lab, device string) string {
	b, _, _ := l.Console(device).Read(0, -1)
	return string(b)
}

func wantShown(t *testing.T, l *lab.Lab, device, want string) {
	t.Helper()
	if got := shown(l, device); got != want {
		t.Errorf("console of %s shows %q, want %q", device, got, want)
	}
}

func TestOpensSettledAtItsStart(t *testing.T) {
	l := open(t, toys(), lab.Options{})
	if !l.World().Now().Equal(start) {
		t.Errorf("the clock is at %v, want the start %v", l.World().Now(), start)
	}
	wantShown(t, l, "A", "<A>") // what it said while booting is not shown
	wantShown(t, l, "B", "<B>")
	if len(l.Journal()) != 0 {
		t.Errorf("the journal of a fresh lab has %d entries", len(l.Journal()))
	}
	other := start.Add(time.Hour)
	if l := open(t, toys(), lab.Options{Start: &other}); !l.World().Now().Equal(other) {
		t.Errorf("the clock is at %v, want the start of the options", l.World().Now())
	}
}

func TestDefinitionsThatDoNotOpen(t *testing.T) {
	end := func(s string) lab.Endpoint {
		n, p, _ := strings.Cut(s, ":")
		return lab.Endpoint{Node: n, Port: p}
	}
	cable := func(name, a, b string) lab.LinkSpec { return lab.LinkSpec{Name: name, A: end(a), B: end(b)} }
	for _, tc := range []struct {
		want  string
		links []lab.LinkSpec
	}{
		{`lab toys: link x: A has no port "p9", it has p1, p2`, []lab.LinkSpec{cable("x", "A:p9", "B:p1")}},
		{`lab toys: link x: no such device: "C"`, []lab.LinkSpec{cable("x", "C:p1", "B:p1")}},
		{`lab toys: link y: port A:p1 is taken by link x`, []lab.LinkSpec{cable("x", "A:p1", "SW"), cable("y", "A:p1", "SW")}},
		{`lab toys: link x: both ends are A:p1`, []lab.LinkSpec{cable("x", "A:p1", "A:p1")}},
	} {
		if _, err := lab.Open(toys(tc.links...), emutest.Make, lab.Options{}); err == nil || err.Error() != tc.want {
			t.Errorf("error is %v, want %s", err, tc.want)
		}
	}
	twice := toys()
	twice.Devices[1].Name = "A"
	if _, err := lab.Open(twice, emutest.Make, lab.Options{}); err == nil {
		t.Error("two devices of one name were taken")
	}
	if _, err := lab.Open(toys(), emutest.Make, lab.Options{Tape: map[string]string{"x": "1"}}); err == nil {
		t.Error("a tape with a bad key was taken")
	}
}

func TestCables(t *testing.T) {
	l := open(t, toys(lab.LinkSpec{Name: "x", A: lab.Endpoint{Node: "A", Port: "p1"}, B: lab.Endpoint{Node: "SW"}, Latency: time.Millisecond}), lab.Options{})
	if s := l.Links()[0]; !s.Up || s.Cut || s.Latency != time.Millisecond {
		t.Errorf("fresh link is %+v", s)
	}
	for _, err := range []error{l.Cut("x"), l.Cut("x"), l.SetLoss("x", 0.5), l.SetDelay("x", time.Second)} {
		if err != nil {
			t.Error(err)
		}
	}
	if s := l.Links()[0]; s.Up || !s.Cut || s.Loss != 0.5 || s.Latency != time.Second {
		t.Errorf("link after the faults is %+v", s)
	}
	if err := l.Mend("x"); err != nil || !l.Links()[0].Up {
		t.Errorf("link is not up after mending: %v", err)
	}
	if err := l.Cut("y"); !errors.Is(err, lab.ErrLink) {
		t.Errorf("cutting an unknown link says %v", err)
	}
	if l.SetLoss("x", 2) == nil || l.SetDelay("x", -1) == nil {
		t.Error("a loss of 2 or a negative delay was taken")
	}
	var got []string
	for _, in := range l.Journal() {
		got = append(got, in.Action)
	}
	if want := "cut x|loss x 0.5|delay x 1s|mend x"; strings.Join(got, "|") != want {
		t.Errorf("journal is %v, want %s", got, want)
	}
}

func TestTypingAndSteps(t *testing.T) {
	l := open(t, toys(), lab.Options{})
	hooks := 0
	l.AfterEvent(func() { hooks++ })
	l.Type("A", []byte("count 2\r"))
	if hooks == 0 {
		t.Error("no hook ran after typing")
	}
	l.Type("nobody", []byte("x"))
	l.RunFor(90 * time.Second / 60)
	wantShown(t, l, "A", "<A>count 2\r\nline 1\r\n")
	l.RunFor(time.Minute)
	wantShown(t, l, "A", "<A>count 2\r\nline 1\r\nline 2\r\n<A>")
	if want := start.Add(61*time.Second + 500*time.Millisecond); !l.World().Now().Equal(want) {
		t.Errorf("the clock is at %v, want %v", l.World().Now(), want)
	}
	if j := l.Journal(); len(j) != 1 || j[0].Device != "A" || string(j[0].Bytes) != "count 2\r" || !j[0].At.Equal(start) {
		t.Errorf("journal is %+v", j)
	}
}

func TestBadPinStopsTheLab(t *testing.T) {
	l := open(t, toys(), lab.Options{Tape: map[string]string{"A toy number 1": "many"}})
	l.Type("A", []byte("draw\r"))
	var bad *sim.BadPin
	if !errors.As(l.Err(), &bad) || bad.Key != "A toy number 1" {
		t.Errorf("error is %v, want the bad pin", l.Err())
	}
	if l.Step() {
		t.Error("a stopped world made a step")
	}
	free := open(t, toys(), lab.Options{Free: true, Tape: map[string]string{"A toy number 1": "many"}})
	free.Type("A", []byte("draw\r"))
	if free.Err() != nil {
		t.Errorf("a free lab read its tape: %v", free.Err())
	}
}

// A mistake in the program stops the world and is told, with its place; the
// terminal of whoever sits there is left whole.
func TestPanicBecomesTheLabsError(t *testing.T) {
	l := open(t, toys(), lab.Options{})
	l.Type("A", []byte("say before\r"))
	l.World().After(time.Second, func() { panic("out of order") })
	l.RunFor(2 * time.Second)
	var fault *lab.Fault
	if !errors.As(l.Err(), &fault) || fault.Value != "out of order" || !bytes.Contains(fault.Stack, []byte("lab_test.go")) {
		t.Fatalf("error is %v, want the panic with its stack", l.Err())
	}
	if l.Step() {
		t.Error("a stopped world made a step")
	}
	if shown, _, _ := l.Console("A").Read(0, 1<<16); !bytes.Contains(shown, []byte("before")) {
		t.Errorf("the console lost what it showed: %q", shown)
	}
}

func TestSeedAndTapeDecideTheDraws(t *testing.T) {
	draw := func(o lab.Options) string {
		l := open(t, toys(), o)
		l.Type("A", []byte("draw\r"))
		return shown(l, "A")
	}
	if a, b := draw(lab.Options{Seed: 1}), draw(lab.Options{Seed: 1}); a != b {
		t.Errorf("the same seed shows %q and %q", a, b)
	}
	if a, b := draw(lab.Options{Seed: 1}), draw(lab.Options{Seed: 2}); a == b {
		t.Errorf("two seeds show the same %q", a)
	}
	if got := draw(lab.Options{Tape: map[string]string{"A toy number 1": "42"}}); !strings.Contains(got, "\r\n42\r\n") {
		t.Errorf("the pinned draw shows %q", got)
	}
}

func TestSlowReaderLosesOldBytes(t *testing.T) {
	l := open(t, toys(), lab.Options{})
	c := l.Console("A")
	bell := make(chan struct{}, 1)
	cancel := c.Notify(bell)
	l.Type("A", []byte("say hello\r"))
	if len(bell) != 1 {
		t.Error("the reader was not told of new bytes")
	}
	<-bell
	cancel()
	long := strings.Repeat("x", 1000)
	for range 1000 {
		l.Type("A", []byte("say "+long+"\r"))
	}
	if len(bell) != 0 {
		t.Error("a cancelled reader was told")
	}
	data, next, lost := c.Read(0, -1)
	if lost == 0 || lost+int64(len(data)) != c.End() || next != c.End() {
		t.Errorf("read %d bytes to %d, lost %d, of %d", len(data), next, lost, c.End())
	}
	if data, next, lost := c.Read(c.End()-5, 3); len(data) != 3 || next != c.End()-2 || lost != 0 {
		t.Errorf("short read: %q next %d lost %d", data, next, lost)
	}
	if data, _, _ := c.Read(1<<60, -1); len(data) != 0 {
		t.Errorf("a read from the future gave %q", data)
	}
}

// Live tests wait on channels, never on the clock.
func TestLive(t *testing.T) {
	l := open(t, toys(), lab.Options{})
	l.SetPace(lab.Pace{Free: true})
	over := make(chan struct{})
	l.AfterEvent(func() {
		if strings.HasSuffix(shown(l, "A"), "line 50\r\n<A>") {
			select {
			case <-over:
			default:
				close(over)
			}
		}
	})
	l.Start(t.Context())
	l.Type("A", []byte("count 50\r"))
	<-over
	var now time.Time
	l.Do(func() { now = l.World().Now() })
	if now.Before(start.Add(50 * time.Second)) {
		t.Errorf("after fifty seconds of counting the clock is at %v", now)
	}
	l.Stop()
	l.Do(func() {}) // the caller owns it again
	l.Stop()
}

func TestPausedLabStandsStill(t *testing.T) {
	l := open(t, toys(), lab.Options{})
	l.SetPace(lab.Pace{Paused: true})
	ctx, cancel := context.WithCancel(t.Context())
	l.Start(ctx)
	l.Type("A", []byte("count 3\r"))
	l.Do(func() {})
	l.Do(func() {
		if !l.World().Now().Equal(start) {
			t.Errorf("a paused clock went to %v", l.World().Now())
		}
	})
	if !l.StepOnce() {
		t.Error("there was nothing to step")
	}
	l.Do(func() {
		if got := l.World().Now(); !got.Equal(start.Add(time.Second)) {
			t.Errorf("one step brought the clock to %v, want a second later", got)
		}
	})
	if p := l.Pace(); !p.Paused {
		t.Errorf("the pace is %v, want paused", p)
	}
	cancel()
	l.Stop()
}

func TestFastPaceKeepsOrder(t *testing.T) {
	l := open(t, toys(), lab.Options{})
	l.SetPace(lab.Pace{Speed: 1e6})
	over := make(chan struct{})
	var order []string
	l.Console("A").Tap(func(b []byte) {
		if s := strings.TrimSpace(string(b)); strings.HasPrefix(s, "line") {
			order = append(order, fmt.Sprint(s, " ", l.World().Now().Sub(start)))
			if s == "line 20" {
				close(over)
			}
		}
	})
	l.Press("A", []byte("count 20\r"))
	l.Start(t.Context())
	<-over
	l.Stop()
	for i, s := range order {
		if want := fmt.Sprintf("line %d %ds", i+1, i+1); s != want {
			t.Errorf("event %d is %q, want %q", i, s, want)
		}
	}
}

// A hook that lingers goes on after the wall time, at the same virtual time,
// and a synchronous lab does not wait at all.
func TestLinger(t *testing.T) {
	for _, live := range []bool{false, true} {
		l := open(t, toys(), lab.Options{})
		n := 0
		over := make(chan struct{})
		l.AfterEvent(func() {
			if l.Lingering() || n == 3 {
				return
			}
			n++
			if !l.World().Now().Equal(start) {
				t.Errorf("live %v: lingering moved the clock to %v", live, l.World().Now())
			}
			if n == 3 {
				close(over)
				return
			}
			l.Linger(time.Millisecond)
		})
		if live {
			l.Do(func() {}) // the first call of the hook, still before Start
			l.Start(t.Context())
		} else {
			l.Poke()
		}
		<-over
		l.Stop()
	}
}
