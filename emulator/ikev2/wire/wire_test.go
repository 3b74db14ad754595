package wire

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"testing"
)

var spi = SPI{1, 2, 3, 4, 5, 6, 7, 8}

// sample is an IKE_SA_INIT request, one slice a wire row.
var sample = bytes.Join([][]byte{
	{1, 2, 3, 4, 5, 6, 7, 8},
	{0, 0, 0, 0, 0, 0, 0, 0},
	{33, 0x20, 34, 0x08},
	{0, 0, 0, 0},
	{0, 0, 0, 128},
	{34, 0, 0, 48},
	{0, 0, 0, 44, 1, 1, 0, 4},
	{3, 0, 0, 12, 1, 0, 0, 12}, {0x80, 14, 0, 128},
	{3, 0, 0, 8, 2, 0, 0, 2},
	{3, 0, 0, 8, 3, 0, 0, 2},
	{0, 0, 0, 8, 4, 0, 0, 2},
	{40, 0, 0, 12, 0, 2, 0, 0, 9, 8, 7, 6},
	{41, 0, 0, 20, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4},
	{43, 0, 0, 12, 0, 0, 0x40, 4, 5, 6, 7, 8},
	{200, 0, 0, 4},
	{0, 0x80, 0, 4},
}, nil)

func sampleMessage() Message {
	return Message{
		Header: Header{Initiator: spi, Next: TypeSA, Version: Version2, Exchange: SAInit, Flags: FlagInitiator, Length: 128},
		Payloads: []Payload{
			&SA{[]Proposal{{1, ProtoIKE, []byte{}, []Transform{
				NewTransform(Encr, EncrAES, 128), NewTransform(PRF, PRFSHA1, 0), NewTransform(Integ, IntegSHA1, 0), NewTransform(DH, 2, 0)}}}},
			&KeyExchange{2, []byte{9, 8, 7, 6}},
			&Nonce{[]byte{1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4}},
			&Notification{0, NATDetectionSource, []byte{}, []byte{5, 6, 7, 8}},
			&Vendor{[]byte{}},
			&Raw{200, true, []byte{}},
		},
	}
}

// payloads is one of every type.
func payloads() []Payload {
	a, z := netip.MustParseAddr("192.0.2.0"), netip.MustParseAddr("192.0.2.255")
	return []Payload{
		&ID{false, IDIPv4, []byte{192, 0, 2, 1}}, &ID{true, IDFQDN, []byte("east")}, &Authentication{SharedKey, []byte{1, 2, 3}},
		&Notification{ProtoESP, RekeySA, []byte{0, 0, 1, 0}, []byte{}}, &Delete{ProtoIKE, nil}, &Delete{ProtoESP, []uint32{256, 257}},
		&Selectors{false, []Selector{{Kind: TSIPv4, Proto: 6, StartPort: 80, EndPort: 90, Start: a, End: z}, {Kind: 9, Proto: 1, Data: []byte{1}}}},
		&Selectors{true, []Selector{{Kind: TSIPv6, EndPort: 65535, Start: netip.IPv6Unspecified(), End: netip.MustParseAddr("ffff::")}}},
		&Certificate{X509Signature, []byte{1, 2}}, &CertificateRequest{X509Signature, make([]byte, 20)}, &Raw{47, false, []byte{4, 1}}, &Encrypted{TypeIDi, []byte{1, 2, 3, 4}},
	}
}

func TestMessageBothWays(t *testing.T) {
	want := sampleMessage()
	b, err := want.AppendBinary(nil)
	if err != nil || !bytes.Equal(b, sample) {
		t.Fatalf("encoded as\n%x\nwant\n%x (%v)", b, sample, err)
	}
	var got Message
	if err := got.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("decoded as\n%+v\nwant\n%+v (%v)", got, want, err)
	}
	if bits, ok := got.Payloads[0].(*SA).Proposals[0].Transforms[0].KeyBits(); bits != 128 || !ok {
		t.Errorf("key length is %d, %v", bits, ok)
	}
}

func TestEveryPayloadBothWays(t *testing.T) {
	want := payloads()
	b, err := AppendPayloads(nil, want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParsePayloads(First(want), b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("decoded as\n%+v\nwant\n%+v (%v)", got, want, err)
	}
	if _, err := AppendPayloads(nil, append(want, &Vendor{})); err == nil {
		t.Error("a payload follows the Encrypted one")
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

func TestMalformed(t *testing.T) {
	for _, c := range []struct {
		what string
		at   int
		v    byte
	}{
		{"the length of the message", 27, 127}, {"the length of a payload", 31, 3}, {"what follows a proposal", 32, 9},
		{"the length of a proposal", 35, 43}, {"the size of an SPI", 38, 200}, {"the number of transforms", 39, 3},
		{"what follows a transform", 40, 2}, {"a short nonce", 91, 12}, {"bytes after the last payload", 16, 0},
	} {
		b := bytes.Clone(sample)
		b[c.at] = c.v
		var m Message
		if err := m.UnmarshalBinary(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{TypeTSr.String(), "TSr"}, {Auth.String(), "IKE_AUTH"}, {ExchangeType(9).String(), "ExchangeType(9)"}, {PayloadType(99).String(), "PayloadType(99)"}, {TSUnacceptable.String(), "TS_UNACCEPTABLE"},
		{NotifyType(9999).String(), "NotifyType(9999)"}, {spi.String(), "0102030405060708"},
	} {
		if c.got != c.want {
			t.Errorf("name is %q, want %q", c.got, c.want)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add(sample)
	seed := Message{Header: Header{Initiator: spi, Version: Version2, Exchange: Auth}, Payloads: payloads()}
	b, err := seed.AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var m, n Message
		if m.UnmarshalBinary(b) != nil {
			return
		}
		out, err := m.AppendBinary(nil)
		if err != nil {
			t.Fatalf("%+v cannot be encoded: %v", m, err)
		}
		if err := n.UnmarshalBinary(out); err != nil || !reflect.DeepEqual(m, n) {
			t.Fatalf("%+v became %+v (%v)", m, n, err)
		}
		if again, err := n.AppendBinary(nil); err != nil || !bytes.Equal(out, again) {
			t.Fatalf("encoded as %x and %x (%v)", out, again, err)
		}
	})
}
