package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"cwlab/comware/device"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/wire"
	"cwlab/sessions"
)

// Who attacks: addresses and cookies that nobody else has.
var (
	attackers   = netip.MustParsePrefix("198.18.0.0/15")
	attackerIDs = []byte{0x0b, 0xad, 0xc0, 0xde}
)

// An attacker puts frames on the ports of a lab: what it has seen, what it has
// seen with other bytes, and what it makes up.
type attacker struct {
	rand  *rand.Rand
	lab   *lab.Lab
	ports []*link.Port
	seen  [][]byte
	known []target
	at    target // of the frame being made
	codec wire.Codec
}

// A target is a station that was heard: where frames for it go.
type target struct {
	port *link.Port
	mac  wire.MAC
	addr netip.Addr
}

// newAttacker is one that has not seen anything yet. What it sees it keeps, up
// to a number of frames.
func newAttacker(l *lab.Lab, seed uint64) *attacker {
	x := &attacker{rand: rand.New(rand.NewPCG(seed, 1)), lab: l}
	for _, p := range l.Network().Ports() {
		if p.Up() {
			x.ports = append(x.ports, p)
		}
	}
	l.Network().Tap(func(p *link.Port, _ time.Time, frame []byte) {
		if len(x.seen) < 2000 {
			x.seen = append(x.seen, frame)
		}
		if ip, err := wire.ParseIPv4(frame[min(14, len(frame)):]); err == nil {
			if t := (target{p, wire.MAC(frame[6:]), ip.Src}); !slices.Contains(x.known, t) && len(x.known) < 50 {
				x.known = append(x.known, t)
			}
		}
	})
	return x
}

func (x *attacker) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(x.rand.Uint32())
	}
	return b
}

func pick[T any](x *attacker, all []T) T { return all[x.rand.IntN(len(all))] }

// addr is an address of the attacker's.
func (x *attacker) addr() netip.Addr {
	b := attackers.Addr().As4()
	b[1] += byte(x.rand.IntN(2))
	b[2], b[3] = byte(x.rand.Uint32()), byte(x.rand.Uint32())
	return netip.AddrFrom4(b)
}

// packet is an IPv4 packet for the target.
func (x *attacker) packet(src netip.Addr, proto uint8, payload []byte) []byte {
	p := &wire.IPv4{TTL: uint8(1 + x.rand.IntN(255)), ID: uint16(x.rand.Uint32()), Proto: proto, Src: src, Dst: x.at.addr, Payload: payload}
	return x.codec.IPv4Frame(x.at.mac, wire.MAC{2, 0xba, 0xdc, 0, 0, byte(x.rand.Uint32())}, p)
}

// isakmp is a message with the attacker's cookies and payloads without sense.
func (x *attacker) isakmp() []byte {
	h := isakmp.Header{Initiator: isakmp.Cookie(append(slices.Clone(attackerIDs), x.bytes(4)...)), Version: isakmp.Version1,
		Exchange: pick(x, []isakmp.ExchangeType{1, 2, 4, 5, 6, 32, 33, 34, 35, 36, 37})}
	if x.rand.IntN(2) == 0 {
		h.Responder = isakmp.Cookie(x.bytes(8))
	}
	if x.rand.IntN(2) == 0 {
		h.MessageID = x.rand.Uint32()
	}
	if x.rand.IntN(4) == 0 {
		h.Version = 0x20
	}
	var ps []isakmp.Payload
	switch x.rand.IntN(3) {
	case 0: // what every responder answers
		h.Responder, h.MessageID, h.Exchange, h.Version = isakmp.Cookie{}, 0, isakmp.ExchangeMain, isakmp.Version1
		ps = append(ps, &isakmp.SA{DOI: isakmp.DOIIPsec, Situation: isakmp.SituationIdentityOnly, Proposals: []isakmp.Proposal{{Number: 1, Protocol: isakmp.ProtoISAKMP,
			Transforms: []isakmp.Transform{{Number: 1, ID: isakmp.KeyIKE, Attributes: []isakmp.Attribute{
				isakmp.Attr(isakmp.Phase1Encryption, 1), isakmp.Attr(isakmp.Phase1Hash, 2), isakmp.Attr(isakmp.Phase1Group, 1), isakmp.Attr(isakmp.Phase1Auth, 1)}}}}}})
	case 1:
		ps = append(ps, &isakmp.HashData{Data: x.bytes(20)}, &isakmp.Delete{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoESP, SPISize: 4, SPIs: [][]byte{x.bytes(4)}})
	default:
		ps = append(ps, &isakmp.KeyExchange{Data: x.bytes(96)}, &isakmp.Nonce{Data: x.bytes(x.rand.IntN(300))}, &isakmp.VendorID{Data: x.bytes(16)})
	}
	body, err := (&isakmp.Message{Header: h, Payloads: ps}).AppendBinary(nil)
	if err != nil {
		return x.bytes(100)
	}
	if x.rand.IntN(3) == 0 {
		body[x.rand.IntN(len(body))] ^= byte(1 + x.rand.IntN(255))
	}
	src, port := x.addr(), pick(x, []uint16{500, 500, 4500})
	if port == 4500 {
		body = append(make([]byte, 4), body...)
	}
	f := x.packet(src, wire.ProtoUDP, nil)
	p, err := wire.ParseIPv4(f[14:])
	if err != nil {
		return f
	}
	p.Payload = x.codec.AppendUDP(p.Src, p.Dst, wire.UDP{Src: port, Dst: port, Payload: body})
	return append(f[:14:14], x.codec.AppendIPv4(&p)...)
}

// mutated is a frame that was seen, with other bytes. Half of them have their
// checksums right.
func (x *attacker) mutated() []byte {
	f := slices.Clone(pick(x, x.seen))
	for range 1 + x.rand.IntN(4) {
		switch at := x.rand.IntN(len(f)); x.rand.IntN(5) {
		case 0:
			f = f[:at+1]
		case 1:
			f = append(f, x.bytes(x.rand.IntN(200))...)
		case 2:
			o := pick(x, x.seen)
			f = append(f[:at:at], o[x.rand.IntN(len(o)):]...)
		default:
			f[at] ^= byte(1 + x.rand.IntN(255))
		}
		if len(f) == 0 {
			return x.bytes(14)
		}
	}
	if len(f) < 34 || x.rand.IntN(2) == 0 {
		return f
	}
	f[14] = 0x45
	binary.BigEndian.PutUint16(f[16:], uint16(len(f)-14))
	p := wire.IPv4{TTL: 255, Proto: f[23], Src: netip.AddrFrom4([4]byte(f[26:])), Dst: netip.AddrFrom4([4]byte(f[30:])), Payload: slices.Clone(f[34:])}
	switch {
	case p.Proto == wire.ProtoUDP && len(p.Payload) >= 8:
		src, dst := binary.BigEndian.Uint16(p.Payload), binary.BigEndian.Uint16(p.Payload[2:])
		p.Payload = x.codec.AppendUDP(p.Src, p.Dst, wire.UDP{Src: src, Dst: dst, Payload: p.Payload[8:]})
	case p.Proto == 112 && len(p.Payload) >= 8:
		vrrp.Seal(p.Payload, p.Src, p.Dst)
	}
	return append(f[:14:14], x.codec.AppendIPv4(&p)...)
}

// frame is one more attack.
func (x *attacker) frame() []byte {
	switch x.rand.IntN(10) {
	case 0:
		return x.bytes(14 + x.rand.IntN(1600))
	case 1:
		return x.packet(x.addr(), byte(x.rand.Uint32()), x.bytes(x.rand.IntN(1400)))
	case 2: // a fragment whose others never come
		p := &wire.IPv4{TTL: 64, ID: uint16(x.rand.Uint32()), Proto: wire.ProtoUDP, Src: x.addr(), Dst: x.at.addr, MF: true, Offset: 8 * x.rand.IntN(100), Payload: x.bytes(8 * (1 + x.rand.IntN(100)))}
		return x.codec.IPv4Frame(x.at.mac, wire.MAC{2, 1}, p)
	case 3: // ESP and AH with SPIs that nobody has
		return x.packet(x.addr(), pick(x, []byte{50, 51}), x.bytes(8+x.rand.IntN(200)))
	case 4:
		return slices.Clone(pick(x, x.seen))
	case 5, 6:
		return x.isakmp()
	}
	return x.mutated()
}

// strike puts n frames on random ports, a time apart.
func (x *attacker) strike(n int, apart time.Duration) {
	for range n {
		x.at = pick(x, x.known)
		frame, p := x.frame(), x.at.port
		if x.rand.IntN(5) == 0 {
			p = pick(x, x.ports)
		}
		if p.OnReceive != nil && len(frame) >= 14 {
			p.OnReceive(frame)
		}
		x.lab.RunFor(apart)
	}
}

// authenticated checks that nobody but the peers has SAs, and says how many
// negotiations are half open.
func authenticated(l *lab.Lab, peers []string) (half int, err error) {
	for _, d := range l.Devices() {
		s := d.Snapshot()
		open := 0
		for _, sa := range s.IKE {
			up := established(sa)
			if !up {
				open++
			}
			if up && !slices.Contains(peers, sa.Remote) {
				return half, fmt.Errorf("%s has an IKE SA with %s", s.Name, sa.Remote)
			}
		}
		if half += open; open > 300 {
			return half, fmt.Errorf("%s has %d IKE SAs half open", s.Name, open)
		}
		for _, sa := range s.IPsec {
			if !slices.Contains(peers, sa.Remote) {
				return half, fmt.Errorf("%s has IPsec SAs with %s", s.Name, sa.Remote)
			}
		}
		if len(s.IKE)-open > 50 || len(s.IPsec) > 50 {
			return half, fmt.Errorf("%s has %d IKE SAs and %d IPsec SAs", s.Name, len(s.IKE)-open, len(s.IPsec))
		}
	}
	return half, nil
}

func established(sa lab.IKESA) bool { return strings.Contains(sa.Flag, "RD") || sa.Flag == "EST" }

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// besieged are the labs that are attacked: what passes in each, what takes away
// what an attack has spoilt, and who may have SAs.
var besieged = []struct {
	lab   string
	ping  string // "DEVICE line"
	mend  []string
	peers []string
	asks  bool // for IKE, which attackers can begin
}{
	{"rbm-ipsec", "F1060 ping -a 2.2.2.2 -c 4 3.3.3.3", []string{"F1060 reset ike sa", "F1060 reset ipsec sa", "F1060 reset arp all", "F1090-1 reset arp all"}, []string{"1.1.1.1", "1.1.1.2"}, true},
	{"ikev2", "West ping -a 10.1.0.1 -c 4 10.2.0.1", []string{"West reset ikev2 sa", "West reset ipsec sa", "West reset arp all", "East reset arp all"}, []string{"192.0.2.1", "192.0.2.2"}, true},
	{"branch-nat", "Branch ping -a 10.1.0.1 -c 4 10.0.0.1", []string{"Branch reset ike sa", "Branch reset ipsec sa", "Branch reset arp all", "Provider reset arp all", "Centre reset arp all"}, []string{"203.0.113.1", "203.0.113.2"}, true},
	{"rbm-nat", "Core ping -a 10.1.0.5 -c 4 192.0.2.1", []string{"Core reset arp all", "FW1 reset arp all", "FW2 reset arp all", "ISP reset arp all"}, nil, false},
}

// A day among attackers: nothing panics, memory does not grow with what they
// send, none of them gets an SA, and when they stop the world is well.
func TestHostileDay(t *testing.T) {
	const (
		warm, day = 2000, 3600 // frames
		apart     = 24 * time.Hour / day
		growth    = 4 << 20
	)
	for i, b := range besieged {
		t.Run(b.lab, func(t *testing.T) {
			l := labOf(t, b.lab, lab.Options{Seed: uint64(i)})
			x := newAttacker(l, uint64(i))
			typeAll(l, []string{b.ping})
			reached := 0 // negotiations that an attack has begun
			check := func() {
				t.Helper()
				half, err := authenticated(l, b.peers)
				if err != nil {
					t.Fatal(err)
				}
				reached += half
			}
			for range 100 { // tables fill up
				x.strike(warm/100, time.Second)
				check()
			}
			if b.asks && reached == 0 {
				t.Error("the attacks reach nobody")
			}
			before := heap()
			for range 9 {
				x.strike(day/9, apart)
				check()
			}
			if err := l.Err(); err != nil {
				t.Fatal(err)
			}
			if after := heap(); after > before+growth {
				t.Errorf("the heap grew from %d to %d kB under %d frames", before>>10, after>>10, day)
			}
			l.RunFor(5 * time.Minute)
			for _, d := range l.Devices() {
				w := watch(l, d.Name())
				enter(l, d.Name(), "", "screen-length disable", "display ike sa verbose", "display ikev2 sa verbose", "display ipsec sa")
				for _, who := range []string{"198.18.", "198.19.", fmt.Sprintf("%x", attackerIDs)} {
					if strings.Contains(w.String(), who) {
						t.Errorf("%s has something of %s:\n%s", d.Name(), who, w.String())
					}
				}
				for _, sa := range d.Snapshot().IKE {
					if !established(sa) {
						t.Errorf("%s still negotiates with %s", d.Name(), sa.Remote)
					}
				}
			}
			typeAll(l, b.mend)
			device, line, _ := strings.Cut(b.ping, " ")
			w := watch(l, device)
			for range 3 {
				enter(l, device, line)
			}
			if !strings.Contains(w.String(), ", 0.0% packet loss") {
				t.Errorf("after the attack the ping shows\n%s", w.String())
			}
		})
	}
}

func labOf(tb testing.TB, name string, o lab.Options) *lab.Lab {
	tb.Helper()
	def, err := sessions.Load(name)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := lab.Open(def, device.Make, o)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// FuzzWorld puts frames of any bytes on the ports of a lab with a tunnel. The
// input is frames, each behind a byte for its port and two for its length.
func FuzzWorld(f *testing.F) {
	l := caseLab(f, lab.Options{})
	x := newAttacker(l, 1)
	enter(l, "F1060", tunnelBench.ping)
	for i, frame := range x.seen {
		if i%3 == 0 {
			f.Add(append([]byte{byte(i), byte(len(frame) >> 8), byte(len(frame))}, frame...))
		}
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		l := caseLab(t, lab.Options{})
		x := newAttacker(l, 1)
		enter(l, "F1060", tunnelBench.ping)
		for len(input) > 3 {
			n := min(int(input[1])<<8|int(input[2]), len(input)-3)
			frame, p := slices.Clone(input[3:3+n]), x.ports[int(input[0])%len(x.ports)]
			input = input[3+n:]
			if n >= 14 {
				p.OnReceive(frame)
			}
			l.RunFor(100 * time.Millisecond)
		}
		l.RunFor(time.Minute)
		if err := l.Err(); err != nil {
			t.Fatal(err)
		}
		if _, err := authenticated(l, []string{"1.1.1.1", "1.1.1.2"}); err != nil {
			t.Fatal(err)
		}
	})
}
