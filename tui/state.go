package tui

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/lab"
)

// A state is what the bars show of a world at one moment.
type state struct {
	now     time.Time
	pace    lab.Pace
	devices []lab.Snapshot
	links   []lab.LinkState
	err     error
	frames  uint64   // of the ring
	typists []string // who types at each console, "" for nobody else

	recording recording

	playing bool
	play    Progress
}

// gather takes the state of the session's world.
func (s *session) gather() (st state) {
	s.enter(func(l *lab.Lab) {
		for _, d := range l.Devices() {
			if s.desk != nil {
				st.typists = append(st.typists, s.desk.Typist(d.Name()))
			}
		}
		st.pace, st.err = l.Pace(), l.Err()
		l.Do(func() {
			st.now = l.World().Now()
			for _, d := range l.Devices() {
				st.devices = append(st.devices, d.Snapshot())
			}
			st.links = l.Links()
			st.frames, st.recording = s.ring.count(), s.recorder.state()
			if s.player != nil {
				st.playing, st.play = true, s.player.Progress()
			}
		})
	})
	return st
}

// same says that nothing shown of two states differs. A clock that runs is
// shown to the second, one that stands to the millisecond.
func (s state) same(t state) bool {
	unit := time.Second
	if s.pace.Paused {
		unit = time.Millisecond
	}
	if !s.now.Truncate(unit).Equal(t.now.Truncate(unit)) {
		return false
	}
	s.now = t.now
	return reflect.DeepEqual(s, t)
}

// clock is the virtual time as the status line shows it.
func (s state) clock() string {
	if s.pace.Paused {
		return s.now.Format("2006-01-02 15:04:05.000")
	}
	return s.now.Format(time.DateTime)
}

// up says whether a cable carries frames: it is not cut and the ports of
// both ends are up.
func (s state) up(l lab.LinkState) bool {
	if l.Cut {
		return false
	}
	for _, end := range []lab.Endpoint{l.A, l.B} {
		for _, d := range s.devices {
			if d.Name != end.Node {
				continue
			}
			i := slices.IndexFunc(d.Ports, func(p lab.PortState) bool { return p.Name == end.Port })
			if !d.Powered || i >= 0 && !d.Ports[i].Up {
				return false
			}
		}
	}
	return true
}

// masters names the master of every virtual router, in the order in which
// the devices have them: "A", "A+B" when two think they are it, "none".
func (s state) masters() []string {
	type router struct {
		vrid int
		vip  string
	}
	var order []router
	has := map[router][]string{}
	for _, d := range s.devices {
		for _, g := range d.VRRP {
			r := router{g.VRID, g.VIP}
			if !slices.Contains(order, r) {
				order = append(order, r)
			}
			if g.State == "Master" && d.Powered {
				has[r] = append(has[r], d.Name)
			}
		}
	}
	var all []string
	for _, r := range order {
		who := "none"
		if len(has[r]) > 0 {
			who = strings.Join(has[r], "+")
		}
		all = append(all, who)
	}
	return all
}

// typist is who else types at a console, "" for nobody.
func (s state) typist(pane int) string {
	if pane < len(s.typists) {
		return s.typists[pane]
	}
	return ""
}
