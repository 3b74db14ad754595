package ipsec

import (
	"math"
	"slices"
	"testing"

	"cwlab/emulator/stack"
)

// RFC 4303 appendix A2.1: the window lies in one subspace, or in two.
func TestWholeSequenceNumbers(t *testing.T) {
	const g = uint64(1) << 32
	for _, c := range []struct {
		top  uint64
		low  uint32
		want uint64
	}{
		{0, 1, 1},
		{0, math.MaxUint32, math.MaxUint32}, // there is no subspace before the first
		{10, 5, 5},
		{10, 3000000000, 3000000000},
		{1000, 937, 937},                     // the window's last
		{1000, 936, g + 936},                 // below it: of the next subspace
		{g - 1, 0, g},                        // over the edge
		{g - 1, 100, g + 100},                // well over
		{g - 1, math.MaxUint32, g - 1},       // a replay
		{g, math.MaxUint32, g - 1},           // the window spans both
		{g + 5, math.MaxUint32 - 57, g - 58}, // its last
		{g + 5, math.MaxUint32 - 58, 2*g - 59},
		{g + 5, 6, g + 6},
		{7*g + 500, 400, 8*g + 400},
		{7*g + 500, 437, 7*g + 437},
	} {
		w := newWindow(64)
		w.top = c.top
		if got := w.whole(c.low); got != c.want {
			t.Errorf("top %d, %d on the wire: %d, want %d", c.top, c.low, got, c.want)
		}
	}
}

// The window slides over the edge of a subspace and still knows a replay.
func TestWindowCrossesSubspaces(t *testing.T) {
	w := newWindow(64)
	start := uint64(math.MaxUint32) - 40
	w.mark(start - 1)
	for seq := start; seq < start+100; seq++ {
		if got := w.whole(uint32(seq)); got != seq || !w.fresh(got) {
			t.Fatalf("%d is read as %d, fresh %v", seq, got, w.fresh(got))
		}
		w.mark(seq)
		if w.fresh(w.whole(uint32(seq))) {
			t.Fatalf("%d comes twice", seq)
		}
	}
}

// Two engines go on over the edge with extended sequence numbers, and stop at
// it without.
func TestSequenceNumbersEnd(t *testing.T) {
	for _, tr := range []Transform{
		{Mode: Tunnel, Encr: AES, KeyBits: 128, Auth: HMACSHA1}, {Mode: Tunnel, Encr: AESGCM, KeyBits: 256},
		{Mode: Tunnel, Encr: AESGMAC, KeyBits: 128}, {Mode: Tunnel, AH: HMACSHA256}, {Mode: Tunnel, Encr: DES, Auth: HMACMD5, AH: HMACSHA1},
	} {
		for _, esn := range []bool{true, false} {
			tr.ESN = esn
			_, a, b := twoSides(t)
			connect(t, a, b, tr, nil)
			for _, sa := range a.e.Tunnels(Filter{})[0].last().out {
				sa.seq = math.MaxUint32 - 2
			}
			for _, sa := range b.e.Tunnels(Filter{})[0].last().in {
				sa.window.mark(math.MaxUint32 - 2)
			}
			for i := range 5 {
				if v := a.e.Out(a.packet(hostA, hostB, true)); v != stack.Stolen {
					if esn || i < 2 || v != stack.Drop {
						t.Errorf("%v/%v, extended %v: verdict of packet %d is %d", tr.Encr, tr.Auth, esn, i, v)
					}
					continue
				}
				p := a.last(b)
				b.e.receive(p, 0)
			}
			want := uint64(2)
			if esn {
				want = 5
			}
			if got := b.e.Stats.ReceivedPackets; got != want || b.e.Stats.AuthFailure+b.e.Stats.Replayed != 0 {
				t.Errorf("%v/%v, extended %v: %d packets, want %d; %+v", tr.Encr, tr.Auth, esn, got, want, b.e.Stats)
			}
			if esn && b.e.Tunnels(Filter{})[0].Inbound()[0].Sequence() != math.MaxUint32+3 {
				t.Errorf("%v/%v: the highest number is %d", tr.Encr, tr.Auth, b.e.Tunnels(Filter{})[0].Inbound()[0].Sequence())
			}
		}
	}
}

// A transform set offers 64 bits, 32 bits, or both, the longer first; version
// 1 of IKE offers no cipher that counts.
func TestChoicesOfASet(t *testing.T) {
	set := &TransformSet{Name: "s", Encr: []Algorithm{{AESGCM, 128}, {AES, 256}}, Auth: []Authentication{HMACSHA1, HMACMD5}, ESN: BothLengths}
	all := set.choices()
	if len(all) != 6 || all[0].Auth != 0 || !all[0].ESN || all[1].ESN {
		t.Errorf("choices are %+v", all)
	}
	first := Transform{Name: "s", Mode: Tunnel, Encr: AES, KeyBits: 256, Auth: HMACSHA1, ESN: true}
	second := first
	second.ESN = false
	if got := version1(all); !slices.Equal(got, []Transform{first, second}) {
		t.Errorf("version 1 offers %+v", got)
	}
	set.PFS = 19
	if got := version1(set.choices()); len(got) != 0 {
		t.Errorf("with a group on a curve version 1 offers %+v", got)
	}
	for esn, want := range map[ESN][]bool{ShortOnly: {false}, ExtendedOnly: {true}} {
		set := &TransformSet{Name: "s", Auth: []Authentication{HMACSHA1}, ESN: esn}
		for i, tr := range set.choices() {
			if tr.ESN != want[i] {
				t.Errorf("%d offers %+v", esn, tr)
			}
		}
	}
}
