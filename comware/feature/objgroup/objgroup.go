// Package objgroup is object groups: addresses, services and ports that
// policies and access lists name.
//
// Source: the object group command reference of the Comware 7 firewalls, of
// which `network exclude` and `security-zone` are those of the later releases.
//
// Limitations: an object that names a host by its name, and groups of IPv6
// addresses, are kept and match nothing; of the services that a device brings
// along only those whose ports are common knowledge are there; the words of
// refusals other than that of a wrong type are our own.
package objgroup

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/zone"
)

// Feature is object groups.
var Feature = feature.Feature{
	Name: "objgroup",
	Views: []feature.View{
		{Name: "obj-grp-ip", Parent: "system", Title: "Object-group-ip"},
		{Name: "obj-grp-ipv6", Parent: "system", Title: "Object-group-ipv6"},
		{Name: "obj-grp-service", Parent: "system", Title: "Object-group-service"},
		{Name: "obj-grp-port", Parent: "system", Title: "Object-group-port"},
	},
	Commands: commands,
	Install:  func(b *feature.Box) { Of(b) },
}

var texts = feature.Texts{
	"<address>":     "IP address",
	"<a>":           "Port number",
	"<b>":           "Port number",
	"<code>":        "ICMP message code",
	"<first>":       "First IP address",
	"<group>":       "Object group name",
	"<host>":        "Host name",
	"<id>":          "Object ID",
	"<last>":        "Last IP address",
	"<mask>":        "Mask or mask length",
	"<name>":        "Object group name",
	"<prefix>":      "Prefix length",
	"<protocol>":    "Protocol number",
	"<sa>":          "Port number",
	"<sb>":          "Port number",
	"<text>":        "Description, up to 127 characters",
	"<type>":        "ICMP message type",
	"<wildcard>":    "Wildcard mask",
	"<zone>":        "Security zone name",
	"address":       "Address object group",
	"default":       "Predefined object groups",
	"description":   "Describe the object group",
	"destination":   "Specify the destination port",
	"display":       "Display current system information",
	"eq":            "Equal to the port",
	"exclude":       "Exclude an address from the group",
	"group-object":  "Specify an object group",
	"gt":            "Greater than the port",
	"host":          "Specify a host",
	"icmp":          "Internet Control Message Protocol (1)",
	"icmpv6":        "Internet Control Message Protocol version 6 (58)",
	"ip":            "IPv4",
	"ipv6":          "IPv6",
	"lt":            "Less than the port",
	"name":          "Specify the name",
	"network":       "Specify a network object",
	"object-group":  "Object group",
	"port":          "Port object group",
	"range":         "Specify a range",
	"security-zone": "Specify the security zone of the group",
	"service":       "Service object group",
	"source":        "Specify the source port",
	"subnet":        "Specify a subnet",
	"tcp":           "Transmission Control Protocol (6)",
	"udp":           "User Datagram Protocol (17)",
	"undo":          "Cancel current setting",
	"wildcard":      "Specify a wildcard mask",
}

const (
	id       = "<id:0-4294967294> "
	name     = "<name:string:1-63>"
	groupRef = "group-object <group:string:1-63>"
	typed    = "{ { ip | ipv6 } address | port | service } " + name
	ops      = "{ { eq | lt | gt } <%[1]sa:0-65535> | range <%[1]sa:0-65535> <%[1]sb:0-65535> }"
	anyView  = "obj-grp-ip obj-grp-ipv6 obj-grp-service obj-grp-port"
)

// objects are the lines of a view, by kind.
var objects = [...]string{
	IP: "network { host { address <address:ip> | name <host:string:1-60> } | subnet <address:ip> { <mask:mask> | wildcard <wildcard:wildcard> } | " +
		"range <first:ip> <last:ip> | exclude <address:ip> | " + groupRef + " }",
	IPv6: "network { host { address <address:string:1-46> | name <host:string:1-60> } | subnet <address:string:1-46> <prefix:1-128> | " +
		"range <first:string:1-46> <last:string:1-46> | " + groupRef + " }",
	Service: "service { { tcp | udp } [ source " + fmt.Sprintf(ops, "s") + " | destination " + fmt.Sprintf(ops, "") + " ] * | " +
		"{ icmp | icmpv6 } [ <type:0-255> <code:0-255> ] | <protocol:0-255> | " + groupRef + " }",
	Port: "port { " + fmt.Sprintf(ops, "")[2:len(fmt.Sprintf(ops, ""))-2] + " | " + groupRef + " }",
}

var commands = func() []feature.Command {
	all := []feature.Command{
		texts.Command("system", "object-group "+typed, enter),
		texts.Command("system", "undo object-group "+typed, remove),
		texts.Command("any", "display object-group [ { { ip | ipv6 } address | port | service } [ default ] [ name "+name+" ] | name "+name+" ]", display),
		texts.Command(anyView, "description <text:text:1-127>", func(x *feature.Exec, a *cli.Args) {
			group(x).Description = a.Str("text")
			x.Node().Set(placeDescription, "description", "description "+a.Str("text"))
		}),
		texts.Command(anyView, "undo description", func(x *feature.Exec, _ *cli.Args) {
			group(x).Description = ""
			x.Node().Remove("description")
		}),
		texts.Command("obj-grp-ip obj-grp-ipv6", "security-zone <zone:string:1-31>", func(x *feature.Exec, a *cli.Args) {
			group(x).Zone = a.Str("zone")
			x.Node().Set(placeZone, "security-zone", "security-zone "+cli.Quote(a.Str("zone")))
		}),
		texts.Command("obj-grp-ip obj-grp-ipv6", "undo security-zone", func(x *feature.Exec, _ *cli.Args) {
			group(x).Zone = ""
			x.Node().Remove("security-zone")
		}),
		texts.Command(anyView, "undo <id:0-4294967294>", func(x *feature.Exec, a *cli.Args) {
			n := uint32(a.Int("id"))
			drop(x, func(o *Object) bool { return o.ID == n })
		}),
	}
	for k, line := range objects {
		view := "obj-grp-" + kinds[k].prompt
		all = append(all, texts.Command(view, line, set), texts.Command(view, id+line, set),
			texts.Command(view, "undo "+line, func(x *feature.Exec, a *cli.Args) {
				o, why := read(x, a)
				if why != "" {
					x.Error(why)
					return
				}
				drop(x, func(old *Object) bool { return old.Text == o.Text })
			}))
	}
	return all
}()

const (
	placeDescription = 1
	placeZone        = 2
	placeObject      = 10
)

func group(x *feature.Exec) *Group { return x.View().Obj.(*Group) }

func kindOf(a *cli.Args) Kind {
	switch {
	case a.Has("ipv6"):
		return IPv6
	case a.Has("service"):
		return Service
	case a.Has("port"):
		return Port
	}
	return IP
}

const wrongType = "Object group with given name exists with different type."

func enter(x *feature.Exec, a *cli.Args) {
	s, k := Of(x.Box), kindOf(a)
	g := s.Find(k, a.Str("name"))
	other := s.named(a.Str("name"))
	switch {
	case g != nil && g.Default:
		x.Error("The default object group cannot be modified.")
		return
	case g == nil && other != nil:
		x.Error(wrongType)
		return
	}
	if g == nil {
		g = s.make(x.Box, k, a.Str("name"))
	}
	x.Enter(feature.ViewState{Name: "obj-grp-" + kinds[k].prompt, Suffix: "obj-grp-" + kinds[k].prompt + "-" + g.Name,
		Node: node(x.Box, g), Obj: g})
}

func node(b *feature.Box, g *Group) *conf.Node {
	return b.Conf.Root().Open(feature.PlaceObjectGroup+int(g.Kind), g.key(), g.line())
}

// make is a new, empty group.
func (s *Groups) make(b *feature.Box, k Kind, name string) *Group {
	g := &Group{Kind: k, Name: name}
	s.add(g)
	node(b, g)
	return g
}

func remove(x *feature.Exec, a *cli.Args) {
	s, k := Of(x.Box), kindOf(a)
	g := s.Find(k, a.Str("name"))
	switch other := s.named(a.Str("name")); {
	case g == nil && other != nil:
		x.Error(wrongType)
	case g == nil:
	case g.Default:
		x.Error("The default object group cannot be deleted.")
	case s.InUse(g):
		x.Error("The object group is in use.")
	default:
		root := x.Box.Conf.Root()
		x.Box.Drop(root.Child(g.key()))
		root.Remove(g.key())
		s.remove(g)
	}
}

// read is the object of a line; why is what is wrong with it.
func read(x *feature.Exec, a *cli.Args) (o *Object, why string) {
	g := group(x)
	if a.Has("group-object") {
		return reference(x, g, a)
	}
	switch g.Kind {
	case IP:
		return address(a), ""
	case IPv6:
		return address6(a)
	case Service:
		return service(a)
	default:
		return port(a)
	}
}

// word is the keyword that objects of a kind begin with.
func (k Kind) word() string {
	switch k {
	case Service:
		return "service"
	case Port:
		return "port"
	default:
		return "network"
	}
}

func reference(x *feature.Exec, g *Group, a *cli.Args) (*Object, string) {
	s, name := Of(x.Box), a.Str("group")
	to, depth := s.Find(g.Kind, name), 1
	if to != nil {
		depth = to.depth()
	}
	switch {
	case to == nil && s.named(name) != nil:
		return nil, wrongType
	case a.Has("undo"):
		if to == nil {
			to = &Group{Kind: g.Kind, Name: name}
		}
	case to != nil && to.reaches(g):
		return nil, "The object groups form a loop."
	case s.height(g)+depth > maxNesting:
		return nil, "The object groups are nested too deeply."
	case to == nil:
		to = s.make(x.Box, g.Kind, name)
	}
	return &Object{group: to, Text: g.Kind.word() + " group-object " + cli.Quote(to.Name)}, ""
}

// height is how many levels of groups there are from g up.
func (s *Groups) height(g *Group) int {
	n := 0
	for _, x := range s.all {
		if slices.ContainsFunc(x.Objects, func(o *Object) bool { return o.group == g }) {
			n = max(n, s.height(x))
		}
	}
	return n + 1
}

func address(a *cli.Args) *Object {
	one := zone.Range[netip.Addr]{From: a.Addr("address"), To: a.Addr("address")}
	switch {
	case a.Has("host") && a.Has("name"):
		return &Object{opaque: true, Text: "network host name " + cli.Quote(strings.ToLower(a.Str("host")))}
	case a.Has("wildcard"):
		return &Object{addrs: one, wild: a.Addr("wildcard"), Text: fmt.Sprintf("network subnet %s wildcard %s", a.Addr("address"), a.Addr("wildcard"))}
	case a.Has("exclude"):
		return &Object{addrs: one, exclude: true, Text: "network exclude " + one.From.String()}
	case a.Has("subnet"):
		return span(zone.Prefix(a.Prefix("address", "mask").Masked()))
	case a.Has("range"):
		r := zone.Range[netip.Addr]{From: a.Addr("first"), To: a.Addr("last")}
		if r.To.Less(r.From) {
			r.From, r.To = r.To, r.From
		}
		return span(r)
	}
	return span(one)
}

// span is addresses as the device words them: a host, a subnet if they are
// one, else a range.
func span(r zone.Range[netip.Addr]) *Object {
	o := &Object{addrs: r, Text: fmt.Sprintf("network range %s %s", r.From, r.To)}
	for n := 32; n >= 0; n-- {
		p := netip.PrefixFrom(r.From, n)
		if p.Masked() == p && zone.Prefix(p) == r {
			o.Text = "network subnet " + r.From.String() + " " + mask(n)
			if n == 32 {
				o.Text = "network host address " + r.From.String()
			}
		}
	}
	return o
}

func mask(n int) string {
	v := ^uint32(0) << (32 - n)
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}).String()
}

func address6(a *cli.Args) (*Object, string) {
	for _, w := range []string{"address", "first", "last"} {
		if s := a.Str(w); s != "" {
			if v, err := netip.ParseAddr(s); err != nil || !v.Is6() {
				return nil, "Invalid IPv6 address."
			}
		}
	}
	text := strings.TrimPrefix(a.Line(), "undo ")
	if a.Has("id") {
		_, text, _ = strings.Cut(text, " ")
	}
	return &Object{opaque: true, Text: text}, ""
}

func service(a *cli.Args) (*Object, string) {
	v := zone.Service{Proto: uint8(a.Int("protocol")), ICMPType: -1}
	for word, n := range map[string]uint8{"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58} {
		if a.Has(word) {
			v.Proto = n
		}
	}
	if a.Has("type") {
		v.ICMPType, v.ICMPCode, v.Coded = a.Int("type"), a.Int("code"), true
	}
	all := a.All()
	for i, g := range all {
		if !g.Keyword || g.Token != "source" && g.Token != "destination" {
			continue
		}
		last := 0
		if all[i+1].Token == "range" {
			last = int(all[i+3].Number)
		}
		p, good := portRange(all[i+1].Token, int(all[i+2].Number), last)
		if !good {
			return nil, "Invalid port range."
		}
		if g.Token == "source" {
			v.SrcPorts = p
		} else {
			v.Ports = p
		}
	}
	o := &Object{service: v, Text: serviceText(v)}
	if v.Proto == 58 {
		o.opaque = true
		if a.Has("type") {
			o.Text += fmt.Sprintf(" %d %d", v.ICMPType, v.ICMPCode)
		}
	}
	return o, ""
}

func port(a *cli.Args) (*Object, string) {
	for _, op := range []string{"eq", "lt", "gt", "range"} {
		if a.Has(op) {
			if p, ok := portRange(op, a.Int("a"), a.Int("b")); ok {
				return &Object{ports: p, Text: "port " + portText(p)}, ""
			}
		}
	}
	return nil, "Invalid port range."
}

func set(x *feature.Exec, a *cli.Args) {
	g := group(x)
	o, why := read(x, a)
	if why != "" {
		x.Error(why)
		return
	}
	o.ID = g.next()
	if a.Has("id") {
		o.ID = uint32(a.Int("id"))
	}
	at, there := slices.BinarySearchFunc(g.Objects, o.ID, func(x *Object, id uint32) int { return cmp.Compare(x.ID, id) })
	for _, old := range g.Objects {
		if old.Text == o.Text && (old.ID != o.ID || !x.Quiet()) {
			if old.ID == o.ID {
				return
			}
			x.Error("The object already exists.")
			return
		}
	}
	if there {
		g.Objects[at] = o
	} else {
		g.Objects = slices.Insert(g.Objects, at, o)
	}
	x.Node().Set(placeObject, fmt.Sprint(o.ID), fmt.Sprintf("%d %s", o.ID, o.Text))
	Of(x.Box).changed()
}

func drop(x *feature.Exec, f func(*Object) bool) {
	g := group(x)
	i := slices.IndexFunc(g.Objects, f)
	if i < 0 {
		x.Error("The object does not exist.")
		return
	}
	x.Node().Remove(fmt.Sprint(g.Objects[i].ID))
	g.Objects = slices.Delete(g.Objects, i, i+1)
	Of(x.Box).changed()
}

func display(x *feature.Exec, a *cli.Args) {
	s := Of(x.Box)
	typed := a.Has("ip") || a.Has("ipv6") || a.Has("port") || a.Has("service")
	found := false
	for _, g := range s.all {
		if g.Default != a.Has("default") && !a.Has("name") || typed && g.Kind != kindOf(a) ||
			a.Has("name") && !strings.EqualFold(g.Name, a.Str("name")) {
			continue
		}
		if a.Has("name") && a.Has("default") && !g.Default {
			continue
		}
		found = true
		use, plural := "out of use", "s"
		if s.InUse(g) {
			use = "in use"
		}
		if len(g.Objects) < 2 {
			plural = ""
		}
		x.Printf("%s object group %s: %d object%s(%s)\n", kinds[g.Kind].title, g.Name, len(g.Objects), plural, use)
		for _, o := range g.Objects {
			x.Printf("%d %s\n", o.ID, o.Text)
		}
	}
	if !found && a.Has("name") {
		x.Error("The object group doesn't exist.")
	}
}
