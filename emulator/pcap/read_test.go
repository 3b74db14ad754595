package pcap

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// plain is a pcap file with one frame of that link type.
func plain(t testing.TB, link layers.LinkType) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriterNanos(&b)
	err := errors.Join(w.WriteFileHeader(8000, link), w.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(5, 7).UTC(), CaptureLength: 3, Length: 60}, []byte{1, 2, 3}))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRead(t *testing.T) {
	ng := capture(t)
	for _, row := range []struct {
		name   string
		file   []byte
		frames int
		err    error
	}{
		{"pcapng", ng, 5, nil},
		{"pcap", plain(t, layers.LinkTypeEthernet), 1, nil},
		{"raw IP", plain(t, layers.LinkTypeRaw), 0, ErrEthernet},
		{"text", []byte("sysname H3C"), 0, ErrFormat},
		{"nothing", nil, 0, ErrFormat},
		{"cut off", plain(t, layers.LinkTypeEthernet)[:42], 0, ErrDamaged},
		{"pcapng cut off", ng[:len(ng)-20], 4, ErrDamaged},
	} {
		n := 0
		if err := Read(row.file, func(Frame) { n++ }); n != row.frames || !errors.Is(err, row.err) {
			t.Errorf("%s: %d frames and %v, want %d and %v", row.name, n, err, row.frames, row.err)
		}
	}
	err := Read(plain(t, layers.LinkTypeEthernet), func(f Frame) {
		if !f.At.Equal(time.Unix(5, 7)) || f.Length != 60 || !bytes.Equal(f.Data, []byte{1, 2, 3}) {
			t.Errorf("the frame is %+v", f)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(plain(f, layers.LinkTypeEthernet))
	f.Add(capture(f))
	f.Fuzz(func(_ *testing.T, file []byte) {
		_ = Read(file, func(Frame) {}) // any error will do
	})
}
