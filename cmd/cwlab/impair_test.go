package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cwlab/emulator/impair"
	"cwlab/emulator/lab"
)

// consoleFrom is what a console has shown since.
func consoleFrom(l *lab.Lab, device string, from int64) string {
	b, _, _ := l.Console(device).Read(from, -1)
	return string(b)
}

func TestOperatorImpairs(t *testing.T) {
	code, out, errs := typed(t, "impair f1060 esp-lost from F1060\nlist\nheal f1060\nlist\nimpair f1060 nonsense\nimpair nosuch esp-lost\nimpair ?\npower off F1090-1\n", "--lang=en", "console", defaultLab)
	if code != exitOK || strings.Count(out, "up  esp-lost from F1060") != 1 || !strings.Contains(out, "vrrp-second-master") {
		t.Errorf("exit %d, output\n%s", code, out)
	}
	for _, want := range []string{`impairment is "nonsense"`, `no such link: "nosuch"`} {
		if !strings.Contains(errs, want) {
			t.Errorf("errors lack %s:\n%s", want, errs)
		}
	}
	code, table, _ := typed(t, "", "--lang=en", "impairments")
	if code != exitOK || strings.Count(table, "\n") != len(impair.All()) || !strings.Contains(out, table) {
		t.Errorf("exit %d, table\n%s", code, table)
	}
}

// A peer that restarts without a word leaves its SAs behind on the other end,
// until it negotiates anew.
func TestPeerRestartsWithoutADelete(t *testing.T) {
	l := caseLab(t, lab.Options{})
	const ping = "ping -a 2.2.2.2 -c 4 3.3.3.3"
	enter(l, "F1060", ping)
	count := func() string {
		a, b := l.Device("F1060").Snapshot(), l.Device("F1090-1").Snapshot()
		return fmt.Sprintf("%d/%d %d/%d", len(a.IKE), len(a.IPsec), len(b.IKE), len(b.IPsec))
	}
	if got := count(); got != "1/1 1/1" {
		t.Fatalf("after a ping the state is %s", got)
	}
	w := watch(l, "F1090-1")
	enter(l, "F1090-1", "terminal monitor", "terminal debugging", "debugging ike event")
	if err := l.Power("F1060", false); err != nil {
		t.Fatal(err)
	}
	l.RunFor(10 * time.Second)
	if err := l.Power("F1060", true); err != nil {
		t.Fatal(err)
	}
	l.RunFor(2 * time.Minute)
	if got := count(); got != "0/0 1/1" {
		t.Errorf("after the restart the state is %s, want what the F1090-1 had", got)
	}
	from := l.Console("F1060").End()
	enter(l, "F1060", "", ping, ping)
	if text := consoleFrom(l, "F1060", from); !strings.Contains(text, " 4 packet(s) received") {
		t.Errorf("after the restart the ping shows\n%s", text)
	}
	// The other end learns of it by INITIAL-CONTACT, RFC 2407 section 4.6.3.3.
	if m := follows(w.since(0), []string{"Responder created an SA for peer 1.1.1.1", "HASH verification succeeded.", "Notification INITIAL_CONTACT is received.",
		"Delete redundant SA.", "Delete IPsec SAs.", "Delete IKE SA with connection ID 1.", "Install IPsec SAs."}); m != "" {
		t.Errorf("the console of the F1090-1 lacks %q:\n%s", m, w.since(0))
	}
	if got := count(); got != "1/1 1/1" {
		t.Errorf("in the end the state is %s, want one SA each", got)
	}
}
