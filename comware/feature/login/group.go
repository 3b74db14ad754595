package login

import (
	"fmt"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// groupNode is the configuration of a user group, nil for none; names of groups
// are not case-sensitive.
func groupNode(b *feature.Box, name string) *conf.Node {
	return b.Conf.Root().Child("user-group " + strings.ToLower(name))
}

var groupCommands = slices.Concat([]feature.Command{
	command("user-group <name:string:1-32>", func(x *feature.Exec, a *cli.Args) {
		key := "user-group " + strings.ToLower(a.Str("name"))
		if !plain(x, a.Str("name")) {
			return
		}
		text := "user-group " + a.Str("name")
		if n := x.Box.Conf.Root().Child(key); n != nil {
			text = n.Text
		}
		n := x.Box.Conf.Root().Open(feature.PlaceUserGroup, key, text)
		x.Enter(feature.ViewState{Name: "user-group", Suffix: "ugroup-" + strings.TrimPrefix(text, "user-group "), Node: n})
	}),
	command("undo user-group <name:string:1-32>", func(x *feature.Exec, a *cli.Args) {
		n := groupNode(x.Box, a.Str("name"))
		used := slices.ContainsFunc(users(x.Box), func(u *conf.Node) bool {
			return strings.EqualFold(groupOf(u), a.Str("name"))
		})
		switch {
		case strings.EqualFold(a.Str("name"), "system"):
			x.Error("The default user group system cannot be deleted.")
		case n == nil:
			x.Error("The user group does not exist.")
		case used:
			x.Error("The user group has local users.")
		default:
			x.Box.Drop(n)
			x.Box.Conf.Root().Remove(n.Key)
		}
	}),
},
	[]feature.Command{
		texts.Command(anyUser, "authorization-attribute { "+attributeArgs+" | user-role <role:string:1-63> } *", setAttributes),
		texts.Command(anyUser, "undo authorization-attribute { "+attributeNames+" | user-role <role:string:1-63> } *", removeAttributes),
		texts.Command("user-group", "authorization-attribute { "+attributeArgs+" } *", setAttributes),
		texts.Command("user-group", "undo authorization-attribute { "+attributeNames+" } *", removeAttributes),
	},
)

const (
	attributeArgs = "acl <acl:2000-5999> | callback-number <call:string:1-64> | idle-cut <minutes:1-120> | ip <ip:ip> | sslvpn-policy-group <policies:string:1-31>" +
		" | url <url:string:1-255> | user-profile <profile:string:1-31> | vlan <vlan:1-4094> | vpn-instance <vpn:string:1-31> | work-directory <directory:string:1-255>"

	attributeNames = "acl | callback-number | idle-cut | ip | sslvpn-policy-group | url | user-profile | vlan | vpn-instance | work-directory"
)

const rolePrefix = "authorization-attribute user-role "

// setAttributes gives attributes to a user or a group, each on a line of its
// own.
func setAttributes(x *feature.Exec, a *cli.Args) {
	all := a.All()[1:]
	for i := 0; i+1 < len(all); i += 2 {
		name, value := all[i].Token, all[i+1].Word
		if name == "user-role" {
			continue
		}
		if !plain(x, value) {
			return
		}
		key := "authorization-attribute " + name
		x.Node().Set(placeAttr, key, key+" "+value)
	}
	if a.Has("user-role") {
		addRole(x, a.Str("role"))
	}
}

func removeAttributes(x *feature.Exec, a *cli.Args) {
	for _, g := range a.All()[2:] {
		switch {
		case g.Keyword && g.Token != "user-role":
			x.Node().Remove("authorization-attribute " + g.Token)
		case !g.Keyword:
			x.Node().Remove(rolePrefix + g.Word)
		}
	}
}

// groupOf is the name of a user's group.
func groupOf(n *conf.Node) string {
	if c := n.Child("group"); c != nil {
		return strings.Fields(c.Text)[1]
	}
	return "system"
}

var userDisplays = []feature.Command{
	texts.Command("any", "display local-user [ class { manage | network } | idle-cut { disable | enable } | service-type { advpn | ftp | http | https | ipoe | lan-access | pad | portal | ppp | ssh | sslvpn | telnet | terminal } | state { active | block } | user-name <name:string:1-55> | vlan <vlan:1-4094> ]", displayLocalUser),
	texts.Command("any", "display user-group [ <name:string:1-32> ]", displayUserGroup),
}

// shownUser says whether `display local-user` with these options shows a user.
func shownUser(n *conf.Node, a *cli.Args) bool {
	switch {
	case a.Has("class"):
		return userClass(n) == a.Token(3)
	case a.Has("idle-cut"):
		return (n.Child("authorization-attribute idle-cut") != nil) == a.Has("enable")
	case a.Has("service-type"):
		return mayUse(n, a.Token(3))
	case a.Has("state"):
		return (n.Child("state") == nil) == a.Has("active")
	case a.Has("user-name"):
		return userName(n) == a.Str("name")
	case a.Has("vlan"):
		c := n.Child("authorization-attribute vlan")
		return c != nil && strings.Fields(c.Text)[2] == a.Str("vlan")
	}
	return true
}

func displayLocalUser(x *feature.Exec, a *cli.Args) {
	all := slices.DeleteFunc(users(x.Box), func(n *conf.Node) bool { return !shownUser(n, a) })
	x.Printf("Total %d local users matched.\n\n", len(all))
	for _, n := range all {
		kind := "Device management"
		if userClass(n) == "network" {
			kind = "Network access"
		}
		state := "Active"
		if n.Child("state") != nil {
			state = "Block"
		}
		x.Printf("%s user %s:\n State:                    %s\n", kind, userName(n), state)
		if s := serviceNames(n); s != "" {
			x.Printf(" Service type:             %s\n", s)
		}
		if c := n.Child("access-limit"); c != nil {
			x.Printf(" Access limit:             %-18sMax access number: %s\n", "Enabled", strings.Fields(c.Text)[1])
			x.Printf(" Current access number:    %d\n", present(x.Box, userName(n)))
		}
		x.Printf(" User group:               %s\n Bind attributes:\n", groupOf(n))
		if c := n.Child("bind-attribute"); c != nil {
			bindings(x, strings.Fields(c.Text)[1:])
		}
		attributes(x, n)
		if c := n.Child("description"); c != nil {
			x.Printf(" Description:              %s\n", strings.TrimPrefix(c.Text, "description "))
		}
		passwordLines(x, n)
	}
}

// present is how many sessions a user has.
func present(b *feature.Box, name string) int {
	n := 0
	for _, s := range b.Shells {
		if s.User == name {
			n++
		}
	}
	return n
}

func bindings(x *feature.Exec, f []string) {
	names := map[string]string{"ip": "IP address:", "location": "Location bound:", "mac": "MAC address:", "vlan": "VLAN ID:", "call-number": "Calling number:"}
	for _, kind := range []string{"ip", "location", "mac", "vlan", "call-number"} {
		if i := slices.Index(f, kind); i >= 0 {
			if kind == "location" {
				i++
			}
			x.Printf("  %-25s%s\n", names[kind], f[i+1])
		}
	}
}

// attributes shows what users of a user or group get.
func attributes(x *feature.Exec, n *conf.Node) {
	word := func(key string) string {
		if c := n.Child("authorization-attribute " + key); c != nil {
			return strings.Fields(c.Text)[2]
		}
		return ""
	}
	x.Print(" Authorization attributes:\n")
	show := func(name, value string) {
		if value != "" {
			x.Printf("  %-25s%s\n", name, value)
		}
	}
	if m := word("idle-cut"); m != "" {
		show("Idle timeOut:", m+" (min)")
	}
	show("Callback number:", word("callback-number"))
	dir := word("work-directory")
	if dir == "" {
		dir = "flash:"
	}
	show("Work directory:", dir)
	show("ACL number:", word("acl"))
	show("VLAN ID:", word("vlan"))
	show("User profile:", word("user-profile"))
	show("User role list:", strings.Join(rolesIn(n, rolePrefix), ", "))
	show("SSL VPN policy group:", word("sslvpn-policy-group"))
	show("IP address:", word("ip"))
	show("URL:", word("url"))
	show("VPN instance:", word("vpn-instance"))
}

func displayUserGroup(x *feature.Exec, a *cli.Args) {
	var blocks []string
	named := func(name string) bool { return !a.Has("name") || strings.EqualFold(a.Str("name"), name) }
	var groups []*conf.Node
	if n := groupNode(x.Box, "system"); n == nil && named("system") {
		blocks = append(blocks, "system")
		groups = append(groups, &conf.Node{})
	}
	for _, n := range x.Box.Conf.Root().Kids() {
		if name, ok := strings.CutPrefix(n.Text, "user-group "); ok && named(name) {
			blocks = append(blocks, name)
			groups = append(groups, n)
		}
	}
	x.Printf("Total %d user groups matched.\n\n", len(groups))
	for i, n := range groups {
		x.Printf("The contents of user group %s:\n", blocks[i])
		attributes(x, n)
		passwordLines(x, n)
	}
}

func serviceNames(n *conf.Node) string {
	var list []string
	for _, s := range []struct{ word, name string }{{"advpn", "ADVPN"}, {"ftp", "FTP"}, {"ipoe", "IPoE"}, {"lan-access", "Lan-access"}, {"portal", "Portal"},
		{"ppp", "PPP"}, {"sslvpn", "SSL VPN"}, {"pad", "PAD"}, {"ssh", "SSH"}, {"telnet", "Telnet"}, {"terminal", "Terminal"}, {"http", "HTTP"}, {"https", "HTTPS"}} {
		if mayUse(n, s.word) {
			list = append(list, s.name)
		}
	}
	return strings.Join(list, "/")
}

// passwordLines shows the password control that a user or group sets itself.
func passwordLines(x *feature.Exec, n *conf.Node) {
	var own []string
	show := func(key, name, value string) {
		if n.Child("password-control "+key) != nil {
			own = append(own, fmt.Sprintf("  %-25s%s\n", name, value))
		}
	}
	c := controlIn(x.Box, n)
	show("aging", "Password aging:", fmt.Sprintf("Enabled (%d days)", c.aging))
	show("length", "Password length:", fmt.Sprintf("Enabled (%d characters)", c.length))
	show("composition", "Password composition:", fmt.Sprintf("Enabled (%d types, %d characters per type)", c.types, c.each))
	show("complexity user-name check", "Password complexity:", "Enabled (username checking)")
	show("complexity same-character check", "Password complexity:", "Enabled (repeated characters checking)")
	show("login-attempt", "Maximum login attempts:", itoa(c.attempts))
	show("login-attempt", "Action for exceeding login attempts:", c.action())
	if len(own) > 0 {
		x.Print(" Password control configurations:\n" + strings.Join(own, ""))
	}
}
