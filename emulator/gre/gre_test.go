package gre

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
)

// Headers by hand, one field after the other (RFC 2784 section 2.1, RFC 2890
// section 2).
func TestKnownPackets(t *testing.T) {
	for _, tt := range []struct {
		p    Packet
		want string
	}{
		{Packet{Type: TypeIPv4, Payload: []byte{1, 2, 3}}, "0000" + "0800" + "010203"},
		{Packet{Type: TypeIPv4, Keyed: true, Key: 123}, "2000" + "0800" + "0000007b"},
		// 8000+0800+0102+0300 = 8c02, its complement 73fd
		{Packet{Type: TypeIPv4, Checksum: true, Payload: []byte{1, 2, 3}}, "8000" + "0800" + "73fd0000" + "010203"},
		{Packet{Type: TypeIPv4, Checksum: true, Keyed: true, Key: 0xffffffff}, "a000" + "0800" + "57ff0000" + "ffffffff"},
	} {
		b, _ := tt.p.AppendBinary(nil)
		if got := hex.EncodeToString(b); got != tt.want {
			t.Errorf("%+v is %s, want %s", tt.p, got, tt.want)
		}
		var back Packet
		if err := back.UnmarshalBinary(b); err != nil || back.Key != tt.p.Key || back.Type != tt.p.Type || !bytes.Equal(back.Payload, tt.p.Payload) {
			t.Errorf("%s is read as %+v, %v", tt.want, back, err)
		}
	}
}

func TestBadPackets(t *testing.T) {
	for _, tt := range []struct {
		wire string
		want error
	}{
		{"000008", ErrTruncated},
		{"2000080000", ErrTruncated},
		{"80000800" + "73fc0000" + "010203", ErrChecksum},
		{"4000080000000000", ErrHeader},
		{"0001880b00000000", ErrHeader}, // version 1 is PPTP
		{"1000080000000001" + "45", nil},
	} {
		b, _ := hex.DecodeString(tt.wire)
		p := Packet{Key: 9}
		if err := p.UnmarshalBinary(b); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.wire, err, tt.want)
		} else if err != nil && p.Key != 9 {
			t.Errorf("%s: a failed decode changed the packet to %+v", tt.wire, p)
		}
	}
}

func FuzzPacket(f *testing.F) {
	f.Add([]byte{0xa0, 0, 8, 0, 0x57, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		var p, q Packet
		if p.UnmarshalBinary(b) != nil {
			return
		}
		again, _ := p.AppendBinary(nil)
		if err := q.UnmarshalBinary(again); err != nil || q.Type != p.Type || q.Key != p.Key || !bytes.Equal(q.Payload, p.Payload) {
			t.Errorf("%x became %x, %v", b, again, err)
		}
	})
}
