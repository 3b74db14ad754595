package main

import (
	"bytes"
	"regexp"
	"slices"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"

	"cwlab/emulator/dissect"
	"cwlab/sessions"
)

// What the engines did with a frame, and why it was sent, is said on it.
func TestCommentsOfACapture(t *testing.T) {
	_, file := captured(t, defaultLab, "dpd", sessions.ReplayOptions{})
	frames := commented(t, file)
	for _, want := range []struct {
		comment, protocol, summary string
		n                          int
	}{
		{`^F1090-[12]: IKE SA \d established$`, "ISAKMP", "^Main encrypted", 3},
		{`^F1060: IKE SA \d established$`, "ISAKMP", "^Main encrypted", 3},
		{`^F1060: IKE SA 1: DPD retry [12]$`, "ISAKMP", "^Info encrypted", 2},
		{`^F1060: inbound SA 0x[0-9a-f]{8} in force$`, "ISAKMP", "^Quick encrypted", 3},
		{`^lost on f1060$`, "ISAKMP", "^Main SA", 1},
		{`^F1060: IKE SA 2: retransmission, phase 1$`, "ISAKMP", "^Main SA", 1},
		{`^F1090-2: dropped: no IKE SA`, "ISAKMP", "^Info", 3},
		{`^F1090-2: SPI 0x[0-9a-f]{8} is unknown, and there is no IKE SA`, "ESP", "^SPI", 1},
		{`^F1090-1: virtual router 1 becomes Backup: RBM$`, "RBM", "", 1},
	} {
		n := 0
		for _, f := range frames {
			if !slices.ContainsFunc(f.comments, regexp.MustCompile(want.comment).MatchString) {
				continue
			}
			n++
			p := dissect.New().Packet(f.frame)
			if p.Protocol != want.protocol || !regexp.MustCompile(want.summary).MatchString(p.Summary) {
				t.Errorf("%s stands on %s %s", want.comment, p.Protocol, p.Summary)
			}
		}
		if n != want.n {
			t.Errorf("%s stands on %d frames, want %d", want.comment, n, want.n)
		}
	}
}

type commentedFrame struct {
	frame    []byte
	comments []string
}

func commented(t *testing.T, file []byte) (all []commentedFrame) {
	t.Helper()
	r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, _, o, err := r.ReadPacketDataWithOptions()
		if err != nil {
			return all
		}
		all = append(all, commentedFrame{b, o.Comments})
	}
}
