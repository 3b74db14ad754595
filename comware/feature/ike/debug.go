package ike

import (
	"fmt"
	"net/netip"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ike"
)

// The classes of traces, each with its switch.
const (
	classError  = "ERROR"
	classEvent  = "EVENT"
	classPacket = "PACKET"
)

// A tracer words what the engine reports.
type tracer struct {
	box                      *feature.Box
	onError, onEvent, onPack *feature.Switch
	logging                  bool // `ike logging negotiation enable`
	only                     peer // whose traces are shown
}

// A peer is what `debugging ike` can be narrowed to; what is not valid or zero
// is any.
type peer struct {
	remote, local netip.Addr
	port          uint16
}

func (p peer) fits(e ike.Event) bool {
	return (!p.remote.IsValid() || p.remote == e.Remote.Addr()) && (!p.local.IsValid() || p.local == e.Local.Addr()) &&
		(p.port == 0 || p.port == e.Remote.Port())
}

func newTracer(b *feature.Box) *tracer {
	t := &tracer{box: b, onError: b.Switch("IKE error"), onEvent: b.Switch("IKE event"), onPack: b.Switch("IKE packet")}
	feature.Put(b, t)
	return t
}

func (t *tracer) switches() []*feature.Switch {
	return []*feature.Switch{t.onError, t.onEvent, t.onPack}
}

var debugCommands = []feature.Command{
	command("user", "debugging ike { all | error | event | packet } [ remote-address <address:ip> [ local-address <local:ip> | remote-port <port:1-65535> ] * ]", debugIKE),
	command("user", "undo debugging ike { all | error | event | packet }", func(x *feature.Exec, a *cli.Args) { turn(x, a, false) }),
}

// debugIKE switches traces on. The peer that was named last is the one whose
// traces are shown.
func debugIKE(x *feature.Exec, a *cli.Args) {
	feature.Get[*tracer](x.Box).only = peer{a.Addr("address"), a.Addr("local"), uint16(a.Int("port"))}
	turn(x, a, true)
}

func turn(x *feature.Exec, a *cli.Args, on bool) {
	for i, s := range feature.Get[*tracer](x.Box).switches() {
		if a.Has("all") || a.Has([]string{"error", "event", "packet"}[i]) {
			s.On = on
		}
	}
}

// event prints what happened if its class is switched on. Traces of packets
// and errors name the two ends first.
func (t *tracer) event(e ike.Event) {
	if t.logging && e.Kind == ike.Negotiation {
		t.failure(e)
	}
	if e.Kind == ike.PeerCertBad {
		t.box.Log("IKE", 6, "IKE_VERIFY_CERT_FAIL", fmt.Sprintf("Failed to verify the peer certificate. Reason: %v.", e.Err))
	}
	if !t.onError.On && !t.onEvent.On && !t.onPack.On || !t.only.fits(e) {
		return
	}
	for _, l := range words(e) {
		sw := t.onEvent
		text := l.text
		switch l.class {
		case classError:
			sw = t.onError
		case classPacket:
			sw = t.onPack
		}
		if l.class != classEvent {
			text = fmt.Sprintf("vrf = 0, local = %s, remote = %s\n%s", e.Local.Addr(), HostPort(e.Remote), l.text)
		}
		t.box.Debug(sw, "IKE", l.class, text)
	}
}

// failure is the log of a negotiation that came to nothing.
func (t *tracer) failure(e ike.Event) {
	t.box.Log("IKE", 6, fmt.Sprintf("IKE_P%d_SA_ESTABLISH_FAIL", e.Phase),
		fmt.Sprintf("Failed to establish phase %d SA for the reason of %s. The SA's source address is %s, and its destination address is %s.",
			e.Phase, e.Cause, e.Local.Addr(), e.Remote.Addr()))
}
