package pki

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/pki"
)

const maxRules = 16

var (
	fieldWords = []string{"subject-name", "issuer-name", "alt-subject-name"} // by pki.Field
	formWords  = []string{"dn", "fqdn", "ip"}                                // by pki.Form
	opWords    = []string{"ctn", "equ", "nctn", "nequ"}                      // by pki.Op
)

// given is which of some words a command has.
func given(a *cli.Args, words []string) int {
	return slices.IndexFunc(words, a.Has)
}

var policyCommands = []feature.Command{
	texts.Command("system", "pki certificate attribute-group <group:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		st, name := of(x.Box), a.Str("group")
		if st.store.Group(name) == nil {
			st.store.Groups = append(st.store.Groups, &pki.Group{Name: name})
		}
		line := "pki certificate attribute-group "
		node := x.Box.Conf.Root().Open(placePKI, line+strings.ToLower(name), line+cli.Quote(name))
		x.Enter(feature.ViewState{Name: "pki-attribute-group", Suffix: "pki-cert-attribute-group-" + name, Node: node, Obj: name})
	}),
	texts.Command("system", "undo pki certificate attribute-group <group:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		st, name := of(x.Box), a.Str("group")
		if st.store.Group(name) == nil {
			x.Error("The certificate attribute group does not exist.")
			return
		}
		st.store.Groups = slices.DeleteFunc(st.store.Groups, func(g *pki.Group) bool { return strings.EqualFold(g.Name, name) })
		remove(x, "pki certificate attribute-group "+strings.ToLower(name))
	}),
	texts.Command("system", "pki certificate access-control-policy <policy:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		st, name := of(x.Box), a.Str("policy")
		if st.store.Policy(name) == nil {
			st.store.Policies = append(st.store.Policies, &pki.Policy{Name: name})
		}
		line := "pki certificate access-control-policy "
		node := x.Box.Conf.Root().Open(placePKI, line+strings.ToLower(name), line+cli.Quote(name))
		x.Enter(feature.ViewState{Name: "pki-access-policy", Suffix: "pki-cert-acp-" + name, Node: node, Obj: name})
	}),
	texts.Command("system", "undo pki certificate access-control-policy <policy:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		st, name := of(x.Box), a.Str("policy")
		if st.store.Policy(name) == nil {
			x.Error("The certificate access control policy does not exist.")
			return
		}
		st.store.Policies = slices.DeleteFunc(st.store.Policies, func(p *pki.Policy) bool { return strings.EqualFold(p.Name, name) })
		remove(x, "pki certificate access-control-policy "+strings.ToLower(name))
	}),
	texts.Command("pki-attribute-group", "attribute <id:1-16> { alt-subject-name { fqdn | ip } | { issuer-name | subject-name } { dn | fqdn | ip } } { ctn | equ | nctn | nequ } <value:string:1-255>", func(x *feature.Exec, a *cli.Args) {
		g := of(x.Box).store.Group(x.View().Obj.(string))
		if g == nil {
			return
		}
		n := pki.Attribute{ID: a.Int("id"), Field: pki.Field(given(a, fieldWords)), Form: pki.Form(given(a, formWords)), Op: pki.Op(given(a, opWords)), Value: a.Str("value")}
		g.Attributes = slices.DeleteFunc(g.Attributes, func(o pki.Attribute) bool { return o.ID == n.ID })
		g.Attributes = append(g.Attributes, n)
		slices.SortFunc(g.Attributes, func(a, b pki.Attribute) int { return cmp.Compare(a.ID, b.ID) })
		x.Node().Set(n.ID, fmt.Sprintf("attribute %d", n.ID), a.Line())
	}),
	texts.Command("pki-attribute-group", "undo attribute <id:1-16>", func(x *feature.Exec, a *cli.Args) {
		if g := of(x.Box).store.Group(x.View().Obj.(string)); g != nil {
			g.Attributes = slices.DeleteFunc(g.Attributes, func(o pki.Attribute) bool { return o.ID == a.Int("id") })
			x.Node().Remove(fmt.Sprintf("attribute %d", a.Int("id")))
		}
	}),
	texts.Command("pki-access-policy", "rule [ <id:1-16> ] { deny | permit } <group:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		p := of(x.Box).store.Policy(x.View().Obj.(string))
		if p == nil {
			return
		}
		r := pki.Rule{ID: a.Int("id"), Deny: a.Has("deny"), Group: a.Str("group")}
		taken := func(id int) bool { return slices.ContainsFunc(p.Rules, func(o pki.Rule) bool { return o.ID == id }) }
		if r.ID == 0 {
			for r.ID = 1; taken(r.ID); r.ID++ {
			}
		}
		if r.ID > maxRules {
			x.Error("The number of rules has reached the upper limit.")
			return
		}
		p.Rules = slices.DeleteFunc(p.Rules, func(o pki.Rule) bool { return o.ID == r.ID })
		p.Rules = append(p.Rules, r)
		slices.SortFunc(p.Rules, func(a, b pki.Rule) int { return cmp.Compare(a.ID, b.ID) })
		x.Node().Set(r.ID, fmt.Sprintf("rule %d", r.ID), fmt.Sprintf("rule %d %s %s", r.ID, action(r), cli.Quote(r.Group)))
	}),
	texts.Command("pki-access-policy", "undo rule <id:1-16>", func(x *feature.Exec, a *cli.Args) {
		if p := of(x.Box).store.Policy(x.View().Obj.(string)); p != nil {
			p.Rules = slices.DeleteFunc(p.Rules, func(o pki.Rule) bool { return o.ID == a.Int("id") })
			x.Node().Remove(fmt.Sprintf("rule %d", a.Int("id")))
		}
	}),
	texts.Command("any", "display pki certificate attribute-group [ <group:string:1-31> ]", func(x *feature.Exec, a *cli.Args) {
		groups, name := of(x.Box).store.Groups, a.Str("group")
		if name == "" {
			x.Printf(" Total PKI certificate attribute groups: %d.\n", len(groups))
		}
		for _, g := range groups {
			if name != "" && !strings.EqualFold(g.Name, name) {
				continue
			}
			x.Printf(" Attribute group name: %s\n", g.Name)
			for _, t := range g.Attributes {
				x.Printf("      Attribute %2d %-16s %-5s %-5s %s\n", t.ID, fieldWords[t.Field], formWords[t.Form], opWords[t.Op], t.Value)
			}
		}
	}),
	texts.Command("any", "display pki certificate access-control-policy [ <policy:string:1-31> ]", func(x *feature.Exec, a *cli.Args) {
		policies, name := of(x.Box).store.Policies, a.Str("policy")
		if name == "" {
			x.Printf(" Total PKI certificate access control policies: %d\n", len(policies))
		}
		for _, p := range policies {
			if name != "" && !strings.EqualFold(p.Name, name) {
				continue
			}
			x.Printf(" Access control policy name: %s\n", p.Name)
			for _, r := range p.Rules {
				x.Printf("     Rule %-2d %-7s %s\n", r.ID, action(r), r.Group)
			}
		}
	}),
}

func action(r pki.Rule) string {
	if r.Deny {
		return "deny"
	}
	return "permit"
}
