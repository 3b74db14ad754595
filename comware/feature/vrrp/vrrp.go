// Package vrrp gives the console virtual routers: the commands of interface
// view, the displays, the logs and the debugging traces. The engine is
// emulator/vrrp.
//
// Source: "VRRP commands" of the Comware 7 command references and the log
// message reference. `vrrp vrid virtual-ip ... active | standby` is of the
// remote backup group command reference.
//
// Limitations: IPv4 in standard mode; load balancing and IPv6 are kept in the
// configuration. A group that is shut down gives the reason of an interface
// event, as no reason of its own is known. A key in a foreign cipher text
// cannot be read: such a group agrees with no other. Of packets that a group
// refuses, the first of a kind is logged until a good one comes.
package vrrp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cwlab/comware/feature"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/wire"
)

// Feature is VRRP.
var Feature = feature.Feature{Name: "vrrp", Commands: commands(), Install: install}

// defaultDSCP is that of an advertisement (vrrp dscp).
const defaultDSCP = 48

// A host is the box as the engine sees it.
type host struct {
	*feature.Box
	listeners []func(iface string, vip netip.Addr, from, to vrrp.State)
	debug     map[vrrp.Kind]*feature.Switch
	event     *feature.Switch
	errors    *feature.Switch
	packets   []filter // whose packets are traced while that switch is on
	dscp      uint8
	watched   []watched
	announce  *sim.Timer // of periodic gratuitous ARP
	faults    []logged
	pending   []membership
}

// A filter is one `debugging vrrp packet`: "" and 0 stand for all.
type filter struct {
	iface string
	vrid  int
}

// logged is the last fault of a group that was logged.
type logged struct {
	iface string
	vrid  uint8
	fault vrrp.Fault
}

func install(b *feature.Box) {
	event, packet := b.Switch("VRRP event"), b.Switch("VRRP packet")
	h := &host{Box: b, event: event, errors: b.Switch("VRRP error"), dscp: defaultDSCP, debug: map[vrrp.Kind]*feature.Switch{
		vrrp.StateChanged: b.Switch("VRRP fsm"), vrrp.Sent: packet, vrrp.Received: packet,
		vrrp.TimerCreated: event, vrrp.TimerDeleted: event, vrrp.TimerExpired: event,
	}}
	e := vrrp.New(h)
	feature.Put(b, e)
	feature.Put(b, h)
	for _, proto := range []uint8{vrrp.Protocol, vrrp.ProtocolAH} {
		next := b.Stack.Handler(proto) // AH of IPsec
		b.Stack.HandleProto(proto, func(p *stack.Packet) {
			if p.Dst != vrrp.Group && next != nil {
				next(p)
				return
			}
			if p.In != nil && p.Dst == vrrp.Group {
				e.Receive(p.In.Name(), vrrp.Packet{Src: p.Src, Dst: p.Dst, Proto: p.Proto, ID: p.ID, Payload: p.Payload}, p.TTL)
			}
		})
	}
	b.Stack.OnIface(func(i *stack.Iface, _ bool) { e.InterfaceChanged(i.Name()) })
	b.OnConfig(func(ev feature.ConfigEvent) {
		h.join()
		for _, r := range e.Routers() {
			if b.Stack.Iface(r.Iface()) == nil { // a group goes with its interface
				e.Remove(r.Iface(), r.VRID())
				h.follow()
			}
		}
		if len(ev.Path) == 1 && strings.HasPrefix(ev.Path[0], "interface ") {
			e.InterfaceChanged(strings.TrimPrefix(ev.Path[0], "interface "))
		}
	})
	// The lines of a startup file may stand in any order.
	b.After(0, func() {
		h.join()
		for _, r := range e.Routers() {
			e.InterfaceChanged(r.Iface())
		}
	})
	b.OnStop(e.Stop)
}

// OnChange calls f after every change of a virtual router's state, once for
// each of its virtual addresses.
func OnChange(b *feature.Box, f func(iface string, vip netip.Addr, from, to vrrp.State)) {
	h := feature.Get[*host](b)
	h.listeners = append(h.listeners, f)
}

func engine(x *feature.Exec) *vrrp.Engine { return feature.Get[*vrrp.Engine](x.Box) }

func (h *host) Interface(name string) (netip.Addr, bool) {
	i := h.Stack.Iface(name)
	if i == nil {
		return netip.Addr{}, false
	}
	return i.Addr().Addr(), i.Up()
}

// membership is a group on an interface that is not there yet.
type membership struct {
	iface string
	group netip.Addr
}

func (h *host) Join(name string, group netip.Addr) {
	if i := h.Stack.Iface(name); i != nil {
		h.Stack.JoinMulticast(i, group)
		return
	}
	h.pending = append(h.pending, membership{name, group})
}

func (h *host) Leave(name string, group netip.Addr) {
	if k := slices.Index(h.pending, membership{name, group}); k >= 0 {
		h.pending = slices.Delete(h.pending, k, k+1)
		return
	}
	if i := h.Stack.Iface(name); i != nil {
		h.Stack.LeaveMulticast(i, group)
	}
}

// join tries again what waits for an interface.
func (h *host) join() {
	waiting := h.pending
	h.pending = nil
	for _, m := range waiting {
		h.Join(m.iface, m.group)
	}
}

func (h *host) SendAdvert(name string, a vrrp.Packet) {
	i := h.Stack.Iface(name)
	if i == nil {
		return
	}
	// An advertisement that cannot be sent is lost, as on any link.
	_ = h.Stack.SendIP(&stack.Packet{Out: i, Src: a.Src, Dst: a.Dst, Proto: a.Proto, ID: a.ID, TTL: vrrp.TTL, TOS: h.dscp << 2,
		SrcMAC: wire.MAC(vrrp.MAC(a.VRID)), Payload: a.Payload})
}

func (h *host) AddVirtual(name string, a netip.Addr, vrid uint8) {
	if i := h.Stack.Iface(name); i != nil {
		i.AddVirtual(a, wire.MAC(vrrp.MAC(vrid)))
	}
}

func (h *host) RemoveVirtual(name string, a netip.Addr) {
	if i := h.Stack.Iface(name); i != nil {
		i.RemoveVirtual(a)
	}
}

func (h *host) Announce(name string, a netip.Addr, vrid uint8) {
	if i := h.Stack.Iface(name); i != nil {
		i.GratuitousARP(a, wire.MAC(vrrp.MAC(vrid)))
	}
}

// reasons are the words of the log message reference.
var reasons = map[vrrp.Cause]string{
	vrrp.CauseConfig:     "IP address deleted",
	vrrp.CauseInterface:  "Interface event received",
	vrrp.CauseShutdown:   "Interface event received",
	vrrp.CauseMasterDown: "Master-down-timer expired",
	vrrp.CausePreempt:    "Preempt",
	vrrp.CauseZero:       "Zero priority packet received",
	vrrp.CausePacket:     "VRRP packet received",
	vrrp.CauseOwner:      "Current device has changed to IP address owner",
	vrrp.CauseTrack:      "The status of the tracked object changed",
	vrrp.CauseRBM:        "Controlled by RBM",
}

var timers = map[vrrp.Timer]string{vrrp.AdverTimer: "Adver timer", vrrp.HoldTimer: "Hold timer", vrrp.MasterDownTimer: "Master down timer"}

// Emit words what a virtual router did.
func (h *host) Emit(ev vrrp.Event) {
	h.Note(ev)
	if ev.Kind == vrrp.StateChanged {
		h.changed(ev)
		return
	}
	if ev.Kind == vrrp.Bad {
		if h.errors.On {
			h.Debug(h.errors, "VRRP4", "Error", "\n"+fault(ev))
		}
		h.complain(ev)
		return
	}
	if ev.Kind == vrrp.Received {
		h.faults = slices.DeleteFunc(h.faults, func(l logged) bool { return l.iface == ev.Iface && l.vrid == ev.VRID })
	}
	sw := h.debug[ev.Kind]
	if !sw.On {
		return
	}
	group := fmt.Sprintf("\n IPv4 %s | Virtual Router %d : ", ev.Iface, ev.VRID)
	switch ev.Kind {
	case vrrp.Sent, vrrp.Received:
		if !slices.ContainsFunc(h.packets, func(f filter) bool {
			return (f.iface == "" || f.iface == ev.Iface) && (f.vrid == 0 || f.vrid == int(ev.VRID))
		}) {
			return
		}
		how := "Sent Advertisement message from " + ev.Iface
		if ev.Kind == vrrp.Received {
			how = fmt.Sprintf("Received Advertisement message from %s on %s", ev.Peer, ev.Iface)
		}
		h.Debug(sw, "VRRP4", "Packet", fmt.Sprintf("\n %s\n VRID: %d  Pri: %d  Adver timer: %d centisecs", how, ev.VRID, ev.Priority, ev.Interval.Milliseconds()/10))
	case vrrp.TimerCreated:
		h.Debug(sw, "VRRP4", "Event", group+timers[ev.Timer]+" created")
	case vrrp.TimerDeleted:
		h.Debug(sw, "VRRP4", "Event", group+timers[ev.Timer]+" deleted")
	case vrrp.TimerExpired:
		h.Debug(sw, "VRRP4", "Event", group+timers[ev.Timer]+" expired")
	case vrrp.StateChanged, vrrp.Bad:
	}
}

// changed logs a change of state. Leaving and reaching Inactive, and the start
// as a backup, are not logged on a device.
func (h *host) changed(ev vrrp.Event) {
	h.Changed("VRRP", fmt.Sprintf("%d on %s", ev.VRID, ev.Iface), ev.To.String(), reasons[ev.Why])
	if ev.From != vrrp.Inactive && ev.To != vrrp.Inactive && (ev.From != vrrp.Initialize || ev.To != vrrp.Backup) {
		// This release breaks the log after its context and ends it with an empty line.
		h.Log("VRRP4", 6, "VRRP_STATUS_CHANGE", fmt.Sprintf("\nThe status of IPv4 virtual router %d (configured on %s) changed from %s to %s: %s.\n",
			ev.VRID, ev.Iface, ev.From, ev.To, reasons[ev.Why]))
	}
	if sw := h.debug[vrrp.StateChanged]; sw.On {
		why := ""
		if ev.To == vrrp.Master || ev.From == vrrp.Master {
			why = "   reason: " + reasons[ev.Why]
		}
		h.Debug(sw, "VRRP4", "FSM", fmt.Sprintf("\n IPv4 %s | Virtual Router %d : %s --> %s%s", ev.Iface, ev.VRID, ev.From, ev.To, why))
	}
	r := feature.Get[*vrrp.Engine](h.Box).Router(ev.Iface, ev.VRID)
	if r == nil {
		return
	}
	for _, vip := range r.VIPs() {
		for _, f := range h.listeners {
			f(ev.Iface, vip, ev.From, ev.To)
		}
	}
}

func fault(ev vrrp.Event) string {
	if ev.Fault == vrrp.FaultVRID {
		return fmt.Sprintf("The VRID %d in the packet from %s does not exist on interface %s", ev.VRID, ev.Peer, ev.Iface)
	}
	return "The VRRP packet is illegal"
}

// complaints are the logs about packets that a group refuses: what they are
// called and how they word the fault.
var complaints = map[vrrp.Fault][2]string{
	vrrp.FaultAuthMismatch: {"VRRP_AUTH_FAILED", "authentication type mismatch"},
	vrrp.FaultAuthKey:      {"VRRP_AUTH_FAILED", "authentication key mismatch"},
	vrrp.FaultAddresses:    {"VRRP_CONFIG_ERROR", "VIRTUAL IP ADDRESS error"},
	vrrp.FaultVersion:      {"VRRP_CONFIG_ERROR", "VERSION error"},
	vrrp.FaultInterval:     {"VRRP_CONFIG_ERROR", "TIMER error"},
	vrrp.FaultChecksum:     {"VRRP_PACKET_ERROR", "CKSUM error"},
	vrrp.FaultTTL:          {"VRRP_PACKET_ERROR", "IP TTL error"},
	vrrp.FaultLength:       {"VRRP_PACKET_ERROR", "PKT LENGTH error"},
	vrrp.FaultType:         {"VRRP_PACKET_ERROR", "TYPE error"},
	vrrp.FaultAuthType:     {"VRRP_PACKET_ERROR", "AUTH TYPE error"},
}

// complain logs a packet that a group refuses.
func (h *host) complain(ev vrrp.Event) {
	c, known := complaints[ev.Fault]
	l := logged{ev.Iface, ev.VRID, ev.Fault}
	if !known || feature.Get[*vrrp.Engine](h.Box).Router(ev.Iface, ev.VRID) == nil || slices.Contains(h.faults, l) {
		return
	}
	h.faults = append(h.faults, l)
	group := fmt.Sprintf("IPv4 virtual router %d (configured on %s)", ev.VRID, ev.Iface)
	switch c[0] {
	case "VRRP_AUTH_FAILED":
		h.Log("VRRP4", 6, c[0], fmt.Sprintf("Authentication failed in %s: %s.", group, c[1]))
	case "VRRP_CONFIG_ERROR":
		h.Log("VRRP4", 6, c[0], fmt.Sprintf("The %s detected a VRRP configuration error: %s.", group, c[1]))
	default:
		h.Log("VRRP4", 6, c[0], fmt.Sprintf("The %s received an error packet: %s.", group, c[1]))
	}
}
