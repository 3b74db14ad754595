package dissect

import (
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cwlab/emulator/isakmp"
	"cwlab/emulator/pki"
)

// isakmp reads a message in b[at:end].
func (r *reading) isakmp(at, end int) {
	b := r.b[at:end]
	var h isakmp.Header
	if err := h.UnmarshalBinary(b); err != nil {
		r.short("ISAKMP", at, end, isakmp.HeaderLen)
		return
	}
	r.has("isakmp")
	r.put("isakmp.ispi", "%x", h.Initiator[:])
	r.put("isakmp.rspi", "%x", h.Responder[:])
	r.put("isakmp.nextpayload", "%d", uint8(h.Next))
	r.put("isakmp.version", "0x%02x", h.Version)
	r.put("isakmp.exchangetype", "%d", uint8(h.Exchange))
	r.put("isakmp.flags", "0x%02x", uint8(h.Flags))
	r.put("isakmp.messageid", "0x%08x", h.MessageID)
	r.put("isakmp.length", "%d", h.Length)
	encrypted := h.Flags&isakmp.FlagEncryption != 0
	if h.Version>>4 == 2 {
		r.ikev2(at, end)
		return
	}
	if h.Version>>4 != 1 {
		r.add(at, end, "ISAKMP version %d.%d, exchange %d", h.Version>>4, h.Version&15, uint8(h.Exchange))
		r.say("ISAKMP", "exchange %d, message %d", uint8(h.Exchange), h.MessageID)
		return
	}
	n := r.add(at, at+isakmp.HeaderLen, "ISAKMP, %v", h.Exchange)
	n.field(at, at+8, "Initiator cookie: %v", h.Initiator)
	n.field(at+8, at+16, "Responder cookie: %v", h.Responder)
	n.field(at+16, at+17, "Next payload: %v", h.Next)
	n.field(at+17, at+18, "Version: %d.%d", h.Version>>4, h.Version&15)
	n.field(at+18, at+19, "Exchange: %d (%v)", uint8(h.Exchange), h.Exchange)
	n.field(at+19, at+20, "Flags: 0x%02x%s", uint8(h.Flags), flagNames(h.Flags))
	n.field(at+20, at+24, "Message ID: %08x", h.MessageID)
	n.field(at+24, at+28, "Length: %d", h.Length)
	who := fmt.Sprintf("%v", h.Initiator)
	if h.MessageID != 0 {
		who += fmt.Sprintf(" id %08x", h.MessageID)
	}
	say := func(what string) { r.say("ISAKMP", "%s %s, %s", brief(h.Exchange), what, who) }
	from, body := at+isakmp.HeaderLen, b[isakmp.HeaderLen:]
	if int64(h.Length) != int64(len(b)) {
		n.field(at+24, at+28, "The length does not fit: %d bytes are there", len(b))
		r.data(from, end)
		say(fmt.Sprintf("length %d of %d", h.Length, len(b)))
		return
	}
	if encrypted {
		var plain []byte
		if sa := r.d.sas[h.Initiator]; sa != nil {
			plain = r.d.decrypt(sa, h, body)
		}
		n := r.add(from, end, "Encrypted, %d bytes", len(body))
		if plain == nil {
			say(fmt.Sprintf("encrypted %d bytes", len(body)))
			return
		}
		n.Text += ", decrypted:"
		say("* " + r.payloads(h.Next, plain, plain, 0))
		return
	}
	say(r.payloads(h.Next, body, nil, from))
}

// brief is what the list calls an exchange.
func brief(x isakmp.ExchangeType) string {
	switch x {
	case isakmp.ExchangeMain:
		return "Main"
	case isakmp.ExchangeQuick:
		return "Quick"
	case isakmp.ExchangeInformational:
		return "Info"
	default:
		return x.String()
	}
}

func flagNames(f isakmp.Flags) string {
	var names []string
	for _, x := range []struct {
		bit  isakmp.Flags
		name string
	}{{isakmp.FlagEncryption, "encryption"}, {isakmp.FlagCommit, "commit"}, {isakmp.FlagAuthOnly, "authentication only"}} {
		if f&x.bit != 0 {
			names = append(names, x.name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// payloads reads a chain of payloads; its bytes are in of, nil for the frame,
// from at on. It gives the words for the list.
func (r *reading) payloads(first isakmp.PayloadType, body, of []byte, at int) string {
	old := r.of
	r.of = of
	defer func() { r.of = old }()
	items, rest, err := isakmp.ParsePayloads(first, body)
	if err != nil {
		r.add(at, at+len(body), "%v", err)
		return "malformed"
	}
	var names []string
	phase1 := true
	for _, i := range items {
		if i.Type() == isakmp.TypeHash { // before an SA payload only in quick mode
			phase1 = false
		}
		r.payloadFields(i)
		n := r.add(at, at+len(i.Raw), "%v payload, %d bytes", i.Type(), len(i.Raw))
		names = append(names, payload(n, i, at+4, phase1))
		at += len(i.Raw)
	}
	if len(rest) > 0 {
		r.add(at, at+len(rest), "Padding, %d bytes", len(rest))
	}
	return strings.Join(names, " ")
}

// payload tells of one payload below n, whose body begins at. It gives the
// word for the list.
func payload(n *Node, i isakmp.Item, at int, phase1 bool) string {
	end := at + len(i.Body())
	word := i.Type().String()
	switch p := i.Payload.(type) {
	case *isakmp.SA:
		n.field(at, at+4, "DOI: %d, situation: %d", p.DOI, p.Situation)
		for _, q := range p.Proposals {
			proposal(n.field(at+8, end, "Proposal %d: %v%s, %d transforms", q.Number, q.Protocol, spi(q.SPI), len(q.Transforms)), q, phase1)
		}
	case *isakmp.ID:
		n.field(at, at+1, "Type: %v", p.Kind)
		n.field(at+1, at+4, "Protocol: %d, port: %d", p.Protocol, p.Port)
		n.field(at+4, end, "Identity: %s", identity(p))
	case *isakmp.Notification:
		word += "(" + p.Notify.String() + ")"
		n.field(at, at+4, "DOI: %d", p.DOI)
		n.field(at+4, at+5, "Protocol: %v", p.Protocol)
		n.field(at+6, at+8, "Type: %d (%v)", uint16(p.Notify), p.Notify)
		n.field(at+8, at+8+len(p.SPI), "SPI: %x", p.SPI)
		if len(p.Data) == 4 && (p.Notify == isakmp.RUThere || p.Notify == isakmp.RUThereACK) {
			n.field(at+8+len(p.SPI), end, "Sequence: %d", binary.BigEndian.Uint32(p.Data))
		} else if len(p.Data) > 0 {
			n.field(at+8+len(p.SPI), end, "Data: %x", p.Data)
		}
	case *isakmp.Certificate:
		certificate(n, at, end, uint8(p.Encoding), p.Data)
	case *isakmp.CertificateRequest:
		n.field(at, at+1, "Encoding: %d", p.Encoding)
		n.field(at+1, end, "Authority: %s", pki.Name(p.Authority, ", "))
	case *isakmp.Delete:
		n.field(at, at+4, "DOI: %d", p.DOI)
		n.field(at+4, at+8, "Protocol: %v, %d SPIs of %d bytes", p.Protocol, len(p.SPIs), p.SPISize)
		for k, s := range p.SPIs {
			from := at + 8 + k*int(p.SPISize)
			n.field(from, from+int(p.SPISize), "SPI: %x", s)
		}
	default:
		if end > at {
			n.field(at, end, "Data: %x", i.Body())
		}
	}
	return word
}

// certificate tells of a certificate of either version of IKE.
func certificate(n *Node, at, end int, encoding uint8, data []byte) {
	n.field(at, at+1, "Encoding: %d", encoding)
	c, err := x509.ParseCertificate(data)
	if err != nil {
		n.field(at+1, end, "Data: %x", data)
		return
	}
	n.field(at+1, end, "Subject: %s", pki.Name(c.RawSubject, ", "))
	n.field(at+1, end, "Issuer: %s", pki.Name(c.RawIssuer, ", "))
	n.field(at+1, end, "Valid from %s to %s", c.NotBefore.Format(time.DateTime), c.NotAfter.Format(time.DateTime))
}

func spi(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return fmt.Sprintf(", SPI %x", b)
}

func identity(p *isakmp.ID) string {
	if a, ok := p.Address(); ok {
		return a.String()
	}
	if f, ok := p.Prefix(); ok {
		return f.String()
	}
	if p.Kind == isakmp.IDFQDN || p.Kind == isakmp.IDUserFQDN {
		return strconv.Quote(string(p.Data))
	}
	if p.Kind == isakmp.IDDN {
		return pki.Name(p.Data, ", ")
	}
	return fmt.Sprintf("%x", p.Data)
}

var (
	phase1Names = map[isakmp.AttributeType]string{
		isakmp.Phase1Encryption: "Encryption", isakmp.Phase1Hash: "Hash", isakmp.Phase1Auth: "Authentication", isakmp.Phase1Group: "Group",
		isakmp.Phase1LifeType: "Life type", isakmp.Phase1LifeDuration: "Life duration", isakmp.Phase1KeyLength: "Key length",
	}
	phase2Names = map[isakmp.AttributeType]string{
		isakmp.Phase2LifeType: "Life type", isakmp.Phase2LifeDuration: "Life duration", isakmp.Phase2Group: "Group",
		isakmp.Phase2Encapsulation: "Encapsulation mode", isakmp.Phase2Auth: "Authentication", isakmp.Phase2KeyLength: "Key length",
		isakmp.Phase2ESN: "Extended sequence number",
	}
)

func proposal(n *Node, q isakmp.Proposal, phase1 bool) {
	names := phase2Names
	if phase1 {
		names = phase1Names
	}
	for _, t := range q.Transforms {
		tn := n.field(n.From, n.To, "Transform %d: ID %d", t.Number, t.ID)
		for _, a := range t.Attributes {
			v, _ := a.Uint()
			text := strconv.FormatUint(v, 10)
			if phase1 {
				switch a.Type {
				case isakmp.Phase1Encryption:
					text = isakmp.Encryption(v).String()
				case isakmp.Phase1Hash:
					text = isakmp.Hash(v).String()
				case isakmp.Phase1Auth:
					text = isakmp.AuthMethod(v).String()
				default:
				}
			}
			tn.field(n.From, n.To, "%s: %s", or(names[a.Type], fmt.Sprintf("Attribute %d", a.Type)), text)
		}
	}
}

// payloadFields are the fields of a payload that every version of tshark has.
func (r *reading) payloadFields(i isakmp.Item) {
	if r.fields == nil {
		return
	}
	r.generic(i.Type(), isakmp.PayloadType(i.Raw[0]))
	switch p := i.Payload.(type) {
	case *isakmp.SA:
		for k, q := range p.Proposals {
			r.proposalFields(k < len(p.Proposals)-1, len(q.Transforms))
		}
	case *isakmp.Notification:
		r.put("isakmp.notify.msgtype", "%d", uint16(p.Notify))
	default:
	}
	switch i.Type() {
	case isakmp.TypeHash:
		r.put("isakmp.hash", "%x", i.Body())
	case isakmp.TypeNonce:
		r.put("isakmp.nonce", "%x", i.Body())
	case isakmp.TypeKE:
		r.put("isakmp.key_exchange.data", "%x", i.Body())
	default:
	}
}

// proposalFields are the fields of a proposal, whether more follow, and its
// transforms.
func (r *reading) proposalFields(more bool, transforms int) {
	r.generic(isakmp.TypeProposal, follows(isakmp.TypeProposal, more))
	for k := range transforms {
		r.generic(isakmp.TypeTransform, follows(isakmp.TypeTransform, k < transforms-1))
	}
}

// generic are the fields of a generic payload header.
func (r *reading) generic(t, next isakmp.PayloadType) {
	r.put("isakmp.typepayload", "%d", uint8(t))
	r.put("isakmp.nextpayload", "%d", uint8(next))
}

func follows(t isakmp.PayloadType, more bool) isakmp.PayloadType {
	if more {
		return t
	}
	return 0
}
