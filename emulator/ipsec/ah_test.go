package ipsec

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"cwlab/emulator/stack"
)

var headers = []Authentication{HMACMD5, HMACSHA1, HMACSHA256, HMACSHA384, HMACSHA512}

func keyOf(a Authentication) []byte {
	k := make([]byte, a.KeyLen())
	for i := range k {
		k[i] = byte(i)
	}
	return k
}

// An echo request with AH, reckoned by another implementation of HMAC over the
// bytes of RFC 4302 section 3.3.3.
func TestKnownAH(t *testing.T) {
	echo := append([]byte{8, 0, 0xf7, 0xff, 0, 0, 0, 0}, "abcdefgh"...)
	tests := []struct {
		alg  Authentication
		want string
	}{
		{HMACMD5, "010400000000123400000007f9984cc894ed88b17c499d610800f7ff000000006162636465666768"},
		{HMACSHA1, "010400000000123400000007a74a81c426184eb6dd3555960800f7ff000000006162636465666768"},
		{HMACSHA256, "01050000000012340000000751f5735cf9971b524aabee4387accf210800f7ff000000006162636465666768"},
		{HMACSHA384, "010700000000123400000007c991fe426b58c52da4a7822a503bf6e85ccd9bd593002b3f0800f7ff000000006162636465666768"},
		{HMACSHA512, "010900000000123400000007a55cc35cafc043998ecdb1526558dfdc04e9906acbdefbce43997e02c1485d370800f7ff000000006162636465666768"},
	}
	for _, tt := range tests {
		a, err := newAuthenticator(tt.alg, keyOf(tt.alg))
		if err != nil {
			t.Fatal(err)
		}
		p := &stack.Packet{Src: addrA, Dst: addrB, Proto: 1, TTL: 64, TOS: 0xb8, DF: true, ID: 0xbeef, Payload: echo}
		a.sign(p, 0x1234, 7, nil)
		if got := hex.EncodeToString(p.Payload); got != tt.want || p.Proto != ProtoAH {
			t.Errorf("%v: protocol %d, %s, want %s", tt.alg, p.Proto, got, tt.want)
		}
	}
}

// What changes on the way is not covered, all else is (RFC 4302 section
// 3.3.3.1).
func TestMutableFields(t *testing.T) {
	for _, alg := range headers {
		tests := []struct {
			name   string
			change func(*stack.Packet)
			good   bool
		}{
			{"nothing", func(*stack.Packet) {}, true},
			{"type of service", func(p *stack.Packet) { p.TOS = 0x20 }, true},
			{"TTL", func(p *stack.Packet) { p.TTL-- }, true},
			{"DF", func(p *stack.Packet) { p.DF = !p.DF }, true},
			{"record route", func(p *stack.Packet) { p.Record[3] = 9 }, true},
			{"length of record route", func(p *stack.Packet) { p.Record = nil }, false},
			{"source", func(p *stack.Packet) { p.Src = hostA }, false},
			{"destination", func(p *stack.Packet) { p.Dst = hostA }, false},
			{"identification", func(p *stack.Packet) { p.ID++ }, false},
			{"next header", func(p *stack.Packet) { p.Payload[0]++ }, false},
			{"sequence number", func(p *stack.Packet) { p.Payload[11]++ }, false},
			{"SPI", func(p *stack.Packet) { p.Payload[7]++ }, false},
			{"reserved", func(p *stack.Packet) { p.Payload[len(p.Payload)-1]++ }, false},
		}
		for _, tt := range tests {
			a, _ := newAuthenticator(alg, keyOf(alg))
			p := &stack.Packet{Src: addrA, Dst: addrB, Proto: 17, TTL: 9, ID: 5, Record: []byte{7, 7, 4, 0, 0, 0, 0}, Payload: []byte("a datagram")}
			a.sign(p, 300, 1, nil)
			tt.change(p)
			var h AH
			if err := h.UnmarshalBinary(p.Payload); err != nil {
				t.Fatal(err)
			}
			if err := a.verify(p, &h, nil); (err == nil) != tt.good {
				t.Errorf("%v, %s changed: verify said %v", alg, tt.name, err)
			}
		}
	}
}

// bundles are AH alone and around ESP in both modes.
func bundles() []Transform {
	var out []Transform
	for _, m := range []Mode{Tunnel, Transport} {
		for _, a := range headers {
			out = append(out, Transform{Mode: m, AH: a}, Transform{Mode: m, AH: a, Encr: AES, KeyBits: 128, Auth: HMACSHA1},
				Transform{Mode: m, AH: a, Encr: DES})
		}
	}
	return out
}

// pass connects two sides with a transform, from host to host in transport
// mode.
func pass(t *testing.T, tr Transform) (a, b *side, send func()) {
	t.Helper()
	_, a, b = twoSides(t)
	one := func(x netip.Addr) netip.Prefix { return netip.PrefixFrom(x, 32) }
	src, dst := hostA, hostB
	if tr.Mode == Transport {
		src, dst = addrA, addrB
		a.acls["3000"] = rules{{Permit: true, Flow: Selector{Src: one(addrA), Dst: one(addrB)}}}
	}
	connect(t, a, b, tr, func(p *Pair) {
		if tr.Mode == Transport {
			p.Flow = Selector{Src: one(addrA), Dst: one(addrB)}
		}
	})
	return a, b, func() {
		t.Helper()
		if v := a.e.Out(a.packet(src, dst, true)); v != stack.Stolen {
			t.Fatalf("%+v: verdict is %d", tr, v)
		}
	}
}

func TestAHAndBundlesCarryPackets(t *testing.T) {
	for _, tr := range bundles() {
		name := fmt.Sprintf("mode %d, %v, ESP %v", tr.Mode, tr.AH, tr.HasESP())
		a, b, send := pass(t, tr)
		for range 3 {
			send()
			b.e.AH(a.last(b))
		}
		if len(b.got) != 3 || b.got[2].Proto != 1 || len(b.got[2].Payload) != 64 || !b.got[2].Decrypted {
			t.Fatalf("%s: B got %+v", name, b.got)
		}
		p := a.sent[0]
		if p.Proto != ProtoAH || p.ID == 0 || p.Src != addrA {
			t.Errorf("%s: outer packet is %+v", name, p)
		}
		next := map[bool]byte{true: ProtoESP, false: nextIPv4}[tr.HasESP()]
		if tr.Mode == Transport && !tr.HasESP() {
			next = 1
		}
		if p.Payload[0] != next {
			t.Errorf("%s: next header is %d, want %d", name, p.Payload[0], next)
		}
		for _, sa := range append(b.e.Tunnels(Filter{})[0].Inbound(), a.e.Tunnels(Filter{})[0].OutboundSAs()...) {
			if kb, _ := sa.Remaining(a.Now()); sa.Sequence() != 3 || kb != DefaultKilobytes-1 {
				t.Errorf("%s: protocol %d has sequence number %d, %d kilobytes left", name, sa.Proto, sa.Sequence(), kb)
			}
		}
		b.e.AH(a.last(b))
		b.wantDrop(Replayed)
		send()
		bad := a.last(b)
		bad.ID++
		b.e.AH(bad)
		b.wantDrop(AuthenticationFailed)
		cut := a.last(b)
		cut.Payload = cut.Payload[:20]
		b.e.AH(cut)
		b.wantDrop(WrongLength)
		if !tr.HasESP() {
			continue
		}
		// What is inside the AH may not come without it.
		bare := a.last(b)
		var h AH
		if err := h.UnmarshalBinary(bare.Payload); err != nil {
			t.Fatal(err)
		}
		bare.Proto, bare.Payload = ProtoESP, h.Payload
		b.e.ESP(bare)
		b.wantDrop(ModeMismatch)
		if len(b.got) != 3 {
			t.Errorf("%s: B took %d packets, want 3", name, len(b.got))
		}
	}
}

// AH of a bundle around something else than its ESP is refused.
func TestBundleInside(t *testing.T) {
	for _, tt := range []struct {
		proto  uint8
		change func(b []byte) []byte
		want   Reason
	}{
		{nextIPv4, func(b []byte) []byte { return b }, ModeMismatch},
		{ProtoESP, func(b []byte) []byte { return b[:4] }, WrongLength},
		{ProtoESP, func(b []byte) []byte { b[0]++; return b }, InvalidSPI},
	} {
		a, b, send := pass(t, Transform{Mode: Tunnel, AH: HMACSHA1, Encr: AES, KeyBits: 128, Auth: HMACSHA1})
		send()
		p := a.last(b)
		var h AH
		if err := h.UnmarshalBinary(p.Payload); err != nil {
			t.Fatal(err)
		}
		p.Proto, p.Payload = tt.proto, tt.change(h.Payload)
		b.e.Tunnels(Filter{})[0].Inbound()[0].auth.sign(p, h.SPI, h.Sequence, nil)
		b.e.AH(p)
		b.wantDrop(tt.want)
	}
}

func TestDeletesOfBundles(t *testing.T) {
	for _, proto := range []uint8{ProtoAH, ProtoESP} {
		a, _, _ := pass(t, Transform{Mode: Tunnel, AH: HMACMD5, Encr: DES, Auth: HMACMD5})
		sas := a.e.Tunnels(Filter{})[0].OutboundSAs()
		i := slices.IndexFunc(sas, func(sa *SA) bool { return sa.Proto == proto })
		a.e.Reset(Filter{SPI: sas[i].SPI, Proto: ProtoAH + ProtoESP - proto})
		if len(a.e.Tunnels(Filter{})) != 1 {
			t.Errorf("the SPI of the other protocol deleted the tunnel")
		}
		a.e.DeleteSPI(addrB, sas[i].SPI)
		if len(a.e.Tunnels(Filter{})) != 0 || len(a.e.inbound) != 0 {
			t.Errorf("deleting the SA of protocol %d leaves %d SAs", proto, len(a.e.inbound))
		}
	}
}

// The room that the headers take: what fits is carried in one packet of the
// link, whatever the padding.
func TestPathMTUWithAH(t *testing.T) {
	for _, tr := range bundles() {
		a, _, _ := pass(t, tr)
		mtu := a.e.PathMTU(a.e.Tunnels(Filter{})[0])
		p := a.packet(hostA, hostB, true)
		if tr.Mode == Transport {
			p.Src, p.Dst = addrA, addrB
		}
		p.DF, p.Payload = true, make([]byte, mtu-20)
		if v := a.e.Out(p); v != stack.Stolen {
			t.Fatalf("verdict is %d", v)
		}
		if n := 20 + len(a.sent[0].Payload); n > 1500 {
			t.Errorf("a packet of %d bytes becomes one of %d", mtu, n)
		}
	}
	if got, want := (Transform{Mode: Tunnel, AH: HMACSHA1}).PathMTU(1500), 1500-20-24; got != want {
		t.Errorf("path MTU of AH is %d, want %d", got, want)
	}
}

func FuzzAH(f *testing.F) {
	f.Add([]byte{1, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Fuzz(func(t *testing.T, data []byte) {
		var p AH
		if err := p.UnmarshalBinary(data); err == nil && len(data) > 3 && data[2] == 0 && data[3] == 0 {
			if back, _ := p.AppendBinary(nil); !bytes.Equal(back, data) {
				t.Errorf("%x became %x", data, back)
			}
		}
		_, a, b := twoSides(t)
		connect(t, a, b, Transform{AH: HMACMD5, Encr: Null}, nil)
		b.e.AH(&stack.Packet{In: b.out, Src: addrA, Dst: addrB, Proto: ProtoAH, Payload: data})
	})
}
