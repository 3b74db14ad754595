package kept

import (
	"strings"

	"cwlab/comware/feature"
)

// floods are the lines of a policy against the flood attacks.
func floods() string {
	const two = "{ ip <address:ip> | ipv6 <six:ipv6> }"
	var b strings.Builder
	for _, f := range []struct {
		name, target string
		verify, port bool
	}{
		{"ack", two, true, false}, {"dns", two, true, true}, {"fin", two, true, false}, {"http", two, true, true},
		{"icmp", "ip <address:ip>", false, false}, {"icmpv6", "ipv6 <six:ipv6>", false, false}, {"rst", two, true, false},
		{"sip", two, true, true}, {"syn", two, true, false}, {"syn-ack", two, true, false}, {"udp", two, false, false},
	} {
		action := "{ drop | logging } *"
		if f.verify {
			action = "{ client-verify | drop | logging } *"
		}
		port := ""
		if f.port {
			port = "[ port <port:1-65535> &<1-32> ] "
		}
		name := f.name + "-flood"
		undo := strings.NewReplacer(":ip>", ">", ":string:2-46>", ">").Replace(f.target)
		for _, line := range []string{
			name + " action " + action,
			name + " detect " + f.target + " [ vpn-instance <vpn:string:1-31> ] " + port + "[ threshold <threshold:1-1000000> ] [ action { " + action + " | none } ] -> " + name + " detect " + undo + " [ vpn-instance <vpn> ]",
			name + " detect non-specific",
			name + " threshold <threshold:1-1000000>",
		} {
			b.WriteString(line + "\n")
		}
		if f.port {
			b.WriteString(name + " port <port:1-65535> &<1-32> -> " + name + " port\n")
		}
	}
	return b.String()
}

// signatures are the names of single-packet attacks.
const signatures = "{ fraggle | fragment | impossible | land | large-icmp | large-icmpv6 | ping-of-death | smurf | snork | tcp-all-flags | tcp-fin-only | tcp-invalid-flags | tcp-null-flag | tcp-syn-fin | teardrop | tiny-fragment | traceroute | udp-bomb | winnuke }"

// attack is "Attack detection and prevention" and "ARP attack protection" of
// the security command reference.
var attack = module{
	views: []feature.View{
		{Name: "attack-defense", Parent: "system", Title: "Attack defense policy"},
	},
	parts: []part{
		{views: "system", place: placeBlacklist, lines: `
			blacklist global enable
			blacklist logging enable
			blacklist ip <address:ip> [ vpn-instance <vpn:string:1-31> ] [ ds-lite-peer <six:ipv6> ] [ timeout <minutes:1-10080> ] -> blacklist ip <address> [ vpn-instance <vpn> ] [ ds-lite-peer <six> ]
			blacklist ipv6 <six:ipv6> [ vpn-instance <vpn:string:1-31> ] [ timeout <minutes:1-10080> ] -> blacklist ipv6 <six> [ vpn-instance <vpn> ]
			blacklist object-group <group:string:1-63>
			whitelist global enable
			whitelist object-group <group:string:1-63>
			attack-defense local apply policy <policy:string:1-31>
			attack-defense login enable
			attack-defense login block-timeout <minutes:1-60>
			attack-defense login max-attempt <times:1-60>
			attack-defense login reauthentication-delay <seconds:4-60>
			attack-defense signature log non-aggregate
			attack-defense tcp fragment enable !
			client-verify { dns | dns-reply | http | sip | tcp } protected ip <address:ip> [ vpn-instance <vpn:string:1-31> ] [ port <port:1-65535> ] -> =
			client-verify { dns | dns-reply | http | sip | tcp } protected ipv6 <six:ipv6> [ vpn-instance <vpn:string:1-31> ] [ port <port:1-65535> ] -> =`},
		{views: "system", place: placeAttack, lines: `
			attack-defense policy <policy:string:1-31> -> = >> attack-defense attack-defense-policy-<policy>`},
		{views: "attack-defense", lines: `
			scan detect level { high | low | medium | user-defined { port-scan-threshold <ports:1-1000000000> | ip-sweep-threshold <sweep:1-1000000000> } * [ period <period:1-1000000000> ] } action { { block-source [ timeout <minutes:1-10080> ] | drop } | logging } * -> scan detect level`},
		{views: "attack-defense", place: 10, lines: floods()},
		{views: "attack-defense", place: 80, lines: `
			signature { large-icmp | large-icmpv6 } max-length <length:28-65534> -> signature { large-icmp | large-icmpv6 } max-length
			signature detect ` + signatures + ` [ action { { drop | logging } * | none } ] -> signature detect ` + signatures + `
			signature detect { ip-option-abnormal | ip-option { <code:0-255> | internet-timestamp | loose-source-routing | record-route | route-alert | security | stream-id | strict-source-routing } } [ action { { drop | logging } * | none } ] -> signature detect { ip-option-abnormal | ip-option { <code> | internet-timestamp | loose-source-routing | record-route | route-alert | security | stream-id | strict-source-routing } }
			signature detect icmp-type { <type:0-255> | address-mask-reply | address-mask-request | destination-unreachable | echo-reply | echo-request | information-reply | information-request | parameter-problem | redirect | source-quench | time-exceeded | timestamp-reply | timestamp-request } [ action { { drop | logging } * | none } ] -> signature detect icmp-type { <type> | address-mask-reply | address-mask-request | destination-unreachable | echo-reply | echo-request | information-reply | information-request | parameter-problem | redirect | source-quench | time-exceeded | timestamp-reply | timestamp-request }
			signature level { high | info | low | medium } action { { drop | logging } * | none } -> signature level { high | info | low | medium } action
			signature level { high | info | low | medium } detect -> =
			exempt acl { <acl:2000-3999> | name <name:string:1-63> } -> exempt acl
			exempt acl ipv6 { <acl6:2000-3999> | name <name:string:1-63> } -> exempt acl ipv6
			http-slow-attack detect non-specific
			http-slow-attack action { block-source [ timeout <minutes:1-10080> ] | logging } *`},
		{views: layer3 + " security-zone", place: placeGuard, lines: `
			attack-defense apply policy <policy:string:1-31> -> attack-defense apply policy
			blacklist enable
			whitelist enable
			client-verify dns enable
			client-verify http enable
			client-verify tcp enable [ mode { syn-cookie | safe-reset } ] -> client-verify tcp enable`},
		{views: "system", place: placeBlacklist - 5, lines: `
			arp active-ack [ strict ] enable -> arp active-ack enable
			arp detection validate { dst-mac | ip | src-mac } * -> arp detection validate
			arp rate-limit log enable
			arp rate-limit log interval <interval:1-86400>
			arp resolving-route enable !
			arp resolving-route probe-count <count:1-25>
			arp resolving-route probe-interval <interval:1-5>
			arp source-mac { filter | monitor } -> arp source-mac
			arp source-mac aging-time <seconds:60-6000>
			arp source-mac exclude-mac <mac:mac> &<1-10> -> arp source-mac exclude-mac
			arp source-mac threshold <threshold:1-5000>
			arp source-suppression enable
			arp source-suppression limit <limit:2-1024>
			arp valid-check enable`},
		{views: layer3, place: placeGuard + 10, lines: `
			arp authorized enable`},
		{views: layer2, place: placeGuard + 20, lines: `
			arp detection trust
			arp rate-limit [ <pps:5-200> ]
			arp filter source <address:ip> -> =
			arp filter binding <address:ip> <mac:mac> -> arp filter binding <address>`},
	},
	texts: `
		port=Destination ports to protect
		ip=IPv4 address
		ipv6=IPv6 address
		redirect=ICMP redirect
		source-mac=ARP attacks from one MAC address
		detect=Detect the attack
		action=What is done about the attack
		acl=ACL
		http=HTTP clients
		<type>=Type of the ICMP message
		<code>=Number of the option
		<length>=Length in bytes
		<group>=Name of an object group
		filter=Filter packets
		timeout=How long the source stays blocked
		level=Level
		high=High level
		medium=Medium level
		low=Low level
		mode=Mode
		binding=Gateway with its MAC address
		<interval>=Interval in seconds
		local=Packets to the device itself
		source=Gateway address
		tcp=TCP
		<name>=Name of an ACL
		enable=Enable
		log=Log
		interval=Interval
		threshold=Packets per second that trigger prevention
		limit=Packets of one source within 5 seconds
		policy=Attack defense policy
		<times>=Number of attempts
		<ports>=Number of ports
		fragment=Fragments
		security=Security option
		name=ACL by its name
		drop=Drop packets
		traceroute=Traceroute`,
}
