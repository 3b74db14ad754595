package ipsec

import (
	"fmt"
	"strings"
	"testing"

	"cwlab/comware/feature"
	"cwlab/emulator/ipsec"
)

// What packets are traced follows the command that was given last.
func TestDebuggingIsNarrowed(t *testing.T) {
	a, _ := two(t)
	const ping = "ping -a 2.2.2.2 -c 2 3.3.3.3"
	a.do(ping)
	tunnel := feature.Get[*ipsec.Engine](a.Box).Tunnels(ipsec.Filter{})[0]
	in, out := "Inbound IPsec processing", "Outbound IPsec processing"
	for _, tt := range []struct {
		what     string
		in, outs bool
	}{
		{"", true, true},
		{" policy map1", true, true},
		{" policy MAP1 10", true, true},
		{" policy map1 11", false, false},
		{" policy map2", false, false},
		{" remote-address 1.1.1.2", true, true},
		{" remote-address 1.1.1.3", false, false},
		{fmt.Sprintf(" spi 1.1.1.2 esp %d", tunnel.Inbound()[0].SPI), true, false},
		{fmt.Sprintf(" spi 1.1.1.2 esp %d", tunnel.Outbound().SPI), false, true},
	} {
		a.logs.Reset()
		a.do("debugging ipsec packet"+tt.what, ping, "undo debugging ipsec packet")
		if got := strings.Contains(a.logs.String(), in); got != tt.in {
			t.Errorf("debugging ipsec packet%s traces what comes in: %v, want %v", tt.what, got, tt.in)
		}
		if got := strings.Contains(a.logs.String(), out); got != tt.outs {
			t.Errorf("debugging ipsec packet%s traces what goes out: %v, want %v", tt.what, got, tt.outs)
		}
	}
}

// Names of objects that do not exist are kept, and show as what is missing.
func TestReferencesToWhatIsMissing(t *testing.T) {
	a, _ := two(t)
	if got := a.do("system-view", "interface GigabitEthernet1/0/1", "ipsec apply policy nosuch", "return"); got != "" {
		t.Errorf("applying a policy that does not exist prints %q", got)
	}
	if got := a.do("ping -a 2.2.2.2 -c 1 3.3.3.3"); !strings.Contains(got, "time out") {
		t.Errorf("without its policy the packet goes in the clear, and nobody answers it: %s", got)
	}
	a.do("system-view", "ipsec policy nosuch 1 isakmp", "security acl 3999", "transform-set none", "remote-address 1.1.1.2", "ike-profile gone", "return")
	got := a.do("display ipsec policy nosuch")
	for _, want := range []string{"IPsec Policy: nosuch\nInterface: GigabitEthernet1/0/1\n", "  The policy configuration is incomplete:\n           Incomplete transform-set configuration\n", "IKE profile: gone\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for line, want := range map[string]string{
		"display ipsec policy x":               "The policy does not exist.\n",
		"display ipsec policy nosuch 9":        "The policy does not exist.\n",
		"display ipsec policy-template x":      "The policy does not exist.\n",
		"display ipsec transform-set x":        "The transform set does not exist.\n",
		"display ipsec statistics tunnel-id 9": "The tunnel does not exist.\n",
		"reset ipsec statistics tunnel-id 9":   "The tunnel does not exist.\n",
		"display ipsec sa policy x":            "",
		"display ipsec sa count":               "Total IPsec SAs count: 0\n",
	} {
		if got := a.do(line); got != want {
			t.Errorf("%s printed %q, want %q", line, got, want)
		}
	}
}

func TestKeptCommands(t *testing.T) {
	a, _ := two(t)
	lines := []string{"reverse-route dynamic", "reverse-route preference 100", "reverse-route tag 5", "redundancy replay-interval inbound 10 outbound 2000", "qos pre-classify"}
	global := []string{"ipsec redundancy enable", "ipsec limit max-tunnel 50", "ipsec fragmentation after-encryption"}
	a.do(append([]string{"system-view", "ipsec policy map1 10"}, lines...)...)
	a.do(global...)
	for _, l := range append(lines, global...) {
		if !strings.Contains(a.Config(), " "+l+"\n") {
			t.Errorf("the configuration lacks %q", l)
		}
	}
	a.RoundTrip()
	a.do("undo ipsec redundancy enable", "undo ipsec limit max-tunnel", "ipsec fragmentation before-encryption", "ipsec policy map1 10",
		"undo reverse-route dynamic", "undo reverse-route preference", "undo reverse-route tag", "undo redundancy replay-interval", "undo qos pre-classify")
	for _, l := range append(lines, global...) {
		if strings.Contains(a.Config(), " "+l+"\n") {
			t.Errorf("after undo the configuration has %q", l)
		}
	}
}

// Manual policies and profiles come back as they were typed.
func TestManualPoliciesAndProfilesAreKept(t *testing.T) {
	a, _ := two(t)
	a.do("system-view", "ipsec policy hand 10 manual", "security acl 3000", "transform-set tran1", "local-address 1.1.1.1", "remote-address 1.1.1.2", "description by hand",
		"sa spi inbound esp 12345", "sa spi outbound esp 54321", "sa string-key inbound esp simple abcdefg", "sa hex-key authentication outbound ah simple 112233445566778899aabbccddeeff00",
		"sa hex-key encryption outbound esp simple 1234567890abcdef", "ipsec profile prof isakmp", "transform-set tran1", "ike-profile p1", "sa duration time-based 3600",
		"sa duration traffic-based 5000", "sa idle-time 60", "ipsec profile other manual", "sa spi inbound ah 300", "ipsec policy hand 20 manual")
	if got := a.Shell.Prompt(); !strings.HasSuffix(got, "-ipsec-policy-manual-hand-20]") {
		t.Errorf("prompt %q", got)
	}
	a.do("ipsec profile prof isakmp")
	if got := a.Shell.Prompt(); !strings.HasSuffix(got, "-ipsec-profile-isakmp-prof]") {
		t.Errorf("prompt %q", got)
	}
	config := a.Config()
	for _, want := range []string{"ipsec policy hand 10 manual\n transform-set tran1\n security acl 3000\n local-address 1.1.1.1\n", " sa spi inbound esp 12345\n", " sa string-key inbound esp cipher $c$3$", "ipsec profile prof isakmp\n"} {
		if !strings.Contains(config, want) {
			t.Errorf("no %q in\n%s", want, config)
		}
	}
	if strings.Contains(config, "abcdefg") {
		t.Error("a key stands in the configuration in clear")
	}
	a.RoundTrip()
	if got := a.do("ipsec policy hand 10 isakmp"); got != "The mode of the policy cannot be changed.\n" {
		t.Errorf("another mode: %q", got)
	}
	a.do("return", "system-view", "undo ipsec policy hand 10")
	if got := a.Config(); strings.Contains(got, "hand 10") || !strings.Contains(got, "hand 20") {
		t.Errorf("after undo of one entry\n%s", got)
	}
	a.do("undo ipsec policy hand", "undo ipsec profile prof", "undo ipsec profile other")
	if got := a.Config(); strings.Contains(got, "hand") || strings.Contains(got, "ipsec profile") {
		t.Errorf("after undo\n%s", got)
	}
}
