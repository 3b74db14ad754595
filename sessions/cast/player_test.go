package cast

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"cwlab/sessions/vt"
)

// long is a recording with output of so many bytes at least, all kinds of
// events, and keyframes where a recorder would write them.
func long(t testing.TB, bytes int, keyed bool) *Recording {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	k := newKeyframes()
	var events []Event
	add := func(e Event) {
		events = append(events, e)
		if frame := k.after(e.Code, e.Data); keyed && frame != "" {
			events = append(events, Event{e.At, Keyframe, frame})
		}
	}
	at, n := time.Duration(0), 0
	for i := 0; n < bytes; i++ {
		at += time.Duration(r.IntN(2000)) * time.Millisecond
		line := fmt.Sprintf("56 bytes from 3.3.3.3: icmp_seq=%d ttl=255 time=2.000 ms\r\n", i)
		switch i % 50 {
		case 7:
			line = "\x1b[1;32m绿色\x1b[0m and \x1b[3Aup\x1b[3B\r\n"
		case 13:
			line = "\x1b[H\x1b[2J\x1b[5;10Hcleared\x1b[" // goes on in the next
		case 14:
			line = "7m reverse\x1b[0m\r\n"
		case 20:
			add(Event{at, Marker, fmt.Sprintf("mark %d", i)})
		case 30:
			add(Event{at, Resize, fmt.Sprintf("%dx%d", 60+r.IntN(60), 10+r.IntN(30))})
		case 33:
			add(Event{at, Input, "x"})
		}
		n += len(line)
		add(Event{at, Output, line})
	}
	return parse(t, string(write(t, Header{Width: beginWidth, Height: beginHeight}, events...)))
}

// What is shown at a time does not depend on the way there.
func TestSeekIsPlaying(t *testing.T) {
	for _, keyed := range []bool{true, false} {
		rec := long(t, 3*keyBytes, keyed)
		linear := NewPlayer(rec)
		var states []string
		for i := range rec.Len() + 1 {
			linear.Go(i)
			if i%97 == 0 {
				states = append(states, linear.term.Dump())
			}
		}
		if keyed != (strings.Contains(string(rec.text), `, "k", `)) || len(linear.frames) < 3 {
			t.Fatalf("keyed %v: there are %d keyframes", keyed, len(linear.frames))
		}
		fresh := NewPlayer(rec)
		r := rand.New(rand.NewPCG(3, 4))
		for range 60 {
			i := r.IntN(len(states))
			for _, p := range []*Player{linear, fresh} {
				p.Go(i * 97)
				if got := p.term.Dump(); got != states[i] {
					t.Fatalf("keyed %v: at %d the screen is\n%q\nwant\n%q", keyed, i*97, got, states[i])
				}
			}
		}
		at := rec.Duration() / 3
		fresh.Seek(at)
		n := fresh.Position()
		if fresh.Now() != at || rec.Event(n-1).At > at || rec.Event(n).At <= at {
			t.Errorf("at %v: position %d, time %v", at, n, fresh.Now())
		}
	}
}

func TestPlaying(t *testing.T) {
	rec := parse(t, `{"version":2,"width":20,"height":3}
[1, "o", "a"]
[1, "m", "first"]
[2, "o", "b"]
[62, "i", "x"]
[62, "o", "c"]
[63, "m", "second"]
[64, "o", "d"]
`)
	p := NewPlayer(rec)
	row := func() string { return strings.TrimRight(fmt.Sprint(rowText(p, 0)), " ") }
	want := func(text string, at time.Duration) {
		t.Helper()
		if row() != text || p.Now() != at {
			t.Errorf("%q at %v, want %q at %v", row(), p.Now(), text, at)
		}
	}
	if p.Advance(time.Hour) || !p.Paused() {
		t.Error("it plays while it is paused")
	}
	p.Pause(false)
	if d, ok := p.Wait(); !ok || d != time.Second {
		t.Errorf("waits %v %v, want 1s", d, ok)
	}
	p.Advance(500 * time.Millisecond)
	want("", 500*time.Millisecond)
	p.Advance(500 * time.Millisecond)
	want("a", time.Second)
	p.SetSpeed(10)
	p.Advance(100 * time.Millisecond)
	want("ab", 2*time.Second)
	if d, _ := p.Wait(); d != 6*time.Second {
		t.Errorf("at speed 10 it waits %v, want 6s", d)
	}
	p.SetIdle(5 * time.Second)
	if d, _ := p.Wait(); d != 500*time.Millisecond {
		t.Errorf("with pauses of 5s at most it waits %v, want 0.5s", d)
	}
	p.Advance(250 * time.Millisecond)
	want("ab", 4500*time.Millisecond)
	p.Advance(250 * time.Millisecond)
	want("abc", 62*time.Second)
	p.Advance(time.Minute)
	want("abcd", 64*time.Second)
	if !p.Paused() {
		t.Error("it plays behind its end")
	}
	p.Step(-1)
	want("abc", 63*time.Second)
	p.Step(-1)
	want("ab", 62*time.Second)
	p.Step(1)
	want("abc", 62*time.Second)
	p.Seek(time.Hour)
	for _, at := range []time.Duration{63 * time.Second, time.Second} {
		if !p.Jump(-1) || p.Now() != at {
			t.Errorf("the marker before is at %v, want %v", p.Now(), at)
		}
	}
	if p.Jump(-1) {
		t.Error("there is a marker before the first")
	}
	if n, of, text := p.Marker(); n != 1 || of != 2 || text != "first" {
		t.Errorf("stands at marker %d of %d, %s", n, of, text)
	}
	if !p.Jump(1) || p.Now() != 63*time.Second || p.Jump(1) {
		t.Errorf("the next marker is at %v", p.Now())
	}
	p.SetSpeed(1e9)
	if p.Speed() != MaxSpeed {
		t.Errorf("speed is %g", p.Speed())
	}
}

func TestSearch(t *testing.T) {
	rec := parse(t, `{"version":2,"width":40,"height":3}
[1, "o", "<H3C>"]
[2, "o", "d"]
[3, "o", "i"]
[4, "o", "s"]
[5, "o", "p"]
[6, "o", "\r\n1 time out\r\n"]
[7, "o", "1 time out\r\n1 time out\r\n"]
[8, "o", "one\r\ntwo\r\nthree\r\nfour\r\nfive\r\n"]
[9, "o", "\u001b[H\u001b[2Kone\r\n"]
[10, "o", "\u001b[3;1Hone\u001b[1;1H\u001b[2K"]
[11, "o", "1 time out"]
`)
	for pattern, want := range map[string][]int{
		"dis":      {4},
		"time out": {6, 7, 11},
		"t(wo|h)":  {8},
		"one":      {8, 9},
		"never":    nil,
	} {
		re := regexp.MustCompile(pattern)
		p := NewPlayer(rec)
		var got []int
		for p.Find(re, true) {
			got = append(got, int(p.Now().Seconds()))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is found at %v, want %v", pattern, got, want)
		}
		p.Go(rec.Len())
		if n := len(want); n > 0 && want[n-1] == 11 { // where it stands already
			want = want[:n-1]
		}
		for i := range want {
			if !p.Find(re, false) || int(p.Now().Seconds()) != want[len(want)-1-i] {
				t.Errorf("%s is found backwards at %v, want %v", pattern, p.Now(), want[len(want)-1-i])
			}
		}
		if at := p.Position(); p.Find(re, false) || p.Position() != at {
			t.Errorf("%s is found before the first", pattern)
		}
	}
	// Far back, across keyframes.
	p := NewPlayer(long(t, 3*keyBytes, true))
	p.Go(p.rec.Len())
	re := regexp.MustCompile(`icmp_seq=25 `)
	if !p.Find(re, false) || !strings.Contains(p.rec.Event(p.Position()-1).Data, "icmp_seq=25 ") {
		t.Errorf("found at %d", p.Position())
	}
}

// A recording of a day, with something every second.
func day(t testing.TB) []byte {
	var events []Event
	k := newKeyframes()
	for i := range 24 * 3600 {
		e := Event{time.Duration(i) * time.Second, Output, fmt.Sprintf("56 bytes from 3.3.3.3: icmp_seq=%d ttl=255 time=2.000 ms\r\n", i)}
		events = append(events, e)
		if f := k.after(e.Code, e.Data); f != "" {
			events = append(events, Event{e.At, Keyframe, f})
		}
	}
	return write(t, Header{Width: beginWidth, Height: beginHeight}, events...)
}

// BenchmarkOpenDay opens a recording of 24 hours at a position near its end.
func BenchmarkOpenDay(b *testing.B) {
	text := day(b)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r, err := Parse("", text)
		if err != nil {
			b.Fatal(err)
		}
		p := NewPlayer(r)
		p.Seek(23*time.Hour + 50*time.Minute)
		if p.Position() < 80000 {
			b.Fatal(p.Position())
		}
	}
}

// BenchmarkSeekDay goes anywhere in one that is open.
func BenchmarkSeekDay(b *testing.B) {
	r, err := Parse("", day(b))
	if err != nil {
		b.Fatal(err)
	}
	p := NewPlayer(r)
	rnd := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		p.Seek(time.Duration(rnd.Int64N(int64(24 * time.Hour))))
	}
}

// BenchmarkSearchDay looks through all of one for what is not there.
func BenchmarkSearchDay(b *testing.B) {
	r, err := Parse("", day(b))
	if err != nil {
		b.Fatal(err)
	}
	p := NewPlayer(r)
	re := regexp.MustCompile(`Request time out`)
	for b.Loop() {
		if p.Find(re, true) {
			b.Fatal("found")
		}
	}
}

func rowText(p *Player, y int) string { return vt.Text(p.Screen().Row(y)) }
