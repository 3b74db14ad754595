package kept

import (
	"strings"

	"cwlab/comware/feature"
)

// The peers of a command: one by its address, or a group by its name.
const peers = "{ <address:ip> [ <length:0-32> ] | <six:ipv6> [ <prefix:0-128> ] | <group:string:1-47> }"

// bgp is "BGP" of the routing command reference.
var bgp = module{
	views: []feature.View{
		{Name: "bgp", Parent: "system", Title: "BGP"},
		{Name: "bgp-vpn", Parent: "bgp", Title: "BGP-VPN instance"},
		{Name: "bgp-ipv4", Parent: "bgp", Title: "BGP IPv4 unicast"},
		{Name: "bgp-ipv6", Parent: "bgp", Title: "BGP IPv6 unicast"},
		{Name: "bgp-vpn-ipv4", Parent: "bgp-vpn", Title: "BGP-VPN IPv4 unicast"},
		{Name: "bgp-vpn-ipv6", Parent: "bgp-vpn", Title: "BGP-VPN IPv6 unicast"},
	},
	parts: []part{
		{views: "system", place: placeBGP, lines: `
			bgp <as:string:1-10> [ instance <name:string:1-31> ] -> bgp [ <as> [ instance <name> ] ] >> bgp bgp-default`},
		{views: "bgp bgp-vpn", lines: `
			router-id { <id:ip> | auto-select } -> router-id
			confederation id <as:1-4294967295>
			confederation nonstandard
			confederation peer-as <as:1-4294967295> &<1-32> -> confederation peer-as
			ebgp-interface-sensitive !
			graceful-restart
			graceful-restart timer purge-time <seconds:1-6000>
			graceful-restart timer restart <seconds:3-600>
			graceful-restart timer wait-for-rib <seconds:3-600>
			ignore-first-as
			log-peer-change !
			non-stop-routing
			primary-path-detect bfd { ctrl | echo } -> primary-path-detect bfd
			timer keepalive <keepalive:0-21845> hold <hold:0-65535> -> timer
			group <group:string:1-47> [ external | internal ] -> group <group>`},
		{views: "bgp bgp-vpn", place: 50, same: true, lines: peerLines(`
			peer PEERS as-number <as:1-4294967295>
			peer PEERS bfd [ multi-hop | single-hop ]
			peer PEERS capability-advertise conventional
			peer PEERS capability-advertise route-refresh
			peer PEERS capability-advertise suppress-4-byte-as
			peer PEERS connect-interface <interface:interface>
			peer PEERS description <text:text:1-79>
			peer PEERS ebgp-max-hop [ <hops:1-255> ]
			peer PEERS fake-as <as:1-4294967295>
			peer PEERS group <of:string:1-47> [ as-number <as:1-4294967295> ]
			peer PEERS ignore
			peer PEERS ignore-originatorid
			peer PEERS ipsec-profile <profile:string:1-63>
			peer PEERS log-change
			peer PEERS low-memory-exempt
			peer PEERS password { cipher <secret:string:1-137> | simple <plain:string:1-80> }
			peer PEERS route-update-interval <seconds:0-600>
			peer PEERS source-address { <source:ip> | <source6:ipv6> }
			peer PEERS substitute-as
			peer PEERS timer keepalive <keepalive:0-21845> hold <hold:0-65535>
			peer PEERS ttl-security hops <hops:1-254>`)},
		{views: "bgp", place: 100, lines: `
			address-family ipv4 [ unicast ] -> = >> bgp-ipv4 ^-ipv4
			address-family ipv6 [ unicast ] -> = >> bgp-ipv6 ^-ipv6`},
		{views: "bgp", place: 200, lines: `
			ip vpn-instance <vpn:string:1-31> -> = >> bgp-vpn ^-<vpn>`},
		{views: "bgp-vpn", place: 100, lines: `
			address-family ipv4 [ unicast ] -> = >> bgp-vpn-ipv4 ^-ipv4
			address-family ipv6 [ unicast ] -> = >> bgp-vpn-ipv6 ^-ipv6`},
		{views: families, lines: `
			advertise-rib-active
			balance [ ebgp | eibgp | ibgp ] <number:1-64> -> balance [ ebgp | eibgp | ibgp ]
			balance as-path-neglect
			bestroute as-path-neglect
			bestroute compare-med
			bestroute med-confederation
			compare-different-as-med
			dampening [ <reachable:1-45> <unreachable:1-45> <reuse:1-20000> <suppress:1-20000> <ceiling:1001-20000> | route-policy <policy:string:1-63> ]
			default local-preference <preference:0-4294967295>
			default med <med:0-4294967295>
			default-route imported
			fast-reroute route-policy <policy:string:1-63>
			filter-policy { <acl:2000-3999> | prefix-list <list:string:1-63> } export [ direct | { isis | ospf | rip } <process:1-65535> | static ] -> filter-policy export [ direct | { isis | ospf | rip } <process> | static ]
			filter-policy { <acl:2000-3999> | prefix-list <list:string:1-63> } import -> filter-policy import
			import-route { direct | { isis | isisv6 | ospf | ospfv3 | rip | ripng } [ <process:1-65535> | all-processes ] | static } [ allow-direct | med <med:0-4294967295> | route-policy <policy:string:1-63> ] * -> import-route { direct | { isis | isisv6 | ospf | ospfv3 | rip | ripng } [ <process> | all-processes ] | static }
			pic
			preference { <external:1-255> <internal:1-255> <local:1-255> | route-policy <policy:string:1-63> }
			reflect between-clients !
			reflector cluster-id { <cluster:1-4294967295> | <id:ip> } -> reflector cluster-id
			summary automatic`},
		{views: "bgp-ipv4 bgp-vpn-ipv4", place: 40, same: true, lines: `
			aggregate <network:ip> <mask:mask> [ as-set | attribute-policy <attribute:string:1-63> | detail-suppressed | origin-policy <origin:string:1-63> | suppress-policy <suppressed:string:1-63> ] * -> aggregate <network> <mask>
			network <network:ip> [ <mask:mask> ] [ route-policy <policy:string:1-63> ] -> network <network> [ <mask> ]
			network <network:ip> [ <mask:mask> ] short-cut -> network <network> [ <mask> ] short-cut`},
		{views: "bgp-ipv6 bgp-vpn-ipv6", place: 40, same: true, lines: `
			aggregate <network:ipv6> <prefix:0-128> [ as-set | attribute-policy <attribute:string:1-63> | detail-suppressed | origin-policy <origin:string:1-63> | suppress-policy <suppressed:string:1-63> ] * -> aggregate <network> <prefix>
			network <network:ipv6> <prefix:0-128> [ route-policy <policy:string:1-63> ] -> network <network> <prefix>
			network <network:ipv6> <prefix:0-128> short-cut -> network <network> <prefix> short-cut`},
		{views: families, place: 60, same: true, lines: peerLines(`
			peer PEERS enable
			peer PEERS advertise-community
			peer PEERS advertise-ext-community
			peer PEERS allow-as-loop [ <number:1-10> ]
			peer PEERS as-path-acl <list:1-256> { export | import } -> peer { <address> | <six> | <group> } as-path-acl { export | import }
			peer PEERS default-route-advertise [ route-policy <policy:string:1-63> ]
			peer PEERS filter-policy <acl:2000-3999> { export | import } -> peer { <address> | <six> | <group> } filter-policy { export | import }
			peer PEERS keep-all-routes
			peer PEERS label-route-capability
			peer PEERS next-hop-local
			peer PEERS preferred-value <preferred:0-65535>
			peer PEERS prefix-list <list:string:1-63> { export | import } -> peer { <address> | <six> | <group> } prefix-list { export | import }
			peer PEERS public-as-only
			peer PEERS reflect-client
			peer PEERS route-limit <limit:1-2147483647> [ { alert-only | discard | reconnect <seconds:1-65535> } | <percent:1-100> ] *
			peer PEERS route-policy <policy:string:1-63> { export | import } -> peer { <address> | <six> | <group> } route-policy { export | import }
			peer PEERS soo <site:string:3-21>`)},
	},
	texts: `
		external=External group, of several autonomous systems
		internal=Internal group, of this autonomous system
		<external>=Preference of EBGP routes
		<internal>=Preference of IBGP routes
		<local>=Preference of local routes
		<reuse>=Value below which a route is used again
		<suppress>=Value above which a route is suppressed
		<source6>=Source IPv6 address
		<group>=Name of a peer group
		<of>=Name of the group that the peer joins
		<length>=Mask length of dynamic peers
		<prefix>=Prefix length
		<list>=Number or name of the list
		summary=Summarize subnets of imported routes
		default=Default values of route attributes
		timer=Timers of BGP sessions
		network=Advertise a network of the routing table
		<network>=Network address
		<seconds>=Time in seconds
		reflect=Let the route reflector pass routes between its clients
		description=Describe the peer
		bfd=Detect the link to the peer by BFD
		ignore=Disable the session to the peer
		enable=Exchange routes of this address family with the peer
		bgp=Border Gateway Protocol
		group=Peer group`,
}

const families = "bgp-ipv4 bgp-ipv6 bgp-vpn-ipv4 bgp-vpn-ipv6"

// peerLines writes the peers out, and the undo form of each line: the peer and
// the keywords behind it.
func peerLines(lines string) string {
	var all []string
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		rest := strings.TrimPrefix(strings.TrimSpace(line), "peer PEERS ")
		line = "peer " + peers + " " + rest
		if !strings.Contains(rest, " -> ") {
			line += " -> peer { <address> | <six> | <group> }"
			for _, w := range strings.Fields(rest) {
				if strings.ContainsAny(w, "<{[") {
					break
				}
				line += " " + w
			}
		}
		all = append(all, line)
	}
	return strings.Join(all, "\n")
}
