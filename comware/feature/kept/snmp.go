package kept

// Access lists of SNMP.
const snmpACL = "[ acl { <acl:2000-2999> | name <acl-name:string:1-63> } | acl ipv6 { <acl6:2000-2999> | name <acl6-name:string:1-63> } ] *"

// snmp is "SNMP" of the network management command reference.
var snmp = module{
	parts: []part{
		{views: "system", place: placeSNMP, lines: `
			snmp-agent
			snmp-agent local-engineid <engine:string:10-64>
			snmp-agent community { read | write } { <plain:string:1-32> | simple <plain:string:1-32> | cipher <secret:string:1-73> } [ mib-view <view:string:1-32> ] ` + snmpACL + ` -> snmp-agent community { read | write } { <plain> | simple <plain> | cipher <secret> }
			snmp-agent community { simple <plain:string:1-32> | cipher <secret:string:1-73> } user-role <role:string:1-63> ` + snmpACL + ` -> snmp-agent community { simple <plain> | cipher <secret> } user-role
			snmp-agent community-map <community:string:1-32> context <context:string:1-32> -> =
			snmp-agent context <context:string:1-32> -> =
			snmp-agent group { v1 | v2c } <group:string:1-32> [ notify-view <notify:string:1-32> | read-view <read-view:string:1-32> | write-view <write-view:string:1-32> ] * ` + snmpACL + ` -> snmp-agent group { v1 | v2c } <group>
			snmp-agent group v3 <group:string:1-32> [ authentication | privacy ] [ notify-view <notify:string:1-32> | read-view <read-view:string:1-32> | write-view <write-view:string:1-32> ] * ` + snmpACL + ` -> snmp-agent group v3 <group> [ authentication | privacy ]
			snmp-agent log { all | authfail | get-operation | set-operation } -> =
			snmp-agent mib-view { excluded | included } <view:string:1-32> <oid:string:1-255> [ mask <hex:string:1-32> ] -> snmp-agent mib-view { excluded | included } <view> [ <oid> ]
			snmp-agent packet max-size <bytes:484-17940>
			snmp-agent port <port:1-65535>
			snmp-agent remote { <server:ip> | ipv6 <six:ipv6> } [ vpn-instance <vpn:string:1-31> ] engineid <engine:string:10-64> -> snmp-agent remote { <server> | ipv6 <six> } [ vpn-instance <vpn> ]
			snmp-agent { inform | trap } source <interface:interface> -> snmp-agent { inform | trap } source
			snmp-agent sys-info contact <text:text:1-255>
			snmp-agent sys-info location <text:text:1-255>
			snmp-agent sys-info version { all | { v1 | v2c | v3 } * } := snmp-agent sys-info version v3
			snmp-agent target-host inform address udp-domain { <server:ip> | ipv6 <six:ipv6> } [ udp-port <port:1-65535> ] [ vpn-instance <vpn:string:1-31> ] params securityname <name:string:1-32> { v2c | v3 [ authentication | privacy ] } -> snmp-agent target-host inform address udp-domain { <server> | ipv6 <six> } params securityname <name> [ vpn-instance <vpn> ]
			snmp-agent target-host trap address udp-domain { <server:ip> | ipv6 <six:ipv6> } [ udp-port <port:1-65535> ] [ dscp <dscp:0-63> ] [ vpn-instance <vpn:string:1-31> ] params securityname <name:string:1-32> [ v1 | v2c | v3 [ authentication | privacy ] ] -> snmp-agent target-host trap address udp-domain { <server> | ipv6 <six> } params securityname <name> [ vpn-instance <vpn> ]
			snmp-agent trap enable arp [ active-ack | detection | local-conflict | rate-limit | src-mac ] * -> snmp-agent trap enable arp
			snmp-agent trap enable bfd !
			snmp-agent trap enable bgp !
			snmp-agent trap enable configuration !
			snmp-agent trap enable ike [ attr-not-support | auth-failure | cert-type-unsupport | cert-unavailable | decrypt-failure | encrypt-failure | global | invalid-cert-auth | invalid-cookie | invalid-id | invalid-proposal | invalid-protocol | invalid-sign | no-sa-failure | proposal-add | proposal-delete | tunnel-start | tunnel-stop | unsupport-exch-type ] * -> snmp-agent trap enable ike
			snmp-agent trap enable ipsec [ auth-failure | decrypt-failure | encrypt-failure | global | invalid-sa-failure | no-sa-failure | policy-add | policy-attach | policy-delete | policy-detach | tunnel-start | tunnel-stop ] * -> snmp-agent trap enable ipsec
			snmp-agent trap enable l3vpn !
			snmp-agent trap enable lldp
			snmp-agent trap enable local-bill
			snmp-agent trap enable mac-address [ mac-move ]
			snmp-agent trap enable ospf [ authentication-failure | bad-packet | config-error | if-state-change | lsa-maxage | lsa-originate | lsdb-approaching-overflow | lsdb-overflow | neighbor-state-change | nssatranslator-status-change | retransmit | virt-authentication-failure | virt-bad-packet | virt-config-error | virt-retransmit | virtgrhelper-status-change | virtif-state-change | virtneighbor-state-change ] * -> = !
			snmp-agent trap enable policy-based-route
			snmp-agent trap enable radius [ accounting-server-down | accounting-server-up | authentication-error-threshold | authentication-server-down | authentication-server-up ] *
			snmp-agent trap enable rddc
			snmp-agent trap enable standard [ authentication | coldstart | linkdown | linkup | warmstart ] * -> = !
			snmp-agent trap enable stp [ new-root | tc ]
			snmp-agent trap enable syslog
			snmp-agent trap enable system !
			snmp-agent trap if-mib link extended
			snmp-agent trap life <seconds:1-2592000>
			snmp-agent trap log
			snmp-agent trap periodical-interval <seconds:0-3600>
			snmp-agent trap queue-size <size:1-1000>
			snmp-agent usm-user { v1 | v2c } <user:string:1-32> <group:string:1-32> ` + snmpACL + ` -> snmp-agent usm-user { v1 | v2c } <user>
			snmp-agent usm-user v3 <user:string:1-32> { <group:string:1-32> [ remote { <server:ip> | ipv6 <six:ipv6> } [ vpn-instance <vpn:string:1-31> ] ] | user-role <role:string:1-63> } [ { cipher | simple } authentication-mode { md5 | sha | sha224 | sha256 | sha384 | sha512 } <auth:string:1-140> [ privacy-mode { 3des | aes128 | aes192 | aes256 | des56 } <priv:string:1-140> ] ] ` + snmpACL + ` -> snmp-agent usm-user v3 <user>`},
		{views: "interface " + keptLayer3 + " bagg loopback", place: placeServices + 10, lines: `
			enable snmp trap updown !`},
	},
	texts: `
		authentication=Authenticate packets, or an authentication failure trap
		log=Log operations of a network manager, or traps
		all=All
		context=SNMP context
		group=SNMP group
		port=UDP port of the agent
		system=System traps
		configuration=Configuration traps
		standard=Standard traps
		global=Global switch of these traps
		source=Source of notifications
		<group>=Name of the group
		<server>=IP address of the host
		<user>=Name of the user
		<name>=Security name
		<role>=Name of a user role
		<view>=Name of a MIB view
		<text>=Text
		mask=Mask of the subtree
		remote=Remote engine of the user
		simple=Plaintext
		cipher=Ciphertext
		enable=Enable
		link=Link traps
		address=Address of the host
		<password>=Plaintext key
		mode=Algorithms of the key
		local-conflict=ARP conflict traps`,
}
