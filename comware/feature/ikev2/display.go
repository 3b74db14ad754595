package ikev2

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	featureike "cwlab/comware/feature/ike"
	"cwlab/emulator/ike"
	"cwlab/emulator/ikev2"
	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/pki"
)

var displayCommands = []feature.Command{
	command("any", "display ikev2 proposal [ <name:string:1-63> ]", func(x *feature.Exec, a *cli.Args) {
		c := &engine(x).Config
		for _, p := range append(append([]*ikev2.Proposal(nil), c.Proposals...), ikev2.DefaultProposal()) {
			if wanted(a, p.Name) {
				x.Print(proposalText(p))
			}
		}
	}),
	command("any", "display ikev2 policy [ <name:string:1-63> ]", func(x *feature.Exec, a *cli.Args) {
		for _, p := range engine(x).Config.SortedPolicies() {
			if wanted(a, p.Name) {
				x.Print(policyText(p))
			}
		}
	}),
	command("any", "display ikev2 profile [ <name:string:1-63> ]", func(x *feature.Exec, a *cli.Args) {
		for _, p := range engine(x).Config.Profiles {
			if wanted(a, p.Name) {
				x.Print(profileText(p))
			}
		}
	}),
	command("any", "display ikev2 sa [ { local | remote } <address:ip> ] [ verbose ]", displaySA),
	command("any", "display ikev2 sa verbose tunnel <id:1-2000000000>", displaySA),
	command("any", "display ikev2 sa count", func(x *feature.Exec, _ *cli.Args) { x.Printf("IKEv2 SAs count: %d\n", len(engine(x).SAs())) }),
	command("any", "display ikev2 statistics", func(x *feature.Exec, _ *cli.Args) { x.Print(statistics(&engine(x).Stats)) }),
	command("user", "reset ikev2 sa [ { local | remote } <address:ip> | tunnel <id:1-2000000000> ] [ fast ]", func(x *feature.Exec, a *cli.Args) {
		engine(x).Reset(func(s *ikev2.SA) bool { return picked(a, s) }, a.Has("fast"))
	}),
	command("user", "reset ikev2 statistics", func(x *feature.Exec, _ *cli.Args) { engine(x).Stats = ikev2.Stats{} }),
}

func wanted(a *cli.Args, name string) bool {
	return a.Str("name") == "" || strings.EqualFold(a.Str("name"), name)
}

// picked says whether a command is about an SA.
func picked(a *cli.Args, s *ikev2.SA) bool {
	switch {
	case a.Has("local"):
		return s.Local.Addr() == a.Addr("address")
	case a.Has("remote"):
		return s.Remote.Addr() == a.Addr("address")
	case a.Has("tunnel"):
		return s.Tunnel == a.Uint32("id")
	}
	return true
}

func proposalText(p *ikev2.Proposal) string {
	return fmt.Sprintf("IKEv2 proposal : %s\n  Encryption : %s\n  Integrity : %s\n  PRF : %s\n  DH Group : %s\n\n",
		p.Name, shown(ciphers, p.Encr), shown(integrities, p.Integ), shown(prfs, p.PRFs()), shown(groups, p.Groups))
}

func scopeText(s ike.Scope) string {
	if s.Interface != "" {
		return s.Interface
	}
	return s.Addr.String()
}

func policyText(p *ikev2.Policy) string {
	var b strings.Builder
	fmt.Fprintf(&b, "IKEv2 policy : %s\n", p.Name)
	if p.Name != ikev2.DefaultName {
		fmt.Fprintf(&b, "  Priority: %d\n", p.Priority)
	}
	for _, s := range p.Scopes {
		fmt.Fprintf(&b, "  Match local address : %s\n", scopeText(s))
	}
	b.WriteString("  Match VRF : any\n")
	for _, n := range p.Proposals {
		fmt.Fprintf(&b, "  Proposal : %s\n", n)
	}
	return b.String() + "\n"
}

// kinds are the identities as the configuration calls them.
var kinds = map[wire.IDType]string{wire.IDIPv4: "address", wire.IDFQDN: "fqdn", wire.IDEmail: "email", wire.IDDN: "dn", wire.IDKeyID: "key-id"}

func matchText(m ikev2.Match) string {
	if m.Kind != wire.IDIPv4 {
		return kinds[m.Kind] + " " + m.Name
	}
	for bits := range 33 {
		if p := netip.PrefixFrom(m.Low, bits); p.Masked().Addr() == m.Low && featureike.Last(p) == m.High {
			return "ipv4 address " + p.String()
		}
	}
	return fmt.Sprintf("ipv4 address range %s %s", m.Low, m.High)
}

func profileText(p *ikev2.Profile) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("  "+format, args...), " ") + "\n")
	}
	fmt.Fprintf(&b, "IKEv2 profile : %s\n", p.Name)
	line("Priority: %d", p.Priority)
	line("Match criteria :")
	for _, s := range p.Scopes {
		line("  Local address %s", scopeText(s))
	}
	for _, m := range p.Matches {
		if m.Policy != "" {
			line("  Remote certificate policy %s", m.Policy)
			continue
		}
		line("  Remote identity %s", matchText(m))
	}
	line("  VRF any")
	line("Inside VRF :")
	id := ""
	if i := p.Identity; i != nil && i.Kind == wire.IDIPv4 {
		id = "address " + i.Addr.String()
	} else if i != nil {
		id = kinds[i.Kind] + " " + i.Name
	}
	line("Local identity : %s", id)
	line("Local authentication method : %s", shown(methods, []uint8{p.LocalAuth}))
	line("Remote authentication methods : %s", shown(methods, p.RemoteAuth))
	line("Keychain : %s", p.Keychain)
	line("Sign certificate domain : %s", strings.Join(p.SignDomains, " "))
	line("Verify certificate domain : %s", strings.Join(p.VerifyDomains, " "))
	line("SA duration : %d seconds", p.Seconds)
	dpd := "Disabled"
	if d := p.DPD; d != nil {
		how := "periodic"
		if d.OnDemand {
			how = "on-demand"
		}
		dpd = fmt.Sprintf("Interval %d secs, retry-interval %d secs, %s", d.Interval/time.Second, d.Retry/time.Second, how)
	}
	line("DPD : %s", dpd)
	line("Config-exchange :")
	nat := ""
	if p.NATKeepalive > 0 {
		nat = fmt.Sprintf("%d seconds", p.NATKeepalive)
	}
	line("NAT keepalive : %s", nat)
	line("AAA authorization :")
	return b.String() + "\n"
}

// Status is the state of an IKEv2 SA as displays print it.
func Status(s *ikev2.SA) string {
	switch s.State {
	case ikev2.Ready:
		return "EST"
	case ikev2.Closing:
		return "DEL"
	case ikev2.Negotiating:
	}
	return "IN-NEGO"
}

func displaySA(x *feature.Exec, a *cli.Args) {
	var sas []*ikev2.SA
	for _, s := range engine(x).SAs() {
		if picked(a, s) {
			sas = append(sas, s)
		}
	}
	if a.Has("verbose") {
		for _, s := range sas {
			x.Print(verbose(s))
		}
		return
	}
	const row = "    %-13s%-28s%-28s%s\n"
	x.Printf(row, "Tunnel ID", "Local", "Remote", "Status")
	x.Print("  " + strings.Repeat("-", 75) + "\n")
	for _, s := range sas {
		x.Printf(row, fmt.Sprint(s.Tunnel), featureike.HostPort(s.Local), featureike.HostPort(s.Remote), Status(s))
	}
	x.Print("\n  Status:\n  IN-NEGO: Negotiating, EST: Established, DEL: Deleting\n")
}

var idTypes = map[wire.IDType]string{wire.IDIPv4: "IPv4 address", wire.IDFQDN: "FQDN", wire.IDEmail: "Email", wire.IDDN: "DN", wire.IDKeyID: "Key ID"}

// proofs are the authentication methods of an SA; one that is negotiated has
// none yet.
var proofs = map[uint8]string{wire.SharedKey: "Pre-shared key", wire.RSASignature: "RSA signature"}

func idText(id *wire.ID) (kind, value string) {
	if id == nil {
		return "-", "-"
	}
	kind, ok := idTypes[id.Kind]
	if !ok {
		kind = fmt.Sprint(uint8(id.Kind))
	}
	if a, ok := id.Address(); ok {
		return kind, a.String()
	}
	if id.Kind == wire.IDDN {
		return kind, pki.Name(id.Data, ", ")
	}
	return kind, featureike.Printable(id.Data)
}

func verbose(s *ikev2.SA) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "  "+format+"\n", args...) }
	local, remote := s.SPIr, s.SPIi
	role, nat, dpd := "Responder", "Not detected", "Disabled"
	if s.Initiator {
		local, remote, role = s.SPIi, s.SPIr, "Initiator"
	}
	if s.NAT || s.PeerNAT {
		nat = "Detected"
	}
	if s.DPD != nil {
		dpd = fmt.Sprintf("Interval %d secs, retry interval %d secs", s.DPD.Interval/time.Second, s.DPD.Retry/time.Second)
	}
	line("Tunnel ID: %d", s.Tunnel)
	line("Local IP/Port: %s", featureike.HostPort(s.Local))
	line("Remote IP/Port: %s", featureike.HostPort(s.Remote))
	line("Outside VRF: -")
	line("Inside VRF: -")
	line("Local SPI: %s", local)
	line("Remote SPI: %s", remote)
	b.WriteByte('\n')
	kind, value := idText(s.LocalID)
	line("Local ID type: %s", kind)
	line("Local ID: %s", value)
	kind, value = idText(s.RemoteID)
	line("Remote ID type: %s", kind)
	line("Remote ID: %s", value)
	b.WriteByte('\n')
	line("Auth sign method: %s", proofs[s.LocalAuth])
	line("Auth verify method: %s", proofs[s.RemoteAuth])
	if s.Suite != (ikev2.Suite{}) {
		line("Integrity algorithm: HMAC_%s", shown(integrities, []uint16{s.Suite.Integ}))
		line("PRF algorithm: HMAC_%s", shown(prfs, []uint16{s.Suite.PRF}))
		line("Encryption algorithm: %s", shown(ciphers, []ikev2.Cipher{s.Suite.Encr}))
		b.WriteByte('\n')
		line("Life duration: %d secs", s.Life())
		line("Remaining key duration: %d secs", int64(s.Remaining().Seconds()))
		line("Diffie-Hellman group: %s", groupName(s.Suite.Group))
	}
	line("NAT traversal: %s", nat)
	line("DPD: %s", dpd)
	line("Transmitting entity: %s", role)
	b.WriteByte('\n')
	line("Local window: 1")
	line("Remote window: 1")
	line("Local request message ID: %d", s.NextOut)
	line("Remote request message ID: %d", s.NextIn)
	line("Local next message ID: %d", s.NextOut)
	line("Remote next message ID: %d", s.NextIn)
	return b.String() + "\n"
}

// counters is the order of `display ikev2 statistics`.
var counters = []struct {
	text   string
	notify wire.NotifyType
}{
	{"Unsupported critical payload", wire.UnsupportedCriticalPayload}, {"Invalid IKE SPI", wire.InvalidIKESPI},
	{"Invalid major version", wire.InvalidMajorVersion}, {"Invalid syntax", wire.InvalidSyntax}, {"Invalid message ID", wire.InvalidMessageID},
	{"Invalid SPI", wire.InvalidSPI}, {"No proposal chosen", wire.NoProposalChosen}, {"Invalid KE payload", wire.InvalidKEPayload},
	{"Authentication failed", wire.AuthenticationFailed}, {"Single pair required", wire.SinglePairRequired}, {"TS unacceptable", wire.TSUnacceptable},
	{"Invalid selectors", wire.InvalidSelectors}, {"Temporary failure", wire.TemporaryFailure}, {"No child SA", wire.ChildSANotFound},
}

func statistics(s *ikev2.Stats) string {
	var b strings.Builder
	b.WriteString("IKEv2 statistics:\n")
	for _, c := range counters {
		fmt.Fprintf(&b, "  %s: %d\n", c.text, s.Notify[c.notify])
	}
	fmt.Fprintf(&b, "  No IKEv2 SA: %d\n  Packet error: %d\n  Retransmit timeout: %d\n  DPD detect error: %d\n", s.NoSA, s.Packet, s.Timeout, s.DPD)
	fmt.Fprintf(&b, "  Del child for IPsec message: %d\n  Del child for deleting IKEv2 SA: %d\n  Del child for receiving delete message: %d\n",
		s.DeletedForIPsec, s.DeletedWithSA, s.DeletedByPeer)
	return b.String()
}
