package info

import (
	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

const terminalHelp = "terminal=Specify the terminal characteristics;monitor=Enable to display logs on the current terminal;" +
	"debugging=Enable to display debugging logs on the current terminal;logging=Display logs on the current terminal;" +
	"level=Specify the lowest level of logs to display;<level>=Level value"

var terminalCommands = []feature.Command{
	{Views: "user", Syntax: "terminal monitor", Help: terminalHelp, Run: terminalSwitch(true, "logs", monitor)},
	{Views: "user", Syntax: "undo terminal monitor", Help: terminalHelp, Run: terminalSwitch(false, "logs", monitor)},
	{Views: "user", Syntax: "terminal debugging", Help: terminalHelp, Run: terminalSwitch(true, "debugging logs", debugging)},
	{Views: "user", Syntax: "undo terminal debugging", Help: terminalHelp, Run: terminalSwitch(false, "debugging logs", debugging)},
	{Views: "user", Syntax: "terminal logging level <level:0-7>", Help: terminalHelp,
		Run: func(x *feature.Exec, a *cli.Args) { x.Shell.Level = a.Int("level") }},
	{Views: "user", Syntax: "undo terminal logging level", Help: terminalHelp,
		Run: func(x *feature.Exec, _ *cli.Args) { x.Shell.Level = 6 }},
}

func monitor(s *feature.Shell) *bool   { return &s.Monitor }
func debugging(s *feature.Shell) *bool { return &s.Debugging }

func terminalSwitch(on bool, what string, which func(*feature.Shell) *bool) func(*feature.Exec, *cli.Args) {
	return func(x *feature.Exec, _ *cli.Args) {
		*which(x.Shell) = on
		x.Printf("The current terminal is %s to display %s.\n", enabled(on), what)
	}
}

func enabled(on bool) string {
	if on {
		return "enabled"
	}
	return "disabled"
}
