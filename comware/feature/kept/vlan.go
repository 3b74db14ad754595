package kept

import "cwlab/comware/feature"

// A list of VLANs, such as 10 20 to 30.
const vlans = "{ <vlan:1-4094> [ to <vlan-last:1-4094> ] } &<1-10>"

// vlan is "VLAN" of the layer 2 command reference.
var vlan = module{
	views: []feature.View{
		{Name: "vlan", Parent: "system", Title: "VLAN"},
		{Name: "vlan-group", Parent: "system", Title: "VLAN group"},
	},
	parts: []part{
		{views: "system", place: placeVLANView, lines: `
			vlan <vlan:1-4094> -> = >> vlan vlan<vlan>
			vlan <vlan:1-4094> to <vlan-last:1-4094> -> =`},
		{views: "system", place: placeVLANView + 1, lines: `
			vlan-group <name:string:1-31> -> = >> vlan-group vlan-group-<name>
			mac-vlan mac-address <mac:mac> [ mask <mask:mac> ] vlan <vlan:1-4094> [ dot1q <priority:0-7> ] -> mac-vlan mac-address <mac> [ mask <mask> ]
			voice-vlan aging <minutes:5-43200>
			voice-vlan mac-address <mac:mac> mask <mask:mac> [ description <text:text:1-30> ] -> voice-vlan mac-address <mac>
			voice-vlan security enable !
			voice-vlan track lldp`},
		{views: "vlan", lines: `
			description <text:text:1-255>
			name <name:text:1-32>
			mac-address mac-learning enable !
			mac-address max-mac-count <count:0-32768>
			port <interface:interface> &<1-10> -> =
			ip-subnet-vlan [ <index:0-65535> ] ip <address:ip> [ <mask:mask> ] -> ip-subnet-vlan [ <index> ]
			protocol-vlan [ <index:0-65535> ] { at | ipv4 | ipv6 | ipx { ethernetii | llc | raw | snap } } -> protocol-vlan [ <index> ]
			subvlan ` + vlans + ` -> subvlan
			supervlan
			private-vlan community
			private-vlan isolated
			private-vlan primary
			private-vlan secondary ` + vlans + ` -> private-vlan secondary
			arp detection enable
			arp snooping enable
			dhcp snooping enable`},
		{views: "vlan-group", lines: `
			vlan-list ` + vlans + ` -> vlan-list`},
		{views: layer2, place: placeLink, lines: `
			port link-type { access | hybrid | trunk } -> port link-type
			port access vlan <vlan:1-4094> -> port access vlan
			port hybrid pvid vlan <vlan:1-4094> -> port hybrid pvid
			port hybrid protocol-vlan vlan <vlan:1-4094> { <index:0-65535> | all } -> port hybrid protocol-vlan vlan <vlan>
			port hybrid ip-subnet-vlan vlan <vlan:1-4094> -> =`},
		{views: layer2, place: placeLink + 2, same: true, lines: `
			port hybrid vlan ` + vlans + ` { tagged | untagged } -> port hybrid vlan ` + vlans + ` := port hybrid vlan 1`},
		{views: layer2, place: placeLink + 3, lines: `
			port trunk permit vlan { ` + vlans + ` | all } -> = := port trunk permit vlan 1
			port trunk pvid vlan <vlan:1-4094> -> port trunk pvid
			port pvid forbidden
			port private-vlan { host | <vlan:1-4094> { promiscuous | trunk { promiscuous | secondary } } } -> port private-vlan
			mac-vlan enable
			mac-vlan trigger enable
			vlan precedence { mac-vlan | ip-subnet-vlan } -> vlan precedence
			voice-vlan <voice:2-4094> enable -> voice-vlan enable
			voice-vlan mode auto !
			voice-vlan qos { <cos:0-7> <dscp:0-63> | trust }`},
	},
	texts: `
		host=Downlink of a private VLAN
		trunk=Trunk of private VLANs, or trunk port
		secondary=Secondary VLANs
		vlan=VLAN
		<vlan>=VLAN number
		to=Range of VLANs
		<name>=Name
		description=Describe the VLAN
		port=Port of a VLAN
		mask=Mask of the MAC address
		<mask>=Mask
		<mac>=MAC address
		ip=Subnet of IP addresses`,
}
