package acl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

// A filter is the packet filters of the interfaces of a box.
type filter struct {
	deny    bool // what no rule matches is dropped
	applied []*Applied
	debug   string // access list that traces are limited to, "" for none
	minutes int    // between logs, 0 for none
	running bool   // a log is due
}

// An Applied is an access list on one direction of an interface.
type Applied struct {
	Iface    string
	Out      bool
	ACL      string
	Hardware bool // counts are asked for
	since    time.Time
	hits     map[int]uint64 // by rule
	logged   map[int]uint64 // those that logs have told
	permits  uint64
	denies   uint64
}

const placeFilter = 700

const listRef = "{ <number:2000-3999> | name <name:string:1-63> }"

var filterCommands = []feature.Command{
	texts.Command("interface", "packet-filter "+listRef+" { inbound | outbound } [ hardware-count ]", apply),
	texts.Command("interface", "undo packet-filter "+listRef+" { inbound | outbound }", unapply),
	texts.Command("system", "packet-filter default deny", func(x *feature.Exec, _ *cli.Args) { setDefault(x, true) }),
	texts.Command("system", "undo packet-filter default deny", func(x *feature.Exec, _ *cli.Args) { setDefault(x, false) }),
	texts.Command("system", "acl logging interval <minutes:0-1440>", func(x *feature.Exec, a *cli.Args) { setInterval(x, a.Int("minutes")) }),
	texts.Command("system", "undo acl logging interval", func(x *feature.Exec, _ *cli.Args) { setInterval(x, 0) }),
	texts.Command("any", "display packet-filter interface [ <interface:interface> ] [ inbound | outbound ]", displayFilter),
	texts.Command("any", "display packet-filter statistics interface <interface:interface> { inbound | outbound } [ <number:2000-3999> | name <name:string:1-63> ]", displayFilterStatistics),
	texts.Command("any", "display packet-filter verbose interface <interface:interface> { inbound | outbound } [ <number:2000-3999> | name <name:string:1-63> ]", displayFilterVerbose),
	texts.Command("any", "display packet-filter statistics sum { inbound | outbound } "+listRef+" [ brief ]", displayFilterSum),
	texts.Command("user", "reset packet-filter statistics interface [ <interface:interface> ] { inbound | outbound } [ <number:2000-3999> | name <name:string:1-63> ]", resetFilter),
	texts.Command("user", "debugging packet-filter packet ip [ acl <number:2000-3999> ]", func(x *feature.Exec, a *cli.Args) {
		lists(x).filter.debug = a.Str("number")
		x.Box.Switch("Packet filter packet").On = true
	}),
	texts.Command("user", "undo debugging packet-filter packet ip", func(x *feature.Exec, _ *cli.Args) { x.Box.Switch("Packet filter packet").On = false }),
}

// hook puts the filters where packets come in and go out.
func (s *Lists) hook() {
	s.box.Stack.HookBefore(stack.In, "ipsec", "packet-filter", func(p *stack.Packet) stack.Verdict {
		if p.In == nil || p.Decrypted {
			return stack.Accept
		}
		return s.judge(p, p.In.Name(), false)
	})
	s.box.Stack.HookBefore(stack.Out, "ipsec", "packet-filter", func(p *stack.Packet) stack.Verdict {
		return s.judge(p, p.Out.Name(), true)
	})
}

func (s *Lists) judge(p *stack.Packet, iface string, out bool) stack.Verdict {
	filtered := false
	for _, a := range s.filter.applied {
		l := s.Lookup(a.ACL)
		if a.Iface != iface || a.Out != out {
			continue
		}
		filtered = true
		if l == nil {
			continue
		}
		if r := l.Packet(p); r != nil {
			r.Matched++
			a.hits[r.ID]++
			if r.Permit {
				a.permits++
			} else {
				a.denies++
			}
			s.trace(p, a, r.Permit)
			if r.Logging && s.filter.minutes > 0 && !s.filter.running {
				s.log()
			}
			if r.Permit {
				return stack.Accept
			}
			return stack.Drop
		}
	}
	if filtered && s.filter.deny {
		return stack.Drop
	}
	return stack.Accept
}

func (s *Lists) trace(p *stack.Packet, a *Applied, permit bool) {
	sw := s.box.Switch("Packet filter packet")
	if !sw.On {
		return
	}
	if only := s.filter.debug; only != "" {
		if l := s.Lookup(only); l == nil || l.Packet(p) == nil || !l.Packet(p).Permit {
			return
		}
	}
	verdict, dir := "denied", "INBOUND"
	if permit {
		verdict = "permitted"
	}
	if a.Out {
		dir = "OUTBOUND"
	}
	t := read(p)
	s.box.Debug(sw, "PFILTER", "PACKET", fmt.Sprintf("The packet is %s. Interface=%s, Direction=%s; Packet Info: Src-IP=%s, Dst-IP=%s, VPN-Instance=none, Src-Port=%d, Dst-Port=%d, Protocol=%s(%d), ACL=%s.",
		verdict, a.Iface, dir, p.Src, p.Dst, t.srcPort, t.dstPort, ProtoText(int(p.Proto)), p.Proto, a.ACL))
}

// log tells how often rules that ask for it matched since the last time, and
// comes again as long as they do.
func (s *Lists) log() {
	s.filter.running = false
	for _, a := range s.filter.applied {
		l := s.Lookup(a.ACL)
		if l == nil {
			continue
		}
		dir := "inbound"
		if a.Out {
			dir = "outbound"
		}
		for _, r := range l.Rules {
			n := a.hits[r.ID] - a.logged[r.ID]
			if !r.Logging || n == 0 {
				continue
			}
			a.logged[r.ID] = a.hits[r.ID]
			s.filter.running = true
			s.box.Log("ACL", 6, "PFILTER_STATIS_INFO", fmt.Sprintf("%s (%s): Packet-filter %s %s %d packet(s).", a.Iface, dir, a.ACL, r.Text(l.Kind), n))
		}
	}
	if s.filter.running && s.filter.minutes > 0 {
		s.box.After(time.Duration(s.filter.minutes)*time.Minute, s.log)
	} else {
		s.filter.running = false
	}
}

func setInterval(x *feature.Exec, minutes int) {
	if minutes%5 != 0 {
		x.Error("The interval must be a multiple of 5.")
		return
	}
	lists(x).filter.minutes = minutes
	const line = "acl logging interval"
	if minutes == 0 {
		x.Box.Conf.Root().Remove(line)
	} else {
		x.Box.Conf.Root().Set(feature.PlaceACL-5, line, fmt.Sprintf("%s %d", line, minutes))
	}
}

func dirOf(a *cli.Args) string {
	if a.Has("outbound") {
		return "outbound"
	}
	return "inbound"
}

// refText is how a line names a list.
func refText(a *cli.Args) string {
	if a.Has("name") {
		return "name " + cli.Quote(a.Str("name"))
	}
	return strconv.Itoa(a.Int("number"))
}

func (s *filter) find(iface string, out bool, acl string) *Applied {
	for _, f := range s.applied {
		if f.Iface == iface && f.Out == out && strings.EqualFold(f.ACL, acl) {
			return f
		}
	}
	return nil
}

func iface(x *feature.Exec) string {
	_, name, _ := strings.Cut(x.Node().Text, " ")
	return name
}

func apply(x *feature.Exec, a *cli.Args) {
	s := lists(x)
	f := s.filter.find(iface(x), a.Has("outbound"), ref(a))
	if f == nil {
		f = &Applied{Iface: iface(x), Out: a.Has("outbound"), ACL: ref(a), hits: map[int]uint64{}, logged: map[int]uint64{}, since: x.Box.Clock()}
		s.filter.applied = append(s.filter.applied, f)
	}
	f.Hardware = a.Has("hardware-count")
	line := "packet-filter " + refText(a) + " " + dirOf(a)
	text := line
	if f.Hardware {
		text += " hardware-count"
	}
	x.Node().Set(placeFilter, line, text)
}

func unapply(x *feature.Exec, a *cli.Args) {
	s := lists(x)
	f := s.filter.find(iface(x), a.Has("outbound"), ref(a))
	if f == nil {
		x.Error("The ACL is not applied to the interface.")
		return
	}
	s.filter.applied = slices.DeleteFunc(s.filter.applied, func(o *Applied) bool { return o == f })
	x.Node().Remove("packet-filter " + refText(a) + " " + dirOf(a))
}

func setDefault(x *feature.Exec, deny bool) {
	const line = "packet-filter default deny"
	lists(x).filter.deny = deny
	if deny {
		x.Box.Conf.Root().Set(feature.PlaceIntraZone, line, line)
	} else {
		x.Box.Conf.Root().Remove(line)
	}
}

// on are the filters of an interface and direction.
func (s *filter) on(iface string, out bool) []*Applied {
	var all []*Applied
	for _, f := range s.applied {
		if f.Iface == iface && f.Out == out {
			all = append(all, f)
		}
	}
	return all
}

// directions are those a command is about: false for in, true for out.
func directions(a *cli.Args) []bool {
	switch {
	case a.Has("inbound"):
		return []bool{false}
	case a.Has("outbound"):
		return []bool{true}
	}
	return []bool{false, true}
}

var policyTitle = map[bool]string{false: " In-bound policy:\n", true: " Out-bound policy:\n"}

func (s *filter) action() string {
	if s.deny {
		return "Deny"
	}
	return "Permit"
}

func (s *Lists) title(f *Applied) string {
	t := "  IPv4 ACL " + f.ACL
	if s.Lookup(f.ACL) == nil {
		t += " (Failed)"
	}
	if f.Hardware {
		t += ", Hardware-count"
	}
	return t + "\n"
}

func displayFilter(x *feature.Exec, a *cli.Args) {
	s := lists(x)
	for _, i := range x.Box.Stack.Ifaces() {
		if a.Has("interface") && a.Str("interface") != "" && a.Str("interface") != i.Name() {
			continue
		}
		head := "Interface: " + i.Name() + "\n"
		for _, out := range directions(a) {
			on := s.filter.on(i.Name(), out)
			if len(on) == 0 {
				continue
			}
			x.Print(head + policyTitle[out])
			head = ""
			for _, f := range on {
				x.Print(s.title(f))
			}
			x.Printf("  IPv4 default action: %s\n", s.filter.action())
		}
	}
}

// selected are the filters of a command's direction and list.
func (s *filter) selected(a *cli.Args, iface string, out bool) []*Applied {
	return slices.DeleteFunc(slices.Clone(s.on(iface, out)), func(f *Applied) bool {
		return (a.Has("number") || a.Has("name")) && !strings.EqualFold(f.ACL, ref(a))
	})
}

func displayFilterVerbose(x *feature.Exec, a *cli.Args) {
	s := lists(x)
	out := a.Has("outbound")
	x.Printf("Interface: %s\n%s", a.Str("interface"), policyTitle[out])
	for _, f := range s.filter.selected(a, a.Str("interface"), out) {
		x.Print(s.title(f))
		if l := s.Lookup(f.ACL); l != nil {
			for _, r := range l.Ordered() {
				x.Print("   " + r.Text(l.Kind) + "\n")
			}
		}
		x.Print("\n")
	}
	x.Printf("  IPv4 default action: %s\n", s.filter.action())
}

// counts prints how often rules matched, and the sum.
func (l *ACL) counts(x *feature.Exec, hits map[int]uint64, permits, denies uint64, rules bool) {
	for _, r := range l.Ordered() {
		if !rules {
			break
		}
		x.Print("   " + r.Text(l.Kind))
		if n := hits[r.ID]; n > 0 {
			x.Printf(" (%d packets)", n)
		}
		x.Print("\n")
	}
	x.Printf("   Totally %d packets permitted, %d packets denied\n", permits, denies)
	permitted, denied := uint64(0), uint64(0)
	if all := permits + denies; all > 0 {
		permitted = permits * 100 / all
		denied = 100 - permitted
	}
	x.Printf("   Totally %d%% permitted, %d%% denied\n", permitted, denied)
}

func displayFilterStatistics(x *feature.Exec, a *cli.Args) {
	s := lists(x)
	for _, out := range directions(a) {
		x.Printf("Interface: %s\n%s", a.Str("interface"), policyTitle[out])
		for _, f := range s.filter.selected(a, a.Str("interface"), out) {
			x.Print(s.title(f))
			l := s.Lookup(f.ACL)
			if l == nil {
				continue
			}
			const form = "2006-01-02 15:04:05"
			x.Printf("   From %s to %s\n", f.since.Format(form), x.Box.Clock().Format(form))
			l.counts(x, f.hits, f.permits, f.denies, true)
		}
		x.Printf("  IPv4 default action: %s\n", s.filter.action())
	}
}

func displayFilterSum(x *feature.Exec, a *cli.Args) {
	s := lists(x)
	l := s.Lookup(ref(a))
	if l == nil {
		x.Error(noList)
		return
	}
	hits := map[int]uint64{}
	var permits, denies uint64
	for _, f := range s.filter.applied {
		if f.Out != a.Has("outbound") || !strings.EqualFold(f.ACL, l.Ref()) {
			continue
		}
		permits, denies = permits+f.permits, denies+f.denies
		for _, r := range l.Rules {
			hits[r.ID] += f.hits[r.ID]
		}
	}
	x.Printf("Sum:\n%s  IPv4 ACL %s\n", policyTitle[a.Has("outbound")], l.Ref())
	l.counts(x, hits, permits, denies, !a.Has("brief"))
}

func resetFilter(x *feature.Exec, a *cli.Args) {
	for _, f := range lists(x).filter.applied {
		if f.Out == a.Has("outbound") && (a.Str("interface") == "" || f.Iface == a.Str("interface")) &&
			(!a.Has("number") && !a.Has("name") || strings.EqualFold(f.ACL, ref(a))) {
			f.hits, f.logged, f.permits, f.denies, f.since = map[int]uint64{}, map[int]uint64{}, 0, 0, x.Box.Clock()
		}
	}
}
