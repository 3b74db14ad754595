package tunnel

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	engine "cwlab/emulator/ipsec"
)

const profiles = `
ipsec transform-set tran1
 encapsulation-mode MODE
 esp encryption-algorithm aes-cbc-128
 esp authentication-algorithm sha1
#
ipsec profile prof isakmp
 transform-set tran1
#
ike keychain k1
 pre-shared-key address REMOTE 255.255.255.255 key simple secret
#
`

func sas(d *featuretest.Desk) []*engine.TunnelState {
	return feature.Get[*engine.Engine](d.Box).Tunnels(engine.Filter{})
}

// GRE over IPsec: what leaves the port is ESP alone, whatever the mode.
func TestGREOverIPsec(t *testing.T) {
	for _, mode := range []string{"tunnel", "transport"} {
		a, b := two(t, strings.ReplaceAll(profiles, "MODE", mode)+"interface Tunnel1\n tunnel protection ipsec profile prof\n#\n")
		got := outers(b)
		if out := ping(a, "ping -a 2.2.2.2 -c 3 3.3.3.3"); !strings.Contains(out, "icmp_seq=2 ") {
			t.Fatalf("%s: ping printed %s", mode, out)
		}
		if out := ping(a, "ping -a 2.2.2.2 -c 1 -s 4000 3.3.3.3"); !strings.Contains(out, "icmp_seq=0 ") {
			t.Errorf("%s: a long ping printed %s", mode, out)
		}
		if slices.Contains(*got, 47) || !slices.Contains(*got, 50) {
			t.Errorf("%s: B received protocols %v, want ESP and no GRE", mode, *got)
		}
		out := a.Do("display ipsec sa profile prof")
		for _, want := range []string{"Interface: Tunnel1\n", "  IPsec profile: prof\n  Mode: ISAKMP\n", "Encapsulation mode: " + mode,
			"sour addr: 1.1.1.1/255.255.255.255  port: 0  protocol: gre\n"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", mode, want, out)
			}
		}
		// Bare GRE is not taken.
		b.Do("system-view", "interface Tunnel1", "undo tunnel protection ipsec profile", "return")
		if out := ping(b, "ping -a 3.3.3.3 -c 1 2.2.2.2"); strings.Contains(out, "icmp_seq=0 ") {
			t.Errorf("%s: GRE in the clear came through", mode)
		}
		a.RoundTrip()
	}
}

// An IPsec tunnel interface: routes decide what is protected.
func TestIPsecTunnelInterface(t *testing.T) {
	a, b := two(t, strings.ReplaceAll(profiles, "MODE", "tunnel"))
	for _, d := range []*featuretest.Desk{a, b} {
		lines := []string{"system-view", "undo interface Tunnel1", "interface Tunnel2 mode ipsec"}
		if d == a {
			lines = append(lines, "ip address 10.0.0.1 24", "source GigabitEthernet1/0/1", "destination 1.1.1.2")
		} else {
			lines = append(lines, "ip address 10.0.0.2 24", "source 1.1.1.2", "destination 1.1.1.1")
		}
		far := map[bool]string{true: "3.3.3.3", false: "2.2.2.2"}[d == a]
		d.Do(append(lines, "tunnel protection ipsec profile prof", "quit", "ip route-static "+far+" 32 Tunnel2", "return")...)
	}
	got := outers(b)
	for _, line := range []string{"ping -c 3 10.0.0.2", "ping -a 2.2.2.2 -c 3 3.3.3.3", "ping -a 2.2.2.2 -c 3 -s 4000 3.3.3.3"} {
		if out := ping(a, line); !strings.Contains(out, "icmp_seq=2 ") {
			t.Errorf("%s printed %s", line, out)
		}
	}
	for _, p := range *got {
		if p != 50 {
			t.Errorf("B received protocols %v, want ESP alone", *got)
			break
		}
	}
	if n := len(sas(a)); n != 1 {
		t.Fatalf("%d IPsec tunnels, want 1", n)
	}
	if out := a.Do("display ipsec sa"); !strings.Contains(out, "sour addr: 0.0.0.0/0.0.0.0  port: 0  protocol: ip\n") {
		t.Errorf("display ipsec sa printed\n%s", out)
	}
	if out := a.Do("display interface Tunnel2"); !strings.Contains(out, "Maximum transmission unit: 1444\n") ||
		!strings.Contains(out, "Tunnel source 1.1.1.1 (GigabitEthernet1/0/1), destination 1.1.1.2\n") || !strings.Contains(out, "Tunnel protocol/transport IPsec/IP\n") {
		t.Errorf("display interface printed\n%s", out)
	}
	if c := b.Box.Stack.Iface("Tunnel2").Counters(); c.InPackets < 7 || c.InPackets != c.OutPackets {
		t.Errorf("counters of B's tunnel are %+v", c)
	}
	a.RoundTrip()
	a.Do("reset ipsec sa profile prof")
	a.Run(time.Second)
	if len(sas(a))+len(sas(b)) != 0 {
		t.Error("the SAs are there after the reset")
	}
	if out := ping(b, "ping -a 3.3.3.3 -c 3 2.2.2.2"); !strings.Contains(out, "icmp_seq=2 ") {
		t.Errorf("the way back printed %s", out)
	}
	a.Do("system-view", "undo interface Tunnel2", "return")
	if len(sas(a)) != 0 {
		t.Error("the SAs outlive their interface")
	}
}

func TestIPsecProfiles(t *testing.T) {
	a, _ := two(t, strings.ReplaceAll(profiles, "MODE", "tunnel"))
	a.Do("system-view", "ipsec profile prof", "description of B", "ike-profile p1", "sa duration time-based 500", "sa duration traffic-based 5000", "sa idle-time 60")
	if got := a.Shell.Prompt(); !strings.HasSuffix(got, "-ipsec-profile-isakmp-prof]") {
		t.Errorf("prompt %q", got)
	}
	want := `-----------------------------------------------
IPsec profile: prof
Mode: isakmp
-----------------------------------------------
  Description: of B
  Transform set: tran1
  IKE profile: p1
  SA duration(time based): 500 seconds
  SA duration(traffic based): 5000 kilobytes
  SA idle time: 60 seconds
`
	if got := a.Do("display ipsec profile"); got != want {
		t.Errorf("display ipsec profile printed\n%s", got)
	}
	a.RoundTrip()
	if got := a.Do("ipsec profile new"); !strings.Contains(got, "Specify its mode") {
		t.Errorf("a profile without a mode printed %q", got)
	}
	a.Do("undo description", "undo ike-profile", "undo sa duration time-based", "undo sa duration traffic-based", "undo sa idle-time", "undo transform-set")
	if got := a.Do("display ipsec profile prof"); strings.Contains(got, "seconds") || !strings.Contains(got, "  Transform set:\n") {
		t.Errorf("after undo:\n%s", got)
	}
	a.Do("undo ipsec profile prof")
	if got := a.Do("undo ipsec profile prof"); !strings.Contains(got, "does not exist") || strings.Contains(a.Config(), "ipsec profile") {
		t.Errorf("a second undo printed %q", got)
	}
}

// Traces of packets can be narrowed to those of a profile; a profile by hand
// protects no tunnel interface, and nothing leaves it in the clear.
func TestTracesOfAProfile(t *testing.T) {
	a, b := two(t, strings.ReplaceAll(profiles, "MODE", "tunnel")+"interface Tunnel1\n tunnel protection ipsec profile prof\n#\n")
	ping(a, "ping -a 2.2.2.2 -c 2 3.3.3.3")
	a.ShowLogs()
	for name, want := range map[string]bool{"PROF": true, "other": false} {
		a.Do("debugging ipsec packet profile " + name)
		if got := strings.Contains(ping(a, "ping -a 2.2.2.2 -c 1 3.3.3.3"), "Outbound IPsec processing: Src : 1.1.1.1 Dst : 1.1.1.2"); got != want {
			t.Errorf("profile %s: traced %v, want %v", name, got, want)
		}
		a.Do("undo debugging ipsec packet")
	}
	a.Do("system-view", "ipsec profile hand manual", "transform-set tran1", "quit", "interface Tunnel1", "tunnel protection ipsec profile hand", "return")
	got := outers(b)
	if out := ping(a, "ping -a 2.2.2.2 -c 3 3.3.3.3"); strings.Contains(out, "icmp_seq=2 ") || slices.Contains(*got, 47) {
		t.Errorf("with a profile by hand B received protocols %v:\n%s", *got, out)
	}
}
