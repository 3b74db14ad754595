package ip

import (
	"fmt"
	"strings"
	"time"

	"cwlab/comware/feature"
	"cwlab/emulator/stack"
)

// long is `display interface` of one interface, with the empty line after it.
func long(b *feature.Box, i *stack.Iface) string {
	switch {
	case i.Main() != nil:
		return longSub(b, i)
	case i.Kind() == stack.Ethernet:
		return longEthernet(b, i)
	case i.Kind() == stack.Tunnel:
		return longTunnel(b, i)
	}
	return longLogical(b, i)
}

// A builder collects lines.
type builder struct{ strings.Builder }

func (o *builder) line(format string, args ...any) { fmt.Fprintf(o, format+"\n", args...) }

func (o *builder) head(b *feature.Box, i *stack.Iface) {
	o.line("%s", i.Name())
	text := description(b.Conf.Root(), i.Name())
	if text == "" {
		text = i.Name() + " Interface"
	}
	o.line("Current state: %s", physicalState(i))
	o.line("Line protocol state: %s", protocolState(i))
	o.line("Description: %s", text)
}

func (o *builder) internet(i *stack.Iface) {
	for n, p := range i.Addrs() {
		kind := "Primary"
		if n > 0 {
			kind = "Sub"
		}
		o.line("Internet address: %s (%s)", p, kind)
	}
	if !i.Addr().IsValid() {
		o.line("Internet protocol processing: Disabled")
	}
}

func (o *builder) cleared(b *feature.Box, i *stack.Iface) {
	when := "Never"
	if t := i.Cleared(); !t.IsZero() {
		when = t.Add(b.ClockOffset).Format("15:04:05  Mon 01/02/2006")
	}
	o.line("Last clearing of counters: %s", when)
}

// bandwidth is the expected one, in kbit/s.
func (o *builder) bandwidth(b *feature.Box, i *stack.Iface) {
	kbps := setting(b.Conf.Root(), i.Name(), "bandwidth")
	if kbps == "" {
		switch i.Kind() {
		case stack.Ethernet:
			main := i
			if m := i.Main(); m != nil {
				main = m
			}
			kbps = fmt.Sprint(portOf(b, main).speed * 1000)
		case stack.Loopback:
			kbps = "8000000"
		case stack.Null:
			kbps = "100000"
		case stack.Tunnel:
			kbps = "64"
		}
	}
	o.line("Bandwidth: %s kbps", kbps)
}

// traffic is the end of the block of an interface that is no port.
func (o *builder) traffic(i *stack.Iface) {
	in, out := i.Rates()
	seconds := i.Interval() / time.Second
	o.line("Last %d seconds input rate: %d bytes/sec, %d bits/sec, %d packets/sec", seconds, in.Bytes, 8*in.Bytes, in.Packets)
	o.line("Last %d seconds output rate: %d bytes/sec, %d bits/sec, %d packets/sec", seconds, out.Bytes, 8*out.Bytes, out.Packets)
	c := i.Counters()
	o.line("Input: %d packets, %d bytes, %d drops", c.InPackets, c.InBytes, c.InDrops)
	o.line("Output: %d packets, %d bytes, %d drops", c.OutPackets, c.OutBytes, c.OutDrops)
	o.line("")
}

func longLogical(b *feature.Box, i *stack.Iface) string {
	var o builder
	o.head(b, i)
	o.bandwidth(b, i)
	o.line("Maximum transmission unit: 1536")
	o.internet(i)
	if i.Loopback() {
		o.line("Physical: Loopback")
	} else {
		o.line("Physical: NULL DEV")
	}
	o.cleared(b, i)
	o.traffic(i)
	return o.String()
}

// A TunnelText is what `display interface` says of the tunnel of an interface.
// The feature that has the tunnels puts it into the box.
type TunnelText func(i *stack.Iface) string

func longTunnel(b *feature.Box, i *stack.Iface) string {
	var o builder
	o.head(b, i)
	o.bandwidth(b, i)
	o.line("Maximum transmission unit: %d", i.MTU())
	o.internet(i)
	if f := feature.Get[TunnelText](b); f != nil {
		o.WriteString(f(i))
	}
	o.line("Output queue - Urgent queuing: Size/Length/Discards 0/100/0")
	o.line("Output queue - Protocol queuing: Size/Length/Discards 0/500/0")
	o.line("Output queue - FIFO queuing: Size/Length/Discards 0/75/0")
	o.cleared(b, i)
	o.traffic(i)
	return o.String()
}

func (o *builder) frames(i *stack.Iface) {
	o.line("IP packet frame type: Ethernet II, hardware address: %s", i.MAC())
	o.line("IPv6 packet frame type: Ethernet II, hardware address: %s", i.MAC())
}

func longSub(b *feature.Box, i *stack.Iface) string {
	var o builder
	o.head(b, i)
	o.bandwidth(b, i)
	o.line("Maximum transmission unit: %d", i.MTU())
	o.internet(i)
	o.frames(i)
	o.cleared(b, i)
	o.traffic(i)
	return o.String()
}

func longEthernet(b *feature.Box, i *stack.Iface) string {
	var o builder
	o.head(b, i)
	o.bandwidth(b, i)
	p := portOf(b, i)
	bridge := bridged(b, i.Name())
	if !bridge {
		o.line("Maximum transmission unit: %d", i.MTU())
	}
	o.line("Allow jumbo frames to pass")
	o.line("Broadcast max-%s", suppression(b, i, "broadcast"))
	o.line("Unknown-multicast max-%s", suppression(b, i, "multicast"))
	o.line("Unicast max-%s", suppression(b, i, "unicast"))
	if !bridge {
		o.internet(i)
	}
	o.frames(i)
	if bridge {
		o.WriteString(p.vlans())
	}
	if p.loopback == "" {
		o.line("Loopback is not set")
	} else {
		o.line("Loopback is set %s", p.loopback)
	}
	o.line("Media type is twisted pair")
	o.line("Promiscuous mode is not set")
	o.line("%s", p.mode(i.Up()))
	o.line("%s", p.negotiated())
	if p.flowControl {
		o.line("Flow-control is enabled")
	} else {
		o.line("Flow-control is not enabled")
	}
	o.line("Maximum frame length:%d", p.frame)
	o.line("Output queue - Urgent queuing: Size/Length/Discards 0/1024/0")
	o.line("Output queue - Protocol queuing: Size/Length/Discards 0/500/0")
	o.line("Output queue - FIFO queuing: Size/Length/Discards 0/75/0")
	o.line("Last link flapping: %s", since(b.Now().Sub(i.LastChange()), i.LastUp().IsZero() && i.LastDown().IsZero()))
	o.cleared(b, i)
	stamp := func(t time.Time, never string) string {
		if t.IsZero() {
			return never
		}
		return t.Add(b.ClockOffset).Format(time.DateTime)
	}
	o.line("Current system time:%s", stamp(b.Now(), ""))
	o.line("Last time when physical state changed to up:%s", stamp(i.LastUp(), "-"))
	o.line("Last time when physical state changed to down:%s", stamp(i.LastDown(), "-"))
	in, out := i.Rates()
	const noPeak = "0000-00-00 00:00:00"
	o.line(" Peak input rate: %d bytes/sec, at %s", in.Peak, stamp(in.PeakAt, noPeak))
	o.line(" Peak output rate: %d bytes/sec, at %s", out.Peak, stamp(out.PeakAt, noPeak))
	seconds, full := i.Interval()/time.Second, uint64(p.speed)*1_000_000/8
	o.line(" Last %d seconds input: %d packets/sec %d bytes/sec %d%%", seconds, in.Packets, in.Bytes, in.Bytes*100/full)
	o.line(" Last %d seconds output: %d packets/sec %d bytes/sec %d%%", seconds, out.Packets, out.Bytes, out.Bytes*100/full)
	c := i.Counters()
	for _, kind := range []string{"(total):  ", "(normal):  "} {
		o.line(" Input %s%d packets, %d bytes", kind, c.InPackets, c.InBytes)
		o.line("         %d unicasts, %d broadcasts, %d multicasts, - pauses", c.InUnicast, c.InBroadcast, c.InMulticast)
	}
	o.line(" Input:  0 input errors, 0 runts, 0 giants, - throttles")
	o.line("         0 CRC, - frame, 0 overruns, - aborts")
	o.line("         - ignored, - parity errors")
	for _, kind := range []string{"(total): ", "(normal): "} {
		o.line(" Output %s%d packets, %d bytes", kind, c.OutPackets, c.OutBytes)
		o.line("         %d unicasts, %d broadcasts, %d multicasts, - pauses", c.OutUnicast, c.OutBroadcast, c.OutMulticast)
	}
	o.line(" Output: 0 output errors, 0 underruns, - buffer failures")
	o.line("         - aborts, 0 deferred, 0 collisions, 0 late collisions")
	o.line("         0 lost carrier, - no carrier")
	o.line("")
	return o.String()
}

// since is a time span in words, down to minutes or, below an hour, seconds.
func since(d time.Duration, never bool) string {
	if never {
		return "Never"
	}
	s := int(d / time.Second)
	weeks, days, hours, minutes, seconds := s/604800, s/86400%7, s/3600%24, s/60%60, s%60
	switch {
	case weeks > 0:
		return fmt.Sprintf("%d weeks %d days %d hours %d minutes", weeks, days, hours, minutes)
	case days > 0:
		return fmt.Sprintf("%d days %d hours %d minutes", days, hours, minutes)
	}
	return fmt.Sprintf("%d hours %d minutes %d seconds", hours, minutes, seconds)
}
