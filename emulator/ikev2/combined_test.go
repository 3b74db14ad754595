package ikev2

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"cwlab/emulator/ikev2/wire"
	"cwlab/emulator/ipsec"
)

// GCM protects an IKE SA: no integrity algorithm is offered or chosen, no SK_a
// is made, and what is changed on the way is refused.
func TestGCMOfTheIKESA(t *testing.T) {
	for _, bits := range []int{128, 192, 256} {
		p := &Proposal{Name: "p", Encr: []Cipher{{wire.EncrGCM, bits}}, PRF: []uint16{wire.PRFSHA256}, Groups: []int{14}}
		if !p.Complete() {
			t.Fatal("the proposal is not complete")
		}
		a, b := pair(t)
		setProposals(p, a, b)
		var keys []Keys
		a.OnKeys = func(k Keys) { keys = append(keys, k) }
		up(t, a, b)
		s := a.SAs()[0]
		if want := (Suite{Cipher{wire.EncrGCM, bits}, 0, wire.PRFSHA256, 14}); s.Suite != want {
			t.Errorf("the suite is %+v, want %+v", s.Suite, want)
		}
		k := keys[0]
		if len(k.EncrI) != bits/8+4 || len(k.IntegI) != 0 || bytes.Equal(k.EncrI, k.EncrR) {
			t.Errorf("keys are %+v", k)
		}
		m := a.sent[1] // IKE_AUTH
		plain, first, err := k.Open(m)
		if err != nil || first != wire.TypeIDi {
			t.Errorf("opened to %x, first payload %v, %v", plain, first, err)
		}
		for i := range m {
			x := slices.Clone(m)
			x[i] ^= 1
			if _, _, err := k.Open(x); err == nil {
				t.Errorf("byte %d was changed and nobody noticed", i)
			}
		}
		b.SoftExpire(b.pairs[0])
		a.run(time.Second)
		agree(t, a, b)
	}
}

// RFC 5282 section 8: ciphers that authenticate are in proposals of their own,
// and a responder takes no integrity algorithm with them.
func TestCombinedProposalsAreApart(t *testing.T) {
	p := &Proposal{Name: "p", Encr: []Cipher{{wire.EncrGCM, 256}, {wire.EncrAES, 128}}, Integ: []uint16{wire.IntegSHA1}, Groups: []int{2}}
	sa := ikeProposals([]*Proposal{p}, nil)
	if len(sa.Proposals) != 2 {
		t.Fatalf("%d proposals, want 2", len(sa.Proposals))
	}
	for _, q := range sa.Proposals {
		combined, integ := false, false
		for _, x := range q.Transforms {
			combined = combined || x.Kind == wire.Encr && x.ID == wire.EncrGCM
			integ = integ || x.Kind == wire.Integ
		}
		if combined == integ {
			t.Errorf("proposal %d has GCM %v, an integrity algorithm %v", q.Number, combined, integ)
		}
	}
	gcm := wire.NewTransform(wire.Encr, wire.EncrGCM, 256)
	others := []wire.Transform{wire.NewTransform(wire.PRF, wire.PRFSHA1, 0), wire.NewTransform(wire.DH, 2, 0)}
	for _, c := range []struct {
		name  string
		integ []wire.Transform
		want  bool
	}{
		{"none", nil, true},
		{"NONE", []wire.Transform{wire.NewTransform(wire.Integ, wire.NoneOfKind, 0)}, true},
		{"SHA1", []wire.Transform{wire.NewTransform(wire.Integ, wire.IntegSHA1, 0)}, false},
	} {
		q := wire.Proposal{Number: 1, Protocol: wire.ProtoIKE, Transforms: slices.Concat([]wire.Transform{gcm}, others, c.integ)}
		if s, chosen := chooseSuite([]*Proposal{p}, &wire.SA{Proposals: []wire.Proposal{q}}); (chosen != nil) != c.want {
			t.Errorf("with integrity algorithm %s: chosen %v, %+v", c.name, chosen, s)
		}
	}
}

func TestDamagedCombinedMessages(t *testing.T) {
	s := Suite{Encr: Cipher{wire.EncrGCM, 128}, PRF: wire.PRFSHA1, Group: 2}
	key := make([]byte, 20)
	h := wire.Header{Initiator: wire.SPI{1}, Responder: wire.SPI{2}, Version: wire.Version2, Exchange: wire.Informational}
	b, err := s.seal(h, key, nil, make([]byte, 8), nil)
	if err != nil {
		t.Fatal(err)
	}
	var m wire.Message
	if err := m.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	p, _ := wire.Find[*wire.Encrypted](m.Payloads)
	if plain, err := s.open(b, p, key, nil); err != nil || len(plain) != 0 {
		t.Errorf("an empty message opens to %x, %v", plain, err)
	}
	p.Data = p.Data[:8+tagLen]
	if _, err := s.open(b, p, key, nil); !errors.Is(err, errPadding) {
		t.Errorf("a message without pad length: %v", err)
	}
}

// Child SAs with every cipher that counts and every length of sequence
// numbers; both ends name the same.
func TestCountingCiphersAndLongSequenceNumbers(t *testing.T) {
	for _, tr := range []ipsec.Transform{
		{Encr: ipsec.AESGCM, KeyBits: 128}, {Encr: ipsec.AESGCM, KeyBits: 192}, {Encr: ipsec.AESGCM, KeyBits: 256}, {Encr: ipsec.AESGMAC, KeyBits: 256},
		{Encr: ipsec.AESCTR, KeyBits: 128, Auth: ipsec.HMACSHA256}, {Encr: ipsec.AES, KeyBits: 128, Auth: ipsec.HMACSHA1}, {AH: ipsec.HMACMD5},
	} {
		for _, esn := range []bool{false, true} {
			tr.Name, tr.Mode, tr.ESN = "t", ipsec.Tunnel, esn
			a, b := pair(t)
			a.policy.Transforms, b.policy.Transforms = []ipsec.Transform{tr}, []ipsec.Transform{tr}
			up(t, a, b)
			if got := a.pairs[0].Transform; got != tr {
				t.Errorf("agreed on %+v, want %+v", got, tr)
			}
		}
	}
}

// RFC 7296 section 3.3.2: each end says which sequence numbers it can do; both
// lengths in one proposal leave the choice to the responder.
func TestSequenceNumbersAreNegotiated(t *testing.T) {
	long := aesSHA
	long.ESN = true
	both := []ipsec.Transform{long, aesSHA}
	for _, c := range []struct {
		name       string
		ours, here []ipsec.Transform
		want       bool
		fails      bool
	}{
		{"both, both", both, both, true, false},
		{"both, short", both, []ipsec.Transform{aesSHA}, false, false},
		{"short, both", []ipsec.Transform{aesSHA}, both, false, false},
		{"long, both", []ipsec.Transform{long}, both, true, false},
		{"long, short", []ipsec.Transform{long}, []ipsec.Transform{aesSHA}, false, true},
	} {
		a, b := pair(t)
		a.policy.Transforms, b.policy.Transforms = c.ours, c.here
		if c.fails {
			a.Acquire(a.policy)
			a.run(time.Second)
			a.wantEnds(RequestFailed, c.name, CauseNotified)
			if a.Stats.Notify[wire.NoProposalChosen] != 1 {
				t.Errorf("%s: no NO_PROPOSAL_CHOSEN", c.name)
			}
			continue
		}
		up(t, a, b)
		if a.pairs[0].Transform.ESN != c.want || b.pairs[0].Transform.ESN != c.want {
			t.Errorf("%s: extended %v and %v, want %v", c.name, a.pairs[0].Transform.ESN, b.pairs[0].Transform.ESN, c.want)
		}
	}
	sa := childProposals(both, 1, false)
	if len(sa.Proposals) != 1 || len(sa.Proposals[0].Transforms) != 4 {
		t.Errorf("both lengths are offered as %+v", sa.Proposals)
	}
}

// A set of many algorithms is one proposal, or two where some of its ciphers
// authenticate; two sets are two.
func TestProposalsOfSets(t *testing.T) {
	var all []ipsec.Transform
	for _, set := range []string{"one", "two"} {
		for _, tr := range []ipsec.Transform{{Encr: ipsec.AES, KeyBits: 128}, {Encr: ipsec.DES}} {
			for _, auth := range []ipsec.Authentication{ipsec.HMACMD5, ipsec.HMACSHA1} {
				tr.Name, tr.Mode, tr.Auth = set, ipsec.Tunnel, auth
				all = append(all, tr)
			}
		}
		all = append(all, ipsec.Transform{Name: set, Mode: ipsec.Tunnel, Encr: ipsec.AESGCM, KeyBits: 128})
	}
	sa := childProposals(all, 1, false)
	if len(sa.Proposals) != 4 {
		t.Fatalf("%d proposals, want 4", len(sa.Proposals))
	}
	for i, want := range []int{5, 2, 5, 2} { // two ciphers, two authenticators, ESN; one cipher, ESN
		if got := len(sa.Proposals[i].Transforms); got != want || int(sa.Proposals[i].Number) != i+1 {
			t.Errorf("proposal %d has %d transforms, want %d", sa.Proposals[i].Number, got, want)
		}
	}
}
