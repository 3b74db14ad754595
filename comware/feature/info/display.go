package info

import (
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/infocenter"
)

var displayCommands = []feature.Command{
	texts.Command("any", "display info-center", displayInfoCenter),
	texts.Command("any", "display logbuffer [ reverse ] [ level <level:0-7> | size <size:1-1024> | last-mins <minutes:1-43200> ] *", displayLogbuffer),
	texts.Command("any", "display logbuffer summary [ level <level:0-7> ]", displayLogSummary),
	texts.Command("user", "reset logbuffer", func(x *feature.Exec, _ *cli.Args) { x.Box.Info.Clear() }),
}

// abled words a switch.
func abled(on bool) string {
	if on {
		return "Enabled"
	}
	return "Disabled"
}

func displayInfoCenter(x *feature.Exec, _ *cli.Args) {
	c, s := x.Box.Info, of(x)
	x.Printf("Information Center: %s\nConsole: Enabled\nMonitor: Enabled\n", abled(c.Enabled))
	if len(s.hosts) > 0 {
		x.Print("Log host: Enabled\n")
	}
	if s.source != "" {
		x.Printf("    Source interface: %s\n", s.source)
	}
	for _, h := range s.sortedHosts() {
		x.Printf("    IP address: %s, port number: %d, host facility: %s\n", h.addr, h.port, h.facilityName())
	}
	x.Printf("Log buffer: %s\n", abled(!c.Off))
	x.Printf("    Max buffer size %d, current buffer size %d,\n", infocenter.MaxBuffer, c.Size)
	x.Printf("    Current messages %d, dropped messages %d, overwritten messages %d\n", len(c.Buffer()), c.Dropped, c.Overwritten)
	x.Printf("Log file: %s\n", abled(s.file.on))
	x.Printf("Security log file: %s\n", abled(x.Box.Conf.Root().Child("info-center security-logfile enable") != nil))
	x.Printf("Information timestamp format:\n    Log host: %s\n    Other output destination: %s\n", s.format, c.Format)
}

func displayLogbuffer(x *feature.Exec, a *cli.Args) {
	c := x.Box.Info
	x.Printf("Log buffer: %s\nMax buffer size: %d\nActual buffer size: %d\n", abled(!c.Off), infocenter.MaxBuffer, c.Size)
	x.Printf("Dropped messages: %d\nOverwritten messages: %d\nCurrent messages: %d\n", c.Dropped, c.Overwritten, len(c.Buffer()))
	since := x.Box.Clock().Add(-time.Duration(a.Int("minutes")) * time.Minute)
	var logs []infocenter.Record
	for _, r := range c.Buffer() {
		if (!a.Has("level") || r.Severity <= a.Int("level")) && (!a.Has("last-mins") || !r.Time.Before(since)) {
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

func displayLogSummary(x *feature.Exec, a *cli.Args) {
	var count [8]int
	for _, r := range x.Box.Info.Buffer() {
		if !a.Has("level") || r.Severity <= a.Int("level") {
			count[r.Severity&7]++
		}
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
	texts.Command("user", "debugging all [ timeout <minutes:1-1440> ]", func(x *feature.Exec, a *cli.Args) {
		switchAll(x.Box, true)
		if a.Has("timeout") {
			b := x.Box
			t := b.After(time.Duration(a.Int("minutes"))*time.Minute, func() { switchAll(b, false) })
			of(x).quiet = &sleeper{func() { t.Stop() }}
		}
	}),
	texts.Command("user", "undo debugging all", func(x *feature.Exec, _ *cli.Args) { switchAll(x.Box, false) }),
	texts.Command("any", "display debugging [ <module:string:1-20> ]", func(x *feature.Exec, a *cli.Args) {
		for _, s := range x.Box.Switches() {
			module, _, _ := strings.Cut(s.Name, " ")
			if s.On && (!a.Has("module") || strings.EqualFold(module, a.Str("module"))) {
				x.Printf("%s debugging switch is on\n", s.Name)
			}
		}
	}),
}

// switchAll sets every debugging switch and ends a time-out that was set.
func switchAll(b *feature.Box, on bool) {
	if s := feature.Get[*state](b); s.quiet != nil {
		s.quiet.stop()
		s.quiet = nil
	}
	for _, s := range b.Switches() {
		s.On = on
	}
}

// Shows says whether the switches of a session let a record through to it:
// `terminal logging level 7` shows traces as well as logs.
func Shows(s *feature.Shell, r infocenter.Record) bool {
	switch {
	case !s.Monitor:
		return false
	case r.Severity == infocenter.Debugging:
		return s.Debugging || s.Level == infocenter.Debugging
	}
	return r.Severity <= s.Level
}
