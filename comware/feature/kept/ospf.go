package kept

import (
	"strconv"
	"strings"

	"cwlab/comware/feature"
)

// ospf is "OSPF" (version 2) of the routing command reference.
var ospf = module{
	views: []feature.View{
		{Name: "ospf", Parent: "system", Title: "OSPF"},
		{Name: "ospf-area", Parent: "ospf", Title: "OSPF area"},
	},
	parts: []part{
		{views: "system", place: placeOSPF, means: numbered("ospf"), lines: `
			ospf [ <process:1-65535> ] [ router-id <id:ip> | vpn-instance <vpn:string:1-31> ] * -> ospf [ <process> ] >> ospf ospf-$2`},
		{views: "system", place: placeOSPF, lines: `
			ospf mib-binding <process:1-65535>`},
		{views: "ospf", lines: `
			description <text:text:1-80>
			bandwidth-reference <mbps:1-4294967>
			default { cost <cost:0-16777214> | tag <tag:0-4294967295> | type <kind:1-2> } *
			default-route-advertise [ [ always | permit-calculate-other ] | cost <cost:0-16777214> | route-policy <policy:string:1-63> | type <kind:1-2> | summary ] *
			discard-route { external { <preference:1-255> | suppression } | internal { <preference:1-255> | suppression } } *
			dscp <dscp:0-63>
			enable link-local-signaling
			enable out-of-band-resynchronization
			event-log { lsa-flush | peer | spf } size <count:0-65535> -> event-log { lsa-flush | peer | spf } size
			fast-reroute { lfa [ abr-only ] | route-policy <policy:string:1-63> }
			filter-policy { <acl:2000-3999> | prefix-list <list:string:1-63> } export [ bgp | direct | { isis | ospf | rip } [ <process:1-65535> ] | static ] -> filter-policy export [ bgp | direct | { isis | ospf | rip } [ <process> ] | static ]
			filter-policy { <acl:2000-3999> [ gateway <gateway:string:1-63> ] | gateway <gateway:string:1-63> | prefix-list <list:string:1-63> [ gateway <gateway:string:1-63> ] | route-policy <policy:string:1-63> } import -> filter-policy import
			graceful-restart [ ietf | nonstandard ] [ global | planned-only ] *
			graceful-restart helper enable [ planned-only ] -> graceful-restart helper enable
			graceful-restart helper strict-lsa-checking
			graceful-restart interval <seconds:40-1800>
			import-route { bgp [ allow-ibgp ] | direct | { isis | ospf | rip } [ <process:1-65535> | all-processes ] | static } [ allow-direct | cost <cost:0-16777214> | nssa-only | route-policy <policy:string:1-63> | tag <tag:0-4294967295> | type <kind:1-2> ] * -> import-route { bgp | direct | { isis | ospf | rip } [ <process> | all-processes ] | static }
			ispf enable !
			log-peer-change !
			lsa-arrival-interval <milliseconds:0-60000>
			lsa-generation-interval <maximum:1-60> [ <minimum:10-60000> [ <step:10-60000> ] ]
			lsdb-overflow-interval <seconds:0-2147483647>
			lsdb-overflow-limit <number:1-1000000>
			maximum load-balancing <number:1-64>
			non-stop-routing
			opaque-capability enable !
			peer <address:ip> [ cost <cost:1-65535> | dr-priority <priority:0-255> ] -> peer <address>
			pic [ additional-path-always ]
			preference [ ase ] { <preference:1-255> | route-policy <policy:string:1-63> } * -> preference [ ase ]
			prefix-priority route-policy <policy:string:1-63>
			prefix-suppression
			rfc1583 compatible !
			silent-interface { <interface:interface> | all } -> =
			snmp trap rate-limit interval <seconds:2-60> count <count:0-300> -> snmp trap rate-limit
			spf-schedule-interval <maximum:1-60> [ <minimum:10-60000> [ <step:10-60000> ] ]
			stub-router [ external-lsa [ <metric:1-16777215> ] | include-stub | on-startup { <seconds:5-86400> | wait-for-bgp [ <seconds:5-86400> ] } | summary-lsa [ <metric:1-16777215> ] ] *
			transmit-pacing interval <milliseconds:10-1000> count <count:1-200> -> transmit-pacing
			vpn-instance-capability simple -> vpn-instance-capability
			route-tag <tag:0-4294967295>
			domain-id <domain:string:1-21> [ secondary ] -> domain-id <domain>
			asbr-summary <address:ip> <mask:mask> [ cost <cost:1-16777214> | not-advertise | nssa-only | tag <tag:0-4294967295> ] * -> asbr-summary <address> <mask>`},
		{views: "ospf", place: 100, means: area, lines: `
			area <area:string:1-15> -> = >> ospf-area ^-area-$2`},
		{views: "ospf-area", lines: `
			description <text:text:1-80>
			abr-summary <address:ip> <mask:mask> [ advertise | not-advertise ] [ cost <cost:1-16777215> ] -> abr-summary <address> <mask>
			authentication-mode { { hmac-md5 | md5 } <key:0-255> { cipher <secret:string:1-201> | plain <plain:string:1-16> } | simple { cipher <secret:string:1-201> | plain <plain:string:1-8> } } -> authentication-mode [ { hmac-md5 | md5 } <key> ]
			default-cost <cost:0-16777214>
			filter { <acl:2000-3999> | prefix-list <list:string:1-63> | route-policy <policy:string:1-63> } { export | import } -> filter { export | import }
			host-advertise <address:ip> <cost:1-65535> -> host-advertise <address>
			network <address:ip> <wildcard:wildcard> -> =
			nssa [ default-route-advertise [ cost <cost:0-16777214> | nssa-only | route-policy <policy:string:1-63> | type <kind:1-2> ] * | no-import-route | no-summary | suppress-fa | [ translate-always | translate-never ] | translator-stability-interval <seconds:0-900> ] *
			stub [ default-route-advertise-always | no-summary ] *
			vlink-peer <id:ip> [ dead <seconds:1-32768> | hello <hello:1-8192> | { { hmac-md5 | md5 } <key:0-255> { cipher <secret:string:1-201> | plain <plain:string:1-16> } | simple { cipher <secret:string:1-201> | plain <plain:string:1-8> } } | retransmit <retransmit:1-3600> | trans-delay <delay:1-3600> ] * -> vlink-peer <id>`},
		{views: layer3, place: placeOSPFLines, lines: `
			ospf <process:1-65535> area <area:string:1-15> [ exclude-subip ] -> ospf <process> area
			ospf authentication-mode { { hmac-md5 | md5 } <key:0-255> { cipher <secret:string:1-201> | plain <plain:string:1-16> } | simple { cipher <secret:string:1-201> | plain <plain:string:1-8> } } -> ospf authentication-mode { { hmac-md5 | md5 } <key> | simple }
			ospf bfd enable [ echo ] -> ospf bfd enable
			ospf cost <cost:0-65535>
			ospf dr-priority <priority:0-255>
			ospf fast-reroute lfa-backup !
			ospf mtu-enable
			ospf network-type { broadcast | nbma | p2mp [ unicast ] | p2p [ peer-address-check ] }
			ospf prefix-suppression [ disable ]
			ospf primary-path-detect bfd { ctrl | echo } -> ospf primary-path-detect bfd
			ospf timer dead <seconds:1-65535>
			ospf timer hello <hello:1-65535>
			ospf timer poll <seconds:1-65535>
			ospf timer retransmit <retransmit:1-3600>
			ospf trans-delay <delay:1-3600>`},
	},
	texts: `
		advertise=Advertise the summary
		<area>=Area ID as a number or in dotted decimal notation
		default-cost=Cost of the default route sent to a stub or NSSA area
		dr-priority=Router priority for the election of the designated router
		simple=Simple password, or a simple MPLS capability
		type=Type of the external route
		<kind>=1 or 2`,
}

// numbered gives a process that was named without a number the number 1.
func numbered(keyword string) func(string) string {
	return func(line string) string {
		rest := strings.TrimPrefix(line, keyword)
		if f := strings.Fields(rest); len(f) > 0 {
			if _, err := strconv.Atoi(f[0]); err == nil {
				return line
			}
		}
		return keyword + " 1" + rest
	}
}

// area writes an area ID as a dotted address.
func area(line string) string {
	word := strings.TrimPrefix(line, "area ")
	n, err := strconv.ParseUint(word, 10, 32)
	if err != nil {
		return line
	}
	return "area " + dotted(uint32(n))
}

func dotted(n uint32) string {
	var b []string
	for shift := 24; shift >= 0; shift -= 8 {
		b = append(b, strconv.Itoa(int(n>>shift&0xff)))
	}
	return strings.Join(b, ".")
}
