package impair

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"cwlab/emulator/dissect"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/link"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/wire"
)

// Where damage in the encrypted part of a message hits the HASH alone, with
// blocks of 8 and of 16 bytes: in message 5 and 6 of main mode it stands
// behind an address of 12 bytes and 4 bytes of header, in quick mode it is
// first.
const (
	authHash  = 24
	quickHash = 8
)

// halfOpenEvery is the time between two messages of a flood.
const halfOpenEvery = 200 * time.Millisecond

// refusalEvery is the time between two forged refusals.
const refusalEvery = time.Millisecond

// maxExchanges is how many exchanges a cable remembers to number messages.
const maxExchanges = 1024

type exchangeID struct {
	cookie isakmp.Cookie
	id     uint32
}

// header is the header of the message in a frame.
func header(frame []byte) (h isakmp.Header, b []byte, ok bool) {
	b = dissect.Message(frame)
	return h, b, b != nil && h.UnmarshalBinary(b) == nil
}

// exchange picks the messages of an exchange type.
func exchange(x isakmp.ExchangeType) func() func([]byte) bool {
	return func() func([]byte) bool {
		return func(frame []byte) bool {
			h, _, ok := header(frame)
			return ok && h.Exchange == x
		}
	}
}

// numbered picks message n of every exchange of a type, counted from 1, and
// its repetitions.
func numbered(x isakmp.ExchangeType, n int) func() func([]byte) bool {
	return func() func([]byte) bool {
		seen := map[exchangeID][][32]byte{}
		return func(frame []byte) bool {
			h, b, ok := header(frame)
			if !ok || h.Exchange != x {
				return false
			}
			if len(seen) > maxExchanges {
				clear(seen)
			}
			id, sum := exchangeID{h.Initiator, h.MessageID}, sha256.Sum256(b)
			at := slices.Index(seen[id], sum)
			if at < 0 && len(seen[id]) < 16 {
				at = len(seen[id])
				seen[id] = append(seen[id], sum)
			}
			return at+1 == n
		}
	}
}

// offset is where the IPv4 packet of a frame begins, 0 for none.
func offset(frame []byte) int {
	at := 14
	if len(frame) >= 18 && binary.BigEndian.Uint16(frame[12:]) == 0x8100 {
		at = 18
	}
	if len(frame) < at+20 || binary.BigEndian.Uint16(frame[at-2:]) != wire.TypeIPv4 {
		return 0
	}
	return at
}

// packet changes the IPv4 packet in a frame and writes its header anew. What
// is no packet stays as it is.
func packet(frame []byte, edit func(p *wire.IPv4)) []byte {
	at := offset(frame)
	if at == 0 {
		return frame
	}
	p, err := wire.ParseIPv4(frame[at:])
	if err != nil {
		return frame
	}
	p.Payload = bytes.Clone(p.Payload)
	edit(&p)
	return append(bytes.Clone(frame[:at]), new(wire.Codec).AppendIPv4(&p)...)
}

// message changes an ISAKMP message in its place. change may say that there is
// nothing to change in it.
func message(change func(b []byte) bool) func([]byte) []byte {
	return func(frame []byte) []byte {
		out := bytes.Clone(frame)
		b := dissect.Message(out)
		if b == nil || !change(b) {
			return frame
		}
		return packet(out, func(p *wire.IPv4) {
			if len(p.Payload) < 8 {
				return
			}
			src, dst := binary.BigEndian.Uint16(p.Payload), binary.BigEndian.Uint16(p.Payload[2:])
			p.Payload = new(wire.Codec).AppendUDP(p.Src, p.Dst, wire.UDP{Src: src, Dst: dst, Payload: p.Payload[8:]})
		})
	}
}

func set(at int, v byte) func([]byte) bool {
	return func(b []byte) bool {
		if at >= len(b) {
			return false
		}
		b[at] = v
		return true
	}
}

func turn(at int) func([]byte) bool {
	return func(b []byte) bool {
		if at >= len(b) {
			return false
		}
		b[at] ^= 0x55
		return true
	}
}

func encryptedOnly(change func([]byte) bool) func([]byte) bool {
	return func(b []byte) bool { return isakmp.Flags(b[19])&isakmp.FlagEncryption != 0 && change(b) }
}

func longer(b []byte) bool {
	binary.BigEndian.PutUint32(b[24:], binary.BigEndian.Uint32(b[24:])+4)
	return true
}

// payloads are those of a message that is not encrypted.
func payloads(b []byte) []isakmp.Item {
	if isakmp.Flags(b[19])&isakmp.FlagEncryption != 0 {
		return nil
	}
	items, _, err := isakmp.ParsePayloads(isakmp.PayloadType(b[16]), b[isakmp.HeaderLen:])
	if err != nil {
		return nil
	}
	return items
}

// body damages the last byte of the first payload of a type.
func body(t isakmp.PayloadType) func([]byte) bool {
	return func(b []byte) bool {
		for _, i := range payloads(b) {
			if i.Type() == t && len(i.Body()) > 0 {
				i.Raw[len(i.Raw)-1] ^= 0x55
				return true
			}
		}
		return false
	}
}

// cipher changes the encryption algorithm of every transform.
func cipher(b []byte) bool {
	done := false
	for _, i := range payloads(b) {
		if p, ok := i.Payload.(*isakmp.SA); ok {
			for _, q := range p.Proposals {
				for _, t := range q.Transforms {
					for k := range t.Attributes {
						if t.Attributes[k].Type == isakmp.Phase1Encryption {
							t.Attributes[k] = isakmp.Attr(isakmp.Phase1Encryption, 99)
							done = true
						}
					}
				}
			}
			if out, err := p.AppendBinary(nil); err == nil && len(out) == len(i.Body()) {
				copy(i.Body(), out)
			}
		}
	}
	return done
}

// reversed turns the order of the payloads round where there is a public value.
func reversed(b []byte) bool {
	items := payloads(b)
	if _, _, ok := isakmp.Find[*isakmp.KeyExchange](items); !ok {
		return false
	}
	var ps []isakmp.Payload
	for _, i := range slices.Backward(items) {
		ps = append(ps, i.Payload)
	}
	out, err := isakmp.AppendPayloads(nil, ps)
	if err != nil || len(out) > len(b)-isakmp.HeaderLen {
		return false
	}
	b[16] = byte(isakmp.First(ps))
	copy(b[isakmp.HeaderLen:], out)
	return true
}

// flood repeats the first message that a pick takes, with SPIs (cookies, in
// version 1) of the initiator that are counted up.
func flood(pick func() func([]byte) bool) func(*link.Fault) {
	return func(f *link.Fault) {
		var seen []byte
		first := pick()
		n := uint32(0)
		f.Every = halfOpenEvery
		f.Pick = func(frame []byte) bool {
			if seen == nil && first(frame) {
				seen = frame
			}
			return false
		}
		f.Make = func() []byte {
			if seen == nil {
				return nil
			}
			n++
			return message(func(b []byte) bool {
				binary.BigEndian.PutUint32(b, n)
				binary.BigEndian.PutUint32(b[4:], 0x0badf00d)
				return true
			})(seen)
		}
	}
}

// refusal answers the messages of an initiator of main mode with an error in
// clear, as somebody on the way can who does not know a key.
func refusal(f *link.Fault) {
	var seen [][]byte
	var initiator wire.MAC
	main := exchange(isakmp.ExchangeMain)()
	f.Every = refusalEvery
	f.Pick = func(frame []byte) bool {
		if !main(frame) {
			return false
		}
		from := wire.MAC(frame[6:])
		if h, _, _ := header(frame); h.Responder.IsZero() {
			initiator = from
		}
		if from == initiator && len(seen) < maxExchanges {
			seen = append(seen, frame)
		}
		return false
	}
	f.Make = func() []byte {
		if len(seen) == 0 {
			return nil
		}
		frame := seen[0]
		seen = seen[1:]
		return refuse(frame)
	}
}

// refuse is NO-PROPOSAL-CHOSEN in clear for the sender of a message, nil for
// what is none.
func refuse(frame []byte) []byte {
	h, _, ok := header(frame)
	if !ok {
		return nil
	}
	m := isakmp.Message{
		Header:   isakmp.Header{Initiator: h.Initiator, Responder: h.Responder, Version: isakmp.Version1, Exchange: isakmp.ExchangeInformational, MessageID: 1},
		Payloads: []isakmp.Payload{&isakmp.Notification{DOI: isakmp.DOIIPsec, Protocol: isakmp.ProtoISAKMP, Notify: isakmp.NoProposalChosen}},
	}
	body, err := m.AppendBinary(nil)
	if err != nil {
		return nil
	}
	out := packet(bytes.Clone(frame), func(p *wire.IPv4) {
		src, dst := binary.BigEndian.Uint16(p.Payload), binary.BigEndian.Uint16(p.Payload[2:])
		p.Src, p.Dst = p.Dst, p.Src
		p.Payload = new(wire.Codec).AppendUDP(p.Src, p.Dst, wire.UDP{Src: dst, Dst: src, Payload: body})
	})
	copy(out, frame[6:12])
	copy(out[6:], frame[:6])
	return out
}

// esp changes an ESP packet, of 8 bytes and more.
func esp(change func([]byte) []byte) func([]byte) []byte {
	return func(frame []byte) []byte {
		return packet(frame, func(p *wire.IPv4) {
			if len(p.Payload) > 8 && p.Offset == 0 {
				p.Payload = change(p.Payload)
			}
		})
	}
}

// vrrpBytes changes an advertisement; sealed says that its checksum is to be
// right again.
func vrrpBytes(sealed bool, change func([]byte)) func([]byte) []byte {
	return func(frame []byte) []byte {
		return packet(frame, func(p *wire.IPv4) {
			if len(p.Payload) < 12 {
				return
			}
			if change(p.Payload); sealed {
				vrrp.Seal(p.Payload, p.Src, p.Dst)
			}
		})
	}
}

// vrrpAuth gives an advertisement of version 2 a simple key, or another one.
func vrrpAuth(frame []byte) []byte {
	return vrrpBytes(true, func(b []byte) {
		if b[0]>>4 == 2 {
			b[4] = byte(vrrp.AuthSimple)
			b[len(b)-8] ^= 0x55
		}
	})(frame)
}

func ttl(n uint8) func([]byte) []byte {
	return func(frame []byte) []byte { return packet(frame, func(p *wire.IPv4) { p.TTL = n }) }
}

// last damages the last byte of a packet.
func last(frame []byte) []byte {
	return packet(frame, func(p *wire.IPv4) {
		if n := len(p.Payload); n > 0 {
			p.Payload[n-1] ^= 0x55
		}
	})
}
