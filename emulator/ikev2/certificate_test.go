package ikev2

import (
	"bytes"
	"crypto/x509"
	"net"
	"testing"
	"time"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/pki"
	"cwlab/emulator/pki/pkitest"
)

// signed is a pair that proves itself by certificates of one authority.
func signed(t *testing.T) (a, b *node, root *pkitest.Authority) {
	a, b = pair(t)
	root = pkitest.Root(t, "root", start)
	for _, n := range []*node{a, b} {
		n.Config.Keychains = nil
		p := n.Config.Profiles[0]
		p.LocalAuth, p.RemoteAuth, p.SignDomains, p.VerifyDomains = wire.RSASignature, []uint8{wire.RSASignature}, []string{"d"}, []string{"d"}
		n.Config.PKI = &pki.Store{Now: n.Now, Domains: []*pki.Domain{pkitest.Domain("d", root.Issue(n.name, start, func(c *x509.Certificate) {
			c.IPAddresses = []net.IP{n.policy.Local.AsSlice()}
		}), root)}}
	}
	return a, b, root
}

// Section 2.15: RSA signatures, on both ends or on one, under a renewal too.
func TestSignatures(t *testing.T) {
	a, b, _ := signed(t)
	up(t, a, b)
	for _, n := range []*node{a, b} {
		if s := n.SAs()[0]; s.LocalAuth != wire.RSASignature || s.RemoteAuth != wire.RSASignature {
			t.Errorf("%s proved itself by %d, the other by %d", n.name, s.LocalAuth, s.RemoteAuth)
		}
	}

	a, b, _ = signed(t)
	c, d := pair(t) // the initiator signs, the responder has a key
	for i, n := range []*node{a, b} {
		n.Config.Keychains = []*node{c, d}[i].Config.Keychains
	}
	a.Config.Profiles[0].RemoteAuth = []uint8{wire.SharedKey}
	b.Config.Profiles[0].LocalAuth = wire.SharedKey
	up(t, a, b)

	a, b, root := signed(t)
	a.Config.Profiles[0].Identity = &Identity{Kind: wire.IDDN}
	sub := root.Under("sub", start)
	a.Config.PKI.Domains[0].CAs = append(a.Config.PKI.Domains[0].CAs, sub.Cert)
	a.Config.PKI.Domains[0].Locals = []pki.Local{sub.Issue("A", start, nil)}
	b.Config.Profiles[0].Matches = []Match{{Policy: "p"}}
	b.Config.PKI.Policies = []*pki.Policy{{Name: "p", Rules: []pki.Rule{{ID: 1, Group: "any"}}}}
	up(t, a, b)
	if s := b.SAs()[0]; s.RemoteID.Kind != wire.IDDN || !bytes.Equal(s.RemoteID.Data, a.Config.PKI.Domains[0].Locals[0].Cert.RawSubject) {
		t.Errorf("the identity is %+v", s.RemoteID)
	}
}

func TestSignatureRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, a, b *node, root *pkitest.Authority)
		cause Cause
		kind  Kind // an event of the initiator or the responder
	}{
		{"unknown authority", func(t *testing.T, _, b *node, _ *pkitest.Authority) {
			b.Config.PKI.Domains[0].CAs = []*x509.Certificate{pkitest.Root(t, "other", start).Cert}
		}, CauseNotified, Distrusted},
		{"expired", func(_ *testing.T, _, b *node, root *pkitest.Authority) {
			b.Config.PKI.Domains[0].Locals = []pki.Local{root.Issue("B", start.AddDate(-7, 0, 0), func(c *x509.Certificate) { c.IPAddresses = []net.IP{addrB.AsSlice()} })}
		}, CauseAuth, Distrusted},
		{"another key", func(t *testing.T, a, _ *node, _ *pkitest.Authority) {
			a.Config.PKI.Domains[0].Locals[0].Key = pkitest.Key(t)
		}, CauseNotified, 0},
		{"another identity", func(_ *testing.T, a, _ *node, root *pkitest.Authority) {
			a.Config.PKI.Domains[0].Locals = []pki.Local{root.Issue("A", start, nil)}
		}, CauseNotified, 0},
		{"no certificate", func(_ *testing.T, a, _ *node, _ *pkitest.Authority) { a.Config.PKI.Domains[0].Locals = nil }, CauseConfig, Unsigned},
		{"a method that is not wanted", func(_ *testing.T, _, b *node, _ *pkitest.Authority) {
			b.Config.Profiles[0].RemoteAuth = []uint8{wire.SharedKey}
			secret := &Secret{Key: []byte("k")}
			b.Config.Keychains = []*Keychain{{Name: "k", Peers: []*Peer{{Name: "o", Prefix: b.policy.Flow.Dst, Local: secret, Remote: secret, Identity: &Match{Kind: wire.IDIPv4, Low: addrA, High: addrA}}}}}
		}, CauseNotified, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b, root := signed(t)
			c.spoil(t, a, b, root)
			a.Acquire(a.policy)
			a.run(3 * time.Second)
			a.wantEnds(RequestFailed, c.name, c.cause)
			a.wantPairs(0, c.name)
			b.wantPairs(0, c.name)
			found := c.kind == 0
			for _, e := range append(a.events, b.events...) {
				found = found || e.Kind == c.kind
			}
			if !found {
				t.Errorf("there is no event of kind %d", c.kind)
			}
		})
	}
}
