package impair

import (
	"bytes"
	"errors"
	"net/netip"
	"regexp"
	"testing"

	"cwlab/emulator/dissect"
	"cwlab/emulator/isakmp"
	"cwlab/emulator/vrrp"
	"cwlab/emulator/wire"
)

var a, b = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")

func ip(proto uint8, payload []byte) []byte {
	c := new(wire.Codec)
	return c.IPv4Frame(wire.MAC{2, 0, 0, 0, 0, 2}, wire.MAC{2, 0, 0, 0, 0, 1}, &wire.IPv4{TTL: 255, Proto: proto, Src: a, Dst: b, Payload: payload})
}

func ikeFrame(t testing.TB, x isakmp.ExchangeType, ps ...isakmp.Payload) []byte {
	t.Helper()
	m := &isakmp.Message{Header: isakmp.Header{Initiator: isakmp.Cookie{1}, Version: isakmp.Version1, Exchange: x}, Payloads: ps}
	body, err := m.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return ip(wire.ProtoUDP, new(wire.Codec).AppendUDP(a, b, wire.UDP{Src: 500, Dst: 500, Payload: body}))
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, i := range All() {
		if seen[i.Name] || !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(i.Name) {
			t.Errorf("the name %q is bad or comes twice", i.Name)
		}
		seen[i.Name] = true
		if i.Help == "" || len(i.Help) > 90 {
			t.Errorf("%s: help %q is not one line", i.Name, i.Help)
		}
		text := i.Name
		if i.OneWay {
			if _, _, err := Parse(text); !errors.Is(err, ErrFrom) {
				t.Errorf("%s without a direction gives %v", i.Name, err)
			}
			text += " from A"
		}
		if _, _, err := Parse(text); err != nil {
			t.Errorf("%s: %v", i.Name, err)
		}
	}
	if len(seen) < 25 {
		t.Errorf("there are %d impairments, want 25", len(seen))
	}
}

func TestParse(t *testing.T) {
	f, from, err := Parse("esp-lost from A nth 3")
	if err != nil || from != "A" || f.Nth != 3 || !f.Drop || f.Filter.String() != "esp" {
		t.Errorf("read as %+v from %q, %v", f, from, err)
	}
	if f, _, err := Parse("loss 5% for esp"); err != nil || f.Loss != 0.05 {
		t.Errorf("a fault is read as %+v, %v", f, err)
	}
	for _, bad := range []string{"", "esp-gone", "esp-lost from", "esp-lost nth 0", "esp-lost for isakmp", "esp-lost sideways 3", "silence"} {
		if _, _, err := Parse(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// A message keeps its number when it is repeated, and both directions count.
func TestNumbered(t *testing.T) {
	one := ikeFrame(t, isakmp.ExchangeMain, &isakmp.Nonce{Data: []byte("first nonce")})
	two := ikeFrame(t, isakmp.ExchangeMain, &isakmp.Nonce{Data: []byte("second")})
	other := ikeFrame(t, isakmp.ExchangeInformational, &isakmp.HashData{Data: []byte("x")})
	pick := numbered(isakmp.ExchangeMain, 2)()
	for i, row := range []struct {
		frame []byte
		want  bool
	}{{one, false}, {one, false}, {other, false}, {two, true}, {one, false}, {two, true}} {
		if got := pick(row.frame); got != row.want {
			t.Errorf("frame %d is picked %v, want %v", i, got, row.want)
		}
	}
}

// What is changed is right but for what is wrong by intent, and the sender's
// bytes are not touched.
func TestChangesAreWellFormed(t *testing.T) {
	advert := []byte{0x31, 1, 100, 1, 0, 100, 0, 0, 192, 0, 2, 9}
	vrrp.Seal(advert, a, b)
	nonce := ikeFrame(t, isakmp.ExchangeMain, &isakmp.KeyExchange{Data: []byte("public value")}, &isakmp.Nonce{Data: []byte("a nonce")})
	frames := [][]byte{nonce, ip(112, advert), ip(50, make([]byte, 40)), ip(1, []byte{8, 0, 0, 0, 0, 1, 0, 1, 7})}
	for _, i := range All() {
		if i.change == nil {
			continue
		}
		for _, f := range frames {
			before := bytes.Clone(f)
			out := i.change(f)
			if !bytes.Equal(f, before) {
				t.Errorf("%s changes the sender's frame", i.Name)
			}
			p, err := wire.ParseIPv4(out[14:])
			if err != nil {
				t.Errorf("%s makes no packet: %v", i.Name, err)
				continue
			}
			if p.Proto == wire.ProtoUDP && i.Name != "icmp-damaged" && len(i.Name) > 4 && i.Name[:4] != "vrrp" && i.Name[:3] != "esp" {
				if _, err := new(wire.Codec).UDP(p.Src, p.Dst, p.Payload); err != nil {
					t.Errorf("%s makes no datagram: %v", i.Name, err)
				}
			}
		}
	}
	out := message(body(isakmp.TypeNonce))(nonce)
	if got, want := dissect.Message(out), dissect.Message(nonce); len(got) != len(want) || got[len(got)-1] != want[len(want)-1]^0x55 || !bytes.Equal(got[:len(got)-1], want[:len(want)-1]) {
		t.Errorf("the message is %x, want the last byte of %x turned", got, want)
	}
	order := message(reversed)(nonce)
	items, _, err := isakmp.ParsePayloads(isakmp.PayloadType(dissect.Message(order)[16]), dissect.Message(order)[isakmp.HeaderLen:])
	if err != nil || len(items) != 2 || items[0].Type() != isakmp.TypeNonce {
		t.Errorf("payloads in reverse order are %v, %v", items, err)
	}
}

// Frames of any bytes are changed or left alone.
func FuzzChange(f *testing.F) {
	f.Add(ikeFrame(f, isakmp.ExchangeMain, &isakmp.KeyExchange{Data: []byte("public value")}, &isakmp.Nonce{Data: []byte("a nonce")}))
	f.Add(ip(112, make([]byte, 20)))
	f.Add(ip(50, make([]byte, 9)))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		for _, i := range All() {
			text := i.Name
			if i.OneWay {
				text += " from A"
			}
			fault, _, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if fault.Pick != nil {
				fault.Pick(frame)
			}
			if fault.Change != nil {
				fault.Change(frame)
			}
			if fault.Make != nil {
				fault.Make()
			}
			if !bytes.Equal(frame, before) {
				t.Fatalf("%s changes the sender's frame", i.Name)
			}
		}
	})
}
