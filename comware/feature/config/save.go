package config

import (
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var fileCommands = []feature.Command{
	{Views: "any", Syntax: "save [ safely ] [ force ]",
		Help: "save=Save current configuration;safely=Save with the old file kept until the new one is whole;force=Save without a question", Run: save},
	{Views: "any", Syntax: "save <file:string:1-255>", Help: "<file>=Name of the configuration file (*.cfg)", Run: saveAs},
	{Views: "user", Syntax: "reset saved-configuration", Help: "saved-configuration=Erase the saved configuration", Run: resetSaved},
	{Views: "user", Syntax: "startup saved-configuration <file:string:1-255>",
		Help: "startup=Specify the startup files;saved-configuration=Configuration file;<file>=Name of the configuration file (*.cfg)", Run: setStartup},
	{Views: "user", Syntax: "dir [ <path:string:1-255> ]", Help: "dir=Display files;<path>=Directory", Run: dir},
	{Views: "user", Syntax: "more <file:string:1-255>", Help: "more=Display the contents of a file;<file>=File name", Run: more},
	{Views: "user", Syntax: "delete <file:string:1-255>", Help: "delete=Delete a file;<file>=File name", Run: remove},
}

const (
	badSuffix = "The file name is invalid(does not end with .cfg)!"
	saved     = "Configuration is saved to device successfully.\n"
)

// running is the configuration as a file holds it.
func running(b *feature.Box) string { return strings.Join(b.Conf.Lines(), "\n") + "\n" }

// sameConfig compares two files, whatever their line ends.
func sameConfig(a, b string) bool {
	clean := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r", "")) }
	return clean(a) == clean(b)
}

// fileName takes the directory off; there is only flash:/.
func fileName(s string) string { return strings.TrimPrefix(s, "flash:/") }

// save is the dialog of `save`.
func save(x *feature.Exec, a *cli.Args) {
	if a.Has("force") || x.Quiet() {
		write(x, x.Box.Flash.Startup, nil)
		return
	}
	x.Confirm("The current configuration will be written to the device. Are you sure? [Y/N]:", func(yes bool) {
		if yes {
			askName(x, func(name string) { write(x, name, nil) })
		}
	})
}

// askName asks for the name of the file to save to.
func askName(x *feature.Exec, f func(name string)) {
	old := x.Box.Flash.Startup
	x.Shell.Term.Ask("Please input the file name(*.cfg)[flash:/"+old+"]\n(To leave the existing filename unchanged, press the enter key):", false,
		func(answer string) {
			name := fileName(strings.TrimSpace(answer))
			if name == "" {
				name = old
			}
			if !strings.HasSuffix(name, ".cfg") {
				x.Error(badSuffix)
				return
			}
			if _, ok := x.Box.Flash.Read(name); !ok {
				f(name)
				return
			}
			x.Confirm("flash:/"+name+" exists, overwrite? [Y/N]:", func(yes bool) {
				if yes {
					f(name)
				}
			})
		})
}

// write saves the running configuration and makes the file the next startup
// file.
func write(x *feature.Exec, name string, then func()) {
	x.Print("Validating file. Please wait...\n")
	x.Box.Flash.Write(name, running(x.Box), x.Box.Clock())
	x.Box.Flash.Startup = name
	x.Print(saved)
	if then != nil {
		then()
	}
}

// saveAs saves a copy; the next startup file stays.
func saveAs(x *feature.Exec, a *cli.Args) {
	name := fileName(a.Str("file"))
	if !strings.HasSuffix(name, ".cfg") {
		x.Error(badSuffix)
		return
	}
	do := func() {
		x.Printf("Now saving current configuration to the device.\nSaving configuration flash:/%s. Please wait...\n", name)
		x.Box.Flash.Write(name, running(x.Box), x.Box.Clock())
		x.Print(saved)
	}
	x.Confirm("The current configuration will be saved to flash:/"+name+". Continue? [Y/N]:", func(yes bool) {
		if !yes {
			return
		}
		if _, ok := x.Box.Flash.Read(name); !ok {
			do()
			return
		}
		x.Confirm("flash:/"+name+" exists, overwrite? [Y/N]:", func(yes bool) {
			if yes {
				do()
			}
		})
	})
}

func resetSaved(x *feature.Exec, _ *cli.Args) {
	x.Confirm("The saved configuration file will be erased. Are you sure? [Y/N]:", func(yes bool) {
		if !yes {
			return
		}
		x.Print("Configuration file in flash: is being cleared.\nPlease wait ...\n")
		x.Box.Flash.Remove(x.Box.Flash.Startup)
		x.Print("Configuration file is cleared.\n")
	})
}

func setStartup(x *feature.Exec, a *cli.Args) {
	name := fileName(a.Str("file"))
	if !strings.HasSuffix(name, ".cfg") {
		x.Error(badSuffix)
		return
	}
	if _, ok := x.Box.Flash.Read(name); !ok {
		x.Error("The file does not exist.")
		return
	}
	x.Print("Please wait ....\n")
	x.Box.Flash.Startup = name
	x.Print("... Done!\n")
}

func dir(x *feature.Exec, a *cli.Args) {
	if p := fileName(a.Str("path")); p != "" && p != "/" && p != "flash:" {
		x.Error("The file or directory does not exist.")
		return
	}
	x.Print("Directory of flash:\n")
	total := 0
	for i, f := range x.Box.Flash.List() {
		x.Printf("%4d -rw- %11d %s   %s\n", i, len(f.Data), f.Time.Format("Jan 02 2006 15:04:05"), f.Name)
		total += len(f.Data)
	}
	x.Printf("\n%d KB total (%d KB free)\n", flashKB, flashKB-(total+1023)/1024)
}

// flashKB is the size of the modelled flash in KB.
const flashKB = 1 << 20

func more(x *feature.Exec, a *cli.Args) {
	f, ok := x.Box.Flash.Read(fileName(a.Str("file")))
	if !ok {
		x.Error("The file does not exist.")
		return
	}
	x.Print(strings.TrimRight(f.Data, "\r\n") + "\n")
}

func remove(x *feature.Exec, a *cli.Args) {
	name := fileName(a.Str("file"))
	if _, ok := x.Box.Flash.Read(name); !ok {
		x.Error("The file does not exist.")
		return
	}
	x.Confirm("Delete flash:/"+name+"? [Y/N]:", func(yes bool) {
		if yes {
			x.Box.Flash.Remove(name)
			x.Printf("Deleting file flash:/%s... Done.\n", name)
		}
	})
}
