package ike

import (
	"strings"
	"testing"
	"time"
)

// foreign is in the form of a real device's ciphertext.
const foreign = "$c$3$kZLBnOzl8bkOV2rI6yqsFP9tqHXN5dKq2w=="

// A key that cannot be decrypted is kept, and a tunnel that needs it does not
// come up; no shorter prefix takes its place.
func TestForeignKeyIsKeptAndUnusable(t *testing.T) {
	a, b := pair(t, nil)
	got := a.Do("system-view", "ike keychain k", "pre-shared-key address 192.0.2.0 24 key simple Secret", "pre-shared-key address 192.0.2.2 key cipher "+foreign, "return")
	if want := "The ciphertext key is saved, but it cannot be decrypted.\n"; got != want {
		t.Errorf("the key was taken with %q, want %q", got, want)
	}
	line := " pre-shared-key address 192.0.2.2 255.255.255.255 key cipher " + foreign + "\n"
	if !strings.Contains(a.Config(), line) {
		t.Errorf("the configuration lacks %q", line)
	}
	a.RoundTrip()
	a.Do("debugging ike error", "system-view", "ike logging negotiation enable", "return")
	up(a)
	if want := "The pre-shared key for address 192.0.2.2 in keychain k cannot be decrypted."; !strings.Contains(a.history(), want) {
		t.Errorf("no trace %q", want)
	}
	if n := len(a.engine().SAs()); n != 0 {
		t.Errorf("%d SAs without a key", n)
	}
	a.Do("system-view", "ike keychain k", "undo pre-shared-key address 192.0.2.2", "return", "undo debugging ike all")
	b.Run(time.Second)
	up(a)
	if n := len(a.engine().SAs()); n != 1 {
		t.Errorf("%d SAs with the key for the network, want 1", n)
	}
}

func TestDebuggingOfOnePeer(t *testing.T) {
	for _, tt := range []struct {
		what string
		want bool
	}{
		{"", true},
		{" remote-address 192.0.2.2", true},
		{" remote-address 192.0.2.3", false},
		{" remote-address 192.0.2.2 local-address 192.0.2.1 remote-port 500", true},
		{" remote-address 192.0.2.2 local-address 192.0.2.9", false},
		{" remote-address 192.0.2.2 remote-port 4500", false},
	} {
		a, _ := pair(t, nil)
		a.Do("debugging ike all" + tt.what)
		up(a)
		if got := strings.Contains(a.history(), "Begin Main mode exchange."); got != tt.want {
			t.Errorf("debugging ike all%s traces the negotiation: %v, want %v", tt.what, got, tt.want)
		}
		a.Do("undo debugging ike all")
	}
}

func TestKeptCommands(t *testing.T) {
	a, _ := pair(t, nil)
	a.Do("system-view", "ike keepalive interval 100", "ike keepalive timeout 300", "ike signature-identity from-certificate", "ike profile p", "certificate domain d", "inside-vpn vpn-instance v")
	for _, l := range []string{" ike keepalive interval 100", " ike signature-identity from-certificate", " certificate domain d", " inside-vpn vpn-instance v"} {
		if !strings.Contains(a.Config(), l+"\n") {
			t.Errorf("the configuration lacks %q", l)
		}
	}
	a.RoundTrip()
	a.Do("undo certificate domain d", "undo inside-vpn", "undo ike keepalive interval", "undo ike keepalive timeout", "undo ike signature-identity from-certificate")
	if got := a.Config(); strings.Contains(got, "keepalive") || strings.Contains(got, "certificate") || strings.Contains(got, "inside") {
		t.Errorf("after undo\n%s", got)
	}
}

func TestStatisticsBeginAnew(t *testing.T) {
	a, b := pair(t, nil)
	b.Do("system-view", "undo ike keychain k", "return")
	up(a)
	a.Run(time.Minute)
	if got := a.Do("display ike statistics"); !strings.Contains(got, "  Retransmit timeout: 1\n") && !strings.Contains(got, "  Authentication failure: 1\n") {
		t.Errorf("after a negotiation that failed\n%s", got)
	}
	a.Do("reset ike statistics")
	for _, line := range strings.Split(strings.TrimSpace(a.Do("display ike statistics")), "\n")[1:] {
		if !strings.HasSuffix(line, ": 0") {
			t.Errorf("after the reset %q", line)
		}
	}
}
