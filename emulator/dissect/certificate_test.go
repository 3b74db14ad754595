package dissect

import (
	"strings"
	"testing"
	"time"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/pki/pkitest"
)

// Certificates and names are told in words in both versions of IKE.
func TestCertificates(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	root := pkitest.Root(t, "root", at)
	c := root.Issue("me", at, nil).Cert
	v1 := isakmp.Message{Header: isakmp.Header{Initiator: isakmp.Cookie{1}, Version: isakmp.Version1, Exchange: isakmp.ExchangeAggressive}, Payloads: []isakmp.Payload{
		&isakmp.ID{Kind: isakmp.IDDN, Data: c.RawSubject}, &isakmp.Certificate{Encoding: isakmp.CertX509Signature, Data: c.Raw},
		&isakmp.CertificateRequest{Encoding: isakmp.CertX509Signature, Authority: root.Cert.RawSubject}, &isakmp.SignatureData{Data: []byte{1, 2}}}}
	v2 := wire.Message{Header: wire.Header{Initiator: wire.SPI{1}, Version: wire.Version2, Exchange: wire.SAInit, Flags: wire.FlagInitiator}, Payloads: []wire.Payload{
		&wire.ID{Kind: wire.IDDN, Data: c.RawSubject}, &wire.Certificate{Encoding: wire.X509Signature, Data: c.Raw},
		&wire.CertificateRequest{Encoding: wire.X509Signature, Authorities: make([]byte, 20)}}}
	for _, m := range []struct {
		append func([]byte) ([]byte, error)
		want   []string
	}{
		{v1.AppendBinary, []string{"  Authority: C=CN, O=lab, CN=root"}},
		{v2.AppendBinary, []string{"  Hashes of keys: " + strings.Repeat("0", 40)}},
	} {
		b, err := m.append(nil)
		if err != nil {
			t.Fatal(err)
		}
		frame := udp(500, 500, b)
		p := New().Packet(frame)
		bounds(t, frame, p.Layers)
		got := strings.Join(p.Lines(), "\n")
		for _, want := range append(m.want, "  Identity: C=CN, O=lab, CN=me", "  Subject: C=CN, O=lab, CN=me", "  Issuer: C=CN, O=lab, CN=root", "  Valid from 2019-01-02 03:04:05 to 2029-01-02 03:04:05") {
			if !strings.Contains(got, want) {
				t.Errorf("the tree lacks %q:\n%s", want, got)
			}
		}
	}
}
