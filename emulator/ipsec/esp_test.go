package ipsec

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// algorithms are all pairs of cipher and authenticator that are offered.
func algorithms() []Transform {
	var out []Transform
	for _, c := range []Algorithm{{DES, 0}, {DES3, 0}, {AES, 128}, {AES, 192}, {AES, 256}, {Null, 0}} {
		for _, a := range []Authentication{0, HMACMD5, HMACSHA1, HMACSHA256, HMACSHA384, HMACSHA512} {
			if c.Encr != Null || a != 0 {
				out = append(out, Transform{Mode: Tunnel, Encr: c.Encr, KeyBits: c.KeyBits, Auth: a})
			}
		}
	}
	for _, bits := range []int{128, 192, 256} {
		out = append(out, Transform{Mode: Tunnel, Encr: AESCTR, KeyBits: bits, Auth: HMACSHA1},
			Transform{Mode: Tunnel, Encr: AESGCM, KeyBits: bits}, Transform{Mode: Tunnel, Encr: AESGMAC, KeyBits: bits})
	}
	for _, t := range slices.Clone(out) {
		t.ESN = true
		out = append(out, t)
	}
	return out
}

func keysOf(t Transform, first byte) Keys {
	k := Keys{Encr: make([]byte, t.EncrKeyLen()), Auth: make([]byte, t.AuthKeyLen()), AH: make([]byte, t.AH.KeyLen())}
	for i := range k.AH {
		k.AH[i] = first + byte(3*i+5)
	}
	for i := range k.Encr {
		k.Encr[i] = first + byte(7*i)
	}
	for i := range k.Auth {
		k.Auth[i] = first ^ byte(11*i+1)
	}
	return k
}

func TestSealAndOpen(t *testing.T) {
	for _, tr := range algorithms() {
		for _, size := range []int{0, 1, 5, 6, 7, 84, 1500} {
			s, err := newSuite(tr, keysOf(tr, 1))
			if err != nil {
				t.Fatal(err)
			}
			plain := bytes.Repeat([]byte{0xa5}, size)
			wire := s.seal(nil, 300, 7, make([]byte, tr.IVLen()), plain, nextIPv4)
			if len(wire)-tr.ICVLen()-tr.IVLen()-espHeaderLen < size+2 {
				t.Errorf("%v/%v: packet of %d bytes for a payload of %d", tr.Encr, tr.Auth, len(wire), size)
			}
			var q ESP
			if err := q.UnmarshalBinary(wire); err != nil {
				t.Fatal(err)
			}
			if err := s.verify(&q, 7); err != nil {
				t.Errorf("%v/%v: verify said %v", tr.Encr, tr.Auth, err)
			}
			got, next, err := s.open(nil, &q)
			if err != nil || next != nextIPv4 || !bytes.Equal(got, plain) {
				t.Errorf("%v/%v: open said %x, next %d, %v", tr.Encr, tr.Auth, got, next, err)
			}
			if tr.ICVLen() == 0 {
				continue
			}
			_ = q.UnmarshalBinary(wire)
			q.Data[len(q.Data)-1] ^= 1
			if err := s.verify(&q, 7); !errors.Is(err, errAuth) {
				t.Errorf("%v/%v: a changed ICV gave %v", tr.Encr, tr.Auth, err)
			}
		}
	}
}

func TestTrailer(t *testing.T) {
	tests := []struct {
		plain, block int
		want         []byte
	}{
		{6, 8, []byte{0, 4}},
		{5, 8, []byte{1, 1, 4}},
		{0, 8, []byte{1, 2, 3, 4, 5, 6, 6, 4}},
		{7, 8, []byte{1, 2, 3, 4, 5, 6, 7, 7, 4}},
		{1, 1, []byte{1, 1, 4}},
	}
	for _, c := range tests {
		got := appendTrailer(make([]byte, c.plain), c.plain, c.block, nextIPv4)
		if !bytes.Equal(got[c.plain:], c.want) {
			t.Errorf("trailer of %d bytes in blocks of %d is %v, want %v", c.plain, c.block, got[c.plain:], c.want)
		}
		if back, next, err := cutTrailer(got); err != nil || next != nextIPv4 || len(back) != c.plain {
			t.Errorf("cut %v to %d bytes, next %d, %v", got, len(back), next, err)
		}
	}
	for _, bad := range [][]byte{nil, {4}, {9, 4}, {2, 1, 2, 4}} {
		if _, _, err := cutTrailer(bad); err == nil {
			t.Errorf("trailer %v was taken", bad)
		}
	}
}

// The two measured values of the product and those that follow from them.
func TestPathMTU(t *testing.T) {
	tests := []struct {
		tr        Transform
		mtu, want int
	}{
		{Transform{Encr: AES, KeyBits: 128, Auth: HMACSHA1}, 1500, 1428},
		{Transform{Encr: DES3, Auth: HMACMD5}, 1476, 1420},
		{Transform{Encr: DES, Auth: HMACSHA1}, 1500, 1444},
		{Transform{Encr: AES, KeyBits: 256, Auth: HMACSHA256}, 1500, 1424},
		{Transform{Encr: AES, KeyBits: 192, Auth: HMACSHA384}, 1500, 1416},
		{Transform{Encr: AES, KeyBits: 256, Auth: HMACSHA512}, 1500, 1408},
	}
	for _, c := range tests {
		if got := c.tr.PathMTU(c.mtu); got != c.want {
			t.Errorf("path MTU of %v/%v on %d is %d, want %d", c.tr.Encr, c.tr.Auth, c.mtu, got, c.want)
		}
	}
}

func TestWindow(t *testing.T) {
	tests := []struct {
		seq  uint64
		want bool
	}{
		{0, false}, {1, true}, {1, false}, {3, true}, {2, true}, {2, false},
		{70, true}, {6, false}, {7, true}, {7, false}, {69, true}, {70, false},
		{1000, true}, {936, false}, {937, true}, {999, true}, {1000, false},
		{1064, true}, {1000, false}, {1001, true}, {4294967295, true}, {4294967295, false}, {4294967294, true},
	}
	w := newWindow(64)
	for i, c := range tests {
		got := w.fresh(c.seq)
		if got != c.want {
			t.Fatalf("step %d: number %d is fresh: %v, want %v (highest %d)", i, c.seq, got, c.want, w.top)
		}
		if got {
			w.mark(c.seq)
		}
	}
}

func FuzzESP(f *testing.F) {
	tr := Transform{Encr: AES, KeyBits: 128, Auth: 0}
	s, err := newSuite(tr, keysOf(tr, 1))
	if err != nil {
		f.Fatal(err)
	}
	good := s.seal(nil, 256, 1, make([]byte, 16), []byte("inner"), nextIPv4)
	f.Add(good)
	f.Add([]byte{})
	f.Add(good[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		var p ESP
		if err := p.UnmarshalBinary(b); err != nil {
			if !errors.Is(err, ErrTruncated) {
				t.Errorf("error %v is not of a kind", err)
			}
			return
		}
		if back, _ := p.AppendBinary(nil); !bytes.Equal(back, b) {
			t.Errorf("%x came back as %x", b, back)
		}
		if s.verify(&p, uint64(p.Sequence)) == nil {
			_, _, _ = s.open(nil, &p)
		}
	})
}
