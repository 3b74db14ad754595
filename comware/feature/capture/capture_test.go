package capture

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/emulator/link"
	"cwlab/emulator/pcap"
	"cwlab/emulator/sim"
)

// two are desks at two boxes, 192.0.2.1 and 192.0.2.2, with a cable between
// their ports 1/0/1, that know each other's MAC address.
func two(t *testing.T) (a, b *featuretest.Desk) {
	t.Helper()
	w := sim.New(featuretest.Start, 1, nil)
	n := link.NewNetwork(w)
	for i, d := range []**featuretest.Desk{&a, &b} {
		*d = featuretest.At(t, w, n, string(rune('A'+i)), ip.Feature, Feature)
		(*d).Do("system-view", "interface GigabitEthernet1/0/1", fmt.Sprintf("ip address 192.0.2.%d 24", i+1), "quit", "quit")
	}
	featuretest.Cable(a, "GigabitEthernet1/0/1", b, "GigabitEthernet1/0/1")
	ping(b, 1)
	return a, b
}

// ping has the other box send echo requests, two milliseconds apart.
func ping(b *featuretest.Desk, n int) {
	b.Do(fmt.Sprintf("ping -c %d -m 2 192.0.2.1", n))
	b.Run(time.Duration(n)*250*time.Millisecond + time.Second)
}

// file is what a pcap file of a box holds.
func file(t *testing.T, d *featuretest.Desk, name string) (all []pcap.Frame) {
	t.Helper()
	f, ok := d.Box.Flash.Read(name)
	if !ok {
		t.Fatalf("there is no file %s", name)
	}
	if err := pcap.Read([]byte(f.Data), func(x pcap.Frame) { all = append(all, x) }); err != nil {
		t.Fatal(err)
	}
	return all
}

func has(t *testing.T, why, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("%s: %q is missing in\n%s", why, p, got)
		}
	}
}

func TestGrammar(t *testing.T) {
	if err := featuretest.Image(t, ip.Feature, Feature).Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestFramesOnTheTerminal(t *testing.T) {
	a, b := two(t)
	a.Do("packet-capture interface GigabitEthernet1/0/1 limit-captured-frames 3")
	ping(b, 5)
	got := a.Seen()
	has(t, "three incoming requests", got, "Capturing on 'GigabitEthernet1/0/1'\n  1   0.000000 192.0.2.2 -> 192.0.2.1 ICMP 98 echo request", "\n  3   ")
	if strings.Contains(got, "\n  4 ") || strings.Contains(got, "reply") {
		t.Errorf("more is shown than three incoming frames:\n%s", got)
	}
	if a.Busy() {
		t.Error("the capture goes on after three frames")
	}
	a.Do("packet-capture interface GigabitEthernet1/0/1 display-filter \"icmp.seq >= 1\" limit-captured-frames 0 autostop duration 4 verbose raw")
	ping(b, 2)
	got = a.Seen()
	has(t, "layers and bytes", got, "Frame 2: 98 bytes on wire, 98 bytes captured\nEthernet, ", "\n  TTL: 255\n", "\n0010  ", "  ..")
	if strings.Contains(got, "Frame 1:") {
		t.Errorf("the display filter lets the first frame through:\n%s", got)
	}
	if !a.Busy() {
		t.Error("the capture ends before its time")
	}
	a.Run(4 * time.Second)
	if a.Busy() {
		t.Error("the capture goes on after four seconds")
	}
}

func TestFileOnTheFlash(t *testing.T) {
	a, b := two(t)
	a.Do("packet-capture interface GigabitEthernet1/0/1 capture-filter \"icmp and less 100\" limit-frame-size 64 limit-captured-frames 2 write flash:/a.pcap")
	ping(b, 3)
	has(t, "the number of frames", a.Seen(), "Capturing on 'GigabitEthernet1/0/1'\n2\n")
	frames := file(t, a, "a.pcap")
	if len(frames) != 2 || frames[0].Length != 98 || len(frames[0].Data) != 64 {
		t.Fatalf("the file has %+v", frames)
	}
	if d := frames[1].At.Sub(frames[0].At); d < 2*time.Millisecond || d > time.Second {
		t.Errorf("the frames are %v apart", d)
	}
	a.Do("packet-capture read flash:/a.pcap")
	got := a.Seen()
	has(t, "both frames", got, "  1   0.000000 192.0.2.2 -> 192.0.2.1 ", "\n  2   0.00")
	a.Do("packet-capture read a.pcap display-filter \"frame.len > 64\" brief")
	if got := a.Seen(); strings.Contains(got, "->") {
		t.Errorf("frames that the filter does not let through are shown:\n%s", got)
	}
	a.Do("packet-capture read a.pcap raw")
	has(t, "bytes", a.Seen(), "\n0030  ")
}

func TestRowsOfFiles(t *testing.T) {
	for _, row := range []struct {
		options string
		n       int      // frames in them
		want    []string // ends of the names of the files that are left
	}{
		{"autostop filesize 1 autostop files 2", 18, []string{"00001", "00002"}},
		{"capture-ring-buffer filesize 1 capture-ring-buffer files 2", 0, []string{"00003", "00004"}},
		{"capture-ring-buffer duration 2 autostop files 2", 0, []string{"00001", "00002"}},
		{"capture-ring-buffer filesize 60 autostop filesize 1 autostop files 2", 18, []string{"00001", "00002"}},
		{"autostop filesize 1", 9, []string{"x"}},
		{"autostop filesize 1 capture-ring-buffer filesize 60 limit-captured-frames 20", 20, []string{"00001"}},
	} {
		a, b := two(t)
		limit := " limit-captured-frames 0"
		if strings.Contains(row.options, "limit") {
			limit = ""
		}
		a.Do("packet-capture interface GigabitEthernet1/0/1 " + row.options + limit + " write flash:/x.pcap")
		ping(b, 30)
		if a.Busy() {
			a.Interrupt()
		}
		var got []string
		n := 0
		for _, f := range a.Box.Flash.List("") {
			if strings.HasSuffix(f.Name, ".pcap") {
				name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(f.Name, ".pcap"), "x_"), "_")
				got = append(got, name)
				n += len(file(t, a, f.Name))
			}
		}
		if strings.Join(got, " ") != strings.Join(row.want, " ") || row.n > 0 && n != row.n {
			t.Errorf("%s: files %v with %d frames, want %v with %d", row.options, got, n, row.want, row.n)
		}
	}
}

func TestLocalCapture(t *testing.T) {
	a, b := two(t)
	for _, row := range []struct {
		direction string
		n         int
	}{{"", 2}, {"bidirection ", 4}, {"outbound ", 2}} {
		a.Do("packet-capture local interface GigabitEthernet1/0/1 " + row.direction + "capture-filter icmp write flash:/l.pcap")
		a.Do("display packet-capture status")
		has(t, "a capture that runs", a.Seen(), "Status     : Capturing\nFile Name  : flash:/l.pcap\nUser Name  : N/A\nPassword   : N/A\n")
		ping(b, 2)
		if got := file(t, a, "l.pcap"); len(got) != row.n {
			t.Errorf("%s: %d frames are on the flash while it runs, want %d", row.direction, len(got), row.n)
		}
		a.Do("packet-capture stop")
		ping(b, 2)
		if got := file(t, a, "l.pcap"); len(got) != row.n {
			t.Errorf("%s: %d frames after its end, want %d", row.direction, len(got), row.n)
		}
		a.Do("display packet-capture status")
		if got := a.Seen(); strings.Contains(got, "Status") {
			t.Errorf("a capture that has ended has a status:\n%s", got)
		}
	}
	a.Do("packet-capture local interface GigabitEthernet1/0/1 autostop duration 2 write flash:/l.pcap")
	a.Run(3 * time.Second)
	a.Do("packet-capture stop")
	has(t, "it ended by itself", a.Seen(), "No packet capture is running.")
}

func TestRefusals(t *testing.T) {
	a, _ := two(t)
	_ = a.Box.Flash.Write("bad.pcap", "text", featuretest.Start)
	for _, row := range []struct{ line, want string }{
		{"packet-capture interface GigabitEthernet1/0/1 capture-filter \"port x\"", `Capture filter: "x" at column 6, expected a port number.`},
		{"packet-capture interface GigabitEthernet1/0/1 display-filter http", `Display filter: "http" is no protocol`},
		{"packet-capture interface InLoopBack0", "Frames of this interface cannot be captured."},
		{"packet-capture interface GigabitEthernet1/0/1 write flash:/a.cap", "The name of the file must end in .pcap."},
		{"packet-capture interface GigabitEthernet1/0/1 write cfa0:/a.pcap", "The file or directory doesn't exist."},
		{"packet-capture interface GigabitEthernet1/0/1 write flash:/none/a.pcap", "The file or directory doesn't exist."},
		{"packet-capture interface GigabitEthernet1/0/1 autostop files 2 write a.pcap", "The files keyword requires a file size or a duration"},
		{"packet-capture read none.pcap", "The file or directory doesn't exist."},
		{"packet-capture read bad.pcap", "The file is not in pcap or pcapng format."},
		{"packet-capture stop", "No packet capture is running."},
	} {
		a.Do(row.line)
		has(t, row.line, a.Seen(), row.want)
	}
	a.Do("packet-capture local interface GigabitEthernet1/0/1 write flash:/l.pcap", "packet-capture interface GigabitEthernet1/0/1")
	has(t, "a second capture", a.Seen(), "A packet capture is already running.")
}
