// Package info is the information center as a person handles it: where logs
// and debugging traces go, and what the log buffer holds. Command and output
// forms are those of the Comware 7 command reference "Information center".
package info

import (
	"slices"
	"strconv"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/infocenter"
)

// Feature is the information center.
var Feature = feature.Feature{
	Name:     "info",
	Commands: slices.Concat(infoCommands, debugCommands, terminalCommands),
}

const (
	infoHelp  = "info-center=Specify information center configuration information"
	bufferKey = "info-center logbuffer"
)

var infoCommands = []feature.Command{
	{Views: "system", Syntax: "info-center enable", Help: infoHelp + ";enable=Enable the information center",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Box.Info.Enabled = true
			x.Box.Conf.Root().Remove("info-center enable")
			x.Print("Information center is enabled.\n")
		}},
	{Views: "system", Syntax: "undo info-center enable", Help: infoHelp + ";enable=Enable the information center",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Box.Info.Enabled = false
			x.Box.Conf.Root().Set(feature.PlaceInfoCenter, "info-center enable", "undo info-center enable")
			x.Print("Information center is disabled.\n")
		}},
	{Views: "system", Syntax: "info-center synchronous", Help: infoHelp + ";synchronous=Restore what was typed after a log",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Box.Info.Synchronous = true
			x.Box.Conf.Root().Set(feature.PlaceInfoCenter, "info-center synchronous", "info-center synchronous")
			x.Print("Info-center synchronous output is on\n")
		}},
	{Views: "system", Syntax: "undo info-center synchronous", Help: infoHelp + ";synchronous=Restore what was typed after a log",
		Run: func(x *feature.Exec, _ *cli.Args) {
			x.Box.Info.Synchronous = false
			x.Box.Conf.Root().Remove("info-center synchronous")
			x.Print("Info-center synchronous output is off\n")
		}},
	{Views: "system", Syntax: "info-center logbuffer", Help: infoHelp + ";logbuffer=Log buffer",
		Run: func(x *feature.Exec, _ *cli.Args) {
			if x.Box.Info.Size == 0 {
				setBuffer(x, infocenter.DefaultBuffer)
			}
		}},
	{Views: "system", Syntax: "undo info-center logbuffer", Help: infoHelp + ";logbuffer=Log buffer",
		Run: func(x *feature.Exec, _ *cli.Args) { setBuffer(x, 0) }},
	{Views: "system", Syntax: "info-center logbuffer size <size:0-1024>", Help: infoHelp + ";logbuffer=Log buffer;size=Size of the buffer;<size>=Number of logs",
		Run: func(x *feature.Exec, a *cli.Args) { setBuffer(x, a.Int("size")) }},
	{Views: "system", Syntax: "undo info-center logbuffer size", Help: infoHelp + ";logbuffer=Log buffer;size=Size of the buffer",
		Run: func(x *feature.Exec, _ *cli.Args) { setBuffer(x, infocenter.DefaultBuffer) }},
	{Views: "any", Syntax: "display info-center", Help: infoHelp, Run: displayInfoCenter},
	{Views: "any", Syntax: "display logbuffer [ reverse ] [ level <level:0-7> | size <size:1-1024> ] *",
		Help: "logbuffer=Log buffer;reverse=Newest first;level=Highest level of severity;<level>=Level value;size=Number of logs;<size>=Number of the newest logs",
		Run:  displayLogbuffer},
	{Views: "any", Syntax: "display logbuffer summary", Help: "summary=Number of logs of each severity", Run: displayLogSummary},
	{Views: "any", Syntax: "reset logbuffer", Help: "logbuffer=Log buffer",
		Run: func(x *feature.Exec, _ *cli.Args) { x.Box.Info.Clear() }},
}

// setBuffer sets the size of the log buffer; the newest logs stay.
func setBuffer(x *feature.Exec, n int) {
	x.Box.Info.Resize(n)
	root := x.Box.Conf.Root()
	switch n {
	case infocenter.DefaultBuffer:
		root.Remove(bufferKey)
	case 0:
		root.Set(feature.PlaceInfoCenter, bufferKey, "undo info-center logbuffer")
	default:
		root.Set(feature.PlaceInfoCenter, bufferKey, bufferKey+" size "+strconv.Itoa(n))
	}
}

func displayInfoCenter(x *feature.Exec, _ *cli.Args) {
	c := x.Box.Info
	on := func(b bool) string {
		if b {
			return "Enabled"
		}
		return "Disabled"
	}
	x.Printf("Information Center: %s\nConsole: Enabled\nMonitor: Enabled\n", on(c.Enabled))
	x.Printf("Log buffer: %s\n", on(c.Size > 0))
	x.Printf("    Max buffer size %d, current buffer size %d,\n", infocenter.MaxBuffer, c.Size)
	x.Printf("    Current messages %d, dropped messages %d, overwritten messages %d\n", len(c.Buffer()), c.Dropped, c.Overwritten)
	x.Print("Information timestamp format:\n    Other output destination: Date\n")
}

func displayLogbuffer(x *feature.Exec, a *cli.Args) {
	c := x.Box.Info
	state := "Enabled"
	if c.Size == 0 {
		state = "Disabled"
	}
	x.Printf("Log buffer: %s\nMax buffer size: %d\nActual buffer size: %d\n", state, infocenter.MaxBuffer, c.Size)
	x.Printf("Dropped messages: %d\nOverwritten messages: %d\nCurrent messages: %d\n", c.Dropped, c.Overwritten, len(c.Buffer()))
	var logs []infocenter.Record
	for _, r := range c.Buffer() {
		if !a.Has("level") || r.Severity <= a.Int("level") {
			logs = append(logs, r)
		}
	}
	if n := a.Int("size"); n > 0 && len(logs) > n {
		logs = logs[len(logs)-n:]
	}
	if a.Has("reverse") {
		slices.Reverse(logs)
	}
	for _, r := range logs {
		x.Print(r.String())
	}
}

func displayLogSummary(x *feature.Exec, _ *cli.Args) {
	var count [8]int
	for _, r := range x.Box.Info.Buffer() {
		count[r.Severity&7]++
	}
	x.Print("EMERG ALERT  CRIT ERROR  WARN NOTIF  INFO DEBUG\n")
	for i, n := range count {
		if i > 0 {
			x.Print(" ")
		}
		x.Printf("%5d", n)
	}
	x.Print("\n")
}

var debugCommands = []feature.Command{
	{Views: "user", Syntax: "debugging all", Help: "all=All debugging functions",
		Run: func(x *feature.Exec, _ *cli.Args) { switchAll(x, true) }},
	{Views: "user", Syntax: "undo debugging all", Help: "debugging=Enable system debugging functions;all=All debugging functions",
		Run: func(x *feature.Exec, _ *cli.Args) { switchAll(x, false) }},
	{Views: "any", Syntax: "display debugging", Help: "debugging=Debugging switches that are on",
		Run: func(x *feature.Exec, _ *cli.Args) {
			for _, s := range x.Box.Switches() {
				if s.On {
					x.Printf("%s debugging switch is on\n", s.Name)
				}
			}
		}},
}

func switchAll(x *feature.Exec, on bool) {
	for _, s := range x.Box.Switches() {
		s.On = on
	}
}
