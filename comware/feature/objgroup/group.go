package objgroup

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/zone"
)

// A Kind is what a group is made of.
type Kind int

const (
	IP Kind = iota
	IPv6
	Service
	Port
)

// kinds are the words of a kind: in commands, in prompts and in displays.
var kinds = [...]struct{ line, prompt, title string }{
	IP:      {"ip address", "ip", "IP address"},
	IPv6:    {"ipv6 address", "ipv6", "IPv6 address"},
	Service: {"service", "service", "Service"},
	Port:    {"port", "port", "Port"},
}

// Ports is a range of ports, both ends included.
type Ports = zone.Range[uint16]

// An Object is one line of a group.
type Object struct {
	ID   uint32
	Text string // as the configuration writes it, without the ID

	group   *Group // the group it stands for, nil for none
	exclude bool
	addrs   zone.Range[netip.Addr]
	wild    netip.Addr // of addrs.From, invalid for a range
	service zone.Service
	ports   Ports
	opaque  bool // matches nothing here: a host name, IPv6
}

// A Group is a group of objects.
type Group struct {
	Kind        Kind
	Name        string
	Description string
	Zone        string // security zone that it belongs to, "" for none
	Default     bool   // one that the device brings along
	Objects     []*Object
}

// maxNesting is how deep groups may stand for each other.
const maxNesting = 5

// Contains says whether an address is in a group of IPv4 addresses.
func (g *Group) Contains(a netip.Addr) bool {
	in := g.Default && g.Name == "any"
	for _, o := range g.Objects {
		switch {
		case o.opaque:
		case o.exclude:
			if a == o.addrs.From {
				return false
			}
		case o.group != nil:
			in = in || o.group.Contains(a)
		case o.wild.IsValid():
			in = in || masked(a, o.wild) == masked(o.addrs.From, o.wild)
		default:
			in = in || !a.Less(o.addrs.From) && !o.addrs.To.Less(a)
		}
	}
	return in
}

// masked is an address without the bits of a wildcard.
func masked(a, wild netip.Addr) [4]byte {
	v, w := a.As4(), wild.As4()
	for i := range v {
		v[i] &^= w[i]
	}
	return v
}

// Services are what a group of services has, nested groups included.
func (g *Group) Services() []zone.Service {
	if g.Default && g.Name == "any" {
		return []zone.Service{{}}
	}
	var all []zone.Service
	for _, o := range g.Objects {
		switch {
		case o.opaque:
		case o.group != nil:
			all = append(all, o.group.Services()...)
		default:
			all = append(all, o.service)
		}
	}
	return all
}

// HasPort says whether a port is in a group of ports.
func (g *Group) HasPort(port uint16) bool {
	return g.Default || slices.ContainsFunc(g.Objects, func(o *Object) bool {
		if o.group != nil {
			return o.group.HasPort(port)
		}
		return o.ports.From <= port && port <= o.ports.To
	})
}

// depth is how many levels of groups there are from g down.
func (g *Group) depth() int {
	n := 0
	for _, o := range g.Objects {
		if o.group != nil {
			n = max(n, o.group.depth())
		}
	}
	return n + 1
}

// reaches says whether g stands for other, at any depth.
func (g *Group) reaches(other *Group) bool {
	return g == other || slices.ContainsFunc(g.Objects, func(o *Object) bool { return o.group != nil && o.group.reaches(other) })
}

// next is the ID of an object that is given none: the lowest multiple of ten
// above all others.
func (g *Group) next() uint32 {
	if len(g.Objects) == 0 {
		return 0
	}
	return (g.Objects[len(g.Objects)-1].ID/10 + 1) * 10
}

func (g *Group) key() string {
	return "object-group " + kinds[g.Kind].line + " " + strings.ToLower(g.Name)
}

func (g *Group) line() string { return "object-group " + kinds[g.Kind].line + " " + cli.Quote(g.Name) }

// Groups are the object groups of one box.
type Groups struct {
	all      []*Group // by kind, then by name
	users    []func(*Group) bool
	onChange []func()
}

// Of are the groups of a box. They are there even without the commands, since
// other features name the services that the device brings along.
func Of(b *feature.Box) *Groups {
	s := feature.Get[*Groups](b)
	if s == nil {
		s = newGroups()
		feature.Put(b, s)
	}
	return s
}

// OnUse adds somebody who is asked whether he refers to a group.
func (s *Groups) OnUse(f func(*Group) bool) { s.users = append(s.users, f) }

// OnChange calls f after a group changed.
func (s *Groups) OnChange(f func()) { s.onChange = append(s.onChange, f) }

func (s *Groups) changed() {
	for _, f := range s.onChange {
		f()
	}
}

// Find is the group of a kind and name, whatever the case; nil for none.
func (s *Groups) Find(k Kind, name string) *Group {
	if s == nil {
		return nil
	}
	for _, g := range s.all {
		if g.Kind == k && strings.EqualFold(g.Name, name) {
			return g
		}
	}
	return nil
}

// named is a group of that name that a person made, of any kind.
func (s *Groups) named(name string) *Group {
	for _, g := range s.all {
		if !g.Default && strings.EqualFold(g.Name, name) {
			return g
		}
	}
	return nil
}

func (s *Groups) add(g *Group) {
	at, _ := slices.BinarySearchFunc(s.all, g, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	s.all = slices.Insert(s.all, at, g)
}

func (s *Groups) remove(g *Group) {
	s.all = slices.DeleteFunc(s.all, func(x *Group) bool { return x == g })
}

// InUse says whether something refers to a group.
func (s *Groups) InUse(g *Group) bool {
	for _, x := range s.all {
		if slices.ContainsFunc(x.Objects, func(o *Object) bool { return o.group == g }) {
			return true
		}
	}
	return slices.ContainsFunc(s.users, func(f func(*Group) bool) bool { return f(g) })
}

// portText words a range of ports as the device turns it.
func portText(p Ports) string {
	switch {
	case p.From == p.To:
		return fmt.Sprintf("eq %d", p.From)
	case p.From == 0 && p.To == 65535:
	case p.From == 0:
		return fmt.Sprintf("lt %d", uint32(p.To)+1)
	case p.To == 65535:
		return fmt.Sprintf("gt %d", p.From-1)
	}
	return fmt.Sprintf("range %d %d", p.From, p.To)
}

// portRange reads an operator with its ports; ok is false for one that no port
// satisfies.
func portRange(op string, a, b int) (p Ports, ok bool) {
	switch op {
	case "eq":
		b = a
	case "lt":
		a, b = 0, a-1
	case "gt":
		a, b = a+1, 65535
	case "range":
		a, b = min(a, b), max(a, b)
	}
	if a > 65535 || b < 0 {
		return p, false
	}
	return Ports{From: uint16(a), To: uint16(b)}, true
}

// tcp and udp are services by their destination port.
func tcp(port uint16) zone.Service { return portService(6, port, port) }
func udp(port uint16) zone.Service { return portService(17, port, port) }

func portService(proto uint8, from, to uint16) zone.Service {
	return zone.Service{Proto: proto, ICMPType: -1, Ports: Ports{From: from, To: to}}
}

func protocol(n uint8) zone.Service { return zone.Service{Proto: n, ICMPType: -1} }

// predefined are the services that the device brings along.
var predefined = []struct {
	name     string
	services []zone.Service
}{
	{"ah", []zone.Service{protocol(51)}},
	{"bgp", []zone.Service{tcp(179)}},
	{"dhcp-client", []zone.Service{udp(68)}},
	{"dhcp-server", []zone.Service{udp(67)}},
	{"dns-tcp", []zone.Service{tcp(53)}},
	{"dns-udp", []zone.Service{udp(53)}},
	{"esp", []zone.Service{protocol(50)}},
	{"ftp", []zone.Service{tcp(21)}},
	{"gre", []zone.Service{protocol(47)}},
	{"http", []zone.Service{tcp(80)}},
	{"https", []zone.Service{tcp(443)}},
	{"icmp", []zone.Service{protocol(1)}},
	{"ike", []zone.Service{udp(500), udp(4500)}},
	{"imap", []zone.Service{tcp(143)}},
	{"l2tp", []zone.Service{udp(1701)}},
	{"netconf", []zone.Service{tcp(830)}},
	{"ntp", []zone.Service{udp(123)}},
	{"ospf", []zone.Service{protocol(89)}},
	{"ping", []zone.Service{{Proto: 1, ICMPType: 8, Coded: true}}},
	{"pop3", []zone.Service{tcp(110)}},
	{"radius", []zone.Service{portService(17, 1812, 1813)}},
	{"smtp", []zone.Service{tcp(25)}},
	{"snmp", []zone.Service{udp(161)}},
	{"snmptrap", []zone.Service{udp(162)}},
	{"ssh", []zone.Service{tcp(22)}},
	{"syslog", []zone.Service{udp(514)}},
	{"tcp", []zone.Service{protocol(6)}},
	{"telnet", []zone.Service{tcp(23)}},
	{"tftp", []zone.Service{udp(69)}},
	{"traceroute", []zone.Service{portService(17, 33434, 33523)}},
	{"udp", []zone.Service{protocol(17)}},
	{"vrrp", []zone.Service{protocol(112)}},
}

// serviceText words a service.
func serviceText(v zone.Service) string {
	text := "service " + protoText(v.Proto)
	if v.SrcPorts != (Ports{}) {
		text += " source " + portText(v.SrcPorts)
	}
	if v.Ports != (Ports{}) {
		text += " destination " + portText(v.Ports)
	}
	if v.Proto == 1 && v.ICMPType >= 0 {
		text += fmt.Sprintf(" %d %d", v.ICMPType, v.ICMPCode)
	}
	return text
}

func protoText(n uint8) string {
	switch n {
	case 1:
		return "icmp"
	case 6:
		return "tcp"
	case 17:
		return "udp"
	case 58:
		return "icmpv6"
	}
	return fmt.Sprint(n)
}

func newGroups() *Groups {
	s := &Groups{}
	for k := range kinds {
		s.add(&Group{Kind: Kind(k), Name: "any", Default: true})
	}
	for _, p := range predefined {
		g := &Group{Kind: Service, Name: p.name, Default: true}
		for i, v := range p.services {
			g.Objects = append(g.Objects, &Object{ID: uint32(10 * i), Text: serviceText(v), service: v})
		}
		s.add(g)
	}
	return s
}
