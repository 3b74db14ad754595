package ike

import (
	"crypto/x509"
	"net/netip"
	"sort"
	"strings"
	"time"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/pki"
)

// A Proposal is one way to protect an IKE SA. Smaller numbers are preferred.
type Proposal struct {
	Number  int // 0 for the built-in default
	Encr    isakmp.Encryption
	KeyBits int // AES only
	Hash    isakmp.Hash
	Auth    isakmp.AuthMethod
	Group   int    // 1, 2, 5, 14, 24
	Seconds uint32 // lifetime
}

// DefaultProposal is tried after all configured ones and begins every new
// one.
func DefaultProposal(number int) Proposal {
	return Proposal{number, isakmp.DESCBC, 0, isakmp.SHA1, isakmp.PreSharedKey, 1, 86400}
}

func (p Proposal) suite() suite { return suite{p.Encr, p.KeyBits, p.Hash, p.Group} }

// A Key is a pre-shared key for the peers in Prefix, or for Hostname.
type Key struct {
	Prefix   netip.Prefix
	Hostname string
	Secret   []byte
	Unusable bool // stored in a form that cannot be read
}

// Scope restricts a keychain or profile to a local address or the address of
// a local interface; the zero value does not restrict.
type Scope struct {
	Addr      netip.Addr
	Interface string
}

// IsZero says that nothing is restricted.
func (s Scope) IsZero() bool { return s == Scope{} }

// Covers says whether the scope takes in a local address; addrOf is the
// address of an interface, nil where there are none.
func (s Scope) Covers(local netip.Addr, addrOf func(name string) (netip.Addr, bool)) bool {
	switch {
	case s.IsZero():
		return true
	case s.Interface == "":
		return s.Addr == local
	case addrOf == nil:
		return false
	}
	a, ok := addrOf(s.Interface)
	return ok && a == local
}

// A Keychain is an ordered set of keys.
type Keychain struct {
	Name     string
	Keys     []Key
	Local    Scope
	Priority int // default 100, smaller first
}

// An Identity is a phase 1 identity. A name left empty stands for the
// system's name, an invalid address for the local address. IDDN is the subject
// of our certificate and only for signatures.
type Identity struct {
	Kind isakmp.IDType // IDIPv4Addr, IDFQDN, IDUserFQDN, IDDN
	Addr netip.Addr
	Name string
}

// A Match is a rule for the identity of a peer, or with a Policy for its
// certificate.
type Match struct {
	Kind      isakmp.IDType // IDIPv4Addr (Low to High), IDFQDN, IDUserFQDN
	Low, High netip.Addr
	Name      string
	Policy    string // of access control; Kind is 0
}

func (m Match) matches(id *isakmp.ID) bool {
	if m.Kind != id.Kind {
		return false
	}
	if a, ok := id.Address(); ok {
		return m.covers(a)
	}
	return m.Name == string(id.Data)
}

func (m Match) covers(a netip.Addr) bool {
	return m.Kind == isakmp.IDIPv4Addr && m.Low.Compare(a) <= 0 && a.Compare(m.High) <= 0
}

// DPD is the dead peer detection of RFC 3706 with its times.
type DPD struct {
	Interval, Retry time.Duration
	OnDemand        bool
}

// A Profile gathers what applies to a set of peers.
type Profile struct {
	Name       string
	Keychains  []string
	Identity   *Identity // nil: the global one
	Matches    []Match
	Local      Scope
	Priority   int
	Proposals  []int // empty: all
	DPD        *DPD  // nil: the global one
	Aggressive bool
	Domains    []string // PKI domains of certificates; empty: all
}

// A Config is all that an engine is told. The owner changes it in place and
// calls Engine.Changed.
type Config struct {
	Proposals          []Proposal
	Keychains          []*Keychain
	Profiles           []*Profile
	DPD                *DPD
	Identity           *Identity
	NATKeepalive       time.Duration
	KeepaliveInterval  time.Duration // between keepalives to the peers, 0 for none
	KeepaliveTimeout   time.Duration // without one an IKE SA goes, 0 for never
	InvalidSPIRecovery bool
	MaxNegotiating     int // 0: no limit
	MaxSA              int
	Hostname           func() string                        // the system's name, for identities
	InterfaceAddr      func(name string) (netip.Addr, bool) // for Scope
	PKI                *pki.Store                           // for signatures; nil: no certificates
	SignatureIdentity  bool                                 // with signatures the identity is always the certificate's subject
}

// Keychain finds a keychain by name, in any case.
func (c *Config) Keychain(name string) *Keychain {
	for _, k := range c.Keychains {
		if strings.EqualFold(k.Name, name) {
			return k
		}
	}
	return nil
}

// Profile finds a profile by name, in any case.
func (c *Config) Profile(name string) *Profile {
	for _, p := range c.Profiles {
		if strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}

// Proposal finds a proposal by number.
func (c *Config) Proposal(number int) *Proposal {
	for i := range c.Proposals {
		if c.Proposals[i].Number == number {
			return &c.Proposals[i]
		}
	}
	return nil
}

// SortedProposals is the configured proposals by priority, the default last.
func (c *Config) SortedProposals() []Proposal {
	ps := append([]Proposal(nil), c.Proposals...)
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].Number < ps[j].Number })
	return append(ps, DefaultProposal(0))
}

func (c *Config) inScope(s Scope, local netip.Addr) bool { return s.Covers(local, c.InterfaceAddr) }

// offer is what an initiator proposes; missing is the number of a proposal
// that the profile names and nobody configured.
func (c *Config) offer(p *Profile) (ps []Proposal, missing int) {
	if p == nil || len(p.Proposals) == 0 {
		return c.SortedProposals(), 0
	}
	for _, n := range p.Proposals {
		q := c.Proposal(n)
		if q == nil {
			return nil, n
		}
		ps = append(ps, *q)
	}
	return ps, 0
}

// inOrder is what may be used from local, the manual's "priority": what is
// restricted to it comes first, then the smaller number, then what was
// configured, or named, first.
func inOrder[T any](c *Config, local netip.Addr, all []T, scope func(T) Scope, priority func(T) int) []T {
	var fit []T
	for _, x := range all {
		if c.inScope(scope(x), local) {
			fit = append(fit, x)
		}
	}
	sort.SliceStable(fit, func(i, j int) bool {
		if a, b := scope(fit[i]).IsZero(), scope(fit[j]).IsZero(); a != b {
			return !a
		}
		return priority(fit[i]) < priority(fit[j])
	})
	return fit
}

func (c *Config) orderedKeychains(local netip.Addr, all []*Keychain) []*Keychain {
	return inOrder(c, local, all, func(k *Keychain) Scope { return k.Local }, func(k *Keychain) int { return k.Priority })
}

func (c *Config) orderedProfiles(local netip.Addr) []*Profile {
	return inOrder(c, local, c.Profiles, func(p *Profile) Scope { return p.Local }, func(p *Profile) int { return p.Priority })
}

// fits says whether a rule is for a peer with an identity and a certificate,
// nil for none.
func (c *Config) fits(m Match, id *isakmp.ID, cert *x509.Certificate) bool {
	if m.Policy != "" {
		return cert != nil && c.PKI.Permits(m.Policy, cert)
	}
	return m.matches(id)
}

// matchID finds the profile that a peer's identity and certificate belong to,
// and the rule that says so.
func (c *Config) matchID(local netip.Addr, id *isakmp.ID, cert *x509.Certificate) (*Profile, Match) {
	for _, p := range c.orderedProfiles(local) {
		for _, m := range p.Matches {
			if c.fits(m, id, cert) {
				return p, m
			}
		}
	}
	return nil, Match{}
}

// matchAddr guesses the profile of a peer whose identity is still unknown.
func (c *Config) matchAddr(local, remote netip.Addr) *Profile {
	for _, p := range c.orderedProfiles(local) {
		for _, m := range p.Matches {
			if m.covers(remote) {
				return p
			}
		}
	}
	return nil
}

// key finds the pre-shared key for a peer: the longest prefix of the first
// keychain that has any. With a profile that names keychains only those
// count. A key for a host name is for a peer that calls itself so, and comes
// before those for addresses; id is nil while the identity of the peer is
// unknown. missing is one of them that does not exist. The key may be one that
// cannot be read: no other takes its place.
func (c *Config) key(p *Profile, local, remote netip.Addr, id *isakmp.ID) (k *Key, chain *Keychain, missing string) {
	chains := c.Keychains
	if p != nil && len(p.Keychains) > 0 {
		chains = nil
		for _, n := range p.Keychains {
			if chain := c.Keychain(n); chain != nil {
				chains = append(chains, chain)
			} else {
				missing = n
			}
		}
	}
	chains = c.orderedKeychains(local, chains)
	for _, chain := range chains {
		var best *Key
		for i := range chain.Keys {
			k := &chain.Keys[i]
			if k.Hostname != "" && id != nil && id.Kind == isakmp.IDFQDN && string(id.Data) == k.Hostname {
				return k, chain, ""
			}
			if k.Prefix.IsValid() && k.Prefix.Contains(remote) && (best == nil || k.Prefix.Bits() > best.Prefix.Bits()) {
				best = k
			}
		}
		if best != nil {
			return best, chain, ""
		}
	}
	return nil, nil, missing
}
