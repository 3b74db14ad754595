package login

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// placePasswordControl stands before the domains.
const placePasswordControl = feature.PlaceDomain - 10

// control is the password control of a user, a group or the device.
type control struct {
	aging         int // days
	length        int
	types, each   int // least number of kinds of characters, and of each kind
	userName      bool
	sameCharacter bool
	attempts      int
	exceed        string // "lock", "unlock" or "lock-time"
	lockTime      int    // minutes
}

const day = 24 * time.Hour

// defaultControl is the password control by default.
var defaultControl = control{aging: 90, length: 10, types: 1, each: 1, attempts: 3, exceed: "lock-time", lockTime: 1}

// controlIn is what holds for a user or a group: what it sets itself, then what
// its group sets, then what the device does.
func controlIn(b *feature.Box, n *conf.Node) control {
	c := defaultControl
	c.lay(b.Conf.Root())
	if strings.HasPrefix(n.Text, "local-user ") {
		if g := groupNode(b, groupOf(n)); g != nil {
			c.lay(g)
		}
	}
	c.lay(n)
	return c
}

// lay puts what a view sets over what is there.
func (c *control) lay(n *conf.Node) {
	words := func(key string) []string {
		if k := n.Child("password-control " + key); k != nil {
			return strings.Fields(k.Text)
		}
		return nil
	}
	last := func(key string, to *int) {
		if f := words(key); f != nil {
			*to, _ = strconv.Atoi(f[len(f)-1])
		}
	}
	last("aging", &c.aging)
	last("length", &c.length)
	if f := words("composition"); f != nil {
		c.types, _ = strconv.Atoi(f[3])
		c.each = 1
		if len(f) > 5 {
			c.each, _ = strconv.Atoi(f[5])
		}
	}
	c.userName = c.userName || words("complexity user-name check") != nil
	c.sameCharacter = c.sameCharacter || words("complexity same-character check") != nil
	if f := words("login-attempt"); f != nil {
		c.attempts, _ = strconv.Atoi(f[2])
		c.exceed, c.lockTime = defaultControl.exceed, defaultControl.lockTime
		if len(f) > 4 {
			c.exceed = f[4]
		}
		if len(f) > 5 {
			c.lockTime, _ = strconv.Atoi(f[5])
		}
	}
}

func (c control) action() string {
	switch c.exceed {
	case "lock":
		return "Lock"
	case "unlock":
		return "Unlock"
	}
	return fmt.Sprintf("Lock user for %d minutes", c.lockTime)
}

// controlled says whether password control is on, and a part of it.
func controlled(b *feature.Box, part string) bool {
	root := b.Conf.Root()
	return root.Child("password-control enable") != nil && (part == "" || root.Child("password-control "+part+" enable") == nil)
}

// controlNumber is a number that the device as a whole is set to.
func controlNumber(b *feature.Box, key string, or int) int {
	if n := b.Conf.Root().Child("password-control " + key); n != nil {
		f := strings.Fields(n.Text)
		or, _ = strconv.Atoi(f[len(f)-1])
	}
	return or
}

// refusal says what is wrong with a new password, "" for nothing. minimal is
// the check of a password without rules of its own: four characters that
// differ.
func (c control) refusal(b *feature.Box, user, password string) string {
	length := c.length
	if !controlled(b, "length") {
		length = 4
	}
	if len(password) < length {
		return fmt.Sprintf("The password must have at least %d characters.", length)
	}
	different := map[rune]bool{}
	run, before := 0, rune(-1)
	same := false
	var count [4]int
	for _, r := range password {
		different[r] = true
		if r == before {
			run++
		} else {
			run, before = 1, r
		}
		same = same || run >= 3
		switch {
		case unicode.IsDigit(r):
			count[0]++
		case unicode.IsUpper(r):
			count[1]++
		case unicode.IsLower(r):
			count[2]++
		default:
			count[3]++
		}
	}
	types := 0
	for _, n := range count {
		if n >= c.each {
			types++
		}
	}
	lower, name := strings.ToLower(password), strings.ToLower(user)
	switch {
	case len(different) < 4:
		return "The password must have at least 4 different characters."
	case controlled(b, "composition") && types < c.types:
		return fmt.Sprintf("The password must have at least %d types of characters, and at least %d characters of each type.", c.types, c.each)
	case c.userName && user != "" && (strings.Contains(lower, name) || strings.Contains(lower, reverse(name))):
		return "The password must not contain the user name or the reversed user name."
	case c.sameCharacter && same:
		return "The password must not contain three or more equal characters in a row."
	}
	return ""
}

func reverse(s string) string {
	var b strings.Builder
	for i := len(s) - 1; i >= 0; i-- {
		b.WriteByte(s[i])
	}
	return b.String()
}

const controlViews = "system user-group luser-manage"

// placeIn is where a password-control line stands in the view of the command.
func placeOf(x *feature.Exec) int {
	if x.Node().Parent() == nil {
		return placePasswordControl
	}
	return placeControl
}

// controlLine is a setting of password control and its undo form.
func controlLine(views, syntax, key, byDefault string) []feature.Command {
	key = "password-control " + key
	return []feature.Command{
		texts.Command(views, "password-control "+syntax, func(x *feature.Exec, a *cli.Args) {
			if text := a.Line(); x.Node().Parent() == nil && text == "password-control "+byDefault {
				x.Node().Remove(key)
			} else {
				x.Node().Set(placeOf(x), key, text)
			}
		}),
		texts.Command(views, "undo "+key, func(x *feature.Exec, _ *cli.Args) { x.Node().Remove(key) }),
	}
}

// controlSwitch is a part of password control that is on by default.
func controlSwitch(part string) []feature.Command {
	key := "password-control " + part + " enable"
	return []feature.Command{
		command(key, func(x *feature.Exec, _ *cli.Args) { x.Node().Remove(key) }),
		command("undo "+key, func(x *feature.Exec, a *cli.Args) { x.Node().Set(placePasswordControl, key, a.Line()) }),
	}
}

func check(what string) []feature.Command {
	key := "complexity " + what + " check"
	return controlLine(controlViews, key, key, "")
}

var controlCommands = append(concat(
	controlSwitch("aging"), controlSwitch("composition"), controlSwitch("history"), controlSwitch("length"),
	controlLine(controlViews, "aging <days:1-365>", "aging", "aging 90"),
	controlLine(controlViews, "length <length:4-32>", "length", "length 10"),
	controlLine(controlViews, "composition type-number <types:1-4> [ type-length <each:1-63> ]", "composition", ""),
	controlLine(controlViews, "login-attempt <times:2-10> [ exceed { lock | lock-time <minutes:1-360> | unlock } ]", "login-attempt", ""),
	check("user-name"), check("same-character"),
	controlLine("system", "history <records:2-15>", "history", "history 4"),
	controlLine("system", "update-interval <hours:0-168>", "update-interval", "update-interval 24"),
	controlLine("system", "login idle-time <days:0-365>", "login idle-time", "login idle-time 90"),
	controlLine("system", "expired-user-login delay <days:1-90> times <times:0-10>", "expired-user-login", "expired-user-login delay 30 times 3"),
	controlLine("system", "super length <length:4-63>", "super length", "super length 10"),
	controlLine("system", "super composition type-number <types:1-4> [ type-length <each:1-63> ]", "super composition", ""),
), []feature.Command{
	texts.Keep("system", "password-control alert-before-expire <days:1-30>", feature.Keep{Place: placePasswordControl, Default: "password-control alert-before-expire 7"}),
	texts.Keep("system", "password-control super aging <days:1-365>", feature.Keep{Place: placePasswordControl, Default: "password-control super aging 90"}),
	command("password-control enable", func(x *feature.Exec, a *cli.Args) {
		x.Node().Set(placePasswordControl, a.Line(), a.Line())
		stateOf(x.Box).hide()
	}),
	command("undo password-control enable", func(x *feature.Exec, _ *cli.Args) {
		x.Node().Remove("password-control enable")
		stateOf(x.Box).unhide()
	}),
	texts.Command("any", "display password-control [ super ]", displayControl),
	texts.Command("any", "display password-control blacklist [ user-name <name:string:1-55> | ip <address:ip> ]", displayBlacklist),
	texts.Command("user", "reset password-control blacklist [ user-name <name:string:1-55> ]", func(x *feature.Exec, a *cli.Args) {
		what := "all users"
		if a.Has("name") {
			what = "the specified user"
		}
		x.Confirm("Are you sure to delete "+what+" in blacklist? [Y/N]:", func(yes bool) {
			if yes {
				stateOf(x.Box).forgive(a.Str("name"))
			}
		})
	}),
	texts.Command("user", "reset password-control history-record [ user-name <name:string:1-55> | super [ role <role:string:1-63> ] ]", func(x *feature.Exec, a *cli.Args) {
		what, prefix := "all local user's", "local-user "
		switch {
		case a.Has("name"):
			what, prefix = "the specified local user's", "local-user "+a.Str("name")+" "
		case a.Has("role"):
			what, prefix = "the specified role's super password", "super "+a.Str("role")
		case a.Has("super"):
			what, prefix = "all super password", "super "
		}
		x.Confirm("Are you sure to delete "+what+" history records? [Y/N]:", func(yes bool) {
			if yes {
				stateOf(x.Box).forget(prefix)
			}
		})
	}),
}...)

func concat(lists ...[]feature.Command) []feature.Command {
	var all []feature.Command
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func displayControl(x *feature.Exec, a *cli.Args) {
	b, c := x.Box, controlIn(x.Box, x.Box.Conf.Root())
	on := func(part string) string {
		if b.Conf.Root().Child("password-control "+part+" enable") == nil {
			return "Enabled"
		}
		return "Disabled"
	}
	if a.Has("super") {
		s := superControl(b)
		x.Print(" Super password control configurations:\n")
		x.Printf(" Password aging:                       %s (%d days)\n", on("aging"), controlNumber(b, "super aging", 90))
		x.Printf(" Password length:                      %s (%d characters)\n", on("length"), s.length)
		x.Printf(" Password composition:                 %s (%d types, %d characters per type)\n", on("composition"), s.types, s.each)
		return
	}
	enabled := map[bool]string{true: "Enabled", false: "Disabled"}
	delay, times := afterExpiry(b)
	x.Print(" Global password control configurations:\n")
	x.Printf(" Password control:                     %s\n", enabled[controlled(b, "")])
	x.Printf(" Password aging:                       %s (%d days)\n", on("aging"), c.aging)
	x.Printf(" Password length:                      %s (%d characters)\n", on("length"), c.length)
	x.Printf(" Password composition:                 %s (%d types, %d characters per type)\n", on("composition"), c.types, c.each)
	x.Printf(" Password history:                     %s (max history records:%d)\n", on("history"), controlNumber(b, "history", 4))
	x.Printf(" Early notice on password expiration:  %d days\n", controlNumber(b, "alert-before-expire", 7))
	x.Printf(" Maximum login attempts:               %d\n", c.attempts)
	x.Printf(" Action for exceeding login attempts:  %s\n", c.action())
	x.Printf(" Minimum interval between two updates: %d hours\n", controlNumber(b, "update-interval", 24))
	x.Printf(" User account idle time:               %d days\n", controlNumber(b, "login idle-time", 90))
	x.Printf(" Logins with aged password:            %d times in %d days\n", times, delay)
	x.Printf(" Password complexity:                  %s (username checking)\n", enabled[c.userName])
	x.Printf("                                       %s (repeated characters checking)\n", enabled[c.sameCharacter])
}

// afterExpiry is how long and how often one may log in with an expired
// password.
func afterExpiry(b *feature.Box) (days, times int) {
	if n := b.Conf.Root().Child("password-control expired-user-login"); n != nil {
		f := strings.Fields(n.Text)
		days, _ = strconv.Atoi(f[3])
		times, _ = strconv.Atoi(f[5])
		return days, times
	}
	return 30, 3
}

// superControl is the password control of super passwords.
func superControl(b *feature.Box) control {
	c := defaultControl
	c.length = controlNumber(b, "super length", defaultControl.length)
	if n := b.Conf.Root().Child("password-control super composition"); n != nil {
		f := strings.Fields(n.Text)
		c.types, _ = strconv.Atoi(f[4])
		if len(f) > 6 {
			c.each, _ = strconv.Atoi(f[6])
		}
	}
	return c
}
