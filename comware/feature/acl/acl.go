// Package acl is IPv4 access control lists, basic and advanced: their rules,
// their display and the lookups of the features that select packets by them.
// Command and output forms are those of the Comware 7 ACL command reference.
//
// Limitations: match order is that of the configuration; no time ranges, no
// VPN instances, no conditions on TCP flags, ICMP types, DSCP or fragments.
package acl

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// Feature is access control lists.
var Feature = feature.Feature{
	Name: "acl",
	Views: []feature.View{
		{Name: "acl-basic", Parent: "system", Title: "Acl-ipv4-basic"},
		{Name: "acl-adv", Parent: "system", Title: "Acl-ipv4-adv"},
	},
	Commands: commands,
	Install:  func(b *feature.Box) { feature.Put(b, &Lists{}) },
}

// texts are the help texts of all tokens of this package's commands.
var texts = map[string]string{
	"<comment>":              "Up to 127 characters",
	"<destination-last>":     "Last port of the range",
	"<destination-port>":     "Port number or name",
	"<destination-wildcard>": "Wildcard of the destination, 0 for a host",
	"<destination>":          "Destination IP address",
	"<id>":                   "ID of the ACL rule",
	"<name>":                 "ACL name",
	"<number>":               "ACL number",
	"<protocol>":             "Protocol number",
	"<source-last>":          "Last port of the range",
	"<source-port>":          "Port number or name",
	"<source-wildcard>":      "Wildcard of the source, 0 for a host",
	"<source>":               "Source IP address",
	"<step>":                 "Step",
	"<text>":                 "Up to 127 characters",
	"acl":                    "Specify ACL configuration information",
	"advanced":               "Specify an IPv4 advanced ACL",
	"all":                    "All ACLs",
	"any":                    "Any address",
	"basic":                  "Specify an IPv4 basic ACL",
	"comment":                "Specify a comment of the rule",
	"counter":                "Match counters",
	"counting":               "Count matched packets",
	"deny":                   "Specify matched packets to be dropped",
	"description":            "Specify ACL description",
	"destination":            "Specify a destination address",
	"destination-port":       "Specify the destination port",
	"display":                "Display current system information",
	"eq":                     "Equal to the port",
	"gre":                    "GRE tunneling(47)",
	"gt":                     "Greater than the port",
	"icmp":                   "Internet Control Message Protocol(1)",
	"igmp":                   "Internet Group Management Protocol(2)",
	"ip":                     "Any IP protocol",
	"ipinip":                 "IP in IP tunneling(4)",
	"logging":                "Log matched packets",
	"lt":                     "Less than the port",
	"name":                   "Specify a named ACL",
	"neq":                    "Not equal to the port",
	"number":                 "Specify a numbered ACL",
	"ospf":                   "OSPF routing protocol(89)",
	"permit":                 "Specify matched packets to pass",
	"range":                  "Between two ports",
	"reset":                  "Reset operation",
	"rule":                   "Specify an ACL rule",
	"source":                 "Specify a source address",
	"source-port":            "Specify the source port",
	"step":                   "Specify the numbering step of the rules",
	"tcp":                    "Transmission Control Protocol (6)",
	"udp":                    "User Datagram Protocol (17)",
	"undo":                   "Cancel current setting",
}

var tokens = regexp.MustCompile(`<([a-z-]+):[^>]*>|[a-z0-9][a-z0-9-]*`)

// helpOf is the help of the tokens of a syntax.
func helpOf(syntax string) string {
	var help []string
	seen := map[string]bool{}
	for _, m := range tokens.FindAllStringSubmatch(syntax, -1) {
		key := m[0]
		if m[1] != "" {
			key = "<" + m[1] + ">"
		}
		if !seen[key] {
			seen[key] = true
			help = append(help, key+"="+texts[key])
		}
	}
	return strings.Join(help, "; ")
}

const ports = "%[1]s-port { { eq | neq | lt | gt } <%[1]s-port:string:1-11> | range <%[1]s-port:string:1-11> <%[1]s-last:string:1-11> }"

var commands = func() []feature.Command {
	advanced := "rule [ <id:0-65534> ] { permit | deny } { ip | icmp | igmp | ipinip | tcp | udp | gre | ospf | <protocol:0-255> } " +
		"[ source { <source:ip> <source-wildcard:wildcard> | any } | destination { <destination:ip> <destination-wildcard:wildcard> | any } | " +
		fmt.Sprintf(ports, "source") + " | " + fmt.Sprintf(ports, "destination") + " | logging | counting ] *"
	out := []feature.Command{
		{Views: "system", Syntax: "acl basic { <number:2000-2999> | name <name:string:1-63> }", Run: func(x *feature.Exec, a *cli.Args) { enter(x, a, Basic) }},
		{Views: "system", Syntax: "acl advanced { <number:3000-3999> | name <name:string:1-63> }", Run: func(x *feature.Exec, a *cli.Args) { enter(x, a, Advanced) }},
		{Views: "system", Syntax: "acl number <number:2000-3999>", Run: func(x *feature.Exec, a *cli.Args) { enter(x, a, kindOf(a.Int("number"))) }},
		{Views: "system", Syntax: "undo acl basic { all | <number:2000-2999> | name <name:string:1-63> }", Run: func(x *feature.Exec, a *cli.Args) { remove(x, a, Basic) }},
		{Views: "system", Syntax: "undo acl advanced { all | <number:3000-3999> | name <name:string:1-63> }", Run: func(x *feature.Exec, a *cli.Args) { remove(x, a, Advanced) }},
		{Views: "system", Syntax: "undo acl number <number:2000-3999>", Run: func(x *feature.Exec, a *cli.Args) { remove(x, a, kindOf(a.Int("number"))) }},
		{Views: "acl-basic", Syntax: "rule [ <id:0-65534> ] { permit | deny } [ source { <source:ip> <source-wildcard:wildcard> | any } | logging | counting ] *", Run: setRule},
		{Views: "acl-adv", Syntax: advanced, Run: setRule},
		{Views: "acl-basic acl-adv", Syntax: "undo rule <id:0-65534>", Run: removeRule},
		{Views: "acl-basic acl-adv", Syntax: "rule <id:0-65534> comment <comment:text:1-127>", Run: setComment},
		{Views: "acl-basic acl-adv", Syntax: "undo rule <id:0-65534> comment", Run: removeComment},
		{Views: "acl-basic acl-adv", Syntax: "description <text:text:1-127>", Run: func(x *feature.Exec, a *cli.Args) {
			list(x).Description = a.Str("text")
			x.Node().Set(1, "description", "description "+a.Str("text"))
		}},
		{Views: "acl-basic acl-adv", Syntax: "undo description", Run: func(x *feature.Exec, _ *cli.Args) {
			list(x).Description = ""
			x.Node().Remove("description")
		}},
		{Views: "acl-basic acl-adv", Syntax: "step <step:1-20>", Run: func(x *feature.Exec, a *cli.Args) { setStep(x, a.Int("step")) }},
		{Views: "acl-basic acl-adv", Syntax: "undo step", Run: func(x *feature.Exec, _ *cli.Args) { setStep(x, defaultStep) }},
		{Views: "any", Syntax: "display acl { all | <number:2000-3999> | name <name:string:1-63> }", Run: display},
		{Views: "user", Syntax: "reset acl counter { all | <number:2000-3999> | name <name:string:1-63> }", Run: resetCounter},
	}
	for i := range out {
		out[i].Help = helpOf(out[i].Syntax)
	}
	return out
}()

func lists(x *feature.Exec) *Lists { return feature.Get[*Lists](x.Box) }
func list(x *feature.Exec) *ACL    { return x.View().Obj.(*ACL) }

func kindOf(number int) Kind {
	if number < 3000 {
		return Basic
	}
	return Advanced
}

// ref is what a command names its list by.
func ref(a *cli.Args) string {
	if a.Has("name") {
		return a.Str("name")
	}
	return strconv.Itoa(a.Int("number"))
}

func (l *ACL) line() string {
	if l.Number == 0 {
		return "acl " + l.Kind.String() + " name " + l.Name
	}
	return "acl " + l.Kind.String() + " " + l.Ref()
}

func (l *ACL) key() string { return "acl " + strings.ToLower(l.Ref()) }

const (
	placeRule   = 10
	placeNumber = feature.PlaceACL
	placeName   = feature.PlaceACL + 1
)

func enter(x *feature.Exec, a *cli.Args, k Kind) {
	s := lists(x)
	l := s.Lookup(ref(a))
	switch {
	case l == nil && a.Has("name") && !letter(a.Str("name")):
		x.Error("The ACL name must begin with a letter.")
		return
	case l == nil:
		l = &ACL{Kind: k, Number: a.Int("number"), Name: a.Str("name"), Step: defaultStep}
		s.add(l)
	case l.Kind != k:
		x.Error("An ACL of another type with the same name already exists.")
		return
	}
	place := placeNumber
	if l.Number == 0 {
		place = placeName
	}
	v := feature.ViewState{Name: "acl-adv", Suffix: "acl-ipv4-adv-" + l.Ref(), Obj: l, Node: x.Box.Conf.Root().Open(place, l.key(), l.line())}
	if k == Basic {
		v.Name, v.Suffix = "acl-basic", "acl-ipv4-basic-"+l.Ref()
	}
	x.Enter(v)
}

func letter(s string) bool {
	c := s[0] | 0x20
	return 'a' <= c && c <= 'z'
}

func remove(x *feature.Exec, a *cli.Args, k Kind) {
	s := lists(x)
	gone := []*ACL{s.Lookup(ref(a))}
	if a.Has("all") {
		gone = append([]*ACL(nil), s.all...)
	}
	for _, l := range gone {
		if l == nil || l.Kind != k {
			if !a.Has("all") {
				x.Error("The specified ACL doesn't exist.")
			}
			continue
		}
		root := x.Box.Conf.Root()
		x.Box.Drop(root.Child(l.key()))
		root.Remove(l.key())
		s.remove(l)
	}
}

func ruleKey(id int) string { return fmt.Sprintf("rule %d", id) }

func setRule(x *feature.Exec, a *cli.Args) {
	l := list(x)
	r := &Rule{ID: l.next(), Permit: a.Has("permit"), Logging: a.Has("logging"), Counting: a.Has("counting"), Proto: protocol(a)}
	if a.Has("id") {
		r.ID = a.Int("id")
	}
	var ok [2]bool
	if r.SrcPort, ok[0] = portsOf(a, "source", r.Proto); !ok[0] {
		x.Error("The source port is invalid.")
		return
	}
	if r.DstPort, ok[1] = portsOf(a, "destination", r.Proto); !ok[1] {
		x.Error("The destination port is invalid.")
		return
	}
	if (r.SrcPort.Op != "" || r.DstPort.Op != "") && r.Proto != 6 && r.Proto != 17 {
		x.Error("Ports can be specified for TCP and UDP only.")
		return
	}
	if r.ID > 65534 {
		x.Error("The rule ID is out of range.")
		return
	}
	r.Src, r.Dst = match(a, "source"), match(a, "destination")
	for _, o := range l.Rules {
		if o.ID != r.ID && o.Permit == r.Permit && o.conditions(l.Kind) == r.conditions(l.Kind) {
			x.Error("The rule already exists.")
			return
		}
	}
	if i, found := l.at(r.ID); found {
		r.Comment = l.Rules[i].Comment
		if l.Rules[i].Text(l.Kind) == r.Text(l.Kind) {
			return
		}
	}
	l.put(r)
	x.Node().Set(placeRule, ruleKey(r.ID), r.Text(l.Kind))
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
		if !g.Keyword || g.Token != end+"-port" || i+2 >= len(all) {
			continue
		}
		p.Op = all[i+1].Token
		if p.Lo, ok = parsePort(proto, all[i+2].Word); !ok {
			return Ports{}, false
		}
		p.Hi = p.Lo
		if p.Op == "range" {
			if p.Hi, ok = parsePort(proto, a.Str(end+"-last")); !ok || p.Hi < p.Lo {
				return Ports{}, false
			}
		}
	}
	return p, true
}

func removeRule(x *feature.Exec, a *cli.Args) {
	l, id := list(x), a.Int("id")
	i, ok := l.at(id)
	if !ok {
		x.Error("The rule does not exist.")
		return
	}
	l.Rules = append(l.Rules[:i:i], l.Rules[i+1:]...)
	x.Node().Remove(ruleKey(id))
	x.Node().Remove(ruleKey(id) + " comment")
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

func setStep(x *feature.Exec, step int) {
	l := list(x)
	if l.Step == step {
		return
	}
	l.Step = step
	if step == defaultStep {
		x.Node().Remove("step")
	} else {
		x.Node().Set(2, "step", fmt.Sprintf("step %d", step))
	}
	if x.Quiet() {
		return // the lines that follow bring their numbers
	}
	for i, r := range l.Rules { // a new step numbers the rules anew
		r.ID = i * step
	}
	x.Node().RemoveAll(func(key string) bool { return strings.HasPrefix(key, "rule ") })
	for _, r := range l.Rules {
		setLines(x.Node(), l, r)
	}
}

func setLines(n *conf.Node, l *ACL, r *Rule) {
	n.Set(placeRule, ruleKey(r.ID), r.Text(l.Kind))
	if r.Comment != "" {
		n.Set(placeRule, ruleKey(r.ID)+" comment", ruleKey(r.ID)+" comment "+r.Comment)
	}
}

// named are the lists that a display or reset is about.
func named(x *feature.Exec, a *cli.Args) ([]*ACL, bool) {
	s := lists(x)
	if a.Has("all") {
		return s.all, true
	}
	l := s.Lookup(ref(a))
	if l == nil {
		x.Error("The specified ACL doesn't exist.")
		return nil, false
	}
	return []*ACL{l}, true
}

func display(x *feature.Exec, a *cli.Args) {
	all, _ := named(x, a)
	for i, l := range all {
		if i > 0 {
			x.Print("\n")
		}
		kind := "Advanced"
		if l.Kind == Basic {
			kind = "Basic"
		}
		name := l.Ref()
		if l.Number == 0 {
			name = "named " + l.Name
		}
		plural := "s"
		if len(l.Rules) == 1 {
			plural = ""
		}
		x.Printf("%s IPv4 ACL %s, %d rule%s,\n", kind, name, len(l.Rules), plural)
		if l.Description != "" {
			x.Print(l.Description + "\n")
		}
		x.Printf("ACL's step is %d, start ID is 0\n", l.Step)
		for _, r := range l.Rules {
			x.Print(" " + r.Text(l.Kind))
			if r.Matched > 0 {
				x.Printf(" (%d times matched)", r.Matched)
			}
			x.Print("\n")
			if r.Comment != "" {
				x.Printf(" rule %d comment %s\n", r.ID, r.Comment)
			}
		}
	}
}

func resetCounter(x *feature.Exec, a *cli.Args) {
	all, _ := named(x, a)
	for _, l := range all {
		for _, r := range l.Rules {
			r.Matched = 0
		}
	}
}
