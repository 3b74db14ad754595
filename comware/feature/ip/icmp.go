package ip

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

var ofICMP = feature.Texts{
	"ttl-expires": "ICMP time exceeded messages", "unreachables": "ICMP destination unreachable messages", "redirects": "ICMP redirect messages", "enable": "Enable the sending",
	"icmp": "ICMP messages of the device", "error-interval": "Limit the rate of ICMP error messages", "<interval>": "Interval of a token in milliseconds, 0 for no limit",
	"<bucket>": "Number of tokens", "source": "Specify the source of ICMP messages", "<source>": "Source IP address",
}

var icmpCommands = slices.Concat(
	flag(placeErrors, "ip ttl-expires enable", ofICMP, func(b *feature.Box, on bool) { b.Stack.TTLExpires = on }),
	flag(placeErrors, "ip unreachables enable", ofICMP, func(b *feature.Box, on bool) { b.Stack.IPUnreachables = on }),
	flag(placeErrors, "ip redirects enable", ofICMP, func(b *feature.Box, on bool) { b.Stack.Redirects = on }),
	both("system", "ip icmp error-interval <interval:0-2147483647> [ <bucket:1-200> ]", "ip icmp error-interval", ofICMP,
		func(x *feature.Exec, a *cli.Args, on bool) {
			interval, bucket := stack.ErrorInterval, stack.ErrorBurst
			if on {
				interval = time.Duration(a.Int("interval")) * time.Millisecond
			}
			if a.Has("bucket") {
				bucket = a.Int("bucket")
			}
			x.Box.Stack.SetErrorRate(interval, bucket)
			line := fmt.Sprintf("ip icmp error-interval %d", interval/time.Millisecond)
			if bucket != stack.ErrorBurst {
				line += fmt.Sprintf(" %d", bucket)
			}
			put(x, placeErrors, "ip icmp error-interval", line, interval != stack.ErrorInterval || bucket != stack.ErrorBurst)
		}),
	both("system", "ip icmp source <source:ip>", "ip icmp source", ofICMP, func(x *feature.Exec, a *cli.Args, on bool) {
		x.Box.Stack.ICMPSource = netip.Addr{}
		if on {
			x.Box.Stack.ICMPSource = a.Addr("source")
		}
		put(x, placeErrors, "ip icmp source", "ip icmp source "+a.Str("source"), on)
	}),
)
