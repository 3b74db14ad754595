package ipsec

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/emulator/ipsec"
)

var displayCommands = []feature.Command{
	command("any", "display ipsec sa [ brief | count | interface <interface:interface> | policy <name:string:1-63> [ <seq:1-65535> ] | profile <profile:string:1-63> | remote <address:ip> ]", displaySA),
	command("any", "display ipsec tunnel [ brief | count | tunnel-id <id:0-4294967295> ]", displayTunnel),
	command("any", "display ipsec statistics [ tunnel-id <id:0-4294967295> ]", displayStatistics),
	command("any", "display ipsec policy [ <name:string:1-63> [ <seq:1-65535> ] ]", displayPolicy),
	command("any", "display ipsec policy-template [ <name:string:1-63> [ <seq:1-65535> ] ]", displayTemplate),
	command("any", "display ipsec transform-set [ <name:string:1-63> ]", displaySet),
}

var resetCommands = []feature.Command{
	command("user", "reset ipsec sa [ policy <name:string:1-63> [ <seq:1-65535> ] | profile <profile:string:1-63> | remote <address:ip> | spi <address:ip> { ah | esp } <spi:256-4294967295> ]", func(x *feature.Exec, a *cli.Args) {
		f := filter(a)
		engine(x).Reset(f)
	}),
	command("user", "reset ipsec statistics [ tunnel-id <id:0-4294967295> ]", func(x *feature.Exec, a *cli.Args) {
		if !a.Has("tunnel-id") {
			engine(x).ResetStats()
			return
		}
		if t := tunnel(x, a); t != nil {
			t.Stats = ipsec.Stats{}
		}
	}),
}

func filter(a *cli.Args) ipsec.Filter {
	return ipsec.Filter{Policy: a.Str("name"), Seq: a.Int("seq"), Remote: a.Addr("address"), Iface: a.Str("interface"),
		Profile: a.Str("profile"), SPI: a.Uint32("spi"), Proto: protoOf(a)}
}

// protoOf is the protocol of the SPI that a command names, 0 for none.
func protoOf(a *cli.Args) uint8 {
	switch {
	case a.Has("ah"):
		return ipsec.ProtoAH
	case a.Has("esp"):
		return ipsec.ProtoESP
	}
	return 0
}

func protoName(proto uint8) string {
	if proto == ipsec.ProtoAH {
		return "AH"
	}
	return "ESP"
}

func tunnel(x *feature.Exec, a *cli.Args) *ipsec.TunnelState {
	t := engine(x).Tunnel(a.Int("id"))
	if t == nil {
		x.Error("The tunnel does not exist.")
	}
	return t
}

const (
	rule29 = "-----------------------------"
	rule31 = "-------------------------------"
	rule43 = "-------------------------------------------"
	rule47 = "-----------------------------------------------"
	rule71 = "-----------------------------------------------------------------------"
	rule76 = "----------------------------------------------------------------------------"
)

func displaySA(x *feature.Exec, a *cli.Args) {
	tunnels := engine(x).Tunnels(filter(a))
	switch {
	case a.Has("brief"):
		briefSA(x, tunnels)
		return
	case a.Has("count"):
		n := 0
		for _, t := range tunnels {
			n += len(t.Inbound()) + len(t.OutboundSAs())
		}
		x.Printf("Total IPsec SAs count: %d\n", n)
		return
	}
	var ifaces []string
	for _, t := range tunnels {
		if !slices.Contains(ifaces, t.Iface) {
			ifaces = append(ifaces, t.Iface)
		}
	}
	slices.SortFunc(ifaces, conf.NaturalCompare)
	for _, name := range ifaces {
		x.Printf("%s\nInterface: %s\n%s\n", rule31, name, rule31)
		for _, t := range tunnels {
			if t.Iface == name {
				printTunnelSA(x, t)
			}
		}
	}
}

func modeName(t *ipsec.TunnelState) string {
	switch {
	case t.Template:
		return "Template"
	case t.Manual:
		return "Manual"
	}
	return "ISAKMP"
}

func encapsulation(m ipsec.Mode) string {
	if m == ipsec.Transport {
		return "transport"
	}
	return "tunnel"
}

func pfsName(g int) string {
	if g == 0 {
		return ""
	}
	return " " + groupName(g)
}

func printTunnelSA(x *feature.Exec, t *ipsec.TunnelState) {
	entity := "Responder"
	if t.Initiator() {
		entity = "Initiator"
	}
	x.Printf("\n  %s\n  %s  Mode: %s\n  %s\n", rule29, heading(t), modeName(t), rule29)
	x.Printf("    Tunnel id: %d\n", t.ID)
	x.Printf("    Encapsulation mode: %s\n", encapsulation(t.Mode))
	if !t.Manual {
		x.Printf("    Perfect Forward Secrecy:%s\n", pfsName(t.Transform().PFS))
		esn := "N"
		if t.Transform().ESN {
			esn = "Y"
		}
		x.Printf("    Inside VPN:\n    Extended Sequence Numbers enable: %s\n    Traffic Flow Confidentiality enable: N\n", esn)
		x.Printf("    Transmitting entity: %s\n", entity)
	}
	x.Printf("    Path MTU: %d\n", engine(x).PathMTU(t))
	x.Printf("    Tunnel:\n        local  address: %v\n        remote address: %v\n", t.Local, t.Remote)
	x.Print("    Flow:\n" + flowText(t, "        "))
	printSAs(x, "Inbound", t.Inbound())
	printSAs(x, "Outbound", t.OutboundSAs())
}

// printSAs prints the SAs of one direction, those of AH first.
func printSAs(x *feature.Exec, direction string, sas []*ipsec.SA) {
	for _, proto := range []uint8{ipsec.ProtoAH, ipsec.ProtoESP} {
		if !slices.ContainsFunc(sas, func(sa *ipsec.SA) bool { return sa.Proto == proto }) {
			continue
		}
		plural := "s"
		if sas[0].Pair().Manual {
			plural = ""
		}
		x.Printf("\n    [%s %s SA%s]\n", direction, protoName(proto), plural)
		for _, sa := range sas {
			if sa.Proto == proto {
				printSA(x, sa)
			}
		}
	}
}

func flowText(t *ipsec.TunnelState, indent string) string {
	if t.Manual {
		return fmt.Sprintf("%sas defined in ACL %s\n", indent, t.ACL)
	}
	proto := acl.ProtoText(int(t.Flow.Proto))
	return fmt.Sprintf("%ssour addr: %s  port: %d  protocol: %s\n%sdest addr: %s  port: %d  protocol: %s\n",
		indent, dotted(t.Flow.Src), t.Flow.SrcPort, proto, indent, dotted(t.Flow.Dst), t.Flow.DstPort, proto)
}

// dotted is an address with its mask written out.
func dotted(p netip.Prefix) string {
	v := ^uint32(0) << (32 - p.Bits())
	return fmt.Sprintf("%v/%d.%d.%d.%d", p.Addr(), v>>24, v>>16&255, v>>8&255, v&255)
}

// transformText names the algorithms of one SA.
func transformText(sa *ipsec.SA) string {
	t := sa.Transform()
	if sa.Proto == ipsec.ProtoAH {
		return "AH-" + hashName(t.AH)
	}
	var parts []string
	if t.Encr != ipsec.Null || t.Auth == 0 {
		parts = append(parts, "ESP-ENCRYPT-"+cipherName(ipsec.Algorithm{Encr: t.Encr, KeyBits: t.KeyBits}))
	}
	if t.Auth != 0 {
		parts = append(parts, "ESP-AUTH-"+hashName(t.Auth))
	}
	return strings.Join(parts, " ")
}

func printSA(x *feature.Exec, sa *ipsec.SA) {
	p := sa.Pair()
	kb, sec := sa.Remaining(x.Box.Now())
	x.Printf("      SPI: %d (0x%08x)\n", sa.SPI, sa.SPI)
	x.Printf("      Connection ID: %d\n", sa.ConnID())
	x.Printf("      Transform set: %s\n", transformText(sa))
	if p.Manual {
		x.Print("      No duration limit for this SA\n")
		return
	}
	x.Printf("      SA duration (kilobytes/sec): %d/%d\n", p.Kilobytes, p.Seconds)
	x.Printf("      SA remaining duration (kilobytes/sec): %d/%d\n", kb, sec)
	if sa.Inbound {
		x.Printf("      Max received sequence-number: %d\n", sa.Sequence())
		check, size := "Y", sa.Window()
		if size == 0 {
			check = "N"
		}
		x.Printf("      Anti-replay check enable: %s\n", check)
		if size > 0 {
			x.Printf("      Anti-replay window size: %d\n", size)
		}
	} else {
		x.Printf("      Max sent sequence-number: %d\n", sa.Sequence())
	}
	natt := "N"
	if p := sa.Pair(); p.Encapsulated() {
		natt = "Y"
	}
	x.Printf("      UDP encapsulation used for NAT traversal: %s\n      Status: %s\n", natt, status(sa.Standby()))
}

// status is that of an SA: of two devices in hot backup one uses it.
func status(standby bool) string {
	if standby {
		return "Standby"
	}
	return "Active"
}

func briefSA(x *feature.Exec, tunnels []*ipsec.TunnelState) {
	const row = "%-19s%-17s%-12s%-10s%s\n"
	x.Print(rule71 + "\n")
	x.Printf(row, "Interface/Global", "Dst Address", "SPI", "Protocol", "Status")
	x.Print(rule71 + "\n")
	for _, t := range tunnels {
		for _, sa := range append(t.Inbound(), t.OutboundSAs()...) {
			x.Printf(row, cli.ShortInterface(t.Iface), t.Remote.String(), fmt.Sprint(sa.SPI), protoName(sa.Proto), status(sa.Standby()))
		}
	}
}

func displayTunnel(x *feature.Exec, a *cli.Args) {
	tunnels := engine(x).Tunnels(ipsec.Filter{})
	switch {
	case a.Has("count"):
		x.Printf("Total IPsec Tunnel Count: %d\n", len(tunnels))
		return
	case a.Has("brief"):
		const row = "%-10s%-16s%-16s%-14s%-14s%s\n"
		x.Print(rule76 + "\n")
		x.Printf(row, "Tunn-id", "Src Address", "Dst Address", "Inbound SPI", "Outbound SPI", "Status")
		x.Print(rule76 + "\n")
		for _, t := range tunnels {
			in := t.Inbound()
			for i, out := range t.OutboundSAs() {
				if i == 0 {
					x.Printf(row, fmt.Sprint(t.ID), t.Local.String(), t.Remote.String(), fmt.Sprint(in[i].SPI), fmt.Sprint(out.SPI), status(t.Standby()))
				} else { // of the same tunnel
					x.Printf("%42s%-14d%d\n", "", in[i].SPI, out.SPI)
				}
			}
		}
		return
	case a.Has("tunnel-id"):
		t := tunnel(x, a)
		if t == nil {
			return
		}
		tunnels = []*ipsec.TunnelState{t}
	}
	for i, t := range tunnels {
		if i > 0 {
			x.Print("\n")
		}
		x.Printf("Tunnel ID: %d\nStatus: %s\nPerfect forward secrecy:%s\nSA's SPI:\n", t.ID, status(t.Standby()), pfsName(t.Transform().PFS))
		for _, proto := range []uint8{ipsec.ProtoAH, ipsec.ProtoESP} {
			for _, sa := range append(t.OutboundSAs(), t.Inbound()...) {
				if sa.Proto != proto {
					continue
				}
				direction := "outbound:"
				if sa.Inbound {
					direction = "inbound: "
				}
				x.Printf("    %s  %-12d(0x%08x)   [%s]\n", direction, sa.SPI, sa.SPI, protoName(proto))
			}
		}
		x.Printf("Tunnel:\n    local  address: %v\n    remote address: %v\nFlow:\n%s", t.Local, t.Remote, flowText(t, "    "))
	}
}

func displayStatistics(x *feature.Exec, a *cli.Args) {
	s := engine(x).Stats
	if a.Has("tunnel-id") {
		t := tunnel(x, a)
		if t == nil {
			return
		}
		s = t.Stats
	}
	x.Printf("  IPsec packet statistics:\n    Received/sent packets: %d/%d\n    Received/sent bytes: %d/%d\n    Dropped packets (received/sent): %d/%d\n\n    Dropped packets statistics\n",
		s.ReceivedPackets, s.SentPackets, s.ReceivedBytes, s.SentBytes, s.ReceivedDrops, s.SentDrops)
	for _, r := range []struct {
		name string
		n    uint64
	}{
		{"No available SA", s.NoSA}, {"Wrong SA", s.WrongSA}, {"Invalid length", s.InvalidLength}, {"Authentication failure", s.AuthFailure},
		{"Encapsulation failure", s.EncapFailure}, {"Decapsulation failure", s.DecapFailure}, {"Replayed packets", s.Replayed},
		{"ACL check failure", s.ACLCheck}, {"MTU check failure", s.MTUCheck}, {"Loopback limit exceeded", s.LoopLimit},
		{"Crypto speed limit exceeded", s.CryptoLimit},
	} {
		x.Printf("      %s: %d\n", r.name, r.n)
	}
}

// chosen are the policies, or templates, and entries that a command names.
func chosen(x *feature.Exec, a *cli.Args, all []*ipsec.Policy) []*ipsec.Policy {
	name, seq := a.Str("name"), a.Int("seq")
	if name == "" {
		return all
	}
	for _, p := range all {
		if !strings.EqualFold(p.Name, name) {
			continue
		}
		if seq == 0 {
			return []*ipsec.Policy{p}
		}
		if e := p.Entry(seq); e != nil {
			return []*ipsec.Policy{{Name: p.Name, LocalIface: p.LocalIface, Entries: []*ipsec.Entry{e}}}
		}
	}
	x.Error("The policy does not exist.")
	return nil
}

// value is a text after a colon: one blank before it, nothing for none.
func value(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return value(a.String())
}

// remoteText is the peer of an entry: its name, or its address.
func remoteText(e *ipsec.Entry) string {
	if e.RemoteName != "" {
		return value(e.RemoteName)
	}
	return addrText(e.Remote)
}

func amount(n uint32, unit string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" %d %s", n, unit)
}

var selectorModes = map[ipsec.Grouping]string{ipsec.Standard: "standard", ipsec.Aggregation: "aggregation", ipsec.PerHost: "per-host"}

// missing says what an entry lacks to be in force.
func missing(x *feature.Exec, e *ipsec.Entry) []string {
	var out []string
	if e.Template != "" {
		return nil
	}
	if !e.Remote.IsValid() {
		out = append(out, "Remote-address not set")
	}
	if e.ACL == "" {
		out = append(out, "ACL not specified")
	}
	if len(e.Sets) == 0 {
		return append(out, "Transform-set not set")
	}
	for _, name := range e.Sets {
		if s := engine(x).TransformSet(name); s == nil || !s.Complete() {
			return append(out, "Incomplete transform-set configuration")
		}
	}
	if e.Manual != nil && !engine(x).ManualReady(e) {
		out = append(out, "SPI or key does not match the transform-set")
	}
	return out
}

func displayPolicy(x *feature.Exec, a *cli.Args) {
	for _, p := range chosen(x, a, engine(x).Policies()) {
		x.Printf("%s\nIPsec Policy: %s\n", rule43, p.Name)
		for _, i := range engine(x).Interfaces(p.Name) {
			x.Printf("Interface: %s\n", i)
		}
		x.Print(rule43 + "\n")
		for _, e := range p.Entries {
			mode := "isakmp"
			switch {
			case e.Template != "":
				mode = "template"
			case e.Manual != nil:
				mode = "manual"
			}
			x.Printf("\n  %s\n  Sequence number: %d\n  Mode: %s\n  %s\n", rule29, e.Seq, mode, rule29)
			if e.Template != "" {
				x.Printf("  Policy template name: %s\n", e.Template)
				continue
			}
			if lacks := missing(x, e); len(lacks) > 0 {
				x.Print("  The policy configuration is incomplete:\n")
				for _, m := range lacks {
					x.Printf("           %s\n", m)
				}
			}
			if e.Manual != nil {
				printManual(x, e)
				continue
			}
			sets := ""
			if len(e.Sets) > 0 {
				sets = "  " + strings.Join(e.Sets, " ")
			}
			x.Printf("  Description:%s\n  Security data flow:%s\n  Selector mode: %s\n", value(e.Description), value(e.ACL), selectorModes[e.Grouping])
			x.Printf("  Local address:%s\n  Remote address:%s\n  Transform set:%s\n  IKE profile:%s\n", addrText(e.Local), remoteText(e), sets, value(e.Profile))
			printIKEv2(x, "  ", e)
			x.Printf("  SA duration(time based):%s\n  SA duration(traffic based):%s\n  SA idle time:%s\n",
				amount(e.Seconds, "seconds"), amount(e.Kilobytes, "kilobytes"), amount(e.IdleSeconds, "seconds"))
		}
	}
}

// printIKEv2 names the IKEv2 profile of an entry, if it has one: the manuals of
// images without IKEv2 have no such line.
func printIKEv2(x *feature.Exec, indent string, e *ipsec.Entry) {
	if e.IKEv2 != "" {
		x.Printf("%sIKEv2 profile: %s\n", indent, e.IKEv2)
	}
}

func displayTemplate(x *feature.Exec, a *cli.Args) {
	for _, p := range chosen(x, a, engine(x).Templates()) {
		x.Printf("%s\nIPsec Policy Template: %s\n%s\n", rule47, p.Name, rule47)
		for _, e := range p.Entries {
			profile, seconds, kilobytes := e.Profile, e.Seconds, e.Kilobytes
			if profile == "" {
				profile = "None"
			}
			if seconds == 0 {
				seconds = engine(x).Seconds
			}
			if kilobytes == 0 {
				kilobytes = engine(x).Kilobytes
			}
			sets := ""
			if len(e.Sets) > 0 {
				sets = "  " + strings.Join(e.Sets, " ")
			}
			x.Printf("\n  ---------------------------------\n  Sequence number: %d\n  ---------------------------------\n", e.Seq)
			x.Printf("    Description:%s\n    Security data flow :%s\n    Selector mode: %s\n    Local address:%s\n", value(e.Description), value(e.ACL), selectorModes[e.Grouping], addrText(e.Local))
			x.Printf("    IKE profile:  %s\n", profile)
			printIKEv2(x, "    ", e)
			x.Printf("    Remote address:%s\n    Transform set:%s\n", remoteText(e), sets)
			x.Printf("    IPsec SA local duration(time based): %d seconds\n    IPsec SA local duration(traffic based): %d kilobytes\n", seconds, kilobytes)
		}
	}
}

func protocolName(p ipsec.Protocol) string {
	for _, o := range protocols {
		if o.p == p {
			return o.name
		}
	}
	return ""
}

func printHashes(x *feature.Exec, list []ipsec.Authentication) {
	if len(list) == 0 {
		return
	}
	names := make([]string, len(list))
	for i, h := range list {
		names[i] = hashName(h)
	}
	x.Printf("    Integrity: %s\n", strings.Join(names, " "))
}

func displaySet(x *feature.Exec, a *cli.Args) {
	sets := engine(x).TransformSets()
	if name := a.Str("name"); name != "" {
		s := engine(x).TransformSet(name)
		if s == nil {
			x.Error("The transform set does not exist.")
			return
		}
		sets = []*ipsec.TransformSet{s}
	}
	for i, s := range sets {
		if i > 0 {
			x.Print("\n")
		}
		state := "incomplete"
		if s.Complete() {
			state = "complete"
		}
		esn := "Disabled"
		if s.ESN != ipsec.ShortOnly {
			esn = "Enabled"
		}
		x.Printf("IPsec transform set: %s\n  State: %s\n  Encapsulation mode: %s\n  ESN: %s\n  PFS:%s\n  Transform: %s\n", s.Name, state, encapsulation(s.Mode), esn, pfsName(s.PFS), protocolName(s.Protocol))
		if !s.Complete() {
			continue
		}
		if s.Protocol.HasAH() {
			x.Print("  AH protocol:\n")
			printHashes(x, s.AH)
		}
		if !s.Protocol.HasESP() {
			continue
		}
		x.Print("  ESP protocol:\n")
		printHashes(x, s.Auth)
		if len(s.Encr) > 0 {
			names := make([]string, len(s.Encr))
			for i, c := range s.Encr {
				names[i] = cipherName(c)
			}
			x.Printf("    Encryption: %s\n", strings.Join(names, " "))
		}
	}
}
