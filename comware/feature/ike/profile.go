package ike

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ike"
	"cwlab/emulator/isakmp"
)

// Places of the lines in IKE profile view.
const (
	placeKeychain = 10 + 10*iota
	placeDPD
	placeMode
	placeIdentity
	placeRemote
	placeLocal
	placeProposal
	placePriority
	placeCertificate
	placeInside
)

const maxKeychains, maxDomains = 6, 6

// inProfile is a command of IKE profile view.
func inProfile(syntax string, f func(x *feature.Exec, p *ike.Profile, a *cli.Args)) feature.Command {
	return command("ike-profile", syntax, func(x *feature.Exec, a *cli.Args) {
		if p := engine(x).Config.Profile(x.View().Obj.(string)); p != nil {
			f(x, p, a)
			engine(x).Changed()
		}
	})
}

// Last is the last address of a prefix.
func Last(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

// readMatch is a `match remote identity` and its line.
func readMatch(a *cli.Args) (ike.Match, string) {
	const head = "match remote identity "
	switch {
	case a.Has("certificate"):
		return ike.Match{Policy: a.Str("policy")}, "match remote certificate " + cli.Quote(a.Str("policy"))
	case a.Has("range"):
		return ike.Match{Kind: isakmp.IDIPv4Addr, Low: a.Addr("low"), High: a.Addr("high")}, fmt.Sprintf(head+"address range %s %s", a.Addr("low"), a.Addr("high"))
	case a.Has("user-fqdn"):
		return ike.Match{Kind: isakmp.IDUserFQDN, Name: a.Str("name")}, head + "user-fqdn " + cli.Quote(a.Str("name"))
	case a.Has("fqdn"):
		return ike.Match{Kind: isakmp.IDFQDN, Name: a.Str("name")}, head + "fqdn " + cli.Quote(a.Str("name"))
	}
	p := netip.PrefixFrom(a.Addr("address"), 32)
	if a.Str("mask") != "" {
		p = a.Prefix("address", "mask")
	}
	return ike.Match{Kind: isakmp.IDIPv4Addr, Low: p.Masked().Addr(), High: Last(p)}, fmt.Sprintf(head+"address %s %s", p.Addr(), Dotted(p))
}

// matchKey is the same for both ways to write the same addresses.
func matchKey(m ike.Match) string {
	if m.Policy != "" {
		return "match remote certificate " + strings.ToLower(m.Policy)
	}
	return fmt.Sprintf("match remote identity %d %s %s %s", m.Kind, m.Low, m.High, m.Name)
}

const matchSyntax = "match remote { certificate <policy:string:1-31> | identity { address { <address:ip> [ <mask:mask> ] | range <low:ip> <high:ip> } | fqdn <name:string:1-255> | user-fqdn <name:string:1-255> } }"

var profileCommands = []feature.Command{
	command("system", "ike profile <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		e := engine(x)
		p := e.Config.Profile(a.Str("name"))
		if p == nil {
			p = &ike.Profile{Name: a.Str("name"), Priority: defaultPriority}
			e.Config.Profiles = append(e.Config.Profiles, p)
		}
		node := x.Box.Conf.Root().Open(feature.PlaceIKEProfile, "ike profile "+strings.ToLower(p.Name), "ike profile "+cli.Quote(p.Name))
		node.Insertion = true
		x.Enter(feature.ViewState{Name: "ike-profile", Suffix: "ike-profile-" + p.Name, Node: node, Obj: p.Name})
	}),
	command("system", "undo ike profile <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		e := engine(x)
		name := a.Str("name")
		if e.Config.Profile(name) == nil {
			x.Error("The IKE profile does not exist.")
			return
		}
		e.Config.Profiles = slices.DeleteFunc(e.Config.Profiles, func(p *ike.Profile) bool { return strings.EqualFold(p.Name, name) })
		remove(x, "ike profile "+strings.ToLower(name))
		e.Changed()
	}),
	inProfile("keychain <keychain:string:1-63>", func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		name := a.Str("keychain")
		if slices.ContainsFunc(p.Keychains, func(n string) bool { return strings.EqualFold(n, name) }) {
			return
		}
		if len(p.Keychains) == maxKeychains {
			x.Error(fmt.Sprintf("An IKE profile can have up to %d keychains.", maxKeychains))
			return
		}
		p.Keychains = append(p.Keychains, name)
		x.Node().Set(placeKeychain, "keychain "+strings.ToLower(name), "keychain "+cli.Quote(name))
	}),
	inProfile("undo keychain [ <keychain:string:1-63> ]", func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		name := a.Str("keychain")
		p.Keychains = slices.DeleteFunc(p.Keychains, func(n string) bool {
			gone := name == "" || strings.EqualFold(n, name)
			if gone {
				x.Node().Remove("keychain " + strings.ToLower(n))
			}
			return gone
		})
	}),
	inProfile("dpd interval <interval:1-300> [ retry <retry:1-60> ] { on-demand | periodic }", func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		d, line := ReadDPD(a)
		p.DPD = d
		x.Node().Set(placeDPD, "dpd", line)
	}),
	inProfile("undo dpd interval", func(x *feature.Exec, p *ike.Profile, _ *cli.Args) {
		p.DPD = nil
		x.Node().Remove("dpd")
	}),
	inProfile("exchange-mode { aggressive | main }", func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		p.Aggressive = a.Has("aggressive")
		if !p.Aggressive {
			x.Node().Remove("exchange-mode")
			return
		}
		x.Node().Set(placeMode, "exchange-mode", "exchange-mode aggressive")
	}),
	inProfile("undo exchange-mode", func(x *feature.Exec, p *ike.Profile, _ *cli.Args) {
		p.Aggressive = false
		x.Node().Remove("exchange-mode")
	}),
	inProfile("local-identity { address <address:ip> | dn | fqdn [ <name:string:1-255> ] | user-fqdn [ <name:string:1-255> ] }", func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		id, line := readIdentity(a)
		p.Identity = id
		x.Node().Set(placeIdentity, "local-identity", "local-identity "+line)
	}),
	inProfile("undo local-identity", func(x *feature.Exec, p *ike.Profile, _ *cli.Args) {
		p.Identity = nil
		x.Node().Remove("local-identity")
	}),
	inProfile(matchSyntax, func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		m, line := readMatch(a)
		if m.Kind == isakmp.IDIPv4Addr && m.High.Less(m.Low) {
			x.Error("The end address must not be lower than the start address.")
			return
		}
		if !slices.ContainsFunc(p.Matches, func(o ike.Match) bool { return matchKey(o) == matchKey(m) }) {
			p.Matches = append(p.Matches, m)
			x.Node().Set(placeRemote, matchKey(m), line)
		}
	}),
	inProfile("undo "+matchSyntax, func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		m, _ := readMatch(a)
		p.Matches = slices.DeleteFunc(p.Matches, func(o ike.Match) bool { return matchKey(o) == matchKey(m) })
		x.Node().Remove(matchKey(m))
	}),
	inProfile("match local address { <address:ip> | <interface:interface> }", func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		s, line := ReadScope(a)
		p.Local = s
		x.Node().Set(placeLocal, "match local", line)
	}),
	inProfile("undo match local", func(x *feature.Exec, p *ike.Profile, _ *cli.Args) {
		p.Local = ike.Scope{}
		x.Node().Remove("match local")
	}),
	inProfile("priority <priority:1-65535>", func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		p.Priority = a.Int("priority")
		setPriority(x, placePriority, p.Priority)
	}),
	inProfile("undo priority", func(x *feature.Exec, p *ike.Profile, _ *cli.Args) {
		p.Priority = defaultPriority
		x.Node().Remove("priority")
	}),
	inProfile("proposal <proposal:1-65535> &<1-6>", func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		p.Proposals = nil
		line := "proposal"
		for _, w := range a.Strs("proposal") {
			n, err := strconv.Atoi(w)
			if err != nil || slices.Contains(p.Proposals, n) {
				continue
			}
			p.Proposals = append(p.Proposals, n)
			line += " " + strconv.Itoa(n)
		}
		x.Node().Set(placeProposal, "proposal", line)
	}),
	inProfile("undo proposal", func(x *feature.Exec, p *ike.Profile, _ *cli.Args) {
		p.Proposals = nil
		x.Node().Remove("proposal")
	}),
	inProfile("certificate domain <domain:string:1-31>", func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		name := a.Str("domain")
		if slices.ContainsFunc(p.Domains, func(n string) bool { return strings.EqualFold(n, name) }) {
			return
		}
		if len(p.Domains) == maxDomains {
			x.Error(fmt.Sprintf("An IKE profile can have up to %d PKI domains.", maxDomains))
			return
		}
		p.Domains = append(p.Domains, name)
		x.Node().Set(placeCertificate, "certificate domain "+strings.ToLower(name), "certificate domain "+cli.Quote(name))
	}),
	inProfile("undo certificate domain <domain:string:1-31>", func(x *feature.Exec, p *ike.Profile, a *cli.Args) {
		p.Domains = slices.DeleteFunc(p.Domains, func(n string) bool { return strings.EqualFold(n, a.Str("domain")) })
		x.Node().Remove("certificate domain " + strings.ToLower(a.Str("domain")))
	}),
	texts.Keep("ike-profile", "inside-vpn vpn-instance <vpn:string:1-31>", feature.Keep{Place: placeInside, Undo: "inside-vpn"}),
}
