package ike

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/pki"
	"cwlab/emulator/pki/pkitest"
)

var rsaProposal = Proposal{1, isakmp.AESCBC, 128, isakmp.SHA1, isakmp.RSASignatures, 2, 86400}

// signed is a pair that proves itself by certificates of one authority.
func signed(t *testing.T) (a, b *node, root *pkitest.Authority) {
	a, b = pair(t)
	root = pkitest.Root(t, "root", start)
	for _, n := range []*node{a, b} {
		n.Config.Keychains = nil
		n.Config.Proposals = []Proposal{rsaProposal}
		n.Config.Hostname = func() string { return n.name }
		n.Config.PKI = &pki.Store{Now: n.Now, Domains: []*pki.Domain{pkitest.Domain("d", root.Issue(n.name, start, func(c *x509.Certificate) {
			c.IPAddresses = []net.IP{n.addr.AsSlice()}
		}), root)}}
	}
	return a, b, root
}

// withProfiles gives both a profile, aggressive or not.
func withProfiles(a, b *node, aggressive bool) {
	for _, n := range []*node{a, b} {
		n.Config.Profiles = []*Profile{{Name: "x", Priority: 100, Aggressive: aggressive, Domains: []string{"D"}, Proposals: []int{1},
			Matches: []Match{{Kind: isakmp.IDIPv4Addr, Low: n.peer.addr, High: n.peer.addr}}}}
		n.policy.Profile = "x"
	}
}

func TestSignatures(t *testing.T) {
	for _, aggressive := range []bool{false, true} {
		a, b, _ := signed(t)
		withProfiles(a, b, aggressive)
		up(t, a, b)
		for _, n := range []*node{a, b} {
			s := n.SAs()[0]
			if s.Proposal.Auth != isakmp.RSASignatures || s.RemoteID.Kind != isakmp.IDIPv4Addr || s.Profile != "x" {
				t.Errorf("aggressive %v: the SA of %s is %+v", aggressive, n.name, s)
			}
			n.wantEvent(SignatureGood, "signatures")
		}
		// A new phase 1 and a pair under it.
		a.Reset(0)
		a.Acquire(a.policy)
		a.run(time.Second)
		a.wantSAs(1, "after a reset")
		agree(t, a, b)
	}
}

// Without a profile all domains serve, and a pre-shared key is only used where
// the two agree on one.
func TestSignaturesBesidePreSharedKeys(t *testing.T) {
	a, b, _ := signed(t)
	up(t, a, b)
	a, b, _ = signed(t)
	b.Config.Proposals = nil // only the default, which is for keys
	for _, n := range []*node{a, b} {
		n.Config.Keychains = []*Keychain{{Name: "k", Keys: []Key{{Prefix: netip.PrefixFrom(n.peer.addr, 32), Secret: []byte("s")}}}}
	}
	up(t, a, b)
	if s := a.SAs()[0]; s.Proposal.Auth != isakmp.PreSharedKey {
		t.Errorf("they agreed on %v", s.Proposal.Auth)
	}
}

func TestIdentitiesOfCertificates(t *testing.T) {
	a, b, root := signed(t)
	withProfiles(a, b, false)
	// An address that the certificate does not have becomes the system's name.
	a.Config.PKI.Domains[0].Locals = []pki.Local{root.Issue("plain", start, nil)}
	a.Config.Profiles[0].Matches = []Match{{Policy: "p"}}
	b.Config.Profiles[0].Matches = []Match{{Kind: isakmp.IDFQDN, Name: "A"}}
	b.Config.Profiles[0].Identity = &Identity{Kind: isakmp.IDDN}
	a.Config.PKI.Groups = []*pki.Group{{Name: "g", Attributes: []pki.Attribute{{Op: pki.Contains, Value: "cn=b"}}}}
	a.Config.PKI.Policies = []*pki.Policy{{Name: "p", Rules: []pki.Rule{{ID: 1, Group: "g"}}}}
	up(t, a, b)
	s := a.SAs()[0]
	if s.LocalID.Kind != isakmp.IDFQDN || string(s.LocalID.Data) != "A" || s.RemoteID.Kind != isakmp.IDDN ||
		!bytes.Equal(s.RemoteID.Data, b.Config.PKI.Domains[0].Locals[0].Cert.RawSubject) {
		t.Errorf("the identities are %v and %v", s.LocalID, s.RemoteID)
	}

	a, b, _ = signed(t)
	a.Config.SignatureIdentity = true
	a.Config.Identity = &Identity{Kind: isakmp.IDFQDN, Name: "ignored"}
	up(t, a, b)
	if s := b.SAs()[0]; s.RemoteID.Kind != isakmp.IDDN {
		t.Errorf("the identity is of kind %v", s.RemoteID.Kind)
	}
}

func TestSignatureRefusals(t *testing.T) {
	issue := func(n *node, a *pkitest.Authority, change func(*x509.Certificate)) {
		n.Config.PKI.Domains[0].Locals = []pki.Local{a.Issue("x", start, change)}
	}
	address := func(n *node) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.IPAddresses = []net.IP{n.addr.AsSlice()} }
	}
	for _, c := range []struct {
		name   string
		change func(t *testing.T, a, b *node, root *pkitest.Authority)
		kind   Kind // what the one that refuses sees
		notify isakmp.NotifyType
	}{
		{"unknown authority", func(t *testing.T, a, b *node, _ *pkitest.Authority) {
			other := pkitest.Root(t, "other", start)
			issue(a, other, address(a))
			a.Config.PKI.Domains[0].CAs = append(a.Config.PKI.Domains[0].CAs, other.Cert)
			b.Config.PKI.Domains = append(b.Config.PKI.Domains, pkitest.Domain("asks", pki.Local{}, other))
			b.Config.Profiles[0].Domains = nil
			b.Config.PKI.Domains[1].CAs = []*x509.Certificate{pkitest.Root(t, "other", start).Cert} // asks for the name, trusts another key
		}, PeerCertBad, isakmp.InvalidCertificate},
		{"expired", func(t *testing.T, a, b *node, root *pkitest.Authority) {
			issue(a, root, func(c *x509.Certificate) { address(a)(c); c.NotAfter = start.Add(-time.Hour) })
		}, PeerCertBad, isakmp.InvalidCertificate},
		{"no list to check with", func(_ *testing.T, _, b *node, _ *pkitest.Authority) { b.Config.PKI.Domains[0].CheckCRL = true }, PeerCertBad, isakmp.InvalidCertificate},
		{"revoked", func(_ *testing.T, a, b *node, root *pkitest.Authority) {
			d := b.Config.PKI.Domains[0]
			d.CheckCRL, d.CRLs = true, []*x509.RevocationList{root.Revoke(start, a.Config.PKI.Domains[0].Locals[0].Cert)}
		}, PeerCertBad, isakmp.InvalidCertificate},
		{"another key", func(t *testing.T, a, _ *node, _ *pkitest.Authority) {
			a.Config.PKI.Domains[0].Locals[0].Key = pkitest.Key(t)
		}, SignatureBad, isakmp.InvalidSignature},
		{"nothing of what is asked for", func(t *testing.T, a, b *node, _ *pkitest.Authority) {
			b.Config.PKI.Domains[0].CAs = []*x509.Certificate{pkitest.Root(t, "other", start).Cert}
		}, 0, isakmp.CertificateUnavailable},
		{"no certificate", func(_ *testing.T, a, _ *node, _ *pkitest.Authority) { a.Config.PKI = nil }, 0, isakmp.CertificateUnavailable},
		{"a subject that is not the identity", func(_ *testing.T, a, b *node, root *pkitest.Authority) {
			a.Config.Profiles[0].Identity = &Identity{Kind: isakmp.IDFQDN, Name: "liar"}
			b.Config.Profiles[0].Matches = []Match{{Kind: isakmp.IDFQDN, Name: "liar"}}
			issue(a, root, func(c *x509.Certificate) { c.DNSNames = []string{"honest"} })
		}, PeerIDInvalid, isakmp.InvalidIDInformation},
	} {
		for _, aggressive := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, aggressive %v", c.name, aggressive), func(t *testing.T) {
				a, b, root := signed(t)
				withProfiles(a, b, aggressive)
				c.change(t, a, b, root)
				a.Acquire(a.policy)
				a.run(30 * time.Second)
				a.wantPairs(0, c.name)
				b.wantSAs(0, c.name)
				if !aggressive { // there the initiator is done before the responder refuses, and believes nothing in clear
					a.wantSAs(0, c.name)
				}
				if c.kind != 0 {
					b.wantEvent(c.kind, c.name)
				}
				if !aggressive { // there what the responder says of the last message comes too late
					if got := a.Stats.Notify[c.notify] + b.Stats.Notify[c.notify]; got == 0 {
						t.Errorf("nobody counted %v", c.notify)
					}
				}
			})
		}
	}
}

// Certificates of a chain come along.
func TestChainOfCertificates(t *testing.T) {
	a, b, root := signed(t)
	sub := root.Under("sub", start)
	a.Config.PKI.Domains[0].CAs = append(a.Config.PKI.Domains[0].CAs, sub.Cert)
	a.Config.PKI.Domains[0].Locals = []pki.Local{sub.Issue("deep", start, func(c *x509.Certificate) { c.IPAddresses = []net.IP{a.addr.AsSlice()} })}
	up(t, a, b)
	if n := len(b.SAs()[0].certs); n != 2 {
		t.Errorf("%d certificates came, want 2", n)
	}
}

// DSA signatures are configured but not made: a proposal of them is not
// offered and not taken.
func TestOtherMethodsAreNotOffered(t *testing.T) {
	a, b := pair(t)
	dss := rsaProposal
	dss.Auth = isakmp.DSSSignatures
	a.Config.Proposals, b.Config.Proposals = []Proposal{dss}, []Proposal{dss}
	up(t, a, b)
	if s := a.SAs()[0]; s.Proposal.Auth != isakmp.PreSharedKey {
		t.Errorf("they agreed on %v", s.Proposal.Auth)
	}
	a, b = pair(t)
	a.Config.Proposals, b.Config.Proposals = []Proposal{dss}, []Proposal{dss}
	withProfiles(a, b, false)
	a.Acquire(a.policy)
	a.run(time.Second)
	a.wantSAs(0, "with nothing to offer")
	a.wantEvent(CertMissing, "with nothing to offer")
}

func TestTablesOfSignatures(t *testing.T) {
	checkTable(t, "main mode with signatures", mainModeSignatures, []State{Sent2, Sent3, Sent4, Sent5})
	checkTable(t, "aggressive mode with signatures", aggressiveSignatures, []State{Sent2})
}
