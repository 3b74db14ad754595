package main

import (
	"fmt"
	"testing"
	"time"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/sessions"
)

// version2Bench is lab ikev2. The state is how many IKE and IPsec SAs West and
// East have.
var version2Bench = bench{
	open: func(t *testing.T) *lab.Lab {
		t.Helper()
		def, err := sessions.Load("ikev2")
		if err != nil {
			t.Fatal(err)
		}
		l, err := lab.Open(def, device.Make, lab.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return l
	},
	a: "West", b: "East", cable: "cable",
	ping:     pingEast,
	trace:    []string{"debugging ikev2 all"},
	displays: []string{"display ikev2 statistics", "display ipsec statistics"},
	state: func(l *lab.Lab) string {
		a, b := l.Device("West").Snapshot(), l.Device("East").Snapshot()
		return fmt.Sprintf("%d/%d %d/%d", len(a.IKE), len(a.IPsec), len(b.IKE), len(b.IPsec))
	},
	well:   "1/1 1/1",
	always: "West ipsec No available SA", // the first packet asks for it
}

const pingEast = "ping -a 10.1.0.1 -c 4 10.2.0.1"

// What the consoles show. A ping whose flow waits for a negotiation goes on
// until that has ended, so that a fault lasts some minutes here.
var (
	begins2    = []string{"Initiator created IKEv2 SA 1 for peer 192.0.2.2, local port 500, remote port 500.", "Sending packet to 192.0.2.2, remote port 500, local port 500.", "Exchange type: IKE_SA_INIT  Flags: INITIATOR"}
	keys2      = []string{"IKEv2 SA keys are generated: encryption AES-CBC-256, integrity SHA256, PRF SHA256, DH group MODP2048/Group14."}
	asksAuth2  = join(begins2, keys2, []string{"Exchange type: IKE_AUTH  Flags: INITIATOR"})
	upWest2    = join(asksAuth2, []string{"Child SA is created", "is established as initiator"})
	answers2   = []string{"Received packet from 192.0.2.1", "Exchange type: IKE_SA_INIT", "Responder created IKEv2 SA 1 for peer 192.0.2.1"}
	keysEast2  = join(answers2, keys2)
	upEast2    = join(keysEast2, []string{"Exchange type: IKE_AUTH", "is established as responder", "Child SA is created"})
	timedOut2  = []string{"is deleted. Reason: Retransmission timed out.", "Failed to negotiate IPsec SAs. Reason: Retransmission timed out."}
	badCheck2  = []string{"The packet is discarded. Reason: Integrity check failed."}
	noBytes2   = []string{"West 56 bytes from"}
	noChild2   = []string{"West 56 bytes from", "East Child SA is created"}
	timeout2   = "West ikev2 Retransmit timeout"
	unread2    = timeout2 + ", East ikev2 Invalid syntax"
	longEnough = 4 * time.Minute
)

// repeats2x is a request that is repeated until nobody waits for its answer.
func repeats2x(request string) []string {
	one := "Retransmit " + request + "."
	return join([]string{one, one, one, one}, timedOut2)
}

const (
	init1 = "IKE_SA_INIT request, message ID 0"
	auth1 = "IKE_AUTH request, message ID 1"
)

func both2(counter string) string { return "West ikev2 " + counter + ", East ikev2 " + counter }

func told2(n string) (sent, got string) {
	return "Sending notification " + n + ".", "Notification " + n + " is received."
}

// refused2 is a row of a negotiation that East refuses with a notification.
func refused2(fault, n, counter string, west, east []string) row {
	sent, got := told2(n)
	return row{fault: fault, pings: "0", a: join(west, []string{got, "Failed to negotiate IPsec SAs. Reason: The peer refused."}), b: join(east, []string{sent}),
		absent: noChild2, moves: both2(counter), state: "0/0 0/0"}
}

var version2Rows = []row{
	{fault: "ikev2-init-1-lost", lasts: longEnough, a: join(begins2, repeats2x(init1)), absent: []string{"East Received", "West 56 bytes from"}, moves: timeout2},
	{fault: "ikev2-init-2-lost", lasts: longEnough, a: join(begins2, repeats2x(init1)), b: join(keysEast2, []string{"Retransmit IKE_SA_INIT response, message ID 0.", "is deleted. Reason: Retransmission timed out."}),
		absent: noChild2, moves: timeout2},
	{fault: "ikev2-auth-1-lost", lasts: longEnough, a: join(asksAuth2, repeats2x(auth1)), b: join(keysEast2, []string{"is deleted. Reason: Retransmission timed out."}), absent: noChild2, moves: timeout2},
	{fault: "ikev2-auth-2-lost", lasts: longEnough, a: join(asksAuth2, repeats2x(auth1)), b: join(upEast2, []string{"Retransmit IKE_AUTH response, message ID 1.", "[Notify: Len=8 Type=INITIAL_CONTACT]", "Reason: Redundant."}),
		absent: noBytes2, moves: timeout2},
	{fault: "ikev2-child-lost", setup: []string{"West " + pingEast, "West reset ipsec sa"}, lasts: 90 * time.Second,
		a: []string{"Exchange type: CREATE_CHILD_SA  Flags: INITIATOR", "Retransmit CREATE_CHILD_SA request, message ID 3.", "Retransmit CREATE_CHILD_SA", "is deleted. Reason: Retransmission timed out.", "Failed to negotiate IPsec SAs."}, moves: timeout2},
	{fault: "ikev2-info-lost", do: []string{"West reset ikev2 sa"}, pings: "3", a: join(upWest2, []string{"[Delete: Len=8 Protocol-ID=IKE]"}), b: upEast2, absent: []string{"East [Delete"}, state: "1/1 1/1"},
	{fault: "ikev2-doubled", pings: "3", a: join(asksAuth2, []string{"The packet is discarded. Reason: ", "is established as initiator"}), b: join(keysEast2, []string{"Retransmit IKE_SA_INIT response", "Retransmit IKE_AUTH response"}),
		moves: "West ikev2 Invalid message ID", state: "1/1 1/1"},
	{fault: "ikev2-replayed", pings: "3", a: join(upWest2, []string{"The packet is discarded. Reason: Unexpected message ID."}), b: join(upEast2, []string{"Retransmit IKE_AUTH response, message ID 1."}),
		moves: "West ikev2 Invalid message ID", state: "1/1 1/1"},
	refused2("ikev2-proposal-wrong", "NO_PROPOSAL_CHOSEN", "No proposal chosen", begins2, []string{"Trans-ID=1023"}),
	{fault: "ikev2-nonce-wrong", lasts: longEnough, a: join(asksAuth2, repeats2x(auth1)), b: join(keysEast2, badCheck2, badCheck2), absent: noChild2, moves: unread2},
	{fault: "ikev2-ke-wrong", lasts: longEnough, a: join(asksAuth2, repeats2x(auth1)), b: join(keysEast2, badCheck2, badCheck2), absent: noChild2, moves: unread2},
	refused2("ikev2-auth-wrong", "AUTHENTICATION_FAILED", "Authentication failed", asksAuth2, keysEast2),
	{fault: "ikev2-icv-wrong", lasts: longEnough, a: join(asksAuth2, repeats2x(auth1)), b: join(keysEast2, badCheck2, badCheck2), absent: noChild2, moves: unread2},
	{fault: "ikev2-message-id-wrong", lasts: longEnough, a: join(asksAuth2, repeats2x(auth1)), b: join(keysEast2, badCheck2, badCheck2), absent: noChild2, moves: unread2},
	{fault: "ikev2-spi-wrong", lasts: longEnough, a: join(asksAuth2, []string{"Notification INVALID_IKE_SPI is received."}, repeats2x(auth1)),
		b: join(keysEast2, []string{"The packet is discarded. Reason: No IKEv2 SA matches the SPIs.", "Sending notification INVALID_IKE_SPI."}), absent: noChild2,
		moves: "West ikev2 Invalid IKE SPI, " + timeout2 + ", East ikev2 Invalid IKE SPI"},
	refused2("ikev2-critical-unknown", "UNSUPPORTED_CRITICAL_PAYLOAD", "Unsupported critical payload", begins2, nil),
	refused2("ikev2-version-wrong", "INVALID_MAJOR_VERSION", "Invalid major version", begins2, []string{"The packet is discarded. Reason: Unsupported major version."}),
	{fault: "ikev2-length-wrong", lasts: longEnough, a: join(begins2, repeats2x(init1)), b: []string{"The packet is discarded. Reason: Invalid syntax."}, absent: noChild2, moves: unread2 + ", East ikev2 Packet error"},
	{fault: "ikev2-half-open from West", pings: "3", a: upWest2, b: join(upEast2, []string{"Responder created IKEv2 SA 2 for peer 192.0.2.1", "Responder created IKEv2 SA 100 for peer 192.0.2.1"})},
}
