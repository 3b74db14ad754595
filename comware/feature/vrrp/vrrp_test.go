package vrrp

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/ip"
	"cwlab/comware/infocenter"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/vrrp"
)

// views is what a person needs to get to the commands of this package.
var views = feature.Feature{Name: "views", Commands: []feature.Command{
	{Views: "user", Syntax: "system-view", Help: "system-view=Enter the system view", Run: func(x *feature.Exec, _ *cli.Args) {
		x.Enter(feature.ViewState{Name: "system"})
	}},
	{Views: "any", Syntax: "return", Help: "return=Exit to user view", Run: func(x *feature.Exec, _ *cli.Args) { x.Shell.Return() }},
}}

// A desk is a person at a device: what is printed, logs included.
type desk struct {
	t     *testing.T
	box   *feature.Box
	shell *feature.Shell
	out   strings.Builder
}

func (d *desk) Print(text string)                  { d.out.WriteString(text) }
func (*desk) Hold(func())                          {}
func (*desk) Release()                             {}
func (*desk) Ask(_ string, _ bool, f func(string)) { f("") }
func (*desk) Logout()                              {}
func (*desk) History() []string                    { return nil }
func (*desk) SetPageLength(int)                    {}

func (d *desk) do(lines ...string) string {
	d.t.Helper()
	d.out.Reset()
	for _, line := range lines {
		if err := d.shell.Run(line); err != nil {
			d.t.Fatalf("%s: %q: %v", d.shell.Prompt(), line, err)
		}
		d.run(0)
	}
	return d.out.String()
}

func (d *desk) run(after time.Duration) { d.box.World.RunUntil(d.box.World.Now().Add(after)) }

func (d *desk) want(why, got, want string) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%s:\n%s\nwant\n%s", why, got, want)
	}
}

// lines are those of the interface in the configuration.
func (d *desk) lines() string {
	var all []string
	for _, l := range d.box.Conf.Root().Child("interface GigabitEthernet1/0/1").Kids() {
		if strings.Contains(l.Text, "vrrp") {
			all = append(all, l.Text)
		}
	}
	return strings.Join(all, "\n")
}

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

var image = func() *feature.Image {
	img, err := feature.NewImage(views, ip.Feature, Feature)
	if err != nil {
		panic(err)
	}
	return img
}()

// pair is 192.0.2.2 and 192.0.2.3 on one cable, in interface view.
func pair(t *testing.T) (a, b *desk) {
	t.Helper()
	w := sim.New(start, 1, nil)
	n := link.NewNetwork(w)
	model := &feature.Model{Name: "X", Tag: "-Context=1;", Ports: []string{"GigabitEthernet1/0/1"}}
	seat := func(name, address string) *desk {
		d := &desk{t: t, box: feature.NewBox(name, model, image, w, n, feature.NewFlash())}
		for _, f := range image.Features {
			if f.Install != nil {
				f.Install(d.box)
			}
		}
		d.shell = feature.NewShell(d.box, d, "con0")
		d.do("system-view", "interface GigabitEthernet 1/0/1", "ip address "+address+" 24")
		return d
	}
	a, b = seat("A", "192.0.2.2"), seat("B", "192.0.2.3")
	n.Connect(n.Port("A", "GigabitEthernet1/0/1"), n.Port("B", "GigabitEthernet1/0/1"), link.Options{})
	a.run(time.Second)
	for _, d := range []*desk{a, b} {
		d.box.Info.Subscribe(func(r infocenter.Record) { d.out.WriteString(r.String()) })
	}
	return a, b
}

func TestGrammar(t *testing.T) {
	if err := image.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestConfiguration(t *testing.T) {
	a, _ := pair(t)
	for _, row := range []struct{ command, want string }{
		{"vrrp vrid 2 virtual-ip 192.0.2.250", "vrrp vrid 2 virtual-ip 192.0.2.250"},
		{"vrrp vrid 1 priority 120", "vrrp vrid 1 priority 120\nvrrp vrid 2 virtual-ip 192.0.2.250"},
		{"undo vrrp vrid 2", "vrrp vrid 1 priority 120"},
		{"vrrp vrid 1 virtual-ip 192.0.2.1 active", "vrrp vrid 1 virtual-ip 192.0.2.1 active\nvrrp vrid 1 priority 120"},
		{"vrrp vrid 1 virtual-ip 192.0.2.1 standby", "vrrp vrid 1 virtual-ip 192.0.2.1 standby\nvrrp vrid 1 priority 120"},
		{"vrrp vrid 1 virtual-ip 192.0.2.1", "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 priority 120"},
		{"undo vrrp vrid 1 priority", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"vrrp vrid 1 preempt-mode delay 500", "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 preempt-mode delay 500"},
		{"undo vrrp vrid 1 preempt-mode", "vrrp vrid 1 virtual-ip 192.0.2.1\nundo vrrp vrid 1 preempt-mode"},
		{"vrrp vrid 1 preempt-mode", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"vrrp vrid 1 timer advertise 200", "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 timer advertise 200"},
		{"undo vrrp vrid 1 timer advertise", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"vrrp vrid 1 shutdown", "vrrp vrid 1 virtual-ip 192.0.2.1\nvrrp vrid 1 shutdown"},
		{"undo vrrp vrid 1 shutdown", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"vrrp version 2", "vrrp version 2\nvrrp vrid 1 virtual-ip 192.0.2.1"},
		{"undo vrrp version", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"undo vrrp check-ttl enable", "undo vrrp check-ttl enable\nvrrp vrid 1 virtual-ip 192.0.2.1"},
		{"vrrp check-ttl enable", "vrrp vrid 1 virtual-ip 192.0.2.1"},
		{"undo vrrp vrid 1 virtual-ip 192.0.2.1", ""},
	} {
		a.do(row.command)
		a.want("after "+row.command, a.lines(), row.want)
	}
	if n := len(feature.Get[*vrrp.Engine](a.box).Routers()); n != 0 {
		t.Errorf("%d groups are left, want none", n)
	}
	for _, bad := range []string{"vrrp vrid 1 virtual-ip 224.0.0.1", "undo vrrp vrid 9 priority"} {
		if a.do(bad); !a.shell.Failed() || a.lines() != "" {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestElection(t *testing.T) {
	a, b := pair(t)
	var told []string
	OnChange(b.box, func(iface string, vip netip.Addr, from, to vrrp.State) {
		told = append(told, iface+" "+vip.String()+" "+from.String()+" "+to.String())
	})
	a.want("a device without groups", a.do("display vrrp verbose"), "VRRP4 is not configured.\n")
	a.do("vrrp vrid 1 virtual-ip 192.0.2.1", "vrrp vrid 1 priority 120")
	a.run(time.Second)
	b.do("vrrp vrid 1 virtual-ip 192.0.2.1")
	a.run(10 * time.Second)
	b.want("the backup", b.do("display vrrp interface GigabitEthernet 1/0/1 vrid 1"), `IPv4 Virtual Router Information:
 Running mode : Standard
 Total number of virtual routers on interface GigabitEthernet1/0/1 : 1
 Interface          VRID  State        Running Adver   Auth             Virtual
                                       Pri     Timer   Type                IP
 -----------------------------------------------------------------------------
 GE1/0/1            1     Backup       100     100     Not supported    192.0.2.1
`)
	b.out.Reset()
	a.do("vrrp vrid 1 shutdown")
	a.run(2 * time.Second)
	if want := "VRRP4/6/VRRP_STATUS_CHANGE: -Context=1;\nThe status of IPv4 virtual router 1 (configured on GigabitEthernet1/0/1) changed from Backup to Master: Zero priority packet received.\n\n"; !strings.Contains(b.out.String(), want) {
		t.Errorf("the new master printed %q, want %q in it", b.out.String(), want)
	}
	a.do("undo vrrp vrid 1 shutdown")
	a.run(10 * time.Second)
	want := []string{"GigabitEthernet1/0/1 192.0.2.1 Inactive Initialize", "GigabitEthernet1/0/1 192.0.2.1 Initialize Backup",
		"GigabitEthernet1/0/1 192.0.2.1 Backup Master", "GigabitEthernet1/0/1 192.0.2.1 Master Backup"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestStatistics(t *testing.T) {
	a, b := pair(t)
	a.do("vrrp vrid 1 virtual-ip 192.0.2.1")
	b.do("vrrp vrid 1 virtual-ip 192.0.2.1", "vrrp vrid 1 priority 50", "return")
	a.run(10 * time.Second)
	b.do("reset vrrp statistics")
	a.run(5 * time.Second)
	b.want("statistics", b.do("display vrrp statistics"), ` Interface               : GigabitEthernet1/0/1
 VRID                    : 1
 CheckSum Errors         : 0          Version Errors                : 0
 Invalid Pkts Rcvd       : 0          Unexpected Pkts Rcvd          : 0
 IP TTL Errors           : 0          Advertisement Interval Errors : 0
 Invalid Auth Type       : 0          Auth Failures                 : 0
 Packet Length Errors    : 0          Auth Type Mismatch            : 0
 Become Master           : 0          Address List Errors           : 0
 Adver Rcvd              : 5          Priority Zero Pkts Rcvd       : 0
 Adver Sent              : 0          Priority Zero Pkts Sent       : 0

 Global statistics
 CheckSum Errors         : 0
 Version Errors          : 0
 VRID Errors             : 0
`)
}

func TestDebugging(t *testing.T) {
	a, b := pair(t)
	a.do("return", "debugging vrrp fsm", "debugging vrrp packet", "system-view", "interface GigabitEthernet 1/0/1")
	b.do("return", "debugging vrrp packet interface GigabitEthernet 1/0/1 vrid 1")
	b.out.Reset()
	a.do("vrrp vrid 1 virtual-ip 192.0.2.1")
	b.do("system-view", "interface GigabitEthernet 1/0/1", "vrrp vrid 1 virtual-ip 192.0.2.1")
	a.run(4 * time.Second)
	for _, want := range []string{
		"VRRP4/7/FSM: -Context=1;\n IPv4 GigabitEthernet1/0/1 | Virtual Router 1 : Initialize --> Backup\n",
		"VRRP4/7/FSM: -Context=1;\n IPv4 GigabitEthernet1/0/1 | Virtual Router 1 : Backup --> Master   reason: Master-down-timer expired\n",
		"VRRP4/7/Packet: -Context=1;\n Sent Advertisement message from GigabitEthernet1/0/1\n VRID: 1  Pri: 100  Adver timer: 100 centisecs\n",
	} {
		if !strings.Contains(a.out.String(), want) {
			t.Errorf("A printed %q, want %q in it", a.out.String(), want)
		}
	}
	if want := "VRRP4/7/Packet: -Context=1;\n Received Advertisement message from 192.0.2.2 on GigabitEthernet1/0/1\n VRID: 1  Pri: 100  Adver timer: 100 centisecs\n"; !strings.Contains(b.out.String(), want) {
		t.Errorf("B printed %q, want %q in it", b.out.String(), want)
	}
	b.do("return", "undo debugging vrrp packet")
	b.run(3 * time.Second)
	b.want("after undo debugging", b.out.String(), "")
}
