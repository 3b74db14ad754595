package ip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
)

func TestSubinterfaces(t *testing.T) {
	a, b, _ := pair(t)
	for n, d := range []*featuretest.Desk{a, b} {
		d.Do("system-view", "interface g1/0/1.100", "description to the lab", "ip address 20.0.0."+fmt.Sprint(n+1)+" 24")
		if out := d.Do("display interface brief"); !strings.Contains(out, "GE1/0/1.100          DOWN DOWN     20.0.0.") {
			t.Errorf("without a VLAN the brief display is\n%s", out)
		}
		d.Do("vlan-type dot1q vid 100", "return")
	}
	a.Run(time.Second)
	if out := run(a, "ping -c 1 20.0.0.2"); !strings.Contains(out, " 0.0% packet loss") {
		t.Errorf("in VLAN 100:\n%s", out)
	}
	mac := a.Box.Stack.Iface("GigabitEthernet1/0/1").MAC().String()
	out := a.Do("display interface g1/0/1.100")
	for _, text := range []string{"GigabitEthernet1/0/1.100\nCurrent state: UP\nLine protocol state: UP\nDescription: to the lab\nBandwidth: 1000000 kbps\n" +
		"Maximum transmission unit: 1500\nInternet address: 20.0.0.1/24 (Primary)\nIP packet frame type: Ethernet II, hardware address: " + mac + "\n", "Input: 2 packets, "} {
		if !strings.Contains(out, text) {
			t.Errorf("display interface shows\n%s\nwithout\n%s", out, text)
		}
	}
	if out := a.Do("display arp interface g1/0/1.100"); !strings.Contains(out, "20.0.0.2 ") || strings.Contains(out, "10.0.0.2") || !strings.Contains(out, " GE1/0/1.100 ") {
		t.Errorf("display arp shows\n%s", out)
	}
	a.Do("system-view", "interface g1/0/1.101")
	for _, row := range []struct{ line, want string }{
		{"vlan-type dot1q vid 100", "Error: Another subinterface terminates the VLAN.\n"},
		{"undo vlan-type dot1q vid 100", "Error: The subinterface does not terminate the VLAN.\n"},
		{"port link-mode bridge", "Error: The command is not supported on a subinterface.\n"},
		{"ip address 20.0.0.9 24", "Error: The IP address overlaps with that of interface GigabitEthernet1/0/1.100.\n"},
	} {
		a.Want(row.line, row.want)
	}
	if out := a.Try("interface g1/0/1.4095"); !strings.HasSuffix(out, "^\n % Wrong parameter found at '^' position.\n") {
		t.Errorf("subinterface 4095 gave\n%s", out)
	}
	a.Do("interface g1/0/1")
	a.Want("vlan-type dot1q vid 7", "Error: The command is supported on subinterfaces only.\n")
	a.Want("port link-mode bridge", "Error: The interface has subinterfaces.\n")
	a.RoundTrip()
	a.Do("interface g1/0/1.100", "undo vlan-type dot1q vid 100", "vlan-type dot1q vid 100", "ip route-static 6.0.0.0 8 g1/0/1.100 20.0.0.2")
	a.Do("undo interface g1/0/1.100", "undo interface g1/0/1.101")
	if s := a.Config(); strings.Contains(s, "1/0/1.10") || a.Box.Stack.Iface("GigabitEthernet1/0/1.100") != nil || a.Shell.View().Name != "system" {
		t.Errorf("after removal, in view %q, the configuration is\n%s", a.Shell.View().Name, s)
	}
}

func TestSecondaryAddresses(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "interface g1/0/1")
	d.Want("ip address 10.1.0.1 24 sub", "Error: The primary IP address is not configured.\n")
	d.Do("ip address 10.0.0.1 24", "ip address 10.1.0.1 24 sub", "ip address 10.2.0.1 24 sub")
	d.Want("ip address 10.1.0.1 25 sub", "Error: The IP address overlaps with that of interface GigabitEthernet1/0/1.\n")
	d.Want("undo ip address 10.0.0.1 24", "Error: The interface has secondary IP addresses.\n")
	d.Want("undo ip address 10.9.0.1 24 sub", "Error: The IP address does not exist.\n")
	d.RoundTrip()
	if out := d.Do("display ip interface g1/0/1"); !strings.Contains(out, "Internet Address is 10.0.0.1/24 Primary\nInternet Address is 10.1.0.1/24 Sub\n"+
		"Internet Address is 10.2.0.1/24 Sub\nBroadcast address: 10.0.0.255\n") {
		t.Errorf("display ip interface shows\n%s", out)
	}
	d.Do("undo ip address 10.1.0.1 24 sub")
	if s := d.Config(); strings.Contains(s, "10.1.0.1") || !strings.Contains(s, " ip address 10.2.0.1 255.255.255.0 sub\n") {
		t.Errorf("configuration is\n%s", s)
	}
	d.Do("undo ip address")
	if s := d.Config(); strings.Contains(s, "ip address") {
		t.Errorf("configuration is\n%s", s)
	}
}

func TestInterfaceSettings(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "interface g1/0/1", "bandwidth 5000", "flow-interval 30", "speed 100", "duplex full", "mtu 1400", "combo enable fiber",
		"description uplink", "ip address 10.0.0.1 24", "ip address 10.1.0.1 24 sub", "shutdown")
	d.RoundTrip()
	out := d.Do("display interface GigabitEthernet1/0/1")
	for _, text := range []string{"Current state: Administratively DOWN\n", "Bandwidth: 5000 kbps\n", "Maximum transmission unit: 1400\n",
		"Link speed type is force link, link duplex type is force link\n", " Last 30 seconds input: 0 packets/sec"} {
		if !strings.Contains(out, text) {
			t.Errorf("display interface shows\n%s\nwithout %q", out, text)
		}
	}
	d.Want("flow-interval 7", "Error: The interval must be a multiple of 5 seconds.\n")
	d.Answer("n")
	d.Want("default", "This command will restore the default settings. Continue? [Y/N]:n\n")
	if s := d.Config(); !strings.Contains(s, "bandwidth 5000") {
		t.Errorf("after n the configuration is\n%s", s)
	}
	d.Answer("y")
	d.Do("default")
	if s := d.Config(); !strings.Contains(s, "interface GigabitEthernet1/0/1\n port link-mode route\n#") {
		t.Errorf("after default the configuration is\n%s", s)
	}
	i := d.Box.Stack.Iface("GigabitEthernet1/0/1")
	if !i.AdminUp() || i.MTU() != 1500 || i.Addr().IsValid() || i.Interval() != 300*time.Second {
		t.Error("default did not take effect")
	}
	d.Do("ip mtu 1280")
	d.RoundTrip()
	if out := d.Do("display ip interface g1/0/1"); strings.Contains(out, "Maximum") || i.IPMTU() != 1280 || i.MTU() != 1500 {
		t.Errorf("IPv4 has an MTU of %d, the interface %d", i.IPMTU(), i.MTU())
	}
	d.Do("undo ip mtu", "bandwidth 5000", "undo bandwidth", "flow-interval 30", "undo flow-interval", "speed 100", "undo speed", "duplex half", "undo duplex",
		"combo enable auto", "undo combo enable", "mtu 1400", "undo mtu", "description x", "undo description", "undo port link-mode", "port link-mode route")
	if s := d.Config(); !strings.Contains(s, "interface GigabitEthernet1/0/1\n port link-mode route\n#") {
		t.Errorf("after the undo forms the configuration is\n%s", s)
	}
}

func TestBridgeMode(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "interface g1/0/2", "ip address 10.0.0.1 24", "shutdown", "port link-mode bridge")
	if s := d.Config(); !strings.Contains(s, "interface GigabitEthernet1/0/2\n port link-mode bridge\n shutdown\n#") {
		t.Errorf("configuration is\n%s", s)
	}
	d.RoundTrip()
	d.Want("interface g1/0/2.1", "Error: The interface is in bridge mode.\n")
	d.Do("description to a switch")
	d.Want("display interface g1/0/2 brief", `Brief information on interfaces in bridge mode:
Link: ADM - administratively down; Stby - standby
Speed: (a) - auto
Duplex: (a)/A - auto; H - half; F - full
Type: A - access; T - trunk; H - hybrid
Interface            Link Speed     Duplex Type PVID Description                
GE1/0/2              ADM  auto      A      A    1    to a switch

`)
	if out := d.Do("display interface g1/0/2"); !strings.Contains(out, "PVID: 1\nPort link-type: Access\n") || strings.Contains(out, "Internet") {
		t.Errorf("display interface shows\n%s", out)
	}
}

func TestTypesOfInterfaces(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "interface loopback 3", "description a loop that is described at length", "return")
	d.Want("display interface loopback brief description", `Brief information on interfaces in route mode:
Link: ADM - administratively down; Stby - standby
Protocol: (s) - spoofing
Interface            Link Protocol Primary IP        Description                
Loop3                UP   UP(s)    --                a loop that is described at length

`)
	d.Want("display ip interface loop brief", `*down: administratively down
(s): spoofing  (l): loopback
Interface                Physical Protocol IP Address      Description
Loop3                    up       up(s)    --              a loop that is...
`)
	if out := d.Do("display counters inbound interface gigabitethernet"); strings.Count(out, "GE1/0/") != 4 || strings.Contains(out, "Loop") {
		t.Errorf("display counters shows\n%s", out)
	}
	d.Do("reset counters interface gigabitethernet")
	if out := d.Do("display interface g1/0/0"); !strings.Contains(out, "Last clearing of counters: 03:04:05  Thu 01/02/2020\n") {
		t.Errorf("display interface shows\n%s", out)
	}
	if out := d.Do("display interface loopback 3"); !strings.Contains(out, "Last clearing of counters: Never\n") {
		t.Errorf("display interface shows\n%s", out)
	}
}

// memberViews have lines like those of a security zone.
var memberViews = feature.Feature{Name: "zone", Views: []feature.View{{Name: "zone", Parent: "system", Title: "Zone"}}, Commands: []feature.Command{
	feature.Texts{"zone": "Zone"}.Keep("system", "zone", feature.Keep{Place: 1, Opens: "zone", Label: "zone"}),
	feature.Texts{"import": "Import", "interface": "Interface", "<interface>": "Interface name"}.Keep("zone", "import interface <interface:interface>",
		feature.Keep{Undo: "import interface <interface>"}),
}}

func TestZonesGiveRemovedInterfacesUp(t *testing.T) {
	d := featuretest.New(t, Feature, memberViews)
	d.Do("system-view", "interface g1/0/1.5", "zone", "import interface g1/0/1", "import interface g1/0/1.5", "undo interface g1/0/1.5")
	if s := d.Config(); strings.Contains(s, "1.5") || !strings.Contains(s, " import interface GigabitEthernet1/0/1\n") {
		t.Errorf("configuration is\n%s", s)
	}
}

// A tracker has one entry, of the number 1.
type tracker struct {
	up   bool
	told []func()
}

func (k *tracker) Up(n int) (up, known bool) { return k.up, n == 1 }

func (k *tracker) OnChange(_ int, f func()) func() {
	k.told = append(k.told, f)
	at := len(k.told) - 1
	return func() { k.told[at] = func() {} }
}

func (k *tracker) set(up bool) {
	k.up = up
	for _, f := range k.told {
		f()
	}
}

func TestTrackedRoutes(t *testing.T) {
	a, _, _ := pair(t)
	k := &tracker{up: true}
	feature.Put[feature.Tracker](a.Box, k)
	a.Do("system-view", "ip route-static 5.0.0.0 8 10.0.0.2 track 1 preference 50", "ip route-static 5.0.0.0 8 NULL0", "ip route-static 6.0.0.0 8 10.0.0.2 track 9")
	uses := func(why, next string) {
		t.Helper()
		if out := a.Do("display ip routing-table 5.0.0.1"); !strings.Contains(out, " "+next+" ") {
			t.Errorf("%s:\n%s\nwant next hop %s", why, out, next)
		}
	}
	uses("positive", "10.0.0.2")
	k.set(false)
	uses("negative", "0.0.0.0")
	if out := a.Do("display ip routing-table 6.0.0.1"); !strings.Contains(out, "Summary Count : 1\n") {
		t.Errorf("a route with an entry that is not there:\n%s", out)
	}
	if out := a.Do("display ip routing-table protocol static inactive"); !strings.Contains(out, "5.0.0.0/8          Static  50  0           10.0.0.2        GE1/0/1\n") {
		t.Errorf("inactive routes are\n%s", out)
	}
	k.set(true)
	uses("positive again", "10.0.0.2")
	a.RoundTrip()
	a.Do("undo ip route-static 5.0.0.0 8 10.0.0.2")
	uses("removed", "0.0.0.0")
}

func TestRouteOptions(t *testing.T) {
	a, _, c := pair(t)
	a.Do("system-view", "ip route-static 5.0.0.0 8 g1/0/1 10.0.0.2 permanent tag 7 description by the  old way", "ip route-static default-preference 90",
		"ip route-static 6.0.0.0 255.0.0.0 10.0.0.2", "ip route-static 7.0.0.0 8 10.0.0.2", "ip route-static 7.0.0.0 8 10.0.0.3")
	config := a.Config()
	for _, line := range []string{" ip route-static 5.0.0.0 8 GigabitEthernet1/0/1 10.0.0.2 permanent tag 7 description by the  old way\n",
		" ip route-static 6.0.0.0 8 10.0.0.2 preference 90\n", " ip route-static default-preference 90\n"} {
		if !strings.Contains(config, line) {
			t.Errorf("configuration\n%s\nlacks %q", config, line)
		}
	}
	a.RoundTrip()
	a.Want("display ip routing-table 7.0.0.1", `
Summary Count : 2

Destination/Mask   Proto   Pre Cost        NextHop         Interface
7.0.0.0/8          Static  90  0           10.0.0.2        GE1/0/1
                                           10.0.0.3        GE1/0/1
`)
	a.Want("display fib 7.0.0.0 8", `Destination count: 1 FIB entry count: 2

Flag:
  U:Usable   G:Gateway   H:Host   B:Blackhole   D:Dynamic   S:Static
  R:Relay    F:FRR

Destination/Mask   Nexthop         Flag     OutInterface/Token       Label
7.0.0.0/8          10.0.0.2        UGS      GE1/0/1                  Null
                   10.0.0.3        UGS      GE1/0/1                  Null
`)
	c.Cut()
	a.Run(time.Second)
	want(t, "without a link", a.Do("display ip routing-table protocol static"), `
Summary Count : 5

Static Routing Table Status : <Active>
Summary Count : 1

Destination/Mask   Proto   Pre Cost        NextHop         Interface
5.0.0.0/8          Static  60  0           10.0.0.2        GE1/0/1

Static Routing Table Status : <Inactive>
Summary Count : 4

Destination/Mask   Proto   Pre Cost        NextHop         Interface
2.2.2.2/32         Static  60  0           10.0.0.2        
6.0.0.0/8          Static  90  0           10.0.0.2        
7.0.0.0/8          Static  90  0           10.0.0.2        
                                           10.0.0.3        
`)
	c.Mend()
	a.Run(9 * time.Second)
	out := a.Do("display ip routing-table 5.0.0.1 verbose")
	for _, line := range []string{" Destination: 5.0.0.0/8\n    Protocol: Static          Process ID: 0\n", " Age: 00h00m11s\n",
		"         Tag: 7                    State: Active Adv\n", "   Tunnel ID: Invalid          Interface: GigabitEthernet1/0/1\n"} {
		if !strings.Contains(out, line) {
			t.Errorf("verbose shows\n%s\nwithout %q", out, line)
		}
	}
	if out := a.Do("display ip routing-table 2.0.0.0 to 5.0.0.0"); !strings.Contains(out, "Summary Count : 2\n") {
		t.Errorf("a range shows\n%s", out)
	}
	if out := a.Do("display ip routing-table 7.0.0.1 16 longer-match"); !strings.Contains(out, "7.0.0.0/8 ") {
		t.Errorf("longer-match shows\n%s", out)
	}
	a.Want("display ip routing-table protocol ospf", `
Summary Count : 0

OSPF Routing Table Status : <Active>
Summary Count : 0

OSPF Routing Table Status : <Inactive>
Summary Count : 0
`)
	if out := a.Do("display ip routing-table statistics"); !strings.Contains(out, "\nSTATIC     5           5           9           4\n") {
		t.Errorf("statistics are\n%s", out)
	}
	a.Do("return", "reset ip routing-table statistics protocol static")
	if out := a.Do("display ip routing-table statistics"); !strings.Contains(out, "\nSTATIC     5           5           0           0\n") {
		t.Errorf("statistics after reset are\n%s", out)
	}
	a.Do("system-view", "undo ip route-static default-preference")
	for _, row := range []struct{ line, want string }{
		{"ip route-static 8.0.0.0 8 224.0.0.1", "Error: Invalid next hop address.\n"},
		{"ip route-static 8.0.0.0 8 NULL0 1.1.1.1", "Error: A route by the null interface takes no next hop.\n"},
		{"undo ip route-static 7.0.0.0 8 preference 60", "Error: The route does not exist.\n"},
		{"undo ip route-static 7.0.0.0 8 10.0.0.3 preference 90", ""},
	} {
		a.Want(row.line, row.want)
	}
	a.Answer("y")
	a.Want("delete static-routes all", "This will erase all IPv4 static routes and their configurations, you must reconfigure all static routes.\nAre you sure?[Y/N]:y\n")
	if s := a.Config(); strings.Contains(s, "route-static") || len(a.Box.Stack.Statics()) != 0 {
		t.Errorf("routes are left:\n%s", s)
	}
}

func TestStaticARPEntries(t *testing.T) {
	a, b, _ := pair(t)
	a.Do("system-view", "arp static 10.0.0.77 0001-0002-0003", "arp static 99.0.0.1 1-2-3", "arp timer aging 5", "return")
	a.RoundTrip()
	a.Want("display arp static", `  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid
IP address      MAC address    VLAN     Interface                Aging Type
10.0.0.77       0001-0002-0003 --       GE1/0/1                  --    S
99.0.0.1        0001-0002-0003 --       --                       --    S
`)
	a.Do("reset arp dynamic")
	run(a, "ping -c 1 10.0.0.2")
	a.Want("display arp all count", " Total number of entries : 3\n")
	a.Want("display arp dynamic count", " Total number of entries : 1\n")
	a.Want("display arp timer aging", "Current ARP aging time is 5 minute(s)\n")
	mac := b.Box.Stack.Iface("GigabitEthernet1/0/1").MAC().String()
	if out := a.Do("display arp 10.0.0.2 verbose"); !strings.Contains(out, "10.0.0.2        "+mac+" --       GE1/0/1                  ") ||
		!strings.Contains(out, "No Vrf                         0x0000\n") || strings.Contains(out, "10.0.0.77") {
		t.Errorf("display arp verbose shows\n%s", out)
	}
	a.Do("reset arp interface g1/0/1")
	a.Want("display arp dynamic count", " Total number of entries : 0\n")
	a.Do("system-view")
	for _, row := range []struct{ line, want string }{
		{"arp static 10.0.0.8 0100-0000-0001", "Error: Invalid MAC address.\n"},
		{"arp static 10.0.0.1 0001-0000-0001", "Error: The IP address is an address of this device.\n"},
		{"arp static 224.0.0.1 0001-0000-0001", "Error: Invalid IP address.\n"},
		{"undo arp 10.0.0.8", "Error: The ARP entry does not exist.\n"},
		{"undo arp 99.0.0.1", ""},
		{"undo arp timer aging", ""},
	} {
		a.Want(row.line, row.want)
	}
	a.Do("return", "reset arp static", "reset arp all")
	if s := a.Config(); strings.Contains(s, "arp") || len(a.Box.Stack.ARP()) != 0 {
		t.Errorf("entries are left:\n%s", s)
	}
}

func TestStatistics(t *testing.T) {
	a, _, _ := pair(t)
	run(a, "ping -c 3 10.0.0.2")
	run(a, "ping -s 3000 -c 1 10.0.0.2")
	out := a.Do("display ip statistics")
	for _, line := range []string{"           dropped        0                no route          0\n", "  Output:  forwarding     0                local             4\n",
		"  Fragment:input          3                output            3\n", "  Reassembling:sum        1                timeouts          0\n"} {
		if !strings.Contains(out, line) {
			t.Errorf("statistics are\n%s\nwithout %q", out, line)
		}
	}
	if out := a.Do("display icmp statistics"); !strings.Contains(out, "         echo replies  4                   parameter problem       0\n") ||
		!strings.Contains(out, " Output: echo          4                   destination unreachable 0\n") {
		t.Errorf("ICMP statistics are\n%s", out)
	}
	a.Do("reset ip statistics")
	if out := a.Do("display ip statistics"); !strings.Contains(out, "  Input:   sum            0                local             0\n") {
		t.Errorf("after reset the statistics are\n%s", out)
	}
	out = a.Do("display ip interface g1/0/1")
	for _, line := range []string{"input packets : 6, bytes : 3320, multicasts : 0\n", "ICMP packet input number:          4\n  Echo reply:                      4\n"} {
		if !strings.Contains(out, line) {
			t.Errorf("display ip interface shows\n%s\nwithout %q", out, line)
		}
	}
	a.Do("system-view", "interface g1/0/1", "flow-interval 5", "arp send-gratuitous-arp interval 500", "return", "ping -c 1000 -m 248 10.0.0.2")
	a.Run(20 * time.Second)
	a.Want("display counters rate outbound interface g1/0/1", `Interface             Total (pps)       Broadcast (pps)       Multicast (pps)
GE1/0/1                         6                     2                     0

 Overflow: More than 14 digits.
       --: Not supported.
`)
	a.Interrupt()
	a.Do("system-view", "interface g1/0/1", "undo arp send-gratuitous-arp", "undo flow-interval", "return")
	a.Run(time.Second)
	a.Do("reset counters interface g1/0/1")
	run(a, "ping -c 1 10.0.0.2")
	a.Want("display counters outbound interface g1/0/1", `Interface         Total (pkts)   Broadcast (pkts)   Multicast (pkts)  Err (pkts)
GE1/0/1                      1                  0                  0           0

 Overflow: More than 14 digits (7 digits for column "Err").
       --: Not supported.
`)
}

func TestAllocatedAddressTakesThePlaceOfOthers(t *testing.T) {
	d := featuretest.New(t, Feature)
	block := func(lines string) string {
		return "#\ninterface GigabitEthernet1/0/1\n port link-mode route\n" + lines + "#\nreturn\n"
	}
	this := func(why, lines string) {
		t.Helper()
		want(t, why, "#\n"+strings.SplitAfter(strings.SplitN(d.Config(), "interface GigabitEthernet1/0/1\n", 2)[1], "#\n")[0],
			strings.TrimSuffix(strings.Replace(block(lines), "interface GigabitEthernet1/0/1\n", "", 1), "return\n"))
	}
	d.Do("system-view", "interface g1/0/1", "ip address 10.0.0.1 24", "ip address 10.1.0.1 24 sub", "ip address dhcp-alloc")
	this("after dhcp-alloc", " ip address dhcp-alloc\n")
	if d.Box.Stack.Iface("GigabitEthernet1/0/1").Addr().IsValid() {
		t.Error("the address is still there")
	}
	d.RoundTrip()
	d.Do("ip address bootp-alloc", "undo ip address dhcp-alloc")
	this("bootp-alloc", " ip address bootp-alloc\n")
	d.Do("ip address 10.0.0.1 24", "undo ip address bootp-alloc")
	this("an address of its own", " ip address 10.0.0.1 255.255.255.0\n")
	d.Do("ip address dhcp-alloc", "undo ip address dhcp-alloc")
	this("nothing", "")
}
