package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"cwlab/comware/device"
	"cwlab/comware/feature"
)

// manualTable lists the command families of the Comware 7 command and debug
// references, in their order: module, kind (config or debug), views, and the
// keywords of the command. Several views are separated by slashes.
//
//go:embed manual.tsv
var manualTable string

// A family is one entry of the manuals' tables of commands, and what is known
// of it here.
type family struct {
	Module  string   `json:"-"`
	Kind    string   `json:"kind"`
	Views   string   `json:"views,omitempty"`
	Command string   `json:"command"`
	Tag     string   `json:"tag"` // that of feature.Tag, or "unknown"
	Here    []string `json:"here,omitempty"`
}

const unknown = "unknown"

// A module is a chapter of the manuals.
type module struct {
	Name     string         `json:"module"`
	Families int            `json:"families"`
	Tags     map[string]int `json:"tags"`
	Commands []family       `json:"commands"`
}

func (m *module) known() int { return m.Families - m.Tags[unknown] }

func (m *module) add(f family) {
	m.Families++
	m.Tags[f.Tag]++
	m.Commands = append(m.Commands, f)
}

// ledger compares the manuals with the grammar, module after module in order
// of their names.
var ledger = sync.OnceValues(func() ([]*module, error) {
	g, err := device.Grammar()
	if err != nil {
		return nil, err
	}
	var here []known
	for _, c := range g.Commands() {
		if !strings.HasPrefix(c.Syntax, "undo ") {
			here = append(here, known{c.Syntax, strings.Fields(c.Views), notation(c.Syntax), c.Data.(*feature.Command).Tag()})
		}
	}
	var all []*module
	for n, line := range strings.Split(strings.TrimSpace(manualTable), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("manual.tsv:%d: %d columns, want 4", n+2, len(f))
		}
		i := slices.IndexFunc(all, func(m *module) bool { return m.Name == f[0] })
		if i < 0 {
			i = len(all)
			all = append(all, &module{Name: f[0], Tags: map[string]int{}})
		}
		all[i].add(judge(family{Module: f[0], Kind: f[1], Views: f[2], Command: f[3]}, here))
	}
	slices.SortFunc(all, func(a, b *module) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return all, nil
})

// A known command is one of the grammar.
type known struct {
	syntax string
	views  []string
	parts  []part
	tag    feature.Tag
}

// judge finds the commands of the grammar that a family names: those that
// have its keywords in its views. Of several, one that acts says most.
func judge(f family, here []known) family {
	name, _, _ := strings.Cut(f.Command, " (")
	best := -1
	rank := map[feature.Tag]int{feature.ConfigOnly: 0, feature.DisplayOnly: 1, feature.Acts: 2}
	for _, k := range here {
		if !inViews(f, name, k.views) || !slices.ContainsFunc(wordings(name), func(w []string) bool { return begins(k.parts, w) }) {
			continue
		}
		f.Here = append(f.Here, k.syntax)
		best = max(best, rank[k.tag])
	}
	f.Tag = unknown
	for t, r := range rank {
		if r == best {
			f.Tag = t.String()
		}
	}
	return f
}

// inViews says whether a command of these views is where the manual has the
// family. A display may be typed anywhere, whatever the manual says; a family
// without a view may be anywhere.
func inViews(f family, name string, views []string) bool {
	if f.Views == "" || strings.HasPrefix(name, "display ") {
		return true
	}
	for _, v := range strings.Split(f.Views, "/") {
		for _, own := range strings.Fields(viewNames[v]) {
			if slices.Contains(views, own) {
				return true
			}
		}
		if v != "probe" && slices.Contains(views, "any") && (v == "any" || v == "user" || v == "system" || v == "any but user") {
			return true
		}
	}
	return false
}

// wordings are the keyword lists that a family's name stands for: one choice
// in braces is written out.
func wordings(name string) [][]string {
	before, rest, ok := strings.Cut(name, "{ ")
	choice, after, closed := strings.Cut(rest, " }")
	if !ok || !closed {
		return [][]string{strings.Fields(name)}
	}
	var all [][]string
	for _, c := range strings.Split(choice, " | ") {
		all = append(all, strings.Fields(before+c+after))
	}
	return all
}

// A part is a piece of a syntax: a keyword, an argument, or a bracket with its
// alternatives.
type part struct {
	keyword string
	alts    [][]part // nil for keywords and arguments
	skip    bool     // an argument, which names leave out, or an optional bracket
	any     bool     // the alternatives may follow each other in any order
}

// notation reads a syntax of the grammar, which has been checked already.
func notation(syntax string) []part {
	words := strings.Fields(syntax)
	var read func(closer string) [][]part
	read = func(closer string) [][]part {
		alts := [][]part{nil}
		put := func(p part) { alts[len(alts)-1] = append(alts[len(alts)-1], p) }
		for len(words) > 0 {
			w := words[0]
			words = words[1:]
			switch {
			case w == closer:
				return alts
			case w == "|":
				alts = append(alts, nil)
			case w == "{":
				put(part{alts: read("}")})
			case w == "[":
				put(part{alts: read("]"), skip: true})
			case w == "*":
				seq := alts[len(alts)-1]
				seq[len(seq)-1].any = true
			case strings.HasPrefix(w, "<"):
				put(part{skip: true})
			case strings.HasPrefix(w, "&"):
			default:
				put(part{keyword: w})
			}
		}
		return alts
	}
	return read("")[0]
}

// begins says whether a syntax begins with the keywords, its arguments and
// options left out.
func begins(parts []part, words []string) bool {
	if len(words) == 0 {
		return true
	}
	if len(parts) == 0 {
		return false
	}
	p, rest := parts[0], parts[1:]
	if p.keyword != "" {
		return p.keyword == words[0] && begins(rest, words[1:])
	}
	if p.skip && begins(rest, words) {
		return true
	}
	for i, alt := range p.alts {
		next := rest
		if p.any {
			others := p
			others.alts = slices.Delete(slices.Clone(p.alts), i, i+1)
			others.skip = true
			next = append([]part{others}, rest...)
		}
		if begins(append(slices.Clone(alt), next...), words) {
			return true
		}
	}
	return false
}

// viewNames are the views of the grammar that the manuals' view names stand
// for. A view that is not here is one that no device here has.
var viewNames = map[string]string{
	"system":                      "system",
	"user":                        "user",
	"any":                         "any",
	"interface":                   "interface subinterface loopback null bagg ragg reth vlanif tunnel dialer vt",
	"Ethernet interface":          "interface",
	"Ethernet subinterface":       "interface subinterface",
	"layer 3 Ethernet interface":  "interface",
	"layer 2 Ethernet interface":  "interface",
	"layer 2 aggregate interface": "bagg",
	"layer 3 aggregate interface": "ragg",
	"layer 3 interface":           "interface ragg reth vlanif",
	"layer 2 interface":           "interface bagg",
	"VLAN interface":              "vlanif",
	"tunnel interface":            "tunnel",
	"Reth interface":              "reth",

	"layer 3 Ethernet subinterface":  "subinterface interface",
	"layer 3 aggregate subinterface": "ragg",
	"management Ethernet interface":  "interface",

	"VLAN": "vlan",
	"OSPF": "ospf", "OSPF area": "ospf-area",
	"RIP": "rip",
	"BGP": "bgp", "BGP-VPN instance": "bgp-vpn",
	"BGP IPv4 unicast": "bgp-ipv4", "BGP IPv6 unicast": "bgp-ipv6",
	"BGP-VPN IPv4 unicast": "bgp-vpn-ipv4", "BGP-VPN IPv6 unicast": "bgp-vpn-ipv6",
	"routing policy": "route-policy", "policy node": "pbr-node", "interface policy": "system role-interface", "public key": "public-key",
	"RIB": "rib", "RIB IPv4": "rib-ipv4", "RIB IPv6": "rib-ipv6",
	"DHCP pool": "dhcp-pool", "DHCP class": "dhcp-class", "DHCP secondary subnet": "dhcp-secondary", "DDNS policy": "ddns-policy",

	"ISP domain": "isp", "RADIUS scheme": "radius", "HWTACACS scheme": "hwtacacs",
	"RADIUS DAE server": "radius-da", "NAS-ID profile": "nas-id",
	"LDAP server": "ldap-server", "LDAP scheme": "ldap-scheme", "LDAP attribute map": "ldap-map",
	"local user": "luser-manage luser-network", "user group": "user-group", "user role": "role", "feature group": "role-feature-group",
	"interface role policy": "role-interface", "VLAN policy": "role-vlan", "VPN policy": "role-vpn", "zone policy": "role-zone",
	"line": "line", "line class": "line-class", "VTY line": "line", "VTY line class": "line-class", "AUX line": "line", "TTY line": "line",

	"attack defense policy": "attack-defense", "ASPF policy": "aspf-policy",
	"application group": "app-group", "IPv4 connection limit policy": "connlmt-ipv4", "IPv6 connection limit policy": "connlmt-ipv6",
	"security zone": "security-zone", "zone pair": "zone-pair",
	"security-policy": "security-policy-ip", "security-policy rule": "security-policy-rule",
	"object policy": "object-policy-ip", "IPv4 object policy": "object-policy-ip", "IPv6 object policy": "object-policy-ipv6",
	"object group":              "obj-grp-ip obj-grp-ipv6 obj-grp-service obj-grp-port",
	"IPv4 address object group": "obj-grp-ip", "IPv6 address object group": "obj-grp-ipv6",
	"service object group": "obj-grp-service", "port object group": "obj-grp-port",
	"IPv4 basic ACL": "acl-basic", "IPv4 advanced ACL": "acl-adv", "IPv6 basic ACL": "acl-ipv6", "IPv6 advanced ACL": "acl-ipv6", "layer 2 ACL": "acl-mac",
	"NAT address group": "nat-address-group", "NAT port block group": "nat-port-block-group", "NAT server group": "nat-server-group",

	"IKE profile": "ike-profile", "IKE proposal": "ike-proposal", "IKE keychain": "ike-keychain",
	"IPsec policy": "ipsec-policy", "IPsec policy template": "ipsec-template", "IPsec transform set": "ipsec-transform-set", "IPsec profile": "ipsec-profile",
	"PKI domain": "pki-domain", "PKI entity": "pki-entity",
	"certificate attribute group": "pki-attribute-group", "certificate access control policy": "pki-access-policy",
	"SSL server policy": "ssl-server", "SSL client policy": "ssl-client",

	"context": "context", "redundancy group": "redundancy-group", "redundancy group node": "redundancy-node",
	"rbm": "remote-backup-group", "schedule": "schedule", "job": "job", "VLAN group": "vlan-group", "NQA operation": "nqa-entry",
	"NQA operation type": "nqa-icmp-echo nqa-dhcp nqa-dlsw nqa-dns nqa-ftp nqa-http nqa-path-jitter nqa-snmp nqa-tcp nqa-udp-echo nqa-udp-jitter nqa-udp-tracert nqa-voice",
	"NQA template":       "nqa-template-dns nqa-template-ftp nqa-template-http nqa-template-icmp nqa-template-radius nqa-template-tcp nqa-template-udp",
	"BFD template":       "bfd-template",
}
