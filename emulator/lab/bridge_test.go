package lab_test

import (
	"fmt"
	"strings"
	"testing"

	"cwlab/emulator/emutest"
	"cwlab/emulator/lab"
)

// outlet is an outside that keeps what is sent to it.
type outlet struct {
	arrive func([]byte)
	sent   []string
}

func (o *outlet) bridge(port, name string) lab.Bridge {
	return lab.Bridge{Port: lab.Endpoint{Node: "A", Port: port}, Name: name, Open: func(arrive func([]byte)) func([]byte) {
		o.arrive = arrive
		return func(frame []byte) { o.sent = append(o.sent, string(frame)) }
	}}
}

func frame(n int) []byte { return fmt.Appendf(nil, "a frame with number %04d", n) }

// Frames from outside enter a live world in the order in which they came,
// and those of the device go out.
func TestBridge(t *testing.T) {
	var o outlet
	l := open(t, toys(), lab.Options{Bridges: []lab.Bridge{o.bridge("p1", "out")}})
	var got []string
	p := l.Network().Port("A", "p1")
	all := make(chan struct{})
	const frames = 1000
	p.OnReceive = func(f []byte) {
		if got = append(got, string(f)); len(got) == frames {
			close(all)
		}
	}
	again := make([]byte, len(frame(0)))
	for i := range frames / 2 { // before the lab is live
		copy(again, frame(i)) // the caller's buffer is the caller's
		o.arrive(again)
	}
	l.Start(t.Context())
	for i := frames / 2; i < frames; i++ {
		o.arrive(frame(i))
	}
	o.arrive([]byte("too short"))
	<-all
	l.Do(func() { p.Send([]byte("an answer of A")) })
	l.Stop()
	l.RunFor(0)
	for i, f := range got {
		if f != string(frame(i)) {
			t.Fatalf("frame %d is %q", i, f)
		}
	}
	if len(o.sent) != 1 || o.sent[0] != "an answer of A" {
		t.Errorf("sent out: %q", o.sent)
	}
	j := l.Journal()
	if len(j) != frames+1 || j[0].Action != "bridge A:p1 out" || j[frames].Action != "frame out" || string(j[frames].Bytes) != string(frame(frames-1)) {
		t.Errorf("the journal has %d entries, the first is %+v", len(j), j[0])
	}
	if s := l.Links(); len(s) != 1 || !s[0].Up || s[0].Name != "tap:out" || s[0].A.String() != "A:p1" {
		t.Errorf("links are %+v", s)
	}
	if err := l.Cut("tap:out"); err != nil {
		t.Error(err)
	}
	l.Frame("out", frame(1))
	l.RunFor(0)
	if len(got) != frames {
		t.Error("a frame came through a cut cable")
	}
}

// More frames than the world takes are lost, and none of them at the cost of
// memory.
func TestBridgeIsBounded(t *testing.T) {
	var o outlet
	l := open(t, toys(), lab.Options{Bridges: []lab.Bridge{o.bridge("p1", "out")}})
	for range 100_000 {
		o.arrive(frame(0))
	}
	l.Start(t.Context())
	l.Stop()
	if n := len(l.Journal()); n > 5000 {
		t.Errorf("%d frames came in", n)
	}
}

func TestBridgesThatCannotBe(t *testing.T) {
	var o outlet
	cable := lab.LinkSpec{Name: "x", A: lab.Endpoint{Node: "A", Port: "p1"}, B: lab.Endpoint{Node: "SW"}}
	for want, bridges := range map[string][]lab.Bridge{
		"port A:p1 is taken by link x":     {o.bridge("p1", "out")},
		`A has no port "p7"`:               {o.bridge("p7", "out")},
		"port A:p2 is taken by link tap:a": {o.bridge("p2", "a"), o.bridge("p2", "b")},
		"two bridges lead to a":            {o.bridge("p2", "a"), o.bridge("p1", "a")},
	} {
		if _, err := lab.Open(toys(cable), emutest.Make, lab.Options{Bridges: bridges}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}
