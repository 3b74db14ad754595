package kept

import "cwlab/comware/feature"

// irf is "IRF" of the virtual technologies command reference, "Context", and
// lines of "Device management" that nothing acts on.
var irf = module{
	views: []feature.View{
		{Name: "irf-port", Parent: "system", Title: "IRF-port"},
		{Name: "context", Parent: "system", Title: "Context"},
		{Name: "failover-group", Parent: "system", Title: "Failover group"},
	},
	parts: []part{
		{views: "system", place: placeIRF, lines: `
			irf auto-merge enable !
			irf auto-update enable
			irf domain <domain:0-4294967295>
			irf link-delay <milliseconds:0-30000> !
			irf isolate member <member:1-2> -> =
			irf mac-address persistent { always | timer } -> irf mac-address persistent
			irf member <member:1-2> description <text:text:1-127> -> irf member <member> description
			irf member <member:1-2> priority <priority:1-32> -> irf member <member> priority
			irf member <member:1-2> renumber <new:1-2> -> irf member <member> renumber
			irf-port global load-sharing mode { destination-ip | destination-mac | source-ip | source-mac } * -> irf-port global load-sharing mode
			mad exclude interface <interface:interface> -> =
			xbar { load-balance | load-single }
			lpu-type { f-series | e-series }`},
		{views: "system", place: placeIRFPort, lines: `
			irf-port -> none >> irf-port irf-port
			irf-port <port:string:3-3> -> = >> irf-port irf-port<port>`},
		{views: "irf-port", lines: `
			port group interface <interface:interface> [ mode { enhanced | normal } ] -> port group interface <interface>`},
		{views: "bagg ragg", place: placeMember + 20, lines: `
			mad enable`},
		{views: keptLayer3, place: placeMember + 21, lines: `
			mad arp enable
			mad bfd enable
			mad ip address <address:ip> <mask:mask> member <member:1-2> -> mad ip address <address> <mask> member <member>
			mad nd enable`},
		{views: "system", place: placeContext, lines: `
			context <name:string:1-15> [ id <id:1-4094> ] [ vlan-unshared ] -> context <name> >> context context-<id>-<name>
			failover group <name:string:1-63> [ id <id:1-128> ] -> failover group <name> >> failover-group failover-group-<name>`},
		{views: "context", lines: `
			description <text:text:1-255>
			allocate interface <interface:interface> &<1-24> [ share ] -> allocate interface <interface> &<1-24>
			allocate vlan <vlan:1-4094> &<1-24> -> allocate vlan <vlan> &<1-24>
			capability object-policy-rule maximum <count:0-4294967295>
			capability session maximum <count:1-4294967295>
			capability session rate <rate:1-4294967295>
			capability throughput { kbps | pps } <value:1000-100000000> -> capability throughput
			context start -> =
			limit-resource cpu weight <weight:1-10> -> limit-resource cpu
			limit-resource disk slot <slot:1-2> cpu <cpu:0-7> ratio <ratio:1-100> -> limit-resource disk slot <slot> cpu <cpu>
			limit-resource memory slot <slot:1-2> cpu <cpu:0-7> ratio <ratio:1-100> -> limit-resource memory slot <slot> cpu <cpu>
			location blade-controller-team <team:1-15> -> =`},
		{views: "failover-group", lines: `
			bind slot <slot:1-2> cpu <cpu:0-7> { primary | secondary } -> bind { primary | secondary }`},
	},
	texts: `
		description=Describe it
		timer=For 6 minutes after the master has left
		always=Always
		domain=Domain of the IRF fabric
		<domain>=Number of the domain
		<name>=Name
		<id>=Number
		<new>=New number of the member
		mad=Multi-active detection
		ip=Address used for detection
		port=Ports of the IRF port
		group=Group
		vlan=VLAN
		session=Sessions
		rate=New sessions per second
		maximum=Maximum
		<count>=Number
		<rate>=Sessions per second
		<value>=Throughput
		<port>=IRF port as member/port, such as 1/2
		priority=Priority in the election of the master
		bind=Bind a node to the group
		member=Member device
		memory=Memory
		interface=Interface
		disk=Disk
		slot=Member device`,
}
