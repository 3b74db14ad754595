package rbm

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/nat"
	"cwlab/comware/feature/track"
	"cwlab/comware/feature/vrrp"
	"cwlab/comware/feature/zone"
	"cwlab/comware/infocenter"
	"cwlab/emulator/link"
	"cwlab/emulator/rbm"
	"cwlab/emulator/sim"
)

// A desk is a person at one of the two devices.
type desk struct{ *featuretest.Desk }

func (d *desk) want(why, got, want string) {
	d.T.Helper()
	if got != want {
		d.T.Errorf("%s:\n%s\nwant\n%s", why, got, want)
	}
}

func (d *desk) has(why, got string, parts ...string) {
	d.T.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			d.T.Errorf("%s: %q is missing in\n%s", why, p, got)
		}
	}
}

func (d *desk) state(why string, want rbm.State) {
	d.T.Helper()
	if got := feature.Get[*rbm.Engine](d.Box).State(); got != want {
		d.T.Errorf("%s: %s is %v, want %v", why, d.Box.Name, got, want)
	}
}

var vip = netip.MustParseAddr("192.0.2.1")

const config = `#
interface GigabitEthernet1/0/2
 port link-mode route
 ip address 192.0.2.%[1]d 255.255.255.0
 vrrp vrid 1 virtual-ip 192.0.2.1 %[2]s
#
interface GigabitEthernet1/0/3
 port link-mode route
 ip address 198.51.100.%[1]d 255.255.255.0
#
security-zone name Local
#
security-zone name Trust
 import interface GigabitEthernet1/0/3
#
security-zone name DMZ
#
security-zone name Untrust
 import interface GigabitEthernet1/0/2
#
security-zone name Management
#
security-policy ip
 rule 0 name local-untrust
  action pass
  source-zone Local
  destination-zone Untrust
#
remote-backup group
 data-channel interface GigabitEthernet1/0/3
 delay-time 1
 local-ip 198.51.100.%[1]d
 remote-ip 198.51.100.%[3]d
 device-role %[4]s
#
return
`

func pair(t *testing.T) (a, b *desk, w *sim.World, channel *link.Cable) {
	t.Helper()
	w = sim.New(featuretest.Start, 1, nil)
	n := link.NewNetwork(w)
	seat := func(name string, args ...any) *desk {
		d := &desk{featuretest.At(t, w, n, name, ip.Feature, zone.Feature, acl.Feature, nat.Feature, track.Feature, vrrp.Feature, Feature)}
		for _, r := range d.Box.Load(fmt.Sprintf(config, args...)) {
			t.Errorf("%s refuses line %d %q: %s", name, r.Line, r.Text, r.Reason)
		}
		return d
	}
	a = seat("A", 2, "active", 3, "primary")
	b = seat("B", 3, "standby", 2, "secondary")
	n.Connect(n.Port("A", "GigabitEthernet1/0/2"), n.Port("B", "GigabitEthernet1/0/2"), link.Options{Latency: 10 * time.Microsecond})
	channel = n.Connect(n.Port("A", "GigabitEthernet1/0/3"), n.Port("B", "GigabitEthernet1/0/3"), link.Options{Latency: 10 * time.Microsecond})
	w.RunUntil(featuretest.Start.Add(15 * time.Second))
	a.ShowLogs()
	b.ShowLogs()
	return a, b, w, channel
}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, ip.Feature, zone.Feature, acl.Feature, nat.Feature, track.Feature, vrrp.Feature, Feature).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestPromptAndConfiguration(t *testing.T) {
	a, b, _, _ := pair(t)
	a.want("prompt of the primary device", a.Shell.Prompt(), "RBM_P<H3C>")
	b.Do("system-view", "remote-backup group")
	b.want("prompt of the secondary device", b.Shell.Prompt(), "RBM_S[H3C-remote-backup-group]")
	b.Do("undo device-role")
	b.want("prompt without a role", b.Shell.Prompt(), "[H3C-remote-backup-group]")
	got := strings.Join(a.Box.Conf.Lines(), "\n")
	for _, section := range strings.Split(fmt.Sprintf(config, 2, "active", 3, "primary"), "#\n") {
		if !strings.Contains(got+"\n", section) {
			t.Errorf("the configuration lacks\n%s\nit is\n%s", section, got)
		}
	}
}

func TestStatus(t *testing.T) {
	a, b, _, _ := pair(t)
	a.want("status of the primary device", a.Do("display remote-backup-group status"), `Remote backup group information:
  Backup mode: Active/standby
  Device management role: Primary
  Device running status: Active
  Data channel interface: GigabitEthernet1/0/3
  Local IP: 198.51.100.2
  Remote IP: 198.51.100.3    Destination port: 60064
  Control channel status: Connected
  Keepalive interval: 1s
  Keepalive count: 10
  Configuration consistency check interval: 24 hour
  Configuration consistency check result: Not Performed
  Configuration backup status: Auto sync enabled
  Session backup status: Hot backup enabled
  Delay-time: 1 min
  Uptime since last switchover: 0 days, 0 hours, 0 minutes
  Switchover records:
    Time                     Status change           Cause
    2020-01-02 03:04:06      Initial to Active       Interface status changed
`)
	b.want("VRRP of the secondary device", b.Do("display vrrp"), `IPv4 Virtual Router Information:
 Running mode : Standard
 RBM control channel is established
   VRRP active group status : Backup
   VRRP standby group status: Backup
 Total number of virtual routers : 1
 Interface          VRID  State        Running Adver   Auth             Virtual
                                       Pri     Timer   Type                IP
 -----------------------------------------------------------------------------
 GE1/0/2            1     Backup       100     100     Not supported    192.0.2.1
`)
	a.want("VRRP of the primary device", a.Do("display vrrp interface GigabitEthernet 1/0/2 verbose"), `IPv4 Virtual Router Information:
 Running mode : Standard
 RBM control channel is established
   VRRP active group status : Master
   VRRP standby group status: Master
 Total number of virtual routers on interface GigabitEthernet1/0/2 : 1
   Interface GigabitEthernet1/0/2
     VRID             : 1                   Adver Timer  : 100
     Admin Status     : Up                  State        : Master
     Config Pri       : 100                 Running Pri  : 100
     Preempt Mode     : Yes                 Delay Time   : 0
     Auth Type        : Not supported
     Version          : 3
     Virtual IP       : 192.0.2.1
     Virtual MAC      : 0000-5e00-0101
     Master IP        : 192.0.2.2
`)
}

func TestSwitchover(t *testing.T) {
	a, b, w, _ := pair(t)
	b.want("request on the standby device", b.Do("system-view", "remote-backup group", "switchover request"), "This operation can be performed only on the active device.\n")
	b.Do("return")
	a.Do("system-view", "remote-backup group")
	before := w.Now()
	a.Do("switchover request")
	w.RunUntil(before.Add(time.Millisecond))
	head := infocenter.Stamp(before)
	log := func(from, to string) string {
		return "%" + head + " H3C VRRP4/6/VRRP_STATUS_CHANGE: -Context=1;\nThe status of IPv4 virtual router 1 (configured on GigabitEthernet1/0/2) changed from " +
			from + " to " + to + ": Controlled by RBM.\n\n"
	}
	a.want("log of the old master", a.Seen(), log("Master", "Backup"))
	b.want("log of the new master", b.Seen(), log("Backup", "Master"))
	if a.Box.Stack.IsLocal(vip) || !b.Box.Stack.IsLocal(vip) {
		t.Error("the virtual address did not move")
	}
	a.Run(5 * time.Minute)
	if e := feature.Get[*rbm.Engine](a.Box); e.State() != rbm.Standby {
		t.Errorf("the delay time undid a request: A is %v", e.State())
	}
}

func TestInterfaceFailureAndReturn(t *testing.T) {
	a, b, _, _ := pair(t)
	a.Do("system-view", "interface GigabitEthernet 1/0/2", "shutdown")
	a.Run(time.Second)
	if !strings.Contains(a.Seen(), "changed from Master to Initialize: Interface event received.") {
		t.Errorf("A printed %q", a.Seen())
	}
	if s := feature.Get[*rbm.Engine](b.Box).State(); s == rbm.Active {
		t.Error("B took over though its own interface lost the link too")
	}
	a.Do("undo shutdown")
	a.Run(2 * time.Minute)
	if !a.Box.Stack.IsLocal(vip) || b.Box.Stack.IsLocal(vip) {
		t.Error("the virtual address is not back at A")
	}
}

func TestChannelLoss(t *testing.T) {
	a, b, _, channel := pair(t)
	channel.Cut()
	a.Run(time.Minute)
	for _, d := range []*desk{a, b} {
		if e := feature.Get[*rbm.Engine](d.Box); e.State() != rbm.Active || e.Connected() {
			t.Errorf("%s without the channel is %v", d.Box.Name, e.State())
		}
		if !strings.Contains(d.Do("display vrrp"), " RBM control channel is not established\n") {
			t.Errorf("%s shows %s", d.Box.Name, d.Seen())
		}
	}
	if !a.Box.Stack.IsLocal(vip) || b.Box.Stack.IsLocal(vip) {
		t.Error("election moved the virtual address though its master can be heard")
	}
	channel.Mend()
	a.Run(time.Minute)
	if s := feature.Get[*rbm.Engine](b.Box).State(); s != rbm.Standby {
		t.Errorf("B is %v after the channel came back", s)
	}
	if !strings.Contains(b.Do("display remote-backup-group status"), "Active to Standby       Control channel status changed\n") {
		t.Errorf("B shows %s", b.Seen())
	}
	ends := feature.Get[*rbm.Engine](a.Box).Config()
	gone := fmt.Sprintf("Local IP=%v, remote IP=%v, status=Disconnected.", ends.Local, ends.Remote)
	if got := a.Do("system-view", "undo remote-backup group"); !strings.Contains(got, gone) {
		t.Errorf("without a configuration A logs %s, want %s", got, gone)
	}
}

func TestConfigurationSynchronisation(t *testing.T) {
	a, b, _, channel := pair(t)
	both := func(why string) {
		t.Helper()
		x, y := (&host{Box: a.Box}).RunningConfig(), (&host{Box: b.Box}).RunningConfig()
		if !slices.Equal(x, y) {
			t.Errorf("%s: A has\n%s\nB has\n%s", why, strings.Join(x, "\n"), strings.Join(y, "\n"))
		}
	}
	both("after the batch")
	a.Do("system-view", "security-policy ip", "rule 5 name ike", "action pass", "source-zone Untrust", "service ike", "quit", "rule name more", "undo rule 0")
	a.Run(time.Second)
	both("in real time")
	const outside = "interface GigabitEthernet1/0/2"
	a.Do("return", "system-view", "nat address-group 1", "address 192.0.2.10 192.0.2.11", "quit", outside, "nat outbound address-group 1",
		"nat server protocol tcp global 192.0.2.9 80 inside 10.0.0.9", "description left", "return", "system-view", "security-policy ip")
	a.Run(time.Second)
	both("translation of an interface in real time")
	if got := b.Config(); !strings.Contains(got, "\n nat outbound address-group 1\n") || strings.Contains(got, "left") {
		t.Errorf("B has\n%s", got)
	}
	if n := len((&host{Box: b.Box}).RunningConfig()); n < 10 {
		t.Errorf("only %d lines are synchronised", n)
	}
	a.Box.Conf.Root().Set(feature.PlaceSysname, "sysname", "sysname LEFT")
	a.Run(time.Second)
	if b.Box.Sysname() != "H3C" {
		t.Error("the name of the device was synchronised")
	}
	channel.Cut()
	a.Run(time.Minute)
	a.Do("return", "system-view", "security-policy ip", "rule 0 name first", "move rule 0 before 5", "return", "system-view", "security-zone name office", "return",
		"system-view", "security-zone name Trust", "undo import interface GigabitEthernet1/0/3", "return",
		"system-view", outside, "undo nat outbound", "nat outbound 2000 address-group 1")
	b.Do("system-view", "security-zone name stray", "interface GigabitEthernet1/0/1", "nat static enable", "return")
	channel.Mend()
	a.Run(time.Minute)
	both("after the channel came back")
	if got := a.Do("return", "system-view", "remote-backup group", "configuration manual-sync-check"); strings.Contains(got, "can be") {
		t.Error(got)
	}
	a.Run(time.Second)
	if got := a.Do("display remote-backup-group sync-check"); got != "Configuration consistency check result: Consistent\n" {
		t.Errorf("the check says %q", got)
	}
}
