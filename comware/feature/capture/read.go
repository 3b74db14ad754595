package capture

import (
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/pcap"
)

// runRead shows a file.
func runRead(x *feature.Exec, a *cli.Args) {
	name, err := x.Box.Flash.Resolve(x.Shell.Dir, a.Str("file"))
	f, ok := x.Box.Flash.Read(name)
	shown := parseForm(a)
	switch {
	case err != nil || !ok:
		x.Error(feature.ErrNoFile.Error())
		return
	case !shown.filtered(x, a):
		return
	}
	n, first := 0, time.Time{}
	err = pcap.Read([]byte(f.Data), func(f pcap.Frame) {
		if n++; n == 1 {
			first = f.At
		}
		x.Print(shown.frame(n, f.At.Sub(first), f.Length, f.Data))
	})
	if err != nil {
		x.Error(sentence(err))
	}
}
