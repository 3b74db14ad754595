package ipsec

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cwlab/emulator/modp"
)

// Defaults and limits of the product's IPsec.
const (
	DefaultSeconds   = 3600
	DefaultKilobytes = 1843200
	DefaultWindow    = 64
)

// A Flow is what selectors look at in one packet. Ports are zero where the
// protocol has none.
type Flow struct {
	Src, Dst         netip.Addr
	Proto            uint8
	SrcPort, DstPort uint16
}

// Reverse is the flow of the answers.
func (f Flow) Reverse() Flow {
	return Flow{Src: f.Dst, Dst: f.Src, Proto: f.Proto, SrcPort: f.DstPort, DstPort: f.SrcPort}
}

// Matches says whether the selector covers the flow.
func (s Selector) Matches(f Flow) bool {
	return s.Src.Contains(f.Src) && s.Dst.Contains(f.Dst) && (s.Proto == 0 || s.Proto == f.Proto) &&
		(s.SrcPort == 0 || s.SrcPort == f.SrcPort) && (s.DstPort == 0 || s.DstPort == f.DstPort)
}

// Covers says whether every flow of inner is one of s.
func (s Selector) Covers(inner Selector) bool {
	return covers(s.Src, inner.Src) && covers(s.Dst, inner.Dst) && (s.Proto == 0 || s.Proto == inner.Proto) &&
		(s.SrcPort == 0 || s.SrcPort == inner.SrcPort) && (s.DstPort == 0 || s.DstPort == inner.DstPort)
}

func covers(outer, inner netip.Prefix) bool {
	return outer.IsValid() && inner.IsValid() && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// overlaps says whether some flow belongs to both.
func (s Selector) overlaps(o Selector) bool {
	port := func(a, b uint16) bool { return a == 0 || b == 0 || a == b }
	return s.Src.Overlaps(o.Src) && s.Dst.Overlaps(o.Dst) && (s.Proto == 0 || o.Proto == 0 || s.Proto == o.Proto) &&
		port(s.SrcPort, o.SrcPort) && port(s.DstPort, o.DstPort)
}

// A Rule is one rule of an access control list, as a selector that covers it.
type Rule struct {
	Permit bool
	Flow   Selector
}

// An ACL is an ordered list of rules.
type ACL interface {
	// Match is the first rule that the flow matches; count adds the packet
	// to the rule's counter.
	Match(f Flow, count bool) (r Rule, ok bool)
	Rules() []Rule
}

// An Algorithm is a cipher with the length of its key, 0 where it is fixed.
type Algorithm struct {
	Encr    Encryption
	KeyBits int
}

// An ESN says which sequence numbers a transform set is of.
type ESN int

const (
	ShortOnly    ESN = iota // 32 bits
	ExtendedOnly            // 64 bits
	BothLengths             // 64 bits, or 32 where the peer has no others
)

// A TransformSet is what a policy offers. Only the first algorithm of each
// list is used with version 1 of IKE.
type TransformSet struct {
	Name     string
	Protocol Protocol
	Mode     Mode
	Encr     []Algorithm
	Auth     []Authentication
	AH       []Authentication
	PFS      int // Diffie-Hellman group, 0 for none
	ESN      ESN
}

// A Protocol says which protocols a transform set is of.
type Protocol int

const (
	ESPAlone Protocol = iota
	AHAlone
	AHAndESP // ESP first, then AH around it
)

// HasESP and HasAH say whether the protocol is one of them.
func (p Protocol) HasESP() bool { return p != AHAlone }
func (p Protocol) HasAH() bool  { return p != ESPAlone }

// Complete says whether the set can protect packets.
func (s *TransformSet) Complete() bool {
	return (!s.Protocol.HasESP() || len(s.Encr) > 0 || len(s.Auth) > 0) && (!s.Protocol.HasAH() || len(s.AH) > 0)
}

// choices are all ways to protect packets with the set, in order of
// preference.
func (s *TransformSet) choices() []Transform {
	encr, auth, ah, esn := []Algorithm{{}}, []Authentication{0}, []Authentication{0}, []bool{s.ESN != ShortOnly}
	if s.Protocol.HasESP() {
		encr = []Algorithm{{Encr: Null}}
		if len(s.Encr) > 0 {
			encr = s.Encr
		}
		if len(s.Auth) > 0 {
			auth = s.Auth
		}
	}
	if s.Protocol.HasAH() {
		ah = s.AH
	}
	if s.ESN == BothLengths {
		esn = []bool{true, false}
	}
	var out []Transform
	for _, c := range encr {
		integ := auth
		if c.Encr.Combined() {
			integ = []Authentication{0}
		}
		for _, i := range integ {
			for _, h := range ah {
				for _, n := range esn {
					out = append(out, Transform{Name: s.Name, Mode: cmp.Or(s.Mode, Tunnel), PFS: s.PFS, Encr: c.Encr, KeyBits: c.KeyBits, Auth: i, AH: h, ESN: n})
				}
			}
		}
	}
	return out
}

// version1 leaves of the choices what version 1 of IKE offers, and SAs set up by
// hand use: the first algorithms, of those that the product has for them. A set
// with a group on a curve is for version 2 alone.
func version1(all []Transform) []Transform {
	all = slices.DeleteFunc(all, func(t Transform) bool { return t.Encr.Counted() || modp.OnCurve(t.PFS) })
	return slices.DeleteFunc(all, func(t Transform) bool {
		first := all[0]
		first.ESN = t.ESN
		return t != first
	})
}

func (s *TransformSet) transform() Transform { return s.choices()[0] }

// A Grouping says how many flows share one tunnel.
type Grouping int

const (
	Standard    Grouping = iota // one tunnel for a rule
	Aggregation                 // one for the whole list
	PerHost                     // one for two hosts
)

// An Entry is one entry of a policy or of a policy template.
type Entry struct {
	Seq           int
	Template      string // name of the template that stands for the entry
	ACL           string // number or name
	Grouping      Grouping
	Sets          []string
	Profile       string
	IKEv2         string // IKEv2 profile, before Profile
	Local, Remote netip.Addr
	RemoteName    string // of the host that Remote is, "" for none
	Seconds       uint32 // 0 for the global value
	Kilobytes     uint32
	IdleSeconds   uint32
	Redundancy    Redundancy // zero for the default
	Description   string
	ReverseRoute  bool    // routes to what is behind the peer come and go with SAs
	RoutePref     int     // of these routes, 0 for the default of 60
	RouteTag      uint32  // of these routes
	Manual        *Manual // nil for IKE
}

// A Policy is an ordered list of entries under one name.
type Policy struct {
	Name       string
	LocalIface string // shared source interface
	Entries    []*Entry
}

// Entry is the entry with the sequence number, or nil.
func (p *Policy) Entry(seq int) *Entry {
	if i, ok := p.find(seq); ok {
		return p.Entries[i]
	}
	return nil
}

func (p *Policy) find(seq int) (int, bool) {
	return slices.BinarySearchFunc(p.Entries, seq, func(e *Entry, seq int) int { return cmp.Compare(e.Seq, seq) })
}

// A book is an ordered map of things whose names ignore case.
type book[T any] struct {
	keys []string
	m    map[string]T
}

func (b *book[T]) get(name string) (T, bool) {
	v, ok := b.m[strings.ToLower(name)]
	return v, ok
}

func (b *book[T]) put(name string, v T) {
	k := strings.ToLower(name)
	if b.m == nil {
		b.m = map[string]T{}
	}
	if i, ok := slices.BinarySearch(b.keys, k); !ok {
		b.keys = slices.Insert(b.keys, i, k)
	}
	b.m[k] = v
}

func (b *book[T]) drop(name string) {
	k := strings.ToLower(name)
	if i, ok := slices.BinarySearch(b.keys, k); ok {
		b.keys = slices.Delete(b.keys, i, i+1)
		delete(b.m, k)
	}
}

func (b *book[T]) all() []T {
	out := make([]T, len(b.keys))
	for i, k := range b.keys {
		out[i] = b.m[k]
	}
	return out
}

// String is the flow as in logs, "a->b".
func (f Flow) String() string { return fmt.Sprintf("%v->%v", f.Src, f.Dst) }
