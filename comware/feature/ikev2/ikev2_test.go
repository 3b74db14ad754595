package ikev2

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/comware/feature/featuretest"
	featureike "cwlab/comware/feature/ike"
	"cwlab/comware/feature/ip"
	featureipsec "cwlab/comware/feature/ipsec"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

var image = []feature.Feature{ip.Feature, acl.Feature, featureike.Feature, featureipsec.Feature, Feature}

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
 ikev2-profile p1
ikev2 keychain k1
 peer other
  address REMOTE 255.255.255.255
  pre-shared-key plaintext secret
ikev2 profile p1
 authentication-method local pre-share
 authentication-method remote pre-share
 keychain k1
 match remote identity address REMOTE 255.255.255.255
`

// two are the desks of two devices on one cable, with a policy each.
func two(t *testing.T, pins map[string]string) (a, b *featuretest.Desk) {
	t.Helper()
	tape, err := sim.NewTape(pins)
	if err != nil {
		t.Fatal(err)
	}
	w := sim.New(featuretest.Start, 1, tape)
	net := link.NewNetwork(w)
	a, b = featuretest.At(t, w, net, "A", image...), featuretest.At(t, w, net, "B", image...)
	net.Connect(net.Port("A", "GigabitEthernet1/0/1"), net.Port("B", "GigabitEthernet1/0/1"), link.Options{Latency: time.Millisecond})
	a.Run(time.Second)
	for d, r := range map[*featuretest.Desk]*strings.Replacer{
		a: strings.NewReplacer("LOOP", "2.2.2.2", "FAR", "3.3.3.3", "LOCAL", "1.1.1.1", "REMOTE", "1.1.1.2"),
		b: strings.NewReplacer("LOOP", "3.3.3.3", "FAR", "2.2.2.2", "LOCAL", "1.1.1.2", "REMOTE", "1.1.1.1"),
	} {
		if refused := d.Box.Load(r.Replace(config)); len(refused) > 0 {
			t.Fatalf("refused %+v", refused)
		}
	}
	a.Run(time.Second)
	return a, b
}

// ping has A ping B through the tunnel and waits for the end of it.
func ping(a *featuretest.Desk) string {
	a.Do("ping -a 2.2.2.2 -c 3 3.3.3.3")
	for a.Busy() && a.World.Step() {
	}
	return a.Seen()
}

func pairs(d *featuretest.Desk) int {
	n := 0
	for _, t := range feature.Get[*ipsec.Engine](d.Box).Tunnels(ipsec.Filter{}) {
		n += len(t.Inbound())
	}
	return n
}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, image...).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestPingBringsTheTunnelUp(t *testing.T) {
	a, b := two(t, nil)
	got := ping(a)
	if !strings.Contains(got, "Request time out\n56 bytes from 3.3.3.3: icmp_seq=1 ") || !strings.Contains(got, "icmp_seq=2 ") {
		t.Errorf("ping printed %s", got)
	}
	for _, d := range []*featuretest.Desk{a, b} {
		if n := pairs(d); n != 1 {
			t.Errorf("%s has %d pairs, want 1", d.Box.Name, n)
		}
		if n := len(feature.Get[*ikev2.Engine](d.Box).SAs()); n != 1 {
			t.Errorf("%s has %d IKE SAs, want 1", d.Box.Name, n)
		}
	}
}
