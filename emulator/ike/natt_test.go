package ike

import (
	"net/netip"
	"testing"
	"time"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

var natAddr = netip.MustParseAddr("203.0.113.200")

// behind puts A behind a NAT that gives it ports from 1024 on and names it
// natAddr.
func behind(t *testing.T, aggressive bool) (a, b *node) {
	a, b = pair(t)
	public := map[uint16]uint16{Port: 1024, PortNATT: 1025}
	a.nat = func(from, to netip.AddrPort) (netip.AddrPort, netip.AddrPort) {
		return netip.AddrPortFrom(natAddr, public[from.Port()]), to
	}
	b.nat = func(from, to netip.AddrPort) (netip.AddrPort, netip.AddrPort) {
		for inside, outside := range public {
			if to == netip.AddrPortFrom(natAddr, outside) {
				return from, netip.AddrPortFrom(addrA, inside)
			}
		}
		return from, netip.AddrPort{}
	}
	a.Config.Profiles = []*Profile{{Name: "x", Aggressive: aggressive, Keychains: []string{"k"}, Matches: []Match{{Kind: isakmp.IDIPv4Addr, Low: addrB, High: addrB}}}}
	a.policy.Profile = "x"
	b.Config.Profiles = []*Profile{{Name: "y", Keychains: []string{"k"}, Matches: []Match{{Kind: isakmp.IDIPv4Addr, Low: addrA, High: addrA}}}}
	b.Config.Keychains[0].Keys[0].Prefix = netip.PrefixFrom(natAddr, 32)
	b.policy.Remote = natAddr
	return a, b
}

// RFC 3947 sections 3 and 4: the NAT is found, the exchange moves to port 4500
// and the responder answers to the port that it hears from.
func TestNATTraversal(t *testing.T) {
	for _, aggressive := range []bool{false, true} {
		a, b := behind(t, aggressive)
		a.Acquire(a.policy)
		a.run(time.Second)
		a.wantPairs(1, "behind a NAT")
		b.wantPairs(1, "of a peer behind a NAT")
		sa, sb := a.SAs()[0], b.SAs()[0]
		if !sa.NAT || sa.PeerNAT || sb.NAT || !sb.PeerNAT {
			t.Errorf("aggressive %v: A found %v %v, B %v %v; want A behind the NAT", aggressive, sa.NAT, sa.PeerNAT, sb.NAT, sb.PeerNAT)
		}
		if sa.Local.Port() != PortNATT || sa.Remote.Port() != PortNATT || sb.Local.Port() != PortNATT || sb.Remote != netip.AddrPortFrom(natAddr, 1025) {
			t.Errorf("aggressive %v: A speaks %v to %v, B %v to %v", aggressive, sa.Local, sa.Remote, sb.Local, sb.Remote)
		}
		if p, q := a.pairs[0], b.pairs[0]; !p.Encapsulated() || q.RemotePort != 1025 || q.LocalPort != PortNATT || p.Transform.Mode != ipsec.Tunnel {
			t.Errorf("aggressive %v: the pairs are %+v and %+v", aggressive, p, q)
		}
		if b.Stats.Notify != [31]uint64{} || a.Stats.Notify != [31]uint64{} {
			t.Errorf("aggressive %v: failures were counted: %v %v", aggressive, a.Stats.Notify, b.Stats.Notify)
		}
	}
}

func TestNATKeepalive(t *testing.T) {
	a, b := behind(t, false)
	a.Config.NATKeepalive, b.Config.NATKeepalive = 20*time.Second, 20*time.Second
	a.Acquire(a.policy)
	a.run(61 * time.Second)
	if n := b.count(NATKeepaliveIgnored); n != 3 {
		t.Errorf("B saw %d keepalives in a minute, want 3", n)
	}
	if n := a.count(NATKeepaliveIgnored); n != 0 {
		t.Errorf("B, which is behind no NAT, sent %d keepalives", n)
	}
	a.Reset(0)
	a.run(time.Minute)
	if n := b.count(NATKeepaliveIgnored); n != 3 {
		t.Errorf("keepalives go on after the SA: %d", n)
	}
}

// The peer's port may change while the SA lives.
func TestResponderFollowsTheNAT(t *testing.T) {
	a, b := behind(t, false)
	a.Acquire(a.policy)
	a.run(time.Second)
	a.nat = func(_, to netip.AddrPort) (netip.AddrPort, netip.AddrPort) {
		return netip.AddrPortFrom(natAddr, 40000), to
	}
	b.nat = func(from, _ netip.AddrPort) (netip.AddrPort, netip.AddrPort) {
		return from, netip.AddrPortFrom(addrA, PortNATT)
	}
	a.Acquire(a.policy)
	a.run(time.Second)
	b.wantPairs(2, "over a new port")
	if got := b.SAs()[0].Remote.Port(); got != 40000 {
		t.Errorf("B answers to port %d, want 40000", got)
	}
}

func TestWhatIsIKE(t *testing.T) {
	for _, c := range []struct {
		b    []byte
		want bool
	}{{[]byte{0, 0, 0, 0, 1}, true}, {[]byte{0xff}, true}, {[]byte{0, 0, 0, 1, 0}, false}, {[]byte{0xff, 0xff}, false}, {nil, false}} {
		if got := IsIKE(c.b); got != c.want {
			t.Errorf("%x is IKE: %v, want %v", c.b, got, c.want)
		}
	}
}

// RFC 3947 section 5.2: in transport mode through a NAT each side gets to know
// the addresses that the other one sees, and the flow of the responder is in
// the addresses of its packets.
func TestOriginalAddresses(t *testing.T) {
	one := func(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, 32) }
	for _, mode := range []ipsec.Mode{ipsec.Transport, ipsec.Tunnel} {
		a, b := behind(t, false)
		tr := espDS
		tr.Mode = mode
		a.policy.Transforms, b.policy.Transforms = []ipsec.Transform{tr}, []ipsec.Transform{tr}
		if mode == ipsec.Transport {
			a.policy.Flow = ipsec.Selector{Src: one(addrA), Dst: one(addrB)}
			b.policy.Flow = ipsec.Selector{Src: one(addrB), Dst: one(natAddr)}
		}
		a.Acquire(a.policy)
		a.run(time.Second)
		a.wantPairs(1, "behind a NAT")
		b.wantPairs(1, "of a peer behind a NAT")
		wantA, wantB := ipsec.Ends{Local: natAddr, Remote: addrB}, ipsec.Ends{Local: addrB, Remote: addrA}
		if mode == ipsec.Tunnel {
			wantA, wantB = ipsec.Ends{}, ipsec.Ends{}
		}
		if a.pairs[0].Original != wantA || b.pairs[0].Original != wantB {
			t.Errorf("mode %v: A has %v, want %v; B has %v, want %v", mode, a.pairs[0].Original, wantA, b.pairs[0].Original, wantB)
		}
		if mode == ipsec.Transport && b.pairs[0].Flow != b.policy.Flow {
			t.Errorf("the flow of B is %v, want %v", b.pairs[0].Flow, b.policy.Flow)
		}
		if n := b.count(NATOAProcessed) + a.count(NATOAProcessed); n != 4 && mode == ipsec.Transport {
			t.Errorf("%d addresses were read, want 4", n)
		}
	}
}
