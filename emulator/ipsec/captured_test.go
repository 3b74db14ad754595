package ipsec

import (
	"bytes"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"testing"

	"cwlab/emulator/stack"
)

// TestCapturedESP opens what two other implementations sent each other, and
// seals it again to the byte: RFC 2405, 2451, 3602 and 2404 with RFC 4303.
func TestCapturedESP(t *testing.T) {
	text, err := os.ReadFile("testdata/captured.txt")
	if err != nil {
		t.Fatal(err)
	}
	ciphers := map[string]Transform{
		"des":    {Encr: DES, Auth: HMACSHA1},
		"3des":   {Encr: DES3, Auth: HMACSHA1},
		"aes128": {Encr: AES, KeyBits: 128, Auth: HMACSHA1},
	}
	type association struct {
		*suite
		ivLen int
	}
	sas := map[uint32]association{}
	packets := 0
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		switch f[0] {
		case "sa":
			spi, err := strconv.ParseUint(f[2], 16, 32)
			encr, err2 := hex.DecodeString(f[3])
			auth, err3 := hex.DecodeString(f[4])
			tr, ok := ciphers[f[1]]
			if err != nil || err2 != nil || err3 != nil || !ok {
				t.Fatal(line)
			}
			s, err := newSuite(tr, Keys{Encr: encr, Auth: auth})
			if err != nil {
				t.Fatal(err)
			}
			sas[uint32(spi)] = association{s, tr.IVLen()}
		case "esp":
			packets++
			b, err := hex.DecodeString(f[1])
			var p ESP
			if err != nil || p.UnmarshalBinary(b) != nil {
				t.Fatal(line)
			}
			s := sas[p.SPI]
			if err := s.verify(&p, uint64(p.Sequence)); err != nil {
				t.Errorf("SPI %x: %v", p.SPI, err)
				continue
			}
			iv := bytes.Clone(p.Data[:s.ivLen])
			plain, next, err := s.open(nil, &p)
			if err != nil || next != nextIPv4 {
				t.Errorf("SPI %x: next header %d, %v", p.SPI, next, err)
				continue
			}
			inner, err := stack.Parse(plain)
			if err != nil || inner.Proto != 1 || inner.Payload[0] != 8 && inner.Payload[0] != 0 {
				t.Errorf("SPI %x: inside is %x, %v", p.SPI, plain, err)
			}
			if again := s.seal(nil, p.SPI, uint64(p.Sequence), iv, plain, next); !bytes.Equal(again, b) {
				t.Errorf("SPI %x: sealed again it is\n%x, want\n%x", p.SPI, again, b)
			}
		}
	}
	if packets < 20 {
		t.Errorf("only %d packets", packets)
	}
}
