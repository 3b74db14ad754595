package pki

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/pki"
)

// exportCerts is `pki export`: to a file each, or to the terminal.
func exportCerts(x *feature.Exec, a *cli.Args) {
	d := find(x, a)
	if d == nil {
		return
	}
	ca, local := a.Has("ca") || a.Has("all"), a.Has("local") || a.Has("all")
	if ca && len(d.CAs) == 0 && !(local && len(d.Locals) > 0) || !ca && len(d.Locals) == 0 {
		x.Error("The certificate does not exist.")
		return
	}
	put := func(file, text string) {
		if file == "" {
			x.Print(text)
			return
		}
		name, err := x.Box.Flash.Resolve(x.Shell.Dir, file)
		if err == nil {
			err = x.Box.Flash.Write(name, text, x.Box.Clock())
		}
		if err != nil {
			x.Error(err.Error())
		}
	}
	file := a.Str("file")
	if !local || len(d.Locals) == 0 {
		if a.Has("der") {
			put(file, der(d.CAs))
		} else {
			put(file, text(d.CAs))
		}
		return
	}
	for _, l := range d.Locals {
		name := file
		if name != "" && l.Usage != pki.General {
			name += "-" + l.Usage.String()
		}
		var above []*x509.Certificate
		if ca {
			above = d.CAs
		}
		if a.Has("der") {
			put(name, der(append([]*x509.Certificate{l.Cert}, above...)))
			continue
		}
		k := d.key(x.Box, l.Usage, l.Cert)
		body := bag(l.Cert, true)
		for _, c := range above {
			body += bag(c, false)
		}
		for _, kc := range keyCiphers {
			if !a.Has(kc.word) {
				continue
			}
			if k == nil {
				x.Error("Local certificate and public key don't match.")
				return
			}
			text, err := keyBag(x, kc, a.Str("phrase"), k.RSA(), l.Cert)
			if err != nil {
				x.Error(err.Error())
				return
			}
			body += text
		}
		if name == "" {
			body = fmt.Sprintf("%%The %s usage local certificate:\n", l.Usage) + body
		}
		put(name, body)
	}
}

// localKeyID tells which key a certificate belongs to, as OpenSSL computes it.
func localKeyID(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw)
	var parts []string
	for _, b := range sum {
		parts = append(parts, fmt.Sprintf("%02X", b))
	}
	return strings.Join(parts, " ")
}

// bag is a certificate with what OpenSSL writes above it.
func bag(c *x509.Certificate, own bool) string {
	head := "Bag Attributes: <No Attributes>\n"
	if own {
		head = "Bag Attributes\n    friendlyName:\n    localKeyID: " + localKeyID(c) + "\n"
	}
	return head + fmt.Sprintf("subject=/%s\nissuer=/%s\n", pki.Name(c.RawSubject, "/"), pki.Name(c.RawIssuer, "/")) + text([]*x509.Certificate{c})
}

// keyBag is a private key, encrypted.
func keyBag(x *feature.Exec, c keyCipher, password string, k *rsa.PrivateKey, cert *x509.Certificate) (string, error) {
	plain, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return "", err
	}
	data, err := encryptKey(x.Box.Stream("pki export"), c, password, plain)
	if err != nil {
		return "", err
	}
	return "Bag Attributes\n    friendlyName:\n    localKeyID: " + localKeyID(cert) + "\nKey Attributes: <No Attributes>\n" +
		string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: data})), nil
}

// der is a certificate in DER, or several as a SignedData without signatures
// (RFC 2315 section 9).
func der(certs []*x509.Certificate) string {
	if len(certs) == 1 {
		return string(certs[0].Raw)
	}
	var all []byte
	for _, c := range certs {
		all = append(all, c.Raw...)
	}
	empty := asn1.RawValue{Tag: asn1.TagSet, IsCompound: true}
	type content struct{ Type asn1.ObjectIdentifier }
	inner, err := asn1.Marshal(struct {
		Version      int
		Digests      asn1.RawValue
		Content      content
		Certificates asn1.RawValue
		Signers      asn1.RawValue
	}{1, empty, content{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}}, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: all}, empty})
	if err != nil {
		panic(err) // all of it is well formed
	}
	b, err := asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}})
	if err != nil {
		panic(err)
	}
	return string(b)
}
