package kept

import "cwlab/comware/feature"

// dhcp is "DHCP" of the layer 3 command reference: server, relay agent, client
// and snooping.
var dhcp = module{
	views: []feature.View{
		{Name: "dhcp-pool", Parent: "system", Title: "DHCP pool"},
		{Name: "dhcp-secondary", Parent: "dhcp-pool", Title: "DHCP secondary subnet"},
		{Name: "dhcp-class", Parent: "system", Title: "DHCP class"},
		{Name: "dhcp-option-group", Parent: "system", Title: "DHCP option group"},
	},
	parts: []part{
		{views: "system", place: placeDHCP, lines: `
			dhcp enable
			dhcp dscp <dscp:0-63>
			dhcp log enable
			dhcp server always-broadcast
			dhcp server bootp ignore
			dhcp server bootp reply-rfc-1048
			dhcp server database filename { <file:string:1-255> | url <url:string:1-255> [ username <user:string:1-32> [ password { cipher <secret:string:1-73> | simple <plain:string:1-32> } ] ] } -> dhcp server database filename
			dhcp server database update interval <seconds:60-864000>
			dhcp server forbidden-ip <first:ip> [ <last:ip> ] [ vpn-instance <vpn:string:1-31> ] -> =
			dhcp server ping packets <count:0-10>
			dhcp server ping timeout <milliseconds:0-10000>
			dhcp server relay information enable !
			dhcp relay check mac-address aging-time <seconds:30-600>
			dhcp relay client-information record
			dhcp relay client-information refresh [ auto | interval <interval:1-120> ]
			dhcp relay client-information refresh enable !
			dhcp client dad enable !
			dhcp client dscp <dscp:0-63>
			dhcp snooping enable
			dhcp snooping binding database filename { <file:string:1-255> | url <url:string:1-255> [ username <user:string:1-32> [ password { cipher <secret:string:1-73> | simple <plain:string:1-32> } ] ] } -> dhcp snooping binding database filename
			dhcp snooping binding database update interval <seconds:60-864000>`},
		{views: "system", place: placePool, lines: `
			dhcp server ip-pool <pool:string:1-63> -> = >> dhcp-pool dhcp-pool-<pool>
			dhcp class <class:string:1-63> -> = >> dhcp-class dhcp-class-<class>
			dhcp option-group <group:1-32768> -> = >> dhcp-option-group dhcp-option-group-<group>`},
		{views: "dhcp-pool", lines: `
			vpn-instance <vpn:string:1-31>
			gateway-list <gateway:ip> &<1-8> [ export-route ] -> gateway-list
			network <address:ip> [ <length:1-30> | mask <mask:mask> ] [ export-route ] -> network
			network <address:ip> [ <length:1-30> | mask <mask:mask> ] secondary -> network <address> [ <length> | mask <mask> ] secondary >> dhcp-secondary ^-secondary
			address range <first:ip> <last:ip> -> address range
			bims-server ip <address:ip> [ port <port:1-65534> ] sharekey { cipher <secret:string:1-53> | simple <plain:string:1-16> } -> bims-server
			bootfile-name <file:string:1-63>
			class <class:string:1-63> option-group <group:1-32768> -> class <class> option-group
			class <class:string:1-63> range <first:ip> <last:ip> -> class <class> range
			dns-list <address:ip> &<1-8> -> dns-list
			domain-name <domain:string:1-50>
			expired { day <days:0-365> [ hour <hours:0-23> [ minute <minutes:0-59> [ second <seconds:0-59> ] ] ] | unlimited }
			forbidden-ip <address:ip> &<1-8> -> =
			forbidden-ip-range <first:ip> [ <last:ip> ] -> =
			ip-in-use threshold <threshold:1-100>
			nbns-list <address:ip> &<1-8> -> nbns-list
			netbios-type { b-node | h-node | m-node | p-node }
			next-server <address:ip>
			option <code:2-254> { ascii <text:string:1-255> | hex <hex:string:2-256> | ip-address <address:ip> &<1-8> } -> option <code>
			static-bind ip-address <address:ip> [ <length:1-30> | mask <mask:mask> ] { client-identifier <client:string:4-79> | hardware-address <mac:mac> [ ethernet | token-ring ] } [ description <text:text:1-255> ] -> static-bind ip-address <address>
			tftp-server domain-name <domain:string:1-63>
			tftp-server ip-address <address:ip>
			valid class <class:string:1-63> &<1-8> -> =
			verify class
			voice-config { as-ip <address:ip> | fail-over <address:ip> <dial:string:1-39> | ncp-ip <address:ip> | voice-vlan <vlan:2-4094> { disable | enable } } -> voice-config { as-ip | fail-over | ncp-ip | voice-vlan }
			remote-server <address:ip> &<1-8> -> remote-server`},
		{views: "dhcp-secondary", lines: `
			gateway-list <gateway:ip> &<1-8> [ export-route ] -> gateway-list`},
		{views: "dhcp-class", lines: `
			if-match rule <rule:1-16> { option <code:1-254> [ hex <hex:string:2-256> [ offset <offset:0-254> length <length:1-128> | partial ] ] | hardware-address <mac:mac> mask <wild:mac> } -> if-match rule <rule>`},
		{views: "dhcp-option-group", lines: `
			option <code:2-254> { ascii <text:string:1-255> | hex <hex:string:2-256> | ip-address <address:ip> &<1-8> } -> option <code>`},
		{views: layer3, place: placeDHCPLines, lines: `
			dhcp select relay [ proxy ] -> dhcp select relay
			dhcp select server !
			dhcp client-detect
			dhcp rate-limit <rate:64-512>
			dhcp server apply ip-pool <pool:string:1-63>
			dhcp relay check mac-address
			dhcp relay information enable
			dhcp relay information circuit-id { bas | string <text:string:3-63> | { normal | verbose } [ format { ascii | hex } ] }
			dhcp relay information remote-id { normal [ format { ascii | hex } ] | string <text:string:1-63> | sysname }
			dhcp relay information strategy { drop | keep | replace } -> dhcp relay information strategy
			dhcp client identifier { ascii <text:string:1-63> | hex <hex:string:4-64> | mac <interface:interface> }`},
		{views: layer3, place: placeDHCPLines + 15, same: true, lines: `
			dhcp relay server-address <server:ip> -> =
			dhcp relay gateway <address:ip> -> dhcp relay gateway`},
		{views: layer2, place: placeLink + 80, lines: `
			dhcp snooping binding record
			dhcp snooping check mac-address
			dhcp snooping check request-message
			dhcp snooping information enable
			dhcp snooping information strategy { drop | keep | replace } -> dhcp snooping information strategy
			dhcp snooping max-learning-num <number:1-32768>
			dhcp snooping rate-limit <rate:64-512>
			dhcp snooping trust`},
	},
	texts: `
		description=Describe the binding
		forbidden-ip-range=Range of addresses that are not assigned
		network=Subnet of the pool
		class=DHCP user class
		option=DHCP option
		ip-address=IP address
		relay=DHCP relay agent
		server=DHCP server
		client=DHCP client
		address=Address range
		interval=Interval
		<interval>=Interval in seconds
		range=Range of addresses
		mac-address=Check MAC addresses
		url=URL
		second=Seconds
		rule=Match rule
		<rule>=Number of the rule
		<group>=Number of the option group
		<class>=Name of the user class
		<text>=Text
		<first>=First address
		<last>=Last address
		<length>=Length
		<server>=Address of the DHCP server
		<gateway>=Address of a gateway
		normal=Default content
		string=Text of your own
		<port>=Port number
		<number>=Number of entries
		<code>=Code of the option
		ip=Address of the BIMS server
		mask=Mask`,
}
