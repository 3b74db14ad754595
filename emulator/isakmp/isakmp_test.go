package isakmp

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"testing"
)

var cookie = Cookie{1, 2, 3, 4, 5, 6, 7, 8}

// sample is a first message of main mode, one slice a wire row.
var sample = bytes.Join([][]byte{
	{1, 2, 3, 4, 5, 6, 7, 8},
	{0, 0, 0, 0, 0, 0, 0, 0},
	{1, 0x10, 2, 0},
	{0, 0, 0, 0},
	{0, 0, 0, 104},
	{13, 0, 0, 56, 0, 0, 0, 1, 0, 0, 0, 1},
	{0, 0, 0, 44, 1, 1, 0, 1},
	{0, 0, 0, 36, 1, 1, 0, 0},
	{0x80, 1, 0, 1}, {0x80, 2, 0, 2}, {0x80, 4, 0, 1}, {0x80, 3, 0, 1},
	{0x80, 11, 0, 1}, {0, 12, 0, 4, 0, 1, 0x51, 0x80},
	{0, 0, 0, 20}, make([]byte, 16),
}, nil)

func TestMessageBothWays(t *testing.T) {
	want := Message{
		Header: Header{Initiator: cookie, Next: TypeSA, Version: Version1, Exchange: ExchangeMain, Length: 104},
		Payloads: []Payload{
			&SA{DOIIPsec, SituationIdentityOnly, []Proposal{{1, ProtoISAKMP, []byte{}, []Transform{{1, KeyIKE, []Attribute{
				Attr(Phase1Encryption, uint64(DESCBC)), Attr(Phase1Hash, uint64(SHA1)), Attr(Phase1Group, 1),
				Attr(Phase1Auth, uint64(PreSharedKey)), Attr(Phase1LifeType, LifeSeconds), Attr(Phase1LifeDuration, 86400),
			}}}}}},
			&VendorID{make([]byte, 16)},
		},
	}
	b, err := want.AppendBinary(nil)
	if err != nil || !bytes.Equal(b, sample) {
		t.Fatalf("encoded as\n%x\nwant\n%x (%v)", b, sample, err)
	}
	var got Message
	if err := got.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("decoded as\n%+v\nwant\n%+v (%v)", got, want, err)
	}
}

func TestEveryTruncationIsAnError(t *testing.T) {
	for n := range sample {
		m := Message{Header: Header{MessageID: 7}}
		if err := m.UnmarshalBinary(sample[:n]); !errors.Is(err, ErrMalformed) {
			t.Errorf("%d bytes of %d gave %v", n, len(sample), err)
		}
		if m.MessageID != 7 {
			t.Errorf("a failed decode of %d bytes changed the message", n)
		}
	}
}

func TestParseErrorsCarryTheirNotification(t *testing.T) {
	for _, c := range []struct {
		at   int
		v    byte
		want NotifyType
	}{
		{27, 103, UnequalPayloadLengths},
		{29, 1, PayloadMalformed},
		{31, 3, PayloadMalformed},
		{35, 2, DOINotSupported},
		{39, 2, SituationNotSupported},
		{40, 9, BadProposalSyntax},
		{47, 2, BadProposalSyntax},
		{54, 1, PayloadMalformed},
		{16, 2, InvalidPayloadType},
	} {
		b := bytes.Clone(sample)
		b[c.at] = c.v
		var m Message
		var e *ParseError
		if err := m.UnmarshalBinary(b); !errors.As(err, &e) || e.Notify != c.want {
			t.Errorf("byte %d set to %d gave %v, want %v", c.at, c.v, err, c.want)
		}
	}
}

func TestIDsOfFlows(t *testing.T) {
	for _, s := range []string{"192.0.2.1/32", "192.0.2.0/24", "0.0.0.0/0", "192.0.2.2/31"} {
		p := netip.MustParsePrefix(s)
		if got, ok := PrefixID(p, 0, 0).Prefix(); !ok || got != p {
			t.Errorf("%v became %v, %v", p, got, ok)
		}
	}
	if p, ok := (&ID{Kind: IDIPv4AddrSubnet, Data: []byte{192, 0, 2, 0, 255, 0, 255, 0}}).Prefix(); ok {
		t.Errorf("a mask with holes became %v", p)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{TypeNATD.String(), "NAT-D"}, {PayloadType(99).String(), "PayloadType(99)"},
		{NoProposalChosen.String(), "NO-PROPOSAL-CHOSEN"}, {RUThere.String(), "R-U-THERE"},
		{ExchangeMain.String(), "Identity Protection"}, {ProtoESP.String(), "PROTO_IPSEC_ESP"},
		{AESCBC.String(), "AES-CBC"}, {SHA1.String(), "SHA"}, {PreSharedKey.String(), "pre-shared key"},
		{IDIPv4Addr.String(), "ID_IPV4_ADDR"},
	} {
		if c.got != c.want {
			t.Errorf("name is %q, want %q", c.got, c.want)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add(sample)
	seed := Message{Header: Header{Initiator: cookie, Version: Version1, Exchange: ExchangeInformational}, Payloads: []Payload{
		&HashData{make([]byte, 20)}, &Nonce{make([]byte, 16)}, &KeyExchange{make([]byte, 96)}, &NATD{make([]byte, 20)}, &NATOA{netip.MustParseAddr("192.0.2.1")},
		&Notification{1, ProtoISAKMP, RUThere, make([]byte, 16), make([]byte, 4)},
		&Delete{1, ProtoESP, 4, [][]byte{{1, 2, 3, 4}, {5, 6, 7, 8}}},
		AddressID(netip.MustParseAddr("192.0.2.1"), 17, 500), &Raw{TypeCert, []byte{4, 1}},
	}}
	b, err := seed.AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var m, again Message
		if m.UnmarshalBinary(b) != nil {
			return
		}
		out, err := m.AppendBinary(nil)
		if err != nil || !bytes.Equal(out, b) {
			t.Fatalf("bytes changed\nfrom %x\nto   %x (%v)", b, out, err)
		}
		if err := again.UnmarshalBinary(out); err != nil || !reflect.DeepEqual(again, m) {
			t.Fatalf("value changed\nfrom %+v\nto   %+v (%v)", m, again, err)
		}
	})
}
