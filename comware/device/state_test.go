package device

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// settings are lines that give displays something to show.
var settings = []string{
	"scheduler reboot delay 10:00", "system-view", "acl basic 2000", "rule 0 permit",
	"security-zone name Trust", "import interface GigabitEthernet1/0/1", "security-policy ip", "rule 0 name all", "action pass",
	"interface GigabitEthernet1/0/1", "ip address 10.0.0.1 24", "ping -c 1 10.0.0.2",
	"temperature-limit slot 1 hotspot 1 0 10 20", "monitor cpu-usage threshold 50", "archive configuration location flash:/ filename-prefix a",
	"scheduler job ~", "command 1 display clock", "scheduler schedule ~", "job ~", "time once delay 00:01",
	"role feature-group name ~", "feature acl", "telnet client source ip 1.1.1.1", "ssh client source ip 1.1.1.1", "sftp client source ip 1.1.1.1",
	"public-key local create ecdsa secp256r1", "alias now display clock", "hotkey ctrl_t display clock", "arp timer aging 5",
	"interface range name ~ interface GigabitEthernet1/0/1",
	"object-policy ip ~", "rule 0 pass", "security-zone name ~", "import interface GigabitEthernet1/0/2", "zone-pair security source ~ destination ~", "object-policy apply ip ~",
	"interface GigabitEthernet1/0/1", "packet-filter 2000 inbound", "packet-filter 2000 outbound",
	"ipsec policy-template ~ 1", "ipsec profile ~ isakmp", "ikev2 proposal ~", "ikev2 policy ~", "ikev2 profile ~", "nat static outbound 10.0.0.9 20.0.0.9",
	"quit", "quit", "debugging ip packet", "packet-capture local interface GigabitEthernet1/0/1 write flash:/state.pcap",
}

// concrete are lines of displays whose samples name nothing that there is.
var concrete = []string{
	"display diff configfile startup.cfg current-configuration", "display ip routing-table 0.0.0.0 to 255.255.255.255", "display arp 10.0.0.2",
}

// constant are displays that show the same on every device here, and why.
var constant = []struct{ display, why string }{
	{"display copyright", "is the software's"},
	{"display license", "no license can be installed"},
	{"display device manuinfo [ slot <slot:0-1> ] fan", "no fan has one"},
	{"display device manuinfo [ slot <slot:0-1> ] power", "no power supply has one"},
	{"display fan", "the models have the same fans"},
	{"display power", "the models have the same power supplies"},
	{"display default-configuration", "the models come with the same ports"},
	{"display diagnostic-information", "is saved, not shown"},
	{"display line summary", "the console alone is in use"},
	{"display user-interface summary", "the console alone is in use"},
	{"display role feature [ name", "is the software's"},
	{"display password-control blacklist", "has nobody of the console"},
	{"display public-key peer", "no other device has given its key"},
	{"display pki certificate domain", "no certificate is imported"},
	{"display pki crl domain", "no list is there"},
	{"display nat no-pat", "no traffic is translated without ports"},
	{"display ike statistics", "counts faults that no device here has"},
	{"display ikev2 statistics", "counts faults that no device here has"},
}

// TestDisplaysShowState has devices of both models with nothing configured,
// with something of everything, and at work show all that there is: no display
// shows the same everywhere.
func TestDisplaysShowState(t *testing.T) {
	g, err := Grammar()
	if err != nil {
		t.Fatal(err)
	}
	other := pair(t, "")
	other.def.Devices[1].Model, other.def.Start = "F1090", start.Add(1234567*time.Second)
	set := pair(t, "")
	benches := []*bench{pair(t, ""), other, set, redundant(t), translating(t), keyed(t), pair(t, file(t, "testdata/edge.cfg")), pair(t, file(t, "testdata/internal.cfg"))}
	for _, b := range benches {
		b.build()
		b.r.typ("system-view")
		b.run(70 * time.Second)
	}
	set.r.Return()
	for _, l := range settings {
		if err := set.r.start(l); err != nil || set.r.Failed() {
			t.Errorf("%q shows %v %s", l, err, set.r.out.String())
		}
		set.run(time.Second)
		set.r.end()
	}
	for _, l := range []string{"system-view", "remote-backup group", "configuration manual-sync-check"} {
		benches[3].r.typ(l)
	}
	for _, b := range benches {
		b.run(70 * time.Second)
	}
	differs := func(line string) bool {
		var first string
		for i, b := range benches {
			out, _ := b.r.typ(line)
			if i == 0 {
				first = out
			} else if out != first {
				return true
			}
		}
		return false
	}
	displays := 0
	var same []string
	for _, c := range g.Commands() {
		if !strings.HasPrefix(c.Syntax, "display ") {
			continue
		}
		displays++
		lines := slices.DeleteFunc(slices.Clone(concrete), func(l string) bool {
			m, err := g.Parse("system", l, nil)
			return err != nil || m.Command != c
		})
		for _, s := range g.Samples(c) {
			if s.View == "system" || s.View == "user" && !c.In("system") {
				lines = append(lines, s.Line)
			}
		}
		if !slices.ContainsFunc(lines, differs) {
			same = append(same, c.Syntax)
		}
	}
	for _, row := range constant {
		i := slices.IndexFunc(same, func(s string) bool { return strings.HasPrefix(s, row.display) })
		if i < 0 {
			t.Errorf("%s is not constant", row.display)
			continue
		}
		t.Logf("%s: %s", same[i], row.why)
		same = slices.Delete(same, i, i+1)
	}
	for _, s := range same {
		t.Errorf("%s shows the same everywhere", s)
	}
	t.Logf("%d displays", displays)
}
