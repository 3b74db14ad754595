package kept

import (
	"strings"

	"cwlab/comware/feature"
)

// Methods of authentication, authorization and accounting in a domain.
const (
	radiusOr = "{ local [ none ] | none | radius-scheme <radius:string:1-32> [ local ] [ none ] }"
	ldapOr   = "{ ldap-scheme <ldap:string:1-32> [ local ] [ none ] | local [ none ] | none | radius-scheme <radius:string:1-32> [ local ] [ none ] }"
	tacacsOr = "{ hwtacacs-scheme <tacacs:string:1-32> [ radius-scheme <radius:string:1-32> ] [ local ] [ none ] | local [ none ] | none | radius-scheme <radius:string:1-32> [ hwtacacs-scheme <tacacs:string:1-32> ] [ local ] [ none ] }"
	allOr    = "{ hwtacacs-scheme <tacacs:string:1-32> [ radius-scheme <radius:string:1-32> ] [ local ] [ none ] | ldap-scheme <ldap:string:1-32> [ local ] [ none ] | local [ none ] | none | radius-scheme <radius:string:1-32> [ hwtacacs-scheme <tacacs:string:1-32> ] [ local ] [ none ] }"
)

// methods are the lines of a domain that name methods.
func methods() string {
	var b strings.Builder
	for _, step := range []string{"authentication", "authorization", "accounting"} {
		login := tacacsOr
		if step == "authentication" {
			login = allOr
		}
		for _, row := range []struct{ access, methods string }{
			{"advpn", radiusOr}, {"default", login}, {"ipoe", radiusOr}, {"lan-access", radiusOr}, {"login", login},
			{"portal", radiusOr}, {"ppp", tacacsOr}, {"sslvpn", radiusOr},
		} {
			m := row.methods
			if step == "authentication" && (row.access == "lan-access" || row.access == "portal" || row.access == "sslvpn") {
				m = ldapOr
			}
			b.WriteString(step + " " + row.access + " " + m + " -> " + step + " " + row.access + "\n")
		}
	}
	return b.String()
}

// server is the lines of a RADIUS or HWTACACS scheme that name a server.
func server(role, purpose, more string) string {
	host := "{ <server:ip> | ipv6 <six:ipv6> | <host:string:1-253> }"
	line := role + " " + purpose + " " + host + " [ <port:1-65535> | key { cipher <secret:string:1-117> | simple <plain:string:1-64> } | " + more + "vpn-instance <vpn:string:1-31> | weight <weight:0-100> ] *"
	if role == "primary" {
		return line + " -> primary " + purpose + "\n"
	}
	return line + " -> secondary " + purpose + " [ { <server> | ipv6 <six> | <host> } [ <port> | vpn-instance <vpn> ] * ]\n"
}

// aaa is "AAA" and "Portal" of the security command reference.
var aaa = module{
	views: []feature.View{
		{Name: "isp", Parent: "system", Title: "ISP domain"},
		{Name: "radius", Parent: "system", Title: "RADIUS scheme"},
		{Name: "radius-da", Parent: "system", Title: "RADIUS DAS"},
		{Name: "hwtacacs", Parent: "system", Title: "HWTACACS scheme"},
		{Name: "ldap-server", Parent: "system", Title: "LDAP server"},
		{Name: "ldap-scheme", Parent: "system", Title: "LDAP scheme"},
		{Name: "ldap-map", Parent: "system", Title: "LDAP attribute map"},
		{Name: "nas-id", Parent: "system", Title: "NAS-ID profile"},
		{Name: "portal-server", Parent: "system", Title: "Portal authentication server"},
		{Name: "portal-web", Parent: "system", Title: "Portal web server"},
	},
	parts: []part{
		{views: "system", place: placeISP, lines: `
			domain <domain:string:1-255> -> = >> isp isp-<domain>`},
		{views: "system", place: placeISPDefault, lines: `
			domain default enable <domain:string:1-255>
			domain if-unknown <domain:string:1-255>
			aaa session-limit { ftp | http | https | ssh | telnet } <count:1-32> -> aaa session-limit { ftp | http | https | ssh | telnet }
			aaa nas-id profile <profile:string:1-31> -> = >> nas-id nas-id-<profile>
			local-bill enable
			local-bill export-interval <interval:1-65535>
			local-bill export-url <url:string:1-256>`},
		{views: "nas-id", lines: `
			nas-id <nas:string:1-31> bind vlan <vlan:1-4094> -> =`},
		{views: "isp", lines: methods()},
		{views: "isp", place: 40, lines: `
			accounting command hwtacacs-scheme <tacacs:string:1-32> -> accounting command
			accounting quota-out { offline | online }
			accounting start-fail { offline | online }
			accounting update-fail { [ max-times <times:1-255> ] offline | online }
			authentication super { hwtacacs-scheme <tacacs:string:1-32> | radius-scheme <radius:string:1-32> } *
			authorization command { hwtacacs-scheme <tacacs:string:1-32> [ local ] [ none ] | local [ none ] | none }
			authorization-attribute { acl <acl:2000-4999> | car inbound cir <cir:8-16777215> [ pir <pir:8-16777215> ] outbound cir <out-cir:8-16777215> [ pir <out-pir:8-16777215> ] | idle-cut <minutes:1-600> [ <flow:1-10240000> ] | igmp max-access-number <groups:1-64> | ip-pool <pool:string:1-63> | ipv6-pool <pool6:string:1-63> | session-timeout <timeout:1-4294967295> | url <url:string:1-255> | user-group <group:string:1-32> | user-profile <profile:string:1-31> | vpn-instance <vpn:string:1-31> } -> authorization-attribute { acl | car | idle-cut | igmp | ip-pool | ipv6-pool | session-timeout | url | user-group | user-profile | vpn-instance }
			authorization-attribute { primary-dns | secondary-dns } { ip <address:ip> | ipv6 <six:ipv6> } -> authorization-attribute { primary-dns | secondary-dns } { ip | ipv6 }
			access-limit enable <limit:1-2147483646> -> access-limit
			ita-policy <policy:string:1-31>
			nas-id bind vlan <vlan:1-4094> -> nas-id
			service-type { hsi | stb | voip }
			session-time include-idle-time
			state { active | block } := state active
			user-address-type { ds-lite | ipv6 | nat64 | private-ds | private-ipv4 | public-ds | public-ipv4 }
			basic-service-ip-type { ipv4 | ipv6 | ipv6-pd } *
			dhcpv6-follow-ipv6cp timeout <seconds:30-120> -> dhcpv6-follow-ipv6cp`},
		{views: "system", place: placeRADIUS, lines: `
			radius scheme <radius:string:1-32> -> = >> radius radius-<radius>
			radius dynamic-author server -> = >> radius-da radius-da-server
			radius dscp <dscp:0-63>
			radius ipv6 dscp <dscp:0-63>
			radius nas-ip { <address:ip> | ipv6 <six:ipv6> | interface <interface:interface> } [ vpn-instance <vpn:string:1-31> ] -> radius nas-ip { <address> | ipv6 <six> | interface } [ vpn-instance <vpn> ]
			radius session-control enable
			radius session-control client { ip <address:ip> | ipv6 <six:ipv6> } [ key { cipher <secret:string:1-117> | simple <plain:string:1-64> } | vpn-instance <vpn:string:1-31> ] * -> radius session-control client { ip <address> | ipv6 <six> } [ vpn-instance <vpn> ]
			radius-server test-profile <profile:string:1-31> username <user:string:1-253> [ interval <interval:1-3600> ] -> radius-server test-profile <profile>`},
		{views: "radius", lines: server("primary", "authentication", "test-profile <profile:string:1-31> | ") + server("primary", "accounting", "")},
		{views: "radius", place: 5, same: true, lines: server("secondary", "authentication", "test-profile <profile:string:1-31> | ")},
		{views: "radius", place: 6, same: true, lines: server("secondary", "accounting", "")},
		{views: "radius", place: 10, lines: `
			accounting-on enable [ interval <interval:1-15> | send <times:1-255> ] * -> accounting-on enable
			accounting-on extended
			algorithm loading-share enable
			attribute 15 check-mode { loose | strict } -> attribute 15 check-mode
			attribute 25 car
			attribute 30 mac-format section { six | three } separator <separator:string:1-1> { lowercase | uppercase } -> attribute 30 mac-format
			attribute 31 mac-format section { six | three } separator <separator:string:1-1> { lowercase | uppercase } -> attribute 31 mac-format
			attribute remanent-volume unit { byte | giga-byte | kilo-byte | mega-byte } -> attribute remanent-volume unit
			attribute translate
			data-flow-format { data { byte | giga-byte | kilo-byte | mega-byte } | packet { giga-packet | kilo-packet | mega-packet | one-packet } } *
			key { accounting | authentication } { cipher <secret:string:1-117> | simple <plain:string:1-64> } -> key { accounting | authentication }
			nas-ip { <address:ip> | interface <interface:interface> | ipv6 <six:ipv6> } -> nas-ip [ interface | ipv6 ]
			retry <times:1-20>
			retry realtime-accounting <times:1-255>
			security-policy-server { <server:ip> | ipv6 <six:ipv6> } [ vpn-instance <vpn:string:1-31> ] -> =
			server-type { extended | standard }
			state primary { accounting | authentication } { active | block } -> none state primary { accounting | authentication }
			stop-accounting-buffer enable !
			stop-accounting-packet send-force
			timer quiet <minutes:1-255>
			timer realtime-accounting <interval:0-71582> [ second ] -> timer realtime-accounting
			timer response-timeout <seconds:1-10>
			user-name-format { keep-original | with-domain | without-domain } := user-name-format with-domain
			username-authorization apply
			vpn-instance <vpn:string:1-31>`},
		{views: "radius-da", lines: `
			client { ip <address:ip> | ipv6 <six:ipv6> } [ key { cipher <secret:string:1-117> | simple <plain:string:1-64> } | vpn-instance <vpn:string:1-31> ] * -> client { ip <address> | ipv6 <six> } [ vpn-instance <vpn> ]
			port <port:1-65535>`},
		{views: "system", place: placeHWTACACS, lines: `
			hwtacacs scheme <tacacs:string:1-32> -> = >> hwtacacs hwtacacs-<tacacs>
			hwtacacs nas-ip { <address:ip> | ipv6 <six:ipv6> | interface <interface:interface> } [ vpn-instance <vpn:string:1-31> ] -> hwtacacs nas-ip { <address> | ipv6 <six> | interface } [ vpn-instance <vpn> ]`},
		{views: "hwtacacs", lines: server("primary", "authentication", "single-connection | ") + server("primary", "authorization", "single-connection | ") + server("primary", "accounting", "single-connection | ")},
		{views: "hwtacacs", place: 5, same: true, lines: server("secondary", "authentication", "single-connection | ")},
		{views: "hwtacacs", place: 6, same: true, lines: server("secondary", "authorization", "single-connection | ")},
		{views: "hwtacacs", place: 7, same: true, lines: server("secondary", "accounting", "single-connection | ")},
		{views: "hwtacacs", place: 10, lines: `
			data-flow-format { data { byte | giga-byte | kilo-byte | mega-byte } | packet { giga-packet | kilo-packet | mega-packet | one-packet } } *
			key { accounting | authentication | authorization } { cipher <secret:string:1-373> | simple <plain:string:1-255> } -> key { accounting | authentication | authorization }
			nas-ip { <address:ip> | interface <interface:interface> | ipv6 <six:ipv6> } -> nas-ip [ interface | ipv6 ]
			stop-accounting-buffer enable !
			timer quiet <minutes:1-255>
			timer realtime-accounting <interval:0-60>
			timer response-timeout <seconds:1-300>
			user-name-format { keep-original | with-domain | without-domain } := user-name-format with-domain
			vpn-instance <vpn:string:1-31>`},
		{views: "system", place: placeLDAP, lines: `
			ldap server <ldap:string:1-64> -> = >> ldap-server ldap-server-<ldap>
			ldap attribute-map <map:string:1-31> -> = >> ldap-map ldap-map-<map>`},
		{views: "system", place: placeLDAP + 1, lines: `
			ldap scheme <ldap:string:1-32> -> = >> ldap-scheme ldap-<ldap>`},
		{views: "ldap-server", lines: `
			ip <address:ip> [ port <port:1-65535> ] [ vpn-instance <vpn:string:1-31> ]
			ipv6 <six:ipv6> [ port <port:1-65535> ] [ vpn-instance <vpn:string:1-31> ]
			login-dn <dn:string:1-255>
			login-password { cipher <secret:string:1-201> | simple <plain:string:1-128> }
			protocol-version { v2 | v3 } := protocol-version v3
			search-base-dn <dn:string:1-255>
			search-scope { all-level | single-level } := search-scope all-level
			server-timeout <seconds:5-20>
			user-parameters user-name-attribute { cn | uid | <attribute:string:1-64> } -> user-parameters user-name-attribute
			user-parameters user-name-format { with-domain | without-domain } := user-parameters user-name-format without-domain
			user-parameters user-object-class <class:string:1-64>`},
		{views: "ldap-scheme", lines: `
			attribute-map <map:string:1-31>
			authentication-server <ldap:string:1-64>
			authorization-server <ldap:string:1-64>
			user-group-filter <filter:string:1-127>`},
		{views: "ldap-map", lines: `
			map ldap-attribute <attribute:string:1-63> [ prefix <prefix:string:1-7> delimiter <separator:string:1-1> ] aaa-attribute { user-group | user-profile } -> map ldap-attribute <attribute>`},
		{views: "system", place: placePortal, lines: `
			portal server <portal:string:1-32> -> = >> portal-server portal-server-<portal>
			portal web-server <portal:string:1-32> -> = >> portal-web portal-websvr-<portal>
			portal free-rule <rule:0-4294967295> { destination ip { <address:ip> <mask:mask> | any } [ tcp <port:0-65535> | udp <port:0-65535> ] | source ip { <source:ip> <source-mask:mask> | any } [ tcp <source-port:0-65535> | udp <source-port:0-65535> ] | source interface <interface:interface> } * [ interface <on:interface> ] -> portal free-rule <rule>
			portal max-user <count:1-4294967295>
			portal nas-port-id format <format:1-4>
			portal roaming enable`},
		{views: "portal-server", lines: `
			ip <address:ip> [ vpn-instance <vpn:string:1-31> ] [ key { cipher <secret:string:1-117> | simple <plain:string:1-64> } ]
			ipv6 <six:ipv6> [ vpn-instance <vpn:string:1-31> ] [ key { cipher <secret:string:1-117> | simple <plain:string:1-64> } ]
			port <port:1-65534>
			server-detect [ timeout <seconds:10-3600> ] { log | trap } *
			user-sync timeout <seconds:60-18000> -> user-sync`},
		{views: "portal-web", lines: `
			server-detect [ interval <interval:1-1200> ] [ retry <times:1-10> ] { log | trap } *
			url <url:string:1-256>
			url-parameter <parameter:string:1-32> { original-url | source-address | source-mac | value <value:string:1-256> } -> url-parameter <parameter>
			vpn-instance <vpn:string:1-31>`},
		{views: layer3, place: placePortalLines, lines: `
			portal enable method { direct | layer3 | redhcp } -> portal enable
			portal ipv6 enable method { direct | layer3 } -> portal ipv6 enable
			portal [ ipv6 ] apply web-server <portal:string:1-32> [ fail-permit ] -> portal [ ipv6 ] apply web-server
			portal [ ipv6 ] domain <domain:string:1-255> -> portal [ ipv6 ] domain
			portal [ ipv6 ] fail-permit server <portal:string:1-32> -> portal [ ipv6 ] fail-permit server
			portal authorization { acl | user-profile } strict-checking -> =
			portal bas-ip <address:ip>
			portal bas-ipv6 <six:ipv6>
			portal free-all except destination <address:ip> <mask:mask> -> portal free-all except destination <address>
			portal layer3 source <address:ip> <mask:mask> -> portal layer3 source <address>
			portal { ipv4-max-user | ipv6-max-user } <count:1-4294967295> -> portal { ipv4-max-user | ipv6-max-user }
			portal nas-id-profile <profile:string:1-31>
			portal [ ipv6 ] pre-auth domain <domain:string:1-255> -> portal [ ipv6 ] pre-auth domain
			portal [ ipv6 ] pre-auth ip-pool <pool:string:1-63> -> portal [ ipv6 ] pre-auth ip-pool
			portal user-detect type { arp | icmp } [ retry <times:1-10> ] [ interval <interval:1-1200> ] [ idle <idle:60-3600> ] -> portal user-detect
			web-redirect url <url:string:1-256> [ interval <interval:60-86400> ] -> web-redirect`},
	},
	texts: `
		authentication=Authentication
		authorization=Authorization
		accounting=Accounting
		default=Default methods, or the default domain
		login=Login users
		portal=Portal users
		ip=IP address
		ipv6=IPv6 address
		car=Committed access rate of the user
		key=Shared key
		domain=ISP domain
		<domain>=Name of an ISP domain
		enable=Enable
		state=State of the domain or server
		active=Active
		block=Blocked
		timer=Timers
		<interval>=Interval
		<times>=Number of times
		<count>=Number of users
		local=Local users
		none=No check
		server=Server
		port=Port
		<ldap>=Name of an LDAP server or scheme
		http=HTTP users
		https=HTTPS users
		attribute=RADIUS attribute
		15=Attribute 15, Login-Service
		25=Attribute 25, Class
		30=Attribute 30, Called-Station-Id
		31=Attribute 31, Calling-Station-Id
		super=Change of the user role
		command=Commands
		client=Client of the server
		url=URL
		<server>=IP address of the server
		<rule>=Number of the rule
		interface=Interface
		<on>=Interface that the rule is on
		type=Type of the packets
		data=Data
		source=Source of the traffic
		destination=Destination of the traffic
		retry=Number of attempts
		service-type=Type of service
		prefix=Prefix of the attribute
		layer3=Layer 3 authentication
		value=Value of your own
		interval=Interval
		map=Map an attribute
		algorithm=How servers are chosen
		idle=Time before a user is detected
		extended=Extended
		separator=Separator`,
}
