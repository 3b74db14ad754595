package login

import (
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// placeSuper stands after the roles.
const placeSuper = feature.PlaceRole + 10

const superAuth, superDefault = "super authentication-mode", "super default role"

var superCommands = []feature.Command{
	texts.Command("user", "super [ <role:string:1-63> ]", super),
	command("super authentication-mode { local | scheme } *", func(x *feature.Exec, a *cli.Args) {
		if text := a.Line(); text == superAuth+" local" {
			x.Box.Conf.Root().Remove(superAuth)
		} else {
			x.Box.Conf.Root().Set(placeSuper, superAuth, text)
		}
	}),
	command("undo super authentication-mode", func(x *feature.Exec, _ *cli.Args) { x.Box.Conf.Root().Remove(superAuth) }),
	command("super default role <role:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		switch {
		case !plain(x, a.Str("role")):
		case !roleExists(x.Box, a.Str("role")) && !x.Quiet():
			x.Error("The user role does not exist.")
		case a.Str("role") == "network-admin":
			x.Box.Conf.Root().Remove(superDefault)
		default:
			x.Box.Conf.Root().Set(placeSuper, superDefault, a.Line())
		}
	}),
	command("undo super default role", func(x *feature.Exec, _ *cli.Args) { x.Box.Conf.Root().Remove(superDefault) }),
	command("super password [ role <role:string:1-63> ] [ { hash | simple } <password:string:1-110> ]", superPassword),
	command("undo super password [ role <role:string:1-63> ]", func(x *feature.Exec, a *cli.Args) {
		role := target(x, a)
		x.Box.Conf.Root().Remove("super password role " + role)
		st := stateOf(x.Box)
		st.of("super " + role).Hash = ""
		st.write()
	}),
}

// target is the role of a command, or the default one.
func target(x *feature.Exec, a *cli.Args) string {
	if a.Has("role") && a.Str("role") != "" {
		return a.Str("role")
	}
	if n := x.Box.Conf.Root().Child(superDefault); n != nil {
		return strings.TrimPrefix(n.Text, superDefault+" ")
	}
	return "network-admin"
}

// superHash is the password for a role, "" for none.
func superHash(b *feature.Box, role string) string {
	if n := b.Conf.Root().Child("super password role " + role); n != nil {
		f := strings.Fields(n.Text)
		return f[len(f)-1]
	}
	return stateOf(b).of("super " + role).Hash
}

func setSuper(b *feature.Box, role, hashed string) {
	if controlled(b, "") {
		stateOf(b).of("super " + role).Hash = hashed
		stateOf(b).write()
		return
	}
	key := "super password role " + role
	b.Conf.Root().Set(placeSuper, key, key+" hash "+hashed)
}

func superPassword(x *feature.Exec, a *cli.Args) {
	role := target(x, a)
	if !roleExists(x.Box, role) && !x.Quiet() {
		x.Error("The user role does not exist.")
		return
	}
	if !plain(x, role) || a.Has("hash") && !plain(x, a.Str("password")) {
		return
	}
	set := func(password string) {
		hashed := hash(x.Box, password)
		if controlled(x.Box, "") && !x.Quiet() {
			why := superControl(x.Box).refusal(x.Box, "", password)
			if why == "" {
				why = stateOf(x.Box).remember("super "+role, superHash(x.Box, role), password)
			}
			if why != "" {
				x.Error(why)
				return
			}
		}
		setSuper(x.Box, role, hashed)
	}
	switch {
	case a.Has("hash"):
		setSuper(x.Box, role, a.Str("password"))
	case a.Has("simple"):
		set(a.Str("password"))
	default:
		askPassword(x, set)
	}
}

// super changes the role of the session. Who sits at the console needs no
// password where none is set; others are refused then. AAA servers, which
// scheme asks, do not answer.
func super(x *feature.Exec, a *cli.Args) {
	role := target(x, a)
	if !roleExists(x.Box, role) {
		x.Error("The user role does not exist.")
		return
	}
	s := x.Shell
	x.Input("Password:", true, func(password string) {
		mode := x.Box.Conf.Root().Child(superAuth)
		h := superHash(x.Box, role)
		open := h == "" && s.From == ""
		if mode != nil && !strings.Contains(mode.Text, "local") || !open && !fits(h, password) {
			x.Error("Authentication failed.")
			return
		}
		s.Roles = []string{role}
		x.Printf("User privilege role is %s, and only those commands can be used that authorized to the role.\n", role)
	})
}
