package nat

import (
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/feature/acl"
	featurezone "cwlab/comware/feature/zone"
	"cwlab/emulator/nat"
	"cwlab/emulator/zone"
)

const sessionFilter = " [ { source-ip <source:ip> | destination-ip <destination:ip> } * ] [ slot <number:1-1> ]"

var displayCommands = []feature.Command{
	texts.Command("any", "display nat all", func(x *feature.Exec, a *cli.Args) {
		displayGroups(x, a)
		displayOutbound(x, a)
		displayServers(x, a)
		if len(engine(x).Servers()) == 0 {
			x.Print("\n")
		}
		displayStatic(x, a)
	}),
	texts.Command("any", "display nat address-group [ <group:0-65535> ]", displayGroups),
	texts.Command("any", "display nat outbound", displayOutbound),
	texts.Command("any", "display nat server", displayServers),
	texts.Command("any", "display nat static", displayStatic),
	texts.Command("any", "display nat session"+sessionFilter+" [ verbose ]", displaySessions),
	texts.Command("any", "display nat no-pat [ slot <number:1-1> ]", displayLoans),
	texts.Command("any", "display nat statistics [ summary ]", displayStatistics),
	texts.Command("user", "reset nat session [ slot <number:1-1> ]", func(x *feature.Exec, _ *cli.Args) { engine(x).Reset() }),
	texts.Command("user", "debugging nat packet [ acl <acl:2000-3999> ]", func(x *feature.Exec, a *cli.Args) {
		h := feature.Get[*host](x.Box)
		h.trace.On, h.only = true, a.Str("acl")
	}),
	texts.Command("user", "undo debugging nat packet", func(x *feature.Exec, _ *cli.Args) { feature.Get[*host](x.Box).trace.On = false }),
	texts.Command("user", "debugging nat event", func(x *feature.Exec, _ *cli.Args) { feature.Get[*host](x.Box).event.On = true }),
	texts.Command("user", "undo debugging nat event", func(x *feature.Exec, _ *cli.Args) { feature.Get[*host](x.Box).event.On = false }),
}

func yes(on bool) string {
	if on {
		return "Y"
	}
	return "N"
}

func or(s string) string {
	if s == "" {
		return "---"
	}
	return s
}

// status prints whether a mapping works, and what it misses.
func status(x *feature.Exec, indent, form string, missing []string) {
	if len(missing) == 0 {
		x.Printf("%s"+form+"Active\n", indent)
		return
	}
	x.Printf("%s"+form+"Inactive\n", indent)
	if missing[0] == "" { // disabled
		return
	}
	last := len(missing) - 1
	text := missing[last]
	if last > 0 {
		text = strings.Join(missing[:last], ", ") + ", and " + text
	}
	x.Printf("%sReasons for inactive status:\n%s  The following items don't exist or aren't effective: %s.\n", indent, indent, text)
}

func missing(x *feature.Exec, disabled bool, list string, more ...string) []string {
	if disabled {
		return []string{""}
	}
	if list != "" && feature.Get[*acl.Lists](x.Box).Lookup(list) == nil {
		more = append(more, "ACL")
	}
	return more
}

func displayGroups(x *feature.Exec, a *cli.Args) {
	groups := engine(x).Groups()
	if a.Has("group") {
		g := engine(x).Group(a.Int("group"))
		if g == nil {
			x.Error("The NAT address group does not exist.")
			return
		}
		groups = []*nat.Group{g}
	} else {
		x.Printf("NAT address group information:\n  Totally %d NAT address groups.\n", len(groups))
	}
	for _, g := range groups {
		name := ""
		if g.Name != "" {
			name = " name " + g.Name
		}
		x.Printf("  Address group %d%s:\n    Port range: %d-%d\n", g.Number, name, g.PortLo, g.PortHi)
		if g.VRID != 0 {
			x.Printf("    VRID      : %d\n", g.VRID)
		}
		x.Print("    Address information:\n      Start address         End address\n")
		for _, s := range g.Spans {
			x.Printf("      %-22s%s\n", s.From, s.To)
		}
		if len(g.Spans) == 0 {
			x.Print("      ---                   ---\n")
		}
		x.Print("\n")
	}
}

func displayOutbound(x *feature.Exec, _ *cli.Args) {
	e := engine(x)
	all := e.Outbounds()
	x.Printf("NAT outbound information:\n  Totally %d NAT outbound rules.\n", len(all))
	for _, o := range all {
		number, lack := "---", []string(nil)
		switch {
		case o.Group >= 0:
			number = fmt.Sprint(o.Group)
			if g := e.Group(o.Group); g == nil || len(g.Spans) == 0 {
				lack = append(lack, "address group")
			}
		case !feature.Get[*host](x.Box).Addr(o.Iface).IsValid():
			lack = append(lack, "interface IP address")
		}
		x.Printf("  Interface: %s\n    ACL: %-12s Address group: %-6s Port-preserved: %s\n    NO-PAT: %s         Reversible: %s\n", o.Iface,
			or(o.ACL), number, yes(o.Preserve), yes(o.NoPAT), yes(o.Reverse))
		if o.VRID != 0 {
			x.Printf("    VRRP ID: %d\n", o.VRID)
		}
		status(x, "    ", "Config status: ", missing(x, o.Disabled, o.ACL, lack...))
	}
	x.Print("\n")
}

func protocolText(p uint8) string {
	name := "Reserved"
	switch p {
	case 1, 6, 17, 2, 4, 47, 89:
		name = strings.ToUpper(acl.ProtoText(int(p)))
	}
	return fmt.Sprintf("%d(%s)", p, name)
}

func portText(r zone.Range[uint16]) string {
	switch {
	case r == zone.Range[uint16]{}:
		return "---"
	case r.From == r.To:
		return fmt.Sprint(r.From)
	}
	return fmt.Sprintf("%d-%d", r.From, r.To)
}

func spanText(s nat.Span) string {
	switch {
	case !s.From.IsValid():
		return "---"
	case s.From == s.To:
		return s.From.String()
	}
	return s.From.String() + "-" + s.To.String()
}

func displayServers(x *feature.Exec, _ *cli.Args) {
	all := engine(x).Servers()
	x.Printf("NAT internal server information:\n  Totally %d internal servers.\n", len(all))
	for _, s := range all {
		global, lack := s.Global, []string(nil)
		if s.AddrOf != "" {
			a := feature.Get[*host](x.Box).Addr(s.AddrOf)
			if global = (nat.Span{From: a, To: a}); !a.IsValid() {
				lack = append(lack, "interface IP address")
			}
		}
		local := s.LocalPorts
		if local == (zone.Range[uint16]{}) {
			local = s.GlobalPorts
		}
		proto := protocolText(s.Proto)
		if s.Proto == 0 {
			proto = "---"
		}
		x.Printf("  Interface: %s\n    Protocol: %s\n    Global IP/port: %s/%s\n    Local IP/port : %s/%s\n", s.Iface, proto,
			spanText(global), portText(s.GlobalPorts), spanText(s.Local), portText(local))
		if s.ACL != "" {
			x.Printf("    ACL           : %s\n", s.ACL)
		}
		if s.VRID != 0 {
			x.Printf("    VRRP ID       : %d\n", s.VRID)
		}
		status(x, "    ", "Config status : ", missing(x, s.Disabled, s.ACL, lack...))
		x.Print("\n")
	}
}

func displayStatic(x *feature.Exec, _ *cli.Args) {
	e := engine(x)
	x.Print("Static NAT mappings:\n")
	all := e.Statics()
	x.Printf("  Totally %d outbound static NAT mappings.\n", len(all))
	for _, s := range all {
		if s.Local.Size() == 1 {
			x.Printf("  IP-to-IP:\n    Local IP     : %s\n    Global IP    : %s\n", s.Local.From, s.Global.From)
		} else {
			x.Printf("  Net-to-net:\n    Local IP     : %s - %s\n    Global IP    : %s - %s\n", s.Local.From, s.Local.To, s.Global.From, s.Global.To)
		}
		if s.ACL != "" {
			x.Printf("    ACL          : %s\n", s.ACL)
		}
		if s.Reversible {
			x.Print("    Reversible   : Y\n")
		}
		if s.VRID != 0 {
			x.Printf("    VRRP ID      : %d\n", s.VRID)
		}
		status(x, "    ", "Config status: ", missing(x, s.Disabled, s.ACL))
		x.Print("\n")
	}
	on := e.Enabled()
	x.Printf("Interfaces enabled with static NAT:\n  Totally %d interfaces enabled with static NAT.\n", len(on))
	for _, name := range on {
		x.Printf("  Interface: %s\n", name)
		status(x, "    ", "Config status: ", nil)
	}
	x.Print("\n")
}

func displaySessions(x *feature.Exec, a *cli.Args) {
	var shown []*zone.Session
	for _, s := range engine(x).Sessions() {
		dst := s.Dst
		if s.NAT.Dst.IsValid() {
			dst = s.NAT.Dst
		}
		if (!a.Has("source") || s.Src.Addr() == a.Addr("source")) && (!a.Has("destination") || dst.Addr() == a.Addr("destination")) {
			shown = append(shown, s)
		}
	}
	featurezone.PrintSessions(x, shown, a.Has("verbose"))
}

func displayStatistics(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	loans := 0
	for _, g := range e.Groups() {
		loans += g.Loans()
	}
	n := len(e.Sessions())
	if a.Has("summary") {
		x.Printf("EIM: Total EIM entries.\nSPB: Total static port block entries.\nDPB: Total dynamic port block entries.\nASPB: Active static port block entries.\nADPB: Active dynamic port block entries.\n"+
			"Slot Sessions  EIM       SPB       DPB       ASPB      ADPB\n%-5d%-10d%-10d%-10d%-10d%-10d%d\n", 1, n, 0, 0, 0, 0, 0)
		return
	}
	x.Printf("Slot 1:\n  Total session entries: %d\n  Total EIM entries: 0\n  Total inbound NO-PAT entries: 0\n  Total outbound NO-PAT entries: %d\n", n, loans)
	x.Print("  Total static port block entries: 0\n  Total dynamic port block entries: 0\n  Active static port block entries: 0\n  Active dynamic port block entries: 0\n")
}

func displayLoans(x *feature.Exec, _ *cli.Args) {
	e, n := engine(x), 0
	x.Print("Slot 1:\n")
	for _, g := range e.Groups() {
		reversible := "N"
		for _, o := range e.Outbounds() {
			if o.Group == g.Number && o.Reverse {
				reversible = "Y"
			}
		}
		for _, l := range g.Lent() {
			x.Printf("Local   IP: %s\nGlobal  IP: %s\nReversible: %s\nType      : Outbound\n\n", l.Local, l.Global, reversible)
			n++
		}
	}
	x.Printf("Total entries found: %d\n", n)
}
