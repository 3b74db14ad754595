package ike

import (
	"fmt"
	"net/netip"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ike"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/pki"
)

var displayCommands = []feature.Command{
	command("any", "display ike sa [ verbose [ connection-id <id:1-2000000000> | remote-address <address:ip> ] ]", func(x *feature.Exec, a *cli.Args) {
		if !a.Has("verbose") {
			x.Print(table(engine(x).SAs()))
			return
		}
		for _, s := range engine(x).SAs() {
			if a.Has("connection-id") && s.Conn != a.Uint32("id") || a.Has("remote-address") && s.Remote.Addr() != a.Addr("address") {
				continue
			}
			x.Print(verbose(s))
		}
	}),
	command("any", "display ike proposal", func(x *feature.Exec, _ *cli.Args) { x.Print(proposals(engine(x))) }),
	command("any", "display ike statistics", func(x *feature.Exec, _ *cli.Args) { x.Print(statistics(engine(x))) }),
	command("user", "reset ike sa [ connection-id ] <id:1-2000000000>", resetSA),
	command("user", "reset ike sa", resetSA),
	command("user", "reset ike statistics", func(x *feature.Exec, _ *cli.Args) { engine(x).Stats = ike.Stats{} }),
}

func resetSA(x *feature.Exec, a *cli.Args) {
	if !engine(x).Reset(a.Uint32("id")) && a.Has("id") {
		x.Error("The IKE SA does not exist.")
	}
}

// Flag is the state of an IKE SA as `display ike sa` prints it.
func Flag(s *ike.SA) string {
	if s.State != ike.Established {
		return "Unknown"
	}
	f := []string{"RD"}
	if s.Replaced {
		f = append(f, "RL")
	} else if s.Fading {
		f = append(f, "FD")
	}
	if s.Rekeying {
		f = append(f, "RK")
	}
	return strings.Join(f, "|")
}

// table is the layout of the 7.1.075 generation, without local addresses.
func table(sas []*ike.SA) string {
	const row = "    %-16s%-22s%-13s%s\n"
	var b strings.Builder
	fmt.Fprintf(&b, row, "Connection-ID", "Remote", "Flag", "DOI")
	b.WriteString(strings.Repeat("-", 66) + "\n")
	for _, s := range sas {
		fmt.Fprintf(&b, row, fmt.Sprint(s.Conn), s.Remote.Addr(), Flag(s), "IPsec")
	}
	b.WriteString("Flags:\nRD--READY RL--REPLACED FD-FADING RK-REKEY\n")
	return b.String()
}

// idType and idValue are an identity as displayed.
func idType(id *isakmp.ID) string {
	if id == nil {
		return ""
	}
	return strings.TrimPrefix(id.Kind.String(), "ID_")
}

func idValue(id *isakmp.ID) string {
	if id == nil {
		return ""
	}
	switch id.Kind {
	case isakmp.IDIPv4Addr:
		a, _ := id.Address()
		return a.String()
	case isakmp.IDIPv4AddrSubnet:
		if p, ok := id.Prefix(); ok {
			return p.Addr().String() + "/" + Dotted(p)
		}
	case isakmp.IDFQDN, isakmp.IDUserFQDN:
		return Printable(id.Data)
	case isakmp.IDDN:
		return pki.Name(id.Data, ", ")
	default:
	}
	return fmt.Sprintf("%x", id.Data)
}

// Printable is a name of the peer's without what a terminal would act on.
func Printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return '.'
		}
		return r
	}, string(b))
}

// HostPort is an address and a port as displays print them.
func HostPort(a netip.AddrPort) string { return fmt.Sprintf("%s/%d", a.Addr(), a.Port()) }

func verbose(s *ike.SA) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "   "+format+"\n", args...) }
	rule := strings.Repeat("-", 47)
	role, nat := "Responder", "Not detected"
	if s.Initiator {
		role = "Initiator"
	}
	if s.NAT || s.PeerNAT {
		nat = "Detected"
	}
	line("%s", rule)
	line("Connection ID: %d", s.Conn)
	line("Outside VPN:")
	line("Inside VPN:")
	line("%s", strings.TrimRight("Profile: "+s.Profile, " "))
	line("Transmitting entity: %s", role)
	line("Initiator cookie: %s", s.ICookie)
	line("Responder cookie: %s", s.RCookie)
	line("%s", rule)
	line("Local IP/port: %s", HostPort(s.Local))
	line("%s", strings.TrimRight("Local ID type: "+idType(s.LocalID), " "))
	line("%s", strings.TrimRight("Local ID: "+idValue(s.LocalID), " "))
	b.WriteByte('\n')
	line("Remote IP/port: %s", HostPort(s.Remote))
	line("%s", strings.TrimRight("Remote ID type: "+idType(s.RemoteID), " "))
	line("%s", strings.TrimRight("Remote ID: "+idValue(s.RemoteID), " "))
	b.WriteByte('\n')
	p := s.Proposal
	if p.Encr == 0 { // nothing agreed on yet
		p = ike.DefaultProposal(0)
	}
	line("Authentication-method: %s", methodName(p.Auth))
	line("Authentication-algorithm: %s", hashName(p.Hash))
	line("Encryption-algorithm: %s", cipherName(p))
	b.WriteByte('\n')
	line("Life duration(sec): %d", p.Seconds)
	line("Remaining key duration(sec): %d", int64(s.Remaining().Seconds()))
	line("Exchange-mode: %s", exchange(s.Exchange))
	line("Diffie-Hellman group: Group %d", p.Group)
	line("NAT traversal: %s", nat)
	b.WriteByte('\n')
	line("Extend authentication: Disabled")
	line("Assigned IP address:")
	line("Vendor ID index:0xffffffff")
	line("Vendor ID sequence number:0x0")
	b.WriteByte('\n')
	return b.String()
}

func proposals(e *ike.Engine) string {
	var b strings.Builder
	b.WriteString(" Priority Authentication Authentication Encryption  Diffie-Hellman Duration\n" +
		"              method       algorithm    algorithm       group      (seconds)\n" +
		strings.Repeat("-", 76) + "\n")
	for _, p := range e.Config.SortedProposals() {
		n := fmt.Sprint(p.Number)
		if p.Number == 0 {
			n = "default"
		}
		fmt.Fprintf(&b, " %-9s%-19s%-11s%-12s%-15s%d\n", n, methodName(p.Auth), hashName(p.Hash), cipherName(p), fmt.Sprintf("Group %d", p.Group), p.Seconds)
	}
	return b.String()
}

// counters is the order of `display ike statistics`.
var counters = []struct {
	text   string
	notify isakmp.NotifyType
}{
	{"No matching proposal", isakmp.NoProposalChosen},
	{"Invalid ID information", isakmp.InvalidIDInformation},
	{"Unavailable certificate", isakmp.CertificateUnavailable},
	{"Unsupported DOI", isakmp.DOINotSupported},
	{"Unsupported situation", isakmp.SituationNotSupported},
	{"Invalid proposal syntax", isakmp.BadProposalSyntax},
	{"Invalid SPI", isakmp.InvalidSPI},
	{"Invalid protocol ID", isakmp.InvalidProtocolID},
	{"Invalid certificate", isakmp.InvalidCertificate},
	{"Authentication failure", isakmp.AuthenticationFailed},
	{"Invalid flags", isakmp.InvalidFlags},
	{"Invalid message id", isakmp.InvalidMessageID},
	{"Invalid cookie", isakmp.InvalidCookie},
	{"Invalid transform ID", isakmp.InvalidTransformID},
	{"Malformed payload", isakmp.PayloadMalformed},
	{"Invalid key information", isakmp.InvalidKeyInformation},
	{"Invalid hash information", isakmp.InvalidHashInformation},
	{"Unsupported attribute", isakmp.AttributesNotSupported},
	{"Unsupported certificate type", isakmp.CertTypeUnsupported},
	{"Invalid certificate authority", isakmp.InvalidCertAuthority},
	{"Invalid signature", isakmp.InvalidSignature},
	{"Unsupported exchange type", isakmp.UnsupportedExchangeType},
}

func statistics(e *ike.Engine) string {
	var b strings.Builder
	b.WriteString("IKE statistics:\n")
	for _, c := range counters {
		fmt.Fprintf(&b, "  %s: %d\n", c.text, e.Stats.Notify[c.notify])
	}
	fmt.Fprintf(&b, "  No available SA: %d\n  Retransmit timeout: %d\n  Not enough memory: 0\n  Enqueue fails: 0\n", e.Stats.NoSA, e.Stats.Timeout)
	return b.String()
}
