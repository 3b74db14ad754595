package ike

import (
	"fmt"
	"testing"
	"time"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
)

// Every cipher with every hash and every group, in either mode, with and
// without PFS: both ends agree, also on all that is negotiated under the SA.
func TestSuites(t *testing.T) {
	ciphers := []struct {
		name string
		encr isakmp.Encryption
		bits int
		esp  ipsec.Transform
	}{
		{"DES", isakmp.DESCBC, 0, ipsec.Transform{Encr: ipsec.DES}},
		{"3DES", isakmp.DES3CBC, 0, ipsec.Transform{Encr: ipsec.DES3}},
		{"AES128", isakmp.AESCBC, 128, ipsec.Transform{Encr: ipsec.AES, KeyBits: 128}},
		{"AES192", isakmp.AESCBC, 192, ipsec.Transform{Encr: ipsec.AES, KeyBits: 192}},
		{"AES256", isakmp.AESCBC, 256, ipsec.Transform{Encr: ipsec.AES, KeyBits: 256}},
	}
	hashes := []isakmp.Hash{isakmp.MD5, isakmp.SHA1, isakmp.SHA256, isakmp.SHA384, isakmp.SHA512}
	auths := []ipsec.Authentication{ipsec.HMACMD5, ipsec.HMACSHA1, ipsec.HMACSHA256, ipsec.HMACSHA384, ipsec.HMACSHA512}
	groups := []int{1, 2, 5, 14, 24}
	n := 0
	for _, fast := range []bool{false, true} {
		for i, c := range ciphers {
			for j, h := range hashes {
				for k, g := range groups {
					p := Proposal{1, c.encr, c.bits, h, isakmp.PreSharedKey, g, 86400}
					esp := c.esp
					esp.Mode, esp.Auth = ipsec.Tunnel, auths[(i+j+k)%len(auths)]
					if n++; n%2 == 0 {
						esp.PFS = groups[(i+k)%3] // the small ones are quick
					}
					name := fmt.Sprintf("aggressive %v, %s, %v, group %d, PFS %d", fast, c.name, h, g, esp.PFS)
					a, b := pair(t)
					if fast {
						a, b = aggressive(t)
					}
					for _, x := range []*node{a, b} {
						x.Config.Proposals = []Proposal{p}
						x.policy.Transforms = []ipsec.Transform{esp}
					}
					up(t, a, b)
					for _, x := range []*node{a, b} {
						s := x.SAs()[0]
						if s.Proposal != p || s.State != Established || (s.Exchange == isakmp.ExchangeAggressive) != fast {
							t.Errorf("%s: %s has %+v in %v", name, x.name, s.Proposal, s.Exchange)
						}
						if got := x.pairs[0].Transform; got.PFS != esp.PFS || got.Encr != esp.Encr || got.KeyBits != esp.KeyBits || got.Auth != esp.Auth {
							t.Errorf("%s: the pair of %s is %+v, want %+v", name, x.name, got, esp)
						}
					}
					a.SoftExpire(a.pairs[0])
					a.run(time.Second)
					b.wantPairs(2, name+", renewed")
					agree(t, a, b)
				}
			}
		}
	}
	if n != 250 {
		t.Errorf("%d suites were tried, want 250", n)
	}
}
