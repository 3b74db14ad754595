package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"net"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/ssh"
	"cwlab/emulator/pki"
)

// extended are the extended usages of certificates, RFC 5280 section 4.2.1.12
// and RFC 4945 section 5.1.3.12.
var extended = []struct {
	word string
	id   asn1.ObjectIdentifier
}{
	{"ike", asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 17}},
	{"ssl-client", asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}},
	{"ssl-server", asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}},
}

// keyUsages are the bits of the extension, RFC 5280 section 4.2.1.3, that a
// request asks for.
var keyUsages = map[pki.Usage]byte{pki.General: 0xa0, pki.Signature: 0x80, pki.Encryption: 0x20}

// requestCert is `pki request-certificate ... pkcs10`: a request of RFC 2986
// for each key pair of the domain.
func requestCert(x *feature.Exec, a *cli.Args) {
	d := find(x, a)
	if d == nil {
		return
	}
	e := of(x.Box).entities[strings.ToLower(d.entity)]
	if e == nil || len(e.subject()) == 0 && e.fqdn == "" && !e.address(x.Box).IsValid() {
		x.Error("Incomplete DN configuration.")
		return
	}
	if len(d.keys) == 0 {
		x.Error("Failed to get local public key.")
		return
	}
	for _, u := range usages {
		ref, ok := d.keys[u]
		if !ok {
			continue
		}
		k := ssh.Find(x.Box, "rsa", ref.name)
		if k == nil {
			var err error
			if k, err = ssh.Make(x.Box, ref.name, ref.bits); err != nil {
				x.Error(err.Error())
				return
			}
		}
		body, err := d.request(x.Box, e, k, u)
		if err != nil {
			x.Error("Failed to create PKCS#10 certificate request.")
			return
		}
		text := string(pem.EncodeToMemory(&pem.Block{Type: "NEW CERTIFICATE REQUEST", Bytes: body}))
		if !a.Has("filename") {
			x.Printf("*** Request for %s certificate ***\n%s", u, text)
			continue
		}
		file := a.Str("file")
		if u != pki.General {
			file += "-" + u.String()
		}
		name, err := x.Box.Flash.Resolve(x.Shell.Dir, file)
		if err == nil {
			err = x.Box.Flash.Write(name, text, x.Box.Clock())
		}
		if err != nil {
			x.Error(err.Error())
			return
		}
	}
}

// request is one request in DER.
func (d *domain) request(b *feature.Box, e *entity, k *ssh.Key, u pki.Usage) ([]byte, error) {
	subject, err := asn1.Marshal(e.subject())
	if err != nil {
		return nil, err
	}
	usage, err := asn1.Marshal(asn1.BitString{Bytes: []byte{keyUsages[u]}, BitLength: 3})
	if err != nil {
		return nil, err
	}
	r := &x509.CertificateRequest{RawSubject: subject, SignatureAlgorithm: x509.SHA256WithRSA,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 15}, Value: usage}}}
	var eku []asn1.ObjectIdentifier
	for _, x := range extended {
		if slices.Contains(d.usage, x.word) {
			eku = append(eku, x.id)
		}
	}
	if eku != nil {
		v, err := asn1.Marshal(eku)
		if err != nil {
			return nil, err
		}
		r.ExtraExtensions = append(r.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Value: v})
	}
	if e.fqdn != "" {
		r.DNSNames = []string{e.fqdn}
	}
	if ip := e.address(b); ip.IsValid() {
		r.IPAddresses = []net.IP{ip.AsSlice()}
	}
	der, err := x509.CreateCertificateRequest(nil, r, k.RSA()) // a signature of PKCS #1 needs no randomness
	if err != nil {
		return nil, fmt.Errorf("pki: %w", err)
	}
	return der, nil
}
