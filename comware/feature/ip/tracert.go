package ip

import (
	"encoding/binary"
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

var tracertCommands = []feature.Command{{
	Views: "any",
	Syntax: "tracert [ -a <source:ip> | -f <first:1-255> | -m <most:1-255> | -p <port:1-65535> | -q <probes:1-65535> | -t <tos:0-255> | " +
		"-w <timeout:1-65535> ] * <host:string:1-253>",
	Help: "tracert=Tracert function; -a=Specify the source IP address; <source>=Source IP address; -f=Specify the first TTL value; <first>=First TTL value; " +
		"-m=Specify the maximum TTL value; <most>=Maximum TTL value; -p=Specify the destination UDP port; <port>=Port number; " +
		"-q=Specify the number of probes of each hop; <probes>=Number of probes; -t=Specify the TOS value; <tos>=TOS value; " +
		"-w=Specify the wait time for each reply; <timeout>=Time in milliseconds; <host>=IP address or host name of the destination",
	Run: runTracert,
}}

// Defaults of the options (command reference, tracert). A probe is as long as
// the device says: the header, eight bytes of UDP and twelve of data.
const (
	tracertHops    = 30
	tracertPort    = 33434
	tracertProbes  = 3
	tracertTimeout = 5 * time.Second
	tracertLength  = 40
)

// traces are those that run on a box.
type traces struct{ running []*trace }

func (all *traces) receive(p *stack.Packet, m wire.ICMP) {
	for _, t := range slices.Clone(all.running) {
		t.receive(p, m)
	}
}

// A trace is a tracert that runs: one probe is out.
type trace struct {
	x           *feature.Exec
	all         *traces
	src, dst    netip.Addr
	first, most int
	probes      int
	tos         uint8
	timeout     time.Duration
	sport, port uint16 // of the probe that is out

	hop, probe int // from 1, from 0
	at         time.Time
	timer      *sim.Timer
	from       netip.Addr // who answered this hop last
	reached    bool       // somebody said that the way ends
	waiting    bool
}

func runTracert(x *feature.Exec, a *cli.Args) {
	name := a.Str("host")
	dst, ok := Resolve(x.Box, name)
	if !ok {
		x.Error("Tracert: Unknown host " + name)
		return
	}
	t := &trace{x: x, all: feature.Get[*traces](x.Box), dst: dst, first: 1, most: tracertHops, probes: tracertProbes,
		tos: uint8(a.Int("tos")), timeout: tracertTimeout, port: tracertPort}
	set := func(option, arg string, v *int) {
		if a.Has(option) {
			*v = a.Int(arg)
		}
	}
	set("-f", "first", &t.first)
	set("-m", "most", &t.most)
	set("-q", "probes", &t.probes)
	if a.Has("-p") {
		t.port = uint16(a.Int("port"))
	}
	if a.Has("-w") {
		t.timeout = time.Duration(a.Int("timeout")) * time.Millisecond
	}
	var err error
	switch {
	case t.first > t.most:
		x.Error("Error: The first TTL value is greater than the maximum TTL value.")
		return
	case a.Has("-a"):
		if t.src = a.Addr("source"); !x.Box.Stack.IsLocal(t.src) {
			x.Error(notLocal)
			return
		}
	default:
		if t.src, err = x.Box.Stack.Source(dst); err != nil {
			t.src = netip.Addr{} // probes find no way and time out
		}
	}
	t.sport = uint16(x.Box.Stream("tracert port").Uint32()) | 0x8000
	x.Printf("traceroute to %s (%s), %d hops at most, %d bytes each packet, press CTRL_C to break\n", name, dst, t.most, tracertLength)
	t.all.running = append(t.all.running, t)
	x.Hold(t.finish)
	t.hop = t.first
	t.begin()
}

// begin begins the line of a hop.
func (t *trace) begin() {
	t.probe, t.from = 0, netip.Addr{}
	t.x.Printf("%2d ", t.hop)
	t.send()
}

// send sends one probe. Each has a port of its own, which tells the answers
// apart.
func (t *trace) send() {
	s := t.x.Box.Stack
	t.at, t.waiting = t.x.Box.Now(), true
	if t.src.IsValid() {
		_ = s.SendIP(&stack.Packet{Src: t.src, Dst: t.dst, Proto: wire.ProtoUDP, TTL: uint8(t.hop), TOS: t.tos, // one that is refused times out
			Payload: new(wire.Codec).AppendUDP(t.src, t.dst, wire.UDP{Src: t.sport, Dst: t.port, Payload: make([]byte, tracertLength-28)})})
	}
	t.timer = t.x.Box.After(t.timeout, func() { t.answer(" *") })
}

// receive takes an ICMP error about the probe that is out.
func (t *trace) receive(p *stack.Packet, m wire.ICMP) {
	if !t.waiting || m.Type != wire.TimeExceeded && m.Type != wire.Unreachable {
		return
	}
	inner, err := quoted(m.Payload)
	if err != nil || inner.dst != t.dst || inner.proto != wire.ProtoUDP || inner.a != t.sport || inner.b != t.port {
		return
	}
	text := ""
	if p.Src != t.from {
		text = fmt.Sprintf(" %s (%s)", p.Src, p.Src)
		t.from = p.Src
	}
	text += fmt.Sprintf("  %.3f ms", ms(t.x.Box.Now().Sub(t.at)))
	if m.Type == wire.Unreachable {
		t.reached = true
		text += marks[m.Code]
	}
	t.timer.Stop()
	t.answer(text)
}

// marks say that the way ends before the destination, as traceroute has them.
var marks = map[uint8]string{wire.NetUnreachable: " !N", wire.HostUnreachable: " !H", wire.ProtocolUnreachable: " !P", wire.FragmentationNeeded: " !F"}

// answer prints what became of a probe and goes on.
func (t *trace) answer(text string) {
	t.waiting = false
	t.x.Print(text)
	t.probe++
	if t.port++; t.port == 0 {
		t.port = 1
	}
	switch {
	case t.probe < t.probes:
		t.send()
	case t.reached || t.hop == t.most:
		t.finish()
	default:
		t.x.Print("\n")
		t.hop++
		t.begin()
	}
}

// finish ends the line that was begun and gives the prompt back. It is Ctrl+C
// as well.
func (t *trace) finish() {
	t.timer.Stop()
	t.waiting = false
	t.all.running = slices.DeleteFunc(t.all.running, func(o *trace) bool { return o == t })
	t.x.Print("\n")
	t.x.Release()
}

// A quote is the begin of a packet inside an ICMP error: of UDP the ports, of
// an echo request type and code, and the identifier.
type quote struct {
	src, dst netip.Addr
	proto    uint8
	a, b     uint16
	id       uint16
}

func quoted(b []byte) (quote, error) {
	if len(b) < 20 || b[0]>>4 != 4 {
		return quote{}, fmt.Errorf("quoted packet is %d bytes", len(b))
	}
	n := int(b[0]&0xf) * 4
	if n < 20 || len(b) < n+8 {
		return quote{}, fmt.Errorf("quoted packet is %d bytes with a header of %d", len(b), n)
	}
	return quote{netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20])), b[9],
		binary.BigEndian.Uint16(b[n:]), binary.BigEndian.Uint16(b[n+2:]), binary.BigEndian.Uint16(b[n+4:])}, nil
}
