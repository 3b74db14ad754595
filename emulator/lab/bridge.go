package lab

import (
	"bytes"
	"fmt"

	"cwlab/emulator/link"
)

const (
	// arrivals is how many frames wait for the world at most; what comes on
	// top is lost, as in a network card whose buffer is full.
	arrivals = 4096
	// keptFrames is how many bytes of frames the journal keeps.
	keptFrames = 64 << 20
	// outside is what the far end of a bridge is named after.
	outside = "tap"
)

// A bridge joins a port to something outside the world.
type bridge struct {
	name string
	port *link.Port // the far end of its cable
}

// An arrival is a frame that came from outside and waits for the world.
type arrival struct {
	name  string
	frame []byte
}

// Bridge lays a cable from a free port to the outside. Frames that the device
// sends are given to send, on the world's goroutine; it must neither wait nor
// change or keep the frame. Frames for the device come in by Arrive. name is
// what the outside is called. Only the world's owner may call it.
//
// What is outside lives by the wall clock, so a bridged lab is to be live and
// at speed 1.
func (l *Lab) Bridge(e Endpoint, name string, send func(frame []byte)) error {
	for _, b := range l.bridges {
		if b.name == name {
			return fmt.Errorf("bridge %s: there are two of that name", name)
		}
	}
	p, err := l.port(e)
	if err != nil {
		return fmt.Errorf("bridge %s: %w", name, err)
	}
	far := l.net.Port(outside, name)
	far.OnReceive = send
	l.bridges = append(l.bridges, bridge{name, far})
	l.note(fmt.Sprintf("bridge %s %s", e, name))
	l.guard(func() {
		far.Enable(true)
		l.links = append(l.links, LinkSpec{Name: far.String(), A: e, B: Endpoint{outside, name}})
		l.cables = append(l.cables, l.net.Connect(p, far, link.Options{Name: far.String()}))
	})
	return nil
}

// Arrive brings a frame in from outside. It may be called from anywhere and
// does not wait; frames enter the world in the order in which they arrived,
// while the lab is live. Frames of unknown bridges, shorter than an Ethernet
// header, or more than the world can take are lost.
func (l *Lab) Arrive(name string, frame []byte) {
	l.mu.Lock()
	live := l.live
	if len(l.arrived) < arrivals {
		l.arrived = append(l.arrived, arrival{name, bytes.Clone(frame)})
	}
	l.mu.Unlock()
	if live != nil {
		live.wake()
	}
}

// Frame puts a frame on the cable of a bridge, at once. It is how Arrive
// enters the world; only the world's owner may call it.
func (l *Lab) Frame(name string, frame []byte) {
	if l.failed() || len(frame) < 14 {
		return
	}
	for _, b := range l.bridges {
		if b.name != name || !b.port.Up() {
			continue
		}
		if l.kept += len(frame); l.kept <= keptFrames {
			l.journal = append(l.journal, Input{At: l.world.Now(), Action: "frame " + name, Bytes: frame})
		} else if l.kept-len(frame) <= keptFrames {
			l.note("frames are not kept any more")
		}
		l.guard(func() { b.port.Send(frame) })
		return
	}
}

// enter brings in what has arrived. It says whether there was anything.
func (lp *loop) enter() bool {
	l := lp.lab
	l.mu.Lock()
	arrived := l.arrived
	l.arrived = nil
	l.mu.Unlock()
	for _, a := range arrived {
		l.Frame(a.name, a.frame)
		l.after()
	}
	return len(arrived) > 0
}
