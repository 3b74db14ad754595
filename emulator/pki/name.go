package pki

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"strings"
)

// An IDKind is how an identity of IKE is written; the numbers are those of RFC
// 2407 section 4.6.2.1 and RFC 7296 section 3.5.
type IDKind uint8

const (
	IDAddress IDKind = 1
	IDFQDN    IDKind = 2
	IDMail    IDKind = 3
	IDName    IDKind = 9 // a distinguished name in DER
)

// VouchesFor says whether an identity belongs to a certificate: its subject,
// or one of the addresses, domain or mail names of its subject alternative
// name (RFC 4945 section 3.1). A certificate that has no domain or mail name
// vouches for any: a device without another identity takes its system's name.
func VouchesFor(c *x509.Certificate, kind IDKind, id []byte) bool {
	switch kind {
	case IDAddress:
		return slices.ContainsFunc(c.IPAddresses, net.IP(id).Equal)
	case IDFQDN:
		return len(c.DNSNames) == 0 || slices.Contains(c.DNSNames, string(id))
	case IDMail:
		return len(c.EmailAddresses) == 0 || slices.Contains(c.EmailAddresses, string(id))
	case IDName:
		return bytes.Equal(id, c.RawSubject)
	}
	return false
}

// short are the abbreviations of attribute types, RFC 4519 and RFC 2985.
var short = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "street",
	"2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.13": "description", "2.5.4.17": "postalCode", "2.5.4.41": "name",
	"2.5.4.42": "GN", "2.5.4.43": "initials", "2.5.4.44": "generationQualifier", "2.5.4.46": "dnQualifier", "2.5.4.65": "pseudonym",
	"1.2.840.113549.1.9.1": "emailAddress", "1.2.840.113549.1.9.2": "unstructuredName", "1.2.840.113549.1.9.8": "unstructuredAddress",
	"0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
}

// Parts are the attributes of a distinguished name in DER in their order, each
// as "C=CN"; nil for what is none.
func Parts(der []byte) []string {
	var rdns pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return nil
	}
	var parts []string
	for _, set := range rdns {
		for _, a := range set {
			typ := a.Type.String()
			if s, ok := short[typ]; ok {
				typ = s
			}
			parts = append(parts, typ+"="+printable(a.Value))
		}
	}
	return parts
}

// printable is a value without what a terminal would act on.
func printable(v any) string {
	s, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return '.'
		}
		return r
	}, s)
}

// Name is a distinguished name in DER on one line, its attributes joined by
// sep; what is no name is in hexadecimal.
func Name(der []byte, sep string) string {
	if p := Parts(der); p != nil {
		return strings.Join(p, sep)
	}
	return hex.EncodeToString(der)
}
