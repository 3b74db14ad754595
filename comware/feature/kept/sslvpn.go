package kept

import "cwlab/comware/feature"

// sslvpn is "SSL VPN" of the security command reference.
var sslvpn = module{
	views: []feature.View{
		{Name: "sslvpn-gateway", Parent: "system", Title: "SSL VPN gateway"},
		{Name: "sslvpn-context", Parent: "system", Title: "SSL VPN context"},
		{Name: "sslvpn-routes", Parent: "sslvpn-context", Title: "SSL VPN route list"},
		{Name: "sslvpn-forward", Parent: "sslvpn-context", Title: "SSL VPN port forwarding list"},
		{Name: "sslvpn-url", Parent: "sslvpn-context", Title: "SSL VPN URL list"},
		{Name: "sslvpn-url-item", Parent: "sslvpn-context", Title: "SSL VPN URL item"},
		{Name: "sslvpn-group", Parent: "sslvpn-context", Title: "SSL VPN policy group"},
	},
	parts: []part{
		{views: "system", place: placeSSLVPN, lines: `
			sslvpn ip address-pool <pool:string:1-31> <first:ip> <last:ip> -> sslvpn ip address-pool <pool>
			sslvpn log enable
			sslvpn webpage-customize <page:string:1-255> -> sslvpn webpage-customize`},
		{views: "system", place: placeSSLVPN + 1, lines: `
			sslvpn gateway <gateway:string:1-31> -> = >> sslvpn-gateway sslvpn-gateway-<gateway>`},
		{views: "system", place: placeSSLVPN + 2, lines: `
			sslvpn context <context:string:1-31> -> = >> sslvpn-context sslvpn-context-<context>`},
		{views: "sslvpn-gateway", lines: `
			ip address <address:ip> [ port <port:1-65535> ] -> ip address
			ipv6 address <six:ipv6> [ port <port:1-65535> ] -> ipv6 address
			http-redirect [ port <port:1-65535> ]
			ssl server-policy <policy:string:1-31>
			vpn-instance <vpn:string:1-31>
			service enable`},
		{views: "sslvpn-context", lines: `
			aaa domain <domain:string:1-255>
			certificate-authentication enable
			password-authentication enable !
			authentication use { all | any-one } := authentication use all
			default-policy-group <group:string:1-31>
			dynamic-password enable
			verify-code enable
			emo-server address { <host:string:1-127> | <address:ip> } port <port:1025-65535> -> emo-server
			message-server address { <host:string:1-127> | <address:ip> } port <port:1025-65535> -> message-server
			force-logout max-onlines enable
			gateway <gateway:string:1-31> [ domain <domain:string:1-127> | virtual-host <host:string:1-127> ] -> gateway
			idle-cut traffic-threshold <kilobytes:1-4294967295> -> idle-cut traffic-threshold
			ip-tunnel interface <interface:interface> -> ip-tunnel interface
			ip-tunnel address-pool <pool:string:1-31> mask <mask:mask> -> ip-tunnel address-pool
			ip-tunnel dns-server { primary | secondary } <address:ip> -> ip-tunnel dns-server { primary | secondary }
			ip-tunnel keepalive <seconds:0-600>
			ip-tunnel wins-server { primary | secondary } <address:ip> -> ip-tunnel wins-server { primary | secondary }
			ip-tunnel web-resource auto-push
			log resource-access enable [ brief | filtering ] * -> log resource-access enable
			log user-login enable
			login-message { chinese <message:string:1-255> | english <message:string:1-255> } -> login-message { chinese | english }
			logo { file <file:string:1-255> | none }
			max-onlines <number:1-1048575>
			max-users <number:1-1048575>
			session-connections <number:0-1000>
			sso auto-build encode { gb18030 | utf-8 } -> sso auto-build
			timeout idle <minutes:1-1440>
			title { chinese <message:string:1-255> | english <message:string:1-255> } -> title { chinese | english }
			user-limit <number:1-1048575>
			vpn-instance <vpn:string:1-31>
			web-access ip-client auto-activate`},
		{views: "sslvpn-context", place: 50, lines: `
			ip-route-list <name:string:1-31> -> = >> sslvpn-routes ^-route-list-<name>
			port-forward <name:string:1-31> -> = >> sslvpn-forward ^-port-forward-<name>
			url-item <name:string:1-31> -> = >> sslvpn-url-item ^-url-item-<name>
			url-list <name:string:1-31> -> = >> sslvpn-url ^-url-list-<name>
			policy-group <group:string:1-31> -> = >> sslvpn-group ^-policy-group-<group>
			service enable`},
		{views: "sslvpn-routes", lines: `
			include <address:ip> <mask:mask> -> =
			exclude <address:ip> <mask:mask> -> =`},
		{views: "sslvpn-forward", lines: `
			local-port <local:1-65535> local-name <name:string:1-253> remote-server <host:string:1-253> remote-port <port:1-65535> [ description <text:text:1-63> ] -> local-port <local> local-name <name>`},
		{views: "sslvpn-url-item", lines: `
			url <url:string:1-253>
			url-mapping { domain-mapping <domain:string:1-127> | port-mapping gateway <gateway:string:1-31> } -> url-mapping`},
		{views: "sslvpn-url", lines: `
			heading <text:string:1-31>
			resources url-item <name:string:1-31> -> =
			url <name:string:1-31> [ url-value <url:string:1-253> ] -> url <name>`},
		{views: "sslvpn-group", lines: `
			filter ip-tunnel { <acl:3000-3999> | acl <acl:3000-3999> | uri-acl <uri:string:1-31> } -> filter ip-tunnel
			filter tcp-access { <acl:3000-3999> | acl <acl:3000-3999> | uri-acl <uri:string:1-31> } -> filter tcp-access
			filter web-access { <acl:3000-3999> | acl <acl:3000-3999> | uri-acl <uri:string:1-31> } -> filter web-access
			ip-tunnel access-route { <address:ip> <mask:mask> | force-all | ip-route-list <name:string:1-31> } -> ip-tunnel access-route
			ip-tunnel address-pool <pool:string:1-31> mask <mask:mask> -> ip-tunnel address-pool
			resources port-forward <name:string:1-31> -> resources port-forward
			resources shortcut <name:string:1-31> -> =
			resources url-list <name:string:1-31> -> =
			resources uri-acl <name:string:1-31> -> =`},
	},
	texts: `
		<name>=Name
		<group>=Name of a policy group
		<first>=First address
		<last>=Last address
		<gateway>=Name of an SSL VPN gateway
		<context>=Name of an SSL VPN context
		<host>=Name of the host
		<number>=Number
		<text>=Text
		<local>=Local port
		<port>=Port number
		<mask>=Mask or its length
		all=All
		ip=IP
		ipv6=IPv6
		domain=Domain
		address=Address
		gateway=SSL VPN gateway
		context=SSL VPN context
		filter=ACL of the access
		log=Logs
		ssl=SSL
		url=URL
		user=User
		description=Description
		authentication=Authentication
		none=No logo
		file=File
		include=Include a network
		exclude=Exclude a network
		session=Session
		acl=ACL by its number
		interface=Interface
		primary=Primary server
		secondary=Secondary server
		service=Service
		<user>=User name
		timeout=Time-outs
		idle=Idle session
		keepalive=Interval of keepalives
		policy-group=Policy group
		title=Title of the page
		brief=Brief logs`,
}
