package ipsec

import (
	"net/netip"
	"testing"

	"cwlab/emulator/stack"
)

// An entry that stands for a template takes its turn with what its tunnels
// carry; it hides nothing else from the entries behind it.
func TestTemplateBeforeAnEntry(t *testing.T) {
	_, a, _ := twoSides(t)
	other := netip.MustParseAddr("10.0.2.77")
	a.e.AddPolicy("map", 5).Template = "temp"
	body := a.e.AddTemplate("temp", 1)
	body.Sets, body.Remote = []string{"t1"}, addrB
	req, ok := a.e.PolicyFor(addrA, addrB, Selector{Src: netA, Dst: netip.PrefixFrom(other, 32)}, "")
	if !ok || req.Seq != 5 || req.TemplateSeq != 1 {
		t.Fatalf("the peer's proposal is for %+v, want entry 5 and its template's entry 1", req)
	}
	tr := req.Transforms[0]
	if err := a.e.AddPair(Pair{Request: req, Transform: tr, InSPI: 300, OutSPI: 301, In: keysOf(tr, 1), Out: keysOf(tr, 9)}); err != nil {
		t.Fatal(err)
	}
	for dst, want := range map[netip.Addr]stack.Verdict{other: stack.Stolen, hostB: stack.Drop} {
		if got := a.e.Out(a.packet(hostA, dst, false)); got != want {
			t.Errorf("verdict of a packet to %v is %d, want %d", dst, got, want)
		}
	}
	a.w.RunUntil(a.w.Now().Add(2 * ipcMax))
	if len(a.asked) != 1 || a.asked[0].Seq != 10 {
		t.Errorf("asked for %+v, want entry 10", a.asked)
	}
	if a.e.TemplateChanged("TEMP", 2); len(a.e.Tunnels(Filter{})) != 1 {
		t.Error("another entry of the template ends the tunnel")
	}
	if a.e.TemplateChanged("TEMP", 1); len(a.e.Tunnels(Filter{})) != 0 {
		t.Error("a change of the template leaves the tunnel")
	}
}

// The bit of the outer header is a matter of tunnel mode: in transport mode the
// header is the packet's own.
func TestDFInTransportMode(t *testing.T) {
	_, a, b := twoSides(t)
	one := func(x netip.Addr) netip.Prefix { return netip.PrefixFrom(x, 32) }
	a.acls["3000"] = rules{{Permit: true, Flow: Selector{Src: one(addrA), Dst: one(addrB)}}}
	connect(t, a, b, Transform{Mode: Transport, Encr: AES, KeyBits: 128, Auth: HMACSHA1}, func(p *Pair) {
		p.Flow = Selector{Src: one(addrA), Dst: one(addrB)}
	})
	for _, tt := range []struct {
		mode DF
		df   bool
	}{{ClearDF, true}, {SetDF, false}, {CopyDF, true}} {
		a.e.DF = tt.mode
		p := a.packet(addrA, addrB, true)
		p.DF = tt.df
		if a.e.Out(p) != stack.Stolen || a.last(b).DF != tt.df {
			t.Errorf("mode %d makes the bit %v of %v", tt.mode, a.last(b).DF, tt.df)
		}
	}
	// A packet without the bit is protected whole and cut afterwards.
	p := a.packet(addrA, addrB, true)
	p.Payload = make([]byte, 3000)
	n := len(a.sent)
	if a.e.Out(p) != stack.Stolen || len(a.sent) != n+1 || len(a.last(b).Payload) < 3000 {
		t.Errorf("a long packet left in %d pieces", len(a.sent)-n)
	}
	b.e.ESP(a.last(b))
	if len(b.got) != 1 || len(b.got[0].Payload) != 3000 {
		t.Errorf("B got %d packets", len(b.got))
	}
	// One that may not be cut comes up to 20 bytes longer than in tunnel mode.
	p = a.packet(addrA, addrB, true)
	p.DF, p.Payload = true, make([]byte, 1449-20)
	if a.e.Out(p) != stack.Drop || len(a.tooBig) != 1 || a.tooBig[0] != 1448 {
		t.Errorf("the sender was told %v, want 1448", a.tooBig)
	}
}
