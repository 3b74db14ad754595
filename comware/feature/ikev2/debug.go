package ikev2

import (
	"fmt"
	"net/netip"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	featureike "cwlab/comware/feature/ike"
	"cwlab/emulator/ikev2"
)

// The classes of traces, each with its switch.
const (
	classError  = "ERROR"
	classEvent  = "EVENT"
	classPacket = "PACKET"
)

// A trace is one line of debugging, or some under one prefix.
type trace struct{ class, text string }

func ev(format string, args ...any) trace { return trace{classEvent, fmt.Sprintf(format, args...)} }
func pk(format string, args ...any) trace { return trace{classPacket, fmt.Sprintf(format, args...)} }
func er(format string, args ...any) trace { return trace{classError, fmt.Sprintf(format, args...)} }

// A tracer words what the engine reports.
type tracer struct {
	box                      *feature.Box
	onError, onEvent, onPack *feature.Switch
	remote                   netip.Addr // whose traces are shown, invalid for all
}

func newTracer(b *feature.Box) *tracer {
	t := &tracer{box: b, onError: b.Switch("IKEv2 error"), onEvent: b.Switch("IKEv2 event"), onPack: b.Switch("IKEv2 packet")}
	feature.Put(b, t)
	return t
}

var debugCommands = []feature.Command{
	command("user", "debugging ikev2 { all | error | event | packet } [ remote-address <address:ip> ]", func(x *feature.Exec, a *cli.Args) {
		feature.Get[*tracer](x.Box).remote = a.Addr("address")
		turn(x, a, true)
	}),
	command("user", "undo debugging ikev2 { all | error | event | packet }", func(x *feature.Exec, a *cli.Args) { turn(x, a, false) }),
}

func turn(x *feature.Exec, a *cli.Args, on bool) {
	t := feature.Get[*tracer](x.Box)
	for i, s := range []*feature.Switch{t.onError, t.onEvent, t.onPack} {
		if a.Has("all") || a.Has([]string{"error", "event", "packet"}[i]) {
			s.On = on
		}
	}
}

// event prints what happened if its class is switched on. Traces of packets
// and errors name the two ends first, as those of version 1 do.
func (t *tracer) event(e ikev2.Event) {
	if !t.onError.On && !t.onEvent.On && !t.onPack.On || t.remote.IsValid() && t.remote != e.Remote.Addr() {
		return
	}
	for _, l := range words(e) {
		sw, text := t.onEvent, l.text
		switch l.class {
		case classError:
			sw = t.onError
		case classPacket:
			sw = t.onPack
		}
		if l.class != classEvent {
			text = fmt.Sprintf("vrf = 0, local = %s, remote = %s\n%s", e.Local.Addr(), featureike.HostPort(e.Remote), l.text)
		}
		t.box.Debug(sw, "IKEV2", l.class, text)
	}
}
