package config

import (
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var saveCommands = []feature.Command{
	{Views: "any", Syntax: "save [ safely ] [ backup | main ] [ force ]",
		Help: "save=Save current configuration;safely=Save with the old file kept until the new one is whole;backup=Set the file as the backup startup file;main=Set the file as the main startup file;force=Save without a question", Run: save},
	{Views: "any", Syntax: "save <file:string:1-255>", Help: "<file>=Name of the configuration file (*.cfg)", Run: saveAs},
}

const (
	badSuffix = "The file name is invalid(does not end with .cfg)!"
	saved     = "Configuration is saved to device successfully.\n"
)

// defaultFile is what is proposed where no startup file is set.
const defaultFile = "startup.cfg"

// Running is the configuration as a file holds it.
func Running(b *feature.Box) string { return running(b) }

func running(b *feature.Box) string { return strings.Join(b.Conf.Lines(), "\n") + "\n" }

// sameConfig compares two files, whatever their line ends.
func sameConfig(a, b string) bool {
	clean := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r", "")) }
	return clean(a) == clean(b)
}

// configName is the file that a person means, who may have left the device
// out. The name must end in .cfg.
func configName(x *feature.Exec, s string) (string, error) {
	name, err := x.Box.Flash.Resolve(x.Shell.Dir, s)
	if err == nil && !strings.HasSuffix(strings.ToLower(name), ".cfg") {
		return "", feature.FileError(badSuffix)
	}
	return name, err
}

// startupName is the same for a startup file, which stands in the root.
func startupName(x *feature.Exec, s string) (string, error) {
	name, err := x.Box.Flash.Resolve("", s)
	switch {
	case err != nil:
		return "", err
	case !strings.HasSuffix(strings.ToLower(name), ".cfg"):
		return "", feature.FileError(badSuffix)
	case strings.Contains(name, "/"):
		return "", feature.ErrNoFile
	}
	return name, nil
}

// saveLimit is how long save waits for its confirmation before it does
// nothing (command reference "Configuration file management", save).
const saveLimit = 30 * time.Second

// save is the dialog of `save`.
func save(x *feature.Exec, a *cli.Args) {
	backup := a.Has("backup")
	if a.Has("force") || x.Quiet() {
		write(x, next(x.Box, backup), backup, nil)
		return
	}
	x.ConfirmWithin(saveLimit, "The current configuration will be written to the device. Are you sure? [Y/N]:", func(yes bool) {
		if yes {
			askName(x, next(x.Box, backup), func(name string) { write(x, name, backup, nil) })
		}
	})
}

// next is the main or the backup startup file, or what is proposed for it.
func next(b *feature.Box, backup bool) string {
	main, other := b.Flash.Startup()
	if backup {
		main = other
	}
	if main == "" {
		return defaultFile
	}
	return main
}

// askName asks for the name of the file to save to.
func askName(x *feature.Exec, old string, f func(name string)) {
	x.Input("Please input the file name(*.cfg)[flash:/"+old+"]\n(To leave the existing filename unchanged, press the enter key):", false,
		func(answer string) {
			name := old
			if answer = strings.TrimSpace(answer); answer != "" {
				var err error
				if name, err = startupName(x, answer); err != nil {
					x.Error(err.Error())
					return
				}
			}
			overwrite(x, name, func() { f(name) })
		})
}

// overwrite asks before a file is written over, and goes on.
func overwrite(x *feature.Exec, name string, f func()) {
	if _, ok := x.Box.Flash.Read(name); !ok {
		f()
		return
	}
	x.Confirm("flash:/"+name+" exists, overwrite? [Y/N]:", func(yes bool) {
		if yes {
			f()
		}
	})
}

// write saves the running configuration and makes the file a startup file.
func write(x *feature.Exec, name string, backup bool, then func()) {
	x.Print("Validating file. Please wait...\n")
	if err := x.Box.Flash.Write(name, running(x.Box), x.Box.Clock()); err != nil {
		x.Error(err.Error())
		return
	}
	if err := setNext(x.Box, name, backup); err != nil {
		x.Error(err.Error())
		return
	}
	x.Print(saved)
	if then != nil {
		then()
	}
}

// setNext makes a file the main or the backup startup file.
func setNext(b *feature.Box, name string, backup bool) error {
	main, other := b.Flash.Startup()
	if backup {
		other = name
	} else {
		main = name
	}
	return b.Flash.SetStartup(main, other)
}

// saveAs saves a copy; the next startup file stays.
func saveAs(x *feature.Exec, a *cli.Args) {
	name, err := configName(x, a.Str("file"))
	if err != nil {
		x.Error(err.Error())
		return
	}
	x.ConfirmWithin(saveLimit, "The current configuration will be saved to flash:/"+name+". Continue? [Y/N]:", func(yes bool) {
		if !yes {
			return
		}
		overwrite(x, name, func() {
			x.Printf("Now saving current configuration to the device.\nSaving configuration flash:/%s. Please wait...\n", name)
			if err := x.Box.Flash.Write(name, running(x.Box), x.Box.Clock()); err != nil {
				x.Error(err.Error())
				return
			}
			x.Print(saved)
		})
	})
}
