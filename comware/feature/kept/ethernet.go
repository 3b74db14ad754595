package kept

import "cwlab/comware/feature"

// The agents of LLDP.
const agent = "[ agent { nearest-customer | nearest-nontpmr } ]"

// Instances or VLANs of spanning trees.
const trees = "[ instance <instance:0-4094> [ to <instance-last:0-4094> ] | vlan <vlan:1-4094> ]"

// ethernet is "Ethernet interfaces", "MAC address table", "LLDP" and "Spanning
// tree" of the command references.
var ethernet = module{
	views: []feature.View{{Name: "mst-region", Parent: "system", Title: "MST region"}},
	parts: []part{
		{views: "interface", place: 30, lines: `
			dampening [ <half-life:1-120> <reuse:200-20000> <suppress:200-20000> <max:1-255> ]
			eee enable
			flow-control
			jumboframe enable [ <bytes:1522-9600> ] -> jumboframe enable
			link-delay msec <milliseconds:0-30000> [ mode { up | updown } ] -> link-delay
			loopback { external | internal }
			mac-address <mac:mac>
			mdix-mode { automdix | mdi | mdix }
			port auto-power-down
			port up-mode
			sub-interface rate-statistic
			broadcast-suppression { <ratio:0-100> | pps <pps:0-1488100> | kbps <kbps:0-10000000> }
			multicast-suppression { <ratio:0-100> | pps <pps:0-1488100> | kbps <kbps:0-10000000> }
			unicast-suppression { <ratio:0-100> | pps <pps:0-1488100> | kbps <kbps:0-10000000> }
			storm-constrain { broadcast | multicast | unicast } { pps | kbps | ratio } <upper:0-100000000> <lower:0-100000000> -> storm-constrain { broadcast | multicast | unicast }
			storm-constrain control { block | shutdown }
			storm-constrain enable log !
			storm-constrain enable trap !
			port-isolate enable group <number:1-8> -> port-isolate enable`},
		{views: "system", place: placeMAC, lines: `
			mac-address { dynamic | static } <mac:mac> interface <interface:interface> vlan <vlan:1-4094> -> =
			mac-address blackhole <mac:mac> vlan <vlan:1-4094> -> =
			mac-address mac-learning enable !
			mac-address mac-roaming enable
			mac-address timer { aging <seconds:10-1000000> | no-aging } -> mac-address timer
			mac-address notification mac-move [ interval <interval:1-60> ] -> mac-address notification mac-move
			mac-address information enable
			mac-address information interval <interval:1-20000>
			mac-address information mode { syslog | trap } -> mac-address information mode
			mac-address information queue-length <length:0-1000>
			port-isolate group <number:1-8> -> =
			storm-constrain interval <seconds:1-300>
			loopback-detection global enable vlan { ` + vlans + ` | all } -> loopback-detection global enable vlan
			loopback-detection interval-time <interval:1-300>`},
		{views: layer2, place: placeLink + 12, lines: `
			mac-address mac-learning enable !
			mac-address mac-learning priority { high | low } -> mac-address mac-learning priority
			mac-address max-mac-count <count:0-32768>
			mac-address max-mac-count enable-forwarding !
			loopback-detection enable vlan { ` + vlans + ` | all } -> loopback-detection enable vlan`},
		{views: "system", place: placeLLDP, lines: `
			lldp global enable
			lldp compliance cdp
			lldp fast-count <count:1-8>
			lldp hold-multiplier <value:2-10>
			lldp max-credit <credit:1-100>
			lldp mode service-bridge -> lldp mode
			lldp timer fast-interval <interval:1-3600>
			lldp timer notification-interval <interval:5-3600>
			lldp timer reinit-delay <delay:1-10>
			lldp timer tx-interval <interval:5-32768>`},
		{views: "system", place: placeMirror, lines: `
			mirroring-group <number:1-16> local -> mirroring-group <number>
			mirroring-group <number:1-16> mirroring-port <interface:interface> &<1-8> { both | inbound | outbound } -> mirroring-group <number> mirroring-port <interface> &<1-8>
			mirroring-group <number:1-16> monitor-port <interface:interface> -> =
			port-security enable
			port-security mac-limit <count:1-65535> per-vlan <vlan:1-4094> [ to <vlan-last:1-4094> ] -> port-security mac-limit per-vlan <vlan>
			port-security timer disableport <seconds:20-300>
			port-security trap { address-learned | intrusion } -> =`},
		{views: layer2, place: placeLink + 60, lines: `
			mirroring-group <number:1-16> mirroring-port { both | inbound | outbound } -> mirroring-group <number> mirroring-port
			mirroring-group <number:1-16> monitor-port -> =
			port-security max-mac-count <count:1-1024>
			port-security intrusion-mode { blockmac | disableport | disableport-temporarily }
			port-security port-mode { autolearn | secure } -> port-security port-mode
			stp port bpdu-protection { enable | disable } -> stp port bpdu-protection
			loopback-detection action { block | no-learning | shutdown } -> loopback-detection action`},
		{views: layer2 + " ragg", place: placeLink + 20, lines: `
			lldp enable !
			lldp ` + agent + ` admin-status { disable | rx | tx | txrx } -> lldp ` + agent + ` admin-status
			lldp ` + agent + ` check-change-interval <interval:1-30> -> lldp ` + agent + ` check-change-interval
			lldp compliance admin-status cdp { disable | txrx }
			lldp ` + agent + ` encapsulation snap -> lldp ` + agent + ` encapsulation
			lldp ` + agent + ` management-address-format string -> lldp ` + agent + ` management-address-format
			lldp ` + agent + ` notification remote-change enable -> =
			lldp notification med-topology-change enable
			lldp source-mac vlan <vlan:1-4094> -> lldp source-mac vlan
			lldp ` + agent + ` tlv-enable basic-tlv { all | port-description | system-capability | system-description | system-name | management-address-tlv [ ipv6 ] [ <address:ip> ] } -> lldp ` + agent + ` tlv-enable basic-tlv { all | port-description | system-capability | system-description | system-name | management-address-tlv }
			lldp ` + agent + ` tlv-enable dot1-tlv { all | port-vlan-id | link-aggregation } -> lldp ` + agent + ` tlv-enable dot1-tlv { all | port-vlan-id | link-aggregation }
			lldp ` + agent + ` tlv-enable dot3-tlv { all | link-aggregation | mac-physic | max-frame-size | power } -> lldp ` + agent + ` tlv-enable dot3-tlv { all | link-aggregation | mac-physic | max-frame-size | power }
			lldp ` + agent + ` tlv-enable med-tlv { all | capability | inventory | network-policy [ <vlan:1-4094> ] } -> lldp ` + agent + ` tlv-enable med-tlv { all | capability | inventory | network-policy }`},
		{views: "system", place: placeSTP, lines: `
			stp global enable
			stp mode { mstp | pvst | rstp | stp } -> stp mode
			stp bpdu-protection
			stp bridge-diameter <diameter:2-7>
			stp global config-digest-snooping
			stp ignored vlan <vlan:1-4094> [ to <vlan-last:1-4094> ] -> =
			stp max-hops <hops:1-40>
			stp pathcost-standard { dot1d-1998 | dot1t | legacy } -> stp pathcost-standard
			stp port-log { all | instance <instance:0-4094> | vlan <vlan:1-4094> } -> =
			stp ` + trees + ` priority <priority:0-61440> -> stp ` + trees + ` priority
			stp ` + trees + ` root { primary | secondary } -> stp ` + trees + ` root
			stp pvst-bpdu-protection
			stp tc-protection !
			stp tc-protection threshold <threshold:1-255>
			stp tc-snooping
			stp timer forward-delay <centiseconds:400-3000>
			stp timer hello <hello:100-1000>
			stp timer max-age <age:600-4000>
			stp timer-factor <factor:1-20>
			stp vlan <vlan:1-4094> [ to <vlan-last:1-4094> ] enable -> =
			stp region-configuration -> = >> mst-region mst-region`},
		{views: "mst-region", lines: `
			region-name <name:string:1-32>
			revision-level <level:0-65535>
			instance <instance:1-4094> vlan ` + vlans + ` -> instance <instance>
			vlan-mapping modulo <modulo:1-4094>
			active region-configuration -> none`},
		{views: layer2, place: placeLink + 40, lines: `
			stp enable !
			stp compliance { auto | dot1s | legacy } -> stp compliance
			stp config-digest-snooping
			stp ` + trees + ` cost <cost:1-200000000> -> stp ` + trees + ` cost
			stp edged-port
			stp loop-protection
			stp no-agreement-check
			stp point-to-point { auto | force-false | force-true } -> stp point-to-point
			stp ` + trees + ` port priority <priority:0-240> -> stp ` + trees + ` port priority
			stp role-restriction
			stp root-protection
			stp tc-restriction
			stp transmit-limit <limit:1-255>`},
	},
	texts: `
		mirroring-group=Mirroring group
		mirroring-port=Port that is mirrored
		monitor-port=Port that gets the copies
		local=Local mirroring group
		port-security=Port security
		mac-limit=Limit of MAC addresses
		per-vlan=In each VLAN
		disableport=Disable the port
		disableport-temporarily=Disable the port for a time
		address-learned=MAC address learned
		intrusion=Intrusion
		intrusion-mode=What is done about an intrusion
		blockmac=Block the MAC address
		port-mode=Mode of port security
		autolearn=Learn secure MAC addresses
		secure=Secure MAC addresses only
		both=Both directions
		action=What is done about a loop
		no-learning=Learn no MAC addresses
		block=Block the port
		shutdown=Shut the port down
		<instance-last>=Last instance of a range
		<reuse>=Value below which the interface is used again
		<suppress>=Value above which the interface is suppressed
		<number>=Number of the isolation group
		<max>=Longest suppression in minutes
		<interval>=Interval in seconds
		<count>=Count
		<priority>=Priority in steps
		vlan=VLAN
		to=Range of VLANs
		mode=Mode
		timer=Timers
		enable=Enable the function
		root=Make this device a root bridge
		port=Port
		instance=Spanning tree instance
		<address>=Management address
		priority=Priority
		interval=Interval
		suppress=Suppress
		stp=Spanning Tree Protocol
		region-configuration=MST region
		external=External loopback
		internal=Internal loopback`,
}
