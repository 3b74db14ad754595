package sim

import (
	"errors"
	"slices"
	"testing"
	"time"
)

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

func TestEventsRunInTimeThenSequence(t *testing.T) {
	w := New(start, 1, nil)
	var got []string
	note := func(s string) func() { return func() { got = append(got, s) } }
	w.After(2*time.Second, note("c"))
	w.After(time.Second, note("a"))
	w.After(time.Second, func() {
		note("b")()
		w.After(0, note("b2"))
	})
	gone := w.After(time.Second, note("stopped"))
	if !gone.Stop() || gone.Stop() {
		t.Error("Stop must say true once and false afterwards")
	}
	w.RunUntil(start.Add(3 * time.Second))
	if want := []string{"a", "b", "b2", "c"}; !slices.Equal(got, want) {
		t.Errorf("events ran as %v, want %v", got, want)
	}
	if want := start.Add(3 * time.Second); !w.Now().Equal(want) {
		t.Errorf("the clock is at %v, want %v", w.Now(), want)
	}
	if w.Step() {
		t.Error("Step of an empty queue said true")
	}
}

func TestStreamsDependOnSeedAndNameOnly(t *testing.T) {
	a, b, other := New(start, 7, nil), New(start, 7, nil), New(start, 8, nil)
	b.Stream("B", "noise").Uint64()
	x, y, z := a.Stream("A", "spi").Uint32(), b.Stream("A", "spi").Uint32(), other.Stream("A", "spi").Uint32()
	if x != y {
		t.Errorf("same seed and name drew %x and %x", x, y)
	}
	if x == z {
		t.Errorf("another seed drew the same %x", x)
	}
}

func TestTapePinsOneDrawAndNothingElse(t *testing.T) {
	tape, err := NewTape(map[string]string{"A n 2": "0x2a", "A d 1": "353ms", "A b 1": "00ff", "A c 1": "true"})
	if err != nil {
		t.Fatal(err)
	}
	free, pinned := New(start, 7, nil), New(start, 7, tape)
	for i := 1; i <= 3; i++ {
		f, p := free.Stream("A", "n").Uint32(), pinned.Stream("A", "n").Uint32()
		switch {
		case i == 2 && p != 42:
			t.Errorf("draw 2 is %d, want 42", p)
		case i != 2 && f != p:
			t.Errorf("draw %d moved from %d to %d by a pin of draw 2", i, f, p)
		}
	}
	if d := pinned.Stream("A", "d").Duration(0, time.Second); d != 353*time.Millisecond {
		t.Errorf("pinned duration is %v", d)
	}
	if b := pinned.Stream("A", "b").Bytes(2); !slices.Equal(b, []byte{0, 255}) {
		t.Errorf("pinned bytes are %x", b)
	}
	if !pinned.Stream("A", "c").Chance(0) {
		t.Error("pinned chance is false")
	}
}

func TestBadTapes(t *testing.T) {
	for _, key := range []string{"A 1", "A n x", "A n 0", ""} {
		if _, err := NewTape(map[string]string{key: "1"}); err == nil {
			t.Errorf("key %q was taken", key)
		}
	}
	tape, _ := NewTape(map[string]string{"A b 1": "zz"})
	defer func() {
		var bad *BadPin
		if err, _ := recover().(error); !errors.As(err, &bad) || bad.Key != "A b 1" {
			t.Errorf("recovered %v, want a BadPin of A b 1", err)
		}
	}()
	New(start, 1, tape).Stream("A", "b").Bytes(2)
}

func BenchmarkEvent(b *testing.B) {
	w := New(start, 1, nil)
	for i := range 64 {
		var again func()
		again = func() { w.After(time.Duration(i+1)*time.Millisecond, again) }
		again()
	}
	for b.Loop() {
		w.Step()
	}
}

func TestOriginIsTheBegin(t *testing.T) {
	w := New(time.Time{}, 1, nil)
	first := w.Stream("A", "plate").Uint64()
	w.Stream("A", "plate").Uint64()
	if got := w.Origin("A", "plate").Uint64(); got != first {
		t.Errorf("drew %d, want %d as at the begin", got, first)
	}
	if got := w.Origin("A", "plate").Uint64(); got != first {
		t.Errorf("drew %d the second time, want %d", got, first)
	}
}

// A cause goes on to the events that go on with it, and to no other.
func TestCauses(t *testing.T) {
	w := New(time.Unix(0, 0), 0, nil)
	var got []uint64
	say := func() { got = append(got, w.Cause()) }
	w.After(1, func() {
		w.Because(7)
		w.After(1, say).Goes()
		w.After(1, say)
	})
	before := w.Turn()
	w.Step()
	if w.Cause() != 0 || w.Turn() == before {
		t.Errorf("between events the cause is %d and the turn %d, before it was %d", w.Cause(), w.Turn(), before)
	}
	w.RunUntil(time.Unix(1, 0))
	if want := []uint64{7, 0}; !slices.Equal(got, want) {
		t.Errorf("causes are %v, want %v", got, want)
	}
}
