package dissect

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/rbm"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/wire"
)

var (
	a, b = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	one  = wire.MAC{2, 0, 0, 0, 0, 1}
	two  = wire.MAC{2, 0, 0, 0, 0, 2}
)

func ip(proto uint8, payload []byte) []byte {
	c := new(wire.Codec)
	return c.IPv4Frame(two, one, &wire.IPv4{TTL: 255, Proto: proto, Src: a, Dst: b, Payload: payload})
}

func udp(src, dst uint16, payload []byte) []byte {
	c := new(wire.Codec)
	return ip(wire.ProtoUDP, c.AppendUDP(a, b, wire.UDP{Src: src, Dst: dst, Payload: payload}))
}

func bin(t testing.TB, m interface{ AppendBinary([]byte) ([]byte, error) }) []byte {
	t.Helper()
	out, err := m.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// frames are one of each kind with the line of the list.
func frames(t testing.TB) []struct {
	frame []byte
	want  string
} {
	c := new(wire.Codec)
	advert := &vrrp.Advertisement{Version: 3, VRID: 1, Priority: 120, Interval: 100, Addrs: []netip.Addr{b}}
	bad := bin(t, advert)
	good := slices.Clone(bad)
	vrrp.Seal(good, a, b)
	first := &isakmp.Message{
		Header: isakmp.Header{Initiator: isakmp.Cookie{1, 2, 3}, Version: isakmp.Version1, Exchange: isakmp.ExchangeMain},
		Payloads: []isakmp.Payload{&isakmp.SA{DOI: 1, Situation: 1, Proposals: []isakmp.Proposal{{Number: 1, Protocol: isakmp.ProtoISAKMP,
			Transforms: []isakmp.Transform{{Number: 1, ID: 1, Attributes: []isakmp.Attribute{isakmp.Attr(isakmp.Phase1Encryption, 1), isakmp.Attr(isakmp.Phase1Hash, 2)}}}}}}},
	}
	notify := &isakmp.Message{
		Header:   isakmp.Header{Initiator: isakmp.Cookie{1}, Version: isakmp.Version1, Exchange: isakmp.ExchangeInformational, MessageID: 7},
		Payloads: []isakmp.Payload{&isakmp.Notification{DOI: 1, Protocol: isakmp.ProtoESP, Notify: isakmp.InvalidSPI, SPI: []byte{0, 0, 1, 2}}},
	}
	hello := &rbm.Message{Type: rbm.TypeHello, Role: rbm.Primary, State: rbm.Active, Flags: rbm.FlagHealthy, Session: 1, Seq: 9}
	tagged := wire.Tag(udp(500, 500, bin(t, first)), 7)
	echo := c.AppendICMP(wire.ICMP{Type: wire.EchoRequest, ID: 1, Seq: 2, Payload: []byte("abc")})
	return []struct {
		frame []byte
		want  string
	}{
		{c.ARPFrame(wire.Broadcast, one, wire.ARP{Op: wire.ARPRequest, SrcMAC: one, Src: a, Dst: b}), "192.0.2.1 192.0.2.2 ARP who has 192.0.2.2? tell 192.0.2.1"},
		{c.ARPFrame(wire.Broadcast, one, wire.ARP{Op: wire.ARPRequest, SrcMAC: one, Src: a, Dst: a}), "192.0.2.1 192.0.2.1 ARP 192.0.2.1 is at 0200-0000-0001 (announcement)"},
		{ip(1, slices.Clone(echo)), "192.0.2.1 192.0.2.2 ICMP echo request id 1 seq 2, 3 bytes"},
		{udp(5, 6, []byte("x")), "192.0.2.1 192.0.2.2 UDP 5 > 6, 1 bytes"},
		{udp(500, 500, bin(t, first)), "192.0.2.1 192.0.2.2 ISAKMP Main SA, 0102030000000000"},
		{tagged, "192.0.2.1 192.0.2.2 ISAKMP Main SA, 0102030000000000"},
		{udp(4500, 4500, append([]byte{0, 0, 0, 0}, bin(t, notify)...)), "192.0.2.1 192.0.2.2 ISAKMP Info N(INVALID-SPI), 0100000000000000 id 00000007"},
		{udp(4500, 4500, []byte{255}), "192.0.2.1 192.0.2.2 NAT-T keepalive"},
		{udp(4500, 4500, unhex("000000010000000200")), "192.0.2.1 192.0.2.2 ESP SPI 0x00000001 seq 2, 1 bytes"},
		{ip(50, unhex("00000001000000ff")), "192.0.2.1 192.0.2.2 ESP SPI 0x00000001 seq 255, 0 bytes"},
		{ip(50, unhex("0000")), "192.0.2.1 192.0.2.2 ESP 2 bytes, need 8"},
		{ip(51, append(unhex("0104000000000009000000010000000000000000000000000000"[:48]), echo...)), "192.0.2.1 192.0.2.2 AH SPI 0x00000009 seq 1: ICMP echo request id 1 seq 2, 3 bytes"},
		{ip(112, good), "192.0.2.1 192.0.2.2 VRRP v3 router 1 priority 120, every 100 cs"},
		{ip(112, bad), "192.0.2.1 192.0.2.2 VRRP v3 router 1 priority 120, every 100 cs, checksum wrong"},
		{udp(60064, 60064, bin(t, hello)), "192.0.2.1 192.0.2.2 RBM Hello Primary Active seq 9, healthy"},
		{ip(99, []byte("xy")), "192.0.2.1 192.0.2.2 IPv4 protocol 99, 2 bytes"},
		{ip(1, echo)[:20], "0200-0000-0001 0200-0000-0002 IPv4 6 bytes, need 20"},
		{[]byte{1, 2}, "  Ethernet 2 bytes, need 14"},
	}
}

func unhex(s string) []byte {
	out, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return out
}

func TestLinesOfTheList(t *testing.T) {
	for _, row := range frames(t) {
		p := New().Packet(row.frame)
		if got := strings.Join([]string{p.Src, p.Dst, p.Protocol, p.Summary}, " "); got != row.want {
			t.Errorf("%x reads\n%s, want\n%s", row.frame, got, row.want)
		}
	}
}

func TestTreeOfAMessage(t *testing.T) {
	p := New().Packet(frames(t)[4].frame)
	got := strings.Join(p.Lines(), "\n")
	for _, want := range []string{
		"Ethernet, 0200-0000-0001 to 0200-0000-0002\n  Destination: 0200-0000-0002",
		"\nIPv4, 192.0.2.1 to 192.0.2.2, UDP\n", "\n  TTL: 255\n", "\nUDP, 500 to 500\n", "\nISAKMP, Identity Protection\n",
		"\n  Initiator cookie: 0102030000000000\n", "\nSA payload, 36 bytes\n", "\n  Proposal 1: PROTO_ISAKMP, 1 transforms\n    Transform 1: ID 1\n      Encryption: DES-CBC\n      Hash: SHA",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the tree lacks %q:\n%s", want, got)
		}
	}
}

// bounds says that every node lies in the bytes it counts in.
func bounds(t *testing.T, frame []byte, nodes []Node) {
	t.Helper()
	for _, n := range nodes {
		of := n.Of
		if of == nil {
			of = frame
		}
		if n.From < 0 || n.From > n.To || n.To > len(of) {
			t.Errorf("%q is bytes %d to %d of %d", n.Text, n.From, n.To, len(of))
		}
		if strings.ContainsAny(n.Text, "\n\x1b") {
			t.Errorf("line %q has control characters", n.Text)
		}
		bounds(t, frame, n.Kids)
	}
}

func TestEveryPrefixIsRead(t *testing.T) {
	for _, row := range frames(t) {
		for n := range row.frame {
			p := New().Packet(row.frame[:n])
			bounds(t, row.frame[:n], p.Layers)
		}
	}
}

// What a dissector remembers is bounded, whatever it sees.
func TestMemoryIsBounded(t *testing.T) {
	d := New()
	m := &isakmp.Message{
		Header:   isakmp.Header{Version: isakmp.Version1, Exchange: isakmp.ExchangeMain},
		Payloads: []isakmp.Payload{&isakmp.Nonce{Data: make([]byte, 16)}},
	}
	for i := range 3 * maxSAs {
		m.Initiator = isakmp.Cookie{byte(i), byte(i >> 8), 1}
		d.Learn(udp(500, 500, bin(t, m)))
	}
	if len(d.sas) != maxSAs || len(d.saOrder) != maxSAs {
		t.Errorf("%d IKE SAs are remembered, want %d", len(d.sas), maxSAs)
	}
}

func FuzzPacket(f *testing.F) {
	for _, row := range frames(f) {
		f.Add(row.frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		d := New()
		d.Learn(frame)
		p := d.Packet(frame)
		bounds(t, frame, p.Layers)
		if strings.ContainsAny(p.Summary, "\n\x1b") {
			t.Errorf("summary %q has control characters", p.Summary)
		}
	})
}
