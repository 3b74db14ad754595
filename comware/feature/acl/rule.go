package acl

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature/objgroup"
	"cwlab/emulator/stack"
)

// A Rule is one rule of a list. The zero value of a condition is any.
type Rule struct {
	ID               int
	Permit           bool
	Proto            int // 0 for any
	Src, Dst         Match
	SrcPort, DstPort Ports
	SrcGroup         string // object group of addresses, in place of Src
	DstGroup         string
	SrcPortGroup     string // object group of ports, in place of SrcPort
	DstPortGroup     string
	Flags            []Flag
	Established      bool
	ICMP             *ICMP
	DSCP             *int
	Precedence       *int
	TOS              *int
	Fragment         bool
	VPN              string
	TimeRange        string
	Counting         bool
	Logging          bool
	Matched          uint64
	Comment          string

	said string // the conditions as they were written last
}

// A Flag is a condition on a TCP flag.
type Flag struct {
	Name string
	Set  bool
}

// flags are the TCP flags in order of display (RFC 9293 section 3.1).
var flags = []struct {
	name string
	bit  uint8
}{{"ack", 0x10}, {"fin", 0x01}, {"psh", 0x08}, {"rst", 0x04}, {"syn", 0x02}, {"urg", 0x20}}

// An ICMP is a condition on an ICMP message.
type ICMP struct {
	Type, Code int
	AnyCode    bool
}

// messages are the names of ICMP messages in the manual of the rule command.
var messages = []struct {
	name       string
	typ, codes int
}{
	{"echo", 8, 0}, {"echo-reply", 0, 0}, {"fragmentneed-DFset", 3, 4}, {"host-redirect", 5, 1}, {"host-tos-redirect", 5, 3},
	{"host-unreachable", 3, 1}, {"information-reply", 16, 0}, {"information-request", 15, 0}, {"net-redirect", 5, 0},
	{"net-tos-redirect", 5, 2}, {"net-unreachable", 3, 0}, {"parameter-problem", 12, 0}, {"port-unreachable", 3, 3},
	{"protocol-unreachable", 3, 2}, {"reassembly-timeout", 11, 1}, {"source-quench", 4, 0}, {"source-route-failed", 3, 5},
	{"timestamp-reply", 14, 0}, {"timestamp-request", 13, 0}, {"ttl-exceeded", 11, 0},
}

func (m *ICMP) text() string {
	for _, x := range messages {
		if !m.AnyCode && x.typ == m.Type && x.codes == m.Code {
			return x.name
		}
	}
	if m.AnyCode {
		return strconv.Itoa(m.Type)
	}
	return fmt.Sprintf("%d %d", m.Type, m.Code)
}

// Names of values of the TOS octet.
var (
	dscpNames = map[string]int{"af11": 10, "af12": 12, "af13": 14, "af21": 18, "af22": 20, "af23": 22, "af31": 26, "af32": 28, "af33": 30,
		"af41": 34, "af42": 36, "af43": 38, "cs1": 8, "cs2": 16, "cs3": 24, "cs4": 32, "cs5": 40, "cs6": 48, "cs7": 56, "default": 0, "ef": 46}
	precedenceNames = map[string]int{"routine": 0, "priority": 1, "immediate": 2, "flash": 3, "flash-override": 4, "critical": 5, "internet": 6, "network": 7}
	tosNames        = map[string]int{"max-reliability": 2, "max-throughput": 4, "min-delay": 8, "min-monetary-cost": 1, "normal": 0}
)

func nameOf(names map[string]int, v int) string {
	for n, x := range names { // one name a value
		if x == v {
			return n
		}
	}
	return strconv.Itoa(v)
}

// valueOf reads a number or its name; nil for neither.
func valueOf(names map[string]int, s string, top int) *int {
	if v, ok := names[strings.ToLower(s)]; ok {
		return &v
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n <= top {
		return &n
	}
	return nil
}

// Text is the rule as the configuration writes it.
func (r *Rule) Text(k Kind) string {
	action := "deny"
	if r.Permit {
		action = "permit"
	}
	return fmt.Sprintf("rule %d %s%s", r.ID, action, r.conditions(k))
}

// same says whether two rules do the same to the same packets.
func (r *Rule) same(o *Rule, k Kind) bool {
	for _, x := range []*Rule{r, o} {
		if x.said == "" {
			x.said = x.conditions(k) + " "
		}
	}
	return r.Permit == o.Permit && r.said == o.said
}

func (r *Rule) conditions(k Kind) string {
	var b strings.Builder
	add := func(on bool, text string) {
		if on {
			b.WriteString(" " + text)
		}
	}
	add(k == Advanced, ProtoText(r.Proto))
	add(!r.Src.Any(), "source "+r.Src.text())
	add(r.SrcGroup != "", "source object-group "+cli.Quote(r.SrcGroup))
	add(r.SrcPort.Op != "", "source-port "+r.SrcPort.text(r.Proto))
	add(r.SrcPortGroup != "", "source-port object-group "+cli.Quote(r.SrcPortGroup))
	add(!r.Dst.Any(), "destination "+r.Dst.text())
	add(r.DstGroup != "", "destination object-group "+cli.Quote(r.DstGroup))
	add(r.DstPort.Op != "", "destination-port "+r.DstPort.text(r.Proto))
	add(r.DstPortGroup != "", "destination-port object-group "+cli.Quote(r.DstPortGroup))
	for _, f := range r.Flags {
		v := 0
		if f.Set {
			v = 1
		}
		add(true, fmt.Sprintf("%s %d", f.Name, v))
	}
	add(r.Established, "established")
	if r.ICMP != nil {
		add(true, "icmp-type "+r.ICMP.text())
	}
	if r.DSCP != nil {
		add(true, "dscp "+nameOf(dscpNames, *r.DSCP))
	}
	if r.Precedence != nil {
		add(true, "precedence "+nameOf(precedenceNames, *r.Precedence))
	}
	if r.TOS != nil {
		add(true, "tos "+nameOf(tosNames, *r.TOS))
	}
	add(r.Fragment, "fragment")
	add(r.VPN != "", "vpn-instance "+cli.Quote(r.VPN))
	add(r.TimeRange != "", "time-range "+cli.Quote(r.TimeRange))
	add(r.Logging, "logging")
	add(r.Counting, "counting")
	return b.String()
}

// traffic is what a rule looks at.
type traffic struct {
	src, dst           netip.Addr
	proto              uint8
	srcPort, dstPort   uint16
	flags, tos         uint8
	icmpType, icmpCode uint8
	flow               bool // no more than addresses, protocol and ports is known
}

func read(p *stack.Packet) traffic {
	t := traffic{src: p.Src, dst: p.Dst, proto: p.Proto, tos: p.TOS}
	b := p.Payload
	switch {
	case p.Proto == 1 && len(b) >= 2:
		t.icmpType, t.icmpCode = b[0], b[1]
	case (p.Proto == 6 || p.Proto == 17) && len(b) >= 4:
		t.srcPort, t.dstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
		if p.Proto == 6 && len(b) >= 14 {
			t.flags = b[13]
		}
	}
	return t
}

// Extended says whether the rule has conditions beside protocol, addresses and
// ports of its own.
func (r *Rule) Extended() bool {
	return r.SrcGroup != "" || r.DstGroup != "" || r.SrcPortGroup != "" || r.DstPortGroup != "" || len(r.Flags) > 0 || r.Established ||
		r.ICMP != nil || r.DSCP != nil || r.Precedence != nil || r.TOS != nil || r.Fragment || r.VPN != "" || r.TimeRange != ""
}

func (r *Rule) matches(t *traffic, s *Lists) bool {
	if r.Proto != 0 && r.Proto != int(t.proto) || !r.Src.Contains(t.src) || !r.Dst.Contains(t.dst) ||
		!r.SrcPort.Contains(t.srcPort) || !r.DstPort.Contains(t.dstPort) {
		return false
	}
	// Packets come whole and in no VPN instance.
	if r.Fragment || r.VPN != "" || r.TimeRange != "" && !s.active(r.TimeRange) {
		return false
	}
	if r.SrcGroup != "" && !s.group(objgroup.IP, r.SrcGroup, func(g *objgroup.Group) bool { return g.Contains(t.src) }) ||
		r.DstGroup != "" && !s.group(objgroup.IP, r.DstGroup, func(g *objgroup.Group) bool { return g.Contains(t.dst) }) ||
		r.SrcPortGroup != "" && !s.group(objgroup.Port, r.SrcPortGroup, func(g *objgroup.Group) bool { return g.HasPort(t.srcPort) }) ||
		r.DstPortGroup != "" && !s.group(objgroup.Port, r.DstPortGroup, func(g *objgroup.Group) bool { return g.HasPort(t.dstPort) }) {
		return false
	}
	return r.header(t)
}

// header looks at what only a packet has.
func (r *Rule) header(t *traffic) bool {
	if len(r.Flags) == 0 && !r.Established && r.ICMP == nil && r.DSCP == nil && r.Precedence == nil && r.TOS == nil {
		return true
	}
	if t.flow {
		return false
	}
	for _, c := range r.Flags {
		for _, f := range flags {
			if f.name == c.Name && (t.flags&f.bit != 0) != c.Set {
				return false
			}
		}
	}
	switch {
	case r.Established && t.flags&(0x10|0x04) == 0, // ACK or RST
		r.ICMP != nil && (r.ICMP.Type != int(t.icmpType) || !r.ICMP.AnyCode && r.ICMP.Code != int(t.icmpCode)),
		r.DSCP != nil && *r.DSCP != int(t.tos>>2),
		r.Precedence != nil && *r.Precedence != int(t.tos>>5),
		r.TOS != nil && *r.TOS != int(t.tos>>1&0xf):
		return false
	}
	return true
}

// group asks an object group; one that is not there matches nothing.
func (s *Lists) group(k objgroup.Kind, name string, f func(*objgroup.Group) bool) bool {
	if s == nil {
		return false
	}
	g := objgroup.Of(s.box).Find(k, name)
	return g != nil && f(g)
}
