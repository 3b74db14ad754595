// Package nqa gives the console network quality analysis: operations and their
// schedules, the displays and the debugging traces. The engine is emulator/nqa;
// its probes are ICMP echo requests of this device's stack.
//
// Source: "NQA client commands" and "NQA debugging commands" of the Comware 7
// command and debugging references.
//
// Limitations: ICMP echo operations act; operations of other types, templates
// and the server are kept in the configuration. Traps are not sent, so that
// trap-only does what none does. Refusals are in our own words. A trace of the
// schedule is made where the reference names the event.
package nqa

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/nqa"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

// Feature is network quality analysis.
var Feature = feature.Feature{Name: "nqa", Views: views(), Commands: commands(), Install: install}

// The views of an operation without a type and of an ICMP echo operation;
// those of the other types have names made by viewOf.
const (
	viewEntry = "nqa-entry"
	viewEcho  = "nqa-icmp-echo"
)

func viewOf(kind string) string { return "nqa-" + kind }

func views() []feature.View {
	all := []feature.View{
		{Name: viewEntry, Parent: "system", Title: "Nqa"},
		{Name: viewEcho, Parent: "system", Title: "Nqa-icmp-echo"},
	}
	for _, kind := range kinds {
		all = append(all, feature.View{Name: viewOf(kind), Parent: "system", Title: "Nqa-" + kind})
	}
	for _, kind := range templates {
		all = append(all, feature.View{Name: viewOf("template-" + kind), Parent: "system", Title: "Nqatplt-" + kind})
	}
	return all
}

// A host is the box as the engine sees it.
type host struct {
	*feature.Box
	event, reaction, failure *feature.Switch
}

func install(b *feature.Box) {
	h := &host{Box: b, event: b.Switch("NQA event"), reaction: b.Switch("NQA reaction"), failure: b.Switch("NQA error")}
	e := nqa.New(h)
	feature.Put(b, e)
	b.Stack.OnICMP(func(p *stack.Packet, m wire.ICMP) {
		if m.Type == wire.EchoReply {
			e.Receive(p.Src, m.ID, m.Seq)
		}
	})
	b.OnStop(e.Stop)
}

func engine(x *feature.Exec) *nqa.Engine { return feature.Get[*nqa.Engine](x.Box) }

// Why a probe is not sent.
var (
	errSource    = errors.New("the source interface is down or has no address")
	errInterface = errors.New("the output interface is down")
	errNextHop   = errors.New("the next hop or the destination is not on a link")
)

// Echo sends a probe.
func (h *host) Echo(e nqa.Echo) error {
	p := &stack.Packet{Src: e.Source, Dst: e.Destination, Proto: wire.ProtoICMP, TTL: e.TTL, TOS: e.TOS,
		Payload: new(wire.Codec).AppendICMP(wire.ICMP{Type: wire.EchoRequest, ID: e.ID, Seq: e.Seq, Payload: e.Data})}
	if e.SourceIface != "" {
		i := h.Stack.Iface(e.SourceIface)
		if i == nil || !i.Up() || !i.Addr().IsValid() {
			return errSource
		}
		p.Src = i.Addr().Addr()
	}
	switch {
	case e.NextHop.IsValid():
		via, ok := h.direct(e.NextHop)
		if !ok {
			return errNextHop
		}
		p.Out, p.Next = via, e.NextHop
	case e.OutIface != "":
		p.Out = h.Stack.Iface(e.OutIface)
		if p.Out == nil || !p.Out.Up() {
			return errInterface
		}
	case e.Bypass:
		via, ok := h.direct(e.Destination)
		if !ok {
			return errNextHop
		}
		p.Out, p.Next, p.TTL = via, e.Destination, 1
	}
	return h.Stack.SendIP(p)
}

// direct is the interface on whose link an address is.
func (h *host) direct(a netip.Addr) (*stack.Iface, bool) {
	r, ok := h.Stack.Lookup(a)
	if !ok || r.Proto != "Direct" {
		return nil, false
	}
	i := h.Stack.Iface(r.Interface)
	return i, i != nil
}

// Emit words what an operation did.
func (h *host) Emit(ev nqa.Event) {
	entry := fmt.Sprintf("NQA entry (%s-%s)", ev.Name.Admin, ev.Name.Tag)
	event := func(format string, args ...any) { h.Debug(h.event, "NQA", "Event", entry+fmt.Sprintf(format, args...)) }
	failure := func(text string) { h.Debug(h.failure, "NQA", "Error", entry+text) }
	reaction := func(format string, args ...any) {
		h.Debug(h.reaction, "NQA", "Reaction", entry+fmt.Sprintf(format, args...))
	}
	switch ev.Kind {
	case nqa.Scheduled:
		event(" schedule FSM: Create Schedule Event, status is %s.", ev.Phase)
	case nqa.Unscheduled:
		event(" schedule FSM: Delete Schedule Event, status is %s.", ev.Phase)
	case nqa.StartTimer:
		event(": Create start-time timer successfully, interval is %ds.", ev.Interval/time.Second)
	case nqa.LifeTimer:
		event(": Create life-time timer successfully, interval is %ds.", ev.Interval/time.Second)
	case nqa.Incomplete:
		event(": Failed to start the NQA operation because the operation configurations are incomplete.")
	case nqa.ProbeTimedOut:
		failure(": Probe timed out.")
	case nqa.SendFailed:
		failure(": Failed to send packet.")
	case nqa.ReactionCreated:
		reaction(": Trigger-only reaction (%d) is created.", ev.Item)
	case nqa.ReactionDeleted:
		reaction(": Trigger-only reaction (%d) is deleted.", ev.Item)
	case nqa.StatusChanged:
		reaction(" reaction (%d): Status changed from %s to %s.", ev.Item, ev.From, ev.To)
	case nqa.Triggered:
		reaction(" reaction (%d): Trigger notified.", ev.Item)
	}
}

// debug switches one kind of traces, or with "all" every one.
func debug(on bool) func(x *feature.Exec, a *cli.Args) {
	return func(x *feature.Exec, a *cli.Args) {
		for _, name := range []string{"event", "reaction", "error"} {
			if a.Has(name) || a.Has("all") {
				x.Box.Switch("NQA " + name).On = on
			}
		}
	}
}
