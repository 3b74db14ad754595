package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/lab"
)

// A setting is what lines of configuration do to a negotiation between the
// F1060 and the F1090-1 of lab rbm-ipsec.
type setting struct {
	name  string
	setup []string // "DEVICE line"
	ping  string   // "DEVICE line", "" for the F1060's usual one
	pings string   // "N received"
	do    []string // "DEVICE line" afterwards
	wait  time.Duration
	state string // in the end, of tunnelBench
	shows []string
}

// in is lines typed in system view.
func in(device string, lines ...string) []string {
	all := []string{device + " system-view"}
	for _, l := range lines {
		all = append(all, device+" "+l)
	}
	return append(all, device+" return")
}

const fromF1090 = "F1090-1 ping -a 3.3.3.3 -c 4 2.2.2.2"

var template = in("F1060", "undo ipsec policy rbm", "ipsec policy-template any 1", "transform-set rbm", "ike-profile rbm", "quit",
	"ipsec policy rbm 1 isakmp template any", "interface g1/0/1", "ipsec apply policy rbm")

var settings = []setting{
	{name: "nothing", pings: "3", state: "1/1 1/1", shows: []string{
		"F1060 display ike sa verbose|Profile: rbm|Transmitting entity: Initiator|Life duration(sec): 86400|Exchange-mode: Main|NAT traversal: Not detected"}},
	{name: "aggressive mode", setup: in("F1060", "ike profile rbm", "exchange-mode aggressive"), pings: "3", state: "1/1 1/1", shows: []string{
		"F1060 display ike sa verbose|Exchange-mode: Aggressive", "F1090-1 display ike sa verbose|Exchange-mode: Aggressive"}},
	{name: "the shorter lifetime of phase 1", setup: in("F1090-1", "ike proposal 1", "sa duration 600"), pings: "3", state: "1/1 1/1", shows: []string{
		"F1090-1 display ike sa verbose|Life duration(sec): 600"}},
	{name: "proposals in order", setup: slices.Concat(in("F1060", "ike proposal 3", "encryption-algorithm aes-cbc-256", "dh group2", "authentication-algorithm sha512", "ike proposal 5", "encryption-algorithm 3des-cbc"),
		in("F1090-1", "ike proposal 9", "encryption-algorithm 3des-cbc", "ike proposal 10", "encryption-algorithm aes-cbc-256", "dh group2", "authentication-algorithm sha512")), pings: "3", state: "1/1 1/1", shows: []string{
		"F1060 display ike sa verbose|Authentication-algorithm: SHA512|Encryption-algorithm: AES-CBC-256|Diffie-Hellman group: Group 2"}},
	{name: "a proposal of the profile that the peer has not", setup: in("F1060", "ike proposal 3", "encryption-algorithm aes-cbc-256", "ike profile rbm", "proposal 3"), pings: "0", wait: time.Minute, state: "0/0 0/0"},
	{name: "a profile for another local address", setup: in("F1090-1", "ike profile rbm", "match local address 1.1.1.99"), pings: "3", state: "1/1 1/1", shows: []string{
		"F1090-1 display ike sa verbose|Profile:\n"}},
	{name: "a keychain for another local address", setup: in("F1090-1", "ike keychain rbm", "match local address 1.1.1.99"), pings: "0", wait: time.Minute, state: "0/0 0/0"},
	{name: "a keychain for this local address", setup: in("F1090-1", "ike keychain rbm", "match local address 1.1.1.2"), pings: "3", state: "1/1 1/1"},
	{name: "the profile of the smaller priority", setup: in("F1090-1", "ike profile other", "keychain rbm", "match remote identity address 1.1.1.0 24", "priority 1"), pings: "0", state: "1/0 1/0", shows: []string{
		"F1090-1 display ike sa verbose|Profile: other"}}, // which is not that of the policy
	{name: "a name that nobody knows", setup: in("F1060", "ike identity fqdn nobody"), pings: "0", wait: time.Minute, state: "0/0 0/0", shows: []string{
		"F1090-1 display ike statistics|Invalid ID information: 4"}},
	{name: "a name that the peer knows", setup: slices.Concat(in("F1060", "ike identity fqdn branch"), in("F1090-1", "ike profile rbm", "match remote identity fqdn branch")), pings: "3", state: "1/1 1/1", shows: []string{
		"F1090-1 display ike sa verbose|Remote ID type: FQDN|Remote ID: branch"}},
	{name: "a user that the peer knows", setup: slices.Concat(in("F1060", "ike profile rbm", "local-identity user-fqdn admin@branch"), in("F1090-1", "ike profile rbm", "match remote identity user-fqdn admin@branch")), pings: "3", state: "1/1 1/1", shows: []string{
		"F1090-1 display ike sa verbose|Remote ID type: USER_FQDN|Remote ID: admin@branch", "F1060 display ike sa verbose|Local ID type: USER_FQDN|Local ID: admin@branch"}},
	{name: "a user by the name of the device", setup: slices.Concat(in("F1060", "ike identity user-fqdn"), in("F1090-1", "ike profile rbm", "match remote identity user-fqdn H3C")), pings: "3", state: "1/1 1/1", shows: []string{
		"F1090-1 display ike sa verbose|Remote ID type: USER_FQDN|Remote ID: H3C"}},
	{name: "a user where a host is known", setup: slices.Concat(in("F1060", "ike identity user-fqdn branch"), in("F1090-1", "ike profile rbm", "match remote identity fqdn branch")), pings: "0", wait: time.Minute, state: "0/0 0/0", shows: []string{
		"F1090-1 display ike statistics|Invalid ID information: 4"}},
	{name: "a template begins nothing", setup: template, pings: "0", wait: time.Minute, state: "0/0 0/0"},
	{name: "a template answers", setup: template, ping: fromF1090, pings: "3", state: "1/1 1/1", shows: []string{"F1060 display ike sa verbose|Transmitting entity: Responder"}},
	{name: "a lifetime in kilobytes", setup: in("F1060", "ipsec policy rbm 1 isakmp", "sa duration traffic-based 2560"), ping: "F1060 ping -a 2.2.2.2 -c 2500 -m 1 -s 1400 3.3.3.3", pings: "2499", state: "1/1 1/1", shows: []string{
		"F1060 display ipsec sa|SA duration (kilobytes/sec): 2560/3600"}},
	{name: "SAs that one end has lost", pings: "3", do: []string{"F1090-1 reset ike sa", "F1090-1 reset ipsec sa", "F1060 ping -a 2.2.2.2 -c 4 3.3.3.3"}, state: "1/1 0/0"},
	{name: "SAs that one end has lost, with recovery", setup: in("F1090-1", "ike invalid-spi-recovery enable"), pings: "3",
		do: []string{"F1090-1 reset ike sa", "F1090-1 reset ipsec sa", "F1060 ping -a 2.2.2.2 -c 4 3.3.3.3"}, state: "1/1 1/1"},
	{name: "keepalives", setup: slices.Concat(in("F1060", "ike keepalive interval 20"), in("F1090-1", "ike keepalive timeout 60")), pings: "3", wait: 5 * time.Minute, state: "1/1 1/1"},
	{name: "keepalives that do not come", setup: in("F1090-1", "ike keepalive timeout 60"), pings: "3", wait: 2 * time.Minute, state: "1/1 0/0"},
	{name: "no SA is allowed beside this one", setup: in("F1090-1", "ike limit max-negotiating-sa 1"), pings: "3", state: "1/1 1/1"},
}

// Each setting that has to do with a negotiation is seen in what is
// negotiated.
func TestSettingsAct(t *testing.T) {
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) {
			l := caseLab(t, lab.Options{})
			typeAll(l, s.setup)
			ping := s.ping
			if ping == "" {
				ping = "F1060 " + tunnelBench.ping
			}
			device, line, _ := strings.Cut(ping, " ")
			w := watch(l, device)
			enter(l, device, line)
			if !strings.Contains(w.String(), " "+s.pings+" packet(s) received") {
				text := w.String()
				t.Errorf("want %s packets received:\n%s", s.pings, text[max(0, len(text)-400):])
			}
			lost := len(s.do) > 0
			if lost { // nobody hears of it
				if err := l.Impair("f1090-1", "info-lost"); err != nil {
					t.Fatal(err)
				}
			}
			for i, x := range s.do {
				typeAll(l, []string{x})
				if i == 1 {
					if err := l.Heal("f1090-1"); err != nil {
						t.Fatal(err)
					}
				}
			}
			l.RunFor(s.wait)
			if got := tunnelBench.state(l); got != s.state {
				t.Errorf("the state is %s, want %s", got, s.state)
			}
			for _, x := range s.shows {
				parts := strings.Split(x, "|")
				device, line, _ := strings.Cut(parts[0], " ")
				w := watch(l, device)
				enter(l, device, "screen-length disable", line)
				for _, want := range parts[1:] {
					if !strings.Contains(w.since(0), want) {
						t.Errorf("%s on %s lacks %q:\n%s", line, device, want, w.since(0))
					}
				}
			}
		})
	}
}
