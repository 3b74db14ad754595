package capfilter

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// qualifiers say what the value of a primitive is compared with.
type qualifiers struct{ proto, dir, kind string }

// ethers and ips are the protocols by their numbers.
var (
	ethers = map[string]uint16{"ip": typeIPv4, "ip6": typeIPv6, "arp": typeARP, "rarp": typeRARP}
	ips    = map[string]int{"icmp": protoICMP, "tcp": protoTCP, "udp": protoUDP, "esp": protoESP, "ah": protoAH, "icmp6": protoICMP6, "vrrp": protoVRRP}
)

func isProto(s string) bool { return s == "ether" || ethers[s] != 0 || ips[s] != 0 }

const expected = "a primitive such as host 192.0.2.1, port 500, icmp or len > 100"

func (p *parser) primitive() (eval, error) {
	if e, done, err := p.single(); done || err != nil {
		return e, err
	}
	var q qualifiers
	begin := p.at
	if isProto(p.peek()) {
		q.proto = p.words[p.at].text
		p.at++
	}
	if dir, ok := p.take("src", "dst"); ok {
		q.dir = dir
		if p.at+1 < len(p.words) && slices.Contains([]string{"and", "or"}, p.peek()) && slices.Contains([]string{"src", "dst"}, p.words[p.at+1].text) && p.words[p.at+1].text != dir {
			q.dir = p.peek()
			p.at += 2
		}
	}
	if kind, ok := p.take("host", "net", "port", "portrange", "proto"); ok {
		q.kind = kind
	}
	if p.at == begin { // what the primitive before said still holds
		q = p.last
		if !addressLike(p.peek()) {
			return nil, p.unexpected(expected)
		}
	}
	if b, ok := p.take("broadcast", "multicast"); ok && q.dir == "" && q.kind == "" {
		return p.group(q.proto, b)
	}
	if q.dir == "" && q.kind == "" && q.proto != "" && !addressLike(p.peek()) {
		p.last = q
		return p.protocol(q.proto), nil
	}
	p.last = q
	if p.at >= len(p.words) {
		return nil, p.unexpected("a value")
	}
	e, err := p.value(q, p.words[p.at].text)
	if err == nil {
		p.at++
	}
	return e, err
}

// addressLike says whether a word can be the value of a primitive.
func addressLike(s string) bool {
	return s != "" && (s[0] >= '0' && s[0] <= '9' || strings.Contains(s, ":"))
}

// single reads the primitives that have no qualifiers.
func (p *parser) single() (e eval, done bool, err error) {
	switch w, _ := p.take("broadcast", "multicast", "less", "greater", "vlan"); w {
	case "":
		return nil, false, nil
	case "vlan":
		at := p.base()
		id := -1
		if n, err := strconv.ParseUint(p.peek(), 0, 12); err == nil {
			id = int(n)
			p.at++
		}
		p.tagged = true
		return func(v *view) bool {
			return v.kind(at) == typeVLAN && len(v.b) >= at+4 && (id < 0 || int(binary.BigEndian.Uint16(v.b[at:])&0xfff) == id)
		}, true, nil
	case "less", "greater":
		n, err := strconv.ParseUint(p.peek(), 0, 31)
		if err != nil {
			return nil, true, p.unexpected("a length in bytes")
		}
		p.at++
		if w == "less" {
			return func(v *view) bool { return len(v.b) <= int(n) }, true, nil
		}
		return func(v *view) bool { return len(v.b) >= int(n) }, true, nil
	default:
		e, err = p.group("", w)
		return e, true, err
	}
}

// group is broadcast or multicast.
func (p *parser) group(proto, what string) (eval, error) {
	at := p.base()
	switch {
	case (proto == "" || proto == "ether") && what == "broadcast":
		return func(v *view) bool { return len(v.b) >= 6 && bytes.Count(v.b[:6], []byte{0xff}) == 6 }, nil
	case proto == "" || proto == "ether":
		return func(v *view) bool { return len(v.b) >= 6 && v.b[0]&1 != 0 }, nil
	case proto == "ip" && what == "multicast":
		return func(v *view) bool { return v.kind(at) == typeIPv4 && len(v.b) >= at+20 && v.b[at+16]>>4 == 14 }, nil
	case proto == "ip6" && what == "multicast":
		return func(v *view) bool { return v.kind(at) == typeIPv6 && len(v.b) >= at+40 && v.b[at+24] == 0xff }, nil
	}
	p.at--
	return nil, p.unexpected("a primitive of " + proto)
}

// protocol is a name of a protocol alone.
func (p *parser) protocol(name string) eval {
	at := p.base()
	if t := ethers[name]; t != 0 {
		return func(v *view) bool { return v.kind(at) == t }
	}
	if n := ips[name]; n != 0 {
		return func(v *view) bool {
			proto, _, _, ok := v.network(at)
			return ok && proto == n
		}
	}
	return func(v *view) bool { return true } // ether
}

// value is a primitive with its value.
func (p *parser) value(q qualifiers, s string) (eval, error) {
	at := p.base()
	pick := func(src, dst bool) bool { return choose(q.dir, src, dst) }
	switch {
	case q.proto == "ether" && q.kind == "proto":
		n, err := strconv.ParseUint(s, 0, 16)
		if t, ok := ethers[s]; ok {
			n, err = uint64(t), nil
		}
		if err != nil {
			return nil, p.unexpected("an EtherType")
		}
		return func(v *view) bool { return v.kind(at) == uint16(n) }, nil
	case q.proto == "ether" && (q.kind == "host" || q.kind == ""):
		mac, ok := parseMAC(s)
		if !ok {
			return nil, p.unexpected("a MAC address such as 00:11:22:33:44:55")
		}
		return func(v *view) bool {
			return len(v.b) >= 12 && pick(string(v.b[6:12]) == mac, string(v.b[:6]) == mac)
		}, nil
	case q.kind == "proto":
		n, err := strconv.ParseUint(s, 0, 8)
		if v, ok := ips[strings.TrimPrefix(s, `\`)]; ok {
			n, err = uint64(v), nil
		}
		if err != nil {
			return nil, p.unexpected("an IP protocol, 0 to 255")
		}
		of := p.protocol(orElse(q.proto, "ether"))
		return func(v *view) bool {
			proto, _, _, ok := v.network(at)
			return ok && proto == int(n) && of(v)
		}, nil
	case q.kind == "port" || q.kind == "portrange":
		return p.ports(q, s, pick)
	}
	want, err := network(s, q.kind, p.mask())
	if err != nil {
		return nil, p.unexpected(err.Error())
	}
	if q.proto != "" && ips[q.proto] == 0 && ethers[q.proto] == 0 {
		return nil, p.unexpected(expected)
	}
	of := p.protocol(orElse(q.proto, "ether"))
	return func(v *view) bool {
		src, dst, ok := v.addresses(at)
		return ok && pick(want.Contains(src), want.Contains(dst)) && of(v)
	}, nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// choose picks the ends that a direction asks for.
func choose(dir string, src, dst bool) bool {
	switch dir {
	case "src":
		return src
	case "dst":
		return dst
	case "and":
		return src && dst
	}
	return src || dst
}

// parseMAC reads six bytes, or three pairs, between colons, hyphens or dots.
func parseMAC(s string) (string, bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '-' || r == '.' })
	digits := ""
	for _, x := range parts {
		digits += strings.Repeat("0", max(12/len(parts)-len(x), 0)) + x
	}
	mac, err := hex.DecodeString(digits)
	return string(mac), err == nil && len(mac) == 6 && (len(parts) == 6 || len(parts) == 3)
}

// mask reads `mask M` behind the value at hand, "" for none.
func (p *parser) mask() string {
	if p.at+2 < len(p.words) && p.words[p.at+1].text == "mask" {
		m := p.words[p.at+2].text
		p.words = slices.Delete(p.words, p.at+1, p.at+3)
		return m
	}
	return ""
}

type wanted string

func (w wanted) Error() string { return string(w) }

// network reads an address, a prefix A/n, or the first parts of an IPv4
// address, as 192.168. or net 10.
func network(s, kind, mask string) (netip.Prefix, error) {
	const host, net = wanted("an IP address"), wanted("a network such as 10.0.0.0/8 or 10.1")
	if a, err := netip.ParseAddr(s); err == nil {
		if mask != "" {
			m, err := netip.ParseAddr(mask)
			if err != nil || !m.Is4() || !a.Is4() {
				return netip.Prefix{}, wanted("a mask")
			}
			b := binary.BigEndian.Uint32(m.AsSlice())
			n := 0
			for ; n < 32 && b&(1<<31) != 0; n++ {
				b <<= 1
			}
			if b != 0 {
				return netip.Prefix{}, wanted("a mask of ones before zeros")
			}
			return netip.PrefixFrom(a, n).Masked(), nil
		}
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	if f, err := netip.ParsePrefix(s); err == nil {
		return f.Masked(), nil
	}
	parts := strings.Split(strings.TrimSuffix(s, "."), ".")
	if kind == "host" {
		return netip.Prefix{}, host
	}
	var b [4]byte
	for i, x := range parts {
		n, err := strconv.ParseUint(x, 10, 8)
		if err != nil || i > 2 {
			return netip.Prefix{}, net
		}
		b[i] = byte(n)
	}
	return netip.PrefixFrom(netip.AddrFrom4(b), 8*len(parts)), nil
}

// addresses are those of an IP packet, or of the hosts that ARP is about.
func (v *view) addresses(at int) (src, dst netip.Addr, ok bool) {
	from, to, n := 0, 0, 4
	switch v.kind(at) {
	case typeIPv4:
		from, to = at+12, at+16
	case typeARP, typeRARP:
		from, to = at+14, at+24
	case typeIPv6:
		from, to, n = at+8, at+24, 16
	default:
		return
	}
	if len(v.b) < to+n {
		return
	}
	src, _ = netip.AddrFromSlice(v.b[from : from+n])
	dst, _ = netip.AddrFromSlice(v.b[to : to+n])
	return src, dst, true
}

func (p *parser) ports(q qualifiers, s string, pick func(src, dst bool) bool) (eval, error) {
	at := p.base()
	low, high, isRange := strings.Cut(s, "-")
	if !isRange {
		high = low
	}
	from, err := strconv.ParseUint(low, 0, 16)
	to, err2 := strconv.ParseUint(high, 0, 16)
	if err != nil || err2 != nil || isRange && q.kind == "port" {
		return nil, p.unexpected(map[string]string{"port": "a port number", "portrange": "a range of ports such as 500-4500"}[q.kind])
	}
	if q.proto != "" && q.proto != "tcp" && q.proto != "udp" && ethers[q.proto] == 0 {
		return nil, p.unexpected("no port, which " + q.proto + " does not have")
	}
	in := func(b []byte) bool { n := uint64(binary.BigEndian.Uint16(b)); return from <= n && n <= to }
	of := p.protocol(orElse(q.proto, "ether"))
	return func(v *view) bool {
		proto, payload, first, ok := v.network(at)
		if !ok || !first || proto != protoTCP && proto != protoUDP || len(v.b) < payload+4 || !of(v) {
			return false
		}
		return pick(in(v.b[payload:]), in(v.b[payload+2:]))
	}, nil
}
