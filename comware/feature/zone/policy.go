package zone

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/zone"
)

// maxRule is the highest number of a rule.
const maxRule = 65534

// services are the predefined services that rules know by name.
var services = map[string][]zone.Service{
	"dns-tcp":    tcp(53),
	"dns-udp":    udp(53),
	"esp":        {{Proto: 50, ICMPType: -1}},
	"ah":         {{Proto: 51, ICMPType: -1}},
	"ftp":        tcp(21),
	"gre":        {{Proto: 47, ICMPType: -1}},
	"http":       tcp(80),
	"https":      tcp(443),
	"icmp":       {{Proto: 1, ICMPType: -1}},
	"ike":        {udp(500)[0], udp(4500)[0]},
	"netconf":    tcp(830),
	"ntp":        udp(123),
	"ping":       {{Proto: 1, ICMPType: 8}},
	"snmp":       udp(161),
	"ssh":        tcp(22),
	"syslog":     udp(514),
	"tcp":        {{Proto: 6, ICMPType: -1}},
	"telnet":     tcp(23),
	"tftp":       udp(69),
	"udp":        {{Proto: 17, ICMPType: -1}},
	"traceroute": {{Proto: 17, ICMPType: -1, Ports: zone.Range[uint16]{From: 33434, To: 33523}}},
}

func tcp(port uint16) []zone.Service { return port1(6, port) }
func udp(port uint16) []zone.Service { return port1(17, port) }

func port1(proto uint8, port uint16) []zone.Service {
	return []zone.Service{{Proto: proto, ICMPType: -1, Ports: zone.Range[uint16]{From: port, To: port}}}
}

const (
	helpUndo = "undo=Cancel current setting; "
	helpRule = "rule=Security policy rule; <id>=Rule ID; name=Specify the name; <name>=Rule name; "
)

var policyCommands = slices.Concat([]feature.Command{
	{
		Views: "system", Syntax: "security-policy ip",
		Help: "security-policy=Security policy; ip=IPv4 security policy",
		Run:  enterPolicy,
	},
	{
		Views: "system", Syntax: "undo security-policy ip",
		Help: helpUndo + "security-policy=Security policy; ip=IPv4 security policy",
		Run:  removePolicy,
	},
	{
		Views: "security-policy-ip", Syntax: "rule [ <id:0-65534> ] name <name:string:1-127>",
		Help: helpRule, Run: enterRule,
	},
	{
		Views: "security-policy-ip", Syntax: "rule <id:0-65534>",
		Help: helpRule[:strings.Index(helpRule, "name=")], Run: enterRule,
	},
	{
		Views: "security-policy-ip", Syntax: "undo rule { <id:0-65534> | name <name:string:1-127> }",
		Help: helpUndo + helpRule, Run: removeRule,
	},
	{
		Views: "security-policy-ip", Syntax: "move rule <id:0-65534> { before | after } <other:0-65534>",
		Help: "move=Move a rule; " + helpRule[:strings.Index(helpRule, "name=")] + "before=Before another rule; after=After another rule; <other>=ID of the other rule",
		Run:  moveRule,
	},
	{
		Views: "any", Syntax: "display security-policy ip [ rule name <name:string:1-127> ]",
		Help: "security-policy=Security policy; ip=IPv4 security policy; " + strings.Replace(helpRule, "<id>=Rule ID; ", "", 1),
		Run:  displayPolicy,
	},
}, attributes(
	attribute{line: "action { pass | drop }", help: "action=Action of the rule; pass=Permit packets; drop=Drop packets", single: true,
		set: func(r *zone.Rule, a *cli.Args, on bool) {
			r.Action = zone.Drop
			if on && a.Has("pass") {
				r.Action = zone.Pass
			}
		}},
	attribute{line: "description <text:text:1-127>", help: "description=Describe the rule; <text>=Description", single: true,
		set: func(r *zone.Rule, a *cli.Args, _ bool) { r.Description = a.Str("text") }},
	attribute{line: "disable", help: "disable=Disable the rule", single: true,
		set: func(r *zone.Rule, _ *cli.Args, on bool) { r.Disabled = on }},
	attribute{line: "logging enable", help: "logging=Log matching packets; enable=Enable logging", single: true,
		set: func(r *zone.Rule, _ *cli.Args, on bool) { r.Logging = on }},
	attribute{line: "counting enable", help: "counting=Count matching packets; enable=Enable counting", single: true,
		set: func(r *zone.Rule, _ *cli.Args, on bool) { r.Counting = on }},
	attribute{line: "source-zone <name:string:1-31>", help: "source-zone=Specify a source security zone; <name>=Security zone name",
		set:   func(r *zone.Rule, a *cli.Args, on bool) { r.From = change(r.From, a.Str("name"), on) },
		clear: func(r *zone.Rule) { r.From = nil }},
	attribute{line: "destination-zone <name:string:1-31>", help: "destination-zone=Specify a destination security zone; <name>=Security zone name",
		set:   func(r *zone.Rule, a *cli.Args, on bool) { r.To = change(r.To, a.Str("name"), on) },
		clear: func(r *zone.Rule) { r.To = nil }},
	attribute{line: "source-ip-host <address:ip>", help: "source-ip-host=Specify a source host; <address>=IPv4 address",
		set: func(r *zone.Rule, a *cli.Args, on bool) { r.Src = change(r.Src, single(a), on) }},
	attribute{line: "source-ip-subnet <address:ip> <mask:mask>", help: "source-ip-subnet=Specify a source subnet; <address>=IPv4 address; <mask>=Mask or mask length",
		set: func(r *zone.Rule, a *cli.Args, on bool) {
			r.Src = change(r.Src, zone.Prefix(a.Prefix("address", "mask").Masked()), on)
		}},
	attribute{line: "source-ip-range <from:ip> <to:ip>", help: "source-ip-range=Specify a range of source addresses; <from>=First address; <to>=Last address",
		set: func(r *zone.Rule, a *cli.Args, on bool) { r.Src = change(r.Src, span(a), on) }},
	attribute{line: "destination-ip-host <address:ip>", help: "destination-ip-host=Specify a destination host; <address>=IPv4 address",
		set: func(r *zone.Rule, a *cli.Args, on bool) { r.Dst = change(r.Dst, single(a), on) }},
	attribute{line: "destination-ip-subnet <address:ip> <mask:mask>", help: "destination-ip-subnet=Specify a destination subnet; <address>=IPv4 address; <mask>=Mask or mask length",
		set: func(r *zone.Rule, a *cli.Args, on bool) {
			r.Dst = change(r.Dst, zone.Prefix(a.Prefix("address", "mask").Masked()), on)
		}},
	attribute{line: "destination-ip-range <from:ip> <to:ip>", help: "destination-ip-range=Specify a range of destination addresses; <from>=First address; <to>=Last address",
		set: func(r *zone.Rule, a *cli.Args, on bool) { r.Dst = change(r.Dst, span(a), on) }},
	attribute{line: "service <name:string:1-63>", help: "service=Specify a service; <name>=Service name",
		check: func(a *cli.Args) string {
			if _, ok := services[strings.ToLower(a.Str("name"))]; !ok && !strings.EqualFold(a.Str("name"), "any") {
				return "The service object group doesn't exist."
			}
			return ""
		},
		set: func(r *zone.Rule, a *cli.Args, on bool) {
			for _, s := range services[strings.ToLower(a.Str("name"))] {
				r.Services = change(r.Services, s, on)
			}
		}},
	attribute{line: "service-port { <protocol:0-255> | icmp | tcp | udp } [ destination { eq <port:0-65535> | gt <port:0-65535> | lt <port:0-65535> | range <first:0-65535> <last:0-65535> } ]",
		help: "service-port=Specify a protocol and ports; <protocol>=Protocol number; icmp=ICMP; tcp=TCP; udp=UDP; destination=Destination port; " +
			"eq=Equal to; gt=Greater than; lt=Less than; range=Range of ports; <port>=Port number; <first>=First port number; <last>=Last port number",
		check: func(a *cli.Args) string {
			s := port(a)
			switch {
			case a.Has("destination") && s.Proto != 6 && s.Proto != 17:
				return "Ports are of TCP and UDP only."
			case a.Has("destination") && (s.Ports.From > s.Ports.To || s.Ports == zone.Range[uint16]{}):
				return "Invalid port range."
			}
			return ""
		},
		set: func(r *zone.Rule, a *cli.Args, on bool) { r.Services = change(r.Services, port(a), on) }},
))

// port is the service of a service-port line.
func port(a *cli.Args) zone.Service {
	s := zone.Service{Proto: uint8(a.Int("protocol")), ICMPType: -1}
	for word, proto := range map[string]uint8{"icmp": 1, "tcp": 6, "udp": 17} {
		if a.Has(word) {
			s.Proto = proto
		}
	}
	from, to := 0, 0
	switch {
	case a.Has("eq"):
		from, to = a.Int("port"), a.Int("port")
	case a.Has("gt"):
		from, to = a.Int("port")+1, 65535
	case a.Has("lt"):
		from, to = 0, a.Int("port")-1
	case a.Has("range"):
		from, to = a.Int("first"), a.Int("last")
	}
	if from > 65535 || to < 0 {
		from, to = 1, 0 // no port
	}
	s.Ports = zone.Range[uint16]{From: uint16(from), To: uint16(to)}
	return s
}

// An attribute is a line of a rule, with its undo.
type attribute struct {
	line   string // in the manual's notation
	help   string
	single bool // a new one replaces the old one, and undo takes no value
	check  func(*cli.Args) string
	set    func(r *zone.Rule, a *cli.Args, on bool)
	clear  func(r *zone.Rule) // what undo without a value does, if that is taken
}

func change[T comparable](list []T, v T, on bool) []T {
	list = slices.DeleteFunc(slices.Clone(list), func(x T) bool { return x == v })
	if on {
		list = append(list, v)
	}
	return list
}

func single(a *cli.Args) zone.Range[netip.Addr] {
	return zone.Range[netip.Addr]{From: a.Addr("address"), To: a.Addr("address")}
}

func span(a *cli.Args) zone.Range[netip.Addr] {
	return zone.Range[netip.Addr]{From: a.Addr("from"), To: a.Addr("to")}
}

func attributes(list ...attribute) []feature.Command {
	var commands []feature.Command
	for place, at := range list {
		word, _, _ := strings.Cut(at.line, " ")
		keyOf := func(a *cli.Args) string {
			if at.single {
				return word
			}
			return text(a)
		}
		commands = append(commands, feature.Command{Views: "security-policy-rule", Syntax: at.line, Help: at.help,
			Run: func(x *feature.Exec, a *cli.Args) {
				if at.check != nil {
					if why := at.check(a); why != "" {
						x.Error(why)
						return
					}
				}
				at.set(x.View().Obj.(*zone.Rule), a, true)
				engine(x).Changed()
				if a.Has("drop") { // the default
					x.Node().Remove(word)
					return
				}
				x.Node().Set(place, keyOf(a), text(a))
			}})
		undo, help := "undo "+at.line, helpUndo+at.help
		if at.single && at.line != "logging enable" && at.line != "counting enable" {
			undo, help = "undo "+word, helpUndo+strings.Split(at.help, ";")[0]
		}
		if word == "action" { // the manual gives it with the value
			undo, help = "undo action [ pass ]", helpUndo+at.help
		}
		if at.clear != nil {
			commands = append(commands, feature.Command{Views: "security-policy-rule", Syntax: "undo " + word, Help: helpUndo + strings.Split(at.help, ";")[0],
				Run: func(x *feature.Exec, _ *cli.Args) {
					at.clear(x.View().Obj.(*zone.Rule))
					engine(x).Changed()
					x.Node().RemoveAll(func(key string) bool { return strings.HasPrefix(key, word+" ") })
				}})
		}
		commands = append(commands, feature.Command{Views: "security-policy-rule", Syntax: undo, Help: help,
			Run: func(x *feature.Exec, a *cli.Args) {
				at.set(x.View().Obj.(*zone.Rule), a, false)
				engine(x).Changed()
				x.Node().Remove(strings.TrimPrefix(keyOf(a), "undo "))
			}})
	}
	return commands
}

// text is the line as the configuration prints it, masks dotted.
func text(a *cli.Args) string {
	var words []string
	for _, arg := range a.All() {
		w := arg.Word
		if arg.Token == "mask" {
			w = a.Addr("mask").String()
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

const policyKey = "security-policy ip"

func policyNode(b *feature.Box) *conf.Node {
	n := b.Conf.Root().Open(feature.PlaceSecurityPolicy, policyKey, policyKey)
	n.Insertion = true
	return n
}

func enterPolicy(x *feature.Exec, _ *cli.Args) {
	x.Enter(feature.ViewState{Name: "security-policy-ip", Suffix: "security-policy-ip", Node: policyNode(x.Box)})
}

func removePolicy(x *feature.Exec, _ *cli.Args) {
	e := engine(x)
	for _, r := range slices.Clone(e.Rules()) {
		e.RemoveRule(r.ID)
	}
	x.Box.Drop(x.Box.Conf.Root().Child(policyKey))
	x.Box.Conf.Root().Remove(policyKey)
}

func named(e *zone.Engine, name string) *zone.Rule {
	for _, r := range e.Rules() {
		if r.Name == name {
			return r
		}
	}
	return nil
}

func ruleKey(id int) string { return "rule " + strconv.Itoa(id) }

func enterRule(x *feature.Exec, a *cli.Args) {
	e, name := engine(x), a.Str("name")
	r := named(e, name)
	if name == "" {
		r = e.Rule(a.Int("id"))
	}
	switch {
	case r == nil && name == "":
		x.Error("The rule does not exist.")
		return
	case r != nil && a.Has("id") && r.ID != a.Int("id"):
		x.Error("The rule name already exists.")
		return
	case r == nil:
		id := a.Int("id")
		if !a.Has("id") {
			for id = 0; e.Rule(id) != nil; id++ {
			}
		}
		if id > maxRule {
			x.Error("The number of rules has reached the maximum.")
			return
		}
		if old := e.Rule(id); old != nil {
			x.Error("The rule ID already exists.")
			return
		}
		r = &zone.Rule{ID: id, Name: name}
		e.AddRule(r)
	}
	n := x.Node().Open(0, ruleKey(r.ID), fmt.Sprintf("rule %d name %s", r.ID, quoted(r.Name)))
	n.Insertion = false
	x.Enter(feature.ViewState{Name: "security-policy-rule", Suffix: fmt.Sprintf("security-policy-ip-%d-%s", r.ID, r.Name), Node: n, Obj: r})
}

func quoted(name string) string {
	if strings.ContainsAny(name, " \"") {
		return strconv.Quote(name)
	}
	return name
}

func removeRule(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	r := e.Rule(a.Int("id"))
	if name := a.Str("name"); name != "" {
		r = named(e, name)
	}
	if r == nil {
		x.Error("The rule does not exist.")
		return
	}
	e.RemoveRule(r.ID)
	x.Box.Drop(x.Node().Child(ruleKey(r.ID)))
	x.Node().Remove(ruleKey(r.ID))
}

func moveRule(x *feature.Exec, a *cli.Args) {
	e, id, other := engine(x), a.Int("id"), a.Int("other")
	if e.Rule(id) == nil || e.Rule(other) == nil || id == other {
		x.Error("The rule does not exist.")
		return
	}
	e.MoveRule(id, other, a.Has("after"))
	for _, r := range e.Rules() {
		x.Node().Move(ruleKey(r.ID), "")
	}
}

func displayPolicy(x *feature.Exec, a *cli.Args) {
	only := ""
	if a.Has("rule") {
		r := named(engine(x), a.Str("name"))
		if r == nil {
			x.Error("The rule does not exist.")
			return
		}
		only = ruleKey(r.ID)
	}
	n := x.Box.Conf.Root().Child(policyKey)
	x.Print("Security-policy ip\n\n")
	if n == nil {
		return
	}
	for _, rule := range n.Kids() {
		if only != "" && rule.Key != only {
			continue
		}
		block := rule.Block(1)
		if rule.Child("disable") != nil {
			block[0] += " (Inactive)"
		}
		x.Print(strings.Join(block, "\n") + "\n")
	}
}
