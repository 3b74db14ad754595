// Package info is the information center as a person handles it: where logs
// and debugging traces go, what the log buffer and the log file hold, and which
// log hosts are told (RFC 3164). Command and output forms are those of the
// Comware 7 command reference "Information center".
//
// Limitations: log hosts are named by IPv4 address, in the public network; a
// log host of a VPN instance is kept and gets nothing. Security and diagnostic
// logs have no files.
package info

import (
	"slices"
	"strconv"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/infocenter"
)

// Feature is the information center.
var Feature = feature.Feature{
	Name: "info",
	Commands: slices.Concat(infoCommands, sourceCommands, hostCommands, fileCommands, keptCommands,
		displayCommands, debugCommands, terminalCommands),
	Install: install,
}

// state is what a box has besides its infocenter.Center.
type state struct {
	box    *feature.Box
	hosts  []*loghost
	source string            // interface whose address the packets have, "" for that of the route
	format infocenter.Format // of times at log hosts
	port   uint16            // that packets come from, 0 until the first
	busy   bool              // a packet is being sent
	file   logfile
	quiet  *sleeper // the end of `debugging all timeout`
}

// A sleeper is a timer that can be stopped.
type sleeper struct{ stop func() }

func install(b *feature.Box) {
	s := &state{box: b, file: newLogfile()}
	b.Info.After = func(d duration, f func()) func() {
		t := b.After(d, f)
		return func() { t.Stop() }
	}
	b.Info.Listen(infocenter.Loghost, s.send)
	b.Info.Listen(infocenter.Logfile, s.log)
	feature.Put(b, s)
}

func of(x *feature.Exec) *state { return feature.Get[*state](x.Box) }

const bufferKey, bufferSizeKey = "info-center logbuffer", "info-center logbuffer size"

// set keeps a line in the configuration.
func set(x *feature.Exec, key, text string) {
	x.Box.Conf.Root().Set(feature.PlaceInfoCenter, key, text)
}

func remove(x *feature.Exec, key string) { x.Box.Conf.Root().Remove(key) }

// texts are the help texts of the commands.
var texts = feature.Texts{
	"info-center": "Specify information center configuration information", "enable": "Enable the function",
	"synchronous": "Restore what was typed after a log", "logbuffer": "Log buffer", "size": "Number of logs",
	"<size>": "Number of logs", "timestamp": "Timestamp of logs", "boot": "Time since the device booted", "date": "Date and time",
	"none": "No timestamp", "loghost": "Log host", "iso": "Time in the form of ISO 8601", "no-year-date": "Date and time without the year",
	"source": "Source of the logs", "default": "All modules without rules of their own", "<module>": "Name of the module",
	"console": "Console", "monitor": "Monitor terminals", "logfile": "Log file", "deny": "Output nothing",
	"level": "Lowest severity that is output", "<number>": "Severity", "emergency": "Severity 0: the system is unusable",
	"alert": "Severity 1: action must be taken at once", "critical": "Severity 2: critical condition", "error": "Severity 3: error condition",
	"warning": "Severity 4: warning condition", "notification": "Severity 5: normal but significant condition",
	"informational": "Severity 6: informational message",
	"logging":       "Logs in general", "suppress": "Suppress logs", "duplicates": "Logs that equal the one before", "module": "Logs of a module",
	"mnemonic": "Logs by their mnemonic", "all": "All of them", "<mnemonic>": "Mnemonic of the log",
	"vpn-instance": "VPN instance of the log host", "<vpn>": "Name of the VPN instance", "<host>": "Address of the log host",
	"port": "UDP port of the log host", "<port>": "Port number", "facility": "Facility of the messages",
	"dscp": "DSCP of the packets", "<dscp>": "DSCP value", "<interface>": "Interface whose primary address is the source",
	"frequency": "Interval of saving", "<seconds>": "Interval in seconds", "size-quota": "Largest size of the file", "<quota>": "Size in MB",
	"directory": "Directory of the file", "<directory>": "Path, such as flash:/logfile", "save": "Write the buffer to the file now",
	"security-logfile": "File of security logs", "trace-logfile": "File of traces", "diagnostic-logfile": "File of diagnostic logs",
	"quota": "Largest size of the file", "alarm-threshold": "Usage from which an alarm is given", "<usage>": "Usage in percent",
	"overwrite-protection": "Write nothing when the file is full", "all-port-powerdown": "Shut down all ports then",
	"format": "Format of the messages to log hosts", "unicom": "Format of China Unicom", "cmcc": "Format of China Mobile",
	"reverse": "Newest first", "<level>": "Severity", "last-mins": "Logs of the last minutes", "<minutes>": "Number of minutes",
	"summary": "Summary", "buffer": "What the buffer of the file holds", "timeout": "Time after which all are switched off",
	"local0": "Facility local0", "local1": "Facility local1", "local2": "Facility local2", "local3": "Facility local3",
	"local4": "Facility local4", "local5": "Facility local5", "local6": "Facility local6", "local7": "Facility local7",
}

// command is a command of the system view.
func command(syntax string, run func(x *feature.Exec, a *cli.Args)) feature.Command {
	return texts.Command("system", syntax, run)
}

var infoCommands = []feature.Command{
	command("info-center enable", func(x *feature.Exec, _ *cli.Args) {
		x.Box.Info.Enabled = true
		remove(x, "info-center enable")
		x.Print("Information center is enabled.\n")
	}),
	command("undo info-center enable", func(x *feature.Exec, _ *cli.Args) {
		x.Box.Info.Enabled = false
		set(x, "info-center enable", "undo info-center enable")
		x.Print("Information center is disabled.\n")
	}),
	command("info-center synchronous", func(x *feature.Exec, _ *cli.Args) {
		x.Box.Info.Synchronous = true
		set(x, "info-center synchronous", "info-center synchronous")
		x.Print("Info-center synchronous output is on\n")
	}),
	command("undo info-center synchronous", func(x *feature.Exec, _ *cli.Args) {
		x.Box.Info.Synchronous = false
		remove(x, "info-center synchronous")
		x.Print("Info-center synchronous output is off\n")
	}),
	command("info-center logbuffer", func(x *feature.Exec, _ *cli.Args) {
		x.Box.Info.Off = false
		remove(x, bufferKey)
	}),
	command("undo info-center logbuffer", func(x *feature.Exec, _ *cli.Args) {
		x.Box.Info.Off = true
		set(x, bufferKey, "undo info-center logbuffer")
	}),
	command("info-center logbuffer size <size:0-1024>", func(x *feature.Exec, a *cli.Args) { setBuffer(x, a.Int("size")) }),
	command("undo info-center logbuffer size", func(x *feature.Exec, _ *cli.Args) { setBuffer(x, infocenter.DefaultBuffer) }),
	command("info-center timestamp { boot | date | none }", func(x *feature.Exec, a *cli.Args) { setFormat(x, a.Token(2)) }),
	command("undo info-center timestamp", func(x *feature.Exec, _ *cli.Args) { setFormat(x, "date") }),
	command("info-center logging suppress duplicates", func(x *feature.Exec, a *cli.Args) {
		x.Box.Info.SetSuppress(true)
		set(x, a.Line(), a.Line())
	}),
	command("undo info-center logging suppress duplicates", func(x *feature.Exec, _ *cli.Args) {
		x.Box.Info.SetSuppress(false)
		remove(x, "info-center logging suppress duplicates")
	}),
	command("info-center logging suppress module <module:string:1-16> mnemonic { all | <mnemonic:string:1-32> }", mute(true)),
	command("undo info-center logging suppress module <module:string:1-16> mnemonic { all | <mnemonic:string:1-32> }", mute(false)),
}

// setBuffer sets the size of the log buffer; the newest logs stay.
func setBuffer(x *feature.Exec, n int) {
	x.Box.Info.Resize(n)
	if n == infocenter.DefaultBuffer {
		remove(x, bufferSizeKey)
		return
	}
	set(x, bufferSizeKey, bufferSizeKey+" "+strconv.Itoa(n))
}

func setFormat(x *feature.Exec, name string) {
	const key = "info-center timestamp"
	x.Box.Info.Format = map[string]infocenter.Format{"boot": infocenter.SinceBoot, "date": infocenter.Date, "none": infocenter.None}[name]
	if name == "date" {
		remove(x, key)
		return
	}
	set(x, key, key+" "+name)
}

func mute(on bool) func(x *feature.Exec, a *cli.Args) {
	return func(x *feature.Exec, a *cli.Args) {
		module := strings.ToUpper(a.Str("module"))
		x.Box.Info.SetMute(infocenter.Mute{Module: module, Mnemonic: a.Str("mnemonic")}, on)
		line := "info-center logging suppress module " + cli.Quote(module) + " mnemonic "
		if a.Has("all") {
			line += "all"
		} else {
			line += cli.Quote(a.Str("mnemonic"))
		}
		if on {
			set(x, line, line)
		} else {
			remove(x, line)
		}
	}
}

const where = "{ <module:string:1-16> | default } { console | logbuffer | logfile | loghost | monitor }"

var sourceCommands = []feature.Command{
	helped("info-center source "+where+" { deny | level { <number:0-7> | emergency | alert | critical | error | warning | notification | informational | debugging } }",
		func(x *feature.Exec, a *cli.Args) {
			module, ch, key := sourceOf(a, 2)
			level, text := infocenter.Deny, key+" deny"
			if a.Has("level") {
				word := a.All()[5].Word
				if a.Has("number") {
					word = infocenter.Severities[a.Int("number")]
				}
				level, text = infocenter.Level(slices.Index(infocenter.Severities, word)), key+" level "+word
			}
			x.Box.Info.SetRule(module, ch, level)
			set(x, key, text)
		}, "debugging=Severity 7: debugging trace"),
	command("undo info-center source "+where, func(x *feature.Exec, a *cli.Args) {
		module, ch, key := sourceOf(a, 3)
		x.Box.Info.RemoveRule(module, ch)
		remove(x, key)
	}),
}

// helped is a command of the system view with a help text of its own.
func helped(syntax string, run func(x *feature.Exec, a *cli.Args), help string) feature.Command {
	c := command(syntax, run)
	c.Help += ";" + help
	return c
}

// sourceOf reads the module and the channel that begin at the nth token.
func sourceOf(a *cli.Args, n int) (module string, ch infocenter.Channel, key string) {
	module = strings.ToUpper(a.Str("module"))
	if module == "" {
		module = infocenter.Default
	}
	return module, infocenter.ChannelOf(a.Token(n + 1)), "info-center source " + cli.Quote(module) + " " + a.Token(n+1)
}

// keptCommands are of files that nothing here writes.
var keptCommands = func() []feature.Command {
	var all []feature.Command
	for _, syntax := range []string{
		"info-center trace-logfile quota <quota:1-10>",
		"info-center diagnostic-logfile frequency <seconds:10-86400>",
		"info-center diagnostic-logfile quota <quota:1-10>",
		"info-center security-logfile enable",
		"info-center security-logfile frequency <seconds:10-86400>",
		"info-center security-logfile size-quota <quota:1-10>",
		"info-center security-logfile alarm-threshold <usage:1-100>",
		"info-center format { unicom | cmcc }",
		"info-center logfile overwrite-protection [ all-port-powerdown ]",
		"info-center diagnostic-logfile enable",
	} {
		c := command(syntax, nil)
		c.Keep = &feature.Keep{Place: feature.PlaceInfoCenter, On: strings.HasPrefix(syntax, "info-center diagnostic-logfile enable")}
		all = append(all, c)
	}
	return all
}()
