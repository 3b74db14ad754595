package kept

import "cwlab/comware/feature"

// ipv6 is "IPv6 basics", "IPv6 static routing", "OSPFv3" of an interface, and
// address translation between IPv4 and IPv6.
var ipv6 = module{
	views: []feature.View{{Name: "dhcp6-pool", Parent: "system", Title: "DHCPv6 pool"}},
	parts: []part{
		{views: layer3, place: placeIPv6Lines, same: true, lines: `
			ipv6 address <six:string:2-50> [ <prefix:1-128> ] [ anycast | eui-64 ] -> ipv6 address <six> [ <prefix> ]
			ipv6 address <pd:1-1024> <six:string:3-50> -> ipv6 address <pd> <six>
			ipv6 address auto
			ipv6 address auto link-local
			ipv6 address <six:string:2-50> link-local -> =
			ipv6 address dhcp-alloc [ option-group <group:1-100> | rapid-commit ] * -> ipv6 address dhcp-alloc`},
		{views: layer3, place: placeIPv6Lines + 1, lines: `
			ipv6 mtu <bytes:1280-10240>
			ipv6 nd autoconfig managed-address-flag
			ipv6 nd autoconfig other-flag
			ipv6 nd dad attempts <number:0-600>
			ipv6 nd ns retrans-timer <milliseconds:1000-4294967295>
			ipv6 nd nud reachable-time <milliseconds:1-3600000>
			ipv6 nd ra halt !
			ipv6 nd ra hop-limit unspecified
			ipv6 nd ra interval <max-interval:4-1800> <min-interval:3-1350>
			ipv6 nd ra no-advlinkmtu
			ipv6 nd ra prefix default <valid:0-4294967295> <preferred:0-4294967295> [ no-autoconfig | off-link ] * -> ipv6 nd ra prefix default
			ipv6 nd ra prefix <six:string:2-50> [ <prefix:1-128> ] <valid:0-4294967295> <preferred:0-4294967295> [ no-autoconfig | off-link ] * -> ipv6 nd ra prefix <six> [ <prefix> ]
			ipv6 nd ra router-lifetime <seconds:0-9000>
			ipv6 nd router-preference { high | low | medium }
			ipv6 neighbors max-learning-num <number:1-65536>
			proxy-nd enable
			local-proxy-nd enable
			ipv6 dhcp client pd <pd:1-1024> [ option-group <group:1-100> | rapid-commit ] * -> ipv6 dhcp client pd
			ipv6 dhcp client stateless enable
			ipv6 dhcp select { relay | server }
			ipv6 dhcp relay server-address <six:ipv6> [ interface <interface:interface> ] -> ipv6 dhcp relay server-address <six>
			ipv6 dhcp server apply pool <pool:string:1-63> [ allow-hint | preference <preference:0-255> | rapid-commit ] * -> ipv6 dhcp server apply pool
			ospfv3 <process:1-65535> area <area:string:1-15> [ instance <instance:0-255> ] -> ospfv3 <process> area
			ospfv3 cost <cost:1-65535>
			nat64 enable
			ipv6 urpf { loose | strict } [ allow-default-route ] [ acl <acl:2000-3999> ] -> ipv6 urpf
			ip urpf { loose | strict } [ allow-default-route ] [ acl <acl:2000-3999> ] -> ip urpf
			aft enable`},
		{views: "system", place: placeForward, lines: `
			ipv6 hop-limit <hops:1-255>
			ipv6 hoplimit-expires enable !
			ipv6 icmpv6 error-interval <milliseconds:0-2147483647> [ <bucket:1-200> ] -> ipv6 icmpv6 error-interval
			ipv6 icmpv6 multicast-echo-reply enable
			ipv6 icmpv6 source [ vpn-instance <vpn:string:1-31> ] <six:ipv6> -> ipv6 icmpv6 source [ vpn-instance <vpn> ]
			ipv6 neighbor <six:ipv6> <mac:mac> { <vlan:1-4094> <port:interface> | interface <interface:interface> } [ vpn-instance <vpn:string:1-31> ] -> ipv6 neighbor <six>
			ipv6 neighbor link-local minimize
			ipv6 neighbor stale-aging <minutes:1-1440>
			ipv6 pathmtu [ vpn-instance <vpn:string:1-31> ] <six:ipv6> <bytes:1280-10240> -> ipv6 pathmtu [ vpn-instance <vpn> ] <six>
			ipv6 pathmtu age <minutes:10-100>
			ipv6 prefer temporary-address
			ipv6 prefix <number:1-1024> <six:string:4-50> -> ipv6 prefix <number>
			ipv6 reassemble local enable
			ipv6 redirects enable
			ipv6 temporary-address [ <valid:600-4294967295> <preferred:600-4294967295> ]
			ipv6 unreachables enable
			ipv6 nd mac-check enable
			ipv6 dhcp snooping enable
			ipv6 dhcp server forbidden-address <six:ipv6> [ <last6:ipv6> ] [ vpn-instance <vpn:string:1-31> ] -> =
			ipv6 dhcp server forbidden-prefix <six:string:4-50> [ <last6:string:4-50> ] [ vpn-instance <vpn:string:1-31> ] -> =
			ipv6 dhcp prefix-pool <number:1-128> prefix <six:string:4-50> assign-len <prefix:1-128> [ vpn-instance <vpn:string:1-31> ] -> ipv6 dhcp prefix-pool <number>`},
		{views: "system", place: placePool, lines: `
			ipv6 dhcp pool <pool:string:1-63> -> = >> dhcp6-pool dhcp6-pool-<pool>`},
		{views: "dhcp6-pool", lines: `
			vpn-instance <vpn:string:1-31>
			network <six:string:3-50> [ preferred-lifetime <preferred:60-4294967295> valid-lifetime <valid:60-4294967295> ] -> network
			address range <six:ipv6> <last6:ipv6> [ preferred-lifetime <preferred:60-4294967295> valid-lifetime <valid:60-4294967295> ] -> address range
			dns-server <six:ipv6> -> =
			domain-name <domain:string:1-50>
			gateway-list <six:ipv6> &<1-8> -> gateway-list
			option <code:1-65535> hex <hex:string:2-256> -> option <code>
			prefix-pool <number:1-128> [ preferred-lifetime <preferred:60-4294967295> valid-lifetime <valid:60-4294967295> ] -> prefix-pool
			sip-server { address <six:ipv6> | domain-name <domain:string:1-50> } -> =
			static-bind { address <six:string:2-50> | prefix <last6:string:2-50> } duid <duid:string:2-256> [ iaid <iaid:string:1-8> ] -> static-bind { address <six> | prefix <last6> }`},
		{views: "system", place: placeIPv6Route, lines: `
			ipv6 route-static [ vpn-instance <vpn:string:1-31> ] <six:ipv6> <prefix:0-128> { <interface:interface> [ <next:ipv6> ] | <next:ipv6> } [ bfd { control-packet | echo-packet } | permanent | track <track:1-1024> ] [ preference <preference:1-255> ] [ tag <tag:1-4294967295> ] [ description <text:text:1-60> ] -> ipv6 route-static [ vpn-instance <vpn> ] <six> <prefix> [ <interface> ] [ <next> ]
			ipv6 route-static default-preference <preference:1-255>
			aft address-group <group:0-65535> -> =
			aft prefix-nat64 <six:ipv6> <prefix:32-96> -> =
			aft v4tov6 destination <address:ip> [ vpn-instance <vpn:string:1-31> ] <six:ipv6> -> aft v4tov6 destination <address>
			aft v4tov6 source acl <acl:2000-3999> prefix-nat64 <six:ipv6> <prefix:32-96> -> aft v4tov6 source acl <acl>
			aft v6server protocol { tcp | udp } <address:ip> <port:1-65535> <six:ipv6> <inside:1-65535> -> aft v6server protocol { tcp | udp } <address> <port>
			aft v6tov4 source acl ipv6 <acl:2000-3999> { address-group <group:0-65535> | interface <interface:interface> } -> aft v6tov4 source acl ipv6 <acl>
			nat66 prefix source <six:ipv6> <prefix:1-112> <new:ipv6> <new-prefix:1-112> -> nat66 prefix source <six> <prefix>
			nat66 prefix destination <six:ipv6> <prefix:1-112> <new:ipv6> <new-prefix:1-112> -> nat66 prefix destination <six> <prefix>`},
		{views: layer3, place: placeNATLines + 40, lines: `
			nat66 outbound [ acl <acl:2000-3999> ] -> nat66 outbound
			nat66 prefix source <six:ipv6> <prefix:1-112> <new:ipv6> <new-prefix:1-112> -> nat66 prefix source <six> <prefix>`},
	},
	texts: `
		<prefix>=Prefix length
		<last6>=IPv6 address or prefix
		<pd>=Number of a delegated prefix
		pd=Prefix delegation
		<code>=Code of the option
		option=Option of DHCPv6
		duid=DHCP unique identifier of the client
		<duid>=DUID in hexadecimal digits
		iaid=Identity association of the client
		<iaid>=IAID in hexadecimal digits
		client=Client
		stateless=Without addresses
		default=Default values of prefixes
		assign-len=Length of assigned prefixes
		forbidden-address=Addresses that are not assigned
		forbidden-prefix=Prefixes that are not assigned
		prefix-pool=Prefix pool
		preferred-lifetime=Preferred lifetime
		valid-lifetime=Valid lifetime
		sip-server=SIP server
		urpf=Unicast reverse path forwarding
		allow-default-route=Take the default route for one
		mac-check=Check of MAC addresses
		network=Prefix of the pool
		range=Range of addresses
		interval=Interval
		source=Translate source addresses
		destination=Translate destination addresses
		address=IPv6 address of the interface
		preference=Preference
		interval=Interval of router advertisements
		interface=Interface
		group=Group
		<group>=Number of the group
		<interface>=Interface
		<address>=IPv4 address
		instance=Instance
		<instance>=Number of the instance
		neighbor=Static neighbor
		prefix=Prefix
		high=High
		loose=Loose check
		strict=Strict check
		low=Low
		medium=Medium
		description=Describe the route
		protocol=Protocol
		<inside>=Port of the server
		<new>=Prefix after translation
		<next>=Next hop
		tcp=TCP
		udp=UDP
		bfd=Detect the next hop by BFD
		local=Local packets
		ipv6=IPv6
		acl=ACL that selects packets
		dhcp=DHCPv6
		enable=Enable`,
}
