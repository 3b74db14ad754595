package ip

import (
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var arpCommands = []feature.Command{
	{
		Views: "any", Syntax: "display arp [ all | dynamic ]",
		Help: "display=Display current system information; arp=Address Resolution Protocol (ARP) module; all=All ARP entries; dynamic=Dynamic ARP entries",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Print("  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid\n")
			x.Printf("%-15s %-14s %-8s %-24s %-5s %s\n", "IP address", "MAC address", "VLAN", "Interface", "Aging", "Type")
			for _, e := range x.Box.Stack.ARP() {
				x.Printf("%-15s %-14s %-8s %-24s %-5d %s\n", e.Addr, e.MAC, "--", cli.ShortInterface(e.Iface.Name()), e.Left/time.Second, "D")
			}
		},
	},
	{
		Views: "any", Syntax: "display arp count",
		Help: "display=Display current system information; arp=Address Resolution Protocol (ARP) module; count=The number of ARP entries",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Printf(" Total number of entries : %d\n", len(x.Box.Stack.ARP()))
		},
	},
	{
		Views: "user", Syntax: "reset arp { all | dynamic }",
		Help: "reset=Reset operation; arp=Clear ARP entries; all=Clear all ARP entries; dynamic=Clear dynamic ARP entries",
		Run:  func(x *feature.Exec, _ *cli.Args) { x.Box.Stack.ClearARP(nil) },
	},
}
