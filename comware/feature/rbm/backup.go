package rbm

import (
	"net/netip"
	"time"

	"cwlab/comware/feature"
	"cwlab/emulator/nat"
	"cwlab/emulator/rbm"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
	"cwlab/emulator/zone"
)

// dataGroup is where messages of the data channel go on its link: the group
// for experiments of RFC 4727, as a real device's are not public.
var dataGroup = netip.AddrFrom4([4]byte{224, 0, 0, 254})

// refresh is how often sessions that passed packets are told of again, so that
// the peer's copies do not age meanwhile.
const refresh = 10 * time.Second

// A mirror is the backup of sessions.
type mirror struct {
	zone  *zone.Engine
	timer *sim.Timer
	// told and adopted are the packets that a session of ours had when the peer
	// was told of it, and one of the peer's when it was taken over; a copy that
	// has passed packets here is ours. Looked up only, never ranged over.
	told, adopted map[*zone.Session]uint64
}

func packets(s *zone.Session) uint64 { return s.Forward.Packets + s.Back.Packets }

// installMirror has the firewall tell of its sessions.
func (h *host) installMirror() {
	z := feature.Get[*zone.Engine](h.Box)
	if z == nil {
		return
	}
	h.mirror = &mirror{zone: z, told: map[*zone.Session]uint64{}, adopted: map[*zone.Session]uint64{}}
	z.Watch(func(ev zone.SessionEvent) {
		switch ev.Kind {
		case zone.Created:
			// Told after its first packet is counted.
			h.After(0, func() {
				if z.Alive(ev.Session) {
					h.tellOf(ev.Session)
				}
			})
		case zone.Moved:
			if !ev.First {
				h.tellOf(ev.Session)
			}
		case zone.Deleted:
			h.ended(ev.Session)
		}
	})
}

// copied says whether a session is only a copy of the peer's.
func (m *mirror) copied(s *zone.Session) bool {
	n, ok := m.adopted[s]
	return ok && n == packets(s)
}

func (h *host) tellOf(sessions ...*zone.Session) {
	if h.data == "" {
		return
	}
	var entries []rbm.Entry
	for _, s := range sessions {
		if b, ok := h.mirror.zone.Save(s); ok && !h.mirror.copied(s) {
			h.mirror.told[s] = packets(s)
			entries = append(entries, entryOf(rbm.EntryAlive, b))
		}
	}
	if len(entries) > 0 {
		feature.Get[*rbm.Engine](h.Box).SendEntries(entries)
	}
}

func (h *host) ended(s *zone.Session) {
	if b, ok := h.mirror.zone.Save(s); ok && h.data != "" && !h.mirror.copied(s) {
		feature.Get[*rbm.Engine](h.Box).SendEntries([]rbm.Entry{entryOf(rbm.EntryEnded, b)})
	}
	delete(h.mirror.told, s)
	delete(h.mirror.adopted, s)
}

// backUpAll tells the peer of all sessions, and of those that go on from time
// to time while the channel is there.
func (h *host) backUpAll() {
	if h.mirror == nil || h.data == "" {
		return
	}
	h.mirror.timer.Stop()
	h.tellOf(h.mirror.zone.Sessions()...)
	h.mirror.timer = h.After(refresh, h.refresh)
}

func (h *host) refresh() {
	if !feature.Get[*rbm.Engine](h.Box).Connected() || h.data == "" {
		return
	}
	var busy []*zone.Session
	for _, s := range h.mirror.zone.Sessions() {
		if h.mirror.told[s] != packets(s) {
			busy = append(busy, s)
		}
	}
	h.tellOf(busy...)
	h.mirror.timer = h.After(refresh, h.refresh)
}

// dataChannel names the interface of the data channel, "" for none.
func (h *host) dataChannel(name string) {
	if h.data == name {
		return
	}
	if i := h.Stack.Iface(h.data); i != nil {
		h.Stack.LeaveMulticast(i, dataGroup)
	}
	h.data = name
	if i := h.Stack.Iface(name); i != nil {
		h.Stack.JoinMulticast(i, dataGroup)
	}
	if feature.Get[*rbm.Engine](h.Box).Connected() {
		h.backUpAll()
	}
}

// SendEntries sends a message of the data channel.
func (h *host) SendEntries(b []byte) {
	i := h.Stack.Iface(h.data)
	if i == nil {
		return
	}
	c := feature.Get[*rbm.Engine](h.Box).Config()
	payload := new(wire.Codec).AppendUDP(c.Local, dataGroup, wire.UDP{Src: c.Port, Dst: c.Port, Payload: b})
	// What cannot be sent is lost, as on any link.
	_ = h.Stack.SendIP(&stack.Packet{Out: i, Src: c.Local, Dst: dataGroup, Proto: wire.ProtoUDP, TTL: 1, Payload: payload})
}

// ApplyEntries takes sessions of the peer.
func (h *host) ApplyEntries(entries []rbm.Entry) {
	if h.mirror == nil {
		return
	}
	for _, e := range entries {
		b := zone.Backup{Proto: e.Proto, State: zone.State(e.State), Src: e.Src, Dst: e.Dst, ReplySrc: e.ReplySrc, ReplyDst: e.ReplyDst,
			FromIf: e.FromIf, ToIf: e.ToIf, FromZone: e.FromZone, ToZone: e.ToZone, Start: e.Start, Life: e.Life,
			Forward: zone.Count{Packets: e.Packets[0], Bytes: e.Bytes[0]}, Back: zone.Count{Packets: e.Packets[1], Bytes: e.Bytes[1]},
			NATSrc: e.NATSrc, NATDst: e.NATDst}
		if e.Kind == rbm.EntryEnded {
			h.mirror.zone.EndOf(b)
			continue
		}
		if b.State > zone.TCPClosed {
			continue
		}
		s := h.mirror.zone.Adopt(b)
		if s == nil {
			continue
		}
		h.mirror.adopted[s] = packets(s)
		if !h.translate(s, b) {
			h.mirror.zone.EndOf(b)
		}
	}
}

// translate gives a copy the translation of the session; false when that is
// not possible here.
func (h *host) translate(s *zone.Session, b zone.Backup) bool {
	if s.NAT.Src == b.NATSrc && s.NAT.Dst == b.NATDst {
		return true
	}
	e := feature.Get[*nat.Engine](h.Box)
	return e != nil && !s.NAT.Src.IsValid() && !s.NAT.Dst.IsValid() && e.Adopt(s, b.NATSrc, b.NATDst)
}

func entryOf(kind rbm.EntryKind, b zone.Backup) rbm.Entry {
	return rbm.Entry{Kind: kind, Proto: b.Proto, State: uint8(b.State), Src: b.Src, Dst: b.Dst, ReplySrc: b.ReplySrc, ReplyDst: b.ReplyDst,
		FromIf: b.FromIf, ToIf: b.ToIf, FromZone: b.FromZone, ToZone: b.ToZone, Start: b.Start, Life: b.Life,
		NATSrc: b.NATSrc, NATDst: b.NATDst,
		Packets: [2]uint64{b.Forward.Packets, b.Back.Packets}, Bytes: [2]uint64{b.Forward.Bytes, b.Back.Bytes}}
}
