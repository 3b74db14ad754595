package zone

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/objgroup"
	"cwlab/emulator/stack"
	"cwlab/emulator/zone"
)

// A policy is an object policy: rules that name object groups.
type policy struct {
	name        string
	description string
	rules       []*objRule // in order of matching
}

// An objRule is a rule of an object policy. What it names is looked up when a
// packet comes, since it may not be there yet.
type objRule struct {
	zone.Rule
	src, dst, svc string // object groups, "" for any
	vrf, during   string
	comment       string
}

// first is the first rule that a packet matches, nil for none.
func (o *policy) first(p *stack.Packet) *objRule {
	for _, r := range o.rules {
		if zone.First([]*zone.Rule{&r.Rule}, p) != nil {
			return r
		}
	}
	return nil
}

func (s *pairs) policy(name string) *policy {
	for _, o := range s.policies {
		if strings.EqualFold(o.name, name) {
			return o
		}
	}
	return nil
}

// addresses are the addresses of a group by its name.
type addresses struct {
	box  *feature.Box
	name string
}

// Contains says whether the group has an address.
func (n addresses) Contains(a netip.Addr) bool {
	g := objgroup.Of(n.box).Find(objgroup.IP, n.name)
	return g != nil && g.Contains(a)
}

// A services is a group of services by its name; one that is not there matches
// nothing.
type services struct {
	box  *feature.Box
	name string
}

// Services are those of the group.
func (n services) Services() []zone.Service {
	if g := objgroup.Of(n.box).Find(objgroup.Service, n.name); g != nil {
		return g.Services()
	}
	return nil
}

const objectParts = "[ source-ip <src:string:1-63> | destination-ip <dst:string:1-63> | service <svc:string:1-63> | vrf <vrf:string:1-31> | counting | disable | logging | time-range <range:string:1-32> ] *"

var objectCommands = []feature.Command{
	texts.Command("system", "object-policy ip <policy:string:1-63>", enterObjectPolicy),
	texts.Command("system", "undo object-policy ip <policy:string:1-63>", removeObjectPolicy),
	texts.Command("object-policy-ip", "rule [ <id:0-65534> ] { drop | pass } "+objectParts, setObjectRule),
	texts.Command("object-policy-ip", "undo rule <id:0-65534> [ source-ip | destination-ip | service | vrf | counting | disable | logging | time-range ] *", undoObjectRule),
	texts.Command("object-policy-ip", "rule <id:0-65534> comment <text:text:1-127>", func(x *feature.Exec, a *cli.Args) { comment(x, a.Int("id"), a.Str("text")) }),
	texts.Command("object-policy-ip", "undo rule <id:0-65534> comment", func(x *feature.Exec, a *cli.Args) { comment(x, a.Int("id"), "") }),
	texts.Command("object-policy-ip", "move rule <id:0-65534> before <other:0-65535>", moveObjectRule),
	texts.Command("object-policy-ip", "description <text:text:1-127>", func(x *feature.Exec, a *cli.Args) {
		object(x).description = a.Str("text")
		x.Node().Set(1, "description", "description "+a.Str("text"))
	}),
	texts.Command("object-policy-ip", "undo description", func(x *feature.Exec, _ *cli.Args) {
		object(x).description = ""
		x.Node().Remove("description")
	}),
	texts.Command("any", "display object-policy ip [ <policy:string:1-63> ]", displayObjectPolicies),
	texts.Command("any", "display object-policy "+onePair, displayAppliedPolicies),
	texts.Command("any", "display object-policy statistics "+onePair, displayObjectStatistics),
	texts.Command("user", "reset object-policy statistics "+onePair, func(x *feature.Exec, a *cli.Args) {
		for _, p := range shown(x, a) {
			if o := pairsOf(x.Box).policy(p.policy); o != nil {
				for _, r := range o.rules {
					r.Hits = 0
				}
			}
		}
	}),
}

func object(x *feature.Exec) *policy { return x.View().Obj.(*policy) }

func objectKey(name string) string { return "object-policy ip " + strings.ToLower(name) }

func enterObjectPolicy(x *feature.Exec, a *cli.Args) {
	s := pairsOf(x.Box)
	o := s.policy(a.Str("policy"))
	if o == nil {
		o = &policy{name: a.Str("policy")}
		s.policies = append(s.policies, o)
	}
	n := x.Box.Conf.Root().Open(feature.PlaceObjectGroup+10, objectKey(o.name), "object-policy ip "+cli.Quote(o.name))
	n.Insertion = true
	x.Enter(feature.ViewState{Name: "object-policy-ip", Suffix: "object-policy-ip-" + o.name, Node: n, Obj: o})
}

func removeObjectPolicy(x *feature.Exec, a *cli.Args) {
	s := pairsOf(x.Box)
	o := s.policy(a.Str("policy"))
	switch {
	case o == nil:
		x.Error("The object policy does not exist.")
		return
	case slices.ContainsFunc(s.all, func(p *pair) bool { return p.policy == o.name }):
		x.Error("The object policy is in use.")
		return
	}
	s.policies = slices.DeleteFunc(s.policies, func(v *policy) bool { return v == o })
	x.Box.Drop(x.Box.Conf.Root().Child(objectKey(o.name)))
	x.Box.Conf.Root().Remove(objectKey(o.name))
}

func (o *policy) rule(id int) *objRule {
	for _, r := range o.rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

func (r *objRule) text() string {
	var b strings.Builder
	action := "drop"
	if r.Action == zone.Pass {
		action = "pass"
	}
	fmt.Fprintf(&b, "rule %d %s", r.ID, action)
	for _, p := range []struct{ word, name string }{{"source-ip", r.src}, {"destination-ip", r.dst}, {"service", r.svc}, {"vrf", r.vrf}} {
		if p.name != "" {
			b.WriteString(" " + p.word + " " + cli.Quote(p.name))
		}
	}
	for _, p := range []struct {
		on   bool
		word string
	}{{r.Counting, "counting"}, {r.Disabled, "disable"}, {r.Logging, "logging"}, {r.during != "", "time-range " + cli.Quote(r.during)}} {
		if p.on {
			b.WriteString(" " + p.word)
		}
	}
	return b.String()
}

// bind gives the rule what its names stand for.
func (r *objRule) bind(b *feature.Box) {
	r.SrcSets, r.DstSets, r.ServiceSets, r.Active, r.VRF = nil, nil, nil, nil, r.vrf
	group := func(name string) []zone.AddressSet {
		if name == "" || strings.EqualFold(name, "any") {
			return nil
		}
		return []zone.AddressSet{addresses{b, name}}
	}
	r.SrcSets, r.DstSets = group(r.src), group(r.dst)
	if r.svc != "" && !strings.EqualFold(r.svc, "any") {
		r.ServiceSets = []zone.ServiceSet{services{b, r.svc}}
	}
	if name := r.during; name != "" {
		r.Active = func() bool { return acl.Active(b, name) }
	}
}

func setObjectRule(x *feature.Exec, a *cli.Args) {
	o := object(x)
	id := a.Int("id")
	if !a.Has("id") {
		for _, r := range o.rules {
			id = max(id, r.ID+1)
		}
		for id > maxRule || o.rule(id) != nil {
			id = (id + 1) % (maxRule + 1)
		}
	}
	r := o.rule(id)
	if r == nil {
		r = &objRule{}
		r.ID = id
		o.rules = append(o.rules, r)
	}
	r.Action = zone.Drop
	if a.Has("pass") {
		r.Action = zone.Pass
	}
	for _, p := range []struct {
		token string
		to    *string
	}{{"src", &r.src}, {"dst", &r.dst}, {"svc", &r.svc}, {"vrf", &r.vrf}, {"range", &r.during}} {
		if v := a.Str(p.token); v != "" {
			*p.to = v
		}
	}
	r.Counting = r.Counting || a.Has("counting")
	r.Disabled = r.Disabled || a.Has("disable")
	r.Logging = r.Logging || a.Has("logging")
	r.bind(x.Box)
	x.Node().Set(10, ruleKey(id), r.text())
	engine(x).Changed()
}

func undoObjectRule(x *feature.Exec, a *cli.Args) {
	o := object(x)
	r := o.rule(a.Int("id"))
	if r == nil {
		x.Error("The rule does not exist.")
		return
	}
	some := false
	for _, p := range []struct {
		token string
		clear func()
	}{
		{"source-ip", func() { r.src = "" }}, {"destination-ip", func() { r.dst = "" }}, {"service", func() { r.svc = "" }},
		{"vrf", func() { r.vrf = "" }}, {"time-range", func() { r.during = "" }}, {"counting", func() { r.Counting = false }},
		{"disable", func() { r.Disabled = false }}, {"logging", func() { r.Logging = false }},
	} {
		if a.Has(p.token) {
			p.clear()
			some = true
		}
	}
	engine(x).Changed()
	if some {
		r.bind(x.Box)
		x.Node().Set(10, ruleKey(r.ID), r.text())
		return
	}
	o.rules = slices.DeleteFunc(o.rules, func(v *objRule) bool { return v == r })
	x.Node().Remove(ruleKey(r.ID))
	x.Node().Remove(ruleKey(r.ID) + " comment")
}

func comment(x *feature.Exec, id int, text string) {
	r := object(x).rule(id)
	if r == nil {
		x.Error("The rule does not exist.")
		return
	}
	r.comment = text
	if text == "" {
		x.Node().Remove(ruleKey(id) + " comment")
	} else {
		x.Node().Set(10, ruleKey(id)+" comment", ruleKey(id)+" comment "+text)
	}
	lay(x)
}

// lay brings the lines into the order of the rules, comments behind theirs.
func lay(x *feature.Exec) {
	for _, r := range object(x).rules {
		x.Node().Move(ruleKey(r.ID), "")
		x.Node().Move(ruleKey(r.ID)+" comment", "")
	}
}

func moveObjectRule(x *feature.Exec, a *cli.Args) {
	o, id, other := object(x), a.Int("id"), a.Int("other")
	r := o.rule(id)
	if r == nil || id == other || other <= maxRule && o.rule(other) == nil {
		return // the manual: then nothing is moved
	}
	o.rules = slices.DeleteFunc(o.rules, func(v *objRule) bool { return v == r })
	at := slices.IndexFunc(o.rules, func(v *objRule) bool { return v.ID == other })
	if at < 0 {
		at = len(o.rules)
	}
	o.rules = slices.Insert(o.rules, at, r)
	lay(x)
	engine(x).Changed()
}

func displayObjectPolicies(x *feature.Exec, a *cli.Args) {
	for _, o := range pairsOf(x.Box).policies {
		if a.Has("policy") && !strings.EqualFold(o.name, a.Str("policy")) {
			continue
		}
		x.Printf("Object-policy ip %s\n", o.name)
		if o.description != "" {
			x.Print(o.description + "\n")
		}
		for _, r := range o.rules {
			x.Printf(" %s\n", r.text())
			if r.comment != "" {
				x.Printf(" rule %d comment %s\n", r.ID, r.comment)
			}
		}
	}
}

func displayAppliedPolicies(x *feature.Exec, a *cli.Args) {
	for _, p := range shown(x, a) {
		if p.policy != "" {
			x.Printf("Zone-pair source %s destination %s\nobject-policy apply ip %s\n", p.From, p.To, p.policy)
		}
	}
}

func displayObjectStatistics(x *feature.Exec, a *cli.Args) {
	for _, p := range shown(x, a) {
		o := pairsOf(x.Box).policy(p.policy)
		if o == nil {
			continue
		}
		x.Printf("Object-policy apply ip %s\n", o.name)
		for _, r := range o.rules {
			n := r.Hits
			if !r.Counting {
				n = 0
			}
			x.Printf(" %s%s\n", r.text(), times(n))
		}
	}
}
