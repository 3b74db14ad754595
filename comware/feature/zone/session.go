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

const helpTable = "session=Session information; table=Session table; ipv4=IPv4 sessions; source-ip=Specify source addresses; <source>=IPv4 address; <source-end>=End IPv4 address; " +
	"destination-ip=Specify destination addresses; <destination>=IPv4 address; <destination-end>=End IPv4 address; protocol=Specify a protocol; icmp=ICMP; tcp=TCP; udp=UDP; raw-ip=Other protocols; " +
	"source-port=Specify a source port; <sport>=Port number; destination-port=Specify a destination port; <dport>=Port number; slot=Specify the slot number; <slot>=Slot number; "

const tableFilter = " [ slot <slot:1-1> | source-ip <source:ip> [ <source-end:ip> ] | destination-ip <destination:ip> [ <destination-end:ip> ] | " +
	"protocol { icmp | raw-ip | tcp | udp } | source-port <sport:0-65535> | destination-port <dport:0-65535> ] *"

var sessionCommands = []feature.Command{
	{
		Views: "any", Syntax: "display session table ipv4" + tableFilter + " [ verbose ]",
		Help: helpTable + "verbose=Detailed information",
		Run: func(x *feature.Exec, a *cli.Args) {
			var shown []*zone.Session
			for _, s := range engine(x).Sessions() {
				if selected(s, a) {
					shown = append(shown, s)
				}
			}
			PrintSessions(x, shown, a.Has("verbose"))
		},
	},
	{
		Views: "any", Syntax: "display session statistics [ summary ] [ slot <slot:1-1> ]",
		Help: "session=Session information; statistics=Session statistics; summary=Summary information; slot=Specify the slot number; <slot>=Slot number",
		Run:  displayStatistics,
	},
	{
		Views: "any", Syntax: "display session statistics ipv4" + tableFilter,
		Help: helpTable + "statistics=Session statistics",
		Run:  displayStatisticsOf,
	},
	{
		Views: "user", Syntax: "reset session table ipv4" + tableFilter,
		Help: helpTable,
		Run: func(x *feature.Exec, a *cli.Args) {
			engine(x).Reset(func(s *zone.Session) bool { return selected(s, a) })
		},
	},
	{
		Views: "user", Syntax: "reset session table [ slot <slot:1-1> ]",
		Help: "session=Session information; table=Session table; slot=Specify the slot number; <slot>=Slot number",
		Run: func(x *feature.Exec, _ *cli.Args) {
			engine(x).Reset(func(*zone.Session) bool { return true })
		},
	},
	{
		Views: "user", Syntax: "reset session statistics [ slot <slot:1-1> ]",
		Help: "session=Session information; statistics=Session statistics; slot=Specify the slot number; <slot>=Slot number",
		Run:  func(x *feature.Exec, _ *cli.Args) { engine(x).ResetStats() },
	},
}

// target is where the initiator sends to.
func target(s *zone.Session) netip.AddrPort {
	if s.NAT.Dst.IsValid() {
		return s.NAT.Dst
	}
	return s.Dst
}

func selected(s *zone.Session, a *cli.Args) bool {
	known := s.Proto == 1 || s.Proto == 6 || s.Proto == 17
	within := func(token string, v netip.Addr) bool {
		first, last := a.Addr(token), a.Addr(token+"-end")
		if !last.IsValid() {
			last = first
		}
		return !a.Has(token) || !v.Less(first) && !last.Less(v)
	}
	dst := target(s)
	return within("source", s.Src.Addr()) && within("destination", dst.Addr()) &&
		(!a.Has("sport") || int(s.Src.Port()) == a.Int("sport")) && (!a.Has("dport") || int(dst.Port()) == a.Int("dport")) &&
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

// PrintSessions prints sessions as the session table does.
func PrintSessions(x *feature.Exec, all []*zone.Session, verbose bool) {
	x.Print("Slot 1:\n")
	for _, s := range all {
		end(x, "Initiator", s, s.Src, target(s), s.FromIf, s.FromZone)
		if verbose {
			src, dst := s.Wire()
			end(x, "Responder", s, src, dst, s.ToIf, s.ToZone)
			id, name := "-/-/-", ""
			if s.Rule != nil {
				id, name = fmt.Sprint(s.Rule.ID), s.Rule.Name
			}
			x.Printf("State: %s\nApplication: %s\nRule ID: %s\nRule name: %s\n", s.State, application(s), id, name)
			x.Printf("Start time: %s  TTL: %ds\n", s.Start.Add(x.Box.ClockOffset).Format("2006-01-02 15:04:05"), int(s.TTL(x.Box.Now()).Seconds()))
			x.Printf("Initiator->Responder: %12d packets %10d bytes\n", s.Forward.Packets, s.Forward.Bytes)
			x.Printf("Responder->Initiator: %12d packets %10d bytes\n", s.Back.Packets, s.Back.Bytes)
		}
		x.Print("\n")
	}
	x.Printf("Total sessions found: %d\n", len(all))
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
var applications = map[uint16]string{20: "FTP-DATA", 21: "FTP", 22: "SSH", 23: "TELNET", 25: "SMTP", 53: "DNS", 69: "TFTP", 80: "HTTP", 123: "NTP", 161: "SNMP", 443: "HTTPS",
	500: "IKE", 514: "SYSLOG", 1521: "SQLNET", 1719: "RAS", 1720: "H225", 1723: "PPTP", 2000: "SCCP", 4500: "IKE", 5060: "SIP", 554: "RTSP"}

func application(s *zone.Session) string {
	if s.Proto == 1 {
		return "ICMP"
	}
	if name, ok := applications[s.Dst.Port()]; ok && (s.Proto == 6 || s.Proto == 17) {
		return name
	}
	return "OTHER"
}

func displayStatistics(x *feature.Exec, a *cli.Args) {
	e := engine(x)
	all := e.Sessions()
	var by [zone.Classes]int
	states := map[zone.State]int{}
	for _, s := range all {
		by[zone.ClassOf(s.Proto)]++
		states[s.State]++
	}
	rate, total := [zone.Classes]int{}, 0
	for c := range rate {
		rate[c] = e.Rate(zone.Class(c))
		total += rate[c]
	}
	if a.Has("summary") {
		x.Print("Slot Sessions  TCP       UDP       Rate      TCP rate  UDP rate\n")
		x.Printf("%-5d%-10d%-10d%-10d%-10s%-10s%s\n", 1, len(all), by[zone.ClassTCP], by[zone.ClassUDP], perSecond(total), perSecond(rate[zone.ClassTCP]), perSecond(rate[zone.ClassUDP]))
		return
	}
	x.Printf("Slot 1:\nCurrent sessions: %d\n", len(all))
	for _, g := range []struct {
		name   string
		class  zone.Class
		states []zone.State
	}{
		{"TCP", zone.ClassTCP, []zone.State{zone.TCPSynSent, zone.TCPSynReceived, zone.TCPEstablished, zone.TCPFinWait, zone.TCPTimeWait, zone.TCPClosed}},
		{"UDP", zone.ClassUDP, []zone.State{zone.UDPOpen, zone.UDPReady}},
		{"ICMP", zone.ClassICMP, []zone.State{zone.ICMPRequest, zone.ICMPReply}},
		{"RAWIP", zone.ClassRaw, []zone.State{zone.RawOpen, zone.RawReady}},
	} {
		x.Printf("     %s sessions: %d\n", g.name, by[g.class])
		for i := 0; i < len(g.states); i += 2 {
			x.Printf("%24s: %-10d%23s: %d\n", g.states[i], states[g.states[i]], g.states[i+1], states[g.states[i+1]])
		}
	}
	x.Printf("Session establishment rate: %s\n", perSecond(total))
	for c, name := range classNames {
		x.Printf("%13s: %19s\n", name, perSecond(rate[c]))
	}
	stats := e.Stats()
	for c, name := range classNames {
		x.Printf("Received %-9s: %19d packets %20d bytes\n", name, stats.Received[c].Packets, stats.Received[c].Bytes)
	}
}

// displayStatisticsOf counts the sessions that a person selects.
func displayStatisticsOf(x *feature.Exec, a *cli.Args) {
	var by [zone.Classes]int
	all := 0
	for _, s := range engine(x).Sessions() {
		if selected(s, a) {
			by[zone.ClassOf(s.Proto)]++
			all++
		}
	}
	x.Printf("Slot 1:\nCurrent sessions: %d\n", all)
	for c, name := range classNames {
		x.Printf("%14s sessions: %20d\n", name, by[c])
	}
}

var classNames = [zone.Classes]string{zone.ClassTCP: "TCP", zone.ClassUDP: "UDP", zone.ClassICMP: "ICMP", zone.ClassRaw: "RAWIP"}

func perSecond(n int) string { return fmt.Sprintf("%d/s", n) }

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
