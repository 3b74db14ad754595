package link

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A Filter picks frames. It is written in words as tcpdump has them:
//
//	arp | ip | icmp | tcp | udp | esp | ah | gre | vrrp | isakmp
//	proto N          IPv4 protocol N
//	host A | src A | dst A
//	port N           source or destination port of UDP or TCP
//	spi 0xHEX        of ESP or AH
//	cookie 0xHEX     an ISAKMP cookie that begins so
//	greater N        frames of N bytes and more
//	not TERM, TERM and TERM, TERM or TERM
//
// `and` binds tighter than `or` and may be left out. isakmp is UDP 500 or 4500.
// An 802.1Q tag is passed over. A fragment without the transport header has no
// port, no SPI and no cookie.
type Filter struct {
	text string
	any  [][]term
}

type term struct {
	not  bool
	test func(f *fields) bool
}

// fields are what a filter may look at.
type fields struct {
	arp, ip  bool
	src, dst netip.Addr
	proto    uint8
	first    bool   // the transport header is in this fragment
	data     []byte // after the IPv4 header
	size     int    // of the frame
}

// String is the filter as it was written.
func (f Filter) String() string { return f.text }

// ParseFilter reads a filter. An empty one picks every frame.
func ParseFilter(text string) (Filter, error) {
	f := Filter{text: strings.Join(strings.Fields(text), " ")}
	words := strings.Fields(text)
	if len(words) == 0 {
		return f, nil
	}
	var all []term
	for i := 0; i < len(words); {
		switch words[i] {
		case "and":
			if len(all) == 0 || i+1 == len(words) {
				return f, fmt.Errorf("filter %q: `and` stands between two terms", text)
			}
			i++
			continue
		case "or":
			if len(all) == 0 || i+1 == len(words) {
				return f, fmt.Errorf("filter %q: `or` stands between two terms", text)
			}
			f.any = append(f.any, all)
			all = nil
			i++
			continue
		}
		t := term{}
		for i < len(words) && words[i] == "not" {
			t.not = !t.not
			i++
		}
		if i == len(words) {
			return f, fmt.Errorf("filter %q: `not` wants a term", text)
		}
		test, used, err := primitive(words[i:])
		if err != nil {
			return f, fmt.Errorf("filter %q: %w", text, err)
		}
		t.test = test
		all = append(all, t)
		i += used
	}
	f.any = append(f.any, all)
	return f, nil
}

// protocols are the IPv4 protocols that have a name in filters.
var protocols = map[string]uint8{"icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "vrrp": 112}

func primitive(words []string) (test func(*fields) bool, used int, err error) {
	name := words[0]
	if p, ok := protocols[name]; ok {
		return func(f *fields) bool { return f.ip && f.proto == p }, 1, nil
	}
	switch name {
	case "arp":
		return func(f *fields) bool { return f.arp }, 1, nil
	case "ip":
		return func(f *fields) bool { return f.ip }, 1, nil
	case "isakmp":
		return func(f *fields) bool { return f.port(500) || f.port(4500) && f.proto == 17 }, 1, nil
	case "proto", "port", "spi", "cookie", "greater", "host", "src", "dst":
	default:
		return nil, 0, fmt.Errorf("unknown word %q, want arp, ip, icmp, tcp, udp, esp, ah, gre, vrrp, isakmp, proto, host, src, dst, port, spi, cookie, greater, not, and, or", name)
	}
	if len(words) < 2 {
		return nil, 0, fmt.Errorf("%s wants a value", name)
	}
	value := words[1]
	switch name {
	case "proto":
		n, err := strconv.ParseUint(value, 10, 8)
		if err != nil {
			return nil, 0, fmt.Errorf("protocol is %q, want 0 to 255", value)
		}
		return func(f *fields) bool { return f.ip && f.proto == uint8(n) }, 2, nil
	case "port":
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			return nil, 0, fmt.Errorf("port is %q, want 0 to 65535", value)
		}
		return func(f *fields) bool { return f.port(uint16(n)) }, 2, nil
	case "spi":
		n, err := strconv.ParseUint(strings.TrimPrefix(value, "0x"), 16, 32)
		if err != nil {
			return nil, 0, fmt.Errorf("SPI is %q, want up to 8 hexadecimal digits", value)
		}
		return func(f *fields) bool { return f.spi(uint32(n)) }, 2, nil
	case "cookie":
		digits := strings.ToLower(strings.TrimPrefix(value, "0x"))
		if _, err := strconv.ParseUint(digits, 16, 64); err != nil || len(digits) > 16 {
			return nil, 0, fmt.Errorf("cookie is %q, want up to 16 hexadecimal digits", value)
		}
		return func(f *fields) bool { return f.cookie(digits) }, 2, nil
	case "greater":
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			return nil, 0, fmt.Errorf("length is %q, want 0 to 65535", value)
		}
		return func(f *fields) bool { return f.size >= int(n) }, 2, nil
	}
	a, err := netip.ParseAddr(value)
	if err != nil || !a.Is4() {
		return nil, 0, fmt.Errorf("%s is %q, want an IPv4 address", name, value)
	}
	return func(f *fields) bool {
		return name != "dst" && f.src == a || name != "src" && f.dst == a
	}, 2, nil
}

func (f *fields) port(n uint16) bool {
	if !f.first || f.proto != 6 && f.proto != 17 || len(f.data) < 4 {
		return false
	}
	return binary.BigEndian.Uint16(f.data) == n || binary.BigEndian.Uint16(f.data[2:]) == n
}

// cookie looks at the header of RFC 2408 section 3.1, behind the marker of RFC
// 3948 section 2.2 on port 4500.
func (f *fields) cookie(digits string) bool {
	at := 8
	switch {
	case f.port(500):
	case f.port(4500) && len(f.data) >= 12 && binary.BigEndian.Uint32(f.data[8:]) == 0:
		at = 12
	default:
		return false
	}
	if f.proto != 17 || len(f.data) < at+16 {
		return false
	}
	for _, c := range [][]byte{f.data[at : at+8], f.data[at+8 : at+16]} {
		if strings.HasPrefix(hex.EncodeToString(c), digits) {
			return true
		}
	}
	return false
}

func (f *fields) spi(n uint32) bool {
	at := 0
	switch {
	case !f.first:
		return false
	case f.proto == 51: // RFC 4302 section 2: behind next header, length and reserved
		at = 4
	case f.proto != 50:
		return false
	}
	return len(f.data) >= at+4 && binary.BigEndian.Uint32(f.data[at:]) == n
}

// Match says whether the filter picks the Ethernet frame.
func (f Filter) Match(frame []byte) bool {
	if len(f.any) == 0 {
		return true
	}
	p := look(frame)
	for _, all := range f.any {
		hit := true
		for _, t := range all {
			if t.test(&p) == t.not {
				hit = false
				break
			}
		}
		if hit {
			return true
		}
	}
	return false
}

func look(frame []byte) (f fields) {
	f.size = len(frame)
	if len(frame) < 14 {
		return f
	}
	kind, rest := binary.BigEndian.Uint16(frame[12:]), frame[14:]
	if kind == 0x8100 && len(rest) >= 4 {
		kind, rest = binary.BigEndian.Uint16(rest[2:]), rest[4:]
	}
	switch kind {
	case 0x0806:
		f.arp = true
		if len(rest) >= 28 {
			f.src, f.dst = netip.AddrFrom4([4]byte(rest[14:18])), netip.AddrFrom4([4]byte(rest[24:28]))
		}
	case 0x0800:
		if len(rest) < 20 {
			return f
		}
		size := int(rest[0]&15) * 4
		if size < 20 || len(rest) < size {
			return f
		}
		f.ip, f.proto = true, rest[9]
		f.src, f.dst = netip.AddrFrom4([4]byte(rest[12:16])), netip.AddrFrom4([4]byte(rest[16:20]))
		f.first = binary.BigEndian.Uint16(rest[6:])&0x1fff == 0
		f.data = rest[size:]
	}
	return f
}
