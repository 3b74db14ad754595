package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"net"
	"slices"
	"strings"
)

// A Field is the part of a certificate that an attribute looks at.
type Field int

const (
	SubjectField    Field = iota // the subject's name
	IssuerField                  // the issuer's name
	AltSubjectField              // the subject alternative name
)

// A Form is what an attribute looks at within a field.
type Form int

const (
	DNForm Form = iota
	FQDNForm
	IPForm
)

// An Op compares.
type Op int

const (
	Contains Op = iota
	Equals
	ContainsNot
	EqualsNot
)

// An Attribute is a condition on the names of a certificate.
type Attribute struct {
	ID    int
	Field Field
	Form  Form
	Op    Op
	Value string // compared without regard to case
}

// A Group is attributes that all have to fit; none fit anything.
type Group struct {
	Name       string
	Attributes []Attribute // by ID
}

// A Rule permits or denies the certificates that a group fits.
type Rule struct {
	ID    int
	Deny  bool
	Group string
}

// A Policy is rules; the first that fits decides.
type Policy struct {
	Name  string
	Rules []Rule // by ID
}

// Group finds a group by name, in any case.
func (s *Store) Group(name string) *Group {
	for _, g := range s.Groups {
		if strings.EqualFold(g.Name, name) {
			return g
		}
	}
	return nil
}

// Policy finds a policy by name, in any case.
func (s *Store) Policy(name string) *Policy {
	for _, p := range s.Policies {
		if strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}

// Permits says whether a policy lets a certificate pass. A policy that does not
// exist lets none pass; a group that does not exist fits any.
func (s *Store) Permits(policy string, c *x509.Certificate) bool {
	if s == nil || s.Policy(policy) == nil {
		return false
	}
	p := s.Policy(policy)
	for _, r := range p.Rules {
		if g := s.Group(r.Group); g == nil || g.fits(c) {
			return !r.Deny
		}
	}
	return false
}

func (g *Group) fits(c *x509.Certificate) bool {
	for _, a := range g.Attributes {
		if !a.fits(c) {
			return false
		}
	}
	return true
}

// values are what a certificate has of a field and form.
func (a Attribute) values(c *x509.Certificate) []string {
	name, alt := c.RawSubject, oidSubjectAlt
	if a.Field == IssuerField {
		name, alt = c.RawIssuer, oidIssuerAlt
	}
	if a.Form == DNForm {
		return []string{Name(name, ",")}
	}
	var all []string
	for _, v := range altNames(c, alt) {
		switch {
		case a.Form == FQDNForm && v.Tag == 2:
			all = append(all, string(v.Bytes))
		case a.Form == IPForm && v.Tag == 7:
			all = append(all, net.IP(v.Bytes).String())
		}
	}
	return all
}

var (
	oidSubjectAlt = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidIssuerAlt  = asn1.ObjectIdentifier{2, 5, 29, 18}
)

// altNames are the general names of an extension, RFC 5280 section 4.2.1.6.
func altNames(c *x509.Certificate, id asn1.ObjectIdentifier) []asn1.RawValue {
	for _, e := range c.Extensions {
		var names []asn1.RawValue
		if e.Id.Equal(id) {
			if rest, err := asn1.Unmarshal(e.Value, &names); err == nil && len(rest) == 0 {
				return names
			}
		}
	}
	return nil
}

// fits compares: some value has to contain or equal, or none may. A
// certificate without such a value does not fit.
func (a Attribute) fits(c *x509.Certificate) bool {
	vs := a.values(c)
	if len(vs) == 0 {
		return false
	}
	want := strings.ToLower(a.Value)
	found := slices.ContainsFunc(vs, func(v string) bool {
		v = strings.ToLower(v)
		if a.Op == Contains || a.Op == ContainsNot {
			return strings.Contains(v, want)
		}
		return v == want
	})
	return found == (a.Op == Contains || a.Op == Equals)
}
