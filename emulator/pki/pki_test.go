package pki_test

import (
	"crypto/x509"
	"errors"
	"net"
	"testing"
	"time"

	"cwlab/emulator/pki"
	"cwlab/emulator/pki/pkitest"
)

var now = time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)

func TestVerify(t *testing.T) {
	root, other := pkitest.Root(t, "root", now), pkitest.Root(t, "other", now)
	sub := root.Under("sub", now)
	good := root.Issue("good", now, nil)
	below := sub.Issue("below", now, nil)
	twin := pkitest.Root(t, "root", now) // the same name with another key
	for _, c := range []struct {
		name   string
		cert   *x509.Certificate
		others []*x509.Certificate
		cas    []*x509.Certificate
		crls   []*x509.RevocationList
		check  bool
		at     time.Time
		want   pki.Reason
	}{
		{name: "good", cert: good.Cert},
		{name: "unknown authority", cert: other.Issue("x", now, nil).Cert, want: pki.NoIssuer},
		{name: "its root came with it", cert: other.Issue("x", now, nil).Cert, others: []*x509.Certificate{other.Cert}, want: pki.SelfSignedInChain},
		{name: "a root of its own", cert: other.Cert, want: pki.SelfSigned},
		{name: "expired", cert: good.Cert, at: now.AddDate(6, 0, 0), want: pki.HasExpired},
		{name: "not yet valid", cert: good.Cert, at: now.AddDate(-6, 0, 0), want: pki.NotYetValid},
		{name: "signed by another of the name", cert: twin.Issue("x", now, nil).Cert, want: pki.BadSignature},
		{name: "the middle is missing", cert: below.Cert, want: pki.NoIssuer},
		{name: "the middle came with it", cert: below.Cert, others: []*x509.Certificate{sub.Cert}},
		{name: "the middle is here", cert: below.Cert, cas: []*x509.Certificate{root.Cert, sub.Cert}},
		{name: "no root is here", cert: below.Cert, cas: []*x509.Certificate{sub.Cert}, want: pki.NoIssuer},
		{name: "no authority signed it", cert: (&pkitest.Authority{Cert: good.Cert, Key: good.Key}).With(t).Issue("x", now, nil).Cert, others: []*x509.Certificate{good.Cert}, want: pki.InvalidCA},
		{name: "not for signatures", cert: root.Issue("x", now, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }).Cert, want: pki.NoDigitalSignature},
		{name: "no list", cert: good.Cert, check: true, want: pki.NoCRL},
		{name: "not on the list", cert: good.Cert, check: true, crls: []*x509.RevocationList{root.Revoke(now, below.Cert)}},
		{name: "on the list", cert: good.Cert, check: true, crls: []*x509.RevocationList{root.Revoke(now, good.Cert)}, want: pki.Revoked},
		{name: "on the newer list", cert: good.Cert, check: true, crls: []*x509.RevocationList{root.Revoke(now, good.Cert), root.Revoke(now.AddDate(-1, 0, 0))}, want: pki.Revoked},
		{name: "on the list that nobody checks", cert: good.Cert, crls: []*x509.RevocationList{root.Revoke(now, good.Cert)}},
		{name: "the list is old", cert: good.Cert, check: true, crls: []*x509.RevocationList{root.Revoke(now.AddDate(-2, 0, 0))}, want: pki.CRLHasExpired},
		{name: "the list is of another", cert: good.Cert, check: true, crls: []*x509.RevocationList{twin.Revoke(now)}, want: pki.BadCRLSignature},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &pki.Domain{CAs: c.cas, CRLs: c.crls, CheckCRL: c.check}
			if d.CAs == nil {
				d.CAs = []*x509.Certificate{root.Cert}
			}
			if c.at.IsZero() {
				c.at = now
			}
			err := d.Verify(c.cert, c.others, c.at)
			var e *pki.Error
			if c.want == 0 && err != nil || c.want != 0 && (!errors.As(err, &e) || e.Reason != c.want) {
				t.Errorf("verification gave %v, want %v", err, c.want)
			}
		})
	}
}

func TestSigner(t *testing.T) {
	a, b := pkitest.Root(t, "a", now), pkitest.Root(t, "b", now)
	sub := b.Under("sub", now)
	s := &pki.Store{Now: func() time.Time { return now }, Domains: []*pki.Domain{
		pkitest.Domain("d1", a.Issue("of a", now, nil), a), pkitest.Domain("d2", sub.Issue("of b", now, nil), b, sub)}}
	for _, c := range []struct {
		domains []string
		issuers [][]byte
		want    string
		above   int
		err     error
	}{
		{nil, nil, "of a", 0, nil},
		{nil, [][]byte{{}}, "of a", 0, nil},
		{nil, [][]byte{b.Cert.RawSubject}, "of b", 1, nil},
		{[]string{"D2"}, nil, "of b", 1, nil},
		{[]string{"d1"}, [][]byte{b.Cert.RawSubject}, "", 0, pki.ErrNotAsked},
		{[]string{"none"}, nil, "", 0, pki.ErrNoLocal},
	} {
		l, above, err := s.Signer(c.domains, c.issuers)
		if err != c.err || err == nil && (l.Cert.Subject.CommonName != c.want || len(above) != c.above) {
			t.Errorf("domains %v asked for %d authorities: %v with %d above, %v; want %q with %d, %v", c.domains, len(c.issuers), l.Cert, len(above), err, c.want, c.above, c.err)
		}
	}
}

func TestVouchesFor(t *testing.T) {
	a := pkitest.Root(t, "a", now)
	plain := a.Issue("plain", now, nil).Cert
	named := a.Issue("named", now, func(c *x509.Certificate) {
		c.DNSNames, c.EmailAddresses, c.IPAddresses = []string{"fw.example"}, []string{"me@example"}, []net.IP{net.IPv4(192, 0, 2, 1)}
	}).Cert
	for _, c := range []struct {
		cert *x509.Certificate
		kind pki.IDKind
		id   string
		want bool
	}{
		{named, pki.IDAddress, "\xc0\x00\x02\x01", true}, {named, pki.IDAddress, "\xc0\x00\x02\x02", false}, {plain, pki.IDAddress, "\xc0\x00\x02\x01", false},
		{named, pki.IDFQDN, "fw.example", true}, {named, pki.IDFQDN, "other", false}, {plain, pki.IDFQDN, "other", true},
		{named, pki.IDMail, "me@example", true}, {named, pki.IDMail, "other", false},
		{named, pki.IDName, string(named.RawSubject), true}, {named, pki.IDName, string(plain.RawSubject), false}, {named, 11, "key", false},
	} {
		if got := pki.VouchesFor(c.cert, c.kind, []byte(c.id)); got != c.want {
			t.Errorf("%s vouches for %q of kind %d: %v, want %v", c.cert.Subject, c.id, c.kind, got, c.want)
		}
	}
}

func TestPolicies(t *testing.T) {
	a := pkitest.Root(t, "Root CA", now)
	c := a.Issue("fw1", now, func(c *x509.Certificate) {
		c.DNSNames, c.IPAddresses = []string{"fw1.example", "alias.example"}, []net.IP{net.IPv4(192, 0, 2, 1)}
	}).Cert
	for _, r := range []struct {
		a    pki.Attribute
		want bool
	}{
		{pki.Attribute{Field: pki.SubjectField, Form: pki.DNForm, Op: pki.Contains, Value: "cn=FW1"}, true},
		{pki.Attribute{Field: pki.IssuerField, Form: pki.DNForm, Op: pki.Equals, Value: "C=CN,O=lab,CN=Root CA"}, true},
		{pki.Attribute{Field: pki.SubjectField, Form: pki.DNForm, Op: pki.ContainsNot, Value: "fw1"}, false},
		{pki.Attribute{Field: pki.AltSubjectField, Form: pki.FQDNForm, Op: pki.Equals, Value: "ALIAS.example"}, true},
		{pki.Attribute{Field: pki.AltSubjectField, Form: pki.FQDNForm, Op: pki.EqualsNot, Value: "alias.example"}, false},
		{pki.Attribute{Field: pki.AltSubjectField, Form: pki.IPForm, Op: pki.EqualsNot, Value: "192.0.2.2"}, true},
		{pki.Attribute{Field: pki.IssuerField, Form: pki.IPForm, Op: pki.EqualsNot, Value: "192.0.2.2"}, false}, // it has none
	} {
		s := &pki.Store{Groups: []*pki.Group{{Name: "g", Attributes: []pki.Attribute{r.a}}},
			Policies: []*pki.Policy{{Name: "p", Rules: []pki.Rule{{ID: 1, Group: "G"}}}, {Name: "deny", Rules: []pki.Rule{{ID: 1, Deny: true, Group: "g"}, {ID: 2, Group: "unknown"}}}}}
		if got := s.Permits("P", c); got != r.want {
			t.Errorf("%+v permits: %v, want %v", r.a, got, r.want)
		}
		if got := s.Permits("deny", c); got == r.want {
			t.Errorf("%+v denies: %v, want %v", r.a, !got, r.want)
		}
		if s.Permits("missing", c) {
			t.Error("a policy that does not exist permits")
		}
	}
}

// The signature of RFC 2409 section 5.1 has no identifier of the hash.
func TestSign(t *testing.T) {
	l := pkitest.Root(t, "a", now).Issue("x", now, nil)
	hash := []byte("twenty bytes of hash")
	sig, err := pki.Sign(l.Key, hash)
	if err != nil {
		t.Fatal(err)
	}
	if err := pki.VerifySignature(l.Cert, hash, sig); err != nil {
		t.Error(err)
	}
	hash[0]++
	if pki.VerifySignature(l.Cert, hash, sig) == nil {
		t.Error("the signature holds for another hash")
	}
}
