package acl

import (
	"cmp"
	mathbits "math/bits"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

// A Kind is basic (source only) or advanced.
type Kind int

const (
	Basic Kind = iota
	Advanced
)

func (k Kind) String() string {
	if k == Basic {
		return "basic"
	}
	return "advanced"
}

// A Match is an address with a wildcard; the zero Match is any.
type Match struct{ Addr, Wild netip.Addr }

// Any says whether every address matches.
func (m Match) Any() bool { return !m.Addr.IsValid() }

func bits(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func fromBits(v uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}

// Contains says whether an address matches.
func (m Match) Contains(a netip.Addr) bool {
	return m.Any() || a.Is4() && (bits(a)^bits(m.Addr))&^bits(m.Wild) == 0
}

// Prefix is the match as a prefix; ok is false for a wildcard with holes.
func (m Match) Prefix() (p netip.Prefix, ok bool) {
	if m.Any() {
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0), true
	}
	w := bits(m.Wild)
	if w&(w+1) != 0 {
		return netip.Prefix{}, false
	}
	n := 32
	for ; w != 0; w >>= 1 {
		n--
	}
	return netip.PrefixFrom(m.Addr, n), true
}

func (m Match) text() string {
	if m.Any() {
		return "any"
	}
	wild := m.Wild.String()
	if bits(m.Wild) == 0 {
		wild = "0"
	}
	return m.Addr.String() + " " + wild
}

// A Ports is a condition on a port; an empty Op is any.
type Ports struct {
	Op     string // eq, neq, lt, gt, range
	Lo, Hi uint16
}

// Contains says whether a port matches.
func (p Ports) Contains(n uint16) bool {
	switch p.Op {
	case "eq":
		return n == p.Lo
	case "neq":
		return n != p.Lo
	case "lt":
		return n < p.Lo
	case "gt":
		return n > p.Lo
	case "range":
		return p.Lo <= n && n <= p.Hi
	}
	return true
}

func (p Ports) text(proto int) string {
	s := p.Op + " " + portText(proto, p.Lo)
	if p.Op == "range" {
		s += " " + portText(proto, p.Hi)
	}
	return s
}

// An ACL is one list.
type ACL struct {
	Kind        Kind
	Number      int // 0 for a list that has a name only
	Name        string
	Step        int
	Auto        bool // the most specific rule first, whatever its ID
	Description string
	Rules       []*Rule // by ID

	lists *Lists
}

const defaultStep = 5

// Ref is how other features name the list.
func (l *ACL) Ref() string {
	if l.Number != 0 {
		return strconv.Itoa(l.Number)
	}
	return l.Name
}

// Find is the first rule that a flow matches, nil for none. Of the flow no
// more is known than this, so rules that ask for more do not match.
func (l *ACL) Find(src, dst netip.Addr, proto uint8, srcPort, dstPort uint16) *Rule {
	return l.first(&traffic{src: src, dst: dst, proto: proto, srcPort: srcPort, dstPort: dstPort, flow: true})
}

// Packet is the first rule that a packet matches, nil for none.
func (l *ACL) Packet(p *stack.Packet) *Rule {
	t := read(p)
	return l.first(&t)
}

func (l *ACL) first(t *traffic) *Rule {
	for _, r := range l.Ordered() {
		if r.matches(t, l.lists) {
			return r
		}
	}
	return nil
}

// Ordered are the rules in order of matching.
func (l *ACL) Ordered() []*Rule {
	if !l.Auto {
		return l.Rules
	}
	sorted := slices.Clone(l.Rules)
	slices.SortStableFunc(sorted, deeper)
	return sorted
}

// deeper orders rules from the most specific one on: VPN instance, protocol,
// the addresses with fewer free bits, fewer ports, then the ID.
func deeper(a, b *Rule) int {
	return cmp.Or(flag(a.VPN != "", b.VPN != ""), flag(a.Proto != 0, b.Proto != 0), cmp.Compare(a.Src.free(), b.Src.free()),
		cmp.Compare(a.Dst.free(), b.Dst.free()), cmp.Compare(a.SrcPort.size(), b.SrcPort.size()), cmp.Compare(a.DstPort.size(), b.DstPort.size()),
		cmp.Compare(a.ID, b.ID))
}

func flag(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}

// free is how many bits of an address do not count.
func (m Match) free() int {
	if m.Any() {
		return 32
	}
	return mathbits.OnesCount32(bits(m.Wild))
}

// size is how many ports there are to match.
func (p Ports) size() int {
	switch p.Op {
	case "eq":
		return 1
	case "neq":
		return 65535
	case "lt":
		return int(p.Lo)
	case "gt":
		return 65535 - int(p.Lo)
	case "range":
		return int(p.Hi) - int(p.Lo) + 1
	}
	return 65536
}

func (l *ACL) at(id int) (int, bool) {
	return slices.BinarySearchFunc(l.Rules, id, func(r *Rule, id int) int { return cmp.Compare(r.ID, id) })
}

func (l *ACL) put(r *Rule) {
	i, ok := l.at(r.ID)
	if ok {
		l.Rules[i] = r
		return
	}
	l.Rules = slices.Insert(l.Rules, i, r)
}

// next is the number of a rule that is given none: the lowest multiple of the
// step above all rules.
func (l *ACL) next() int {
	if len(l.Rules) == 0 {
		return 0
	}
	return (l.Rules[len(l.Rules)-1].ID/l.Step + 1) * l.Step
}

// Lists are the access control lists of one box.
type Lists struct {
	all    []*ACL // numbered first, then by name
	ranges []*TimeRange
	held   []bool // which of them did when last looked at
	filter filter
	box    *feature.Box
	onFlip []func()
}

// Lookup finds a list by its number or its name, which ignores case; nil for
// none.
func (s *Lists) Lookup(ref string) *ACL {
	if s == nil {
		return nil
	}
	for _, l := range s.all {
		if strings.EqualFold(l.Ref(), ref) {
			return l
		}
	}
	return nil
}

func (s *Lists) add(l *ACL) {
	l.lists = s
	s.all = append(s.all, l)
	slices.SortStableFunc(s.all, func(a, b *ACL) int {
		switch {
		case (a.Number == 0) != (b.Number == 0):
			return cmp.Compare(b.Number, a.Number)
		case a.Number == 0:
			return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		}
		return cmp.Compare(a.Number, b.Number)
	})
}

func (s *Lists) remove(l *ACL) {
	s.all = slices.DeleteFunc(s.all, func(o *ACL) bool { return o == l })
}

var protocols = []struct {
	name   string
	number int
}{
	{"ip", 0}, {"icmp", 1}, {"igmp", 2}, {"ipinip", 4}, {"tcp", 6}, {"udp", 17}, {"gre", 47}, {"ospf", 89},
}

// ProtoText is the name of a protocol, or its number.
func ProtoText(n int) string {
	for _, p := range protocols {
		if p.number == n {
			return p.name
		}
	}
	return strconv.Itoa(n)
}

// Names of ports, as the manual of the rule command lists them.
var (
	tcpPorts = map[string]uint16{
		"chargen": 19, "bgp": 179, "cmd": 514, "daytime": 13, "discard": 9, "dns": 53, "echo": 7, "exec": 512, "finger": 79,
		"domain": 53, "ftp": 21, "ftp-data": 20, "gopher": 70, "hostname": 101, "irc": 194, "klogin": 543, "kshell": 544, "login": 513, "lpd": 515,
		"nntp": 119, "pop2": 109, "pop3": 110, "smtp": 25, "sunrpc": 111, "tacacs": 49, "talk": 517, "telnet": 23, "time": 37,
		"uucp": 540, "whois": 43, "www": 80,
	}
	udpPorts = map[string]uint16{
		"biff": 512, "bootpc": 68, "bootps": 67, "discard": 9, "dns": 53, "dnsix": 90, "echo": 7, "mobilip-ag": 434, "mobilip-mn": 435,
		"nameserver": 42, "netbios-dgm": 138, "netbios-ns": 137, "netbios-ssn": 139, "ntp": 123, "rip": 520, "snmp": 161, "snmptrap": 162,
		"sunrpc": 111, "syslog": 514, "tacacs-ds": 65, "talk": 517, "tftp": 69, "time": 37, "who": 513, "xdmcp": 177,
	}
	tcpNames, udpNames = invert(tcpPorts), invert(udpPorts)
)

func invert(m map[string]uint16) map[uint16]string {
	out := make(map[uint16]string, len(m))
	for k, v := range m {
		if k != "domain" { // dns is how it is printed
			out[v] = k
		}
	}
	return out
}

func portText(proto int, n uint16) string {
	names := tcpNames
	if proto == 17 {
		names = udpNames
	}
	if s, ok := names[n]; ok {
		return s
	}
	return strconv.Itoa(int(n))
}

func parsePort(proto int, s string) (uint16, bool) {
	names := tcpPorts
	if proto == 17 {
		names = udpPorts
	}
	if n, ok := names[strings.ToLower(s)]; ok {
		return n, true
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return uint16(n), err == nil
}
