package ikev2

import (
	"strings"
	"testing"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/emulator/ikev2"
)

// typed is every setting, as a person types it.
var typed = []string{"system-view",
	"ikev2 cookie-challenge 5", "ikev2 dpd interval 30 retry 10 periodic", "ikev2 nat-keepalive 60",
	"ikev2 keychain k1", "peer east", "address 192.0.2.7 24", "hostname east.example", "identity fqdn east.example", "pre-shared-key plaintext One", "quit",
	"peer west", "identity address 192.0.2.9", "pre-shared-key local plaintext Two", "pre-shared-key remote plaintext Three", "quit", "quit",
	"ikev2 profile p1", "authentication-method local pre-share", "authentication-method remote pre-share", "authentication-method remote rsa-signature",
	"keychain k1", "dpd interval 20 on-demand", "identity local email me@example", "match local address g1/0/1", "match local address 192.0.2.1",
	"match remote identity address 192.0.2.0 24", "match remote identity address range 192.0.2.9 192.0.2.12", "match remote identity fqdn east.example",
	"match remote identity email you@example", "match remote identity key-id 7", "nat-keepalive 30", "priority 5", "sa duration 600", "quit",
	"ikev2 policy 1", "priority 7", "match local address 192.0.2.1", "proposal a", "proposal b", "quit",
	"ikev2 proposal a", "encryption aes-cbc-256 3des-cbc", "integrity sha256 sha1", "prf sha512", "dh group14 group5", "quit",
	"ikev2 proposal b", "quit", "return",
}

const printed = `ikev2 cookie-challenge 5
ikev2 dpd interval 30 retry 10 periodic
ikev2 nat-keepalive 60
ikev2 keychain k1
 peer east
  address 192.0.2.7 255.255.255.0
  hostname east.example
  identity fqdn east.example
  pre-shared-key ciphertext KEY1
 peer west
  identity address 192.0.2.9
  pre-shared-key local ciphertext KEY2
  pre-shared-key remote ciphertext KEY3
ikev2 profile p1
 authentication-method local pre-share
 authentication-method remote pre-share
 authentication-method remote rsa-signature
 keychain k1
 dpd interval 20 on-demand
 identity local email me@example
 match local address 192.0.2.1
 match local address GigabitEthernet1/0/1
 match remote identity address 192.0.2.0 255.255.255.0
 match remote identity address range 192.0.2.9 192.0.2.12
 match remote identity email you@example
 match remote identity fqdn east.example
 match remote identity key-id 7
 nat-keepalive 30
 priority 5
 sa duration 600
ikev2 policy 1
 priority 7
 match local address 192.0.2.1
 proposal a
 proposal b
ikev2 proposal a
 encryption aes-cbc-256 3des-cbc
 integrity sha256 sha1
 prf sha512
 dh group14 group5
ikev2 proposal b`

// lines are those of IKEv2 in the configuration.
func lines(d *featuretest.Desk) string {
	var out []string
	for _, n := range d.Box.Conf.Root().Kids() {
		if strings.HasPrefix(n.Text, "ikev2 ") {
			out = append(out, n.Block(0)...)
		}
	}
	return strings.Join(out, "\n")
}

func TestConfiguration(t *testing.T) {
	d := featuretest.New(t, image...)
	d.Do(typed...)
	want := strings.NewReplacer("KEY1", feature.Encipher("One"), "KEY2", feature.Encipher("Two"), "KEY3", feature.Encipher("Three")).Replace(printed)
	if got := lines(d); got != want {
		t.Errorf("the configuration is\n%s\nwant\n%s", got, want)
	}
	d.RoundTrip()
	peers := feature.Get[*ikev2.Engine](d.Box).Config.Keychain("K1").Peers
	if len(peers) != 2 || string(peers[0].Remote.Key) != "One" || string(peers[1].Local.Key) != "Two" || string(peers[1].Remote.Key) != "Three" {
		t.Errorf("the peers are %+v", peers)
	}
}

func TestUndo(t *testing.T) {
	d := featuretest.New(t, image...)
	d.Do(typed...)
	d.Do("system-view", "undo ikev2 cookie-challenge", "undo ikev2 dpd interval", "undo ikev2 nat-keepalive",
		"ikev2 keychain k1", "peer east", "undo address", "undo hostname", "undo identity", "undo pre-shared-key", "quit",
		"peer west", "undo identity", "undo pre-shared-key local", "undo pre-shared-key remote", "quit", "undo peer west", "quit",
		"ikev2 profile p1", "undo authentication-method local", "undo authentication-method remote pre-share", "undo authentication-method remote rsa-signature",
		"undo keychain", "undo dpd interval", "undo identity local", "undo match local address g1/0/1", "undo match local address 192.0.2.1",
		"undo match remote identity address 192.0.2.0 24", "undo match remote identity address range 192.0.2.9 192.0.2.12", "undo match remote identity fqdn east.example",
		"undo match remote identity email you@example", "undo match remote identity key-id 7", "undo nat-keepalive", "undo priority", "undo sa duration", "quit",
		"ikev2 policy 1", "undo priority", "undo match local address 192.0.2.1", "undo proposal a", "undo proposal b", "quit",
		"ikev2 proposal a", "undo encryption", "undo integrity", "undo prf", "undo dh", "quit")
	if got, want := lines(d), "ikev2 keychain k1\n peer east\nikev2 profile p1\nikev2 policy 1\nikev2 proposal a\nikev2 proposal b"; got != want {
		t.Errorf("only the views are left:\n%s\nwant\n%s", got, want)
	}
	c := &feature.Get[*ikev2.Engine](d.Box).Config
	if p := c.Profile("p1"); len(p.Matches)+len(p.Scopes)+len(p.RemoteAuth) > 0 || p.LocalAuth != 0 || p.DPD != nil || p.Identity != nil ||
		p.Priority != ikev2.DefaultPriority || p.Seconds != ikev2.DefaultSeconds || c.CookieChallenge != nil || c.DPD != nil || c.Proposal("a").Complete() {
		t.Errorf("the profile is %+v, the configuration %+v", p, c)
	}
	d.Do("undo ikev2 keychain K1", "undo ikev2 profile P1", "undo ikev2 policy 1", "undo ikev2 proposal a", "undo ikev2 proposal B")
	if got := lines(d); got != "" {
		t.Errorf("left over: %s", got)
	}
	for line, want := range map[string]string{
		"undo ikev2 keychain k1":      "The IKEv2 keychain does not exist.\n",
		"undo ikev2 profile p1":       "The IKEv2 profile does not exist.\n",
		"undo ikev2 policy 1":         "The IKEv2 policy does not exist.\n",
		"undo ikev2 proposal default": "The IKEv2 proposal does not exist.\n",
		"ikev2 policy default":        "The default IKEv2 policy cannot be changed.\n",
		"ikev2 proposal Default":      "The default IKEv2 proposal cannot be changed.\n",
	} {
		d.Want(line, want)
	}
}

// A key for both ends and a key for each take the place of one another.
func TestKeysOfAPeer(t *testing.T) {
	d := featuretest.New(t, image...)
	d.Do("system-view", "ikev2 keychain k", "peer p", "pre-shared-key plaintext One", "pre-shared-key local plaintext Two")
	p := feature.Get[*ikev2.Engine](d.Box).Config.Keychain("k").Peers[0]
	if p.Remote != nil || string(p.Local.Key) != "Two" || strings.Count(lines(d), "pre-shared-key") != 1 {
		t.Errorf("the peer is %+v:\n%s", p, lines(d))
	}
	d.Do("pre-shared-key plaintext Three")
	if string(p.Remote.Key) != "Three" || string(p.Local.Key) != "Three" || strings.Count(lines(d), "pre-shared-key") != 1 {
		t.Errorf("the peer is %+v:\n%s", p, lines(d))
	}
	d.Want("pre-shared-key ciphertext $c$3$Zm9yZWlnbg==", "The ciphertext key is saved, but it cannot be decrypted.\n")
	if !p.Local.Unusable {
		t.Error("a foreign text is usable")
	}
	d.Want("undo pre-shared-key remote", "The pre-shared key does not exist.\n")
}

func TestDisplaysOfTheConfiguration(t *testing.T) {
	d := featuretest.New(t, image...)
	d.Do(typed...)
	proposal := `IKEv2 proposal : default
  Encryption : AES-CBC-128 3DES-CBC
  Integrity : SHA1 MD5
  PRF : SHA1 MD5
  DH Group : MODP1536/Group5 MODP1024/Group2

`
	d.Want("display ikev2 proposal default", proposal)
	d.Want("display ikev2 proposal a", `IKEv2 proposal : a
  Encryption : AES-CBC-256 3DES-CBC
  Integrity : SHA256 SHA1
  PRF : SHA512
  DH Group : MODP2048/Group14 MODP1536/Group5

`)
	if got := d.Do("display ikev2 proposal"); !strings.HasSuffix(got, proposal) || strings.Count(got, "IKEv2 proposal") != 3 {
		t.Errorf("all proposals are\n%s", got)
	}
	d.Want("display ikev2 policy", `IKEv2 policy : 1
  Priority: 7
  Match local address : 192.0.2.1
  Match VRF : any
  Proposal : a
  Proposal : b

IKEv2 policy : default
  Match VRF : any
  Proposal : default

`)
	d.Want("display ikev2 profile p1", `IKEv2 profile : p1
  Priority: 5
  Match criteria :
    Local address GigabitEthernet1/0/1
    Local address 192.0.2.1
    Remote identity ipv4 address 192.0.2.0/24
    Remote identity ipv4 address range 192.0.2.9 192.0.2.12
    Remote identity fqdn east.example
    Remote identity email you@example
    Remote identity key-id 7
    VRF any
  Inside VRF :
  Local identity : email me@example
  Local authentication method : pre-share
  Remote authentication methods : pre-share rsa-signature
  Keychain : k1
  Sign certificate domain :
  Verify certificate domain :
  SA duration : 600 seconds
  DPD : Interval 20 secs, retry-interval 5 secs, on-demand
  Config-exchange :
  NAT keepalive : 30 seconds
  AAA authorization :

`)
	d.Want("display ikev2 profile other", "")
}

func TestPolicyOfIPsec(t *testing.T) {
	d := featuretest.New(t, image...)
	d.Do("system-view", "ipsec policy p 1 isakmp", "ike-profile one", "ikev2-profile two")
	if got := d.Config(); !strings.Contains(got, " ike-profile one\n ikev2-profile two\n") {
		t.Errorf("the configuration is\n%s", got)
	}
	if got := d.Do("display ipsec policy"); !strings.Contains(got, "  IKE profile: one\n  IKEv2 profile: two\n") {
		t.Errorf("the policy is\n%s", got)
	}
	d.Do("undo ikev2-profile")
	if got := d.Config(); strings.Contains(got, "ikev2-profile") {
		t.Errorf("the configuration is\n%s", got)
	}
}
