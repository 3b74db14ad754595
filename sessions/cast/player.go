package cast

import (
	"slices"
	"sort"
	"time"

	"cwlab/sessions/vt"
)

// A Player shows a recording from any position on. A position is a number of
// events that have happened, 0 to Recording.Len. The first way to a position
// leads from the keyframe before it; keyframes are those of the recording and
// those that the player has made as it went along.
type Player struct {
	rec     *Recording
	term    *vt.Terminal
	next    int // the event that comes next: the position
	frames  []frame
	markers []int // events that are markers
	since   int   // output since the last keyframe

	at     time.Duration // in the recording
	paused bool
	speed  float64
	idle   time.Duration // pauses are not longer than that, 0 for any
}

// A frame is the state of the terminal before an event.
type frame struct {
	next int
	w, h int
	dump string // "" for one of the recording's own
}

// Speeds of a player.
const (
	MinSpeed = 0.1
	MaxSpeed = 100
)

// NewPlayer stands at the beginning of a recording, paused.
func NewPlayer(r *Recording) *Player {
	p := &Player{rec: r, paused: true, speed: 1, idle: r.Idle}
	w, h := r.Width, r.Height
	p.frames = []frame{{0, w, h, ""}}
	for i, e := range r.events {
		switch e.code {
		case Resize:
			w, h, _ = size(r.decode(e)) // it was looked at
		case Keyframe:
			p.frames = append(p.frames, frame{i, w, h, ""})
		case Marker:
			p.markers = append(p.markers, i)
		}
	}
	p.start(p.frames[0])
	return p
}

// Recording is what is played.
func (p *Player) Recording() *Recording { return p.rec }

// Screen is what is shown. It is good until the player moves.
func (p *Player) Screen() *vt.Terminal { return p.term }

// Position is the number of events that have happened.
func (p *Player) Position() int { return p.next }

// Now is the time in the recording, Duration its length.
func (p *Player) Now() time.Duration      { return p.at }
func (p *Player) Duration() time.Duration { return p.rec.Duration() }

// Paused says that time stands still; at the end it does.
func (p *Player) Paused() bool { return p.paused || p.next == p.rec.Len() }

// Pause stops time or lets it go on.
func (p *Player) Pause(on bool) { p.paused = on }

// Speed is how many seconds of the recording a second shows.
func (p *Player) Speed() float64 { return p.speed }

// SetSpeed sets it, MinSpeed to MaxSpeed.
func (p *Player) SetSpeed(s float64) { p.speed = min(max(s, MinSpeed), MaxSpeed) }

// Idle is how long a pause lasts at most, 0 for as long as it was.
func (p *Player) Idle() time.Duration { return p.idle }

// SetIdle sets it.
func (p *Player) SetIdle(d time.Duration) { p.idle = max(d, 0) }

// start shows a keyframe.
func (p *Player) start(f frame) {
	p.term = vt.New(f.w, f.h)
	p.next, p.since = f.next, 0
	if f.dump != "" {
		p.term.Write([]byte(f.dump))
	} else if f.next > 0 {
		p.term.Write([]byte(p.rec.Event(f.next).Data))
	}
}

// advance has the next event happen.
func (p *Player) advance() {
	e := p.rec.events[p.next]
	p.happen(p.term, e)
	if p.next++; e.code == Output {
		p.since += int(e.n)
	}
	if p.since >= keyBytes && p.term.Ground() {
		p.since = 0
		i := sort.Search(len(p.frames), func(i int) bool { return p.frames[i].next >= p.next })
		if i == len(p.frames) || p.frames[i].next > p.next {
			w, h := p.term.Size()
			p.frames = slices.Insert(p.frames, i, frame{p.next, w, h, p.term.Dump()})
		}
	}
}

// happen shows an event on a terminal.
func (p *Player) happen(t *vt.Terminal, e spot) {
	switch e.code {
	case Output:
		t.Write([]byte(p.rec.decode(e)))
	case Resize:
		if w, h, err := size(p.rec.decode(e)); err == nil {
			t.Resize(w, h)
		}
	}
}

// Go goes to a position.
func (p *Player) Go(position int) {
	position = min(max(position, 0), p.rec.Len())
	i := sort.Search(len(p.frames), func(i int) bool { return p.frames[i].next > position }) - 1
	if f := p.frames[i]; position < p.next || f.next > p.next {
		p.start(f)
	}
	for p.next < position {
		p.advance()
	}
	p.at = 0
	if position > 0 {
		p.at = p.rec.events[position-1].at
	}
}

// Seek goes to a time: everything up to it has happened.
func (p *Player) Seek(at time.Duration) {
	at = min(max(at, 0), p.Duration())
	p.Go(sort.Search(p.rec.Len(), func(i int) bool { return p.rec.events[i].at > at }))
	p.at = at
}

// shows says whether an event can be seen.
func (e spot) shows() bool { return e.code == Output || e.code == Resize }

// Step goes to the next event that can be seen, or if n is negative to where
// the one before had not happened, and pauses.
func (p *Player) Step(n int) {
	p.paused = true
	to := p.next
	for ; n > 0 && to < p.rec.Len(); n-- {
		for to++; to < p.rec.Len() && !p.rec.events[to-1].shows(); to++ {
		}
	}
	for ; n < 0 && to > 0; n++ {
		for to--; to > 0 && !p.rec.events[to].shows(); to-- {
		}
	}
	p.Go(to)
}

// Markers are the markers and their times.
func (p *Player) Markers() (all []Event) {
	for _, i := range p.markers {
		all = append(all, p.rec.Event(i))
	}
	return all
}

// Marker is the last marker that was passed, counted from 1, of how many; 0
// before the first.
func (p *Player) Marker() (n, of int, text string) {
	n = sort.SearchInts(p.markers, p.next)
	if n > 0 {
		text = p.rec.Event(p.markers[n-1]).Data
	}
	return n, len(p.markers), text
}

// Jump goes n markers on, or back if n is negative, and says whether there
// was one.
func (p *Player) Jump(n int) bool {
	at := sort.SearchInts(p.markers, p.next) // of those that are passed
	to := at + n - 1
	if n < 0 && at > 0 && p.next == p.markers[at-1]+1 {
		to-- // it stands at one
	}
	if n < 0 {
		to++
	}
	if to < 0 || to >= len(p.markers) {
		return false
	}
	p.Go(p.markers[to] + 1)
	return true
}

// Advance lets time pass for a person: wall time d, times the speed, with
// long pauses cut. It says whether anything happened.
func (p *Player) Advance(d time.Duration) bool {
	if p.Paused() {
		return false
	}
	left := time.Duration(float64(d) * p.speed)
	before := p.next
	for p.next < p.rec.Len() {
		wait := p.gap()
		if wait > left {
			p.at += left
			return p.next > before
		}
		left -= wait
		p.at = p.rec.events[p.next].at
		p.advance()
	}
	return true
}

// gap is the time to the next event, with a long pause cut.
func (p *Player) gap() time.Duration {
	at := p.rec.events[p.next].at
	if begun := p.last(); p.idle > 0 && at-begun > p.idle { // the end of the pause is cut
		return max(begun+p.idle-p.at, 0)
	}
	return max(at-p.at, 0)
}

// last is the time of the last event that happened.
func (p *Player) last() time.Duration {
	if p.next == 0 {
		return 0
	}
	return p.rec.events[p.next-1].at
}

// Wait is the wall time until something happens, ok is false if nothing does.
func (p *Player) Wait() (d time.Duration, ok bool) {
	if p.Paused() {
		return 0, false
	}
	return time.Duration(float64(p.gap()) / p.speed), true
}
