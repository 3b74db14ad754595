package ipsec

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Packets of draft-mcgrew-gcm-test-01, sections 4 and 5: GCM with and without
// extended sequence numbers, and GMAC. The plaintexts end in their trailers.
func TestGCMKnownAnswers(t *testing.T) {
	const echo = "45000030da3a00008001df3bc0a80005 c0a800010800c6cd0200070061626364 65666768696a6b6c6d6e6f7071727374 01020201"
	for _, c := range []struct {
		encr          Encryption
		esn           bool
		key, nonce    string
		seq           uint64
		plain, packet string
	}{
		{encr: AESGCM, esn: true, key: "4c80cdefbb5d10da906ac73c3613a634", nonce: "2e443b684956ed7e3b244cfe", seq: 0x8765432100000000,
			plain: `45000048699a000080114db7c0a80102 c0a801010a9bf15638d3010000010000 00000000045f736970045f7564700373
			69700963796265726369747902646b00 0021000101020201`,
			packet: `00004321000000004956ed7e3b244cfe fecf537e729d5b07dc30df528dd22b76 8d1b98736696a6fd348509fa13ceac34
			cfa2436f14a3f3cf65925bf1f4a13c5d 15b21e1884f5ff6247aeabb786b93bce 61bc17d768fd9732459018148f6cbe72 2fd04796562dfdb4`},
		{encr: AESGCM, key: "feffe9928665731c6d6a8f9467308308", nonce: "cafebabefacedbaddecaf888", seq: 10,
			plain: `4500003e698f000080114dccc0a80102 c0a801010a980035002a2343b2d00100 00010000000000000373697009637962 65726369747902646b00000100010001`,
			packet: `0000a5f80000000afacedbaddecaf888 deb22cd9b07c72c16e3a65beeb8df304 a5a5897d33ae530f1ba76d5d114d2a5c
			3de81827c10e9a4f51330d0eec416642 cfbb85a5b47e48a4ec3b9ba95d918bd1 83b70d3aa8bc6ee4c309e9d85a41ad4a`},
		{encr: AESGCM, key: "feffe9928665731c6d6a8f9467308308feffe9928665731c", nonce: "cafebabefacedbaddecaf888", seq: 10,
			plain: `45000028a4ad4000400678800a01038f 0a010612802306b8cb712602dd6bb03e 501016d075680001`,
			packet: `0000a5f80000000afacedbaddecaf888 a5b1f8066029aea40e598b8122de0242 0938b3ab33f828e687b8858b5bfbdbd0
			315b27452144cc7795457b9652037f53 18027b5b4cd7a636`},
		{encr: AESGCM, key: "abbccddef00112233445566778899aababbccddef00112233445566778899aab", nonce: "112233440102030405060708", seq: 2,
			plain: `4500003069a6400080062690c0a80102 9389155e0a9e008b2dc57ee000000000 7002400020bf0000020405b401010402 01020201`,
			packet: `4a2cbfe3000000020102030405060708 ff425c9b724599df7a3bcd510194e00d 6a78107f1b0b1cbf06efae9d65a5d763
			748a637985771d347f0545659f14e99d ef842d8eb335f4eecfdbf831824b4c49 15956c96`},
		{encr: AESGCM, esn: true, key: "abbccddef00112233445566778899aababbccddef00112233445566778899aab", nonce: "73616c74616e640169766563", seq: 0x156f3126dd0db99b,
			plain: `45080028732c00004006e9f90a010612 0a01038f06b88023dd6bafbecb712602 50101f646d540001`,
			packet: `17405e67dd0db99b616e640169766563 f2d69ecdbd5a0d5b8d5ef38bad4da58d 1f278fde98ef67549d524a3018d9a57f
			f4d3a31ce673119e451626c2415771e3 b7eebca614c89b35`},
		{encr: AESGCM, key: "7d773d00c144c525ac619d18c84a3f47", nonce: "d966426743457e9182443bc6", seq: math.MaxUint32,
			plain: "01020201", packet: "335467aeffffffff43457e9182443bc6 437f866bcb3f699fe9b0822bac961c45 04bef270"},
		{encr: AESGMAC, key: "4c80cdefbb5d10da906ac73c3613a634", nonce: "22433c640000000000000000", seq: 7, plain: echo,
			packet: "00004321000000070000000000000000" + echo + "f2a9a836e155106aa8dcd618e4099aaa"},
	} {
		key, nonce, plain, packet := unhex(t, c.key), unhex(t, c.nonce), unhex(t, c.plain), unhex(t, c.packet)
		tr := Transform{Encr: c.encr, KeyBits: 8 * len(key), ESN: c.esn}
		s, err := newSuite(tr, Keys{Encr: append(key, nonce[:saltLen]...)})
		if err != nil {
			t.Fatal(err)
		}
		payload, next, err := cutTrailer(plain)
		if err != nil {
			t.Fatal(err)
		}
		spi := binary.BigEndian.Uint32(packet)
		if got := s.seal(nil, spi, c.seq, nonce[saltLen:], payload, next); !bytes.Equal(got, packet) {
			t.Errorf("%v, %d bits: sealed to\n%x, want\n%x", c.encr, tr.KeyBits, got, packet)
		}
		var p ESP
		if err := p.UnmarshalBinary(packet); err != nil {
			t.Fatal(err)
		}
		if err := s.verify(&p, c.seq+1<<32); c.esn != errors.Is(err, errAuth) {
			t.Errorf("%v, %d bits: with another upper half of the sequence number: %v", c.encr, tr.KeyBits, err)
		}
		_ = p.UnmarshalBinary(packet)
		if err := s.verify(&p, c.seq); err != nil {
			t.Errorf("%v, %d bits: %v", c.encr, tr.KeyBits, err)
			continue
		}
		if got, n, err := s.open(nil, &p); err != nil || n != next || !bytes.Equal(got, payload) {
			t.Errorf("%v, %d bits: opened to %x, next header %d, %v", c.encr, tr.KeyBits, got, n, err)
		}
	}
}

// RFC 3686 section 6: the nonce is the salt.
func TestCounterModeKnownAnswers(t *testing.T) {
	const counting = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	for _, c := range []struct{ key, salt, iv, plain, cipher string }{
		{"ae6852f8121067cc4bf7a5765577f39e", "00000030", "0000000000000000", "53696e676c6520626c6f636b206d7367", "e4095d4fb7a7b3792d6175a3261311b8"},
		{"7e24067817fae0d743d6ce1f32539163", "006cb6db", "c0543b59da48d90b", counting, "5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28"},
		{"7691be035e5020a8ac6e618529f9a0dc", "00e0017b", "27777f3f4a1786f0", counting + "20212223", "c1cf48a89f2ffdd9cf4652e9efdb72d74540a42bde6d7836d59a5ceaaef3105325b2072f"},
		{"776beff2851db06f4c8a0542c8696f6c6a81af1eec96b4d37fc1d689e6c1c104", "00000060", "db5672c97aa8f0b2", "53696e676c6520626c6f636b206d7367", "145ad01dbf824ec7560863dc71e3e0c0"},
	} {
		key := unhex(t, c.key)
		s, err := newSuite(Transform{Encr: AESCTR, KeyBits: 8 * len(key)}, Keys{Encr: append(key, unhex(t, c.salt)...)})
		if err != nil {
			t.Fatal(err)
		}
		got := unhex(t, c.plain)
		s.counter.xor(unhex(t, c.iv), got, got)
		if !bytes.Equal(got, unhex(t, c.cipher)) {
			t.Errorf("key %s: %x, want %s", c.key, got, c.cipher)
		}
	}
}

// One key's length is that of the cipher's and of the salt.
func TestKeysOfCountingCiphers(t *testing.T) {
	for _, e := range []Encryption{AESCTR, AESGCM, AESGMAC} {
		for bits, want := range map[int]int{128: 20, 192: 28, 256: 36} {
			if got := (Transform{Encr: e, KeyBits: bits}).EncrKeyLen(); got != want {
				t.Errorf("%v with %d bits: %d bytes, want %d", e, bits, got, want)
			}
		}
	}
}
