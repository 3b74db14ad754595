package ikev2

import "cwlab/comware/feature"

// Places of the lines that nothing acts on: there are no VPN instances, no AAA
// and no configuration payloads here.
const (
	placeAAA      = 1
	placeExchange = 25
	placeInside   = 45
	placeVRF      = 65
)

var keptCommands = []feature.Command{
	texts.Keep("ikev2-profile", "aaa authorization domain <domain:string:1-255> username <user:string:1-55>", feature.Keep{Place: placeAAA, Undo: "aaa authorization"}),
	texts.Keep("ikev2-profile", "config-exchange request", feature.Keep{Place: placeExchange}),
	texts.Keep("ikev2-profile", "config-exchange set { accept | send }", feature.Keep{Place: placeExchange}),
	texts.Keep("ikev2-profile", "inside-vrf <vrf:string:1-31>", feature.Keep{Place: placeInside, Undo: "inside-vrf"}),
	texts.Keep("ikev2-profile ikev2-policy", "match vrf { any | name <vrf:string:1-31> }", feature.Keep{Place: placeVRF, Undo: "match vrf"}),
}
