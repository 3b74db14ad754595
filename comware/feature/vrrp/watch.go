package vrrp

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/track"
	"cwlab/emulator/vrrp"
)

// watched is a track entry that some group tracks.
type watched struct {
	object int
	stop   func()
}

func trackState(b *feature.Box, object int) track.State {
	if e := feature.Get[*track.Engine](b); e != nil {
		return e.State(object)
	}
	return track.NotReady
}

// follow watches the track entries that groups track, and no others.
func (h *host) follow() {
	e, t := feature.Get[*vrrp.Engine](h.Box), feature.Get[*track.Engine](h.Box)
	if t == nil {
		return
	}
	var want []int
	for _, r := range e.Routers() {
		for _, tr := range r.Tracks() {
			if !slices.Contains(want, tr.Object) {
				want = append(want, tr.Object)
			}
		}
	}
	h.watched = slices.DeleteFunc(h.watched, func(w watched) bool {
		if slices.Contains(want, w.object) {
			return false
		}
		w.stop()
		e.SetTrack(w.object, false)
		h.trace("Deleted track object %d", w.object)
		return true
	})
	for _, object := range want {
		if slices.ContainsFunc(h.watched, func(w watched) bool { return w.object == object }) {
			continue
		}
		h.trace("Created track object %d", object)
		first := true
		stop := t.Watch(object, "VRRP", func(s track.State) {
			if !first {
				h.trace("Status of track object %d changed to %s", object, strings.ToLower(s.String()))
			}
			e.SetTrack(object, s == track.Negative)
		})
		first = false
		h.watched = append(h.watched, watched{object, stop})
	}
}

func (h *host) trace(format string, args ...any) {
	h.Debug(h.event, "VRRP4", "Event", "\n "+fmt.Sprintf(format, args...))
}

// The interval of periodic gratuitous ARP in seconds, if none is given.
const defaultAnnounce = 120

func setAnnounce(x *feature.Exec, a *cli.Args) {
	n, line := defaultAnnounce, "vrrp send-gratuitous-arp"
	if a.Has("interval") {
		n = a.Int("seconds")
	}
	if n != defaultAnnounce {
		line += fmt.Sprintf(" interval %d", n)
	}
	x.Node().Set(feature.PlaceVRRPGlobal, "vrrp send-gratuitous-arp", line)
	feature.Get[*host](x.Box).announceEvery(time.Duration(n) * time.Second)
}

// announceEvery has masters tell their addresses again and again, first at a
// random time in the second half of the interval; 0 ends it.
func (h *host) announceEvery(d time.Duration) {
	h.announce.Stop()
	if d == 0 {
		return
	}
	var again func()
	again = func() {
		for _, r := range feature.Get[*vrrp.Engine](h.Box).Routers() {
			if r.State() == vrrp.Master {
				for _, vip := range r.VIPs() {
					h.Announce(r.Iface(), vip, r.VRID())
				}
			}
		}
		h.announce = h.After(d, again)
	}
	h.announce = h.After(d/2+h.Stream("vrrp gratuitous arp").Duration(0, d/2), again)
}
