package ip

import (
	"fmt"
	"strings"
	"testing"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
)

func TestDisplayInterfaceShowsWhatWasConfigured(t *testing.T) {
	a, _, _ := pair(t)
	lines := func(name string, texts ...string) {
		t.Helper()
		n := a.Box.Conf.Root().Child("interface " + name)
		for k, text := range texts {
			of, _, _ := strings.Cut(text, " ")
			n.Set(60+k, fmt.Sprintf("%s-%d", of, k), text)
			if strings.HasSuffix(of, "-suppression") {
				n.Set(60+k, of, text)
			}
		}
	}
	shows := func(out string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(out, text+"\n") {
				t.Errorf("without %q:\n%s", text, out)
			}
		}
	}
	shows(a.Do("display interface g1/0/1"), "Bandwidth: 1000000 kbps", "Broadcast max-ratio: 100%", "Loopback is not set", "1000Mbps-speed mode, Full-duplex mode",
		"Link speed type is autonegotiation, link duplex type is autonegotiation", "Flow-control is not enabled", "Maximum frame length:9664")
	a.Do("system-view", "interface g1/0/1", "speed 100", "duplex half")
	lines("GigabitEthernet1/0/1", "flow-control", "loopback internal", "jumboframe enable 1536", "broadcast-suppression 20", "unicast-suppression pps 300")
	shows(a.Do("display interface g1/0/1"), "Bandwidth: 100000 kbps", "Broadcast max-ratio: 20%", "Unknown-multicast max-ratio: 100%", "Unicast max-pps: 300",
		"Loopback is set internal", "100Mbps-speed mode, Half-duplex mode", "Link speed type is force link, link duplex type is force link",
		"Flow-control is enabled", "Maximum frame length:1536")

	a.Do("interface g1/0/2", "port link-mode bridge")
	a.Want("ip address 10.9.0.1 24", "Error: The interface is in bridge mode.\n")
	lines("GigabitEthernet1/0/2", "port link-type trunk", "port trunk permit vlan 10 to 12", "port trunk permit vlan 20", "port trunk pvid vlan 10")
	shows(a.Do("display interface g1/0/2"), "PVID: 10", "Port link-type: Trunk", " VLAN permitted: 10-12, 20")
	shows(a.Do("speed 1000", "display interface g1/0/2 brief"), "GE1/0/2              DOWN 1G        A      T    10   ")
	a.Do("interface g1/0/3", "port link-mode bridge")
	lines("GigabitEthernet1/0/3", "port link-type hybrid", "port hybrid vlan 5 tagged", "port hybrid pvid vlan 7", "port hybrid vlan 6 7 untagged")
	shows(a.Do("display interface g1/0/3"), "PVID: 7", "Port link-type: Hybrid", " Tagged VLANs:   5", " Untagged VLANs: 6, 7")

	d := featuretest.New(t, Feature)
	d.Do("system-view", "interface g1/0/2", "port link-mode bridge")
	d.Box.Conf.Root().Child("interface GigabitEthernet1/0/2").Set(60, "port access", "port access vlan 30")
	shows(d.Do("display interface g1/0/2"), "PVID: 30", "Port link-type: Access", " Tagged VLANs:   None", " Untagged VLANs: 30")
}

func TestKeptInterfaceSaysSo(t *testing.T) {
	d := featuretest.New(t, Feature, feature.Feature{Name: "kept", Views: []feature.View{{Name: "vlanif", Parent: "system", Title: "Vlan-interface"}},
		Install: func(b *feature.Box) {
			b.KeptInterface = func(name string) (string, int, bool) { return "vlanif", 1, strings.HasPrefix(name, "Vlan-interface") }
		}})
	d.Want("display interface vlan-interface 7", "Error: The interface does not exist.\n")
	d.Do("system-view", "interface vlan-interface 7")
	for _, line := range []string{"display interface vlan-interface 7", "display ip interface vlan-interface 7", "ping -i vlan-interface 7 10.0.0.1"} {
		d.Want(line, "Error: The interface is only kept in the configuration.\n")
	}
}
