// Package ipsec is IPsec as a person at the device sees it: the commands of
// the Comware 7 "IPsec Command Reference" with their lines in the
// configuration, the displays in the layout of the current images, and the
// traces of `debugging ipsec` in the wording of the debugging reference. The
// engine is package emulator/ipsec.
//
// Limitations: IPv4 only. Profiles whose SAs are set up by hand protect routing
// protocols of IPv6, which are not modelled. There is no QoS to classify packets
// by and no SNMP to send traps with. How the devices make the keys of `sa
// string-key` is not public: here they are made another way, so that such SAs
// fit those of this program alone. What `display ipsec policy` says of keys that
// do not fit is worded here, and so are the logs of `ipsec logging`, whose
// reference is not public. Host names of peers are those of `ip host`.
package ipsec

import (
	"net/netip"
	"slices"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	featurevrrp "cwlab/comware/feature/vrrp"
	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/wire"
)

// Feature is IPsec.
var Feature = feature.Feature{
	Name: "ipsec",
	Views: []feature.View{
		{Name: "ipsec-transform-set", Parent: "system", Title: "IPsec transform set"},
		{Name: "ipsec-policy", Parent: "system", Title: "IPsec policy isakmp"},
		{Name: "ipsec-template", Parent: "system", Title: "IPsec policy template"},
		{Name: "ipsec-manual", Parent: "system", Title: "IPsec policy manual"},
		{Name: "ipsec-profile", Parent: "system", Title: "IPsec profile manual"},
		{Name: "ipsec-profile-isakmp", Parent: "system", Title: "IPsec profile isakmp"},
	},
	Commands: slices.Concat(setCommands, policyCommands, reverseCommands, manualCommands, profileCommands, globalCommands, displayCommands, resetCommands, debugCommands),
	Install:  install,
}

// texts are the help texts of all tokens of this package's commands.
var texts = feature.Texts{
	"3des-cbc":                 "3DES-CBC algorithm",
	"acl":                      "Specify an ACL",
	"aes-cbc-128":              "128-bit AES-CBC algorithm",
	"aes-cbc-192":              "192-bit AES-CBC algorithm",
	"aes-cbc-256":              "256-bit AES-CBC algorithm",
	"aes-ctr-128":              "128-bit AES-CTR algorithm, for IKEv2",
	"aes-ctr-192":              "192-bit AES-CTR algorithm, for IKEv2",
	"aes-ctr-256":              "256-bit AES-CTR algorithm, for IKEv2",
	"after-encryption":         "Fragment packets after encryption",
	"aggregation":              "One IPsec tunnel for all rules of the ACL",
	"all":                      "All debugging functions",
	"anti-replay":              "Anti-replay function",
	"apply":                    "Apply an IPsec policy",
	"authentication-algorithm": "Specify authentication algorithms",
	"before-encryption":        "Fragment packets before encryption",
	"both":                     "Accept traditional sequence numbers too",
	"brief":                    "Brief information",
	"check":                    "Anti-replay checking",
	"clear":                    "Clear the DF bit of the outer header",
	"copy":                     "Copy the DF bit of the inner header",
	"count":                    "Number",
	"debugging":                "Enable system debugging functions",
	"decrypt-check":            "ACL checking of de-encapsulated packets",
	"des-cbc":                  "DES-CBC algorithm",
	"description":              "Configure a description",
	"df-bit":                   "DF bit of the outer IP header",
	"dh-group1":                "768-bit Diffie-Hellman group",
	"dh-group14":               "2048-bit Diffie-Hellman group",
	"dh-group24":               "2048-bit Diffie-Hellman group with a 256-bit subgroup",
	"dh-group19":               "256-bit ECP Diffie-Hellman group, for IKEv2",
	"dh-group20":               "384-bit ECP Diffie-Hellman group, for IKEv2",
	"dh-group2":                "1024-bit Diffie-Hellman group",
	"dh-group5":                "1536-bit Diffie-Hellman group",
	"display":                  "Display current system information",
	"duration":                 "Specify the SA lifetime",
	"dynamic":                  "Routes are added with the IPsec SAs",
	"enable":                   "Enable the function",
	"encapsulation-mode":       "Specify the encapsulation mode",
	"encryption-algorithm":     "Specify encryption algorithms",
	"error":                    "IPsec error debugging",
	"esn":                      "Extended sequence numbers (ESN)",
	"esp":                      "Encapsulating Security Payload (ESP)",
	"event":                    "IPsec event debugging",
	"fragmentation":            "Fragmentation of packets to be encrypted",
	"gcm-128":                  "128-bit AES-GCM algorithm, for IKEv2",
	"gcm-192":                  "192-bit AES-GCM algorithm, for IKEv2",
	"gcm-256":                  "256-bit AES-GCM algorithm, for IKEv2",
	"gmac-128":                 "128-bit AES-GMAC algorithm without encryption, for IKEv2",
	"gmac-192":                 "192-bit AES-GMAC algorithm without encryption, for IKEv2",
	"gmac-256":                 "256-bit AES-GMAC algorithm without encryption, for IKEv2",
	"global-df-bit":            "DF bit of the outer IP header on all interfaces",
	"global-duration":          "Specify the global SA lifetime",
	"idle-time":                "Specify the SA idle timeout",
	"ike-profile":              "Specify an IKE profile",
	"ikev2-profile":            "Specify an IKEv2 profile",
	"interface":                "Specify an interface",
	"ipsec":                    "IP Security (IPsec) module",
	"isakmp":                   "IKE sets up the SAs",
	"limit":                    "Limit the number of IPsec tunnels",
	"local-address":            "Specify the local address of the IPsec tunnel",
	"logging":                  "Logging function",
	"max-tunnel":               "Maximum number of IPsec tunnels",
	"ah":                       "Authentication Header (AH)",
	"ah-esp":                   "ESP, and AH around it",
	"authentication":           "Authentication key",
	"cipher":                   "Specify a ciphertext key",
	"encryption":               "Encryption key",
	"hex-key":                  "Hexadecimal key of a manual SA",
	"manual":                   "SAs are set up by hand",
	"profile":                  "IPsec profile",
	"simple":                   "Specify a plaintext key",
	"string-key":               "Key of a manual SA as a string",
	"<cipher>":                 "Ciphertext key",
	"<plain>":                  "Plaintext key",
	"md5":                      "HMAC-MD5 algorithm",
	"name":                     "Specify an ACL by its name",
	"negotiation":              "IPsec negotiations",
	"null":                     "NULL algorithm",
	"packet":                   "IPsec packets",
	"per-host":                 "One IPsec tunnel for every pair of hosts",
	"pfs":                      "Perfect forward secrecy (PFS)",
	"policy":                   "IPv4 IPsec policy",
	"policy-template":          "IPv4 IPsec policy template",
	"pre-classify":             "Classify packets by their inner header",
	"preference":               "Preference of the routes",
	"protocol":                 "Specify a security protocol",
	"qos":                      "Quality of service",
	"redundancy":               "IPsec redundancy",
	"inbound":                  "Inbound SAs",
	"outbound":                 "Outbound SAs",
	"replay-interval":          "Packets between two synchronizations of anti-replay sequence numbers",
	"remote":                   "IPsec SAs with the specified remote address",
	"remote-address":           "Specify the remote address of the IPsec tunnel",
	"reset":                    "Reset operation",
	"reverse-route":            "IPsec reverse route injection (RRI)",
	"sa":                       "Security association (SA)",
	"security":                 "Packets to be protected",
	"set":                      "Set the DF bit of the outer header",
	"sha1":                     "HMAC-SHA1 algorithm",
	"sha256":                   "HMAC-SHA256 algorithm",
	"sha384":                   "HMAC-SHA384 algorithm",
	"sha512":                   "HMAC-SHA512 algorithm",
	"spi":                      "IPsec SAs with the specified security parameter index",
	"statistics":               "IPsec packet statistics",
	"tag":                      "Tag of the routes",
	"template":                 "Create the IPsec policy entry from a template",
	"time-based":               "Lifetime in seconds",
	"traffic-based":            "Lifetime in kilobytes",
	"transform-set":            "IPsec transform set",
	"transport":                "Transport mode",
	"tunnel":                   "IPsec tunnel",
	"tunnel-id":                "Specify a tunnel ID",
	"undo":                     "Cancel current setting",
	"window":                   "Size of the anti-replay window",
	"<acl>":                    "Number of an IPv4 advanced ACL",
	"<acl-name>":               "ACL name",
	"<address>":                "IPv4 address",
	"<host>":                   "Host name",
	"<id>":                     "Tunnel ID",
	"<interface>":              "Interface name",
	"<kilobytes>":              "Lifetime in kilobytes",
	"<inbound>":                "Number of inbound packets",
	"<outbound>":               "Number of outbound packets",
	"<tag>":                    "Tag",
	"<limit>":                  "Number of IPsec tunnels",
	"<name>":                   "Name",
	"<number>":                 "Number",
	"<profile>":                "Profile name",
	"<seconds>":                "Time in seconds",
	"<seq>":                    "Sequence number, a smaller number is a higher priority",
	"<set>":                    "Transform set name",
	"<spi>":                    "Security parameter index",
	"<template>":               "IPsec policy template name",
	"<text>":                   "Text of 1 to 80 characters",
	"<width>":                  "Window size in packets: 64, 128, 256, 512, or 1024",
}

// command is a command whose help comes from texts.
func command(views, syntax string, run func(x *feature.Exec, a *cli.Args)) feature.Command {
	return texts.Command(views, syntax, run)
}

func engine(x *feature.Exec) *ipsec.Engine { return feature.Get[*ipsec.Engine](x.Box) }

// host is what the engine needs of the box, and the way to IKE.
type host struct {
	box   *feature.Box
	trace *tracer
}

func (h host) Now() time.Time                             { return h.box.Now() }
func (h host) After(d time.Duration, f func()) *sim.Timer { return h.box.After(d, f) }
func (h host) Stream(purpose string) *sim.Stream          { return h.box.Stream(purpose) }
func (h host) SendIP(p *stack.Packet) error               { return h.box.Stack.SendIP(p) }
func (h host) NextID() uint16                             { return h.box.Stack.NextID() }
func (h host) Inject(p *stack.Packet)                     { h.box.Stack.Inject(p) }
func (h host) Reassemble(in *stack.Iface, via uint32, b []byte) (*stack.Packet, error) {
	return h.box.Stack.Reassemble(in, via, b)
}
func (h host) TooBig(p *stack.Packet, mtu int)  { h.box.Stack.TooBig(p, mtu) }
func (h host) IsLocal(a netip.Addr) bool        { return h.box.Stack.IsLocal(a) }
func (h host) AddRoute(r ipsec.ReverseRoute)    { h.box.Stack.AddRoute(routeOf(r)) }
func (h host) RemoveRoute(r ipsec.ReverseRoute) { h.box.Stack.RemoveRoute(routeOf(r)) }

func (h host) Interface(name string) (addr netip.Addr, mtu int) {
	i := h.box.Stack.Iface(name)
	if i == nil {
		return netip.Addr{}, 0
	}
	return i.Addr().Addr(), i.IPMTU()
}

func (h host) RouteMTU(to netip.Addr) int {
	if e, ok := h.box.Stack.Lookup(to); ok {
		_, mtu := h.Interface(e.Interface)
		return mtu
	}
	return 0
}

// routeOf is a reverse route as one of the host.
func routeOf(r ipsec.ReverseRoute) stack.Route {
	return stack.Route{Dst: r.Dst, Next: r.Next, Pref: r.Pref, Tag: r.Tag, Injected: true}
}

func (h host) ACL(name string) ipsec.ACL {
	lists := feature.Get[*acl.Lists](h.box)
	if lists == nil {
		return nil
	}
	if l := lists.Lookup(name); l != nil {
		return rules{l}
	}
	return nil
}

func (h host) ike() *ike.Engine { return feature.Get[*ike.Engine](h.box) }

func (h host) ikev2() *ikev2.Engine { return feature.Get[*ikev2.Engine](h.box) }

func (h host) Acquire(r ipsec.Request) {
	if r.IKEv2 != "" {
		if e := h.ikev2(); e != nil {
			e.Acquire(r)
		}
		return
	}
	if e := h.ike(); e != nil {
		e.Acquire(r)
	}
}

func (h host) InvalidSPI(local, remote netip.Addr, proto uint8, spi uint32) {
	if e := h.ike(); e != nil {
		e.InvalidSPI(local, remote, proto, spi)
	}
}

// Emit words what happened, and tells of tunnels that come and go.
func (h host) Emit(e ipsec.Event) {
	h.box.Note(e)
	switch e.Kind {
	case ipsec.TunnelAdded:
		h.box.Changed("IPsec", "tunnel to "+e.Dst.String(), "up", "")
	case ipsec.TunnelDeleted:
		h.box.Changed("IPsec", "tunnel to "+e.Dst.String(), "down", endings[e.Cause])
	default:
	}
	h.trace.event(e)
}

// endings are why tunnels go.
var endings = map[ipsec.Cause]string{
	ipsec.ByExpiry: "SA expiration", ipsec.ByPeer: "delete by peer", ipsec.ByIKE: "IKE", ipsec.ByReset: "reset",
	ipsec.ByConfig: "configuration", ipsec.ByReplaced: "a newer pair",
}

func (h host) RoleChanged() {
	if e := h.ike(); e != nil {
		e.RoleChanged()
	}
}

func (h host) SoftExpire(p ipsec.Pair) {
	if p.IKEv2 != "" {
		if e := h.ikev2(); e != nil {
			e.SoftExpire(p)
		}
		return
	}
	if e := h.ike(); e != nil {
		e.SoftExpire(p)
	}
}

func (h host) Deleted(pairs []ipsec.Pair) {
	if e := h.ike(); e != nil {
		e.DeleteNotify(slices.DeleteFunc(slices.Clone(pairs), func(p ipsec.Pair) bool { return p.IKEv2 != "" }))
	}
	if e := h.ikev2(); e != nil {
		e.DeleteNotify(pairs) // it knows its own
	}
}

// rules is an access control list as selectors.
type rules struct{ l *acl.ACL }

func (r rules) Match(f ipsec.Flow, count bool) (ipsec.Rule, bool) {
	hit := r.l.Find(f.Src, f.Dst, f.Proto, f.SrcPort, f.DstPort)
	if hit == nil {
		return ipsec.Rule{}, false
	}
	if count {
		hit.Matched++
	}
	sel, exact := selector(hit)
	if !exact { // what no prefix or single port can say is narrowed to the packet
		sel.Src, sel.Dst = netip.PrefixFrom(f.Src, f.Src.BitLen()), netip.PrefixFrom(f.Dst, f.Dst.BitLen())
		if hit.SrcPort.Op != "" {
			sel.SrcPort = f.SrcPort
		}
		if hit.DstPort.Op != "" {
			sel.DstPort = f.DstPort
		}
	}
	return ipsec.Rule{Permit: hit.Permit, Flow: sel}, true
}

func (r rules) Rules() []ipsec.Rule {
	var out []ipsec.Rule
	for _, x := range r.l.Rules {
		if sel, exact := selector(x); exact {
			out = append(out, ipsec.Rule{Permit: x.Permit, Flow: sel})
		}
	}
	return out
}

// selector is a rule as a selector; exact is false when it says more than one
// can.
func selector(r *acl.Rule) (s ipsec.Selector, exact bool) {
	src, ok1 := r.Src.Prefix()
	dst, ok2 := r.Dst.Prefix()
	s = ipsec.Selector{Src: src, Dst: dst, Proto: uint8(r.Proto)}
	exact = ok1 && ok2 && !r.Extended()
	for _, p := range []struct {
		from acl.Ports
		to   *uint16
	}{{r.SrcPort, &s.SrcPort}, {r.DstPort, &s.DstPort}} {
		switch p.from.Op {
		case "":
		case "eq":
			*p.to = p.from.Lo
		default:
			exact = false
		}
	}
	return s, exact
}

func install(b *feature.Box) {
	h := host{b, newTracer(b)}
	e := ipsec.New(h)
	feature.Put(b, e)
	b.Stack.Hook(stack.In, "ipsec", e.In)
	b.Stack.Hook(stack.Out, "ipsec", e.Out)
	b.Stack.HandleProto(ipsec.ProtoESP, e.ESP)
	b.Stack.HandleProto(ipsec.ProtoAH, e.AH)
	b.Stack.OnICMP(func(_ *stack.Packet, m wire.ICMP) {
		if m.Type == wire.Unreachable && m.Code == wire.FragmentationNeeded {
			e.FragmentationNeeded(m.Payload, int(m.Seq))
		}
	})
	b.OnConfig(func(feature.ConfigEvent) { e.Sync() })
	b.OnStop(e.Stop)
	// Virtual routers are installed later in the image.
	b.After(0, func() {
		if feature.Get[*vrrp.Engine](b) == nil {
			return
		}
		featurevrrp.OnChange(b, func(_ string, vip netip.Addr, _, to vrrp.State) {
			if to == vrrp.Master {
				e.RoleChanged(vip)
			}
		})
	})
}
