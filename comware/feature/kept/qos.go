package kept

import "cwlab/comware/feature"

// Rates and bursts of a policer.
const car = "cir <cir:8-100000000> [ cbs <cbs:1000-1000000000> [ ebs <ebs:0-1000000000> ] ] [ pir <pir:8-100000000> [ ebs <ebs:0-1000000000> ] ] [ green { discard | pass | remark-dscp-pass <new-dscp:0-63> | remark-prec-pass <new-prec:0-7> } | red { discard | pass | remark-dscp-pass <new-dscp:0-63> | remark-prec-pass <new-prec:0-7> } | yellow { discard | pass | remark-dscp-pass <new-dscp:0-63> | remark-prec-pass <new-prec:0-7> } ] *"

// Values of a DSCP, by number or name.
const dscps = "{ <dscp:0-63> | af11 | af12 | af13 | af21 | af22 | af23 | af31 | af32 | af33 | af41 | af42 | af43 | cs1 | cs2 | cs3 | cs4 | cs5 | cs6 | cs7 | default | ef }"

// Maps of priorities.
const priorityMaps = "{ dot1p-dp | dot1p-dscp | dot1p-lp | dscp-dot1p | dscp-dp | dscp-dscp | dscp-lp | lp-dot1p | lp-dscp }"

// qos is the QoS part of the ACL and QoS command reference, and "NetStream".
var qos = module{
	views: []feature.View{
		{Name: "classifier", Parent: "system", Title: "Traffic classifier"},
		{Name: "behavior", Parent: "system", Title: "Traffic behavior"},
		{Name: "qos-policy", Parent: "system", Title: "QoS policy"},
		{Name: "map-table", Parent: "system", Title: "Priority map"},
	},
	parts: []part{
		{views: "system", place: placeQoS, lines: `
			traffic classifier <class:string:1-31> [ operator { and | or } ] -> traffic classifier <class> >> classifier classifier-<class>`},
		{views: "classifier", lines: `
			description <text:text:1-127>`},
		{views: "classifier", place: 5, same: true, lines: `
			if-match [ not ] { acl [ ipv6 | mac ] { <acl:2000-4999> | name <name:string:1-63> } | any | app-group <group:string:1-63> | application <app:string:1-63> | classifier <of:string:1-31> | customer-dot1p <dot1p:0-7> &<1-8> | customer-vlan-id <vlan:1-4094> &<1-8> | destination-mac <mac:mac> | dscp ` + dscps + ` &<1-8> | inbound-interface <interface:interface> | ip-precedence <precedence:0-7> &<1-8> | local-precedence <precedence:0-7> &<1-8> | protocol { arp | bittorrent | http | ip | ipv6 } | qos-local-id <local-id:1-4095> | service-dot1p <dot1p:0-7> &<1-8> | service-vlan-id <vlan:1-4094> &<1-8> | source-mac <mac:mac> } -> =`},
		{views: "system", place: placeQoS + 1, lines: `
			traffic behavior <behavior:string:1-31> -> = >> behavior behavior-<behavior>`},
		{views: "behavior", lines: `
			description <text:text:1-127>
			accounting [ byte | packet ] *
			car ` + car + ` -> car
			car name <name:string:1-31> -> none car
			filter { deny | permit }
			gts cir <cir:8-100000000> [ cbs <cbs:1000-1000000000> [ ebs <ebs:0-1000000000> ] ] [ queue-length <length:1-1024> ] -> gts
			gts percent cir <percent:1-100> [ cbs <cbs-time:50-2000> [ ebs <ebs-time:0-2000> ] ] -> none gts
			nest top-most vlan <vlan:1-4094> -> nest top-most
			packet-rate <pps:1-1000000>
			redirect { cpu | interface <interface:interface> | next-hop <address:ip> [ <second:ip> ] }
			remark [ green | red | yellow ] dot1p <dot1p:0-7> -> remark [ green | red | yellow ] dot1p
			remark [ green | red | yellow ] dscp ` + dscps + ` -> remark [ green | red | yellow ] dscp
			remark [ green | red | yellow ] ip-precedence <precedence:0-7> -> remark [ green | red | yellow ] ip-precedence
			remark [ green | red | yellow ] local-precedence <precedence:0-7> -> remark [ green | red | yellow ] local-precedence
			remark customer-vlan-id <vlan:1-4094>
			remark drop-precedence <drop-level:0-2>
			remark qos-local-id <local-id:1-4095>
			remark service-vlan-id <vlan:1-4094>
			traffic-policy <policy:string:1-31>
			queue af bandwidth { <kbits:8-100000000> | pct <percent:1-100> | remaining-pct <percent:1-100> } -> queue af
			queue ef bandwidth { <kbits:8-100000000> [ cbs <cbs:32-2000000> ] | pct <percent:1-100> [ cbs-ratio <ratio:25-500> ] } -> queue ef
			queue sp
			queue wfq [ queue-number <queues:16-4096> ] -> queue wfq
			queue-length <length:1-1024>
			wred [ dscp | ip-precedence ]
			wred dscp ` + dscps + ` low-limit <low:1-1024> high-limit <high:1-1024> [ discard-probability <probability:1-255> ] -> wred dscp ` + dscps + `
			wred ip-precedence <precedence:0-7> low-limit <low:1-1024> high-limit <high:1-1024> [ discard-probability <probability:1-255> ] -> wred ip-precedence <precedence>
			wred weighting-constant <exponent:1-16>`},
		{views: "system", place: placeQoS + 2, lines: `
			qos policy <policy:string:1-31> -> = >> qos-policy qospolicy-<policy>
			qos map-table [ inbound | outbound ] ` + priorityMaps + ` -> none qos map-table [ inbound | outbound ] ` + priorityMaps + ` >> map-table maptbl-$3`},
		{views: "qos-policy", lines: `
			classifier <class:string:1-31> behavior <behavior:string:1-31> [ insert-before <before:string:1-31> ] -> classifier <class>`},
		{views: "map-table", lines: `
			import <value:0-63> &<1-8> export <new:0-63> -> import <value> &<1-8>`},
		{views: "system", place: placeQoS + 3, lines: `
			qos apply policy <policy:string:1-31> global { inbound | outbound } -> =
			qos vlan-policy <policy:string:1-31> vlan <vlan:1-4094> [ to <vlan-last:1-4094> ] { inbound | outbound } -> =
			qos carl <carl:1-199> { dscp ` + dscps + ` &<1-8> | mac <mac:mac> | precedence <precedence:0-7> &<1-8> | { destination-ip-address | source-ip-address } { range <first:ip> to <last:ip> | subnet <address:ip> <mask:mask> } [ per-address [ shared-bandwidth ] ] } -> qos carl <carl>
			qos car <name:string:1-31> { aggregative | hierarchy } cir <cir:8-100000000> [ cbs <cbs:1000-1000000000> [ ebs <ebs:0-1000000000> ] ] -> qos car <name>
			qos queue-statistics { inbound | outbound } -> =
			qos wred queue table <name:string:1-32> -> =`},
		{views: "interface bagg " + keptLayer3, place: placeQoSLines, lines: `
			qos apply policy <policy:string:1-31> { inbound | outbound } -> qos apply policy <policy> { inbound | outbound }
			qos car { inbound | outbound } { any | acl [ ipv6 ] <acl:2000-4999> | carl <carl:1-199> } { ` + car + ` | percent cir <percent:1-100> } -> qos car { inbound | outbound } { any | acl [ ipv6 ] <acl> | carl <carl> }
			qos gts { any | acl [ ipv6 ] <acl:2000-3999> | queue <queue:0-7> } cir <cir:8-100000000> [ cbs <cbs:1000-1000000000> [ ebs <ebs:0-1000000000> ] ] [ queue-length <length:1-1024> ] -> qos gts { any | acl [ ipv6 ] <acl> | queue <queue> }
			qos lr { inbound | outbound } { cir <cir:8-100000000> [ cbs <cbs:1000-1000000000> [ ebs <ebs:0-1000000000> ] ] | percent cir <percent:1-100> } -> qos lr { inbound | outbound }
			qos fifo queue-length <length:1-1024>
			qos flow-interval <minutes:1-10>
			qos max-bandwidth <kbits:1-100000000>
			qos pre-classify
			qos priority <dot1p:0-7>
			qos reserved-bandwidth pct <percent:1-100> -> qos reserved-bandwidth
			qos rtpq start-port <first-port:2000-65535> end-port <last-port:2000-65535> bandwidth <kbits:8-1000000> [ cbs <cbs:1500-2000000> ] -> qos rtpq
			qos sp
			qos trust { auto | dot1p | dscp | none } [ override ] -> qos trust
			qos wfq { byte-count | weight }
			qos wrr { byte-count | weight }
			qos wred [ dscp | ip-precedence ] enable -> =
			qos wred apply [ <name:string:1-32> ] -> qos wred apply`},
		{views: "system", place: placeNetStream, lines: `
			ip netstream aggregation { as | destination-prefix | prefix | prefix-port | protocol-port | source-prefix | tos-as | tos-destination-prefix | tos-prefix | tos-protocol-port | tos-source-prefix } -> =
			ip netstream aggregation advanced
			ip netstream export host <address:ip> <port:0-65535> [ vpn-instance <vpn:string:1-31> ] -> ip netstream export host <address> [ vpn-instance <vpn> ]
			ip netstream export rate <rate:1-1000>
			ip netstream export source interface <interface:interface> -> ip netstream export source
			ip netstream export v9-template refresh-rate packet <packets:1-600>
			ip netstream export v9-template refresh-rate time <minutes:1-3600>
			ip netstream export version { 5 | 9 | 10 } [ origin-as | peer-as ] [ bgp-nexthop ] -> ip netstream export version
			ip netstream max-entry { <entries:1000-1000000> | aging | disable-caching }
			ip netstream timeout active <minutes:1-60>
			ip netstream timeout inactive <seconds:10-600>
			sampler <name:string:1-31> mode { fixed | random } packet-interval <rate:1-16> -> sampler <name>`},
		{views: layer3, place: placeQoSLines + 20, lines: `
			ip netstream { inbound | outbound } -> =
			ip netstream { inbound | outbound } filter acl <acl:2000-3999> -> ip netstream { inbound | outbound } filter
			ip netstream { inbound | outbound } sampler <name:string:1-31> -> ip netstream { inbound | outbound } sampler`},
	},
	texts: `
		description=Describe it
		acl=ACL that selects packets
		any=All packets
		protocol=Protocol
		default=DSCP of best effort
		ip=Internet Protocol
		mac=MAC address, or a layer 2 ACL
		filter=Filter packets
		redirect=Redirect packets
		<name>=Name
		<of>=Name of another class
		<class>=Name of a class
		<group>=Name of an application group
		<length>=Packets of the queue
		<first>=First address
		<last>=Last address
		<queue>=Number of the queue
		<rate>=Rate
		<ratio>=Ratio of burst and rate
		<value>=Value before mapping
		<new>=Value after mapping
		<low>=Low limit
		<high>=High limit
		queue=Queue
		version=Version of the export format
		5=Version 5
		9=Version 9
		10=Version 10
		export=Export of statistics, or the value after mapping
		import=Value before mapping
		vlan=VLAN
		source=Interface that gives the source address
		mode=Mode of sampling
		car=Committed access rate
		dscp=DSCP
		to=Range
		name=Name
		random=Random packets
		time=By time
		packet=Packets
		byte=Bytes
		weight=By weight
		rate=Rate
		host=Collector of the statistics
		auto=Automatic
		none=No priority
		interface=Interface
		next-hop=Next hop
		remark=Mark packets
		policy=Policy
		prefix=By source and destination prefix
		or=Any of the rules
		and=All of the rules
		not=Packets that do not match
		behavior=Traffic behavior
		accounting=Count traffic
		bandwidth=Bandwidth
		aging=Take the oldest entry out
		traffic=Traffic of a QoS policy
		traffic-policy=Policy within the class
		application=Application
		precedence=IP precedence
		http=HTTP`,
}
