package pcap

import (
	"bytes"
	"maps"
	"net/netip"
	"slices"
	"testing"

	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/lab"
)

var _ lab.KeyListener = (*Keys)(nil)

func TestKeys(t *testing.T) {
	var k Keys
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for range 2 { // both ends
		k.DHSecret([]byte{0, 0, 0xab})
		k.IKEKeys(ike.Keys{Initiator: isakmp.Cookie{0, 1, 2, 3, 4, 5, 6, 0xff}, Cipher: []byte{0, 9, 0xa0}, PSK: []byte("a %s key")})
		k.IKEv2Keys(ikev2.Keys{Initiator: wire.SPI{1}, Responder: wire.SPI{2}, EncrI: []byte{3}, EncrR: []byte{4}, IntegI: []byte{5}, IntegR: []byte{6},
			Suite: ikev2.Suite{Encr: ikev2.Cipher{ID: wire.EncrAES, KeyBits: 128}, Integ: wire.IntegSHA1}})
		k.ESPKeys(a, b, 0x1f0, ipsec.Transform{Encr: ipsec.DES, Auth: ipsec.HMACMD5}, ipsec.Keys{Encr: []byte{0, 1}, Auth: []byte{2, 3}})
		k.ESPKeys(b, a, 0xfffffff0, ipsec.Transform{Encr: ipsec.DES3, Auth: ipsec.HMACSHA1}, ipsec.Keys{Encr: []byte{4}, Auth: []byte{5}})
		k.ESPKeys(b, a, 3, ipsec.Transform{Encr: ipsec.AES, KeyBits: 128, Auth: ipsec.HMACSHA256}, ipsec.Keys{Encr: []byte{6}, Auth: []byte{7}})
		k.ESPKeys(b, a, 4, ipsec.Transform{Encr: ipsec.Null}, ipsec.Keys{})
		k.ESPKeys(b, a, 6, ipsec.Transform{Encr: ipsec.AES, KeyBits: 192, Auth: ipsec.HMACSHA384}, ipsec.Keys{Encr: []byte{8}, Auth: []byte{9}})
		k.ESPKeys(b, a, 7, ipsec.Transform{Encr: ipsec.AES, KeyBits: 256, Auth: ipsec.HMACSHA512}, ipsec.Keys{Encr: []byte{10}, Auth: []byte{11}})
	}
	k.DHSecret([]byte{1})
	k.IKEKeys(ike.Keys{Initiator: isakmp.Cookie{8}, Cipher: []byte{1}, PSK: []byte("a %s key")})
	want := map[string]string{
		"ikev1_decryption_table": "00010203040506ff,0009a0\n0800000000000000,01\n",
		"ikev2_decryption_table": "0100000000000000,0200000000000000,03,04,\"AES-CBC-128 [RFC3602]\",05,06,\"HMAC_SHA1_96 [RFC2404]\"\n",
		"esp_sa": `"IPv4","192.0.2.1","192.0.2.2","0x000001f0","DES-CBC [RFC2405]","0x0001","HMAC-MD5-96 [RFC2403]","0x0203"
"IPv4","192.0.2.2","192.0.2.1","0xfffffff0","TripleDES-CBC [RFC2451]","0x04","HMAC-SHA-1-96 [RFC2404]","0x05"
"IPv4","192.0.2.2","192.0.2.1","0x00000003","AES-CBC [RFC3602]","0x06","HMAC-SHA-256-128 [RFC4868]","0x07"
"IPv4","192.0.2.2","192.0.2.1","0x00000004","NULL","","NULL",""
"IPv4","192.0.2.2","192.0.2.1","0x00000006","AES-CBC [RFC3602]","0x08","HMAC-SHA-384-192 [RFC4868]","0x09"
"IPv4","192.0.2.2","192.0.2.1","0x00000007","AES-CBC [RFC3602]","0x0a","HMAC-SHA-512-256 [RFC4868]","0x0b"
`,
		"dh_secrets": "0000ab\n01\n",
		"psk":        "a %s key\n",
	}
	got, err := k.Files()
	if err != nil {
		t.Error(err)
	}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, slices.Sorted(maps.Keys(want))) {
		t.Errorf("files are %v", names)
	}
	for name, text := range want {
		if string(got[name]) != text {
			t.Errorf("%s is\n%s\nwant\n%s", name, got[name], text)
		}
	}

	k.ESPKeys(a, b, 5, ipsec.Transform{Encr: 255}, ipsec.Keys{})
	again, err := k.Files()
	if err == nil || !bytes.Equal(again[FileESP], got[FileESP]) {
		t.Errorf("a cipher without a name: error %v, esp_sa\n%s", err, again[FileESP])
	}
	var other Keys
	other.IKEv2Keys(ikev2.Keys{Suite: ikev2.Suite{Encr: ikev2.Cipher{ID: wire.EncrDES}, Integ: wire.IntegMD5}})
	if files, err := other.Files(); err == nil || len(files[FileIKEv2]) > 0 {
		t.Errorf("DES of version 2: error %v, %s", err, files[FileIKEv2])
	}
}

func TestNoKeys(t *testing.T) {
	got, err := new(Keys).Files()
	if err != nil || len(got) != 5 {
		t.Errorf("%d files, error %v", len(got), err)
	}
	for name, text := range got {
		if len(text) != 0 {
			t.Errorf("%s is %q, want it empty", name, text)
		}
	}
}
