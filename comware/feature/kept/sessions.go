package kept

import "cwlab/comware/feature"

// sessions is "ASPF", "APR", "Connection limits", "Flow log" and what is not
// acted on of "Session management".
var sessions = module{
	views: []feature.View{
		{Name: "aspf-policy", Parent: "system", Title: "ASPF policy"},
		{Name: "app-group", Parent: "system", Title: "Application group"},
		{Name: "connlmt-ipv4", Parent: "system", Title: "Connection limit IPv4 policy"},
		{Name: "connlmt-ipv6", Parent: "system", Title: "Connection limit IPv6 policy"},
	},
	parts: []part{
		{views: "system", place: placeASPF, lines: `
			aspf policy <number:1-256> -> = >> aspf-policy aspf-policy-<number>`},
		{views: "aspf-policy", lines: `
			detect { dns | ftp | h323 | http | sccp | sip | smtp } [ action drop ] -> detect { dns | ftp | h323 | http | sccp | sip | smtp }
			detect { gtp | icmp | icmpv6 | ils | mgcp | nbt | pptp | rawip | rsh | rtsp | sctp | sqlnet | tcp | tftp | udp | udp-lite | xdmcp } -> =
			icmp-error drop
			tcp syn-check`},
		{views: layer3, place: placeAclLines + 5, lines: `
			aspf apply policy <number:1-256> { inbound | outbound } -> =
			connection-limit apply { ipv6-policy | policy } <policy:1-32> -> connection-limit apply { ipv6-policy | policy }
			session log enable ipv6 [ acl <acl:2000-3999> ] { inbound | outbound } -> session log enable ipv6 { inbound | outbound }
			application statistics enable [ inbound | outbound ]`},
		{views: keptLayer3, place: placeAclLines + 9, lines: `
			session log enable ipv4 [ acl <acl:2000-3999> ] { inbound | outbound } -> session log enable ipv4 { inbound | outbound }`},
		{views: "system", place: placeAppGroup, lines: `
			app-group <name:string:1-63> -> = >> app-group app-group-<name>
			port-mapping application <app:string:1-63> port <port:0-65535> [ protocol { dccp | sctp | tcp | udp | udp-lite } ] -> =
			port-mapping application <app:string:1-63> port <port:0-65535> [ protocol { dccp | sctp | tcp | udp | udp-lite } ] acl [ ipv6 ] <acl:2000-2999> -> =
			port-mapping application <app:string:1-63> port <port:0-65535> [ protocol { dccp | sctp | tcp | udp | udp-lite } ] host { ip <address:ip> [ <last:ip> ] | ipv6 <six:ipv6> [ <last6:ipv6> ] } [ vpn-instance <vpn:string:1-31> ] -> =
			port-mapping application <app:string:1-63> port <port:0-65535> [ protocol { dccp | sctp | tcp | udp | udp-lite } ] subnet { ip <address:ip> <mask:mask> | ipv6 <six:ipv6> <prefix:0-128> } [ vpn-instance <vpn:string:1-31> ] -> =
			nbar application <app:string:1-63> protocol { http | tcp | udp } -> nbar application <app>`},
		{views: "security-policy-rule", place: 75, same: true, lines: `
			app-group <name:string:1-63> -> =
			user <name:string:1-55> [ domain <domain:string:1-255> ] -> =
			user-group <name:string:1-200> [ domain <domain:string:1-255> ] -> =
			url-category <name:string:1-63> -> =
			terminal <name:string:1-63> -> =`},
		{views: "app-group", lines: `
			description <text:text:1-127>
			include application <app:string:1-63> -> =
			include app-group <name:string:1-63> -> =`},
		{views: "system", place: placeConnLimit, lines: `
			connection-limit policy <policy:1-32> -> = >> connlmt-ipv4 connlmt-policy-<policy>
			connection-limit ipv6-policy <policy:1-32> -> = >> connlmt-ipv6 connlmt-ipv6-policy-<policy>`},
		{views: "connlmt-ipv4", lines: `
			description <text:text:1-127>
			limit <id:1-256> acl { <acl:2000-3999> | name <name:string:1-63> } [ per-destination | per-service | per-source ] * { amount <max:1-4294967295> <min:1-4294967295> | rate <rate:5-10000000> } * [ description <text:text:1-127> ] -> limit <id>`},
		{views: "connlmt-ipv6", lines: `
			description <text:text:1-127>
			limit <id:1-256> acl ipv6 { <acl:2000-3999> | name <name:string:1-63> } [ per-destination | per-service | per-source ] * { amount <max:1-4294967295> <min:1-4294967295> | rate <rate:5-10000000> } * [ description <text:text:1-127> ] -> limit <id>`},
		{views: "system", place: placeConnLimit + 1, lines: `
			connection-limit apply global { ipv6-policy | policy } <policy:1-32> -> connection-limit apply global { ipv6-policy | policy }`},
		{views: "system", place: placeFlowLog, lines: `
			userlog flow export [ vpn-instance <vpn:string:1-31> ] host { <address:ip> | ipv6 <six:ipv6> | <host:string:1-253> } port <port:1-65535> -> userlog flow export [ vpn-instance <vpn> ] host { <address> | ipv6 <six> | <host> }
			userlog flow export load-balancing
			userlog flow export source-ip <address:ip>
			userlog flow export timestamp localtime
			userlog flow export version <version:1-5>
			userlog flow syslog
			customlog format { attack-defense | dns | dpi [ anti-virus | audit | data-filter | ips | netshare | reputation | sandbox | terminal | traffic-policy | url-filter | waf ] * | lb | nat { cmcc | telecom | unicom } | security-policy { sgcc } | session { cmcc | telecom | unicom } | aft { cmcc | telecom | unicom } } -> =
			customlog format packet-filter sgcc
			customlog format keyword { cmcc | telecom | unicom | sgcc } -> customlog format keyword
			customlog host [ vpn-instance <vpn:string:1-31> ] { <address:ip> | ipv6 <six:ipv6> | <host:string:1-253> } [ port <port:1-65535> ] export { attack-defense | dns | dpi [ anti-virus | audit | data-filter | ips | netshare | reputation | sandbox | terminal | traffic-policy | url-filter | waf ] * | cmcc-sessionlog | cmcc-userlog | lb | packet-filter-sgcc | security-policy-sgcc | telecom-sessionlog | unicom-sessionlog } * -> customlog host [ vpn-instance <vpn> ] { <address> | ipv6 <six> | <host> } [ port <port> ]
			customlog host source <interface:interface>
			customlog timestamp localtime
			customlog character-encoding utf-8
			customlog with-sn`},
	},
	texts: `
		description=Describe the policy
		acl=ACL that selects traffic
		host=Host
		port=Port
		ip=IPv4 addresses
		ipv6=IPv6 addresses
		tcp=TCP
		udp=UDP
		http=HTTP
		dns=DNS
		ftp=FTP
		sip=SIP
		session=Sessions
		<number>=Number of an ASPF policy
		<name>=Name
		<policy>=Number of the policy
		<host>=Host name, or address
		<last>=Last address of a range
		<id>=Number of the rule
		<max>=Number at which connections are refused
		<min>=Number at which they are let through again
		apply=Apply a policy
		application=Application
		limit=Limit of connections
		policy=Policy of IPv4 connections
		name=ACL by its name
		terminal=Terminals
		log=Log of sessions
		source=Interface that gives the source address
		security-policy=Security policy
		protocol=Transport protocol
		enable=Enable
		detect=Protocol to inspect
		aft=Address family translation
		global=On all interfaces
		nat=NAT
		lb=Load balancing
		attack-defense=Attack defense
		timestamp=Time in the logs
		export=Where logs go
		format=Format of the logs
		include=Member of the group`,
}
