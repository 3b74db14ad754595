package ike

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/ipsec"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/sim"
)

// A datagram is one that a daemon sent.
type datagram struct {
	initiator bool
	port      uint16
	data      []byte // with the marker, where it has one
}

func (d datagram) message() []byte { return bytes.TrimPrefix(d.data, marker) }

func (d datagram) header(t *testing.T) isakmp.Header {
	t.Helper()
	var h isakmp.Header
	if err := h.UnmarshalBinary(d.message()); err != nil {
		t.Fatal(err)
	}
	return h
}

// tail is what the next message of the exchange is chained to, of n bytes.
func (d datagram) tail(n int) []byte { return d.data[len(d.data)-n:] }

// A capture is what two daemons said and what one of them wrote down.
type capture struct {
	t      *testing.T
	suite  Proposal
	esp    ipsec.Transform
	packet []datagram
	values map[string][][]byte
}

var captures = []struct {
	file       string
	encr       isakmp.Encryption
	bits       int
	group      int
	esp        ipsec.Encryption
	aggressive bool
}{
	{"captured-des", isakmp.DESCBC, 0, 1, ipsec.DES, false},
	{"captured-3des", isakmp.DES3CBC, 0, 2, ipsec.DES3, false},
	{"captured-aes", isakmp.AESCBC, 128, 2, ipsec.AES, false},
	{"captured-aggressive", isakmp.AESCBC, 128, 2, ipsec.AES, true},
}

func loadCapture(t *testing.T, file string) *capture {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	c := &capture{t: t, values: map[string][][]byte{}}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		b, err := hex.DecodeString(f[len(f)-1])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if len(f) == 2 {
			c.values[f[0]] = append(c.values[f[0]], b)
			continue
		}
		d := datagram{initiator: f[0] == "i", data: b}
		if _, err := fmt.Sscan(f[1], &d.port); err != nil {
			t.Fatal(err)
		}
		c.packet = append(c.packet, d)
	}
	return c
}

func (c *capture) want(what string, n int, got []byte) {
	c.t.Helper()
	if !bytes.Equal(got, c.values[what][n]) {
		c.t.Errorf("%s is %x, the daemon has %x", what, got, c.values[what][n])
	}
}

// of picks the messages of an exchange by message ID, in order.
func (c *capture) of(x isakmp.ExchangeType) (all [][]datagram) {
	var ids []uint32
	by := map[uint32][]datagram{}
	for _, d := range c.packet {
		if h := d.header(c.t); h.Exchange == x {
			if by[h.MessageID] == nil {
				ids = append(ids, h.MessageID)
			}
			by[h.MessageID] = append(by[h.MessageID], d)
		}
	}
	for _, id := range ids {
		all = append(all, by[id])
	}
	return all
}

// clear reads the payloads of a message under a key; iv becomes that of the
// next one.
func (c *capture) clear(d datagram, s *SA, iv *[]byte) []isakmp.Item {
	c.t.Helper()
	h, m := d.header(c.t), d.message()
	b := m[28:]
	if h.Flags&isakmp.FlagEncryption != 0 {
		var ok bool
		if b, *iv, ok = decrypt(s.cipher, *iv, b); !ok {
			c.t.Fatal("not whole blocks")
		}
	}
	return items(c.t, h.Next, b)
}

// stand is an engine in the place of one of the daemons: it draws what the
// daemon drew, and is fed what the other one sent.
func (c *capture) stand(initiator bool) *node {
	ends := [2]string{"10.99.0.1", "10.99.0.2"}
	nets := [2]string{"10.1.0.0/24", "10.2.0.0/24"}
	us, them, cookie := 1, 0, c.packet[1].header(c.t).Responder
	if initiator {
		us, them, cookie = 0, 1, c.packet[0].header(c.t).Initiator
	}
	pins := map[string]string{"A ike cookie 1": hex.EncodeToString(cookie[:])}
	if initiator {
		for i, q := range c.of(isakmp.ExchangeQuick) {
			pins[fmt.Sprintf("A ike mid %d", i+1)] = fmt.Sprint(q[0].header(c.t).MessageID)
		}
	}
	tape, err := sim.NewTape(pins)
	if err != nil {
		c.t.Fatal(err)
	}
	addr, peer := netip.MustParseAddr(ends[us]), netip.MustParseAddr(ends[them])
	n := &node{t: c.t, w: sim.New(start, 1, tape), name: "A", addr: addr}
	n.Engine = New(n)
	n.peer = &node{t: c.t, w: n.w}
	n.peer.Engine = New(n.peer) // takes what is sent, and says nothing
	n.peer.Stop()
	n.policy = ipsec.Request{Policy: "p", Seq: 1, Local: addr, Remote: peer, Profile: "f", Transforms: []ipsec.Transform{c.esp}, Seconds: 3960,
		Flow: ipsec.Selector{Src: netip.MustParsePrefix(nets[us]), Dst: netip.MustParsePrefix(nets[them])}}
	n.Config.Proposals = []Proposal{c.suite}
	n.Config.Keychains = []*Keychain{{Name: "k", Priority: 100, Keys: []Key{{Prefix: netip.PrefixFrom(peer, 32), Secret: []byte("123456")}}}}
	n.Config.Profiles = []*Profile{{Name: "f", Keychains: []string{"k"}, Proposals: []int{1}, Matches: []Match{{Kind: isakmp.IDIPv4Addr, Low: peer, High: peer}}}}
	n.known = &known{gxy: c.values["gxy"][0]}
	return n
}

// feed gives the engine a message of the other daemon.
func (n *node) feed(d datagram) {
	n.t.Helper()
	n.Receive(netip.AddrPortFrom(n.addr, d.port), netip.AddrPortFrom(n.policy.Remote, d.port), d.data)
	n.run(2 * time.Millisecond)
}

// learn has the engine draw what the daemon drew, as its message shows.
func (n *node) learn(its []isakmp.Item) {
	if ke, _, ok := isakmp.Find[*isakmp.KeyExchange](its); ok {
		n.known.public = ke.Data
	}
	if no, _, ok := isakmp.Find[*isakmp.Nonce](its); ok {
		n.known.nonce = no.Data
	}
}

func replayCaptures(t *testing.T, f func(c *capture, aggressive bool)) {
	for _, x := range captures {
		t.Run(x.file, func(t *testing.T) {
			c := loadCapture(t, x.file)
			c.t = t
			c.suite = Proposal{1, x.encr, x.bits, isakmp.SHA1, isakmp.PreSharedKey, x.group, 15840}
			c.esp = ipsec.Transform{Name: "t", Mode: ipsec.Tunnel, Encr: x.esp, KeyBits: x.bits, Auth: ipsec.HMACSHA1}
			f(c, x.aggressive)
		})
	}
}

// TestInPlaceOfTheResponder feeds what the initiating daemon sent: every hash
// of it verifies, and the keys of both phases are those of the daemons.
func TestInPlaceOfTheResponder(t *testing.T) {
	replayCaptures(t, func(c *capture, aggressive bool) {
		n := c.stand(false)
		kind := isakmp.ExchangeMain
		if aggressive {
			kind = isakmp.ExchangeAggressive
		}
		m := c.of(kind)[0]
		var iv []byte
		if aggressive {
			n.learn(c.clear(m[1], nil, &iv))
			n.feed(m[0])
		} else {
			n.learn(c.clear(m[3], nil, &iv))
			n.feed(m[0])
			n.feed(m[2])
		}
		n.wantSAs(1, "after the first messages")
		s := n.SAs()[0]
		c.keys(s)
		n.feed(m[len(m)-1-(len(m)+1)%2]) // the last one of the initiator
		n.established(c, s, "hash_i")
		size := s.cipher.BlockSize()
		if !aggressive {
			s.iv = m[5].tail(size) // our message 6 is padded in another way
		} else {
			s.iv = m[2].tail(size)
		}
		for i, q := range c.of(isakmp.ExchangeQuick) {
			iv := s.Proposal.suite().nextIV(s.iv, q[0].header(t).MessageID)
			c.clear(q[0], s, &iv)
			answer := c.clear(q[1], s, &iv)
			n.learn(answer)
			n.spi = espSPI(answer)
			n.feed(q[0])
			s.quicks[len(s.quicks)-1].iv = q[1].tail(size)
			n.feed(q[2])
			n.wantPairs(i+1, "after quick mode")
			c.pair(n.pairs[i], i, false)
		}
		n.informed(c, s, true)
	})
}

// TestInPlaceOfTheInitiator feeds what the responding daemon sent.
func TestInPlaceOfTheInitiator(t *testing.T) {
	replayCaptures(t, func(c *capture, aggressive bool) {
		n := c.stand(true)
		n.Config.Profiles[0].Aggressive = aggressive
		kind := isakmp.ExchangeMain
		if aggressive {
			kind = isakmp.ExchangeAggressive
		}
		m := c.of(kind)[0]
		quicks := c.of(isakmp.ExchangeQuick)
		var iv []byte
		first := c.clear(m[0], nil, &iv)
		if aggressive {
			n.learn(first)
		} else {
			n.learn(c.clear(m[2], nil, &iv))
		}
		n.Acquire(n.policy)
		n.wantSAs(1, "after the request")
		s := n.SAs()[0]
		_, sa, _ := isakmp.Find[*isakmp.SA](first)
		if !bytes.Equal(s.sai, sa.Body()) {
			t.Errorf("we propose %x, the daemon %x", s.sai, sa.Body())
		}
		n.feed(m[1])
		if !aggressive {
			n.feed(m[3])
		}
		c.keys(s)
		size := s.cipher.BlockSize()
		if !aggressive {
			s.iv = m[4].tail(size) // our message 5 says another port
			// Quick mode begins as soon as phase 1 is over.
			last := m[5].tail(size)
			iv := s.Proposal.suite().nextIV(last, quicks[0][0].header(t).MessageID)
			offer := c.clear(quicks[0][0], s, &iv)
			n.learn(offer)
			n.spi = espSPI(offer)
			n.feed(m[5])
		}
		n.established(c, s, "hash_r")
		if aggressive {
			s.iv = m[2].tail(size)
		}
		for i, q := range quicks {
			iv := s.Proposal.suite().nextIV(s.iv, q[0].header(t).MessageID)
			offer := c.clear(q[0], s, &iv)
			if i > 0 {
				n.learn(offer)
				n.spi = espSPI(offer)
				n.Acquire(n.policy)
			}
			x := s.quicks[len(s.quicks)-1]
			if aggressive && i == 0 { // it began before its draws were known
				x.in.esp, x.ni = espSPI(offer), nonceOf(offer)
			}
			x.iv = q[0].tail(size)
			n.feed(q[1])
			n.wantPairs(i+1, "after quick mode")
			c.pair(n.pairs[i], i, true)
		}
		n.informed(c, s, false)
	})
}

// keys compares phase 1 with the daemon's log.
func (c *capture) keys(s *SA) {
	c.t.Helper()
	c.want("skeyid", 0, s.keys.skeyid)
	c.want("skeyid_d", 0, s.keys.d)
	c.want("skeyid_a", 0, s.keys.a)
	c.want("skeyid_e", 0, s.keys.e)
	c.want("ka", 0, s.keys.ka)
	c.want("iv", 0, s.Proposal.suite().firstIV(s.gxi, s.gxr))
}

// established wants phase 1 over and the other daemon's hash recomputed.
func (n *node) established(c *capture, s *SA, hash string) {
	n.t.Helper()
	for _, e := range n.events {
		if e.Kind == HashComputed && e.Received {
			c.want(hash, 0, e.Data)
		}
	}
	if s.State != Established {
		n.t.Fatalf("phase 1 stands at %v", s.State)
	}
	n.wantEvent(HashGood, "of the daemon's proof")
}

// pair compares the nth pair with the log.
func (c *capture) pair(p ipsec.Pair, n int, initiator bool) {
	c.t.Helper()
	toI, toR := p.In, p.Out
	if !initiator {
		toI, toR = p.Out, p.In
	}
	c.want("encr_i", n, toR.Encr)
	c.want("auth_i", n, toR.Auth)
	c.want("encr_r", n, toI.Encr)
	c.want("auth_r", n, toI.Auth)
}

// informed feeds the informational messages: a question whether we are there
// is answered, and what the daemon deletes is gone.
func (n *node) informed(c *capture, s *SA, fromInitiator bool) {
	n.t.Helper()
	asked, deleted := 0, false
	for _, x := range c.of(isakmp.ExchangeInformational) {
		d := x[0]
		iv := s.Proposal.suite().nextIV(s.iv, d.header(n.t).MessageID)
		its := c.clear(d, s, &iv)
		if d.initiator != fromInitiator {
			continue
		}
		if p, _, ok := isakmp.Find[*isakmp.Notification](its); ok && p.Notify == isakmp.RUThere {
			asked++
		}
		if p, _, ok := isakmp.Find[*isakmp.Delete](its); ok && p.Protocol == isakmp.ProtoISAKMP {
			deleted = true
		}
		n.feed(d)
	}
	answered := 0
	for _, e := range n.events {
		if e.Kind == DPDSending && e.Notify == isakmp.RUThereACK {
			answered++
		}
	}
	if answered != asked {
		n.t.Errorf("%d of %d questions were answered", answered, asked)
	}
	if n.count(HashInvalid) > 0 {
		n.t.Error("the hash of an informational message does not verify")
	}
	if deleted {
		n.wantSAs(0, "after the delete message")
	}
}

// TestEveryCapturedMessage reads all that the daemons said, and writes it
// again to the byte.
func TestEveryCapturedMessage(t *testing.T) {
	replayCaptures(t, func(c *capture, aggressive bool) {
		s := &SA{Proposal: c.suite}
		block, err := c.suite.suite().block(c.values["ka"][0])
		if err != nil {
			t.Fatal(err)
		}
		s.cipher, s.iv = block, c.values["iv"][0]
		read := 0
		exchange := func(ms []datagram, iv *[]byte) {
			for _, d := range ms {
				before := *iv
				its := c.clear(d, s, iv)
				var ps []isakmp.Payload
				for _, it := range its {
					if _, raw := it.Payload.(*isakmp.Raw); raw {
						t.Errorf("payload %v is unknown", it.Payload.Type())
					}
					ps = append(ps, it.Payload)
				}
				again, err := isakmp.AppendPayloads(nil, ps)
				if err != nil {
					t.Fatal(err)
				}
				want := d.message()[28:]
				if d.header(t).Flags&isakmp.FlagEncryption != 0 {
					want, _, _ = decrypt(s.cipher, before, want)
				}
				if !bytes.HasPrefix(want, again) || len(want)-len(again) > block.BlockSize() {
					t.Errorf("read and written again\n%x, want\n%x", again, want)
				}
				read++
			}
		}
		for _, kind := range []isakmp.ExchangeType{isakmp.ExchangeMain, isakmp.ExchangeAggressive} {
			for _, ms := range c.of(kind) {
				exchange(ms, &s.iv)
			}
		}
		for _, kind := range []isakmp.ExchangeType{isakmp.ExchangeQuick, isakmp.ExchangeInformational} {
			for _, ms := range c.of(kind) {
				iv := s.Proposal.suite().nextIV(s.iv, ms[0].header(t).MessageID)
				exchange(ms, &iv)
			}
		}
		if read != len(c.packet) {
			t.Errorf("%d messages of %d were read", read, len(c.packet))
		}
	})
}

func espSPI(its []isakmp.Item) uint32 {
	sa, _, _ := isakmp.Find[*isakmp.SA](its)
	return binary.BigEndian.Uint32(sa.Proposals[0].SPI)
}

func nonceOf(its []isakmp.Item) []byte {
	no, _, _ := isakmp.Find[*isakmp.Nonce](its)
	return no.Data
}
