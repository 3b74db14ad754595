package info

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/comware/infocenter"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

type duration = time.Duration

// A loghost is a host that logs are sent to.
type loghost struct {
	addr     netip.Addr
	vpn      string // "" for the public network
	port     uint16
	facility int // 16 to 23: local0 to local7
	dscp     uint8
}

// Defaults and limits of log hosts.
const (
	defaultPort     = 514
	defaultFacility = 23
	maxHosts        = 4
)

const hostSyntax = "info-center loghost [ vpn-instance <vpn:string:1-31> ] <host:ip>"

var hostCommands = []feature.Command{
	command(hostSyntax+" [ port <port:1-65535> | facility { local0 | local1 | local2 | local3 | local4 | local5 | local6 | local7 } | dscp <dscp:0-63> ] *", setHost),
	command("undo "+hostSyntax, func(x *feature.Exec, a *cli.Args) {
		s := of(x)
		s.hosts = slices.DeleteFunc(s.hosts, func(h *loghost) bool { return h.is(a) })
		remove(x, hostKey(a))
	}),
	command("info-center loghost source <interface:interface>", func(x *feature.Exec, a *cli.Args) {
		of(x).source = a.Str("interface")
		set(x, "info-center loghost source", a.Line())
	}),
	command("undo info-center loghost source", func(x *feature.Exec, _ *cli.Args) {
		of(x).source = ""
		remove(x, "info-center loghost source")
	}),
	command("info-center timestamp loghost { date | iso | no-year-date | none }", func(x *feature.Exec, a *cli.Args) { setHostFormat(x, a.Token(3)) }),
	command("undo info-center timestamp loghost", func(x *feature.Exec, _ *cli.Args) { setHostFormat(x, "date") }),
}

func (h *loghost) is(a *cli.Args) bool { return h.addr == a.Addr("host") && h.vpn == a.Str("vpn") }

func hostKey(a *cli.Args) string {
	key := "info-center loghost "
	if a.Has("vpn") {
		key += "vpn-instance " + cli.Quote(a.Str("vpn")) + " "
	}
	return key + a.Str("host")
}

func setHost(x *feature.Exec, a *cli.Args) {
	s := of(x)
	i := slices.IndexFunc(s.hosts, func(h *loghost) bool { return h.is(a) })
	if i < 0 {
		if len(s.hosts) == maxHosts {
			x.Error("The maximum number of log hosts has been reached.")
			return
		}
		i = len(s.hosts)
		s.hosts = append(s.hosts, nil)
	}
	h := &loghost{addr: a.Addr("host"), vpn: a.Str("vpn"), port: defaultPort, facility: defaultFacility, dscp: uint8(a.Int("dscp"))}
	text := hostKey(a)
	if p := a.Int("port"); p > 0 && p != defaultPort {
		h.port = uint16(p)
		text += fmt.Sprintf(" port %d", p)
	}
	for n := range 8 {
		if a.Has(fmt.Sprintf("local%d", n)) {
			h.facility = 16 + n
		}
	}
	if h.facility != defaultFacility {
		text += " facility " + h.facilityName()
	}
	if h.dscp != 0 {
		text += fmt.Sprintf(" dscp %d", h.dscp)
	}
	s.hosts[i] = h
	set(x, hostKey(a), text)
}

func (h *loghost) facilityName() string { return fmt.Sprintf("local%d", h.facility-16) }

func setHostFormat(x *feature.Exec, name string) {
	const key = "info-center timestamp loghost"
	formats := map[string]infocenter.Format{"date": infocenter.Date, "iso": infocenter.ISO, "no-year-date": infocenter.NoYear, "none": infocenter.None}
	of(x).format = formats[name]
	if name == "date" {
		remove(x, key)
		return
	}
	set(x, key, key+" "+name)
}

// send tells the log hosts. A record that comes of sending goes to none.
func (s *state) send(r infocenter.Record) {
	if s.busy || len(s.hosts) == 0 {
		return
	}
	s.busy = true
	defer func() { s.busy = false }()
	if s.port == 0 {
		s.port = uint16(49152 + s.box.Stream("syslog port").Uint32()%16384)
	}
	for _, h := range s.hosts {
		if h.vpn != "" {
			continue
		}
		if src, ok := s.from(h.addr); ok {
			u := wire.UDP{Src: s.port, Dst: h.port, Payload: r.Syslog(h.facility, s.format)}
			// UDP gives no answer, and neither does a log that finds no way.
			_ = s.box.Stack.SendIP(&stack.Packet{Src: src, Dst: h.addr, Proto: wire.ProtoUDP, TOS: h.dscp << 2,
				Payload: new(wire.Codec).AppendUDP(src, h.addr, u)})
		}
	}
}

// from is the source address of packets to a log host.
func (s *state) from(to netip.Addr) (netip.Addr, bool) {
	if i := s.box.Stack.Iface(s.source); s.source != "" && i != nil && i.Addr().IsValid() {
		return i.Addr().Addr(), true
	}
	src, err := s.box.Stack.Source(to)
	return src, err == nil
}

// sortedHosts are the log hosts in the order of the configuration.
func (s *state) sortedHosts() []*loghost {
	hosts := slices.Clone(s.hosts)
	slices.SortFunc(hosts, func(a, b *loghost) int {
		if c := strings.Compare(a.vpn, b.vpn); c != 0 {
			return c
		}
		return a.addr.Compare(b.addr)
	})
	return hosts
}
