package stack

import (
	"net/netip"
	"slices"
	"time"

	"cwlab/emulator/link"
	"cwlab/emulator/wire"
)

// A Kind is what sort of interface it is.
type Kind int

const (
	Ethernet Kind = iota // on a port
	Loopback             // has an address, no port
	Null                 // swallows packets
	Tunnel               // puts packets into others
)

// Counters count what an interface passed, in packets and in bytes of frames.
type Counters struct {
	InPackets, InBytes, InUnicast, InBroadcast, InMulticast, InDrops       uint64
	OutPackets, OutBytes, OutUnicast, OutBroadcast, OutMulticast, OutDrops uint64
}

// An Iface is an interface of a host.
type Iface struct {
	h     *Host
	name  string
	kind  Kind
	mac   wire.MAC
	port  *link.Port
	admin bool
	up    bool
	addr  netip.Prefix
	subs  []netip.Prefix
	mtu   int
	ipMTU int // 0 for mtu

	forwardBroadcast bool
	main             *Iface   // of a subinterface
	below            []*Iface // the subinterfaces, by name
	vlan             uint16   // of a subinterface, 0 for none
	tunnel           func(*Packet)
	linked           bool // of a tunnel
	whole            bool // a tunnel that takes packets of any length
	virtual          []virtual
	groups           map[wire.MAC]int
	count            Counters
	in, out          meter
	span             time.Duration // of the rates
	ip               IPCounters
	cleared          time.Time
	changed          time.Time
	wentUp           time.Time
	wentDn           time.Time
}

// Name is the full name, GigabitEthernet1/0/1.
func (i *Iface) Name() string { return i.name }

// Host is the host it belongs to.
func (i *Iface) Host() *Host { return i.h }

// Kind is what sort of interface it is.
func (i *Iface) Kind() Kind { return i.kind }

// Loopback says whether it has no port, only an address.
func (i *Iface) Loopback() bool { return i.kind == Loopback }

// AdminUp says that nobody shut it down.
func (i *Iface) AdminUp() bool { return i.admin }

// SetAdmin shuts it down or brings it back.
func (i *Iface) SetAdmin(on bool) {
	if i.admin == on {
		return
	}
	i.admin = on
	if i.port != nil {
		i.port.Enable(on && !i.h.closed)
	}
	i.refresh()
}

// LinkUp says whether the port has a link; without a port it is true. A
// subinterface has one while its main interface is up and it has a VLAN.
func (i *Iface) LinkUp() bool {
	if i.kind == Tunnel {
		return i.linked
	}
	if i.main != nil {
		return i.main.up && i.vlan != 0
	}
	return i.port == nil || i.port.Up()
}

// Up says whether packets can pass.
func (i *Iface) Up() bool { return i.up }

// Port is the socket, nil when it has none.
func (i *Iface) Port() *link.Port { return i.port }

// MAC is the Ethernet address.
func (i *Iface) MAC() wire.MAC { return i.mac }

// MTU is the longest packet in bytes.
func (i *Iface) MTU() int { return i.mtu }

// SetMTU changes it, 68 bytes or more (RFC 791).
func (i *Iface) SetMTU(n int) { i.mtu = max(n, 68) }

// IPMTU is the longest IPv4 packet in bytes: the MTU unless it has one of its
// own.
func (i *Iface) IPMTU() int {
	if i.ipMTU > 0 {
		return i.ipMTU
	}
	return i.mtu
}

// SetIPMTU gives IPv4 an MTU of its own, 68 bytes or more; 0 takes it away.
func (i *Iface) SetIPMTU(n int) {
	if n > 0 {
		n = max(n, 68)
	}
	i.ipMTU = n
}

// SetForwardBroadcast says whether packets of others to the broadcast address
// of a network of the interface leave by it; they do not unless it was said.
func (i *Iface) SetForwardBroadcast(on bool) { i.forwardBroadcast = on }

// Counters is what passed since they were cleared.
func (i *Iface) Counters() Counters { return i.count }

// ClearCounters begins to count anew.
func (i *Iface) ClearCounters() { i.count, i.cleared = Counters{}, i.h.w.Now() }

// Cleared is when the counters were cleared, the zero time for never.
func (i *Iface) Cleared() time.Time { return i.cleared }

// LastChange is when it last went up or down, or was made.
func (i *Iface) LastChange() time.Time { return i.changed }

// LastUp and LastDown are when it last went up and down, the zero time for
// never.
func (i *Iface) LastUp() time.Time   { return i.wentUp }
func (i *Iface) LastDown() time.Time { return i.wentDn }

// Rates are the means of the last interval and the highest there were.
func (i *Iface) Rates() (in, out Rates) {
	now := i.h.w.Now()
	return i.in.rates(now, i.span), i.out.rates(now, i.span)
}

// Interval is the span of the rates, 300 seconds unless it was changed.
func (i *Iface) Interval() time.Duration { return i.span }

// SetInterval changes it: a multiple of 5 seconds up to MaxInterval.
func (i *Iface) SetInterval(d time.Duration) {
	i.span = min(max(d.Truncate(slotLength*time.Second), slotLength*time.Second), MaxInterval)
}

// refresh looks at the shutdown and the link and does what a change needs.
func (i *Iface) refresh() {
	up := i.admin && i.LinkUp() && !i.h.closed
	if up == i.up {
		return
	}
	i.up, i.changed = up, i.h.w.Now()
	i.h.reroute()
	if up {
		i.wentUp = i.changed
		i.announce()
	} else {
		i.wentDn = i.changed
		i.h.forgetNeighbours(i)
	}
	for _, f := range slices.Clone(i.h.onIface) {
		f(i, up)
	}
	for _, s := range slices.Clone(i.below) {
		s.refresh()
	}
}

// JoinMulticast makes an interface accept packets to a group; each join needs
// one LeaveMulticast to undo it.
func (h *Host) JoinMulticast(i *Iface, group netip.Addr) {
	if i.groups != nil {
		i.groups[wire.MulticastMAC(group)]++
	}
}

// LeaveMulticast undoes one JoinMulticast.
func (h *Host) LeaveMulticast(i *Iface, group netip.Addr) {
	if m := wire.MulticastMAC(group); i.groups[m] > 0 {
		i.groups[m]--
	}
}

func (i *Iface) accepts(m wire.MAC) bool {
	switch {
	case m == i.mac || m == wire.Broadcast:
		return true
	case m.Group():
		return i.groups[m] > 0
	}
	for k := range i.virtual {
		if i.virtual[k].mac == m {
			return true
		}
	}
	return false
}

// receive takes a frame from the port. A tagged one goes to the subinterface
// of its VLAN; the main interface counts what its subinterfaces take.
func (i *Iface) receive(b []byte) {
	if !i.up || len(b) < 14 {
		return
	}
	to := i
	vlan, tagged := wire.VLAN(b)
	if tagged && vlan != 0 {
		if to = i.terminates(vlan); to == nil {
			if wire.MAC(b) == i.mac {
				i.count.InDrops++
			}
			return
		}
	}
	dst := wire.MAC(b)
	if !to.up || !to.accepts(dst) {
		return
	}
	i.countIn(dst, len(b))
	if to != i {
		to.countIn(dst, len(b))
	}
	f, err := i.h.codec.Frame(b)
	if err != nil {
		to.count.InDrops++
		return
	}
	switch f.Type {
	case wire.TypeARP:
		to.receiveARP(f)
	case wire.TypeIPv4:
		v, err := i.h.codec.IPv4(f.Payload)
		if err != nil {
			to.count.InDrops++
			i.h.badIPv4(err)
			return
		}
		i.h.receiveIPv4(to, &v, dst.Group())
	}
}

func (i *Iface) countIn(dst wire.MAC, size int) {
	i.count.InPackets++
	i.count.InBytes += uint64(size)
	switch {
	case dst == wire.Broadcast:
		i.count.InBroadcast++
	case dst.Group():
		i.count.InMulticast++
	default:
		i.count.InUnicast++
	}
	i.in.add(i.h.w.Now(), i.span, dst, size)
}

// send puts a frame on the port, that of a subinterface with its tag.
func (i *Iface) send(frame []byte) {
	if !i.up || i.port == nil && i.main == nil {
		i.count.OutDrops++
		return
	}
	if i.main != nil {
		frame = wire.Tag(frame, i.vlan)
		i.countOut(frame)
		i.main.send(frame)
		return
	}
	i.countOut(frame)
	i.port.Send(frame)
}

func (i *Iface) countOut(frame []byte) {
	i.count.OutPackets++
	i.count.OutBytes += uint64(len(frame))
	switch dst := wire.MAC(frame); {
	case dst == wire.Broadcast:
		i.count.OutBroadcast++
	case dst.Group():
		i.count.OutMulticast++
	default:
		i.count.OutUnicast++
	}
	i.out.add(i.h.w.Now(), i.span, wire.MAC(frame), len(frame))
}
