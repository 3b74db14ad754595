package zone

import (
	"slices"

	"cwlab/comware/feature"
)

var keptTexts = feature.Texts{
	"<conditions>":     "Conditions of the rule",
	"accelerate":       "Accelerate the lookup of the rules",
	"apply":            "Apply a policy",
	"object-policy":    "Object policy",
	"<address>":        "IPv6 address",
	"<from>":           "First VLAN",
	"<group>":          "Group name",
	"<hours>":          "Aging time in hours",
	"<id>":             "Rule ID",
	"<interface>":      "Layer 2 interface",
	"<ip>":             "IPv4 address",
	"<mask>":           "Mask or mask length",
	"<name>":           "Name",
	"<number>":         "Number",
	"<prefix>":         "Prefix length",
	"<text>":           "Up to 127 characters",
	"<to>":             "Last VLAN",
	"action":           "Action of the rule",
	"aging-time":       "Aging time",
	"application":      "Specify an application",
	"counting":         "Count matching packets",
	"description":      "Describe the rule",
	"destination-ip":   "Specify a destination address object group",
	"destination-zone": "Specify a destination security zone",
	"disable":          "Disable the rule",
	"drop":             "Drop packets",
	"enable":           "Enable the function",
	"import":           "Add a member",
	"interface":        "Specify an interface",
	"ip":               "Specify a subnet",
	"ipv6":             "IPv6",
	"logging":          "Log matching packets",
	"name":             "Specify the name",
	"pass":             "Permit packets",
	"persistent":       "Persistent sessions",
	"profile":          "Specify a DPI application profile",
	"rule":             "Security policy rule",
	"security-policy":  "Security policy",
	"service":          "Specify a service",
	"session":          "Sessions of the rule",
	"source-ip":        "Specify a source address object group",
	"source-mac":       "Specify a source MAC address object group",
	"source-zone":      "Specify a source security zone",
	"time-range":       "Specify a time range",
	"to":               "Specify the last VLAN",
	"vlan":             "Specify VLANs",
}

func kept(views, syntax string, place int, undo string) feature.Command {
	return keptTexts.Keep(views, syntax, feature.Keep{Place: place, Undo: undo})
}

// keptCommands are known, and nothing acts on them: policies of IPv6, members
// of zones that are no layer 3 interfaces, and what rules say of applications
// and users.
var keptCommands = func() []feature.Command {
	const rule6 = "security-policy-ipv6-rule"
	all := []feature.Command{
		keptTexts.Keep("system", "security-policy ipv6", feature.Keep{Place: feature.PlaceSecurityPolicy + 1, Opens: "security-policy-ipv6", Label: "security-policy-ipv6"}),
		keptTexts.Keep("security-policy-ipv6", "rule <id:0-65534> name <name:string:1-127>", feature.Keep{Undo: "rule <id>", Opens: rule6, Label: "security-policy-ipv6-<id>-<name>"}),
		kept("security-zone", "import interface <interface:interface> vlan <from:1-4094> [ to <to:1-4094> ]", 1, "import interface <interface> vlan <from> [ to <to> ]"),
		kept("security-zone", "import vlan <from:1-4094> [ to <to:1-4094> ]", 2, "import vlan <from> [ to <to> ]"),
		kept("security-zone", "import ip <ip:ip> <mask:mask>", 3, "import ip <ip> <mask>"),
		kept("security-zone", "import ipv6 <address:ipv6> <prefix:1-128>", 4, "import ipv6 <address> <prefix>"),
	}
	all = append(all,
		keptTexts.Keep("system", "object-policy ipv6 <name:string:1-63>", feature.Keep{Place: feature.PlaceObjectGroup + 11, Undo: "object-policy ipv6 <name>", Opens: "object-policy-ipv6", Label: "object-policy-ipv6-<name>"}),
		kept("object-policy-ipv6", "rule <id:0-65534> { drop | pass } [ <conditions:text:1-255> ]", 10, "rule <id>"),
		kept("object-policy-ip object-policy-ipv6", "accelerate", 2, ""),
		kept("object-policy-ipv6", "description <text:text:1-127>", 1, ""),
		kept("zone-pair", "object-policy apply ipv6 <name:string:1-63>", 21, "object-policy apply ipv6 <name>"),
	)
	for i, line := range [][2]string{
		{"action { pass | drop }", "action"}, {"description <text:text:1-127>", "description"}, {"disable", "disable"},
		{"logging enable", "logging enable"}, {"counting enable", "counting enable"},
		{"source-zone <name:string:1-31>", "source-zone <name>"}, {"destination-zone <name:string:1-31>", "destination-zone <name>"},
		{"source-ip <name:string:1-63>", "source-ip <name>"}, {"destination-ip <name:string:1-63>", "destination-ip <name>"},
		{"service <name:string:1-63>", "service <name>"}, {"time-range <name:string:1-32>", "time-range"},
	} {
		all = append(all, kept(rule6, line[0], i, line[1]))
	}
	for i, line := range [][2]string{
		{"profile <name:string:1-63>", "profile"},
		{"session persistent aging-time <hours:0-24000>", "session persistent aging-time"},
		{"application <name:string:1-63>", "application <name>"}, {"source-mac <name:string:1-63>", "source-mac <name>"},
	} {
		all = append(all, kept("security-policy-rule "+rule6, line[0], 50+i, line[1]))
	}
	return slices.Clip(all)
}()
