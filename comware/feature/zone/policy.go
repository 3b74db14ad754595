package zone

import (
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/objgroup"
	"cwlab/emulator/zone"
)

// maxRule is the highest number of a rule.
const maxRule = 65534

const (
	helpUndo = ""
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
		Views: "security-policy-ip", Syntax: "move rule name <name:string:1-127> { { before | after } name <other-name:string:1-127> | bottom | down | top | up }",
		Help: "move=Move a rule; rule=Security policy rule; name=Specify the name; <name>=Rule name; <other-name>=Name of the other rule; before=Before another rule; after=After another rule; " +
			"bottom=Behind all others; down=One place down; top=Before all others; up=One place up",
		Run: moveByName,
	},
	{
		Views: "security-policy-ip", Syntax: "rule rename <old:string:1-127> <new:string:1-127>",
		Help: "rule=Security policy rule; rename=Rename a rule; <old>=Rule name; <new>=New rule name",
		Run:  renameRule,
	},
	{
		Views: "security-policy-ip", Syntax: "rule copy <old:string:1-127> <new:string:1-127>",
		Help: "rule=Security policy rule; copy=Copy a rule; <old>=Rule name; <new>=Name of the copy",
		Run:  copyRule,
	},
	{
		Views: "security-policy-ip", Syntax: "default rule action { pass | drop }",
		Help: "default=Default action; rule=Security policy rule; action=Specify the action; pass=Permit packets; drop=Drop packets",
		Run:  func(x *feature.Exec, a *cli.Args) { defaultAction(x, a.Has("pass")) },
	},
	{
		Views: "security-policy-ip", Syntax: "undo default rule action",
		Help: "default=Default action; rule=Security policy rule; action=Specify the action",
		Run:  func(x *feature.Exec, _ *cli.Args) { defaultAction(x, false) },
	},
	{
		Views: "system", Syntax: "security-policy disable",
		Help: "security-policy=Security policy; disable=Disable the security policy",
		Run:  func(x *feature.Exec, _ *cli.Args) { switchPolicy(x, false) },
	},
	{
		Views: "system", Syntax: "undo security-policy disable",
		Help: "security-policy=Security policy; disable=Disable the security policy",
		Run:  func(x *feature.Exec, _ *cli.Args) { switchPolicy(x, true) },
	},
	{
		Views: "any", Syntax: "display security-policy statistics ip [ rule <name:string:1-127> ]",
		Help: "security-policy=Security policy; statistics=Statistics; ip=IPv4 security policy; rule=Security policy rule; <name>=Rule name",
		Run:  displayPolicyStatistics,
	},
	{
		Views: "user", Syntax: "reset security-policy statistics [ ip [ rule <name:string:1-127> ] ]",
		Help: "security-policy=Security policy; statistics=Statistics; ip=IPv4 security policy; rule=Security policy rule; <name>=Rule name",
		Run:  resetPolicyStatistics,
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
	attribute{line: "source-ip-host <address:ip>", addresses: true, help: "source-ip-host=Specify a source host; <address>=IPv4 address"},
	attribute{line: "source-ip-subnet <address:ip> <mask:mask>", addresses: true, help: "source-ip-subnet=Specify a source subnet; <address>=IPv4 address; <mask>=Mask or mask length"},
	attribute{line: "source-ip-range <from:ip> <to:ip>", addresses: true, help: "source-ip-range=Specify a range of source addresses; <from>=First address; <to>=Last address"},
	attribute{line: "destination-ip-host <address:ip>", addresses: true, help: "destination-ip-host=Specify a destination host; <address>=IPv4 address"},
	attribute{line: "destination-ip-subnet <address:ip> <mask:mask>", addresses: true, help: "destination-ip-subnet=Specify a destination subnet; <address>=IPv4 address; <mask>=Mask or mask length"},
	attribute{line: "destination-ip-range <from:ip> <to:ip>", addresses: true, help: "destination-ip-range=Specify a range of destination addresses; <from>=First address; <to>=Last address"},
	attribute{line: "source-ip <name:string:1-63>", help: "source-ip=Specify a source address object group; <name>=Object group name",
		check: exists(objgroup.IP, "address"),
		group: func(r *zone.Rule, g *objgroup.Group, on bool) { r.SrcSets = change(r.SrcSets, zone.AddressSet(g), on) },
		clear: func(r *zone.Rule) { r.SrcSets = nil }},
	attribute{line: "destination-ip <name:string:1-63>", help: "destination-ip=Specify a destination address object group; <name>=Object group name",
		check: exists(objgroup.IP, "address"),
		group: func(r *zone.Rule, g *objgroup.Group, on bool) { r.DstSets = change(r.DstSets, zone.AddressSet(g), on) },
		clear: func(r *zone.Rule) { r.DstSets = nil }},
	attribute{line: "service <name:string:1-63>", help: "service=Specify a service; <name>=Service name",
		check: exists(objgroup.Service, "service"),
		group: func(r *zone.Rule, g *objgroup.Group, on bool) {
			r.ServiceSets = change(r.ServiceSets, zone.ServiceSet(g), on)
		},
		clear: func(r *zone.Rule) { r.ServiceSets = nil }},
	attribute{line: "service-port { icmp [ <type:0-255> <code:0-255> ] | { tcp | udp } [ source " + fmt.Sprintf(portRange, "s") + " | destination " + fmt.Sprintf(portRange, "") + " ] * | <protocol:0-255> }",
		help: "service-port=Specify a protocol and ports; <protocol>=Protocol number; icmp=ICMP; tcp=TCP; udp=UDP; source=Source port; destination=Destination port; " +
			"eq=Equal to; gt=Greater than; lt=Less than; range=Range of ports; <port>=Port number; <first>=First port number; <last>=Last port number; " +
			"<sport>=Port number; <sfirst>=First port number; <slast>=Last port number; <type>=ICMP type; <code>=ICMP code",
		check: func(_ *feature.Exec, a *cli.Args) string {
			if _, ok := port(a); !ok {
				return "Invalid port range."
			}
			return ""
		},
		set: func(r *zone.Rule, a *cli.Args, on bool) {
			v, _ := port(a)
			r.Services = change(r.Services, v, on)
		},
		clear: func(r *zone.Rule) { r.Services = nil }},
	attribute{line: "vrf <name:string:1-31>", help: "vrf=Specify a VRF; <name>=VRF name", single: true,
		set: func(r *zone.Rule, a *cli.Args, _ bool) { r.VRF = a.Str("name") }},
	attribute{line: "time-range <name:string:1-32>", help: "time-range=Specify a time range; <name>=Time range name", single: true,
		run: func(x *feature.Exec, r *zone.Rule, a *cli.Args, on bool) {
			if r.Active = nil; on {
				b, name := x.Box, a.Str("name")
				r.Active = func() bool { return acl.Active(b, name) }
			}
		}},
	attribute{line: "track { negative | positive } <entry:1-1024>", help: "track=Specify a track entry; negative=The rule holds while the entry is negative; positive=The rule holds while the entry is positive; <entry>=Track entry", single: true,
		run: func(x *feature.Exec, r *zone.Rule, a *cli.Args, on bool) {
			untrack(x.Box, r)
			if on {
				follow(x.Box, r, a.Int("entry"), a.Has("positive"))
			}
		}},
	attribute{line: "session aging-time <seconds:5-2000000>", help: "session=Sessions of the rule; aging-time=Aging time of open sessions; <seconds>=Aging time in seconds", single: true, word: "session aging-time",
		set: func(r *zone.Rule, a *cli.Args, _ bool) { r.Ageing = time.Duration(a.Int("seconds")) * time.Second }},
))

const portRange = "{ { eq | gt | lt } <%[1]sport:0-65535> | range <%[1]sfirst:0-65535> <%[1]slast:0-65535> }"

// exists says what is wrong with the name of an object group.
func exists(k objgroup.Kind, what string) func(*feature.Exec, *cli.Args) string {
	return func(x *feature.Exec, a *cli.Args) string {
		if objgroup.Of(x.Box).Find(k, a.Str("name")) == nil {
			return "The " + what + " object group doesn't exist."
		}
		return ""
	}
}

// port is the service of a service-port line; ok is false when no port fits.
func port(a *cli.Args) (s zone.Service, ok bool) {
	s = zone.Service{Proto: uint8(a.Int("protocol")), ICMPType: -1}
	for _, p := range []struct {
		word  string
		proto uint8
	}{{"icmp", 1}, {"tcp", 6}, {"udp", 17}} {
		if a.Has(p.word) {
			s.Proto = p.proto
		}
	}
	if a.Has("type") {
		s.ICMPType, s.ICMPCode, s.Coded = a.Int("type"), a.Int("code"), true
	}
	all := a.All()
	for i, g := range all {
		if !g.Keyword || g.Token != "source" && g.Token != "destination" {
			continue
		}
		n := int(all[i+2].Number)
		from, to := n, n
		switch all[i+1].Token {
		case "gt":
			from, to = n+1, 65535
		case "lt":
			from, to = 0, n-1
		case "range":
			to = int(all[i+3].Number)
		}
		if to < from {
			return s, false
		}
		r := zone.Range[uint16]{From: uint16(from), To: uint16(to)}
		if g.Token == "source" {
			s.SrcPorts = r
		} else {
			s.Ports = r
		}
	}
	return s, true
}

// An attribute is a line of a rule, with its undo.
type attribute struct {
	line   string // in the manual's notation
	help   string
	word   string // the keywords it begins with; "" for the first one
	single bool   // a new one replaces the old one, and undo takes no value
	check  func(*feature.Exec, *cli.Args) string
	// One of these changes the rule.
	set   func(r *zone.Rule, a *cli.Args, on bool)
	group func(r *zone.Rule, g *objgroup.Group, on bool)
	run   func(x *feature.Exec, r *zone.Rule, a *cli.Args, on bool)
	clear func(r *zone.Rule) // what undo without a value does, if that is taken
	// addresses marks lines that name addresses themselves: what the rule has
	// of them follows from the lines that are left.
	addresses bool
}

// addressLines gives a rule the addresses that its lines name.
func addressLines(x *feature.Exec) {
	r := x.View().Obj.(*zone.Rule)
	r.Src, r.Dst = nil, nil
	for _, k := range x.Node().Kids() {
		w := strings.Fields(k.Text)
		side, kind, ok := strings.Cut(w[0], "-ip-")
		if !ok {
			continue
		}
		one := zone.Range[netip.Addr]{From: netip.MustParseAddr(w[1]), To: netip.MustParseAddr(w[len(w)-1])}
		if kind == "subnet" {
			ones := 0
			for _, b := range one.To.As4() {
				ones += bits.OnesCount8(b)
			}
			one = zone.Prefix(netip.PrefixFrom(one.From, ones))
		}
		if side == "source" {
			r.Src = append(r.Src, one)
		} else {
			r.Dst = append(r.Dst, one)
		}
	}
	engine(x).Changed()
}

func (at *attribute) change(x *feature.Exec, a *cli.Args, on bool) {
	r := x.View().Obj.(*zone.Rule)
	switch {
	case at.addresses: // see addressLines
	case at.group != nil:
		for _, k := range []objgroup.Kind{objgroup.IP, objgroup.Service} {
			if g := objgroup.Of(x.Box).Find(k, a.Str("name")); g != nil && (k == objgroup.Service) == (at.line[:7] == "service") {
				at.group(r, g, on)
			}
		}
	case at.run != nil:
		at.run(x, r, a, on)
	default:
		at.set(r, a, on)
	}
	engine(x).Changed()
}

func change[T comparable](list []T, v T, on bool) []T {
	list = slices.DeleteFunc(slices.Clone(list), func(x T) bool { return x == v })
	if on {
		list = append(list, v)
	}
	return list
}

func (at *attribute) settle(x *feature.Exec) {
	if at.addresses {
		addressLines(x)
	}
}

func attributes(list ...attribute) []feature.Command {
	var commands []feature.Command
	for place, at := range list {
		word := at.word
		if word == "" {
			word, _, _ = strings.Cut(at.line, " ")
		}
		keyOf := func(a *cli.Args) string {
			if at.single {
				return word
			}
			return strings.ToLower(strings.TrimPrefix(text(a), "undo "))
		}
		commands = append(commands, feature.Command{Views: "security-policy-rule", Syntax: at.line, Help: at.help,
			Run: func(x *feature.Exec, a *cli.Args) {
				if at.check != nil {
					if why := at.check(x, a); why != "" {
						x.Error(why)
						return
					}
				}
				at.change(x, a, true)
				if a.Has("drop") { // the default
					x.Node().Remove(word)
					return
				}
				x.Node().Set(place, keyOf(a), text(a))
				at.settle(x)
			}})
		undo, help := "undo "+at.line, helpUndo+at.help
		switch {
		case word == "action": // the manual gives it with the value
			undo = "undo action [ pass ]"
		case at.single && at.line != "logging enable" && at.line != "counting enable":
			undo = "undo " + word
		}
		if at.clear != nil || at.addresses {
			commands = append(commands, feature.Command{Views: "security-policy-rule", Syntax: "undo " + word, Help: help,
				Run: func(x *feature.Exec, _ *cli.Args) {
					if at.clear != nil {
						at.clear(x.View().Obj.(*zone.Rule))
					}
					x.Node().RemoveAll(func(key string) bool { return strings.HasPrefix(key, word+" ") })
					engine(x).Changed()
					at.settle(x)
				}})
		}
		commands = append(commands, feature.Command{Views: "security-policy-rule", Syntax: undo, Help: help,
			Run: func(x *feature.Exec, a *cli.Args) {
				at.change(x, a, false)
				x.Node().Remove(keyOf(a))
				at.settle(x)
			}})
	}
	return commands
}

// text is the line as the configuration prints it, masks dotted.
func text(a *cli.Args) string {
	var words []string
	for _, arg := range a.All() {
		w := arg.Word
		switch arg.Token {
		case "address":
			if p := a.Prefix("address", "mask"); p.IsValid() {
				w = p.Masked().Addr().String()
			}
		case "mask":
			w = a.Addr("mask").String()
		case "name":
			w = cli.Quote(w)
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
