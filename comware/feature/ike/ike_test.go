package ike

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/comware/infocenter"
	"cwlab/emulator/ike"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
)

// A desk is a person at a device: what is printed, logs included.
type desk struct {
	*featuretest.Desk
	logs strings.Builder
}

// history is all that was logged and traced.
func (d *desk) history() string { return d.logs.String() }

func (d *desk) want(why, got, want string) {
	d.T.Helper()
	if got != want {
		d.T.Errorf("%s:\n%s\nwant\n%s", why, got, want)
	}
}

func (d *desk) engine() *ike.Engine { return feature.Get[*ike.Engine](d.Box) }

var (
	start = time.Date(2020, 1, 2, 3, 4, 5, 678e6, time.UTC)
	addrA = netip.MustParseAddr("192.0.2.1")
	addrB = netip.MustParseAddr("192.0.2.2")
)

func seat(t *testing.T, name string, w *sim.World, n *link.Network, more ...feature.Feature) *desk {
	t.Helper()
	d := &desk{Desk: featuretest.At(t, w, n, name, append(append([]feature.Feature{ip.Feature}, more...), Feature)...)}
	d.ShowLogs()
	d.Box.Info.Subscribe(func(r infocenter.Record) { d.logs.WriteString(r.String()) })
	return d
}

// pair is two devices with a common key on one cable.
func pair(t *testing.T, pins map[string]string) (a, b *desk) {
	t.Helper()
	tape, err := sim.NewTape(pins)
	if err != nil {
		t.Fatal(err)
	}
	w := sim.New(start, 1, tape)
	n := link.NewNetwork(w)
	a, b = seat(t, "A", w, n), seat(t, "B", w, n)
	n.Connect(n.Port("A", "GigabitEthernet1/0/1"), n.Port("B", "GigabitEthernet1/0/1"), link.Options{Latency: time.Millisecond})
	a.Do("system-view", "interface g1/0/1", "ip address 192.0.2.1 24", "ike keychain k", "pre-shared-key address 192.0.2.2 key simple Secret", "return")
	b.Do("system-view", "interface g1/0/1", "ip address 192.0.2.2 24", "ike keychain k", "pre-shared-key address 192.0.2.1 key simple Secret", "return")
	a.Run(time.Second)
	return a, b
}

// up negotiates an IKE SA: the report of an unknown SPI needs one.
func up(a *desk) {
	a.Do("system-view", "ike invalid-spi-recovery enable", "return")
	a.engine().InvalidSPI(addrA, addrB, ipsec.ProtoESP, 0x1000)
	a.Run(time.Second)
	a.Do("system-view", "undo ike invalid-spi-recovery enable", "return")
}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, ip.Feature, Feature).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

const config = `ike dpd interval 10 retry 3 periodic
ike identity fqdn west
ike invalid-spi-recovery enable
ike keepalive interval 100
ike keepalive timeout 300
ike limit max-negotiating-sa 50
ike limit max-sa 100
ike logging negotiation enable
ike nat-keepalive 30
ike profile p1
 keychain k2
 keychain k1
 dpd interval 20 on-demand
 exchange-mode aggressive
 local-identity address 192.0.2.1
 match remote identity address 192.0.2.2 255.255.255.255
 match remote identity address range 192.0.2.9 192.0.2.12
 match remote identity fqdn east
 match local address 192.0.2.1
 proposal 2 1
 priority 5
ike proposal 1
 authentication-method rsa-signature
 encryption-algorithm aes-cbc-256
 dh group14
 authentication-algorithm sha256
 sa duration 600
ike proposal 20
ike keychain k1
 match local address GigabitEthernet1/0/1
 pre-shared-key address 192.0.2.0 255.255.255.0 key cipher KEY1
 pre-shared-key hostname east key cipher KEY2
 priority 7`

func lines(b *feature.Box) string {
	var out []string
	for _, n := range b.Conf.Root().Kids() {
		if strings.HasPrefix(n.Text, "ike ") {
			out = append(out, n.Block(0)...)
		}
	}
	return strings.Join(out, "\n")
}

func TestConfigurationIsCanonical(t *testing.T) {
	w := sim.New(start, 1, nil)
	d := seat(t, "A", w, link.NewNetwork(w))
	d.Do("system-view",
		"ike keychain k1", "priority 7", "pre-shared-key address 192.0.2.7 24 key simple One", "pre-shared-key hostname east key simple Two",
		"match local address g1/0/1",
		"ike proposal 20", "sa duration 86400", "encryption-algorithm des-cbc",
		"ike proposal 1", "dh group14", "sa dur 600", "enc aes-cbc-256", "authentication-a sha256", "authentication-m rsa",
		"ike profile p1", "keychain k2", "keychain k1", "proposal 2 1", "priority 5", "match remote identity address 192.0.2.2",
		"match remote identity address range 192.0.2.9 192.0.2.12", "match remote identity fqdn east", "match local address 192.0.2.1",
		"dpd interval 20 on-demand", "exchange-mode aggressive", "local-identity address 192.0.2.1",
		"ike dpd interval 10 retry 3 periodic", "ike nat-keepalive 30", "ike identity fqdn west", "ike invalid-spi-recovery enable",
		"ike keepalive interval 100", "ike keepalive timeout 300", "ike limit max-sa 100", "ike limit max-negotiating-sa 50",
		"ike logging negotiation enable")
	want := strings.NewReplacer("KEY1", feature.Encipher("One"), "KEY2", feature.Encipher("Two")).Replace(config)
	d.want("the configuration", lines(d.Box), want)

	e := seat(t, "A", w, link.NewNetwork(w))
	for _, r := range e.Box.Load(strings.Join(d.Box.Conf.Lines(), "\n")) {
		t.Errorf("line %d, %q: %s", r.Line, r.Text, r.Reason)
	}
	e.want("the configuration read again", lines(e.Box), want)
	k := e.engine().Config.Keychain("K1")
	if k == nil || len(k.Keys) != 2 || string(k.Keys[0].Secret) != "One" || k.Keys[0].Unusable {
		t.Errorf("the key read again is %+v", k)
	}
	d.Do("undo ike profile P1", "undo ike proposal 1", "undo ike proposal 20", "undo ike keychain k1", "undo ike dpd interval", "undo ike identity",
		"undo ike invalid-spi-recovery enable", "undo ike keepalive interval", "undo ike keepalive timeout", "undo ike limit max-sa",
		"undo ike limit max-negotiating-sa", "undo ike logging negotiation enable", "undo ike nat-keepalive")
	d.want("the configuration undone", lines(d.Box), "")
}

func TestUndoInViews(t *testing.T) {
	w := sim.New(start, 1, nil)
	d := seat(t, "A", w, link.NewNetwork(w))
	for _, r := range d.Box.Load(strings.NewReplacer("KEY1", feature.Encipher("One"), "KEY2", feature.Encipher("Two")).Replace(config)) {
		t.Errorf("line %d, %q: %s", r.Line, r.Text, r.Reason)
	}
	d.Do("system-view",
		"ike keychain k1", "undo priority", "undo match local", "undo pre-shared-key address 192.0.2.0 24", "undo pre-shared-key hostname east",
		"ike proposal 1", "undo dh", "undo sa duration", "undo encryption-algorithm", "undo authentication-algorithm", "undo authentication-method",
		"ike profile p1", "undo keychain k2", "undo keychain", "undo proposal", "undo priority", "undo match remote identity address range 192.0.2.2 192.0.2.2",
		"undo match remote identity address range 192.0.2.9 192.0.2.12", "undo match remote identity fqdn east", "undo match local",
		"undo dpd interval", "undo exchange-mode", "undo local-identity")
	got := lines(d.Box)
	d.want("only the views are left", got[strings.Index(got, "ike profile"):], "ike profile p1\nike proposal 1\nike proposal 20\nike keychain k1")
}

func TestCipher(t *testing.T) {
	for _, plain := range []string{"x", "123456", strings.Repeat("k", 128)} {
		c := feature.Encipher(plain)
		if got, ok := feature.Decipher(c); !ok || got != plain || len(c) > 201 || strings.Contains(c, plain) && len(plain) > 1 {
			t.Errorf("%q became %q and %q, %v", plain, c, got, ok)
		}
	}
	for _, foreign := range []string{"", "$c$3$", "$c$3$AAAA", "abc", feature.Encipher("x") + "A", "$c$3$" + strings.Repeat("QUJD", 12)} {
		if p, ok := feature.Decipher(foreign); ok {
			t.Errorf("%q was read as %q", foreign, p)
		}
	}
	w := sim.New(start, 1, nil)
	d := seat(t, "A", w, link.NewNetwork(w))
	d.Do("system-view", "ike keychain k", "pre-shared-key address 192.0.2.2 key cipher $c$3$Zm9yZWlnbg==")
	if k := d.engine().Config.Keychain("k").Keys[0]; !k.Unusable {
		t.Error("a foreign text is usable")
	}
	d.want("a foreign text is kept", lines(d.Box), "ike keychain k\n pre-shared-key address 192.0.2.2 255.255.255.255 key cipher $c$3$Zm9yZWlnbg==")
}

func TestDisplays(t *testing.T) {
	a, b := pair(t, map[string]string{"A ike cookie 1": "0011223344556677", "B ike cookie 1": "8899aabbccddeeff"})
	empty := "    Connection-ID   Remote                Flag         DOI\n" +
		"------------------------------------------------------------------\n"
	legend := "Flags:\nRD--READY RL--REPLACED FD-FADING RK-REKEY\n"
	a.want("no SA", a.Do("display ike sa"), empty+legend)
	up(a)
	a.want("one SA", a.Do("display ike sa"), empty+"    1               192.0.2.2             RD           IPsec\n"+legend)
	want := `   -----------------------------------------------
   Connection ID: 1
   Outside VPN:
   Inside VPN:
   Profile:
   Transmitting entity: Responder
   Initiator cookie: 0011223344556677
   Responder cookie: 8899aabbccddeeff
   -----------------------------------------------
   Local IP/port: 192.0.2.2/500
   Local ID type: IPV4_ADDR
   Local ID: 192.0.2.2

   Remote IP/port: 192.0.2.1/500
   Remote ID type: IPV4_ADDR
   Remote ID: 192.0.2.1

   Authentication-method: PRE-SHARED-KEY
   Authentication-algorithm: SHA1
   Encryption-algorithm: DES-CBC

   Life duration(sec): 86400
   Remaining key duration(sec): 86399
   Exchange-mode: Main
   Diffie-Hellman group: Group 1
   NAT traversal: Not detected

   Extend authentication: Disabled
   Assigned IP address:
   Vendor ID index:0xffffffff
   Vendor ID sequence number:0x0

`
	b.want("verbose", b.Do("display ike sa verbose"), want)
	b.want("verbose of that peer", b.Do("display ike sa verbose remote-address 192.0.2.1"), want)
	b.want("verbose of that number", b.Do("display ike sa verbose connection-id 1"), want)
	b.want("verbose of another number", b.Do("display ike sa verbose connection-id 2"), "")
	b.Do("system-view", "ike proposal 11", "authentication-algorithm md5", "sa duration 50000", "return")
	b.want("proposals", b.Do("display ike proposal"),
		` Priority Authentication Authentication Encryption  Diffie-Hellman Duration
              method       algorithm    algorithm       group      (seconds)
----------------------------------------------------------------------------
 11       PRE-SHARED-KEY     MD5        DES-CBC     Group 1        50000
 default  PRE-SHARED-KEY     SHA1       DES-CBC     Group 1        86400
`)
	if s := b.Do("display ike statistics"); !strings.HasPrefix(s, "IKE statistics:\n  No matching proposal: 0\n") || strings.Count(s, "\n") != 27 {
		t.Errorf("statistics are\n%s", s)
	}
	a.Do("reset ike sa 1")
	a.Run(time.Second)
	b.want("reset at the other end", b.Do("display ike sa"), empty+legend)
	a.want("a number that is not there", a.Do("reset ike sa connection-id 9"), "The IKE SA does not exist.\n")
}

// TestTracesOfUnknownSA is the trace of a device that has lost its IKE SA.
func TestTracesOfUnknownSA(t *testing.T) {
	a, b := pair(t, map[string]string{
		"A ike cookie 1": "0011223344556677", "B ike cookie 1": "8899aabbccddeeff",
		"A ike mid 2": "0x12345", "C ike thread 1": "4000000001",
	})
	up(a)
	// Another device takes the address of B over.
	c := seat(t, "C", a.Box.World, link.NewNetwork(a.Box.World))
	b.Box.Stack.HandleUDP(ike.Port, nil)
	c.Do("debugging ike all")
	c.engine().RoleChanged()
	c.engine().InvalidSPI(addrB, addrA, ipsec.ProtoESP, 0x1000)
	stamp := infocenter.Stamp(c.Box.Now())
	p := func(class, text string) string {
		return fmt.Sprintf("*%s H3C IKE/7/%s: -Context=1; %s\n", stamp, class, text)
	}
	const ends = "vrf = 0, local = 192.0.2.2, remote = 192.0.2.1/500\n"
	c.want("messages from IPsec", c.Seen(), p("EVENT", "Received message from ipsec, message type is 8.")+
		p("EVENT", "Received message from ipsec, message type is 6.")+
		p("ERROR", ends+"Receive invalid SPI message from IPsec, but no IKE SA exists."))

	var got []byte
	a.Do("system-view", "ike dpd interval 2 retry 60 periodic", "return")
	c.Do()
	b.Box.Stack.HandleUDP(ike.Port, udp(&got))
	a.Run(3 * time.Second)
	c.engine().Receive(netip.AddrPortFrom(addrB, ike.Port), netip.AddrPortFrom(addrA, ike.Port), got)
	stamp = infocenter.Stamp(c.Box.Now())
	c.want("a request for an unknown SA", c.Seen(), p("EVENT", "Received packet successfully.")+
		p("PACKET", ends+"Received packet from 192.0.2.1 source port 500 destination port 500.")+
		p("PACKET", ends+`
I-Cookie: 11223344556677
R-Cookie: 8899aabbccddeeff
next payload: HASH
version: ISAKMP Version 1.0
exchange mode: Info
flags: ENCRYPT
message ID: 12345
length: 84`)+
		p("EVENT", "IKE thread 4000000001 processes a job.")+
		p("EVENT", "Info packet process started.")+
		p("EVENT", "Received informational exchange packet, but IKE SA is inexistent or incomplete."))
}

// texts of a whole negotiation, each once in this order on the initiator.
func TestTracesOfNegotiation(t *testing.T) {
	a, b := pair(t, nil)
	a.Do("debugging ike all")
	b.Do("debugging ike all")
	a.Do("system-view", "ike invalid-spi-recovery enable", "return")
	a.engine().InvalidSPI(addrA, addrB, ipsec.ProtoESP, 0x1000)
	a.Run(time.Second)
	follow(t, a, "IKE SA not found. Initiate IKE SA negotiation.", "Initiator created an SA for peer 192.0.2.2, local port 500, remote port 500.",
		"Set IKE SA state to IKE_P1_STATE_INIT.", "processes a job.", "Begin Main mode exchange.",
		"Found pre-shared key that matches address 192.0.2.2 in keychain k.", "  Encryption algorithm is DES-CBC.", "  HASH algorithm is HMAC-SHA1.",
		"  DH group is 1.", "  Authentication method is Pre-shared key.", "  Lifetime type is Life type in seconds.", "  Life duration is 86400.",
		"Construct transfrom payload for transform 1.", "Construct SA payload.", "Construct NAT-T rfc3947 vendor ID payload.",
		"Construct NAT-T draft3 vendor ID payload.", "Construct NAT-T draft2 vendor ID payload.", "Construct NAT-T draft1 vendor ID payload.",
		"Sending packet to 192.0.2.2, remote port 500, local port 500.", "R-Cookie: 0\nnext payload: SA\n", "flags: \nmessage ID: 0\nlength: 164\n",
		"Sending an IPv4 packet.", "from IKE_P1_STATE_INIT to IKE_P1_STATE_SEND1.", "Received packet successfully.", "length: 104\n",
		"Received IKE Security Association Payload.", "Received ISAKMP Vendor ID Payload.", "Process SA payload.", "Check ISAKMP transform 1.",
		"Attributes is acceptable.", "Oakley transform 1 is acceptable.", "Process vendor ID payload.", "Vendor ID NAT-T rfc3947 is matched.",
		"Construct KE payload.", "Construct NONCE payload.", "Construct NAT-D payload.", "Construct DPD vendor ID payload.", "length: 216\n",
		"from IKE_P1_STATE_SEND1 to IKE_P1_STATE_SEND3.", "processes a CTL-Queue msg.", "Process KE payload.", "Process NONCE payload.",
		"SKEYID:\n ", "SKEYID_d:\n ", "SKEYID_a:\n ", "SKEYID_e:\n ", "Local generated new IV:\n ", "Received 2 NAT-D payloads.",
		"Local ID type: IPV4_ADDR (1).", "Local ID value: 192.0.2.1.", "Construct ID payload.", "HASH:\n ",
		"Construct authentication data by pre-shared key.", "Construct INITIAL-CONTACT payload.", "Vendor ID DPD is matched.", "Encrypt the packet.",
		"flags: ENCRYPT\nmessage ID: 0\nlength: 92\n", "from IKE_P1_STATE_SEND3 to IKE_P1_STATE_SEND5.", "length: 68\n", "Decrypt the packet.",
		"Received ISAKMP Identification Payload.", "Received ISAKMP Hash Payload.", "Process ID payload.", "Peer ID type: IPV4_ADDR (1).",
		"Peer ID value: address 192.0.2.2.", "Verify HASH payload.", "HASH verification succeeded.", "from IKE_P1_STATE_SEND5 to IKE_P1_STATE_ESTABLISHED.",
		"Construct notification packet: INVALID_SPI.")
	follow(t, b, "Begin a new phase 1 negotiation as responder.", "Responder created an SA for peer 192.0.2.1, local port 500, remote port 500.",
		"Phase 1 Exchange chooses role: Local is responder.", "Begin Main mode exchange.", "from IKE_P1_STATE_INIT to IKE_P1_STATE_SEND2.",
		"from IKE_P1_STATE_SEND2 to IKE_P1_STATE_SEND4.", "No profile is matched.", "Notification INITIAL_CONTACT is received.",
		"from IKE_P1_STATE_SEND4 to IKE_P1_STATE_ESTABLISHED.", "Info packet process started.", "Parse informational exchange packet successfully.",
		"Notification INVALID_SPI is received.")
	if out := a.Do("undo debugging ike packet", "undo debugging ike event", "undo debugging ike error"); out != "" {
		t.Errorf("switching off printed %q", out)
	}
	a.engine().RoleChanged()
	a.want("nothing is switched on", a.Seen(), "")
}

func TestNegotiationLog(t *testing.T) {
	a, _ := pair(t, nil)
	a.Do("system-view", "ike logging negotiation enable", "undo ike keychain k", "ike invalid-spi-recovery enable")
	stamp := infocenter.Stamp(a.Box.Now())
	a.engine().InvalidSPI(addrA, addrB, ipsec.ProtoESP, 0x1000)
	a.want("the log", a.Seen(), "%"+stamp+" H3C IKE/6/IKE_P1_SA_ESTABLISH_FAIL: -Context=1; Failed to establish phase 1 SA for the reason of "+
		"no pre-shared key. The SA's source address is 192.0.2.1, and its destination address is 192.0.2.2.\n")
}

// follow looks for texts in the order given.
func follow(t *testing.T, d *desk, texts ...string) {
	t.Helper()
	rest := d.Seen()
	for i, s := range texts {
		at := strings.Index(rest, s)
		if at < 0 {
			before := "the begin"
			if i > 0 {
				before = fmt.Sprintf("%q", texts[i-1])
			}
			t.Fatalf("%s: no %q after %s in\n%s", d.Box.Name, s, before, d.Seen())
		}
		rest = rest[at+len(s):]
	}
}

// udp keeps the last datagram.
func udp(into *[]byte) func(src, dst netip.AddrPort, payload []byte, in *stack.Iface) {
	return func(_, _ netip.AddrPort, payload []byte, _ *stack.Iface) { *into = append([]byte(nil), payload...) }
}
