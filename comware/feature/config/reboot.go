package config

import (
	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var startupCommands = []feature.Command{
	{Views: "any", Syntax: "display startup", Help: "startup=Startup configuration files", Run: displayStartup},
	{Views: "user", Syntax: "reboot", Help: "reboot=Reboot the device", Run: reboot},
	{Views: "user", Syntax: "reboot force", Help: "force=Reboot at once", Run: rebootForce},
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
	x.Printf(" Current startup saved-configuration file: %s\n", name(feature.Get[*box](x.Box).startup))
	x.Printf(" Next main startup saved-configuration file: %s\n", name(x.Box.Flash.Startup))
	x.Print(" Next backup startup saved-configuration file: NULL\n")
}

// reboot asks whether to save what is not saved yet, and whether to reboot.
func reboot(x *feature.Exec, _ *cli.Args) {
	x.Print("Start to check configuration with next startup configuration file, please wait.........DONE!\n")
	ask := func() {
		x.Confirm("This command will reboot the device. Continue? [Y/N]:", func(yes bool) {
			if yes {
				restart(x)
			}
		})
	}
	if f, ok := x.Box.Flash.Read(x.Box.Flash.Startup); ok && sameConfig(f.Data, running(x.Box)) {
		ask()
		return
	}
	x.Confirm("Current configuration may be lost after the reboot, save current configuration? [Y/N]:", func(yes bool) {
		if !yes {
			ask()
			return
		}
		askName(x, func(name string) { write(x, name, ask) })
	})
}

func rebootForce(x *feature.Exec, _ *cli.Args) {
	x.Confirm("A forced reboot might cause the storage medium to be corrupted. Continue? [Y/N]:", func(yes bool) {
		if yes {
			restart(x)
		}
	})
}

func restart(x *feature.Exec) {
	x.Print("Now rebooting, please wait...\n")
	x.Box.Log("DEV", 5, "SYSTEM_REBOOT", "System is rebooting now.")
	if x.Box.Restart != nil {
		x.Box.Restart("User reboot")
	}
}
