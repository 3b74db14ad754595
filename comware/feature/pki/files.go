package pki

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	"cwlab/emulator/pki"
)

// Names of a domain's files in the directory of certificates.
func (d *domain) file(what string) string { return strings.ToLower(d.Name) + "_" + what + ".cer" }

func localFile(u pki.Usage) string {
	if u == pki.General {
		return "local"
	}
	return "local-" + u.String()
}

func peerFile(c *x509.Certificate) string { return fmt.Sprintf("peer-%x", c.SerialNumber) }

// read is the certificates of a file of the directory, none where there is no
// such file.
func (st *state) read(name string) []*x509.Certificate {
	f, ok := st.box.Flash.Read(st.certDir + "/" + name)
	if !ok {
		return nil
	}
	return certificates([]byte(f.Data))
}

// certificates are those of a text in PEM; what cannot be read is left out.
func certificates(data []byte) []*x509.Certificate {
	var all []*x509.Certificate
	for b, rest := pem.Decode(data); b != nil; b, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(b.Bytes); err == nil {
			all = append(all, c)
		}
	}
	return all
}

// load takes the certificates and lists of a domain from the flash.
func (st *state) load(d *domain) {
	d.CAs, d.Locals, d.Peers, d.CRLs = st.read(d.file("ca")), nil, nil, nil
	for _, u := range usages {
		for _, c := range st.read(d.file(localFile(u))) {
			d.Locals = append(d.Locals, pki.Local{Usage: u, Cert: c})
		}
	}
	for _, f := range st.box.Flash.List(st.certDir) {
		if strings.HasPrefix(strings.ToLower(f.Base()), strings.ToLower(d.Name)+"_peer-") {
			d.Peers = append(d.Peers, certificates([]byte(f.Data))...)
		}
	}
	st.lists(d)
}

// lists takes the revocation lists of a domain's authorities from the flash.
func (st *state) lists(d *domain) {
	d.CRLs = nil
	for _, f := range st.box.Flash.List(st.crlDir) {
		if f.Dir || !strings.HasSuffix(strings.ToLower(f.Name), ".crl") {
			continue
		}
		data := []byte(f.Data)
		if b, _ := pem.Decode(data); b != nil {
			data = b.Bytes
		}
		l, err := x509.ParseRevocationList(data)
		if err == nil && slices.ContainsFunc(d.CAs, func(c *x509.Certificate) bool { return string(c.RawSubject) == string(l.RawIssuer) }) {
			d.CRLs = append(d.CRLs, l)
		}
	}
}

// save puts certificates into a file of the directory, which it makes; without
// any the file goes.
func (st *state) save(name string, certs ...*x509.Certificate) error {
	flash, path := st.box.Flash, st.certDir+"/"+name
	if len(certs) == 0 {
		if _, ok := flash.Read(path); ok {
			return flash.Remove(path)
		}
		return nil
	}
	if _, ok := flash.Stat(st.certDir); !ok {
		if err := flash.Mkdir(st.certDir, st.box.Clock()); err != nil {
			return err
		}
	}
	return flash.Write(path, text(certs), st.box.Clock())
}

// text is certificates in PEM.
func text(certs []*x509.Certificate) string {
	var b strings.Builder
	for _, c := range certs {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return b.String()
}

// keep makes the flash hold what the domain has.
func (st *state) keep(d *domain) error {
	err := st.save(d.file("ca"), d.CAs...)
	for _, u := range usages {
		var certs []*x509.Certificate
		for _, l := range d.Locals {
			if l.Usage == u {
				certs = append(certs, l.Cert)
			}
		}
		if e := st.save(d.file(localFile(u)), certs...); err == nil {
			err = e
		}
	}
	for _, f := range st.box.Flash.List(st.certDir) {
		name := strings.ToLower(f.Base())
		if strings.HasPrefix(name, strings.ToLower(d.Name)+"_peer-") && !slices.ContainsFunc(d.Peers, func(c *x509.Certificate) bool { return d.file(peerFile(c)) == name }) {
			if e := st.box.Flash.Remove(f.Name); err == nil {
				err = e
			}
		}
	}
	for _, c := range d.Peers {
		if e := st.save(d.file(peerFile(c)), c); err == nil {
			err = e
		}
	}
	st.lists(d)
	return err
}

// empty deletes all certificates of a domain, and its lists.
func (st *state) empty(d *domain) {
	for _, l := range d.CRLs {
		for _, f := range st.box.Flash.List(st.crlDir) {
			data := []byte(f.Data)
			if b, _ := pem.Decode(data); b != nil {
				data = b.Bytes
			}
			if string(data) == string(l.Raw) {
				_ = st.box.Flash.Remove(f.Name) // what stays is not found again without its authority
			}
		}
	}
	d.CAs, d.Locals, d.Peers, d.CRLs = nil, nil, nil, nil
	_ = st.keep(d)
}

// moveTo changes a directory; what it holds of certificates or lists moves
// along.
func (st *state) moveTo(what, dir string) error {
	at, ends := &st.certDir, []string{".cer", ".p12"}
	if what == "crls" {
		at, ends = &st.crlDir, []string{".crl"}
	}
	if *at == dir {
		return nil
	}
	flash := st.box.Flash
	if _, ok := flash.Stat(dir); !ok {
		if err := flash.Mkdir(dir, st.box.Clock()); err != nil {
			return err
		}
	}
	for _, f := range flash.List(*at) {
		to := dir + "/" + f.Base()
		if f.Dir || !slices.ContainsFunc(ends, func(e string) bool { return strings.HasSuffix(strings.ToLower(f.Name), e) }) {
			continue
		}
		if _, taken := flash.Stat(to); taken {
			continue
		}
		if err := flash.Rename(f.Name, to); err != nil {
			return err
		}
	}
	*at = dir
	for _, d := range st.domains {
		st.load(d)
	}
	return nil
}
