package ipsec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/featuretest"
	featureike "cwlab/comware/feature/ike"
	"cwlab/comware/feature/ip"
	featurevrrp "cwlab/comware/feature/vrrp"
	"cwlab/comware/infocenter"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// A desk is a person at a device; logs holds what was logged and traced.
type desk struct {
	*featuretest.Desk
	logs strings.Builder
}

// do types lines, waits for those that take time, and returns the output.
func (d *desk) do(lines ...string) string {
	d.T.Helper()
	var all strings.Builder
	for _, line := range lines {
		d.Do(line)
		for d.Busy() && d.World.Step() {
		}
		all.WriteString(d.Seen())
	}
	return all.String()
}

var start = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

const config = `
acl advanced 3000
 rule 0 permit ip source LOOP 0 destination FAR 0
interface LoopBack0
 ip address LOOP 255.255.255.255
interface GigabitEthernet1/0/1
 ip address LOCAL 255.255.255.0
 ipsec apply policy map1
#
ip route-static FAR 32 REMOTE
ipsec transform-set tran1
 esp encryption-algorithm aes-cbc-128
 esp authentication-algorithm sha1
ipsec policy map1 10 isakmp
 transform-set tran1
 security acl 3000
 remote-address REMOTE
 ike-profile p1
ike profile p1
 keychain k1
 match remote identity address REMOTE 255.255.255.255
ike keychain k1
 pre-shared-key address REMOTE 255.255.255.255 key simple secret
`

var image = []feature.Feature{ip.Feature, acl.Feature, featureike.Feature, Feature, featurevrrp.Feature}

// two are the desks of two devices on one cable, with a policy each.
func two(t *testing.T) (a, b *desk) {
	t.Helper()
	w := sim.New(start, 1, nil)
	net := link.NewNetwork(w)
	desks := make([]*desk, 2)
	for i, name := range []string{"A", "B"} {
		d := &desk{Desk: featuretest.At(t, w, net, name, image...)}
		d.Box.Info.Subscribe(func(r infocenter.Record) { d.logs.WriteString(r.String()) })
		desks[i] = d
	}
	net.Connect(net.Port("A", "GigabitEthernet1/0/1"), net.Port("B", "GigabitEthernet1/0/1"), link.Options{Latency: time.Millisecond})
	w.RunUntil(start.Add(time.Second))
	for i, r := range []*strings.Replacer{
		strings.NewReplacer("LOOP", "2.2.2.2", "FAR", "3.3.3.3", "LOCAL", "1.1.1.1", "REMOTE", "1.1.1.2"),
		strings.NewReplacer("LOOP", "3.3.3.3", "FAR", "2.2.2.2", "LOCAL", "1.1.1.2", "REMOTE", "1.1.1.1"),
	} {
		if refused := desks[i].Box.Load(r.Replace(config)); len(refused) > 0 {
			t.Fatalf("refused %+v", refused)
		}
	}
	w.RunUntil(start.Add(2 * time.Second))
	return desks[0], desks[1]
}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, image...).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestPingBringsTheTunnelUp(t *testing.T) {
	a, b := two(t)
	a.do("debugging ipsec all")
	got := a.do("ping -a 2.2.2.2 -c 3 3.3.3.3")
	if !strings.Contains(got, "Request time out\n56 bytes from 3.3.3.3: icmp_seq=1 ") || !strings.Contains(got, "icmp_seq=2 ") {
		t.Errorf("ping printed %s", got)
	}
	e := feature.Get[*ipsec.Engine](a.Box)
	tunnels := e.Tunnels(ipsec.Filter{})
	if len(tunnels) != 1 {
		t.Fatalf("%d tunnels, want 1", len(tunnels))
	}
	in, out := tunnels[0].Inbound()[0], tunnels[0].Outbound()
	show := a.do("display ipsec sa")
	fixed := strings.NewReplacer(spi(in), "INSPI", spi(out), "OUTSPI").Replace(show)
	_, sec := in.Remaining(a.Box.Now())
	fixed = strings.ReplaceAll(fixed, "1843199/"+itoa(sec), "1843199/SEC")
	if want := `-------------------------------
Interface: GigabitEthernet1/0/1
-------------------------------

  -----------------------------
  IPsec policy: map1
  Sequence number: 10
  Mode: ISAKMP
  -----------------------------
    Tunnel id: 0
    Encapsulation mode: tunnel
    Perfect Forward Secrecy:
    Inside VPN:
    Extended Sequence Numbers enable: N
    Traffic Flow Confidentiality enable: N
    Transmitting entity: Initiator
    Path MTU: 1428
    Tunnel:
        local  address: 1.1.1.1
        remote address: 1.1.1.2
    Flow:
        sour addr: 2.2.2.2/255.255.255.255  port: 0  protocol: ip
        dest addr: 3.3.3.3/255.255.255.255  port: 0  protocol: ip

    [Inbound ESP SAs]
      SPI: INSPI
      Connection ID: 4294967296
      Transform set: ESP-ENCRYPT-AES-CBC-128 ESP-AUTH-SHA1
      SA duration (kilobytes/sec): 1843200/3600
      SA remaining duration (kilobytes/sec): 1843199/SEC
      Max received sequence-number: 2
      Anti-replay check enable: Y
      Anti-replay window size: 64
      UDP encapsulation used for NAT traversal: N
      Status: Active

    [Outbound ESP SAs]
      SPI: OUTSPI
      Connection ID: 4294967297
      Transform set: ESP-ENCRYPT-AES-CBC-128 ESP-AUTH-SHA1
      SA duration (kilobytes/sec): 1843200/3600
      SA remaining duration (kilobytes/sec): 1843199/SEC
      Max sent sequence-number: 2
      UDP encapsulation used for NAT traversal: N
      Status: Active
`; fixed != want {
		t.Errorf("display ipsec sa printed\n%s", fixed)
	}
	if got := b.do("display ipsec sa"); !strings.Contains(got, "Transmitting entity: Responder") {
		t.Errorf("B printed\n%s", got)
	}
	want := `  IPsec packet statistics:
    Received/sent packets: 2/2
    Received/sent bytes: 168/168
    Dropped packets (received/sent): 0/1

    Dropped packets statistics
      No available SA: 1
      Wrong SA: 0
      Invalid length: 0
      Authentication failure: 0
      Encapsulation failure: 0
      Decapsulation failure: 0
      Replayed packets: 0
      ACL check failure: 0
      MTU check failure: 0
      Loopback limit exceeded: 0
      Crypto speed limit exceeded: 0
`
	if got := a.do("display ipsec statistics"); got != want {
		t.Errorf("display ipsec statistics printed\n%s", got)
	}
	if got := a.do("display ipsec sa count", "display ipsec tunnel count"); got != "Total IPsec SAs count: 2\nTotal IPsec Tunnel Count: 1\n" {
		t.Errorf("counts: %q", got)
	}
	if got := a.do("display acl 3000"); !strings.Contains(got, "(3 times matched)") {
		t.Errorf("display acl printed %q", got)
	}
	for _, text := range []string{
		"IPSEC/7/ERROR: -Context=1;\nCan't find SA by SP.\n",
		"IPSEC/7/event: -Context=1;\nSent SA-Acquire message: SP ID = 0.\n",
		"IPSEC/7/packet: -Context=1;\nThe reason of dropping packet is No available SA.\n",
		"IPSEC/7/event: -Context=1;\nAdded an IPsec tunnel when adding ISAKMP SA: tunnel index = 0, tunnel sequence number = 1.\n",
		"IPSEC/7/packet: -Context=1;\nOutbound IPsec processing: ESP auth algorithm: SHA1, ESP encp algorithm: AES-CBC.\n",
		"IPSEC/7/packet: -Context=1;\nInbound IPsec ESP processing: Decryption succeeded.\n",
	} {
		if !strings.Contains(a.logs.String(), text) {
			t.Errorf("no trace %q in\n%s", text, a.logs.String())
		}
	}
	// A reset on A tells B through IKE.
	a.do("undo debugging ipsec all", "reset ipsec sa")
	a.Box.World.RunUntil(a.Box.Now().Add(time.Second))
	if got := a.do("display ipsec sa") + b.do("display ipsec sa"); got != "" {
		t.Errorf("after the reset: %s", got)
	}
	if got := b.do("ping -a 3.3.3.3 -c 3 2.2.2.2"); !strings.Contains(got, "icmp_seq=2 ") {
		t.Errorf("the way back: %s", got)
	}
}

func itoa(n uint32) string { return strconv.Itoa(int(n)) }

func spi(sa *ipsec.SA) string { return fmt.Sprintf("%d (0x%08x)", sa.SPI, sa.SPI) }

func TestSoftExpiryRekeys(t *testing.T) {
	a, b := two(t)
	a.do("system-view", "ipsec sa global-duration time-based 180", "return", "ping -a 2.2.2.2 -c 2 3.3.3.3")
	old := feature.Get[*ipsec.Engine](a.Box).Tunnels(ipsec.Filter{})[0].Outbound().SPI
	a.Box.World.RunUntil(a.Box.Now().Add(200 * time.Second))
	for _, d := range []*desk{a, b} {
		tunnels := feature.Get[*ipsec.Engine](d.Box).Tunnels(ipsec.Filter{})
		if len(tunnels) != 1 || len(tunnels[0].Inbound()) != 1 || tunnels[0].Outbound().SPI == old {
			t.Fatalf("%s has not rekeyed: %+v", d.Box.Name, tunnels)
		}
	}
	if got := a.do("ping -a 2.2.2.2 -c 2 3.3.3.3"); strings.Contains(got, "time out") {
		t.Errorf("after the rekey: %s", got)
	}
}

func TestConfigurationComesBack(t *testing.T) {
	a, _ := two(t)
	a.do("system-view", "ipsec transform-set tran1", "pfs dh-group14", "encapsulation-mode transport", "esp authentication-algorithm sha1 md5",
		"ipsec policy map1 10", "local-address 1.1.1.1", "sa duration time-based 28800", "sa duration traffic-based 5000", "description to B",
		"ipsec policy-template tpl 1", "transform-set tran1", "ipsec policy map1 20 isakmp template tpl",
		"ipsec anti-replay window 128", "undo ipsec decrypt-check enable", "ipsec logging packet enable", "ipsec global-df-bit clear", "undo ipsec anti-replay check")
	lines := a.Box.Conf.Lines()
	text := strings.Join(lines, "\n")
	for _, want := range []string{
		"ipsec transform-set tran1\n encapsulation-mode transport\n esp encryption-algorithm aes-cbc-128\n esp authentication-algorithm sha1 md5\n pfs dh-group14\n#\n",
		"ipsec policy map1 10 isakmp\n transform-set tran1\n security acl 3000\n local-address 1.1.1.1\n remote-address 1.1.1.2\n description to B\n ike-profile p1\n sa duration time-based 28800\n sa duration traffic-based 5000\n#\n",
		"ipsec policy map1 20 isakmp template tpl\n#\n",
		"#\n undo ipsec anti-replay check\n ipsec anti-replay window 128\n undo ipsec decrypt-check enable\n ipsec global-df-bit clear\n ipsec logging packet enable\n#\n",
		" ipsec apply policy map1\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the configuration lacks\n%sit is\n%s", want, text)
		}
	}
	_, b := two(t)
	for _, d := range []string{"undo acl advanced 3000", "undo interface LoopBack0", "undo ip route-static 2.2.2.2 32 1.1.1.1", "undo ike profile p1", "undo ike keychain k1", "undo ipsec policy map1", "undo ipsec transform-set tran1"} {
		b.do("system-view", d, "return")
	}
	if refused := b.Box.Load(text); len(refused) > 0 {
		t.Errorf("refused %+v", refused)
	}
	if back := b.Box.Conf.Lines(); !slices.Equal(back, lines) {
		t.Errorf("a fresh device has\n%s\nwant\n%s", strings.Join(back, "\n"), text)
	}
	a.do("undo ipsec anti-replay window", "ipsec decrypt-check enable", "undo ipsec logging packet enable", "undo ipsec global-df-bit", "ipsec anti-replay check", "undo ipsec policy map1 20", "undo ipsec policy-template tpl")
	if text := strings.Join(a.Box.Conf.Lines(), "\n"); strings.Contains(text, "anti-replay") || strings.Contains(text, "tpl") || strings.Contains(text, "df-bit") {
		t.Errorf("after undo:\n%s", text)
	}
}

func TestPolicyDisplays(t *testing.T) {
	a, _ := two(t)
	a.do("system-view", "ipsec policy other 2 isakmp", "description My first", "ipsec transform-set empty", "return")
	want := `-------------------------------------------
IPsec Policy: map1
Interface: GigabitEthernet1/0/1
-------------------------------------------

  -----------------------------
  Sequence number: 10
  Mode: isakmp
  -----------------------------
  Description:
  Security data flow: 3000
  Selector mode: standard
  Local address:
  Remote address: 1.1.1.2
  Transform set:  tran1
  IKE profile: p1
  SA duration(time based):
  SA duration(traffic based):
  SA idle time:
-------------------------------------------
IPsec Policy: other
-------------------------------------------

  -----------------------------
  Sequence number: 2
  Mode: isakmp
  -----------------------------
  The policy configuration is incomplete:
           Remote-address not set
           ACL not specified
           Transform-set not set
  Description: My first
  Security data flow:
  Selector mode: standard
  Local address:
  Remote address:
  Transform set:
  IKE profile:
  SA duration(time based):
  SA duration(traffic based):
  SA idle time:
`
	if got := a.do("display ipsec policy"); got != want {
		t.Errorf("display ipsec policy printed\n%s", got)
	}
	if got := a.do("display ipsec transform-set"); got != `IPsec transform set: empty
  State: incomplete
  Encapsulation mode: tunnel
  ESN: Disabled
  PFS:
  Transform: ESP

IPsec transform set: tran1
  State: complete
  Encapsulation mode: tunnel
  ESN: Disabled
  PFS:
  Transform: ESP
  ESP protocol:
    Integrity: SHA1
    Encryption: AES-CBC-128
` {
		t.Errorf("display ipsec transform-set printed\n%s", got)
	}
}
