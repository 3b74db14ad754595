package dissect

import (
	"bytes"
	"crypto/sha256"

	"cwlab/emulator/ike"
	"cwlab/emulator/isakmp"
)

// An ikeSA is what reading an IKE SA needs.
type ikeSA struct {
	chosen    *isakmp.Transform
	ke        [][]byte // public values, the initiator's first
	readers   []*ike.Reader
	reader    *ike.Reader // the one whose key fits
	keys      int         // of which readers were made
	last      []byte      // last block of phase 1
	exchanges map[uint32]*exchange
}

// An exchange is what was encrypted under one message ID.
type exchange struct {
	sa    *ikeSA
	id    uint32
	next  []byte // initialization vector
	plain map[[32]byte][]byte
}

// learn takes an ISAKMP message.
func (d *Dissector) learn(b []byte) {
	var h isakmp.Header
	if h.UnmarshalBinary(b) != nil || h.Version>>4 != 1 || int64(h.Length) != int64(len(b)) {
		return
	}
	if h.Flags&isakmp.FlagEncryption != 0 {
		if sa := d.sas[h.Initiator]; sa != nil {
			d.decrypt(sa, h, b[isakmp.HeaderLen:])
		}
		return
	}
	if h.Exchange != isakmp.ExchangeMain && h.Exchange != isakmp.ExchangeAggressive {
		return
	}
	items, _, err := isakmp.ParsePayloads(h.Next, b[isakmp.HeaderLen:])
	if err != nil {
		return
	}
	sa := d.sas[h.Initiator]
	if sa == nil {
		sa = &ikeSA{exchanges: map[uint32]*exchange{}}
		d.sas[h.Initiator] = sa
		d.saOrder = append(d.saOrder, h.Initiator)
		if len(d.saOrder) > maxSAs {
			delete(d.sas, d.saOrder[0])
			d.saOrder = d.saOrder[1:]
		}
	}
	if p, _, ok := isakmp.Find[*isakmp.SA](items); ok && !h.Responder.IsZero() && len(p.Proposals) == 1 && len(p.Proposals[0].Transforms) == 1 {
		sa.chosen = &p.Proposals[0].Transforms[0]
	}
	if p, _, ok := isakmp.Find[*isakmp.KeyExchange](items); ok && len(sa.ke) < 2 && (len(sa.ke) == 0 || !bytes.Equal(sa.ke[0], p.Data)) {
		sa.ke = append(sa.ke, p.Data)
	}
}

// decrypt is the plaintext of a message, nil where it cannot be had. A message
// that was seen before is not decrypted again: a repetition moves no
// initialization vector.
func (d *Dissector) decrypt(sa *ikeSA, h isakmp.Header, body []byte) []byte {
	sum := sha256.Sum256(body)
	x := sa.exchanges[h.MessageID]
	if x != nil && x.plain[sum] != nil {
		return x.plain[sum]
	}
	if sa.chosen == nil || len(sa.ke) < 2 {
		return nil
	}
	readers := []*ike.Reader{sa.reader}
	if sa.reader == nil {
		keys := d.keys[h.Initiator]
		for _, k := range keys[sa.keys:] {
			if r, err := ike.NewReader(*sa.chosen, sa.ke[0], sa.ke[1], k); err == nil {
				sa.readers = append(sa.readers, r)
			}
		}
		sa.keys, readers = len(keys), sa.readers
	}
	for _, r := range readers {
		var iv []byte
		switch {
		case x != nil:
			iv = x.next
		case h.MessageID == 0:
			iv = r.FirstIV()
		case sa.last != nil:
			iv = r.IV(sa.last, h.MessageID)
		default:
			iv = r.IV(r.FirstIV(), h.MessageID)
		}
		plain, next, ok := r.Decrypt(iv, body)
		if !ok {
			return nil
		}
		if items, _, err := isakmp.ParsePayloads(h.Next, plain); err != nil || len(items) == 0 {
			continue
		}
		sa.reader = r
		if x == nil {
			x = &exchange{sa: sa, id: h.MessageID, plain: map[[32]byte][]byte{}}
			sa.exchanges[h.MessageID] = x
			if d.exchanges = append(d.exchanges, x); len(d.exchanges) > maxExchanges {
				old := d.exchanges[0]
				delete(old.sa.exchanges, old.id)
				d.exchanges = d.exchanges[1:]
			}
		}
		if len(x.plain) < maxMessages {
			x.plain[sum] = plain
		}
		x.next = next
		if h.MessageID == 0 {
			sa.last = next
		}
		return plain
	}
	return nil
}
