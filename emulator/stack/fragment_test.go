package stack

import (
	"bytes"
	"testing"
	"time"

	"cwlab/emulator/wire"
)

func TestReassembly(t *testing.T) {
	whole := make([]byte, 40)
	for k := range whole {
		whole[k] = byte(k)
	}
	type piece struct{ from, to int }
	for _, row := range []struct {
		name   string
		pieces []piece
		want   bool
	}{
		{"in order", []piece{{0, 16}, {16, 32}, {32, 40}}, true},
		{"backwards", []piece{{32, 40}, {16, 32}, {0, 16}}, true},
		{"one is missing", []piece{{0, 16}, {32, 40}}, false},
		{"overlap", []piece{{0, 24}, {16, 32}, {32, 40}}, false},
		{"twice", []piece{{0, 16}, {0, 16}, {16, 40}}, false},
		{"behind the end", []piece{{0, 16}, {32, 40}, {40, 48}, {16, 32}}, false},
		{"odd length inside", []piece{{0, 15}, {16, 40}}, false},
	} {
		l := newLAN(t, 1)
		h := l.hosts[0]
		var got []byte
		h.HandleProto(99, func(p *Packet) { got = p.Payload })
		for _, c := range row.pieces {
			b := make([]byte, c.to-c.from)
			copy(b, whole[min(c.from, 40):])
			frame := new(wire.Codec).IPv4Frame(wire.MAC{2, 0, 0, 0, 0, 1}, wire.MAC{2, 0, 0, 0, 0, 9}, &wire.IPv4{
				TTL: 9, Proto: 99, ID: 5, MF: c.to < 40, Offset: c.from, Src: ip("10.0.0.9"), Dst: ip("10.0.0.1"), Payload: b,
			})
			h.Iface("eth0").receive(frame)
		}
		if bytes.Equal(got, whole) != row.want {
			t.Errorf("%s: got %x, want whole packet: %v", row.name, got, row.want)
		}
		l.run(time.Minute)
		if len(h.frags.sets) != 0 {
			t.Errorf("%s: fragments are kept for ever", row.name)
		}
	}
}
