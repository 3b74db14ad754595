package rbm

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"cwlab/emulator/ike"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

func someSAs() []SARecord {
	local, remote := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.9")
	id := &isakmp.ID{Kind: isakmp.IDIPv4Addr, Data: local.AsSlice()}
	sa := &ike.Backup{Conn: 7, Initiator: true, Local: netip.AddrPortFrom(local, 4500), Remote: netip.AddrPortFrom(remote, 4500),
		ICookie: isakmp.Cookie{1, 2, 3, 4, 5, 6, 7, 8}, RCookie: isakmp.Cookie{8, 7, 6, 5, 4, 3, 2, 1}, Exchange: isakmp.ExchangeMain, Profile: "rbm",
		LocalID: id, Proposal: ike.Proposal{Number: 10, Encr: isakmp.AESCBC, KeyBits: 256, Hash: isakmp.SHA256, Auth: isakmp.PreSharedKey, Group: 14, Seconds: 86400},
		Age: 90 * time.Second, NAT: true, PeerDPD: true, DPD: 0x7ffffff0, Sent: 17, Got: 18, Ancestors: []uint32{3, 5},
		D: []byte{1}, A: []byte{2, 2}, Cipher: []byte{3, 3, 3}, IV: []byte{4, 4, 4, 4}}
	esp := ipsec.Transform{Name: "ts", Mode: ipsec.Tunnel, Encr: ipsec.AES, KeyBits: 128, Auth: ipsec.HMACSHA1, PFS: 14, ESN: true}
	pair := &ipsec.Backup{Pair: ipsec.Pair{
		Request: ipsec.Request{Policy: "rbm", Seq: 1, TemplateSeq: 3, ACL: "3000", Local: local, Remote: remote, Profile: "rbm", Guard: "Tunnel1", Transforms: []ipsec.Transform{esp},
			Flow:    ipsec.Selector{Src: netip.MustParsePrefix("0.0.0.0/0"), Dst: netip.MustParsePrefix("203.0.113.0/24"), Proto: 6, DstPort: 80},
			Seconds: 3600, Kilobytes: 1843200, Redundancy: ipsec.Redundancy{In: 10, Out: 2000}},
		Initiator: true, Transform: esp, InSPI: 0x11111111, OutSPI: 0x22222222, IKE: 7, LocalPort: 4500, RemotePort: 4501,
		In: ipsec.Keys{Encr: bytes.Repeat([]byte{5}, 16), Auth: bytes.Repeat([]byte{6}, 20)}, Out: ipsec.Keys{Encr: []byte{7}, Auth: []byte{8}}},
		Age: time.Minute, In: []ipsec.Counter{{Sequence: 1 << 40, Bytes: 99}}, Out: []ipsec.Counter{{Sequence: 4}}}
	return []SARecord{
		{Kind: SAAll, Local: local}, {Kind: SAIKE, IKE: sa}, {Kind: SAPair, Pair: pair}, {Kind: SAAsk},
		{Kind: SAIKEGone, IKE: &ike.Backup{ICookie: sa.ICookie, RCookie: sa.RCookie, Local: sa.Local, Remote: sa.Remote}},
		{Kind: SAPairGone, Pair: &ipsec.Backup{Pair: ipsec.Pair{Request: ipsec.Request{Local: local, Remote: remote}, InAH: 300, OutAH: 301}}},
	}
}

func TestSARecords(t *testing.T) {
	var all []byte
	for _, r := range someSAs() {
		b, err := r.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseSAs(b)
		if err != nil || len(got) != 1 {
			t.Fatalf("%v: %d records, %v", r.Kind, len(got), err)
		}
		if r.Pair != nil && r.Kind == SAPair { // a list that is empty comes back as none, a key as an empty one
			r.Pair.Pair.In.AH, r.Pair.Pair.Out.AH = nil, nil
			got[0].Pair.Pair.In.AH, got[0].Pair.Pair.Out.AH = nil, nil
		}
		if !reflect.DeepEqual(got[0], r) {
			t.Errorf("%v came back as\n%+v\nwant\n%+v", r.Kind, got[0], r)
		}
		for n := 1; n < len(b); n++ { // a part of a record is none
			if _, err := ParseSAs(b[:n]); !errors.Is(err, ErrMessage) {
				t.Errorf("%v cut to %d of %d bytes: %v", r.Kind, n, len(b), err)
			}
		}
		b[2]++
		if _, err := ParseSAs(append(b, 0)); !errors.Is(err, ErrMessage) {
			t.Errorf("%v with a byte too many: %v", r.Kind, err)
		}
		b[2]--
		all = append(all, b...)
	}
	if got, err := ParseSAs(all); err != nil || len(got) != len(someSAs()) {
		t.Errorf("all together: %d records, %v", len(got), err)
	}
	for name, r := range map[string]SARecord{
		"an unknown kind":    {Kind: 99},
		"IPv6":               {Kind: SAAll, Local: netip.MustParseAddr("2001:db8::1")},
		"a number too large": {Kind: SAIKE, IKE: &ike.Backup{Proposal: ike.Proposal{Group: 1 << 16}}},
		"a name too long":    {Kind: SAIKE, IKE: &ike.Backup{Profile: string(make([]byte, 1<<16))}},
	} {
		if b, err := r.AppendBinary([]byte{1}); !errors.Is(err, ErrMessage) || len(b) != 1 {
			t.Errorf("%s was written: %v", name, err)
		}
	}
}

// What can be read is written again as it was.
func FuzzSARecords(f *testing.F) {
	for _, r := range someSAs() {
		b, err := r.AppendBinary(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := ParseSAs(b)
		if err != nil {
			return
		}
		var again []byte
		for i := range all {
			if again, err = all[i].AppendBinary(again); err != nil {
				t.Fatal(err)
			}
		}
		second, err := ParseSAs(again)
		if err != nil || !reflect.DeepEqual(all, second) {
			t.Errorf("%x was read as %+v and again as %+v (%v)", b, all, second, err)
		}
	})
}

// Security associations arrive in order and whole, whatever is lost, and only
// with a channel and hot backup.
func TestSendSAs(t *testing.T) {
	var many []SARecord
	for range 20 {
		many = append(many, someSAs()...)
	}
	for _, row := range []struct {
		name string
		do   func(a, b *box)
		want int
	}{
		{"whole", nil, len(many)},
		{"every third message lost", func(a, _ *box) {
			n := 0
			a.lose = func(*Message) bool { n++; return n%3 == 0 }
		}, len(many)},
		{"hot backup off here", func(a, _ *box) { c := a.e.Config(); c.NoEntries = true; a.e.SetConfig(c) }, 0},
		{"hot backup off there", func(_, b *box) { c := b.e.Config(); c.NoEntries = true; b.e.SetConfig(c) }, 0},
		{"no channel", func(a, b *box) { a.cut, b.cut = true, true; a.RunUntil(a.Now().Add(time.Minute)) }, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, b := pair(t, nil)
			a.RunUntil(a.Now().Add(5 * time.Second))
			if row.do != nil {
				row.do(a, b)
			}
			a.e.SendSAs(many)
			a.RunUntil(a.Now().Add(5 * time.Minute))
			if len(b.sas) != row.want {
				t.Errorf("%d records arrived, want %d", len(b.sas), row.want)
			}
			for i, r := range b.sas {
				if r.Kind != many[i].Kind {
					t.Fatalf("record %d is %v, want %v", i, r.Kind, many[i].Kind)
				}
			}
		})
	}
}
