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
	for i, r := range []*strings.Replacer{
		strings.NewReplacer("LOOP", "2.2.2.2", "FAR", "3.3.3.3", "LOCAL", "1.1.1.1", "REMOTE", "1.1.1.2"),
		strings.NewReplacer("LOOP", "3.3.3.3", "FAR", "2.2.2.2", "LOCAL", "1.1.1.2", "REMOTE", "1.1.1.1"),
	} {
		if refused := []*featuretest.Desk{a, b}[i].Box.Load(r.Replace(config)); len(refused) > 0 {
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

const noSA = `    Tunnel ID    Local                       Remote                      Status
  ---------------------------------------------------------------------------
`

const legend = `
  Status:
  IN-NEGO: Negotiating, EST: Established, DEL: Deleting
`

func TestDisplaysOfSAs(t *testing.T) {
	a, b := two(t, map[string]string{"A ikev2 spi 1": "0011223344556677", "B ikev2 spi 1": "8899aabbccddeeff"})
	a.Want("display ikev2 sa", noSA+legend)
	b.Do("system-view", "ikev2 dpd interval 10 periodic", "return")
	ping(a)
	row := "    1            1.1.1.1/500                 1.1.1.2/500                 EST\n"
	a.Want("display ikev2 sa", noSA+row+legend)
	a.Want("display ikev2 sa remote 1.1.1.2", noSA+row+legend)
	a.Want("display ikev2 sa local 1.1.1.2", noSA+legend)
	a.Want("display ikev2 sa count", "IKEv2 SAs count: 1\n")
	want := `  Tunnel ID: 1
  Local IP/Port: 1.1.1.2/500
  Remote IP/Port: 1.1.1.1/500
  Outside VRF: -
  Inside VRF: -
  Local SPI: 8899aabbccddeeff
  Remote SPI: 0011223344556677

  Local ID type: IPv4 address
  Local ID: 1.1.1.2
  Remote ID type: IPv4 address
  Remote ID: 1.1.1.1

  Auth sign method: Pre-shared key
  Auth verify method: Pre-shared key
  Integrity algorithm: HMAC_SHA1
  PRF algorithm: HMAC_SHA1
  Encryption algorithm: AES-CBC-128

  Life duration: 86400 secs
  Remaining key duration: 86397 secs
  Diffie-Hellman group: MODP1536/Group5
  NAT traversal: Not detected
  DPD: Interval 10 secs, retry interval 5 secs
  Transmitting entity: Responder

  Local window: 1
  Remote window: 1
  Local request message ID: 0
  Remote request message ID: 2
  Local next message ID: 0
  Remote next message ID: 2

`
	b.Want("display ikev2 sa verbose", want)
	b.Want("display ikev2 sa verbose tunnel 1", want)
	b.Want("display ikev2 sa remote 1.1.1.1 verbose", want)
	b.Want("display ikev2 sa verbose tunnel 2", "")
}

func TestReset(t *testing.T) {
	for _, c := range []struct {
		line string
		left int
	}{
		{"reset ikev2 sa tunnel 2", 1}, {"reset ikev2 sa local 1.1.1.2", 1}, {"reset ikev2 sa remote 1.1.1.2", 0},
		{"reset ikev2 sa tunnel 1 fast", 0}, {"reset ikev2 sa fast", 0}, {"reset ikev2 sa", 0},
	} {
		a, b := two(t, nil)
		ping(a)
		a.Want(c.line, "")
		a.Run(time.Second)
		for _, d := range []*featuretest.Desk{a, b} {
			if n := len(feature.Get[*ikev2.Engine](d.Box).SAs()); n != c.left || pairs(d) != c.left {
				t.Errorf("%s leaves %d IKE SAs and %d pairs, want %d", c.line, n, pairs(d), c.left)
			}
		}
	}
}

func TestStatistics(t *testing.T) {
	a, b := two(t, nil)
	ping(a)
	a.Do("reset ipsec sa")
	a.Run(time.Second)
	for d, want := range map[*featuretest.Desk]string{a: "Del child for IPsec message: 1\n", b: "Del child for receiving delete message: 1\n"} {
		if got := d.Do("display ikev2 statistics"); !strings.Contains(got, want) || strings.Count(got, "\n") != 22 {
			t.Errorf("statistics are\n%s\nwant %s", got, want)
		}
	}
	if pairs(b) != 0 {
		t.Error("the other end keeps the pair")
	}
	a.Do("reset ikev2 statistics")
	if got := a.Do("display ikev2 statistics"); !strings.Contains(got, "Del child for IPsec message: 0\n") {
		t.Errorf("statistics are\n%s", got)
	}
	// Another key: the responder refuses, and both count.
	b.Do("system-view", "ikev2 keychain k1", "peer other", "pre-shared-key plaintext another", "return")
	a.Do("reset ikev2 sa fast")
	a.Run(time.Second)
	ping(a)
	for _, d := range []*featuretest.Desk{a, b} {
		if got := d.Do("display ikev2 statistics"); strings.Contains(got, "Authentication failed: 0\n") {
			t.Errorf("statistics are\n%s", got)
		}
	}
	if pairs(a) != 0 {
		t.Error("a pair in spite of another key")
	}
}

// Either version has its own policies: one of version 1 is refused to a peer
// of version 2, and the other way round.
func TestVersionsDoNotMix(t *testing.T) {
	a, b := two(t, nil)
	b.Do("system-view", "ipsec policy map1 10", "undo ikev2-profile", "return")
	ping(a)
	if pairs(a)+pairs(b) != 0 {
		t.Error("version 2 serves a policy of version 1")
	}
	if got := b.Do("display ikev2 statistics"); strings.Contains(got, "TS unacceptable: 0\n") {
		t.Errorf("statistics are\n%s", got)
	}
}

// IPsec asks for new pairs before the old ones end.
func TestPairsAreRenewed(t *testing.T) {
	a, b := two(t, nil)
	for _, d := range []*featuretest.Desk{a, b} {
		d.Do("system-view", "ipsec policy map1 10", "sa duration time-based 180", "return")
	}
	ping(a)
	spi := func() uint32 { return feature.Get[*ipsec.Engine](a.Box).Tunnels(ipsec.Filter{})[0].Outbound().SPI }
	was := spi()
	a.Run(10 * time.Minute)
	if pairs(a) != 1 || pairs(b) != 1 || spi() == was {
		t.Errorf("%d and %d pairs, SPI %d, then %d", pairs(a), pairs(b), was, spi())
	}
	if got := ping(a); strings.Contains(got, "Request time out") {
		t.Errorf("ping printed %s", got)
	}
}

// All algorithms of a transform set are offered, not the first alone.
func TestEveryAlgorithmOfASet(t *testing.T) {
	a, b := two(t, nil)
	a.Do("system-view", "ipsec transform-set tran1", "esp encryption-algorithm aes-cbc-256 des-cbc", "esp authentication-algorithm sha256 md5", "return")
	b.Do("system-view", "ipsec transform-set tran1", "esp encryption-algorithm des-cbc", "esp authentication-algorithm md5", "return")
	ping(a)
	for _, d := range []*featuretest.Desk{a, b} {
		tunnels := feature.Get[*ipsec.Engine](d.Box).Tunnels(ipsec.Filter{})
		if len(tunnels) != 1 || tunnels[0].Transform().Encr != ipsec.DES || tunnels[0].Transform().Auth != ipsec.HMACMD5 {
			t.Errorf("%s has the tunnels %+v", d.Box.Name, tunnels)
		}
	}
}

// AH alone is a child SA as well.
func TestAH(t *testing.T) {
	a, b := two(t, nil)
	for _, d := range []*featuretest.Desk{a, b} {
		d.Do("system-view", "ipsec transform-set tran1", "protocol ah", "ah authentication-algorithm sha1", "return")
	}
	if got := ping(a); !strings.Contains(got, "icmp_seq=1 ") {
		t.Errorf("ping printed %s", got)
	}
	a.Do("reset ipsec sa")
	a.Run(time.Second)
	if pairs(a)+pairs(b) != 0 {
		t.Errorf("%d and %d pairs", pairs(a), pairs(b))
	}
}

// A template serves whoever the profile takes, whatever address it has, and
// protects what the peer asks for.
func TestTemplate(t *testing.T) {
	a, b := two(t, nil)
	b.Do("system-view", "ipsec policy-template any 1", "transform-set tran1", "ikev2-profile p1", "quit",
		"undo ipsec policy map1", "ipsec policy map1 20 isakmp template any", "return")
	if got := ping(a); !strings.Contains(got, "icmp_seq=1 ") {
		t.Errorf("ping printed %s", got)
	}
	tunnels := feature.Get[*ipsec.Engine](b.Box).Tunnels(ipsec.Filter{})
	if len(tunnels) != 1 || !tunnels[0].Template || tunnels[0].Flow.Dst.String() != "2.2.2.2/32" {
		t.Errorf("the tunnels are %+v", tunnels)
	}
	if got := b.Do("display ipsec policy-template"); !strings.Contains(got, "    IKE profile:  None\n    IKEv2 profile: p1\n") {
		t.Errorf("the template is\n%s", got)
	}
}

// A peer that falls silent is found out and its SAs go.
func TestDeadPeer(t *testing.T) {
	a, b := two(t, nil)
	a.Do("system-view", "ikev2 profile p1", "dpd interval 10 retry 2 periodic", "return")
	ping(a)
	b.Do("system-view", "interface g1/0/1", "shutdown", "return")
	a.Run(30 * time.Second)
	if n := len(feature.Get[*ikev2.Engine](a.Box).SAs()); n != 0 || pairs(a) != 0 {
		t.Errorf("%d IKE SAs and %d pairs are left", n, pairs(a))
	}
	if got := a.Do("display ikev2 statistics"); !strings.Contains(got, "DPD detect error: 1\n  Del child for IPsec message: 0\n  Del child for deleting IKEv2 SA: 1\n") {
		t.Errorf("statistics are\n%s", got)
	}
}
