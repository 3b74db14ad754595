package kept

import "cwlab/comware/feature"

// ppp is "PPP", "PPPoE", "DDR" of a dialer interface, "L2TP" and what is only kept
// of "Tunneling" of the command references.
var ppp = module{
	views: []feature.View{{Name: "l2tp-group", Parent: "system", Title: "L2TP group"}},
	parts: []part{
		{views: "system", place: placePPP, lines: `
			ip pool <pool:string:1-31> <first:ip> [ <last:ip> ] [ group <group:string:1-31> ] -> ip pool <pool> [ <first> [ <last> ] ]
			ip pool <pool:string:1-31> gateway <gateway:ip> [ vpn-instance <vpn:string:1-31> ] -> ip pool <pool> gateway
			ppp mp user <user:string:1-80> bind virtual-template <number:0-1023> -> ppp mp user <user>
			dialer-group <number:1-255> rule { { ip | ipv6 } { deny | permit } | acl { <acl:2000-3999> | name <name:string:1-63> } } -> dialer-group <number> rule [ ip | ipv6 ]
			pppoe-server session-limit total <count:1-65535>
			tunnel discard ipv4-compatible-packet`},
		{views: "dialer vt", place: placePPPLines, lines: `
			link-protocol ppp -> none
			ppp authentication-mode { chap | ms-chap | ms-chap-v2 | pap } * [ [ call-in ] domain <domain:string:1-255> ] -> ppp authentication-mode
			ppp chap password { cipher <secret:string:1-97> | simple <plain:string:1-48> } -> ppp chap password
			ppp chap user <user:string:1-80>
			ppp pap local-user <user:string:1-80> password { cipher <secret:string:1-97> | simple <plain:string:1-48> } -> ppp pap local-user
			ppp accm <hex:string:1-8>
			ppp account-statistics enable [ acl { <acl:2000-3999> | name <name:string:1-63> } ] -> ppp account-statistics enable
			ppp compression iphc enable [ nonstandard ] -> ppp compression iphc enable
			ppp ipcp dns <first:ip> [ <second:ip> ] -> ppp ipcp dns
			ppp ipcp dns admit-any
			ppp ipcp dns request
			ppp ipcp remote-address match
			ppp lqm close-percentage <percent:0-100> [ resume-percentage <resume:0-100> ] -> ppp lqm
			ppp mp
			ppp mp binding-mode { authentication | both | descriptor } -> ppp mp binding-mode
			ppp timer negotiate <seconds:1-10>
			remote address { <address:ip> | pool [ <pool:string:1-31> ] } -> remote address
			timer-hold <seconds:0-32767>
			timer-hold retry <times:1-255>`},
		{views: "dialer", place: placePPPLines + 20, lines: `
			dialer bundle enable
			dialer diagnose [ interval <interval:5-65535> ]
			dialer-group <number:1-255>
			dialer timer idle <seconds:0-65535>
			dialer timer wait-carrier <seconds:0-65535>
			dialer timer autodial <seconds:1-604800>
			dialer timer enable <seconds:5-65535>
			dialer queue-length <packets:1-100>
			dialer peer-name <name:string:1-80>`},
		{views: "interface ragg reth vlanif", place: placePPPLines, lines: `
			pppoe-client dial-bundle-number <number:0-1023> [ no-hostuniq ] -> pppoe-client dial-bundle-number <number>
			pppoe-server bind virtual-template <number:0-1023> -> pppoe-server bind
			pppoe-server session-limit <count:1-65534>
			pppoe-server session-limit per-mac <count:1-65534>
			pppoe-server tag ac-name <name:string:1-64>
			pppoe-server tag service-name <name:string:1-64>`},
		{views: "tunnel", place: placeTunnel, lines: `
			encapsulation-limit <number:0-10>
			tunnel vpn-instance <vpn:string:1-31>`},
		{views: "system", place: placeL2TP, lines: `
			l2tp enable
			l2tp tsa-id <id:string:1-64>
			l2tp-group <number:1-65535> [ mode { lac | lns } ] -> l2tp-group <number> >> l2tp-group l2tp<number>`},
		{views: "l2tp-group", lines: `
			allow l2tp virtual-template <number:0-1023> [ remote <name:string:1-31> ] -> allow
			ip dscp <dscp:0-63>
			lns-ip <address:ip> &<1-5> -> lns-ip
			mandatory-chap
			mandatory-lcp
			source-ip <address:ip>
			tunnel authentication !
			tunnel avp-hidden
			tunnel flow-control
			tunnel name <name:string:1-31>
			tunnel password { cipher <secret:string:1-53> | simple <plain:string:1-16> } -> tunnel password
			tunnel timer hello <seconds:60-1000>
			user { domain <domain:string:1-255> | fullusername <user:string:1-255> } -> user
			vpn-instance <vpn:string:1-31>`},
	},
	texts: `
		wait-carrier=Time for which a call may take
		mode=Mode of the tunnel or of the L2TP group
		source=Source of the tunnel
		destination=Destination of the tunnel
		<number>=Number
		<name>=Name
		<group>=Name of the group
		<first>=First address
		<last>=Last address
		<second>=Secondary server
		<times>=Number of attempts
		<interval>=Interval in seconds
		<count>=Number of sessions
		<six>=IPv6 address
		<id>=ID
		<interface>=Interface
		ip=Internet Protocol
		ipv6=IPv6
		pool=Address pool
		group=Group of pools
		gateway=Gateway of the pool
		authentication=Authentication
		password=Password
		user=User
		timer=Timers
		hello=Interval of hello packets
		keepalive=Detect a tunnel that is broken
		tunnel=Tunnel
		interval=Interval
		retry=Number of keepalives without an answer
		both=Both
		gre=GRE
		enable=Enable, or the interval before the next call
		domain=Domain of users
		link-protocol=Protocol of the link layer
		bind=Bind a virtual template
		rule=Packets that start a call
		name=Name
		acl=ACL
		remote=The other end
		interface=Specify the interface configuration view
		allow=Accept tunnels
		udp=UDP
		dns=DNS servers
		address=Address of the other end`,
}
