package ipsec

import (
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/emulator/ipsec"
)

// profileCommands are IPsec profiles: of tunnel interfaces, whose SAs IKE
// negotiates, and with SAs that are set up by hand.
var profileCommands = []feature.Command{
	command("system", "ipsec profile <name:string:1-63> [ isakmp | manual ]", enterProfile),
	command("system", "undo ipsec profile <name:string:1-63>", removeProfile),
	command("any", "display ipsec profile [ <name:string:1-63> ]", displayProfile),
}

func profileKey(name string) string { return "ipsec profile " + strings.ToLower(cli.Quote(name)) }

// profileNode is the line of a profile of either mode, nil for none.
func profileNode(x *feature.Exec, name string) *conf.Node {
	for _, n := range x.Box.Conf.Root().Kids() {
		if strings.EqualFold(n.Key, profileKey(name)) {
			return n
		}
	}
	return nil
}

// enterProfile makes the profile where it is new; its mode stays.
func enterProfile(x *feature.Exec, a *cli.Args) {
	e, name := engine(x), a.Str("name")
	entry, mode := e.Profile(name), "isakmp"
	if a.Has("manual") || entry != nil && entry.Manual != nil && !a.Has("isakmp") {
		mode = "manual"
	}
	switch {
	case entry == nil && !a.Has(mode):
		x.Error("The profile does not exist. Specify its mode to create it.")
		return
	case entry != nil && (entry.Manual != nil) != (mode == "manual"):
		x.Error("The mode of the profile cannot be changed.")
		return
	case entry == nil:
		entry = e.AddProfile(name)
		if mode == "manual" {
			entry.Manual = &ipsec.Manual{}
		}
	}
	n := x.Box.Conf.Root().Open(feature.PlaceIPsecPolicy+2, profileKey(name), "ipsec profile "+cli.Quote(name)+" "+mode)
	view := map[string]string{"isakmp": "ipsec-profile-isakmp", "manual": "ipsec-profile"}[mode]
	x.Enter(feature.ViewState{Name: view, Suffix: "ipsec-profile-" + mode + "-" + name, Node: n, Obj: entryRef{e: entry}})
}

func removeProfile(x *feature.Exec, a *cli.Args) {
	n := profileNode(x, a.Str("name"))
	if n == nil {
		x.Error("The profile does not exist.")
		return
	}
	engine(x).RemoveProfile(a.Str("name"))
	drop(x, n.Key)
}

func displayProfile(x *feature.Exec, a *cli.Args) {
	for _, p := range engine(x).Profiles() {
		if name := a.Str("name"); name != "" && !strings.EqualFold(name, p.Name) {
			continue
		}
		e := p.Entries[0]
		if e.Manual != nil {
			x.Printf("%s\nIPsec profile: %s\nMode: manual\n%s\n", rule47, p.Name, rule47)
			x.Printf("  Description:%s\n  Transform set:%s\n", value(e.Description), value(strings.Join(e.Sets, " ")))
			printKeys(x, e)
			continue
		}
		x.Printf("%s\nIPsec profile: %s\nMode: isakmp\n%s\n", rule47, p.Name, rule47)
		x.Printf("  Description:%s\n  Transform set:%s\n  IKE profile:%s\n", value(e.Description), value(strings.Join(e.Sets, " ")), value(e.Profile))
		x.Printf("  SA duration(time based):%s\n  SA duration(traffic based):%s\n  SA idle time:%s\n",
			amount(e.Seconds, "seconds"), amount(e.Kilobytes, "kilobytes"), amount(e.IdleSeconds, "seconds"))
	}
}

// heading is what the SAs of a tunnel come from, as `display ipsec sa` heads
// them.
func heading(t *ipsec.TunnelState) string {
	if t.Guard != "" {
		return fmt.Sprintf("IPsec profile: %s\n", t.Policy)
	}
	return fmt.Sprintf("IPsec policy: %s\n  Sequence number: %d\n", t.Policy, t.Seq)
}
