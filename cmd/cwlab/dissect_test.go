package main

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/device"
	"cwlab/emulator/dissect"
	"cwlab/emulator/lab"
	"cwlab/emulator/link"
	"cwlab/sessions"
)

// Every frame of every shipped script reads without a word of complaint, and
// with the devices' keys nothing stays encrypted.
func TestShippedLabsAreDissected(t *testing.T) {
	for _, entry := range sessions.Labs() {
		def, err := sessions.Load(entry.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, script := range def.Scripts {
			t.Run(entry.Name+"/"+script.Name, func(t *testing.T) {
				s, err := loadScript(def, script.Name)
				if err != nil {
					t.Fatal(err)
				}
				d := dissect.New()
				counts := map[string]int{}
				bad := 0
				tap := func(p *link.Port, at time.Time, frame []byte) {
					d.Learn(frame)
					x := d.Packet(frame)
					counts[x.Protocol]++
					text := x.Summary + "\n" + strings.ReplaceAll(strings.Join(x.Lines(), "\n"), "bytes, decrypted below", "")
					for _, word := range []string{"need ", "malformed", "does not fit", "wrong", "(unknown)", " encrypted ", "bytes ("} {
						if strings.Contains(text, word) && bad < 5 {
							bad++
							t.Errorf("%v %v: %q in %s\n%x", at, p, word, text, frame)
						}
					}
				}
				r, err := sessions.Replay(def, device.Make, s, sessions.ReplayOptions{Options: lab.Options{Tap: tap, Keys: d}})
				if err != nil || r.Err != nil {
					t.Fatal(err, r.Err)
				}
				if counts["ICMP"]+counts["ESP"]+counts["AH"] == 0 {
					t.Errorf("only %v was seen", counts)
				}
				if entry.Name == defaultLab && (counts["ISAKMP"] < 9 || counts["ESP"] < 5 || counts["VRRP"] == 0 || counts["RBM"] == 0) {
					t.Errorf("too little was seen: %v", counts)
				}
			})
		}
	}
}
