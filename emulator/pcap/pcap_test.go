package pcap

import (
	"bytes"
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"

	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

// capture writes a short talk between two hosts on a switch.
func capture(t *testing.T) []byte {
	t.Helper()
	w := sim.New(time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), 1, nil)
	n := link.NewNetwork(w)
	for k, name := range []string{"A", "B"} {
		port := n.Port(name, "GigabitEthernet1/0/1")
		n.Connect(port, n.Switch("SW").Port(), link.Options{Latency: time.Millisecond})
		i := stack.New(w, name).AddEthernet("GigabitEthernet1/0/1", wire.MAC{2, 0, 0, 0, 0, byte(k + 1)}, port)
		i.SetAddr(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(k + 1)}), 24))
		if k == 1 {
			continue
		}
		w.After(time.Second, func() {
			i.Host().ClearARP(nil)
			err := i.Host().SendIP(&stack.Packet{Dst: netip.MustParseAddr("10.0.0.2"), Proto: wire.ProtoICMP,
				Payload: new(wire.Codec).AppendICMP(wire.ICMP{Type: wire.EchoRequest, Payload: make([]byte, 56)})})
			if err != nil {
				t.Error(err)
			}
		})
	}
	var b bytes.Buffer
	p, err := Attach(&b, n, nil)
	if err != nil {
		t.Fatal(err)
	}
	late := n.Port("C", "GigabitEthernet1/0/9")
	w.RunUntil(w.Now().Add(2 * time.Second))
	p.Frame(late, w.Now(), make([]byte, 60))
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadBack(t *testing.T) {
	file := capture(t)
	if !bytes.Equal(file, capture(t)) {
		t.Error("two captures of the same run differ")
	}
	r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	if s := r.SectionInfo(); strings.Contains(s.OS+s.Hardware, runtime.GOOS) || strings.Contains(s.OS+s.Hardware, runtime.GOARCH) {
		t.Errorf("the machine leaks into the file: %+v", s)
	}
	var got []string
	var last time.Time
	for {
		data, ci, err := r.ReadPacketData()
		if err != nil {
			break
		}
		i, err := r.Interface(ci.InterfaceIndex)
		if err != nil {
			t.Fatal(err)
		}
		f, err := new(wire.Codec).Frame(data)
		if err == nil {
			got = append(got, i.Name+" "+map[uint16]string{wire.TypeARP: "ARP", wire.TypeIPv4: "IPv4"}[f.Type])
		}
		if ci.Timestamp.Before(last) {
			t.Errorf("time runs backwards at %v", ci.Timestamp)
		}
		last = ci.Timestamp
	}
	const a, b = "A:GigabitEthernet1/0/1", "B:GigabitEthernet1/0/1"
	want := []string{a + " ARP", b + " ARP", a + " IPv4", b + " IPv4"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("frames are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := r.NInterfaces(); n != 3 {
		t.Errorf("%d interfaces, want 3", n)
	}
}

type broken struct{}

var errBroken = errors.New("disk full")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestErrorIsKept(t *testing.T) {
	n := link.NewNetwork(sim.New(time.Unix(0, 0), 1, nil))
	if _, err := New(broken{}, n, nil); err == nil {
		t.Error("a network without ports was taken")
	}
	port := n.Port("A", "eth0")
	p, err := New(broken{}, n, nil)
	for range 1000 {
		if err != nil {
			break
		}
		p.Frame(port, time.Unix(1, 0), make([]byte, 1500))
		err = p.Flush()
	}
	if !errors.Is(err, errBroken) {
		t.Errorf("error is %v, want %v", err, errBroken)
	}
}
