// Package acl is IPv4 access control lists, basic and advanced: their rules,
// their display and the lookups of the features that select packets by them.
// Command and output forms are those of the Comware 7 ACL command reference.
//
// The conditions of a rule look at whole packets, as they are after reassembly.
//
// Limitations: packets are in no VPN instance and are no fragments, so a rule
// that asks for one matches nothing; layer 2 and IPv6 lists are kept; a feature that
// selects flows by a list, IPsec, knows no more than addresses, protocol and
// ports of them; hardware counts are those of the software.
package acl

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/comware/feature/objgroup"
)

// Feature is access control lists.
var Feature = feature.Feature{
	Name: "acl",
	Views: []feature.View{
		{Name: "acl-basic", Parent: "system", Title: "Acl-ipv4-basic"},
		{Name: "acl-adv", Parent: "system", Title: "Acl-ipv4-adv"},
		{Name: "acl-ipv6", Parent: "system", Title: "Acl-ipv6"},
		{Name: "acl-mac", Parent: "system", Title: "Acl-mac"},
	},
	Commands: slices.Concat(commands, rangeCommands, filterCommands),
	Install: func(b *feature.Box) {
		s := &Lists{box: b}
		feature.Put(b, s)
		feature.Put[feature.ACLs](b, s)
		s.hook()
		objgroup.Of(b).OnUse(s.uses)
	},
}

// uses says whether a rule names an object group.
func (s *Lists) uses(g *objgroup.Group) bool {
	is := func(k objgroup.Kind, name string) bool { return g.Kind == k && strings.EqualFold(g.Name, name) }
	for _, l := range s.all {
		for _, r := range l.Rules {
			if is(objgroup.IP, r.SrcGroup) || is(objgroup.IP, r.DstGroup) || is(objgroup.Port, r.SrcPortGroup) || is(objgroup.Port, r.DstPortGroup) {
				return true
			}
		}
	}
	return false
}

// texts are the help texts of all tokens of this package's commands.
var texts = withPorts(feature.Texts{
	"<destination-first>":      "Port number",
	"<source-first>":           "Port number",
	"<ack>":                    "Value of the flag",
	"<body>":                   "Conditions of the rule",
	"<code>":                   "ICMP message code",
	"<date1>":                  "Date, MM/DD/YYYY or YYYY/MM/DD",
	"<date2>":                  "Date, MM/DD/YYYY or YYYY/MM/DD",
	"<day>":                    "Day of the week, 0 for Sunday",
	"<destination-group>":      "Address object group name",
	"<destination-port-group>": "Port object group name",
	"<dscp>":                   "DSCP value or name",
	"<end>":                    "End time, hh:mm",
	"<fin>":                    "Value of the flag",
	"<from-name>":              "ACL name",
	"<from-number>":            "ACL number",
	"<minutes>":                "Interval in minutes, a multiple of 5",
	"<six>":                    "ACL number",
	"<six-name>":               "ACL name",
	"ipv6":                     "Specify an IPv6 ACL",
	"<interface>":              "Interface",
	"<precedence>":             "Precedence value or name",
	"<psh>":                    "Value of the flag",
	"<range>":                  "Time range name",
	"<rst>":                    "Value of the flag",
	"<source-group>":           "Address object group name",
	"<source-port-group>":      "Port object group name",
	"<start>":                  "Start time, hh:mm",
	"<syn>":                    "Value of the flag",
	"<time-range>":             "Time range name",
	"<time1>":                  "Time, hh:mm",
	"<time2>":                  "Time, hh:mm",
	"<to-name>":                "ACL name",
	"<to-number>":              "ACL number",
	"<tos>":                    "ToS value or name",
	"<type>":                   "ICMP message type",
	"<urg>":                    "Value of the flag",
	"<vpn>":                    "VPN instance name",
	"ack":                      "Match the ACK flag",
	"auto":                     "Depth-first match order",
	"config":                   "Match order of the configuration",
	"accelerate":               "Accelerate the lookup of the rules",
	"brief":                    "Brief information",
	"sum":                      "Sum over all interfaces",
	"trap":                     "Traps",
	"verbose":                  "Detailed information",
	"copy":                     "Copy an ACL",
	"daily":                    "Every day of the week",
	"debugging":                "Enable system debugging functions",
	"default":                  "Default action",
	"dscp":                     "Specify the DSCP value",
	"echo":                     "ICMP message echo",
	"echo-reply":               "ICMP message echo-reply",
	"established":              "Match packets of established TCP connections",
	"fin":                      "Match the FIN flag",
	"fragment":                 "Match fragments",
	"fragmentneed-DFset":       "ICMP message fragmentneed-DFset",
	"fri":                      "Friday",
	"from":                     "Specify the beginning",
	"hardware-count":           "Count the packets that match the rules",
	"host-redirect":            "ICMP message host-redirect",
	"host-tos-redirect":        "ICMP message host-tos-redirect",
	"host-unreachable":         "ICMP message host-unreachable",
	"icmp-type":                "Specify the ICMP message type",
	"inbound":                  "Inbound direction",
	"information-reply":        "ICMP message information-reply",
	"information-request":      "ICMP message information-request",
	"interval":                 "Specify the interval between logs",
	"interface":                "Specify an interface",
	"mac":                      "Specify a layer 2 ACL",
	"match-order":              "Specify the match order of the rules",
	"mon":                      "Monday",
	"net-redirect":             "ICMP message net-redirect",
	"net-tos-redirect":         "ICMP message net-tos-redirect",
	"net-unreachable":          "ICMP message net-unreachable",
	"object-group":             "Specify an object group",
	"off-day":                  "Saturday and Sunday",
	"outbound":                 "Outbound direction",
	"packet":                   "Packet debugging",
	"packet-filter":            "Packet filter",
	"parameter-problem":        "ICMP message parameter-problem",
	"port-unreachable":         "ICMP message port-unreachable",
	"precedence":               "Specify the precedence",
	"protocol-unreachable":     "ICMP message protocol-unreachable",
	"psh":                      "Match the PSH flag",
	"reassembly-timeout":       "ICMP message reassembly-timeout",
	"rst":                      "Match the RST flag",
	"sat":                      "Saturday",
	"source-quench":            "ICMP message source-quench",
	"source-route-failed":      "ICMP message source-route-failed",
	"statistics":               "Statistics",
	"sun":                      "Sunday",
	"syn":                      "Match the SYN flag",
	"thu":                      "Thursday",
	"time-range":               "Specify a time range",
	"timestamp-reply":          "ICMP message timestamp-reply",
	"timestamp-request":        "ICMP message timestamp-request",
	"to":                       "Specify the end",
	"tos":                      "Specify the ToS value",
	"ttl-exceeded":             "ICMP message ttl-exceeded",
	"tue":                      "Tuesday",
	"urg":                      "Match the URG flag",
	"vpn-instance":             "Specify a VPN instance",
	"wed":                      "Wednesday",
	"working-day":              "Monday to Friday",
	"<comment>":                "Up to 127 characters",
	"<destination-last>":       "Last port of the range",
	"<destination-port>":       "Port number or name",
	"<destination-wildcard>":   "Wildcard of the destination, 0 for a host",
	"<destination>":            "Destination IP address",
	"<id>":                     "ID of the ACL rule",
	"<name>":                   "ACL name",
	"<number>":                 "ACL number",
	"<protocol>":               "Protocol number",
	"<source-last>":            "Last port of the range",
	"<source-port>":            "Port number or name",
	"<source-wildcard>":        "Wildcard of the source, 0 for a host",
	"<source>":                 "Source IP address",
	"<step>":                   "Step",
	"<text>":                   "Up to 127 characters",
	"acl":                      "Specify ACL configuration information",
	"advanced":                 "Specify an IPv4 advanced ACL",
	"all":                      "All ACLs",
	"any":                      "Any address",
	"basic":                    "Specify an IPv4 basic ACL",
	"comment":                  "Specify a comment of the rule",
	"counter":                  "Match counters",
	"counting":                 "Count matched packets",
	"deny":                     "Specify matched packets to be dropped",
	"description":              "Specify ACL description",
	"destination":              "Specify a destination address",
	"destination-port":         "Specify the destination port",
	"display":                  "Display current system information",
	"eq":                       "Equal to the port",
	"gre":                      "GRE tunneling(47)",
	"gt":                       "Greater than the port",
	"icmp":                     "Internet Control Message Protocol(1)",
	"igmp":                     "Internet Group Management Protocol(2)",
	"ip":                       "Any IP protocol",
	"ipinip":                   "IP in IP tunneling(4)",
	"logging":                  "Log matched packets",
	"lt":                       "Less than the port",
	"name":                     "Specify a named ACL",
	"neq":                      "Not equal to the port",
	"number":                   "Specify a numbered ACL",
	"ospf":                     "OSPF routing protocol(89)",
	"permit":                   "Specify matched packets to pass",
	"range":                    "Between two ports",
	"reset":                    "Reset operation",
	"rule":                     "Specify an ACL rule",
	"source":                   "Specify a source address",
	"source-port":              "Specify the source port",
	"step":                     "Specify the numbering step of the rules",
	"tcp":                      "Transmission Control Protocol (6)",
	"udp":                      "User Datagram Protocol (17)",
	"undo":                     "Cancel current setting",
})

const (
	end       = "%[1]s { object-group <%[1]s-group:string:1-63> | <%[1]s:ip> <%[1]s-wildcard:wildcard> | any }"
	ruleHead  = "rule [ <id:0-65534> ] { permit | deny } "
	ruleTail  = "time-range <time-range:string:1-32> | vpn-instance <vpn:string:1-31> | fragment | logging | counting ] *"
	number    = "<number:2000-3999>"
	nameRef   = "name <name:string:1-63>"
	order     = " [ match-order { auto | config } ]"
	ruleParts = "source | time-range | vpn-instance | fragment | logging | counting"
)

// messageNames are the names of ICMP messages as a choice.
func messageNames() string {
	var names []string
	for _, m := range messages {
		names = append(names, m.name)
	}
	return strings.Join(names, " | ")
}

// valueNames is a number or its names as a choice.
func valueNames(token string, names map[string]int, top int) string {
	return fmt.Sprintf("<%s:0-%d> | ", token, top) + strings.Join(slices.Sorted(maps.Keys(names)), " | ")
}

// withPorts adds the texts of the names of ports and values.
func withPorts(t feature.Texts) feature.Texts {
	add := func(name, text string) {
		if t[name] == "" {
			t[name] = text
		}
	}
	for _, names := range []map[string]uint16{tcpPorts, udpPorts} {
		for n, p := range names {
			add(n, fmt.Sprintf("Port %d", p))
		}
	}
	for _, names := range []map[string]int{dscpNames, precedenceNames, tosNames} {
		for n, v := range names {
			add(n, fmt.Sprintf("Value %d", v))
		}
	}
	return t
}

var commands = func() []feature.Command {
	ends := fmt.Sprintf(end, "source") + " | " + fmt.Sprintf(end, "destination")
	ports := func(names map[string]uint16) string {
		one := "{ <%[1]s:0-65535> | " + strings.Join(slices.Sorted(maps.Keys(names)), " | ") + " }"
		side := func(s string) string {
			first, last := fmt.Sprintf(one, s+"-first"), fmt.Sprintf(one, s+"-last")
			return s + "-port { { eq | neq | lt | gt } " + first + " | range " + first + " " + last + " | object-group <" + s + "-port-group:string:1-63> }"
		}
		return side("source") + " | " + side("destination")
	}
	const tcpFlags = "ack <ack:0-1> | fin <fin:0-1> | psh <psh:0-1> | rst <rst:0-1> | syn <syn:0-1> | urg <urg:0-1> | established"
	icmp := "icmp-type { " + messageNames() + " | <type:0-255> [ <code:0-255> ] }"
	tail := "dscp { " + valueNames("dscp", dscpNames, 63) + " } | precedence { " + valueNames("precedence", precedenceNames, 7) + " } | tos { " + valueNames("tos", tosNames, 15) + " } | " + ruleTail
	advanced := []string{
		"tcp [ " + ends + " | " + ports(tcpPorts) + " | " + tcpFlags + " | " + tail,
		"udp [ " + ends + " | " + ports(udpPorts) + " | " + tail,
		"icmp [ " + ends + " | " + icmp + " | " + tail,
		"{ ip | igmp | ipinip | gre | ospf | <protocol:0-255> } [ " + ends + " | " + tail,
	}
	with := func(k Kind, f func(*feature.Exec, *cli.Args, Kind)) func(*feature.Exec, *cli.Args) {
		return func(x *feature.Exec, a *cli.Args) { f(x, a, k) }
	}
	byNumber := func(f func(*feature.Exec, *cli.Args, Kind)) func(*feature.Exec, *cli.Args) {
		return func(x *feature.Exec, a *cli.Args) { f(x, a, kindOf(a.Int("number"))) }
	}
	const both = "acl-basic acl-adv"
	all := []feature.Command{
		texts.Command("system", "acl basic { <number:2000-2999> | "+nameRef+" }"+order, with(Basic, enter)),
		texts.Command("system", "acl advanced { <number:3000-3999> | "+nameRef+" }"+order, with(Advanced, enter)),
		texts.Command("system", "acl number "+number+order, byNumber(enter)),
		texts.Command("system", "undo acl basic { all | <number:2000-2999> | "+nameRef+" }", with(Basic, remove)),
		texts.Command("system", "undo acl advanced { all | <number:3000-3999> | "+nameRef+" }", with(Advanced, remove)),
		texts.Command("system", "undo acl number "+number, byNumber(remove)),
		texts.Command("system", "acl copy { <from-number:2000-3999> | name <from-name:string:1-63> } to { <to-number:2000-3999> | name <to-name:string:1-63> }", copyList),
		texts.Command("acl-basic", ruleHead+"[ "+fmt.Sprintf(end, "source")+" | "+ruleTail, setRule),
		texts.Command("acl-basic", "undo rule <id:0-65534> [ "+ruleParts+" ] *", removeRule),
		texts.Command("acl-adv", "undo rule <id:0-65534> [ "+ruleParts+" | destination | source-port | destination-port | ack | fin | psh | rst | syn | urg | established | icmp-type | dscp | precedence | tos ] *", removeRule),
		texts.Command(both, "rule <id:0-65534> comment <comment:text:1-127>", setComment),
		texts.Command(both, "undo rule <id:0-65534> comment", removeComment),
		texts.Command(both, "description <text:text:1-127>", func(x *feature.Exec, a *cli.Args) {
			list(x).Description = a.Str("text")
			x.Node().Set(1, "description", "description "+a.Str("text"))
		}),
		texts.Command(both, "undo description", func(x *feature.Exec, _ *cli.Args) {
			list(x).Description = ""
			x.Node().Remove("description")
		}),
		texts.Command(both, "step <step:1-20>", func(x *feature.Exec, a *cli.Args) { setStep(x, a.Int("step")) }),
		texts.Command(both, "undo step", func(x *feature.Exec, _ *cli.Args) { setStep(x, defaultStep) }),
		texts.Command("any", "display acl { all | "+number+" | "+nameRef+" }", display),
		texts.Command("user", "reset acl counter { all | "+number+" | "+nameRef+" }", resetCounter),
	}
	for _, protocol := range advanced {
		all = append(all, texts.Command("acl-adv", ruleHead+protocol, setRule))
	}
	keep := func(views, syntax string, k feature.Keep) {
		c := texts.Command(views, syntax, nil)
		c.Keep = &k
		all = append(all, c)
	}
	keep("system", "acl mac <number:4000-4999>", feature.Keep{Place: feature.PlaceACL, Undo: "acl mac <number:4000-4999>", Opens: "acl-mac", Label: "acl-mac-<number>"})
	for _, k := range [][3]string{{"basic", "<six:2000-2999>", "basic"}, {"advanced", "<six:3000-3999>", "adv"}} {
		keep("system", "acl ipv6 "+k[0]+" "+k[1], feature.Keep{Place: feature.PlaceACL + 2, Undo: "acl ipv6 " + k[0] + " " + k[1], Opens: "acl-ipv6", Label: "acl-ipv6-" + k[2] + "-<six>"})
		keep("system", "acl ipv6 "+k[0]+" name <six-name:string:1-63>", feature.Keep{Place: feature.PlaceACL + 3, Undo: "acl ipv6 " + k[0] + " name <six-name:string:1-63>", Opens: "acl-ipv6", Label: "acl-ipv6-" + k[2] + "-<six-name>"})
	}
	keep("acl-basic acl-adv acl-ipv6 acl-mac", "accelerate", feature.Keep{Place: 3})
	keep("system", "acl trap interval <minutes:0-1440>", feature.Keep{Place: feature.PlaceACL - 5})
	keep("interface", "packet-filter default { inbound | outbound } hardware-count", feature.Keep{Place: placeFilter + 1, Undo: "packet-filter default { inbound | outbound } hardware-count"})
	const others = "acl-ipv6 acl-mac"
	keep(others, "rule <id:0-65534> { permit | deny } [ <body:text:1-255> ]", feature.Keep{Place: placeRule, Undo: "rule <id:0-65534>"})
	numbered := texts.Command(others, "rule { permit | deny } [ <body:text:1-255> ]", keepRule)
	numbered.Kept = true
	all = append(all, numbered)
	keep(others, "description <text:text:1-127>", feature.Keep{Place: 1, Undo: "description"})
	return all
}()

// keepRule keeps a rule of a list that nothing acts on, under the next number.
func keepRule(x *feature.Exec, a *cli.Args) {
	id := 0
	for _, n := range x.Node().Kids() {
		if f := strings.Fields(n.Text); f[0] == "rule" {
			if have, err := strconv.Atoi(f[1]); err == nil && have >= id {
				id = (have/defaultStep + 1) * defaultStep
			}
		}
	}
	if id > 65534 {
		x.Error("The rule ID is out of range.")
		return
	}
	key := "rule " + strconv.Itoa(id)
	x.Node().Set(placeRule, key, key+strings.TrimPrefix(a.Line(), "rule"))
}

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
	text := "acl " + l.Kind.String() + " " + l.Ref()
	if l.Number == 0 {
		text = "acl " + l.Kind.String() + " name " + cli.Quote(l.Name)
	}
	if l.Auto {
		text += " match-order auto"
	}
	return text
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
	if a.Has("match-order") && l.Auto != a.Has("auto") {
		if len(l.Rules) > 0 {
			x.Error("The match order of an ACL that has rules cannot be changed.")
			return
		}
		l.Auto = a.Has("auto")
	}
	v := feature.ViewState{Name: "acl-adv", Suffix: "acl-ipv4-adv-" + l.Ref(), Obj: l, Node: l.open(x.Box)}
	if k == Basic {
		v.Name, v.Suffix = "acl-basic", "acl-ipv4-basic-"+l.Ref()
	}
	x.Enter(v)
}

// open is the list's line in the configuration.
func (l *ACL) open(b *feature.Box) *conf.Node {
	place := placeNumber
	if l.Number == 0 {
		place = placeName
	}
	return b.Conf.Root().Open(place, l.key(), l.line())
}

func copyList(x *feature.Exec, a *cli.Args) {
	s := lists(x)
	from, to := a.Str("from-name"), a.Str("to-name")
	if from == "" {
		from = a.Str("from-number")
	}
	src := s.Lookup(from)
	l := &ACL{Number: a.Int("to-number"), Name: to}
	if l.Number != 0 {
		l.Kind = kindOf(l.Number)
	} else if src != nil {
		l.Kind = src.Kind
	}
	switch {
	case src == nil:
		x.Error(noList)
		return
	case to != "" && !letter(to):
		x.Error("The ACL name must begin with a letter.")
		return
	case l.Kind != src.Kind:
		x.Error("The two ACLs must be of one type.")
		return
	case s.Lookup(l.Ref()) != nil:
		x.Error("The destination ACL already exists.")
		return
	}
	l.Step, l.Auto, l.Description = src.Step, src.Auto, src.Description
	s.add(l)
	n := l.open(x.Box)
	if l.Description != "" {
		n.Set(1, "description", "description "+l.Description)
	}
	if l.Step != defaultStep {
		n.Set(2, "step", fmt.Sprintf("step %d", l.Step))
	}
	for _, r := range src.Rules {
		c := *r
		c.Matched = 0
		l.Rules = append(l.Rules, &c)
		setLines(n, l, &c)
	}
}

const noList = "The specified ACL doesn't exist."

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
				x.Error(noList)
			}
			continue
		}
		root := x.Box.Conf.Root()
		x.Box.Drop(root.Child(l.key()))
		root.Remove(l.key())
		s.remove(l)
	}
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
		x.Error(noList)
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
		auto := ""
		if l.Auto {
			auto = " match-order is auto,"
		}
		x.Printf("%s IPv4 ACL %s, %d rule%s,%s\n", kind, name, len(l.Rules), plural, auto)
		if l.Description != "" {
			x.Print(l.Description + "\n")
		}
		x.Printf("ACL's step is %d, start ID is 0\n", l.Step)
		for _, r := range l.Ordered() {
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
