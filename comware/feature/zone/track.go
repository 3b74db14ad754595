package zone

import (
	"cwlab/comware/feature"
	"cwlab/emulator/track"
	"cwlab/emulator/zone"
)

// tracks are the watches of rules on track entries.
type tracks struct{ stop map[*zone.Rule]func() }

// follow has a rule hold while a track entry is positive, or negative.
func follow(b *feature.Box, r *zone.Rule, entry int, positive bool) {
	want := track.Negative
	if positive {
		want = track.Positive
	}
	t := feature.Get[*track.Engine](b)
	if t == nil {
		r.Tracked = func() bool { return false }
		return
	}
	r.Tracked = func() bool { return t.State(entry) == want }
	s := feature.Get[*tracks](b)
	if s.stop == nil {
		s.stop = map[*zone.Rule]func(){}
	}
	s.stop[r] = t.Watch(entry, "SECPOLICY", func(track.State) { feature.Get[*zone.Engine](b).Changed() })
}

// untrack ends what follow began.
func untrack(b *feature.Box, r *zone.Rule) {
	s := feature.Get[*tracks](b)
	if stop := s.stop[r]; stop != nil {
		stop()
		delete(s.stop, r)
	}
	r.Tracked = nil
}
