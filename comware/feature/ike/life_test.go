package ike

import (
	"strings"
	"testing"
	"time"

	"cwlab/emulator/ike"
	"cwlab/emulator/isakmp"
)

// flags are those of `display ike sa`, oldest first.
func flags(d *desk) string {
	var all []string
	for _, s := range d.engine().SAs() {
		all = append(all, Flag(s))
	}
	shown := d.Do("display ike sa")
	for _, f := range all {
		if !strings.Contains(shown, " "+f+" ") {
			d.T.Errorf("display ike sa lacks the flag %s:\n%s", f, shown)
		}
	}
	return strings.Join(all, " ")
}

// The flags of an SA over its life: ready, near its end while its successor is
// negotiated, replaced by it, gone.
func TestFlagsOverALife(t *testing.T) {
	for _, tt := range []struct {
		name         string
		at           time.Duration
		cut          bool // before the renewal
		ours, theirs string
	}{
		{"ready", 10 * time.Second, false, "RD", "RD"},
		{"just before the renewal", 899 * time.Second, false, "RD", "RD"},
		{"renewed", 905 * time.Second, false, "RD|RL RD", "RD|RL RD"},
		{"the old one has expired", 1005 * time.Second, false, "RD", "RD"},
		{"the renewal is not answered", 905 * time.Second, true, "RD|FD|RK Unknown", "RD"},
		{"the renewal has failed", 920 * time.Second, true, "RD|FD", "RD"},
		{"it is tried again", 980 * time.Second, true, "RD|FD|RK Unknown", "RD|FD"},
		{"nothing is left", 1005 * time.Second, true, "", ""},
	} {
		a, b := pair(t, nil)
		for _, d := range []*desk{a, b} {
			d.Do("system-view", "ike proposal 1", "sa duration 1000", "return")
		}
		up(a)
		a.Run(5 * time.Second)
		if tt.cut {
			b.Do("system-view", "interface g1/0/1", "undo ip address", "return")
			b.Box.Stack.HandleUDP(ike.Port, nil)
			b.engine().Config.Keychains = nil
		}
		a.Run(tt.at - 6*time.Second)
		if got := flags(a); got != tt.ours {
			t.Errorf("%s: the initiator shows %q, want %q", tt.name, got, tt.ours)
		}
		if got := flags(b); got != tt.theirs && !tt.cut {
			t.Errorf("%s: the responder shows %q, want %q", tt.name, got, tt.theirs)
		}
	}
}

// Keepalives in the words of the debugging reference, and the end of an SA
// whose peer falls silent.
func TestKeepaliveTraces(t *testing.T) {
	a, b := pair(t, nil)
	a.Do("system-view", "ike keepalive interval 20", "return", "debugging ike all")
	b.Do("system-view", "ike keepalive timeout 60", "return", "debugging ike all")
	up(a)
	a.Run(45 * time.Second)
	follow(t, a, "Send keepalive packet with sequence number 1.", "Construct notification packet: KEEPALIVE.", "Send keepalive packet with sequence number 2.")
	follow(t, b, "Process keepalive packet with sequence number 1.", "Reset IKE keepalive timeout timer. New time value is 60", "Process keepalive packet with sequence number 2.")
	a.Do("system-view", "undo ike keepalive interval", "return")
	a.Run(70 * time.Second)
	follow(t, b, "Process keepalive packet with sequence number 2.", "IKE keepalive timed out. Delete IKE SA with connection ID 1.", "Delete IPsec SAs.")
	if n := len(b.engine().SAs()); n != 0 {
		t.Errorf("%d SAs of a silent peer are left", n)
	}
}

// Each failure has its counter, which a reset clears.
func TestStatisticsByFailure(t *testing.T) {
	for _, tt := range []struct {
		name   string
		set    func(a, b *desk)
		ours   string // the line that moves at the initiator, "" for none
		theirs string
	}{
		{"no failure", func(a, b *desk) {}, "", ""},
		{"proposal", func(a, b *desk) {
			a.Do("system-view", "ike proposal 1", "dh group2", "quit", "ike profile p", "keychain k", "proposal 1", "match remote identity address 192.0.2.2", "return")
			a.engine().Config.Profiles[0].Matches = append(a.engine().Config.Profiles[0].Matches, ike.Match{Kind: isakmp.IDIPv4Addr, Low: addrB, High: addrB})
		}, "No matching proposal: 1", "No matching proposal: 1"},
		{"key", func(a, b *desk) {
			b.Do("system-view", "ike keychain k", "pre-shared-key address 192.0.2.1 key simple Other", "return")
		}, "Malformed payload: 1", "Malformed payload: 1"},
		{"identity", func(a, b *desk) { a.Do("system-view", "ike identity fqdn nobody", "return") }, "Invalid ID information: 1", "Invalid ID information: 1"},
		{"no key", func(a, b *desk) { b.Do("system-view", "undo ike keychain k", "return") }, "Authentication failure: 1", "Authentication failure: 1"},
		{"nobody there", func(a, b *desk) { b.Box.Stack.HandleUDP(ike.Port, nil) }, "Retransmit timeout: 1", ""},
	} {
		a, b := pair(t, nil)
		tt.set(a, b)
		up(a)
		a.Run(time.Minute)
		for i, d := range []*desk{a, b} {
			want := []string{tt.ours, tt.theirs}[i]
			var moved []string
			for _, line := range strings.Split(d.Do("display ike statistics"), "\n")[1:] {
				if line != "" && !strings.HasSuffix(line, ": 0") {
					moved = append(moved, strings.TrimSpace(line))
				}
			}
			if got := strings.Join(moved, ", "); got != want {
				t.Errorf("%s: the counters of %s are %q, want %q", tt.name, d.Box.Name, got, want)
			}
			d.Do("reset ike statistics")
			if strings.Contains(strings.ReplaceAll(d.Do("display ike statistics"), ": 0\n", ""), ": ") {
				t.Errorf("%s: after the reset %s shows\n%s", tt.name, d.Box.Name, d.Do("display ike statistics"))
			}
		}
	}
}

// The limits are typed, act, and say so.
func TestLimits(t *testing.T) {
	for _, tt := range []struct{ line, trace string }{
		{"ike limit max-negotiating-sa 1", "Number of negotiating IKE SAs exceeded the limit."},
		{"ike limit max-sa 1", "Number of established IKE SAs exceeded the limit."},
	} {
		a, b := pair(t, nil)
		a.Do("system-view", tt.line, "ike keychain k", "pre-shared-key address 192.0.2.9 key simple Third", "return", "debugging ike error")
		if strings.Contains(tt.line, "negotiating") {
			b.Box.Stack.HandleUDP(ike.Port, nil)
		}
		up(a)
		a.Do("system-view", "ike invalid-spi-recovery enable", "return")
		third := addrB.Next().Next().Next().Next().Next().Next().Next()
		a.engine().InvalidSPI(addrA, third, 50, 0x2000)
		if !strings.Contains(a.history(), tt.trace) {
			t.Errorf("%s: no trace %q in\n%s", tt.line, tt.trace, a.history())
		}
		if n := len(a.engine().SAs()); n != 1 {
			t.Errorf("%s: %d SAs, want 1", tt.line, n)
		}
	}
}
