// Package link is the wiring of a laboratory: ports of devices, cables that
// take time and can be cut, and switches that learn (IEEE 802.1D, clause 7).
// It moves frames and knows nothing of what they carry.
//
// A frame that was sent belongs to everybody who receives it: nobody may
// change its bytes.
//
// A cable may be impaired: it loses, doubles, corrupts, delays or reorders the
// frames that a filter picks, or carries no more than a rate (see Fault).
//
// Limitations: switches have no VLANs and no spanning tree (a loop of switches
// is the maker's mistake); without a rate a frame takes the latency of the
// cable, not its own length.
package link

import (
	"bytes"
	"slices"
	"time"

	"cwlab/emulator/sim"
)

// A Network owns ports, cables and switches of one laboratory.
type Network struct {
	world    *sim.World
	ports    []*Port
	cables   []*Cable
	switches []*Switch
	taps     []*tap
	frames   uint64 // that devices have sent
	notes    []*listener
	waiting  []Note // for the frame that carries them
	turn     uint64 // of the world, when they began to wait
}

type tap struct {
	hear func(p *Port, at time.Time, frame []byte)
}

// NewNetwork is an empty one.
func NewNetwork(w *sim.World) *Network { return &Network{world: w} }

// Now is the virtual time.
func (n *Network) Now() time.Time { return n.world.Now() }

// Tap calls f with every frame a device sends, once, where it sends it, until
// remove is called. Frames that a switch passes on are not told.
func (n *Network) Tap(f func(p *Port, at time.Time, frame []byte)) (remove func()) {
	t := &tap{f}
	n.taps = append(slices.Clone(n.taps), t) // a tap may put or remove one
	return func() {
		n.taps = slices.DeleteFunc(slices.Clone(n.taps), func(x *tap) bool { return x == t })
	}
}

// Port is the port of that name on that device; it is made when it is first
// asked for.
func (n *Network) Port(device, name string) *Port {
	for _, p := range n.ports {
		if p.Device == device && p.Name == name {
			return p
		}
	}
	p := &Port{Device: device, Name: name, net: n}
	n.ports = append(n.ports, p)
	return p
}

// Ports lists the ports of devices in the order in which they were made.
func (n *Network) Ports() []*Port { return n.ports }

// Cables lists the cables in the order in which they were laid.
func (n *Network) Cables() []*Cable { return n.cables }

// A Port is one socket. A device's port is disabled until the device enables
// it; the link is up while a whole cable joins two enabled ports.
type Port struct {
	Device, Name string
	OnReceive    func(frame []byte)
	OnChange     func(up bool)

	net     *Network
	sw      *Switch
	cable   *Cable
	enabled bool
	up      bool
	watches []*watch
}

// String is DEVICE:PORT.
func (p *Port) String() string { return p.Device + ":" + p.Name }

// Up says whether there is a link.
func (p *Port) Up() bool { return p.up }

// Cable is the cable in the socket, nil when there is none.
func (p *Port) Cable() *Cable { return p.cable }

// Enabled says whether the device uses the port.
func (p *Port) Enabled() bool { return p.enabled }

// Enable turns the port on or off. A disabled port gives no link to its
// neighbour either.
func (p *Port) Enable(on bool) {
	if p.enabled == on {
		return
	}
	p.enabled = on
	if p.cable != nil {
		p.cable.refresh()
	}
}

// Send puts a frame on the cable. Without a link it is gone.
func (p *Port) Send(frame []byte) {
	if !p.up {
		return
	}
	if p.sw != nil {
		p.cable.carry(p, frame, p.net.world.Cause())
		return
	}
	p.net.frames++
	n := p.net.frames
	for _, t := range p.net.taps {
		t.hear(p, p.net.world.Now(), frame)
	}
	p.pass(frame, n, true)
	p.net.carried(p.Device, n)
	p.cable.carry(p, frame, n)
}

// Watch calls f with every frame that the port sends or receives, and the
// frame's number, until stop is called.
func (p *Port) Watch(f func(frame []byte, n uint64, out bool)) (stop func()) {
	w := &watch{f}
	p.watches = append(slices.Clone(p.watches), w)
	return func() {
		p.watches = slices.DeleteFunc(slices.Clone(p.watches), func(x *watch) bool { return x == w })
	}
}

type watch struct {
	see func(frame []byte, n uint64, out bool)
}

func (p *Port) pass(frame []byte, n uint64, out bool) {
	for _, w := range p.watches {
		w.see(frame, n, out)
	}
}

// Options of a cable.
type Options struct {
	Name    string        // what a fault names; A-B of the devices when empty
	Latency time.Duration // one way
	Jitter  time.Duration // up to this much more, drawn for each frame
	Loss    float64       // probability that a frame is lost
}

// A Cable joins two ports.
type Cable struct {
	Options
	ends   [2]*Port
	last   [2]time.Time // the latest arrival in each direction: frames keep their order
	cut    bool
	faults []*Fault
	struck int
	era    uint64 // goes up when the link goes down: what is on its way is lost
	net    *Network
}

// Connect lays a cable. A port takes one cable only.
func (n *Network) Connect(a, b *Port, o Options) *Cable {
	if a.cable != nil || b.cable != nil || a == b {
		panic("link: " + a.String() + " or " + b.String() + " is taken")
	}
	if o.Name == "" {
		o.Name = a.Device + "-" + b.Device
	}
	c := &Cable{Options: o, ends: [2]*Port{a, b}, net: n}
	a.cable, b.cable = c, c
	n.cables = append(n.cables, c)
	c.refresh()
	return c
}

// Ends are the two ports.
func (c *Cable) Ends() (a, b *Port) { return c.ends[0], c.ends[1] }

// Up says whether the cable gives a link.
func (c *Cable) Up() bool { return c.ends[0].up }

// IsCut says whether the cable is cut.
func (c *Cable) IsCut() bool { return c.cut }

// Cut takes the link down; frames on the way are lost.
func (c *Cable) Cut() { c.cut = true; c.refresh() }

// Mend undoes Cut.
func (c *Cable) Mend() { c.cut = false; c.refresh() }

// SetLatency changes the delay of frames sent from now on.
func (c *Cable) SetLatency(d time.Duration) { c.Latency = max(d, 0) }

// SetJitter makes each frame take up to d longer, drawn from the stream
// `link latency` of the sending device. Frames do not overtake each other.
func (c *Cable) SetJitter(d time.Duration) { c.Jitter = max(d, 0) }

// SetLoss loses each frame with probability p, drawn from the stream `link
// loss` of the sending device. Nothing is drawn while p is zero.
func (c *Cable) SetLoss(p float64) { c.Loss = min(max(p, 0), 1) }

func (c *Cable) refresh() {
	up := !c.cut && c.ends[0].enabled && c.ends[1].enabled
	if !up && c.ends[0].up {
		c.era++
	}
	var told [2]bool
	for i, p := range c.ends {
		told[i] = p.up != up
		p.up = up
	}
	for i, p := range c.ends {
		if !told[i] || p.up != up { // an earlier OnChange may have turned it again
			continue
		}
		if p.sw != nil && !up {
			p.sw.forget(p)
		}
		if p.OnChange != nil {
			p.OnChange(up)
		}
	}
}

// dir is the direction of what a port sends.
func (c *Cable) dir(from *Port) int {
	if from == c.ends[1] {
		return 1
	}
	return 0
}

// carry takes frame number n to the other end.
func (c *Cable) carry(from *Port, frame []byte, n uint64) {
	dir := c.dir(from)
	w := c.net.world
	if c.Loss > 0 && w.Stream(from.Device, "link loss").Chance(c.Loss) {
		c.net.happened(c, n, "lost")
		return
	}
	t := c.strike(from, dir, frame, n)
	switch {
	case t.copies == 0:
		c.net.happened(c, n, "lost")
	case !bytes.Equal(t.frame, frame):
		c.net.happened(c, n, "damaged")
	case t.copies > 1:
		c.net.happened(c, n, "doubled")
	}
	at := w.Now().Add(c.Latency + t.more)
	if c.Jitter > 0 {
		at = at.Add(w.Stream(from.Device, "link latency").Duration(0, c.Jitter))
	}
	if !t.outside {
		if at.Before(c.last[dir]) {
			at = c.last[dir]
		}
		c.last[dir] = at
	}
	for range t.copies {
		c.deliver(c.ends[1-dir], at, t.frame, n)
	}
}

// deliver hands a frame over when its time has come, unless the link has gone
// down meanwhile.
func (c *Cable) deliver(to *Port, at time.Time, frame []byte, n uint64) {
	w, era := c.net.world, c.era
	w.After(at.Sub(w.Now()), func() {
		if c.era != era || !to.up {
			c.net.happened(c, n, "lost, the link went down")
			return
		}
		w.Because(n)
		if to.sw != nil {
			to.sw.receive(to, frame)
			return
		}
		to.pass(frame, n, false)
		if to.OnReceive != nil {
			to.OnReceive(frame)
		}
	})
}
