package ipsec

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// byHand changes the policies of both devices to SAs that are set up by hand:
// lines are those of A, with IN and OUT for the directions, exchanged on B.
func byHand(t *testing.T, set []string, lines ...string) (a, b *desk) {
	t.Helper()
	a, b = two(t)
	protect(a, b, set...)
	for i, d := range []*desk{a, b} {
		r := strings.NewReplacer("IN", "inbound", "OUT", "outbound")
		if i == 1 {
			r = strings.NewReplacer("IN", "outbound", "OUT", "inbound")
		}
		remote := []string{"1.1.1.2", "1.1.1.1"}[i]
		d.do("system-view", "undo ipsec policy map1 10", "ipsec policy map1 10 manual", "transform-set tran1", "security acl 3000", "remote-address "+remote)
		for _, l := range lines {
			d.do(r.Replace(l))
		}
		d.do("return")
	}
	return a, b
}

var hexLines = []string{
	"sa spi IN esp 54321", "sa spi OUT esp 12345",
	"sa hex-key encryption IN esp simple 000102030405060708090a0b0c0d0e0f", "sa hex-key encryption OUT esp simple 0f0e0d0c0b0a09080706050403020100",
	"sa hex-key authentication IN esp simple 000102030405060708090a0b0c0d0e0f10111213",
	"sa hex-key authentication OUT esp simple FF0102030405060708090A0B0C0D0E0F10111213",
}

// The long keys of RFC 4868 are typed whole, and read again from what is saved.
func TestManualKeysOfSHA2(t *testing.T) {
	for _, tt := range []struct {
		word, name string
		key        int // bytes
		mtu        string
	}{{"sha256", "SHA256", 32, "1424"}, {"sha384", "SHA384", 48, "1416"}, {"sha512", "SHA512", 64, "1408"}} {
		key := strings.Repeat("0a", tt.key-1)
		a, b := byHand(t, []string{"esp authentication-algorithm " + tt.word}, "sa spi IN esp 54321", "sa spi OUT esp 12345",
			"sa hex-key encryption IN esp simple 000102030405060708090a0b0c0d0e0f", "sa hex-key encryption OUT esp simple 0f0e0d0c0b0a09080706050403020100",
			"sa hex-key authentication IN esp simple "+key+"01", "sa hex-key authentication OUT esp simple "+key+"01")
		for _, d := range []*desk{a, b} {
			if got := d.do("display ipsec sa"); !strings.Contains(got, "ESP-AUTH-"+tt.name+"\n") || !strings.Contains(got, "Path MTU: "+tt.mtu+"\n") {
				t.Errorf("%s: display ipsec sa printed\n%s", tt.word, got)
			}
		}
		if got := a.do("ping -a 2.2.2.2 -c 1 3.3.3.3"); !strings.Contains(got, "icmp_seq=0 ") {
			t.Errorf("%s: ping printed %s", tt.word, got)
		}
		a.RoundTrip()
		b.do("system-view", "ipsec policy map1 10 manual", "sa hex-key authentication inbound esp simple "+key+"02", "return")
		if got := a.do("ping -a 2.2.2.2 -c 1 3.3.3.3"); strings.Contains(got, "icmp_seq=0 ") {
			t.Errorf("%s: with another key ping printed %s", tt.word, got)
		}
	}
}

func TestManualPolicyPassesTraffic(t *testing.T) {
	a, b := byHand(t, nil, hexLines...)
	if len(tunnels(a)) != 1 || len(tunnels(b)) != 1 {
		t.Fatalf("A has %d tunnels, B %d, want 1 each before any packet", len(tunnels(a)), len(tunnels(b)))
	}
	if got := a.do("ping -a 2.2.2.2 -c 2 3.3.3.3"); !strings.Contains(got, "icmp_seq=0 ") || !strings.Contains(got, "icmp_seq=1 ") {
		t.Errorf("ping printed %s", got)
	}
	want := `-------------------------------
Interface: GigabitEthernet1/0/1
-------------------------------

  -----------------------------
  IPsec policy: map1
  Sequence number: 10
  Mode: Manual
  -----------------------------
    Tunnel id: 0
    Encapsulation mode: tunnel
    Path MTU: 1428
    Tunnel:
        local  address: 1.1.1.1
        remote address: 1.1.1.2
    Flow:
        as defined in ACL 3000

    [Inbound ESP SA]
      SPI: 54321 (0x0000d431)
      Connection ID: 4294967296
      Transform set: ESP-ENCRYPT-AES-CBC-128 ESP-AUTH-SHA1
      No duration limit for this SA

    [Outbound ESP SA]
      SPI: 12345 (0x00003039)
      Connection ID: 4294967297
      Transform set: ESP-ENCRYPT-AES-CBC-128 ESP-AUTH-SHA1
      No duration limit for this SA
`
	if got := a.do("display ipsec sa"); got != want {
		t.Errorf("display ipsec sa printed\n%s", got)
	}
	if got := a.do("display ipsec tunnel tunnel-id 0"); !strings.HasSuffix(got, "Flow:\n    as defined in ACL 3000\n") {
		t.Errorf("display ipsec tunnel printed\n%s", got)
	}
	want = `-------------------------------------------
IPsec Policy: map1
Interface: GigabitEthernet1/0/1
-------------------------------------------

  -----------------------------
  Sequence number: 10
  Mode: manual
  -----------------------------
  Description:
  Security data flow: 3000
  Remote address: 1.1.1.2
  Transform set: tran1
  Inbound AH setting:
    AH SPI:
    AH string-key:
    AH authentication hex key:
  Inbound ESP setting:
    ESP SPI: 54321 (0x0000d431)
    ESP string-key:
    ESP encryption hex key: ******
    ESP authentication hex key: ******
  Outbound AH setting:
    AH SPI:
    AH string-key:
    AH authentication hex key:
  Outbound ESP setting:
    ESP SPI: 12345 (0x00003039)
    ESP string-key:
    ESP encryption hex key: ******
    ESP authentication hex key: ******
`
	if got := a.do("display ipsec policy"); got != want {
		t.Errorf("display ipsec policy printed\n%s", got)
	}
	if got := a.do("display ike sa"); strings.Contains(got, "1.1.1.2") {
		t.Errorf("there is an IKE SA: %s", got)
	}
	a.RoundTrip()
}

// Manual SAs are there after a reboot, whatever the order of the lines.
func TestManualPolicyBoots(t *testing.T) {
	a, _ := byHand(t, nil, hexLines...)
	config := a.Config()
	for _, secret := range []string{"0001020304", "FF01020304"} {
		if strings.Contains(config, secret) {
			t.Errorf("a key stands in clear in\n%s", config)
		}
	}
	c, _ := two(t)
	c.do("system-view", "undo ipsec policy map1", "return")
	if refused := c.Box.Load(config); len(refused) > 0 {
		t.Fatalf("refused %+v", refused)
	}
	c.Run(time.Second)
	if got := tunnels(c); len(got) != 1 || got[0].Outbound().SPI != 12345 {
		t.Errorf("after loading the configuration there are %d tunnels", len(got))
	}
}

func TestManualBundleWithStringKeys(t *testing.T) {
	a, b := byHand(t, []string{"protocol ah-esp", "ah authentication-algorithm sha1"},
		"sa spi IN esp 3000", "sa spi OUT esp 4000", "sa spi IN ah 1000", "sa spi OUT ah 2000",
		"sa string-key IN esp simple abcdef", "sa string-key OUT esp simple efcdab", "sa string-key IN ah simple ghi", "sa string-key OUT ah simple jkl")
	if got := b.do("ping -a 3.3.3.3 -c 1 2.2.2.2"); !strings.Contains(got, "icmp_seq=0 ") {
		t.Errorf("ping printed %s", got)
	}
	want := `SA's SPI:
    outbound:  2000        (0x000007d0)   [AH]
    inbound:   1000        (0x000003e8)   [AH]
    outbound:  4000        (0x00000fa0)   [ESP]
    inbound:   3000        (0x00000bb8)   [ESP]
`
	if got := a.do("display ipsec tunnel"); !strings.Contains(got, want) {
		t.Errorf("display ipsec tunnel printed\n%s", got)
	}
	if got := a.do("display ipsec policy"); strings.Count(got, "string-key: ******\n") != 4 || strings.Count(got, "hex key:\n") != 6 {
		t.Errorf("display ipsec policy printed\n%s", got)
	}
	a.RoundTrip()

	// A reset makes the SAs anew at once.
	a.do("reset ipsec sa")
	if got := a.do("display ipsec sa count"); got != "Total IPsec SAs count: 4\n" {
		t.Errorf("after the reset: %s", got)
	}
	// The string on one side and another on the other do not fit.
	b.do("system-view", "ipsec policy map1 10", "sa string-key outbound ah simple other", "return")
	if got := b.do("ping -a 3.3.3.3 -c 1 2.2.2.2"); !strings.Contains(got, "time out") {
		t.Errorf("with another key ping printed %s", got)
	}
	if got := a.do("display ipsec statistics"); !strings.Contains(got, "Authentication failure: 1\n") {
		t.Errorf("A printed\n%s", got)
	}
}

func TestManualLines(t *testing.T) {
	a, _ := byHand(t, nil, hexLines...)
	has := func(what string, want bool) {
		t.Helper()
		if got := strings.Contains(a.Config(), what); got != want {
			t.Errorf("%q in the configuration: %v, want %v\n%s", what, got, want, a.Config())
		}
	}
	incomplete := func(want string) {
		t.Helper()
		if got := a.do("display ipsec policy"); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
		if n := len(tunnels(a)); (n == 1) != (want == "") {
			t.Errorf("%d tunnels while %q", n, want)
		}
	}
	incomplete("")
	a.do("system-view", "ipsec policy map1 10")
	if got := a.Shell.Prompt(); !strings.HasSuffix(got, "-ipsec-policy-manual-map1-10]") {
		t.Errorf("prompt %q", got)
	}
	a.do("sa string-key inbound esp simple abc")
	has("sa hex-key authentication inbound", false)
	has("sa hex-key encryption inbound", false)
	has("sa string-key inbound esp cipher $c$3$", true)
	incomplete("")
	a.do("undo sa string-key inbound esp")
	has("sa string-key", false)
	incomplete("           SPI or key does not match the transform-set\n")
	a.do("sa hex-key encryption inbound esp simple 0001020304050607", "sa hex-key authentication inbound esp simple 000102030405060708090a0b0c0d0e0f10111213")
	incomplete("SPI or key")
	a.do("sa hex-key encryption inbound esp simple 000102030405060708090a0b0c0d0e0f")
	incomplete("")
	for _, line := range []string{"sa spi inbound esp", "sa spi outbound esp", "sa hex-key encryption inbound esp", "sa hex-key authentication outbound esp"} {
		before := a.Config()
		a.do("undo " + line)
		has(" "+line, false)
		incomplete("SPI or key")
		if refused := a.Box.Load(before); len(refused) > 0 {
			t.Fatalf("refused %+v", refused)
		}
		a.Run(time.Second)
		a.do("return", "system-view", "ipsec policy map1 10")
		incomplete("")
	}
	if got := a.do("sa hex-key encryption inbound esp simple 00010203040506070"); !strings.Contains(got, "hexadecimal") {
		t.Errorf("a key of half a byte: %q", got)
	}
	if got := a.do("sa hex-key encryption inbound esp cipher nonsense"); !strings.Contains(got, "cannot be decrypted") {
		t.Errorf("a cipher text that is not ours: %q", got)
	}
	incomplete("SPI or key")
	a.do("undo remote-address", "undo security acl", "undo transform-set")
	incomplete("           Remote-address not set\n           ACL not specified\n           Transform-set not set\n")
	if got := a.do("ipsec policy map1 10 isakmp"); got != "The mode of the policy cannot be changed.\n" {
		t.Errorf("another mode: %q", got)
	}
	a.do("ipsec policy map1 20 isakmp")
	if got := a.do("ipsec policy map1 20 manual"); got != "The mode of the policy cannot be changed.\n" {
		t.Errorf("another mode: %q", got)
	}
}

// The tunnel follows the address of its interface, and the policy on it.
func TestManualTunnelFollowsTheInterface(t *testing.T) {
	a, _ := byHand(t, nil, hexLines...)
	for _, tt := range []struct {
		line string
		want string
	}{
		{"undo ipsec apply policy", "[]"},
		{"ipsec apply policy map1", "[1.1.1.1]"},
		{"ip address 1.1.1.7 24", "[1.1.1.7]"},
		{"undo ip address", "[]"},
		{"ip address 1.1.1.1 24", "[1.1.1.1]"},
	} {
		a.do("system-view", "interface GigabitEthernet1/0/1", tt.line, "return")
		var local []string
		for _, x := range tunnels(a) {
			local = append(local, x.Local.String())
		}
		if got := fmt.Sprint(local); got != tt.want {
			t.Errorf("after %q the tunnels are from %s, want %s", tt.line, got, tt.want)
		}
	}
}

func TestTracesOfManualSAs(t *testing.T) {
	a, _ := two(t)
	a.do("debugging ipsec event", "system-view", "ipsec policy map1 5 manual", "transform-set tran1", "security acl 3000", "remote-address 1.1.1.2",
		"sa spi inbound esp 300", "sa spi outbound esp 300", "sa string-key inbound esp simple a", "sa string-key outbound esp simple a", "return")
	rest := a.logs.String()
	for _, text := range []string{"Added an IPsec tunnel when adding manual SA: tunnel index = 0, tunnel sequence number = 1.", "Added outbound SA to IPsec tunnel(SA ID = 1)",
		"Added manual SAs. Number of SAs added is 2.", "No. 1 SA: index = 1, sequence number = 1.", "Added SA context to SP."} {
		i := strings.Index(rest, "\n"+text)
		if i < 0 {
			t.Fatalf("no trace %q in its place in\n%s", text, a.logs.String())
		}
		rest = rest[i+1:]
	}
	if strings.Contains(a.logs.String(), "ISAKMP") {
		t.Errorf("ISAKMP in\n%s", a.logs.String())
	}
}
