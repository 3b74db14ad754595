package pcap

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"

	"cwlab/emulator/link"
	"cwlab/emulator/sim"
)

// A sink is a file in memory that may be full.
type sink struct {
	bytes.Buffer
	closed bool
	full   error
}

func (s *sink) Write(b []byte) (int, error) {
	if s.full != nil {
		return 0, s.full
	}
	return s.Buffer.Write(b)
}

func (s *sink) Close() error { s.closed = true; return nil }

func bench() (*sim.World, *link.Network) {
	w := sim.New(time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), 1, nil)
	n := link.NewNetwork(w)
	for _, pair := range [][2]string{{"A", "B"}, {"C", "D"}} {
		a, b := n.Port(pair[0], "p"), n.Port(pair[1], "p")
		n.Connect(a, b, link.Options{})
		a.Enable(true)
		b.Enable(true)
	}
	return w, n
}

func packets(t *testing.T, file []byte) (n int) {
	t.Helper()
	r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err := r.ReadPacketData(); errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
		n++
	}
}

func TestCapture(t *testing.T) {
	arp := append(make([]byte, 12), 8, 6)
	other := append(make([]byte, 12), 8, 0)
	for _, row := range []struct {
		request string
		want    int
	}{{"x.pcapng", 4}, {"x.pcapng A-B", 2}, {"x.pcapng C:p,B:p", 4}, {"x.pcapng for arp", 2}, {"x.pcapng A-B for arp", 1}} {
		r, err := ParseRequest(row.request)
		if err != nil {
			t.Fatal(err)
		}
		w, n := bench()
		var file sink
		c, err := Start(&file, n, r)
		if err != nil {
			t.Fatal(err)
		}
		send := func() {
			for _, p := range []string{"A", "C"} {
				n.Port(p, "p").Send(arp)
				n.Port(p, "p").Send(other)
			}
			w.RunUntil(w.Now())
		}
		send()
		c.writer.release(w.Now().Add(hold))
		if got := packets(t, file.Bytes()); got != row.want || c.Frames != got {
			t.Errorf("%s: %d frames are in the file and %d were counted, want %d", row.request, got, c.Frames, row.want)
		}
		if err := c.Stop(); err != nil || !file.closed {
			t.Errorf("%s: stopping gives %v, file closed %v", row.request, err, file.closed)
		}
		send()
		if got := packets(t, file.Bytes()); got != row.want {
			t.Errorf("%s: after its end there are %d frames, want %d", row.request, got, row.want)
		}
	}
}

func TestCaptureOnAFullDisk(t *testing.T) {
	_, n := bench()
	var file sink
	c, err := Start(&file, n, Request{File: "x.pcapng"})
	if err != nil {
		t.Fatal(err)
	}
	file.full = errors.New("no space left")
	n.Port("A", "p").Send(make([]byte, 60))
	if err := c.Stop(); !errors.Is(err, file.full) || !file.closed {
		t.Errorf("stopping gives %v, file closed %v, want %v", err, file.closed, file.full)
	}
	if _, err := Start(&file, n, Request{File: "x.pcapng", Places: []string{"nowhere"}}); err == nil {
		t.Error("a capture at no port begins")
	}
}

func TestBadRequests(t *testing.T) {
	for _, text := range []string{"", "for arp", "x", "x.pcap", "/x.pcapng", "../x.pcapng", "a/../../x.pcapng", "x.pcapng for", "x.pcapng for x", "x.pcapng A B"} {
		if _, err := ParseRequest(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
