package acl

import (
	"fmt"
	"slices"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/objgroup"
)

func ruleKey(id int) string { return fmt.Sprintf("rule %d", id) }

func setRule(x *feature.Exec, a *cli.Args) {
	l := list(x)
	r := &Rule{ID: l.next(), Permit: a.Has("permit"), Logging: a.Has("logging"), Counting: a.Has("counting"), Proto: protocol(a),
		Fragment: a.Has("fragment"), Established: a.Has("established"), VPN: a.Str("vpn"), TimeRange: a.Str("time-range"),
		SrcGroup: a.Str("source-group"), DstGroup: a.Str("destination-group"),
		SrcPortGroup: a.Str("source-port-group"), DstPortGroup: a.Str("destination-port-group")}
	if a.Has("id") {
		r.ID = a.Int("id")
	}
	if why := r.read(a); why != "" {
		x.Error(why)
		return
	}
	if r.ID > 65534 {
		x.Error("The rule ID is out of range.")
		return
	}
	if l.has(r) {
		x.Error("The rule already exists.")
		return
	}
	if i, found := l.at(r.ID); found {
		r.Comment = l.Rules[i].Comment
		if l.Rules[i].Text(l.Kind) == r.Text(l.Kind) {
			return
		}
	}
	if !x.Quiet() {
		for _, name := range []string{r.SrcGroup, r.DstGroup} {
			if name != "" && objgroup.Of(x.Box).Find(objgroup.IP, name) == nil {
				x.Error("The specified object group does not exist.")
				return
			}
		}
		if r.TimeRange != "" && lists(x).TimeRange(r.TimeRange) == nil {
			x.Print("The time range does not exist.\n")
		}
	}
	l.put(r)
	x.Node().Set(placeRule, ruleKey(r.ID), r.Text(l.Kind))
	lists(x).flipped()
}

// has says whether another rule of the list says the same.
func (l *ACL) has(r *Rule) bool {
	return slices.ContainsFunc(l.Rules, func(o *Rule) bool { return o.ID != r.ID && o.same(r, l.Kind) })
}

// read takes the conditions of a rule from its line; why is what is wrong.
func (r *Rule) read(a *cli.Args) (why string) {
	var ok bool
	if r.SrcPort, ok = portsOf(a, "source", r.Proto); !ok {
		return "The source port is invalid."
	}
	if r.DstPort, ok = portsOf(a, "destination", r.Proto); !ok {
		return "The destination port is invalid."
	}
	r.Src, r.Dst = match(a, "source"), match(a, "destination")
	for _, f := range flags {
		if a.Has(f.name) {
			r.Flags = append(r.Flags, Flag{f.name, a.Int(f.name) == 1})
		}
	}
	if a.Has("icmp-type") {
		r.ICMP = &ICMP{Type: a.Int("type"), Code: a.Int("code"), AnyCode: a.Has("type") && !a.Has("code")}
		for _, m := range messages {
			if a.Has(m.name) {
				r.ICMP = &ICMP{Type: m.typ, Code: m.codes}
			}
		}
	}
	for _, v := range []struct {
		token string
		names map[string]int
		top   int
		to    **int
	}{{"dscp", dscpNames, 63, &r.DSCP}, {"precedence", precedenceNames, 7, &r.Precedence}, {"tos", tosNames, 15, &r.TOS}} {
		for i, g := range a.All() {
			if g.Keyword && g.Token == v.token {
				*v.to = valueOf(v.names, a.All()[i+1].Word, v.top)
			}
		}
	}
	if r.DSCP != nil && (r.Precedence != nil || r.TOS != nil) {
		return "DSCP cannot be specified together with precedence or ToS."
	}
	return ""
}

func protocol(a *cli.Args) int {
	for _, p := range protocols {
		if a.Has(p.name) {
			return p.number
		}
	}
	return a.Int("protocol")
}

// match keeps the bits that count, as the device does.
func match(a *cli.Args, end string) Match {
	addr, wild := a.Addr(end), a.Addr(end+"-wildcard")
	if !addr.IsValid() || !wild.IsValid() || bits(wild) == ^uint32(0) {
		return Match{}
	}
	return Match{Addr: fromBits(bits(addr) &^ bits(wild)), Wild: wild}
}

func portsOf(a *cli.Args, end string, proto int) (p Ports, ok bool) {
	all := a.All()
	for i, g := range all {
		if !g.Keyword || g.Token != end+"-port" || all[i+1].Token == "object-group" {
			continue
		}
		p.Op = all[i+1].Token
		p.Lo, _ = parsePort(proto, all[i+2].Word)
		p.Hi = p.Lo
		if p.Op == "range" {
			p.Hi, _ = parsePort(proto, all[i+3].Word)
		}
	}
	return p, p.Lo <= p.Hi
}

func removeRule(x *feature.Exec, a *cli.Args) {
	l, id := list(x), a.Int("id")
	i, ok := l.at(id)
	if !ok {
		x.Error("The rule does not exist.")
		return
	}
	defer lists(x).flipped()
	r := *l.Rules[i]
	r.Flags = slices.Clone(r.Flags)
	if r.without(a) {
		if l.has(&r) {
			x.Error("The rule already exists.")
			return
		}
		*l.Rules[i] = r
		x.Node().Set(placeRule, ruleKey(id), r.Text(l.Kind))
		return
	}
	l.Rules = append(l.Rules[:i:i], l.Rules[i+1:]...)
	x.Node().Remove(ruleKey(id))
	x.Node().Remove(ruleKey(id) + " comment")
}

// without takes the conditions off a rule that a line names; false when it
// names none.
func (r *Rule) without(a *cli.Args) bool {
	some := false
	r.said = ""
	for _, part := range []struct {
		token string
		clear func()
	}{
		{"source", func() { r.Src, r.SrcGroup = Match{}, "" }},
		{"destination", func() { r.Dst, r.DstGroup = Match{}, "" }},
		{"source-port", func() { r.SrcPort, r.SrcPortGroup = Ports{}, "" }},
		{"destination-port", func() { r.DstPort, r.DstPortGroup = Ports{}, "" }},
		{"established", func() { r.Established = false }},
		{"icmp-type", func() { r.ICMP = nil }},
		{"dscp", func() { r.DSCP = nil }},
		{"precedence", func() { r.Precedence = nil }},
		{"tos", func() { r.TOS = nil }},
		{"fragment", func() { r.Fragment = false }},
		{"vpn-instance", func() { r.VPN = "" }},
		{"time-range", func() { r.TimeRange = "" }},
		{"logging", func() { r.Logging = false }},
		{"counting", func() { r.Counting = false }},
	} {
		if a.Has(part.token) {
			part.clear()
			some = true
		}
	}
	for _, f := range flags {
		if a.Has(f.name) {
			r.Flags = slices.DeleteFunc(r.Flags, func(c Flag) bool { return c.Name == f.name })
			some = true
		}
	}
	return some
}

func setComment(x *feature.Exec, a *cli.Args) {
	l, id := list(x), a.Int("id")
	i, ok := l.at(id)
	if !ok {
		x.Error("The rule does not exist.")
		return
	}
	l.Rules[i].Comment = a.Str("comment")
	x.Node().Set(placeRule, ruleKey(id)+" comment", ruleKey(id)+" comment "+a.Str("comment"))
}

func removeComment(x *feature.Exec, a *cli.Args) {
	l, id := list(x), a.Int("id")
	if i, ok := l.at(id); ok {
		l.Rules[i].Comment = ""
	}
	x.Node().Remove(ruleKey(id) + " comment")
}
