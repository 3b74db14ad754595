// Package zone gives the console security zones, the security policy and the
// session table. The engine is emulator/zone.
//
// Source: the security zone, security policy and session management command
// references of the Comware 7 firewalls.
//
// Order of decision: the security policy, then the object policy of the zone
// pair, then its packet filters, then the default.
//
// Limitations: IPv4; there are no VRFs, so a rule with one matches nothing;
// ASPF policies on zone pairs are kept, sessions are followed without them; so
// is what a rule says of applications, users and MAC addresses, which does not
// narrow it; members of zones are layer 3 interfaces, others are
// kept;
// words of refusals are our own. The words of the security policy's statistics
// and traces are not confirmed by a capture.
package zone

import (
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/objgroup"
	"cwlab/emulator/stack"
	"cwlab/emulator/zone"
)

// Feature is security zones, policy and sessions.
var Feature = feature.Feature{
	Name: "zone",
	Views: []feature.View{
		{Name: "security-zone", Parent: "system", Title: "Security-zone"},
		{Name: "security-policy-ip", Parent: "system", Title: "Security-policy-ip"},
		{Name: "security-policy-rule", Parent: "security-policy-ip", Title: "Security-policy-ip-rule"},
		{Name: "security-policy-ipv6", Parent: "system", Title: "Security-policy-ipv6"},
		{Name: "security-policy-ipv6-rule", Parent: "security-policy-ipv6", Title: "Security-policy-ipv6-rule"},
		{Name: "zone-pair", Parent: "system", Title: "Zone-pair-security"},
		{Name: "object-policy-ipv6", Parent: "system", Title: "Object-policy-ipv6"},
		{Name: "object-policy-ip", Parent: "system", Title: "Object-policy-ip"},
	},
	Commands: slices.Concat(zoneCommands, policyCommands, pairCommands, objectCommands, sessionCommands, ageingCommands, debugCommands, keptCommands),
	Install:  install,
}

// A host is the box behind the engine.
type host struct {
	*feature.Box
	traces *traces
}

// Emit logs the decision of a rule that asks for it.
func (h host) Emit(e zone.Event) {
	h.Note(e)
	h.traces.packet(e)
	if e.Rule != nil && e.Rule.Logging {
		h.Log("FILTER", 6, "FILTER_ZONE_IPV4_EXECUTION", describe(e))
	}
}

func install(b *feature.Box) {
	t := newTraces(b)
	e := zone.New(host{b, t})
	feature.Put(b, e)
	feature.Put(b, t)
	feature.Put(b, &pairs{})
	feature.Put(b, &tracks{})
	feature.Put(b, &ageing{})
	e.Watch(t.session)
	e.AppAgeing = func(s *zone.Session) (time.Duration, bool) { return feature.Get[*ageing](b).of(s) }
	b.Stack.Hook(stack.LocalIn, "zone", e.LocalIn)
	b.Stack.Hook(stack.Forward, "zone", e.Forward)
	b.Stack.Hook(stack.Out, "zone", e.Out)
	root := b.Conf.Root()
	for i, name := range zone.Default {
		root.Open(feature.PlaceSecurityZone+i, key(name), "security-zone name "+name)
	}
	groups := objgroup.Of(b)
	groups.OnChange(e.Changed)
	groups.OnUse(func(g *objgroup.Group) bool { return uses(b, g) })
	b.After(0, func() { // access lists are installed later in the image
		if l := feature.Get[*acl.Lists](b); l != nil {
			l.OnFlip(e.Changed)
		}
	})
}

// uses says whether a policy names an object group.
func uses(b *feature.Box, g *objgroup.Group) bool {
	for _, r := range feature.Get[*zone.Engine](b).Rules() {
		if slices.Contains(r.SrcSets, zone.AddressSet(g)) || slices.Contains(r.DstSets, zone.AddressSet(g)) || slices.Contains(r.ServiceSets, zone.ServiceSet(g)) {
			return true
		}
	}
	for _, o := range pairsOf(b).policies {
		for _, r := range o.rules {
			is := func(k objgroup.Kind, name string) bool { return g.Kind == k && strings.EqualFold(g.Name, name) }
			if is(objgroup.IP, r.src) || is(objgroup.IP, r.dst) || is(objgroup.Service, r.svc) {
				return true
			}
		}
	}
	return false
}

func engine(x *feature.Exec) *zone.Engine { return feature.Get[*zone.Engine](x.Box) }

func key(zone string) string { return "security-zone " + strings.ToLower(zone) }

const placeOther = feature.PlaceSecurityZone + 100

var zoneCommands = []feature.Command{
	{
		Views: "system", Syntax: "security-zone name <name:string:1-31>",
		Help: "security-zone=Specify a security zone; name=Specify the name; <name>=Security zone name",
		Run:  enterZone,
	},
	{
		Views: "system", Syntax: "undo security-zone name <name:string:1-31>",
		Help: "security-zone=Specify a security zone; name=Specify the name; <name>=Security zone name",
		Run:  removeZone,
	},
	{
		Views: "security-zone", Syntax: "import interface <interface:interface>",
		Help: "import=Add a member; interface=Specify an interface; <interface>=Interface of the zone",
		Run:  importInterface,
	},
	{
		Views: "security-zone", Syntax: "undo import interface <interface:interface>",
		Help: "import=Add a member; interface=Specify an interface; <interface>=Interface of the zone",
		Run:  undoImport,
	},
	{
		Views: "system", Syntax: "security-zone intra-zone default permit",
		Help: "security-zone=Specify a security zone; intra-zone=Packets within a zone; default=Default action; permit=Permit packets",
		Run:  func(x *feature.Exec, _ *cli.Args) { intraZone(x, true) },
	},
	{
		Views: "system", Syntax: "undo security-zone intra-zone default permit",
		Help: "security-zone=Specify a security zone; intra-zone=Packets within a zone; default=Default action; permit=Permit packets",
		Run:  func(x *feature.Exec, _ *cli.Args) { intraZone(x, false) },
	},
	{
		Views: "any", Syntax: "display security-zone [ name <name:string:1-31> ]",
		Help: "security-zone=Security zone information; name=Specify the name; <name>=Security zone name",
		Run:  displayZones,
	},
}

func enterZone(x *feature.Exec, a *cli.Args) {
	name := a.Str("name")
	if strings.Contains(name, "-") {
		x.Error("Invalid security zone name.")
		return
	}
	z := engine(x).AddZone(name)
	root := x.Box.Conf.Root()
	n := root.Child(key(z.Name))
	if n == nil {
		n = root.Open(placeOther, key(z.Name), "security-zone name "+cli.Quote(z.Name))
	}
	x.Enter(feature.ViewState{Name: "security-zone", Suffix: "security-zone-" + z.Name, Node: n, Obj: z})
}

func removeZone(x *feature.Exec, a *cli.Args) {
	e, name := engine(x), a.Str("name")
	z := e.Zone(name)
	switch {
	case z == nil:
		x.Error("The security zone does not exist.")
	case slices.Contains(zone.Default, z.Name):
		x.Error("The default security zone cannot be deleted.")
	default:
		root := x.Box.Conf.Root()
		dropPairsOf(x, z.Name)
		x.Box.Drop(root.Child(key(z.Name)))
		e.RemoveZone(z.Name)
		root.Remove(key(z.Name))
	}
}

func importInterface(x *feature.Exec, a *cli.Args) {
	e, z, name := engine(x), x.View().Obj.(*zone.Zone), a.Str("interface")
	switch in := e.ZoneOf(name); {
	case z.Name == zone.Local:
		x.Error("Cannot add members to security zone Local.")
	case in == z.Name:
	case in != "":
		x.Error("The interface already belongs to security zone " + in + ".")
	default:
		e.Import(z.Name, name)
		x.Node().Set(0, "import "+name, "import interface "+name)
	}
}

func undoImport(x *feature.Exec, a *cli.Args) {
	z, name := x.View().Obj.(*zone.Zone), a.Str("interface")
	if !engine(x).Remove(z.Name, name) {
		x.Error("The interface is not a member of the security zone.")
		return
	}
	x.Node().Remove("import " + name)
}

func intraZone(x *feature.Exec, on bool) {
	const line = "security-zone intra-zone default permit"
	e := engine(x)
	e.IntraZone = on
	e.Changed()
	if on {
		x.Box.Conf.Root().Set(feature.PlaceIntraZone, line, line)
	} else {
		x.Box.Conf.Root().Remove(line)
	}
}

func displayZones(x *feature.Exec, a *cli.Args) {
	zones := engine(x).Zones()
	if name := a.Str("name"); name != "" {
		z := engine(x).Zone(name)
		if z == nil {
			x.Error("The security zone does not exist.")
			return
		}
		zones = []*zone.Zone{z}
	}
	for i, z := range zones {
		if i > 0 {
			x.Print("\n")
		}
		x.Printf("Name: %s\nMembers:\n", z.Name)
		if len(z.Members) == 0 {
			x.Print("  None\n")
		}
		members := slices.SortedFunc(slices.Values(z.Members), conf.NaturalCompare)
		for _, m := range members {
			x.Printf("  %s\n", m)
		}
	}
}
