package pki

import (
	"crypto/x509"
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/pki"
)

const (
	ofDomain = "domain <domain:string:1-31>"
	toFile   = "[ filename <file:string:1-255> ]"
	inFile   = "filename <file:string:1-255>"
)

var certificateCommands = []feature.Command{
	texts.Command("system", "pki import "+ofDomain+" { der { ca | local | peer } "+inFile+" | pem { ca | local | peer } "+toFile+" }", importCerts),
	texts.Command("system", "pki export "+ofDomain+" der { all | ca | local } "+inFile, exportCerts),
	texts.Command("system", "pki export "+ofDomain+" pem { { all | local } [ { 3des-cbc | aes-128-cbc | aes-192-cbc | aes-256-cbc | des-cbc } <phrase:string:1-63> ] | ca } "+toFile, exportCerts),
	texts.Command("system", "pki request-certificate "+ofDomain+" pkcs10 "+toFile, requestCert),
	texts.Command("system", "pki validate-certificate "+ofDomain+" { ca | local }", validate),
	texts.Command("system", "pki delete-certificate "+ofDomain+" { ca | local | peer [ serial <serial:string:1-127> ] }", deleteCerts),
}

var displayCommands = []feature.Command{
	texts.Command("any", "display pki certificate "+ofDomain+" { ca | local | peer [ serial <serial:string:1-127> ] }", displayCerts),
	texts.Command("any", "display pki crl "+ofDomain, func(x *feature.Exec, a *cli.Args) {
		if d := find(x, a); d != nil {
			of(x.Box).lists(d)
			for _, l := range d.CRLs {
				x.Print(printList(l))
			}
		}
	}),
}

func displayCerts(x *feature.Exec, a *cli.Args) {
	d := find(x, a)
	if d == nil {
		return
	}
	switch {
	case a.Has("ca"):
		for _, c := range d.CAs {
			x.Print(printCert(c))
		}
	case a.Has("local"):
		for _, l := range d.Locals {
			x.Print(printCert(l.Cert))
		}
	case a.Has("serial"):
		for _, c := range d.Peers {
			if isSerial(c, a) {
				x.Print(printCert(c))
			}
		}
	default:
		x.Printf("Total peer certificates: %d\n\n", len(d.Peers))
		for _, c := range d.Peers {
			x.Printf("Serial Number: %s\nSubject  Name: %s\n", serial(c, ""), pki.Name(c.RawSubject, ", "))
		}
	}
}

// serial is a serial number in hexadecimal, its bytes joined by sep.
func serial(c *x509.Certificate, sep string) string { return hexBytes(c.SerialNumber.Bytes(), sep) }

func hexBytes(b []byte, sep string) string {
	parts := make([]string, len(b))
	for i, v := range b {
		parts[i] = fmt.Sprintf("%02x", v)
	}
	return strings.Join(parts, sep)
}

func isSerial(c *x509.Certificate, a *cli.Args) bool {
	return strings.EqualFold(strings.TrimLeft(serial(c, ""), "0"), strings.TrimLeft(a.Str("serial"), "0"))
}

// validate shows what becomes of each certificate; that of an authority is
// followed by those above it.
func validate(x *feature.Exec, a *cli.Args) {
	d := find(x, a)
	if d == nil {
		return
	}
	st := of(x.Box)
	st.lists(d)
	var certs []*x509.Certificate
	check := func(c *x509.Certificate) error { return d.Verify(c, nil, st.now()) }
	if a.Has("ca") {
		certs, check = d.CAs, func(c *x509.Certificate) error { return d.VerifyCA(c, st.now()) }
	} else {
		for _, l := range d.Locals {
			certs = append(certs, l.Cert)
		}
	}
	if len(certs) == 0 {
		x.Error("The certificate does not exist.")
		return
	}
	for _, c := range certs {
		x.Printf("Verifying certificate......\n        Serial Number:\n            %s\n        Issuer:\n%s        Subject:\n%s", serial(c, ":"), nameLines(c.RawIssuer), nameLines(c.RawSubject))
		result := "OK"
		if err := check(c); err != nil {
			result = err.Error()
		}
		x.Printf("Verify result: %s\n", result)
	}
}

func nameLines(der []byte) string {
	text := ""
	for _, p := range pki.Parts(der) {
		text += "            " + p + "\n"
	}
	return text
}

func deleteCerts(x *feature.Exec, a *cli.Args) {
	d := find(x, a)
	if d == nil {
		return
	}
	st := of(x.Box)
	keep := func() {
		if err := st.keep(d); err != nil {
			x.Error(err.Error())
		}
	}
	switch {
	case a.Has("ca") && len(d.CAs) == 0, a.Has("local") && len(d.Locals) == 0, a.Has("peer") && len(d.Peers) == 0:
		x.Error("The certificate does not exist.")
	case a.Has("ca"):
		x.Print("Local certificates, peer certificates and CRL will also be deleted while deleting the CA certificate.\n")
		x.Confirm("Confirm to delete the CA certificate? [Y/N]:", func(yes bool) {
			if yes {
				st.empty(d)
			}
		})
	case a.Has("local"):
		d.Locals = nil
		keep()
	default:
		var left []*x509.Certificate
		for _, c := range d.Peers {
			if a.Has("serial") && !isSerial(c, a) {
				left = append(left, c)
			}
		}
		if len(left) == len(d.Peers) {
			x.Error("The certificate does not exist.")
			return
		}
		d.Peers = left
		keep()
	}
}
