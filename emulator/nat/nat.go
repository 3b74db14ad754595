// Package nat is network address translation of one device: dynamic source
// translation with and without ports, static mappings and internal servers.
//
// A translation belongs to a session of the firewall and ends with it. A packet
// is given its inside destination before it is routed and before the security
// policy looks at it, and its outside source after the policy and before
// IPsec; so a policy names inside addresses, and traffic whose source is
// translated does not match an access list of an IPsec policy that names the
// inside.
//
// Follows RFC 3022 (traditional NAT), RFC 5508 (ICMP: queries are translated by
// their identifier, errors with the packet inside them) and RFC 1624
// (checksums). What is configured where follows the NAT chapter of the H3C
// Layer 3 command references: a static mapping goes before a dynamic one; of
// the dynamic ones of an interface those with an access list go first, the
// highest number of a list before the others.
//
// Limitations: IPv4 without VPN instances; mapping is per connection, no
// endpoint-independent mapping; an outside port is used by one session at a
// time; with ports only TCP, UDP and ICMP queries are translated, as the
// manual has it; no application layer gateways, hairpins, port blocks, server
// groups and inbound mappings.
package nat

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
	"cwlab/emulator/zone"
)

// A Host is what translation needs of the device it runs on.
type Host interface {
	Now() time.Time
	// Addr is the address of an interface, the zero Addr for none.
	Addr(iface string) netip.Addr
	// Permits says whether an access list permits a packet; exists is false
	// when there is no such list.
	Permits(acl string, p *stack.Packet) (permit, exists bool)
	// Master says whether this device is master of a virtual router.
	Master(iface string, vrid uint8) bool
	// Draw is a random number below n.
	Draw(n uint32) uint32
	Emit(Event)
}

// A Kind is what happened.
type Kind uint8

const (
	Translated   Kind = iota // a packet got other ends
	OutChanged               // a session ended because its way out changed
	ConfigChange             // a session ended because its mapping is gone
	Exhausted                // a packet was dropped: no address or port is left
)

// An Event tells what became of a packet or session.
type Event struct {
	Kind             Kind
	Iface            string
	Out              bool
	Proto            uint8
	OldSrc, OldDst   netip.AddrPort
	NewSrc, NewDst   netip.AddrPort
	Packet, Original *stack.Packet // Original is the packet before
}

// A Span is addresses from one to another, both included.
type Span struct{ From, To netip.Addr }

// Size is how many addresses it has.
func (s Span) Size() int { return int(number(s.To)-number(s.From)) + 1 }

// Contains says whether an address is one of them.
func (s Span) Contains(a netip.Addr) bool { return !a.Less(s.From) && !s.To.Less(a) }

// At is one of the addresses, counted from 0.
func (s Span) At(i int) netip.Addr { return address(number(s.From) + uint32(i)) }

func number(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func address(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// A Group is an address group.
type Group struct {
	Number         int
	Name           string
	Spans          []Span
	PortLo, PortHi uint16
	VRID           uint8 // of the virtual router it belongs to, 0 for none

	lent map[netip.Addr]*loan // by inside address, without ports
}

// A loan is an outside address that one inside address has for itself.
type loan struct {
	outside  netip.Addr
	sessions int
}

func (g *Group) size() int {
	n := 0
	for _, s := range g.Spans {
		n += s.Size()
	}
	return n
}

func (g *Group) at(i int) netip.Addr {
	for _, s := range g.Spans {
		if i < s.Size() {
			return s.At(i)
		}
		i -= s.Size()
	}
	return netip.Addr{}
}

// Contains says whether an address is in the group.
func (g *Group) Contains(a netip.Addr) bool {
	return slices.ContainsFunc(g.Spans, func(s Span) bool { return s.Contains(a) })
}

// Loans is how many addresses are lent without ports.
func (g *Group) Loans() int { return len(g.lent) }

// A Loan is an outside address that an inside one has for itself.
type Loan struct{ Local, Global netip.Addr }

// Lent are the loans of the group by inside address.
func (g *Group) Lent() []Loan {
	var all []Loan
	for _, a := range insiders(g) {
		all = append(all, Loan{a, g.lent[a].outside})
	}
	return all
}

// An Outbound is dynamic translation of what leaves an interface. Without a
// group the address of the interface is used.
type Outbound struct {
	Iface    string
	ACL      string // "" for all packets
	Group    int    // -1 for none
	NoPAT    bool
	Reverse  bool // new flows from outside may use a lent address
	Preserve bool // keep the port where it is free
	VRID     uint8
	Disabled bool
}

// A Server is an internal server: what comes for Global goes to Local. Spans of
// one length go one to one; of ports or addresses, the one that is longer on
// the outside picks the inside one.
type Server struct {
	Iface       string
	Proto       uint8  // 0 for any
	AddrOf      string // the interface whose address takes the place of Global, "" for none
	Global      Span
	GlobalPorts zone.Range[uint16] // zero for any
	Local       Span
	LocalPorts  zone.Range[uint16] // zero for the same
	ACL         string
	VRID        uint8
	Disabled    bool
}

// A Static maps inside addresses to outside ones for good, on the interfaces
// that have it enabled. The two spans are of one length.
type Static struct {
	Local, Global Span
	ACL           string
	Reversible    bool
	VRID          uint8
	Disabled      bool
}

// An Engine translates for one device.
type Engine struct {
	h        Host
	sessions *zone.Engine
	groups   []*Group
	outbound []*Outbound
	servers  []*Server
	statics  []*Static
	enabled  []string

	arriving map[tuple]*zone.Session // packets as they come in on the far side
	ports    map[port]bool           // outside ports in use
}

type port struct {
	proto uint8
	addr  netip.Addr
	port  uint16
}

// A binding is what a session's translation is made of.
type binding struct {
	rule  any // *Outbound, *Static or *Server
	iface string
	group *Group     // that lent an address
	lent  netip.Addr // inside address of the loan
	port  port       // in use, if valid
	keys  []tuple
	vrid  uint8
	rules []any // all that made the translation
}

// New makes an engine over a firewall's sessions.
func New(h Host, sessions *zone.Engine) *Engine {
	e := &Engine{h: h, sessions: sessions, arriving: map[tuple]*zone.Session{}, ports: map[port]bool{}}
	sessions.Watch(func(ev zone.SessionEvent) {
		if ev.Kind == zone.Deleted {
			e.release(ev.Session)
		}
	})
	return e
}

// release gives back what an ended session had.
func (e *Engine) release(s *zone.Session) {
	b, ok := s.NAT.By.(*binding)
	if !ok {
		return
	}
	for _, k := range b.keys {
		if e.arriving[k] == s {
			delete(e.arriving, k)
		}
	}
	if b.port.addr.IsValid() {
		delete(e.ports, b.port)
	}
	if b.group != nil {
		if l := b.group.lent[b.lent]; l != nil {
			if l.sessions--; l.sessions == 0 {
				delete(b.group.lent, b.lent)
			}
		}
	}
}

// Sessions are the sessions that are translated, in the order they began.
func (e *Engine) Sessions() []*zone.Session {
	return slices.DeleteFunc(e.sessions.Sessions(), func(s *zone.Session) bool { return !translated(s) })
}

func translated(s *zone.Session) bool { return s.NAT.Src.IsValid() || s.NAT.Dst.IsValid() }

// Reset ends the translated sessions and counts them.
func (e *Engine) Reset() int { return e.sessions.Reset(translated) }

// end ends the sessions that a piece of configuration made.
func (e *Engine) end(rule any) {
	for _, s := range e.Sessions() {
		if b, ok := s.NAT.By.(*binding); ok && slices.Contains(b.rules, rule) {
			e.h.Emit(Event{Kind: ConfigChange, Iface: b.iface, Proto: s.Proto})
			e.sessions.End(s)
		}
	}
}

// Groups are the address groups by number.
func (e *Engine) Groups() []*Group { return slices.Clone(e.groups) }

// Group finds an address group, nil if there is none.
func (e *Engine) Group(number int) *Group {
	for _, g := range e.groups {
		if g.Number == number {
			return g
		}
	}
	return nil
}

// AddGroup makes an address group, or finds it.
func (e *Engine) AddGroup(number int) *Group {
	if g := e.Group(number); g != nil {
		return g
	}
	g := &Group{Number: number, PortLo: 1, PortHi: 65535, lent: map[netip.Addr]*loan{}}
	e.groups = append(e.groups, g)
	slices.SortFunc(e.groups, func(a, b *Group) int { return a.Number - b.Number })
	return g
}

// RemoveGroup removes an address group and the sessions it has.
func (e *Engine) RemoveGroup(number int) {
	for _, o := range e.outbound {
		if o.Group == number {
			e.end(o)
		}
	}
	e.groups = slices.DeleteFunc(e.groups, func(g *Group) bool { return g.Number == number })
}

// GroupChanged must be called after a group was edited: sessions with an
// address that it has no longer end.
func (e *Engine) GroupChanged(g *Group) {
	for _, s := range e.Sessions() {
		b, ok := s.NAT.By.(*binding)
		if !ok {
			continue
		}
		if o, ok := b.rule.(*Outbound); ok && o.Group == g.Number && !g.Contains(s.NAT.Src.Addr()) {
			e.h.Emit(Event{Kind: ConfigChange, Iface: b.iface, Proto: s.Proto})
			e.sessions.End(s)
		}
	}
}

// Outbounds are the dynamic translations, by interface, in order of matching.
func (e *Engine) Outbounds() []*Outbound { return slices.Clone(e.outbound) }

// AddOutbound adds a dynamic translation.
func (e *Engine) AddOutbound(o *Outbound) {
	e.outbound = append(e.outbound, o)
	slices.SortStableFunc(e.outbound, func(a, b *Outbound) int { return rank(b.ACL) - rank(a.ACL) })
}

// rank is how early a dynamic translation with that list is tried.
func rank(acl string) int {
	if acl == "" {
		return 0
	}
	if n, err := strconv.Atoi(acl); err == nil {
		return n
	}
	return 1
}

// RemoveOutbound removes a dynamic translation and its sessions.
func (e *Engine) RemoveOutbound(o *Outbound) {
	e.outbound = slices.DeleteFunc(e.outbound, func(x *Outbound) bool { return x == o })
	e.end(o)
}

// Servers are the internal servers in the order they were added.
func (e *Engine) Servers() []*Server { return slices.Clone(e.servers) }

// AddServer adds an internal server.
func (e *Engine) AddServer(s *Server) { e.servers = append(e.servers, s) }

// RemoveServer removes an internal server and its sessions.
func (e *Engine) RemoveServer(s *Server) {
	e.servers = slices.DeleteFunc(e.servers, func(x *Server) bool { return x == s })
	e.end(s)
}

// Statics are the static mappings in the order they were added.
func (e *Engine) Statics() []*Static { return slices.Clone(e.statics) }

// AddStatic adds a static mapping.
func (e *Engine) AddStatic(s *Static) { e.statics = append(e.statics, s) }

// RemoveStatic removes a static mapping and its sessions.
func (e *Engine) RemoveStatic(s *Static) {
	e.statics = slices.DeleteFunc(e.statics, func(x *Static) bool { return x == s })
	e.end(s)
}

// Enabled are the interfaces with static mappings.
func (e *Engine) Enabled() []string { return slices.Clone(e.enabled) }

// Enable switches static mappings on an interface.
func (e *Engine) Enable(iface string, on bool) {
	e.enabled = slices.DeleteFunc(e.enabled, func(x string) bool { return x == iface })
	if on {
		e.enabled = append(e.enabled, iface)
		slices.Sort(e.enabled)
	}
}

// Owner says whether an address is answered for on an interface, and by the
// virtual router it is bound to, 0 for none. Easy IP uses addresses of
// interfaces, which answer for themselves.
func (e *Engine) Owner(iface string, a netip.Addr) (vrid uint8, ok bool) {
	for _, o := range e.outbound {
		if g := e.Group(o.Group); o.Iface == iface && !o.Disabled && g != nil && g.Contains(a) {
			return first(o.VRID, g.VRID), true
		}
	}
	for _, s := range e.servers {
		if s.Iface == iface && !s.Disabled && s.AddrOf == "" && s.Global.Contains(a) {
			return s.VRID, true
		}
	}
	if slices.Contains(e.enabled, iface) {
		for _, s := range e.statics {
			if !s.Disabled && s.Global.Contains(a) {
				return s.VRID, true
			}
		}
	}
	return 0, false
}

func first(a, b uint8) uint8 {
	if a != 0 {
		return a
	}
	return b
}

// Addresses are those of an interface that belong to a virtual router, 0 for
// those that belong to none, in order.
func (e *Engine) Addresses(iface string, vrid uint8) []netip.Addr {
	var all []netip.Addr
	add := func(s Span, v uint8) {
		if v == vrid {
			for i := range s.Size() {
				all = append(all, s.At(i))
			}
		}
	}
	for _, o := range e.outbound {
		if g := e.Group(o.Group); o.Iface == iface && !o.Disabled && g != nil {
			for _, s := range g.Spans {
				add(s, first(o.VRID, g.VRID))
			}
		}
	}
	for _, s := range e.servers {
		if s.Iface == iface && !s.Disabled && s.AddrOf == "" {
			add(s.Global, s.VRID)
		}
	}
	if slices.Contains(e.enabled, iface) {
		for _, s := range e.statics {
			if !s.Disabled {
				add(s.Global, s.VRID)
			}
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all)
}

// vmac is the Ethernet address of a virtual router (RFC 5798 section 7.3).
func vmac(vrid uint8) wire.MAC { return wire.MAC{0, 0, 0x5e, 0, 1, vrid} }

// ARP is the Ethernet address that the device answers with for a translated
// address on an interface; false for one that is not its business, or that
// belongs to a virtual router whose master is another device.
func (e *Engine) ARP(i *stack.Iface, a netip.Addr) (wire.MAC, bool) {
	vrid, ok := e.Owner(i.Name(), a)
	switch {
	case !ok:
		return wire.MAC{}, false
	case vrid == 0:
		return i.MAC(), true
	}
	return vmac(vrid), e.h.Master(i.Name(), vrid)
}
