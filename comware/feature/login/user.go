package login

import (
	"crypto/sha512"
	"encoding/base64"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// Places of the lines of a local user.
const (
	placePassword = 10
	placeFTP      = 20
	placeService  = 21
	placeState    = 25
	placeGroup    = 30
	placeAttr     = 40
)

const userHelp = "local-user=Specify local user configuration information;<name>=Local user name;class=Class of the user;" +
	"manage=Device management user;network=Network access user"

const serviceHelp = "service-type=Services the user may use;ftp=FTP;http=HTTP;https=HTTPS;pad=X.25 PAD;ssh=Secure Shell;telnet=Telnet;terminal=Console and other lines"

const attrHelp = "authorization-attribute=Attributes of the user;user-role=User role;<role>=Name of the role"

var userCommands = []feature.Command{
	{Views: "system", Syntax: "local-user <name:string:1-55> [ class { manage | network } ]", Help: userHelp, Run: enterUser},
	{Views: "system", Syntax: "undo local-user <name:string:1-55> [ class { manage | network } ]", Help: userHelp,
		Run: func(x *feature.Exec, a *cli.Args) {
			key := userKey(a)
			n := x.Box.Conf.Root().Child(key)
			if n == nil {
				x.Error("The user does not exist.")
				return
			}
			x.Box.Drop(n)
			x.Box.Conf.Root().Remove(key)
		}},
	{Views: "luser-manage", Syntax: "password { hash | simple } <password:string:1-255>",
		Help: "password=Specify the password;hash=Hashed password;simple=Plaintext password;<password>=Password",
		Run: func(x *feature.Exec, a *cli.Args) {
			x.Node().Set(placePassword, "password", "password hash "+secret(x, a))
		}},
	{Views: "luser-manage", Syntax: "password",
		Run: func(x *feature.Exec, _ *cli.Args) { askPassword(x) }},
	{Views: "luser-network", Syntax: "password { cipher | simple } <password:string:1-255>",
		Help: "password=Specify the password;cipher=Encrypted password;simple=Plaintext password;<password>=Password",
		Run: func(x *feature.Exec, a *cli.Args) {
			x.Node().Set(placePassword, "password", "password "+a.Token(1)+" "+a.Str("password"))
		}},
	{Views: "luser-manage luser-network", Syntax: "undo password", Help: "password=Specify the password",
		Run: func(x *feature.Exec, _ *cli.Args) { x.Node().Remove("password") }},
	{Views: "luser-manage", Syntax: "service-type { ftp | { http | https | pad | ssh | telnet | terminal } * }", Help: serviceHelp,
		Run: func(x *feature.Exec, a *cli.Args) { services(x, a.All()[1:], true) }},
	{Views: "luser-manage", Syntax: "undo service-type { ftp | { http | https | pad | ssh | telnet | terminal } * }", Help: serviceHelp,
		Run: func(x *feature.Exec, a *cli.Args) { services(x, a.All()[2:], false) }},
	{Views: "luser-manage luser-network user-group", Syntax: "authorization-attribute user-role <role:string:1-63>", Help: attrHelp,
		Run: func(x *feature.Exec, a *cli.Args) {
			s := "authorization-attribute user-role " + a.Str("role")
			x.Node().Set(placeAttr, s, s)
		}},
	{Views: "luser-manage luser-network user-group", Syntax: "undo authorization-attribute user-role <role:string:1-63>", Help: attrHelp,
		Run: func(x *feature.Exec, a *cli.Args) {
			x.Node().Remove("authorization-attribute user-role " + a.Str("role"))
		}},
	{Views: "luser-manage luser-network", Syntax: "state { active | block }", Help: "state=State of the user;active=Active;block=Blocked",
		Run: func(x *feature.Exec, a *cli.Args) {
			if a.Has("block") {
				x.Node().Set(placeState, "state", "state block")
			} else {
				x.Node().Remove("state")
			}
		}},
	{Views: "any", Syntax: "display local-user", Help: "local-user=Local users", Run: displayUser},
}

func userKey(a *cli.Args) string {
	class := "manage"
	if a.Has("network") {
		class = "network"
	}
	return "local-user " + a.Str("name") + " class " + class
}

// enterUser goes to the view of a local user, which is made if need be. A new
// device management user has the role network-operator.
func enterUser(x *feature.Exec, a *cli.Args) {
	root := x.Box.Conf.Root()
	key := userKey(a)
	class := strings.Fields(key)[3]
	isNew := root.Child(key) == nil
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
	salt := base64.StdEncoding.EncodeToString(b.Stream("password salt").Bytes(12))
	sum := sha512.Sum512([]byte(salt + password))
	return "$h$6$" + salt + "$" + base64.StdEncoding.EncodeToString(sum[:])
}

// askPassword asks twice.
func askPassword(x *feature.Exec) {
	n := x.Node()
	x.Shell.Term.Ask("Password:", true, func(one string) {
		x.Shell.Term.Ask("Confirm :", true, func(two string) {
			if one == "" || one != two {
				x.Error("The two passwords are different.")
				return
			}
			x.Print("Updating user information. Please wait... ...\n")
			n.Set(placePassword, "password", "password hash "+hash(x.Box, one))
		})
	})
}

// serviceOrder is the order in which the configuration writes services.
var serviceOrder = []string{"pad", "ssh", "telnet", "terminal", "http", "https"}

// services adds services to a user, or takes them away. FTP has a line of its own.
func services(x *feature.Exec, args []cli.Arg, add bool) {
	n := x.Node()
	have := map[string]bool{}
	if c := n.Child("service-type"); c != nil {
		for _, s := range strings.Fields(c.Text)[1:] {
			have[s] = true
		}
	}
	for _, g := range args {
		if g.Token != "ftp" {
			have[g.Token] = add
			continue
		}
		if add {
			n.Set(placeFTP, "service-type ftp", "service-type ftp")
		} else {
			n.Remove("service-type ftp")
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

func displayUser(x *feature.Exec, _ *cli.Args) {
	var users []*conf.Node
	for _, n := range x.Box.Conf.Root().Kids() {
		if strings.HasPrefix(n.Text, "local-user ") {
			users = append(users, n)
		}
	}
	x.Printf("Total %d local users matched.\n\n", len(users))
	for _, n := range users {
		f := strings.Fields(n.Text)
		kind := "Device management"
		if f[3] == "network" {
			kind = "Network access"
		}
		state := "Active"
		if n.Child("state") != nil {
			state = "Blocked"
		}
		x.Printf("%s user %s:\n State:                    %s\n", kind, f[1], state)
		if s := serviceNames(n); s != "" {
			x.Printf(" Service type:             %s\n", s)
		}
		x.Print(" User group:               system\n Bind attributes:\n Authorization attributes:\n  Work directory:          flash:\n")
		var roles []string
		for _, c := range n.Kids() {
			if r, ok := strings.CutPrefix(c.Text, "authorization-attribute user-role "); ok {
				roles = append(roles, r)
			}
		}
		x.Printf("  User role list:          %s\n", strings.Join(roles, ", "))
	}
}

func serviceNames(n *conf.Node) string {
	names := map[string]string{"pad": "PAD", "ssh": "SSH", "telnet": "Telnet", "terminal": "Terminal", "http": "HTTP", "https": "HTTPS"}
	var list []string
	if n.Child("service-type ftp") != nil {
		list = append(list, "FTP")
	}
	if c := n.Child("service-type"); c != nil {
		for _, s := range strings.Fields(c.Text)[1:] {
			list = append(list, names[s])
		}
	}
	return strings.Join(slices.Compact(list), "/")
}
