package impair

import (
	"encoding/binary"

	"cwlab/emulator/dissect"
	"cwlab/emulator/ikev2/wire"
)

// version2 are the impairments of IKE version 2. All but the first exchange is
// encrypted and authenticated as a whole, so that what is changed on the cable
// is not believed; what two ends read differently is the first exchange.
var version2 = []Impairment{
	{Name: "ikev2-init-1-lost", Help: "requests of IKE_SA_INIT never arrive", words: "drop", pick: version2Message(wire.SAInit, true)},
	{Name: "ikev2-init-2-lost", Help: "responses of IKE_SA_INIT never arrive", words: "drop", pick: version2Message(wire.SAInit, false)},
	{Name: "ikev2-auth-1-lost", Help: "requests of IKE_AUTH never arrive", words: "drop", pick: version2Message(wire.Auth, true)},
	{Name: "ikev2-auth-2-lost", Help: "responses of IKE_AUTH never arrive", words: "drop", pick: version2Message(wire.Auth, false)},
	{Name: "ikev2-child-lost", Help: "requests of CREATE_CHILD_SA never arrive", words: "drop", pick: version2Message(wire.CreateChild, true)},
	{Name: "ikev2-info-lost", Help: "requests of INFORMATIONAL are lost: deletes and signs of life", words: "drop", pick: version2Message(wire.Informational, true)},
	{Name: "ikev2-doubled", Help: "every message of IKEv2 arrives twice", words: "duplicate 1", pick: version2Any},
	{Name: "ikev2-replayed", Help: "every message of IKEv2 comes again 30 seconds later", words: "again 30s", pick: version2Any},
	{Name: "ikev2-proposal-wrong", Help: "IKE_SA_INIT offers a cipher that nobody has", pick: version2Message(wire.SAInit, true), change: message(otherCipher)},
	{Name: "ikev2-nonce-wrong", Help: "the nonces of IKE_SA_INIT are damaged: both ends have other keys", pick: version2Any, change: message(payloadBody(wire.TypeNonce))},
	{Name: "ikev2-ke-wrong", Help: "the public values of IKE_SA_INIT are damaged: both ends have other keys", pick: version2Any, change: message(payloadBody(wire.TypeKE))},
	{Name: "ikev2-auth-wrong", Help: "a reserved bit of IKE_SA_INIT is turned: keys agree, AUTH does not", pick: version2Message(wire.SAInit, true), change: message(reservedBit)},
	{Name: "ikev2-icv-wrong", Help: "the integrity check value of encrypted messages is damaged", pick: version2Any, change: message(protected(lastByte))},
	{Name: "ikev2-message-id-wrong", Help: "encrypted messages have another message ID", pick: version2Any, change: message(protected(turn(20)))},
	{Name: "ikev2-spi-wrong", Help: "encrypted messages have another SPI of the responder", pick: version2Any, change: message(protected(turn(8)))},
	{Name: "ikev2-critical-unknown", Help: "IKE_SA_INIT has a critical payload of type 200, which nobody knows", pick: version2Message(wire.SAInit, true), change: message(unknownCritical)},
	{Name: "ikev2-version-wrong", Help: "the major version of requests of IKE_SA_INIT is 3", pick: version2Message(wire.SAInit, true), change: message(set(17, 0x30))},
	{Name: "ikev2-length-wrong", Help: "the length in the IKEv2 header is 4 more than there is", pick: version2Any, change: message(longer)},
	{Name: "ikev2-half-open", OneWay: true, Help: "the request of IKE_SA_INIT, once seen, comes 5 times a second with new SPIs", fill: flood(version2Message(wire.SAInit, true))},
}

// version2Header is the header of a message of version 2 in a frame.
func version2Header(frame []byte) (h wire.Header, ok bool) {
	b := dissect.Message(frame)
	return h, wire.IsVersion2(b) && h.UnmarshalBinary(b) == nil
}

func version2Any() func([]byte) bool {
	return func(frame []byte) bool {
		_, ok := version2Header(frame)
		return ok
	}
}

// version2Message picks the requests or the responses of an exchange.
func version2Message(x wire.ExchangeType, request bool) func() func([]byte) bool {
	return func() func([]byte) bool {
		return func(frame []byte) bool {
			h, ok := version2Header(frame)
			return ok && h.Exchange == x && (h.Flags&wire.FlagResponse == 0) == request
		}
	}
}

// protected changes what comes behind the first exchange.
func protected(change func([]byte) bool) func([]byte) bool {
	return func(b []byte) bool { return wire.ExchangeType(b[18]) != wire.SAInit && change(b) }
}

func lastByte(b []byte) bool {
	b[len(b)-1] ^= 0x55
	return true
}

// generic visits the generic headers of a message of IKE_SA_INIT, each with the
// payload that it begins, until visit says that it is enough.
func generic(b []byte, visit func(kind wire.PayloadType, p []byte) bool) bool {
	if wire.ExchangeType(b[18]) != wire.SAInit {
		return false
	}
	kind := wire.PayloadType(b[16])
	for p := b[wire.HeaderLen:]; kind != wire.TypeNone && len(p) >= wire.GenericLen; {
		n := int(binary.BigEndian.Uint16(p[2:]))
		if n < wire.GenericLen || n > len(p) {
			return false
		}
		if visit(kind, p[:n]) {
			return true
		}
		kind, p = wire.PayloadType(p[0]), p[n:]
	}
	return false
}

// payloadBody damages the last byte of the first payload of a type.
func payloadBody(t wire.PayloadType) func([]byte) bool {
	return func(b []byte) bool {
		return generic(b, func(kind wire.PayloadType, p []byte) bool { return kind == t && lastByte(p) })
	}
}

// reservedBit turns a bit that a receiver has to pass over (RFC 7296 section
// 3.2); AUTH covers it.
func reservedBit(b []byte) bool {
	return generic(b, func(_ wire.PayloadType, p []byte) bool {
		p[1] ^= 1
		return true
	})
}

// unknownCritical makes the last payload one that is critical and unknown.
func unknownCritical(b []byte) bool {
	var before []byte
	return generic(b, func(_ wire.PayloadType, p []byte) bool {
		if p[0] == byte(wire.TypeNone) && before != nil {
			before[0], p[1] = 200, 0x80
			return true
		}
		before = p
		return false
	})
}

// otherCipher changes the encryption algorithm of every transform.
func otherCipher(b []byte) bool {
	return generic(b, func(kind wire.PayloadType, p []byte) bool {
		var sa wire.SA
		if kind != wire.TypeSA || sa.UnmarshalBinary(p[wire.GenericLen:]) != nil {
			return false
		}
		for _, q := range sa.Proposals {
			for i := range q.Transforms {
				if q.Transforms[i].Kind == wire.Encr {
					q.Transforms[i].ID = 1023
				}
			}
		}
		out, err := sa.AppendBinary(nil)
		return err == nil && copy(p[wire.GenericLen:], out) > 0
	})
}
