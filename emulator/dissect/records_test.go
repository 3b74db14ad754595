package dissect

import (
	"net/netip"
	"strings"
	"testing"

	"cwlab/emulator/ike"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/rbm"
)

// What a transfer tells of security associations is shown, record by record,
// and without their keys.
func TestRecordsOfSecurityAssociations(t *testing.T) {
	records := []rbm.SARecord{
		{Kind: rbm.SAAll, Local: a},
		{Kind: rbm.SAIKE, IKE: &ike.Backup{Local: netip.AddrPortFrom(a, 500), Remote: netip.AddrPortFrom(b, 500), ICookie: isakmp.Cookie{1}, RCookie: isakmp.Cookie{2},
			Cipher: []byte("a secret")}},
		{Kind: rbm.SAPair, Pair: &ipsec.Backup{Pair: ipsec.Pair{Request: ipsec.Request{Local: a, Remote: b}, InSPI: 0x1111, OutSPI: 0x2222}}},
		{Kind: rbm.SAAsk},
	}
	var data []byte
	for i := range records {
		var err error
		if data, err = records[i].AppendBinary(data); err != nil {
			t.Fatal(err)
		}
	}
	m := &rbm.Message{Type: rbm.TypeData, Role: rbm.Primary, State: rbm.Active, Flags: rbm.FlagLast, Session: 1, Seq: 9, Transfer: 3, Kind: rbm.SAs, Data: data}
	frame := udp(60064, 60064, bin(t, m))
	p := New().Packet(frame)
	bounds(t, frame, p.Layers)
	got := strings.Join(p.Lines(), "\n") + "\n"
	for _, l := range []string{"  All of an address: 192.0.2.1\n", "  IKE SA: 192.0.2.1 with 192.0.2.2, cookies 0100000000000000 0200000000000000\n",
		"  IPsec SAs: 192.0.2.1 with 192.0.2.2, SPIs 0x00001111 in and 0x00002222 out\n", "  Ask for all\n"} {
		if !strings.Contains(got, l) {
			t.Errorf("the tree lacks %q:\n%s", l, got)
		}
	}
	if i := strings.Index(got, "  Transfer: 3"); i < 0 || !strings.HasPrefix(got[i:], "  Transfer: 3, fragment: 0, kind: security associations\n") {
		t.Errorf("the tree does not name the transfer:\n%s", got)
	}
	m.Data = data[:len(data)-1]
	frame = udp(60064, 60064, bin(t, m))
	p = New().Packet(frame)
	bounds(t, frame, p.Layers)
	if got := strings.Join(p.Lines(), "\n"); !strings.Contains(got, "Records: rbm: bad message: record is cut off") {
		t.Errorf("a record that is cut off reads\n%s", got)
	}
}
