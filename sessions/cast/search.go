package cast

import (
	"regexp"
	"sort"
	"strings"

	"cwlab/sessions/vt"
)

// Find goes to where the screen next, or before, begins to show something
// that an expression matches, within a row, and says whether there is such a
// place. What only moves, or is typed on behind the match, does not begin to
// be shown.
func (p *Player) Find(re *regexp.Regexp, forward bool) bool {
	if forward {
		at := sort.Search(len(p.frames), func(i int) bool { return p.frames[i].next > p.next }) - 1
		if n, ok := p.look(re, p.frames[at], p.next, p.rec.Len(), true); ok {
			p.Go(n)
			return true
		}
		return false
	}
	end := p.next - 1
	for i := len(p.frames) - 1; i >= 0 && end > 0; i-- {
		if p.frames[i].next >= end {
			continue
		}
		if n, ok := p.look(re, p.frames[i], p.frames[i].next, end, false); ok {
			p.Go(n)
			return true
		}
		end = p.frames[i].next
	}
	return false
}

// look looks from a keyframe on for the first position behind from and not
// behind to at which there is a new match, or for the last.
func (p *Player) look(re *regexp.Regexp, f frame, from, to int, first bool) (at int, ok bool) {
	q := &Player{rec: p.rec}
	q.start(f)
	m := &matcher{re: re, term: q.term, seen: map[string]int{}}
	q.term.OnRow = m.row
	for q.next < from {
		q.happen(q.term, p.rec.events[q.next])
		q.next++
	}
	m.new() // what is there already
	for q.next < to {
		e := p.rec.events[q.next]
		q.next++
		if !e.shows() {
			continue
		}
		if q.happen(q.term, e); m.new() {
			if at, ok = q.next, true; first {
				return at, true
			}
		}
	}
	return at, ok
}

// A matcher sees what begins to match.
type matcher struct {
	re   *regexp.Regexp
	term *vt.Terminal
	seen map[string]int // matches that came less those that went
}

// row looks at a row that was written to. Its tag is what matched before.
func (m *matcher) row(y int, tag *string) {
	matches := strings.Join(m.re.FindAllString(vt.Text(m.term.Row(y)), -1), "\x00")
	if matches == *tag {
		return
	}
	m.count(*tag, -1)
	m.count(matches, 1)
	*tag = matches
}

func (m *matcher) count(matches string, by int) {
	for s := range strings.SplitSeq(matches, "\x00") {
		if s != "" {
			m.seen[s] += by
		}
	}
}

// new says whether there are more matches of any kind than before.
func (m *matcher) new() bool {
	m.term.Touched(m.row)
	more := false
	for _, n := range m.seen { // in any order
		more = more || n > 0
	}
	clear(m.seen)
	return more
}
