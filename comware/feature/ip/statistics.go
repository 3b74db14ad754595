package ip

import (
	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/wire"
)

var ofStatistics = feature.Texts{"ip": "IP information", "icmp": "ICMP information", "statistics": "Statistics of packets"}

var statisticsCommands = []feature.Command{
	command("any", "display ip statistics", ofStatistics, ipStatistics),
	command("user", "reset ip statistics", ofStatistics, func(x *feature.Exec, _ *cli.Args) { x.Box.Stack.ClearStats() }),
	command("any", "display icmp statistics", ofStatistics, icmpStatistics),
}

func ipStatistics(x *feature.Exec, _ *cli.Args) {
	s := x.Box.Stack.Stats
	row := func(head, left string, l uint64, right string, r uint64) {
		x.Printf("%-11s%-15s%-17d%-18s%d\n", head, left, l, right, r)
	}
	row("  Input:", "sum", s.Input, "local", s.InLocal)
	row("", "bad protocol", s.BadProtocol, "bad format", s.BadFormat)
	row("", "bad checksum", s.BadChecksum, "bad options", 0) // options are not judged
	row("  Output:", "forwarding", s.Forwarded, "local", s.OutLocal)
	row("", "dropped", s.Dropped, "no route", s.NoRoute)
	x.Printf("%-11s%-15s%d\n", "", "compress fails", 0)
	row("  Fragment:", "input", s.FragmentsIn, "output", s.FragmentsOut)
	x.Printf("%-11s%-15s%d\n", "", "dropped", s.FragmentsDropped)
	row("", "fragmented", s.Fragmented, "couldn't fragment", s.CannotFragment)
	x.Printf("  %-24s%-17d%-18s%d\n", "Reassembling:sum", s.Reassembled, "timeouts", s.ReassemblyTimeouts)
}

func icmpStatistics(x *feature.Exec, _ *cli.Args) {
	s := x.Box.Stack.ICMPStats()
	row := func(head, left string, l uint64, right string, r uint64) {
		x.Printf("%-9s%-14s%-20d%-24s%d\n", head, left, l, right, r)
	}
	row("  Input:", "bad formats", s.BadFormat, "bad checksum", s.BadChecksum)
	row("", "echo", s.In.Of(wire.EchoRequest), "destination unreachable", s.In.Of(wire.Unreachable))
	row("", "source quench", s.In.Of(4), "redirects", s.In.Of(5))
	row("", "echo replies", s.In.Of(wire.EchoReply), "parameter problem", s.In.Of(12))
	row("", "timestamp", s.In.Of(13), "information requests", s.In.Of(15))
	row("", "mask requests", s.In.Of(17), "mask replies", s.In.Of(18))
	row("", "time exceeded", s.In.Of(wire.TimeExceeded), "invalid type", s.In.Unknown())
	row("", "router advert", s.In.Of(9), "router solicit", s.In.Of(10))
	x.Printf("%9s%-53s%d\n", "", "broadcast/multicast echo requests ignored", s.EchoToGroup)
	x.Printf("%9s%-53s%d\n", "", "broadcast/multicast timestamp requests ignored", 0) // no timestamp is answered
	row(" Output:", "echo", s.Out.Of(wire.EchoRequest), "destination unreachable", s.Out.Of(wire.Unreachable))
	row("", "source quench", s.Out.Of(4), "redirects", s.Out.Of(5))
	row("", "echo replies", s.Out.Of(wire.EchoReply), "parameter problem", s.Out.Of(12))
	row("", "timestamp", s.Out.Of(13), "information replies", s.Out.Of(16))
	row("", "mask requests", s.Out.Of(17), "mask replies", s.Out.Of(18))
	row("", "time exceeded", s.Out.Of(wire.TimeExceeded), "bad address", 0)
	row("", "packet error", s.OutErrors, "router advert", s.Out.Of(9))
}
