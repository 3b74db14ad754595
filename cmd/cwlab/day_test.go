package main

import (
	"strings"
	"testing"
	"time"

	"cwlab/emulator/lab"
)

// TestADayOfTheHealthyLab runs 86,400 virtual seconds: both phases are
// renewed before they end, and the tunnel passes at the end of the day as it
// did at its begin.
func TestADayOfTheHealthyLab(t *testing.T) {
	l := caseLab(t, lab.Options{})
	l.Type("F1060", []byte("ping -a 2.2.2.2 -c 2 3.3.3.3\r"))
	l.RunFor(10 * time.Second)
	before := l.Device("F1060").Snapshot()
	if len(before.IKE) != 1 || len(before.IPsec) != 1 {
		t.Fatalf("after a ping the F1060 has IKE SAs %v and IPsec SAs %v, want one of each", before.IKE, before.IPsec)
	}
	l.RunFor(24 * time.Hour)
	after := l.Device("F1060").Snapshot()
	if len(after.IKE) == 0 || after.IKE[len(after.IKE)-1].Conn == before.IKE[0].Conn {
		t.Errorf("the IKE SAs after a day are %v, want a newer one than %v", after.IKE, before.IKE)
	}
	if len(after.IPsec) != 1 || after.IPsec[0].InSPI == before.IPsec[0].InSPI {
		t.Errorf("the IPsec SAs after a day are %v, want one newer than %v", after.IPsec, before.IPsec)
	}
	// The idle console has logged out meanwhile.
	from := l.Console("F1060").End()
	l.Type("F1060", []byte("\r"))
	l.Type("F1060", []byte("ping -a 2.2.2.2 -c 5 3.3.3.3\r"))
	l.RunFor(10 * time.Second)
	shown, _, _ := l.Console("F1060").Read(from, 1<<16)
	if !strings.Contains(string(shown), "5 packet(s) transmitted, 5 packet(s) received, 0.0% packet loss") {
		t.Errorf("after a day the ping shows\n%s", shown)
	}
}
