package rbm

import (
	"bytes"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

func entry(n int) Entry {
	return Entry{Kind: EntryAlive, Proto: 6, State: 3, Src: netip.MustParseAddrPort(fmt.Sprintf("192.0.2.1:%d", n)),
		Dst: netip.MustParseAddrPort("198.51.100.1:80"), ReplySrc: netip.MustParseAddrPort("198.51.100.1:80"),
		ReplyDst: netip.MustParseAddrPort(fmt.Sprintf("192.0.2.1:%d", n)), Life: 30 * time.Second, Start: start,
		Packets: [2]uint64{1, 2}, Bytes: [2]uint64{3, 4}, FromIf: "GigabitEthernet1/0/1", ToIf: "GigabitEthernet1/0/2", FromZone: "Trust", ToZone: "Untrust",
		NATSrc: netip.MustParseAddrPort("203.0.113.1:2048")}
}

func TestEntryOnTheWire(t *testing.T) {
	want := entry(1024)
	b, err := want.AppendBinary(nil)
	if err != nil || len(b) != entryFixed+4+20+20+5+7 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	for name, part := range map[string][]byte{"head": b[:4], "source": b[4:10], "life": b[40:44], "no translation": b[34:40]} {
		row := map[string][]byte{"head": {1, 6, 3, 0}, "source": {192, 0, 2, 1, 4, 0}, "life": {0, 0, 0x75, 0x30}, "no translation": {0, 0, 0, 0, 0, 0}}[name]
		if !bytes.Equal(part, row) {
			t.Errorf("%s is % x, want % x", name, part, row)
		}
	}
	got, err := ParseEntries(append(b, b...))
	if err != nil || len(got) != 2 || !reflect.DeepEqual(got[0], want) || !reflect.DeepEqual(got[1], want) {
		t.Errorf("read back %+v, %v", got, err)
	}
	for name, bad := range map[string][]byte{"cut off": b[:len(b)-1], "short": b[:entryFixed-1], "kind 9": append([]byte{9}, b[1:]...)} {
		if _, err := ParseEntries(bad); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	long := entry(1)
	long.ToZone = strings.Repeat("z", 256)
	six := entry(1)
	six.Dst = netip.MustParseAddrPort("[2001:db8::1]:80")
	for _, e := range []Entry{long, six} {
		if b, err := e.AppendBinary([]byte("x")); err == nil || string(b) != "x" {
			t.Errorf("%+v is written", e)
		}
	}
}

func TestEntriesReachThePeer(t *testing.T) {
	a, b := pair(t, nil)
	var all []Entry
	for n := range 30 { // more than a message holds
		all = append(all, entry(1000+n))
	}
	a.e.SendEntries(all)
	a.run(time.Second)
	if !reflect.DeepEqual(b.entries, all) {
		t.Errorf("%d entries came, want %d", len(b.entries), len(all))
	}
	b.e.SendEntries(all[:1])
	a.run(time.Second)
	if len(a.entries) != 1 {
		t.Errorf("%d entries came from the standby device, want 1", len(a.entries))
	}
	c := b.e.Config()
	c.NoEntries = true
	b.e.SetConfig(c)
	a.e.SendEntries(all)
	b.e.SendEntries(all)
	a.run(time.Second)
	if len(b.entries) != len(all) || len(a.entries) != 1 {
		t.Error("entries pass with hot backup switched off")
	}
}

func TestEntriesOfStrangersAreIgnored(t *testing.T) {
	a, b := pair(t, nil)
	e := entry(1)
	data, _ := e.AppendBinary(nil)
	for name, m := range map[string]Message{
		"another session": {Type: TypeEntries, Role: Primary, Session: 1, Echo: b.e.session, Data: data},
		"our own role":    {Type: TypeEntries, Role: Secondary, Session: b.e.peerSession, Echo: b.e.session, Data: data},
		"a hello":         {Type: TypeHello, Role: Primary, Session: b.e.peerSession, Echo: b.e.session},
	} {
		msg, _ := m.AppendBinary(nil)
		b.e.ReceiveEntries(msg)
		if len(b.entries) != 0 {
			t.Errorf("%s: taken", name)
		}
	}
	a.cut, b.cut = true, true
	a.run(time.Minute)
	a.e.SendEntries([]Entry{e})
	a.run(time.Second)
	if len(b.entries) != 0 {
		t.Error("entries pass without the control channel")
	}
}

func FuzzEntries(f *testing.F) {
	e := entry(7)
	b, _ := e.AppendBinary(nil)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := ParseEntries(b)
		if err != nil {
			return
		}
		var out []byte
		for _, e := range all {
			if out, err = e.AppendBinary(out); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(out, b) {
			t.Fatalf("% x became % x", b, out)
		}
	})
}
