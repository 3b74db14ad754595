package zone

import (
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	"cwlab/emulator/stack"
	"cwlab/emulator/zone"
)

// traces are the debugging switches of the firewall.
type traces struct {
	box                          *feature.Box
	event, fsm, packets, objects *feature.Switch

	// lists that traces are limited to, "" for none
	sessionACL, packetACL, objectACL string
}

func newTraces(b *feature.Box) *traces {
	return &traces{box: b, event: b.Switch("SESSION table event"), fsm: b.Switch("SESSION table fsm"),
		packets: b.Switch("SECURITY-POLICY packet ip"), objects: b.Switch("OBJECT-POLICY packet ip")}
}

var debugTexts = feature.Texts{
	"<number>":        "ACL number",
	"acl":             "Specify an ACL",
	"all":             "All debugging functions",
	"debugging":       "Enable system debugging functions",
	"event":           "Event debugging",
	"fsm":             "State machine debugging",
	"ip":              "IPv4 packets",
	"object-policy":   "Object policy debugging",
	"packet":          "Packet debugging",
	"security-policy": "Security policy debugging",
	"session":         "Session debugging",
	"session-table":   "Session table debugging",
	"undo":            "Cancel current setting",
}

var debugCommands = []feature.Command{
	debugTexts.Command("user", "debugging session session-table { all | event | fsm } [ acl <number:2000-3999> ]", func(x *feature.Exec, a *cli.Args) {
		feature.Get[*traces](x.Box).sessionACL = a.Str("number")
		switchSession(x, a, true)
	}),
	debugTexts.Command("user", "undo debugging session session-table { all | event | fsm }", func(x *feature.Exec, a *cli.Args) { switchSession(x, a, false) }),
	debugTexts.Command("user", "debugging security-policy packet ip [ acl <number:2000-3999> ]", func(x *feature.Exec, a *cli.Args) {
		t := feature.Get[*traces](x.Box)
		t.packets.On, t.packetACL = true, a.Str("number")
	}),
	debugTexts.Command("user", "debugging object-policy packet ip [ acl <number:2000-3999> ]", func(x *feature.Exec, a *cli.Args) {
		t := feature.Get[*traces](x.Box)
		t.objects.On, t.objectACL = true, a.Str("number")
	}),
	debugTexts.Command("user", "undo debugging object-policy packet ip", func(x *feature.Exec, _ *cli.Args) { feature.Get[*traces](x.Box).objects.On = false }),
	debugTexts.Command("user", "undo debugging security-policy packet ip", func(x *feature.Exec, _ *cli.Args) { feature.Get[*traces](x.Box).packets.On = false }),
}

func switchSession(x *feature.Exec, a *cli.Args, on bool) {
	t := feature.Get[*traces](x.Box)
	if !a.Has("fsm") {
		t.event.On = on
	}
	if !a.Has("event") {
		t.fsm.On = on
	}
}

func (t *traces) permits(list string, p *stack.Packet) bool {
	if list == "" {
		return true
	}
	l := feature.Get[*acl.Lists](t.box).Lookup(list)
	if l == nil {
		return false
	}
	r := l.Packet(p)
	return r != nil && r.Permit
}

// packetTypes are the names of what moves a session.
func packetType(ev zone.SessionEvent) string {
	const fin, syn, rst, ack = 1, 2, 4, 16
	switch {
	case ev.Proto == 1:
		switch ev.Type {
		case 8, 13, 15, 17:
			return fmt.Sprintf("REQUEST(%d)", ev.Type)
		}
		return fmt.Sprintf("REPLY(%d)", ev.Type)
	case ev.Proto != 6:
		return "GENERAL(0)"
	case ev.Flags&rst != 0:
		return "RST(5)"
	case ev.Flags&(syn|ack) == syn|ack:
		return "SYNACK(2)"
	case ev.Flags&syn != 0:
		return "SYN(1)"
	case ev.Flags&fin != 0:
		return "FIN(3)"
	}
	return "ACK(4)"
}

func (t *traces) session(ev zone.SessionEvent) {
	if !t.event.On && !t.fsm.On {
		return
	}
	s := ev.Session
	dst := target(s)
	if !t.permits(t.sessionACL, &stack.Packet{Src: s.Src.Addr(), Dst: dst.Addr(), Proto: s.Proto, Payload: []byte{byte(s.Src.Port() >> 8), byte(s.Src.Port()), byte(dst.Port() >> 8), byte(dst.Port())}}) {
		return
	}
	name, _, _ := strings.Cut(protocol(s.Proto), "(")
	tuple := func(what string) string {
		return fmt.Sprintf("\n Tuple5%s: %s/%d-->%s/%d(%s(%d))\n ", what, s.Src.Addr(), s.Src.Port(), dst.Addr(), dst.Port(), strings.ToLower(name), s.Proto)
	}
	switch ev.Kind {
	case zone.Created:
		t.box.Debug(t.event, "SESSION", "TABLE", tuple("(EVENT)")+"Session entry was created.")
	case zone.Deleted:
		t.box.Debug(t.event, "SESSION", "TABLE", tuple("(EVENT)")+"Session entry was deleted.")
	case zone.Moved:
		from, dir := ev.From.String(), "ORIGIN"
		if ev.First {
			from = "NONE"
		}
		if ev.Back {
			dir = "REPLY"
		}
		t.box.Debug(t.fsm, "SESSION", "TABLE", fmt.Sprintf("%sFSM:%s-->%s, dir:%s, PacketType:%s", tuple("  (FSM)"), from, s.State, dir, packetType(ev)))
	}
}

// packet words the decision about the first packet of a flow.
func (t *traces) packet(e zone.Event) {
	if !t.packets.On || !t.permits(t.packetACL, e.Packet) {
		return
	}
	verdict, rule := "denied", ", ACL=none"
	if e.Action == zone.Pass {
		verdict = "permitted"
	}
	if e.Rule != nil {
		rule = fmt.Sprintf(", SecurityPolicy=%s, Rule-ID=%d", e.Rule.Name, e.Rule.ID)
	}
	iface := func(name string) string {
		if name == zone.Local {
			return stack.InLoop
		}
		return name
	}
	part := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	name, _, _ := strings.Cut(protocol(e.Proto), "(")
	t.box.Debug(t.packets, "FILTER", "PACKET", fmt.Sprintf("The packet is %s. Src-Zone=%s, Dst-Zone=%s; If-In=%s, If-Out=%s; Packet Info: Src-IP=%s, Dst-IP=%s, VPN-Instance=none, Src-Port=%d, Dst-Port=%d, Protocol=%s(%d)%s.",
		verdict, part(e.From), part(e.To), iface(e.FromIf), iface(e.ToIf), e.Src.Addr(), e.Dst.Addr(), e.Src.Port(), e.Dst.Port(), name, e.Proto, rule))
}

// object words the decision of an object policy about the first packet of a
// flow.
func (t *traces) object(p *stack.Packet, from, to, policy string, pass bool) {
	if !t.objects.On || !t.permits(t.objectACL, p) {
		return
	}
	verdict, out := "denied", stack.InLoop
	if pass {
		verdict = "permitted"
	}
	if p.Out != nil {
		out = p.Out.Name()
	}
	in := stack.InLoop
	if p.In != nil {
		in = p.In.Name()
	}
	var src, dst uint16
	if b := p.Payload; (p.Proto == 6 || p.Proto == 17) && len(b) >= 4 {
		src, dst = uint16(b[0])<<8|uint16(b[1]), uint16(b[2])<<8|uint16(b[3])
	}
	name, _, _ := strings.Cut(protocol(p.Proto), "(")
	t.box.Debug(t.objects, "pflt", "Event", fmt.Sprintf("The packet is %s. Src-Zone=%s, Dst-Zone=%s; If-In=%s, If-Out=%s; Packet Info: Src-IP=%s, Dst-IP=%s, VPN-Instance=none, Src-Port=%d, Dst-Port=%d, Protocol=%s(%d), ObjectPolicy=%s.",
		verdict, from, to, in, out, p.Src, p.Dst, src, dst, strings.ToLower(name), p.Proto, policy))
}
