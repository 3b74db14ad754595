// Package impair has the impairments of protocols that can be asked for by
// name: what happens to the frames on a cable so that a documented failure of
// ISAKMP, ESP, VRRP, hot backup, ARP or ICMP is seen.
//
// A frame that is changed keeps right lengths and checksums around what is
// changed, so that a receiver stumbles over that alone.
//
// What nobody on a cable can do, because it is encrypted or never sent, is a
// flaw of the device that sends (Flaws).
//
// Limitations: the flaws are of IKEv1 only. On the cable what is encrypted is changed without
// its key: bits of a block are turned, which also damages the block behind it
// (RFC 2409 appendix B, CBC). A peer that restarts without a word is no matter
// of a cable, but of the power switch of its device.
package impair

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cwlab/emulator/ike"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/link"
)

// An Impairment is a fault with a name.
type Impairment struct {
	Name, Help string
	OneWay     bool // wants `from DEVICE`

	words  string // as link.ParseFault reads them
	filter string
	pick   func() func(frame []byte) bool
	change func(frame []byte) []byte
	fill   func(f *link.Fault) // what has a state of its own
	flaw   func(f *ike.Flaws)  // what the device does that sends
}

// All lists the impairments, by protocol.
func All() []Impairment { return all }

var all = slices.Concat(table, version2)

var table = []Impairment{
	{Name: "main-1-lost", Help: "message 1 of main mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeMain, 1)},
	{Name: "main-2-lost", Help: "message 2 of main mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeMain, 2)},
	{Name: "main-3-lost", Help: "message 3 of main mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeMain, 3)},
	{Name: "main-4-lost", Help: "message 4 of main mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeMain, 4)},
	{Name: "main-5-lost", Help: "message 5 of main mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeMain, 5)},
	{Name: "main-6-lost", Help: "message 6 of main mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeMain, 6)},
	{Name: "main-1-doubled", Help: "message 1 of main mode arrives twice", words: "duplicate 1", pick: numbered(isakmp.ExchangeMain, 1)},
	{Name: "main-2-doubled", Help: "message 2 of main mode arrives twice", words: "duplicate 1", pick: numbered(isakmp.ExchangeMain, 2)},
	{Name: "main-3-doubled", Help: "message 3 of main mode arrives twice", words: "duplicate 1", pick: numbered(isakmp.ExchangeMain, 3)},
	{Name: "main-4-doubled", Help: "message 4 of main mode arrives twice", words: "duplicate 1", pick: numbered(isakmp.ExchangeMain, 4)},
	{Name: "main-5-doubled", Help: "message 5 of main mode arrives twice", words: "duplicate 1", pick: numbered(isakmp.ExchangeMain, 5)},
	{Name: "main-6-doubled", Help: "message 6 of main mode arrives twice", words: "duplicate 1", pick: numbered(isakmp.ExchangeMain, 6)},
	{Name: "aggressive-1-lost", Help: "message 1 of aggressive mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeAggressive, 1)},
	{Name: "aggressive-2-lost", Help: "message 2 of aggressive mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeAggressive, 2)},
	{Name: "aggressive-3-lost", Help: "message 3 of aggressive mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeAggressive, 3)},
	{Name: "quick-1-lost", Help: "message 1 of quick mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeQuick, 1)},
	{Name: "quick-2-lost", Help: "message 2 of quick mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeQuick, 2)},
	{Name: "quick-3-lost", Help: "message 3 of quick mode never arrives", words: "drop", pick: numbered(isakmp.ExchangeQuick, 3)},
	{Name: "quick-1-doubled", Help: "message 1 of quick mode arrives twice", words: "duplicate 1", pick: numbered(isakmp.ExchangeQuick, 1)},
	{Name: "quick-2-doubled", Help: "message 2 of quick mode arrives twice", words: "duplicate 1", pick: numbered(isakmp.ExchangeQuick, 2)},
	{Name: "quick-3-doubled", Help: "message 3 of quick mode arrives twice", words: "duplicate 1", pick: numbered(isakmp.ExchangeQuick, 3)},
	{Name: "quick-replayed", Help: "message 1 of quick mode comes again 30 seconds later", words: "again 30s", pick: numbered(isakmp.ExchangeQuick, 1)},
	{Name: "info-lost", Help: "informational messages are lost: deletes, notifications and DPD", words: "drop", pick: exchange(isakmp.ExchangeInformational)},
	{Name: "isakmp-lost", Help: "no ISAKMP message passes", words: "drop", filter: "isakmp"},
	{Name: "isakmp-first-lost", Help: "the first ISAKMP message is lost, repetitions pass", words: "drop nth 1", filter: "isakmp"},
	{Name: "isakmp-doubled", Help: "every ISAKMP message arrives twice", words: "duplicate 1", filter: "isakmp"},

	{Name: "proposal-wrong", Help: "message 1 of main mode offers a cipher that nobody has", pick: numbered(isakmp.ExchangeMain, 1), change: message(cipher)},
	{Name: "nonce-wrong", Help: "the nonces of main mode are damaged: both ends have other keys", pick: exchange(isakmp.ExchangeMain), change: message(body(isakmp.TypeNonce))},
	{Name: "ke-wrong", Help: "the public values of main mode are damaged: both ends have other keys", pick: exchange(isakmp.ExchangeMain), change: message(body(isakmp.TypeKE))},
	{Name: "hash-5-wrong", Help: "HASH_I in message 5 of main mode is damaged", pick: numbered(isakmp.ExchangeMain, 5), change: message(turn(isakmp.HeaderLen + authHash))},
	{Name: "hash-6-wrong", Help: "HASH_R in message 6 of main mode is damaged", pick: numbered(isakmp.ExchangeMain, 6), change: message(turn(isakmp.HeaderLen + authHash))},
	{Name: "quick-hash-wrong", Help: "HASH(1) in message 1 of quick mode is damaged", pick: numbered(isakmp.ExchangeQuick, 1), change: message(turn(isakmp.HeaderLen + quickHash))},
	{Name: "quick-hash-2-wrong", Help: "HASH(2) in message 2 of quick mode is damaged", pick: numbered(isakmp.ExchangeQuick, 2), change: message(turn(isakmp.HeaderLen + quickHash))},
	{Name: "quick-hash-3-wrong", Help: "HASH(3) in message 3 of quick mode is damaged", pick: numbered(isakmp.ExchangeQuick, 3), change: message(turn(isakmp.HeaderLen + quickHash))},
	{Name: "quick-spi-wrong", OneWay: true, Help: "quick mode of one device names an SPI that it does not have", flaw: func(f *ike.Flaws) { f.QuickSPI = true }},
	{Name: "aggressive-hash-wrong", Help: "HASH_R in message 2 of aggressive mode is damaged", pick: numbered(isakmp.ExchangeAggressive, 2), change: message(body(isakmp.TypeHash))},
	{Name: "natd-wrong", Help: "the NAT-D hashes of main mode are damaged: both ends see a NAT", pick: exchange(isakmp.ExchangeMain), change: message(body(isakmp.TypeNATD))},
	{Name: "refusal-forged", OneWay: true, Help: "somebody at one device answers the initiator's main mode with NO-PROPOSAL-CHOSEN", fill: refusal},
	{Name: "info-hash-wrong", OneWay: true, Help: "the HASH of one device's informational messages is damaged", flaw: func(f *ike.Flaws) { f.InfoHash = true }},
	{Name: "dpd-sequence-wrong", OneWay: true, Help: "one device answers DPD with another sequence number", flaw: func(f *ike.Flaws) { f.DPDSequence = true }},
	{Name: "delete-lost", OneWay: true, Help: "one device's deletes are lost, all else passes", flaw: func(f *ike.Flaws) { f.NoDelete = true }},
	{Name: "lifetime-fast", OneWay: true, Help: "the clock of one device's lifetimes goes ten times as fast", flaw: func(f *ike.Flaws) { f.Clock = 10 }},
	{Name: "lifetime-slow", OneWay: true, Help: "the clock of one device's lifetimes goes a tenth as fast", flaw: func(f *ike.Flaws) { f.Clock = 0.1 }},
	{Name: "cookie-wrong", Help: "the responder cookie of encrypted messages is another one", filter: "isakmp", change: message(encryptedOnly(turn(8)))},
	{Name: "length-wrong", Help: "the length in the ISAKMP header is 4 more than there is", filter: "isakmp", change: message(longer)},
	{Name: "version-wrong", Help: "the major version of ISAKMP is 3", filter: "isakmp", change: message(set(17, 0x30))},
	{Name: "exchange-wrong", Help: "the exchange type is 99, which nobody knows", filter: "isakmp", change: message(set(18, 99))},
	{Name: "payload-unknown", Help: "the first payload of message 1 of main mode is of type 127, which nobody knows", pick: numbered(isakmp.ExchangeMain, 1), change: message(set(16, 127))},
	{Name: "payload-length-wrong", Help: "the first payload of main mode is longer than its message", pick: numbered(isakmp.ExchangeMain, 1), change: message(set(isakmp.HeaderLen+2, 0x7f))},
	{Name: "payload-order-wrong", Help: "the payloads of messages 3 and 4 of main mode come in reverse order", pick: exchange(isakmp.ExchangeMain), change: message(reversed)},
	{Name: "half-open", OneWay: true, Help: "message 1 of main mode, once seen, comes 5 times a second with new cookies", fill: flood(numbered(isakmp.ExchangeMain, 1))},

	{Name: "esp-lost", Help: "no ESP packet passes", words: "drop", filter: "esp"},
	{Name: "esp-icv-wrong", Help: "the integrity check value of ESP is damaged", filter: "esp", change: esp(func(b []byte) []byte { b[len(b)-1] ^= 0x55; return b })},
	{Name: "esp-spi-wrong", Help: "ESP comes with an SPI that nobody has", filter: "esp", change: esp(func(b []byte) []byte { b[0] ^= 0x55; return b })},
	{Name: "esp-sequence-old", Help: "every ESP packet has sequence number 1", filter: "esp", change: esp(func(b []byte) []byte { copy(b[4:], []byte{0, 0, 0, 1}); return b })},
	{Name: "esp-short", Help: "the last 5 bytes of ESP are cut off", filter: "esp", change: esp(func(b []byte) []byte { return b[:len(b)-5] })},
	{Name: "esp-replayed", Help: "every ESP packet comes again a second later", words: "again 1s", filter: "esp"},
	{Name: "esp-reordered", Help: "ESP packets overtake each other", words: "jitter 900ms reorder 1", filter: "esp"},

	{Name: "vrrp-lost", Help: "no VRRP advertisement passes", words: "drop", filter: "vrrp"},
	{Name: "vrrp-flap", Help: "VRRP advertisements are lost for 10 seconds in 30", words: "drop burst 10s pause 20s", filter: "vrrp"},
	{Name: "vrrp-checksum-wrong", Help: "the checksum of VRRP is wrong", filter: "vrrp", change: vrrpBytes(false, func(b []byte) { b[6] ^= 0x55 })},
	{Name: "vrrp-ttl-wrong", Help: "VRRP comes with a TTL of 254", filter: "vrrp", change: ttl(254)},
	{Name: "vrrp-version-wrong", Help: "VRRP says that it is of version 1", filter: "vrrp", change: vrrpBytes(true, func(b []byte) { b[0] = 0x11 })},
	{Name: "vrrp-auth-wrong", Help: "VRRP of version 2 comes with another authentication", filter: "vrrp", change: vrrpAuth},
	{Name: "vrrp-interval-wrong", Help: "VRRP announces another interval", filter: "vrrp", change: vrrpBytes(true, func(b []byte) { b[5] ^= 0x0f })},
	{Name: "vrrp-address-wrong", Help: "VRRP announces another virtual address", filter: "vrrp", change: vrrpBytes(true, func(b []byte) { b[11] ^= 0x55 })},
	{Name: "vrrp-second-master", Help: "VRRP comes with priority 1: the backup becomes a second master", filter: "vrrp", change: vrrpBytes(true, func(b []byte) { b[2] = 1 })},
	{Name: "vrrp-leave", Help: "VRRP comes with priority 0: the master seems to leave", filter: "vrrp", change: vrrpBytes(true, func(b []byte) { b[2] = 0 })},

	{Name: "rbm-lost", Help: "nothing passes on the channels of hot backup", words: "drop", filter: "port 60064"},
	{Name: "rbm-flap", Help: "the channels of hot backup are lost for 15 seconds in 45", words: "drop burst 15s pause 30s", filter: "port 60064"},
	{Name: "rbm-late", Help: "the channels of hot backup take half a second", words: "delay 500ms", filter: "port 60064"},

	{Name: "arp-lost", Help: "no ARP passes", words: "drop", filter: "arp"},
	{Name: "arp-late", Help: "ARP takes a second", words: "delay 1s", filter: "arp"},
	{Name: "icmp-lost", Help: "no ICMP passes", words: "drop", filter: "icmp"},
	{Name: "icmp-damaged", Help: "the payload of ICMP is damaged", filter: "icmp", change: last},
	{Name: "silence", OneWay: true, Help: "nothing that one device sends passes", words: "drop"},
	{Name: "mtu-hole", Help: "packets above 1400 bytes vanish without a word", words: "drop", filter: "greater 1415"},
	{Name: "slow", Help: "a line of 64 kbit/s with a queue of half a second", words: "rate 64k queue 500ms"},
	{Name: "lossy", Help: "one frame in five is lost", words: "loss 20%"},
	{Name: "noisy", Help: "one frame in five is damaged", words: "corrupt 20%"},
	{Name: "far", Help: "every frame takes a quarter of a second more", words: "delay 250ms"},
}

// find is the impairment of that name.
func find(name string) (Impairment, bool) {
	for _, i := range all {
		if i.Name == name {
			return i, true
		}
	}
	return Impairment{}, false
}

// Parse reads an impairment as scripts write it, and the device that sends the
// frames it is about ("" for both):
//
//	NAME [from DEVICE] [nth N]
//
// or the words of link.ParseFault.
func Parse(text string) (f link.Fault, from string, err error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return link.ParseFault(text)
	}
	i, ok := find(words[0])
	if !ok {
		f, from, err = link.ParseFault(text)
		if err != nil && len(words) == 1 {
			err = fmt.Errorf("impairment is %q, which is neither a name nor a fault: %w", text, err)
		}
		return f, from, err
	}
	if i.words != "" {
		if f, _, err = link.ParseFault(i.words); err != nil {
			return f, "", err
		}
	}
	if f.Filter, err = link.ParseFilter(i.filter); err != nil {
		return f, "", err
	}
	f.Change = i.change
	if i.pick != nil {
		f.Pick = i.pick()
	}
	if i.fill != nil {
		i.fill(&f)
	}
	for rest := words[1:]; len(rest) > 0; rest = rest[2:] {
		if len(rest) < 2 {
			return link.Fault{}, "", fmt.Errorf("impairment %q: %s wants a value", text, rest[0])
		}
		switch rest[0] {
		case "from":
			from = rest[1]
		case "nth":
			nth, _, bad := link.ParseFault("drop nth " + rest[1])
			f.Nth, err = nth.Nth, bad
		default:
			err = fmt.Errorf("impairment %q: unknown word %q, want from or nth", text, rest[0])
		}
		if err != nil {
			return link.Fault{}, "", err
		}
	}
	if i.OneWay && from == "" {
		return link.Fault{}, "", fmt.Errorf("impairment %q: %w", text, ErrFrom)
	}
	return f, from, nil
}

// Flaws adds to f what an impairment asks of a device: text is as Parse reads
// it. An impairment of another device, or of frames, adds nothing.
func Flaws(text, device string, f *ike.Flaws) {
	words := strings.Fields(text)
	if len(words) != 3 || words[1] != "from" || words[2] != device {
		return
	}
	if i, ok := find(words[0]); ok && i.flaw != nil {
		i.flaw(f)
	}
}

// ErrFrom is an impairment of one direction without that direction.
var ErrFrom = errors.New("it goes one way, want from DEVICE")

// Flaw says whether it is a mistake of a device, and nothing on the cable.
func (i Impairment) Flaw() bool { return i.flaw != nil }
