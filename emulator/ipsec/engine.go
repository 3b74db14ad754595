package ipsec

import (
	"cmp"
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
