package wire

import (
	"bytes"
	"reflect"
	"testing"
)

func TestTag(t *testing.T) {
	want := unhex(`020000000001 020000000002 8100 0064 0806`)
	f := Tag(arpFrame, 100)
	if !bytes.HasPrefix(f, want) || !bytes.Equal(f[18:], arpFrame[14:]) {
		t.Errorf("tagged frame is %x", f)
	}
	if v, ok := VLAN(f); v != 100 || !ok {
		t.Errorf("VLAN is %d, %v", v, ok)
	}
	if _, ok := VLAN(arpFrame); ok {
		t.Error("an untagged frame has a VLAN")
	}
	c := new(Codec)
	got, err := c.Frame(f)
	if err != nil || got.VLAN != 100 || got.Type != TypeARP {
		t.Errorf("frame is %+v, %v", got, err)
	}
	if b := c.AppendFrame(got); !bytes.Equal(b, f) {
		t.Errorf("frame came back as %x, want %x", b, f)
	}
	if _, err := c.Frame(Tag(f, 7)); err == nil {
		t.Error("two tags were taken for one")
	}
}

func TestRecordRoute(t *testing.T) {
	r := NewRecord()
	for range 9 {
		r = Record(r, ip("10.1.2.3"))
	}
	full := Record(r, ip("10.9.9.9"))
	if got := Recorded(full); len(got) != 9 || got[8] != ip("10.1.2.3") {
		t.Errorf("recorded %v", got)
	}
	if Recorded(nil) != nil {
		t.Error("no option has addresses")
	}
	p := IPv4{TTL: 9, Proto: ProtoICMP, Src: ip("10.0.0.1"), Dst: ip("10.0.0.2"), Record: Record(NewRecord(), ip("10.0.0.9")), Payload: []byte("abcdefgh")}
	b := new(Codec).AppendIPv4(&p)
	if len(b) != 68 || b[0] != 0x4f || b[20] != 7 || b[21] != 39 || b[22] != 8 {
		t.Errorf("packet is %x", b)
	}
	got, err := ParseIPv4(b)
	if err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("packet is %+v, %v; want %+v", got, err, p)
	}
	if got.HeaderLen() != 60 {
		t.Errorf("header is %d bytes, want 60", got.HeaderLen())
	}
}
