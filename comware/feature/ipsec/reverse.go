package ipsec

import (
	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ipsec"
)

// reverseCommands are those of the routes that come and go with SAs. Each
// change deletes the SAs of the entry.
var reverseCommands = []feature.Command{
	command(entryViews, "reverse-route dynamic", func(x *feature.Exec, _ *cli.Args) { setReverse(x, true) }),
	command(entryViews, "undo reverse-route dynamic", func(x *feature.Exec, _ *cli.Args) { setReverse(x, false) }),
	command(entryViews, "reverse-route preference <number:1-255>", setReversePreference),
	command(entryViews, "undo reverse-route preference", setReversePreference),
	command(entryViews, "reverse-route tag <tag:1-4294967295>", setReverseTag),
	command(entryViews, "undo reverse-route tag", setReverseTag),
}

func setReverse(x *feature.Exec, on bool) {
	const line = "reverse-route dynamic"
	if entry(x).ReverseRoute == on {
		return
	}
	entry(x).ReverseRoute = on
	if on {
		x.Node().Set(placeReverseRoute, line, line)
	} else {
		x.Node().Remove(line)
	}
	renew(x)
}

func setReversePreference(x *feature.Exec, a *cli.Args) {
	n := a.Int("number")
	if n == ipsec.DefaultRoutePref {
		n = 0
	}
	if entry(x).RoutePref == n {
		return
	}
	entry(x).RoutePref = n
	text := a.Str("number")
	if n == 0 {
		text = ""
	}
	write(x, placeReverseRoute, "reverse-route preference", text)
	renew(x)
}

func setReverseTag(x *feature.Exec, a *cli.Args) {
	if tag := a.Uint32("tag"); entry(x).RouteTag != tag {
		entry(x).RouteTag = tag
		write(x, placeReverseRoute, "reverse-route tag", a.Str("tag"))
		renew(x)
	}
}
