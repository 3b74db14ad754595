package interop

import (
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/lab"
	"cwlab/emulator/pki/pkitest"
)

// signs is a device that proves itself by a certificate, with what it imports.
func signs(t *testing.T, c *charon, s settings, ca, own string) *box {
	t.Helper()
	s.proposal = " authentication-method rsa-signature\n encryption-algorithm aes-cbc-256\n authentication-algorithm sha256\n dh group14"
	s.profile = " certificate domain d\n" + s.profile
	s.global = strings.ReplaceAll(s.global, "pre-share\n", "rsa-signature\n")
	s.global += "\npki domain d\n public-key rsa general name d\n undo crl check enable\n#"
	s.files = []lab.KeptFile{{Name: "ca.pem", Data: ca}, {Name: "own.pem", Data: own}}
	b := join(t, c, s)
	n := b.mark()
	b.typ("system-view", "pki import domain d pem ca filename ca.pem", "y", "pki import domain d pem local filename own.pem", "return",
		"display pki certificate domain d local", "terminal monitor", "terminal debugging", "debugging ike error", "debugging ike event")
	b.want(n, `CN=device`)
	return b
}

// Certificates of one authority, below another of it on the device's end, so
// that a chain has to be sent: RFC 2409 section 5.1.
func TestCertificates(t *testing.T) {
	const ike = "aes256-sha256-modp2048"
	c := startCharon(t)
	now := time.Now() // the daemon's clock is the machine's
	deviceNow := worldStart
	early := deviceNow.Add(now.Sub(deviceNow) / 2) // certificates are valid around it, at both
	wide := func(cert *x509.Certificate) {
		cert.NotBefore, cert.NotAfter = deviceNow.AddDate(-1, 0, 0), now.AddDate(1, 0, 0)
	}
	root, other := pkitest.Root(t, "root", early), pkitest.Root(t, "other", early)
	sub := root.Under("sub", early)
	device := sub.Issue("device", early, func(x *x509.Certificate) { wide(x); x.IPAddresses = []net.IP{net.ParseIP(oursAddr)} })
	peer := root.Issue("peer", early, func(x *x509.Certificate) { wide(x); x.IPAddresses = []net.IP{net.ParseIP(theirsAddr)} })
	own := pkitest.KeyPEM(device.Key) + pkitest.PEM(device.Cert, sub.Cert)
	good := &credentials{pkitest.PEM(root.Cert), pkitest.PEM(peer.Cert), pkitest.KeyPEM(peer.Key)}
	stranger := other.Issue("stranger", early, func(x *x509.Certificate) { wide(x); x.IPAddresses = []net.IP{net.ParseIP(theirsAddr)} })

	for _, tt := range []struct {
		name   string
		theirs conn
		ours   settings
	}{
		{"main mode", conn{ike: ike, certs: good}, settings{}},
		{"aggressive mode", conn{ike: ike, certs: good, aggressive: true}, settings{profile: " exchange-mode aggressive"}},
		{"names", conn{ike: ike, certs: good, localID: `"C=CN, O=lab, CN=peer"`, remoteID: `"C=CN, O=lab, CN=device"`},
			settings{profile: " local-identity dn\n match remote certificate any", global: "pki certificate access-control-policy any\n rule 1 permit none\n#\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			c.load(tt.theirs)
			b := signs(t, &c, tt.ours, pkitest.PEM(root.Cert), own)
			b.up()
			b.ping()
			b.typ("reset ipsec sa", "reset ike sa")
			b.until("nothing is left", func(s lab.Snapshot) bool { return len(s.IKE) == 0 && len(s.IPsec) == 0 })
			_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force")
			c.must("--initiate", "--child", "n", "--timeout", "10")
			b.tunnel()
			b.ping()
			_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force")
			b.until("nothing is left", func(s lab.Snapshot) bool { return len(s.IKE) == 0 })
		})
	}

	// Version 2, RFC 7296 section 2.15, by addresses and by names.
	v2 := suite2{" encryption aes-cbc-256\n integrity sha256\n dh group14", "", "aes256-sha256-modp2048", ""}
	for _, tt := range []struct{ name, profile, localID, remoteID string }{
		{"version 2", " certificate domain d\n", "", ""},
		{"version 2 with names", " certificate domain d\n identity local dn\n match remote certificate any\n", `"C=CN, O=lab, CN=peer"`, `"C=CN, O=lab, CN=device"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			c.load(conn{version: 2, ike: v2.ike, certs: good, localID: tt.localID, remoteID: tt.remoteID})
			s := v2.settings(tt.profile)
			s.global += "\npki certificate access-control-policy any\n rule 1 permit none\n#"
			b := signs(t, &c, s, pkitest.PEM(root.Cert), own)
			b.up()
			b.ping()
			b.typ("reset ipsec sa", "reset ikev2 sa")
			b.until("nothing is left", func(s lab.Snapshot) bool { return len(s.IKE) == 0 && len(s.IPsec) == 0 })
			_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force")
			c.must("--initiate", "--child", "n", "--timeout", "10")
			b.tunnel()
			b.ping()
			_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force")
		})
	}

	for _, tt := range []struct {
		name         string
		theirs       *credentials
		asked, begun string // what strongSwan and the device say when the device begins
		asks, taken  string // and when strongSwan begins
	}{
		{"its authority is unknown to the device", &credentials{pkitest.PEM(root.Cert, other.Cert), pkitest.PEM(stranger.Cert), pkitest.KeyPEM(stranger.Key)},
			`parsed INFORMATIONAL_V1 request \d+ \[ N\(INVAL_CA\) \]`, `Failed to verify the peer certificate. Reason: unable to get local issuer certificate.`,
			`parsed INFORMATIONAL_V1 request \d+ \[ N\(INVAL_CA\) \]`, `Failed to verify the peer certificate. Reason: unable to get local issuer certificate.`},
		{"strongSwan trusts another authority", &credentials{pkitest.PEM(other.Cert), pkitest.PEM(peer.Cert), pkitest.KeyPEM(peer.Key)},
			`parsed INFORMATIONAL_V1 request \d+ \[ N\(\(28\)\) \]`, `Failed to get the certificate and key by certificate request`,
			`parsed INFORMATIONAL_V1 request \d+ \[ N\(\(28\)\) \]`, `Failed to get the certificate and key by certificate request`},
		{"strongSwan trusts another of the same name", &credentials{pkitest.PEM(pkitest.Root(t, "root", early).Cert), pkitest.PEM(peer.Cert), pkitest.KeyPEM(peer.Key)},
			`no trusted RSA public key found for '10.99.0.1'`, `Received informational exchange packet, but IKE SA is inexistent or incomplete`,
			`no trusted RSA public key found for '10.99.0.1'`, `Delete IKE SA with connection ID`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			c.load(conn{ike: ike, certs: tt.theirs, extra: "send_cert = always"})
			b := signs(t, &c, settings{}, pkitest.PEM(root.Cert), own)
			m, n := c.mark(), b.mark()
			b.typ("ping -a " + ours + " -c 1 -t 1 " + theirs)
			b.want(n, tt.begun)
			c.want(m, tt.asked)
			_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force")
			b.typ("reset ike sa")
			b.until("no IKE SA", func(s lab.Snapshot) bool { return len(s.IKE) == 0 })
			m, n = c.mark(), b.mark()
			_, _ = c.swanctl("--initiate", "--child", "n", "--timeout", "1") // which is to fail
			b.want(n, tt.taken)
			c.want(m, tt.asks)
			_, _ = c.swanctl("--terminate", "--ike", "c", "--timeout", "1", "--force")
		})
	}
}
