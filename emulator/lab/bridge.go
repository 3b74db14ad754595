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

// A Bridge joins a free port to something outside the world, as a cable does.
// What is outside lives by the wall clock, so a bridged lab is to be live and
// at speed 1.
type Bridge struct {
	Port Endpoint
	Name string // what the outside is called
	// Open is called when the lab is open. Frames from outside are given to
	// arrive, those for the outside to send. send is called on the goroutine
	// that owns the world: it must neither wait nor change or keep the frame.
	Open func(arrive func(frame []byte)) (send func(frame []byte))
}

// A bridge is one that was built.
type bridge struct {
	name string
	port *link.Port // the far end of its cable
}

// An arrival is a frame that came from outside and waits for the world.
type arrival struct {
	name  string
	frame []byte
}

// bridge builds a bridge.
func (l *Lab) bridge(o Bridge) error {
	for _, b := range l.bridges {
		if b.name == o.Name {
			return fmt.Errorf("two bridges lead to %s", o.Name)
		}
	}
	p, err := l.port(o.Port)
	if err != nil {
		return fmt.Errorf("bridge to %s: %w", o.Name, err)
	}
	far := l.net.Port(outside, o.Name)
	far.OnReceive = o.Open(func(frame []byte) { l.arrive(o.Name, frame) })
	far.Enable(true)
	l.bridges = append(l.bridges, bridge{o.Name, far})
	l.note(fmt.Sprintf("bridge %s %s", o.Port, o.Name))
	l.links = append(l.links, LinkSpec{Name: far.String(), A: o.Port, B: Endpoint{outside, o.Name}})
	l.cables = append(l.cables, l.net.Connect(p, far, link.Options{Name: far.String()}))
	return nil
}

// arrive brings a frame in from outside. It may be called from anywhere and
// does not wait; frames enter the world in the order in which they arrived,
// while the lab is live. More than the world can take are lost.
func (l *Lab) arrive(name string, frame []byte) {
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

// Frame puts a frame from outside on the cable of a bridge, at once: it is how
// frames enter the world. One of an unknown bridge or shorter than an Ethernet
// header is lost. Only the world's owner may call it.
func (l *Lab) Frame(name string, frame []byte) {
	if l.failed() || len(frame) < 14 {
		return
	}
	for _, b := range l.bridges {
		if b.name != name || !b.port.Up() {
			continue
		}
		if l.kept += len(frame); l.kept <= keptFrames {
			l.keep(Input{Action: "frame " + name, Bytes: frame})
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
