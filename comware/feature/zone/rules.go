package zone

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/zone"
)

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
		untrack(x.Box, r)
		e.RemoveRule(r.ID)
	}
	e.DefaultPass = false
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
			id = nextID(e)
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
	n := x.Node().Open(0, ruleKey(r.ID), ruleLine(r))
	n.Insertion = true // values of a condition stand as they came
	x.Enter(feature.ViewState{Name: "security-policy-rule", Suffix: fmt.Sprintf("security-policy-ip-%d-%s", r.ID, r.Name), Node: n, Obj: r})
}

// nextID is the number after the highest, as for rules of object policies, or
// the lowest that no rule has when there is none above.
func nextID(e *zone.Engine) int {
	rules := e.Rules()
	next, taken := 0, make([]bool, len(rules)+1)
	for _, r := range rules {
		next = max(next, r.ID+1)
		if r.ID < len(taken) {
			taken[r.ID] = true
		}
	}
	if next > maxRule {
		next = slices.Index(taken, false)
	}
	return next
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
	untrack(x.Box, r)
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
	reorder(x)
}

// reorder brings the lines of the rules into the order of matching.
func reorder(x *feature.Exec) {
	for _, r := range engine(x).Rules() {
		x.Node().Move(ruleKey(r.ID), "")
	}
}

func moveByName(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	all := e.Rules()
	r := named(e, a.Str("name"))
	if r == nil {
		x.Error("The rule does not exist.")
		return
	}
	at := slices.Index(all, r)
	other, after := r, false
	switch {
	case a.Has("other-name"):
		if other, after = named(e, a.Str("other-name")), a.Has("after"); other == nil || other == r {
			x.Error("The rule does not exist.")
			return
		}
	case a.Has("top"):
		other = all[0]
	case a.Has("bottom"):
		other, after = all[len(all)-1], true
	case a.Has("up"):
		other = all[max(at-1, 0)]
	default:
		other, after = all[min(at+1, len(all)-1)], true
	}
	if other != r {
		e.MoveRule(r.ID, other.ID, after)
		reorder(x)
	}
}

func renameRule(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	r, name := named(e, a.Str("old")), a.Str("new")
	switch {
	case r == nil:
		x.Error("The rule does not exist.")
	case named(e, name) != nil:
		x.Error("The rule name already exists.")
	default:
		r.Name = name
		x.Node().Open(0, ruleKey(r.ID), ruleLine(r))
	}
}

func copyRule(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	old, name := named(e, a.Str("old")), a.Str("new")
	switch {
	case old == nil:
		x.Error("The rule does not exist.")
		return
	case named(e, name) != nil:
		x.Error("The rule name already exists.")
		return
	}
	r := *old
	r.Name, r.Hits, r.Packets, r.Bytes = name, 0, 0, 0
	for r.ID = 0; e.Rule(r.ID) != nil; r.ID++ {
	}
	for _, list := range []*[]string{&r.From, &r.To} {
		*list = slices.Clone(*list)
	}
	r.Src, r.Dst, r.Services = slices.Clone(r.Src), slices.Clone(r.Dst), slices.Clone(r.Services)
	r.SrcSets, r.DstSets, r.ServiceSets = slices.Clone(r.SrcSets), slices.Clone(r.DstSets), slices.Clone(r.ServiceSets)
	e.AddRule(&r)
	if k := x.Node().Child(ruleKey(old.ID)).Child("track"); k != nil {
		w := strings.Fields(k.Text)
		n, _ := strconv.Atoi(w[2])
		follow(x.Box, &r, n, w[1] == "positive")
	}
	n := x.Node().Open(0, ruleKey(r.ID), ruleLine(&r))
	n.Insertion = true
	for _, k := range x.Node().Child(ruleKey(old.ID)).Kids() {
		n.Set(k.Order, k.Key, k.Text)
	}
}

func ruleLine(r *zone.Rule) string { return fmt.Sprintf("rule %d name %s", r.ID, cli.Quote(r.Name)) }

func defaultAction(x *feature.Exec, pass bool) {
	e := engine(x)
	e.DefaultPass = pass
	e.Changed()
	if pass {
		x.Node().Set(-1, "default rule action", "default rule action pass")
	} else {
		x.Node().Remove("default rule action")
	}
}

func switchPolicy(x *feature.Exec, on bool) {
	const line = "security-policy disable"
	e := engine(x)
	e.RulesOff = !on
	e.Changed()
	if on {
		x.Box.Conf.Root().Remove(line)
	} else {
		x.Box.Conf.Root().Set(feature.PlaceSecurityPolicy-1, line, line)
	}
}

// counted are the rules that a display or reset of statistics is about.
func counted(x *feature.Exec, a *cli.Args) []*zone.Rule {
	if !a.Has("rule") {
		return engine(x).Rules()
	}
	r := named(engine(x), a.Str("name"))
	if r == nil {
		x.Error("The rule does not exist.")
		return nil
	}
	return []*zone.Rule{r}
}

func displayPolicyStatistics(x *feature.Exec, a *cli.Args) {
	for _, r := range counted(x, a) {
		if !r.Counting {
			continue
		}
		action := "drop"
		if r.Action == zone.Pass {
			action = "pass"
		}
		x.Printf("rule %d name %s\n  action: %s (%d packets, %d bytes)\n", r.ID, cli.Quote(r.Name), action, r.Packets, r.Bytes)
	}
}

func resetPolicyStatistics(x *feature.Exec, a *cli.Args) {
	for _, r := range counted(x, a) {
		r.Hits, r.Packets, r.Bytes = 0, 0, 0
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
		if !rule.View && only == "" {
			x.Print(" " + rule.Text + "\n")
			continue
		}
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
