package main

import (
	"slices"
	"testing"
	"time"

	"cwlab/emulator/impair"
)

// join puts traces together.
func join(parts ...[]string) []string { return slices.Concat(parts...) }

// What the consoles show, in the words of the product and in the order of
// things; each row is put together from these.
var (
	asks      = []string{"Can't find SA by SP.", "Sent SA-Acquire message", "Received SA acquire message from IPsec.", "IKE SA not found. Initiate IKE SA negotiation.", "Initiator created an SA for peer 1.1.1.2"}
	asksMain  = join(asks, []string{"Begin Main mode exchange.", "from IKE_P1_STATE_INIT to IKE_P1_STATE_SEND1."})
	asksFast  = join(asks, []string{"Begin Aggressive mode exchange.", "from IKE_P1_STATE_INIT to IKE_P1_STATE_SEND1."})
	to3       = []string{"Oakley transform 1 is acceptable.", "from IKE_P1_STATE_SEND1 to IKE_P1_STATE_SEND3."}
	to5       = join(to3, []string{"Received 2 NAT-D payloads.", "from IKE_P1_STATE_SEND3 to IKE_P1_STATE_SEND5."})
	up1       = []string{"Verify HASH payload.", "HASH verification succeeded.", "to IKE_P1_STATE_ESTABLISHED."}
	upA       = join(asksMain, to5, up1)
	quickA    = []string{"Begin Quick mode exchange.", "from IKE_P2_STATE_INIT to IKE_P2_STATE_GETSPI.", "Construct HASH(1) payload.", "from IKE_P2_STATE_GETSPI to IKE_P2_STATE_SEND1."}
	doneA     = []string{"Validated HASH(2) successfully.", "Install IPsec SAs.", "Construct HASH(3) payload.", "to IKE_P2_STATE_ESTABLISHED."}
	tunnelA   = join(upA, quickA, doneA)
	repeats1  = []string{"Retransmit phase 1 packet.", "Retransmit phase 1 packet.", "Retransmit phase 1 packet."}
	repeats2  = []string{"Retransmit phase 2 packet.", "Retransmit phase 2 packet.", "Retransmit phase 2 packet."}
	gaveUp1   = []string{"Retransmittion of phase 1 packet timed out.", "Failed to negotiate IKE SA.", "Delete IKE SA with connection ID "}
	gaveUp2   = []string{"Retransmittion of  phase 2 packet timed out.", "Failed to negotiate IPsec SA."}
	waits1    = join(gaveUp1, []string{"Failed to negotiate IPsec SA."})
	firstB    = []string{"Begin a new phase 1 negotiation as responder.", "Responder created an SA for peer 1.1.1.1"}
	answers   = join(firstB, []string{"Begin Main mode exchange.", "Oakley transform 1 is acceptable.", "from IKE_P1_STATE_INIT to IKE_P1_STATE_SEND2."})
	to4       = join(answers, []string{"from IKE_P1_STATE_SEND2 to IKE_P1_STATE_SEND4."})
	upB       = join(to4, up1)
	quickB    = []string{"Validated HASH(1) successfully.", "Phase 2 Exchange chooses role: Local is responder.", "Construct HASH(2) payload.", "to IKE_P2_STATE_SEND2."}
	doneB     = []string{"Validated HASH(3) successfully.", "Install IPsec SAs.", "to IKE_P2_STATE_ESTABLISHED."}
	tunnelB   = join(upB, quickB, doneB)
	refused1  = []string{"Delete IKE SA by received notification.", "Failed to negotiate IKE SA.", "Failed to negotiate IPsec SA."}
	repeated  = []string{"Retransmit in response to duplicate packet."}
	dpdBoth   = join(dpdOn("F1060"), dpdOn("F1090-1"))
	fastDPD   = join(fastSetup, dpdOn("F1060"))
	fastSetup = []string{"F1060 system-view", "F1060 ike profile rbm", "F1060 exchange-mode aggressive", "F1060 return"}
)

// dpdOn has a device look after its peer, without which an SA that the peer has
// lost stays for a day.
func dpdOn(device string) []string {
	return []string{device + " system-view", device + " ike dpd interval 10 retry 2 periodic", device + " return"}
}

// awake keeps a console logged in while nobody types.
func awake(device string) []string {
	return []string{device + " system-view", device + " line con 0", device + " idle-timeout 0 0", device + " return"}
}

const (
	timeoutA = "F1060 ike Retransmit timeout"
	timeoutB = "F1090-1 ike Retransmit timeout"
	both     = timeoutA + ", " + timeoutB
)

// tunnelRows are on the cable of the F1060 in lab rbm-ipsec. The state is how
// many IKE and IPsec SAs the F1060 and the F1090-1 have.
var tunnelRows = []row{
	{fault: "main-1-lost", pings: "0", a: join(asksMain, repeats1, waits1), absent: []string{"F1090-1 IKE/7"}, moves: timeoutA, state: "1/0 0/0"},
	{fault: "main-2-lost", pings: "0", a: join(asksMain, repeats1, waits1), b: join(answers, repeated, repeated, repeated, gaveUp1), absent: []string{"F1060 IKE_P1_STATE_SEND3"}, moves: both, state: "1/0 1/0"},
	{fault: "main-3-lost", pings: "0", a: join(asksMain, to3, repeats1, waits1), b: join(answers, gaveUp1), absent: []string{"F1090-1 IKE_P1_STATE_SEND4"}, moves: both, state: "1/0 1/0"},
	{fault: "main-4-lost", pings: "0", a: join(asksMain, to3, repeats1, waits1), b: join(to4, repeated, repeated, repeated, gaveUp1), absent: []string{"F1060 IKE_P1_STATE_SEND5"}, moves: both, state: "1/0 1/0"},
	{fault: "main-5-lost", pings: "0", a: join(asksMain, to5, repeats1, waits1), b: join(to4, gaveUp1), absent: []string{"F1090-1 IKE_P1_STATE_ESTABLISHED"}, moves: both, state: "1/0 1/0"},
	{fault: "main-6-lost", pings: "0", a: join(asksMain, to5, repeats1, waits1), b: join(upB, repeated, repeated, repeated), absent: []string{"F1060 IKE_P1_STATE_ESTABLISHED"}, moves: timeoutA, state: "1/0 1/0"},
	{fault: "main-1-doubled", pings: "3", a: tunnelA, b: join(answers, repeated, doneB), state: "1/1 1/1"},
	{fault: "main-2-doubled", pings: "3", a: join(asksMain, to3, repeated, up1, quickA, doneA), b: tunnelB, state: "1/1 1/1"},
	{fault: "main-3-doubled", pings: "3", a: tunnelA, b: join(to4, repeated, up1, quickB, doneB), state: "1/1 1/1"},
	{fault: "main-4-doubled", pings: "3", a: join(asksMain, to5, repeated, up1, quickA, doneA), b: tunnelB, state: "1/1 1/1"},
	{fault: "main-5-doubled", pings: "3", a: tunnelA, b: join(upB, repeated, quickB, doneB), state: "1/1 1/1"},
	{fault: "main-6-doubled", pings: "3", a: join(upA, quickA, []string{"Discard duplicate packet with no response."}, doneA), b: tunnelB, state: "1/1 1/1"},
	{fault: "aggressive-1-lost", setup: fastSetup, pings: "0", a: join(asksFast, repeats1, waits1), absent: []string{"F1090-1 IKE/7"}, moves: timeoutA, state: "1/0 0/0"},
	{fault: "aggressive-2-lost", setup: fastSetup, pings: "0", a: join(asksFast, repeats1, waits1), b: join(firstB, []string{"Begin Aggressive mode exchange."}, repeated, repeats1, gaveUp1), moves: both, state: "1/0 1/0"},
	{fault: "aggressive-3-lost", setup: fastDPD, pings: "0", a: join(asksFast, up1, quickA, repeats2, gaveUp2), b: join(firstB, []string{"IKE_P1_STATE_INIT to IKE_P1_STATE_SEND2"}, []string{"Quick mode packet is received, but IKE SA is incomplete."}, repeats1, gaveUp1), moves: timeoutA + ", F1090-1 ike No available SA, " + timeoutB},
	{fault: "quick-1-lost", pings: "0", a: join(upA, quickA, repeats2, gaveUp2), b: upB, absent: []string{"F1090-1 IKE_P2_STATE"}, moves: timeoutA, state: "1/0 1/0"},
	{fault: "quick-2-lost", pings: "0", a: join(upA, quickA, repeats2, gaveUp2), b: join(upB, quickB, repeated, repeats2, gaveUp2), moves: both, state: "1/0 1/0"},
	{fault: "quick-3-lost", pings: "0", a: tunnelA, b: join(upB, quickB, repeats2, gaveUp2), absent: []string{"F1090-1 Install IPsec SAs."}, moves: timeoutB + ", F1090-1 ipsec No available SA", state: "1/1 1/0"},
	{fault: "quick-1-doubled", pings: "3", a: tunnelA, b: join(upB, quickB, repeated, doneB), state: "1/1 1/1"},
	{fault: "quick-2-doubled", pings: "3", a: join(tunnelA, repeated), b: tunnelB, state: "1/1 1/1"},
	{fault: "quick-3-doubled", pings: "3", a: tunnelA, b: join(tunnelB, []string{"Discard duplicate packet with no response."}), state: "1/1 1/1"},
	{fault: "quick-replayed", pings: "3", a: tunnelA, b: join(tunnelB, []string{"Discard duplicate packet with no response."}), state: "1/1 1/1"},
	{fault: "info-lost", do: []string{"F1060 reset ike sa", "F1060 reset ipsec sa"}, pings: "3", a: join(tunnelA, []string{"Construct delete payload.", "Delete IKE SA with connection ID"}), b: tunnelB, absent: []string{"F1090-1 delete"}, state: "0/0 1/1"},
	{fault: "isakmp-lost", pings: "0", a: join(asksMain, repeats1, waits1), absent: []string{"F1090-1 IKE/7"}, moves: timeoutA, state: "1/0 0/0"},
	{fault: "isakmp-first-lost", pings: "3", a: join(asksMain, []string{"Retransmit phase 1 packet."}, to5, up1, quickA, doneA), b: tunnelB, absent: []string{"F1060 timed out"}, state: "1/1 1/1"},
	{fault: "isakmp-doubled", pings: "3", a: tunnelA, b: join(answers, repeated, up1, repeated, quickB, repeated, doneB), state: "1/1 1/1"},
	{fault: "proposal-wrong", pings: "0", a: join(asksMain, []string{"Notification NO_PROPOSAL_CHOSEN is received."}, refused1), b: join(firstB, []string{"The attributes are unacceptable.", "No acceptable transform.", "Failed to parse the IKE SA payload.", "Construct notification packet: NO_PROPOSAL_CHOSEN.", "Failed to negotiate IKE SA."}), moves: "F1060 ike No matching proposal, F1090-1 ike No matching proposal"},
	{fault: "nonce-wrong", pings: "0", a: join(asksMain, to5, []string{"Notification PAYLOAD_MALFORMED is received."}, refused1), b: join(to4, []string{"Failed to parse phase 1 packet. Reason PAYLOAD_MALFORMED.", "Construct notification packet: PAYLOAD_MALFORMED.", "Failed to negotiate IKE SA."}), moves: "F1060 ike Malformed payload, F1090-1 ike Malformed payload"},
	{fault: "ke-wrong", pings: "0", a: join(asksMain, to5, []string{"Notification PAYLOAD_MALFORMED is received."}, refused1), b: join(to4, []string{"Failed to parse phase 1 packet. Reason PAYLOAD_MALFORMED.", "Construct notification packet: PAYLOAD_MALFORMED.", "Failed to negotiate IKE SA."}), moves: "F1060 ike Malformed payload, F1090-1 ike Malformed payload"},
	{fault: "hash-5-wrong", pings: "0", a: join(asksMain, to5, []string{"Notification AUTHENTICATION_FAILED is received."}, refused1), b: join(to4, []string{"Verify HASH payload.", "Failed to verify the peer HASH.", "Construct notification packet: AUTHENTICATION_FAILED.", "Failed to negotiate IKE SA."}), moves: "F1060 ike Authentication failure, F1090-1 ike Authentication failure"},
	{fault: "hash-6-wrong", pings: "0", a: join(asksMain, to5, []string{"Failed to verify the peer HASH."}), b: upB, absent: []string{"F1060 IKE_P1_STATE_ESTABLISHED", "F1090-1 Failed to verify the peer HASH"}, moves: "F1060 ike Authentication failure"},
	{fault: "aggressive-hash-wrong", setup: fastSetup, pings: "0", a: join(asksFast, []string{"Failed to verify the peer HASH."}), b: firstB, moves: "F1060 ike Authentication failure, F1090-1 ike Authentication failure"},
	{fault: "quick-hash-wrong", pings: "0", a: join(upA, quickA, repeats2, gaveUp2), b: join(upB, []string{"Failed to validate HASH(1).", "Failed to validate HASH(1)."}), moves: timeoutA + ", F1090-1 ike Invalid hash information", state: "1/0 1/0"},
	{fault: "quick-hash-2-wrong", pings: "0", a: join(upA, quickA, []string{"Failed to validate HASH(2)."}, []string{"Retransmit phase 2 packet."}, gaveUp2), b: join(upB, quickB, repeated, gaveUp2), moves: "F1060 ike Invalid hash information, " + both, state: "1/0 1/0"},
	{fault: "quick-hash-3-wrong", pings: "0", a: tunnelA, b: join(upB, quickB, []string{"Failed to validate HASH(3)."}, gaveUp2), absent: []string{"F1090-1 Install IPsec SAs."}, moves: "F1090-1 ike Invalid hash information, " + timeoutB + ", F1090-1 ipsec No available SA", state: "1/1 1/0"},
	{fault: "quick-spi-wrong from F1060", pings: "0", a: tunnelA, b: tunnelB, moves: "F1090-1 ipsec No available SA"},
	{fault: "natd-wrong", pings: "3", a: join(asksMain, to3, []string{"I am behind NAT.", "Sending packet to 1.1.1.2, remote port 4500, local port 4500."}, up1, []string{"Begin Quick mode exchange.", "Encapsulation mode is Tunnel-UDP.", "Construct HASH(1) payload."}, doneA), b: join(answers, []string{"I am behind NAT."}, up1, quickB, doneB), state: "1/1 1/1"},
	{fault: "refusal-forged from F1060", pings: "3", a: tunnelA, b: tunnelB, state: "1/1 1/1"},
	{fault: "info-hash-wrong from F1060", setup: dpdBoth, pings: "3", a: join(tunnelA, []string{"Sending DPD packet of type R_U_THERE_ACK", "Sending DPD packet of type R_U_THERE_ACK"}), b: join(tunnelB, []string{"Sending DPD packet of type R_U_THERE ", "Failed to verify HASH for informational exchange.", "Retransmit DPD packet.", "Retransmit DPD packet.", "DPD packet retransmission timed out.", "Delete IPsec SAs.", "Delete IKE SA with connection ID"}), moves: "F1090-1 ike Invalid hash information", state: "0/0 0/0", back: time.Minute},
	{fault: "dpd-sequence-wrong from F1060", setup: dpdBoth, pings: "3", a: join(tunnelA, []string{"Sending DPD packet of type R_U_THERE_ACK"}), b: join(tunnelB, []string{"Sending DPD packet of type R_U_THERE ", "Invalid DPD sequence number (", "Retransmit DPD packet.", "Retransmit DPD packet.", "DPD packet retransmission timed out.", "Delete IPsec SAs.", "Delete IKE SA with connection ID"}), state: "0/0 0/0", back: time.Minute, moves: "F1090-1 ike No available SA"},
	{fault: "delete-lost from F1060", do: []string{"F1060 reset ipsec sa", "F1060 reset ike sa"}, pings: "3", a: join(tunnelA, []string{"Begin to construct IPsec SA delete packet.", "Construct delete payload.", "Delete IKE SA with connection ID"}), b: tunnelB, absent: []string{"F1090-1 delete packet"}, state: "0/0 1/1"},
	{fault: "lifetime-fast from F1060", lasts: 10 * time.Minute, pings: "3", a: join(tunnelA, []string{"Received message from ipsec, message type is 5."}, quickA, doneA), b: join(tunnelB, quickB, doneB), state: "1/1 1/1"},
	{fault: "lifetime-slow from F1060", setup: join(awake("F1060"), awake("F1090-1")), lasts: time.Hour, pings: "3", a: join(tunnelA, quickB, doneB), b: join(tunnelB, []string{"Received message from ipsec, message type is 5."}, quickA, doneA), state: "1/1 1/1"},
	{fault: "cookie-wrong", pings: "0", a: join(asksMain, to5, repeats1, waits1), b: join(to4, []string{"The first packet of phase 1 is invalid: Non-zero R-Cookie."}, gaveUp1), moves: timeoutA + ", F1090-1 ike Invalid cookie, " + timeoutB, state: "1/0 1/0"},
	{fault: "length-wrong", pings: "0", a: join(asksMain, repeats1, waits1), b: []string{"Received packet successfully.", "Failed to parse phase 1 packet. Reason UNEQUAL_PAYLOAD_LENGTHS."}, absent: []string{"F1090-1 Responder created"}, moves: timeoutA, state: "1/0 0/0"},
	{fault: "version-wrong", pings: "0", a: join(asksMain, repeats1, waits1), b: []string{"version: ISAKMP Version 3.0", "Invalid major version(3)."}, absent: []string{"F1090-1 Responder created"}, moves: timeoutA, state: "1/0 0/0"},
	{fault: "exchange-wrong", pings: "0", a: join(asksMain, repeats1, waits1), b: []string{"exchange mode: Unknown(99)", "Unsupported exchange type (Unknown(99)) in packet."}, absent: []string{"F1090-1 Responder created"}, moves: timeoutA + ", F1090-1 ike Unsupported exchange type", state: "1/0 0/0"},
	{fault: "payload-unknown", pings: "0", a: join(asksMain, []string{"Notification INVALID_PAYLOAD_TYPE is received."}, refused1), b: join(firstB, []string{"Failed to parse phase 1 packet. Reason INVALID_PAYLOAD_TYPE.", "Construct notification packet: INVALID_PAYLOAD_TYPE.", "Failed to negotiate IKE SA."})},
	{fault: "payload-length-wrong", pings: "0", a: join(asksMain, []string{"Notification PAYLOAD_MALFORMED is received."}, refused1), b: join(firstB, []string{"Failed to parse phase 1 packet. Reason PAYLOAD_MALFORMED.", "Construct notification packet: PAYLOAD_MALFORMED.", "Failed to negotiate IKE SA."}), moves: "F1060 ike Malformed payload, F1090-1 ike Malformed payload"},
	{fault: "payload-order-wrong", pings: "3", a: tunnelA, b: tunnelB, state: "1/1 1/1"}, // RFC 2409 section 5 fixes the place of SA and HASH alone
	{fault: "half-open from F1060", do: []string{"F1090-1 display ike sa"}, pings: "3", a: tunnelA, b: join(tunnelB, firstB, gaveUp1, []string{"1.1.1.1               Unknown"}), moves: "F1060 ike Invalid cookie, " + timeoutB},
	{fault: "esp-lost", pings: "0", a: tunnelA, b: tunnelB, state: "1/1 1/1"},
	{fault: "esp-icv-wrong", pings: "0", a: tunnelA, b: join(tunnelB, []string{"The packet hash values don't match"}), moves: "F1090-1 ipsec Authentication failure", state: "1/1 1/1"},
	{fault: "esp-spi-wrong", pings: "0", a: tunnelA, b: join(tunnelB, []string{"The SA doesn't exist"}), state: "1/1 1/1", moves: "F1090-1 ipsec No available SA"},
	{fault: "esp-sequence-old", pings: "1", a: tunnelA, b: join(tunnelB, []string{"Received replayed packet"}), moves: "F1090-1 ipsec Replayed packets", state: "1/1 1/1"},
	{fault: "esp-short", pings: "0", a: tunnelA, b: tunnelB, moves: "F1090-1 ipsec Invalid length", state: "1/1 1/1"},
	{fault: "esp-replayed", pings: "3", a: join(tunnelA, []string{"Received replayed packet"}), b: join(tunnelB, []string{"Received replayed packet"}), moves: "F1060 ipsec Replayed packets, F1090-1 ipsec Replayed packets", state: "1/1 1/1"},
	{fault: "esp-reordered", pings: "3", a: tunnelA, b: tunnelB, absent: []string{"F1090-1 Received replayed packet"}, state: "1/1 1/1"},
}

// lineRows are faults of the line itself, in the words of link.ParseFault, in
// the same place.
var lineRows = []row{
	{fault: "cut", pings: "0", a: []string{"changed to down"}, absent: []string{"F1090-1 IKE/7"}},
	{fault: "drop", pings: "0", a: join(asksMain, repeats1, waits1), absent: []string{"F1090-1 IKE/7"}, moves: timeoutA, state: "1/0 0/0"},
	{fault: "drop from F1060", pings: "0", a: join(asksMain, repeats1, waits1), absent: []string{"F1090-1 IKE/7"}, moves: timeoutA, state: "1/0 0/0"},
	{fault: "drop from SW", pings: "0", a: join(asksMain, repeats1, waits1), b: join(answers, repeated, repeated, repeated, gaveUp1), absent: []string{"F1060 IKE_P1_STATE_SEND3"}, moves: both},
	{fault: "drop nth 2 for isakmp", pings: "3", a: join(asksMain, []string{"Retransmit phase 1 packet."}, to5, up1, quickA, doneA), b: join(answers, repeated, up1, quickB, doneB), state: "1/1 1/1"},
	{fault: "drop for isakmp and src 1.1.1.2", pings: "0", a: join(asksMain, repeats1, waits1), b: join(answers, repeated, repeated, repeated, gaveUp1), moves: both, state: "1/0 1/0"},
	{fault: "drop for proto 50 and src 1.1.1.2", pings: "0", a: tunnelA, b: tunnelB, state: "1/1 1/1"},
	{fault: "drop for greater 250", pings: "0", a: join(asksMain, to3, repeats1, waits1), b: join(answers, gaveUp1), moves: both, state: "1/0 1/0"},
	{fault: "drop burst 10s pause 20s for isakmp", pings: "3", a: join(asksMain, repeats1, up1, quickA, doneA), b: tunnelB, state: "1/1 1/1"},
	{fault: "loss 25% for esp", pings: "1", a: tunnelA, b: tunnelB, state: "1/1 1/1"},
	{fault: "duplicate 100% for esp", pings: "3", a: join(tunnelA, []string{"Received replayed packet"}), b: join(tunnelB, []string{"Received replayed packet"}), moves: "F1060 ipsec Replayed packets, F1090-1 ipsec Replayed packets", state: "1/1 1/1"},
	{fault: "corrupt 100% for esp", pings: "0", a: tunnelA, b: tunnelB, moves: "F1090-1 ipsec Authentication failure", state: "1/1 1/1"},
	{fault: "delay 300ms for isakmp", pings: "3", a: tunnelA, b: tunnelB, state: "1/1 1/1"},
	{fault: "delay 5s for isakmp", pings: "0", a: join(asksMain, []string{"Retransmit phase 1 packet."}), b: join(answers, repeated), back: time.Minute},
	{fault: "jitter 800ms for esp", pings: "3", a: tunnelA, b: tunnelB, state: "1/1 1/1"},
	{fault: "jitter 800ms reorder 100% for esp", pings: "3", a: tunnelA, b: tunnelB, state: "1/1 1/1"},
	{fault: "rate 2k for esp", pings: "3", a: tunnelA, b: tunnelB, state: "1/1 1/1"},
	{fault: "rate 2k queue 100ms for isakmp", pings: "3", a: tunnelA, b: tunnelB, state: "1/1 1/1"},
	{fault: "again 2s for isakmp", pings: "3", a: tunnelA, b: join(tunnelB, []string{"Discard duplicate packet with no response."}), state: "1/1 1/1"},
}

// rbmRows are on the channel of hot backup of lab rbm-ipsec. The state is that
// of both members and of their channels.
var (
	rbmDown   = []string{"RBM_CHANNEL", "status=Disconnected."}
	rbmUp     = []string{"RBM_CHANNEL", "status=Connected."}
	rbmStatus = []string{"F1090-1 display remote-backup-group status"}
)

var rbmRows = []row{
	{fault: "rbm-lost", do: rbmStatus, pings: "4", a: join(rbmDown, []string{"Control channel status: Disconnected"}), b: rbmDown, state: "Active Disconnected, Active Disconnected"},
	{fault: "rbm-flap", pings: "4", a: join(rbmDown, rbmUp, []string{"Started batch synchronization", "Finished batch synchronization"}, rbmDown), b: join(rbmDown, rbmUp, rbmDown)},
	{fault: "rbm-late", do: rbmStatus, pings: "4", a: []string{"Control channel status: Connected"}, absent: []string{"F1090-1 Disconnected", "F1090-2 Disconnected"}, state: "Active Connected, Standby Connected"},
	{fault: "cut", pings: "0", a: rbmDown, b: rbmDown, state: "Active Disconnected, Active Disconnected"},
	{fault: "drop from F1090-1", pings: "0", a: rbmDown, b: rbmDown, state: "Active Disconnected, Active Disconnected"},
	{fault: "drop from F1090-2", pings: "0", a: rbmDown, b: rbmDown, state: "Active Disconnected, Active Disconnected"},
	{fault: "loss 30% for port 60064", pings: "4", absent: []string{"F1090-1 Disconnected", "F1090-2 Disconnected"}, state: "Active Connected, Standby Connected"},
	{fault: "duplicate 100% for port 60064", pings: "4", absent: []string{"F1090-1 Disconnected", "F1090-2 Disconnected"}, state: "Active Connected, Standby Connected"},
	{fault: "corrupt 100% for port 60064", pings: "4", a: rbmDown, b: rbmDown},
}

func version2() []string {
	var all []string
	for _, d := range []string{"F1060", "F1090"} {
		all = append(all, d+" system-view", d+" interface g1/0/1", d+" vrrp version 2", d+" return")
	}
	return all
}

// vrrpRows are on the cable of a pairLab. The state is that of both virtual
// routers.
var vrrpRows = []row{
	{fault: "vrrp-lost", pings: "4", b: []string{"VRRP_STATUS_CHANGE", "changed from Backup to Master"}, state: "Master Master", moves: "F1090 vrrp Become Master"},
	{fault: "vrrp-flap", pings: "4", b: []string{"changed from Backup to Master", "changed from Master to Backup"}, moves: "F1090 vrrp Become Master"},
	{fault: "vrrp-checksum-wrong", pings: "4", a: []string{"CKSUM error"}, b: []string{"CKSUM error", "changed from Backup to Master"}, state: "Master Master", moves: "F1060 vrrp CheckSum Errors, F1090 vrrp CheckSum Errors, F1090 vrrp Become Master"},
	{fault: "vrrp-ttl-wrong", pings: "4", a: []string{"IP TTL error"}, b: []string{"IP TTL error", "changed from Backup to Master"}, state: "Master Master", moves: "F1060 vrrp IP TTL Errors, F1090 vrrp IP TTL Errors, F1090 vrrp Become Master"},
	{fault: "vrrp-version-wrong", pings: "4", a: []string{"VERSION error"}, b: []string{"VERSION error", "changed from Backup to Master"}, state: "Master Master", moves: "F1060 vrrp Version Errors, F1090 vrrp Version Errors, F1090 vrrp Become Master"},
	{fault: "vrrp-auth-wrong", setup: version2(), pings: "4", a: []string{"Authentication failed in IPv4 virtual router 1", "authentication type mismatch."}, b: []string{"Authentication failed in IPv4 virtual router 1", "authentication type mismatch.", "changed from Backup to Master"}, state: "Master Master", moves: "F1060 vrrp Auth Type Mismatch, F1090 vrrp Auth Type Mismatch, F1090 vrrp Become Master"},
	{fault: "vrrp-interval-wrong", setup: version2(), pings: "4", a: []string{"TIMER error"}, b: []string{"TIMER error", "changed from Backup to Master"}, state: "Master Master", moves: "F1060 vrrp Advertisement Interval Errors, F1090 vrrp Advertisement Interval Errors, F1090 vrrp Become Master"},
	{fault: "vrrp-address-wrong", pings: "4", b: []string{"VIRTUAL IP ADDRESS error"}, moves: "F1090 vrrp Address List Errors"},
	{fault: "vrrp-second-master", pings: "4", b: []string{"changed from Backup to Master"}, state: "Master Master", moves: "F1090 vrrp Become Master"},
	{fault: "vrrp-leave from F1060", pings: "4", b: []string{"changed from Backup to Master"}, moves: "F1090 vrrp Become Master, F1090 vrrp Priority Zero Pkts Rcvd"},
	{fault: "arp-lost", pings: "0"},
	{fault: "arp-late", pings: "3"},
	{fault: "icmp-lost", pings: "0", state: "Master Backup"},
	{fault: "icmp-damaged", pings: "0", state: "Master Backup"},
	{fault: "silence from F1090", pings: "0", state: "Master Backup"},
	{fault: "mtu-hole", do: []string{"F1060 ping -c 2 -s 1472 192.0.2.2"}, pings: "4", a: []string{"2 packet(s) transmitted, 0 packet"}, state: "Master Backup"},
	{fault: "slow", do: []string{"F1060 ping -c 2 -s 1400 192.0.2.2"}, pings: "4", state: "Master Backup"},
	{fault: "lossy", do: []string{"F1060 ping -c 50 192.0.2.2"}, pings: "2", moves: "F1090 vrrp Become Master"},
	{fault: "noisy", do: []string{"F1060 ping -c 50 192.0.2.2"}, pings: "3", moves: "F1090 vrrp CheckSum Errors, F1090 vrrp Packet Length Errors"},
	{fault: "far", pings: "4", state: "Master Backup"},
}

// faultTable is all rows.
var faultTable = []struct {
	bench *bench
	rows  []row
}{{&tunnelBench, tunnelRows}, {&tunnelBench, lineRows}, {&rbmBench, rbmRows}, {&vrrpBench, vrrpRows}, {&version2Bench, version2Rows}}

// TestFaults is the table: each fault shows what it should on both consoles,
// moves the counters that it should and no other, leaves nothing behind, and
// the world is soon well when it ends.
func TestFaults(t *testing.T) {
	seen := map[string]bool{}
	for _, part := range faultTable {
		for _, r := range part.rows {
			seen[impairment(r.fault).Name] = true
			t.Run(r.fault, func(t *testing.T) {
				t.Parallel()
				part.bench.try(t, r)
			})
		}
	}
	for _, i := range impair.All() {
		if !seen[i.Name] {
			t.Errorf("%s has no row", i.Name)
		}
	}
}
