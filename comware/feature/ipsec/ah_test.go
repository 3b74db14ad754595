package ipsec

import (
	"fmt"
	"strings"
	"testing"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

// protect changes the transform set of both devices.
func protect(a, b *desk, lines ...string) {
	for _, d := range []*desk{a, b} {
		d.do(append(append([]string{"system-view", "ipsec transform-set tran1"}, lines...), "return")...)
	}
}

var ahLines = []string{"undo esp encryption-algorithm", "undo esp authentication-algorithm", "protocol ah", "ah authentication-algorithm md5 sha1"}

func TestAHAlone(t *testing.T) {
	for _, tt := range []struct{ word, name string }{{"md5", "MD5"}, {"sha1", "SHA1"}, {"sha256", "SHA256"}, {"sha384", "SHA384"}, {"sha512", "SHA512"}} {
		a, b := two(t)
		protect(a, b, ahLines...)
		protect(a, b, "ah authentication-algorithm "+tt.word)
		var protos []uint8
		b.Box.Stack.OnPacket(func(at stack.Passage, _ *stack.Iface, v *wire.IPv4) {
			if at == stack.Receiving && v.Proto != wire.ProtoUDP {
				protos = append(protos, v.Proto)
			}
		})
		if got := a.do("ping -a 2.2.2.2 -c 3 3.3.3.3"); !strings.Contains(got, "icmp_seq=2 ") {
			t.Fatalf("%s: ping printed %s", tt.word, got)
		}
		if got := fmt.Sprint(protos); got != "[51 51]" {
			t.Errorf("%s: B received protocols %s, want AH twice", tt.word, got)
		}
		sa := tunnels(a)[0].Outbound()
		got := a.do("display ipsec sa")
		for _, want := range []string{
			"    Path MTU: " + map[string]string{"md5": "1456", "sha1": "1456", "sha256": "1452", "sha384": "1444", "sha512": "1436"}[tt.word] + "\n",
			"\n    [Inbound AH SAs]\n      SPI: " + spi(tunnels(a)[0].Inbound()[0]) + "\n",
			"\n    [Outbound AH SAs]\n      SPI: " + spi(sa) + "\n      Connection ID: 4294967297\n      Transform set: AH-" + tt.name + "\n",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", tt.word, want, got)
			}
		}
		if strings.Contains(got, "ESP") {
			t.Errorf("%s: ESP in\n%s", tt.word, got)
		}
		if got := a.do("display ipsec sa brief"); strings.Count(got, "AH        Active") != 2 {
			t.Errorf("display ipsec sa brief printed\n%s", got)
		}
		a.RoundTrip()
	}
}

func TestAHWithESP(t *testing.T) {
	for _, mode := range []string{"tunnel", "transport"} {
		a, b := two(t)
		from, to := "2.2.2.2", "3.3.3.3"
		if mode == "transport" {
			from, to = "1.1.1.1", "1.1.1.2"
			for _, d := range []*desk{a, b} {
				d.do("system-view", "acl advanced 3000", "rule 5 permit icmp source 1.1.1.1 0 destination 1.1.1.2 0",
					"rule 10 permit icmp source 1.1.1.2 0 destination 1.1.1.1 0", "return")
			}
		}
		protect(a, b, "encapsulation-mode "+mode, "protocol ah-esp", "ah authentication-algorithm md5")
		ping := fmt.Sprintf("ping -a %s -c 2 %s", from, to)
		if got := a.do(ping); !strings.Contains(got, "icmp_seq=1 ") {
			t.Fatalf("%s: ping printed %s", mode, got)
		}
		tunnel := tunnels(a)[0]
		in, out := tunnel.Inbound(), tunnel.OutboundSAs()
		want := fmt.Sprintf("    outbound:  %-12d(0x%08x)   [AH]\n    inbound:   %-12d(0x%08x)   [AH]\n    outbound:  %-12d(0x%08x)   [ESP]\n    inbound:   %-12d(0x%08x)   [ESP]\n",
			out[0].SPI, out[0].SPI, in[0].SPI, in[0].SPI, out[1].SPI, out[1].SPI, in[1].SPI, in[1].SPI)
		if got := a.do("display ipsec tunnel"); !strings.Contains(got, want) {
			t.Errorf("%s: display ipsec tunnel printed\n%s\nwant\n%s", mode, got, want)
		}
		want = fmt.Sprintf("0         1.1.1.1         1.1.1.2         %-14d%-14dActive\n%42s%-14d%d\n", in[0].SPI, out[0].SPI, "", in[1].SPI, out[1].SPI)
		if got := a.do("display ipsec tunnel brief"); !strings.HasSuffix(got, want) {
			t.Errorf("%s: display ipsec tunnel brief printed\n%s\nwant\n%s", mode, got, want)
		}
		if got := a.do("display ipsec sa count"); got != "Total IPsec SAs count: 4\n" {
			t.Errorf("%s: %s", mode, got)
		}
		got := a.do("display ipsec sa")
		at := 0
		for _, head := range []string{"[Inbound AH SAs]", "[Inbound ESP SAs]", "[Outbound AH SAs]", "[Outbound ESP SAs]"} {
			i := strings.Index(got, head)
			if i < at {
				t.Errorf("%s: %s is not in its place:\n%s", mode, head, got)
			}
			at = i
		}

		// The order of a capture of the product.
		a.logs.Reset()
		a.do("debugging ipsec packet", strings.Replace(ping, "-c 2", "-c 1", 1), "undo debugging ipsec packet")
		rest := a.logs.String()
		for _, text := range []string{
			"--- Sent IPsec packet ---", "Outbound IPsec processing: Src : 1.1.1.1 Dst : 1.1.1.2 SPI : " + fmt.Sprint(out[1].SPI),
			"Outbound IPsec processing: ESP auth algorithm: SHA1, ESP encp algorithm: AES-CBC.", "Packet will be sent to CCF for sync-encryption.",
			"Outbound IPsec ESP processing: Encryption succeeded, anti-replay SN is 2.", "Outbound IPsec processing: AH auth algorithm: MD5.",
			"Packet will be sent to CCF for sync-encryption.", "Outbound IPsec AH processing: Authentication finished, anti-replay SN is 2.",
			"Outbound IPsec processing: Sent packet back to IP forwarding.",
			"--- Received IPsec(AH) packet ---", "Inbound IPsec processing: AH auth algorithm: MD5.", "Inbound IPsec AH processing: Authentication succeeded.",
			"Inbound IPsec processing: ESP auth algorithm: SHA1, ESP encp algorithm: AES-CBC.", "Inbound IPsec ESP processing: Decryption succeeded.",
			"Inbound IPsec processing: Sent packet back to IP forwarding.",
		} {
			i := strings.Index(rest, "\n"+text+"\n")
			if i < 0 {
				t.Fatalf("%s: no trace %q in its place:\n%s", mode, text, a.logs.String())
			}
			rest = rest[i+1+len(text):]
		}

		if got := a.do("display ipsec transform-set tran1"); !strings.HasSuffix(got,
			"  Transform: AH-ESP\n  AH protocol:\n    Integrity: MD5\n  ESP protocol:\n    Integrity: SHA1\n    Encryption: AES-CBC-128\n") {
			t.Errorf("display ipsec transform-set printed\n%s", got)
		}
		a.RoundTrip()
		a.do(fmt.Sprintf("reset ipsec sa spi 1.1.1.2 esp %d", out[0].SPI))
		if len(tunnels(a)) != 1 {
			t.Error("the SPI of AH is taken for one of ESP")
		}
		a.do(fmt.Sprintf("reset ipsec sa spi 1.1.1.2 ah %d", out[0].SPI))
		a.Run(1e9)
		if len(tunnels(a))+len(tunnels(b)) != 0 {
			t.Errorf("%s: after the reset A has %d tunnels, B %d", mode, len(tunnels(a)), len(tunnels(b)))
		}
	}
}

// A set without the algorithms of its protocols is not in force.
func TestIncompleteSets(t *testing.T) {
	a, _ := two(t)
	a.do("system-view", "ipsec transform-set x")
	for _, tt := range []struct {
		line, state, transform string
	}{
		{"protocol ah", "incomplete", "AH"},
		{"esp authentication-algorithm sha1", "incomplete", "AH"},
		{"ah authentication-algorithm sha256 md5", "complete", "AH"},
		{"protocol ah-esp", "complete", "AH-ESP"},
		{"undo ah authentication-algorithm", "incomplete", "AH-ESP"},
		{"undo protocol", "complete", "ESP"},
		{"protocol esp", "complete", "ESP"},
		{"undo esp authentication-algorithm", "incomplete", "ESP"},
	} {
		a.do(tt.line)
		got := a.do("display ipsec transform-set x")
		if !strings.Contains(got, "State: "+tt.state+"\n") || !strings.Contains(got, "Transform: "+tt.transform+"\n") {
			t.Errorf("after %q:\n%s\nwant %s and %s", tt.line, got, tt.state, tt.transform)
		}
	}
	a.do("protocol ah", "ah authentication-algorithm sha256 md5", "return")
	if !strings.Contains(a.Config(), "ipsec transform-set x\n protocol ah\n ah authentication-algorithm sha256 md5\n") {
		t.Errorf("the configuration is\n%s", a.Config())
	}
}

// A packet whose AH does not verify is counted and logged as one of AH.
func TestBrokenAH(t *testing.T) {
	a, b := two(t)
	protect(a, b, ahLines...)
	b.do("system-view", "ipsec logging packet enable", "return")
	a.do("ping -a 2.2.2.2 -c 2 3.3.3.3")
	b.logs.Reset()
	out := tunnels(a)[0].Outbound()
	h := ipsec.AH{Next: 4, SPI: out.SPI, Sequence: 99, ICV: make([]byte, 12), Payload: make([]byte, 40)}
	payload, _ := h.AppendBinary(nil)
	if err := a.Box.Stack.SendIP(&stack.Packet{Dst: tunnels(a)[0].Remote, Proto: ipsec.ProtoAH, Payload: payload, Encrypted: true}); err != nil {
		t.Fatal(err)
	}
	b.Run(1e9)
	if got := b.do("display ipsec statistics"); !strings.Contains(got, "Authentication failure: 1\n") {
		t.Errorf("B printed\n%s", got)
	}
	if want := fmt.Sprintf("SPI:%d, SN:99, Cause:AH authentication failed.", out.SPI); !strings.Contains(b.logs.String(), want) {
		t.Errorf("no %q in\n%s", want, b.logs.String())
	}
}
