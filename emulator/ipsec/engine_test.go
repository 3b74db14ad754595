package ipsec

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

var (
	addrA, addrB = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	netA, netB   = netip.MustParsePrefix("10.0.1.0/24"), netip.MustParsePrefix("10.0.2.0/24")
	hostA, hostB = netip.MustParseAddr("10.0.1.5"), netip.MustParseAddr("10.0.2.5")
	start        = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
)

// A rules is an ACL for tests.
type rules []Rule

func (l rules) Match(f Flow, _ bool) (Rule, bool) {
	for _, r := range l {
		if r.Flow.Matches(f) {
			return r, true
		}
	}
	return Rule{}, false
}

func (l rules) Rules() []Rule { return l }

// A side is one engine with a recording host.
type side struct {
	t      testing.TB
	w      *sim.World
	name   string
	e      *Engine
	stack  *stack.Host // puts fragments together
	out    *stack.Iface
	local  []netip.Addr
	acls   map[string]ACL
	sent   []*stack.Packet
	got    []*stack.Packet
	events []Event
	ike    []string
	asked  []Request
	expire []Pair
	ids    uint16
	tooBig []int
	routes []ReverseRoute
}

func (s *side) Now() time.Time                             { return s.w.Now() }
func (s *side) After(d time.Duration, f func()) *sim.Timer { return s.w.After(d, f) }
func (s *side) Stream(purpose string) *sim.Stream          { return s.w.Stream(s.name, purpose) }
func (s *side) SendIP(p *stack.Packet) error               { s.sent = append(s.sent, p); return nil }
func (s *side) NextID() uint16                             { s.ids++; return s.ids }
func (s *side) Inject(p *stack.Packet)                     { s.got = append(s.got, p) }
func (s *side) Reassemble(in *stack.Iface, via uint32, b []byte) (*stack.Packet, error) {
	return s.stack.Reassemble(in, via, b)
}
func (s *side) TooBig(_ *stack.Packet, mtu int)             { s.tooBig = append(s.tooBig, mtu) }
func (s *side) IsLocal(a netip.Addr) bool                   { return slices.Contains(s.local, a) }
func (s *side) Interface(string) (addr netip.Addr, mtu int) { return s.local[0], 1500 }
func (s *side) Emit(e Event)                                { s.events = append(s.events, e) }
func (s *side) RoleChanged()                                { s.ike = append(s.ike, "role") }
func (s *side) SoftExpire(p Pair)                           { s.ike = append(s.ike, "expire"); s.expire = append(s.expire, p) }
func (s *side) Deleted(p []Pair)                            { s.ike = append(s.ike, fmt.Sprintf("deleted %d", len(p))) }
func (s *side) Acquire(r Request)                           { s.ike = append(s.ike, "acquire"); s.asked = append(s.asked, r) }
func (s *side) InvalidSPI(l, r netip.Addr, proto uint8, spi uint32) {
	s.ike = append(s.ike, fmt.Sprintf("invalid %v %v %d %d", l, r, proto, spi))
}
func (s *side) RouteMTU(netip.Addr) int { return 1500 }
func (s *side) AddRoute(r ReverseRoute) { s.routes = append(s.routes, r) }
func (s *side) RemoveRoute(r ReverseRoute) {
	s.routes = slices.DeleteFunc(s.routes, func(o ReverseRoute) bool { return o == r })
}
func (s *side) ACL(name string) ACL {
	if l, ok := s.acls[name]; ok {
		return l
	}
	return nil
}

func newSide(t testing.TB, w *sim.World, name string, local, remote netip.Addr, inside, far netip.Prefix) *side {
	s := &side{t: t, w: w, name: name, local: []netip.Addr{local}}
	s.stack = stack.New(w, name)
	s.out = s.stack.AddLoopback("out")
	s.acls = map[string]ACL{"3000": rules{{Permit: true, Flow: Selector{Src: inside, Dst: far}}}}
	s.e = New(s)
	s.e.AddTransformSet(&TransformSet{Name: "T1", Encr: []Algorithm{{AES, 128}}, Auth: []Authentication{HMACSHA1}})
	x := s.e.AddPolicy("map", 10)
	x.ACL, x.Sets, x.Remote = "3000", []string{"t1"}, remote
	s.e.Apply("out", "MAP")
	return s
}

func twoSides(t testing.TB) (w *sim.World, a, b *side) {
	w = sim.New(start, 1, nil)
	return w, newSide(t, w, "A", addrA, addrB, netA, netB), newSide(t, w, "B", addrB, addrA, netB, netA)
}

// connect installs a pair on both sides, as a quick mode that a began does.
func connect(t testing.TB, a, b *side, tr Transform, change func(*Pair)) {
	t.Helper()
	flow := Selector{Src: netA, Dst: netB}
	req, ok := b.e.PolicyFor(addrB, addrA, flow.Reverse(), "")
	if !ok {
		t.Fatal("B has no policy for the flow")
	}
	tr.Mode = max(tr.Mode, Tunnel)
	pa := Pair{Request: req, Initiator: true, Transform: tr, InSPI: a.e.LarvalSPI(addrB), OutSPI: b.e.LarvalSPI(addrA), In: keysOf(tr, 1), Out: keysOf(tr, 9), IKE: 1}
	pa.Local, pa.Remote, pa.Flow = addrA, addrB, flow
	if !tr.HasESP() {
		pa.InSPI, pa.OutSPI = 0, 0
	}
	if tr.HasAH() {
		pa.InAH, pa.OutAH = a.e.LarvalSPI(addrB), b.e.LarvalSPI(addrA)
	}
	if change != nil {
		change(&pa)
	}
	pb := pa
	pb.Request.Local, pb.Request.Remote, pb.Request.Flow, pb.Initiator = addrB, addrA, pa.Flow.Reverse(), false
	pb.InSPI, pb.OutSPI, pb.In, pb.Out = pa.OutSPI, pa.InSPI, pa.Out, pa.In
	pb.InAH, pb.OutAH = pa.OutAH, pa.InAH
	for s, p := range map[*side]Pair{a: pa, b: pb} {
		if err := s.e.AddPair(p); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *side) packet(src, dst netip.Addr, local bool) *stack.Packet {
	return &stack.Packet{Out: s.out, Src: src, Dst: dst, Proto: 1, TTL: 64, ID: 7, Payload: make([]byte, 64), Local: local}
}

func (s *side) send(want stack.Verdict, local bool) {
	s.t.Helper()
	src, dst := hostA, hostB
	if s.name == "B" {
		src, dst = hostB, hostA
	}
	if got := s.e.Out(s.packet(src, dst, local)); got != want {
		s.t.Errorf("verdict of %s is %d, want %d", s.name, got, want)
	}
}

// last is the ESP packet sent last, as the peer gets it.
func (s *side) last(to *side) *stack.Packet {
	s.t.Helper()
	if len(s.sent) == 0 {
		s.t.Fatal("nothing was sent")
	}
	p := *s.sent[len(s.sent)-1]
	p.Payload = slices.Clone(p.Payload)
	p.In, p.Out, p.Local, p.Encrypted = to.out, nil, false, false
	return &p
}

func (s *side) wantDrop(why Reason) {
	s.t.Helper()
	for i := len(s.events) - 1; i >= 0; i-- {
		if e := s.events[i]; e.Kind == Dropped {
			if e.Reason != why {
				s.t.Errorf("last drop of %s is for reason %d, want %d", s.name, e.Reason, why)
			}
			return
		}
	}
	s.t.Errorf("%s dropped nothing, want reason %d", s.name, why)
}

func wantIKE(t *testing.T, s *side, want ...string) {
	t.Helper()
	if !slices.Equal(s.ike, want) {
		t.Errorf("messages of %s to IKE are %q, want %q", s.name, s.ike, want)
	}
}

func TestTunnelOfEveryAlgorithm(t *testing.T) {
	for _, tr := range algorithms() {
		_, a, b := twoSides(t)
		connect(t, a, b, tr, nil)
		for range 3 {
			a.send(stack.Stolen, true)
			b.e.ESP(a.last(b))
		}
		if len(b.got) != 3 {
			t.Fatalf("%v/%v: B got %d packets, want 3", tr.Encr, tr.Auth, len(b.got))
		}
		p := b.got[2]
		if p.Src != hostA || p.Dst != hostB || p.Proto != 1 || p.TTL != 64 || len(p.Payload) != 64 || !p.Decrypted || p.In != b.out {
			t.Errorf("%v/%v: B got %+v", tr.Encr, tr.Auth, p)
		}
		if outer := a.sent[0]; outer.Src != addrA || outer.Dst != addrB || outer.Proto != ProtoESP || !outer.Encrypted {
			t.Errorf("outer packet is %+v", outer)
		}
		in, out := b.e.Tunnels(Filter{})[0].Inbound()[0], a.e.Tunnels(Filter{})[0].Outbound()
		if in.Sequence() != 3 || out.Sequence() != 3 {
			t.Errorf("sequence numbers are %d and %d, want 3", in.Sequence(), out.Sequence())
		}
		if kb, sec := in.Remaining(b.Now()); kb != DefaultKilobytes-1 || sec != DefaultSeconds {
			t.Errorf("remaining lifetime is %d/%d", kb, sec)
		}
		if in.ConnID() != 1<<32 || b.e.Tunnels(Filter{})[0].Outbound().ConnID() != 1<<32+1 {
			t.Errorf("connection IDs begin with %d", in.ConnID())
		}
		if s := b.e.Stats; s.ReceivedPackets != 3 || s.ReceivedBytes != 3*84 || s.ReceivedDrops != 0 {
			t.Errorf("statistics of B are %+v", s)
		}
	}
}

func TestTransportMode(t *testing.T) {
	_, a, b := twoSides(t)
	one := func(x netip.Addr) netip.Prefix { return netip.PrefixFrom(x, 32) }
	a.acls["3000"] = rules{{Permit: true, Flow: Selector{Src: one(addrA), Dst: one(addrB)}}}
	connect(t, a, b, Transform{Mode: Transport, Encr: DES3, Auth: HMACMD5}, func(p *Pair) {
		p.Flow = Selector{Src: one(addrA), Dst: one(addrB)}
	})
	if v := a.e.Out(a.packet(addrA, addrB, true)); v != stack.Stolen {
		t.Fatalf("verdict is %d", v)
	}
	b.e.ESP(a.last(b))
	if len(b.got) != 1 || b.got[0].Proto != 1 || b.got[0].Src != addrA {
		t.Fatalf("B got %+v", b.got)
	}
}

// RFC 4301 section 7: a peer may protect the fragments of a packet one by one
// in tunnel mode. They make one packet again, and only with others that came
// through the same tunnel.
func TestFragmentsInsideATunnel(t *testing.T) {
	_, a, b := twoSides(t)
	connect(t, a, b, Transform{Encr: AES, KeyBits: 128, Auth: HMACSHA1}, nil)
	sa := a.e.Tunnels(Filter{})[0].Outbound()
	src, dst := hostA, hostB
	data := bytes.Repeat([]byte("0123456789abcdef"), 100)
	data[0], data[1], data[2], data[3] = 8, 0, 0, 0
	part := func(id uint16, from, to int) []byte {
		return new(wire.Codec).AppendIPv4(&wire.IPv4{TTL: 64, Proto: 1, ID: id, Src: src, Dst: dst, MF: to < len(data), Offset: from, Payload: data[from:to]})
	}
	protect := func(inner []byte) {
		outer := &stack.Packet{Src: addrA, Dst: addrB, TTL: 64, Proto: nextIPv4, Payload: inner, In: b.out}
		a.e.wrap(sa, outer, Event{SA: sa}, false)
		b.e.ESP(outer)
	}
	protect(part(7, 800, len(data)))
	if len(b.got) != 0 {
		t.Fatalf("half a packet came out: %+v", b.got)
	}
	protect(part(7, 0, 800))
	if len(b.got) != 1 || !bytes.Equal(b.got[0].Payload, data) || !b.got[0].Decrypted || b.got[0].Src != src {
		t.Fatalf("B got %+v", b.got)
	}
	if s := b.e.Stats; s.ReceivedPackets != 2 || s.ReceivedBytes != uint64(len(data)+40) || s.ReceivedDrops != 0 {
		t.Errorf("statistics are %+v", s)
	}
	protect(part(8, 0, 800))
	if p, err := b.stack.Reassemble(b.out, 0, part(8, 800, len(data))); p != nil || err != nil {
		t.Errorf("a part in clear completed what was protected: %v, %v", p, err)
	}
	if len(b.got) != 1 {
		t.Errorf("B got %d packets", len(b.got))
	}
}

func TestReplayAndWrongKey(t *testing.T) {
	_, a, b := twoSides(t)
	connect(t, a, b, Transform{Encr: AES, KeyBits: 128, Auth: HMACSHA1}, nil)
	a.send(stack.Stolen, true)
	p := a.last(b)
	b.e.ESP(p)
	b.e.ESP(p)
	b.wantDrop(Replayed)
	a.send(stack.Stolen, true)
	bad := a.last(b)
	bad.Payload[30] ^= 1
	b.e.ESP(bad)
	b.wantDrop(AuthenticationFailed)
	short := a.last(b)
	short.Payload = short.Payload[:20]
	b.e.ESP(short)
	b.wantDrop(WrongLength)
	other := a.last(b)
	other.Src = hostA
	b.e.ESP(other)
	b.wantDrop(AddressMismatch)
	b.e.ESP(a.last(b))
	if len(b.got) != 2 {
		t.Errorf("B got %d packets, want 2: a bad packet must not move the window", len(b.got))
	}
	if s := b.e.Stats; s.Replayed != 1 || s.AuthFailure != 1 || s.InvalidLength != 1 || s.WrongSA != 1 || s.ReceivedDrops != 4 {
		t.Errorf("statistics of B are %+v", s)
	}
	if s := b.e.Tunnels(Filter{})[0].Stats; s.ReceivedDrops != 4 || s.ReceivedPackets != 2 {
		t.Errorf("statistics of the tunnel are %+v", s)
	}

	_, a, b = twoSides(t)
	connect(t, a, b, Transform{Encr: DES, Auth: 0}, func(p *Pair) {})
	for _, sa := range b.e.inbound {
		s, err := newSuite(sa.pair.Transform, keysOf(sa.pair.Transform, 77))
		if err != nil {
			t.Fatal(err)
		}
		sa.suite = s
	}
	a.send(stack.Stolen, true)
	b.e.ESP(a.last(b))
	b.wantDrop(DecryptionFailed)
}

func TestFirstPacketAcquiresAndFlowIsBlocked(t *testing.T) {
	w, a, b := twoSides(t)
	a.send(stack.Drop, true)
	a.wantDrop(NoAvailableSA)
	a.send(stack.Refuse, true)
	a.send(stack.Drop, false)
	a.wantDrop(FlowIsBlocked)
	wantIKE(t, a)
	w.RunUntil(start.Add(ipcMax))
	wantIKE(t, a, "acquire")
	r := a.asked[0]
	if r.Local != addrA || r.Remote != addrB || r.Flow != (Selector{Src: netA, Dst: netB}) || len(r.Transforms) != 1 || r.Seconds != DefaultSeconds || r.Policy != "map" || r.Seq != 10 {
		t.Errorf("the request is %+v", r)
	}
	connect(t, a, b, r.Transforms[0], nil)
	if len(a.e.Blocked()) != 0 {
		t.Error("the flow is still blocked")
	}
	a.send(stack.Stolen, true)

	a.e.DeletePairs(addrA, addrB, 1)
	a.send(stack.Drop, true)
	a.e.Failed(addrA, addrB)
	a.send(stack.Drop, true)
	w.RunUntil(w.Now().Add(blockAge + time.Second))
	a.send(stack.Drop, true)
	w.RunUntil(w.Now().Add(ipcMax))
	wantIKE(t, a, "acquire", "acquire", "acquire", "acquire")
}

func TestNoNegotiationFromAnAddressOfAnother(t *testing.T) {
	w, a, _ := twoSides(t)
	vip := netip.MustParseAddr("192.0.2.100")
	a.e.Policy("map").Entry(10).Local = vip
	a.send(stack.Drop, true)
	a.wantDrop(NotLocal)
	a.e.RoleChanged(netip.MustParseAddr("192.0.2.101"))
	a.local = append(a.local, vip)
	a.e.RoleChanged(vip)
	a.send(stack.Drop, true)
	w.RunUntil(w.Now().Add(2 * ipcMax))
	wantIKE(t, a, "role", "acquire")
}

func TestInvalidSPIIsReportedOnceUntilItAges(t *testing.T) {
	for _, tr := range []Transform{{Encr: DES, Auth: HMACSHA1}, {AH: HMACSHA1}} {
		w, a, b := twoSides(t)
		connect(t, a, b, tr, nil)
		in := b.e.Tunnels(Filter{})[0].Inbound()[0]
		take := map[uint8]func(*stack.Packet){ProtoESP: b.e.ESP, ProtoAH: b.e.AH}[in.Proto]
		b.e.DeletePairs(addrB, addrA, 0)
		for range 9 {
			a.send(stack.Stolen, true)
			take(a.last(b))
			w.RunUntil(w.Now().Add(time.Second))
		}
		report := fmt.Sprintf("invalid %v %v %d %d", addrB, addrA, in.Proto, in.SPI)
		wantIKE(t, b, report)
		w.RunUntil(w.Now().Add(time.Second))
		take(a.last(b))
		w.RunUntil(w.Now().Add(time.Second))
		wantIKE(t, b, report, report)
		if b.e.Stats.NoSA != 10 {
			t.Errorf("no available SA: %d, want 10", b.e.Stats.NoSA)
		}
		larval := b.e.LarvalSPI(addrA)
		wire, _ := (&ESP{SPI: larval, Sequence: 1, Data: make([]byte, 40)}).AppendBinary(nil)
		b.e.ESP(&stack.Packet{Src: addrA, Dst: addrB, Proto: ProtoESP, Payload: wire})
		b.wantDrop(NoAvailableSA)
		w.RunUntil(w.Now().Add(time.Second))
		wantIKE(t, b, report, report)
	}
}

func TestLifetimeInSeconds(t *testing.T) {
	w, a, b := twoSides(t)
	connect(t, a, b, Transform{Encr: DES, Auth: HMACSHA1}, func(p *Pair) { p.Seconds = 200 })
	w.RunUntil(start.Add(179 * time.Second))
	wantIKE(t, a)
	w.RunUntil(start.Add(181 * time.Second))
	wantIKE(t, a, "expire")
	wantIKE(t, b)
	old := b.e.Tunnels(Filter{})[0].Inbound()[0]
	// The rekey: traffic switches at once, the old inbound SA still receives.
	a.send(stack.Stolen, true)
	late := a.last(b)
	connect(t, a, b, Transform{Encr: DES, Auth: HMACSHA1}, func(p *Pair) { p.Seconds = 200 })
	a.send(stack.Stolen, true)
	tunnels := b.e.Tunnels(Filter{})
	if len(tunnels) != 1 || len(tunnels[0].Inbound()) != 2 || tunnels[0].ID != 0 {
		t.Fatalf("tunnels after the rekey: %+v", tunnels)
	}
	b.e.ESP(a.last(b))
	b.e.ESP(late)
	if len(b.got) != 2 || old.Sequence() != 1 || tunnels[0].Inbound()[0].Sequence() != 1 {
		t.Errorf("B got %d packets, one of each SA wanted", len(b.got))
	}
	w.RunUntil(start.Add(201 * time.Second))
	if n := len(tunnels[0].Inbound()); n != 1 {
		t.Errorf("%d pairs after the old one's end, want 1", n)
	}
	wantIKE(t, b)
	w.RunUntil(start.Add(400 * time.Second))
	if len(a.e.Tunnels(Filter{})) != 0 || len(b.e.Tunnels(Filter{})) != 0 {
		t.Error("tunnels outlive their last pair")
	}
	a.send(stack.Drop, true)
	a.wantDrop(NoAvailableSA)
}

func TestLifetimeInKilobytes(t *testing.T) {
	w, a, b := twoSides(t)
	connect(t, a, b, Transform{Encr: DES, Auth: HMACSHA1}, func(p *Pair) { p.Kilobytes = 1 })
	for range 11 {
		a.send(stack.Stolen, true)
	}
	w.RunUntil(start.Add(ipcMax))
	wantIKE(t, a, "expire")
	a.send(stack.Stolen, true)
	if kb, _ := a.e.Tunnels(Filter{})[0].Outbound().Remaining(a.Now()); kb != 0 {
		t.Errorf("%d kilobytes remain, want 0", kb)
	}
	a.send(stack.Drop, true) // 13 x 84 bytes are more than a kilobyte
	a.wantDrop(NoAvailableSA)
	if len(a.e.Tunnels(Filter{})) != 0 {
		t.Error("the pair is still there")
	}
}

func TestDeletes(t *testing.T) {
	_, a, b := twoSides(t)
	tr := Transform{Encr: DES, Auth: HMACSHA1}
	connect(t, a, b, tr, nil)
	connect(t, a, b, tr, func(p *Pair) { p.IKE = 2 })
	out := a.e.Tunnels(Filter{})[0].Outbound().SPI
	a.e.DeleteSPI(hostA, out)
	if n := len(a.e.Tunnels(Filter{})[0].Inbound()); n != 2 {
		t.Errorf("a delete of another peer left %d pairs, want 2", n)
	}
	a.e.DeleteSPI(addrB, out)
	if n := len(a.e.Tunnels(Filter{})[0].Inbound()); n != 1 {
		t.Errorf("a delete left %d pairs, want 1", n)
	}
	a.e.DeletePairs(addrA, addrB, 2)
	a.e.DeletePairs(addrA, addrB, 1)
	b.e.DeletePairs(addrB, addrA, 0)
	for _, s := range []*side{a, b} {
		if len(s.e.Tunnels(Filter{})) != 0 || len(s.e.inbound) != 0 || len(s.e.indices) != 0 {
			t.Errorf("%s still has pairs", s.name)
		}
		wantIKE(t, s)
	}
	connect(t, a, b, tr, nil)
	if id := a.e.Tunnels(Filter{})[0].Inbound()[0].ConnID(); id != 3<<32 {
		t.Errorf("connection ID of the third pair is %d, want %d", id, uint64(3)<<32)
	}
	a.e.Reset(Filter{Policy: "other"})
	a.e.Reset(Filter{Remote: addrB})
	wantIKE(t, a, "deleted 1")
	b.e.Unapply("out")
	if len(b.e.Tunnels(Filter{})) != 0 {
		t.Error("the tunnel outlives its policy")
	}
	b.send(stack.Accept, true)
}

func TestDuplicateSPI(t *testing.T) {
	_, a, b := twoSides(t)
	connect(t, a, b, Transform{Encr: DES, Auth: HMACSHA1}, nil)
	if err := a.e.AddPair(a.e.Tunnels(Filter{})[0].pairs[0].Pair); err == nil {
		t.Error("the same pair was taken twice")
	}
}

func TestClearPacketsAndDecryptCheck(t *testing.T) {
	_, a, b := twoSides(t)
	clearText := b.packet(hostA, hostB, false)
	clearText.In, clearText.Out = b.out, nil
	if v := b.e.In(clearText); v != stack.Drop {
		t.Errorf("a packet in the clear got verdict %d", v)
	}
	b.wantDrop(Unprotected)
	for _, p := range []*stack.Packet{
		{In: b.out, Src: hostA, Dst: addrB, Proto: 1},
		{In: b.out, Src: hostA, Dst: hostB, Proto: 1, Decrypted: true},
		{In: b.out, Src: hostA, Dst: netip.MustParseAddr("224.0.0.18"), Proto: 112},
		{In: b.out, Src: addrA, Dst: addrB, Proto: ProtoESP},
	} {
		if v := b.e.In(p); v != stack.Accept {
			t.Errorf("packet %v->%v got verdict %d", p.Src, p.Dst, v)
		}
	}
	connect(t, a, b, Transform{Encr: DES, Auth: HMACSHA1}, nil)
	any4 := netip.MustParsePrefix("0.0.0.0/0")
	a.acls["3000"] = rules{{Permit: true, Flow: Selector{Src: any4, Dst: any4}}}
	a.e.Tunnels(Filter{})[0].Flow = Selector{Src: any4, Dst: any4}
	if v := a.e.Out(a.packet(addrA, hostB, true)); v != stack.Stolen {
		t.Fatalf("verdict is %d", v)
	}
	b.e.ESP(a.last(b))
	b.wantDrop(ACLCheck)
	b.e.DecryptCheck = false
	a.e.Out(a.packet(addrA, hostB, true))
	b.e.ESP(a.last(b))
	if len(b.got) != 1 {
		t.Errorf("B got %d packets without the check, want 1", len(b.got))
	}
}

func TestSelectors(t *testing.T) {
	_, a, _ := twoSides(t)
	sub := netip.MustParsePrefix("10.0.1.0/28")
	a.acls["3000"] = rules{
		{Permit: false, Flow: Selector{Src: sub, Dst: netB}},
		{Permit: true, Flow: Selector{Src: netA, Dst: netB, Proto: protoUDP, DstPort: 53}},
		{Permit: true, Flow: Selector{Src: netA, Dst: netB, Proto: 1}},
	}
	a.acls["3001"] = rules{{Permit: true, Flow: Selector{Src: sub, Dst: netB}}}
	y := a.e.AddPolicy("map", 5)
	if y.ACL, y.Sets, y.Remote = "3001", []string{"T1"}, netip.MustParseAddr("192.0.2.9"); !y.Remote.IsValid() {
		t.Fatal("address")
	}
	flow := func(src netip.Prefix, proto uint8, port uint16) Selector {
		return Selector{Src: src, Dst: netB, Proto: proto, DstPort: port}
	}
	tests := []struct {
		remote netip.Addr
		flow   Selector
		seq    int // 0: refused
	}{
		{addrB, flow(netA, 1, 0), 0}, // a deny stands in the way
		{addrB, flow(netip.MustParsePrefix("10.0.1.128/25"), 1, 0), 10},
		{addrB, flow(netip.MustParsePrefix("10.0.1.128/25"), 0, 0), 0}, // wider than the rule
		{addrB, flow(netip.MustParsePrefix("10.0.1.128/25"), protoUDP, 53), 10},
		{addrB, flow(netip.MustParsePrefix("10.0.1.128/25"), protoUDP, 54), 0},
		{addrB, flow(sub, 1, 0), 0},
		{y.Remote, flow(sub, 1, 0), 5},
	}
	for i, c := range tests {
		r, ok := a.e.PolicyFor(addrA, c.remote, c.flow, "")
		if ok != (c.seq != 0) || r.Seq != c.seq {
			t.Errorf("row %d: entry %d, %v, want %d", i, r.Seq, ok, c.seq)
		}
	}
	if v := a.e.Out(&stack.Packet{Out: a.out, Src: hostA, Dst: hostB, Proto: 6, Payload: make([]byte, 20)}); v != stack.Drop {
		t.Errorf("TCP of the entry 5 got verdict %d", v)
	}
	if v := a.e.Out(a.packet(netip.MustParseAddr("10.0.1.200"), hostB, false)); v != stack.Drop {
		t.Errorf("ICMP of entry 10 got verdict %d", v)
	}
	if v := a.e.Out(&stack.Packet{Out: a.out, Src: netip.MustParseAddr("10.0.1.200"), Dst: hostB, Proto: 6, Payload: make([]byte, 20)}); v != stack.Accept {
		t.Errorf("TCP that no rule permits got verdict %d", v)
	}
	if got := []int{a.e.spOf("map", 10), a.e.spOf("map", 5)}; !slices.Equal(got, []int{0, 1}) {
		t.Errorf("security policies are numbered %v, want 0 1", got)
	}
}

func TestTemplateAnswersAndNeverAsks(t *testing.T) {
	_, a, b := twoSides(t)
	b.e.RemovePolicy("map", 0)
	x := b.e.AddTemplate("tpl", 1)
	x.Sets = []string{"T1"}
	b.e.AddPolicy("map", 1).Template = "TPL"
	b.send(stack.Accept, true)
	connect(t, a, b, Transform{Encr: DES, Auth: HMACSHA1}, nil)
	b.send(stack.Stolen, true)
	a.e.ESP(b.last(a))
	if len(a.got) != 1 || !b.e.Tunnels(Filter{})[0].Template {
		t.Errorf("A got %d packets, want 1", len(a.got))
	}
}

func TestTooBigWithDF(t *testing.T) {
	_, a, b := twoSides(t)
	connect(t, a, b, Transform{Encr: AES, KeyBits: 128, Auth: HMACSHA1}, nil)
	p := a.packet(hostA, hostB, true)
	p.DF, p.Payload = true, make([]byte, 1409)
	if v := a.e.Out(p); v != stack.Drop {
		t.Errorf("verdict is %d", v)
	}
	a.wantDrop(TooLong)
	if !slices.Equal(a.tooBig, []int{1428}) {
		t.Errorf("the sender was told %v, want 1428", a.tooBig)
	}
	p.Payload = make([]byte, 1408)
	if v := a.e.Out(p); v != stack.Stolen {
		t.Errorf("verdict of 1428 bytes is %d", v)
	}
	if n := 20 + len(a.sent[0].Payload); n > 1500 {
		t.Errorf("the outer packet is %d bytes long", n)
	}
	// Before protection the packet's own bit counts, after it the outer one.
	a.e.DF = ClearDF
	p.Payload = make([]byte, 3000)
	if v := a.e.Out(p); v != stack.Drop {
		t.Errorf("verdict with a clear outer bit is %d", v)
	}
	a.e.FragmentAfter = true
	if v := a.e.Out(p); v != stack.Stolen {
		t.Errorf("verdict with a clear outer bit, fragmented afterwards, is %d", v)
	}
}

func TestKeysAreShown(t *testing.T) {
	_, a, b := twoSides(t)
	var got []string
	a.e.OnKeys = func(src, dst netip.Addr, spi uint32, tr Transform, k Keys) {
		got = append(got, fmt.Sprintf("%v>%v %d", src, dst, len(k.Encr)))
	}
	connect(t, a, b, Transform{Encr: DES3, Auth: HMACSHA1}, nil)
	if s := strings.Join(got, ", "); s != "192.0.2.2>192.0.2.1 24, 192.0.2.1>192.0.2.2 24" {
		t.Errorf("keys were shown as %s", s)
	}
}

func FuzzHostileESP(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		_, a, b := twoSides(t)
		connect(t, a, b, Transform{Encr: Null, Auth: 0}, nil)
		wire, _ := (&ESP{SPI: b.e.Tunnels(Filter{})[0].Inbound()[0].SPI, Sequence: 1, Data: data}).AppendBinary(nil)
		b.e.ESP(&stack.Packet{In: b.out, Src: addrA, Dst: addrB, Proto: ProtoESP, Payload: wire})
		b.e.ESP(&stack.Packet{In: b.out, Src: addrA, Dst: addrB, Proto: ProtoESP, Payload: data})
	})
}
