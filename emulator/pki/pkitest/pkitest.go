// Package pkitest makes authorities and certificates for tests. Its keys come
// from the machine's randomness, which rsa.GenerateKey takes whatever it is
// given, and are short, so that tests stay fast.
package pkitest

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"cwlab/emulator/pki"
)

const bits = 1024

// An Authority signs certificates.
type Authority struct {
	t      testing.TB
	Cert   *x509.Certificate
	Key    *rsa.PrivateKey
	serial int64
}

// Root is a self-signed authority that is valid for 20 years around at.
func Root(t testing.TB, name string, at time.Time) *Authority {
	t.Helper()
	a := &Authority{t: t, serial: 1}
	a.Key = Key(t)
	tmpl := authority(name, at)
	tmpl.SerialNumber = big.NewInt(1)
	a.Cert = a.sign(tmpl, tmpl, &a.Key.PublicKey, a.Key)
	return a
}

func authority(name string, at time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:   pkix.Name{Country: []string{"CN"}, Organization: []string{"lab"}, CommonName: name},
		NotBefore: at.AddDate(-10, 0, 0), NotAfter: at.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

// Key is a new RSA key.
func Key(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(nil, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (a *Authority) sign(tmpl, parent *x509.Certificate, pub *rsa.PublicKey, k *rsa.PrivateKey) *x509.Certificate {
	a.t.Helper()
	der, err := x509.CreateCertificate(nil, tmpl, parent, pub, k)
	if err != nil {
		a.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

// With gives an authority that is put together by hand the test.
func (a *Authority) With(t testing.TB) *Authority {
	a.t = t
	return a
}

// Under is an authority that this one signed.
func (a *Authority) Under(name string, at time.Time) *Authority {
	a.t.Helper()
	n := &Authority{t: a.t, serial: 1, Key: Key(a.t)}
	a.serial++
	tmpl := authority(name, at)
	tmpl.SerialNumber = big.NewInt(a.serial)
	n.Cert = a.sign(tmpl, a.Cert, &n.Key.PublicKey, a.Key)
	return n
}

// Issue signs a certificate for a name, valid for ten years around at; change
// may alter it before.
func (a *Authority) Issue(name string, at time.Time, change func(*x509.Certificate)) pki.Local {
	a.t.Helper()
	a.serial++
	k := Key(a.t)
	tmpl := leaf(name, at, a.serial)
	if change != nil {
		change(tmpl)
	}
	return pki.Local{Cert: a.sign(tmpl, a.Cert, &k.PublicKey, a.Key), Key: k}
}

// Sign signs a certificate for a name and a key of others, valid for ten years
// around at.
func (a *Authority) Sign(name string, at time.Time, pub *rsa.PublicKey) *x509.Certificate {
	a.t.Helper()
	a.serial++
	return a.sign(leaf(name, at, a.serial), a.Cert, pub, a.Key)
}

func leaf(name string, at time.Time, serial int64) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{Country: []string{"CN"}, Organization: []string{"lab"}, CommonName: name},
		NotBefore:    at.AddDate(-5, 0, 0), NotAfter: at.AddDate(5, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
}

// Revoke signs a list of revoked certificates, good for a year from at.
func (a *Authority) Revoke(at time.Time, certs ...*x509.Certificate) *x509.RevocationList {
	a.t.Helper()
	tmpl := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: at.AddDate(0, -1, 0), NextUpdate: at.AddDate(1, 0, 0)}
	for _, c := range certs {
		tmpl.RevokedCertificateEntries = append(tmpl.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: at.AddDate(0, -1, 0)})
	}
	der, err := x509.CreateRevocationList(nil, tmpl, a.Cert, a.Key)
	if err != nil {
		a.t.Fatal(err)
	}
	l, err := x509.ParseRevocationList(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return l
}

// Domain is a PKI domain that trusts the authorities, with a certificate of
// its own.
func Domain(name string, local pki.Local, cas ...*Authority) *pki.Domain {
	d := &pki.Domain{Name: name}
	for _, a := range cas {
		d.CAs = append(d.CAs, a.Cert)
	}
	if local.Cert != nil {
		d.Locals = []pki.Local{local}
	}
	return d
}

// PEM is certificates as text.
func PEM(certs ...*x509.Certificate) string {
	text := ""
	for _, c := range certs {
		text += string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return text
}

// KeyPEM is a private key as text.
func KeyPEM(k *rsa.PrivateKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)}))
}
