package pki_test

import (
	"crypto/x509"
	"encoding/pem"
	"net"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/pki"
	"cwlab/comware/feature/ssh"
	pkis "cwlab/emulator/pki"
	"cwlab/emulator/pki/pkitest"
)

type desk struct {
	*featuretest.Desk
	root *pkitest.Authority
}

// newDesk is a box with a domain d and its authority's certificate in a file.
func newDesk(t *testing.T) *desk {
	d := &desk{featuretest.New(t, ssh.Feature, pki.Feature), pkitest.Root(t, "root", featuretest.Start)}
	d.file("ca.pem", pkitest.PEM(d.root.Cert))
	d.Do("system-view", "pki domain d", "undo crl check enable", "quit")
	return d
}

func (d *desk) file(name, text string) {
	d.T.Helper()
	if err := d.Box.Flash.Write(name, text, d.Box.Clock()); err != nil {
		d.T.Fatal(err)
	}
}

// with is newDesk with the authority and a local certificate imported.
func with(t *testing.T) (*desk, pkis.Local) {
	d := newDesk(t)
	d.Answer("y")
	d.Do("pki import domain d pem ca filename ca.pem")
	l := d.root.Issue("me", featuretest.Start, func(c *x509.Certificate) {
		c.DNSNames, c.IPAddresses = []string{"me.example"}, []net.IP{net.IPv4(192, 0, 2, 1)}
	})
	d.file("me.pem", pkitest.KeyPEM(l.Key)+pkitest.PEM(l.Cert))
	d.Answer("")
	d.Do("pki import domain d pem local filename me.pem")
	return d, l
}

func TestImport(t *testing.T) {
	d := newDesk(t)
	d.Answer("n")
	out := d.Do("pki import domain d pem ca filename ca.pem")
	for _, want := range []string{"The trusted CA's finger print is:\n    MD5  fingerprint:", "    SHA1 fingerprint:", "Is the finger print correct?(Y/N):n"} {
		if !strings.Contains(out, want) {
			t.Errorf("the import shows\n%s\nwithout %q", out, want)
		}
	}
	if got := d.Do("display pki certificate domain d ca"); got != "" {
		t.Errorf("after no, the domain has\n%s", got)
	}
	d.Answer("y")
	d.Do("pki import domain d pem ca filename ca.pem")
	if got := d.Do("display pki certificate domain d ca"); !strings.Contains(got, "Subject: C=CN, O=lab, CN=root\n") {
		t.Errorf("after yes, the domain has\n%s", got)
	}
	// Another domain takes an authority that the device knows without a question.
	d.Do("pki domain e", "undo crl check enable", "quit", "pki import domain e pem ca filename ca.pem")

	l := d.root.Issue("me", featuretest.Start, nil)
	d.file("me.pem", pkitest.KeyPEM(l.Key)+pkitest.PEM(l.Cert))
	d.Answer("")
	if out := d.Do("pki import domain d pem local filename me.pem"); !strings.Contains(out, "[default name: d]:") {
		t.Errorf("the name of the key pair is asked for with\n%s", out)
	}
	if !strings.Contains(d.Config(), "\n public-key rsa general name d\n") {
		t.Errorf("the configuration is\n%s", d.Config())
	}
	if _, _, err := pki.Store(d.Box).Signer([]string{"d"}, nil); err != nil {
		t.Errorf("no signature can be made: %v", err)
	}
	d.RoundTrip()
	// A second one asks twice; with another key under the name it asks for the key.
	l = d.root.Issue("me2", featuretest.Start, nil)
	d.file("me2.pem", pkitest.KeyPEM(l.Key)+pkitest.PEM(l.Cert))
	d.Answer("y", "y")
	d.Do("pki import domain d pem local filename me2.pem")
	if got := d.Do("display pki certificate domain d local"); strings.Contains(got, "CN=me\n") || !strings.Contains(got, "CN=me2\n") {
		t.Errorf("the domain has\n%s", got)
	}
	d.Do("public-key local destroy rsa name other")
}

func TestImportRefusals(t *testing.T) {
	at := featuretest.Start
	other := pkitest.Root(t, "other", at)
	for _, c := range []struct {
		name, command string
		file          func(d *desk) string
		answers       []string
		want          string
	}{
		{"no file", "pem local filename none", nil, nil, "The file or directory doesn't exist."},
		{"no certificate", "pem local filename f", func(*desk) string { return "text" }, nil, "Failed to read the certificate."},
		{"no DER", "der local filename f", func(*desk) string { return "text" }, nil, "Failed to read the certificate."},
		{"no authority", "pem ca filename f", func(d *desk) string { return pkitest.PEM(d.root.Issue("x", at, nil).Cert) }, nil, "The type of the certificate is not the one to be imported."},
		{"no key", "pem local filename f", func(d *desk) string { return pkitest.PEM(d.root.Issue("x", at, nil).Cert) }, nil, "Local certificate and public key don't match."},
		{"another authority", "pem peer filename f", func(*desk) string { return pkitest.PEM(other.Issue("x", at, nil).Cert) }, nil,
			"Failed to verify the peer certificates. Verification result: unable to get local issuer certificate."},
		{"expired", "pem local filename f", func(d *desk) string {
			l := d.root.Issue("x", at.AddDate(-7, 0, 0), nil)
			return pkitest.KeyPEM(l.Key) + pkitest.PEM(l.Cert)
		}, nil, "Failed to verify local certificates. Verification result: certificate has expired."},
		{"the middle of a chain", "pem ca filename f", func(*desk) string { return pkitest.PEM(other.Under("sub", at).Cert) }, nil,
			"Failed to verify the CA/RA certificate chain, Verification result: unable to get local issuer certificate."},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.Answer("y")
			d.Do("pki import domain d pem ca filename ca.pem")
			if c.file != nil {
				d.file("f", c.file(d))
			}
			d.Answer(c.answers...)
			if got := d.Try("pki import domain d " + c.command); !strings.Contains(got, c.want) {
				t.Errorf("the import shows %q, want %q", got, c.want)
			}
		})
	}
	d := newDesk(t)
	d.Do("pki domain d", "root-certificate fingerprint md5 0123456789abcdef0123456789ABCDEF", "quit")
	if got, want := d.Try("pki import domain d pem ca filename ca.pem"), "The fingerprint of the CA root certificate is not the configured one."; !strings.Contains(got, want) {
		t.Errorf("the import shows %q, want %q", got, want)
	}
	d.Do("pki domain d", "undo root-certificate fingerprint", "crl check enable", "quit")
	d.Answer("y")
	d.Do("pki import domain d pem ca filename ca.pem")
	d.file("f", pkitest.PEM(d.root.Issue("x", at, nil).Cert))
	if got, want := d.Try("pki import domain d pem peer filename f"), "unable to get certificate CRL."; !strings.Contains(got, want) {
		t.Errorf("without a list the import shows %q, want %q", got, want)
	}
}

// What is pasted ends with Ctrl+C.
func TestPaste(t *testing.T) {
	d := newDesk(t)
	d.Answer(strings.Split(pkitest.PEM(d.root.Cert), "\n")...)
	out := d.Do("pki import domain d pem ca")
	if want := "Enter PEM-formatted certificate.\nEnd with a Ctrl+c on a line by itself.\n"; !strings.HasPrefix(out, want) {
		t.Errorf("the import begins with\n%s", out)
	}
	d.Answer("y")
	d.Interrupt()
	if got := d.Do("display pki certificate domain d ca"); !strings.Contains(got, "CN=root") {
		t.Errorf("the domain has\n%s", got)
	}
}

func TestPeersAndLists(t *testing.T) {
	d, _ := with(t)
	peer := d.root.Issue("peer", featuretest.Start, nil).Cert
	d.file("peer.der", string(peer.Raw))
	d.Do("pki import domain d der peer filename peer.der")
	d.Want("display pki certificate domain d peer", "Total peer certificates: 1\n\nSerial Number: 03\nSubject  Name: C=CN, O=lab, CN=peer\n")
	if got := d.Do("display pki certificate domain d peer serial 3"); !strings.Contains(got, "Serial Number: 3 (0x3)") {
		t.Errorf("the certificate is\n%s", got)
	}
	d.file("pki/root.crl", string(d.root.Revoke(featuretest.Start, peer).Raw))
	out := d.Do("display pki crl domain d")
	for _, want := range []string{"Issuer: /C=CN/O=lab/CN=root\n", "Last Update: Dec  2 03:04:05 2019 GMT\n", "    Serial Number: 03\n        Revocation Date: Dec  2 03:04:05 2019 GMT\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("the list is\n%s\nwithout %q", out, want)
		}
	}
	d.Do("pki domain d", "crl check enable", "quit")
	if got := d.Do("pki validate-certificate domain d local"); !strings.HasSuffix(got, "        Subject:\n            C=CN\n            O=lab\n            CN=me\nVerify result: OK\n") {
		t.Errorf("the verification shows\n%s", got)
	}
	if got := pki.Store(d.Box).Trusts([]string{"d"}, peer, nil); got == nil || got.Error() != "certificate revoked" {
		t.Errorf("the revoked certificate is trusted: %v", got)
	}
	d.Do("pki delete-certificate domain d peer serial 3")
	d.Want("display pki certificate domain d peer", "Total peer certificates: 0\n\n")
	d.Do("pki delete-certificate domain d local")
	d.Answer("y")
	d.Do("pki delete-certificate domain d ca")
	if got := d.Do("display pki certificate domain d ca") + d.Do("display pki crl domain d"); got != "" {
		t.Errorf("after the deletion\n%s", got)
	}
}

// Time is that of the device's clock.
func TestValidityByTheClock(t *testing.T) {
	d, _ := with(t)
	d.Box.Flash.RTC.Offset = 6 * 365 * 24 * time.Hour
	if got := d.Do("pki validate-certificate domain d local"); !strings.HasSuffix(got, "Verify result: certificate has expired\n") {
		t.Errorf("six years on the verification shows\n%s", got)
	}
	if got := d.Do("pki validate-certificate domain d ca"); !strings.HasSuffix(got, "Verify result: OK\n") {
		t.Errorf("six years on the verification of the authority shows\n%s", got)
	}
}

func TestDisplayCertificate(t *testing.T) {
	d, l := with(t)
	got := d.Do("display pki certificate domain d local")
	for _, want := range []string{
		"Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number: 2 (0x2)\n        Signature Algorithm: sha256WithRSAEncryption\n        Issuer: C=CN, O=lab, CN=root\n        Validity\n            Not Before: Jan  2 03:04:05 2015 GMT\n            Not After : Jan  2 03:04:05 2025 GMT\n        Subject: C=CN, O=lab, CN=me\n        Subject Public Key Info:\n            Public Key Algorithm: rsaEncryption\n                Public-Key: (1024 bit)\n                Modulus:\n                    00:",
		"                Exponent: 65537 (0x10001)\n        X509v3 extensions:\n            X509v3 Key Usage: critical\n                Digital Signature, Key Encipherment\n",
		"            X509v3 Subject Alternative Name:\n                DNS:me.example, IP Address:192.0.2.1\n    Signature Algorithm: sha256WithRSAEncryption\n        ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the certificate is shown as\n%s\nwithout\n%s", got, want)
		}
	}
	if n := strings.Count(got, ":"); n < len(l.Cert.Signature)+len(l.Cert.RawSubjectPublicKeyInfo)-40 {
		t.Errorf("only %d bytes are shown", n)
	}
}

func TestRequest(t *testing.T) {
	d := newDesk(t)
	d.Do("pki entity en", "common-name fw1", "country CN", "organization lab", "organization-unit u", "state s", "locality l", "fqdn fw1.example", "ip 192.0.2.1", "quit",
		"pki domain d", "certificate request entity EN", "public-key rsa general name k length 1024", "usage ike ssl-client", "quit")
	out := d.Do("pki request-certificate domain d pkcs10")
	if !strings.HasPrefix(out, "*** Request for general certificate ***\n-----BEGIN NEW CERTIFICATE REQUEST-----\n") {
		t.Fatalf("the request is\n%s", out)
	}
	b, _ := pem.Decode([]byte(out))
	r, err := x509.ParseCertificateRequest(b.Bytes)
	if err != nil || r.CheckSignature() != nil {
		t.Fatalf("the request is wrong: %v, %v", err, r.CheckSignature())
	}
	if got, want := pkis.Name(r.RawSubject, ","), "C=CN,ST=s,L=l,O=lab,OU=u,CN=fw1"; got != want || len(r.DNSNames) != 1 || len(r.IPAddresses) != 1 {
		t.Errorf("the subject is %s, want %s; names %v, addresses %v", got, want, r.DNSNames, r.IPAddresses)
	}
	if again := d.Do("pki request-certificate domain d pkcs10"); again != out {
		t.Error("a second request with the same key is another one")
	}
	d.Do("pki request-certificate domain d pkcs10 filename req.pem")
	if f, ok := d.Box.Flash.Read("req.pem"); !ok || !strings.Contains(out, f.Data) {
		t.Errorf("the file holds %q", f.Data)
	}
	// What an authority makes of it can be imported without a key.
	k := ssh.Find(d.Box, "rsa", "k").RSA()
	c := d.root.Sign("fw1", featuretest.Start, &k.PublicKey)
	d.file("fw1.pem", pkitest.PEM(c))
	d.Answer("y")
	d.Do("pki import domain d pem ca filename ca.pem")
	d.Do("pki import domain d pem local filename fw1.pem")
	if l, _, err := pki.Store(d.Box).Signer(nil, nil); err != nil || !l.Cert.Equal(c) {
		t.Errorf("nobody can sign with it: %v", err)
	}
	d.Do("public-key local destroy rsa name k")
}

func TestExport(t *testing.T) {
	d, l := with(t)
	d.Do("pki export domain d der local filename l.der", "pki export domain d der all filename all.p7b", "pki export domain d pem ca filename ca2.pem",
		"pki export domain d pem all aes-256-cbc secret filename all.pem")
	for _, c := range []struct{ file, want string }{{"l.der", string(l.Cert.Raw)}, {"ca2.pem", pkitest.PEM(d.root.Cert)}} {
		if f, _ := d.Box.Flash.Read(c.file); f.Data != c.want {
			t.Errorf("%s holds %q", c.file, f.Data)
		}
	}
	out := d.Do("pki export domain d pem local")
	if !strings.HasPrefix(out, "%The general usage local certificate:\nBag Attributes\n") || strings.Contains(out, "PRIVATE KEY") || !strings.Contains(out, pkitest.PEM(l.Cert)) {
		t.Errorf("the export shows\n%s", out)
	}
	// All of it comes back on another box, the key through its password.
	for _, c := range []struct {
		command string
		answers []string
		ok      bool
	}{
		{"pem local filename all.pem", []string{"secret", "y", "k"}, true},
		{"pem local filename all.pem", []string{"wrong", "y", "k"}, false},
		{"der ca filename ca.p7b", []string{"y"}, true}, // of two authorities
	} {
		e := newDesk(t)
		for _, name := range []string{"all.pem", "all.p7b"} {
			f, _ := d.Box.Flash.Read(name)
			e.file(name, f.Data)
		}
		want := 1
		if strings.Contains(c.command, "p7b") {
			s, _ := with(t)
			s.file("sub.pem", pkitest.PEM(s.root.Under("sub", featuretest.Start).Cert))
			s.Do("pki import domain d pem ca filename sub.pem", "pki export domain d der ca filename both")
			f, _ := s.Box.Flash.Read("both")
			e.file("ca.p7b", f.Data)
			want = 2
		}
		e.Answer(c.answers...)
		e.Try("pki import domain d " + c.command)
		n := len(pki.Store(e.Box).Domain("d").CAs)
		if (n == want) != c.ok {
			t.Errorf("%s with %q gave %d authorities", c.command, c.answers, n)
		}
	}
}

// Certificates outlive a reboot, and move with the directory.
func TestStorage(t *testing.T) {
	d, l := with(t)
	if err := d.Box.Flash.Mkdir("store", d.Box.Clock()); err != nil {
		t.Fatal(err)
	}
	d.Do("pki storage certificates store")
	if _, ok := d.Box.Flash.Read("store/d_local.cer"); !ok {
		t.Error("the certificate did not move")
	}
	img := featuretest.Image(t, ssh.Feature, pki.Feature)
	again := feature.NewBox("A", featuretest.Model, img, d.World, d.Net, d.Box.Flash)
	for _, f := range img.Features {
		if f.Install != nil {
			f.Install(again)
		}
	}
	if refused := again.Load(d.Config()); len(refused) > 0 {
		t.Errorf("the configuration is refused: %v", refused)
	}
	if s, _, err := pki.Store(again).Signer([]string{"d"}, nil); err != nil || !s.Cert.Equal(l.Cert) {
		t.Errorf("after a reboot: %v", err)
	}
	d.Do("undo pki storage certificates", "undo pki domain d")
	if files := d.Box.Flash.List("pki"); len(files) > 0 {
		t.Errorf("the domain went and left %v", files)
	}
}

func TestPolicies(t *testing.T) {
	d := newDesk(t)
	d.Do("pki certificate attribute-group g", "attribute 1 subject-name dn ctn abc", "attribute 2 alt-subject-name fqdn nequ x", "quit",
		"pki certificate access-control-policy p", "rule permit g", "rule 5 deny h", "quit")
	d.Want("display pki certificate attribute-group", " Total PKI certificate attribute groups: 1.\n Attribute group name: g\n      Attribute  1 subject-name     dn    ctn   abc\n      Attribute  2 alt-subject-name fqdn  nequ  x\n")
	d.Want("display pki certificate access-control-policy p", " Access control policy name: p\n     Rule 1  permit  g\n     Rule 5  deny    h\n")
	if c := d.root.Issue("xABCx", featuretest.Start, func(c *x509.Certificate) { c.DNSNames = []string{"y"} }).Cert; !pki.Store(d.Box).Permits("P", c) {
		t.Error("the policy does not permit what it should")
	}
	d.RoundTrip()
}
