package terminal

import (
	"fmt"
	"slices"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// sharedHistory is the size of the history of all sessions; it cannot be set.
const sharedHistory = 1024

// An entry is a command of the shared history.
type entry struct {
	at               time.Time
	line, from, user string
	text             string
}

var historyCommands = []feature.Command{
	{Views: "any", Syntax: "display history-command", Help: "history-command=Commands that this user has run",
		Run: func(x *feature.Exec, _ *cli.Args) {
			for _, c := range x.Shell.Term.History() {
				x.Print("  " + c + "\n")
			}
		}},
	{Views: "any", Syntax: "display history-command all", Help: "all=Commands that all users have run", Run: displayShared},
	{Views: "any", Syntax: "repeat [ <number:1-10> ] [ count <times:0-4294967295> | delay <seconds:0-4294967295> ] *",
		Help: "repeat=Repeat commands of the history;<number>=Number of commands, 1 by default;count=Number of times;" +
			"<times>=Times, 0 until it is stopped;delay=Time between two rounds;<seconds>=Seconds, 1 by default",
		Run: repeat},
}

// remember keeps a command of any session on a line, up to the size of the
// buffer.
func (st *terminals) remember(s *feature.Shell, text string) {
	if s.Name == "" {
		return
	}
	if len(st.history) == 2*sharedHistory { // seldom, so that it costs little
		st.history = slices.Delete(st.history, 0, sharedHistory)
	}
	st.history = append(st.history, entry{at: s.Box.Clock(), line: s.Name, from: s.From, user: s.User, text: text})
}

func displayShared(x *feature.Exec, _ *cli.Args) {
	x.Print("  Date       Time     Terminal   Ip              User\n")
	stars := func(s string) string {
		if s == "" {
			return "**"
		}
		return s
	}
	kept := state(x.Box).history
	for _, e := range slices.Backward(kept[max(len(kept)-sharedHistory, 0):]) {
		x.Print(fmt.Sprintf("  %s %-10s %-15s %s\n  Cmd:%s\n\n", e.at.Format("01/02/2006 15:04:05"), e.line, stars(e.from), stars(e.user), e.text))
	}
}

// A repeater is a terminal that can run its history again.
type repeater interface {
	Repeat(n int, count uint32, delay time.Duration)
}

func repeat(x *feature.Exec, a *cli.Args) {
	t, ok := x.Shell.Term.(repeater)
	if !ok {
		return
	}
	n, delay := 1, time.Second
	if a.Has("number") {
		n = a.Int("number")
	}
	if a.Has("seconds") {
		delay = time.Duration(a.Int("seconds")) * time.Second
	}
	t.Repeat(n, a.Uint32("times"), delay)
}
