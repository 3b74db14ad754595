package system

import (
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var versionCommands = []feature.Command{
	{Views: "any", Syntax: "display version", Help: "version=System hardware and software version information", Run: displayVersion},
	{Views: "any", Syntax: "display copyright", Help: "copyright=Copyright information", Run: displayCopyright},
	{Views: "any", Syntax: "display boot-loader [ slot <slot:0-1> ]", Help: "boot-loader=Software images for startup;slot=Specify the slot;<slot>=Slot number", Run: displayBootLoader},
}

// parts are the images of a release.
var parts = []string{"Boot", "System"}

// image is the file of a part.
func image(m *feature.Model, part string) string {
	return fmt.Sprintf("flash:/%s-CMW710-%s-%s.bin", m.Name, strings.ToUpper(part), build(m))
}

func displayBootLoader(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	x.Printf("Software images on slot %d:\n", x.Box.Model.Hardware.Slot)
	for _, list := range []string{"Current software images", "Main startup software images"} {
		x.Printf("%s:\n", list)
		for _, part := range parts {
			x.Printf("  %s\n", image(x.Box.Model, part))
		}
	}
	x.Print("Backup startup software images:\n  None\n")
}

// build is how file names and version tables write a release: R9360P22.
func build(m *feature.Model) string {
	word, number, ok := strings.Cut(m.Release, " ")
	if !ok || word == "" {
		return m.Release
	}
	return word[:1] + number
}

// year is when the release was compiled.
func year(m *feature.Model) string {
	if f := strings.Fields(m.Compiled); len(f) > 2 {
		return f[2]
	}
	return m.Compiled
}

func displayCopyright(x *feature.Exec, _ *cli.Args) {
	x.Printf("Copyright (c) 2004-%s New H3C Technologies Co., Ltd. All rights reserved.\n", year(x.Box.Model))
}

func displayVersion(x *feature.Exec, _ *cli.Args) {
	m, h := x.Box.Model, &x.Box.Model.Hardware
	x.Printf("H3C Comware Software, Version %s, %s\n", Version, m.Release)
	displayCopyright(x, nil)
	x.Printf("H3C %s uptime is %s\n", m.Product, uptime(x.Box.Now().Sub(x.Box.Boot)))
	x.Printf("Last reboot reason : %s\n", x.Box.BootReason)
	for _, part := range parts {
		x.Printf("%s image: %s\n", part, image(m, part))
		x.Printf("%s image version: %s, %s\n", part, Version, m.Release)
		x.Printf("  Compiled %s\n", m.Compiled)
	}
	x.Printf("\nCPU type: %s\n%s bytes RAM Memory\n", h.CPU, m.RAM)
	x.Printf("Basic    BootWare Version:  %s\nExtended BootWare Version:  %s\n", h.BootWare, h.BootWare)
	x.Printf("[SLOT  %d]%-22s(Hardware)%s, (Driver)1.0, (CPLD)%s\n\n", h.Slot, m.Name, h.PCB, h.CPLD)
}
