package ipsec

import (
	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ipsec"
)

var globalCommands = []feature.Command{
	command("interface loopback tunnel", "ipsec apply policy <name:string:1-63>", func(x *feature.Exec, a *cli.Args) {
		name := a.Str("name")
		x.Node().Set(placeApply, "ipsec apply policy", "ipsec apply policy "+cli.Quote(name))
		engine(x).Apply(x.View().Suffix, name)
	}),
	command("interface loopback tunnel", "undo ipsec apply policy", func(x *feature.Exec, _ *cli.Args) {
		x.Node().Remove("ipsec apply policy")
		engine(x).Unapply(x.View().Suffix)
	}),
	command("interface loopback tunnel", "ipsec df-bit { clear | copy | set }", func(x *feature.Exec, a *cli.Args) {
		mode, name := dfOf(a)
		engine(x).IfaceDF[x.View().Suffix] = mode
		x.Node().Set(placeInterfaceDF, "ipsec df-bit", "ipsec df-bit "+name)
	}),
	command("interface loopback tunnel", "undo ipsec df-bit", func(x *feature.Exec, _ *cli.Args) {
		delete(engine(x).IfaceDF, x.View().Suffix)
		x.Node().Remove("ipsec df-bit")
	}),
	command("system", "ipsec global-df-bit { clear | copy | set }", func(x *feature.Exec, a *cli.Args) {
		mode, name := dfOf(a)
		engine(x).DF = mode
		flag(x, "ipsec global-df-bit", "ipsec global-df-bit "+name, mode != ipsec.CopyDF)
	}),
	command("system", "undo ipsec global-df-bit", func(x *feature.Exec, _ *cli.Args) {
		engine(x).DF = ipsec.CopyDF
		flag(x, "ipsec global-df-bit", "", false)
	}),
	command("system", "ipsec anti-replay check", func(x *feature.Exec, _ *cli.Args) {
		engine(x).AntiReplay = true
		flag(x, "ipsec anti-replay check", "", false)
	}),
	command("system", "undo ipsec anti-replay check", func(x *feature.Exec, _ *cli.Args) {
		engine(x).AntiReplay = false
		flag(x, "ipsec anti-replay check", "undo ipsec anti-replay check", true)
	}),
	command("system", "ipsec anti-replay window <width:64-1024>", func(x *feature.Exec, a *cli.Args) {
		n := a.Int("width")
		if n&(n-1) != 0 {
			x.Error("The window size must be 64, 128, 256, 512, or 1024.")
			return
		}
		engine(x).Window = n
		flag(x, "ipsec anti-replay window", "ipsec anti-replay window "+a.Str("width"), n != ipsec.DefaultWindow)
	}),
	command("system", "undo ipsec anti-replay window", func(x *feature.Exec, _ *cli.Args) {
		engine(x).Window = ipsec.DefaultWindow
		flag(x, "ipsec anti-replay window", "", false)
	}),
	command("system", "ipsec decrypt-check enable", func(x *feature.Exec, _ *cli.Args) {
		engine(x).DecryptCheck = true
		flag(x, "ipsec decrypt-check enable", "", false)
	}),
	command("system", "undo ipsec decrypt-check enable", func(x *feature.Exec, _ *cli.Args) {
		engine(x).DecryptCheck = false
		flag(x, "ipsec decrypt-check enable", "undo ipsec decrypt-check enable", true)
	}),
	command("system", "ipsec logging { packet | negotiation } enable", func(x *feature.Exec, a *cli.Args) { setLogging(x, a, true) }),
	command("system", "undo ipsec logging { packet | negotiation } enable", func(x *feature.Exec, a *cli.Args) { setLogging(x, a, false) }),
	command("system", "ipsec sa global-duration { time-based <seconds:180-604800> | traffic-based <kilobytes:2560-4294967295> }", globalDuration),
	command("system", "undo ipsec sa global-duration { time-based | traffic-based }", globalDuration),
	command("system", "ipsec sa idle-time <seconds:60-86400>", func(x *feature.Exec, a *cli.Args) {
		engine(x).IdleSeconds = a.Uint32("seconds")
		engine(x).IdleChanged()
		flag(x, "ipsec sa idle-time", "ipsec sa idle-time "+a.Str("seconds"), true)
	}),
	command("system", "undo ipsec sa idle-time", func(x *feature.Exec, _ *cli.Args) {
		engine(x).IdleSeconds = 0
		engine(x).IdleChanged()
		flag(x, "ipsec sa idle-time", "", false)
	}),
	command("system", "ipsec redundancy enable", func(x *feature.Exec, _ *cli.Args) { setRedundancy(x, true) }),
	command("system", "undo ipsec redundancy enable", func(x *feature.Exec, _ *cli.Args) { setRedundancy(x, false) }),
	command("system", "ipsec limit max-tunnel <limit:1-4294967295>", setLimit),
	command("system", "undo ipsec limit max-tunnel", setLimit),
	command("system", "ipsec fragmentation { after-encryption | before-encryption }", setFragmentation),
	command("system", "undo ipsec fragmentation", setFragmentation),
}

func setLimit(x *feature.Exec, a *cli.Args) {
	const key = "ipsec limit max-tunnel"
	engine(x).MaxTunnels = a.Uint32("limit")
	flag(x, key, key+" "+a.Str("limit"), engine(x).MaxTunnels > 0)
}

func setFragmentation(x *feature.Exec, a *cli.Args) {
	const key = "ipsec fragmentation"
	engine(x).FragmentAfter = a.Has("after-encryption")
	flag(x, key, key+" after-encryption", a.Has("after-encryption"))
}

func setRedundancy(x *feature.Exec, on bool) {
	engine(x).Redundant = on
	const line = "ipsec redundancy enable"
	flag(x, line, line, on)
}

// flag sets a one-line command of the system view, or takes it out.
func flag(x *feature.Exec, key, line string, on bool) {
	root := x.Box.Conf.Root()
	if !on {
		root.Remove(key)
		return
	}
	root.Set(feature.PlaceIPsecGlobal, key, line)
}

func dfOf(a *cli.Args) (ipsec.DF, string) {
	switch {
	case a.Has("clear"):
		return ipsec.ClearDF, "clear"
	case a.Has("set"):
		return ipsec.SetDF, "set"
	}
	return ipsec.CopyDF, "copy"
}

func setLogging(x *feature.Exec, a *cli.Args, on bool) {
	t := feature.Get[*tracer](x.Box)
	key := "ipsec logging packet enable"
	if a.Has("packet") {
		t.logPackets = on
	} else {
		t.logNegotiation, key = on, "ipsec logging negotiation enable"
	}
	flag(x, key, key, on)
}

func globalDuration(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	if a.Has("time-based") {
		const key = "ipsec sa global-duration time-based"
		e.Seconds = ipsec.DefaultSeconds
		if a.Has("seconds") {
			e.Seconds = a.Uint32("seconds")
		}
		flag(x, key, key+" "+a.Str("seconds"), e.Seconds != ipsec.DefaultSeconds)
		return
	}
	const key = "ipsec sa global-duration traffic-based"
	e.Kilobytes = ipsec.DefaultKilobytes
	if a.Has("kilobytes") {
		e.Kilobytes = a.Uint32("kilobytes")
	}
	flag(x, key, key+" "+a.Str("kilobytes"), e.Kilobytes != ipsec.DefaultKilobytes)
}
