package system

import (
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var deviceCommands = []feature.Command{
	{Views: "any", Syntax: "display version", Help: "version=System hardware and software version information", Run: displayVersion},
	{Views: "any", Syntax: "display device", Help: "device=Device information", Run: displayDevice},
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
