package pki

import (
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/ssh"
	"cwlab/emulator/pki"
)

// An importing is a `pki import` on its way through its questions.
type importing struct {
	x     *feature.Exec
	st    *state
	d     *domain
	kind  string // "ca", "local" or "peer"
	cas   []*x509.Certificate
	cert  *x509.Certificate // what is imported besides
	key   *rsa.PrivateKey   // that came with it
	fresh bool              // what the domain has goes
}

func importCerts(x *feature.Exec, a *cli.Args) {
	d := find(x, a)
	if d == nil {
		return
	}
	m := &importing{x: x, st: of(x.Box), d: d, kind: a.Token(5)}
	if !a.Has("filename") {
		m.paste()
		return
	}
	name, err := x.Box.Flash.Resolve(x.Shell.Dir, a.Str("file"))
	f, ok := x.Box.Flash.Read(name)
	if err != nil || !ok {
		x.Error(feature.ErrNoFile.Error())
		return
	}
	m.take([]byte(f.Data), a.Has("der"))
}

// paste takes text from the terminal until Ctrl+C.
func (m *importing) paste() {
	m.x.Print("Enter PEM-formatted certificate.\nEnd with a Ctrl+c on a line by itself.\n")
	var text strings.Builder
	var more func(line string)
	more = func(line string) {
		text.WriteString(line + "\n")
		m.x.ReadLine(more)
	}
	m.x.Hold(func() {
		m.take([]byte(text.String()), false)
		m.x.Release()
	})
	m.x.ReadLine(more)
}

var errNothing = errors.New("The file holds no certificate.")

// take reads what came, and asks for the password of a private key.
func (m *importing) take(data []byte, der bool) {
	certs, key, err := read(data, der)
	if err != nil {
		m.x.Error("Failed to read the certificate.")
		return
	}
	if key == nil || key.Type != "ENCRYPTED PRIVATE KEY" {
		m.open(certs, key, nil)
		return
	}
	m.x.Input("Please input the password:", true, func(password string) { m.open(certs, key, []byte(password)) })
}

// read takes certificates and a private key out of a file.
func read(data []byte, der bool) (certs []*x509.Certificate, key *pem.Block, err error) {
	if der {
		c, err := x509.ParseCertificate(data)
		if err == nil {
			return []*x509.Certificate{c}, nil, nil
		}
		certs, err = readPKCS7(data)
		return certs, nil, err
	}
	for b, rest := pem.Decode(data); b != nil; b, rest = pem.Decode(rest) {
		switch {
		case strings.HasSuffix(b.Type, "PRIVATE KEY"):
			key = b
		case b.Type == "PKCS7":
			more, err := readPKCS7(b.Bytes)
			if err != nil {
				return nil, nil, err
			}
			certs = append(certs, more...)
		case strings.HasSuffix(b.Type, "CERTIFICATE"):
			c, err := x509.ParseCertificate(b.Bytes)
			if err != nil {
				return nil, nil, err
			}
			certs = append(certs, c)
		}
	}
	if certs == nil {
		return nil, nil, errNothing
	}
	return certs, key, nil
}

// readPKCS7 takes the certificates out of a SignedData, RFC 2315 section 9.
func readPKCS7(der []byte) ([]*x509.Certificate, error) {
	var outer struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil, fmt.Errorf("pki: no PKCS #7: %w", err)
	}
	var signed struct {
		Version      int
		Digests      asn1.RawValue
		Content      asn1.RawValue
		Certificates asn1.RawValue `asn1:"optional,tag:0"`
		Lists        asn1.RawValue `asn1:"optional,tag:1"`
		Signers      asn1.RawValue
	}
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &signed); err != nil {
		return nil, fmt.Errorf("pki: no SignedData: %w", err)
	}
	certs, err := x509.ParseCertificates(signed.Certificates.Bytes)
	if err == nil && len(certs) == 0 {
		err = errNothing
	}
	return certs, err
}

// open reads the private key and sorts the certificates.
func (m *importing) open(certs []*x509.Certificate, block *pem.Block, password []byte) {
	if block != nil {
		k, err := privateKey(block, password)
		if err != nil {
			m.x.Error("Failed to read the private key.")
			return
		}
		m.key = k
	}
	for _, c := range certs {
		own := m.key != nil && m.key.PublicKey.Equal(c.PublicKey)
		switch authority := c.IsCA || c.Version == 1 && string(c.RawIssuer) == string(c.RawSubject); {
		case own, !authority && m.cert == nil && m.key == nil:
			m.cert = c
		case authority:
			m.cas = append(m.cas, c)
		}
	}
	switch {
	case m.kind == "ca" && (m.cert != nil || len(m.cas) == 0), m.kind != "ca" && m.cert == nil:
		m.x.Error("The type of the certificate is not the one to be imported.")
	case m.kind == "local" && m.key == nil && m.fitting() == nil:
		m.x.Error("Local certificate and public key don't match.")
	default:
		m.replace()
	}
}

func privateKey(b *pem.Block, password []byte) (*rsa.PrivateKey, error) {
	der := b.Bytes
	if b.Type == "ENCRYPTED PRIVATE KEY" {
		var err error
		if der, err = decryptKey(der, password); err != nil {
			return nil, err
		}
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	r, ok := k.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("pki: no RSA key")
	}
	return r, nil
}

// fitting is the key pair of the domain that fits the certificate, with its
// use.
func (m *importing) fitting() *pki.Usage {
	for _, u := range usages {
		if m.d.key(m.x.Box, u, m.cert) != nil {
			return &u
		}
	}
	return nil
}

// replace asks before what the domain has goes.
func (m *importing) replace() {
	if m.kind == "local" && len(m.d.Locals) > 0 {
		m.x.Confirm("Local certificate already exist, confirm to overwrite it? [Y/N]:", func(yes bool) {
			if yes {
				m.replaceCA()
			}
		})
		return
	}
	m.replaceCA()
}

func (m *importing) replaceCA() {
	m.cas = slices.DeleteFunc(m.cas, func(c *x509.Certificate) bool { return slices.ContainsFunc(m.d.CAs, c.Equal) })
	if m.root() == nil || len(m.d.CAs) == 0 {
		m.confirmRoot()
		return
	}
	m.x.Print("The PKI domain already has a CA certificate. If it is overwritten, local certificates, peer certificates and CRL of this domain will also be deleted.\n")
	m.x.Confirm("Overwrite it? [Y/N]:", func(yes bool) {
		if yes {
			m.fresh = true
			m.confirmRoot()
		}
	})
}

// root is the root among the new authorities, nil for none.
func (m *importing) root() *x509.Certificate {
	for _, c := range m.cas {
		if string(c.RawIssuer) == string(c.RawSubject) {
			return c
		}
	}
	return nil
}

// confirmRoot has a person compare the fingerprint of a root that is new to
// the device, or does so where the domain has one.
func (m *importing) confirmRoot() {
	root := m.root()
	if root == nil || slices.ContainsFunc(m.st.domains, func(d *domain) bool { return slices.ContainsFunc(d.CAs, root.Equal) }) {
		m.finish()
		return
	}
	md, sha := md5.Sum(root.Raw), sha1.Sum(root.Raw)
	if want := m.d.print; want != "" {
		if got := fmt.Sprintf("%X", md); got != want && fmt.Sprintf("%X", sha) != want {
			m.x.Error("The fingerprint of the CA root certificate is not the configured one.")
			return
		}
		m.finish()
		return
	}
	m.x.Printf("The trusted CA's finger print is:\n    MD5  fingerprint:%s\n    SHA1 fingerprint:%s\n", groups(md[:]), groups(sha[:]))
	m.x.Confirm("Is the finger print correct?(Y/N):", func(yes bool) {
		if yes {
			m.finish()
		}
	})
}

// groups is bytes in hexadecimal, two to a group.
func groups(b []byte) string {
	var all []string
	for part := range slices.Chunk(b, 2) {
		all = append(all, fmt.Sprintf("%X", part))
	}
	return strings.Join(all, " ")
}

// finish verifies what came and keeps it.
func (m *importing) finish() {
	next := *m.d.Domain
	if m.fresh {
		next.CAs, next.Locals, next.Peers, next.CRLs = nil, nil, nil, nil
	}
	next.CAs = append(slices.Clone(next.CAs), m.cas...)
	if m.cert != nil && len(m.cas) == 0 { // an authority that another domain trusts will do
		for _, d := range m.st.domains {
			if d.Verify(m.cert, nil, m.st.now()) == nil && next.Verify(m.cert, nil, m.st.now()) != nil {
				next.CAs = append(next.CAs, d.CAs...)
				break
			}
		}
	}
	check := &domain{Domain: &next}
	m.st.lists(check)
	for _, c := range m.cas {
		if err := next.VerifyCA(c, m.st.now()); err != nil {
			m.x.Error(fmt.Sprintf("Failed to verify the CA/RA certificate chain, Verification result: %v.", err))
			return
		}
	}
	if m.cert != nil {
		if err := next.Verify(m.cert, nil, m.st.now()); err != nil {
			m.x.Error(fmt.Sprintf("Failed to verify %s certificates. Verification result: %v.", map[string]string{"local": "local", "peer": "the peer"}[m.kind], err))
			return
		}
	}
	switch m.kind {
	case "peer":
		next.Peers = append(slices.DeleteFunc(slices.Clone(next.Peers), func(c *x509.Certificate) bool { return c.SerialNumber.Cmp(m.cert.SerialNumber) == 0 }), m.cert)
	case "local":
		if m.key != nil {
			m.keepKey(next)
			return
		}
		m.put(&next, *m.fitting())
	}
	m.keep(next)
}

// use is what the key usage of a certificate says that its key pair is for,
// RFC 5280 section 4.2.1.3.
func use(c *x509.Certificate) pki.Usage {
	sign := c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0
	encrypt := c.KeyUsage&(x509.KeyUsageKeyEncipherment|x509.KeyUsageDataEncipherment|x509.KeyUsageKeyAgreement) != 0
	switch {
	case sign && !encrypt:
		return pki.Signature
	case encrypt && !sign:
		return pki.Encryption
	}
	return pki.General
}

// keepKey keeps the private key under the name that the domain has for such
// keys, or asks for one.
func (m *importing) keepKey(next pki.Domain) {
	order := map[pki.Usage][]pki.Usage{pki.General: usages, pki.Signature: {pki.General, pki.Signature}, pki.Encryption: {pki.Encryption}}[use(m.cert)]
	for _, u := range order {
		if ref, ok := m.d.keys[u]; ok {
			if k := ssh.Find(m.x.Box, "rsa", ref.name); k != nil && k.N.Cmp(m.key.N) != 0 {
				m.x.Confirm("The key pair already exists. Overwrite it? [Y/N]:", func(yes bool) {
					if yes {
						m.withKey(next, u, ref.name)
					}
				})
				return
			}
			m.withKey(next, u, ref.name)
			return
		}
	}
	m.x.Print("The system is going to save the key pair. You must specify a key pair name, which is a case-insensitive string of 1 to 64 characters. Valid characters include a to z, A to Z, 0 to 9, and hyphens (-).\n")
	m.askName(next, fmt.Sprintf("Please enter the key pair name [default name: %s]:", m.d.Name))
}

func (m *importing) askName(next pki.Domain, prompt string) {
	m.x.Input(prompt, false, func(name string) {
		name = strings.TrimSpace(name)
		if name == "" {
			name = m.d.Name
		}
		switch k := ssh.Find(m.x.Box, "rsa", name); {
		case len(name) > 64 || !goodKeyName(name):
			m.askName(next, prompt)
		case k != nil && k.N.Cmp(m.key.N) != 0:
			m.x.Print("The key pair already exists.\n")
			m.askName(next, "Please enter the key pair name:")
		default:
			m.withKey(next, use(m.cert), name)
		}
	})
}

// withKey keeps the private key and what belongs to it.
func (m *importing) withKey(next pki.Domain, u pki.Usage, name string) {
	if err := ssh.Take(m.x.Box, name, m.key); err != nil {
		m.x.Error(err.Error())
		return
	}
	ref, ok := m.d.keys[u]
	if !ok || ref.name != name {
		ref = keyRef{name, defaultBits}
	}
	m.d.keys[u] = ref
	if n := m.x.Box.Conf.Root().Child(domainKey(m.d.Name)); n != nil {
		m.d.setKeys(n)
	}
	m.put(&next, u)
	m.keep(next)
}

// put gives a domain the certificate in place of those that it excludes: there
// is one for both uses, or one for each.
func (m *importing) put(next *pki.Domain, u pki.Usage) {
	others := slices.DeleteFunc(slices.Clone(next.Locals), func(l pki.Local) bool { return l.Usage == u || l.Usage == pki.General || u == pki.General })
	next.Locals = append(others, pki.Local{Usage: u, Cert: m.cert})
}

// keep is the end of an import that went well.
func (m *importing) keep(next pki.Domain) {
	if m.fresh {
		m.st.empty(m.d)
	}
	*m.d.Domain = next
	if err := m.st.keep(m.d); err != nil {
		m.x.Error(err.Error())
	}
}
