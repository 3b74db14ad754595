package kept

import "cwlab/comware/feature"

// balancing is "Load balancing" of the command reference.
var balancing = module{
	views: []feature.View{
		{Name: "server-farm", Parent: "system", Title: "Server farm"},
		{Name: "real-server", Parent: "system", Title: "Real server"},
		{Name: "virtual-server", Parent: "system", Title: "Virtual server"},
		{Name: "lb-class", Parent: "system", Title: "LB class"},
		{Name: "lb-action", Parent: "system", Title: "LB action"},
		{Name: "lb-policy", Parent: "system", Title: "LB policy"},
		{Name: "lb-snat", Parent: "system", Title: "SNAT pool"},
		{Name: "lb-sticky", Parent: "system", Title: "Sticky group"},
		{Name: "lb-parameter", Parent: "system", Title: "Parameter profile"},
		{Name: "lb-link", Parent: "system", Title: "Link"},
		{Name: "lb-link-group", Parent: "system", Title: "Link group"},
	},
	parts: []part{
		{views: "system", place: placeBalance, lines: `
			loadbalance snat-pool <pool:string:1-63> -> = >> lb-snat lbsnat-pool-<pool>
			parameter-profile <profile:string:1-63> [ type { http | ip | tcp } ] -> parameter-profile <profile> >> lb-parameter para-<profile>
			sticky-group <sticky:string:1-63> [ type { address-port | http-content | http-cookie | http-header | payload | ssl } ] -> sticky-group <sticky> >> lb-sticky sticky-<sticky>`},
		{views: "system", place: placeBalance + 1, lines: `
			server-farm <farm:string:1-63> -> = >> server-farm sfarm-<farm>
			loadbalance link-group <farm:string:1-63> -> = >> lb-link-group lb-lgroup-<farm>`},
		{views: "system", place: placeBalance + 2, lines: `
			real-server <server:string:1-63> -> = >> real-server rserver-<server>
			loadbalance link <server:string:1-63> -> = >> lb-link lb-link-<server>`},
		{views: "system", place: placeBalance + 3, lines: `
			loadbalance class <class:string:1-63> [ type { generic | http | link-generic } [ match-all | match-any ] ] -> loadbalance class <class> >> lb-class lbc-<class>
			loadbalance action <action:string:1-63> [ type { generic | http | link-generic } ] -> loadbalance action <action> >> lb-action lba-<action>
			loadbalance policy <policy:string:1-63> [ type { generic | http | link-generic } ] -> loadbalance policy <policy> >> lb-policy lbp-<policy>`},
		{views: "system", place: placeBalance + 4, lines: `
			virtual-server <virtual:string:1-63> [ type { fast-http | http | ip | link-ip | tcp | udp } ] -> virtual-server <virtual> >> virtual-server vs-<virtual>`},
		{views: "server-farm lb-link-group", lines: `
			description <text:text:1-127>
			fail-action { keep | reschedule | reset }
			predictor { hash address { destination | source | source-ip-port } [ mask <bits:0-32> ] [ prefix <prefix:0-128> ] | least-connection | random | round-robin | weighted-round-robin }
			probe <probe:string:1-32> -> =
			selected-server min <min:1-1000> max <max:1-1000> -> selected-server
			slow-online [ standby-time <seconds:0-600> ramp-up-time <ramp:3-600> ]
			snat-pool <pool:string:1-63>
			success-criteria { all | at-least <number:1-4294967295> }
			transparent enable`},
		{views: "real-server lb-link", lines: `
			description <text:text:1-127>
			ip address <address:ip> -> ip address
			ipv6 address <six:ipv6> -> ipv6 address
			router ip <address:ip> -> router ip
			port <port:0-65535>
			priority <priority:1-8>
			probe <probe:string:1-32> -> =
			rate-limit bandwidth [ inbound | outbound ] <kbytes:0-4294967295> -> rate-limit bandwidth [ inbound | outbound ]
			rate-limit connection <rate:0-4294967295>
			connection-limit max <limit:0-4294967295>
			server-farm <farm:string:1-63>
			link-group <farm:string:1-63>
			shutdown
			slow-shutdown enable
			success-criteria { all | at-least <number:1-4294967295> }
			weight <weight:1-255>`},
		{views: "virtual-server", lines: `
			description <text:text:1-127>
			virtual ip address <address:ip> [ <mask:mask> ] -> virtual ip address
			virtual ipv6 address <six:ipv6> [ <prefix:0-128> ] -> virtual ipv6 address
			port <port:0-65535>
			default server-farm <farm:string:1-63> [ backup <backup:string:1-63> ] [ sticky <sticky:string:1-63> ] -> default server-farm
			default link-group <farm:string:1-63> [ backup <backup:string:1-63> ] [ sticky <sticky:string:1-63> ] -> default link-group
			lb-policy <policy:string:1-63>
			parameter { http | ip | tcp } <profile:string:1-63> -> parameter { http | ip | tcp }
			rate-limit bandwidth [ inbound | outbound ] <kbytes:0-4294967295> -> rate-limit bandwidth [ inbound | outbound ]
			rate-limit connection <rate:0-4294967295>
			connection-limit max <limit:0-4294967295>
			redirect relocation <url:string:1-255>
			redirect return-code { 301 | 302 } -> redirect return-code
			route-advertisement enable
			ssl-client-policy <policy:string:1-31>
			ssl-server-policy <policy:string:1-31>
			sticky-sync enable
			udp per-packet
			vpn-instance <vpn:string:1-31>
			service enable`},
		{views: "lb-class", lines: `
			description <text:text:1-127>
			match <id:1-65535> { acl { <acl:2000-3999> | name <name:string:1-63> } | class <class:string:1-63> | content <content:string:1-255> [ offset <offset:0-1000> ] | cookie <cookie:string:1-63> value <value:string:1-255> | destination { ip address <address:ip> [ <mask:mask> ] | ipv6 address <six:ipv6> [ <prefix:0-128> ] } | header <header:string:1-63> value <value:string:1-255> | isp <isp:string:1-63> | method { ext <method:string:1-63> | rfc <method:string:1-63> } | source { ip address <address:ip> [ <mask:mask> ] | ipv6 address <six:ipv6> [ <prefix:0-128> ] } | url <url:string:1-255> } -> match <id>`},
		{views: "lb-action", lines: `
			description <text:text:1-127>
			forward all -> forward
			server-farm <farm:string:1-63> [ backup <backup:string:1-63> ] [ sticky <sticky:string:1-63> ] -> server-farm
			link-group <farm:string:1-63> [ backup <backup:string:1-63> ] [ sticky <sticky:string:1-63> ] -> link-group
			fallback-action continue -> fallback-action
			header delete { both | request | response } name <header:string:1-63> -> =
			header insert { both | request | response } name <header:string:1-63> value <value:string:1-127> -> header insert { both | request | response } name <header>
			set ip tos <tos:0-255>
			ssl-client-policy <policy:string:1-31>`},
		{views: "lb-policy", lines: `
			description <text:text:1-127>
			class <class:string:1-63> [ insert-before <before:string:1-63> ] action <action:string:1-63> -> class <class>
			default-class action <action:string:1-63> -> default-class`},
		{views: "lb-snat", lines: `
			description <text:text:1-127>
			ip range start <first:ip> end <last:ip> -> ip range
			ipv6 range start <six:ipv6> end <last6:ipv6> -> ipv6 range`},
		{views: "lb-sticky", lines: `
			description <text:text:1-127>
			ip [ port ] { both | destination | source } [ mask <bits:0-32> ] -> ip
			ipv6 [ port ] { both | destination | source } [ prefix <prefix:0-128> ] -> ipv6
			cookie { get name <cookie:string:1-63> | { insert | rewrite } [ name <cookie:string:1-63> ] } -> cookie { get | insert | rewrite }
			header { { host | name <header:string:1-63> | url } [ offset <offset:0-1000> ] | request-method | version }
			payload [ offset <offset:0-1000> ]
			override-limit enable
			ssl session-id
			timeout <timeout:0-31536000>`},
		{views: "lb-parameter", lines: `
			description <text:text:1-127>
			content maxparse-length <bytes:1-65535>
			exceed-mss { allow | drop }
			header exceed-length { continue | drop } -> header exceed-length
			header maxparse-length <bytes:1-65535>
			header modify per-request
			rebalance per-request
			secondary-cookie delimiters <text:string:1-4>
			secondary-cookie start <text:string:1-2>
			server-connection reuse
			set ip tos <tos:0-255>
			tcp window-size <bytes:8192-65535>`},
	},
	texts: `
		description=Describe it
		ip=IP
		ipv6=IPv6
		tcp=TCP
		udp=UDP
		http=HTTP
		url=URL
		ssl=SSL
		type=Type
		action=Action
		class=Class
		<name>=Name
		<class>=Name of an LB class
		<id>=Number of the rule
		<server>=Name of the server or link
		<virtual>=Name of the virtual server
		<min>=Least number
		<max>=Greatest number
		<limit>=Number of connections
		<rate>=Connections per second
		<first>=First address
		<last>=Last address
		<value>=Value
		<number>=Number
		<timeout>=Seconds
		<text>=Text
		<mask>=Mask
		acl=ACL
		name=Name
		source=Source address
		destination=Destination address
		address=Address
		header=Header of HTTP
		port=Port
		both=Both
		all=All
		host=Host of the URL
		version=Version of HTTP
		value=Value
		method=Method of HTTP
		default=Default server farm or link group
		redirect=Redirect requests
		timeout=Lifetime of an entry
		forward=Forward packets
		router=Next hop of the link
		range=Range of addresses
		random=Random
		reset=Reset the connection
		drop=Drop packets
		weight=Weight
		mask=Mask length
		prefix=Prefix length
		service=Virtual server
		301=Moved permanently
		302=Moved temporarily
		keep=Keep connections
		start=Begin
		content=Body of HTTP
		end=End
		priority=Priority
		shutdown=Shut it down
		transparent=Leave the address of the client
		<header>=Name of a header
		<action>=Name of an LB action
		policy=Policy
		<policy>=Name of a policy
		enable=Enable`,
}
