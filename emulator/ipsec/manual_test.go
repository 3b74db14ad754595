package ipsec

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"cwlab/emulator/stack"
)

// byHand sets up both sides by hand with the transform set S.
func byHand(t *testing.T, s TransformSet, str string) (a, b *side) {
	t.Helper()
	_, a, b = twoSides(t)
	s.Name = "s"
	for _, x := range []*side{a, b} {
		set := s
		x.e.AddTransformSet(&set)
		e := x.e.Policy("map").Entry(10)
		e.Sets = []string{"S"}
		keys := func(spi uint32, first byte) ManualKeys {
			k := keysOf(set.transform(), first)
			return ManualKeys{SPI: spi, Encr: k.Encr, Auth: k.Auth, String: str}
		}
		ah := func(spi uint32, first byte) ManualKeys {
			return ManualKeys{SPI: spi, Auth: keysOf(set.transform(), first).AH, String: str}
		}
		e.Manual = &Manual{InESP: keys(1000, 1), InAH: ah(1000, 2), OutESP: keys(2000, 3), OutAH: ah(3000, 4)}
	}
	m := b.e.Policy("map").Entry(10).Manual
	m.InESP, m.InAH, m.OutESP, m.OutAH = m.OutESP, m.OutAH, m.InESP, m.InAH
	for _, x := range []*side{a, b} {
		x.e.Sync()
	}
	return a, b
}

// Both directions pass packets without IKE; the same SPI may serve AH and ESP.
func TestManualSAs(t *testing.T) {
	sets := []TransformSet{
		{Encr: []Algorithm{{DES3, 0}}, Auth: []Authentication{HMACMD5}},
		{Encr: []Algorithm{{AES, 256}}},
		{Encr: []Algorithm{{AES, 192}}, Auth: []Authentication{HMACSHA384}},
		{Protocol: AHAlone, AH: []Authentication{HMACSHA256}},
		{Protocol: AHAndESP, AH: []Authentication{HMACSHA384}, Encr: []Algorithm{{AES, 256}}, Auth: []Authentication{HMACSHA512}},
		{Protocol: AHAndESP, AH: []Authentication{HMACSHA1}, Encr: []Algorithm{{DES, 0}}, Auth: []Authentication{HMACSHA1}},
	}
	for i, s := range sets {
		for _, str := range []string{"", "a string"} {
			name := fmt.Sprintf("set %d, string %q", i, str)
			a, b := byHand(t, s, str)
			for range 2 {
				a.send(stack.Stolen, true)
				b.e.receive(a.last(b), 0)
				b.send(stack.Stolen, false)
				a.e.receive(b.last(a), 0)
			}
			if len(a.got) != 2 || len(b.got) != 2 {
				t.Errorf("%s: %d and %d packets came through, want 2 and 2", name, len(a.got), len(b.got))
			}
			wantIKE(t, a)
			wantIKE(t, b)
			// No anti-replay and no end of the lifetime or of the sequence numbers.
			b.e.receive(a.last(b), 0)
			tunnel := a.e.Tunnels(Filter{})[0]
			for _, sa := range tunnel.OutboundSAs() {
				sa.seq, sa.bytes = math.MaxUint32, math.MaxUint32<<12
			}
			a.send(stack.Stolen, true)
			b.e.receive(a.last(b), 0)
			if len(b.got) != 4 || tunnel.Inbound()[0].Window() != 0 || !tunnel.Manual || tunnel.ACL != "3000" {
				t.Errorf("%s: B got %d packets, want 4; tunnel %+v", name, len(b.got), tunnel)
			}
		}
	}
}

func TestManualSAsFollowTheConfiguration(t *testing.T) {
	s := TransformSet{Encr: []Algorithm{{AES, 128}}, Auth: []Authentication{HMACSHA1}}
	for _, tt := range []struct {
		name   string
		change func(s *side, x *Entry)
		there  bool
	}{
		{"nothing", func(*side, *Entry) {}, true},
		{"no inbound SPI", func(_ *side, x *Entry) { x.Manual.InESP.SPI = 0 }, false},
		{"no outbound key", func(_ *side, x *Entry) { x.Manual.OutESP.Encr = nil }, false},
		{"key of another length", func(_ *side, x *Entry) { x.Manual.OutESP.Auth = make([]byte, 16) }, false},
		{"no list", func(_ *side, x *Entry) { x.ACL = "" }, false},
		{"no set", func(_ *side, x *Entry) { x.Sets = nil }, false},
		{"AH without keys", func(s *side, x *Entry) {
			x.Manual.InAH, s.e.TransformSet("s").Protocol, s.e.TransformSet("s").AH = ManualKeys{}, AHAndESP, []Authentication{HMACMD5}
		}, false},
		{"AH that nobody asks for", func(_ *side, x *Entry) { x.Manual.InAH = ManualKeys{} }, true},
		{"policy taken off", func(s *side, _ *Entry) { s.e.Unapply("out") }, false},
		{"another SPI", func(_ *side, x *Entry) { x.Manual.InESP.SPI = 4000 }, true},
	} {
		a, _ := byHand(t, s, "")
		tt.change(a, a.e.Policy("map").Entry(10))
		a.e.Sync()
		a.e.Sync()
		got := a.e.Tunnels(Filter{})
		if len(got) == 1 != tt.there {
			t.Errorf("%s: %d tunnels", tt.name, len(got))
		}
		if tt.there && got[0].Inbound()[0].SPI != a.e.Policy("map").Entry(10).Manual.InESP.SPI {
			t.Errorf("%s: the SPI is %d", tt.name, got[0].Inbound()[0].SPI)
		}
	}
}

// A reset makes them anew and tells nobody; what IKE says of the peer does not
// concern them.
func TestManualSAsAndIKE(t *testing.T) {
	a, b := byHand(t, TransformSet{Encr: []Algorithm{{AES, 128}}, Auth: []Authentication{HMACSHA1}}, "")
	a.send(stack.Stolen, true)
	old := a.e.Tunnels(Filter{})[0].Outbound()
	a.e.DeleteSPI(addrB, 2000)
	a.e.DeletePairs(addrA, addrB, 0)
	if got := a.e.Tunnels(Filter{}); len(got) != 1 || got[0].Outbound() != old {
		t.Error("IKE has deleted what it had not made")
	}
	a.e.Reset(Filter{})
	a.w.RunUntil(a.Now().Add(1e9))
	if got := a.e.Tunnels(Filter{}); len(got) != 1 || got[0].Outbound() == old || got[0].Outbound().Sequence() != 0 {
		t.Errorf("after a reset: %d tunnels, the old SA %v", len(got), len(got) > 0 && got[0].Outbound() == old)
	}
	wantIKE(t, a)
	if _, ok := b.e.PolicyFor(addrB, addrA, Selector{Src: netB, Dst: netA}, ""); ok {
		t.Error("a manual entry answers a quick mode")
	}
	b.e.In(&stack.Packet{In: b.out, Src: hostA, Dst: hostB, Proto: 1})
	b.wantDrop(Unprotected)
}

func TestKeyOfString(t *testing.T) {
	long, short := keyOfString("abc", "encryption", 70), keyOfString("abc", "encryption", 8)
	if len(long) != 70 || !bytes.HasPrefix(long, short) {
		t.Errorf("keys are %x and %x", long, short)
	}
	if bytes.Equal(short, keyOfString("abc", "authentication", 8)) || bytes.Equal(short, keyOfString("abd", "encryption", 8)) {
		t.Error("other strings and uses make the same key")
	}
}
