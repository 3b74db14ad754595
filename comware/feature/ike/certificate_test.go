package ike

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature/pki"
	"cwlab/comware/feature/ssh"
	"cwlab/emulator/ike"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/link"
	"cwlab/emulator/pki/pkitest"
	"cwlab/emulator/sim"
)

// certified is two devices on one cable that have certificates of one
// authority, with that many names in each.
func certified(t *testing.T, names int) (a, b *desk) {
	t.Helper()
	w := sim.New(start, 1, nil)
	n := link.NewNetwork(w)
	root := pkitest.Root(t, "root", start)
	make := func(name string, own, peer netip.Addr) *desk {
		d := seat(t, name, w, n, ssh.Feature, pki.Feature)
		l := root.Issue(name, start, func(c *x509.Certificate) {
			c.IPAddresses = []net.IP{own.AsSlice()}
			for i := range names {
				c.DNSNames = append(c.DNSNames, fmt.Sprintf("name-%d.of.%s.example.com", i, name))
			}
		})
		for file, text := range map[string]string{"ca.pem": pkitest.PEM(root.Cert), "own.pem": pkitest.KeyPEM(l.Key) + pkitest.PEM(l.Cert)} {
			if err := d.Box.Flash.Write(file, text, start); err != nil {
				t.Fatal(err)
			}
		}
		d.Answer("y")
		d.Do("system-view", "interface g1/0/1", "ip address "+own.String()+" 24", "quit",
			"pki domain d", "public-key rsa general name k", "undo crl check enable", "quit",
			"pki import domain d pem ca filename ca.pem", "pki import domain d pem local filename own.pem",
			"pki certificate attribute-group g", "attribute 1 issuer-name dn ctn cn=root", "quit",
			"pki certificate access-control-policy p", "rule 1 permit g", "quit",
			"ike proposal 1", "authentication-method rsa-signature", "dh group14", "quit",
			"ike profile f", "certificate domain d", "local-identity dn", "match remote certificate p", "proposal 1",
			"match remote identity address "+peer.String(), "return")
		return d
	}
	a, b = make("A", addrA, addrB), make("B", addrB, addrA)
	n.Connect(n.Port("A", "GigabitEthernet1/0/1"), n.Port("B", "GigabitEthernet1/0/1"), link.Options{Latency: time.Millisecond})
	a.Run(time.Second)
	return a, b
}

// Messages with certificates pass in fragments of IP where they are longer
// than the path takes.
func TestCertificates(t *testing.T) {
	for _, names := range []int{0, 100} {
		a, b := certified(t, names)
		a.Do("debugging ike all")
		up(a)
		for _, d := range []*desk{a, b} {
			if s := d.engine().SAs(); len(s) != 1 || s[0].State != ike.Established || s[0].RemoteID.Kind != isakmp.IDDN || s[0].Profile != "f" {
				t.Fatalf("with %d names %s has %+v", names, d.Box.Name, s)
			}
		}
		if got := a.Do("display ike sa verbose"); !strings.Contains(got, "   Remote ID type: DER_ASN1_DN\n   Remote ID: C=CN, O=lab, CN=B\n") || !strings.Contains(got, "Authentication-method: RSA-SIG\n") {
			t.Errorf("the SA is shown as\n%s", got)
		}
		for _, want := range []string{"Add certificate request payload C=CN, O=lab, CN=root.", "Construct certificate request payload.",
			"Received certificate request payload that contains issuer name C=CN, O=lab, CN=root.", "Construct certificate payload.",
			"Construct authentication data by private key.", "Process certificate payload.", "Verify signature payload.", "Signature verification succeeded."} {
			if !strings.Contains(a.history(), want) {
				t.Errorf("no trace %q", want)
			}
		}
		if c := pki.Store(a.Box).Domains[0].Locals[0].Cert; (len(c.Raw) > 1500) != (names > 0) {
			t.Errorf("with %d names a certificate has %d bytes", names, len(c.Raw))
		}
	}
}

// A peer that is not trusted is logged, and the settings of certificates are
// taken back.
func TestCertificateRefused(t *testing.T) {
	a, b := certified(t, 0)
	other := pkitest.Root(t, "root", start) // of the same name
	pki.Store(b.Box).Domains[0].CAs = []*x509.Certificate{other.Cert}
	up(a)
	if want := "IKE/6/IKE_VERIFY_CERT_FAIL: -Context=1; Failed to verify the peer certificate. Reason: certificate signature failure."; !strings.Contains(b.history(), want) {
		t.Errorf("the responder shows\n%s\nwithout %q", b.history(), want)
	}
	a.RoundTrip()
	a.Do("system-view", "ike profile f", "undo certificate domain d", "undo match remote certificate p", "undo local-identity", "return")
	if c := a.Config(); strings.Contains(c, " certificate domain d") || strings.Contains(c, "match remote certificate") {
		t.Errorf("after undo\n%s", c)
	}
}
