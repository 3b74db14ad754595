package ip

import (
	"fmt"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

var counterCommands = []feature.Command{
	command("any", "display counters { inbound | outbound } interface [ <interface:interface> | <type:iftype> ]", nil, displayCounters),
	command("any", "display counters rate { inbound | outbound } interface [ <interface:interface> | <type:iftype> ]", ofRates, displayRates),
}

var ofRates = feature.Texts{"rate": "Mean rates of the last interval"}

// Widths of the columns: at most 14 digits, 7 for errors.
const (
	mostCount  = 99_999_999_999_999
	mostErrors = 9_999_999
)

func displayCounters(x *feature.Exec, a *cli.Args) {
	x.Printf("%-15s %14s %18s %18s %11s\n", "Interface", "Total (pkts)", "Broadcast (pkts)", "Multicast (pkts)", "Err (pkts)")
	cell := func(n, most uint64) string {
		if n > most {
			return "Overflow"
		}
		return fmt.Sprint(n)
	}
	for _, i := range chosen(x, a) {
		if i.Kind() != stack.Ethernet {
			continue
		}
		c := i.Counters()
		total, broadcast, multicast := c.InPackets, c.InBroadcast, c.InMulticast
		if a.Has("outbound") {
			total, broadcast, multicast = c.OutPackets, c.OutBroadcast, c.OutMulticast
		}
		x.Printf("%-15s %14s %18s %18s %11s\n", cli.ShortInterface(i.Name()), cell(total, mostCount), cell(broadcast, mostCount),
			cell(multicast, mostCount), cell(0, mostErrors)) // the links lose frames, they do not damage them
	}
	x.Print("\n Overflow: More than 14 digits (7 digits for column \"Err\").\n       --: Not supported.\n")
}

// displayRates shows the rates of the interfaces that are up.
func displayRates(x *feature.Exec, a *cli.Args) {
	x.Printf("%-15s %17s %21s %21s\n", "Interface", "Total (pps)", "Broadcast (pps)", "Multicast (pps)")
	for _, i := range chosen(x, a) {
		if i.Kind() != stack.Ethernet || !i.Up() {
			continue
		}
		in, out := i.Rates()
		r := in
		if a.Has("outbound") {
			r = out
		}
		x.Printf("%-15s %17d %21d %21d\n", cli.ShortInterface(i.Name()), r.Packets, r.Broadcasts, r.Multicasts)
	}
	x.Print("\n Overflow: More than 14 digits.\n       --: Not supported.\n")
}
