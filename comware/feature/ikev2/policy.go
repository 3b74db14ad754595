package ikev2

import (
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	featureike "cwlab/comware/feature/ike"
	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
)

// Places of the lines in IKEv2 policy view.
const (
	placePolicyPriority = 10 + 10*iota
	placePolicyLocal
	placePolicyProposal
)

const maxProposals = 6

func inPolicy(syntax string, f func(x *feature.Exec, p *ikev2.Policy, a *cli.Args)) feature.Command {
	return command("ikev2-policy", syntax, func(x *feature.Exec, a *cli.Args) { f(x, x.View().Obj.(*ikev2.Policy), a) })
}

// addScope and removeScope are `match local address` of a policy or profile.
func addScope(x *feature.Exec, place int, to *[]ike.Scope, a *cli.Args) {
	s, line := featureike.ReadScope(a)
	if !slices.Contains(*to, s) {
		*to = append(*to, s)
		x.Node().Set(place, line, line)
	}
}

func removeScope(x *feature.Exec, from *[]ike.Scope, a *cli.Args) {
	s, line := featureike.ReadScope(a)
	*from = slices.DeleteFunc(*from, func(o ike.Scope) bool { return o == s })
	x.Node().Remove(line)
}

const scopeSyntax = "match local address { <address:ip> | <interface:interface> }"

var policyCommands = []feature.Command{
	command("system", "ikev2 policy <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		c, name := &engine(x).Config, a.Str("name")
		if strings.EqualFold(name, ikev2.DefaultName) {
			x.Error("The default IKEv2 policy cannot be changed.")
			return
		}
		p := c.Policy(name)
		if p == nil {
			p = &ikev2.Policy{Name: name, Priority: ikev2.DefaultPriority}
			c.Policies = append(c.Policies, p)
		}
		node := x.Box.Conf.Root().Open(feature.PlaceIKEv2Policy, "ikev2 policy "+strings.ToLower(name), "ikev2 policy "+cli.Quote(p.Name))
		x.Enter(feature.ViewState{Name: "ikev2-policy", Suffix: "ikev2-policy-" + p.Name, Node: node, Obj: p})
	}),
	command("system", "undo ikev2 policy <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		c, name := &engine(x).Config, a.Str("name")
		if c.Policy(name) == nil {
			x.Error("The IKEv2 policy does not exist.")
			return
		}
		c.Policies = slices.DeleteFunc(c.Policies, func(p *ikev2.Policy) bool { return strings.EqualFold(p.Name, name) })
		drop(x, "ikev2 policy "+strings.ToLower(name))
	}),
	inPolicy("priority <priority:1-65535>", func(x *feature.Exec, p *ikev2.Policy, a *cli.Args) {
		p.Priority = a.Int("priority")
		setPriority(x, placePolicyPriority, p.Priority)
	}),
	inPolicy("undo priority", func(x *feature.Exec, p *ikev2.Policy, _ *cli.Args) {
		p.Priority = ikev2.DefaultPriority
		setPriority(x, placePolicyPriority, p.Priority)
	}),
	inPolicy(scopeSyntax, func(x *feature.Exec, p *ikev2.Policy, a *cli.Args) { addScope(x, placePolicyLocal, &p.Scopes, a) }),
	inPolicy("undo "+scopeSyntax, func(x *feature.Exec, p *ikev2.Policy, a *cli.Args) { removeScope(x, &p.Scopes, a) }),
	inPolicy("proposal <name:string:1-63>", func(x *feature.Exec, p *ikev2.Policy, a *cli.Args) {
		name := a.Str("name")
		switch {
		case slices.ContainsFunc(p.Proposals, func(n string) bool { return strings.EqualFold(n, name) }):
		case len(p.Proposals) == maxProposals:
			x.Error(fmt.Sprintf("An IKEv2 policy can have up to %d proposals.", maxProposals))
		default:
			p.Proposals = append(p.Proposals, name)
			x.Node().Set(placePolicyProposal, "proposal "+strings.ToLower(name), "proposal "+cli.Quote(name))
		}
	}),
	inPolicy("undo proposal <name:string:1-63>", func(x *feature.Exec, p *ikev2.Policy, a *cli.Args) {
		name := a.Str("name")
		p.Proposals = slices.DeleteFunc(p.Proposals, func(n string) bool { return strings.EqualFold(n, name) })
		x.Node().Remove("proposal " + strings.ToLower(name))
	}),
}
