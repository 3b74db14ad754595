package system

import (
	"errors"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var restoreCommands = []feature.Command{
	{Views: "user", Syntax: "restore factory-default", Help: "restore=Restore the system;factory-default=Factory default configuration", Run: restore},
}

// restore removes every file but software images, so that the next boot is the
// first one.
func restore(x *feature.Exec, _ *cli.Args) {
	x.Confirm("This command will restore the system to the factory default configuration and clear the operation data. Continue [Y/N]:", func(yes bool) {
		if !yes {
			return
		}
		if err := wipe(x.Box.Flash, ""); err != nil {
			x.Error(err.Error())
			return
		}
		x.Print("Restoring the factory default configuration. This process might take a few minutes. Please wait...Done.\n" +
			"Please reboot the system to place the factory default configuration into effect.\n")
	})
}

func wipe(f *feature.Flash, dir string) error {
	for _, x := range f.List(dir) {
		if strings.HasSuffix(x.Name, ".bin") {
			continue
		}
		if x.Dir {
			if err := wipe(f, x.Name); err != nil {
				return err
			}
		}
		if err := f.Remove(x.Name); err != nil && !errors.Is(err, feature.ErrNotEmpty) {
			return err
		}
	}
	return nil
}
