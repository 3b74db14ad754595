package vrrp

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"testing"
)

var (
	srcA = netip.MustParseAddr("192.0.2.1")
	srcB = netip.MustParseAddr("192.0.2.2")
	vip  = netip.MustParseAddr("192.0.2.254")
)

func TestAdvertisementOnTheWire(t *testing.T) {
	for _, row := range []struct {
		name string
		a    Advertisement
		want [][]byte
	}{
		{"version 3", Advertisement{Version: 3, VRID: 1, Priority: 100, Interval: 100, Addrs: []netip.Addr{vip}}, [][]byte{
			{0x31, 1, 100, 1},
			{0, 100, 0, 0},
			{192, 0, 2, 254},
		}},
		{"version 2", Advertisement{Version: 2, VRID: 7, Priority: 0, Interval: 1, Addrs: []netip.Addr{vip}}, [][]byte{
			{0x21, 7, 0, 1},
			{0, 1, 0, 0},
			{192, 0, 2, 254},
			{0, 0, 0, 0}, {0, 0, 0, 0},
		}},
	} {
		got, err := row.a.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := slices.Concat(row.want...); !bytes.Equal(got, want) {
			t.Errorf("%s is % x, want % x", row.name, got, want)
		}
		Seal(got, srcA, Group)
		if !Verify(got, srcA, Group) {
			t.Errorf("%s: the checksum we wrote does not verify", row.name)
		}
		got[2] ^= 1
		if Verify(got, srcA, Group) {
			t.Errorf("%s: the checksum of a changed message verifies", row.name)
		}
	}
}

// RFC 5798 section 5.2.8: version 3 sums a pseudo header; RFC 3768 does not.
func TestChecksumPseudoHeader(t *testing.T) {
	for version, depends := range map[uint8]bool{2: false, 3: true} {
		b, _ := (&Advertisement{Version: version, VRID: 1, Priority: 100, Interval: 1, Addrs: []netip.Addr{vip}}).AppendBinary(nil)
		Seal(b, srcA, Group)
		if got := !Verify(b, srcB, Group); got != depends {
			t.Errorf("version %d: the checksum depends on the source: %v, want %v", version, got, depends)
		}
	}
}

func TestBadMessages(t *testing.T) {
	good, _ := (&Advertisement{Version: 3, VRID: 1, Priority: 100, Addrs: []netip.Addr{vip}}).AppendBinary(nil)
	with := func(i int, v byte) []byte { b := slices.Clone(good); b[i] = v; return b }
	for _, row := range []struct {
		name string
		b    []byte
		want error
	}{
		{"empty", nil, ErrLength},
		{"half a header", good[:7], ErrLength},
		{"an address short", good[:8], ErrLength},
		{"a byte too many", append(slices.Clone(good), 0), ErrLength},
		{"version 4", with(0, 0x41), ErrVersion},
		{"type 2", with(0, 0x32), ErrType},
	} {
		a := Advertisement{VRID: 9}
		if err := a.UnmarshalBinary(row.b); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.name, err, row.want)
		}
		if a.VRID != 9 {
			t.Errorf("%s: a failed read changed the value", row.name)
		}
	}
}

func FuzzAdvertisement(f *testing.F) {
	for _, a := range []Advertisement{{Version: 3, VRID: 1, Priority: 100, Interval: 100, Addrs: []netip.Addr{vip}}, {Version: 2, VRID: 1, Interval: 1}} {
		b, _ := a.AppendBinary(nil)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var a, again Advertisement
		if a.UnmarshalBinary(b) != nil {
			return
		}
		out, err := a.AppendBinary(nil)
		if err != nil {
			t.Fatalf("read % x but cannot write it: %v", b, err)
		}
		if err := again.UnmarshalBinary(out); err != nil || !reflect.DeepEqual(a, again) {
			t.Fatalf("% x became % x: %v", b, out, err)
		}
	})
}
