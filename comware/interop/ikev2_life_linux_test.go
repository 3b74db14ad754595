package interop

import (
	"encoding/binary"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/lab"
)

// plain2 is what tests use that are not about algorithms.
var plain2 = suite2{
	proposal: " encryption aes-cbc-128\n integrity sha256\n dh group14", set: " esp encryption-algorithm aes-cbc-128\n esp authentication-algorithm sha256",
	ike: "aes128-sha256-modp2048", esp: "aes128-sha256",
}

// Ciphers that count: RFC 4106, RFC 3686, RFC 5930. strongSwan says what it has
// agreed on.
func TestVersion2Counters(t *testing.T) {
	c := startCharon(t)
	set := func(lines ...string) string { return " " + strings.Join(lines, "\n ") }
	for _, tt := range []struct {
		name, proposal, ike string // "" for that of plain2
		set, esp, agreed    string
	}{
		{name: "GCM with 128 bits", set: set("esp encryption-algorithm gcm-128"), esp: "aes128gcm16", agreed: "AES_GCM_16-128"},
		{name: "GCM with 192 bits and PFS", set: set("esp encryption-algorithm gcm-192", "pfs dh-group14"), esp: "aes192gcm16-modp2048", agreed: "AES_GCM_16-192"},
		{name: "GCM among others", set: set("esp encryption-algorithm aes-cbc-128 gcm-256", "esp authentication-algorithm sha1 sha256"), esp: "aes256gcm16", agreed: "AES_GCM_16-256"},
		{name: "a curve of 256 bits", proposal: " encryption aes-cbc-128\n integrity sha256\n dh group19", ike: "aes128-sha256-ecp256",
			set: set("esp encryption-algorithm gcm-128", "pfs dh-group19"), esp: "aes128gcm16-ecp256", agreed: "ECP_256"},
		{name: "a curve of 384 bits", proposal: " encryption aes-cbc-256\n integrity sha384\n dh group20", ike: "aes256-sha384-ecp384",
			set: set("esp encryption-algorithm gcm-256", "pfs dh-group20"), esp: "aes256gcm16-ecp384", agreed: "ECP_384"},
		{name: "counter mode", set: set("esp encryption-algorithm aes-ctr-128", "esp authentication-algorithm sha256"), esp: "aes128ctr-sha256", agreed: "AES_CTR-128/HMAC_SHA2_256_128"},
		{name: "counter mode of the IKE SA", proposal: " encryption aes-ctr-256\n integrity sha256\n dh group14", ike: "aes256ctr-sha256-modp2048",
			set: set("esp encryption-algorithm aes-ctr-256", "esp authentication-algorithm sha1"), esp: "aes256ctr-sha1", agreed: "AES_CTR-256/HMAC_SHA1_96"},
		{name: "both lengths here, short there", set: set("esp encryption-algorithm aes-cbc-256", "esp authentication-algorithm sha256", "esn enable both"), esp: "aes256-sha256-noesn", agreed: "HMAC_SHA2_256_128\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			s := plain2
			s.set, s.esp = tt.set, tt.esp
			if tt.ike != "" {
				s.proposal, s.ike = tt.proposal, tt.ike
			}
			c.load(conn{version: 2, ike: s.ike, esp: s.esp})
			b := join(t, &c, s.settings(""))
			check := func() {
				t.Helper()
				b.ping()
				b.pinged()
				b.pingOf(1300)
				if got := c.must("--list-sas"); !strings.Contains(got, tt.agreed) {
					t.Errorf("agreed on something else than %q:\n%s", tt.agreed, got)
				}
			}
			b.up()
			check()
			b.typ("reset ikev2 sa")
			b.none()
			c.must("--initiate", "--child", "n", "--timeout", "5")
			b.tunnel()
			check()
			c.must("--terminate", "--ike", "c", "--timeout", "5")
			b.none()
		})
	}
}

// Sequence numbers of 64 bits are agreed on, with version 1 too (RFC 4304). No
// packet passes: strongSwan's own ESP has none, and says so.
func TestLongSequenceNumbersAreAgreedOn(t *testing.T) {
	c := startCharon(t)
	const cbc = " esp encryption-algorithm aes-cbc-256\n esp authentication-algorithm sha256\n esn enable"
	for _, tt := range []struct{ name, set, esp string }{
		{"with CBC", cbc, "aes256-sha256-esn"},
		{"with GCM", " esp encryption-algorithm gcm-256\n esn enable", "aes256gcm16-esn"},
		{"where the device takes both", cbc + " both", "aes256-sha256-esn"},
		{"where both take both", cbc + " both", "aes256-sha256-esn-noesn"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			c.load(conn{version: 2, ike: plain2.ike, esp: tt.esp})
			s := plain2
			s.set = tt.set
			b := join(t, &c, s.settings(""))
			m := c.mark()
			b.typ("ping -a " + ours + " -c 1 -t 1 " + theirs)
			c.want(m, `selected proposal: ESP:.*/EXT_SEQ$`)
			c.want(m, `ESN not supported`)
			b.typ("reset ikev2 sa")
			b.none()
		})
	}
	t.Run("with version 1", func(t *testing.T) {
		c := *c
		c.t = t
		c.load(conn{ike: "des-sha1-modp768", esp: "aes256-sha256-esn"})
		b := join(t, &c, settings{set: cbc})
		m := c.mark()
		b.typ("ping -a " + ours + " -c 1 -t 1 " + theirs)
		c.want(m, `selected proposal: ESP:.*/EXT_SEQ$`)
	})
}

// What does not fit is refused by either end with the notification of RFC 7296.
func TestVersion2RefusalsOfBothEnds(t *testing.T) {
	c := startCharon(t)
	for _, tt := range []struct {
		name         string
		theirs       conn
		set, profile string
		asked, begun string // the device begins: what strongSwan and the device say
		asks, taken  string // strongSwan begins
	}{
		{"key", conn{psk: "another"}, "", "",
			`N\(AUTH_FAILED\)`, `Notification AUTHENTICATION_FAILED is received`, `received AUTHENTICATION_FAILED notify error`, `Sending notification AUTHENTICATION_FAILED`},
		{"proposal of the IKE SA", conn{ike: "3des-sha1-modp1024"}, "", "",
			`N\(NO_PROP\)`, `Notification NO_PROPOSAL_CHOSEN is received`, `received NO_PROPOSAL_CHOSEN notify error`, `Sending notification NO_PROPOSAL_CHOSEN`},
		{"proposal of the child SA", conn{esp: "3des-md5"}, "", "",
			`N\(NO_PROP\)`, `Notification NO_PROPOSAL_CHOSEN is received`, `received NO_PROPOSAL_CHOSEN notify`, `Sending notification NO_PROPOSAL_CHOSEN`},
		{"length of sequence numbers", conn{esp: "aes128-sha256-esn"}, "", "",
			`N\(NO_PROP\)`, `Notification NO_PROPOSAL_CHOSEN is received`, `received NO_PROPOSAL_CHOSEN notify`, `Sending notification NO_PROPOSAL_CHOSEN`},
		{"GCM of another length", conn{esp: "aes128gcm16"}, " esp encryption-algorithm gcm-256", "",
			`N\(NO_PROP\)`, `Notification NO_PROPOSAL_CHOSEN is received`, `received NO_PROPOSAL_CHOSEN notify`, `Sending notification NO_PROPOSAL_CHOSEN`},
		{"traffic", conn{remoteTS: "10.1.0.9"}, "", "",
			`N\(TS_UNACCEPT\)`, `Notification TS_UNACCEPTABLE is received`, `received TS_UNACCEPTABLE notify`, `Sending notification TS_UNACCEPTABLE`},
		{"identity of the device", conn{remoteID: "someone"}, "", "",
			`N\(AUTH_FAILED\)`, `Notification AUTHENTICATION_FAILED is received`, `constraint check failed|AUTH_FAILED`, `Notification AUTHENTICATION_FAILED is received`},
		{"identity of strongSwan", conn{localID: "someone"}, "", "",
			`N\(AUTH_FAILED\)`, `Sending notification AUTHENTICATION_FAILED`, `received AUTHENTICATION_FAILED notify error`, `Sending notification AUTHENTICATION_FAILED`},
		{"group of the IKE SA is asked for", conn{ike: "aes128-sha256-modp1024"}, "", " dh group14 group2",
			`N\(INVAL_KE\)`, `Notification INVALID_KE_PAYLOAD is received`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			s := plain2
			if tt.set != "" {
				s.set = tt.set
			}
			if tt.profile != "" {
				s.proposal = " encryption aes-cbc-128\n integrity sha256\n" + tt.profile
			}
			k := tt.theirs
			k.version = 2
			if k.ike == "" {
				k.ike = s.ike
			}
			if k.esp == "" {
				k.esp = s.esp
			}
			c.load(k)
			b := join(t, &c, s.settings(""))
			b.typ("terminal monitor", "terminal debugging", "debugging ikev2 error", "debugging ikev2 event")
			m, n := c.mark(), b.mark()
			b.typ("ping -a " + ours + " -c 1 -t 1 " + theirs)
			c.want(m, tt.asked)
			b.want(n, tt.begun)
			b.typ("reset ikev2 sa fast")
			_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force")
			b.none()
			if tt.asks == "" {
				return
			}
			m, n = c.mark(), b.mark()
			_, _ = c.swanctl("--initiate", "--child", "n", "--timeout", "1") // which is to fail
			c.want(m, tt.asks)
			b.want(n, tt.taken)
			b.typ("reset ikev2 sa fast")
			_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force")
			b.until("no IPsec SA", func(s lab.Snapshot) bool { return len(s.IPsec) == 0 })
		})
	}
}

// Both ends look after each other (RFC 7296 section 2.4), and each finds out
// when the other is gone.
func TestVersion2Liveness(t *testing.T) {
	c := startCharon(t)
	c.load(conn{version: 2, ike: plain2.ike, esp: plain2.esp, extra: "dpd_delay = 1s"})
	b := join(t, c, plain2.settings(" dpd interval 10 retry 2 periodic\n"))
	b.typ("terminal monitor", "terminal debugging", "debugging ikev2 event", "debugging ikev2 packet")
	b.up()
	m, n := c.mark(), b.mark()
	c.want(m, `generating INFORMATIONAL request \d+ \[ \]`)
	c.want(m, `parsed INFORMATIONAL response \d+ \[ \]`)
	b.lab.SetPace(lab.Pace{Speed: 10})
	b.want(n, `DPD: ask whether the peer is alive`)
	c.want(m, `parsed INFORMATIONAL request \d+ \[ \]`)
	b.lab.SetPace(lab.Pace{Speed: 1})
	b.ping()

	n = b.mark()
	c.pause(true)
	b.lab.SetPace(lab.Pace{Speed: 10})
	b.want(n, `is deleted. Reason: Retransmission timed out`)
	b.none()
	b.lab.SetPace(lab.Pace{Speed: 1})
	c.pause(false)
	_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force") // unless it has noticed, too

	b.up()
	b.ping()
	m = c.mark()
	b.lab.Do(func() { _ = b.lab.Power(boxName, false) })
	c.want(m, `retransmit 3 of request`)
	c.want(m, `giving up after \d+ retransmits`)
}

// Lifetimes of the device end: it renews the child SA and the IKE SA, and
// packets go on passing.
func TestVersion2Lifetimes(t *testing.T) {
	c := startCharon(t)
	s := plain2
	s.set += "\n pfs dh-group14"
	s.esp += "-modp2048"
	c.load(conn{version: 2, ike: s.ike, esp: s.esp})
	set := s.settings(" sa duration 300\n")
	set.policy += "\n sa duration time-based 180"
	b := join(t, c, set)
	first := b.up()
	b.ping()
	m := c.mark()
	b.lab.SetPace(lab.Pace{Speed: 60})
	c.want(m, `parsed CREATE_CHILD_SA request \d+ \[ N\(REKEY_SA\)`)
	c.want(m, `inbound CHILD_SA n\{\d+\} established|CHILD_SA n\{\d+\} established`)
	c.want(m, `IKE_SA c\[\d+\] rekeyed between|IKE_SA c\[\d+\] established`)
	b.until("new SAs of both kinds", func(s lab.Snapshot) bool {
		return len(s.IPsec) == 1 && s.IPsec[0].InSPI != first.IPsec[0].InSPI && len(s.IKE) == 1 && s.IKE[0].Conn > first.IKE[0].Conn && s.IKE[0].Flag == "EST"
	})
	b.lab.SetPace(lab.Pace{Speed: 1})
	b.ping()
	b.pinged()
}

// Both ends renew at once. strongSwan is held while the device asks and a
// command of its own waits, so that it finds both when it goes on. Which it
// takes first is not ours to say: it is tried until they meet.
func TestVersion2RenewalsAtOnce(t *testing.T) {
	c := startCharon(t)
	for _, tt := range []struct{ name, key, value, profile, policy, begins string }{
		{"child SA", "child", "n", "", "\n sa duration time-based 180", `Begin to rekey child SA`},
		{"IKE SA", "ike", "c", " sa duration 300\n", "", `Begin to rekey IKEv2 SA`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			c.load(conn{version: 2, ike: plain2.ike, esp: plain2.esp})
			set := plain2.settings(tt.profile)
			set.policy += tt.policy
			b := join(t, &c, set)
			b.typ("terminal monitor", "terminal debugging", "debugging ikev2 event")
			b.up()
			start := b.mark()
			for range 8 {
				n := b.mark()
				before := b.tunnel()
				c.pause(true)
				b.lab.SetPace(lab.Pace{Speed: 60})
				b.want(n, tt.begins)
				b.lab.SetPace(lab.Pace{Speed: 1})
				conn := c.ask("rekey", tt.key, tt.value)
				c.pause(false)
				_, _ = conn.Read(make([]byte, 1)) // the command has been carried out
				_ = conn.Close()
				b.until("what was renewed is gone", func(s lab.Snapshot) bool {
					old := slices.ContainsFunc(s.IPsec, func(p lab.IPsecSA) bool { return p.InSPI == before.IPsec[0].InSPI })
					if tt.key == "ike" {
						old = slices.ContainsFunc(s.IKE, func(k lab.IKESA) bool { return k.Conn == before.IKE[0].Conn })
					}
					return !old
				})
				b.lab.SetPace(lab.Pace{Speed: 60}) // a redundant SA that strongSwan has forgotten takes a minute to go
				b.tunnel()
				b.lab.SetPace(lab.Pace{Speed: 1})
				b.pingOnce()
				b.pinged()
				if strings.Contains(b.since(start), "Both ends have rekeyed") {
					return
				}
			}
			t.Skip("the two did not meet in eight tries on this machine")
		})
	}
}

// ask sends the daemon a command with one argument through its control socket
// and does not wait: a daemon that is held reads it later.
func (c *charon) ask(command, key, value string) net.Conn {
	c.t.Helper()
	conn, err := net.Dial("unix", filepath.Join(c.dir, "vici"))
	if err != nil {
		c.t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(patience))
	b := append([]byte{0, byte(len(command))}, command...)
	b = append(append(b, 3, byte(len(key))), key...)
	b = append(binary.BigEndian.AppendUint16(b, uint16(len(value))), value...)
	if _, err := conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)); err != nil {
		c.t.Fatal(err)
	}
	return conn
}
