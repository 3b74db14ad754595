// Package pki is public key infrastructure as a person at the device sees it:
// PKI domains and entities, certificates imported from files and pasted text,
// requests for certificates, verification, and access control by the names of
// certificates. Commands and output forms are those of the Comware 7 command
// reference "PKI"; certificates are printed in the form of OpenSSL 1.0, which
// that reference shows. What certificates mean is package emulator/pki.
//
// Certificates live on the flash of the device, private keys among its key
// pairs (package ssh); both outlive a reboot. A revocation list is a .crl file
// in the directory of lists.
//
// Limitations: RSA only, of 1024 bits and more; requests to a server (SCEP,
// LDAP, HTTP), so `certificate request mode auto`, `pki retrieve-certificate`
// and `pki retrieve-crl`, are not carried out: the stack has no TCP. PKCS #12
// is neither read nor written. The names of stored files are ours, as is the
// wording of refusals that the references do not give.
package pki

import (
	"crypto/rsa"
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/ssh"
	"cwlab/emulator/pki"
)

// Feature is PKI.
var Feature = feature.Feature{
	Name: "pki",
	Views: []feature.View{
		{Name: "pki-domain", Parent: "system", Title: "PKI domain"},
		{Name: "pki-entity", Parent: "system", Title: "PKI entity"},
		{Name: "pki-attribute-group", Parent: "system", Title: "PKI attribute group"},
		{Name: "pki-access-policy", Parent: "system", Title: "PKI access control policy"},
	},
	Commands: slices.Concat(domainCommands, entityCommands, policyCommands, certificateCommands, displayCommands),
	Install:  install,
}

// placePKI is the place of the lines in the system view, in order of what they
// name.
const placePKI = feature.PlaceLocalUser + 60

var texts = feature.Texts{
	"pki": "Public key infrastructure", "domain": "PKI domain", "entity": "PKI entity", "certificate": "Certificate", "ca": "Certificate authority (CA)",
	"attribute-group": "Certificate attribute group", "access-control-policy": "Certificate access control policy",
	"storage": "Storage path", "certificates": "Certificates", "crls": "Certificate revocation lists", "<directory>": "Directory",
	"identifier": "Name of the trusted CA", "request": "Certificate request", "from": "Authority that takes requests", "ra": "Registration authority (RA)",
	"mode": "How certificates are requested", "auto": "Automatic", "manual": "By command", "password": "Password that revokes the certificate",
	"cipher": "Ciphertext", "simple": "Plaintext", "<secret>": "Ciphertext password", "<plain>": "Plaintext password",
	"polling": "Inquiries after a request", "count": "Number of inquiries", "interval": "Interval of inquiries", "<count>": "Number", "<minutes>": "Minutes",
	"url": "URL", "<url>": "URL", "vpn-instance": "VPN instance", "<vpn>": "Name of the VPN instance", "ldap-server": "LDAP server", "host": "Host", "<host>": "Host name or address",
	"port": "Port", "<port>": "Port number", "crl": "Certificate revocation list (CRL)", "check": "Check certificates against the list", "enable": "Enable the function",
	"public-key": "Key pair of certificate requests", "dsa": "DSA key pair", "ecdsa": "ECDSA key pair", "rsa": "RSA key pair", "name": "Name of the key pair", "<key>": "Name of the key pair",
	"<sign-key>": "Name of the key pair", "length": "Length of the key", "<bits>": "Number of bits", "<sign-bits>": "Number of bits", "general": "Key pair for both purposes", "encryption": "Key pair for encryption", "signature": "Key pair for signatures",
	"secp192r1": "Curve of 192 bits", "secp256r1": "Curve of 256 bits", "secp384r1": "Curve of 384 bits", "secp521r1": "Curve of 521 bits",
	"root-certificate": "Root CA certificate", "fingerprint": "Fingerprint", "md5": "MD5", "sha1": "SHA1", "<print>": "Hexadecimal digits",
	"source": "Source of requests", "ip": "IPv4 address", "ipv6": "IPv6 address", "<address>": "IP address", "interface": "Interface", "<interface>": "Interface",
	"usage": "Extended usage of certificates", "ike": "IKE", "ssl-client": "SSL client", "ssl-server": "SSL server",
	"common-name": "Common name", "country": "Country code", "fqdn": "Fully qualified domain name (FQDN)", "locality": "Locality", "organization": "Organization",
	"organization-unit": "Unit of the organization", "state": "State or province", "subject-dn": "Distinguished name of the subject", "<dn>": "Distinguished name", "<fqdn>": "FQDN",
	"attribute": "Attribute rule", "alt-subject-name": "Alternative subject name", "issuer-name": "Name of the issuer", "subject-name": "Name of the subject", "dn": "Distinguished name",
	"ctn": "Contains", "equ": "Equals", "nctn": "Does not contain", "nequ": "Does not equal", "<value>": "Value to compare with", "<id>": "Rule number",
	"rule": "Access control rule", "deny": "Refuse matching certificates", "permit": "Accept matching certificates", "<group>": "Name of the attribute group", "<policy>": "Name of the policy",
	"<domain>": "Name of the PKI domain", "<entity>": "Name of the PKI entity", "<name>": "Name", "<ca>": "Name of the CA",
	"import": "Import certificates", "export": "Export certificates", "der": "DER encoding", "pem": "PEM encoding", "local": "Local certificates", "peer": "Peer certificates",
	"all": "All certificates", "filename": "Name of the file", "<file>": "File name", "3des-cbc": "Encrypt the private key with 3DES-CBC", "aes-128-cbc": "Encrypt the private key with AES-128-CBC",
	"aes-192-cbc": "Encrypt the private key with AES-192-CBC", "aes-256-cbc": "Encrypt the private key with AES-256-CBC", "des-cbc": "Encrypt the private key with DES-CBC", "<phrase>": "Password",
	"request-certificate": "Request a certificate", "pkcs10": "Show the request in PKCS #10", "validate-certificate": "Verify certificates", "delete-certificate": "Delete certificates",
	"serial": "Serial number", "<serial>": "Serial number",
}

// state is the PKI of a box.
type state struct {
	box      *feature.Box
	store    *pki.Store
	domains  []*domain
	certDir  string // on the flash
	crlDir   string
	entities map[string]*entity
}

func of(b *feature.Box) *state { return feature.Get[*state](b) }

// Store is the certificates of a box, for those who authenticate with them.
func Store(b *feature.Box) *pki.Store {
	if st := of(b); st != nil {
		return st.store
	}
	return nil
}

const defaultDir = "pki"

func install(b *feature.Box) {
	st := &state{box: b, certDir: defaultDir, crlDir: defaultDir, entities: map[string]*entity{}}
	st.store = &pki.Store{Now: st.now, Key: func(d *pki.Domain, l pki.Local) *rsa.PrivateKey {
		if x := st.domain(d.Name); x != nil {
			if k := x.key(b, l.Usage, l.Cert); k != nil {
				return k.RSA()
			}
		}
		return nil
	}}
	feature.Put(b, st)
}

// now is the time of the device's clock in UTC: certificates are valid by it.
func (st *state) now() time.Time { return st.box.Now().Add(st.box.Flash.RTC.Offset) }

// domain finds a domain by name, in any case.
func (st *state) domain(name string) *domain {
	for _, d := range st.domains {
		if strings.EqualFold(d.Name, name) {
			return d
		}
	}
	return nil
}

// find is the domain that a command names; nil after a word that there is
// none.
func find(x *feature.Exec, a *cli.Args) *domain {
	d := of(x.Box).domain(a.Str("domain"))
	if d == nil {
		x.Error("The PKI domain does not exist.")
	}
	return d
}

// A keyRef names a key pair that a domain uses.
type keyRef struct {
	name string
	bits int
}

// A domain is a PKI domain with what its requests are made of.
type domain struct {
	*pki.Domain
	keys   map[pki.Usage]keyRef
	entity string
	print  string // expected fingerprint of the root in upper case, "" for none
	usage  []string
}

const defaultBits = 1024

// usages are all uses of key pairs in the order in which they are looked at.
var usages = []pki.Usage{pki.General, pki.Signature, pki.Encryption}

// key is the key pair of a use that fits a certificate, nil for none.
func (d *domain) key(b *feature.Box, u pki.Usage, c *x509.Certificate) *ssh.Key {
	pub, ok := c.PublicKey.(*rsa.PublicKey)
	ref, named := d.keys[u]
	if !ok || !named {
		return nil
	}
	if k := ssh.Find(b, "rsa", ref.name); k != nil && k.N.Cmp(pub.N) == 0 {
		return k
	}
	return nil
}
