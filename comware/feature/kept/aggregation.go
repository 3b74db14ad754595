package kept

import "cwlab/comware/feature"

// How an aggregate interface spreads its load.
const sharing = "{ { destination-ip | destination-mac | destination-port | ingress-port | ip-protocol | mpls-label1 | mpls-label2 | mpls-label3 | source-ip | source-mac | source-port | vlan-id } * | flexible | per-packet }"

// aggregation is "Ethernet link aggregation" and "Reth interfaces" of the
// command references.
var aggregation = module{
	views: []feature.View{
		{Name: "redundancy-group", Parent: "system", Title: "Redundancy group"},
		{Name: "redundancy-node", Parent: "redundancy-group", Title: "Redundancy group node"},
	},
	parts: []part{
		{views: "system", place: placeAggregate, lines: `
			lacp system-priority <priority:0-65535>
			link-aggregation global load-sharing mode ` + sharing + ` -> link-aggregation global load-sharing mode
			link-aggregation irf-enhanced
			link-aggregation lacp traffic-redirect-notification enable
			link-aggregation load-sharing mode local-first !`},
		{views: "bagg ragg", place: placeMember, lines: `
			lacp edge-port
			link-aggregation mode dynamic -> link-aggregation mode
			link-aggregation load-sharing mode ` + sharing + ` -> link-aggregation load-sharing mode
			link-aggregation selected-port maximum <ports:1-32>
			link-aggregation selected-port minimum <ports:1-32>
			link-aggregation bfd ipv4 source <source:ip> destination <destination:ip> -> link-aggregation bfd`},
		{views: "bagg", place: placeMember + 10, lines: `
			link-aggregation ignore vlan <vlans:1-4094> [ to <last:1-4094> ] -> =`},
		{views: "interface", place: placeMember, lines: `
			port link-aggregation group <number:1-1024> [ force ] -> port link-aggregation group
			lacp mode passive -> lacp mode
			lacp period short -> lacp period
			link-aggregation port-priority <priority:0-65535>`},
		{views: "reth", place: placeMember, lines: `
			member interface <interface:interface> priority <priority:1-255> -> member interface <interface>`},
		{views: "system", place: placeRedundancy, lines: `
			redundancy group <name:string:1-15> -> = >> redundancy-group redundancy-group-<name>`},
		{views: "redundancy-group", lines: `
			hold-down-interval <seconds:0-1800>
			member failover group <name:string:1-63> -> =
			member interface reth <number:1-1024> -> =
			preempt-delay <minutes:0-12>
			node <node:1-2> -> = >> redundancy-node ^-node-<node>`},
		{views: "redundancy-node", lines: `
			bind chassis <chassis:1-2>
			bind slot <slot:1-2>
			node-member interface <interface:interface> -> =
			priority <priority:1-255>
			track <track:1-1024> reduced <reduced:1-255> [ interface <interface:interface> ] -> track <track>`},
	},
	texts: `
		priority=Priority
		<number>=Number of the aggregate interface or Reth interface
		<ports>=Number of ports
		<name>=Name of the group
		member=Member of the redundancy group or the Reth interface
		track=Track entry that lowers the weight of the node
		vlan=VLANs that members may differ in
		<vlans>=VLAN number
		<last>=Last VLAN of a range
		group=Group
		slot=Member device`,
}
