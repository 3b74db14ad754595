// Package login is who may come in and what a line of the device gives them:
// lines, local users and their passwords. Command and output forms are those
// of the Comware 7 command references "Login management" and "AAA".
package login

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Places of the lines of a line view.
const (
	placeAuth    = 10
	placeRole    = 20
	placeIn      = 30
	placeIdle    = 40
	placeScreen  = 50
	placeHistory = 60
	placeSecret  = 70
)

// Feature is lines and users.
var Feature = feature.Feature{
	Name: "login",
	Views: []feature.View{
		{Name: "line", Parent: "system", Title: "Line"},
		{Name: "line-class", Parent: "system", Title: "Line class"},
		{Name: "luser-manage", Parent: "system", Title: "Local-user"},
		{Name: "luser-network", Parent: "system", Title: "Local-user"},
		{Name: "user-group", Parent: "system", Title: "User-group"},
	},
	Commands: slices.Concat(lineCommands, userCommands),
	Install:  func(b *feature.Box) { b.IdleTimeout = func() time.Duration { return idleTimeout(b) } },
}

const lineHelp = "line=Enter line view;user-interface=Enter line view;aux=AUX line;console=Console line;tty=TTY line;vty=Virtual type terminal line;" +
	"<first>=Number of the first line;<last>=Number of the last line"

var lineCommands = []feature.Command{
	{Views: "system", Syntax: "line { aux | console | tty | vty } <first:0-63> [ <last:0-63> ]", Help: lineHelp, Run: enterLine},
	{Views: "system", Syntax: "user-interface { aux | console | tty | vty } <first:0-63> [ <last:0-63> ]", Help: lineHelp, Run: enterLine},
	{Views: "system", Syntax: "line class { aux | console | tty | vty }",
		Help: lineHelp + ";class=Enter line class view", Run: enterLineClass},
	{Views: "line line-class", Syntax: "authentication-mode { none | password | scheme }",
		Help: "authentication-mode=Authentication mode for the line;none=Login without authentication;password=Authenticate by the line's password;scheme=Authenticate by AAA",
		Run: func(x *feature.Exec, a *cli.Args) {
			mode := a.Token(1)
			if mode == lineDefault(x.Node()) {
				x.Node().Remove("authentication-mode")
				return
			}
			x.Node().Set(placeAuth, "authentication-mode", "authentication-mode "+mode)
		}},
	undoLine("authentication-mode", "authentication-mode=Authentication mode for the line"),
	{Views: "line line-class", Syntax: "user-role <role:string:1-63>", Help: "user-role=User role of those who log in;<role>=Name of the role",
		Run: func(x *feature.Exec, a *cli.Args) {
			s := "user-role " + a.Str("role")
			x.Node().Set(placeRole, s, s)
		}},
	{Views: "line line-class", Syntax: "undo user-role <role:string:1-63>", Help: "user-role=User role of those who log in;<role>=Name of the role",
		Run: func(x *feature.Exec, a *cli.Args) { x.Node().Remove("user-role " + a.Str("role")) }},
	{Views: "line line-class", Syntax: "protocol inbound { all | ssh | telnet }",
		Help: "protocol=Protocols of the line;inbound=Incoming;all=All protocols;ssh=SSH;telnet=Telnet",
		Run: func(x *feature.Exec, a *cli.Args) {
			if p := a.Token(2); p != "all" {
				x.Node().Set(placeIn, "protocol inbound", "protocol inbound "+p)
			} else {
				x.Node().Remove("protocol inbound")
			}
		}},
	undoLine("protocol inbound", "protocol=Protocols of the line;inbound=Incoming"),
	{Views: "line line-class", Syntax: "idle-timeout <minutes:0-35791> [ <seconds:0-59> ]",
		Help: "idle-timeout=Time after which an idle session ends;<minutes>=Minutes, 0 for never;<seconds>=Seconds",
		Run: func(x *feature.Exec, a *cli.Args) {
			m, s := a.Int("minutes"), a.Int("seconds")
			if m == defaultIdle && s == 0 {
				x.Node().Remove("idle-timeout")
				return
			}
			x.Node().Set(placeIdle, "idle-timeout", fmt.Sprintf("idle-timeout %d %d", m, s))
		}},
	undoLine("idle-timeout", "idle-timeout=Time after which an idle session ends"),
	{Views: "line line-class", Syntax: "screen-length <lines:0-512>", Help: "screen-length=Lines displayed on one screen;<lines>=Lines, 0 for all",
		Run: func(x *feature.Exec, a *cli.Args) {
			if n := a.Int("lines"); n == defaultScreen {
				x.Node().Remove("screen-length")
			} else {
				x.Node().Set(placeScreen, "screen-length", "screen-length "+itoa(n))
			}
			applyScreen(x.Box)
		}},
	{Views: "line line-class", Syntax: "undo screen-length", Help: "screen-length=Lines displayed on one screen",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Node().Remove("screen-length")
			applyScreen(x.Box)
		}},
	{Views: "line line-class", Syntax: "history-command max-size <size:0-256>",
		Help: "history-command=History buffer;max-size=Number of commands;<size>=Number of commands",
		Run: func(x *feature.Exec, a *cli.Args) {
			if n := a.Int("size"); n == defaultHistory {
				x.Node().Remove("history-command max-size")
			} else {
				x.Node().Set(placeHistory, "history-command max-size", "history-command max-size "+itoa(n))
			}
			applyHistory(x.Box)
		}},
	{Views: "line line-class", Syntax: "undo history-command max-size", Help: "history-command=History buffer;max-size=Number of commands",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Node().Remove("history-command max-size")
			applyHistory(x.Box)
		}},
	{Views: "line line-class", Syntax: "set authentication password { hash | simple } <password:string:1-255>",
		Help: "set=Specify the password of the line;authentication=Authentication;password=Password;hash=Hashed password;simple=Plaintext password;<password>=Password",
		Run: func(x *feature.Exec, a *cli.Args) {
			x.Node().Set(placeSecret, "set authentication password", "set authentication password hash "+secret(x, a))
		}},
	undoLine("set authentication password", "set=Specify the password of the line;authentication=Authentication;password=Password"),
	{Views: "any", Syntax: "display users [ all ]", Help: "users=Information about users on lines;all=All lines", Run: displayUsers},
	{Views: "any", Syntax: "display line", Help: "line=Lines", Run: displayLine},
}

// undoLine is the undo form of a line of the line views.
func undoLine(key, help string) feature.Command {
	return feature.Command{Views: "line line-class", Syntax: "undo " + key, Help: help,
		Run: func(x *feature.Exec, _ *cli.Args) { x.Node().Remove(key) }}
}

// shortLine is how the configuration writes a type of line.
func shortLine(kind string) string {
	if kind == "console" {
		return "con"
	}
	return kind
}

func enterLine(x *feature.Exec, a *cli.Args) {
	kind, first, last := a.Token(1), a.Int("first"), a.Int("last")
	single := !a.Has("last") || last == first
	if kind != "vty" && (first != 0 || !single) || !single && last < first {
		x.Error("Invalid line number.")
		return
	}
	suffix, text := fmt.Sprintf("line-%s%d", kind, first), fmt.Sprintf("line %s %d", shortLine(kind), first)
	if !single {
		suffix += fmt.Sprintf("-%d", last)
		text += fmt.Sprintf(" %d", last)
	}
	x.Enter(feature.ViewState{Name: "line", Suffix: suffix, Node: x.Node().Open(feature.PlaceLine, text, text)})
}

func enterLineClass(x *feature.Exec, a *cli.Args) {
	text := "line class " + a.Token(2)
	x.Enter(feature.ViewState{Name: "line-class", Suffix: "line-class-" + a.Token(2), Node: x.Node().Open(feature.PlaceLineClass, text, text)})
}

// lineDefault is the authentication mode a line has by itself.
func lineDefault(n *conf.Node) string {
	if strings.HasPrefix(n.Text, "line vty") || n.Text == "line class vty" {
		return "password"
	}
	return "none"
}

// Defaults of a line.
const (
	defaultIdle   = 10 // minutes
	defaultScreen = 24

	defaultHistory = 10 // commands
)

// consoleSetting is a setting of the console line, or of its class.
func consoleSetting(b *feature.Box, key string) []string {
	for _, view := range []string{"line con 0", "line class console"} {
		if n := b.Conf.Root().Child(view); n != nil {
			if c := n.Child(key); c != nil {
				return strings.Fields(c.Text)[1:]
			}
		}
	}
	return nil
}

// idleTimeout is after how long an idle session at the console ends, 0 for
// never.
func idleTimeout(b *feature.Box) time.Duration {
	f := consoleSetting(b, "idle-timeout")
	if len(f) != 2 {
		return defaultIdle * time.Minute
	}
	m, _ := strconv.Atoi(f[0])
	s, _ := strconv.Atoi(f[1])
	return time.Duration(m)*time.Minute + time.Duration(s)*time.Second
}

// ScreenLength is the page length that the console line is configured with, 0
// for no paging.
func ScreenLength(b *feature.Box) int {
	f := consoleSetting(b, "screen-length")
	if len(f) != 1 {
		return defaultScreen
	}
	n, _ := strconv.Atoi(f[0])
	return n
}

// applyScreen gives the sessions that are open the page length of their line.
func applyScreen(b *feature.Box) {
	for _, s := range b.Shells {
		if s.Name == "con0" {
			s.Term.SetPageLength(ScreenLength(b))
		}
	}
}

// HistorySize is how many commands the console line keeps.
func HistorySize(b *feature.Box) int {
	f := consoleSetting(b, "history-command max-size")
	if len(f) != 2 {
		return defaultHistory
	}
	n, _ := strconv.Atoi(f[1])
	return n
}

// applyHistory gives the sessions that are open the history of their line.
func applyHistory(b *feature.Box) {
	for _, s := range b.Shells {
		if s.Name == "con0" {
			s.Term.SetHistorySize(HistorySize(b))
		}
	}
}

func displayLine(x *feature.Exec, _ *cli.Args) {
	x.Print("  Idx  Type     Tx/Rx      Modem  Auth  Int          Location\n")
	auth := map[string]string{"none": "N", "password": "P", "scheme": "A"}
	mode := "none"
	if f := consoleSetting(x.Box, "authentication-mode"); len(f) == 1 {
		mode = f[0]
	}
	mark := ' '
	for _, s := range x.Box.Shells {
		if s.Name == "con0" {
			mark = '+'
		}
	}
	x.Printf("%c %-5d%-9s%-11s%-7s%-6s%-13s%s\n", mark, 0, "CON 0", "9600", "-", auth[mode], "-", "1/0")
	x.Print("\n  + : Line is active.\n  F : Line is active and in async mode.\n  Idx : Absolute index of line.\n  Type : Type and relative index of line.\n" +
		"  Auth : Login authentication mode.\n  Int : Physical port of the line.\n  A : Authentication use AAA.\n  N : No authentication is required.\n" +
		"  P : Password authentication.\n")
}
