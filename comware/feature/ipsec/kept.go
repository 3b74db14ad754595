package ipsec

import (
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// keptViews are those of what is only kept: manual policies and profiles.
var keptViews = []feature.View{
	{Name: "ipsec-manual", Parent: "system", Title: "IPsec policy manual"},
	{Name: "ipsec-profile", Parent: "system", Title: "IPsec profile"},
}

const (
	manualViews = "ipsec-manual ipsec-profile"

	placeSPI    = 40
	placeSecret = 50
)

var keptCommands = []feature.Command{
	texts.Keep("system", "ipsec policy <name:string:1-63> <seq:1-65535> manual",
		feature.Keep{Place: feature.PlaceIPsecPolicy, Undo: "ipsec policy <name> <seq> manual", Opens: "ipsec-manual", Label: "ipsec-policy-manual-<name>-<seq>"}),
	texts.Keep("system", "ipsec profile <name:string:1-63> { isakmp | manual }",
		feature.Keep{Place: feature.PlaceIPsecPolicy + 2, Undo: "ipsec profile <name>", Opens: "ipsec-profile", Label: "ipsec-profile-$4-<name>"}),

	texts.Keep("ipsec-manual", "security acl <acl:3000-3999>", feature.Keep{Place: placeACL}),
	texts.Keep("ipsec-manual", "local-address <address:ip>", feature.Keep{Place: placeLocal}),
	texts.Keep("ipsec-manual", "remote-address <address:ip>", feature.Keep{Place: placeRemote}),
	texts.Keep(manualViews, "transform-set <set:string:1-63> &<1-6>", feature.Keep{Place: placeSets}),
	texts.Keep(manualViews, "description <text:text:1-80>", feature.Keep{Place: placeDescription}),
	texts.Keep("ipsec-profile", "ike-profile <profile:string:1-63>", feature.Keep{Place: placeProfile}),
	texts.Keep("ipsec-profile", "sa duration time-based <seconds:180-604800>", feature.Keep{Place: placeSeconds}),
	texts.Keep("ipsec-profile", "sa duration traffic-based <kilobytes:2560-4294967295>", feature.Keep{Place: placeKilobytes}),
	texts.Keep("ipsec-profile", "sa idle-time <seconds:60-86400>", feature.Keep{Place: placeIdle}),
	texts.Keep(manualViews, "sa spi { inbound | outbound } { ah | esp } <spi:256-4294967295>",
		feature.Keep{Place: placeSPI, Undo: "sa spi { inbound | outbound } { ah | esp }"}),
	texts.Keep(manualViews, "sa string-key { inbound | outbound } { ah | esp } { cipher <cipher:string:1-373> | simple <plain:string:1-255> }",
		feature.Keep{Place: placeSecret, Undo: "sa string-key { inbound | outbound } { ah | esp }"}),
	texts.Keep(manualViews, "sa hex-key authentication { inbound | outbound } { ah | esp } { cipher <cipher:string:1-85> | simple <plain:string:1-40> }",
		feature.Keep{Place: placeSecret, Undo: "sa hex-key authentication { inbound | outbound } { ah | esp }"}),
	texts.Keep(manualViews, "sa hex-key encryption { inbound | outbound } esp { cipher <cipher:string:1-117> | simple <plain:string:1-64> }",
		feature.Keep{Place: placeSecret, Undo: "sa hex-key encryption { inbound | outbound } esp"}),
}

// removeManual takes manual policies of a name out, all of them for seq "".
func removeManual(x *feature.Exec, a *cli.Args) bool {
	found := false
	for _, n := range manualKeys(x, a.Str("name"), a.Str("seq")) {
		drop(x, n)
		found = true
	}
	return found
}

func manualKeys(x *feature.Exec, name, seq string) []string {
	var keys []string
	for _, n := range x.Box.Conf.Root().Kids() {
		rest, ok := strings.CutPrefix(n.Key, "ipsec policy "+name+" ")
		number, manual := strings.CutSuffix(rest, " manual")
		if ok && manual && (seq == "" || number == seq) {
			keys = append(keys, n.Key)
		}
	}
	return keys
}
