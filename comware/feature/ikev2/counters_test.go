package ikev2

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature/featuretest"
)

// reset gives the transform sets of both ends other lines.
func reset(lines []string, ds ...*featuretest.Desk) {
	for _, d := range ds {
		d.Do(append(append([]string{"system-view", "ipsec transform-set tran1", "undo esp encryption-algorithm", "undo esp authentication-algorithm"}, lines...), "return")...)
	}
}

// GCM, GMAC, counter mode and extended sequence numbers: pings pass, and the
// displays say what protects them.
func TestCountersAndLongSequenceNumbers(t *testing.T) {
	for _, tt := range []struct {
		set         []string
		shown, text string // of display ipsec sa and display ipsec transform-set
		mtu         string
	}{
		{[]string{"esp encryption-algorithm gcm-128"}, "    Extended Sequence Numbers enable: N\n", "ESP-ENCRYPT-GCM-128\n", "1444"},
		{[]string{"esp encryption-algorithm gcm-256 aes-cbc-128", "esp authentication-algorithm sha1", "esn enable"}, "    Extended Sequence Numbers enable: Y\n", "ESP-ENCRYPT-GCM-256\n", "1444"},
		{[]string{"esp encryption-algorithm gmac-192", "esn enable both"}, "    Extended Sequence Numbers enable: Y\n", "ESP-ENCRYPT-GMAC-192\n", "1444"},
		{[]string{"esp encryption-algorithm aes-ctr-256", "esp authentication-algorithm sha256", "esn enable"}, "    Extended Sequence Numbers enable: Y\n", "ESP-ENCRYPT-AES-CTR-256 ESP-AUTH-SHA256\n", "1444"},
	} {
		a, b := two(t, nil)
		reset(tt.set, a, b)
		if got := ping(a); !strings.Contains(got, "icmp_seq=1 ") {
			t.Errorf("%q: the ping shows %s", tt.set, got)
		}
		got := a.Do("display ipsec sa")
		for _, want := range []string{tt.shown, "      Transform set: " + tt.text, "    Path MTU: " + tt.mtu + "\n", "      Max sent sequence-number: 2\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q: display ipsec sa has no %q:\n%s", tt.set, want, got)
			}
		}
		state := "  ESN: Disabled\n"
		if strings.Contains(strings.Join(tt.set, " "), "esn") {
			state = "  ESN: Enabled\n"
		}
		if got := a.Do("display ipsec transform-set tran1"); !strings.Contains(got, state) || !strings.Contains(got, "  State: complete\n") {
			t.Errorf("%q: display ipsec transform-set printed\n%s", tt.set, got)
		}
		a.RoundTrip()
		a.Run(time.Hour) // and after a renewal
		if got := ping(a); !strings.Contains(got, "icmp_seq=1 ") {
			t.Errorf("%q: an hour later the ping shows %s", tt.set, got)
		}
		a.Do("system-view", "ipsec transform-set tran1", "undo esn enable", "return")
		if got := a.Do("display ipsec transform-set tran1"); !strings.Contains(got, "  ESN: Disabled\n") {
			t.Errorf("after undo it prints\n%s", got)
		}
	}
}
