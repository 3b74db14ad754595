package ike

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"cwlab/emulator/ike"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/pki"
)

// A trace is one line of debugging, or some under one prefix.
type trace struct{ class, text string }

func ev(format string, args ...any) []trace {
	return []trace{{classEvent, fmt.Sprintf(format, args...)}}
}
func pk(format string, args ...any) []trace {
	return []trace{{classPacket, fmt.Sprintf(format, args...)}}
}
func er(format string, args ...any) []trace {
	return []trace{{classError, fmt.Sprintf(format, args...)}}
}

// dump is bytes in groups of 32 bits.
func dump(b []byte) string {
	var s strings.Builder
	for i := 0; i < len(b); i += 4 {
		s.WriteString(" " + hex.EncodeToString(b[i:min(i+4, len(b))]))
	}
	return s.String()
}

// product is a code of the RFC as this product writes it.
func product(s fmt.Stringer) string { return strings.ReplaceAll(s.String(), "-", "_") }

var states = map[ike.State]string{
	ike.Init: "INIT", ike.GetSPI: "GETSPI", ike.Sent1: "SEND1", ike.Sent2: "SEND2", ike.Sent3: "SEND3", ike.Sent4: "SEND4",
	ike.Sent5: "SEND5", ike.SACreated: "SA_CREATED", ike.Established: "ESTABLISHED",
}

func stateName(phase int, s ike.State) string {
	return fmt.Sprintf("IKE_P%d_STATE_%s", phase, states[s])
}

func saName(phase int) string {
	if phase == 2 {
		return "IPsec SA"
	}
	return "IKE SA"
}

var exchanges = map[isakmp.ExchangeType]string{
	isakmp.ExchangeNone: "None", isakmp.ExchangeBase: "Base", isakmp.ExchangeMain: "Main", isakmp.ExchangeAuthOnly: "AO",
	isakmp.ExchangeAggressive: "Aggressive", isakmp.ExchangeInformational: "Info", isakmp.ExchangeTransaction: "Mode cfg",
	isakmp.ExchangeQuick: "Quick", isakmp.ExchangeNewGroup: "New group",
}

func exchange(t isakmp.ExchangeType) string {
	if s, ok := exchanges[t]; ok {
		return s
	}
	return fmt.Sprintf("Unknown(%d)", uint8(t))
}

func header(h isakmp.Header) string {
	var flags []string
	for _, f := range []struct {
		bit  isakmp.Flags
		name string
	}{{isakmp.FlagEncryption, "ENCRYPT"}, {isakmp.FlagCommit, "COMMIT"}, {isakmp.FlagAuthOnly, "AUTH"}} {
		if h.Flags&f.bit != 0 {
			flags = append(flags, f.name)
		}
	}
	return fmt.Sprintf("\nI-Cookie: %x\nR-Cookie: %x\nnext payload: %v\nversion: ISAKMP Version %d.%d\nexchange mode: %s\nflags: %s\nmessage ID: %x\nlength: %d",
		h.Initiator.Uint64(), h.Responder.Uint64(), h.Next, h.Version>>4, h.Version&15, exchange(h.Exchange), strings.Join(flags, " "), h.MessageID, h.Length)
}

// received names a payload in the traces of incoming messages.
func received(t isakmp.PayloadType, phase int) string {
	switch t {
	case isakmp.TypeSA:
		if phase == 1 {
			return "IKE Security Association Payload"
		}
		return "ISAKMP Security Association Payload"
	case isakmp.TypeKE:
		return "ISAKMP Key ExchangePayload" // as the product spells it
	case isakmp.TypeNonce:
		return "ISAKMP Nonce Payload"
	case isakmp.TypeID:
		if phase == 2 {
			return "ISAKMP Identification Payload (IPsec DOI)"
		}
		return "ISAKMP Identification Payload"
	case isakmp.TypeHash:
		return "ISAKMP Hash Payload"
	case isakmp.TypeNotify:
		return "ISAKMP Notification Payload"
	case isakmp.TypeDelete:
		return "ISAKMP Delete Payload"
	case isakmp.TypeVendorID:
		return "ISAKMP Vendor ID Payload"
	case isakmp.TypeNATD:
		return "ISAKMP NAT-D Payload"
	default:
	}
	return "ISAKMP " + t.String() + " Payload"
}

// built names a payload in the traces of messages that are put together and
// taken apart.
func built(e ike.Event) string {
	switch e.Payload {
	case isakmp.TypeSA:
		if e.Phase == 2 {
			return "IPsec SA"
		}
	case isakmp.TypeID:
		if e.Phase == 2 {
			return "IPsec ID"
		}
	case isakmp.TypeVendorID:
		if e.Name != "" {
			return e.Name + " vendor ID"
		}
		return "vendor ID"
	case isakmp.TypeCert:
		return "certificate"
	case isakmp.TypeCertReq:
		return "certificate request"
	case isakmp.TypeHash:
		if e.Number != 0 {
			return fmt.Sprintf("HASH(%d)", e.Number)
		}
	case isakmp.TypeNotify:
		return "IPsec RESPONDER_LIFETIME"
	default:
	}
	return e.Payload.String()
}

var encryptions = map[ipsec.Encryption]string{ipsec.DES: "DES-CBC", ipsec.DES3: "3DES-CBC", ipsec.Null: "NULL", ipsec.AES: "AES-CBC"}

var authNames = map[ipsec.Authentication]string{ipsec.HMACMD5: "HMAC-MD5", ipsec.HMACSHA1: "HMAC-SHA1", ipsec.HMACSHA256: "HMAC-SHA256",
	ipsec.HMACSHA384: "HMAC-SHA384", ipsec.HMACSHA512: "HMAC-SHA512"}

func authName(a ipsec.Authentication) string { return cmp.Or(authNames[a], a.String()) }

func lifeType(v uint64) string {
	switch v {
	case isakmp.LifeSeconds:
		return "Lifetime type is Life type in seconds."
	case isakmp.LifeKilobytes:
		return "Lifetime type is Life type in kilobytes."
	}
	return fmt.Sprintf("Lifetime type is %d.", v)
}

func attribute(e ike.Event) string {
	v, _ := e.Attr.Uint()
	if e.Phase == 1 {
		switch e.Attr.Type {
		case isakmp.Phase1Encryption:
			return fmt.Sprintf("Encryption algorithm is %v.", isakmp.Encryption(v))
		case isakmp.Phase1KeyLength:
			return fmt.Sprintf("Key length is %d bytes.", v/8)
		case isakmp.Phase1Hash:
			return fmt.Sprintf("HASH algorithm is HMAC-%s.", hashName(isakmp.Hash(v)))
		case isakmp.Phase1Group:
			return fmt.Sprintf("DH group is %d.", v)
		case isakmp.Phase1Auth:
			if isakmp.AuthMethod(v) == isakmp.PreSharedKey {
				return "Authentication method is Pre-shared key."
			}
			return fmt.Sprintf("Authentication method is %v.", isakmp.AuthMethod(v))
		case isakmp.Phase1LifeType:
			return lifeType(v)
		case isakmp.Phase1LifeDuration:
			return fmt.Sprintf("Life duration is %d.", v)
		default:
		}
		return fmt.Sprintf("Unsupported attribute %d.", uint16(e.Attr.Type))
	}
	switch e.Attr.Type {
	case isakmp.Phase2Encapsulation:
		modes := []string{"", "Tunnel", "Transport", "Tunnel-UDP", "Transport-UDP"}
		if v > 0 && v < uint64(len(modes)) {
			return fmt.Sprintf("Encapsulation mode is %s.", modes[v])
		}
		return fmt.Sprintf("Encapsulation mode is %d.", v)
	case isakmp.Phase2LifeType:
		return lifeType(v)
	case isakmp.Phase2LifeDuration:
		return fmt.Sprintf("Life duration is %d.", v)
	case isakmp.Phase2Auth:
		return fmt.Sprintf("Authentication algorithm is %s.", authName(ipsec.Authentication(v)))
	case isakmp.Phase2KeyLength:
		return fmt.Sprintf("Key length is %d bytes.", v/8)
	case isakmp.Phase2Group:
		return fmt.Sprintf("DH group is %d.", v)
	case isakmp.Phase2ESN:
		return fmt.Sprintf("Extended sequence number is %d.", v)
	default:
	}
	return fmt.Sprintf("Unsupported attribute %d.", uint16(e.Attr.Type))
}

func role(initiator bool) string {
	if initiator {
		return "initiator"
	}
	return "responder"
}

// words is the product's text for an event, nothing for those that it does
// not mention.
func words(e ike.Event) []trace {
	switch e.Kind {
	case ike.PacketReceived:
		return ev("Received packet successfully.")
	case ike.PacketFrom:
		return pk("Received packet from %s source port %d destination port %d.", e.Remote.Addr(), e.Remote.Port(), e.Local.Port())
	case ike.Header:
		return pk("%s", header(e.Header))
	case ike.PacketTo:
		return pk("Sending packet to %s, remote port %d, local port %d.", e.Remote.Addr(), e.Remote.Port(), e.Local.Port())
	case ike.PacketSent:
		return pk("Sending an IPv4 packet.")
	case ike.SendFailed:
		return er("Failed to send data. Reason: %v.", e.Err)
	case ike.PacketTooShort:
		return er("The received packet is too short, which is %d bytes.", e.Number)
	case ike.PacketInvalid:
		return invalid(e)
	case ike.NATKeepaliveIgnored:
		return ev("Ignore NAT keepalive packet.")
	case ike.Job:
		return ev("IKE thread %d processes a job.", e.Number)
	case ike.Control:
		return ev("IKE thread %d processes a CTL-Queue msg.", e.Number)
	case ike.NewResponder:
		return pk("Begin a new phase 1 negotiation as responder.")
	case ike.Retransmit:
		return pk("Retransmit phase %d packet.", e.Phase)
	case ike.RetransmitTimeout:
		if e.Phase == 2 {
			return ev("Retransmittion of  phase 2 packet timed out.") // two blanks in the product
		}
		return ev("Retransmittion of phase 1 packet timed out.")
	case ike.DuplicateAnswered:
		return pk("Retransmit in response to duplicate packet.")
	case ike.DuplicateExhausted:
		return pk("Discard duplicate packet because of exhausted retransmission.")
	case ike.DuplicateIgnored:
		return pk("Discard duplicate packet with no response.")
	case ike.NotEncrypted:
		return er("The packet is dropped because of not being encrypted")
	case ike.DecryptFailed:
		return er("Failed to decrypt the packet.")
	case ike.ParseFailed:
		if e.Phase == 0 {
			return er("Failed to parse informational exchange packet. Reason %s.", product(e.Notify))
		}
		return er("Failed to parse phase %d packet. Reason %s.", e.Phase, product(e.Notify))
	case ike.PayloadReceived:
		return pk("Received %s.", received(e.Payload, e.Phase))
	case ike.PayloadProcessed:
		return pk("Process %s payload.", built(e))
	case ike.PayloadConstructed:
		return pk("Construct %s payload.", built(e))
	case ike.Encrypting:
		return pk("Encrypt the packet.")
	case ike.EncryptIV:
		return pk("Encrypt IV:\n%s", dump(e.Data))
	case ike.EncryptedIV:
		return pk("Encryption generated new IV:\n%s", dump(e.Data))
	case ike.Decrypting:
		return pk("Decrypt the packet.")
	case ike.DecryptIV:
		return pk("Decrypt IV:\n%s", dump(e.Data))
	case ike.RemoteIV:
		return pk("Remote new IV:\n%s", dump(e.Data))
	case ike.QuickWithoutSA:
		return ev("Quick mode packet is received, but IKE SA does not exist.")
	case ike.QuickIncompleteSA:
		return ev("Quick mode packet is received, but IKE SA is incomplete.")

	case ike.SAMissing:
		return ev("IKE SA not found. Initiate IKE SA negotiation.")
	case ike.SAPreparing:
		return ev("IKE SA is prepared for renegotiation.")
	case ike.SAExpired:
		return ev("IKE SA with connection ID %d has expired, and it will be deleted.", e.Conn)
	case ike.ProfileTaken:
		return ev("Get profile %s.", e.Name)
	case ike.ProfileMatched:
		if e.In != "" {
			return pk("The profile %s is matched by remote certificate.", e.Name)
		}
		return pk("The profile %s is matched.", e.Name)
	case ike.ProfileUnmatched:
		return pk("No profile is matched.")
	case ike.KeychainTaken:
		return ev("Found keychain %s in profile %s successfully.", e.Name, e.In)
	case ike.KeychainMissing:
		return er("Failed to find keychain %s in profile %s.", e.Name, e.In)
	case ike.ProposalMissing:
		return er("Failed to find proposal %d in profile %s.", e.Number, e.In)
	case ike.KeyFound:
		return ev("Found pre-shared key that matches address %s in keychain %s.", e.Remote.Addr(), e.Name)
	case ike.KeyUnusable: // not the product's: its own keys it can always read
		return er("The pre-shared key for address %s in keychain %s cannot be decrypted.", e.Remote.Addr(), e.Name)
	case ike.KeyMissing:
		return ev("Pre-shared key matching address %s not found.", e.Remote.Addr())
	case ike.Created:
		who := "Responder"
		if e.Initiator {
			who = "Initiator"
		}
		return ev("%s created an SA for peer %s, local port %d, remote port %d.", who, e.Remote.Addr(), e.Local.Port(), e.Remote.Port())
	case ike.RoleChosen:
		return ev("Phase %d Exchange chooses role: Local is %s.", e.Phase, role(e.Initiator))
	case ike.StateSet:
		return ev("Set %s state to %s.", saName(e.Phase), stateName(e.Phase, e.To))
	case ike.StateChanged:
		return ev("%s state changed from %s to %s.", saName(e.Phase), stateName(e.Phase, e.From), stateName(e.Phase, e.To))
	case ike.Begin:
		return ev("Begin %s mode exchange.", exchange(e.Header.Exchange))
	case ike.AttributesSet:
		return pk("Set attributes according to phase 2 transform.")
	case ike.Attribute:
		return pk("  %s", attribute(e))
	case ike.TransformID:
		name, ok := encryptions[e.Transform.Encr]
		if e.Transform.HasAH() {
			name, ok = authName(e.Transform.AH), true
		}
		if !ok {
			name = fmt.Sprint(uint8(e.Transform.Encr))
		}
		return pk("  Transform ID is %s.", name)
	case ike.TransformBuilt:
		if e.Phase == 2 {
			return pk("Construct transform %d.", e.Number)
		}
		return pk("Construct transfrom payload for transform %d.", e.Number) // as the product spells it
	case ike.ProposalBuilt:
		return pk("Construct IPsec proposal %d.", e.Number)
	case ike.TransformCheck:
		if e.Phase == 2 {
			return pk("Parse transform %d.", e.Number)
		}
		return pk("Check ISAKMP transform %d.", e.Number)
	case ike.ProposalCheck:
		return pk("Check IPsec proposal %d.", e.Number)
	case ike.Acceptable:
		if e.Phase == 2 {
			return pk("The proposal is acceptable.")
		}
		return pk("Attributes is acceptable.")
	case ike.Unacceptable:
		if e.Phase == 2 {
			return pk("The proposal is unacceptable.")
		}
		return pk("The attributes are unacceptable.")
	case ike.TransformChosen:
		return ev("Oakley transform %d is acceptable.", e.Number)
	case ike.NoTransform:
		return er("No acceptable transform.")
	case ike.SAPayloadFailed:
		return er("Failed to parse the IKE SA payload.")
	case ike.VendorMatched:
		return ev("Vendor ID %s is matched.", e.Name)
	case ike.NATDReceived:
		return pk("Received %d NAT-D payloads.", e.Number)
	case ike.NATOAReceived:
		return pk("Received %d NAT-OA payloads.", e.Number)
	case ike.NATOAProcessed:
		return pk("Process NAT-OA payload: %s.", e.Name)
	case ike.BehindNAT:
		return ev("I am behind NAT.")
	case ike.PeerBehindNAT:
		return ev("Peer is behind NAT.")
	case ike.Material:
		if e.Name == "IV" {
			return pk("Local generated new IV:\n%s", dump(e.Data))
		}
		return pk("%s:\n%s", e.Name, dump(e.Data))
	case ike.LocalID:
		return append(pk("Local ID type: %s (%d).", idType(e.ID), e.ID.Kind), pk("Local ID value: %s.", idValue(e.ID))...)
	case ike.PeerID:
		prefix := map[isakmp.IDType]string{isakmp.IDIPv4Addr: "address ", isakmp.IDFQDN: "FQDN ", isakmp.IDUserFQDN: "User FQDN ", isakmp.IDDN: "DN "}[e.ID.Kind]
		return append(pk("Peer ID type: %s (%d).", idType(e.ID), e.ID.Kind), pk("Peer ID value: %s%s.", prefix, idValue(e.ID))...)
	case ike.PeerIDInvalid:
		if e.ID.Kind == isakmp.IDIPv4Addr && (e.ID.Protocol == 0 || e.ID.Protocol == 17) {
			return er("Invalid ID of IPv4 address type: %s", idValue(e.ID))
		}
		return er("Invalid ID payload with protocol %d and port %d.", e.ID.Protocol, e.ID.Port)
	case ike.HashComputed:
		return pk("HASH:\n%s", dump(e.Data))
	case ike.AuthBuilt:
		return pk("Construct authentication data by pre-shared key.")
	case ike.HashVerifying:
		return pk("Verify HASH payload.")
	case ike.HashGood:
		return ev("HASH verification succeeded.")
	case ike.HashBad:
		return er("Failed to verify the peer HASH.")
	case ike.HashMissing:
		return er("HASH payload is missing.")
	case ike.ContactBuilt:
		return pk("Construct INITIAL-CONTACT payload.")
	case ike.RedundantDeleted:
		return ev("Delete redundant SA.")
	case ike.ContactInClear:
		return ev("INITIAL-CONTACT message is dropped because of not being encrypted.")
	case ike.Negotiation:
		return er("Failed to negotiate %s.", saName(e.Phase))
	case ike.Limit:
		return er("Number of %s IKE SAs exceeded the limit.", e.Name)

	case ike.HashValidated:
		return ev("Validated HASH(%d) successfully.", e.Number)
	case ike.HashInvalid:
		if e.Number == 0 {
			return er("Failed to verify HASH for informational exchange.")
		}
		return er("Failed to validate HASH(%d).", e.Number)
	case ike.PolicyMissing:
		return er("Failed to get IPsec policy for phase 2 responder. Delete IPsec SA.")
	case ike.Installing:
		return installing(e.Pair)
	case ike.InstallFailed:
		return er("Failed to install IPsec SA.")
	case ike.BeingNegotiated:
		return ev("IPsec SA is being negotiated.")
	case ike.KeyGroupMismatch:
		return er("No valid DH group description in SA payload.")
	case ike.KeyLength:
		if e.Phase == 2 {
			return er("The length of the KE payload does't match the DH group description.") // as the product spells it
		}
		return er("Invalid KE payload length (%d).", e.Number)
	default:
	}
	if t := signatureWords(e); t != nil {
		return t
	}
	return moreWords(e)
}

// signatureWords is words for signatures and certificates.
func signatureWords(e ike.Event) []trace {
	switch e.Kind {
	case ike.CertRequestAdded:
		return pk("Add certificate request payload %s.", e.Name)
	case ike.CertRequestFailed:
		return er("Failed to construct certificate request payload.")
	case ike.CertRequested:
		if len(e.Data) == 0 {
			return pk("The certificate request payload is empty.")
		}
		return pk("Received certificate request payload that contains issuer name %s.", e.Name)
	case ike.CertRequestIgnored:
		return er("Ignored the certificate request of type %d.", e.Number)
	case ike.CertMissing:
		if errors.Is(e.Err, pki.ErrNotAsked) {
			return er("Failed to get the certificate and key by certificate request.")
		}
		return er("Failed to get local certificate.")
	case ike.NameMissing:
		return er("Failed to get DN because the certificate doesn't exist.")
	case ike.AuthSigned:
		return pk("Construct authentication data by private key.")
	case ike.PeerCertMissing:
		return er("Failed to get certificate.")
	case ike.PeerCertBad:
		return er("Failed to verify the peer certificate. Reason: %v.", e.Err)
	case ike.SignatureVerifying:
		return pk("Verify signature payload.")
	case ike.SignatureGood:
		return ev("Signature verification succeeded.")
	case ike.SignatureBad:
		return er("Failed to verify the peer signature.")
	case ike.SignatureMissing:
		return er("Signature payload is missing.")
	default:
	}
	return nil
}

// moreWords is the rest of words: the informational exchange and the messages
// from IPsec.
func moreWords(e ike.Event) []trace {
	switch e.Kind {
	case ike.InfoStarted:
		return ev("Info packet process started.")
	case ike.InfoWithoutSA:
		return ev("Received informational exchange packet, but IKE SA is inexistent or incomplete.")
	case ike.InfoParsed:
		return pk("Parse informational exchange packet successfully.")
	case ike.NotifyBuilt:
		return pk("Construct notification packet: %s.", product(e.Notify))
	case ike.NotifyReceived:
		return ev("Notification %s is received.", product(e.Notify))
	case ike.NotifyLength:
		return ev("Length (%d) of notification packet is invalid.", e.Number)
	case ike.DeletedByNotify:
		return ev("Delete IKE SA by received notification.")
	case ike.DeleteBuilt:
		return pk("Construct delete payload.")
	case ike.DeleteBegun:
		return ev("Begin to construct IPsec SA delete packet.")
	case ike.DeleteReceived:
		return ev("Received IPsec SA delete packet.")
	case ike.DeleteSAReceived:
		return pk("The phase 1 delete packet is received.")
	case ike.DeleteProcessed:
		return ev("Process delete payload.")
	case ike.DeleteBadProtocol:
		return er("Protocol ID (%d) in delete payload is invalid.", e.Number)
	case ike.DeleteNoSA:
		return er("Failed to send notification packet for deleting IPsec SA, because of no corresponding IKE SA.")
	case ike.PairsDeleted:
		return ev("Delete IPsec SAs.")
	case ike.PairDeleted:
		return ev("Delete IPsec SA.")
	case ike.Deleted:
		return ev("Delete IKE SA with connection ID %d.", e.Conn)
	case ike.DPDAdded:
		return ev("Notify IPsec to add DPD.")
	case ike.DPDUpdated:
		return append(ev("Update DPD configuration in IKE SA."), ev("Notify IPsec to update DPD.")...)
	case ike.DPDRemoved:
		return ev("Notify IPsec to delete DPD.")
	case ike.DPDSending:
		return ev("Sending DPD packet of type %s with sequence number %d.", product(e.Notify), e.Number)
	case ike.DPDReceived:
		return pk("DPD packet with sequence number %d is received.", e.Number)
	case ike.DPDRetransmit:
		return pk("Retransmit DPD packet.")
	case ike.DPDTimeout:
		return er("DPD packet retransmission timed out.")
	case ike.DPDBadCookie:
		side := "R"
		if e.Initiator {
			side = "I"
		}
		return er("Invalid %s-Cookie in DPD packet: %x", side, e.Data)
	case ike.DPDBadSequence:
		return er("Invalid DPD sequence number (%d).", e.Number)
	case ike.DPDBadLength:
		if e.Received {
			return er("The length (%d) of DPD sequence number is invalid.", e.Number)
		}
		return er("Invalid SPI length (%d) in DPD packet.", e.Number)
	case ike.KeepaliveSending:
		return pk("Send keepalive packet with sequence number %d.", e.Number)
	case ike.KeepaliveReceived:
		return pk("Process keepalive packet with sequence number %d.", e.Number)
	case ike.KeepaliveReset:
		return ev("Reset IKE keepalive timeout timer. New time value is %d", e.Number)
	case ike.KeepaliveTimeout:
		return ev("IKE keepalive timed out. Delete IKE SA with connection ID %d.", e.Conn)
	case ike.KeepaliveBadLength:
		return er("Length (%d) of the sequence number in keepalive packet is invalid.", e.Number)

	case ike.FromIPsec:
		return ev("Received message from ipsec, message type is %d.", e.Number)
	case ike.AcquireReceived:
		return ev("Received SA acquire message from IPsec.")
	case ike.InvalidSPINoSA:
		// This release says Receive where the manual has Received.
		return er("Receive invalid SPI message from IPsec, but no IKE SA exists.")
	case ike.PolicyIncomplete:
		return er("Failed to negotiate IPsec SA.")
	default:
	}
	return nil
}

func invalid(e ike.Event) []trace {
	switch h := e.Header; {
	case e.Notify == isakmp.InvalidMajorVersion:
		return er("Invalid major version(%d).", h.Version>>4)
	case e.Notify == isakmp.UnsupportedExchangeType:
		return er("Unsupported exchange type (%s) in packet.", exchange(h.Exchange))
	case e.Notify == isakmp.InvalidMessageID && e.Phase == 1:
		return er("Non-zero message ID (%x) in phase 1.", h.MessageID)
	case e.Notify == isakmp.InvalidCookie && h.Initiator.IsZero():
		return er("I-Cookie must not be zero.")
	case e.Notify == isakmp.InvalidCookie:
		return er("The first packet of phase 1 is invalid: Non-zero R-Cookie.")
	case e.Notify == isakmp.InvalidFlags:
		return er("The first packet of phase 1 is invalid: Encryption bit is set.")
	}
	return er("Failed to parse phase 1 packet. Reason %s.", product(e.Notify))
}

func installing(p *ipsec.Pair) []trace {
	var out []trace
	out = append(out, ev("Install IPsec SAs.")...)
	out = append(out, ev("Inbound flow: %s->%s", p.Flow.Dst, p.Flow.Src)...)
	out = append(out, ev("Outbound flow: %s->%s", p.Flow.Src, p.Flow.Dst)...)
	out = append(out, ev("Lifetime in seconds: %d", p.Seconds)...)
	out = append(out, ev("Lifetime in kilobytes: %d", p.Kilobytes)...)
	const text = "Protocol: %d\nInbound SPI: %x\nOutbound SPI: %x"
	if p.Transform.HasAH() {
		out = append(out, ev(text, ipsec.ProtoAH, p.InAH, p.OutAH)...)
	}
	if p.Transform.HasESP() {
		out = append(out, ev(text, ipsec.ProtoESP, p.InSPI, p.OutSPI)...)
	}
	return out
}
