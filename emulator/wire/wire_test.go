package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// An ARP reply and a UDP datagram, one row of the diagrams in RFC 826, 791
// and 768 each.
var (
	arpFrame = unhex(`020000000001 020000000002 0806
		0001 0800 06 04 0002
		020000000002 0a000002
		020000000001 0a000001
		000000000000000000000000000000000000`)
	udpPacket = unhex(`45 00 0020
		0001 4000
		ff 11 67c9
		0a000001
		0a000002
		01f4 01f4
		000c 2325
		61626364`)
)

func TestKnownBytes(t *testing.T) {
	c := new(Codec)
	f, err := c.Frame(arpFrame)
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.ARP(f.Payload)
	want := ARP{Op: ARPReply, SrcMAC: MAC{2, 0, 0, 0, 0, 2}, DstMAC: MAC{2, 0, 0, 0, 0, 1}, Src: ip("10.0.0.2"), Dst: ip("10.0.0.1")}
	if err != nil || a != want {
		t.Errorf("ARP is %+v, %v; want %+v", a, err, want)
	}
	if b := c.ARPFrame(f.Dst, f.Src, a); !bytes.Equal(b, arpFrame) {
		t.Errorf("frame is\n%x, want\n%x", b, arpFrame)
	}
	u := c.AppendUDP(ip("10.0.0.1"), ip("10.0.0.2"), UDP{Src: 500, Dst: 500, Payload: []byte("abcd")})
	p := IPv4{TTL: 255, Proto: ProtoUDP, ID: 1, DF: true, Src: ip("10.0.0.1"), Dst: ip("10.0.0.2"), Payload: u}
	if b := c.AppendIPv4(&p); !bytes.Equal(b, udpPacket) {
		t.Errorf("packet is\n%x, want\n%x", b, udpPacket)
	}
	got, err := ParseIPv4(udpPacket)
	if err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("packet is %+v, %v; want %+v", got, err, p)
	}
}

func TestDamageIsSeen(t *testing.T) {
	c := new(Codec)
	for k := range udpPacket {
		b := bytes.Clone(udpPacket)
		b[k] ^= 0x10
		p, err := c.IPv4(b)
		if err == nil {
			_, err = c.UDP(p.Src, p.Dst, p.Payload)
		}
		if err == nil {
			t.Errorf("a changed byte %d was not seen", k)
		}
	}
	m := c.AppendICMP(ICMP{Type: EchoRequest, ID: 1, Seq: 2, Payload: []byte("odd")})
	if _, err := c.ICMP(m); err != nil {
		t.Errorf("own ICMP message: %v", err)
	}
	m[7] ^= 1
	if _, err := c.ICMP(m); !errors.Is(err, ErrChecksum) {
		t.Errorf("damaged ICMP message gave %v, want %v", err, ErrChecksum)
	}
}

func TestMAC(t *testing.T) {
	m := MAC{0, 0, 0x5e, 0, 1, 0x1f}
	if s := m.String(); s != "0000-5e00-011f" {
		t.Errorf("address is written %s", s)
	}
	for _, s := range []string{"0000-5e00-011f", "00:00:5e:00:01:1f", "0000.5e00.011f", "00005E00011F"} {
		if got, err := ParseMAC(s); err != nil || got != m {
			t.Errorf("%s reads %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "0000-5e00", "0000-5e00-011g"} {
		if _, err := ParseMAC(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
	if g := MulticastMAC(ip("239.129.2.3")); g != (MAC{1, 0, 0x5e, 1, 2, 3}) {
		t.Errorf("multicast address is %v", g)
	}
}

// Hostile bytes never panic, and what is read writes back to the same value.
func FuzzDecode(f *testing.F) {
	f.Add(arpFrame)
	f.Add(udpPacket)
	f.Add(append(unhex("020000000001020000000002 0800"), udpPacket...))
	f.Add(unhex("4f000000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := new(Codec)
		if fr, err := c.Frame(b); err == nil {
			again, err := c.Frame(c.AppendFrame(fr))
			if err != nil || again.Dst != fr.Dst || again.Src != fr.Src || again.Type != fr.Type ||
				!bytes.HasPrefix(again.Payload, fr.Payload) {
				t.Errorf("frame %+v came back as %+v, %v", fr, again, err)
			}
			if a, err := c.ARP(fr.Payload); err == nil {
				back, _ := c.Frame(c.ARPFrame(fr.Dst, fr.Src, a))
				if got, err := c.ARP(back.Payload); err != nil || got != a {
					t.Errorf("ARP %+v came back as %+v, %v", a, got, err)
				}
			}
			b = fr.Payload
		}
		p, err := c.IPv4(b)
		if err != nil {
			return
		}
		if got, err := c.IPv4(c.AppendIPv4(&p)); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("packet %+v came back as %+v, %v", p, got, err)
		}
		if u, err := c.UDP(p.Src, p.Dst, p.Payload); err == nil {
			if got, err := c.UDP(p.Src, p.Dst, c.AppendUDP(p.Src, p.Dst, u)); err != nil || !reflect.DeepEqual(got, u) {
				t.Errorf("datagram %+v came back as %+v, %v", u, got, err)
			}
		}
		if m, err := c.ICMP(p.Payload); err == nil {
			if got, err := c.ICMP(c.AppendICMP(m)); err != nil || !reflect.DeepEqual(got, m) {
				t.Errorf("message %+v came back as %+v, %v", m, got, err)
			}
		}
	})
}
