package kept

import "cwlab/comware/feature"

// rip is "RIP" of the routing command reference.
var rip = module{
	views: []feature.View{{Name: "rip", Parent: "system", Title: "RIP"}},
	parts: []part{
		{views: "system", place: placeRIP, means: numbered("rip"), lines: `
			rip [ <process:1-65535> ] [ vpn-instance <vpn:string:1-31> ] -> rip [ <process> ] >> rip rip-$2`},
		{views: "system", place: placeRIP, lines: `
			rip mib-binding <process:1-65535>`},
		{views: "rip", lines: `
			checkzero !
			default cost <metric:0-16>
			default-route { only | originate } [ cost <cost:1-15> | route-policy <policy:string:1-63> ] *
			fast-reroute route-policy <policy:string:1-63> -> fast-reroute
			filter-policy { <acl:2000-3999> | prefix-list <list:string:1-63> } export [ bgp | direct | { isis | ospf | rip } <process:1-65535> | static | <interface:interface> ] -> filter-policy export [ bgp | direct | { isis | ospf | rip } <process> | static | <interface> ]
			filter-policy { <acl:2000-3999> | gateway <gateway:string:1-63> | prefix-list <list:string:1-63> [ gateway <gateway:string:1-63> ] } import [ <interface:interface> ] -> filter-policy import [ <interface> ]
			graceful-restart
			graceful-restart interval <seconds:5-360>
			host-route !
			import-route { bgp [ allow-ibgp ] | direct | { isis | ospf | rip } [ <process:1-65535> | all-processes ] | static } [ allow-direct | cost <metric:0-16> | route-policy <policy:string:1-63> | tag <tag:0-65535> ] * -> import-route { bgp | direct | { isis | ospf | rip } [ <process> | all-processes ] | static }
			maximum load-balancing <number:1-64>
			network <address:ip> [ <wildcard:wildcard> ] -> network <address>
			non-stop-routing
			output-delay <milliseconds:10-100> count <count:1-30> -> output-delay
			peer <address:ip> -> =
			preference { <preference:1-255> | route-policy <policy:string:1-63> } *
			silent-interface { <interface:interface> | all } -> =
			summary !
			timer triggered <maximum:1-5> [ <minimum:10-5000> [ <step:10-1000> ] ]
			timers { garbage-collect <collect:1-3600> | suppress <suppress:0-3600> | timeout <timeout:1-3600> | update <update:1-3600> } *
			trip retransmit count <count:1-3600>
			trip retransmit timer <seconds:1-3600>
			validate-source-address !
			version { 1 | 2 }`},
		{views: layer3, place: placeRIPLines, lines: `
			rip authentication-mode { md5 { rfc2082 { cipher <secret:string:1-201> | plain <plain:string:1-16> } <key:0-255> | rfc2453 { cipher <secret:string:1-201> | plain <plain:string:1-16> } } | simple { cipher <secret:string:1-201> | plain <plain:string:1-16> } }
			rip bfd enable [ destination <address:ip> ] -> rip bfd enable
			rip default-route { { only | originate } [ cost <cost:1-15> | route-policy <policy:string:1-63> ] * | no-originate }
			rip <process:1-65535> enable [ exclude-subip ] -> rip enable
			rip input !
			rip max-packet-length <length:32-65535>
			rip metricin [ route-policy <policy:string:1-63> ] <metric:0-16>
			rip metricout [ route-policy <policy:string:1-63> ] <metric:0-16>
			rip output !
			rip output-delay <milliseconds:10-100> count <count:1-30> -> rip output-delay
			rip poison-reverse
			rip primary-path-detect bfd echo -> rip primary-path-detect bfd
			rip split-horizon !
			rip summary-address <address:ip> <mask:mask> -> =
			rip triggered
			rip version { 1 | 2 [ broadcast | multicast ] }`},
	},
	texts: `
		simple=Simple password
		default-route=Send a default route
		timer=Timers of triggered updates and retransmissions
		triggered=Triggered updates
		update=Interval of updates
		version=Version of RIP
		1=RIP version 1
		2=RIP version 2
		<address>=IP address`,
}
