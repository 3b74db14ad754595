package ike

import (
	"slices"
	"testing"
	"time"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

// ah is AH with SHA-1, bundle AH around the ESP of espDS.
var (
	ah     = ipsec.Transform{Name: "t", Mode: ipsec.Tunnel, AH: ipsec.HMACSHA1}
	bundle = ipsec.Transform{Name: "t", Mode: ipsec.Tunnel, AH: ipsec.HMACMD5, Encr: ipsec.DES, Auth: ipsec.HMACSHA1}
)

// The lengths of AH alone are those of a capture of the product with 3DES,
// MD5 and group 1.
func TestQuickModeWithAH(t *testing.T) {
	esp256 := ipsec.Transform{Mode: ipsec.Transport, AH: ipsec.HMACSHA256, Encr: ipsec.AES, KeyBits: 256, Auth: ipsec.HMACSHA256, PFS: 2}
	for _, c := range []struct {
		name    string
		a, b    []ipsec.Transform
		want    ipsec.Transform
		lengths []int
	}{
		{"AH", []ipsec.Transform{ah}, []ipsec.Transform{ah}, ah, []int{208, 92, 156, 52}},
		{"AH and ESP", []ipsec.Transform{bundle}, []ipsec.Transform{bundle}, bundle, []int{208, 92, 204, 52}},
		{"AH-SHA256 and AES-256, PFS", []ipsec.Transform{esp256}, []ipsec.Transform{esp256}, esp256, nil},
		{"second of three", []ipsec.Transform{bundle, ah, espDS}, []ipsec.Transform{espDS, ah}, ah, nil},
		{"last of three", []ipsec.Transform{bundle, ah, espDS}, []ipsec.Transform{espDS}, espDS, nil},
		{"the bundle of three", []ipsec.Transform{ah, espDS, bundle}, []ipsec.Transform{bundle}, bundle, nil},
	} {
		a, b := pair(t)
		for _, n := range []*node{a, b} {
			n.Config.Proposals = []Proposal{{1, isakmp.DES3CBC, 0, isakmp.MD5, isakmp.PreSharedKey, 1, 86400}}
		}
		a.policy.Transforms, b.policy.Transforms = c.a, c.b
		up(t, a, b)
		for _, n := range []*node{a, b} {
			got := n.pairs[0].Transform
			if c.want.Name, got.Name = "", ""; got != c.want {
				t.Errorf("%s: %s chose %+v, want %+v", c.name, n.name, got, c.want)
			}
		}
		var lengths []int
		for _, m := range a.sent {
			lengths = append(lengths, len(m))
		}
		if c.lengths != nil && !slices.Equal(lengths[1:], c.lengths) {
			t.Errorf("%s: messages of %v bytes, want %v", c.name, lengths[1:], c.lengths)
		}
		a.DeleteNotify(a.pairs)
		a.run(time.Second)
		b.wantPairs(0, c.name+": after the delete")
	}
}

func TestAHIsNotTakenForESP(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b ipsec.Transform
		nat  bool
	}{
		{"AH to ESP", ah, espDS, false},
		{"ESP to AH", espDS, ah, false},
		{"bundle to ESP", bundle, espDS, false},
		{"bundle to AH", bundle, ah, false},
		{"AH to a bundle", ah, bundle, false},
		{"other AH in the bundle", bundle, func() ipsec.Transform { t := bundle; t.AH = ipsec.HMACSHA1; return t }(), false},
		{"other mode", ah, func() ipsec.Transform { t := ah; t.Mode = ipsec.Transport; return t }(), false},
		{"through a NAT", ah, ah, true},
	} {
		a, b := pair(t)
		if c.nat {
			a, b = behind(t, false)
		}
		a.policy.Transforms, b.policy.Transforms = []ipsec.Transform{c.a}, []ipsec.Transform{c.b}
		a.Acquire(a.policy)
		a.run(time.Second)
		a.wantPairs(0, c.name)
		b.wantPairs(0, c.name)
		if a.Engine.Stats.Notify[isakmp.NoProposalChosen] != 1 {
			t.Errorf("%s: the proposal was not refused", c.name)
		}
	}
}

// Proposals of one number: each protocol once, with a proper SPI, in one mode
// and group; AH must name the algorithm of its transform (RFC 2407 section
// 4.5).
func TestProposalsOfOneNumber(t *testing.T) {
	attr := func(auth ipsec.Authentication, mode ipsec.Mode) []isakmp.Attribute {
		return []isakmp.Attribute{isakmp.Attr(isakmp.Phase2Encapsulation, uint64(mode)), isakmp.Attr(isakmp.Phase2Auth, uint64(auth))}
	}
	prop := func(number uint8, p isakmp.Protocol, id uint8, spi uint32, as []isakmp.Attribute) isakmp.Proposal {
		return isakmp.Proposal{Number: number, Protocol: p, SPI: u32(spi), Transforms: []isakmp.Transform{{Number: 1, ID: id, Attributes: as}}}
	}
	md5, sha := attr(ipsec.HMACMD5, ipsec.Tunnel), attr(ipsec.HMACSHA1, ipsec.Tunnel)
	good := prop(1, isakmp.ProtoAH, 2, 300, md5)
	esp := prop(1, isakmp.ProtoESP, uint8(ipsec.DES), 400, sha)
	for _, c := range []struct {
		name string
		ps   []isakmp.Proposal
		want bool
	}{
		{"AH, ESP", []isakmp.Proposal{good, esp}, true},
		{"ESP, AH", []isakmp.Proposal{esp, good}, true},
		{"two numbers", []isakmp.Proposal{good, prop(2, isakmp.ProtoESP, uint8(ipsec.DES), 400, sha)}, false},
		{"AH twice", []isakmp.Proposal{good, good}, false},
		{"AH twice and ESP", []isakmp.Proposal{good, good, esp}, false},
		{"reserved SPI", []isakmp.Proposal{prop(1, isakmp.ProtoAH, 2, 255, md5), esp}, false},
		{"identifier of another algorithm", []isakmp.Proposal{prop(1, isakmp.ProtoAH, 3, 300, md5), esp}, false},
		{"no algorithm", []isakmp.Proposal{prop(1, isakmp.ProtoAH, 2, 300, md5[:1]), esp}, false},
		{"two modes", []isakmp.Proposal{prop(1, isakmp.ProtoAH, 2, 300, attr(ipsec.HMACMD5, ipsec.Transport)), esp}, false},
		{"compression", []isakmp.Proposal{good, esp, prop(1, 4, 2, 300, nil)}, false},
	} {
		a, b := pair(t)
		up(t, a, b)
		q := &quick{engine: b.Engine, sa: b.SAs()[0], req: b.policy}
		q.req.Transforms = []ipsec.Transform{bundle}
		chosen, _, ok := q.choose(&isakmp.SA{Proposals: c.ps})
		if ok != c.want || ok && (len(chosen) != 2 || q.peer != (spis{ah: 300, esp: 400})) {
			t.Errorf("%s: chose %v, SPIs %+v, want %v", c.name, ok, q.peer, c.want)
		}
	}
}
