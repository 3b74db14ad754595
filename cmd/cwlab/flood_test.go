package main

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/lab"
	"cwlab/emulator/wire"
)

// Floods of twelve thousand frames, each with something new in it that a table
// might keep: no table grows without bound, and the tunnel passes when the
// flood is over.
func TestFloods(t *testing.T) {
	const (
		frames = 12000
		growth = 10500 << 10 // for 10000 sessions and all else that is kept for a while
	)
	local := netip.MustParseAddr("1.1.1.2")
	number := func(i int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(i)) }
	for _, tt := range []struct {
		name string
		make func(x *attacker, i int) []byte
	}{
		{"first messages of main mode", func(x *attacker, i int) []byte {
			f := x.seenMessage(isakmp.ExchangeMain)
			copy(f[42:], append(append([]byte(nil), attackerIDs...), number(i)...))
			clear(f[50:58])
			return x.sealed(f, local)
		}},
		{"quick modes under the SA that is there", func(x *attacker, i int) []byte {
			f := x.seenMessage(isakmp.ExchangeQuick)
			copy(f[62:], number(i+1))
			return x.sealed(f, local)
		}},
		{"informational messages under it", func(x *attacker, i int) []byte {
			f := x.seenMessage(isakmp.ExchangeQuick)
			f[60] = byte(isakmp.ExchangeInformational)
			copy(f[62:], number(i+1))
			return x.sealed(f, local)
		}},
		{"ESP with SPIs that nobody has", func(x *attacker, i int) []byte {
			return x.packet(x.addr(), 50, append(number(i+256), x.bytes(60)...))
		}},
		{"fragments without an end", func(x *attacker, i int) []byte {
			p := &wire.IPv4{TTL: 64, ID: uint16(i), Proto: wire.ProtoUDP, Src: x.addr(), Dst: x.at.addr, MF: true, Payload: x.bytes(1200)}
			return x.codec.IPv4Frame(x.at.mac, wire.MAC{2, 1}, p)
		}},
		{"ARP of neighbours that are none", func(x *attacker, i int) []byte {
			src := netip.AddrFrom4([4]byte{1, 1, 1, byte(10 + i%200)}) // nobody's
			return x.codec.ARPFrame(wire.Broadcast, wire.MAC{2, 3, byte(i >> 16), byte(i >> 8), byte(i)}, wire.ARP{Op: wire.ARPRequest, SrcMAC: wire.MAC{2, 3, byte(i >> 16), byte(i >> 8), byte(i)}, Src: src, Dst: x.at.addr})
		}},
		{"ping of many", func(x *attacker, i int) []byte {
			return x.packet(x.addr(), wire.ProtoICMP, append([]byte{8, 0, 0, 0}, number(i)...))
		}},
		{"TCP of many", func(x *attacker, i int) []byte {
			b := append(number(i), make([]byte, 16)...)
			b[12], b[13] = 0x50, 2
			return x.packet(x.addr(), 6, b)
		}},
		{"adverts of many routers", func(x *attacker, i int) []byte {
			return x.packet(x.addr(), 112, append([]byte{0x31, byte(i), byte(i >> 8), 1, 0, 100, 0, 0}, number(i)...))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := caseLab(t, lab.Options{})
			x := newAttacker(l, 1)
			enter(l, "F1060", tunnelBench.ping)
			for _, k := range x.known {
				if k.addr == local && k.port.Device == "F1090-1" {
					x.at = k
				}
			}
			if x.at.port == nil {
				t.Fatal("the F1090-1 was not heard")
			}
			before := heap()
			for i := range frames {
				x.at.port.OnReceive(tt.make(x, i))
				if i%10 == 9 {
					l.RunFor(10 * time.Millisecond)
				}
			}
			if after := heap(); after > before+growth {
				t.Errorf("the heap grew from %d to %d kB", before>>10, after>>10)
			}
			half, err := authenticated(l, []string{"1.1.1.1", "1.1.1.2"})
			if err != nil || half > 256 {
				t.Errorf("%d negotiations are half open, %v", half, err)
			}
			l.RunFor(time.Minute)
			w := watch(l, "F1060")
			enter(l, "F1060", tunnelBench.ping, tunnelBench.ping)
			if !strings.Contains(w.String(), ", 0.0% packet loss") {
				t.Errorf("after it the ping shows\n%s", w.String())
			}
			if got := tunnelBench.state(l); got != tunnelBench.well {
				t.Errorf("after it there are %s SAs, want %s", got, tunnelBench.well)
			}
		})
	}
}

// seenMessage is a copy of the first message of an exchange that was seen.
func (x *attacker) seenMessage(e isakmp.ExchangeType) []byte {
	for _, f := range x.seen {
		if len(f) > 70 && f[23] == wire.ProtoUDP && f[60] == byte(e) {
			return append([]byte(nil), f...)
		}
	}
	panic("no message of that exchange was seen")
}

// sealed has a frame of UDP go to the target with right checksums.
func (x *attacker) sealed(f []byte, dst netip.Addr) []byte {
	p, err := wire.ParseIPv4(f[14:])
	if err != nil {
		panic(err) // a copy of a frame that was seen
	}
	p.Dst = dst
	src, port := binary.BigEndian.Uint16(p.Payload), binary.BigEndian.Uint16(p.Payload[2:])
	p.Payload = x.codec.AppendUDP(p.Src, p.Dst, wire.UDP{Src: src, Dst: port, Payload: append([]byte(nil), p.Payload[8:]...)})
	copy(f, x.at.mac[:])
	return append(f[:14:14], x.codec.AppendIPv4(&p)...)
}
