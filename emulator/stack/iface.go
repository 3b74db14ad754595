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
)

// Counters count what an interface passed, in packets and in bytes of frames.
type Counters struct {
	InPackets, InBytes, InUnicast, InBroadcast, InMulticast, InDrops       uint64
	OutPackets, OutBytes, OutUnicast, OutBroadcast, OutMulticast, OutDrops uint64
}

// A virtual is an address that the host owns for a while, with its own
// Ethernet address.
type virtual struct {
	addr netip.Addr
	mac  wire.MAC
}

// An Iface is an interface of a host.
type Iface struct {
	h       *Host
	name    string
	kind    Kind
	mac     wire.MAC
	port    *link.Port
	admin   bool
	up      bool
	addr    netip.Prefix
	mtu     int
	virtual []virtual
	groups  map[wire.MAC]int
	count   Counters
	in, out meter
	cleared time.Time
	changed time.Time
	wentUp  time.Time
	wentDn  time.Time
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

// LinkUp says whether the port has a link; without a port it is true.
func (i *Iface) LinkUp() bool { return i.port == nil || i.port.Up() }

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

// Addr is the address with its prefix length, the zero Prefix for none.
func (i *Iface) Addr() netip.Prefix { return i.addr }

// SetAddr gives it an address and tells the neighbours; the zero Prefix takes
// it away.
func (i *Iface) SetAddr(p netip.Prefix) {
	if i.addr == p {
		return
	}
	i.addr = p
	i.h.forgetNeighbours(i)
	i.h.rt.stale = true
	i.announce()
}

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

// Rates are the means of the last 300 seconds and the highest there were.
func (i *Iface) Rates() (in, out Rates) {
	now := i.h.w.Now()
	return i.in.rates(now), i.out.rates(now)
}

// refresh looks at the shutdown and the link and does what a change needs.
func (i *Iface) refresh() {
	up := i.admin && i.LinkUp() && !i.h.closed
	if up == i.up {
		return
	}
	i.up, i.changed = up, i.h.w.Now()
	i.h.rt.stale = true
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
}

func (i *Iface) announce() {
	if i.up && i.addr.IsValid() {
		i.GratuitousARP(i.addr.Addr(), i.mac)
	}
	for _, v := range i.virtual {
		i.GratuitousARP(v.addr, v.mac)
	}
}

// AddVirtual makes the host own addr with an Ethernet address of its own:
// frames to mac are accepted, ARP answers with it, and packets from addr leave
// with it.
func (i *Iface) AddVirtual(addr netip.Addr, mac wire.MAC) {
	i.RemoveVirtual(addr)
	i.virtual = append(i.virtual, virtual{addr, mac})
	i.h.rt.stale = true
}

// RemoveVirtual gives addr up.
func (i *Iface) RemoveVirtual(addr netip.Addr) {
	i.virtual = slices.DeleteFunc(i.virtual, func(v virtual) bool { return v.addr == addr })
	i.h.rt.stale = true
}

// Virtuals lists the virtual addresses.
func (i *Iface) Virtuals() []netip.Addr {
	var all []netip.Addr
	for _, v := range i.virtual {
		all = append(all, v.addr)
	}
	return all
}

func (i *Iface) owns(a netip.Addr) bool {
	if i.addr.IsValid() && i.addr.Addr() == a {
		return true
	}
	for k := range i.virtual {
		if i.virtual[k].addr == a {
			return true
		}
	}
	return false
}

// macOf is the Ethernet address that goes with an address of this interface.
func (i *Iface) macOf(a netip.Addr) wire.MAC {
	for k := range i.virtual {
		if i.virtual[k].addr == a {
			return i.virtual[k].mac
		}
	}
	return i.mac
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

// broadcast says whether a is the limited broadcast or that of the subnet.
func (i *Iface) broadcast(a netip.Addr) bool {
	if a == limited {
		return true
	}
	return i.addr.IsValid() && i.addr.Bits() < 31 && a == lastOf(i.addr)
}

var limited = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// lastOf is the highest address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	a := p.Masked().Addr().As4()
	for k := p.Bits(); k < 32; k++ {
		a[k/8] |= 0x80 >> (k % 8)
	}
	return netip.AddrFrom4(a)
}

// receive takes a frame from the port.
func (i *Iface) receive(b []byte) {
	if !i.up || len(b) < 14 {
		return
	}
	dst := wire.MAC(b)
	if !i.accepts(dst) {
		return
	}
	i.count.InPackets++
	i.count.InBytes += uint64(len(b))
	switch {
	case dst == wire.Broadcast:
		i.count.InBroadcast++
	case dst.Group():
		i.count.InMulticast++
	default:
		i.count.InUnicast++
	}
	i.in.add(i.h.w.Now(), len(b))
	f, err := i.h.codec.Frame(b)
	if err != nil {
		i.count.InDrops++
		return
	}
	switch f.Type {
	case wire.TypeARP:
		i.receiveARP(f)
	case wire.TypeIPv4:
		v, err := i.h.codec.IPv4(f.Payload)
		if err != nil {
			i.count.InDrops++
			return
		}
		i.h.receiveIPv4(i, &v, dst.Group())
	}
}

// send puts a frame on the port.
func (i *Iface) send(frame []byte) {
	if !i.up || i.port == nil {
		i.count.OutDrops++
		return
	}
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
	i.out.add(i.h.w.Now(), len(frame))
	i.port.Send(frame)
}

// A Rate is a mean of whole packets and bytes a second.
type Rate struct{ Packets, Bytes uint64 }

// Rates of one direction. Peak is in bytes a second; PeakAt is the zero time
// while nothing has passed.
type Rates struct {
	Rate
	Peak   uint64
	PeakAt time.Time
}

// Slots of a meter: ten of 30 seconds.
const (
	slots      = 10
	slotLength = 30
)

// A meter counts what passes by slots.
type meter struct {
	slot   int64 // the number of the newest one
	count  [slots]Rate
	peak   uint64
	peakAt time.Time
}

func (m *meter) turn(now time.Time) {
	slot := now.Unix() / slotLength
	if slot == m.slot {
		return
	}
	if mean := m.mean(); mean.Bytes > m.peak {
		m.peak, m.peakAt = mean.Bytes, time.Unix((m.slot+1)*slotLength, 0).In(now.Location())
	}
	for s := max(m.slot+1, slot-slots+1); s <= slot; s++ {
		m.count[s%slots] = Rate{}
	}
	m.slot = slot
}

func (m *meter) add(now time.Time, bytes int) {
	m.turn(now)
	c := &m.count[m.slot%slots]
	c.Packets++
	c.Bytes += uint64(bytes)
}

func (m *meter) mean() Rate {
	var sum Rate
	for _, c := range m.count {
		sum.Packets += c.Packets
		sum.Bytes += c.Bytes
	}
	return Rate{sum.Packets / (slots * slotLength), sum.Bytes / (slots * slotLength)}
}

func (m *meter) rates(now time.Time) Rates {
	m.turn(now)
	return Rates{m.mean(), m.peak, m.peakAt}
}
