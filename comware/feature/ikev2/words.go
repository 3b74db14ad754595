package ikev2

import (
	"fmt"
	"strings"

	"cwlab/emulator/ikev2"
	"cwlab/emulator/ikev2/wire"
)

// causes are the reasons that are given for an end.
var causes = map[ikev2.Cause]string{
	ikev2.CauseTimeout: "Retransmission timed out", ikev2.CauseConfig: "No usable profile, keychain or proposal", ikev2.CauseNotified: "The peer refused",
	ikev2.CauseSyntax: "Invalid syntax", ikev2.CauseProposal: "No proposal chosen", ikev2.CauseAuth: "Authentication failed",
	ikev2.CauseTraffic: "Traffic selectors unacceptable", ikev2.CauseInstall: "Failed to install SAs", ikev2.CauseDeleted: "Deleted by the peer",
	ikev2.CauseReset: "Reset by the administrator", ikev2.CauseRenewed: "Replaced by a new IKEv2 SA", ikev2.CauseExpired: "Lifetime expired",
	ikev2.CauseRedundant: "Redundant", ikev2.CauseIntegrity: "Integrity check failed", ikev2.CauseNoSA: "No IKEv2 SA matches the SPIs",
	ikev2.CauseVersion: "Unsupported major version", ikev2.CauseMessageID: "Unexpected message ID",
}

func roleOf(s *ikev2.SA) string {
	if s.Initiator {
		return "Initiator"
	}
	return "Responder"
}

// words is the text for an event, nothing for those without.
func words(e ikev2.Event) []trace {
	switch e.Kind {
	case ikev2.Sent:
		return []trace{pk("Sending packet to %s, remote port %d, local port %d.", e.Remote.Addr(), e.Remote.Port(), e.Local.Port()), pk("%s", message(e))}
	case ikev2.Received:
		return []trace{pk("Received packet from %s source port %d destination port %d.", e.Remote.Addr(), e.Remote.Port(), e.Local.Port()), pk("%s", message(e))}
	case ikev2.Repeated:
		return []trace{pk("Retransmit %v %s, message ID %d.", e.Header.Exchange, direction(e.Header), e.Header.MessageID)}
	case ikev2.Discarded:
		return []trace{er("The packet is discarded. Reason: %s.", causes[e.Cause])}
	case ikev2.Failure:
		if e.Inbound {
			return []trace{er("Notification %v is received.", e.Notify)}
		}
		return []trace{er("Sending notification %v.", e.Notify)}
	case ikev2.Began:
		return []trace{ev("%s created IKEv2 SA %d for peer %s, local port %d, remote port %d.", roleOf(e.SA), e.SA.Tunnel, e.Remote.Addr(), e.Local.Port(), e.Remote.Port())}
	case ikev2.Keyed:
		return []trace{ev("IKEv2 SA keys are generated: encryption %s, integrity %s, PRF %s, DH group %s.", shown(ciphers, []ikev2.Cipher{e.SA.Suite.Encr}),
			shown(integrities, []uint16{e.SA.Suite.Integ}), shown(prfs, []uint16{e.SA.Suite.PRF}), groupName(e.SA.Suite.Group))}
	case ikev2.Established:
		return []trace{ev("IKEv2 SA %d is established as %s: local SPI %s.", e.SA.Tunnel, strings.ToLower(roleOf(e.SA)), ownSPI(e.SA))}
	case ikev2.Deleted:
		return []trace{ev("IKEv2 SA %d is deleted. Reason: %s.", e.SA.Tunnel, causes[e.Cause])}
	case ikev2.RequestFailed:
		return []trace{er("Failed to negotiate IPsec SAs. Reason: %s.", causes[e.Cause])}
	case ikev2.ChildMade:
		return []trace{ev("Child SA is created: inbound SPI 0x%08x, outbound SPI 0x%08x.", e.SPI, e.OutSPI)}
	case ikev2.ChildGone:
		return []trace{ev("Child SA is deleted: inbound SPI 0x%08x, outbound SPI 0x%08x.", e.SPI, e.OutSPI)}
	case ikev2.Renewing:
		if e.SPI == 0 {
			return []trace{ev("Begin to rekey IKEv2 SA %d.", e.SA.Tunnel)}
		}
		return []trace{ev("Begin to rekey child SA with inbound SPI 0x%08x.", e.SPI)}
	case ikev2.Collided:
		what, end := "child SA", "kept"
		if e.SPI == 0 {
			what = "IKEv2 SA"
		}
		if e.Lost {
			end = "deleted"
		}
		return []trace{ev("Both ends have rekeyed the %s: the one of the local end is %s.", what, end)}
	case ikev2.Asked:
		return []trace{ev("DPD: ask whether the peer is alive.")}
	case ikev2.Unsigned:
		return []trace{er("Failed to get local certificate: %v.", e.Err)}
	case ikev2.Distrusted:
		return []trace{er("Failed to verify the peer certificate. Reason: %v.", e.Err)}
	case ikev2.Challenged:
		return []trace{ev("Too many half-open IKEv2 SAs: ask the initiator for a cookie.")}
	}
	return nil
}

func ownSPI(s *ikev2.SA) wire.SPI {
	if s.Initiator {
		return s.SPIi
	}
	return s.SPIr
}

func direction(h wire.Header) string {
	if h.Flags&wire.FlagResponse != 0 {
		return "response"
	}
	return "request"
}

// message is a header with the payloads below it.
func message(e ikev2.Event) string {
	h := e.Header
	var flags []string
	if h.Flags&wire.FlagInitiator != 0 {
		flags = append(flags, "INITIATOR")
	}
	if h.Flags&wire.FlagResponse != 0 {
		flags = append(flags, "RESPONSE")
	}
	lines := []string{
		fmt.Sprintf("  I-SPI: %s  R-SPI: %s", h.Initiator, h.Responder),
		fmt.Sprintf("  Version: %d.%d  Exchange type: %v  Flags: %s  Message ID: %d", h.Version>>4, h.Version&15, h.Exchange, strings.Join(flags, " "), h.MessageID),
	}
	for _, p := range e.Payloads {
		lines = append(lines, "  "+payload(p))
	}
	return strings.Join(lines, "\n")
}

// payload words a payload in the form that the debugging manual of Comware 5
// has for SA, KE and Nonce.
func payload(p wire.Payload) string {
	body, _ := p.AppendBinary(nil)
	name, rest := p.Type().String(), ""
	switch p := p.(type) {
	case *wire.SA:
		for _, q := range p.Proposals {
			rest += " " + proposal(q)
		}
	case *wire.KeyExchange:
		rest = fmt.Sprintf(" Group-ID=%d", p.Group)
	case *wire.ID:
		kind, value := idText(p)
		rest = fmt.Sprintf(" Type=%s ID=%s", kind, value)
	case *wire.Authentication:
		rest = fmt.Sprintf(" Method=%d", p.Method)
	case *wire.Notification:
		name, rest = "Notify", fmt.Sprintf(" Type=%v", p.Notify)
		if len(p.SPI) > 0 {
			rest += fmt.Sprintf(" Protocol-ID=%s SPI=%x", protocols[p.Protocol], p.SPI)
		}
	case *wire.Delete:
		name, rest = "Delete", " Protocol-ID="+protocols[p.Protocol]
		for _, s := range p.SPIs {
			rest += fmt.Sprintf(" SPI=%08x", s)
		}
	case *wire.Selectors:
		for _, s := range p.List {
			rest += fmt.Sprintf(" %v-%v Protocol=%d Port=%d-%d", s.Start, s.End, s.Proto, s.StartPort, s.EndPort)
		}
	}
	return fmt.Sprintf("[%s: Len=%d%s]", name, len(body)+wire.GenericLen, rest)
}

var protocols = map[wire.Protocol]string{wire.ProtoIKE: "IKE", wire.ProtoAH: "AH", wire.ProtoESP: "ESP"}

var kindNames = map[wire.TransformType]string{wire.Encr: "ENCR", wire.PRF: "PRF", wire.Integ: "INTEG", wire.DH: "D-H", wire.ESN: "ESN"}

func proposal(q wire.Proposal) string {
	s := fmt.Sprintf("[Proposal: %d Protocol-ID=%s, Trans-num=%d", q.Number, protocols[q.Protocol], len(q.Transforms))
	if len(q.SPI) > 0 {
		s += fmt.Sprintf(", SPI=%x", q.SPI)
	}
	for i, t := range q.Transforms {
		s += fmt.Sprintf(" [Transform: %d Trans-type=%s, Trans-ID=%s", i+1, kindNames[t.Kind], transformName(t))
		if bits, ok := t.KeyBits(); ok && bits > 0 {
			s += fmt.Sprintf(", [Attr-type=Key Length Attr-value=%d]", bits)
		}
		s += "]"
	}
	return s + "]"
}

// Names of transforms, those of the manual where it has them.
var (
	encrNames = map[uint16]string{
		wire.EncrDES: "DES", wire.Encr3DES: "3DES", wire.EncrAES: "AES_CBC", wire.EncrCTR: "AES_CTR", wire.EncrNull: "NULL", wire.EncrGCM: "AES_GCM_16", wire.EncrGMAC: "AES_GMAC",
	}
	prfNames = map[uint16]string{
		wire.PRFMD5: "HMAC_MD5", wire.PRFSHA1: "HMAC_SHA1", wire.PRFSHA256: "HMAC_SHA2_256", wire.PRFSHA384: "HMAC_SHA2_384", wire.PRFSHA512: "HMAC_SHA2_512",
	}
	integNames = map[uint16]string{
		wire.NoneOfKind: "NONE", wire.IntegMD5: "HMAC_MD5", wire.IntegSHA1: "HMAC_SHA1", wire.IntegSHA256: "HMAC_SHA2_256", wire.IntegSHA384: "HMAC_SHA2_384", wire.IntegSHA512: "HMAC_SHA2_512",
	}
	groupNames = map[uint16]string{
		wire.NoneOfKind: "NONE", 1: "MODP768", 2: "MODP1024", 5: "MODP1536", 14: "MODP2048", 19: "ECP256", 20: "ECP384", 24: "MODP2048_256",
	}
	esnNames = map[uint16]string{wire.NoESN: "NO_ESN", wire.UsesESN: "ESN"}
)

func transformName(t wire.Transform) string {
	names := map[wire.TransformType]map[uint16]string{wire.Encr: encrNames, wire.PRF: prfNames, wire.Integ: integNames, wire.DH: groupNames, wire.ESN: esnNames}[t.Kind]
	if n := names[t.ID]; n != "" {
		return n
	}
	return fmt.Sprint(t.ID)
}
