package ipsec

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
	"testing"
	"time"

	"cwlab/emulator/stack"
)

// BenchmarkESP seals and opens packets of 1400 bytes, and reports beside it
// how much of the standard library's own pace is left: CBC and HMAC over the
// same buffers both ways, with nothing else around them.
func BenchmarkESP(b *testing.B) {
	for _, tr := range []Transform{
		{Encr: DES, Auth: HMACMD5}, {Encr: DES3, Auth: HMACSHA1},
		{Encr: AES, KeyBits: 128, Auth: HMACMD5}, {Encr: AES, KeyBits: 128, Auth: HMACSHA1}, {Encr: AES, KeyBits: 128, Auth: HMACSHA256},
		{Encr: AES, KeyBits: 256, Auth: HMACSHA1}, {Encr: AES, KeyBits: 256, Auth: HMACSHA256},
	} {
		b.Run(fmt.Sprintf("%v-%d-%v", tr.Encr, tr.KeyBits, tr.Auth), func(b *testing.B) { benchmarkESP(b, tr) })
	}
}

// BenchmarkTunnel is the same with the engines around it: policy and SA are
// looked up, events told and statistics kept.
func BenchmarkTunnel(b *testing.B) {
	_, x, y := twoSides(b)
	tr := Transform{Encr: AES, KeyBits: 128, Auth: HMACSHA1}
	connect(b, x, y, tr, func(p *Pair) { p.Kilobytes = 1 << 30 })
	payload := make([]byte, packetSize-ipHeaderLen)
	beside(b, tr, func() int {
		p := x.packet(hostA, hostB, false)
		p.Payload = payload
		if x.e.Out(p) != stack.Stolen {
			b.Fatal("the packet was not taken")
		}
		sealed := x.last(y)
		y.e.ESP(sealed)
		if len(y.got) != 1 {
			b.Fatal("no packet came out")
		}
		for _, s := range []*side{x, y} {
			s.sent, s.got, s.events = s.sent[:0], s.got[:0], s.events[:0]
		}
		return len(sealed.Payload)
	})
}

const packetSize = 1400

func benchmarkESP(b *testing.B, tr Transform) {
	one := sealAndOpen(b, tr)
	beside(b, tr, one)
}

// sealAndOpen is one packet there and back; it says how long it is sealed.
func sealAndOpen(t testing.TB, tr Transform) func() int {
	from, err := newSuite(tr, keysOf(tr, 1))
	if err != nil {
		t.Fatal(err)
	}
	to, _ := newSuite(tr, keysOf(tr, 1))
	iv, plain := make([]byte, tr.IVLen()), make([]byte, packetSize)
	var sealed, opened []byte
	var seq uint32
	return func() int {
		seq++
		sealed = from.seal(sealed[:0], 300, uint64(seq), iv, plain, nextIPv4)
		p, err := readESP(sealed)
		if err == nil {
			err = to.verify(&p, uint64(seq))
		}
		if err == nil {
			opened, _, err = to.open(opened[:0], &p)
		}
		if err != nil || len(opened) != packetSize {
			t.Fatal(err)
		}
		return len(sealed)
	}
}

// A packet takes no memory beyond that of its bytes; only counter mode, which the
// library cannot begin anew, takes a state of the cipher both ways.
func TestESPAllocatesNothing(t *testing.T) {
	for _, tr := range algorithms() {
		one := sealAndOpen(t, tr)
		want := 0.0
		if tr.Encr == AESCTR {
			want = 2
		}
		if n := testing.AllocsPerRun(100, func() { one() }); n != want {
			t.Errorf("%v/%v: %v allocations a packet", tr.Encr, tr.Auth, n)
		}
	}
}

// beside runs batches of one and of the library in turn, so that a busy machine
// slows both, and reports the share of the library's pace that is reached.
func beside(b *testing.B, tr Transform, one func() int) {
	const batch = 64
	limit := library(tr, keysOf(tr, 1), one())
	var ours, theirs time.Duration
	b.SetBytes(packetSize)
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += batch {
		began := time.Now()
		for range min(batch, b.N-n) {
			one()
		}
		ours += time.Since(began)
		b.StopTimer()
		began = time.Now()
		for range min(batch, b.N-n) {
			limit()
		}
		theirs += time.Since(began)
		b.StartTimer()
	}
	b.ReportMetric(100*theirs.Seconds()/ours.Seconds(), "%limit")
}

// library encrypts and signs, then verifies and decrypts, a buffer of the
// length of a packet.
func library(t Transform, k Keys, size int) func() {
	var block cipher.Block
	switch t.Encr {
	case DES:
		block, _ = des.NewCipher(k.Encr)
	case DES3:
		block, _ = des.NewTripleDESCipher(k.Encr)
	default:
		block, _ = aes.NewCipher(k.Encr)
	}
	sum := map[Authentication]func() hash.Hash{HMACMD5: md5.New, HMACSHA1: sha1.New, HMACSHA256: sha256.New}[t.Auth]
	mac := hmac.New(sum, k.Auth)
	body := make([]byte, size-espHeaderLen-t.IVLen()-t.ICVLen())
	buf, iv, icv := make([]byte, size-t.ICVLen()), make([]byte, t.IVLen()), make([]byte, 0, mac.Size())
	enc, dec := cipher.NewCBCEncrypter(block, iv), cipher.NewCBCDecrypter(block, iv)
	sign := func() {
		mac.Reset()
		mac.Write(buf)
		icv = mac.Sum(icv[:0])
	}
	return func() {
		enc.CryptBlocks(body, body)
		sign()
		sign()
		dec.CryptBlocks(body, body)
	}
}
