package dissect

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/pki"
)

// ikev2 reads a message of IKE version 2 in b[at:end].
func (r *reading) ikev2(at, end int) {
	b := r.b[at:end]
	var m wire.Message
	if err := m.UnmarshalBinary(b); err != nil {
		r.add(at, end, "IKEv2: %v", err)
		r.say("IKEv2", "malformed")
		return
	}
	kind, from := "request", "responder"
	if m.Flags&wire.FlagResponse != 0 {
		kind = "response"
	}
	if m.Flags&wire.FlagInitiator != 0 {
		from = "initiator"
	}
	n := r.add(at, at+wire.HeaderLen, "IKEv2, %v %s", m.Exchange, kind)
	n.field(at, at+8, "Initiator SPI: %v", m.Initiator)
	n.field(at+8, at+16, "Responder SPI: %v", m.Responder)
	n.field(at+16, at+17, "Next payload: %v", m.Next)
	n.field(at+17, at+18, "Version: %d.%d", m.Version>>4, m.Version&15)
	n.field(at+18, at+19, "Exchange: %d (%v)", uint8(m.Exchange), m.Exchange)
	n.field(at+19, at+20, "Flags: 0x%02x (%s of the original %s)", uint8(m.Flags), kind, from)
	n.field(at+20, at+24, "Message ID: %d", m.MessageID)
	n.field(at+24, at+28, "Length: %d", m.Length)
	words := r.payloads2(m.Payloads, b[wire.HeaderLen:], nil, at+wire.HeaderLen)
	for _, k := range r.d.ikev2 {
		if m.Next != wire.TypeEncrypted {
			break
		}
		plain, first, err := k.Open(b)
		if err != nil {
			continue
		}
		r.layers[len(r.layers)-1].Text += ", decrypted:"
		if ps, err := wire.ParsePayloads(first, plain); err == nil {
			words = "* " + r.payloads2(ps, plain, plain, 0)
		}
		break
	}
	r.say("IKEv2", "%v %s %d %s, %v", m.Exchange, kind, m.MessageID, words, m.Initiator)
}

// payloads2 makes a layer of each payload; their bytes are body, in of, nil for
// the frame, from at on. It gives the words for the list.
func (r *reading) payloads2(ps []wire.Payload, body, of []byte, at int) string {
	old := r.of
	r.of = of
	defer func() { r.of = old }()
	var words []string
	for _, p := range ps {
		size := int(binary.BigEndian.Uint16(body[2:]))
		r.payloadFields2(p, isakmp.PayloadType(body[0]), body[wire.GenericLen:size])
		words = append(words, payload2(r.add(at, at+size, "%v payload, %d bytes", p.Type(), size), p, body[wire.GenericLen:size], at+wire.GenericLen))
		at, body = at+size, body[size:]
	}
	return strings.Join(words, " ")
}

// payload2 tells of one payload below n, whose body begins at. It gives the
// word for the list.
func payload2(n *Node, p wire.Payload, body []byte, at int) string {
	end := at + len(body)
	word := p.Type().String()
	switch p := p.(type) {
	case *wire.SA:
		for _, q := range p.Proposals {
			k := n.field(at, end, "Proposal %d: protocol %d%s, %d transforms", q.Number, q.Protocol, spi(q.SPI), len(q.Transforms))
			for _, t := range q.Transforms {
				text := fmt.Sprintf("Transform: type %d, ID %d", t.Kind, t.ID)
				if bits, _ := t.KeyBits(); bits > 0 {
					text += fmt.Sprintf(", %d bits", bits)
				}
				k.field(at, end, "%s", text)
			}
		}
	case *wire.KeyExchange:
		n.field(at, at+2, "Group: %d", p.Group)
		n.field(at+4, end, "Data: %x", p.Data)
	case *wire.ID:
		text := strconv.Quote(string(p.Data))
		if a, ok := p.Address(); ok {
			text = a.String()
		} else if p.Kind == wire.IDDN {
			text = pki.Name(p.Data, ", ")
		}
		n.field(at, at+1, "Type: %d", p.Kind)
		n.field(at+4, end, "Identity: %s", text)
	case *wire.Certificate:
		certificate(n, at, end, p.Encoding, p.Data)
	case *wire.CertificateRequest:
		n.field(at, at+1, "Encoding: %d", p.Encoding)
		n.field(at+1, end, "Hashes of keys: %x", p.Authorities)
	case *wire.Authentication:
		n.field(at, at+1, "Method: %d", p.Method)
		n.field(at+4, end, "Data: %x", p.Data)
	case *wire.Notification:
		word += "(" + p.Notify.String() + ")"
		n.field(at, at+4, "Protocol: %d, type: %d (%v)%s", p.Protocol, uint16(p.Notify), p.Notify, spi(p.SPI))
		if len(p.Data) > 0 {
			n.field(end-len(p.Data), end, "Data: %x", p.Data)
		}
	case *wire.Delete:
		n.field(at, at+4, "Protocol: %d, %d SPIs", p.Protocol, len(p.SPIs))
		for k, s := range p.SPIs {
			n.field(at+4+4*k, at+8+4*k, "SPI: %08x", s)
		}
	case *wire.Selectors:
		for _, s := range p.List {
			n.field(at+4, end, "Protocol %d, ports %d to %d, addresses %v to %v", s.Proto, s.StartPort, s.EndPort, s.Start, s.End)
		}
	default:
		if end > at {
			n.field(at, end, "Data: %x", body)
		}
	}
	return word
}

// payloadFields2 are the fields of a payload that every version of tshark has;
// version 2 has kept the numbers of proposals and transforms.
func (r *reading) payloadFields2(p wire.Payload, next isakmp.PayloadType, body []byte) {
	if r.fields == nil {
		return
	}
	r.generic(isakmp.PayloadType(p.Type()), next)
	switch p := p.(type) {
	case *wire.SA:
		for k, q := range p.Proposals {
			r.proposalFields(k < len(p.Proposals)-1, len(q.Transforms))
		}
	case *wire.KeyExchange:
		r.put("isakmp.key_exchange.data", "%x", p.Data)
	case *wire.Notification:
		r.put("isakmp.notify.msgtype", "%d", uint16(p.Notify))
	default:
		if p.Type() == wire.TypeNonce {
			r.put("isakmp.nonce", "%x", body)
		}
	}
}
