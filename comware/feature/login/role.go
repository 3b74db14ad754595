package login

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// Places of the lines of a role.
const (
	placeRoleText   = 10
	placeRolePolicy = 20
	placeRoleRule   = 30
)

var roleCommands = slices.Concat([]feature.Command{
	command("role name <role:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		name := a.Str("role")
		if !plain(x, name) {
			return
		}
		if p := predefined(name); p != nil && p.fixed {
			x.Error("The predefined user role cannot be modified.")
			return
		}
		key := "role name " + name
		x.Enter(feature.ViewState{Name: "role", Suffix: "role-" + name, Node: x.Node().Open(feature.PlaceRole, key, key)})
	}),
	command("undo role name <role:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		n := x.Box.Conf.Root().Child("role name " + a.Str("role"))
		switch {
		case predefined(a.Str("role")) != nil:
			x.Error("The predefined user role cannot be deleted.")
		case n == nil:
			x.Error("The user role does not exist.")
		default:
			x.Box.Drop(n)
			x.Box.Conf.Root().Remove(n.Key)
		}
	}),
	command("role default-role enable", func(x *feature.Exec, a *cli.Args) {
		x.Box.Conf.Root().Set(feature.PlaceRole-5, a.Line(), a.Line())
	}),
	command("undo role default-role enable", func(x *feature.Exec, _ *cli.Args) { x.Box.Conf.Root().Remove("role default-role enable") }),
	command("role feature-group name <group:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		key := "role feature-group name " + a.Str("group")
		if !plain(x, a.Str("group")) {
			return
		}
		x.Enter(feature.ViewState{Name: "role-feature-group", Suffix: "featuregrp-" + a.Str("group"), Node: x.Node().Open(feature.PlaceRole-1, key, key)})
	}),
	command("undo role feature-group name <group:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		if n := x.Box.Conf.Root().Child("role feature-group name " + a.Str("group")); n != nil {
			x.Box.Drop(n)
			x.Box.Conf.Root().Remove(n.Key)
		}
	}),
	texts.Command("role-feature-group", "feature <feature:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		if plain(x, a.Str("feature")) {
			x.Node().Set(0, a.Line(), a.Line())
		}
	}),
	texts.Command("role-feature-group", "undo feature <feature:string:1-31>", func(x *feature.Exec, a *cli.Args) {
		x.Node().Remove("feature " + a.Str("feature"))
	}),
	texts.Command("role", "description <text:text:1-128>", func(x *feature.Exec, a *cli.Args) { x.Node().Set(placeRoleText, "description", a.Line()) }),
	texts.Command("role", "undo description", func(x *feature.Exec, _ *cli.Args) { x.Node().Remove("description") }),
	texts.Command("role", "rule <rule:1-256> { deny | permit } command <command:text:1-128>", setRule),
	texts.Command("role", "rule <rule:1-256> { deny | permit } { execute | read | write } * [ feature [ <feature:string:1-31> ] | feature-group <group:string:1-31> | oid <oid:string:1-255> | web-menu [ <menu:string:1-255> ] | xml-element [ <element:string:1-255> ] ]", setRule),
	texts.Command("role", "undo rule { <rule:1-256> | all }", func(x *feature.Exec, a *cli.Args) {
		x.Node().RemoveAll(func(key string) bool {
			return strings.HasPrefix(key, "rule ") && (a.Has("all") || key == "rule "+a.Str("rule"))
		})
	}),
	texts.Command("any", "display role [ name <which:string:1-63> ]", displayRole),
}, policies())

func setRule(x *feature.Exec, a *cli.Args) {
	for _, g := range a.All() {
		if g.Token != "command" && !plain(x, g.Word) {
			return
		}
	}
	x.Node().Set(placeRoleRule, "rule "+a.Str("rule"), a.Line())
}

// policies are those of resources. The configuration keeps them; nothing looks
// at them.
func policies() []feature.Command {
	var all []feature.Command
	for _, p := range []struct{ what, view, label, permit string }{
		{"interface", "role-interface", "^-ifpolicy", "permit interface <interface:interface> &<1-10>"},
		{"vlan", "role-vlan", "^-vlanpolicy", "permit vlan <vlan:1-4094> &<1-10>"},
		{"security-zone", "role-zone", "^-zonepolicy", "permit security-zone <zone:string:1-31> &<1-10>"},
		{"vpn-instance", "role-vpn", "^-vpnpolicy", "permit vpn-instance <vpn:string:1-31> &<1-10>"},
	} {
		all = append(all, texts.Keep("role", p.what+" policy deny", feature.Keep{Place: placeRolePolicy, Opens: p.view, Label: p.label}),
			texts.Keep(p.view, p.permit, feature.Keep{Undo: p.permit}))
	}
	return all
}

// An entry is one rule of a role.
type entry struct {
	id     string // "3" or "sys-3"
	permit bool
	kind   string // "RWX" with dashes, "" for a command rule
	scope  string // "command", "feature", "feature-group", ...
	entity string
	path   [][]string // words of the segments of a command rule
	closed bool       // which goes no deeper than its last segment
}

// cut takes the command string of a rule apart.
func (e *entry) cut() {
	text, closed := strings.CutSuffix(strings.TrimSpace(e.entity), ";")
	e.closed = closed
	for _, segment := range strings.Split(text, ";") {
		e.path = append(e.path, strings.Fields(segment))
	}
}

// A role is a predefined one.
type role struct {
	name, text string
	fixed      bool // its rules cannot be changed
	rules      []entry
	order      []entry // the rules, the last first
}

// words are predefined command rules: those that begin with ! deny.
func words(rules ...string) []entry {
	var all []entry
	for i, r := range rules {
		e := entry{id: fmt.Sprintf("sys-%d", i+1), permit: r[0] != '!', scope: "command", entity: strings.TrimPrefix(r, "!")}
		if kind, entity, ok := strings.Cut(e.entity, "@"); ok {
			e.kind = kind
			e.scope, e.entity, _ = strings.Cut(entity, " ")
		}
		e.cut()
		all = append(all, e)
	}
	return all
}

var securityCommands = []string{"!display security-logfile summary", "!system-view ; info-center security-logfile directory *", "!security-logfile save"}

// roles are the predefined ones with the rules that the command reference
// shows ("display role").
var roles = func() []role {
	admin := words(append([]string{"*", "RWX@web-menu -", "RWX@xml-element -"}, append(slices.Clone(securityCommands), "RW-@oid 1")...)...)
	all := []role{
		{name: "network-admin", text: "Predefined network admin role has access to all commands on the device", fixed: true, rules: admin},
		{name: "network-operator", text: "Predefined network operator role has access to all read commands on the device", fixed: true, rules: words(
			append([]string{"display *", "xml", "!display history-command all", "system-view ; local-user *", "R--@web-menu -", "R--@xml-element -"},
				append(slices.Clone(securityCommands), "R--@oid 1")...)...)},
		{name: "context-admin", text: "Predefined Context admin role has access to all commands within a Context", fixed: true, rules: words(
			append([]string{"*", "RWX@web-menu -", "RWX@xml-element -", "!RWX@feature context", "display context *"},
				append(slices.Clone(securityCommands), "RW-@oid 1")...)...)},
		{name: "context-operator", text: "Predefined Context operator role has access to all read commands within a Context", fixed: true, rules: words(
			append([]string{"display *", "xml", "!display history-command all", "system-view ; local-user *", "R--@web-menu -", "R--@xml-element -"},
				append(slices.Clone(securityCommands), "R--@oid 1")...)...)},
	}
	for n := range 16 {
		r := role{name: fmt.Sprintf("level-%d", n), text: fmt.Sprintf("Predefined level-%d role", n)}
		switch n {
		case 0:
			r.rules = words("tracert *", "telnet *", "ping *", "ssh2 *", "super *")
		case 1:
			r.rules = words("tracert *", "telnet *", "ping *", "ssh2 *", "display *", "super *", "!display history-command all")
		case 9:
			r.rules = words("RWX@feature -", "!RWX@feature device", "!RWX@feature filesystem", "display *", "!display history-command all")
		case 15:
			r.rules, r.fixed = admin, true
		}
		all = append(all, r)
	}
	files := []string{"!*", "display security-logfile summary", "system-view ; info-center security-logfile directory *", "security-logfile save",
		"cd *", "copy *", "delete *", "dir *", "mkdir *", "more *", "move *", "rmdir *", "pwd", "rename *", "undelete *", "ftp *", "sftp *"}
	all = append(all, role{name: "security-audit", text: "Predefined security audit role only has access to commands for the security log administrator",
		fixed: true, rules: words(files...)})
	for i := range all {
		all[i].order = slices.Clone(all[i].rules)
		slices.Reverse(all[i].order)
	}
	return all
}()

func predefined(name string) *role {
	if i := slices.IndexFunc(roles, func(r role) bool { return r.name == name }); i >= 0 {
		return &roles[i]
	}
	return nil
}

func roleExists(b *feature.Box, name string) bool {
	return predefined(name) != nil || b.Conf.Root().Child("role name "+name) != nil
}

// rulesOf are the rules of a role, its own before the predefined ones, the
// highest number first: the first that fits decides.
func rulesOf(b *feature.Box, name string) []entry {
	p := predefined(name)
	if p != nil && p.fixed {
		return p.order
	}
	var own []entry
	if n := b.Conf.Root().Child("role name " + name); n != nil {
		for _, c := range n.Kids() {
			if strings.HasPrefix(c.Text, "rule ") {
				own = append(own, readRule(c))
			}
		}
	}
	slices.Reverse(own)
	if p != nil {
		own = append(own, p.order...)
	}
	return own
}

func readRule(n *conf.Node) entry {
	f := strings.Fields(n.Text)
	e := entry{id: f[1], permit: f[2] == "permit", scope: "feature", entity: "-"}
	if f[3] == "command" {
		e.scope = "command"
		e.entity = strings.TrimSpace(n.Text[strings.Index(n.Text, " command ")+len(" command "):])
		e.cut()
		return e
	}
	kind := [3]byte{'-', '-', '-'}
	i := 3
	for ; i < len(f); i++ {
		p := slices.Index([]string{"read", "write", "execute"}, f[i])
		if p < 0 {
			break
		}
		kind[p] = "RWX"[p]
	}
	e.kind = string(kind[:])
	if i < len(f) {
		e.scope = f[i]
	}
	if i+1 < len(f) {
		e.entity = f[i+1]
	}
	return e
}

func displayRole(x *feature.Exec, a *cli.Args) {
	var names []string
	for _, r := range roles {
		names = append(names, r.name)
	}
	for _, n := range x.Box.Conf.Root().Kids() {
		if name, ok := strings.CutPrefix(n.Text, "role name "); ok && predefined(name) == nil {
			names = append(names, name)
		}
	}
	if a.Has("which") {
		if !roleExists(x.Box, a.Str("which")) {
			x.Error("The user role does not exist.")
			return
		}
		names = []string{a.Str("which")}
	}
	for i, name := range names {
		if i > 0 {
			x.Print("\n")
		}
		oneRole(x, name)
	}
}

func oneRole(x *feature.Exec, name string) {
	text := ""
	if p := predefined(name); p != nil {
		text = p.text
	}
	n := x.Box.Conf.Root().Child("role name " + name)
	if n == nil {
		n = &conf.Node{}
	}
	if c := n.Child("description"); c != nil {
		text = strings.TrimPrefix(c.Text, "description ")
	}
	x.Printf("Role: %s\n  Description: %s\n", name, text)
	for _, p := range []struct{ key, title, permitted string }{
		{"vlan", "VLAN", "VLANs"}, {"interface", "Interface", "interfaces"}, {"vpn-instance", "VPN instance", "VPN instances"},
		{"security-zone", "Security zone", "security zones"},
	} {
		c := n.Child(p.key + " policy deny")
		if c == nil {
			x.Printf("  %s policy: permit (default)\n", p.title)
			continue
		}
		var list []string
		for _, k := range c.Kids() {
			list = append(list, strings.Fields(k.Text)[2:]...)
		}
		x.Printf("  %s policy: deny\n", p.title)
		if len(list) > 0 {
			x.Printf("  Permitted %s: %s\n", p.permitted, strings.Join(list, ", "))
		}
	}
	rules := slices.Clone(rulesOf(x.Box, name))
	if len(rules) == 0 {
		return
	}
	rule := "  " + strings.Repeat("-", 67) + "\n"
	x.Print(rule + "  Rule    Perm   Type  Scope         Entity\n" + rule)
	slices.SortFunc(rules, func(a, b entry) int { return ruleNumber(a) - ruleNumber(b) })
	for _, e := range rules {
		perm := "deny"
		if e.permit {
			perm = "permit"
		}
		const width = 32
		for first := true; first || e.entity != ""; first = false {
			part := e.entity[:min(width, len(e.entity))]
			e.entity = e.entity[len(part):]
			if first {
				x.Printf("  %-8s%-7s%-6s%-14s%s\n", e.id, perm, e.kind, e.scope, part)
			} else {
				x.Printf("%37s%s\n", "", part)
			}
		}
	}
	x.Print("  R:Read W:Write X:Execute\n")
}

// ruleNumber orders rules: a role's own first, then the predefined ones.
func ruleNumber(e entry) int {
	number, system := strings.CutPrefix(e.id, "sys-")
	n, _ := strconv.Atoi(number)
	if system {
		n += 1000
	}
	return n
}
