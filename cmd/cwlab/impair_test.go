package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"cwlab/comware/device"
	"cwlab/emulator/impair"
	"cwlab/emulator/lab"
	"cwlab/sessions"
)

// A pairLab is two firewalls on one cable with a virtual router, of which the
// F1060 is the master.
func pairLab(t *testing.T) *lab.Lab {
	t.Helper()
	def, err := sessions.Load("first-steps")
	if err != nil {
		t.Fatal(err)
	}
	l, err := lab.Open(def, device.Make, lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range []string{"F1060", "F1090"} {
		enter(l, d, "system-view", "security-policy ip", "rule 0 name all", "action pass", "quit", "quit",
			"interface gigabitethernet 1/0/1", fmt.Sprintf("ip address 192.0.2.%d 24", i+1), "quit",
			"security-zone name Trust", "import interface gigabitethernet 1/0/1", "quit",
			"interface gigabitethernet 1/0/1", "vrrp vrid 1 virtual-ip 192.0.2.100", fmt.Sprintf("vrrp vrid 1 priority %d", 120-20*i), "return")
	}
	l.RunFor(10 * time.Second)
	return l
}

// enter types lines, each when the one before is done.
func enter(l *lab.Lab, device string, lines ...string) {
	for _, line := range lines {
		l.Type(device, []byte(line+"\r"))
		for range 600 {
			l.RunFor(100 * time.Millisecond)
			if l.Device(device).Idle() {
				break
			}
		}
	}
}

// A symptom is what an impairment does to a lab in the minute after it came:
// lines on consoles, after a ping of four packets from the F1060.
type symptom struct {
	name  string   // of the impairment, with its words
	setup []string // "DEVICE line" before it
	do    []string // "DEVICE line" under it
	shows []string // "DEVICE regexp"; "!DEVICE regexp" for what must not be shown
	state string   // of world, "" for any
}

const (
	noReply  = `F1060 , 0 packet\(s\) received`
	replies  = `F1060 , 3 packet\(s\) received` // the first one asks for the SA
	p1Over   = `F1060 Retransmittion of phase 1 packet timed out`
	p2Over   = `F1060 Retransmittion of +phase 2 packet timed out`
	peerOver = `F1090-1 Retransmittion of phase 1 packet timed out`
)

// tunnelSymptoms are on the cable of the F1060 in lab rbm-ipsec. The state is
// how many IKE and IPsec SAs the F1060 and the F1090-1 have.
var tunnelSymptoms = []symptom{
	{name: "main-1-lost", shows: []string{noReply, p1Over, `!F1090-1 IKE/7`}, state: "1/0 0/0"},
	{name: "main-2-lost", shows: []string{noReply, p1Over, peerOver, `F1060 STATE_INIT to IKE_P1_STATE_SEND1`, `!F1060 to IKE_P1_STATE_SEND3`}, state: "1/0 1/0"},
	{name: "main-3-lost", shows: []string{noReply, p1Over, peerOver, `F1060 to IKE_P1_STATE_SEND3`, `F1090-1 to IKE_P1_STATE_SEND2`, `!F1090-1 to IKE_P1_STATE_SEND4`}, state: "1/0 1/0"},
	{name: "main-4-lost", shows: []string{noReply, p1Over, peerOver, `F1090-1 to IKE_P1_STATE_SEND4`, `!F1060 to IKE_P1_STATE_SEND5`}, state: "1/0 1/0"},
	{name: "main-5-lost", shows: []string{noReply, p1Over, peerOver, `F1060 to IKE_P1_STATE_SEND5`, `!F1090-1 to IKE_P1_STATE_ESTABLISHED`}, state: "1/0 1/0"},
	{name: "main-6-lost", shows: []string{noReply, p1Over, `F1090-1 to IKE_P1_STATE_ESTABLISHED`, `!F1060 to IKE_P1_STATE_ESTABLISHED`}, state: "1/0 1/0"},
	{name: "main-5-doubled", shows: []string{replies}, state: "1/1 1/1"},
	{name: "quick-1-lost", shows: []string{noReply, p2Over, `!F1090-1 IKE_P2_STATE`}, state: "1/0 1/0"},
	{name: "quick-2-lost", shows: []string{noReply, p2Over, `F1090-1 IKE_P2_STATE`}, state: "1/0 1/0"},
	{name: "quick-3-lost", shows: []string{noReply, `F1090-1 Retransmittion of +phase 2 packet timed out`}, state: "1/1 1/0"},
	{name: "quick-replayed", shows: []string{replies}, state: "1/1 1/1"},
	{name: "info-lost", do: []string{"F1060 reset ike sa", "F1060 reset ipsec sa"}, shows: []string{replies}, state: "0/0 1/1"},
	{name: "isakmp-lost", shows: []string{noReply, p1Over, `!F1090-1 IKE/7`}, state: "1/0 0/0"},
	{name: "isakmp-first-lost", shows: []string{replies, `!F1060 timed out`}, state: "1/1 1/1"},
	{name: "isakmp-doubled", shows: []string{replies}, state: "1/1 1/1"},
	{name: "proposal-wrong", shows: []string{noReply, `F1090-1 No acceptable transform`}, state: "0/0 0/0"},
	{name: "nonce-wrong", shows: []string{noReply, `F1090-1 Reason PAYLOAD_MALFORMED`}, state: "0/0 0/0"},
	{name: "ke-wrong", shows: []string{noReply, `F1090-1 Reason PAYLOAD_MALFORMED`}, state: "0/0 0/0"},
	{name: "hash-5-wrong", shows: []string{noReply, `F1090-1 Failed to verify the peer HASH`}, state: "0/0 0/0"},
	{name: "hash-6-wrong", shows: []string{noReply, `F1060 Failed to verify the peer HASH`, `!F1090-1 Failed to verify the peer HASH`}},
	{name: "quick-hash-wrong", shows: []string{noReply, p2Over, `F1090-1 Failed to validate HASH\(1\)`}, state: "1/0 1/0"},
	{name: "cookie-wrong", shows: []string{noReply, p1Over, `F1090-1 Non-zero R-Cookie`}, state: "1/0 1/0"},
	{name: "length-wrong", shows: []string{noReply, p1Over, `F1090-1 Reason UNEQUAL_PAYLOAD_LENGTHS`}, state: "1/0 0/0"},
	{name: "version-wrong", shows: []string{noReply, p1Over, `F1090-1 Invalid major version\(3\)`}, state: "1/0 0/0"},
	{name: "exchange-wrong", shows: []string{noReply, p1Over, `F1090-1 Unsupported exchange type \(Unknown\(99\)\)`}, state: "1/0 0/0"},
	{name: "payload-unknown", shows: []string{noReply, `F1090-1 Reason INVALID_PAYLOAD_TYPE`}, state: "0/0 0/0"},
	{name: "payload-length-wrong", shows: []string{noReply, `F1090-1 Reason PAYLOAD_MALFORMED`}, state: "0/0 0/0"},
	// RFC 2409 section 5 fixes the place of SA and HASH alone.
	{name: "payload-order-wrong", shows: []string{replies}, state: "1/1 1/1"},
	{name: "half-open from F1060", do: []string{"F1090-1 display ike sa"}, shows: []string{replies, peerOver, `F1090-1 \d+ +1\.1\.1\.1 +Unknown`}},
	{name: "esp-lost", shows: []string{noReply}, state: "1/1 1/1"},
	{name: "esp-icv-wrong", shows: []string{noReply, `F1090-1 The packet hash values don't match`}, state: "1/1 1/1"},
	{name: "esp-spi-wrong", shows: []string{noReply, `F1090-1 The SA doesn't exist`}, state: "1/1 1/1"},
	{name: "esp-sequence-old", shows: []string{`F1060 , 1 packet\(s\) received`, `F1090-1 Received replayed packet`}, state: "1/1 1/1"},
	{name: "esp-short", do: []string{"F1090-1 display ipsec statistics"}, shows: []string{noReply, `F1090-1 Invalid length: [1-9]`}, state: "1/1 1/1"},
	{name: "esp-replayed", shows: []string{replies, `F1060 Received replayed packet`, `F1090-1 Received replayed packet`}, state: "1/1 1/1"},
	{name: "esp-reordered", shows: []string{replies, `!F1090-1 Received replayed packet`}, state: "1/1 1/1"},
}

// rbmSymptoms are on the channel of hot backup of lab rbm-ipsec. The state is
// that of both members.
var rbmSymptoms = []symptom{
	{name: "rbm-lost", do: []string{"F1090-1 display remote-backup-group status"}, shows: []string{`F1090-1 Disconnected`}},
	{name: "rbm-flap", shows: []string{`F1090-1 status=Disconnected`, `F1090-1 status=Connected`}},
	{name: "rbm-late", do: []string{"F1090-1 display remote-backup-group status"}, shows: []string{`F1090-1 Connected`, `!F1090-1 Disconnected`}, state: "Active Standby"},
}

var version2 = []string{"F1060 vrrp version 2", "F1090 vrrp version 2"}

// pairSymptoms are on the cable of a pairLab. The state is that of both
// virtual routers.
var pairSymptoms = []symptom{
	{name: "vrrp-lost", shows: []string{`F1090 VRRP_STATUS_CHANGE`}, state: "Master Master"},
	{name: "vrrp-flap", shows: []string{`F1090 changed from Backup to Master`, `F1090 changed from Master to Backup`}},
	{name: "vrrp-checksum-wrong", shows: []string{`F1090 received an error packet: CKSUM error`, `F1090 CheckSum Errors +: [1-9]`}, state: "Master Master"},
	{name: "vrrp-ttl-wrong", shows: []string{`F1090 received an error packet: IP TTL error`, `F1090 IP TTL Errors +: [1-9]`}, state: "Master Master"},
	{name: "vrrp-version-wrong", shows: []string{`F1090 VERSION error`, `F1090 Version Errors +: [1-9]`}, state: "Master Master"},
	{name: "vrrp-auth-wrong", setup: version2, shows: []string{`F1090 Auth Type Mismatch +: [1-9]`}, state: "Master Master"},
	{name: "vrrp-interval-wrong", setup: version2, shows: []string{`F1090 Interval Errors +: [1-9]`}, state: "Master Master"},
	{name: "vrrp-address-wrong", shows: []string{`F1090 VIRTUAL IP ADDRESS error`, `F1090 Address List Errors +: [1-9]`}},
	{name: "vrrp-second-master", shows: []string{`F1090 changed from Backup to Master`}, state: "Master Master"},
	{name: "vrrp-leave from F1060", shows: []string{`F1090 changed from Backup to Master`, `F1090 Priority Zero Pkts Rcvd +: [1-9]`}},
	{name: "arp-lost", shows: []string{noReply}},
	{name: "arp-late", shows: []string{`F1060 , 3 packet\(s\) received`, `F1060 icmp_seq=1 .*time=80\d\.`, `F1060 icmp_seq=3 .*time=2\.`}},
	{name: "icmp-lost", shows: []string{noReply}, state: "Master Backup"},
	{name: "icmp-damaged", shows: []string{noReply}, state: "Master Backup"},
	{name: "silence from F1090", shows: []string{noReply}, state: "Master Backup"},
	{name: "mtu-hole", do: []string{"F1060 ping -c 2 -s 1472 192.0.2.2"}, shows: []string{`F1060 , 4 packet\(s\) received`, `F1060 2 packet\(s\) transmitted, 0 packet`}, state: "Master Backup"},
	{name: "slow", do: []string{"F1060 ping -c 2 -s 1400 192.0.2.2"}, shows: []string{`F1060 56 bytes .*time=[34]\d\.`, `F1060 1400 bytes .*time=3[5-9]\d\.`}, state: "Master Backup"},
	{name: "lossy", do: []string{"F1060 ping -c 50 192.0.2.2"}, shows: []string{`F1060 50 packet\(s\) transmitted, [23]\d packet`}},
	{name: "noisy", do: []string{"F1060 ping -c 50 192.0.2.2"}, shows: []string{`F1060 50 packet\(s\) transmitted, [234]\d packet`}},
	{name: "far", shows: []string{`F1060 time=50\d\.`}, state: "Master Backup"},
}

// consoleFrom is what a console has shown since.
func consoleFrom(l *lab.Lab, device string, from int64) string {
	b, _, _ := l.Console(device).Read(from, -1)
	return string(b)
}

// TestImpairments runs every impairment and looks for its symptom; when it
// ends the world comes back, with one SA each.
func TestImpairments(t *testing.T) {
	tested := map[string]bool{}
	run := func(s symptom, l *lab.Lab, cable, ping string, debugging []string, state func() string) {
		t.Helper()
		name, _, _ := strings.Cut(s.name, " ")
		tested[name] = true
		from := map[string]int64{}
		for _, x := range s.setup {
			d, line, _ := strings.Cut(x, " ")
			enter(l, d, "system-view", "interface gigabitethernet 1/0/1", line, "return")
		}
		for _, d := range l.Devices() {
			enter(l, d.Name(), append([]string{"terminal monitor", "terminal debugging"}, debugging...)...)
			from[d.Name()] = l.Console(d.Name()).End()
		}
		if err := l.Impair(cable, s.name); err != nil {
			t.Fatal(err)
		}
		at := l.World().Now()
		enter(l, "F1060", ping)
		l.RunFor(at.Add(time.Minute).Sub(l.World().Now()))
		for _, x := range s.do {
			d, line, _ := strings.Cut(x, " ")
			enter(l, d, line)
		}
		if l.Device("F1090") != nil {
			enter(l, "F1090", "display vrrp statistics")
		}
		for _, want := range s.shows {
			absent := strings.HasPrefix(want, "!")
			d, re, _ := strings.Cut(strings.TrimPrefix(want, "!"), " ")
			text := consoleFrom(l, d, from[d])
			if regexp.MustCompile(re).MatchString(text) == absent {
				t.Errorf("%s: the console of %s, want %s:\n%s", s.name, d, want, text)
			}
		}
		if got := state(); s.state != "" && got != s.state {
			t.Errorf("%s: the state is %s, want %s", s.name, got, s.state)
		}
		if err := l.Heal(cable); err != nil {
			t.Fatal(err)
		}
		l.RunFor(10 * time.Minute)
		back := l.Console("F1060").End()
		enter(l, "F1060", "", ping, ping) // the idle console has logged out
		if text := consoleFrom(l, "F1060", back); !strings.Contains(text, " 4 packet(s) received") {
			t.Errorf("%s: after it ended the ping shows\n%s", s.name, text)
		}
	}
	sas := func(l *lab.Lab) func() string {
		return func() string {
			a, b := l.Device("F1060").Snapshot(), l.Device("F1090-1").Snapshot()
			return fmt.Sprintf("%d/%d %d/%d", len(a.IKE), len(a.IPsec), len(b.IKE), len(b.IPsec))
		}
	}
	const tunnelPing = "ping -a 2.2.2.2 -c 4 3.3.3.3"
	ike := []string{"debugging ike error", "debugging ike event", "debugging ipsec error"}
	for _, s := range tunnelSymptoms {
		l := caseLab(t, lab.Options{})
		run(s, l, "f1060", tunnelPing, ike, sas(l))
		if got := sas(l)(); got != "1/1 1/1" {
			t.Errorf("%s: ten minutes after it ended there are %s SAs, want one each", s.name, got)
		}
	}
	for _, s := range rbmSymptoms {
		l := caseLab(t, lab.Options{})
		run(s, l, "rbm", tunnelPing, nil, func() string {
			return l.Device("F1090-1").Snapshot().RBMState + " " + l.Device("F1090-2").Snapshot().RBMState
		})
	}
	for _, s := range pairSymptoms {
		l := pairLab(t)
		run(s, l, "cable", "ping -c 4 192.0.2.2", []string{"debugging vrrp state"}, func() string {
			return l.Device("F1060").Snapshot().VRRP[0].State + " " + l.Device("F1090").Snapshot().VRRP[0].State
		})
	}
	for _, i := range impair.All() {
		if !tested[i.Name] {
			t.Errorf("%s has no row here", i.Name)
		}
	}
}

func TestOperatorImpairs(t *testing.T) {
	code, out, errs := typed(t, "impair f1060 esp-lost from F1060\nlist\nheal f1060\nlist\nimpair f1060 nonsense\nimpair nosuch esp-lost\nimpair ?\npower off F1090-1\n", "--lang=en", "console", defaultLab)
	if code != exitOK || strings.Count(out, "up  esp-lost from F1060") != 1 || !strings.Contains(out, "vrrp-second-master") {
		t.Errorf("exit %d, output\n%s", code, out)
	}
	for _, want := range []string{`impairment is "nonsense"`, `no such link: "nosuch"`} {
		if !strings.Contains(errs, want) {
			t.Errorf("errors lack %s:\n%s", want, errs)
		}
	}
	code, table, _ := typed(t, "", "--lang=en", "impairments")
	if code != exitOK || strings.Count(table, "\n") != len(impair.All()) || !strings.Contains(out, table) {
		t.Errorf("exit %d, table\n%s", code, table)
	}
}

// A peer that restarts without a word leaves its SAs behind on the other end,
// until it negotiates anew.
func TestPeerRestartsWithoutADelete(t *testing.T) {
	l := caseLab(t, lab.Options{})
	const ping = "ping -a 2.2.2.2 -c 4 3.3.3.3"
	enter(l, "F1060", ping)
	count := func() string {
		a, b := l.Device("F1060").Snapshot(), l.Device("F1090-1").Snapshot()
		return fmt.Sprintf("%d/%d %d/%d", len(a.IKE), len(a.IPsec), len(b.IKE), len(b.IPsec))
	}
	if got := count(); got != "1/1 1/1" {
		t.Fatalf("after a ping the state is %s", got)
	}
	if err := l.Power("F1060", false); err != nil {
		t.Fatal(err)
	}
	l.RunFor(10 * time.Second)
	if err := l.Power("F1060", true); err != nil {
		t.Fatal(err)
	}
	l.RunFor(2 * time.Minute)
	if got := count(); got != "0/0 1/1" {
		t.Errorf("after the restart the state is %s, want what the F1090-1 had", got)
	}
	from := l.Console("F1060").End()
	enter(l, "F1060", "", ping, ping)
	if text := consoleFrom(l, "F1060", from); !strings.Contains(text, " 4 packet(s) received") {
		t.Errorf("after the restart the ping shows\n%s", text)
	}
}
