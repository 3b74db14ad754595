package login

import (
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// Places of the lines of a local user.
const (
	placeDescription = 5
	placePassword    = 10
	placeFTP         = 20
	placeService     = 21
	placeState       = 25
	placeLimit       = 26
	placeBind        = 27
	placeGroup       = 30
	placeValid       = 35
	placeAttr        = 40
	placeControl     = 50
)

const services = "{ advpn | ftp | ipoe | lan-access | portal | ppp | sslvpn | { http | https | pad | ssh | telnet | terminal } * }"

// inUser is a command of the views of local users.
func inUser(views, syntax string, run func(x *feature.Exec, a *cli.Args)) feature.Command {
	return texts.Command(views, syntax, run)
}

const anyUser = "luser-manage luser-network"

var userCommands = slices.Concat([]feature.Command{
	command("local-user <name:string:1-55> [ class { manage | network } ]", enterUser),
	command("undo local-user <name:string:1-55> [ class { manage | network } ]", func(x *feature.Exec, a *cli.Args) {
		if !dropUser(x, userKey(a)) {
			x.Error("The user does not exist.")
		}
	}),
	command("undo local-user all [ service-type { advpn | ftp | http | https | ipoe | lan-access | pad | portal | ppp | ssh | sslvpn | telnet | terminal } | class { manage | network } ]", dropUsers),
	inUser("luser-manage", "password { hash | simple } <password:string:1-110>", func(x *feature.Exec, a *cli.Args) {
		if a.Has("hash") {
			if plain(x, a.Str("password")) {
				stateOf(x.Box).setPassword(x, x.Node(), a.Str("password"))
			}
			return
		}
		newPassword(x, x.Node(), a.Str("password"))
	}),
	inUser("luser-manage", "password", func(x *feature.Exec, _ *cli.Args) {
		n := x.Node()
		askPassword(x, func(password string) { newPassword(x, n, password) })
	}),
	inUser("luser-network", "password { cipher | simple } <password:string:1-117>", func(x *feature.Exec, a *cli.Args) {
		secret := a.Str("password")
		if a.Has("simple") {
			secret = feature.Encipher(secret)
		}
		if !plain(x, secret) {
			return
		}
		x.Node().Set(placePassword, "password", "password cipher "+secret)
	}),
	inUser(anyUser, "undo password", func(x *feature.Exec, _ *cli.Args) { stateOf(x.Box).dropPassword(x.Node()) }),
	inUser(anyUser, "service-type "+services, func(x *feature.Exec, a *cli.Args) { setServices(x, a.All()[1:], true) }),
	inUser(anyUser, "undo service-type "+services, func(x *feature.Exec, a *cli.Args) { setServices(x, a.All()[2:], false) }),
	inUser(anyUser, "state { active | block }", func(x *feature.Exec, a *cli.Args) {
		if a.Has("block") {
			x.Node().Set(placeState, "state", a.Line())
		} else {
			x.Node().Remove("state")
		}
	}),
	inUser(anyUser, "undo state", func(x *feature.Exec, _ *cli.Args) { x.Node().Remove("state") }),
	inUser(anyUser, "group <group:string:1-32>", func(x *feature.Exec, a *cli.Args) {
		switch group := strings.ToLower(a.Str("group")); {
		case !plain(x, group):
		case group == "system":
			x.Node().Remove("group")
		case groupNode(x.Box, group) == nil && !x.Quiet():
			x.Error("The user group does not exist.")
		default:
			x.Node().Set(placeGroup, "group", "group "+a.Str("group"))
		}
	}),
	inUser(anyUser, "undo group", func(x *feature.Exec, _ *cli.Args) { x.Node().Remove("group") }),
},
	lineOfUser("luser-manage", placeLimit, "access-limit <limit:1-1024>", "access-limit"),
	lineOfUser(anyUser, placeDescription, "description <description:text:1-127>", "description"),
	lineOfUser(anyUser, placeValid, "validity-datetime from <fromdate:date> <fromtime:time> to <todate:date> <totime:time>", "validity-datetime"),
	[]feature.Command{texts.Keep(anyUser, "bind-attribute { call-number <call:string:1-64> | ip <ip:ip> | location interface <interface:interface> | mac <mac:mac> | vlan <vlan:1-4094> } *",
		feature.Keep{Place: placeBind, Undo: "bind-attribute"})},
)

// lineOfUser is a setting of a user of which there is one, and its undo form.
func lineOfUser(views string, place int, syntax, key string) []feature.Command {
	return []feature.Command{
		inUser(views, syntax, func(x *feature.Exec, a *cli.Args) { x.Node().Set(place, key, a.Line()) }),
		inUser(views, "undo "+key, func(x *feature.Exec, _ *cli.Args) { x.Node().Remove(key) }),
	}
}

func userKey(a *cli.Args) string {
	class := "manage"
	if a.Has("network") {
		class = "network"
	}
	return "local-user " + a.Str("name") + " class " + class
}

// manager is the device management user of that name, nil for none.
func manager(b *feature.Box, name string) *conf.Node {
	return b.Conf.Root().Child("local-user " + name + " class manage")
}

// userName and userClass read the line that opens a user's view.
func userName(n *conf.Node) string  { return strings.Fields(n.Text)[1] }
func userClass(n *conf.Node) string { return strings.Fields(n.Text)[3] }

// users are the local users.
func users(b *feature.Box) []*conf.Node {
	var all []*conf.Node
	for _, n := range b.Conf.Root().Kids() {
		if strings.HasPrefix(n.Text, "local-user ") {
			all = append(all, n)
		}
	}
	return all
}

// enterUser goes to the view of a local user, which is made if need be. A new
// device management user has the role network-operator.
func enterUser(x *feature.Exec, a *cli.Args) {
	root := x.Box.Conf.Root()
	key := userKey(a)
	class := strings.Fields(key)[3]
	isNew := root.Child(key) == nil
	switch name := a.Str("name"); {
	case strings.ContainsAny(name, `\|/:*?<>@ "`) || name == "a" || name == "al" || name == "all":
		x.Error("The user name is invalid.")
		return
	case !x.Quiet() && !master(x.Shell) && (isNew || name != x.Shell.User || class != "manage"):
		x.Error("Permission denied.")
		return
	}
	n := root.Open(feature.PlaceLocalUser, key, key)
	if isNew && !x.Quiet() {
		if class == "manage" {
			const role = "authorization-attribute user-role network-operator"
			n.Set(placeAttr, role, role)
		}
		x.Print("New local user added.\n")
	}
	x.Enter(feature.ViewState{Name: "luser-" + class, Suffix: "luser-" + class + "-" + a.Str("name"), Node: n})
}

func dropUser(x *feature.Exec, key string) bool {
	n := x.Box.Conf.Root().Child(key)
	if n == nil {
		return false
	}
	stateOf(x.Box).dropPassword(n)
	x.Box.Drop(n)
	return x.Box.Conf.Root().Remove(key)
}

func dropUsers(x *feature.Exec, a *cli.Args) {
	for _, n := range users(x.Box) {
		switch {
		case a.Has("manage") && userClass(n) != "manage", a.Has("network") && userClass(n) != "network":
		case a.Has("service-type") && !mayUse(n, a.Token(4)):
		default:
			dropUser(x, n.Key)
		}
	}
}

// addRole gives a user a role. The security auditor has no other.
func addRole(x *feature.Exec, role string) {
	n := x.Node()
	if !plain(x, role) {
		return
	}
	if !roleExists(x.Box, role) && !x.Quiet() {
		x.Error("The user role does not exist.")
		return
	}
	set := func() { n.Set(placeAttr, rolePrefix+role, rolePrefix+role) }
	have := rolesIn(n, rolePrefix)
	clash := slices.Contains(have, "security-audit") != (role == "security-audit") && len(have) > 0
	if !clash || x.Quiet() {
		set()
		return
	}
	x.Confirm("This operation will delete all other roles of the user. Are you sure? [Y/N]:", func(yes bool) {
		if yes {
			n.RemoveAll(func(key string) bool { return strings.HasPrefix(key, rolePrefix) })
			set()
		}
	})
}

// secret is the password of a command as the configuration keeps it.
func secret(x *feature.Exec, a *cli.Args) string {
	if a.Has("hash") {
		return a.Str("password")
	}
	return hash(x.Box, a.Str("password"))
}

// hash hashes a password in the form of Comware 7: $h$6$, 12 bytes of salt and
// 64 bytes of SHA-512, both in base64.
func hash(b *feature.Box, password string) string {
	return hashWith(base64.StdEncoding.EncodeToString(b.Stream("password salt").Bytes(12)), password)
}

func hashWith(salt, password string) string {
	sum := sha512.Sum512([]byte(salt + password))
	return "$h$6$" + salt + "$" + base64.StdEncoding.EncodeToString(sum[:])
}

// fits says whether a password is the one that was hashed.
func fits(hashed, password string) bool {
	f := strings.Split(hashed, "$")
	return len(f) == 5 && subtle.ConstantTimeCompare([]byte(hashWith(f[3], password)), []byte(hashed)) == 1
}

// askPassword asks twice and calls f with the answer.
func askPassword(x *feature.Exec, f func(password string)) {
	x.Input("Password:", true, func(one string) {
		x.Input("Confirm :", true, func(two string) {
			if one == "" || one != two {
				x.Error("The two passwords are different.")
				return
			}
			x.Print("Updating user information. Please wait... ...\n")
			f(one)
		})
	})
}

// serviceOrder is the order in which the configuration writes the services of
// managers, which share a line; each other service has its own.
var serviceOrder = []string{"pad", "ssh", "telnet", "terminal", "http", "https"}

// setServices adds services to a user, or takes them away.
func setServices(x *feature.Exec, args []cli.Arg, add bool) {
	n := x.Node()
	have := map[string]bool{}
	if c := n.Child("service-type"); c != nil {
		for _, s := range strings.Fields(c.Text)[1:] {
			have[s] = true
		}
	}
	for _, g := range args {
		own := "service-type " + g.Token
		switch {
		case slices.Contains(serviceOrder, g.Token):
			have[g.Token] = add
		case add:
			n.Set(placeFTP, own, own)
		default:
			n.Remove(own)
		}
	}
	var list []string
	for _, s := range serviceOrder {
		if have[s] {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		n.Remove("service-type")
		return
	}
	n.Set(placeService, "service-type", "service-type "+strings.Join(list, " "))
}

// mayUse says whether a user may use a service.
func mayUse(n *conf.Node, service string) bool {
	return slices.ContainsFunc(n.Kids(), func(c *conf.Node) bool {
		f := strings.Fields(c.Text)
		return f[0] == "service-type" && slices.Contains(f[1:], service)
	})
}
