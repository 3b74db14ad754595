package ip

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

var ofGratuitous = feature.Texts{
	"gratuitous-arp-learning": "Learning from gratuitous ARP packets", "gratuitous-arp-sending": "Gratuitous ARP packets in reply to requests of other networks",
	"send-gratuitous-arp": "Send gratuitous ARP packets periodically", "interval": "Specify the interval", "<interval>": "Interval in milliseconds",
	"ip-conflict": "Conflicts of IP addresses", "log": "Log them", "prompt": "Prompt at once",
}

var gratuitousCommands = slices.Concat(
	// Learning is the default: it is the undo form that is kept.
	both("system", "gratuitous-arp-learning enable", "gratuitous-arp-learning enable", ofGratuitous, func(x *feature.Exec, _ *cli.Args, on bool) {
		x.Box.Stack.IgnoreGratuitous = !on
		put(x, placeARP, "gratuitous-arp-learning enable", "undo gratuitous-arp-learning enable", !on)
	}),
	flag(placeARP, "gratuitous-arp-sending enable", ofGratuitous, func(b *feature.Box, on bool) { b.Stack.AnswerOthers = on }),
	flag(placeARP, conflictLine, ofGratuitous, func(*feature.Box, bool) {}),
	both("interface", "arp send-gratuitous-arp [ interval <interval:200-200000> ]", "arp send-gratuitous-arp", ofGratuitous, announcePeriodically),
)

const (
	conflictLine  = "arp ip-conflict log prompt"
	announceKey   = "arp send-gratuitous-arp"
	announceEvery = 2 * time.Second
)

// announcers send gratuitous ARP for interfaces, by name.
type announcers map[string]*announcer

type announcer struct {
	interval time.Duration // 0 to end
	timer    *sim.Timer
}

// announcePeriodically keeps an interval; a new one begins after the one that
// runs (command reference, arp send-gratuitous-arp).
func announcePeriodically(x *feature.Exec, a *cli.Args, on bool) {
	all, name := feature.Get[announcers](x.Box), x.View().Suffix
	every := announceEvery
	if a.Has("interval") {
		every = time.Duration(a.Int("interval")) * time.Millisecond
	}
	line := announceKey
	if every != announceEvery {
		line += fmt.Sprintf(" interval %d", every/time.Millisecond)
	}
	put(x, placeAnnounce, announceKey, line, on)
	c := all[name]
	switch {
	case !on && c != nil:
		c.timer.Stop()
		delete(all, name)
	case on && c != nil:
		c.interval = every
	case on:
		c = &announcer{interval: every}
		all[name] = c
		c.next(x.Box, name)
	}
}

func (c *announcer) next(b *feature.Box, name string) {
	c.timer = b.After(c.interval, func() {
		if i := b.Stack.Iface(name); i != nil {
			i.Announce()
			c.next(b, name)
		}
	})
}

// watchConflicts logs senders that claim an address of this device. A virtual
// address has other owners by its nature.
func watchConflicts(b *feature.Box) {
	b.Stack.OnARPError(func(i *stack.Iface, a wire.ARP, why stack.ARPFault) {
		own := func(p netip.Prefix) bool { return p.Addr() == a.Src }
		if why == stack.ARPOwnSender && b.Conf.Root().Child(conflictLine) != nil && slices.ContainsFunc(i.Addrs(), own) {
			b.Log("ARP", 6, "DUPIFIP", fmt.Sprintf("Duplicate address %s on interface %s, sourced from %s.", a.Src, i.Name(), a.SrcMAC))
		}
	})
}
