package ipsec

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
)

const (
	invalidSPIAge   = 10 * time.Second // an SPI is reported once in this time
	invalidSPITable = 1024             // entries; more are not reported
	blockAge        = 60 * time.Second // a negotiation that nobody says has ended
	larvalAge       = 60 * time.Second // an SPI drawn for a negotiation
	ipcMax          = 2 * time.Millisecond
)

// A Host is what IPsec needs of the device it runs on.
type Host interface {
	Now() time.Time
	After(d time.Duration, f func()) *sim.Timer
	Stream(purpose string) *sim.Stream
	SendIP(p *stack.Packet) error
	NextID() uint16 // identification of a packet that AH signs
	Inject(p *stack.Packet)
	TooBig(p *stack.Packet, mtu int) // tells its sender (RFC 4301 section 8.2)
	// Reassemble reads a packet that came through the tunnel via; it is nil
	// without an error while other fragments of it are missing.
	Reassemble(in *stack.Iface, via uint32, b []byte) (*stack.Packet, error)
	IsLocal(a netip.Addr) bool
	RouteMTU(to netip.Addr) int // of the interface by which packets go there, 0 for none
	AddRoute(r ReverseRoute)
	RemoveRoute(r ReverseRoute)
	Interface(name string) (addr netip.Addr, mtu int) // invalid address for none
	ACL(name string) ACL                              // nil for none
	Emit(e Event)

	// Messages to IKE. The engine itself waits the `ipsec ipc` draw before
	// each.
	Acquire(r Request)
	InvalidSPI(local, remote netip.Addr, proto uint8, spi uint32)
	RoleChanged()
	SoftExpire(p Pair)
	Deleted(pairs []Pair) // by an administrator: IKE tells the peers
}

// DF says what becomes of the don't-fragment bit of the outer header.
type DF int

const (
	CopyDF DF = iota
	ClearDF
	SetDF
)

// An Engine is the IPsec of one host.
type Engine struct {
	AntiReplay   bool
	Window       int // packets, for new SAs
	DecryptCheck bool
	DF           DF
	IfaceDF      map[string]DF
	Seconds      uint32 // global lifetimes
	Kilobytes    uint32
	IdleSeconds  uint32 // 0 for off
	// FragmentAfter says that packets too long for a tunnel are protected whole
	// and cut into fragments then, instead of before.
	FragmentAfter bool
	MaxTunnels    uint32 // 0 for no limit
	Redundant     bool   // whether another device shall have backups; see OnPair
	Stats         Stats

	// OnPair, if set, hears of negotiated pairs, standby ones among them.
	OnPair func(b Backup, what Change, standby bool)
	// OnKeys sees the keys of every SA, for a capture that is to be read.
	OnKeys func(src, dst netip.Addr, spi uint32, t Transform, k Keys)

	h         Host
	sets      book[*TransformSet]
	policies  book[*Policy]
	templates book[*Policy]
	profiles  book[*Policy]
	guards    []*Guard
	applied   []*binding
	tunnels   []*TunnelState // by ID
	inbound   map[spiKey]*SA
	larval    map[uint32]*sim.Timer
	indices   map[uint32]bool
	serial    uint32 // of pairs
	tunnelNo  uint32
	blocked   []*block
	invalid   map[invalidKey]*sim.Timer
	routes    []*injected
	ipcLast   time.Time
}

// A binding is a policy on an interface; sps numbers its entries.
type binding struct {
	iface, policy string
	sps           []sp
}

type sp struct{ seq, id int }

// A spiKey names an inbound SA of this host.
type spiKey struct {
	proto uint8
	spi   uint32
}

type invalidKey struct {
	dst   netip.Addr
	proto uint8
	spi   uint32
}

// A block is a flow whose negotiation is pending: an entry of the block-flow
// table.
type block struct {
	req   Request
	timer *sim.Timer
}

// New makes an engine with the product's defaults.
func New(h Host) *Engine {
	return &Engine{
		AntiReplay: true, Window: DefaultWindow, DecryptCheck: true,
		Seconds: DefaultSeconds, Kilobytes: DefaultKilobytes,
		IfaceDF: map[string]DF{},
		h:       h,
		inbound: map[spiKey]*SA{}, larval: map[uint32]*sim.Timer{}, indices: map[uint32]bool{},
		invalid: map[invalidKey]*sim.Timer{},
	}
}

// toIKE sends a message to IKE: f runs after the draw, never before a message
// sent earlier.
func (e *Engine) toIKE(f func()) {
	at := e.h.Now().Add(e.h.Stream("ipsec ipc").Duration(0, ipcMax))
	if at.Before(e.ipcLast) {
		at = e.ipcLast
	}
	e.ipcLast = at
	e.h.After(at.Sub(e.h.Now()), f).Goes()
}

// Transform sets, policies and templates, in the order of their names.

func (e *Engine) TransformSet(name string) *TransformSet { s, _ := e.sets.get(name); return s }
func (e *Engine) TransformSets() []*TransformSet         { return e.sets.all() }
func (e *Engine) AddTransformSet(s *TransformSet)        { e.sets.put(s.Name, s) }
func (e *Engine) RemoveTransformSet(name string)         { e.sets.drop(name) }
func (e *Engine) Policy(name string) *Policy             { p, _ := e.policies.get(name); return p }
func (e *Engine) Policies() []*Policy                    { return e.policies.all() }
func (e *Engine) Template(name string) *Policy           { p, _ := e.templates.get(name); return p }
func (e *Engine) Templates() []*Policy                   { return e.templates.all() }

// AddPolicy makes the policy and the entry where they are new.
func (e *Engine) AddPolicy(name string, seq int) *Entry {
	entry, p := addEntry(&e.policies, name, seq)
	for _, b := range e.applied {
		if strings.EqualFold(b.policy, p.Name) {
			e.number(b)
		}
	}
	return entry
}

// AddTemplate does the same for a policy template.
func (e *Engine) AddTemplate(name string, seq int) *Entry {
	entry, _ := addEntry(&e.templates, name, seq)
	return entry
}

func addEntry(b *book[*Policy], name string, seq int) (*Entry, *Policy) {
	p, ok := b.get(name)
	if !ok {
		p = &Policy{Name: name}
		b.put(name, p)
	}
	i, found := p.find(seq)
	if !found {
		p.Entries = slices.Insert(p.Entries, i, &Entry{Seq: seq})
	}
	return p.Entries[i], p
}

// RemovePolicy takes one entry away, or all for a seq of 0, and the SAs with
// it.
func (e *Engine) RemovePolicy(name string, seq int) {
	p := e.Policy(name)
	if p == nil {
		return
	}
	e.Changed(name, seq)
	p.Entries = slices.DeleteFunc(p.Entries, func(x *Entry) bool { return seq == 0 || x.Seq == seq })
	for _, b := range e.applied {
		if strings.EqualFold(b.policy, name) {
			e.number(b)
		}
	}
	if len(p.Entries) == 0 {
		e.policies.drop(name)
	}
}

// RemoveTemplate takes one entry away, or all for a seq of 0.
func (e *Engine) RemoveTemplate(name string, seq int) {
	p := e.Template(name)
	if p == nil {
		return
	}
	p.Entries = slices.DeleteFunc(p.Entries, func(x *Entry) bool { return seq == 0 || x.Seq == seq })
	if len(p.Entries) == 0 {
		e.templates.drop(name)
	}
}

// Changed says that an entry (all of the policy for a seq of 0) now protects
// other flows or speaks to another peer: its SAs go.
func (e *Engine) Changed(policy string, seq int) {
	e.removePairs(ByConfig, func(p *pair) bool {
		return p.Guard == "" && strings.EqualFold(p.Policy, policy) && (seq == 0 || p.Seq == seq)
	})
	e.unblock(func(r Request) bool {
		return r.Guard == "" && strings.EqualFold(r.Policy, policy) && (seq == 0 || r.Seq == seq)
	})
}

// TemplateChanged says the same of an entry of a template (all for a seq of 0).
func (e *Engine) TemplateChanged(template string, seq int) {
	of := func(r Request) bool {
		x := e.entry(r)
		return x != nil && strings.EqualFold(x.Template, template) && (seq == 0 || r.TemplateSeq == seq)
	}
	e.removePairs(ByConfig, func(p *pair) bool { return of(p.Request) })
	e.unblock(of)
}

// Apply puts a policy on an interface, in place of the one before.
func (e *Engine) Apply(iface, policy string) {
	for _, b := range e.applied {
		if b.iface == iface {
			if strings.EqualFold(b.policy, policy) {
				return
			}
			e.Unapply(iface)
			break
		}
	}
	b := &binding{iface: iface, policy: policy}
	e.applied = append(e.applied, b)
	e.number(b)
}

// Unapply takes the policy off an interface; its SAs go.
func (e *Engine) Unapply(iface string) {
	i := slices.IndexFunc(e.applied, func(b *binding) bool { return b.iface == iface })
	if i < 0 {
		return
	}
	b := e.applied[i]
	e.applied = slices.Delete(e.applied, i, i+1)
	for _, s := range b.sps {
		e.h.Emit(Event{Kind: SPDeleted, Iface: iface, Policy: b.policy, Seq: s.seq, SP: s.id})
	}
	e.removePairs(ByConfig, func(p *pair) bool { return p.tunnel.Iface == iface })
	e.unblock(func(r Request) bool { return strings.EqualFold(r.Policy, b.policy) })
}

// Applied is the policy on an interface, "" for none.
func (e *Engine) Applied(iface string) string {
	if b := e.bindingOf(iface); b != nil {
		return b.policy
	}
	return ""
}

// Interfaces lists those that a policy is applied to.
func (e *Engine) Interfaces(policy string) []string {
	var out []string
	for _, b := range e.applied {
		if strings.EqualFold(b.policy, policy) {
			out = append(out, b.iface)
		}
	}
	return out
}

func (e *Engine) bindingOf(iface string) *binding {
	for _, b := range e.applied {
		if b.iface == iface {
			return b
		}
	}
	return nil
}

// number gives every entry of a binding the lowest free security policy
// number.
func (e *Engine) number(b *binding) {
	var entries []*Entry
	if p := e.Policy(b.policy); p != nil {
		entries = p.Entries
	}
	b.sps = slices.DeleteFunc(b.sps, func(s sp) bool {
		gone := !slices.ContainsFunc(entries, func(x *Entry) bool { return x.Seq == s.seq })
		if gone {
			e.h.Emit(Event{Kind: SPDeleted, Iface: b.iface, Policy: b.policy, Seq: s.seq, SP: s.id})
		}
		return gone
	})
	for _, x := range entries {
		if slices.ContainsFunc(b.sps, func(s sp) bool { return s.seq == x.Seq }) {
			continue
		}
		id := 0
		for e.spUsed(id) {
			id++
		}
		b.sps = append(b.sps, sp{x.Seq, id})
		e.h.Emit(Event{Kind: SPAdded, Iface: b.iface, Policy: b.policy, Seq: x.Seq, SP: id})
	}
}

func (e *Engine) spUsed(id int) bool {
	for _, b := range e.applied {
		for _, s := range b.sps {
			if s.id == id {
				return true
			}
		}
	}
	return false
}

func (e *Engine) spOf(policy string, seq int) int {
	for _, b := range e.applied {
		if strings.EqualFold(b.policy, policy) {
			for _, s := range b.sps {
				if s.seq == seq {
					return s.id
				}
			}
		}
	}
	return 0
}

// localOf is the address that an entry speaks from on an interface.
func (e *Engine) localOf(p *Policy, x *Entry, iface string) netip.Addr {
	if x.Local.IsValid() {
		return x.Local
	}
	if p.LocalIface != "" {
		iface = p.LocalIface
	}
	a, _ := e.h.Interface(iface)
	return a
}

func (e *Engine) acl(x *Entry) ACL {
	if x.ACL == "" {
		return nil
	}
	return e.h.ACL(x.ACL)
}

func (e *Engine) transforms(x *Entry) []Transform {
	var out []Transform
	for _, name := range x.Sets {
		if s := e.TransformSet(name); s != nil && s.Complete() {
			all := s.choices()
			if x.IKEv2 == "" {
				all = version1(all)
			}
			out = append(out, all...)
		}
	}
	return out
}

// request asks for the SAs of an entry; body is the entry of the template that
// stands for it, or itself.
func (e *Engine) request(p *Policy, x, body *Entry, local, remote netip.Addr, flow Selector) Request {
	r := Request{
		Policy: p.Name, Seq: x.Seq, Local: local, Remote: remote, Profile: body.Profile, IKEv2: body.IKEv2, Flow: flow,
		Transforms: e.transforms(body), Redundancy: body.redundancy(),
		Seconds: cmp.Or(body.Seconds, e.Seconds), Kilobytes: cmp.Or(body.Kilobytes, e.Kilobytes),
	}
	if body != x {
		r.TemplateSeq = body.Seq
	}
	if body.Grouping == Aggregation {
		r.ACL = body.ACL
	}
	return r
}

// entry is the policy entry or the profile that a request came from, nil when
// it is gone.
func (e *Engine) entry(r Request) *Entry {
	if r.Guard != "" {
		return e.Profile(r.Policy)
	}
	if p := e.Policy(r.Policy); p != nil {
		return p.Entry(r.Seq)
	}
	return nil
}

// settings is the entry, or that of the template which stands for it.
func (e *Engine) settings(r Request) *Entry {
	x := e.entry(r)
	if x == nil || x.Template == "" {
		return x
	}
	if t := e.Template(x.Template); t != nil {
		return t.Entry(r.TemplateSeq)
	}
	return nil
}

// flowOf widens a rule to the flow of its tunnel.
func flowOf(x *Entry, r Rule, acl ACL, f Flow) Selector {
	switch x.Grouping {
	case PerHost:
		r.Flow.Src, r.Flow.Dst = netip.PrefixFrom(f.Src, f.Src.BitLen()), netip.PrefixFrom(f.Dst, f.Dst.BitLen())
	case Aggregation:
		if all := permitted(acl); len(all) > 0 {
			return all[0]
		}
	case Standard:
	}
	return r.Flow
}

// PolicyFor answers a peer's quick mode: the entry that the flow, seen
// outbound from here, may be protected by. profile is the IKE profile of the
// IKE SA, "" for any.
func (e *Engine) PolicyFor(local, remote netip.Addr, flow Selector, profile string) (r Request, ok bool) {
	e.bodies(local, remote, func(p *Policy, x, body *Entry) bool {
		named := body.Profile != "" && profile != "" && !strings.EqualFold(body.Profile, profile)
		if body.IKEv2 == "" && !named && e.serves(x, body, flow) {
			r, ok = e.request(p, x, body, local, remote, flow), true
		}
		return !ok
	})
	if !ok {
		return e.guardFor(local, remote, flow, profile)
	}
	return r, ok
}

// bodies visits the entries, or those of their templates, that speak from one
// address to another, until visit says no.
func (e *Engine) bodies(local, remote netip.Addr, visit func(p *Policy, x, body *Entry) bool) {
	for _, b := range e.applied {
		p := e.Policy(b.policy)
		if p == nil {
			continue
		}
		for _, x := range p.Entries {
			if e.localOf(p, x, b.iface) != local {
				continue
			}
			bodies := []*Entry{x}
			if x.Template != "" {
				t := e.Template(x.Template)
				if t == nil {
					continue
				}
				bodies = t.Entries
			}
			for _, body := range bodies {
				switch {
				case body.Manual != nil, body.Remote.IsValid() && body.Remote != remote, !body.Remote.IsValid() && x.Template == "":
				case len(e.transforms(body)) > 0 && !visit(p, x, body):
					return
				}
			}
		}
	}
}

func (e *Engine) serves(x, body *Entry, flow Selector) bool {
	if body.ACL == "" {
		return x.Template != ""
	}
	acl := e.acl(body)
	if acl == nil {
		return false
	}
	for _, r := range acl.Rules() {
		if r.Permit && r.Flow.Covers(flow) {
			return true
		}
		if !r.Permit && r.Flow.overlaps(flow) {
			return false
		}
	}
	return false
}

// LarvalSPI draws an SPI for a negotiation.
func (e *Engine) LarvalSPI(netip.Addr) uint32 {
	for {
		spi := e.h.Stream("ipsec spi").Uint32()
		if spi < 256 || e.inbound[spiKey{ProtoESP, spi}] != nil || e.inbound[spiKey{ProtoAH, spi}] != nil || e.larval[spi] != nil { // RFC 4303 section 2.1: 1 to 255 are reserved
			continue
		}
		e.larval[spi] = e.h.After(larvalAge, func() { delete(e.larval, spi) })
		return spi
	}
}

// ErrDuplicate is the error of a pair whose SPI is in use, ErrLimit that of one
// whose tunnel would be one too many.
var (
	ErrDuplicate = errors.New("ipsec: SPI is in use")
	ErrLimit     = errors.New("ipsec: there are as many tunnels as may be")
)

// AddPair installs what IKE has negotiated. Outbound packets use it at once;
// an older pair of the same flow goes on receiving until it expires or is
// deleted.
func (e *Engine) AddPair(p Pair) error {
	x, err := e.add(p, 0, false)
	if err == nil {
		e.tell(x, PairMade)
	}
	return err
}

// add installs a pair that was negotiated some time ago.
func (e *Engine) add(p Pair, age time.Duration, standby bool) (*pair, error) {
	x := &pair{Pair: p, made: e.h.Now().Add(-age), lastUse: e.h.Now(), standby: standby}
	if err := e.check(p); err != nil {
		return nil, err
	}
	if e.full(p.Request) {
		e.dropped(nil, TunnelLimit, !p.Initiator, Event{Policy: p.Policy, Seq: p.Seq, Src: p.Local, Dst: p.Remote})
		return nil, ErrLimit
	}
	var err error
	if x.in, err = newSAs(p.Transform, p.InSPI, p.InAH, p.In); err != nil {
		return nil, err
	}
	if x.out, err = newSAs(p.Transform, p.OutSPI, p.OutAH, p.Out); err != nil {
		return nil, err
	}
	x.Seconds, x.Kilobytes = e.lifetimes(p)
	t := e.tunnelOf(p)
	x.tunnel = t
	e.serial++
	size := 0
	if e.AntiReplay && !p.Manual {
		size = e.Window
	}
	sas := append(slices.Clone(x.in), x.out...)
	for i, sa := range sas {
		sa.Index, sa.Serial, sa.pair, sa.window = e.index(), e.serial, x, newWindow(0)
		if i < len(x.in) {
			sa.Inbound, sa.window = true, newWindow(size)
			e.inbound[spiKey{sa.Proto, sa.SPI}] = sa
			e.larval[sa.SPI].Stop()
			delete(e.larval, sa.SPI)
		}
	}
	rekey := len(t.pairs) > 0
	t.pairs = append(t.pairs, x)
	t.Mode = p.Transform.Mode
	e.startLifetime(x)

	for _, sa := range sas {
		e.h.Emit(Event{Kind: SAAdded, SA: sa, SPI: sa.SPI, Inbound: sa.Inbound, Tunnel: t.ID, Src: p.Local, Dst: p.Remote})
	}
	for _, sa := range x.out {
		if rekey {
			e.h.Emit(Event{Kind: OutboundUpdated, SA: sa, SPI: sa.SPI, Tunnel: t.ID, Src: p.Local, Dst: p.Remote})
		}
	}
	e.h.Emit(Event{Kind: PairAdded, Manual: p.Manual, SAs: sas, Tunnel: t.ID, TunnelSeq: t.Serial, SP: e.spOf(p.Policy, p.Seq),
		Policy: p.Policy, Seq: p.Seq, Src: p.Local, Dst: p.Remote})
	if e.OnKeys != nil && p.Transform.HasESP() {
		e.OnKeys(p.Remote, p.Local, p.InSPI, p.Transform, p.In)
		e.OnKeys(p.Local, p.Remote, p.OutSPI, p.Transform, p.Out)
	}
	e.unblock(func(r Request) bool { return sameFlow(r, p.Request) || p.Flow.Covers(r.Flow) && r.Remote == p.Remote })
	return x, nil
}

// full says that a request needs one more tunnel than may be.
func (e *Engine) full(r Request) bool {
	return e.MaxTunnels > 0 && uint64(len(e.tunnels)) >= uint64(e.MaxTunnels) &&
		!slices.ContainsFunc(e.tunnels, func(t *TunnelState) bool { return sameFlow(t.pairs[0].Request, r) })
}

// check says whether the SPIs of a pair are free.
func (e *Engine) check(p Pair) error {
	for _, k := range []spiKey{{ProtoESP, p.InSPI}, {ProtoAH, p.InAH}} {
		if e.inbound[k] != nil {
			return fmt.Errorf("%w: inbound %d", ErrDuplicate, k.spi)
		}
	}
	for _, t := range e.tunnels {
		for _, o := range t.pairs {
			if o.Remote == p.Remote && (o.OutSPI == p.OutSPI && p.OutSPI != 0 || o.OutAH == p.OutAH && p.OutAH != 0) {
				return fmt.Errorf("%w: outbound %d to %v", ErrDuplicate, cmp.Or(p.OutSPI, p.OutAH), p.Remote)
			}
		}
	}
	return nil
}

// newSAs are the SAs of one direction, AH before ESP.
func newSAs(t Transform, esp, ah uint32, k Keys) ([]*SA, error) {
	var out []*SA
	if t.HasAH() {
		a, err := newAuthenticator(t.AH, k.AH)
		if err != nil {
			return nil, err
		}
		out = append(out, &SA{Proto: ProtoAH, SPI: ah, auth: a})
	}
	if t.HasESP() {
		s, err := newSuite(t, k)
		if err != nil {
			return nil, err
		}
		out = append(out, &SA{Proto: ProtoESP, SPI: esp, suite: s})
	}
	if len(out) == 0 {
		return nil, errors.New("ipsec: the transform has no protocol")
	}
	return out, nil
}

// sameFlow says whether two requests ask for one tunnel.
func sameFlow(a, b Request) bool {
	return a.Guard == b.Guard && strings.EqualFold(a.Policy, b.Policy) && a.Seq == b.Seq && a.Local == b.Local && a.Remote == b.Remote && a.Flow == b.Flow
}

func (e *Engine) tunnelOf(p Pair) *TunnelState {
	id := len(e.tunnels)
	for i, t := range e.tunnels {
		if sameFlow(t.pairs[0].Request, p.Request) {
			return t
		}
		if t.ID != i && i < id {
			id = i
		}
	}
	e.tunnelNo++
	t := &TunnelState{ID: id, Serial: e.tunnelNo, Policy: p.Policy, Seq: p.Seq, Local: p.Local, Remote: p.Remote,
		Flow: p.Flow, ACL: p.ACL, Manual: p.Manual, Mode: p.Transform.Mode,
		Guard: p.Guard, Iface: p.Guard}
	for _, b := range e.applied {
		if p.Guard != "" {
			break
		}
		pol := e.Policy(b.policy)
		if pol == nil || !strings.EqualFold(b.policy, p.Policy) {
			continue
		}
		if x := pol.Entry(p.Seq); x != nil {
			t.Template = x.Template != ""
			if t.Iface == "" || e.localOf(pol, x, b.iface) == p.Local {
				t.Iface = b.iface
			}
		}
	}
	e.tunnels = slices.Insert(e.tunnels, id, t)
	e.h.Emit(Event{Kind: TunnelAdded, Manual: p.Manual, Tunnel: id, TunnelSeq: t.Serial, Policy: p.Policy, Seq: p.Seq, Iface: t.Iface, Src: p.Local, Dst: p.Remote})
	e.addRoutes(t, p.Request)
	return t
}

func (e *Engine) index() uint32 {
	i := uint32(0)
	for e.indices[i] {
		i++
	}
	e.indices[i] = true
	return i
}

// startLifetime arms both expiries of RFC 4301 section 4.4.2.1. The side that
// began the negotiation asks first, so that the two do not collide.
func (e *Engine) startLifetime(p *pair) {
	if p.Manual {
		return
	}
	age := e.h.Now().Sub(p.made)
	if !p.standby {
		e.startSoft(p, age)
	}
	p.hard = e.h.After(time.Duration(p.Seconds)*time.Second-age, func() {
		e.removePairs(ByExpiry, func(o *pair) bool { return o == p })
	})
}

// startSoft watches over a pair that is in use.
func (e *Engine) startSoft(p *pair, age time.Duration) {
	life := time.Duration(p.Seconds) * time.Second
	p.soft = e.h.After(max(0, softShare(life, p.Initiator)-age), func() { e.softExpire(p) })
	e.watchIdle(p)
}

func (p *pair) stopTimers() {
	p.soft.Stop()
	p.hard.Stop()
	p.idle.Stop()
}

func softShare[T ~int64 | ~uint64](life T, initiator bool) T {
	if initiator {
		return life / 100 * 90
	}
	return life / 100 * 95
}

// softExpire asks IKE for a new pair, once, and for the pair in use only.
func (e *Engine) softExpire(p *pair) {
	if p.asked || p.tunnel.last() != p {
		return
	}
	p.asked = true
	e.h.Emit(Event{Kind: ExpireSent, SP: e.spOf(p.Policy, p.Seq), Tunnel: p.tunnel.ID, Src: p.Local, Dst: p.Remote, SPI: p.in[len(p.in)-1].SPI})
	e.toIKE(func() { e.h.SoftExpire(p.Pair) })
}

// spend counts bytes of the SAs of one direction of a pair against the
// lifetime in kilobytes. It says false when the hard limit is reached, and
// then the pair is gone.
func (e *Engine) spend(p *pair, sas []*SA, n int) bool {
	for _, sa := range sas {
		sa.bytes += uint64(n)
	}
	bytes := sas[0].bytes
	p.lastUse = e.h.Now()
	limit := uint64(p.Kilobytes) * 1024
	if p.Manual {
		return true
	}
	if bytes > limit {
		e.removePairs(ByExpiry, func(o *pair) bool { return o == p })
		return false
	}
	if bytes > softShare(limit, p.Initiator) {
		e.softExpire(p)
	}
	return true
}

// removePairs deletes the pairs that f picks, tunnels left without one too,
// and returns them.
func (e *Engine) removePairs(why Cause, f func(*pair) bool) []Pair {
	var chosen []*pair
	for _, t := range e.tunnels {
		for _, p := range t.pairs {
			if f(p) {
				chosen = append(chosen, p)
			}
		}
	}
	var gone []Pair
	for _, p := range chosen {
		t := p.tunnel
		if !p.standby || why != ByReset {
			gone = append(gone, p.Pair)
		}
		p.stopTimers()
		t.pairs = slices.DeleteFunc(t.pairs, func(o *pair) bool { return o == p })
		for _, sa := range p.in {
			delete(e.inbound, spiKey{sa.Proto, sa.SPI})
		}
		for _, sa := range append(slices.Clone(p.in), p.out...) {
			delete(e.indices, sa.Index)
			e.h.Emit(Event{Kind: SADeleted, Cause: why, SA: sa, SPI: sa.SPI, Inbound: sa.Inbound, Tunnel: t.ID, Src: p.Local, Dst: p.Remote})
		}
		e.tell(p, PairGone)
		if len(t.pairs) == 0 {
			e.tunnels = slices.DeleteFunc(e.tunnels, func(o *TunnelState) bool { return o == t })
			t.learntTimer.Stop()
			e.removeRoutes(t)
			e.h.Emit(Event{Kind: TunnelDeleted, Cause: why, Tunnel: t.ID, TunnelSeq: t.Serial, Src: t.Local, Dst: t.Remote})
		}
	}
	return gone
}

// DeletePairs deletes what the IKE SA has negotiated, or all between the two
// addresses for an ikeConn of 0 (INITIAL-CONTACT, RFC 2407 section 4.6.3.3).
func (e *Engine) DeletePairs(local, remote netip.Addr, ikeConn uint32) {
	e.removePairs(ByIKE, func(p *pair) bool {
		return !p.Manual && p.Local == local && p.Remote == remote && p.IKEv2 == "" && (ikeConn == 0 || p.IKE == ikeConn)
	})
	if ikeConn == 0 {
		e.unblock(func(r Request) bool { return r.Local == local && r.Remote == remote })
	}
}

// DeleteSPI deletes the pair that sends with outSPI, of ESP or AH: the peer has
// deleted it.
func (e *Engine) DeleteSPI(remote netip.Addr, outSPI uint32) {
	e.removePairs(ByPeer, func(p *pair) bool {
		return !p.Manual && p.Remote == remote && (p.OutSPI == outSPI || p.OutAH == outSPI)
	})
}

// Failed says that the negotiation of a request has ended without a pair: its
// flow may trigger another.
func (e *Engine) Failed(local, remote netip.Addr) {
	e.unblock(func(r Request) bool { return r.Local == local && r.Remote == remote })
}

// A Filter picks tunnels; zero fields stand for any.
type Filter struct {
	Policy string
	Seq    int
	// Profile is that of a tunnel interface.
	Profile string
	Remote  netip.Addr
	SPI     uint32
	Proto   uint8 // of the SPI: ProtoESP or ProtoAH
	Iface   string
}

// hasSPI says whether a pair has an SA of that SPI.
func (f Filter) hasSPI(p *pair) bool {
	return slices.ContainsFunc(append(slices.Clone(p.in), p.out...), func(sa *SA) bool {
		return sa.SPI == f.SPI && (f.Proto == 0 || f.Proto == sa.Proto)
	})
}

func (f Filter) matches(p *pair) bool {
	return (f.Profile == "" || p.Guard != "" && strings.EqualFold(f.Profile, p.Policy)) && (f.Policy == "" || p.Guard == "" && strings.EqualFold(f.Policy, p.Policy)) && (f.Seq == 0 || f.Seq == p.Seq) &&
		(!f.Remote.IsValid() || f.Remote == p.Remote) && (f.SPI == 0 || f.hasSPI(p)) &&
		(f.Iface == "" || f.Iface == p.tunnel.Iface)
}

// Reset deletes pairs as an administrator does; IKE tells the peers. Those that
// were set up by hand are made anew at once.
func (e *Engine) Reset(f Filter) {
	gone := slices.DeleteFunc(e.removePairs(ByReset, f.matches), func(p Pair) bool { return p.Manual })
	e.Sync()
	e.unblock(func(r Request) bool {
		return f.SPI == 0 && f.Iface == "" && (f.Policy == "" || strings.EqualFold(f.Policy, r.Policy)) &&
			(f.Seq == 0 || f.Seq == r.Seq) && (!f.Remote.IsValid() || f.Remote == r.Remote)
	})
	if len(gone) > 0 {
		e.h.Deleted(gone)
	}
}

// ResetStats clears the counters.
func (e *Engine) ResetStats() {
	e.Stats = Stats{}
	for _, t := range e.tunnels {
		t.Stats = Stats{}
	}
}

// Tunnels lists the tunnels by number; a filter picks among them.
func (e *Engine) Tunnels(f Filter) []*TunnelState {
	var out []*TunnelState
	for _, t := range e.tunnels {
		if slices.ContainsFunc(t.pairs, f.matches) {
			out = append(out, t)
		}
	}
	return out
}

// Tunnel is the tunnel of that number, or nil.
func (e *Engine) Tunnel(id int) *TunnelState {
	for _, t := range e.tunnels {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// RoleChanged says that this device has taken over addr from another, as a
// virtual router does. IKE is told when a policy speaks from it.
func (e *Engine) RoleChanged(addr netip.Addr) {
	for _, b := range e.applied {
		p := e.Policy(b.policy)
		if p == nil {
			continue
		}
		for _, x := range p.Entries {
			if x.Manual == nil && e.localOf(p, x, b.iface) == addr {
				e.h.Emit(Event{Kind: RoleSent, Src: addr})
				e.toIKE(e.h.RoleChanged)
				return
			}
		}
	}
}

// Stop ends all timers; the engine must not be used any more.
func (e *Engine) Stop() {
	e.OnPair = nil
	for _, t := range e.tunnels {
		for _, p := range t.pairs {
			p.stopTimers()
		}
		t.learntTimer.Stop()
	}
	for _, t := range e.larval {
		t.Stop()
	}
	for _, t := range e.invalid {
		t.Stop()
	}
	for _, b := range e.blocked {
		b.timer.Stop()
	}
	e.tunnels, e.applied, e.blocked = nil, nil, nil
	clear(e.inbound)
}

// Blocked lists the flows of the block-flow table, oldest first.
func (e *Engine) Blocked() []Request {
	out := make([]Request, len(e.blocked))
	for i, b := range e.blocked {
		out[i] = b.req
	}
	return out
}

func (e *Engine) isBlocked(r Request) bool {
	return slices.ContainsFunc(e.blocked, func(b *block) bool { return sameFlow(b.req, r) })
}

func (e *Engine) blockFlow(r Request) {
	b := &block{req: r}
	b.timer = e.h.After(blockAge, func() { e.unblock(func(o Request) bool { return sameFlow(o, r) }) })
	e.blocked = append(e.blocked, b)
	e.h.Emit(Event{Kind: FlowBlocked, Policy: r.Policy, Seq: r.Seq, Src: r.Local, Dst: r.Remote})
}

func (e *Engine) unblock(f func(Request) bool) {
	e.blocked = slices.DeleteFunc(e.blocked, func(b *block) bool {
		if !f(b.req) {
			return false
		}
		b.timer.Stop()
		e.h.Emit(Event{Kind: FlowUnblocked, Policy: b.req.Policy, Seq: b.req.Seq, Src: b.req.Local, Dst: b.req.Remote})
		return true
	})
}
