package lab_test

import (
	"testing"
	"time"

	"cwlab/emulator/lab"
)

// Those who listen hear each line that is typed before it enters, and behind
// how many events; alarms are not among them.
func TestOnInput(t *testing.T) {
	l := open(t, toys(), lab.Options{Endless: true})
	var heard []lab.Input
	cancel := l.OnInput(func(in lab.Input) { heard = append(heard, in) })
	before := l.World().Events()
	l.World().Alarm(time.Second, func() {})
	l.World().After(2*time.Second, func() {})
	l.RunFor(3 * time.Second)
	ran := l.World().Events()
	l.Press(l.Devices()[0].Name(), []byte("one\rtwo\rthr"))
	cancel()
	l.Press(l.Devices()[0].Name(), []byte("unheard"))
	var got []string
	for _, in := range heard {
		got = append(got, string(in.Bytes))
		if in.Events != ran || !in.At.Equal(l.World().Now()) {
			t.Errorf("%q entered behind %d events at %v, want %d at %v", in.Bytes, in.Events, in.At, ran, l.World().Now())
		}
	}
	if want := "[one\r two\r thr]"; len(got) != 3 || got[0] != "one\r" || got[2] != "thr" {
		t.Errorf("heard %q, want %s", got, want)
	}
	if ran != before+1 {
		t.Errorf("%d events ran, want 1 without the alarm", ran-before)
	}
	if len(l.Journal()) != 0 {
		t.Error("an endless run keeps a journal")
	}
}
