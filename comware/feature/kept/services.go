package kept

import "cwlab/comware/feature"

// Where a client or server of the device takes its source address.
const source = "{ interface <interface:interface> | ip <address:ip> }"

// services is "DNS", "NTP", "FTP and TFTP", "NETCONF", the web server and what
// else the device serves.
var services = module{
	views: []feature.View{
		{Name: "ddns-policy", Parent: "system", Title: "DDNS policy"},
	},
	parts: []part{
		{views: "system", place: placeDNS, lines: `
			dns domain <domain:string:1-253> [ vpn-instance <vpn:string:1-31> ] -> =
			dns dscp <dscp:0-63>
			dns proxy enable
			dns server <server:ip> [ vpn-instance <vpn:string:1-31> ] -> =
			dns source-interface <interface:interface> [ vpn-instance <vpn:string:1-31> ] -> dns source-interface
			dns spoofing <server:ip> [ vpn-instance <vpn:string:1-31> ] -> =
			dns trust-interface <interface:interface> -> =
			ip host <name:string:1-253> <address:ip> vpn-instance <vpn:string:1-31> -> =
			ipv6 dns dscp <dscp:0-63>
			ipv6 dns server <six:ipv6> [ <interface:interface> ] [ vpn-instance <vpn:string:1-31> ] -> ipv6 dns server <six>
			ipv6 dns spoofing <six:ipv6> [ vpn-instance <vpn:string:1-31> ] -> =
			ipv6 host <host:string:1-253> <six:ipv6> [ vpn-instance <vpn:string:1-31> ] -> =
			ddns dscp <dscp:0-63>
			ddns policy <policy:string:1-32> -> = >> ddns-policy ddns-policy-<policy>`},
		{views: "ddns-policy", lines: `
			interval <days:0-365> [ <hours:0-23> [ <minutes:0-59> ] ]
			method { http-get | http-post }
			password { cipher <secret:string:1-73> | simple <plain:string:1-32> }
			ssl-client-policy <policy:string:1-31>
			url <url:string:1-240>
			username <user:string:1-32>`},
		{views: layer3, place: placeServices + 20, lines: `
			ddns apply policy <policy:string:1-32> [ fqdn <domain:string:1-253> ] -> ddns apply policy <policy>
			ntp-service broadcast-client
			ntp-service broadcast-server [ authentication-keyid <key:1-4294967295> | version <version:1-4> ] *
			ntp-service inbound enable !
			ntp-service ipv6 inbound enable !
			ntp-service multicast-client [ <multicast:ip> ] -> ntp-service multicast-client
			ntp-service multicast-server [ <multicast:ip> ] [ authentication-keyid <key:1-4294967295> | ttl <ttl:1-255> | version <version:1-4> ] * -> ntp-service multicast-server`},
		{views: "system", place: placeNTP, lines: `
			ntp-service enable
			ntp-service { peer | query | server | synchronization } acl <acl:2000-2999> -> ntp-service { peer | query | server | synchronization } acl
			ntp-service ipv6 { peer | query | server | synchronization } acl <acl:2000-2999> -> ntp-service ipv6 { peer | query | server | synchronization } acl
			ntp-service authentication enable
			ntp-service authentication-keyid <key:1-4294967295> authentication-mode { md5 | hmac-sha-1 | hmac-sha-256 | hmac-sha-384 | hmac-sha-512 } { cipher <secret:string:1-73> | simple <plain:string:1-32> } [ acl <acl:2000-2999> ] -> ntp-service authentication-keyid <key>
			ntp-service dscp <dscp:0-63>
			ntp-service ipv6 dscp <dscp:0-63>
			ntp-service max-dynamic-sessions <number:0-100>
			ntp-service refclock-master [ <clock:ip> ] [ <stratum:1-15> ] -> ntp-service refclock-master
			ntp-service reliable authentication-keyid <key:1-4294967295> -> =
			ntp-service source <interface:interface>
			ntp-service ipv6 source <interface:interface>
			ntp-service unicast-peer { <server:ip> | <host:string:1-253> } [ vpn-instance <vpn:string:1-31> ] [ authentication-keyid <key:1-4294967295> | maxpoll <poll:4-17> | minpoll <poll:4-17> | priority | source <interface:interface> | version <version:1-4> ] * -> ntp-service unicast-peer { <server> | <host> } [ vpn-instance <vpn> ]
			ntp-service unicast-server { <server:ip> | <host:string:1-253> } [ vpn-instance <vpn:string:1-31> ] [ authentication-keyid <key:1-4294967295> | maxpoll <poll:4-17> | minpoll <poll:4-17> | priority | source <interface:interface> | version <version:1-4> ] * -> ntp-service unicast-server { <server> | <host> } [ vpn-instance <vpn> ]
			ntp-service ipv6 unicast-peer <host:string:1-253> [ vpn-instance <vpn:string:1-31> ] [ authentication-keyid <key:1-4294967295> | priority | source <interface:interface> ] * -> ntp-service ipv6 unicast-peer <host> [ vpn-instance <vpn> ]
			ntp-service ipv6 unicast-server <host:string:1-253> [ vpn-instance <vpn:string:1-31> ] [ authentication-keyid <key:1-4294967295> | priority | source <interface:interface> ] * -> ntp-service ipv6 unicast-server <host> [ vpn-instance <vpn> ]
			sntp authentication enable
			sntp authentication-keyid <key:1-4294967295> authentication-mode md5 { cipher <secret:string:1-73> | simple <plain:string:1-32> } -> sntp authentication-keyid <key>
			sntp enable
			sntp reliable authentication-keyid <key:1-4294967295> -> =
			sntp unicast-server { <server:ip> | <host:string:1-253> } [ vpn-instance <vpn:string:1-31> ] [ authentication-keyid <key:1-4294967295> | source <interface:interface> | version <version:1-4> ] * -> sntp unicast-server { <server> | <host> } [ vpn-instance <vpn> ]`},
		{views: "system", place: placeFTP, lines: `
			ftp server enable
			ftp server acl { <acl:2000-3999> | ipv6 <acl6:2000-3999> } -> ftp server acl [ ipv6 ]
			ftp server dscp <dscp:0-63>
			ftp server ipv6 dscp <dscp:0-63>
			ftp server ssl-server-policy <policy:string:1-31>
			ftp timeout <minutes:1-35791>
			ftp client source ` + source + ` -> ftp client source
			ftp client ipv6 source { interface <interface:interface> | ipv6 <six:ipv6> } -> ftp client ipv6 source
			tftp client source ` + source + ` -> tftp client source
			tftp client ipv6 source { interface <interface:interface> | ipv6 <six:ipv6> } -> tftp client ipv6 source
			tftp-server acl <acl:2000-2999>
			tftp-server ipv6 acl <acl:2000-2999>`},
		{views: "system", place: placeNETCONF, lines: `
			netconf soap http enable
			netconf soap https enable
			netconf soap http acl <acl:2000-2999>
			netconf soap https acl <acl:2000-2999>
			netconf ssh server port <port:1-65535>
			restful http enable
			restful https enable
			ip http acl <acl:2000-2999>
			ip http port <port:1-65535>
			ip https acl <acl:2000-2999>
			ip https port <port:1-65535>
			ip https ssl-server-policy <policy:string:1-31>
			ip https certificate access-control-policy <policy:string:1-31>
			web idle-timeout <minutes:1-999>
			web captcha <captcha:string:4-4>
			webui log enable`},
		{views: "system", place: placeHTTP, lines: `
			ip http enable
			ip https enable`},
		{views: "system", place: feature.PlaceClock, lines: `
			clock protocol { none | ntp } -> clock protocol`},
		{views: "system", place: placePerf, lines: `
			performance-management
			security-enhanced level { 1 | 2 } -> security-enhanced level
			usb disable
			tcp syn-cookie enable
			tcp mss <mss:128-9178>
			tcp path-mtu-discovery [ aging <aging:10-30> | no-aging ] -> tcp path-mtu-discovery
			tcp timer fin-timeout <seconds:76-3600>
			tcp timer syn-timeout <seconds:2-600>
			tcp window <size:1-64>
			dac log-collect service { dpi | security } { audit | email | file-filter | traffic | traffic-policy | url-filter } enable -> = !
			dac storage service { audit | dpi | file-filter | ips | anti-virus | security | threat | traffic | url-filter } limit { hold-time <days:1-365> | max-usage <percent:1-90> | action { delete | log-only } } -> dac storage service { audit | dpi | file-filter | ips | anti-virus | security | threat | traffic | url-filter } limit { hold-time | max-usage | action }
			cloud-management server domain <domain:string:1-253>
			cloud-management server port <port:1-65535>
			cloud-management keepalive <seconds:10-600>`},
		{views: "system", place: feature.PlacePasswordRecovery, lines: `
			password-recovery enable`},
	},
	texts: `
		security-enhanced=Enhanced security
		1=Level 1
		2=Level 2
		level=Level
		usb=USB ports
		path-mtu-discovery=Path MTU discovery
		<aging>=Minutes after which the MTU is tried again
		fin-timeout=Time to wait for the end of a connection
		syn-timeout=Time to wait for a connection
		window=Window size
		<size>=Size in kilobytes
		dac=Data analysis center
		log-collect=Collection of logs
		email=Mails
		traffic=Traffic
		threat=Threats
		hold-time=Days that data is held
		max-usage=Share of the disk
		log-only=Only log it
		action=What is done at the limit
		clock=Clock of the device
		none=The device itself
		ntp=Network Time Protocol
		source=Source of the packets sent
		ip=Internet Protocol
		server=Server
		peer=Allow peers, or a symmetric peer
		query=Allow queries
		synchronization=Allow synchronization and queries
		client=Client
		<server>=IP address
		<host>=Host name, or address
		interval=Interval
		<interval>=Interval
		<days>=Days
		<hours>=Hours
		<minutes>=Minutes
		<id>=Number of the command in the job
		<text>=Command
		<key>=ID of the key
		password=Password
		domain=Domain name
		url=URL
		job=Job
		port=Port
		time=When the jobs run
		at=At a time
		enable=Enable the service
		acl=Control access by an ACL
		spoofing=Answer with this address while there is no server
		http=HTTP service
		https=HTTPS service
		priority=Prefer this server
		username=User name
		method=Method of the request
		<clock>=Clock of the device, or time as HH:MM
		version=Version of NTP`,
}
