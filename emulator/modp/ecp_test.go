package modp

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// RFC 5903 sections 8.1 and 8.2.
func TestCurves(t *testing.T) {
	for _, c := range []struct {
		group             int
		i, r, gi, gr, gir string
	}{
		{19, "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
			"C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53",
			"DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180" + "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
			"D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63" + "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
			"D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE"},
		{20, "099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B538041E649EE3FAEF896783AB194",
			"41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942E0308312916B8ED2960E4BD55A7448FC",
			"667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6DE3AC808ACB4BDB4C88732AEE95F41AA" + "9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38EEB9FCFF3C2C947DAE69B4C634573A81C",
			"E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D0D1AC43A0336DEF96FDA41D0774A3571" + "DCFBEC7AACF3196472169E838430367F66EEBE3C6E70C416DD5F0C68759DD1FFF83FA40142209DFF5EAAD96DB9E6386C",
			"11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5D4A270F59746"},
	} {
		un := func(s string) []byte {
			b, err := hex.DecodeString(s)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		g := Find(c.group)
		if got := g.Public(un(c.i)); !bytes.Equal(got, un(c.gi)) || len(got) != g.Len {
			t.Errorf("group %d: the initiator's value is %X", c.group, got)
		}
		if got := g.Public(un(c.r)); !bytes.Equal(got, un(c.gr)) {
			t.Errorf("group %d: the responder's value is %X", c.group, got)
		}
		if got, ok := g.Shared(un(c.gr), un(c.i)); !ok || !bytes.Equal(got, un(c.gir)) {
			t.Errorf("group %d: the secret is %X, %v", c.group, got, ok)
		}
		if got, ok := g.Shared(un(c.gi), un(c.r)); !ok || !bytes.Equal(got, un(c.gir)) {
			t.Errorf("group %d: the secret of the responder is %X, %v", c.group, got, ok)
		}
		off := un(c.gi)
		off[0] ^= 1
		for name, y := range map[string][]byte{"off the curve": off, "short": off[1:], "zero": make([]byte, g.Len)} {
			if _, ok := g.Shared(y, un(c.r)); ok {
				t.Errorf("group %d: a value %s is taken", c.group, name)
			}
		}
		for _, x := range [][]byte{make([]byte, g.Exp), bytes.Repeat([]byte{0xff}, g.Exp)} { // out of range
			if y := g.Public(x); len(y) != g.Len {
				t.Errorf("group %d: %x gives %x", c.group, x, y)
			}
		}
		if !OnCurve(c.group) || OnCurve(14) || OnCurve(99) {
			t.Error("curves are told wrong")
		}
	}
}
