package rbm

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
)

// An EntryKind says what an entry tells of a session.
type EntryKind uint8

const (
	EntryAlive EntryKind = 1 + iota // it lives, as the entry says
	EntryEnded                      // it has ended
)

// An Entry is one service entry that the data channel carries: a session.
type Entry struct {
	Kind               EntryKind
	Proto, State       uint8
	Src, Dst           netip.AddrPort // of the initiator, IPv4
	ReplySrc, ReplyDst netip.AddrPort
	NATSrc, NATDst     netip.AddrPort // of the translation; 0.0.0.0:0 on the wire for none
	Life               time.Duration  // whole milliseconds below 49 days
	Start              time.Time      // whole milliseconds
	Packets, Bytes     [2]uint64      // of the initiator, of the responder
	FromIf, ToIf       string         // each up to 255 bytes
	FromZone, ToZone   string
}

// entryFixed is the length of an entry before its strings, which follow with a
// byte of length each:
//
//	 0  kind, protocol, state, 0
//	 4  six addresses with ports, 6 bytes each
//	40  life in milliseconds, 4 bytes
//	44  start in milliseconds since 1970, 8 bytes
//	52  packets and bytes of both directions, 8 bytes each
const entryFixed = 84

var noPort = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)

// AppendBinary appends the entry to b.
func (e *Entry) AppendBinary(b []byte) ([]byte, error) {
	out := append(b, uint8(e.Kind), e.Proto, e.State, 0)
	for _, a := range []netip.AddrPort{e.Src, e.Dst, e.ReplySrc, e.ReplyDst, e.NATSrc, e.NATDst} {
		if a == (netip.AddrPort{}) {
			a = noPort
		}
		if !a.Addr().Is4() {
			return b, fmt.Errorf("rbm: entry with the address %v, want IPv4", a.Addr())
		}
		four := a.Addr().As4()
		out = binary.BigEndian.AppendUint16(append(out, four[:]...), a.Port())
	}
	out = binary.BigEndian.AppendUint32(out, uint32(e.Life.Milliseconds()))
	out = binary.BigEndian.AppendUint64(out, uint64(e.Start.UnixMilli()))
	for i := range 2 {
		out = binary.BigEndian.AppendUint64(out, e.Packets[i])
		out = binary.BigEndian.AppendUint64(out, e.Bytes[i])
	}
	for _, s := range []string{e.FromIf, e.ToIf, e.FromZone, e.ToZone} {
		if len(s) > 255 {
			return b, fmt.Errorf("rbm: entry with a name of %d bytes, want at most 255", len(s))
		}
		out = append(append(out, uint8(len(s))), s...)
	}
	return out, nil
}

// ParseEntries reads entries one after the other.
func ParseEntries(b []byte) ([]Entry, error) {
	var all []Entry
	for len(b) > 0 {
		if len(b) < entryFixed {
			return nil, fmt.Errorf("rbm: %w: entry is %d bytes, need %d", ErrMessage, len(b), entryFixed)
		}
		e := Entry{Kind: EntryKind(b[0]), Proto: b[1], State: b[2], Life: time.Duration(binary.BigEndian.Uint32(b[40:])) * time.Millisecond,
			Start: time.UnixMilli(int64(binary.BigEndian.Uint64(b[44:]))).UTC()}
		if e.Kind != EntryAlive && e.Kind != EntryEnded || b[3] != 0 {
			return nil, fmt.Errorf("rbm: %w: entry of kind %d", ErrMessage, b[0])
		}
		for i, a := range []*netip.AddrPort{&e.Src, &e.Dst, &e.ReplySrc, &e.ReplyDst, &e.NATSrc, &e.NATDst} {
			at := b[4+6*i:]
			*a = netip.AddrPortFrom(netip.AddrFrom4([4]byte(at)), binary.BigEndian.Uint16(at[4:]))
			if i >= 4 && *a == noPort {
				*a = netip.AddrPort{}
			}
		}
		for i := range 2 {
			e.Packets[i], e.Bytes[i] = binary.BigEndian.Uint64(b[52+16*i:]), binary.BigEndian.Uint64(b[60+16*i:])
		}
		b = b[entryFixed:]
		for _, s := range []*string{&e.FromIf, &e.ToIf, &e.FromZone, &e.ToZone} {
			if len(b) < 1 || len(b) < 1+int(b[0]) {
				return nil, fmt.Errorf("rbm: %w: name of an entry is cut off", ErrMessage)
			}
			*s, b = string(b[1:1+int(b[0])]), b[1+int(b[0]):]
		}
		all = append(all, e)
	}
	return all, nil
}

// SendEntries tells the peer of service entries over the data channel. What is
// sent without a connection, or with hot backup switched off, is lost.
func (e *Engine) SendEntries(entries []Entry) {
	if !e.connected || e.c.NoEntries || e.session == 0 {
		return
	}
	var data, one []byte
	flush := func() {
		if len(data) == 0 {
			return
		}
		e.entrySeq++
		m := Message{Type: TypeEntries, Role: e.c.Role, State: e.state, Session: e.session, Echo: e.peerSession, Seq: e.entrySeq, Data: data}
		b, err := m.AppendBinary(nil)
		if err != nil {
			panic(err) // the data is cut to the length of a message
		}
		e.host.SendEntries(b)
		data = nil
	}
	for i := range entries {
		var err error
		if one, err = entries[i].AppendBinary(one[:0]); err != nil {
			continue // nothing that the peer could use
		}
		if len(data)+len(one) > fragmentSize {
			flush()
		}
		data = append(data, one...)
	}
	flush()
}

// ReceiveEntries handles one message of the data channel.
func (e *Engine) ReceiveEntries(b []byte) {
	var m Message
	if !e.connected || e.c.NoEntries || m.UnmarshalBinary(b) != nil || m.Type != TypeEntries || m.Role == e.c.Role ||
		m.Session != e.peerSession || m.Echo != e.session {
		return
	}
	if entries, err := ParseEntries(m.Data); err == nil {
		e.host.ApplyEntries(entries)
	}
}
