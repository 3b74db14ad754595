package login

import (
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// displayUsers lists the sessions.
func displayUsers(x *feature.Exec, _ *cli.Args) {
	x.Print("  Idx  Line     Idle       Time              Pid     Type\n")
	for i, s := range x.Box.Shells {
		if s.Name == "" {
			continue
		}
		mark := ' '
		if s == x.Shell {
			mark = '+'
		}
		if s.PID == 0 {
			s.PID = 200 + x.Box.Stream("shell pid").Uint32()%800
		}
		x.Printf("%c %-5d%-9s%-11s%-18s%-8d\n", mark, i, lineName(s.Name), "00:00:00", s.Since.Format("Jan 02 15:04:05"), s.PID)
	}
	x.Print("\nFollowing are more details.\n")
	for _, s := range x.Box.Shells {
		if s.Name != "" {
			x.Printf("%-8s:\n", lineName(s.Name))
		}
	}
	x.Print(" +    : Current operation user.\n F    : Current operation user works in async mode.\n")
}

// lineName writes con0 as CON 0.
func lineName(s string) string {
	i := strings.IndexAny(s, "0123456789")
	if i < 0 {
		return strings.ToUpper(s)
	}
	return fmt.Sprintf("%s %s", strings.ToUpper(s[:i]), s[i:])
}
