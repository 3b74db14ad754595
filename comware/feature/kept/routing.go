package kept

import "cwlab/comware/feature"

// routing is "IP routing basics", "Routing policy", "PBR" and the VPN instances
// of "MPLS L3VPN" of the command references.
var routing = module{
	views: []feature.View{
		{Name: "vpn-instance", Parent: "system", Title: "VPN instance"},
		{Name: "vpn-ipv4", Parent: "vpn-instance", Title: "IPv4 VPN"},
		{Name: "vpn-ipv6", Parent: "vpn-instance", Title: "IPv6 VPN"},
		{Name: "rib", Parent: "system", Title: "RIB"},
		{Name: "rib-ipv4", Parent: "rib", Title: "RIB IPv4"},
		{Name: "rib-ipv6", Parent: "rib", Title: "RIB IPv6"},
		{Name: "route-policy", Parent: "system", Title: "Route policy"},
		{Name: "pbr-node", Parent: "system", Title: "PBR node"},
		{Name: "pbr6-node", Parent: "system", Title: "IPv6 PBR node"},
	},
	parts: []part{
		{views: "system", place: placeVPN, lines: `
			ip vpn-instance <vpn:string:1-31> -> = >> vpn-instance vpn-instance-<vpn>`},
		{views: "vpn-instance", lines: `
			description <text:text:1-79>
			route-distinguisher <rd:string:3-21>
			vpn-id <id:string:3-15>
			reserve-vlan <vlan:1-4094>
			snmp context-name <context:string:1-32>`},
		{views: "vpn-instance vpn-ipv4 vpn-ipv6", place: 10, lines: `
			export route-policy <policy:string:1-63>
			import route-policy <policy:string:1-63>
			routing-table limit <limit:1-4294967295> { <percent:1-100> | simply-alert } -> routing-table limit
			tnl-policy <tunnel:string:1-19>
			vpn-target <target:string:3-21> &<1-8> [ both | export-extcommunity | import-extcommunity ] -> vpn-target <target> &<1-8> [ both | export-extcommunity | import-extcommunity ]`},
		{views: "vpn-instance", place: 20, lines: `
			address-family ipv4 -> = >> vpn-ipv4 vpn-ipv4-^
			address-family ipv6 -> = >> vpn-ipv6 vpn-ipv6-^`},
		{views: layer3, place: placeBinding, lines: `
			ip binding vpn-instance <vpn:string:1-31> -> ip binding vpn-instance`},
		{views: "system", place: placeRouterID, lines: `
			router id <id:ip>
			max-ecmp-num <number:1-64>
			ecmp mode enhanced -> ecmp mode
			ipv6 ecmp mode enhanced -> ipv6 ecmp mode
			ip load-sharing mode { per-flow [ dest-ip | dest-port | ip-pro | src-ip | src-port ] * | per-packet } [ global ] -> ip load-sharing mode
			ip load-sharing local-first enable
			ip fast-forwarding load-sharing !
			ip fast-forwarding aging-time <seconds:10-300>
			rib -> = >> rib rib`},
		{views: "system", place: feature.PlaceStaticRoute, lines: `
			ip route-static vpn-instance <vpn:string:1-31> <destination:ip> <mask:mask> { <interface:interface> [ <address:ip> ] | <address:ip> [ public ] | vpn-instance <of:string:1-31> <address:ip> } [ bfd { control-packet | echo-packet } | permanent | track <track:1-1024> ] [ preference <distance:1-255> ] [ tag <tag:1-4294967295> ] [ description <text:text:1-60> ] -> ip route-static vpn-instance <vpn> <destination> <mask> [ <interface> ] [ <address> ]`},
		{views: "rib", lines: `
			address-family ipv4 -> = >> rib-ipv4 rib-ipv4
			address-family ipv6 -> = >> rib-ipv6 rib-ipv6`},
		{views: "rib-ipv4 rib-ipv6", lines: `
			fib lifetime <seconds:0-6000>
			non-stop-routing
			protocol { bgp | direct | isis | ospf | ospfv3 | rip | ripng | static } lifetime <seconds:1-6000> -> protocol { bgp | direct | isis | ospf | ospfv3 | rip | ripng | static } lifetime`},
		{views: "system", place: placePolicy, lines: `
			route-policy <policy:string:1-63> { deny | permit } node <node:0-65535> -> route-policy <policy> [ deny | permit ] [ node <node> ] >> route-policy route-policy-<policy>-<node>`},
		{views: "route-policy", lines: `
			if-match as-path <number:1-256> &<1-32> -> if-match as-path
			if-match community { <number:1-199> | name <name:string:1-63> } [ whole-match ] -> if-match community
			if-match cost <cost:0-4294967295>
			if-match extcommunity <number:1-199> &<1-32> -> if-match extcommunity
			if-match interface <interface:interface> &<1-16> -> if-match interface
			if-match ip { address | next-hop | route-source } { acl <acl:2000-3999> | prefix-list <list:string:1-63> } -> if-match ip { address | next-hop | route-source } [ acl | prefix-list ]
			if-match ipv6 { address | next-hop | route-source } { acl <acl:2000-3999> | prefix-list <list:string:1-63> } -> if-match ipv6 { address | next-hop | route-source } [ acl | prefix-list ]
			if-match local-preference <preference:0-4294967295>
			if-match mac-list <list:string:1-63>
			if-match route-type { external-type1 | external-type1or2 | external-type2 | internal | is-is-level-1 | is-is-level-2 | nssa-external-type1 | nssa-external-type1or2 | nssa-external-type2 } *
			if-match tag <tag:0-4294967295>
			if-match vlan <vlan:string:1-127>
			apply as-path <as:1-4294967295> &<1-32> [ replace ] -> apply as-path
			apply comm-list <list:string:1-63> delete -> apply comm-list
			apply community { none | additive | { <community:string:1-21> &<1-32> | internet | no-advertise | no-export | no-export-subconfed } * [ additive ] }
			apply cost <cost:0-4294967295>
			apply cost-type { external | internal | type-1 | type-2 }
			apply extcommunity { rt <target:string:3-21> } &<1-32> [ additive ] -> apply extcommunity
			apply fast-reroute { backup-interface <interface:interface> [ backup-nexthop <address:ip> ] | backup-nexthop <address:ip> }
			apply ip-address next-hop <address:ip> [ public | vpn-instance <vpn:string:1-31> ] -> apply ip-address next-hop
			apply ip-precedence { <precedence:0-7> | clear }
			apply ipv6 next-hop <six:ipv6>
			apply isis { level-1 | level-1-2 | level-2 }
			apply local-preference <preference:0-4294967295>
			apply origin { egp <as:1-4294967295> | igp | incomplete }
			apply preference <distance:1-255>
			apply preferred-value <preferred:0-65535>
			apply prefix-priority { critical | high | medium }
			apply qos-local-id { <local-id:1-4095> | clear }
			apply tag <tag:0-4294967295>
			apply traffic-index { <index:1-64> | clear }
			continue [ <next:0-65535> ]`},
		{views: "system", place: placePolicy + 1, lines: `
			ip prefix-list <list:string:1-63> [ index <index:1-65535> ] { deny | permit } <address:ip> <length:0-32> [ greater-equal <min:0-32> ] [ less-equal <max:0-32> ] -> ip prefix-list <list> [ index <index> ]
			ipv6 prefix-list <list:string:1-63> [ index <index:1-65535> ] { deny | permit } <six:ipv6> <prefix:0-128> [ greater-equal <min-prefix:0-128> ] [ less-equal <max-prefix:0-128> ] -> ipv6 prefix-list <list> [ index <index> ]
			ip as-path <number:1-256> { deny | permit } <expression:text:1-63> -> ip as-path <number> [ { deny | permit } <expression> ]
			ip community-list { <number:1-99> | basic <name:string:1-63> } { deny | permit } [ <community:string:1-21> &<1-32> | internet | no-advertise | no-export | no-export-subconfed ] * -> ip community-list { <number> | basic <name> } [ { deny | permit } [ <community> &<1-32> | internet | no-advertise | no-export | no-export-subconfed ] * ]
			ip community-list { <advanced:100-199> | advanced <name:string:1-63> } { deny | permit } <expression:text:1-63> -> ip community-list { <advanced> | advanced <name> } [ { deny | permit } <expression> ]
			ip extcommunity-list <number:1-199> { deny | permit } { rt <target:string:3-21> | soo <site:string:3-21> } -> ip extcommunity-list <number> [ { deny | permit } { rt <target> | soo <site> } ]
			mac-list <list:string:1-63> [ index <index:1-65535> ] { deny | permit } <mac:mac> [ <bits:0-48> ] -> mac-list <list> [ index <index> ]`},
		{views: "system", place: placePBR, lines: `
			policy-based-route <policy:string:1-19> [ deny | permit ] node <node:0-65535> -> policy-based-route <policy> [ node <node> ] >> pbr-node pbr-<policy>-<node>
			ipv6 policy-based-route <policy:string:1-19> [ deny | permit ] node <node:0-65535> -> ipv6 policy-based-route <policy> [ node <node> ] >> pbr6-node pbr6-<policy>-<node>`},
		{views: "pbr-node pbr6-node", lines: `
			if-match acl { <acl:2000-3999> | name <name:string:1-63> }
			if-match packet-length <min-length:1-65535> <max-length:1-65535>
			if-match app-group <group:string:1-63> &<1-6> -> if-match app-group
			if-match object-group { address <object:string:1-31> | service <service:string:1-31> } * -> if-match object-group
			apply access-vpn vpn-instance <vpn:string:1-31> &<1-6> -> apply access-vpn
			apply continue
			apply ip-df <df:0-1>
			apply loadshare { default-next-hop | default-output-interface | next-hop | output-interface } -> =
			apply precedence { <precedence:0-7> | critical | flash | flash-override | immediate | internet | network | priority | routine }`},
		{views: "pbr-node", place: 30, lines: `
			apply default-next-hop [ vpn-instance <vpn:string:1-31> | inbound-vpn ] { <address:ip> [ direct ] [ track <track:1-1024> ] } &<1-4> -> apply default-next-hop [ [ vpn-instance <vpn> | inbound-vpn ] <address> &<1-4> ]
			apply default-output-interface { <interface:interface> [ track <track:1-1024> ] } &<1-4> -> apply default-output-interface [ <interface> &<1-4> ]
			apply next-hop [ vpn-instance <vpn:string:1-31> | inbound-vpn ] { <address:ip> [ direct ] [ track <track:1-1024> ] [ weight <weight:1-100> ] } &<1-4> -> apply next-hop [ [ vpn-instance <vpn> | inbound-vpn ] <address> &<1-4> ]
			apply output-interface { <interface:interface> [ track <track:1-1024> ] } &<1-4> -> apply output-interface [ <interface> &<1-4> ]`},
		{views: "pbr6-node", place: 30, lines: `
			apply next-hop [ vpn-instance <vpn:string:1-31> | inbound-vpn ] { <six:ipv6> [ direct ] [ track <track:1-1024> ] } &<1-4> -> apply next-hop
			apply output-interface { <interface:interface> [ track <track:1-1024> ] } &<1-4> -> apply output-interface [ <interface> &<1-4> ]`},
		{views: "system", place: placePBR + 1, lines: `
			ip local policy-based-route <policy:string:1-19> -> ip local policy-based-route
			ipv6 local policy-based-route <policy:string:1-19> -> ipv6 local policy-based-route`},
		{views: layer3, place: placePBRLines, lines: `
			ip policy-based-route <policy:string:1-19>
			ipv6 policy-based-route <policy:string:1-19>`},
	},
	texts: `
		address-family=Address family of the VPN instance or the RIB
		description=Describe the VPN instance
		router=Router of this device
		import=Routes that come into the VPN instance
		export=Routes that leave the VPN instance
		default-next-hop=Next hop for packets without another route
		ip=Internet Protocol
		internal=Internal type
		external=External type
		<length>=Mask length
		<group>=Name of an application group
		<number>=Number of the list
		<name>=Name of the list
		<limit>=Number of routes
		<of>=VPN instance of the next hop
		<destination>=Destination address`,
}
