package system

import (
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var deviceCommands = []feature.Command{
	{Views: "any", Syntax: "display version", Help: "version=System hardware and software version information", Run: displayVersion},
	{Views: "any", Syntax: "display device", Help: "device=Device information", Run: displayDevice},
	{Views: "any", Syntax: "display startup", Help: "startup=Startup configuration files", Run: displayStartup},
	{Views: "any", Syntax: "display users [ all ]", Help: "users=Information about users on lines;all=All lines", Run: displayUsers},
	{Views: "user", Syntax: "reboot", Help: "reboot=Reboot the device", Run: reboot},
	{Views: "user", Syntax: "reboot force", Help: "force=Reboot at once", Run: rebootForce},
}

// build is how file names and version tables write a release: R9360P22.
func build(m *feature.Model) string {
	word, number, ok := strings.Cut(m.Release, " ")
	if !ok || word == "" {
		return m.Release
	}
	return word[:1] + number
}

func displayVersion(x *feature.Exec, _ *cli.Args) {
	m := x.Box.Model
	year := m.Compiled
	if i := strings.LastIndexByte(year, ' '); i > 0 {
		if f := strings.Fields(year); len(f) > 2 {
			year = f[2]
		}
	}
	x.Printf("H3C Comware Software, Version %s, %s\n", Version, m.Release)
	x.Printf("Copyright (c) 2004-%s New H3C Technologies Co., Ltd. All rights reserved.\n", year)
	x.Printf("H3C %s uptime is %s\n", m.Product, uptime(x.Box.Now().Sub(x.Box.Boot)))
	x.Printf("Last reboot reason : %s\n", x.Box.BootReason)
	for _, part := range []string{"Boot", "System"} {
		x.Printf("%s image: flash:/%s-CMW710-%s-%s.bin\n", part, m.Name, strings.ToUpper(part), build(m))
		x.Printf("%s image version: %s, %s\n", part, Version, m.Release)
		x.Printf("  Compiled %s\n", m.Compiled)
	}
	x.Printf("\n%s bytes RAM Memory\n\n", m.RAM)
}

func displayDevice(x *feature.Exec, _ *cli.Args) {
	m := x.Box.Model
	x.Printf(" Slot No.  Board Type                Status    Max Ports\n %s\n", strings.Repeat("-", 55))
	x.Printf(" %-10d%-26s%-13s%-5d\n", 1, m.Name, "Normal", len(m.Ports))
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

// displayUsers lists the sessions.
func displayUsers(x *feature.Exec, _ *cli.Args) {
	x.Print("  Idx  Line     Idle       Time              Pid     Type\n")
	for i, s := range x.Box.Shells {
		if s.Name == "" {
			continue
		}
		mark := ' '
		if s == x.Shell {
			mark = '+'
		}
		if s.PID == 0 {
			s.PID = 200 + x.Box.Stream("shell pid").Uint32()%800
		}
		x.Printf("%c %-5d%-9s%-11s%-18s%-8d\n", mark, i, lineName(s.Name), "00:00:00", s.Since.Format("Jan 02 15:04:05"), s.PID)
	}
	x.Print("\nFollowing are more details.\n")
	for _, s := range x.Box.Shells {
		if s.Name != "" {
			x.Printf("%-8s:\n", lineName(s.Name))
		}
	}
	x.Print(" +    : Current operation user.\n F    : Current operation user works in async mode.\n")
}

// lineName writes con0 as CON 0.
func lineName(s string) string {
	i := strings.IndexAny(s, "0123456789")
	if i < 0 {
		return strings.ToUpper(s)
	}
	return fmt.Sprintf("%s %s", strings.ToUpper(s[:i]), s[i:])
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
