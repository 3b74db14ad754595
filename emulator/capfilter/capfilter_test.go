package capfilter

import (
	"net/netip"
	"strings"
	"testing"

	"cwlab/emulator/wire"
)

var (
	one  = wire.MAC{0, 0x11, 0x22, 0x33, 0x44, 0x55}
	two  = wire.MAC{2, 0, 0, 0, 0, 2}
	a, b = netip.MustParseAddr("192.168.1.10"), netip.MustParseAddr("10.1.2.3")
)

// frames are the frames of the table, by name.
func frames() map[string][]byte {
	c := new(wire.Codec)
	ip := func(proto uint8, payload []byte) []byte {
		return c.IPv4Frame(two, one, &wire.IPv4{TTL: 64, Proto: proto, Src: a, Dst: b, Payload: payload})
	}
	udp := ip(wire.ProtoUDP, c.AppendUDP(a, b, wire.UDP{Src: 500, Dst: 4500, Payload: make([]byte, 10)}))
	tail := make([]byte, 20)
	copy(tail, []byte{0, 23, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2})
	second := ip(wire.ProtoUDP, []byte{1, 0xf4, 1, 0xf4, 0, 0, 0, 0})
	second[20], second[21] = 0, 9
	six := append(append([]byte{}, udp[:12]...), 0x86, 0xdd)
	six = append(six, make([]byte, 40)...)
	six[14], six[20], six[37], six[53] = 0x60, 58, 1, 2
	return map[string][]byte{
		"udp": udp, "echo": ip(1, c.AppendICMP(wire.ICMP{Type: wire.EchoRequest, Payload: make([]byte, 56)})),
		"tcp": ip(6, tail), "esp": ip(50, make([]byte, 20)), "fragment": second, "tagged": wire.Tag(udp, 3), "six": six,
		"arp": c.ARPFrame(wire.Broadcast, one, wire.ARP{Op: wire.ARPRequest, SrcMAC: one, Src: a, Dst: b}), "short": udp[:20],
	}
}

const order = "udp echo tcp esp fragment tagged six arp short"

func TestExpressions(t *testing.T) {
	all := frames()
	for _, row := range []struct{ text, want string }{
		{"", order},
		{"ip", "udp echo tcp esp fragment short"},
		{"ip6", "six"},
		{"arp", "arp"},
		{"icmp", "echo"},
		{"icmp6", "six"},
		{"UDP", "udp fragment"},
		{"esp or tcp", "tcp esp"},
		{"ip proto 50", "esp"},
		{`ip proto \udp`, "udp fragment"},
		{"ether proto 0x0806", "arp"},
		{"ether src 00:11:22:33:44:55 and arp", "arp"},
		{"ether host ffff.ffff.ffff or ether dst ff-ff-ff-ff-ff-ff", "arp"},
		{"host 10.1.2.3", "udp echo tcp esp fragment arp"},
		{"src 10.1.2.3", ""},
		{"src or dst host 10.1.2.3 and ip", "udp echo tcp esp fragment"},
		{"src and dst net 0.0.0.0/0 and udp", "udp fragment"},
		{"ip src 192.168.1.10 and tcp", "tcp"},
		{"dst net 10.1", "udp echo tcp esp fragment arp"},
		{"dst 10.1. and icmp", "echo"},
		{"net 10.0.0.0 mask 255.0.0.0 and esp", "esp"},
		{"src 1.1.1.1 or 192.168.", "udp echo tcp esp fragment arp"},
		{"host ::2", "six"},
		{"dst net ::/64 and ip6", "six"},
		{"port 500", "udp"},
		{"dst port 500", ""},
		{"port 23 or 500", "udp tcp"},
		{"tcp port 23 or udp dst port 4500", "udp tcp"},
		{"portrange 20-30", "tcp"},
		{"not port 23 and not port 500 and ip", "echo esp fragment short"},
		{"port 23 or icmp", "echo tcp"},
		{"vlan", "tagged"},
		{"vlan 3 and src 192.168.1.10 or 192.168.1.11 and dst 10.1.2.3", "tagged"},
		{"vlan 4", ""},
		{"broadcast", "arp"},
		{"multicast", "arp"},
		{"ip multicast", ""},
		{"less 42", "short"},
		{"greater 90", "echo"},
		{"len>=98", "echo"},
		{"len+100>=198", "echo"},
		{"ip[9]=17", "udp fragment"},
		{"ip[0]&0xf != 5", ""},
		{"ip[2:2] > 40 and ip[8] = 8*8", "echo"},
		{"icmp[icmptype]=icmp-echo", "echo"},
		{"tcp[tcpflags] & (tcp-syn|tcp-ack) != 0", "tcp"},
		{"tcp[13] << 1 = 4 && !udp", "tcp"},
		{"(ether[0] & 1 = 0) and (arp or esp)", "esp"},
		{"not (ip or arp or vlan)", "six"},
		{"!ip[200]=1", ""},
		{"udp[0:2]=500 or udp[0:2]=1", "udp"},
		{"len / 0 = 1", ""},
		{"1 = 1 and esp", "esp"},
	} {
		f, err := Parse(row.text)
		if err != nil {
			t.Errorf("%q: %v", row.text, err)
			continue
		}
		var got []string
		for _, name := range strings.Fields(order) {
			if f.Match(all[name]) {
				got = append(got, name)
			}
		}
		want := map[string]bool{}
		for _, w := range strings.Fields(row.want) {
			want[w] = true
		}
		for _, g := range got {
			if !want[g] {
				t.Errorf("%q lets %s through", row.text, g)
			}
			delete(want, g)
		}
		for _, name := range strings.Fields(order) {
			if want[name] {
				t.Errorf("%q does not let %s through", row.text, name)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"and", `"and" at column 1, expected a primitive`},
		{"host", "it ends where a value is expected"},
		{"host x", `"x" at column 6, expected an IP address`},
		{"net 1.2.3.4.5", `expected a network`},
		{"port 70000", `"70000" at column 6, expected a port number`},
		{"port 1-2", "expected a port number"},
		{"portrange a-b", "expected a range of ports"},
		{"icmp port 5", "expected no port, which icmp does not have"},
		{"ip or", "it ends where"},
		{"ip tcp", `"tcp" at column 4, expected and, or, or the end`},
		{"(ip", "it ends where ) is expected"},
		{"ip[0", "it ends where ] is expected"},
		{"ip[0:3]=1", "expected 1, 2 or 4 bytes"},
		{"ip[0]", "it ends where a comparison"},
		{"len > x", "expected a number"},
		{"less x", "expected a length in bytes"},
		{"tcp broadcast", "expected a primitive of tcp"},
		{"net 1.0.0.0 mask 255.0.255.0", "a mask of ones before zeros"},
		{"http", `"http" at column 1`},
		{strings.Repeat("not ", 200) + "ip", "nested too deep"},
		{strings.Repeat("(", 200) + "1=1" + strings.Repeat(")", 200), "nested too deep"},
	} {
		if _, err := Parse(row.text); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q gives %v, want %s", row.text, err, row.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"vlan 3 and src 192.168.1.10 or 192.168.1.11", "ip[0]&0xf != 5 or tcp[tcpflags]=tcp-syn", "portrange 1-2 and (len<<1>4)", "!::1"} {
		f.Add(s, frames()["tcp"])
	}
	f.Fuzz(func(_ *testing.T, text string, frame []byte) {
		if e, err := Parse(text); err == nil {
			e.Match(frame)
			e.Match(frame[:len(frame)/2])
		}
	})
}
