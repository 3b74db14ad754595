package config

import (
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var startupCommands = []feature.Command{
	{Views: "any", Syntax: "display startup", Help: "startup=Startup configuration files", Run: displayStartup},
	{Views: "any", Syntax: "display saved-configuration", Help: "saved-configuration=Saved configuration", Run: displaySaved},
	{Views: "any", Syntax: "display default-configuration", Help: "default-configuration=Factory default configuration", Run: displayDefault},
	{Views: "user", Syntax: "startup saved-configuration <file:string:1-255> [ backup | main ]",
		Help: "startup=Specify the startup files;saved-configuration=Configuration file;<file>=Name of the configuration file (*.cfg);backup=Set the backup startup file;main=Set the main startup file", Run: setStartup},
	{Views: "user", Syntax: "undo startup saved-configuration", Run: undoStartup},
	{Views: "user", Syntax: "reset saved-configuration [ backup | main ]",
		Help: "saved-configuration=Erase the saved configuration;backup=The backup startup file;main=The main startup file", Run: resetSaved},
}

func displayStartup(x *feature.Exec, _ *cli.Args) {
	name := func(s string) string {
		if s == "" {
			return "NULL"
		}
		if _, ok := x.Box.Flash.Read(s); !ok {
			return "flash:/" + s + " (This file does not exist.)"
		}
		return "flash:/" + s
	}
	main, backup := x.Box.Flash.Startup()
	x.Printf(" Current startup saved-configuration file: %s\n", name(of(x.Box).startup))
	x.Printf(" Next main startup saved-configuration file: %s\n", name(main))
	x.Printf(" Next backup startup saved-configuration file: %s\n", name(backup))
}

func displaySaved(x *feature.Exec, _ *cli.Args) {
	if f, ok := StartupFile(x.Box.Flash); ok {
		x.Print(strings.TrimRight(f.Data, "\r\n") + "\n")
	}
}

// displayDefault shows what a device has that starts without a file.
func displayDefault(x *feature.Exec, _ *cli.Args) {
	factory, _ := x.Box.Rehearse("")
	print(x, factory.Lines())
}

// StartupFile is what the device starts from next: the main file, or the
// backup file where that is missing.
func StartupFile(f *feature.Flash) (feature.File, bool) {
	main, backup := f.Startup()
	for _, name := range []string{main, backup} {
		if x, ok := f.Read(name); ok {
			return x, true
		}
	}
	return feature.File{}, false
}

func setStartup(x *feature.Exec, a *cli.Args) {
	name, err := startupName(x, a.Str("file"))
	if err == nil {
		if _, ok := x.Box.Flash.Read(name); !ok {
			err = feature.ErrNoFile
		}
	}
	if err != nil {
		x.Error(err.Error())
		return
	}
	done(x, setNext(x.Box, name, a.Has("backup")))
}

// done ends a change of the startup files.
func done(x *feature.Exec, err error) {
	x.Print("Please wait ....\n")
	if err != nil {
		x.Error(err.Error())
		return
	}
	x.Print("... Done!\n")
}

func undoStartup(x *feature.Exec, _ *cli.Args) { done(x, x.Box.Flash.SetStartup("", "")) }

// resetSaved erases a startup file. One that is main and backup file in one
// loses its part only.
func resetSaved(x *feature.Exec, a *cli.Args) {
	x.Confirm("The saved configuration file will be erased. Are you sure? [Y/N]:", func(yes bool) {
		if !yes {
			return
		}
		x.Print("Configuration file in flash: is being cleared.\nPlease wait ...\n")
		main, backup := x.Box.Flash.Startup()
		name := main
		if a.Has("backup") {
			name = backup
		}
		_, there := x.Box.Flash.Read(name)
		err := setNext(x.Box, "", a.Has("backup"))
		if err == nil && there && !strings.EqualFold(main, backup) {
			err = x.Box.Flash.Remove(name)
		}
		if err != nil {
			x.Error(err.Error())
			return
		}
		x.Print("Configuration file is cleared.\n")
	})
}
