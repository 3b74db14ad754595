package config

import (
	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var rebootCommands = []feature.Command{
	{Views: "user", Syntax: "reboot", Help: "reboot=Reboot the device", Run: reboot},
	{Views: "user", Syntax: "reboot force", Help: "force=Reboot at once", Run: rebootForce},
}

// reboot asks whether to save what is not saved yet, and whether to reboot.
func reboot(x *feature.Exec, _ *cli.Args) {
	x.Print("Start to check configuration with next startup configuration file, please wait.........DONE!\n")
	confirm := func() {
		x.Confirm("This command will reboot the device. Continue? [Y/N]:", func(yes bool) {
			if yes {
				restart(x)
			}
		})
	}
	if f, ok := StartupFile(x.Box.Flash); ok && sameConfig(f.Data, running(x.Box)) {
		confirm()
		return
	}
	x.Confirm("Current configuration may be lost after the reboot, save current configuration? [Y/N]:", func(yes bool) {
		if !yes {
			confirm()
			return
		}
		askName(x, next(x.Box, false), func(name string) { write(x, name, false, confirm) })
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
