package dissect

import (
	"strings"
	"testing"

	"cwlab/emulator/ikev2"
	"cwlab/emulator/ikev2/wire"
)

// auth2 is a request of IKE_AUTH and keys2 are the keys of its IKE SA.
var (
	auth2 = unhex("1ad78437a8df7ff396b39f5fb9490db12e20230800000001000000f0230000d443185c545ea991b9d6f5c5a7e6e2ed25f84c9101d06394e13ba421c9" +
		"8b4db92f93880970753f61177301bf31838b49369d514b8242f63db71b4d7553ac74822651db1a956ec11ec376eef996e69d5616aa474b8d601a1540" +
		"cb71ab21cb1be2bdd10af3e68fd422650d9f35690f31c92b9bcccdf808576f7049700f4e32185a5b5b508aadb120dda3bb5ef3e88998c068cf125909" +
		"425cf187f80491bc2e25d8f0d931064618d8927952a2feb0acc74766d1f1c689a60e57b37f3f229b3d153f492a377f4703ff9ed69516712c2317b086")
	keys2 = ikev2.Keys{
		Initiator: wire.SPI(unhex("1ad78437a8df7ff3")), Responder: wire.SPI(unhex("96b39f5fb9490db1")),
		EncrI:  unhex("b43695cb44fd5474edb963ad92f0187f20b222d6c476def3e650df623064a758"),
		EncrR:  unhex("ca75f2794f7a18363e248e8b11642dbba6bf2ddccb405acb51d48c6d394d4625"),
		IntegI: unhex("b1dcdbb6c5b587ee3050e987bf13ccbd4ee42ad25c07edbae2d2ecdf3b3e1c84"),
		IntegR: unhex("d07c56fbe7a30af65c356e3a18a551a8f5f53ffa4e09356681e25fb92e88960a"),
		Suite:  ikev2.Suite{Encr: ikev2.Cipher{ID: wire.EncrAES, KeyBits: 256}, Integ: wire.IntegSHA256, PRF: wire.PRFSHA256, Group: 14},
	}
)

func TestVersion2(t *testing.T) {
	frame := udp(500, 500, auth2)
	d := New()
	if p := d.Packet(frame); p.Protocol != "IKEv2" || p.Summary != "IKE_AUTH request 1 SK, 1ad78437a8df7ff3" {
		t.Errorf("without keys it reads %s %s", p.Protocol, p.Summary)
	}
	for range 2 { // both ends
		d.IKEv2Keys(keys2)
	}
	p := d.Packet(frame)
	if want := "IKE_AUTH request 1 * IDi N(INITIAL_CONTACT) AUTH SA TSi TSr, 1ad78437a8df7ff3"; p.Summary != want || len(d.ikev2) != 1 {
		t.Errorf("with %d keys it reads\n%s, want\n%s", len(d.ikev2), p.Summary, want)
	}
	bounds(t, frame, p.Layers)
	got := strings.Join(p.Lines(), "\n")
	for _, want := range []string{
		"\nIKEv2, IKE_AUTH request\n", "\n  Flags: 0x08 (request of the original initiator)\n", "\n  Identity: \"west.example.com\"\n",
		"\n  Protocol: 0, type: 16384 (INITIAL_CONTACT)\n", "\n    Transform: type 1, ID 12, 256 bits\n",
		"\n  Protocol 0, ports 0 to 65535, addresses 10.2.0.1 to 10.2.0.1",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the tree lacks %q:\n%s", want, got)
		}
	}
	broken := append([]byte(nil), auth2...)
	broken[len(broken)-1]++
	if p := d.Packet(udp(500, 500, broken)); strings.Contains(p.Summary, "*") {
		t.Errorf("a forged message reads %s", p.Summary)
	}
	for n := range frame {
		bounds(t, frame[:n], d.Packet(frame[:n]).Layers)
	}
}
