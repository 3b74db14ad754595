package ikev2

import (
	"cmp"
	"crypto/x509"
	"net/netip"
	"slices"
	"strings"

	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/pki"
)

// A Cipher is an encryption algorithm with the length of its key in bits, 0
// where it is fixed.
type Cipher struct {
	ID      uint16
	KeyBits int
}

// A Proposal is a choice of algorithms for an IKE SA, each list in order of
// preference.
type Proposal struct {
	Name       string
	Encr       []Cipher
	Integ, PRF []uint16 // no PRF for those that go with Integ
	Groups     []int    // Diffie-Hellman groups
}

// prfOf is the pseudorandom function with the hash of an integrity algorithm.
var prfOf = map[uint16]uint16{
	wire.IntegMD5: wire.PRFMD5, wire.IntegSHA1: wire.PRFSHA1, wire.IntegSHA256: wire.PRFSHA256, wire.IntegSHA384: wire.PRFSHA384, wire.IntegSHA512: wire.PRFSHA512,
}

// PRFs is the pseudorandom functions that the proposal offers.
func (p *Proposal) PRFs() []uint16 {
	if len(p.PRF) > 0 {
		return p.PRF
	}
	var out []uint16
	for _, i := range p.Integ {
		out = append(out, prfOf[i])
	}
	return out
}

// Complete says whether the proposal has something of each kind; ciphers that
// authenticate need no integrity algorithm.
func (p *Proposal) Complete() bool {
	return len(p.Encr) > 0 && len(p.Groups) > 0 && len(p.PRFs()) > 0 &&
		(len(p.Integ) > 0 || !slices.ContainsFunc(p.Encr, func(c Cipher) bool { return !c.Combined() }))
}

// DefaultName is that of the proposal and of the policy that are always there.
const DefaultName = "default"

// DefaultProposal is the one that the default policy offers.
func DefaultProposal() *Proposal {
	return &Proposal{
		Name: DefaultName, Encr: []Cipher{{wire.EncrAES, 128}, {wire.Encr3DES, 0}},
		Integ: []uint16{wire.IntegSHA1, wire.IntegMD5}, PRF: []uint16{wire.PRFSHA1, wire.PRFMD5}, Groups: []int{5, 2},
	}
}

// DefaultPriority is that of policies and profiles; a smaller number comes
// first.
const DefaultPriority = 100

// A Policy says which proposals are offered from which local addresses, from
// any if none is named.
type Policy struct {
	Name      string
	Priority  int
	Scopes    []ike.Scope
	Proposals []string
}

// A Secret is a pre-shared key.
type Secret struct {
	Key      []byte
	Unusable bool // stored in a form that cannot be read
}

// A Peer is an entry of a keychain. The peer is known by its address, by the
// FQDN that it calls itself, or by any identity.
type Peer struct {
	Name          string
	Prefix        netip.Prefix // invalid for none
	Hostname      string
	Identity      *Match
	Local, Remote *Secret // to prove who we are, and to check the peer
}

// A Keychain is an ordered set of peers.
type Keychain struct {
	Name  string
	Peers []*Peer
}

// An Identity is what the device calls itself. An invalid address stands for
// the local address, an empty name for the system's.
type Identity struct {
	Kind wire.IDType
	Addr netip.Addr
	Name string
}

// A Match is a rule for the identity of a peer: an address from Low to High,
// or a name; or with a Policy for its certificate.
type Match struct {
	Kind      wire.IDType
	Low, High netip.Addr
	Name      string
	Policy    string // of access control; Kind is 0
}

func (m Match) matches(id *wire.ID) bool {
	if m.Kind != id.Kind {
		return false
	}
	if a, ok := id.Address(); ok {
		return m.Low.Compare(a) <= 0 && a.Compare(m.High) <= 0
	}
	return m.Name == string(id.Data)
}

// A Profile gathers what applies to a set of peers.
type Profile struct {
	Name       string
	Priority   int
	Keychain   string
	Identity   *Identity // nil for the local address
	Matches    []Match
	Scopes     []ike.Scope // local addresses, any if there is none
	LocalAuth  uint8       // method of wire.Authentication, 0 for none
	RemoteAuth []uint8
	// SignDomains and VerifyDomains are the PKI domains of our certificates and
	// of the peer's, all for none.
	SignDomains, VerifyDomains []string
	DPD                        *ike.DPD // nil: the global one
	Seconds                    uint32   // lifetime
	// NATKeepalive is in seconds, 0 for the global value.
	NATKeepalive int
}

// DefaultSeconds is the lifetime of an IKE SA.
const DefaultSeconds = 86400

// fits says whether a profile is for a peer with an identity and certificates,
// its own first.
func (c *Config) fits(p *Profile, id *wire.ID, certs []*x509.Certificate) bool {
	return slices.ContainsFunc(p.Matches, func(m Match) bool {
		if m.Policy != "" {
			return len(certs) > 0 && c.PKI.Permits(m.Policy, certs[0])
		}
		return m.matches(id)
	})
}

// A Config is all that an engine is told. The owner changes it in place and
// calls Engine.Changed.
type Config struct {
	Proposals []*Proposal
	Policies  []*Policy
	Keychains []*Keychain
	Profiles  []*Profile
	DPD       *ike.DPD
	PKI       *pki.Store // for signatures; nil: no certificates
	// CookieChallenge is the number of half-open IKE SAs from which on an
	// initiator has to return a cookie, nil for never.
	CookieChallenge *int
	NATKeepalive    int // seconds
	Hostname        func() string
	InterfaceAddr   func(name string) (netip.Addr, bool)
}

func named[T any](all []T, name string, of func(T) string) (t T) {
	for _, x := range all {
		if strings.EqualFold(of(x), name) {
			return x
		}
	}
	return t
}

// Proposal finds a proposal by name, in any case; the default one is always
// there. It is nil for none.
func (c *Config) Proposal(name string) *Proposal {
	if strings.EqualFold(name, DefaultName) {
		return DefaultProposal()
	}
	return named(c.Proposals, name, func(p *Proposal) string { return p.Name })
}

// Policy, Keychain and Profile find what was configured under a name, in any
// case, nil for none.
func (c *Config) Policy(name string) *Policy {
	return named(c.Policies, name, func(p *Policy) string { return p.Name })
}

func (c *Config) Keychain(name string) *Keychain {
	return named(c.Keychains, name, func(k *Keychain) string { return k.Name })
}

func (c *Config) Profile(name string) *Profile {
	return named(c.Profiles, name, func(p *Profile) string { return p.Name })
}

// SortedPolicies is the configured policies by priority, the default last.
func (c *Config) SortedPolicies() []*Policy {
	ps := slices.Clone(c.Policies)
	slices.SortStableFunc(ps, func(a, b *Policy) int { return cmp.Compare(a.Priority, b.Priority) })
	return append(ps, &Policy{Name: DefaultName, Priority: DefaultPriority, Proposals: []string{DefaultName}})
}

// offer is what may be negotiated from a local address.
func (c *Config) offer(local netip.Addr) []*Proposal {
	for _, p := range c.SortedPolicies() {
		if !c.inScope(p.Scopes, local) {
			continue
		}
		var all []*Proposal
		for _, name := range p.Proposals {
			if q := c.Proposal(name); q != nil && q.Complete() {
				all = append(all, q)
			}
		}
		return all
	}
	return nil
}

func (c *Config) inScope(scopes []ike.Scope, local netip.Addr) bool {
	return len(scopes) == 0 || slices.ContainsFunc(scopes, func(s ike.Scope) bool { return s.Covers(local, c.InterfaceAddr) })
}

// profileFor is the profile that the identity and the certificates of a peer
// belong to.
func (c *Config) profileFor(local netip.Addr, id *wire.ID, certs []*x509.Certificate) *Profile {
	ps := slices.Clone(c.Profiles)
	slices.SortStableFunc(ps, func(a, b *Profile) int { return cmp.Compare(a.Priority, b.Priority) })
	for _, p := range ps {
		if c.inScope(p.Scopes, local) && c.fits(p, id, certs) {
			return p
		}
	}
	return nil
}

// peer finds the entry for a peer in the keychain of a profile: by its
// identity if that is known, then by the longest prefix of its address.
func (c *Config) peer(p *Profile, remote netip.Addr, id *wire.ID) *Peer {
	k := c.Keychain(p.Keychain)
	if k == nil {
		return nil
	}
	var best *Peer
	for _, q := range k.Peers {
		if id != nil && (q.Identity != nil && q.Identity.matches(id) ||
			q.Hostname != "" && id.Kind == wire.IDFQDN && string(id.Data) == q.Hostname) {
			return q
		}
		if q.Prefix.IsValid() && q.Prefix.Contains(remote) && (best == nil || q.Prefix.Bits() > best.Prefix.Bits()) {
			best = q
		}
	}
	return best
}
