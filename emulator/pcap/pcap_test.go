package pcap

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
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
func capture(t testing.TB) []byte {
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
	var b sink
	c, err := Start(&b, n, Request{})
	if err != nil {
		t.Fatal(err)
	}
	w.RunUntil(w.Now().Add(2 * time.Second))
	late := n.Port("C", "GigabitEthernet1/0/9")
	n.Connect(late, n.Switch("SW").Port(), link.Options{})
	late.Enable(true)
	late.Send(make([]byte, 60))
	if err := c.Stop(); err != nil {
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
	if _, err := newWriter(broken{}, n.Ports()); err == nil {
		t.Error("a network without ports was taken")
	}
	port := n.Port("A", "eth0")
	p, err := newWriter(broken{}, n.Ports())
	if err == nil {
		for i := range 1000 {
			p.frame(port, 1, time.Unix(int64(i), 0), make([]byte, 1500), true)
		}
		err = p.close()
	}
	if !errors.Is(err, errBroken) {
		t.Errorf("error is %v, want %v", err, errBroken)
	}
}

// A noted is a frame as it is read back.
type noted struct {
	Interface string
	Out       bool
	At        time.Duration
	Comments  []string
}

func readNoted(t *testing.T, file []byte, since time.Time) (all []noted) {
	t.Helper()
	r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, ci, o, err := r.ReadPacketDataWithOptions()
		if err != nil {
			return all
		}
		i, err := r.Interface(ci.InterfaceIndex)
		if err != nil || o.Flags == nil {
			t.Fatal(err, o.Flags)
		}
		all = append(all, noted{i.Name, o.Flags.Direction == pcapgo.NgEpbFlagDirectionOutbound, ci.Timestamp.Sub(since), o.Comments})
	}
}

// Notes stand on the frame that caused them or that carries them, directions
// and names at each frame.
func TestNotesOnFrames(t *testing.T) {
	w, n := bench()
	start := w.Now()
	var file sink
	c, err := Start(&file, n, Request{Places: []string{"A-B", "B:p"}})
	if err != nil {
		t.Fatal(err)
	}
	a, b := n.Port("A", "p"), n.Port("B", "p")
	n.Cables()[0].SetLatency(3 * time.Nanosecond)
	b.OnReceive = func([]byte) {
		n.Note("B", "dropped", false)
		n.Note("B", "an answer", true)
		w.After(0, func() { n.Note("B", "later", false) }).Goes()
		w.After(0, func() { n.Note("B", "by time alone", false) })
		b.Send(make([]byte, 60))
	}
	n.Note("C", "nothing follows", true)
	n.Note("A", "first", true)
	a.Send(make([]byte, 61))
	w.RunUntil(w.Now().Add(2 * time.Second))
	n.Cables()[0].Cut()
	n.Cables()[0].Mend()
	n.Cables()[0].SetLoss(1)
	a.Send(make([]byte, 62))
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	want := []noted{
		{"A:p", true, 0, []string{"A: first", "B: dropped", "B: later"}},
		{"B:p", false, 3, []string{"B: dropped", "B: later"}},
		{"B:p", true, 3, []string{"B: an answer"}},
		{"A:p", true, 2 * time.Second, []string{"lost on A-B"}},
	}
	if got := readNoted(t, file.Bytes(), start); !reflect.DeepEqual(got, want) {
		t.Errorf("frames are\n%v\nwant\n%v", got, want)
	}
}
