package ikev2

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/emulator/ikev2"
)

// traced has A bring a tunnel up with traces of a class at both ends, and
// returns what each console shows.
func traced(t *testing.T, class string, change func(a, b *ikev2.Config)) (a, b string) {
	t.Helper()
	x, y := two(t, nil)
	if change != nil {
		change(&feature.Get[*ikev2.Engine](x.Box).Config, &feature.Get[*ikev2.Engine](y.Box).Config)
	}
	for _, d := range []*featuretest.Desk{x, y} {
		d.ShowLogs()
		d.Do("debugging ikev2 " + class)
	}
	y.Seen()
	a = ping(x)
	return a, y.Seen()
}

// has checks that texts stand in what a console shows, in this order.
func has(t *testing.T, who, got string, want ...string) {
	t.Helper()
	rest := got
	for _, w := range want {
		i := strings.Index(rest, w)
		if i < 0 {
			t.Errorf("%s does not show %q at its place:\n%s", who, w, got)
			return
		}
		rest = rest[i+len(w):]
	}
}

func TestTracesOfANegotiation(t *testing.T) {
	a, b := traced(t, "event", nil)
	has(t, "A", a, "IKEV2/7/EVENT", "Initiator created IKEv2 SA 1 for peer 1.1.1.2, local port 500, remote port 500.",
		"IKEv2 SA keys are generated: encryption AES-CBC-128, integrity SHA1, PRF SHA1, DH group MODP1536/Group5.",
		"Child SA is created: inbound SPI 0x", "IKEv2 SA 1 is established as initiator: local SPI ")
	has(t, "B", b, "Responder created IKEv2 SA 1 for peer 1.1.1.1", "IKEv2 SA 1 is established as responder")
	if strings.Contains(a, "PACKET") {
		t.Error("packets are traced, too")
	}

	a, b = traced(t, "packet", nil)
	has(t, "A", a, "vrf = 0, local = 1.1.1.1, remote = 1.1.1.2/500\nSending packet to 1.1.1.2, remote port 500, local port 500.",
		"R-SPI: 0000000000000000", "Version: 2.0  Exchange type: IKE_SA_INIT  Flags: INITIATOR  Message ID: 0",
		"[SA: Len=", " [Proposal: 1 Protocol-ID=IKE, Trans-num=8 [Transform: 1 Trans-type=ENCR, Trans-ID=AES_CBC, [Attr-type=Key Length Attr-value=128]] [Transform: 2 Trans-type=ENCR, Trans-ID=3DES]",
		"[KE: Len=200 Group-ID=5]", "[Nonce: Len=36]", "[Notify: Len=28 Type=NAT_DETECTION_SOURCE_IP]",
		"Received packet from 1.1.1.2 source port 500 destination port 500.", "Flags: RESPONSE",
		"Exchange type: IKE_AUTH", "[IDi: Len=12 Type=IPv4 address ID=1.1.1.1]", "[AUTH: Len=28 Method=2]", "Protocol-ID=ESP, Trans-num=3, SPI=", "Trans-type=ESN, Trans-ID=NO_ESN",
		"[TSi: Len=24 2.2.2.2-2.2.2.2 Protocol=0 Port=0-65535]", "[IDr: Len=12 Type=IPv4 address ID=1.1.1.2]")
	has(t, "B", b, "Received packet from 1.1.1.1 source port 500", "Sending packet to 1.1.1.1")
}

func TestTracesOfFailures(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(a, b *ikev2.Config)
		a, b   []string
	}{
		{"key", func(a, _ *ikev2.Config) { a.Keychains[0].Peers[0].Local = &ikev2.Secret{Key: []byte("other")} },
			[]string{"IKEV2/7/ERROR", "vrf = 0, local = 1.1.1.1, remote = 1.1.1.2/500\nNotification AUTHENTICATION_FAILED is received.", "Failed to negotiate IPsec SAs. Reason: The peer refused."},
			[]string{"Sending notification AUTHENTICATION_FAILED."}},
		{"profile", func(_, b *ikev2.Config) { b.Profiles[0].Matches = nil },
			[]string{"Notification AUTHENTICATION_FAILED is received."}, []string{"Sending notification AUTHENTICATION_FAILED."}},
		{"keychain", func(a, _ *ikev2.Config) { a.Keychains = nil },
			[]string{"Failed to negotiate IPsec SAs. Reason: No usable profile, keychain or proposal."}, nil},
	} {
		a, b := traced(t, "error", c.change)
		has(t, c.name+": A", a, c.a...)
		has(t, c.name+": B", b, c.b...)
	}
}

// Traces of renewals, deletions and liveness, and their switches.
func TestTracesOfLife(t *testing.T) {
	a, b := two(t, nil)
	a.ShowLogs()
	ping(a)
	a.Do("debugging ikev2 all remote-address 1.1.1.2", "system-view", "ikev2 dpd interval 10 periodic", "return")
	a.Seen()
	a.Run(11 * time.Second)
	has(t, "A", a.Seen(), "DPD: ask whether the peer is alive.", "Exchange type: INFORMATIONAL")
	a.Run(time.Hour)
	has(t, "A", a.Seen(), "Begin to rekey child SA with inbound SPI 0x", "[Notify: Len=12 Type=REKEY_SA Protocol-ID=ESP SPI=", "Child SA is created", "Child SA is deleted", "[Delete: Len=12 Protocol-ID=ESP SPI=")
	b.Do("reset ikev2 sa")
	a.Run(time.Second)
	has(t, "A", a.Seen(), "[Delete: Len=8 Protocol-ID=IKE]", "IKEv2 SA 1 is deleted. Reason: Deleted by the peer.")
	a.Do("undo debugging ikev2 packet", "undo debugging ikev2 error", "undo debugging ikev2 event")
	ping(a)
	if got := a.Seen(); strings.Contains(got, "IKEV2") {
		t.Errorf("traces are still shown: %s", got)
	}
	a.Do("debugging ikev2 all remote-address 9.9.9.9", "reset ikev2 sa")
	ping(a)
	if got := a.Seen(); strings.Contains(got, "IKEV2") {
		t.Errorf("traces of another peer are shown: %s", got)
	}
}

// Every event and every cause that the engine tells has its words.
func TestEveryCauseHasWords(t *testing.T) {
	var all []ikev2.Cause
	for c := ikev2.CauseTimeout; c <= ikev2.CauseMessageID; c++ {
		if causes[c] == "" || slices.Contains(all, c) {
			t.Errorf("cause %v has no words", c)
		}
		all = append(all, c)
	}
}
