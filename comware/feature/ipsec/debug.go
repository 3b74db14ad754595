package ipsec

import (
	"fmt"
	"net/netip"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ipsec"
)

// The classes of traces as they are printed.
const (
	classError  = "ERROR"
	classEvent  = "event"
	classPacket = "packet"
)

// A tracer words what the engine reports.
type tracer struct {
	box                        *feature.Box
	onError, onEvent, onPacket *feature.Switch
	logPackets, logNegotiation bool
	only                       traffic // whose packets are traced
	shows                      bool    // the event at hand is of it
}

// Traffic is what `debugging ipsec packet` can be narrowed to; what is zero is
// any.
type traffic struct {
	policy  string
	seq     int
	remote  netip.Addr
	spi     uint32
	proto   uint8
	profile string
}

func (f traffic) fits(e ipsec.Event) bool {
	policy, seq := e.Policy, e.Seq
	if e.SA != nil {
		p := e.SA.Pair()
		policy, seq = p.Policy, p.Seq
	}
	if f.profile != "" && (e.SA == nil || e.SA.Pair().Guard == "" || !strings.EqualFold(f.profile, policy)) {
		return false
	}
	return (f.policy == "" || strings.EqualFold(f.policy, policy) && (f.seq == 0 || f.seq == seq)) &&
		(!f.remote.IsValid() || f.remote == e.Src || f.remote == e.Dst) && (f.spi == 0 || f.spi == e.SPI && (e.SA == nil || e.SA.Proto == f.proto))
}

func newTracer(b *feature.Box) *tracer {
	t := &tracer{box: b, onError: b.Switch("IPsec error"), onEvent: b.Switch("IPsec event"), onPacket: b.Switch("IPsec packet")}
	feature.Put(b, t)
	return t
}

var debugCommands = []feature.Command{
	command("user", "debugging ipsec { all | error | event | packet [ policy <name:string:1-63> [ <seq:1-65535> ] | profile <profile:string:1-63> | remote-address <address:ip> | spi <address:ip> { ah | esp } <spi:256-4294967295> ] }", debugIPsec),
	command("user", "undo debugging ipsec { all | error | event | packet }", func(x *feature.Exec, a *cli.Args) { turn(x, a, false) }),
}

// debugIPsec switches traces on. What was named last is what packets are traced
// of.
func debugIPsec(x *feature.Exec, a *cli.Args) {
	if a.Has("all") || a.Has("packet") {
		feature.Get[*tracer](x.Box).only = traffic{a.Str("name"), a.Int("seq"), a.Addr("address"), a.Uint32("spi"), protoOf(a), a.Str("profile")}
	}
	turn(x, a, true)
}

func turn(x *feature.Exec, a *cli.Args, on bool) {
	t := feature.Get[*tracer](x.Box)
	for i, s := range []*feature.Switch{t.onError, t.onEvent, t.onPacket} {
		if a.Has("all") || a.Has([]string{"error", "event", "packet"}[i]) {
			s.On = on
		}
	}
}

// IPsec's traces stand on the line after their prefix.

func (t *tracer) errorf(format string, args ...any) {
	if t.onError.On {
		t.box.Debug(t.onError, "IPSEC", classError, "\n"+fmt.Sprintf(format, args...))
	}
}

func (t *tracer) eventf(format string, args ...any) {
	if t.onEvent.On {
		t.box.Debug(t.onEvent, "IPSEC", classEvent, "\n"+fmt.Sprintf(format, args...))
	}
}

func (t *tracer) packetf(format string, args ...any) {
	if t.onPacket.On && t.shows {
		t.box.Debug(t.onPacket, "IPSEC", classPacket, "\n"+fmt.Sprintf(format, args...))
	}
}

// slot is where a firewall's forwarding runs.
const slot = 1

// event prints what happened where its class is switched on.
func (t *tracer) event(e ipsec.Event) {
	t.log(e)
	if !t.onError.On && !t.onEvent.On && !t.onPacket.On {
		return
	}
	t.shows = t.only.fits(e)
	switch e.Kind {
	case ipsec.SPAdded:
		t.eventf("SP entry successfully added in kernel.")
		t.eventf("Sent add SP entry to kernel.")
		t.eventf("Added SP entry.")
		t.eventf("SP successfully added in kernel.")
		t.eventf("Sent add SP to kernel.")
		t.eventf("Added SP by policy.")
	case ipsec.SPDeleted:
		t.eventf("Sent delete SP to kernel.")
		t.eventf("Sent delete SP entry to kernel.")
	case ipsec.AcquireSent:
		t.eventf("Sent SA-Acquire message: SP ID = %d.", e.SP)
	case ipsec.ExpireSent:
		t.eventf("Sent SA-Expire message: SP ID = %d, tunnel ID = %d.", e.SP, e.Tunnel)
	case ipsec.InvalidSPISent:
		t.eventf("Sent Invalid-SPI message: SPI = %d.", e.SPI)
	case ipsec.TunnelAdded:
		t.eventf("IPsec tunnel successfully added in kernel.")
		t.eventf("Added tunnel to kernel successfully.")
		t.eventf("Added an IPsec tunnel when adding %s SA: tunnel index = %d, tunnel sequence number = %d.", origin(e), e.Tunnel, e.TunnelSeq)
	case ipsec.TunnelDeleted:
		t.eventf("IPsec tunnel successfully deleted in kernel.")
	case ipsec.SAAdded:
		t.eventf("SA successfully added in kernel.")
		if !e.Inbound {
			t.eventf("Added outbound SA to IPsec tunnel(SA ID = %d)", e.SA.Index)
		}
	case ipsec.OutboundUpdated:
		t.eventf("Updated outbound SA of IPsec tunnel: SA ID = %d.", e.SA.Index)
	case ipsec.PairAdded:
		t.eventf("Added SA to kernel successfully .")
		t.eventf("Added %s SAs. Number of SAs added is %d.", origin(e), len(e.SAs))
		for i := range e.SAs {
			sa := e.SAs[len(e.SAs)-1-i]
			t.eventf("No. %d SA: index = %d, sequence number = %d.", i+1, sa.Index, sa.Serial)
		}
		if e.Manual {
			t.eventf("Added SA context to SP.")
			break
		}
		t.eventf("Added SA context to IKE.")
		t.eventf("Timer successfully added when adding ISAKMP SA.")
	case ipsec.SADeleted:
		t.eventf("SA successfully deleted in kernel.")
	case ipsec.FlowUnblocked:
		t.eventf("Sent delete block-flow table message to slot:%d, message type is 26.", slot)
	case ipsec.RouteAdded:
		t.eventf("Adding route: %s", routeText(e.Route))
		if e.Refs == 1 {
			t.eventf("Successfully added a static route.")
		} else {
			t.eventf("Only increased the reference count of the static route but didn't add it.")
		}
	case ipsec.RouteRemoved:
		t.eventf("Deleting route: %s", routeText(e.Route))
		if e.Refs == 0 {
			t.eventf("Successfully deleted a static route.")
		} else {
			t.eventf("Only reduced the reference count of the static route but didn't delete it.")
		}
	case ipsec.PathMTUChanged:
		t.eventf("Sent update MTU message to slot:%d, message type is 24.", slot)
	case ipsec.PathMTUUnknown:
		t.errorf("Can't find SA when processing ICMP too big packet: SPI = %d.", e.SPI)
	case ipsec.Outbound:
		t.packetf("--- Sent IPsec packet ---")
		t.packetf("Outbound IPsec processing: Src : %v Dst : %v SPI : %d", e.Src, e.Dst, e.SPI)
		t.sa(e)
	case ipsec.Encrypted:
		t.packetf("Outbound IPsec ESP processing: Encryption succeeded, anti-replay SN is %d.", e.Sequence)
		if !e.More {
			t.packetf("Outbound IPsec processing: Sent packet back to IP forwarding.")
		}
	case ipsec.NextSA:
		t.sa(e)
	case ipsec.Authenticated:
		if e.Inbound {
			t.packetf("Inbound IPsec AH processing: Authentication succeeded.")
			break
		}
		t.packetf("Outbound IPsec AH processing: Authentication finished, anti-replay SN is %d.", e.Sequence)
		t.packetf("Outbound IPsec processing: Sent packet back to IP forwarding.")
	case ipsec.Inbound:
		t.packetf("--- Received IPsec(%s) packet ---", protoName(e.Proto))
	case ipsec.SAFound:
		t.packetf("Inbound IPsec processing: Src : %v Dst : %v SPI : %d", e.Src, e.Dst, e.SPI)
		t.sa(e)
	case ipsec.Decrypted:
		if e.SA.Proto == ipsec.ProtoESP {
			t.packetf("Inbound IPsec ESP processing: Decryption succeeded.")
		}
		t.packetf("Inbound IPsec processing: Sent packet back to IP forwarding.")
	case ipsec.NoSA:
		t.errorf("Can't find SA by SP.")
	case ipsec.Clear:
		t.errorf("Packet should have been encrypted by IPsec.")
	case ipsec.Dropped:
		t.drop(e)
	case ipsec.RoleSent, ipsec.FlowBlocked:
	}
}

// routeText is a reverse route in traces; there are no VPN instances.
func routeText(r ipsec.ReverseRoute) string {
	return fmt.Sprintf("Dest/Mask: %v, Next hop: %v, Source vpn instance: , Destination vpn instance: , Tag: %d, Preference: %d", r.Dst, r.Next, r.Tag, r.Pref)
}

// origin is how SAs came to be.
func origin(e ipsec.Event) string {
	if e.Manual {
		return "manual"
	}
	return "ISAKMP"
}

// sa prints the algorithms of the SA that a packet goes through.
func (t *tracer) sa(e ipsec.Event) {
	tr, direction, ccf := e.SA.Transform(), "Outbound", "Packet will be sent to CCF for sync-encryption."
	if e.Inbound {
		direction, ccf = "Inbound", "Packet will be sent to CCF for sync-decryption"
	}
	if e.SA.Proto == ipsec.ProtoAH {
		t.packetf("%s IPsec processing: AH auth algorithm: %s.", direction, hashName(tr.AH))
	} else {
		auth := "NULL"
		if tr.Auth != 0 {
			auth = hashName(tr.Auth)
		}
		t.packetf("%s IPsec processing: ESP auth algorithm: %s, ESP encp algorithm: %s.", direction, auth, cipherFamily(tr))
	}
	t.packetf("%s", ccf)
}

// cipherFamily is the cipher without its key length, as traces name it.
func cipherFamily(t ipsec.Transform) string {
	name := cipherName(ipsec.Algorithm{Encr: t.Encr, KeyBits: t.KeyBits})
	return strings.TrimSuffix(name, fmt.Sprintf("-%d", t.KeyBits))
}

// reasons are the drop reasons of the debugging reference.
var reasons = map[ipsec.Reason]string{
	ipsec.InvalidSPI:           "Invalid SPI",
	ipsec.NoAvailableSA:        "No available SA",
	ipsec.FlowIsBlocked:        "No available SA",
	ipsec.NotLocal:             "No available IPsec tunnel",
	ipsec.TunnelLimit:          "No available IPsec tunnel",
	ipsec.EncryptionFailed:     "Encryption failed",
	ipsec.DecryptionFailed:     "Decryption failed",
	ipsec.ACLCheck:             "ACL check failed",
	ipsec.AddressMismatch:      "Address does not match with SA",
	ipsec.SequenceExhausted:    "Anti-replay sequence number reached the max",
	ipsec.ModeMismatch:         "The encapsulation mode does not match",
	ipsec.DummyPacket:          "Receive a ESP dummy packet",
	ipsec.WrongLength:          "Packet length wrong",
	ipsec.TooLong:              "Packet too long",
	ipsec.Replayed:             "Replayed packet",
	ipsec.AuthenticationFailed: "Authentication failed",
}

func (t *tracer) drop(e ipsec.Event) {
	switch e.Reason {
	case ipsec.Replayed:
		t.errorf("Received replayed packet.")
	case ipsec.AuthenticationFailed:
		t.errorf("The packet hash values don't match.")
	case ipsec.TooLong:
		t.packetf("The packet is too big, mtu = %d, packet len = %d.", e.MTU, e.Length)
		t.errorf("The packet is too big: size = %d.", e.Length)
	case ipsec.InvalidSPI:
		t.errorf("The SA doesn't exist.")
	case ipsec.NoAvailableSA:
		if !e.Inbound {
			t.packetf("Failed to find SA by SP.")
		}
	case ipsec.TunnelLimit:
		t.errorf("Number of SAs exceeded the limit.")
	case ipsec.AddressMismatch:
		if !e.Inbound {
			t.errorf("In transport mode, SA address doesn't match packet address.")
		}
	case ipsec.EncryptionFailed, ipsec.DecryptionFailed, ipsec.ACLCheck, ipsec.SequenceExhausted, ipsec.ModeMismatch,
		ipsec.DummyPacket, ipsec.WrongLength, ipsec.Unprotected, ipsec.NotLocal, ipsec.FlowIsBlocked:
	}
	if s := reasons[e.Reason]; s != "" {
		t.packetf("The reason of dropping packet is %s.", s)
	}
}

// causes are those of the log of a dropped packet.
var causes = map[ipsec.Reason]string{
	ipsec.Replayed:             "Anti-replay checking failed",
	ipsec.AuthenticationFailed: " authentication failed", // of a protocol
	ipsec.InvalidSPI:           "Invalid SA",
	ipsec.DecryptionFailed:     "ESP decryption failed",
	ipsec.AddressMismatch:      "Source address of packet does not match the SA",
	ipsec.ACLCheck:             "No ACL rule matched",
}

// ended are the reasons in the log of a deleted SA.
var ended = map[ipsec.Cause]string{
	ipsec.ByExpiry: "SA expiration", ipsec.ByIdle: "SA idle timeout", ipsec.ByPeer: "Delete message received", ipsec.ByIKE: "IKE SA deleted",
	ipsec.ByReset: "reset command executed", ipsec.ByConfig: "configuration change",
}

// log sends what `ipsec logging` asks for to the information center.
func (t *tracer) log(e ipsec.Event) {
	protocol := protoName(e.Proto)
	if e.SA != nil {
		protocol = protoName(e.SA.Proto)
	}
	switch {
	case t.logPackets && e.Kind == ipsec.Dropped && causes[e.Reason] != "":
		cause := causes[e.Reason]
		if e.Reason == ipsec.AuthenticationFailed {
			cause = protocol + cause
		}
		t.box.Log("IPSEC", 6, "IPSEC_PACKET_DISCARDED",
			fmt.Sprintf("IPsec packet discarded, Src IP:%v, Dst IP:%v, SPI:%d, SN:%d, Cause:%s.", e.Src, e.Dst, e.SPI, e.Sequence, cause))
	case !t.logNegotiation:
	case e.Kind == ipsec.AcquireSent:
		t.box.Log("IPSEC", 6, "IPSEC_SA_INITINATE",
			fmt.Sprintf("Began to establish IPsec SA. The SA's source address is %v, and its destination address is %v.", e.Src, e.Dst))
	case e.Kind == ipsec.SAAdded:
		t.box.Log("IPSEC", 6, "IPSEC_SA_ESTABLISH",
			fmt.Sprintf("Established IPsec SA. The SA's source address is %v, destination address is %v, protocol is %s, and SPI is %d.", e.Src, e.Dst, protocol, e.SPI))
	case e.Kind == ipsec.SADeleted:
		t.box.Log("IPSEC", 6, "IPSEC_SA_TERMINATE",
			fmt.Sprintf("The IPsec SA was deleted for the reason of %s. The SA's source address is %v, destination address is %v, protocol is %s, and SPI is %d.",
				ended[e.Cause], e.Src, e.Dst, protocol, e.SPI))
	}
}
