package ikev2

import (
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	featureike "cwlab/comware/feature/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ikev2/wire"
)

// Places of the lines in IKEv2 profile view.
const (
	placeMethod = 10 + 10*iota
	placeCertificate
	placeChain
	placeDPD
	placeLocalID
	placeMatchLocal
	placeMatchRemote
	placeNAT
	placeProfilePriority
	placeDuration
)

// methods are the authentication methods with their numbers, RFC 7296 section
// 3.8; ECDSA is that of P-256 (RFC 4754).
var methods = []algorithm[uint8]{
	{"dsa-signature", "dsa-signature", 3}, {"ecdsa-signature", "ecdsa-signature", 9}, {"pre-share", "pre-share", wire.SharedKey}, {"rsa-signature", "rsa-signature", wire.RSASignature},
}

func readMethod(a *cli.Args) algorithm[uint8] {
	return methods[slices.IndexFunc(methods, func(m algorithm[uint8]) bool { return a.Has(m.word) })]
}

// inProfile is a command of IKEv2 profile view.
func inProfile(syntax string, f func(x *feature.Exec, p *ikev2.Profile, a *cli.Args)) feature.Command {
	return command("ikev2-profile", syntax, func(x *feature.Exec, a *cli.Args) {
		f(x, x.View().Obj.(*ikev2.Profile), a)
		engine(x).Changed()
	})
}

const (
	methodSyntax = "{ dsa-signature | ecdsa-signature | pre-share | rsa-signature }"
	remoteSyntax = "match remote identity { address { <address:ip> [ <mask:mask> ] | range <low:ip> <high:ip> } | email <name:string:1-255> | fqdn <name:string:1-255> | key-id <name:string:1-255> }"
)

var profileCommands = []feature.Command{
	command("system", "ikev2 profile <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		c, name := &engine(x).Config, a.Str("name")
		p := c.Profile(name)
		if p == nil {
			p = &ikev2.Profile{Name: name, Priority: ikev2.DefaultPriority, Seconds: ikev2.DefaultSeconds}
			c.Profiles = append(c.Profiles, p)
		}
		node := x.Box.Conf.Root().Open(feature.PlaceIKEv2Profile, "ikev2 profile "+strings.ToLower(name), "ikev2 profile "+cli.Quote(p.Name))
		x.Enter(feature.ViewState{Name: "ikev2-profile", Suffix: "ikev2-profile-" + p.Name, Node: node, Obj: p})
	}),
	command("system", "undo ikev2 profile <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		c, name := &engine(x).Config, a.Str("name")
		if c.Profile(name) == nil {
			x.Error("The IKEv2 profile does not exist.")
			return
		}
		c.Profiles = slices.DeleteFunc(c.Profiles, func(p *ikev2.Profile) bool { return strings.EqualFold(p.Name, name) })
		drop(x, "ikev2 profile "+strings.ToLower(name))
	}),
	inProfile("authentication-method local "+methodSyntax, func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		m := readMethod(a)
		p.LocalAuth = m.is
		x.Node().Set(placeMethod, "authentication-method local", "authentication-method local "+m.word)
	}),
	inProfile("undo authentication-method local", func(x *feature.Exec, p *ikev2.Profile, _ *cli.Args) {
		p.LocalAuth = 0
		x.Node().Remove("authentication-method local")
	}),
	inProfile("authentication-method remote "+methodSyntax, func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		if m := readMethod(a); !slices.Contains(p.RemoteAuth, m.is) {
			p.RemoteAuth = append(p.RemoteAuth, m.is)
			x.Node().Set(placeMethod, "authentication-method remote "+m.word, "authentication-method remote "+m.word)
		}
	}),
	inProfile("undo authentication-method remote "+methodSyntax, func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		m := readMethod(a)
		p.RemoteAuth = slices.DeleteFunc(p.RemoteAuth, func(o uint8) bool { return o == m.is })
		x.Node().Remove("authentication-method remote " + m.word)
	}),
	inProfile("keychain <keychain:string:1-63>", func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		p.Keychain = a.Str("keychain")
		x.Node().Set(placeChain, "keychain", "keychain "+cli.Quote(p.Keychain))
	}),
	inProfile("undo keychain", func(x *feature.Exec, p *ikev2.Profile, _ *cli.Args) {
		p.Keychain = ""
		x.Node().Remove("keychain")
	}),
	inProfile("dpd interval <interval:10-3600> [ retry <retry:2-60> ] { on-demand | periodic }", func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		d, line := featureike.ReadDPD(a)
		p.DPD = d
		x.Node().Set(placeDPD, "dpd", line)
	}),
	inProfile("undo dpd interval", func(x *feature.Exec, p *ikev2.Profile, _ *cli.Args) {
		p.DPD = nil
		x.Node().Remove("dpd")
	}),
	inProfile("identity local { address <address:ip> | dn | email <name:string:1-255> | fqdn <name:string:1-255> | key-id <name:string:1-255> }", func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		m, line := readID(a)
		if a.Has("address") {
			line = "address " + m.Low.String()
		}
		p.Identity = &ikev2.Identity{Kind: m.Kind, Addr: m.Low, Name: m.Name}
		x.Node().Set(placeLocalID, "identity local", "identity local "+line)
	}),
	inProfile("undo identity local", func(x *feature.Exec, p *ikev2.Profile, _ *cli.Args) {
		p.Identity = nil
		x.Node().Remove("identity local")
	}),
	inProfile(scopeSyntax, func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) { addScope(x, placeMatchLocal, &p.Scopes, a) }),
	inProfile("undo "+scopeSyntax, func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) { removeScope(x, &p.Scopes, a) }),
	inProfile(remoteSyntax, func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		m, line := readID(a)
		if m.Kind == wire.IDIPv4 && m.High.Less(m.Low) {
			x.Error("The end address must not be lower than the start address.")
			return
		}
		if !slices.Contains(p.Matches, m) {
			p.Matches = append(p.Matches, m)
			x.Node().Set(placeMatchRemote, "match remote identity "+line, "match remote identity "+line)
		}
	}),
	inProfile("undo "+remoteSyntax, func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		m, line := readID(a)
		p.Matches = slices.DeleteFunc(p.Matches, func(o ikev2.Match) bool { return o == m })
		x.Node().Remove("match remote identity " + line)
	}),
	inProfile("match remote certificate <policy:string:1-31>", func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		if name := a.Str("policy"); !slices.ContainsFunc(p.Matches, func(m ikev2.Match) bool { return strings.EqualFold(m.Policy, name) }) {
			p.Matches = append(p.Matches, ikev2.Match{Policy: name})
			x.Node().Set(placeMatchRemote, "match remote certificate "+strings.ToLower(name), "match remote certificate "+cli.Quote(name))
		}
	}),
	inProfile("undo match remote certificate <policy:string:1-31>", func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		p.Matches = slices.DeleteFunc(p.Matches, func(m ikev2.Match) bool { return m.Policy != "" && strings.EqualFold(m.Policy, a.Str("policy")) })
		x.Node().Remove("match remote certificate " + strings.ToLower(a.Str("policy")))
	}),
	inProfile("certificate domain <domain:string:1-31> [ sign | verify ]", func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		name := a.Str("domain")
		removeDomain(x, p, name)
		if !a.Has("verify") {
			p.SignDomains = append(p.SignDomains, name)
		}
		if !a.Has("sign") {
			p.VerifyDomains = append(p.VerifyDomains, name)
		}
		x.Node().Set(placeCertificate, "certificate domain "+strings.ToLower(name), a.Line())
	}),
	inProfile("undo certificate domain <domain:string:1-31>", func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		removeDomain(x, p, a.Str("domain"))
	}),
	inProfile("nat-keepalive <seconds:5-3600>", func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		p.NATKeepalive = a.Int("seconds")
		x.Node().Set(placeNAT, "nat-keepalive", "nat-keepalive "+a.Str("seconds"))
	}),
	inProfile("undo nat-keepalive", func(x *feature.Exec, p *ikev2.Profile, _ *cli.Args) {
		p.NATKeepalive = 0
		x.Node().Remove("nat-keepalive")
	}),
	inProfile("priority <priority:1-65535>", func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) {
		p.Priority = a.Int("priority")
		setPriority(x, placeProfilePriority, p.Priority)
	}),
	inProfile("undo priority", func(x *feature.Exec, p *ikev2.Profile, _ *cli.Args) {
		p.Priority = ikev2.DefaultPriority
		setPriority(x, placeProfilePriority, p.Priority)
	}),
	inProfile("sa duration <seconds:120-86400>", func(x *feature.Exec, p *ikev2.Profile, a *cli.Args) { setDuration(x, p, a.Uint32("seconds")) }),
	inProfile("undo sa duration", func(x *feature.Exec, p *ikev2.Profile, _ *cli.Args) { setDuration(x, p, ikev2.DefaultSeconds) }),
}

func setDuration(x *feature.Exec, p *ikev2.Profile, seconds uint32) {
	p.Seconds = seconds
	if seconds == ikev2.DefaultSeconds {
		x.Node().Remove("sa duration")
		return
	}
	x.Node().Set(placeDuration, "sa duration", fmt.Sprintf("sa duration %d", seconds))
}

// removeDomain takes a PKI domain out of a profile.
func removeDomain(x *feature.Exec, p *ikev2.Profile, name string) {
	for _, list := range []*[]string{&p.SignDomains, &p.VerifyDomains} {
		*list = slices.DeleteFunc(*list, func(d string) bool { return strings.EqualFold(d, name) })
	}
	x.Node().Remove("certificate domain " + strings.ToLower(name))
}
