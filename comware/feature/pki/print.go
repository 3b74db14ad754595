package pki

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/pki"
)

// algorithms are the names that OpenSSL has for algorithms of signatures.
var algorithms = map[x509.SignatureAlgorithm]string{
	x509.MD5WithRSA: "md5WithRSAEncryption", x509.SHA1WithRSA: "sha1WithRSAEncryption", x509.SHA256WithRSA: "sha256WithRSAEncryption",
	x509.SHA384WithRSA: "sha384WithRSAEncryption", x509.SHA512WithRSA: "sha512WithRSAEncryption",
	x509.SHA256WithRSAPSS: "rsassaPss", x509.SHA384WithRSAPSS: "rsassaPss", x509.SHA512WithRSAPSS: "rsassaPss",
	x509.ECDSAWithSHA1: "ecdsa-with-SHA1", x509.ECDSAWithSHA256: "ecdsa-with-SHA256", x509.ECDSAWithSHA384: "ecdsa-with-SHA384", x509.ECDSAWithSHA512: "ecdsa-with-SHA512",
}

func algorithm(a x509.SignatureAlgorithm) string {
	if s, ok := algorithms[a]; ok {
		return s
	}
	return a.String()
}

const dateForm = "Jan _2 15:04:05 2006 GMT"

// dump is bytes with colons, n to a line behind that many blanks.
func dump(b []byte, n, indent int) string {
	var lines []string
	for part := range slices.Chunk(b, n) {
		lines = append(lines, strings.Repeat(" ", indent)+hexBytes(part, ":"))
	}
	return strings.Join(lines, ":\n") + "\n"
}

// number is a serial number as OpenSSL prints it: small ones in decimal.
func number(n *big.Int) string {
	if n.BitLen() < 64 {
		return fmt.Sprintf(" %d (0x%x)\n", n, n)
	}
	return "\n            " + hexBytes(n.Bytes(), ":") + "\n"
}

// printCert is a certificate as text.
func printCert(c *x509.Certificate) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Certificate:\n    Data:\n        Version: %d (0x%x)\n        Serial Number:%s", c.Version, c.Version-1, number(c.SerialNumber))
	fmt.Fprintf(&b, "        Signature Algorithm: %s\n        Issuer: %s\n", algorithm(c.SignatureAlgorithm), pki.Name(c.RawIssuer, ", "))
	fmt.Fprintf(&b, "        Validity\n            Not Before: %s\n            Not After : %s\n", c.NotBefore.UTC().Format(dateForm), c.NotAfter.UTC().Format(dateForm))
	fmt.Fprintf(&b, "        Subject: %s\n        Subject Public Key Info:\n", pki.Name(c.RawSubject, ", "))
	if k, ok := c.PublicKey.(*rsa.PublicKey); ok {
		fmt.Fprintf(&b, "            Public Key Algorithm: rsaEncryption\n                Public-Key: (%d bit)\n                Modulus:\n", k.N.BitLen())
		b.WriteString(dump(append([]byte{0}, k.N.Bytes()...), 15, 20))
		fmt.Fprintf(&b, "                Exponent: %d (0x%x)\n", k.E, k.E)
	} else {
		fmt.Fprintf(&b, "            Public Key Algorithm: %v\n", c.PublicKeyAlgorithm)
	}
	if len(c.Extensions) > 0 {
		b.WriteString("        X509v3 extensions:\n")
		for _, e := range c.Extensions {
			b.WriteString(extension(c, e, 12))
		}
	}
	fmt.Fprintf(&b, "    Signature Algorithm: %s\n", algorithm(c.SignatureAlgorithm))
	b.WriteString(dump(c.Signature, 18, 8))
	return b.String()
}

// extension is one extension and its value, indented.
func extension(c *x509.Certificate, e pkix.Extension, indent int) string {
	name, value := e.Id.String(), ""
	if f, ok := extensions[e.Id.String()]; ok {
		name = f.name
		value = f.value(c, e.Value)
	}
	if value == "" {
		value = hexBytes(e.Value, ":")
	}
	head := strings.Repeat(" ", indent) + name + ":"
	if e.Critical {
		head += " critical"
	}
	for line := range strings.SplitSeq(strings.Map(func(r rune) rune {
		if r != '\n' && r < ' ' || r == 0x7f || r == 0xfffd {
			return '.' // a terminal would act on it
		}
		return r
	}, value), "\n") {
		head += "\n" + strings.Repeat(" ", indent+4) + line
	}
	return head + "\n"
}

// extensions are those that are printed in words; a value that is none is
// printed in hexadecimal.
var extensions = map[string]struct {
	name  string
	value func(c *x509.Certificate, v []byte) string
}{
	"2.5.29.19": {"X509v3 Basic Constraints", func(c *x509.Certificate, _ []byte) string {
		s := "CA:FALSE"
		if c.IsCA {
			s = "CA:TRUE"
		}
		if c.MaxPathLen > 0 || c.MaxPathLenZero {
			s += fmt.Sprintf(", pathlen:%d", c.MaxPathLen)
		}
		return s
	}},
	"2.5.29.15": {"X509v3 Key Usage", func(c *x509.Certificate, _ []byte) string {
		var all []string
		for i, n := range []string{"Digital Signature", "Non Repudiation", "Key Encipherment", "Data Encipherment", "Key Agreement", "Certificate Sign", "CRL Sign", "Encipher Only", "Decipher Only"} {
			if c.KeyUsage&(1<<i) != 0 {
				all = append(all, n)
			}
		}
		return strings.Join(all, ", ")
	}},
	"2.5.29.37": {"X509v3 Extended Key Usage", func(_ *x509.Certificate, v []byte) string {
		var ids []asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(v, &ids); err != nil {
			return ""
		}
		var all []string
		for _, id := range ids {
			n, ok := purposes[id.String()]
			if !ok {
				n = id.String()
			}
			all = append(all, n)
		}
		return strings.Join(all, ", ")
	}},
	"2.5.29.14": {"X509v3 Subject Key Identifier", func(c *x509.Certificate, _ []byte) string {
		return strings.ToUpper(hexBytes(c.SubjectKeyId, ":"))
	}},
	"2.5.29.35": {"X509v3 Authority Key Identifier", func(c *x509.Certificate, _ []byte) string {
		if len(c.AuthorityKeyId) == 0 {
			return ""
		}
		return "keyid:" + strings.ToUpper(hexBytes(c.AuthorityKeyId, ":"))
	}},
	"2.5.29.17": {"X509v3 Subject Alternative Name", func(_ *x509.Certificate, v []byte) string { return altNames(v) }},
	"2.5.29.18": {"X509v3 Issuer Alternative Name", func(_ *x509.Certificate, v []byte) string { return altNames(v) }},
	"2.5.29.31": {"X509v3 CRL Distribution Points", func(c *x509.Certificate, _ []byte) string {
		if len(c.CRLDistributionPoints) == 0 {
			return ""
		}
		return "Full Name:\n  URI:" + strings.Join(c.CRLDistributionPoints, "\nFull Name:\n  URI:")
	}},
	"1.3.6.1.5.5.7.1.1": {"Authority Information Access", func(c *x509.Certificate, _ []byte) string {
		var all []string
		for _, u := range c.IssuingCertificateURL {
			all = append(all, "CA Issuers - URI:"+u)
		}
		for _, u := range c.OCSPServer {
			all = append(all, "OCSP - URI:"+u)
		}
		return strings.Join(all, "\n")
	}},
	"2.16.840.1.113730.1.13": {"Netscape Comment", func(_ *x509.Certificate, v []byte) string {
		var s string
		if _, err := asn1.UnmarshalWithParams(v, &s, "ia5"); err != nil {
			return ""
		}
		return s
	}},
}

var purposes = map[string]string{
	"1.3.6.1.5.5.7.3.1": "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.2": "TLS Web Client Authentication", "1.3.6.1.5.5.7.3.3": "Code Signing",
	"1.3.6.1.5.5.7.3.4": "E-mail Protection", "1.3.6.1.5.5.7.3.8": "Time Stamping", "1.3.6.1.5.5.7.3.9": "OCSP Signing",
	"1.3.6.1.5.5.7.3.5": "IPSec End System", "1.3.6.1.5.5.7.3.6": "IPSec Tunnel", "1.3.6.1.5.5.7.3.7": "IPSec User", "1.3.6.1.5.5.7.3.17": "ipsec Internet Key Exchange",
	"2.5.29.37.0": "Any Extended Key Usage", "1.3.6.1.4.1.311.20.2.2": "Microsoft Smartcardlogin",
}

// altNames are the general names of RFC 5280 section 4.2.1.6.
func altNames(v []byte) string {
	var names []asn1.RawValue
	if _, err := asn1.Unmarshal(v, &names); err != nil {
		return ""
	}
	var all []string
	for _, n := range names {
		switch n.Tag {
		case 1:
			all = append(all, "email:"+string(n.Bytes))
		case 2:
			all = append(all, "DNS:"+string(n.Bytes))
		case 4:
			all = append(all, "DirName:/"+pki.Name(n.Bytes, "/"))
		case 6:
			all = append(all, "URI:"+string(n.Bytes))
		case 7:
			all = append(all, "IP Address:"+net.IP(n.Bytes).String())
		default:
			all = append(all, "othername:<unsupported>")
		}
	}
	return strings.Join(all, ", ")
}

// printList is a revocation list as text.
func printList(l *x509.RevocationList) string {
	var b strings.Builder
	next := "NONE"
	if !l.NextUpdate.IsZero() {
		next = l.NextUpdate.UTC().Format(dateForm)
	}
	fmt.Fprintf(&b, "Certificate Revocation List (CRL):\n        Version 2 (0x1)\n        Signature Algorithm: %s\n        Issuer: /%s\n        Last Update: %s\n        Next Update: %s\n",
		algorithm(l.SignatureAlgorithm), pki.Name(l.RawIssuer, "/"), date(l.ThisUpdate), next)
	if l.Number != nil || len(l.AuthorityKeyId) > 0 {
		b.WriteString("        CRL extensions:\n")
	}
	if l.Number != nil {
		fmt.Fprintf(&b, "            X509v3 CRL Number:\n                %d\n", l.Number)
	}
	if len(l.AuthorityKeyId) > 0 {
		fmt.Fprintf(&b, "            X509v3 Authority Key Identifier:\n                keyid:%s\n", strings.ToUpper(hexBytes(l.AuthorityKeyId, ":")))
	}
	if len(l.RevokedCertificateEntries) == 0 {
		b.WriteString("No Revoked Certificates.\n")
	} else {
		b.WriteString("Revoked Certificates:\n")
	}
	for _, e := range l.RevokedCertificateEntries {
		fmt.Fprintf(&b, "    Serial Number: %s\n        Revocation Date: %s\n", strings.ToUpper(hexBytes(e.SerialNumber.Bytes(), "")), date(e.RevocationTime))
	}
	fmt.Fprintf(&b, "    Signature Algorithm: %s\n", algorithm(l.SignatureAlgorithm))
	b.WriteString(dump(l.Signature, 18, 8))
	return b.String()
}

func date(t time.Time) string { return t.UTC().Format(dateForm) }
