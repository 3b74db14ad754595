package zone

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/emulator/stack"
	"cwlab/emulator/zone"
)

var texts = feature.Texts{
	"<destination>":  "Destination security zone name",
	"<id>":           "Rule ID",
	"<name>":         "Name",
	"<number>":       "ACL number",
	"<other>":        "ID of the rule before which it goes, 65535 for none",
	"<policy>":       "Object policy name",
	"<range>":        "Time range name",
	"<source>":       "Source security zone name",
	"<text>":         "Up to 127 characters",
	"<vrf>":          "VRF name",
	"<src>":          "Object group name, any for all addresses",
	"<dst>":          "Object group name, any for all addresses",
	"<svc>":          "Object group name, any for all services",
	"<aspf>":         "ASPF policy number",
	"any":            "All security zones",
	"apply":          "Apply a policy",
	"aspf":           "Application specific packet filter",
	"before":         "Before another rule",
	"comment":        "Specify a comment of the rule",
	"counting":       "Count matched packets",
	"description":    "Specify a description",
	"destination":    "Specify the destination security zone",
	"destination-ip": "Specify the destination address object group",
	"disable":        "Disable the rule",
	"display":        "Display current system information",
	"drop":           "Drop packets",
	"ip":             "IPv4",
	"logging":        "Log matched packets",
	"move":           "Move a rule",
	"name":           "Specify an ACL by its name",
	"object-policy":  "Object policy",
	"packet-filter":  "Packet filter",
	"pass":           "Permit packets",
	"policy":         "ASPF policy",
	"reset":          "Reset operation",
	"rule":           "Object policy rule",
	"security":       "Security zone pair",
	"service":        "Specify the service object group",
	"source":         "Specify the source security zone",
	"source-ip":      "Specify the source address object group",
	"statistics":     "Statistics",
	"time-range":     "Specify a time range",
	"undo":           "Cancel current setting",
	"vrf":            "Specify a VRF",
	"zone-pair":      "Zone pair",
}

const (
	pairNames = "zone-pair security source { any | <source:string:1-31> } destination { any | <destination:string:1-31> }"
	onePair   = "zone-pair security [ source <source:string:1-31> destination <destination:string:1-31> ]"
	listRef   = "{ <number:2000-3999> | name <name:string:1-63> }"
	pairPlace = feature.PlaceSecurityZone + 200
)

var pairCommands = []feature.Command{
	texts.Command("system", pairNames, enterPair),
	texts.Command("system", "undo "+pairNames, removePair),
	texts.Command("any", "display zone-pair security", displayPairs),
	texts.Command("zone-pair", "packet-filter "+listRef, func(x *feature.Exec, a *cli.Args) { setFilter(x, a, true) }),
	texts.Command("zone-pair", "undo packet-filter "+listRef, func(x *feature.Exec, a *cli.Args) { setFilter(x, a, false) }),
	texts.Command("zone-pair", "object-policy apply ip <policy:string:1-63>", applyPolicy),
	texts.Command("zone-pair", "undo object-policy apply ip <policy:string:1-63>", unapplyPolicy),
	func() feature.Command {
		c := texts.Command("zone-pair", "aspf apply policy <aspf:1-256>", nil)
		c.Keep = &feature.Keep{Place: 30, Undo: "aspf apply policy <aspf:1-256>"}
		return c
	}(),
	texts.Command("any", "display packet-filter "+onePair, displayPairFilters),
}

// A pair is what hangs on a zone pair.
type pair struct {
	*zone.Pair
	box     *feature.Box
	filters []string // access lists in order
	policy  string   // object policy, "" for none
}

// pairs are those of a box.
type pairs struct {
	all      []*pair
	policies []*policy
}

func pairsOf(b *feature.Box) *pairs { return feature.Get[*pairs](b) }

func (s *pairs) find(from, to string) *pair {
	for _, p := range s.all {
		if strings.EqualFold(p.From, from) && strings.EqualFold(p.To, to) {
			return p
		}
	}
	return nil
}

// judge asks the object policy, then the packet filters.
func (p *pair) judge(q *stack.Packet) (pass, decided bool) {
	if o := pairsOf(p.box).policy(p.policy); o != nil {
		if r := o.first(q); r != nil {
			r.Hits++
			feature.Get[*traces](p.box).object(q, p.From, p.To, o.name, r.Action == zone.Pass)
			return r.Action == zone.Pass, true
		}
	}
	for _, name := range p.filters {
		if l := feature.Get[*acl.Lists](p.box).Lookup(name); l != nil {
			if r := l.Packet(q); r != nil {
				r.Matched++
				return r.Permit, true
			}
		}
	}
	return false, false
}

// ends are the zones of a line as they are written; why is what is wrong.
func ends(x *feature.Exec, a *cli.Args) (from, to, why string) {
	names := [2]string{}
	for i, token := range []string{"source", "destination"} {
		if names[i] = zone.Any; a.Str(token) == "" {
			continue
		}
		if strings.EqualFold(a.Str(token), zone.Any) {
			continue
		}
		z := engine(x).Zone(a.Str(token))
		if z == nil {
			return "", "", "The security zone does not exist."
		}
		names[i] = z.Name
	}
	return names[0], names[1], ""
}

func pairKey(from, to string) string { return strings.ToLower("zone-pair " + from + " " + to) }

func pairLine(from, to string) string {
	side := func(s string) string {
		if s == zone.Any {
			return "any"
		}
		return cli.Quote(s)
	}
	return "zone-pair security source " + side(from) + " destination " + side(to)
}

func enterPair(x *feature.Exec, a *cli.Args) {
	from, to, why := ends(x, a)
	if why != "" {
		x.Error(why)
		return
	}
	s := pairsOf(x.Box)
	p := s.find(from, to)
	if p == nil {
		p = &pair{Pair: engine(x).AddPair(from, to), box: x.Box}
		p.Judge = p.judge
		s.all = append(s.all, p)
	}
	n := x.Box.Conf.Root().Open(pairPlace, pairKey(from, to), pairLine(from, to))
	n.Insertion = true
	x.Enter(feature.ViewState{Name: "zone-pair", Suffix: "zone-pair-security-" + from + "-" + to, Node: n, Obj: p})
}

func removePair(x *feature.Exec, a *cli.Args) {
	from, to, why := ends(x, a)
	if why == "" && pairsOf(x.Box).find(from, to) == nil {
		why = "The zone pair does not exist."
	}
	if why != "" {
		x.Error(why)
		return
	}
	dropPair(x, from, to)
}

func dropPair(x *feature.Exec, from, to string) {
	s, root := pairsOf(x.Box), x.Box.Conf.Root()
	engine(x).RemovePair(from, to)
	s.all = slices.DeleteFunc(s.all, func(p *pair) bool { return p.From == from && p.To == to })
	x.Box.Drop(root.Child(pairKey(from, to)))
	root.Remove(pairKey(from, to))
}

// dropPairsOf removes the zone pairs of a zone that goes.
func dropPairsOf(x *feature.Exec, name string) {
	for _, p := range slices.Clone(pairsOf(x.Box).all) {
		if p.From == name || p.To == name {
			dropPair(x, p.From, p.To)
		}
	}
}

func displayPairs(x *feature.Exec, _ *cli.Args) {
	x.Printf(" %-32s%s\n", "Source zone", "Destination zone")
	for _, p := range engine(x).Pairs() {
		x.Printf(" %-32s%s\n", p.From, p.To)
	}
}

func setFilter(x *feature.Exec, a *cli.Args, on bool) {
	p := x.View().Obj.(*pair)
	name, line := a.Str("name"), "packet-filter name "+cli.Quote(a.Str("name"))
	if name == "" {
		name = strconv.Itoa(a.Int("number"))
		line = "packet-filter " + name
	}
	there := slices.Contains(p.filters, name)
	p.filters = slices.DeleteFunc(p.filters, func(n string) bool { return n == name })
	switch {
	case on && there:
		p.filters = append(p.filters, name)
		return
	case on:
		p.filters = append(p.filters, name)
		x.Node().Set(10, line, line)
	case !there:
		x.Error("The ACL is not applied to the zone pair.")
	default:
		x.Node().Remove(line)
	}
	engine(x).Changed()
}

func applyPolicy(x *feature.Exec, a *cli.Args) {
	p := x.View().Obj.(*pair)
	o := pairsOf(x.Box).policy(a.Str("policy"))
	if o == nil {
		x.Error("The object policy does not exist.")
		return
	}
	p.policy = o.name
	x.Node().Set(20, "object-policy apply ip", "object-policy apply ip "+cli.Quote(o.name))
	engine(x).Changed()
}

func unapplyPolicy(x *feature.Exec, a *cli.Args) {
	p := x.View().Obj.(*pair)
	if !strings.EqualFold(p.policy, a.Str("policy")) {
		x.Error("The object policy is not applied to the zone pair.")
		return
	}
	p.policy = ""
	x.Node().Remove("object-policy apply ip")
	engine(x).Changed()
}

// shown are the pairs that a display is about.
func shown(x *feature.Exec, a *cli.Args) []*pair {
	var out []*pair
	for _, z := range engine(x).Pairs() {
		p := pairsOf(x.Box).find(z.From, z.To)
		if !a.Has("source") || strings.EqualFold(p.From, a.Str("source")) && strings.EqualFold(p.To, a.Str("destination")) {
			out = append(out, p)
		}
	}
	if a.Has("source") && len(out) == 0 {
		x.Error("The zone pair does not exist.")
	}
	return out
}

func displayPairFilters(x *feature.Exec, a *cli.Args) {
	for _, p := range shown(x, a) {
		if len(p.filters) == 0 {
			continue
		}
		x.Printf("Zone-pair: source %s destination %s\n", p.From, p.To)
		for _, name := range p.filters {
			failed := ""
			if feature.Get[*acl.Lists](x.Box).Lookup(name) == nil {
				failed = " (Failed)"
			}
			x.Printf("  IPv4 ACL %s%s\n", name, failed)
		}
	}
}

func times(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d times matched)", n)
}
