package ike

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"cwlab/emulator/isakmp"
)

func vectors(t *testing.T) map[string][]byte {
	t.Helper()
	b, err := os.ReadFile("testdata/charon-des.txt")
	if err != nil {
		t.Fatal(err)
	}
	v := map[string][]byte{}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 2 && !strings.HasPrefix(line, "#") {
			if v[f[0]], err = hex.DecodeString(f[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return v
}

func items(t *testing.T, next isakmp.PayloadType, b []byte) []isakmp.Item {
	t.Helper()
	it, _, err := isakmp.ParsePayloads(next, b)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// TestKnownAnswers computes every value of an exchange between two other
// implementations.
func TestKnownAnswers(t *testing.T) {
	v := vectors(t)
	want := func(what string, got []byte) {
		t.Helper()
		if !bytes.Equal(got, v[what]) {
			t.Errorf("%s is\n%x, want\n%x", what, got, v[what])
		}
	}
	var h isakmp.Header
	if err := h.UnmarshalBinary(v["message3"]); err != nil {
		t.Fatal(err)
	}
	ci, cr := h.Initiator, h.Responder
	_, sa, _ := isakmp.Find[*isakmp.SA](items(t, isakmp.TypeSA, v["message1"][28:]))
	m3, m4 := items(t, isakmp.TypeKE, v["message3"][28:]), items(t, isakmp.TypeKE, v["message4"][28:])
	kei, _, _ := isakmp.Find[*isakmp.KeyExchange](m3)
	ker, _, _ := isakmp.Find[*isakmp.KeyExchange](m4)
	ni, _, _ := isakmp.Find[*isakmp.Nonce](m3)
	nr, _, _ := isakmp.Find[*isakmp.Nonce](m4)

	u := DefaultProposal(0).suite()
	k := u.derive(v["psk"], ni.Data, nr.Data, v["gxy"], ci, cr)
	want("skeyid", k.skeyid)
	want("skeyid_d", k.d)
	want("skeyid_a", k.a)
	want("skeyid_e", k.e)
	want("ka", k.ka)
	iv := u.firstIV(kei.Data, ker.Data)
	want("iv", iv)
	nat, _, _ := isakmp.Find[*isakmp.NATD](m3)
	want("natd_destination", nat.Data)

	block, err := u.block(k.ka)
	if err != nil {
		t.Fatal(err)
	}
	plain, next, ok := decrypt(block, iv, v["message5"][28:])
	if !ok {
		t.Fatal("message 5 is not whole blocks")
	}
	m5 := items(t, isakmp.TypeID, plain)
	_, idi, _ := isakmp.Find[*isakmp.ID](m5)
	hi, _, _ := isakmp.Find[*isakmp.HashData](m5)
	want("hash_i", hi.Data)
	want("hash_i", u.authHash(k.skeyid, kei.Data, ker.Data, ci, cr, sa.Body(), idi.Body()))
	plain, last, _ := decrypt(block, next, v["message6"][28:])
	m6 := items(t, isakmp.TypeID, plain)
	_, idr, _ := isakmp.Find[*isakmp.ID](m6)
	want("hash_r", u.authHash(k.skeyid, ker.Data, kei.Data, cr, ci, sa.Body(), idr.Body()))

	if err := h.UnmarshalBinary(v["message7"]); err != nil {
		t.Fatal(err)
	}
	iv = u.nextIV(last, h.MessageID)
	want("quick_iv", iv)
	s := &SA{keys: k, Proposal: DefaultProposal(0)}
	q := &quick{sa: s, mid: h.MessageID}
	for n := 1; n <= 3; n++ {
		m := v["message"+string(rune('6'+n))]
		if plain, iv, ok = decrypt(block, iv, m[28:]); !ok {
			t.Fatalf("quick mode message %d is not whole blocks", n)
		}
		in := &inbound{items: items(t, isakmp.TypeHash, plain)}
		if no, _, ok := isakmp.Find[*isakmp.Nonce](in.items); ok && n == 1 {
			q.ni = no.Data
		} else if ok {
			q.nr = no.Data
		}
		want("hash"+string(rune('0'+n)), q.hash(n, in.rest()))
	}
	for _, side := range []string{"i", "r"} {
		seed := v["seed_"+side]
		spi := uint32(seed[1])<<24 | uint32(seed[2])<<16 | uint32(seed[3])<<8 | uint32(seed[4])
		m := u.keymat(k.d, nil, isakmp.ProtoESP, spi, q.ni, q.nr, 28)
		want("encr_"+side, m[:8])
		want("auth_"+side, m[8:])
	}
}

// TestExpandedKey is the 3DES key of a published log: MD5 gives 16 bytes and
// 24 are needed.
func TestExpandedKey(t *testing.T) {
	u := suite{encr: isakmp.DES3CBC, hash: isakmp.MD5}
	e, _ := hex.DecodeString("795d37659108305365cacc69000ffe09")
	part := u.prf(e, []byte{0})
	got := append(append([]byte(nil), part...), u.prf(e, part)...)[:24]
	if want := "d554084fa2a9237a9c141daca41c86e98aa1480714db45be"; hex.EncodeToString(got) != want {
		t.Errorf("expanded to %x, want %s", got, want)
	}
	last, _ := hex.DecodeString("4c788f75c7ad88ab")
	if got := hex.EncodeToString(u.nextIV(last, 0x8a9c07c1)); got != "836eddd9ed30acf7" {
		t.Errorf("first IV of quick mode is %s", got)
	}
}

func TestVendorIDs(t *testing.T) {
	for i, want := range []string{"4a131c81070358455c5728f20e95452f", "7d9419a65310ca6f2c179d9215529d56", "90cb80913ebb696e086381b5ec427b1f"} {
		if got := hex.EncodeToString(vendorsNATT[i].id); got != want {
			t.Errorf("%s is %s, want %s", vendorsNATT[i].name, got, want)
		}
	}
}
