package kept

import (
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// Interfaces that a configuration may speak of and that the stack does not
// have: what is set in them is kept.
var kinds = []struct {
	name, view, title string
	rank              int // among the interfaces of the configuration
	sub               bool
}{
	{"Bridge-Aggregation", "bagg", "Bridge-aggregation interface", 1, false},
	{"Dialer", "dialer", "Dialer interface", 2, false},
	{"Virtual-Template", "vt", "Virtual-template interface", 3, false},
	{"SSLVPN-AC", "sslvpn-ac", "SSLVPN-AC interface", 4, false},
	{"Vlan-interface", "vlanif", "Vlan-interface", 22, false},
	{"Route-Aggregation", "ragg", "Route-aggregation interface", 24, true},
	{"Reth", "reth", "Reth interface", 25, true},
	{"Tunnel", "tunnel", "Tunnel interface", 60, false},
}

// Views of interfaces with an IP layer, and those of them that only keep.
const (
	keptLayer3 = "tunnel " + onlyKept
	onlyKept   = "vlanif ragg reth dialer vt sslvpn-ac" // nothing of them acts
	layer3     = "interface " + keptLayer3
	layer2     = "interface bagg"
)

// Places of the lines in interface view, between those of package ip.
const (
	placeLink        = 60  // of layer 2
	placeMember      = 70  // of aggregations
	placeBinding     = 90  // VPN instance
	placeIP          = 100 // addresses
	placePPPLines    = 130
	placeTunnel      = 140
	placeDHCPLines   = 160
	placePBRLines    = 180
	placeRIPLines    = 200
	placeOSPFLines   = 220
	placeIPv6Lines   = 250
	placeVRRPLines   = 300
	placeNATLines    = 320
	placeAclLines    = 380
	placeQoSLines    = 400
	placeGuard       = 430
	placePortalLines = 450
	placeServices    = 480
)

// install tells the box what interfaces may be named.
func install(b *feature.Box) {
	b.KeptInterface = func(name string) (view string, rank int, ok bool) {
		t, number, ok := cli.TypeOf(name)
		if !ok {
			return "", 0, false
		}
		for _, k := range kinds {
			if k.name == t.Name && (k.sub || !strings.Contains(number, ".")) && !strings.Contains(number, "/") {
				return k.view, k.rank, true
			}
		}
		return "", 0, false
	}
}

func interfaceViews() []feature.View {
	var all []feature.View
	for _, k := range kinds {
		if k.view != "tunnel" { // package ip has it
			all = append(all, feature.View{Name: k.view, Parent: "system", Title: k.title})
		}
	}
	return all
}

// interfaces is what every interface view has, for those that only keep.
var interfaces = module{
	views: interfaceViews(),
	parts: []part{
		{views: "bagg " + onlyKept, place: 20, lines: `
			description <text:text:1-255>
			shutdown
			bandwidth <kbits:1-400000000>`},
		{views: "bagg " + keptLayer3, place: 20, lines: `
			mac-address <mac:mac>`},
		{views: onlyKept, place: 50, lines: `
			mtu <bytes:46-9600>`},
		{views: keptLayer3, place: 50, lines: `
			tcp mss <mss:128-9178>`},
		{views: "tunnel", place: placeIP, lines: `
			ip address unnumbered interface <interface:interface> -> ip address unnumbered`},
		{views: onlyKept, place: placeIP, alone: true, means: masked, lines: `
			ip address { <address:ip> <mask:mask> | ppp-negotiate } -> ip address [ <address> <mask> ]
			ip address unnumbered interface <interface:interface> -> ip address unnumbered
			ip address dhcp-alloc
			ip address bootp-alloc`},
		{views: onlyKept, place: placeIP + 1, same: true, means: masked, lines: `
			ip address <address:ip> <mask:mask> sub -> =`},
		{views: keptLayer3, place: placeIP + 2, lines: `
			ip forward-broadcast [ acl <acl:2000-3999> ] -> ip forward-broadcast
			ip unreachables enable
			arp timer aging <minutes:1-1440>
			arp max-learning-num <number:0-65536>
			arp send-gratuitous-arp [ interval <milliseconds:200-200000> ] -> arp send-gratuitous-arp
			proxy-arp enable
			local-proxy-arp enable [ ip-range <address:ip> to <last:ip> ] -> local-proxy-arp enable`},
		{views: keptLayer3, place: placeVRRPLines, same: true, lines: `
			vrrp vrid <vrid:1-255> virtual-ip <virtual:ip> [ active | standby ] -> vrrp vrid <vrid> virtual-ip <virtual>
			vrrp vrid <vrid:1-255> priority <priority:1-254> -> vrrp vrid <vrid> priority
			vrrp vrid <vrid:1-255> preempt-mode [ delay <delay:0-180000> ] -> vrrp vrid <vrid> preempt-mode
			vrrp vrid <vrid:1-255> timer advertise <centiseconds:10-4095> -> vrrp vrid <vrid> timer advertise
			vrrp vrid <vrid:1-255> track <track:1-1024> { forwarder-switchover member-ip <address:ip> | priority reduced [ <reduced:1-255> ] | switchover } -> vrrp vrid <vrid> track <track>`},
		{views: keptLayer3, place: placeNATLines, same: true, lines: `
			nat outbound [ <acl:2000-3999> | name <name:string:1-63> ] [ address-group <group:0-65535> [ vpn-instance <vpn:string:1-31> ] [ no-pat [ reversible ] | port-preserved ] ] [ disable ] [ description <text:text:1-63> ] -> nat outbound [ <acl> | name <name> ]
			nat outbound easy-ip failover-group <failover:string:1-63> -> nat outbound easy-ip
			nat static enable
			nat hairpin enable
			nat server [ protocol { icmp | tcp | udp } ] global { <global:ip> [ <global-end:ip> ] | current-interface } [ <port:1-65535> [ <port-end:1-65535> ] ] [ vpn-instance <vpn:string:1-31> ] inside <inside:ip> [ <inside-end:ip> ] [ <inside-port:1-65535> ] [ vpn-instance <inside-vpn:string:1-31> ] [ acl { <acl:2000-3999> | name <name:string:1-63> } ] [ reversible ] [ rule <rule:string:1-63> ] [ disable ] [ description <text:text:1-63> ] -> nat server [ protocol { icmp | tcp | udp } ] global { <global> [ <global-end> ] | current-interface } [ <port> [ <port-end> ] ] [ inside <inside> ]`},
		{views: keptLayer3, place: placeAclLines, lines: `
			packet-filter { <acl:2000-3999> | name <name:string:1-63> } { inbound | outbound } -> packet-filter { <acl> | name <name> } { inbound | outbound }
			packet-filter ipv6 { <acl6:2000-3999> | name <name:string:1-63> } { inbound | outbound } -> packet-filter ipv6 { <acl6> | name <name> } { inbound | outbound }
			ipsec apply ipv6-policy <policy:string:1-63> -> ipsec apply ipv6-policy`},
		{views: onlyKept, place: placeAclLines, lines: `
			ipsec apply policy <policy:string:1-63> -> ipsec apply policy`},
		{views: "interface " + keptLayer3, place: placeServices, same: true, lines: `
			manage { http | https | ping | snmp | ssh | telnet | { netconf-http | netconf-https | netconf-ssh } } { inbound | outbound } -> =
			ip last-hop hold`},
	},
	texts: `
		description=Describe the interface
		ip=Internet Protocol
		acl=ACL that selects packets
		track=Track entry to watch
		global=Address and port seen from outside
		inside=Address and port of the server inside
		<global>=Address seen from outside
		<priority>=Priority of the virtual router
		<rule>=Name of the rule
		<inside-vpn>=VPN instance of the server`,
}

// masked writes the mask of an address as the configuration does.
func masked(line string) string {
	w := strings.Fields(line)
	if len(w) < 4 {
		return line
	}
	if n, err := strconv.Atoi(w[3]); err == nil {
		w[3] = dotted(^uint32(0) << (32 - n))
	}
	return strings.Join(w, " ")
}
