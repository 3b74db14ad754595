package ip

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

var pingCommands = []feature.Command{{
	Views: "any",
	Syntax: "ping [ ip ] [ -a <source:ip> | -c <count:1-4294967295> | -f | -h <ttl:1-255> | -i <interface:interface> | -m <interval:1-65535> | " +
		"-n | -p <pad:hex:1-8> | -q | -r | -s <size:20-8100> | -t <timeout:0-65535> | -tos <tos:0-255> | -v ] * <host:string:1-253>",
	Help: "ping=Ping function; ip=IP information; -a=Specify the source IP address; <source>=Source IP address; " +
		"-c=Specify the number of echo requests; <count>=Number of echo requests; -f=Discard a packet longer than the MTU of the outgoing interface; " +
		"-h=Specify the TTL value; <ttl>=TTL value; -i=Specify the outgoing interface; <interface>=Interface name; " +
		"-m=Specify the interval for sending echo requests; <interval>=Interval in milliseconds; -n=Numeric output only; " +
		"-p=Specify the padding bytes; <pad>=Padding bytes in hexadecimal; -q=Display only the statistics; -r=Record the route; -s=Specify the payload length; <size>=Payload length in bytes; " +
		"-t=Specify the wait time for each reply; <timeout>=Time in milliseconds; -tos=Specify the TOS value; <tos>=TOS value; " +
		"-v=Display the received ICMP packets other than echo replies; <host>=IP address or host name of the destination",
	Run: runPing,
}}

const notLocal = "Error: The source IP address is not an address of this device."

// Defaults of the options (command reference, ping).
const (
	pingCount    = 5
	pingInterval = 200 * time.Millisecond
	pingTimeout  = 2 * time.Second
	pingSize     = 56
)

// pings are those that run on a box.
type pings struct{ running []*ping }

func (all *pings) receive(p *stack.Packet, m wire.ICMP) {
	for _, g := range slices.Clone(all.running) {
		g.receive(p, m)
	}
}

// A ping is one that runs: one request is out, or the next one is due.
type ping struct {
	x        *feature.Exec
	all      *pings
	dst, src netip.Addr
	out      *stack.Iface
	count    uint32
	ttl, tos uint8
	df       bool
	quiet    bool
	verbose  bool
	record   bool         // the route
	way      []netip.Addr // that was recorded last
	interval time.Duration
	timeout  time.Duration
	data     []byte

	id       uint16
	seq      uint32 // of the request that is out, or of the next one
	sent     uint32
	received uint32
	waiting  bool // for the answer to seq
	at       time.Time
	timer    *sim.Timer
	trips    trips
}

// trips are the round trips of a ping, which may have billions of them: their
// number, the shortest and the longest one, and the sums of them and of their
// squares in milliseconds.
type trips struct {
	n              int
	short, longest time.Duration
	sum, squares   float64
}

func (t *trips) add(d time.Duration) {
	if t.n == 0 || d < t.short {
		t.short = d
	}
	t.longest = max(t.longest, d)
	t.n++
	t.sum += ms(d)
	t.squares += ms(d) * ms(d)
}

// String is the shortest, mean and longest round trip and their standard
// deviation in milliseconds.
func (t *trips) String() string {
	n := float64(t.n)
	mean := t.sum / n
	return fmt.Sprintf("%.3f/%.3f/%.3f/%.3f", ms(t.short), mean, ms(t.longest), math.Sqrt(max(t.squares/n-mean*mean, 0)))
}

func runPing(x *feature.Exec, a *cli.Args) {
	host := a.Str("host")
	dst, ok := Resolve(x.Box, host)
	if !ok || a.Has("-n") && dst.String() != host {
		x.Error("Ping: Unknown host " + host)
		return
	}
	g := &ping{x: x, all: feature.Get[*pings](x.Box), dst: dst, count: pingCount, interval: pingInterval, timeout: pingTimeout,
		ttl: 255, tos: uint8(a.Int("tos")), df: a.Has("-f"), quiet: a.Has("-q"), verbose: a.Has("-v"), record: a.Has("-r")}
	size := pingSize
	if a.Has("-a") {
		if g.src = a.Addr("source"); !x.Box.Stack.IsLocal(g.src) {
			x.Error(notLocal)
			return
		}
	}
	if a.Has("-i") {
		if g.out = x.Box.Stack.Iface(a.Str("interface")); g.out == nil {
			absent(x, a.Str("interface"))
			return
		}
	}
	if a.Has("-c") {
		g.count = a.Uint32("count")
	}
	if a.Has("-h") {
		g.ttl = uint8(a.Int("ttl"))
	}
	if a.Has("-m") {
		g.interval = time.Duration(a.Int("interval")) * time.Millisecond
	}
	if a.Has("-s") {
		size = a.Int("size")
	}
	if a.Has("-t") {
		g.timeout = time.Duration(a.Int("timeout")) * time.Millisecond
	}
	g.data = padding(a.Str("pad"), size)
	g.id = uint16(x.Box.Stream("icmp id").Uint32())
	from := ""
	if g.src.IsValid() {
		from = " from " + g.src.String()
	}
	x.Printf("Ping %s (%s)%s: %d data bytes, press CTRL_C to break\n", host, dst, from, size)
	g.all.running = append(g.all.running, g)
	x.Hold(g.stop)
	g.send()
}

// padding fills the data: the given bytes again and again, without any 01 to
// 09.
func padding(digits string, size int) []byte {
	pattern := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}
	if digits != "" {
		if len(digits)%2 == 1 {
			digits = "0" + digits
		}
		if b, err := hex.DecodeString(digits); err == nil {
			pattern = b
		}
	}
	data := make([]byte, size)
	for i := range data {
		data[i] = pattern[i%len(pattern)]
	}
	return data
}

// send sends one request and waits for its answer. One that the stack refuses
// waits as well, but it was not transmitted and keeps its number for the next.
func (g *ping) send() {
	b := g.x.Box
	var option []byte
	if g.record {
		option = wire.NewRecord()
	}
	src := g.src
	if !src.IsValid() {
		src = b.Stack.ICMPFrom()
	}
	err := b.Stack.SendIP(&stack.Packet{
		Record: option, Src: src, Dst: g.dst, Out: g.out, Proto: wire.ProtoICMP, TTL: g.ttl, TOS: g.tos, DF: g.df,
		Payload: new(wire.Codec).AppendICMP(wire.ICMP{Type: wire.EchoRequest, ID: g.id, Seq: uint16(g.seq), Payload: g.data}),
	})
	g.at = b.Now()
	refused := errors.Is(err, stack.ErrRefused)
	if !refused {
		g.sent++
		g.waiting = true
	}
	g.timer = b.After(g.timeout, func() {
		g.waiting = false
		g.print("Request time out\n")
		if !refused {
			g.seq++
		}
		g.next()
	})
}

// next sends the next request when it is due, or ends the ping.
func (g *ping) next() {
	if g.sent >= g.count {
		g.finish()
		return
	}
	g.timer = g.x.Box.After(g.interval, g.send)
}

func (g *ping) receive(p *stack.Packet, m wire.ICMP) {
	if m.Type != wire.EchoReply {
		g.other(p, m)
		return
	}
	if !g.waiting || m.ID != g.id || m.Seq != uint16(g.seq) || p.Src != g.dst {
		return
	}
	trip := g.x.Box.Now().Sub(g.at).Truncate(time.Millisecond)
	g.timer.Stop()
	g.waiting = false
	g.received++
	g.trips.add(trip)
	g.print(fmt.Sprintf("%d bytes from %s: icmp_seq=%d ttl=%d time=%.3f ms", len(m.Payload), p.Src, g.seq, p.TTL, ms(trip)) + g.recorded(p) + "\n")
	g.seq++
	g.next()
}

// recorded is the route of an answer.
func (g *ping) recorded(p *stack.Packet) string {
	way := wire.Recorded(p.Record)
	if !g.record || len(way) == 0 {
		return ""
	}
	if slices.Equal(way, g.way) {
		return "  (same route)"
	}
	g.way = way
	text := "\nRR:"
	for n, a := range way {
		text += fmt.Sprintf("%*s%s", []int{6, 9}[min(n, 1)], "", a)
		if n < len(way)-1 {
			text += "\n"
		}
	}
	return text
}

// other shows, with -v, a message about a request of this ping.
func (g *ping) other(p *stack.Packet, m wire.ICMP) {
	if !g.verbose || (m.Type != wire.Unreachable && m.Type != wire.TimeExceeded) || len(m.Payload) < 28 {
		return
	}
	inner, err := quoted(m.Payload)
	if err != nil || inner.proto != wire.ProtoICMP || inner.a>>8 != uint16(wire.EchoRequest) || inner.id != g.id {
		return
	}
	what := "Time to live exceeded"
	if m.Type == wire.Unreachable {
		what = "Destination Unreachable"
		names := map[uint8]string{
			wire.NetUnreachable: "Destination Net Unreachable", wire.HostUnreachable: "Destination Host Unreachable",
			wire.ProtocolUnreachable: "Destination Protocol Unreachable", wire.PortUnreachable: "Destination Port Unreachable",
			wire.FragmentationNeeded: "Frag needed and DF set",
		}
		if s, ok := names[m.Code]; ok {
			what = s
		}
	}
	g.print(fmt.Sprintf("%d bytes from %s: %s\n", len(p.Payload), p.Src, what))
}

func (g *ping) print(line string) {
	if !g.quiet {
		g.x.Print(line)
	}
}

// stop is Ctrl+C.
func (g *ping) stop() {
	g.timer.Stop()
	g.finish()
}

// finish prints the statistics, gives the prompt back and logs them.
func (g *ping) finish() {
	g.waiting = false
	g.all.running = slices.DeleteFunc(g.all.running, func(o *ping) bool { return o == g })
	counts := fmt.Sprintf("%d packet(s) transmitted, %d packet(s) received, %.1f%% packet loss", g.sent, g.received, g.loss())
	times := ""
	if g.trips.n > 0 {
		times = "round-trip min/avg/max/std-dev = " + g.trips.String() + " ms"
	}
	g.x.Printf("\n--- Ping statistics for %s ---\n%s\n", g.dst, counts)
	if times != "" {
		g.x.Print(times + "\n")
	}
	g.x.Release()
	// The log follows the prompt.
	g.x.Box.After(0, func() {
		g.x.Box.Log("PING", 6, "PING_STATISTICS",
			fmt.Sprintf("Ping statistics for %s: %s.", g.dst, strings.TrimSuffix(counts+", "+times, ", ")))
	})
}

func (g *ping) loss() float64 {
	if g.sent == 0 {
		return 0
	}
	return 100 * float64(g.sent-g.received) / float64(g.sent)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
