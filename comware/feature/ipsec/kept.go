package ipsec

import "cwlab/comware/feature"

// keptCommands are those of IPsec profiles, which are only kept.
var keptCommands = []feature.Command{
	texts.Keep("system", "ipsec profile <name:string:1-63> { isakmp | manual }",
		feature.Keep{Place: feature.PlaceIPsecPolicy + 2, Undo: "ipsec profile <name>", Opens: "ipsec-profile", Label: "ipsec-profile-$4-<name>"}),
	texts.Keep("ipsec-profile", "transform-set <set:string:1-63> &<1-6>", feature.Keep{Place: placeSets}),
	texts.Keep("ipsec-profile", "description <text:text:1-80>", feature.Keep{Place: placeDescription}),
	texts.Keep("ipsec-profile", "ike-profile <profile:string:1-63>", feature.Keep{Place: placeProfile}),
	texts.Keep("ipsec-profile", "sa duration time-based <seconds:180-604800>", feature.Keep{Place: placeSeconds}),
	texts.Keep("ipsec-profile", "sa duration traffic-based <kilobytes:2560-4294967295>", feature.Keep{Place: placeKilobytes}),
	texts.Keep("ipsec-profile", "sa idle-time <seconds:60-86400>", feature.Keep{Place: placeIdle}),
	texts.Keep("ipsec-profile", "sa spi { inbound | outbound } { ah | esp } <spi:256-4294967295>",
		feature.Keep{Place: placeSPI, Undo: "sa spi { inbound | outbound } { ah | esp }"}),
	texts.Keep("ipsec-profile", "sa string-key { inbound | outbound } { ah | esp } { cipher <cipher:string:1-373> | simple <plain:string:1-255> }",
		feature.Keep{Place: placeSecret, Undo: "sa string-key { inbound | outbound } { ah | esp }"}),
	texts.Keep("ipsec-profile", "sa hex-key authentication { inbound | outbound } { ah | esp } { cipher <cipher:string:1-85> | simple <plain:string:1-40> }",
		feature.Keep{Place: placeSecret, Undo: "sa hex-key authentication { inbound | outbound } { ah | esp }"}),
	texts.Keep("ipsec-profile", "sa hex-key encryption { inbound | outbound } esp { cipher <cipher:string:1-117> | simple <plain:string:1-64> }",
		feature.Keep{Place: placeSecret, Undo: "sa hex-key encryption { inbound | outbound } esp"}),
}
