package ip

import (
	"strings"
	"testing"

	"cwlab/comware/feature/featuretest"
)

func TestInterfaceRange(t *testing.T) {
	d := featuretest.New(t, Feature)
	d.Do("system-view", "interface loopback 1", "interface range g1/0/1 to g1/0/3 loopback 1")
	if p := d.Shell.Prompt(); p != "[H3C-if-range]" {
		t.Errorf("the prompt is %s", p)
	}
	d.Do("description of all", "mtu 1400", "shutdown")
	for _, name := range []string{"GigabitEthernet1/0/1", "GigabitEthernet1/0/2", "GigabitEthernet1/0/3", "LoopBack1"} {
		i := d.Box.Stack.Iface(name)
		if i.AdminUp() || description(d.Box.Conf.Root(), name) != "of all" || !i.Loopback() && i.MTU() != 1400 || i.Loopback() && i.MTU() != 1500 {
			t.Errorf("%s is up %v, MTU %d, described %q", name, i.AdminUp(), i.MTU(), description(d.Box.Conf.Root(), name))
		}
	}
	if i := d.Box.Stack.Iface("GigabitEthernet1/0/0"); !i.AdminUp() {
		t.Error("an interface out of the range is shut down")
	}
	d.Want("display interface g1/0/1 brief", `Brief information on interfaces in route mode:
Link: ADM - administratively down; Stby - standby
Protocol: (s) - spoofing
Interface            Link Protocol Primary IP        Description                
GE1/0/1              ADM  DOWN     --                of all

`)
	d.Do("interface range name uplinks interface g1/0/1 to g1/0/2 g1/0/0")
	if p := d.Shell.Prompt(); p != "[H3C-if-range-uplinks]" {
		t.Errorf("the prompt is %s", p)
	}
	d.Do("undo shutdown", "undo description", "undo mtu")
	d.RoundTrip()
	if s := d.Config(); !strings.Contains(s, "interface GigabitEthernet1/0/2\n port link-mode route\n#\ninterface GigabitEthernet1/0/3\n port link-mode route\n description of all\n shutdown\n mtu 1400\n#") {
		t.Errorf("configuration is\n%s", s)
	}
	d.Want("display interface range", "Interface range name uplinks GigabitEthernet1/0/1 GigabitEthernet1/0/2 GigabitEthernet1/0/0\n")
	d.Want("display interface range name others", "")
	d.Do("interface range name uplinks", "quit")
	if v := d.Shell.View().Name; v != "system" {
		t.Errorf("quit leads to view %s", v)
	}
	d.Do("interface range name loops interface loopback 1", "undo interface loopback 1")
	if s := d.Config(); strings.Contains(s, "loops") || !strings.Contains(s, "uplinks") {
		t.Errorf("configuration is\n%s", s)
	}
	for _, row := range []struct{ line, want string }{
		{"interface range g1/0/3 to g1/0/1", "Error: Invalid interface range.\n"},
		{"interface range g1/0/1 to loopback 1", "Error: Invalid interface range.\n"},
		{"interface range name \"a b\" interface g1/0/1", "Error: Invalid name.\n"},
		{"interface range loopback 7", "Error: The interface LoopBack7 does not exist.\n"},
		{"interface range name others", "Error: The interface range does not exist.\n"},
		{"undo interface range name uplinks", ""},
		{"undo interface range name uplinks", "Error: The interface range does not exist.\n"},
	} {
		d.Want(row.line, row.want)
	}
}
