package ipsec

import "cwlab/comware/feature"

// keptCommands are those of manual IPsec profiles, which protect packets of
// routing protocols and are only kept.
var keptCommands = []feature.Command{
	texts.Keep("system", "ipsec profile <name:string:1-63> manual",
		feature.Keep{Place: feature.PlaceIPsecPolicy + 2, Undo: "none ipsec profile <name>", Opens: "ipsec-profile", Label: "ipsec-profile-manual-<name>"}),
	texts.Keep("ipsec-profile", "transform-set <set:string:1-63> &<1-6>", feature.Keep{Place: placeSets}),
	texts.Keep("ipsec-profile", "description <text:text:1-80>", feature.Keep{Place: placeDescription}),
	texts.Keep("ipsec-profile", "sa spi { inbound | outbound } { ah | esp } <spi:256-4294967295>",
		feature.Keep{Place: placeSPI, Undo: "sa spi { inbound | outbound } { ah | esp }"}),
	texts.Keep("ipsec-profile", "sa string-key { inbound | outbound } { ah | esp } { cipher <cipher:string:1-373> | simple <plain:string:1-255> }",
		feature.Keep{Place: placeSecret, Undo: "sa string-key { inbound | outbound } { ah | esp }"}),
	texts.Keep("ipsec-profile", "sa hex-key authentication { inbound | outbound } { ah | esp } { cipher <cipher:string:1-85> | simple <plain:string:1-40> }",
		feature.Keep{Place: placeSecret, Undo: "sa hex-key authentication { inbound | outbound } { ah | esp }"}),
	texts.Keep("ipsec-profile", "sa hex-key encryption { inbound | outbound } esp { cipher <cipher:string:1-117> | simple <plain:string:1-64> }",
		feature.Keep{Place: placeSecret, Undo: "sa hex-key encryption { inbound | outbound } esp"}),
}
