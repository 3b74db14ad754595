package zone

import (
	"fmt"
	"net/netip"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/stack"
	"cwlab/emulator/zone"
)

const helpTable = "session=Session information; table=Session table; ipv4=IPv4 sessions; source-ip=Specify a source address; <source>=IPv4 address; " +
	"destination-ip=Specify a destination address; <destination>=IPv4 address; protocol=Specify a protocol; icmp=ICMP; tcp=TCP; udp=UDP; raw-ip=Other protocols; "

const tableFilter = " [ source-ip <source:ip> | destination-ip <destination:ip> | protocol { icmp | raw-ip | tcp | udp } ] *"

var sessionCommands = []feature.Command{
	{
		Views: "any", Syntax: "display session table ipv4" + tableFilter + " [ verbose ]",
		Help: "display=Display current system information; " + helpTable + "verbose=Detailed information",
		Run:  displaySessions,
	},
	{
		Views: "any", Syntax: "display session statistics",
		Help: "display=Display current system information; session=Session information; statistics=Session statistics",
		Run:  displayStatistics,
	},
	{
		Views: "user", Syntax: "reset session table ipv4" + tableFilter,
		Help: "reset=Clear information; " + helpTable,
		Run: func(x *feature.Exec, a *cli.Args) {
			engine(x).Reset(func(s *zone.Session) bool { return selected(s, a) })
		},
	},
	{
		Views: "user", Syntax: "reset session table",
		Help: "reset=Clear information; session=Session information; table=Session table",
		Run: func(x *feature.Exec, _ *cli.Args) {
			engine(x).Reset(func(*zone.Session) bool { return true })
		},
	},
}

func selected(s *zone.Session, a *cli.Args) bool {
	known := s.Proto == 1 || s.Proto == 6 || s.Proto == 17
	return (!a.Has("source") || s.Src.Addr() == a.Addr("source")) &&
		(!a.Has("destination") || s.Dst.Addr() == a.Addr("destination")) &&
		(!a.Has("icmp") || s.Proto == 1) && (!a.Has("tcp") || s.Proto == 6) && (!a.Has("udp") || s.Proto == 17) &&
		(!a.Has("raw-ip") || !known)
}

func protocol(p uint8) string {
	switch p {
	case 1:
		return "ICMP(1)"
	case 6:
		return "TCP(6)"
	case 17:
		return "UDP(17)"
	case 50:
		return "ESP(50)"
	case 51:
		return "AH(51)"
	}
	return fmt.Sprintf("RAWIP(%d)", p)
}

func displaySessions(x *feature.Exec, a *cli.Args) {
	n := 0
	x.Print("Slot 1:\n")
	for _, s := range engine(x).Sessions() {
		if !selected(s, a) {
			continue
		}
		n++
		end(x, "Initiator", s, s.Src, s.Dst, s.FromIf, s.FromZone)
		if a.Has("verbose") {
			end(x, "Responder", s, s.ReplySrc, s.ReplyDst, s.ToIf, s.ToZone)
			id, name := "-/-/-", ""
			if s.Rule != nil {
				id, name = fmt.Sprint(s.Rule.ID), s.Rule.Name
			}
			x.Printf("State: %s\nApplication: %s\nRule ID: %s\nRule name: %s\n", s.State, application(s), id, name)
			x.Printf("Start time: %s  TTL: %ds\n", s.Start.Format("2006-01-02 15:04:05"), int(s.TTL(x.Box.Now()).Seconds()))
			x.Printf("Initiator->Responder: %12d packets %10d bytes\n", s.Forward.Packets, s.Forward.Bytes)
			x.Printf("Responder->Initiator: %12d packets %10d bytes\n", s.Back.Packets, s.Back.Bytes)
		}
		x.Print("\n")
	}
	x.Printf("Total sessions found: %d\n", n)
}

func end(x *feature.Exec, title string, s *zone.Session, src, dst netip.AddrPort, iface, zoneName string) {
	if iface == zone.Local {
		iface = stack.InLoop
	}
	x.Printf("%s:\n  Source      IP/port: %s/%d\n  Destination IP/port: %s/%d\n", title, src.Addr(), src.Port(), dst.Addr(), dst.Port())
	x.Printf("  DS-Lite tunnel peer: -\n  VPN instance/VLAN ID/Inline ID: -/-/-\n  Protocol: %s\n", protocol(s.Proto))
	x.Printf("  Inbound interface: %s\n  Source security zone: %s\n", iface, zoneName)
}

// applications are the names of well-known ports.
var applications = map[uint16]string{22: "SSH", 23: "TELNET", 53: "DNS", 80: "HTTP", 161: "SNMP", 443: "HTTPS", 500: "IKE", 4500: "IKE"}

func application(s *zone.Session) string {
	if s.Proto == 1 {
		return "ICMP"
	}
	if name, ok := applications[s.Dst.Port()]; ok && (s.Proto == 6 || s.Proto == 17) {
		return name
	}
	return "OTHER"
}

func displayStatistics(x *feature.Exec, _ *cli.Args) {
	e := engine(x)
	var by [4]int
	all := e.Sessions()
	for _, s := range all {
		switch s.Proto {
		case 6:
			by[0]++
		case 17:
			by[1]++
		case 1:
			by[2]++
		default:
			by[3]++
		}
	}
	x.Printf("Slot 1:\nCurrent sessions: %d\n", len(all))
	for i, name := range []string{"TCP", "UDP", "ICMP", "RAWIP"} {
		x.Printf("%10s sessions: %20d\n", name, by[i])
	}
	x.Printf("\nHistory sessions created: %d\nPackets dropped: %d\n", e.Stats().Created, e.Stats().Dropped)
}

// describe words the decision of a rule.
func describe(e zone.Event) string {
	action := "Deny"
	if e.Action == zone.Pass {
		action = "Permit"
	}
	port := func(a netip.AddrPort, what string) string {
		if e.Proto == 6 || e.Proto == 17 {
			return fmt.Sprintf("%s=%d;", what, a.Port())
		}
		return ""
	}
	return strings.Join([]string{
		fmt.Sprintf("SrcZoneName(1025)=%s;DstZoneName(1035)=%s;Type(1067)=ACL;SecurityPolicy(1072)=%s;RuleID(1078)=%d;", e.From, e.To, e.Rule.Name, e.Rule.ID),
		fmt.Sprintf("Protocol(1001)=%s;SrcIPAddr(1003)=%s;", strings.SplitN(protocol(e.Proto), "(", 2)[0], e.Src.Addr()), port(e.Src, "SrcPort(1004)"),
		fmt.Sprintf("DstIPAddr(1007)=%s;", e.Dst.Addr()), port(e.Dst, "DstPort(1008)"), fmt.Sprintf("MatchCount(1069)=1;Event(1048)=%s;", action),
	}, "")
}
