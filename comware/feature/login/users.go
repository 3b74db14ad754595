package login

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

const oneLine = "{ <index:0-73> | { aux | console | tty | vty } <number:0-63> }"

var lineDisplays = []feature.Command{
	texts.Command("any", "display users [ all ]", displayUsers),
	texts.Command("any", "display line [ "+oneLine+" ]", displayLine),
	texts.Command("any", "display line summary", displayLineSummary),
	texts.Command("any", "display user-interface [ "+oneLine+" ]", displayLine),
	texts.Command("any", "display user-interface summary", displayLineSummary),
}

// pick is the line that a command names.
func pick(a *cli.Args) (LineID, bool) {
	l := LineID{"con", a.Int("number")}
	if a.Has("vty") {
		l.Kind = "vty"
	}
	i := slices.IndexFunc(allLines(), func(x LineID) bool {
		if a.Has("index") {
			return x.Index() == a.Int("index")
		}
		return x == l && !a.Has("aux") && !a.Has("tty")
	})
	if i < 0 {
		return LineID{}, false
	}
	return allLines()[i], true
}

// on is the session on a line, nil for none.
func on(b *feature.Box, l LineID) *feature.Shell {
	i := slices.IndexFunc(b.Shells, func(s *feature.Shell) bool { return s.Name == l.String() })
	if i < 0 {
		return nil
	}
	return b.Shells[i]
}

// idle is how long nobody typed at a session, as displays write it.
func idle(b *feature.Box, s *feature.Shell) string {
	t, ok := s.Term.(interface{ LastInput() time.Time })
	if !ok {
		return "00:00:00"
	}
	d := b.Now().Sub(t.LastInput())
	if d >= 24*time.Hour {
		return "old"
	}
	return fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

// displayUsers lists the sessions, with `all` every line there is.
func displayUsers(x *feature.Exec, a *cli.Args) {
	x.Print("  Idx  Line     Idle       Time              Pid     Type\n")
	var details strings.Builder
	for _, l := range allLines() {
		s := on(x.Box, l)
		if s == nil {
			if a.Has("all") {
				x.Printf("  %-5d%s\n", l.Index(), l.Title())
			}
			continue
		}
		mark := ' '
		if s == x.Shell {
			mark = '+'
		}
		x.Printf("%c %-5d%-9s%-11s%-18s%-8d%s\n", mark, l.Index(), l.Title(), idle(x.Box, s), s.Since.Format("Jan 02 15:04:05"), PID(s), kindOf(s))
		fmt.Fprintf(&details, "%-8s:\n", l.Title())
		if s.User != "" {
			fmt.Fprintf(&details, "        User name: %s\n", s.User)
		}
		if s.From != "" {
			fmt.Fprintf(&details, "        Location: %s\n", s.From)
		}
	}
	x.Print("\nFollowing are more details.\n" + details.String())
	x.Print(" +    : Current operation user.\n F    : Current operation user works in async mode.\n")
}

// PID is the number of the session's process.
func PID(s *feature.Shell) uint32 {
	if s.PID == 0 {
		s.PID = 200 + s.Box.Stream("shell pid").Uint32()%800
	}
	return s.PID
}

// kindOf is how a person came in from the network.
func kindOf(s *feature.Shell) string {
	switch {
	case s.From == "":
		return ""
	case s.SSH:
		return "SSH"
	}
	return "TEL"
}

func displayLine(x *feature.Exec, a *cli.Args) {
	lines := allLines()
	if a.Has("index") || a.Has("number") {
		l, ok := pick(a)
		if !ok {
			x.Error("The line does not exist.")
			return
		}
		lines = []LineID{l}
	}
	x.Print("  Idx  Type     Tx/Rx      Modem Auth  Int         Location\n")
	auth := map[string]string{"none": "N", "password": "P", "scheme": "A"}
	for _, l := range lines {
		mark, rate := ' ', "-"
		if on(x.Box, l) != nil {
			mark = '+'
		}
		if l.Kind == "con" {
			rate = "9600"
			if f := lineSetting(x.Box, l, "speed"); len(f) > 1 {
				rate = f[1]
			}
		}
		x.Printf("%c %-5d%-9s%-11s%-6s%-6s%-12s%s\n", mark, l.Index(), l.Title(), rate, "-", auth[LineSettings(x.Box, l.String()).Auth], "-", "1/0")
	}
	x.Print("\n  +    : Line is active.\n  F    : Line is active and in async mode.\n  Idx  : Absolute index of line.\n" +
		"  Type : Type and relative index of line.\n  Auth : Login authentication mode.\n  Int  : Physical port of the line.\n" +
		"  A    : Authentication use AAA.\n  N    : No authentication is required.\n  P    : Password authentication.\n")
}

func displayLineSummary(x *feature.Exec, _ *cli.Args) {
	used, free := 0, 0
	for _, kind := range []string{"con", "vty"} {
		x.Printf("  Line type : [%s]\n", strings.ToUpper(kind))
		for _, l := range allLines() {
			if l.Kind != kind {
				continue
			}
			switch {
			case l.N%16 == 0:
				if l.N > 0 {
					x.Print("\n")
				}
				x.Printf("%12d:", l.Index())
			case l.N%4 == 0:
				x.Print(" ")
			}
			if on(x.Box, l) != nil {
				used++
				x.Print("U")
			} else {
				free++
				x.Print("X")
			}
		}
		x.Print("\n")
	}
	x.Printf("\n%4d lines used.      (U)\n%4d lines not used.  (X)\n", used, free)
}

var sessionCommands = []feature.Command{
	texts.Command("user", "free line "+oneLine, freeLine),
	texts.Command("user", "free user-interface "+oneLine, freeLine),
	texts.Command("user", "send { all | <index:0-73> | { aux | console | tty | vty } <number:0-63> }", send),
	texts.Command("user", "lock", lock),
}

func freeLine(x *feature.Exec, a *cli.Args) {
	l, ok := pick(a)
	s := on(x.Box, l)
	switch {
	case !ok:
		x.Error("The line does not exist.")
		return
	case s == x.Shell:
		x.Error("The current line cannot be freed.")
		return
	}
	x.Confirm(fmt.Sprintf("Are you sure to free line %s? [Y/N]:", l), func(yes bool) {
		if !yes {
			return
		}
		if s := on(x.Box, l); s != nil {
			s.Term.Logout()
		}
		x.Print(" [OK]\n")
	})
}

// send asks for a message and shows it on other lines.
func send(x *feature.Exec, a *cli.Args) {
	to := allLines()
	if !a.Has("all") {
		l, ok := pick(a)
		if !ok {
			x.Error("The line does not exist.")
			return
		}
		to = []LineID{l}
	}
	x.Print("Input message, end with Enter; abort with CTRL+C:\n")
	x.Shell.Term.Ask("", false, func(message string) {
		x.Confirm("Send message? [Y/N]:", func(yes bool) {
			for _, l := range to {
				s := on(x.Box, l)
				if !yes || s == nil {
					continue
				}
				if t, ok := s.Term.(interface{ Notify(text string) }); ok {
					t.Notify(fmt.Sprintf("\n***\n***\n***Message from %s to %s\n***\n%s\n", x.Shell.Name, l, message))
				}
			}
		})
	})
}

// lock holds the line until the password that is given comes again. A key that
// stops a command does not end it.
func lock(x *feature.Exec, _ *cli.Args) {
	t := x.Shell.Term
	x.Print("Please input password<1 to 16> to lock current line:\n")
	t.Ask("Password:", true, func(one string) {
		t.Ask("Again:", true, func(two string) {
			if one == "" || len(one) > 16 || one != two {
				x.Error("The two passwords are different.")
				return
			}
			x.Print("\n                   locked !\n")
			var wait func()
			again := func() { wait() }
			ask := func(prompt string, f func(string)) {
				x.Hold(again)
				t.Ask(prompt, true, f)
			}
			wait = func() {
				ask("", func(string) {
					ask("Password:", func(try string) {
						if try != one {
							wait()
							return
						}
						x.Release()
					})
				})
			}
			wait()
		})
	})
}
